"""The worlds of a scenario, draw after draw, by scrambled Sobol' points; what many say of a date or an amount."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, fields, replace
from functools import cached_property, lru_cache
from importlib.resources import files
from math import sqrt
from typing import Any, TypeVar

import numpy as np

from switchpoint.decision.case import SimulatedWorld, simulate
from switchpoint.decision.world_batch import WorldBatch, simulate_many
from switchpoint.errors import CannotCompute
from switchpoint.horizon import NEVER, Bools, Floats, Ints, horizon_of
from switchpoint.scenario.paths import UncertainInputs
from switchpoint.scenario.schema import Policy, Scenario
from switchpoint.simulation.chance import BLOCK, Drawn, DrawnWorlds

# Scrambled Sobol' points, as `scipy.stats.qmc.Sobol` makes them ------------------------------------------------------

BITS = 30
"""Points are multiples of 2^-BITS."""


def sobol_points(dimensions: int, power: int, stream: np.random.Generator) -> Floats:
    """The first 2^power points of a scrambled sequence; shape (2^power, dimensions), from 0 to below 1.

    Linear matrix scrambling and a digital shift (Matousek 1998), in the order of Gray's code.

    Args:
        dimensions: how many numbers a point has.
        power: says how many points.
        stream: its first child scrambles.
    """
    known = directions()
    if dimensions > len(known):
        from scipy.stats import qmc

        points: Floats = qmc.Sobol(dimensions, bits=BITS, seed=stream).random_base2(power)
        return points
    (stream,) = stream.spawn(1)
    weights = 1 << np.arange(BITS, dtype=np.int64)
    shift = stream.integers(2, size=(dimensions, BITS), dtype=np.uint32).astype(np.int64) @ weights
    matrices = np.tril(stream.integers(2, size=(dimensions, BITS, BITS), dtype=np.uint32)).astype(np.int64)
    matrices[:, range(BITS), range(BITS)] = 1
    digits = known[:dimensions, :, None] >> np.arange(BITS - 1, -1, -1) & 1
    scrambled = ((matrices @ digits.transpose(0, 2, 1) & 1) * weights[::-1, None]).sum(axis=1)
    found = shift[None]
    for step in range(power):
        found = np.concatenate((found, found[::-1] ^ scrambled[:, step]))
    return found / float(1 << BITS)


@lru_cache(maxsize=1)
def directions() -> Ints:
    """Direction numbers of Joe and Kuo, each shifted to the left; shape (dimensions, BITS)."""
    lines = files("switchpoint.study").joinpath("data", "sobol.csv").read_text(encoding="utf-8").splitlines()
    rows = [[int(number) for number in line.split(",")] for line in lines if line[:1].isdigit()]
    return np.array([_direction_numbers(row[0], row[1:]) for row in rows])


def _direction_numbers(polynomial: int, first: list[int]) -> list[int]:
    """All direction numbers of one dimension from its primitive polynomial over two elements and its first numbers."""
    degree, numbers = polynomial.bit_length() - 1, list(first)
    while len(numbers) < BITS:
        following = numbers[-degree] if degree else 1
        for back in range(1, degree + 1):
            if polynomial >> (degree - back) & 1:
                following ^= numbers[-back] << back
        numbers.append(following)
    return [number << BITS - 1 - place for place, number in enumerate(numbers[:BITS])]


# The worlds of a scenario, draw after draw, and what many of them say of a date or an amount -------------------------

MOST_DRAWS = 1_000_000
HALF_A_STEP = 2.0**-31
"""Sobol' points are multiples of 2^-30; moved up by half of that they never lie at 0."""
SOBOL_STREAM = 0xD1CE
"""Keeps the scrambling of the points apart from the streams of the draws."""
HELD_BYTES = 320_000_000
"""Most that is held of simulated worlds."""
WORLD_ARRAYS, CANDIDATE_ARRAYS = 16, 8
"""About how many arrays of days a simulated world takes, and each of its candidates."""


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
    _held: dict[int, WorldBatch] | None = field(default=None, init=False, repr=False, compare=False)
    """Batches that are asked for again, by the number of their first world."""
    _drawn: Floats | None = field(default=None, init=False, repr=False, compare=False)
    """The most values that were asked for so far."""

    def __getstate__(self) -> dict[str, Any]:
        """What goes to other processes: never the worlds themselves."""
        return {**self.__dict__, "_held": None, "_drawn": None}

    @contextmanager
    def held(self, draws: int) -> Iterator[None]:
        """Batches that are made meanwhile are held until the end, where all of so many draws fit into `HELD_BYTES`."""
        days = horizon_of(self.scenario.start, self.scenario.months).days
        arrays = WORLD_ARRAYS + CANDIDATE_ARRAYS * len(self.scenario.candidates)
        fit = draws * days * arrays * 8 <= HELD_BYTES
        object.__setattr__(self, "_held", {} if fit else None)
        try:
            yield
        finally:
            object.__setattr__(self, "_held", None)

    def of_candidate(self, name: str) -> Worlds:
        """The same worlds with one candidate alone, but where those with all are held."""
        return self if self._held is not None else replace(self, only=name)

    @cached_property
    def inputs(self) -> UncertainInputs:
        """The scenario's uncertain numbers."""
        return UncertainInputs(self.scenario)

    def points(self, draws: int) -> Floats:
        """The first points of the sequence, between 0 and 1; shape (draws, inputs). More draws begin with the same."""
        count = len(self.inputs.all)
        if not count:
            return np.empty((draws, 0))
        scrambling = np.random.default_rng([self.seed, SOBOL_STREAM])
        return sobol_points(count, max(draws - 1, 1).bit_length(), scrambling)[:draws] + HALF_A_STEP

    def values(self, draws: int) -> Floats:
        """Values of the uncertain numbers in the first draws, shape (draws, inputs)."""
        drawn = self._drawn
        if drawn is None or len(drawn) < draws:
            drawn = self.inputs.values(self.points(draws))
            object.__setattr__(self, "_drawn", drawn)
        return drawn[:draws]

    def certain(self, values: Floats) -> Scenario:
        """The scenario with plain numbers for its inputs, shape (inputs,)."""
        return self._with_questions(self.inputs.certain(values))

    def _with_questions(self, drawn: Scenario) -> Scenario:
        """A drawn scenario with what is looked at of it."""
        changes: dict[str, Any] = {}
        if self.only is not None:
            changes |= {"candidates": {self.only: drawn.candidates[self.only]}, "plans": {}}
        if self.policy is not None:
            changes["decision"] = drawn.decision.model_copy(update={"policy": self.policy})
        return drawn.model_copy(update=changes) if changes else drawn

    def simulate(self, number: int, values: Floats) -> SimulatedWorld:
        """One world, from its number and its row of `values`.

        Raises:
            CannotCompute: where its numbers cannot be computed, with the number of the draw.
        """
        try:
            return simulate(self.certain(values), Drawn(self.seed, number), self.scenario)
        except CannotCompute as problem:
            raise CannotCompute(problem.path, f"{problem.message} (in draw {number} of seed {self.seed})") from None

    def simulate_many(self, first: int, values: Floats) -> WorldBatch:
        """Several worlds of one block at once, from the number of the first and their rows of `values`.

        Raises:
            CannotCompute: as for one of them.
        """
        count, place = len(values), first % BLOCK
        chance = DrawnWorlds(self.seed, first // BLOCK, slice(place, place + count))
        try:
            return simulate_many(self._with_questions(self.inputs.many(values)), count, chance, self.scenario)
        except CannotCompute:
            for number, row in enumerate(values, first):
                self.simulate(number, row)
            raise

    def batches(self, first: int, values: Floats) -> Iterator[tuple[slice, WorldBatch]]:
        """Worlds that follow one another, block by block: their places among them, and the batch."""
        begin = 0
        while begin < len(values):
            end = min(begin + BLOCK - (first + begin) % BLOCK, len(values))
            batch = self.batch(first + begin, values[begin:end])
            yield slice(begin, begin + batch.count), batch
            begin += batch.count

    def batch(self, first: int, values: Floats) -> WorldBatch:
        """The same as `simulate_many`, held where batches are; where fewer worlds from the first on are held, those."""
        held = self._held
        if held is None:
            return self.simulate_many(first, values)
        if first not in held or held[first].count > len(values):
            held[first] = self.simulate_many(first, values)
        return held[first]

    def one(self, number: int) -> SimulatedWorld:
        """One world by its number alone."""
        return self.simulate(number, self.values(number + 1)[number])


Record = TypeVar("Record")


def join_records(parts: Sequence[Record]) -> Record:
    """One record from those of several chunks: arrays end to end, mappings by key, dataclasses by field."""
    if len(parts) == 1:
        return parts[0]
    whole: Record = _join(parts)
    return whole


def _join(parts: Sequence[Any]) -> Any:
    first = parts[0]
    if isinstance(first, np.ndarray):
        return np.concatenate(parts)
    if isinstance(first, Mapping):
        return {key: _join([part[key] for part in parts]) for key in first}
    if isinstance(first, tuple):
        return tuple(map(_join, zip(*parts, strict=True)))
    return type(first)(**{each.name: _join([getattr(part, each.name) for part in parts]) for each in fields(first)})


def gather_records(parts: Iterable[Record], draws: int) -> Record:
    """The same of so many draws that come in chunk by chunk: each is copied into its place and let go, so that all of
    them are never held twice."""
    whole: Any = None
    begin = 0
    for part in parts:
        whole = _room(part, draws) if whole is None else whole
        begin = _put(part, whole, begin)
    found: Record = whole
    return found


def _room(part: Any, draws: int) -> Any:
    """A record like another, with room for so many draws."""
    if isinstance(part, np.ndarray):
        return np.empty((draws, *part.shape[1:]), part.dtype)
    if isinstance(part, Mapping):
        return {key: _room(each, draws) for key, each in part.items()}
    if isinstance(part, tuple):
        return tuple(_room(each, draws) for each in part)
    return type(part)(**{each.name: _room(getattr(part, each.name), draws) for each in fields(part)})


def _put(part: Any, whole: Any, begin: int) -> int:
    """Copy the draws of a record into another from a place on; the place after them."""
    if isinstance(part, np.ndarray):
        whole[begin : begin + len(part)] = part
        return begin + len(part)
    if isinstance(part, Mapping):
        pairs = [(each, whole[key]) for key, each in part.items()]
    elif isinstance(part, tuple):
        pairs = list(zip(part, whole, strict=True))
    else:
        pairs = [(getattr(part, each.name), getattr(whole, each.name)) for each in fields(part)]
    return max((_put(*pair, begin) for pair in pairs), default=begin)


WAITS = (1, 3, 6, 12)
"""Months of waiting whose cost is told."""
MAJORITY = 0.5
"""What holds in this part of the draws is taken to hold."""
SHARES = (0.1, 0.5, 0.9)


@dataclass(frozen=True)
class Days:
    """A date over all draws. A quantile is NEVER where the date is not reached in enough of them."""

    p10: int
    p50: int
    p90: int
    probability: float
    """Share of the draws in which it is reached within the horizon."""
    error: float
    """Standard error of that share."""

    @classmethod
    def of(cls, days: Ints) -> Days:
        """The spread of a day, shape (draws,); NEVER where it is not reached.

        A quantile is the earliest day by which at least so many draws have reached it.
        """
        share, error = probability(days < NEVER)
        p10, p50, p90 = (quantile_day(days, at) for at in SHARES)
        return cls(p10, p50, p90, share, error)


@dataclass(frozen=True)
class Money:
    """An amount of money over all draws, dollars."""

    mean: float
    p10: float
    p50: float
    p90: float
    error: float
    """Standard error of the mean."""

    @classmethod
    def of(cls, usd: Floats) -> Money:
        """The spread of an amount, shape (draws,)."""
        p10, p50, p90 = (float(each) for each in np.quantile(usd, SHARES))
        return cls(float(usd.mean()), p10, p50, p90, error_of_mean(usd))


def quantile_day(days: Ints, share: float) -> int:
    """Earliest day by which at least a share of the draws have reached it; NEVER where fewer do.

    >>> quantile_day(np.array([5, 3, NEVER, 9]), 0.5), quantile_day(np.array([5, 3, NEVER, 9]), 0.9) == NEVER
    (5, True)
    """
    place = max(int(np.ceil(share * len(days) - 1e-9)) - 1, 0)
    return int(np.partition(days, place)[place])


def latest_kept(days: Ints, share: float) -> int:
    """Latest day that is at or before the deadlines of at least a share of the draws.

    >>> latest_kept(np.array([10, 20, 30, 40, NEVER]), 0.8)
    20
    """
    place = min(int(np.floor((1 - share) * len(days) + 1e-9)), len(days) - 1)
    return int(np.partition(days, place)[place])


def probability(happens: Bools) -> tuple[float, float]:
    """Share of draws in which something happens, and its standard error sqrt(p·(1 - p)/n)."""
    share = float(happens.mean())
    return share, sqrt(share * (1 - share) / len(happens))


def error_of_mean(values: Floats) -> float:
    """Standard error of a mean: s/sqrt(n), as if draws were independent; of Sobol' draws it is at most about that."""
    return float(values.std(ddof=1) / sqrt(len(values))) if len(values) > 1 else 0.0
