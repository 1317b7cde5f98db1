"""What `run --json` says of many base cases that were simulated at once, as columns with a value of each.

`JudgedWorld.as_json` says the same of one of them; `tests/test_many_worlds.py` holds the two against each other.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property, partial
from operator import attrgetter
from typing import Any

import numpy as np

from switchpoint.decision.candidate_result import CandidateResult
from switchpoint.decision.gates import tell_slips
from switchpoint.decision.many_candidates import Maker, ManyCourses, is_travelled
from switchpoint.decision.plan_result import PlanResult
from switchpoint.decision.result import JudgedWorld
from switchpoint.decision.sentence import start_named
from switchpoint.decision.verdict import Action, Verdict
from switchpoint.decision.world_batch import WorldBatch
from switchpoint.horizon import NEVER, Floats


@dataclass(frozen=True)
class ManyFigures:
    """The figures of many worlds, each made when it is asked for; none of worlds whose projects are prepared and
    committed in stages, of which each has to be asked by itself.

    Args:
        batch: the worlds.
        judged: the verdict on each of them.
    """

    batch: WorldBatch
    judged: Sequence[JudgedWorld]

    @property
    def of_all(self) -> dict[str, Maker]:
        """What all candidates share, by its place in `run --json`."""
        batch = self.batch
        return {
            **self._verdict,
            "base.threat": lambda: self._each(batch.threat),
            "base.threat_ends": lambda: self._each(batch.threat_ends),
            "base.warning": lambda: self._each(batch.warning),
            "base.threat_cause": lambda: [found.case.threat_cause for found in self.judged],
            "base.bill_at_start_usd": lambda: self._each(batch.bill[..., 0]),
            "base.bill_at_end_usd": lambda: self._each(batch.bill[..., -1]),
            "base.cost_per_1000_requests_usd.start": lambda: _finite(self._each(batch.usd_per_1000[..., 0])),
            "base.cost_per_1000_requests_usd.end": lambda: _finite(self._each(batch.usd_per_1000[..., -1])),
            **self._plans,
            **self._months,
        }

    @property
    def _plans(self) -> dict[str, Maker]:
        """What is told of the plans of each world, a list for each figure."""
        date = self.batch.clock.date_or_none
        figures: dict[str, Callable[[PlanResult], Any]] = {
            "name": lambda plan: plan.name,
            "project_start": lambda plan: date(plan.project_start),
            "cutover": lambda plan: date(plan.cutover),
            "break_even": lambda plan: date(plan.break_even.day),
            "npv_saving_usd": lambda plan: plan.npv_saving,
            "total_usd": lambda plan: plan.total,
            "one_off_usd": lambda plan: plan.one_off,
        }
        return {f"base.plans.{key}": partial(self._of_plans, figure) for key, figure in figures.items()}

    def _of_plans(self, figure: Callable[[PlanResult], Any]) -> list[list[Any]]:
        return [[figure(plan) for plan in judged.case.plans] for judged in self.judged]

    @property
    def _verdict(self) -> dict[str, Maker]:
        """What is told of the verdict."""
        names, days = ("candidate", "plan", "bridge", "saves_only"), ("start_by", "label_by", "hire_by", "commit_by")
        plain = ("binds", "remedy")
        date_of = self.batch.clock.date_of
        return {
            "verdict.action": lambda: self._of_verdicts(lambda v: v.action.value),
            **{f"verdict.{key}": partial(self._of_verdicts, partial(_name_of, key)) for key in names},
            **{f"verdict.{key}": partial(self._of_verdicts, attrgetter(key)) for key in (*days, *plain)},
            "verdict.live": lambda: self._live,
            "verdict.npv_saving_usd": lambda: self._saving,
            "verdict.saving_ends_at_api_price_factor": lambda: self._prices,
            "verdict.tied": lambda: self._of_verdicts(lambda v: [o.name for o in v.tied]),
            "verdict.remaining_lead_days": lambda: self._of_verdicts(
                lambda v: v.remaining_lead if v.remaining_lead < NEVER else None
            ),
            "verdict.as_good.from": lambda: self._of_verdicts(
                lambda v: NEVER if v.as_good is None else v.as_good.first
            ),
            "verdict.as_good.to": lambda: self._of_verdicts(lambda v: NEVER if v.as_good is None else v.as_good.last),
            "verdict.as_good.usd": lambda: self._of_verdicts(lambda v: v.as_good and v.as_good.usd),
            "verdict.in_time_costs_usd": lambda: self._of_verdicts(lambda v: v.in_time_costs),
            "verdict.window": lambda: self._of_verdicts(lambda v: v.window and [date_of(day) for day in v.window]),
            "verdict.flips_at_requests_per_day": lambda: [
                judged.flips_at if judged.verdict.action is Action.STAY else None for judged in self.judged
            ],
            "verdict.sentence": lambda: self._sentences,
        }

    @property
    def _sentences(self) -> list[str]:
        """The sentence on each world; what late gates cost is found of all of them first."""
        told = [None if v.plan or v.candidate is None else v.candidate.name for v in self._verdicts]
        for result in self.batch.outlooks:
            pairs = zip(told, self.judged, strict=True)
            tell_slips(result.starts, [judged.gates if name == result.name else None for name, judged in pairs])
        return [judged.sentence for judged in self.judged]

    def _of_verdicts(self, of_verdict: Callable[[Verdict], Any]) -> list[Any]:
        return [of_verdict(verdict) for verdict in self._verdicts]

    def _of_advised(self, of_plan: str, columns: Sequence[Sequence[Any]], none: Any) -> list[Any]:
        """A figure of what is advised in each world: of a plan, else of a candidate out of its column."""
        return [
            getattr(v.plan, of_plan)
            if v.plan
            else none
            if v.candidate is None
            else columns[self._places[v.candidate.name]][k]
            for k, v in enumerate(self._verdicts)
        ]

    @property
    def _verdicts(self) -> list[Verdict]:
        return [judged.verdict for judged in self.judged]

    @cached_property
    def _places(self) -> dict[str, int]:
        """The candidates' places by their names."""
        return {each.name: place for place, each in enumerate(self.batch.outlooks)}

    @property
    def _live(self) -> list[int]:
        return self._of_advised("cutover", [self._each(each.live).tolist() for each in self._as_advised], NEVER)

    @property
    def _saving(self) -> list[float | None]:
        return self._of_advised("npv_saving", [each.saving.tolist() for each in self._as_advised], None)

    @property
    def _prices(self) -> list[float | None]:
        """Factor on the prices of today at which what is advised saves nothing; None for none, and for plans."""
        columns = [self._each(each.price_that_ends_saving).tolist() for each in self.batch.outlooks]
        told = [
            None if v.plan or v.candidate is None else columns[self._places[v.candidate.name]][k]
            for k, v in enumerate(self._verdicts)
        ]
        return [None if price != price else price for price in told]

    @property
    def _months(self) -> dict[str, Maker]:
        """What is told of each calendar month, shape (worlds, months)."""
        batch, clock = self.batch, self.batch.clock
        last = clock.month_starts + clock.month_days - 1
        limited = batch.scenario.limited
        return {
            "monthly.month": lambda: [[f"{month:%Y-%m}" for month in clock.months]] * batch.count,
            "monthly.requests": lambda: self._rows(self._requests),
            "monthly.limit_usd": lambda: _finite(self._rows(batch.limits.monthly(clock))),
            "monthly.stay_usd": lambda: self._rows(clock.by_month(batch.stay)),
            "monthly.stay_per_1000_usd": lambda: self._per_1000(clock.by_month(batch.stay)),
            "monthly.pressure": lambda: _finite(
                self._rows(batch.pressure[..., last] if limited else np.full(last.size, np.nan))
            ),
        }

    @cached_property
    def _requests(self) -> Floats:
        requests: Floats = self.batch.clock.by_month(self.batch.setting.traffic.requests)
        return requests

    def _per_1000(self, usd: Floats) -> Floats:
        with np.errstate(all="ignore"):
            return _finite(self._rows(np.where(self._requests > 0, 1000 * usd / self._requests, np.nan)))

    def _each(self, value: Any) -> Any:
        """One of each world, shape (worlds,)."""
        return np.broadcast_to(value, (self.batch.count, 1))[:, 0]

    def _rows(self, value: Any) -> Any:
        """Several of each world, shape (worlds, several)."""
        return np.broadcast_to(value, (self.batch.count, 1, np.shape(value)[-1]))[:, 0]

    def of_candidate(self, place: int) -> dict[str, Maker]:
        """What is told of one of the candidates: under the policy, as advised, and by months."""
        result, clock = self.batch.outlooks[place], self.batch.clock
        starts, carrier = result.starts, result.prospect.carrier
        policy = ManyCourses(result, starts.policy_course, self.batch.count, partial(self._alone, place))
        return {
            **policy.figures("base.candidates"),
            "base.candidates.start_by": lambda: self._each(starts.start_by_day),
            **self._as_advised[place].figures("base.advised"),
            "base.advised.start_by": lambda: self._advised_start_by(place),
            "monthly.candidate_usd": lambda: self._rows(clock.by_month(starts.policy_course.cash.total)),
            "monthly.candidate_per_1000_usd": lambda: self._per_1000(clock.by_month(starts.policy_course.cash.total)),
            "monthly.candidate_overflow_share": lambda: policy.one_by_one(
                carrier.overflow is not None, lambda outlook: outlook.overflow_by_month
            ),
        }

    def _alone(self, place: int, row: int) -> CandidateResult:
        """A candidate under the policy, in one world by itself."""
        return self.judged[row].case.outlooks[place]

    def _alone_as_advised(self, place: int, row: int) -> CandidateResult:
        return self.judged[row].as_advised.case.outlooks[place]

    @cached_property
    def _advised_starts(self) -> list[list[int]]:
        """The start that each candidate is advised with in each world."""
        return [
            [start_named(v, each.name, own, each.today) for v, own in zip(self._verdicts, self._own(each), strict=True)]
            for each in self.batch.outlooks
        ]

    def _own(self, result: CandidateResult) -> list[int]:
        own: list[int] = self._each(result.starts.advised_start).tolist()
        return own

    def _advised_start_by(self, place: int) -> list[int]:
        """The start-by day of a candidate: as advised where it is the one of the verdict, else its own."""
        name, own = self.batch.outlooks[place].name, self._each(self.batch.outlooks[place].starts.start_by_day).tolist()
        named = [v.candidate is not None and v.candidate.name == name for v in self._verdicts]
        return [
            advised if mine else day for mine, advised, day in zip(named, self._advised_starts[place], own, strict=True)
        ]

    @cached_property
    def _as_advised(self) -> list[ManyCourses]:
        """The candidates as advised; a start that some world has not travelled is travelled in all of them."""
        found = []
        for place, (result, days) in enumerate(zip(self.batch.outlooks, self._advised_starts, strict=True)):
            day = np.array(days)[:, None]
            started = result if is_travelled(result, day) else result.started_on_each(day)
            course = started.starts.follow(day)
            found.append(ManyCourses(started, course, self.batch.count, partial(self._alone_as_advised, place)))
        return found


def _name_of(key: str, verdict: Verdict) -> str | None:
    """The name of a candidate or plan in a verdict."""
    found: CandidateResult | PlanResult | None = getattr(verdict, key)
    return None if found is None else found.name


def _finite(values: Floats) -> Floats:
    """Numbers, NaN for what is none."""
    return values if np.isfinite(values).all() else np.where(np.isfinite(values), values, np.nan)
