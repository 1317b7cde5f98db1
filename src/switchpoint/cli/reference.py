"""The reference page of the command line, written from the help of every command."""

from __future__ import annotations

import os
from typing import Any
from unittest.mock import patch

import typer

from switchpoint.cli.frame import program

OPENING = """\
# Command line

*Written by `python -m switchpoint.docs` from `--help`.*

Bad input ends with one line per fault on stderr, `file:line: field: what is wrong`, and exit code 2. `new` and `export`
overwrite nothing unless `--force` says so; `run --out`, `why --out` and `summarise` write their own files anew.
"""


def cli_reference() -> str:
    """The page, in Markdown."""
    group: Any = typer.main.get_command(program)
    sections = [_section("switchpoint", group)]
    names = group.list_commands(typer.Context(group))
    sections += [_section(f"switchpoint {name}", group.commands[name]) for name in names]
    return "\n".join([OPENING, *sections])


def _section(name: str, command: Any) -> str:
    with patch.dict(os.environ, {"COLUMNS": "100"}):
        text = command.get_help(typer.Context(command, info_name=name, terminal_width=100, max_content_width=100))
    return f"## {name}\n\n```text\n{text.rstrip()}\n```\n"
