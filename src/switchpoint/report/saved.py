"""Saved runs: the scenario goes into the folder of its run, and can be run from there again."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from switchpoint.checks import load_checked
from switchpoint.report.files import as_text
from switchpoint.result import Json
from switchpoint.scenario.access import OnlyFiles
from switchpoint.scenario.errors import Fault, ScenarioError
from switchpoint.scenario.files import Loaded, load_text
from switchpoint.scenario.writing import save_text, text_of

SCENARIO, RESULT = "scenario.toml", "result.json"
NEITHER = (
    "holds neither a run nor a sweep; name a folder that switchpoint run FILE --out or switchpoint sweep FILE --out "
    "has written"
)
MARK = "# The scenario of this run, written by switchpoint run --out."


@dataclass(frozen=True)
class Saved:
    """A saved run: its scenario, and its result as it was told."""

    folder: Path
    loaded: Loaded
    told: Json

    @property
    def draws(self) -> int | None:
        """How many draws it had, None for a base case."""
        return int(self.told["draws"]) or None

    @property
    def seed(self) -> int:
        """Their seed."""
        return int(self.told["seed"])

    def confirm(self, told: Json) -> None:
        """Make sure that a new run comes to the same.

        Raises:
            ScenarioError: where it does not.
        """
        now, then = json.loads(as_text(told)), dict(self.told)
        for each in (now, then):
            each.pop("version", None)
        if now != then:
            was, version = self.told.get("verdict", {}).get("sentence", "nothing"), self.told.get("version")
            why = f"is of version {version} and comes out otherwise now; it said: {was} Run the scenario again"
            raise ScenarioError([Fault(str(self.folder / RESULT), 1, "", why)])


def reserve(folder: Path, loaded: Loaded) -> None:
    """Make sure that the scenario can be kept in a folder.

    Raises:
        ScenarioError: where another scenario is there already.
    """
    path = folder / SCENARIO
    if not path.exists() or _same(path, loaded):
        return
    if MARK not in path.read_text(encoding="utf-8", errors="replace"):
        why = "is a scenario of your own; name another folder for the result"
        raise ScenarioError([Fault(str(path), 1, "", why)])


def keep(folder: Path, loaded: Loaded) -> None:
    """Write the scenario of a run into its folder: the file as it is where that is enough, else all of it in one."""
    path = folder / SCENARIO
    if not _same(path, loaded):
        save_text(path, f"{_whole(loaded, path).rstrip()}\n\n{MARK}\n", overwrite=True)


def saved(folder: Path) -> Saved:
    """The saved run in a folder.

    Raises:
        ScenarioError: where there is none, or none that exports can show.
    """
    missing = [name for name in (SCENARIO, RESULT) if not (folder / name).is_file()]
    if len(missing) == 2:
        raise ScenarioError([Fault(str(folder), 1, "", NEITHER)])
    if missing:
        raise ScenarioError([_missing(folder / name) for name in missing])
    told = _read(folder / RESULT)
    if "draw" in told:
        why = "is the story of one draw; exports show a base case or many draws: run it with --draws or without"
        raise ScenarioError([Fault(str(folder / RESULT), 1, "", why)])
    return Saved(folder, load_checked(folder / SCENARIO), told)


def _read(path: Path) -> Json:
    try:
        told: Any = json.loads(path.read_text(encoding="utf-8"))
        if (
            {"draws", "seed", "verdict"} <= set(told)
            and isinstance(told["draws"], int)
            and isinstance(told["seed"], int)
        ):
            return dict(told)
    except (ValueError, TypeError):
        pass
    raise ScenarioError([Fault(str(path), 1, "", "is no result; switchpoint run FILE --out writes one")])


def _missing(path: Path) -> Fault:
    return Fault(str(path), 1, "", "is not there; name a folder that switchpoint run FILE --out has written")


def _same(path: Path, loaded: Loaded) -> bool:
    """Whether a path is the very file that was read."""
    return path.resolve() == Path(loaded.name).resolve()


def _whole(loaded: Loaded, path: Path) -> str:
    """The scenario as one text that needs no other: its own where nothing was laid over it or set for the run."""
    try:
        if load_text(loaded.text, str(path), files=OnlyFiles(loaded.opened)).scenario == loaded.scenario:
            return loaded.text
    except ScenarioError:
        pass
    return text_of({key: value for key, value in loaded.tree.items() if key != "extends"})
