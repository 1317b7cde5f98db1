"""docs/model.md names real things, and leaves out no function that computes a figure."""

import importlib
import re
from pathlib import Path

import pytest

from switchpoint.serving import capacity
from switchpoint.simulation import capacity as hardware
from switchpoint.simulation.ledger import Component
from tests.test_golden_equations import MODULES, functions

PAGE = (Path(__file__).resolve().parent.parent / "docs" / "model.md").read_text(encoding="utf-8")
NAMED = sorted(set(re.findall(r"`(switchpoint(?:\.\w+)+)`", PAGE)))


def resolve(name: str) -> object:
    """The module, or what is in it, that a dotted name stands for.

    >>> resolve("switchpoint.horizon.Horizon.months_since_start").__doc__[:6]
    'Months'
    """
    parts = name.split(".")
    for end in range(len(parts), 0, -1):
        try:
            found: object = importlib.import_module(".".join(parts[:end]))
        except ModuleNotFoundError:
            continue
        for part in parts[end:]:
            found = getattr(found, part)
        return found
    raise AttributeError(name)


@pytest.mark.parametrize("name", NAMED)
def test_every_reference_is_real(name: str) -> None:
    assert resolve(name) is not None


@pytest.mark.parametrize("module", MODULES)
def test_every_public_function_is_mentioned(module: str) -> None:
    assert {f"switchpoint.{name}" for name in functions(module)} - set(NAMED) == set()


def test_the_ledger_table_is_the_ledger() -> None:
    rows = re.findall(r"^\| ([^|]+) \| (fixed|linear|step) \| ", PAGE, re.MULTILINE)
    assert rows == [(component.label, component.behaviour.value) for component in Component]


def test_the_constants_of_the_capacity_search_are_those_of_the_code() -> None:
    assert f"until the bracket is {capacity.WIDTH * 100:.0f} % wide" in PAGE
    assert f"costs over {100 - capacity.NEAR * 100:.0f} % of saturation" in PAGE
    assert f"powers of {hardware.GRID} of" in PAGE
