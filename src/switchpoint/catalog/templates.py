"""What no price list says of a candidate: what it can answer, what its project takes, what a GPU costs to buy.

By size class, each number with its source, or called an assumption.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

from switchpoint.catalog.tables import records

SIZES = ("small", "medium", "large")
ANY = "any"


@dataclass(frozen=True)
class TemplateValue:
    """One number that is assumed of candidates of a size class, or of any."""

    size: str
    """small, medium, large or any."""
    name: str
    value: float | None
    """None where a class has no upper end."""
    unit: str
    note: str
    verified: bool
    """Whether the source that it leans on is public and was read."""
    source: str
    date: str


@dataclass(frozen=True)
class GpuPurchase:
    """What a GPU costs to buy, with a share of its server, and the power that both draw."""

    gpu: str
    usd: float
    kw: float
    note: str
    verified: bool
    source: str
    date: str


def template_values() -> tuple[TemplateValue, ...]:
    """All numbers of the template."""
    return records(TemplateValue, "candidate_templates")


@cache
def template_value(name: str, size: str = ANY) -> float:
    """A number of the template, of its size class or of any; infinite where the class has no upper end.

    >>> template_value("engineers", "large"), template_value("ramp_days", "large")
    (4.0, 21.0)

    Raises:
        KeyError: where the template has no such number.
    """
    for each in template_values():
        if each.name == name and each.size in (size, ANY):
            return float("inf") if each.value is None else each.value
    raise KeyError(name)


def size_of_parameters(billion: float) -> str:
    """Size class of an open model.

    >>> [size_of_parameters(billion) for billion in (8.03, 32.8, 117)]
    ['small', 'medium', 'large']
    """
    return next(size for size in SIZES if billion <= template_value("up_to_billion", size))


def size_of_price(usd_per_mtok_out: float) -> str:
    """Size class of a closed model, whose size nobody tells, by the price of its output."""
    return next(size for size in SIZES if usd_per_mtok_out <= template_value("up_to_usd_per_mtok_out", size))


@cache
def purchase_of(gpu: str) -> GpuPurchase | None:
    """What a GPU costs to buy, None where nothing is assumed of it."""
    return next((each for each in records(GpuPurchase, "purchases") if each.gpu == gpu), None)
