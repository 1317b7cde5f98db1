"""The page of one world: verdict, dates, candidates, months."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator

from switchpoint.charts.figures import end_credit_words, fleet_words, peak_words, return_words
from switchpoint.clock import NEVER
from switchpoint.decision.outlook import Outlook
from switchpoint.report.text import NONE, aligned, sparkline, table
from switchpoint.result import Result
from switchpoint.sources import retirements, sources
from switchpoint.words import count, day, listed, months, percent, usd, weeks


def page(result: Result, world: str = "Base case, middle values of all ranges") -> str:
    """The result as a page of plain text; `world` says which world it is of."""
    above, below = noted(result)
    parts = [heading(result), above, result.sentence, _dates(result), _bill(result)]
    if result.case.outlooks:
        parts.append("\n".join(filter(None, [_candidates(result.shown), "" if result.chosen else result.waiting])))
    parts += remarks(result.shown)
    parts.append(below)
    return "\n\n".join([*filter(None, parts), _months(result.shown), _footer(result, world)]) + "\n"


def noted(result: Result, needless: str = "") -> tuple[str, str]:
    """The notes that could turn the answer, and the others, one a line; without those of a needless code."""
    notes = [note for note in result.notes if note.code != needless]
    above, below = ([str(note) for note in notes if note.turns is turns] for turns in (True, False))
    return "\n".join(above), "\n".join(below)


def heading(result: Result) -> str:
    """Name and summary of the scenario."""
    scenario = result.case.scenario
    return scenario.name if not scenario.summary else f"{scenario.name}: {scenario.summary}"


def _dates(result: Result) -> str:
    verdict, rows = result.verdict, list(_of_the_limit(result))
    if verdict.candidate is not None:
        rows.append(("Start by", f"{_day(result, verdict.start_by)}{_because(verdict.binds)}"))
        rows += _steps(result)
    return aligned(rows) if rows else ""


def _of_the_limit(result: Result) -> Iterator[tuple[str, str]]:
    """When the limit is reached, and who would have warned when; nothing without a limit."""
    case, window = result.case, result.verdict.window
    if not case.scenario.limited:
        return
    until = f", until {_day(result, case.threat_ends)}" if case.threat_ends < case.clock.days else ""
    yield "Limit reached", f"{_day(result, case.threat)}{until}"
    if window is not None:
        opens, closes = (day(case.clock.date_of(number)) for number in window)
        yield "Warning window", f"{opens} to {closes}"
    yield "Monitor would warn", _day(result, case.warning)


def _steps(result: Result) -> Iterator[tuple[str, str]]:
    """The span of starts that are as good, and when the steps of the project started by then begin."""
    verdict, span = result.verdict, result.verdict.as_good
    if span is not None:
        yield "As good", f"{_day(result, span.first)} to {_day(result, span.last)}, within {usd(span.usd)}"
    latest = " at the latest, to be in time for the limit" if verdict.binds == "limit" else ""
    for label, number in (("Label from", verdict.label_by), ("Hire from", verdict.hire_by)):
        if number != NEVER:
            yield label, f"{_day(result, number)}{latest}"
    if verdict.commit_by not in (NEVER, verdict.start_by):
        yield "Commit by", f"{_day(result, verdict.commit_by)}, the first training"
    more = verdict.in_time_costs
    if more is not None and more >= 1:
        yield "In time costs", f"{usd(more)} more than the start that costs least"


def _because(binds: str | None) -> str:
    return {"limit": ", set by the limit", "money": ", set by what waiting costs"}.get(binds or "", "")


def _bill(result: Result) -> str:
    case = result.case
    start, end = case.usd_per_1000[0], case.usd_per_1000[-1]
    rows = [("Bill a month", f"{usd(case.bill[0])} at the start, {usd(case.bill[-1])} at the end if nothing changes")]
    if start == start and math.isclose(start, end, rel_tol=1e-6):
        rows.append(("Per 1,000 requests", usd(start)))
    elif start == start and end == end:
        rows.append(("Per 1,000 requests", f"{usd(start)} at the start, {usd(end)} at the end"))
    return aligned(rows)


def _candidates(result: Result) -> str:
    policy = result.case.scenario.decision.policy
    title = "Candidates, each with the start it is given: as advised, the bridge today, others by their own best date"
    if not result.advised:
        title = f"Candidates under the policy {policy!s}, as chosen"
    shown = columns(result)
    rows = [[name for name, _ in shown]]
    rows += [[value(result, outlook) for _, value in shown] for outlook in result.case.outlooks]
    return f"{title}\n{table(rows)}"


Column = tuple[str, Callable[[Result, Outlook], str]]
"""Heading of a column, and what it says of a candidate."""


def columns(result: Result) -> tuple[Column, ...]:
    """What is told of each candidate; nothing of a limit where there is none."""
    return COLUMNS if not result.case.scenario.limited else (*COLUMNS, ("below the limit", _keeps))


COLUMNS: tuple[Column, ...] = (
    ("candidate", lambda _, o: o.name),
    ("start", lambda r, o: _iso(r, o.project_start)),
    ("live", lambda r, o: _iso(r, o.cutover)),
    ("cheaper from", lambda r, o: _iso(r, o.running.crossover)),
    ("paid back", lambda r, o: _iso(r, o.break_even.day)),
    ("payback", lambda _, o: NONE if o.payback_months is None else months(o.payback_months)),
    ("one-off", lambda _, o: usd(o.one_off)),
    ("total", lambda _, o: usd(o.total)),
    ("saves (PV)", lambda _, o: NONE if o.project_start == NEVER and not o.npv_saving else usd(o.npv_saving)),
)


def _keeps(result: Result, outlook: Outlook) -> str:
    """Whether the limit is kept once the candidate is live, and until when."""
    kept = outlook.limit_kept
    since, until = result.date(kept.since), result.date(kept.until)
    if since is None or not outlook.possible:
        return "no"
    return f"from {since.isoformat()}" + ("" if until is None else f" until {until.isoformat()}")


def remarks(result: Result) -> Iterator[str]:
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
    if outlook.project_start < NEVER:
        yield _cash(result, outlook)
    if outlook.limit_again < result.case.clock.days:
        gained = outlook.limit_again - min(result.case.threat, result.case.clock.days)
        against = f"{weeks(gained)} later than without it" if gained > 0 else "no later than without it"
        yield f"{outlook.name}: the limit is reached on {_day(result, outlook.limit_again)}, {against}."
    if outlook.set_by_minimum:
        share = percent(outlook.set_by_minimum)
        yield f"{outlook.name}: on {share} of its days live its smallest fleet, not the load, sets the cost."
    yield from (f"{outlook.name}: {text}." for text in fleet_words(outlook))


def _cash(result: Result, outlook: Outlook) -> str:
    """The most by which it is behind staying, the return, and what GPUs are worth in the end."""
    text = f"{outlook.name}: behind staying by at most {peak_words(result, outlook)}"
    if outlook.course.peak_cash[1] == NEVER:
        text = f"{outlook.name}: never behind staying"
    credit = end_credit_words(outlook)
    worth = f"; its GPUs are worth {credit}, on the last day" if credit else ""
    return f"{text}; return {return_words(outlook)}{worth}."


def _months(result: Result) -> str:
    """Sparklines of the calendar months' cost, on one scale."""
    clock, case = result.case.clock, result.case
    lines = [("stay", clock.by_month(case.stay)), *((o.name, clock.by_month(o.cost_per_day)) for o in case.outlooks)]
    highest = max(max(map(float, values)) for _, values in lines) or 1.0
    rows = [(name, f"{sparkline(list(map(float, values)), highest)}  {usd(values[-1])}") for name, values in lines]
    first, last = clock.months[0], clock.months[-1]
    return f"Cost by month, {first:%B %Y} to {last:%B %Y} (last month on the right)\n{aligned(rows)}"


def _footer(result: Result, world: str) -> str:
    scenario = result.case.scenario
    rate = percent(scenario.decision.discount_rate_per_year)
    usage = f"{count(result.case.level)} requests a day"
    return f"{world}: {usage} at the start, present values at {rate} a year.{dated_sources(result)}"


def dated_sources(result: Result) -> str:
    """From when the figures of the catalogue are, and which capacities nobody measured."""
    dates = sorted({str(source["date"]) for source in sources(result.case)})
    priced = f" Catalogue figures dated {dates[0]} to {dates[-1]}." if dates else ""
    guessed = [f"{o.name} ({o.capacity_basis})" for o in result.case.outlooks if o.capacity_basis]
    return priced + (f" Capacity not measured: {listed(guessed)}." if guessed else "")


def _day(result: Result, number: int) -> str:
    when = result.date(number)
    return "not within the horizon" if when is None else day(when)


def _iso(result: Result, number: int) -> str:
    when = result.date(number)
    return NONE if when is None else when.isoformat()
