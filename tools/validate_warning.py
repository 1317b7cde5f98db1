"""`python -m tools.validate_warning SERIES` fits the monitor's prior to real series, and judges it on unseen ones.

It writes the prior (catalog/data/warning_prior.csv), and what docs/validation-warning.md says of real series, anew;
with `--check` it fails where either is stale, and says that it skips where no folder is given. The monitor is judged
both ways: on each half of the origins with a prior fitted to the other half.
"""

from __future__ import annotations

import argparse
import csv
import hashlib
import io
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass, fields
from functools import cached_property
from pathlib import Path

import numpy as np

from switchpoint.catalog.tables import DATA
from switchpoint.catalog.usage_behaviour import usage_behaviour
from switchpoint.horizon import Bools, Floats
from switchpoint.warning.chances import CLASS, FURTHEST, Chances, Prior, PriorConstant, chances_from
from switchpoint.warning.weeks import WeeklyFacts
from tools import marked
from tools.acting import LEADS, POLICIES, WEEK, Cases, find_cases, hindsight, never, policy_costs
from tools.calibrate_usage import SOURCE, last_day
from tools.real_limits import Watched, watch_limits
from tools.real_series import FILE, read_series
from tools.reliability_chart import save_reliability_chart
from tools.warning_fit import NAMES, ODDS, Fitter
from tools.warning_rules import SHARES, base_rate, point_rules

PAGE = Path(__file__).resolve().parent.parent / "docs" / "validation-warning.md"
CONSTANTS = DATA / "warning_prior.csv"
COMMAND = "python -m tools.validate_warning SERIES"
WITHIN, CAPPED = 3.0, 12.0
"""Months within which the limit is asked for; months beyond which all are the same."""
FITTED, SEED = 12_000, 2026
"""Mondays that a prior is fitted to, drawn with each series weighing the same, and the seed of the drawing."""
MONITOR, OWN, BASE = "monitor", "monitor, fitted to the half it is judged on", "base rate by distance"
START = {
    "sd_per_month": 0.1, "by_weekly": 0.4, "by_monthly": 0.6, "noise": 0.15, "growth": 0.02, "last_week": 0.3,
    "last_fortnight": 0.5, "gap_13": -0.3, "gap_26": 0.2, "gap_52": -0.2, "uncertain_spread": 0.65,
    "odds": 0.0, "odds_power": 1.0, "odds_by_months": 0.0,
}  # fmt: skip
"""Where the search for a prior starts, and what it is drawn to."""
UNITS = {"sd_per_month": "log standard deviation/month", "growth": "log/month", "uncertain_spread": "log factor",
         "noise": "mean changes of a week", "odds": "log odds", "odds_power": "power",
         "odds_by_months": "log odds/log months"}  # fmt: skip


def start() -> Prior:
    """Where the search starts; how growth and jumps behave is the catalogue's."""
    usage = usage_behaviour(CLASS)
    square = usage.jump_mean**2 + usage.jump_sd**2
    return Prior(**START, half_life_months=usage.half_life_months, jumps_per_month=usage.jumps_per_year / 12,
                 jump_square=square)  # fmt: skip


def fit_prior(watched: Watched) -> Prior:
    """The prior of some Mondays."""
    share = watched.weight / watched.weight.sum()
    number = min(FITTED, int((share > 0).sum()))
    drawn = np.random.default_rng(SEED).choice(share.size, number, replace=False, p=share)
    return Fitter(watched.pick(np.sort(drawn)), start(), np.ones(number)).fit()


@dataclass(frozen=True)
class Judged:
    """What was said of Mondays of series that the prior had not seen, and what came of it."""

    watched: Watched
    found: Chances
    own: Chances
    """The same fitted to the judged series themselves: what no choice of its numbers can beat by much."""
    rules: dict[str, Floats]
    base: Floats
    base_months: dict[float, Floats]

    @classmethod
    def of(cls, seen: Watched, asked: Watched) -> Judged:
        """Fit on some series, say of others."""
        over = np.zeros(asked.facts.level.shape, dtype=bool)
        found, own = (chances_from(asked.facts, over, believed=fit_prior(each)) for each in (seen, asked))
        return cls(asked, found, own, point_rules(asked), *base_rate(seen, asked, WITHIN))

    @cached_property
    def came(self) -> Floats:
        """1 where the limit was reached within three months."""
        return (self.watched.months <= WITHIN).astype(np.float64)

    @cached_property
    def told(self) -> Bools:
        """Where a year is known, or the limit was reached before."""
        known: Bools = (self.watched.known >= CAPPED) | (self.watched.months <= self.watched.known)
        return known

    def _said(self, who: str) -> Chances:
        return self.found if who == MONITOR else self.own

    def chance(self, who: str) -> Floats:
        """Its chance of three months."""
        if who in (MONITOR, OWN):
            return self._said(who).within(WITHIN)
        return self.base if who == BASE else (self.rules[who] <= WITHIN).astype(np.float64)

    def months(self, who: str, share: float) -> Floats:
        """Its months by which a share has reached the limit."""
        if who in (MONITOR, OWN):
            return self._said(who).quantile(share)
        return self.base_months[share] if who == BASE else self.rules[who]

    def brier(self, who: str) -> float:
        """Mean squared error of its chance."""
        return float(np.average((self.chance(who) - self.came) ** 2, weights=self.watched.weight))

    def pinball(self, who: str, shares: Sequence[float] = SHARES) -> float:
        """Mean loss of its months, capped at a year."""
        true = np.minimum(self.watched.months[self.told], CAPPED)
        losses = []
        for share in shares:
            off = true - np.minimum(self.months(who, share)[self.told], CAPPED)
            losses.append(np.where(off > 0, share * off, (share - 1) * off))
        return float(np.average(np.mean(losses, axis=0), weights=self.watched.weight[self.told]))


def halves(watched: Watched) -> tuple[Watched, Watched]:
    """The Mondays of two halves of the origins, by a hash of their names."""
    one = [int(hashlib.md5(each.encode(), usedforsecurity=False).hexdigest(), 16) % 2 == 1 for each in watched.origins]
    first = np.array(one)[watched.number]
    return watched.pick(first), watched.pick(~first)


def score_table(both: Sequence[Judged]) -> str:
    """Brier score and pinball loss of all, both ways and together."""
    sizes = [len(np.unique(each.watched.number)) for each in both]
    head = ["Who", *(f"Brier, {size} series" for size in sizes), "both ways"]
    head += [*(f"pinball, {size} series" for size in sizes), "both ways", "of the median"]
    rows = []
    for who in (MONITOR, OWN, BASE, *both[0].rules):
        briers, losses = [each.brier(who) for each in both], [each.pinball(who) for each in both]
        middle = np.mean([each.pinball(who, (0.5,)) for each in both])
        row = [who, *(f"{x:.3f}" for x in (*briers, np.mean(briers)))]
        rows.append([*row, *(f"{x:.2f}" for x in (*losses, np.mean(losses), middle))])
    return marked.table(head, rows)


def fifths(both: Sequence[Judged]) -> list[tuple[float, float]]:
    """Mean chance, share that came true in each fifth of the monitor's chances, both ways together."""
    chance = np.concatenate([each.chance(MONITOR) for each in both])
    came = np.concatenate([each.came for each in both])
    weight = np.concatenate([each.watched.weight for each in both])
    order = np.argsort(chance)
    place = np.cumsum(weight[order]) / weight.sum()
    found = []
    for number in range(5):
        here = order[(place > number / 5) & (place <= (number + 1) / 5)]
        found.append(tuple(float(np.average(each[here], weights=weight[here])) for each in (chance, came)))
    return [(said, true) for said, true in found]


def reliability_table(both: Sequence[Judged]) -> str:
    """What was said and what came, by fifths: together, and on each half."""
    columns = [fifths(both), *(fifths([each]) for each in both)]
    names = ["both ways", *(f"{len(np.unique(each.watched.number))} series" for each in both)]
    head = ["Fifth of the Mondays", *(f"{name}: {what}" for name in names for what in ("said", "came"))]
    rows = []
    for number in range(5):
        cells = [f"{100 * x:.0f} %" for column in columns for x in column[number]]
        rows.append([f"{number + 1}", *cells])
    return marked.table(head, rows)


KINDS: dict[str, Callable[[Floats, Floats], Bools]] = {
    "median up to 3 months": lambda middle, _: middle <= 3,
    "median up to 6 months": lambda middle, _: middle <= 6,
    "median 6 to 24 months": lambda middle, _: (middle > 6) & np.isfinite(middle),
    "interval closed within 24 months": lambda _, high: np.isfinite(high),
    "interval open, should hold 90 %": lambda _, high: ~np.isfinite(high),
}
"""Which Mondays, by the median and the end of the interval."""


def coverage_table(both: Sequence[Judged]) -> str:
    """How often the 80 % interval held, where that can be told of the Monday without knowing when the limit came."""
    rows, total = [], sum(float(each.watched.weight.sum()) for each in both)
    for kind, picks in KINDS.items():
        held, weight = [], []
        for each in both:
            low, high = each.found.interval
            months = each.watched.months
            ends = np.where(np.isfinite(high), high, np.where(np.isfinite(low), low, FURTHEST))
            here = picks(each.found.months_to_limit, high) & (each.watched.known >= ends)
            inside = (low <= months) & (months <= high) | (months > FURTHEST) & ~np.isfinite(high)
            held.append(inside[here])
            weight.append(each.watched.weight[here])
        share = np.average(np.concatenate(held), weights=np.concatenate(weight))
        part = np.concatenate(weight).sum() / total
        rows.append([kind, f"{100 * share:.0f} %", f"{100 * part:.0f} %"])
    return marked.table(["Mondays with", "80 % interval held", "part of all"], rows)


NEAR, STILL, QUIET = 0.15, 0.03, 0.08
"""Logs: how far a near limit is; how far a level that lies still is off its mean of 13 weeks; a quiet week's change."""
STILLNESS: dict[str, Callable[[WeeklyFacts], Bools]] = {
    "lies still, quiet weeks": lambda facts: (np.abs(facts.gaps[0]) <= STILL) & (facts.weekly <= QUIET),
    "lies still, others": lambda facts: (np.abs(facts.gaps[0]) <= STILL) & (facts.weekly > QUIET),
    "moves, quiet weeks": lambda facts: (np.abs(facts.gaps[0]) > STILL) & (facts.weekly <= QUIET),
    "moves, others": lambda facts: (np.abs(facts.gaps[0]) > STILL) & (facts.weekly > QUIET),
}
"""How a bill has moved, by what is known on a Monday."""


def near_table(both: Sequence[Judged]) -> str:
    """What was said and what came where the limit was near, by how the level has moved."""
    rows = []
    for kind, picks in STILLNESS.items():
        here = [(each.watched.facts.level > -NEAR) & picks(each.watched.facts) for each in both]
        joined = list(zip(both, here, strict=True))
        weight = np.concatenate([each.watched.weight[mine] for each, mine in joined])
        said = np.concatenate([each.chance(MONITOR)[mine] for each, mine in joined])
        came = np.concatenate([each.came[mine] for each, mine in joined])
        series = sum(np.unique(each.watched.number[mine]).size for each, mine in joined)
        means = (np.average(each, weights=weight) if weight.size else None for each in (said, came))
        shares = ("–" if mean is None else f"{100 * mean:.0f} %" for mean in means)
        rows.append([kind, f"{series}", f"{weight.size:,}", *shares])
    return marked.table(["Near its limit, a bill that", "series", "Mondays", "said", "came"], rows)


def acting_table(both: Sequence[Judged]) -> str:
    """What acting on each costs, by length of the project and policy."""
    whole = [find_cases(each.watched) for each in both]
    rows = []
    for who in (MONITOR, BASE, *both[0].rules):
        row = [who]
        for weeks in LEADS:
            each = [
                policy_costs(cases, one.chance(who), one.months(who, 0.5), weeks)
                for cases, one in zip(whole, both, strict=True)
            ]
            row += [_mean(whole, [costs[policy] for costs in each]) for policy in POLICIES]
        rows.append(row)
    rows.append(["no project", *[_mean(whole, [float(never(cases).mean()) for cases in whole])] * 9])
    best = [_mean(whole, [float(hindsight(cases, weeks * WEEK).mean()) for cases in whole]) for weeks in LEADS]
    rows.append(["hindsight", *(cell for cell in best for _ in POLICIES)])
    head = ["Acting on", *(f"{weeks} weeks, {policy}" for weeks in LEADS for policy in POLICIES)]
    return marked.table(head, rows)


def _mean(whole: Sequence[Cases], costs: Sequence[float]) -> str:
    return f"{np.average(costs, weights=[cases.first.size for cases in whole]):.2f}"


def as_csv(found: Prior, series: int, date: str) -> str:
    """The prior as a CSV file."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow([field.name for field in fields(PriorConstant)])
    for name in (*NAMES, *ODDS):
        unit = UNITS.get(name, "power" if name.startswith("by_") else "log part")
        value = f"{getattr(found, name):.3g}"
        writer.writerow(
            [name, value, unit, "fitted to when limits were reached", series, "yes", SOURCE.format(n=series), date]
        )
    return text.getvalue()


def main(arguments: Sequence[str] | None = None) -> int:
    """Fit and judge, and write or compare; the exit code."""
    parser = argparse.ArgumentParser(
        prog="python -m tools.validate_warning", description=(__doc__ or "").split("\n\n")[0]
    )
    parser.add_argument("series", type=Path, nargs="?", help=f"folder with {FILE}")
    parser.add_argument("--check", action="store_true", help="write nothing, fail where something is stale")
    given = parser.parse_args(arguments)
    if given.series is None or not (given.series / FILE).is_file():
        if given.check:
            print("skipped: no folder of series is given, so the warning is not judged on real ones")
            return 0
        print(f"needs a folder with {FILE}", file=sys.stderr)
        return 2
    series = read_series(given.series)
    watched = watch_limits(series)
    watched = watched.pick(watched.judged)
    one, other = halves(watched)
    both = [Judged.of(one, other), Judged.of(other, one)]
    parts = {
        "scores": score_table(both),
        "reliability": reliability_table(both),
        "coverage": coverage_table(both),
        "near": near_table(both),
        "acting": acting_table(both),
    }
    text = as_csv(fit_prior(watched), len(series), last_day(series))
    if given.check:
        return check(text, parts)
    CONSTANTS.write_text(text, encoding="utf-8", newline="\n")
    page = marked.renewed(PAGE.read_text(encoding="utf-8"), parts, COMMAND)
    PAGE.write_text(page, encoding="utf-8", newline="\n")
    save_reliability_chart(fifths(both), PAGE.parent / "images")
    return 0


def check(text: str, parts: dict[str, str]) -> int:
    """Name what is stale."""
    names = marked.stale(PAGE.read_text(encoding="utf-8"), parts, COMMAND)
    if not CONSTANTS.is_file() or CONSTANTS.read_text(encoding="utf-8") != text:
        names.append(CONSTANTS.name)
    for name in names:
        print(f"{name}: is stale; {COMMAND} writes it anew", file=sys.stderr)
    return 1 if names else 0


if __name__ == "__main__":
    sys.exit(main())
