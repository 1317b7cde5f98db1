"""Before and after: what a draft says beside a baseline, which is the file or what was pinned, in one sentence."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

import streamlit as st

from switchpoint.charts.takeaways import main_path, path_name, within
from switchpoint.decision.result import JudgedWorld
from switchpoint.decision.verdict import Action
from switchpoint.text import day, usd, weeks
from switchpoint.ui import session
from switchpoint.ui.session import View, view_of
from switchpoint.ui.widgets import plain

SMALL_USD = 500.0
"""Savings that differ by less are told as one."""
STARTS = (Action.START_BY, Action.START_NOW, Action.LATE)


@dataclass(frozen=True)
class Stand:
    """What one result comes to: what is started, when, what that saves, and when the limit is reached."""

    candidate: str | None
    """A candidate, or the plan that is advised."""
    start: date | None
    saving_usd: float
    limit: date | None
    limited: bool

    @classmethod
    def of(cls, result: JudgedWorld) -> Stand:
        """That of a result: as advised, or as a stated policy says."""
        shown = result.shown
        clock, threat = shown.case.clock, shown.case.threat
        limit = clock.date_or_none(max(threat, 0))
        best = main_path(shown)
        chosen = shown.chooses_start or shown.verdict.action in STARTS
        if best is None or not chosen or not within(shown, best.project_start):
            return cls(None, None, 0.0, limit, shown.case.scenario.limited)
        start = best.project_start
        if not shown.chooses_start and shown.verdict.action is Action.START_BY:
            start = shown.verdict.start_by
        when = clock.date_of(max(start, 0))
        return cls(path_name(best), when, best.npv_saving, limit, shown.case.scenario.limited)


def difference_words(before: Stand, now: Stand) -> str:
    """What became different, in one sentence; nothing where nothing did.

    >>> one = Stand("own-8b", date(2027, 5, 21), 286_000.0, None, False)
    >>> difference_words(one, Stand("own-8b", date(2027, 3, 12), 605_000.0, None, False))
    'start own-8b 10 weeks earlier (12 March 2027 instead of 21 May 2027), saving +$319k ($605k instead of $286k)'
    >>> difference_words(one, Stand(None, None, 0.0, None, False))
    'stay instead of starting own-8b by 21 May 2027, saving -$286k ($0.00 instead of $286k)'
    """
    return ", ".join(filter(None, (_start_words(before, now), _saving_words(before, now), _limit_words(before, now))))


def _start_words(before: Stand, now: Stand) -> str:
    if (before.candidate, before.start) == (now.candidate, now.start):
        return ""
    if now.candidate is None:
        return f"stay instead of starting {_name_and_day(before)}"
    if before.candidate is None:
        return f"start {_name_and_day(now)} instead of staying"
    if before.candidate != now.candidate or before.start is None or now.start is None:
        return f"start {_name_and_day(now)} instead of {_name_and_day(before)}"
    moved = (now.start - before.start).days
    way = "later" if moved > 0 else "earlier"
    return f"start {now.candidate} {weeks(abs(moved))} {way} ({day(now.start)} instead of {day(before.start)})"


def _name_and_day(stand: Stand) -> str:
    return f"{stand.candidate} by {day(stand.start)}" if stand.start is not None else str(stand.candidate)


def _saving_words(before: Stand, now: Stand) -> str:
    more = now.saving_usd - before.saving_usd
    if abs(more) < SMALL_USD:
        return ""
    way = "more" if more > 0 else "less"
    return f"saving {usd(abs(more))} {way} ({usd(now.saving_usd)} instead of {usd(before.saving_usd)})"


def _limit_words(before: Stand, now: Stand) -> str:
    if not (before.limited and now.limited) or before.limit == now.limit:
        return ""
    if now.limit is None:
        return "limit no longer reached"
    if before.limit is None:
        return f"limit reached on {day(now.limit)} instead of never"
    moved = (now.limit - before.limit).days
    return f"limit reached {weeks(abs(moved))} {'later' if moved > 0 else 'earlier'} ({day(now.limit)})"


def baseline_result(view: View) -> JudgedWorld | None:
    """The result of the baseline; None where there is none, or it says the same as what is shown."""
    against = session.baseline()
    if against == view.draft or (not view.draft.is_changed and session.pinned_draft() is None):
        return None
    return view_of(against).base


def draw_before_after(view: View, before: JudgedWorld | None) -> None:
    """The sentence, where there is something to hold against."""
    for text in _sentences(view, before):
        st.markdown(text)


def pin_buttons(view: View) -> None:
    """Pin what is shown, and let go of what was pinned."""
    if view.draft != session.pinned_draft():
        st.button(
            "Pin as baseline",
            icon=":material/keep:",
            type="tertiary",
            key="pin",
            on_click=session.pin,
            args=(view.draft,),
            help="Hold everything from now on against what is shown here, in grey on the chart.",
        )
    if session.pinned_draft() is not None:
        st.button(
            "Unpin",
            icon=":material/keep_off:",
            type="tertiary",
            key="unpin",
            on_click=session.pin,
            args=(None,),
            help="Hold it against the scenario as it is in its file again.",
        )


def _sentences(view: View, before: JudgedWorld | None) -> Iterator[str]:
    if before is None or view.base is None:
        return
    against = "pinned baseline" if session.pinned_draft() is not None else "file"
    words = difference_words(Stand.of(before), Stand.of(view.base))
    yield f":material/compare_arrows: Against the {against}: {plain(words or 'the same advice and saving')}."
