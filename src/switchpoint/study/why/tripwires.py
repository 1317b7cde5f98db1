"""Tripwires: the observable numbers whose thresholds would change the advice, the nearest ones first.

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
from typing import Literal

from switchpoint.flip import narrowed
from switchpoint.result import Result
from switchpoint.scenario.quantity import Range, extremes
from switchpoint.scenario.schema import Scenario
from switchpoint.study.why.driver import Driver
from switchpoint.study.why.drivers import drivers
from switchpoint.study.why.outcome import Advice, Family, Mapper, advice_of, advised
from switchpoint.study.why.tripwire_file import Direction, Tripwire
from switchpoint.study.why.wording import told

MOST = 5
MOST_DATES = 2
"""Of those, at most so many that only move the date."""
RUNGS = 12
PRECISION = 1e-4
RIVALS = 2
"""Beside the advised candidate the drivers of so many others are followed, those with the lowest present cost."""
KNOWN = ("requests_per_day", "usd_per_month", "usd_per_1000_requests", "usd_per_gpu_hour")
"""What is known of today rather than assumed, where it is stated without a range."""

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
    beyond: Advice

    @property
    def rank(self) -> tuple[bool, float]:
        """Inside the stated range first, then by distance from today's value."""
        return not in_range(self.driver, self.outside), self.driver.distance(self.outside)


def tripwires(result: Result, mapper: Mapper = map, most: int = MOST) -> tuple[Tripwire, ...]:
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


def contenders(result: Result) -> list[str]:
    """The candidates whose drivers are followed: the advised one and the next best."""
    lead = result.lead
    others = sorted((o for o in result.case.outlooks if o is not lead), key=lambda o: (not o.possible, o.present_cost))
    return [o.name for o in ([lead] if lead else []) + others[:RIVALS]]


def edges(driver: Driver, scenario: Scenario, base: Advice) -> list[Edge]:
    """Where the advice and the date first change on either side of today's value of one driver."""
    sides: tuple[tuple[Direction, float], ...] = (("below", driver.low), ("above", driver.high))
    return [edge for direction, end in sides for edge in _side(driver, direction, end, scenario, base)]


def exactly(edge: Edge, scenario: Scenario, base: Advice) -> Edge:
    """The same edge, narrowed down to a ten-thousandth of the value."""

    def changed(value: float) -> Advice | None:
        there = advised(edge.driver.set(scenario, value), scenario)
        same = there is None or (there.what == base.what if edge.kind == "advice" else _as_now(there, base))
        return None if same else there

    outside, beyond = narrowed(changed, edge.inside, edge.outside, edge.beyond, PRECISION)
    kind: Kind = "advice" if beyond.what != base.what else "date"
    return replace(edge, outside=outside, beyond=beyond, kind=kind)


def rungs(driver: Driver, end: float) -> Iterator[float]:
    """Values from today's to an end, in steps that widen: the n-th is (n/12)² of the way, of ratios or differences."""
    for rung in range(1, RUNGS + 1):
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


def _side(driver: Driver, direction: Direction, end: float, scenario: Scenario, base: Advice) -> Iterator[Edge]:
    last, dated = driver.now, False
    for value in rungs(driver, end) if end != driver.now else ():
        there = advised(driver.set(scenario, value), scenario)
        if there is None:
            return
        if there.what != base.what:
            yield Edge(driver, direction, "advice", last, value, there)
            return
        if not dated and not _as_now(there, base):
            dated = True
            yield Edge(driver, direction, "date", last, value, there)
        last = value


def _as_now(there: Advice, base: Advice) -> bool:
    """Whether the same is to be done, today or later as now; a start that moves among equals is the same."""
    return there.what == base.what and (there.today == base.today or there.as_good_as(base))


def _tripwire(edge: Edge, base: Advice) -> Tripwire:
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
        sentence=_sentence(edge, base),
    )


def _six(value: float) -> float:
    """To six digits, more than a threshold is narrowed down to."""
    return float(f"{value:.6g}")


def _sentence(edge: Edge, base: Advice) -> str:
    driver = edge.driver
    if driver.plural:
        moves = "fall" if edge.direction == "below" else "rise"
        change = told(abs(edge.outside / driver.now - 1), "share")
        return f"If {driver.name} {moves} by more than {change}, {_becomes(edge.beyond, base, edge.kind)}."
    moves = "falls below" if edge.direction == "below" else "rises above"
    known = driver.belief is None and driver.path[-1] in KNOWN
    today = f"{'now' if known else 'assumed'} {told(driver.now, driver.unit, bare=True)}"
    threshold = told(edge.outside, driver.unit)
    return f"If {driver.name} {moves} {threshold} ({today}), {_becomes(edge.beyond, base, edge.kind)}."


def _becomes(there: Advice, base: Advice, kind: Kind) -> str:
    if kind == "date":
        return f"{there.candidate} {'should start today' if there.today else 'can start later than today'}"
    if there.family is Family.STAY:
        return "the advice becomes: stay"
    if there.family is Family.NO_REMEDY:
        reached = "the limit is reached, and no candidate keeps it"
        return "no candidate keeps the limit any more" if base.family is Family.ACT else reached
    instead = f" instead of {base.candidate}" if base.candidate else ""
    return f"the advice becomes: start {there.candidate}{instead}"
