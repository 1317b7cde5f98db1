"""The command that runs one scenario."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from switchpoint.cli.frame import SetOption, program


@program.command()
def run(
    file: Annotated[str, typer.Argument(metavar="FILE", help="Scenario file.")],
    settings: SetOption = [],  # noqa: B006 - typer copies it
    policy: Annotated[
        str | None, typer.Option(metavar="POLICY", help="When the project starts: never, now, warn, best or a date.")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object instead of text.")] = False,
    out: Annotated[
        Path | None, typer.Option(metavar="DIR", help="Write the result to this folder too.", show_default=False)
    ] = None,
) -> None:
    """Say when to start the project.

    And what that saves, and what would change it.
    """
    from switchpoint.checks import load_checked
    from switchpoint.report import run_command

    chosen = [f"decision.policy={policy}"] if policy is not None else []
    run_command(load_checked(file, [*settings, *chosen]), as_json=as_json, out=out)
