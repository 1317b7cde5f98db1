"""What is left to chance, and how it is settled: in the base case, and in one drawn world.

The simulation asks a `Chance` whenever the world could go one way or another. The base case answers with `Expected`:
listed events happen from a probability of one half, nothing arrives out of the blue, there is no noise, and an
iteration passes as soon as the odds of having passed by then reach one half. A drawn world answers with `Drawn`: one
stream of random numbers for each source, begun anew for everyone who asks, so that all candidates and policies meet
the same luck.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import IntEnum
from functools import cached_property
from typing import Protocol

import numpy as np

from switchpoint.clock import YEAR_DAYS, Floats
from switchpoint.scenario.belief import quantile
from switchpoint.scenario.quantity import Quantity, num
from switchpoint.scenario.schema import Project
from switchpoint.swings import Swings

EVEN = 0.5
SLACK = 1e-12


class Source(IntEnum):
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


class Trial(Protocol):
    """The run of evaluations of one project."""

    def passes(self) -> bool:
        """Whether the iteration evaluated now passes."""

    def intervene(self) -> None:
        """Choose what to change after a failed evaluation."""


class Chance(Protocol):
    """Answers to everything that the world leaves open."""

    def of(self, source: Source) -> Chance:
        """The chance of one source, from the beginning of its stream."""

    def happens(self, probability: float) -> bool:
        """Whether a listed event happens."""

    def noisy(self, sigma: float) -> bool:
        """Whether days differ by chance, where `sigma` is the noise that is stated."""

    def noise(self, days: int, sigma: float) -> Floats | float:
        """Factors on the requests of each day; `sigma` is the standard deviation of their log."""

    def shocks(self, per_year: float, factor: Quantity, days: int) -> Sequence[tuple[int, float]]:
        """Day and factor of each sudden reprice of one model."""

    def incidents(self, per_year: float, days: int) -> Sequence[int]:
        """Days since cutover on which incidents begin."""

    def value(self, belief: Quantity) -> float:
        """One value of a belief that is drawn anew each time."""

    def rents(self, days: int, swings: Swings) -> Floats | float:
        """Factors on the rent of a GPU of each day."""

    def trial(self, project: Project) -> Trial:
        """The evaluations of one project."""


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

    def of(self, source: Source) -> Chance:  # noqa: ARG002
        """Itself: nothing is drawn."""
        return self

    def happens(self, probability: float) -> bool:
        """From one half on."""
        return probability >= EVEN

    def noisy(self, sigma: float) -> bool:  # noqa: ARG002
        """Never."""
        return False

    def noise(self, days: int, sigma: float) -> Floats | float:  # noqa: ARG002
        """None."""
        return 1.0

    def shocks(self, per_year: float, factor: Quantity, days: int) -> Sequence[tuple[int, float]]:  # noqa: ARG002
        """None."""
        return ()

    def incidents(self, per_year: float, days: int) -> Sequence[int]:  # noqa: ARG002
        """None."""
        return ()

    def value(self, belief: Quantity) -> float:
        """The base value."""
        return num(belief)

    def rents(self, days: int, swings: Swings) -> Floats | float:  # noqa: ARG002
        """As stated."""
        return 1.0

    def trial(self, project: Project) -> Trial:
        """All interventions are diagnosed, or none is."""
        advances = num(project.diagnosed_share) >= EVEN
        return ExpectedTrial(project.pass_probability, advances, project.iterations_done if advances else 0)


@dataclass
class DrawnTrial:
    """Passes where a random number falls below the odds; another one says whether an intervention is diagnosed."""

    stream: np.random.Generator
    odds: tuple[float, ...]
    diagnosed_share: float
    entry: int = 0

    def passes(self) -> bool:
        """Draw the evaluation."""
        return bool(self.stream.random() < self.odds[min(self.entry, len(self.odds) - 1)])

    def intervene(self) -> None:
        """Move to the next odds if the intervention is a diagnosed one."""
        self.entry += bool(self.stream.random() < self.diagnosed_share)


@dataclass(frozen=True)
class Drawn:
    """One drawn world.

    Args:
        seed: of all draws.
        number: of the draw; with the seed it settles everything.
        source: whose stream this is.
    """

    seed: int
    number: int
    source: Source = Source.NOISE

    def of(self, source: Source) -> Chance:
        """The chance of one source, from the beginning of its stream."""
        return Drawn(self.seed, self.number, source)

    @cached_property
    def stream(self) -> np.random.Generator:
        """The source's random numbers: what `SeedSequence(seed).spawn` gives its draw, and that its source."""
        return np.random.Generator(
            np.random.SFC64(np.random.SeedSequence(self.seed, spawn_key=(self.number, self.source)))
        )

    def happens(self, probability: float) -> bool:
        """With its probability; takes one random number whatever that is."""
        return bool(self.stream.random() < probability)

    def noisy(self, sigma: float) -> bool:
        """With any noise at all."""
        return sigma > 0

    def noise(self, days: int, sigma: float) -> Floats | float:
        """Lognormal factors with a mean of 1: exp(sigma·z - sigma²/2)."""
        return np.exp(sigma * self.stream.standard_normal(days) - sigma**2 / 2) if sigma else 1.0

    def shocks(self, per_year: float, factor: Quantity, days: int) -> Sequence[tuple[int, float]]:
        """Poisson arrivals, each with a factor drawn from the belief."""
        return [(day, float(quantile(factor, np.array(share)))) for day, share in self._arrivals(per_year, days)]

    def incidents(self, per_year: float, days: int) -> Sequence[int]:
        """Poisson arrivals."""
        return [day for day, _ in self._arrivals(per_year, days)]

    def value(self, belief: Quantity) -> float:
        """Drawn from the belief; takes one random number whatever that is."""
        return float(quantile(belief, np.array(self.stream.random())))

    def rents(self, days: int, swings: Swings) -> Floats | float:
        """exp(spread·z + X), with one z for the world and X mean-reverting from 0, so that the median is 1."""
        return swings.factors(self.stream.standard_normal(days)) if swings else 1.0

    def trial(self, project: Project) -> Trial:
        """Drawn evaluations; of interventions made before day 0 each was diagnosed or not."""
        trial = DrawnTrial(self.stream, project.pass_probability, project.diagnosed_share)
        for _ in range(project.iterations_done):
            trial.intervene()
        return trial

    def _arrivals(self, per_year: float, days: int) -> Iterator[tuple[int, float]]:
        """Days of a Poisson process, from exponential gaps, and a random number for each."""
        moment = self._gap(per_year)
        while moment < days:
            yield int(moment), float(self.stream.random())
            moment += self._gap(per_year)

    def _gap(self, per_year: float) -> float:
        return float(self.stream.standard_exponential()) * YEAR_DAYS / per_year if per_year else math.inf
