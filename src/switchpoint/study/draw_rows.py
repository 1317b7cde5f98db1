"""All draws as a table: one row a world, with its inputs, its dates, and what each candidate saves in it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import TypeAlias

from switchpoint.horizon import Horizon, Ints
from switchpoint.study.draw_results import CandidateFindings, DrawFindings
from switchpoint.study.draw_survey import ADVISED
from switchpoint.study.draws import Days

DrawColumns: TypeAlias = "dict[str, Sequence[float | int | date | None]]"
"""Columns by name, of one length."""
DateColumns: TypeAlias = "dict[str, list[str | float | date | None]]"


def draw_columns(findings: DrawFindings) -> DrawColumns:
    """One row a draw, from 0: its inputs by path, when limit and warning come, and each candidate started as advised.

    Dates are None where they are not reached within the horizon. `NAME_start_by` is the day that one would have named
    in that draw, had one known it; all else of a candidate is of the advised start, `NAME_start`. Dollars saved are
    net present values.
    """
    clock, inputs = findings.clock, findings.worlds.inputs.all
    values = findings.worlds.values(findings.draws)
    columns: DrawColumns = {"draw": list(range(findings.draws))}
    columns |= {each.name: values[:, place].tolist() for place, each in enumerate(inputs)}
    columns |= {"threat": dates_of(findings.survey.threat, clock), "warning": dates_of(findings.survey.warning, clock)}
    columns |= {"stay_present_usd": findings.survey.present_stay.tolist()}
    for name, found in findings.candidates.items():
        columns |= {f"{name}_{column}": each for column, each in _of_candidate(found, clock).items()}
    return columns


def _of_candidate(found: CandidateFindings, clock: Horizon) -> DrawColumns:
    came = found.followed_starts
    return {
        "start_by": dates_of(found.weighed.start_by_each, clock),
        "start": dates_of(came.start[:, ADVISED], clock),
        "cutover": dates_of(came.cutover[:, ADVISED], clock),
        "break_even": dates_of(came.break_even[:, ADVISED], clock),
        "one_off_usd": came.one_off[:, ADVISED].tolist(),
        "npv_saving_usd": came.saving[:, ADVISED].tolist(),
    }


def dates_of(days: Ints, clock: Horizon) -> list[date | None]:
    """Day numbers as dates, None beyond the horizon; before day 0 they count as that many days before the start."""
    return [clock.date_or_none(day) for day in days.tolist()]


QUANTILES = ("event", "p10", "p50", "p90", "probability")


def date_columns(findings: DrawFindings) -> DateColumns:
    """A row a date, by column: when 10, 50 and 90 % of the draws have come to it, and how many ever do."""
    told: dict[str, Days] = {}
    if findings.limited:
        told |= {"limit reached": findings.threat, "warning": findings.warning}
    for name, found in findings.candidates.items():
        told[f"{name}: start by, as seen afterwards"] = found.start_by
        told[f"{name}: live"] = found.cutover(ADVISED)
        told[f"{name}: paid back"] = found.break_even(ADVISED)
    rows = [
        (event, *map(findings.clock.date_or_none, (days.p10, days.p50, days.p90)), days.probability)
        for event, days in told.items()
    ]
    return {name: [row[place] for row in rows] for place, name in enumerate(QUANTILES)}
