"""Switchpoint: when to move LLM traffic from a per-token API to a model of your own.

    import switchpoint as sp

    s = sp.load("ours.toml")
    sp.simulate(s)

docs/python.md says what there is. Each name is imported when it is first asked for.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

from switchpoint.version import __version__ as __version__

if TYPE_CHECKING:
    from switchpoint.notebook.doors import capacity as capacity
    from switchpoint.notebook.doors import compare as compare
    from switchpoint.notebook.doors import draw as draw
    from switchpoint.notebook.doors import load as load
    from switchpoint.notebook.doors import simulate as simulate
    from switchpoint.notebook.doors import sweep as sweep
    from switchpoint.notebook.doors import why as why
    from switchpoint.notebook.many import Draws as Draws
    from switchpoint.notebook.objects import Result as Result
    from switchpoint.scenario.errors import ScenarioError as ScenarioError
    from switchpoint.scenario.schema import Scenario as Scenario
    from switchpoint.serving.serve import serve as serve
    from switchpoint.serving.steady_state import throughput as throughput
    from switchpoint.warning.monitor import monitor as monitor

PUBLIC = {
    "load": "switchpoint.notebook.doors",
    "simulate": "switchpoint.notebook.doors",
    "draw": "switchpoint.notebook.doors",
    "why": "switchpoint.notebook.doors",
    "compare": "switchpoint.notebook.doors",
    "sweep": "switchpoint.notebook.doors",
    "monitor": "switchpoint.warning.monitor",
    "capacity": "switchpoint.notebook.doors",
    "throughput": "switchpoint.serving.steady_state",
    "serve": "switchpoint.serving.serve",
    "Scenario": "switchpoint.scenario.schema",
    "Result": "switchpoint.notebook.objects",
    "Draws": "switchpoint.notebook.many",
    "ScenarioError": "switchpoint.scenario.errors",
}
"""What there is for users, and where it is."""

__all__ = list(PUBLIC)


def __getattr__(name: str) -> Any:
    if name not in PUBLIC:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}; there are {', '.join(PUBLIC)}")
    return getattr(import_module(PUBLIC[name]), name)


def __dir__() -> list[str]:
    return sorted(PUBLIC)
