"""What many draws say of plans, in words and as JSON."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict
from typing import Any

from switchpoint.decision.plan_sentence import plan_called
from switchpoint.decision.verdict import Action
from switchpoint.horizon import NEVER, Horizon
from switchpoint.study.draws import Days
from switchpoint.study.plan_findings import PlanFindings
from switchpoint.text import chance, join_names, usd, usd_range

Json = dict[str, Any]
Dated = Callable[[int], str]


def plan_advice(found: PlanFindings, action: Action, bill: str, behind: str, dated: Dated) -> str:
    """The sentence where a plan is advised over many draws.

    Args:
        found: the plan.
        action: what is advised.
        bill: what becomes of the bill.
        behind: how late the best candidate alone is; nothing where it is not.
        dated: days in words.
    """
    days = found.step_days(found.came.step_start)
    steps = zip(found.result.steps, days, strict=True)
    starts = join_names([f"{step.candidate} {_on(day.p50, dated)}" for step, day in steps])
    late = f"You are about {behind} late with one candidate alone: " if action is Action.LATE else ""
    opening = f"{late}{'start' if late else 'Start'} {starts}, {plan_called(found.result)}"
    in_time = "" if found.in_time is None else f", in time or without a threat in {chance(found.in_time)} of the draws"
    return "; ".join(filter(None, [f"{opening}{in_time}", bill, _live(found, dated), _money(found)]))


def _on(day: int, dated: Dated) -> str:
    if day >= NEVER:
        return "seldom"
    said = dated(max(day, 0))
    return said if said == "today" else f"on {said}"


def _live(found: PlanFindings, dated: Dated) -> str:
    days = found.step_days(found.came.step_cutover)
    told = [
        f"{step.candidate} is live around {dated(day.p50)}" if day.p50 < NEVER else f"{step.candidate} is seldom live"
        for step, day in zip(found.result.steps, days, strict=True)
    ]
    return join_names(told)


def _money(found: PlanFindings) -> str:
    money = found.saving
    verb = "saves" if money.mean >= 0 else "costs more than staying:"
    text = f"together that {verb} {usd(abs(money.mean))} on average in present value"
    if money.p10 == money.p90:
        return text
    span = f"{usd_range(money.p10, money.p90)} in 80 % of the draws"
    return f"{text} ({span}, above zero in {chance(found.saves[0])})"


def plan_spreads(found: PlanFindings, clock: Horizon, spread: Callable[[Days, Horizon], Json]) -> Json:
    """A plan over all draws as JSON.

    Args:
        found: the plan.
        clock: the horizon.
        spread: a date over all draws as JSON.
    """
    started, live = (found.step_days(days) for days in (found.came.step_start, found.came.step_cutover))
    steps = zip(found.result.steps, started, live, strict=True)
    share, error = found.saves
    return {
        "steps": [
            {"candidate": step.candidate, "start": spread(start, clock), "cutover": spread(cutover, clock)}
            for step, start, cutover in steps
        ],
        "start": spread(Days.of(found.came.start), clock),
        "cutover": spread(found.cutover, clock),
        "break_even": spread(found.break_even, clock),
        "npv_saving_usd": asdict(found.saving),
        "probability_saves": share,
        "probability_saves_error": error,
        "in_time": found.in_time,
        "one_off_usd": float(found.came.one_off.mean()),
        "remedy": float(found.came.remedy.mean()) if found.result.has_limit else None,
    }
