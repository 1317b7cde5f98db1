"""Saved runs: the scenario goes into the folder of its run, and can be run from there again."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any

from pydantic import BaseModel, Field, ValidationError
from pydantic_core import from_json

from switchpoint.decision.result import Json
from switchpoint.export.data_files import RESULT, as_text
from switchpoint.files import folder_to_write, read_bytes, unfinished_mark
from switchpoint.scenario.access import OnlyFiles
from switchpoint.scenario.catalogue_check import load_checked
from switchpoint.scenario.errors import Fault, ScenarioError
from switchpoint.scenario.load import Loaded, load_text
from switchpoint.scenario.toml_writer import save_files, text_of
from switchpoint.study.sweep.study_file import MOST_DRAWS

SCENARIO, RUN = "scenario.toml", "run"
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
            each.pop("notes", None)  # they name lines of the file, which lies elsewhere now
        if now != then:
            was, version = self.told.get("verdict", {}).get("sentence", "nothing"), self.told.get("version")
            why = f"is of version {version} and comes out otherwise now; it said: {was} Run the scenario again"
            raise ScenarioError([Fault(str(self.folder / RESULT), 1, "", why)])


def reserve(folder: Path, loaded: Loaded, *, overwrite: bool = False) -> None:
    """Make sure that the scenario can be kept in a folder.

    Raises:
        ScenarioError: where another scenario is there already and may not be overwritten.
    """
    path = folder / SCENARIO
    for each in (folder, path):
        if each.is_symlink():
            raise ScenarioError([Fault(str(each), 1, "", f"is a link to {each.readlink()} and is left as it was")])
    if not overwrite and path.exists() and not _same(path, loaded) and MARK.encode() not in read_bytes(path):
        why = "is a scenario of your own and is left as it was; name another folder, or --force overwrites it"
        raise ScenarioError([Fault(str(path), 1, "", why)])


def keep(folder: Path, loaded: Loaded, files: Mapping[str, bytes], *, overwrite: bool = False) -> None:
    """Write a run into its folder, all of it or nothing: its files, and its scenario.

    The scenario is the file as it is where that is enough, else all of it in one. Files of an earlier run are replaced,
    others only where they may be overwritten.

    Raises:
        ScenarioError: where one may not be, or cannot be written.
    """
    path = folder_to_write(folder) / SCENARIO
    kept = {folder / name: data for name, data in files.items()}
    if not _same(path, loaded):
        kept[path] = f"{_whole(loaded, path).rstrip()}\n\n{MARK}\n".encode()
    save_files(RUN, kept, overwrite=overwrite or [SCENARIO], listed=files)


def open_saved_run(folder: Path) -> Saved:
    """The saved run in a folder.

    Raises:
        ScenarioError: where there is none, or none that exports can show.
    """
    if unfinished_mark(folder, RUN).exists():
        why = "says that the run was ended while it was written; switchpoint run FILE --out writes it anew"
        raise ScenarioError([Fault(str(unfinished_mark(folder, RUN)), 1, "", why)])
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


class _Verdict(BaseModel):
    sentence: str


class _ToldResult(BaseModel):
    """What has to be in a result for it to be run again."""

    draws: Annotated[int, Field(ge=0, le=MOST_DRAWS, strict=True)]
    seed: Annotated[int, Field(ge=0, le=2**32, strict=True)]
    version: str
    verdict: _Verdict


def _read(path: Path) -> Json:
    try:
        told: Any = from_json(read_bytes(path), allow_inf_nan=False)
        _ToldResult.model_validate(told)
        return dict(told)
    except ValidationError as error:
        first = error.errors()[0]
        field = ".".join(map(str, first["loc"]))
        why = f"is no result{field and f', as {field} tells'}; switchpoint run FILE --out writes one"
    except (OSError, ValueError) as reason:
        why = f"cannot be read: {getattr(reason, 'strerror', None) or reason}; switchpoint run FILE --out writes it"
    raise ScenarioError([Fault(str(path), 1, "", why)])


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
