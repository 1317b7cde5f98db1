"""What is said of own files where figures could mislead: holes, other units, too few weeks, a limit long passed."""

from datetime import date, timedelta
from pathlib import Path

import numpy as np
import pytest
from pandas import DataFrame
from typer.testing import CliRunner

from switchpoint.cli import program
from switchpoint.export.own_data_text import fit_page, replay_page, watch_html, watch_page
from switchpoint.owndata.fit_scenario import fitted_changes, fitted_scenario, fitted_text, new_text, taken_out
from switchpoint.owndata.own_fit import OwnFit
from switchpoint.owndata.reading import read_usage
from switchpoint.owndata.replaying import Replay
from switchpoint.owndata.watch_lines import watch_lines
from switchpoint.owndata.watch_state import ReportedWatch, changes_since
from switchpoint.owndata.watching import BillWatch
from switchpoint.scenario.errors import ScenarioError
from tests.own_usage import LAST, SCENARIO, own_fit, own_scenario, reading, usage_table, written

NEXT = LAST + timedelta(days=1)
MONTH = 365.25 / 12
DRAWS = 16
ALONE = SCENARIO.partition("[candidates")[0]
"""Without a candidate: what a bill says by itself."""


def watch_of(folder: Path, table: DataFrame, limit: float = 10_000, text: str = ALONE) -> BillWatch:
    loaded = own_scenario(folder, text.replace("usd_per_month = 1_000 ", f"usd_per_month = {limit} "))
    return BillWatch.of(reading(folder, table), loaded, (), DRAWS)


def without(table: DataFrame, last: int, days: int) -> DataFrame:
    """A table without so many days that end so many before the last one."""
    return table.drop(table.index[len(table) - last - days : len(table) - last])


class TestHoles:
    @pytest.mark.parametrize("days", [5, 13, 14, 21])
    def test_fit_and_watch_fill_a_hole_alike_and_say_so(self, tmp_path: Path, days: int) -> None:
        whole, table = usage_table(160, 0.0), without(usage_table(160, 0.0), 4, days)
        watch, fit = watch_of(tmp_path, table), own_fit(tmp_path, table)
        right = whole["cost_usd"][-28:].mean() * MONTH
        told, said = watch.as_json(), fit.as_json
        assert told["bill_usd_per_month"] == said["current"]["bill_usd_per_month"] == pytest.approx(right, abs=0.01)
        assert told["bill_filled_days"] == said["current"]["bill_filled_days"] == days
        part = f"over the last 28 days, {days} of which have no bill and are taken to be like those around them"
        assert part in watch_page(watch)
        assert part in watch_html(watch, [])
        assert f"{days} of which have no bill" in fit_page(fit)
        first = LAST - timedelta(days=days + 3)
        assert [str(days), first.isoformat()] == [told["doubts"][0].split()[0], said["read"]["gaps"][0]]
        assert any(line.startswith("Missing days: ") for line in said["cannot_tell"])

    def test_a_replay_says_so_too(self, tmp_path: Path) -> None:
        table = without(usage_table(280, 0.02), 100, 20)
        replay = Replay(reading(tmp_path, table), own_scenario(tmp_path, ALONE), DRAWS)
        first = LAST - timedelta(days=119)
        said = f"20 days from {first.day} {first:%B %Y} on have no bill: they are taken to be like the days around them"
        assert replay.as_json["summary"]["doubts"] == [said]
        assert said in replay_page(replay)

    def test_weeks_before_a_forgotten_month_count(self, tmp_path: Path) -> None:
        table = without(usage_table(280, 0.06, noise=0.03), 35, 31)
        fit, whole = own_fit(tmp_path, table), own_fit(tmp_path, usage_table(280, 0.06, noise=0.03))
        assert fit.usage.study.weeks == whole.usage.study.weeks == 40
        low, high = fit.usage.numbers.ranges["usage", "growth", "per_month"]
        assert low < 0.06 < high < 0.09
        found = watch_of(tmp_path, table, limit=600)
        assert found.threat[1] is not None
        wanted = watch_of(tmp_path, usage_table(280, 0.06, noise=0.03), limit=600)
        assert found.threat[1] - wanted.threat[1] < timedelta(days=21)

    def test_an_export_of_use_now_and_then_has_days_without_use(self, tmp_path: Path) -> None:
        head = "usage_date_utc,model,workspace,api_key,usage_type,context_window,token_type,cost_usd,list_price_usd,"
        rows = "".join(
            f"{day},Claude Haiku 4.5,Default,key,message,≤ 200k,output,{usd},{usd},token,global,,apikey_x,active\n"
            for day, usd in (("2026-08-15", 0.22), ("2026-08-17", 0.0), ("2026-09-09", 2.66))
        )
        file = tmp_path / "cost.csv"
        file.write_text(f"{head}cost_type,inference_geo,speed,api_key_id,api_key_status\n{rows}", encoding="utf-8")
        fit = OwnFit.of(read_usage([file]))
        watch = BillWatch.of(read_usage([file]), own_scenario(tmp_path, ALONE), (), DRAWS)
        right = pytest.approx(2.88 / 26 * MONTH, abs=0.006)
        assert fit.as_json["current"]["bill_usd_per_month"] == watch.as_json()["bill_usd_per_month"] == right
        assert "days without one are taken as days without use" in fit_page(fit)
        assert watch.doubts == []


class TestUnits:
    @pytest.mark.parametrize(
        ("column", "factor", "asked"),
        [
            ("cost_usd", 100, "are the amounts in cents"),
            ("cost_usd", 0.001, "are the amounts in thousands of dollars"),
            ("cost_usd", 0.01, "divided by 100"),
            ("cost_usd", 25, "are units and currency right?"),
            ("tokens", 0.001, "are tokens counted in thousands?"),
        ],
    )
    @pytest.mark.parametrize("stated", ["", "usd_per_mtok = { input = 0.75, output = 4.5 }"])
    def test_another_unit_is_asked_after(
        self, tmp_path: Path, column: str, factor: float, asked: str, stated: str
    ) -> None:
        table = usage_table(70)
        names = ["input_tokens", "cached_tokens", "output_tokens"] if column == "tokens" else [column]
        table[names] = table[names].astype(float) * factor
        text = ALONE
        if stated:  # a model of which no list tells a price: the scenario's own is what a bill is held against
            table["model"] = "ours-7b"
            text = ALONE.replace('provider = "openai"', stated).replace('model = "gpt-5.4-mini"', "")
        watch = watch_of(tmp_path, table, text=text)
        fit = OwnFit.of(reading(tmp_path, table), watch.loaded.scenario)
        assert asked in fit_page(fit)
        assert any(asked in line for line in fit.as_json["current"]["gap"])
        assert asked in watch.sentence
        assert asked in watch.as_json()["doubts"][-1]

    def test_a_price_beyond_all_prices_is_refused_with_the_question(self, tmp_path: Path) -> None:
        table = usage_table(70)
        table[["input_tokens", "cached_tokens", "output_tokens"]] /= 1e6
        asked = "are tokens counted in millions?"
        assert asked in fit_page(own_fit(tmp_path, table))
        with pytest.raises(ScenarioError, match="no price can be made of it: The price billed is"):
            _ = watch_of(tmp_path, table, text=SCENARIO).advice

    def test_tokens_alone_in_thousands_are_asked_after(self, tmp_path: Path) -> None:
        table = usage_table(70).drop(columns="cost_usd")
        assert watch_of(tmp_path, table).doubts == []
        table[["input_tokens", "cached_tokens", "output_tokens"]] /= 1000
        assert "are tokens counted in thousands?" in watch_of(tmp_path, table).sentence

    @pytest.mark.parametrize("factor", [0.2, 1, 6])
    def test_a_discount_and_a_dear_tier_are_no_other_unit(self, tmp_path: Path, factor: float) -> None:
        table = usage_table(70)
        table["cost_usd"] *= factor
        assert watch_of(tmp_path, table).doubts == []


class TestFewWeeks:
    def test_before_eight_whole_weeks_nothing_is_said_of_the_limit(self, tmp_path: Path) -> None:
        bill = usage_table(42, 0.0)["cost_usd"][-28:].mean() * MONTH
        watch = watch_of(tmp_path, usage_table(42, 0.0), limit=bill / 0.99)
        told, page = watch.as_json(), watch_page(watch)
        assert told["state"] is None
        assert set(told["threat"].values()) == set(told["months_to_limit"].values()) == {None}
        assert (told["call"], told["exit_code"]) == ("calm", 0)
        assert "Nothing is known to be due: too few weeks to say when the limit is reached (the bill is 99 %" in page
        assert "calm" not in page
        assert "two years" not in page
        assert ReportedWatch.of(watch).state == ""
        assert changes_since(None, ReportedWatch.of(watch)) == ["first report: calm, the monitor says nothing"]

    def test_a_limit_that_is_passed_is_known_with_few_weeks_too(self, tmp_path: Path) -> None:
        watch = watch_of(tmp_path, usage_table(42, 0.0), limit=100)
        assert (watch.state, watch.as_json()["exit_code"]) == ("over", 12)

    def test_a_replay_says_nothing_in_the_weeks_after_a_rest(self, tmp_path: Path) -> None:
        table = usage_table(280, 0.02)
        table.loc[140:160, ["requests", "input_tokens", "cached_tokens", "output_tokens", "cost_usd"]] = 0
        replay = Replay(reading(tmp_path, table), own_scenario(tmp_path, ALONE), DRAWS)
        states = [week["state"] for week in replay.as_json["weeks"]]
        assert None in states
        assert states[0] == states[-1] == "calm"


class TestPassed:
    def test_a_limit_long_passed_has_its_day(self, tmp_path: Path) -> None:
        limit = 10_000 * 0.0014475 * MONTH / 1.06**3  # the level of about three months ago
        watch = watch_of(tmp_path, usage_table(280, 0.06, noise=0.03), limit=round(limit))
        assert watch.state == "over"
        means = np.convolve(watch.bill.daily, np.full(28, 1 / 28), mode="valid")
        passed = watch.bill.history.first_day + timedelta(days=27 + int(np.argmax(means * MONTH >= round(limit))))
        assert set(watch.threat) == {passed} == {watch.bill.threat}
        assert (LAST - passed).days > 60
        assert watch.as_json()["threat"]["p50"] == passed.isoformat()
        assert dict(watch_lines(watch))["Limit reached"] == f"on {passed.day} {passed:%B %Y}"

    def test_one_passed_again_has_the_day_of_the_last_time(self, tmp_path: Path) -> None:
        table = usage_table(280, 0.0)
        table.loc[100:160, "cost_usd"] *= 2
        table.loc[230:, "cost_usd"] *= 2
        watch = watch_of(tmp_path, table, limit=600)
        assert watch.bill.threat < watch.bill.history.first_day + timedelta(days=160)
        assert (watch.threat[1] - watch.bill.history.first_day).days == pytest.approx(230 + 14, abs=14)
        assert watch.bill.at_limit_since(watch.bill.history.first_day + timedelta(days=200)) is None


PRICED = """\
[[current.price_changes]]
date = 2026-08-01
factor = 0.9
[[current.price_changes]]
date = 2027-03-01
factor = 0.8
"""
EARLY = SCENARIO.replace("2027-01-01", "2026-03-01").replace(
    "[candidates.cheaper]\n", f"{PRICED}[candidates.cheaper]\n"
)


class TestWritten:
    def test_the_price_of_the_last_days_holds_past_changes_already(self, tmp_path: Path) -> None:
        for factor in (1.0, 0.8):  # as listed, and at another price
            table = usage_table(120)
            table["cost_usd"] *= factor
            loaded = own_scenario(tmp_path, EARLY)
            after = fitted_scenario(own_fit(tmp_path, table, loaded), loaded).scenario
            assert after.start == NEXT
            assert [change.date for change in after.current.price_changes] == [date(2027, 3, 1)]

    def test_a_change_between_the_last_day_and_the_start_is_still_ahead(self, tmp_path: Path) -> None:
        text = EARLY.replace("2026-03-01", "2027-06-01")
        table = usage_table(120)
        table["cost_usd"] *= 0.8
        loaded = own_scenario(tmp_path, text)
        after = fitted_scenario(own_fit(tmp_path, table, loaded), loaded).scenario
        assert [change.date for change in after.current.price_changes] == [date(2027, 3, 1)]

    def test_what_is_taken_out_is_said(self, tmp_path: Path) -> None:
        loaded = own_scenario(tmp_path, f"{EARLY}[decision]\npolicy = 2026-08-01\n")
        table = usage_table(120)
        fit = own_fit(tmp_path, table, loaded)
        said = taken_out(fit, fitted_changes(fit, loaded.scenario), loaded.tree)
        before = "before 28 September 2026, the first day now"
        assert said == [
            f"taken out: decision.policy = 2026-08-01, {before}",
            f"taken out: current.price_changes.0 (1 August 2026), {before}",
        ]
        scenario = tmp_path / "ours.toml"
        asked = ["fit", str(written(tmp_path, table)), "--scenario", str(scenario), "--write"]
        assert CliRunner().invoke(program, asked).stderr.splitlines() == said
        assert "policy" not in scenario.read_text()

    def test_a_table_on_one_line_gets_the_remark_that_holds(self, tmp_path: Path) -> None:
        growth = "[usage.growth]\nper_month = 0.1                       # guessed, too\n"
        on_one = 'growth = { curve = "compound", per_month = 0.05 } # yours: 5 % a month, doubling every 14 months\n'
        assert growth in SCENARIO
        loaded = own_scenario(tmp_path, SCENARIO.replace(growth, on_one))
        text = fitted_text(own_fit(tmp_path, usage_table(120, noise=0.03), loaded), loaded)
        (line,) = (line for line in text.splitlines() if line.startswith("growth = "))
        assert "# fitted to 1 file" in line
        assert "doubling" not in text
        assert line.count("fitted to") == 1

    def test_a_blend_of_input_and_output_is_called_one(self, tmp_path: Path) -> None:
        text = new_text(own_fit(tmp_path, usage_table(120).drop(columns="model")), "ours")
        assert "# input and output at one price, their blend, since these files tell no more; fitted to" in text
        assert "blend" not in new_text(own_fit(tmp_path, usage_table(120)), "ours")
