"""What a watch reports, line by line."""

from __future__ import annotations

from datetime import date

from switchpoint.finance import WINDOW
from switchpoint.owndata.watched_bill import OVER
from switchpoint.owndata.watching import BillWatch
from switchpoint.text import day, few_days, percent, usd, weeks
from switchpoint.warning.weeks import FEWEST_WEEKS

SAME = 0.0005
"""Change of a cost below which it is the same."""


def watch_lines(watch: BillWatch) -> list[tuple[str, str]]:
    """What there is to say of a bill, label and value."""
    advice = watch.advice
    each = [
        ("Bill", _bill_words(watch)),
        ("Per 1,000 requests", _unit_words(watch)),
        ("Pressure", "" if watch.pressure is None else _pressure_words(watch.pressure, watch.state)),
        ("Calls, on Mondays", watch.call_mondays if advice.today.weekday() else ""),
        ("Limit reached", _limit_words(watch) if watch.has_limit else ""),
        ("Advice", advice.lacks and f"none: {advice.lacks}"),
        ("Going live takes", "" if advice.lead_days is None else weeks(advice.lead_days)),
        ("In time if begun by", _day_words(watch.prepare_by)),
        ("Label by", _day_words(advice.label_by)),
        ("Hire by", _day_words(advice.hire_by)),
        ("Start by", _day_words(advice.start_by)),
        *(("To look at", doubt) for doubt in watch.doubts),
    ]
    return [(label, value) for label, value in each if value]


def _bill_words(watch: BillWatch) -> str:
    last = few_days(min(watch.bill.daily.size, WINDOW))
    return f"{usd(watch.usd_per_month)} a month over the last {last}{filled_part(watch.bill.price.filled_lately)}"


def _unit_words(watch: BillWatch) -> str:
    if watch.usd_per_1000 is None:
        return ""
    trend = "" if watch.unit_trend is None else f", {_trend_words(watch.unit_trend)} the 28 days before"
    return f"{usd(watch.usd_per_1000)}{trend}"


def _pressure_words(pressure: float, state: str | None) -> str:
    return f"{percent(pressure)} of the limit; {state or 'no state yet'}"


def _limit_words(watch: BillWatch) -> str:
    if not watch.speaks:
        return f"not known: it takes {FEWEST_WEEKS} whole weeks to say"
    return f"on {_day_words(watch.threat[1])}" if watch.state == OVER else _span(watch.threat)


def filled_part(days: int) -> str:
    """How many of the last days are filled in, as the end of a sentence.

    >>> filled_part(1), filled_part(0)
    (', one of which has no bill and is taken to be like those around it', '')
    """
    have, those = ("one of which has", "is") if days == 1 else (f"{days} of which have", "are")
    around = "it" if days == 1 else "them"
    return f", {have} no bill and {those} taken to be like those around {around}" if days else ""


def _trend_words(trend: float) -> str:
    return f"{trend:+.1%} against" if abs(trend) >= SAME else "as in"


def _day_words(when: date | None) -> str:
    return "" if when is None else day(when)


def _span(threat: tuple[date | None, date | None, date | None]) -> str:
    low, middle, high = threat
    if middle is None:
        return "not within two years in half of what may come" + (f", {day(low)} at the earliest" if low else "")
    rest = f"{_day_words(low)} to {_day_words(high) or 'beyond two years'}"
    return f"about {day(middle)} ({rest} in 80 %)"
