"""What is left to chance, and how the base case settles it.

The simulation asks a `Chance` whenever the world could go one way or another. The base case answers with `Expected`:
listed events happen from a probability of one half, nothing arrives out of the blue, there is no noise, and an
iteration passes as soon as the odds of having passed by then reach one half.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from switchpoint.clock import Floats
from switchpoint.scenario.quantity import Quantity, num
from switchpoint.scenario.schema import Project

EVEN = 0.5
SLACK = 1e-12


class Trial(Protocol):
    """The run of evaluations of one project."""

    def passes(self) -> bool:
        """Whether the iteration evaluated now passes."""

    def intervene(self) -> None:
        """Choose what to change after a failed evaluation."""


class Chance(Protocol):
    """Answers to everything that the world leaves open."""

    def happens(self, probability: float) -> bool:
        """Whether a listed event happens."""

    def noise(self, days: int, sigma: float) -> Floats | float:
        """Factors on the requests of each day; `sigma` is the standard deviation of their log."""

    def shocks(self, per_year: float, factor: Quantity, days: int) -> Sequence[tuple[int, float]]:
        """Day and factor of each sudden reprice of one model."""

    def incidents(self, per_year: float, days: int) -> Sequence[int]:
        """Days since cutover on which incidents begin."""

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

    def happens(self, probability: float) -> bool:
        """From one half on."""
        return probability >= EVEN

    def noise(self, days: int, sigma: float) -> Floats | float:  # noqa: ARG002
        """None."""
        return 1.0

    def shocks(self, per_year: float, factor: Quantity, days: int) -> Sequence[tuple[int, float]]:  # noqa: ARG002
        """None."""
        return ()

    def incidents(self, per_year: float, days: int) -> Sequence[int]:  # noqa: ARG002
        """None."""
        return ()

    def trial(self, project: Project) -> Trial:
        """All interventions are diagnosed, or none is."""
        advances = num(project.diagnosed_share) >= EVEN
        return ExpectedTrial(project.pass_probability, advances, project.iterations_done if advances else 0)
