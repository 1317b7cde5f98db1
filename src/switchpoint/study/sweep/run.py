"""Begin, go on, on this machine or a cluster."""

from __future__ import annotations

import re
import socket
import ssl
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import Executor
from contextlib import contextmanager
from dataclasses import dataclass, replace
from importlib.util import find_spec
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

from switchpoint.decision.case import simulate
from switchpoint.decision.result import JudgedWorld
from switchpoint.errors import CannotCompute
from switchpoint.files import Json
from switchpoint.scenario.errors import ScenarioError
from switchpoint.scenario.toml_source import TomlSource
from switchpoint.study.sweep.chunks import (
    Chunks,
    Evaluate,
    PointChunk,
    Remaining,
    Setup,
    chunk_size,
    point_rows,
    ran,
    table_of_points,
)
from switchpoint.study.sweep.columns import columns
from switchpoint.study.sweep.filled_rows import Row, failed_rows
from switchpoint.study.sweep.folder import CODE, FAILURES, Folder, encode_rows, read_metadata
from switchpoint.study.sweep.manifest import Manifest, code_hash
from switchpoint.study.sweep.plan import Base, SweepPlan, plan_sweep
from switchpoint.study.sweep.row_table import table_of_rows
from switchpoint.study.sweep.study_file import Asked, SweepError, load_study
from switchpoint.study.workers import AHEAD, Lost, Pool, cores, each, local

if TYPE_CHECKING:
    from distributed import Client


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


def begin(asked: Asked, plan: SweepPlan, folder: Folder, crew: Crew, pace: float | None = None) -> Manifest:
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


def reopen_sweep(folder: Folder) -> tuple[SweepPlan, Manifest]:
    """The plan of a sweep that was begun before.

    Raises:
        SweepError: where there is none, its rows are elsewhere, or what decides them has changed.
    """
    manifest = folder.manifest()
    folder.refuse_links(manifest)
    file = str(manifest.content.get("asked", ""))
    try:
        asked = load_study(file) if file.endswith(".toml") else _as_begun(manifest, folder)
        plan = plan_sweep(asked)
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
    plan: SweepPlan,
    manifest: Manifest,
    folder: Folder,
    crew: Crew,
    progress: Progress,
    evaluate: Evaluate | None = None,
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
    for number, data in _make_files(Remaining(chunks, [n for n in range(len(chunks)) if n not in there]), crew):
        folder.keep(number, data)
        done += chunks.length(number)
        failed += int(read_metadata(BytesIO(data))[FAILURES])
        progress(done)
    return Tally(len(plan), kept, failed)


def _make_files(remaining: Remaining, crew: Crew) -> Iterator[tuple[int, bytes]]:
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


def _one_by_one(chunk: PointChunk, pool: Pool) -> bytes:
    """The file of a chunk whose points are run alone; those that kill their worker fail."""
    singles = [replace(chunk, points=(point,)) for point in chunk.points]
    found: dict[int, list[Row]] = {}
    for place, rows in each(_rows, singles, pool, width=1):
        fate = failed_rows(chunk.setup, chunk.points[place], rows.reason) if isinstance(rows, Lost) else rows
        found[place] = fate
    rows = [row for place in range(len(singles)) for row in found[place]]
    return encode_rows(table_of_rows(chunk.setup.columns, rows), chunk)


def _rows(chunk: PointChunk) -> list[Row]:
    return point_rows(chunk.setup, chunk.points[0])


def _of_this_code(data: bytes) -> bytes:
    """The bytes, if whoever made them runs what runs here."""
    if read_metadata(BytesIO(data)).get(CODE) != code_hash().encode():
        raise SweepError("a worker runs another version of switchpoint than this machine; install the same on all")
    return data


def seconds_per_point(plan: SweepPlan, evaluate: Evaluate | None = None) -> float:
    """About how long a point takes: points from all over the plan, each a second time where there is time for it.

    Processor time, so that it is the same on a machine that is busy with other things. The first time a capacity may
    have to be simulated that other points share. Of very many draws a part is timed, and the rest taken to be like it.
    """
    asked = Setup.of(plan, columns(plan.dimensions, plan.study.draws, plan.study.outputs), "", evaluate)
    setup = replace(asked, draws=min(asked.draws, PACE_DRAWS)) if asked.draws else asked
    begin, taken = time.perf_counter(), []
    each = max(min(PACE_TOGETHER, len(plan)) // PACE_POINTS, 1) if not setup.draws else 1  # no more than there are
    for place in range(PACE_POINTS):
        last = (len(plan) - 1) / (PACE_POINTS * each)
        points = [plan.point(round((place * each + i) * last)) for i in range(each)]
        for _ in range(2):
            started = time.process_time()
            table_of_points(setup, points)
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
        return JudgedWorld(simulate(base.at(()).scenario)).as_json(notes=False)
    except CannotCompute as problem:
        raise SweepError(f"{base.file}: {problem}") from None


def _as_begun(manifest: Manifest, folder: Folder) -> Asked:
    shown = str(folder.path / "manifest.json")
    return Asked(manifest.study, TomlSource({}, {(): (shown, 1)}), shown)


LONGEST_GREETING = 1_000_000
"""Bytes; a scheduler's takes a few hundred."""


class NoSchedulerError(Exception):
    """No scheduler listens there; the message ends a sentence."""


def check_greeting(host: str, port: int, seconds: float, certificates: ssl.SSLContext | None = None) -> None:
    """Make sure that what listens greets as Dask does: unasked, with the length of what it says first.

    Args:
        host: name or address.
        port: its port.
        seconds: for everything together.
        certificates: for a connection with TLS.

    Raises:
        NoSchedulerError: where nothing listens, or something else.
    """
    until = time.monotonic() + seconds
    try:
        with socket.create_connection((host, port), timeout=seconds) as plain:
            if certificates is None:
                _read_length(plain, until)
                return
            with certificates.wrap_socket(plain, server_hostname=host) as encrypted:
                _read_length(encrypted, until)
    except ssl.SSLError as reason:
        raise NoSchedulerError(f"TLS fails: {reason.reason or reason}") from None
    except TimeoutError:
        raise NoSchedulerError("what listens there says nothing, which no scheduler does") from None
    except (OSError, ValueError) as reason:
        raise NoSchedulerError(getattr(reason, "strerror", None) or str(reason)) from None


def _read_length(connection: socket.socket, until: float) -> None:
    """Read the eight bytes with which each message of Dask begins: its length, the lowest byte first."""
    held = b""
    while len(held) < 8:
        connection.settimeout(max(until - time.monotonic(), 0.01))
        piece = connection.recv(8 - len(held))
        if not piece:
            raise NoSchedulerError("what listens there hangs up")
        held += piece
    if not 0 < int.from_bytes(held, "little") <= LONGEST_GREETING:
        raise NoSchedulerError("what listens there is something else")


ADDRESS = re.compile(r"(?P<how>tcp|tls|ucx|ucxx)://(?P<host>[^/\s\[\]]+|\[[^/\s\[\]]+\]):(?P<port>\d{1,5})")
JOIN_SECONDS = 9.0
"""How long it may take until the scheduler has answered, a first worker has joined, and all are known to be alike."""
GREETING_SECONDS = 4.0
"""How long whatever listens may take to say that it is a scheduler."""
LEAVE_SECONDS = 1.0
CA, CERTIFICATE, KEY = "ca.pem", "cert.pem", "key.pem"
"""Files of a folder of certificates: whom to trust, who one is, and the key to that."""
Made = TypeVar("Made")


@contextmanager
def crew_at(address: str, security: Path | None = None) -> Iterator[Crew]:
    """The workers of a scheduler such as `tcp://10.0.0.5:8786`.

    Args:
        address: where the scheduler listens.
        security: a folder with ca.pem, cert.pem and key.pem; a scheduler at `tls://` needs one, no other takes one.

    Raises:
        SweepError: where Dask is not installed, no scheduler answers, no worker joins, or one runs another version;
            within `JOIN_SECONDS`, whatever listens there.
    """
    if find_spec("distributed") is None:
        raise SweepError('--cluster: needs Dask; install "switchpoint[cluster]"')
    place = _place(address)
    certificates = _certificates(place["how"], security)
    until = time.monotonic() + JOIN_SECONDS
    try:
        check_greeting(place["host"].strip("[]"), int(place["port"]), min(GREETING_SECONDS, JOIN_SECONDS), certificates)
    except NoSchedulerError as reason:
        raise SweepError(f"--cluster {address}: no scheduler answers: {reason}") from None
    client = _within(until, address, lambda: _client(address, security, until - time.monotonic()))
    try:
        yield _crew(client, address, until)
    finally:
        client.close(timeout=LEAVE_SECONDS)


def _place(address: str) -> re.Match[str]:
    found = ADDRESS.fullmatch(address)
    if found is None or not 0 < int(found["port"]) < 65_536:
        why = "it is no address; one looks like tcp://10.0.0.5:8786"
        raise SweepError(f"--cluster {address}: no scheduler answers: {why}")
    if found["how"].startswith("ucx") and not any(map(find_spec, ("distributed_ucxx", "ucxx", "ucp"))):
        raise SweepError(f"--cluster {address}: {found['how']} needs ucxx, which is not installed; tcp and tls do not")
    return found


def _certificates(how: str, folder: Path | None) -> ssl.SSLContext | None:
    """What proves to either side who the other is; None for a connection without encryption."""
    if how != "tls":
        if folder is not None:
            raise SweepError(f"--cluster-security: has no meaning with {how}://; a scheduler with TLS has tls://")
        return None
    if folder is None:
        wanted = f"the folder with {CA}, {CERTIFICATE} and {KEY}"
        raise SweepError(f"--cluster-security: is missing: {wanted}, which a scheduler at tls:// asks for")
    missing = [str(folder / name) for name in (CA, CERTIFICATE, KEY) if not (folder / name).is_file()]
    if missing:
        raise SweepError(*(f"--cluster-security: {file} does not exist" for file in missing))
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False  # workers come and go under any address; the authority vouches for them
    try:
        context.load_verify_locations(folder / CA)
        context.load_cert_chain(folder / CERTIFICATE, folder / KEY, password=_no_password)
    except (OSError, ValueError) as reason:
        raise SweepError(f"--cluster-security: {folder} holds no usable certificates: {_first_line(reason)}") from None
    return context


def _no_password() -> str:
    """Refuse a key that asks for a password: nobody may be there to type it."""
    raise ValueError(f"{KEY} asks for a password")


def _client(address: str, security: Path | None, seconds: float) -> Client:
    from distributed import Client, Security

    keys = {
        "tls_ca_file": str(security / CA),
        "tls_client_cert": str(security / CERTIFICATE),
        "tls_client_key": str(security / KEY),
        "require_encryption": True,
    } if security is not None else {}  # fmt: skip
    return Client(address, timeout=seconds, set_as_default=False, security=Security(**keys) if keys else None)


def _crew(client: Client, address: str, until: float) -> Crew:
    try:
        client.wait_for_workers(1, timeout=max(until - time.monotonic(), 0.1))
    except (TimeoutError, OSError):
        raise SweepError(f"--cluster {address}: the scheduler has no workers; dask worker {address} adds one") from None
    _same_code(_within(until, address, lambda: client.run(code_hash)))
    executor: Executor = client.get_executor(pure=False)
    return Crew(sum(client.nthreads().values()), lambda: executor)


def _within(until: float, address: str, act: Callable[[], Made]) -> Made:
    """What comes of something, or one line where it fails or takes too long: Dask's own limits do not cover it all."""
    made: list[Made] = []
    reason: list[Exception] = []

    def try_act() -> None:
        try:
            made.append(act())
        except Exception as fault:
            reason.append(fault)

    thread = threading.Thread(target=try_act, daemon=True)
    thread.start()
    thread.join(max(until - time.monotonic(), 0.1))
    if made:
        return made[0]
    why = _first_line(reason[0]) if reason else "what listens there greets as a scheduler, then says nothing"
    raise SweepError(f"--cluster {address}: no scheduler answers: {why}")


def _first_line(reason: Exception) -> str:
    return str(reason).splitlines()[0] if str(reason).strip() else type(reason).__name__


def _same_code(hashes: dict[str, str]) -> None:
    other = [worker for worker, code in hashes.items() if code != code_hash()]
    if other:
        raise SweepError(
            f"--cluster: {len(other)} of {len(hashes)} workers run another version of switchpoint than this machine, "
            f"such as {other[0]}; install the same on all"
        )
