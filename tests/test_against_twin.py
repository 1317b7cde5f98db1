"""The product against the twin: every figure of the base case, in drawn worlds and on the edges of the definitions."""

from __future__ import annotations

import math
import os
from collections.abc import Iterator
from datetime import date
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, given, settings

from switchpoint.scenario.schema import Scenario
from tests.effort import tries
from tests.scenario_strategies import BOUNDARY, describe, own_scenarios, scenarios
from tests.small_worlds import without_flips
from tests.twin import tick

pytestmark = pytest.mark.slow

pytest.importorskip("switchpoint.decision.case")

MONEY = 1e-6
"""Relative; the definitions leave no room for more than rounding."""
CENT = 0.01
EXAMPLES = int(os.environ.get("TWIN_EXAMPLES", tries(15, 300)))
"""More of them find more: 2,000 take a few minutes. Worlds with plans are compared as well, elsewhere."""
PHASES = [phase for phase in Phase if phase is not Phase.shrink or os.environ.get("TWIN_SHRINK")]
"""A world is slow to shrink; TWIN_SHRINK=1 does it, and minutes later shows a simpler one."""


def product(scenario: Scenario) -> dict[str, Any]:
    """The product's answer, in the shape of its JSON."""
    from switchpoint.decision.case import simulate
    from switchpoint.decision.result import as_json

    with without_flips():
        return as_json(simulate(scenario))


BASE_DATES = ("threat", "warning")
BASE_MONEY = ("bill_at_start_usd", "bill_at_end_usd")
DATES = ("crossover", "project_start", "cutover", "limit_again", "start_by", "best_start")
EXACT = ("possible", "remedy", "peak_replicas")
MONEYS = ("total_usd", "npv_saving_usd", "one_off_usd", "end_credit_usd", "peak_cash_usd")
RATE = 1e-5
"""An internal rate of return, relative; where gains hardly outweigh losses rounding moves it more than money."""
VERDICT = (
    *("action", "candidate", "start_by", "binds", "bridge", "remedy", "label_by", "hire_by", "commit_by", "window"),
    "remaining_lead_days",
)


def as_date(value: Any) -> date | None:
    return date.fromisoformat(value) if isinstance(value, str) else value


def plain_verdict(value: Any) -> Any:
    """Dates of a verdict as dates; names stay names."""
    if isinstance(value, (list, tuple)):
        return [plain_verdict(v) for v in value]
    try:
        return as_date(value)
    except ValueError:
        return value


def near(got: float | None, want: float | None, scale: float | None = None) -> bool:
    """Money, equal within a cent or a millionth of the scale."""
    if got is None or want is None:
        return got is want
    if math.isinf(want):
        return got == want
    return abs(got - want) <= max(CENT, MONEY * abs(want if scale is None else scale))


def near_rate(got: float | None, want: float | None) -> bool:
    """Rates of return, equal within half a percentage point, or within `RATE` of what is beyond all reason.

    >>> near_rate(0.5, 0.501), near_rate(0.5, 0.51), near_rate(None, 0.5), near_rate(7e10, 7e10 + 1)
    (True, False, False, True)
    """
    return near(got, want, RATE / MONEY * max(1.0, abs(want or 0.0)))


def differences(got: dict[str, Any], want: dict[str, Any]) -> Iterator[str]:
    """Every figure that differs, one line each."""
    stay = sum(row["stay_usd"] for row in want["monthly"])
    yield from _base(got["base"], want["base"])
    for which in ("candidates", "advised"):
        for name, figures in want["base"][which].items():
            yield from _candidate(f"{which}.{name}", got["base"][which][name], figures, stay)
    for name, figures in want["base"]["plans"].items():
        yield from _plan(f"plans.{name}", got["base"]["plans"][name], figures, stay)
    yield from _verdict(got["verdict"], want["verdict"], want["base"]["candidates"])
    if len(got["monthly"]) != len(want["monthly"]):
        yield f"monthly: {len(got['monthly'])} rows, twin {len(want['monthly'])}"
    for mine, twins in zip(got["monthly"], want["monthly"], strict=False):
        yield from _month(mine, twins, stay)


def _base(got: dict[str, Any], want: dict[str, Any]) -> Iterator[str]:
    for key in BASE_DATES:
        if as_date(got[key]) != want[key]:
            yield f"base.{key}: {got[key]}, twin {want[key]}"
    if got["threat_cause"] != want["threat_cause"]:
        yield f"base.threat_cause: {got['threat_cause']}, twin {want['threat_cause']}"
    for key in BASE_MONEY:
        if not near(got[key], want[key]):
            yield f"base.{key}: {got[key]}, twin {want[key]}"
    for end in ("start", "end"):
        mine, twins = got["cost_per_1000_requests_usd"][end], want["cost_per_1000_requests_usd"][end]
        if not near(mine, twins):
            yield f"base.cost_per_1000_requests_usd.{end}: {mine}, twin {twins}"


def _candidate(name: str, got: dict[str, Any], want: dict[str, Any], stay: float) -> Iterator[str]:
    for key in DATES:
        if as_date(got[key]) != want[key]:
            yield f"{name}.{key}: {got[key]}, twin {want[key]}"
    for key in EXACT:
        if got[key] != want[key]:
            yield f"{name}.{key}: {got[key]}, twin {want[key]}"
    for key in MONEYS:
        if not near(got[key], want[key], max(stay, abs(want[key]))):
            yield f"{name}.{key}: {got[key]}, twin {want[key]}"
    yield from _break_even(name, got, want)
    yield from _limit(name, got, want)
    yield from _leaving(name, got["leaving"], want["leaving"])
    yield from _carried(name, got, want)
    if not near_rate(got["irr"], want["irr"]):
        yield f"{name}.irr: {got['irr']}, twin {want['irr']}"


PLAN_DATES = ("crossover", "project_start", "cutover", "limit_again", "peak_cash_on")


def _plan(name: str, got: dict[str, Any], want: dict[str, Any], stay: float) -> Iterator[str]:
    """A plan: its steps, and the figures that a candidate has."""
    for mine, twins in zip(got["steps"], want["steps"], strict=True):
        if {key: plain_verdict(value) for key, value in mine.items()} != twins:
            yield f"{name}.steps: {mine}, twin {twins}"
    if [as_date(step["ends"]) for step in got["by_step"]] != want["ends"]:
        yield f"{name}.ends: {got['by_step']}, twin {want['ends']}"
    plain = {key: as_date(got[key]) for key in PLAN_DATES} | {key: got[key] for key in ("possible", "remedy")}
    yield from (f"{name}.{key}: {mine}, twin {want[key]}" for key, mine in plain.items() if mine != want[key])
    for key in MONEYS:
        if not near(got[key], want[key], max(stay, abs(want[key]))):
            yield f"{name}.{key}: {got[key]}, twin {want[key]}"
    yield from _break_even(name, got, want)
    yield from _limit(name, got, want)
    if not near(got["owed_after_horizon_usd"], want["owed_after_horizon_usd"]):
        yield f"{name}.owed_after_horizon_usd: {got['owed_after_horizon_usd']}, twin {want['owed_after_horizon_usd']}"
    if not near_rate(got["irr"], want["irr"]):
        yield f"{name}.irr: {got['irr']}, twin {want['irr']}"


def _carried(name: str, got: dict[str, Any], want: dict[str, Any]) -> Iterator[str]:
    """What its fleet carries, what it leaves, and what is owed for it."""
    for key in ("owed_after_horizon_usd", "capacity_requests_per_second"):
        if not near(got[key], want[key]):
            yield f"{name}.{key}: {got[key]}, twin {want[key]}"
    if not _alike_shares(got["overflow_share"], want["overflow_share"]):
        yield f"{name}.overflow_share: {got['overflow_share']}, twin {want['overflow_share']}"


def _leaving(name: str, got: dict[str, Any], want: dict[str, Any]) -> Iterator[str]:
    """When the current route is left, and what that costs and fetches."""
    same = as_date(got["on"]) == want["on"] and all(near(got[key], want[key]) for key in want if key != "on")
    if not same:
        yield f"{name}.leaving: {got}, twin {want}"


def _alike_shares(got: float | None, want: float | None) -> bool:
    return got is want if got is None or want is None else abs(got - want) <= MONEY


def _limit(name: str, got: dict[str, Any], want: dict[str, Any]) -> Iterator[str]:
    """From when until when the limit is kept, and what days above it cost."""
    mine, twins = got["limit_kept"], want["limit_kept"]
    for key in ("from", "until"):
        if as_date(mine[key]) != twins[key]:
            yield f"{name}.limit_kept.{key}: {mine[key]}, twin {twins[key]}"
    if not near(mine["share_of_days"], twins["share_of_days"], CENT):
        yield f"{name}.limit_kept.share_of_days: {mine['share_of_days']}, twin {twins['share_of_days']}"
    for path, twins in want["above_limit_usd"].items():
        if not near(got["above_limit_usd"][path], twins):
            yield f"{name}.above_limit_usd.{path}: {got['above_limit_usd'][path]}, twin {twins}"


def _break_even(name: str, got: dict[str, Any], want: dict[str, Any]) -> Iterator[str]:
    """A moment that falls on midnight may round to either day."""
    mine, twins = as_date(got["break_even"]), want["break_even"]
    days_apart = 0 if mine == twins else 999 if mine is None or twins is None else abs((mine - twins).days)
    if days_apart > 1:
        yield f"{name}.break_even: {mine}, twin {twins}"
    mine, twins = got["payback_months"], want["payback_months"]
    if (mine is None) != (twins is None) or (twins is not None and abs(mine - twins) > 0.001):
        yield f"{name}.payback_months: {mine}, twin {twins}"


def _verdict(got: dict[str, Any], want: dict[str, Any], candidates: dict[str, Any]) -> Iterator[str]:
    if got["candidate"] != want["candidate"] and _alike(candidates, got["candidate"], want["candidate"]):
        return
    for key in VERDICT:
        if plain_verdict(got[key]) != want[key]:
            yield f"verdict.{key}: {got[key]}, twin {want[key]}"
    if not near(got["in_time_costs_usd"], want["in_time_costs_usd"]):
        yield f"verdict.in_time_costs_usd: {got['in_time_costs_usd']}, twin {want['in_time_costs_usd']}"
    yield from _span(got["as_good"], want["as_good"])


def _span(got: dict[str, Any] | None, want: dict[str, Any] | None) -> Iterator[str]:
    """How far the best start may be moved."""
    same = (got is None) == (want is None)
    if same and got is not None and want is not None:
        same = all(as_date(got[end]) == want[end] for end in ("from", "to")) and near(got["usd"], want["usd"])
    if not same:
        yield f"verdict.as_good: {got}, twin {want}"


def _alike(candidates: dict[str, Any], one: str | None, other: str | None) -> bool:
    """Whether two candidates cost the same but for rounding, so that either may be named."""
    if one not in candidates or other not in candidates:
        return False
    return all(near(candidates[one][key], candidates[other][key]) for key in MONEYS)


def _month(got: dict[str, Any], want: dict[str, Any], stay: float) -> Iterator[str]:
    for key, twins in want.items():
        mine = got[key]
        if key == "month":
            same = str(mine)[:7] == twins
        elif mine is None or twins is None:
            same = mine is twins or (twins is not None and math.isinf(twins))
        elif key.endswith("_usd") and "per_1000" not in key:
            same = near(mine, twins, max(abs(twins), MONEY * stay))
        elif key.endswith("_share"):
            same = _alike_shares(mine, twins)
        elif key == "pressure":
            same = math.isinf(twins) or math.isclose(mine, twins, rel_tol=MONEY, abs_tol=1e-9)
        else:
            same = near(mine, twins)
        if not same:
            yield f"monthly {want['month']} {key}: {mine}, twin {twins}"


def compare(scenario: Scenario) -> None:
    want = tick(scenario)
    found = [*differences(product(scenario), want), *unsound(scenario, want)]
    assert not found, "\n  ".join([describe(scenario), *found[:25]])


def unsound(scenario: Scenario, want: dict[str, Any]) -> Iterator[str]:
    """What of the twin's answer does not hold in every world."""
    stay = sum(row["stay_usd"] for row in want["monthly"])
    for name, it in want["base"]["candidates"].items():
        paid = sum(row[f"{name}_usd"] for row in want["monthly"])
        kept = it["limit_kept"]["share_of_days"]
        never = scenario.decision.policy == "never" and scenario.candidates[name].project.started is None
        holds = {
            "total_usd is paid": paid == pytest.approx(it["total_usd"], rel=1e-9, abs=1e-6),
            "npv_saving_usd is the difference": scenario.decision.discount_rate_per_year != 0
            or it["npv_saving_usd"] == pytest.approx(stay - paid, rel=1e-9, abs=1e-6 * (1 + abs(stay))),
            "break_even after the start": it["break_even"] is None
            or it["break_even"] >= max(it["project_start"], scenario.start),
            "limit_again after cutover": it["limit_again"] is None or it["limit_again"] > it["cutover"],
            "limit_kept is a share": kept is None or 0 <= kept <= 1,
            "irr of what is spent": it["irr"] is None or (it["irr"] > 0 and it["peak_cash_usd"] > 0),
            "never is never": not never or it["cutover"] is it["break_even"] is it["peak_replicas"] is None,
        }
        yield from (f"twin, {name}: {what} does not hold" for what, true in holds.items() if not true)


@pytest.mark.parametrize("name", BOUNDARY)
def test_on_an_edge(name: str) -> None:
    compare(BOUNDARY[name])


@given(scenarios())
@settings(
    max_examples=EXAMPLES,
    phases=PHASES,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.large_base_example],
)
def test_in_drawn_worlds(scenario: Scenario) -> None:
    compare(scenario)


@given(own_scenarios())
@settings(
    max_examples=EXAMPLES,
    phases=PHASES,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.large_base_example],
)
def test_with_another_current_route(scenario: Scenario) -> None:
    compare(scenario)
