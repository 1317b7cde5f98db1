"""Every assumption of a scenario: value, range, unit, where it is from and as of when."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

from switchpoint.result import Result
from switchpoint.scenario.errors import Path as Place
from switchpoint.scenario.errors import dotted
from switchpoint.scenario.outline import unit_of
from switchpoint.scenario.part import Part
from switchpoint.scenario.quantity import Choice, Pert, Range, num
from switchpoint.scenario.schema import Scenario
from switchpoint.words import count

STATED, DEFAULT = "stated in the scenario", "assumption: default of Switchpoint"
NO_ASSUMPTION = ("name", "summary")
FILES = ("file", "benchmark")
_DATE = re.compile(r"\b(\d{4}-\d{2}(?:-\d{2})?)\b")


@dataclass(frozen=True)
class Assumption:
    """One value that the result rests on.

    Args:
        field: its place in the scenario file, dotted.
        meaning: what it is.
        value: base value; a number, a date, or words.
        spread: the range of an uncertain value, else nothing.
        unit: in words, nothing for words and dates.
        source: where it is from.
        as_of: date of the source.
        stated: whether the scenario says it, instead of leaving it to a default or the catalogue.
    """

    field: str
    meaning: str
    value: float | date | str
    spread: str
    unit: str
    source: str
    as_of: str
    stated: bool


def assumptions(result: Result, notes: Mapping[str, str] | None = None) -> list[Assumption]:
    """All of them, in the order of the scenario, then what was taken from the catalogue.

    Args:
        result: the result.
        notes: remarks of the scenario's author by dotted field, which stand as sources.
    """
    return assumed(result.case.scenario, result.sources, notes)


def assumed(
    scenario: Scenario, sources: Iterable[Mapping[str, Any]], notes: Mapping[str, str] | None = None
) -> list[Assumption]:
    """The same of a scenario that need not have been run.

    Args:
        scenario: what is assumed.
        sources: rows of the catalogue that it takes values from, as in `sources` of `run --json`.
        notes: remarks of the scenario's author by dotted field, which stand as sources.
    """
    found = [row for row in _of(scenario, (), notes or {}, f"{scenario.start}") if not _idle(row, scenario)]
    return found + [_sourced(row) for row in sources]


def _idle(row: Assumption, scenario: Scenario) -> bool:
    """Whether it is a default that nothing uses: without a limit nothing warns, and no rule waits for it."""
    return not scenario.limited and not row.stated and row.field in ("decision.policy", "decision.warn_months")


def _of(part: Part, path: Place, notes: Mapping[str, str], start: str) -> Iterator[Assumption]:
    for name, field in type(part).model_fields.items():
        value, place = getattr(part, name), (*path, name)
        stated = name in part.model_fields_set
        for inner, leaf in _leaves(value, place):
            if isinstance(leaf, Part):
                yield from _of(leaf, inner, notes, start)
            elif leaf is not None and leaf != "" and inner[-1] not in NO_ASSUMPTION:
                note = notes.get(dotted(inner), "")
                source = (note or STATED) if stated else DEFAULT
                dates = _DATE.findall(note)
                meaning = " ".join((field.description or "").split()).rstrip(".")
                yield Assumption(
                    dotted(inner),
                    meaning,
                    Path(leaf).name if name in FILES else base(leaf),
                    spread(leaf),
                    unit_of(field),
                    source,
                    dates[-1] if dates else start,
                    stated,
                )


def _leaves(value: Any, path: Place) -> Iterator[tuple[Place, Any]]:
    """Tables in lists and under names one by one; anything else as it is."""
    if isinstance(value, Mapping):
        for name, inner in value.items():
            yield (*path, name), inner
    elif isinstance(value, tuple) and value and isinstance(value[0], Part):
        for place, inner in enumerate(value):
            yield (*path, place), inner
    elif value != ():
        yield path, value


def base(value: Any) -> float | date | str:
    """The base value of a quantity; words and dates as they are, lists in a row."""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, (int, float, Range, Pert, Choice)):
        return float(num(value))
    if isinstance(value, tuple):
        return ", ".join(f"{each:g}" if isinstance(each, (int, float)) else str(each) for each in value)
    return value if isinstance(value, date) else str(value)


def spread(value: Any) -> str:
    """The range of an uncertain quantity in words, else nothing.

    >>> spread(Range(0.06, 0.14)), spread(Pert(1, 2, 5)), spread(Choice((0.5, 1.5), (2, 1))), spread(3)
    ('0.06 to 0.14 (90 %)', '1 to 5, likeliest 2', '0.5 (2), 1.5 (1)', '')
    """
    match value:
        case Range(low, high):
            return f"{_short(low)} to {_short(high)} (90 %)"
        case Pert(low, mode, high):
            return f"{_short(low)} to {_short(high)}, likeliest {_short(mode)}"
        case Choice(values, weights):
            return ", ".join(f"{_short(v)} ({_short(w)})" for v, w in zip(values, weights, strict=True))
    return ""


def _short(number: float) -> str:
    return count(number) if abs(number) >= 1000 else f"{number:g}"


def _sourced(row: Mapping[str, Any]) -> Assumption:
    """A row of the catalogue."""
    value, note = row["value"], row["note"]
    if isinstance(value, Mapping):
        value = ", ".join(f"{key.replace('_', ' ')} {price:g}" for key, price in value.items())
    meaning = f"{row['what']} ({note})" if note else str(row["what"])
    return Assumption(row["field"], meaning, base(value), "", row["unit"], row["source"], str(row["date"]), False)
