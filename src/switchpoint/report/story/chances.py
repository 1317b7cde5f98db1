"""The pages of chance: the bill over all draws, and how the dates are spread."""

from __future__ import annotations

from switchpoint.charts.dates import by_month, date_rows, dates_chart, dates_note, dates_words, has_dates
from switchpoint.charts.fan import QUANTILES, fan_chart, fan_note, fan_of, fan_words, has_fan
from switchpoint.charts.spread import draws_words
from switchpoint.charts.style import LIGHT
from switchpoint.clock import Floats
from switchpoint.export.story import Figure, Lines, Page, Series
from switchpoint.report.story.subject import Subject

NAMES = ("10 % lie below", "25 % lie below", "Median", "75 % lie below", "90 % lie below")


def fan_page(subject: Subject) -> Page | None:
    """The bill over all draws; None without draws."""
    findings = subject.findings
    if findings is None or not has_fan(findings):
        return None
    fan, clock = fan_of(findings), findings.clock
    lines = [
        Series(name, _values(row), LIGHT.colour(2 if abs(share - 0.5) == 0.25 else 0), dashed=share != 0.5)
        for name, share, row in zip(NAMES, QUANTILES, fan.quantiles, strict=True)
    ]
    lines.append(Series("Base case", _values(fan.base), LIGHT.muted))
    if fan.limit is not None:
        lines.append(Series("Limit", _values(fan.limit), LIGHT.ink, True))
    axis = "Dollars a month" if fan.dollars else "Bill as a share of its limit"
    top = max(float(fan.quantiles.max()), float(fan.base.max()))
    data = Lines(tuple(clock.date_of(d) for d in fan.days), tuple(lines), axis, top, shares=not fan.dollars)
    title, note = fan_words(findings), fan_note(findings)
    said = (
        f"Bill of staying at the end of each month; each line is a quantile of {draws_words(findings)} in that month."
    )
    figure = Figure(f"{title}. {note}.", data, f"{note}.", fan_chart(findings, titled=False).to_dict())
    return Page("fan", "How sure: the bill", title, (said,), figures=(figure,), notes=said)


def dates_page(subject: Subject) -> Page | None:
    """In how many draws each date falls into each month; None without draws or dates."""
    findings = subject.findings
    if findings is None or not has_dates(findings):
        return None
    clock, colours = findings.clock, (LIGHT.colour(0), LIGHT.muted, LIGHT.colour(1), LIGHT.colour(2))
    series = tuple(
        Series(subject.brief(row.name), _values(by_month(row.days, clock)), colour, dashed)
        for row, colour, dashed in zip(
            date_rows(findings, LIGHT),
            colours if findings.limited else colours[1:],
            (False,) * 4,
            strict=False,
        )
    )
    top = max((value or 0.0) for each in series for value in each.values)
    months = tuple(clock.date_of(int(first)) for first in clock.month_starts)
    data = Lines(months, series, "Share of the draws by month", top or 1.0, shares=True)
    title, note = subject.brief(dates_words(findings)), dates_note(findings)
    said = f"Share of {draws_words(findings)} in which each date falls into a month."
    figure = Figure(f"{title}. {note}.", data, f"{note}.", dates_chart(findings, titled=False).to_dict())
    return Page("spread", "How sure: the dates", title, (said,), figures=(figure,), notes=said)


def _values(row: Floats) -> tuple[float | None, ...]:
    return tuple(float(value) for value in row)
