"""The page that `switchpoint run` prints: verdict, dates, candidates, months; and the files that it writes."""

from __future__ import annotations

import csv
import io
import json
import sys
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

from switchpoint.clock import NEVER, Problem
from switchpoint.decision.outlook import Outlook
from switchpoint.decision.verdict import Action
from switchpoint.engine import simulate
from switchpoint.result import Result, monthly
from switchpoint.scenario.errors import ScenarioError
from switchpoint.scenario.files import Loaded
from switchpoint.scenario.writing import save_text
from switchpoint.sources import retirements, sources
from switchpoint.words import count, day, listed, months, percent, usd, weeks

BARS = "▁▂▃▄▅▆▇█"
NONE = "–"


def run_command(loaded: Loaded, *, as_json: bool, out: Path | None) -> None:
    """Simulate a scenario and print it as text or JSON; with `out`, write result, months and charts there too.

    Raises:
        ScenarioError: where the scenario cannot be computed or a file cannot be written.
    """
    result = evaluate(loaded)
    text = json_text(result) if as_json else page(result)
    if out is not None:
        write(result, out)
    sys.stdout.write(text)


def evaluate(loaded: Loaded) -> Result:
    """The result of a scenario file.

    Raises:
        ScenarioError: where its numbers cannot be computed, with file and line.
    """
    try:
        return Result(simulate(loaded.scenario))
    except Problem as problem:
        raise ScenarioError([loaded.fault(problem.path, problem.message)], loaded.source) from None


def json_text(result: Result) -> str:
    """The result as indented JSON with ISO dates."""
    return json.dumps(result.as_json(), indent=2, ensure_ascii=False, default=str, allow_nan=False) + "\n"


def write(result: Result, out: Path) -> None:
    """Write result.json, report.txt, months.csv, story.txt and the charts into a folder, each file whole."""
    from switchpoint.charts import save

    out.mkdir(parents=True, exist_ok=True)
    save_text(out / "result.json", json_text(result), overwrite=True)
    save_text(out / "report.txt", page(result), overwrite=True)
    save_text(out / "months.csv", months_csv(result), overwrite=True)
    save_text(out / "story.txt", story(result.shown), overwrite=True)
    save(result.shown, out)


def months_csv(result: Result) -> str:
    """The monthly rows as CSV; names that a spreadsheet would run as formulas are defused."""
    rows = monthly(result.case)
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow([harmless(key) for key in rows[0]])
    writer.writerows(row.values() for row in rows)
    return text.getvalue()


def story(result: Result) -> str:
    """What happens to each candidate, event by event."""
    parts = []
    for outlook in result.case.outlooks:
        rows = [(f"{result.case.clock.date_of(e.day)}  {e.subject}", e.text) for e in outlook.world.story]
        parts.append(f"{outlook.name}\n{_aligned(rows) if rows else 'nothing happens'}\n")
    return "\n".join(parts)


def harmless(text: str) -> str:
    """Text that no spreadsheet takes for a formula: one that begins like a formula gets an apostrophe in front."""
    return f"'{text}" if text[:1] in ("=", "+", "-", "@", "\t", "\r") else text


def page(result: Result) -> str:
    """The result as a page of plain text."""
    scenario = result.case.scenario
    title = scenario.name if not scenario.summary else f"{scenario.name}: {scenario.summary}"
    parts = [title, result.sentence, _dates(result), _bill(result)]
    if result.case.outlooks:
        parts.append("\n".join(filter(None, [_candidates(result.shown), result.waiting])))
    parts += _remarks(result.shown)
    return "\n\n".join([*parts, _months(result.shown), _footer(result)]) + "\n"


def _dates(result: Result) -> str:
    case, verdict = result.case, result.verdict
    opens, closes = verdict.window or (NEVER, NEVER)
    until = f", until {_day(result, case.threat_ends)}" if case.threat_ends < case.clock.days else ""
    rows = [("Limit reached", f"{_day(result, case.threat)}{until}")]
    if verdict.window is not None:
        rows.append(("Warning window", f"{day(case.clock.date_of(opens))} to {day(case.clock.date_of(closes))}"))
    rows.append(("Monitor would warn", _day(result, case.warning)))
    if verdict.candidate is not None and verdict.action is not Action.NO_REMEDY:
        rows.append(("Start by", f"{_day(result, verdict.start_by)}{_because(verdict.binds)}"))
    steps = (("Label from", verdict.label_by), ("Hire from", verdict.hire_by)) if verdict.binds == "limit" else ()
    for label, number in steps:
        if number != NEVER and verdict.action is not Action.NO_REMEDY:
            rows.append((label, f"{_day(result, number)} at the latest, to be in time for the limit"))
    return _aligned(rows)


def _because(binds: str | None) -> str:
    return {"limit": ", set by the limit", "money": ", set by what waiting costs"}.get(binds or "", "")


def _bill(result: Result) -> str:
    case = result.case
    start, end = case.usd_per_1000[0], case.usd_per_1000[-1]
    rows = [("Bill a month", f"{usd(case.bill[0])} at the start, {usd(case.bill[-1])} at the end if nothing changes")]
    if start == start and end == end:
        rows.append(("Per 1,000 requests", f"{usd(start)} at the start, {usd(end)} at the end"))
    return _aligned(rows)


def _candidates(result: Result) -> str:
    policy = result.case.scenario.decision.policy
    title = "Candidates, each started by its own date (today where it has none)"
    if not result.advised:
        title = f"Candidates under the policy {policy!s} (the advice above starts by its own date)"
    rows = [[name for name, _ in COLUMNS]]
    rows += [[value(result, outlook) for _, value in COLUMNS] for outlook in result.case.outlooks]
    return f"{title}\n{_table(rows)}"


COLUMNS: tuple[tuple[str, Callable[[Result, Outlook], str]], ...] = (
    ("candidate", lambda _, o: o.name),
    ("start", lambda r, o: _iso(r, o.project_start)),
    ("live", lambda r, o: _iso(r, o.cutover)),
    ("cheaper from", lambda r, o: _iso(r, o.running.crossover)),
    ("paid back", lambda r, o: _iso(r, o.break_even.day)),
    ("payback", lambda _, o: NONE if o.payback_months is None else months(o.payback_months)),
    ("one-off", lambda _, o: usd(o.one_off)),
    ("total", lambda _, o: usd(o.total)),
    ("saves (PV)", lambda _, o: NONE if o.project_start == NEVER and not o.npv_saving else usd(o.npv_saving)),
    ("stays under the limit", lambda r, o: _keeps(r, o)),
)


def _keeps(result: Result, outlook: Outlook) -> str:
    """Whether the limit is kept once the candidate is live, and until when."""
    if not outlook.keeps_limit or not outlook.possible:
        return "no"
    again = result.date(outlook.limit_again)
    return "yes" if again is None else f"until {again.isoformat()}"


def _remarks(result: Result) -> Iterator[str]:
    """What a table cannot say: not possible, reverting crossovers, a fleet that is blind to growth, the limit again."""
    lines = [f"{name}: {model} is retired on {day(when)}." for name, model, when in retirements(result.case)]
    lines += [line for outlook in result.case.outlooks for line in _remarks_on(result, outlook)]
    if lines:
        yield "\n".join(lines)


def _remarks_on(result: Result, outlook: Outlook) -> Iterator[str]:
    if not outlook.possible:
        when = day(result.case.clock.date_of(outlook.impossible_from))
        yield f"{outlook.name}: not possible from {when}: {outlook.prospect.carrier.why_impossible}."
    if outlook.running.reverts < result.case.clock.days:
        yield f"{outlook.name}: dearer than staying again from {_day(result, outlook.running.reverts)}."
    if outlook.limit_again < result.case.clock.days:
        gained = outlook.limit_again - min(result.case.threat, result.case.clock.days)
        against = f"{weeks(gained)} later than without it" if gained > 0 else "no later than without it"
        yield f"{outlook.name}: the limit is reached on {_day(result, outlook.limit_again)}, {against}."
    if outlook.set_by_minimum:
        share = percent(outlook.set_by_minimum)
        yield f"{outlook.name}: on {share} of its days live its smallest fleet, not the load, sets the cost."


def _months(result: Result) -> str:
    """Sparklines of the calendar months' cost, on one scale."""
    clock, case = result.case.clock, result.case
    lines = [("stay", clock.by_month(case.stay)), *((o.name, clock.by_month(o.cost_per_day)) for o in case.outlooks)]
    highest = max(max(map(float, values)) for _, values in lines) or 1.0
    rows = [(name, f"{sparkline(list(map(float, values)), highest)}  {usd(values[-1])}") for name, values in lines]
    first, last = clock.months[0], clock.months[-1]
    return f"Cost by month, {first:%B %Y} to {last:%B %Y} (last month on the right)\n{_aligned(rows)}"


def sparkline(values: Sequence[float], highest: float) -> str:
    """One bar per value, from 0 to `highest`.

    >>> sparkline([0, 5, 10], 10)
    '▁▅█'
    """
    top = len(BARS) - 1
    return "".join(BARS[round(min(max(value / highest, 0.0), 1.0) * top)] for value in values)


def _footer(result: Result) -> str:
    scenario = result.case.scenario
    rate = percent(scenario.decision.discount_rate_per_year)
    dates = sorted({str(source["date"]) for source in sources(result.case)})
    priced = f" Catalogue figures dated {dates[0]} to {dates[-1]}." if dates else ""
    guessed = [f"{o.name} ({o.capacity_basis})" for o in result.case.outlooks if o.capacity_basis]
    guess = f" Capacity not measured: {listed(guessed)}." if guessed else ""
    usage = f"{count(result.case.level)} requests a day"
    return (
        f"Base case: {usage} at the start, middle values of all ranges, present values at {rate} a year.{priced}{guess}"
    )


def _day(result: Result, number: int) -> str:
    when = result.date(number)
    return "not within the horizon" if when is None else day(when)


def _iso(result: Result, number: int) -> str:
    when = result.date(number)
    return NONE if when is None else when.isoformat()


def _aligned(rows: Sequence[tuple[str, str]]) -> str:
    width = max(len(label) for label, _ in rows)
    return "\n".join(f"{label:<{width}}  {value}" for label, value in rows)


def _table(rows: Sequence[Sequence[Any]]) -> str:
    widths = [max(len(row[i]) for row in rows) for i in range(len(rows[0]))]
    return "\n".join(
        "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip() for row in rows
    )
