"""Numbers that stand for texts: the same for the same text, computed for a whole column at once.

By them rows that are there twice are found without keeping what is in them. Each byte at each place is looked up in a
table of random numbers, and these are added up (tabulation hashing: Zobrist 1970; Patrascu and Thorup, "The power of
simple tabulation hashing", Journal of the ACM 59(3), 2012). Two different texts share a number once in 2^64 pairs: in
ten million rows about once in 400,000 files.
"""

from __future__ import annotations

from functools import cache
from typing import TypeAlias

import numpy as np
import numpy.typing as npt
import pyarrow as pa

Hashes: TypeAlias = npt.NDArray[np.uint64]
PLACES = 256
"""Places of the table; those beyond begin again, each round multiplied by another number."""
SEED = 20_261_128


@cache
def _table() -> Hashes:
    return np.random.default_rng(SEED).integers(0, 2**64, PLACES * 256, dtype=np.uint64)


def hash_texts(cells: pa.Array) -> Hashes:
    """A number for each text of a column; 0 for an empty one.

    Args:
        cells: an array of strings without nulls.

    >>> found = hash_texts(pa.array(["a", "b", "a", ""]))
    >>> bool(found[0] == found[2]), bool(found[0] == found[1]), int(found[3])
    (True, False, 0)
    """
    _, offsets, data = cells.buffers()
    wide = np.int64 if pa.types.is_large_string(cells.type) else np.int32
    bounds = np.frombuffer(offsets, wide)[cells.offset : cells.offset + len(cells) + 1].astype(np.int64)
    sums = np.zeros(len(cells), np.uint64)
    if data is None or not len(cells) or bounds[0] == bounds[-1]:
        return sums
    letters = np.frombuffer(data, np.uint8)[bounds[0] : bounds[-1]]
    starts, lengths = bounds[:-1] - bounds[0], np.diff(bounds)
    places = np.arange(len(letters)) - np.repeat(starts, lengths)
    parts = _table()[(places % PLACES) * 256 + letters]
    if lengths.max() > PLACES:
        parts *= (2 * (places // PLACES) + 1).astype(np.uint64)
    filled = lengths > 0
    sums[filled] = np.add.reduceat(parts, starts[filled])
    # Texts of different lengths that end in bytes of value 0 are told apart by their length.
    return np.where(filled, sums ^ (lengths.astype(np.uint64) << np.uint64(1)), np.uint64(0))


def hash_of(text: str) -> np.uint64:
    """The number of one text, made odd, so that multiplying by it loses nothing."""
    return np.uint64(hash_texts(pa.array([text]))[0] | np.uint64(1))
