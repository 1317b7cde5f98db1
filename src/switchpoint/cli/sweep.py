"""Commands on many variants of a scenario: run them, and summarise what came out."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from switchpoint.cli.frame import SetOption, program


class Sample(StrEnum):
    """Which points of the ranges are run."""

    GRID = "grid"
    LHS = "lhs"
    SOBOL = "sobol"


@program.command()
def sweep(
    file: Annotated[
        str | None, typer.Argument(metavar="FILE", help="Scenario or study file.", show_default=False)
    ] = None,
    vary: Annotated[
        list[str],
        typer.Option(
            "--vary",
            metavar="PATH=VALUES",
            help="LOW:HIGH:STEPS, LOW:HIGH or A,B,C; :log after a range for equal ratios. May be given many times.",
        ),
    ] = [],  # noqa: B006 - typer copies it
    settings: SetOption = [],  # noqa: B006 - typer copies it
    sample: Annotated[
        Sample | None, typer.Option(help="Every combination, or points drawn evenly.", show_default="grid")
    ] = None,
    points: Annotated[
        int | None, typer.Option(metavar="N", min=1, max=1_000_000, help="How many points lhs or sobol take.")
    ] = None,
    draws: Annotated[
        int | None, typer.Option(metavar="N", min=1, max=1_000_000, help="Draws of each point; left out, base cases.")
    ] = None,
    seed: Annotated[
        int | None,
        typer.Option(metavar="N", min=0, max=2**32, help="Seed of points and draws.", show_default="0"),
    ] = None,
    jobs: Annotated[
        int | None, typer.Option(metavar="N", min=1, max=1024, help="Processes; left out, one per core.")
    ] = None,
    cluster: Annotated[
        str | None,
        typer.Option(
            metavar="tcp://HOST:PORT",
            help="Scheduler of a Dask cluster to run on; tls:// with certificates.",
            show_default=False,
        ),
    ] = None,
    cluster_security: Annotated[
        Path | None,
        typer.Option(
            "--cluster-security",
            metavar="DIR",
            help="Folder with ca.pem, cert.pem and key.pem, for a cluster at tls://HOST:PORT.",
            show_default=False,
        ),
    ] = None,
    out: Annotated[Path | None, typer.Option(metavar="DIR", help="Folder for the results.", show_default=False)] = None,
    resume: Annotated[
        Path | None, typer.Option(metavar="DIR", help="Go on with the sweep in this folder.", show_default=False)
    ] = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Say how many points and about how long.")] = False,
) -> None:
    """Run many variants of a scenario.

    Every row of the results carries its inputs, and none is lost.
    """
    from switchpoint.report.sweep import Wanted, sweep_command

    told = {"sample": sample and sample.value, "points": points, "draws": draws, "seed": seed}
    stated = {name: value for name, value in told.items() if value is not None}
    texts = (file, tuple(settings), tuple(vary), stated)
    sweep_command(Wanted(*texts, out, resume, jobs, cluster, cluster_security, dry_run))


@program.command()
def summarise(
    folder: Annotated[Path, typer.Argument(metavar="DIR", help="Folder of a sweep.", show_default=False)],
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object instead of text.")] = False,
    out: Annotated[
        Path | None,
        typer.Option(metavar="DIR", help="Folder for the files; left out, DIR/summary.", show_default=False),
    ] = None,
) -> None:
    """Say what a sweep found.

    What drives the answer, where which answer is right, and where the advice fails; with all rows as CSV and a map.
    """
    from switchpoint.report.summary import summarise_command

    summarise_command(folder, as_json_text=as_json, out=out)
