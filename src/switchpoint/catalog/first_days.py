"""The day before which a model was not for sale: no price list shows what did not exist yet."""

from __future__ import annotations

import datetime as dt
import re
from dataclasses import dataclass
from functools import cache

from switchpoint.catalog.table import records

FIRST_SOLD = dt.date(2020, 6, 11)
"""The day on which OpenAI opened its API, the first that sold a language model by the token."""
_DATED = re.compile(r"(?<!\d)(20\d\d)-?(0[1-9]|1[0-2])-?(0[1-9]|[12]\d|3[01])(?!\d)")


@dataclass(frozen=True)
class FirstDay:
    """A day before which no model of a family was sold; models of which nothing is known are older than none."""

    name_begins: str
    first_day: dt.date
    verified: bool
    source: str
    date: str


@cache
def first_day(model: str) -> dt.date:
    """The earliest day on which a model can have been sold: by its family, and by the date in its name.

    >>> first_day("gpt-4o-2024-08-06").isoformat(), first_day("anthropic/claude-3-opus").isoformat()
    ('2024-08-06', '2024-03-04')
    """
    families = [row.first_day for row in records(FirstDay, "first_days") if _is_of(model.lower(), row.name_begins)]
    return max([FIRST_SOLD, *families, *_dates(model)])


def _is_of(model: str, family: str) -> bool:
    """Whether a word of the name begins as the family does, whoever's name stands before it."""
    return re.search(rf"(?<![a-z0-9]){re.escape(family)}", model) is not None


def _dates(model: str) -> list[dt.date]:
    found = []
    for year, month, day in _DATED.findall(model):
        try:
            found.append(dt.date(int(year), int(month), int(day)))
        except ValueError:
            continue
    return found
