"""What the sheet of a candidate hands to others: its dates, and its columns by what they are for."""

from __future__ import annotations

from dataclasses import dataclass

from switchpoint.decision.workbook_figures import WorkbookFigures
from switchpoint.export.workbook.formula import CellRange, Column, Grid, Term


@dataclass(frozen=True)
class Purchases:
    """Dollars a day of purchases and replacements, and of the credit on the last day, which is negative."""

    spent: Column
    credit: Column
    next_age: Term
    """Age in days of the first replacement that has no column."""


@dataclass(frozen=True)
class Dates:
    """The dates of one project, as terms, and the days of its trainings."""

    days: dict[str, Term]
    iterations: CellRange
    retrainings: CellRange


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


@dataclass(frozen=True)
class Parts:
    """A candidate's dollars a day, by what they are for."""

    settled: WorkbookFigures
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
    cash: Column
    """Saved so far, what bought GPUs are worth on the last day left out."""
    guess: Term
    """A daily rate near which the return is looked for."""
    paid_back: Term
    """Date of the break-even, far off where there is none."""
    can: Column | None
    replicas: Column | None
    """Most replicas of each day."""
    moving: tuple[Column, ...]
    """What moving to the successor of its own retired model costs, within `serving`; empty without one."""
    moving_current: tuple[Column, ...]
    """What it costs for what is left on the current route, within `current`."""

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
