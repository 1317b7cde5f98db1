"""The command that opens the app."""

from __future__ import annotations

import sys
from importlib.resources import files
from pathlib import Path
from typing import Annotated

import typer

from switchpoint.cli.frame import BAD_INPUT, program


@program.command()
def app(
    port: Annotated[int, typer.Option(min=1, max=65535, help="Port of this machine to serve the app on.")] = 8501,
    browser: Annotated[bool, typer.Option("--browser/--no-browser", help="Open a browser window.")] = True,
) -> None:
    """Open the app in a browser.

    Only this machine can reach it.
    """
    import subprocess

    script = app_script()
    if script is None:
        typer.echo("switchpoint: app.py is missing from this installation; install the package again", err=True)
        raise typer.Exit(BAD_INPUT)
    raise typer.Exit(subprocess.call(app_command(script, port, browser)))


def app_command(script: Path, port: int, browser: bool) -> list[str]:
    """The command that serves the app at 127.0.0.1."""
    options = {
        "server.address": "127.0.0.1",
        "server.port": port,
        "server.headless": str(not browser).lower(),
        "browser.gatherUsageStats": "false",
    }
    words = [word for name, value in options.items() for word in (f"--{name}", str(value))]
    return [sys.executable, "-m", "streamlit", "run", str(script), *words]


def app_script() -> Path | None:
    """Where app.py is: inside the installed package, or at the top of a checkout."""
    package = Path(str(files("switchpoint")))
    places = (package / "shipped" / "app.py", package.parents[1] / "app.py")
    return next((place for place in places if place.is_file()), None)
