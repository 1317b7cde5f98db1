"""The top of the page: what to do, in one sentence, and the dates behind it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Literal

import streamlit as st

from switchpoint.charts.figures import limit_words, share_words, start_words
from switchpoint.charts.words import date_of, lead, within
from switchpoint.clock import MONTH_DAYS, NEVER
from switchpoint.decision.verdict import Action, live_if_started_today
from switchpoint.result import Result
from switchpoint.ui.parts.facts import Fact, facts
from switchpoint.ui.words import plain, sentences, span
from switchpoint.words import about, months, usd, weeks

Colour = Literal["green", "blue", "orange", "red"]
BADGES: dict[Action, tuple[str, Colour, str]] = {
    Action.STAY: ("Stay", "green", ":material/check:"),
    Action.START_BY: ("Start by", "blue", ":material/event:"),
    Action.START_NOW: ("Start now", "orange", ":material/play_arrow:"),
    Action.LATE: ("Late", "red", ":material/schedule:"),
    Action.NO_REMEDY: ("No remedy", "red", ":material/block:"),
}


def draw(result: Result, subject: str) -> None:
    """Badge, sentence and dates."""
    _, colour, icon = BADGES[result.verdict.action]
    with st.container(horizontal=True, vertical_alignment="center"):
        st.badge(badge(result), color=colour, icon=icon)
        st.caption(plain(subject), width="content")
    first, rest = sentences(result.sentence)
    st.subheader(plain(first), anchor=False)
    told = " ".join(filter(None, [plain(rest), "" if result.chosen else plain(result.waiting)]))
    if told:
        st.markdown(told)
    facts(dates(result))


def badge(result: Result) -> str:
    """The verdict in two or three words."""
    verdict = result.verdict
    if result.chosen:
        return "Your choice"
    if verdict.action is Action.START_BY:
        return f"Start by {date_of(result, verdict.start_by)}"
    if verdict.action is Action.LATE and verdict.candidate is not None:
        return f"{weeks(live_if_started_today(verdict.candidate) - result.case.threat)} late"
    return BADGES[verdict.action][0]


def dates(result: Result) -> Iterator[Fact]:
    """The key dates."""
    not_within = f"not within {months(result.case.scenario.months)}"
    if result.case.scenario.limited:
        yield from _of_the_limit(result, not_within)
    yield from _starts(result)
    yield from _switch(result, not_within)


def _of_the_limit(result: Result, not_within: str) -> Iterator[Fact]:
    verdict, clock, threat = result.verdict, result.case.clock, result.case.threat
    reached = date_of(result, threat) if threat != NEVER else not_within
    yield Fact("Limit reached", reached, _away(threat))
    if verdict.window is not None:
        opens, closes = (clock.date_of(day) for day in verdict.window)
        fired = (
            f"a monitor would warn {date_of(result, result.case.warning)}"
            if within(result, result.case.warning)
            else ""
        )
        yield Fact("Warning window", span(opens, closes), fired)


def _starts(result: Result) -> Iterator[Fact]:
    verdict = result.verdict
    if verdict.candidate is None or result.chosen:
        return
    if within(result, verdict.start_by):
        remark = {"limit": "set by the limit", "money": "set by what waiting costs"}.get(verdict.binds or "", "")
        yield Fact("Start by", date_of(result, max(verdict.start_by, 0)), _as_good(result) or remark)
    remark = "to be live at the limit" if verdict.binds == "limit" else "of the project started then"
    steps = (("Label", verdict.label_by), ("Hire", verdict.hire_by), ("Commit", verdict.commit_by))
    for step, number in steps:
        if within(result, number) and (step, number) != ("Commit", verdict.start_by):
            yield Fact(f"{step} by", date_of(result, number), "first training" if step == "Commit" else remark)


def _as_good(result: Result) -> str:
    """The span of starts that are as good."""
    found = result.verdict.as_good
    if found is None:
        return ""
    return f"{date_of(result, found.first)} to {date_of(result, found.last)}: within {usd(found.usd)}"


def _switch(result: Result, not_within: str) -> Iterator[Fact]:
    best = lead(result)
    if result.flips_at is not None:
        yield Fact("Advice changes from", f"{about(result.flips_at)} requests a day", "at the start")
    if best is None or not within(result, best.project_start) or not (result.verdict.candidate or result.chosen):
        return
    live = date_of(result, best.cutover) if within(result, best.cutover) else not_within
    yield Fact("Cutover", live, f"{best.name} started {start_words(result, best)}")
    if result.case.scenario.limited and within(result, best.cutover):
        yield Fact("Bill", limit_words(result, best), share_words(best))
    paid = best.break_even.day
    payback = best.payback_months
    remark = f"payback {months(payback)}" if payback is not None else ""
    value = date_of(result, paid) if within(result, paid) else not_within
    yield Fact("Break-even", value, remark)
    bridge = result.verdict.bridge
    if bridge is not None and not result.chosen:
        ready = f"live {date_of(result, live_if_started_today(bridge))} if started today"
        yield Fact("Bridge", bridge.name, ready)


def _away(day: int) -> str:
    if day == NEVER:
        return ""
    return "today" if day == 0 else f"in {months(day / MONTH_DAYS)}"
