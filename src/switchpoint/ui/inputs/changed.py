"""What was changed: each value with what it was, and a way back for each."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import streamlit as st

from switchpoint.scenario.errors import Path, dotted
from switchpoint.scenario.outline import field_at
from switchpoint.scenario.spoken import both
from switchpoint.scenario.words import show
from switchpoint.study.why.wording import begun, called
from switchpoint.ui.inputs.panel import original_knobs
from switchpoint.ui.parts.fold import fold
from switchpoint.ui.state import session
from switchpoint.ui.state.changes import value_at
from switchpoint.ui.state.session import View
from switchpoint.ui.words import counted, plain


def changed_list(view: View) -> None:
    """A list that opens: one row for each change, with its own reset."""
    if not view.draft.changes:
        return
    box = fold(f"{counted(len(view.draft.changes), 'number')} changed", "changed", ":material/edit:")
    if box.open:
        with box:
            for path in view.draft.changes:
                _row(view, path)


def _row(view: View, path: Path) -> None:
    name, before, after = words(view, path)
    with st.container(horizontal=True, vertical_alignment="center"):
        st.markdown(f"{plain(name)}  \n:small[:gray[{plain(before)} →] {plain(after)}]", width="stretch")
        st.button(
            "Reset",
            icon=":material/undo:",
            type="tertiary",
            key=f"reset {dotted(path)}",
            help=plain(f"Put {name} back to {before}"),
            on_click=session.reset,
            args=(path,),
        )


def words(view: View, path: Path) -> tuple[str, str, str]:
    """A change as people say it: what, from what, to what."""
    assert view.loaded is not None
    knob = original_knobs(view.loaded).get(path)
    name = knob.label if knob else _name(view, path)
    if view.scenario is None:
        before, after = value_at(view.loaded.tree, path), view.draft.changes[path]
        return name, "default" if before is None else show(before), "default" if after is None else show(after)
    before, after = (_model_value(scenario, path) for scenario in (view.loaded.scenario, view.scenario))
    return (name, *both(before, after, field_at(path, view.tree)))


def _name(view: View, path: Path) -> str:
    try:
        return begun(called(path, view.scenario or view.loaded.scenario), path)  # type: ignore[union-attr]
    except (AttributeError, KeyError, IndexError, TypeError, AssertionError):
        return dotted(path)


def _model_value(node: Any, path: Path) -> Any:
    """What a scenario says at a path, its defaults included; None where there is no such place."""
    for key in path:
        try:
            inside: Any = isinstance(node, (Mapping, tuple))
            node = node[key] if inside else getattr(node, str(key))
        except (KeyError, IndexError, AttributeError, TypeError):
            return None
    return node
