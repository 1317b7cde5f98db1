"""Whose number: what a scenario that was made from a bill rests on, listed first, and changed in place."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial

import streamlit as st
from pydantic.fields import FieldInfo

from switchpoint.ranking.bill_text import LABELS
from switchpoint.scenario.errors import Keys, dotted_path
from switchpoint.scenario.growth_words import growth_in_words
from switchpoint.scenario.introspection import bounds_of, field_at, unit_of
from switchpoint.scenario.labels import spoken
from switchpoint.ui import session
from switchpoint.ui.draft_changes import value_at
from switchpoint.ui.file_notes import file_remarks, head_note
from switchpoint.ui.session import View
from switchpoint.ui.shown_widgets import if_shown, key_shown
from switchpoint.ui.widgets import fold, plain

MARKS = {
    "yours": ":blue-badge[yours]",
    "from your bill": ":violet-badge[from your bill]",
    "assumed": ":orange-badge[assumed]",
    "assumption": ":orange-badge[assumed]",
    "priced from the catalogue": ":green-badge[from the catalogue]",
    "from the catalogue": ":green-badge[from the catalogue]",
}
"""What a remark begins with, and how it is marked."""
ORDER = ("assumed", "assumption", "from your bill", "yours")
"""What is listed, in this order: what may be wrong comes first."""
UNITS: dict[Keys, str] = {("months",): ", months"}
GROWTH: Keys = ("usage", "growth", "per_month")
CHANGED = ":blue-badge[yours]"
MOST_IN_CANDIDATES = ("coverage",)
"""Fields of candidates that are listed; their projects stand on the Assumptions page."""


@dataclass(frozen=True)
class MarkedInput:
    """One number with whose it is."""

    path: Keys
    origin: str
    words: str


def is_from_bill(view: View) -> bool:
    """Whether the scenario says of its numbers whose they are, as one from a bill does."""
    if view.loaded is None:
        return False
    return head_note(view.loaded.text).startswith("From a bill.") or any(
        text.startswith("from your bill") for text in file_remarks(view.loaded).values()
    )


def marked_inputs(view: View) -> list[MarkedInput]:
    """The inputs whose remark says whose they are, what is assumed first."""
    if view.loaded is None:
        return []
    told = file_remarks(view.loaded)
    found = [_marked_input(path, told.get(dotted_path(path), "")) for path in view.loaded.source.places if path]
    listed = [each for each in found if each is not None and _is_listed(each.path)]
    return sorted(listed, key=lambda each: ORDER.index(each.origin))


def _marked_input(path: Keys, remark: str) -> MarkedInput | None:
    origin = next((each for each in ORDER if remark.startswith(each)), None)
    if origin is None:
        return None
    return MarkedInput(path, origin, remark.removeprefix(origin).lstrip(": "))


def _is_listed(path: Keys) -> bool:
    if path[0] == "candidates":
        return path[-1] in MOST_IN_CANDIDATES
    return tuple(map(str, path)) in LABELS


def bill_assumptions(view: View) -> None:
    """The list, where the scenario was made from a bill."""
    if not is_from_bill(view):
        return
    shown = marked_inputs(view)
    theirs = [each for each in shown if each.origin == "yours"]
    numbers = [each for each in shown if each not in theirs and is_number(view, each.path)]
    assumed = sum(_mark(view, each) == MARKS["assumed"] for each in shown)
    title = f"What this answer rests on: {assumed} of its inputs are assumed"
    box = fold(title, "rests on", ":material/rule:", expanded=True)
    if box.open:
        with box:
            with st.grid("auto", min_column_width=205, gap="small"):
                for each in numbers:
                    _editor(view, each)
            rest = [each for each in shown if each not in numbers and each not in theirs]
            st.markdown("  \n".join([*(_line(view, each) for each in rest), _theirs(view, theirs)]))


def _theirs(view: View, shown: list[MarkedInput]) -> str:
    """What the user stated, in one line; it is changed at the left."""
    said = "; ".join(_named_value(_label(each.path).lower(), _value(view, each.path)) for each in shown)
    return f"{MARKS['yours']} :small[{plain(said)}]"


def _named_value(label: str, value: str) -> str:
    """A number with its name, which its unit may say already.

    >>> _named_value("requests a day", "30,000 requests a day"), _named_value("limit", "15 % of revenue")
    ('30,000 requests a day', 'limit 15 % of revenue')
    """
    return value if value.endswith(label) else f"{label} {value}"


def _value(view: View, path: Keys) -> str:
    value = value_at(view.tree, path)
    return (
        growth_in_words(value)
        if path == GROWTH and isinstance(value, float)
        else spoken(value, field_at(path, view.tree))
    )


def is_number(view: View, path: Keys) -> bool:
    """Whether one number stands there, which can be changed here."""
    value = value_at(view.tree, path)
    return isinstance(value, (int, float)) and not isinstance(value, bool) and field_at(path, view.tree) is not None


def _mark(view: View, marked: MarkedInput) -> str:
    return CHANGED if marked.path in view.draft.changes else MARKS[marked.origin]


def _line(view: View, marked: MarkedInput) -> str:
    """What is no number, as a line: changed on the Assumptions page."""
    said = f"{_label(marked.path)}: {_value(view, marked.path)} ({marked.words})"
    return f"{_mark(view, marked)} :small[{plain(said)}]"


def _label(path: Keys) -> str:
    if path[0] == "candidates":
        return f"{path[1]} answers"
    stated = LABELS.get(tuple(map(str, path)), str(path[-1]).replace("_", " "))
    return f"{stated[:1].upper()}{stated[1:]}"


def _editor(view: View, marked: MarkedInput) -> None:
    """A field for a number, with whose it is and, on asking, why."""
    path, value, field = marked.path, value_at(view.tree, marked.path), field_at(marked.path, view.tree)
    assert field is not None
    is_share = unit_of(field).startswith("share")
    name, scale = f"rests {dotted_path(path)}", 100.0 if is_share else 1.0
    key = key_shown(name, round(float(value) * scale, 9))
    low, high = _ends(field, scale)
    st.number_input(
        f"{plain(_label(path))}{UNITS.get(path, ', %' if is_share else '')} {_mark(view, marked)}",
        min_value=low,
        max_value=high,
        step=_step(float(value) * scale),
        format="%.6g",
        key=key,
        help=plain(marked.words) or None,
        on_change=if_shown(name, key, partial(_change, path, key, scale, path == ("months",))),
    )


def _ends(field: FieldInfo, scale: float) -> tuple[float | None, float | None]:
    bounds = bounds_of(field)
    if bounds is None:
        return (1.0, 240.0) if "months" in unit_of(field) else (None, None)
    low, high = (None if end is None else float(end) * scale for end in (bounds.low, bounds.high))
    return low, high


def _step(value: float) -> float:
    """About a tenth of the value, as a round number."""
    size: float = 10.0 ** max(len(f"{abs(value):.0f}") - 2, 0)
    return size if abs(value) >= 1 else 1.0


def _change(path: Keys, key: str, scale: float, whole: bool) -> None:
    typed = st.session_state[key]
    if typed is not None:
        session.edit({path: round(typed) if whole else round(typed / scale, 12)})
