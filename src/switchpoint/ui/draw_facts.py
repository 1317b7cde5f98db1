"""Figures of many draws under their labels, for whichever page shows them."""

from __future__ import annotations

from collections.abc import Iterator

from switchpoint.horizon import NEVER
from switchpoint.study.draw_results import CandidateFindings, DrawFindings
from switchpoint.study.draw_survey import ADVISED
from switchpoint.study.draws import Days
from switchpoint.text import chance, day, usd
from switchpoint.ui.widgets import ShownFact


def date_fact(findings: DrawFindings, label: str, spread: Days) -> ShownFact:
    """The middle of a date over the draws, its middle 80 %, and how likely it comes at all."""
    if spread.probability == 0:
        return ShownFact(label, "in no draw", "within the horizon")
    sure = "" if spread.probability == 1 else f"within the horizon in {chance(spread.probability)}"
    if spread.p50 == NEVER:
        return ShownFact(label, f"in {chance(spread.probability)}", "of the draws within the horizon")
    last = "later" if spread.p90 == NEVER else _month(findings, spread.p90)
    first = _month(findings, spread.p10)
    spanned = "" if first == last else f"{first} to {last} in 80 %"
    return ShownFact(label, day(findings.clock.date_of(spread.p50)), ", ".join(filter(None, [spanned, sure])))


def start_fact(findings: DrawFindings, best: CandidateFindings) -> Iterator[ShownFact]:
    """The start that the draws advise, and how sure that day is; nothing where they advise none."""
    span = findings.start_by_range
    if span is None or findings.verdict.start_by >= NEVER:
        return
    dates = (findings.clock.date_or_none(max(number, 0)) for number in (findings.verdict.start_by, *span))
    start, first, last = ("never" if each is None else day(each) for each in dates)
    sure = "" if first == last else f"{first} to {last}, had other worlds been drawn"
    yield ShownFact(f"Start {best.name} by", start, sure)


def worth_facts(findings: DrawFindings, best: CandidateFindings) -> Iterator[ShownFact]:
    """How surely a candidate is live in time and saves, and how much, on average and in the middle draw."""
    if findings.median_threat != NEVER:
        yield ShownFact("Live in time", chance(best.in_time[0]), "of the draws, started as advised")
    money = best.saving(ADVISED)
    spread = f"half of the draws more than {usd(money.p50)}; {usd(money.p10)} to {usd(money.p90)} in 80 %"
    yield ShownFact("Saves on average", usd(money.mean), spread)
    yield ShownFact("Saves anything", chance(best.saves(ADVISED)[0]), "of the draws")


def _month(findings: DrawFindings, number: int) -> str:
    return f"{findings.clock.date_of(number):%b %Y}"
