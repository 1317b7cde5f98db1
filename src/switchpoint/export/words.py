"""Words that several exports use."""

from __future__ import annotations

LONGEST = 28
FORMULAS = ("=", "+", "-", "@", "{", "\t", "\r", "http:", "https:", "ftp:", "mailto:", "internal:", "external:")
"""What a formula or a link begins with."""


def short(name: str, longest: int = LONGEST) -> str:
    """A name that fits into a head or a label.

    >>> short("own-8b"), short("a name that goes on and on and on", 12)
    ('own-8b', 'a name that…')
    """
    return name if len(name) <= longest else name[: longest - 1].rstrip() + "…"


def harmless(text: str) -> str:
    """A text that no spreadsheet takes for a formula or a link: one that begins like one gets an apostrophe in front.

    >>> harmless("own-8b"), harmless("=cmd()"), harmless("https://example.org")
    ('own-8b', "'=cmd()", "'https://example.org")
    """
    return f"'{text}" if text.startswith(FORMULAS) else text
