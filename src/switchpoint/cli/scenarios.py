"""Commands on scenario files: check them, start a new one, print their schema."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from switchpoint.cli.frame import BAD_INPUT, SetOption, program

if TYPE_CHECKING:
    from switchpoint.scenario.schema import Scenario

ScenarioFiles = Annotated[list[str], typer.Argument(metavar="FILE", help="Scenario files.", show_default=False)]


@program.command()
def check(
    files: ScenarioFiles,
    settings: SetOption = [],  # noqa: B006 - typer copies it
    strict: Annotated[bool, typer.Option("--strict", help="Take notes for faults.")] = False,
) -> None:
    """Say whether scenario files are right.

    Every fault comes with its line and what would be right; what is taken but worth a look is noted.
    """
    from switchpoint.cli.opening import noted, opened
    from switchpoint.scenario.errors import ScenarioError

    wrong = False
    for file in files:
        try:
            loaded = opened(file, settings)
            notes = noted(loaded, strict=strict)
        except ScenarioError as error:
            typer.echo(str(error), err=True)
            wrong = True
        else:
            typer.echo("\n".join([f"{file}: OK: {summary(loaded.scenario)}", *map(str, notes)]))
    if wrong:
        raise typer.Exit(BAD_INPUT)


def summary(scenario: Scenario) -> str:
    """What a scenario is about, in one line."""
    names = ", ".join(scenario.candidates)
    count = len(scenario.candidates)
    against = f"{count} candidate{'s' * (count != 1)}" + (f" ({names})" if names else "")
    months = f"{scenario.months} month{'s' * (scenario.months != 1)} from {scenario.start}"
    return f"{scenario.name}, {months}, {against}"


@program.command()
def new(
    name: Annotated[str, typer.Argument(metavar="NAME", help="Name or path of the file; .toml is added.")],
    example: Annotated[
        str | None, typer.Option("--from", metavar="EXAMPLE", help="Copy a shipped example instead.")
    ] = None,
    force: Annotated[bool, typer.Option("--force", help="Overwrite a file that exists.")] = False,
) -> None:
    """Write a scenario to start from.

    It is a short one with comments, or a copy of a shipped example.
    """
    from switchpoint.scenario.examples import example_text, starter_text
    from switchpoint.scenario.words import is_utf8
    from switchpoint.scenario.writing import save_text

    path = Path(name) if name.endswith(".toml") else Path(f"{name}.toml")
    if path.stem.strip(". ") in ("", "toml") or not is_utf8(path.stem):
        typer.echo(f"NAME: must be a file name such as ours.toml; got {name!r}", err=True)
        raise typer.Exit(BAD_INPUT)
    save_text(path, example_text(example) if example else starter_text(path.stem), overwrite=force)
    typer.echo(f"{path}: written; `switchpoint check {path}` reads it")


@program.command()
def schema(
    sweep: Annotated[bool, typer.Option("--sweep", help="That of study files, which `sweep` takes.")] = False,
) -> None:
    """Print the JSON Schema of scenario files.

    With units and help texts, for editors and other programs.
    """
    import json

    from switchpoint.scenario.jsonschema import json_schema
    from switchpoint.scenario.schema import Scenario
    from switchpoint.study.sweep.schema import Study

    typer.echo(json.dumps(json_schema(Study if sweep else Scenario), indent=1, ensure_ascii=False))
