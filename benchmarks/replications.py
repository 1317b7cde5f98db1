"""How many worlds a second: python benchmarks/replications.py

One replication is one drawn world of 36 months with one candidate: its traffic, its prices, its project, its fleet and
the totals of staying and of switching. It is timed, in interleaved rounds of one run, against
- the textbook way, five SimPy processes that tick every day, which must come to the same totals (1e-9);
- the floor, the same arrays accrued with NumPy without any event, schedule or record.
Then: what a replication is spent on, 1,000 draws of a shipped scenario with start-up, and the memory of 100,000.
"""

from __future__ import annotations

import subprocess
import sys
import time
from datetime import timedelta

import numpy as np
from interleaved import medians
from textbook import Textbook

from switchpoint.chance import Drawn
from switchpoint.engine import Case
from switchpoint.scenario.examples import example_text, examples
from switchpoint.scenario.files import load_text
from switchpoint.study.draws.survey import survey
from switchpoint.study.draws.worlds import Worlds
from switchpoint.timeline.path import travel

ROUNDS, WORLDS, SEED, START = 15, 12, 1, 120


def worlds() -> Worlds:
    """The support copilot, its project started on a fixed day; models stay and rents are steady, as in a textbook."""
    plain = ["current.retirement_per_year=0", "candidates.own-8b.fleet.rent_volatility_per_year=0"]
    plain.append("candidates.own-8b.fleet.rent_spread=0")
    scenario = load_text(example_text("support-copilot"), overrides=plain).scenario
    decision = scenario.decision.model_copy(update={"policy": scenario.start + timedelta(days=START)})
    return Worlds(scenario.model_copy(update={"decision": decision}), SEED)


def replication(drawn: Worlds, number: int, row: np.ndarray) -> tuple[float, float]:
    """Totals of staying and of switching in one world."""
    case = drawn.simulate(number, row)
    path = travel(case.outlooks[0].prospect, np.array([START]))
    return float(case.stay.sum()), float(path.ledger.total.sum())


def textbook(drawn: Worlds, number: int, row: np.ndarray) -> tuple[float, float]:
    """The same the textbook way."""
    certain = drawn.certain(row)
    made = Textbook(certain, Drawn(SEED, number), START, simulate_days(drawn)).run()
    return made.stay_total, made.switch_total


def simulate_days(drawn: Worlds) -> int:
    return DAYS or drawn.one(0).clock.days


DAYS = 0


def floor(case: Case) -> float:
    """The arrays of a world accrued with nothing decided: traffic, prices, shares, fleet, sums."""
    clock, flow = case.clock, case.setting.traffic
    carrier = case.outlooks[0].prospect.carrier
    share = np.clip((clock.day - 300) / 21, 0.0, 0.92)
    requests = 60_000 * np.exp(0.09 * np.expm1(-0.02 * clock.t) / -0.02) * np.ones(7)[clock.weekday]
    unit = (flow.input_tokens * 0.65 * 0.75 + flow.input_tokens * 0.35 * 0.075 + flow.output_tokens * 4.5) / 1e6
    stay = requests * unit
    replicas = np.ceil((requests * share / 7488.0)[:, None] * carrier.sizing.levels[0])
    rent = np.maximum(replicas, 1.0) @ carrier.sizing.levels[1] * 1.7
    return float(stay.sum() + (stay * (1 - share) + rent).sum())


def main() -> None:
    """Print all of it."""
    global DAYS
    drawn = worlds()
    values = drawn.values(WORLDS)
    DAYS = drawn.one(0).clock.days
    for number, row in enumerate(values):
        ours, theirs = replication(drawn, number, row), textbook(drawn, number, row)
        assert np.allclose(ours, theirs, rtol=1e-9, atol=0), (number, ours, theirs)
    print(f"{WORLDS} drawn worlds: totals of both ways agree to 1e-9")

    cases = [drawn.simulate(number, row) for number, row in enumerate(values)]
    each = lambda work: lambda: [work(drawn, n, row) for n, row in enumerate(values)]  # noqa: E731
    ours, theirs, least = medians(ROUNDS, each(replication), each(textbook), lambda: [floor(case) for case in cases])
    rates = [f"{WORLDS / seconds:,.0f}" for seconds in (ours, theirs, least)]
    print(f"replications: {rates[0]} a second; the textbook way {rates[1]}; the floor {rates[2]}")
    print(f"  {theirs / ours:.1f} times as fast as the textbook way")
    print(f"  {ours / least:.1f} times the floor")
    spent(drawn, values, ours / WORLDS)
    start_up()


def spent(drawn: Worlds, values: np.ndarray, whole: float) -> None:
    """What a replication is spent on, by switching parts off."""
    rows = list(enumerate(values))
    case = drawn.simulate(0, values[0])
    setting, traveller, record = medians(
        ROUNDS,
        lambda: [drawn.certain(row) for _, row in rows],
        lambda: [travel(case.outlooks[0].prospect, np.array([START])) for _ in rows],
        lambda: [survey(case) for _ in rows],
    )
    parts = {"putting drawn numbers into the scenario": setting, "travelling one start": traveller}
    for name, seconds in parts.items():
        print(f"  {name}: {seconds / WORLDS / whole:.0%} of a replication")
    print(f"  what is kept of a draw, all start dates searched, on top: {record / WORLDS / whole:.0%} of a replication")


def start_up() -> None:
    """1,000 draws of a shipped scenario, all candidates, with Python's start, against one base case."""
    code = "from switchpoint.cli import main; main()"
    base = [sys.executable, "-c", code, "run", str(examples()["support-copilot"]), "--json"]
    times = []
    for command in (base, [*base, "--draws", "1000"]):
        begin = time.perf_counter()
        subprocess.run(command, check=True, capture_output=True)
        times.append(time.perf_counter() - begin)
    print(f"run --draws 1000: {times[1]:.1f} s, {times[1] / times[0]:.1f} times the base case of the same run")


if __name__ == "__main__":
    main()
