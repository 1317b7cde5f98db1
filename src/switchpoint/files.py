"""The one way to read a file that others may have written, and the one way to write.

Read: regular files only, and never more than a bound. Written: under a temporary name first, whole or not at all, and
never through a link; of files that belong together either all, or a mark says that some may be missing.
"""

from __future__ import annotations

import errno
import hashlib
import json
import os
import re
import secrets
import shutil
import stat
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from contextlib import ExitStack, contextmanager, suppress
from io import BufferedReader
from pathlib import Path
from typing import Any, BinaryIO, TypeAlias

Json: TypeAlias = dict[str, Any]
"""A table of a JSON file."""

MOST_BYTES = 100_000_000
LARGEST_UPLOAD_MB = 20
"""Of a file that is opened in the app, at its pages and at its server: a larger one is refused before it is kept. A
scenario may have 1 MB, which its reader says, a history or a log all of it."""
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
    with _open_regular(path) as file:
        _refuse_large(os.fstat(file.fileno()).st_size, most_bytes)
        return _read_at_most(file, most_bytes)


def read_text(path: Path, most_bytes: int = MOST_BYTES, encoding: str = "utf-8-sig") -> str:
    """The text of a regular file; line ends become `\\n`.

    Raises:
        NotRegular, TooLarge, OSError: as `read_bytes`.
        UnicodeDecodeError: it is not text of that encoding.
    """
    return read_bytes(path, most_bytes).decode(encoding).replace("\r\n", "\n").replace("\r", "\n")


@contextmanager
def _open_regular(path: Path) -> Iterator[BufferedReader]:
    try:
        _refuse_irregular(path.stat())  # before it is opened: opening a device can act on it
        number = os.open(path, _FLAGS)
    except (ValueError, RuntimeError) as reason:
        raise OSError(f"{reason}") from None
    with os.fdopen(number, "rb") as file:
        _refuse_irregular(os.fstat(number))  # what was opened may no longer be what was asked about
        yield file


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
        raise NotRegular("is not a file: it is a device or a pipe")


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


Content: TypeAlias = bytes | Callable[[BinaryIO], None]
"""What a file is to hold: bytes, or what writes them into an open file."""
LISTING = ".switchpoint.json"
"""Names the files of each set in its folder with their fingerprints: only what it lists is ever removed."""
_LEFTOVER = re.compile(r"\.[0-9a-f]{16}\.switchpoint\.tmp")
_MOST_LISTED = 1_000_000
_UNFINISHED = (
    "switchpoint was ended while it wrote {name} here, so the files may be of two different runs.\n"
    "The same command once more writes all of them and removes this file.\n"
)


EXISTS = "exists already and is left as it was"


class Linked(OSError):  # noqa: N818
    """A link stands where something is to be written; its text is one plain sentence."""


def write_whole(path: Path, data: Content) -> None:
    """Write a file under a temporary name beside it, then rename it; what is there already stays until then.

    Raises:
        Linked: a link stands there, also one that leads nowhere; it is neither followed nor replaced.
        NotRegular: a folder, a pipe or a device stands there.
        OSError: it cannot be written; nothing is left behind.
    """
    with _draft(path, data) as draft:
        _publish(draft, path)


def change_whole(path: Path, change: Callable[[bytes | None], bytes], most_bytes: int = MOST_BYTES) -> None:
    """Read a file, change what it holds, and write it whole, while others that do the same wait.

    Args:
        path: the file; its folder must be there.
        change: told what the file holds, None where there is none; gives what it is to hold. What it raises leaves
            the file as it was.
        most_bytes: the largest size taken.

    Raises:
        Linked, NotRegular, TooLarge, OSError: as `read_bytes` and `write_whole`.
    """
    with _alone_in(path.parent):
        sweep_up(path.parent)
        _refuse_target(path)
        write_whole(path, change(read_bytes(path, most_bytes) if path.exists() else None))


def write_set(
    name: str, files: Mapping[Path, Content], *, overwrite: Collection[str] | bool = True, listed: Collection[str] = ()
) -> None:
    """Write files that belong together: all of them appear, or `unfinished_mark` says that they did not.

    Everything is written under temporary names first. What earlier writers that were ended left under such names in
    the same folders is removed.

    Args:
        name: what the files are together; sets of different names may share a folder.
        files: what each is to hold; their folders must be there.
        overwrite: whether files that are there may be replaced, or the names of those that may. Files that are listed
            and still as they were written always are.
        listed: names of files that go when a later set of that name comes without them, unless somebody has changed
            them by then.

    Raises:
        FileExistsError: one is there and may not be replaced; none is written then.
        Linked, NotRegular, OSError: as `write_whole`; none is written then.
    """
    folders = _folders(files)
    with ExitStack() as stack:
        for folder in folders:
            stack.enter_context(_alone_in(folder))
            sweep_up(folder)
        spared = () if overwrite is True else [path for path in files if path.name not in (overwrite or ())]
        refuse_foreign(spared, listed)
        drafts = {path: stack.enter_context(_draft(path, data)) for path, data in files.items()}
        kept = {path: _fingerprint(draft) for path, draft in drafts.items() if path.name in listed}
        former = {folder: _note(folder, name, kept) for folder in folders if listed}
        marked = folders if len(files) > 1 else []
        for folder in marked:
            write_whole(unfinished_mark(folder, name), _UNFINISHED.format(name=name).encode())
        for path, draft in drafts.items():
            _publish(draft, path)
        for folder, names in former.items():
            _drop(folder, names, kept)
            _note(folder, name, kept, anew=True)
        for folder in marked:
            unfinished_mark(folder, name).unlink(missing_ok=True)


def refuse_foreign(paths: Iterable[Path], listed: Collection[str]) -> None:
    """Say that something is there which may not be replaced; also before what takes seconds is computed for it.

    Args:
        paths: that are to be written.
        listed: as of `write_set`.

    Raises:
        FileExistsError: one is there.
    """
    if there := [path for path in paths if _is_foreign(path, listed)]:
        raise FileExistsError(errno.EEXIST, EXISTS, str(there[0]))


def unfinished_mark(folder: Path, name: str) -> Path:
    """The file that is there while a set is written, and stays where that was cut short."""
    return folder / f"INCOMPLETE-{name}.txt"


def folder_to_write(path: Path) -> Path:
    """A folder that files are to be written into, made where it is not there.

    Raises:
        Linked: it is a link.
        OSError: it cannot be made.
    """
    _refuse_link(path)
    path.mkdir(parents=True, exist_ok=True)
    return path


def sweep_up(folder: Path) -> None:
    """Remove the temporary files that writers left behind which were ended; those of living ones stay."""
    with suppress(OSError), os.scandir(folder) as entries:
        for entry in entries:
            if _LEFTOVER.fullmatch(entry.name) and entry.is_file(follow_symlinks=False):
                with suppress(OSError):
                    _remove_left(Path(entry.path))


def source_hash(folder: Path, files: Iterable[Path], beside: str = "") -> str:
    """A fingerprint of code and tables: of those of some files that end in .py or .csv, by their place in a folder.

    Args:
        folder: what the places are relative to.
        files: they may be in any order.
        beside: what else decides what they do, such as versions.
    """
    digest = hashlib.sha256(beside.encode())
    for file in sorted(files):
        if file.suffix in (".py", ".csv"):
            digest.update(file.relative_to(folder).as_posix().encode() + b"\0" + file.read_bytes())
    return digest.hexdigest()[:16]


def lock(number: int, *, wait: bool = False) -> bool:
    """Take the lock of an open file, if nobody has it; it ends with the process, however that ends.

    Args:
        number: of the open file.
        wait: whether to wait until it is free.
    """
    try:
        if os.name == "nt":
            import msvcrt

            msvcrt.locking(number, msvcrt.LK_NBLCK, 1)  # type: ignore[attr-defined, unused-ignore]
        else:
            import fcntl

            fcntl.flock(number, fcntl.LOCK_EX | (0 if wait else fcntl.LOCK_NB))
    except OSError:
        return False
    return True


@contextmanager
def _draft(target: Path, data: Content) -> Iterator[Path]:
    """A file with its content on the disk under a temporary name; gone in the end, unless it was renamed."""
    _refuse_target(target)
    temporary, file = _open_temporary(target)
    try:
        if isinstance(data, bytes):
            file.write(data)
        else:
            data(file)
        file.flush()
        os.fsync(file.fileno())
        if os.name == "nt":
            file.close()  # Windows renames no open file
        yield temporary
    finally:
        temporary.unlink(missing_ok=True)
        file.close()


def _open_temporary(target: Path) -> tuple[Path, BinaryIO]:
    """A new temporary file beside a target, locked for as long as its writer lives, so that nobody sweeps it up."""
    for _ in range(3):
        temporary = target.with_name(f".{secrets.token_hex(8)}.switchpoint.tmp")
        file = temporary.open("xb")
        if os.name == "nt" or (lock(file.fileno()) and os.fstat(file.fileno()).st_nlink):
            break
        file.close()  # somebody swept up between making and locking it
        temporary.unlink(missing_ok=True)
    else:
        file = temporary.open("xb")
    return temporary, file


def _publish(draft: Path, target: Path) -> None:
    if target.is_file() and not target.is_symlink():
        shutil.copymode(target, draft)
    draft.replace(target)


def _remove_left(file: Path) -> None:
    if os.name == "nt":
        file.unlink()  # refused while its writer has it open
        return
    number = os.open(file, _FLAGS | os.O_NOFOLLOW)
    try:
        if lock(number):
            file.unlink()
    finally:
        os.close(number)


@contextmanager
def _alone_in(folder: Path) -> Iterator[None]:
    """Wait for others that write a set into a folder; where folders know no locks, nobody waits."""
    number = None
    with suppress(OSError):
        number = os.open(folder, os.O_RDONLY)
    try:
        if number is not None:
            lock(number, wait=True)
        yield
    finally:
        if number is not None:
            with suppress(OSError):
                os.fsync(number)  # so that the names are on the disk too
            os.close(number)


def _folders(files: Iterable[Path]) -> list[Path]:
    """The folders of some files, each once however it is spelled, in an order that is the same for every process."""
    found = {}
    for path in files:
        about = path.parent.stat()
        found[about.st_dev, about.st_ino] = path.parent
    return [found[key] for key in sorted(found)]


def _refuse_target(path: Path) -> None:
    _refuse_link(path)
    try:
        if path.exists():
            _refuse_irregular(path.stat())
    except NotRegular as reason:
        raise NotRegular(errno.EINVAL, str(reason), str(path)) from None


def _refuse_link(path: Path) -> None:
    if path.is_symlink():
        raise Linked(errno.ELOOP, f"is a link to {path.readlink()} and is left as it was", str(path))


def _note(folder: Path, name: str, kept: Mapping[Path, str], *, anew: bool = False) -> Mapping[str, list[str]]:
    """Note the files of a set in the listing of their folder, beside those of its former set or in their place.

    Returns:
        The names of the former set with their fingerprints.
    """
    listing = _listing(folder)
    former = listing.get(name, {})
    found = {} if anew else {each: list(prints) for each, prints in former.items()}
    for path, fingerprint in kept.items():
        if path.parent == folder:
            found.setdefault(path.name, []).append(fingerprint)
    write_whole(folder / LISTING, json.dumps({**listing, name: found}, indent=1).encode())
    return former


def _listing(folder: Path) -> dict[str, dict[str, list[str]]]:
    """The sets that a folder's listing names; nothing where there is none, or one that nobody here wrote."""
    try:
        held = json.loads(read_bytes(folder / LISTING, _MOST_LISTED))
        sets = {str(name): {str(each): [*map(str, prints)] for each, prints in held[name].items()} for name in held}
    except (OSError, ValueError, TypeError, AttributeError, RecursionError):
        return {}
    return sets


def _is_foreign(path: Path, listed: Collection[str]) -> bool:
    """Whether something is there that no set here has written, or that somebody has changed since."""
    if path.name not in listed:
        return os.path.lexists(path)
    if not path.is_file() or path.is_symlink():
        return False  # a link, a folder, a device: refused by its own name when it is to be written
    prints = [each for names in _listing(path.parent).values() for each in names.get(path.name, [])]
    return _fingerprint(path) not in prints


def _drop(folder: Path, former: Mapping[str, list[str]], kept: Mapping[Path, str]) -> None:
    """Remove what the former set had and this one has not, where it is as it was written."""
    for name, prints in former.items():
        path = folder / name
        if path.name == name and path not in kept and path.is_file() and not path.is_symlink():
            with suppress(OSError):
                if _fingerprint(path) in prints:
                    path.unlink()


def _fingerprint(path: Path) -> str:
    with _open_regular(path) as file:  # of any size: the rows of a sweep are many
        return hashlib.file_digest(file, "sha256").hexdigest()
