"""The one way to read a file that others may have written: regular files only, and never more than a bound."""

from __future__ import annotations

import os
import stat
from pathlib import Path
from typing import BinaryIO

MOST_BYTES = 100_000_000
_STEP = 1 << 20
# Opening a pipe that nobody writes to would wait for ever, and a terminal would become ours.
_FLAGS = os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_NOCTTY", 0) | getattr(os, "O_BINARY", 0)


class NotRegular(OSError):  # noqa: N818 - named after what the file is, as Python's own FileNotFoundError's kin are
    """A folder, pipe, device or socket stands where a file is due; its text is one plain sentence."""


class TooLarge(OSError):  # noqa: N818
    """A file is larger than its reader takes; its text is one plain sentence."""


def read_bytes(path: Path, most_bytes: int = MOST_BYTES) -> bytes:
    """What a regular file holds.

    Args:
        path: the file; a link is followed to what it names.
        most_bytes: the largest size taken; a file that grows while it is read is held to it too.

    Raises:
        NotRegular: it is a folder, a pipe, a device or a socket.
        TooLarge: it is larger than most_bytes.
        OSError: it cannot be read; also where its name can be no file's (`\\0` in it).
    """
    try:
        _refuse_irregular(path.stat())  # before it is opened: opening a device can act on it
        number = os.open(path, _FLAGS)
    except (ValueError, RuntimeError) as reason:
        raise OSError(f"{reason}") from None
    with os.fdopen(number, "rb") as file:
        found = os.fstat(number)  # what was opened may no longer be what was asked about
        _refuse_irregular(found)
        _refuse_large(found.st_size, most_bytes)
        return _read_at_most(file, most_bytes)


def read_text(path: Path, most_bytes: int = MOST_BYTES, encoding: str = "utf-8-sig") -> str:
    """The text of a regular file; line ends become `\\n`.

    Raises:
        NotRegular, TooLarge, OSError: as `read_bytes`.
        UnicodeDecodeError: it is not text of that encoding.
    """
    return read_bytes(path, most_bytes).decode(encoding).replace("\r\n", "\n").replace("\r", "\n")


def _read_at_most(file: BinaryIO, most_bytes: int) -> bytes:
    held = bytearray()
    while piece := file.read(_STEP):
        held += piece
        _refuse_large(len(held), most_bytes)
    return bytes(held)


def _refuse_irregular(found: os.stat_result) -> None:
    if stat.S_ISDIR(found.st_mode):
        raise NotRegular("is a folder, not a file")
    if not stat.S_ISREG(found.st_mode):
        raise NotRegular("is a device or a pipe, not a file that ends")


def _refuse_large(size: int, most_bytes: int) -> None:
    if size > most_bytes:
        raise TooLarge(f"must be at most {_size(most_bytes)}; got {_size(size)}")


def _size(count: int) -> str:
    """A size in the largest unit that leaves it at least 1.

    >>> _size(1_000_000), _size(20_500_000), _size(200)
    ('1 MB', '20.5 MB', '200 bytes')
    """
    for unit, size in (("GB", 10**9), ("MB", 10**6), ("kB", 10**3)):
        if count >= size:
            return f"{count / size:.1f}".removesuffix(".0") + f" {unit}"
    return f"{count} bytes"
