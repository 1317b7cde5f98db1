"""What every test shares: hypothesis profiles, workers that share, the browser, and no way out to the internet."""

import atexit
import gc
import importlib.util
import os
import shutil
import socket
import sys
import tempfile
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from hypothesis import settings

from tests.found_once import command_line_built_once, draw_blank, each_drawn_once, each_studied_once
from tests.once import shared_folder

ROOT = Path(__file__).resolve().parent.parent
CHROMIUM_NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
NO_CHROMIUM = "no Chromium found: install it (apt-get install chromium) or say where it is (CHROMIUM=/path/to/it)"

IN_CI = os.environ.get("CI", "").lower() not in ("", "0", "false")

# Small matrices are no faster on two threads, which wait for each other at full speed.
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

# What is collected and imported stays to the end: to look through it for garbage again and again takes seconds.
gc.disable()

if "PYTEST_XDIST_WORKER" not in os.environ:
    # No test reads or writes the user's cache folder: what takes seconds to find is kept for this run and its workers.
    os.environ["SWITCHPOINT_CACHE"] = tempfile.mkdtemp(prefix="switchpoint-tests-")
    atexit.register(shutil.rmtree, os.environ["SWITCHPOINT_CACHE"], ignore_errors=True)

settings.register_profile("dev", deadline=None)
settings.register_profile("ci", deadline=None, derandomize=True, print_blob=True)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "ci" if IN_CI else "dev"))


def find_chromium() -> str | None:
    """The path of a Chromium, from CHROMIUM or the search path; None where there is none."""
    names = filter(None, (os.environ.get("CHROMIUM"), *CHROMIUM_NAMES))
    return next(filter(None, map(shutil.which, names)), None)


TOGETHER = (
    ("tests/browser/",),  # one app and one browser
    ("tests/test_export_workbook.py",),  # LibreOffice, once for all workbooks
    (  # stories and sweeps that take seconds to tell
        "tests/test_deck_xml.py",
        "tests/test_export_deck.py",
        "tests/test_export_report.py",
        "tests/test_export_sweep.py",
        "tests/test_cli_export.py",
        "tests/test_damaged_sweeps.py",
    ),
)
"""Files whose tests share what is dear to make, and so a worker; the longest come first. So do the tests of each other
file. This does not rest on marks for xdist: pytest 9.2 loses them on the way."""


def place_of(nodeid: str) -> int:
    """Which of those that go together a test is among; after them all for a file that stands alone."""
    return next((place for place, files in enumerate(TOGETHER) if nodeid.startswith(files)), len(TOGETHER))


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Begin with what takes long, so that no worker is left with it at the end."""
    items.sort(key=lambda item: place_of(item.nodeid))


@pytest.hookimpl(tryfirst=True)
def pytest_runtestloop() -> None:
    """From here on garbage is looked for, but not among the tests and modules that are there by now.

    This hook is called wherever there are workers too: they collect, who hands out the tests does not.
    """
    gc.freeze()
    gc.set_threshold(700, 10, 50)
    gc.enable()


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> Any:
    """Hand out whole files, or several that go together, in the order in which they stand."""
    if config.getvalue("dist") not in ("loadfile", "loadgroup"):
        return None
    from xdist.scheduler import LoadScopeScheduling

    class Together(LoadScopeScheduling):
        def _split_scope(self, nodeid: str) -> str:
            place = place_of(nodeid)
            return TOGETHER[place][0] if place < len(TOGETHER) else nodeid.partition("::")[0]

    config.option.loadscopereorder = False
    return Together(config, log)


def pytest_runtest_setup(item: pytest.Item) -> None:
    if item.get_closest_marker("browser") and find_chromium() is None:
        (pytest.fail if IN_CI else pytest.skip)(NO_CHROMIUM)


@pytest.fixture(scope="session")
def root() -> Path:
    """The folder of the project."""
    return ROOT


@pytest.fixture(scope="session")
def chromium() -> str:
    """The path of the Chromium to drive; a test that asks for it bears the mark `browser`."""
    return find_chromium() or pytest.fail(NO_CHROMIUM)


@pytest.fixture(scope="session", autouse=True)
def offline() -> Iterator[None]:
    """Refuse every connection that leaves this machine: no test, and so no tested code, may need the internet."""
    connect = socket.socket.connect

    def connect_here(self: socket.socket, address: object) -> None:
        host = address[0] if isinstance(address, tuple) else ""
        if host not in ("", "localhost", "::1") and not str(host).startswith("127."):
            raise AssertionError(f"a test tried to connect to {host}, which is not this machine")
        connect(self, address)

    socket.socket.connect = connect_here
    yield
    socket.socket.connect = connect


@pytest.fixture(scope="session", autouse=True)
def look_for_components_once() -> Iterator[None]:
    """Streamlit looks through every installed package for components in each new `AppTest`; once is enough."""
    scanner = "streamlit.components.v2.manifest_scanner"  # which older ones do not have
    if "streamlit.testing.v1" not in sys.modules or importlib.util.find_spec("streamlit.components.v2") is None:
        yield
        return
    module = importlib.import_module(scanner)
    found = module.scan_component_manifests
    module.scan_component_manifests = cache(found)
    yield
    module.scan_component_manifests = found


@pytest.fixture(scope="session", autouse=True)
def wait_for_pages_asleep() -> Iterator[None]:
    """An `AppTest` asks a thousand times a second whether its page is drawn; its thread can be waited for."""
    if "streamlit.testing.v1" not in sys.modules:
        yield
        return
    module = importlib.import_module("streamlit.testing.v1.local_script_runner")
    asking = module.require_widgets_deltas

    def wait(runner: Any, timeout: float = 3) -> None:
        runner._script_thread.join(timeout)
        if not runner.script_stopped():
            asking(runner, 0)  # which ends it and says so

    module.require_widgets_deltas = wait
    yield
    module.require_widgets_deltas = asking


@pytest.fixture(scope="session", autouse=True)
def few_draws_at_every_change() -> Iterator[None]:
    """The first page draws many worlds at every change; few are enough where their number is not the point."""
    if "streamlit.testing.v1" not in sys.modules:
        yield
        return
    likely = importlib.import_module("switchpoint.ui.draw_facts")
    usual, likely.DRAWS = likely.DRAWS, 16
    yield
    likely.DRAWS = usual


@pytest.fixture(scope="session", autouse=True)
def pictures(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, Any]]:
    """Each picture is drawn once; these functions draw them anew."""
    with each_drawn_once(shared_folder(tmp_path_factory) / "pictures") as anew:
        yield anew


@pytest.fixture(scope="session", autouse=True)
def studies(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Each whole study is made once, and the command line is built once."""
    with each_studied_once(shared_folder(tmp_path_factory) / "studies"), command_line_built_once():
        yield


@pytest.fixture
def blank_pictures(monkeypatch: pytest.MonkeyPatch) -> None:
    """Pictures are blank, where what becomes of files is the question: drawing takes a command most of its time."""
    draw_blank(monkeypatch)


@pytest.fixture
def drawn_anew(pictures: dict[str, Any], monkeypatch: pytest.MonkeyPatch) -> None:
    """Every picture of the test is drawn anew, as where it must come out the same twice."""
    for name, draw in pictures.items():
        monkeypatch.setattr(f"vl_convert.{name}", draw)
