"""The shelf: scenarios that one can choose, the shipped stories and a file of one's own."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path as File

import streamlit as st

from switchpoint.checks import load_checked, load_text_checked
from switchpoint.scenario.errors import ScenarioError
from switchpoint.scenario.examples import examples, starter_text
from switchpoint.scenario.files import Loaded

STARTER = "Starter"
FIRST = "support-copilot"
"""The story that opens first, where there is one."""
LARGEST_MB = 1


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


@st.cache_resource(max_entries=64, show_spinner=False)
def open_file(path: str, changed: float) -> Opened:  # noqa: ARG001 - the time of change is part of the cache's key
    """Read a scenario file; nothing in what is read is ever changed, so sessions share it."""
    try:
        return Opened(File(path).stem, load_checked(path))
    except ScenarioError as error:
        return Opened(File(path).stem, faults=tuple(str(error).splitlines()))


def open_text(text: str, name: str) -> Opened:
    """Read a scenario from text."""
    try:
        return Opened(name, load_text_checked(text, name))
    except ScenarioError as error:
        return Opened(name, faults=tuple(str(error).splitlines()))


def open_upload(name: str, data: bytes) -> Opened:
    """Read a scenario that was uploaded."""
    try:
        return open_text(data.decode("utf-8-sig"), name)
    except UnicodeDecodeError:
        return Opened(name, faults=(f"{name}:1: must be UTF-8 text; got other bytes",))


def shipped() -> Mapping[str, Opened]:
    """The stories by title; without any, one short scenario to start from."""
    found: dict[str, Opened] = {}
    for file in examples().values():
        opened = open_file(str(file), file.stat().st_mtime)
        found[opened.title if opened.title not in found else opened.name] = opened
    return found or {STARTER: _starter()}


@st.cache_resource(show_spinner=False)
def _starter() -> Opened:
    return open_text(starter_text(STARTER), "starter.toml")


def first(choices: Mapping[str, Opened]) -> str:
    """Title of the story that opens first."""
    return next((title for title, opened in choices.items() if opened.name == FIRST), next(iter(choices)))
