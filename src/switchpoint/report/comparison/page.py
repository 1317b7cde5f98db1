"""The comparison as plain text."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np

from switchpoint.clock import Floats
from switchpoint.report.comparison.compared import Compared, opening
from switchpoint.report.text import NONE, table
from switchpoint.scenario.diff import Change
from switchpoint.scenario.phrases import phrase
from switchpoint.scenario.spoken import both
from switchpoint.scenario.words import shorten
from switchpoint.study.comparison.between import DATES, FIGURES, Outcome
from switchpoint.study.comparison.compare import Comparison
from switchpoint.study.comparison.explain import advice, dollars, explanation
from switchpoint.words import day, months, percent, usd

NO_LIMIT = "no limit"
"""Stands where a scenario has no limit that could be reached, beside one that has."""

MOST_ROWS = 12
"""Causes that the table names; the rest are one row."""
NOTHING = 1e-6
"""A part of less than this is none."""
TITLES = {"threat": "limit reached", "start_by": "start by", "live": "live", "npv_saving_usd": "saves (PV)"}


def page(first: Compared, others: Sequence[Compared]) -> str:
    """The comparison as a page of plain text."""
    if len(others) == 1:
        return "\n\n".join([_title(first, others[0]), *_parts(first, others[0], with_results=True)]) + "\n"
    parts = [f"{first.label} against {len(others)} others", _results([first, *others])]
    for other in others:
        parts += [_title(first, other), *_parts(first, other, with_results=False)]
    return "\n\n".join(parts) + "\n"


def _title(first: Compared, other: Compared) -> str:
    if first.file == other.file:
        return f"{first.result.case.scenario.name}, {first.label} and {other.label}"
    return f"{first.label} → {other.label}"


def _parts(first: Compared, other: Compared, *, with_results: bool) -> Iterator[str]:
    comparison = Comparison(first.result, other.result)
    yield explanation(comparison, opening(first, other))
    if comparison.changes:
        yield _inputs(comparison, first, other)
    if with_results and comparison.changes:
        yield _results([first, other])
    if len(comparison.attribution.shares) > 1 and np.any(comparison.change):
        yield _attribution(comparison)


def _inputs(comparison: Comparison, first: Compared, other: Compared) -> str:
    rows = [["What differs", first.label, other.label]]
    for change in comparison.changes:
        rows.append(difference(change))
    return table(rows)


def difference(change: Change) -> list[str]:
    """An input that differs: its path, and both values in words."""
    return [change.name, *map(shorten, both(change.before, change.after, change.field))]


def _results(compared: Sequence[Compared]) -> str:
    figures = [said(each) for each in compared]
    rows = [["What comes out", *(each.label for each in compared)]]
    rows += [[title, *(each[title] for each in figures)] for title in told(figures)]
    return table(rows)


def told(figures: Sequence[dict[str, str]]) -> list[str]:
    """The titles that there is something to say under: no limit where no scenario has one."""
    return [title for title in figures[0] if any(each[title] != NO_LIMIT for each in figures)]


def said(compared: Compared) -> dict[str, str]:
    """The figures of a scenario in words, by title."""
    outcome, figures = Outcome.of(compared.result), compared.figures

    def when(name: str) -> str:
        return day(figures[name]) if figures[name] else NONE

    scenario = compared.result.case.scenario
    reached = when("threat") if outcome.threat else f"not within {months(scenario.months)}"
    return {
        "Advice": advice(outcome),
        "Limit reached": reached if scenario.limited else NO_LIMIT,
        "Start by": when("start_by"),
        "Live": when("live"),
        "Paid back": when("break_even"),
        "Saves (PV)": usd(outcome.npv_saving_usd) if outcome.candidate else NONE,
        "Total cost": usd(figures["total_usd"]),
        "Bill at the end": f"{usd(figures['bill_at_end_usd'])} a month if nothing changes",
    }


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
