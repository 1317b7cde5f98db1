"""The folder of a sweep: its manifest, its lock, and its Parquet files, written whole and read with suspicion.

The folder of a sweep: its manifest, its lock, its rows.

Only the process that holds the folder's lock writes there, so no two write the same file. A file appears whole or not
at all, and is kept only where it bears the mark of this sweep and the points of its chunk. What the manifest does not
name is neither read nor removed.
"""

from __future__ import annotations

import os
import stat
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING, Any

from switchpoint.decision.verdict import Action
from switchpoint.files import Linked, NotRegular, folder_to_write, lock, read_bytes, read_text, sweep_up, write_whole
from switchpoint.scenario.errors import visible
from switchpoint.study.sweep.columns import FAILED, OK
from switchpoint.study.sweep.manifest import Manifest, code_hash, read
from switchpoint.study.sweep.row_table import RowTable
from switchpoint.study.sweep.study_file import SweepError

if TYPE_CHECKING:
    from switchpoint.study.sweep.chunks import PointChunk


# The Parquet files of a sweep, written whole and read with suspicion -------------------------------------------------

MARK, CODE = b"switchpoint.sweep", b"switchpoint.code"
POINTS, FAILURES = b"switchpoint.points", b"switchpoint.failed"
COMPRESSION = "zstd"
MOST_BYTES = 100_000_000
"""Of one file; a chunk is about a second of work, at 2 kB a row."""
LONGEST_LIST = 10_000
"""Values that a cell may have; days of the horizon are some 7,300."""
DAMAGED = "is damaged"


def encode_rows(rows: RowTable, chunk: PointChunk) -> bytes:
    """Rows as the bytes of a Parquet file."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    points = chunk.points
    span = range(points[0].number, points[0].number + len(points))
    marks = {MARK: chunk.setup.mark, CODE: code_hash(), POINTS: told_points(span)}
    schema = arrow_schema(chunk.setup.columns).with_metadata({**marks, FAILURES: str(rows.failures)})
    table = rows.as_arrow(schema)
    sink = pa.BufferOutputStream()
    how = {
        "compression": COMPRESSION,
        "use_dictionary": False,
        "write_statistics": False,
    }  # what costs more than it saves
    pq.write_table(table, sink, write_page_checksum=True, **how)
    data: bytes = sink.getvalue().to_pybytes()
    return data


def arrow_schema(columns: Mapping[str, str]) -> Any:
    """The Arrow schema of a sweep's columns."""
    import pyarrow as pa

    kinds = {
        "text": pa.string(),
        "whole": pa.int64(),
        "number": pa.float64(),
        "flag": pa.bool_(),
        "date": pa.date32(),
        "texts": pa.list_(pa.string()),
        "numbers": pa.list_(pa.float64()),
        "dates": pa.list_(pa.date32()),
    }
    return pa.schema([(name, kinds[kind]) for name, kind in columns.items()])


def read_metadata(source: Any) -> dict[bytes, bytes]:
    """What a Parquet file says of itself; empty where it is none. `source` is a path or a stream of bytes."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    try:
        return dict(pq.read_schema(source).metadata or {})
    except (OSError, pa.ArrowException):
        return {}


@dataclass(frozen=True)
class RowFile:
    """A file of a sweep as it has to be.

    Args:
        file: where it is.
        mark: the fingerprint of the sweep.
        points: the numbers of its points.
        columns: name and type of each column.
        rows: the most that it may have.
    """

    file: Path
    mark: str
    points: range
    columns: Mapping[str, str]
    rows: int

    def fault(self) -> str | None:
        """What is wrong with the file by all that it says of itself; None where nothing is. Its rows are not read."""
        import pyarrow as pa
        import pyarrow.parquet as pq

        try:
            found = self.file.lstat()
            if not stat.S_ISREG(found.st_mode):
                return "is a link, a folder or a device, not a file of the sweep"
            if found.st_size > MOST_BYTES:
                return f"is larger than {MOST_BYTES:,} bytes"
            with self.file.open("rb") as held:  # Arrow takes no name that is not UTF-8
                said = pq.read_metadata(held)
            marks, schema, values = said.metadata or {}, said.schema.to_arrow_schema(), _most_values(said)
        except (OSError, ValueError, pa.ArrowException):
            return DAMAGED
        if marks.get(MARK) != self.mark.encode() or marks.get(POINTS) != told_points(self.points).encode():
            return "is of another sweep"
        if not schema.equals(arrow_schema(self.columns)):
            return "has other columns than the sweep"
        if said.num_rows > self.rows:
            return f"has {said.num_rows:,} rows where at most {self.rows:,} belong"
        return "has lists that are too long" if values > self.rows * LONGEST_LIST else None


def told_points(points: range) -> str:
    """Points as their file names them."""
    return f"{points.start}+{len(points)}"


def _most_values(said: Any) -> int:
    """The most values that a column of a file has, those within lists counted one by one."""
    groups = [said.row_group(number) for number in range(said.num_row_groups)]
    return max((sum(group.column(c).num_values for group in groups) for c in range(said.num_columns)), default=0)


def table_of(files: Sequence[Path], wanted: Sequence[str] | None = None) -> Any:
    """The rows of some files, one after the other, as an Arrow table; `wanted` names the columns that are read.

    Raises:
        SweepError: where a file is damaged, or is not like the others.
    """
    import pyarrow as pa

    tables = [_read(file, wanted) for file in files]
    try:
        return pa.concat_tables(tables)
    except pa.ArrowException:
        raise SweepError(f"{files[0].parent}: has files of several sweeps; sweep --resume makes them anew") from None


def _read(file: Path, wanted: Sequence[str] | None) -> Any:
    import pyarrow as pa
    import pyarrow.parquet as pq

    try:
        found = pq.read_table(BytesIO(read_bytes(file)), columns=wanted, page_checksum_verification=True)
        found.validate(full=True)
    except (OSError, ValueError, pa.ArrowException):
        raise fault_of(file, DAMAGED) from None
    return found


def fault_of(file: Path, what: str) -> SweepError:
    """What is wrong with a file of a sweep, and what mends it."""
    return SweepError(f"{file}: {what}; switchpoint sweep --resume {file.parent.parent} makes it anew")


MUST = ("point", "scenario", "status")
"""Columns that every check needs."""
_ACTION, _SAVING = "verdict.action", "verdict.npv_saving_usd"
_EPOCH = date(1970, 1, 1).toordinal()


def row_faults(table: Any, part: RowFile, manifest: Manifest) -> Iterator[str]:
    """What is wrong with the rows of a file, an Arrow table with at least the columns of `MUST`."""
    import pyarrow.compute as pc

    yield from _range_faults(table, "point", part.points.start, part.points.stop - 1)
    yield from _word_faults(table, "scenario", manifest.content["scenarios"])
    yield from _word_faults(table, "status", (OK, FAILED))
    for name in table.column_names:
        if manifest.columns[name] == "date":
            yield from _date_faults(table, name)
    good = table.filter(pc.equal(table["status"], OK))
    if _ACTION in good.column_names:
        yield from _word_faults(good, _ACTION, [*Action])
    for vary in manifest.study.vary:
        if vary.path in good.column_names and good[vary.path].null_count:
            yield f"has no value of {vary.path} in some rows"
    for name in (_SAVING, *(vary.path for vary in manifest.study.vary)):
        if name in good.column_names and manifest.columns[name] == "number":
            yield from _finite_faults(good, name)


def _range_faults(table: Any, name: str, low: int, high: int) -> Iterator[str]:
    import pyarrow.compute as pc

    found = pc.min_max(table[name]).as_py()
    if table[name].null_count or (table.num_rows and not low <= found["min"] <= found["max"] <= high):
        yield f"has rows of other points than {low} to {high}"


def _word_faults(table: Any, name: str, words: Any) -> Iterator[str]:
    import pyarrow as pa
    import pyarrow.compute as pc

    known = pc.is_in(table[name], value_set=pa.array(list(map(str, words)), pa.string()))
    if not pc.all(known, min_count=0).as_py():
        yield f"has values of {name} that the sweep has not"


def _date_faults(table: Any, name: str) -> Iterator[str]:
    import pyarrow as pa
    import pyarrow.compute as pc

    found = pc.min_max(table[name].cast(pa.int32())).as_py()
    ends = [found["min"], found["max"]] if found["min"] is not None else []
    if not all(1 <= day + _EPOCH <= date.max.toordinal() for day in ends):
        yield f"has dates in {name} that no calendar has"


def _finite_faults(table: Any, name: str) -> Iterator[str]:
    import pyarrow.compute as pc

    if not pc.all(pc.is_finite(table[name]), min_count=0).as_py():
        yield f"has values of {name} that are no numbers"


# The folder of a sweep -----------------------------------------------------------------------------------------------

MANIFEST, ROWS, LOCK = "manifest.json", "rows", ".lock"
MOST_MANIFEST = 100_000_000
"""Bytes of a manifest: that of a hundred scenarios of a megabyte each, which is not to be expected."""
NEVER_ELSEWHERE = getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0)
"""Of opening a file to write: no link is followed, and no pipe waited for."""


@dataclass(frozen=True)
class Folder:
    """Where a sweep is kept."""

    path: Path
    write: Callable[[Path, bytes], None] = write_whole

    @property
    def rows(self) -> Path:
        """Where the Parquet files are."""
        return self.path / ROWS

    def part(self, number: int) -> Path:
        """The file of a chunk."""
        return self.rows / f"part-{number:06d}.parquet"

    @property
    def files(self) -> list[Path]:
        """The files of the sweep that are there, in the order of their points; what else lies beside them is not."""
        return [part.file for part in self.parts(self.manifest()) if os.path.lexists(part.file)]

    def parts(self, manifest: Manifest) -> Iterator[RowFile]:
        """Every file of the sweep as it has to be, whether it is there or not."""
        for number in range(manifest.parts):
            points = manifest.points_of(number)
            rows = len(points) * manifest.candidates
            yield RowFile(self.part(number), manifest.mark, points, manifest.columns, rows)

    def tables(self, wanted: Sequence[str]) -> Iterator[Any]:
        """The rows of one file after the other, as Arrow tables; `wanted` names the columns.

        Raises:
            SweepError: where a file is damaged, or not of the sweep.
        """
        manifest = self.manifest()
        for part in self.parts(manifest):
            if os.path.lexists(part.file):
                if fault := part.fault():
                    raise fault_of(part.file, fault)
                table = table_of([part.file], [*dict.fromkeys([*MUST, *wanted])])
                if fault := next(row_faults(table, part, manifest), None):
                    raise fault_of(part.file, fault)
                yield table.select(wanted)

    def table(self, wanted: Sequence[str]) -> Any:
        """All rows as one Arrow table; see `tables`."""
        import pyarrow as pa

        return pa.concat_tables(self.tables(wanted))

    def manifest(self) -> Manifest:
        """The manifest.

        Raises:
            SweepError: where there is none, or it cannot be read.
        """
        try:
            text = read_text(self.path / MANIFEST, MOST_MANIFEST)
        except FileNotFoundError:
            what = "holds no sweep: there is no manifest.json" if self.path.is_dir() else "does not exist"
            raise SweepError(f"{self.path}: {what}") from None
        except NotADirectoryError:
            raise SweepError(f"{self.path}: is no folder") from None
        except (OSError, ValueError) as reason:
            raise SweepError(f"{self.path / MANIFEST}: cannot be read: {_why(reason)}") from None
        try:
            return read(text)
        except SweepError as fault:
            raise SweepError(f"{self.path}: {fault}") from None

    def begin(self, manifest: Manifest) -> None:
        """Make a new sweep of the folder.

        Raises:
            SweepError: where there is one already, or the folder cannot be written to.
        """
        if os.path.lexists(self.path / MANIFEST):
            raise SweepError(
                f"{self.path}: holds a sweep already; switchpoint sweep --resume {self.path} goes on with it, "
                "another --out begins a new one"
            )
        with self.writing():
            folder_to_write(self.rows)
            sweep_up(self.path)
            if any(self.rows.glob("part-*.parquet")):
                raise SweepError(f"{self.rows}: holds Parquet files of no known sweep; name another folder")
            self.write(self.path / MANIFEST, manifest.text().encode())

    def keep(self, number: int, data: bytes) -> None:
        """Write the file of a chunk.

        Raises:
            SweepError: where it cannot be written.
        """
        with self.writing():
            self.write(self.part(number), data)

    def done(self, manifest: Manifest) -> set[int]:
        """Numbers of the chunks whose files are there and whole; nothing is removed but half-written files of ours."""
        with self.writing():
            folder_to_write(self.rows)
            sweep_up(self.path)
            sweep_up(self.rows)
        found = set()
        for number, part in enumerate(self.parts(manifest)):
            if os.path.lexists(part.file) and part.fault() is None:
                found.add(number)
        return found

    def refuse_links(self, manifest: Manifest) -> None:
        """Make sure that going on writes here and nowhere else.

        Raises:
            SweepError: where the rows, or one of their files, are a link.
        """
        for path in (self.rows, *(part.file for part in self.parts(manifest))):
            if path.is_symlink():
                raise SweepError(f"{path}: is a link to {path.readlink()}; take it away to go on")

    def strangers(self) -> list[str]:
        """Names of what lies among the rows and is not of the sweep; it is left as it is."""
        own = {part.file.name for part in self.parts(self.manifest())}
        with self.writing():
            return sorted(visible(entry.name) for entry in self.rows.iterdir() if entry.name not in own)

    @contextmanager
    def writing(self) -> Iterator[None]:
        """Say in one line why the folder cannot be written to."""
        try:
            yield
        except OSError as reason:
            where = reason.filename if isinstance(reason, (Linked, NotRegular)) else self.path
            raise SweepError(f"{where}: cannot be written: {_why(reason)}") from None

    @contextmanager
    def hold_lock(self) -> Iterator[None]:
        """Keep other sweeps out of the folder; the lock ends with the process, however it ends.

        Raises:
            SweepError: where another sweep has it.
        """
        with self.writing():
            folder_to_write(self.path)
            file = os.open(self.path / LOCK, os.O_RDWR | os.O_CREAT | NEVER_ELSEWHERE, 0o644)
        try:
            if not stat.S_ISREG(os.fstat(file).st_mode):
                raise SweepError(f"{self.path / LOCK}: is no regular file")
            held = lock(file)
            holder = os.read(file, 100).decode(errors="replace").strip()
            if not held:
                raise SweepError(f"{self.path}: another sweep is writing here{holder and f' (process {holder})'}")
            if not holder or holder.isdecimal():  # what else stands there is not ours
                with self.writing():
                    os.ftruncate(file, 0)
                    os.lseek(file, 0, os.SEEK_SET)
                    os.write(file, f"{os.getpid()}\n".encode())
            yield
        finally:
            os.close(file)


def _why(reason: Exception) -> str:
    return getattr(reason, "strerror", None) or str(reason)
