"""What one simulation answers, as a notebook shows it: the advice, candidates with dates, charts, and all tables."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import date
from functools import cached_property
from html import escape
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from switchpoint.decision import result as inner
from switchpoint.decision.candidate_result import CandidateResult
from switchpoint.decision.case import SimulatedWorld, simulate
from switchpoint.decision.result import monthly as month_rows
from switchpoint.horizon import Horizon
from switchpoint.scenario.schema import Policy, Scenario
from switchpoint.study.draw_results import DrawFindings, draw_columns
from switchpoint.study.draws import Days

if TYPE_CHECKING:
    import altair as alt


# Tables of a notebook ------------------------------------------------------------------------------------------------

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


# What one simulation answers, as a notebook shows it -----------------------------------------------------------------


@dataclass(frozen=True)
class Advice:
    """What to do. Dates are None where there is nothing to do by then, or it is beyond the horizon."""

    action: str
    """"start-by", "start-now", "late", "stay" or "no-remedy"."""
    candidate: str | None
    """What to start."""
    start_by: date | None
    live: date | None
    """When it is live, started by then."""
    npv_saving_usd: float | None
    """What that saves, dollars of present value."""
    label_by: date | None
    hire_by: date | None
    tied: tuple[str, ...]
    """Candidates that do about as well."""
    sentence: str
    """All of that in one sentence."""

    @classmethod
    def of(cls, told: Mapping[str, Any]) -> Advice:
        """The advice in a verdict's JSON."""
        names = ("action", "candidate", "start_by", "live", "npv_saving_usd", "label_by", "hire_by", "sentence")
        return cls(**{name: told[name] for name in names}, tied=tuple(told["tied"]))

    def __repr__(self) -> str:
        return self.sentence


@dataclass(frozen=True)
class CandidateAnswer:
    """One candidate, started as advised or by the policy that was asked for. None is not within the horizon."""

    name: str
    start: date | None
    """First day of its project."""
    cutover: date | None
    """First day on which it carries its whole share."""
    break_even: date | None
    crossover: date | None
    """First day on which it is cheaper to run than staying."""
    limit_again: date | None
    payback_months: float | None
    npv_saving_usd: float
    """What it saves against staying, dollars of present value."""
    total_usd: float
    one_off_usd: float
    peak_replicas: int | None
    possible: bool
    remedy: bool | None
    """Whether, started by its start-by day, it keeps the bill below its limit; None without one."""
    start_by: date | None
    best_start: date | None

    @classmethod
    def of(cls, outlook: CandidateResult, result: inner.JudgedWorld) -> CandidateAnswer:
        """One candidate of a simulated scenario."""
        return cls(
            name=outlook.name,
            start=result.date(outlook.project_start),
            cutover=result.date(outlook.cutover),
            break_even=result.date(outlook.break_even.day),
            crossover=result.date(outlook.running.crossover),
            limit_again=result.date(outlook.limit_again),
            payback_months=outlook.payback_months,
            npv_saving_usd=outlook.npv_saving,
            total_usd=outlook.total,
            one_off_usd=outlook.one_off,
            peak_replicas=outlook.peak_replicas,
            possible=outlook.possible,
            remedy=outlook.remedy,
            start_by=result.date(outlook.starts.start_by.day),
            best_start=result.date(outlook.starts.best),
        )


class Result:
    """A simulated scenario. Its repr is the verdict in one sentence; a notebook shows that, a chart and the candidates.

    Candidates and tables show each project started as advised where the scenario's policy is to wait for the warning,
    else as the policy says; `under` shows another.
    """

    def __init__(self, judged: inner.JudgedWorld, *, by_policy: bool = False) -> None:
        self.judged = judged
        """What the simulation came to, day by day."""
        self._shown = judged if by_policy else judged.shown

    @property
    def scenario(self) -> Scenario:
        """Everything assumed."""
        return self.judged.case.scenario

    @property
    def sentence(self) -> str:
        """The verdict in one sentence."""
        return self.judged.sentence

    @cached_property
    def verdict(self) -> Advice:
        """What to do, and by when."""
        return Advice.of(self.judged.as_json()["verdict"])

    @property
    def threat(self) -> date | None:
        """When the bill reaches its limit."""
        return self.judged.date(self.judged.case.threat)

    @property
    def warning(self) -> date | None:
        """When a monitor would warn of it."""
        return self.judged.date(self.judged.case.warning)

    @cached_property
    def candidates(self) -> Mapping[str, CandidateAnswer]:
        """The candidates by name."""
        return {each.name: CandidateAnswer.of(each, self._shown) for each in self._shown.case.outlooks}

    @property
    def table(self) -> pd.DataFrame:
        """The candidates as a table, a row each."""

        return by_name([asdict(each) for each in self.candidates.values()], "name")

    @cached_property
    def monthly(self) -> pd.DataFrame:
        """One row a calendar month: requests, limit, what staying and each candidate cost; see `docs/python.md`."""

        return monthly(self._shown.case)

    @cached_property
    def daily(self) -> pd.DataFrame:
        """One row a day: requests, dollars of staying and of each candidate, monthly bill, pressure."""

        return daily(self._shown.case)

    @cached_property
    def _chart_specs(self) -> dict[str, Any]:
        from switchpoint.charts.collection import charts

        return charts(self._shown)

    @property
    def charts(self) -> tuple[str, ...]:
        """Names of the charts that there are."""
        return tuple(self._chart_specs)

    def chart(self, name: str = "cost") -> alt.TopLevelMixin:
        """One chart, which a notebook shows.

        Raises:
            KeyError: where there is none of that name, with those there are.
        """
        return chart_of(self._chart_specs, name)

    def under(self, policy: Policy) -> Result:
        """The same scenario with projects that start by another policy, any that `decision.policy` takes.

        Raises:
            ScenarioError: where that is none.
        """
        scenario = self.scenario.with_({"decision.policy": policy})
        return Result(inner.JudgedWorld(simulate(scenario)), by_policy=True)

    def as_json(self) -> dict[str, Any]:
        """All that came out, as `switchpoint run --json` prints it, with dates as dates."""
        return self.judged.as_json()

    def __repr__(self) -> str:
        return self.sentence

    def _repr_html_(self) -> str:
        return page_of(self.scenario.name, self.sentence, [self.table], self._chart_specs["cost"])


def chart_of(drawn: Mapping[str, Any], name: str) -> alt.TopLevelMixin:
    """A chart of Altair by its name.

    Raises:
        KeyError: where there is none of that name, with those there are.
    """
    if name not in drawn:
        raise KeyError(f"no chart {name!r}; there are {sorted_names(drawn)}")
    import altair as alt

    chart: alt.TopLevelMixin = alt.Chart.from_dict(drawn[name].to_dict())
    return chart
