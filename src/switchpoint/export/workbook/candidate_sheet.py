"""Candidate, project, dates."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from xlsxwriter.utility import xl_col_to_name
from xlsxwriter.worksheet import Worksheet

from switchpoint.decision.workbook_figures import MILESTONES, WorkbookFigures
from switchpoint.export.workbook.candidate_columns import Dates, Parts, Purchases, Spend
from switchpoint.export.workbook.formula import (
    SUM,
    CellRange,
    Column,
    Grid,
    Term,
    both,
    either,
    largest,
    smallest,
    sum_of,
    where,
)
from switchpoint.export.workbook.inputs_sheet import LAST_SERIAL, About, Book, date_serial
from switchpoint.export.workbook.serving_sheet import Serving, ServingSheet, ShareFormulas, serve
from switchpoint.export.workbook.stay_sheet import StaySheet
from switchpoint.export.workbook.styles import COUNT, DATE, FACTOR, LINE, USD, CellKind, lines, page
from switchpoint.horizon import YEAR_DAYS
from switchpoint.review.pages import short
from switchpoint.scenario.errors import Keys, dotted_path

TOP = 5
WIDTH = 18
SMALL_RATE = 0.001
"""A daily rate to begin with where none was found."""
NOTE = "Hiring, labelling and evaluations decide them in the simulation. Where a change would move them, run it anew."


def write_dates(sheet: Worksheet, book: Book, candidates: Sequence[WorkbookFigures]) -> list[Dates]:
    """Write the sheet; the dates of each candidate."""
    look = book.look
    sheet.write_string(0, 0, "Dates of the simulation", look.of(CellKind.TITLE))
    sheet.write_string(1, 0, NOTE, look.of(CellKind.NOTE))
    sheet.set_column(0, 0, 40)
    sheet.write_string(TOP - 1, 0, "Day on which the …", look.of(CellKind.HEAD))
    sheet.set_row(TOP - 1, LINE * lines((short(each.name), WIDTH - 3) for each in candidates) + 2)
    for row, meaning in enumerate(MILESTONES.values(), TOP):
        sheet.write_string(row, 0, meaning, look.of(CellKind.TEXT))
    found = [_column(sheet, book, place, each) for place, each in enumerate(candidates, 1)]
    sheet.freeze_panes(TOP, 1)
    page(sheet)
    return found


def _column(sheet: Worksheet, book: Book, place: int, settled: WorkbookFigures) -> Dates:
    look, clock = book.look, book.clock
    sheet.set_column(place, place, WIDTH)
    sheet.write_string(TOP - 1, place, short(settled.name), look.of(CellKind.HEAD, align="right"))
    days = {}
    for row, name in enumerate(MILESTONES, TOP):
        value = date_serial(clock, settled.days[name])
        sheet.write_number(row, place, value, look.of(CellKind.SETTLED, DATE))
        days[name] = Term(
            book.inputs.define(f"{book.inputs.prefix[settled.name]}_{name}", sheet, row, row, place), value
        )
    top = TOP + len(MILESTONES) + 1
    iterations = _list(sheet, book, place, top, "Trainings of the project", settled.iterations)
    below = top + 2 + max(len(each.iterations) for each in book.result.workbook_figures)
    return Dates(days, iterations, _list(sheet, book, place, below, "Retrainings", settled.retrainings))


def _list(sheet: Worksheet, book: Book, place: int, top: int, label: str, days: Sequence[int]) -> CellRange:
    """Days below each other; one that is never reached where there are none."""
    sheet.write_string(top, 0, label, book.look.of(CellKind.TEXT))
    values = [date_serial(book.clock, day) for day in days] or [float(LAST_SERIAL)]
    sheet.write_column(top, place, values, book.look.of(CellKind.SETTLED, DATE))
    letters = xl_col_to_name(place)
    return CellRange(f"'{sheet.get_name()}'!${letters}${top + 1}:${letters}${top + len(values)}", np.array(values))


def project_spend(grid: Grid, book: Book, stay: StaySheet, settled: WorkbookFigures, path: Keys, dates: Dates) -> Spend:
    """Labels as they are made, engineers by the day, trainings and one-off sums when they fall due."""
    inputs, date, days = book.inputs, stay.days.date, dates.days
    project = (*path, "project")
    examples = grid.add_values("Examples labelled", "examples/day, simulated", settled.examples, COUNT)
    labels = grid.add("Labels", "$/day", examples * inputs.field(*project, "usd_per_example"))
    team = Team(book, date, settled, project, days)
    rate = inputs.field(*project, "usd_per_engineer_month") * inputs.months_per_year / inputs.days_per_year
    engineers = grid.add("Engineers", "$/day", team.paid() * rate)
    price = _iteration(book, settled, project)
    due = _count(date, dates.iterations) + _count(date, dates.retrainings)
    training = grid.add("Trainings", "$/day", due * price)
    sums = where(date.equals(days[settled.pay.one_off_on]), inputs.field(*project, "usd_one_off"), 0)
    sums = sums + where(date.equals(days["hardening"]), inputs.field(*project, "usd_hardening"), 0)
    if settled.pay.fee_per_hire:
        fees = team.new_hires * inputs.field(*project, "usd_per_hire")
        sums = sums + where(date.equals(days["joined"]), fees, 0)
    return Spend(labels, engineers, training, grid.add("One-off", "$/day", sums), price)


@dataclass(frozen=True)
class Team:
    """Who is paid by a project on each day, in people."""

    book: Book
    date: Column
    settled: WorkbookFigures
    project: Keys
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
    def new_hires(self) -> Term:
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
        return people + where(self.within("joined", "finished"), self.new_hires, 0)

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


def _iteration(book: Book, settled: WorkbookFigures, project: Keys) -> Term:
    """The price of a training: stated, or what the simulation computed from tokens and GPUs."""
    inputs = book.inputs
    if settled.spec.project.training is None:
        return inputs.field(*project, "usd_per_iteration")
    about = About(
        f"{short(settled.name)}: price of a training",
        "$",
        "computed by the simulation from project.training",
        field=dotted_path((*project, "training")),
    )
    return inputs.number(inputs.name_of((*project, "usd_per_iteration_computed")), settled.usd_per_iteration, about)


def _count(date: Column, listed: CellRange) -> Term:
    """How many of the listed days fall on a date."""
    found = (np.asarray(listed.value)[None, :] == date.values[:, None]).sum(axis=1)
    return Term(f"COUNTIF({listed.text},{date.text})", found)


@dataclass(frozen=True)
class CandidateSheet:
    """Writes the days of one candidate."""

    grid: Grid
    book: Book
    stay: StaySheet
    settled: WorkbookFigures
    dates: Dates

    @property
    def path(self) -> Keys:
        """The candidate's place in the scenario."""
        return ("candidates", self.settled.name)

    def field(self, *names: str) -> Term:
        """A number of the candidate on the sheet of inputs."""
        return self.book.inputs.field(*self.path, *names)

    def write(self) -> Parts:
        """All columns, from left to right."""
        grid, stay = self.grid, self.stay
        grid.add_values("Date", "", stay.days.date.values, DATE, CellKind.FORMULA)
        shares = self.shares()
        serving = serve(ServingSheet(grid, self.book, stay, self.settled), shares)
        asked = grid.add("Answered", "share", _able(shares.moved, serving), FACTOR)
        bill = self.current_bill(asked)
        rest = () if serving.overflow is None else (serving.overflow,)
        left, moved = stay.moving(grid, 1 - asked), () if serving.moving is None else (serving.moving,)
        current = grid.add("Current route", "$/day", sum_of((bill, *left, *rest)))
        answered = asked if serving.part is None else grid.add("Answered by it", "share", asked * serving.part, FACTOR)
        whole = grid.add("Serving", "$/day", self.serving(serving, shares))
        worse = self.field("quality_usd_per_1000_requests") / self.book.inputs.per_thousand
        quality = grid.add("Quality", "$/day", stay.usage.requests * answered * worse)
        upkeep = grid.add("Upkeep", "$/day", self.upkeep())
        spend = project_spend(grid, self.book, stay, self.settled, self.path, self.dates)
        project = grid.add("Project", "$/day", sum_of(spend.columns))
        bought = serving.purchases
        capital = () if bought is None else (bought.spent, bought.credit)
        total = grid.add("Total", "$/day", sum_of((current, whole, quality, upkeep, project, *capital)))
        saving = grid.add("Saving against staying", "$/day", stay.cost - total)
        present = grid.add("Present value of the saving", "$", saving * stay.discount)
        gains = self.gains(saving, bought)
        cash = grid.total("Cash so far against staying", "$", sum_of(gains))
        back = self.paid_back(gains, bought, self._first_spending(project))
        return Parts(
            self.settled, self.dates, grid, answered, current, whole, bought, quality, upkeep, project, spend, total,
            saving, present, cash, self.guess(), back, serving.can, serving.replicas, moved, left,
        )  # fmt: skip

    def current_bill(self, asked: Column) -> Term:
        """The current route for what is left on it: formulas, or what the simulation says."""
        simulated = self.settled.current
        if simulated is None:
            return self.stay.current_bill(self.grid, 1 - asked, short(self.settled.name))
        return self.grid.add_values("Current route, simulated", "$/day", simulated.usd, USD)

    def serving(self, serving: Serving, shares: ShareFormulas) -> Term:
        """All that serving costs, capital left out: what the carrier asks, and guardrails on every request served."""
        each = self.field("usd_per_1000_requests") / self.book.inputs.per_thousand
        served = _able(shares.served, serving)
        extras = self.stay.usage.requests * (served if serving.part is None else served * serving.part) * each
        return sum_of((*serving.cost, extras))

    def shares(self) -> ShareFormulas:
        """In shadow it serves what it will answer; on ramp day k of K it answers (k + 0.5)/K of its coverage."""
        grid, days, date = self.grid, self.dates.days, self.stay.days.date
        coverage = self.field("coverage")
        live = grid.add("Runs", "1 yes, 0 no", where(date >= days["shadow"], 1, 0), COUNT)
        ramped = (date - days["ramp"] + self.book.inputs.noon) / largest(days["cutover"] - days["ramp"], 1)
        part = where(date >= days["cutover"], 1, smallest(largest(ramped, 0), 1))
        moved = grid.add("Traffic moved", "share", part * coverage, FACTOR)
        in_shadow = both(live.equals(1), date < days["ramp"])
        return ShareFormulas(live, moved, grid.add("Served", "share", where(in_shadow, coverage, moved), FACTOR))

    def guess(self) -> Term:
        """The daily rate of return as simulated, or a small one: where a spreadsheet begins to look for its own."""
        inputs, name = self.book.inputs, self.settled.name
        rate, _ = self.book.result.case.outlook(name).course.internal_rate
        daily = SMALL_RATE if rate is None else (1 + rate) ** (1 / YEAR_DAYS) - 1
        about = About(f"{short(name)}: where the rate of return is looked for", "share/day", "simulated")
        return inputs.number(f"{inputs.prefix[name]}_return_guess", daily, about, CellKind.SETTLED)

    def upkeep(self) -> Term:
        """Engineers and all else that keeps it alive, from cutover on."""
        inputs = self.book.inputs
        people = self.field("upkeep", "engineers") * self.field("project", "usd_per_engineer_month")
        a_day = (people + self.field("upkeep", "usd_per_month")) * inputs.months_per_year / inputs.days_per_year
        return where(self.stay.days.date >= self.dates.days["cutover"], a_day, 0)

    def gains(self, saving: Column, bought: Purchases | None) -> list[Column]:
        """What adds up to the saving of each day, what GPUs are worth on the last one left out."""
        gains, simulated = [saving] if bought is None else [saving, bought.credit], self.settled.current
        if simulated is not None and simulated.credit_beyond.any():
            label = "Current GPUs: credit beyond staying"
            gains.append(self.grid.add_values(label, "$/day", simulated.credit_beyond, USD))
        return gains

    def paid_back(self, gains: Sequence[Column], bought: Purchases | None, since: Term) -> Term:
        """The day of break-even: what was spent beyond staying is back for good, or it saves without ever being behind.

        It is counted from `since` on. Capital falls at the start of its day; the credit of the last day does not count.
        """
        grid, stay, inputs = self.grid, self.stay, self.book.inputs
        counts = stay.days.date >= since
        simulated = self.settled.current
        extra = where(counts, -sum_of(gains), 0)
        so_far = grid.total("Spent beyond staying so far", "$", extra)
        least = inputs.tolerance * stay.cost
        slack = grid.total("Differences up to this count as none", "$", where(counts, least, 0), "0.0000")
        morning = so_far - extra if bought is None else so_far - extra + bought.spent
        if simulated is not None:
            label = "Current GPUs: bought beyond staying"
            bought_beyond = grid.add_values(label, "$/day", simulated.capital_beyond, USD)
            morning = morning + where(counts, bought_beyond, 0)
        behind = grid.add("Behind staying", "1 yes, 0 no", where(largest(morning, so_far) > slack, 1, 0), COUNT)
        last = self._last_behind(behind)
        return where(last > 0, self._back_after(last, so_far, slack), self._first_saving(gains, stay.cost))

    def _last_behind(self, behind: Column) -> Term:
        """Number of the last day behind staying, counted from 1, at the head of the next column; 0 for none."""
        days = self.stay.days.day
        text = f"SUMPRODUCT(MAX({behind.range.text}*({days.range.text}+1)))"
        found = Term(text, float(np.max(behind.values * (days.values + 1))))
        return self.grid.parameter(0, "Last day behind staying", found, self.grid.next, COUNT)

    def _back_after(self, last: Term, so_far: Column, slack: Column) -> Term:
        """That day where all is back at its end, else the day after it; far off where that is beyond the horizon."""
        place, never = largest(last, 1), self.book.inputs.never
        dates, begun = self.stay.days.date.range, self.dates.days["begun"]
        back = so_far.range.pick(place) <= slack.range.pick(place)
        after = where(last > self.stay.days.day.cell(self.grid.rows - 1), never, dates.pick(place) + 1)
        return where(back, largest(dates.pick(place), begun), after)

    def _first_saving(self, gains: Sequence[Column], stay: Column) -> Term:
        """The first day, from the project's start on, on which it saves; far off where there is none.

        `gains` add up to what is saved, the credits of the last day left out.
        """
        inputs, begun, date = self.book.inputs, self.dates.days["begun"], self.stay.days.date
        gain = "+".join(each.range.text for each in gains)
        saves = f"({date.range.text}>={begun.text})*(({gain})>{inputs.tolerance.text}*{stay.range.text})"
        text = f"{inputs.never.text}-SUMPRODUCT(MAX({saves}*({inputs.never.text}-{date.range.text})))"
        total = np.sum([each.values for each in gains], axis=0)
        found = date.values[(date.values >= begun.number) & (total > inputs.tolerance.number * stay.values)]
        return Term(text, float(found[0]) if found.size else inputs.never.number, SUM)

    def _first_spending(self, project: Column) -> Term:
        """First day on which the project spends anything, at the latest its start, at the head of the next column."""
        date, never = self.stay.days.date, self.book.inputs.never
        text = f"{never.text}-SUMPRODUCT(MAX(({project.range.text}>0)*({never.text}-{date.range.text})))"
        found = date.values[project.values > 0]
        spent = Term(text, float(found[0]) if found.size else never.number, SUM)
        return self.grid.parameter(1, "Counted from", smallest(self.dates.days["begun"], spent), self.grid.next, DATE)


def _able(share: Column, serving: Serving) -> Term:
    """A share of the requests, none once the candidate cannot carry its own."""
    return share if serving.can is None else share * serving.can
