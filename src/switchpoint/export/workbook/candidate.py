"""One candidate's days as formulas: who carries what, what serving and the project cost, and what it saves."""

from __future__ import annotations

from dataclasses import dataclass

from switchpoint.export.words import short
from switchpoint.export.workbook.book import Book
from switchpoint.export.workbook.dates import Dates
from switchpoint.export.workbook.grid import Column, Grid
from switchpoint.export.workbook.look import COUNT, DATE, FACTOR
from switchpoint.export.workbook.project import Spend, project_spend
from switchpoint.export.workbook.purchases import Purchases
from switchpoint.export.workbook.serving import Serving, ServingSheet, Shares, serve
from switchpoint.export.workbook.stay import Stay
from switchpoint.export.workbook.term import Term, added, both, either, largest, smallest, where
from switchpoint.scenario.errors import Path
from switchpoint.settled import Settled


@dataclass(frozen=True)
class Parts:
    """A candidate's dollars a day, by what they are for."""

    settled: Settled
    dates: Dates
    grid: Grid
    answered: Column
    current: Column
    serving: Column
    purchases: Purchases | None
    quality: Column
    upkeep: Column
    project: Column
    spend: Spend
    total: Column
    saving: Column
    present: Column
    paid_back: Column
    can: Column | None
    replicas: Column | None
    """Most replicas of each day."""

    @property
    def parts(self) -> dict[str, Column]:
        """What adds up to the total."""
        capital = (
            {} if self.purchases is None else {"Purchases": self.purchases.spent, "End credit": self.purchases.credit}
        )
        return {
            "Current route": self.current,
            "Serving": self.serving,
            **capital,
            "Quality": self.quality,
            "Upkeep": self.upkeep,
            "Project": self.project,
        }


@dataclass(frozen=True)
class CandidateSheet:
    """Writes the days of one candidate."""

    grid: Grid
    book: Book
    stay: Stay
    settled: Settled
    dates: Dates

    @property
    def path(self) -> Path:
        """The candidate's place in the scenario."""
        return ("candidates", self.settled.name)

    def field(self, *names: str) -> Term:
        """A number of the candidate on the sheet of inputs."""
        return self.book.inputs.field(*self.path, *names)

    def write(self) -> Parts:
        """All columns, from left to right."""
        grid, stay = self.grid, self.stay
        grid.add("Date", "", stay.days.date, DATE)
        shares = self.shares()
        serving = serve(ServingSheet(grid, self.book, stay, self.settled), shares)
        asked = grid.add("Answered", "share", _able(shares.moved, serving), FACTOR)
        bill = stay.current_bill(grid, 1 - asked, short(self.settled.name))
        rest = () if serving.overflow is None else (serving.overflow,)
        current = grid.add("Current route", "$/day", added((bill, *stay.moving(grid, 1 - asked), *rest)))
        answered = asked if serving.part is None else grid.add("Answered by it", "share", asked * serving.part, FACTOR)
        whole = grid.add("Serving", "$/day", self.serving(serving, shares))
        worse = self.field("quality_usd_per_1000_requests") / self.book.inputs.per_thousand
        quality = grid.add("Quality", "$/day", stay.usage.requests * answered * worse)
        upkeep = grid.add("Upkeep", "$/day", self.upkeep())
        spend = project_spend(grid, self.book, stay, self.settled, self.path, self.dates)
        project = grid.add("Project", "$/day", added(spend.columns))
        bought = serving.purchases
        capital = () if bought is None else (bought.spent, bought.credit)
        total = grid.add("Total", "$/day", added((current, whole, quality, upkeep, project, *capital)))
        saving = grid.add("Saving against staying", "$/day", stay.cost - total)
        present = grid.add("Present value of the saving", "$", saving * stay.discount)
        back = self.paid_back(saving, bought)
        return Parts(
            self.settled, self.dates, grid, answered, current, whole, bought, quality, upkeep, project, spend, total,
            saving, present, back, serving.can, serving.replicas,
        )  # fmt: skip

    def serving(self, serving: Serving, shares: Shares) -> Term:
        """All that serving costs, capital left out: what the carrier asks, and guardrails on every request served."""
        each = self.field("usd_per_1000_requests") / self.book.inputs.per_thousand
        served = _able(shares.served, serving)
        extras = self.stay.usage.requests * (served if serving.part is None else served * serving.part) * each
        return added((*serving.cost, self.grid.add("Guardrails and logging", "$/day", extras)))

    def shares(self) -> Shares:
        """In shadow it serves what it will answer; on ramp day k of K it answers (k + 0.5)/K of its coverage."""
        grid, days, date = self.grid, self.dates.days, self.stay.days.date
        coverage = self.field("coverage")
        live = grid.add("Runs", "1 yes, 0 no", where(date >= days["shadow"], 1, 0), COUNT)
        ramped = (date - days["ramp"] + self.book.inputs.noon) / largest(days["cutover"] - days["ramp"], 1)
        part = where(date >= days["cutover"], 1, smallest(largest(ramped, 0), 1))
        moved = grid.add("Traffic moved", "share", part * coverage, FACTOR)
        in_shadow = both(live.equals(1), date < days["ramp"])
        return Shares(live, moved, grid.add("Served", "share", where(in_shadow, coverage, moved), FACTOR))

    def upkeep(self) -> Term:
        """Engineers and all else that keeps it alive, from cutover on."""
        inputs = self.book.inputs
        people = self.field("upkeep", "engineers") * self.field("project", "usd_per_engineer_month")
        a_day = (people + self.field("upkeep", "usd_per_month")) * inputs.months_per_year / inputs.days_per_year
        return where(self.stay.days.date >= self.dates.days["cutover"], a_day, 0)

    def paid_back(self, saving: Column, bought: Purchases | None) -> Column:
        """1 from break-even on: what was spent beyond staying is back for good, or it saves without ever being behind.

        Capital falls at the start of its day; the credit of the last day does not count.
        """
        grid, stay, days = self.grid, self.stay, self.dates.days
        counts = stay.days.date >= self._first_spending()
        extra = grid.add("Spent beyond staying", "$/day", where(counts, _without_credit(-saving, bought), 0))
        so_far = grid.total("Spent beyond staying so far", "$", extra)
        least = self.book.inputs.tolerance * stay.cost
        slack = grid.total("Differences up to this count as none", "$", where(counts, least, 0), "0.0000")
        morning = so_far - extra if bought is None else so_far - extra + bought.spent
        above = grid.add("Behind staying", "1 yes, 0 no", where(largest(morning, so_far) > slack, 1, 0), COUNT)
        ever = grid.parameter(1, "Days behind staying", above.range.total, grid.next, COUNT)
        behind = grid.total("Days behind staying so far", "days", above, COUNT)
        saves = both(ever.equals(0), extra < -least)
        back = either(both(both(ever > 0, behind.equals(ever)), so_far <= slack), saves)
        begun = stay.days.date >= days["begun"]
        return grid.add("Paid back", "1 yes, 0 no", where(both(begun, back), 1, 0), COUNT)

    def _first_spending(self) -> Term:
        """First day on which anything may be spent, at the head of the next column."""
        days = self.dates.days
        first = smallest(days["start"], smallest(days["label"], days["recruit"]))
        return self.grid.parameter(1, "Counted from", first, self.grid.next, DATE)


def _without_credit(extra: Term, bought: Purchases | None) -> Term:
    """What is spent beyond staying, the credit of the last day left out."""
    return extra if bought is None else extra - bought.credit


def _able(share: Column, serving: Serving) -> Term:
    """A share of the requests, none once the candidate cannot carry its own."""
    return share if serving.can is None else share * serving.can
