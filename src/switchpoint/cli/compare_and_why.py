"""`switchpoint compare` and `why`: what makes the difference between scenarios, and what an advice hangs on."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from switchpoint.cli.typer_program import (
    ForceOption,
    JsonOption,
    SetOption,
    compute_located,
    evaluate,
    program,
    progress_bar,
)

if TYPE_CHECKING:
    from switchpoint.decision.result import JudgedWorld
    from switchpoint.export.compare_and_why_text import ComparedScenario
    from switchpoint.scenario.errors import Fault
    from switchpoint.scenario.load import Loaded
    from switchpoint.study.reasons import Why


# `switchpoint compare` -----------------------------------------------------------------------------------------------


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
    compare_command(files, settings, as_json=as_json)


def compare_files(files: Sequence[str], settings: Sequence[str]) -> list[ComparedScenario]:
    """The scenarios of some files, with `path=value` settings in all of them; of one file, it without and with them.

    Raises:
        ScenarioError: with every fault of every file, or where there is nothing to compare.
    """
    from switchpoint.export.compare_and_why_text import ComparedScenario
    from switchpoint.scenario.errors import Fault, ScenarioError

    alone = len(files) == 1
    twice = [file for place, file in enumerate(files) if _same(file) in map(_same, files[:place])]
    if twice:
        raise ScenarioError([Fault(file, 1, "", "is named twice: there is no difference to explain") for file in twice])
    results = _simulate_files([(files[0], ()), (files[0], settings)] if alone else [(file, settings) for file in files])
    if alone and not settings:
        message = "is alone: name a second scenario, or say with --set PATH=VALUE what is to change"
        raise ScenarioError([Fault(files[0], 1, "", message)])
    labels = ["as in the file", "as set"] if alone else _labels([loaded for loaded, _ in results])
    return [
        ComparedScenario(loaded.name, label, result) for label, (loaded, result) in zip(labels, results, strict=True)
    ]


def _simulate_files(asked: Sequence[tuple[str, Sequence[str]]]) -> list[tuple[Loaded, JudgedWorld]]:
    """Files with settings, simulated; the faults of all of them at once, each told once."""
    from switchpoint.scenario.catalogue_check import load_checked
    from switchpoint.scenario.errors import ScenarioError
    from switchpoint.scenario.load import cautions

    results: list[tuple[Loaded, JudgedWorld]] = []
    faults: dict[Fault, None] = {}
    for file, settings in asked:
        try:
            loaded = load_checked(file, settings)
            sys.stderr.writelines(f"{line}\n" for line in cautions(loaded.source))
            results.append((loaded, evaluate(loaded)))
        except ScenarioError as error:
            faults |= dict.fromkeys(error.faults)
    if faults:
        raise ScenarioError(faults)
    return results


def _same(file: str) -> Any:
    """What tells a file from others."""
    try:
        return Path(file).resolve()
    except (OSError, ValueError, RuntimeError):
        return file


def _labels(loaded: Sequence[Loaded]) -> list[str]:
    """Names that tell the scenarios apart: their own, else their files'."""
    from switchpoint.scenario.errors import shorten

    for names in ([each.scenario.name for each in loaded], [Path(each.name).stem for each in loaded]):
        if len(set(names)) == len(names):
            return [shorten(name) for name in names]
    return [shorten(each.name) for each in loaded]


def compare_command(files: Sequence[str], settings: Sequence[str], *, as_json: bool) -> None:
    """Compare the first scenario with each of the others, or one scenario with itself changed by settings.

    Raises:
        ScenarioError: with every fault of every file, or where there is nothing to compare.
    """
    from switchpoint.export.compare_and_why_text import comparison_json, comparison_page

    first, *others = compare_files(files, settings)
    text = comparison_json(first, others) if as_json else comparison_page(first, others)
    sys.stdout.write(text)


# `switchpoint why` ---------------------------------------------------------------------------------------------------


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
    force: ForceOption = False,
) -> None:
    """Say what the advice hangs on.

    Which inputs move the saving and the start date most, and at which thresholds the advice would change.
    """
    from switchpoint.cli.typer_program import open_scenario

    why_command(open_scenario(file, settings), indices=indices, as_json=as_json, out=out, force=force)


def why_command(loaded: Loaded, *, indices: bool, as_json: bool, out: Path | None, force: bool = False) -> None:
    """Study a scenario and print it as text or JSON; with `out`, write tripwires, page and chart there too.

    Raises:
        ScenarioError: where the scenario cannot be computed or a file cannot be written.
    """
    from switchpoint.export.compare_and_why_text import why_json, why_page
    from switchpoint.study.reasons import study

    result = evaluate(loaded)
    with progress_bar("Looking for what moves it") as told:
        why = compute_located(loaded, lambda: study(result, with_indices=indices, progress=told))
    if out is not None:
        write(why, out, overwrite=force)
    sys.stdout.write(why_json(why) if as_json else why_page(why))


def write(why: Why, out: Path, *, overwrite: bool = False) -> None:
    """Write why.json, why.txt, tripwires.toml and the tornado into a folder, all of them or none."""
    from switchpoint.charts.sensitivity import tornado_chart
    from switchpoint.export.compare_and_why_text import why_json, why_page
    from switchpoint.export.pictures import chart_files
    from switchpoint.export.plain_tables import in_bytes
    from switchpoint.files import folder_to_write
    from switchpoint.scenario.toml_writer import save_files
    from switchpoint.study.tripwires import Tripwires, tripwires_text

    scenario = why.result.case.scenario
    found = Tripwires(scenario=scenario.name, date=scenario.start, tripwire=why.tripwires)
    files = in_bytes({"tripwires.toml": tripwires_text(found), "why.json": why_json(why), "why.txt": why_page(why)})
    if why.tornado is not None and why.tornado.bars:
        files |= chart_files({"tornado": tornado_chart(scenario, why.tornado)})
    folder_to_write(out)
    save_files("why", {out / name: data for name, data in files.items()}, overwrite=overwrite, listed=files)
