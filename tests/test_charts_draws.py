"""Charts of many draws say what the draws say."""

import xml.etree.ElementTree as ET
from collections import Counter
from functools import cache
from pathlib import Path

import numpy as np
import pytest

from switchpoint.charts.collection import draws_charts
from switchpoint.charts.fan_and_dates import (
    QUANTILES,
    by_month,
    date_rows,
    dates_chart,
    dates_words,
    fan_chart,
    fan_of,
    fan_words,
)
from switchpoint.charts.vega import DARK, LIGHT
from switchpoint.charts.waiting import RULES, SURE, choices, regret_chart, regret_words, waiting_chart, waiting_words
from switchpoint.decision.case import simulate
from switchpoint.decision.result import JudgedWorld
from switchpoint.export.pictures import save_charts
from switchpoint.horizon import NEVER
from switchpoint.scenario.catalogue_check import load_checked
from switchpoint.scenario.toml_writer import examples
from switchpoint.study.draw_results import DrawFindings
from switchpoint.study.draw_survey import ADVISED
from switchpoint.study.monte_carlo import MonteCarlo
from switchpoint.text import chance, day, usd

pytestmark = pytest.mark.slow

EXAMPLES = examples()
DRAWS = 24
every_verdict = pytest.mark.parametrize("name", ["support-copilot", "early-prototype", "code-assistant"])


@cache
def findings_of(name: str, *overrides: str, draws: int = DRAWS) -> DrawFindings:
    scenario = load_checked(EXAMPLES[name], overrides).scenario
    return MonteCarlo(draws, seed=3).study(scenario, JudgedWorld(simulate(scenario)))


def text_of(spec: dict) -> str:
    return " ".join(spec["title"]["text"])


def layers(spec: dict, kind: str) -> list[list[dict]]:
    found = [layer.get("data", spec.get("data")) for layer in spec["layer"] if layer["mark"]["type"] == kind]
    return [data["values"] if "values" in data else spec["datasets"][data["name"]] for data in found]


class TestEachChart:
    @every_verdict
    @pytest.mark.parametrize("look", [LIGHT, DARK], ids=lambda look: look.name)
    def test_its_title_is_the_takeaway_and_its_layers_have_data(self, name: str, look: object) -> None:
        findings = findings_of(name)
        drawn = draws_charts(findings, look)
        assert list(drawn) == ["fan", "dates", "waiting", "regret"]
        words = [fan_words(findings), dates_words(findings), waiting_words(findings), regret_words(findings)]
        for chart, takeaway in zip(drawn.values(), words, strict=True):
            spec = chart.to_dict()
            assert text_of(spec) == takeaway
            assert takeaway in spec["description"]
            assert all(spec["datasets"].values() if "datasets" in spec else [1])
            assert spec["config"]["background"] == look.ground

    @pytest.mark.parametrize(
        "change",
        [
            "months=1",
            "candidates.own-8b.project.started=2026-11-01",
            "candidates.own-8b.project.pass_probability=[0]",
            "candidates.own-8b.coverage=0",
            "usage.requests_per_day=0",
            "revenue.usd_per_month=1e12",
        ],
    )
    def test_odd_scenarios_are_drawn(self, change: str) -> None:
        for chart in draws_charts(findings_of("support-copilot", change, draws=8)).values():
            assert text_of(chart.to_dict())

    def test_one_draw_is_drawn(self) -> None:
        drawn = draws_charts(findings_of("support-copilot", draws=1))
        assert len(drawn) == 4
        assert "1 draw" in str(drawn["fan"].to_dict()["title"]["subtitle"])

    def test_a_scenario_without_candidates_shows_fan_and_threat(self, tmp_path: Path) -> None:
        text = EXAMPLES["support-copilot"].read_text(encoding="utf-8")
        bare = text[: text.index("[candidates.")] + text[text.index("[decision]") :] if "[decision]" in text else ""
        path = tmp_path / "bare.toml"
        path.write_text(bare or text[: text.index("[candidates.")], encoding="utf-8")
        scenario = load_checked(path, ()).scenario
        findings = MonteCarlo(8).study(scenario, JudgedWorld(simulate(scenario)))
        assert list(draws_charts(findings)) == ["fan", "dates"]
        assert [row.name for row in date_rows(findings, LIGHT, None)] == ["Limit reached"]


class TestFan:
    def test_bands_are_the_quantiles_of_the_draws(self) -> None:
        findings = findings_of("support-copilot")
        fan, bill = fan_of(findings), findings.survey.bill
        month = 17
        ordered = sorted(float(each) for each in bill[:, month])
        below, above = ordered[DRAWS // 2 - 1], ordered[DRAWS // 2]
        assert fan.quantiles[QUANTILES.index(0.5), month] == pytest.approx((below + above) / 2)
        outer = layers(fan_chart(findings).to_dict(), "area")[0][month]
        assert outer["value"] <= ordered[3]
        assert outer["high"] >= ordered[-4]
        assert ordered[2] <= outer["value"] < outer["high"] <= ordered[-3]

    def test_the_base_case_and_the_limit_are_those_of_the_base_case(self) -> None:
        findings = findings_of("support-copilot")
        fan, case = fan_of(findings), findings.base.case
        assert fan.base[-1] == case.bill[-1]
        assert fan.base[-1] / fan.limit[-1] == pytest.approx(case.pressure[-1])

    def test_a_limit_that_differs_between_draws_is_one_hundred_percent(self) -> None:
        findings = findings_of("support-copilot", "revenue.usd_per_month={low=50_000,high=200_000}")
        fan = fan_of(findings)
        assert not fan.dollars
        assert set(fan.limit) == {1.0}
        over = (findings.survey.pressure[:, -1] >= 1).mean()
        assert (fan.quantiles[QUANTILES.index(0.1), -1] >= 1) == (over > 0.9)
        spec = fan_chart(findings).to_dict()
        assert "share of the limit" in " ".join(spec["title"]["subtitle"])


class TestDates:
    @every_verdict
    def test_each_row_counts_the_draws_by_month(self, name: str) -> None:
        findings = findings_of(name)
        clock = findings.clock
        for row in date_rows(findings, LIGHT, None):
            dated = [clock.date_of(max(int(each), 0)) for each in row.days if each < NEVER]
            expected = Counter((when.year, when.month) for when in dated)
            shares = by_month(row.days, clock)
            found = {(m.year, m.month): round(s * DRAWS) for m, s in zip(clock.months, shares, strict=True) if s}
            assert found == dict(expected)

    def test_the_takeaway_counts_the_draws_in_time(self) -> None:
        findings = findings_of("support-copilot")
        own = findings.candidates["own-8b"]
        share = float(np.mean(own.followed_starts.cutover[:, ADVISED] <= findings.survey.threat))
        assert f"in {chance(share)} of the draws" in dates_words(findings)
        start = own.weighed.judged_start
        assert ("started today" if start == 0 else day(findings.clock.date_of(start))) in dates_words(findings)

    def test_what_lies_beyond_the_horizon_is_said_in_words(self) -> None:
        findings = findings_of("early-prototype")
        (words,) = layers(dates_chart(findings).to_dict(), "text")
        assert any("not within the horizon" in row["text"] for row in words)

    def test_another_candidate_may_be_asked_for(self) -> None:
        findings = findings_of("code-assistant")
        assert dates_words(findings, "hosted-open").startswith("hosted-open")


class TestWaiting:
    @every_verdict
    def test_lines_and_bands_are_means_and_two_errors_of_the_draws(self, name: str) -> None:
        findings = findings_of(name)
        bands = layers(waiting_chart(findings).to_dict(), "area")
        for found, choice, band in zip(findings.candidates.values(), choices(findings).each, bands, strict=True):
            saved = findings.survey.present_stay - found.weighed.seen.cost[:, 4]
            error = float(np.std(saved, ddof=1)) / DRAWS**0.5
            assert choice.saving[4] == pytest.approx(float(saved.mean()))
            assert band[4]["high"] - band[4]["value"] == pytest.approx(2 * SURE * error)

    def test_a_base_case_shows_what_its_own_starts_save(self) -> None:
        result = findings_of("support-copilot").base
        (choice,) = choices(result).each
        own = result.case.outlook("own-8b")
        assert choice.saving[0] == pytest.approx(own.saving(0))
        assert choice.saving[list(choice.searched).index(own.starts.best)] == pytest.approx(own.saving(own.starts.best))
        assert layers(waiting_chart(result).to_dict(), "area") == []
        assert "on average" not in waiting_words(result)

    def test_the_takeaway_says_what_half_a_year_costs(self) -> None:
        findings = findings_of("support-copilot")
        own = findings.candidates["own-8b"]
        saving = own.saving_by_start[0]
        place = list(own.weighed.searched_starts).index(own.weighed.best)
        assert waiting_words(findings).endswith(
            f"started 6 months later {usd(float(saving[place] - saving[place + 6]))} less"
        )

    def test_a_candidate_that_never_saves_is_said_so(self) -> None:
        assert (
            waiting_words(findings_of("early-prototype")) == "own-8b saves nothing on average, whenever it is started"
        )


class TestRegret:
    @every_verdict
    def test_bars_are_the_regrets(self, name: str) -> None:
        findings = findings_of(name)
        (bars,) = layers(regret_chart(findings).to_dict(), "bar")
        shown = {(bar["candidate"], bar["rule"]): bar["usd"] for bar in bars}
        expected = {(n, t): f.regret[rule] for n, f in findings.candidates.items() for rule, t in RULES.items()}
        assert shown == pytest.approx(expected)
        assert min(shown.values()) >= -1e-6

    def test_staying_is_closest_to_hindsight_where_nothing_saves(self) -> None:
        assert regret_words(findings_of("early-prototype")).startswith("Never starting comes closest")


class TestFiles:
    def test_each_chart_is_written_twice_with_its_text(self, tmp_path: Path) -> None:
        findings = findings_of("support-copilot")
        files = save_charts(draws_charts(findings), tmp_path)
        assert sorted(f.name for f in files) == sorted(
            f"{n}.{k}" for n in draws_charts(findings) for k in ("png", "svg")
        )
        for name, takeaway in (("fan", fan_words(findings)), ("dates", dates_words(findings))):
            text = "".join(ET.parse(tmp_path / f"{name}.svg").getroot().itertext())
            assert takeaway.replace(" ", "") in text.replace(" ", "")
