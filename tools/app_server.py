"""The app, served on a free port of this machine, and a browser that asks for nothing by itself."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from switchpoint.cli.scenarios import app_command

START_SECONDS = 90
FEW_DRAWS = """
from streamlit.web.cli import main
from switchpoint.ui import draw_facts
draw_facts.DRAWS = {draws}
draw_facts.FEW, draw_facts.USUAL = draw_facts.FIRST_STAGES
main()
"""
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
    # A page is loaded, looked at and left: compiling its scripts well takes longer than it saves.
    "--js-flags=--no-turbofan --no-maglev",
]


@contextmanager
def served(root: Path, log: Path, draws: int | None = None) -> Iterator[str]:
    """The address of the app of a checkout; it ends with the block.

    Args:
        root: top of the checkout.
        log: where it writes what it says.
        draws: worlds that the first page draws at every change; left out, as many as it always does. The page of draws
            begins with fewer then too, yet enough to be drawn in other processes.

    Raises:
        RuntimeError: where it does not start, with its own words.
    """
    port = free_port()
    command = [*app_command(root / "app.py", port, browser=False), "--server.fileWatcherType=none"]
    if draws is not None:
        python, module, *arguments = command
        command = [python, "-c", FEW_DRAWS.format(draws=draws), *arguments[1:]]
        assert (module, arguments[0]) == ("-m", "streamlit")
    with log.open("wb") as out:
        server = subprocess.Popen(
            command, cwd=root, stdin=subprocess.DEVNULL, stdout=out, stderr=out, start_new_session=True
        )
    url = f"http://127.0.0.1:{port}"
    try:
        wait_until_healthy(url, server, log)
        yield url
    finally:
        stop(server)


def free_port() -> int:
    """A port that nobody listens on."""
    with socket.socket() as sock:
        sock.bind(("127.0.0.1", 0))
        return int(sock.getsockname()[1])


def wait_until_healthy(url: str, server: subprocess.Popen[bytes], log: Path) -> None:
    """Return when the app answers.

    Raises:
        RuntimeError: where it ends or takes too long.
    """
    give_up = time.monotonic() + START_SECONDS
    direct = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    while server.poll() is None and time.monotonic() < give_up:
        try:
            with direct.open(f"{url}/_stcore/health", timeout=2) as answer:
                if answer.read() == b"ok":
                    return
        except OSError:
            time.sleep(0.1)
    raise RuntimeError(f"the app did not start within {START_SECONDS} s:\n{log.read_text()}")


def stop(server: subprocess.Popen[bytes]) -> None:
    """End the app and the worker processes it started, which share its process group."""
    for sign in (signal.SIGTERM, signal.SIGKILL):
        try:
            os.killpg(server.pid, sign)
            server.wait(timeout=10)
        except (ProcessLookupError, subprocess.TimeoutExpired):
            continue
