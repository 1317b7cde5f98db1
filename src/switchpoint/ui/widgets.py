"""Chart, fact, fold, fault, opening; and inputs whose value may be set elsewhere too.

Inputs whose value may be set elsewhere too: by undo, by another scenario, by a form.

A browser sends the values of all its inputs with whatever it asks for, also when nobody touched them: a page asks for
its slow answers by itself. One that has not yet been told of a value that was set elsewhere sends the one before. Under
the same key that would be a change by the reader, and would put numbers of one scenario into another in silence. So an
input whose value was set elsewhere is a new widget from then on, and what comes from one that is on the page no more is
left out.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import date
from typing import Any

import streamlit as st
from streamlit.elements.lib.mutable_expander_container import ExpanderContainer

from switchpoint.charts.vega import DARK, LIGHT, Look
from switchpoint.decision.result import JudgedWorld
from switchpoint.scenario.errors import Keys
from switchpoint.scenario.stated_notes import Note
from switchpoint.text import day
from switchpoint.ui import session
from switchpoint.ui.session import View
from switchpoint.ui.terms import TERMS, explain

# Chart, fact, fold, fault, opening -----------------------------------------------------------------------------------

_SPECIAL = re.compile(r"([\\`*_\[\]{}<>|$~^&!])|:(?=\w)|^[-+#=]")
_NUMBERED = re.compile(r"^(\d+)([.)])")
_ADDRESS = re.compile(r"(?<=[a-z]:)(?=//)|(?<=www)(?=\.)|(?=@)", re.IGNORECASE)
_DATE = re.compile(r"\b(?:19|20)\d\d-(?:0[1-9]|1[0-2])-(?:0[1-9]|[12]\d)\b")
_JOINED = "\u2060"
"""Shows nothing, and breaks no line; what holds it is no address, which Markdown would make a link of."""

_ASIDE = re.compile(r" \((?!as of )((?:[^\s)]+ ){4,}[^)]+)\)")
"""A remark in brackets of five words or more, other than the day that is called today."""


def plain(text: str) -> str:
    r"""Text that Markdown shows as it is.

    >>> plain("saves $605k: *net*"), plain("- :red[own-8b]")
    ('saves \\$605k: \\*net\\*', '\\- \\:red\\[own-8b\\]')
    >>> plain("http://evil.example"), plain("12. www.evil.example")
    ('http:\u2060//evil.example', '12\\. www\u2060.evil.example')
    """
    text = _ADDRESS.sub(_JOINED, " ".join(text.split()))
    return _NUMBERED.sub(r"\1\\\2", _SPECIAL.sub(r"\\\g<0>", text))


def count_noun(number: int, noun: str) -> str:
    """A number of things.

    >>> count_noun(1, "change"), count_noun(3, "change")
    ('1 change', '3 changes')
    """
    return f"{number} {noun}{'s' * (number != 1)}"


def sentence_case(text: str) -> str:
    """A text that begins with a capital and ends with a full stop.

    >>> sentence_case("it has no room")
    'It has no room.'
    """
    return f"{text[:1].upper()}{text[1:].rstrip('.')}." if text else ""


def span(first: date, last: date) -> str:
    """Two dates as a person would say them.

    >>> span(date(2027, 7, 1), date(2027, 7, 31)), span(date(2027, 6, 28), date(2027, 7, 28))
    ('1 to 31 July 2027', '28 June to 28 July 2027')
    """
    if (first.year, first.month) == (last.year, last.month):
        return f"{first.day} to {day(last)}"
    return f"{first.day} {first:%B} to {day(last)}" if first.year == last.year else f"{day(first)} to {day(last)}"


def sentences(text: str) -> tuple[str, str]:
    """The first clause of a verdict and the rest, as sentences; a long remark in brackets goes to the rest.

    >>> sentences("Start now: it is late; start now, and hurry; that may change.")
    ('Start now: it is late.', 'Start now, and hurry; that may change.')
    >>> sentences("Start x (y: not possible) by May (waiting any longer is too late); x-1 saves $5k.")
    ('Start x (y: not possible) by May.', 'Waiting any longer is too late. x-1 saves $5k.')
    """
    first, _, rest = text.partition("; ")
    asides = [f"{_capitalize(aside)}." for aside in _ASIDE.findall(first)]
    first = _ASIDE.sub("", first)
    return (first.rstrip(".") + ".", " ".join(filter(None, [*asides, _capitalize(rest)])))


def _capitalize(text: str) -> str:
    """Text that begins with a capital, unless it begins with a name such as own-8b."""
    word = text.partition(" ")[0].rstrip(",")
    return text[:1].upper() + text[1:] if word.isalpha() else text


def look() -> Look:
    """The colours of the page."""
    return DARK if st.context.theme.type == "dark" else LIGHT


def chart(drawing: Any, takeaway: str, note: str = "") -> None:
    """A chart with its takeaway above and its note below.

    Args:
        drawing: anything with a Vega-Lite specification.
        takeaway: what it shows, in one sentence; read aloud in place of the picture.
        note: what is drawn.
    """
    st.markdown(f"**{plain(takeaway)}**")
    st.vega_lite_chart(spec=drawing.to_dict(), theme=None, width="stretch", alt=takeaway)
    if note:
        st.caption(plain(f"{note}."))


def text_table(head: Sequence[str], rows: Sequence[Sequence[str]], alt: str) -> None:
    """A table of texts, which wrap: a grid would cut them off.

    Args:
        head: what its columns are called.
        rows: a text for each of them, shown as it is; a date as files write it is shown as people do.
        alt: what it shows, read aloud.
    """
    import pandas as pd

    cells = [[plain(_DATE.sub(_day, cell)) for cell in row] for row in rows]
    st.table(pd.DataFrame(cells, columns=list(head)), border="horizontal", hide_index=True, alt=alt)


def _day(found: re.Match[str]) -> str:
    with suppress(ValueError):  # a 31 February that somebody logged
        return day(date.fromisoformat(found[0]))
    return found[0]


NARROWEST = 165
"""Pixels that a figure takes at least."""


@dataclass(frozen=True)
class ShownFact:
    """A date, a name or an amount under its label, with a remark."""

    label: str
    value: str
    remark: str = ""

    @property
    def text(self) -> str:
        """The same as Markdown."""
        remark = f"  \n:small[:gray[{plain(self.remark)}]]" if self.remark else ""
        return f":small[:gray[{plain(self.label)}]]  \n**{plain(self.value)}**{remark}".replace(" %", "\u00a0%")


def facts(shown: Iterable[ShownFact], narrowest: int = NARROWEST) -> None:
    """Draw figures in a grid."""
    with st.grid("auto", min_column_width=narrowest, border=True, gap="small"):
        for fact in shown:
            st.markdown(fact.text, help=explain(fact.label, fact.remark))


def fold(label: str, key: str, icon: str, *, expanded: bool = False) -> ExpanderContainer:
    """A box under a label; fill it where its `open` says so.

    Args:
        label: what it holds.
        key: tells it from others.
        icon: beside the label.
        expanded: whether it is open at first.
    """
    left: bool = st.session_state.get(_memory(key), expanded)
    return st.expander(label, left, icon=icon, key=key, on_change=_remember, args=(key,))


def words_fold() -> None:
    """A fold at the foot of a page with the terms that trip a new reader, each in one line."""
    box = fold("Words", "words", ":material/dictionary:")
    if box.open:
        with box:
            st.markdown("\n".join(f"- **{term}**: {plain(line)}" for term, line in TERMS.items()))


def number_format_note() -> None:
    """How numbers are typed, for readers whose browser writes them otherwise: 60.000 is 60 here."""
    if not (st.context.locale or "en").startswith("en"):
        st.caption("Numbers have a point before decimals and nothing between thousands: 60000, 1.5.")


def _remember(key: str) -> None:
    """Keep how it was left."""
    st.session_state[_memory(key)] = bool(st.session_state.get(key))


def _memory(key: str) -> str:
    return f"_left {key}"


MOST = 12


def faults(title: str, lines: Sequence[str], then: str = "") -> None:
    """A list of faults under a title, and what holds in spite of them."""
    shown = [f"- {plain(line)}" for line in lines[:MOST]]
    if len(lines) > MOST:
        shown.append(f"- and {len(lines) - MOST} more; `switchpoint check` lists them all")
    text = "\n".join(shown) + (f"\n\n{plain(then)}" if then else "")
    st.error(text, title=plain(title), icon=":material/edit_note:")


def finish_dialog(wrong: Sequence[str], title: str, done: str = "") -> None:
    """Close the open dialog and draw the page anew, or say in it why what was asked for is not taken.

    Args:
        wrong: the faults; none where it was taken.
        title: of the faults.
        done: what is told on the page once it was taken.
    """
    if wrong:
        faults(title, wrong, "The scenario is as it was.")
        return
    session.close_dialog()
    if done:
        st.toast(plain(done))
    st.rerun()


def impossible_numbers(lines: Sequence[str]) -> None:
    """Numbers that make no scenario, with the way back."""
    faults("These numbers do not work together", lines)
    st.button("Take the last change back", icon=":material/undo:", on_click=session.undo, key="undo here")


def open_view(title: str = "", about: str = "") -> View | None:
    """The view of this run; None after saying why there is none to show.

    Args:
        title: heading of the page; left out, the page makes its own.
        about: one sentence below it.
    """
    view = session.view()
    if title:
        st.title(title, anchor=False)
        st.caption(about)
    if session.notice():
        st.warning(plain(session.notice()), icon=":material/link_off:")
    if view.loaded is None:
        faults(f"{view.opened.name} cannot be opened", view.faults, "Choose another scenario at the left.")
        return None
    if view.result is None:
        impossible_numbers(view.faults)
        return None
    return view


def subject(view: View) -> str:
    """What the page is about, in a few words: the scenario, and how much of it was changed."""
    changed = len(view.draft.changes)
    edited = f" · {count_noun(changed, 'number')} changed" if changed else ""
    supposed = [each.label for each in view.draft.what_ifs if each.on]
    more = f" · what if: {', '.join(supposed)}" if supposed else ""
    return f"{view.draft.scenario}{edited}{more}"


# Inputs whose value may be set elsewhere too -------------------------------------------------------------------------

SHOWN, DRAWING, LIVE = "_shown_widgets", "_shown_drawing", "_shown_live"
CLOSE = 1e-9
"""Numbers that differ by less, relatively, are the same: a slider sends 0.092 with an error of rounding."""


@dataclass(frozen=True)
class ShownWidget:
    """What was drawn last under a name: how often it was set elsewhere, its value, and in which scenario and run."""

    number: int
    value: Any
    scenario: str
    run: int


def begin_drawing() -> None:
    """A run of the whole page begins."""
    st.session_state[DRAWING] = st.session_state.get(DRAWING, 0) + 1


def finish_drawing() -> None:
    """All inputs of the page are drawn: those that were not are there no more."""
    st.session_state[LIVE] = st.session_state.get(DRAWING, 0)


def key_shown(name: str, value: Any) -> str:
    """The key of an input that shows a value; a new one where that was set elsewhere since it was drawn.

    Args:
        name: tells the input from others.
        value: what it is to show.
    """
    last = _widgets().get(name)
    number = last.number if last is not None else 0
    before = st.session_state.get(_key(name, number), last.value if last is not None else value)
    if not _is_same(before, value):
        number += 1
    key = _key(name, number)
    if key not in st.session_state or st.session_state[key] != value:
        st.session_state[key] = value
    run = st.session_state.get(DRAWING, 0)
    _widgets()[name] = ShownWidget(number, value, session.draft().scenario, run)
    return key


def if_shown(name: str, key: str, take: Callable[..., None]) -> Callable[..., None]:
    """A callback that does nothing where its input is on the page no more.

    Args:
        name: of the input.
        key: that it was drawn with.
        take: what is to be called.
    """

    def call(*args: Any) -> None:
        if is_shown(name, key):
            take(*args)

    return call


def is_shown(name: str, key: str) -> bool:
    """Whether an input is on the page, under this key and for the scenario that is worked on."""
    last = _widgets().get(name)
    return (
        last is not None
        and key == _key(name, last.number)
        and last.scenario == session.draft().scenario
        and last.run >= st.session_state.get(LIVE, 0)
    )


def _widgets() -> dict[str, ShownWidget]:
    found: dict[str, ShownWidget] = st.session_state.setdefault(SHOWN, {})
    return found


def _key(name: str, number: int) -> str:
    return f"{name} ({number + 1})" if number else name


def _is_same(one: Any, other: Any) -> bool:
    if isinstance(one, int | float) and isinstance(other, int | float):
        return math.isclose(one, other, rel_tol=CLOSE, abs_tol=1e-12)
    return bool(one == other)


def beside(result: JudgedWorld | None, *paths: Keys) -> None:
    """The notes on a field, in small print below it."""
    for note in result.notes if result is not None else ():
        if note.path in paths:
            st.caption(f":material/visibility: {note_words(note)}")


def note_words(note: Note) -> str:
    """A note as a whole sentence, without marks that the page would read."""
    return plain(note.full_sentence)
