"""The tornado chart: what each input alone does to the saving, and to the start-by date."""

from __future__ import annotations

import textwrap
from dataclasses import replace
from typing import Any

from switchpoint.charts.vega import (
    LIGHT,
    WIDTH,
    WRAP,
    Drawing,
    Look,
    channel,
    chart_of,
    config,
    dress_chart,
    expr,
    layer,
    moment,
    second,
    tip,
    value,
)
from switchpoint.horizon import NEVER, horizon_of
from switchpoint.scenario.input_names import capitalize_name, value_with_unit
from switchpoint.scenario.schema import Scenario
from switchpoint.study.advice import CandidateOutcome
from switchpoint.study.tornado import Bar, Tornado, date_of
from switchpoint.text import day, usd, usd_range

MOST_BARS = 10
ROW = 42
LABELS = 250
"""Width of the names, pixels."""
GAP = 24
MONEY_PART = 0.58
"""Part of the width for the saving, where start-by dates are drawn too."""
TEXT, BAR, PITCH = 20, 16, 46
"""Heights in the chart of savings alone, pixels: an input's words, its bar, and one input with the space below it."""
PIXELS = channel("y:Q", scale=None, axis=None)
ENDS = ("at the lower end", "at the upper end")


def tornado_chart(scenario: Scenario, found: Tornado, look: Look = LIGHT) -> Any:
    """Bars from the outcome at the lower end of each input to that at its upper end, as an Altair chart.

    Args:
        scenario: the base case.
        found: at least one bar.
        look: its colours.
    """
    import altair as alt

    shown = replace(found, bars=found.bars[:MOST_BARS])
    money, dates = _money_rows(shown), _date_rows(scenario, shown)
    dated = found.base.start_by != NEVER and len({row["to"] for row in dates}) > 1
    width = (WIDTH - LABELS - GAP) * (MONEY_PART if dated else 1)
    amount = alt.X("from:Q", axis=alt.Axis(title="Present value saved, $", format="$~s", grid=True, tickCount=5))
    panels = [_panel(money, amount, width, look)]
    if dated:
        when = alt.X("from:T", axis=alt.Axis(title="Start by", grid=True, tickCount=4, labelOverlap="greedy"))
        panels.append(_panel(dates, when, width * (1 - MONEY_PART) / MONEY_PART, look, named=False))
    title, note = textwrap.wrap(takeaway(scenario, found), WRAP), textwrap.wrap(chart_note(found), WRAP + 30)
    chart = alt.hconcat(*panels, spacing=GAP).resolve_scale(y="shared")
    chart = chart.properties(title=alt.TitleParams(text=title, subtitle=note, frame="bounds"), padding=16)
    return chart.properties(description=f"{takeaway(scenario, found)}. {chart_note(found)}.").configure(**config(look))


def swing_chart(scenario: Scenario, found: Tornado, look: Look = LIGHT, *, titled: bool = True) -> Drawing:
    """The savings alone, each input named above its bar, so that it fits any width; dates stand in the tooltips.

    Args:
        scenario: the base case.
        found: at least one bar.
        look: its colours.
        titled: whether the takeaway stands on it.
    """
    shown = replace(found, bars=found.bars[:MOST_BARS])
    dated = [row["told"] for row in _date_rows(scenario, shown)]
    rows = [
        {**row, "y": place // 2 * PITCH + TEXT, "y2": place // 2 * PITCH + TEXT + BAR, "start": start}
        for place, (row, start) in enumerate(zip(_money_rows(shown), dated, strict=True))
    ]
    names = [{"y": place * PITCH + TEXT / 2, "name": _name(bar)} for place, bar in enumerate(shown.bars)]
    colour = {"domain": list(ENDS), "range": [look.colour(1), look.colour(0)]}
    axis = {"title": "Present value saved, $", "format": "$~s", "grid": True, "tickCount": 5}
    bars = {
        "x": channel("from:Q", axis=axis, scale={"nice": True}),
        "x2": second("to"),
        "y": PIXELS,
        "y2": second("y2"),
        "color": channel("end:N", scale=colour, legend={"title": None, "orient": "top", "symbolType": "square"}),
        "tooltip": [
            tip("input:N", "Input"),
            tip("end:N", "Moved to"),
            tip("told:N", "Saves"),
            tip("start:N", "Start by"),
        ],
    }
    words = {"x": value(0), "y": PIXELS, "text": channel("name:N")}
    place = {"align": "left", "baseline": "middle", "fontSize": 12.5, "limit": expr("width"), "color": look.ink}
    layers = [
        layer(rows, "rect", bars),
        layer(rows[:1], "rule", {"x": channel("from:Q")}, color=look.ink, strokeWidth=1.4),
        layer(names, "text", words, **place),
    ]
    height = PITCH * len(shown.bars)
    return dress_chart(layers, look, takeaway(scenario, found), chart_note(found), titled=titled, height=height)


def takeaway(scenario: Scenario, found: Tornado) -> str:
    """What moves the candidate or the plan most, in one sentence."""
    if not found.bars:
        return f"No input that was moved changes what {found.subject_name} saves"
    top = found.bars[0]
    matters = "matter" if top.driver.plural else "matters"
    name = capitalize_name(top.driver.name, top.driver.path)
    text = f"{name} {matters} most: from {span(top)}, {found.subject_name} {_saves(top)}"
    dates = [start_words(scenario, each) for each in (top.at_low, top.at_high)]
    return text if dates[0] == dates[1] else f"{text}, and its start-by date goes from {dates[0]} to {dates[1]}"


def _saves(bar: Bar) -> str:
    low, high = bar.at_low.npv_saving_usd, bar.at_high.npv_saving_usd
    if max(low, high) < 0:
        return f"costs {usd_range(-low, -high)} more than staying"
    return f"saves {usd_range(low, high)}"


def chart_note(found: Tornado) -> str:
    """What is drawn, in one line."""
    assumed = (
        "; * no range is stated, 20 % less and more are assumed" if not all(b.has_range for b in found.bars) else ""
    )
    left = len(found.bars) - MOST_BARS
    more = f"; {left} smaller left out" if left > 0 else ""
    what = "Each input alone from p10 to p90 of its stated range, all others as in the base case (the line)"
    return f"{what}{assumed}{more}"


def span(bar: Bar) -> str:
    """The values of a bar's ends."""
    return f"{value_with_unit(bar.low, bar.driver.unit, bare=True)} to {value_with_unit(bar.high, bar.driver.unit)}"


def start_words(scenario: Scenario, outcome: CandidateOutcome, *, iso: bool = False) -> str:
    """A start-by date in words, or as an ISO date."""
    when = date_of(scenario, outcome.start_by)
    if when is None:
        return "never due"
    if outcome.start_by == 0 and not iso:
        return "today"
    return when.isoformat() if iso else day(when)


Rows = list[dict[str, Any]]


def _money_rows(found: Tornado) -> Rows:
    base = found.base.npv_saving_usd
    return [
        {"input": _label(bar), "from": base, "to": each.npv_saving_usd, "end": end, "told": usd(each.npv_saving_usd)}
        for bar in found.bars
        for end, each in zip(ENDS, (bar.at_low, bar.at_high), strict=True)
    ]


def _date_rows(scenario: Scenario, found: Tornado) -> Rows:
    """A start that is never due is drawn to the end of the horizon."""
    days = horizon_of(scenario.start, scenario.months)

    def shown_moment(outcome: CandidateOutcome) -> str:
        return moment(days, min(max(outcome.start_by, 0), days.days))

    return [
        {
            "input": _label(bar),
            "from": shown_moment(found.base),
            "to": shown_moment(each),
            "end": end,
            "told": start_words(scenario, each),
        }
        for bar in found.bars
        for end, each in zip(ENDS, (bar.at_low, bar.at_high), strict=True)
    ]


def _label(bar: Bar) -> str:
    return f"{_bar_name(bar)}\n{span(bar)}"


def _name(bar: Bar) -> str:
    return f"{_bar_name(bar)}: {span(bar)}"


def _bar_name(bar: Bar) -> str:
    return f"{capitalize_name(bar.driver.name, bar.driver.path)}{'' if bar.has_range else ' *'}"


def _panel(rows: Rows, x: Any, width: float, look: Look, *, named: bool = True) -> Any:
    """Bars from the base to either end, and a line at the base."""
    import altair as alt

    names = list(dict.fromkeys(row["input"] for row in rows))
    axis = alt.Axis(title=None, labels=named, labelExpr=r"split(datum.label, '\n')", labelLimit=LABELS, labelPadding=10)
    colour = alt.Color(
        "end:N",
        scale=alt.Scale(domain=list(ENDS), range=[look.colour(1), look.colour(0)]),
        legend=alt.Legend(title=None, orient="bottom") if named else None,
    )
    y = alt.Y("input:N", sort=names, axis=axis, scale=alt.Scale(paddingInner=0.45, paddingOuter=0.2))
    tips = [alt.Tooltip("input:N"), alt.Tooltip("end:N"), alt.Tooltip("told:N")]
    kind = x.shorthand.rpartition(":")[2]
    bars = chart_of(rows).mark_bar().encode(x=x, x2=f"to:{kind}", y=y, color=colour, tooltip=tips)
    rule = chart_of(rows[:1]).mark_rule(color=look.ink, strokeWidth=1.4).encode(x=f"from:{kind}")
    return alt.layer(bars, rule).properties(width=width, height=ROW * len(names))
