"""Bought GPUs as formulas: paid when first needed, replaced at the end of their life, credited on the last day."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from switchpoint.export.workbook.fleet import FleetSheet
from switchpoint.export.workbook.grid import Column
from switchpoint.export.workbook.look import COUNT, FACTOR
from switchpoint.export.workbook.term import Range, Term, largest, rounded_down, where
from switchpoint.finance import replacements


@dataclass(frozen=True)
class Purchases:
    """Dollars a day of purchases and replacements, and of the credit on the last day, which is negative."""

    spent: Column
    credit: Column
    next_age: Term
    """Age in days of the first replacement that has no column."""


def purchases(fleet: FleetSheet, owned: Column, last_day: Term) -> Purchases:
    """What bought GPUs cost as capital.

    Args:
        fleet: the fleet.
        owned: GPUs owned on each day.
        last_day: number of the horizon's last day.
    """
    grid, price, resale = fleet.grid, fleet.field("purchase_usd_per_gpu"), fleet.field("resale_share")
    life = fleet.field("lifetime_months") * fleet.book.inputs.days_per_month
    place = grid.next
    bought = grid.change("GPUs bought", "GPUs", owned, COUNT)
    ages = [grid.parameter(1, "Age at replacement", Term("0", 0.0), place, COUNT)]
    again: Term | None = None
    for k in range(1, len(replacements(fleet.spec.lifetime_months, grid.rows)) + 1):
        age = _age(fleet, k, life)
        replaced = _replaced(fleet, bought, k, age)
        ages.append(age)
        again = replaced if again is None else again + replaced
    spent = bought * price
    if again is not None:
        spent = spent + again * price * (1 - resale)
    left = _value_left(fleet, ages, life, last_day)
    end = Term(f"SUMPRODUCT({bought.range.text},{left.range.text})", float(bought.values @ left.values))
    capital = grid.add("Capital: purchases", "$/day", spent)
    credit = grid.add("Capital: credit of the last day", "$/day", where(fleet.stay.days.day.equals(last_day), -end, 0))
    more = Term(f"COUNT({_row(ages)})", float(len(ages)))
    return Purchases(capital, credit, rounded_down(more * life + fleet.book.inputs.tolerance))


def _row(ages: list[Term]) -> str:
    """The ages, side by side above the columns of GPUs bought for the first time and again."""
    return f"{ages[0].text}:{ages[-1].text.split('!')[1]}"


def _age(fleet: FleetSheet, k: int, life: Term) -> Term:
    """Days after purchase on which the k-th replacement falls: floor(k·lifetime·30.4375)."""
    place = fleet.grid.next
    number = fleet.grid.parameter(0, "Number of the replacement", Term(str(k), float(k)), place, COUNT)
    days = rounded_down(number * life + fleet.book.inputs.tolerance)
    return fleet.grid.parameter(1, "Age at replacement", days, place, COUNT)


def _replaced(fleet: FleetSheet, bought: Column, k: int, age: Term) -> Column:
    """GPUs bought for the k-th time again: as many as were first bought that many days before."""
    day = fleet.stay.days.day
    shifted = np.roll(bought.values, int(age.number))
    then = Term(f"INDEX({bought.range.text},{day.text}-{age.text}+1)", shifted)
    return fleet.grid.add(f"GPUs replaced, time {k}", "GPUs", where(day >= age, then, 0), COUNT)


def _value_left(fleet: FleetSheet, ages: list[Term], life: Term, last_day: Term) -> Column:
    """What a GPU first bought on a day is worth on the last one: price x max(resale, 1 - age/lifetime)."""
    age = last_day - fleet.stay.days.day
    known = Range(_row(ages), np.array([each.number for each in ages]))
    latest = known.upto(age, known)
    worth = largest(fleet.field("resale_share"), 1 - (age - latest) / life)
    return fleet.grid.add(
        "Value left of a GPU on the last day", "$", fleet.field("purchase_usd_per_gpu") * worth, FACTOR
    )
