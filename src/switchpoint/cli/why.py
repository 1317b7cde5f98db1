"""The command that says what an advice hangs on."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from switchpoint.cli.catalogue import JsonOption
from switchpoint.cli.frame import SetOption, program


@program.command()
def why(
    file: Annotated[str, typer.Argument(metavar="FILE", help="Scenario file.")],
    settings: SetOption = [],  # noqa: B006 - typer copies it
    indices: Annotated[
        bool, typer.Option("--indices", help="Say what part of the spread each uncertain input explains, too.")
    ] = False,
    as_json: JsonOption = False,
    out: Annotated[
        Path | None,
        typer.Option(metavar="DIR", help="Write tripwires, page and chart to this folder too.", show_default=False),
    ] = None,
) -> None:
    """Say what the advice hangs on.

    Which inputs move the saving and the start date most, and at which thresholds the advice would change.
    """
    from switchpoint.cli.opening import opened
    from switchpoint.report.why import why_command

    why_command(opened(file, settings), indices=indices, as_json=as_json, out=out)
