"""ONE table of what each input is called, ONE formatter of a value with its unit."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import date
from math import isclose
from typing import Any

from pydantic.fields import FieldInfo

from switchpoint.scenario.candidates import Common, Model, OwnModel, RoutePlan
from switchpoint.scenario.current import CommonOfCurrent
from switchpoint.scenario.diff import Cause, Change
from switchpoint.scenario.errors import either, show
from switchpoint.scenario.fields import Part
from switchpoint.scenario.introspection import unit_of
from switchpoint.scenario.routes import Commitment, PriceChange, TokenPrices
from switchpoint.scenario.uncertain import Choice, Pert, Range, num
from switchpoint.scenario.usage import UsageEvent
from switchpoint.text import day, join_names

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

    >>> from switchpoint.scenario.usage import Growth
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


def _event_words(event: UsageEvent | PriceChange) -> str:
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


def _plan(plan: RoutePlan) -> str:
    return ", then ".join(f"{step.candidate} {_step_start(step.start)}" for step in plan.steps)


def _step_start(start: Any) -> str:
    return f"on {day(start)}" if isinstance(start, date) else STEP_WORDS.get(start, f"under {start}")


STEP_WORDS = {"now": "now", "best": "on its best day", "after": "after it", "never": "never"}


def _candidate(candidate: Any) -> str:
    if not isinstance(candidate, OwnModel):
        named = " ".join(filter(None, [candidate.provider, candidate.model]))
        prices = _prices(candidate.usd_per_mtok) if candidate.usd_per_mtok else ""
        return " ".join(filter(None, [candidate.kind, named or prices]))
    served = _model(candidate.model) if candidate.model else "a model of your own"
    return f"gpu {served}{f' on {candidate.fleet.gpu}' if candidate.fleet.gpu else ''}"


TABLES: Mapping[type[Part], Callable[[Any], str]] = {
    UsageEvent: _event_words,
    PriceChange: _event_words,
    Commitment: _commitment,
    TokenPrices: _prices,
    Model: _model,
    Common: _candidate,
    RoutePlan: _plan,
    CommonOfCurrent: _candidate,
}


QUANTITIES = (int, float, Range, Pert, Choice)
NOUNS: dict[str, tuple[str, str, str]] = {
    "start": ("first day", "a later", "an earlier"),
    "months": ("horizon", "a longer", "a shorter"),
    "usage.requests_per_day": ("usage at the start", "higher", "lower"),
    "usage.input_tokens": ("input per request", "more", "less"),
    "usage.output_tokens": ("output per request", "more", "less"),
    "usage.cached_input_share": ("share of cached input", "a higher", "a lower"),
    "usage.token_growth_per_month": ("growth of tokens per request", "faster", "slower"),
    "usage.growth.per_month": ("growth of usage", "faster", "slower"),
    "usage.growth.fade_per_month": ("fading of growth", "faster", "slower"),
    "usage.growth.ceiling": ("ceiling of usage", "a higher", "a lower"),
    "revenue.usd_per_month": ("revenue", "higher", "lower"),
    "revenue.growth_per_month": ("growth of revenue", "faster", "slower"),
    "revenue.usd_per_1000_requests": ("revenue per request", "higher", "lower"),
    "limit.share_of_revenue": ("limit", "a higher", "a lower"),
    "limit.usd_per_month": ("limit", "a higher", "a lower"),
    "limit.usd_per_1000_requests": ("limit", "a higher", "a lower"),
    "usd_per_month": ("flat fee", "a higher", "a lower"),
    "price_change_per_year": ("yearly drift of the prices", "another", "another"),
    "price_shocks_per_year": ("sudden reprices", "more", "fewer"),
    "retry_share": ("retries", "more", "fewer"),
    "batch_share": ("traffic that can wait", "more", "less"),
    "batch_discount": ("discount on what can wait", "a higher", "a lower"),
    "coverage": ("coverage", "higher", "lower"),
    "quality_usd_per_1000_requests": ("price of worse answers", "a higher", "a lower"),
    "usd_per_1000_requests": ("guardrails and logging", "dearer", "cheaper"),
    "fleet.usd_per_gpu_hour": ("GPU rent", "higher", "lower"),
    "fleet.usd_per_gpu_hour_change_per_year": ("yearly drift of the GPU rent", "another", "another"),
    "fleet.requests_per_second_per_replica": ("capacity of a replica", "a higher", "a lower"),
    "fleet.min_replicas": ("smallest fleet", "a larger", "a smaller"),
    "fleet.spare_replicas": ("spare replicas", "more", "fewer"),
    "fleet.regions": ("regions", "more", "fewer"),
    "fleet.ttft_p95_s": ("promise for the first token", "a slower", "a faster"),
    "fleet.tpot_p95_s": ("promise for each output token", "a slower", "a faster"),
    "fleet.purchase_usd_per_gpu": ("price of a GPU", "a higher", "a lower"),
    "project.engineers": ("engineers on the project", "more", "fewer"),
    "project.engineers_in_house": ("engineers in house", "more", "fewer"),
    "project.hiring_weeks": ("hiring", "slower", "faster"),
    "project.upskilling_weeks": ("upskilling", "longer", "shorter"),
    "project.usd_per_engineer_month": ("cost of an engineer", "a higher", "a lower"),
    "project.examples": ("examples to label", "more", "fewer"),
    "project.examples_in_hand": ("examples in hand", "more", "fewer"),
    "project.usable_share": ("share of usable requests", "a higher", "a lower"),
    "project.labels_per_day": ("labelling", "faster", "slower"),
    "project.usd_per_example": ("price of an example", "a higher", "a lower"),
    "project.usd_per_iteration": ("price of an iteration", "a higher", "a lower"),
    "project.training_days": ("training", "longer", "shorter"),
    "project.evaluation_days": ("evaluation", "longer", "shorter"),
    "project.pass_probability": ("odds of passing the evaluation", "higher", "lower"),
    "project.diagnosed_share": ("share of diagnosed interventions", "a higher", "a lower"),
    "project.max_iterations": ("iterations before it is given up", "more", "fewer"),
    "project.intervention_days": ("interventions", "longer", "shorter"),
    "project.hardening_days": ("hardening", "longer", "shorter"),
    "project.usd_hardening": ("price of hardening", "a higher", "a lower"),
    "project.shadow_days": ("shadow", "a longer", "a shorter"),
    "project.ramp_days": ("ramp", "a longer", "a shorter"),
    "project.usd_one_off": ("one-off cost", "a higher", "a lower"),
    "upkeep.engineers": ("engineers for upkeep", "more", "fewer"),
    "upkeep.usd_per_month": ("upkeep", "dearer", "cheaper"),
    "upkeep.retrain_every_months": ("time between retrainings", "a longer", "a shorter"),
    "upkeep.incidents_per_year": ("incidents", "more", "fewer"),
    "decision.discount_rate_per_year": ("discount rate", "a higher", "a lower"),
}
"""What an input is called, and what more and less of it are called; in routes and candidates without their name."""
HEADS = (
    ("other token prices", "usd_per_mtok", ("provider", "model", "usd_per_mtok")),
    ("another model", "model", ("provider", "model")),
    ("another provider", "provider", ("provider",)),
    ("another open model", "model.base", ("model.base", "model.params_billion")),
    ("other hardware", "fleet.gpu", ("fleet.provider", "fleet.gpu")),
    ("another provider of GPUs", "fleet.provider", ("fleet.provider", "fleet.usd_per_gpu_hour")),
)
"""What changes are called that have the second of these among them, and the values that are told of them."""
LISTS = {"events": ("jump", "drop", "of usage"), "price_changes": ("price rise", "price cut", "")}
"""What a list's elements are called with a factor above and below 1, and of what they are."""


def phrase(cause: Cause) -> str:
    """A cause in a few words, with the values it changes."""
    if cause.joined:
        return _tell_as_one([phrase(each) for each in cause.joined])
    subject, values = _before_and_after(cause)
    return f"{subject} ({values})" if values else subject


def short_phrase(cause: Cause) -> str:
    """The same without the values."""
    if cause.joined:
        return _tell_as_one([short_phrase(each) for each in cause.joined])
    return _before_and_after(cause)[0]


def _tell_as_one(phrases: Sequence[str]) -> str:
    """Causes that can only be told as one."""
    return f"{join_names(phrases[:-1])} together with {phrases[-1]}"


def _before_and_after(cause: Cause) -> tuple[str, str]:
    changes = cause.changes
    first = changes[0]
    places = [i for i, step in enumerate(first.path) if isinstance(step, int)]
    if places:
        return _of_list(changes, places[0])
    if len(first.path) == 2 and first.path[0] in ("candidates", "plans"):
        return _of_candidates(changes) if first.path[0] == "candidates" else _of_plan(first)
    if kinds := [change for change in changes if change.path in (("current",), ("current", "kind"))]:
        return "another kind of current route", _instead(kinds)
    keys = {_tail(change): change for change in changes}
    if "usage.growth.curve" in keys:
        return "another growth curve", _instead([keys["usage.growth.curve"]])
    if any(key.startswith("usd_per_mtok.") for key in keys):
        return _of_prices([change for key, change in keys.items() if key.startswith("usd_per_mtok.")])
    for subject, decides, told in HEADS:
        if decides in keys:
            return f"{subject}{_whose(first)}", _instead([keys[key] for key in told if key in keys])
    if first.path[0] == "limit" and (first.path == ("limit",) or len(changes) > 1):
        return _of_limit(first), ""
    more = f" and {len(changes) - 1} more" if len(changes) > 1 else ""
    subject, values = _of_one(first)
    return f"{subject}{more}", values


def _of_limit(change: Change) -> str:
    if change.path != ("limit",):
        return "another kind of limit"
    return "no limit" if change.kind == "removed" else "a limit"


def _of_one(change: Change) -> tuple[str, str]:
    noun, more, less = NOUNS.get(_tail(change), (_plain_noun(change), "higher", "lower"))
    way = (
        _direction(change.before, change.after) if _tail(change) in NOUNS or not isinstance(change.before, tuple) else 0
    )
    other = "other" if noun.endswith("s") else "another"
    adjective = more if way > 0 else less if way < 0 else other
    return f"{adjective} {noun}{_whose(change)}", _instead([change])


def _direction(before: Any, after: Any) -> float:
    if isinstance(before, tuple) and isinstance(after, tuple):
        rises = {b > a for a, b in zip(before, after, strict=False) if a != b}
        return 0.0 if len(rises) != 1 or len(before) != len(after) else 1.0 if rises.pop() else -1.0
    if isinstance(before, date) and isinstance(after, date):
        return (after - before).days
    if isinstance(before, bool) or not isinstance(before, QUANTITIES) or not isinstance(after, QUANTITIES):
        return 0.0
    return 0.0 if isclose(num(before), num(after)) else num(after) - num(before)


def _instead(changes: Sequence[Change]) -> str:
    """New values instead of old ones; a unit that both share is said once."""
    pairs = [_base_values(change) for change in changes]
    before, after = (" ".join(_without_left_out(each)) for each in zip(*pairs, strict=True))
    words_before, words_after = before.split(" "), after.split(" ")
    amounts = all(isinstance(each, QUANTITIES) for c in changes for each in (c.before, c.after))
    while amounts and len(words_before) > 1 and len(words_after) > 1 and words_before[-1] == words_after[-1] != "%":
        words_before.pop()
        words_after.pop()
    if LEFT_OUT in (before, after):
        return f"{after}; {before} before"
    return f"{after} instead of {' '.join(words_before)}"


def _without_left_out(values: Sequence[str]) -> Sequence[str]:
    """What is not left out; if all is, that once."""
    return [value for value in values if value != LEFT_OUT] or [LEFT_OUT]


def _base_values(change: Change) -> tuple[str, str]:
    """Old and new value, beliefs as what the base case uses; the beliefs themselves where those are the same."""
    before, after = (
        num(each) if isinstance(each, (Range, Pert, Choice)) else each for each in (change.before, change.after)
    )
    if isinstance(before, float) and isinstance(after, float) and isclose(before, after):
        before, after = change.before, change.after
    if isinstance(before, float) and isinstance(after, float) and f"{before:.3g}" != f"{after:.3g}":
        before, after = float(f"{before:.3g}"), float(f"{after:.3g}")
    return both(before, after, change.field)


def _of_list(changes: Sequence[Change], place: int) -> tuple[str, str]:
    """An event, price change or commitment that comes, goes, or is another one."""
    first = changes[0]
    key = str(first.path[place - 1])
    whole = len(first.path) == place + 1
    if key not in LISTS or not whole:
        noun = {"events": "event of usage", "price_changes": "price change"}.get(key, "commitment")
        verb = {"added": "an added", "removed": "no", "changed": "another"}[first.kind if whole else "changed"]
        return f"{verb} {noun}{_whose(first)}", _instead(changes) if not whole else spoken(first.after or first.before)
    up, down, of = LISTS[key]
    event = first.after or first.before
    noun = f"{up if num(event.factor) >= 1 else down}{f' {of}' if of else ''}"
    when = f"×{num(event.factor):.3g} from {day(event.date)}"
    return f"{'the' if first.kind == 'added' else 'no'} {noun}{_whose(first)}", when


def _of_candidates(changes: Sequence[Change]) -> tuple[str, str]:
    name = str(changes[0].path[1])
    if len(changes) == 2:
        old, new = sorted(changes, key=lambda change: change.kind == "added")
        return f"another name for {old.path[1]} ({new.path[1]})", ""
    match changes[0].kind:
        case "added":
            return f"the added candidate {name}", spoken(changes[0].after)
        case "removed":
            return f"no candidate {name}", ""
        case _:
            return f"another kind of {name}", _instead(changes)


def _of_plan(change: Change) -> tuple[str, str]:
    """A plan that comes, goes, or has other steps."""
    name, steps = change.path[1], spoken(change.after or change.before)
    return {"added": f"the added plan {name}", "removed": f"no plan {name}"}.get(
        change.kind, f"another plan {name}"
    ), steps


def _of_prices(changes: Sequence[Change]) -> tuple[str, str]:
    ways = {_direction(c.before, c.after) > 0 for c in changes if _direction(c.before, c.after)}
    adjective = "other" if len(ways) != 1 else "higher" if ways.pop() else "lower"
    names = {"input": "in", "cached_input": "cached", "cache_write": "cache write", "output": "out"}
    told = [f"{price_words(c.after)} instead of {price_words(c.before)} {names[str(c.path[-1])]}" for c in changes]
    return f"{adjective} token prices{_whose(changes[0])}", join_names(told)


def _tail(change: Change) -> str:
    """The dotted path, in a route or candidate without the name of it."""
    path = change.path
    inner = path[2:] if path[0] == "candidates" else path[1:] if path[0] == "current" else path
    return ".".join(str(step) for step in inner)


def _whose(change: Change) -> str:
    if change.path[0] == "candidates":
        return f" of {change.path[1]}"
    if change.path[0] != "current":
        return ""
    return " of today's API" if change.of_api else " of the current route"


def _plain_noun(change: Change) -> str:
    """A noun made of the field's name.

    >>> _plain_noun(Change(("candidates", "own", "fleet", "usd_per_kwh"), 0.1, 0.2))
    'cost per kwh'
    """
    words = str(change.path[-1]).removesuffix("_per_month").removesuffix("_s").replace("_", " ")
    return words.replace("usd per", "cost per").replace("usd", "cost")
