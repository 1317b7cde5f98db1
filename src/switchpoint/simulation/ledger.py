"""The ledger: dollars a day by component, and how each component behaves."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from functools import cached_property

import numpy as np

from switchpoint.horizon import Floats


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


PROJECT = (Component.LABELS, Component.TRAINING, Component.ENGINEERS, Component.ONE_OFF)
"""What a project spends before it is live."""

Entries = dict[Component, Floats]
"""Dollars a day by component; the last axis is days, and what is the same in all worlds or starts may lack theirs."""


@dataclass(frozen=True)
class Ledger:
    """Dollars a day by component; absent components are 0. `end_credit` is booked on the last day, within CAPITAL."""

    entries: Entries
    end_credit: Floats | float = 0.0

    @cached_property
    def total(self) -> Floats:
        """Dollars a day, all components."""
        return total(self.entries)

    @property
    def capital(self) -> Floats:
        """Dollars a day that fall at the start of the day, the credit of the last day left out."""
        capital = self.entries.get(Component.CAPITAL)
        if capital is None:
            return np.zeros_like(self.total)
        capital = np.array(np.broadcast_to(capital, np.broadcast_shapes(capital.shape, self.total.shape)))
        capital[..., -1] += self.end_credit
        return capital

    @property
    def flow(self) -> Floats:
        """Dollars a day that flow evenly through the day: all but capital, shape of `total`."""
        flow = self.total - self.capital
        flow[..., -1] += self.end_credit
        return flow

    def row(self, index: int) -> Ledger:
        """The ledger of one of several starts."""
        credit = self.end_credit[index] if isinstance(self.end_credit, np.ndarray) else self.end_credit
        return Ledger({c: np.atleast_2d(daily)[index] for c, daily in self.entries.items()}, float(credit))


def total(entries: Entries) -> Floats:
    """Sum over components."""
    shape = np.broadcast_shapes(*(daily.shape for daily in entries.values()))
    amounts = iter(entries.values())
    result: Floats = np.array(np.broadcast_to(next(amounts), shape))
    for amount in amounts:
        result += amount
    return result
