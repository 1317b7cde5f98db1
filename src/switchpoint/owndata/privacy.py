"""What of a file may be said: never e-mails, keys, texts or names of people, also where a column has slipped."""

from __future__ import annotations

import re

LONGEST_NAME = 120
"""Characters of a name at most."""
HIDDEN = "…"
"""Stands for what stays unsaid."""
MOST_COMMAS = 2
"""Commas in a name at most: what has more is several cells in one."""
# What looks like an e-mail, what begins as keys of well-known services do, and letters mixed with digits at length.
_MAIL = re.compile(r"[^\s@,;\"'<>/]+@[^\s@,;\"'<>/]+\.[A-Za-z]{2,}")
_KEY = re.compile(r"(?i)\b(?:sk|pk|rk|ak|key|apikey|api-key|bearer|eyj|ghp|xox[a-z]|akia)[-_ ]?[A-Za-z0-9_\-*.]{6,}")
_KEY_INSIDE = re.compile(r"sk-(?=[\w-]*\d)[\w-]{12,}")
_LONG_SECRET = re.compile(r"\b(?=[A-Za-z0-9_+=]*\d)(?=[A-Za-z0-9_+=]*[A-Za-z])[A-Za-z0-9_+=]{28,}\b")
_SECRETS = (_MAIL, _KEY, _KEY_INSIDE, _LONG_SECRET)
_MODEL = re.compile(r"[\w][\w .:/@+()\[\]≤<>=,&$%#*|-]*")
_FIGURE = re.compile(r"[-+]?[\d.,'eE+-]{1,24}%?")
MOST_WORDS = 18
"""Words of a name at most: what has more is a sentence of somebody."""


def without_names(text: str) -> str:
    """A text without e-mails and keys, on one line, cut to a length that a line can hold.

    >>> without_names("usage-of-jo@example.com.csv"), without_names("amount-2026-09.csv")
    ('…', 'amount-2026-09.csv')
    """
    for pattern in _SECRETS:
        text = pattern.sub(HIDDEN, text)
    clean = "".join(letter if letter.isprintable() else " " for letter in text)
    return clean if len(clean) <= LONGEST_NAME else clean[: LONGEST_NAME - 1] + HIDDEN


def is_plain_name(text: str) -> bool:
    """Whether a cell can be the name of a model or of a meter, and nothing that should stay unsaid.

    A column that has slipped by one holds e-mails, keys or prompts where a name is due.

    >>> is_plain_name("claude-3-5-sonnet@20240620"), is_plain_name("jo@example.com"), is_plain_name("sk-abcdefgh1234")
    (True, False, False)
    """
    return (
        len(text) <= LONGEST_NAME
        and bool(_MODEL.fullmatch(text))
        and len(text.split()) <= MOST_WORDS
        and text.count(",") <= MOST_COMMAS
        and not any(pattern.search(text) for pattern in _SECRETS)
    )


def got(text: str) -> str:
    """What a cell holds that should hold a figure: the figure itself, or that it is text or empty.

    Args:
        text: the cell; nothing of it is repeated unless it is a figure.

    >>> got("-3"), got("jo@example.com"), got("")
    ('got -3', 'got text', 'it is empty')
    """
    if not text.strip():
        return "it is empty"
    return f"got {text.strip()}" if _FIGURE.fullmatch(text.strip()) else "got text"
