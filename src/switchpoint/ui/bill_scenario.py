"""Start from your bill: the dialog that makes a scenario of it, and the list of what that rests on."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from functools import partial
from typing import Any

import streamlit as st
from pydantic.fields import FieldInfo

from switchpoint.catalog import CatalogError
from switchpoint.catalog.library_prices import providers
from switchpoint.catalog.token_prices import price_lists, stale
from switchpoint.errors import CannotCompute
from switchpoint.horizon import MONTH_DAYS
from switchpoint.ranking.from_bill import BillScenario, KnownOfBill, scenario_from_bill
from switchpoint.ranking.rank import rank
from switchpoint.ranking.scenario_text import FEW, LABELS, bill_scenario_text
from switchpoint.scenario.errors import Keys, dotted_path
from switchpoint.scenario.introspection import bounds_of, field_at, unit_of
from switchpoint.scenario.labels import spoken
from switchpoint.scenario.usage import growth_in_words, growth_per_month
from switchpoint.text import usd
from switchpoint.ui import session
from switchpoint.ui.draft_changes import value_at
from switchpoint.ui.library import open_text
from switchpoint.ui.session import View, close_dialog
from switchpoint.ui.whose_number import file_remarks, head_note
from switchpoint.ui.widgets import faults, fold, if_shown, key_shown, number_format_note, plain, sentence_case

# Start from your bill ------------------------------------------------------------------------------------------------

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


def _number(label: str, key: str, step: float) -> float | None:
    """A number that may be left out; nothing and 0 are the same."""
    found: float | None = st.number_input(
        label, min_value=0.0, max_value=1e12, value=None, step=step, format="%.10g", key=key
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


# Whose number --------------------------------------------------------------------------------------------------------

MARKS = {
    "yours": ":blue-badge[yours]",
    "from your bill": ":violet-badge[from your bill]",
    "assumed": ":orange-badge[assumed]",
    "assumption": ":orange-badge[assumed]",
    "priced from the catalogue": ":green-badge[from the catalogue]",
    "from the catalogue": ":green-badge[from the catalogue]",
}
"""What a remark begins with, and how it is marked."""
ORDER = ("assumed", "assumption", "from your bill", "yours")
"""What is listed, in this order: what may be wrong comes first."""
UNITS: dict[Keys, str] = {("months",): ", months"}
GROWTH: Keys = ("usage", "growth", "per_month")
CHANGED = ":blue-badge[yours]"
MOST_IN_CANDIDATES = ("coverage",)
"""Fields of candidates that are listed; their projects stand on the Assumptions page."""


@dataclass(frozen=True)
class MarkedInput:
    """One number with whose it is."""

    path: Keys
    origin: str
    words: str


def is_from_bill(view: View) -> bool:
    """Whether the scenario says of its numbers whose they are, as one from a bill does."""
    if view.loaded is None:
        return False
    return head_note(view.loaded.text).startswith("From a bill.") or any(
        text.startswith("from your bill") for text in file_remarks(view.loaded).values()
    )


def marked_inputs(view: View) -> list[MarkedInput]:
    """The inputs whose remark says whose they are, what is assumed first."""
    if view.loaded is None:
        return []
    told = file_remarks(view.loaded)
    found = [_marked_input(path, told.get(dotted_path(path), "")) for path in view.loaded.source.places if path]
    listed = [each for each in found if each is not None and _is_listed(each.path)]
    return sorted(listed, key=lambda each: ORDER.index(each.origin))


def _marked_input(path: Keys, remark: str) -> MarkedInput | None:
    origin = next((each for each in ORDER if remark.startswith(each)), None)
    if origin is None:
        return None
    return MarkedInput(path, origin, remark.removeprefix(origin).lstrip(": "))


def _is_listed(path: Keys) -> bool:
    if path[0] == "candidates":
        return path[-1] in MOST_IN_CANDIDATES
    return tuple(map(str, path)) in LABELS


def bill_assumptions(view: View) -> None:
    """The list, where the scenario was made from a bill."""
    if not is_from_bill(view):
        return
    shown = marked_inputs(view)
    theirs = [each for each in shown if each.origin == "yours"]
    numbers = [each for each in shown if each not in theirs and is_number(view, each.path)]
    assumed = sum(_mark(view, each) == MARKS["assumed"] for each in shown)
    title = f"What this answer rests on: {assumed} of its inputs are assumed"
    box = fold(title, "rests on", ":material/rule:", expanded=True)
    if box.open:
        with box:
            with st.grid("auto", min_column_width=205, gap="small"):
                for each in numbers:
                    _editor(view, each)
            rest = [each for each in shown if each not in numbers and each not in theirs]
            st.markdown("  \n".join([*(_line(view, each) for each in rest), _theirs(view, theirs)]))


def _theirs(view: View, shown: list[MarkedInput]) -> str:
    """What the user stated, in one line; it is changed at the left."""
    said = "; ".join(_named_value(_label(each.path).lower(), _value(view, each.path)) for each in shown)
    return f"{MARKS['yours']} :small[{plain(said)}]"


def _named_value(label: str, value: str) -> str:
    """A number with its name, which its unit may say already.

    >>> _named_value("requests a day", "30,000 requests a day"), _named_value("limit", "15 % of revenue")
    ('30,000 requests a day', 'limit 15 % of revenue')
    """
    return value if value.endswith(label) else f"{label} {value}"


def _value(view: View, path: Keys) -> str:
    value = value_at(view.tree, path)
    return (
        growth_in_words(value)
        if path == GROWTH and isinstance(value, float)
        else spoken(value, field_at(path, view.tree))
    )


def is_number(view: View, path: Keys) -> bool:
    """Whether one number stands there, which can be changed here."""
    value = value_at(view.tree, path)
    return isinstance(value, (int, float)) and not isinstance(value, bool) and field_at(path, view.tree) is not None


def _mark(view: View, marked: MarkedInput) -> str:
    return CHANGED if marked.path in view.draft.changes else MARKS[marked.origin]


def _line(view: View, marked: MarkedInput) -> str:
    """What is no number, as a line: changed on the Assumptions page."""
    said = f"{_label(marked.path)}: {_value(view, marked.path)} ({marked.words})"
    return f"{_mark(view, marked)} :small[{plain(said)}]"


def _label(path: Keys) -> str:
    if path[0] == "candidates":
        return f"{path[1]} answers"
    stated = LABELS.get(tuple(map(str, path)), str(path[-1]).replace("_", " "))
    return f"{stated[:1].upper()}{stated[1:]}"


def _editor(view: View, marked: MarkedInput) -> None:
    """A field for a number, with whose it is and, on asking, why."""
    path, value, field = marked.path, value_at(view.tree, marked.path), field_at(marked.path, view.tree)
    assert field is not None
    is_share = unit_of(field).startswith("share")
    name, scale = f"rests {dotted_path(path)}", 100.0 if is_share else 1.0
    key = key_shown(name, round(float(value) * scale, 9))
    low, high = _ends(field, scale)
    st.number_input(
        f"{plain(_label(path))}{UNITS.get(path, ', %' if is_share else '')} {_mark(view, marked)}",
        min_value=low,
        max_value=high,
        step=_step(float(value) * scale),
        format="%.6g",
        key=key,
        help=plain(marked.words) or None,
        on_change=if_shown(name, key, partial(_change, path, key, scale, path == ("months",))),
    )


def _ends(field: FieldInfo, scale: float) -> tuple[float | None, float | None]:
    bounds = bounds_of(field)
    if bounds is None:
        return (1.0, 240.0) if "months" in unit_of(field) else (None, None)
    low, high = (None if end is None else float(end) * scale for end in (bounds.low, bounds.high))
    return low, high


def _step(value: float) -> float:
    """About a tenth of the value, as a round number."""
    size: float = 10.0 ** max(len(f"{abs(value):.0f}") - 2, 0)
    return size if abs(value) >= 1 else 1.0


def _change(path: Keys, key: str, scale: float, whole: bool) -> None:
    typed = st.session_state[key]
    if typed is not None:
        session.edit({path: round(typed) if whole else round(typed / scale, 12)})
