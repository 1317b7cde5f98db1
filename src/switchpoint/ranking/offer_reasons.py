"""Why a candidate stands where it does, and what is assumed of all of them, in sentences."""

from __future__ import annotations

from collections.abc import Sequence

from switchpoint.catalog.templates import ANY, SIZES, TemplateValue, template_value, template_values
from switchpoint.ranking.offer import CandidateOffer, current_name
from switchpoint.ranking.offer_figures import OfferFigures
from switchpoint.ranking.rank import RankedCandidate, Ranking
from switchpoint.text import day, join_names, percent, usd

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
