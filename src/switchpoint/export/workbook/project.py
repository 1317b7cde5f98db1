"""What a project spends, as formulas of its dates."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from switchpoint.export.words import short
from switchpoint.export.workbook.book import Book
from switchpoint.export.workbook.dates import Dates
from switchpoint.export.workbook.grid import Column, Grid
from switchpoint.export.workbook.inputs import About
from switchpoint.export.workbook.look import COUNT
from switchpoint.export.workbook.stay import Stay
from switchpoint.export.workbook.term import Range, Term, both, where
from switchpoint.scenario.errors import Path, dotted
from switchpoint.settled import Settled


@dataclass(frozen=True)
class Spend:
    """Dollars a day of a project; `iteration` is the price of one training."""

    labels: Column
    engineers: Column
    training: Column
    one_off: Column
    iteration: Term

    @property
    def columns(self) -> tuple[Column, ...]:
        """All of it."""
        return self.labels, self.engineers, self.training, self.one_off


def project_spend(grid: Grid, book: Book, stay: Stay, settled: Settled, path: Path, dates: Dates) -> Spend:
    """Labels as they are made, engineers by the day, trainings and one-off sums when they fall due."""
    inputs, date, days = book.inputs, stay.days.date, dates.days
    project = (*path, "project")
    examples = grid.settled("Examples labelled", "examples/day, simulated", settled.examples, COUNT)
    labels = grid.add("Labels", "$/day", examples * inputs.field(*project, "usd_per_example"))
    rate = inputs.field(*project, "usd_per_engineer_month") * inputs.months_per_year / inputs.days_per_year
    everyone = inputs.field(*project, "engineers")
    in_house = everyone
    if settled.spec.project.engineers_in_house is not None:
        in_house = inputs.field(*project, "engineers_in_house")
    at_work = both(date >= days["start"], date < days["finished"])
    paid = where(at_work, in_house * rate, 0)
    if settled.spec.project.engineers_in_house is not None:
        joined = both(date >= days["joined"], date < days["finished"])
        paid = paid + where(joined, (everyone - in_house) * rate, 0)
    engineers = grid.add("Engineers", "$/day", paid)
    price = _iteration(book, settled, project)
    due = _count(date, dates.iterations) + _count(date, dates.retrainings)
    training = grid.add("Trainings", "$/day", due * price)
    sums = where(date.equals(days["start"]), inputs.field(*project, "usd_one_off"), 0)
    sums = sums + where(date.equals(days["hardening"]), inputs.field(*project, "usd_hardening"), 0)
    return Spend(labels, engineers, training, grid.add("One-off", "$/day", sums), price)


def _iteration(book: Book, settled: Settled, project: Path) -> Term:
    """The price of a training: stated, or what the simulation computed from tokens and GPUs."""
    inputs = book.inputs
    if settled.spec.project.training is None:
        return inputs.field(*project, "usd_per_iteration")
    about = About(
        f"{short(settled.name)}: price of a training",
        "$",
        "computed by the simulation from project.training",
        field=dotted((*project, "training")),
    )
    return inputs.number(inputs.name_of((*project, "usd_per_iteration_computed")), settled.usd_per_iteration, about)


def _count(date: Column, listed: Range) -> Term:
    """How many of the listed days fall on a date."""
    found = (np.asarray(listed.value)[None, :] == date.values[:, None]).sum(axis=1)
    return Term(f"COUNTIF({listed.text},{date.text})", found)
