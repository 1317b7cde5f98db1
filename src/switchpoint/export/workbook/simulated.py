"""The sheet of quantiles: what a Monte Carlo simulation came to; values, with what it takes to repeat it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import TypeAlias

from xlsxwriter.worksheet import Worksheet

from switchpoint.export.workbook.inputs import serial
from switchpoint.export.workbook.look import DATE, USD, Kind, Look, page
from switchpoint.words import count

Figure: TypeAlias = "float | date | None"
HEADS = (
    ("Figure", 60),
    ("Unit", 14),
    ("Mean", 16),
    ("10 % lie below", 16),
    ("Median", 16),
    ("90 % lie below", 16),
    ("Probability", 14),
)
TOP = 4


@dataclass(frozen=True)
class Quantiles:
    """One figure over all draws; None where it is unknown or not reached within the horizon.

    Args:
        figure: what it is, such as "own-8b: net present value of the saving".
        unit: in words, such as "$" or "date".
        mean: mean over the draws.
        p10: a tenth of the draws lie below it.
        p50: half of them do.
        p90: nine tenths do.
        probability: share of the draws in which it is reached, or above 0.
    """

    figure: str
    unit: str
    mean: Figure = None
    p10: Figure = None
    p50: Figure = None
    p90: Figure = None
    probability: float | None = None


@dataclass(frozen=True)
class Simulated:
    """What a Monte Carlo simulation of the scenario came to."""

    seed: int
    draws: int
    rows: tuple[Quantiles, ...]


def write_simulated(sheet: Worksheet, look: Look, simulated: Simulated) -> None:
    """Write the sheet; nothing on it is live."""
    sheet.write_string(0, 0, "Simulated quantiles", look.of(Kind.TITLE))
    note = f"Values of {count(simulated.draws)} draws with seed {simulated.seed}; they do not follow the inputs."
    sheet.write_string(1, 0, note, look.of(Kind.NOTE))
    for place, (head, width) in enumerate(HEADS):
        sheet.write_string(TOP - 1, place, head, look.of(Kind.HEAD, align="left" if place < 2 else "right"))
        sheet.set_column(place, place, width)
    for row, each in enumerate(simulated.rows, TOP):
        sheet.write_string(row, 0, each.figure, look.of(Kind.TEXT))
        sheet.write_string(row, 1, each.unit, look.of(Kind.TEXT))
        for place, figure in enumerate((each.mean, each.p10, each.p50, each.p90), 2):
            _write(sheet, look, row, place, figure)
        if each.probability is not None:
            sheet.write_number(row, 6, each.probability, look.of(Kind.SETTLED, "0%"))
    sheet.freeze_panes(TOP, 1)
    page(sheet)


def _write(sheet: Worksheet, look: Look, row: int, place: int, figure: Figure) -> None:
    if figure is None:
        sheet.write_string(row, place, "–", look.of(Kind.SETTLED, align="right"))
    elif isinstance(figure, date):
        sheet.write_number(row, place, serial(figure), look.of(Kind.SETTLED, DATE))
    else:
        sheet.write_number(row, place, figure, look.of(Kind.SETTLED, USD))
