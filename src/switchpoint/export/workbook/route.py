"""Routes paid by the token, as formulas: dollars per request of each day."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

import numpy as np

from switchpoint.catalog import RoutePrice, TokenPrice
from switchpoint.catalog.library import Hours
from switchpoint.catalog.listing import listed_prices, stated_twice
from switchpoint.clock import Clock
from switchpoint.export.words import short
from switchpoint.export.workbook.book import Book, Calendar
from switchpoint.export.workbook.grid import Column, Grid
from switchpoint.export.workbook.inputs import About, Named, serial
from switchpoint.export.workbook.leaving import Leaving
from switchpoint.export.workbook.look import DATE, FACTOR, PRICE
from switchpoint.export.workbook.term import Term
from switchpoint.export.workbook.usage import events_in_force
from switchpoint.scenario.errors import Path
from switchpoint.scenario.quantity import num
from switchpoint.scenario.schema import PricedRoute, TokenPrices

PARTS = ("input", "cached_input", "cache_write", "output")
PER_MTOK = "$/million tokens"
TINY = "0.000E+00"


@dataclass(frozen=True)
class Terms:
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


def price_lines(route: PricedRoute, clock: Clock, hours: Hours | None = None) -> list[PriceLine]:
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


def per_request(grid: Grid, book: Book, days: Calendar, route: PricedRoute, path: Path, terms: Terms) -> Column:
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
    factor = grid.add("Price factor", "factor", drift, FACTOR)
    tries = 1 + terms.retry_share
    if terms.batch_discount is not None:
        tries = tries * (1 - inputs.batch_share * terms.batch_discount)
    scale = grid.add("Tries, batch discount and price factor", "millionths", tries * factor / inputs.per_mtok, TINY)
    fresh = terms.input_tokens * scale * (1 - cached - written) * prices["input"]
    if num(route.usd_per_request):
        fresh = fresh + scale * inputs.per_mtok * inputs.field(*path, "usd_per_request")
    if "fee" in prices:
        fresh = fresh + (1 + terms.retry_share) * prices["fee"] / inputs.per_thousand
    unit = "$/request"
    kept = terms.input_tokens * scale * (cached * prices["cached_input"] + written * prices["cache_write"])
    told = grid.add("Output tokens cost", unit, terms.output_tokens * scale * prices["output"], PRICE)
    parts = grid.add("Input tokens cost", unit, fresh, PRICE), grid.add("Cached input cost", unit, kept, PRICE)
    return grid.add("Cost of a request", unit, parts[0] + parts[1] + told, PRICE)


def _label(path: Path) -> str:
    return "Current route" if path == ("current",) else short(str(path[1]))


def _prices(grid: Grid, book: Book, days: Calendar, route: PricedRoute, path: Path, terms: Terms) -> dict[str, Term]:
    """Prices of each kind of token, $/Mtok, and the fee per 1,000 requests where there is one."""
    lines = price_lines(route, book.clock, terms.hours)
    if route.usd_per_mtok is not None:
        return _stated(book, route.usd_per_mtok, path)
    if not lines:
        return dict.fromkeys(PARTS, Term("0", 0.0))
    blocks = _listed(book, lines, path, batches=terms.batch_discount is None)
    dated = {"since", "above"}
    if len(lines) == 1:
        found = {part: block.first for part, block in blocks.items() if part not in dated}
    else:
        row = grid.add("Row of the price list", "row", _row_in_force(blocks, days, terms, lines), "0")
        found = {part: block.pick(row) for part, block in blocks.items() if part not in dated}
    return _blended(book, found)


def _blended(book: Book, prices: dict[str, Term]) -> dict[str, Term]:
    """Each price with its batch price, by the share of traffic that can wait."""
    share, batch = book.inputs.batch_share, {part: prices.pop(f"{part}_batch", None) for part in PARTS}
    return prices | {part: prices[part] * (1 - share) + low * share for part, low in batch.items() if low is not None}


def _stated(book: Book, prices: TokenPrices, path: Path) -> dict[str, Term]:
    given = {part: getattr(prices, part) is not None for part in PARTS}
    fields = {part: book.inputs.field(*path, "usd_per_mtok", part) for part in PARTS if given[part]}
    return {part: fields.get(part, fields["input"]) for part in PARTS}


def _listed(book: Book, lines: Sequence[PriceLine], path: Path, batches: bool) -> dict[str, Named]:
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


def _row_in_force(blocks: dict[str, Named], days: Calendar, terms: Terms, lines: Sequence[PriceLine]) -> Term:
    """The last row of the price list that has begun and whose threshold the request exceeds; first tiers always do."""
    since, above = blocks["since"], blocks["above"]
    numbers = f"(ROW({since.text})-ROW({since.cell(0).text})+1)"
    fits = f"(({above.text}<{terms.input_tokens.text})+({above.text}=0)>0)"
    text = f"SUMPRODUCT(MAX(({since.text}<={days.date.text})*{fits}*{numbers}))"
    place = np.arange(1, len(lines) + 1)
    begun = since.values <= np.asarray(days.date.values)[:, None]
    beyond = (above.values < np.asarray(terms.input_tokens.value)[:, None]) | (above.values == 0)
    return Term(text, (begun * beyond * place).max(axis=1))


def batch_discount(book: Book, path: Path, stated: float | None) -> Term | None:
    """A route's discount on traffic that can wait, as stated; None where the price list decides."""
    return None if stated is None else book.inputs.field(*path, "batch_discount")
