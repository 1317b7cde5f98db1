"""Catalogue prices in the simulation: scheduled changes, context tiers, fees per request, retirements."""

from __future__ import annotations

from datetime import date

import numpy as np
import pytest

from switchpoint.catalog import route_price, scheduled_changes
from switchpoint.decision.case import SimulatedWorld, simulate
from switchpoint.decision.result import JudgedWorld
from switchpoint.export.text_pages import page
from switchpoint.scenario.schema import Scenario


def case_of(provider: str, model: str, start: str, **usage: float) -> SimulatedWorld:
    stated = {"requests_per_day": 1000, "input_tokens": 2000, "output_tokens": 0} | usage
    return simulate(
        Scenario.model_validate(
            {
                "start": start,
                "months": 6,
                "usage": stated,
                "limit": {"usd_per_month": 1e6},
                "current": {"provider": provider, "model": model},
            }
        )
    )


def test_a_price_change_that_is_known_ahead_is_an_event_of_its_day() -> None:
    case = case_of("google", "gemini-3.8-flash", "2026-11-15")
    ((day, after),) = scheduled_changes(
        "google", "gemini-3.8-flash", case.clock.start, case.clock.date_of(case.clock.days - 1)
    )
    before = route_price("google", "gemini-3.8-flash", case.clock.start)
    change = case.clock.day_of(day)
    assert 0 < change < case.clock.days
    assert case.stay[change - 1] == pytest.approx(1000 * 2000 / 1e6 * before.at(2000).input)
    assert case.stay[change] == pytest.approx(1000 * 2000 / 1e6 * after.at(2000).input)
    assert case.stay[change] != pytest.approx(case.stay[change - 1])


def test_prompts_that_grow_past_a_tier_are_billed_at_its_price_as_a_whole() -> None:
    case = case_of("google", "gemini-2.5-pro", "2026-11-15", input_tokens=150_000, token_growth_per_month=0.1)
    tokens = case.setting.traffic.input_tokens
    price = route_price("google", "gemini-2.5-pro", case.clock.start)
    crossed = int(np.argmax(tokens > price.tiers[1].above_input_tokens))
    assert 0 < crossed < case.clock.days
    for day in (crossed - 1, crossed):
        assert case.stay[day] == pytest.approx(1000 * tokens[day] / 1e6 * price.at(tokens[day]).input)


def test_a_fee_per_request_is_paid() -> None:
    price = route_price("perplexity", "sonar", date(2026, 11, 15))
    assert price.usd_per_1000_requests > 0
    tokens = 1000 * 2000 / 1e6 * price.at(2000).input
    assert case_of("perplexity", "sonar", "2026-11-15").stay[0] == pytest.approx(tokens + price.usd_per_1000_requests)


def test_a_retired_model_is_told_of() -> None:
    case = case_of("openai", "gpt-4.1-nano", "2026-10-01")
    assert "current route: gpt-4.1-nano is retired on 23 October 2026." in page(JudgedWorld(case))
