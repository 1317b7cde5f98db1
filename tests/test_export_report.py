"""The reports tell the same story, need nothing else, and run nothing of what users type."""

import json
import re
import shutil
import subprocess
from collections import Counter
from collections.abc import Iterator
from functools import cache
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest

from switchpoint.export.html_and_pdf import breakable, report_bytes
from switchpoint.export.pictures import still
from tests.export_stories import CASES, DRAWS, SEED, START, exports_of, pdf_of, report_of

pytestmark = pytest.mark.slow

every_case = pytest.mark.parametrize(("name", "draws"), CASES)
MEGABYTE = 1_000_000
VOID = {"meta", "col", "br", "link", "img"}


class Page(HTMLParser):
    """What a browser would find: tags, their attributes, texts; and whether tags are closed."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.texts: list[str] = []
        self.open: list[str] = []
        self.wrong: list[str] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))

    def handle_endtag(self, tag: str) -> None:
        if not self.open or self.open.pop() != tag:
            self.wrong.append(tag)

    def handle_data(self, data: str) -> None:
        self.texts.append(data)

    @property
    def text(self) -> str:
        return "".join(self.texts)


@cache
def page_of(name: str, draws: int) -> Page:
    return Page(report_of(name, draws).decode())


class TestHtml:
    @every_case
    def test_it_needs_nothing_else(self, name: str, draws: int) -> None:
        data = report_of(name, draws)
        page = page_of(name, draws)
        assert len(data) < 2 * MEGABYTE
        assert not {"script", "link", "img", "iframe", "object", "embed", "base", "form"} & {
            tag for tag, _ in page.tags
        }
        for tag, attributes in page.tags:
            for key, value in attributes.items():
                assert not key.startswith("on"), (tag, key)
                assert key not in ("src", "href", "action") or (value or "").startswith("#"), (tag, key, value)
        assert "@import" not in data.decode()
        assert not re.search(r"url\((?!#)", data.decode())
        policy = next(a["content"] for tag, a in page.tags if a.get("http-equiv") == "Content-Security-Policy")
        assert policy.startswith("default-src 'none'")

    @every_case
    def test_tags_are_closed_and_ids_unique(self, name: str, draws: int) -> None:
        page = page_of(name, draws)
        assert (page.open, page.wrong) == ([], [])
        ids = Counter(attributes["id"] for _, attributes in page.tags if "id" in attributes)
        assert [each for each, times in ids.items() if times > 1] == []
        used = re.findall(r"url\(#([^)]+)\)", report_of(name, draws).decode())
        assert set(used) <= set(ids)

    @every_case
    def test_it_tells_the_whole_story(self, name: str, draws: int) -> None:
        text, story = page_of(name, draws).text, exports_of(name, draws).story
        assert story.name in text
        assert story.summary in text
        for page in story.pages:
            assert page.title in text
            for bullet in page.bullets:
                assert bullet in text
            for _, table in (*page.tables, *page.details):
                assert all(cell in text for row in table.rows for cell in row)

    @every_case
    def test_charts_have_their_text_and_an_alternative(self, name: str, draws: int) -> None:
        page, story = page_of(name, draws), exports_of(name, draws).story
        figures = [attributes for tag, attributes in page.tags if tag == "figure"]
        wanted = [figure for each in story.pages for figure in each.figures if figure.spec is not None]
        assert [each["aria-label"] for each in figures] == [figure.alt for figure in wanted]
        assert sum(tag == "svg" for tag, _ in page.tags) == len(wanted)
        assert "Dollars a month" in page.text

    def test_the_same_story_gives_the_same_page(self, drawn_anew: None) -> None:
        assert exports_of("early-prototype").report() == report_of("early-prototype", 0)

    @every_case
    def test_drawings_hold_nothing_that_only_a_pointer_shows(self, name: str, draws: int) -> None:
        for page in exports_of(name, draws).story.pages:
            for figure in page.figures:
                assert figure.spec is None or '"params"' not in json.dumps(still(figure.spec))

    def test_a_hostile_name_is_only_text(self) -> None:
        data = report_of("hostile", DRAWS).decode()
        assert "<script" not in data
        assert "<b>bold</b>" not in data
        assert "<script>alert(1)</script>" in page_of("hostile", DRAWS).text

    def test_progress_is_told_up_to_the_end(self) -> None:
        told: list[float] = []
        report_bytes(exports_of(START, DRAWS).story, told.append)
        assert told == sorted(told)
        assert told[-1] == 1.0


@pytest.fixture(scope="module")
def browser(chromium: str) -> Iterator[Any]:
    """A browser for all pages."""
    from playwright.sync_api import sync_playwright

    with sync_playwright() as play:
        opened = play.chromium.launch(executable_path=chromium, args=["--no-sandbox", "--disable-gpu"])
        yield opened
        opened.close()


@pytest.mark.browser
class TestInABrowser:
    @pytest.mark.parametrize(("name", "draws"), [(START, DRAWS), ("hostile", DRAWS)])
    def test_it_makes_no_request_and_prints_on_a4(self, name: str, draws: int, tmp_path: Path, browser: Any) -> None:
        path = tmp_path / "report.html"
        path.write_bytes(report_of(name, draws))
        asked: list[str] = []
        page = browser.new_page()
        page.on("request", lambda request: asked.append(request.url))
        page.on("dialog", lambda dialog: pytest.fail(dialog.message))
        page.goto(path.as_uri())
        wide = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
        printed = page.pdf(format="A4", prefer_css_page_size=True)
        page.close()
        assert asked == [path.as_uri()]
        assert wide <= 0
        assert printed.startswith(b"%PDF")


class TestPdf:
    def test_the_same_story_gives_the_same_file(self, drawn_anew: None) -> None:
        assert exports_of("early-prototype").pdf() == pdf_of("early-prototype", 0)

    @every_case
    def test_it_is_a_pdf_with_its_fonts_inside(self, name: str, draws: int) -> None:
        data = pdf_of(name, draws)
        assert data.startswith(b"%PDF")
        assert len(data) < 3 * MEGABYTE
        assert b"/FontFile" in data

    @pytest.mark.skipif(shutil.which("pdftotext") is None, reason="no pdftotext found (apt-get install poppler-utils)")
    @every_case
    def test_it_tells_the_whole_story(self, name: str, draws: int, tmp_path: Path) -> None:
        (tmp_path / "report.pdf").write_bytes(pdf_of(name, draws))
        told = subprocess.run(["pdftotext", "-raw", str(tmp_path / "report.pdf"), "-"], capture_output=True, text=True)
        text, story = bare(told.stdout), exports_of(name, draws).story
        for page in story.pages:
            if page.title.isascii():
                assert bare(page.title) in text
            for _, table in (*page.tables, *page.details):
                rows = [row for row in table.rows if all(cell.isascii() for cell in row)]
                assert [row for row in rows if bare(row[0])[:20] not in text] == []
        assert bare("Dollars a month") in text
        if draws:
            assert bare(f"{draws} draws, seed {SEED}") in text

    def test_words_break_where_they_may(self) -> None:
        parted = breakable("a candidates.own-8b.project.usd_per_engineer_month b")
        assert parted.replace("\u200b", "") == "a candidates.own-8b.project.usd_per_engineer_month b"
        assert max(map(len, parted.replace(" ", "\u200b").split("\u200b"))) <= 18


def bare(text: str) -> str:
    """Letters and digits only: a page breaks lines, and hyphens stand at their ends."""
    return re.sub(r"[\W_]", "", text)
