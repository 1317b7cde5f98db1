"""The known end of a route's model, as formulas: the successor's price, and what moving to it costs."""

from __future__ import annotations

from dataclasses import dataclass

from switchpoint.catalog.listing import listed_price
from switchpoint.export.workbook.book import Book, Calendar
from switchpoint.export.workbook.inputs import About, serial
from switchpoint.export.workbook.look import DATE
from switchpoint.export.workbook.term import Term, both, largest, where
from switchpoint.scenario.errors import Path, dotted
from switchpoint.scenario.schema import PricedRoute
from switchpoint.settled import retirement


@dataclass(frozen=True)
class Leaving:
    """When a model is retired, what moving costs, and the price of its successor against its own."""

    day: Term
    """First day without it, as a date."""
    usd: Term
    factor: Term

    def price(self, days: Calendar) -> Term:
        """Factor on the prices of each day."""
        return where(days.date >= self.day, self.factor, 1)

    def moving(self, days: Calendar, in_use: Term | None = None) -> Term:
        """Dollars of each day, while the route is in use; a model that is gone before the first day goes on it."""
        due = days.date.equals(self._first_without(days))
        return where(due if in_use is None else both(due, in_use), self.usd, 0)

    def too_early(self, days: Calendar, live: Term) -> Term:
        """Whether a day is without it, where it has no successor and is gone by the day on which it could be live."""
        no_successor = both(self.usd.equals(0), self.factor.equals(1))
        gone = self._first_without(days)
        return both(both(no_successor, gone <= live), days.date >= gone)

    def _first_without(self, days: Calendar) -> Term:
        return largest(self.day, days.date.cell(0))


def leaving(book: Book, route: PricedRoute, path: Path) -> Leaving | None:
    """The known end of a route's model; None where there is none within the horizon."""
    when = retirement(route, book.clock)
    if when is None:
        return None
    inputs, place = book.inputs, (*path, "retires_on")
    known = inputs.stated.get(dotted(place)) if route.retires_on is not None else None
    if known is not None:
        about = About(known.meaning.split(";")[0], "date", known.source, known.as_of, field=known.field)
    else:
        row = listed_price(route, book.clock.start)
        assert row is not None
        about = About(f"Day on which {row.model} is retired", "date", row.source, row.date, field=dotted(place))
    day = inputs.block(inputs.name_of(place), [float(serial(when))], [about], number=DATE).first
    return Leaving(day, inputs.field(*path, "usd_per_migration"), inputs.field(*path, "migration_price_factor"))
