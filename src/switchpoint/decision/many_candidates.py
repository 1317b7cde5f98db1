"""Every figure of a candidate in many worlds that were simulated at once, as columns with a value of each world.

`figures_json.candidate_json` says the same of one world; `tests/test_many_worlds.py` holds the two against each other.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from typing import Any, TypeAlias

import numpy as np

from switchpoint.decision.candidate_result import CandidateResult
from switchpoint.decision.started_candidate import LimitKept, StartedCandidate
from switchpoint.finance import NO_RETURN
from switchpoint.horizon import MONTH_DAYS, Floats, Ints, mean_since, start_of
from switchpoint.simulation.candidate import SimulatedCandidate
from switchpoint.simulation.fleet import FleetServing

Column: TypeAlias = Any
"""An array of shape (worlds,) or (worlds, values): day numbers (beyond the horizon for none), numbers (NaN for none) or
flags; or a list of anything, with None for none; or None where no world has the figure."""
Maker: TypeAlias = Callable[[], Column]
"""Makes a column when it is asked for."""


@dataclass(frozen=True)
class ManyCourses:
    """What becomes of one candidate in many worlds, each with a start of its own.

    Args:
        result: the candidate in all of them.
        course: what becomes of it.
        count: worlds.
        alone: the candidate so started in each world by itself, for figures that few candidates have.
    """

    result: CandidateResult
    course: StartedCandidate
    count: int
    alone: Callable[[int], CandidateResult]

    def figures(self, prefix: str) -> dict[str, Maker]:
        """Every figure but its start-by day, under a prefix; keys as in `candidate_json`, joined by dots."""
        made = {**self._days, **self._fleet, **self._money, **self._limit, **self._leaving}
        return {f"{prefix}.{name}": maker for name, maker in made.items()}

    def each(self, value: Any) -> Any:
        """One of each world, shape (worlds,)."""
        return np.broadcast_to(value, (self.count, 1))[:, 0]

    @property
    def _prospect(self) -> SimulatedCandidate:
        return self.result.prospect

    @property
    def _horizon(self) -> int:
        return self.result.clock.days

    def milestone(self, name: str) -> Ints:
        """A milestone of the project in each world, shape (worlds, 1)."""
        days = start_of(getattr(self.course.path.schedule, name), self.course.row)
        return np.broadcast_to(days, (self.count, 1))

    @property
    def saving(self) -> Floats:
        """Net present value of what it saves, dollars, shape (worlds,)."""
        saved: Floats = self.each(start_of(self.result.starts.saving, self.course.row))
        return saved

    @cached_property
    def live(self) -> Ints:
        """First day live in each world, shape (worlds, 1)."""
        return self.milestone("cutover")

    @property
    def _days(self) -> dict[str, Maker]:
        result, each = self.result, self.each
        running, starts = result.running, result.starts
        return {
            "crossover": lambda: each(running.crossover),
            "crossover_reverts": lambda: each(running.reverts),
            "project_start": lambda: each(self.course.start),
            "cutover": lambda: each(self.live),
            "break_even": lambda: self._paid_back,
            "payback_months": lambda: self._payback_months,
            "limit_again": lambda: each(running.limit_again(self.live)),
            "possible": lambda: each(starts.possible),
            "impossible_from": lambda: each(self._prospect.carrier.impossible_from),
            "remedy": lambda: each(np.logical_and(starts.possible, result.kept_as_advised)) if result.limited else None,
            "best_start": lambda: each(starts.best),
        }

    @cached_property
    def _moment(self) -> Floats:
        return np.asarray(self.each(self.course.break_even.moment))

    @property
    def _paid_back(self) -> Ints:
        """Day on which it is, beyond the horizon for never."""
        moment = np.where(np.isfinite(self._moment), self._moment, self._horizon)
        return np.floor(moment).astype(np.int64)

    @property
    def _payback_months(self) -> Floats:
        months = (self._moment - self.each(self.course.start)) / MONTH_DAYS
        return np.where(np.isfinite(self._moment), months, np.nan)

    @property
    def _fleet(self) -> dict[str, Maker]:
        carrier = self._prospect.carrier
        fleet = carrier if isinstance(carrier, FleetServing) else None
        reserved = fleet is not None and bool(fleet.costs.fleet.reserved_replicas)
        cold = fleet is not None and fleet.full.cold is not None
        return {
            "peak_replicas": lambda: self._peak_replicas,
            "set_by_minimum_share": lambda: self._set_by_minimum,
            "overflow_share": lambda: self.one_by_one(carrier.overflow is not None, lambda o: o.overflow_share),
            "cold_start_share": lambda: self.one_by_one(cold, lambda o: o.cold_start_share),
            "owed_after_horizon_usd": lambda: self.one_by_one(reserved, lambda o: o.owed_after_horizon),
            "capacity_requests_per_second": lambda: None if fleet is None else self.each(fleet.sizing.capacity[..., 0]),
        }

    def one_by_one(self, told: bool, figure: Callable[[CandidateResult], Any]) -> list[Any] | None:
        """A figure that few candidates have, of each world by itself; None where nobody has it."""
        return [figure(self.alone(place)) for place in range(self.count)] if told else None

    @property
    def _peak_replicas(self) -> Column:
        peak = self.course.path.peak
        if peak is None:
            return None
        most = self.each(start_of(peak.max(axis=-1), self.course.row))
        return np.where(self.each(self.milestone("shadow")) < self._horizon, most, np.nan)

    @property
    def _set_by_minimum(self) -> Column:
        flags = self.result.days_at_minimum
        return None if flags is None else self.each(mean_since(self.live, flags))

    @property
    def _money(self) -> dict[str, Maker]:
        course, each, result = self.course, self.each, self.result
        return {
            "total_usd": lambda: each(course.total),
            "npv_saving_usd": lambda: self.saving,
            "one_off_usd": lambda: each(start_of(result.starts.one_offs, course.row)),
            "end_credit_usd": lambda: each(course.end_credit),
            "peak_cash_usd": lambda: each(course.peak_cash[0]),
            "peak_cash_on": lambda: each(course.peak_cash[1]),
            "irr": lambda: each(course.rate_of_return[0]),
            "irr_reason": lambda: [NO_RETURN[why] or None for why in each(course.rate_of_return[1]).tolist()],
        }

    @property
    def _limit(self) -> dict[str, Maker]:
        above, each, limited = self.result.starts.above, self.each, self.result.limited
        return {
            "limit_kept.from": lambda: each(self._limit_kept.since) if limited else None,
            "limit_kept.until": lambda: each(self._limit_kept.until) if limited else None,
            "limit_kept.share_of_days": lambda: each(self._limit_kept.share) if limited else None,
            "above_limit_usd.stay": lambda: each(above.of_staying),
            "above_limit_usd.switch": lambda: each(above.of_switch(self.live)),
        }

    @cached_property
    def _limit_kept(self) -> LimitKept:
        return self.result.limit_kept_from(self.live)

    @property
    def _leaving(self) -> dict[str, Maker]:
        names = {
            "on": "day",
            "sold_gpus_usd": "sold",
            "owed_usd": "owed",
            "owed_after_horizon_usd": "owed_after_horizon",
        }
        told = not self._prospect.setting.beside_tokens.is_plain
        return {
            f"leaving.{key}": lambda field=field: self.one_by_one(told, lambda o: getattr(o.leaving, field))  # type: ignore[misc]
            for key, field in names.items()
        }


def is_travelled(result: CandidateResult, starts: Ints) -> bool:
    """Whether the start of each world, shape (worlds, 1), is one of those that are travelled in it."""
    return bool((result.starts.days == starts).any(axis=-1).all())
