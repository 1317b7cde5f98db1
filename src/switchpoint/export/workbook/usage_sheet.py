"""Usage as formulas: the growth curve, weekdays, events, and tokens of a request."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date

from switchpoint.export.workbook.formula import Column, Grid, Term, either, exp, largest, ln, size, where
from switchpoint.export.workbook.inputs_sheet import About, Book, Calendar, serial
from switchpoint.export.workbook.styles import COUNT, DATE, FACTOR
from switchpoint.scenario.errors import Keys, dotted_path
from switchpoint.scenario.routes import PriceChange
from switchpoint.scenario.uncertain import num
from switchpoint.scenario.usage import Growth, UsageEvent
from switchpoint.simulation.usage import planned_points, planned_requests, trend

WEEK = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
BEFORE_ALL = serial(date(1989, 12, 31))
"""A date before all that a scenario may state."""


@dataclass(frozen=True)
class UsageSheet:
    """Requests and tokens of each day."""

    requests: Column
    input_tokens: Column
    output_tokens: Column


def usage_columns(grid: Grid, book: Book, days: Calendar) -> UsageSheet:
    """Requests of a day: growth curve x weekday x events in force; tokens of a request x (1 + growth)^t."""
    inputs, usage = book.inputs, book.result.case.scenario.usage
    inputs.heading("Usage")
    level = grid.add("Requests before weekdays and events", "requests/day", _curve(grid, book, days), COUNT)
    week = inputs.block(
        "usage_weekday_profile",
        usage.weekday_profile,
        [About(f"Weight of {day} in the week", "weight", *_origin(book, ("usage", "weekday_profile"))) for day in WEEK],
    )
    weekday = grid.add("Weekday factor", "factor", week.pick(days.weekday) / week.mean, FACTOR)
    requests: Term = level * weekday
    if usage.events:
        force = events_in_force(book, ("usage", "events"), usage.events, days, "Usage")
        requests = requests * grid.add("Events in force", "factor", force, FACTOR)
    daily = grid.add("Requests", "requests/day", requests, COUNT)
    growth = grid.add("Token growth", "factor", (1 + inputs.field("usage", "token_growth_per_month")) ** days.t, FACTOR)
    tokens = (
        grid.add(
            f"{kind.capitalize()} tokens", "tokens/request", inputs.field("usage", f"{kind}_tokens") * growth, COUNT
        )
        for kind in ("input", "output")
    )
    return UsageSheet(daily, *tokens)


def _origin(book: Book, path: Keys) -> tuple[str, str]:
    """Source and date of a field."""
    known = book.inputs.stated[dotted_path(path)]
    return known.source, known.as_of


def _curve(grid: Grid, book: Book, days: Calendar) -> Term:
    """R(t), requests a day before weekdays and events."""
    inputs, growth, t = book.inputs, book.result.case.scenario.usage.growth, days.t
    if growth.curve == "history":
        return _history(book, growth) ** t * _fitted_level(book)
    if growth.curve == "plan":
        level_by_day = planned_requests(planned_points(growth), book.clock.months_since_start, book.clock.start)
        return grid.add_values("Requests a day as planned", "requests/day", level_by_day, COUNT)
    level = inputs.field("usage", "requests_per_day")

    def growth_field(name: str) -> Term:
        return inputs.field("usage", "growth", name)

    match growth.curve:
        case "linear":
            return largest(level + growth_field("per_month") * t, 0)
        case "compound":
            return _compound(level, growth_field("per_month"), growth_field("fade_per_month"), t)
        case "logistic":
            return _logistic(grid, level, growth_field("per_month"), growth_field("ceiling"), t)
        case "bass":
            return _bass(grid, level, growth_field("innovation"), growth_field("imitation"), growth_field("market"), t)
    return level


def _compound(level: Term, rate: Term, fade: Term, t: Term) -> Term:
    faded = level * exp(ln(1 + rate) * ((1 - fade) ** t - 1) / ln(1 - fade))
    return where(fade.equals(0), level * (1 + rate) ** t, faded)


def _logistic(grid: Grid, level: Term, rate: Term, ceiling: Term, t: Term) -> Term:
    k = ln(1 + rate) / (1 - level / ceiling)
    settled = either(level.equals(0), level.equals(ceiling))
    decay = grid.add(
        "Distance left to the ceiling",
        "e^(-kt)",
        where(settled, 1, exp(-(where(level > ceiling, size(k), k) * t))),
        FACTOR,
    )
    return where(settled, level, ceiling / (ceiling / level * decay + 1 - decay))


def _bass(grid: Grid, level: Term, innovation: Term, imitation: Term, market: Term, t: Term) -> Term:
    decay = grid.add("Decay", "e^(-(p+q)t)", exp(-((innovation + imitation) * t)), FACTOR)
    odds = (innovation + imitation * level / market) / (1 - level / market)
    curve = market * (odds - innovation * decay) / (odds + imitation * decay)
    still = either(level >= market, (innovation + imitation * level).equals(0))
    return where(still, level, curve)


def _history(book: Book, growth: Growth) -> Term:
    """1 + the growth a month that was fitted to the history file."""
    about = About("Growth a month, fitted to the history", "share/month", *_origin(book, ("usage", "growth", "file")))
    rate = trend(str(growth.file), book.clock.start)[1]
    return 1 + book.inputs.number("usage_growth_per_month_fitted", rate, about)


def _fitted_level(book: Book) -> Term:
    stated = book.result.case.scenario.usage.requests_per_day
    if stated is not None:
        return book.inputs.field("usage", "requests_per_day")
    about = About(
        "Level at the start, fitted to the history", "requests/day", *_origin(book, ("usage", "growth", "file"))
    )
    return book.inputs.number("usage_requests_per_day", book.result.case.level, about)


def events_in_force(
    book: Book,
    path: Keys,
    events: Sequence[UsageEvent | PriceChange],
    days: Calendar,
    what: str,
    skipped: Collection[int] = (),
) -> Term:
    """Product of the factors of all dated changes that have happened by a day, without those at skipped places.

    Each change that counts in the base case multiplies the factor in force; a day takes that of the latest change.
    """
    inputs = book.inputs
    name = inputs.name_of(path)
    counted = (each for each in enumerate(events) if each[0] not in skipped)
    ordered = sorted(counted, key=lambda each: each[1].date)
    labels = [f"{what} event {place + 1}" for place, _ in ordered]
    fields = [dotted_path((*path, place, part)) for place, _ in ordered for part in ("date", "factor", "probability")]
    origin = [inputs.stated[field] for field in fields]

    def abouts(text: str, unit: str, part: int) -> list[About]:
        rows = zip(labels, origin[part::3], fields[part::3], strict=True)
        return [About(f"{label}: {text}", unit, o.source, o.as_of, o.spread, field) for label, o, field in rows]

    first = About(f"{what} events: before the first", "date", "definition")
    serials = [float(BEFORE_ALL), *(float(serial(event.date)) for _, event in ordered)]
    dates = inputs.block(f"{name}_dates", serials, [first, *abouts("first day", "date", 0)], number=DATE)
    inputs.rising.append(dates)
    factors = inputs.block(f"{name}_factors", [num(e.factor) for _, e in ordered], abouts("factor", "factor", 1))
    odds = inputs.block(f"{name}_odds", [e.probability for _, e in ordered], abouts("probability", "share", 2))
    force, terms = 1.0, [Term("1", 1.0)]
    for place in range(len(ordered)):
        before = Term(f"'{inputs.name}'!$B${inputs.row + place + 1}", force)
        terms.append(before * where(odds.cell(place) >= inputs.even, factors.cell(place), 1))
        force = terms[-1].number
    worked = [About(f"{what} factor in force from then on", "factor", "worked out")] * len(terms)
    return dates.upto(days.date, inputs.work_out(f"{name}_in_force", terms, worked))
