"""Peak memory of many draws: python benchmarks/memory.py [DRAWS]

Runs that many draws (100,000 when left out) of the support copilot on all cores, and a hundredth of them before, and
says what the larger run took more: memory follows what is kept of a draw, not its days.
"""

from __future__ import annotations

import subprocess
import sys

MEGABYTE = 1024
CODE = """
import resource, sys, time
from switchpoint.decision.case import simulate
from switchpoint.decision.result import JudgedWorld
from switchpoint.scenario.toml_writer import example_text
from switchpoint.scenario.load import load_text
from switchpoint.study.workers import cores, stop_local
from switchpoint.study.monte_carlo import MonteCarlo
if __name__ == "__main__":
    scenario = load_text(example_text("support-copilot")).scenario
    findings = MonteCarlo(int(sys.argv[1]), 1, cores()).study(scenario, JudgedWorld(simulate(scenario)))
    stop_local()
    time.sleep(1)
    own, workers = map(resource.getrusage, (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    print(findings.draws, own.ru_maxrss, workers.ru_maxrss)
"""


def peak(draws: int) -> tuple[float, float]:
    """Most memory of the process that keeps the draws, and of any of its workers, megabytes."""
    run = subprocess.run([sys.executable, "-c", CODE, str(draws)], check=True, capture_output=True, text=True)
    made, own, workers = map(int, run.stdout.split())
    assert made == draws
    return own / MEGABYTE, workers / MEGABYTE


def main() -> None:
    """Print both."""
    draws = int(sys.argv[1]) if len(sys.argv) > 1 else 100_000
    few, _ = peak(draws // 100)
    many, children = peak(draws)
    print(
        f"{draws // 100:,} draws: {few:,.0f} MB at most; {draws:,} draws: {many:,.0f} MB; a worker {children:,.0f} MB"
    )
    print(f"  {(many - few) * 1e3 / (draws * 0.99):.1f} kB a draw")


if __name__ == "__main__":
    main()
