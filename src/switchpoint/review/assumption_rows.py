"""Every assumption as a row: what it is, its value, and whether it is stated, a default, the catalogue's or assumed."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import asdict
from datetime import date
from pathlib import Path
from typing import Any

from pydantic.fields import FieldInfo

from switchpoint.decision.result import JudgedWorld
from switchpoint.horizon import MOST
from switchpoint.review.pages import Assumption
from switchpoint.scenario.candidates import Fleet, GpuCandidate
from switchpoint.scenario.current import CurrentProject, CurrentUpkeep
from switchpoint.scenario.errors import Keys as Place
from switchpoint.scenario.errors import dotted_path
from switchpoint.scenario.fields import Part
from switchpoint.scenario.introspection import bounds_of, unit_of
from switchpoint.scenario.project import Project
from switchpoint.scenario.schema import OF_BOUGHT, OF_EXTRA_HOURS, OF_RENTED, OF_SERVERLESS, Scenario
from switchpoint.scenario.uncertain import Choice, Pert, Range, extremes, num
from switchpoint.text import count

SOURCES = {
    "stated": "stated in the scenario",
    "assumed": "assumed in the scenario",
    "default": "default of Switchpoint",
    "assumed default": "assumption: default of Switchpoint",
}
"""Where a value is from that has no other source, by its kind."""
_ASSUMED = re.compile(r"\b(assum\w*|guess\w*|estimate\w*)\b", re.IGNORECASE)
NO_ASSUMPTION = ("name", "summary")
FILES = ("file", "benchmark", "log")
_DATE = re.compile(r"\b(\d{4}-\d{2}(?:-\d{2})?)\b")


def assumptions(result: JudgedWorld, notes: Mapping[str, str] | None = None) -> list[Assumption]:
    """All of them, in the order of the scenario, then what was taken from the catalogue.

    Args:
        result: the result.
        notes: remarks of the scenario's author by dotted field, which stand as sources.
    """
    return assumptions_of(result.case.scenario, result.sources, notes)


def assumptions_of(
    scenario: Scenario, sources: Iterable[Mapping[str, Any]], notes: Mapping[str, str] | None = None
) -> list[Assumption]:
    """The same of a scenario that need not have been run.

    Args:
        scenario: what is assumed.
        sources: rows of the catalogue that it takes values from, as in `sources` of `run --json`.
        notes: remarks of the scenario's author by dotted field, which stand as sources.
    """
    return [*_of(scenario, (), notes or {}), *map(_catalogue_assumption, sources)]


def applying(rows: Iterable[Assumption], scenario: Scenario) -> list[Assumption]:
    """Those that can apply: defaults are left out that nothing uses.

    Without a limit nothing warns; fiscal years that are calendar years assume nothing; rented GPUs have no power of
    their own, bought ones no rent, and only a serverless fleet waits for replicas to start.
    """
    idle = set(_idle_fields(scenario))
    return [row for row in rows if row.stated or row.kind == "catalogue" or row.field not in idle]


def assumption_columns(row: Assumption) -> dict[str, Any]:
    """A row for tables of values; what a field may be is no assumption."""
    told = asdict(row) | {"value": str(row.value)}
    return {name: cell for name, cell in told.items() if name not in ("least", "most")}


NOBODY = (CurrentProject(), CurrentUpkeep())
"""What a current route says of people where it says nothing of them."""
OF_PEOPLE = tuple(
    f"current.{table}.{name}"
    for table, part in (("project", CurrentProject), ("upkeep", CurrentUpkeep))
    for name in part.model_fields
)


def _idle_fields(scenario: Scenario) -> Iterator[str]:
    yield "decision.fiscal_year_starts"
    if not scenario.limited:
        yield from ("decision.policy", "decision.warn_months")
    if (scenario.current.project, scenario.current.upkeep) == NOBODY:
        yield from ("current.kind", *OF_PEOPLE)
    if not getattr(scenario.current, "price_shocks_per_year", 0):
        yield "current.price_shock_factor"
    for name, candidate in scenario.candidates.items():
        where = f"candidates.{name}"
        if isinstance(candidate, GpuCandidate):
            yield from (f"{where}.fleet.{key}" for key in _idle_of_fleet(candidate.fleet))
        yield from (f"{where}.project.{key}" for key in _idle_of_project(candidate.project))


def _idle_of_fleet(fleet: Fleet) -> Iterator[str]:
    serverless, bought = fleet.scaling == "serverless", fleet.purchase_usd_per_gpu is not None
    yield from OF_EXTRA_HOURS if serverless else OF_SERVERLESS
    yield from (*OF_RENTED, *OF_EXTRA_HOURS, "rent_reversion_per_year") if bought else OF_BOUGHT
    if not fleet.reserved_replicas:
        yield from ("reserved_months", "reserved_usd_per_gpu_hour")
    if not bought and not fleet.rent_volatility_per_year:
        yield "rent_reversion_per_year"


def _idle_of_project(project: Project) -> Iterator[str]:
    if not project.engineers:
        yield from ("staffing", "preparing_share", "upskilling_weeks", "usd_per_engineer_month")
    if not project.to_hire:
        yield from ("hiring", "hiring_weeks", "usd_per_hire")
    if not num(project.examples):
        yield from ("labelling", "examples_in_hand", "usable_share", "usd_per_example")


def _of(part: Part, path: Place, notes: Mapping[str, str]) -> Iterator[Assumption]:
    for name, field in type(part).model_fields.items():
        value, place = getattr(part, name), (*path, name)
        stated = name in part.model_fields_set
        for inner, leaf in _leaves(value, place):
            if isinstance(leaf, Part):
                yield from _of(leaf, inner, notes)
            elif leaf is not None and leaf != "" and inner[-1] not in NO_ASSUMPTION:
                dotted = dotted_path(inner)
                note = notes.get(dotted, "")
                meaning = " ".join((field.description or "").split()).rstrip(".")
                dates, (kind, source) = _DATE.findall(note), _origin(note if stated else meaning, stated=stated)
                yield Assumption(
                    dotted,
                    meaning,
                    _file_names(leaf) if name in FILES else base(leaf),
                    spread(leaf),
                    unit_of(field),
                    source,
                    dates[-1] if dates else "",
                    kind,
                    stated,
                    *_ends(leaf),
                    *_bounds(field),
                )


def _file_names(stated: str | tuple[str, ...]) -> str:
    """The names of files without their folders."""
    return ", ".join(Path(each).name for each in ([stated] if isinstance(stated, str) else stated))


def _ends(value: Any) -> tuple[float | None, float | None]:
    """The ends of an uncertain quantity."""
    if not isinstance(value, (Range, Pert, Choice)):
        return None, None
    stated = extremes(value)
    return float(min(stated)), float(max(stated))


def _bounds(field: FieldInfo) -> tuple[float | None, float | None]:
    """What a number may be; an end that is excluded is moved in by a hair."""
    bounds = bounds_of(field)
    if bounds is None:
        return None, None
    least = bounds.low if bounds.above is None else bounds.above + HAIR
    most = bounds.high if bounds.below is None else bounds.below - HAIR
    return (least if least > -MOST else None), (most if most < MOST else None)


HAIR = 1e-9


def _origin(said: str, *, stated: bool) -> tuple[str, str]:
    """Kind and source of a value, from what the scenario's author, or the reference, says of it.

    >>> _origin("counted in the log", stated=True), _origin("a guess", stated=True)
    (('stated', 'counted in the log'), ('assumed', 'a guess'))
    >>> _origin("Part of the pay (assumption)", stated=False)
    ('assumed', 'assumption: default of Switchpoint')
    """
    assumed = bool(_ASSUMED.search(said))
    if stated:
        kind = "assumed" if assumed else "stated"
        return kind, said or SOURCES[kind]
    return ("assumed", SOURCES["assumed default"]) if assumed else ("default", SOURCES["default"])


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


def _catalogue_assumption(row: Mapping[str, Any]) -> Assumption:
    """A row of the catalogue."""
    value, note = row["value"], row["note"]
    if isinstance(value, Mapping):
        value = ", ".join(f"{key.replace('_', ' ')} {price:g}" for key, price in value.items())
    meaning = f"{row['what']} ({note})" if note else str(row["what"])
    return Assumption(
        row["field"], meaning, base(value), "", row["unit"], row["source"], str(row["date"]), "catalogue", False
    )
