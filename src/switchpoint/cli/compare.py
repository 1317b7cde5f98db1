"""The command that explains why scenarios come out differently."""

from __future__ import annotations

from typing import Annotated

import typer

from switchpoint.cli.frame import SetOption, program


@program.command()
def compare(
    files: Annotated[
        list[str],
        typer.Argument(metavar="FILE", help="The scenario to compare with, then the others.", show_default=False),
    ],
    settings: SetOption = [],  # noqa: B006 - typer copies it
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object instead of text.")] = False,
) -> None:
    """Say why scenarios come out differently.

    What differs, what comes out, and how many days and dollars of it are due to which input. With one file, --set says
    what to change in it; with several, it holds in all of them.
    """
    from switchpoint.report.comparison.command import compare_command

    compare_command(files, settings, as_json=as_json)
