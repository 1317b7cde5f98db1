"""The one error of the catalogue: a name or a price that it does not have."""

from __future__ import annotations

from collections.abc import Iterable

SHOWN = 8


class CatalogError(ValueError):
    """The catalogue lacks what was asked for; the message is one line that says what would be right."""


def unknown(kind: str, got: str, known: Iterable[str]) -> CatalogError:
    """The error for a name that is not in the catalogue, with the nearest known names or the first few of them."""
    import difflib

    names = {name.lower(): name for name in known}
    near = difflib.get_close_matches(got.lower(), names, n=3, cutoff=0.6)
    if not near and len(got) > 2:
        near = sorted(name for name in names if got.lower() in name)[:3]
    if near:
        return CatalogError(f"unknown {kind} {quoted(got)}; did you mean {either(names[name] for name in near)}?")
    listed = sorted(names.values())
    more = ", …" if len(listed) > SHOWN else ""
    return CatalogError(f"unknown {kind} {quoted(got)}; known are {', '.join(listed[:SHOWN])}{more}")


def quoted(name: str) -> str:
    """A name as somebody wrote it, quoted on one line of bearable length."""
    return repr(name if len(name) <= 60 else name[:57] + "…")


def either(names: Iterable[str]) -> str:
    """Names as a choice: `a`, `a or b`, `a, b or c`."""
    *first, last = names
    return f"{', '.join(first)} or {last}" if first else last
