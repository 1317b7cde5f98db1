"""Provider and model chosen together: one list of the catalogue to search, and what a choice sets in a scenario."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date
from functools import lru_cache
from typing import Any

import streamlit as st

from switchpoint.catalog import CatalogError, PriceRow, route_price, search_prices
from switchpoint.catalog.token_prices import TOO_OLD, stale
from switchpoint.scenario.errors import Keys
from switchpoint.scenario.labels import price_words
from switchpoint.scenario.routes import PricedRoute, TokenPrices
from switchpoint.scenario.schema import Scenario
from switchpoint.scenario.toml_writer import REMOVED
from switchpoint.scenario.uncertain import num
from switchpoint.scenario.usage import Usage
from switchpoint.text import percent
from switchpoint.ui import session
from switchpoint.ui.draft_changes import value_at
from switchpoint.ui.session import View, close_dialog, dialog_subject, open_dialog
from switchpoint.ui.widgets import finish_dialog, number_format_note, plain

RESELLERS = ("openrouter", "quicksilverpro", "github-copilot", "cursor", "avian")
HOSTS = (
    "baseten",
    "cerebras",
    "cloudflare",
    "databricks",
    "deepseek",
    "doubleword",
    "fireworks",
    "groq",
    "modal",
    "moonshotai",
    "novita",
    "ovhcloud",
    "together",
    "zai",
)
HUB = "huggingface_"
OF_THE_OLD = ("usd_per_mtok", "service_tier", "as_of", "retires_on")
"""What was stated of the model before goes with it."""
CHOSEN = "chosen_model"
PRICED = {"input": "Input", "output": "Output", "cached_input": "Cached input, where it has a price of its own"}


@lru_cache(maxsize=4)
def listed_models(as_of: date) -> tuple[PriceRow, ...]:
    """Every model of the catalogue that is sold on a day, those who sell others' last."""
    rows = [row for row in search_prices("", as_of) if row.retired_on is None or row.retired_on > as_of]
    return tuple(sorted(rows, key=lambda row: (row.provider in RESELLERS, row.provider.startswith(HUB))))


def hosted_models(as_of: date) -> tuple[PriceRow, ...]:
    """The models of those who host open ones."""
    return tuple(row for row in listed_models(as_of) if row.provider in HOSTS or row.provider.startswith(HUB))


def cheaper_models(as_of: date, usage: Usage, than: float) -> tuple[PriceRow, ...]:
    """The models whose tokens cost less for a request than an amount, dollars; those nearest to it first."""
    priced = [(tokens_usd(row, usage), row) for row in listed_models(as_of) if row.provider not in RESELLERS]
    return tuple(row for usd, row in sorted(priced, key=lambda pair: -pair[0]) if 0 < usd < than)


def tokens_usd(row: PriceRow, usage: Usage) -> float:
    """What the tokens of one request cost at a listed price, dollars."""
    cached = num(usage.cached_input_share)
    into = row.input * (1 - cached) + row.cached_input * cached
    return (num(usage.input_tokens) * into + num(usage.output_tokens) * row.output) / 1e6


def current_row(scenario: Scenario) -> PriceRow | None:
    """The listed price of the current route; None where its price is stated."""
    route = scenario.current
    return _row_of(route, scenario.start) if isinstance(route, PricedRoute) else None


def _row_of(route: PricedRoute, start: date) -> PriceRow | None:
    if route.listed_model is None:
        return None
    try:
        price = route_price(*route.listed_model, start)
    except CatalogError:
        return None
    rows = listed_models(start)
    return next((row for row in rows if (row.provider, row.model) == (price.provider, price.model)), None)


def row_words(row: PriceRow) -> str:
    """A listed model in one line: who sells it, what it is called, its prices per million tokens."""
    old = f", price last compared {row.checked:%B %Y}" if row.old and row.checked else ""
    return f"{row.provider} {row.model}: {price_words(row.input)} in, {price_words(row.output)} out{old}"


def route_changes(path: Keys, row: PriceRow, start: date) -> dict[Keys, Any]:
    """What makes a listed model that of a route: both names at once, and nothing of the model before.

    A price that nobody compared for more than a year is taken as of the day of its last comparison, and says so.
    """
    price = route_price(row.provider, row.model, start)
    gone: dict[Keys, Any] = {(*path, name): REMOVED for name in OF_THE_OLD}
    as_of: dict[Keys, Any] = {(*path, "as_of"): price.checked} if stale(price, start, TOO_OLD) else {}
    return gone | as_of | {(*path, "provider"): row.provider, (*path, "model"): row.model}


def pick_model(rows: tuple[PriceRow, ...], label: str, key: str, about: Mapping[str, str] | None = None) -> Any:
    """One list to search, by provider, by model or by price; nothing is chosen at first.

    Args:
        rows: the choices.
        label: of the list.
        key: of the widget.
        about: what is said behind a model, by its words.
    """
    told = {row_words(row): row for row in rows}
    more = about or {}
    chosen = st.selectbox(
        label,
        list(told),
        index=None,
        key=key,
        format_func=lambda words: words + more.get(words, ""),
        placeholder="Type part of its name, such as gpt-5.4 or claude",
    )
    return told.get(chosen) if chosen else None


def shares_less(rows: tuple[PriceRow, ...], usage: Usage, than: float) -> dict[str, str]:
    """By how much the tokens of a request are cheaper than an amount, for each model's words."""
    return {row_words(row): f" ({percent(1 - tokens_usd(row, usage) / than)} less)" for row in rows}


def route_row(view: View, path: Keys) -> None:
    """What a route is priced by, and the button that changes provider and model together."""
    if view.loaded is None:
        return
    stated = [value_at(view.tree, (*path, part)) for part in ("provider", "model")]
    named = " ".join(part for part in stated if isinstance(part, str))
    own = value_at(view.tree, (*path, "usd_per_mtok")) is not REMOVED
    with st.container(horizontal=True, vertical_alignment="center"):
        st.markdown(
            f":small[{plain(named or 'No model named')}{', at your own price' if own else ''}]", width="stretch"
        )
        st.button(
            "Change model",
            icon=":material/swap_horiz:",
            key=f"model of {'.'.join(map(str, path))}",
            on_click=open_dialog,
            args=("model", path),
            help="Provider and model together, from the catalogue.",
        )
        st.button(
            "Own prices",
            icon=":material/sell:",
            key=f"prices of {'.'.join(map(str, path))}",
            on_click=open_dialog,
            args=("prices", path),
            help="Prices of your contract, instead of those of the catalogue.",
        )


@st.dialog("What do you pay?", icon=":material/sell:", on_dismiss=close_dialog)
def prices_dialog() -> None:
    """State prices of a contract for a route, or go back to those of the catalogue."""
    view, path = session.view(), dialog_subject()
    assert view.loaded is not None
    scenario = view.edited or view.loaded.scenario
    route = scenario.current if path == ("current",) else scenario.candidates.get(path[1])
    if not isinstance(route, PricedRoute):
        return
    stated, listed = route.usd_per_mtok, _row_of(route, scenario.start)
    st.caption("Dollars per million tokens, after every discount.")
    number_format_note()
    typed = {part: _price_field(part, label, stated or listed) for part, label in PRICED.items()}
    prices = {part: price for part, price in typed.items() if price is not None}
    changes: dict[Keys, Any] = {}
    with st.container(horizontal=True):
        if st.button("Use them", type="primary", icon=":material/check:", key="use prices"):
            changes = {(*path, "usd_per_mtok"): prices}
        if stated and listed and st.button("Back to the catalogue's", icon=":material/undo:", key="listed prices"):
            changes = {(*path, "usd_per_mtok"): REMOVED}
    if not changes:
        return
    finish_dialog(session.take_values(changes), "These prices cannot be used")


def _price_field(part: str, label: str, known: TokenPrices | PriceRow | None) -> float | None:
    """A price, which begins with what is known of it."""
    held = getattr(known, part, None)
    usual = None if held is None else float(f"{num(held):.6g}")
    found: float | None = st.number_input(label, 0.0, 1e6, usual, 0.1, "%.6g", key=f"own price {part}")
    return found


@st.dialog("Which model?", width="large", icon=":material/search:", on_dismiss=close_dialog)
def model_dialog() -> None:
    """Choose provider and model of a route together."""
    view, path = session.view(), dialog_subject()
    assert view.loaded is not None
    scenario = view.edited or view.loaded.scenario
    rows = listed_models(scenario.start)
    st.caption(f"{len(rows):,} models as priced on the first simulated day, dollars per million tokens.")
    row = pick_model(rows, "Provider and model", CHOSEN)
    if row is not None:
        st.caption(plain(", ".join(_remarks(row))))
    if st.button("Use it", type="primary", icon=":material/check:", key="use model", disabled=row is None) and row:
        finish_dialog(session.take_values(route_changes(path, row, scenario.start)), "This model cannot be used")


def _remarks(row: PriceRow) -> Iterator[str]:
    yield f"cached input {price_words(row.cached_input)}"
    if row.batch_input is not None and row.batch_output is not None:
        yield f"batch {price_words(row.batch_input)} in, {price_words(row.batch_output)} out"
    if row.max_context is not None:
        yield f"up to {row.max_context:,} tokens"
    if row.retired_on is not None:
        yield f"taken away on {row.retired_on:%d %B %Y}".replace(" 0", " ")
    yield f"{row.source}, {row.date}"
