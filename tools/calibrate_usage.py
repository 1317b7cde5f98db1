"""`python -m tools.calibrate_usage SERIES` estimates how usage behaves from a folder of real daily series.

It writes the constants (catalog/data/usage_behaviour.csv) and the tables and pictures of docs/validation-usage.md anew;
with `--check` it fails where either is stale; without a folder it compares the page with the constants alone.
"""

from __future__ import annotations

import argparse
import csv
import io
import sys
from collections.abc import Sequence
from dataclasses import dataclass, fields
from pathlib import Path

import numpy as np

from switchpoint.catalog.tables import DATA, records
from switchpoint.catalog.usage_behaviour import UsageBehaviour, UsageConstant
from switchpoint.horizon import Floats
from tools import marked
from tools.quarter_chart import save_quarter_chart
from tools.real_series import FILE, Series, read_series
from tools.usage_fit import Fit, Fitter, Measures, weighted_median
from tools.usage_moments import Changes, Days, measure_changes, measure_days, quarter_pairs

PAGE = Path(__file__).resolve().parent.parent / "docs" / "validation-usage.md"
CONSTANTS = DATA / "usage_behaviour.csv"
COMMAND = "python -m tools.calibrate_usage SERIES"
START_WEEKS = 26
"""Weeks of a launch that every series begins with, left out."""
LEAST_WEEKS = 30
"""Weeks after it without which a series is too short."""
SOURCE = "public daily counts of {n} real products, packages and services"
ANNOUNCED = "announced or not: the series do not tell"
UNITS = {
    "sd_per_month": ("log standard deviation/month", "fitted"),
    "half_life_months": ("months", "fitted; half a month is the shortest that was looked for"),
    "jumps_per_year": ("1/year", f"fitted; {ANNOUNCED}"),
    "jump_mean": ("log factor", f"fitted; {ANNOUNCED}"),
    "jump_sd": ("log factor", "fitted"),
    "daily_noise": ("log standard deviation", "without the week's pattern"),
    "daily_noise_carryover": ("correlation", "fitted"),
    "weekend_factor": ("factor", "a day of the weekend over a weekday"),
    "growth_per_month": ("log/month", "for comparison; a scenario states its own"),
}


@dataclass(frozen=True)
class Group:
    """All series of a class, measured. Series of one origin count as the root of their number."""

    name: str
    series: tuple[Series, ...]

    @property
    def weights(self) -> Floats:
        """Weight of each series."""
        origins = [each.origin for each in self.series]
        return np.array([origins.count(each) ** -0.5 for each in origins])

    def changes(self) -> Changes:
        """How their levels move."""
        each = [measure_changes(one.logs[None, START_WEEKS:]) for one in self.series]
        joined = {
            name: np.concatenate([getattr(one, name) for one in each])
            for name in ("variance", "next_month", "next_quarter", "growth", "years")
        }
        return Changes(**joined, jumps=[one.jumps[0] for one in each])

    def days(self) -> list[Days]:
        """How their days differ."""
        return [measure_days(one.values[7 * START_WEEKS :]) for one in self.series]


@dataclass(frozen=True)
class Calibrated:
    """One class: what was measured, what was fitted, and the constants that follow."""

    group: Group
    changes: Changes
    days: list[Days]
    real: Measures
    fit: Fit

    @classmethod
    def of(cls, group: Group) -> Calibrated:
        """Measure and fit."""
        changes, days = group.changes(), group.days()
        real = Measures.of(changes, group.weights)
        noise, carried = (
            weighted_median(np.array([getattr(each, name) for each in days]), group.weights)
            for name in ("noise", "carryover")
        )
        return cls(group, changes, days, real, Fitter(real, noise, carried).fit())

    def _measured(self, name: str) -> Floats:
        if name == "growth_per_month":
            return self.changes.growth
        of_days = {"daily_noise": "noise", "weekend_factor": "weekend", "daily_noise_carryover": "carryover"}
        return np.array([getattr(each, of_days[name]) for each in self.days])

    def constants(self) -> list[UsageConstant]:
        """The rows of the catalogue."""
        rows = []
        for name in (field.name for field in fields(UsageBehaviour)):
            unit, note = UNITS[name]
            low = high = None
            if name in ("growth_per_month", "daily_noise", "weekend_factor", "daily_noise_carryover"):
                low, high = (round(float(each), 4) for each in np.nanquantile(self._measured(name), [0.1, 0.9]))
            fitted = getattr(self.fit, name, None)
            value = weighted_median(self._measured(name), self.group.weights) if fitted is None else fitted
            source, n = SOURCE.format(n=len(self.group.series)), len(self.group.series)
            value, date = float(f"{value:.3g}"), last_day(self.group.series)
            rows.append(UsageConstant(self.group.name, name, value, unit, low, high, n, note, True, source, date))
        return rows


def last_day(series: Sequence[Series]) -> str:
    """The last day of any of them."""
    from datetime import timedelta

    return max(each.start + timedelta(days=each.values.size - 1) for each in series).isoformat()


def groups(series: Sequence[Series]) -> list[Group]:
    """The classes, of the series that are long enough."""
    whole = tuple(each for each in series if each.logs.size >= START_WEEKS + LEAST_WEEKS)
    return [Group("service", tuple(each for each in whole if each.service)), Group("typical", whole)]


def as_csv(constants: Sequence[UsageConstant]) -> str:
    """The constants as a CSV file."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    names = [field.name for field in fields(UsageConstant)]
    writer.writerow(names)
    for each in constants:
        writer.writerow([_cell(getattr(each, name)) for name in names])
    return text.getvalue()


def _cell(value: object) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    if value is None:
        return ""
    return f"{value:g}" if isinstance(value, float) else str(value)


def in_catalogue() -> list[list[UsageConstant]]:
    """The constants as the catalogue has them, class by class."""
    known = records(UsageConstant, CONSTANTS.stem)
    return [[each for each in known if each.behaviour == name] for name in dict.fromkeys(x.behaviour for x in known)]


def behaviour_table(classes: Sequence[Sequence[UsageConstant]]) -> str:
    """The constants of all classes side by side."""
    head = ["Estimate", *(each[0].behaviour for each in classes), "Unit", "Note"]
    rows = []
    for of_name in zip(*classes, strict=True):
        first = of_name[0]
        cells = [f"{c.value:g}" + ("" if c.low is None else f" ({c.low:.3g} to {c.high:.3g})") for c in of_name]
        rows.append([f"`{first.name}`", *cells, first.unit, first.note])
    return marked.table(head, rows)


def match_table(classes: Sequence[Calibrated]) -> str:
    """What the real series measure, and what simulated ones with the constants do."""
    head = ["Measure"]
    for each in classes:
        head += [f"{each.group.name}: real", "simulated"]
    names = [f"standard deviation of growth over {weeks} weeks" for weeks in (12, 24, 48)]
    rows = [[name] for name in [*names, "one quarter's growth with the next", "jumps found a year",
                                "median size of a jump, log", "mean of a jump, log"]]  # fmt: skip
    for each in classes:
        for measures in (each.real, each.fit.simulated):
            cells = [
                *np.exp(measures.variance / 2),
                measures.quarter,
                measures.rate,
                np.exp(measures.size),
                measures.mean,
            ]
            for row, cell in zip(rows, cells, strict=True):
                row.append(f"{cell:.2f}")
    return marked.table(head, rows)


def main(arguments: Sequence[str] | None = None) -> int:
    """Estimate, and write or compare; the exit code."""
    parser = argparse.ArgumentParser(
        prog="python -m tools.calibrate_usage", description=(__doc__ or "").split("\n\n")[0]
    )
    parser.add_argument("series", type=Path, nargs="?", help=f"folder with {FILE}")
    parser.add_argument("--check", action="store_true", help="write nothing, fail where something is stale")
    given = parser.parse_args(arguments)
    if given.check and (given.series is None or not (given.series / FILE).is_file()):
        print("no folder of series is given: the page is compared with the catalogue alone, not with the series")
        return check({"behaviour": behaviour_table(in_catalogue())})
    if given.series is None or not (given.series / FILE).is_file():
        print(f"needs a folder with {FILE}", file=sys.stderr)
        return 2
    classes = [Calibrated.of(group) for group in groups(read_series(given.series))]
    constants = [each.constants() for each in classes]
    text = as_csv([row for each in constants for row in each])
    pairs = np.concatenate([quarter_pairs(each.logs[START_WEEKS:]) for each in classes[-1].group.series])
    parts = {"behaviour": behaviour_table(constants), "match": match_table(classes), "quarters": quarter_words(pairs)}
    if given.check:
        return check(parts, text)
    save_quarter_chart(pairs, PAGE.parent / "images")
    return write(text, parts)


def quarter_words(pairs: Floats) -> str:
    """What a quarter's growth says of the next one's, over all pairs."""
    together = float(np.corrcoef(np.clip(pairs, -1, 1).T)[0, 1])
    return f"Correlation of a quarter's growth with the next one's: {together:.2f}, over {len(pairs):,} pairs."


def check(parts: dict[str, str], text: str | None = None) -> int:
    """Name what is stale: parts of the page, and the constants where a text of them is given."""
    names = marked.stale(PAGE.read_text(encoding="utf-8"), parts, COMMAND)
    if text is not None and CONSTANTS.read_text(encoding="utf-8") != text:
        names.append(CONSTANTS.name)
    for name in names:
        print(f"{name}: is stale; {COMMAND} writes it anew", file=sys.stderr)
    return 1 if names else 0


def write(text: str, parts: dict[str, str]) -> int:
    """Write the constants and the tables."""
    page = marked.renewed(PAGE.read_text(encoding="utf-8"), parts, COMMAND)
    CONSTANTS.write_text(text, encoding="utf-8", newline="\n")
    PAGE.write_text(page, encoding="utf-8", newline="\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
