"""Numbers that hang together: tokens of a request from a month's, and buttons that make the others fit again.

Tokens of a request from what a bill or a provider's page tells: tokens a month, or dollars a month.

The month is one at the level of the first day: no growth, no events, no price changes within it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import streamlit as st

from switchpoint.catalog import CatalogError
from switchpoint.decision.case import simulate
from switchpoint.errors import CannotCompute
from switchpoint.horizon import MONTH_DAYS
from switchpoint.scenario.errors import Keys
from switchpoint.scenario.schema import Scenario
from switchpoint.scenario.toml_writer import REMOVED
from switchpoint.scenario.uncertain import num
from switchpoint.scenario.usage import Growth
from switchpoint.text import count, usd
from switchpoint.ui import session
from switchpoint.ui.draft_changes import Tree, named_candidates, value_at
from switchpoint.ui.session import View, close_dialog, open_dialog
from switchpoint.ui.widgets import finish_dialog, plain

# Tokens of a request from what a bill or a provider's page tells -----------------------------------------------------

WEEKS = 28
"""Days of the month that is looked at: whole weeks, so that its weekdays are those of a month."""
MILLION = 1e6
CLOSE, TRIES = 1e-6, 12
TOKENS, DOLLARS = "Tokens a month", "Dollars a month"


class NoSuchBillError(ValueError):
    """A bill that no number of tokens comes to; the message says why."""


@dataclass(frozen=True)
class MonthTotals:
    """A month at the level of the first day: requests, tokens in millions, and the bill in dollars."""

    requests: float
    input_mtok: float
    output_mtok: float
    bill_usd: float


def month_totals(scenario: Scenario) -> MonthTotals:
    """What a month at the level of the first day comes to.

    Raises:
        CannotCompute: where it cannot be simulated.
    """
    usage = scenario.usage
    level = _level(scenario)
    into, out = (level * num(tokens) / MILLION for tokens in (usage.input_tokens, usage.output_tokens))
    return MonthTotals(level, into, out, _bill(scenario, 1.0))


def _level(scenario: Scenario) -> float:
    """Requests of such a month."""
    case = simulate(_steady(scenario, 1.0))
    return float(case.setting.traffic.requests[:WEEKS].mean()) * MONTH_DAYS


def _bill(scenario: Scenario, scale: float) -> float:
    """Its bill, dollars, with all tokens of a request times a factor."""
    return float(simulate(_steady(scenario, scale)).stay[:WEEKS].mean()) * MONTH_DAYS


def _steady(scenario: Scenario, scale: float) -> Scenario:
    """The scenario with nothing that moves, no candidates, and tokens times a factor."""
    usage, current = scenario.usage, scenario.current
    level = usage.requests_per_day
    growth = Growth() if level is not None else usage.growth
    tokens = {name: num(getattr(usage, name)) * scale for name in ("input_tokens", "output_tokens")}
    still = {"growth": growth, "events": (), "token_growth_per_month": 0.0, **tokens}
    priced = {"price_changes": (), "price_change_per_year": 0.0}
    return scenario.model_copy(
        update={
            "months": 1,
            "candidates": {},
            "limit": None,
            "usage": usage.model_copy(update=still),
            "current": current.model_copy(update=priced),
        }
    )


def tokens_of_totals(scenario: Scenario, input_mtok: float, output_mtok: float) -> tuple[float, float]:
    """Input and output tokens of a request that come to so many millions a month.

    Raises:
        NoSuchBillError: without requests.
    """
    level = _level(scenario)
    if level <= 0:
        raise NoSuchBillError("There are no requests to share them out to.")
    return input_mtok * MILLION / level, output_mtok * MILLION / level


def tokens_of_bill(scenario: Scenario, usd_per_month: float) -> tuple[float, float]:
    """Input and output tokens of a request, in the ratio of the scenario, that come to a bill.

    Raises:
        NoSuchBillError: where fees alone are more, or tokens cost nothing.
    """
    usage = scenario.usage
    fees, scale = _bill(scenario, 0.0), 1.0
    if usd_per_month < fees:
        raise NoSuchBillError(f"Fees alone come to {usd(fees)} a month.")
    for _ in range(TRIES):  # a straight line, but for prices that change with the length of a request
        bill = _bill(scenario, scale)
        if bill <= fees:
            raise NoSuchBillError("Tokens cost nothing here, so a bill says nothing of them.")
        if abs(bill - usd_per_month) <= CLOSE * usd_per_month:
            break
        scale *= (usd_per_month - fees) / (bill - fees)
    return num(usage.input_tokens) * scale, num(usage.output_tokens) * scale


def totals_button() -> None:
    """The way to say tokens otherwise than by the request."""
    st.button(
        "From tokens or dollars a month",
        icon=":material/calculate:",
        key="totals",
        type="tertiary",
        on_click=open_dialog,
        args=("totals",),
        help="Tokens of a request, worked out from what a month comes to.",
    )


@st.dialog("What a month comes to", icon=":material/calculate:", on_dismiss=close_dialog)
def totals_dialog() -> None:
    """Work out the tokens of a request from tokens or dollars a month."""
    scenario = _scenario(session.view())
    try:
        now = month_totals(scenario)
    except (CannotCompute, CatalogError) as problem:
        st.warning(plain(str(problem)), icon=":material/block:")
        return
    st.caption(plain(f"{count(now.requests)} requests a month, at the level of the first day."))
    known = st.segmented_control("What do you know?", [TOKENS, DOLLARS], default=TOKENS, key="totals known") or TOKENS
    if known == TOKENS:
        with st.container(horizontal=True):
            into = _field("Input tokens, millions a month", now.input_mtok, "totals input")
            out = _field("Output tokens, millions a month", now.output_mtok, "totals output")
    else:
        bill = _field("Dollars a month", now.bill_usd, "totals usd")
        st.caption("Input and output keep their ratio.")
    if st.button("Use it", type="primary", icon=":material/check:", key="use totals"):
        try:
            _take(*(tokens_of_totals(scenario, into, out) if known == TOKENS else tokens_of_bill(scenario, bill)))
        except (NoSuchBillError, CannotCompute, CatalogError) as problem:
            st.warning(plain(str(problem)), icon=":material/block:")


def _scenario(view: View) -> Scenario:
    assert view.loaded is not None
    return view.edited or view.loaded.scenario


def _field(label: str, value: float, key: str) -> float:
    return float(st.number_input(label, 0.0, 1e12, float(f"{value:.4g}"), format="%.10g", key=key))


def _take(into: float, out: float) -> None:
    wrong = session.take_values(
        {("usage", "input_tokens"): float(f"{into:.4g}"), ("usage", "output_tokens"): float(f"{out:.4g}")}
    )
    finish_dialog(wrong, "That cannot be")


# Numbers that do not work together, with a button for each way in which they would -----------------------------------


@dataclass(frozen=True)
class Mend:
    """A way out: what it sets, and how that is said."""

    label: str
    values: Mapping[Keys, Any]


def mends(tree: Tree) -> Iterator[Mend]:
    """What would make coupled numbers fit again: people in house, replicas that are reserved, a day that is past."""
    for name, table in named_candidates(tree).items():
        if isinstance(table, Mapping):
            yield from _people(name, table)
            yield from _fleet(name, table)
    start, policy = value_at(tree, ("start",)), value_at(tree, ("decision", "policy"))
    if hasattr(policy, "year") and hasattr(start, "year") and policy < start:
        yield Mend("Start projects as advised", {("decision", "policy"): REMOVED})


def _people(name: str, table: Mapping[str, Any]) -> Iterator[Mend]:
    path: Keys = ("candidates", name, "project")
    wanted, there = (value_at(table, ("project", key)) for key in ("engineers", "engineers_in_house"))
    if _are_numbers(wanted, there) and there > wanted:
        label = f"{name}: set the engineers in house to {wanted:g} too"
        yield Mend(label, {(*path, "engineers_in_house"): wanted})


def _fleet(name: str, table: Mapping[str, Any]) -> Iterator[Mend]:
    path: Keys = ("candidates", name, "fleet")
    for most in ("max_replicas", "fixed_replicas"):
        highest, reserved = (value_at(table, ("fleet", key)) for key in (most, "reserved_replicas"))
        if _are_numbers(highest, reserved) and reserved > highest:
            yield Mend(f"{name}: reserve {highest:g} replicas too", {(*path, "reserved_replicas"): highest})


def _are_numbers(*values: Any) -> bool:
    return all(isinstance(value, int | float) and not isinstance(value, bool) for value in values)


def draw_mends(tree: Tree) -> None:
    """A button for each."""
    for number, mend in enumerate(mends(tree)):
        st.button(
            plain(mend.label),
            icon=":material/build:",
            key=f"mend {number}",
            type="primary",
            on_click=session.edit,
            args=(mend.values,),
        )
