"""Commands that show the catalogue: prices, hardware, and which candidates of it could carry a usage."""

from __future__ import annotations

import sys
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from switchpoint.cli.typer_program import (
    BAD_INPUT,
    ForceOption,
    JsonOption,
    SetOption,
    compute_located,
    program,
    progress_bar,
)

if TYPE_CHECKING:
    from switchpoint.catalog import Gpu
    from switchpoint.ranking.offer_figures import OfferFigures
    from switchpoint.ranking.rank import Ranking
    from switchpoint.scenario.load import Loaded
    from switchpoint.serving.serve import Promise


# Commands that show the catalogue ------------------------------------------------------------------------------------

WIDE = 160
FOLDED = ("source", "provider", "model", "remarks")
"""Columns whose text goes on in the next line where the terminal is narrow."""
Row = Mapping[str, Any]
Tables = Mapping[str, tuple[Sequence[Row], Sequence[str]]]


@program.command()
def prices(
    search: Annotated[list[str], typer.Argument(metavar="WORD", help="Words of provider and model.")] = [],  # noqa: B006
    as_of: Annotated[
        str | None, typer.Option("--as-of", metavar="DATE", help="Day of the prices; today when left out.")
    ] = None,
    as_json: JsonOption = False,
) -> None:
    """List API prices as of a day.

    Dollars per million tokens, as of today unless said, with the day on which each was last compared with the
    provider's list, and its source. What a scenario would understand is found: azure gpt-5, an id of Bedrock.
    """
    from switchpoint.catalog import search_prices
    from switchpoint.catalog.token_prices import FIRST_SOLD
    from switchpoint.text import day as long_day

    day = _day(as_of) if as_of else date.today()
    if day < FIRST_SOLD:
        why = f"no model was sold by the token before {long_day(FIRST_SOLD)}; got {day}"
        raise typer.BadParameter(why, param_hint="--as-of")
    rows = [asdict(row) for row in search_prices(" ".join(search), day)]
    if not rows:
        typer.echo(f"no price on {day} matches {' '.join(search)}; fewer words find more", err=True)
        raise typer.Exit(BAD_INPUT)
    told = [{**row, "compared": _comparison_day(row), "remarks": _price_remarks(row)} for row in rows]
    title = f"prices on {day}, $/million tokens"
    _show({title: (told, _price_columns())}, {"as_of": day, "prices": rows}, as_json, _sources(rows), VERY_WIDE)


VERY_WIDE = 240
NARROW = 110
"""Columns of a terminal below which a price list shows only who, what, the prices and how old they are."""
PRICE_COLUMNS = ("provider", "model", "input", "cached_input", "output", "compared")
MORE_PRICE_COLUMNS = ("batch_input", "batch_output", "max_context", "retired_on", "remarks")


def _price_columns() -> Sequence[str]:
    """The columns of a price list, the prices before all that may be cut."""
    from rich.console import Console

    wide = not sys.stdout.isatty() or Console().width >= NARROW
    return (*PRICE_COLUMNS, *MORE_PRICE_COLUMNS) if wide else PRICE_COLUMNS


def _comparison_day(row: Row) -> str:
    """The day on which a price was last compared, marked where that is long ago."""
    return f"{row['checked']}, old" if row["old"] else str(row["checked"] or "")


def _price_remarks(row: Row) -> str:
    words = (("by_hour", "mean of the day's hours"), ("tiered", "dearer for long inputs"))
    return ", ".join(text for key, text in words if row[key])


def _sources(rows: Sequence[Row]) -> Sequence[str]:
    """Where prices are from, each source once."""
    return ["Sources:", *(f"  {source}" for source in dict.fromkeys(str(row["source"]) for row in rows))]


@program.command()
def hardware(
    name: Annotated[
        str | None, typer.Argument(metavar="GPU", help="A GPU, to list its rents.", show_default=False)
    ] = None,
    as_json: JsonOption = False,
) -> None:
    """List GPUs, their rents, and open models.

    With source and date; --json prints every column.
    """
    from switchpoint import catalog

    if name is None:
        gpus = [{**_gpu_row(gpu), "usd_per_gpu_hour": _median_rent(gpu.key)} for gpu in catalog.gpus()]
        models = [asdict(model) for model in catalog.models()]
        tables: Tables = {
            "GPUs; rent: median of providers": (gpus, GPU_COLUMNS),
            "open models": (models, MODEL_COLUMNS),
        }
        _show(tables, {"gpus": gpus, "models": models}, as_json)
        return
    gpu = catalog.gpu(name)
    rents = [asdict(rent) for spot in (False, True) for rent in catalog.rents(gpu.key, spot)]
    tables = {
        gpu.key: ([_gpu_row(gpu)], tuple(column for column in GPU_COLUMNS if column != "usd_per_gpu_hour")),
        f"rents of {gpu.key}": (rents, RENT_COLUMNS),
    }
    _show(tables, {"gpus": [_gpu_row(gpu)], "rents": rents}, as_json)


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise typer.BadParameter(f"must be a date such as 2027-05-01; got {text!r}", param_hint="--as-of") from None


GPU_COLUMNS = (
    "key",
    "memory_gb",
    "bandwidth_gb_s",
    "bf16_tflops",
    "fp8_tflops",
    "tdp_w",
    "usd_per_gpu_hour",
    "speed",
    "date",
    "source",
)
MODEL_COLUMNS = ("key", "params_billion", "active_params_billion", "layers", "max_context", "licence", "date", "source")
RENT_COLUMNS = ("provider", "instance", "gpus_per_instance", "spot", "usd_per_gpu_hour", "terms", "date", "source")


def _gpu_row(gpu: Gpu) -> dict[str, Any]:
    """A GPU, and whether serving speeds of it have been published or are extrapolated from others."""
    return {**asdict(gpu), "speed": "extrapolated" if gpu.extrapolated else "measured"}


def _median_rent(gpu: str) -> float | None:
    from switchpoint.catalog import CatalogError, rent

    try:
        return rent(gpu).usd_per_gpu_hour
    except CatalogError:
        return None


def _show(tables: Tables, data: Mapping[str, Any], as_json: bool, below: Sequence[str] = (), wide: int = WIDE) -> None:
    if as_json:
        import json

        typer.echo(json.dumps(data, indent=1, default=str, ensure_ascii=False))
        return
    from rich.console import Console

    console = Console(width=None if sys.stdout.isatty() else wide)
    for title, (rows, columns) in tables.items():
        console.print(_table(title, rows, columns))
    if below:
        typer.echo("\n".join(below))


def _table(title: str, rows: Sequence[Row], columns: Sequence[str]) -> Any:
    from rich.box import SIMPLE
    from rich.table import Table
    from rich.text import Text

    table = Table(title=title, title_justify="left", box=SIMPLE)
    for column in columns:
        is_number = all(isinstance(row[column], (int, float, type(None))) for row in rows)
        table.add_column(
            column.replace("_", " "),
            justify="right" if is_number else "left",
            no_wrap=column not in FOLDED,
            overflow="fold",
        )
    for row in rows:
        table.add_row(*(Text(_cell(row[column])) for column in columns))
    return table


def _cell(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    return f"{value:,.4g}" if isinstance(value, float) else str(value)


# `switchpoint candidates` --------------------------------------------------------------------------------------------

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
    from switchpoint.serving.serve import Promise

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
    from switchpoint.ranking.scenario_text import picks

    return picks(ranking) if top is None else tuple(each.figures for each in ranking.candidates[:top])


def add_to_file(loaded: Loaded, ranking: Ranking, chosen: tuple[OfferFigures, ...]) -> str:
    """Add candidates to a scenario file, which must still be right then, and say which.

    Raises:
        ScenarioError: where the file would not be right, or cannot be written.
    """
    from switchpoint.ranking.rank import cost_note
    from switchpoint.ranking.scenario_text import with_candidates
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
    from switchpoint.charts.replicas import drawn_candidates, load_cost_chart, loads_to_draw
    from switchpoint.export.pictures import chart_files
    from switchpoint.export.plain_tables import in_bytes
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
