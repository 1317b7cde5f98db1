"""The program that commands are added to, and how it ends: faults as plain lines, never a traceback."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Annotated, Any

import typer
from typer.core import TyperGroup

from switchpoint.cli.interruption import INTERRUPTED, happened, let_clean_up

BAD_INPUT = 2

SetOption = Annotated[
    list[str],
    typer.Option("--set", metavar="PATH=VALUE", help="Replace one value of the scenario; may be given many times."),
]


ORDER = ("new", "check", "run", "sweep", "summarise")


class Commands(TyperGroup):
    """A group of commands whose bad input ends in one line per fault on stderr."""

    def list_commands(self, ctx: Any) -> list[str]:
        """The names of the commands, in the order in which a new user needs them."""
        names = super().list_commands(ctx)
        return sorted(names, key=lambda name: ORDER.index(name) if name in ORDER else len(ORDER))

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
        if happened():
            typer.echo("Interrupted", err=True)
            raise typer.Exit(INTERRUPTED) from None
        if not isinstance(error, input_faults()):
            raise
        typer.echo(str(error), err=True)
        raise typer.Exit(BAD_INPUT) from None


def input_faults() -> tuple[type[Exception], ...]:
    """The exceptions that say what is wrong with input, each in plain lines."""
    from switchpoint.catalog import CatalogError
    from switchpoint.clock import Problem
    from switchpoint.scenario.errors import ScenarioError
    from switchpoint.study.executors import LostWorkError
    from switchpoint.study.sweep.faults import SweepError

    return ScenarioError, CatalogError, Problem, SweepError, LostWorkError


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
