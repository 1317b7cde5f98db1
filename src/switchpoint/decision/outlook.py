"""The outlook of one candidate: every figure that is reported of it."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property

from switchpoint.catalog import gpu
from switchpoint.clock import NEVER, Clock, Floats
from switchpoint.decision.course import Course
from switchpoint.decision.pressure import Limits
from switchpoint.decision.running import Running
from switchpoint.decision.starts import Starts
from switchpoint.finance import BreakEven
from switchpoint.scenario.schema import GpuCandidate
from switchpoint.timeline.carriers import FleetCarrier
from switchpoint.timeline.ledger import Ledger
from switchpoint.timeline.path import running_cost
from switchpoint.timeline.prospect import Prospect
from switchpoint.timeline.world import World, run


@dataclass(frozen=True)
class Outlook:
    """A candidate under the scenario's policy, and when it should be started. Days are day numbers, NEVER for none."""

    starts: Starts
    limits: Limits

    def started(self, day: int) -> Outlook:
        """The same candidate with its project started on another day."""
        starts = self.starts.under(day)
        if starts is self.starts:
            return self
        other = replace(self, starts=starts)
        if "running" in self.__dict__:
            other.__dict__["running"] = self.running
        return other

    @property
    def prospect(self) -> Prospect:
        """The candidate."""
        return self.starts.prospect

    @cached_property
    def running(self) -> Running:
        """What it does for the bill once it is live."""
        return Running(running_cost(self.prospect), self.prospect.setting.billed, self.limits)

    @property
    def name(self) -> str:
        """Its name in the scenario."""
        return self.prospect.name

    @property
    def clock(self) -> Clock:
        """The horizon."""
        return self.prospect.setting.clock

    @cached_property
    def course(self) -> Course:
        """What becomes of it under the policy."""
        return self.follow(self.starts.chosen)

    def follow(self, start: int) -> Course:
        """What becomes of it for another travelled start."""
        return Course(self.prospect, self.starts.path, self.starts.row(start), self.starts.stay)

    @property
    def ledger(self) -> Ledger:
        """Dollars a day under the policy."""
        return self.course.ledger

    def milestone(self, name: str, start: int | None = None) -> int:
        """Day of a milestone under the policy, or for another travelled start."""
        return (self.course if start is None else self.follow(start)).milestone(name)

    @property
    def project_start(self) -> int:
        """First day of the project."""
        return self.milestone("start")

    @property
    def cutover(self) -> int:
        """First day on which it carries its whole share."""
        return self.milestone("cutover")

    @property
    def break_even(self) -> BreakEven:
        """When savings have paid for the project."""
        return self.course.break_even

    @property
    def payback_months(self) -> float | None:
        """Months from project start to break-even; of a project under way, from its real start."""
        return self.break_even.payback_months(self.project_start)

    @property
    def limit_again(self) -> int:
        """When the limit is reached again after cutover."""
        return int(self.running.limit_again(self.cutover))

    @property
    def keeps_limit(self) -> bool:
        """Whether pressure gets below 1 once it is live."""
        return bool(self.running.below_from(self.cutover) != NEVER)

    @property
    def impossible_from(self) -> int:
        """First day on which it could not carry its share."""
        return int(self.prospect.carrier.impossible_from)

    @property
    def possible(self) -> bool:
        """Whether it can carry its share throughout the horizon."""
        return self.impossible_from >= self.clock.days

    @cached_property
    def remedy(self) -> bool:
        """Whether, started by its start-by day, it keeps the pressure below 1."""
        return self.possible and bool(self.running.is_remedy(self.milestone("cutover", self.starts.judged)))

    @property
    def saves(self) -> bool:
        """Whether some start beats staying."""
        return bool(self.starts.best != NEVER)

    @property
    def today(self) -> int:
        """The earliest start that is left: today, or that of a project under way."""
        return 0 if self.starts.under_way is None else self.starts.under_way

    def saving(self, start: int) -> float:
        """Net present value of what a travelled start saves, dollars."""
        return float(self.starts.saving[self.starts.row(start)])

    @property
    def present_cost(self) -> float:
        """Discounted dollars of the switch path when started by its start-by day."""
        return float(self.starts.present_cost[self.starts.row(self.starts.judged)])

    @property
    def npv_saving(self) -> float:
        """Net present value of the saving under the policy, dollars."""
        return self.saving(self.starts.chosen)

    @property
    def total(self) -> float:
        """Undiscounted dollars of the switch path under the policy."""
        return self.course.total

    @property
    def one_off(self) -> float:
        """What the project spends until cutover under the policy, capital up to and on that day included, dollars."""
        return self.course.one_off

    @property
    def peak_replicas(self) -> int | None:
        """Most replicas of any hour under the policy; None without a fleet or never live."""
        peak = self.starts.path.peak
        if peak is None or self.milestone("shadow") >= self.clock.days:
            return None
        return int(peak[self.course.row].max())

    @property
    def capacity(self) -> float | None:
        """Requests per second of one replica on day 0; None without a fleet."""
        carrier = self.prospect.carrier
        return float(carrier.sizing.capacity[0]) if isinstance(carrier, FleetCarrier) else None

    @property
    def capacity_basis(self) -> str:
        """What the capacity of a replica rests on: "simulated", "simulated, extrapolated", or nothing where stated."""
        spec = self.prospect.spec
        if not isinstance(spec, GpuCandidate) or spec.fleet.requests_per_second_per_replica is not None:
            return ""
        measured = spec.fleet.gpu is None or not gpu(spec.fleet.gpu).extrapolated
        return "simulated" if measured else "simulated, extrapolated from other GPUs"

    @property
    def set_by_minimum(self) -> float | None:
        """Part of the days live on which the fewest replicas allowed, not the load, set the fleet; None without one."""
        carrier, live = self.prospect.carrier, self.milestone("cutover")
        if not isinstance(carrier, FleetCarrier) or live >= self.clock.days or carrier.sizing.fleet.fixed_replicas:
            return None
        flags = carrier.sizing.set_by_minimum(carrier.requests * carrier.coverage)[live:]
        return float(flags.mean())

    @property
    def cost_per_day(self) -> Floats:
        """Dollars a day under the policy."""
        return self.ledger.total

    @cached_property
    def world(self) -> World:
        """The story under the policy, event by event."""
        return run(self.prospect, self.starts.chosen)
