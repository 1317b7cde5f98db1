"""What can go wrong with a sweep, in plain lines."""

from __future__ import annotations

MOST_SHOWN = 20


class SweepError(Exception):
    """Why a sweep is refused or had to stop; one line per reason."""

    def __init__(self, *reasons: str) -> None:
        shown = list(reasons[:MOST_SHOWN])
        if len(reasons) > MOST_SHOWN:
            shown.append(f"and {len(reasons) - MOST_SHOWN} more")
        super().__init__("\n".join(shown))
