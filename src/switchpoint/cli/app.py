"""The command that opens the app."""

from __future__ import annotations

import sys
from importlib.resources import files
from pathlib import Path
from typing import Annotated

import typer

from switchpoint.cli.frame import BAD_INPUT, program

LARGEST_UPLOAD_MB = 1
"""Of a file that is opened in the app; a larger one is refused before it is kept."""
ADDRESS = "127.0.0.1"
HOSTS = (ADDRESS, "localhost")
"""Names under which a browser of this machine asks for it; any other is a page elsewhere that pretends to be it."""
SECURITY = {
    "server.address": ADDRESS,
    "server.enableCORS": "true",
    "server.enableXsrfProtection": "true",
    "server.xsrfCookieSameSite": "lax",
    "server.maxUploadSize": str(LARGEST_UPLOAD_MB),
    "server.enableStaticServing": "false",
    "server.enableAgentApi": "false",
    "client.showErrorDetails": "type",
    "browser.gatherUsageStats": "false",
}
"""Settings that keep the app to this machine; flags, so that they win over every file of settings."""


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
    # In the app's own folder: Streamlit takes settings, and Python modules, from where it is started.
    raise typer.Exit(subprocess.call(app_command(script, port, browser), cwd=script.parent))


def app_command(script: Path, port: int, browser: bool) -> list[str]:
    """The command that serves the app, at this machine's own address."""
    own = {
        "server.port": str(port),
        "server.headless": str(not browser).lower(),
        "server.corsAllowedOrigins": f"http://{ADDRESS}:{port}",
        "client.allowedOrigins": f"http://{ADDRESS}:{port}",
    }
    stated = [*(SECURITY | own).items(), *(("server.allowedHosts", host) for host in HOSTS)]
    flags = (f"--{name}={value}" for name, value in stated)
    return [sys.executable, "-m", "streamlit", "run", str(script), *flags]


def app_script() -> Path | None:
    """Where app.py is: inside the installed package, or at the top of a checkout."""
    package = Path(str(files("switchpoint")))
    places = (package / "shipped" / "app.py", package.parents[1] / "app.py")
    return next((place for place in places if place.is_file()), None)
