"""Every format of usage files: totals by day as arithmetic by hand has them, and the traps of its units."""

import json
from pathlib import Path

import pytest

from switchpoint.owndata.formats.every import FORMATS
from switchpoint.owndata.reading import UsageRead, read_usage
from switchpoint.scenario.errors import ScenarioError
from tests import usage_samples as samples
from tests.usage_samples import SAMPLES


def read(folder: Path, text: str, name: str = "usage.csv", **options: object) -> UsageRead:
    """What is read of one file with this text."""
    file = folder / name
    file.write_bytes(text.encode())
    return read_usage([file], **options)


def by_day(found: UsageRead) -> dict[str, dict[str, float]]:
    """Totals of each day over all models."""
    measures = [name for name in found.table.columns if name not in ("date", "model")]
    days = found.table.groupby(found.table["date"].dt.strftime("%Y-%m-%d"))[measures].sum()
    return {day: {name: pytest.approx(value, rel=1e-12) for name, value in row.items()} for day, row in days.iterrows()}


TOTALS: dict[str, dict[str, dict[str, float]]] = {
    "plain": {
        "2026-03-01": {
            "requests": 10 + 2,
            "input_tokens": 1000 + 300,
            "cached_tokens": 400,
            "output_tokens": 200 + 40,
            "cost_usd": 0.50 + 0.25,
        },
        "2026-03-02": {
            "requests": 12,
            "input_tokens": 1200,
            "cached_tokens": 500,
            "output_tokens": 240,
            "cost_usd": 0.60,
        },
    },
    # Parts (text, uncached) are inside the totals; the second bucket is empty: a day of no use.
    "openai-usage": {
        "2024-11-01": {
            "requests": 5 + 1,
            "input_tokens": 1000 + 70,
            "cached_tokens": 400,
            "cache_write_tokens": 100,
            "output_tokens": 500 + 30,
        },
        "2024-11-02": dict.fromkeys(
            ("requests", "input_tokens", "cached_tokens", "cache_write_tokens", "output_tokens"), 0
        ),
    },
    # Dollars; web search and pictures are no tokens.
    "openai-costs": {"2024-11-01": {"cost_usd": 0.06 + 0.5}},
    "openai-dashboard-activity": {
        "2025-01-01": {"requests": 0, "input_tokens": 0, "cached_tokens": 0, "output_tokens": 0},
        "2025-01-02": {"requests": 3 + 2, "input_tokens": 900 + 100, "cached_tokens": 300, "output_tokens": 60 + 40},
    },
    # The last row lacks a cell at its end, in a column that is not read.
    "openai-dashboard-cost": {"2026-09-27": {"cost_usd": 0}, "2026-09-28": {"cost_usd": 0.00383598 + 0.5}},
    # What is read from and written to the cache stands beside: in = no cache + 5m + 1h + read.
    "anthropic-console-tokens": {
        "2026-03-22": {"input_tokens": 100000, "cached_tokens": 0, "cache_write_tokens": 0, "output_tokens": 5000},
        "2026-03-23": {
            "input_tokens": (109911 + 2528 + 300 + 70000) + (89 + 11),
            "cached_tokens": 70000 + 11,
            "cache_write_tokens": 2528 + 300,
            "output_tokens": 34988 + 12,
        },
    },
    "anthropic-console-cost": {"2026-03-22": {"cost_usd": 0.30}, "2026-03-23": {"cost_usd": 1.67}},
    "anthropic-admin-usage": {
        "2025-08-01": {
            "input_tokens": 1500 + 1000 + 500 + 200,
            "cached_tokens": 200,
            "cache_write_tokens": 1000 + 500,
            "output_tokens": 450,
        },
        "2025-08-02": {"input_tokens": 0, "cached_tokens": 0, "cache_write_tokens": 0, "output_tokens": 0},
    },
    # Cents: 123.78912 + 76.21088 = 200.00 cents.
    "anthropic-admin-cost": {"2025-08-01": {"cost_usd": 2.00}},
    "openrouter-daily": {
        "2026-05-12": {"requests": 4115, "input_tokens": 70965665, "output_tokens": 3009973, "cost_usd": 430.07},
        "2026-05-13": {"requests": 4254, "input_tokens": 87199493, "output_tokens": 2795119, "cost_usd": 505.87},
    },
    # The third row is the first once more.
    "openrouter-generations": {
        "2026-06-28": {
            "requests": 2,
            "input_tokens": 10389 + 100,
            "cached_tokens": 400,
            "output_tokens": 137 + 50,
            "cost_usd": 0.0123 + 0.01,
        }
    },
    "openrouter-api": {"2026-08-24": {"requests": 5, "input_tokens": 50, "output_tokens": 125, "cost_usd": 0.015}},
    # The failed call is no request; the one from the own cache and the embedding are left out.
    "litellm-spend-logs": {
        "2026-04-30": {"requests": 2, "input_tokens": 20 + 40, "output_tokens": 80 + 20, "cost_usd": 0.25 + 0.5}
    },
    # Ten of eleven calls came back; the total of the whole answer is not added.
    "litellm-daily": {
        "2026-03-27": {
            "requests": 11 - 1,
            "input_tokens": 111,
            "cached_tokens": 11,
            "cache_write_tokens": 0,
            "output_tokens": 1711,
            "cost_usd": 0.0177072,
        }
    },
    "litellm-report": {"2024-04-30": {"cost_usd": 0.00123 + 0.0000825}},
    # The row without a model is of spans.
    "langfuse-daily": {
        "2026-07-09": {
            "requests": 3 + 2,
            "input_tokens": 1000 + 2000,
            "output_tokens": 500 + 1000,
            "cost_usd": 0.015 + 0.03,
        }
    },
    # Kinds stand beside each other: 10 + 90 + 5, and 4 + 6 out. The third call failed; its tokens were paid.
    "langfuse-observations": {
        "2026-07-09": {
            "requests": 1,
            "input_tokens": (10 + 90 + 5) + 20,
            "cached_tokens": 90,
            "cache_write_tokens": 5,
            "output_tokens": 7 + (4 + 6),
            "cost_usd": 0.3 + 0.5,
        }
    },
    # 12.5 x 1K and 0.5 x 1M in, 0.25 x 1M of the cache beside it, 0.125 x 1M out.
    "azure": {
        "2026-09-02": {
            "input_tokens": 12_500 + 500_000 + 250_000,
            "cached_tokens": 250_000,
            "cache_write_tokens": 0,
            "output_tokens": 125_000,
            "cost_usd": 0.03125 + 0.625 + 0.03125 + 1.25,
        }
    },
    # 1,500 x 1K, 500 x 1K of the cache, 0.25 Units of a million; 20 x 1K and 0.002 Units out.
    "aws-cur": {
        "2026-09-01": {
            "input_tokens": 1_500_000 + 500_000 + 250_000,
            "cached_tokens": 500_000,
            "cache_write_tokens": 0,
            "output_tokens": 20_000 + 2_000,
            "cost_usd": 0.09 + 0.0075 + 0.0048 + 0.75 + 0.03,
        }
    },
    # Thinking is output; the cache stands beside; dollars are before credits.
    "gcp-billing": {
        "2026-07-30": {
            "input_tokens": 1_065_040 + 200,
            "cached_tokens": 200,
            "cache_write_tokens": 0,
            "output_tokens": 1_000 + 5_000,
            "cost_usd": 1.25 + 0.5 + 0.75 + 0.125,
        }
    },
    "focus": {
        "2026-09-18": {
            "input_tokens": 500_000,
            "cached_tokens": 0,
            "cache_write_tokens": 0,
            "output_tokens": 70_000,
            "cost_usd": 0.25 + 0.75,
        }
    },
    "deepseek-amount": {
        "2026-09-22": {"requests": 7, "input_tokens": 100 + 300, "cached_tokens": 100, "output_tokens": 60}
    },
    "deepseek-cost": {"2026-09-22": {"cost_usd": 0.50 + 0.25}},
    "helicone": {"2026-05-01": {"requests": 1, "input_tokens": 100, "output_tokens": 20, "cost_usd": 0.25}},
    "portkey": {"2026-05-01": {"requests": 1, "input_tokens": 90, "output_tokens": 10}},
    "langsmith": {"2026-05-01": {"requests": 1, "input_tokens": 90, "output_tokens": 10, "cost_usd": 0.5}},
    # Inside for OpenAI; beside for Anthropic and Bedrock; thoughts and tools are added for Gemini.
    "usage-objects": {
        "2026-05-01": {
            "requests": 5,
            "input_tokens": 115886 + (6 + 20443 + 574) + 17713 + (893 + 3056) + (2326 + 1505),
            "cached_tokens": 92160 + 20443,
            "cache_write_tokens": 574 + 1505,
            "output_tokens": 1720 + 489 + (100 + 1176) + (106 + 1312) + 37,
        }
    },
    # Two calls that differ in nothing but their name.
    "call-log": {
        "2026-05-01": {
            "requests": 2,
            "input_tokens": 2 * (6 + 20443 + 574),
            "cached_tokens": 2 * 20443,
            "cache_write_tokens": 2 * 574,
            "output_tokens": 2 * 489,
            "cost_usd": 2 * 0.25,
        }
    },
    "ccusage": {
        "2026-05-16": {
            "input_tokens": 277 + 512 + 1024,
            "cached_tokens": 1024,
            "cache_write_tokens": 512,
            "output_tokens": 31456,
            "cost_usd": 17.58,
        }
    },
    "cursor": {
        "2025-12-28": {
            "requests": 2,
            "input_tokens": (46800 + 4647 + 275594) + (77554 + 356352),
            "cached_tokens": 275594 + 356352,
            "cache_write_tokens": 46800,
            "output_tokens": 3562 + 6578,
            "cost_usd": 0.62,
        }
    },
}


def test_every_format_has_a_sample() -> None:
    assert [each.name for each in FORMATS] == list(SAMPLES) == list(TOTALS)


def test_the_page_of_formats_has_every_format() -> None:
    page = (Path(__file__).parent.parent / "docs" / "usage-files.md").read_text(encoding="utf-8")
    assert [each.name for each in FORMATS if f"`{each.name}`" not in page] == []


@pytest.mark.parametrize("name", SAMPLES)
def test_totals_by_day_are_those_of_arithmetic_by_hand(name: str, tmp_path: Path) -> None:
    file, text = SAMPLES[name]
    forced = name if name in ("ccusage", "cursor") else None
    found = read(tmp_path, text, file, format=forced)
    assert found.format_name == name
    assert by_day(found) == TOTALS[name]


@pytest.mark.parametrize("name", SAMPLES)
def test_no_person_and_no_key_is_told(name: str, tmp_path: Path) -> None:
    file, text = SAMPLES[name]
    found = read(tmp_path, text, file, format=name if name in ("ccusage", "cursor") else None)
    told = "\n".join([*found.read_list(), found.table.to_string(), repr(found)])
    assert [secret for secret in samples.SECRETS if secret in told] == []


def test_thoughts_of_gemini_are_outside_its_candidates() -> None:
    # 18,989 = 17,713 + 100 + 1,176, and 5,367 = (893 + 3,056) + (106 + 1,312)
    assert 17713 + 100 + 1176 == 18989
    assert (893 + 3056) + (106 + 1312) == 5367


class TestMoney:
    def test_cents_are_cents_whether_text_or_number(self, tmp_path: Path) -> None:
        found = read(tmp_path, samples.ANTHROPIC_ADMIN_COST, "a.json")
        assert found.table["cost_usd"].sum() == pytest.approx(1.2378912 + 0.7621088)
        assert found.left_out == {"web search": (1, pytest.approx(10.00))}

    def test_rows_that_are_no_tokens_are_listed_with_their_dollars(self, tmp_path: Path) -> None:
        found = read(tmp_path, samples.OPENAI_COSTS, "a.json")
        assert found.left_out == {"Web search tool calls": (1, 2.5), "gpt-image-1": (1, 1.25)}
        assert "left out, no tokens: Web search tool calls (1 row, $2.50)" in found.read_list()

    def test_tax_and_credits_of_a_cloud_are_left_out(self, tmp_path: Path) -> None:
        found = read(tmp_path, samples.AWS_CUR2)
        assert found.left_out == {"Tax": (1, 0.17), "Credit": (1, -0.05), "AmazonEC2": (1, 0.096)}

    def test_hours_and_refunds_of_azure_are_left_out(self, tmp_path: Path) -> None:
        found = read(tmp_path, samples.AZURE)
        left = {"Refund": (1, -5.0), "Provisioned Managed Global": (1, 24.0), "Virtual Machines": (1, 0.03)}
        assert found.left_out == left

    def test_google_counts_before_credits_and_says_them(self, tmp_path: Path) -> None:
        found = read(tmp_path, samples.GCP, "a.json")
        assert "credits, not taken off the dollars: -$1.26" in found.warnings

    def test_another_currency_needs_a_rate(self, tmp_path: Path) -> None:
        text = samples.DEEPSEEK_COST.replace("USD", "CNY")
        with pytest.raises(ScenarioError, match=r"has amounts in CNY; .* --usd-per CNY=1.08"):
            read(tmp_path, text)
        found = read(tmp_path, text, usd_per={"CNY": 0.14})
        assert found.table["cost_usd"].sum() == pytest.approx(0.75 * 0.14)
        assert "amounts in CNY are dollars at 0.14 for one" in found.warnings

    def test_what_is_paid_with_own_keys_is_said(self, tmp_path: Path) -> None:
        found = read(tmp_path, samples.OPENROUTER_DAILY)
        assert any("(BYOK)" in line and line.endswith("$9.13") for line in found.warnings)

    def test_lines_rounded_to_nothing_are_said(self, tmp_path: Path) -> None:
        found = read(tmp_path, samples.ANTHROPIC_COST)
        assert any(line.startswith("lines rounded to $0.00") for line in found.warnings)

    def test_money_that_comes_back_is_no_use(self, tmp_path: Path) -> None:
        found = read(tmp_path, "date,cost_usd\n2026-03-01,5\n2026-03-01,-2\n2026-03-02,6\n")
        assert list(found.table["cost_usd"]) == [5, 6]
        assert found.left_out == {"credits and refunds": (1, -2.0)}


class TestUnits:
    def test_thousands_and_millions_in_one_export(self, tmp_path: Path) -> None:
        found = read(tmp_path, samples.AZURE).table.set_index("model")["input_tokens"]
        assert found["gpt-4o-0806"] == 12.5 * 1_000
        assert found["GPT-5"] == (0.5 + 0.25) * 1_000_000

    def test_a_unit_of_the_marketplace_is_a_million(self, tmp_path: Path) -> None:
        found = read(tmp_path, samples.AWS_CUR2).table.set_index("model")
        assert found.loc["Claude Sonnet 4.5", "input_tokens"] == 250_000
        assert found.loc["NovaLite", "input_tokens"] == 2_000_000

    def test_a_unit_that_is_not_said_refuses_the_file(self, tmp_path: Path) -> None:
        text = samples.AWS_CUR2.replace("1K tokens", "")
        with pytest.raises(ScenarioError, match="must say how many tokens a unit is"):
            read(tmp_path, text)

    def test_a_product_may_stand_in_a_map(self, tmp_path: Path) -> None:
        text = samples.AWS_CUR2.replace("product_product_name", "product").replace(
            "Claude Sonnet 4.5 (Amazon Bedrock Edition)",
            '"{""product_name"": ""Claude Sonnet 4.5 (Amazon Bedrock Edition)""}"',
        )
        assert "Claude Sonnet 4.5" in read(tmp_path, text).models

    def test_cur_1_is_read_like_cur_2(self, tmp_path: Path) -> None:
        found = read(tmp_path, samples.AWS_CUR1)
        assert by_day(found)["2026-09-01"]["input_tokens"] == 3_000
        assert list(found.models) == ["qwen.qwen3-32b"]

    def test_a_virtual_currency_called_token_is_none(self, tmp_path: Path) -> None:
        assert by_day(read(tmp_path, samples.FOCUS))["2026-09-18"]["input_tokens"] == 500 * 1_000

    def test_units_of_azure_are_tokens_where_both_quantities_say_so(self, tmp_path: Path) -> None:
        found = read(tmp_path, samples.FOCUS_AZURE).table
        # 500 blocks of 1K in, and 0.05 blocks of 1M out
        assert found["input_tokens"].sum() == 500 * 1_000
        assert found["output_tokens"].sum() == 0.05 * 1_000_000
        assert found["cost_usd"].sum() == 1.25 + 0.50

    def test_units_of_azure_that_may_be_blocks_are_refused(self, tmp_path: Path) -> None:
        text = samples.FOCUS_AZURE.replace("500000,Units,500,", "500,Units,500,")
        with pytest.raises(ScenarioError, match="csv:2: consumedquantity: must be PricingQuantity times x_PricingBl"):
            read(tmp_path, text)


class TestPages:
    def test_a_page_without_the_next_is_refused(self, tmp_path: Path) -> None:
        text = samples.OPENAI_USAGE.replace('"has_more": false', '"has_more": true')
        with pytest.raises(ScenarioError, match=r"usage.csv:1: is one page of several \(has_more is true\)"):
            read(tmp_path, text)

    def test_pages_that_follow_each_other_are_one(self, tmp_path: Path) -> None:
        first = json.loads(samples.OPENAI_USAGE)
        second = json.loads(samples.OPENAI_USAGE)
        first["has_more"] = True
        for bucket in second["data"]:
            bucket["start_time"] += 2 * 86_400
            bucket["end_time"] += 2 * 86_400
        for name, page in (("1.json", first), ("2.json", second)):
            (tmp_path / name).write_text(json.dumps(page))
        found = read_usage([tmp_path])
        assert found.days == 4
        assert found.table["requests"].sum() == 12

    def test_a_numbered_page_that_is_missing_is_named(self, tmp_path: Path) -> None:
        text = samples.LANGFUSE_DAILY.replace('"totalPages": 1', '"totalPages": 3')
        with pytest.raises(ScenarioError, match="one page of 3; pages are missing: 2, 3"):
            read(tmp_path, text)


class TestCalls:
    def test_failed_calls_are_said_with_their_share(self, tmp_path: Path) -> None:
        found = read(tmp_path, samples.LITELLM_LOGS, "a.json")
        assert found.failed_share == pytest.approx(1 / 3)
        assert "failed calls: 1 (33 % of all), not counted as requests" in found.warnings

    def test_calls_answered_from_a_cache_of_ones_own_are_left_out(self, tmp_path: Path) -> None:
        found = read(tmp_path, samples.LITELLM_LOGS, "a.json")
        assert found.left_out["answered from a cache of LiteLLM"] == (1, 0.0)
        assert found.left_out["embedding"] == (1, 0.125)

    def test_runs_that_repeat_their_children_are_left_out(self, tmp_path: Path) -> None:
        assert read(tmp_path, samples.LANGSMITH, "a.jsonl").left_out == {"run of type chain": (1, 0.0)}

    def test_a_log_without_moments_says_which_field_is_missing(self, tmp_path: Path) -> None:
        text = '{"model": "gpt-5", "usage": {"input_tokens": 1, "output_tokens": 2}}\n'
        with pytest.raises(ScenarioError, match=r"created_at or .* is missing"):
            read(tmp_path, text, "a.jsonl")


class TestCodingAgents:
    @pytest.mark.parametrize(("name", "text"), [("ccusage", samples.CCUSAGE), ("cursor", samples.CURSOR)])
    def test_they_are_refused_with_the_reason(self, name: str, text: str, tmp_path: Path) -> None:
        with pytest.raises(ScenarioError, match=f"no traffic of a product; --format {name} reads it"):
            read(tmp_path, text)

    def test_amounts_of_cursor(self, tmp_path: Path) -> None:
        text = samples.CURSOR.replace('"0.62"', '"EUR 3,50"')
        with pytest.raises(ScenarioError, match="amounts in EUR"):
            read(tmp_path, text, format="cursor")
        found = read(tmp_path, text, format="cursor", usd_per={"EUR": 1.08})
        assert found.table["cost_usd"].sum() == pytest.approx(3.50 * 1.08)


class TestForms:
    def test_the_form_is_said(self, tmp_path: Path) -> None:
        found = read(tmp_path, samples.ANTHROPIC_TOKENS)
        assert found.read_list()[0] == ("Anthropic console, tokens, 2026 form: 1 file, 22 March to 23 March 2026")

    def test_older_forms_are_read(self, tmp_path: Path) -> None:
        tokens = by_day(read(tmp_path, samples.ANTHROPIC_TOKENS_OLDER))["2024-12-01"]
        assert tokens["input_tokens"] == 1000 + 200 + 30
        cost = read(tmp_path, samples.ANTHROPIC_COST_2024)
        assert cost.format == "Anthropic console, cost, form of 2024"
        assert cost.table["cost_usd"].sum() == pytest.approx(2.00)
        assert cost.left_out == {"web search": (1, 0.40)}

    def test_an_export_of_days_without_use_is_days_of_nothing(self, tmp_path: Path) -> None:
        found = read(tmp_path, samples.OPENAI_ACTIVITY_EMPTY)
        assert by_day(found) == {"2025-01-01": {"requests": 0, "input_tokens": 0, "output_tokens": 0}}

    def test_a_missing_column_is_named(self, tmp_path: Path) -> None:
        text = samples.ANTHROPIC_TOKENS.replace("usage_output_tokens", "something")
        with pytest.raises(ScenarioError, match="usage_output_tokens: is missing: Anthropic console, tokens needs it"):
            read(tmp_path, text)
