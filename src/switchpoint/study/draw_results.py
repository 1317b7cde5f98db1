"""What many draws say of a scenario, the verdict on them, and all of them as a table, a row a world."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from functools import cached_property
from typing import TypeAlias

import numpy as np

from switchpoint.decision.candidate_result import CandidateResult
from switchpoint.decision.case import OUTGROWN, REACHED
from switchpoint.decision.result import JudgedWorld
from switchpoint.decision.verdict import CandidateFacts, Verdict, advise_plan, judge
from switchpoint.horizon import NEVER, Floats, Horizon, Ints, add_months
from switchpoint.scenario.schema import Policy
from switchpoint.study.draw_survey import (
    ADVISED,
    LEAD,
    POLICY,
    STAGED,
    UNSTARTED,
    WARN,
    DrawTable,
    FollowedCandidate,
    StartsOverDraws,
    WaitingOverDraws,
)
from switchpoint.study.draws import MAJORITY, SHARES, WAITS, Days, Money, Worlds, probability, quantile_day
from switchpoint.study.plan_draws import PlanFindings
from switchpoint.study.preparation import PreparationGains, levers_of
from switchpoint.study.weighed_candidate import WeighedCandidate, start_by_range

# What many draws say of a scenario, and the verdict on them ----------------------------------------------------------


@dataclass(frozen=True)
class PolicyOverDraws:
    """What one policy comes to in each draw; arrays of shape (draws,)."""

    saving: Floats
    """Net present value, dollars."""
    cutover: Ints
    cost: Floats
    """Discounted dollars, days above the limit with their price."""


@dataclass(frozen=True)
class Staging:
    """What preparing early and committing late comes to on average."""

    saving: float
    in_time: float | None
    commits: float
    """Share of draws in which it is committed."""
    preparation: float
    """Undiscounted dollars of preparing: what is lost where it never is."""


@dataclass(frozen=True)
class CandidateFindings:
    """One candidate over all draws, with what became of its starts."""

    weighed: WeighedCandidate
    came: FollowedCandidate

    @property
    def followed_starts(self) -> StartsOverDraws:
        """Its starts under the policy and as advised, day by day."""
        return self.came.followed

    @property
    def waiting_starts(self) -> WaitingOverDraws:
        """Its starts under the other policies."""
        return self.came.waited

    @property
    def name(self) -> str:
        """Its name in the scenario."""
        return self.weighed.name

    def cutover(self, column: int) -> Days:
        """When it is live."""
        return Days.of(self.followed_starts.cutover[:, column])

    def break_even(self, column: int) -> Days:
        """When it has paid for itself."""
        return Days.of(self.followed_starts.break_even[:, column])

    def saving(self, column: int) -> Money:
        """Net present value of what it saves."""
        return Money.of(self.followed_starts.saving[:, column])

    def saves(self, column: int) -> tuple[float, float]:
        """Probability that it saves anything, and its standard error."""
        return probability(self.followed_starts.saving[:, column] > 0)

    @cached_property
    def in_time(self) -> tuple[float, float]:
        """Probability that, started as advised, it is live by the threat (or there is none), and its error."""
        return probability(self.followed_starts.cutover[:, ADVISED] <= self.weighed.world.threat)

    @property
    def crossover(self) -> Days:
        """When it becomes cheaper to run than staying."""
        return Days.of(self.weighed.seen.crossover)

    @property
    def start_by(self) -> Days:
        """The start-by day that one would have named in each draw, had one known it."""
        return Days.of(self.weighed.start_by_each)

    @cached_property
    def late(self) -> Ints:
        """Days by which a start today is live after the threat, of the draws in which it is; 0 in the others."""
        live = np.minimum(self.weighed.seen.cutover[:, 0], self.weighed.days)
        return np.where(self.weighed.world.threat < NEVER, np.maximum(live - self.weighed.world.threat, 0), 0)

    @cached_property
    def late_quantiles(self) -> tuple[int, ...]:
        """The same in the draws at 10, 50 and 90 %."""
        return tuple(quantile_day(self.late, share) for share in SHARES)

    def in_time_share(self, cutover: Ints) -> float | None:
        """Share of draws in which these cutovers come by the threat, or there is none; None without any threat."""
        threat = self.weighed.world.threat
        return float((cutover <= threat).mean()) if (threat < NEVER).any() else None

    @cached_property
    def policies(self) -> dict[str, PolicyOverDraws]:
        """What each policy comes to; `staged` is not there for a project under way, nor what watches the limit where
        there is none."""
        weighed = self.weighed
        stay = weighed.world.present_stay
        unstarted = self._waiting_policy(UNSTARTED)
        best = unstarted if weighed.best == NEVER else self._searched_policy(weighed.place_of_best)
        never = PolicyOverDraws(np.zeros_like(stay), np.full(len(stay), NEVER), weighed.world.weighed_stay)
        found = {"now": self._searched_policy(0)}
        if self.limited:
            found |= {"warn": self._waiting_policy(WARN), "lead": self._waiting_policy(LEAD)}
            found |= {} if weighed.under_way is not None else {"staged": self._waiting_policy(STAGED)}
        found |= {"best": best, "never": never}
        if isinstance(self.policy, date):
            followed = self.followed_starts
            saving, above = followed.saving[:, POLICY], followed.above[:, POLICY]
            found[self.policy.isoformat()] = PolicyOverDraws(saving, followed.cutover[:, POLICY], stay - saving + above)
        return found

    def _searched_policy(self, place: int) -> PolicyOverDraws:
        weighed, seen = self.weighed, self.weighed.seen
        saving = weighed.world.present_stay - seen.cost[:, place]
        return PolicyOverDraws(saving, seen.cutover[:, place], weighed.weighed_cost[:, place])

    def _waiting_policy(self, column: int) -> PolicyOverDraws:
        saving, above = self.waiting_starts.saving[:, column], self.waiting_starts.above[:, column]
        return PolicyOverDraws(
            saving, self.waiting_starts.cutover[:, column], self.weighed.world.present_stay - saving + above
        )

    @cached_property
    def staging(self) -> Staging | None:
        """What preparing early and committing late comes to; None for a project under way, and without a limit."""
        played = self.policies.get("staged")
        if played is None:
            return None
        return Staging(
            saving=float(played.saving.mean()),
            in_time=self.in_time_share(played.cutover),
            commits=float((self.weighed.commit < self.weighed.days).mean()),
            preparation=float(self.waiting_starts.preparing.mean()),
        )

    @cached_property
    def regret(self) -> dict[str, float]:
        """Expected weighed dollars by which each policy costs more than hindsight would have.

        Hindsight picks the cheapest searched start of each draw, that of a policy, or none.
        """
        costs = {name: played.cost for name, played in self.policies.items()}
        hindsight = np.minimum(self.weighed.weighed_cost.min(axis=1), np.min(list(costs.values()), axis=0))
        return {policy: float((cost - hindsight).mean()) for policy, cost in costs.items()}

    @property
    def limited(self) -> bool:
        """Whether there is a limit to be in time for."""
        return self.weighed.outlook.limited

    @property
    def policy(self) -> Policy:
        """The scenario's policy."""
        return self.weighed.outlook.prospect.setting.scenario.decision.policy

    @cached_property
    def waiting(self) -> dict[int, Money]:
        """What it costs to start so many months after the earliest day instead of on it, present value.

        Straight between the searched starts, which are firsts of months, where the earliest is none.
        """
        cost, searched, clock = self.weighed.seen.cost, self.weighed.searched_starts, self.weighed.clock
        later = {wait: clock.day_of(add_months(clock.date_of(searched[0]), wait)) for wait in WAITS}
        return {
            wait: Money.of(_between(cost, searched, day) - cost[:, 0])
            for wait, day in later.items()
            if day <= searched[-1]
        }

    @property
    def saving_by_start(self) -> tuple[Floats, Floats]:
        """Expected saving of each searched start and its standard error, dollars of present value."""
        saving = self.weighed.world.present_stay[:, None] - self.weighed.seen.cost
        count = max(len(saving), 2)
        return saving.mean(axis=0), saving.std(axis=0, ddof=1 if len(saving) > 1 else 0) / np.sqrt(count)


def _between(cost: Floats, searched: Ints, day: int) -> Floats:
    """What a start on a day costs in each draw, straight between the searched starts around it; shape (draws,)."""
    after = int(np.searchsorted(searched, day))
    if searched[after] == day:
        return np.asarray(cost[:, after])
    part = (day - searched[after - 1]) / (searched[after] - searched[after - 1])
    return np.asarray(cost[:, after - 1] * (1 - part) + cost[:, after] * part)


@dataclass(frozen=True)
class DrawFindings:
    """A scenario over many draws."""

    base: JudgedWorld
    worlds: Worlds
    survey: DrawTable
    weighed: tuple[WeighedCandidate, ...]
    came: Mapping[str, FollowedCandidate]
    standings: tuple[CandidateFacts, ...] = ()
    """How the candidates stand, started by their start-by days, whatever is advised in the end."""
    plans: Mapping[str, PlanFindings] = field(default_factory=dict)
    """The plans by name, and a bridge with what it bridges to where the best candidate is late."""

    @cached_property
    def levers(self) -> PreparationGains:
        """What preparing early and diagnosis would buy the advised candidate; found when it is first asked for.

        Raises:
            CannotCompute: where a draw cannot be computed.
        """
        best = self.verdict.candidate
        return PreparationGains() if best is None else levers_of(self.worlds, best.name, self.draws)

    @property
    def draws(self) -> int:
        """How many were made."""
        return self.survey.draws

    @property
    def clock(self) -> Horizon:
        """The horizon."""
        return self.base.case.clock

    @property
    def limited(self) -> bool:
        """Whether the bill has a limit."""
        return self.base.case.scenario.limited

    @cached_property
    def candidates(self) -> dict[str, CandidateFindings]:
        """The candidates by name."""
        return {w.name: CandidateFindings(w, self.came[w.name]) for w in self.weighed}

    @cached_property
    def shown(self) -> JudgedWorld:
        """The base case beside the draws: each project starts when these advise, unless a policy is stated.

        So one document names one start. The warning window stays that of the threat which the base case shows.
        """
        base = self.base
        if base.shown is base:
            return base
        verdict = self.verdict
        started = {name: f.weighed.outlook.started_on(self._start_of(f)) for name, f in self.candidates.items()}

        def of(outlook: CandidateResult | None) -> CandidateResult | None:
            return None if outlook is None else started[outlook.name]

        plans = tuple(found.result for found in self.plans.values())
        case = base.case.with_outlooks(tuple(started.values()), plans)
        shown = JudgedWorld(case, advised=True, source=base.source)
        shown.verdict = replace(
            verdict,
            candidate=of(verdict.candidate),
            bridge=of(verdict.bridge),
            saves_only=of(verdict.saves_only),
            tied=tuple(started[each.name] for each in verdict.tied),
            window=base.verdict.window,
        )
        return shown

    def _start_of(self, found: CandidateFindings) -> int:
        """The start that a candidate is advised with: today for a bridge."""
        plan = self.verdict.plan
        if plan is not None and (step := plan.step_of(found.name)) is not None:
            return step.start
        beside = (self.verdict.bridge, self.verdict.saves_only)
        bridges = found.name in {each.name for each in beside if each is not None}
        return found.weighed.outlook.today if bridges else found.weighed.judged_start

    @cached_property
    def threat(self) -> Days:
        """When the bill reaches its limit."""
        return Days.of(self.survey.threat)

    @property
    def is_outgrown_first(self) -> bool:
        """Whether the threat, where there is one, is a current route that is outgrown in at least half of the draws."""
        threat = self.survey.threat
        threatened = threat < NEVER
        return bool(threatened.any() and (self.survey.outgrown <= threat)[threatened].mean() >= MAJORITY)

    @property
    def tells_threat(self) -> bool:
        """Whether there is anything to say of a threat: a limit, or a current route that is outgrown in some draw."""
        return self.limited or bool((self.survey.threat < NEVER).any())

    @property
    def threat_called(self) -> str:
        """What the threat is called on pages and in charts."""
        return OUTGROWN if self.is_outgrown_first else REACHED

    @cached_property
    def warning(self) -> Days:
        """When the monitor warns."""
        return Days.of(self.survey.warning)

    @cached_property
    def median_threat(self) -> int:
        """The threat date by which the verdict goes: NEVER where most draws have none."""
        return quantile_day(self.survey.threat, MAJORITY)

    @cached_property
    def for_money(self) -> list[CandidateFacts]:
        """How the candidates stand as they are judged in the end."""
        return [f.weighed.standing(f.came) for f in self.candidates.values()]

    @cached_property
    def candidate_verdict(self) -> Verdict:
        """The verdict of the base case's rule on what holds in most draws, expected weighed costs, and starts that are
        in time in 80 % of the draws, where one candidate is all that may be started."""
        return judge(self.base.case.scenario, self.median_threat, self.standings, lambda: self.for_money)

    @cached_property
    def verdict(self) -> Verdict:
        """The verdict on candidates and plans."""
        facts = [found.facts for found in self.plans.values()]
        standings = (*self.standings, *self.for_money)
        return advise_plan(self.candidate_verdict, facts, self.base.case.outlooks, standings)

    @cached_property
    def start_by_range(self) -> tuple[int, int] | None:
        """The middle 80 % of start-by days over resampled draws; None without an advised candidate."""
        best = self.verdict.candidate
        if best is None or self.verdict.plan is not None:
            return None
        return start_by_range(self.candidates[best.name].weighed, self.worlds.seed)


# All draws as a table ------------------------------------------------------------------------------------------------

DrawColumns: TypeAlias = "dict[str, Sequence[float | int | date | None]]"
"""Columns by name, of one length."""
DateColumns: TypeAlias = "dict[str, list[str | float | date | None]]"


def draw_columns(findings: DrawFindings) -> DrawColumns:
    """One row a draw, from 0: its inputs by path, when limit and warning come, and each candidate started as advised.

    Dates are None where they are not reached within the horizon. `NAME_start_by` is the day that one would have named
    in that draw, had one known it; all else of a candidate is of the advised start, `NAME_start`. Dollars saved are
    net present values.
    """
    clock, inputs = findings.clock, findings.worlds.inputs.all
    values = findings.worlds.values(findings.draws)
    columns: DrawColumns = {"draw": list(range(findings.draws))}
    columns |= {each.name: values[:, place].tolist() for place, each in enumerate(inputs)}
    columns |= {"threat": dates_of(findings.survey.threat, clock), "warning": dates_of(findings.survey.warning, clock)}
    columns |= {"stay_present_usd": findings.survey.present_stay.tolist()}
    for name, found in findings.candidates.items():
        columns |= {f"{name}_{column}": each for column, each in _of_candidate(found, clock).items()}
    return columns


def _of_candidate(found: CandidateFindings, clock: Horizon) -> DrawColumns:
    came = found.followed_starts
    return {
        "start_by": dates_of(found.weighed.start_by_each, clock),
        "start": dates_of(came.start[:, ADVISED], clock),
        "cutover": dates_of(came.cutover[:, ADVISED], clock),
        "break_even": dates_of(came.break_even[:, ADVISED], clock),
        "one_off_usd": came.one_off[:, ADVISED].tolist(),
        "npv_saving_usd": came.saving[:, ADVISED].tolist(),
    }


def dates_of(days: Ints, clock: Horizon) -> list[date | None]:
    """Day numbers as dates, None beyond the horizon; before day 0 they count as that many days before the start."""
    return [clock.date_or_none(day) for day in days.tolist()]


QUANTILES = ("event", "p10", "p50", "p90", "probability")


def date_columns(findings: DrawFindings) -> DateColumns:
    """A row a date, by column: when 10, 50 and 90 % of the draws have come to it, and how many ever do."""
    told: dict[str, Days] = {}
    if findings.limited:
        told |= {"limit reached": findings.threat, "warning": findings.warning}
    for name, found in findings.candidates.items():
        told[f"{name}: start by, as seen afterwards"] = found.start_by
        told[f"{name}: live"] = found.cutover(ADVISED)
        told[f"{name}: paid back"] = found.break_even(ADVISED)
    rows = [
        (event, *map(findings.clock.date_or_none, (days.p10, days.p50, days.p90)), days.probability)
        for event, days in told.items()
    ]
    return {name: [row[place] for row in rows] for place, name in enumerate(QUANTILES)}
