"""Figures that look as if they were meant in another unit: percent for a share, cents for dollars."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from switchpoint.scenario.candidates import Common, GpuCandidate
from switchpoint.scenario.current import CurrentGpu, OwnRoute
from switchpoint.scenario.errors import Keys
from switchpoint.scenario.fields import Part
from switchpoint.scenario.introspection import unit_of
from switchpoint.scenario.routes import PricedRoute
from switchpoint.scenario.schema import Scenario
from switchpoint.scenario.stated_notes import Note
from switchpoint.scenario.uncertain import Choice, Pert, Range, extremes, num
from switchpoint.text import percent, usd

CHEAP = 0.005
"""Dollars per million input tokens; no model that anybody sells costs less, unless it is free."""
DEAR = {"input": 50.0, "output": 200.0}
"""Dollars per million tokens; beyond them there are a handful of models, none of them current."""
ENGINEER_MONTH = (1_000.0, 60_000.0)
"""Dollars; less is a day or an hour of an engineer, more is a year."""
DEAR_EXAMPLE = 50.0
"""Dollars; hours of a specialist for one example, which hardly anybody pays a thousand times over."""
SLOWEST = {"ttft_p95_s": 60.0, "tpot_p95_s": 2.0}
"""Seconds; nobody promises to be so slow, but milliseconds are soon written."""


def unit_notes(scenario: Scenario) -> Iterator[Note]:
    """A note on each figure that is allowed, but would be common in another unit."""
    yield from _percents(scenario, ())
    if scenario.usage.requests_per_day is not None and 0 < num(scenario.usage.requests_per_day) < 1:
        few = f"requests_per_day is {num(scenario.usage.requests_per_day):g}, less than one a day; is it by the second?"
        yield _slip(("usage", "requests_per_day"), few)
    for path, route in scenario.routes:
        yield from _engineers(num(route.project.usd_per_engineer_month), (*path, "project"))
        if isinstance(route, Common):
            yield from _examples(num(route.project.usd_per_example), (*path, "project"))
        if isinstance(route, PricedRoute):
            yield from _prices(route, path)
        if isinstance(route, GpuCandidate | CurrentGpu):
            yield from _promise(route, (*path, "fleet"))


def _slip(path: Keys, sentence: str) -> Note:
    return Note("unit", path, sentence, turns=True)


def _percents(part: Part, path: Keys) -> Iterator[Note]:
    """Shares above 1 where that is allowed: 8 for 8 %."""
    for name, field in type(part).model_fields.items():
        value, at = getattr(part, name), (*path, name)
        if isinstance(value, Part):
            yield from _percents(value, at)
        elif isinstance(value, dict):
            for key, each in value.items():
                yield from _percents(each, (*at, key)) if isinstance(each, Part) else ()
        elif "share" in unit_of(field) and _highest(value) > 1 and getattr(part, "curve", "") != "linear":
            most = _highest(value)
            yield _slip(at, f"{name} is {most:g}, which is {percent(most)}; {most:g} % is {most / 100:g}")


def _highest(value: Any) -> float:
    known = isinstance(value, (int, float, Range, Pert, Choice)) and not isinstance(value, bool)
    return max(extremes(value)) if known else 0.0


def _prices(route: PricedRoute, path: Keys) -> Iterator[Note]:
    """Token prices that are swapped, by the thousand tokens, or in cents."""
    if route.usd_per_mtok is None:
        return
    prices, at = route.usd_per_mtok, (*path, "usd_per_mtok")
    inp, out = num(prices.input), num(prices.output)
    cached = 0.0 if prices.cached_input is None else num(prices.cached_input)
    if 0 < out < inp:
        yield _slip((*at, "output"), f"output costs less than input, ${out:g} against ${inp:g}; are they swapped?")
    if cached > inp:
        told = f"cached_input costs more than input, ${cached:g} against ${inp:g}; are they swapped?"
        yield _slip((*at, "cached_input"), told)
    if 0 < inp < CHEAP:
        told = f"input is ${inp:g} per million tokens, less than any model is sold for; is it by the thousand tokens?"
        yield _slip((*at, "input"), told)
    dear = [name for name, most in DEAR.items() if {"input": inp, "output": out}[name] > most]
    if dear:
        price = {"input": inp, "output": out}[dear[0]]
        told = f"{dear[0]} is ${price:g} per million tokens, more than nearly any model is sold for; is it in cents?"
        yield _slip((*at, dear[0]), told)


def _engineers(usd_a_month: float, path: Keys) -> Iterator[Note]:
    least, most = ENGINEER_MONTH
    if usd_a_month > most or 0 < usd_a_month < least:
        unit = "year" if usd_a_month > most else "hour or day"
        told = f"usd_per_engineer_month is {usd(usd_a_month)}; is it by the {unit}?"
        yield _slip((*path, "usd_per_engineer_month"), told)


def _examples(each: float, path: Keys) -> Iterator[Note]:
    if each > DEAR_EXAMPLE:
        told = f"usd_per_example is {usd(each)} for each example to label; is it for many of them?"
        yield _slip((*path, "usd_per_example"), told)


def _promise(candidate: OwnRoute, path: Keys) -> Iterator[Note]:
    for field, slowest in SLOWEST.items():
        promised = getattr(candidate.fleet, field)
        if promised is not None and promised > slowest:
            yield _slip((*path, field), f"{field} is {promised:g} seconds; is it in milliseconds?")
