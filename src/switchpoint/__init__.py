"""Switchpoint: when to move LLM traffic from a per-token API to a model of your own."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

from switchpoint.version import __version__ as __version__

if TYPE_CHECKING:
    from switchpoint.decision.mondays import monitor as monitor
    from switchpoint.serving.serve import serve as serve
    from switchpoint.serving.throughput import throughput as throughput

PUBLIC = {
    "monitor": "switchpoint.decision.mondays",
    "serve": "switchpoint.serving.serve",
    "throughput": "switchpoint.serving.throughput",
}
"""Functions that are imported when first asked for, and where they are."""


def __getattr__(name: str) -> Any:
    if name not in PUBLIC:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(PUBLIC[name]), name)


def __dir__() -> list[str]:
    return sorted([*globals(), *PUBLIC])
