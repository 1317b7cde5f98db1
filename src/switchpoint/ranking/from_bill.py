"""A scenario from a bill: of bill, volume and tokens two are known, the third is solved; all else is assumed, and said.

    bill = requests a day x 30.4375 x dollars of a request(tokens)

The bill is that of the first 28 days, as the scenario's own figures have it, so a growing usage begins a little below.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Literal, TypeAlias

from switchpoint.catalog import route_price
from switchpoint.decision.case import simulate
from switchpoint.errors import CannotCompute
from switchpoint.finance import trailing_mean
from switchpoint.horizon import MONTH_DAYS, horizon_of
from switchpoint.scenario.schema import Scenario
from switchpoint.scenario.uncertain import num
from switchpoint.scenario.usage import Growth, growth_in_words
from switchpoint.simulation.candidate import World
from switchpoint.simulation.chance import Expected
from switchpoint.text import count, percent, usd

Whose: TypeAlias = Literal["yours", "assumed", "from the catalogue", "solved"]
RATIO = 5.5
"""Input tokens for each output token, where nothing is said: as in Azure's public trace of conversations of 2023."""
MONTHS = 36
DISCOUNT = 0.1
ROUNDS = 60
CLOSE = 1e-9


@dataclass(frozen=True)
class KnownOfBill:
    """What somebody knows who knows the bill."""

    provider: str
    model: str
    bill_usd_per_month: float | None = None
    requests_per_day: float | None = None
    input_tokens: float | None = None
    """Per request."""
    output_tokens: float | None = None
    growth_per_month: float | None = None
    revenue_usd_per_month: float | None = None
    limit_usd_per_month: float | None = None
    limit_share_of_revenue: float | None = None
    ratio: float | None = None
    """Input tokens for each output token."""
    start: dt.date | None = None

    @property
    def knows_tokens(self) -> bool:
        """Whether tokens per request are stated."""
        return self.input_tokens is not None or self.output_tokens is not None


@dataclass(frozen=True)
class StatedInput:
    """One input of the scenario: what it is, and whose."""

    path: tuple[str, ...]
    value: Any
    whose: Whose
    words: str
    """What it is and, where it is assumed, why."""


@dataclass(frozen=True)
class BillScenario:
    """A scenario without candidates, and where each of its inputs is from."""

    name: str
    inputs: tuple[StatedInput, ...]
    scenario: Scenario
    solved: str
    """Which of the three was solved, in one sentence."""

    def of(self, whose: Whose) -> tuple[StatedInput, ...]:
        """The inputs of one origin."""
        return tuple(each for each in self.inputs if each.whose == whose)


def scenario_from_bill(name: str, known: KnownOfBill) -> BillScenario:
    """The scenario of a bill.

    Raises:
        CannotCompute: where not two of bill, volume and tokens are stated, or they fit no request.
        CatalogError: where the catalogue lacks provider or model.
    """
    _check_two(known)
    start = known.start or dt.date.today()
    price = route_price(known.provider, known.model, start)
    ratio = known.ratio or RATIO
    draft = _draft(name, known, start, ratio)
    if known.bill_usd_per_month is None:
        bill = bill_of(draft)
        solved = f"these requests and tokens come to a bill of {usd(bill)} a month"
    elif known.requests_per_day is None:
        draft, solved = _solve_requests(draft, known.bill_usd_per_month)
    else:
        draft, solved = _solve_tokens(draft, known.bill_usd_per_month, price.max_context)
    inputs = tuple(_inputs(draft, known, ratio, price.source, price.date))
    return BillScenario(name, inputs, draft, solved)


def _check_two(known: KnownOfBill) -> None:
    stated = [known.bill_usd_per_month is not None, known.requests_per_day is not None, known.knows_tokens]
    if sum(stated) < 2:
        raise CannotCompute(("bill",), "needs two of three: the bill, the requests a day, the tokens of a request")
    if sum(stated) > 2:
        raise CannotCompute(
            ("bill",), "bill, requests a day and tokens are all stated; leave one out, it follows from the others"
        )
    if known.limit_share_of_revenue is not None and not known.revenue_usd_per_month:
        raise CannotCompute(("limit", "share_of_revenue"), "a share of revenue needs the revenue")


def _draft(name: str, known: KnownOfBill, start: dt.date, ratio: float) -> Scenario:
    outputs = known.output_tokens if known.output_tokens is not None else (known.input_tokens or 1000.0 * ratio) / ratio
    inputs = known.input_tokens if known.input_tokens is not None else outputs * ratio
    limits = {"usd_per_month": known.limit_usd_per_month, "share_of_revenue": known.limit_share_of_revenue}
    stated = {key: value for key, value in limits.items() if value is not None}
    tree: dict[str, Any] = {
        "name": name,
        "start": start,
        "months": MONTHS,
        "usage": {
            "requests_per_day": known.requests_per_day or 1000.0,
            "input_tokens": inputs,
            "output_tokens": outputs,
            "hourly_profile": "office",
        },
        "current": {"provider": known.provider, "model": known.model},
        "decision": {"discount_rate_per_year": DISCOUNT},
        **({"revenue": {"usd_per_month": known.revenue_usd_per_month}} if known.revenue_usd_per_month else {}),
        **({"limit": stated} if stated else {}),
    }
    if known.growth_per_month:
        tree["usage"]["growth"] = {"curve": "compound", "per_month": known.growth_per_month}
    return Scenario.model_validate(tree)


def bill_of(scenario: Scenario) -> float:
    """Dollars a month of the current route over the first 28 days."""
    world = World.of(scenario, horizon_of(scenario.start, 2), Expected())
    return float(trailing_mean(world.route_bill)[0] * MONTH_DAYS)


def _with_usage(scenario: Scenario, **values: float) -> Scenario:
    return scenario.model_copy(update={"usage": scenario.usage.model_copy(update=values)})


def _solve_requests(draft: Scenario, bill: float) -> tuple[Scenario, str]:
    """Requests are in proportion to the bill: no price depends on how many there are."""
    requests = _round_to(1000.0 * bill / bill_of(_with_usage(draft, requests_per_day=1000.0)), 4)
    return _with_usage(draft, requests_per_day=requests), (
        f"a bill of {usd(bill)} a month at these tokens is {count(requests)} requests a day"
    )


def _solve_tokens(draft: Scenario, bill: float, most: int | None) -> tuple[Scenario, str]:
    """Tokens follow the bill in their ratio; where prices have steps, it is bisected which tokens meet it."""
    inputs, outputs = float(draft.usage.input_tokens), float(draft.usage.output_tokens)  # type: ignore[arg-type]

    def bill_at(scale: float) -> float:
        return bill_of(_with_usage(draft, input_tokens=inputs * scale, output_tokens=outputs * scale))

    low, high = 0.0, 1.0
    while bill_at(high) < bill and high * inputs < 1e7:
        low, high = high, high * 2
    for _ in range(ROUNDS):
        middle = (low + high) / 2
        low, high = (middle, high) if bill_at(middle) < bill else (low, middle)
        if high - low <= CLOSE * high:
            break
    found = _round_to(inputs * high, 5), _round_to(outputs * high, 5)
    if sum(found) < 2 or (most is not None and sum(found) > most):
        raise CannotCompute(
            ("bill",),
            f"{usd(bill)} a month for so many requests would be {count(sum(found))} tokens each, "
            + ("more than the model takes; look at the bill and the requests a day" if sum(found) >= 2 else "too few"),
        )
    solved = _with_usage(draft, input_tokens=found[0], output_tokens=found[1])
    return solved, (
        f"a bill of {usd(bill)} a month for these requests is {count(found[0])} input and {count(found[1])} output "
        "tokens each"
    )


def _round_to(number: float, digits: int) -> float:
    return float(f"{number:.{digits}g}")


def _inputs(scenario: Scenario, known: KnownOfBill, ratio: float, source: str, date: str) -> Iterator[StatedInput]:
    usage = scenario.usage
    yield from _usage_inputs(scenario, known, ratio)
    yield StatedInput(("current", "provider"), known.provider, "yours", "who is paid")
    yield StatedInput(("current", "model"), known.model, "yours", f"priced from the catalogue: {source}, {date}")
    yield from _money_inputs(known)
    yield StatedInput(("start",), scenario.start, "yours" if known.start else "assumed", "first day that is simulated")
    yield StatedInput(("months",), scenario.months, "assumed", "how far it looks ahead")
    yield StatedInput(
        ("usage", "hourly_profile"),
        usage.hourly_profile,
        "assumed",
        "busy by day, quiet at night; GPUs are sized for it",
    )
    yield StatedInput(
        ("decision", "discount_rate_per_year"), DISCOUNT, "assumed", "money a year later counts a tenth less"
    )


def _usage_inputs(scenario: Scenario, known: KnownOfBill, ratio: float) -> Iterator[StatedInput]:
    usage = scenario.usage
    yield StatedInput(
        ("usage", "requests_per_day"),
        usage.requests_per_day,
        "yours" if known.requests_per_day is not None else "solved",
        "level at the start" if known.requests_per_day is not None else "what the bill pays for at these tokens",
    )
    both = known.input_tokens is not None and known.output_tokens is not None
    by_ratio = f"{ratio:g} input tokens for each output token" + (
        "" if known.ratio else ", as in a public trace of talks"
    )
    for name, stated in (("input_tokens", known.input_tokens), ("output_tokens", known.output_tokens)):
        if stated is not None:
            whose, words = "yours", "per request"
        elif known.knows_tokens and not both:
            whose, words = "assumed", f"per request; {by_ratio}"
        else:
            whose, words = "solved", f"per request, from bill and volume; {by_ratio}"
        yield StatedInput(("usage", name), getattr(usage, name), whose, words)  # type: ignore[arg-type]
    yield StatedInput(("usage", "cached_input_share"), 0.0, "assumed", "no part of the input is billed as cached")
    growth = known.growth_per_month
    words = growth_in_words(growth or 0.0)
    yield StatedInput(("usage", "growth", "per_month"), growth or 0.0, "assumed" if growth is None else "yours", words)


def _money_inputs(known: KnownOfBill) -> Iterator[StatedInput]:
    if known.revenue_usd_per_month:
        yield StatedInput(("revenue", "usd_per_month"), known.revenue_usd_per_month, "yours", "a month, at the start")
        yield StatedInput(("revenue", "growth_per_month"), 0.0, "assumed", "revenue does not grow")
    if known.limit_usd_per_month is not None:
        yield StatedInput(
            ("limit", "usd_per_month"), known.limit_usd_per_month, "yours", "the bill may be at most that"
        )
    if known.limit_share_of_revenue is not None:
        share = percent(known.limit_share_of_revenue)
        yield StatedInput(
            ("limit", "share_of_revenue"), known.limit_share_of_revenue, "yours", f"{share} of revenue at most"
        )


# Tokens of a request from what a month comes to, at the level of the first day: nothing in it grows or changes --------

WEEKS = 28
"""Days of the month that is looked at: whole weeks, so that its weekdays are those of a month."""
MILLION = 1e6
NEAR, TRIES = 1e-6, 12
"""How near to a bill its tokens come, as a part of it, and in how many steps."""


class NoSuchBillError(ValueError):
    """A bill that no number of tokens comes to; the message says why."""


@dataclass(frozen=True)
class MonthTotals:
    """A month at the level of the first day: requests, tokens in millions, and the bill in dollars."""

    requests: float
    input_mtok: float
    output_mtok: float
    bill_usd: float


def month_totals(scenario: Scenario) -> MonthTotals:
    """What a month at the level of the first day comes to.

    Raises:
        CannotCompute: where it cannot be simulated.
    """
    usage = scenario.usage
    level = _level(scenario)
    into, out = (level * num(tokens) / MILLION for tokens in (usage.input_tokens, usage.output_tokens))
    return MonthTotals(level, into, out, _bill(scenario, 1.0))


def _level(scenario: Scenario) -> float:
    """Requests of such a month."""
    case = simulate(_steady(scenario, 1.0))
    return float(case.setting.traffic.requests[:WEEKS].mean()) * MONTH_DAYS


def _bill(scenario: Scenario, scale: float) -> float:
    """Its bill, dollars, with all tokens of a request times a factor."""
    return float(simulate(_steady(scenario, scale)).stay[:WEEKS].mean()) * MONTH_DAYS


def _steady(scenario: Scenario, scale: float) -> Scenario:
    """The scenario with nothing that moves, no candidates, and tokens times a factor."""
    usage, current = scenario.usage, scenario.current
    level = usage.requests_per_day
    growth = Growth() if level is not None else usage.growth
    tokens = {name: num(getattr(usage, name)) * scale for name in ("input_tokens", "output_tokens")}
    still = {"growth": growth, "events": (), "token_growth_per_month": 0.0, **tokens}
    priced = {"price_changes": (), "price_change_per_year": 0.0}
    return scenario.model_copy(
        update={
            "months": 1,
            "candidates": {},
            "limit": None,
            "usage": usage.model_copy(update=still),
            "current": current.model_copy(update=priced),
        }
    )


def tokens_of_totals(scenario: Scenario, input_mtok: float, output_mtok: float) -> tuple[float, float]:
    """Input and output tokens of a request that come to so many millions a month.

    Raises:
        NoSuchBillError: without requests.
    """
    level = _level(scenario)
    if level <= 0:
        raise NoSuchBillError("There are no requests to share them out to.")
    return input_mtok * MILLION / level, output_mtok * MILLION / level


def tokens_of_bill(scenario: Scenario, usd_per_month: float) -> tuple[float, float]:
    """Input and output tokens of a request, in the ratio of the scenario, that come to a bill.

    Raises:
        NoSuchBillError: where fees alone are more, or tokens cost nothing.
    """
    usage = scenario.usage
    fees, scale = _bill(scenario, 0.0), 1.0
    if usd_per_month < fees:
        raise NoSuchBillError(f"Fees alone come to {usd(fees)} a month.")
    for _ in range(TRIES):  # a straight line, but for prices that change with the length of a request
        bill = _bill(scenario, scale)
        if bill <= fees:
            raise NoSuchBillError("Tokens cost nothing here, so a bill says nothing of them.")
        if abs(bill - usd_per_month) <= NEAR * usd_per_month:
            break
        scale *= (usd_per_month - fees) / (bill - fees)
    return num(usage.input_tokens) * scale, num(usage.output_tokens) * scale
