"""The ranking: all offers of the catalogue for a scenario, priced as it prices its own candidates, the cheapest first.

Token offers are all priced. Of GPUs there are some thousand layouts: a formula picks those worth simulating, and the
simulation of serving says what their replicas carry, as it does for any candidate. Each layout is then priced as every
offer of it: rented on demand, spot or partly reserved, bought, or as a fleet for the base load, in the size that costs
least over the horizon.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property, partial
from itertools import groupby, islice

from switchpoint.catalog.templates import SIZES, template_value
from switchpoint.decision.case import SimulatedWorld, simulate
from switchpoint.decision.running_cost import RunningCost
from switchpoint.finance import trailing_mean
from switchpoint.horizon import MONTH_DAYS, Horizon, horizon_of
from switchpoint.interrupt import pause
from switchpoint.ranking.gpu_offers import gpu_offers
from switchpoint.ranking.leaders import LayoutEstimate, estimates, layout_carries, leaders, simulate_layouts
from switchpoint.ranking.offer import CandidateOffer
from switchpoint.ranking.offer_figures import Moments, OfferFigures, ThreeMoments
from switchpoint.ranking.token_offers import token_offers
from switchpoint.scenario.candidates import GpuCandidate
from switchpoint.scenario.schema import Scenario
from switchpoint.serving.rate_trial import Promise
from switchpoint.simulation.candidate import World, simulated_candidate
from switchpoint.simulation.chance import Expected
from switchpoint.simulation.limits import BillLimits

Told = Callable[[float], None]
SIMULATED = 6
"""Layouts of a replica that are simulated: the cheapest by formula, some of each size class."""
ROUNDS = 2
"""Where a simulated layout cannot keep the promise, others take its place so often."""
FIRM = ("on demand", "reserved", "bought")


@dataclass(frozen=True)
class RankedCandidate:
    """One line of the ranking."""

    rank: int
    figures: OfferFigures
    alternatives: tuple[OfferFigures, ...]
    """The same replicas on other terms, the cheapest first."""

    @property
    def offer(self) -> CandidateOffer:
        """What it is."""
        return self.figures.offer


@dataclass(frozen=True)
class Ranking:
    """What could carry a scenario's usage, the cheapest then first."""

    case: SimulatedWorld
    """The scenario itself."""
    moments: Moments
    promise: Promise
    promise_stated: bool
    """Whether the promise is the user's; else it is assumed."""
    sizes: tuple[str, ...]
    candidates: tuple[RankedCandidate, ...]
    left_out: tuple[str, ...]
    """What was looked at and is not listed, one sentence each."""

    @property
    def scenario(self) -> Scenario:
        """Whose usage is carried."""
        return self.case.scenario

    @property
    def clock(self) -> Horizon:
        """Its days."""
        return self.case.clock

    @cached_property
    def stay_usd_per_month(self) -> ThreeMoments:
        """The bill of the current route."""
        return ThreeMoments.of(trailing_mean(self.case.setting.route_bill) * MONTH_DAYS, self.moments)

    @cached_property
    def requests_per_day(self) -> ThreeMoments:
        """Its requests, averaged over 28 days."""
        return ThreeMoments.of(trailing_mean(self.case.setting.traffic.requests), self.moments)

    @cached_property
    def stay_usd_per_1000_requests(self) -> ThreeMoments:
        """The bill of 1,000 requests."""
        bill, requests = self.stay_usd_per_month, self.requests_per_day
        pairs = ((bill.today, requests.today), (bill.then, requests.then), (bill.end, requests.end))
        return ThreeMoments(*(usd / MONTH_DAYS / max(each, 1e-12) * 1000 for usd, each in pairs))


def promise_of(scenario: Scenario) -> tuple[Promise, bool]:
    """The tightest promise of a scenario's own fleets, or that they make none; without fleets what is assumed."""
    fleets = [each.fleet for each in scenario.candidates.values() if isinstance(each, GpuCandidate)]
    first = [each.ttft_p95_s for each in fleets if each.ttft_p95_s is not None]
    then = [each.tpot_p95_s for each in fleets if each.tpot_p95_s is not None]
    if fleets:
        return Promise(min(first, default=None), min(then, default=None)), True
    return Promise(template_value("ttft_p95_s"), template_value("tpot_p95_s")), False


def rank(
    scenario: Scenario,
    sizes: tuple[str, ...] = SIZES,
    promise: Promise | None = None,
    jobs: int = 1,
    progress: Told | None = None,
    simulated: int | None = None,
) -> Ranking:
    """Rank what the catalogue offers.

    Args:
        scenario: whose usage is to be carried; its own candidates are not looked at.
        sizes: size classes that are asked for.
        promise: latency that fleets must keep; left out, that of the scenario's fleets, else the template's.
        jobs: processes that simulate replicas.
        progress: told the share that is done.
        simulated: layouts of a replica that are simulated; left out, SIMULATED.

    Raises:
        CatalogError: where the scenario names something that the catalogue lacks.
        CannotCompute: where its numbers cannot be computed.
    """
    told = progress or (lambda _: None)
    kept, is_stated = promise_of(scenario) if promise is None else (promise, True)
    case = simulate(scenario.model_copy(update={"candidates": {}}))
    moments = Moments.of(case.threat, case.clock)
    offers = token_offers(scenario, case.clock.date_of(case.clock.days - 1), sizes)
    told(0.1)
    plan = FleetSearch(case, moments, kept, sizes, jobs, SIMULATED if simulated is None else simulated)
    fleets = plan.offers(lambda share: told(0.1 + 0.75 * share))
    figures = list(price_offers(scenario, [*offers, *fleets], moments, lambda share: told(0.85 + 0.15 * share)))
    stay = float(trailing_mean(case.setting.route_bill)[moments.then] * MONTH_DAYS)
    chosen, left_out = _choose(figures, stay)
    if not fleets:
        left_out = (*left_out, "GPUs of your own: no layout that was looked at keeps the latency promise")
    listed = tuple(RankedCandidate(place, each, more) for place, (each, more) in enumerate(chosen, 1))
    return Ranking(case, moments, kept, is_stated, sizes, listed, left_out)


def price_offers(
    scenario: Scenario, offers: Sequence[CandidateOffer], moments: Moments, told: Told
) -> Iterator[OfferFigures]:
    """Each offer as the simulation prices a candidate of the scenario."""
    with_all = scenario.model_copy(update={"candidates": {str(i): offer.spec for i, offer in enumerate(offers)}})
    world = World.of(with_all, horizon_of(scenario.start, scenario.months), Expected())
    limits = BillLimits.of(world)
    for place, offer in enumerate(offers):  # by number: sizes of one fleet share a name
        pause()
        found = simulated_candidate(str(place), offer.spec, world)
        yield OfferFigures(offer, found, RunningCost.of(found, limits), moments)
        told((place + 1) / len(offers))


@dataclass(frozen=True)
class FleetSearch:
    """The search for layouts of a replica that are worth offering."""

    case: SimulatedWorld
    moments: Moments
    promise: Promise
    sizes: tuple[str, ...]
    jobs: int
    wanted: int
    """Layouts."""

    def offers(self, told: Told) -> list[CandidateOffer]:
        """All offers of the leading layouts; those that the simulation finds too slow are replaced by the next."""
        queue = self._queue()
        offers: list[CandidateOffer] = []
        found = 0
        for turn in range(ROUNDS):
            asked = list(islice(queue, self.wanted - found))
            if not asked:
                break
            options = [gpu_offers(self.case.scenario, each.layout, each.replicas, self.promise) for each in asked]
            share = partial(self._tell_turn, told, turn)
            simulate_layouts(self.case, _first_specs(options), self.jobs, share)
            carried = [each for each in options if each and layout_carries(self.case, each[0].spec)]
            offers += [offer for each in carried for offer in each]
            found += len(carried)
        told(1.0)
        return offers

    @staticmethod
    def _tell_turn(told: Told, turn: int, share: float) -> None:
        told((turn + share) / ROUNDS)

    def _queue(self) -> Iterator[LayoutEstimate]:
        requests = float(trailing_mean(self.case.setting.traffic.requests)[self.moments.then])
        stay = float(trailing_mean(self.case.setting.route_bill)[self.moments.then] * MONTH_DAYS)
        return leaders(estimates(self.case, requests, stay, self.promise, self.sizes), self.sizes)


def _first_specs(options: Iterable[list[CandidateOffer]]) -> list[GpuCandidate]:
    """One candidate of each layout: all of its offers have the same replicas."""
    return [each[0].spec for each in options if each and isinstance(each[0].spec, GpuCandidate)]


Choice = tuple[OfferFigures, tuple[OfferFigures, ...]]


def _choose(figures: list[OfferFigures], stay: float) -> tuple[list[Choice], tuple[str, ...]]:
    """One line for each model and way, the cheapest first, and what is not listed."""
    possible = [each for each in figures if each.possible]
    cheap = [each for each in possible if not each.offer.in_tokens or each.usd_per_month.then < stay]
    lines = [line for each in _groups(cheap) for line in _lines(each)]
    lines.sort(key=lambda line: (line[0].usd_per_month.then, line[0].offer.name))
    dearer, impossible = len(possible) - len(cheap), len(figures) - len(possible)
    said = []
    if dearer:
        said.append(f"{dearer} model{'s' * (dearer != 1)} paid by the token that would cost more than staying")
    if impossible:
        offers = f"{impossible} offer{'s' * (impossible != 1)}"
        said.append(f"{offers} that could not carry the usage to the end: {_why(figures)}")
    return lines, tuple(said)


def _why(figures: list[OfferFigures]) -> str:
    reasons = dict.fromkeys(each.why_not for each in figures if not each.possible)
    return "; ".join(islice(reasons, 3))


def _groups(figures: list[OfferFigures]) -> Iterator[list[OfferFigures]]:
    """The offers of one model that go one way: by the token, on GPUs for all requests, for the base load."""

    def key(each: OfferFigures) -> tuple[str, str]:
        return each.offer.model, "token" if each.offer.in_tokens else each.offer.way

    for _, group in groupby(sorted(figures, key=key), key=key):
        yield list(group)


def _lines(group: list[OfferFigures]) -> Iterator[Choice]:
    """The line of a group: by the token the cheapest host; of GPUs the cheapest firm terms, others beside them."""
    if group[0].offer.in_tokens:
        best, *rest = sorted(group, key=lambda each: each.usd_per_month.then)
        yield best, tuple(rest)
        return
    best_of_terms = _best_sizes(group)
    if group[0].offer.way == "base-load":
        best, *rest = sorted(best_of_terms, key=_then)
        yield best, tuple(rest)
        return
    firm = sorted((each for each in best_of_terms if each.offer.terms in FIRM), key=_then)
    if firm:
        yield firm[0], tuple(sorted((each for each in best_of_terms if each is not firm[0]), key=_then))


def _then(each: OfferFigures) -> float:
    return each.usd_per_month.then


def _best_sizes(group: list[OfferFigures]) -> list[OfferFigures]:
    """Of each terms the size that costs least over the horizon."""
    found: dict[str, OfferFigures] = {}
    for each in group:
        before = found.get(each.offer.terms)
        if before is None or each.total_usd < before.total_usd * (1 - 1e-9):
            found[each.offer.terms] = each
    return list(found.values())
