"""How long one base case takes, against things measured in the same run: python benchmarks/base_case.py

Machines are shared and noisy, so every figure is a ratio of medians of interleaved rounds:
- a 36-month base case with three candidates, against the same number of array operations on its days (the floor);
- the search for the best start with cumulative sums, against travelling every start day by day;
- `switchpoint --help`, against starting Python and doing nothing.
"""

from __future__ import annotations

import subprocess
import sys

import numpy as np
from interleaved import medians

from switchpoint.decision.case import SimulatedWorld, simulate
from switchpoint.decision.result import JudgedWorld
from switchpoint.scenario.load import load_text
from switchpoint.scenario.schema import Scenario
from switchpoint.scenario.toml_writer import example_text
from switchpoint.simulation.present_cost import present_cost_of_starts
from switchpoint.simulation.switch_costs import switch_costs

ROUNDS = 40


def three_candidates() -> Scenario:
    scenario = load_text(example_text("support-copilot")).scenario
    (only,) = scenario.candidates.values()
    return scenario.model_copy(update={"candidates": dict.fromkeys(("one", "two", "three"), only)})


def everything(scenario: Scenario) -> SimulatedWorld:
    """A base case with its verdict and every reported figure."""
    case = simulate(scenario)
    JudgedWorld(case).as_json()
    return case


def main() -> None:
    scenario = three_candidates()
    case = everything(scenario)
    days = np.ones(case.clock.days)
    floor = lambda: [days * days + days for _ in range(200)]  # noqa: E731
    full, dates, least = medians(ROUNDS, lambda: everything(scenario), lambda: simulate(scenario).outlooks[0], floor)
    print(f"base case, 36 months, 3 candidates: {full * 1e3:.1f} ms with every figure")
    print(f"  against 400 array operations on its days: {full / least:.1f} times; the world alone {dates / least:.1f}")

    starts = case.outlooks[0].starts
    search, travelled = medians(
        ROUNDS,
        lambda: present_cost_of_starts(
            starts.prospect, starts.prospect.planner.schedule(starts.searched_starts), starts.discount
        ),
        lambda: switch_costs(starts.prospect, starts.searched_starts).ledger.total @ starts.discount,
    )
    print(f"best start of {starts.searched_starts.size}: sums are {travelled / search:.1f} times as fast as days")

    command = [sys.executable, "-m", "switchpoint", "--help"]
    helped, nothing = medians(
        9,
        lambda: subprocess.run(command, check=True, capture_output=True),
        lambda: subprocess.run([sys.executable, "-c", ""], check=True),
    )
    print(f"switchpoint --help: {helped / nothing:.1f} times a bare Python ({helped * 1e3:.0f} ms)")


if __name__ == "__main__":
    main()
