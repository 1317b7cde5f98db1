"""Shipped and own scenarios; results once for all sessions."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path as File
from types import MappingProxyType
from typing import Any

import streamlit as st
from pydantic import ValidationError

from switchpoint.catalog import CatalogError
from switchpoint.decision.case import simulate
from switchpoint.decision.result import JudgedWorld
from switchpoint.errors import CannotCompute
from switchpoint.scenario.access import NO_FILES, Files, OnlyFiles
from switchpoint.scenario.catalogue_check import load_checked, load_text_checked
from switchpoint.scenario.errors import ScenarioError, dotted_path
from switchpoint.scenario.explain_errors import complaints
from switchpoint.scenario.load import Loaded, read_again
from switchpoint.scenario.schema import Scenario
from switchpoint.scenario.toml_writer import examples, starter_text
from switchpoint.ui.brought_files import BroughtFiles, TooManyFilesError, bring, is_brought
from switchpoint.ui.budget import too_much

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


def open_upload(name: str, data: bytes, beside: Mapping[str, bytes] = MappingProxyType({})) -> Opened:
    """Read a scenario that was uploaded, with the files that it names where they were brought along."""
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
