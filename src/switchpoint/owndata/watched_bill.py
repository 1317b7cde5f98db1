"""A real bill and its limit, day by day, and what the monitor says of it each Monday."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np

from switchpoint.finance import WINDOW, trailing_mean
from switchpoint.horizon import MONTH_DAYS, NEVER, PER_DAY, Floats, first_day
from switchpoint.owndata.bill_price import BilledPrice
from switchpoint.owndata.usage_history import UsageHistory, fill_missing_days
from switchpoint.scenario.errors import Fault, ScenarioError
from switchpoint.scenario.routes import PricedRoute
from switchpoint.scenario.schema import Scenario
from switchpoint.scenario.uncertain import num
from switchpoint.simulation.limits import is_reached, ratio
from switchpoint.simulation.listed_prices import counted_changes
from switchpoint.warning.monitor import monitor

if TYPE_CHECKING:
    from pandas import DataFrame


@dataclass(frozen=True, eq=False)
class RealBill:
    """The bill of a history against the limit of a scenario.

    Args:
        history: the days.
        scenario: whose limit, revenue and announced changes count.
    """

    history: UsageHistory
    scenario: Scenario

    @cached_property
    def price(self) -> BilledPrice:
        """What was billed, and what the catalogue lists."""
        return BilledPrice.beside(self.history, self.scenario.current)

    @cached_property
    def daily(self) -> Floats:
        """Dollars of each day; a day of a long hole has none.

        Raises:
            ScenarioError: where neither dollars nor tokens of listed models are there.
        """
        bill = self.price.daily_bill
        if bill is None:
            lacks = "no file has dollars, and the catalogue does not list the models: there is no bill to watch"
            raise ScenarioError([Fault("files", 1, "cost_usd", lacks)])
        return np.nan_to_num(fill_missing_days(bill))

    @cached_property
    def requests(self) -> Floats | None:
        """Requests of each day, as counted."""
        return (
            np.nan_to_num(fill_missing_days(self.history.daily["requests"])) if self.history.counts_requests else None
        )

    @cached_property
    def limit(self) -> Floats | None:
        """Dollars a day of the tightest limit, shape (days,); None without one.

        Raises:
            ScenarioError: where a limit follows requests that no file counts.
        """
        stated = self.scenario.limit
        if stated is None:
            return None
        each = []
        if stated.usd_per_month is not None:
            each.append(np.full(self.history.days, stated.usd_per_month * PER_DAY))
        if stated.share_of_revenue is not None:
            each.append(stated.share_of_revenue * PER_DAY * self._revenue_per_month())
        if stated.usd_per_1000_requests is not None:
            each.append(stated.usd_per_1000_requests * self._counted_requests() / 1000)
        tightest: Floats = np.min(each, axis=0)
        return tightest

    def _revenue_per_month(self) -> Floats:
        revenue = self.scenario.revenue
        first = (self.history.first_day - self.scenario.start).days
        months = (first + np.arange(self.history.days) + 0.5) / MONTH_DAYS
        grown = num(revenue.usd_per_month) * (1 + num(revenue.growth_per_month)) ** months
        own: Floats = np.asarray(grown, dtype=np.float64)
        by_request = num(revenue.usd_per_1000_requests)
        return own + by_request * self._counted_requests() * MONTH_DAYS / 1000 if by_request else own

    def _counted_requests(self) -> Floats:
        if self.requests is None:
            lacks = "the limit follows requests, but no file counts them; give --requests-per-day or a file with them"
            raise ScenarioError([Fault("files", 1, "requests", lacks)])
        return self.requests

    @cached_property
    def pressure(self) -> Floats | None:
        """The mean bill of 28 days over their mean limit, shape (days,); None without a limit."""
        return None if self.limit is None else ratio(trailing_mean(self.daily), trailing_mean(self.limit))

    @cached_property
    def threat(self) -> date | None:
        """First day on which the bill was at its limit."""
        if self.pressure is None:
            return None
        reached = is_reached(self.pressure)
        reached[: min(WINDOW, reached.size) - 1] = False  # a mean of fewer days is no month
        day = int(first_day(reached))
        return None if day >= NEVER else self.history.first_day + timedelta(days=day)

    @cached_property
    def monday_table(self) -> DataFrame:
        """What the monitor says each Monday from the days before it; see `switchpoint.monitor`.

        Raises:
            ScenarioError: without a limit, or with less than a whole week.
        """
        from pandas import Series, date_range

        assert self.limit is not None
        dates = date_range(self.history.first_day, periods=self.history.days, freq="D")
        months = self.scenario.decision.warn_months
        return monitor(
            Series(self.daily, index=dates),
            Series(self.limit, index=dates),
            months,
            price_changes=self._known_changes(),
        )

    def _known_changes(self) -> list[tuple[date, float]]:
        """Announced changes of the price, and launches that are still ahead where the limit does not follow them."""
        route = self.scenario.current
        changes = [
            (change.date, num(change.factor))
            for change in (counted_changes(route) if isinstance(route, PricedRoute) else ())
            if change.probability == 1 and change.date > self.history.first_day
        ]
        limit = self.scenario.limit
        if limit is not None and limit.usd_per_1000_requests is None:
            ahead = [event for event in self.scenario.usage.events if event.date > self.history.last_day]
            changes += [(event.date, num(event.factor)) for event in ahead if event.probability == 1]
        return changes
