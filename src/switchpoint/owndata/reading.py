"""Files of usage and bills read into one table: `read_usage`, and what it says of what was read."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from pathlib import Path
from typing import Literal
from zoneinfo import ZoneInfo

import numpy as np
import pandas as pd

from switchpoint.owndata.cell_columns import DollarRates
from switchpoint.owndata.cells import LARGEST
from switchpoint.owndata.file_sources import find_sources
from switchpoint.owndata.format_guess import Recognised, formats_named, is_requests_file, recognise
from switchpoint.owndata.streaming import FilesRead, read_files
from switchpoint.owndata.usage_format import CALL_TOKENS, CALLS, FAILED, FAILED_TOKENS, UsageFormat
from switchpoint.owndata.usage_sums import (
    HOUR,
    QUARTER,
    are_months,
    are_weeks,
    by_day,
    future_words,
    gap_words,
    gaps_between,
    idle_weekdays,
    in_order,
    is_used_now_and_then,
    join_cost,
    missing_words,
    partial_days,
    requests_from_days,
    requests_from_tokens,
    spread_months,
    spread_requests,
)
from switchpoint.scenario.errors import Fault, ScenarioError
from switchpoint.text import day, join_names, percent

MOST_TOLD = 8
"""Models and left-out kinds that are told one by one."""


@dataclass(frozen=True)
class UsageRead:
    """What files of usage hold.

    Attributes:
        table: the usage table, one row per day and model: date (datetime64), model, requests, input_tokens (cached ones
            included), cached_tokens, cache_write_tokens, output_tokens (reasoning included), cost_usd. A column that
            the files do not have is absent.
        hourly: timestamp and requests, where rows have hours and requests are counted; else None.
        format: what the files are, in words.
        format_name: for `--format`.
        files: number of them.
        rows: that were read.
        first_day, last_day: of the table.
        days: from the first to the last that have a row.
        dropped: partial days that were left out, with the reason.
        gaps: days between the first and the last without a row.
        models: share of each in the tokens, or else in requests or dollars.
        warnings: what is worth knowing before the figures are used.
        failed_share: calls that failed, as a share of all calls; None where the files do not say.
        failed_calls: how many that are.
        retry_share: tokens of calls that failed over those of all others; None where the files do not say.
        rhythm: whether rows are of hours, days or months.
        left_out: rows that are no tokens: what they are, their number and dollars.
    """

    table: pd.DataFrame
    hourly: pd.DataFrame | None
    format: str
    format_name: str
    files: int
    rows: int
    first_day: date
    last_day: date
    days: int
    dropped: list[str]
    gaps: list[date]
    models: dict[str, float]
    warnings: list[str]
    failed_share: float | None = None
    failed_calls: int = 0
    retry_share: float | None = None
    rhythm: Literal["hour", "day", "month"] = "day"
    left_out: dict[str, tuple[int, float]] = field(default_factory=dict)

    @property
    def idle_weekdays(self) -> list[int]:
        """Days of the week on which nothing is used; 0 is Monday."""
        return idle_weekdays(self.table["date"].dt.date)

    def read_list(self) -> list[str]:
        """What was read, a line for each thing that is worth saying."""
        files = _number(self.files, "file")
        first, last = self.first_day, self.last_day
        begin = f"{first.day} {first:%B}" if first.year == last.year else day(first)
        span = f"{begin} to {day(last)}" if self.days > 1 else day(last)
        rows, days = _number(self.rows, "row"), _number(self.days, "day")
        said = [f"{self.format}: {files}, {span}", f"{rows} on {days}"]
        if self.gaps:
            now_and_then = is_used_now_and_then(self.table["date"].dt.date, self.format_name)
            said += [gap_words(self.gaps), *missing_words(self.gaps, self.idle_weekdays, now_and_then)]
        said += [f"left out: {each}" for each in self.dropped]
        if self.models:
            shares = sorted(self.models.items(), key=lambda item: -item[1])
            told = [f"{name} {percent(round(share, 3))}" for name, share in shares[:MOST_TOLD]]
            more = f", and {len(shares) - MOST_TOLD} more" if len(shares) > MOST_TOLD else ""
            said.append(f"models: {', '.join(told)}{more}")
        said += [f"left out, no tokens: {each}" for each in left_out_words(self.left_out)]
        return said + self.warnings


def rate_of(text: str) -> tuple[str, float] | None:
    """A currency and its dollars, as people write them; None where it is neither.

    >>> rate_of("eur = 1.08"), rate_of("EUR"), rate_of("EUR=1.0.8")
    (('EUR', 1.08), None, None)
    """
    found = re.fullmatch(r"\s*([A-Za-z]{3})\s*=\s*([0-9]*\.?[0-9]+)\s*", text)
    return None if found is None else (found[1].upper(), float(found[2]))


def two_numbers_of(text: str) -> tuple[float, float] | None:
    """Tokens that go in and come out, as people write them; None where it is anything else.

    >>> two_numbers_of("2400, 350"), two_numbers_of("2400/350"), two_numbers_of("many")
    ((2400.0, 350.0), (2400.0, 350.0), None)
    """
    try:
        first, second = (float(each) for each in re.split(r"[,/ ]+", text.strip()))
    except ValueError:
        return None
    return first, second


def read_usage(
    paths: Sequence[str | Path],
    *,
    format: str | None = None,  # noqa: A002 - as the option is called
    timezone: str | None = None,
    overlap: Literal["refuse", "newest"] = "refuse",
    usd_per: Mapping[str, float] = {},
    requests_per_day: float | None = None,
    tokens_per_request: tuple[float, float] | None = None,
    progress: Callable[[str], None] | None = None,
) -> UsageRead:
    """Read files of usage and bills into one table by UTC day and model.

    Args:
        paths: files, folders and patterns; .gz and .zip are unpacked as they are read.
        format: name of the format; recognised where it is left out.
        timezone: such as Europe/Berlin: days are those of the product there, where rows have hours.
        overlap: whether downloads that have the same days with other figures are refused, or the newest counts.
        usd_per: dollars for one unit of each currency that occurs.
        requests_per_day: where the files count no requests.
        tokens_per_request: tokens that go in and come out, where the files count no requests.
        progress: is told how far it is, now and then.

    Raises:
        ScenarioError: with one line for each thing that is wrong: file, line, what, and what would be right.
    """
    _check(timezone, overlap, usd_per, requests_per_day, tokens_per_request)
    forced = () if format is None else formats_named(format)
    found = _recognise_all(paths, forced)
    main, requests = _told_apart(found)
    _refuse_mixture(main)
    money = DollarRates({name.upper(): rate for name, rate in usd_per.items()})
    bucket = QUARTER if timezone and _is_off_by_part_of_an_hour(timezone) else HOUR
    read = read_files(main, money, bucket, overlap, progress)
    beside = read_files(requests, money, HOUR, overlap, progress) if requests else None
    return _UsageBuilder(read, beside, timezone, requests_per_day, tokens_per_request).build()


def _check(
    timezone: str | None,
    overlap: str,
    usd_per: Mapping[str, float],
    requests_per_day: float | None,
    tokens_per_request: tuple[float, float] | None,
) -> None:
    faults = []
    if timezone is not None and not _is_timezone(timezone):
        faults.append(Fault("usage", 1, "--timezone", "must be the name of a time zone such as Europe/Berlin"))
    if overlap not in ("refuse", "newest"):
        faults.append(Fault("usage", 1, "--overlap", "must be refuse or newest"))
    for name, rate in usd_per.items():
        if not (len(name) == 3 and name.isalpha() and 0 < rate <= LARGEST):
            faults.append(Fault("usage", 1, "--usd-per", "must be a currency and its dollars, such as EUR=1.08"))
    stated = {"requests-per-day": (requests_per_day,), "tokens-per-request": tokens_per_request or ()}
    for option, numbers in stated.items():
        if any(each is not None and not 0 < each <= LARGEST for each in numbers):
            faults.append(Fault("usage", 1, f"--{option}", "must be above 0 and at most 1e15"))
    if faults:
        raise ScenarioError(faults)


def _is_timezone(name: str) -> bool:
    try:
        ZoneInfo(name)
    except (ValueError, OSError, KeyError):
        return False
    return True


def _is_off_by_part_of_an_hour(timezone: str) -> bool:
    days = pd.date_range("2015-01-01", "2040-01-01", freq="MS").tz_localize("UTC").tz_convert(timezone)
    return any((each.utcoffset() or timedelta()).total_seconds() % HOUR for each in days)


def _recognise_all(paths: Sequence[str | Path], forced: tuple[UsageFormat, ...]) -> list[Recognised]:
    faults: list[Fault] = []
    found = []
    for source in find_sources(paths):
        try:
            found.append(recognise(source, forced))
        except ScenarioError as error:
            faults += error.faults
    if faults:
        raise ScenarioError(faults)
    return found


def _told_apart(found: list[Recognised]) -> tuple[list[Recognised], list[Recognised]]:
    """The files of usage, and those that state only requests for them."""
    requests = [each for each in found if is_requests_file(each.format, each.names)]
    main = [each for each in found if each not in requests]
    return (main, requests) if main else (requests, [])


def _refuse_mixture(main: list[Recognised]) -> None:
    """One provider at a time: the same traffic often stands in the files of two."""
    first = main[0]
    for each in main[1:]:
        same = each.format.provider == first.format.provider if first.format.provider else each.format is first.format
        if not same:
            what = f"is {each.format.words}, but {first.source.name} is {first.format.words}"
            raise each.source.refuse(1, f"{what}: they may count the same traffic twice; give those of one provider")
    by_holding = {each.format.holds: each.format for each in main}
    for each in main:
        kin = by_holding[each.format.holds]
        if kin is not each.format or (each.format.holds == "both" and len(by_holding) > 1):
            other = kin if kin is not each.format else next(f for f in by_holding.values() if f is not kin)
            what = f"is {each.format.words}, and another file is {other.words}"
            raise each.source.refuse(1, f"{what}: both have the same figures; give files of one of them")


def left_out_words(left_out: Mapping[str, tuple[int, float]]) -> list[str]:
    """Rows that are no tokens, in words: the dearest one by one."""
    ranked = sorted(left_out.items(), key=lambda item: (-abs(item[1][1]), item[0]))
    said = [_left_words(label, *figures) for label, figures in ranked[:MOST_TOLD]]
    if rest := ranked[MOST_TOLD:]:
        number, dollars = (sum(figures[i] for _, figures in rest) for i in (0, 1))
        said.append(_left_words(f"{len(rest)} other kinds", int(number), dollars))
    return said


def _number(number: int, what: str) -> str:
    return f"1 {what}" if number == 1 else f"{number:,} {what}s"


def _left_words(label: str, number: int, dollars: float) -> str:
    money = f", {'-' * (dollars < 0)}${abs(dollars):,.2f}" if dollars else ""
    return f"{label} ({_number(number, 'row')}{money})"


class _UsageBuilder:
    """From sums of files to the usage table and what is said of it."""

    def __init__(
        self,
        read: FilesRead,
        beside: FilesRead | None,
        timezone: str | None,
        requests_per_day: float | None,
        tokens_per_request: tuple[float, float] | None,
    ) -> None:
        self._read = read
        self._beside = beside
        self._timezone = timezone
        self._per_day = requests_per_day
        self._tokens = tokens_per_request
        self._warnings = list(read.said) + (list(beside.said) if beside else [])
        self._main = next((holds for holds in ("usage", "both") if holds in read.sums), "cost")
        finer = read.sums[self._main].finer
        self._rhythm: Literal["hour", "day", "month"] = "hour" if finer else "day"

    def build(self) -> UsageRead:
        """The table and all that is said of it."""
        parts = {holds: self._local(sums.table(), sums.finer) for holds, sums in self._read.sums.items()}
        dropped: dict[date, str] = {}
        for holds, table in parts.items():
            dropped.update(partial_days(table, self._read.written, self._read.sums[holds].finer))
        every = pd.concat([table["when"] for table in parts.values()]).dt.date
        dropped = {each: why for each, why in dropped.items() if each in (every.min(), every.max())}
        parts = {holds: self._without(table, dropped) for holds, table in parts.items()}
        buckets = parts[self._main]
        daily = self._join({holds: by_day(table) for holds, table in parts.items()})
        counted = "requests" in daily
        daily = daily if counted else self._with_requests(daily)
        daily, models = self._with_models(daily)
        table = in_order(daily, models)
        return self._say(table, self._hourly(buckets, counted), dropped, models)

    def _local(self, table: pd.DataFrame, finer: bool) -> pd.DataFrame:
        """In the product's own time, where that is asked for; months as days."""
        if table.empty:
            raise self._read.first.refuse(1, self._no_usage_words())
        if self._timezone is not None:
            if not finer:
                right = "needs rows with hours; these have whole UTC days, which cannot be shifted: leave it out"
                raise self._read.first.refuse(1, right, "--timezone")
            table = _in_zone(table, self._timezone)
        elif self._read.format.name == "plain" and not finer and are_months(table["when"].dt.date):
            self._rhythm = "month"
            self._warnings.append("rows are of months: each is spread evenly over its days, so weekdays are not known")
            table = spread_months(table)
        elif self._read.format.name == "plain" and not finer and are_weeks(table["when"].dt.date):
            right = "has one row a week, and which days it counts is not told: give one a day, 0 where none is used"
            raise self._read.first.refuse(1, right, "date")
        return table

    def _no_usage_words(self) -> str:
        left = left_out_words(self._left_out())
        if left:
            return f"has no rows of tokens of a language model; it has {join_names(left)}"
        return "has rows, but none of them counts" if self._read.rows else "has no rows, only names of columns"

    def _left_out(self) -> dict[str, tuple[int, float]]:
        found: dict[str, tuple[int, float]] = {}
        for sums in self._read.sums.values():
            for label, (number, dollars) in sums.left_out.items():
                before = found.get(label, (0, 0.0))
                found[label] = (before[0] + number, before[1] + dollars)
        return found

    def _without(self, table: pd.DataFrame, dropped: Mapping[date, str]) -> pd.DataFrame:
        kept: pd.DataFrame = table[~table["when"].dt.date.isin(dropped)]
        return kept.reset_index(drop=True)

    def _join(self, parts: dict[str, pd.DataFrame]) -> pd.DataFrame:
        if len(parts) == 1:
            return next(iter(parts.values()))
        table, said = join_cost(parts["usage"], parts["cost"])
        self._warnings += said
        return table

    def _with_requests(self, daily: pd.DataFrame) -> pd.DataFrame:
        """Requests from another file, or as they are stated; none where nobody says."""
        tokens = {"input_tokens", "output_tokens"} & set(daily.columns)
        if self._beside is not None:
            counted = self._beside.sums["both"].table()
            if self._timezone is not None and self._beside.sums["both"].finer:
                counted = _in_zone(counted, self._timezone)
            found = by_day(counted)
            daily = requests_from_days(daily, found)
            if missing := int(daily["requests"].isna().groupby(daily["date"]).all().sum()):
                self._warnings.append(f"the file of requests lacks {missing} of the days")
        elif self._per_day is not None:
            daily = spread_requests(daily, np.full(len(daily), self._per_day))
            self._warnings.append(f"requests are not counted in the file: {self._per_day:,.10g} a day, as stated")
        elif self._tokens is not None and tokens:
            daily = requests_from_tokens(daily, self._tokens)
            stated = f"{self._tokens[0]:,.10g} tokens in and {self._tokens[1]:,.10g} out"
            self._warnings.append(f"requests are not counted in the file: from tokens, {stated} for one, as stated")
            self._warnings += _other_output(daily, self._tokens)
        else:
            self._warnings.append(
                "requests are not counted in the file: state --requests-per-day or --tokens-per-request, "
                "or give a second file with date,requests"
            )
        return daily

    def _with_models(self, daily: pd.DataFrame) -> tuple[pd.DataFrame, list[str]]:
        """Days without any use belong to the model that is used most; names where the files have some."""
        measures = [name for name in daily.columns if name not in ("date", "model")]
        idle = (daily["model"] == "") & (daily[measures].fillna(0.0) == 0).all(axis=1)
        named = [name for name in daily["model"].unique() if name]
        if not named:
            return daily, []
        alone = idle & ~daily["date"].isin(daily.loc[~idle, "date"])
        most = max(_shares(daily[daily["model"] != ""]).items(), key=lambda item: item[1])[0]
        daily = daily[~idle | alone].copy()
        daily.loc[alone[daily.index], "model"] = most
        daily["model"] = daily["model"].replace("", "not stated")
        return daily, list(daily["model"].unique())

    def _hourly(self, buckets: pd.DataFrame, counted: bool) -> pd.DataFrame | None:
        if self._rhythm != "hour" or not counted or "requests" not in buckets:
            return None
        found = buckets.groupby(buckets["when"].dt.floor("h"))["requests"].sum().reset_index()
        return found.set_axis(["timestamp", "requests"], axis=1)

    def _say(
        self, table: pd.DataFrame, hourly: pd.DataFrame | None, dropped: Mapping[date, str], models: list[str]
    ) -> UsageRead:
        present = sorted(set(table["date"].dt.date))
        figures = self._read.said_figures
        failed, calls = figures[FAILED], figures[CALLS]
        served = figures[CALL_TOKENS] - figures[FAILED_TOKENS]
        return UsageRead(
            table=table,
            hourly=hourly,
            format=self._read.words,
            format_name=self._read.format.name,
            files=self._read.files + (self._beside.files if self._beside else 0),
            rows=self._read.rows + (self._beside.rows if self._beside else 0),
            first_day=present[0],
            last_day=present[-1],
            days=len(present),
            dropped=[f"{day(each)} is not whole: {why}" for each, why in sorted(dropped.items())],
            gaps=gaps_between(present),
            models=_shares(table) if models else {},
            warnings=[*self._warnings, *future_words(present[-1], date.today())],
            failed_share=failed / calls if calls else None,
            failed_calls=round(failed),
            retry_share=figures[FAILED_TOKENS] / served if served else None,
            rhythm=self._rhythm,
            left_out=self._left_out(),
        )


def _in_zone(table: pd.DataFrame, timezone: str) -> pd.DataFrame:
    """A table by bucket with the time that clocks show there."""
    local = table["when"].dt.tz_localize("UTC").dt.tz_convert(timezone).dt.tz_localize(None)
    return table.assign(when=local.astype("datetime64[s]"))


def _shares(table: pd.DataFrame) -> dict[str, float]:
    """Each model's share of the tokens, or else of requests or dollars."""
    tokens = [name for name in ("input_tokens", "output_tokens") if name in table]
    names = tokens or [name for name in ("requests", "cost_usd") if name in table][:1]
    sums = table.groupby("model")[names].sum().sum(axis=1)
    total = float(sums.sum())
    return {str(name): float(value) / total if total else 1 / len(sums) for name, value in sums.items()}


def _other_output(daily: pd.DataFrame, tokens: tuple[float, float]) -> list[str]:
    if not {"input_tokens", "output_tokens"} <= set(daily.columns) or not daily["requests"].sum():
        return []
    found = float(daily["output_tokens"].sum() / daily["requests"].sum())
    if tokens[1] * 0.8 <= found <= tokens[1] * 1.25:
        return []
    return [f"at {tokens[0]:,.10g} tokens in, a request has {found:,.0f} out in the file, not {tokens[1]:,.10g}"]
