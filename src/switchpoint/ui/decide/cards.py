"""The candidates as cards: possible or not, what each costs in all, saves, and when it has paid for itself."""

from __future__ import annotations

from collections.abc import Iterator

import streamlit as st

from switchpoint.charts import figures as told
from switchpoint.charts.words import date_of, policy_words, within
from switchpoint.clock import NEVER
from switchpoint.decision.outlook import Outlook
from switchpoint.result import Result
from switchpoint.study.draws.findings import ADVISED, Findings
from switchpoint.ui.words import plain
from switchpoint.words import chance, months, usd

NARROWEST = 250


def cards(result: Result, findings: Findings | None) -> None:
    """A card for each candidate, and one for staying; with the chance to save where draws were made."""
    st.markdown("#### Candidates")
    if not result.case.outlooks:
        st.info(
            "There is no candidate yet, so there is nothing to switch to. Add a table such as candidates.own-8b on the "
            "Assumptions page, under “The file itself”.",
            icon=":material/add_circle:",
        )
        return
    st.caption(plain(f"{policy_words(result)}. Amounts over {months(result.case.scenario.months)}."))
    with st.grid("auto", min_column_width=NARROWEST, border=True, gap="small"):
        st.markdown(staying(result))
        for outlook in result.case.outlooks:
            st.markdown(card(result, outlook, findings))


def staying(result: Result) -> str:
    """The card of the current route."""
    threat = result.case.threat
    badge = ""
    if result.case.scenario.limited:
        over = f":orange-badge[over its limit from {date_of(result, threat)}]" if threat != NEVER else ""
        badge = over or ":green-badge[below its limit to the end]"
    lines = [_line("Total cost", usd(float(result.case.stay.sum())))]
    lines.append(_line("In present value", usd(result.case.present_stay)))
    return "  \n".join([f"**Stay** {badge}".rstrip(), *lines])


def card(result: Result, outlook: Outlook, findings: Findings | None) -> str:
    """The card of a candidate, as Markdown."""
    title = f"**{plain(outlook.name)}** {' '.join(badges(result, outlook))}"
    if not outlook.possible:
        when = date_of(result, outlook.impossible_from)
        why = f"Not possible from {when}: {outlook.prospect.carrier.why_impossible}."
        return f"{title}  \n{plain(why)} Its figures would mean nothing."
    return "  \n".join([title, *(_line(name, value) for name, value in figures(result, outlook, findings))])


def badges(result: Result, outlook: Outlook) -> Iterator[str]:
    """What it is in a word or two, never in colour alone."""
    if outlook is result.verdict.candidate:
        yield ":blue-badge[advised]"
    if outlook is result.verdict.bridge:
        yield ":blue-badge[bridge]"
    if not outlook.possible:
        yield ":red-badge[not possible]"
        return
    if not within(result, outlook.project_start):
        yield ":gray-badge[not started]"
        return
    yield ":green-badge[saves]" if outlook.npv_saving > 0 else ":gray-badge[does not save]"
    if result.case.scenario.limited:
        colour = "green" if told.limit_is_kept(result, outlook) else "orange"
        yield f":{colour}-badge[{told.limit_words(result, outlook)}]"


def figures(result: Result, outlook: Outlook, findings: Findings | None) -> Iterator[tuple[str, str]]:
    """Label and value of each line."""
    if not within(result, outlook.project_start):
        yield "Not started", "by this rule"
        return
    yield "Started", told.start_words(result, outlook)
    yield "Live", date_of(result, outlook.cutover) if within(result, outlook.cutover) else "not within the horizon"
    saved = outlook.npv_saving
    yield ("Saves" if saved >= 0 else "Costs more than staying"), f"{usd(abs(saved))} in present value"
    yield "Total cost", usd(outlook.total)
    lines = (
        ("Spent before it is live", told.spent_words(outlook)),
        ("Paid back", told.payback_words(outlook)),
        ("Behind staying at most", told.peak_words(result, outlook)),
        ("GPUs worth on the last day", told.end_credit_words(outlook)),
    )
    yield from ((label, value) for label, value in lines if value)
    if findings is not None and outlook.name in findings.candidates:
        share = findings.candidates[outlook.name].saves(ADVISED)[0]
        yield "Saves in", f"{chance(share)} of {findings.draws:,} draws"


def _line(label: str, value: str) -> str:
    return f":gray[{plain(label)}] {plain(value)}"
