"""Each input alone; Sobol indices."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date
from enum import StrEnum
from typing import Protocol, TypeVar

import numpy as np

from switchpoint.catalog import CatalogError
from switchpoint.decision.case import SimulatedWorld
from switchpoint.decision.clauses import plan_named
from switchpoint.decision.result import JudgedWorld
from switchpoint.decision.verdict import Action
from switchpoint.decision.world_batch import simulate_alike
from switchpoint.errors import CannotCompute
from switchpoint.finance import SAME
from switchpoint.horizon import NEVER, Floats, horizon_of
from switchpoint.scenario.candidates import RoutePlan
from switchpoint.scenario.paths import UncertainInput, UncertainInputs
from switchpoint.scenario.schema import Scenario
from switchpoint.study.draws import HALF_A_STEP
from switchpoint.study.drivers import Driver, drivers, name_in_sentence

AT_ONCE = 64
"""Worlds that a mapper is given at a time."""
Item = TypeVar("Item")
Found = TypeVar("Found")


class Mapper(Protocol):
    """Applies a function to many items, in their order: the built-in `map`, or the `map` of a pool of workers."""

    def __call__(self, function: Callable[[Item], Found], items: Iterable[Item], /) -> Iterator[Found]:
        """One result for each item."""


@dataclass
class ToldMapper:
    """A mapper in this process that tells the share done, 0 to 1, before each item; it never falls back."""

    tell: Callable[[float], object]
    done: float = 0.0

    def __call__(self, function: Callable[[Item], Found], items: Iterable[Item], /) -> Iterator[Found]:
        """One result for each item."""
        listed = list(items)
        for place, item in enumerate(listed):
            self.done = max(self.done, place / len(listed))
            self.tell(self.done)
            yield function(item)


class Family(StrEnum):
    """The kinds of advice that differ in what is to be done."""

    STAY = "stay"
    ACT = "act"
    NO_REMEDY = "no-remedy"


@dataclass(frozen=True)
class AdvisedStart:
    """What is advised in one world."""

    action: Action
    candidate: str | None = None
    """What to start, None where nothing is; of a plan the candidate that leads it."""
    plan: str | None = None
    """The plan that is the answer, where one is."""
    start: int = NEVER
    """Its start-by day."""
    span: tuple[int, int] = (NEVER, NEVER)
    """The first and the last start that are as good."""

    def as_good_as(self, other: AdvisedStart) -> bool:
        """Whether the start of one of the two lies among those that are as good in the other."""
        return any(a.span[0] <= b.start <= a.span[1] for a, b in ((self, other), (other, self)))

    @property
    def family(self) -> Family:
        """To stay, to act, or that nothing keeps the limit."""
        kinds = {Action.STAY: Family.STAY, Action.NO_REMEDY: Family.NO_REMEDY}
        return kinds.get(self.action, Family.ACT)

    def is_that_of(self, base: AdvisedStart) -> bool:
        """Whether the same is to be done as in the base case, whenever that is: the plan that is advised there, or else
        the same candidate."""
        same = self.plan == base.plan if base.plan is not None else self.candidate == base.candidate
        return self.family is base.family and same

    @property
    def today(self) -> bool:
        """Whether what is to be done is to be done today."""
        return self.action in (Action.START_NOW, Action.LATE)


@dataclass(frozen=True)
class CandidateOutcome:
    """What one candidate comes to in one world, started by its start-by date there (today where it has none); or what a
    plan comes to, whose steps start as it says."""

    npv_saving_usd: float
    start_by: int
    """Day number, NEVER for none; of a plan that of its first project."""


def advice_of(result: JudgedWorld) -> AdvisedStart:
    """The advice of a simulated scenario. With no remedy nothing is advised, whatever saves all the same."""
    verdict = result.verdict
    acts = verdict.action not in (Action.STAY, Action.NO_REMEDY)
    if not acts or verdict.candidate is None:
        return AdvisedStart(verdict.action)
    start, span = verdict.start_by, verdict.as_good
    ends = (span.first, span.last) if span else (start, start)
    return AdvisedStart(verdict.action, verdict.candidate.name, _plan_of(result), start, ends)


def _plan_of(result: JudgedWorld) -> str | None:
    """The name of the plan that is advised."""
    plan = result.verdict.plan
    return None if plan is None else plan.name


def advices_on(scenarios: Sequence[Scenario], anchor: Scenario | None = None) -> list[AdvisedStart | None]:
    """The advice on scenarios, of which those that differ in numbers alone are simulated at once; None where the
    numbers of one leave all bounds.

    Args:
        scenarios: everything assumed.
        anchor: the scenario at whose tokens capacities are simulated exactly.

    Raises:
        CatalogError: where the catalogue has no price of a day.
    """
    found: list[AdvisedStart | None] = []
    for case in simulate_alike([_started_today(each) for each in scenarios], anchor=anchor):
        if isinstance(case, CatalogError):
            raise case
        found.append(advice_of(JudgedWorld(case)) if isinstance(case, SimulatedWorld) else None)
    return found


@dataclass(frozen=True)
class Judge:
    """Follows one candidate, or a plan, through many worlds. It can be sent to another process."""

    candidate: str
    anchor: Scenario
    """The scenario at whose tokens capacities are simulated exactly."""
    plan: RoutePlan | None = None
    """The plan that is followed in place of the candidate."""

    @classmethod
    def of(cls, result: JudgedWorld) -> Judge | None:
        """Follows what is advised, else the candidate that studies are about; None without any."""
        main, plan = result.main_candidate, result.verdict.plan
        if main is None:
            return None
        return cls(main.name, result.case.scenario, None if plan is None else plan.search.plan)

    @property
    def candidates(self) -> list[str]:
        """Those whose inputs matter: its own, or those of the plan's steps."""
        if self.plan is None:
            return [self.candidate]
        return list(dict.fromkeys(step.candidate for step in self.plan.steps))

    def __call__(self, scenario: Scenario) -> CandidateOutcome:
        """What it comes to in one world; other candidates, which change nothing about it, are left out.

        Raises:
            Problem: where the numbers of the scenario leave all bounds.
        """
        (outcome,) = self.many([scenario])
        return outcome

    def many(self, scenarios: Sequence[Scenario]) -> list[CandidateOutcome]:
        """What it comes to in many worlds; those that differ in numbers alone are simulated at once.

        Raises:
            Problem: where the numbers of any scenario leave all bounds.
        """
        worlds = [_started_today(alone(each, *self.candidates)) for each in scenarios]
        return [self._outcome(case) for case in simulate_alike(worlds, anchor=self.anchor)]

    def _outcome(self, case: SimulatedWorld | CannotCompute | CatalogError) -> CandidateOutcome:
        if not isinstance(case, SimulatedWorld):
            raise case
        if self.plan is not None:
            planned = case.plan_result("plan", self.plan)
            return CandidateOutcome(planned.npv_saving, planned.project_start)
        result = JudgedWorld(case)
        (outlook,) = case.outlooks
        start_by = outlook.starts.start_by.day if result.verdict.candidate is None else result.verdict.start_by
        return CandidateOutcome(outlook.saving(result.advised_start(outlook)), start_by)

    def through(self, mapper: Mapper, scenarios: Iterable[Scenario]) -> list[CandidateOutcome]:
        """The same by a mapper, some worlds at a time."""
        listed = list(scenarios)
        slices = [listed[begin : begin + AT_ONCE] for begin in range(0, len(listed), AT_ONCE)]
        return [outcome for outcomes in mapper(self.many, slices) for outcome in outcomes]


def alone(scenario: Scenario, *candidates: str) -> Scenario:
    """The scenario with these candidates only. They come to the same: candidates know nothing of each other."""
    kept = {name: scenario.candidates[name] for name in candidates}
    return scenario.model_copy(update={"candidates": kept, "plans": {}})


def date_of(scenario: Scenario, day: int) -> date | None:
    """Date of a day number, None beyond the horizon."""
    return horizon_of(scenario.start, scenario.months).date_or_none(day)


def _started_today(scenario: Scenario) -> Scenario:
    """The same under the policy that costs least to simulate: advice and start-by dates do not hang on it."""
    return scenario.model_copy(update={"decision": scenario.decision.model_copy(update={"policy": "now"})})


LOW, HIGH = 0.1, 0.9


@dataclass(frozen=True)
class Bar:
    """One input at its p10 and at its p90 (a certain one 20 % down and up), all others at their base values."""

    driver: Driver
    low: float
    high: float
    at_low: CandidateOutcome
    at_high: CandidateOutcome

    @property
    def has_range(self) -> bool:
        """Whether the scenario states a range for it."""
        return self.driver.belief is not None


@dataclass(frozen=True)
class Tornado:
    """What moves one candidate, or a plan, the widest swing first.

    Args:
        candidate: the advised one; without one, what saves all the same, else the cheapest.
        base: what it comes to in the base case.
        bars: of the inputs that change anything.
        plan: the plan that is advised, which all of this is about then.
    """

    candidate: str
    base: CandidateOutcome
    bars: tuple[Bar, ...]
    plan: str | None = None

    @property
    def subject_name(self) -> str:
        """Whom it is about, in a sentence."""
        return self.candidate if self.plan is None else plan_named(self.plan)

    def swing(self, bar: Bar) -> float:
        """Dollars between the lowest and the highest saving of a bar, the base case included."""
        savings = [each.npv_saving_usd for each in (bar.at_low, self.base, bar.at_high)]
        return max(savings) - min(savings)


def tornado(result: JudgedWorld, mapper: Mapper = map) -> Tornado | None:
    """Move each input of a scenario alone; None without a candidate.

    Args:
        result: the base case.
        mapper: runs the worlds, one simulation each.

    Raises:
        Problem: where an end of a range leaves all bounds.
    """
    judge = Judge.of(result)
    if judge is None or result.main_candidate is None:
        return None
    scenario, name = result.case.scenario, judge.candidate
    moved = drivers(result, judge.candidates)
    ends = [driver.quantiles(LOW, HIGH) for driver in moved]
    worlds = [driver.set(scenario, end) for driver, pair in zip(moved, ends, strict=True) for end in pair]
    base, *outcomes = judge.through(mapper, [scenario, *worlds])
    pairs = zip(outcomes[::2], outcomes[1::2], strict=True)
    bars = [Bar(driver, low, high, *both) for driver, (low, high), both in zip(moved, ends, pairs, strict=True)]
    slack = SAME * result.main_candidate.starts.present_stay
    whole = Tornado(name, base, (), _plan_of(result))
    felt = [bar for bar in bars if whole.swing(bar) > slack or bar.at_low.start_by != bar.at_high.start_by]
    # Equal to the cent is equal: what rounding leaves behind must not decide which stands first.
    return replace(whole, bars=tuple(sorted(felt, key=lambda bar: (-round(whole.swing(bar), 2), bar.driver.key))))


POINTS = (512, 256, 128, 64)
MOST_WORLDS = 1600
"""The most points are drawn that take no more simulations than this, else the fewest."""
RESAMPLES = 500
CONFIDENCE = 0.9


@dataclass(frozen=True)
class Estimate:
    """A share of the variance, with its 90 % bootstrap interval."""

    value: float
    low: float
    high: float


ALL = Estimate(1.0, 1.0, 1.0)


@dataclass(frozen=True)
class SpreadShare:
    """What one input explains of the spread: `alone`, and `in_all` with all that it does together with others."""

    input: UncertainInput
    name: str
    alone: Estimate
    in_all: Estimate


@dataclass(frozen=True)
class Indices:
    """The shares of one result, the largest first.

    Args:
        measure: `npv_saving_usd`, or `start_by_day`; a start that is never due counts as the end of the horizon.
        points: the n of the n·(inputs + 2) simulated worlds.
        deviation: standard deviation of the result over its inputs.
        shares: of the inputs.
    """

    measure: str
    points: int
    deviation: float
    shares: tuple[SpreadShare, ...]


def indices(result: JudgedWorld, mapper: Mapper = map, seed: int = 0) -> tuple[Indices, ...]:
    """The indices of the saving and of the start-by day over the inputs stated with a range.

    Left out are the inputs of candidates that are neither advised nor in the plan that is, a result that never varies,
    and the start-by day where the base case has none. Chance stays at what is expected of it: events, prices and
    evaluations go as in the base case.

    Args:
        result: the base case.
        mapper: runs the worlds, one simulation each.
        seed: of the points.

    Raises:
        Problem: where a drawn value leaves all bounds.
    """
    scenario, lead, judge, plan = result.case.scenario, result.main_candidate, Judge.of(result), result.verdict.plan
    if lead is None or judge is None:
        return ()
    given = UncertainInputs(alone(scenario, *judge.candidates))
    if not given.all:
        return ()
    count = next((n for n in POINTS if n * (len(given.all) + 2) <= MOST_WORLDS), POINTS[-1])
    worlds = map(given.certain, given.values(saltelli(len(given.all), count, seed)))
    outcomes = judge.through(mapper, worlds)
    measured = {"npv_saving_usd": ([each.npv_saving_usd for each in outcomes], SAME * lead.starts.present_stay)}
    if (lead.starts.start_by.day if plan is None else plan.project_start) != NEVER:
        measured["start_by_day"] = [min(each.start_by, result.case.clock.days) for each in outcomes], 0.5
    found = []
    for measure, (column, slack) in measured.items():
        values = np.array(column, dtype=np.float64)
        if np.ptp(values) > slack:
            shares = _shares(given.all, scenario, explained_shares(values.reshape(-1, count), seed))
            found.append(Indices(measure, count, float(values[: 2 * count].std()), shares))
    return tuple(found)


def saltelli(inputs: int, count: int, seed: int) -> Floats:
    """Points between 0 and 1 at which Sobol' indices are estimated: two scrambled Sobol' samples, and mixtures.

    Args:
        inputs: number of inputs.
        count: n, a power of two.
        seed: of the scrambling.

    Returns:
        Shape ((inputs + 2)·n, inputs): n points of the first sample, n of the second, then for each input n of the
        first with that input from the second.
    """
    from scipy.stats.qmc import Sobol

    drawn = Sobol(2 * inputs, bits=30, seed=seed).random(count) + HALF_A_STEP
    first, second = drawn[:, :inputs], drawn[:, inputs:]
    mixed = np.repeat(first[None], inputs, axis=0)
    for place in range(inputs):
        mixed[place, :, place] = second[:, place]
    return np.concatenate([first, second, *mixed])


def explained_shares(values: Floats, seed: int) -> list[tuple[Estimate, Estimate]]:
    """First-order and total Sobol' indices of each input, by `scipy.stats.sobol_indices`.

    Args:
        values: of the result at `saltelli`'s points, shape (inputs + 2, n).
        seed: of the bootstrap, which resamples the n points.
    """
    if len(values) == 3:
        return [(ALL, ALL)]  # scipy takes no single input
    count = values.shape[1]
    stream = np.random.default_rng(seed)
    middle = _orders(values)
    resampled = np.array([_orders(values[:, stream.integers(count, size=count)]) for _ in range(RESAMPLES)])
    ends = np.nanquantile(resampled, [(1 - CONFIDENCE) / 2, (1 + CONFIDENCE) / 2], axis=0)
    return [
        (Estimate(*map(float, (middle[0, i], *ends[:, 0, i]))), Estimate(*map(float, (middle[1, i], *ends[:, 1, i]))))
        for i in range(len(values) - 2)
    ]


def _orders(values: Floats) -> Floats:
    """First-order and total indices, shape (2, inputs)."""
    from scipy.stats import sobol_indices

    first, second, mixed = values[:1].copy(), values[1:2].copy(), values[2:, None].copy()
    found = sobol_indices(func={"f_A": first, "f_B": second, "f_AB": mixed}, n=values.shape[1])
    return np.array([found.first_order.ravel(), found.total_order.ravel()])


def _shares(
    given: tuple[UncertainInput, ...], scenario: Scenario, estimates: list[tuple[Estimate, Estimate]]
) -> tuple[SpreadShare, ...]:
    found = [
        SpreadShare(each, name_in_sentence(each.path, scenario), *both)
        for each, both in zip(given, estimates, strict=True)
    ]
    return tuple(sorted(found, key=lambda share: -share.in_all.value))
