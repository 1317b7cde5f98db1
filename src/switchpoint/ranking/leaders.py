"""The layouts of a replica that are worth simulating, by a formula the cheapest of each model; and their simulation."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from switchpoint.catalog.templates import size_of_parameters, template_value
from switchpoint.decision.case import SimulatedWorld
from switchpoint.horizon import MONTH_DAYS, Floats
from switchpoint.ranking.offers import cheapest_rent, same_model
from switchpoint.ranking.replica_layouts import ReplicaLayout, formula_rates, layouts
from switchpoint.scenario.candidates import Candidate, Fleet, GpuCandidate
from switchpoint.scenario.schema import Scenario
from switchpoint.scenario.uncertain import num
from switchpoint.serving.capacity import Capacity, Question
from switchpoint.serving.capacity_cache import capacity, is_kept
from switchpoint.serving.disk_cache import cache_folder
from switchpoint.serving.serve import Promise
from switchpoint.simulation.capacity import across, question, spread_of, tokens_of
from switchpoint.simulation.usage import hour_weights
from switchpoint.study.workers import run

UTILISATION = Fleet.model_fields["target_utilisation"].default


@dataclass(frozen=True)
class LayoutEstimate:
    """What a layout comes to by the formula."""

    layout: ReplicaLayout
    replicas: int
    """Of the busiest hour."""
    usd_per_month: float
    """Of all requests: rent, the rest on the current route, upkeep."""


def estimates(
    case: SimulatedWorld, requests: float, stay_usd: float, promise: Promise, sizes: tuple[str, ...]
) -> list[LayoutEstimate]:
    """The cheapest layout of each model first, then the second of each, and so on; those that carry nothing left out.

    Args:
        case: whose usage they are to carry.
        requests: a day, of the day that they are compared on.
        stay_usd: dollars a month of the current route on that day.
        promise: the latency promise.
        sizes: size classes that are asked for.
    """
    scenario, flow, spread = case.scenario, case.setting.traffic, spread_of(case.scenario.usage)
    inputs, outputs = num(scenario.usage.input_tokens), num(scenario.usage.output_tokens)
    most = float(flow.input_tokens.max()), float(flow.output_tokens.max())
    found = layouts(sizes, sum(most), scenario.start)
    if not found:
        return []
    rates = formula_rates(found, inputs, outputs, promise, spread)
    if most > (inputs, outputs):  # what breaks the promise once prompts have grown is no candidate
        rates = np.where(formula_rates(found, *most, promise, spread) > 0, rates, 0.0)
    every = [_estimate(scenario, layout, rate, requests, stay_usd) for layout, rate in zip(found, rates, strict=True)]
    return sorted((each for each in every if each is not None), key=lambda each: each.usd_per_month)


def _estimate(
    scenario: Scenario, layout: ReplicaLayout, rate: float, requests: float, stay_usd: float
) -> LayoutEstimate | None:
    if rate <= 0:
        return None
    size = size_of_parameters(layout.model.params_billion)
    coverage = 1.0 if same_model(scenario, layout.model.key) else template_value("coverage_tuned", size)
    hourly = _replicas(scenario, requests * coverage, rate)
    most = int(hourly.max())
    asked = cheapest_rent(layout, most)
    if asked is None:
        return None
    rent = asked.per_hour(layout.gpus, most) * float(hourly.sum()) / most * MONTH_DAYS
    people = template_value("upkeep_engineers", size) * template_value("usd_per_engineer_month")
    upkeep = people + template_value("upkeep_usd_per_month", size)
    usd = rent * (1 + template_value("overhead_share")) + (1 - coverage) * stay_usd + upkeep
    return LayoutEstimate(layout, most, usd)


def _replicas(scenario: Scenario, requests: float, rate: float) -> Floats:
    """Replicas of each hour of a day, one spare included, shape (24,)."""
    load = requests * (1 + num(scenario.current.retry_share)) * hour_weights(scenario.usage)
    needed = np.maximum(np.ceil(load / (3600 * rate * UTILISATION)), 1.0)
    replicas: Floats = np.maximum(needed, np.roll(needed, -1)) + template_value("spare_replicas")
    return replicas


def leaders(found: list[LayoutEstimate], sizes: tuple[str, ...]) -> Iterator[LayoutEstimate]:
    """The order in which layouts are simulated: the size classes in turn, each with its cheapest model first.

    A model comes again, with its next layout, when all others of its class have been.
    """
    queues = [list(_each_model_first(found, size)) for size in sizes]
    for turn in range(max(map(len, queues), default=0)):
        yield from (queue[turn] for queue in queues if turn < len(queue))


def _each_model_first(found: list[LayoutEstimate], size: str) -> Iterator[LayoutEstimate]:
    left = [each for each in found if size_of_parameters(each.layout.model.params_billion) == size]
    while left:
        first = {each.layout.model.key: each for each in reversed(left)}
        once = sorted(first.values(), key=lambda each: each.usd_per_month)
        yield from once
        taken = {id(each) for each in once}
        left = [each for each in left if id(each) not in taken]


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
