"""One resolver: what a scenario prices, the list shows, and no name is priced as a model that it does not mean."""

import datetime as dt

import pytest

from switchpoint.catalog import CatalogError, library_prices, route_price, search_prices
from switchpoint.catalog.token_prices import stale

TODAY = dt.date(2026, 11, 28)

MOST_USED = """
openai gpt-4o
openai gpt-4o-mini
openai gpt-4o-2024-08-06
openai gpt-4o-mini-2024-07-18
openai gpt-4.1
openai gpt-4.1-mini
openai gpt-4.1-nano
openai gpt-5
openai gpt-5-mini
openai gpt-5-nano
openai gpt-5-mini-2025-08-07
openai gpt-5.1
openai gpt-5.4
openai gpt-5.4-mini
openai gpt-5.6-luna
openai gpt-6-luna
openai gpt-6.1-sol
openai o3
openai o4-mini
openai gpt-3.5-turbo
azure gpt-4o
azure gpt-5
azure gpt-5.4-mini
anthropic claude-sonnet-4-5
anthropic claude-sonnet-4-5-20250929
anthropic claude-sonnet-5
anthropic claude-opus-5
anthropic claude-haiku-4-5
bedrock anthropic.claude-sonnet-4-5-20250929-v1:0
bedrock us.anthropic.claude-haiku-4-5-20251001-v1:0
bedrock amazon.nova-lite-v1:0
bedrock meta.llama3-3-70b-instruct-v1:0
google gemini-2.5-flash
google gemini-2.5-pro
vertex gemini-3.8-flash
xai grok-4.3
xai grok-4.7
mistral mistral-medium-latest
deepseek deepseek-v4-pro
groq openai/gpt-oss-120b
together openai/gpt-oss-120b
openrouter openai/gpt-4o-mini
""".strip().splitlines()


@pytest.mark.parametrize("asked", MOST_USED)
def test_the_list_shows_what_scenarios_pay(asked: str) -> None:
    provider, model = asked.split()
    price = route_price(provider, model, TODAY)
    (row,) = [row for row in search_prices(asked, TODAY) if (row.provider, row.model) == (price.provider, price.model)]
    first = price.tiers[0].price
    assert (row.input, row.cached_input, row.output) == (first.input, first.cached_input, first.output)
    assert (row.retired_on, row.checked) == (price.retired_on, price.checked)


def test_a_name_alone_finds_who_sells_it() -> None:
    for name, provider, model in (
        ("gpt-5-mini-2025-08-07", "openai", "gpt-5-mini"),
        ("gpt-4o-mini-2024-07-18", "openai", "gpt-4o-mini"),
        ("us.anthropic.claude-sonnet-4-5-20250929-v1:0", "aws", "regional.anthropic.claude-sonnet-4-5-20250929-v1:0"),
    ):
        assert (provider, model) in {(row.provider, row.model) for row in search_prices(name, TODAY)}


def test_a_provider_is_found_by_its_other_name() -> None:
    rows = search_prices("xai grok", TODAY)
    assert len(rows) > 5
    assert {row.provider for row in rows} == {"x-ai"}


def test_every_model_of_the_library_means_itself() -> None:
    for provider in library_prices.providers().values():
        for model in provider.models:
            found = library_prices.find_model(provider, model.id)
            assert found is not None
            assert provider.find_model(model.id) in (found, None), "where the library answers, it answers the same"


@pytest.mark.parametrize(
    ("provider", "model"),
    [
        ("deepseek", "deepseek-chat-v9"),
        ("deepseek", "deepseek-v4-pro-max"),
        ("openai", "gpt-4o-9"),
        ("openai", "ft:gpt-4o-minor:acme"),
        ("google", "gemini-2.5-pro-ultra"),
        ("aws", "amazon.nova-lite-huge-v1:0"),
    ],
)
def test_another_version_is_not_priced_as_the_one_it_begins_with(provider: str, model: str) -> None:
    with pytest.raises(CatalogError, match="unknown model"):
        route_price(provider, model, TODAY)


@pytest.mark.parametrize(
    ("provider", "model", "key"),
    [
        ("deepseek", "deepseek-v4-pro-0813", "deepseek-v4-pro"),
        ("openai", "gpt-5.2-20251211", "gpt-5.2"),
        ("google", "gemini-2.5-pro-preview-06-05", "gemini-2.5-pro"),
        ("aws", "eu.amazon.nova-pro-v1:0", "amazon.nova-pro-v1:0"),
        ("openai", "ft:gpt-4o-mini-2024-07-18:acme::1", "ft:gpt-4o-mini"),
    ],
)
def test_dates_stages_and_regions_are_no_other_version(provider: str, model: str, key: str) -> None:
    assert route_price(provider, model, TODAY).model.startswith(key)


class TestChecks:
    def test_the_date_is_that_on_which_the_price_was_compared(self) -> None:
        old = route_price("deepseek", "deepseek-chat", TODAY)
        assert (old.checked, old.date) == (dt.date(2025, 7, 12), "2025-07-12")

    def test_old_prices_are_marked(self) -> None:
        (row,) = [row for row in search_prices("deepseek-chat", TODAY) if row.provider == "deepseek"]
        assert row.old
        assert not any(row.old for row in search_prices("openai gpt-5.4", TODAY))

    def test_a_price_is_old_after_half_a_year(self) -> None:
        price = route_price("deepseek", "deepseek-v3.2", TODAY)
        assert price.checked == dt.date(2026, 6, 9)
        assert not stale(price, dt.date(2026, 11, 9))
        assert not stale(price, dt.date(2030, 1, 1)), "the catalogue itself is of November 2026"
        assert stale(price, TODAY, dt.timedelta(days=152))
        assert not stale(price, TODAY, dt.timedelta(days=153))


class TestBatches:
    def test_each_kind_of_token_has_its_own_batch_price(self) -> None:
        """Anthropic halves cached input too, OpenAI's older models do not list a cached batch price."""
        price = route_price("anthropic", "claude-sonnet-5", TODAY)
        assert price.batch is not None
        low = price.batch[0].price
        assert (low.input, low.cached_input, low.output) == (1.0, 0.1, 5.0)

    def test_a_share_of_waiting_traffic_is_blended_by_kind(self) -> None:
        price = route_price("x-ai", "grok-4.3", TODAY)
        assert price.batch is not None
        full, low, mean = price.tiers[0].price, price.batch[0].price, price.blended_tiers(0.25)[0].price
        assert mean.input == pytest.approx(0.75 * full.input + 0.25 * low.input)
        assert mean.output == pytest.approx(0.75 * full.output + 0.25 * low.output)
        assert price.blended_tiers(0.0) == price.tiers


class TestServiceTiers:
    def test_flex_is_cheaper_and_priority_dearer(self) -> None:
        prices = {
            tier: route_price("openai", "gpt-5.4-mini", TODAY, None, tier).tiers[0].price.input
            for tier in (None, "flex", "priority")
        }
        assert prices == {None: 0.75, "flex": 0.375, "priority": 1.5}

    def test_a_tier_that_is_not_sold_is_refused_with_those_that_are(self) -> None:
        with pytest.raises(CatalogError, match="has no flex price in the catalogue"):
            route_price("deepseek", "deepseek-v4-pro", TODAY, None, "flex")
