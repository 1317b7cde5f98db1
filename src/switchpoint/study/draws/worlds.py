"""The worlds of a scenario: draw after draw of all that is uncertain, each to be had again by its number."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np

from switchpoint.chance import BLOCK, Drawn, DrawnWorlds
from switchpoint.clock import Floats, Problem
from switchpoint.engine import Batch, Case, simulate, simulate_many
from switchpoint.scenario.inputs import Inputs
from switchpoint.scenario.schema import Policy, Scenario
from switchpoint.study.draws.sobol import sobol_points

MOST_DRAWS = 1_000_000
HALF_A_STEP = 2.0**-31
"""Sobol' points are multiples of 2^-30; moved up by half of that they never lie at 0."""
SOBOL_STREAM = 0xD1CE
"""Keeps the scrambling of the points apart from the streams of the draws."""


@dataclass(frozen=True)
class Worlds:
    """All worlds of a scenario under one seed.

    A world is settled by its number: its uncertain inputs are a point of a scrambled Sobol' sequence, and its random
    events are its row of what is drawn for its block.
    """

    scenario: Scenario
    seed: int = 0
    only: str | None = None
    """The one candidate that is looked at; left out, all."""
    policy: Policy | None = None
    """Takes the place of the scenario's policy."""

    @cached_property
    def inputs(self) -> Inputs:
        """The scenario's uncertain numbers."""
        return Inputs(self.scenario)

    def points(self, draws: int) -> Floats:
        """The first points of the sequence, between 0 and 1; shape (draws, inputs). More draws begin with the same."""
        count = len(self.inputs.all)
        if not count:
            return np.empty((draws, 0))
        scrambling = np.random.default_rng([self.seed, SOBOL_STREAM])
        return sobol_points(count, max(draws - 1, 1).bit_length(), scrambling)[:draws] + HALF_A_STEP

    def values(self, draws: int) -> Floats:
        """Values of the uncertain numbers in the first draws, shape (draws, inputs)."""
        return self.inputs.values(self.points(draws))

    def certain(self, values: Floats) -> Scenario:
        """The scenario with plain numbers for its inputs, shape (inputs,)."""
        return self._asked(self.inputs.certain(values))

    def _asked(self, drawn: Scenario) -> Scenario:
        """A drawn scenario with what is looked at of it."""
        changes: dict[str, Any] = {}
        if self.only is not None:
            changes["candidates"] = {self.only: drawn.candidates[self.only]}
        if self.policy is not None:
            changes["decision"] = drawn.decision.model_copy(update={"policy": self.policy})
        return drawn.model_copy(update=changes) if changes else drawn

    def simulate(self, number: int, values: Floats) -> Case:
        """One world, from its number and its row of `values`.

        Raises:
            Problem: where its numbers cannot be computed, with the number of the draw.
        """
        try:
            return simulate(self.certain(values), Drawn(self.seed, number), self.scenario)
        except Problem as problem:
            raise Problem(problem.path, f"{problem.message} (in draw {number} of seed {self.seed})") from None

    def simulate_many(self, first: int, values: Floats) -> Batch:
        """Several worlds of one block at once, from the number of the first and their rows of `values`.

        Raises:
            Problem: as for one of them.
        """
        count, place = len(values), first % BLOCK
        chance = DrawnWorlds(self.seed, first // BLOCK, slice(place, place + count))
        try:
            return simulate_many(self._asked(self.inputs.many(values)), count, chance, self.scenario)
        except Problem:
            for number, row in enumerate(values, first):
                self.simulate(number, row)
            raise

    def batches(self, first: int, values: Floats) -> Iterator[tuple[slice, Batch]]:
        """Worlds that follow one another, block by block: their places among them, and the batch."""
        begin = 0
        while begin < len(values):
            end = min(begin + BLOCK - (first + begin) % BLOCK, len(values))
            yield slice(begin, end), self.simulate_many(first + begin, values[begin:end])
            begin = end

    def one(self, number: int) -> Case:
        """One world by its number alone."""
        return self.simulate(number, self.values(number + 1)[number])
