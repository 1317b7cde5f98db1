"""The tables of docs/validation-prices.md that stand beside the estimates: what they were made from."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from tools import price_facts as facts_of
from tools.closed_models import YEAR, Closed
from tools.marked import table
from tools.price_facts import HALF_YEAR

AGES = (6, 12, 18, 24)


def tables(facts: Path, closed: Sequence[Closed]) -> dict[str, str]:
    """All of them, by name."""
    return {
        "reprices": reprices(facts, closed),
        "ages": ages(closed),
        "successors": successors(facts, closed),
        "cheapest": cheapest(facts),
        "rents": rents(facts),
        "providers": providers(facts),
    }


def reprices(facts: Path, closed: Sequence[Closed]) -> str:
    """How many reprices there were, of which models, at which age."""
    followed, found = facts_of.watched(closed), facts_of.changes(facts, closed)
    cuts = [each for each in found if each.factor < 1]
    young = sum(each.age_days <= HALF_YEAR for each in cuts)
    never = 1 - len({each.model for each in found}) / len(followed)
    rises = [f"x{each.factor:g}" for each in found if each.factor > 1]
    lines = [
        ["models followed, model-years", f"{len(followed)}, {facts_of.exposure(followed):.0f}"],
        ["cuts, of these within half a year of the first list", f"{len(cuts)}, {young}"],
        ["rises", f"{len(rises)}: {', '.join(sorted(rises))}"],
        ["occasions, a maker repricing on one day", str(len({(c.model.split("/")[0], c.day) for c in found}))],
        ["models whose price never changed", f"{never:.0%}".replace("%", " %")],
    ]
    return table(["What", "Found"], lines)


def ages(closed: Sequence[Closed]) -> str:
    """Survival, and the hazard of each half-year of life."""
    lines, gone = [], [(each.end - each.first).days for each in closed if each.gone]
    for before, months in zip((0, *AGES), AGES, strict=False):
        first, end = before * YEAR / 12, months * YEAR / 12
        ended = sum(first < age <= end for age in gone)
        years = facts_of.exposure(closed, first, end)
        left = facts_of.survival(closed, months)
        lines.append([f"{before}-{months}", f"{years:.0f}", str(ended), f"{ended / years:.2f}", f"{left:.0%}"])
    head = ["Age, months", "Model-years", "Gone", "A year", "Left at the end of it"]
    return table(head, [[cell.replace("%", " %") for cell in line] for line in lines])


def successors(facts: Path, closed: Sequence[Closed]) -> str:
    """Each retired model and the newest of its line."""
    lines = [[old, new, f"{ratio:.2g}"] for old, new, ratio in facts_of.successors(facts, closed)]
    return table(["Gone", "Newest of its line then", "Price against it"], lines)


def cheapest(facts: Path) -> str:
    """What the cheapest model of a rating cost: first, last, at its lowest; and the slope of its log."""
    tiers: dict[str, list[tuple[dt.date, float]]] = defaultdict(list)
    for row in facts_of.rows(facts, "tier_price_history.csv"):
        when = dt.date.fromisoformat(row["date"])
        tiers[row["arena_rating_min"]].append((when, float(row["cheapest_blended_usd_per_mtok_3to1"])))
    lines = []
    for rating, steps in tiers.items():
        (first, high), (_, last) = steps[0], steps[-1]
        when, low = min(steps, key=lambda step: step[1])
        years = [(day - first).days / YEAR for day, _ in steps]
        slope = np.polyfit(years, np.log([usd for _, usd in steps]), 1)[0]
        lines.append([rating, f"{first:%Y-%m}", f"{high:g}", f"{low:g} ({when:%Y-%m})", f"{last:g}"])
        lines[-1].append(f"{np.exp(-slope):.2g}")
    return table(["Rating at least", "First list", "$/Mtok", "Lowest", "Last list", "Fall, times a year"], lines)


def rents(facts: Path) -> str:
    """The moves of like with like that the speed of reversion comes from."""
    lines = []
    for before, after in facts_of.pairs(facts_of.rents(facts)):
        move = f"{np.log(after.usd / before.usd):+.2f}"
        lines.append([before.gpu, before.basis, f"{before.usd:g}", f"{after.usd:g}"])
        lines[-1] += [f"{after.year - before.year:.2f}", move]
    return table(["GPU", "What", "$/hour", "Later", "Years between", "Move of the log"], lines)


def providers(facts: Path) -> str:
    """How far apart providers are for each GPU."""
    every, small = (facts_of.provider_rents(facts, big) for big in (True, False))
    lines = []
    for gpu, asked in every.items():
        line = [gpu, str(len(asked)), f"{min(asked):.2f}", f"{np.median(asked):.2f}", f"{max(asked):.2f}"]
        without = f"{facts_of.spread(small[gpu]):.2f}" if gpu in small else "-"
        lines.append([*line, f"{facts_of.spread(asked):.2f}", without])
    head = ["GPU", "Providers", "Lowest, $/hour", "Median", "Highest", "Spread of logs", "Without large clouds"]
    return table(head, lines)
