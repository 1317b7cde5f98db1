"""A baseline behind the chart of the bill, grey; the bill on a candidate's path, and its days over the limit."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from switchpoint.charts.bill import limited_bill
from switchpoint.charts.takeaways import lead, short, within
from switchpoint.charts.time_axis import DOTTED, Line
from switchpoint.charts.vega import Look
from switchpoint.decision.candidate_result import CandidateResult
from switchpoint.decision.result import JudgedWorld
from switchpoint.finance import per_month, trailing_mean
from switchpoint.horizon import Floats, Horizon

SAME = 1e-9
"""Lines that differ by less, as part of the larger, are one."""


def bill_on_path(outlook: CandidateResult) -> Floats:
    """Monthly bill of a candidate's path, as the chart of the bill draws it, dollars a month; shape (days,)."""
    bill: Floats = per_month(trailing_mean(limited_bill(outlook)))
    return bill


def over_limit_days(result: JudgedWorld, outlook: CandidateResult) -> int:
    """Days on which the bill of a candidate's path lies over the limit."""
    limit = per_month(result.case.limits.trailing)
    return int((bill_on_path(outlook) > limit).sum())


def ghost_lines(before: JudgedWorld, now: JudgedWorld, look: Look) -> Iterator[Line]:
    """Staying and the leading path of a baseline on the days of another result, grey, without what did not move.

    Args:
        before: the baseline, as it is shown.
        now: what is drawn in colour.
        look: colours.
    """
    found: list[tuple[str, Floats, Floats | None]] = [("Before: staying", before.case.bill, now.case.bill)]
    best, leading = lead(before), lead(now)
    if best is not None and within(before, best.project_start):
        drawn = bill_on_path(leading) if leading is not None and leading.name == best.name else None
        found.append((f"Before: {short(best.name)}", bill_on_path(best), drawn))
    for name, values, drawn in found:
        moved = align_days(values, before.case.clock, now.case.clock)
        if drawn is None or not _is_same(moved, drawn):
            yield Line(name, moved, look.muted, dash=DOTTED)


def align_days(values: Floats, theirs: Horizon, ours: Horizon) -> Floats:
    """Daily values of one horizon on the days of another, NaN on days that it does not have; shape (days of ours,)."""
    offset = (ours.date_of(0) - theirs.date_of(0)).days
    days = np.arange(ours.days) + offset
    inside = (days >= 0) & (days < theirs.days)
    result = np.full(ours.days, np.nan)
    result[inside] = values[days[inside]]
    return result


def _is_same(one: Floats, other: Floats) -> bool:
    return bool(np.allclose(one, other, rtol=SAME, atol=SAME, equal_nan=False))
