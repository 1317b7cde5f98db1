"""Which files reading a scenario may open. Whoever reads a text hands the access over; nothing else here opens a file.

A file of the command line may name others: the one it extends, a history of usage, a load test. A text that came by a
link, an upload or the app's text field was written by anyone, so it is read with `NO_FILES` and can open none, whatever
its keys are called and however they are spelt.
"""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path as File
from typing import Protocol

from switchpoint.files import read_bytes

REFUSED = "names another file, which a link, an upload or a text typed in the app may not; state its values"


class NoAccessError(OSError):
    """A text asked for a file that it may not open; nothing was looked at."""

    def __init__(self) -> None:
        super().__init__(REFUSED)


class Files(Protocol):
    """Access to files."""

    @property
    def files_read(self) -> frozenset[File]:
        """What was read so far, by absolute path."""

    def read(self, file: File, most_bytes: int) -> bytes:
        """What a file holds; OSError where it cannot or may not be read."""

    def real_path(self, file: File) -> File:
        """Its path without links and dots; OSError where it may not be read."""

    def beside(self, file: File) -> list[str]:
        """Names of the scenario files in its folder, for a suggestion; none where it may not be read."""


class Disk:
    """All files of this machine: for what its user names on the command line."""

    def __init__(self) -> None:
        self._opened: set[File] = set()

    @property
    def files_read(self) -> frozenset[File]:
        """What was read so far, as it was named and without links."""
        return frozenset(self._opened)

    def read(self, file: File, most_bytes: int) -> bytes:
        """What a regular file holds."""
        data = read_bytes(file, most_bytes)
        self._opened |= {file.absolute(), file.resolve()}
        return data

    def real_path(self, file: File) -> File:
        """Its path without links and dots."""
        return file.resolve()

    def beside(self, file: File) -> list[str]:
        """Names of the scenario files in its folder."""
        return [each.name for each in file.parent.glob("*.toml")]


class OnlyFiles:
    """The files that a scenario was read from already, and no other: for changes of it."""

    def __init__(self, allowed: Iterable[File] = ()) -> None:
        self.files_read = frozenset(allowed)

    def read(self, file: File, most_bytes: int) -> bytes:
        """What one of them holds."""
        self._refuse_other(file)
        return read_bytes(file, most_bytes)

    def real_path(self, file: File) -> File:
        """The path of one of them without links and dots."""
        self._refuse_other(file)
        return file.resolve()

    def beside(self, file: File) -> list[str]:  # noqa: ARG002 - as every access
        """Nothing: a folder tells what else is there."""
        return []

    def _refuse_other(self, file: File) -> None:
        if file.absolute() not in self.files_read:
            raise NoAccessError


NO_FILES = OnlyFiles()
