"""How faults speak: values as they stand in a file, and suggestions for a misspelt name."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from difflib import get_close_matches
from typing import Any

LONGEST = 60


def show(raw: Any) -> str:
    """A value as a scenario file would write it, cut to a length that a line can hold.

    >>> show({"low": 0.1, "high": [True, "a"]})
    '{ low = 0.1, high = [true, "a"] }'
    """
    return shorten(_toml(raw))


def shorten(text: str) -> str:
    """The text without control characters, cut to 60 of them."""
    clean = visible(text[: LONGEST + 1])
    return clean if len(clean) <= LONGEST else clean[: LONGEST - 1] + "…"


def visible(text: str) -> str:
    r"""The text with every control character written out, so that it stays on one line.

    >>> visible("a\nb")
    'a\\nb'
    """
    return "".join(c if c.isprintable() else c.encode("unicode_escape").decode("ascii") for c in text)


def is_utf8(text: str) -> bool:
    r"""Whether UTF-8 can hold the text; a file name that is other bytes comes as a text that it cannot.

    >>> is_utf8("ü"), is_utf8("\udcff")
    (True, False)
    """
    try:
        text.encode("utf-8")
    except UnicodeEncodeError:
        return False
    return True


def closest(word: str, legal: Iterable[str], cutoff: float = 0.6) -> str | None:
    """The legal name that is most like the word, if any is like it."""
    names = list(legal)
    folded = {name.casefold().replace("-", "_"): name for name in names}
    wanted = word.casefold().replace("-", "_")
    if wanted in folded:
        return folded[wanted]
    near = get_close_matches(wanted, folded, n=1, cutoff=cutoff)
    return folded[near[0]] if near else None


def did_you_mean(word: str, legal: Iterable[str]) -> str:
    """A closing remark that names the legal name most like the word, or nothing.

    >>> did_you_mean("mounths", ["months", "name"])
    '; did you mean months?'
    >>> did_you_mean("requests_per_second", ["request_seconds", "requests_per_second_per_replica"])
    '; did you mean requests_per_second_per_replica?'
    """
    names = list(legal)
    longer = [name for name in names if name.startswith(f"{word}_")]
    near = longer[0] if len(longer) == 1 else closest(word, names)
    return f"; did you mean {near}?" if near else ""


def either(words: Iterable[str]) -> str:
    """Alternatives as a person would say them.

    >>> either(["a", "b", "c"])
    'a, b or c'
    """
    *most, last = words
    return f"{', '.join(most)} or {last}" if most else last


def _toml(raw: Any) -> str:
    if isinstance(raw, bool):
        return str(raw).lower()
    if isinstance(raw, str):
        return '"' + raw[: LONGEST + 1].replace('"', '\\"') + '"'
    if isinstance(raw, date):
        return raw.isoformat()
    if isinstance(raw, dict):
        inner = ", ".join(f"{key} = {_toml(value)}" for key, value in list(raw.items())[:LONGEST])
        return f"{{ {inner} }}" if inner else "{}"
    if isinstance(raw, (list, tuple)):
        return "[" + ", ".join(_toml(value) for value in list(raw)[:LONGEST]) + "]"
    if isinstance(raw, int) and abs(raw) >= 10**20:
        return f"a number of about {len(format(abs(raw), 'x')) * 1.204:.0f} digits"
    return repr(raw)
