"""What came out of a sweep, one row per point: its inputs, what is advised, from when on, and what that saves."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from functools import cached_property
from typing import Any

import numpy as np

from switchpoint.horizon import Bools, Floats
from switchpoint.scenario.input_names import after_a_number, value_with_unit
from switchpoint.scenario.introspection import field_at, unit_of
from switchpoint.scenario.paths import WrongError, path_steps, targets
from switchpoint.study.sweep.columns import OK
from switchpoint.study.sweep.folder import Folder
from switchpoint.study.sweep.manifest import Manifest
from switchpoint.study.sweep.study_file import SweepError
from switchpoint.text import day

ADVICE = ("verdict.action", "verdict.candidate", "verdict.start_by", "verdict.npv_saving_usd", "verdict.tied")
STAY, NO_REMEDY = "stay", "no-remedy"
EPOCH = date(1970, 1, 1).toordinal()
Texts = Sequence[str | None]


@dataclass(frozen=True)
class VariedInput:
    """One input that varied, with its value in each point; numbers, days since 1970, or texts."""

    name: str
    column: str
    unit: str
    kind: str
    values: tuple[Any, ...]
    log: bool = False
    """Whether equal ratios of it are equal steps."""

    @property
    def has_order(self) -> bool:
        """Whether more and less of it mean something."""
        return self.kind in ("number", "whole", "date")

    @cached_property
    def numbers(self) -> Floats:
        """Its values as numbers; of texts and flags, the place of the value among the distinct ones."""
        if not self.has_order:
            return np.array([self.distinct.index(value) for value in self.values], dtype=np.float64)
        return np.array([_number(value) for value in self.values], dtype=np.float64)

    @cached_property
    def distinct(self) -> list[Any]:
        """The values that occur: numbers and dates from the least up, others as they first came."""
        found = list(dict.fromkeys(self.values))
        return sorted(found) if self.has_order else found

    def with_unit(self, value: Any) -> str:
        """A value with its unit."""
        return self._show_value(value, bare=after_a_number(self.unit) in self.name)

    def at(self, number: float) -> Any:
        """The value that a number stands for: itself, or the date of a day since 1970."""
        return date.fromordinal(round(number) + EPOCH) if self.kind == "date" else float(number)

    def bare(self, value: Any) -> str:
        """A value for an axis that states the unit."""
        return self._show_value(value, bare=True)

    def _show_value(self, value: Any, *, bare: bool) -> str:
        if isinstance(value, date):
            return day(value)
        if isinstance(value, bool) or not isinstance(value, (int, float)):
            return str(value).lower() if isinstance(value, bool) else str(value)
        return value_with_unit(value, self.unit, bare=bare)

    @property
    def title(self) -> str:
        """Its name as an axis begins it, with the unit that the values leave out."""
        per = after_a_number(self.unit)
        return self.name[:1].upper() + self.name[1:] + (f", {per}" if per and per not in self.name else "")


@dataclass(frozen=True)
class Results:
    """The points of a sweep that could be computed. Sequences have one entry for each point."""

    manifest: Manifest
    inputs: tuple[VariedInput, ...]
    points: Sequence[int]
    scenario: Texts
    action: Texts
    candidate: Texts
    tied: Sequence[Sequence[str] | None]
    start_by: Sequence[date | None]
    saving: Floats
    """Present value of what following the advice saves, dollars; 0 where nothing is to be done."""
    failed: int
    """Points that could not be computed."""

    @property
    def planned_points(self) -> int:
        """Points of the whole sweep."""
        return int(self.manifest.content["points"])

    @property
    def candidates(self) -> list[str]:
        """Names of all candidates, in the order of the scenarios."""
        stated = (each["stated"].get("candidates") or {} for each in self.manifest.content["scenarios"].values())
        return list(dict.fromkeys(name for names in stated for name in names))

    @cached_property
    def start_days(self) -> Floats:
        """Start-by dates as days since 1970; NaN for none."""
        return np.array([np.nan if day is None else _number(day) for day in self.start_by], dtype=np.float64)

    @cached_property
    def answer(self) -> list[str]:
        """What is advised: the candidate, where several are, else what to do about the one."""
        acts = {c for a, c in zip(self.action, self.candidate, strict=True) if a not in (STAY, NO_REMEDY)}
        if len(acts) < 2:
            return [str(action) for action in self.action]
        pairs = zip(self.action, self.candidate, strict=True)
        return [str(a if a in (STAY, NO_REMEDY) else c) for a, c in pairs]

    @cached_property
    def other(self) -> Bools:
        """Where another answer is right than in the base case of the same scenario; one that ties with it is not."""
        return np.array([self._differs(place) for place in range(len(self.points))], dtype=bool)

    @cached_property
    def too_late(self) -> Bools:
        """Where the advice is as in the base case, but the date of the base case would be too late."""
        due = np.array([self._due(name) for name in self.scenario], dtype=np.float64)
        with np.errstate(invalid="ignore"):
            late: Bools = ~self.other & (self.start_days < due)
        return late

    def _differs(self, place: int) -> bool:
        advice = self.manifest.content["advice"][self.scenario[place]]
        quiet = (STAY, NO_REMEDY)
        action = self.action[place]
        if advice["action"] in quiet or action in quiet:
            return bool(action != advice["action"])
        return advice["candidate"] not in (self.candidate[place], *(self.tied[place] or ()))

    def _due(self, scenario: str | None) -> float:
        stated = self.manifest.content["advice"][scenario]["start_by"]
        return np.nan if stated is None else _number(date.fromisoformat(stated))


def results(folder: Folder) -> Results:
    """Read what there is of a sweep, finished or not.

    Raises:
        SweepError: where there is no sweep, no point could be computed, or the advice was not kept.
    """
    manifest = folder.manifest()
    missing = [name for name in ADVICE if name not in manifest.columns]
    if missing:
        raise SweepError(f"{folder.path}: a summary needs {missing[0]}, which outputs of the study left out")
    if not folder.files:
        raise SweepError(f"{folder.path}: nothing has been run yet; switchpoint sweep --resume {folder.path} goes on")
    dimensions = [vary.path for vary in manifest.study.vary]
    table = _one_per_point(folder.table(["point", "scenario", "status", *dimensions, *ADVICE]))
    good = table.filter(np.array(table["status"].to_pylist()) == OK)
    if not good.num_rows:
        raise SweepError(f"{folder.path}: no point could be computed; column error says why")
    return _results(manifest, {name: good[name].to_pylist() for name in good.column_names}, table.num_rows)


def _one_per_point(table: Any) -> Any:
    points = np.array(table["point"])
    _, first = np.unique(points, return_index=True)
    return table.take(first)


def _results(manifest: Manifest, found: Mapping[str, list[Any]], points: int) -> Results:
    saving = np.array([value or 0.0 for value in found["verdict.npv_saving_usd"]], dtype=np.float64)
    return Results(
        manifest,
        tuple(_inputs(manifest, found)),
        found["point"],
        found["scenario"],
        found["verdict.action"],
        found["verdict.candidate"],
        found["verdict.tied"],
        found["verdict.start_by"],
        saving,
        points - len(saving),
    )


def _inputs(manifest: Manifest, found: Mapping[str, list[Any]]) -> list[VariedInput]:
    """The inputs that take more than one value, the choice of scenario among them."""
    inputs = [replace(each, values=tuple(found[each.column])) for each in asked_inputs(manifest)]
    inputs.append(VariedInput("scenario", "scenario", "", "text", tuple(found["scenario"])))
    return [each for each in inputs if len(each.distinct) > 1]


def asked_inputs(manifest: Manifest) -> list[VariedInput]:
    """Every input of the study in its order, whatever came out: what it is called and measured in, without values."""
    tree, kinds = next(iter(manifest.content["scenarios"].values()))["stated"], manifest.columns
    return [
        VariedInput(
            manifest.content["names"][vary.path],
            vary.path,
            _unit(vary.path, tree),
            kinds[vary.path],
            (),
            vary.scale == "log",
        )
        for vary in manifest.study.vary
    ]


def _unit(path: str, tree: Any) -> str:
    try:
        field = field_at(next(targets(tree, path_steps(path))), tree)
    except WrongError:
        return ""
    usual, _, linear = unit_of(field).partition("; linear: ") if field else ("", "", "")
    growth = tree.get("usage", {}).get("growth", {})
    return linear if linear and growth.get("curve") == "linear" else usual


def _number(value: Any) -> float:
    return float(value.toordinal() - EPOCH) if isinstance(value, date) else float(value)
