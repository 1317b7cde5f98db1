"""Amounts in other currencies: `{ eur = 12_000 }` wherever dollars stand, at the rates of `usd_per`."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from switchpoint.scenario.errors import Keys, did_you_mean, either
from switchpoint.scenario.fields import Bounds
from switchpoint.scenario.introspection import bounds_of, field_at, unit_of
from switchpoint.scenario.toml_source import BELIEFS

CODE = re.compile(r"[A-Za-z]{3}")
DIGITS = 12
BELIEF_KEYS = frozenset().union(*BELIEFS)
RATES: Keys = ("usd_per",)


def in_dollars(tree: Any) -> tuple[Any, list[tuple[Keys, str]]]:
    """The tree of a scenario with every amount in dollars, and what cannot be converted.

    >>> in_dollars({"usd_per": {"EUR": 1.1}, "limit": {"usd_per_month": {"eur": 10_000}}})[0]["limit"]
    {'usd_per_month': 11000.0}
    """
    rates = _rates(tree)
    faults: list[tuple[Keys, str]] = []

    def convert(raw: Any, path: Keys) -> Any:
        if path == RATES:
            return raw
        found = _amount(raw, path, tree)
        if found is not None:
            code, amount = found
            faults.extend((path, fault) for fault in _faults(code, path, tree, rates))
            return _times(amount, rates.get(code, 1.0))
        if isinstance(raw, dict):
            return {key: convert(value, (*path, key)) for key, value in raw.items()}
        return [convert(value, (*path, i)) for i, value in enumerate(raw)] if isinstance(raw, list) else raw

    return convert(tree, ()), faults


def _rates(tree: Any) -> Mapping[str, float]:
    stated = tree.get("usd_per") if isinstance(tree, Mapping) else None
    if not isinstance(stated, Mapping):
        return {}
    plain = {str(code).upper(): rate for code, rate in stated.items() if isinstance(rate, (int, float))}
    return {code: float(rate) for code, rate in plain.items() if Bounds(above=0, high=1e6).allows(float(rate))}


def _amount(raw: Any, path: Keys, tree: Any) -> tuple[str, Any] | None:
    """Currency and amount of a table such as `{ eur = 12_000 }` that stands where one number is due."""
    if not isinstance(raw, dict) or len(raw) != 1:
        return None
    ((code, amount),) = raw.items()
    if not CODE.fullmatch(code) or code in BELIEF_KEYS:
        return None
    field = field_at(path, tree) if path else None
    return (code.upper(), amount) if field is not None and bounds_of(field) is not None else None


def _faults(code: str, path: Keys, tree: Any, rates: Mapping[str, float]) -> Iterator[str]:
    field = field_at(path, tree)
    if field is not None and not unit_of(field).startswith("$"):
        yield f"is no amount of money; got one in {code}"
    elif code not in rates:
        known = f"; there is {either(rates)}" if rates else ""
        yield f"needs the value of a {code} in dollars: usd_per = {{ {code} = … }}{known}{did_you_mean(code, rates)}"


def _times(amount: Any, rate: float) -> Any:
    """An amount in dollars: a number, or a belief whose numbers are converted and whose weights are not."""
    if isinstance(amount, bool) or not isinstance(amount, (int, float, dict, list)):
        return amount
    if isinstance(amount, dict):
        return {key: value if key == "weights" else _times(value, rate) for key, value in amount.items()}
    if isinstance(amount, list):
        return [_times(value, rate) for value in amount]
    return float(f"{amount * rate:.{DIGITS}g}")


def rate_words(code: str, rate: float) -> str:
    """A rate as a person says it.

    >>> rate_words("EUR", 1.08)
    '1 EUR = $1.08'
    """
    return f"1 {code} = ${rate:.6g}"
