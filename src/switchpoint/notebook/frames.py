"""Tables of a notebook: months, days, candidates, dates over all draws, and the draws one by one."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from html import escape
from typing import Any

import numpy as np
import pandas as pd

from switchpoint.decision.case import SimulatedWorld
from switchpoint.decision.result import monthly as month_rows
from switchpoint.horizon import Horizon
from switchpoint.study.draw_results import DrawFindings
from switchpoint.study.draw_rows import draw_columns
from switchpoint.study.draws import Days

QUANTILES = ("p10", "p50", "p90")


def monthly(case: SimulatedWorld) -> pd.DataFrame:
    """One row a calendar month, indexed by month (PeriodIndex); flows are sums over the month, dollars or requests.

    NaN stands where there is nothing to say, such as the limit of a scenario without one.
    """
    rows = month_rows(case)
    index = pd.PeriodIndex([row["month"] for row in rows], freq="M", name="month")
    columns = [{key: value for key, value in row.items() if key != "month"} for row in rows]
    return pd.DataFrame(columns, index=index).astype(float)


def daily(case: SimulatedWorld) -> pd.DataFrame:
    """One row a day, indexed by date (DatetimeIndex).

    `requests` are those of the day, `NAME_usd` the dollars of the day on each path, `bill_usd_per_month` the trailing
    monthly bill of staying, and `pressure` that bill over its limit, NaN without one.
    """
    columns = {
        "requests": case.setting.traffic.requests,
        "stay_usd": case.stay,
        **{f"{outlook.name}_usd": outlook.cost_per_day for outlook in case.outlooks},
        "bill_usd_per_month": case.bill,
        "pressure": case.pressure if case.scenario.limited else np.nan,
    }
    index = pd.date_range(case.clock.start, periods=case.clock.days, freq="D", name="date")
    return pd.DataFrame(columns, index=index)


def by_name(rows: Sequence[Mapping[str, Any]], index: str) -> pd.DataFrame:
    """Rows as a table indexed by one of their columns; empty where there are none."""
    return pd.DataFrame(list(rows)).set_index(index) if rows else pd.DataFrame(index=pd.Index([], name=index))


def with_dates(table: pd.DataFrame, columns: Sequence[str]) -> pd.DataFrame:
    """A table whose columns of dates are pandas' own, NaT where there is none."""
    return table.assign(**{name: pd.to_datetime(table[name]) for name in columns})


def spreads(days: Mapping[str, Days], clock: Horizon) -> pd.DataFrame:
    """Dates over all draws, a row a date: when 10, 50 and 90 % of the draws have come to it, and how many ever do."""
    rows = []
    for name, each in days.items():
        dates = (clock.date_or_none(day) for day in (each.p10, each.p50, each.p90))
        rows.append({"event": name, **dict(zip(QUANTILES, dates, strict=True)), "probability": each.probability})
    return with_dates(by_name(rows, "event"), QUANTILES)


def draws(findings: DrawFindings) -> pd.DataFrame:
    """One row a draw: its inputs by path, when limit and warning come, and what each candidate started as advised does.

    Dates are NaT where they are not reached within the horizon.
    """
    columns = draw_columns(findings)
    dated = [name for name in columns if name in ("threat", "warning") or name.endswith(DATED)]
    return with_dates(pd.DataFrame(columns).set_index("draw"), dated)


DATED = ("_start_by", "_start", "_cutover", "_break_even")
"""How columns of dates end."""


def page_of(title: str, sentence: str, tables: Iterable[pd.DataFrame] = (), chart: Any = None) -> str:
    """The page as HTML without scripts; the chart stands in it as a picture, so that it needs no internet.

    Args:
        title: what it is about.
        sentence: what it comes to.
        tables: each without its empty columns.
        chart: an Altair chart, where there is one.
    """
    parts = [f"<h4>{escape(title)}</h4>", f"<p>{escape(sentence)}</p>"]
    if chart is not None:
        parts.append(picture(chart))
    parts += [table.dropna(axis=1, how="all").to_html(na_rep="–", float_format="{:,.0f}".format) for table in tables]
    return "\n".join(parts)


def picture(chart: Any) -> str:
    """A chart as SVG."""
    from switchpoint.export.pictures import svg

    return svg(chart.to_dict()).decode()


def sorted_names(names: Iterable[str]) -> str:
    """Names as a list to read.

    >>> sorted_names(["plan", "cost"])
    'cost, plan'
    """
    return ", ".join(sorted(names))
