"""`python -m tools.readiness_trials` writes what the method is worth, simulated; `--check` fails on a stale part."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from functools import cache

import numpy as np

from switchpoint.decision.case import simulate
from switchpoint.decision.gates import ProgrammeGates
from switchpoint.decision.result import JudgedWorld
from switchpoint.horizon import MONTH_DAYS, NEVER, Floats
from switchpoint.readiness.diagnosis import OPINION, diagnosis_plans, effects_of
from switchpoint.readiness.report import assess
from switchpoint.scenario.catalogue_check import load_checked
from switchpoint.study.draws import Worlds, error_of_mean
from switchpoint.study.monte_carlo import MonteCarlo
from switchpoint.text import percent, usd
from tools import marked
from tools.validation import ROOT

COMMAND = "python -m tools.readiness_trials"
PAGE = ROOT / "docs" / "validation-readiness.md"
STORIES = ("support-copilot", "document-extraction", "code-assistant", "voice-agent", "enterprise-bought-gpus")
"""Stories whose advised candidate is trained."""
DRAWS, SEED = 512, 0
TEAMS, ODDS = 20_000, (0.05, 0.1, 0.2)
FEW, MANY = 5, 20
"""Experiments a month."""
LIKELY = 1.96
"""Standard errors on either side of a mean in its 95 % interval."""


@cache
def judged(name: str) -> JudgedWorld:
    """The base case of a story."""
    return JudgedWorld(simulate(load_checked(ROOT / "scenarios" / f"{name}.toml").scenario))


def gates_of(name: str) -> ProgrammeGates:
    """The gates of a story for its advised start."""
    return assess(judged(name), 0).gates


def spread(mean: float, error: float, unit: str = "$") -> str:
    """A mean with its 95 % interval, in dollars or weeks."""
    low, high = mean - LIKELY * error, mean + LIKELY * error
    if unit == "$":
        return f"{usd(mean)} ({usd(low)} to {usd(high)})"
    return f"{mean:.1f} ({low:.1f} to {high:.1f})"


def against_opinion() -> str:
    """Every intervention picked from a diagnosis against every one picked by opinion, same start, same draws."""
    rows = []
    for name in STORIES:
        gates = gates_of(name)
        assert gates.outlook is not None
        pairs = {OPINION: diagnosis_plans(gates)[OPINION]}
        worlds = Worlds(judged(name).case.scenario, SEED)
        found = effects_of(worlds, gates.outlook.name, gates.start, pairs, DRAWS)[OPINION]
        weeks = spread(found.mean_days / 7, found.mean_days_error / 7, "weeks")
        rows.append(
            [name, gates.outlook.name, weeks, spread(found.usd, found.usd_error), percent(round(found.lost, 3))]
        )
    head = ["story", "candidate", "weeks later by opinion", "costs more by opinion", "more draws never live"]
    return marked.table(head, rows)


def preparing_early() -> str:
    """Labels and people gathered from the first day and committed at the warning, against everything at the warning."""
    rows = []
    for name in STORIES:
        base = judged(name)
        best = base.verdict.candidate
        assert best is not None
        found = MonteCarlo(DRAWS, SEED).study(base.case.scenario, base).candidates[best.name]
        early, late = found.policies["staged"], found.policies["warn"]
        gain: Floats = early.saving - late.saving
        both = (early.cutover < NEVER) & (late.cutover < NEVER)
        sooner = (late.cutover - early.cutover)[both] / 7
        in_time = [found.in_time_share(each.cutover) or 0.0 for each in (late, early)]
        rows.append(
            [
                name,
                best.name,
                spread(float(sooner.mean()), error_of_mean(sooner), "weeks"),
                spread(float(gain.mean()), error_of_mean(gain)),
                f"{percent(round(in_time[0], 2))} / {percent(round(in_time[1], 2))}",
            ]
        )
    head = [
        "story",
        "candidate",
        "weeks sooner prepared early",
        "saves more",
        "in time: at the warning / prepared early",
    ]
    return marked.table(head, rows)


def first_viable(odds: float, per_month: int) -> Floats:
    """Days to the first viable prototype of many teams that try one thing after the other, shape (teams,)."""
    rng = np.random.default_rng([SEED, per_month, round(1000 * odds)])
    days: Floats = np.ceil(rng.geometric(odds, TEAMS) / per_month * MONTH_DAYS)
    return days


def cost_of_delay(gates: ProgrammeGates, days: Floats) -> Floats:
    """What commits so many days later than advised cost, dollars: the base case at every tenth day, and between."""
    grid = np.arange(0, 731, 10)
    costs = [0.0, *(found.usd for day in grid[1:] if (found := gates.commit_later(int(day))) is not None)]
    return np.interp(days, grid, np.array(costs))


def few_against_many() -> str:
    """Five experiments a month against twenty, until one is viable; the commit waits for it."""
    rows = []
    for name in STORIES:
        gates = gates_of(name)
        for odds in ODDS:
            ready = {pace: first_viable(odds, pace) for pace in (FEW, MANY)}
            late = {pace: np.maximum(days - gates.commit, 0) for pace, days in ready.items()}
            costs = {pace: cost_of_delay(gates, days) for pace, days in late.items()}
            weeks, money = (ready[FEW] - ready[MANY]) / 7, costs[FEW] - costs[MANY]
            held = [float((late[pace] > 0).mean()) for pace in (FEW, MANY)]
            rows.append(
                [
                    name,
                    percent(odds),
                    spread(float(weeks.mean()), error_of_mean(weeks), "weeks"),
                    f"{percent(round(held[0], 3))} / {percent(round(held[1], 3))}",
                    spread(float(money.mean()), error_of_mean(money)),
                ]
            )
    head = ["story", "odds of one", "weeks later to a viable prototype", "commits held up: 5 / 20", "costs more at 5"]
    return marked.table(head, rows)


PARTS = {
    "diagnosis against opinion": against_opinion,
    "early against at the warning": preparing_early,
    "five against twenty": few_against_many,
}


def main(arguments: Sequence[str]) -> int:
    """Write the parts anew, or with `--check` say which are stale; the exit code."""
    if not set(arguments) <= {"--check"}:
        print(f"usage: {COMMAND} [--check]; got {' '.join(arguments)}", file=sys.stderr)
        return 2
    page, parts = PAGE.read_text(encoding="utf-8"), {name: make() for name, make in PARTS.items()}
    stale = marked.stale(page, parts, COMMAND)
    if not stale:
        return 0
    if arguments:
        for name in stale:
            print(f"docs/{PAGE.name}:1: {name}: is stale; {COMMAND} writes it anew", file=sys.stderr)
        return 1
    PAGE.write_text(marked.renewed(page, parts, COMMAND), encoding="utf-8", newline="\n")
    print(f"docs/{PAGE.name}: written")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
