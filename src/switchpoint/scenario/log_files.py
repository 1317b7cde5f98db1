"""Log files of a programme: TOML or CSV, read into entries with every fault at once, and the text of one entry more."""

from __future__ import annotations

import csv
import io
import secrets
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from functools import lru_cache
from pathlib import Path as File
from types import UnionType
from typing import Any, Union, get_args, get_origin

from pydantic import ValidationError

from switchpoint.files import NotRegular, TooLarge, read_bytes
from switchpoint.scenario.errors import Fault, Keys, ScenarioError, did_you_mean, either, show
from switchpoint.scenario.explain_errors import complaints, respelt
from switchpoint.scenario.fields import Part
from switchpoint.scenario.introspection import bounds_of
from switchpoint.scenario.programme import KINDS, LogFile, ProgrammeLog, clashes
from switchpoint.scenario.toml_source import key_lines

LARGEST = 20_000_000
KIND = "kind"
ENDINGS = (".toml", ".csv")
NEW = {".csv": b"kind,date\n"}
"""What stands for a file that is not there yet."""
MARKS = ("<<<<<<< ", "=======", ">>>>>>> ", "||||||| ")
"""What a merge leaves at the beginning of lines that it could not settle."""
UNMERGED = "is the mark of a merge that is not finished; keep the lines of both sides and delete the marks"
TRUTH = {"true": True, "yes": True, "false": False, "no": False}


def columns() -> tuple[str, ...]:
    """The columns of a CSV log: the kind of an entry, its date, then every field of any kind."""
    return tuple(dict.fromkeys([KIND, "date", *(name for part in KINDS.values() for name in part.model_fields)]))


def read_logs(files: Sequence[str]) -> ProgrammeLog:
    """What some log files say together; one that is not there yet says nothing.

    Raises:
        ScenarioError: with every fault.
    """
    return joined_logs(tuple((file, _bytes_of(File(file), file)) for file in files if File(file).exists()))


@lru_cache(maxsize=16)
def joined_logs(held: tuple[tuple[str, bytes], ...]) -> ProgrammeLog:
    """The entries of files, each given by its name and what it holds.

    Raises:
        ScenarioError: with every fault.
    """
    faults: list[Fault] = []
    logs = []
    for shown, raw in held:
        log = parse_log(raw, shown)
        if isinstance(log, LogFile):
            logs.append(log)
        else:
            faults += log
    if not faults:
        faults = [
            Fault(held[-1][0], 1, "", f"{kind} {entry.id} says something else than the entry of that id elsewhere")
            for _, kind, entry in clashes(logs)
        ]
    if faults:
        raise ScenarioError(faults)
    return ProgrammeLog.of(logs)


@lru_cache(maxsize=16)
def parse_log(raw: bytes, shown: str) -> LogFile | tuple[Fault, ...]:
    """What a log file holds, or everything that is wrong with it; `shown` is its name, whose ending says its format."""
    try:
        text = raw.decode("utf-8-sig").replace("\r\n", "\n")
    except UnicodeDecodeError as reason:
        line = raw.count(b"\n", 0, reason.start) + 1
        return (Fault(shown, line, "", "must be UTF-8 text; got other bytes"),)
    if marks := tuple(_merge_marks(text, shown)):
        return marks
    ending = File(shown).suffix.lower()
    if ending not in ENDINGS:
        return (Fault(shown, 1, "", f"must be a log file that ends in {either(ENDINGS)}"),)
    return _parse_csv(text, shown) if ending == ".csv" else _parse_toml(text, shown)


def _merge_marks(text: str, shown: str) -> Iterator[Fault]:
    if not any(mark in text for mark in MARKS[::2]):
        return
    for number, line in enumerate(text.split("\n"), 1):
        if line.startswith(MARKS):
            yield Fault(shown, number, "", UNMERGED)


def _bytes_of(file: File, shown: str) -> bytes:
    try:
        return read_bytes(file, LARGEST)
    except (NotRegular, TooLarge) as reason:
        message = str(reason)
    except OSError as reason:
        message = f"cannot be read: {reason.strerror or reason}"
    raise ScenarioError([Fault(shown, 1, "", message)])


# TOML ----------------------------------------------------------------------------------------------------------------


def _parse_toml(text: str, shown: str) -> LogFile | tuple[Fault, ...]:
    try:
        tree = tomllib.loads(text)
    except RecursionError:
        return (Fault(shown, 1, "", "must not nest tables or lists so deep"),)
    except ValueError as reason:
        what, _, where = str(reason).partition(" (at line ")
        line = int(where.partition(",")[0]) if where[:1].isdigit() else max(text.count("\n"), 1)
        return (Fault(shown, line, "", f"is not valid TOML: {what[:1].lower()}{what[1:]}"),)
    try:
        return LogFile.model_validate(tree)
    except ValidationError:
        lines = key_lines(text)
        return tuple(Fault(shown, _line(lines, path), _field(path), said) for path, said in _wrong(tree, LogFile))


def _wrong(tree: Any, root: type[Part]) -> list[tuple[Keys, str]]:
    """Everything that is wrong with a tree, each path once."""
    spelling = respelt(tree, root)
    found = list(spelling.faults)
    try:
        root.model_validate(spelling.tree)
    except ValidationError as error:
        told = complaints(error, spelling.tree, root)
        found += [(spelling.as_written(path), said) for path, said in told if path not in spelling.excused]
    return list(dict(reversed(found)).items())[::-1]


def _line(lines: Mapping[Keys, int], path: Keys) -> int:
    while path not in lines and path:
        path = path[:-1]
    return lines[path]


def _field(path: Keys) -> str:
    """A field of an entry, with the kind of it."""
    return ".".join(str(step) for step in path if isinstance(step, str))


# CSV -----------------------------------------------------------------------------------------------------------------


def _parse_csv(text: str, shown: str) -> LogFile | tuple[Fault, ...]:
    rows = csv.reader(io.StringIO(text), strict=True)
    try:
        header = next(rows, [])
        if faults := tuple(_header_faults(header, shown)):
            return faults
        return _entries(rows, header, shown)
    except csv.Error as reason:
        return (Fault(shown, max(rows.line_num, 1), "", f"is not valid CSV: {reason}"),)


def _header_faults(header: Sequence[str], shown: str) -> Iterator[Fault]:
    known = columns()
    for needed in (KIND, "date"):
        if needed not in header:
            yield Fault(shown, 1, needed, f"is missing: the first line names the columns; got {show(','.join(header))}")
    for name in header:
        if name not in known:
            yield Fault(shown, 1, name, f"is not a known column{did_you_mean(name, known) or '; ' + ', '.join(known)}")
    if len(set(header)) < len(header):
        yield Fault(shown, 1, "", "names a column twice")


def _entries(rows: Any, header: Sequence[str], shown: str) -> LogFile | tuple[Fault, ...]:
    found: dict[str, list[Part]] = {kind: [] for kind in KINDS}
    faults: list[Fault] = []
    seen: dict[str, Part] = {}
    for row in rows:
        if not any(cell.strip() for cell in row) or list(row) == list(header):  # two files joined have two headers
            continue
        entry = _entry(row, header)
        if not isinstance(entry, Part):
            faults += [Fault(shown, rows.line_num, field, said) for field, said in entry]
            continue
        word = str(row[header.index(KIND)]).strip()
        number = getattr(entry, "id", "")
        if number and seen.setdefault(number, entry) != entry:
            said = f"is the id of another entry; leave it out, and one is made up; got {show(number)}"
            faults.append(Fault(shown, rows.line_num, "id", said))
        found[word].append(entry)
    if faults:
        return tuple(faults)
    kept: dict[str, Any] = {kind: tuple(entries) for kind, entries in found.items()}
    return LogFile.model_construct(**kept)


def _entry(row: Sequence[str], header: Sequence[str]) -> Part | list[tuple[str, str]]:
    """One entry, or what is wrong with it: the column and a sentence."""
    if len(row) > len(header):
        return [("", f"has {len(row)} cells, but the first line names {len(header)} columns")]
    told = {name: cell.strip() for name, cell in zip(header, row, strict=False) if cell.strip()}
    word = told.pop(KIND, "")
    if word not in KINDS:
        return [(KIND, f"must be {either(KINDS)}; got {show(word)}{did_you_mean(word, KINDS)}")]
    part = KINDS[word]
    alien = [name for name in told if name not in part.model_fields]
    if alien:
        return [(name, f"does not belong to an entry of kind {word}, which has {_fields(part)}") for name in alien]
    tree = {name: typed_cell(part, name, cell) for name, cell in told.items()}
    try:
        return part.model_validate(tree)
    except ValidationError as error:
        return [(_field(path), said) for path, said in complaints(error, tree, part)]


def _fields(part: type[Part]) -> str:
    return ", ".join(part.model_fields)


def typed_cell(part: type[Part], name: str, cell: str) -> Any:
    """A cell as its field takes it: truth for a yes or no, numbers for numbers, anything else as text."""
    match cell_kind(part, name):
        case "truth":
            return TRUTH.get(cell.lower(), cell)
        case "text":
            return cell
        case kind:
            return _number(cell, whole=kind == "whole")


@lru_cache(maxsize=256)
def cell_kind(part: type[Part], name: str) -> str:
    """What a field of an entry takes: truth, whole (a number), number or text."""
    field = part.model_fields[name]
    shapes = _shapes(field.annotation)
    if bool in shapes:
        return "truth"
    if int in shapes:
        return "whole"
    return "number" if bounds_of(field) is not None else "text"


def _shapes(shape: Any) -> set[Any]:
    origin = get_origin(shape)
    if origin in (Union, UnionType) or (origin is not None and hasattr(shape, "__metadata__")):
        return {each for arg in get_args(shape) for each in _shapes(arg)}
    return {shape} if isinstance(shape, type) else set()


def _number(cell: str, *, whole: bool) -> Any:
    try:
        return int(cell) if whole else float(cell)
    except ValueError:
        return cell


# One entry more ------------------------------------------------------------------------------------------------------


def with_entry(raw: bytes, shown: str, kind: str, fields: Mapping[str, Any]) -> bytes:
    """What a log file holds once an entry is added at its end; nothing that is there changes.

    Args:
        raw: what the file holds; nothing for a new one.
        shown: its name, whose ending says its format.
        kind: of the entry.
        fields: its fields; an id is made up where it has none.

    Raises:
        ScenarioError: with every fault of the file, which stays as it is, or of the entry.
    """
    before = parse_log(raw or NEW.get(File(shown).suffix.lower(), b""), shown)
    if not isinstance(before, LogFile):
        raise ScenarioError(before)
    told = {"date": fields.get("date", ""), "id": fields.get("id") or secrets.token_hex(4), **fields}
    return raw + _addition(raw, shown, kind, told).encode("utf-8")


def check_entry(kind: str, fields: Mapping[str, Any]) -> list[tuple[str, str]]:
    """What is wrong with the fields of an entry: the field and a sentence; nothing where all is right."""
    if kind not in KINDS:
        return [(KIND, f"must be {either(KINDS)}; got {show(kind)}{did_you_mean(kind, KINDS)}")]
    return [(_field(path), said) for path, said in _wrong(dict(fields), KINDS[kind])]


def _addition(raw: bytes, shown: str, kind: str, fields: Mapping[str, Any]) -> str:
    gap = "" if not raw or raw.endswith(b"\n") else "\n"
    if File(shown).suffix.lower() == ".csv":
        header = _header_of(raw) or list(columns())
        missing = [name for name in fields if name not in header and name != "id"]
        if missing:
            said = f"has no column for {either(missing)}; add it to the first line"
            raise ScenarioError([Fault(shown, 1, "", said)])
        head = "" if raw else _csv_line(header)
        return gap + head + _csv_line([_cell(fields.get(name, kind if name == KIND else "")) for name in header])
    lines = [f"{name} = {_toml(value)}" for name, value in fields.items()]
    return "\n".join([f"{gap}{chr(10) if raw else ''}[[{kind}]]", *lines, ""])


def _header_of(raw: bytes) -> list[str]:
    return next(csv.reader(io.StringIO(raw.decode("utf-8-sig"))), []) if raw else []


def _csv_line(cells: Sequence[str]) -> str:
    text = io.StringIO()
    csv.writer(text, lineterminator="\n").writerow(cells)
    return text.getvalue()


def _cell(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    return value.isoformat() if isinstance(value, date) else f"{value:.15g}" if isinstance(value, float) else str(value)


def _toml(value: Any) -> str:
    if isinstance(value, str):
        import tomlkit

        return tomlkit.string(value).as_string()
    return _cell(value)
