"""What every test shares: hypothesis profiles, the browser that is needed, and no way out to the internet."""

import os
import shutil
import socket
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import settings

ROOT = Path(__file__).resolve().parent.parent
CHROMIUM_NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
NO_CHROMIUM = "no Chromium found: install it (apt-get install chromium) or say where it is (CHROMIUM=/path/to/it)"

IN_CI = os.environ.get("CI", "").lower() not in ("", "0", "false")

os.environ["SWITCHPOINT_CACHE"] = "off"  # no test reads or writes the user's cache folder

settings.register_profile("dev", deadline=None)
settings.register_profile("ci", deadline=None, derandomize=True, print_blob=True)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "ci" if IN_CI else "dev"))


def find_chromium() -> str | None:
    """The path of a Chromium, from CHROMIUM or the search path; None where there is none."""
    names = filter(None, (os.environ.get("CHROMIUM"), *CHROMIUM_NAMES))
    return next(filter(None, map(shutil.which, names)), None)


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Keep the browser tests in one worker, so that one app and one browser serve them all."""
    for item in items:
        if item.get_closest_marker("browser"):
            item.add_marker(pytest.mark.xdist_group("browser"))


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
