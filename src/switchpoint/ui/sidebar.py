"""Scenario, undo, share, upload, what was changed."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from typing import Any
from urllib.parse import urlencode, urlsplit, urlunsplit

import streamlit as st

from switchpoint.files import LARGEST_UPLOAD_MB
from switchpoint.scenario.access import REFUSED
from switchpoint.scenario.errors import Keys, dotted_path, show
from switchpoint.scenario.input_names import capitalize_name, name_in_sentence
from switchpoint.scenario.introspection import field_at
from switchpoint.scenario.labels import both
from switchpoint.text import join_names
from switchpoint.ui import address, knobs, session
from switchpoint.ui.address import LONGEST_NAME
from switchpoint.ui.bill_scenario import bill_dialog
from switchpoint.ui.candidate_dialogs import add_dialog, add_menu, rename_dialog
from switchpoint.ui.candidate_finder import finder_dialog
from switchpoint.ui.coupled_numbers import totals_dialog
from switchpoint.ui.draft_changes import LONGEST, draft_text, file_name, value_at
from switchpoint.ui.field_editor import field_dialog
from switchpoint.ui.knobs import original_knobs
from switchpoint.ui.library import open_upload
from switchpoint.ui.model_choice import model_dialog, prices_dialog
from switchpoint.ui.session import View, close_dialog, open_dialog, open_now
from switchpoint.ui.verdict_strip import strip_at_the_left
from switchpoint.ui.what_if_shelf import what_if_dialog
from switchpoint.ui.whose_number import changes_words, draw_head_note
from switchpoint.ui.widgets import count_noun, faults, fold, if_shown, key_shown, plain

NAME = "variant_name"


@st.dialog("Share", icon=":material/link:", on_dismiss=close_dialog)
def share_dialog() -> None:
    """The link to what is on the page."""
    said = address.parameters()
    if said is None:
        st.warning(
            "So much was changed that a link would be too long to be sent. Download the file and send that: whoever "
            "gets it opens it with “Open a file”.",
            title="Too much for a link",
            icon=":material/link_off:",
        )
        return
    kept = address.kept_parameters(LONGEST)
    said = said | (kept if len(urlencode(said | kept)) <= LONGEST else {})
    st.markdown(f"This link restores {_carried_words(said)}. It works wherever this app runs.")
    if session.variants() and address.KEPT not in said:
        st.caption("The saved variants would make it too long; it carries what is open.")
    st.code(link(st.context.url or "", said), language=None, wrap_lines=True)
    st.caption("Everything is in the link; nothing is stored anywhere else. The address bar holds it too.")


def _carried_words(said: dict[str, str]) -> str:
    """What a link restores, in words."""
    draft, parts = session.draft(), ["the scenario"]
    if draft.changes:
        parts.append(count_noun(len(draft.changes), "change"))
    if draft.what_ifs:
        parts.append(count_noun(len(draft.what_ifs), "what-if"))
    if session.variants() and address.KEPT in said:
        parts.append(count_noun(len(session.variants()), "variant"))
    return join_names(parts) if len(parts) > 1 else "the scenario as it is in its file"


def link(page: str, said: dict[str, str]) -> str:
    """The address of a page with what it is to say.

    >>> link("http://127.0.0.1:8501/compare?scenario=x", {"scenario": "Voice agent"})
    'http://127.0.0.1:8501/compare?scenario=Voice+agent'
    >>> link("http://127.0.0.1:8501", {})
    'http://127.0.0.1:8501/'
    """
    parts = urlsplit(page)
    return urlunsplit((parts.scheme, parts.netloc, parts.path or "/", urlencode(said), ""))


@st.dialog("Save as a variant", icon=":material/bookmark_add:", on_dismiss=close_dialog)
def save_dialog() -> None:
    """Name what is on the page and keep it for the session."""
    st.markdown("A variant is kept in the address of the page. The Compare page holds up to four side by side.")
    with st.form("save form", border=False):
        name = st.text_input("Name", value=_propose_name(), max_chars=LONGEST_NAME, key=NAME, required=True)
        saved = st.form_submit_button("Save", type="primary", icon=":material/check:", key="save variant")
    if saved and name.strip():
        session.save_variant(" ".join(name.split()))
        st.toast(plain(f"{name.strip()} is saved; find it on the Compare page"))
        close_dialog()
        st.rerun()


def _propose_name() -> str:
    """A name that is not taken: what was changed last, or what is supposed, else the scenario's."""
    view, taken = session.view(), session.variants()
    held = [each.label for each in view.draft.what_ifs if each.on]
    told = [f"{name} {after}" for name, _, after in (words(view, path) for path in view.draft.changes)]
    title = (held or told[-1:] or [view.draft.scenario])[0][:LONGEST_NAME]
    numbers = (f"{title[: LONGEST_NAME - 3]} {number}" for number in range(2, 100))
    return next(name for name in (title, *numbers) if name not in taken)


@st.dialog("Which story is nearest to yours?", width="large", icon=":material/auto_stories:", on_dismiss=close_dialog)
def gallery() -> None:
    """Show the stories; opening one closes the gallery."""
    st.caption("Each is a whole scenario. Open one and change its numbers; nothing is saved unless you download it.")
    with st.grid("auto", min_column_width=280, gap="small"):
        for title, opened in session.stories().items():
            with st.container(border=True, height="stretch"):
                summary = opened.loaded.scenario.summary if opened.loaded else "cannot be opened"
                st.markdown(f"**{plain(title)}**  \n{plain(summary)}")
                st.space("stretch")
                label = "Open again" if title == session.draft().scenario else "Open"
                if st.button(label, key=f"open {title}", help=plain(f"Open {title}")):
                    session.choose(title)
                    close_dialog()
                    st.rerun()


UPLOAD, BESIDE, OPEN_FILE = "upload", "upload_beside", "open_file"
BRING = "A history or a load test that it names can be brought along: put it into the second field."


def upload_popover() -> None:
    """A button that opens the place for a file; it says so where the last file had faults."""
    with st.popover("Open a file", icon=":material/folder_open:", key=OPEN_FILE, on_change="rerun"):
        upload_field()
    faulty_file()


def upload_field() -> None:
    """The place for a file."""
    st.file_uploader("A scenario file (TOML)", key=UPLOAD, max_upload_size=LARGEST_UPLOAD_MB, on_change=_take_upload)
    if _names_files() or st.session_state.get(BESIDE):
        st.file_uploader(
            "Files that it names, such as a usage history (CSV) or a load test (JSON)",
            accept_multiple_files=True,
            key=BESIDE,
            max_upload_size=LARGEST_UPLOAD_MB,
            on_change=_take_upload,
        )
    st.caption(
        f"A scenario has up to 1 MB, another file up to {LARGEST_UPLOAD_MB}. To begin, open a story, download it, edit "
        "the file, and open it here. It stays on this machine."
    )


def _names_files() -> bool:
    """Whether the file that was opened last names others that were not brought along."""
    opened = session.faulty_file()
    return opened is not None and any(REFUSED in line for line in opened.faults)


def faulty_file() -> None:
    """What is wrong with the file that was opened last."""
    opened = session.faulty_file()
    if opened is not None:
        bring = f" {BRING}" if _names_files() else ""
        faults(f"{opened.name} cannot be opened", opened.faults, f"What was open before is still shown.{bring}")


def _take_upload() -> None:
    """Open what was dropped, and close the place for it, which would cover what is said of the file."""
    file = st.session_state[UPLOAD]
    if file is None:
        session.forget_faults()
    else:
        beside = {each.name: each.getvalue() for each in st.session_state.get(BESIDE) or ()}
        session.take_file(open_upload(file.name, file.getvalue(), beside))
    if OPEN_FILE in st.session_state:
        st.session_state[OPEN_FILE] = _names_files()


def changed_list(view: View) -> None:
    """A list that opens: one row for each change, with its own reset."""
    box = fold(changes_words(view.draft.changes), "changed", ":material/edit:")
    if box.open:
        with box:
            if not view.draft.changes:
                st.caption("Every number is as in the file.")
            for path in view.draft.changes:
                _row(view, path)


def _row(view: View, path: Keys) -> None:
    name, before, after = words(view, path)
    with st.container(horizontal=True, vertical_alignment="center"):
        st.markdown(f"{plain(name)}  \n:small[:gray[{plain(before)} →] {plain(after)}]", width="stretch")
        st.button(
            "Reset",
            icon=":material/undo:",
            type="tertiary",
            key=f"reset {dotted_path(path)}",
            help=plain(f"Put {name} back to {before}"),
            on_click=session.reset,
            args=(path,),
        )


def words(view: View, path: Keys) -> tuple[str, str, str]:
    """A change as people say it: what, from what, to what."""
    assert view.loaded is not None
    knob = original_knobs(view.loaded).get(path)
    name = knob.label if knob else _name(view, path)
    if view.edited is None:
        before, after = value_at(view.loaded.tree, path), view.draft.changes[path]
        return name, "default" if before is None else show(before), "default" if after is None else show(after)
    before, after = (_model_value(scenario, path) for scenario in (view.loaded.scenario, view.edited))
    return (name, *both(before, after, field_at(path, view.tree)))


def _name(view: View, path: Keys) -> str:
    try:
        return capitalize_name(name_in_sentence(path, view.edited or view.loaded.scenario), path)  # type: ignore[union-attr]
    except (AttributeError, KeyError, IndexError, TypeError, AssertionError):
        return dotted_path(path)


def _model_value(node: Any, path: Keys) -> Any:
    """What a scenario says at a path, its defaults included; None where there is no such place."""
    for key in path:
        try:
            inside: Any = isinstance(node, (Mapping, tuple))
            node = node[key] if inside else getattr(node, str(key))
        except (KeyError, IndexError, AttributeError, TypeError):
            return None
    return node


SCENARIO = "scenario"
ANY_FIELD = "Search all fields by name or meaning, and change one where it stands."
DIALOGS = {
    "bill": bill_dialog,
    "find": finder_dialog,
    "stories": gallery,
    "share": share_dialog,
    "save": save_dialog,
    "model": model_dialog,
    "prices": prices_dialog,
    "add": add_dialog,
    "rename": rename_dialog,
    "totals": totals_dialog,
    "what if": what_if_dialog,
    "field": field_dialog,
}


def draw(view: View, *, uploading: bool = True) -> None:
    """Draw it; on a page that takes files itself, without its own place for them."""
    with st.sidebar:
        strip_at_the_left(view)
        _choice(view)
        _open(uploading=uploading)
        _dialog(view)
        if view.loaded is None:
            return
        _steps(view)
        knobs.draw(view)
        add_menu()
        _carry(view)


def _choice(view: View) -> None:
    titles = list(session.shelf())
    title = view.draft.scenario if view.draft.scenario in titles else titles[0]
    key = key_shown(SCENARIO, title)
    take = if_shown(SCENARIO, key, _choose_scenario)
    st.selectbox("Scenario", titles, titles.index(title), key=key, on_change=take, args=(key,), filter_mode=None)
    if view.loaded is not None and view.loaded.scenario.summary:
        st.caption(plain(view.loaded.scenario.summary))
    if view.loaded is not None:
        draw_head_note(view.loaded)


def _choose_scenario(key: str) -> None:
    session.choose(st.session_state[key])


def _open(*, uploading: bool) -> None:
    with st.container(horizontal=True):
        st.button("Your bill", icon=":material/receipt_long:", on_click=open_dialog, args=("bill",), key="bill")
        st.button("All stories", icon=":material/auto_stories:", on_click=open_dialog, args=("stories",), key="stories")
        if uploading:
            upload_popover()
        label, icon = "Find a field", ":material/search:"
        st.button(label, icon=icon, on_click=open_dialog, args=("field",), key="find field", help=ANY_FIELD)


def _dialog(view: View) -> None:
    name = open_now()
    if name is not None and (view.loaded is not None or name in ("bill", "stories")):
        DIALOGS[name]()


def _steps(view: View) -> None:
    """What was changed, and the ways back."""
    changed_list(view)
    with st.container(horizontal=True):
        changed = view.draft.changes or view.draft.what_ifs
        back, icon = session.can_undo(), ":material/undo:"
        st.button("Undo", icon=icon, on_click=session.undo, disabled=not back, key="undo")
        again, icon = session.can_redo(), ":material/redo:"
        st.button("Redo", icon=icon, on_click=session.redo, disabled=not again, key="redo")
        st.button("Reset to the file", on_click=session.reset, disabled=not changed, key="reset")


def _carry(view: View) -> None:
    """Share it, save it, take it along."""
    assert view.loaded is not None
    with st.container(horizontal=True):
        st.button("Share", icon=":material/link:", on_click=open_dialog, args=("share",), key="share")
        st.button("Save variant", icon=":material/bookmark_add:", on_click=open_dialog, args=("save",), key="save")
        st.download_button(
            "Download",
            partial(draft_text, view.loaded, view.changes),
            file_name=file_name(view.loaded.scenario.name),
            mime="application/toml",
            icon=":material/download:",
            on_click="ignore",
            key="download",
            help="The scenario file with what was changed here; its comments stay.",
        )
