"""`python -m switchpoint.docs_pages` writes the generated pages of docs/; with `--check` it fails on a stale one."""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any
from unittest.mock import patch

import typer
from pydantic.fields import FieldInfo

from switchpoint.cli import program
from switchpoint.scenario.candidates import Common
from switchpoint.scenario.errors import Keys as errors_Path
from switchpoint.scenario.errors import show
from switchpoint.scenario.fields import Part
from switchpoint.scenario.introspection import tables, unit_of, value_words, words_of
from switchpoint.scenario.programme import LogFile
from switchpoint.scenario.schema import Scenario
from switchpoint.scenario.uncertain import plain
from switchpoint.study.sweep.columns import BASE_OUTPUTS, DRAWS_OUTPUTS, KEYS
from switchpoint.study.sweep.study_file import Study

FOLDER = Path(__file__).resolve().parents[2] / "docs"


def pages() -> Mapping[str, str]:
    """The generated pages, by file name."""
    return {
        "scenario-reference.md": reference(),
        "study-reference.md": study_reference(),
        "log-reference.md": reference(LogFile, LOG_OPENING),
        "cli-reference.md": cli_reference(),
    }


def stale(folder: Path) -> list[str]:
    """The names of the pages that are not as they would be written now."""
    return [name for name, text in pages().items() if _read(folder / name) != text]


def main(arguments: Sequence[str], folder: Path = FOLDER) -> int:
    """Write the stale pages, or with `--check` name them; the exit code."""
    if not set(arguments) <= {"--check"}:
        print(f"usage: python -m switchpoint.docs_pages [--check]; got {' '.join(arguments)}", file=sys.stderr)
        return 2
    names = stale(folder)
    if arguments:
        for name in names:
            print(f"docs/{name}:1: is stale; python -m switchpoint.docs_pages writes it anew", file=sys.stderr)
        return 1 if names else 0
    for name in names:
        (folder / name).write_text(pages()[name], encoding="utf-8", newline="\n")
        print(f"docs/{name}: written")
    return 0


def _read(page: Path) -> str | None:
    return page.read_text(encoding="utf-8") if page.is_file() else None


OPENING = """\
# Scenario files

*Written by `python -m switchpoint.docs_pages` from the schema; `switchpoint schema` prints it for editors.*

A scenario is one TOML file that states everything assumed. Keys that are not listed here are refused, each
with its line and the name that was probably meant.

**Uncertain numbers.** Where a field *may be uncertain*, any of these may stand:

| written | means |
|---|---|
| `0.1` | a certain number |
| `{ low = 0.06, high = 0.14 }` | a 90 % range: lognormal where both are positive, else normal |
| `{ low = 4, mode = 6, high = 16 }` | PERT: minimum, likeliest value, maximum |
| `{ values = [0.5, 0.8], weights = [1, 3] }` | one of the values; equal weights when left out |

The base case takes the median; of a choice, the heaviest value.

**Overlays.** `extends = "other.toml"` at the top lays a file over another one, which is named relative to it: tables
are merged; numbers, uncertain numbers, texts and lists are replaced.

**One value for one run.** `--set usage.growth.per_month=0.1` replaces a value; `--set candidates.*.coverage=0.8`
does so for every candidate, and `--set current.commitments.0.discount=0.1` for the first element of a list.
"""


COLUMNS = ("| key | value | unit | default | |", "|---|---|---|---|---|")


def reference(root: type[Part] = Scenario, opening: str = OPENING) -> str:
    """The page on a kind of file, in Markdown."""
    return "\n".join([opening, *(_section(part, paths) for part, paths in _by_part(root).items())])


def _by_part(root: type[Part]) -> dict[type[Part], list[errors_Path]]:
    found: dict[type[Part], list[errors_Path]] = {}
    for path, part in tables(root):
        if issubclass(part, Common):
            found.setdefault(Common, [path])
        places = found.setdefault(part, [])
        if path not in places:
            places.append(path)
    return found


def _section(part: type[Part], paths: list[errors_Path]) -> str:
    title = ", ".join(f"`{_header(path)}`" for path in paths) if paths != [()] else "The top of the file"
    kind = part.model_fields.get("kind")
    title += ", every kind" if part is Common else ""
    title += f" with `kind = {show(words_of(kind.annotation)[0])}`" if kind else ""
    told = Common.model_fields if issubclass(part, Common) and part is not Common else {}
    rows = [_row(name, field) for name, field in part.model_fields.items() if name not in told]
    about = " ".join((part.__doc__ or "").split())
    return "\n".join([f"## {title}", "", about, "", *COLUMNS, *rows, ""])


def _header(path: errors_Path) -> str:
    name = ".".join(str(step) for step in path if step != 0)
    return f"[[{name}]]" if path[-1] == 0 else f"[{name}]"


def _row(name: str, field: FieldInfo) -> str:
    help_text = " ".join((field.description or "").split())
    return f"| `{name}` | {value_words(field)} | {unit_of(field)} | {_default(field)} | {help_text} |"


def _default(field: FieldInfo) -> str:
    if field.is_required():
        return "**needed**"
    default = field.default
    if default is None or isinstance(default, (Part, Mapping)) or default in ((), ""):
        return ""
    return f"`{show(plain(default))}`".replace(".0`", "`").replace(".0,", ",").replace(".0]", "]")


STUDY_OPENING = """\
# Study files

*Written by `python -m switchpoint.docs_pages` from the schema; `switchpoint schema --sweep` prints it for editors.*

A study file says which scenarios `switchpoint sweep` varies and how. Keys that are not listed here are refused, each
with its line and the name that was probably meant. `extends = "other.toml"` lays a study over another one.
[Sweeps](sweeps.md) tells how to use it.
"""
COLUMNS_OPENING = """\
## Columns

One row for each point and candidate, one for a point of a scenario without candidates. After the keys come the inputs
that vary, each under its path, then the results: their path in `switchpoint run --json`, the name of the candidate left
out (`base.candidates.own-8b.cutover` is `base.candidates.cutover` in the row whose `candidate` is `own-8b`). Lists of
tables, such as `monthly`, become one list for each of their keys; `sources` is JSON text. Notes, gates and
`monthly_advised` are in no row. Where an input takes values of several kinds, or uncertain ones, its column holds them
as a scenario file would write them.

| column | type |
|---|---|
"""
TYPES = {
    "text": "string",
    "whole": "int64",
    "number": "double",
    "flag": "bool",
    "date": "date32",
    "texts": "list of string",
    "numbers": "list of double",
    "dates": "list of date32",
}


LOG_OPENING = """\
# Log files

*Written by `python -m switchpoint.docs_pages` from the schema.*

A team keeps its log in plain files, TOML or CSV, beside the scenario that names them in `programme.log`.
`switchpoint log FILE KIND FIELD=VALUE …` adds an entry; so does any editor or spreadsheet.
[Readiness](readiness.md) says what is measured.

**TOML.** One `[[kind]]` for each entry, in any order: `[[experiment]]`, `[[error]]`, `[[intervention]]`,
`[[decision]]`, `[[cost]]`.

**CSV.** One line for each entry. The first line names the columns: `kind`, `date`, then any of the fields below, in any
order; a cell that stays empty is left out. Yes and no may be written `true`, `yes`, `false` or `no`.

**Merges.** An entry is one line of a CSV, and its order does not count, so `*log.csv merge=union` in `.gitattributes`
merges two branches that both added. An entry with the same `id` in two places counts once; an `id` that two different
entries have, and the marks of a merge that is not finished, are faults with their lines.
"""


def study_reference() -> str:
    """The page, in Markdown."""
    only_draws = {name: kind for name, kind in DRAWS_OUTPUTS.items() if name not in BASE_OUTPUTS}
    rows = [f"| `{name}` | {TYPES[kind]} |" for name, kind in {**KEYS, **BASE_OUTPUTS}.items()]
    more = [f"| `{name}` | {TYPES[kind]} |" for name, kind in only_draws.items()]
    draws = "\nWith draws there are these too:\n\n| column | type |\n|---|---|\n"
    return (
        reference(Study, STUDY_OPENING)
        + "\n"
        + COLUMNS_OPENING
        + "\n".join(rows)
        + "\n"
        + draws
        + "\n".join(more)
        + "\n"
    )


CLI_OPENING = """\
# Command line

*Written by `python -m switchpoint.docs_pages` from `--help`.*

Bad input ends with one line per fault on stderr, `file:line: field: what is wrong`, and exit code 2. `new` and `export`
overwrite nothing unless `--force` says so; `--out` and `summarise` replace what the same command wrote, nothing else.
"""


def cli_reference() -> str:
    """The page, in Markdown."""
    group: Any = typer.main.get_command(program)
    sections = [_command_section("switchpoint", group)]
    names = group.list_commands(typer.Context(group))
    sections += [_command_section(f"switchpoint {name}", group.commands[name]) for name in names]
    return "\n".join([CLI_OPENING, *sections])


def _command_section(name: str, command: Any) -> str:
    with patch.dict(os.environ, {"COLUMNS": "100"}):
        text = command.get_help(typer.Context(command, info_name=name, terminal_width=100, max_content_width=100))
    return f"## {name}\n\n```text\n{text.rstrip()}\n```\n"


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
