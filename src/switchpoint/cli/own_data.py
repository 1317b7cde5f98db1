"""`switchpoint fit`, `watch` and `replay`: files of usage and bills fitted, watched, and walked through."""

from __future__ import annotations

import inspect
import sys
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal, TypeAlias

import typer

from switchpoint.cli.typer_program import ForceOption, JsonOption, SetOption, program, progress_bar

if TYPE_CHECKING:
    from switchpoint.owndata.own_fit import OwnFit
    from switchpoint.owndata.reading import UsageRead
    from switchpoint.owndata.watching import BillWatch
    from switchpoint.scenario.load import Loaded

FilesArgument = Annotated[
    list[str], typer.Argument(metavar="FILE…", help="Files, folders or patterns of one provider; .gz and .zip too.")
]
ScenarioOption = Annotated[str, typer.Option("--scenario", metavar="FILE", help="Scenario with the limit.")]
FormatOption = Annotated[
    str | None, typer.Option("--format", metavar="NAME", help="What the files are; recognised when left out.")
]
TimezoneOption = Annotated[
    str | None, typer.Option("--timezone", metavar="ZONE", help="Days of the product, such as Europe/Berlin.")
]
OverlapOption = Annotated[
    Literal["refuse", "newest"], typer.Option("--overlap", help="What to do with days that several downloads have.")
]
UsdPerOption = Annotated[
    list[str], typer.Option("--usd-per", metavar="EUR=1.08", help="Dollars for one unit of a currency.")
]
RequestsOption = Annotated[
    float | None, typer.Option("--requests-per-day", metavar="N", help="Where no file counts requests.")
]
TokensOption = Annotated[
    str | None,
    typer.Option("--tokens-per-request", metavar="IN,OUT", help="Tokens of a request, where no file counts requests."),
]
DrawsOption = Annotated[
    int | None, typer.Option("--draws", metavar="N", min=16, max=100_000, help="Worlds drawn for the dates.")
]


Read: TypeAlias = "UsageRead"
ReadFiles: TypeAlias = Callable[[], Read]


def read_own_files(
    files: FilesArgument,
    file_format: FormatOption = None,
    timezone: TimezoneOption = None,
    overlap: OverlapOption = "refuse",
    usd_per: UsdPerOption = [],  # noqa: B006 - typer copies it
    requests_per_day: RequestsOption = None,
    tokens_per_request: TokensOption = None,
) -> Read:
    """The files, read; how far that is stands on the terminal meanwhile."""
    from switchpoint.owndata.reading import read_usage

    read = read_usage(
        files,
        format=file_format,
        timezone=timezone,
        overlap=overlap,
        usd_per=dict(map(_rate, usd_per)),
        requests_per_day=requests_per_day,
        tokens_per_request=_two_numbers(tokens_per_request),
        progress=_show_progress if sys.stderr.isatty() else None,
    )
    if sys.stderr.isatty():
        _show_progress("")
    return read


def with_reading_options(command: Callable[..., None]) -> Callable[..., None]:
    """A command with the files and options of `read_own_files`; as `read_files` it is given what reads them."""
    files, *shared = inspect.signature(read_own_files, eval_str=True).parameters.values()
    own = [each for each in inspect.signature(command, eval_str=True).parameters.values() if each.name != "read_files"]
    every = [each.replace(kind=inspect.Parameter.KEYWORD_ONLY) for each in (files, *own, *shared)]

    def run(**given: Any) -> None:
        asked = {each.name: given.pop(each.name) for each in (files, *shared)}
        command(partial(read_own_files, **asked), **given)

    run.__name__, run.__doc__ = command.__name__, command.__doc__
    # Typer asks for both: which options there are, and of which types.
    run.__signature__ = inspect.Signature(every)  # type: ignore[attr-defined]
    run.__annotations__ = {each.name: each.annotation for each in every}
    return run


@program.command()
@with_reading_options
def fit(
    read_files: ReadFiles,
    scenario: Annotated[
        str | None, typer.Option("--scenario", metavar="FILE", help="Scenario that the fit is for.")
    ] = None,
    write: Annotated[
        bool, typer.Option("--write", help="Put the fit into the scenario, or write a new one: scenario.toml.")
    ] = False,
    as_json: JsonOption = False,
    out: Annotated[
        Path | None, typer.Option(metavar="DIR", help="Write page, JSON, chart and scenario to this folder too.")
    ] = None,
    force: ForceOption = False,
) -> None:
    """Fit usage, price and growth to your own files.

    What a scenario needs, each number with its range; the bill of the next twelve months; what the files cannot tell.
    """
    from switchpoint.cli.typer_program import open_scenario
    from switchpoint.export.own_data_text import fit_page
    from switchpoint.export.plain_tables import as_text
    from switchpoint.owndata.own_fit import OwnFit

    loaded = None if scenario is None else open_scenario(scenario, ())
    read = read_files()
    found = OwnFit.of(read, None if loaded is None else loaded.scenario)
    text = as_text(found.as_json) if as_json else fit_page(found)
    _write_fit(found, loaded, write=write, out=out, overwrite=force)
    sys.stdout.write(text)


def _write_fit(found: OwnFit, loaded: Loaded | None, *, write: bool, out: Path | None, overwrite: bool) -> None:
    from switchpoint.export.own_data_text import fit_files
    from switchpoint.files import folder_to_write
    from switchpoint.owndata.fit_scenario import fitted_changes, fitted_text, new_text, taken_out
    from switchpoint.scenario.toml_writer import save_files, save_text

    if write and loaded is not None:
        save_text(loaded.name, fitted_text(found, loaded), overwrite=True)
        for gone in taken_out(found, fitted_changes(found, loaded.scenario), loaded.tree):
            typer.echo(gone, err=True)
    elif write and out is None:
        save_text("scenario.toml", new_text(found, "own-usage"))
    elif write:
        new_text(found, "own-usage")  # says what is missing, where the folder would only lack the file
    if out is not None:
        folder_to_write(out)
        told = fit_files(found, loaded)
        save_files("fit", {out / name: data for name, data in told.items()}, overwrite=overwrite, listed=told)


@program.command()
@with_reading_options
def watch(
    read_files: ReadFiles,
    scenario: ScenarioOption,
    state: Annotated[
        Path | None, typer.Option("--state", metavar="FILE", help="What was reported last; changes alone are told.")
    ] = None,
    tripwires: Annotated[
        str | None, typer.Option("--tripwires", metavar="FILE", help="Tripwires of switchpoint why --out.")
    ] = None,
    as_json: JsonOption = False,
    out: Annotated[Path | None, typer.Option(metavar="FILE", help="Write a report: .html or .md.")] = None,
    quiet: Annotated[bool, typer.Option("--quiet", help="Print nothing while nothing is due or has changed.")] = False,
    settings: SetOption = [],  # noqa: B006 - typer copies it
    draws: DrawsOption = None,
) -> None:
    """Watch a real bill: for cron and CI.

    The exit code says what is due: 0 nothing, 10 prepare, 11 start now, 12 late or over the limit, 2 bad input.
    """
    from switchpoint.cli.typer_program import open_scenario
    from switchpoint.owndata.watch_state import ReportedWatch, changes_since, read_reported, to_keep, write_reported
    from switchpoint.owndata.watching import DRAWS, BillWatch
    from switchpoint.study.tripwires import read_tripwires

    if out is not None and out.suffix not in (".html", ".md"):
        raise typer.BadParameter("must end in .html or .md", param_hint="--out")
    loaded = open_scenario(scenario, settings)
    wires = read_tripwires(tripwires).tripwire if tripwires is not None else ()
    before = None if state is None else read_reported(state)
    read = read_files()
    found = BillWatch.of(read, loaded, wires, draws or DRAWS)
    now = ReportedWatch.of(found)
    changes = [] if state is None else changes_since(before, now)
    _report(found, changes, as_json=as_json, out=out, quiet=quiet, changes_only=state is not None)
    if state is not None:
        write_reported(state, to_keep(before, now))
    if found.call:
        sys.stdout.flush()
        raise typer.Exit(int(found.call))


def _report(
    found: BillWatch, changes: Sequence[str], *, as_json: bool, out: Path | None, quiet: bool, changes_only: bool
) -> None:
    from switchpoint.export.own_data_text import watch_html, watch_markdown, watch_page
    from switchpoint.export.plain_tables import as_text
    from switchpoint.scenario.toml_writer import save_text
    from switchpoint.text import day

    if out is not None:
        render = watch_html if out.suffix == ".html" else watch_markdown
        save_text(out, render(found, changes), overwrite=True)
    silent = not changes if changes_only else not found.call
    if quiet and silent:
        return
    if as_json:
        sys.stdout.write(as_text(found.as_json(changes)))
    elif not changes_only:
        sys.stdout.write(watch_page(found))
    elif changes:
        sys.stdout.write("\n".join([f"As of {day(found.as_of)}: {found.sentence}", *(f"- {c}" for c in changes), ""]))


@program.command()
@with_reading_options
def replay(
    read_files: ReadFiles,
    scenario: ScenarioOption,
    as_json: JsonOption = False,
    out: Annotated[
        Path | None, typer.Option(metavar="DIR", help="Write page, JSON and chart to this folder too.")
    ] = None,
    force: ForceOption = False,
    settings: SetOption = [],  # noqa: B006 - typer copies it
    draws: DrawsOption = None,
) -> None:
    """Walk a history week by week, with only what was known then.

    What would have been said each Monday, what came true, and whether acting on it would have been in time.
    """
    from switchpoint.cli.typer_program import open_scenario
    from switchpoint.export.own_data_text import replay_files, replay_page
    from switchpoint.export.plain_tables import as_text
    from switchpoint.files import folder_to_write
    from switchpoint.owndata.replaying import DRAWS, Replay
    from switchpoint.scenario.toml_writer import save_files

    loaded = open_scenario(scenario, settings)
    read = read_files()
    with progress_bar("Walking the weeks") as told:
        found = Replay(read, loaded, draws or DRAWS, told)
        text = as_text(found.as_json) if as_json else replay_page(found)
    if out is not None:
        folder_to_write(out)
        written = replay_files(found)
        save_files("replay", {out / name: data for name, data in written.items()}, overwrite=force, listed=written)
    sys.stdout.write(text)


def _show_progress(text: str) -> None:
    sys.stderr.write(f"\r\x1b[K{text}")
    sys.stderr.flush()


def _rate(text: str) -> tuple[str, float]:
    from switchpoint.owndata.reading import rate_of

    found = rate_of(text)
    if found is None:
        wanted = f"must be a currency and its dollars, such as EUR=1.08; got {text}"
        raise typer.BadParameter(wanted, param_hint="--usd-per")
    return found


def _two_numbers(text: str | None) -> tuple[float, float] | None:
    from switchpoint.owndata.reading import two_numbers_of

    found = None if text is None else two_numbers_of(text)
    if text is not None and found is None:
        wanted = f"must be input and output tokens, such as 2400,350; got {text}"
        raise typer.BadParameter(wanted, param_hint="--tokens-per-request")
    return found
