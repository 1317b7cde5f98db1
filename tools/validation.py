"""`python -m tools.validation` writes the tables of docs/validation.md; with `--check` it fails where one is stale."""

from __future__ import annotations

import sys
from collections.abc import Mapping, Sequence
from itertools import groupby

import numpy as np

from switchpoint.decision.case import simulate
from switchpoint.decision.result import JudgedWorld
from switchpoint.horizon import NEVER
from switchpoint.scenario.catalogue_check import load_checked
from switchpoint.serving.scaler import Scaler, simulate_scaler
from switchpoint.simulation.sizing import Serverless
from switchpoint.text import day, usd
from tools import marked
from tools.marked import table
from tools.published import CASES, ROOT, SOURCES, Case

PAGE = ROOT / "docs" / "validation.md"
STORIES = (
    "support-copilot",
    "document-extraction",
    "code-assistant",
    "cascade-of-three",
    "voice-agent",
    "early-prototype",
    "enterprise-bought-gpus",
    "tagging-at-volume",
    "reasoning-agent",
    "back-to-an-api",
    "nightly-batch-on-spot",
    "base-load-with-overflow",
)
COMMAND = "python -m tools.validation"
SCALER, PLANNED = Scaler(request_s=4, timeout_s=60, startup_s=30, concurrency=8), 0.8
LOADS = (0.002, 0.01, 0.02, 0.05, 0.16, 0.5, 2)
"""Of the table of serverless fleets: the scaler, the part of a replica that is planned with, loads as parts of it."""


def number(value: float | str, unit: str, close: float) -> str:
    """A number with as many digits as are worth comparing."""
    if isinstance(value, str):
        return value
    if unit == "tokens":
        return f"{value / 1e6:,.1f} million"
    digits = 4 if close < 0.001 else 3 if close < 0.01 else 2 if close < 0.1 else 1
    text = f"{value:,.{digits}f}"
    return f"${text}" if unit == "$" else f"{text} {unit}".strip()


def published() -> str:
    """What was printed, and what Switchpoint says."""
    rows = []
    for file, cases in groupby(CASES, key=lambda case: case.file):
        shown = f"[{file}](../scenarios/published/{file}.toml)"
        for case in cases:
            rows.append([shown, case.what, printed(case), number(case.says, case.unit, case.within), case.note])
            shown = ""
    sources = "\n".join(f"- {file}: {source}" for file, source in SOURCES.items())
    head = ["Case", "What", "Printed", "Switchpoint", "Where they differ"]
    return f"{table(head, rows)}\n\nSources:\n\n{sources}"


def printed(case: Case) -> str:
    """A printed number as it was printed."""
    if isinstance(case.printed, str):
        return case.printed
    if case.unit == "tokens":
        return f"{case.printed / 1e6:,.6g} million"
    text = f"{case.printed:,}" if case.printed != 110 else "110.00"
    return f"${text}" if case.unit == "$" else f"{text} {case.unit}"


def stories() -> str:
    """The shipped scenarios: verdict, dates and dollars of the base case."""
    head = [
        "Scenario",
        "Bill a month, start → end",
        "Limit reached",
        "Verdict",
        "Start by",
        "Live if started today",
        "Saves",
    ]
    return table(head, [story(name) for name in STORIES])


def story(name: str) -> list[str]:
    """One row."""
    result = JudgedWorld(simulate(load_checked(ROOT / "scenarios" / f"{name}.toml").scenario))
    case, verdict, best = result.case, result.verdict, result.verdict.candidate
    said = f"**{verdict.action.value}**" + (f", {best.name}" if best else "")
    if verdict.bridge:
        said += f", bridged by {verdict.bridge.name}"

    def dated(number: int) -> str:
        return "–" if number == NEVER else day(case.clock.date_of(number))

    saving = "–" if best is None else usd(float(best.starts.saving[best.starts.row(best.starts.advised_start)]))
    live = "–" if best is None else dated(best.milestone("cutover", 0))
    if (plan := verdict.plan) is not None:
        said, saving = f"{said}: the plan {plan.name}", usd(plan.npv_saving)
    return [
        f"[{name}](../scenarios/{name}.toml)",
        f"{usd(case.bill[0])} → {usd(case.bill[-1])}",
        dated(case.threat),
        said,
        dated(verdict.start_by),
        live,
        saving,
    ]


def serverless() -> str:
    """A serverless fleet by the formula of one replica and by the simulated scaler, at rising loads."""
    rows = []
    for load in LOADS:
        rate = load * PLANNED * SCALER.concurrency / SCALER.request_s
        fleet = Serverless(SCALER.request_s, SCALER.timeout_s, SCALER.startup_s, SCALER.concurrency, 0, PLANNED)
        (hours,), (cold,) = fleet.while_one_is_enough(np.array([rate]))
        lived = simulate_scaler(SCALER, rate)
        simulated = lived.alive + lived.starts_per_s * SCALER.startup_s
        colds = [f"{100 * share:.2f} %" for share in (float(cold), lived.cold_share)]
        rows.append([f"{100 * load:g} %", f"{3600 * rate:,.0f}", f"{hours:.3f}", f"{simulated:.3f}", *colds])
    head = ["Load, of what a replica is planned with", "Requests an hour"]
    head += ["Replica-hours an hour: formula", "simulated", "Requests that meet a cold start: formula", "simulated"]
    return table(head, rows)


def parts() -> Mapping[str, str]:
    """The generated parts of the page, by name."""
    return {"published cases": published(), "serverless fleets": serverless(), "stories": stories()}


def renewed(page: str) -> str:
    """The page with its generated parts written anew."""
    return marked.renewed(page, parts(), COMMAND)


def stale() -> list[str]:
    """The parts that are not as they would be written now."""
    return marked.stale(PAGE.read_text(encoding="utf-8"), parts(), COMMAND)


def main(arguments: Sequence[str]) -> int:
    """Write the page anew, or with `--check` name what is stale; the exit code."""
    if not set(arguments) <= {"--check"}:
        print(f"usage: python -m tools.validation [--check]; got {' '.join(arguments)}", file=sys.stderr)
        return 2
    names = stale()
    if arguments:
        for name in names:
            print(f"docs/{PAGE.name}:1: {name}: is stale; python -m tools.validation writes it anew", file=sys.stderr)
        return 1 if names else 0
    if names:
        PAGE.write_text(renewed(PAGE.read_text(encoding="utf-8")), encoding="utf-8", newline="\n")
        print(f"docs/{PAGE.name}: written")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
