"""Parts of a Markdown page that a command writes: each stands between two marks that name it and the command."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

BEGIN, END = "<!-- begin: {name} ({command}) -->", "<!-- end: {name} -->"


def table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """A Markdown table."""
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def part(name: str, text: str, command: str) -> str:
    """A part with its marks."""
    return f"{BEGIN.format(name=name, command=command)}\n\n{text}\n\n{END.format(name=name)}"


def shown(page: str, name: str, command: str) -> str:
    """A part as it stands in a page, with its marks.

    Raises:
        ValueError: where the page lacks the marks.
    """
    begin, end = BEGIN.format(name=name, command=command), END.format(name=name)
    found = re.search(f"{re.escape(begin)}.*?{re.escape(end)}", page, re.DOTALL)
    if found is None:
        raise ValueError(f"the page lacks the marks of its part on {name}: {begin}")
    return found[0]


def renewed(page: str, parts: Mapping[str, str], command: str) -> str:
    """The page with its parts written anew."""
    for name, text in parts.items():
        page = page.replace(shown(page, name, command), part(name, text, command))
    return page


def stale(page: str, parts: Mapping[str, str], command: str) -> list[str]:
    """The parts that are not as they would be written now."""
    return [name for name, text in parts.items() if part(name, text, command) not in page]
