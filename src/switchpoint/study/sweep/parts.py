"""Files of a sweep: the rows of one chunk as Parquet, marked with the sweep that they belong to."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from switchpoint.study.sweep.columns import FAILED
from switchpoint.study.sweep.faults import SweepError
from switchpoint.study.sweep.manifest import code_hash

if TYPE_CHECKING:
    from switchpoint.study.sweep.work import Chunk

MARK, CODE = b"switchpoint.sweep", b"switchpoint.code"
POINTS, FAILURES = b"switchpoint.points", b"switchpoint.failed"
COMPRESSION = "zstd"


def encoded(rows: Sequence[Mapping[str, Any]], chunk: Chunk) -> bytes:
    """Rows as the bytes of a Parquet file."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    points, failed = chunk.points, {row["point"] for row in rows if row["status"] == FAILED}
    marks = {MARK: chunk.setup.mark, CODE: code_hash(), POINTS: f"{points[0].number}+{len(points)}"}
    schema = arrow_schema(chunk.setup.columns).with_metadata({**marks, FAILURES: str(len(failed))})
    table = pa.table([pa.array([row.get(f.name) for row in rows], f.type) for f in schema], schema=schema)
    sink = pa.BufferOutputStream()
    pq.write_table(table, sink, compression=COMPRESSION, write_statistics=False)
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
        return pq.read_table(file, columns=wanted, partitioning=None)
    except (OSError, pa.ArrowException):
        raise SweepError(f"{file}: is damaged; switchpoint sweep --resume {file.parent.parent} makes it anew") from None
