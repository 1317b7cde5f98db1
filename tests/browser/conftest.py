"""A running app and a real browser for the tests in this folder.

    def test_something(open_app):
        visit = open_app("?candidate=own-8b")
        visit.page.get_by_role("heading", name="…").wait_for()
        assert visit.problems == []

The app is started once, on a free port of this machine. Each visit is a new tab; at the end of every test no
request of any of its tabs may have left 127.0.0.1.
"""

import os
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import BrowserContext, ConsoleMessage, Page, sync_playwright

CHROMIUM_FLAGS = [
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-dev-shm-usage",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
START_SECONDS = 60


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


def free_port() -> int:
    with socket.socket() as sock:
        sock.bind(("127.0.0.1", 0))
        return int(sock.getsockname()[1])


def wait_until_healthy(url: str, server: subprocess.Popen[bytes], log: Path) -> None:
    """Return when the app answers; fail with its own words when it ends or takes too long."""
    give_up = time.monotonic() + START_SECONDS
    direct = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    while server.poll() is None and time.monotonic() < give_up:
        try:
            with direct.open(f"{url}/_stcore/health", timeout=2) as answer:
                if answer.read() == b"ok":
                    return
        except OSError:
            time.sleep(0.1)
    pytest.fail(f"the app did not start within {START_SECONDS} s:\n{log.read_text()}")


@pytest.fixture(scope="package")
def app_url(root: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of the app, started for the tests of this folder."""
    port = free_port()
    url = f"http://127.0.0.1:{port}"
    log = tmp_path_factory.mktemp("app") / "streamlit.log"
    command = [sys.executable, "-m", "streamlit", "run", "app.py", "--server.port", str(port)]
    command += ["--server.address", "127.0.0.1", "--server.headless", "true"]
    command += ["--server.fileWatcherType", "none", "--browser.gatherUsageStats", "false"]
    with log.open("wb") as out:
        server = subprocess.Popen(
            command, cwd=root, stdin=subprocess.DEVNULL, stdout=out, stderr=out, start_new_session=True
        )
    try:
        wait_until_healthy(url, server, log)
        yield url
    finally:
        stop(server)


def stop(server: subprocess.Popen[bytes]) -> None:
    """End the app and the worker processes it started, which share its process group."""
    for sign in (signal.SIGTERM, signal.SIGKILL):
        try:
            os.killpg(server.pid, sign)
            server.wait(timeout=10)
        except (ProcessLookupError, subprocess.TimeoutExpired):
            continue


@pytest.fixture(scope="package")
def browser(chromium: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[BrowserContext]:
    """Chromium with a fresh profile."""
    with sync_playwright() as playwright:
        context = playwright.chromium.launch_persistent_context(
            tmp_path_factory.mktemp("profile"),
            executable_path=chromium,
            headless=True,
            args=CHROMIUM_FLAGS,
            viewport={"width": 1280, "height": 900},
            accept_downloads=True,
        )
        context.set_default_timeout(30_000)
        yield context
        context.close()


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
