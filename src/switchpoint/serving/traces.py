"""Requests from a trace CSV of others: Azure, Mooncake, BurstGPT, vLLM and the columns that `serve` takes."""

from __future__ import annotations

from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING

from switchpoint.clock import Problem
from switchpoint.files import read_bytes
from switchpoint.scenario.words import show
from switchpoint.words import listed

if TYPE_CHECKING:
    from pandas import DataFrame, Series

LARGEST = 1_000_000_000
"""Bytes of a trace."""
ARRIVALS = {
    "arrival_s": 1.0,
    "arrived_at": 1.0,
    "TIMESTAMP": None,
    "timestamp_ms": 1e-3,
    "timestamp": 1e-3,
    "Timestamp": 1.0,
    "arrival_time": 1.0,
}
"""Names of the column of arrivals, and its seconds per unit; None where it holds dates."""
INPUTS = (
    "input_tokens",
    "ContextTokens",
    "input_length",
    "Request tokens",
    "num_prefill_tokens",
    "prompt_len",
    "input_len",
)
OUTPUTS = (
    "output_tokens",
    "GeneratedTokens",
    "output_length",
    "Response tokens",
    "num_decode_tokens",
    "output_len",
    "expected_output_len",
)


def read_trace(path: str | Path, scale: float = 1.0) -> DataFrame:
    """Read a trace into the table that `serve` takes, in order of arrival, which starts at 0 s.

    Requests without output are left out, as those that failed; a prompt of 0 tokens counts as one.

    Args:
        path: a CSV with a column of arrivals, of input tokens and of output tokens, under any of the known names.
        scale: how many times as fast they come; 2 halves every gap.

    Raises:
        Problem: the file cannot be read as a trace; one line says why.
    """
    from pandas import DataFrame

    if not 0 < scale < float("inf"):
        raise Problem(("scale",), f"got {scale!r}; it takes a number above 0")
    read = _read(Path(path))
    times, inputs, outputs = (_known(read, names, path) for names in (tuple(ARRIVALS), INPUTS, OUTPUTS))
    arrival = _seconds(read[times], ARRIVALS[times], path)
    tokens = {"input_tokens": _whole(read[inputs], path).clip(lower=1), "output_tokens": _whole(read[outputs], path)}
    table = DataFrame({"arrival_s": arrival, **tokens})
    table = table[table["output_tokens"] > 0].sort_values("arrival_s", kind="stable", ignore_index=True)
    if table.empty:
        raise Problem((str(path),), "holds no request with output tokens")
    return table.assign(arrival_s=(table["arrival_s"] - table["arrival_s"].iloc[0]) / scale)


def _read(path: Path) -> DataFrame:
    from pandas import read_csv

    try:
        return read_csv(BytesIO(read_bytes(path, LARGEST)))
    except OSError as error:
        raise Problem((str(path),), f"cannot be read: {error.strerror or error}") from None
    except (ValueError, OverflowError) as error:
        raise Problem((str(path),), f"cannot be read as a CSV: {str(error).splitlines()[0]}") from None


def _known(read: DataFrame, names: tuple[str, ...], path: str | Path) -> str:
    found = next((name for name in names if name in read.columns), None)
    if found is None:
        raise Problem((str(path),), f"has no column {listed(names, 'or')}")
    return found


def _seconds(column: Series, unit: float | None, path: str | Path) -> Series:
    from pandas import to_datetime

    if unit is not None:
        return _numbers(column, path) * unit
    moments = to_datetime(column.astype("string"), format="ISO8601", utc=True, errors="coerce")
    if (wrong := moments.isna()).any():
        row = int(wrong.argmax())
        text = f"line {row + 2}: got {show(column.tolist()[row])}; it takes a date such as 2027-05-01 13:45:00.5"
        raise Problem((str(path), str(column.name)), text)
    return (moments - moments.min()).dt.total_seconds()


def _whole(column: Series, path: str | Path) -> Series:
    numbers = _numbers(column, path)
    wrong = (numbers < 0) | (numbers % 1 != 0)
    if wrong.any():
        row = int(wrong.argmax())
        text = f"line {row + 2}: got {show(column.tolist()[row])}; it takes a whole number, 0 or more"
        raise Problem((str(path), str(column.name)), text)
    return numbers.astype("int64")


def _numbers(column: Series, path: str | Path) -> Series:
    from pandas import Series

    numbers = Series([_number(cell) for cell in column], column.index, "float64")
    wrong = ~(numbers.abs() < 1e15)
    if wrong.any():
        row = int(wrong.argmax())
        text = f"line {row + 2}: got {show(column.tolist()[row])}; it takes a number"
        raise Problem((str(path), str(column.name)), text)
    return numbers


def _number(cell: object) -> float:
    """What a cell holds, not a number where it holds none or one beyond all floats."""
    try:
        return float(cell)  # type: ignore[arg-type]
    except (TypeError, ValueError, OverflowError):
        return float("nan")
