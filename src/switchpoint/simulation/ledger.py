"""The ledger: dollars a day by component, and how each component behaves."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from functools import cached_property
from typing import Any

import numpy as np

from switchpoint.horizon import Floats, start_of


class Behaviour(Enum):
    """How a component answers to usage."""

    FIXED = "fixed"
    LINEAR = "linear"
    STEP = "step"


class Component(Enum):
    """What money is spent on: label and behaviour."""

    API_INPUT = ("API input", Behaviour.LINEAR)
    API_CACHED = ("API cached input", Behaviour.LINEAR)
    API_OUTPUT = ("API output", Behaviour.LINEAR)
    API_FLAT = ("API flat fees", Behaviour.FIXED)
    CURRENT_FLEET = ("current fleet", Behaviour.STEP)
    CURRENT_POWER = ("current power", Behaviour.STEP)
    CURRENT_CAPITAL = ("current capital", Behaviour.STEP)
    CURRENT_UPKEEP = ("current upkeep", Behaviour.FIXED)
    CURRENT_RETRAINING = ("current retraining", Behaviour.STEP)
    CURRENT_LEAVING = ("leaving the current route", Behaviour.STEP)
    TOKENS = ("candidate tokens", Behaviour.LINEAR)
    FLAT = ("candidate flat fees", Behaviour.FIXED)
    FLEET = ("fleet", Behaviour.STEP)
    POWER = ("power", Behaviour.STEP)
    CAPITAL = ("capital", Behaviour.STEP)
    EXTRAS = ("guardrails and logging", Behaviour.LINEAR)
    SHADOW = ("shadow", Behaviour.STEP)
    QUALITY = ("quality", Behaviour.LINEAR)
    UPKEEP = ("upkeep", Behaviour.FIXED)
    LABELS = ("labels", Behaviour.LINEAR)
    TRAINING = ("training", Behaviour.STEP)
    ENGINEERS = ("engineers", Behaviour.FIXED)
    ONE_OFF = ("one-off", Behaviour.FIXED)
    MIGRATION = ("migration", Behaviour.STEP)

    @property
    def label(self) -> str:
        """Name for people."""
        return self.value[0]

    @property
    def behaviour(self) -> Behaviour:
        """Fixed, linear or step."""
        return self.value[1]


BESIDE_TOKENS = (
    Component.CURRENT_FLEET,
    Component.CURRENT_POWER,
    Component.CURRENT_CAPITAL,
    Component.CURRENT_UPKEEP,
    Component.CURRENT_RETRAINING,
    Component.CURRENT_LEAVING,
)
"""What the current route costs beside tokens and its fees."""
CURRENT_ROUTE = (
    Component.API_INPUT,
    Component.API_CACHED,
    Component.API_OUTPUT,
    Component.API_FLAT,
    *BESIDE_TOKENS,
)
"""All that is paid for the current route."""
PROJECT = (Component.LABELS, Component.TRAINING, Component.ENGINEERS, Component.ONE_OFF)
"""What a project spends before it is live."""

CAPITAL = (Component.CAPITAL, Component.CURRENT_CAPITAL)
"""What falls at the start of a day: GPUs bought, replaced and sold, of a candidate and of the current route."""

Entries = dict[Component, Floats]
"""Dollars a day by component; the last axis is days, and what is the same in all worlds or starts may lack theirs."""


@dataclass(frozen=True)
class Ledger:
    """Dollars a day by component; absent components are 0.

    Args:
        entries: by component.
        end_credit: what a candidate's GPUs are worth on the last day, booked on it within CAPITAL.
        current_credit: what those of the current route are, booked on it within CURRENT_CAPITAL.
    """

    entries: Entries
    end_credit: Floats | float = 0.0
    current_credit: Floats | float = 0.0

    @cached_property
    def total(self) -> Floats:
        """Dollars a day, all components."""
        return total(self.entries)

    @property
    def has_capital(self) -> bool:
        """Whether any GPUs are bought."""
        return any(component in self.entries for component in CAPITAL)

    @property
    def own_capital(self) -> Floats:
        """Dollars a day of a candidate's GPUs alone, credit of the last day left out."""
        return self._booked_capital(Component.CAPITAL, self.end_credit)

    @property
    def capital(self) -> Floats:
        """Dollars a day that fall at the start of the day, credits of the last day left out."""
        if Component.CURRENT_CAPITAL not in self.entries:
            return self.own_capital
        return self.own_capital + self._booked_capital(Component.CURRENT_CAPITAL, self.current_credit)

    def _booked_capital(self, component: Component, credit: Floats | float) -> Floats:
        capital = self.entries.get(component)
        if capital is None:
            return np.zeros_like(self.total)
        capital = np.array(np.broadcast_to(capital, np.broadcast_shapes(capital.shape, self.total.shape)))
        capital[..., -1] += credit
        return capital

    @property
    def flow(self) -> Floats:
        """Dollars a day that flow evenly through the day: all but capital, shape of `total`."""
        flow = self.total - self.capital
        flow[..., -1] += self.end_credit + self.current_credit
        return flow

    @property
    def credits(self) -> Floats | float:
        """What all GPUs are worth on the last day."""
        return self.end_credit + self.current_credit

    def row(self, index: int) -> Ledger:
        """The ledger of one of several starts."""
        worth = (float(_worth(each, index)) for each in (self.end_credit, self.current_credit))
        return Ledger({c: _row(daily, index) for c, daily in self.entries.items()}, *worth)

    def cash_of(self, row: Any) -> Ledger:
        """One of several starts, in many worlds of one in each: its total, and of its components capital alone."""
        entries = {c: _row(self.entries[c], row) for c in CAPITAL if c in self.entries}
        found = Ledger(entries, *(_worth(each, row) for each in (self.end_credit, self.current_credit)))
        found.__dict__["total"] = _row(self.total, row)
        return found


def _row(daily: Floats, row: Any) -> Floats:
    """Dollars a day of one start; what is the same for all of them has no axis of starts, or one start."""
    if np.ndim(row):
        return daily if daily.ndim < 3 else np.asarray(start_of(daily, row))
    starts = np.atleast_2d(daily)
    return np.asarray(starts[row if len(starts) > 1 else 0])


def _worth(credit: Floats | float, row: Any) -> Any:
    """A credit of one start."""
    return start_of(credit, row) if isinstance(credit, np.ndarray) and credit.ndim else credit


def total(entries: Entries) -> Floats:
    """Sum over components; of one alone its very array."""
    if len(entries) == 1:
        return next(iter(entries.values()))
    shape = np.broadcast_shapes(*(daily.shape for daily in entries.values()))
    amounts = iter(entries.values())
    result: Floats = np.array(np.broadcast_to(next(amounts), shape))
    for amount in amounts:
        result += amount
    return result
