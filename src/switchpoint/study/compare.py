"""What made the difference, in one sentence."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from functools import cached_property

import numpy as np

from switchpoint.catalog import CatalogError
from switchpoint.decision.candidate_result import CandidateResult
from switchpoint.decision.case import simulate
from switchpoint.decision.plan_result import PlanResult
from switchpoint.decision.result import JudgedWorld
from switchpoint.decision.verdict import Action
from switchpoint.errors import CannotCompute
from switchpoint.horizon import Floats
from switchpoint.scenario.diff import Cause, Change, causes, differences, mix_scenarios
from switchpoint.scenario.errors import Keys
from switchpoint.scenario.labels import phrase, short_phrase
from switchpoint.scenario.schema import Scenario
from switchpoint.study.shapley import exact, in_orders, some_orders, standard_errors
from switchpoint.text import day, join_names, usd, weeks

DATES = ("threat", "start_by", "live")
FIGURES = (*DATES, "npv_saving_usd")
"""What is attributed: limit reached, start-by date, live when started by then, saving of the advice."""


@dataclass(frozen=True)
class AdviceOutcome:
    """The advice of a scenario, and the dates and dollars that hang on it. None is not within the horizon.

    The live date and the saving are those of the advised candidate as `run` shows it: started as advised, or by the
    policy that the scenario states; without one the saving is 0. Where a plan is advised they are the plan's.
    """

    action: str
    candidate: str | None
    threat: date | None
    start_by: date | None
    live: date | None
    npv_saving_usd: float
    plan: str | None = None

    @classmethod
    def of(cls, result: JudgedWorld) -> AdviceOutcome:
        """The outcome of a simulated scenario."""
        verdict, best = result.verdict, advised_path(result)
        candidate = result.shown.verdict.candidate
        return cls(
            action=verdict.action.value,
            candidate=candidate.name if candidate else None,
            threat=result.date(result.case.threat),
            start_by=result.date(verdict.start_by),
            live=result.date(best.cutover) if best else None,
            npv_saving_usd=best.npv_saving if best else 0.0,
            plan=verdict.plan.name if verdict.plan else None,
        )

    @property
    def advice(self) -> tuple[str, str | None]:
        """What to do, and with which plan or candidate."""
        return self.action, self.subject

    @property
    def subject(self) -> str | None:
        """The plan that is advised, else the candidate."""
        return self.candidate if self.plan is None else f"the plan {self.plan}"

    def figures(self, end: date) -> Floats:
        """`FIGURES` as numbers: days, and dollars; a date that is not reached counts as `end`. Shape (figures,)."""
        days = [(getattr(self, name) or end).toordinal() for name in DATES]
        return np.array([*days, self.npv_saving_usd], dtype=np.float64)


def advised_path(result: JudgedWorld) -> CandidateResult | PlanResult | None:
    """What is advised as `run` shows it: a plan, a candidate, or nothing."""
    return result.verdict.plan or result.shown.verdict.candidate


class UndefinedError(Exception):
    """A set of causes, by their numbers, that makes no scenario which could be simulated."""

    def __init__(self, members: Sequence[int]) -> None:
        super().__init__(f"causes {', '.join(map(str, members))} need others")
        self.members = members


class Between:
    """The outcomes of the scenarios between two: the first with some of the changes that make it the second."""

    def __init__(
        self,
        before: Scenario,
        after: Scenario,
        known: tuple[AdviceOutcome, AdviceOutcome],
        every: Iterable[Cause],
        told: Callable[[int], None] = lambda _: None,
    ) -> None:
        self.before = before
        self.after = after
        self.told = told
        whole = frozenset(path for cause in every for path in cause.paths)
        self.found: dict[frozenset[Keys], AdviceOutcome | None] = {frozenset(): known[0], whole: known[1]}

    def outcome(self, causes: Iterable[Cause]) -> AdviceOutcome | None:
        """What comes of the first scenario with these causes; None where that cannot be simulated."""
        taken = frozenset(path for cause in causes for path in cause.paths)
        if taken not in self.found:
            self.told(len(self.found) - 1)
            self.found[taken] = self._simulate_mixture(taken)
        return self.found[taken]

    def repair(self, causes: Sequence[Cause], members: Sequence[int]) -> list[Cause]:
        """Fewer causes: one of an undefined set joined with those that it takes to make the set defined."""
        inside, others = list(members), [i for i in range(len(causes)) if i not in members]
        for each in members:
            fewer = [i for i in inside if i != each]
            if self.outcome(causes[i] for i in fewer) is None:
                inside = fewer
        for each in list(others):
            fewer = [i for i in others if i != each]
            if self.outcome(causes[i] for i in [*members, *fewer]) is not None:
                others = fewer
        joined = sorted([inside[-1], *others])
        whole = causes[joined[0]]
        for place in joined[1:]:
            whole += causes[place]
        return [whole if i == joined[0] else each for i, each in enumerate(causes) if i not in joined[1:]]

    def _simulate_mixture(self, taken: frozenset[Keys]) -> AdviceOutcome | None:
        scenario = mix_scenarios(self.before, self.after, taken)
        if scenario is None:
            return None
        try:
            return AdviceOutcome.of(JudgedWorld(simulate(scenario)))
        except (CannotCompute, CatalogError):
            return None


MOST_EXACT = 8
"""Up to so many causes all orders are averaged; beyond, some."""
MIXTURES = 512
"""About so many scenarios in between are simulated then."""


@dataclass(frozen=True)
class CauseShare:
    """What one cause did: days by which each date moved, and dollars of saving, shape (figures,)."""

    cause: Cause
    amounts: Floats

    def amount(self, figure: str) -> float:
        """Its part in the change of one of `FIGURES`, days or dollars."""
        return float(self.amounts[FIGURES.index(figure)])


@dataclass(frozen=True)
class Attribution:
    """A change shared among its causes."""

    shares: tuple[CauseShare, ...] = ()
    """They sum to the change of each figure."""
    orders: int | None = None
    """How many orders of the causes were averaged; None is all of them."""
    errors: Floats | None = None
    """Their standard errors, where not all orders were averaged; shape (shares, figures)."""
    alone: tuple[Cause, ...] = ()
    """The causes each of which, alone, turns the first advice into the second."""
    together: tuple[Cause, ...] = ()
    """Where none does: causes that do together, of which none can be left out."""


@dataclass(frozen=True)
class Comparison:
    """Two simulated scenarios, the second seen from the first."""

    before: JudgedWorld
    after: JudgedWorld
    told: Callable[[int], None] = field(default=lambda _: None, compare=False)
    """Told how many scenarios in between were simulated, each time one is."""

    @cached_property
    def changes(self) -> tuple[Change, ...]:
        """All inputs that differ."""
        return differences(self.before.case.scenario, self.after.case.scenario)

    @cached_property
    def end(self) -> date:
        """The day after the later of the two horizons: what a date that is not reached counts as."""
        clocks = (self.before.case.clock, self.after.case.clock)
        return max(clock.start + timedelta(days=clock.days) for clock in clocks)

    @cached_property
    def outcomes(self) -> tuple[AdviceOutcome, AdviceOutcome]:
        """What each comes to."""
        return AdviceOutcome.of(self.before), AdviceOutcome.of(self.after)

    @cached_property
    def change(self) -> Floats:
        """Change of each of `FIGURES` from the first to the second, shape (figures,)."""
        before, after = (outcome.figures(self.end) for outcome in self.outcomes)
        return after - before

    @property
    def flips(self) -> bool:
        """Whether the advice changes: what to do, or with which candidate."""
        return self.outcomes[0].advice != self.outcomes[1].advice

    @cached_property
    def attribution(self) -> Attribution:
        """The change shared among its causes.

        Causes of which one makes no valid scenario without the other are joined.
        """
        found: Sequence[Cause] = causes(self.changes)
        between = Between(self.before.case.scenario, self.after.case.scenario, self.outcomes, found, self.told)
        while found:
            try:
                return self._attribute(between, found)
            except UndefinedError as undefined:
                found = between.repair(found, undefined.members)
        return Attribution()

    def _attribute(self, between: Between, found: Sequence[Cause]) -> Attribution:
        def worth(members: int) -> Floats:
            taken = [place for place in range(len(found)) if members >> place & 1]
            outcome = between.outcome(found[place] for place in taken)
            if outcome is None:
                raise UndefinedError(taken)
            return outcome.figures(self.end)

        orders, errors = None, None
        if len(found) <= MOST_EXACT:
            amounts = exact(len(found), worth)
        else:
            orders = max(2, MIXTURES // len(found) // 2 * 2)
            each = in_orders(some_orders(len(found), orders), worth)
            amounts, errors = each.mean(axis=0), standard_errors(each)
        shares = tuple(CauseShare(cause, amounts[place]) for place, cause in enumerate(found))
        return Attribution(shares, orders, errors, *self._flippers(between, found))

    def _flippers(self, between: Between, found: Sequence[Cause]) -> tuple[tuple[Cause, ...], tuple[Cause, ...]]:
        if not self.flips:
            return (), ()
        wanted = self.outcomes[1].advice
        alone = [each for each in found if (one := between.outcome([each])) is not None and one.advice == wanted]
        if alone:
            return tuple(alone), ()
        reached = [taken for taken, one in between.found.items() if one is not None and one.advice == wanted]
        # What was tried before causes were joined may hold parts of them; only whole causes are told.
        whole = [[c for c in found if taken.issuperset(c.paths)] for taken in reached]
        made = [each for each, held in zip(whole, reached, strict=True) if {p for c in each for p in c.paths} == held]
        fewest = min([*made, list(found)], key=len)
        for each in list(fewest):
            fewer = [cause for cause in fewest if cause is not each]
            if (one := between.outcome(fewer)) is not None and one.advice == wanted:
                fewest = fewer
        return (), tuple(fewest)


NAMED = 2
"""Causes that the sentence names for one figure; one more where that is all."""
MOST_NAMED = 3
"""Most causes that the sentence names for a change of advice."""
SMALL = 0.05
"""Causes with less than this part of all that was moved are left to the table."""
DATE_NAMES = {"threat": "the limit", "start_by": "the start-by date", "live": "the live date"}


def explanation(comparison: Comparison, opening: str) -> str:
    """One sentence; `opening` such as "From A to B" stands before it where more than one input makes the difference."""
    shares = comparison.attribution.shares
    if not shares:
        return "No input differs, so nothing comes out differently."
    told = _Told(comparison)
    start = f"With {told.name(shares[0].cause)}" if len(shares) == 1 else opening
    clauses = [*told.of_advice(), *told.of_date(), *told.of_saving()]
    if not clauses:
        return f"{start}, the advice, its dates and its saving stay as they are: {advice(comparison.outcomes[0])}."
    return f"{start}, {'; '.join(clauses)}."


def advice(outcome: AdviceOutcome) -> str:
    """What to do, as something that one does.

    >>> advice(AdviceOutcome("start-by", "own-8b", None, date(2027, 3, 12), None, 0.0))
    'starting own-8b by 12 March 2027'
    """
    match Action(outcome.action):
        case Action.START_BY:
            return f"starting {outcome.subject}{f' by {day(outcome.start_by)}' if outcome.start_by else ''}"
        case Action.START_NOW:
            return f"starting {outcome.subject} now"
        case Action.LATE:
            return f"starting {outcome.subject} now, already late"
        case Action.NO_REMEDY:
            return f"no remedy{f', though {outcome.subject} saves' if outcome.subject else ''}"
        case Action.STAY:
            return "staying on the current route"


def _reach_words(when: date | None, result: JudgedWorld) -> str:
    """When a limit is reached, if it is, and if there is one."""
    if when is not None:
        return f"reached on {day(when)}"
    return "not reached within the horizon" if result.case.scenario.limited else "left out"


@dataclass
class _Told:
    """The clauses of the sentence; a cause is named in full once, then in short."""

    comparison: Comparison
    named: set[Cause] = field(default_factory=set)

    def name(self, cause: Cause) -> str:
        if len(cause.joined) > MOST_NAMED:
            return f"{short_phrase(cause.joined[0])} and {len(cause.joined) - 1} inputs that go with it"
        if cause not in self.named:
            self.named.add(cause)
            return phrase(cause)
        short = [short_phrase(share.cause) for share in self.comparison.attribution.shares]
        return short_phrase(cause) if short.count(short_phrase(cause)) == 1 else phrase(cause)

    def of_advice(self) -> Sequence[str]:
        """What the advice turns into, and what alone would turn it."""
        if not self.comparison.flips:
            return []
        before, after = map(advice, self.comparison.outcomes)
        return [f"the advice changes from {before} to {after}{self._flippers()}"]

    def _flippers(self) -> str:
        found = self.comparison.attribution
        if len(found.shares) == 1:
            return ""
        number = sum(len(cause.joined) or 1 for cause in found.together)
        if not found.alone and number > MOST_NAMED:
            return f" (no input alone does that; it takes {number} together)"
        if not found.alone:
            return f" (it takes {join_names([self.name(cause) for cause in found.together])} together)"
        names = [self.name(cause) for cause in found.alone[:MOST_NAMED]]
        left = len(found.alone) - len(names)
        names += [f"any of {left} more"] if left else []
        return f" ({join_names(names, 'or')} alone {'flips it' if len(names) == 1 else 'would flip it'})"

    def of_date(self) -> Sequence[str]:
        """What becomes of the date that matters most: start-by where both have one, else the limit, else live."""
        before, after = self.comparison.outcomes
        for figure in ("start_by", "threat", "live"):
            one, other = getattr(before, figure), getattr(after, figure)
            if one == other or (figure != "threat" and None in (one, other)):
                continue
            return [self._move_words(figure, one, other)]
        return []

    def _move_words(self, figure: str, one: date | None, other: date | None) -> str:
        name = DATE_NAMES[figure]
        if one is None or other is None:
            results = (self.comparison.before, self.comparison.after)
            reached = [_reach_words(each, result) for each, result in zip((one, other), results, strict=True)]
            return f"{name}, {reached[0]} before, is {reached[1]}{self._mostly(figure, later=other is None)}"
        before, after = self.comparison.outcomes
        if figure != "threat" and before.subject == after.subject:
            name += f" of {before.subject}"
        verb = "is reached on" if figure == "threat" else "moves"
        from_to = f"{day(other)} instead of {day(one)}" if figure == "threat" else f"from {day(one)} to {day(other)}"
        return f"{name} {verb} {from_to} ({_later((other - one).days)}){self._from(figure, _later)}"

    def of_saving(self) -> Sequence[str]:
        """What becomes of the saving."""
        one, other = (outcome.npv_saving_usd for outcome in self.comparison.outcomes)
        told = [usd(each) if each else "nothing" for each in (one, other)]
        if told[0] == told[1]:
            return [f"the saving stays at {told[0]}"] if one != other or self.named else []
        verb = "rises" if other > one else "falls"
        return [f"the saving {verb} from {told[0]} to {told[1]}{self._from('npv_saving_usd', dollars)}"]

    def _from(self, figure: str, amount: Callable[[float], str]) -> str:
        """How much of a change is from which cause, where there are several."""
        shares = self.comparison.attribution.shares
        if len(shares) == 1:
            return ""
        sizes = {share.cause: share.amount(figure) for share in shares}
        moved = sum(map(abs, sizes.values()))
        large = [cause for cause in sizes if abs(sizes[cause]) >= SMALL * moved]
        large = sorted(large, key=lambda cause: -abs(sizes[cause]))
        large = large if len(large) <= NAMED + 1 else large[:NAMED]
        if len(large) == 1 and abs(sizes[large[0]]) > (1 - SMALL) * moved:
            return f", all of it from {self.name(large[0])}"
        parts = [f"{amount(sizes[cause])} from {self.name(cause)}" for cause in large]
        rest = sum(size for cause, size in sizes.items() if cause not in large)
        if abs(rest) >= SMALL * moved:
            parts.append(f"{amount(rest)} from the rest")
        return f": {', '.join(parts)}"

    def _mostly(self, figure: str, *, later: bool) -> str:
        """Which causes moved a date out of the horizon or into it, the largest first; how far is not known."""
        shares = self.comparison.attribution.shares
        sign = 1 if later else -1
        moved = sum(abs(share.amount(figure)) for share in shares)
        large = [share for share in shares if sign * share.amount(figure) >= SMALL * moved]
        large = sorted(large, key=lambda share: -abs(share.amount(figure)))[:NAMED]
        if len(shares) == 1 or not large:
            return ""
        return f", mostly from {', then from '.join(self.name(share.cause) for share in large)}"


def _later(days: float) -> str:
    whole = round(days)
    return f"{weeks(abs(whole))} {'later' if whole >= 0 else 'earlier'}"


def dollars(amount: float) -> str:
    """A change in dollars, signed.

    >>> dollars(1200), dollars(-30.4)
    ('+$1.2k', '-$30')
    """
    return f"{'+' if amount >= 0 else ''}{usd(amount)}"
