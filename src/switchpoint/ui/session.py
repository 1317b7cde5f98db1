"""One scenario for every page: what is open, what was changed, and its result."""

from __future__ import annotations

import copy
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import streamlit as st
from pydantic import ValidationError

from switchpoint.catalog import CatalogError
from switchpoint.clock import Problem
from switchpoint.engine import simulate
from switchpoint.result import Result
from switchpoint.scenario.complaints import complaints
from switchpoint.scenario.errors import Path, dotted
from switchpoint.scenario.files import Loaded
from switchpoint.scenario.schema import Scenario
from switchpoint.scenario.writing import updated
from switchpoint.ui import inputs
from switchpoint.ui.knobs import groups
from switchpoint.ui.opening import LARGEST_MB, STARTER, Opened, first, open_upload, shipped
from switchpoint.ui.words import plain


class BadInput(ValueError):  # noqa: N818 - a plain word for what the user reads
    """Numbers that do not make a scenario; `lines` says why, one line per fault."""

    def __init__(self, lines: list[str]) -> None:
        super().__init__("\n".join(lines))
        self.lines = lines


@dataclass(frozen=True)
class Shown:
    """What the pages show."""

    result: Result
    changed: int
    """How many inputs differ from the file."""


@st.cache_resource(max_entries=16, show_spinner="Simulating …")
def result_of(scenario: Scenario) -> Result:
    """The result of a scenario, computed once for all sessions; nothing in it is ever changed.

    Raises:
        BadInput: where its numbers cannot be computed.
    """
    try:
        return Result(simulate(scenario)).shown
    except (Problem, CatalogError) as problem:
        raise BadInput([str(problem)]) from None


def applied(tree: Mapping[str, Any], changes: Mapping[Path, Any]) -> Scenario:
    """The scenario with some values replaced.

    Raises:
        BadInput: with every fault.
    """
    changed: dict[str, Any] = copy.deepcopy(dict(tree))
    for (*outer, last), value in changes.items():
        table: Any = changed
        for key in outer:
            table = table.setdefault(key, {})
        table[last] = value
    try:
        return Scenario.model_validate(changed)
    except ValidationError as error:
        found = complaints(error, changed)
        raise BadInput([f"{dotted(path)}: {message}" for path, message in found]) from None


def current() -> Shown | None:
    """Draw what opens and changes a scenario; its result, or None after saying what is wrong."""
    opened = _opened()
    if opened.loaded is None:
        _faults(f"{opened.name} cannot be opened", opened.faults)
        return None
    try:
        return _shown(opened.loaded)
    except BadInput as bad:
        _faults("These numbers do not work together", bad.lines)
        return None


def _shown(loaded: Loaded) -> Shown:
    with st.sidebar:
        changes = inputs.draw(loaded, groups(loaded.scenario, _untouched(loaded.scenario)))
        text = updated(loaded.text, changes)
        st.download_button(
            "Download these numbers",
            text,
            file_name=f"{loaded.scenario.name}.toml",
            mime="application/toml",
            icon=":material/download:",
            on_click="ignore",
            width="stretch",
            help="The scenario file with what was changed here; its comments stay.",
        )
    scenario = applied(loaded.tree, changes) if changes else loaded.scenario
    return Shown(result_of(scenario), len(changes))


def _untouched(scenario: Scenario) -> Result | None:
    try:
        return result_of(scenario)
    except BadInput:
        return None


def _opened() -> Opened:
    """The uploaded file if there is a good one, else the example that is picked."""
    mine = _upload()
    choices = shipped()
    with st.sidebar:
        if mine is not None and mine.loaded is not None:
            st.selectbox(
                "Scenario",
                [mine.loaded.scenario.name],
                disabled=True,
                help="Take your file away to see the examples again.",
            )
            return mine
        if list(choices) == [STARTER]:
            return choices[STARTER]
        picked = st.selectbox(
            "Scenario",
            list(choices),
            index=first(choices),
            key="scenario",
            bind="query-params",
            filter_mode=None,
        )
    return choices.get(picked, next(iter(choices.values())))


def _upload() -> Opened | None:
    words, button = st.columns([5, 2], vertical_alignment="center")
    words.markdown(
        "**Switchpoint** says when to start the project that moves LLM traffic to a model of your own, "
        "and what happens if you wait."
    )
    with button.popover("Open your own scenario", icon=":material/folder_open:", width="stretch"):
        file = st.file_uploader("A scenario file (TOML)", type=["toml"], key="upload", max_upload_size=LARGEST_MB)
        st.caption("To begin, take an example: download its numbers at the left, edit the file, open it here.")
        mine = None if file is None else open_upload(file.name, file.getvalue())
        if mine is not None and mine.loaded is None:
            _faults(f"{mine.name} cannot be opened, so the example is still shown", mine.faults)
    return mine


def _faults(title: str, lines: tuple[str, ...] | list[str]) -> None:
    """What is wrong, one line per fault."""
    st.error("\n".join(f"- {plain(line)}" for line in lines), title=plain(title), icon=":material/edit_note:")
