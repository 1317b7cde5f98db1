"""A prospect: one candidate as the simulation sees it, with its carrier, its project's planner and its prices."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from itertools import zip_longest

import numpy as np

from switchpoint.horizon import NEVER, PER_DAY, Amount, Days, Floats, Horizon, Ints, first_day, per_start
from switchpoint.scenario.candidates import ApiCandidate, Candidate, Fleet, GpuCandidate, HostedCandidate
from switchpoint.scenario.current import CommonOfCurrent, Current, CurrentGpu, OwnRoute, is_paid_by_token
from switchpoint.scenario.routes import Endpoint
from switchpoint.scenario.schema import Scenario
from switchpoint.scenario.uncertain import amount, num
from switchpoint.simulation.capacity import (
    Tokens,
    as_sold,
    capacity_by_day,
    iteration_usd,
    max_context,
    rent_per_hour,
    request_seconds,
    spread_of,
    tokens_of,
)
from switchpoint.simulation.chance import Chance, DrawnWorlds, Expected, RandomSource
from switchpoint.simulation.current_route import CurrentRouteCosts, RouteCosts, as_fleet, endpoint_capacity
from switchpoint.simulation.deferrable import Offers
from switchpoint.simulation.fleet import GONE, FleetCosts, FleetServing, Overflow, ServingCost, TokenServing
from switchpoint.simulation.growth import RentSwings
from switchpoint.simulation.ledger import Component, Entries, Ledger
from switchpoint.simulation.prices import (
    RequestTerms,
    Tariff,
    beyond_context,
    bill,
    listed_price,
    no_tariff,
    retires_on,
    tariff,
)
from switchpoint.simulation.project import rehearse
from switchpoint.simulation.schedule import Expectation, Labelling, Planner, Steps, whole_days
from switchpoint.simulation.sizing import Serverless, Sizing
from switchpoint.simulation.usage import Traffic, hour_weights, paid_hours, traffic


@dataclass(frozen=True)
class World:
    """What all candidates share: the days, the traffic, and the current route."""

    scenario: Scenario
    clock: Horizon
    traffic: Traffic
    chance: Chance
    current: Tariff
    anchor: Scenario
    """The scenario at whose tokens the capacity of a replica is simulated exactly."""
    many: bool = False
    """Whether it stands for many worlds."""
    apart: bool = True
    """Whether anybody asks for the kinds of tokens."""

    @classmethod
    def of(
        cls,
        scenario: Scenario,
        clock: Horizon,
        chance: Chance,
        anchor: Scenario | None = None,
        *,
        many: bool = False,
        apart: bool = True,
    ) -> World:
        """The world around the candidates of a scenario."""
        flow = traffic(scenario.usage, clock, chance)
        current = current_tariff(scenario, flow, clock, chance, scenario.batch_share)
        return cls(
            scenario, clock, flow, chance, current if apart else current.in_one(), anchor or scenario, many, apart
        )

    @cached_property
    def expected_requests(self) -> Floats:
        """Requests a day of the base case, shape (days,)."""
        return traffic(self.anchor.usage, self.clock, Expected()).requests

    @cached_property
    def current_now(self) -> Tariff:
        """The current route for requests that cannot wait."""
        return current_tariff(self.scenario, self.traffic, self.clock, self.chance, 0.0)

    @cached_property
    def current_waiting(self) -> Tariff:
        """The current route for requests that can."""
        return current_tariff(self.scenario, self.traffic, self.clock, self.chance, 1.0)

    @cached_property
    def beside_tokens(self) -> CurrentRouteCosts:
        """What the current route costs beside tokens."""
        spec, everything = self.scenario.current, 1.0
        carrier = None
        if isinstance(spec, CurrentGpu):
            tokens = tokens_of(self.anchor.current, self.anchor.usage)
            carrier = _fleet(spec, self, everything, tokens)
        elif spec.endpoint is not None:
            carrier = _endpoints(spec, spec.endpoint, self, everything)
        return CurrentRouteCosts(spec, self.clock, carrier)

    def current_costs(self, share: Floats, overflow: Overflow | None = None, left: Days = NEVER) -> RouteCosts:
        """What the current route costs for a share of the requests and what a fleet leaves to it, but for migrations.

        Args:
            share: share of all requests that stays on it, shape (…, days).
            overflow: what a candidate's fleet leaves to it.
            left: first day on which nothing is on it any more, shape (…); NEVER where it is never left.
        """
        if self.beside_tokens.is_plain:
            return RouteCosts(self._token_bill(share, overflow))
        found = self.beside_tokens.costs(share, left, share > 0 if overflow is None else share >= 0)
        if self.beside_tokens.carrier is not None:
            return found
        return replace(found, entries={**self._token_bill(share, overflow), **found.entries})

    def _token_bill(self, share: Floats, overflow: Overflow | None) -> Entries:
        """Tokens and fees of the current route, shape (…, days)."""
        requests, clock, apart = self.traffic.requests * share, self.clock, self.apart
        if overflow is None:
            return bill(self.current, requests, share > 0, clock, apart=apart)
        more = ((self.current_now, overflow.now), (self.current_waiting, overflow.waiting))
        return bill(self.current, requests, share >= 0, clock, apart=apart, more=more)

    @cached_property
    def _staying(self) -> RouteCosts:
        return self.current_costs(np.ones(self.clock.days))

    @cached_property
    def stay(self) -> Ledger:
        """Dollars a day of staying, by component; shape (days,)."""
        entries = dict(self._staying.entries)
        if self.current.migration is not None:
            entries[Component.MIGRATION] = self.current.migration
        return Ledger(entries, current_credit=self._staying.end_credit)

    @cached_property
    def route_bill(self) -> Floats:
        """Dollars a day that the current route bills, with the wear of its GPUs in place of their price: staying
        without the work that a retired model makes."""
        return self._staying.running


@dataclass(frozen=True)
class SimulatedCandidate:
    """A candidate in its setting."""

    name: str
    spec: Candidate
    setting: World
    coverage: Amount
    carrier: ServingCost
    planner: Planner
    iteration_usd: Amount
    outages: tuple[tuple[Days, Days], ...] = ()
    """Days since cutover on which incidents begin and are over; they do not overlap."""

    def days_down(self, cutover: Ints) -> tuple[Ints, Ints]:
        """Days on which its incidents begin and are over, shape (…, starts, incidents)."""
        begin, over = (np.stack([cutover + day for day in days], axis=-1) for days in zip(*self.outages, strict=True))
        return begin, over

    @property
    def upkeep_per_day(self) -> Amount:
        """Dollars a day of upkeep once live."""
        upkeep = self.spec.upkeep
        engineers = upkeep.engineers * amount(self.spec.project.usd_per_engineer_month)
        return (engineers + amount(upkeep.usd_per_month)) * PER_DAY


def simulated_candidate(name: str, spec: Candidate, setting: World) -> SimulatedCandidate:
    """Build one candidate.

    Raises:
        CatalogError: where it names a model, GPU or provider that the catalogue lacks.
    """
    coverage, plan = amount(spec.coverage), planner(name, spec, setting)
    if isinstance(spec, GpuCandidate):
        tokens = tokens_of(setting.anchor.candidates[name], setting.anchor.usage)
        carrier: ServingCost = _fleet(spec, setting, coverage, tokens)
    elif isinstance(spec, HostedCandidate) and spec.endpoint is not None:
        carrier = _endpoints(spec, spec.endpoint, setting, coverage)
    else:
        carrier = _unless_gone(_tokens(name, spec, setting, coverage), spec, plan, setting.many)
    usd = iteration_usd(spec, setting.scenario)
    return SimulatedCandidate(name, spec, setting, coverage, carrier, plan, usd, outages(spec, setting))


def current_tariff(scenario: Scenario, flow: Traffic, clock: Horizon, chance: Chance, batch_share: float) -> Tariff:
    """What the current route charges for requests of which such a part can wait."""
    route = scenario.current
    if isinstance(route, CurrentGpu) or not is_paid_by_token(route):
        return no_tariff(clock)
    terms = RequestTerms(
        amount(route.retry_share),
        amount(scenario.usage.cached_input_share),
        batch_share,
        route.batch_discount,
        hours=paid_hours(scenario.usage),
    )
    return tariff(route, terms, flow, clock, chance.of(RandomSource.CURRENT_PRICES))


def planner(name: str, spec: Candidate, setting: World) -> Planner:
    """When a candidate's project comes to what, for any start."""
    project = spec.project
    labelling, tail = Labelling(project, setting.traffic.requests), rehearse(project, setting.chance)
    expected = None if isinstance(setting.chance, Expected) else expectation(setting.anchor.candidates[name], setting)
    return Planner(project, Steps.of(project), labelling, setting.clock, tail, expected)


def expectation(spec: Candidate, setting: World) -> Expectation:
    """What is expected of a project in the base case; `spec` is the candidate as the scenario states it."""
    project = spec.project
    return Expectation(Labelling(project, setting.expected_requests), whole_days(num(project.hiring_weeks), 7))


def outages(spec: Candidate, setting: World) -> tuple[tuple[Days, Days], ...]:
    """Days since cutover on which incidents begin and are over; in worlds with fewer than others the last are NEVER."""
    days = setting.clock.days
    incidents = setting.chance.of(RandomSource.INCIDENTS).incidents(spec.upkeep.incidents_per_year, days)
    length = np.ceil(per_start(amount(spec.upkeep.incident_days))).astype(int)
    if not isinstance(setting.chance, DrawnWorlds):
        return merge_incidents(incidents, int(length)) if len(incidents) else ()
    each = [
        merge_incidents(*world)
        for world in zip(incidents, np.broadcast_to(length, (len(incidents), 1))[:, 0], strict=True)
    ]
    spans = [tuple(zip_longest(*ends, fillvalue=NEVER)) for ends in ([[s[i] for s in w] for w in each] for i in (0, 1))]
    return tuple((np.array(begin)[:, None], np.array(over)[:, None]) for begin, over in zip(*spans, strict=True))


def merge_incidents(begins: Sequence[int], length: int) -> tuple[tuple[int, int], ...]:
    """Incidents of one length as first day and the day after the last, those that touch or overlap as one.

    >>> merge_incidents([10, 12, 40], 3)
    ((10, 15), (40, 43))
    """
    spans: list[tuple[int, int]] = []
    for begin in sorted(begins) if length else ():
        if spans and begin <= spans[-1][1]:
            spans[-1] = spans[-1][0], begin + length
        else:
            spans.append((begin, begin + length))
    return tuple(spans)


def _terms(spec: Candidate | CommonOfCurrent, setting: World, batch_discount: float | None) -> RequestTerms:
    current = setting.scenario.current
    return RequestTerms(
        retry_share=amount(current.retry_share if spec.retry_share is None else spec.retry_share),
        cached_share=amount(setting.scenario.usage.cached_input_share),
        batch_share=setting.scenario.batch_share,
        batch_discount=batch_discount,
        input_factor=amount(spec.input_tokens_factor),
        output_factor=amount(spec.output_tokens_factor),
        hours=paid_hours(setting.scenario.usage),
    )


def _tokens(name: str, spec: ApiCandidate | HostedCandidate, setting: World, coverage: Amount) -> TokenServing:
    known = listed_price(spec, setting.clock.start)
    context = known.max_context if known is not None and spec.max_context is None else spec.max_context
    terms = _terms(spec, setting, spec.batch_discount)
    flow, clock = setting.traffic, setting.clock
    found = tariff(spec, terms, flow, clock, setting.chance.of(RandomSource.CANDIDATE_PRICES), ("candidates", name))
    return TokenServing(
        tariff=found if setting.apart else found.in_one(),
        requests=flow.requests,
        coverage=coverage,
        clock=clock,
        impossible_from=beyond_context(flow, terms, context),
        apart=setting.apart,
    )


def _unless_gone(
    carrier: TokenServing, spec: ApiCandidate | HostedCandidate, planner: Planner, many: bool
) -> TokenServing:
    """A route is not possible from the day on which its model is retired, where it could not be live before.

    One that states what moving to a successor costs has a successor, and goes live on that.
    """
    end = retires_on(spec, carrier.clock)
    if end is None or np.any(amount(spec.usd_per_migration)) or spec.migration_price_factor != 1.0:
        return carrier
    gone, live = max(carrier.clock.day_of(end), 0), earliest_live(spec, planner, many)
    lost = (gone <= live) & (gone < carrier.impossible_from)
    if not np.any(lost):
        return carrier
    ends = np.where(lost, gone, carrier.impossible_from)
    return replace(carrier, impossible_from=ends if ends.ndim > 1 else int(ends[0]), why_impossible=GONE)


def earliest_live(spec: Candidate, planner: Planner, many: bool = False) -> Ints:
    """First day on which a candidate carries its whole share if its project starts today, shape (1,) or (worlds, 1)."""
    today = np.full((1, 1) if many else 1, starts_at(spec, planner.clock) or 0)
    return planner.schedule(today).cutover


def _fleet(spec: OwnRoute, setting: World, coverage: Amount, anchor: Tokens) -> FleetServing:
    fleet, clock, flow = as_sold(spec.fleet), setting.clock, setting.traffic
    terms = _terms(spec, setting, 0.0)
    carried, why = capacity_by_day(
        spec,
        flow,
        terms,
        clock,
        anchor,
        spread_of(setting.scenario.usage),
    )
    context = max_context(spec.model) if spec.model else None
    too_long = beyond_context(flow, terms, context)
    swings = RentSwings(fleet.rent_volatility_per_year, fleet.rent_reversion_per_year, fleet.rent_spread)
    costs = FleetCosts(
        fleet, clock, rent_per_hour(spec), setting.chance.of(RandomSource.RENTS).rents(clock.days, swings)
    )
    tries = 1 + terms.retry_share
    by_the_second = (
        Serverless.of(fleet, request_seconds(spec, setting.anchor.usage)) if fleet.scaling == "serverless" else None
    )
    hours, waits = hour_weights(setting.scenario.usage), setting.scenario.batch_share
    return FleetServing(
        sizing=Sizing(fleet, hours, carried, waits, _offers(fleet, costs, setting, tries), by_the_second),
        costs=costs,
        requests=flow.requests * tries,
        coverage=coverage,
        clock=clock,
        context_from=too_long,
        helpless_from=first_day(carried <= 0),
        why_helpless=why,
        tries=tries,
    )


def _endpoints(spec: HostedCandidate | Current, endpoint: Endpoint, setting: World, coverage: Amount) -> FleetServing:
    fleet, clock, flow = as_fleet(endpoint, spec.usd_per_month), setting.clock, setting.traffic
    terms = _terms(spec, setting, 0.0)
    costs, tries = FleetCosts(fleet, clock, amount(endpoint.usd_per_hour)), 1 + terms.retry_share
    carried = endpoint_capacity(endpoint, flow, terms, clock.days)
    hours, waits = hour_weights(setting.scenario.usage), setting.scenario.batch_share
    return FleetServing(
        sizing=Sizing(fleet, hours, carried, waits, _offers(fleet, costs, setting, tries)),
        costs=costs,
        requests=flow.requests * tries,
        coverage=coverage,
        clock=clock,
        context_from=beyond_context(flow, terms, spec.max_context),
        tries=tries,
        too_small="its endpoints are too few for the load",
    )


def _offers(fleet: Fleet, costs: FleetCosts, setting: World, tries: Amount) -> Offers | None:
    """What decides about extra hours, where work may go to the current route."""
    if fleet.overflow != "current":
        return None
    return Offers(costs.rent, setting.current_waiting.per_request / tries)


def starts_at(spec: Candidate, clock: Horizon) -> int | None:
    """Start of a project under way, at or before day 0; None for one that is still to be started."""
    return None if spec.project.started is None else clock.day_of(spec.project.started)
