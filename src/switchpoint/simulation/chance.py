"""What is left to chance, and how it is settled: in the base case, and in one drawn world.

The simulation asks a `Chance` whenever the world could go one way or another. The base case answers with `Expected`:
listed events happen from a probability of one half, nothing arrives out of the blue, there is no noise, and an
iteration passes as soon as the odds of having passed by then reach one half. A drawn world answers with `Drawn`, many
at once with `DrawnWorlds`: one stream of random numbers for each source, begun anew for everyone who asks, so that all
candidates and policies meet the same luck.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import IntEnum
from functools import cached_property, lru_cache
from typing import Any, NamedTuple, Protocol

import numpy as np

from switchpoint.horizon import NEVER, YEAR_DAYS, Amount, Bools, Days, Floats, Ints
from switchpoint.scenario.project import Project
from switchpoint.scenario.uncertain import Quantity, amount, num, quantile
from switchpoint.scenario.usage import Wander
from switchpoint.simulation.growth import RentSwings, arrival_days, jump_paths, noise_factors, wander_paths

EVEN = 0.5
SLACK = 1e-12
BLOCK = 128
"""Worlds that share a generator for each source; as many are simulated at once, so that arrays stay in cache."""
SLAB = 8
"""Arrivals of each world that are drawn at a time."""

World = tuple[int, ...]
"""Where an event happens among many worlds: (row,), or () in all of them and in one world alone."""


class Shock(NamedTuple):
    """What a price is multiplied by from a day on."""

    day: int
    factor: Amount
    world: World = ()


class RandomSource(IntEnum):
    """What chance comes from; each has a stream of its own. New ones go to the end, or drawn worlds change."""

    NOISE = 0
    USAGE_EVENTS = 1
    CURRENT_PRICES = 2
    CANDIDATE_PRICES = 3
    TRIAL = 4
    INCIDENTS = 5
    CURRENT_RETIREMENTS = 6
    CANDIDATE_RETIREMENTS = 7
    RENTS = 8
    WANDER = 9
    JUMPS = 10


class Trial(Protocol):
    """The run of evaluations of one project."""

    def passes(self) -> bool:
        """Whether the iteration evaluated now passes."""

    def intervene(self) -> None:
        """Choose what to change after a failed evaluation."""


class Chance(Protocol):
    """Answers to everything that the world leaves open."""

    @property
    def worlds(self) -> int:
        """In how many worlds it goes its own way each; 1 where it goes one way."""

    def of(self, source: RandomSource) -> Chance:
        """The chance of one source, from the beginning of its stream."""

    def happens(self, probability: float) -> Any:
        """Whether a listed event happens; of many worlds, shape (worlds, 1, 1)."""

    def noisy(self, unsteady: bool) -> bool:
        """Whether days differ by chance, where it is stated whether they may."""

    def noise(self, days: int, sigma: float, carryover: float = 0.0) -> Floats | float:
        """Factors on the requests of each day; `sigma` is the standard deviation of their log, `carryover` its
        correlation with the day before."""

    def wander(self, days: int, wander: Wander, *, from_stationary: bool) -> Floats | float:
        """Log factors on the requests of each day from a growth rate that wanders."""

    def jumps(self, days: int, wander: Wander) -> Floats | float:
        """Log factors on the requests of each day from lasting jumps."""

    def shocks(self, per_year: float, factor: Quantity, days: int) -> Sequence[Shock]:
        """Each sudden reprice of one model."""

    def incidents(self, per_year: float, days: int) -> Sequence[Any]:
        """Days since cutover on which incidents begin; of many worlds, those of each."""

    def value(self, belief: Quantity) -> Amount:
        """One value of a belief that is drawn anew each time."""

    def rents(self, days: int, swings: RentSwings) -> Floats | float:
        """Factors on the rent of a GPU of each day."""

    def passing(self, project: Project) -> Days:
        """The iteration of one project that passes its evaluation; NEVER where none does."""


def passing(trial: Trial, project: Project) -> int:
    """The iteration that passes its evaluation in a trial; NEVER where none does."""
    for iteration in range(project.iterations_done + 1, project.max_iterations + 1):
        if trial.passes():
            return iteration
        trial.intervene()
    return NEVER


@dataclass
class ExpectedTrial:
    """Passes at the first iteration with a cumulative pass probability of one half."""

    odds: tuple[float, ...]
    advances: bool
    entry: int = 0
    still_failing: float = 1.0

    def passes(self) -> bool:
        """Multiply in the odds of failing this iteration too."""
        self.still_failing *= 1 - self.odds[min(self.entry, len(self.odds) - 1)]
        return self.still_failing <= EVEN + SLACK

    def intervene(self) -> None:
        """Move to the next odds where interventions are diagnosed."""
        self.entry += self.advances


class Expected:
    """The base case."""

    worlds = 1

    def of(self, source: RandomSource) -> Expected:  # noqa: ARG002
        """Itself: nothing is drawn."""
        return self

    def happens(self, probability: float) -> bool:
        """From one half on."""
        return probability >= EVEN

    def noisy(self, unsteady: bool) -> bool:  # noqa: ARG002
        """Never."""
        return False

    def noise(self, days: int, sigma: float, carryover: float = 0.0) -> Floats | float:  # noqa: ARG002
        """None."""
        return 1.0

    def wander(self, days: int, wander: Wander, *, from_stationary: bool) -> Floats | float:  # noqa: ARG002
        """None."""
        return 0.0

    def jumps(self, days: int, wander: Wander) -> Floats | float:  # noqa: ARG002
        """None."""
        return 0.0

    def shocks(self, per_year: float, factor: Quantity, days: int) -> Sequence[Shock]:  # noqa: ARG002
        """None."""
        return ()

    def incidents(self, per_year: float, days: int) -> Sequence[int]:  # noqa: ARG002
        """None."""
        return ()

    def value(self, belief: Quantity) -> Amount:
        """The base value."""
        return amount(belief)

    def rents(self, days: int, swings: RentSwings) -> Floats | float:  # noqa: ARG002
        """As stated."""
        return 1.0

    def trial(self, project: Project) -> Trial:
        """All interventions are diagnosed, or none is."""
        advances = num(project.diagnosed_share) >= EVEN
        return ExpectedTrial(project.pass_probability, advances, project.iterations_done if advances else 0)

    def passing(self, project: Project) -> int:
        """As the trial goes."""
        return passing(self.trial(project), project)


@dataclass
class DrawnTrial:
    """Passes where a random number falls below the odds; another one says whether an intervention is diagnosed."""

    random: Callable[[], float]
    odds: tuple[float, ...]
    diagnosed_share: float
    entry: int = 0

    def passes(self) -> bool:
        """Draw the evaluation."""
        return bool(self.random() < self.odds[min(self.entry, len(self.odds) - 1)])

    def intervene(self) -> None:
        """Move to the next odds if the intervention is a diagnosed one."""
        self.entry += bool(self.random() < self.diagnosed_share)


class Luck:
    """What drawn worlds have in common: worlds that follow one another share a generator for each source.

    Whatever is asked of a source is drawn for all worlds of a block, so that the luck of a world hangs on its number
    alone, whoever it is simulated with.
    """

    seed: int
    source: RandomSource
    block: int
    """Number of the block; with the seed it settles everything."""
    rows: int | slice
    """Which of its worlds are asked for: one, or several that follow one another."""

    @cached_property
    def stream(self) -> np.random.Generator:
        """The source's random numbers: what `SeedSequence(seed).spawn` gives its block, and that its source."""
        return _stream(self.seed, self.block, self.source)

    def random(self) -> Any:
        """One random number between 0 and 1: of many worlds, shape (worlds, 1, 1)."""
        return self._spread(self.stream.random(BLOCK)[self.rows])

    def happens(self, probability: float) -> Any:
        """With its probability; takes one random number whatever that is."""
        return self.random() < probability

    def noisy(self, unsteady: bool) -> bool:
        """Where they may."""
        return unsteady

    def noise(self, days: int, sigma: float, carryover: float = 0.0) -> Floats | float:
        """Lognormal factors with a mean of 1: exp(sigma·z - sigma²/2)."""
        if not sigma:
            return 1.0
        normals = _normals(self.seed, self.block, self.source, days)[self.rows]
        factors = noise_factors(np.atleast_2d(normals), sigma, carryover)
        return factors[:, None] if isinstance(self.rows, slice) else factors[0]

    def wander(self, days: int, wander: Wander, *, from_stationary: bool) -> Floats | float:
        """The integral of a mean-reverting rate, 0 on day 0."""
        if not wander.sd_per_month:
            return 0.0
        return self._daily(_wander_logs(self.seed, self.block, self.source, days, wander, from_stationary))

    def jumps(self, days: int, wander: Wander) -> Floats | float:
        """Sums of the jumps so far, which arrive as a Poisson process; none on day 0."""
        if not wander.jumps_per_year:
            return 0.0
        return self._daily(_jump_logs(self.seed, self.block, self.source, days, wander))

    def shocks(self, per_year: float, factor: Quantity, days: int) -> Sequence[Shock]:
        """Poisson arrivals, each with a factor drawn from the belief."""
        day, share, worlds = self._arrivals(per_year, days)
        factors = quantile(factor, share).tolist() if day else ()
        return [Shock(*event) for event in zip(day, factors, worlds, strict=True)]

    def value(self, belief: Quantity) -> Any:
        """Drawn from the belief; takes one random number whatever that is."""
        return quantile(belief, np.asarray(self.random()))

    def rents(self, days: int, swings: RentSwings) -> Floats | float:
        """exp(spread·z + X), with one z for the world and X mean-reverting from 0, so that the median is 1."""
        return swings.factors(self._normals(days)) if swings else 1.0

    def _spread(self, values: Any) -> Any:
        """What each world drew, as it meets arrays of days."""
        return values[:, None, None] if isinstance(self.rows, slice) else values

    def _normals(self, days: int) -> Floats:
        """Standard normal numbers of each day."""
        return self._daily(_normals(self.seed, self.block, self.source, days))

    def _daily(self, block: Floats) -> Floats:
        """Its worlds of a block's, shape (BLOCK, days), as they meet arrays of days."""
        daily = block[self.rows]
        return daily[:, None] if isinstance(self.rows, slice) else daily

    def _arrivals(self, per_year: float, days: int) -> tuple[list[int], Floats, list[World]]:
        """Days of a Poisson process, a random number for each, and their worlds; in order of time in each of them."""
        ends = per_year * days / YEAR_DAYS
        if not ends:
            return [], np.empty(0), []
        moments, shares, since = [], [], np.zeros((BLOCK, 1))
        while since.min() < ends:
            moments.append(since + np.cumsum(self.stream.standard_exponential((BLOCK, SLAB)), axis=1))
            shares.append(self.stream.random((BLOCK, SLAB)))
            since = moments[-1][:, -1:]
        moment, share = (np.atleast_2d(np.hstack(parts)[self.rows]) for parts in (moments, shares))
        inside = moment < ends
        found = (moment[inside] * YEAR_DAYS / per_year).astype(np.int64).tolist()
        many = isinstance(self.rows, slice)
        return found, share[inside], [(row,) if many else () for row in np.nonzero(inside)[0].tolist()]


@lru_cache(maxsize=8)
def _normals(seed: int, block: int, source: RandomSource, days: int) -> Floats:
    """Standard normal numbers of a block, shape (BLOCK, days); whoever asks for the same gets the same array."""
    normals: Floats = _stream(seed, block, source).standard_normal((BLOCK, days))
    normals.flags.writeable = False
    return normals


@lru_cache(maxsize=4)
def _wander_logs(
    seed: int, block: int, source: RandomSource, days: int, wander: Wander, from_stationary: bool
) -> Floats:
    """Log factors of all worlds of a block from a rate that wanders, shape (BLOCK, days)."""
    normals = _stream(seed, block, source).standard_normal((BLOCK, days, 2))
    logs = wander_paths(normals, wander.sd_per_month, wander.half_life_months, from_stationary=from_stationary)
    logs.flags.writeable = False
    return logs


@lru_cache(maxsize=4)
def _jump_logs(seed: int, block: int, source: RandomSource, days: int, wander: Wander) -> Floats:
    """Log factors of all worlds of a block from jumps, shape (BLOCK, days)."""
    stream, ends = _stream(seed, block, source), days * wander.jumps_per_year / YEAR_DAYS
    gaps, sizes, since = [], [], np.zeros(BLOCK)
    while since.min() < ends:
        gaps.append(stream.standard_exponential((BLOCK, SLAB)))
        sizes.append(stream.standard_normal((BLOCK, SLAB)))
        since += gaps[-1].sum(axis=1)
    arrivals = arrival_days(np.hstack(gaps), wander.jumps_per_year)
    logs = jump_paths(arrivals, np.hstack(sizes), wander.jump_mean, wander.jump_sd, days)
    logs.flags.writeable = False
    return logs


def _stream(seed: int, block: int, source: RandomSource) -> np.random.Generator:
    return np.random.Generator(np.random.SFC64(np.random.SeedSequence(seed, spawn_key=(block, source))))


@dataclass(frozen=True)
class Drawn(Luck):
    """One drawn world.

    Args:
        seed: of all draws.
        number: of the draw.
        source: whose stream this is.
    """

    seed: int
    number: int
    source: RandomSource = RandomSource.NOISE

    worlds = 1

    @property
    def block(self) -> int:  # type: ignore[override]
        """The block that the draw belongs to."""
        return self.number // BLOCK

    @property
    def rows(self) -> int:  # type: ignore[override]
        """Its place there."""
        return self.number % BLOCK

    def of(self, source: RandomSource) -> Drawn:
        """The chance of one source, from the beginning of its stream."""
        return Drawn(self.seed, self.number, source)

    def incidents(self, per_year: float, days: int) -> Sequence[int]:
        """Poisson arrivals."""
        return self._arrivals(per_year, days)[0]

    def trial(self, project: Project) -> DrawnTrial:
        """Drawn evaluations; of interventions made before day 0 each was diagnosed or not."""
        trial = DrawnTrial(self.random, project.pass_probability, project.diagnosed_share)
        for _ in range(project.iterations_done):
            trial.intervene()
        return trial

    def passing(self, project: Project) -> int:
        """As the trial goes."""
        return passing(self.trial(project), project)


@dataclass(frozen=True)
class DrawnWorlds(Luck):
    """Several drawn worlds of one block, which are simulated at once.

    Args:
        seed: of all draws.
        block: their block.
        rows: their places there.
        source: whose stream this is.
    """

    seed: int
    block: int
    rows: slice
    source: RandomSource = RandomSource.NOISE

    @property
    def worlds(self) -> int:
        """How many there are."""
        return len(range(BLOCK)[self.rows])

    def of(self, source: RandomSource) -> DrawnWorlds:
        """The chance of one source, from the beginning of its stream."""
        return DrawnWorlds(self.seed, self.block, self.rows, source)

    def incidents(self, per_year: float, days: int) -> list[list[int]]:
        """Poisson arrivals of each world."""
        found: list[list[int]] = [[] for _ in range(self.worlds)]
        days_of, _, worlds = self._arrivals(per_year, days)
        for day, (world,) in zip(days_of, worlds, strict=True):
            found[world].append(day)
        return found

    def passing(self, project: Project) -> Ints:
        """As each world's trial would go, shape (worlds, 1)."""
        odds, entry, found = np.array(project.pass_probability), np.zeros(self.worlds, int), np.full(self.worlds, NEVER)
        for _ in range(project.iterations_done):
            entry += self._below(project.diagnosed_share)
        for iteration in range(project.iterations_done + 1, project.max_iterations + 1):
            passes = self._below(odds[np.minimum(entry, odds.size - 1)])
            found = np.where((found == NEVER) & passes, iteration, found)
            if (found < NEVER).all():
                break
            entry += self._below(project.diagnosed_share)
        return found[:, None]

    def _below(self, odds: Floats | float) -> Bools:
        """In which worlds a random number is below the odds."""
        return np.asarray(self.stream.random(BLOCK)[self.rows] < odds)
