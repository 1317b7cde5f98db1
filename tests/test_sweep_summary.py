"""What a summary says: shares against closed forms, boxes and borders that were planted, and files that are whole."""

import csv
import json
import re
import shutil
from collections import Counter
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import ClassVar

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import spearmanr
from typer.testing import CliRunner

from switchpoint.charts.sweeps import answer_colours, decision_map
from switchpoint.charts.vega import DARK, LIGHT
from switchpoint.cli import program
from switchpoint.study.sweep.drivers_and_map import explained_share, influences, on_the_answer, regions
from switchpoint.study.sweep.folder import Folder
from switchpoint.study.sweep.manifest import Manifest
from switchpoint.study.sweep.results import Results, VariedInput, results
from switchpoint.study.sweep.summary import find_box
from tests.sweep_worlds import written
from tests.test_house import contrast

pytestmark = pytest.mark.slow

GRID = [(a, b) for a in range(10) for b in range(10)]


def numbers(name: str, values: object, unit: str = "", **more: object) -> VariedInput:
    return VariedInput(name, name, unit, "number", tuple(float(value) for value in values), **more)  # type: ignore[attr-defined, arg-type]


A = numbers("growth", [a / 100 for a, _ in GRID], "share/month")
B = numbers("coverage", [b / 10 for _, b in GRID], "share, 0 to 1")
NAMES = VariedInput("GPU", "gpu", "", "text", tuple("L4" if (a + b) % 2 else "H100" for a, b in GRID))


class TestInfluence:
    def test_of_a_sum_each_input_explains_its_part_of_the_variance(self) -> None:
        found = influences((A, B), 30 * A.numbers + 1 * B.numbers)
        assert [each.input.name for each in found] == ["growth", "coverage"]
        expected = np.array([0.09, 0.01]) / 0.10  # variances of 30·a/100 and b/10 over the grid are as 9 to 1
        adjusted = 1 - (1 - expected) * 99 / 90
        assert [each.share for each in found] == pytest.approx(adjusted.tolist(), abs=1e-12)

    def test_the_direction_is_that_of_the_rank_correlation(self) -> None:
        found = {each.input.name: each for each in influences((A, B), -np.exp(20 * A.numbers))}
        assert found["growth"].correlation == pytest.approx(-1)
        assert (found["growth"].direction, found["coverage"].direction) == ("-", "")

    def test_noise_is_not_explained_however_many_bins(self) -> None:
        rng = np.random.default_rng(5)
        x = numbers("x", rng.random(4_000))
        assert influences((x,), rng.normal(size=4_000))[0].share < 0.01

    def test_a_name_can_drive(self) -> None:
        found = influences((A, NAMES), np.array([1.0 if name == "L4" else 0.0 for name in NAMES.values]))
        assert (found[0].input.name, found[0].share, found[0].direction) == ("GPU", pytest.approx(1), "")

    def test_points_without_the_result_are_left_out(self) -> None:
        result = np.where(B.numbers > 0.45, A.numbers, np.nan)
        found = {each.input.name: each.share for each in influences((A, B), result)}
        assert found == {"growth": pytest.approx(1), "coverage": 0}

    def test_a_result_that_does_not_vary_has_no_drivers(self) -> None:
        assert influences((A, B), np.ones(100)) == []

    @given(seed=st.integers(0, 10**6), bins=st.integers(1, 8))
    def test_it_is_the_adjusted_share_of_a_regression_on_dummies(self, seed: int, bins: int) -> None:
        rng = np.random.default_rng(seed)
        bin_, y = rng.integers(0, bins, 60), rng.normal(size=60)
        dummies = np.eye(bins)[bin_]
        residual = y - dummies @ np.linalg.lstsq(dummies, y, rcond=None)[0]
        used = len(set(bin_.tolist()))
        share = 1 - (residual @ residual / (60 - used)) / (((y - y.mean()) ** 2).sum() / 59)
        assert explained_share(bin_, y[:, None]) == pytest.approx(max(share, 0), abs=1e-12)


class TestDiscovery:
    def test_a_planted_box_is_found_and_told(self) -> None:
        box = find_box((A, B, NAMES), (A.numbers < 0.035) & (B.numbers < 0.75))
        assert box is not None
        assert box.text == "growth under 4 % a month and coverage under 80 %"
        assert (box.density, box.coverage, box.size) == (1, 1, 32 / 100)

    def test_a_box_between_two_ends_and_a_name(self) -> None:
        box = find_box((A, B, NAMES), (A.numbers > 0.025) & (A.numbers < 0.065) & (np.array(NAMES.values) == "H100"))
        assert box is not None
        assert set(box.text.split(" and ")) == {"growth over 2 % a month", "under 7 % a month", "GPU is H100"}

    def test_a_planted_box_is_found_in_a_noisy_sample(self) -> None:
        rng = np.random.default_rng(1)
        x, y, z = (numbers(name, rng.random(3_000)) for name in "xyz")
        inside = (x.numbers > 0.6) & (y.numbers < 0.4)
        box = find_box((x, y, z), np.where(rng.random(3_000) < 0.05, ~inside, inside))
        assert box is not None
        assert {limit.input.name for limit in box.limits} == {"x", "y"}
        ends = {limit.input.name: (min(limit.allowed_values), max(limit.allowed_values)) for limit in box.limits}
        assert ends["x"][0] == pytest.approx(0.6, abs=0.06)
        assert ends["y"][1] == pytest.approx(0.4, abs=0.06)
        assert box.density > 0.85

    @pytest.mark.parametrize("happens", [np.zeros(100, dtype=bool), np.ones(100, dtype=bool)])
    def test_what_happens_never_or_always_has_no_box(self, happens: np.ndarray) -> None:
        assert find_box((A, B), happens) is None

    @given(seed=st.integers(0, 10**6))
    def test_density_coverage_and_size_are_those_of_the_words(self, seed: int) -> None:
        rng = np.random.default_rng(seed)
        happens = rng.random(100) < np.where(A.numbers > rng.random() / 10, 0.8, 0.1)
        box = find_box((A, B, NAMES), happens)
        if box is None:
            return
        inside = np.logical_and.reduce(
            [[v in limit.allowed_values for v in limit.input.values] for limit in box.limits]
        )
        assert box.size == pytest.approx(inside.mean())
        assert box.density == pytest.approx(happens[inside].mean())
        assert box.coverage == pytest.approx(happens[inside].sum() / happens.sum())
        assert box.density > happens.mean()
        assert len(box.limits) <= 3


class TestRegions:
    answer: ClassVar = ["own" if a >= 5 and b >= 3 else "stay" for a, b in GRID]

    def test_the_border_runs_where_the_answer_changes(self) -> None:
        found = regions(A, B, self.answer)
        assert {(c.x, c.y, d.x, d.y) for c, d in found.borders()} == {
            *((4, y, 5, y) for y in range(3, 10)),
            *((x, 2, x, 3) for x in range(5, 10)),
        }
        assert dict(found.shares) == {"stay": 0.65, "own": 0.35}

    def test_a_cell_has_the_answer_of_most_of_its_points(self) -> None:
        found = regions(A, None, self.answer)
        assert [(cell.answer, cell.agree) for cell in found.cells] == [("stay", 1.0)] * 5 + [("own", 0.7)] * 5

    def test_one_line_that_divides_is_said(self) -> None:
        found = regions(A, B, ["own-8b" if a >= 5 else "stay" for a, _ in GRID])
        assert found.takeaway in (
            "own-8b where growth is from 5 % a month on, else stay",
            "Stay where growth is under 5 % a month, else own-8b",
        )

    def test_without_one_the_parts_are_said(self) -> None:
        checkered = ["own" if (a // 2 + b // 2) % 2 else "stay" for a, b in GRID]
        assert regions(A, B, checkered).takeaway == "Growth and coverage decide the answer: stay in 52 %, own in 48 %"

    def test_many_values_are_cut_into_ranges_in_ratios_where_the_study_did(self) -> None:
        x = numbers("x", np.geomspace(1, 10_000, 576), log=True)
        found = regions(x, None, ["stay"] * 576)
        assert [cell.points for cell in found.cells] == [64] * 9

    def test_dates_are_told_as_dates(self) -> None:
        days = VariedInput("start", "start", "", "date", tuple(date(2027, 1 + i % 12, 1) for i in range(48)))
        assert regions(days, None, ["stay"] * 48).x.labels[2] == "1 March 2027"


class TestMap:
    found = regions(A, B, [("stay", "own-8b", "no-remedy")[min(a + b, 17) // 6] for a, b in GRID])

    @pytest.mark.parametrize("look", [LIGHT, DARK], ids=lambda look: look.name)
    def test_colours_stand_out_from_the_ground_and_differ(self, look: object) -> None:
        everything = ("stay", "start-by", "start-now", "late", "no-remedy")
        names = ["own-8b", "hosted", "third", "fourth", "of-another-story", "of-a-third"]
        for answers in (everything, ("stay", "no-remedy", "own-8b", "hosted", "third"), ("stay", "late", *names)):
            found = regions(A, B, [answers[(a + b) % len(answers)] for a, b in GRID])
            colours = answer_colours(found, names, look)  # type: ignore[arg-type]
            assert set(colours) == set(answers)
            assert min(contrast(colour, look.ground) for colour in colours.values()) >= 3  # type: ignore[attr-defined]
            assert len(set(colours.values())) == len(answers)

    def test_it_has_its_takeaway_a_border_and_words_for_those_who_cannot_see(self, tmp_path: Path) -> None:
        from switchpoint.export.pictures import save_chart

        chart = decision_map(self.found, ["own-8b"])
        assert self.found.takeaway in chart.to_dict()["description"]
        png, svg = save_chart(chart, tmp_path, "decision-map")
        text = svg.read_text()
        for word in ("Growth, a month", "Coverage", "own-8b", "no remedy", "70 %"):
            assert word in text, word
        assert png.stat().st_size > 10_000
        lines = [layer for layer in chart.to_dict()["layer"] if layer["mark"].get("type") == "rule"]
        assert len(lines) == 2


def made(**change: object) -> Results:
    """Results of three points of one scenario whose base case is advised to start own-8b by 1 March 2027."""
    advice = {"s": {"action": "start-by", "candidate": "own-8b", "start_by": "2027-03-01"}}
    whole = Results(
        Manifest({"advice": advice, "scenarios": {"s": {"stated": {"candidates": {"own-8b": {}, "api": {}}}}}}),
        (numbers("x", (1, 2, 3, 4)),),
        (0, 1, 2, 3),
        ("s",) * 4,
        ("start-by", "stay", "start-now", "start-by"),
        ("own-8b", None, "api", "api"),
        ([], [], [], ["own-8b"]),
        (date(2027, 2, 1), None, date(2027, 1, 1), date(2027, 4, 1)),
        np.array([1.0, 0.0, 2.0, 3.0]),
        0,
    )
    return replace(whole, **change)  # type: ignore[arg-type]


class TestAdviceThatFails:
    def test_another_answer_is_right_where_something_else_is_to_be_done(self) -> None:
        assert made().other.tolist() == [False, True, True, False]

    def test_a_date_is_too_late_where_the_same_thing_is_due_before(self) -> None:
        assert made().too_late.tolist() == [True, False, False, False]

    def test_where_the_base_case_stays_every_start_is_another_answer(self) -> None:
        stays = {"s": {"action": "stay", "candidate": None, "start_by": None}}
        found = made(manifest=Manifest({"advice": stays}))
        assert found.other.tolist() == [True, False, True, True]
        assert not found.too_late.any()

    def test_answers_are_candidates_where_several_win_else_actions(self) -> None:
        assert made().answer == ["own-8b", "stay", "api", "api"]
        assert made(candidate=("own-8b", None, "own-8b", "own-8b")).answer == [
            "start-by",
            "stay",
            "start-now",
            "start-by",
        ]

    def test_the_answer_is_driven_by_what_decides_it(self) -> None:
        answer = ["stay" if a < 5 else "start-now" for a, _ in GRID]
        found = made(inputs=(B, A), action=answer, candidate=[None if w == "stay" else "own-8b" for w in answer])
        assert [(each.input.name, round(each.share, 6)) for each in on_the_answer(found)] == [
            ("growth", 1),
            ("coverage", 0),
        ]


@pytest.fixture(scope="module")
def swept(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a scenario and a sweep of it."""
    from tests.test_sweep import HERE, sweep

    folder = tmp_path_factory.mktemp("swept")
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(folder)
        written(folder)
        vary = ("usage.growth.per_month=0:0.2:6", "candidates.box.fleet.usd_per_gpu_hour=0.05:0.8:4")
        sweep(Folder(folder / "out"), "small.toml", *vary, "current.retry_share=0,0.1", crew=HERE)
    return folder


class TestCommand:
    @pytest.fixture
    def folder(self, swept: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
        """A copy of the sweep of its own for each test, which may spoil it."""
        shutil.copytree(swept, tmp_path, dirs_exist_ok=True)
        monkeypatch.chdir(tmp_path)
        return tmp_path / "out"

    def summarise(self, *arguments: str) -> str:
        result = CliRunner().invoke(program, ["summarise", *arguments])
        assert result.exit_code == 0, result.output
        return result.stdout

    def test_it_says_what_the_rows_say(self, folder: Path) -> None:
        told = json.loads(self.summarise("out", "--json"))
        found = results(Folder(folder))
        assert told["answers"] == {k: v / 48 for k, v in Counter(map(str, found.action)).items()}
        assert told["best"][0]["npv_saving_usd"] == max(found.saving)
        assert told["worst"][0]["npv_saving_usd"] == min(found.saving)
        assert told["points_done"] == told["points"] == 48
        assert {each["input"] for each in told["drivers"]["start_by"]} == {
            "usage.growth.per_month", "candidates.box.fleet.usd_per_gpu_hour", "current.retry_share"
        }  # fmt: skip
        for each in told["drivers"]["npv_saving_usd"]:
            values = next(i.values for i in found.inputs if i.column == each["input"])
            assert each["rank_correlation"] == pytest.approx(spearmanr(values, found.saving).statistic)

    def test_every_file_is_there_and_the_csv_has_every_row(self, folder: Path) -> None:
        text = self.summarise("out")
        assert "are those of the advice, whatever policy a scenario states." in text.splitlines()[2]
        assert "What drives the start-by date" in text
        assert "Saves most" in text
        names = {path.name for path in (folder / "summary").glob("[!.]*")}
        assert names == {
            "summary.json",
            "summary.txt",
            "rows.csv",
            "decision-map.png",
            "decision-map.svg",
        }
        with (folder / "summary" / "rows.csv").open(newline="", encoding="utf-8-sig") as file:
            found = list(csv.DictReader(file))
        assert len(found) == 96
        assert {row["candidate"] for row in found} == {"box", "cheaper"}
        assert all(re.fullmatch(r"\d{4}-\d\d-\d\d|", row["verdict.start_by"]) for row in found)

    def test_an_unfinished_sweep_is_told_as_such(self, folder: Path) -> None:
        Folder(folder).part(0).unlink()
        assert " of 48; the sweep is not finished" in self.summarise("out", "--out", "elsewhere")
        assert (Path("elsewhere") / "decision-map.png").exists()

    def test_files_of_others_are_left_unless_forced(self, folder: Path) -> None:
        self.summarise("out", "--out", "elsewhere")
        self.summarise("out", "--out", "elsewhere")
        rows = Path("elsewhere") / "rows.csv"
        rows.write_text("mine", encoding="utf-8")
        refused = CliRunner().invoke(program, ["summarise", "out", "--out", "elsewhere"])
        assert (refused.exit_code, refused.stderr) == (
            2, f"{rows}:1: exists already and is left as it was; --force overwrites it\n"
        )  # fmt: skip
        assert rows.read_text(encoding="utf-8") == "mine"
        self.summarise("out", "--out", "elsewhere", "--force")
        assert len(rows.read_text(encoding="utf-8")) > 1000

    def test_what_cannot_be_summarised(self, folder: Path) -> None:
        for part in Folder(folder).files:
            part.unlink()
        result = CliRunner().invoke(program, ["summarise", "out"])
        assert (result.exit_code, result.stderr) == (
            2, "out: nothing has been run yet; switchpoint sweep --resume out goes on\n"
        )  # fmt: skip


def test_a_value_that_a_spreadsheet_would_run_is_defused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from tests.test_sweep import sweep

    monkeypatch.chdir(tmp_path)
    written(tmp_path)
    sweep(Folder(tmp_path / "out"), "small.toml", 'name="=1+1","-2"')
    CliRunner().invoke(program, ["summarise", "out"])
    with (tmp_path / "out" / "summary" / "rows.csv").open(newline="", encoding="utf-8-sig") as file:
        assert {row["name"] for row in csv.DictReader(file)} == {"'=1+1", "'-2"}
