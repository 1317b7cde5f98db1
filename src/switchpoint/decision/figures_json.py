"""Every figure of a candidate, and of a plan, as JSON; dates are `datetime.date`, None is not reached."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Any

from switchpoint.decision.candidate_result import CandidateResult
from switchpoint.decision.plan_fleets import (
    cold_start_share,
    only_capacity,
    overflow_share,
    owed_after_horizon,
    peak_replicas,
    set_by_minimum,
)
from switchpoint.decision.plan_result import PlanResult, StartedStep
from switchpoint.simulation.current_route import LeavingCosts

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
