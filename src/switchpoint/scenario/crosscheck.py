"""Checks between the tables of a scenario, each on what could be read, so that one fault does not hide another."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from switchpoint.clock import add_months
from switchpoint.scenario.candidate import ApiCandidate, GpuCandidate, HostedCandidate
from switchpoint.scenario.demand import Limit, Revenue, Usage
from switchpoint.scenario.errors import Path
from switchpoint.scenario.idle import idle_of_candidate, idle_of_growth
from switchpoint.scenario.policy import Decision
from switchpoint.scenario.quantity import extremes, num
from switchpoint.scenario.route import Current, PricedRoute
from switchpoint.scenario.words import show

COLUMNS = ("stay", "stay_per_1000", "limit", "requests", "month", "pressure")


@dataclass(frozen=True)
class Pieces:
    """The tables of a scenario, None for those that could not be read."""

    start: date | None = None
    months: int | None = None
    usage: Usage | None = None
    revenue: Revenue | None = None
    limit: Limit | None = None
    current: Current | None = None
    decision: Decision | None = None
    candidates: Mapping[str, ApiCandidate | HostedCandidate | GpuCandidate | None] = field(default_factory=dict)

    @classmethod
    def of(cls, values: Mapping[str, Any]) -> Pieces:
        """The pieces among the fields of a scenario."""
        return cls(**{name: values[name] for name in cls.__dataclass_fields__ if name in values})

    @property
    def end(self) -> date | None:
        """The day after the last simulated one."""
        return None if self.start is None or self.months is None else add_months(self.start, self.months)


def cross_faults(pieces: Pieces) -> Iterator[tuple[Path, str]]:
    """Path and sentence of everything that does not fit together."""
    yield from _limit(pieces)
    yield from _policy(pieces)
    yield from _preparation(pieces)
    yield from _names(pieces)
    yield from _cached(pieces)
    yield from _started(pieces)
    yield from _waiting(pieces)
    yield from _idle(pieces)


def _limit(pieces: Pieces) -> Iterator[tuple[Path, str]]:
    limit, revenue = pieces.limit, pieces.revenue
    if limit is None or revenue is None or limit.share_of_revenue is None:
        return
    only_share = limit.usd_per_month is None and limit.usd_per_1000_requests is None
    earns = num(revenue.usd_per_month) > 0 or num(revenue.usd_per_1000_requests) > 0
    if only_share and not earns:
        yield ("limit", "share_of_revenue"), "is a share of nothing: state revenue.usd_per_month"


def likely_slips(pieces: Pieces) -> Iterator[tuple[Path, str]]:
    """What can be simulated, but nobody who writes a file means: a Bass market below today's usage."""
    if pieces.usage is None or pieces.usage.growth.curve != "bass":
        return
    market, level = pieces.usage.growth.market, pieces.usage.requests_per_day
    if market is not None and level is not None and num(market) < num(level):
        message = f"must be at least usage.requests_per_day ({num(level):,.15g}); got {num(market):,.15g}"
        yield ("usage", "growth", "market"), message


def _policy(pieces: Pieces) -> Iterator[tuple[Path, str]]:
    if pieces.decision is None or pieces.start is None:
        return
    day = pieces.decision.policy
    if isinstance(day, date) and day < pieces.start:
        yield ("decision", "policy"), f"must not be before start ({pieces.start}); got {show(day)}"


def _preparation(pieces: Pieces) -> Iterator[tuple[Path, str]]:
    if pieces.decision is None or pieces.end is None:
        return
    begins = pieces.decision.prepare_from
    if begins is not None and begins >= pieces.end:
        yield ("decision", "prepare_from"), f"must lie before the end of the horizon ({pieces.end}); got {show(begins)}"


def _names(pieces: Pieces) -> Iterator[tuple[Path, str]]:
    for name in pieces.candidates:
        twin = name.removesuffix("_per_1000")
        if name in COLUMNS or (twin != name and twin in pieces.candidates):
            yield ("candidates", name), "is the name of a column of the monthly table; choose another name"
        elif name != name.strip() or not name.isprintable():
            yield ("candidates", name), "must be a name without line breaks and without space around it"


def _cached(pieces: Pieces) -> Iterator[tuple[Path, str]]:
    if pieces.usage is None:
        return
    cached = max(extremes(pieces.usage.cached_input_share))
    routes: list[tuple[Path, Any]] = [(("current",), pieces.current)]
    routes += [(("candidates", name), candidate) for name, candidate in pieces.candidates.items()]
    for path, route in routes:
        if isinstance(route, PricedRoute) and cached + (written := max(extremes(route.cache_write_share))) > 1 + 1e-9:
            yield (
                (*path, "cache_write_share"),
                f"and usage.cached_input_share must be at most 1 together; got {written:g} and {cached:g}",
            )


def _idle(pieces: Pieces) -> Iterator[tuple[Path, str]]:
    if pieces.usage is not None:
        yield from idle_of_growth(pieces.usage)
    for name, candidate in pieces.candidates.items():
        yield from idle_of_candidate(candidate, ("candidates", name))


def _waiting(pieces: Pieces) -> Iterator[tuple[Path, str]]:
    if pieces.usage is None or pieces.current is None:
        return
    if pieces.usage.batch_share and pieces.current.batch_share:
        yield ("current", "batch_share"), "is stated as usage.batch_share too; leave this one out"


def _started(pieces: Pieces) -> Iterator[tuple[Path, str]]:
    for name, candidate in pieces.candidates.items():
        started = candidate.project.started if candidate else None
        if started is not None and pieces.start is not None and started > pieces.start:
            yield (
                ("candidates", name, "project", "started"),
                f"must not be after start ({pieces.start}); to start later, use decision.policy; got {started}",
            )
