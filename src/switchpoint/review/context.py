"""Names and dates as a review says them."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from functools import cached_property

import numpy as np

from switchpoint.charts.takeaways import end_credit_words, fleet_words, peak_words, return_words
from switchpoint.charts.vega import SOLID, Flag, Line
from switchpoint.decision.candidate_result import CandidateResult
from switchpoint.decision.clauses import leaving
from switchpoint.decision.notes import retirements
from switchpoint.decision.result import JudgedWorld
from switchpoint.decision.verdict import Verdict
from switchpoint.horizon import NEVER, Horizon
from switchpoint.review.pages import Lines, Series, short
from switchpoint.scenario.uncertain import num
from switchpoint.study.draw_results import CandidateFindings, DrawFindings
from switchpoint.study.draw_sentence import sentence
from switchpoint.study.reasons import Why
from switchpoint.study.tripwires import Tripwire
from switchpoint.text import NONE, count, day, months, percent, usd, weeks
from switchpoint.version import __version__

Column = tuple[str, Callable[[JudgedWorld, CandidateResult], str]]
"""Heading of a column, and what it says of a candidate."""


def columns(result: JudgedWorld) -> tuple[Column, ...]:
    """What is told of each candidate; nothing of a limit where there is none."""
    return COLUMNS if not result.case.scenario.limited else (*COLUMNS, ("below the limit", _keeps))


COLUMNS: tuple[Column, ...] = (
    ("candidate", lambda _, o: o.name),
    ("start", lambda r, o: iso_date(r, o.project_start)),
    ("live", lambda r, o: iso_date(r, o.cutover)),
    ("cheaper from", lambda r, o: iso_date(r, o.running.crossover)),
    ("paid back", lambda r, o: iso_date(r, o.break_even.day)),
    ("payback", lambda _, o: NONE if o.payback_months is None else months(o.payback_months)),
    ("one-off", lambda _, o: usd(o.one_off)),
    ("total", lambda _, o: usd(o.total)),
    ("saves (PV)", lambda _, o: NONE if o.project_start >= NEVER and not o.npv_saving else usd(o.npv_saving)),
)


def _keeps(result: JudgedWorld, outlook: CandidateResult) -> str:
    """Whether the limit is kept once the candidate is live, and until when; nothing where none is live or needed."""
    if result.date(outlook.cutover) is None and result.date(result.case.threat) is None:
        return NONE
    kept = outlook.limit_kept
    since, until = result.date(kept.since), result.date(kept.until)
    if since is None or not outlook.possible:
        return "no"
    return f"from {since.isoformat()}" + ("" if until is None else f" until {until.isoformat()}")


def remarks(result: JudgedWorld) -> Iterator[str]:
    """What a table cannot say: not possible, reverting crossovers, a fleet that is blind to growth, the limit again."""
    first = result.case.scenario.start
    lines = [
        f"{name}: {model} {'was' if when < first else 'is'} retired on {day(when)}."
        for name, model, when in retirements(result.case)
    ]
    lines += [line for outlook in result.case.outlooks for line in _remarks_on(result, outlook)]
    if lines:
        yield "\n".join(lines)


def _remarks_on(result: JudgedWorld, outlook: CandidateResult) -> Iterator[str]:
    if not outlook.possible:
        when = day(result.case.clock.date_of(outlook.impossible_from))
        yield f"{outlook.name}: not possible from {when}: {outlook.prospect.carrier.why_impossible}."
    if outlook.running.reverts < result.case.clock.days:
        yield f"{outlook.name}: dearer than staying again from {date_or_never(result, outlook.running.reverts)}."
    if outlook.project_start < NEVER:
        yield _cash(result, outlook)
    if ends := leaving(outlook, lambda number: date_or_never(result, number)):
        yield f"{outlook.name}: {ends}."
    if outlook.limit_again < result.case.clock.days:
        gained = outlook.limit_again - min(result.case.threat, result.case.clock.days)
        against = f"{weeks(gained)} later than without it" if gained > 0 else "no later than without it"
        yield f"{outlook.name}: the limit is reached on {date_or_never(result, outlook.limit_again)}, {against}."
    if outlook.set_by_minimum:
        share = percent(outlook.set_by_minimum)
        yield f"{outlook.name}: on {share} of its days live its smallest fleet, not the load, sets the cost."
    yield from (f"{outlook.name}: {text}." for text in fleet_words(outlook))


def _cash(result: JudgedWorld, outlook: CandidateResult) -> str:
    """The most by which it is behind staying, the return, and what GPUs are worth in the end."""
    text = f"{outlook.name}: behind staying by at most {peak_words(result, outlook)}"
    if outlook.course.peak_cash[1] == NEVER:
        text = f"{outlook.name}: never behind staying"
    credit = end_credit_words(outlook)
    worth = f"; its GPUs are worth {credit}, on the last day" if credit else ""
    return f"{text}; return {return_words(outlook)}{worth}."


def date_or_never(result: JudgedWorld, number: int) -> str:
    """A day as a date, or that the horizon does not reach it."""
    when = result.date(number)
    return "not within the horizon" if when is None else day(when)


def iso_date(result: JudgedWorld, number: int) -> str:
    """A day as an ISO date, a dash where the horizon does not reach it."""
    when = result.date(number)
    return NONE if when is None else when.isoformat()


LONGEST = 36
"""Letters of a candidate's name within a sentence."""


@dataclass(frozen=True)
class Subject:
    """A result with what many draws add to it.

    Args:
        result: the base case.
        findings: what many draws say, None where there are none.
        why: what the advice hangs on, None where that was not studied.
        notes: remarks of the scenario's author by dotted field, which stand as sources.
    """

    result: JudgedWorld
    findings: DrawFindings | None = None
    why: Why | None = None
    notes: Mapping[str, str] = field(default_factory=dict)

    @property
    def shown(self) -> JudgedWorld:
        """The base case as pictures show it; beside draws it starts when these advise."""
        return self.result.shown if self.findings is None else self.findings.shown

    @property
    def verdict(self) -> Verdict:
        """That on many draws, else that of the base case."""
        return self.result.verdict if self.findings is None else self.findings.verdict

    @cached_property
    def sentence(self) -> str:
        """The verdict in one sentence."""
        return self.brief(self.result.sentence if self.findings is None else sentence(self.findings))

    @property
    def best(self) -> CandidateResult | None:
        """The candidate of the verdict."""
        return self.verdict.candidate

    @property
    def best_findings(self) -> CandidateFindings | None:
        """The same over many draws."""
        return None if self.findings is None or self.best is None else self.findings.candidates[self.best.name]

    @property
    def base_advises_otherwise(self) -> bool:
        """Whether the base case advises another candidate or plan than the draws: its thresholds turn that advice."""
        return self._advice_names(self.result.verdict) != self._advice_names(self.verdict)

    @staticmethod
    def _advice_names(verdict: Verdict) -> tuple[str | None, str | None]:
        """Candidate and plan of an advice, as thresholds name them."""
        candidate, plan = verdict.candidate, verdict.plan
        return candidate.name if candidate else None, plan.name if plan else None

    def turns_advice(self, wire: Tripwire) -> bool:
        """Whether what is advised beyond a threshold is another than the advice that is told."""
        return not self.base_advises_otherwise or (wire.candidate, wire.plan) != self._advice_names(self.verdict)

    @property
    def horizon(self) -> str:
        """Its length in words."""
        return months(self.result.case.scenario.months)

    @property
    def basis(self) -> str:
        """Which worlds stand behind the figures."""
        scenario = self.result.case.scenario
        worlds = "Base case: the middle of every range"
        if self.findings is not None:
            worlds = f"{count(self.findings.draws)} draws, seed {self.findings.worlds.seed}"
        rate = percent(scenario.decision.discount_rate_per_year)
        since = f"{self.horizon} from {day(scenario.start)}"
        return f"{worlds}; {since}; present values at {rate} a year; Switchpoint {__version__}"

    def name(self, outlook: CandidateResult | CandidateFindings) -> str:
        """The name of a candidate, as long as a sentence can carry."""
        return short(outlook.name, LONGEST)

    def brief(self, text: str) -> str:
        """A text in which the names of candidates are as long as a sentence can carry."""
        for outlook in self.result.case.outlooks:
            if len(outlook.name) > LONGEST:
                text = text.replace(outlook.name, self.name(outlook))
        return text

    def date(self, number: int) -> date | None:
        """A day within the horizon as a date."""
        return self.result.date(number)

    def day(self, number: int) -> str:
        """A day in words."""
        when = self.date(number)
        return f"not within {self.horizon}" if when is None else day(when)

    def on(self, number: int) -> str:
        """A day within a sentence: today or on a date."""
        return "today" if number == 0 else f"on {self.day(number)}"

    def lines(self) -> list[str]:
        """What is assumed first of all, for a speaker's notes."""
        case, usage = self.result.case, self.result.case.scenario.usage
        grows = usage.growth.curve
        rate = f" of {percent(num(usage.growth.per_month))} a month" if grows == "compound" else ""
        threat = "is not reached" if case.threat == NEVER else f"is reached {self.on(case.threat)}"
        limit = f"; the limit {threat} in the base case" if case.scenario.limited else ""
        if case.is_outgrown_first:
            limit = f"; the current route is outgrown {self.on(case.threat)} in the base case"
        return [
            f"{count(case.level)} requests a day at the start, growth {grows}{rate}.",
            f"The bill is {usd(float(case.bill[0]))} a month at the start and {usd(float(case.bill[-1]))} "
            f"at the end if nothing changes{limit}.",
        ]


def lines_of(
    clock: Horizon,
    lines: Sequence[Line],
    flags: Sequence[Flag],
    axis: str,
    top: float,
    window: tuple[int, int] | None = None,
) -> Lines:
    """Lines as data: at the first of each month, at the ends, and wherever something happens."""
    beside = () if window is None else (window[0] - 1, window[0], window[1], window[1] + 1)
    marked = {0, clock.days - 1, *map(int, clock.month_starts), *_turns(clock, lines, flags), *beside}
    days = sorted(day for day in marked if 0 <= day < clock.days)
    dates: tuple[date, ...] = tuple(clock.date_of(day) for day in days)
    series = tuple(
        Series(line.name, tuple(line.values_on(np.array(days))), line.colour, line.dash != SOLID) for line in lines
    )
    dated = tuple((clock.date_of(flag.day), flag.label) for flag in flags if 0 <= flag.day < clock.days)
    span = window and (clock.date_of(window[0]), clock.date_of(window[1]))
    return Lines(dates, series, axis, top, dated, span)


def _turns(clock: Horizon, lines: Sequence[Line], flags: Sequence[Flag]) -> set[int]:
    """Days on which a line begins or ends or a label stands."""
    turns = {day for line in lines for day in (line.since, line.until - 1)} | {flag.day for flag in flags}
    return {day for day in turns if 0 <= day < clock.days}
