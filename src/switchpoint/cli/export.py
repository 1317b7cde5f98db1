"""The command that exports for business reviews."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from switchpoint.cli.frame import SetOption, program

File = Annotated[str | None, typer.Argument(metavar="FILE", help="Scenario file.", show_default=False)]
PICTURES = ("png", "svg", "pdf")


@program.command()
def export(
    file: File = None,
    settings: SetOption = [],  # noqa: B006 - typer copies it
    run: Annotated[
        Path | None,
        typer.Option(metavar="DIR", help="Export a folder of `run --out` or of `sweep --out`.", show_default=False),
    ] = None,
    deck: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Slides with charts to edit, .pptx.", show_default=False)
    ] = None,
    workbook: Annotated[
        Path | None, typer.Option(metavar="FILE", help="The base case in live formulas, .xlsx.", show_default=False)
    ] = None,
    report: Annotated[
        Path | None, typer.Option(metavar="FILE", help="One self-contained page, .html.", show_default=False)
    ] = None,
    pdf: Annotated[Path | None, typer.Option(metavar="FILE", help="The report, .pdf.", show_default=False)] = None,
    charts: Annotated[
        Path | None, typer.Option(metavar="DIR", help="Every chart as a picture.", show_default=False)
    ] = None,
    formats: Annotated[
        str, typer.Option("--format", metavar="LIST", help="Of the pictures: png, svg and pdf, by commas.")
    ] = "png,svg",
    tables: Annotated[
        Path | None, typer.Option(metavar="DIR", help="All values shown, as CSV and Parquet.", show_default=False)
    ] = None,
    draws: Annotated[
        int | None,
        typer.Option(metavar="N", min=1, max=1_000_000, help="Draw so many worlds of all that is uncertain."),
    ] = None,
    seed: Annotated[int, typer.Option(metavar="N", min=0, max=2**32, help="Seed of the draws.")] = 0,
    jobs: Annotated[
        int | None, typer.Option(metavar="N", min=1, max=1024, help="Processes; left out, one per core.")
    ] = None,
    force: Annotated[bool, typer.Option("--force", help="Overwrite files that exist.")] = False,
) -> None:
    """Write a deck, a workbook, a report or charts.

    Everything in them is written from the numbers, with every assumption, its source and its date.
    """
    from switchpoint.cli.opening import opened
    from switchpoint.report.export import Targets, export_command
    from switchpoint.report.export_sweep import export_sweep_command, sweep_in
    from switchpoint.report.run import Sampling
    from switchpoint.report.saved import saved

    targets = Targets(deck, workbook, report, pdf, charts, _formats(formats), tables, force)
    if not (targets.files or charts or tables):
        raise typer.BadParameter("name what to write, such as --deck review.pptx or --report report.html")
    if (file is None) == (run is None):
        raise typer.BadParameter("name a scenario file, or the folder of a run or sweep with --run", param_hint="FILE")
    if run is None:
        assert file is not None
        export_command(opened(file, settings), targets, Sampling(draws=draws, seed=seed, jobs=jobs))
        return
    if settings or draws is not None or seed:
        raise typer.BadParameter(
            "shows what was run; --set, --draws and --seed belong to a new run", param_hint="--run"
        )
    swept = sweep_in(run)
    if swept is not None:
        export_sweep_command(swept, targets)
        return
    kept = saved(run)
    export_command(kept.loaded, targets, Sampling(draws=kept.draws, seed=kept.seed, jobs=jobs), kept)


def _formats(text: str) -> tuple[str, ...]:
    """The formats of a list.

    >>> _formats("PNG, pdf")
    ('png', 'pdf')
    """
    asked = tuple(dict.fromkeys(each.strip().lower() for each in text.split(",")))
    if unknown := [each for each in asked if each not in PICTURES]:
        raise typer.BadParameter(f"must be of png, svg and pdf, by commas; got {unknown[0]!r}", param_hint="--format")
    return asked
