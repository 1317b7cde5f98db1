"""Inputs with their units, as people write them: "6 % to 14 % a month", "$0.75 in, $4.5 out"."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date
from typing import Any

from pydantic.fields import FieldInfo

from switchpoint.scenario.candidate import Common, GpuCandidate, Model
from switchpoint.scenario.demand import UsageEvent
from switchpoint.scenario.outline import unit_of
from switchpoint.scenario.part import Part
from switchpoint.scenario.quantity import Choice, Pert, Range
from switchpoint.scenario.route import Commitment, PriceChange, TokenPrices
from switchpoint.scenario.words import either, show
from switchpoint.words import day

LEFT_OUT = "left out"
SHORT = 6
MIDDLE = 3
EXACT = 15
SUFFIXES = {
    "": "",
    "$/1,000 requests": " per 1,000 requests",
    "$/million tokens": " per million tokens",
    "$/million training tokens": " per million training tokens",
    "requests/s": " requests a second",
    "s/token": " s a token",
}
"""Units that are said otherwise than they are written."""


def both(before: Any, after: Any, field: FieldInfo | None) -> tuple[str, str]:
    """Two values of one field, with as many digits as it takes to tell them apart."""
    texts = spoken(before, field), spoken(after, field)
    return texts if texts[0] != texts[1] else (spoken(before, field, EXACT), spoken(after, field, EXACT))


def spoken(value: Any, field: FieldInfo | None = None, digits: int = SHORT) -> str:
    """A value with its unit; beliefs as their ranges, tables in a few words.

    >>> from switchpoint.scenario.demand import Growth
    >>> spoken(Range(0.06, 0.14), Growth.model_fields["per_month"])
    '6 % to 14 % a month (middle 9.17 %)'
    """
    unit = unit_of(field).partition(";")[0] if field else ""

    def one(number: float) -> str:
        return _number(number, unit, digits)

    match value:
        case None:
            return LEFT_OUT
        case bool():
            return "yes" if value else "no"
        case int() | float():
            return one(value) + _suffix(unit, value)
        case Range(low, high) | Pert(low, _, high):
            return f"{one(low)} to {one(high)}{_suffix(unit)} (middle {_number(value.base, unit, MIDDLE)})"
        case Choice(values, _):
            return f"{either(map(one, values))}{_suffix(unit)} (likeliest {one(value.base)})"
        case date():
            return day(value)
        case str():
            return value
        case Part():
            return _table(value)
    return ", ".join(map(spoken, value)) if isinstance(value, tuple) else show(value)


def _number(number: float, unit: str, digits: int) -> str:
    if unit.startswith("share"):
        return f"{_figure(100 * number, digits)} %"
    sign, lead = ("-" if number < 0 else ""), {"$": "$", "f": "×"}.get(unit[:1], "")
    cents = f"{abs(number):,.2f}"
    in_cents = lead == "$" and number != int(number) and float(cents.replace(",", "")) == abs(number)
    return f"{sign}{lead}{cents if in_cents else _figure(abs(number), digits)}"


def _figure(number: float, digits: int) -> str:
    """Whole numbers in full, others to so many significant digits."""
    rounded = float(f"{number:.{EXACT}g}")
    return f"{rounded:,.0f}" if rounded == int(rounded) else f"{float(f'{number:.{digits}g}'):,.15g}"


def _suffix(unit: str, number: float = 2.0) -> str:
    """What stands behind a number of a unit, such as " a month"."""
    if unit in SUFFIXES:
        return SUFFIXES[unit]
    what, slash, per = unit.partition("/")
    if what.startswith("share"):
        what = what.removeprefix("share").removesuffix(", 0 to 1")
    elif what.startswith(("$", "factor", "1", "log")):
        what = ""
    else:
        what = f" {what.removeprefix('calendar ')}"
        if number == 1:
            what = what.replace("people", "person").removesuffix("s") if len(what) > 2 else what
    return f"{what} {'an' if per.startswith('h') else 'a'} {per}" if slash else what


def _table(part: Part) -> str:
    """A table of the schema in a few words."""
    describe = next((words for kind, words in TABLES.items() if isinstance(part, kind)), None)
    if describe is not None:
        return describe(part)
    stated = {name: getattr(part, name) for name in type(part).model_fields if name in part.model_fields_set}
    return show({name: value for name, value in stated.items() if not isinstance(value, Part)})


def _dated(event: UsageEvent | PriceChange) -> str:
    likely = f" ({_number(event.probability, 'share', SHORT)} likely)" if event.probability < 1 else ""
    return f"{spoken(event.factor, type(event).model_fields['factor'])} from {day(event.date)}{likely}"


def _commitment(commitment: Commitment) -> str:
    until = f" until {day(commitment.until)}" if commitment.until else ""
    size, discount = _number(commitment.usd_per_month, "$", SHORT), _number(commitment.discount, "share", SHORT)
    return f"{size} a month for {discount} off{until}"


def _prices(prices: TokenPrices) -> str:
    named = {"in": prices.input, "cached": prices.cached_input, "cache write": prices.cache_write, "out": prices.output}
    return ", ".join(f"{price_words(price)} {name}" for name, price in named.items() if price is not None)


def price_words(price: Any) -> str:
    """A token price without its unit.

    >>> price_words(0.075)
    '$0.075'
    """
    return spoken(price, TokenPrices.model_fields["input"]).removesuffix(SUFFIXES["$/million tokens"])


def _model(model: Model) -> str:
    return model.base or f"{_figure(model.params_billion or 0, SHORT)} billion parameters"


def _candidate(candidate: Any) -> str:
    if not isinstance(candidate, GpuCandidate):
        named = " ".join(filter(None, [candidate.provider, candidate.model]))
        prices = _prices(candidate.usd_per_mtok) if candidate.usd_per_mtok else ""
        return " ".join(filter(None, [candidate.kind, named or prices]))
    served = _model(candidate.model) if candidate.model else "a model of your own"
    return f"gpu {served}{f' on {candidate.fleet.gpu}' if candidate.fleet.gpu else ''}"


TABLES: Mapping[type[Part], Callable[[Any], str]] = {
    UsageEvent: _dated,
    PriceChange: _dated,
    Commitment: _commitment,
    TokenPrices: _prices,
    Model: _model,
    Common: _candidate,
}
