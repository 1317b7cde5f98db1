"""Shipped and own scenarios, the files an upload brings along, results once for all sessions; how much one may ask for.

Files that an upload brings along: a usage history, a plan, a load test, for the scenario that names them.

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
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache, lru_cache
from pathlib import Path as File
from pathlib import PurePosixPath
from types import MappingProxyType
from typing import Any

import streamlit as st
from pydantic import ValidationError

from switchpoint.catalog import CatalogError
from switchpoint.decision.case import simulate
from switchpoint.decision.result import JudgedWorld
from switchpoint.errors import CannotCompute
from switchpoint.files import read_bytes
from switchpoint.scenario.access import NO_FILES, Files, NoAccessError, OnlyFiles
from switchpoint.scenario.catalogue_check import load_checked, load_text_checked
from switchpoint.scenario.errors import ScenarioError, dotted_path
from switchpoint.scenario.explain_errors import complaints
from switchpoint.scenario.load import Loaded, read_again
from switchpoint.scenario.schema import Scenario
from switchpoint.scenario.toml_writer import examples, starter_text

# Files that an upload brings along -----------------------------------------------------------------------------------

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


# Shipped and own scenarios -------------------------------------------------------------------------------------------

STARTER = "Starter"
FIRST = "support-copilot"
"""The story that opens first, where there is one."""
GONE = "usage.growth.file: the file is there no more; open the scenario again, together with it"


@dataclass(frozen=True)
class Opened:
    """What was opened under a name: a scenario, or what is wrong with it, one line per fault."""

    name: str
    loaded: Loaded | None = None
    faults: tuple[str, ...] = ()

    @property
    def title(self) -> str:
        """What the scenario is called."""
        return self.loaded.scenario.name if self.loaded else self.name


def open_file(path: str) -> Opened:
    """Read a scenario file."""
    try:
        return Opened(File(path).stem, load_checked(path))
    except ScenarioError as error:
        return Opened(File(path).stem, faults=tuple(str(error).splitlines()))


def open_text(text: str, name: str, files: Files = NO_FILES) -> Opened:
    """Read a scenario from a text of anyone; it can open no file but those that were brought along with it."""
    try:
        return Opened(name, load_text_checked(text, name, files=files))
    except ScenarioError as error:
        return Opened(name, faults=tuple(str(error).splitlines()))


NO_SCENARIO = (
    "is no scenario, which is a .toml file. Files of usage and bills are dropped on the page Your data, results of a "
    "load test on the page Serving, logs of a programme on the page Readiness"
)


def open_upload(name: str, data: bytes, beside: Mapping[str, bytes] = MappingProxyType({})) -> Opened:
    """Read a scenario that was uploaded, with the files that it names where they were brought along."""
    if not name.lower().endswith(".toml"):
        return Opened(name, faults=(f"{name}: {NO_SCENARIO}",))
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError:
        return Opened(name, faults=(f"{name}:1: must be UTF-8 text; got other bytes",))
    try:
        return open_text(text, name, bring(beside) if beside else NO_FILES)
    except TooManyFilesError as wrong:
        return Opened(name, faults=(str(wrong),))


def access_of(loaded: Loaded) -> Files:
    """The files that changes of a scenario may name: those that it was read from."""
    brought = [file for file in loaded.opened if is_brought(str(file))]
    return BroughtFiles(brought) if brought else OnlyFiles(loaded.opened)


def shipped_stories() -> Mapping[str, Opened]:
    """The stories by title, read anew when a file changes; without any, one short scenario to start from."""
    return _read_shipped(tuple((str(file), file.stat().st_mtime) for file in examples().values()))


@lru_cache(maxsize=8)
def _read_shipped(files: tuple[tuple[str, float], ...]) -> Mapping[str, Opened]:
    """What these files hold; nothing in it is ever changed, so sessions share it."""
    found: dict[str, Opened] = {}
    for file, _ in files:
        opened = open_file(file)
        found[opened.title if opened.title not in found else opened.name] = opened
    return found or {STARTER: open_text(starter_text(STARTER), "starter.toml")}


def first(choices: Mapping[str, Opened]) -> str:
    """Title of the story that opens first."""
    return next((title for title, opened in choices.items() if opened.name == FIRST), next(iter(choices)))


class BadInput(ValueError):  # noqa: N818 - a plain word for what the user reads
    """Numbers that do not make a scenario; `lines` says why, one line per fault."""

    def __init__(self, lines: Sequence[str]) -> None:
        super().__init__("\n".join(lines))
        self.lines = tuple(lines)


def key_of(scenario: Scenario) -> str:
    """A key that tells scenarios apart, also by whether a default is stated: a stated policy is a choice."""
    return hashlib.sha256(repr(scenario.model_dump(exclude_unset=True)).encode("utf-8")).hexdigest()


@st.cache_resource(max_entries=64, show_spinner=False, hash_funcs={Scenario: key_of})
def result_of(scenario: Scenario) -> JudgedWorld:
    """The base case of a scenario; nothing in it is ever changed, so sessions share it.

    Raises:
        BadInput: where its numbers cannot be computed.
    """
    if why := too_much(scenario):
        raise BadInput([why])
    try:
        return JudgedWorld(simulate(scenario))
    except (CannotCompute, CatalogError) as problem:
        raise BadInput([str(problem)]) from None
    except OSError:
        raise BadInput([GONE]) from None


def validate_tree(tree: dict[str, Any], loaded: Loaded) -> Scenario:
    """The scenario that a changed tree states; it may name the files that its scenario was read from, and no other.

    Raises:
        BadInput: with every fault.
    """
    if named := read_again(loaded, tree):
        raise BadInput([f"{fault.field}: {fault.message}" for fault in named])
    try:
        return Scenario.model_validate(tree)
    except ValidationError as error:
        raise BadInput(list(_lines(error, tree))) from None


def _lines(error: ValidationError, tree: Any) -> Sequence[str]:
    found = [f"{dotted_path(path)}: {message}" for path, message in complaints(error, tree)]
    details = error.errors(include_url=False)
    unknown = [f"{dotted_path(d['loc'])}: is not a known key" for d in details if d["type"] == "extra_forbidden"]
    return [*found, *unknown, *(d["msg"] for d in details if d["type"] == "cross")]


# What one session may open and draw: bounds far above what a scenario needs, which the command line has not ------

MOST_CANDIDATES = 24
MOST_CANDIDATE_MONTHS = 2_400
"""Candidates times months: 24 candidates for 100 months, or ten for 240."""
MOST_DRAWN = 2_000_000
"""Draws times candidates times months."""
ELSEWHERE = "`switchpoint run` computes it without that limit."


def too_much(scenario: Scenario) -> str:
    """Why a scenario is more than a session may ask for; nothing where it is not."""
    count = len(scenario.candidates)
    if count > MOST_CANDIDATES:
        return f"candidates: must be at most {MOST_CANDIDATES} in the app; got {count}. {ELSEWHERE}"
    most = MOST_CANDIDATE_MONTHS // max(count, 1)
    if scenario.months > most:
        return f"months: must be at most {most} with {count} candidates in the app; got {scenario.months}. {ELSEWHERE}"
    return ""


def too_many_draws(scenario: Scenario, draws: int) -> str:
    """Why so many draws are more than a session may ask for; nothing where they are not."""
    most = MOST_DRAWN // (max(len(scenario.candidates), 1) * scenario.months)
    if draws <= most:
        return ""
    return (
        f"{draws:,} draws of {len(scenario.candidates)} candidates are too many for the app; choose {most:,} or fewer"
    )
