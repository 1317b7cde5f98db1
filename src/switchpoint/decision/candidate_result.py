"""Every figure of one candidate."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np

from switchpoint.catalog import gpu
from switchpoint.decision.start_dates import HANGS_ON_POLICY, StartDates
from switchpoint.decision.started_candidate import (
    NOT_TOLD,
    LimitKept,
    RunningCost,
    Staged,
    Start,
    StartedCandidate,
    limit_kept_by,
)
from switchpoint.finance import BreakEven
from switchpoint.horizon import NEVER, Bools, Days, Floats, Horizon, Ints, start_of, weighed_sum
from switchpoint.scenario.candidates import GpuCandidate
from switchpoint.scenario.current import OwnRoute
from switchpoint.simulation.candidate import SimulatedCandidate
from switchpoint.simulation.current_route import LeavingCosts
from switchpoint.simulation.fleet import FleetServing
from switchpoint.simulation.ledger import CURRENT_ROUTE, Component, Ledger
from switchpoint.simulation.limits import BillLimits
from switchpoint.simulation.rows import with_fields
from switchpoint.simulation.switch_costs import EventLog, billed_per_day, left_days, tell_events

OF_STARTED = frozenset(("starts", "limit_kept", "daily_bill", "world"))
"""What of a result hangs on how its project is started."""


def capacity_basis(spec: OwnRoute) -> str:
    """What the capacity of a replica rests on: "simulated", "simulated, extrapolated", or nothing where stated."""
    if spec.fleet.requests_per_second_per_replica is not None:
        return ""
    measured = spec.fleet.gpu is None or not gpu(spec.fleet.gpu).extrapolated
    return "simulated" if measured else "simulated, extrapolated from other GPUs"


@dataclass(frozen=True)
class CandidateResult:
    """A candidate under the scenario's policy, and when it should be started. Days are day numbers, NEVER for none."""

    starts: StartDates
    limits: BillLimits
    running: RunningCost
    """What it does for the bill once it is live."""

    def started_on(self, day: Start) -> CandidateResult:
        """The same candidate with its project started otherwise."""
        starts = self.starts.under(day)
        if starts is self.starts:
            return self
        other: CandidateResult = with_fields(self, OF_STARTED, starts=starts)
        return other

    def started_on_each(self, days: Ints) -> CandidateResult:
        """The same in many worlds, on a day of each, shape (worlds, 1), which alone is travelled."""
        told = {"kept_as_advised": self.kept_as_advised} if self.limited else {}  # from the path on which it is advised
        starts = with_fields(self.starts, HANGS_ON_POLICY, policy=days, days=days)
        other: CandidateResult = with_fields(self, OF_STARTED, starts=starts, **told)
        return other

    @property
    def prospect(self) -> SimulatedCandidate:
        """The candidate."""
        return self.starts.prospect

    @property
    def name(self) -> str:
        """Its name in the scenario."""
        return self.prospect.name

    @property
    def clock(self) -> Horizon:
        """The horizon."""
        return self.prospect.setting.clock

    @property
    def course(self) -> StartedCandidate:
        """What becomes of it under the policy."""
        return self.starts.policy_course

    def follow(self, start: int | Staged) -> StartedCandidate:
        """What becomes of it for another travelled start, or as the policy stages it."""
        return self.starts.follow(start)

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
        return int(self.course.start)

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

    @property
    def limited(self) -> bool:
        """Whether there is a limit to keep."""
        return self.prospect.setting.scenario.limited

    @property
    def remedy(self) -> bool | None:
        """Whether, started by its start-by day, it keeps the pressure below 1; None without a limit."""
        return self.possible and bool(self.kept_as_advised) if self.limited else None

    @cached_property
    def kept_as_advised(self) -> Bools:
        """The same of one that is possible; in many worlds shape (worlds, 1)."""
        return self.running.is_remedy(self._live_as_advised, self.starts.threat)

    @property
    def _live_as_advised(self) -> Days:
        """First day live started as advised; in many worlds shape (worlds, 1)."""
        return start_of(self.starts.path.schedule.cutover, self.starts.row(self.starts.advised_start))

    @property
    def saves(self) -> bool:
        """Whether some start beats staying."""
        return bool(self.starts.best != NEVER)

    @property
    def today(self) -> int:
        """The earliest start that is left: today, or that of a project under way."""
        return self.starts.today

    def saving(self, start: int) -> float:
        """Net present value of what a start saves, dollars."""
        return self.starts.saving_of(start)

    @property
    def present_cost(self) -> float:
        """Weighed dollars of the switch path when started by its start-by day."""
        return self.starts.weighed_cost(self.starts.advised_start)

    @property
    def npv_saving(self) -> float:
        """Net present value of the saving under the policy, dollars."""
        start = self.starts.policy_start
        return self.course.saving(self.starts.discount) if isinstance(start, Staged) else self.saving(start)

    @cached_property
    def price_that_ends_saving(self) -> Any:
        """Factor on all that the current route bills at which it saves nothing, started by its start-by day; NaN for
        none. In many worlds shape (worlds, 1)."""
        starts, staying = self.starts, self.prospect.setting.stay.entries
        row, discount, entries = starts.row(starts.advised_start), starts.discount, starts.path.ledger.entries
        none = np.zeros(np.shape(row))
        kept = sum((weighed_sum(start_of(entries[c], row), discount) for c in CURRENT_ROUTE if c in entries), none)
        billed = sum((weighed_sum(staying[c], discount) for c in CURRENT_ROUTE if c in staying), none)
        avoided = billed - kept
        other = start_of(starts.present_cost, row) - kept - (starts.present_stay - billed)
        return np.where(avoided > 0, other / np.where(avoided > 0, avoided, 1.0), np.nan)

    @property
    def above_limit(self) -> tuple[float, float]:
        """Discounted dollars for days above the limit: of staying, and under the policy."""
        cutover = np.array([self.cutover])
        return float(self.starts.above.of_staying), float(self.starts.above.of_switch(cutover)[0])

    @property
    def limit_kept(self) -> LimitKept:
        """How it keeps the limit under the policy."""
        as_advised = self.course is self.starts.advised_course
        return self.limit_kept_as_advised if as_advised else self.limit_kept_from(self.cutover)

    @cached_property
    def limit_kept_as_advised(self) -> LimitKept:
        """The same started as advised; in many worlds too."""
        return self.limit_kept_from(self._live_as_advised)

    def limit_kept_from(self, live: Days) -> LimitKept:
        """The same live on a day; in many worlds on one in each, shape (worlds, 1). Nothing is told without a limit."""
        if not self.limited:
            return NOT_TOLD
        return limit_kept_by(self.running, self.starts.above.staying, self.starts.threat, live)

    @property
    def lead_days(self) -> int:
        """Days from the start by which it is judged to cutover; NEVER where it is not live."""
        live = self.milestone("cutover", self.starts.advised_start)
        return live - self.starts.advised_start if live < NEVER else NEVER

    @property
    def remaining_lead(self) -> int:
        """Days from the first training to cutover, of a project under way from day 0; NEVER where it is not live."""
        if self.starts.under_way is not None:
            return max(self.milestone("cutover", self.starts.under_way), 0)
        return int(self.prospect.planner.tail.cutover)

    @property
    def total(self) -> float:
        """Undiscounted dollars of the switch path under the policy."""
        return float(self.course.total)

    @property
    def one_off(self) -> float:
        """What the project spends until cutover under the policy, capital up to and on that day included, dollars."""
        return float(self.course.one_off)

    @property
    def peak_cash(self) -> tuple[float, int]:
        """The most by which it is behind staying at the end of a day, dollars, and that day; NEVER with 0."""
        return self.course.peak_cash

    @property
    def internal_rate(self) -> tuple[float | None, str]:
        """The yearly rate of return, or None and why there is none."""
        return self.course.internal_rate

    @property
    def end_credit(self) -> float:
        """What bought GPUs are worth on the last day, less what they would be when staying, undiscounted dollars."""
        return float(self.course.end_credit)

    @property
    def peak_replicas(self) -> int | None:
        """Most replicas of any hour under the policy; None without a fleet or never live."""
        peak = self.course.path.peak
        if peak is None or self.milestone("shadow") >= self.clock.days:
            return None
        return int(peak[self.course.row].max())

    @property
    def capacity(self) -> float | None:
        """Requests per second of one replica on day 0; None without a fleet."""
        carrier = self.prospect.carrier
        return float(carrier.sizing.capacity[0]) if isinstance(carrier, FleetServing) else None

    @property
    def capacity_basis(self) -> str:
        """What the capacity of a replica rests on: "simulated", "simulated, extrapolated", or nothing where stated."""
        spec = self.prospect.spec
        return capacity_basis(spec) if isinstance(spec, GpuCandidate) else ""

    @property
    def set_by_minimum(self) -> float | None:
        """Part of the days live on which the fewest replicas allowed, not the load, set the fleet; None without one."""
        live = max(self.milestone("cutover"), 0)
        if self.days_at_minimum is None or live >= self.clock.days:
            return None
        return float(self.days_at_minimum[live:].mean())

    @cached_property
    def days_at_minimum(self) -> Bools | None:
        """Days on which that is so, as if live, shape (…, days); None without a fleet whose size follows the load."""
        carrier = self.prospect.carrier
        if not isinstance(carrier, FleetServing) or carrier.sizing.fleet.fixed_replicas:
            return None
        return carrier.sizing.set_by_minimum(carrier.requests * carrier.coverage)

    @property
    def overflow_share(self) -> float | None:
        """Part of the requests that it may take, from cutover on, that go to the current route because its fleet is too
        small; None where nothing may go there, or it is never live."""
        overflow, live = self._overflow, max(self.milestone("cutover"), 0)
        if overflow is None or live >= self.clock.days:
            return None
        gone, asked = (float(each[live:].sum()) for each in overflow)
        return gone / asked if asked else 0.0

    @property
    def overflow_by_month(self) -> list[float | None] | None:
        """The same of each calendar month, None before cutover; None where nothing may go there."""
        if self._overflow is None:
            return None
        since = self.clock.day >= self.milestone("cutover")
        gone, asked = (self.clock.by_month(np.where(since, each, 0.0)) for each in self._overflow)
        return [float(g / a) if a else None for g, a in zip(gone, asked, strict=True)]

    @property
    def _overflow(self) -> tuple[Floats, Floats] | None:
        """Requests a day that its fleet leaves of its whole share, and those of the share."""
        overflow = self.prospect.carrier.overflow
        if overflow is None:
            return None
        return overflow.now + overflow.waiting, self.prospect.setting.traffic.requests * self.prospect.coverage

    @property
    def cold_start_share(self) -> float | None:
        """Part of the requests that cannot wait, from cutover on, that meet a cold start; None where not serverless."""
        carrier, live = self.prospect.carrier, max(self.milestone("cutover"), 0)
        if not isinstance(carrier, FleetServing) or carrier.full.cold is None or live >= self.clock.days:
            return None
        asked = carrier.requests * carrier.coverage * (1 - carrier.sizing.waiting_share)
        return float(carrier.full.cold[live:].sum() / asked[live:].sum()) if asked[live:].sum() else 0.0

    @property
    def owed_after_horizon(self) -> float | None:
        """Dollars owed after the last day for reserved replicas under the policy; None where none are reserved."""
        carrier = self.prospect.carrier
        if not isinstance(carrier, FleetServing) or not carrier.costs.fleet.reserved_replicas:
            return None
        return float(carrier.costs.owed_after(self.milestone("shadow")))

    @property
    def leaving(self) -> LeavingCosts | None:
        """What leaving the current route comes to under the policy; None where there is nothing beside tokens."""
        route = self.prospect.setting.beside_tokens
        if route.is_plain:
            return None
        left = int(left_days(self.prospect, self.course.path.schedule)[self.course.row])
        entries = self.ledger.entries
        owed = entries.get(Component.CURRENT_LEAVING, np.zeros(1)).sum() if left < NEVER else 0.0
        sold = self.course.sold_on(left) if left < self.clock.days else 0.0
        return LeavingCosts(left, sold, float(owed), float(route.owed_after(left)), route.owed_for)

    @cached_property
    def daily_bill(self) -> Floats:
        """Dollars a day under the policy of what the limit is about; shape (days,)."""
        setting, course = self.prospect.setting, self.course
        left = left_days(self.prospect, course.path.schedule)[course.row]
        return billed_per_day(setting, self.ledger, 1 - course.path.answered[course.row], left)

    @property
    def cost_per_day(self) -> Floats:
        """Dollars a day under the policy."""
        return self.course.cash.total

    @cached_property
    def world(self) -> EventLog:
        """The story under the policy, event by event."""
        return tell_events(self.prospect, self.project_start, self.course.path, self.course.row)
