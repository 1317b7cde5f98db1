"""Every figure of every candidate, and where the prices come from; drawn when it is opened."""

from __future__ import annotations

from collections.abc import Callable

import streamlit as st

from switchpoint.charts.figures import (
    end_credit_words,
    fleet_words,
    limit_words,
    peak_words,
    return_words,
    start_words,
)
from switchpoint.charts.words import date_of, within
from switchpoint.decision.outlook import Outlook
from switchpoint.result import Result
from switchpoint.ui.parts.fold import fold
from switchpoint.ui.words import plain
from switchpoint.words import day, months, percent, usd

NONE = "–"
MOSTLY = 0.5
"""A fleet is said to be set by its minimum from this part of its days on."""
Figure = Callable[[Result, Outlook], str]


def details(result: Result) -> None:
    """The table of all figures, and the sources."""
    box = fold("All figures of the candidates", "figures", ":material/table:")
    if box.open and result.case.outlooks:
        with box:
            _table(result)
    where = fold("Where prices and specifications come from", "sources", ":material/fact_check:")
    if where.open:
        with where:
            _sources(result)


def _table(result: Result) -> None:
    import pandas as pd

    said = {name: say for name, say in FIGURES.items() if result.case.scenario.limited or name not in OF_THE_LIMIT}
    columns = {plain(o.name): [plain(say(result, o)) for say in said.values()] for o in result.case.outlooks}
    table = pd.DataFrame(columns, index=list(said))
    st.table(table, border="horizontal", alt="Figures of each candidate")


def _date(number: Callable[[Outlook], int]) -> Figure:
    def say(result: Result, outlook: Outlook) -> str:
        found = number(outlook)
        return date_of(result, found) if within(result, found) else f"not within {months(result.case.scenario.months)}"

    return say


def _under_policy(say: Figure) -> Figure:
    """A figure that there is only where the policy starts the project."""
    return lambda result, outlook: say(result, outlook) if within(result, outlook.project_start) else "not started"


def _crossover(result: Result, outlook: Outlook) -> str:
    text = _date(lambda o: o.running.crossover)(result, outlook)
    reverts = outlook.running.reverts
    return f"{text}, dearer again from {date_of(result, reverts)}" if within(result, reverts) else text


def _limit_again(result: Result, outlook: Outlook) -> str:
    if not within(result, outlook.cutover):
        return NONE
    if not outlook.keeps_limit:
        return "never below it"
    again = outlook.limit_again
    return date_of(result, again) if within(result, again) else f"not within {months(result.case.scenario.months)}"


def _payback(_: Result, outlook: Outlook) -> str:
    return NONE if outlook.payback_months is None else months(outlook.payback_months)


def _fleet(_: Result, outlook: Outlook) -> str:
    if outlook.capacity is None:
        return NONE
    text = f"{outlook.capacity:.2g} requests a second per replica"
    if outlook.capacity_basis:
        text = f"{text} ({outlook.capacity_basis})"
    if outlook.peak_replicas is not None:
        text = f"{outlook.peak_replicas} replicas at the peak, {text}"
    idle = outlook.set_by_minimum
    if idle is not None and idle >= MOSTLY:
        text += f"; set by its minimum, not by load, on {percent(idle)} of days"
    return "; ".join((text, *fleet_words(outlook)))


FIGURES: dict[str, Figure] = {
    "Present value of the saving": _under_policy(lambda _, o: usd(o.npv_saving)),
    "Total cost": _under_policy(lambda _, o: usd(o.total)),
    "Spent before it is live": _under_policy(lambda _, o: usd(o.one_off)),
    "Cheaper to run from": _crossover,
    "Start by": _date(lambda o: o.starts.start_by.day),
    "Project starts": start_words,
    "Cutover": _under_policy(_date(lambda o: o.cutover)),
    "Break-even": _under_policy(_date(lambda o: o.break_even.day)),
    "Payback": _payback,
    "Return": _under_policy(lambda _, o: return_words(o)),
    "Behind staying at most": _under_policy(peak_words),
    "GPUs worth on the last day": _under_policy(lambda _, o: end_credit_words(o) or NONE),
    "Bill": _under_policy(limit_words),
    "Limit reached again": _limit_again,
    "Fleet": _fleet,
}
OF_THE_LIMIT = ("Bill", "Limit reached again")
"""The figures that there are only with a limit."""


def _sources(result: Result) -> None:
    from switchpoint.sources import sources

    found = sources(result.case)
    if not found:
        st.caption("Everything is stated in the scenario; nothing was looked up in the catalogue.")
    for row in found:
        dated = day(row["date"]) if hasattr(row["date"], "year") else str(row["date"])
        note = f", {row['note']}" if row["note"] else ""
        st.markdown(
            f"- {plain(row['what'])}: {plain(_value(row['value']))} {plain(row['unit'])}{plain(note)}. "
            f":gray[{plain(str(row['source']))}, {plain(dated)}]"
        )


def _value(value: object) -> str:
    if isinstance(value, dict):
        return ", ".join(f"{key.replace('_', ' ')} {amount:g}" for key, amount in value.items() if amount is not None)
    return f"{value:,.6g}" if isinstance(value, (int, float)) else str(value)
