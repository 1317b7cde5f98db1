"""The files that are read: paths, folders and patterns, what is inside of .gz and .zip, and their encoding."""

from __future__ import annotations

import glob
import gzip
import io
import lzma
import zipfile
import zlib
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path
from typing import BinaryIO, TypeAlias

from switchpoint.owndata.privacy import without_names
from switchpoint.scenario.errors import Fault, ScenarioError

SUFFIXES = (".csv", ".tsv", ".txt", ".json", ".jsonl", ".ndjson")
PACKED = (".gz", ".zip")
MARKS = ((b"\xef\xbb\xbf", "utf-8-sig"), (b"\xff\xfe", "utf-16"), (b"\xfe\xff", "utf-16"))
MOST_FILES = 10_000
MOST_INSIDE = 50_000_000_000
"""Bytes that the members of one ZIP may come to when they are unpacked."""
SNIFFED = 1 << 18
"""Bytes from the beginning of a file by which it is recognised."""
UNREADABLE = (OSError, EOFError, zipfile.BadZipFile, zlib.error, lzma.LZMAError, NotImplementedError, RuntimeError)
"""What opening and unpacking a damaged or locked file raises."""

Opener: TypeAlias = Callable[[], BinaryIO]


@dataclass(frozen=True)
class Source:
    """One stream of rows: a file, or a member of a ZIP.

    Attributes:
        name: as messages say it.
        path: of the file on the disk.
        member: of a ZIP; nothing for a file of its own.
        written: day on which the file was written, UTC.
        stamp: when it was written, in nanoseconds, to tell which is newer.
    """

    name: str
    path: Path
    member: str
    written: date
    stamp: int

    @contextmanager
    def open(self) -> Iterator[tuple[BinaryIO, Callable[[], float]]]:
        """The bytes unpacked, and how much of the file is read so far, as a share.

        Raises:
            ScenarioError: it cannot be opened, or ends before its end.
        """
        try:
            size = max(self.path.stat().st_size, 1)
            with self.path.open("rb") as file:
                if self.member:
                    with zipfile.ZipFile(file) as packed, packed.open(self.member) as member:
                        length = max(packed.getinfo(self.member).file_size, 1)
                        yield io.BufferedReader(_Counted(member)), lambda: member.tell() / length
                elif self.path.suffix.lower() == ".gz":
                    with gzip.GzipFile(fileobj=file) as unpacked:
                        yield io.BufferedReader(_Counted(unpacked)), lambda: file.tell() / size
                else:
                    yield file, lambda: file.tell() / size
        except UNREADABLE as reason:
            raise self.refuse(1, _unreadable_words(reason)) from None

    def head(self) -> bytes:
        """The first bytes, as many as recognising takes."""
        with self.open() as (stream, _):
            return stream.read(SNIFFED)

    def fault(self, line: int, message: str, field: str = "") -> Fault:
        """One thing that is wrong with it."""
        return Fault(self.name, line, field, message)

    def refuse(self, line: int, message: str, field: str = "") -> ScenarioError:
        """The error of one thing that is wrong with it."""
        return ScenarioError([self.fault(line, message, field)])


class _Counted(io.RawIOBase):
    """A stream that others buffer, so that all of them read alike."""

    def __init__(self, inner: object) -> None:
        self._inner = inner

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: object) -> int:
        return int(self._inner.readinto(buffer))  # type: ignore[attr-defined]


def _unreadable_words(reason: BaseException) -> str:
    if isinstance(reason, FileNotFoundError):
        return "is not there"
    if isinstance(reason, IsADirectoryError):
        return "is a folder without files of usage"
    if isinstance(reason, PermissionError):
        return "may not be read"
    if isinstance(reason, RuntimeError | NotImplementedError):
        return "is locked or packed in a way that is not read; unpack it first"
    return "is damaged: it ends early or is not what its name says; download it again"


def encoding_of(head: bytes) -> str:
    """The encoding that the first bytes of a text show.

    >>> encoding_of("a,b".encode("utf-16")), encoding_of(b"a,b"), encoding_of("a,b".encode("utf-16-le"))
    ('utf-16', 'utf-8', 'utf-16-le')
    """
    for mark, encoding in MARKS:
        if head.startswith(mark):
            return encoding
    even, odd = head[0:200:2], head[1:200:2]
    if odd and odd.count(0) > len(odd) // 2 and not even.count(0):
        return "utf-16-le"
    return "utf-16-be" if even.count(0) > len(even) // 2 and not odd.count(0) else "utf-8"


def find_sources(paths: Sequence[str | Path]) -> list[Source]:
    """Every file that some paths name: files as they are given, folders and globs in the order of names, ZIPs opened.

    Raises:
        ScenarioError: with a fault for each path that names no file.
    """
    faults: list[Fault] = []
    found: dict[tuple[Path, str], Source] = {}
    for path in paths:
        try:
            for source in _sources_at(Path(path)):
                found[source.path.resolve(), source.member] = source
        except ScenarioError as error:
            faults += error.faults
        except UNREADABLE as reason:
            faults.append(Fault(str(path), 1, "", _unreadable_words(reason)))
        except ValueError:
            faults.append(Fault(str(path), 1, "", "is no name that a file can have"))
    if not paths:
        faults.append(Fault("usage", 1, "", "names no file; give one or more files, folders or patterns"))
    if len(found) > MOST_FILES:
        faults.append(Fault(str(paths[0]), 1, "", f"names more than {MOST_FILES:,} files; give fewer"))
    if faults:
        raise ScenarioError(faults)
    return list(found.values())


def _sources_at(path: Path) -> Iterator[Source]:
    if path.is_dir():
        files = sorted(each for each in path.rglob("*") if each.is_file() and _is_usage_file(each.relative_to(path)))
        if not files:
            raise ScenarioError([Fault(str(path), 1, "", f"has no file that ends in {', '.join(SUFFIXES + PACKED)}")])
    elif not path.exists() and glob.has_magic(str(path)):
        matching = glob.glob(str(path), recursive=True)  # noqa: PTH207 - a pattern may begin at any root
        files = sorted(Path(each) for each in matching if Path(each).is_file())
        if not files:
            raise ScenarioError([Fault(str(path), 1, "", "matches no file")])
    else:
        files = [path]
    for file in files:
        yield from _sources_in(file)


def _is_usage_file(path: Path) -> bool:
    hidden = any(part.startswith((".", "__MACOSX")) for part in path.parts)
    return not hidden and path.suffix.lower() in SUFFIXES + PACKED


def _sources_in(file: Path) -> Iterator[Source]:
    about = file.stat()
    if not file.is_file():
        raise ScenarioError([Fault(str(file), 1, "", "is not a file: it is a device or a pipe")])
    written = datetime.fromtimestamp(about.st_mtime, UTC).date()
    if file.suffix.lower() != ".zip":
        yield Source(str(file), file, "", written, about.st_mtime_ns)
        return
    with zipfile.ZipFile(file) as packed:
        members = [each for each in packed.infolist() if not each.is_dir() and _is_usage_file(Path(each.filename))]
    if not members or sum(each.file_size for each in members) > MOST_INSIDE:
        what = "is too large when it is unpacked" if members else "holds no CSV or JSON"
        raise ScenarioError([Fault(str(file), 1, "", what)])
    for each in sorted(members, key=lambda member: member.filename):
        if each.filename.lower().endswith(PACKED):
            raise ScenarioError([Fault(str(file), 1, "", "holds another packed file; unpack it first")])
        yield Source(f"{file}/{without_names(each.filename)}", file, each.filename, written, about.st_mtime_ns)
