"""What the fleets of a plan's steps come to together: replicas, overflow, cold starts, what is owed in the end."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from switchpoint.horizon import NEVER, Floats
from switchpoint.simulation.fleet import FleetServing
from switchpoint.simulation.plan_costs import PlanCosts, term_end
from switchpoint.simulation.plan_shares import PlanStage, StageShares


def fleets(plan: PlanCosts) -> Iterator[tuple[PlanStage, StageShares, FleetServing]]:
    """The steps that have a fleet."""
    for stage, share in zip(plan.stages, plan.shares.stages, strict=True):
        if isinstance(stage.prospect.carrier, FleetServing):
            yield stage, share, stage.prospect.carrier


def peak_replicas(plan: PlanCosts) -> int | None:
    """Most replicas of any hour, those of all steps together; None without a fleet, or where none is ever live."""
    live = [path for path in plan.paths if path.peak is not None and path.schedule.shadow[0] < path.peak.shape[-1]]
    if not live:
        return None
    daily: Floats = sum((np.atleast_2d(path.peak)[0] for path in live if path.peak is not None), np.zeros(1))
    return int(daily.max())


def only_capacity(plan: PlanCosts) -> float | None:
    """Requests per second of one replica on day 0 where one step alone has a fleet."""
    found = [carrier for _, _, carrier in fleets(plan)]
    return float(found[0].sizing.capacity[0]) if len(found) == 1 else None


def set_by_minimum(plan: PlanCosts) -> float | None:
    """Part of the days live on which the fewest replicas allowed set the only fleet; None without one, or several."""
    found = list(fleets(plan))
    if len(found) != 1 or found[0][2].sizing.fleet.fixed_replicas:
        return None
    stage, share, carrier = found[0]
    days = slice(max(int(stage.schedule.cutover[0]), 0), min(int(share.ends[0]), stage.days))
    flags = carrier.sizing.set_by_minimum(carrier.requests * share.answered[0])[days]
    return float(flags.mean()) if flags.size else None


def overflow_share(plan: PlanCosts) -> float | None:
    """Part of the requests that steps may take, each from its cutover on, that go to the current route because their
    fleets are too small; None where nothing may go there, or none of them is ever live."""
    gone = asked = 0.0
    some = False
    for stage, share, left in zip(plan.stages, plan.shares.stages, plan.overflows, strict=True):
        live = max(int(stage.schedule.cutover[0]), 0)
        if left is None or live >= stage.days:
            continue
        some = True
        gone += float((left.now + left.waiting)[0, live:].sum())
        asked += float((stage.prospect.setting.traffic.requests * share.answered[0])[live:].sum())
    return (gone / asked if asked else 0.0) if some else None


def cold_start_share(plan: PlanCosts) -> float | None:
    """Part of the requests that cannot wait, from cutovers on, that meet a cold start; None where nothing is
    serverless and live."""
    cold = asked = 0.0
    some = False
    for stage, share, carrier in fleets(plan):
        live = max(int(stage.schedule.cutover[0]), 0)
        if carrier.full.cold is None or live >= stage.days:
            continue
        some = True
        met = carrier.sizes(share.served, share.live).cold
        assert met is not None
        cold += float(met[0, live:].sum())
        now = carrier.requests * share.answered[0] * (1 - carrier.sizing.waiting_share)
        asked += float(now[live:].sum())
    return (cold / asked if asked else 0.0) if some else None


def owed_after_horizon(plan: PlanCosts) -> float | None:
    """Dollars owed after the last day for reserved replicas; None where none are reserved."""
    found = [each for each in fleets(plan) if each[2].costs.fleet.reserved_replicas]
    if not found:
        return None
    owed = 0.0
    for stage, share, carrier in found:
        first, days = int(stage.schedule.shadow[0]), stage.days
        if share.ends[0] >= NEVER:
            owed += float(carrier.costs.owed_after(first))
            continue
        beyond = int(term_end(carrier.costs, stage.schedule.shadow, share.ends)[0]) - days
        owed += max(beyond, 0) * float(carrier.costs.reserved_per_day)
    return owed
