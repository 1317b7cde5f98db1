"""What in a scenario is taken as stated, but worth a look; figures in another unit; doubtful days of a file."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import groupby, pairwise
from pathlib import Path as File
from statistics import median
from typing import Any

from switchpoint.scenario.candidates import Candidate, Common, GpuCandidate, HostedCandidate
from switchpoint.scenario.currency import rate_words
from switchpoint.scenario.current import CurrentGpu, CurrentRoute, OwnRoute
from switchpoint.scenario.errors import Keys, dotted_path
from switchpoint.scenario.fields import Part
from switchpoint.scenario.introspection import unit_of
from switchpoint.scenario.routes import PricedRoute
from switchpoint.scenario.schema import WATCHING, Scenario
from switchpoint.scenario.toml_source import TomlSource
from switchpoint.scenario.uncertain import Choice, Pert, Range, extremes, num
from switchpoint.text import count, day, join_names, percent, usd

# What in a scenario is taken as stated, but worth a look -------------------------------------------------------------

RATES = "rates"
"""The one note that only tells, and is no fault to anybody: at which rates amounts are converted."""

STRETCH = 3.0
"""How many times its try a left-out price may well be."""


@dataclass(frozen=True)
class Note:
    """One thing that is taken, but worth a look."""

    code: str
    """What kind of note it is, for programs."""
    path: Keys
    """Where it stands in the scenario."""
    sentence: str
    """What there is to know, in one sentence."""
    effect: str = ""
    """What it changes and by how much, where that is known."""
    turns: bool = False
    """Whether it could turn the answer."""
    place: str = ""
    """File and line."""

    def __str__(self) -> str:
        where = f" ({self.place or dotted_path(self.path)})" if self.path else ""
        return f"Note: {self.sentence}{f'; {self.effect}' if self.effect else ''}{where}"

    @property
    def full_sentence(self) -> str:
        """The note with a capital and a full stop; a name or key at its start keeps its letters.

        >>> Note("unit", ("start",), "the year is far off").full_sentence
        'The year is far off.'
        >>> Note("unpriced", ("candidates", "own-8b"), "own-8b: labels cost nothing").full_sentence
        'own-8b: labels cost nothing.'
        """
        text = f"{self.sentence}; {self.effect}" if self.effect else self.sentence
        plain_word = re.match(r"[a-z]+ (?!=)", text)
        return f"{text[:1].upper() if plain_word else text[:1]}{text[1:]}."

    def as_json(self) -> dict[str, Any]:
        """The note for programs."""
        told = {"code": self.code, "place": self.place, "path": dotted_path(self.path)}
        return {**told, "sentence": self.sentence, "effect": self.effect}


@dataclass(frozen=True)
class Weighable(Note):
    """A note whose effect is found by trying another figure: a price that is left out, a capacity that is doubted."""

    where: Keys = ()
    """Where the figure stands, or would stand."""
    value: float = 1.0
    """The figure to try."""
    words: str = ""
    """That figure in words."""
    stretch: float = 1.0
    """How many times what it takes from a saving may well be; where that takes half of it, it could turn the answer."""


def place_of(note: Note, source: TomlSource | None) -> str:
    """File and line of a note, nothing where it stands in no file."""
    if source is None or not source.places:
        return ""
    file, line = source.place(note.path)
    return f"{file}:{line}"


def stated_notes(scenario: Scenario) -> Iterator[Note]:
    """What a scenario says that is taken, but worth a look; without the catalogue and without simulating."""
    for name, candidate in scenario.candidates.items():
        yield from _unpriced_people(candidate, ("candidates", name))
        yield from _without_partner(candidate, ("candidates", name))
    yield from _without_partner(scenario.current, ("current",))
    yield from _unpriced_route(scenario.current)
    decision = scenario.decision
    if not scenario.limited and decision.policy in WATCHING and "policy" in decision.model_fields_set:
        told = f'policy = "{decision.policy}" watches the limit, and there is none: it never starts a project'
        yield Note("no-limit", ("decision", "policy"), told)
    if scenario.usd_per:
        rates = join_names([rate_words(code.upper(), rate) for code, rate in scenario.usd_per.items()])
        told = f"amounts in other currencies are converted at {rates}"
        if scenario.usd_per_as_of is not None:
            yield Note(RATES, ("usd_per",), f"{told}, as of {day(scenario.usd_per_as_of)}")
        else:
            yield Note("undated-rates", ("usd_per",), f"{told}; of which day is not said (usd_per_as_of)")
    for file in scenario.programme.log if scenario.programme is not None else ():
        if not File(file).is_file():
            told = f"the log {File(file).name} is not there yet, so it says nothing; `switchpoint log` writes it"
            yield Note("no-log", ("programme", "log"), told)


def _unpriced_people(candidate: Common, path: Keys) -> Iterator[Note]:
    project, name = candidate.project, path[1]
    people = [(project.engineers, "on the project"), (candidate.upkeep.engineers, "for upkeep")]
    here = [f"{number:g} engineer{'s' * (number != 1)} {what}" for number, what in people if number]
    at = (*path, "project")
    if here and not num(project.usd_per_engineer_month):
        where = (*at, "engineers") if project.engineers else (*path, "upkeep", "engineers")
        yield _free(
            where, at, "usd_per_engineer_month", 10_000, f"{name}: {join_names(here)}", "$10,000 an engineer-month"
        )
    missing = num(project.examples) - num(project.examples_in_hand)
    if missing > 0 and not num(project.usd_per_example):
        what = f"{name}: {count(missing)} examples to label"
        yield _free((*at, "examples"), at, "usd_per_example", 1, what, "$1 an example")
    retrains = candidate.upkeep.retrain_every_months
    if (num(project.training_days) or retrains) and not num(project.usd_per_iteration) and project.training is None:
        where = (*at, "training_days") if num(project.training_days) else (*path, "upkeep", "retrain_every_months")
        yield _free(where, at, "usd_per_iteration", 1_000, f"{name}: trainings", "$1,000 a training")
    if project.to_hire and "usd_per_hire" not in project.model_fields_set:  # 0 may be meant where it is stated
        what = f"{name}: {project.to_hire:g} {'person' if project.to_hire == 1 else 'people'} to be found"
        yield _free((*at, "engineers_in_house"), at, "usd_per_hire", 10_000, what, "$10,000 a hire")
    fleet = candidate.fleet if isinstance(candidate, GpuCandidate) else None
    if fleet is not None and fleet.power_kw_per_gpu and not num(fleet.usd_per_kwh):
        at = (*path, "fleet")
        yield _free((*at, "power_kw_per_gpu"), at, "usd_per_kwh", 0.1, f"{name}: power of its GPUs", "$0.10 a kWh")


def _unpriced_route(route: CurrentRoute) -> Iterator[Note]:
    """People, trainings and power of the current route that cost nothing."""
    path, project, upkeep = ("current",), route.project, route.upkeep
    if upkeep.engineers and not num(project.usd_per_engineer_month):
        plural = "s" * (upkeep.engineers != 1)
        told = f"{upkeep.engineers:g} engineer{plural} for upkeep of the current route cost nothing"
        yield Note("unpriced", (*path, "upkeep", "engineers"), f"{told}: project.usd_per_engineer_month is left out")
    if upkeep.retrain_every_months and not num(project.usd_per_iteration):
        told = "retrainings of the current route cost nothing: project.usd_per_iteration is left out"
        yield Note("unpriced", (*path, "upkeep", "retrain_every_months"), told)
    if isinstance(route, CurrentGpu) and route.fleet.power_kw_per_gpu and not num(route.fleet.usd_per_kwh):
        told = "power of the current route's GPUs costs nothing: usd_per_kwh is left out"
        yield Note("unpriced", (*path, "fleet", "power_kw_per_gpu"), told)


def _free(path: Keys, table: Keys, price: str, value: float, what: str, words: str) -> Weighable:
    verb = "costs" if what.endswith("GPUs") else "cost"
    told = f"{what} {verb} nothing: {price} is left out"
    return Weighable("unpriced", path, told, where=(*table, price), value=value, words=words, stretch=STRETCH)


PARTNERS: Mapping[str, str] = {
    "usd_per_kwh": "power_kw_per_gpu",
    "incident_days": "incidents_per_year",
    "incidents_per_year": "incident_days",
    "hiring_weeks": "engineers_in_house",
    "usable_share": "examples",
    "labels_per_day": "examples",
    "usd_per_example": "examples",
    "usd_hardening": "hardening_days",
}
"""Fields that do nothing while another one is left out."""


def _without_partner(part: Candidate | CurrentRoute, path: Keys) -> Iterator[Note]:
    """Fields that do nothing because the one that they go with is left out."""
    tables: list[tuple[Keys, Any]] = [((*path, "project"), part.project), ((*path, "upkeep"), part.upkeep)]
    if isinstance(part, (GpuCandidate, CurrentGpu)):
        tables.append(((*path, "fleet"), part.fleet))
    for at, table in tables:
        for field, partner in PARTNERS.items():
            if field in type(table).model_fields and _left_out(table, partner) and not _left_out(table, field):
                yield Note("idle", (*at, field), f"{field} changes nothing while {partner} is left out")
    if isinstance(part, PricedRoute):
        yield from _idle_of_route(part, path)
    if isinstance(part, HostedCandidate) and num(part.training_usd_per_mtok) and part.project.training is None:
        where = (*path, "training_usd_per_mtok")
        yield Note("idle", where, "training_usd_per_mtok changes nothing while project.training is left out")


def _idle_of_route(route: PricedRoute, path: Keys) -> Iterator[Note]:
    """What a route says of retirements and reprices that cannot come."""
    ends = route.retires_on is not None or route.retirement_per_year or route.listed_model is not None
    for field in () if ends else ("usd_per_migration", "migration_price_factor"):
        if not _left_out(route, field):
            sentence = f"{field} changes nothing while retires_on and retirement_per_year are left out"
            yield Note("idle", (*path, field), sentence)
    if not _left_out(route, "price_shock_factor") and not route.price_shocks_per_year:
        where = (*path, "price_shock_factor")
        yield Note("idle", where, "price_shock_factor changes nothing while price_shocks_per_year is left out")


def _left_out(table: Any, field: str) -> bool:
    """Whether a field says what it says when it is left out."""
    return bool(getattr(table, field) == type(table).model_fields[field].default)


# Figures that look as if they were meant in another unit -------------------------------------------------------------

CHEAP = 0.005
"""Dollars per million input tokens; no model that anybody sells costs less, unless it is free."""
DEAR = {"input": 50.0, "output": 200.0}
"""Dollars per million tokens; beyond them there are a handful of models, none of them current."""
ENGINEER_MONTH = (1_000.0, 60_000.0)
"""Dollars; less is a day or an hour of an engineer, more is a year."""
DEAR_EXAMPLE = 50.0
"""Dollars; hours of a specialist for one example, which hardly anybody pays a thousand times over."""
SLOWEST = {"ttft_p95_s": 60.0, "tpot_p95_s": 2.0}
"""Seconds; nobody promises to be so slow, but milliseconds are soon written."""


def unit_notes(scenario: Scenario) -> Iterator[Note]:
    """A note on each figure that is allowed, but would be common in another unit."""
    yield from _percents(scenario, ())
    if scenario.usage.requests_per_day is not None and 0 < num(scenario.usage.requests_per_day) < 1:
        few = f"requests_per_day is {num(scenario.usage.requests_per_day):g}, less than one a day; is it by the second?"
        yield _slip(("usage", "requests_per_day"), few)
    for path, route in scenario.routes:
        yield from _engineers(num(route.project.usd_per_engineer_month), (*path, "project"))
        if isinstance(route, Common):
            yield from _examples(num(route.project.usd_per_example), (*path, "project"))
        if isinstance(route, PricedRoute):
            yield from _prices(route, path)
        if isinstance(route, GpuCandidate | CurrentGpu):
            yield from _promise(route, (*path, "fleet"))


def _slip(path: Keys, sentence: str) -> Note:
    return Note("unit", path, sentence, turns=True)


def _percents(part: Part, path: Keys) -> Iterator[Note]:
    """Shares above 1 where that is allowed: 8 for 8 %."""
    for name, field in type(part).model_fields.items():
        value, at = getattr(part, name), (*path, name)
        if isinstance(value, Part):
            yield from _percents(value, at)
        elif isinstance(value, dict):
            for key, each in value.items():
                yield from _percents(each, (*at, key)) if isinstance(each, Part) else ()
        elif "share" in unit_of(field) and _highest(value) > 1 and getattr(part, "curve", "") != "linear":
            most = _highest(value)
            yield _slip(at, f"{name} is {most:g}, which is {percent(most)}; {most:g} % is {most / 100:g}")


def _highest(value: Any) -> float:
    known = isinstance(value, (int, float, Range, Pert, Choice)) and not isinstance(value, bool)
    return max(extremes(value)) if known else 0.0


def _prices(route: PricedRoute, path: Keys) -> Iterator[Note]:
    """Token prices that are swapped, by the thousand tokens, or in cents."""
    if route.usd_per_mtok is None:
        return
    prices, at = route.usd_per_mtok, (*path, "usd_per_mtok")
    inp, out = num(prices.input), num(prices.output)
    cached = 0.0 if prices.cached_input is None else num(prices.cached_input)
    if 0 < out < inp:
        yield _slip((*at, "output"), f"output costs less than input, ${out:g} against ${inp:g}; are they swapped?")
    if cached > inp:
        told = f"cached_input costs more than input, ${cached:g} against ${inp:g}; are they swapped?"
        yield _slip((*at, "cached_input"), told)
    if 0 < inp < CHEAP:
        told = f"input is ${inp:g} per million tokens, less than any model is sold for; is it by the thousand tokens?"
        yield _slip((*at, "input"), told)
    dear = [name for name, most in DEAR.items() if {"input": inp, "output": out}[name] > most]
    if dear:
        price = {"input": inp, "output": out}[dear[0]]
        told = f"{dear[0]} is ${price:g} per million tokens, more than nearly any model is sold for; is it in cents?"
        yield _slip((*at, dear[0]), told)


def _engineers(usd_a_month: float, path: Keys) -> Iterator[Note]:
    least, most = ENGINEER_MONTH
    if usd_a_month > most or 0 < usd_a_month < least:
        unit = "year" if usd_a_month > most else "hour or day"
        told = f"usd_per_engineer_month is {usd(usd_a_month)}; is it by the {unit}?"
        yield _slip((*path, "usd_per_engineer_month"), told)


def _examples(each: float, path: Keys) -> Iterator[Note]:
    if each > DEAR_EXAMPLE:
        told = f"usd_per_example is {usd(each)} for each example to label; is it for many of them?"
        yield _slip((*path, "usd_per_example"), told)


def _promise(candidate: OwnRoute, path: Keys) -> Iterator[Note]:
    for field, slowest in SLOWEST.items():
        promised = getattr(candidate.fleet, field)
        if promised is not None and promised > slowest:
            yield _slip((*path, field), f"{field} is {promised:g} seconds; is it in milliseconds?")


# What is doubtful about the days of a usage file ---------------------------------------------------------------------

INCOMPLETE = 0.5
"""A last day with less than this part of its weekday before may not be over."""
OUTLIER = 20
"""A day with this many times the busiest day of the weeks around it is hardly usage."""
DAY, WEEK = timedelta(days=1), timedelta(days=7)
FEW = 3
"""From so many whole weeks on, days that are always the same within one are no chance."""
SILENT = 7
"""So many days in a row without a request are noted."""
TOTAL = 5
"""A file that never falls and ends at this many times its beginning may be a running total."""


def history_doubts(requests: Mapping[date, float], start: date) -> Iterator[str]:
    """One sentence for each doubt about requests by day.

    Args:
        requests: of each day that the file has, at least one.
        start: first day of the scenario.
    """
    first, last = min(requests), max(requests)
    span = [first + timedelta(days=i) for i in range((last - first).days + 1)]
    missing = [each for each in span if each not in requests]
    if missing:
        lacks = f"{count(len(missing))} day{'s are' if len(missing) > 1 else ' is'} missing, {day(missing[0])} first"
        yield f"the history has gaps: {lacks}; weeks that lack a day do not count"
    if last >= start:
        yield f"the history goes on to {day(last)}, past the first day; the days after it count like those before"
    for silent, run in groupby((each for each in span if each in requests), lambda each: requests[each] == 0):
        days = list(run)
        if silent and len(days) >= SILENT:
            yield f"{len(days)} days in a row have no requests, {day(days[0])} first; a week without any does not count"
    yield from _last(requests, last)
    yield from _outliers(requests)
    if _running_total(requests):
        yield "requests never fall from one day to the next; is each day a running total?"
    if _sums_of_weeks(requests):
        yield "the seven days of each week have the same requests; is it the week's sum, written on every day?"


def _sums_of_weeks(requests: Mapping[date, float]) -> bool:
    """Whether the seven days of every whole week, from Monday on, are the same, but not all weeks."""
    mondays = (each for each in requests if each.weekday() == 0)
    weeks = [[requests.get(monday + i * DAY) for i in range(7)] for monday in mondays]
    whole = [set(week) for week in weeks if None not in week]
    return len(whole) >= FEW and all(len(week) == 1 for week in whole) and len(set.union(*whole)) > 1


def _last(requests: Mapping[date, float], last: date) -> Iterator[str]:
    before = [requests[last - i * WEEK] for i in range(1, 5) if last - i * WEEK in requests]
    if len(before) >= 3 and requests[last] < INCOMPLETE * median(before):
        usual = f"where that day of the week had {count(median(before))}"
        yield f"the last day, {day(last)}, has {count(requests[last])} requests {usual}; is it complete?"


def _outliers(requests: Mapping[date, float]) -> Iterator[str]:
    around = [timedelta(days=i) for i in range(-7, 8) if i]
    for each, number in requests.items():
        near = [requests[each + step] for step in around if each + step in requests]
        if len(near) >= 7 and number > OUTLIER * max(near) > 0:
            busiest = f"{number / max(near):,.0f} times the busiest day of the two weeks around it"
            yield f"{day(each)} has {count(number)} requests, {busiest}"


def _running_total(requests: Mapping[date, float]) -> bool:
    """Whether the days never fall, and rise ever more slowly in proportion, as a sum does."""
    days = [requests[each] for each in sorted(requests)]
    middle = days[len(days) // 2]
    rises = all(a <= b for a, b in pairwise(days))
    return rises and days[-1] >= TOTAL * days[0] > 0 and middle / days[0] > 1.5 * days[-1] / middle
