"""Usage added up by hour and model, tables of one provider put together, and which days are whole."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import date, timedelta
from itertools import pairwise

import numpy as np
import pandas as pd

from switchpoint.owndata.cells import Mask
from switchpoint.owndata.privacy import is_plain_name
from switchpoint.owndata.usage_format import MEASURES, Rows
from switchpoint.scenario.usage_files import WEEKDAYS
from switchpoint.text import day, join_names, percent

# Usage added up while it streams by ----------------------------------------------------------------------------------

HOUR = 3_600
QUARTER = 900
"""Seconds of a bucket where a zone is off by part of an hour."""
FULL = 500_000
"""Sums that are kept apart before they are put together."""
UNNAMED = "rows without a name that can be said"
MOST_MODELS = 5_000


class TooManyModels(ValueError):  # noqa: N818 - says what is wrong with the file
    """The column of the model holds something else."""


class UsageSums:
    """Sums of rows by bucket of time and model.

    Attributes:
        rows: that went in, bad ones and those left out not counted.
        finer: whether any row begins at another time than midnight, UTC.
        left_out: rows that are no usage by what they are, with their number and dollars.
        said: figures that are told beside the table.
    """

    def __init__(self, bucket_s: int = HOUR) -> None:
        self._bucket = bucket_s
        self._models: dict[str, int] = {}
        self._parts: list[pd.DataFrame] = []
        self._held = 0
        self.rows = 0
        self.finer = False
        self.has_model = False
        self.left_out: dict[str, tuple[int, float]] = {}
        self.said: dict[str, float] = defaultdict(float)

    def add(self, rows: Rows, take: Mask) -> None:
        """Add those rows that are to be taken and are usage.

        Raises:
            TooManyModels: more models than any provider has.
        """
        self.rows += int(take.sum())
        self._note(rows, take)
        take = take & rows.kept_rows()
        if not take.any():
            return
        when = rows.when[take]
        self.finer = self.finer or bool((when % 86_400).any())
        frame = pd.DataFrame({"bucket": when // self._bucket, "model": self._codes(rows)[take]})
        for name in MEASURES:
            if name in rows.measures:
                frame[name] = rows.measures[name][take]
        self._parts.append(_sum(frame))
        self._held += len(self._parts[-1])
        if self._held > FULL:
            self._parts = [_sum(pd.concat(self._parts))]
            self._held = len(self._parts[0]) // 2

    def table(self) -> pd.DataFrame:
        """One row per bucket and model: when (datetime64, UTC), model and the measures that the files have."""
        if not self._parts:
            return pd.DataFrame({"when": pd.Series(dtype="datetime64[s]"), "model": pd.Series(dtype=str)})
        found = _sum(pd.concat(self._parts))
        names = np.array(list(self._models), dtype=object)
        seconds = (found.pop("bucket") * self._bucket).to_numpy()
        found["model"] = names[found["model"].to_numpy()]
        found.insert(0, "when", seconds.astype("datetime64[s]"))
        return found

    def _codes(self, rows: Rows) -> np.ndarray[tuple[int], np.dtype[np.int64]]:
        if rows.model is None:
            return np.full(len(rows.when), self._code(""))
        self.has_model = True
        return np.array([self._code(name) for name in rows.model.values], dtype=np.int64)[rows.model.codes]

    def _code(self, name: str) -> int:
        if len(self._models) > MOST_MODELS:
            raise TooManyModels
        return self._models.setdefault(name, len(self._models))

    def _note(self, rows: Rows, take: Mask) -> None:
        for name, values in rows.said.items():
            self.said[name] += float(values[take].sum())
        for which, names, dollars in rows.left_out:
            which = which & take
            for code in np.unique(names.codes[which]):
                those = which & (names.codes == code)
                label = names.values[code] if is_plain_name(names.values[code]) else UNNAMED
                number, paid = self.left_out.get(label, (0, 0.0))
                self.left_out[label] = (number + int(those.sum()), paid + float(np.nansum(dollars[those])))


def _sum(frame: pd.DataFrame) -> pd.DataFrame:
    """Sums by bucket and model; NaN only where no row says."""
    return frame.groupby(["bucket", "model"], sort=True).sum(min_count=1).reset_index()


# Several tables of one provider put together -------------------------------------------------------------------------

_DATED = re.compile(r"-(?:\d{8}|\d{4}-\d{2}-\d{2})$")
KEYS = ["date", "model"]


def bare_model(name: str) -> str:
    """A model's name as exports of one provider share it: without the date of its version, in small letters.

    >>> bare_model("Claude Opus 4.6"), bare_model("claude-sonnet-4-20250514"), bare_model("gpt-5-mini-2025-08-07")
    ('claude-opus-4-6', 'claude-sonnet-4', 'gpt-5-mini')
    """
    slug = re.sub(r"[\s.]+", "-", name.strip().casefold())
    return _DATED.sub("", slug)


def by_day(table: pd.DataFrame) -> pd.DataFrame:
    """Sums per day and model of a table by bucket."""
    found = table.drop(columns="when").assign(date=table["when"].dt.floor("D").astype("datetime64[s]"))
    return found.groupby(KEYS, sort=True).sum(min_count=1).reset_index()


def join_cost(usage: pd.DataFrame, cost: pd.DataFrame) -> tuple[pd.DataFrame, list[str]]:
    """Tokens and dollars of one provider in one table, by day and model.

    A day that one of them does not cover has no value of it; inside its days what has no row is 0.

    Returns:
        The table, and what is worth saying of it.
    """
    cost = cost.assign(model=_named_alike(usage["model"], cost["model"]))
    cost = cost.groupby(KEYS).sum(min_count=1).reset_index()
    joined = usage.merge(cost, on=KEYS, how="outer")
    said = []
    for part, words, others in ((usage, "tokens", cost), (cost, "dollars", usage)):
        inside = joined["date"].between(part["date"].min(), part["date"].max())
        for name in part.columns.difference(KEYS):
            joined.loc[inside, name] = joined.loc[inside, name].fillna(0.0)
        alone = sorted(set(others["date"][~others["date"].between(part["date"].min(), part["date"].max())].dt.date))
        if alone:
            said.append(f"{len(alone)} day{'s have' if len(alone) > 1 else ' has'} no {words}, {day(alone[0])} first")
    priced = joined[joined["cost_usd"].fillna(0.0) > 0]
    lone = sorted(
        set(priced.loc[priced.drop(columns=[*KEYS, "cost_usd"]).fillna(0.0).sum(axis=1) == 0, "model"]) - {""}
    )
    if lone and set(lone) - set(usage["model"]):
        said.append(f"dollars of {join_names(lone)} stand beside no tokens of a model of that name")
    return joined, said


def _named_alike(wanted: pd.Series, models: pd.Series) -> pd.Series:
    """Models by the names that the other file has for them, where exactly one of those is meant."""
    known: dict[str, set[str]] = {}
    for name in wanted.unique():
        known.setdefault(bare_model(name), set()).add(name)
    names = {each: known.get(bare_model(each), set()) for each in models.unique()}
    return models.map({each: next(iter(found)) if len(found) == 1 else each for each, found in names.items()})


def requests_from_days(usage: pd.DataFrame, requests: pd.DataFrame) -> pd.DataFrame:
    """A table with the requests of another: by day, and over models in proportion to what each is asked for."""
    if set(requests["model"]) & set(usage["model"]) - {""}:
        return usage.merge(requests[[*KEYS, "requests"]], on=KEYS, how="left")
    by_date = requests.groupby("date")["requests"].sum()
    return spread_requests(usage, usage["date"].map(by_date).to_numpy(dtype=float))


def spread_requests(usage: pd.DataFrame, of_the_day: np.ndarray[tuple[int], np.dtype[np.float64]]) -> pd.DataFrame:
    """A table with requests of each day spread over its models in proportion to their tokens, or else dollars."""
    measure = next((name for name in ("input_tokens", "output_tokens", "cost_usd") if name in usage), None)
    weight = usage[measure].fillna(0.0) if measure else pd.Series(1.0, index=usage.index)
    total = weight.groupby(usage["date"]).transform("sum")
    even = 1.0 / usage.groupby("date")["date"].transform("size")
    share = (weight / total.where(total > 0)).fillna(even)
    return usage.assign(requests=of_the_day * share.to_numpy())


def requests_from_tokens(usage: pd.DataFrame, tokens: tuple[float, float]) -> pd.DataFrame:
    """A table with requests counted from tokens: those that go in over those of one request, or else those out.

    Args:
        usage: with tokens.
        tokens: that go into and come out of one request.
    """
    asked, written = tokens
    name, each = ("input_tokens", asked) if "input_tokens" in usage and asked > 0 else ("output_tokens", written)
    return usage.assign(requests=usage[name] / each)


def in_order(table: pd.DataFrame, models: Sequence[str]) -> pd.DataFrame:
    """A usage table with its columns in the order of the contract and its rows by day, then by model.

    Args:
        table: with date, model and measures; a measure of which nothing is known is left out.
        models: names of models; without any the table has no such column.
    """
    names = [name for name in MEASURES if name in table and table[name].notna().any()]
    keys = KEYS if models else ["date"]
    return table.sort_values(KEYS).reset_index(drop=True)[[*keys, *names]]


# Days of usage -------------------------------------------------------------------------------------------------------

SURE = 0.01
"""A first or last day is partial where hours without a row are as unlikely as this in a whole one."""
FEWEST_DAYS = 3
PART = 0.5
"""A first or last day under this part of the lowest of its weekday in the weeks beside it is not whole."""
WEEKS_BESIDE = 4
DAY = timedelta(days=1)
LONGEST_HOLE = 14
"""Missing days running from which on a hole is told with its days."""
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


def idle_weekdays(present: Iterable[date]) -> list[int]:
    """Days of the week without a single row in four weeks or more: a product that rests then; 0 is Monday.

    Exports have no row where nothing was used, so that such days are no holes. Days too few to tell tell none: the
    others have to be there in at least half of the weeks.

    >>> idle_weekdays(date(2026, 3, 2) + i * DAY for i in range(40) if i % 7 < 5), idle_weekdays([date(2026, 3, 2)])
    ([5, 6], [])
    """
    days = set(present)
    span, used = (max(days) - min(days)).days + 1, {each.weekday() for each in days}
    if span < 7 * WEEKS_BESIDE or len(days) < span * len(used) / 14:
        return []
    return sorted({*range(7)} - used)


def is_used_now_and_then(present: Iterable[date], format_name: str) -> bool:
    """Whether a product is used on days far apart: most days with a row have none on the day after.

    An export has no row where nothing was used, so that its missing days are no holes then. A plain CSV is made by
    hand: its days may be missing for any reason.

    >>> is_used_now_and_then([date(2026, 8, 15), date(2026, 8, 17), date(2026, 9, 9)], "anthropic-console-cost")
    True
    >>> is_used_now_and_then([date(2026, 8, 15), date(2026, 8, 16), date(2026, 9, 9)], "anthropic-console-cost")
    False
    """
    days = sorted(set(present))
    alone = sum(b - a > DAY for a, b in pairwise(days))
    return format_name != "plain" and 2 * alone > len(days) - 1


def missing_words(gaps: list[date], idle: list[int], now_and_then: bool = False) -> list[str]:
    """What days without a row are counted as.

    Args:
        gaps: days without a row.
        idle: weekdays that never have one.
        now_and_then: whether the product is used on days far apart.

    >>> missing_words([date(2026, 3, 7), date(2026, 3, 8)], [5, 6])
    ['Saturdays and Sundays never have a row: taken as days without use']
    >>> missing_words([date(2026, 3, 7) + i * DAY for i in range(20)], [])
    ['20 days from 7 March 2026 on have no row: they are taken to be like the days around them']
    """
    if not gaps:
        return []
    if now_and_then:
        return ["most days with a row stand alone: days without one are taken as days without use"]
    said = []
    if idle:
        said.append(f"{join_names([WEEKDAYS[each] for each in idle])} never have a row: taken as days without use")
    holes = runs_of(each for each in gaps if each.weekday() not in idle)
    long = [hole for hole in holes if len(hole) >= LONGEST_HOLE]
    if len(long) < len(holes):
        other = "other missing days" if idle else "missing days"
        said.append(f"{other} are taken to be like the days around them; a day without use needs a row with 0")
    return [*said, *(_hole_words(hole, "row") for hole in long)]


def _hole_words(hole: list[date], lacks: str) -> str:
    return f"{len(hole)} days from {day(hole[0])} on have no {lacks}: they are taken to be like the days around them"


def filled_words(days: list[date], lacks: str = "row") -> list[str]:
    """What days that nothing is known of are counted as: long holes one by one, the other days together.

    >>> filled_words([date(2026, 3, 7), date(2026, 3, 9)], "bill")
    ['2 days have no bill, 7 March 2026 first: taken to be like the days around them']
    """
    long = [hole for hole in runs_of(days) if len(hole) >= LONGEST_HOLE]
    others = sorted(set(days).difference(*long))
    said = [_hole_words(hole, lacks) for hole in long]
    if others:
        have = "one day has" if len(others) == 1 else f"{len(others):,} days have"
        around = "it" if len(others) == 1 else "them"
        said.append(f"{have} no {lacks}, {day(others[0])} first: taken to be like the days around {around}")
    return said


def future_words(last: date, today: date) -> list[str]:
    """What is said of days that lie ahead; a day is left for clocks elsewhere.

    >>> future_words(date(2026, 3, 9), date(2026, 3, 7))
    ['days up to 9 March 2026 lie ahead of today, 7 March 2026: are the dates right?']
    >>> future_words(date(2026, 3, 8), date(2026, 3, 7))
    []
    """
    if last <= today + DAY:
        return []
    return [f"days up to {day(last)} lie ahead of today, {day(today)}: are the dates right?"]


def runs_of(days: Iterable[date]) -> list[list[date]]:
    """Days that follow each other, together."""
    runs: list[list[date]] = []
    for each in sorted(days):
        if runs and each - runs[-1][-1] == DAY:
            runs[-1].append(each)
        else:
            runs.append([each])
    return runs


def are_weeks(present: Iterable[date]) -> bool:
    """Whether every day lies a week after the one before, in four weeks or more.

    >>> are_weeks(date(2026, 3, 2) + 7 * i * DAY for i in range(4)), are_weeks([date(2026, 3, 2)])
    (True, False)
    """
    days = sorted(set(present))
    return len(days) >= WEEKS_BESIDE and all(b - a == 7 * DAY for a, b in pairwise(days))


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
