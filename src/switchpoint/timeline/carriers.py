"""Carriers: what it costs a candidate to serve a share of the traffic, whatever its kind."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property
from typing import Protocol

import numpy as np

from switchpoint.clock import NEVER, Amount, Bools, Clock, Days, Floats, Ints, earliest, first_day, per_day
from switchpoint.timeline.fleet import FleetCosts
from switchpoint.timeline.ledger import Component, Entries
from switchpoint.timeline.market import Tariff, bill
from switchpoint.timeline.sizing import Sizes, Sizing

TOO_LONG = "requests grow beyond the model's context"
GONE = "the provider retires the model before it could be live"


@dataclass(frozen=True)
class Overflow:
    """What a fleet leaves to the current route of the share that it is asked for, shape (…, starts, days)."""

    now: Floats
    """Requests a day that cannot wait, retries left out."""
    waiting: Floats
    """The same of those that can."""
    served: Floats
    """Part of what it is asked for that it serves."""

    def while_(self, held: Bools) -> Overflow:
        """None at other times; what it serves is left as it is."""
        return Overflow(np.where(held, self.now, 0.0), np.where(held, self.waiting, 0.0), self.served)


@dataclass(frozen=True)
class Served:
    """Dollars a day by component, shape (…, starts, days); of GPUs also the credit of the last day, and their peak."""

    entries: Entries
    end_credit: Floats | float = 0.0
    peak: Floats | None = None
    overflow: Overflow | None = None
    """None where everything that it is asked for is served or not possible."""


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

    @property
    def overflow(self) -> Overflow | None:
        """What it leaves to the current route of its whole share; None where nothing may be left."""

    def running(self) -> Floats:
        """Dollars a day of serving its whole share, live since day 0, capital spread over its life; shape (days,)."""


@dataclass(frozen=True)
class TokenCarrier:
    """Another API or a hosted model: paid by the token, perhaps with a flat fee."""

    tariff: Tariff
    requests: Floats
    coverage: Amount
    clock: Clock
    impossible_from: Days = NEVER
    why_impossible: str = TOO_LONG
    apart: bool = True
    """Whether anybody asks for the kinds of tokens."""
    overflow: None = None

    def serve(self, share: Floats, live: Bools, since: Ints) -> Served:
        """Tokens of the share, fees while live."""
        possible = self.clock.day < per_day(self.impossible_from)
        costs = bill(
            self.tariff, self.requests * np.where(possible, share, 0.0), live, self.clock, since, apart=self.apart
        )
        flat = costs.pop(Component.API_FLAT, np.zeros(1))
        return Served({Component.TOKENS: sum(costs.values(), np.zeros(1)), Component.FLAT: flat})

    def running(self) -> Floats:
        """As if live since day 0."""
        whole = self.coverage * np.ones(self.clock.days)
        entries = self.serve(whole, whole >= 0, np.zeros(1, dtype=np.int64)).entries
        cost: Floats = entries[Component.TOKENS] + entries[Component.FLAT]
        return cost


@dataclass(frozen=True)
class FleetCarrier:
    """A model of your own on GPUs. `requests` are those of a day with retries, `tries` those of one request."""

    sizing: Sizing
    costs: FleetCosts
    requests: Floats
    coverage: Amount
    clock: Clock
    context_from: Days = NEVER
    helpless_from: Days = NEVER
    why_helpless: str = ""
    tries: Amount = 1.0
    too_small: str = "its fleet is too small for the load"

    @cached_property
    def outgrown_from(self) -> Days:
        """First day on which the load is more than a fixed or capped fleet can carry."""
        return NEVER if self.full.fits is None else first_day(~self.full.fits)

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
        return self.too_small

    @cached_property
    def full(self) -> Sizes:
        """The fleet that carries the whole share, shape (days,)."""
        return self.sizing.sizes(self.requests * self.coverage, self.sizing.capacity)

    @cached_property
    def overflow(self) -> Overflow | None:
        """What it leaves to the current route of its whole share; None where nothing may be left."""
        return self.overflow_of(self.full, self.requests * self.coverage)

    def overflow_of(self, sizes: Sizes, requests: Floats) -> Overflow | None:
        """What a fleet of those sizes leaves of so many requests, retries included; None where nothing may be left."""
        if sizes.over_now is None or sizes.over_waiting is None:
            return None
        gone = sizes.over_now + sizes.over_waiting
        left_out = np.divide(gone, requests, out=np.zeros_like(gone), where=requests > 0)
        return Overflow(sizes.over_now / self.tries, sizes.over_waiting / self.tries, 1 - left_out)

    def serve(self, share: Floats, live: Bools, since: Ints) -> Served:  # noqa: ARG002
        """Rent or power of the replicas kept, and purchases."""
        sizes = self.sizes(share, live)
        entries = self.costs.serving(sizes, live)
        overflow = self.overflow_of(sizes, self.requests * share)
        if not self.costs.bought:
            return Served(entries, peak=sizes.peak, overflow=overflow)
        entries[Component.CAPITAL], credit = self.costs.capital(sizes.peak)
        return Served(entries, credit, sizes.peak, overflow)

    def sizes(self, share: Floats, live: Bools) -> Sizes:
        """The whole fleet on most days; sized anew on those of a partial share, such as the ramp."""
        partial = live & (share < self.coverage)
        kept = replace(self.full, fits=None).map(lambda _, each: np.where(live, each, 0.0))
        if not partial.any():
            return kept
        requests, capacity = (
            np.broadcast_to(flow, partial.shape)[partial] for flow in (self.requests, self.sizing.capacity)
        )
        offers = self.sizing.offers
        part = self.sizing.sizes(requests * share[partial], capacity, offers and offers.within(partial))

        def with_part(name: str, each: Floats) -> Floats:
            each[partial] = getattr(part, name)
            return each

        return kept.map(with_part)

    def idle(self) -> Floats:
        """Dollars a day of a rented fleet that serves nothing, shape (days,)."""
        empty = self.sizing.sizes(np.zeros(self.clock.days), self.sizing.capacity)
        return self.costs.rented(empty, self.clock.day)

    def running(self) -> Floats:
        """As if live since day 0."""
        entries = self.costs.serving(self.full, np.ones(self.clock.days, dtype=bool))
        return sum(entries.values(), self.costs.amortisation(self.full.peak))
