"""Scrambled Sobol' points, as `scipy.stats.qmc.Sobol` makes them, without the second that importing it takes."""

from __future__ import annotations

from functools import lru_cache
from importlib.resources import files

import numpy as np

from switchpoint.horizon import Floats, Ints

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
