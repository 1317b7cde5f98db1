"""Sobol' indices: how much of the spread of a result each uncertain input explains, alone and together with others."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from switchpoint.clock import NEVER, Floats
from switchpoint.finance import SAME
from switchpoint.result import Result
from switchpoint.scenario.inputs import Input, Inputs
from switchpoint.scenario.schema import Scenario
from switchpoint.study.draws.worlds import HALF_A_STEP
from switchpoint.study.why.outcome import Judge, Mapper, alone
from switchpoint.study.why.wording import called

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
class Share:
    """What one input explains of the spread: `alone`, and `in_all` with all that it does together with others."""

    input: Input
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
    shares: tuple[Share, ...]


def indices(result: Result, mapper: Mapper = map, seed: int = 0) -> tuple[Indices, ...]:
    """The indices of the saving and of the start-by day over the inputs stated with a range.

    Left out are the inputs of other candidates, a result that never varies, and the start-by day where the base case
    has none. Chance stays at what is expected of it: events, prices and evaluations go as in the base case.

    Args:
        result: the base case.
        mapper: runs the worlds, one simulation each.
        seed: of the points.

    Raises:
        Problem: where a drawn value leaves all bounds.
    """
    scenario, lead = result.case.scenario, result.lead
    if lead is None:
        return ()
    given = Inputs(alone(scenario, lead.name))
    if not given.all:
        return ()
    count = next((n for n in POINTS if n * (len(given.all) + 2) <= MOST_WORLDS), POINTS[-1])
    worlds = map(given.certain, given.values(saltelli(len(given.all), count, seed)))
    outcomes = Judge(lead.name, scenario).through(mapper, worlds)
    measured = {"npv_saving_usd": ([each.npv_saving_usd for each in outcomes], SAME * lead.starts.present_stay)}
    if lead.starts.start_by.day != NEVER:
        measured["start_by_day"] = [min(each.start_by, result.case.clock.days) for each in outcomes], 0.5
    found = []
    for measure, (column, slack) in measured.items():
        values = np.array(column, dtype=np.float64)
        if np.ptp(values) > slack:
            shares = _shares(given.all, scenario, explained(values.reshape(-1, count), seed))
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


def explained(values: Floats, seed: int) -> list[tuple[Estimate, Estimate]]:
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
    given: tuple[Input, ...], scenario: Scenario, estimates: list[tuple[Estimate, Estimate]]
) -> tuple[Share, ...]:
    found = [Share(each, called(each.path, scenario), *both) for each, both in zip(given, estimates, strict=True)]
    return tuple(sorted(found, key=lambda share: -share.in_all.value))
