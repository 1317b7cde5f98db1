"""How long many steps in a row take, in whole ticks of the clock, so that sums come out the same in any order."""

from __future__ import annotations

from functools import lru_cache

import numpy as np

from switchpoint.clock import Problem
from switchpoint.serving.moment import TICKS_PER_NS
from switchpoint.serving.steps import Chunk, StepTime

LONGEST_NS = float((1 << 62) // TICKS_PER_NS)
"""What the steps of one table row may sum to, 19 hours."""
FIRST_ROW = 1024


class Pace:
    """Step times in ticks: prefix sums per batch size, so that any number of decode steps costs one subtraction.

    Args:
        step_time: the engine's step times.
        longest: the most tokens that any sequence will hold.
    """

    def __init__(self, step_time: StepTime, longest: int) -> None:
        self.step_time = step_time
        self.longest = longest
        self.rows: dict[int, memoryview] = {}
        self.mixed = lru_cache(maxsize=1 << 15)(self._mixed)

    def row(self, batch: int, mean_kv: int) -> memoryview:
        """Prefix sums over mean KV: row[m + k] - row[m] are the ticks of k steps that start at a mean KV of m.

        The row reaches at least to `mean_kv`.
        """
        row = self.rows.get(batch)
        if row is None or len(row) <= mean_kv:
            row = self.rows[batch] = self._sums(batch, mean_kv)
        return row

    def _sums(self, batch: int, mean_kv: int) -> memoryview:
        length = max(mean_kv, min(self.longest, max(FIRST_ROW, 1 << mean_kv.bit_length())))
        steps = np.asarray(self.step_time.decode_ns(batch, np.arange(length)), dtype=np.float64)
        if not (steps.shape == (length,) and (steps >= 0).all() and steps.sum() < LONGEST_NS):
            raise Problem(
                ("step_time",), f"decode steps of {batch} sequences are not all times that sum to less than 19 hours"
            )
        sums = np.zeros(length + 1, dtype=np.int64)
        np.rint(steps * TICKS_PER_NS).astype(np.int64).cumsum(out=sums[1:])
        return sums.data

    def _mixed(self, batch: int, mean_kv: int, chunks: tuple[Chunk, ...]) -> int:
        """Ticks of a step that works on prompts while `batch` sequences decode; remembered."""
        taken = self.step_time.mixed_ns(batch, mean_kv, chunks)
        if not 0 <= taken < LONGEST_NS:
            raise Problem(("step_time",), f"a step on prompts takes {taken} ns, which is no time below 19 hours")
        return round(taken * TICKS_PER_NS)
