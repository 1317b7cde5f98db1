"""How long a capacity takes, against things measured in the same run: python benchmarks/serving_capacity.py

Machines are shared and noisy, so besides milliseconds every figure is a ratio of medians of interleaved rounds: a cold
answer and a scenario that asks for several, against serving the same number of requests once; an answer from disk and
one from the process, against the cold one.
"""

from __future__ import annotations

import os
import re
import tempfile

from interleaved import medians

from switchpoint.decision.case import simulate
from switchpoint.scenario.load import load_text
from switchpoint.scenario.toml_writer import example_text
from switchpoint.serving import capacity_cache, disk_cache
from switchpoint.serving.capacity import _quick, measure
from switchpoint.serving.serve import try_rate
from switchpoint.simulation.capacity import question

ROUNDS = 7


def main() -> None:
    text = re.sub(r"(?m)^requests_per_second_per_replica.*\n", "", example_text("support-copilot"))
    scenario = load_text(text).scenario
    (spec,) = scenario.candidates.values()
    asked = question(spec, 2400, 350)  # type: ignore[arg-type]

    def cold() -> None:
        _quick.cache_clear()
        measure(asked)

    def served_once() -> None:
        _quick.cache_clear()
        try_rate(asked.bench, asked.samples(), 3.0)

    def from_disk() -> None:
        capacity_cache.capacity.cache_clear()
        capacity_cache.capacity(asked)

    def whole_scenario() -> None:
        os.environ[disk_cache.SWITCH] = "off"
        _quick.cache_clear()
        capacity_cache.capacity.cache_clear()
        simulate(scenario)
        os.environ[disk_cache.SWITCH] = folder

    with tempfile.TemporaryDirectory() as folder:
        os.environ[disk_cache.SWITCH] = folder
        from_disk()
        once, first, all_of_it, disk, kept = medians(
            ROUNDS, served_once, cold, whole_scenario, from_disk, lambda: capacity_cache.capacity(asked)
        )
    print(f"cold answer: {first * 1e3:.0f} ms, {first / once:.1f} times serving its samples once ({once * 1e3:.0f} ms)")
    print(f"cold scenario whose tokens grow: {all_of_it * 1e3:.0f} ms, {all_of_it / first:.1f} cold answers")
    print(f"from disk: {disk * 1e3:.2f} ms, 1/{first / disk:.0f} of a cold answer; in process {kept * 1e6:.0f} µs")


if __name__ == "__main__":
    main()
