"""Scenarios from a bill: what is solved against hand arithmetic, what is assumed is marked, what is wrong is said."""

from datetime import date

import pytest

from switchpoint.decision.case import simulate
from switchpoint.decision.result import JudgedWorld
from switchpoint.errors import CannotCompute
from switchpoint.horizon import MONTH_DAYS
from switchpoint.ranking.from_bill import KnownOfBill, bill_of, scenario_from_bill
from switchpoint.scenario.uncertain import num
from switchpoint.scenario.usage import growth_in_words, growth_per_month

START = date(2027, 1, 1)
INPUT, OUTPUT = 0.75e-6, 4.5e-6
"""Dollars of a token of gpt-5.4-mini."""


def known(**more) -> KnownOfBill:
    return KnownOfBill("openai", "gpt-5.4-mini", start=START, **more)


def test_tokens_follow_from_bill_and_volume() -> None:
    made = scenario_from_bill("ours", known(bill_usd_per_month=14_000, requests_per_day=30_000))
    outputs = 14_000 / (30_000 * MONTH_DAYS) / (5.5 * INPUT + OUTPUT)
    assert num(made.scenario.usage.output_tokens) == pytest.approx(outputs, rel=1e-4)
    assert num(made.scenario.usage.input_tokens) == pytest.approx(5.5 * outputs, rel=1e-4)
    assert bill_of(made.scenario) == pytest.approx(14_000, rel=1e-4)


def test_volume_follows_from_bill_and_tokens() -> None:
    made = scenario_from_bill("ours", known(bill_usd_per_month=14_000, input_tokens=2000, output_tokens=300))
    by_hand = 14_000 / MONTH_DAYS / (2000 * INPUT + 300 * OUTPUT)
    assert num(made.scenario.usage.requests_per_day) == pytest.approx(by_hand, rel=1e-3)
    assert made.of("solved")[0].path == ("usage", "requests_per_day")


def test_the_bill_follows_from_volume_and_tokens() -> None:
    made = scenario_from_bill("ours", known(requests_per_day=1000, input_tokens=2000, output_tokens=300))
    assert bill_of(made.scenario) == pytest.approx(1000 * MONTH_DAYS * (2000 * INPUT + 300 * OUTPUT))
    assert "$87" in made.solved


def test_one_kind_of_token_gives_the_other_by_the_stated_ratio() -> None:
    made = scenario_from_bill("ours", known(requests_per_day=1000, input_tokens=2200))
    assert num(made.scenario.usage.output_tokens) == pytest.approx(400)
    assumed = {each.path for each in made.of("assumed")}
    assert ("usage", "output_tokens") in assumed
    assert ("usage", "input_tokens") not in assumed


def test_a_growing_bill_is_that_of_the_first_four_weeks() -> None:
    """Which is the figure that the scenario then tells as its bill at the start."""
    made = scenario_from_bill("ours", known(bill_usd_per_month=14_000, requests_per_day=30_000, growth_per_month=0.1))
    told = JudgedWorld(simulate(made.scenario)).as_json()["base"]
    assert told["bill_at_start_usd"] == pytest.approx(14_000, rel=1e-4)


def test_tiered_prices_are_met_too() -> None:
    """Where long inputs cost more, it is searched for the tokens that meet the bill."""
    found = scenario_from_bill(
        "ours", KnownOfBill("google", "gemini-3.1-pro-preview", 90_000, 10_000, start=START, ratio=50)
    )
    assert bill_of(found.scenario) == pytest.approx(90_000, rel=1e-3)


@pytest.mark.parametrize(
    ("more", "message"),
    [
        ({"bill_usd_per_month": 14_000}, "needs two of three"),
        ({"requests_per_day": 5}, "needs two of three"),
        ({"bill_usd_per_month": 1, "requests_per_day": 5, "input_tokens": 5}, "leave one out"),
        ({"bill_usd_per_month": 1e9, "requests_per_day": 1}, "more than the model takes"),
        ({"bill_usd_per_month": 1e-3, "requests_per_day": 1e6}, "too few"),
        ({"bill_usd_per_month": 1, "requests_per_day": 1, "limit_share_of_revenue": 0.1}, "needs the revenue"),
    ],
)
def test_what_determines_nothing_is_said(more: dict, message: str) -> None:
    with pytest.raises(CannotCompute, match=message):
        scenario_from_bill("ours", known(**more))


def test_whose_each_number_is() -> None:
    made = scenario_from_bill(
        "ours",
        known(
            bill_usd_per_month=14_000,
            requests_per_day=30_000,
            growth_per_month=0.1,
            revenue_usd_per_month=110_000,
            limit_share_of_revenue=0.15,
        ),
    )
    whose = {".".join(each.path): each.whose for each in made.inputs}
    assert whose["usage.requests_per_day"] == "yours"
    assert whose["usage.growth.per_month"] == "yours"
    assert whose["limit.share_of_revenue"] == "yours"
    assert whose["usage.input_tokens"] == "solved"
    assert whose["usage.hourly_profile"] == "assumed"
    assert whose["revenue.growth_per_month"] == "assumed"


@pytest.mark.parametrize(
    ("text", "rate"),
    [
        ("0.1", 0.1),
        ("10 %", 0.1),
        ("10% a month", 0.1),
        ("-5 % a month", -0.05),
        ("100 % a year", 2 ** (1 / 12) - 1),
        ("doubling every 8 months", 2 ** (1 / 8) - 1),
        ("doubles every year", 2 ** (1 / 12) - 1),
        ("Tripling in 2 years", 3 ** (1 / 24) - 1),
        ("halving every 6 months", 0.5 ** (1 / 6) - 1),
        ("x3 a year", 3 ** (1 / 12) - 1),
        ("3 times a year", 3 ** (1 / 12) - 1),
        ("none", 0.0),
        ("flat", 0.0),
    ],
)
def test_growth_in_words_is_growth_a_month(text: str, rate: float) -> None:
    assert growth_per_month(text) == pytest.approx(rate)


@pytest.mark.parametrize(
    "text", ["", "fast", "nan", "inf", "-100 %", "1e9", "doubling every 0 months", "10 % a fortnight"]
)
def test_no_growth_is_said(text: str) -> None:
    with pytest.raises(ValueError, match="must be a share such as"):
        growth_per_month(text)


def test_growth_as_people_say_it() -> None:
    assert growth_in_words(2 ** (1 / 8) - 1) == "9.1 % a month, doubling every 8 months"
