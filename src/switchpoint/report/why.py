"""The page that `switchpoint why` prints: what moves saving and start date, and what would change the advice."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from switchpoint.charts.tornado import MOST_BARS, span, start_words, takeaway, tornado_chart
from switchpoint.clock import NEVER, Problem
from switchpoint.files import folder_to_write
from switchpoint.report.files import as_text, in_bytes
from switchpoint.report.run import Part, evaluate, located, progress_bar
from switchpoint.report.text import table
from switchpoint.result import Result
from switchpoint.scenario.files import Loaded
from switchpoint.scenario.schema import Scenario
from switchpoint.scenario.writing import save_files
from switchpoint.study.why.indices import Estimate, Indices, Share, indices
from switchpoint.study.why.outcome import Outcome, Told, advice_of, date_of
from switchpoint.study.why.tornado import Bar, Tornado, tornado
from switchpoint.study.why.tripwire_file import Tripwire, Tripwires, tripwires_text
from switchpoint.study.why.tripwires import tripwires
from switchpoint.study.why.wording import begun
from switchpoint.version import __version__
from switchpoint.words import percent, usd

WIDTH = 25
MEASURES = {"npv_saving_usd": "the saving", "start_by_day": "the start-by date"}


@dataclass(frozen=True)
class Why:
    """What an advice hangs on."""

    result: Result
    tornado: Tornado | None
    tripwires: tuple[Tripwire, ...]
    indices: tuple[Indices, ...] | None
    """None where they were not asked for."""


def why_command(loaded: Loaded, *, indices: bool, as_json: bool, out: Path | None) -> None:
    """Study a scenario and print it as text or JSON; with `out`, write tripwires, page and chart there too.

    Raises:
        ScenarioError: where the scenario cannot be computed or a file cannot be written.
    """
    result = evaluate(loaded)
    with progress_bar("Looking for what moves it") as told:
        why = located(loaded, lambda: study(result, with_indices=indices, progress=told))
    if out is not None:
        write(why, out)
    sys.stdout.write(json_text(why) if as_json else page(why))


def study(result: Result, *, with_indices: bool = False, progress: Callable[[float], None] = lambda _: None) -> Why:
    """Run the studies of a base case.

    Args:
        result: the base case.
        with_indices: whether the shares of the spread are estimated, too.
        progress: told the share done, 0 to 1.

    Raises:
        Problem: where an end of a range leaves all bounds.
    """
    parts = (Told(Part(progress, number, 3)) for number in range(3))
    try:
        moved = tornado(result, next(parts))
        shares = indices(result, next(parts)) if with_indices else None
    except Problem as problem:
        raise Problem(problem.path, f"{problem.message} (with values within the stated ranges)") from None
    return Why(result, moved, tripwires(result, next(parts)), shares)


def write(why: Why, out: Path) -> None:
    """Write why.json, why.txt, tripwires.toml and the tornado into a folder, all of them or none."""
    from switchpoint.charts.write import chart_files

    scenario = why.result.case.scenario
    found = Tripwires(scenario=scenario.name, date=scenario.start, tripwire=why.tripwires)
    files = in_bytes({"tripwires.toml": tripwires_text(found), "why.json": json_text(why), "why.txt": page(why)})
    if why.tornado is not None and why.tornado.bars:
        files |= chart_files({"tornado": tornado_chart(scenario, why.tornado)})
    folder_to_write(out)
    save_files("why", {out / name: data for name, data in files.items()}, overwrite=True, listed=files)


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
    name = begun(bar.driver.name, bar.driver.path) + ("" if bar.stated else " *")
    when = starts[0] if starts[0] == starts[1] else f"{starts[0]} … {starts[1]}"
    return [name, span(bar), text_bar(both, found.base.npv_saving_usd, ends), f"{usd(both[0])} … {usd(both[1])}", when]


def _due(scenario: Scenario, outcome: Outcome) -> str:
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
        words = f"{begun(top.name, top.input.path)} explains {_percent(top.in_all.value)} of the spread of {what}"
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


def as_json(why: Why) -> dict[str, Any]:
    """The same as one JSON object; docs/why.md says what each key means."""
    result, advice = why.result, advice_of(why.result)
    return {
        "scenario": result.case.scenario.name,
        "version": __version__,
        "advice": {"action": advice.action.value, "candidate": advice.candidate, "sentence": result.sentence},
        "tornado": why.tornado and _tornado_json(result, why.tornado),
        "tripwires": [each.model_dump() for each in why.tripwires],
        "indices": why.indices and [_indices_json(each) for each in why.indices],
    }


def _tornado_json(result: Result, found: Tornado) -> dict[str, Any]:
    bars = [
        {
            "input": bar.driver.name,
            "path": bar.driver.key,
            "unit": bar.driver.unit,
            "range": "stated" if bar.stated else "assumed",
            "base": bar.driver.now,
            "low": {"value": bar.low, **_outcome_json(result, bar.at_low)},
            "high": {"value": bar.high, **_outcome_json(result, bar.at_high)},
            "swing_usd": found.swing(bar),
        }
        for bar in found.bars
    ]
    return {"candidate": found.candidate, "base": _outcome_json(result, found.base), "bars": bars}


def _outcome_json(result: Result, outcome: Outcome) -> dict[str, Any]:
    when = date_of(result.case.scenario, outcome.start_by)
    return {"npv_saving_usd": outcome.npv_saving_usd, "start_by": when}


def _indices_json(found: Indices) -> dict[str, Any]:
    def share(each: Share) -> dict[str, Any]:
        shown = {"input": each.name, "path": each.input.name}
        return {**shown, "alone": asdict(each.alone), "in_all": asdict(each.in_all)}

    return {
        "measure": found.measure,
        "points": found.points,
        "standard_deviation": found.deviation,
        "inputs": [share(each) for each in found.shares],
    }
