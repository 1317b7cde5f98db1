"""What a fleet costs: replicas rented by the hour or reserved, or GPUs that are bought."""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from switchpoint.clock import (
    MONTH_DAYS,
    PER_DAY,
    Amount,
    Bools,
    Clock,
    Floats,
    Ints,
    compounded,
    on_days,
    weighed_sum,
)
from switchpoint.finance import replacements, straight_line
from switchpoint.scenario.candidate import Fleet
from switchpoint.scenario.quantity import amount
from switchpoint.timeline.ledger import Component, Entries
from switchpoint.timeline.nodes import gpus_paid
from switchpoint.timeline.sizing import Sizes


@dataclass(frozen=True)
class FleetCosts:
    """What a fleet costs.

    Args:
        fleet: the scenario's fleet.
        clock: the horizon.
        usd_per_gpu_hour: rent of a GPU-hour on day 0's terms; ignored where GPUs are bought.
        market: factors on the rent, shape (days,) or one for all days.
    """

    fleet: Fleet
    clock: Clock
    usd_per_gpu_hour: Amount = 0.0
    market: Floats | float = 1.0

    @property
    def price(self) -> Amount:
        """Dollars of a bought GPU; 0 where they are rented."""
        stated = self.fleet.purchase_usd_per_gpu
        return 0.0 if stated is None else amount(stated)

    @property
    def bought(self) -> bool:
        """Whether GPUs are bought."""
        return self.fleet.purchase_usd_per_gpu is not None

    @cached_property
    def rent(self) -> Floats:
        """Dollars of a GPU-hour on each day: rent x (1 + change)^(t/12) x market x (1 + overhead)."""
        change = compounded(amount(self.fleet.usd_per_gpu_hour_change_per_year), self.clock.t / 12)
        gpu_hour: Floats = self.usd_per_gpu_hour * change * self.market * (1 + amount(self.fleet.overhead_share))
        return gpu_hour

    @property
    def power_per_day(self) -> Amount:
        """Dollars a day of one bought GPU's power, overhead included: kW x PUE x 24 h x $/kWh x (1 + overhead)."""
        fleet = self.fleet
        kwh = fleet.power_kw_per_gpu * fleet.pue * 24
        return kwh * amount(fleet.usd_per_kwh) * (1 + amount(fleet.overhead_share))

    def powered(self, owned: Floats, work: Floats | None) -> Floats:
        """GPUs, by what they draw: those that are busy count in full, idle ones by `idle_power_share`.

        Args:
            owned: bought GPUs of each day.
            work: replica-hours of what they serve, each as full as a replica can be; None where idle ones draw as much.
        """
        if work is None:
            return owned
        idle = self.fleet.idle_power_share
        busy = np.minimum(work / 24 * self.fleet.gpus_per_replica, owned)
        return owned * idle + (1 - idle) * busy

    @property
    def reserved_per_day(self) -> Amount:
        """Dollars a day of the reserved replicas' GPUs, day and night, overhead included; their price never drifts."""
        fleet = self.fleet
        if not fleet.reserved_replicas or fleet.reserved_usd_per_gpu_hour is None:
            return 0.0
        gpus = float(gpus_paid(fleet, np.array(float(fleet.reserved_replicas))))
        return 24 * gpus * amount(fleet.reserved_usd_per_gpu_hour) * (1 + amount(fleet.overhead_share))

    def owed_after(self, first: int) -> Amount:
        """Dollars that are owed beyond the last day for reserved replicas paid from `first` on, in whole terms.

        A term ends floor(k·reserved_months·30.4375) days after the first; the one that runs on the last day is paid on.
        """
        if first >= self.clock.days:
            return 0.0
        term, ends, k = self.fleet.reserved_months * MONTH_DAYS, first, 0
        while ends < self.clock.days:
            k += 1
            ends = first + math.floor(k * term)
        return (ends - self.clock.days) * self.reserved_per_day

    def owned(self, peak: Floats) -> Floats:
        """Bought GPUs: enough for the most replicas so far, in whole nodes where they are sold so; never returned."""
        return np.maximum.accumulate(gpus_paid(self.fleet, peak), axis=-1)

    def serving(self, sizes: Sizes, live: Bools) -> Entries:
        """Rent, or power, and all else that runs with the fleet; dollars a day while `live`."""
        if not self.bought:
            return {Component.FLEET: np.where(live, self.rented(sizes, self.clock.day), 0.0)}
        other = np.where(live, self.other_per_day, 0.0)
        powered = self.powered(self.owned(sizes.peak), sizes.work)
        return {Component.FLEET: other, Component.POWER: powered * self.power_per_day}

    @property
    def other_per_day(self) -> Amount:
        """Dollars a day of all else that runs with the fleet, reserved replicas included."""
        return amount(self.fleet.usd_per_month) * PER_DAY + self.reserved_per_day

    def rented(self, sizes: Sizes, day: Ints) -> Floats:
        """Dollars of a day of rented GPUs, and of what runs with them, for sizes on the given days."""
        rent = self.rent if day is self.clock.day else on_days(self.rent, day)
        usd: Floats = sizes.gpu_hours * rent + self.other_per_day
        return usd

    def amortisation(self, peak: Floats) -> Floats:
        """Dollars a day of bought GPUs in running cost: price x (1 - resale)/lifetime each; 0 where rented."""
        if not self.bought:
            return np.zeros_like(peak)
        days = self.fleet.lifetime_months * MONTH_DAYS
        return self.owned(peak) * (self.price * (1 - self.fleet.resale_share) / days)

    def capital(self, peak: Floats) -> tuple[Floats, Floats]:
        """Purchases and replacements.

        Args:
            peak: most replicas of each day, shape (starts, days); 0 before the fleet runs.

        Returns:
            Dollars a day, the credit of the last day included, and that credit alone, shape (starts,).
        """
        price = self.price
        new = np.diff(self.owned(peak), axis=-1, prepend=0.0)
        spent = new * price
        for age in replacements(self.fleet.lifetime_months, self.clock.days):
            spent[..., age:] += new[..., : self.clock.days - age] * (price * (1 - self.fleet.resale_share))
        credit: Floats = weighed_sum(new, self._value_left(price))
        spent[..., -1] -= credit
        return spent, credit

    def present_of_purchase(self, discount: Floats) -> Floats:
        """Present value of all that a GPU first bought on day d costs as capital, shape (days,).

        Its price, each replacement's price less the resale, less the credit of the last day.
        """
        price = self.price
        value: Floats = price * discount - self._value_left(price) * discount[-1]
        for age in replacements(self.fleet.lifetime_months, self.clock.days):
            value[..., :-age] += price * (1 - self.fleet.resale_share) * discount[age:]
        return value

    def _value_left(self, price: Amount) -> Floats:
        """What a GPU first bought on day d is worth on the last day, its age counted from its latest purchase."""
        age = self.clock.days - 1 - self.clock.day
        ages = np.array([0, *replacements(self.fleet.lifetime_months, self.clock.days)])
        since_latest = age - ages[np.searchsorted(ages, age, side="right") - 1]
        return straight_line(price, since_latest, self.fleet.lifetime_months, self.fleet.resale_share)
