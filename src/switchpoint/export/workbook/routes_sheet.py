"""Token routes, retirement, commitments."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date

import numpy as np

from switchpoint.catalog import RoutePrice, TokenPrice
from switchpoint.catalog.library_prices import Hours
from switchpoint.export.workbook.formula import Column, Grid, Term, both, largest, where
from switchpoint.export.workbook.inputs_sheet import About, Book, Calendar, Months, Named, serial
from switchpoint.export.workbook.styles import COUNT, DATE, FACTOR, PRICE, USD, CellKind
from switchpoint.horizon import Horizon
from switchpoint.review.pages import short
from switchpoint.scenario.errors import Keys, dotted_path
from switchpoint.scenario.routes import PriceChange, PricedRoute, TokenPrices
from switchpoint.scenario.uncertain import num
from switchpoint.scenario.usage import UsageEvent
from switchpoint.simulation.prices import listed_price, listed_prices, retirement, stated_twice


@dataclass(frozen=True)
class Leaving:
    """When a model is retired, what moving costs, and the price of its successor against its own."""

    day: Term
    """First day without it, as a date."""
    usd: Term
    factor: Term

    def price(self, days: Calendar) -> Term:
        """Factor on the prices of each day."""
        return where(days.date >= self.day, self.factor, 1)

    def moving(self, days: Calendar, in_use: Term | None = None) -> Term:
        """Dollars of each day, while the route is in use; a model that is gone before the first day goes on it."""
        due = days.date.equals(self._first_without(days))
        return where(due if in_use is None else both(due, in_use), self.usd, 0)

    def too_early(self, days: Calendar, live: Term) -> Term:
        """Whether a day is without it, where it has no successor and is gone by the day on which it could be live."""
        no_successor = both(self.usd.equals(0), self.factor.equals(1))
        gone = self._first_without(days)
        return both(both(no_successor, gone <= live), days.date >= gone)

    def _first_without(self, days: Calendar) -> Term:
        return largest(self.day, days.date.cell(0))


def leaving(book: Book, route: PricedRoute, path: Keys) -> Leaving | None:
    """The known end of a route's model; None where there is none within the horizon."""
    when = retirement(route, book.clock)
    if when is None:
        return None
    inputs, place = book.inputs, (*path, "retires_on")
    known = inputs.stated.get(dotted_path(place)) if route.retires_on is not None else None
    if known is not None:
        about = About(known.meaning.split(";")[0], "date", known.source, known.as_of, field=known.field)
    else:
        row = listed_price(route, book.clock.start)
        assert row is not None
        about = About(f"Day on which {row.model} is retired", "date", row.source, row.date, field=dotted_path(place))
    day = inputs.block(inputs.name_of(place), [float(serial(when))], [about], number=DATE).first
    return Leaving(day, inputs.field(*path, "usd_per_migration"), inputs.field(*path, "migration_price_factor"))


PARTS = ("input", "cached_input", "cache_write", "output")
PER_MTOK = "$/million tokens"
TINY = "0.000E+00"


@dataclass(frozen=True)
class RouteFormulas:
    """What a route makes of a request: its tokens, retries, and the discount on traffic that can wait."""

    input_tokens: Term
    output_tokens: Term
    retry_share: Term
    batch_discount: Term | None
    """As stated; None takes the batch prices of the list, where it has some."""
    hours: Hours | None = None
    leaving: Leaving | None = None


@dataclass(frozen=True)
class PriceLine:
    """Prices from a day on, of requests with more than so many input tokens; $/Mtok, and a fee per 1,000 requests."""

    since: date
    above: float
    prices: tuple[float, ...]
    waiting: tuple[float, ...]
    """The prices of requests that can wait; the same where there are none."""
    fee: float
    source: RoutePrice


def price_lines(route: PricedRoute, clock: Horizon, hours: Hours | None = None) -> list[PriceLine]:
    """The catalogue's prices of the horizon, oldest first and the tiers of each rising; none where they are stated."""
    return [
        PriceLine(
            clock.date_of(day),
            tier.above_input_tokens,
            _by_part(tier.price),
            _by_part(low.price),
            row.usd_per_1000_requests,
            row,
        )
        for day, row in listed_prices(route, clock, hours)
        for tier, low in zip(row.tiers, row.batch or row.tiers, strict=True)
    ]


def _by_part(price: TokenPrice) -> tuple[float, ...]:
    return price.input, price.cached_input, price.cache_write, price.output


def per_request(grid: Grid, book: Book, days: Calendar, route: PricedRoute, path: Keys, terms: RouteFormulas) -> Column:
    """Dollars per request of each day, before commitments.

    (1 + retry)·((in·(1 - c - w)·p_in + in·c·p_cached + in·w·p_write + out·p_out)/10^6 + usd_per_request)·
    (1 - batch_share·batch_discount)·price factors; a provider's fee per request adds (1 + retry)·fee. Where the batch
    prices are the catalogue's, each price is p·(1 - batch_share) + p_batch·batch_share and there is no discount beside.
    """
    inputs = book.inputs
    cached, written = inputs.field("usage", "cached_input_share"), inputs.field(*path, "cache_write_share")
    prices = _prices(grid, book, days, route, path, terms)
    drift = (1 + inputs.field(*path, "price_change_per_year")) ** (days.t / inputs.months_per_year)
    twice = {each.place for each in stated_twice(route)}
    if len(twice) < len(route.price_changes):
        what = f"{_label(path)}: price"
        force = events_in_force(book, (*path, "price_changes"), route.price_changes, days, what, twice)
        drift = drift * force
    if terms.leaving is not None:
        drift = drift * terms.leaving.price(days)
    tries = 1 + terms.retry_share
    if terms.batch_discount is not None:
        tries = tries * (1 - inputs.batch_share * terms.batch_discount)
    scale = grid.add("Tries, batch discount and price factor", "millionths", tries * drift / inputs.per_mtok, TINY)
    mix = (1 - cached - written) * prices["input"] + cached * prices["cached_input"] + written * prices["cache_write"]
    cost = (terms.input_tokens * mix + terms.output_tokens * prices["output"]) * scale
    if num(route.usd_per_request):
        cost = cost + scale * inputs.per_mtok * inputs.field(*path, "usd_per_request")
    if "fee" in prices:
        cost = cost + (1 + terms.retry_share) * prices["fee"] / inputs.per_thousand
    return grid.add("Cost of a request", "$/request", cost, PRICE)


def _label(path: Keys) -> str:
    return "Current route" if path == ("current",) else short(str(path[1]))


def _prices(
    grid: Grid, book: Book, days: Calendar, route: PricedRoute, path: Keys, terms: RouteFormulas
) -> dict[str, Term]:
    """Prices of each kind of token, $/Mtok, and the fee per 1,000 requests where there is one."""
    lines = price_lines(route, book.clock, terms.hours)
    if route.usd_per_mtok is not None:
        return _stated_prices(book, route.usd_per_mtok, path)
    if not lines:
        return dict.fromkeys(PARTS, Term("0", 0.0))
    blocks = _price_list(book, lines, path, batches=terms.batch_discount is None)
    dated = {"since", "above"}
    if len(lines) == 1:
        found = {part: block.first for part, block in blocks.items() if part not in dated}
    else:
        row = grid.add("Row of the price list", "row", _row_in_force(blocks, days, terms, lines), "0")
        found = {part: block.pick(row) for part, block in blocks.items() if part not in dated}
    return _blend_prices(book, found)


def _blend_prices(book: Book, prices: dict[str, Term]) -> dict[str, Term]:
    """Each price with its batch price, by the share of traffic that can wait."""
    share, batch = book.inputs.batch_share, {part: prices.pop(f"{part}_batch", None) for part in PARTS}
    return prices | {part: prices[part] * (1 - share) + low * share for part, low in batch.items() if low is not None}


def _stated_prices(book: Book, prices: TokenPrices, path: Keys) -> dict[str, Term]:
    given = {part: getattr(prices, part) is not None for part in PARTS}
    fields = {part: book.inputs.field(*path, "usd_per_mtok", part) for part in PARTS if given[part]}
    return {part: fields.get(part, fields["input"]) for part in PARTS}


def _price_list(book: Book, lines: Sequence[PriceLine], path: Keys, batches: bool) -> dict[str, Named]:
    """The price list on the sheet of inputs; with its batch prices where they are wanted and differ."""
    inputs, blocks = book.inputs, {}
    name = inputs.name_of(path)

    def abouts(text: str, unit: str) -> list[About]:
        return [
            About(f"{_label(path)}: {text}{_which(line, lines)}", unit, line.source.source, line.source.date)
            for line in lines
        ]

    if len(lines) > 1:
        serials = [float(serial(line.since)) for line in lines]
        blocks["since"] = inputs.block(f"{name}_prices_since", serials, abouts("prices from", "date"), number=DATE)
        inputs.rising.append(blocks["since"])
        above = [line.above for line in lines]
        blocks["above"] = inputs.block(f"{name}_prices_above", above, abouts("input tokens above", "tokens/request"))
    for place, part in enumerate(PARTS):
        values = [line.prices[place] for line in lines]
        words = abouts(f"{part.replace('_', ' ')} tokens", PER_MTOK)
        blocks[part] = inputs.block(f"{name}_{part}_usd_per_mtok", values, words)
        waiting = [line.waiting[place] for line in lines]
        if batches and waiting != values:
            words = abouts(f"{part.replace('_', ' ')} tokens that can wait", PER_MTOK)
            blocks[f"{part}_batch"] = inputs.block(f"{name}_{part}_batch_usd_per_mtok", waiting, words)
    if any(line.fee for line in lines):
        fees = [line.fee for line in lines]
        blocks["fee"] = inputs.block(f"{name}_usd_per_1000_requests_fee", fees, abouts("fee", "$/1,000 requests"))
    return blocks


def _which(line: PriceLine, lines: Sequence[PriceLine]) -> str:
    """Which row of a longer price list."""
    if len(lines) == 1:
        return f", {line.source.provider} {line.source.model}"
    return f", from {line.since}, above {line.above:,.0f} input tokens"


def _row_in_force(blocks: dict[str, Named], days: Calendar, terms: RouteFormulas, lines: Sequence[PriceLine]) -> Term:
    """The last row of the price list that has begun and whose threshold the request exceeds; first tiers always do."""
    since, above = blocks["since"], blocks["above"]
    numbers = f"(ROW({since.text})-ROW({since.cell(0).text})+1)"
    fits = f"(({above.text}<{terms.input_tokens.text})+({above.text}=0)>0)"
    text = f"SUMPRODUCT(MAX(({since.text}<={days.date.text})*{fits}*{numbers}))"
    place = np.arange(1, len(lines) + 1)
    begun = since.values <= np.asarray(days.date.values)[:, None]
    beyond = (above.values < np.asarray(terms.input_tokens.value)[:, None]) | (above.values == 0)
    return Term(text, (begun * beyond * place).max(axis=1))


def batch_discount(book: Book, path: Keys, stated: float | None) -> Term | None:
    """A route's discount on traffic that can wait, as stated; None where the price list decides."""
    return None if stated is None else book.inputs.field(*path, "batch_discount")


@dataclass(frozen=True)
class Commitments:
    """A route's commitments by rising size, the first one standing for none."""

    sizes: Named
    discounts: Named
    until: Named | None


def commitments(book: Book, route: PricedRoute, path: Keys, label: str) -> Commitments | None:
    """The commitments of a route on the sheet of inputs; None where it has none."""
    if not route.commitments:
        return None
    inputs, name = book.inputs, book.inputs.name_of(path)
    ordered = sorted(enumerate(route.commitments), key=lambda each: each[1].usd_per_month)

    def abouts(text: str, unit: str, part: str) -> list[About]:
        fields = [dotted_path((*path, "commitments", place, part)) for place, _ in ordered]
        known = [inputs.stated.get(field) for field in fields]
        none = About(f"{label}: no commitment, {text}", unit, "definition")
        return [none] + [
            About(f"{label}: commitment, {text}", unit, k.source if k else "not stated", k.as_of if k else "", field=f)
            for k, f in zip(known, fields, strict=True)
        ]

    sizes = [0.0, *(each.usd_per_month for _, each in ordered)]
    discounts = [0.0, *(each.discount for _, each in ordered)]
    until = [0.0, *(float(serial(each.until)) if each.until else 0.0 for _, each in ordered)]
    return Commitments(
        inputs.block(f"{name}_commitment_sizes", sizes, abouts("size", "$/month", "usd_per_month")),
        inputs.block(f"{name}_commitment_discounts", discounts, abouts("discount", "share, 0 to 1", "discount")),
        inputs.block(f"{name}_commitment_until", until, abouts("take-or-pay until", "date", "until"), number=DATE)
        if any(until)
        else None,
    )


@dataclass(frozen=True)
class SettledBill:
    """What is left of each dollar of a day, and the dollars a day that take-or-pay adds."""

    kept: Term
    missing: Term


class Settlement:
    """The sheet on which commitments are settled: one row a month, some columns for each path of each route."""

    def __init__(self, months: Months, tolerance: Term) -> None:
        self.months, self.tolerance = months, tolerance
        grid, clock = months.grid, months.clock
        whole = clock.month_days / clock.month_part
        self.inside = grid.add_values("Days in the horizon", "days", clock.month_days, COUNT, CellKind.FORMULA)
        self.part = grid.add(
            "Part in the horizon",
            "share",
            self.inside / grid.add_values("Days", "days", whole, COUNT, CellKind.FORMULA),
            FACTOR,
        )

    def settle(self, daily: Column, terms: Commitments, label: str, live: Column | None = None) -> SettledBill:
        """Settle the bill of a path.

        Args:
            daily: dollars a day before discounts.
            terms: the route's commitments.
            label: whose bill it is.
            live: 1 on days that count, else 0; left out, all do.
        """
        grid = self.months.grid
        bill = grid.add(f"{label}: bill before discount", "$/month", self.months.sum(daily), USD)
        counted: Term = (
            self.inside if live is None else grid.add(f"{label}: days that count", "days", self.months.sum(live), COUNT)
        )
        part = (
            self.part
            if live is None
            else grid.add(f"{label}: part that counts", "share", self.part * counted / self.inside, FACTOR)
        )
        reached = terms.sizes.upto(where(part > 0, bill / (part * (1 - self.tolerance)), 0), terms.discounts)
        discount = grid.add(f"{label}: discount", "share", where(part > 0, reached, 0), FACTOR)
        missing: Term = Term("0", 0.0)
        if terms.until is not None:
            owed = grid.add(f"{label}: owed at least", "$/month", self._largest_owed(terms) * part, USD)
            lacking = largest(owed - bill * (1 - discount), 0) / largest(counted, 1)
            day = grid.add(f"{label}: added by take-or-pay", "$/day", lacking, USD).range.pick(self.months.days.place)
            missing = day if live is None else where(live.equals(1), day, 0)
        return SettledBill(1 - discount.range.pick(self.months.days.place), missing)

    def _largest_owed(self, terms: Commitments) -> Term:
        """The largest take-or-pay size that is owed in the month of the row."""
        assert terms.until is not None
        begins = terms.until.values > self.months.month.values[:, None]
        text = f"SUMPRODUCT(MAX(({terms.until.text}>{self.months.month.text})*{terms.sizes.text}))"
        return Term(text, np.max(begins * terms.sizes.values, axis=1))


BEFORE_ALL = serial(date(1989, 12, 31))
"""A date before all that a scenario may state."""


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
