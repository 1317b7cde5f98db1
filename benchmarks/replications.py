"""How many worlds a second: python benchmarks/replications.py

One replication is one drawn world of 36 months with one candidate: its traffic, its prices, its project, its fleet and
the totals of staying and of switching. A block of them is timed by processor time, in interleaved rounds of one run,
against
- the textbook way, five SimPy processes that tick every day, which must come to the same totals (1e-9);
- the floor, the same flows of all worlds accrued with NumPy in one go, without any event, schedule or record.
Then: what the survey of a block takes on top, and 1,000 draws of a shipped scenario with start-up.
"""

from __future__ import annotations

import resource
import statistics
import subprocess
import sys
import time
from datetime import timedelta

import numpy as np
from interleaved import medians
from textbook import Textbook

from switchpoint.decision.world_batch import WorldBatch
from switchpoint.scenario.load import load_text
from switchpoint.scenario.toml_writer import example_text, examples
from switchpoint.simulation.chance import BLOCK, Drawn
from switchpoint.simulation.switch_costs import switch_costs
from switchpoint.study.draw_survey import survey
from switchpoint.study.draws import Worlds

ROUNDS, ALIKE, SEED, START = 9, 6, 1, 120
"""Rounds, worlds that are lived through the textbook way, seed, and day on which the project starts."""


def worlds() -> Worlds:
    """The support copilot, its project started on a fixed day with all its people; models stay and rents are steady, as
    in a textbook."""
    plain = ["current.retirement_per_year=0", "candidates.own-8b.fleet.rent_volatility_per_year=0"]
    plain += ["candidates.own-8b.fleet.rent_spread=0", "candidates.own-8b.project.staffing=with-project"]
    scenario = load_text(example_text("support-copilot"), overrides=plain).scenario
    decision = scenario.decision.model_copy(update={"policy": scenario.start + timedelta(days=START)})
    return Worlds(scenario.model_copy(update={"decision": decision}), SEED)


def replications(drawn: Worlds, values: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Totals of staying and of switching in each world of a block."""
    batch = drawn.simulate_many(0, values)
    path = switch_costs(batch.prospects[0], np.array([[START]]))
    return batch.each(batch.stay.sum(axis=-1)), path.ledger.total.sum(axis=-1)[:, 0]


def textbook(drawn: Worlds, number: int, row: np.ndarray, days: int) -> tuple[float, float]:
    """The same of one world the textbook way."""
    made = Textbook(drawn.certain(row), Drawn(SEED, number), START, days).run()
    return made.stay_total, made.switch_total


def floor(drawn: Worlds, batch: WorldBatch) -> np.ndarray:
    """The flows of all worlds accrued with nothing decided: noise, traffic, prices, shares, fleet, sums."""
    clock, sizing = batch.clock, batch.prospects[0].carrier.sizing
    sigma = drawn.scenario.usage.daily_noise
    noise = np.exp(sigma * np.random.default_rng(1).standard_normal((batch.count, clock.days)) - sigma**2 / 2)
    rate = np.linspace(0.06, 0.14, batch.count)[:, None]
    requests = 60_000 * np.exp(np.log1p(rate) * np.expm1(-0.02 * clock.months_since_start) / -0.02) * noise
    requests *= np.ones(7)[clock.weekday]
    tokens = (1 + rate / 10) ** clock.months_since_start
    unit = tokens * (2400 * 0.65 * 0.75 + 2400 * 0.35 * 0.075 + 350 * 4.5) / 1e6
    share = np.clip((clock.day - 300) / 21, 0.0, 0.92)
    stay, load, rent = requests * unit, requests * share / 7488.0, np.zeros(requests.shape)
    for level, count in zip(*sizing.levels, strict=True):
        rent += np.maximum(np.ceil(load * level), 1.0) * (count * 1.7)
    return (stay + stay * (1 - share) + rent + requests * share * 1e-4).sum(axis=-1)


def main() -> None:
    """Print all of it."""
    drawn = worlds()
    values = drawn.values(BLOCK)
    batch = drawn.simulate_many(0, values)
    stay, switch = replications(drawn, values)
    for number, row in enumerate(values[:ALIKE]):
        theirs = textbook(drawn, number, row, batch.clock.days)
        assert np.allclose((stay[number], switch[number]), theirs, rtol=1e-9, atol=0), (number, theirs)
    print(f"{ALIKE} drawn worlds: totals of both ways agree to 1e-9")

    ours, theirs, least, seen = medians(
        ROUNDS,
        lambda: replications(drawn, values),
        lambda: [textbook(drawn, n, row, batch.clock.days) for n, row in enumerate(values[:ALIKE])],
        lambda: floor(drawn, batch),
        lambda: survey(drawn.simulate_many(0, values)),
        clock=time.process_time,
    )
    ours, theirs, least, seen = ours / BLOCK, theirs / ALIKE, least / BLOCK, seen / BLOCK
    rates = [f"{1 / seconds:,.0f}" for seconds in (ours, theirs, least)]
    print(f"replications: {rates[0]} a processor second; the textbook way {rates[1]}; the floor {rates[2]}")
    print(f"  {theirs / ours:.0f} times as fast as the textbook way")
    print(f"  {ours / least:.1f} times the floor")
    print(f"a draw as it is surveyed, all start dates searched and the monitor asked: {seen / ours:.1f} replications")
    start_up()


def start_up() -> None:
    """1,000 draws of shipped scenarios, all candidates, with Python's start, against one base case: processor time."""
    code = "from switchpoint.cli import main; main()"
    for name in ("support-copilot", "code-assistant"):
        base = [sys.executable, "-c", code, "run", str(examples()[name]), "--json"]
        one, many = (
            statistics.median(processor_seconds(command) for _ in range(3))
            for command in (base, [*base, "--draws", "1000", "--jobs", "1"])
        )
        print(f"{name}: run --draws 1000 takes {many:.2f} s, {many / one:.1f} times the base case")


def processor_seconds(command: list[str]) -> float:
    """Processor time of a command."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    subprocess.run(command, check=True, capture_output=True)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


if __name__ == "__main__":
    main()
