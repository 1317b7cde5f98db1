"""Start from your bill: a scenario of one's own from the few numbers that everybody knows."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from functools import partial
from typing import Any

import streamlit as st

from switchpoint.catalog import CatalogError
from switchpoint.catalog.library_prices import providers
from switchpoint.catalog.token_prices import price_lists, stale
from switchpoint.errors import CannotCompute
from switchpoint.horizon import MONTH_DAYS
from switchpoint.ranking.bill_text import FEW, bill_scenario_text
from switchpoint.ranking.from_bill import BillScenario, KnownOfBill, scenario_from_bill
from switchpoint.ranking.rank import rank
from switchpoint.scenario.growth_words import growth_in_words, growth_per_month
from switchpoint.text import usd
from switchpoint.ui import session
from switchpoint.ui.library import open_text
from switchpoint.ui.session import close_dialog
from switchpoint.ui.widgets import faults, number_format_note, plain, sentence_case

NAME = "From your bill"
RESELLERS = ("openrouter", "huggingface", "github", "cursor")
"""Providers whose models are sold by others too are left out of the search."""
NO_LIMIT, IN_DOLLARS, IN_SHARE = "none", "dollars a month", "share of revenue"
LOOKING = "Looking through the catalogue, and simulating what replicas carry …"
SUGGESTED = "openai · gpt-5.4-mini"


@st.cache_resource(show_spinner=False)
def priced_models(day: date) -> Mapping[str, tuple[str, str]]:
    """Provider and model of every price that was compared lately, by what is searched: both, with their prices."""
    asked = [key for key in providers() if not key.startswith(RESELLERS)]
    found = {}
    for price in price_lists(asked, day):
        first = price.tiers[0].price
        if price.checked is None or stale(price, day) or not first.output:
            continue
        label = f"{price.provider} · {price.model} (${first.input:g} in, ${first.output:g} out)"
        found[label] = price.provider, price.model
    return found


@st.dialog("Start from your bill", width="large", icon=":material/receipt_long:", on_dismiss=close_dialog)
def bill_dialog() -> None:
    """Ask for what is known; two of bill, volume and tokens are enough."""
    st.caption(
        "Two of the bill, the requests a day and the tokens of a request are enough: the third follows. Everything "
        "else is assumed, and listed first in the answer. Nothing leaves this machine."
    )
    known = _ask()
    if known is None:
        return
    if st.button("Show my answer", type="primary", icon=":material/event_upcoming:", key="bill answer"):
        _answer(known)


def _ask() -> KnownOfBill | None:
    """What was typed; None after saying what is wrong with it."""
    models = priced_models(date.today())
    labels = list(models)
    suggested = next((place for place, label in enumerate(labels) if label.startswith(SUGGESTED)), None)
    chosen = st.selectbox(
        "Provider and model that you pay today",
        labels,
        index=suggested,
        placeholder="Type part of its name",
        key="bill model",
        help="Dollars are per million tokens. Type any part of provider or model.",
    )
    with st.grid("auto", min_column_width=200, gap="small"):
        bill = _number("Bill a month, $", "bill usd", 500.0)
        requests = _number("Requests a day", "bill requests", 1000.0)
        growth = st.text_input(
            "Growth", key="bill growth", placeholder="10 % a month, doubling every 8 months", help="Left empty: none."
        )
        revenue = _number("Revenue a month, $", "bill revenue", 1000.0)
    number_format_note()
    _echo(bill, requests, revenue)
    inputs, outputs = _tokens()
    limits = _limit()
    rate = _growth(growth)
    if chosen is None or rate is None:
        return None
    provider, model = models[chosen]
    return KnownOfBill(
        provider=provider,
        model=model,
        bill_usd_per_month=bill,
        requests_per_day=requests,
        input_tokens=inputs,
        output_tokens=outputs,
        growth_per_month=rate if growth.strip() else None,
        revenue_usd_per_month=revenue,
        **limits,
    )


def _echo(bill: float | None, requests: float | None, revenue: float | None) -> None:
    """Say what was typed as it was understood, so that 14.000 for 14,000 is seen before the answer."""
    told = [
        f"${bill:,.10g} a month" if bill else "",
        f"{requests:,.10g} requests a day" if requests else "",
        f"{_small(bill / requests / MONTH_DAYS)} a request" if bill and requests else "",
        f"${revenue:,.10g} of revenue a month" if revenue else "",
    ]
    if any(told):
        st.caption(plain(f"That is {'; '.join(filter(None, told))}."))


def _small(amount: float) -> str:
    return f"${amount:.2g}" if amount < 1 else usd(amount)


def _number(label: str, key: str, step: float, help_: str | None = None) -> float | None:
    """A number that may be left out; nothing and 0 are the same."""
    found: float | None = st.number_input(
        label, min_value=0.0, max_value=1e12, value=None, step=step, format="%.10g", key=key, help=help_
    )
    return found or None


def _tokens() -> tuple[float | None, float | None]:
    with st.expander("Tokens of a request, if you know them", icon=":material/data_object:"):
        st.caption("Leave these empty where bill and requests a day are known.")
        with st.grid("auto", min_column_width=200, gap="small"):
            inputs = _number("Input tokens of a request", "bill input", 100.0)
            outputs = _number("Output tokens of a request", "bill output", 50.0)
    return inputs, outputs


def _limit() -> dict[str, Any]:
    kind = st.segmented_control(
        "What would be too much?",
        [NO_LIMIT, IN_DOLLARS, IN_SHARE],
        default=NO_LIMIT,
        key="bill limit kind",
        help="The limit: where the bill starts to threaten what you earn. Without one the answer is about money alone.",
    )
    if kind == IN_DOLLARS:
        return {"limit_usd_per_month": _number("The bill may be at most, $ a month", "bill limit", 500.0)}
    if kind == IN_SHARE:
        share = st.number_input("The bill may be at most, % of revenue", 0.1, 1000.0, 15.0, 1.0, key="bill share")
        return {"limit_share_of_revenue": float(share) / 100}
    return {}


def _growth(text: str) -> float | None:
    if not text.strip():
        return 0.0
    try:
        rate = growth_per_month(text)
    except ValueError as fault:
        faults("Growth is not understood", [f"Growth: {fault}"])
        return None
    st.caption(plain(f"Growth: {growth_in_words(rate)}."))
    return rate


def _answer(known: KnownOfBill) -> None:
    """Make the scenario with its candidates, and work on it from now on."""
    bar = st.progress(0.0, text=LOOKING)
    try:
        made = scenario_from_bill(NAME, known)
        ranking = rank(made.scenario, progress=partial(_tell, bar), simulated=FEW)
    except (CannotCompute, CatalogError) as problem:
        bar.empty()
        faults("That is not enough yet", [sentence_case(_message(problem))])
        return
    _take(made, bill_scenario_text(made, ranking)[0])


def _tell(bar: Any, share: float) -> None:
    bar.progress(min(share, 1.0), text=LOOKING)


def _message(problem: CannotCompute | CatalogError) -> str:
    return problem.message if isinstance(problem, CannotCompute) else str(problem)


def _take(made: BillScenario, text: str) -> None:
    opened = open_text(text, f"{made.name}.toml")
    if opened.faults:
        faults("That makes no scenario", opened.faults)
        return
    session.take_file(opened)
    close_dialog()
    st.rerun()
