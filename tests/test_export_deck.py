"""The deck shows the numbers in native charts, with room for everything, in any program."""

import io
import itertools
import re
import shutil
import subprocess
import zipfile
from functools import cache
from pathlib import Path

import pytest
from lxml import etree
from pptx import Presentation
from pptx.util import Emu

from switchpoint.export.deck.slides import DIVIDER
from switchpoint.export.deck.tables_and_sign_slide import Layout, whole_clauses
from switchpoint.export.deck.template import cut, fitting, height_of, lines_of
from switchpoint.review.pages import Table
from tests.decks import assert_laid_out
from tests.export_stories import CASES, DRAWS, SEED, START, exports_of

pytestmark = pytest.mark.slow

every_case = pytest.mark.parametrize(("name", "draws"), CASES)
OPENED = ((START, DRAWS), ("hostile", DRAWS))
"""Decks that LibreOffice opens: one as it is, and one with the first of its three dozen slides of assumptions."""
FEW = 3
NO_IMPRESS = "no LibreOffice found: install it (apt-get install libreoffice-impress) to open decks with it"


@cache
def data_of(name: str, draws: int) -> bytes:
    return exports_of(name, draws).deck()


@cache
def deck_of(name: str, draws: int):
    """A deck to read."""
    return Presentation(io.BytesIO(data_of(name, draws)))


def title_of(slide) -> str:
    return slide.shapes.title.text_frame.text


def texts_of(slide) -> str:
    found = [shape.text_frame.text for shape in slide.shapes if shape.has_text_frame]
    for shape in slide.shapes:
        if shape.has_table:
            found += [cell.text_frame.text for row in shape.table.rows for cell in row.cells]
    return "\n".join(found)


class TestEverySlide:
    @every_case
    def test_has_a_takeaway_content_and_notes_with_the_basis(self, name: str, draws: int) -> None:
        story = exports_of(name, draws).story
        for slide in deck_of(name, draws).slides:
            assert len(title_of(slide)) > 10
            assert len(slide.shapes) >= 4  # title, label, footer and number
            assert any(s.has_chart or s.has_table or s.shape_type == 1 or "Verdict" in s.name for s in slide.shapes)
            assert story.basis in slide.notes_slide.notes_text_frame.text

    @every_case
    def test_lies_within_its_edges_and_nothing_overlaps(self, name: str, draws: int) -> None:
        assert_laid_out(deck_of(name, draws))

    @every_case
    def test_charts_and_tables_have_alternative_texts(self, name: str, draws: int) -> None:
        for slide in deck_of(name, draws).slides:
            for shape in slide.shapes:
                if shape.has_chart or shape.has_table:
                    assert len(shape._element.nvGraphicFramePr.cNvPr.get("descr")) > 20

    @every_case
    def test_titles_are_the_takeaways_of_the_story_in_its_order(self, name: str, draws: int) -> None:
        pages, titles = exports_of(name, draws).story.pages, [title_of(slide) for slide in deck_of(name, draws).slides]
        divider = titles.index(DIVIDER)
        decision = [page.title for page in pages if not page.appendix]
        assert titles[:divider] == decision  # one slide each
        behind = [key for key, _ in itertools.groupby(titles[divider + 1 :])]
        own = [page.title for page in pages if page.appendix]
        left_over = behind[: len(behind) - len(own)]
        assert behind[len(left_over) :] == own
        assert set(left_over) <= set(decision)

    @every_case
    def test_the_decision_part_has_at_most_eight_slides(self, name: str, draws: int) -> None:
        titles = [title_of(slide) for slide in deck_of(name, draws).slides]
        assert titles.index(DIVIDER) <= 8
        first = texts_of(deck_of(name, draws).slides[0])
        assert "Next: " in first
        assert "What could be done instead" in first

    @every_case
    def test_the_last_slides_hold_every_assumption(self, name: str, draws: int) -> None:
        ((_, table),) = exports_of(name, draws).story.pages[-1].tables
        slides = list(deck_of(name, draws).slides)
        shown = "\n".join(texts_of(slide) for slide in slides if "assumptions" in title_of(slide))
        assert title_of(slides[-1]) == exports_of(name, draws).story.pages[-1].title
        for row in table.rows:
            assert all(cell in shown for cell in row)


class TestCharts:
    def test_the_bill_is_a_native_chart_with_the_values_of_the_simulation(self) -> None:
        result = exports_of(START, DRAWS).subject.shown
        slide = deck_of(START, DRAWS).slides[1]
        (chart,) = [shape.chart for shape in slide.shapes if shape.has_chart]
        series = {each.name: list(each.values) for plot in chart.plots for each in plot.series}
        assert series["Staying"][-1] == pytest.approx(float(result.case.bill[-1]))
        assert series["Staying"][0] == pytest.approx(float(result.case.bill[0]))
        assert max(value for value in series["Warning window"] if value) > 0
        assert any(name.startswith("Limit reached 30 September 2027") for name in series)

    def test_the_window_is_an_area_over_its_days(self) -> None:
        slide = deck_of(START, DRAWS).slides[1]
        (chart,) = [shape.chart for shape in slide.shapes if shape.has_chart]
        area, lines = chart.plots[0], chart.plots[1]
        days = list(lines.categories)
        shaded = [day for day, value in zip(days, next(iter(area.series)).values, strict=True) if value]
        first, last = exports_of(START, DRAWS).story.pages[1].figures[0].data.window
        assert (shaded[0].label, shaded[-1].label) == (days[0].label, days[-1].label) or len(shaded) >= 2
        assert (last - first).days == pytest.approx(30, abs=3)

    @every_case
    def test_no_cell_behind_a_chart_holds_a_formula_or_a_link(self, name: str, draws: int) -> None:
        with zipfile.ZipFile(io.BytesIO(data_of(name, draws))) as deck:
            books = [deck.read(each) for each in deck.namelist() if each.endswith(".xlsx")]
        assert len(books) >= 2
        for book in books:
            with zipfile.ZipFile(io.BytesIO(book)) as file:
                sheet = file.read("xl/worksheets/sheet1.xml")
            assert b"<f>" not in sheet
            assert b"<hyperlink" not in sheet


class TestTheFile:
    @every_case
    def test_every_part_is_well_formed_and_nothing_points_outside(self, name: str, draws: int) -> None:
        with zipfile.ZipFile(io.BytesIO(data_of(name, draws))) as file:
            assert file.testzip() is None
            assert len(file.namelist()) == len(set(file.namelist()))
            for part in file.namelist():
                if part.endswith((".xml", ".rels")):
                    etree.fromstring(file.read(part))
                if part.endswith(".rels"):
                    assert b'TargetMode="External"' not in file.read(part)

    def test_a_hostile_name_is_shown_as_it_is(self) -> None:
        name = exports_of("hostile", DRAWS).story.name
        assert name[:100] in texts_of(deck_of("hostile", DRAWS).slides[0])

    def test_notes_name_the_seed(self) -> None:
        notes = deck_of(START, DRAWS).slides[0].notes_slide.notes_text_frame.text
        assert f"{DRAWS} draws, seed {SEED}" in notes

    @pytest.mark.skipif(shutil.which("soffice") is None or shutil.which("pdftotext") is None, reason=NO_IMPRESS)
    @pytest.mark.parametrize(("name", "draws"), OPENED)
    def test_libreoffice_opens_it_and_shows_every_slide(self, name: str, draws: int, as_pdf: Path) -> None:
        if not (as_pdf / f"{name}.pdf").exists():
            pytest.skip("this LibreOffice cannot open decks")
        text = subprocess.run(["pdftotext", as_pdf / f"{name}.pdf", "-"], capture_output=True, text=True).stdout
        slides = opened(name, draws).slides
        assert text.count("\f") == len(slides) > 20
        for page, slide in zip(text.split("\f"), slides, strict=False):
            assert squeezed(title_of(slide))[:25] in squeezed(page) or not title_of(slide).isascii()


@pytest.fixture(scope="module")
def as_pdf(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with these decks as LibreOffice prints them, all in one go."""
    folder = tmp_path_factory.mktemp("decks")
    for name, draws in OPENED:
        opened(name, draws).save(folder / f"{name}.pptx")
    office = ["soffice", "--headless", f"-env:UserInstallation={(folder / 'profile').as_uri()}"]
    printed = [*office, "--convert-to", "pdf", "--outdir", folder, *(folder / f"{name}.pptx" for name, _ in OPENED)]
    subprocess.run(printed, capture_output=True, timeout=300)
    return folder


def opened(name: str, draws: int):
    """A deck as LibreOffice gets it; slides of assumptions, which are most of a long one, are one like the other."""
    deck = Presentation(io.BytesIO(data_of(name, draws)))
    numbers = deck.slides._sldIdLst
    alike = [number for number, slide in zip(numbers, deck.slides, strict=True) if "assumptions" in title_of(slide)]
    for number in alike[FEW:] if name != START else ():
        deck.part.drop_rel(number.rId)
        numbers.remove(number)
    return deck


def squeezed(text: str) -> str:
    return re.sub(r"\W", "", text)


class TestMeasure:
    def test_longer_texts_take_more_lines(self) -> None:
        counts = [lines_of("word " * n, 3.0, 12) for n in (1, 10, 50)]
        assert counts == sorted(counts)
        assert counts[0] == 1
        assert height_of("word", 3.0, 12) == pytest.approx(12 * 1.2 / 72)

    def test_a_word_longer_than_a_line_breaks(self) -> None:
        assert lines_of("x" * 200, 1.0, 12) > 10

    def test_a_sentence_without_room_ends_with_a_clause_and_goes_on_elsewhere(self) -> None:
        text = f"Start now; {'it saves most ' * 40}; the saving is gone at half the price."
        assert whole_clauses("Start now; all said.", 2.0, (12, 9)) == ("Start now; all said.", ())
        said, left = whole_clauses(text, 0.2, (12, 9))
        assert said == "Start now."
        assert left[0].startswith("It saves most")
        assert left[0].endswith("; the saving is gone at half the price.")
        assert whole_clauses("word " * 500, 0.2, (12, 9)) == ("word " * 500, ())

    def test_what_is_cut_fits_and_says_so(self) -> None:
        text = cut("word " * 500, 3.0, 0.5, 12)
        assert text.endswith("…")
        assert height_of(text, 3.0, 12) <= 0.5
        assert fitting("word", 3.0, 1.0, (20, 10)) == 20
        assert fitting("word " * 100, 3.0, 1.0, (20, 10)) == 10


def test_a_page_is_sixteen_to_nine() -> None:
    deck = deck_of(START, DRAWS)
    assert deck.slide_width / deck.slide_height == pytest.approx(16 / 9, rel=1e-4)
    assert isinstance(deck.slide_width, Emu | int)


@pytest.mark.parametrize("rows", [1, 5, 9, 10, 41])
def test_pieces_of_a_long_table_are_about_equally_high(rows: int) -> None:
    table = Table(("a", "b"), tuple((f"row {row}", "text " * (row % 7)) for row in range(rows)), (1, 1))
    layout = Layout.of(table, 3.0, 12.0)
    pieces = list(layout.pieces(2.5))
    assert [row for piece in pieces for row in piece.table.rows] == list(table.rows)
    heights = [piece.height for piece in pieces]
    assert max(heights) <= 2.5
    assert max(heights) - min(heights) <= 2 * max(layout.rows)
