"""A fit put into a scenario file, comments kept; or a new scenario made of it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date, timedelta
from typing import Any

from switchpoint.catalog import CatalogError
from switchpoint.catalog.price_types import TokenPrice
from switchpoint.horizon import MONTH_DAYS
from switchpoint.owndata.bill_price import CLOSE, scaled_price, stated_price
from switchpoint.owndata.own_fit import RETRIES, OwnFit
from switchpoint.owndata.usage_numbers import belief_of
from switchpoint.scenario.access import NO_FILES, Disk
from switchpoint.scenario.current import Current, CurrentRoute
from switchpoint.scenario.errors import Fault, Keys, ScenarioError, dotted_path
from switchpoint.scenario.load import Loaded, load_text
from switchpoint.scenario.schema import Scenario
from switchpoint.scenario.toml_writer import REMOVED, remark_text, text_of, update_text
from switchpoint.scenario.uncertain import num, plain
from switchpoint.simulation.prices import listed_price
from switchpoint.text import count, day

FITTED = "fitted to "
"""How the remark on every fitted value begins."""
MONTHS = 36
LARGEST_PRICE = 1e6
"""Dollars per million tokens that a scenario may state."""
OF_OTHER_CURVES = ("fade_per_month", "ceiling", "innovation", "imitation", "market", "points", "file", "per_month")
OF_THE_BILL = ("yours: ", "assumed: ", "from your bill: ")
"""How remarks of `switchpoint new --bill` begin: of a fitted value they no longer hold."""
OF_A_LIST_PRICE = ("as_of", "service_tier")
BLEND = "input and output at one price, their blend, since these files tell no more; "
TWO_FIELDS = ("input_tokens", "output_tokens")
"""What a scenario needs of a request."""

Changes = dict[Keys, Any]


def fitted_text(fit: OwnFit, loaded: Loaded) -> str:
    """The text of a scenario with the usage and the price of its fit; comments and all else stay.

    Args:
        fit: made for this scenario.
        loaded: the scenario with its file.

    Raises:
        ScenarioError: where the files lack what a scenario needs, or it cannot be read with the fitted numbers.
    """
    changes = fitted_changes(fit, loaded.scenario)
    _refuse_what_cannot_be(fit, changes)
    text = update_text(loaded.text, dict(_told_in(loaded, changes)))
    remarks = {path: remark_of(fit) for path, value in changes.items() if value is not REMOVED}
    text = remark_text(text, remarks, FITTED, *OF_THE_BILL, of_lines=True)
    load_text(text, loaded.name, files=Disk())
    return text


def taken_out(fit: OwnFit, changes: Changes, tree: Any) -> list[str]:
    """What a fit takes out of a scenario, and why: no value goes without a word.

    Args:
        fit: of the files.
        changes: what it changes.
        tree: plain values of the scenario.
    """
    return [
        f"taken out: {dotted_path(path)}{_what_stood_there(tree, path)}, {_why_gone(path, fit)}"
        for path, value in changes.items()
        if value is REMOVED and at_tree(tree, path)
    ]


def _what_stood_there(tree: Any, path: Keys) -> str:
    for key in path:
        tree = tree[key]
    dated = tree if isinstance(tree, list) else [tree]
    days = [each["date"] for each in dated if isinstance(each, Mapping) and isinstance(each.get("date"), date)]
    if days:
        return f" ({', '.join(map(day, days))})"
    if isinstance(tree, date):
        return f" = {tree.isoformat()}"
    return f" = {tree}" if isinstance(tree, (str, int, float)) else ""


def _why_gone(path: Keys, fit: OwnFit) -> str:
    if path[:2] == ("usage", "growth"):
        return "which belongs to another curve than the fitted one"
    if path[-1] in OF_A_LIST_PRICE:
        return "since the price is what was billed"
    return f"before {day(fit.start)}, the first day now"


def fitted_scenario(fit: OwnFit, loaded: Loaded) -> Loaded:
    """The scenario with the usage and the price of its fit, what was set for this run included, read anew.

    Raises:
        ScenarioError: as `fitted_text`.
    """
    changes = fitted_changes(fit, loaded.scenario)
    _refuse_what_cannot_be(fit, changes)
    text = update_text(text_of(loaded.tree), dict(_told_in(loaded, changes)))
    return load_text(text, loaded.name, files=Disk())


def remark_of(fit: OwnFit) -> str:
    """What stands behind a fitted value: from what, and of when."""
    first, last = fit.history.first_day, fit.history.last_day
    files = f"{fit.read.files} file{'s' * (fit.read.files != 1)}"
    return f"{FITTED}{files} ({fit.read.format}), {day(first)} to {day(last)}"


def fitted_changes(fit: OwnFit, scenario: Scenario) -> Changes:
    """What a fit changes in a scenario, by path; None takes a value out."""
    changes: Changes = dict(fit.usage.numbers.values)
    if ("usage", "growth", "curve") in changes:
        kept = {path[-1] for path in changes}
        changes |= {("usage", "growth", key): REMOVED for key in OF_OTHER_CURVES if key not in kept}
    changes |= _moved_start(fit, scenario) | _retries(fit)
    changes |= effective_prices(fit, scenario.current)
    return changes


def _retries(fit: OwnFit) -> Changes:
    """The share of tries that failed, where the files tell it."""
    told = fit.retries
    if told is None:
        return {}
    ends = (float(f"{each:.4g}") for each in (told.low, told.middle, told.high))
    return {RETRIES: plain(belief_of(*ends))}


def _moved_start(fit: OwnFit, scenario: Scenario) -> Changes:
    """Where the scenario begins on another day: its start, its revenue as of then, and no events that the days already
    show."""
    if fit.start == scenario.start:
        return {}
    months = (fit.start - scenario.start).days / MONTH_DAYS
    changes: Changes = {("start",): fit.start}
    revenue = scenario.revenue
    if num(revenue.usd_per_month) and num(revenue.growth_per_month):
        grown = num(revenue.usd_per_month) * (1 + num(revenue.growth_per_month)) ** months
        changes[("revenue", "usd_per_month")] = float(f"{grown:.6g}")
    changes |= _without_past(("usage", "events"), [event.date for event in scenario.usage.events], fit.start)
    if isinstance(scenario.decision.policy, date) and scenario.decision.policy < fit.start:
        changes[("decision", "policy")] = REMOVED
    return changes


def _without_past(path: Keys, dates: list[date], start: date) -> Changes:
    """Entries of a list that lie before a start, the last first, so that places stay what they are."""
    past = [place for place, when in enumerate(dates) if when < start]
    if past and len(past) == len(dates):
        return {path: REMOVED}
    return {(*path, place): REMOVED for place in reversed(past)}


def with_whole_lists(changes: Changes, tree: Mapping[str, Any]) -> Changes:
    """The same changes with lists as a whole, instead of entries that are taken out of them.

    Args:
        changes: what a fit changes.
        tree: plain values of the scenario.
    """
    told = {path: value for path, value in changes.items() if not isinstance(path[-1], int)}
    for path in {path[:-1] for path in changes if isinstance(path[-1], int)}:
        gone = {each[-1] for each in changes if each[:-1] == path}
        entries: Any = tree
        for key in path:
            entries = entries[key]
        told[path] = [entry for place, entry in enumerate(entries) if place not in gone]
    return told


def effective_prices(fit: OwnFit, current: CurrentRoute) -> Changes:
    """Token prices of the current route as they were billed, and no changes that they hold already.

    No prices where they are those of the scenario; nothing where fees or commitments are a part of the bill too, or it
    is not paid by the token.
    """
    if not isinstance(current, Current):
        return {}
    known, ratio = _own_price(fit, current), effective_ratio(fit, current)
    if known is None or ratio is None:
        return {}
    # The price of the last days holds every change that came before their end; one that is still ahead stays.
    past = [change.date for change in current.price_changes]
    shown = _without_past(("current", "price_changes"), past, fit.history.last_day + timedelta(days=1))
    if abs(ratio - 1) <= CLOSE:
        return shown
    at: Keys = ("current", "usd_per_mtok")
    scaled: Changes = {(*at, kind): price for kind, price in scaled_price(known, ratio).items()}
    changes: Changes = {("current", name): REMOVED for name in OF_A_LIST_PRICE}
    return changes | scaled | shown


def effective_ratio(fit: OwnFit, current: CurrentRoute) -> float | None:
    """What was billed over what the scenario's prices ask for the same tokens; None where that cannot be told."""
    if not isinstance(current, Current) or current.endpoint is not None:
        return None
    known = _own_price(fit, current)
    asked = None if known is None else fit.price.price_asked(known)
    if fit.price.effective is None or not asked or _has_fees(current):
        return None
    return fit.price.effective / asked


def _has_fees(current: Current) -> bool:
    return bool(num(current.usd_per_month) or current.commitments or num(current.usd_per_request))


def _own_price(fit: OwnFit, current: Current) -> TokenPrice | None:
    """The price that the scenario reckons with, without batch discount."""
    stated = stated_price(current)
    if stated is not None:
        return stated
    try:
        listed = listed_price(current, min(fit.start, date.today()))
    except CatalogError:
        return None
    return None if listed is None else listed.at(fit.price.input_tokens_a_request)


def _told_in(loaded: Loaded, changes: Mapping[Keys, Any]) -> Iterator[tuple[Keys, Any]]:
    """The changes that the text needs: nothing is taken out that it does not hold."""
    for path, value in changes.items():
        if value is not REMOVED or at_tree(loaded.tree, path):
            yield path, value


def at_tree(tree: Any, path: Keys) -> bool:
    """Whether a tree of plain values holds a path."""
    for key in path:
        inside = isinstance(tree, Mapping) and key in tree
        if not inside and not (isinstance(tree, list) and isinstance(key, int) and key < len(tree)):
            return False
        tree = tree[key]
    return True


NO_USAGE = "no file counts requests or tokens; give one of tokens beside them"


def has_usage(fit: OwnFit) -> bool:
    """Whether the files say anything of usage, and not of money alone."""
    return any(path[0] == "usage" for path in fit.usage.numbers.values)


def _refuse_what_cannot_be(fit: OwnFit, changes: Changes) -> None:
    prices = [value for path, value in changes.items() if path[:-1] == ("current", "usd_per_mtok")]
    if any(price > LARGEST_PRICE for price in prices):
        raise ScenarioError([Fault("files", 1, "cost_usd", f"no price can be made of it: {fit.price.unit_doubt}")])
    if not has_usage(fit):
        raise ScenarioError([Fault("files", 1, "usage", f"there is none to write: {NO_USAGE}")])


def new_text(fit: OwnFit, name: str) -> str:
    """A new scenario made of a fit, without a limit and without candidates.

    Raises:
        ScenarioError: where the files lack the tokens of a request, or the price.
    """
    usage, lacks = fit.usage.numbers.tree, []
    missing = [each.replace("_", " ") for each in TWO_FIELDS if each not in usage]
    if missing:
        lacks.append(
            Fault("files", 1, "usage", f"a scenario needs {' and '.join(missing)} a request; no file has them")
        )
    current = _new_route(fit)
    if current is None:
        message = "a scenario needs a price: neither dollars with tokens nor a model that the catalogue lists are there"
        lacks.append(Fault("files", 1, "current", message))
    if lacks:
        raise ScenarioError(lacks)
    tree = {
        "name": name,
        "summary": f"Usage of {count(fit.history.days)} days, fitted; add revenue, a limit and candidates",
        "start": fit.start,
        "months": MONTHS,
        "usage": usage,
        "current": current,
    }
    text = text_of(tree)
    remarks = {path: remark_of(fit) for path in fit.usage.numbers.values}
    if _is_blend(fit):
        remarks["current", "usd_per_mtok", "input"] = f"{BLEND}{remark_of(fit)}"
    text = remark_text(text, remarks, FITTED, of_lines=True)
    load_text(text, f"{name}.toml", files=NO_FILES)
    return text


def _new_route(fit: OwnFit) -> dict[str, Any] | None:
    route = _priced_route(fit)
    told = {path[-1]: value for path, value in _retries(fit).items() if value}
    return None if route is None else route | {str(name): value for name, value in told.items()}


def _is_blend(fit: OwnFit) -> bool:
    """Whether what was billed gives one price for all kinds of tokens, because no list tells them apart."""
    return fit.price.main_model[1] is None


def _priced_route(fit: OwnFit) -> dict[str, Any] | None:
    _, listed = fit.price.main_model
    effective = fit.price.effective
    if listed is None:
        if effective is None:
            return None
        price = float(f"{effective:.4g}")
        return {"usd_per_mtok": {"input": price, "output": price}}
    gap = fit.price.gap
    if gap is None or abs(gap) <= CLOSE:
        return {"provider": listed.provider, "model": listed.model}
    price_now = listed.at(fit.price.input_tokens_a_request)
    return {
        "provider": listed.provider,
        "model": listed.model,
        "usd_per_mtok": scaled_price(price_now, 1 + gap),
    }
