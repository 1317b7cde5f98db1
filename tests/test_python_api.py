"""The front door for Python: few names, dates and tables with units, and the same answers as the command line."""

import inspect
import json
import subprocess
import sys
from collections.abc import Callable
from datetime import date, timedelta
from html import escape
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from typer.testing import CliRunner

import switchpoint as sp
from switchpoint.cli import program
from tests.small_worlds import API, growing, scenario, with_candidates

ROOT = Path(__file__).resolve().parent.parent
STORY = ROOT / "scenarios" / "early-prototype.toml"
PAGE = (ROOT / "docs" / "python.md").read_text(encoding="utf-8")
NAMES = set(sp.__all__)

GROWING = scenario(growing(0.1), with_candidates(other=API))
"""A growing bill that a cheaper API would halve."""


HISTORY = """
start = 2027-01-01
usage = { input_tokens = 100, output_tokens = 10, growth = { curve = "history", file = "history.csv" } }
limit = { usd_per_month = 1000 }
current = { usd_per_mtok = { input = 1.0, output = 1.0 } }
"""


def told(*arguments: str) -> dict:
    """What a command prints as JSON."""
    result = CliRunner().invoke(program, [*arguments, "--json"])
    assert result.exit_code == 0, result.output
    return json.loads(result.stdout)


class TestNames:
    def test_there_are_fourteen_and_dir_shows_these_alone(self) -> None:
        assert len(NAMES) == 14
        assert set(dir(sp)) == NAMES

    @pytest.mark.parametrize("name", sorted(NAMES))
    def test_each_is_there_has_a_docstring_and_stands_in_the_page(self, name: str) -> None:
        found = getattr(sp, name)
        assert inspect.getdoc(found)
        assert f"{name}(" in PAGE or f"`{name}`" in PAGE

    @pytest.mark.parametrize("shown", [sp.Result, sp.Draws])
    def test_every_member_of_an_answer_stands_in_the_page(self, shown: type) -> None:
        members = {name for name in vars(shown) if not name.startswith("_")}
        letter = shown.__name__[0].lower()
        assert {name for name in members if f"{letter}.{name}" not in PAGE} == set()

    def test_importing_it_imports_nothing_heavy(self) -> None:
        heavy = ["numpy", "scipy", "pandas", "altair", "streamlit", "pydantic", "simpy"]
        code = f"import sys, switchpoint; print([m for m in {heavy!r} if m in sys.modules])"
        assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True).stdout.strip() == "[]"


class TestScenarios:
    def test_a_change_is_checked_like_a_file_with_all_faults_at_once(self) -> None:
        with pytest.raises(sp.ScenarioError) as told:
            GROWING.with_({"months": -5, "usage.grwth": 3})
        assert str(told.value).splitlines() == [
            "with_:1: months: must be 1 or more; got -5",
            "with_:2: usage.grwth: is not a known key; did you mean growth?",
        ]

    def test_a_change_says_what_set_says(self) -> None:
        loaded = sp.load(STORY).with_({"usage.growth.per_month": 0.07, "months": 30})
        setting = ["--set", "usage.growth.per_month=0.07", "--set", "months=30"]
        assert sp.simulate(loaded).sentence == told("run", str(STORY), *setting)["verdict"]["sentence"]

    def test_numbers_of_numpy_tables_and_every_candidate_do(self) -> None:
        changed = GROWING.with_(
            {"usage.requests_per_day": np.float64(5e3), "candidates.*.coverage": {"low": 0.5, "high": 0.6}}
        )
        assert changed.usage.requests_per_day == 5000
        assert changed.candidates["other"].coverage.low == 0.5
        assert GROWING.usage.requests_per_day == 10_000

    def test_a_name_that_the_catalogue_lacks_is_a_fault(self) -> None:
        with pytest.raises(sp.ScenarioError, match=r"with_:1: current\.model"):
            sp.load(STORY).with_({"current.model": "no-such-model"})

    def test_a_change_of_nothing_changes_nothing(self) -> None:
        assert GROWING.with_({}) == GROWING

    def test_a_scenario_that_names_a_file_can_be_changed(self, tmp_path: Path) -> None:
        days = (date(2026, 1, 1) + timedelta(days=number) for number in range(364))
        rows = "".join(f"{day},{1000 + number}\n" for number, day in enumerate(days))
        (tmp_path / "history.csv").write_text(f"date,requests\n{rows}", encoding="utf-8")
        (tmp_path / "ours.toml").write_text(HISTORY, encoding="utf-8")
        changed = sp.load(tmp_path / "ours.toml").with_({"months": 30})
        assert changed.months == 30
        assert sp.simulate(changed).daily["requests"].iloc[0] > 1000

    def test_what_cannot_be_computed_is_an_error_of_the_scenario(self) -> None:
        absurd = GROWING.with_({"usage.growth.per_month": 50, "months": 240})
        with pytest.raises(sp.ScenarioError):
            sp.simulate(absurd)


class TestResult:
    result = sp.simulate(GROWING)

    def test_it_reads_as_its_sentence(self) -> None:
        assert repr(self.result) == self.result.sentence == repr(self.result.verdict)

    def test_it_says_what_the_command_says(self) -> None:
        result, found = sp.simulate(sp.load(STORY)), told("run", str(STORY))
        for note in found["notes"]:
            note["place"] = ""  # a scenario in memory has no lines
        assert result.verdict.action == found["verdict"]["action"]
        assert result.sentence == found["verdict"]["sentence"]
        assert json.loads(json.dumps(result.as_json(), default=str)) == found

    def test_dates_are_dates(self) -> None:
        best = self.result.candidates["other"]
        assert isinstance(self.result.verdict.start_by, date)
        assert isinstance(best.cutover, date)
        assert best.start == self.result.verdict.start_by

    def test_another_policy_moves_the_start(self) -> None:
        assert self.result.under("now").candidates["other"].start == GROWING.start
        assert self.result.under(date(2027, 6, 1)).candidates["other"].start == date(2027, 6, 1)
        assert self.result.under("never").candidates["other"].start is None

    def test_months_are_sums_of_days(self) -> None:
        daily, monthly = self.result.daily, self.result.monthly
        summed = daily[["requests", "stay_usd", "other_usd"]].groupby(daily.index.to_period("M")).sum()
        pd.testing.assert_frame_equal(summed, monthly[summed.columns], check_names=False, rtol=1e-9)
        assert isinstance(monthly.index, pd.PeriodIndex)
        assert isinstance(daily.index, pd.DatetimeIndex)
        assert len(daily) == 731

    def test_a_day_costs_what_its_requests_cost(self) -> None:
        """1,000 tokens at $1 a million: a tenth of a cent a request."""
        pd.testing.assert_series_equal(
            self.result.daily["stay_usd"], self.result.daily["requests"] / 1000, check_names=False, rtol=1e-9
        )

    @pytest.mark.slow
    def test_charts_are_charts_of_altair_and_a_wrong_name_lists_them(self) -> None:
        assert {type(self.result.chart(name)).__module__.split(".")[0] for name in self.result.charts} == {"altair"}
        with pytest.raises(KeyError, match="there are cash"):
            self.result.chart("pie")

    def test_a_notebook_shows_a_page_without_scripts(self) -> None:
        page = self.result._repr_html_()
        assert escape(self.result.sentence) in page
        assert "<svg" in page
        assert "<script" not in page

    def test_no_text_of_a_scenario_runs_in_the_page(self) -> None:
        named = GROWING.with_({"name": "<img src=x onerror=alert(1)>"})
        assert "<img src=x" not in sp.simulate(named)._repr_html_()

    def test_without_candidates_it_still_reads(self) -> None:
        alone = sp.simulate(scenario())
        assert alone.candidates == {}
        assert alone.table.empty
        assert alone._repr_html_()


class TestDraws:
    draws = sp.draw(GROWING.with_({"usage.growth.per_month": {"low": 0.05, "high": 0.15}}), 16, seed=3, jobs=1)

    def test_the_table_has_a_row_a_draw_and_the_mean_is_that_of_the_candidate(self) -> None:
        table = self.draws.table
        assert len(table) == len(self.draws) == 16
        assert table["other_npv_saving_usd"].mean() == pytest.approx(self.draws.candidates["other"].npv_saving_usd)
        assert table["usage.growth.per_month"].between(0.01, 0.3).all()

    def test_one_draw_reaches_its_limit_when_the_table_says(self) -> None:
        one = self.draws.one(5)
        assert pd.Timestamp(one.threat) == self.draws.table["threat"].iloc[5]
        assert one.scenario.usage.growth.per_month == pytest.approx(self.draws.table["usage.growth.per_month"].iloc[5])

    def test_quantiles_of_dates_are_ordered(self) -> None:
        limit = self.draws.dates.loc["limit reached"]
        assert limit["p10"] <= limit["p50"] <= limit["p90"]
        assert limit["probability"] == self.draws.table["threat"].notna().mean()

    def test_it_reads_as_its_sentence_and_shows_a_page(self) -> None:
        assert repr(self.draws) == self.draws.sentence == self.draws.verdict.sentence
        assert "<svg" in self.draws._repr_html_()

    @pytest.mark.parametrize("number", [-1, 16])
    def test_a_draw_that_is_not_there(self, number: int) -> None:
        with pytest.raises(IndexError, match="there are 16"):
            self.draws.one(number)

    @pytest.mark.parametrize("wrong", [{"draws": 0}, {"draws": 4, "precision": 2}])
    def test_what_makes_no_sense_is_refused(self, wrong: dict) -> None:
        with pytest.raises(ValueError, match="it takes"):
            sp.draw(GROWING, **wrong)


class TestWrongTypes:
    @pytest.mark.parametrize("door", [sp.simulate, sp.draw, sp.why, lambda other: sp.compare(GROWING, other)])
    def test_what_is_no_scenario_is_refused_with_what_would_be(self, door: Callable[[Any], object]) -> None:
        with pytest.raises(TypeError, match=r"takes a Scenario, such as switchpoint\.load"):
            door("ours.toml")

    def test_changes_are_a_mapping(self) -> None:
        with pytest.raises(TypeError, match="takes values by path"):
            GROWING.with_(None)

    def test_whole_numbers_of_numpy_are_numbers(self) -> None:
        assert sp.draw(GROWING, np.int64(8), seed=np.int64(3)).table.equals(sp.draw(GROWING, 8, seed=3).table)
        with pytest.raises(TypeError, match=r"draws: got 2\.5; it takes a whole number"):
            sp.draw(GROWING, 2.5)


class TestStudies:
    def test_causes_add_up_to_the_difference(self) -> None:
        other = GROWING.with_({"usage.growth.per_month": 0.05, "months": 20})
        found = sp.compare(GROWING, other)
        before, after = found.table.loc["npv_saving_usd"]
        assert found.causes["npv_saving_usd"].sum() == pytest.approx(after - before)
        assert repr(found) == found.sentence

    def test_why_lists_what_moves_it_widest_first(self) -> None:
        moves = sp.why(GROWING).moves
        swing = (moves["npv_saving_usd_at_high"] - moves["npv_saving_usd_at_low"]).abs()
        assert len(moves) > 1
        assert swing.iloc[0] == swing.max()

    def test_variants_are_all_combinations_each_as_simulated_alone(self) -> None:
        table = sp.sweep(GROWING, vary={"usage.growth.per_month": [0.05, 0.1], "months": [20, 24]})
        assert table[["usage.growth.per_month", "months"]].to_numpy().tolist() == [
            [0.05, 20],
            [0.05, 24],
            [0.1, 20],
            [0.1, 24],
        ]
        assert table["sentence"].iloc[3] == sp.simulate(GROWING).sentence

    def test_a_study_file_gives_its_rows(self, tmp_path: Path) -> None:
        study = tmp_path / "study.toml"
        study.write_text(f'scenarios = ["{STORY}"]\n[[vary]]\npath = "months"\nvalues = [24, 36]\n', encoding="utf-8")
        table = sp.sweep(study, tmp_path / "out", jobs=1)
        assert table["months"].unique().tolist() == [24, 36]
        assert (table["status"] == "ok").all()

    @pytest.mark.parametrize("wrong", [{}, {"vary": {}}])
    def test_a_scenario_needs_something_to_vary(self, wrong: dict) -> None:
        with pytest.raises(ValueError, match="vary"):
            sp.sweep(GROWING, **wrong)

    def test_a_replica_of_what_is_no_fleet_is_refused(self) -> None:
        with pytest.raises(sp.ScenarioError, match=r'candidates\.other: is not of kind = "gpu"'):
            sp.capacity(GROWING, "other")
        with pytest.raises(sp.ScenarioError, match="there are other"):
            sp.capacity(GROWING, "nobody")
