"""Every figure of a candidate, and of a plan with the fleets of its steps, as JSON."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import date
from typing import Any

import numpy as np

from switchpoint.decision.candidate_result import CandidateResult
from switchpoint.decision.plan_result import PlanResult, StartedStep
from switchpoint.horizon import NEVER, Floats
from switchpoint.simulation.current_route import LeavingCosts
from switchpoint.simulation.fleet import FleetServing
from switchpoint.simulation.plan_costs import PlanCosts, PlanStage, StageShares, term_end

# What the fleets of a plan's steps come to together ------------------------------------------------------------------


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


# Every figure of a candidate, and of a plan, as JSON; dates are `datetime.date`, None is not reached -----------------

Dated = Callable[[int], date | None]
"""Date of a day within the horizon, else None."""


def candidate_json(outlook: CandidateResult, dated: Dated) -> dict[str, Any]:
    """A candidate under the scenario's policy."""
    return {
        **_days(outlook, dated),
        "start_by": dated(outlook.starts.start_by.day),
        "best_start": dated(outlook.starts.best),
        "peak_replicas": outlook.peak_replicas,
        "set_by_minimum_share": outlook.set_by_minimum,
        "overflow_share": outlook.overflow_share,
        "cold_start_share": outlook.cold_start_share,
        "owed_after_horizon_usd": outlook.owed_after_horizon,
        "leaving": _leaving(outlook.leaving, dated),
        "capacity_requests_per_second": outlook.capacity,
        **_money(outlook, dated, outlook.course.end_credit, outlook.course.peak_cash, outlook.course.internal_rate),
        **_limit(outlook, dated),
    }


def plan_json(plan: PlanResult, dated: Dated) -> dict[str, Any]:
    """A plan, its steps started as it says."""
    return {
        "steps": [
            {"candidate": step.candidate, "start": dated(step.start), "cutover": dated(step.cutover)}
            for step in plan.steps
        ],
        **_days(plan, dated),
        "start_by": dated(plan.start_by.day),
        "best_start": dated(plan.best_start),
        "peak_replicas": peak_replicas(plan.path),
        "set_by_minimum_share": set_by_minimum(plan.path),
        "overflow_share": overflow_share(plan.path),
        "cold_start_share": cold_start_share(plan.path),
        "owed_after_horizon_usd": owed_after_horizon(plan.path),
        "leaving": _leaving(plan.leaving, dated),
        "capacity_requests_per_second": only_capacity(plan.path),
        **_money(plan, dated, plan.end_credit, plan.peak_cash, plan.internal_rate),
        **_limit(plan, dated),
        "by_step": [_by_step(step, dated) for step in plan.steps],
    }


def _by_step(step: StartedStep, dated: Dated) -> dict[str, Any]:
    due = step.deadlines
    return {
        "candidate": step.candidate,
        "label_by": dated(due.label),
        "hire_by": dated(due.hire),
        "commit_by": dated(due.commit),
        "ends": dated(step.ends),
    }


def _days(found: CandidateResult | PlanResult, dated: Dated) -> dict[str, Any]:
    return {
        "crossover": dated(int(found.running.crossover)),
        "crossover_reverts": dated(int(found.running.reverts)),
        "project_start": dated(found.project_start),
        "cutover": dated(found.cutover),
        "break_even": dated(found.break_even.day),
        "payback_months": found.payback_months,
        "limit_again": dated(found.limit_again),
        "possible": found.possible,
        "impossible_from": dated(found.impossible_from),
        "remedy": found.remedy,
    }


def _money(
    found: CandidateResult | PlanResult,
    dated: Dated,
    end_credit: float,
    peak_cash: tuple[float, int],
    internal_rate: tuple[float | None, str],
) -> dict[str, Any]:
    return {
        "total_usd": found.total,
        "npv_saving_usd": found.npv_saving,
        "one_off_usd": found.one_off,
        "end_credit_usd": end_credit,
        "peak_cash_usd": peak_cash[0],
        "peak_cash_on": dated(peak_cash[1]),
        "irr": internal_rate[0],
        "irr_reason": internal_rate[1] or None,
    }


def _leaving(found: LeavingCosts | None, dated: Dated) -> dict[str, Any]:
    """When the last request leaves the current route, and what that costs and fetches; all None where it has nothing
    beside tokens."""
    if found is None:
        return dict.fromkeys(("on", "sold_gpus_usd", "owed_usd", "owed_after_horizon_usd"))
    return {
        "on": dated(found.day),
        "sold_gpus_usd": found.sold,
        "owed_usd": found.owed,
        "owed_after_horizon_usd": found.owed_after_horizon,
    }


def _limit(found: CandidateResult | PlanResult, dated: Dated) -> dict[str, Any]:
    kept, (stay, switch) = found.limit_kept, found.above_limit
    return {
        "limit_kept": {
            "from": dated(int(kept.since)),
            "until": dated(int(kept.until)),
            "share_of_days": kept.share_of_days,
        },
        "above_limit_usd": {"stay": stay, "switch": switch},
    }
