"""The page that sets scenarios side by side, and explains the difference."""

from __future__ import annotations

from functools import partial

import streamlit as st

from switchpoint.export.compare_and_why_text import (
    ComparedScenario,
    attribution,
    difference,
    figures_in_words,
    opening,
    titles_to_tell,
)
from switchpoint.scenario.diff import causes
from switchpoint.study.compare import MIXTURES, MOST_EXACT, Comparison, explanation
from switchpoint.ui import answers, session
from switchpoint.ui.answers import Progress, later
from switchpoint.ui.library import key_of
from switchpoint.ui.session import Draft, View, view_of
from switchpoint.ui.widgets import count_noun, open_view, plain

PICKED, OWN = "compared", "_compared_own"
MOST = 4
NOW, FILE = "What is open now", "as in its file"


def choices(view: View) -> dict[str, Draft]:
    """All that can be compared, by name: what is open first."""
    draft = view.draft
    found = {NOW: draft}
    if draft.is_changed:
        found[f"{draft.scenario}, {FILE}"] = Draft(draft.scenario)
    found |= {f"Variant: {name}": saved for name, saved in session.variants().items()}
    return found | {title: Draft(title) for title in session.shelf() if title != draft.scenario}


def usual(view: View) -> list[str]:
    """What is compared when nothing was picked: the file, what is open, and the variants."""
    names = list(choices(view))
    variants = [name for name in names if name.startswith("Variant: ")]
    file = [name for name in names if name.endswith(f", {FILE}")]
    return [*file, NOW, *variants][:MOST]


def pick_names(view: View) -> list[str]:
    """Let the reader pick; the first is what the others are held against."""
    found = choices(view)
    own: list[str] | None = st.session_state.get(OWN)
    kept = [name for name in own if name in found] if own is not None else usual(view)
    if st.session_state.get(PICKED) != kept:
        st.session_state[PICKED] = kept
    chosen = st.multiselect(
        "Compare (the others are held against the first)",
        list(found),
        key=PICKED,
        max_selections=MOST,
        placeholder="Pick two to four",
        on_change=_remember,
    )
    return list(chosen)


def _remember() -> None:
    """Keep what the reader picked; all taken away, the usual comes back."""
    st.session_state[OWN] = list(st.session_state[PICKED]) or None


def compare_picked(view: View, names: list[str]) -> list[ComparedScenario]:
    """The picked ones, simulated; what cannot be is told and left out."""
    found = []
    for name in names:
        shown = view_of(choices(view)[name])
        if shown.base is None:
            st.warning(plain(f"{name} cannot be computed: {shown.faults[0]}"), icon=":material/block:")
        else:
            found.append(ComparedScenario(shown.draft.scenario, label(name, view), shown.base))
    return found


def label(name: str, view: View) -> str:
    """A name short enough for a column."""
    if name != NOW:
        return name.removeprefix("Variant: ")
    return f"{view.draft.scenario}, changed" if view.draft.is_changed else view.draft.scenario


SHOWN = 15
"""Inputs that differ and are shown at once."""
Answer = tuple[str, list[list[str]], list[str]]


def explain_pair(first: ComparedScenario, other: ComparedScenario) -> None:
    """One comparison: its inputs at once, its sentence as soon as it is found."""
    comparison = Comparison(first.result, other.result)
    st.markdown(f"## {plain(first.label)} → {plain(other.label)}")
    if not comparison.changes:
        st.caption("No input differs, so nothing comes out differently.")
        return
    found = causes(comparison.changes)
    scenarios = (first.result.case.scenario, other.result.case.scenario)
    key = ("compared", *map(key_of, scenarios), opening(first, other))
    show, find = partial(_show, first, other), partial(_find_answer, first, other, len(found))
    asked = f"explain {first.label} {other.label}"
    if len(found) <= MOST_EXACT or answers.kept_answers().get(key) is not None or st.session_state.get(asked):
        later(asked, key, find, show, f"Trying what each of {count_noun(len(found), 'difference')} does …")
    else:
        st.button(
            f"Explain all {len(found)} differences",
            key=asked,
            icon=":material/psychology:",
            help=f"Some {MIXTURES} scenarios in between are simulated; it takes a moment.",
        )
    inputs(comparison, first, other)


def _find_answer(first: ComparedScenario, other: ComparedScenario, count: int, told: Progress) -> Answer:
    most = 2**count if count <= MOST_EXACT else MIXTURES
    comparison = Comparison(first.result, other.result, lambda done: told(done / most))
    sentence = explanation(comparison, opening(first, other))
    rows, notes = attribution(comparison) if len(comparison.attribution.shares) > 1 else ([], [])
    return sentence, rows, notes


def _show(first: ComparedScenario, other: ComparedScenario, answer: Answer) -> None:
    sentence, rows, notes = answer
    st.markdown(plain(sentence))
    if rows:
        grid(rows, f"What made the difference between {first.label} and {other.label}")
        st.caption(plain(" ".join(notes)))


def inputs(comparison: Comparison, first: ComparedScenario, other: ComparedScenario) -> None:
    """What differs."""
    rows = [[_breakable(name), *values] for name, *values in map(difference, comparison.changes)]
    title = ["What differs", first.label, other.label]
    box = st.expander(
        f"{count_noun(len(rows), 'input')} differ{'s' * (len(rows) == 1)}",
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


def saved_variants() -> None:
    """A row for each variant of the session."""
    found = session.variants()
    if not found:
        st.caption("Save what is open with “Save variant” at the left, change something, and compare the two here.")
        return
    with st.expander(f"{count_noun(len(found), 'saved variant')}", icon=":material/bookmarks:"):
        for name, draft in found.items():
            with st.container(horizontal=True, vertical_alignment="center"):
                what = f"{draft.scenario}, {count_noun(len(draft.changes), 'change')}"
                if draft.what_ifs:
                    what += f", {count_noun(len(draft.what_ifs), 'what-if')}"
                st.markdown(f"**{plain(name)}**  \n:small[:gray[{plain(what)}]]", width="stretch")
                st.button("Open", key=f"variant {name}", on_click=session.become, args=(draft,))
                forget = {"key": f"forget {name}", "on_click": session.drop_variant, "args": (name,)}
                st.button("Forget", type="tertiary", icon=":material/delete:", **forget)  # type: ignore[arg-type]


ABOUT = "Up to four side by side: what comes out, what differs, and which input made the difference."


def page() -> None:
    """Draw the page."""
    view = open_view("What makes the difference?", ABOUT)
    if view is None:
        return
    found = compare_picked(view, pick_names(view))
    saved_variants()
    if len(found) < 2:
        st.info(
            "Pick a second scenario above, or change a number at the left: what you change is held against the file.",
            title="Nothing to compare yet",
            icon=":material/compare_arrows:",
        )
        return
    results(found)
    first, *others = found
    for other in others:
        explain_pair(first, other)


def results(found: list[ComparedScenario]) -> None:
    """What comes out, a column for each."""
    columns = [figures_in_words(each) for each in found]
    rows = [["What comes out", *(each.label for each in found)]]
    rows += [[title, *(column[title] for column in columns)] for title in titles_to_tell(columns)]
    grid(rows, "What comes out of each scenario")
