"""One base case, from a scenario to every figure of it."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from switchpoint.catalog.listing import counted_changes
from switchpoint.chance import Chance, Expected
from switchpoint.clock import Clock, Floats, clock
from switchpoint.decision.monitor import Forecast, forecast
from switchpoint.decision.outlook import Outlook
from switchpoint.decision.policies import policy_start
from switchpoint.decision.pressure import Limits, lasts, pressure, threat
from switchpoint.decision.standing import Standing
from switchpoint.decision.starts import Starts
from switchpoint.decision.warning import watched
from switchpoint.finance import discount_factors, per_month, trailing_mean
from switchpoint.interrupt import pause
from switchpoint.scenario.quantity import num
from switchpoint.scenario.schema import Scenario
from switchpoint.timeline.ledger import total
from switchpoint.timeline.prospect import Setting, prospect
from switchpoint.timeline.retirement import retires_on
from switchpoint.usage import level


@dataclass(frozen=True)
class Case:
    """Everything that one simulated world says about a scenario."""

    scenario: Scenario
    setting: Setting
    limits: Limits
    stay: Floats
    """Dollars a day of staying, shape (days,)."""
    outlooks: tuple[Outlook, ...]

    @property
    def clock(self) -> Clock:
        """The horizon."""
        return self.setting.clock

    @cached_property
    def pressure(self) -> Floats:
        """Monthly bill of staying over its limit, shape (days,)."""
        return pressure(self.setting.billed, self.limits)

    @cached_property
    def discount(self) -> Floats:
        """Present value of a dollar on each day, shape (days,)."""
        return discount_factors(self.clock, self.scenario.decision.discount_rate_per_year)

    @property
    def present_stay(self) -> float:
        """Discounted dollars of staying."""
        return float(self.stay @ self.discount)

    @cached_property
    def threat(self) -> int:
        """First day with pressure >= 1."""
        return threat(self.pressure)

    @cached_property
    def threat_ends(self) -> int:
        """First day after the threat with pressure below 1 again; NEVER where it lasts."""
        return lasts(self.pressure, self.threat)

    @cached_property
    def forecast(self) -> Forecast:
        """What a monitor says each Monday: the plain one, or where days differ by chance the one made for that.

        It knows the price changes that are certain, those of a model's known end among them.
        """
        scenario = self.scenario
        if not self.setting.chance.noisy(scenario.usage.daily_noise):
            return forecast(self.setting.billed, self.limits, self.clock)
        known = [change for change in counted_changes(scenario.current) if change.probability == 1]
        changes = [(self.clock.day_of(change.date), num(change.factor)) for change in known]
        ends, factor = retires_on(scenario.current, self.clock), scenario.current.migration_price_factor
        if ends is not None and isinstance(factor, (int, float)):
            changes.append((self.clock.day_of(ends), factor))
        return watched(self.setting.billed, self.limits, self.clock, sorted(changes))

    @cached_property
    def warning(self) -> int:
        """First Monday on which the limit is forecast within the warning window."""
        return self.forecast.first_within(self.scenario.decision.warn_months[1])

    @cached_property
    def bill(self) -> Floats:
        """Monthly bill of staying, dollars a month; shape (days,)."""
        return per_month(trailing_mean(self.setting.billed))

    @cached_property
    def usd_per_1000(self) -> Floats:
        """Trailing cost per 1,000 requests of staying; NaN without requests. Shape (days,)."""
        requests = trailing_mean(self.setting.traffic.requests)
        with np.errstate(all="ignore"):
            cost: Floats = np.where(requests > 0, 1000 * trailing_mean(self.setting.billed) / requests, np.nan)
        return cost

    def outlook(self, name: str) -> Outlook:
        """The outlook of one candidate."""
        return next(each for each in self.outlooks if each.name == name)

    @cached_property
    def standings(self) -> tuple[Standing, ...]:
        """How the candidates stand before the verdict."""
        return tuple(Standing.of(outlook, self.threat) for outlook in self.outlooks)

    @property
    def level(self) -> float:
        """Requests a day at the start."""
        return level(self.scenario.usage, self.clock)


def simulate(scenario: Scenario, chance: Chance | None = None, anchor: Scenario | None = None) -> Case:
    """Simulate a scenario.

    Args:
        scenario: everything assumed.
        chance: what settles the open; the base case when left out.
        anchor: the scenario at whose tokens capacities are simulated exactly, those at other tokens being interpolated;
            the scenario itself when left out.

    Raises:
        CatalogError: where the scenario names something that the catalogue lacks.
        Problem: where its numbers cannot be computed.
    """
    days = clock(scenario.start, scenario.months)
    setting = Setting.of(scenario, days, chance or Expected(), anchor)
    limits, stay = Limits.of(setting), total(setting.stay)
    case = Case(scenario, setting, limits, stay, ())
    start = policy_start(scenario.decision.policy, lambda: case.warning, days)
    outlooks = []
    for name, spec in scenario.candidates.items():
        pause()
        found = prospect(name, spec, setting)
        starts = Starts(found, stay, case.discount, case.threat, start)
        outlooks.append(Outlook(starts, limits))
    return Case(scenario, setting, limits, stay, tuple(outlooks))
