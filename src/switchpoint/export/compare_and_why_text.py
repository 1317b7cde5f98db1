"""What makes the difference between scenarios, and what an advice hangs on, as text and JSON."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

from switchpoint.charts.sensitivity import MOST_BARS, span, start_words, takeaway
from switchpoint.decision.result import JudgedWorld, chosen_words
from switchpoint.export.plain_tables import as_text, table
from switchpoint.files import Json
from switchpoint.horizon import NEVER, Floats
from switchpoint.scenario.diff import Cause, Change
from switchpoint.scenario.errors import shorten
from switchpoint.scenario.fields import Part
from switchpoint.scenario.input_names import capitalize_name
from switchpoint.scenario.introspection import unit_of
from switchpoint.scenario.labels import both, phrase
from switchpoint.scenario.schema import Scenario
from switchpoint.scenario.uncertain import plain
from switchpoint.study.advice import CandidateOutcome
from switchpoint.study.compare import (
    DATES,
    FIGURES,
    AdviceOutcome,
    CauseShare,
    Comparison,
    advice,
    advised_path,
    dollars,
    explanation,
)
from switchpoint.study.reasons import Why, as_json
from switchpoint.study.tornado import Bar, Estimate
from switchpoint.text import NONE, day, months, percent, usd
from switchpoint.version import __version__

# The page that `switchpoint why` prints ------------------------------------------------------------------------------

WIDTH = 25
MEASURES = {"npv_saving_usd": "the saving", "start_by_day": "the start-by date"}


def why_page(why: Why) -> str:
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


def why_json(why: Why) -> str:
    """The same as indented JSON with ISO dates."""
    return as_text(as_json(why))


# Comparison as text and JSON -----------------------------------------------------------------------------------------


@dataclass(frozen=True)
class ComparedScenario:
    """One of the scenarios that are compared."""

    file: str
    label: str
    result: JudgedWorld

    @property
    def figures(self) -> Json:
        """What its advice comes to, in the base case: the candidate that it names, started as `run` shows it.

        Without a candidate the cost is that of staying.
        """
        outcome, case, path = AdviceOutcome.of(self.result), self.result.case, advised_path(self.result)
        return {
            **asdict(outcome),
            "break_even": self.result.date(path.break_even.day) if path else None,
            "one_off_usd": path.one_off if path else 0.0,
            "total_usd": path.total if path else float(case.stay.sum()),
            "bill_at_start_usd": float(case.bill[0]),
            "bill_at_end_usd": float(case.bill[-1]),
        }


def opening(first: ComparedScenario, other: ComparedScenario) -> str:
    """How a sentence about the two begins."""
    return "With these settings" if first.file == other.file else f"From {first.label} to {other.label}"


NO_LIMIT = "no limit"
"""Stands where a scenario has no limit that could be reached, beside one that has."""

MOST_ROWS = 12
"""Causes that the table names; the rest are one row."""
NOTHING = 1e-6
"""A part of less than this is none."""
TITLES = {"threat": "limit reached", "start_by": "start by", "live": "live", "npv_saving_usd": "saves (PV)"}


def comparison_page(first: ComparedScenario, others: Sequence[ComparedScenario]) -> str:
    """The comparison as a page of plain text."""
    if len(others) == 1:
        return "\n\n".join([_title(first, others[0]), *_parts(first, others[0], with_results=True)]) + "\n"
    parts = [f"{first.label} against {len(others)} others", _results([first, *others])]
    for other in others:
        parts += [_title(first, other), *_parts(first, other, with_results=False)]
    return "\n\n".join(parts) + "\n"


def _title(first: ComparedScenario, other: ComparedScenario) -> str:
    if first.file == other.file:
        return f"{first.result.case.scenario.name}, {first.label} and {other.label}"
    return f"{first.label} → {other.label}"


def _parts(first: ComparedScenario, other: ComparedScenario, *, with_results: bool) -> Iterator[str]:
    comparison = Comparison(first.result, other.result)
    yield explanation(comparison, opening(first, other))
    if comparison.changes:
        yield _inputs(comparison, first, other)
    if with_results and comparison.changes:
        yield _results([first, other])
    if len(comparison.attribution.shares) > 1 and np.any(comparison.change):
        yield _attribution(comparison)


def _inputs(comparison: Comparison, first: ComparedScenario, other: ComparedScenario) -> str:
    rows = [["What differs", first.label, other.label]]
    for change in comparison.changes:
        rows.append(difference(change))
    return table(rows)


def difference(change: Change) -> list[str]:
    """An input that differs: its path, and both values in words."""
    return [change.name, *map(shorten, both(change.before, change.after, change.field))]


def _results(compared: Sequence[ComparedScenario]) -> str:
    figures = [figures_in_words(each) for each in compared]
    rows = [["What comes out", *(each.label for each in compared)]]
    rows += [[title, *(each[title] for each in figures)] for title in titles_to_tell(figures)]
    return table(rows)


def titles_to_tell(figures: Sequence[dict[str, str]]) -> list[str]:
    """The titles that there is something to say under: no limit where no scenario has one."""
    return [title for title in figures[0] if any(each[title] != NO_LIMIT for each in figures)]


def figures_in_words(compared: ComparedScenario) -> dict[str, str]:
    """The figures of a scenario in words, by title."""
    outcome, figures = AdviceOutcome.of(compared.result), compared.figures

    def when(name: str) -> str:
        return day(figures[name]) if figures[name] else NONE

    scenario = compared.result.case.scenario
    reached = when("threat") if outcome.threat else f"not within {months(scenario.months)}"
    return {
        "Advice": f"{advice(outcome)}{_choice(compared.result)}",
        "Limit reached": reached if scenario.limited or outcome.threat else NO_LIMIT,
        "Start by": when("start_by"),
        "Live": when("live"),
        "Paid back": when("break_even"),
        "Saves (PV)": usd(outcome.npv_saving_usd) if outcome.candidate else NONE,
        "Total cost": usd(figures["total_usd"]),
        "Bill at the end": f"{usd(figures['bill_at_end_usd'])} a month if nothing changes",
    }


def _choice(result: JudgedWorld) -> str:
    """The policy that a scenario states and its figures follow, where it starts otherwise than advised."""
    words = chosen_words(result.case.scenario.decision.policy) if result.chooses_start else ""
    return f"; {words[:1].lower()}{words[1:]}" if words else ""


def _attribution(comparison: Comparison) -> str:
    rows, notes = attribution(comparison)
    return "\n".join([table(rows), *notes])


def attribution(comparison: Comparison) -> tuple[list[list[str]], list[str]]:
    """Who did what to each figure that changed, as rows in words, the largest part first; and how it was shared."""
    shown = [figure for figure, change in zip(FIGURES, comparison.change, strict=True) if change]
    shares = comparison.attribution.shares
    amounts = np.array([[share.amount(figure) for figure in shown] for share in shares])
    parts = (np.abs(amounts) / np.abs(amounts).sum(axis=0)).sum(axis=1)
    order = [place for place in np.argsort(-parts, kind="stable") if parts[place] > NOTHING]
    names, amounts = [phrase(shares[place].cause) for place in order], amounts[order]
    if len(names) > MOST_ROWS:
        names = [*names[:MOST_ROWS], f"{len(names) - MOST_ROWS} others"]
        amounts = np.vstack([amounts[:MOST_ROWS], amounts[MOST_ROWS:].sum(axis=0)])
    columns = [_column(figure, amounts[:, place]) for place, figure in enumerate(shown)]
    rows = [["What made the difference", *(TITLES[figure] for figure in shown)]]
    rows += [[name, *cells] for name, *cells in zip([*names, "together"], *columns, strict=True)]
    return rows, list(_notes(comparison, len(shares) - len(order)))


def _column(figure: str, amounts: Floats) -> list[str]:
    """The parts and their sum: whole days that add up, or dollars."""
    if figure in DATES:
        days = [*_whole(amounts), round(float(amounts.sum()))]
        return [f"{number:+} day{'s' * (abs(number) != 1)}" if number else NONE for number in days]
    return [dollars(amount) if abs(amount) >= NOTHING else NONE for amount in [*amounts, amounts.sum()]]


def _whole(amounts: Floats) -> list[int]:
    """Whole numbers with the same sum: those with the largest fractions are rounded up.

    >>> _whole(np.array([1.5, 2.25, -0.75]))
    [2, 2, -1]
    """
    whole = np.floor(amounts).astype(int)
    left = round(float(amounts.sum())) - int(whole.sum())
    whole[np.argsort(whole - amounts, kind="stable")[:left]] += 1
    return [int(number) for number in whole]


def _notes(comparison: Comparison, idle: int) -> Iterator[str]:
    """How the change was shared, and what is to be known about it."""
    found = comparison.attribution
    if idle:
        yield (
            "1 more input differs and changes none of this."
            if idle == 1
            else (f"{idle} more inputs differ and change none of this.")
        )
    over = "all orders" if found.orders is None else f"{found.orders} of all orders"
    yield f"Each part is what changes when the input is put in place, averaged over {over}; the parts add up (Shapley)."
    if found.errors is not None:
        amounts = np.array([share.amounts for share in found.shares])
        off = found.errors.sum(axis=0) / np.maximum(np.abs(amounts).sum(axis=0), NOTHING)
        days, money = off[: len(DATES)].max(), off[-1]
        about = f"{percent(days)} in days and {percent(money)} in dollars"
        yield f"With so many inputs not all orders were tried: parts are off by about {about}."
    before, after = comparison.outcomes
    if any((getattr(before, figure) is None) != (getattr(after, figure) is None) for figure in DATES):
        yield f"Where there is no such date within the horizon, {day(comparison.end)}, the day after it, is counted."


def comparison_json(first: ComparedScenario, others: Sequence[ComparedScenario]) -> str:
    """The comparison as indented JSON with ISO dates; docs/model.md lists the keys."""
    told: Json = {"version": __version__, "first": _scenario(first), "others": [_other(first, each) for each in others]}
    return json.dumps(told, indent=2, ensure_ascii=False, default=str, allow_nan=False) + "\n"


def _scenario(compared: ComparedScenario) -> Json:
    scenario = compared.result.case.scenario
    named = {"file": compared.file, "name": scenario.name, "summary": scenario.summary, "label": compared.label}
    return {**named, "figures": compared.figures}


def _other(first: ComparedScenario, other: ComparedScenario) -> Json:
    comparison = Comparison(first.result, other.result)
    found = comparison.attribution
    return {
        **_scenario(other),
        "sentence": explanation(comparison, opening(first, other)),
        "inputs": [_change(change) for change in comparison.changes],
        "change": _amounts(comparison.change),
        "unreached_date_counts_as": comparison.end,
        "attribution": [_share(share) for share in found.shares],
        "standard_errors": None if found.errors is None else [_amounts(each) for each in found.errors],
        "orders": "all" if found.orders is None else found.orders,
        "advice_changes": comparison.flips,
        "changed_alone_by": [_names(cause) for cause in found.alone],
        "changed_together_by": [_names(cause) for cause in found.together],
    }


def _change(change: Change) -> Json:
    unit = unit_of(change.field) if change.field else ""
    before, after = (_plain(value) for value in (change.before, change.after))
    return {"path": change.name, "kind": change.kind, "before": before, "after": after, "unit": unit}


def _plain(value: Any) -> Any:
    return value.model_dump(exclude_unset=True) if isinstance(value, Part) else plain(value)


def _share(share: CauseShare) -> Json:
    return {"inputs": _names(share.cause), "words": phrase(share.cause), **_amounts(share.amounts)}


def _amounts(amounts: Floats) -> Json:
    return {
        f"{figure}_days" if figure in DATES else figure: float(a) for figure, a in zip(FIGURES, amounts, strict=True)
    }


def _names(cause: Cause) -> list[str]:
    return [change.name for change in cause.changes]
