"""switchpoint export: what it writes, what it refuses, and saved runs."""

import csv
import json
import sys
import xml.etree.ElementTree as ET
from html import unescape
from pathlib import Path

import pyarrow.parquet
import pytest
from typer.testing import CliRunner

from switchpoint.cli import program
from switchpoint.cli.export import Targets, subject
from switchpoint.cli.typer_program import Sampling
from switchpoint.export import data_files
from switchpoint.export.data_files import MARK, open_saved_run
from switchpoint.export.html_and_pdf import NoTypst
from switchpoint.export.plain_tables import csv_bytes, parquet_bytes
from switchpoint.review.pages import harmless
from switchpoint.scenario.errors import ScenarioError
from switchpoint.scenario.load import load
from switchpoint.scenario.toml_writer import example_text
from tests.export_stories import CASES, DRAWS, LATE, START, STAY, exports_of

pytestmark = pytest.mark.slow


@pytest.fixture
def call(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    """A function that calls a command in a folder with one small scenario."""
    monkeypatch.chdir(tmp_path)
    text = example_text("early-prototype").replace("months = 24", "months = 12")
    (tmp_path / "ours.toml").write_text(text, encoding="utf-8")

    def run(*arguments: str):
        result = CliRunner().invoke(program, list(arguments))
        assert result.exception is None or isinstance(result.exception, SystemExit), result.output
        return result

    return run


ALL = (
    "--deck",
    "a.pptx",
    "--workbook",
    "a.xlsx",
    "--report",
    "a.html",
    "--pdf",
    "a.pdf",
    "--charts",
    "c",
    "--tables",
    "t",
)


class TestExport:
    def test_everything_at_once(self, call, tmp_path: Path) -> None:
        result = call("export", "ours.toml", "--draws", "8", "--seed", "2", *ALL, "--format", "svg,pdf")
        assert result.exit_code == 0, result.output
        assert [line.partition(":")[0] for line in result.stdout.splitlines()] == [
            "a.pptx",
            "a.xlsx",
            "a.html",
            "a.pdf",
            "c",
            "t",
        ]
        assert {path.suffix for path in (tmp_path / "c").iterdir()} == {".svg", ".pdf"}
        assert {path.stem for path in (tmp_path / "c").iterdir()} >= {
            "cost",
            "fan",
            "dates",
            "waiting",
            "regret",
            "tornado",
        }
        text = "".join(ET.parse(tmp_path / "c" / "fan.svg").getroot().itertext())
        assert "Dollars a month" in text
        assert "8 draws, seed 2" in (tmp_path / "a.html").read_text(encoding="utf-8")
        assert (tmp_path / "c" / "cost.pdf").read_bytes().startswith(b"%PDF")
        assert not list(tmp_path.rglob("*.tmp"))

    def test_a_file_that_is_there_stays_unless_forced(self, call, tmp_path: Path) -> None:
        (tmp_path / "a.html").write_text("mine", encoding="utf-8")
        result = call("export", "ours.toml", "--report", "a.html", "--deck", "a.pptx")
        assert result.exit_code == 2
        assert "a.html:1: --report: exists already" in result.stderr
        assert (tmp_path / "a.html").read_text(encoding="utf-8") == "mine"
        assert not (tmp_path / "a.pptx").exists()
        assert call("export", "ours.toml", "--report", "a.html", "--force").exit_code == 0
        assert (tmp_path / "a.html").read_text(encoding="utf-8").startswith("<!doctype html>")

    def test_a_chart_that_is_there_stays_and_nothing_else_is_written(self, call, tmp_path: Path) -> None:
        (tmp_path / "c").mkdir()
        (tmp_path / "c" / "cost.svg").write_text("mine", encoding="utf-8")
        result = call("export", "ours.toml", "--charts", "c", "--format", "svg", "--report", "a.html")
        assert result.exit_code == 2
        assert "cost.svg:1: exists already" in result.stderr
        assert not (tmp_path / "a.html").exists()

    @pytest.mark.parametrize(
        ("arguments", "told"),
        [
            (["ours.toml"], "name what to write"),
            (["--report", "a.html"], "name a scenario file"),
            (["ours.toml", "--run", "r", "--report", "a.html"], "name a scenario file"),
            (["ours.toml", "--deck", "a.ppt"], "a.ppt:1: --deck: must end in .pptx"),
            (["ours.toml", "--report", "no/a.html"], "no/a.html:1: --report: lies in a folder that is not there"),
            (["ours.toml", "--charts", "c", "--format", "gif"], "must be of png, svg and pdf, by commas; got 'gif'"),
            (["ours.toml", "--report", "a.html", "--draws", "0"], "--draws"),
            (["--run", "r", "--report", "a.html", "--draws", "8"], "belong to a new run"),
            (["--run", "r", "--report", "a.html"], "r:1: holds neither a run nor a sweep"),
        ],
    )
    def test_what_makes_no_sense_is_one_line(self, call, arguments: list[str], told: str) -> None:
        result = call("export", *arguments)
        assert result.exit_code == 2
        assert told in " ".join(result.stderr.replace("│", " ").split())
        assert "Traceback" not in result.stderr

    def test_one_file_for_two_exports_and_the_scenario_itself(self, tmp_path: Path) -> None:
        with pytest.raises(ScenarioError, match="is named twice"):
            Targets(report=tmp_path / "a.html", force=True).check(tmp_path / "a.html")

    def test_without_typst_the_pdf_is_one_line_and_all_else_works(
        self, call, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setitem(sys.modules, "typst", None)
        monkeypatch.setattr("switchpoint.cli.export.find_spec", lambda _: None)
        result = call("export", "ours.toml", "--pdf", "a.pdf")
        assert result.exit_code == 2
        assert (
            result.stderr
            == "a.pdf:1: --pdf: the PDF needs Typst, which is not installed: pip install 'switchpoint[pdf]'\n"
        )
        with pytest.raises(NoTypst, match="pip install"):
            exports_of("bare").pdf()
        assert call("export", "ours.toml", "--report", "a.html").exit_code == 0


@pytest.mark.usefixtures("blank_pictures")
class TestSavedRuns:
    @pytest.mark.parametrize("draws", [(), ("--draws", "8", "--seed", "3")])
    def test_a_saved_run_is_exported_as_it_was(self, call, tmp_path: Path, draws: tuple[str, ...]) -> None:
        assert call("run", "ours.toml", "--set", "months=10", *draws, "--out", "r").exit_code == 0
        assert call("export", "--run", "r", "--report", "a.html").exit_code == 0
        sentence = json.loads((tmp_path / "r" / "result.json").read_text(encoding="utf-8"))["verdict"]["sentence"]
        assert sentence in unescape((tmp_path / "a.html").read_text(encoding="utf-8"))

    def test_a_run_that_comes_out_otherwise_is_refused(self, call, tmp_path: Path) -> None:
        call("run", "ours.toml", "--out", "r")
        path = tmp_path / "r" / "result.json"
        told = json.loads(path.read_text(encoding="utf-8"))
        told["base"]["bill_at_end_usd"] += 1
        path.write_text(json.dumps(told), encoding="utf-8")
        result = call("export", "--run", "r", "--report", "a.html")
        assert result.exit_code == 2
        assert "comes out otherwise now" in result.stderr
        assert not (tmp_path / "a.html").exists()

    def test_one_draw_and_rubbish_are_refused(self, call, tmp_path: Path) -> None:
        call("run", "ours.toml", "--draw", "2", "--out", "r")
        assert "is the story of one draw" in call("export", "--run", "r", "--report", "a.html").stderr
        (tmp_path / "r" / "result.json").write_text("[1, 2]", encoding="utf-8")
        assert "is no result" in call("export", "--run", "r", "--report", "a.html").stderr

    def test_the_scenario_of_an_overlay_is_kept_whole(self, call, tmp_path: Path) -> None:
        (tmp_path / "over.toml").write_text('extends = "ours.toml"\nmonths = 9\n', encoding="utf-8")
        assert call("run", "over.toml", "--set", "usage.requests_per_day=1234", "--out", "r").exit_code == 0
        kept = load(tmp_path / "r" / "scenario.toml").scenario
        assert (kept.months, kept.usage.requests_per_day) == (9, 1234)
        assert kept == load("over.toml", ["usage.requests_per_day=1234"]).scenario

    def test_remarks_survive_where_nothing_was_changed(self, call, tmp_path: Path) -> None:
        call("run", "ours.toml", "--out", "r")
        text = (tmp_path / "r" / "scenario.toml").read_text(encoding="utf-8")
        assert text.startswith((tmp_path / "ours.toml").read_text(encoding="utf-8").rstrip())
        assert text.endswith(f"{MARK}\n")

    def test_a_scenario_of_ones_own_is_never_overwritten(self, call, tmp_path: Path) -> None:
        mine = "# mine\n"
        (tmp_path / "scenario.toml").write_text(mine, encoding="utf-8")
        result = call("run", "ours.toml", "--out", ".")
        assert result.exit_code == 2
        assert "is a scenario of your own" in result.stderr
        assert (tmp_path / "scenario.toml").read_text(encoding="utf-8") == mine
        assert not (tmp_path / "result.json").exists()

    def test_files_of_others_and_changed_ones_are_left_unless_forced(self, call, tmp_path: Path) -> None:
        assert call("run", "ours.toml", "--out", "r").exit_code == 0
        assert call("run", "ours.toml", "--set", "months=9", "--out", "r").exit_code == 0
        report = tmp_path / "r" / "report.txt"
        report.write_text("my remarks\n", encoding="utf-8")
        before = (tmp_path / "r" / "result.json").read_bytes()
        refused = call("run", "ours.toml", "--out", "r")
        assert refused.exit_code == 2
        assert "report.txt:1: exists already and is left as it was; --force overwrites it" in refused.stderr
        assert (report.read_text(encoding="utf-8"), (tmp_path / "r" / "result.json").read_bytes()) == (
            "my remarks\n",
            before,
        )
        (tmp_path / "r" / "scenario.toml").write_text("# mine\n", encoding="utf-8")
        assert "--force overwrites it" in call("run", "ours.toml", "--out", "r").stderr
        assert call("run", "ours.toml", "--out", "r", "--force").exit_code == 0
        assert "remarks" not in report.read_text(encoding="utf-8")
        assert open_saved_run(tmp_path / "r").loaded.scenario == load("ours.toml").scenario

    def test_the_very_file_that_is_run_stays_as_it_is(self, call, tmp_path: Path) -> None:
        (tmp_path / "ours.toml").rename(tmp_path / "scenario.toml")
        before = (tmp_path / "scenario.toml").read_text(encoding="utf-8")
        assert call("run", "scenario.toml", "--out", ".").exit_code == 0
        assert (tmp_path / "scenario.toml").read_text(encoding="utf-8") == before
        assert open_saved_run(tmp_path).draws is None

    def test_saved_runs_know_their_draws(self, call, tmp_path: Path) -> None:
        call("run", "ours.toml", "--draws", "8", "--seed", "3", "--out", "r")
        run = data_files.open_saved_run(tmp_path / "r")
        assert (run.draws, run.seed) == (8, 3)
        again = subject(run.loaded, Sampling(draws=8, seed=3))
        assert again.findings is not None
        assert again.findings.draws == 8


class TestStory:
    @pytest.mark.parametrize(("name", "draws"), CASES)
    def test_every_page_has_a_takeaway_and_the_assumptions_come_last(self, name: str, draws: int) -> None:
        story = exports_of(name, draws).story
        keys = [page.key for page in story.pages]
        assert (keys[0], keys[-1]) == ("verdict", "assumptions")
        assert len(keys) == len(set(keys))
        assert {"fan", "spread"} <= set(keys) or not draws
        assert all(page.title and (page.facts or page.figures or page.tables or page.bullets) for page in story.pages)

    def test_pictures_are_those_that_the_pages_show(self) -> None:
        for name, draws in ((START, DRAWS), (STAY, 0)):
            story = exports_of(name, draws).story
            drawn = [page.key for page in story.pages if page.figures]
            assert len(story.charts) == len(drawn)

    def test_headlines_are_the_verdicts(self) -> None:
        titles = {name: exports_of(name, draws).story.pages[0].title for name, draws in CASES}
        assert titles[STAY] == "Stay on the current route: no candidate saves"
        late = "You are 7 weeks late with one candidate alone: start hosted-open today and own-120b today"
        assert titles[LATE].startswith(late)
        assert titles["bare"].endswith("there is no candidate to compare")
        assert titles[START].startswith("Start own-8b ")

    def test_long_names_are_shortened_in_sentences_and_whole_among_the_assumptions(self) -> None:
        story = exports_of("hostile", DRAWS).story
        names = [o.name for o in exports_of("hostile", DRAWS).subject.result.case.outlooks if len(o.name) > 36]
        ((_, table),) = story.pages[-1].tables
        for name in names:
            assert not any(name in page.title for page in story.pages)
            assert any(f"candidates.{name}." in row[0] or name in row[0] for row in table.rows)


class TestTables:
    @pytest.mark.parametrize(("name", "draws"), CASES)
    def test_csv_and_parquet_hold_the_same(self, name: str, draws: int) -> None:
        for table in exports_of(name, draws).story.tables.values():
            rows = list(csv.reader(csv_bytes(table).decode("utf-8-sig").splitlines()))
            read = pyarrow.parquet.read_table(pyarrow.BufferReader(parquet_bytes(table))).to_pydict()
            assert list(read) == list(table)
            assert len(rows) - 1 == len(next(iter(read.values())))
            for place, (column, values) in enumerate(read.items()):
                assert rows[0][place] == harmless(column)
                assert values == list(table[column])

    def test_no_cell_begins_like_a_formula(self) -> None:
        for table in exports_of("hostile", DRAWS).story.tables.values():
            for row in csv.reader(csv_bytes(table).decode("utf-8-sig").splitlines()):
                assert [cell for cell in row if cell.startswith(("=", "@", "{", "http"))] == []

    def test_months_are_those_of_the_result(self) -> None:
        exports = exports_of(START, DRAWS)
        assert exports.story.tables["months"]["stay_usd"] == [row["stay_usd"] for row in exports.subject.shown.monthly]
