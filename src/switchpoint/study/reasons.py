"""What an advice hangs on: tornado, tripwires and indices in one, and as JSON."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict, dataclass
from typing import Any

from switchpoint.decision.result import JudgedWorld
from switchpoint.errors import CannotCompute
from switchpoint.study.advice import CandidateOutcome, ToldMapper, advice_of
from switchpoint.study.tornado import Indices, SpreadShare, Tornado, date_of, indices, tornado
from switchpoint.study.tripwires import Tripwire, tripwires
from switchpoint.study.workers import ProgressPart
from switchpoint.version import __version__


@dataclass(frozen=True)
class Why:
    """What an advice hangs on."""

    result: JudgedWorld
    tornado: Tornado | None
    tripwires: tuple[Tripwire, ...]
    indices: tuple[Indices, ...] | None
    """None where they were not asked for."""


def study(
    result: JudgedWorld, *, with_indices: bool = False, progress: Callable[[float], None] = lambda _: None
) -> Why:
    """Run the studies of a base case.

    Args:
        result: the base case.
        with_indices: whether the shares of the spread are estimated, too.
        progress: told the share done, 0 to 1.

    Raises:
        CannotCompute: where an end of a range leaves all bounds.
    """
    parts = (ToldMapper(ProgressPart(progress, number, 3)) for number in range(3))
    try:
        moved = tornado(result, next(parts))
        shares = indices(result, next(parts)) if with_indices else None
    except CannotCompute as problem:
        raise CannotCompute(problem.path, f"{problem.message} (with values within the stated ranges)") from None
    return Why(result, moved, tripwires(result, next(parts)), shares)


def as_json(why: Why) -> dict[str, Any]:
    """The same as one JSON object; docs/why.md says what each key means."""
    result, advice = why.result, advice_of(why.result)
    told = {"action": advice.action.value, "candidate": advice.candidate, "plan": advice.plan}
    return {
        "scenario": result.case.scenario.name,
        "version": __version__,
        "advice": {**told, "sentence": result.sentence},
        "tornado": why.tornado and _tornado_json(result, why.tornado),
        "tripwires": [each.model_dump() for each in why.tripwires],
        "indices": why.indices and [_indices_json(each) for each in why.indices],
    }


def _tornado_json(result: JudgedWorld, found: Tornado) -> dict[str, Any]:
    bars = [
        {
            "input": bar.driver.name,
            "path": bar.driver.key,
            "unit": bar.driver.unit,
            "range": "stated" if bar.has_range else "assumed",
            "base": bar.driver.now,
            "low": {"value": bar.low, **_outcome_json(result, bar.at_low)},
            "high": {"value": bar.high, **_outcome_json(result, bar.at_high)},
            "swing_usd": found.swing(bar),
        }
        for bar in found.bars
    ]
    base = _outcome_json(result, found.base)
    return {"candidate": found.candidate, "plan": found.plan, "base": base, "bars": bars}


def _outcome_json(result: JudgedWorld, outcome: CandidateOutcome) -> dict[str, Any]:
    when = date_of(result.case.scenario, outcome.start_by)
    return {"npv_saving_usd": outcome.npv_saving_usd, "start_by": when}


def _indices_json(found: Indices) -> dict[str, Any]:
    def share(each: SpreadShare) -> dict[str, Any]:
        shown = {"input": each.name, "path": each.input.name}
        return {**shown, "alone": asdict(each.alone), "in_all": asdict(each.in_all)}

    return {
        "measure": found.measure,
        "points": found.points,
        "standard_deviation": found.deviation,
        "inputs": [share(each) for each in found.shares],
    }
