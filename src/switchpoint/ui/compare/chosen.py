"""What is compared: the draft, the scenario as it is in its file, variants and stories, up to four of them."""

from __future__ import annotations

import streamlit as st

from switchpoint.report.comparison.compared import Compared
from switchpoint.ui.state import session
from switchpoint.ui.state.draft import Draft
from switchpoint.ui.state.session import View, view_of
from switchpoint.ui.words import plain

PICKED, OWN = "compared", "_compared_own"
MOST = 4
NOW, FILE = "What is open now", "as in its file"


def choices(view: View) -> dict[str, Draft]:
    """All that can be compared, by name: what is open first."""
    draft = view.draft
    found = {NOW: draft}
    if draft.changes:
        found[f"{draft.scenario}, {FILE}"] = Draft(draft.scenario)
    found |= {f"Variant: {name}": saved for name, saved in session.variants().items()}
    return found | {title: Draft(title) for title in session.shelf() if title != draft.scenario}


def usual(view: View) -> list[str]:
    """What is compared when nothing was picked: the file, what is open, and the variants."""
    names = list(choices(view))
    variants = [name for name in names if name.startswith("Variant: ")]
    file = [name for name in names if name.endswith(f", {FILE}")]
    return [*file, NOW, *variants][:MOST]


def picked(view: View) -> list[str]:
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


def compared(view: View, names: list[str]) -> list[Compared]:
    """The picked ones, simulated; what cannot be is told and left out."""
    found = []
    for name in names:
        shown = view_of(choices(view)[name])
        if shown.base is None:
            st.warning(plain(f"{name} cannot be computed: {shown.faults[0]}"), icon=":material/block:")
        else:
            found.append(Compared(shown.draft.scenario, label(name, view), shown.base))
    return found


def label(name: str, view: View) -> str:
    """A name short enough for a column."""
    if name != NOW:
        return name.removeprefix("Variant: ")
    return f"{view.draft.scenario}, changed" if view.draft.changes else view.draft.scenario
