"""`switchpoint candidates`: what could carry a usage, from the catalogue, and what each would cost."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from switchpoint.cli.catalogue import JsonOption
from switchpoint.cli.typer_program import ForceOption, SetOption, compute_located, program, progress_bar

if TYPE_CHECKING:
    from switchpoint.ranking.offer_figures import OfferFigures
    from switchpoint.ranking.rank import Ranking
    from switchpoint.scenario.load import Loaded
    from switchpoint.serving.rate_trial import Promise

SIZES = ("small", "medium", "large")
LATENCY = "--limit-latency"
MOST_SECONDS = 86_400.0


@program.command()
def candidates(
    file: Annotated[str, typer.Argument(metavar="FILE", help="Scenario file.")],
    settings: SetOption = [],  # noqa: B006 - typer copies it
    size: Annotated[
        str | None,
        typer.Option(
            metavar="SIZE", help="Models of one class: small (to 10B), medium (to 40B), large.", show_default=False
        ),
    ] = None,
    limit_latency: Annotated[
        str | None,
        typer.Option(
            LATENCY,
            metavar="TTFT[,TPOT]",
            help="Latency that fleets keep, 95th percentiles in seconds: 1.0,0.05.",
            show_default=False,
        ),
    ] = None,
    top: Annotated[
        int | None,
        typer.Option(metavar="N", min=1, max=1000, help="List so many, and write so many.", show_default=False),
    ] = None,
    write: Annotated[
        bool, typer.Option("--write", help="Add them to the file: the first N, without --top one of each kind.")
    ] = False,
    as_json: JsonOption = False,
    out: Annotated[
        Path | None,
        typer.Option(metavar="DIR", help="Write list, chart and table to this folder too.", show_default=False),
    ] = None,
    force: ForceOption = False,
    jobs: Annotated[
        int | None, typer.Option(metavar="N", min=1, max=1024, help="Processes; left out, one per core.")
    ] = None,
) -> None:
    """List what could carry this usage, the cheapest first.

    From the catalogue alone: other API models, open models by the token, open models on GPUs of your own.
    """
    from switchpoint.cli.typer_program import open_scenario

    sizes = SIZES if size is None else (_size(size),)
    promise = None if limit_latency is None else promise_from(limit_latency)
    loaded = open_scenario(file, settings)
    ranking = find_ranking(loaded, sizes, promise, jobs)
    candidates_command(loaded, ranking, top=top, write=write, as_json=as_json, out=out, force=force)


def _size(text: str) -> str:
    if text not in SIZES:
        raise typer.BadParameter(f"must be small, medium or large; got {text!r}", param_hint="--size")
    return text


def promise_from(text: str) -> Promise:
    """A latency promise as it is typed: 1.0,0.05.

    Raises:
        BadParameter: where it is none.
    """
    from switchpoint.serving.rate_trial import Promise

    parts = text.split(",")
    try:
        numbers = [float(part.strip().removesuffix("s")) for part in parts]
    except ValueError:
        numbers = []
    if len(numbers) not in (1, 2) or not all(0 < number <= MOST_SECONDS for number in numbers):
        raise typer.BadParameter(
            f"must be seconds to the first token and, after a comma, per further token, such as 1.0,0.05; got {text!r}",
            param_hint=LATENCY,
        )
    return Promise(*numbers)


def find_ranking(loaded: Loaded, sizes: tuple[str, ...], promise: Promise | None, jobs: int | None) -> Ranking:
    """The ranking of a scenario file.

    Raises:
        ScenarioError: where its numbers cannot be computed, with file and line.
    """
    from switchpoint.ranking.rank import rank
    from switchpoint.study.workers import cores

    with progress_bar("Looking through the catalogue") as told:
        return compute_located(loaded, lambda: rank(loaded.scenario, sizes, promise, jobs or cores(), told))


def candidates_command(
    loaded: Loaded, ranking: Ranking, *, top: int | None, write: bool, as_json: bool, out: Path | None, force: bool
) -> None:
    """Print a ranking as text or JSON; with `out`, write it there too; with `write`, add candidates to the file.

    Raises:
        ScenarioError: where a file cannot be written.
    """
    from switchpoint.export.ranking_text import TOP, ranking_json, ranking_page

    if out is not None:
        write_files(ranking, top, out, overwrite=force)
    text = ranking_json(ranking, top) if as_json else ranking_page(ranking, top or TOP)
    sys.stdout.write(text)
    if write:
        said = add_to_file(loaded, ranking, _choose(ranking, top))
        typer.echo(said, err=as_json)


def _choose(ranking: Ranking, top: int | None) -> tuple[OfferFigures, ...]:
    from switchpoint.ranking.candidate_tables import picks

    return picks(ranking) if top is None else tuple(each.figures for each in ranking.candidates[:top])


def add_to_file(loaded: Loaded, ranking: Ranking, chosen: tuple[OfferFigures, ...]) -> str:
    """Add candidates to a scenario file, which must still be right then, and say which.

    Raises:
        ScenarioError: where the file would not be right, or cannot be written.
    """
    from switchpoint.ranking.candidate_tables import with_candidates
    from switchpoint.ranking.offer_reasons import cost_note
    from switchpoint.scenario.access import Disk
    from switchpoint.scenario.catalogue_check import load_text_checked
    from switchpoint.scenario.toml_writer import save_text
    from switchpoint.text import join_names

    notes = {each.offer.name: cost_note(ranking, each) for each in chosen}
    there = loaded.tree.get("candidates", {})
    text, names = with_candidates(loaded.text, [each.offer for each in chosen], notes, there)
    if not names:
        return f"{loaded.name}: nothing added; what was chosen is there already, or nothing was found"
    load_text_checked(text, loaded.name, files=Disk())
    save_text(loaded.name, text, overwrite=True)
    return f"{loaded.name}: added {join_names(names)}; `switchpoint run {loaded.name}` weighs them"


def write_files(ranking: Ranking, top: int | None, out: Path, *, overwrite: bool = False) -> None:
    """Write candidates.json, candidates.txt, loads.csv and the chart into a folder, all of them or none."""
    from switchpoint.charts.cost_by_load import drawn_candidates, load_cost_chart, loads_to_draw
    from switchpoint.export.data_files import in_bytes
    from switchpoint.export.pictures import chart_files
    from switchpoint.export.ranking_text import TOP, loads_csv, ranking_json, ranking_page
    from switchpoint.files import folder_to_write
    from switchpoint.scenario.toml_writer import save_files

    files = in_bytes(
        {
            "candidates.json": ranking_json(ranking, top),
            "candidates.txt": ranking_page(ranking, top or TOP),
        }
    )
    files["loads.csv"] = loads_csv(drawn_candidates(ranking), loads_to_draw(ranking))
    if ranking.candidates:
        files |= chart_files({"cost-by-load": load_cost_chart(ranking)})
    folder_to_write(out)
    save_files("candidates", {out / name: data for name, data in files.items()}, overwrite=overwrite, listed=files)
