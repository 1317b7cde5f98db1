"""`python -m tools.lead_times` tries the warning on simulated histories and writes docs/validation-warning.md anew.

    python -m tools.lead_times [--histories N] [--check]

With `--check` it fails where a figure of the page is more than two points, or 0.2 months, from what is found now: a
history on the edge may fall either way on another machine. The seed is not one that the monitor was tuned on.
"""

from __future__ import annotations

import argparse
import re
import sys
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from switchpoint.horizon import Floats
from tools.histories import HARD, NEVER_CROSSING, STEADY
from tools.lead_chart import save_lead_chart
from tools.lead_trials import KNOWN, MONITOR, TOLD, Trial, tried
from tools.marked import part, shown, table

ROOT = Path(__file__).resolve().parent.parent
PAGE = ROOT / "docs" / "validation-warning.md"
COMMAND = "python -m tools.lead_times"
NUMBER = 600
WATCHES = (MONITOR, TOLD)
WHO = ("12", "20", *WATCHES)
LABELS = {"12": "12 weeks", "20": "20 weeks", MONITOR: MONITOR, TOLD: TOLD, "bound": "bound"}
NOISES = {"carried over by 0 to 0.6": (0.0, 0.6), "carried over by 0.6": (0.6, 0.6)}


def share(value: float) -> str:
    """A share in whole percent."""
    return f"{100 * value:.0f} %"


def lead_times(number: int, carried: tuple[float, float]) -> str:
    """In time, false alarms and misses by kind, side by side."""
    head = [
        "Histories",
        *_columns("In time", [*WHO, "bound"]),
        *_columns("False alarms", WHO),
        *_columns("Missed", WATCHES),
    ]
    head += [f"Lead, p10, p50, p90: {MONITOR}", TOLD]
    rows, found = [], {}
    for kind in [*STEADY, *HARD, KNOWN]:
        trial = found[kind] = tried(kind, number, carried)
        rows.append([kind, *_shares([trial]), *(_leads(trial.leads[who]) for who in WATCHES)])
    hard = [found[kind] for kind in HARD]
    rows.insert(len(STEADY) + len(HARD), ["**hard, mean**", *_shares(hard), "", ""])
    return table(head, rows)


def _columns(figure: str, who: Sequence[str]) -> list[str]:
    return [f"{figure}: {LABELS[who[0]]}", *(LABELS[each] for each in who[1:])]


def _leads(months: Floats) -> str:
    return ", ".join(f"{each:.1f}" for each in np.nanquantile(months, [0.1, 0.5, 0.9]))


def _shares(trials: Sequence[Trial]) -> list[str]:
    def mean(figure: str, who: Sequence[str]) -> list[str]:
        return [share(float(np.mean([getattr(trial, figure)(each) for trial in trials]))) for each in who]

    return [*mean("in_time", [*WHO, "bound"]), *mean("false", WHO), *mean("missed", WATCHES)]


def alarms(number: int) -> str:
    """Histories that do not grow to their limit: how many were warned of within three years."""
    head = ["Histories"]
    for noise in NOISES:
        head += _columns(noise, WHO)
    rows = []
    for kind in NEVER_CROSSING:
        trials = [tried(kind, number, carried) for carried in NOISES.values()]
        rows.append([kind, *(share(trial.false(who)) for trial in trials for who in WHO)])
    return table(head, rows)


def intervals(number: int) -> str:
    """How often the 80 % interval held, and how often a state fell, noise carried over by 0 to 0.6."""
    head, carried = ["Histories"], next(iter(NOISES.values()))
    for who in WATCHES:
        head += [f"{LABELS[who]}: up to six months ahead", "at the first warning", "falls of a state a year"]
    rows = []
    for kind in [*STEADY, *HARD, KNOWN, *NEVER_CROSSING]:
        trial = tried(kind, number, carried)
        cells = []
        for each in (trial.watching[who] for who in WATCHES):
            held = (each.inside, each.inside_at_warning)
            cells += [share(float(one.mean())) if trial.crosses else "–" for one in held]
            cells.append(f"{each.falls_per_year:.1f}")
        rows.append([kind, *cells])
    return table(head, rows)


def draw(number: int) -> None:
    """Write the chart of lead times, steady histories and hard ones, noise carried over by 0 to 0.6."""
    noise, leads = next(iter(NOISES.values())), {}
    for name, kinds in {"steady": STEADY, "hard": HARD}.items():
        trials = [tried(kind, number, noise) for kind in kinds]
        for who, label in {"20": "line, 20 weeks", MONITOR: MONITOR, TOLD: "monitor, told steady"}.items():
            leads[name, label] = np.concatenate([trial.leads[who] for trial in trials])
    title = "How far ahead of the limit the first warning came"
    save_lead_chart(leads, PAGE.parent / "images", title, f"{number:,} histories of each kind; hard: five kinds")


def parts(number: int) -> dict[str, str]:
    """The generated parts of the page, by name."""
    tables = {f"lead times, noise {noise}": lead_times(number, carried) for noise, carried in NOISES.items()}
    return {"histories": f"{number:,} histories of each kind.", **tables,
            "alarms": alarms(number), "intervals": intervals(number)}  # fmt: skip


def close(old: str, new: str) -> bool:
    """Whether two texts differ in nothing but figures, and in these by little."""
    number = re.compile(r"-?\d+(?:\.\d+)?")
    if number.sub("#", old) != number.sub("#", new):
        return False
    pairs = zip(number.findall(old), number.findall(new), strict=True)
    return all(abs(float(a) - float(b)) <= (0.2 if "." in a else 2) + 1e-9 for a, b in pairs)


def main(arguments: Sequence[str] | None = None) -> int:
    """Write the page anew, or with `--check` name what is stale; the exit code."""
    parser = argparse.ArgumentParser(prog=COMMAND, description="Lead times of the warning on simulated histories.")
    parser.add_argument("--histories", type=int, default=NUMBER, help="of each kind")
    parser.add_argument("--check", action="store_true", help="fail where the page is stale")
    asked = parser.parse_args(arguments)
    page = PAGE.read_text(encoding="utf-8")
    stale = []
    for name, text in parts(asked.histories).items():
        old, new = shown(page, name, COMMAND), part(name, text, COMMAND)
        if not close(old, new):
            stale.append(name)
        page = page.replace(old, new)
    if asked.check:
        for name in stale:
            print(f"docs/{PAGE.name}:1: {name}: is stale; {COMMAND} writes it anew", file=sys.stderr)
        return 1 if stale else 0
    PAGE.write_text(page, encoding="utf-8", newline="\n")
    draw(asked.histories)
    print(f"docs/{PAGE.name}: written, and docs/images/warning.png")
    return 0


if __name__ == "__main__":
    sys.exit(main())
