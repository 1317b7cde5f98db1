"""How far off the parts are where not all orders of the inputs are averaged: python benchmarks/attribution.py

The support copilot is compared with the voice agent, which differs in nearly everything, over the orders that
`switchpoint compare` takes and over many more; the parts are held against one another, the time against a base case's.
"""

from __future__ import annotations

import time

import numpy as np

from switchpoint.decision.case import simulate
from switchpoint.decision.result import JudgedWorld
from switchpoint.horizon import Floats
from switchpoint.scenario.load import load_text
from switchpoint.scenario.toml_writer import example_text
from switchpoint.study import compare
from switchpoint.study.compare import FIGURES, Comparison

ROUNDS = 40
MANY = 12_000
"""Scenarios in between that the reference is allowed."""


def shared(before: JudgedWorld, after: JudgedWorld, mixtures: int) -> tuple[Floats, int | None, float]:
    """The parts, shape (causes, figures), over how many orders, and in how many seconds."""
    compare.MIXTURES = mixtures
    begin = time.perf_counter()
    found = Comparison(before, after).attribution
    return np.array([share.amounts for share in found.shares]), found.orders, time.perf_counter() - begin


def main() -> None:
    scenarios = [load_text(example_text(name)).scenario for name in ("support-copilot", "voice-agent")]
    before, after = (JudgedWorld(simulate(scenario)) for scenario in scenarios)
    begin = time.perf_counter()
    _ = [JudgedWorld(simulate(scenario)) for scenario in scenarios * ROUNDS]
    one = (time.perf_counter() - begin) / len(scenarios) / ROUNDS
    parts, orders, seconds = shared(before, after, compare.MIXTURES)
    truth, more, _ = shared(before, after, MANY)
    off = np.abs(parts - truth).sum(axis=0) / np.abs(truth).sum(axis=0)
    print(f"{len(parts)} causes, {orders} orders in the time of {seconds / one:.0f} base cases, against {more} orders:")
    for figure, error in zip(FIGURES, off, strict=True):
        print(f"  {figure}: parts are off by {error:.0%} of all that was moved")


if __name__ == "__main__":
    main()
