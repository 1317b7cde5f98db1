"""The page that `switchpoint why` prints: what moves saving and start date, and what would change the advice."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from switchpoint.charts.sensitivity import MOST_BARS, span, start_words, takeaway
from switchpoint.export.data_files import as_text
from switchpoint.export.text_pages import table
from switchpoint.horizon import NEVER
from switchpoint.scenario.schema import Scenario
from switchpoint.study.drivers import capitalize_name
from switchpoint.study.reasons import Why, as_json
from switchpoint.study.tornado import Bar, CandidateOutcome, Estimate
from switchpoint.text import percent, usd

WIDTH = 25
MEASURES = {"npv_saving_usd": "the saving", "start_by_day": "the start-by date"}


def page(why: Why) -> str:
    """What the advice hangs on, as text."""
    scenario = why.result.case.scenario
    parts = [f"{scenario.name}: what the advice hangs on", why.result.sentence]
    parts += [*_moves(why), _changes(why), *(_explains(why) if why.indices is not None else ())]
    return "\n\n".join(parts) + "\n"


def _moves(why: Why) -> Iterator[str]:
    found, scenario = why.tornado, why.result.case.scenario
    if found is None:
        yield "There is no candidate whose saving could move."
        return
    yield f"What moves it\n{takeaway(scenario, found)}."
    if not found.bars:
        return
    savings = [each.npv_saving_usd for bar in found.bars for each in (bar.at_low, bar.at_high)]
    ends = min(*savings, found.base.npv_saving_usd), max(*savings, found.base.npv_saving_usd)
    rows = [["input", "from … to", f"{usd(ends[0])} to {usd(ends[1])}", "saving", "start by"]]
    rows += [_row(why, bar, ends) for bar in found.bars[:MOST_BARS]]
    yield table(rows)
    yield (
        f"Each input alone from p10 to p90 of its stated range; * no range is stated, 20 % less and more are assumed.\n"
        f"Base case: saving {usd(found.base.npv_saving_usd)}, {_due(scenario, found.base)}."
    )


def _row(why: Why, bar: Bar, ends: tuple[float, float]) -> list[str]:
    found, scenario = why.tornado, why.result.case.scenario
    assert found is not None
    both = [each.npv_saving_usd for each in (bar.at_low, bar.at_high)]
    starts = [start_words(scenario, each, iso=True) for each in (bar.at_low, bar.at_high)]
    name = capitalize_name(bar.driver.name, bar.driver.path) + ("" if bar.has_range else " *")
    when = starts[0] if starts[0] == starts[1] else f"{starts[0]} … {starts[1]}"
    return [name, span(bar), text_bar(both, found.base.npv_saving_usd, ends), f"{usd(both[0])} … {usd(both[1])}", when]


def _due(scenario: Scenario, outcome: CandidateOutcome) -> str:
    words = start_words(scenario, outcome)
    return f"start {words}" if outcome.start_by in (0, NEVER) else f"start by {words}"


def text_bar(values: Sequence[float], base: float, ends: tuple[float, float], width: int = WIDTH) -> str:
    """A bar between two values on a scale from end to end, with a mark at the base.

    >>> text_bar([2, 8], 5, (0, 10), 11)
    '··███│███··'
    """
    low, high = ends
    scale = (width - 1) / (high - low) if high > low else 0.0
    first, middle, last = (round((value - low) * scale) for value in (min(*values, base), base, max(*values, base)))
    marks = ["█" if first <= place <= last else "·" for place in range(width)]
    marks[middle] = "│"
    return "".join(marks)


def _changes(why: Why) -> str:
    if not why.tripwires:
        return (
            "What would change the advice\nNothing that was followed: price, usage, coverage, rent, capacity, people."
        )
    return "\n".join(["What would change the advice, the nearest first", *(f"- {t.sentence}" for t in why.tripwires)])


def _explains(why: Why) -> Iterator[str]:
    if not why.indices:
        yield "What explains the spread\nNothing to share out: no stated range moves the saving or the start-by date."
    for found in why.indices or ():
        top, what = found.shares[0], MEASURES[found.measure]
        words = (
            f"{capitalize_name(top.name, top.input.path)} explains {_percent(top.in_all.value)} of the spread of {what}"
        )
        more = f", {_percent(top.alone.value)} by itself and the rest together with others"
        rows = [["input", "alone", "(90 % interval)", "in all", "(90 % interval)"]]
        rows += [[s.name, *_estimate(s.alone), *_estimate(s.in_all)] for s in found.shares if s.in_all.value > 0]
        worlds = found.points * (len(found.shares) + 2)
        joint = top.in_all.value > top.alone.value + 0.01
        yield f"{words}{more if joint else ''}.\n{table(rows)}\nSobol' indices from {worlds:,} simulations."


def _estimate(estimate: Estimate) -> list[str]:
    return [_percent(estimate.value), f"({_percent(estimate.low)} to {_percent(estimate.high)})"]


def _percent(share: float) -> str:
    """A share of the variance; estimates beyond 0 and 1 are errors of sampling."""
    return percent(round(min(max(share, 0.0), 1.0), 3))


def json_text(why: Why) -> str:
    """The same as indented JSON with ISO dates."""
    return as_text(as_json(why))
