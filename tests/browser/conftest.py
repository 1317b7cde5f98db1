"""A running app and a real browser for the tests in this folder.

    def test_something(open_app):
        visit = open_app("?candidate=own-8b")
        visit.page.get_by_role("heading", name="…").wait_for()
        assert visit.problems == []

The app is started once, on a free port of this machine. Each visit is a new tab. Loading the app in one is most of what
a test of it costs, so those that begin where it opens and leave nothing but numbers and another scenario behind ask for
`tab`, which they share.
At the end of every test no request of any of its tabs may have left 127.0.0.1.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import BrowserContext, ConsoleMessage, Error, Page, ViewportSize, expect, sync_playwright

from tools.app_server import CHROMIUM_FLAGS, served

VIEWPORT: ViewportSize = {"width": 1280, "height": 900}
SLOWEST = 90_000
"""Milliseconds that anything may take on a machine that does much else."""
FIRST = "Support copilot"
"""The story that the app opens with."""
DRAWS = 16
"""On the first page, as in tests without a browser: their number is not the point, and each change draws them anew."""


@dataclass
class Visit:
    """One tab with the app in it, every address it asked for, and every error it wrote to its console."""

    page: Page
    requests: list[str] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.page.on("request", lambda request: self.requests.append(request.url))
        self.page.on("websocket", lambda websocket: self.requests.append(websocket.url))
        self.page.on("console", self._note)
        self.page.on("pageerror", lambda error: self.problems.append(str(error)))

    def _note(self, message: ConsoleMessage) -> None:
        if message.type == "error":
            self.problems.append(message.text)

    @property
    def exceptions(self) -> list[str]:
        """What the app shows in red because one of its scripts failed."""
        return self.page.get_by_test_id("stException").all_inner_texts()

    @property
    def requests_elsewhere(self) -> list[str]:
        """The addresses that are not on this machine (data: and blob: have no host and stay inside the tab)."""
        return [url for url in self.requests if urlsplit(url).hostname not in (None, "127.0.0.1")]


@pytest.fixture(scope="package")
def app_url(root: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of the app, started for the tests of this folder."""
    with served(root, tmp_path_factory.mktemp("app") / "streamlit.log", DRAWS) as url:
        yield url


@pytest.fixture(scope="package")
def new_context(chromium: str) -> Iterator[Callable[[], BrowserContext]]:
    """A function that opens Chromium as if for the first time: no cookies, no storage, no history."""
    with sync_playwright() as playwright:
        engine = playwright.chromium.launch(executable_path=chromium, headless=True, args=CHROMIUM_FLAGS)

        def fresh() -> BrowserContext:
            context = engine.new_context(viewport=VIEWPORT, accept_downloads=True, reduced_motion="reduce")
            context.set_default_timeout(SLOWEST)
            return context

        yield fresh
        engine.close()


@pytest.fixture(scope="package")
def browser(new_context: Callable[[], BrowserContext]) -> BrowserContext:
    """The browser that the tests share."""
    return new_context()


@pytest.fixture(scope="package")
def left_open() -> list[Visit]:
    """The tab that a test left open, for the next."""
    return []


@pytest.fixture
def tab(app_url: str, browser: BrowserContext, left_open: list[Visit]) -> Iterator[Visit]:
    """The app at its first page with nothing changed, in a tab that tests share as long as all is well in it."""
    visit = left_open.pop() if left_open else Visit(browser.new_page())
    if not began_anew(visit.page, app_url):
        visit.page.goto(app_url)
    yield visit
    assert visit.requests_elsewhere == []
    if not visit.problems:
        left_open.append(visit)


def began_anew(page: Page, app_url: str) -> bool:
    """Whether a tab came back to where the app opens, its numbers those of the file."""
    if not page.url.startswith(app_url) or page.get_by_test_id("stException").count():
        return False
    page.set_viewport_size(VIEWPORT)
    page.set_default_timeout(10_000)
    try:
        go_back(page, app_url)
    except (AssertionError, Error):
        return False
    finally:
        page.set_default_timeout(SLOWEST)
    return True


def go_back(page: Page, app_url: str) -> None:
    """Choose page, story and numbers as they are where the app opens."""
    page.get_by_test_id("stTopNavLink").filter(has_text="Decide").click()
    settle(page)
    scenario = page.get_by_test_id("stSidebar").get_by_role("combobox", name="Scenario")
    if scenario.input_value() != FIRST:
        scenario.click()
        page.get_by_role("option", name=FIRST).click()
        expect(scenario).to_have_value(FIRST)
    to_file = page.get_by_role("button", name="Reset to the file")
    if to_file.is_enabled():
        to_file.click()
    expect(page).to_have_url(f"{app_url}/", timeout=10_000)
    expect(to_file).to_be_disabled(timeout=10_000)
    settle(page)


CALM = "() => !document.querySelector('[data-testid=stStatusWidget]') && !document.querySelector('[data-stale=true]')"


def settle(page: Page) -> None:
    """Wait until the app has drawn what was asked for."""
    page.wait_for_timeout(400)
    wait_until(page, CALM)


def wait_until(page: Page, holds: str, arg: object = None) -> None:
    """Look now and then, not at every picture that is drawn, which would then be drawn for it."""
    page.wait_for_function(holds, arg=arg, polling=100)


@pytest.fixture
def open_app(app_url: str, browser: BrowserContext) -> Iterator[Callable[..., Visit]]:
    """A function that opens the app in a new tab, at a path or query such as "?candidate=own-8b"."""
    visits: list[Visit] = []

    def visit(where: str = "") -> Visit:
        visits.append(Visit(browser.new_page()))
        visits[-1].page.goto(f"{app_url}/{where}")
        return visits[-1]

    yield visit
    for opened in visits:
        opened.page.close()
    assert [url for opened in visits for url in opened.requests_elsewhere] == []
