"""Names that a spreadsheet accepts: of sheets, and of cells."""

from __future__ import annotations

import re
import unicodedata

LONGEST_SHEET, LONGEST_CELL = 31, 120


def plain(name: str) -> str:
    """Letters, digits, dots, dashes and spaces alone, without accents.

    >>> plain("=Modèle [8b]: été 🚀"), plain("نموذج")
    ('Modele 8b ete', '')
    """
    bare = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode()
    return re.sub(r"\s+", " ", re.sub(r"[^A-Za-z0-9 ._-]+", "", bare)).strip(" .-_")


class Names:
    """Names given out so far, each once, whatever the case of their letters."""

    def __init__(self) -> None:
        self._taken = {"history"}

    def sheet(self, wanted: str, ending: str = "") -> str:
        """A name for a sheet: at most 31 characters, none of them special.

        >>> names = Names()
        >>> names.sheet("a/very long name that no tab has room for", " days"), names.sheet("A"), names.sheet("a")
        ('avery long name that no ta days', 'A', 'a 2')
        """
        return self._free(plain(wanted) or "Candidate", ending, LONGEST_SHEET, " ")

    def cell(self, wanted: str) -> str:
        """A name for a cell: letters, digits and underscores, beginning with a letter.

        >>> Names().cell("8b.fleet"), Names().cell("own-8b"), Names().cell("🚀")
        ('c_8b_fleet', 'own_8b', 'candidate')
        """
        name = re.sub(r"[^a-z0-9]+", "_", plain(wanted).lower()).strip("_") or "candidate"
        return self._free(name if name[0].isalpha() else f"c_{name}", "", LONGEST_CELL, "_")

    def _free(self, wanted: str, ending: str, longest: int, gap: str) -> str:
        for number in range(1, 10_000):
            tail = ending if number == 1 else f"{gap}{number}{ending}"
            name = wanted[: longest - len(tail)].rstrip(" .-_") + tail
            if name.lower() not in self._taken:
                self._taken.add(name.lower())
                return name
        raise ValueError(f"too many sheets or cells are called {wanted}")
