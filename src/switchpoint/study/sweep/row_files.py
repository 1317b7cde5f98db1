"""The Parquet files of a sweep, written whole and read with suspicion."""

from __future__ import annotations

import stat
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING, Any

from switchpoint.decision.verdict import Action
from switchpoint.files import read_bytes
from switchpoint.study.sweep.columns import FAILED, OK
from switchpoint.study.sweep.manifest import Manifest, code_hash
from switchpoint.study.sweep.row_table import RowTable
from switchpoint.study.sweep.study_file import SweepError

if TYPE_CHECKING:
    from switchpoint.study.sweep.chunks import PointChunk


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
