"""The command that runs one scenario: its base case, many draws of it, or one draw; printed and written."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

from switchpoint.clock import Problem
from switchpoint.engine import simulate
from switchpoint.report.files import REPORT, RESULT, as_text, files_of, files_of_draws, in_bytes, json_text
from switchpoint.report.page import page
from switchpoint.report.saved import keep, reserve
from switchpoint.result import Result
from switchpoint.scenario.errors import ScenarioError
from switchpoint.scenario.files import Loaded
from switchpoint.study.draws.output import as_json as findings_json

if TYPE_CHECKING:
    from rich.progress import ProgressColumn

Made = TypeVar("Made")


@dataclass(frozen=True)
class Sampling:
    """What is asked of the draws: how many, or which one; none is the base case."""

    draws: int | None = None
    draw: int | None = None
    seed: int = 0
    precision: float | None = None
    jobs: int | None = None


BASE_CASE = Sampling()


def run_command(loaded: Loaded, *, as_json: bool, out: Path | None, sampling: Sampling = BASE_CASE) -> None:
    """Simulate a scenario and print it as text or JSON; with `out`, write result, months and charts there too.

    Raises:
        ScenarioError: where the scenario cannot be computed or a file cannot be written.
    """
    if out is not None:
        reserve(out, loaded)  # before anything is computed
    if sampling.draw is not None:
        text = _one_draw(loaded, sampling, sampling.draw, as_json=as_json, out=out)
    elif sampling.draws is not None:
        text = _draws(loaded, sampling, sampling.draws, as_json=as_json, out=out)
    else:
        result = evaluate(loaded)
        text = json_text(result) if as_json else page(result)
        if out is not None:
            keep(out, loaded, files_of(result))
    sys.stdout.write(text)


def evaluate(loaded: Loaded) -> Result:
    """The result of a scenario file.

    Raises:
        ScenarioError: where its numbers cannot be computed, with file and line.
    """
    return located(loaded, lambda: Result(simulate(loaded.scenario), source=loaded.source))


def located(loaded: Loaded, compute: Callable[[], Made]) -> Made:
    """What is computed from a scenario file.

    Raises:
        ScenarioError: where it cannot be, with file and line.
    """
    try:
        return compute()
    except Problem as problem:
        raise ScenarioError([loaded.fault(problem.path, problem.message)], loaded.source) from None


def _draws(loaded: Loaded, sampling: Sampling, draws: int, *, as_json: bool, out: Path | None) -> str:
    from switchpoint.report.draws import draws_page
    from switchpoint.study.draws.montecarlo import MonteCarlo
    from switchpoint.study.executors import cores

    base = evaluate(loaded)
    with progress_bar(f"{draws:,} draws") as told:
        plan = MonteCarlo(draws, sampling.seed, sampling.jobs or cores(), sampling.precision, told)
        findings = located(loaded, lambda: plan.study(loaded.scenario, base))
    if out is not None:
        keep(out, loaded, files_of_draws(findings))
    return as_text(findings_json(findings)) if as_json else draws_page(findings)


def _one_draw(loaded: Loaded, sampling: Sampling, number: int, *, as_json: bool, out: Path | None) -> str:
    from switchpoint.report.draw import draw_json, draw_page
    from switchpoint.study.draws.worlds import Worlds

    worlds = Worlds(loaded.scenario, sampling.seed)
    result = located(loaded, lambda: Result(worlds.one(number)))
    told = {RESULT: draw_json(worlds, number, result), REPORT: draw_page(worlds, number, result)}
    if out is not None:
        keep(out, loaded, {**files_of(result), **in_bytes(told)})
    return told[RESULT if as_json else REPORT]


@dataclass(frozen=True)
class Part:
    """The progress of one part of several."""

    whole: Callable[[float], None]
    number: int
    count: int

    def __call__(self, share: float) -> None:
        """Tell the whole of the share that is done of this part."""
        self.whole((self.number + share) / self.count)


@contextmanager
def progress_bar(title: str, total: float = 1.0, unit: str = "") -> Iterator[Callable[[float], None]]:
    """A bar on the terminal's error stream, nothing elsewhere; gives what is to be told how much is done.

    Args:
        title: what is going on.
        total: what is told when all is done.
        unit: what is counted; stated, count and rate are shown too.
    """
    if not sys.stderr.isatty():
        yield lambda _: None
        return
    from rich.console import Console
    from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn, TimeRemainingColumn

    counts = [TextColumn("{task.completed:,.0f}/{task.total:,.0f} {task.fields[unit]}"), _rate()] if unit else []
    shown = [TextColumn("{task.description}"), BarColumn(), TaskProgressColumn(), *counts, TimeRemainingColumn()]
    with Progress(*shown, console=Console(stderr=True), transient=True, speed_estimate_period=300) as bar:
        task = bar.add_task(title, total=total, unit=unit)
        yield lambda done: bar.update(task, completed=done)


def _rate() -> ProgressColumn:
    from rich.progress import ProgressColumn, Task
    from rich.text import Text

    class Rate(ProgressColumn):
        """How many are done in a second."""

        def render(self, task: Task) -> Text:
            return Text(f"{task.speed:,.1f}/s" if task.speed else "")

    return Rate()
