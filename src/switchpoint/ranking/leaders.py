"""The layouts of a replica that are worth simulating: by formula the cheapest of each model, some of each size."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from switchpoint.catalog.templates import assumed, size_of_parameters
from switchpoint.horizon import MONTH_DAYS, Floats
from switchpoint.ranking.gpu_offers import cheapest_rent
from switchpoint.ranking.replica_layouts import ReplicaLayout, formula_rates, layouts
from switchpoint.ranking.token_offers import same_model
from switchpoint.scenario.candidates import Fleet
from switchpoint.scenario.schema import Scenario
from switchpoint.scenario.uncertain import num
from switchpoint.serving.rate_trial import Promise
from switchpoint.simulation.usage import hour_weights

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
    scenario: Scenario, requests: float, stay_usd: float, promise: Promise, sizes: tuple[str, ...]
) -> list[LayoutEstimate]:
    """The cheapest layout of each model first, then the second of each, and so on; those that carry nothing left out.

    Args:
        scenario: whose usage they are to carry.
        requests: a day, of the day that they are compared on.
        stay_usd: dollars a month of the current route on that day.
        promise: the latency promise.
        sizes: size classes that are asked for.
    """
    inputs, outputs = num(scenario.usage.input_tokens), num(scenario.usage.output_tokens)
    found = layouts(sizes, inputs + outputs, scenario.start)
    if not found:
        return []
    rates = formula_rates(found, inputs, outputs, promise)
    every = [_estimate(scenario, layout, rate, requests, stay_usd) for layout, rate in zip(found, rates, strict=True)]
    return sorted((each for each in every if each is not None), key=lambda each: each.usd_per_month)


def _estimate(
    scenario: Scenario, layout: ReplicaLayout, rate: float, requests: float, stay_usd: float
) -> LayoutEstimate | None:
    if rate <= 0:
        return None
    size = size_of_parameters(layout.model.params_billion)
    coverage = 1.0 if same_model(scenario, layout.model.key) else assumed("coverage_tuned", size)
    hourly = _replicas(scenario, requests * coverage, rate)
    most = int(hourly.max())
    asked = cheapest_rent(layout, most)
    if asked is None:
        return None
    rent = asked.per_hour(layout.gpus, most) * float(hourly.sum()) / most * MONTH_DAYS
    people = assumed("upkeep_engineers", size) * assumed("usd_per_engineer_month")
    upkeep = people + assumed("upkeep_usd_per_month", size)
    usd = rent * (1 + assumed("overhead_share")) + (1 - coverage) * stay_usd + upkeep
    return LayoutEstimate(layout, most, usd)


def _replicas(scenario: Scenario, requests: float, rate: float) -> Floats:
    """Replicas of each hour of a day, one spare included, shape (24,)."""
    load = requests * (1 + num(scenario.current.retry_share)) * hour_weights(scenario.usage)
    needed = np.maximum(np.ceil(load / (3600 * rate * UTILISATION)), 1.0)
    replicas: Floats = np.maximum(needed, np.roll(needed, -1)) + assumed("spare_replicas")
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
