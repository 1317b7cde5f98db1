"""`switchpoint sweep` and `switchpoint summarise`: a study at many points, and what it came to."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from switchpoint.cli.typer_program import ForceOption, SetOption, program, progress_bar

if TYPE_CHECKING:
    from switchpoint.files import Content
    from switchpoint.scenario.stated_notes import Note
    from switchpoint.study.sweep.folder import Folder
    from switchpoint.study.sweep.manifest import Manifest
    from switchpoint.study.sweep.plan import SweepPlan
    from switchpoint.study.sweep.run import Crew, Tally
    from switchpoint.study.sweep.study_file import Asked
    from switchpoint.study.sweep.summary import SweepSummary


class PointSample(StrEnum):
    """Which points of the ranges are run."""

    GRID = "grid"
    LHS = "lhs"
    SOBOL = "sobol"


@program.command()
def sweep(
    file: Annotated[
        str | None, typer.Argument(metavar="FILE", help="Scenario or study file.", show_default=False)
    ] = None,
    vary: Annotated[
        list[str],
        typer.Option(
            "--vary",
            metavar="PATH=VALUES",
            help="LOW:HIGH:STEPS, LOW:HIGH or A,B,C; :log after a range for equal ratios. May be given many times.",
        ),
    ] = [],  # noqa: B006 - typer copies it
    settings: SetOption = [],  # noqa: B006 - typer copies it
    sample: Annotated[
        PointSample | None, typer.Option(help="Every combination, or points drawn evenly.", show_default="grid")
    ] = None,
    points: Annotated[
        int | None, typer.Option(metavar="N", min=1, max=1_000_000, help="How many points lhs or sobol take.")
    ] = None,
    draws: Annotated[
        int | None, typer.Option(metavar="N", min=1, max=1_000_000, help="Draws of each point; left out, base cases.")
    ] = None,
    seed: Annotated[
        int | None,
        typer.Option(metavar="N", min=0, max=2**32, help="Seed of points and draws.", show_default="0"),
    ] = None,
    jobs: Annotated[
        int | None, typer.Option(metavar="N", min=1, max=1024, help="Processes; left out, one per core.")
    ] = None,
    cluster: Annotated[
        str | None,
        typer.Option(
            metavar="tcp://HOST:PORT",
            help="Scheduler of a Dask cluster to run on; tls:// with certificates.",
            show_default=False,
        ),
    ] = None,
    cluster_security: Annotated[
        Path | None,
        typer.Option(
            "--cluster-security",
            metavar="DIR",
            help="Folder with ca.pem, cert.pem and key.pem, for a cluster at tls://HOST:PORT.",
            show_default=False,
        ),
    ] = None,
    out: Annotated[Path | None, typer.Option(metavar="DIR", help="Folder for the results.", show_default=False)] = None,
    resume: Annotated[
        Path | None, typer.Option(metavar="DIR", help="Go on with the sweep in this folder.", show_default=False)
    ] = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Say how many points and about how long.")] = False,
) -> None:
    """Run many variants of a scenario.

    Every row of the results carries its inputs, and none is lost.
    """
    told = {"sample": sample and sample.value, "points": points, "draws": draws, "seed": seed}
    stated = {name: value for name, value in told.items() if value is not None}
    texts = (file, tuple(settings), tuple(vary), stated)
    sweep_command(Wanted(*texts, out, resume, jobs, cluster, cluster_security, dry_run))


@program.command()
def summarise(
    folder: Annotated[Path, typer.Argument(metavar="DIR", help="Folder of a sweep.", show_default=False)],
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object instead of text.")] = False,
    out: Annotated[
        Path | None,
        typer.Option(metavar="DIR", help="Folder for the files; left out, DIR/summary.", show_default=False),
    ] = None,
    force: ForceOption = False,
) -> None:
    """Say what a sweep found.

    What drives the answer, where which answer is right, and where the advice fails; with all rows as CSV and a map.
    """
    summarise_command(folder, as_json_text=as_json, out=out, force=force)


MOST_NAMED = 5


@dataclass(frozen=True)
class Wanted:
    """What the command line asks of a sweep: a scenario or study file with options, or a folder to go on with."""

    file: str | None = None
    settings: tuple[str, ...] = ()
    vary: tuple[str, ...] = ()
    told: dict[str, Any] = field(default_factory=dict)
    """sample, points, draws, seed: those that were said."""
    out: Path | None = None
    resume: Path | None = None
    jobs: int | None = None
    cluster: str | None = None
    security: Path | None = None
    dry_run: bool = False

    @property
    def folder(self) -> Folder:
        """Where the sweep is kept."""
        from switchpoint.study.sweep.folder import Folder
        from switchpoint.study.sweep.study_file import SweepError

        path = self.resume or self.out
        if path is None:
            raise SweepError("--out: is missing: the folder for the results, such as --out sweep/")
        return Folder(path)


def sweep_command(wanted: Wanted) -> None:
    """Run a sweep, go on with one, or say how long it would take.

    Raises:
        ScenarioError: where scenario, study or options are wrong; nothing has run then.
        SweepError: where it is refused, or had to stop; what is done is kept.
    """
    from switchpoint.study.sweep.run import begin
    from switchpoint.study.sweep.study_file import SweepError
    from switchpoint.study.workers import cores

    if wanted.security is not None and wanted.cluster is None:
        raise SweepError("--cluster-security: has no meaning without --cluster tls://HOST:PORT")
    if wanted.resume is not None:
        _resume(wanted)
        return
    plan, asked = plan_of(wanted)
    sys.stderr.writelines(f"{line}\n" for line in _cautions(plan))
    if wanted.dry_run:
        print(dry_run(plan, wanted.jobs or cores(), wanted.cluster))
        return
    folder = wanted.folder
    with folder.hold_lock(), crew(wanted) as workers:
        _run(plan, begin(asked, plan, folder, workers), folder, workers)


def dry_run(plan: SweepPlan, jobs: int, cluster: str | None) -> str:
    """How many points a sweep has, and about how long it takes."""
    from switchpoint.study.sweep.run import seconds_per_point
    from switchpoint.text import duration

    scenarios = f" of {len(plan.bases)} scenarios" if len(plan.bases) > 1 else ""
    draws = f", {plan.study.draws:,} draws each" if plan.study.draws else ""
    seconds = seconds_per_point(plan) * len(plan)
    if cluster is not None:
        how = f"{duration(seconds)} of work, divided by the number of workers"
    else:
        how = f"{duration(seconds / min(jobs, len(plan)))} on {jobs} process{'es' * (jobs > 1)} of this machine"
    return f"{len(plan):,} points{scenarios}{draws}, {plan.rows:,} rows; about {how}"


def _cautions(plan: SweepPlan) -> Iterator[str]:
    """What is seldom meant, once for each line."""
    from switchpoint.scenario.load import cautions
    from switchpoint.scenario.paths import path_steps, targets

    told: dict[Note, None] = {}
    for base in plan.bases:
        names = [*(each.path for each in plan.dimensions), *(name for name, _ in base.settings)]
        changed = [path for name in names for path in targets(base.source.tree, path_steps(name))]
        told |= dict.fromkeys(cautions(base.source, changed))
    yield from map(str, told)


@contextmanager
def crew(wanted: Wanted) -> Iterator[Crew]:
    """Who does the work: processes of this machine, or the workers of a cluster."""
    from switchpoint.study.sweep.run import Crew
    from switchpoint.study.workers import stop_local

    if wanted.cluster is None:
        workers = Crew.here(wanted.jobs)
        try:
            yield workers
        except BaseException:
            stop_local()
            raise
        return
    from switchpoint.study.sweep.run import crew_at

    with crew_at(wanted.cluster, wanted.security) as workers:
        yield workers


def plan_of(wanted: Wanted) -> tuple[SweepPlan, Asked]:
    """The plan of a new sweep, and what it was asked with.

    Raises:
        ScenarioError: where scenario, study or options are wrong.
        SweepError: where options do not go together.
    """
    from switchpoint.study.sweep.plan import plan_sweep
    from switchpoint.study.sweep.study_file import SweepError, is_study, load_study, typed_study

    if wanted.file is None:
        raise SweepError("FILE: is missing: a scenario or a study file, or --resume DIR to go on with a sweep")
    if not is_study(wanted.file):
        asked = typed_study(wanted.file, wanted.settings, wanted.vary, wanted.told)
        return plan_sweep(asked), asked
    stray = [f"--{name}" for name in wanted.told] + ["--vary"] * bool(wanted.vary) + ["--set"] * bool(wanted.settings)
    if stray:
        raise SweepError(f"{stray[0]}: has no meaning beside a study file; {wanted.file} states it")
    asked = load_study(wanted.file)
    return plan_sweep(asked), asked


def _resume(wanted: Wanted) -> None:
    from switchpoint.study.sweep.run import reopen_sweep
    from switchpoint.study.sweep.study_file import SweepError
    from switchpoint.study.workers import cores

    stray = [f"--{name}" for name in wanted.told] + ["--vary"] * bool(wanted.vary) + ["--set"] * bool(wanted.settings)
    stray += ["FILE"] * (wanted.file is not None) + ["--out"] * (wanted.out is not None)
    if stray:
        raise SweepError(f"{stray[0]}: has no meaning beside --resume; the folder knows what it was begun with")
    folder = wanted.folder
    folder.manifest()
    with folder.hold_lock():
        plan, manifest = reopen_sweep(folder)
        if wanted.dry_run:
            print(dry_run(plan, wanted.jobs or cores(), wanted.cluster))
            return
        with crew(wanted) as workers:
            _run(plan, manifest, folder, workers)


def _run(plan: SweepPlan, manifest: Manifest, folder: Folder, workers: Crew) -> None:
    from switchpoint.study.sweep.run import conduct
    from switchpoint.study.sweep.study_file import SweepError
    from switchpoint.study.workers import LostWorkError

    done = 0

    def tell_and_show(show: Callable[[float], None]) -> Callable[[int], None]:
        def tell(count: int) -> None:
            nonlocal done
            done = count
            show(count)

        return tell

    try:
        with progress_bar(plan.study.name, len(plan), "points") as show:
            tally = conduct(plan, manifest, folder, workers, tell_and_show(show))
    except KeyboardInterrupt:
        print(_kept_points_line(folder, done, plan), file=sys.stderr)
        raise
    except (SweepError, LostWorkError) as fault:
        raise SweepError(*str(fault).splitlines(), _kept_points_line(folder, done, plan)) from None
    sys.stderr.writelines(f"{line}\n" for line in left_alone(folder))
    print(finish_lines(tally, plan, folder))


def _kept_points_line(folder: Folder, done: int, plan: SweepPlan) -> str:
    return f"{done:,} of {len(plan):,} points are kept; switchpoint sweep --resume {folder.path} goes on"


def left_alone(folder: Folder) -> Iterator[str]:
    """What lies among the rows and is not of the sweep, in one line; nothing where there is none."""
    from switchpoint.text import join_names

    if names := folder.strangers():
        shown = join_names(
            names if len(names) <= MOST_NAMED else [*names[:MOST_NAMED], f"{len(names) - MOST_NAMED} more"]
        )
        yield f"{folder.rows}: left alone what is not of this sweep: {shown}"


def finish_lines(tally: Tally, plan: SweepPlan, folder: Folder) -> str:
    """What became of a sweep, in one or two lines."""
    before = f", {tally.kept:,} of them before" if tally.kept else ""
    lines = [f"{folder.path}: {tally.points:,} points{before}, {plan.rows:,} rows; switchpoint summarise {folder.path}"]
    if tally.failed:
        lines.append(f"{tally.failed:,} points could not be computed; column error says why")
    return "\n".join(lines)


def summarise_command(path: Path, *, as_json_text: bool, out: Path | None, force: bool = False) -> None:
    """Print the summary of a sweep, and write its files into a folder, by default `summary` of the sweep's own.

    Raises:
        SweepError: where there is nothing to summarise.
        ScenarioError: where a file cannot be written or is not to be overwritten.
    """
    from switchpoint.export.plain_tables import as_text, in_bytes
    from switchpoint.export.sweep_text import page, write_csv
    from switchpoint.files import folder_to_write
    from switchpoint.scenario.toml_writer import save_files
    from switchpoint.study.sweep.folder import Folder
    from switchpoint.study.sweep.results import results
    from switchpoint.study.sweep.summary import as_json, summarise

    folder = Folder(path)
    summary = summarise(results(folder))
    told, text = as_text(as_json(summary)), page(summary)
    target = out or path / "summary"
    files: dict[str, Content] = {**in_bytes({"summary.json": told, "summary.txt": text}), **_map(summary)}
    files["rows.csv"] = lambda file: write_csv(folder, file)
    with folder.writing():
        folder_to_write(target)
    save_files("summary", {target / name: data for name, data in files.items()}, overwrite=force, listed=files)
    sys.stdout.write(told if as_json_text else f"{text}\nWritten to {target}\n")


def _map(summary: SweepSummary) -> dict[str, bytes]:
    if summary.regions is None:
        return {}
    from switchpoint.charts.sweeps import decision_map
    from switchpoint.export.pictures import chart_files

    return chart_files({"decision-map": decision_map(summary.regions, summary.results.candidates)})
