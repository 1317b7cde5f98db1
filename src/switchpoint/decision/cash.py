"""Cash by month, quarter and fiscal year, and the steps from the stay bill to the saving.

One computation for tables, charts and the workbook. It adds up the days of one started candidate or of a plan, so its
sums are the totals that are told elsewhere: `total_usd`, `end_credit_usd`, and, in present value, `npv_saving_usd`.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from typing import Literal, TypeAlias

import numpy as np

from switchpoint.decision.candidate_result import CandidateResult
from switchpoint.decision.plan_result import PlanResult
from switchpoint.horizon import Floats, Horizon, Ints, add_months
from switchpoint.simulation.candidate import World
from switchpoint.simulation.ledger import Component, Entries, Ledger
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
    """Dollars by period of a started candidate or of a plan against staying; arrays of shape (periods,).

    Amounts are undiscounted but for `present`. The value of bought GPUs on the last day is no cash: it stands apart.
    """

    periods: Periods
    stay: Floats
    """What staying costs; what its own GPUs are worth on the last day is left out."""
    capex: Floats
    """GPUs bought, less what those that are replaced are sold for."""
    opex: Floats
    """All else on the way and with it, the price of quality and what stays behind included."""
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


Started: TypeAlias = CandidateResult | PlanResult
"""Whose cash is told: a candidate as it is started, or a plan with the start of each of its steps."""


@dataclass(frozen=True)
class CashPath:
    """The days of one path beside those of staying; arrays of shape (days,).

    Args:
        setting: the world of both.
        ledger: dollars a day of the path, the current route included.
        stay: dollars a day of staying.
        discount: present value of a dollar on each day.
    """

    setting: World
    ledger: Ledger
    stay: Floats
    discount: Floats

    @classmethod
    def of(cls, told: Started) -> CashPath:
        """That of a candidate as it is started, or never; or of a plan."""
        if isinstance(told, PlanResult):
            return cls(told.world.setting, told.ledger, told.world.stay, told.world.discount)
        return cls(told.prospect.setting, told.ledger, told.starts.stay, told.starts.discount)

    @property
    def gains(self) -> Floats:
        """What staying costs more, credits of the last day included."""
        return self.stay - self.ledger.total

    @property
    def end_credit(self) -> float:
        """What bought GPUs are worth on the last day, less what they would be when staying."""
        return float(self.ledger.credits - self.setting.stay.credits)

    @property
    def stay_paid(self) -> Floats:
        """Staying a day; what its own GPUs are worth on the last day is left out."""
        return self.stay + self.on_last_day(float(self.setting.stay.credits))

    def on_last_day(self, usd: float) -> Floats:
        """An amount on the last day, nothing before."""
        daily = np.zeros(self.stay.size)
        daily[-1] = usd
        return daily


def cash_view(told: Started, length: Length) -> CashView:
    """The cash of a candidate as it is started, or of a plan, by month, quarter or fiscal year.

    For the days of a period: net = stay - capex - opex. Over the horizon capex + opex - credit comes to `total_usd`
    (where GPUs of the current route are owned, to what they are worth in the end on top), stay - capex - opex + credit
    to what is saved, and `present` to `npv_saving_usd`.

    Args:
        told: the candidate, started on some day, or never; or the plan.
        length: of a period; quarters and years follow `decision.fiscal_year_starts`.
    """
    path = CashPath.of(told)
    periods = fiscal_periods(told.clock, length, path.setting.scenario.decision.fiscal_year_starts)
    return CashView(
        periods,
        periods.sums(path.stay_paid),
        periods.sums(path.ledger.capital),
        periods.sums(path.ledger.flow),
        periods.sums(path.on_last_day(path.end_credit)),
        periods.sums(path.gains * path.discount),
    )


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


def waterfall(told: Started, days: int | None = None) -> tuple[CashStep, ...]:
    """The steps from what staying costs to what a candidate or a plan saves, undiscounted.

    Staying less what is still paid on the current route is what is avoided there. That less serving, people, labels,
    training, upkeep, quality and the like, and with what bought GPUs are worth in the end, is the saving: the sum of
    stay - switch. Steps of nothing are left out.

    Args:
        told: the candidate, started on some day, or never; or the plan.
        days: the first so many of the horizon; all of them when left out.
    """
    path = CashPath.of(told)
    until = path.stay.size if days is None else min(days, path.stay.size)
    ends, switch = until == path.stay.size, path.ledger.entries
    stays, left = float(path.stay_paid[:until].sum()), _sum_of(switch, CURRENT, until)
    steps = [CashStep(name, -_sum_of(switch, kinds, until)) for name, kinds in GROUPS]
    bought = -float(path.ledger.capital[:until].sum())
    steps += [CashStep(BOUGHT if bought <= 0 else SOLD, bought), CashStep(CREDIT, path.end_credit if ends else 0.0)]
    return (
        CashStep(STAY, stays, True),
        CashStep(LEFT, -left),
        CashStep(AVOIDED, stays - left, True),
        *(step for step in steps if abs(step.usd) >= CENT),
        CashStep(SAVING, float(path.gains[:until].sum()), True),
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
