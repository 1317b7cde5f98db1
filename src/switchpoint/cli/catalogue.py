"""Commands that show the catalogue: prices of APIs, and hardware to run a model of one's own on."""

from __future__ import annotations

import sys
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from datetime import date
from typing import TYPE_CHECKING, Annotated, Any

import typer

from switchpoint.cli.typer_program import BAD_INPUT, program

if TYPE_CHECKING:
    from switchpoint.catalog import Gpu


JsonOption = Annotated[bool, typer.Option("--json", help="Print JSON instead of tables.")]
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
