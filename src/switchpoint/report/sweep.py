"""The command that runs a sweep: what it says before, while and after it runs."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from switchpoint.report.run import progress_bar
from switchpoint.scenario.cautions import cautions
from switchpoint.scenario.notes import Note
from switchpoint.scenario.overrides import path_steps, targets
from switchpoint.study.executors import LostWorkError, cores, stop_local
from switchpoint.study.sweep.conduct import Crew, Tally, begin, conduct, reopened, seconds_per_point
from switchpoint.study.sweep.faults import SweepError
from switchpoint.study.sweep.folder import Folder
from switchpoint.study.sweep.manifest import Manifest
from switchpoint.study.sweep.plan import Plan, planned
from switchpoint.study.sweep.reading import Asked, is_study, load_study, typed_study
from switchpoint.words import duration, listed

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
    with folder.locked(), crew(wanted) as workers:
        _run(plan, begin(asked, plan, folder, workers), folder, workers)


def dry_run(plan: Plan, jobs: int, cluster: str | None) -> str:
    """How many points a sweep has, and about how long it takes."""
    scenarios = f" of {len(plan.bases)} scenarios" if len(plan.bases) > 1 else ""
    draws = f", {plan.study.draws:,} draws each" if plan.study.draws else ""
    seconds = seconds_per_point(plan) * len(plan)
    if cluster is not None:
        how = f"{duration(seconds)} of work, divided by the number of workers"
    else:
        how = f"{duration(seconds / min(jobs, len(plan)))} on {jobs} process{'es' * (jobs > 1)} of this machine"
    return f"{len(plan):,} points{scenarios}{draws}, {plan.rows:,} rows; about {how}"


def _cautions(plan: Plan) -> Iterator[str]:
    """What is seldom meant, once for each line."""
    told: dict[Note, None] = {}
    for base in plan.bases:
        names = [*(each.path for each in plan.dimensions), *(name for name, _ in base.settings)]
        changed = [path for name in names for path in targets(base.source.tree, path_steps(name))]
        told |= dict.fromkeys(cautions(base.source, changed))
    yield from map(str, told)


@contextmanager
def crew(wanted: Wanted) -> Iterator[Crew]:
    """Who does the work: processes of this machine, or the workers of a cluster."""
    if wanted.cluster is None:
        workers = Crew.here(wanted.jobs)
        try:
            yield workers
        except BaseException:
            stop_local()
            raise
        return
    from switchpoint.study.sweep.cluster import crew_at

    with crew_at(wanted.cluster, wanted.security) as workers:
        yield workers


def plan_of(wanted: Wanted) -> tuple[Plan, Asked]:
    """The plan of a new sweep, and what it was asked with.

    Raises:
        ScenarioError: where scenario, study or options are wrong.
        SweepError: where options do not go together.
    """
    if wanted.file is None:
        raise SweepError("FILE: is missing: a scenario or a study file, or --resume DIR to go on with a sweep")
    if not is_study(wanted.file):
        asked = typed_study(wanted.file, wanted.settings, wanted.vary, wanted.told)
        return planned(asked), asked
    stray = [f"--{name}" for name in wanted.told] + ["--vary"] * bool(wanted.vary) + ["--set"] * bool(wanted.settings)
    if stray:
        raise SweepError(f"{stray[0]}: has no meaning beside a study file; {wanted.file} states it")
    asked = load_study(wanted.file)
    return planned(asked), asked


def _resume(wanted: Wanted) -> None:
    stray = [f"--{name}" for name in wanted.told] + ["--vary"] * bool(wanted.vary) + ["--set"] * bool(wanted.settings)
    stray += ["FILE"] * (wanted.file is not None) + ["--out"] * (wanted.out is not None)
    if stray:
        raise SweepError(f"{stray[0]}: has no meaning beside --resume; the folder knows what it was begun with")
    folder = wanted.folder
    folder.manifest()
    with folder.locked():
        plan, manifest = reopened(folder)
        if wanted.dry_run:
            print(dry_run(plan, wanted.jobs or cores(), wanted.cluster))
            return
        with crew(wanted) as workers:
            _run(plan, manifest, folder, workers)


def _run(plan: Plan, manifest: Manifest, folder: Folder, workers: Crew) -> None:
    done = 0

    def told(show: Callable[[float], None]) -> Callable[[int], None]:
        def tell(count: int) -> None:
            nonlocal done
            done = count
            show(count)

        return tell

    try:
        with progress_bar(plan.study.name, len(plan), "points") as show:
            tally = conduct(plan, manifest, folder, workers, told(show))
    except KeyboardInterrupt:
        print(_kept(folder, done, plan), file=sys.stderr)
        raise
    except (SweepError, LostWorkError) as fault:
        raise SweepError(*str(fault).splitlines(), _kept(folder, done, plan)) from None
    sys.stderr.writelines(f"{line}\n" for line in left_alone(folder))
    print(finished(tally, plan, folder))


def _kept(folder: Folder, done: int, plan: Plan) -> str:
    return f"{done:,} of {len(plan):,} points are kept; switchpoint sweep --resume {folder.path} goes on"


def left_alone(folder: Folder) -> Iterator[str]:
    """What lies among the rows and is not of the sweep, in one line; nothing where there is none."""
    if names := folder.strangers():
        shown = listed(names if len(names) <= MOST_NAMED else [*names[:MOST_NAMED], f"{len(names) - MOST_NAMED} more"])
        yield f"{folder.rows}: left alone what is not of this sweep: {shown}"


def finished(tally: Tally, plan: Plan, folder: Folder) -> str:
    """What became of a sweep, in one or two lines."""
    before = f", {tally.kept:,} of them before" if tally.kept else ""
    lines = [f"{folder.path}: {tally.points:,} points{before}, {plan.rows:,} rows; switchpoint summarise {folder.path}"]
    if tally.failed:
        lines.append(f"{tally.failed:,} points could not be computed; column error says why")
    return "\n".join(lines)
