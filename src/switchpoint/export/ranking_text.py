"""A ranking of candidates as text and JSON."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

from switchpoint.export.plain_tables import as_text, csv_bytes, table
from switchpoint.horizon import MONTH_DAYS, Floats
from switchpoint.ranking.offer_figures import LoadCurve, OfferFigures, ThreeMoments
from switchpoint.ranking.offers import current_name
from switchpoint.ranking.rank import (
    RankedCandidate,
    Ranking,
    assumption_lines,
    binding_word,
    reason,
    short_title,
    template_rows,
    then_words,
    way_words,
)
from switchpoint.text import about, day, percent, usd

TOP = 12


def shown_candidates(ranking: Ranking, top: int = TOP) -> tuple[list[RankedCandidate], list[RankedCandidate]]:
    """The first of a ranking, and of each way that is not among them its best."""
    first = list(ranking.candidates[:top])
    seen, further = {way_words(each.offer) for each in first}, []
    for each in ranking.candidates[top:]:
        if way_words(each.offer) not in seen:
            seen.add(way_words(each.offer))
            further.append(each)
    return first, further


def ranking_page(ranking: Ranking, top: int = TOP) -> str:
    """The ranking as text: what is assumed first, then the table, then why."""
    scenario, stay = ranking.scenario, ranking.stay_usd_per_month
    first, further = shown_candidates(ranking, top)
    head, *assumed = assumption_lines(ranking)
    today = (
        f"Today: {current_name(scenario)}, {usd(stay.today)} a month now, {usd(stay.then)} {then_words(ranking)}, "
        f"{usd(stay.end)} at the end ({day(ranking.clock.date_of(ranking.moments.end))}); "
        f"{usd(ranking.stay_usd_per_1000_requests.today)} per 1,000 requests."
    )
    order = (
        "Dollars a month of all requests, live and in full: serving, what stays on the current route, upkeep; the "
        f"project is left out. In the order of what they cost {then_words(ranking)}."
    )
    parts = [
        f"{scenario.name}: what could carry this usage, from the catalogue",
        "\n".join([f"What is assumed. {head}", *(f"- {line}" for line in assumed)]),
        today,
        _nothing_cheaper(ranking),
        f"{order}\n{_table(ranking, first)}" if first else "",
        *([f"The best of the other ways\n{_table(ranking, further)}"] if further else []),
        "\n".join(
            ["Why", *(f"{each.rank}. {each.offer.title}: {reason(ranking, each)}" for each in [*first, *further])]
        ),
        *(["Left out: " + "; ".join(ranking.left_out) + "."] if ranking.left_out else []),
        "\n".join(["Sources", *_sources([*first, *further])]),
    ]
    return "\n\n".join(part for part in parts if part) + "\n"


def _nothing_cheaper(ranking: Ranking) -> str:
    """That staying is cheapest, where it is."""
    stay = ranking.stay_usd_per_month.then
    if any(each.figures.usd_per_month.then < stay for each in ranking.candidates):
        return ""
    return f"Nothing in the catalogue is cheaper than staying {then_words(ranking)}: people to keep it up cost more."


def _table(ranking: Ranking, ranked: Sequence[RankedCandidate]) -> str:
    then = "at the limit" if ranking.moments.is_threat else "in a year"
    head = ["", "candidate", "paid", "size", "takes", "today", then, "at the end", "per 1,000", "replicas", "used"]
    rows = [[*head, "binds", "cheaper from"]]
    return table([*rows, *(_row(ranking, each) for each in ranked)])


def _row(ranking: Ranking, ranked: RankedCandidate) -> list[str]:
    figures, offer = ranked.figures, ranked.offer
    usds, replicas, found = figures.usd_per_month, figures.replicas, figures.cheaper_from
    return [
        f"{ranked.rank}",
        short_title(offer),
        way_words(offer),
        offer.size,
        percent(figures.coverage),
        usd(usds.today),
        usd(usds.then),
        usd(usds.end),
        usd(figures.usd_per_1000_requests.then),
        "" if replicas is None else "/".join(f"{each:.0f}" for each in (replicas.today, replicas.then, replicas.end)),
        "" if figures.utilisation is None else percent(round(figures.utilisation, 2)),
        binding_word(ranking, figures),
        "never" if found is None else "any load" if found == 0 else f"{about(found)}/day",
    ]


def _sources(ranked: Sequence[RankedCandidate]) -> list[str]:
    return [f"- {source}" for source in dict.fromkeys(each for one in ranked for each in one.offer.sources)]


def ranking_json(ranking: Ranking, top: int | None = None) -> str:
    """The whole ranking as JSON; with `top`, its first candidates."""
    return as_text(ranking_data(ranking, top))


def ranking_data(ranking: Ranking, top: int | None = None) -> dict[str, Any]:
    """The ranking as plain data, dates as ISO text."""
    moments, clock = ranking.moments, ranking.clock
    days = {name: clock.date_of(number).isoformat() for name, number in asdict_days(ranking).items()}
    kept = {"ttft_p95_s": ranking.promise.ttft_p95_s, "tpot_p95_s": ranking.promise.tpot_p95_s}
    return {
        "scenario": ranking.scenario.name,
        "sizes": list(ranking.sizes),
        "moments": {**days, "then_is": "threat" if moments.is_threat else "after 12 months"},
        "promise": {**kept, "stated": ranking.promise_stated},
        "current": {
            "name": current_name(ranking.scenario),
            "requests_per_day": asdict(ranking.requests_per_day),
            "usd_per_month": asdict(ranking.stay_usd_per_month),
            "usd_per_1000_requests": asdict(ranking.stay_usd_per_1000_requests),
        },
        "assumptions": assumption_lines(ranking),
        "template": [asdict(each) for each in template_rows(ranking.sizes)],
        "candidates": [_candidate(ranking, each) for each in ranking.candidates[:top]],
        "left_out": list(ranking.left_out),
    }


def asdict_days(ranking: Ranking) -> dict[str, int]:
    """The three days of a ranking by name."""
    return {"today": ranking.moments.today, "then": ranking.moments.then, "end": ranking.moments.end}


def _candidate(ranking: Ranking, ranked: RankedCandidate) -> dict[str, Any]:
    figures, offer = ranked.figures, ranked.offer
    return {
        "rank": ranked.rank,
        "name": offer.name,
        "title": offer.title,
        "kind": offer.tree["kind"],
        "way": offer.way,
        "terms": offer.terms,
        "model": offer.model,
        "size": offer.size,
        "coverage": figures.coverage,
        **_figures(figures),
        "binds": binding_word(ranking, figures),
        "reason": reason(ranking, ranked),
        "sources": list(offer.sources),
        "table": dict(offer.tree),
        "alternatives": [
            {"name": each.offer.name, "title": each.offer.title, "terms": each.offer.terms, **_figures(each)}
            for each in ranked.alternatives
        ],
    }


def _figures(figures: OfferFigures) -> dict[str, Any]:
    return {
        "usd_per_month": asdict(figures.usd_per_month),
        "usd_per_1000_requests": asdict(figures.usd_per_1000_requests),
        "replicas": _whole(figures.replicas),
        "utilisation": figures.utilisation,
        "overflow_share": figures.overflow_share,
        "cheaper_from_requests_per_day": figures.cheaper_from,
    }


def _whole(moments: ThreeMoments | None) -> dict[str, int] | None:
    return None if moments is None else {name: round(value) for name, value in asdict(moments).items()}


def loads_csv(ranked: Sequence[RankedCandidate], loads: Floats) -> bytes:
    """Dollars per 1,000 requests at each load as CSV, a column for the current route and each candidate."""
    per = loads * MONTH_DAYS / 1000
    curves = [LoadCurve(each.figures.found) for each in ranked]
    costs = [curves[0].stay(loads), *(curve.candidate(loads) for curve in curves)] if curves else []
    columns = {"requests_per_day": loads}
    names = ["current", *(each.offer.name for each in ranked)] if curves else []
    columns |= {name: cost / per for name, cost in zip(names, costs, strict=True)}
    return csv_bytes({name: [float(each) for each in values] for name, values in columns.items()})
