"""Days of usage: which are whole, which are missing, and what is said of them."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, timedelta
from itertools import pairwise

import numpy as np
import pandas as pd

from switchpoint.text import day, percent

SURE = 0.01
"""A first or last day is partial where hours without a row are as unlikely as this in a whole one."""
FEWEST_DAYS = 3
PART = 0.5
"""A first or last day under this part of the lowest of its weekday in the weeks beside it is not whole."""
WEEKS_BESIDE = 4
DAY = timedelta(days=1)
RESTS = ("input_tokens", "output_tokens", "requests", "cost_usd")


def partial_days(table: pd.DataFrame, written: Iterable[date], finer: bool) -> dict[date, str]:
    """First and last days that are not whole, with the reason.

    Args:
        table: rows by bucket: `when` and measures.
        written: days on which the files were written.
        finer: whether rows have hours.
    """
    days = table["when"].dt.floor("D")
    present = sorted(set(days.dt.date))
    if len(present) < FEWEST_DAYS:
        return {}
    found: dict[date, str] = {}
    if present[-1] in set(written):
        found[present[-1]] = "the file was written on that day, before it was over"
    if finer:
        found.update(_cut_short(table["when"], present))
    sums = _sums(table, days)
    for edge in (present[0], present[-1]):
        if edge not in found and (part := _part_of_usual(sums, edge)) is not None:
            found[edge] = f"it has {percent(part)} of the lowest such weekday in the weeks beside it"
    return found if len(found) < len(present) else {}


def _sums(table: pd.DataFrame, days: pd.Series) -> pd.Series:
    measure = next((name for name in RESTS if name in table), None)
    values = table[measure].fillna(0.0) if measure else pd.Series(1.0, index=table.index)
    found = values.groupby(days.dt.date).sum()
    return found[found > 0]


def _cut_short(when: pd.Series, present: list[date]) -> dict[date, str]:
    """Edges without rows in hours in which whole days nearly always have some."""
    hours = pd.DataFrame({"day": when.dt.date, "hour": when.dt.hour}).drop_duplicates()
    inner = hours[(hours["day"] != present[0]) & (hours["day"] != present[-1])]
    number = inner["day"].nunique()
    counts = inner.groupby("hour").size().reindex(range(24), fill_value=0).to_numpy()
    silent = np.where(counts > 0, 1 - (counts + 0.5) / (number + 1), 1.0)
    first = int(hours.loc[hours["day"] == present[0], "hour"].min())
    last = int(hours.loc[hours["day"] == present[-1], "hour"].max())
    found = {}
    if silent[:first].prod() < SURE:
        found[present[0]] = f"it begins at {first:02d}:00"
    if silent[last + 1 :].prod() < SURE:
        found[present[-1]] = f"it ends at {last + 1:02d}:00"
    return found


def _part_of_usual(sums: pd.Series, edge: date) -> float | None:
    """An edge as a part of the lowest of its weekday beside it, where it is far below it."""
    beside = [edge + sign * 7 * week * DAY for week in range(1, WEEKS_BESIDE + 1) for sign in (-1, 1)]
    usual = [float(sums[each]) for each in beside if each in sums.index]
    if edge not in sums.index or len(usual) < WEEKS_BESIDE - 1:
        return None
    part = float(sums[edge]) / min(usual)
    return part if part < PART else None


def gaps_between(present: Iterable[date]) -> list[date]:
    """Days between the first and the last that are not there.

    >>> gaps_between([date(2026, 3, 1), date(2026, 3, 4)])
    [datetime.date(2026, 3, 2), datetime.date(2026, 3, 3)]
    """
    days = sorted(set(present))
    return [a + i * DAY for a, b in pairwise(days) for i in range(1, (b - a).days)]


def gap_words(gaps: list[date]) -> str:
    """Missing days in words.

    >>> gap_words([date(2026, 3, 2), date(2026, 3, 3)])
    '2 days are missing, 2 March 2026 first'
    """
    if len(gaps) == 1:
        return f"one day is missing, {day(gaps[0])}"
    return f"{len(gaps):,} days are missing, {day(gaps[0])} first"


def are_months(present: Iterable[date]) -> bool:
    """Whether days are the firsts of months in a row, so that each stands for its month.

    >>> are_months([date(2026, 1, 1), date(2026, 2, 1), date(2026, 3, 1)]), are_months([date(2026, 1, 1)])
    (True, False)
    """
    days = sorted(set(present))
    return len(days) > 1 and all(each.day == 1 for each in days) and all((b - a).days <= 31 for a, b in pairwise(days))


def spread_months(table: pd.DataFrame) -> pd.DataFrame:
    """Rows of months as rows of their days, each with its even part."""
    length = table["when"].dt.days_in_month
    spread = table.loc[table.index.repeat(length)].reset_index(drop=True)
    start = spread["when"]
    place = spread.groupby([start, "model"]).cumcount()
    parts = spread["when"].dt.days_in_month
    spread["when"] = start + pd.to_timedelta(place, unit="D")
    for name in spread.columns.difference(["when", "model"]):
        spread[name] = spread[name] / parts
    return spread
