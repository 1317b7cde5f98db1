"""The pages of cost: the monthly bill against its limit, and what 1,000 requests cost."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any

import numpy as np

from switchpoint.charts import cost_chart, saving_chart, unit_chart
from switchpoint.charts.bill import bill_flags, bill_lines, bill_note, highest
from switchpoint.charts.flags import Flag
from switchpoint.charts.lines import SOLID, Line
from switchpoint.charts.saving import saving_flags, saving_lines, saving_note, saving_words
from switchpoint.charts.style import LIGHT
from switchpoint.charts.unit import NOTE as UNIT_NOTE
from switchpoint.charts.unit import unit_flags, unit_lines
from switchpoint.charts.words import bill_takeaway, unit_takeaway
from switchpoint.clock import Clock
from switchpoint.export.story import Figure, Lines, Page, Series
from switchpoint.report.story.subject import Subject


def bill_page(subject: Subject) -> Page:
    """The monthly bill with the warning window."""
    result = subject.shown
    lines, flags, clock = bill_lines(result, LIGHT), bill_flags(result), result.case.clock
    window = result.verdict.window
    span = None if window is None or window[1] <= 0 else (max(window[0], 0), min(window[1], clock.days - 1))
    data = lines_of(clock, lines, flags, "Dollars a month", highest(lines), span)
    return _page(
        subject, "bill", "Cost", bill_takeaway(result), bill_note(result), data, cost_chart(result, titled=False)
    )


def unit_page(subject: Subject) -> Page:
    """What 1,000 requests cost."""
    result = subject.shown
    lines = unit_lines(result, LIGHT)
    top = max((float(line.drawn.max()) for line in lines if line.drawn.size), default=1.0)
    data = lines_of(result.case.clock, lines, unit_flags(result), "Dollars per 1,000 requests", top)
    chart = unit_chart(result, titled=False)
    return _page(subject, "unit", "Unit cost", unit_takeaway(result), UNIT_NOTE, data, chart)


def saving_figure(subject: Subject) -> Figure:
    """What each candidate has saved so far, in the base case."""
    result = subject.shown
    lines = saving_lines(result, LIGHT)
    top = max(0.0, *(float(line.values.max()) for line in lines))
    data = lines_of(result.case.clock, lines, saving_flags(result), "Dollars saved so far", top)
    words = subject.brief(f"{saving_words(result)}. {saving_note(result)}.")
    return Figure(words, data, words, saving_chart(result, titled=False).to_dict())


def _page(subject: Subject, key: str, section: str, title: str, note: str, data: Lines, chart: Any) -> Page:
    title, note = subject.brief(title), subject.brief(note)
    if subject.findings is not None:
        title = f"Base case: {_within(title)}"
        note = f"{note}. The middle of every range; events likelier than not happen, others do not"
    figure = Figure(f"{title}. {note}.", data, spec=chart.to_dict())
    return Page(key, section, title, (f"{note}.",), figures=(figure,), notes=f"{note}.")


def _within(title: str) -> str:
    """A takeaway as it goes on after a colon."""
    return f"t{title[1:]}" if title.startswith("The ") else title


def lines_of(
    clock: Clock,
    lines: Sequence[Line],
    flags: Sequence[Flag],
    axis: str,
    top: float,
    window: tuple[int, int] | None = None,
) -> Lines:
    """Lines as data: at the first of each month, at the ends, and wherever something happens."""
    beside = () if window is None else (window[0] - 1, window[0], window[1], window[1] + 1)
    marked = {0, clock.days - 1, *map(int, clock.month_starts), *_turns(clock, lines, flags), *beside}
    days = sorted(day for day in marked if 0 <= day < clock.days)
    dates: tuple[date, ...] = tuple(clock.date_of(day) for day in days)
    series = tuple(
        Series(line.name, tuple(line.sampled(np.array(days))), line.colour, line.dash != SOLID) for line in lines
    )
    dated = tuple((clock.date_of(flag.day), flag.label) for flag in flags if 0 <= flag.day < clock.days)
    span = window and (clock.date_of(window[0]), clock.date_of(window[1]))
    return Lines(dates, series, axis, top, dated, span)


def _turns(clock: Clock, lines: Sequence[Line], flags: Sequence[Flag]) -> set[int]:
    """Days on which a line begins or ends or a label stands."""
    turns = {day for line in lines for day in (line.since, line.until - 1)} | {flag.day for flag in flags}
    return {day for day in turns if 0 <= day < clock.days}
