"""A measured capacity from the result of a load test that a scenario names."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path as File
from typing import Any

from switchpoint.loadtests.judged import Asked
from switchpoint.loadtests.row import number
from switchpoint.loadtests.taken import take
from switchpoint.scenario.access import Files
from switchpoint.scenario.candidate import GpuCandidate
from switchpoint.scenario.demand import Usage
from switchpoint.scenario.quantity import num

CAPACITY, MEASURED_AT = "requests_per_second_per_replica", "measured_at"


def measured_into(
    fleet: dict[str, Any], candidate: Mapping[str, Any], tree: Mapping[str, Any], file: File, files: Files
) -> None:
    """Put capacity and measured requests of a load test into a fleet as it was read; a stated capacity counts more.

    Args:
        fleet: the table of the fleet, not yet checked.
        candidate: the table that it stands in.
        tree: the whole scenario.
        file: the result.
        files: the access to it.

    Raises:
        OSError: the file cannot be read.
        ValueError: it gives no capacity; the message completes a sentence that begins with the field.
    """
    taken = take(_asked(fleet, candidate, tree.get("usage")), file, read=files.read)
    if CAPACITY in fleet:
        return
    fleet[CAPACITY] = taken.requests_per_second
    if taken.tokens:
        fleet.setdefault(MEASURED_AT, dict(zip(("input_tokens", "output_tokens"), taken.tokens, strict=True)))


def _asked(fleet: Mapping[str, Any], candidate: Mapping[str, Any], usage: object) -> Asked:
    """What an unchecked fleet asks of its load test; what is no plain number is left out."""
    gpus = fleet.get("gpus_per_replica", 1)
    sides = [
        _stated(usage, f"{side}_tokens", candidate.get(f"{side}_tokens_factor", 1.0)) for side in ("input", "output")
    ]
    return Asked(
        number(fleet.get("ttft_p95_s")),
        number(fleet.get("tpot_p95_s")),
        gpus if isinstance(gpus, int) and gpus >= 1 else 1,
        (sides[0], sides[1]) if sides[0] and sides[1] else None,
    )


def _stated(usage: object, name: str, factor: object) -> float | None:
    held = number(usage.get(name)) if isinstance(usage, dict) else None
    scale = number(factor)
    return held * scale if held is not None and scale is not None else None


def asked_of(spec: GpuCandidate, usage: Usage) -> Asked:
    """What a fleet asks of a load test."""
    tokens = (
        num(usage.input_tokens) * num(spec.input_tokens_factor),
        num(usage.output_tokens) * num(spec.output_tokens_factor),
    )
    fleet = spec.fleet
    return Asked(fleet.ttft_p95_s, fleet.tpot_p95_s, fleet.gpus_per_replica, tokens)
