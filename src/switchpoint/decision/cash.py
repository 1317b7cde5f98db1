"""Cash by month, quarter and fiscal year, and the steps from the stay bill to the saving.

One computation for tables, charts and the workbook. It adds up the days of one started candidate, so its sums are the
totals that are told elsewhere: `total_usd`, `end_credit_usd`, and, in present value, `npv_saving_usd`.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from typing import Literal

import numpy as np

from switchpoint.decision.candidate_result import CandidateResult
from switchpoint.decision.started_candidate import StartedCandidate
from switchpoint.horizon import Floats, Horizon, Ints, add_months
from switchpoint.simulation.ledger import Component, Entries
from switchpoint.simulation.ledger import total as total_of

Length = Literal["month", "quarter", "year"]
"""How long a period is: a calendar month, or three or twelve of them counted from the start of the fiscal year."""


@dataclass(frozen=True)
class Periods:
    """Spans of whole calendar months that cover a horizon; the first and the last may lie partly in it.

    Args:
        names: such as "March 2027", "Q4 FY 2026/27" and "FY 2026/27"; fiscal years that are calendar years are "2027".
        starts: first day of each within the horizon, shape (periods,).
        days: of the horizon.
    """

    names: tuple[str, ...]
    starts: Ints
    days: int

    def sums(self, daily: Floats) -> Floats:
        """Sums over each period of an amount a day; shape (periods,)."""
        sums: Floats = np.add.reduceat(np.broadcast_to(daily, (self.days,)), self.starts)
        return sums


def fiscal_periods(clock: Horizon, length: Length, fiscal_year_starts: int = 1) -> Periods:
    """The months, fiscal quarters or fiscal years of a horizon.

    Args:
        clock: the horizon.
        length: of a period.
        fiscal_year_starts: calendar month with which fiscal years begin, 1 to 12.
    """
    names, starts = list[str](), list[int]()
    for month, first in zip(clock.months, clock.month_starts.tolist(), strict=True):
        name = _name(month, length, fiscal_year_starts)
        if not names or names[-1] != name:
            names.append(name)
            starts.append(first)
    return Periods(tuple(names), np.array(starts), clock.days)


def _name(month: date, length: Length, begins: int) -> str:
    """The period that a calendar month lies in.

    >>> _name(date(2027, 3, 1), "quarter", 4), _name(date(2027, 4, 1), "year", 4), _name(date(2027, 4, 1), "quarter", 1)
    ('Q4 FY 2026/27', 'FY 2027/28', 'Q2 2027')
    """
    if length == "month":
        return f"{month:%B %Y}"
    first = month.year - (month.month < begins)
    year = f"{first}" if begins == 1 else f"FY {first}/{(first + 1) % 100:02d}"
    return year if length == "year" else f"Q{(month.month - begins) % 12 // 3 + 1} {year}"


@dataclass(frozen=True)
class CashView:
    """Dollars by period of one started candidate against staying; arrays of shape (periods,).

    Amounts are undiscounted but for `present`. The value of bought GPUs on the last day is no cash: it stands apart.
    """

    periods: Periods
    stay: Floats
    """What staying costs."""
    capex: Floats
    """GPUs bought, less what those that are replaced are sold for."""
    opex: Floats
    """All else on the way to the candidate and with it, the price of its quality and what stays behind included."""
    credit: Floats
    """What bought GPUs are worth on the last day, beyond those of staying."""
    present: Floats
    """Present value of stay - capex - opex + credit; its sum is the net present value of the saving."""

    @property
    def net(self) -> Floats:
        """What staying costs more: stay - capex - opex, the credit left out."""
        return self.stay - self.capex - self.opex

    @property
    def cumulative(self) -> Floats:
        """The same from the first day to the end of each period; its deepest day is the peak of cash."""
        return np.cumsum(self.net)

    @property
    def saving(self) -> float:
        """Undiscounted dollars saved over the horizon, the credit included."""
        return float(self.net.sum() + self.credit.sum())


def cash_view(outlook: CandidateResult, length: Length) -> CashView:
    """The cash of a candidate as it is started, by month, quarter or fiscal year.

    For the days of a period: stay, capex + opex - credit = switch, and net = stay - capex - opex. Over the horizon
    capex + opex - credit comes to `total_usd`, and `present` to `npv_saving_usd`.

    Args:
        outlook: the candidate, started on some day, or never.
        length: of a period; quarters and years follow `decision.fiscal_year_starts`.
    """
    course, clock = outlook.course, outlook.clock
    begins = outlook.prospect.setting.scenario.decision.fiscal_year_starts
    periods = fiscal_periods(clock, length, begins)
    credit, stay = _last(course, course.end_credit), _stay_without_credit(course)
    gained = course.stay - course.ledger.total
    return CashView(
        periods,
        periods.sums(stay),
        periods.sums(course.ledger.capital),
        periods.sums(course.ledger.flow),
        periods.sums(credit),
        periods.sums(gained * outlook.starts.discount),
    )


def _last(course: StartedCandidate, usd: float) -> Floats:
    """An amount on the last day, nothing before."""
    daily = np.zeros(course.stay.size)
    daily[-1] = usd
    return daily


def _stay_without_credit(course: StartedCandidate) -> Floats:
    """Staying a day; where bought GPUs serve it, what they are worth on the last day is left out."""
    return course.stay + _last(course, float(course.ledger.end_credit) - course.end_credit)


CURRENT = (
    Component.API_INPUT,
    Component.API_CACHED,
    Component.API_OUTPUT,
    Component.API_FLAT,
    Component.CURRENT_FLEET,
    Component.CURRENT_POWER,
    Component.CURRENT_UPKEEP,
    Component.CURRENT_RETRAINING,
    Component.CURRENT_LEAVING,
)
"""What the current route costs, GPUs that are bought for it left out: they are capital."""
GROUPS: tuple[tuple[str, tuple[Component, ...]], ...] = (
    ("Serving", (Component.TOKENS, Component.FLAT, Component.FLEET, Component.POWER, Component.EXTRAS)),
    ("Serving in shadow", (Component.SHADOW,)),
    ("People", (Component.ENGINEERS,)),
    ("Labels", (Component.LABELS,)),
    ("Training", (Component.TRAINING,)),
    ("One-off sums", (Component.ONE_OFF,)),
    ("Moving off retired models", (Component.MIGRATION,)),
    ("Upkeep", (Component.UPKEEP,)),
    ("Quality", (Component.QUALITY,)),
)
"""What the other components are called in a waterfall."""
STAY, LEFT, AVOIDED, BOUGHT, SOLD, CREDIT, SAVING = (
    "Staying costs",
    "Still paid on the current route",
    "Avoided on the current route",
    "GPUs bought",
    "GPUs sold",
    "Worth of GPUs at the end",
    "Saving",
)


@dataclass(frozen=True)
class CashStep:
    """A step of a waterfall: dollars up or down; a sum stands from zero and shows where the steps have come to."""

    name: str
    usd: float
    is_sum: bool = False


def waterfall(outlook: CandidateResult, days: int | None = None) -> tuple[CashStep, ...]:
    """The steps from what staying costs to what a candidate saves, undiscounted.

    Staying less what is still paid on the current route is what is avoided there. That less serving, people, labels,
    training, upkeep, quality and the like, and with what bought GPUs are worth in the end, is the saving: the sum of
    stay - switch. Steps of nothing are left out.

    Args:
        outlook: the candidate, started on some day, or never.
        days: the first so many of the horizon; all of them when left out.
    """
    course = outlook.course
    until = course.stay.size if days is None else min(days, course.stay.size)
    ends, switch = until == course.stay.size, course.ledger.entries
    stays, left = float(_stay_without_credit(course)[:until].sum()), _sum_of(switch, CURRENT, until)
    steps = [CashStep(name, -_sum_of(switch, kinds, until)) for name, kinds in GROUPS]
    bought = -float(course.ledger.capital[:until].sum())
    steps += [CashStep(BOUGHT if bought <= 0 else SOLD, bought), CashStep(CREDIT, course.end_credit if ends else 0.0)]
    saved = float((course.stay - course.ledger.total)[:until].sum())
    return (
        CashStep(STAY, stays, True),
        CashStep(LEFT, -left),
        CashStep(AVOIDED, stays - left, True),
        *(step for step in steps if abs(step.usd) >= CENT),
        CashStep(SAVING, saved, True),
    )


CENT = 0.005
"""Less is not told."""


def _sum_of(entries: Entries, kinds: tuple[Component, ...], until: int) -> float:
    found = {kind: daily for kind, daily in entries.items() if kind in kinds}
    return float(np.ravel(total_of(found))[:until].sum()) if found else 0.0


def first_year(clock: Horizon) -> int:
    """Days of the first twelve months, or of the horizon where that is shorter."""
    return min((add_months(clock.start, 12) - clock.start).days, clock.days)


def rows_of(view: CashView) -> Iterator[dict[str, float | str]]:
    """A row a period, for tables of values."""
    columns = zip(
        view.periods.names,
        view.stay.tolist(),
        view.opex.tolist(),
        view.capex.tolist(),
        view.net.tolist(),
        view.cumulative.tolist(),
        view.credit.tolist(),
        view.present.tolist(),
        strict=True,
    )
    for name, stay, opex, capex, net, cumulative, credit, present in columns:
        yield {
            "period": name,
            "stay_usd": stay,
            "opex_usd": opex,
            "capex_usd": capex,
            "net_usd": net,
            "cumulative_usd": cumulative,
            "end_credit_usd": credit,
            "present_value_usd": present,
        }
