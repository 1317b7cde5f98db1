"""The command that runs one scenario."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from switchpoint.cli.frame import SetOption, program


@program.command()
def run(
    file: Annotated[str, typer.Argument(metavar="FILE", help="Scenario file.")],
    settings: SetOption = [],  # noqa: B006 - typer copies it
    policy: Annotated[
        str | None, typer.Option(metavar="POLICY", help="When the project starts: never, now, warn, best or a date.")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object instead of text.")] = False,
    out: Annotated[
        Path | None, typer.Option(metavar="DIR", help="Write the result to this folder too.", show_default=False)
    ] = None,
    draws: Annotated[
        int | None,
        typer.Option(metavar="N", min=1, max=1_000_000, help="Draw so many worlds of all that is uncertain."),
    ] = None,
    seed: Annotated[int, typer.Option(metavar="N", min=0, max=2**32, help="Seed of the draws.")] = 0,
    precision: Annotated[
        float | None,
        typer.Option(metavar="SHARE", help="Stop drawing when mean savings are known to this share of the API cost."),
    ] = None,
    draw: Annotated[
        int | None,
        typer.Option(
            metavar="NUMBER", min=0, max=999_999, help="Tell the whole story of one draw.", show_default=False
        ),
    ] = None,
    jobs: Annotated[
        int | None, typer.Option(metavar="N", min=1, max=1024, help="Processes; left out, one per core.")
    ] = None,
) -> None:
    """Say when to start the project.

    And what that saves, and what would change it.
    """
    from switchpoint.cli.opening import opened
    from switchpoint.report.run import Sampling, run_command

    if precision is not None and not 0 < precision <= 1:
        raise typer.BadParameter(
            f"must be above 0 and at most 1, such as 0.01; got {precision:g}", param_hint="--precision"
        )
    if draw is not None and draws is not None:
        raise typer.BadParameter("names one draw, so --draws has no meaning beside it", param_hint="--draw")
    if precision is not None and draws is None:
        raise typer.BadParameter("needs --draws, the most that may be made", param_hint="--precision")
    chosen = [f"decision.policy={policy}"] if policy is not None else []
    sampling = Sampling(draws, draw, seed, precision, jobs)
    run_command(opened(file, [*settings, *chosen]), as_json=as_json, out=out, sampling=sampling)
