"""The folder of a sweep: manifest.json, and rows/part-….parquet, one for each chunk that is done.

Only the process that holds the folder's lock writes there, so no two write the same file. A file appears whole or not
at all, and is kept only where it bears the mark of this sweep and the points of its chunk.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from switchpoint.scenario.writing import write_whole
from switchpoint.study.sweep import parts
from switchpoint.study.sweep.faults import SweepError
from switchpoint.study.sweep.manifest import Manifest, read

MANIFEST, ROWS, LOCK = "manifest.json", "rows", ".lock"


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
        """The Parquet files that are there, in the order of their points."""
        return sorted(self.rows.glob("part-*.parquet"))

    def manifest(self) -> Manifest:
        """The manifest.

        Raises:
            SweepError: where there is none, or it cannot be read.
        """
        try:
            text = (self.path / MANIFEST).read_text(encoding="utf-8")
        except FileNotFoundError:
            what = "holds no sweep: there is no manifest.json" if self.path.is_dir() else "does not exist"
            raise SweepError(f"{self.path}: {what}") from None
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
        if (self.path / MANIFEST).exists():
            raise SweepError(
                f"{self.path}: holds a sweep already; switchpoint sweep --resume {self.path} goes on with it, "
                "another --out begins a new one"
            )
        with self.writing():
            self.rows.mkdir(exist_ok=True)
            if self.files:
                raise SweepError(f"{self.rows}: holds Parquet files of no known sweep; name another folder")
            self.write(self.path / MANIFEST, manifest.text().encode())

    def keep(self, number: int, data: bytes) -> None:
        """Write the file of a chunk.

        Raises:
            SweepError: where it cannot be written.
        """
        with self.writing():
            self.write(self.part(number), data)

    def done(self, mark: str, points: Callable[[int], str], count: int) -> set[int]:
        """Numbers of the chunks that are there; what else lies among them, half-written or foreign, is removed.

        Args:
            mark: the fingerprint of the sweep.
            points: the points of a chunk, as its file names them.
            count: how many chunks there are.
        """
        found = set()
        with self.writing():
            names = {self.part(number).name: number for number in range(count)}
            for file in sorted(self.rows.iterdir()):
                number = names.get(file.name, -1)
                if number >= 0 and _is(parts.told(file), mark, points(number)):
                    found.add(number)
                else:
                    file.unlink()
        return found

    @contextmanager
    def writing(self) -> Iterator[None]:
        """Say in one line why the folder cannot be written to."""
        try:
            yield
        except OSError as reason:
            raise SweepError(f"{self.path}: cannot be written: {_why(reason)}") from None

    @contextmanager
    def locked(self) -> Iterator[None]:
        """Keep other sweeps out of the folder; the lock ends with the process, however it ends.

        Raises:
            SweepError: where another sweep has it.
        """
        with self.writing():
            self.path.mkdir(parents=True, exist_ok=True)
            file = os.open(self.path / LOCK, os.O_RDWR | os.O_CREAT, 0o644)
        try:
            if not _lock(file):
                holder = os.read(file, 100).decode(errors="replace").strip()
                raise SweepError(f"{self.path}: another sweep is writing here{holder and f' (process {holder})'}")
            os.ftruncate(file, 0)
            with self.writing():
                os.write(file, f"{os.getpid()}\n".encode())
            yield
        finally:
            os.close(file)


def _is(told: dict[bytes, bytes], mark: str, points: str) -> bool:
    return told.get(parts.MARK) == mark.encode() and told.get(parts.POINTS) == points.encode()


def _why(reason: Exception) -> str:
    return getattr(reason, "strerror", None) or str(reason)


def _lock(file: int) -> bool:
    """Take the lock of an open file, if nobody has it."""
    try:
        if os.name == "nt":
            import msvcrt

            msvcrt.locking(file, msvcrt.LK_NBLCK, 1)  # type: ignore[attr-defined, unused-ignore]
        else:
            import fcntl

            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        return False
    return True
