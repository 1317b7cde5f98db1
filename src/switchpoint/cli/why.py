"""`switchpoint why`: what an advice hangs on."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from switchpoint.cli.catalogue import JsonOption
from switchpoint.cli.typer_program import ForceOption, SetOption, compute_located, evaluate, program, progress_bar

if TYPE_CHECKING:
    from switchpoint.scenario.load import Loaded
    from switchpoint.study.reasons import Why


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
    from switchpoint.export.why_text import json_text, page
    from switchpoint.study.reasons import study

    result = evaluate(loaded)
    with progress_bar("Looking for what moves it") as told:
        why = compute_located(loaded, lambda: study(result, with_indices=indices, progress=told))
    if out is not None:
        write(why, out, overwrite=force)
    sys.stdout.write(json_text(why) if as_json else page(why))


def write(why: Why, out: Path, *, overwrite: bool = False) -> None:
    """Write why.json, why.txt, tripwires.toml and the tornado into a folder, all of them or none."""
    from switchpoint.charts.sensitivity import tornado_chart
    from switchpoint.export.data_files import in_bytes
    from switchpoint.export.pictures import chart_files
    from switchpoint.export.why_text import json_text, page
    from switchpoint.files import folder_to_write
    from switchpoint.scenario.toml_writer import save_files
    from switchpoint.study.tripwires import Tripwires, tripwires_text

    scenario = why.result.case.scenario
    found = Tripwires(scenario=scenario.name, date=scenario.start, tripwire=why.tripwires)
    files = in_bytes({"tripwires.toml": tripwires_text(found), "why.json": json_text(why), "why.txt": page(why)})
    if why.tornado is not None and why.tornado.bars:
        files |= chart_files({"tornado": tornado_chart(scenario, why.tornado)})
    folder_to_write(out)
    save_files("why", {out / name: data for name, data in files.items()}, overwrite=overwrite, listed=files)
