"""A measured capacity from the result of a load test, as vLLM's `benchmark_serving` writes it."""

from __future__ import annotations

import json
from pathlib import Path as File

from switchpoint.files import TooLarge
from switchpoint.scenario.access import Files
from switchpoint.scenario.words import show

LARGEST = 100_000_000
KEY = "request_throughput"
LEAST, MOST = 1e-6, 1e6


def request_throughput(file: File, files: Files) -> float:
    """Requests per second in the JSON result of a load test of one replica.

    Args:
        file: one JSON object, or several, one a line, of which the last counts.
        files: the access to it.

    Raises:
        OSError: the file cannot or may not be read.
        ValueError: it is no such result; the message completes a sentence that begins with the field.
    """
    try:
        held = _last(files.read(file, LARGEST).decode("utf-8-sig"))
    except TooLarge as reason:
        raise ValueError(f"{reason}: {file}") from None
    except (ValueError, RecursionError):
        raise ValueError(f"must be JSON as vLLM's benchmark_serving writes it: {file}") from None
    value = held.get(KEY) if isinstance(held, dict) else None
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        raise ValueError(f"has no number {KEY}: {file}")
    if not LEAST <= value <= MOST:
        raise ValueError(f"must have a {KEY} of 0.000001 to 1,000,000; got {show(value)}: {file}")
    return float(value)


def _last(text: str) -> object:
    """The object in a text, or that in its last line."""
    try:
        return json.loads(text)
    except ValueError:
        lines = text.strip().splitlines()
        return json.loads(lines[-1] if lines else "")
