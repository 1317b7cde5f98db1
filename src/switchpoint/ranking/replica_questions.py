"""What the simulation of serving is asked for a layout, and how many of them are answered side by side."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np

from switchpoint.decision.case import SimulatedWorld
from switchpoint.scenario.candidates import Candidate, GpuCandidate
from switchpoint.serving.capacity import Capacity, Question
from switchpoint.serving.capacity_cache import cache_folder, capacity, is_kept
from switchpoint.simulation.capacity import across, question, spread_of, tokens_of
from switchpoint.study.workers import run


def questions(case: SimulatedWorld, spec: GpuCandidate) -> list[Question]:
    """What the timeline asks of a candidate that changes no tokens: at those of the first day, and as they grow."""
    flow, months = case.setting.traffic, case.clock.month_starts
    usage = case.scenario.usage
    anchor, spread = tokens_of(spec, usage), spread_of(usage)
    factors = np.array(
        [flow.input_tokens[months] / (anchor[0] or 1.0), flow.output_tokens[months] / (anchor[1] or 1.0)]
    )
    asked: list[Question] = []

    def note_question(i: float, o: float) -> Capacity:
        asked.append(question(spec, anchor[0] * i, anchor[1] * o, spread))
        return Capacity.none(asked[-1], "latency", "")

    across(note_question, factors)
    return asked


def simulate_layouts(
    case: SimulatedWorld, specs: Sequence[GpuCandidate], jobs: int, told: Callable[[float], None]
) -> None:
    """Have the capacities of candidates found, those that nobody has found before on several processes."""
    asked = dict.fromkeys(each for spec in specs for each in questions(case, spec))
    open_ = [each for each in asked if not is_kept(each)]
    side_by_side = jobs if cache_folder() is not None else 1  # without a folder nothing would come back
    for _ in run(capacity, open_, side_by_side, lambda done: told(done / len(open_))):
        pass
    told(1.0)


def layout_carries(case: SimulatedWorld, spec: Candidate) -> bool:
    """Whether a replica carries anything within the promise, however far the tokens grow."""
    assert isinstance(spec, GpuCandidate)
    return all(capacity(each).requests_per_second > 0 for each in questions(case, spec))
