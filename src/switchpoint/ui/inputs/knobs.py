"""An input: which number of a scenario it sets, in which range, with the help text of the schema."""

from __future__ import annotations

import json
import math
import re
from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum
from typing import Any

from switchpoint.scenario.bounds import Bounds
from switchpoint.scenario.errors import Path
from switchpoint.scenario.outline import bounds_of, field_at, meaning
from switchpoint.scenario.quantity import Choice, Pert, Quantity, Range, num

_BARE = re.compile(r"[A-Za-z0-9_-]+")


class Kind(Enum):
    """How an input is drawn."""

    SHARE = "slider of a share"
    WHOLE = "whole number"
    NUMBER = "number"


@dataclass(frozen=True)
class Knob:
    """One input: the path it sets, its label, and the ends of its slider.

    `value` is what it shows, None where there is nothing to show; `stated` is what the scenario says.
    """

    path: Path
    label: str
    kind: Kind
    value: float | None
    stated: Quantity | None
    ends: tuple[float, float] = (0.0, 1.0)
    step: float = 0.01
    unit: str = ""
    also: tuple[tuple[Path, Any], ...] = ()

    @property
    def key(self) -> str:
        """Name of the input in the address of the page: the path as `--set` takes it."""
        return ".".join(p if _BARE.fullmatch(p) else json.dumps(p, ensure_ascii=False) for p in map(str, self.path))

    def help(self, tree: Mapping[str, Any]) -> str:
        """Help text: what the schema says of it, and what an uncertain value is."""
        field = field_at(self.path, tree)
        text = f"{meaning(field)}." if field else ""
        return text if isinstance(self.stated, float | int | None) else f"{text} {belief(self.stated, self.kind)}"

    def bounds(self, tree: Mapping[str, Any]) -> Bounds:
        """What the schema allows."""
        field = field_at(self.path, tree)
        return (bounds_of(field) if field else None) or Bounds(1, 240)

    def values(self, chosen: float) -> dict[Path, Any]:
        """What choosing a value sets in the scenario."""
        return {**dict(self.also), self.path: chosen}

    @property
    def paths(self) -> tuple[Path, ...]:
        """All that it sets."""
        return (*dict(self.also), self.path)


@dataclass(frozen=True)
class Group:
    """Inputs that belong together."""

    title: str
    icon: str
    knobs: tuple[Knob, ...]
    name: str = ""
    """Of the candidate that they belong to, if any."""

    @property
    def key(self) -> str:
        """What tells it from other groups, also from a candidate that is called like one."""
        return f"inputs candidates.{self.name}" if self.name else f"inputs {self.title}"


def belief(stated: Quantity, kind: Kind) -> str:
    """What is believed of an uncertain number, and what moving its input does."""
    match stated:
        case Range(low, high):
            text = f"90 % likely between {shown(low, kind)} and {shown(high, kind)}"
        case Pert(low, mode, high):
            text = f"Between {shown(low, kind)} and {shown(high, kind)}, most likely {shown(mode, kind)}"
        case Choice(values, _):
            text = f"One of {', '.join(shown(value, kind) for value in values)}"
        case _:
            return ""
    return f"{text}; shown is the middle. Moving it makes it a certain number."


def range_note(knob: Knob) -> str:
    """A remark beside the label of an uncertain number, empty for a certain one."""
    if not isinstance(knob.stated, Range | Pert | Choice):
        return ""
    ends = knob.stated.values if isinstance(knob.stated, Choice) else (knob.stated.low, knob.stated.high)
    low, high = shown(min(ends), knob.kind), shown(max(ends), knob.kind)
    return f"{low.removesuffix(' %') if high.endswith(' %') else low}–{high}"


def shown(value: float, kind: Kind) -> str:
    """A number as its input shows it.

    >>> shown(0.092, Kind.SHARE), shown(60_000, Kind.WHOLE), shown(1.55, Kind.NUMBER)
    ('9.2 %', '60,000', '1.55')
    """
    return f"{100 * value:.3g} %" if kind is Kind.SHARE else f"{value:,.6g}"


def share(
    path: Path,
    label: str,
    stated: Quantity,
    ends: tuple[float, float] = (0.0, 1.0),
    step: float = 0.01,
    also: tuple[tuple[Path, Any], ...] = (),
) -> Knob:
    """A slider of a share or a rate, wide enough for what the file says."""
    value = round(round(num(stated) / step) * step, 6)
    wide = (min(ends[0], value), max(ends[1], value))
    return Knob(path, label, Kind.SHARE, value, stated, wide, step, also=also)


def whole(path: Path, label: str, stated: Quantity, unit: str = "") -> Knob:
    """A whole number; one with a fraction is shown with it."""
    value = num(stated)
    if abs(value) < 20 and not float(value).is_integer():
        return number(path, label, stated, unit)
    return Knob(path, label, Kind.WHOLE, round(value), stated, step=max(1, round(handy(value))), unit=unit)


def number(path: Path, label: str, stated: Quantity | None, unit: str = "", step: float | None = None) -> Knob:
    """A number with decimals."""
    value = None if stated is None else float(f"{num(stated):.6g}")
    return Knob(path, label, Kind.NUMBER, value, stated, step=step or handy(value or 1.0), unit=unit)


def handy(value: float) -> float:
    """A step of about a twentieth of a number: 1, 2 or 5 times a power of ten.

    >>> handy(60_000), handy(2.6), handy(0)
    (2000.0, 0.1, 1.0)
    """
    if value == 0:
        return 1.0
    power = 10.0 ** math.floor(math.log10(abs(value) / 20))
    return max(float(f"{power * next(m for m in (5, 2, 1) if m * power <= abs(value) / 20 * 1.0001):.3g}"), 0.01)
