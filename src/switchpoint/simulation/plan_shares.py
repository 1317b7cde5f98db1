"""Who answers what in a plan: shares of all requests that nest, from the easiest to the hardest, and when steps end.

Requests are thought of as sorted from easy to hard; a candidate can answer the easiest `coverage` of them. Each goes to
the last step that is live and can answer it, else to the one before, else to the current route.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property, reduce

import numpy as np

from switchpoint.horizon import NEVER, Bools, Floats, Ints, first_day, from_day
from switchpoint.simulation.candidate import SimulatedCandidate
from switchpoint.simulation.ledger import Entries
from switchpoint.simulation.schedule import Schedule
from switchpoint.simulation.switch_costs import TrafficShares, planned_shares, project_spend, shares


@dataclass(frozen=True)
class PlanStage:
    """One step of a plan with its project's days, for several starts."""

    prospect: SimulatedCandidate
    schedule: Schedule

    @property
    def days(self) -> int:
        """Of the horizon."""
        return self.prospect.setting.clock.days

    @cached_property
    def possible(self) -> Bools:
        """Days on which it can carry its share, shape (days,) or (worlds, 1, days)."""
        return ~from_day(self.prospect.carrier.impossible_from, self.days)

    @cached_property
    def as_planned(self) -> TrafficShares:
        """What it would carry alone, incidents left out."""
        return planned_shares(self.prospect, self.schedule)

    @cached_property
    def alone(self) -> TrafficShares:
        """What it would carry alone."""
        return shares(self.prospect, self.schedule) if self.prospect.outages else self.as_planned

    @cached_property
    def able_as_planned(self) -> Floats:
        """Share of all requests that it could answer, incidents left out: coverage x ramp, 0 when not possible."""
        return self._able(self.as_planned)

    @cached_property
    def able(self) -> Floats:
        """Share of all requests that it could answer."""
        return self._able(self.alone) if self.prospect.outages else self.able_as_planned

    def _able(self, share: TrafficShares) -> Floats:
        return share.answered if self.possible.all() else np.where(self.possible, share.answered, 0.0)

    @cached_property
    def spend(self) -> Entries:
        """Dollars a day of its project."""
        return project_spend(self.prospect, self.schedule)

    def part(self, starts: slice | Bools) -> PlanStage:
        """The step for some of its starts."""
        return PlanStage(self.prospect, self.schedule.part(starts))


@dataclass(frozen=True)
class StageShares:
    """What one step of a plan carries; shares of all requests, shape (…, starts, days)."""

    answered: Floats
    """What it takes of the requests."""
    served: Floats
    """What it serves, in shadow its whole coverage."""
    live: Bools
    """Whether it runs, idle or not."""
    ends: Ints
    """First day on which it runs no more since no request is left to it for good; NEVER for none, (…, starts)."""


def nest_shares(able: Sequence[Floats]) -> list[Floats]:
    """What each of some steps takes of what it could answer: from the last one down, only what those behind leave.

    Args:
        able: share of all requests that each step could answer, shape (…, days) each.
    """
    *before, covered = able
    taken = [covered]
    for share in reversed(before):
        taken.append(np.maximum(share - covered, 0.0))
        covered = np.maximum(covered, share)
    return taken[::-1]


def covered_share(able: Sequence[Floats]) -> Floats:
    """Share of all requests that some step answers, shape (…, days)."""
    return reduce(np.maximum, able)


def ends_for_good(able: Floats, taken: Floats) -> Ints:
    """First day from which on a step that could answer is left without requests for good; NEVER for none, (…)."""
    days, used = able.shape[-1], taken > 0
    last = days - 1 - used[..., ::-1].argmax(axis=-1)
    end = np.where(used.any(axis=-1), last + 1, first_day(able > 0))
    return np.where(end < days, end, NEVER)


@dataclass(frozen=True)
class PlanShares:
    """Who answers what on the way of a plan."""

    stages: tuple[StageShares, ...]
    kept: Floats
    """Share of all requests that the current route keeps, overflow left out; shape (…, starts, days)."""

    @classmethod
    def of(cls, stages: Sequence[PlanStage]) -> PlanShares:
        """As projects bring it about. Incidents send requests to the step before, while that runs, but end no step."""
        planned = [stage.able_as_planned for stage in stages]
        ends = [ends_for_good(able, taken) for able, taken in zip(planned, nest_shares(planned), strict=True)]
        able = [
            np.where(from_day(end, stage.days), 0.0, stage.able) if (end < NEVER).any() else stage.able
            for stage, end in zip(stages, ends, strict=True)
        ]
        carried = [_stage(*each) for each in zip(stages, nest_shares(able), ends, strict=True)]
        return cls(tuple(carried), 1 - covered_share(able))


def _stage(stage: PlanStage, taken: Floats, ends: Ints) -> StageShares:
    """What a step carries: before the ramp as alone; where it is not possible its fleet is kept as alone."""
    share = stage.alone
    live = share.live & ~from_day(ends, stage.days)
    own = ~from_day(stage.schedule.ramp, stage.days) | ~stage.possible
    served = np.where(live, np.where(own, share.served, taken), 0.0)
    return StageShares(taken, served, np.broadcast_to(live, served.shape), ends)
