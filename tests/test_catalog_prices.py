"""Token prices: right on both sides of every boundary, as of a day, and clear about what is not there."""

import datetime as dt
import itertools
import timeit

import pytest
from genai_prices import Usage, calc_price
from hypothesis import given
from hypothesis import strategies as st

from switchpoint.catalog import (
    CatalogError,
    RoutePrice,
    TokenPrice,
    library_prices,
    route_price,
    scheduled_changes,
    search_prices,
)

TODAY = dt.date(2026, 11, 23)
NEW_YEAR = dt.date(2027, 1, 1)
DAYS = (dt.date(2026, 3, 1), TODAY, NEW_YEAR)

# provider, model, input, cached input, cache write, output; a library update that moves one is to be noticed.
PINNED = [
    ("openai", "gpt-5.4-mini", 0.75, 0.075, 0.75, 4.5),
    ("openai", "gpt-4.1", 2.0, 0.5, 2.0, 8.0),
    ("anthropic", "claude-sonnet-5", 2.0, 0.2, 2.5, 10.0),
    ("anthropic", "claude-haiku-4-5", 1.0, 0.1, 1.25, 5.0),
    ("openai", "gpt-5-mini", 0.25, 0.025, 0.25, 2.0),
    ("openai", "gpt-5.1", 1.25, 0.125, 1.25, 10.0),
    ("anthropic", "claude-opus-5", 5.0, 0.5, 6.25, 25.0),
    ("groq", "openai/gpt-oss-120b", 0.15, 0.075, 0.15, 0.6),
    ("together", "openai/gpt-oss-120b", 0.15, 0.15, 0.15, 0.6),
]


@pytest.mark.parametrize("as_of", [TODAY, NEW_YEAR], ids=str)
@pytest.mark.parametrize(("provider", "model", "given_price", "cached", "write", "output"), PINNED)
def test_prices_of_today(
    provider: str, model: str, given_price: float, cached: float, write: float, output: float, as_of: dt.date
) -> None:
    route = route_price(provider, model, as_of)
    assert route.tiers[0].price == TokenPrice(given_price, output, cached, write)
    assert len(route.tiers) == 1


def cost(route: RoutePrice, tokens: int, cached: int, written: int, output: int) -> float:
    price = route.at(tokens)
    plain = tokens - cached - written
    by_token = (
        plain * price.input + cached * price.cached_input + written * price.cache_write + output * price.output
    ) / 1e6
    return by_token + route.usd_per_1000_requests / 1e3


@pytest.mark.slow
def test_every_model_costs_what_the_library_says_on_both_sides_of_each_tier() -> None:
    wrong = []
    for day in DAYS:
        midnight = dt.datetime.combine(day, dt.time(), dt.UTC)
        for _, route in library_prices.priced_models(day):
            # Where the hour matters the price is the mean of a day, here taken every half hour, as prices change at
            # whole and half hours; one that did at other moments would come out wrong here.
            moments = [midnight + dt.timedelta(minutes=30 * i) for i in (range(48) if route.by_hour else (24,))]
            model = next(each for each in library_prices.providers()[route.provider].models if each.id == route.model)
            for tokens in {n for tier in route.tiers for n in (0, 1, 1_000, int(tier.above_input_tokens) + 1)} | {
                int(tier.above_input_tokens) for tier in route.tiers
            }:
                cached, written = tokens // 3, tokens // 5
                usage = Usage(
                    input_tokens=tokens, cache_read_tokens=cached, cache_write_tokens=written, output_tokens=500
                )
                seller = library_prices.providers()[route.provider]
                said = [model.calc_price(usage, seller, genai_request_timestamp=moment) for moment in moments]
                mean = sum(float(each.total_price) for each in said) / len(said)
                if cost(route, tokens, cached, written, 500) != pytest.approx(mean, rel=1e-9):
                    wrong.append((day, route.provider, route.model, tokens))
    assert wrong == []


@pytest.mark.parametrize(
    ("provider", "model", "threshold", "below", "above"),
    [
        ("openai", "gpt-5.4", 272_000, 2.5, 5.0),
        ("anthropic", "claude-haiku-5-5", 100_000, 0.1, 0.5),
        ("google", "gemini-2.5-pro", 200_000, 1.25, 2.5),
        ("x-ai", "grok-4.3", 199_999, 1.25, 2.5),
    ],
)
def test_crossing_a_tier_reprices_the_whole_request(
    provider: str, model: str, threshold: int, below: float, above: float
) -> None:
    route = route_price(provider, model, NEW_YEAR)
    noon = dt.datetime(2027, 1, 1, 12, tzinfo=dt.UTC)
    assert route.at(threshold).input == below
    assert route.at(threshold + 1).input == above
    for tokens in (threshold, threshold + 1):
        usage = Usage(input_tokens=tokens, output_tokens=100)
        said = calc_price(usage, model, provider_id=provider, genai_request_timestamp=noon)
        assert cost(route, tokens, 0, 0, 100) == pytest.approx(float(said.total_price), rel=1e-12)


@given(tokens=st.floats(min_value=0, max_value=1e7))
def test_a_request_is_priced_by_exactly_one_tier(tokens: float) -> None:
    route = route_price("openrouter", "qwen/qwen3.7-flash", NEW_YEAR)
    passed = [tier for tier in route.tiers if tokens > tier.above_input_tokens] or [route.tiers[0]]
    assert route.at(tokens) == passed[-1].price


def test_no_price_is_negative_and_tiers_rise() -> None:
    for _, route in library_prices.priced_models(TODAY):
        starts = [tier.above_input_tokens for tier in route.tiers]
        assert starts[0] == 0
        assert starts == sorted(set(starts))
        for tier in route.tiers:
            price = tier.price
            assert min(price.input, price.output, price.cached_input, price.cache_write) >= 0
        assert route.batch_discount is None or 0 <= route.batch_discount <= 1


class TestDates:
    def test_a_price_starts_on_its_day(self) -> None:
        before, after = (route_price("google", "gemini-3.8-flash", NEW_YEAR - dt.timedelta(days=n)) for n in (1, 0))
        assert (before.tiers[0].price.input, before.from_date) == (0.75, None)
        assert (after.tiers[0].price.input, after.from_date) == (1.5, NEW_YEAR)

    def test_scheduled_holds_what_comes_after_and_up_to(self) -> None:
        def days(after: dt.date, until: dt.date) -> list[dt.date]:
            return [day for day, _ in scheduled_changes("google", "gemini-3.8-flash", after, until)]

        eve = NEW_YEAR - dt.timedelta(days=1)
        assert days(TODAY, NEW_YEAR) == [NEW_YEAR]
        assert days(eve, NEW_YEAR) == [NEW_YEAR]
        assert days(TODAY, eve) == []
        assert days(NEW_YEAR, dt.date(2030, 1, 1)) == []

    def test_scheduled_carries_the_new_prices(self) -> None:
        ((day, route),) = scheduled_changes("google", "gemini-3.8-flash", TODAY, dt.date(2029, 1, 1))
        assert route == route_price("google", "gemini-3.8-flash", day)

    def test_a_start_that_changes_nothing_is_not_scheduled(self) -> None:
        for provider in library_prices.providers().values():
            for model in provider.models:
                dates = library_prices.start_dates(model)
                if not dates:
                    continue
                try:
                    changes = scheduled_changes(provider.id, model.id, dt.date(2020, 1, 1), dt.date(2030, 1, 1))
                except CatalogError:
                    continue
                tiers = [route_price(provider.id, model.id, dt.date(2020, 1, 1)).tiers]
                tiers += [route.tiers for _, route in changes]
                assert all(one != other for one, other in itertools.pairwise(tiers))

    def test_prices_by_the_hour_are_weighted_by_when_requests_come(self) -> None:
        def paid(*busy: int) -> tuple[float, float]:
            hours = tuple(float(hour in busy) for hour in range(24)) if busy else None
            price = route_price("deepseek", "deepseek-v4-pro", TODAY, hours).tiers[0].price
            return price.input, price.output

        # Peak is 01:00-04:00 and 06:00-10:00 UTC: seven hours at twice the price of the other seventeen.
        assert paid(12) == (0.66, 1.98)
        assert paid(1, 2, 3, 6, 7, 8, 9) == (1.32, 3.96)
        assert paid(9, 10) == pytest.approx((0.99, 2.97))
        assert paid() == pytest.approx((0.66 * 31 / 24, 1.98 * 31 / 24))

    def test_a_window_that_begins_within_an_hour_counts_by_its_minutes(self) -> None:
        hours = tuple(float(hour == 0) for hour in range(24))
        # From 00:30 UTC on the standard price, before it the discounted one.
        price = route_price("deepseek", "deepseek-chat", TODAY, hours).tiers[0].price
        assert price.input == pytest.approx((0.135 + 0.27) / 2)
        assert price.output == pytest.approx((0.55 + 1.1) / 2)

    def test_batches_are_discounted_from_the_day_on_which_that_was_checked(self) -> None:
        assert route_price("openai", "gpt-5.4-mini", dt.date(2026, 10, 13)).batch_discount is None
        assert route_price("openai", "gpt-5.4-mini", dt.date(2026, 10, 14)).batch_discount == 0.5
        assert route_price("x-ai", "grok-4.3", TODAY).batch_discount == pytest.approx(0.2)


class TestNames:
    @pytest.mark.parametrize(
        ("provider", "model", "key"),
        [
            ("OpenAI", "GPT-5.4 mini", ("openai", "gpt-5.4-mini")),
            ("openai", "openai/gpt-5.4-mini", ("openai", "gpt-5.4-mini")),
            ("Anthropic", "Claude Sonnet 5", ("anthropic", "claude-sonnet-5")),
            ("anthropic", "claude-haiku-4-5-20251001", ("anthropic", "claude-haiku-4-5")),
            ("groq", "gpt-oss-120b", ("groq", "openai/gpt-oss-120b")),
            ("Together AI", "gpt-oss-120b", ("together", "openai/gpt-oss-120b")),
            ("fireworks.ai", "openai/gpt-oss-120b", ("fireworks", "gpt-oss-120b")),
            ("xAI", "grok-4.3", ("x-ai", "grok-4.3")),
            ("Amazon Bedrock", "openai.gpt-oss-120b-1:0", ("aws", "openai.gpt-oss-120b-1:0")),
            ("Azure OpenAI", "gpt-5.4-mini", ("azure", "gpt-5.4-mini")),
        ],
    )
    def test_full_names_are_understood(self, provider: str, model: str, key: tuple[str, str]) -> None:
        route = route_price(provider, model, TODAY)
        assert (route.provider, route.model) == key

    @pytest.mark.parametrize(
        ("provider", "model", "message"),
        [
            ("opnai", "gpt-4.1", "unknown provider 'opnai'; did you mean openai?"),
            ("openai2", "gpt-4.1", "unknown provider 'openai2'; did you mean openai?"),
            ("openai", "gpt-5.4-mni", "unknown model of openai 'gpt-5.4-mni'; did you mean gpt-5.4-mini,"),
            ("openai", "claude-opus-5", "unknown model of openai 'claude-opus-5'; known are"),
            ("groq", "gpt-oss-12b", "unknown model of groq 'gpt-oss-12b'; did you mean gpt-oss-120b"),
            ("groq", "whisper-large-v3", "groq/whisper-large-v3 is not priced by the token"),
            ("openai", "x" * 500, "unknown model of openai 'xxx"),
            ("openai", "gpt\n4", r"unknown model of openai 'gpt\n4'"),
        ],
    )
    def test_unknown_names_get_one_line_with_what_would_be_right(self, provider: str, model: str, message: str) -> None:
        with pytest.raises(CatalogError) as caught:
            route_price(provider, model, TODAY)
        assert str(caught.value).startswith(message)
        assert "\n" not in str(caught.value)
        assert len(str(caught.value)) < 300


class TestOwnRows:
    @pytest.mark.parametrize(
        "name", ["ft:gpt-4.1-mini-2025-04-14", "ft:gpt-4.1-mini", "ft:gpt-4.1-mini-2025-04-14:acme::abc"]
    )
    def test_fine_tuned_models_that_the_library_lacks_are_priced(self, name: str) -> None:
        route = route_price("openai", name, TODAY)
        assert (route.tiers[0].price.input, route.tiers[0].price.output) == (0.8, 3.2)
        assert route.source.startswith("litellm")

    def test_fine_tuned_models_of_the_library_stay_the_librarys(self) -> None:
        route = route_price("openai", "ft:gpt-4o-mini-2024-07-18:acme::1", TODAY)
        assert route.tiers[0].price.input == 0.3
        assert route.source.startswith("genai-prices")

    def test_retirements_are_known(self) -> None:
        assert route_price("openai", "gpt-4.1-nano", TODAY).retired_on == dt.date(2026, 10, 23)
        assert route_price("openai", "ft:gpt-4.1-nano", TODAY).retired_on == dt.date(2026, 10, 23)
        assert route_price("openai", "gpt-4.1", TODAY).retired_on == dt.date(2027, 1, 14)
        assert route_price("openai", "gpt-5.4", TODAY).retired_on is None

    def test_a_dated_version_has_its_own_retirement(self) -> None:
        assert route_price("openai", "gpt-4o-2024-05-13", TODAY).retired_on == dt.date(2026, 10, 23)
        assert route_price("openai", "gpt-4o", TODAY).retired_on == dt.date(2027, 1, 14)


class TestSearch:
    def test_all_words_must_match(self) -> None:
        found = search_prices("OSS-120b Groq", TODAY)
        assert {row.provider for row in found} == {"groq", "huggingface_groq"}
        (row,) = (row for row in found if row.provider == "groq")
        assert (row.input, row.cached_input, row.output, row.max_context) == (0.15, 0.075, 0.6, 131_072)

    def test_own_rows_are_found_too(self) -> None:
        assert [row.model for row in search_prices("openai ft:gpt-4.1-mini", TODAY)] == ["ft:gpt-4.1-mini-2025-04-14"]

    def test_an_empty_query_is_the_whole_list(self) -> None:
        rows = search_prices("", TODAY)
        assert len(rows) > 1_500
        assert all(row.source and row.date for row in rows)

    def test_what_nobody_sells_is_an_empty_list(self) -> None:
        assert search_prices("no such thing", TODAY) == ()


def test_source_and_date_come_with_every_price() -> None:
    route = route_price("openai", "gpt-5.4-mini", TODAY)
    assert route.source.startswith("genai-prices 0.2.")
    assert "developers.openai.com" in route.source
    assert route.checked is not None
    assert dt.date(2026, 11, 1) <= route.checked
    assert route.date == route.checked.isoformat()


def test_a_repeated_question_is_answered_at_once() -> None:
    route_price("openai", "gpt-5.4-mini", TODAY)
    assert min(timeit.repeat(lambda: route_price("openai", "gpt-5.4-mini", TODAY), number=1_000)) / 1_000 < 20e-6
