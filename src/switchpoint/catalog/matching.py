"""Whether a name means a model of the library: its own spellings, with a date or a platform's version.

The library matches many models by the beginning of a name, so that `deepseek-chat-v9` would be priced as
`deepseek-chat`. Here what is left of such a name must say nothing that could be another model.
"""

from __future__ import annotations

import re
from typing import Any

_DATE = r"20\d\d-?(?:0[1-9]|1[0-2])(?:-?(?:0[1-9]|[12]\d|3[01]))?|(?:0[1-9]|1[0-2])-20\d\d"
_SHORT_DATE = r"(?:0[1-9]|1[0-2])-?(?:0[1-9]|[12]\d|3[01])|2[3-9](?:0[1-9]|1[0-2])"
_STAGE = r"latest|preview|exp|experimental|beta|default|free|batch|instruct|it|00\d"
_PLATFORM = r"v\d+:\d+(?::\d+k)?|v1(?=@|$)|:\d+"
_AFTER = re.compile(rf"(?:[-@._:/]?(?:{_DATE}|{_SHORT_DATE}|{_STAGE})(?=[-@._:/]|$)|[-@._]?(?:{_PLATFORM}))*")
_TUNED = re.compile(rf"{_AFTER.pattern}(?::.*)?")
_BEFORE = re.compile(r"(?:[a-z0-9_-]+[./])*")


def names_the_model(clause: Any, name: str) -> bool:
    """Whether a name, lower-case, means the model that a clause of the library describes.

    >>> from genai_prices.types import ClauseStartsWith
    >>> chat = ClauseStartsWith(starts_with="deepseek-chat")
    >>> [names_the_model(chat, name) for name in ("deepseek-chat", "deepseek-chat-0324", "deepseek-chat-v9")]
    [True, True, False]
    """
    if not clause.is_match(name):
        return False
    fields = vars(clause)
    if "or_" in fields:
        return any(names_the_model(each, name) for each in clause.or_)
    if "and_" in fields:
        return any(names_the_model(each, name) for each in clause.and_ if "regex" not in vars(each))
    if "equals" in fields:
        return True
    if "regex" in fields:
        return _by_pattern(clause.regex, name)
    literal = (fields.get("starts_with") or fields.get("contains") or fields.get("ends_with") or "").lower()
    before, _, after = name.partition(literal)
    return says_nothing(before, after, tuned=literal.startswith("ft:"))


def says_nothing(before: str, after: str, tuned: bool = False) -> bool:
    """Whether what stands around a model's name is no other version: a maker or region before it, a date behind."""
    return bool(_BEFORE.fullmatch(before)) and bool(_AFTER.fullmatch(after) or (tuned and _TUNED.fullmatch(after)))


def _by_pattern(pattern: str, name: str) -> bool:
    """Patterns that describe the whole name are exact; of the others, the name must go on as a date."""
    if pattern.endswith("$"):
        return True
    found = re.search(pattern, name)
    stem = re.sub(r"-\d$", "", found[0]) if found else name
    return says_nothing("", name[len(stem) :])
