"""Each input alone; Sobol indices."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date

import numpy as np

from switchpoint.decision.clauses import plan_named
from switchpoint.decision.result import JudgedWorld
from switchpoint.finance import SAME
from switchpoint.horizon import NEVER, Floats, horizon_of
from switchpoint.scenario.input_names import name_in_sentence
from switchpoint.scenario.paths import UncertainInput, UncertainInputs
from switchpoint.scenario.schema import Scenario
from switchpoint.study.advice import CandidateOutcome, Judge, Mapper, advised_plan_name, alone
from switchpoint.study.draws import HALF_A_STEP
from switchpoint.study.drivers import Driver, drivers


def date_of(scenario: Scenario, day: int) -> date | None:
    """Date of a day number, None beyond the horizon."""
    return horizon_of(scenario.start, scenario.months).date_or_none(day)


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
        CannotCompute: where an end of a range leaves all bounds.
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
    whole = Tornado(name, base, (), advised_plan_name(result))
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
        CannotCompute: where a drawn value leaves all bounds.
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
