"""How real usage behaves: how its growth changes, how it jumps, how its days differ; calibrated by class of series."""

from __future__ import annotations

from dataclasses import dataclass, fields
from functools import cache

from switchpoint.catalog.tables import records, unknown


@dataclass(frozen=True)
class UsageConstant:
    """One number of one class of usage, and what it rests on."""

    behaviour: str
    """The class: service or typical."""
    name: str
    value: float
    unit: str
    low: float | None
    """Where a tenth of the series lie below; None for what is fitted to all of them at once."""
    high: float | None
    """Where a tenth lie above."""
    series: int
    """On how many series it rests."""
    note: str
    verified: bool
    source: str
    date: str


@dataclass(frozen=True)
class UsageBehaviour:
    """How the usage of one class moves around its growth."""

    sd_per_month: float
    """Stationary standard deviation of the log growth rate, a month."""
    half_life_months: float
    """Months after which half of a change of growth is left."""
    jumps_per_year: float
    """Lasting jumps a year; none of them is known beforehand to the reader of a series, whoever announced them."""
    jump_mean: float
    """Mean of a jump's log factor."""
    jump_sd: float
    """Standard deviation of it."""
    daily_noise: float
    """Standard deviation of the log of a day, without the week's pattern."""
    daily_noise_carryover: float
    """Correlation of a day's log noise with the day before."""
    weekend_factor: float
    """A day of the weekend over a weekday."""
    growth_per_month: float
    """Median log growth a month; for comparison, a scenario states its own."""


@cache
def usage_constants() -> tuple[UsageConstant, ...]:
    """Every number of every class."""
    return records(UsageConstant, "usage_behaviour")


def usage_classes() -> tuple[str, ...]:
    """The classes, in the order of the catalogue."""
    return tuple(dict.fromkeys(each.behaviour for each in usage_constants()))


@cache
def usage_behaviour(name: str) -> UsageBehaviour:
    """How the usage of a class behaves: "service" or "typical".

    Raises:
        CatalogError: where there is no such class; the message names the known ones.
    """
    found = {each.name: each.value for each in usage_constants() if each.behaviour == name}
    if not found:
        raise unknown("kind of usage", name, set(usage_classes()))
    return UsageBehaviour(**{field.name: found[field.name] for field in fields(UsageBehaviour)})
