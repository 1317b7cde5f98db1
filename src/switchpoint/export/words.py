"""Words that several exports use."""

from __future__ import annotations

LONGEST = 28


def short(name: str, longest: int = LONGEST) -> str:
    """A name that fits into a head or a label.

    >>> short("own-8b"), short("a name that goes on and on and on", 12)
    ('own-8b', 'a name that…')
    """
    return name if len(name) <= longest else name[: longest - 1].rstrip() + "…"
