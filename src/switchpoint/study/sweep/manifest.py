"""What the manifest of a sweep says, and whether what one says makes sense."""

from __future__ import annotations

import hashlib
import json
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from functools import cache
from importlib.metadata import version
from math import ceil
from pathlib import Path as File
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError, ValidationInfo, field_validator
from pydantic_core import PydanticCustomError, from_json

from switchpoint.decision.verdict import Action
from switchpoint.files import Json, read_bytes, source_hash
from switchpoint.scenario.candidates import GpuCandidate
from switchpoint.scenario.errors import dotted_path, shorten, show, visible
from switchpoint.scenario.toml_writer import text_of
from switchpoint.study.sweep.columns import KEYS
from switchpoint.study.sweep.plan import Base, SweepPlan
from switchpoint.study.sweep.study_file import MOST_POINTS, Study, SweepError
from switchpoint.version import __version__

MOST_CANDIDATES = 1000
"""Rows of a point at most."""


class Form(BaseModel):
    """A table of a manifest; what a later program adds is no fault."""

    model_config = ConfigDict(strict=True, extra="ignore")


class UsageForm(Form):
    """As far as summaries read it."""

    growth: dict[str, Any] = {}


class TreeForm(Form):
    """A scenario as it was stated, as far as summaries read it."""

    usage: UsageForm = UsageForm()
    candidates: Annotated[dict[str, Any], Field(max_length=MOST_CANDIDATES)] | None = None


class StatedForm(Form):
    """A scenario, and the fingerprints of the files that it refers to."""

    stated: TreeForm
    files: dict[str, str] = {}


class AdviceForm(Form):
    """What to do in a base case."""

    action: str
    candidate: str | None
    start_by: str | None
    sentence: str

    @field_validator("action")
    @classmethod
    def _check_action(cls, action: str) -> str:
        if action not in {*Action}:
            raise PydanticCustomError("action", "is no advice")
        return action

    @field_validator("start_by")
    @classmethod
    def _check_date(cls, stated: str | None) -> str | None:
        if stated is not None:
            date.fromisoformat(stated)
        return stated


class SourceForm(Form):
    """Where a number of a base case is from."""

    scenario: str
    field: str
    what: str
    value: float | str | dict[str, float | None] | None
    unit: str
    source: str
    date: str | None
    note: str = ""


class ManifestForm(Form):
    """A whole manifest."""

    mark: str
    points: Annotated[int, Field(ge=1, le=MOST_POINTS)]
    rows: Annotated[int, Field(ge=1, le=MOST_POINTS * MOST_CANDIDATES)]
    chunk: Annotated[int, Field(ge=1, le=MOST_POINTS)]
    asked: str
    version: str
    code: str
    prices: str
    study: str
    scenarios: Annotated[dict[str, StatedForm], Field(min_length=1)]
    texts: dict[str, str]
    columns: dict[str, Literal["text", "whole", "number", "flag", "date", "texts", "numbers", "dates"]]
    names: dict[str, str]
    sources: list[SourceForm]
    advice: dict[str, AdviceForm]

    @field_validator("texts", "advice")
    @classmethod
    def _of_each_scenario(cls, told: dict[str, Any], info: ValidationInfo) -> dict[str, Any]:
        if set(told) != set(info.data.get("scenarios", told)):
            raise PydanticCustomError("scenarios", "has not the scenarios of the sweep")
        return told


def faults_of(content: Any) -> Iterator[str]:
    """What is wrong with the content of a manifest: where, and what; nothing where it is right."""
    try:
        form = ManifestForm.model_validate(content)
    except ValidationError as error:
        yield from (f"{_place(each['loc'])}: {_plain(each['msg'])}" for each in error.errors())
        return
    try:
        study = Study.model_validate(tomllib.loads(form.study))
    except (ValueError, RecursionError) as fault:
        yield f"study: {visible(str(fault).splitlines()[0])}"
        return
    if len(study.scenarios) != len(form.scenarios):
        yield "scenarios: are not as many as the study has"
    for name, kind in KEYS.items():
        if form.columns.get(name) != kind:
            yield f"columns: {name} must be {kind}"
    for vary in study.vary:
        for key, named in (("columns", form.columns), ("names", form.names)):
            if vary.path not in named:
                yield f"{key}: {vary.path}, which varies, is missing"


def _place(path: tuple[int | str, ...]) -> str:
    return shorten(visible(dotted_path(path)))


def _plain(message: str) -> str:
    return visible(message[:1].lower() + message[1:])


FORMAT = 1
NO_FIGURES = {"charts", "cli", "docs_pages.py", "export", "notebook", "review", "shipped", "ui"}
"""Parts of the package that change no figure."""
PRICES = "genai-prices"


@cache
def code_hash() -> str:
    """A fingerprint of everything in this installation that decides a figure: code, tables, catalogue of prices."""
    folder = File(__file__).resolve().parents[2]
    files = [file for file in folder.rglob("*") if file.relative_to(folder).parts[0] not in NO_FIGURES]
    return source_hash(folder, files, f"{__version__} {version(PRICES)}")


@dataclass(frozen=True)
class Manifest:
    """What `manifest.json` holds."""

    content: Mapping[str, Any]

    @classmethod
    def of(cls, plan: SweepPlan, asked: str, columns: Mapping[str, str], chunk: int, results: list[Json]) -> Manifest:
        """The manifest of a new sweep.

        Args:
            plan: its points.
            asked: the study file, or the option that took its place.
            columns: name and type of each column.
            chunk: points of a file.
            results: the base case of each scenario.
        """
        decided = decides(plan)
        sources = [
            {"scenario": b.name, **each}
            for b, told in zip(plan.bases, results, strict=True)
            for each in told["sources"]
        ]
        return cls(
            {
                "format": FORMAT,
                "mark": fingerprint(decided),
                "points": len(plan),
                "rows": plan.rows,
                "chunk": chunk,
                "asked": asked,
                **decided,
                "texts": {base.name: base.text for base in plan.bases},
                "columns": dict(columns),
                "names": {each.path: each.name for each in plan.dimensions},
                "sources": sources,
                "advice": {b.name: advice_json(told) for b, told in zip(plan.bases, results, strict=True)},
            }
        )

    @property
    def study(self) -> Study:
        """The study."""
        return Study.model_validate(tomllib.loads(self.content["study"]))

    @property
    def mark(self) -> str:
        """The fingerprint that all files of the sweep bear."""
        return str(self.content["mark"])

    @property
    def chunk(self) -> int:
        """Points of a file."""
        return int(self.content["chunk"])

    @property
    def columns(self) -> dict[str, str]:
        """Name and type of each column."""
        return dict(self.content["columns"])

    @property
    def points(self) -> int:
        """How many there are."""
        return int(self.content["points"])

    def points_of(self, number: int) -> range:
        """The points of a file."""
        return range(number * self.chunk, min((number + 1) * self.chunk, self.points))

    @property
    def parts(self) -> int:
        """How many files there are when all is done."""
        return ceil(self.points / self.chunk)

    @property
    def candidates(self) -> int:
        """The most that a scenario has, and so rows of a point; 1 where none has any."""
        stated = (each["stated"].get("candidates") or {} for each in self.content["scenarios"].values())
        return max(1, *map(len, stated))

    def text(self) -> str:
        """The manifest as JSON."""
        return json.dumps(self.content, indent=1, ensure_ascii=False, default=str) + "\n"

    def refuse_changes(self, plan: SweepPlan) -> None:
        """Go on only if everything that decides the rows is as it was.

        Raises:
            SweepError: which says what has changed.
        """
        now = json.loads(json.dumps(decides(plan), default=str))
        reasons = list(_changes({key: self.content.get(key) for key in now}, now))
        if reasons:
            raise SweepError(*reasons, "put it back to go on, or begin a new sweep in another folder")


def advice_json(told: Json) -> Json:
    """The verdict of a base case, as far as it says what to do."""
    return {name: told["verdict"][name] for name in ("action", "candidate", "start_by", "sentence")}


def decides(plan: SweepPlan) -> Json:
    """Everything that decides the rows of a sweep."""
    return {
        "version": __version__,
        "code": code_hash(),
        "prices": f"{PRICES} {version(PRICES)}",
        "study": text_of(plan.study.model_dump(exclude_none=True, exclude_defaults=True)),
        "scenarios": {base.name: stated_scenario(base) for base in plan.bases},
    }


def stated_scenario(base: Base) -> Json:
    """What a scenario states, overlays included, with the fingerprints of the files that it refers to."""
    scenario = base.at(()).scenario
    growth = scenario.usage.growth
    fleets = [each.fleet for each in scenario.candidates.values() if isinstance(each, GpuCandidate)]
    named = [growth.file if growth.curve in ("history", "plan") else None, *(fleet.benchmark for fleet in fleets)]
    files = [file for file in named if file]
    hashes = {str(file): hashlib.sha256(read_bytes(File(file))).hexdigest()[:16] for file in files}
    return {"stated": base.source.tree, **({"files": hashes} if hashes else {})}


def fingerprint(decided: Json) -> str:
    """A short name for everything that decides the rows."""
    return hashlib.sha256(json.dumps(decided, sort_keys=True, default=str).encode()).hexdigest()[:16]


def read(text: str) -> Manifest:
    """A manifest from its text.

    Raises:
        SweepError: where it is none, or that of a later program.
    """
    try:
        content = from_json(text, allow_inf_nan=False)
    except ValueError as fault:
        raise SweepError(f"manifest.json cannot be read: {str(fault).splitlines()[0]}") from None
    if not isinstance(content, dict) or "format" not in content:
        raise SweepError("manifest.json cannot be read: it is not that of a sweep")
    if content["format"] != FORMAT:
        told = shorten(show(content["format"]))
        raise SweepError(f"manifest.json is in format {told}, which this program does not know")
    if first := next(faults_of(content), None):
        raise SweepError(f"manifest.json cannot be read: {first}")
    return Manifest(content)


def _changes(was: Any, now: Any, path: str = "") -> Iterator[str]:
    """What differs, one line for each value."""
    if path == "study":
        was, now = (json.loads(json.dumps(tomllib.loads(text), default=str)) for text in (was, now))
    if isinstance(was, dict) and isinstance(now, dict):
        for key in dict.fromkeys([*was, *now]):
            yield from _changes(was.get(key), now.get(key), f"{path}.{key}" if path else str(key))
    elif was != now:
        known = {"version": "the version of switchpoint", "code": "the code of switchpoint", "prices": "the catalogue"}
        name = known.get(path, path.removeprefix("scenarios.").replace(".stated.", ": ", 1))
        yield f"{name} has changed: it was {_show_value(was)} and is {_show_value(now)}"


def _show_value(value: Any) -> str:
    return "left out" if value is None else show(value)
