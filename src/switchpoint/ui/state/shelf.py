"""The shelf: scenarios that one can choose, the shipped stories and a file of one's own."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path as File

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


def open_file(path: str) -> Opened:
    """Read a scenario file."""
    try:
        return Opened(File(path).stem, load_checked(path))
    except ScenarioError as error:
        return Opened(File(path).stem, faults=tuple(str(error).splitlines()))


def open_text(text: str, name: str) -> Opened:
    """Read a scenario from a text of anyone; it can open no file."""
    try:
        return Opened(name, load_text_checked(text, name))
    except ScenarioError as error:
        return Opened(name, faults=tuple(str(error).splitlines()))


def open_upload(name: str, data: bytes) -> Opened:
    """Read a scenario that was uploaded."""
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError:
        return Opened(name, faults=(f"{name}:1: must be UTF-8 text; got other bytes",))
    return open_text(text, name)


def shipped() -> Mapping[str, Opened]:
    """The stories by title, read anew when a file changes; without any, one short scenario to start from."""
    return _shipped(tuple((str(file), file.stat().st_mtime) for file in examples().values()))


@lru_cache(maxsize=8)
def _shipped(files: tuple[tuple[str, float], ...]) -> Mapping[str, Opened]:
    """What these files hold; nothing in it is ever changed, so sessions share it."""
    found: dict[str, Opened] = {}
    for file, _ in files:
        opened = open_file(file)
        found[opened.title if opened.title not in found else opened.name] = opened
    return found or {STARTER: open_text(starter_text(STARTER), "starter.toml")}


def first(choices: Mapping[str, Opened]) -> str:
    """Title of the story that opens first."""
    return next((title for title, opened in choices.items() if opened.name == FIRST), next(iter(choices)))
