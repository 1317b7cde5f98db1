"""`switchpoint run`: a base case, many draws or one of them, printed and kept in a folder."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from switchpoint.cli.typer_program import (
    ForceOption,
    Sampling,
    SetOption,
    compute_located,
    evaluate,
    program,
    progress_bar,
)

if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import TypeAlias

    from switchpoint.export.plain_tables import Files
    from switchpoint.scenario.load import Loaded

    Keep: TypeAlias = Callable[[Callable[[], Files]], None]


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
    force: ForceOption = False,
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
    from switchpoint.cli.typer_program import open_scenario

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
    run_command(open_scenario(file, [*settings, *chosen]), as_json=as_json, out=out, sampling=sampling, force=force)


BASE_CASE = Sampling()


def run_command(
    loaded: Loaded, *, as_json: bool, out: Path | None, sampling: Sampling = BASE_CASE, force: bool = False
) -> None:
    """Simulate a scenario and print it as text or JSON; with `out`, write result, months and charts there too.

    Raises:
        ScenarioError: where the scenario cannot be computed, or a file cannot be written or is not to be overwritten.
    """
    from switchpoint.export.data_files import files_of, json_text, keep, reserve
    from switchpoint.export.text_pages import page

    if out is not None:
        reserve(out, loaded, overwrite=force)  # before anything is computed

    def write_files(files: Callable[[], Files]) -> None:
        if out is not None:
            keep(out, loaded, files(), overwrite=force)

    if sampling.draw is not None:
        text = _one_draw(loaded, sampling, sampling.draw, as_json=as_json, keep=write_files)
    elif sampling.draws is not None:
        text = _draws(loaded, sampling, sampling.draws, as_json=as_json, keep=write_files)
    else:
        result = evaluate(loaded)
        text = json_text(result) if as_json else page(result)
        write_files(lambda: files_of(result))
    sys.stdout.write(text)


def _draws(loaded: Loaded, sampling: Sampling, draws: int, *, as_json: bool, keep: Keep) -> str:
    from switchpoint.export.data_files import files_of_draws
    from switchpoint.export.plain_tables import as_text
    from switchpoint.export.text_pages import draws_page
    from switchpoint.study.draw_sentence import as_json as findings_json
    from switchpoint.study.monte_carlo import MonteCarlo
    from switchpoint.study.workers import cores

    base = evaluate(loaded)
    with progress_bar(f"{draws:,} draws") as told:
        jobs = sampling.jobs or cores()
        plan = MonteCarlo(draws, sampling.seed, jobs, sampling.precision, told, with_levers=as_json)
        findings = compute_located(loaded, lambda: plan.study(loaded.scenario, base))
    keep(lambda: files_of_draws(findings))
    return as_text(findings_json(findings)) if as_json else draws_page(findings)


def _one_draw(loaded: Loaded, sampling: Sampling, number: int, *, as_json: bool, keep: Keep) -> str:
    from switchpoint.decision.result import JudgedWorld
    from switchpoint.export.data_files import REPORT, RESULT, draw_json, draw_page, files_of
    from switchpoint.export.plain_tables import in_bytes
    from switchpoint.study.draws import Worlds

    worlds = Worlds(loaded.scenario, sampling.seed)
    result = compute_located(loaded, lambda: JudgedWorld(worlds.one(number)))
    told = {RESULT: draw_json(worlds, number, result), REPORT: draw_page(worlds, number, result)}
    keep(lambda: {**files_of(result), **in_bytes(told)})
    return told[RESULT if as_json else REPORT]
