"""Files that an upload brings along: a usage history, a plan, a load test, for the scenario that names them.

They are written to a folder of this server's own under names made of their content, and are the only files that such a
scenario may read: whatever it calls them, only its last part counts, and what was not brought is refused as ever. An
address names them by content, never by a place on this machine. The folder goes with the server.
"""

from __future__ import annotations

import atexit
import hashlib
import re
import shutil
import tempfile
from collections.abc import Callable, Iterable, Mapping
from functools import cache
from pathlib import Path as File
from pathlib import PurePosixPath
from typing import Any

from switchpoint.files import read_bytes
from switchpoint.scenario.access import NoAccessError

NAME = re.compile(r"[\w][\w .()+-]{0,99}")
KINDS = ("csv", "json", "jsonl")
MOST_FILES = 8
MOST_KEPT = 200
"""Files that the server keeps for all sessions; the oldest go first."""
MARK = "brought:"


class TooManyFilesError(ValueError):
    """More files, or other ones, than may be brought along; the message says what is right."""


@cache
def own_folder() -> File:
    """The folder of this server, made when it is first needed."""
    folder = File(tempfile.mkdtemp(prefix="switchpoint-brought-")).resolve()
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    return folder


class BroughtFiles:
    """Access to brought files alone, by the last part of the name that a scenario gives them."""

    def __init__(self, stored: Iterable[File] = ()) -> None:
        self._by_name = {file.name: file for file in stored}

    @property
    def files_read(self) -> frozenset[File]:
        """Where they are."""
        return frozenset(self._by_name.values())

    def read(self, file: File, most_bytes: int) -> bytes:
        """What one of them holds."""
        return read_bytes(self._find(file), most_bytes)

    def real_path(self, file: File) -> File:
        """Where one of them is."""
        return self._find(file)

    def beside(self, file: File) -> list[str]:  # noqa: ARG002 - as every access
        """Nothing: there is no folder to look into."""
        return []

    def _find(self, file: File) -> File:
        name = PurePosixPath(str(file).replace("\\", "/")).name
        try:
            return self._by_name[name]
        except KeyError:
            raise NoAccessError from None


def bring(files: Mapping[str, bytes]) -> BroughtFiles:
    """Keep files that were uploaded, and give access to them.

    Raises:
        TooManyFilesError: where they are too many, or one is called in a way that no scenario calls a file.
    """
    if len(files) > MOST_FILES:
        raise TooManyFilesError(f"must be at most {MOST_FILES} files beside the scenario; got {len(files)}")
    wrong = [name for name in files if not NAME.fullmatch(name) or name.rpartition(".")[2].lower() not in KINDS]
    if wrong:
        raise TooManyFilesError(f"{wrong[0][:60]}: must be a .csv, .json or .jsonl with a plain name")
    return BroughtFiles([_store(name, data) for name, data in files.items()])


def _store(name: str, data: bytes) -> File:
    folder = own_folder() / hashlib.sha256(data).hexdigest()
    folder.mkdir(exist_ok=True)
    file = folder / name
    if not file.exists():
        file.write_bytes(data)
    _forget_oldest()
    return file


def _forget_oldest() -> None:
    folders = sorted(own_folder().iterdir(), key=lambda folder: folder.stat().st_mtime)
    for folder in folders[: max(len(folders) - MOST_KEPT, 0)]:
        shutil.rmtree(folder, ignore_errors=True)


def is_brought(file: str) -> bool:
    """Whether a path leads to a file that was brought along."""
    return File(file).is_absolute() and File(file).is_relative_to(own_folder())


def name_for_address(file: str) -> str:
    """How an address names a brought file: by its content."""
    return MARK + File(file).relative_to(own_folder()).as_posix()


def named_in_address(names: Iterable[str]) -> BroughtFiles:
    """Access to the files that an address names by content, as far as this server still has them."""
    found = []
    for name in names:
        digest, _, last = name.removeprefix(MARK).partition("/")
        file = own_folder() / digest / last
        if re.fullmatch(r"[0-9a-f]{64}", digest) and NAME.fullmatch(last) and file.is_file():
            found.append(file)
    return BroughtFiles(found)


def by_content(value: Any) -> Any:
    """A value of a scenario with brought files named by what is in them instead of where they are."""
    return _replaced_texts(value, lambda text: name_for_address(text) if is_brought(text) else text)


def named_files(value: Any) -> BroughtFiles:
    """Access to all files that a value of an address names by content."""
    names: list[str] = []

    def note(text: str) -> str:
        if text.startswith(MARK):
            names.append(text)
        return text

    _replaced_texts(value, note)
    return named_in_address(names)


def _replaced_texts(value: Any, other: Callable[[str], str]) -> Any:
    """A value with each text in it replaced, all the way down."""
    if isinstance(value, Mapping):
        return {key: _replaced_texts(inner, other) for key, inner in value.items()}
    if isinstance(value, list):
        return [_replaced_texts(inner, other) for inner in value]
    return other(value) if isinstance(value, str) else value
