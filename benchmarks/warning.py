"""How long three years of Mondays take to watch, against the plain line: python benchmarks/warning.py"""

from __future__ import annotations

from datetime import date

import numpy as np
from interleaved import medians

from switchpoint.clock import Clock
from switchpoint.decision.monitor import forecast
from switchpoint.decision.pressure import Limits
from switchpoint.decision.warning import watched

ROUNDS = 400


def main() -> None:
    clock = Clock(date(2027, 1, 4), 1096)
    limits = Limits(np.ones((1, clock.days)))
    bill = 0.2 * 1.05**clock.t * np.exp(np.random.default_rng(1).normal(0, 0.08, clock.days))
    watched(bill, limits, clock)
    better, plain = medians(
        ROUNDS, lambda: watched(bill, limits, clock), lambda: forecast(bill, limits, clock, errors=2.0)
    )
    print(f"four models {better * 1e6:.0f} us, plain line {plain * 1e6:.0f} us: {better / plain:.2f} times as long")


if __name__ == "__main__":
    main()
