"""What-ifs: suppositions laid over a scenario without becoming part of it, each switched on and off by itself.

They stand beside the changes of a draft, so the numbers at the left stay as they are, and travel in the link.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from switchpoint.scenario.errors import Keys
from switchpoint.text import day, percent
from switchpoint.ui.draft_changes import Changes, Tree, merge_changes, value_at

PRICE, USAGE, GROWTH, HIRING, LABEL, START = "price", "usage", "growth", "hiring", "label", "start"
KINDS = {
    PRICE: "Prices change from a day",
    USAGE: "Usage is multiplied from a day",
    GROWTH: "Growth slows to",
    HIRING: "Hiring takes",
    LABEL: "Label from today",
    START: "Start on a day",
}
REPEATED = (PRICE, USAGE)
"""Kinds of which there may be several."""
DATED = (PRICE, USAGE, START)
MEASURED = {PRICE: (-1.0, 10.0), USAGE: (0.0, 1_000.0), GROWTH: (-0.5, 2.0), HIRING: (0.0, 520.0)}
"""Kinds that have a size, and its bounds: a share, a factor, a share a month, weeks."""
MOST = 12
LEVEL_OF_NONE = 1_000
"""Requests a day of a scenario whose curve said them, once growth is by the month."""


class NoWhatIfError(ValueError):
    """What was read from an address is no what-if."""


@dataclass(frozen=True)
class WhatIf:
    """One supposition: its kind, its size, its day, and whether it holds now."""

    kind: str
    size: float | None = None
    when: date | None = None
    on: bool = True

    def __post_init__(self) -> None:
        sized, dated = self.kind in MEASURED, self.kind in DATED
        if self.kind not in KINDS or sized != (self.size is not None) or dated != (self.when is not None):
            raise NoWhatIfError(self.kind)
        if self.size is not None and not MEASURED[self.kind][0] <= self.size <= MEASURED[self.kind][1]:
            raise NoWhatIfError(f"{self.kind} of {self.size}")

    @property
    def label(self) -> str:
        """What it supposes, in a few words."""
        size = self.size or 0.0
        match self.kind:
            case "price":
                return f"Prices {with_sign(size)} from {_day_words(self.when)}"
            case "usage":
                return f"Usage ×{size:g} from {_day_words(self.when)}"
            case "growth":
                return f"Growth slows to {percent(size)} a month"
            case "hiring":
                return f"Hiring takes {size:g} weeks"
            case "label":
                return "Label from today"
            case _:
                return f"Start on {_day_words(self.when)}"

    def as_row(self) -> dict[str, Any]:
        """As plain values, for an address."""
        stated = {"kind": self.kind, "size": self.size, "when": self.when, "on": self.on}
        return {key: value for key, value in stated.items() if value is not None}

    @classmethod
    def of_row(cls, row: object) -> WhatIf:
        """From plain values of anyone.

        Raises:
            NoWhatIfError: where they are none.
        """
        if not isinstance(row, Mapping) or not set(row) <= {"kind", "size", "when", "on"}:
            raise NoWhatIfError("no table")
        kind, size, when, on = (row.get(key) for key in ("kind", "size", "when", "on"))
        number = isinstance(size, int | float) and not isinstance(size, bool)
        if not isinstance(kind, str) or not isinstance(on, bool) or not (size is None or number):
            raise NoWhatIfError("not its values")
        if not (when is None or isinstance(when, date)):
            raise NoWhatIfError("no day")
        return cls(kind, None if size is None else float(size), when, on)


def with_sign(share: float) -> str:
    """A change in percent with its sign.

    >>> with_sign(-0.3), with_sign(0.125)
    ('-30 %', '+12 %')
    """
    return f"{'-' if share < 0 else '+'}{percent(abs(share))}"


def _day_words(when: date | None) -> str:
    return day(when) if when is not None else "no day"


def suppose(tree: Tree, what_ifs: Sequence[WhatIf]) -> dict[str, Any]:
    """A tree with what holds of some what-ifs laid over it, in their order."""
    result = merge_changes(tree, {})
    for each in what_ifs:
        if each.on:
            result = merge_changes(result, _changes(each, result))
    return result


def has_effect(tree: Tree, what_if: WhatIf) -> bool:
    """Whether it changes anything in a scenario: nobody may have to be hired, nothing to be labelled."""
    return bool(_changes(what_if, tree))


def _changes(what_if: WhatIf, tree: Tree) -> Changes:
    size = what_if.size or 0.0
    match what_if.kind:
        case "price":
            return _one_more(tree, ("current", "price_changes"), {"date": what_if.when, "factor": round(1 + size, 9)})
        case "usage":
            return _one_more(tree, ("usage", "events"), {"date": what_if.when, "factor": size})
        case "growth":
            return _growth(tree, size)
        case "hiring":
            return {(*path, "hiring_weeks"): size for path, project in _projects(tree) if _hires(project)}
        case "label":
            return {(*path, "labelling"): "from-start" for path, project in _projects(tree) if project.get("examples")}
        case _:
            return {("decision", "policy"): what_if.when}


def _one_more(tree: Tree, path: Keys, entry: dict[str, Any]) -> Changes:
    found = value_at(tree, path)
    return {path: [*(found if isinstance(found, list) else []), entry]}


def _growth(tree: Tree, rate: float) -> Changes:
    """Another rate of growth by the month; a curve that has none becomes one that does."""
    at: Keys = ("usage", "growth")
    growth = value_at(tree, at)
    stated = dict(growth) if isinstance(growth, Mapping) else {}
    curve = stated.get("curve", "compound" if "per_month" in stated else "constant")
    if curve in ("compound", "logistic"):
        return {(*at, "per_month"): rate}
    wander = {"wander": stated["wander"]} if "wander" in stated else {}
    of_level: Keys = ("usage", "requests_per_day")
    level: dict[Keys, Any] = {} if value_at(tree, of_level) else {of_level: LEVEL_OF_NONE}
    return {**level, at: {"curve": "compound", "per_month": rate, **wander}}


def _projects(tree: Tree) -> Iterator[tuple[Keys, Mapping[str, Any]]]:
    candidates = tree.get("candidates")
    for name, table in (candidates if isinstance(candidates, Mapping) else {}).items():
        project = table.get("project") if isinstance(table, Mapping) else None
        if isinstance(project, Mapping):
            yield ("candidates", name, "project"), project


def _hires(project: Mapping[str, Any]) -> bool:
    """Whether somebody has to be found for it."""
    there, wanted = project.get("engineers_in_house"), project.get("engineers", 0)
    return isinstance(there, int | float) and isinstance(wanted, int | float) and there < wanted
