"""Carriers: what it costs a candidate to serve a share of the traffic, whatever its kind."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Protocol

import numpy as np

from switchpoint.clock import NEVER, Amount, Bools, Clock, Days, Floats, Ints, earliest, per_day
from switchpoint.timeline.fleet import FleetCosts, Sizes, Sizing
from switchpoint.timeline.ledger import Component, Entries
from switchpoint.timeline.market import Tariff, bill

TOO_LONG = "requests grow beyond the model's context"
GONE = "the provider retires the model before it could be live"


@dataclass(frozen=True)
class Served:
    """Dollars a day by component, shape (…, starts, days); of GPUs also the credit of the last day, and their peak."""

    entries: Entries
    end_credit: Floats | float = 0.0
    peak: Floats | None = None


class Carrier(Protocol):
    """Serves requests for money."""

    @property
    def impossible_from(self) -> Days:
        """First day on which it could not carry its whole share; NEVER where it always can."""

    @property
    def why_impossible(self) -> str:
        """What ends it, in one sentence."""

    def serve(self, share: Floats, live: Bools, since: Ints) -> Served:
        """What serving costs.

        Args:
            share: share of all requests that it serves, shape (…, starts, days).
            live: whether it runs, same shape; it may run and serve nothing.
            since: its first day, shape (…, starts, 1).
        """

    def running(self) -> Floats:
        """Dollars a day of serving its whole share, live since day 0, capital spread over its life; shape (days,)."""


@dataclass(frozen=True)
class TokenCarrier:
    """Another API or a hosted model: paid by the token, perhaps with a flat fee or a price by the hour."""

    tariff: Tariff
    requests: Floats
    coverage: Amount
    clock: Clock
    impossible_from: Days = NEVER
    usd_per_hour: Amount = 0.0
    why_impossible: str = TOO_LONG
    apart: bool = True
    """Whether anybody asks for the kinds of tokens."""

    def serve(self, share: Floats, live: Bools, since: Ints) -> Served:
        """Tokens of the share, fees while live."""
        possible = self.clock.day < per_day(self.impossible_from)
        costs = bill(
            self.tariff, self.requests * np.where(possible, share, 0.0), live, self.clock, since, apart=self.apart
        )
        flat = costs.pop(Component.API_FLAT, np.zeros(1))
        if np.any(self.usd_per_hour):
            flat = flat + np.where(live, self.usd_per_hour * 24, 0.0)
        return Served({Component.TOKENS: sum(costs.values(), np.zeros(1)), Component.FLAT: flat})

    def running(self) -> Floats:
        """As if live since day 0."""
        whole = self.coverage * np.ones(self.clock.days)
        entries = self.serve(whole, whole >= 0, np.zeros(1, dtype=np.int64)).entries
        cost: Floats = entries[Component.TOKENS] + entries[Component.FLAT]
        return cost


@dataclass(frozen=True)
class FleetCarrier:
    """A model of your own on GPUs. `requests` are those of a day with retries."""

    sizing: Sizing
    costs: FleetCosts
    requests: Floats
    coverage: Amount
    clock: Clock
    context_from: Days = NEVER
    helpless_from: Days = NEVER
    why_helpless: str = ""

    @cached_property
    def outgrown_from(self) -> Days:
        """First day on which the load is more than a fixed or capped fleet can carry."""
        return self.sizing.outgrown(self.requests * self.coverage)

    @cached_property
    def impossible_from(self) -> Days:
        """First day on which a replica can carry nothing, the fleet is too small or the context too short."""
        return earliest(self.outgrown_from, self.context_from, self.helpless_from)

    @property
    def why_impossible(self) -> str:
        """What ends it, in one sentence."""
        if self.helpless_from <= self.impossible_from:
            return self.why_helpless
        if self.context_from <= self.impossible_from:
            return TOO_LONG
        return "its fleet is too small for the load"

    @cached_property
    def full(self) -> Sizes:
        """The fleet that carries the whole share, shape (days,)."""
        return self.sizing.sizes(self.requests * self.coverage, self.sizing.capacity)

    def serve(self, share: Floats, live: Bools, since: Ints) -> Served:  # noqa: ARG002
        """Rent or power of the replicas kept, and purchases."""
        sizes = self.sizes(share, live)
        entries = self.costs.serving(sizes, live)
        if not self.costs.bought:
            return Served(entries, peak=sizes.peak)
        entries[Component.CAPITAL], credit = self.costs.capital(sizes.peak)
        return Served(entries, credit, sizes.peak)

    def sizes(self, share: Floats, live: Bools) -> Sizes:
        """The whole fleet on most days; sized anew on those of a partial share, such as the ramp."""
        full = self.full
        kept = [np.where(live, each, 0.0) for each in (full.replica_hours, full.peak, full.gpu_hours)]
        partial = live & (share < self.coverage)
        if partial.any():
            requests, capacity = (
                np.broadcast_to(flow, partial.shape)[partial] for flow in (self.requests, self.sizing.capacity)
            )
            part = self.sizing.sizes(requests * share[partial], capacity)
            for each, of_part in zip(kept, (part.replica_hours, part.peak, part.gpu_hours), strict=True):
                each[partial] = of_part
        return Sizes(*kept)

    def idle(self) -> Floats:
        """Dollars a day of a rented fleet that serves nothing, shape (days,)."""
        empty = self.sizing.sizes(np.zeros(self.clock.days), self.sizing.capacity)
        return self.costs.rented(empty, self.clock.day)

    def running(self) -> Floats:
        """As if live since day 0."""
        entries = self.costs.serving(self.full, np.ones(self.clock.days, dtype=bool))
        return sum(entries.values(), self.costs.amortisation(self.full.peak))
