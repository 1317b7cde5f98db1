"""The ranking of all offers for a scenario, the cheapest first, and why each stands where it does.

The ranking: all offers of the catalogue for a scenario, priced as it prices its own candidates, the cheapest first.

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

from switchpoint.catalog.templates import ANY, SIZES, TemplateValue, template_value, template_values
from switchpoint.decision.case import SimulatedWorld, simulate
from switchpoint.decision.started_candidate import RunningCost
from switchpoint.finance import trailing_mean
from switchpoint.horizon import MONTH_DAYS, Horizon, horizon_of
from switchpoint.interrupt import pause
from switchpoint.ranking.leaders import LayoutEstimate, estimates, layout_carries, leaders, simulate_layouts
from switchpoint.ranking.offer_figures import Moments, OfferFigures, ThreeMoments
from switchpoint.ranking.offers import CandidateOffer, current_name, gpu_offers, token_offers
from switchpoint.scenario.candidates import GpuCandidate
from switchpoint.scenario.schema import Scenario
from switchpoint.serving.serve import Promise
from switchpoint.simulation.candidate import World, simulated_candidate
from switchpoint.simulation.chance import Expected
from switchpoint.simulation.limits import BillLimits
from switchpoint.text import day, join_names, percent, usd

# The ranking ---------------------------------------------------------------------------------------------------------

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


# Why a candidate stands where it does, and what is assumed of all of them, in sentences ------------------------------

WAYS = {"api": "closed model, by the token", "hosted": "open model, by the token"}
BINDS = {
    "latency": "the latency promise binds",
    "compute": "computing binds",
    "bandwidth": "memory bandwidth binds",
    "memory": "GPU memory binds",
}


def way_words(offer: CandidateOffer) -> str:
    """How it is paid, in a few words."""
    if offer.in_tokens:
        return WAYS[offer.way]
    return f"own GPUs, {offer.terms}" if offer.way == "own" else f"base load on own GPUs, {offer.terms}"


def short_title(offer: CandidateOffer) -> str:
    """What it is called in a table: how it is paid stands beside it."""
    if offer.in_tokens:
        return offer.title
    fleet = offer.tree["fleet"]
    where = f", {fleet['provider']}" if "provider" in fleet else ""
    count = fleet.get("gpus_per_replica", 1)
    most = f", at most {fleet['max_replicas']}" if "max_replicas" in fleet else ""
    return f"{offer.model} {offer.tree['model']['precision']}, {count} x {fleet['gpu']}{where}{most}"


def binding_word(ranking: Ranking, figures: OfferFigures) -> str:
    """What limits a replica or sets the fleet; "price" where tokens are paid."""
    if figures.fleet is None:
        return "price"
    return "minimum" if figures.set_by_minimum else capacity_binds(ranking, figures)


def capacity_binds(ranking: Ranking, figures: OfferFigures) -> str:
    """What limits a replica: compute, bandwidth, memory or latency."""
    from switchpoint.ranking.leaders import questions
    from switchpoint.serving.capacity_cache import capacity

    spec = figures.offer.spec
    assert spec.kind == "gpu"
    return capacity(questions(ranking.case, spec)[0]).binds


def reason(ranking: Ranking, ranked: RankedCandidate) -> str:
    """Why it costs what it costs, in one or two sentences."""
    figures = ranked.figures
    parts = [_of_tokens(ranking, figures)] if figures.fleet is None else _of_fleet(ranking, figures)
    never = figures.cheaper_from is None
    parts += [_of_rest(ranking, figures), "At no load is it cheaper than today." if never else "", _others(ranked)]
    return " ".join(part for part in parts if part)


def _of_tokens(ranking: Ranking, figures: OfferFigures) -> str:
    own, now = figures.found.carrier, ranking.case.setting.current.per_request[0]
    each = own.tariff.per_request[0]  # type: ignore[attr-defined]
    less = f"{percent(1 - each / now)} less a request than {current_name(ranking.scenario)}" if each < now else ""
    return f"{less[:1].upper()}{less[1:]}, and nothing to build." if less else ""


def _of_fleet(ranking: Ranking, figures: OfferFigures) -> list[str]:
    fleet, replicas = figures.fleet, figures.replicas
    assert fleet is not None
    assert replicas is not None
    per_replica = float(fleet.sizing.capacity[0])
    sized = f"A replica carries {per_replica:.3g} requests a second ({BINDS[capacity_binds(ranking, figures)]})."
    used = percent(figures.utilisation or 0.0)
    if figures.set_by_minimum:
        least = "One replica is" if replicas.then == 1 else f"{replicas.then:.0f} replicas are"
        said = [sized, f"{least} the least that is kept, and {used} used: load does not fill the fleet."]
    else:
        said = [sized, f"{replicas.then:.0f} replicas in the busiest hour, {used} used over the day."]
    if figures.overflow_share is not None:
        gone = figures.overflow_share
        said.append(
            f"{percent(gone)} of its requests overflow to {current_name(ranking.scenario)}, so no spare replica waits."
            if gone >= 0.001
            else f"{current_name(ranking.scenario)} stands by for what it cannot carry, so no spare replica waits."
        )
    if figures.offer.terms == "spot":
        said.append("Spot machines can be taken away at any time.")
    return [*said, *_doubts(fleet.costs.fleet.gpu)]


def _doubts(gpu: str | None) -> list[str]:
    from switchpoint.catalog import gpu as find_gpu

    extrapolated = gpu is not None and find_gpu(gpu).extrapolated
    return [f"No serving speed of the {gpu} has been published: it is extrapolated."] if extrapolated else []


def _of_rest(ranking: Ranking, figures: OfferFigures) -> str:
    rest = 1 - figures.coverage
    if rest <= 0:
        return "It is the same model, so it is taken to answer everything."
    share = rest * ranking.stay_usd_per_month.then
    return f"The {percent(rest)} that it is assumed not to answer cost {usd(share)} a month on the current route then."


def _others(ranked: RankedCandidate) -> str:
    said = [f"{_other_words(each)} {usd(each.usd_per_month.then)}" for each in ranked.alternatives[:3]]
    return f"Instead: {join_names(said)} a month." if said else ""


def _other_words(each: OfferFigures) -> str:
    return f"at {each.offer.tree['provider']}" if each.offer.in_tokens else each.offer.terms


def cost_note(ranking: Ranking, figures: OfferFigures) -> str:
    """What a candidate costs against today's route, for the head of its table."""
    usds, stay = figures.usd_per_month, ranking.stay_usd_per_month
    return (
        f"All requests would cost {usd(usds.then)} a month {then_words(ranking)} ({usd(stay.then)} on the current "
        f"route); coverage, project and upkeep are assumed."
    )


def then_words(ranking: Ranking) -> str:
    """The second of the three moments: "on 30 September 2027, when the limit is reached"."""
    when = day(ranking.clock.date_of(ranking.moments.then))
    if ranking.moments.is_threat:
        return f"on {when}, when the limit is reached"
    return f"on {when}, after a year" if ranking.moments.then < ranking.moments.end else f"on {when}, at the end"


def promise_words(ranking: Ranking) -> str:
    """The latency promise that fleets keep, and whose it is."""
    told = ("to the first token", "for each further one")
    both = [f"{kept:g} s {what}" for kept, what in zip(ranking.promise.both, told, strict=True) if kept is not None]
    whose = "as stated" if ranking.promise_stated else "assumed: the file promises nothing"
    if not both:
        return "no latency promise, as the file's own fleets make none"
    return f"{join_names(both)} at the 95th percentile ({whose})"


def assumption_lines(ranking: Ranking) -> list[str]:
    """What is assumed of all candidates, the weightiest first."""
    as_is, tuned = (
        join_names([f"{size} {percent(template_value(name, size))}" for size in ranking.sizes])
        for name in ("coverage_as_is", "coverage_tuned")
    )
    examples = join_names([f"{template_value('examples', size):,.0f}" for size in ranking.sizes])
    people = join_names([f"{template_value('engineers', size):g}" for size in ranking.sizes])
    up_to = f"small up to {template_value('up_to_billion', 'small'):g}B parameters, medium up to " + (
        f"{template_value('up_to_billion', 'medium'):g}B, large above"
    )
    return [
        "Quality is in no price list. How much of the work a model takes over is assumed by its size class "
        f"({up_to}; closed models, whose size nobody tells, by their price), and so is its project:",
        f"requests that a model answers as it is: {as_is}; the rest stay on the current route",
        f"requests that a model answers once it is trained on your examples: {tuned}",
        f"a model of your own takes {people} engineers and {examples} labelled examples; one that is paid by the "
        f"token takes {template_value('switch_engineers'):g} engineer and an evaluation of "
        f"{template_value('switch_evaluation_days'):g} days",
        f"fleets keep {promise_words(ranking)}; nobody lists the latency of a model that is paid by the token",
    ]


def template_rows(sizes: Sequence[str] = SIZES) -> list[TemplateValue]:
    """Every assumed number of some size classes, with its source."""
    return [each for each in template_values() if each.size in (*sizes, ANY)]
