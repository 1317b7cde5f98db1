"""What the monitor believes before it has seen a bill: how real usage behaves, from the catalogue."""

from __future__ import annotations

from dataclasses import dataclass, fields
from functools import cache

from switchpoint.catalog.tables import records
from switchpoint.catalog.usage_behaviour import usage_behaviour

CLASS = "typical"
"""The kind of usage whose changes of growth and jumps are believed of every bill."""


@dataclass(frozen=True)
class PriorConstant:
    """One number of the monitor, and what it rests on."""

    name: str
    value: float
    unit: str
    note: str
    series: int
    verified: bool
    source: str
    date: str


@dataclass(frozen=True)
class Prior:
    """The monitor's numbers, fitted to when real series reached limits set for them. Scale: see `spread_of`."""

    sd_per_month: float
    """Standard deviation of the log growth rate a month, of a bill of scale 1."""
    by_weekly: float
    """Power of the scale in the mean size of a week's change."""
    by_monthly: float
    """Power of the scale in the mean size of a month's change."""
    noise: float
    """Standard deviation of the trailing mean's own noise, in mean sizes of a week's change."""
    growth: float
    """Drift a month, in logs of a bill of scale 1: bills that are watched grow."""
    last_week: float
    """Part of the last week's departure from the trailing mean that the mean will follow."""
    last_fortnight: float
    """The same of the last two weeks."""
    gap_13: float
    """Part of the level's departure from its mean of 13 weeks that goes on, in a month or two; below 0 it reverts."""
    gap_26: float
    gap_52: float
    uncertain_spread: float
    """Standard deviation of the log of a bill's true spread around what is expected."""
    odds: float
    """Added to the log of the odds of what is said of a level that wanders: see `calibrate`."""
    odds_power: float
    odds_by_months: float
    half_life_months: float
    """Of changes of growth; the catalogue's, as the next two."""
    jumps_per_month: float
    jump_square: float
    """Mean square of a jump's log."""


@cache
def prior() -> Prior:
    """The prior of every monitor; it never sees a scenario's wander."""
    own = {each.name: each.value for each in records(PriorConstant, "warning_prior")}
    usage = usage_behaviour(CLASS)
    known = {
        "half_life_months": usage.half_life_months,
        "jumps_per_month": usage.jumps_per_year / 12,
        "jump_square": usage.jump_mean**2 + usage.jump_sd**2,
    }
    return Prior(**{field.name: (own | known)[field.name] for field in fields(Prior)})
