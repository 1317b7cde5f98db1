"""Nearest thresholds; their file.

Each driver is followed from today's value up and down, in steps that widen, until the advice changes; then the place is
narrowed down by halving. There are two kinds of change. The advice changes where one is to stay instead of acting, or
the other way round, where nothing keeps the limit any more, or where another candidate is to be started. The date
changes where the same candidate has to be started today and no longer at a later date, or the other way round, unless
both starts are as good in one of the two worlds.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import partial
from itertools import chain
from pathlib import Path as File
from typing import Annotated, Any, Literal, TypeAlias

import tomlkit
from pydantic import BeforeValidator, ConfigDict, Field, ValidationError
from pydantic_core import PydanticCustomError

from switchpoint.decision.clauses import plan_named
from switchpoint.decision.flip import narrow_bracket
from switchpoint.decision.result import JudgedWorld
from switchpoint.decision.verdict import Action
from switchpoint.scenario.access import Disk
from switchpoint.scenario.errors import ScenarioError, dotted_path, either, show
from switchpoint.scenario.explain_errors import complaints
from switchpoint.scenario.fields import Bounds, Day, Part, Text
from switchpoint.scenario.input_names import value_with_unit
from switchpoint.scenario.schema import Scenario
from switchpoint.scenario.toml_source import read_file
from switchpoint.scenario.uncertain import Range, extremes
from switchpoint.study.advice import AdvisedStart, Family, Judge, Mapper, advice_of, advices_on
from switchpoint.study.drivers import Driver, drivers

Direction: TypeAlias = Literal["below", "above"]


def _one_of(*words: str) -> BeforeValidator:
    def check_word(raw: Any) -> Any:
        if raw not in words:
            message = f"must be {either(words)}; got {show(raw)}"
            raise PydanticCustomError("word", "{message}", {"message": message})
        return raw

    return BeforeValidator(check_word)


Number: TypeAlias = Annotated[float, Bounds(uncertain=False)]


class Tripwire(Part):
    """One number to watch, and what its threshold changes."""

    model_config = ConfigDict(extra="ignore")

    name: Text
    """What the number is called."""
    path: Annotated[Text, Field(min_length=1)]
    """Where it stands in the scenario."""
    unit: Text
    """Its unit."""
    now: Number
    """Its value in the base case."""
    threshold: Number
    """The nearest value found at which the advice is another, or the date moves to today or away from it."""
    direction: Annotated[Direction, _one_of("below", "above")]
    """On which side of the threshold that is so."""
    changes: Annotated[Literal["advice", "date"], _one_of("advice", "date")]
    """What changes: what to do, or only whether it is due today."""
    action: Annotated[str, _one_of(*(action.value for action in Action))]
    """The advice beyond the threshold."""
    candidate: Text | None = None
    """What to start beyond the threshold, if anything."""
    plan: Text | None = None
    """The plan that is the answer beyond the threshold, if one is."""
    sentence: Text
    """All of that in one sentence."""

    def trips(self, value: float) -> bool:
        """Whether an observed value has reached the threshold."""
        return value <= self.threshold if self.direction == "below" else value >= self.threshold


class Tripwires(Part):
    """The tripwires of one scenario."""

    model_config = ConfigDict(extra="ignore")

    scenario: Text
    """Name of the scenario."""
    date: Day
    """Its first simulated day, today as far as the advice is concerned."""
    tripwire: Annotated[tuple[Tripwire, ...], Field(max_length=1000)] = ()
    """The nearest ones first."""


def tripwires_text(found: Tripwires) -> str:
    """A file of tripwires, with comments that say what it is."""
    document = tomlkit.document()
    for line in HEAD:
        document.add(tomlkit.comment(line))
    document.add("scenario", tomlkit.item(found.scenario))
    document.add("date", tomlkit.item(found.date))
    tables = tomlkit.aot()
    for each in found.tripwire:
        table = tomlkit.table()
        table.update(each.model_dump(exclude_none=True))
        tables.append(table)
    document.add("tripwire", tables)
    return tomlkit.dumps(document)


HEAD = (
    "The numbers whose thresholds would change the advice, the nearest ones first; written by switchpoint why.",
    "A price stands for all token prices of its route, which move alike.",
    "Beyond its threshold, on the side that direction names, a number makes action the advice, for candidate.",
)


def read_tripwires(path: File | str) -> Tripwires:
    """Read a file of tripwires.

    Raises:
        ScenarioError: with one line for each fault of the file.
    """
    _, source = read_file(File(path), str(path), Disk())
    try:
        return Tripwires.model_validate(source.tree)
    except ValidationError as error:
        found = complaints(error, source.tree)
        raise ScenarioError([source.fault(where, message, dotted_path(where)) for where, message in found]) from None


MOST = 5
MOST_DATES = 2
"""Of those, at most so many that only move the date."""
RUNGS = 12
PRECISION = 1e-4
HALVINGS = 3
"""Halvings that are simulated at once: seven worlds take less time together than two one after the other."""
RIVALS = 2
"""Beside the advised candidate the drivers of so many others are followed, those with the lowest present cost."""
KNOWN = ("requests_per_day", "usd_per_month", "usd_per_1000_requests", "usd_per_gpu_hour")
"""What is known of today, where it is stated without a range."""

Kind = Literal["advice", "date"]


@dataclass(frozen=True)
class Edge:
    """Where a change lies: between a value that changes nothing and one that does.

    Args:
        driver: the number.
        direction: on which side of today's value.
        kind: what changes.
        inside: a value that changes nothing.
        outside: a value that does.
        beyond: the advice there.
    """

    driver: Driver
    direction: Direction
    kind: Kind
    inside: float
    outside: float
    beyond: AdvisedStart

    @property
    def rank(self) -> tuple[bool, float]:
        """Inside the stated range first, then by distance from today's value."""
        return not in_range(self.driver, self.outside), self.driver.distance(self.outside)


def tripwires(result: JudgedWorld, mapper: Mapper = map, most: int = MOST) -> tuple[Tripwire, ...]:
    """The nearest thresholds that would change the advice on a scenario.

    Args:
        result: the base case.
        mapper: follows the drivers, some two dozen simulations each.
        most: so many at most.
    """
    scenario, base = result.case.scenario, advice_of(result)
    follow = partial(edges, scenario=scenario, base=base)
    found = list(chain.from_iterable(mapper(follow, drivers(result, contenders(result)))))
    exact = mapper(partial(exactly, scenario=scenario, base=base), nearest(found, most))
    return tuple(_tripwire(edge, base) for edge in sorted(exact, key=lambda edge: edge.rank))


def contenders(result: JudgedWorld) -> list[str]:
    """The candidates whose drivers are followed: the advised one, or those of the plan, and the next best."""
    judge = Judge.of(result)
    leads = judge.candidates if judge else []
    others = (o for o in result.case.outlooks if o.name not in leads)
    return leads + [o.name for o in sorted(others, key=lambda o: (not o.possible, o.present_cost))[:RIVALS]]


def edges(driver: Driver, scenario: Scenario, base: AdvisedStart) -> list[Edge]:
    """Where the advice and the date first change on either side of today's value of one driver.

    All values are tried at once, also those beyond the first change: that is faster than one after the other.
    """
    sides: dict[Direction, list[float]] = {"below": list(rungs(driver, driver.low))}
    sides["above"] = list(rungs(driver, driver.high))
    tried = advices_on([driver.set(scenario, value) for values in sides.values() for value in values], scenario)
    told = iter(tried)
    return [
        edge
        for side, values in sides.items()
        for edge in _side(driver, side, list(zip(values, told, strict=False)), base)
    ]


def exactly(edge: Edge, scenario: Scenario, base: AdvisedStart) -> Edge:
    """The same edge, narrowed down to a ten-thousandth of the value."""

    def changed_advice(there: AdvisedStart | None) -> AdvisedStart | None:
        same = there is None or (there.is_that_of(base) if edge.kind == "advice" else _as_now(there, base))
        return None if same else there

    def changed_advices(values: Sequence[float]) -> list[AdvisedStart | None]:
        return list(map(changed_advice, advices_on([edge.driver.set(scenario, value) for value in values], scenario)))

    outside, beyond = narrow_bracket(changed_advices, edge.inside, edge.outside, edge.beyond, PRECISION, HALVINGS)
    kind: Kind = "date" if beyond.is_that_of(base) else "advice"
    return replace(edge, outside=outside, beyond=beyond, kind=kind)


def rungs(driver: Driver, end: float) -> Iterator[float]:
    """Values from today's to an end, in steps that widen: the n-th is (n/12)² of the way, of ratios or differences.

    None where the end is today's value."""
    for rung in range(1, RUNGS + 1) if end != driver.now else ():
        part = (rung / RUNGS) ** 2
        if driver.proportional:
            yield driver.now * math.exp(part * math.log(end / driver.now))
        else:
            yield driver.now + part * (end - driver.now)


def in_range(driver: Driver, value: float) -> bool:
    """Whether a value lies inside what is stated of a driver: its 90 % range."""
    if driver.belief is None:
        return False
    ends = extremes(driver.belief) if isinstance(driver.belief, Range) else driver.quantiles(0.05, 0.95)
    return min(ends) <= value <= max(ends)


def nearest(found: Sequence[Edge], most: int) -> list[Edge]:
    """The nearest edges: one of a kind for each driver, and not only dates."""
    kept: dict[tuple[str, Kind], Edge] = {}
    for edge in sorted(found, key=lambda edge: edge.rank):
        dates = sum(kind == "date" for _, kind in kept)
        if len(kept) < most and (edge.kind == "advice" or dates < MOST_DATES):
            kept.setdefault((edge.driver.key, edge.kind), edge)
    return list(kept.values())


def _side(
    driver: Driver, direction: Direction, tried: Sequence[tuple[float, AdvisedStart | None]], base: AdvisedStart
) -> Iterator[Edge]:
    last, dated = driver.now, False
    for value, there in tried:
        if there is None:
            return
        if not there.is_that_of(base):
            yield Edge(driver, direction, "advice", last, value, there)
            return
        if not dated and not _as_now(there, base):
            dated = True
            yield Edge(driver, direction, "date", last, value, there)
        last = value


def _as_now(there: AdvisedStart, base: AdvisedStart) -> bool:
    """Whether the same is to be done, today or later as now; a start that moves among equals is the same."""
    return there.is_that_of(base) and (there.today == base.today or there.as_good_as(base))


def _tripwire(edge: Edge, base: AdvisedStart) -> Tripwire:
    driver = edge.driver
    return Tripwire(
        name=driver.name,
        path=driver.key,
        unit=driver.unit,
        now=_six(driver.now),
        threshold=_six(edge.outside),
        direction=edge.direction,
        changes=edge.kind,
        action=edge.beyond.action.value,
        candidate=edge.beyond.candidate,
        plan=edge.beyond.plan,
        sentence=edge_sentence(edge, base),
    )


def _six(value: float) -> float:
    """To six digits, more than a threshold is narrowed down to."""
    return float(f"{value:.6g}")


def edge_sentence(edge: Edge, base: AdvisedStart) -> str:
    """What would have to change, from what it is now, and what the advice becomes then."""
    driver = edge.driver
    if driver.plural:
        moves = "fall" if edge.direction == "below" else "rise"
        change = value_with_unit(abs(edge.outside / driver.now - 1), "share")
        return f"If {driver.name} {moves} by more than {change}, {_becomes(edge.beyond, base, edge.kind)}."
    threshold, today = (value_with_unit(each, driver.unit) for each in (edge.outside, driver.now))
    moves = "falls" if edge.direction == "below" else "rises"
    where = "at all" if threshold == today else f"{edge.direction} {threshold}"
    return f"If {driver.name} {moves} {where} ({_now_words(driver)}), {_becomes(edge.beyond, base, edge.kind)}."


def _now_words(driver: Driver) -> str:
    """What it is now, and whether that is known of today, stated in the scenario, or assumed for it."""
    value = value_with_unit(driver.now, driver.unit, bare=True)
    if (driver.belief is None and driver.path[-1] in KNOWN) or driver.origin == "found":
        return f"now {value}"
    return f"assumed {value}" if driver.origin == "default" else f"{value} in the scenario"


def _becomes(there: AdvisedStart, base: AdvisedStart, kind: Kind) -> str:
    if kind == "date":
        return f"{_start_name(there)} {'should start today' if there.today else 'can start later than today'}"
    if there.family is Family.STAY:
        return "the advice becomes: stay"
    if there.family is Family.NO_REMEDY:
        reached = "the limit is reached, and no candidate keeps it"
        return "no candidate keeps the limit any more" if base.family is Family.ACT else reached
    instead = f" instead of {_start_name(base)}" if base.candidate else ""
    lone = " alone" if base.plan is not None and there.plan is None else ""
    return (
        f"the advice becomes: start {_start_name(there) if base.plan is not None else there.candidate}{lone}{instead}"
    )


def _start_name(advice: AdvisedStart) -> str:
    """What is to be started, in a sentence."""
    return str(advice.candidate) if advice.plan is None else plan_named(advice.plan)
