"""Fine-tuning: prices by model and by size, the end of new jobs at OpenAI, endpoints by the hour."""

import datetime as dt

import pytest

from switchpoint.catalog import (
    CatalogError,
    hosting_price,
    hosting_prices,
    models,
    training_price,
    training_prices,
)


@pytest.mark.parametrize(
    ("provider", "model", "method", "usd"),
    [
        ("openai", "gpt-4.1-mini", None, 5),
        ("OpenAI", "gpt-4.1-mini-2025-04-14", "full", 5),
        ("openai", "gpt-4.1", None, 25),
        ("openai", "gpt-3.5-turbo", None, 8),
        ("together", "llama-3.1-8b", None, 0.48),
        ("together", "meta-llama/Llama-3.1-8B-Instruct", "full", 1.35),
        ("together", "qwen3-14b", "lora", 0.48),
        ("together", "mistral-small-24b", "lora", 1.5),
        ("together", "llama-3.1-70b", "lora", 2.9),
        ("together", "kimi", "full", 100),
        ("fireworks", "llama-3.1-8b", None, 0.5),
        ("fireworks", "qwen3-32b", None, 3),
    ],
)
def test_training_is_priced_by_model_or_by_size(provider: str, model: str, method: str | None, usd: float) -> None:
    assert training_price(provider, model, method).usd_per_mtok == usd


@pytest.mark.parametrize(
    ("provider", "model", "method", "message"),
    [
        ("opnai", "gpt-4.1", None, "unknown fine-tuning provider 'opnai'; did you mean openai?"),
        ("openai", "gpt-4.2", None, "unknown model that openai fine-tunes 'gpt-4.2'; known are gpt-3.5-turbo,"),
        ("openai", "gpt-5.4-mini", None, "unknown model that openai fine-tunes 'gpt-5.4-mini'"),
        ("together", "llama-3.1-9b", None, "unknown model 'llama-3.1-9b'; did you mean llama-3.1-8b"),
        ("together", "gpt-oss-120b", None, "no price for fine-tuning 'gpt-oss-120b' at together"),
        (
            "fireworks",
            "llama-3.1-8b",
            "full",
            "no price for fine-tuning 'llama-3.1-8b' by 'full' at fireworks; it has lora",
        ),
    ],
)
def test_what_is_not_known_is_said(provider: str, model: str, method: str | None, message: str) -> None:
    with pytest.raises(CatalogError) as caught:
        training_price(provider, model, method)
    assert str(caught.value).startswith(message)


def test_each_size_has_at_most_one_price_for_a_provider_and_method() -> None:
    for each in models():
        for provider in ("together", "fireworks"):
            for method in ("lora", "full"):
                fitting = [
                    row
                    for row in training_prices()
                    if (row.provider, row.method) == (provider, method)
                    and row.params_up_to is not None
                    and (row.params_above or 0) < each.params_billion <= row.params_up_to
                ]
                assert len(fitting) <= 1


class TestTheEndAtOpenAI:
    def test_new_jobs_are_taken_until_their_last_day(self) -> None:
        price = training_price("openai", "gpt-4.1")
        assert price.closed_on == dt.date(2027, 1, 6)

    def test_it_holds_for_every_model_and_for_nobody_else(self) -> None:
        assert all((each.closed_on is not None) == (each.provider == "openai") for each in training_prices())

    def test_elsewhere_no_end_is_known(self) -> None:
        assert training_price("together", "qwen3-14b").closed_on is None


def test_training_by_the_hour_has_no_price_by_the_token() -> None:
    price = training_price("openai", "o4-mini")
    assert (price.usd_per_mtok, price.usd_per_hour, price.method) == (None, 100, "rft")


class TestHosting:
    def test_endpoints_go_by_gpu(self) -> None:
        assert hosting_price("together", "NVIDIA H100 80GB SXM").usd_per_hour == 3.99
        assert hosting_price("Fireworks", "B200").usd_per_hour == 10
        assert hosting_price("together").gpu == "H100"

    def test_a_fine_tuned_model_at_azure_is_paid_by_the_hour(self) -> None:
        price = hosting_price("azure")
        assert (price.usd_per_hour, price.per, price.verified) == (1.7, "deployment", False)

    def test_what_is_not_there_is_said(self) -> None:
        with pytest.raises(CatalogError, match="no endpoint on 'L40S' at together; it has B200, H100"):
            hosting_price("together", "L40S")
        with pytest.raises(CatalogError, match="unknown hosting provider 'togeter'; did you mean together"):
            hosting_price("togeter")

    def test_every_endpoint_has_source_and_date(self) -> None:
        assert all(each.source and each.date and each.usd_per_hour > 0 for each in hosting_prices())
