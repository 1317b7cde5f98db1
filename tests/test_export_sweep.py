"""switchpoint export --run of a sweep: the files say what the sweep says, and what cannot be exported is refused."""

import csv
import io
import itertools
import shutil
import xml.etree.ElementTree as ET
import zipfile
from collections import Counter
from functools import cache
from html import unescape
from pathlib import Path

import numpy as np
import pyarrow.parquet as pq
import pytest
from pptx import Presentation
from typer.testing import CliRunner

from switchpoint.cli import program
from switchpoint.export.sweep_text import page
from switchpoint.review.pages import Page
from switchpoint.study.sweep.folder import Folder
from switchpoint.study.sweep.results import results
from switchpoint.study.sweep.summary import summarise
from tests.decks import assert_laid_out
from tests.sweep_stories import GROWTH, HOSTILE_NAME, STUDIES, sweep_exports, sweep_of
from tests.sweep_worlds import SCENARIO
from tests.test_sweep import sweep

pytestmark = pytest.mark.slow

every_sweep = pytest.mark.parametrize("name", STUDIES)


def export(*arguments: str):
    result = CliRunner().invoke(program, ["export", *arguments])
    assert result.exception is None or isinstance(result.exception, SystemExit), result.output
    return result


def pages(name: str) -> dict[str, Page]:
    return {page.key: page for page in sweep_exports(name).story.pages}


@cache
def deck_data(name: str) -> bytes:
    return sweep_exports(name).deck()


@cache
def deck_of(name: str):
    return Presentation(io.BytesIO(deck_data(name)))


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty folder to work in, with the sweep of two inputs as `out`."""
    monkeypatch.chdir(tmp_path)
    shutil.copytree(sweep_of("two"), tmp_path / "out")
    return tmp_path


class TestTheCommand:
    def test_everything_at_once(self, here: Path) -> None:
        files = ("--deck", "a.pptx", "--report", "a.html", "--pdf", "a.pdf", "--charts", "c", "--tables", "t")
        result = export("--run", "out", *files, "--format", "svg,pdf")
        assert result.exit_code == 0, result.output
        assert (here / "a.pdf").read_bytes().startswith(b"%PDF")
        assert {path.name for path in (here / "c").iterdir()} == {
            "decision-map.svg",
            "decision-map.pdf",
            "drivers.svg",
            "drivers.pdf",
        }
        assert {path.stem for path in (here / "t").iterdir()} >= {"points", "answers", "map", "drivers", "fails"}
        text = "".join(ET.parse(here / "c" / "drivers.svg").getroot().itertext())
        assert "Share of the variance" in text
        assert not list(here.rglob("*.tmp"))

    def test_the_summary_within_the_folder_is_the_same(self, here: Path) -> None:
        assert CliRunner().invoke(program, ["summarise", "out"]).exit_code == 0
        assert export("--run", "out", "--report", "a.html").exit_code == 0
        assert export("--run", "out/summary", "--report", "b.html").exit_code == 0
        assert (here / "a.html").read_bytes() == (here / "b.html").read_bytes()

    def test_a_file_that_is_there_stays(self, here: Path) -> None:
        (here / "a.html").write_text("mine")
        result = export("--run", "out", "--report", "a.html")
        assert (result.exit_code, (here / "a.html").read_text()) == (2, "mine")
        assert "a.html:1: --report: exists already" in result.stderr
        assert export("--run", "out", "--report", "a.html", "--force").exit_code == 0

    @pytest.mark.parametrize(
        ("arguments", "told"),
        [
            (["--run", "out", "--workbook", "a.xlsx"], "a.xlsx:1: --workbook: a workbook recalculates one scenario"),
            (["--run", "out", "--deck", "a.pptx", "--draws", "8"], "belong to a new run"),
            (["--run", "empty", "--deck", "a.pptx"], "empty:1: holds neither a run nor a sweep"),
            (["--run", "nowhere", "--deck", "a.pptx"], "nowhere:1: holds neither a run nor a sweep"),
        ],
    )
    def test_what_makes_no_sense_is_one_line(self, here: Path, arguments: list[str], told: str) -> None:
        (here / "empty").mkdir()
        result = export(*arguments)
        assert result.exit_code == 2
        assert told in result.stderr
        assert "Traceback" not in result.stderr
        assert {path.name for path in here.iterdir()} == {"out", "empty"}

    def test_a_sweep_without_rows_or_with_failed_ones_only_is_one_line(self, here: Path) -> None:
        for part in Folder(here / "out").files:
            part.unlink()
        assert export("--run", "out", "--deck", "a.pptx").stderr.startswith("out: nothing has been run yet")
        (here / "small.toml").write_text(SCENARIO, encoding="utf-8")
        sweep(Folder(here / "bad"), "small.toml", f"{GROWTH}=90,91")
        result = export("--run", "bad", "--deck", "a.pptx")
        assert result.exit_code == 2
        assert result.stderr == "bad: no point could be computed; column error says why\n"


class TestTheStory:
    def test_the_headline_counts_the_answers(self) -> None:
        found = Counter(results(Folder(sweep_of("two"))).answer)
        title = pages("two")["verdict"].title
        assert (
            title
            == f"Of 24 points {100 * found['box'] / 24:.0f} % say box and {100 * found['cheaper'] / 24:.0f} % cheaper"
        )
        assert sweep_exports("two").story.basis.startswith("24 points; base cases")

    def test_the_cards_hold_the_ranges(self) -> None:
        found = results(Folder(sweep_of("two")))
        cards = {fact.label: fact for fact in pages("two")["verdict"].facts}
        assert cards["Points"].value == "24"
        assert cards["Start by"].value == f"{min(filter(None, found.start_by)):%-d %B %Y}"
        assert "$1.8k to $13k" in cards["Saves, at the median"].note

    def test_boxes_are_told_in_plain_words(self) -> None:
        text = " ".join(pages("two")["fails"].bullets)
        assert "mostly where box's GPU rent is over $0.20 per GPU-hour and growth is under 16 % a month" in text
        assert "that is so in 100 % of the points there" in text
        assert "(coverage)" in text

    def test_an_unfinished_sweep_says_so(self) -> None:
        story = sweep_exports("unfinished").story
        assert "The sweep is not finished: 45 of 48 points were run" in story.sentence
        assert story.basis.startswith("45 of 48 points")
        assert any("not finished" in bullet for bullet in pages("unfinished")["method"].bullets)

    def test_points_that_failed_are_counted(self) -> None:
        card = pages("failing")["verdict"].facts[-1]
        assert (card.label, card.value) == ("Without a result", "1")
        assert "3 points, 1 of them without a result" in sweep_exports("failing").story.basis
        assert any("1 point could not be computed" in bullet for bullet in pages("failing")["method"].bullets)

    def test_one_answer_needs_no_map_and_one_point_none_of_the_drivers(self) -> None:
        assert set(pages("same")) == {"verdict", "points", "varied", "method", "assumptions"}
        assert "The advice of the base case holds in every point." in sweep_exports("same").story.sentence
        assert pages("point")["verdict"].title == "In the only point the answer is: start now"
        assert len(pages("point")["points"].tables[0][1].rows) == 1

    def test_draws_and_samples_are_named(self) -> None:
        assert sweep_exports("draws").story.basis.startswith("6 points; 8 draws of each, seed 3")
        assert "a Latin hypercube" in pages("draws")["varied"].title

    def test_every_base_scenario_has_its_advice_and_its_assumptions(self) -> None:
        found = pages("several")
        assert [row[0] for row in found["varied"].tables[1][1].rows] == ["small", "other"]
        values = [{row[0]: row[2] for row in found[key].tables[0][1].rows} for key in ("assumptions", "assumptions-2")]
        assert [each["usage.requests_per_day"] for each in values] == ["10,000 requests a day", "14,000 requests a day"]

    def test_assumptions_of_a_scenario_that_cannot_be_read_again_are_said_to_be_in_the_manifest(
        self, tmp_path: Path
    ) -> None:
        from switchpoint.review.sweep_review import build_sweep_review
        from switchpoint.study.sweep.summary import summarise

        shutil.copytree(sweep_of("two"), tmp_path / "out")
        path = tmp_path / "out" / "manifest.json"
        path.write_text(path.read_text().replace('"small": "start', '"small": "extends = \\"gone.toml\\"\\nstart'))
        story = build_sweep_review(summarise(results(Folder(tmp_path / "out"))))
        assert story.pages[-1].key == "method"
        assert "The assumptions are kept in the sweep's manifest.json" in " ".join(story.pages[-1].bullets)


class TestEveryFile:
    @every_sweep
    def test_slides_have_a_takeaway_and_nothing_overlaps_or_leaves_them(self, name: str) -> None:
        story = sweep_exports(name).story
        slides = list(deck_of(name).slides)
        titles = [slide.shapes.title.text_frame.text for slide in slides]
        wanted = [page.title for page in story.pages]
        assert [key for key, _ in itertools.groupby(titles)] == [key for key, _ in itertools.groupby(wanted)]
        for slide in slides:
            assert story.basis in slide.notes_slide.notes_text_frame.text
        assert_laid_out(deck_of(name))

    @pytest.mark.parametrize("name", ["two", "one", "hostile"])
    def test_the_map_is_a_sharp_picture_with_words_for_those_who_cannot_see_it(self, name: str) -> None:
        (picture,) = [shape for slide in deck_of(name).slides for shape in slide.shapes if shape.shape_type == 13]
        assert picture._element.nvPicPr.cNvPr.get("descr").startswith(pages(name)["map"].title)
        assert picture.image.size[0] >= 2_500
        assert picture.width / picture.height == pytest.approx(picture.image.size[0] / picture.image.size[1], rel=0.01)

    def test_the_drivers_are_a_native_chart_in_percent(self) -> None:
        (chart,) = [shape.chart for slide in deck_of("two").slides for shape in slide.shapes if shape.has_chart]
        assert [series.name for series in chart.plots[0].series] == ["Start-by date", "Saving"]
        assert chart.value_axis.tick_labels.number_format == '[<=1.001]0%;""'
        assert max(value for series in chart.plots[0].series for value in series.values) <= 1

    @every_sweep
    def test_the_report_holds_every_text_and_no_script(self, name: str) -> None:
        page = sweep_exports(name).report().decode()
        assert "<script" not in page
        text = unescape(page)
        for each in sweep_exports(name).story.pages:
            assert each.title in text
            assert all(bullet in text for bullet in each.bullets)

    @every_sweep
    def test_the_pdf_is_one(self, name: str) -> None:
        assert sweep_exports(name).pdf()[:5] == b"%PDF-"

    def test_the_pdf_is_the_same_each_time(self, drawn_anew: None) -> None:
        assert sweep_exports("two").pdf() == sweep_exports("two").pdf()

    @every_sweep
    def test_tables_are_readable_and_hold_every_point(self, name: str) -> None:
        files = sweep_exports(name).tables()
        found = results(Folder(sweep_of(name)))
        rows = list(csv.DictReader(io.StringIO(files["points.csv"].decode("utf-8-sig"))))
        assert [int(row["point"]) for row in rows] == list(found.points)
        kept = pq.read_table(io.BytesIO(files["points.parquet"])).to_pydict()
        assert kept["npv_saving_usd"] == found.saving.tolist()
        assert kept["start_by"] == list(found.start_by)

    def test_a_hostile_name_is_only_text(self) -> None:
        files = sweep_exports("hostile").tables()
        for name, data in files.items():
            if name.endswith(".csv"):
                cells = [cell for row in csv.reader(io.StringIO(data.decode("utf-8-sig"))) for cell in row]
                assert not [cell for cell in cells if cell.startswith(("=", "@"))], name
        assert sweep_exports("hostile").story.name == HOSTILE_NAME
        with zipfile.ZipFile(io.BytesIO(deck_data("hostile"))) as deck:
            for book in (deck.read(each) for each in deck.namelist() if each.endswith(".xlsx")):
                with zipfile.ZipFile(io.BytesIO(book)) as file:
                    assert b"<f>" not in file.read("xl/worksheets/sheet1.xml")


@pytest.mark.parametrize("name", ["one", "pair"])
def test_where_one_input_varies_the_summary_says_that_it_is_that_one(name: str) -> None:
    text = page(summarise(results(Folder(sweep_of(name)))))
    assert "What drives the saving (larger with more: +)\nbox's GPU rent, the only input that varies -" in text


@pytest.mark.parametrize(
    ("name", "said"),
    [("few", "too few points to tell what each input does"), ("point", "nothing to compare: one point alone has one")],
)
def test_points_that_tell_nothing_of_what_drives_a_saving_are_not_said_to_tell_of_nothing(name: str, said: str) -> None:
    text = page(summarise(results(Folder(sweep_of(name)))))
    assert f"What drives the saving (larger with more: +)\n{said}" in text
    assert "by itself" not in text


def test_a_date_that_no_point_has_or_that_is_always_the_same_is_said_to_be() -> None:
    pair = page(summarise(results(Folder(sweep_of("pair")))))
    assert "What drives the start-by date (later with more: +)\nnothing: it is the same in every point\n" in pair
    found = results(Folder(sweep_of("pair")))
    found.__dict__["start_days"] = np.full(2, np.nan)
    assert "(later with more: +)\nnothing to compare: no point has one\n" in page(summarise(found))


@pytest.mark.parametrize("damage", [b"", b"PAR1 and then nothing"])
def test_a_damaged_file_of_a_sweep_is_named_in_one_line(tmp_path: Path, damage: bytes) -> None:
    folder = tmp_path / "copy"
    shutil.copytree(sweep_of("two"), folder)
    part = sorted((folder / "rows").glob("*.parquet"))[0]
    part.write_bytes(damage)
    found = CliRunner().invoke(program, ["summarise", str(folder)])
    assert found.exit_code == 2
    assert f"{part}: is damaged; switchpoint sweep --resume {folder} makes it anew" in found.stderr
