"""`python -m tools.draws` writes what the stories say over many draws; `--check` fails where that is stale."""

from __future__ import annotations

import sys
from collections.abc import Sequence

from switchpoint.decision.case import simulate
from switchpoint.decision.result import JudgedWorld
from switchpoint.horizon import NEVER
from switchpoint.scenario.catalogue_check import load_checked
from switchpoint.study.draw_results import DrawFindings
from switchpoint.study.draw_sentence import sentence
from switchpoint.study.draw_survey import ADVISED
from switchpoint.study.monte_carlo import MonteCarlo
from switchpoint.study.workers import cores
from switchpoint.text import day, percent, usd
from tools import marked
from tools.validation import PAGE, ROOT, STORIES

COMMAND, NAME = "python -m tools.draws", "stories in draws"
DRAWS, SEED = 256, 0


def findings(name: str) -> DrawFindings:
    """A story over its draws."""
    scenario = load_checked(ROOT / "scenarios" / f"{name}.toml").scenario
    return MonteCarlo(DRAWS, SEED, cores()).study(scenario, JudgedWorld(simulate(scenario)))


def row(found: DrawFindings, name: str) -> list[str]:
    """One story in the table."""

    def dated(number: int) -> str:
        return "–" if number == NEVER else day(found.clock.date_of(number))

    threat, verdict = found.threat, found.verdict
    dates = " / ".join(dated(number) for number in (threat.p10, threat.p50, threat.p90))
    cells = [f"[{name}](../scenarios/{name}.toml)", f"{dates} ({percent(round(threat.probability, 2))})"]
    if verdict.candidate is None:
        return [*cells, f"**{verdict.action.value}**", "–", "–", "–", "–"]
    best = found.candidates[verdict.candidate.name]
    money = best.saving(ADVISED)
    return [
        *cells,
        f"**{verdict.action.value}**, {best.name}",
        dated(verdict.start_by),
        percent(round(best.in_time[0], 2)),
        f"{usd(money.mean)} ({usd(money.p10)} to {usd(money.p90)})",
        percent(round(best.saves(ADVISED)[0], 2)),
    ]


def text() -> str:
    """The table, and what is said of each story."""
    found = {name: findings(name) for name in STORIES}
    head = ["Scenario", "Limit reached: 10 / 50 / 90 % (within the horizon)", "Verdict", "Start by", "In time"]
    head += ["Saves on average (80 % of the draws)", "Above zero"]
    rows = [row(each, name) for name, each in found.items()]
    said = "\n".join(f"- {name}: {sentence(each)}" for name, each in found.items())
    return f"{marked.table(head, rows)}\n\n{said}"


def main(arguments: Sequence[str]) -> int:
    """Write the part anew, or with `--check` say whether it is stale; the exit code."""
    if not set(arguments) <= {"--check"}:
        print(f"usage: {COMMAND} [--check]; got {' '.join(arguments)}", file=sys.stderr)
        return 2
    page, parts = PAGE.read_text(encoding="utf-8"), {NAME: text()}
    if not marked.stale(page, parts, COMMAND):
        return 0
    if arguments:
        print(f"docs/{PAGE.name}:1: {NAME}: is stale; {COMMAND} writes it anew", file=sys.stderr)
        return 1
    PAGE.write_text(marked.renewed(page, parts, COMMAND), encoding="utf-8", newline="\n")
    print(f"docs/{PAGE.name}: written")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
