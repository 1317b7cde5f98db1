"""The folder of a sweep: its manifest, its lock, its rows.

Only the process that holds the folder's lock writes there, so no two write the same file. A file appears whole or not
at all, and is kept only where it bears the mark of this sweep and the points of its chunk. What the manifest does not
name is neither read nor removed.
"""

from __future__ import annotations

import os
import stat
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from switchpoint.files import Linked, NotRegular, folder_to_write, lock, read_text, sweep_up, write_whole
from switchpoint.scenario.errors import visible
from switchpoint.study.sweep.manifest import Manifest, read
from switchpoint.study.sweep.row_files import MUST, RowFile, fault_of, row_faults, table_of
from switchpoint.study.sweep.study_file import SweepError

MANIFEST, ROWS, LOCK = "manifest.json", "rows", ".lock"
MOST_MANIFEST = 100_000_000
"""Bytes of a manifest: that of a hundred scenarios of a megabyte each, which is not to be expected."""
NEVER_ELSEWHERE = getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0)
"""Of opening a file to write: no link is followed, and no pipe waited for."""


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
        """The files of the sweep that are there, in the order of their points; what else lies beside them is not."""
        return [part.file for part in self.parts(self.manifest()) if os.path.lexists(part.file)]

    def parts(self, manifest: Manifest) -> Iterator[RowFile]:
        """Every file of the sweep as it has to be, whether it is there or not."""
        for number in range(manifest.parts):
            points = manifest.points_of(number)
            rows = len(points) * manifest.candidates
            yield RowFile(self.part(number), manifest.mark, points, manifest.columns, rows)

    def tables(self, wanted: Sequence[str]) -> Iterator[Any]:
        """The rows of one file after the other, as Arrow tables; `wanted` names the columns.

        Raises:
            SweepError: where a file is damaged, or not of the sweep.
        """
        manifest = self.manifest()
        for part in self.parts(manifest):
            if os.path.lexists(part.file):
                if fault := part.fault():
                    raise fault_of(part.file, fault)
                table = table_of([part.file], [*dict.fromkeys([*MUST, *wanted])])
                if fault := next(row_faults(table, part, manifest), None):
                    raise fault_of(part.file, fault)
                yield table.select(wanted)

    def table(self, wanted: Sequence[str]) -> Any:
        """All rows as one Arrow table; see `tables`."""
        import pyarrow as pa

        return pa.concat_tables(self.tables(wanted))

    def manifest(self) -> Manifest:
        """The manifest.

        Raises:
            SweepError: where there is none, or it cannot be read.
        """
        try:
            text = read_text(self.path / MANIFEST, MOST_MANIFEST)
        except FileNotFoundError:
            what = "holds no sweep: there is no manifest.json" if self.path.is_dir() else "does not exist"
            raise SweepError(f"{self.path}: {what}") from None
        except NotADirectoryError:
            raise SweepError(f"{self.path}: is no folder") from None
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
        if os.path.lexists(self.path / MANIFEST):
            raise SweepError(
                f"{self.path}: holds a sweep already; switchpoint sweep --resume {self.path} goes on with it, "
                "another --out begins a new one"
            )
        with self.writing():
            folder_to_write(self.rows)
            sweep_up(self.path)
            if any(self.rows.glob("part-*.parquet")):
                raise SweepError(f"{self.rows}: holds Parquet files of no known sweep; name another folder")
            self.write(self.path / MANIFEST, manifest.text().encode())

    def keep(self, number: int, data: bytes) -> None:
        """Write the file of a chunk.

        Raises:
            SweepError: where it cannot be written.
        """
        with self.writing():
            self.write(self.part(number), data)

    def done(self, manifest: Manifest) -> set[int]:
        """Numbers of the chunks whose files are there and whole; nothing is removed but half-written files of ours."""
        with self.writing():
            folder_to_write(self.rows)
            sweep_up(self.path)
            sweep_up(self.rows)
        found = set()
        for number, part in enumerate(self.parts(manifest)):
            if os.path.lexists(part.file) and part.fault() is None:
                found.add(number)
        return found

    def refuse_links(self, manifest: Manifest) -> None:
        """Make sure that going on writes here and nowhere else.

        Raises:
            SweepError: where the rows, or one of their files, are a link.
        """
        for path in (self.rows, *(part.file for part in self.parts(manifest))):
            if path.is_symlink():
                raise SweepError(f"{path}: is a link to {path.readlink()}; take it away to go on")

    def strangers(self) -> list[str]:
        """Names of what lies among the rows and is not of the sweep; it is left as it is."""
        own = {part.file.name for part in self.parts(self.manifest())}
        with self.writing():
            return sorted(visible(entry.name) for entry in self.rows.iterdir() if entry.name not in own)

    @contextmanager
    def writing(self) -> Iterator[None]:
        """Say in one line why the folder cannot be written to."""
        try:
            yield
        except OSError as reason:
            where = reason.filename if isinstance(reason, (Linked, NotRegular)) else self.path
            raise SweepError(f"{where}: cannot be written: {_why(reason)}") from None

    @contextmanager
    def hold_lock(self) -> Iterator[None]:
        """Keep other sweeps out of the folder; the lock ends with the process, however it ends.

        Raises:
            SweepError: where another sweep has it.
        """
        with self.writing():
            folder_to_write(self.path)
            file = os.open(self.path / LOCK, os.O_RDWR | os.O_CREAT | NEVER_ELSEWHERE, 0o644)
        try:
            if not stat.S_ISREG(os.fstat(file).st_mode):
                raise SweepError(f"{self.path / LOCK}: is no regular file")
            held = lock(file)
            holder = os.read(file, 100).decode(errors="replace").strip()
            if not held:
                raise SweepError(f"{self.path}: another sweep is writing here{holder and f' (process {holder})'}")
            if not holder or holder.isdecimal():  # what else stands there is not ours
                with self.writing():
                    os.ftruncate(file, 0)
                    os.lseek(file, 0, os.SEEK_SET)
                    os.write(file, f"{os.getpid()}\n".encode())
            yield
        finally:
            os.close(file)


def _why(reason: Exception) -> str:
    return getattr(reason, "strerror", None) or str(reason)
