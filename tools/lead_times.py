"""`python -m tools.lead_times` tries the warning on simulated histories and writes docs/validation-warning.md anew.

    python -m tools.lead_times [--histories N] [--check]

With `--check` it fails where a figure of the page is more than two points, or 0.2 months, from what is found now: a
history on the edge may fall either way on another machine. The seed is not one that the models were tuned on.
"""

from __future__ import annotations

import argparse
import re
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import numpy as np

from switchpoint.clock import MONTH_DAYS, Bools, Floats
from switchpoint.decision.monitor import forecast, months_to_limit
from switchpoint.decision.pressure import Limits
from switchpoint.decision.warning import Watch
from switchpoint.finance import trailing_mean
from tools.histories import CROSSING, DAYS, HARD, KNOWN_FUTURE, NEVER_CROSSING, STEADY, Histories, simulate
from tools.validation import BEGIN, END, table

ROOT = Path(__file__).resolve().parent.parent
PAGE = ROOT / "docs" / "validation-warning.md"
COMMAND = "python -m tools.lead_times"
SEED, NUMBER = 2027, 600
EARLY, LATE, FALSE = 3.5, 2.0, 6.0
"""Months ahead between which a warning is in time, and beyond which it is a false alarm."""
NOISES = {"carried over by 0 to 0.6": (0.0, 0.6), "carried over by 0.6": (0.6, 0.6)}
LIMIT = Limits(np.ones((1, DAYS)))
CUT, KNOWN = "price cut", "price cut, known"

Said = tuple[Floats, Floats]
"""Mondays, and the months to the limit said on each."""


@dataclass(frozen=True)
class Trial:
    """What monitors made of the histories of one kind: lead times of the first warning in months, nan for none."""

    leads: dict[str, Floats]
    crosses: bool
    inside: Bools
    """Whether the threat came in the 80 % interval, on each Monday with a forecast of up to six months."""
    inside_at_warning: Bools
    falls_per_year: float
    """How often a state fell."""

    def in_time(self, who: str) -> float:
        """Share of first warnings 2 to 3.5 months ahead."""
        return float(np.mean((self.leads[who] >= LATE) & (self.leads[who] <= EARLY)))

    def false(self, who: str) -> float:
        """Share of first warnings without a threat in six months."""
        return float(np.mean(self.leads[who] > FALSE))

    def missed(self, who: str) -> float:
        """Share without a warning before the threat."""
        return float(np.mean(~(self.leads[who] > 0)))


def plain(weeks: int) -> Callable[[Histories, int], Said]:
    """The line through the last so many weeks, heard above two standard errors on two Mondays."""

    def say(histories: Histories, number: int) -> Said:
        said = forecast(histories.bills[number], LIMIT, histories.clock(number), errors=2.0, most=weeks)
        return said.mondays.astype(np.float64), said.months

    return say


def bound(known: bool) -> Callable[[Histories, int], Said]:
    """What no monitor can beat: it knows the path without noise, and of the future all that is not chance."""

    def say(histories: Histories, number: int) -> Said:
        first = -int(histories.weekdays[number]) % 7
        mondays = np.arange(first + 7, DAYS + 1, 7)
        if known:
            crossing = np.append(trailing_mean(np.exp(histories.clean[number])) >= 1, True).argmax()
            return mondays.astype(np.float64), (crossing - mondays) / MONTH_DAYS
        level, slope = histories.clean[number][mondays - 1], np.diff(histories.trend[number])[mondays - 2]
        return mondays.astype(np.float64), months_to_limit(level + slope / 2, np.maximum(slope, 1e-9))

    return say


def lead(said: Said, threat: float) -> float:
    """Months from the first Monday that says three or fewer to the threat; nan where there is none."""
    mondays, months = said
    near = np.flatnonzero(months <= 3)
    return float(threat - mondays[near[0]]) / MONTH_DAYS if near.size else np.nan


@lru_cache(maxsize=64)
def tried(kind: str, number: int, carried: tuple[float, float]) -> Trial:
    """All monitors on histories of one kind."""
    source = CUT if kind == KNOWN else kind
    histories = simulate(source, number, SEED, carried)
    watches = [
        Watch(bill, LIMIT, histories.clock(i), tuple(histories.change(i)) if kind == KNOWN else ())
        for i, bill in enumerate(histories.bills)
    ]
    others = {"12": plain(12), "20": plain(20)}
    if source in CROSSING:
        others["bound"] = bound(source in KNOWN_FUTURE or kind == KNOWN)
    leads = {who: np.array([lead(say(histories, i), histories.threats[i]) for i in range(number)])
             for who, say in others.items()}  # fmt: skip
    said = [(watch.mondays.astype(np.float64), watch.months) for watch in watches]
    leads["monitor"] = np.array([lead(each, threat) for each, threat in zip(said, histories.threats, strict=True)])
    covers = [covered(watch, int(threat)) for watch, threat in zip(watches, histories.threats, strict=True)]
    falls = sum(int((np.diff(watch.states((2, 3))) < 0).sum()) for watch in watches)
    return Trial(
        leads,
        source in CROSSING,
        np.concatenate([all_ for all_, _ in covers]),
        np.concatenate([first for _, first in covers]),
        falls / number / (DAYS / 365.25),
    )


def covered(watch: Watch, threat: int) -> tuple[Bools, Bools]:
    """Whether the interval held the threat: on Mondays before it with up to six months to go, and at the warning."""
    low, high = watch.interval
    left = (threat - watch.mondays) / MONTH_DAYS
    inside = (low <= left) & (left <= high)
    return inside[(left > 0) & (watch.months <= FALSE)], inside[np.flatnonzero(watch.months <= 3)[:1]]


def share(value: float) -> str:
    """A share in whole percent."""
    return f"{100 * value:.0f} %"


def lead_times(number: int, carried: tuple[float, float]) -> str:
    """In time, false alarms and misses by kind, side by side."""
    every = ["20 weeks", "monitor"]
    head = ["Histories", "In time: 12 weeks", *every, "bound", "False alarms: 12 weeks", *every]
    head += ["Missed: 12 weeks", *every, "Lead of the monitor, p10, p50, p90"]
    rows, found = [], {}
    for kind in [*STEADY, *HARD, KNOWN]:
        trial = found[kind] = tried(kind, number, carried)
        quantiles = np.nanquantile(trial.leads["monitor"], [0.1, 0.5, 0.9])
        rows.append([kind, *_shares([trial]), ", ".join(f"{each:.1f}" for each in quantiles)])
    hard = [found[kind] for kind in HARD]
    rows.insert(len(STEADY) + len(HARD), ["**hard, mean**", *_shares(hard), ""])
    return table(head, rows)


def _shares(trials: Sequence[Trial]) -> list[str]:
    def mean(figure: str, who: Sequence[str]) -> list[str]:
        return [share(float(np.mean([getattr(trial, figure)(each) for trial in trials]))) for each in who]

    every = ("12", "20", "monitor")
    return [*mean("in_time", (*every, "bound")), *mean("false", every), *mean("missed", every)]


def alarms(number: int) -> str:
    """Histories that do not grow to their limit: how many were warned of within three years."""
    head = ["Histories"]
    for noise in NOISES:
        head += [f"{noise}: 12 weeks", "20 weeks", "monitor"]
    rows = []
    for kind in NEVER_CROSSING:
        trials = [tried(kind, number, carried) for carried in NOISES.values()]
        rows.append([kind, *(share(trial.false(who)) for trial in trials for who in ("12", "20", "monitor"))])
    return table(head, rows)


def intervals(number: int) -> str:
    """How often the 80 % interval held, and how often a state fell."""
    head = ["Histories"]
    for noise in NOISES:
        head += [f"{noise}: up to six months ahead", "at the first warning", "falls of a state a year"]
    rows = []
    for kind in [*STEADY, *HARD, KNOWN, *NEVER_CROSSING]:
        cells = []
        for trial in (tried(kind, number, carried) for carried in NOISES.values()):
            held = (
                [share(float(each.mean())) for each in (trial.inside, trial.inside_at_warning)]
                if trial.crosses
                else ["–", "–"]
            )
            cells += [*held, f"{trial.falls_per_year:.1f}"]
        rows.append([kind, *cells])
    return table(head, rows)


def parts(number: int) -> dict[str, str]:
    """The generated parts of the page, by name."""
    tables = {f"lead times, noise {noise}": lead_times(number, carried) for noise, carried in NOISES.items()}
    return {"histories": f"{number:,} histories of each kind.", **tables,
            "alarms": alarms(number), "intervals": intervals(number)}  # fmt: skip


def marked(name: str, text: str) -> str:
    """A part between its marks."""
    begin = BEGIN.format(name).replace("python -m tools.validation", COMMAND)
    return f"{begin}\n\n{text}\n\n{END.format(name)}"


def shown(page: str, name: str) -> str:
    """A part of the page with its marks.

    Raises:
        ValueError: the page lacks the marks.
    """
    begin, end = marked(name, "\0").split("\n\n\0\n\n")
    found = re.search(f"{re.escape(begin)}.*?{re.escape(end)}", page, re.DOTALL)
    if not found:
        raise ValueError(f"{PAGE.name} lacks the marks of its part on {name}: {begin}")
    return found.group()


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
        old, new = shown(page, name), marked(name, text)
        if not close(old, new):
            stale.append(name)
        page = page.replace(old, new)
    if asked.check:
        for name in stale:
            print(f"docs/{PAGE.name}:1: {name}: is stale; {COMMAND} writes it anew", file=sys.stderr)
        return 1 if stale else 0
    PAGE.write_text(page, encoding="utf-8", newline="\n")
    print(f"docs/{PAGE.name}: written")
    return 0


if __name__ == "__main__":
    sys.exit(main())
