"""Growth as people say it: 0.1, "10 % a month", "doubling every 8 months", "three times a year"."""

from __future__ import annotations

import math
import re

MONTHS = {"month": 1.0, "quarter": 3.0, "year": 12.0, "week": 12 / 365.25 * 7}
TIMES = {"doubl": 2.0, "tripl": 3.0, "quadrupl": 4.0, "halv": 0.5, "twice": 2.0, "tenfold": 10.0}
NONE = ("none", "flat", "constant", "no growth", "no", "0", "steady")
UNIT = r"(?P<unit>month|quarter|year|week)s?"
NUMBER = r"[-+]?\d+(?:\.\d+)?"
RULES = (
    re.compile(rf"(?P<share>{NUMBER})\s*%\s*(?:(?:a|per|each|every)\s+{UNIT})?"),
    re.compile(rf"(?P<word>doubl|tripl|quadrupl|halv)\w*\s+(?:every|in|each|a|per)\s*(?P<many>{NUMBER})?\s*{UNIT}"),
    re.compile(rf"(?:x\s*)?(?P<times>{NUMBER})\s*(?:x|times)?\s*(?:a|per|each|every|in a)\s+{UNIT}"),
    re.compile(rf"x\s*(?P<times>{NUMBER})\s*(?:a|per|each|every|in a)\s+{UNIT}"),
)
HOW = 'a share such as 0.1, or words: "10 % a month", "doubling every 8 months", "x3 a year", "none"'
MOST = 10.0


def growth_per_month(text: str) -> float:
    """Growth a month as a share.

    >>> [round(growth_per_month(text), 4) for text in ("0.1", "10%", "12 % a year", "doubling every 8 months")]
    [0.1, 0.1, 0.0095, 0.0905]

    Raises:
        ValueError: where the words say no growth, or one out of all bounds; it says what would be right.
    """
    spelt = " ".join(text.lower().replace("percent", "%").split())
    if spelt in NONE:
        return 0.0
    try:
        rate = float(spelt)
    except ValueError:
        rate = _from_words(spelt)
    if not math.isfinite(rate) or not -1 < rate <= MOST:
        raise ValueError(f"must be {HOW}; got {text!r}")
    return rate


def _from_words(spelt: str) -> float:
    for rule in RULES:
        found = rule.fullmatch(spelt)
        if found is not None:
            return _rate(found.groupdict())
    return math.nan


def _rate(said: dict[str, str | None]) -> float:
    months = MONTHS[said.get("unit") or "month"] * float(said.get("many") or 1)
    if said.get("share") is not None:
        factor = 1 + float(said["share"] or 0) / 100
    else:
        factor = TIMES.get(said.get("word") or "", float(said.get("times") or "nan"))
    return float(factor ** (1 / months) - 1) if factor > 0 and months > 0 else math.nan


def growth_in_words(per_month: float) -> str:
    """Growth a month as people say it.

    >>> growth_in_words(0.1), growth_in_words(0.0), growth_in_words(-0.05)
    ('10 % a month, doubling every 7.3 months', 'no growth', '5 % less each month')
    """
    from switchpoint.text import months, percent

    if per_month == 0:
        return "no growth"
    if per_month < 0:
        return f"{percent(-per_month)} less each month"
    return f"{percent(per_month)} a month, doubling every {months(math.log(2) / math.log1p(per_month))}"
