"""What an input is called in a sentence, and a value with its unit, three digits of it."""

from __future__ import annotations

from switchpoint.scenario.errors import Keys
from switchpoint.scenario.fields import Part
from switchpoint.scenario.routes import PricedRoute
from switchpoint.scenario.schema import Scenario
from switchpoint.text import about, day

NAMES = {
    "usage.requests_per_day": "usage at the start",
    "usage.input_tokens": "input per request",
    "usage.output_tokens": "output per request",
    "usage.cached_input_share": "the cached share of the input",
    "usage.token_growth_per_month": "growth of tokens per request",
    "usage.growth.per_month": "growth",
    "usage.growth.fade_per_month": "the fading of growth",
    "revenue.usd_per_month": "revenue at the start",
    "revenue.growth_per_month": "growth of revenue",
    "revenue.usd_per_1000_requests": "revenue per request",
    "limit.usd_per_month": "the limit",
    "limit.usd_per_1000_requests": "the limit",
    "current.price_change_per_year": "the drift of today's prices",
    "current.retry_share": "the share of repeated requests",
}
"""Inputs that all candidates share."""
OF_A_CANDIDATE = {
    "usd_per_gpu_hour": "GPU rent",
    "usd_per_gpu_hour_change_per_year": "drift of the GPU rent",
    "purchase_usd_per_gpu": "price of a GPU",
    "requests_per_second_per_replica": "capacity of a replica",
    "usd_per_hour": "price of the endpoint",
    "hiring_weeks": "hiring time",
    "labels_per_day": "labelling",
    "usd_per_engineer_month": "cost of an engineer",
    "usd_per_example": "price of an example",
    "usd_per_iteration": "price of an iteration",
    "quality_usd_per_1000_requests": "price of worse answers",
    "usd_per_1000_requests": "other cost of requests",
    "input_tokens_factor": "input tokens against today's",
    "output_tokens_factor": "output tokens against today's",
}
PER = {"month": "a month", "day": "a day", "s": "a second", "year": "a year", "hour": "an hour"}


def name_in_sentence(path: Keys, scenario: Scenario) -> str:
    """What an input is called in a sentence."""
    known = NAMES.get(".".join(map(str, path)))
    if known:
        return known
    last = str(path[-1])
    if path[0] == "candidates":
        return f"{path[1]}'s {OF_A_CANDIDATE.get(last) or last.replace('_', ' ')}{_dated_part(path, scenario)}"
    owner = str(path[0]).replace("current", "the current route")
    return f"{last.replace('_', ' ')} of {owner}{_dated_part(path, scenario)}"


def prices_called(path: Keys, scenario: Scenario) -> str:
    """What all token prices of a route are called together."""
    if path[0] == "candidates":
        return f"{path[1]}'s token prices"
    model = scenario.current.model if isinstance(scenario.current, PricedRoute) else None
    return f"all token prices of {model or 'the current route'}"


def capitalize_name(text: str, path: Keys) -> str:
    """A name as a heading begins it; names of candidates stay as they are."""
    return text if path[0] == "candidates" else text[:1].upper() + text[1:]


def value_with_unit(value: float, unit: str, *, bare: bool = False) -> str:
    """A value with its unit, three digits of it; `bare`, without what follows the number.

    >>> value_with_unit(0.0508, "share/month"), value_with_unit(2.2, "$/million tokens")
    ('5.08 % a month', '$2.20 per million tokens')
    >>> value_with_unit(44_212, "requests/day"), value_with_unit(18_912, "$/month")
    ('44,200 requests a day', '$18,900 a month')
    >>> value_with_unit(0.713, "share, 0 to 1"), value_with_unit(16.24, "weeks")
    ('71.3 %', '16.2 weeks')
    >>> value_with_unit(0.6, "$/GPU-hour", bare=True)
    '$0.60'
    """
    number = _number(value, unit.removeprefix("factor").partition("/")[0])
    after = "" if bare else after_a_number(unit)
    return f"{number} {after}" if after else number


def after_a_number(unit: str) -> str:
    """What follows a number of this unit.

    >>> after_a_number("share/month"), after_a_number("share of revenue"), after_a_number("weeks"), after_a_number("$")
    ('a month', 'of revenue', 'weeks', '')
    """
    what, _, per = unit.removeprefix("factor").partition("/")
    of = what.removeprefix("share").partition(",")[0].strip(" $")
    return " ".join(filter(None, (of, PER.get(per, f"per {per}") if per else "")))


def _number(value: float, what: str) -> str:
    if what.startswith("share"):
        return f"{round(100 * value, 4):.3g} %"
    if what != "$":
        return _figure(value)
    sign, size = ("-" if value < 0 else ""), abs(value)
    return f"{sign}${about(size) if size >= 100 else max(f'{size:.2f}', f'{size:.3g}', key=len)}"


def _figure(value: float) -> str:
    return about(value) if abs(value) >= 1000 else f"{value:.3g}"


def _dated_part(path: Keys, scenario: Scenario) -> str:
    """Which of several dated things, such as events, an input belongs to."""
    dated = at_path(scenario, path[:-1])
    when = getattr(dated, "date", None)
    return f" from {day(when)} on" if isinstance(path[-2], int) and when is not None else ""


def at_path(node: object, path: Keys) -> Part:
    """The table at a path of a scenario."""
    for key in path:
        node = getattr(node, str(key)) if isinstance(node, Part) else node[key]  # type: ignore[index]
    assert isinstance(node, Part)
    return node
