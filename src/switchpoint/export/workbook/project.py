"""What a project spends, as formulas of its dates."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from switchpoint.export.words import short
from switchpoint.export.workbook.book import Book
from switchpoint.export.workbook.dates import Dates
from switchpoint.export.workbook.grid import Column, Grid
from switchpoint.export.workbook.inputs import About
from switchpoint.export.workbook.look import COUNT, FACTOR
from switchpoint.export.workbook.stay import Stay
from switchpoint.export.workbook.term import Range, Term, both, either, where
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
    team = Team(book, date, settled, project, days)
    rate = inputs.field(*project, "usd_per_engineer_month") * inputs.months_per_year / inputs.days_per_year
    engineers = grid.add("Engineers", "$/day", grid.add("Engineers paid", "people", team.paid(), FACTOR) * rate)
    price = _iteration(book, settled, project)
    due = _count(date, dates.iterations) + _count(date, dates.retrainings)
    training = grid.add("Trainings", "$/day", due * price)
    sums = where(date.equals(days[settled.pay.one_off_on]), inputs.field(*project, "usd_one_off"), 0)
    sums = sums + where(date.equals(days["hardening"]), inputs.field(*project, "usd_hardening"), 0)
    if settled.pay.fee_per_hire:
        fees = team.hired * inputs.field(*project, "usd_per_hire")
        sums = sums + where(date.equals(days["joined"]), fees, 0)
    return Spend(labels, engineers, training, grid.add("One-off", "$/day", sums), price)


@dataclass(frozen=True)
class Team:
    """Who is paid by a project on each day, in people."""

    book: Book
    date: Column
    settled: Settled
    project: Path
    days: dict[str, Term]

    def field(self, name: str) -> Term:
        """A number of the project on the sheet of inputs."""
        return self.book.inputs.field(*self.project, name)

    @property
    def in_house(self) -> Term:
        """Engineers who are there already; all where the scenario states no other number."""
        stated = self.settled.spec.project.engineers_in_house is not None
        return self.field("engineers_in_house" if stated else "engineers")

    @property
    def hired(self) -> Term:
        """Engineers who have to be found."""
        return self.field("engineers") - self.in_house

    def within(self, first: str, end: str) -> Term:
        """Whether a day lies between two milestones, the second left out."""
        return both(self.date >= self.days[first], self.date < self.days[end])

    def paid(self) -> Term:
        """All who are paid: hired ones from the day on which they are found."""
        people = self._in_house_paid()
        if self.settled.spec.project.engineers_in_house is None:
            return people
        return people + where(self.within("joined", "finished"), self.hired, 0)

    def _in_house_paid(self) -> Term:
        """In full while they learn and from the first training on, a share while labels and people are gathered."""
        pay = self.settled.pay
        at_work = self.within(pay.whole_from, "finished")
        if pay.whole_from != "start":
            at_work = either(self.within("start", "learnt"), at_work)
        if not pay.share_before:
            return where(at_work, self.in_house, 0)
        labelling = both(self.date >= self.days["label"], self.date <= self.days["complete"])
        gathering = either(labelling, self.within("recruit", "joined"))
        share = where(gathering, self.in_house * self.field("preparing_share"), 0)
        return where(at_work, self.in_house, share)


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
