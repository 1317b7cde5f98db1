"""Small scenarios for tests: round numbers, so that every expected figure can be worked out by hand.

Ten thousand requests of 1,000 input tokens at $1 per million cost $10 a day.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from copy import deepcopy
from typing import Any

import pytest

from switchpoint.decision.case import simulate
from switchpoint.decision.result import JudgedWorld
from switchpoint.scenario.schema import Scenario

Table = dict[str, Any]

MONTH = 365.25 / 12
WORLD: Table = {
    "start": "2027-01-01",
    "months": 24,
    "usage": {"requests_per_day": 10_000, "input_tokens": 1_000, "output_tokens": 0},
    "limit": {"usd_per_month": 600.0},
    "current": {"usd_per_mtok": {"input": 1.0, "output": 1.0}},
}
BOX: Table = {"kind": "gpu", "fleet": {"requests_per_second_per_replica": 1.0, "usd_per_gpu_hour": 0.1}}
"""A GPU for $2.40 a day that carries 69,120 requests a day spread evenly."""
API: Table = {"kind": "api", "usd_per_mtok": {"input": 0.5, "output": 0.5}}
"""Half the current price."""


def merged(base: Table, *overlays: Table) -> Table:
    """A table with others laid over it, table by table.

    >>> merged({"a": {"b": 1, "c": 2}}, {"a": {"b": 3}})
    {'a': {'b': 3, 'c': 2}}
    """
    result = deepcopy(base)
    for overlay in overlays:
        for key, value in overlay.items():
            inner = result.get(key)
            both = isinstance(inner, dict) and isinstance(value, dict)
            result[key] = merged(inner, value) if both else deepcopy(value)
    return result


def scenario(*overlays: Table) -> Scenario:
    """The small world with some things changed."""
    return Scenario.model_validate(merged(WORLD, *overlays))


def result(*overlays: Table) -> JudgedWorld:
    """The small world, changed and simulated."""
    return JudgedWorld(simulate(scenario(*overlays)))


def growing(per_month: float, **more: float) -> Table:
    """Usage that grows by a share a month."""
    return {"usage": {"growth": {"curve": "compound", "per_month": per_month, **more}}}


def with_candidates(**candidates: Table) -> Table:
    """These candidates; underscores in names stand for dashes."""
    return {"candidates": {name.replace("_", "-"): deepcopy(table) for name, table in candidates.items()}}


def priced(per_mtok: float) -> Table:
    """A price for all tokens."""
    return {"usd_per_mtok": {"input": per_mtok, "output": per_mtok}}


@contextmanager
def without_flips() -> Iterator[None]:
    """Nobody asks at which usage staying stops being right: it takes most of the time, and has tests of its own."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("switchpoint.decision.result.find_flip", lambda case: None)
        yield
