"""What a manifest must hold for the rest to rely on it: a folder may have been damaged, or made by somebody else."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator
from datetime import date
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError, ValidationInfo, field_validator
from pydantic_core import PydanticCustomError

from switchpoint.decision.verdict import Action
from switchpoint.scenario.errors import dotted
from switchpoint.scenario.words import shorten, visible
from switchpoint.study.sweep.columns import KEYS
from switchpoint.study.sweep.schema import MOST_POINTS, Study

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
    def _known(cls, action: str) -> str:
        if action not in {*Action}:
            raise PydanticCustomError("action", "is no advice")
        return action

    @field_validator("start_by")
    @classmethod
    def _dated(cls, stated: str | None) -> str | None:
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
    return shorten(visible(dotted(path)))


def _plain(message: str) -> str:
    return visible(message[:1].lower() + message[1:])
