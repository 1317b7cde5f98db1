"""A sweep from beginning to end: begun in a new folder or gone on with, chunk by chunk, on whatever does the work."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from io import BytesIO
from pathlib import Path

from switchpoint.clock import Problem
from switchpoint.engine import simulate
from switchpoint.result import Json, Result
from switchpoint.scenario.errors import ScenarioError
from switchpoint.scenario.reading import Source
from switchpoint.study.executors import AHEAD, Lost, Pool, cores, each, local
from switchpoint.study.sweep import parts
from switchpoint.study.sweep.chunks import Chunks, Remaining, chunk_size
from switchpoint.study.sweep.columns import columns
from switchpoint.study.sweep.faults import SweepError
from switchpoint.study.sweep.folder import Folder
from switchpoint.study.sweep.manifest import Manifest, code_hash
from switchpoint.study.sweep.plan import Base, Plan, planned
from switchpoint.study.sweep.reading import Asked, load_study
from switchpoint.study.sweep.work import Chunk, Evaluate, Row, Setup, failed_rows, point_rows, ran, rows_of

Progress = Callable[[int], None]
"""Told how many points are done."""

PACE_SECONDS = 3.0
"""About how long it may take to find out how long a point takes."""
PACE_POINTS = 5
PACE_TOGETHER = 80
"""Points of base cases that are timed; some that are simulated at once each time."""
PACE_DRAWS = 256


@dataclass(frozen=True)
class Crew:
    """Who does the work.

    Args:
        jobs: processes that work at the same time.
        pool: makes the executor that they belong to.
    """

    jobs: int
    pool: Pool

    @classmethod
    def here(cls, jobs: int | None = None) -> Crew:
        """Processes of this machine, one for each core where it is not said how many."""
        count = jobs or cores()
        return cls(count, lambda: local(count))


@dataclass(frozen=True)
class Tally:
    """What became of the points of a sweep."""

    points: int
    kept: int
    """Points that were done before."""
    failed: int
    """Points of this run that could not be computed."""


def begin(asked: Asked, plan: Plan, folder: Folder, crew: Crew, pace: float | None = None) -> Manifest:
    """Make a folder for a new sweep; nothing is run but the base cases.

    Raises:
        SweepError: where a base case cannot be computed, the folder holds a sweep, or it cannot be written to.
    """
    names = columns(plan.dimensions, plan.study.draws, plan.study.outputs)
    results = [_base_case(base) for base in plan.bases]
    size = chunk_size(len(plan), pace or seconds_per_point(plan), crew.jobs)
    file = str(Path(asked.shown).absolute()) if asked.shown.endswith(".toml") else asked.shown
    manifest = Manifest.of(plan, file, names, size, results)
    folder.begin(manifest)
    return manifest


def reopened(folder: Folder) -> tuple[Plan, Manifest]:
    """The plan of a sweep that was begun before.

    Raises:
        SweepError: where there is none, its rows are elsewhere, or what decides them has changed.
    """
    manifest = folder.manifest()
    folder.refuse_links(manifest)
    file = str(manifest.content.get("asked", ""))
    try:
        asked = load_study(file) if file.endswith(".toml") else _as_begun(manifest, folder)
        plan = planned(asked)
    except ScenarioError as fault:
        raise SweepError(
            f"{folder.path}: what it was begun with can no longer be read", *str(fault).splitlines()
        ) from None
    try:
        manifest.refuse_changes(plan)
    except SweepError as fault:
        raise SweepError(*(f"{folder.path}: {line}" for line in str(fault).splitlines())) from None
    return plan, manifest


def conduct(
    plan: Plan, manifest: Manifest, folder: Folder, crew: Crew, progress: Progress, evaluate: Evaluate | None = None
) -> Tally:
    """Run every chunk that is not there yet, and keep it. The folder must be locked.

    Chunks are written here, not by whoever computes them: one writer needs no shared folder and no agreement, and a
    worker that dies can leave nothing half-written.

    Raises:
        SweepError: where the folder cannot be written to, or a worker runs another version.
        LostWorkError: where workers die again and again.
    """
    setup = Setup.of(plan, manifest.columns, manifest.mark, evaluate)
    chunks = Chunks(plan, setup, manifest.chunk)
    there = folder.done(manifest)
    kept = sum(chunks.length(number) for number in there)
    done, failed = kept, 0
    progress(done)
    for number, data in _made(Remaining(chunks, [n for n in range(len(chunks)) if n not in there]), crew):
        folder.keep(number, data)
        done += chunks.length(number)
        failed += int(parts.told(BytesIO(data))[parts.FAILURES])
        progress(done)
    return Tally(len(plan), kept, failed)


def _made(remaining: Remaining, crew: Crew) -> Iterator[tuple[int, bytes]]:
    """The file of each chunk; of a chunk that kills its worker the points are run one by one, the others first."""
    lost = []
    for place, made in each(ran, remaining, crew.pool, AHEAD * crew.jobs):
        number = remaining.numbers[place]
        if isinstance(made, Lost):
            lost.append(number)
        else:
            yield number, _of_this_code(made)
    for number in lost:
        yield number, _one_by_one(remaining.chunks[number], crew.pool)


def _one_by_one(chunk: Chunk, pool: Pool) -> bytes:
    """The file of a chunk whose points are run alone; those that kill their worker fail."""
    singles = [replace(chunk, points=(point,)) for point in chunk.points]
    found: dict[int, list[Row]] = {}
    for place, rows in each(_rows, singles, pool, width=1):
        fate = failed_rows(chunk.setup, chunk.points[place], rows.reason) if isinstance(rows, Lost) else rows
        found[place] = fate
    return parts.encoded([row for place in range(len(singles)) for row in found[place]], chunk)


def _rows(chunk: Chunk) -> list[Row]:
    return point_rows(chunk.setup, chunk.points[0])


def _of_this_code(data: bytes) -> bytes:
    """The bytes, if whoever made them runs what runs here."""
    if parts.told(BytesIO(data)).get(parts.CODE) != code_hash().encode():
        raise SweepError("a worker runs another version of switchpoint than this machine; install the same on all")
    return data


def seconds_per_point(plan: Plan, evaluate: Evaluate | None = None) -> float:
    """About how long a point takes: points from all over the plan, each a second time where there is time for it.

    Processor time, so that it is the same on a machine that is busy with other things. The first time a capacity may
    have to be simulated that other points share. Of very many draws a part is timed, and the rest taken to be like it.
    """
    asked = Setup.of(plan, columns(plan.dimensions, plan.study.draws, plan.study.outputs), "", evaluate)
    setup = replace(asked, draws=min(asked.draws, PACE_DRAWS)) if asked.draws else asked
    begin, taken = time.perf_counter(), []
    each = max(round(PACE_TOGETHER / PACE_POINTS), 1) if not setup.draws else 1
    for place in range(PACE_POINTS):
        last = (len(plan) - 1) / (PACE_POINTS * each)
        points = [plan.point(round((place * each + i) * last)) for i in range(each)]
        for _ in range(2):
            started = time.process_time()
            rows_of(setup, points)
            took = (time.process_time() - started) / each
            if time.perf_counter() - begin > PACE_SECONDS:
                break
        taken.append(took)
        if time.perf_counter() - begin > PACE_SECONDS:
            break
    more = asked.draws / setup.draws if asked.draws and setup.draws else 1.0
    return max(more * sum(taken) / len(taken), 1e-6)


def _base_case(base: Base) -> Json:
    try:
        return Result(simulate(base.at(()).scenario)).as_json(notes=False)
    except Problem as problem:
        raise SweepError(f"{base.file}: {problem}") from None


def _as_begun(manifest: Manifest, folder: Folder) -> Asked:
    shown = str(folder.path / "manifest.json")
    return Asked(manifest.study, Source({}, {(): (shown, 1)}), shown)
