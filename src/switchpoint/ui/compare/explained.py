"""Why two scenarios come out differently: the sentence, what differs, and who did what."""

from __future__ import annotations

from functools import partial

import streamlit as st

from switchpoint.report.comparison.compared import Compared, opening
from switchpoint.report.comparison.page import attribution, difference
from switchpoint.scenario.causes import causes
from switchpoint.study.comparison.compare import MIXTURES, MOST_EXACT, Comparison
from switchpoint.study.comparison.explain import explanation
from switchpoint.ui.parts.later import Progress, later
from switchpoint.ui.state import kept
from switchpoint.ui.state.results import key_of
from switchpoint.ui.words import counted, plain

SHOWN = 15
"""Inputs that differ and are shown at once."""
Answer = tuple[str, list[list[str]], list[str]]


def explained(first: Compared, other: Compared) -> None:
    """One comparison: its inputs at once, its sentence as soon as it is found."""
    comparison = Comparison(first.result, other.result)
    st.markdown(f"#### {plain(first.label)} → {plain(other.label)}")
    if not comparison.changes:
        st.caption("No input differs, so nothing comes out differently.")
        return
    found = causes(comparison.changes)
    scenarios = (first.result.case.scenario, other.result.case.scenario)
    key = ("compared", *map(key_of, scenarios), opening(first, other))
    show, find = partial(_show, first, other), partial(_found, first, other, len(found))
    asked = f"explain {first.label} {other.label}"
    if len(found) <= MOST_EXACT or kept.kept().get(key) is not None or st.session_state.get(asked):
        later(asked, key, find, show, f"Trying what each of {counted(len(found), 'difference')} does …")
    else:
        st.button(
            f"Explain all {len(found)} differences",
            key=asked,
            icon=":material/psychology:",
            help=f"Some {MIXTURES} scenarios in between are simulated; it takes a moment.",
        )
    inputs(comparison, first, other)


def _found(first: Compared, other: Compared, count: int, told: Progress) -> Answer:
    most = 2**count if count <= MOST_EXACT else MIXTURES
    comparison = Comparison(first.result, other.result, lambda done: told(done / most))
    sentence = explanation(comparison, opening(first, other))
    rows, notes = attribution(comparison) if len(comparison.attribution.shares) > 1 else ([], [])
    return sentence, rows, notes


def _show(first: Compared, other: Compared, answer: Answer) -> None:
    sentence, rows, notes = answer
    st.markdown(plain(sentence))
    if rows:
        grid(rows, f"What made the difference between {first.label} and {other.label}")
        st.caption(plain(" ".join(notes)))


def inputs(comparison: Comparison, first: Compared, other: Compared) -> None:
    """What differs."""
    rows = [[_breakable(name), *values] for name, *values in map(difference, comparison.changes)]
    title = ["What differs", first.label, other.label]
    box = st.expander(
        f"{counted(len(rows), 'input')} differ{'s' * (len(rows) == 1)}",
        expanded=len(rows) <= SHOWN,
        icon=":material/difference:",
    )
    with box:
        grid([title, *rows], f"Inputs that differ between {first.label} and {other.label}")


def _breakable(name: str) -> str:
    """A dotted name that may go on in a second line."""
    return name.replace(".", ".\u200b").replace("_", "_\u200b")


def grid(rows: list[list[str]], alt: str) -> None:
    """A small table; its first row is the heading."""
    import pandas as pd

    head, *body = rows
    frame = pd.DataFrame([[plain(cell) for cell in row[1:]] for row in body], columns=_told_apart(head[1:]))
    frame.index = pd.Index([plain(row[0]) for row in body], name=plain(head[0]))
    st.table(frame, border="horizontal", alt=alt)


def _told_apart(names: list[str]) -> list[str]:
    """Headings, each once."""
    seen: list[str] = []
    for name in map(plain, names):
        seen.append(name if name not in seen else f"{name} ({len(seen) + 1})")
    return seen
