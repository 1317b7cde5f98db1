"""Files of a sweep: the rows of one chunk as Parquet, marked with the sweep that they belong to."""

from __future__ import annotations

import stat
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING, Any

from switchpoint.files import read_bytes
from switchpoint.study.sweep.columns import FAILED
from switchpoint.study.sweep.faults import SweepError
from switchpoint.study.sweep.manifest import code_hash

if TYPE_CHECKING:
    from switchpoint.study.sweep.work import Chunk

MARK, CODE = b"switchpoint.sweep", b"switchpoint.code"
POINTS, FAILURES = b"switchpoint.points", b"switchpoint.failed"
COMPRESSION = "zstd"
MOST_BYTES = 100_000_000
"""Of one file; a chunk is about a second of work, at 2 kB a row."""
LONGEST_LIST = 10_000
"""Values that a cell may have; days of the horizon are some 7,300."""
DAMAGED = "is damaged"


def encoded(rows: Sequence[Mapping[str, Any]], chunk: Chunk) -> bytes:
    """Rows as the bytes of a Parquet file."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    points, failed = chunk.points, {row["point"] for row in rows if row["status"] == FAILED}
    span = range(points[0].number, points[0].number + len(points))
    marks = {MARK: chunk.setup.mark, CODE: code_hash(), POINTS: told_points(span)}
    schema = arrow_schema(chunk.setup.columns).with_metadata({**marks, FAILURES: str(len(failed))})
    table = pa.table([pa.array([row.get(f.name) for row in rows], f.type) for f in schema], schema=schema)
    sink = pa.BufferOutputStream()
    pq.write_table(table, sink, compression=COMPRESSION, write_statistics=False, write_page_checksum=True)
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


def told(source: Any) -> dict[bytes, bytes]:
    """What a Parquet file says of itself; empty where it is none. `source` is a path or a stream of bytes."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    try:
        return dict(pq.read_schema(source).metadata or {})
    except (OSError, pa.ArrowException):
        return {}


@dataclass(frozen=True)
class Part:
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
