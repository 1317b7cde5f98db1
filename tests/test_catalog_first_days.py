"""No price list shows what did not exist yet."""

from datetime import date

import pytest
from typer.testing import CliRunner

from switchpoint.catalog import search_prices
from switchpoint.catalog.token_prices import FIRST_SOLD, first_day
from switchpoint.cli import program


def test_before_the_first_model_there_is_no_price() -> None:
    result = CliRunner().invoke(program, ["prices", "--as-of", "1990-01-01"])
    assert result.exit_code == 2
    assert "no model was sold by the token before 11 June 2020; got 1990-01-01" in " ".join(result.stderr.split())
    assert search_prices("", date(2020, 6, 10)) == ()


@pytest.mark.parametrize(
    ("model", "first"),
    [
        ("gpt-5.6", date(2025, 8, 7)),
        ("gpt-4o-2024-05-13", date(2024, 5, 13)),
        ("ft:gpt-4.1-2025-04-14", date(2025, 4, 14)),
        ("anthropic.claude-3-5-sonnet-20241022-v2:0", date(2024, 10, 22)),
        ("accounts/fireworks/models/llama-v3p1-8b", date(2023, 2, 24)),
        ("some-model-20991399", FIRST_SOLD),
        ("some-model-2023-02-30", FIRST_SOLD),
    ],
)
def test_a_model_is_as_old_as_its_family_and_the_date_in_its_name_allow(model: str, first: date) -> None:
    assert first_day(model) == first


def test_a_list_of_the_past_has_fewer_models_and_todays_has_all() -> None:
    past, today = ({row.model for row in search_prices("openai", day)} for day in (date(2023, 6, 1), date(2026, 11, 1)))
    assert {"gpt-4", "gpt-3.5-turbo"} <= past < today
    assert not {model for model in past if model.startswith(("gpt-5", "gpt-4o", "gpt-6"))}
