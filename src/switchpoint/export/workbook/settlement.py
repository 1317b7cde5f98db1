"""Commitments as formulas: settled per calendar month, then spread over its days."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from switchpoint.export.workbook.book import Book, Months
from switchpoint.export.workbook.grid import Column
from switchpoint.export.workbook.inputs import About, Named, serial
from switchpoint.export.workbook.look import COUNT, DATE, FACTOR, USD, Kind
from switchpoint.export.workbook.term import Term, largest, where
from switchpoint.scenario.errors import Path, dotted
from switchpoint.scenario.schema import PricedRoute


@dataclass(frozen=True)
class Commitments:
    """A route's commitments by rising size, the first one standing for none."""

    sizes: Named
    discounts: Named
    until: Named | None


def commitments(book: Book, route: PricedRoute, path: Path, label: str) -> Commitments | None:
    """The commitments of a route on the sheet of inputs; None where it has none."""
    if not route.commitments:
        return None
    inputs, name = book.inputs, book.inputs.name_of(path)
    ordered = sorted(enumerate(route.commitments), key=lambda each: each[1].usd_per_month)

    def abouts(text: str, unit: str, part: str) -> list[About]:
        fields = [dotted((*path, "commitments", place, part)) for place, _ in ordered]
        known = [inputs.stated.get(field) for field in fields]
        none = About(f"{label}: no commitment, {text}", unit, "definition")
        return [none] + [
            About(f"{label}: commitment, {text}", unit, k.source if k else "not stated", k.as_of if k else "", field=f)
            for k, f in zip(known, fields, strict=True)
        ]

    sizes = [0.0, *(each.usd_per_month for _, each in ordered)]
    discounts = [0.0, *(each.discount for _, each in ordered)]
    until = [0.0, *(float(serial(each.until)) if each.until else 0.0 for _, each in ordered)]
    return Commitments(
        inputs.block(f"{name}_commitment_sizes", sizes, abouts("size", "$/month", "usd_per_month")),
        inputs.block(f"{name}_commitment_discounts", discounts, abouts("discount", "share, 0 to 1", "discount")),
        inputs.block(f"{name}_commitment_until", until, abouts("take-or-pay until", "date", "until"), number=DATE)
        if any(until)
        else None,
    )


@dataclass(frozen=True)
class Settled:
    """What is left of each dollar of a day, and the dollars a day that take-or-pay adds."""

    kept: Term
    missing: Term


class Settlement:
    """The sheet on which commitments are settled: one row a month, some columns for each path of each route."""

    def __init__(self, months: Months, tolerance: Term) -> None:
        self.months, self.tolerance = months, tolerance
        grid, clock = months.grid, months.clock
        whole = clock.month_days / clock.month_part
        self.inside = grid.settled("Days in the horizon", "days", clock.month_days, COUNT, Kind.FORMULA)
        self.part = grid.add(
            "Part in the horizon",
            "share",
            self.inside / grid.settled("Days", "days", whole, COUNT, Kind.FORMULA),
            FACTOR,
        )

    def settle(self, daily: Column, terms: Commitments, label: str, live: Column | None = None) -> Settled:
        """Settle the bill of a path.

        Args:
            daily: dollars a day before discounts.
            terms: the route's commitments.
            label: whose bill it is.
            live: 1 on days that count, else 0; left out, all do.
        """
        grid = self.months.grid
        bill = grid.add(f"{label}: bill before discount", "$/month", self.months.sum(daily), USD)
        counted: Term = (
            self.inside if live is None else grid.add(f"{label}: days that count", "days", self.months.sum(live), COUNT)
        )
        part = (
            self.part
            if live is None
            else grid.add(f"{label}: part that counts", "share", self.part * counted / self.inside, FACTOR)
        )
        reached = terms.sizes.upto(where(part > 0, bill / (part * (1 - self.tolerance)), 0), terms.discounts)
        discount = grid.add(f"{label}: discount", "share", where(part > 0, reached, 0), FACTOR)
        missing: Term = Term("0", 0.0)
        if terms.until is not None:
            owed = grid.add(f"{label}: owed at least", "$/month", self._owed(terms) * part, USD)
            lacking = largest(owed - bill * (1 - discount), 0) / largest(counted, 1)
            day = grid.add(f"{label}: added by take-or-pay", "$/day", lacking, USD).range.pick(self.months.days.place)
            missing = day if live is None else where(live.equals(1), day, 0)
        return Settled(1 - discount.range.pick(self.months.days.place), missing)

    def _owed(self, terms: Commitments) -> Term:
        """The largest take-or-pay size that is owed in the month of the row."""
        assert terms.until is not None
        begins = terms.until.values > self.months.month.values[:, None]
        text = f"SUMPRODUCT(MAX(({terms.until.text}>{self.months.month.text})*{terms.sizes.text}))"
        return Term(text, np.max(begins * terms.sizes.values, axis=1))
