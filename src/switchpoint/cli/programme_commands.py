"""`switchpoint readiness` and `switchpoint log`: how ready a programme is, and one entry more in its log."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from switchpoint.cli.typer_program import BAD_INPUT, JsonOption, SetOption, compute_located, evaluate, program

if TYPE_CHECKING:
    from switchpoint.scenario.load import Loaded


@program.command()
def readiness(
    file: Annotated[str, typer.Argument(metavar="FILE", help="Scenario file, with a programme or without.")],
    settings: SetOption = [],  # noqa: B006 - typer copies it
    as_json: JsonOption = False,
    new: Annotated[
        bool,
        typer.Option("--new", help="Write a programme to start from: into a new file, or at the end of one that is."),
    ] = False,
    draws: Annotated[
        int,
        typer.Option(metavar="N", min=16, max=100_000, help="Worlds over which diagnosis is priced."),
    ] = 128,
    seed: Annotated[int, typer.Option(metavar="N", min=0, max=2**32, help="Seed of the draws.")] = 0,
    usage: Annotated[
        list[str],
        typer.Option("--usage", metavar="FILE", help="Export of usage and bills: what an inference costs over time."),
    ] = [],  # noqa: B006 - typer copies it
) -> None:
    """Say how ready the programme behind a switch is.

    Gates with dates, the layer and its month, experiments, diagnosis, five measures and nine steps.
    """
    from switchpoint.cli.typer_program import open_scenario

    if new:
        if as_json or settings or usage:
            lacks = "writes files, so --json, --set and --usage have no meaning beside it"
            raise typer.BadParameter(lacks, param_hint="--new")
        _begin(file)
        return
    _readiness(open_scenario(file, settings), usage, as_json=as_json, draws=draws, seed=seed)


def _begin(file: str) -> None:
    from switchpoint.readiness.beginning import begin_programme

    written = begin_programme(file)
    for path in written:
        typer.echo(f"{path}: written")
    typer.echo(f"`switchpoint readiness {written[0]}` says how ready it is")


def _readiness(loaded: Loaded, usage: Sequence[str], *, as_json: bool, draws: int, seed: int) -> None:
    from switchpoint.export.readiness_text import readiness_json, readiness_page
    from switchpoint.owndata.reading import read_usage
    from switchpoint.owndata.usage_history import history_of
    from switchpoint.readiness.measures import costs_of_usage
    from switchpoint.readiness.report import assess

    costs = costs_of_usage(history_of(read_usage(usage))) if usage else ()
    result = evaluate(loaded)
    found = compute_located(loaded, lambda: assess(result, draws, seed, costs=costs))
    sys.stdout.write(readiness_json(found) if as_json else readiness_page(found))


@program.command()
def log(
    file: Annotated[str, typer.Argument(metavar="FILE", help="Log file, .toml or .csv; made where it is not there.")],
    kind: Annotated[str, typer.Argument(metavar="KIND", help="experiment, error, intervention, decision or cost.")],
    fields: Annotated[
        list[str] | None,
        typer.Argument(metavar="FIELD=VALUE", help="What the entry says, such as score=0.7.", show_default=False),
    ] = None,
) -> None:
    """Add an entry to the log of a programme.

    The date is today where none is given. Nothing that is there changes; a file with faults stays as it is.
    """
    from switchpoint.files import change_whole
    from switchpoint.scenario.log_files import LARGEST, check_entry, with_entry

    told, wrong = _typed_fields(kind, fields or [])
    wrong += check_entry(kind, told)
    if wrong:
        for name, said in wrong:
            typer.echo(f"{name}: {said}", err=True)
        raise typer.Exit(BAD_INPUT)
    path = Path(file)
    change_whole(path, lambda raw: with_entry(raw or b"", file, kind, told), LARGEST)
    typer.echo(f"{file}: {kind} of {told['date']} added")


def _typed_fields(kind: str, fields: list[str]) -> tuple[dict[str, Any], list[tuple[str, str]]]:
    """The fields of an entry as they are typed, and what is wrong with how they are."""
    from switchpoint.scenario.log_files import typed_cell
    from switchpoint.scenario.programme import KINDS

    part, told, wrong = KINDS.get(kind), {}, []
    for each in fields:
        name, equals, text = each.partition("=")
        if not equals or not name:
            wrong.append((each[:60], "must be FIELD=VALUE, such as score=0.7"))
        elif name in told:
            wrong.append((name, "is given twice"))
        else:
            known = part is not None and name in part.model_fields
            told[name] = typed_cell(part, name, text.strip()) if known and part is not None else text
    first = {"date": date.today()} if "date" not in told else {}
    return {**first, **told}, wrong
