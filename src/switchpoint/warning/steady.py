"""The monitor that is told that growth is steady: one line through all weeks of a bill, and its uncertainty."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from switchpoint.clock import Bools, Floats
from switchpoint.warning.chances import Added, Chances, collect_chances
from switchpoint.warning.lines import fit_lines, line_chance
from switchpoint.warning.weeks import FEWEST_WEEKS


def steady_chances(
    logs: Floats, over: Bools, months: Sequence[float] = (2.0, 3.0), added: Added | None = None
) -> Chances:
    """How likely each bill is to reach its limit if its growth goes on as it did; arguments as those of `chances`."""
    line = fit_lines(logs)
    known = np.isfinite(logs) & (line.count >= FEWEST_WEEKS)
    return collect_chances(lambda ahead: line_chance(line, ahead, added(ahead) if added else 0.0), known, over, months)
