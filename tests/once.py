"""What is dear to make is made once in a run of the tests, however many workers there are: the others wait for it."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

try:
    import fcntl
except ImportError:  # not on Windows: there each worker makes its own
    fcntl = None  # type: ignore[assignment]


def made_once(factory: pytest.TempPathFactory, name: str, make: Callable[[Path], None]) -> Path:
    """A folder of this run of the tests, filled by whoever asks first.

    Args:
        factory: the fixture `tmp_path_factory`.
        name: of the folder, the same for all who share it.
        make: fills the folder that it is given. Where it fails nothing is kept, and the next who asks tries again.
    """
    top = shared_folder(factory)
    folder, draft = top / name, top / f"{name}.draft"
    with locked(top / f"{name}.lock"):
        if not folder.exists():
            shutil.rmtree(draft, ignore_errors=True)
            draft.mkdir()
            make(draft)
            draft.rename(folder)
    return folder


def shared_folder(factory: pytest.TempPathFactory) -> Path:
    """The temporary folder of the whole run; that of a worker of xdist lies within it."""
    own = factory.getbasetemp()
    return own.parent if fcntl and "PYTEST_XDIST_WORKER" in os.environ else own


@contextmanager
def locked(path: Path) -> Iterator[None]:
    """Hold a file for this process alone; a process that ends lets go of it."""
    with path.open("w") as file:
        if fcntl:
            fcntl.flock(file, fcntl.LOCK_EX)
        yield
