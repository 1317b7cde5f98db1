"""`python -m tools.watch_year [SERIES]` runs `switchpoint watch` as cron would, over a replayed year, and looks.

Each bill is watched on every Monday (or every day) of its last year, with nothing but the days before, one state file
and the command itself. What was said when, which exit codes came, and whether any of them came and went goes into
docs/watch.md. Without a folder of series the simulated bills alone are watched, and nothing is written.
"""

from __future__ import annotations

import argparse
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path

import numpy as np
from pandas import DataFrame
from typer.testing import CliRunner

from switchpoint.cli import program
from switchpoint.finance import trailing_mean
from switchpoint.horizon import MONTH_DAYS, Floats
from switchpoint.text import day, usd
from tools import marked
from tools.real_series import read_series

PAGE = Path(__file__).resolve().parent.parent / "docs" / "watch.md"
COMMAND = "python -m tools.watch_year SERIES"
LAST = date(2026, 9, 27)
"""A Sunday; series are moved by whole weeks to end on it."""
WEEKS, YEAR = 118, 52
"""Weeks of each bill, the last of which are watched."""
SERIES = ("obsidian:copilot", "github:claude-commits")
WEEK = np.array([1.15, 1.2, 1.2, 1.15, 1.1, 0.65, 0.55])
BILL = 800.0
"""Dollars a month when the year begins."""
CODES = (0, 10, 11, 12)
BACK_WEEKS = 8
"""A code that is there again within so many weeks after another came and went."""
TOKENS = (1_000, 200)
SCENARIO = """\
name = "Watched"
start = {start}
months = 24
[usage]
requests_per_day = {requests:.6g}
input_tokens = 1_000
output_tokens = 200
[revenue]
usd_per_month = 200_000
[limit]
usd_per_month = {limit:.0f}
[current]
provider = "openai"
model = "gpt-5.4-mini"
[candidates.ours]
kind = "api"
usd_per_mtok = {{ input = 0.4, output = 2.4 }}
[candidates.ours.project]
engineers = 2
engineers_in_house = 1
hiring_weeks = {{ low = 8, high = 12 }}
usd_per_engineer_month = 12_000
examples = 4_000
labels_per_day = 100
usd_per_iteration = 500
training_days = 3
evaluation_days = 7
pass_probability = [0.6, 0.8]
shadow_days = 14
ramp_days = 14
"""


@dataclass(frozen=True)
class WatchedCase:
    """One bill and its limit."""

    name: str
    daily: Floats
    """Dollars a day up to LAST, shape (days,)."""
    limit: float
    """Dollars a month."""

    @property
    def first(self) -> date:
        """Its first day."""
        return LAST - timedelta(days=self.daily.size - 1)

    @property
    def reached(self) -> date | None:
        """First day on which the mean bill of 28 days was at the limit, within the year that is watched."""
        mean = trailing_mean(self.daily) * MONTH_DAYS
        at = np.flatnonzero(mean[-7 * YEAR :] >= self.limit)
        return LAST - timedelta(days=7 * YEAR - 1 - int(at[0])) if at.size else None

    def scenario(self) -> str:
        """Its scenario."""
        requests = float(self.daily[-7 * YEAR - 28 : -7 * YEAR].mean()) / USD_PER_REQUEST
        return SCENARIO.format(start=LAST - timedelta(days=7 * YEAR), requests=requests, limit=self.limit)

    def write(self, folder: Path, days: int) -> Path:
        """The export as it was after so many days."""
        requests = np.round(self.daily[:days] / USD_PER_REQUEST)
        told = {
            "date": [(self.first + timedelta(days=each)).isoformat() for each in range(days)],
            "requests": requests,
            "input_tokens": TOKENS[0] * requests,
            "output_tokens": TOKENS[1] * requests,
            "cost_usd": self.daily[:days],
        }
        path = folder / "usage.csv"
        DataFrame(told).assign(model="gpt-5.4-mini").to_csv(path, index=False)
        return path


USD_PER_REQUEST = (TOKENS[0] * 0.75 + TOKENS[1] * 4.5) / 1e6
"""At the catalogue's price of that model."""


@dataclass(frozen=True)
class WatchRun:
    """One run of the command."""

    monday: date
    code: int
    printed: str


def simulated_cases() -> Iterator[WatchedCase]:
    """Bills whose growth is known: steady, none at all, none right under the limit, and one that jumps."""
    months = (np.arange(7 * WEEKS) - 7 * (WEEKS - YEAR)) / MONTH_DAYS
    for seed, (name, logs, noise, limit) in enumerate(
        (
            ("grows by 4 % a month, limit at 1.45 times the bill", months * np.log(1.04), 0.1, 1.45),
            ("does not grow, limit at 1.6 times the bill", 0 * months, 0.15, 1.6),
            ("does not grow, limit 8 % above the bill", 0 * months, 0.15, 1.08),
            (
                "grows by 1 % a month, jumps by 35 % half-way, limit at twice the bill",
                months * np.log(1.01) + np.log(1.35) * (months >= 6),
                0.1,
                2.0,
            ),
        )
    ):
        chance = np.random.default_rng(seed).standard_normal(months.size)
        shape = np.exp(logs + noise * chance - noise**2 / 2) * np.resize(np.roll(WEEK, 0), months.size)
        yield _scaled(name, shape, limit)


def real_cases(folder: Path) -> Iterator[WatchedCase]:
    """Some of the shared series, with a limit at twice the bill when the year begins."""
    found = {each.name: each for each in read_series(folder)}
    for name in SERIES:
        yield _scaled(f"{name}, limit at twice the bill", found[name].values[-7 * WEEKS :], 2.0)


def _scaled(name: str, shape: Floats, limit: float) -> WatchedCase:
    """So that the bill is that of `BILL` when the year begins."""
    begin = float(shape[-7 * YEAR - 28 : -7 * YEAR].mean()) * MONTH_DAYS
    return WatchedCase(name, shape * BILL / begin, limit * BILL)


def watch_case(case: WatchedCase, every: int, draws: int) -> list[WatchRun]:
    """Run the command on every so many days of the year, as cron would."""
    runs = []
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        scenario = folder / "ours.toml"
        scenario.write_text(case.scenario(), encoding="utf-8")
        for days in range(case.daily.size - 7 * YEAR, case.daily.size + 1, every):
            file = case.write(folder, days)
            asked = ["watch", str(file), "--scenario", str(scenario), "--state", str(folder / "state.json")]
            done = CliRunner().invoke(program, [*asked, "--quiet", "--draws", str(draws)])
            runs.append(WatchRun(case.first + timedelta(days=days), done.exit_code, done.output))
    return runs


def came_and_went(runs: Sequence[WatchRun]) -> int:
    """How often a code was left and was there again within some weeks."""
    turns = [run for before, run in zip([None, *runs], runs, strict=False) if before is None or before.code != run.code]
    again = zip(turns, turns[2:], strict=False)
    return sum(a.code == c.code and (c.monday - b.monday).days <= 7 * BACK_WEEKS for (a, c), b in zip(again, turns[1:]))  # noqa: B905


def summary_row(case: WatchedCase, runs: Sequence[WatchRun]) -> list[str]:
    """A line of the table."""
    first = {code: next((run.monday for run in runs if run.code == code), None) for code in CODES[1:]}
    dates = ["" if when is None else day(when) for when in first.values()]
    reached = "not reached" if case.reached is None else day(case.reached)
    reports = sum(bool(run.printed) for run in runs)
    return [case.name, reached, *dates, str(reports), str(came_and_went(runs))]


HEAD = ["Bill", "limit reached", "prepare (10)", "start now (11)", "late, over (12)", "Mondays with a report"]


def log_of(runs: Sequence[WatchRun]) -> str:
    """What was printed, Monday by Monday."""
    lines = []
    for run in runs:
        if run.printed:
            lines += [f"[{run.monday.isoformat()}, exit code {run.code}]", run.printed.rstrip()]
    return "```text\n" + "\n".join(lines) + "\n```"


def main() -> None:
    """Watch, and write the page anew."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("series", nargs="?", type=Path)
    parser.add_argument("--every", type=int, default=7, help="days between two runs")
    parser.add_argument("--draws", type=int, default=64)
    asked = parser.parse_args()
    cases = [*simulated_cases(), *(real_cases(asked.series) if asked.series else ())]
    rows, first = [], ""
    for case in cases:
        runs = watch_case(case, asked.every, asked.draws)
        rows.append(summary_row(case, runs))
        first = first or f"The first of them, limit {usd(case.limit)} a month:\n\n{log_of(runs)}"
        print(*rows[-1], "codes", *(run.code for run in runs), log_of(runs), sep="\n", flush=True)
    if asked.series is not None and asked.every == 7:
        table = marked.table([*HEAD, "came and went"], rows)
        parts = {"year": f"{table}\n\n{first}"}
        PAGE.write_text(marked.renewed(PAGE.read_text(encoding="utf-8"), parts, COMMAND), encoding="utf-8")


if __name__ == "__main__":
    main()
