"""When closed models were offered: `python -m tools.closed_models HISTORY` writes tools/closed_models.csv anew.

HISTORY is history.json.gz of model-price-radar-mcp 0.1.0 (MIT): monthly copies of OpenRouter's list of models. Kept are
models that only their maker serves, under a name that stays; previews, betas, aliases and variants are left out.
"""

from __future__ import annotations

import csv
import datetime as dt
import gzip
import json
import re
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

DATA = Path(__file__).parent / "closed_models.csv"
CLOSED = re.compile(
    r"openai/(?!gpt-oss|text-)|anthropic/|google/(gemini|palm)|x-ai/|cohere/command"
    r"|mistralai/(mistral-(large|medium|saba|tiny$|small$)|magistral-medium|devstral-medium|codestral-2)"
)
PASSING = re.compile(r":|preview|beta|exp|latest")
YEAR = 365.25


@dataclass(frozen=True)
class Closed:
    """A closed model: the lists that first and last had it, and the first one without it (None: it is still there)."""

    model: str
    first: dt.date
    last: dt.date
    gone: dt.date | None

    @cached_property
    def end(self) -> dt.date:
        """The day on which it ceased to be watched: midway between its last list and the next, or the last list."""
        return self.last if self.gone is None else self.last + (self.gone - self.last) / 2

    @property
    def years(self) -> float:
        """How long it was watched."""
        return (self.end - self.first).days / YEAR


def closed_models() -> list[Closed]:
    """The committed rows."""
    with DATA.open(encoding="utf-8", newline="") as file:
        return [
            Closed(
                row["model"],
                dt.date.fromisoformat(row["first"]),
                dt.date.fromisoformat(row["last"]),
                dt.date.fromisoformat(row["gone"]) if row["gone"] else None,
            )
            for row in csv.DictReader(file)
        ]


def from_history(path: Path) -> list[Closed]:
    """The same from the monthly lists."""
    with gzip.open(path) as file:
        lists = [(dt.date.fromisoformat(each["date"]), each["prices"]) for each in json.load(file)["snapshots"]]
    found = []
    for model in sorted({name for _, prices in lists for name, price in prices.items() if any(price)}):
        if CLOSED.match(model) and not PASSING.search(model):
            places = [place for place, (_, prices) in enumerate(lists) if model in prices]
            after = places[-1] + 1
            gone = lists[after][0] if after < len(lists) else None
            found.append(Closed(model, lists[places[0]][0], lists[places[-1]][0], gone))
    return found


def main(arguments: Sequence[str]) -> int:
    """Write the rows anew; the exit code."""
    if len(arguments) != 1:
        print("usage: python -m tools.closed_models HISTORY", file=sys.stderr)
        return 2
    with DATA.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(["model", "first", "last", "gone"])
        for each in from_history(Path(arguments[0])):
            writer.writerow([each.model, each.first, each.last, each.gone or ""])
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
