"""The days of staying as formulas: growth curve, weekdays, events, tokens; bill, revenue, limit and pressure."""

from __future__ import annotations

from dataclasses import dataclass

from switchpoint.export.workbook.formula import (
    NOTHING,
    Column,
    Grid,
    Term,
    both,
    either,
    exp,
    largest,
    ln,
    size,
    smallest,
    where,
)
from switchpoint.export.workbook.inputs_sheet import About, Book, Calendar, Months, calendar
from switchpoint.export.workbook.routes_sheet import (
    Commitments,
    Leaving,
    RouteFormulas,
    Settlement,
    batch_discount,
    commitments,
    events_in_force,
    leaving,
    per_request,
)
from switchpoint.export.workbook.styles import COUNT, FACTOR, USD
from switchpoint.scenario.errors import Keys, dotted_path
from switchpoint.scenario.routes import PricedRoute
from switchpoint.scenario.usage import Growth, Limit
from switchpoint.simulation.usage import paid_hours, planned_points, planned_requests, trend

# Usage as formulas ---------------------------------------------------------------------------------------------------

WEEK = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")


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


# The days of staying, as formulas ------------------------------------------------------------------------------------


@dataclass(frozen=True)
class CurrentRoute:
    """What the current route charges by the token."""

    per_request: Column
    flat: Term
    """Dollars a day while any request stays on it."""
    commitments: Commitments | None
    leaving: Leaving | None


@dataclass(frozen=True)
class Pressed:
    """The limits, the bill over the tightest, and whether that is reached; day by day."""

    limits: tuple[Column, ...]
    pressure: Column
    reached: Column


@dataclass(frozen=True)
class StaySheet:
    """The days that all candidates share."""

    grid: Grid
    days: Calendar
    usage: UsageSheet
    discount: Column
    retry_share: Term
    route: CurrentRoute | None
    """None where it has more than tokens and fees, so that only the simulation tells what it costs."""
    settlement: Settlement | None
    cost: Column
    bill: Column
    pressed: Pressed | None
    """What the bill presses against; None without a limit."""

    def current_bill(self, grid: Grid, share: Term | None, label: str) -> Term:
        """Dollars a day of the current route for a share of the requests; left out, for all of them."""
        route, requests = self.route, self.usage.requests
        assert route is not None
        return current_bill(grid, route, requests, self.settlement, share, label)

    def moving(self, grid: Grid, share: Term) -> tuple[Column, ...]:
        """Dollars a day for moving to the successor of its retired model, while any request is left on it."""
        leaving = None if self.route is None else self.route.leaving
        if leaving is None:
            return ()
        return (grid.add("Current route, moving to a successor", "$/day", leaving.moving(self.days, share > 0), USD),)


def current_bill(
    grid: Grid, route: CurrentRoute, requests: Column, settlement: Settlement | None, share: Term | None, label: str
) -> Term:
    """Dollars a day of the current route for a share of the requests; left out, for all of them."""
    on_route = requests if share is None else requests * share
    fees = route.flat if share is None else where(share > 0, route.flat, 0)
    if route.commitments is None or settlement is None:
        return on_route * route.per_request + fees
    daily = grid.add("Current route, tokens", "$/day", on_route * route.per_request, USD)
    settled = settlement.settle(daily, route.commitments, label)
    kept = grid.add("Current route, tokens after commitments", "$/day", daily * settled.kept, USD)
    return kept + fees + grid.add("Current route, added by take-or-pay", "$/day", settled.missing, USD)


def stay_columns(grid: Grid, book: Book, settled: Grid | None) -> StaySheet:
    """Usage, the current route, and what its bill presses against; day by day."""
    inputs = book.inputs
    days = calendar(grid, book)
    usage = usage_columns(grid, book, days)
    inputs.heading("Decision")
    rate = inputs.field("decision", "discount_rate_per_year")
    discount = grid.add("Present value of a dollar", "$", (1 + rate) ** (-(days.day / inputs.days_per_year)), FACTOR)
    inputs.heading("Current route")
    retries = inputs.field("current", "retry_share")
    inputs.batch_share = inputs.field(
        "current" if book.result.case.scenario.current.batch_share else "usage", "batch_share"
    )
    route = _current(grid, book, days, usage, retries)
    settlement = Settlement(Months.on(settled, days, book.clock), inputs.tolerance) if settled else None
    billed, cost = _bill_and_cost(grid, book, days, usage, route, settlement)
    limit = book.result.case.scenario.limit
    limits = () if limit is None else _limits(grid, book, days, usage, limit)
    mean = grid.trailing("Stay, 28-day mean", "$/day", billed)
    pressed = _bill_pressures(grid, book, mean, limits) if limits else None
    bill = grid.add("Monthly bill", "$/month", mean * inputs.days_per_month, USD)
    return StaySheet(grid, days, usage, discount, retries, route, settlement, cost, bill, pressed)


def _bill_and_cost(
    grid: Grid, book: Book, days: Calendar, usage: UsageSheet, route: CurrentRoute | None, settlement: Settlement | None
) -> tuple[Column, Column]:
    """What the current route bills, and all that staying costs: formulas, or what the simulation says."""
    if route is None:
        case = book.result.case
        billed = grid.add_values("Stay: bill, simulated", "$/day", case.setting.route_bill, USD)
        return billed, grid.add_values("Stay, simulated", "$/day", case.stay, USD)
    billed = grid.add("Stay", "$/day", current_bill(grid, route, usage.requests, settlement, None, "Stay"), USD)
    if route.leaving is None:
        return billed, billed
    moved = billed + route.leaving.moving(days)
    return billed, grid.add("Stay, with moving to a successor", "$/day", moved, USD)


def _bill_pressures(grid: Grid, book: Book, mean: Column, limits: tuple[Column, ...]) -> Pressed:
    """What the mean bill of 28 days presses against."""
    means = [grid.trailing(f"{_limit_word(i, limits)}, 28-day mean", "$/day", each) for i, each in enumerate(limits)]
    tightest: Term = means[0]
    for other in means[1:]:
        tightest = smallest(tightest, other)
    limit = tightest if len(means) == 1 else grid.add("Tightest limit, 28-day mean", "$/day", tightest)
    pressure = where(mean <= 0, 0, where(limit > 0, mean / limit, NOTHING))
    pressed = grid.add("Pressure", "bill over limit", pressure, "0.000")
    at_limit = both(mean > 0, mean >= limit * (1 - book.inputs.tolerance))
    reached = grid.add("Limit reached", "1 yes, 0 no", where(at_limit, 1, 0), "0")
    return Pressed(limits, pressed, reached)


def _current(grid: Grid, book: Book, days: Calendar, usage: UsageSheet, retries: Term) -> CurrentRoute | None:
    inputs, scenario = book.inputs, book.result.case.scenario
    route = scenario.current
    if not isinstance(route, PricedRoute) or not book.result.case.setting.beside_tokens.is_plain:
        return None
    discount = batch_discount(book, ("current",), route.batch_discount)
    ends = leaving(book, route, ("current",))
    hours = paid_hours(scenario.usage)
    terms = RouteFormulas(usage.input_tokens, usage.output_tokens, retries, discount, hours, ends)
    price = per_request(grid, book, days, route, ("current",), terms)
    flat = inputs.field("current", "usd_per_month") * inputs.months_per_year / inputs.days_per_year
    return CurrentRoute(price, flat, commitments(book, route, ("current",), "Current route"), ends)


def _limit_word(place: int, limits: tuple[Column, ...]) -> str:
    return "Limit" if len(limits) == 1 else f"Limit {place + 1}"


def _limits(grid: Grid, book: Book, days: Calendar, usage: UsageSheet, limit: Limit) -> tuple[Column, ...]:
    """Each stated limit, dollars a day."""
    inputs, found = book.inputs, []
    inputs.heading("Revenue and limit")
    if limit.share_of_revenue is not None:
        revenue = _revenue(grid, book, days, usage)
        share = inputs.field("limit", "share_of_revenue")
        daily = share * revenue * inputs.months_per_year / inputs.days_per_year
        found.append(grid.add("Limit: share of revenue", "$/day", daily))
    if limit.usd_per_month is not None:
        most = inputs.field("limit", "usd_per_month") * inputs.months_per_year / inputs.days_per_year
        found.append(grid.add("Limit: dollars a month", "$/day", most))
    if limit.usd_per_1000_requests is not None:
        each = inputs.field("limit", "usd_per_1000_requests")
        found.append(grid.add("Limit: per 1,000 requests", "$/day", each * usage.requests / inputs.per_thousand))
    return tuple(found)


def _revenue(grid: Grid, book: Book, days: Calendar, usage: UsageSheet) -> Column:
    inputs = book.inputs
    own = inputs.field("revenue", "usd_per_month") * (1 + inputs.field("revenue", "growth_per_month")) ** days.t
    per_request = inputs.field("revenue", "usd_per_1000_requests") / inputs.per_thousand
    return grid.add("Revenue", "$/month", own + per_request * usage.requests * inputs.days_per_month, COUNT)
