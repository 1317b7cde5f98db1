"""Draft, undo, variants, dialogs.

Widgets do not keep the numbers; they show the draft and hand over what is typed. So numbers survive a change of page,
and undo, reset, variants and links work on one thing.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

import streamlit as st

from switchpoint.decision.result import JudgedWorld
from switchpoint.scenario.errors import Keys
from switchpoint.scenario.load import Loaded
from switchpoint.scenario.schema import Scenario
from switchpoint.ui.draft_changes import Changes, Tree, between, merge_changes, put, value_at
from switchpoint.ui.library import BadInput, Opened, first, result_of, shipped_stories, validate_tree
from switchpoint.ui.what_if import MOST, REPEATED, WhatIf, suppose


@dataclass(frozen=True)
class Draft:
    """A scenario by its title on the shelf, with the changes that were made to it, and what is supposed beside them."""

    scenario: str
    changes: Changes = field(default_factory=dict)
    what_ifs: tuple[WhatIf, ...] = ()

    @property
    def is_changed(self) -> bool:
        """Whether it says anything else than its scenario."""
        return bool(self.changes) or any(each.on for each in self.what_ifs)

    def tree(self, base: Tree) -> dict[str, Any]:
        """Its changes, laid over the scenario's own tree."""
        return merge_changes(base, self.changes)

    def supposed_tree(self, base: Tree) -> dict[str, Any]:
        """The same with what is supposed on top: what is simulated."""
        return suppose(self.tree(base), self.what_ifs)

    def with_values(self, base: Tree, values: Mapping[Keys, Any]) -> Draft:
        """Some values replaced; one that is put back to what the scenario says is no change."""
        tree = self.tree(base)
        for path, value in values.items():
            put(tree, path, value)
        return self.as_tree(base, tree)

    def without(self, base: Tree, paths: list[Keys]) -> Draft:
        """Some values put back to what the scenario says."""
        return self.with_values(base, {path: value_at(base, path) for path in paths})

    def as_tree(self, base: Tree, tree: Tree) -> Draft:
        """The draft that comes to this tree."""
        return replace(self, changes=between(base, tree))


PINNED = "_pinned"
DRAFT, PAST, FUTURE, STORIES, OWN, VARIANTS, NOTICE, FAULTS, VIEW = (
    f"_{name}" for name in ("draft", "past", "future", "stories", "own", "variants", "notice", "faults", "view")
)
MOST_UNDONE = 100
MOST_VARIANTS = 12
MOST_OWN = 5


@dataclass(frozen=True)
class View:
    """The draft as pages show it: the scenario it makes, its result, or what is wrong with it.

    `tree` and `edited` are without what is supposed, as the inputs show and change them; `scenario` and `base` with it.
    """

    draft: Draft
    opened: Opened
    tree: Tree
    scenario: Scenario | None = None
    base: JudgedWorld | None = None
    faults: tuple[str, ...] = ()
    edited: Scenario | None = None

    @property
    def changes(self) -> Changes:
        """All that differs from the scenario's own tree, what is supposed too."""
        return between(self.loaded.tree, self.draft.supposed_tree(self.loaded.tree)) if self.loaded else {}

    @property
    def loaded(self) -> Loaded | None:
        """The scenario as it is on the shelf."""
        return self.opened.loaded

    @property
    def result(self) -> JudgedWorld | None:
        """The base case as pages show it: each project started when advised, unless the policy says when."""
        return self.base and self.base.shown


def stories() -> Mapping[str, Opened]:
    """The shipped stories by title, as they were when this run began."""
    found: Mapping[str, Opened] = st.session_state[STORIES]
    return found


def shelf() -> dict[str, Opened]:
    """All that can be chosen, by title: files of one's own first, then the stories."""
    return {**st.session_state.get(OWN, {}), **stories()}


def put_on_shelf(opened: Opened) -> str:
    """Put a file of one's own on the shelf; the title that it has there, which no other has."""
    own: dict[str, Opened] = st.session_state.get(OWN, {})
    numbers = (f"{opened.title} (your file {number})" for number in range(2, MOST_OWN + 3))
    names = [opened.title, f"{opened.title} (your file)", *numbers]
    free = (n for n in names if n not in stories() and (n not in own or own[n].loaded == opened.loaded))
    title = next(free, names[-1])
    kept = {name: file for name, file in own.items() if name != title}
    st.session_state[OWN] = dict([(title, opened), *kept.items()][:MOST_OWN])
    return title


def begin() -> bool:
    """Begin a run; whether it is the first of a session, which it then sets up."""
    st.session_state[STORIES] = shipped_stories()
    if DRAFT in st.session_state:
        return False
    st.session_state[DRAFT] = Draft(first(stories()))
    st.session_state[PAST] = []
    st.session_state[VARIANTS] = {}
    return True


def draft() -> Draft:
    """What is worked on."""
    found: Draft = st.session_state[DRAFT]
    return found


def base() -> Opened:
    """The chosen scenario; the first story where it is on the shelf no more."""
    choices = shelf()
    return choices.get(draft().scenario) or choices[first(stories())]


def base_tree() -> Tree:
    """The tree of the chosen scenario."""
    loaded = base().loaded
    return loaded.tree if loaded else {}


def become(new: Draft) -> None:
    """Work on another draft from now on; `undo` leads back."""
    if new == draft():
        return
    past: list[Draft] = st.session_state[PAST]
    st.session_state[PAST] = [*past, draft()][-MOST_UNDONE:]
    st.session_state[FUTURE] = []
    st.session_state[DRAFT] = new
    st.session_state[NOTICE] = ""


def forget_past() -> None:
    """Begin here: there is nothing to take back."""
    st.session_state[PAST] = st.session_state[FUTURE] = []


def draft_tree() -> dict[str, Any]:
    """The tree of what is worked on."""
    return draft().tree(base_tree())


def take_tree(tree: Tree) -> tuple[str, ...]:
    """Work on what a tree says, if that can be simulated; else every fault, and nothing changes."""
    new = draft().as_tree(base_tree(), tree)
    wrong = view_of(new).faults
    if not wrong:
        become(new)
    return wrong


def take_values(values: Mapping[Keys, Any]) -> tuple[str, ...]:
    """Replace some values, if the whole can be simulated then; else every fault, and nothing changes."""
    return take_tree(draft().with_values(base_tree(), values).tree(base_tree()))


def edit(values: Mapping[Keys, Any]) -> None:
    """Replace some values."""
    become(draft().with_values(base_tree(), values))


def reset(*paths: Keys) -> None:
    """Put some values back to what the scenario says; without any named, all."""
    become(draft().without(base_tree(), list(paths)) if paths else Draft(draft().scenario))


def set_what_ifs(what_ifs: tuple[WhatIf, ...]) -> None:
    """Suppose something else."""
    become(replace(draft(), what_ifs=what_ifs[:MOST]))


def take_what_if(what_if: WhatIf) -> tuple[str, ...]:
    """Suppose one thing more, if that can be simulated; else every fault, and nothing changes.

    One of the same kind takes the place of the other, but for prices and usage, which may change more than once.
    """
    before = draft().what_ifs
    kept = before if what_if.kind in REPEATED else tuple(each for each in before if each.kind != what_if.kind)
    if len(kept) >= MOST:
        return (f"At most {MOST} what-ifs at a time; remove one first",)
    new = replace(draft(), what_ifs=(*kept, what_if))
    wrong = view_of(new).faults
    if not wrong:
        become(new)
    return wrong


def undo() -> None:
    """Take the last step back."""
    _step(PAST, FUTURE)


def redo() -> None:
    """Take the step again that was taken back last."""
    _step(FUTURE, PAST)


def _step(there: str, back: str) -> None:
    if st.session_state.get(there):
        st.session_state[back] = [*st.session_state.get(back, []), draft()]
        *st.session_state[there], st.session_state[DRAFT] = st.session_state[there]
        st.session_state[NOTICE] = ""


def can_undo() -> bool:
    """Whether there is a step to take back."""
    return bool(st.session_state[PAST])


def can_redo() -> bool:
    """Whether there is a step that was taken back, with nothing changed since."""
    return bool(st.session_state.get(FUTURE))


def choose(title: str) -> None:
    """Work on a scenario of the shelf as it is."""
    forget_faults()
    become(Draft(title))


def take_file(opened: Opened) -> None:
    """Put a file of one's own on the shelf and work on it; one with faults leaves everything as it is."""
    st.session_state[FAULTS] = opened if opened.faults else None
    if opened.loaded is not None:
        become(Draft(put_on_shelf(opened)))


def forget_faults() -> None:
    """Say no more of a file with faults."""
    st.session_state[FAULTS] = None


def faulty_file() -> Opened | None:
    """The file that was opened last, where it has faults."""
    found: Opened | None = st.session_state.get(FAULTS)
    return found


def say(text: str) -> None:
    """Tell something on the next page that is drawn, until something is changed."""
    st.session_state[NOTICE] = text


def notice() -> str:
    """What is to be told."""
    return str(st.session_state.get(NOTICE) or "")


def variants() -> dict[str, Draft]:
    """The saved variants by name."""
    found: dict[str, Draft] = st.session_state[VARIANTS]
    return found


def save_variant(name: str) -> None:
    """Save the draft under a name; a variant of that name is replaced."""
    kept = {each: saved for each, saved in variants().items() if each != name}
    st.session_state[VARIANTS] = dict([*kept.items(), (name, draft())][-MOST_VARIANTS:])


def set_variants(named: Mapping[str, Draft]) -> None:
    """The variants of a link; of too many the last."""
    st.session_state[VARIANTS] = dict([*named.items()][-MOST_VARIANTS:])


def drop_variant(name: str) -> None:
    """Forget a variant."""
    st.session_state[VARIANTS] = {each: saved for each, saved in variants().items() if each != name}


def pin(new: Draft | None) -> None:
    """Hold what is shown from now on against a draft; against the scenario as it is in its file where it is None."""
    st.session_state[PINNED] = new


def pinned_draft() -> Draft | None:
    """What was pinned."""
    found: Draft | None = st.session_state.get(PINNED)
    return found


def baseline() -> Draft:
    """What the draft is held against: what was pinned, else its scenario as it is in its file."""
    return pinned_draft() or Draft(draft().scenario)


def view_of(draft: Draft) -> View:
    """A draft with its scenario and result."""
    opened = shelf().get(draft.scenario)
    if opened is None or opened.loaded is None:
        gone = (f"{draft.scenario} is on the shelf no more",)
        return View(draft, opened or Opened(draft.scenario), {}, faults=opened.faults if opened else gone)
    tree = draft.tree(opened.loaded.tree)
    edited = scenario = None
    try:
        edited = scenario = validate_tree(tree, opened.loaded) if draft.changes else opened.loaded.scenario
        if any(each.on for each in draft.what_ifs):
            scenario = None
            scenario = validate_tree(suppose(tree, draft.what_ifs), opened.loaded)
        return View(draft, opened, tree, scenario, result_of(scenario), edited=edited)
    except BadInput as bad:
        return View(draft, opened, tree, scenario, faults=bad.lines, edited=edited)


def look() -> View:
    """Make the view of this run."""
    st.session_state[VIEW] = view_of(draft())
    return view()


def view() -> View:
    """The view of this run."""
    found: View = st.session_state[VIEW]
    return found


OPEN, SUBJECT = "_dialog", "_dialog_subject"


def open_dialog(name: str, subject: object = None) -> None:
    """Open a dialog instead of any other.

    Args:
        name: of the dialog.
        subject: what it is about, such as the name of a candidate.
    """
    st.session_state[OPEN], st.session_state[SUBJECT] = name, subject


def close_dialog() -> None:
    """Close whichever is open."""
    st.session_state.pop(OPEN, None)
    st.session_state.pop(SUBJECT, None)


def open_now() -> str | None:
    """The name of the dialog that is open."""
    return st.session_state.get(OPEN)


READ_ALONE = ("share", "stories")
"""Dialogs that nobody works in: the page behind goes on looking for its slow answers."""


def is_worked_in_dialog() -> bool:
    """Whether somebody works in a dialog; its clicks would wait until a slow answer of the page behind is found."""
    return open_now() is not None and open_now() not in READ_ALONE


def dialog_subject() -> Any:
    """What the open dialog is about."""
    return st.session_state.get(SUBJECT)
