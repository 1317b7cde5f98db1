"""Several tables of one provider put together: tokens beside their cost, and requests from a file of their own."""

from __future__ import annotations

import re
from collections.abc import Sequence

import numpy as np
import pandas as pd

from switchpoint.owndata.usage_format import MEASURES
from switchpoint.text import day, join_names

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
