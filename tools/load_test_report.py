"""The section of docs/validation-serving.md on load tests of others, which no fit ever used.

Run `python -m tools.load_test_report` to write it anew.
"""

from __future__ import annotations

import csv
import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path

import numpy as np

from switchpoint.catalog import gpu, model
from switchpoint.serving.capacity import Question
from switchpoint.serving.capacity_cache import capacity
from switchpoint.serving.hardware import Architecture
from switchpoint.serving.requests import Spread
from switchpoint.serving.serve import Promise, saturated_rate, try_rate
from switchpoint.serving.step_time import ModelledSteps

ROOT = Path(__file__).resolve().parent.parent
PAGE, ROWS = ROOT / "docs" / "validation-serving.md", ROOT / "tests" / "serving_load_tests.csv"
HEAD, NEXT = "## Load tests of others\n", "## Farthest off\n"
PROMISED = (1.0, 0.05)
TEXT = """Runs under a stated rate of requests, simulated one by one, as a capacity is. No constant was fitted to
them, and none was changed after they were looked at; `tests/serving_load_tests.csv` has the rows. Measured, simulated
and the error of each. What was sent all at once is compared with the saturated throughput.
"""


@dataclass(frozen=True)
class Run:
    """One run of a load test: what was measured of one replica."""

    test: str
    note: str
    question: Question
    sent: float
    """Requests per second; infinite where all were sent at once."""
    made: float
    """Requests per second that were completed."""
    measured: tuple[float | None, ...]
    """Median and 99th percentile of the time to first token, then of the time per output token, s."""

    @property
    def simulated(self) -> tuple[float, ...]:
        """The same, simulated."""
        return _simulated(self.question, self.sent)

    @property
    def saturated(self) -> float:
        """Requests per second, simulated, while more always wait."""
        return _saturated(self.question)


@cache
def _saturated(question: Question) -> float:
    return float(saturated_rate(question.bench, question.samples()).mean())


@cache
def _simulated(question: Question, rate: float) -> tuple[float, ...]:
    trial = try_rate(question.bench, question.samples(), rate)
    (first, then), (first_99, then_99) = trial.percentile(50), trial.percentile(99)
    return first, first_99, then, then_99


def runs() -> list[Run]:
    """All runs of the file."""
    with ROWS.open(newline="", encoding="utf-8") as file:
        return [_run(row) for row in csv.DictReader(file)]


def _run(row: dict[str, str]) -> Run:
    known = model(row["model"])
    steps = ModelledSteps(Architecture.of(known), gpu(row["gpu"]), row["precision"], int(row["gpus"]), row["engine"])
    spread = Spread(float(row["input_spread"]), float(row["output_spread"]))
    tokens = float(row["input_tokens"]), float(row["output_tokens"])
    names = ("ttft_p50_s", "ttft_p99_s", "tpot_p50_s", "tpot_p99_s")
    return Run(
        row["test"],
        row["note"],
        Question(steps, *tokens, Promise(), known.max_context, spread),
        float(row["sent_per_replica"]),
        float(row["made_per_replica"]),
        tuple(float(row[name]) if row[name] else None for name in names),
    )


def section() -> str:
    """The section, its heading included."""
    every = runs()
    paced = [run for run in every if math.isfinite(run.sent)]
    head = ["Test", "Requests/s", "Tokens", "First token p50, ms", "p99, ms", "Per token p50, ms", "p99, ms"]
    lines = [[run.test, f"{run.sent:.3g}", _size(run), *map(_pair, run.measured, run.simulated)] for run in paced]
    crowd = [
        [run.test, _size(run), f"{run.made:.3g}", f"{run.saturated:.3g}", f"{run.saturated / run.made - 1:+.0%}"]
        for run in every
        if not math.isfinite(run.sent)
    ]
    parts = [HEAD, TEXT, _table(head, lines), ""]
    names = ["Test, all at once", "Tokens", "Measured requests/s", "Simulated", "Error"]
    parts += [_table(names, crowd), "", _told(paced), "", _capacity(every)]
    return "\n".join(parts) + "\n\n"


def _size(run: Run) -> str:
    return f"{run.question.input_tokens:,.0f} + {run.question.output_tokens:,.0f}"


def _pair(measured: float | None, simulated: float) -> str:
    if measured is None:
        return f"–, {1e3 * simulated:,.3g}"
    return f"{1e3 * measured:,.3g}, {1e3 * simulated:,.3g}, {simulated / measured - 1:+.0%}"


def errors(paced: Sequence[Run], place: int) -> list[float]:
    """Simulated over measured, less 1, of one of the four figures."""
    return [run.simulated[place] / run.measured[place] - 1 for run in paced if run.measured[place]]  # type: ignore[operator]


def _told(paced: Sequence[Run]) -> str:
    first, then = errors(paced, 0), errors(paced, 2)
    return (
        f"Time per output token: off by {np.median(np.abs(then)):.0%} in the median, {max(map(abs, then)):.0%} at "
        f"most.\nTime to first token: off by {np.median(np.abs(first)):.0%}, {max(map(abs, first)):.0%} at most: what "
        "a request takes outside the engine is one\nconstant for all engines and GPUs, tens of milliseconds too long "
        "here, where promises are seconds."
    )


def _capacity(every: Sequence[Run]) -> str:
    """The capacity of the first test within a promise, bracketed by its runs."""
    own = [run for run in every if run.test == every[0].test]
    kept = max(run.made for run in own if math.isfinite(run.sent))
    broken = [run.made for run in own if not math.isfinite(run.sent)]
    found = capacity(replace(own[1].question, promise=Promise(*PROMISED))).requests_per_second
    return (
        f"Capacity of {own[0].test} within {PROMISED[0]:g} s to the first token and {1e3 * PROMISED[1]:g} ms per token "
        f"(95th percentiles):\n{kept:.3g} requests/s kept it, all at once broke it at {min(broken):.3g} to "
        f"{max(broken):.3g}; simulated {found:.3g}, at most {found / kept - 1:+.0%} off."
    )


def _table(head: Sequence[str], lines: Sequence[Sequence[str]]) -> str:
    return "\n".join(f"| {' | '.join(line)} |" for line in [head, ["---"] * len(head), *lines])


def main() -> None:
    """Write the section."""
    text = PAGE.read_text(encoding="utf-8")
    before, after = text.partition(NEXT)[0], text.partition(NEXT)[2]
    PAGE.write_text(before.partition(HEAD)[0] + section() + NEXT + after, encoding="utf-8")


if __name__ == "__main__":
    main()
