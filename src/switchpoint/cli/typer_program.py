"""The program that commands are added to; options, faults as plain lines, and the progress bar that they share."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Annotated, Any, TypeVar

import typer
from typer.core import TyperGroup

from switchpoint.cli.interruption import INTERRUPTED, let_clean_up, was_interrupted

if TYPE_CHECKING:
    from rich.progress import ProgressColumn

    from switchpoint.decision.result import JudgedWorld
    from switchpoint.scenario.load import Loaded
    from switchpoint.scenario.stated_notes import Note


BAD_INPUT = 2

ForceOption = Annotated[bool, typer.Option("--force", help="Overwrite files of --out that this command did not write.")]
SetOption = Annotated[
    list[str],
    typer.Option("--set", metavar="PATH=VALUE", help="Replace one value of the scenario; may be given many times."),
]


ORDER = (
    "app", "new", "check", "candidates", "run", "why", "compare", "sweep", "summarise", "export", "fit", "watch",
    "replay", "readiness", "log", "capacity", "throughput", "prices", "hardware", "schema",
)  # fmt: skip
"""Commands in the order in which a new user needs them: an answer, what it hangs on, one's own data, all else."""


class Commands(TyperGroup):
    """A group of commands whose bad input ends in one line per fault on stderr."""

    def list_commands(self, ctx: Any) -> list[str]:
        """The names of the commands, in the order in which a new user needs them."""
        names = super().list_commands(ctx)
        return sorted(names, key=ORDER.index)

    def invoke(self, ctx: Any) -> Any:
        """Run the command that was asked for."""
        with plain_faults():
            let_clean_up()
            result = super().invoke(ctx)
            sys.stdout.flush()
            return result


@contextmanager
def plain_faults() -> Iterator[None]:
    """Turn what can go wrong with input into lines on stderr and an exit code."""
    try:
        yield
    except KeyboardInterrupt:
        typer.echo("Interrupted", err=True)
        raise typer.Exit(INTERRUPTED) from None
    except BrokenPipeError:
        raise
    except OSError as error:
        typer.echo(f"{error.filename or 'switchpoint'}: {error.strerror or error}", err=True)
        raise typer.Exit(BAD_INPUT) from None
    except Exception as error:
        if was_interrupted():
            typer.echo("Interrupted", err=True)
            raise typer.Exit(INTERRUPTED) from None
        if not isinstance(error, input_faults()):
            raise
        typer.echo(str(error), err=True)
        raise typer.Exit(BAD_INPUT) from None


def input_faults() -> tuple[type[Exception], ...]:
    """The exceptions that say what is wrong with input, each in plain lines."""
    from switchpoint.catalog import CatalogError
    from switchpoint.errors import CannotCompute
    from switchpoint.scenario.errors import ScenarioError
    from switchpoint.study.sweep.study_file import SweepError
    from switchpoint.study.workers import LostWorkError

    return ScenarioError, CatalogError, CannotCompute, SweepError, LostWorkError


program = typer.Typer(
    cls=Commands,
    help="When to move LLM traffic from a per-token API to a model of your own.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)


def _version(asked: bool) -> None:
    if asked:
        from switchpoint.version import __version__

        typer.echo(__version__)
        raise typer.Exit


@program.callback()
def _options(
    version: Annotated[
        bool, typer.Option("--version", help="Print the version.", callback=_version, is_eager=True)
    ] = False,
) -> None:
    """When to move LLM traffic from a per-token API to a model of your own."""


def notes_of(loaded: Loaded, *, strict: bool) -> tuple[Note, ...]:
    """The notes on a scenario, each with its place.

    Raises:
        ScenarioError: with strict, where there is one: each as a fault, those on what is set for this run too.
    """
    from switchpoint.decision.notes import load_notes
    from switchpoint.scenario.errors import ScenarioError
    from switchpoint.scenario.load import cautions
    from switchpoint.scenario.stated_notes import RATES, place_of

    notes = tuple(replace(note, place=place_of(note, loaded.source)) for note in load_notes(loaded.scenario))
    doubts = [note for note in (*cautions(loaded.source), *notes) if note.code != RATES]
    if strict and doubts:
        raise ScenarioError([loaded.fault(note.path, note.sentence) for note in doubts], loaded.source)
    return notes


def open_scenario(file: str, settings: Sequence[str]) -> Loaded:
    """A scenario file with what is set for this run.

    Raises:
        ScenarioError: with every fault.
    """
    from switchpoint.scenario.catalogue_check import load_checked
    from switchpoint.scenario.load import cautions

    loaded = load_checked(file, settings)
    for line in cautions(loaded.source):
        typer.echo(str(line), err=True)
    return loaded


Made = TypeVar("Made")


def evaluate(loaded: Loaded) -> JudgedWorld:
    """The result of a scenario file.

    Raises:
        ScenarioError: where its numbers cannot be computed, with file and line.
    """
    from switchpoint.decision.case import simulate
    from switchpoint.decision.result import JudgedWorld

    return compute_located(loaded, lambda: JudgedWorld(simulate(loaded.scenario), source=loaded.source))


def compute_located(loaded: Loaded, compute: Callable[[], Made]) -> Made:
    """What is computed from a scenario file.

    Raises:
        ScenarioError: where it cannot be, with file and line.
    """
    from switchpoint.errors import CannotCompute
    from switchpoint.scenario.errors import ScenarioError

    try:
        return compute()
    except CannotCompute as problem:
        raise ScenarioError([loaded.fault(problem.path, problem.message)], loaded.source) from None


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


JsonOption = Annotated[bool, typer.Option("--json", help="Print JSON instead of tables.")]


@dataclass(frozen=True)
class Sampling:
    """What is asked of the draws: how many, or which one; none is the base case."""

    draws: int | None = None
    draw: int | None = None
    seed: int = 0
    precision: float | None = None
    jobs: int | None = None
