"""How long three years of Mondays take to watch, of one bill and of 1,000 at once: python benchmarks/warning.py"""

from __future__ import annotations

from datetime import date

import numpy as np
from interleaved import medians

from switchpoint.horizon import Floats, Horizon
from switchpoint.simulation.limits import BillLimits
from switchpoint.warning.monitor import WatchedBills
from switchpoint.warning.plain import forecast

ROUNDS, WORLDS = 40, 1000


def watch(bills: Floats, steady: bool = False) -> None:
    """What is said of each Monday, its state among it."""
    watched = WatchedBills(bills, np.ones((1, 1, bills.shape[1])), weekday=0, steady=steady)
    assert watched.states.size
    assert watched.chances.months_to_limit.size


def main() -> None:
    clock = Horizon(date(2027, 1, 4), 1096)
    limits = BillLimits(np.ones((1, clock.days)))
    noise = np.random.default_rng(1).normal(0, 0.08, (WORLDS, clock.days))
    bills = 0.2 * 1.05**clock.months_since_start * np.exp(noise)
    watch(bills[:1])
    for number in (1, WORLDS):
        some = bills[:number]
        spent = medians(
            ROUNDS if number == 1 else 3,
            lambda some=some: watch(some),
            lambda some=some: watch(some, steady=True),
            lambda some=some: forecast(some[:, None], limits, clock, errors=2.0),
        )
        untold, told, plain = (f"{each * 1e3:.1f} ms" for each in spent)
        print(f"{number:,} bills: {untold}, told that growth is steady {told}, plain line {plain}")


if __name__ == "__main__":
    main()
