"""Changes as a piece of an address, short enough to be sent: JSON, compressed, in letters that every address takes.

What is read from an address was written by anyone. So it is unpacked no further than a scenario can be large, its shape
and its numbers are checked; that it opens no file is seen to where it becomes a scenario.
"""

from __future__ import annotations

import base64
import binascii
import json
import math
import zlib
from collections.abc import Mapping
from datetime import date
from typing import Any

from switchpoint.scenario.errors import Keys
from switchpoint.scenario.toml_writer import REMOVED
from switchpoint.ui.draft_changes import Changes

LONGEST = 4_000
"""Letters of a link that mail and chat programs still pass on whole."""
LARGEST = 200_000
"""Bytes that an address may unpack to."""
DEEPEST = 20
DATE = "date:"
"""Stands before a date among texts."""
TEXT = "text:"
"""Stands before a text that would be taken for either."""
MOST = 1e18
"""Largest number that an address may hold."""


class UnreadableLinkError(ValueError):
    """An address that cannot be read; the message says why, as the end of a sentence."""


def pack_changes(changes: Changes) -> str:
    """Changes as letters for an address, always the same for the same changes.

    >>> unpack_changes(pack_changes({("usage", "growth", "per_month"): 0.05, ("start",): date(2027, 5, 1)}))
    {('usage', 'growth', 'per_month'): 0.05, ('start',): datetime.date(2027, 5, 1)}
    """
    rows = [[list(path), _link_value(value)] for path, value in changes.items()]
    text = json.dumps(rows, separators=(",", ":"), ensure_ascii=False)
    return base64.urlsafe_b64encode(zlib.compress(text.encode("utf-8"), 9)).decode("ascii").rstrip("=")


def unpack_changes(letters: str) -> dict[Keys, Any]:
    """The changes of an address.

    Raises:
        UnreadableLinkError: where it was cut short or was never made by this app.
    """
    try:
        rows = json.loads(_inflate(letters))
    except (ValueError, RecursionError, binascii.Error, zlib.error):
        raise UnreadableLinkError("it was cut short or changed on its way") from None
    try:
        return {_path(path): value if value is REMOVED else _read(value, 0) for path, value in _rows(rows)}
    except (TypeError, ValueError):
        raise UnreadableLinkError("it was not made by this version of the app") from None


def _rows(rows: Any) -> list[Any]:
    if not isinstance(rows, list):
        raise TypeError("no list")
    return rows


def _inflate(letters: str) -> bytes:
    data = base64.urlsafe_b64decode(letters.encode("ascii") + b"=" * (-len(letters) % 4))
    inflating = zlib.decompressobj()
    found = inflating.decompress(data, LARGEST)
    if not inflating.eof:
        raise ValueError("cut short, or too large")
    return found


def _link_value(value: Any) -> Any:
    if isinstance(value, date):
        return DATE + value.isoformat()
    if isinstance(value, str):
        return TEXT + value if value.startswith((DATE, TEXT)) else value
    if isinstance(value, Mapping):
        return {key: _link_value(inner) for key, inner in value.items()}
    return [_link_value(inner) for inner in value] if isinstance(value, (list, tuple)) else value


def _read(value: Any, depth: int) -> Any:
    if depth > DEEPEST:
        raise ValueError("too deep")
    if isinstance(value, str):
        return date.fromisoformat(value.removeprefix(DATE)) if value.startswith(DATE) else value.removeprefix(TEXT)
    if isinstance(value, dict):
        return {key: _read(inner, depth + 1) for key, inner in value.items()}
    if isinstance(value, list):
        return [_read(inner, depth + 1) for inner in value]
    if value is REMOVED or _is_nan(value) or (isinstance(value, int) and abs(value) > MOST):
        raise ValueError("nothing, or no number that a scenario takes")
    return value


def _path(path: Any) -> Keys:
    if not isinstance(path, list) or not path or not all(type(key) in (str, int) for key in path):
        raise TypeError("no path")
    return tuple(path)


def _is_nan(value: Any) -> bool:
    return isinstance(value, float) and math.isnan(value)
