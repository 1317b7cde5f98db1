"""Requests from a trace of others: Azure, Mooncake, Bailian, BurstGPT, vLLM, and the columns that `serve` takes."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from switchpoint.errors import CannotCompute
from switchpoint.files import read_bytes
from switchpoint.scenario.errors import show
from switchpoint.text import join_names

if TYPE_CHECKING:
    from pandas import DataFrame, Series


ARRIVALS = {
    "arrival_s": 1.0,
    "arrived_at": 1.0,
    "TIMESTAMP": None,
    "timestamp_ms": 1e-3,
    "timestamp_s": 1.0,
    "timestamp": 1e-3,
    "Timestamp": 1.0,
    "arrival_time": 1.0,
    "time": 1.0,
}
"""Names of the column of arrivals, and its seconds per unit; None where it always holds dates. Any may hold dates."""
INPUTS = (
    "input_tokens",
    "ContextTokens",
    "input_length",
    "Request tokens",
    "num_prefill_tokens",
    "prompt_len",
    "prompt_tokens",
    "input_len",
)
OUTPUTS = (
    "output_tokens",
    "GeneratedTokens",
    "output_length",
    "Response tokens",
    "num_decode_tokens",
    "output_len",
    "completion_tokens",
    "expected_output_len",
)
CHAT = ("chat_id", "parent_chat_id", "turn")
"""Columns of Bailian's traces, whose `timestamp` is in seconds; Mooncake's is in milliseconds."""
PARTS = ("arrival", "input", "output")
LARGEST = 2_000_000_000
MOST, LONGEST_NUMBER = 10**15, 40
MARKS = ((b"\xff\xfe", "utf-16"), (b"\xfe\xff", "utf-16"), (b"", "utf-8-sig"))
SEPARATORS = (";", "\t", "|", ",")


def read_trace(path: str | Path, scale: float = 1.0, columns: str | None = None) -> DataFrame:
    """Read a trace into the table that `serve` takes, in order of arrival, which starts at 0 s.

    Requests without output are left out, as those that failed; a prompt of 0 tokens counts as one.

    Args:
        path: a CSV or JSON lines with a column of arrivals (numbers or dates), of input tokens and of output tokens,
            under any of the known names.
        scale: how many times as fast they come; 2 halves every gap.
        columns: its own names of columns, such as "arrival=sent_at,input=prompt,output=answer"; a name that ends in
            ":ms" or ":s" says the unit of arrivals.

    Raises:
        CannotCompute: the file cannot be read as a trace; one line says why.
    """
    from pandas import DataFrame

    if not 0 < scale < float("inf"):
        raise CannotCompute(("scale",), f"got {scale!r}; it takes a number above 0")
    read, stated = _read(Path(path)), _stated_columns(columns)
    times, inputs, outputs = (
        _find_column(read, stated.get(part), names, path)
        for part, names in zip(PARTS, (tuple(ARRIVALS), INPUTS, OUTPUTS), strict=True)
    )
    arrival = _seconds(read[times], _unit(times, stated, read), path)
    tokens = {"input_tokens": _whole(read[inputs], path).clip(lower=1), "output_tokens": _whole(read[outputs], path)}
    table = DataFrame({"arrival_s": arrival, **tokens})
    table = table[table["output_tokens"] > 0].sort_values("arrival_s", kind="stable", ignore_index=True)
    if table.empty:
        raise CannotCompute((str(path),), "holds no request with output tokens")
    return table.assign(arrival_s=(table["arrival_s"] - table["arrival_s"].iloc[0]) / scale)


def _stated_columns(columns: str | None) -> dict[str, str]:
    """Names of columns by what they hold.

    >>> _stated_columns("arrival=sent:ms, input=prompt")
    {'arrival': 'sent:ms', 'input': 'prompt'}
    """
    found = {}
    for each in (columns or "").split(",") if columns else ():
        part, sign, name = (word.strip() for word in each.partition("="))
        if not sign or part not in PARTS or not name or part in found:
            raise CannotCompute(("columns",), f"got {each.strip()!r}; it takes arrival=NAME,input=NAME,output=NAME")
        found[part] = name
    return found


def _read(path: Path) -> DataFrame:
    """The table in a file: JSON lines where it begins so, else a CSV with commas, semicolons or tabs."""
    text = _text(path)
    start = text.lstrip()[:1]
    if not start:
        raise CannotCompute((str(path),), "is empty")
    return _lines_of_json(text, path) if start in ("{", "[") else _cells(text, path)


def _text(path: Path) -> str:
    try:
        raw = read_bytes(path, LARGEST)
        return raw.decode(next(code for mark, code in MARKS if raw.startswith(mark)))
    except OSError as error:
        raise CannotCompute((str(path),), f"cannot be read: {error.strerror or error}") from None
    except UnicodeError:
        raise CannotCompute((str(path),), "must be text in UTF-8 or UTF-16") from None


def _lines_of_json(text: str, path: Path) -> DataFrame:
    from pandas import DataFrame

    try:
        rows = list(_objects(text))
    except _NoObjectError as error:
        raise CannotCompute((str(path),), f"line {error.args[0]}: is no JSON object") from None
    return DataFrame(rows, dtype="object")  # numbers of any length, as they stand


class _NoObjectError(Exception):
    """A line, by its number, that is no JSON object."""


def _objects(text: str) -> Iterator[Mapping[str, Any]]:
    """The plain fields of each object, of an array or one a line."""
    lines = enumerate(text.splitlines(), 1)
    held: Iterator[tuple[int, Any]] = ((place, line) for place, line in lines if line.strip())
    if text.lstrip().startswith("["):
        held = iter(enumerate(_parse_json(text, 1), 1))
    for place, each in held:
        fields = _parse_json(each, place) if isinstance(each, str) else each
        if not isinstance(fields, dict):
            raise _NoObjectError(place)
        yield {name: value for name, value in fields.items() if isinstance(value, (int, float, str))}


def _parse_json(text: str, place: int) -> Any:
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        raise _NoObjectError(place) from None


def _columns(line: str, separator: str) -> int:
    """Into how many columns a separator parts a line; none where it cannot."""
    try:
        return len(next(csv.reader([line], delimiter=separator), []))
    except csv.Error:
        return 0


def _cells(text: str, path: Path) -> DataFrame:
    from pandas import read_csv
    from pandas.errors import ParserError

    first = text.lstrip().splitlines()[0]
    separator = max(SEPARATORS, key=lambda each: _columns(first, each))
    try:
        return read_csv(io.StringIO(text), sep=separator, skipinitialspace=True)
    except (ParserError, ValueError) as error:
        raise CannotCompute((str(path),), f"cannot be read as a CSV: {str(error).splitlines()[0]}") from None


def _find_column(read: DataFrame, stated: str | None, names: tuple[str, ...], path: str | Path) -> str:
    """The column that holds a part: as stated, else under a known name."""
    has = f"it has {join_names([str(name)[:40] for name in read.columns[:8]])}"
    if stated is not None:
        name = next((each for each in (stated, stated.rpartition(":")[0]) if each in read.columns), None)
        if name is None:
            raise CannotCompute((str(path),), f"has no column {stated}; {has}")
        return name
    found = next((name for name in names if name in read.columns), None)
    if found is None:
        raise CannotCompute((str(path),), f"has no column {join_names(names, 'or')}; {has}; name it with --columns")
    return found


def _unit(times: str, stated: Mapping[str, str], read: DataFrame) -> float | None:
    """Seconds in one of the unit of arrivals; None where they are dates."""
    name, _, unit = stated.get("arrival", "").rpartition(":")
    if name == times and unit in ("ms", "s"):
        return 1e-3 if unit == "ms" else 1.0
    if times == "timestamp" and (any(column in read.columns for column in CHAT) or _since_1970_s(read[times])):
        return 1.0
    return ARRIVALS.get(times, 1.0)


def _since_1970_s(column: Series) -> bool:
    """Whether numbers are seconds since 1970, between 2001 and 2100."""
    from pandas import Series

    numbers = Series([_number(cell) for cell in column], dtype="float64")
    return bool(numbers.between(1e9, 4.1e9).all())


def _seconds(column: Series, unit: float | None, path: str | Path) -> Series:
    """Arrivals in seconds: numbers in their unit, or dates, with or without time zones and fractions of a second."""
    from pandas import to_datetime

    if unit is not None and not _dates(column):
        return _numbers(column, path) * unit
    moments = to_datetime(column, errors="coerce", format="ISO8601" if _dates(column) else "mixed", utc=True)
    if moments.isna().any():
        row = int(moments.isna().argmax())
        held = column.tolist()[row]
        got = "nothing" if held != held or not str(held).strip() else repr(held)
        what = f"got {got}; it takes a date such as 2027-05-01 13:45:00.5"
        raise CannotCompute((str(path), str(column.name)), f"line {row + 2}: {what}")
    return (moments - moments.min()).dt.total_seconds()


def _dates(column: Series) -> bool:
    """Whether a column begins with a date as ISO writes it."""
    first = column.iloc[0] if len(column) else None
    return isinstance(first, str) and first.strip()[4:5] == "-" and first.strip()[:4].isdigit()


def _whole(column: Series, path: str | Path) -> Series:
    numbers = _numbers(column, path)
    wrong = (numbers < 0) | (numbers % 1 != 0)
    if wrong.any():
        row = int(wrong.argmax())
        text = f"line {row + 2}: got {show(column.tolist()[row])}; it takes a whole number, 0 or more"
        raise CannotCompute((str(path), str(column.name)), text)
    return numbers.astype("int64")


def _numbers(column: Series, path: str | Path) -> Series:
    from pandas import Series

    numbers = Series([_number(cell) for cell in column], column.index, "float64")
    wrong = ~(numbers.abs() < 1e15)
    if wrong.any():
        row = int(wrong.argmax())
        text = f"line {row + 2}: got {show(column.tolist()[row])}; it takes a number"
        raise CannotCompute((str(path), str(column.name)), text)
    return numbers


def _number(cell: object) -> float:
    """What a cell holds, not a number where it holds none or one beyond all floats."""
    try:
        return float(cell)  # type: ignore[arg-type]
    except (TypeError, ValueError, OverflowError):
        return float("nan")
