"""The lowest versions that pyproject.toml allows, as constraints for pip: `python tools/lowest.py [EXTRA…]`.

What is named there without extras is pinned at its floor; what those need in turn is left to pip. A dependency without
a floor ends the program, since nobody could say what works.
"""

from __future__ import annotations

import re
import sys
import tomllib
from collections.abc import Iterable, Iterator
from pathlib import Path

PROJECT = Path(__file__).resolve().parents[1] / "pyproject.toml"
EXTRAS = ("cluster", "pdf", "test")
_FLOOR = re.compile(r"(?P<name>[A-Za-z0-9._-]+)(?P<extras>\[[^\]]*\])?\s*>=\s*(?P<floor>[0-9][0-9.]*)\s*(,[^;]*)?")


def pinned(requirements: Iterable[str]) -> Iterator[str]:
    """Each requirement at its floor; what belongs to the project itself is left out.

    >>> list(pinned(["numpy>=2.0,<3", "formulas[excel]>=1.2", "switchpoint[pdf]"]))
    ['numpy==2.0', 'formulas==1.2']

    Raises:
        ValueError: where one has no floor.
    """
    for requirement in requirements:
        if requirement.startswith("switchpoint["):
            continue
        found = _FLOOR.fullmatch(requirement.strip())
        if found is None:
            raise ValueError(f"{requirement}: has no floor, such as {requirement}>=1.0")
        yield f"{found['name']}=={found['floor']}"


def floors(project: Path = PROJECT, extras: Iterable[str] = EXTRAS) -> list[str]:
    """The constraints of a project with some of its extras."""
    stated = tomllib.loads(project.read_text(encoding="utf-8"))["project"]
    optional = stated["optional-dependencies"]
    return [*pinned(stated["dependencies"]), *(pin for extra in extras for pin in pinned(optional[extra]))]


if __name__ == "__main__":
    print(*floors(extras=sys.argv[1:] or EXTRAS), sep="\n")
