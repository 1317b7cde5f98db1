"""Fields that would do nothing where they stand: each with the curve or kind that uses it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from switchpoint.scenario.candidate import Fleet, GpuCandidate
from switchpoint.scenario.demand import Growth, Usage
from switchpoint.scenario.errors import Path
from switchpoint.scenario.words import either

CURVES: Mapping[str, tuple[str, ...]] = {
    "constant": (),
    "linear": ("per_month",),
    "compound": ("per_month", "fade_per_month"),
    "logistic": ("per_month", "ceiling"),
    "bass": ("innovation", "imitation", "market"),
    "history": ("file",),
    "plan": ("points", "file"),
}
"""The fields that each growth curve uses."""
OF_BOUGHT = ("power_kw_per_gpu", "idle_power_share", "pue", "usd_per_kwh", "lifetime_months", "resale_share")
OF_SERVERLESS = ("request_seconds", "idle_timeout_s", "startup_s", "concurrency")
OF_EXTRA_HOURS = ("billing_minutes", "startup_minutes")
OF_RENTED = (
    "provider",
    "spot",
    "usd_per_gpu_hour_change_per_year",
    "rent_volatility_per_year",
    "rent_spread",
    "billing_minutes",
    "startup_minutes",
    "reserved_replicas",
    "reserved_usd_per_gpu_hour",
    "reserved_months",
)


def idle_of_growth(usage: Usage) -> Iterator[tuple[Path, str]]:
    """Fields of the growth table that its curve does not use."""
    growth = usage.growth
    for field in dict.fromkeys(name for names in CURVES.values() for name in names):
        if field in CURVES[growth.curve] or not _stated(growth, field):
            continue
        users = [curve for curve, names in CURVES.items() if field in names]
        wanted = f"the {either(users)} curve uses it"
        yield ("usage", "growth", field), f"does nothing on the {growth.curve} curve; {wanted}"
    if growth.curve == "plan" and usage.requests_per_day is not None:
        yield ("usage", "requests_per_day"), "is said by the plan curve for every day; leave it out"


def idle_of_candidate(candidate: object, path: Path) -> Iterator[tuple[Path, str]]:
    """Fields of a candidate that do nothing: power of rented GPUs, rent of bought ones."""
    if isinstance(candidate, GpuCandidate):
        yield from _idle_of_fleet(candidate.fleet, (*path, "fleet"))


def _idle_of_fleet(fleet: Fleet, path: Path) -> Iterator[tuple[Path, str]]:
    by_the_second = fleet.scaling == "serverless"
    for field in OF_EXTRA_HOURS if by_the_second else OF_SERVERLESS:
        if _stated(fleet, field):
            other = "a serverless fleet, which is billed by the second" if by_the_second else "this scaling"
            more = "" if by_the_second else '; scaling = "serverless" uses it'
            yield (*path, field), f"does nothing for {other}{more}"
    if fleet.purchase_usd_per_gpu is None:
        for field in OF_BOUGHT:
            if _stated(fleet, field):
                yield (
                    (*path, field),
                    "does nothing for rented GPUs, whose rent includes it; GPUs that are bought use it "
                    "(purchase_usd_per_gpu)",
                )
        return
    for field in OF_RENTED:
        if _stated(fleet, field):
            yield (*path, field), "does nothing for bought GPUs; GPUs that are rented use it (no purchase_usd_per_gpu)"


def _stated(part: Growth | Fleet, field: str) -> bool:
    """Whether a field says something else than it does when it is left out."""
    shape = type(part).model_fields.get(field)
    return shape is not None and getattr(part, field) != shape.default
