"""Results of scenarios, computed once for all sessions."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from typing import Any

import streamlit as st
from pydantic import ValidationError

from switchpoint.catalog import CatalogError
from switchpoint.clock import Problem
from switchpoint.engine import simulate
from switchpoint.result import Result
from switchpoint.scenario.complaints import complaints
from switchpoint.scenario.errors import dotted
from switchpoint.scenario.files import Loaded, read_again
from switchpoint.scenario.schema import Scenario
from switchpoint.ui.state.budget import too_much


class BadInput(ValueError):  # noqa: N818 - a plain word for what the user reads
    """Numbers that do not make a scenario; `lines` says why, one line per fault."""

    def __init__(self, lines: Sequence[str]) -> None:
        super().__init__("\n".join(lines))
        self.lines = tuple(lines)


def key_of(scenario: Scenario) -> str:
    """A key that tells scenarios apart, also by whether a default is stated: a stated policy is a choice."""
    return hashlib.sha256(repr(scenario.model_dump(exclude_unset=True)).encode("utf-8")).hexdigest()


@st.cache_resource(max_entries=64, show_spinner=False, hash_funcs={Scenario: key_of})
def result_of(scenario: Scenario) -> Result:
    """The base case of a scenario; nothing in it is ever changed, so sessions share it.

    Raises:
        BadInput: where its numbers cannot be computed.
    """
    if why := too_much(scenario):
        raise BadInput([why])
    try:
        return Result(simulate(scenario))
    except (Problem, CatalogError) as problem:
        raise BadInput([str(problem)]) from None


def validated(tree: dict[str, Any], loaded: Loaded) -> Scenario:
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
    found = [f"{dotted(path)}: {message}" for path, message in complaints(error, tree)]
    details = error.errors(include_url=False)
    unknown = [f"{dotted(d['loc'])}: is not a known key" for d in details if d["type"] == "extra_forbidden"]
    return [*found, *unknown, *(d["msg"] for d in details if d["type"] == "cross")]
