"""Every equation has a golden case: worked out by hand, with the arithmetic in sight.

`docs/model.md` says which function computes which equation. A case names the functions that it holds; the last test
here fails for an equation without a case, and for a function of the modules below that is in neither list.
"""

from __future__ import annotations

import importlib
import inspect
from collections.abc import Callable
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path
from typing import TypeVar

import numpy as np
import pytest
from scipy.integrate import quad, solve_ivp
from scipy.optimize import brentq

from switchpoint import finance
from switchpoint.decision import cash, start_search
from switchpoint.decision.case import simulate
from switchpoint.decision.policies import Deadlines, ahead, day_after, deadlines_of
from switchpoint.decision.started_candidate import RunningCost
from switchpoint.decision.verdict import (
    PlanFacts,
    advise_plan,
    bridge_plan,
    deadlines,
    live_if_started_today,
    never_complete,
    pick,
    too_short,
)
from switchpoint.finance import Sums
from switchpoint.horizon import MONTH_DAYS, NEVER, STAY, Horizon, add_months, horizon_of
from switchpoint.readiness import experiments
from switchpoint.scenario.candidates import Fleet
from switchpoint.scenario.project import Project, Training
from switchpoint.scenario.routes import Commitment
from switchpoint.scenario.uncertain import Choice, Pert, Range
from switchpoint.scenario.usage import Growth, Usage
from switchpoint.simulation import capacity, limits, prices, schedule, usage
from switchpoint.simulation.chance import Expected, ExpectedTrial, Shock
from switchpoint.simulation.deferrable import (
    KeptHours,
    Offers,
    enough_all_day,
    extra_hours,
    gpus_paid,
    most_at_once,
    paid_for,
    worthwhile_hours,
)
from switchpoint.simulation.fleet import FleetCosts
from switchpoint.simulation.plan_costs import (
    capital_until,
    covered_share,
    ends_for_good,
    first_cutover,
    last_cutover,
    nest_shares,
    plan_costs,
    plan_left,
    running_plan,
    term_end,
)
from switchpoint.simulation.present_cost import present_cost_of_starts
from switchpoint.simulation.project import rehearse
from switchpoint.simulation.sizing import Serverless, Sizes, Sizing
from switchpoint.simulation.switch_costs import running_bill, running_cost, shares
from switchpoint.warning import plain
from tests.small_worlds import API, growing, priced, result, scenario, with_candidates

MODULES = (
    "simulation.usage",
    "finance",
    "simulation.prices",
    "simulation.fleet",
    "simulation.sizing",
    "simulation.deferrable",
    "simulation.schedule",
    "simulation.capacity",
    "simulation.present_cost",
    "simulation.limits",
    "simulation.plan_costs",
    "warning.plain",
    "warning.weeks",
    "warning.chances",
    "warning.monitor",
    "decision.candidate_result",
    "decision.start_dates",
    "decision.start_search",
    "decision.started_candidate",
    "decision.cash",
    "decision.verdict",
    "readiness.experiments",
)
"""Where equations live."""

BESIDE = {
    "decision.started_candidate.limit_kept_by",
    "decision.cash.rows_of",
    "decision.verdict.answers",
    "simulation.capacity.across",
    "simulation.capacity.active_params_billion",
    "simulation.capacity.architecture",
    "simulation.capacity.as_sold",
    "simulation.capacity.capacity_by_day",
    "simulation.capacity.max_context",
    "simulation.capacity.node_size",
    "simulation.capacity.question",
    "simulation.capacity.rent_per_hour",
    "simulation.capacity.rented_as",
    "simulation.capacity.request_seconds",
    "simulation.capacity.spread_of",
    "simulation.capacity.tokens_of",
    "simulation.capacity.tokens_of_each",
    "simulation.plan_costs.carried_shares",
    "simulation.plan_costs.summed_entries",
    "simulation.plan_costs.summed_overflow",
    "simulation.prices.counted_changes",
    "simulation.prices.listed_price",
    "simulation.prices.listed_prices",
    "simulation.prices.stated_twice",
    "simulation.schedule.schedule_of_worlds",
    "warning.chances.prior",
    "warning.monitor.monitor",
}
"""Functions that stand in the same files and put together what equations say."""

EQUATIONS = [
    "simulation.usage.compound",
    "simulation.usage.logistic",
    "simulation.usage.bass",
    "simulation.usage.curve",
    "simulation.usage.trend",
    "simulation.usage.level",
    "simulation.usage.traffic",
    "simulation.usage.planned_requests",
    "simulation.usage.planned_points",
    "simulation.usage.weekday_factors",
    "simulation.usage.hour_weights",
    "simulation.usage.paid_hours",
    "simulation.usage.revenue_per_month",
    "finance.trailing_mean",
    "finance.discount_factors",
    "finance.per_month",
    "finance.straight_line",
    "finance.replacements",
    "finance.break_even",
    "finance.peak_cash",
    "finance.internal_rate",
    "finance.BreakEven.payback_months",
    "simulation.prices.tariff",
    "simulation.prices.price_factors",
    "simulation.prices.price_events",
    "simulation.prices.bill",
    "simulation.prices.retirements",
    "simulation.prices.migration",
    "simulation.prices.settle",
    "simulation.prices.beyond_context",
    "simulation.sizing.Sizing.levels",
    "simulation.sizing.Sizing.load_now",
    "simulation.sizing.Sizing.kept_replicas",
    "simulation.sizing.Sizing.sizes",
    "simulation.sizing.Sizes.outgrown_from",
    "simulation.sizing.Sizing.set_by_minimum",
    "simulation.deferrable.gpus_paid",
    "simulation.sizing.Serverless.while_one_is_enough",
    "simulation.sizing.Serverless.at",
    "simulation.deferrable.extra_hours",
    "simulation.deferrable.worthwhile_hours",
    "simulation.deferrable.paid_for",
    "simulation.deferrable.most_at_once",
    "simulation.deferrable.enough_all_day",
    "simulation.fleet.FleetCosts.rent",
    "simulation.fleet.FleetCosts.power_per_day",
    "simulation.fleet.FleetCosts.powered_gpus",
    "simulation.fleet.FleetCosts.reserved_per_day",
    "simulation.fleet.FleetCosts.owed_after",
    "simulation.fleet.FleetCosts.owned_gpus",
    "simulation.fleet.FleetCosts.serving",
    "simulation.fleet.FleetCosts.rent_of_days",
    "simulation.fleet.FleetCosts.amortisation",
    "simulation.fleet.FleetCosts.capital",
    "simulation.fleet.FleetCosts.other_per_day",
    "simulation.schedule.whole_days",
    "simulation.schedule.own_day",
    "simulation.schedule.Labelling.needed_examples",
    "simulation.schedule.Labelling.sums",
    "simulation.schedule.Labelling.before",
    "simulation.schedule.Labelling.complete",
    "simulation.schedule.Labelling.daily",
    "simulation.schedule.Expectation.recruiting",
    "simulation.schedule.Planner.staged_schedule",
    "simulation.schedule.people_paid",
    "simulation.schedule.overlap",
    "simulation.schedule.later",
    "simulation.schedule.Planner.schedule",
    "simulation.capacity.training_tokens",
    "simulation.capacity.gpu_hours",
    "simulation.capacity.iteration_usd",
    "finance.Sums.between",
    "finance.Sums.rising",
    "simulation.present_cost.present_cost_of_starts",
    "simulation.switch_costs.shares",
    "simulation.switch_costs.running_cost",
    "simulation.switch_costs.running_bill",
    "simulation.limits.BillLimits.of",
    "simulation.limits.BillLimits.trailing",
    "simulation.limits.BillLimits.monthly",
    "simulation.limits.pressure",
    "simulation.limits.ratio",
    "simulation.limits.is_reached",
    "simulation.limits.threat",
    "simulation.limits.lasts",
    "simulation.limits.window",
    "warning.plain.weekly_sums",
    "warning.plain.weekly_ratios",
    "warning.plain.forecast",
    "warning.plain.months_to_limit",
    "warning.plain.Forecast.first_within",
    "decision.started_candidate.RunningCost.crossover",
    "decision.started_candidate.RunningCost.reverts",
    "decision.started_candidate.RunningCost.pressure",
    "decision.started_candidate.RunningCost.below_from",
    "decision.started_candidate.RunningCost.limit_again",
    "decision.started_candidate.RunningCost.is_remedy",
    "decision.started_candidate.RunningCost.cheaper_at_the_end",
    "decision.started_candidate.RunningCost.keeps_at_the_end",
    "decision.start_search.grid",
    "decision.start_search.latest_in_time",
    "decision.start_search.best_start",
    "decision.start_search.beats_staying",
    "decision.cash.cash_view",
    "decision.cash.first_year",
    "decision.cash.fiscal_periods",
    "decision.cash.waterfall",
    "decision.start_search.as_good",
    "decision.start_search.earlier",
    "decision.start_dates.StartDates.best",
    "decision.start_dates.StartDates.start_by",
    "decision.start_dates.StartDates.saving",
    "decision.start_dates.StartDates.present_cost",
    "decision.start_dates.StartDates.present_stay",
    "decision.verdict.judge",
    "decision.verdict.pick",
    "decision.verdict.live_if_started_today",
    "decision.verdict.too_short",
    "decision.verdict.never_complete",
    "decision.verdict.deadlines",
    "decision.policies.deadlines_of",
    "decision.policies.ahead",
    "decision.start_search.cheapest_start",
    "decision.policies.day_after",
    "decision.verdict.advise_plan",
    "decision.verdict.bridge_plan",
    "simulation.plan_costs.nest_shares",
    "simulation.plan_costs.covered_share",
    "simulation.plan_costs.ends_for_good",
    "simulation.plan_costs.plan_costs",
    "simulation.plan_costs.plan_left",
    "simulation.plan_costs.capital_until",
    "simulation.plan_costs.term_end",
    "simulation.plan_costs.running_plan",
    "simulation.plan_costs.first_cutover",
    "simulation.plan_costs.last_cutover",
    "readiness.experiments.chance_of_viable",
    "readiness.experiments.experiments_needed",
    "readiness.experiments.expected_experiments",
    "readiness.experiments.months_to_viable",
    "readiness.experiments.expected_best",
    "readiness.experiments.measured_odds",
    "readiness.experiments.share_interval",
    "simulation.chance.ExpectedTrial.passes",
    "scenario.uncertain.Range.base",
    "scenario.uncertain.Pert.base",
    "scenario.uncertain.Choice.base",
]

IN_TEST_CHANCES = "held to closed forms, simulated paths, or numbers by hand, in tests/test_warning_chances.py"
IN_TEST_WANDER = "held to closed forms in tests/test_usage_wander.py"
NOT_EQUATIONS = {
    "simulation.deferrable.unless_tiny": "leaves rounding errors out",
    "simulation.usage.wander_factors": IN_TEST_WANDER,
    "simulation.usage.wander_of": IN_TEST_WANDER,
    "simulation.usage.wander_lift": IN_TEST_WANDER,
    "warning.weeks.weekly_facts": IN_TEST_CHANCES,
    "warning.weeks.fit_lines": IN_TEST_CHANCES,
    "warning.weeks.line_chance": IN_TEST_CHANCES,
    "warning.chances.passage_chance": IN_TEST_CHANCES,
    "warning.chances.exact_chance": IN_TEST_CHANCES,
    "warning.chances.chances": IN_TEST_CHANCES,
    "warning.chances.chances_from": IN_TEST_CHANCES,
    "warning.chances.collect_chances": IN_TEST_CHANCES,
    "warning.chances.calibrate": IN_TEST_CHANCES,
    "warning.chances.line_trust": IN_TEST_CHANCES,
    "warning.chances.spread_of": IN_TEST_CHANCES,
    "warning.chances.level_outlook": "held to numbers by hand, in tests/test_own_fit.py",
    "warning.monitor.steady_chances": IN_TEST_CHANCES,
    "warning.chances.open_mondays": IN_TEST_CHANCES,
    "warning.chances.find_states": IN_TEST_CHANCES,
    "warning.chances.first_warning": IN_TEST_CHANCES,
    "finance.break_even_moments": "what break_even says, of many at once",
    "finance.rates_of_return": "what internal_rate says, of many at once",
    "decision.started_candidate.started_days": "picks a day out of a schedule; held to the twin with policy staged",
    "warning.plain.mondays": "the Mondays that weekly_sums begins its weeks with",
    "decision.started_candidate.beside_staying": "puts both paths beside each other; held in test_current_route",
    "decision.candidate_result.capacity_basis": "words",
    "simulation.prices.no_tariff": "all zeros",
    "decision.started_candidate.one_off_usd": "what Course.one_off says, of many at once",
    "decision.start_search.start_by_day": "what earlier says, of many at once",
    "decision.start_search.searched_starts": "the grid, or the start of a project under way",
    "simulation.deferrable.sold_together": "what gpus_paid packs by; gpus_paid is held",
    "simulation.schedule.paid_throughout": "says which of two rules of pay holds; people_paid is held for both",
    "simulation.schedule.waits_for_any": "says whether anything is awaited; people_paid is held with and without",
    "simulation.prices.retirement": "looks a date up",
    "simulation.prices.retires_on": "looks a date up",
    "simulation.usage.read_daily": "reads a file",
    "simulation.usage.refuse_absurd": "refuses, and computes nothing; held in tests/test_montecarlo.py",
}

COVERED: set[str] = set()
Test = TypeVar("Test", bound=Callable[..., None])
approx = pytest.approx


def golden(*names: str) -> Callable[[Test], Test]:
    """The equations that a case holds."""
    COVERED.update(names)
    return lambda test: test


T0 = date(2027, 1, 1)  # a Friday
NOW = {"decision": {"policy": "now"}}
YEAR = horizon_of(T0, 12)


def days(*values: float) -> np.ndarray:
    return np.array(values, dtype=float)


# Uncertain quantities ------------------------------------------------------------------------------------------------


@golden("scenario.uncertain.Range.base", "scenario.uncertain.Pert.base", "scenario.uncertain.Choice.base")
def test_base_values_are_medians() -> None:
    assert Range(0.04, 0.09).base == approx(0.06)  # sqrt(0.0036)
    assert Range(-0.3, 0.1).base == approx(-0.1)  # (-0.3 + 0.1)/2
    assert Pert(2, 6, 10).base == approx(6)  # symmetric
    # Mode at the low end: beta(1, 5), median 1 - 0.5^(1/5).
    assert Pert(0, 0, 1).base == approx(1 - 0.5**0.2)
    assert Choice((0.2, 0.5, 0.8, 1.5), (1, 2, 2, 1)).base == 0.5  # the first of the heaviest


@golden("simulation.chance.ExpectedTrial.passes")
def test_an_iteration_passes_once_the_odds_reach_one_half() -> None:
    diagnosed = ExpectedTrial((0.35, 0.5, 0.6), advances=True)
    assert not diagnosed.passes()  # 1 - 0.65 = 0.35
    diagnosed.intervene()
    assert diagnosed.passes()  # 1 - 0.65 x 0.5 = 0.675
    undiagnosed = ExpectedTrial((0.2, 0.9), advances=False)
    outcomes = []
    for _ in range(4):  # 1 - 0.8^n: 0.2, 0.36, 0.488, 0.5904
        outcomes.append(undiagnosed.passes())
        undiagnosed.intervene()
    assert outcomes == [False, False, False, True]


# Usage and revenue ---------------------------------------------------------------------------------------------------


@golden("simulation.usage.compound")
def test_compound() -> None:
    assert usage.compound(1000, 0.1, 0, days(0, 1, 2)) == approx(days(1000, 1100, 1210))


@golden("simulation.usage.compound")
def test_compound_with_fade() -> None:
    """The monthly rate shrinks by half each month: growth factors are 1.1^(integral of 0.5^t), (1 - 0.5^t)/ln 2."""
    grown = usage.compound(1000, 0.1, 0.5, days(0, 1, 2, 1e3))
    expected = [1000 * 1.1**power for power in (0, 0.5 / np.log(2), 0.75 / np.log(2), 1 / np.log(2))]
    assert grown == approx(np.array(expected))
    # The rate itself, d ln R/dt, is ln(1.1)·0.5^t.
    near = np.log(usage.compound(1000, 0.1, 0.5, days(2 - 1e-5, 2 + 1e-5)))
    assert (near[1] - near[0]) / 2e-5 == approx(np.log(1.1) / 4, rel=1e-6)


@golden("simulation.usage.logistic")
def test_logistic() -> None:
    """From 1,000 towards 4,000 with k = ln 3, so r = e^(k·(1 - 1/4)) - 1: 4,000/(1 + 3/3^t)."""
    rate = 3**0.75 - 1
    grown = usage.logistic(1000, rate, 4000, days(0, 1, 2, 3, 200))
    assert grown == approx(days(1000, 4000 / 2, 4000 / (1 + 1 / 3), 4000 / (1 + 1 / 9), 4000))


@golden("simulation.usage.logistic")
def test_logistic_at_and_above_its_ceiling() -> None:
    assert usage.logistic(4000, 0.1, 4000, days(0, 5)) == approx(days(4000, 4000))
    # 8,000 above 4,000: |k| = ln(1.25)/|1 - 2|, so 4,000/(1 - 0.5/1.25^t); it falls to the ceiling.
    fallen = usage.logistic(8000, 0.25, 4000, days(0, 1, 200))
    assert fallen == approx(days(8000, 4000 / (1 - 0.5 / 1.25), 4000))
    assert usage.logistic(8000, -0.2, 4000, days(1)) == approx(4000 / (1 - 0.5 * 0.8))  # |ln 0.8| = ln 1.25


@golden("simulation.usage.bass")
@pytest.mark.parametrize(("level", "p", "q"), [(0.0, 0.03, 0.38), (120.0, 0.01, 0.4), (120.0, 0.05, 0.0)])
def test_bass_solves_its_equation(level: float, p: float, q: float) -> None:
    months, market_size = np.linspace(0, 36, 19), 1000.0

    def slope(_: float, r: np.ndarray) -> np.ndarray:
        return (p + q * r / market_size) * (market_size - r)

    numeric = solve_ivp(slope, (0, 36), [level], t_eval=months, rtol=1e-10, atol=1e-9).y[0]
    assert usage.bass(level, p, q, market_size, months) == approx(numeric, rel=1e-7)


@golden("simulation.usage.bass")
def test_bass_without_innovation_is_logistic_and_ends_with_its_market() -> None:
    # p = 0: R = M/(1 + (M/R0 - 1)·e^(-qt)); with q = ln 3, R0 = M/4, t = 1: M/(1 + 3/3).
    assert usage.bass(250, 0, np.log(3), 1000, days(1)) == approx(500)
    assert usage.bass(1000, 0.1, 0.1, 1000, days(0, 9)) == approx(days(1000, 1000))
    assert usage.bass(0, 0, 0.4, 1000, days(0, 9)) == approx(days(0, 0))  # nobody to imitate


@golden("simulation.usage.curve")
def test_curves_by_name() -> None:
    months = days(0, 1, 2)
    assert usage.curve(Growth(), 500, months, T0) == approx(days(500, 500, 500))
    assert usage.curve(Growth(curve="linear", per_month=40), 500, months, T0) == approx(days(500, 540, 580))
    assert usage.curve(Growth(curve="linear", per_month=-300), 500, months, T0) == approx(days(500, 200, 0))
    assert usage.curve(Growth(curve="compound", per_month=0.1), 500, months, T0) == approx(days(500, 550, 605))
    table = {"curve": "logistic", "per_month": 3**0.75 - 1, "ceiling": 4000}
    assert usage.curve(Growth.model_validate(table), 1000, months, T0) == approx(days(1000, 2000, 3000))
    table = {"curve": "bass", "innovation": 0.0, "imitation": float(np.log(3)), "market": 1000}
    assert usage.curve(Growth.model_validate(table), 250, months, T0) == approx(days(250, 500, 750))


@golden("simulation.usage.trend", "simulation.usage.level", "simulation.usage.curve")
def test_a_history_is_a_line_through_the_logs_of_whole_weeks(tmp_path: Path) -> None:
    """Ten whole weeks before a Friday start, flat within each, on 900·1.2^t at their middles: read back exactly."""
    monday = date(2026, 10, 19)
    lines = ["date,requests"]
    for day in range(70):
        middle = (monday - T0).days + 7 * (day // 7) + 3.5
        lines.append(f"{monday + timedelta(days=day)},{900 * 1.2 ** (middle / MONTH_DAYS)!r}")
    file = tmp_path / "usage.csv"
    file.write_text("\n".join([*lines, "2026-12-28,5", ""]))  # the last week is not whole, so it does not count
    assert usage.trend(str(file), T0) == approx((900, 0.2))
    world = Usage.model_validate(
        {"input_tokens": 1, "output_tokens": 1, "growth": {"curve": "history", "file": str(file)}}
    )
    assert usage.level(world, YEAR) == approx(900)
    assert usage.curve(world.growth, 1000, days(1), T0) == approx(1200)
    assert usage.level(Usage(requests_per_day=1000, input_tokens=1, output_tokens=1), YEAR) == 1000


@golden("simulation.usage.planned_requests", "simulation.usage.planned_points", "simulation.usage.level")
def test_a_plan_is_straight_lines_from_noon_to_noon() -> None:
    points = [["2027-01-03", 100], ["2027-01-13", 200]]
    world = Usage.model_validate({"input_tokens": 1, "output_tokens": 1, "growth": {"curve": "plan", "points": points}})
    noon = (np.array([0, 2, 7, 12, 40]) + 0.5) / MONTH_DAYS
    read = usage.planned_points(world.growth)
    assert usage.planned_requests(read, noon, T0) == approx(days(100, 100, 150, 200, 200))
    assert usage.curve(world.growth, 7, noon, T0) == approx(days(100, 100, 150, 200, 200))
    assert usage.level(world, YEAR) == 100


@golden("simulation.usage.paid_hours")
def test_hours_that_prices_are_weighted_by() -> None:
    flat = Usage(requests_per_day=1, input_tokens=1, output_tokens=1)
    assert usage.paid_hours(flat) is None
    lunch = flat.model_copy(update={"hourly_profile": (0.0,) * 12 + (3.0, 1.0) + (0.0,) * 10})
    assert usage.paid_hours(lunch) == approx((0.0,) * 12 + (0.75, 0.25) + (0.0,) * 10)


@golden("simulation.usage.weekday_factors", "simulation.usage.hour_weights")
def test_profiles_are_relative_to_their_mean() -> None:
    world = Usage.model_validate(
        {
            "requests_per_day": 1,
            "input_tokens": 1,
            "output_tokens": 1,
            "weekday_profile": [1, 1, 1, 1, 1, 0.4, 0.3],
            "hourly_profile": "office",
        }
    )
    mean = 5.7 / 7
    assert usage.weekday_factors(world) == approx(days(*[1 / mean] * 5, 0.4 / mean, 0.3 / mean))
    # The office day's weights sum to 209; 18 of them fall in the hour from 9.
    weights = usage.hour_weights(world)
    assert weights[9] == approx(18 / 209)
    assert weights.sum() == approx(1)


@golden("simulation.usage.traffic")
def test_traffic_of_a_day() -> None:
    """Sunday 10 January 2027, d = 9: growth x weekday x events in force; prompts creep; an unlikely one is not."""
    world = Usage.model_validate(
        {
            "requests_per_day": 1000,
            "input_tokens": 2400,
            "output_tokens": 350,
            "token_growth_per_month": 0.01,
            "weekday_profile": [1, 1, 1, 1, 1, 0.4, 0.3],
            "growth": {"curve": "compound", "per_month": 0.1},
            "events": [
                {"date": "2027-01-05", "factor": 1.4, "probability": 0.5},
                {"date": "2027-01-05", "factor": 9.0, "probability": 0.49},
                {"date": "2026-12-01", "factor": 2.0},
                {"date": "2027-01-11", "factor": 7.0},
            ],
        }
    )
    flow = usage.traffic(world, YEAR, Expected())
    t = 9.5 / 30.4375
    assert flow.requests[9] == approx(1000 * 1.1**t * 0.3 / (5.7 / 7) * 1.4 * 2)
    assert flow.input_tokens[9] == approx(2400 * 1.01**t)
    assert flow.output_tokens[9] == approx(350 * 1.01**t)


@golden("simulation.usage.revenue_per_month")
def test_revenue() -> None:
    world = scenario(
        {"revenue": {"usd_per_month": 90_000, "growth_per_month": 0.02, "usd_per_1000_requests": 2}},
        {"limit": {"share_of_revenue": 0.15}},
    )
    flow = usage.traffic(world.usage, YEAR, Expected())
    revenue = usage.revenue_per_month(world.revenue, flow, YEAR)
    # 10,000 requests a day at $2 a thousand are $20 a day, 608.75 a month.
    assert revenue[100] == approx(90_000 * 1.02 ** (100.5 / 30.4375) + 608.75)


# Money over time -----------------------------------------------------------------------------------------------------


@golden("finance.trailing_mean", "finance.per_month")
def test_trailing_mean() -> None:
    """Of the amounts 0, 1, 2, …: before day 27 the mean of 0-27 is 13.5; on day 30 that of 3-30 is 16.5."""
    means = finance.trailing_mean(np.arange(60.0))
    assert means[[0, 5, 27, 28, 30, 59]] == approx(days(13.5, 13.5, 13.5, 14.5, 16.5, 45.5))
    assert finance.trailing_mean(np.arange(5.0)) == approx(days(2, 2, 2, 2, 2))
    assert finance.per_month(days(10)) == approx(304.375)


@golden("finance.discount_factors")
def test_discount_factors() -> None:
    factors = finance.discount_factors(horizon_of(T0, 60), 0.1)
    assert factors[0] == 1
    assert factors[1461] == approx(1.1**-4)  # 4 x 365.25 days


@golden("finance.straight_line", "finance.replacements")
def test_a_gpu_loses_its_value_in_a_straight_line_and_is_replaced() -> None:
    # 36 months are 1,095.75 days; after 365.25 of them a third is gone; the last fifth is never lost.
    worth = finance.straight_line(9000, days(0, 365.25, 1000, 5000), 36, 0.2)
    assert worth == approx(days(9000, 6000, 1800, 1800))
    assert finance.replacements(36, 3000) == [1095, 2191]  # floor of 1,095.75 and 2,191.5; 3,287 is beyond
    assert finance.replacements(36, 2191) == [1095]


def project(build: float, run: float, since: int, span: int = 40) -> np.ndarray:
    """Dollars a day beside a stay cost of 10: building until a day, running from it on."""
    return np.where(np.arange(span) < since, build, run).astype(float)


@golden("finance.break_even", "finance.BreakEven.payback_months")
def test_break_even_inside_a_day() -> None:
    stay, none = np.full(40, 10.0), np.zeros(40)
    # Ten days at $2 more make 20; then 6 a day come back: 20/6 = 3.33 days after day 10.
    found = finance.break_even(project(12, 4, 10), none, stay, 0, 0)
    assert found.moment == approx(10 + 20 / 6)
    assert found.day == 13
    assert found.payback_months(0) == approx((10 + 20 / 6) / 30.4375)
    # $30 of capital fall at the start of day 10: 50/6 days.
    capital = none.copy()
    capital[10] = 30
    assert finance.break_even(project(12, 4, 10), capital, stay, 0, 0).moment == approx(10 + 50 / 6)


@golden("finance.break_even", "finance.peak_cash", "finance.internal_rate")
def test_what_is_paid_twice_breaks_even_the_second_time() -> None:
    """$10 a day to stay, $4 with the project; $60 fall due on day 0, earned back in ten days, and $90 on day 20."""
    stay, flow, capital = np.full(40, 10.0), np.full(40, 4.0), np.zeros(40)
    capital[[0, 20]] = 60.0, 90.0
    assert finance.break_even(flow, capital, stay, 0, 0).moment == approx(25)  # 60 ahead when 90 fall due: 30/6 days
    assert finance.peak_cash(flow, capital, stay) == (approx(54), 0)
    capital[39] = 100.0
    assert finance.break_even(flow, capital, stay, 0, 0).moment == np.inf
    rate, _ = finance.internal_rate(np.append(-100.0, np.zeros(730)) + np.append(np.zeros(730), 121.0), np.ones(731))
    assert rate == approx(1.21 ** (365.25 / 730) - 1)
    assert finance.internal_rate(np.ones(9), np.ones(9)) == (None, finance.NO_SUM_AT_RISK)
    assert finance.internal_rate(np.append(-9.0, np.ones(5)), np.ones(6)) == (None, finance.NOT_EARNED_BACK)
    assert finance.internal_rate(np.array([-1.0, 2, -2, 2]), np.ones(4)) == (None, finance.AGAIN)
    assert finance.peak_cash(flow * 0, np.zeros(40), stay) == (0.0, NEVER)


@golden(
    "decision.cash.fiscal_periods", "decision.cash.cash_view", "decision.cash.waterfall", "decision.cash.first_year"
)
def test_cash_of_a_year_that_begins_in_july() -> None:
    """$10 a day to stay, $5 with the candidate, and $1,000 on the first day, over the 546 days from January 2027 on."""
    cheap = {"cheap": {**API, "project": {"usd_one_off": 1000.0}}}
    told = result({"months": 18, "decision": {"policy": "now", "fiscal_year_starts": 7}, "candidates": cheap})
    outlook = told.case.outlooks[0]
    assert cash.fiscal_periods(outlook.clock, "year", 7).names == ("FY 2026/27", "FY 2027/28")
    year = cash.cash_view(outlook, "year")
    assert year.net == approx(np.array([181 * 5 - 1000, 366 * 5]))
    assert year.cumulative == approx(np.array([-95, 1735]))
    assert cash.first_year(outlook.clock) == 365
    assert [step.usd for step in cash.waterfall(outlook, 365)] == approx([3650, 0, 3650, -1825, -1000, 825])


@golden("finance.break_even")
def test_break_even_from_the_first_spend_or_at_once_or_never() -> None:
    stay, none = np.full(40, 10.0), np.zeros(40)
    # Started on day 5, with labelling from day 0: the same dollars, counted from the first of them.
    early = finance.break_even(project(12, 4, 10), none, stay, 5, 0)
    assert early.moment == approx(10 + 20 / 6)
    assert early.payback_months(5) == approx((5 + 20 / 6) / 30.4375)
    # Counted from day 5 only 10 have been spent.
    assert finance.break_even(project(12, 4, 10), none, stay, 5, 5).moment == approx(10 + 10 / 6)
    # Nothing to pay back: the first day that saves.
    assert finance.break_even(project(10, 4, 7), none, stay, 2, 2).moment == 7
    assert finance.break_even(project(12, 9.9, 10), none, stay, 0, 0).day == NEVER
    assert finance.break_even(project(10, 10, 0), none, stay, 0, 0).payback_months(0) is None


# Market and settlement -----------------------------------------------------------------------------------------------


@golden("simulation.prices.tariff", "simulation.prices.price_factors", "simulation.prices.price_events")
def test_cost_of_a_request() -> None:
    """Retries, cached and written input, batch discount, drift and a dated cut, on one day."""
    world = scenario(
        {"usage": {"input_tokens": 2400, "output_tokens": 350, "cached_input_share": 0.35}},
        {
            "current": {
                "usd_per_mtok": {"input": 0.75, "cached_input": 0.075, "cache_write": 0.9, "output": 4.5},
                "cache_write_share": 0.05,
                "retry_share": 0.03,
                "batch_share": 0.2,
                "batch_discount": 0.5,
                "price_change_per_year": -0.3,
                "usd_per_month": 30.4375,
                "price_changes": [
                    {"date": "2027-02-01", "factor": 0.6},
                    {"date": "2027-02-01", "factor": 0.1, "probability": 0.4},
                    {"date": "2030-01-01", "factor": 0.1},
                ],
            }
        },
    )
    case = simulate(world)
    tariff, d = case.setting.current, 40
    assert prices.price_events(world.current, case.clock, Expected()) == [Shock(31, 0.6)]
    factor = 0.6 * 0.7 ** (40.5 / 30.4375 / 12)
    assert prices.price_factors(world.current, case.clock, Expected())[d] == approx(factor)
    scale = 1.03 * (1 - 0.2 * 0.5) * factor / 1e6
    assert tariff.input[d] == approx(2400 * 0.60 * 0.75 * scale)  # 1 - 0.35 - 0.05
    assert tariff.cached[d] == approx(2400 * (0.35 * 0.075 + 0.05 * 0.9) * scale)
    assert tariff.output[d] == approx(350 * 4.5 * scale)
    assert tariff.usd_per_day == approx(1.0)
    assert case.stay[d] == approx(10_000 * tariff.per_request[d] + 1)


@golden("simulation.prices.retirements", "simulation.prices.migration")
@pytest.mark.parametrize(("when", "day"), [("2027-02-01", 31), ("2026-06-30", 0)])
def test_a_retired_model_is_moved_from_while_its_route_is_in_use(when: str, day: int) -> None:
    leaving = {"retires_on": when, "usd_per_migration": 700.0, "migration_price_factor": 1.3}
    half = {"kind": "api", "usd_per_mtok": {"input": 0.5, "output": 0.5}, **leaving, "usd_per_migration": 90.0}
    moved = {"current": leaving, "candidates": {"half": {**half, "project": {"shadow_days": 20, "ramp_days": 20}}}}
    case = simulate(scenario(moved, NOW))
    assert prices.retirements(case.scenario.current, case.clock, Expected()) == [Shock(day, 1.3)]
    assert prices.migration(case.scenario.current, case.clock, Expected())[day] == 700
    assert case.stay[day] == approx(10 * 1.3 + 700)
    assert case.stay[day + 1] == approx(10 * 1.3)
    assert case.bill[0] == approx((10 * day + 13 * (28 - day) if day < 28 else 280) / 28 * MONTH_DAYS)
    # In shadow on day 0, in the ramp on day 31 (11.5/20 moved): both routes are in use.
    cost = case.outlooks[0].cost_per_day[day]
    part = 0.0 if day == 0 else 11.5 / 20
    assert cost == approx(700 + 90 + 1.3 * (10 * (1 - part) + 5 * (part or 1)))


def test_a_retired_model_is_nobodys_business_once_its_route_is_left() -> None:
    leaving = {"retires_on": "2027-06-01", "usd_per_migration": 700.0}
    (half,) = simulate(scenario({"current": leaving}, NOW, with_candidates(half=API))).outlooks
    assert float(half.ledger.total.sum()) == approx(5 * 731)
    partly = {**API, "coverage": 0.9}
    (most,) = simulate(scenario({"current": leaving}, NOW, with_candidates(half=partly))).outlooks
    assert float(most.ledger.total.sum()) == approx(5.5 * 731 + 700)


TWO_SIZES = (Commitment(usd_per_month=300, discount=0.10), Commitment(usd_per_month=500, discount=0.20))


@golden("simulation.prices.settle")
@pytest.mark.parametrize(
    ("usd_per_day", "kept"),
    [
        (9.0, 1.0),  # 279 in January: below both sizes
        (10.0, 0.9),  # 310
        (16.0, 0.9),  # 496
        (17.0, 0.8),  # 527
    ],
)
def test_the_discount_is_that_of_the_highest_size_reached(usd_per_day: float, kept: float) -> None:
    left, missing = prices.settle(np.full(YEAR.days, usd_per_day), TWO_SIZES, YEAR)
    assert left[0] == approx(kept)
    assert missing.sum() == 0


@golden("simulation.prices.settle")
def test_part_of_a_month_is_compared_with_that_part_of_the_size() -> None:
    """From 16 January 16 of 31 days lie in the horizon: 16 x 9.7 = 155.2 reaches 300 x 16/31 = 154.8; 9.6 does not."""
    late = Horizon(date(2027, 1, 16), 60)
    for usd_per_day, kept in ((9.7, 0.9), (9.6, 1.0)):
        assert prices.settle(np.full(60, usd_per_day), TWO_SIZES[:1], late)[0][0] == kept
    # Counted from day 6, 22 January, on: the size of 10 days in 31.
    daily = np.where(late.day < 6, 0.0, 9.7)
    left, _ = prices.settle(daily[None], TWO_SIZES[:1], late, np.array([[6]]))
    assert left[0, 6] == 0.9  # 97 against 96.77


@golden("simulation.prices.settle")
def test_take_or_pay_owes_its_size_until_its_date() -> None:
    pledge = (Commitment(usd_per_month=500, discount=0.2, until=date(2027, 2, 15)),)
    _, missing = prices.settle(np.full(YEAR.days, 10.0), pledge, YEAR)
    assert missing[0] == approx((500 - 310) / 31)  # January: 310 billed, no discount
    assert missing[31] == approx((500 - 280) / 28)  # February begins before the date
    assert missing[59] == 0  # March does not
    left, missing = prices.settle(np.full(YEAR.days, 17.0), pledge, YEAR)
    assert (left[0], missing[0]) == (approx(0.8), approx((500 - 527 * 0.8) / 31))  # 421.60 after discount
    _, missing = prices.settle(np.zeros(YEAR.days), pledge, YEAR)
    assert missing[:31].sum() == approx(500)  # owed even by a route that nobody uses any more


@golden("simulation.prices.bill")
def test_a_bill_is_tokens_after_discount_and_what_does_not_follow_them() -> None:
    flat = np.full(YEAR.days, 1.0)
    tariff = prices.Tariff(flat * 0.001, flat * 0.0002, flat * 0.0005, 2.0, TWO_SIZES[:1])
    entries = prices.bill(tariff, flat * 10_000, flat > 0, YEAR)
    per_day = {component.name: daily[3] for component, daily in entries.items()}
    # 17 a day are 527 in January, so 10 % off; the fee of 2 is not discounted.
    assert per_day == approx({"API_INPUT": 9.0, "API_CACHED": 1.8, "API_OUTPUT": 4.5, "API_FLAT": 2.0})
    unused = prices.bill(tariff, flat * 0, flat < 0, YEAR)
    assert sum(daily.sum() for daily in unused.values()) == 0


@golden("simulation.prices.beyond_context")
def test_first_day_beyond_the_context() -> None:
    flow = usage.Traffic(np.ones(4), days(700, 800, 900, 1000), np.full(4, 200.0))
    terms = prices.RequestTerms(0, 0, 0, 0, input_factor=1.0, output_factor=0.5)
    assert prices.beyond_context(flow, terms, 1000) == 3  # 1,000 + 100; 900 + 100 still fits
    assert prices.beyond_context(flow, terms, None) == NEVER


# Fleet ---------------------------------------------------------------------------------------------------------------

PEAKED = np.array([0.02] * 8 + [0.08] * 8 + [0.025] * 8)
"""Eight quiet hours, eight busy ones, eight in between: 0.16 + 0.64 + 0.2 = 1."""


def sizing(fleet: dict[str, object], capacity_per_s: float = 1.0) -> Sizing:
    table = {"usd_per_gpu_hour": 1.0, "target_utilisation": 0.5, **fleet}
    return Sizing(Fleet.model_validate(table), PEAKED, np.full(YEAR.days, capacity_per_s))


@golden("simulation.sizing.Sizing.levels", "simulation.sizing.Sizing.load_now", "simulation.sizing.Sizing.sizes")
def test_an_hourly_fleet_looks_one_hour_ahead() -> None:
    """A replica at 1 request/s and 50 % carries 1,800 an hour. Of 200,000 a day the hours see 4,000, 16,000 and 5,000:
    ceil(2.22) = 3, ceil(8.89) = 9, ceil(2.78) = 3. Hours 7 to 15 need 9: the hour before the busy ones too."""
    fleet = sizing({})
    assert fleet.levels[0] == approx(days(0.02, 0.025, 0.08))
    assert list(fleet.levels[1]) == [7, 8, 9]  # 23 sees 0 next: 0.025 all the same
    requests = np.full(1, 200_000.0)
    assert fleet.load_now(requests, np.ones(1)) == approx(np.array([200_000 / 1800]))
    assert fleet.kept_replicas(requests, np.ones(1)) == approx(np.array([[3, 3, 9]]))
    sizes = fleet.sizes(requests, np.ones(1))
    assert sizes.replica_hours == approx(15 * 3 + 9 * 9)
    assert sizes.peak == 9
    # exactly one replica's 1,800: no second one
    assert fleet.kept_replicas(np.full(1, 22_500.0), np.ones(1))[0, 2] == 1


@golden("simulation.sizing.Sizing.levels", "simulation.sizing.Sizing.kept_replicas", "simulation.sizing.Sizing.sizes")
def test_daily_and_fixed_fleets_are_sized_for_the_peak() -> None:
    requests = np.full(1, 200_000.0)
    assert sizing({"scaling": "daily"}).sizes(requests, np.ones(1)).replica_hours == approx(24 * 9)
    fixed = sizing({"scaling": "fixed", "fixed_replicas": 4})
    four_all_day = Sizes(approx(days(96)), approx(days(4)), approx(days(96)), fits=np.array([False]))
    assert fixed.sizes(requests, np.ones(1)) == four_all_day  # nine are needed


@golden("simulation.deferrable.gpus_paid", "simulation.sizing.Sizing.sizes")
def test_replicas_are_packed_into_whole_nodes() -> None:
    """Replicas of 3 GPUs in nodes of 8, two in each: 3 take two nodes, 9 take five; 15 hours and nine."""
    fleet = sizing({"gpus_per_replica": 3, "gpus_per_node": 8})
    assert gpus_paid(fleet.fleet, days(0, 1, 2, 3, 9)) == approx(days(0, 8, 8, 16, 40))
    assert fleet.sizes(np.full(1, 200_000.0), np.ones(1)).gpu_hours == approx(15 * 16 + 9 * 40)
    assert gpus_paid(sizing({"gpus_per_replica": 12, "gpus_per_node": 8}).fleet, days(3)) == approx(days(48))


@golden(
    "simulation.sizing.Sizing.kept_replicas",
    "simulation.sizing.Sizing.sizes",
    "simulation.sizing.Sizing.set_by_minimum",
)
def test_minimum_and_spare_replicas_count_in_each_region() -> None:
    fleet = sizing({"min_replicas": 2, "spare_replicas": 1, "regions": 2})
    # At least 2 x 2, then 1 x 2 spare: 6 in 15 hours, 9 + 2 in nine.
    assert fleet.kept_replicas(np.full(1, 200_000.0), np.ones(1)) == approx(np.array([[6, 6, 11]]))
    # At 60,000 a day the busiest hour needs ceil(4,800/1,800) = 3, fewer than 4; at 80,000 it is 4.
    requests = np.where(YEAR.day < 100, 60_000.0, 80_000.0)
    assert fleet.set_by_minimum(requests).sum() == 100


def outgrown(fleet: Sizing, requests: np.ndarray) -> int:
    return fleet.sizes(requests, fleet.capacity).outgrown_from


@golden("simulation.sizing.Sizing.kept_replicas", "simulation.sizing.Sizes.outgrown_from")
def test_a_capped_fleet_is_outgrown_once_load_needs_more() -> None:
    fleet = sizing({"max_replicas": 9, "spare_replicas": 2})
    assert fleet.kept_replicas(np.full(1, 200_000.0), np.ones(1))[0, 2] == 9  # spare ones lend a hand
    growing = 200_000.0 + 100 * YEAR.day  # 0.08 of it exceeds 9 x 1,800 = 16,200 from 202,500 on
    assert outgrown(fleet, growing) == 26
    assert outgrown(sizing({"scaling": "fixed", "fixed_replicas": 9}), growing) == 26
    assert outgrown(sizing({}), growing) == NEVER


def waiting(share: float, **fleet: object) -> Sizing:
    """One replica carries 100 requests an hour; so many of the requests can wait, the rest comes evenly."""
    stated = Fleet.model_validate({"usd_per_gpu_hour": 1.0, "target_utilisation": 1.0, **fleet})
    return Sizing(stated, np.full(24, 1 / 24), np.full(1, 100 / 3600), share)


def of_day(sizing: Sizing, requests: float) -> Sizes:
    return sizing.sizes(days(requests), sizing.capacity)


@golden("simulation.deferrable.extra_hours", "simulation.deferrable.paid_for", "simulation.sizing.Sizing.sizes")
def test_what_can_wait_fills_what_is_free_and_then_takes_hours() -> None:
    """4,800 requests, half of which wait: 100 an hour fill a replica; 2,400 more take 24 hours of another."""
    assert of_day(waiting(0.5), 4800).gpu_hours == approx(48)
    # 3,600: 75 an hour leave 25 free in each of 24 hours, 600 of 1,800; 1,200 take 12 hours.
    assert of_day(waiting(0.5), 3600).gpu_hours == approx(24 + 12)
    # A spare replica leaves nothing free for them.
    assert of_day(waiting(0.5, spare_replicas=1), 3600).gpu_hours == approx(48 + 12)
    # 1,230 that wait, nothing kept: 12.3 hours, in steps of an hour 13, by the minute 738 minutes.
    assert of_day(waiting(1.0, min_replicas=0), 1230).gpu_hours == approx(13)
    assert of_day(waiting(1.0, min_replicas=0, billing_minutes=1), 1230).gpu_hours == approx(12.3)
    # 3,000: 30 hours are two replicas, which take six minutes each to start; in nodes of 8 all hours are of 8 GPUs.
    assert of_day(waiting(1.0, min_replicas=0, startup_minutes=6), 3000).gpu_hours == approx(30.2)
    assert paid_for(waiting(1.0, startup_minutes=6, gpus_per_node=8).fleet, days(30, 0)) == approx(days(32 + 0.8, 0))


@golden("simulation.deferrable.extra_hours", "simulation.sizing.Sizes.outgrown_from")
def test_extra_hours_fit_under_the_cap_or_not_at_all() -> None:
    """One replica is kept of at most two: 24 hours are left, 2,400 requests."""
    capped = waiting(0.5, max_replicas=2)
    assert outgrown(capped, days(4800)) == NEVER
    assert outgrown(capped, days(4802)) == 0  # 24.01 an hour take 25 hours
    fixed = waiting(0.5, scaling="fixed", fixed_replicas=2)
    assert outgrown(fixed, days(4800)) == NEVER
    assert outgrown(fixed, days(4801)) == 0
    kept = KeptHours(days(24), days(1), days(6), days(0))
    assert extra_hours(capped.fleet, kept, days(10)).hours == approx(4)


@golden("simulation.deferrable.most_at_once", "simulation.deferrable.enough_all_day")
def test_how_many_run_at_once() -> None:
    """Two hours of 3 and 22 of 1 leave 44 hours free below 3 replicas; 45 take a fourth."""
    kept = KeptHours(days(28, 28), days(3, 3), days(0, 0), days(0, 0))
    assert most_at_once(kept, days(44, 45)) == approx(days(3, 4))
    # Half of a load of 12 comes in one hour, half over the others: 6 replicas leave 6·24 - 12 = 132 hours free.
    hours = np.array([0.5] + [0.5 / 23] * 23)
    assert enough_all_day(hours, days(12, 12, 12), days(132, 132.1, 1), 1) == approx(days(7, 8, 2))


@golden("simulation.deferrable.worthwhile_hours")
def test_extra_hours_only_where_the_current_route_is_dearer() -> None:
    """2.5 hours of work at 100 requests an hour and a dollar: at 2 cents a request all three hours pay, at 1.5 the
    third (50 requests for 75 cents) does not, at half a cent none does."""
    fleet = waiting(1.0, min_replicas=0, max_replicas=4).fleet
    kept = KeptHours(*(np.zeros(3) for _ in range(4)))
    offers = Offers(np.ones(3), days(0.021, 0.015, 0.005))
    extra = worthwhile_hours(fleet, kept, np.full(3, 2.5), offers, np.full(3, 100.0))
    assert extra.hours == approx(days(3, 2, 0))
    assert extra.left == approx(days(0, 0.5, 2.5))


@golden("simulation.fleet.FleetCosts.reserved_per_day")
def test_reserved_replicas_are_paid_around_the_clock() -> None:
    """Two of 4 GPUs at $1.50 and 10 %: 8·24·1.65 = $316.80 a day; one replica more at 3 is paid on demand."""
    stated = {"reserved_replicas": 2, "reserved_usd_per_gpu_hour": 1.5, "overhead_share": 0.1, "gpus_per_replica": 4}
    fleet = waiting(0.0, **stated)
    assert FleetCosts(fleet.fleet, YEAR).reserved_per_day == approx(316.8)
    assert of_day(fleet, 10).gpu_hours == 0
    assert of_day(fleet, 7200).gpu_hours == approx(24 * 4)


@golden("simulation.sizing.Serverless.while_one_is_enough", "simulation.sizing.Serverless.at")
def test_one_replica_lives_and_starts() -> None:
    """A request a minute of 10 s, stopped after 50 s, started in 30 s: e = exp(-1), k = 1 + 0.5/e."""
    fleet, e = Serverless(10, 50, 30, None, 0), np.exp(-1)
    k = 1 + 0.5 * e
    hour = fleet.at(days(1 / 60), days(3600))
    assert hour.replica_hours == approx((1 - e) / k + e / k * 0.5)
    assert hour.cold_share == approx(1.5 * e / k)
    assert Serverless(10, 50, 30, None, 2).at(days(1 / 60), days(3600)).replica_hours == 2
    assert fleet.at(days(0), days(3600)).replica_hours == 0


@golden("simulation.fleet.FleetCosts.owed_after")
def test_the_last_term_of_a_reservation_is_owed_to_its_end() -> None:
    """Terms of two months from day 30 on end on 90, 151, 212, 273, 334 and 30 + floor(365.25) = 395, 30 days late."""
    costs = FleetCosts(waiting(0.0, reserved_replicas=1, reserved_usd_per_gpu_hour=0.5, reserved_months=2).fleet, YEAR)
    assert costs.owed_after(30) == approx(30 * 12)
    assert costs.owed_after(365) == 0
    assert costs.owed_after(-1) == approx(60 * 12)  # one ends on 364, the next on 425


@golden("simulation.fleet.FleetCosts.powered_gpus")
def test_idle_gpus_draw_a_part_of_their_power() -> None:
    """Four GPUs, two a replica: 12 replica-hours keep one GPU busy all day, and three draw a third."""
    fleet = Fleet.model_validate({"purchase_usd_per_gpu": 1, "gpus_per_replica": 2, "idle_power_share": 1 / 3})
    assert FleetCosts(fleet, YEAR).powered_gpus(days(4), days(12)) == approx(days(1 + 1))
    assert FleetCosts(fleet, YEAR).powered_gpus(days(4), days(99)) == approx(days(4))


@golden(
    "simulation.fleet.FleetCosts.rent",
    "simulation.fleet.FleetCosts.rent_of_days",
    "simulation.fleet.FleetCosts.other_per_day",
    "simulation.fleet.FleetCosts.serving",
)
def test_rent() -> None:
    fleet = Fleet.model_validate(
        {
            "usd_per_gpu_hour": 2.0,
            "gpus_per_replica": 4,
            "usd_per_gpu_hour_change_per_year": -0.1,
            "overhead_share": 0.10,
            "usd_per_month": 304.375,
        }
    )
    costs = FleetCosts(fleet, YEAR, 2.0)
    drift = 0.9 ** (200.5 / 365.25)
    assert costs.rent[200] == approx(2 * drift * 1.1)
    assert costs.other_per_day == approx(10)
    sizes = Sizes(np.full(YEAR.days, 50.0), np.full(YEAR.days, 3.0), np.full(YEAR.days, 4 * 50.0))
    assert costs.rent_of_days(sizes, YEAR.day)[200] == approx(50 * 8.8 * drift + 10)
    (daily,) = costs.serving(sizes, YEAR.day >= 100).values()
    assert daily[[99, 200]] == approx(days(0, 50 * 8.8 * drift + 10))


BOUGHT = Fleet.model_validate(
    {
        "purchase_usd_per_gpu": 9000,
        "gpus_per_replica": 2,
        "lifetime_months": 6,
        "resale_share": 0.2,
        "power_kw_per_gpu": 0.35,
        "pue": 1.3,
        "usd_per_kwh": 0.15,
        "overhead_share": 0.1,
        "usd_per_month": 304.375,
    }
)


@golden(
    "simulation.fleet.FleetCosts.power_per_day",
    "simulation.fleet.FleetCosts.owned_gpus",
    "simulation.fleet.FleetCosts.amortisation",
    "simulation.fleet.FleetCosts.serving",
)
def test_power_and_wear_of_bought_gpus() -> None:
    costs = FleetCosts(BOUGHT, YEAR)
    kwh = 0.35 * 1.3 * 24  # 10.92
    assert costs.power_per_day == approx(kwh * 0.15 * 1.1)
    peak = np.where(YEAR.day < 10, 0.0, np.where(YEAR.day < 20, 3.0, 2.0))
    assert costs.owned_gpus(peak)[[9, 10, 30]] == approx(days(0, 6, 6))  # never returned
    assert costs.amortisation(peak)[30] == approx(6 * 9000 * 0.8 / 182.625)
    fleet, power = costs.serving(Sizes(peak * 24, peak, peak * 48), YEAR.day >= 10).values()
    assert (fleet[30], power[30]) == (approx(10), approx(6 * costs.power_per_day))


@golden("simulation.fleet.FleetCosts.capital")
def test_purchases_replacements_and_the_credit_of_the_last_day() -> None:
    """Two GPUs from day 10; a life of six months is 182.625 days. New ones on day 192, credited on day 364."""
    costs = FleetCosts(BOUGHT, YEAR)
    peak = np.where(YEAR.day < 10, 0.0, 1.0)[None]
    spent, credit = costs.capital(peak)
    paid = {int(day): float(spent[0, day]) for day in np.nonzero(spent[0])[0]}
    # On day 192 two are resold for a fifth and bought again; the second pair is 172 days old at the end, more than
    # 1 - 172/182.625 = 0.058, so a fifth is left.
    assert paid == approx({10: 18_000, 192: 18_000 * 0.8, 364: -18_000 * 0.2})
    assert credit == approx(days(3600))
    # A pair of day 250 is 114 days old: 1 - 114/182.625.
    _, credit = costs.capital(np.where(YEAR.day < 250, 0.0, 1.0)[None])
    assert credit == approx(18_000 * (1 - 114 / 182.625))


# Project -------------------------------------------------------------------------------------------------------------


@golden("simulation.schedule.whole_days", "simulation.schedule.own_day")
def test_whole_days_and_first_days() -> None:
    assert [schedule.whole_days(x) for x in (0, 0.1, 2, 2.0000000001)] == [0, 1, 2, 2]
    assert schedule.whole_days(1.5, 7) == 11  # 10.5 days
    started = np.array([-30, 5, NEVER, STAY])  # where nothing is ever begun, nothing begins by itself
    assert schedule.own_day("with-project", started, YEAR) is None
    assert list(schedule.own_day("from-start", started, YEAR)) == [-30, 0, 0, NEVER]
    assert list(schedule.own_day(date(2027, 1, 11), started, YEAR)) == [10, 10, 10, NEVER]
    assert list(schedule.own_day(date(2026, 1, 11), started, YEAR)) == [0, 0, 0, NEVER]


LABELLED = schedule.Labelling(
    Project.model_validate({"examples": 1_000, "examples_in_hand": 100, "usable_share": 0.02, "labels_per_day": 150}),
    np.where(np.arange(30) < 4, 5_000.0, 20_000.0),
)
"""900 to label: 100 a day for four days (2 % of 5,000), then 150 (less than 400)."""


@golden(
    "simulation.schedule.Labelling.needed_examples",
    "simulation.schedule.Labelling.sums",
    "simulation.schedule.Labelling.before",
    "simulation.schedule.Labelling.complete",
    "simulation.schedule.Labelling.daily",
)
def test_labelling_completes_with_the_day_that_reaches_the_count() -> None:
    assert LABELLED.needed_examples == 900
    assert LABELLED.sums[[0, 4, 6]] == approx(days(0, 400, 700))
    assert LABELLED.before(np.array([-2, 0, 4])) == approx(days(-200, 0, 400))  # day 0's rate before the start
    begins = np.array([0, 2, 25, NEVER, -8, -20])
    # From day 0: 400 + 3 x 150 = 850, and 50 on day 7. From day 2: 200 + 4 x 150 = 800 by day 7, 100 on day 8. From
    # day 25: too late. From day -8: 800 by day 0, which is the ninth. From day -20: done in nine days, on day -12.
    assert list(LABELLED.complete(begins)) == [7, 8, NEVER, NEVER, 0, -12]
    daily = LABELLED.daily(np.array([0, 2]))
    assert daily[0, :9] == approx(days(100, 100, 100, 100, 150, 150, 150, 50, 0))
    assert daily[1, :10] == approx(days(0, 0, 100, 100, 150, 150, 150, 150, 100, 0))
    assert LABELLED.daily(np.array([-8]))[0, :2] == approx(days(100, 0))


STEPS = Project.model_validate(
    {
        "engineers": 3,
        "engineers_in_house": 1,
        "hiring_weeks": 2,
        "upskilling_weeks": 1,
        "examples": 900,
        "training_days": 2,
        "evaluation_days": 6.5,
        "pass_probability": [0.35, 0.5],
        "intervention_days": 10,
        "hardening_days": 5,
        "shadow_days": 14,
        "ramp_days": 21,
    }
)


def planner(**changes: object) -> schedule.Planner:
    plan = STEPS.model_copy(update=changes)
    labelling = schedule.Labelling(plan, LABELLED.requests * 0.02)
    return schedule.Planner(plan, schedule.Steps.of(plan), labelling, YEAR, rehearse(plan, Expected()))


@golden("simulation.schedule.Planner.schedule", "simulation.schedule.later")
def test_a_schedule_by_hand() -> None:
    """Started on day 0: hired on day 14, taught by day 7, 100 examples a day for four days, then 400: done on day 5.
    Recruiting takes longer than labelling, so it begins at once, and it trains from day 14. Odds of having passed:
    0.35, then 0.675: the second iteration passes."""
    plan = planner().schedule(np.array([0, 20, NEVER]))
    assert list(plan.joined) == [14, 34, NEVER]
    assert list(plan.ready) == [14, 34, NEVER]
    assert plan.trainings == (0, 2 + 7 + 10)  # trained, evaluated (6.5 days are 7), changed
    assert list(plan.hardening) == [14 + 19 + 9, 34 + 28, NEVER]
    assert list(plan.shadow) == [47, 67, NEVER]
    assert list(plan.ramp) == [61, 81, NEVER]
    assert list(plan.cutover) == list(plan.finished) == [82, 102, NEVER]


@golden("simulation.schedule.Planner.schedule", "simulation.schedule.Expectation.recruiting")
def test_what_else_training_may_wait_for() -> None:
    found = np.array([20])
    assert planner(hiring="from-start").schedule(found).joined[0] == 14  # found, and paid, before the project starts
    late = planner(examples=7_000).schedule(np.array([0]))
    # Complete on day 20: two weeks before the day after that recruiting begins, unless it comes with the project.
    assert (late.complete[0], late.recruit[0], late.joined[0], late.ready[0]) == (20, 7, 21, 21)
    paid = planner(examples=7_000, staffing="with-project").schedule(np.array([0]))
    assert (paid.recruit[0], paid.joined[0]) == (0, 14)
    assert planner(upskilling_weeks=5).schedule(found).ready[0] == 20 + 35
    assert planner(examples=7_000).schedule(np.array([0])).ready[0] == 21  # 400 + 17 x 400 = 7,200: day 20
    given_up = planner(max_iterations=1).schedule(found)
    assert list(given_up.cutover) == [NEVER]
    assert list(given_up.finished) == [34 + 9]  # paid up to its last evaluation


@golden("simulation.capacity.training_tokens", "simulation.capacity.gpu_hours", "simulation.capacity.iteration_usd")
def test_cost_of_an_iteration() -> None:
    """Three runs of two epochs over 8,000 examples of 2,750 tokens are 132 million; LoRA on 8 billion weights takes
    4 x 8e9 x 132e6 = 4.224e18 operations, at 30 % of an A100's 312e12 a second 12.54 hours."""
    table = {"method": "lora", "runs": 3, "epochs": 2, "flops_utilisation": 0.3, "gpu": "A100", "usd_per_gpu_hour": 2.0}
    lora = Training.model_validate(table)
    tokens = capacity.training_tokens(lora, 8_000, 2_750)
    assert tokens == 132e6
    hours = 4 * 8e9 * 132e6 / (312e12 * 0.3) / 3600
    assert capacity.gpu_hours(tokens, 8.0, lora, 312) == approx(hours) == approx(12.536, rel=1e-4)
    full = lora.model_copy(update={"method": "full"})
    assert capacity.gpu_hours(tokens, 8.0, full, 312) == approx(hours * 6 / 4)
    stated = lora.model_copy(update={"tokens_per_example": 1_000.0})
    assert capacity.training_tokens(stated, 8_000, 2_750) == 48e6
    fleet = {"requests_per_second_per_replica": 1.0, "usd_per_gpu_hour": 1.0}
    model = {"params_billion": 8, "layers": 32, "kv_heads": 8, "head_dim": 128}
    plan = {"examples": 8_000, "usd_per_iteration": 600, "training": table}
    world = scenario(
        {"usage": {"input_tokens": 2_400, "output_tokens": 350}},
        with_candidates(own={"kind": "gpu", "fleet": fleet, "model": model, "project": plan}),
        with_candidates(
            host={"kind": "hosted", "training_usd_per_mtok": 3, "project": plan, "output_tokens_factor": 2, **priced(1)}
        ),
    )
    assert capacity.iteration_usd(world.candidates["own"], world) == approx(600 + hours * 2.0)
    # The host trains on 2,400 + 350 x 2 = 3,100 tokens: 148.8 million at $3.
    assert capacity.iteration_usd(world.candidates["host"], world) == approx(600 + 148.8 * 3)


@golden("simulation.schedule.Planner.staged_schedule", "simulation.schedule.people_paid", "simulation.schedule.overlap")
def test_who_is_paid_when() -> None:
    """7,000 examples are complete on day 20, two are recruited from day 7 to 20, one learns on days 0 to 6."""
    plan = planner(examples=7_000, upskilling_weeks=1)

    def people(days: schedule.Schedule, **changes: object) -> list[float]:
        project = plan.project.model_copy(update=changes)
        spans = schedule.people_paid(project, plan.steps, plan.labelling.needed_examples, days)
        count = np.zeros(YEAR.days)
        for number, first, end in spans:
            count += np.where((YEAR.day >= first[0]) & (YEAR.day < end[0]), number, 0.0)
        return [float(count[day]) for day in (0, 6, 7, 20, 21, 88, 89)]

    started = plan.schedule(np.array([0]))
    assert list(started.cutover) == [21 + 68]
    assert people(started) == [1, 1, 0.25, 0.25, 3, 3, 0]
    assert people(started, staffing="with-project") == [1, 1, 1, 1, 3, 3, 0]
    staged = plan.staged_schedule(np.array([0]), np.array([89]))
    assert (staged.prepared[0], staged.ready[0], staged.cutover[0]) == (21, 89, 89 + 68)
    assert people(staged) == [1, 1, 0.25, 0.25, 2, 2, 3]  # found ones are paid until it is committed
    never = plan.staged_schedule(np.array([0]), np.array([NEVER]))
    assert people(never) == [1, 1, 0.25, 0.25, 2, 2, 2]


PLAN = {"engineers": 1, "usd_per_engineer_month": 3043.75, "training_days": 10, "shadow_days": 5, "ramp_days": 4}


@golden(
    "simulation.switch_costs.shares", "simulation.switch_costs.running_cost", "simulation.switch_costs.running_bill"
)
def test_who_carries_what() -> None:
    half = {**API, "coverage": 0.8, "project": PLAN, "quality_usd_per_1000_requests": 0.1}
    half |= {"usd_per_1000_requests": 0.05, "upkeep": {"usd_per_month": 30.4375, "engineers": 0.01}}
    (outlook,) = simulate(scenario(with_candidates(half=half))).outlooks
    plan = outlook.prospect.planner.schedule(np.array([0]))
    found = shares(outlook.prospect, plan)
    # Trained in 10 days, in shadow for 5: days 10 to 14 serve all of its share and answer none of it.
    assert found.served[0, [9, 10, 14]] == approx(days(0, 0.8, 0.8))
    assert found.answered[0, [9, 14]] == approx(days(0, 0))
    # Days 15 to 18 ramp: (k + 0.5)/4 of 0.8.
    assert found.answered[0, 15:20] == approx(days(0.1, 0.3, 0.5, 0.7, 0.8))
    # $10 a day: 0.8 of it at half price, 0.2 at the full one; 8,000 answers at 0.15 a thousand; upkeep 1 + 1.
    assert running_cost(outlook.prospect)[100] == approx(4 + 2 + 1.2 + 2)
    assert running_bill(outlook.prospect)[100] == approx(4 + 2 + 0.4 + 2)  # the price of its quality is on no bill


# Present values ------------------------------------------------------------------------------------------------------


@golden("finance.Sums.between", "finance.Sums.rising")
def test_sums_of_a_flow() -> None:
    sums = Sums.of(days(1, 2, 3, 4), days(1, 0.5, 0.5, 0.25))  # present values 1, 1, 1.5, 1
    first, end = np.array([1, 0, 3, -2]), np.array([3, 9, 2, 1])
    assert sums.between(first, end) == approx(days(2.5, 4.5, 0, 1))
    # Two steps from day 1: a quarter of 1 and three quarters of 1.5.
    assert sums.rising(np.array([1]), np.array([3]), np.array([2])) == approx(0.25 + 0.75 * 1.5)


@golden(
    "simulation.present_cost.present_cost_of_starts",
    "decision.start_dates.StartDates.present_cost",
    "decision.start_dates.StartDates.saving",
)
@golden("decision.start_dates.StartDates.present_stay")
def test_present_cost_of_a_start() -> None:
    """Undiscounted: $10 a day; half of it from cutover on, half and shadow before; an engineer at $100 a day."""
    told = result({"decision": {"policy": "2027-01-31"}}, with_candidates(half={**API, "project": PLAN}))
    case, (outlook,) = told.case, told.case.outlooks
    rest = case.clock.days - 30
    shadow, ramp = 5 * 5, 5 * (0.125 + 0.375 + 0.625 + 0.875)
    by_hand = 10 * case.clock.days + 19 * 100 + shadow - ramp - 5 * (rest - 19)
    found = present_cost_of_starts(
        outlook.prospect, outlook.prospect.planner.schedule(np.array([30])), np.ones(case.clock.days)
    )
    assert found == approx(by_hand)
    today = outlook.prospect.planner.schedule(np.array([0]))
    assert outlook.present_cost == approx(float(present_cost_of_starts(outlook.prospect, today, np.ones(731))[0]))
    assert outlook.starts.present_stay == 10 * case.clock.days
    assert outlook.npv_saving == approx(10 * case.clock.days - by_hand)


# Pressure and warning ------------------------------------------------------------------------------------------------


@golden(
    "simulation.limits.BillLimits.of",
    "simulation.limits.BillLimits.trailing",
    "simulation.limits.BillLimits.monthly",
    "simulation.limits.pressure",
)
def test_the_tightest_limit_binds() -> None:
    """$10 a day; limits: 15 % of $2,435 a month = $12, $304.375 a month = $10, $0.8 per 1,000 requests = $8 a day."""
    world = {"share_of_revenue": 0.15, "usd_per_month": 304.375, "usd_per_1000_requests": 0.8}
    case = result({"revenue": {"usd_per_month": 2435}, "limit": world}).case
    assert case.limits.daily[:, 50] == approx(days(12, 10, 8))
    assert case.limits.trailing[50] == approx(8)
    assert case.limits.monthly(case.clock)[0] == approx(31 * 8)
    assert limits.pressure(case.stay, case.limits)[50] == approx(10 / 8)


@golden("simulation.limits.ratio", "simulation.limits.is_reached", "simulation.limits.window")
@golden("simulation.limits.threat", "simulation.limits.lasts")
def test_threat_and_window() -> None:
    assert limits.ratio(days(3, 0, 2), days(2, 0, 0)) == approx(days(1.5, 0, np.inf))
    assert list(limits.is_reached(days(0.999, 1 - 1e-10, 1.2))) == [False, True, True]
    assert limits.threat(days(0.2, 0.9, 1.0, 0.9, 2)) == 2
    assert limits.threat(days(0.2, 0.9)) == NEVER
    assert limits.lasts(days(0.2, 0.9, 1.0, 1.1, 0.9), 2) == 4
    assert limits.lasts(days(0.2, 1.0), 1) == NEVER
    # Day 100 less 3 x 30.4375 = 8.69, less 2 x 30.4375 = 39.125: the whole days in between.
    assert limits.window(100, scenario()) == (9, 39)
    assert limits.window(20, scenario()) == (-71, -41)


@golden("warning.plain.months_to_limit")
@pytest.mark.parametrize(("level", "slope"), [(-0.9, 0.004), (-0.3, 0.02), (-2.0, 0.0005), (-1e-3, 1e-6)])
def test_months_to_the_limit_by_integration(level: float, slope: float) -> None:
    """The day T on which the mean of e^(level + slope·day) over the 28 days before it is 1, found numerically."""

    def short_of_limit(day: float) -> float:
        return quad(lambda x: np.exp(level + slope * x), day - 28, day, epsabs=1e-13)[0] / 28 - 1

    numeric = brentq(short_of_limit, 0, 1e5 if slope < 1e-4 else 1e4, xtol=1e-9)
    assert plain.months_to_limit(days(level), days(slope)) == approx(numeric / 30.4375, rel=1e-6)
    assert plain.months_to_limit(days(1.0), days(slope)) == 0


@golden("warning.plain.weekly_ratios", "warning.plain.weekly_sums")
def test_weeks_begin_on_mondays() -> None:
    """From Friday 1 January the first Monday is day 3; a week of $10 a day against $20 a day is one half."""
    case = result({"limit": {"usd_per_month": 20 * MONTH_DAYS}}).case
    sums = plain.weekly_sums(case.stay[:10], limits.BillLimits(case.limits.daily[:, :10]), Horizon(T0, 10))
    assert [sums[0], sums[1].tolist(), sums[2].tolist()] == [3, [approx(70)], [[approx(140)]]]
    first, ratios = plain.weekly_ratios(case.stay, case.limits, case.clock)
    assert first == 3
    assert ratios == approx(np.full((731 - 3) // 7, 0.5))


@golden("warning.plain.forecast", "warning.plain.Forecast.first_within", "warning.plain.weekly_ratios")
def test_on_a_straight_line_the_monitor_sees_the_threat_itself() -> None:
    """With an exactly exponential bill every Monday names the same moment: here e^(s·day) with half the limit on day 0.
    Weekly sums keep the slope; placed at their middles, their level is high by ln(sinh(3.5 s)/(3.5 s)) < 1e-4."""
    span, slope = horizon_of(T0, 24), 0.004
    bill = 5 * np.exp(slope * (span.day + 0.5))
    bound = limits.BillLimits(np.full((1, span.days), 10.0))
    said = plain.forecast(bill, bound, span)
    assert np.isinf(said.months[:8]).all()  # eight whole weeks, and a second Monday in a row
    moment = said.mondays[8:12] + said.months[8:12] * MONTH_DAYS
    lag = np.log(-np.expm1(-28 * slope) / (28 * slope))
    assert moment == approx(np.full(4, (np.log(2) - lag) / slope), abs=0.03)
    threat = limits.threat(limits.pressure(bill, bound))
    assert threat == int(np.ceil(moment[0] - 1e-9)) - 1  # the trailing mean of day d ends with the day
    warned = said.first_within(3)
    assert 3 * MONTH_DAYS - 7 < threat + 1 - warned <= 3 * MONTH_DAYS
    assert (warned - 3) % 7 == 0
    assert plain.forecast(bill / 4, bound, horizon_of(T0, 3)).first_within(3) == NEVER


@golden("warning.plain.forecast")
@pytest.mark.parametrize(("factor", "speaks"), [(1.97, False), (2.03, True)])
def test_the_monitor_speaks_only_of_a_slope_beyond_its_error(factor: float, speaks: bool) -> None:
    """Thirteen weeks whose logs go up and down around a slope of so many of its standard errors, with a bill flat
    within each week. The up and down (1, -1, -1, 1) has no slope of its own over the last 12 weeks; the one before
    them only makes the first of the two Mondays speak too."""
    span, week = horizon_of(date(2027, 1, 4), 4), np.arange(13)  # from a Monday
    x = 7.0 * (week[1:] - week[1:].mean())
    bumps = np.array([-2.0, *[1, -1, -1, 1] * 3]) * 0.1
    assert bumps[1:] @ x == approx(0)
    error = np.sqrt((bumps[1:] ** 2).sum() / (12 - 2) / (x @ x))
    weekly = 0.5 * np.exp(bumps + factor * error * 7.0 * week)
    bill = np.append(np.repeat(weekly, 7), np.zeros(span.days))[: span.days]
    said = plain.forecast(bill, limits.BillLimits(np.ones((1, span.days))), span, errors=2.0)
    assert np.isfinite(said.months[said.mondays == 13 * 7]) == speaks


# Once live -----------------------------------------------------------------------------------------------------------


def running(cost: np.ndarray) -> RunningCost:
    return RunningCost(cost, cost, np.full(cost.size, 10.0), limits.BillLimits(np.full((1, cost.size), 8.0)))


@golden(
    "decision.started_candidate.RunningCost.crossover",
    "decision.started_candidate.RunningCost.reverts",
    "decision.started_candidate.RunningCost.pressure",
)
def test_crossover() -> None:
    """At $15 until day 99, then at $5: the mean of 28 days is 10 when half of them are cheap, on day 113. At $12 from
    day 200 on it is above 10 once 21 of 28 days are dear: 5 x 28 + 7n > 280, so on the 21st, day 220."""
    day = np.arange(300)
    told = running(np.select([day < 100, day < 200], [15.0, 5.0], 12.0))
    assert told.crossover == 113
    assert told.reverts == 220
    assert told.pressure[150] == approx(5 / 8)
    assert running(np.full(300, 11.0)).crossover == NEVER
    assert running(np.full(300, 11.0)).reverts == NEVER


@golden("decision.started_candidate.RunningCost.below_from", "decision.started_candidate.RunningCost.limit_again")
def test_limit_again() -> None:
    """At $12 before day 50, $4 until day 249, then $12: with n cheap days of 28, 12 - 8n/28 < 8 from n = 15 on."""
    day = np.arange(400)
    told = running(np.where((day < 50) | (day >= 250), 12.0, 4.0))
    assert told.below_from(0) == 50 + 14
    assert told.limit_again(100) == 250 + 13  # 4 + 8n/28 >= 8 from n = 14 on
    assert told.limit_again(0) == 263
    assert told.below_from(300) == NEVER
    assert told.limit_again(300) == NEVER


@golden("decision.started_candidate.RunningCost.is_remedy")
def test_remedy() -> None:
    """From some day of the ninety from the later of cutover and threat on, below the limit for 182 days."""
    day = np.arange(600)
    told = running(np.where(day < 400, 4.0, 12.0))  # over the limit again from day 413
    assert told.is_remedy(413 - 182, NEVER)
    assert not told.is_remedy(413 - 181, NEVER)
    assert not told.is_remedy(0, 413 - 181)  # live long before, it does not last beyond the threat
    early = running(np.where(day < 100, 12.0, 4.0))  # below it from day 114
    assert early.is_remedy(114 - 90, NEVER)
    assert not early.is_remedy(114 - 91, NEVER)
    assert early.is_remedy(0, 114 - 90)
    assert running(np.full(100, 4.0)).is_remedy(72, NEVER)  # 28 days to the horizon are enough
    assert running(np.full(100, 4.0)).is_remedy(90, NEVER)  # its last day is judged
    assert not running(np.full(100, 4.0)).is_remedy(100, NEVER)  # never live
    assert not running(np.full(100, 9.0)).is_remedy(90, NEVER)


# Starts and verdict --------------------------------------------------------------------------------------------------


@golden("decision.start_search.grid")
def test_grid() -> None:
    assert list(start_search.grid(horizon_of(date(2027, 1, 15), 3))) == [
        0,
        17,
        45,
        76,
    ]  # today, 1 February, March, April
    assert add_months(date(2027, 1, 15), 3) == date(2027, 4, 15)


@golden("decision.start_search.latest_in_time", "decision.verdict.deadlines", "decision.verdict.live_if_started_today")
@golden("decision.policies.ahead")
def test_latest_start_in_time() -> None:
    """Two weeks of hiring beside ten days of labelling, then 10 + 5 + 4 days: 33 from start to cutover."""
    plan = {**PLAN, "engineers_in_house": 0, "hiring_weeks": 2, "examples": 950, "labels_per_day": 100}
    told = result(growing(0.1), {"limit": {"usd_per_month": 400.0}}, with_candidates(half={**API, "project": plan}))
    (outlook,), threat = told.case.outlooks, told.case.threat
    assert start_search.latest_in_time(outlook.prospect, threat) == threat - 33
    assert start_search.latest_in_time(outlook.prospect, 10) == 0  # too late already: today
    assert start_search.latest_in_time(outlook.prospect, NEVER) == NEVER
    assert live_if_started_today(outlook) == 33
    # Recruiting takes longer than the ten days of labelling: both begin with the project, training 14 days later.
    assert deadlines(outlook, 40) == Deadlines(40, 40, 54)
    assert deadlines(outlook, -5) == Deadlines(NEVER, NEVER, 9)  # begun before day 0
    assert deadlines(outlook, NEVER) == Deadlines()
    assert (ahead(0), ahead(-1)) == (0, NEVER)


@golden("decision.start_dates.StartDates.best", "decision.start_dates.StartDates.start_by")
@pytest.mark.parametrize(
    ("price", "one_off", "best"),
    [
        (0.5, 0, "2027-01-01"),  # $5 a day from the first
        (0.99, 0, "2027-01-01"),  # 10 cents a day: waiting costs them, however little that is
        (0.99, 20, "2027-01-01"),
        (0.99, 80, None),  # 73.10 at most
    ],
)
def test_best_start(price: float, one_off: float, best: str | None) -> None:
    """$10 a day, 7,310 in two years; the first of a month that costs least."""
    table = {"kind": "api", **priced(price), "project": {"usd_one_off": one_off}}
    (outlook,) = result(with_candidates(other=table)).case.outlooks
    day = NEVER if best is None else YEAR.day_of(date.fromisoformat(best))
    assert outlook.starts.best == day
    assert outlook.starts.start_by == start_search.StartBy(day, None if best is None else "money")


@golden("decision.start_dates.StartDates.start_by")
def test_the_earlier_of_two_dates_binds() -> None:
    """Half the price, and $600 a month on top: $19.71 a day, saved once the bill is $39.43 a day. From $10 at a tenth
    more each month that takes ln 3.943/ln 1.1 = 14.4 months; the limit of $400 a month comes long before."""
    plan = {**API, "usd_per_month": 600, "project": PLAN}
    told = result(growing(0.1), {"limit": {"usd_per_month": 400.0}}, with_candidates(half=plan))
    (outlook,), threat = told.case.outlooks, told.case.threat
    # An engineer's 19 days at $100 are due whenever it starts.
    assert 14.4 * MONTH_DAYS - 19 - 31 < outlook.starts.best < 14.4 * MONTH_DAYS + 31
    assert outlook.starts.start_by == start_search.StartBy(threat - 19, "limit")


@golden("decision.start_search.best_start", "decision.start_search.beats_staying", "decision.start_search.as_good")
@golden("decision.start_search.earlier")
def test_which_start_is_best_and_which_day_binds() -> None:
    """Of starts that cost the same within a dollar the latest; one that does not count, or does not save, is none."""
    cost, live = days(960, 951, 951.5, 961.5, 940), np.array([True, True, True, True, False])
    when, stay = np.array([0, 31, 59, 90, 120]), np.array(1000.0)
    assert start_search.best_start(when, cost, live, stay) == 59
    assert start_search.best_start(when, cost, live, np.array(951.0)) == NEVER
    both = start_search.best_start(when, np.stack([cost, cost - 20]), np.stack([live, live]), days(951, 1000))
    assert list(both) == [NEVER, 59]
    assert list(start_search.beats_staying(cost, live, np.array(955.0))) == [False, True, True, False, False]
    saving = days(40, 48.2, 49, 48.5, 60)  # 98 % of 49 are 48.02
    assert start_search.as_good(when, saving, live, 59) == start_search.AsGood(31, 90, approx(0.8))
    assert start_search.as_good(when, saving, live, 59, in_time=70) == start_search.AsGood(31, 90, approx(0.8), 70)
    assert start_search.as_good(when, saving, live, 59, in_time=90) == start_search.AsGood(31, 90, approx(0.8))
    assert start_search.as_good(when, saving, live, 59, in_time=0) == start_search.AsGood(31, 90, approx(0.8))
    assert start_search.as_good(when, days(40, 41, 49, 40, 60), live, 59) is None
    assert start_search.earlier(40, 30) == start_search.StartBy(30, "money")
    assert start_search.earlier(30, 30) == start_search.StartBy(30, "limit")
    assert start_search.earlier(30, 40, limit_is_a_price=True) == start_search.StartBy(40, "money")
    assert start_search.earlier(NEVER, NEVER) == start_search.StartBy(NEVER, None)


@golden("decision.verdict.pick", "decision.verdict.judge")
def test_in_a_tie_the_smaller_one_off_wins() -> None:
    """Of 7,310 a tie is within 219.30: 3,655 + 50 against 3,728.10, which spends nothing; 0.54 makes it 3,947.40."""
    cheapest = {**API, "project": {"usd_one_off": 50}}
    for price, winner in ((0.51, "plain"), (0.54, "cheapest")):
        told = result(with_candidates(cheapest=cheapest, plain={"kind": "api", **priced(price)}))
        best, tied = pick(told.case.standings)
        assert best.outlook.name == winner == told.verdict.candidate.name
        assert len(tied) == (winner == "plain")


@golden("decision.verdict.judge")
@pytest.mark.parametrize(
    ("limit", "tables", "action", "bridge"),
    [
        (600, {}, "stay", None),
        (600, {"half": API}, "start-now", None),  # waiting costs money from today on
        (600, {"dear": {"kind": "api", **priced(2.0)}}, "stay", None),
        (200, {}, "no-remedy", None),
        (200, {"half": {**API, "project": {"training_days": 10}}}, "late", None),  # over the limit today
        (200, {"half": {**API, "project": {"training_days": 10}}, "quick": {**API, **priced(0.6)}}, "late", "quick"),
        # 273.94 a month saves, but does not bridge
        (200, {"half": {**API, "project": {"training_days": 10}}, "quick": {**API, **priced(0.9)}}, "late", None),
        (100, {"half": API}, "start-now", None),  # 152.19 a month is still above it: started for its money
        (100, {"dear": {"kind": "api", **priced(2.0)}}, "no-remedy", None),
    ],
)
def test_actions(limit: float, tables: dict[str, dict], action: str, bridge: str | None) -> None:
    """A bill of $304.38 a month."""
    told = result({"limit": {"usd_per_month": limit}}, with_candidates(**tables))
    assert told.verdict.action == action
    assert (told.verdict.bridge and told.verdict.bridge.name) == bridge


@golden("decision.verdict.too_short", "decision.started_candidate.RunningCost.cheaper_at_the_end")
@golden("decision.started_candidate.RunningCost.keeps_at_the_end")
@pytest.mark.parametrize(("training_days", "short"), [(365, False), (366, False), (367, True)])
def test_a_horizon_too_short_to_judge(training_days: int, short: bool) -> None:
    """731 days against floor(training + 365.25); $152.19 a month, as if live, is cheaper and keeps a limit of 200."""
    told = result(with_candidates(slow={**API, "project": {"training_days": training_days}}))
    assert told.case.outlooks[0].running.cheaper_at_the_end
    assert too_short(told.case.standings, threatened=False) is short
    for limit, keeps in ((200, True), (100, False)):
        bound = result(
            {"limit": {"usd_per_month": limit}},
            with_candidates(slow={**API, "project": {"training_days": training_days}}),
        )
        assert bound.case.outlooks[0].running.keeps_at_the_end is keeps
        assert too_short(bound.case.standings, threatened=True) is (short and keeps)


@golden("decision.verdict.never_complete")
@pytest.mark.parametrize(("share", "never"), [(1e-5, True), (1e-3, False)])
def test_data_that_no_horizon_sees_complete(share: float, never: bool) -> None:
    """10,000 requests a day: 0.1 or 10 usable examples, 731 or 73,050 in the 240 months that a horizon may have."""
    told = result(with_candidates(slow={**API, "project": {"examples": 10_000, "usable_share": share}}))
    assert never_complete(told.case.outlooks[0]) is never


# Plans ---------------------------------------------------------------------------------------------------------------


@golden(
    "simulation.plan_costs.nest_shares", "simulation.plan_costs.covered_share", "simulation.plan_costs.ends_for_good"
)
def test_shares_nest_and_a_step_without_requests_ends() -> None:
    first, second = days(0.3, 0.3, 0.3, 0.3), days(0.0, 0.1, 0.5, 0.5)
    taken = nest_shares([first, second])
    assert taken[0].tolist() == approx([0.3, 0.2, 0.0, 0.0])
    assert taken[1].tolist() == approx([0.0, 0.1, 0.5, 0.5])
    assert covered_share([first, second]).tolist() == [0.3, 0.3, 0.5, 0.5]
    assert int(ends_for_good(first, taken[0])) == 2
    assert int(ends_for_good(second, taken[1])) == NEVER
    assert int(ends_for_good(days(0, 0.3, 0.3), days(0, 0, 0))) == 1  # covered before it began


@golden("simulation.plan_costs.capital_until", "simulation.plan_costs.term_end")
def test_gpus_are_sold_and_terms_paid_to_their_end() -> None:
    """Two GPUs of $1,000 that last 100 days, kept at 10 % at least, sold when they are 50 days old."""
    owned = Fleet(purchase_usd_per_gpu=1000, lifetime_months=100 / MONTH_DAYS, resale_share=0.1)
    peak = np.zeros((1, 365))
    peak[0, 20:70] = 2
    spent, credit = capital_until(FleetCosts(owned, YEAR), peak, np.array([70]))
    assert spent[0, 20] == 2000
    assert spent[0, 70] == approx(-2 * 1000 * 0.5)
    assert spent.sum() == approx(1000)
    assert credit[0] == 0
    terms = {"reserved_replicas": 1, "reserved_usd_per_gpu_hour": 1, "reserved_months": 2}
    rented = FleetCosts(Fleet(usd_per_gpu_hour=1, **terms), YEAR)
    first = np.array([10, 10, 10, 10])
    # Terms of 60.875 days end on 10 + 60, 10 + 121, …; one that ends on the day itself is not renewed.
    ends = term_end(rented, first, np.array([11, 70, 71, NEVER]))
    assert ends.tolist() == [70, 70, 131, NEVER]


SIDE_BY_SIDE = {
    "quick": {**API, "coverage": 0.5, "project": {"ramp_days": 10}},
    "whole": {**API, "project": {"evaluation_days": 30, "ramp_days": 10}},
}


@golden(
    "simulation.plan_costs.plan_costs",
    "simulation.plan_costs.plan_left",
    "simulation.plan_costs.running_plan",
    "simulation.plan_costs.first_cutover",
    "simulation.plan_costs.last_cutover",
    "decision.start_search.cheapest_start",
    "decision.policies.day_after",
    "decision.verdict.advise_plan",
    "decision.verdict.bridge_plan",
    "decision.policies.deadlines_of",
)
def test_a_plan_day_by_day() -> None:
    """The first is live on day 10; the second starts on day 11 and carries all from day 51 on; then the first ends."""
    steps = [{"candidate": "quick", "start": "now"}, {"candidate": "whole", "start": "after"}]
    told = result(with_candidates(**SIDE_BY_SIDE), {"plans": {"both": {"steps": steps}}})
    (plan,) = (each for each in told.case.plans if each.name == "both")
    quick, whole = plan.path.stages
    assert int(day_after(quick)[0]) == 11
    assert (int(first_cutover(plan.path.stages)[0]), int(last_cutover(plan.path.stages)[0])) == (10, 51)
    assert plan.steps[0].ends == 46  # the day whose ramp share, 5.5/10, is over one half
    assert int(plan_left(plan.path.stages)[0]) == NEVER  # a route paid by the token alone has nothing to leave
    stay, cheap = (float(told.case.stay[0]), float(told.case.outlook("whole").running.cost[0]))
    daily = plan_costs(told.case.setting, [quick, whole]).ledger.total[0]
    assert daily[10] == approx((stay + cheap) / 2)
    assert daily[51] == approx(cheap)
    assert running_plan(told.case.setting, plan.path).bill[0, 0] == approx((stay + cheap) / 2)
    assert start_search.cheapest_start(np.array([0, 31]), days(5.0, 4.5), np.array([True, True])) == 31
    assert deadlines_of(quick.prospect.planner, quick.schedule).commit == 0
    assert bridge_plan(told.case.candidate_verdict) == {}
    case, facts = told.case, PlanFacts.of(plan)
    single = min(each.cost for each in case.standings)
    for part, named in ((0.011, plan), (0.009, None)):
        near = replace(facts, cost=single - part * (facts.stay - single))
        assert advise_plan(case.candidate_verdict, [near], case.outlooks, case.standings).plan is named


# Experiments of a prototype ------------------------------------------------------------------------------------------


@golden("readiness.experiments.chance_of_viable", "readiness.experiments.experiments_needed")
def test_the_chance_of_a_viable_prototype() -> None:
    """Odds of 1 in 2: 1/2, 3/4, 7/8, ...; 80 % needs three, since 3/4 is below it. No odds, no number is enough."""
    assert [experiments.chance_of_viable(0.5, n) for n in (0, 1, 2, 3)] == approx([0, 0.5, 0.75, 0.875])
    assert experiments.experiments_needed(0.5) == 3
    assert experiments.experiments_needed(0.5, 0.875) == 3  # exactly
    assert experiments.experiments_needed(1.0) == 1
    assert experiments.experiments_needed(0.0) is None


@golden("readiness.experiments.expected_experiments", "readiness.experiments.months_to_viable")
def test_how_many_experiments_it_takes() -> None:
    """Odds of 1 in 2, at most three: 1 x 1/2 + 2 x 1/4 + 3 x 1/4 = 7/4; without an end 2, at 4 a month half a month."""
    assert experiments.expected_experiments(0.5, 3) == approx(7 / 4)
    assert experiments.expected_experiments(0.5) == approx(2)
    assert experiments.expected_experiments(0.0, 20) == 20
    assert experiments.months_to_viable(0.5, 4) == approx(0.5)
    assert experiments.months_to_viable(0.5, 0) == experiments.months_to_viable(0.0, 4) == np.inf


@golden("readiness.experiments.expected_best")
def test_the_best_of_many_experiments() -> None:
    """Of 0, 0.4 and 1 the better of two: nine pairs, 1 with nought alone, 3 with 0.4 at best, 5 with 1."""
    assert experiments.expected_best([1.0, 0.0, 0.4], 2) == approx((3 * 0.4 + 5 * 1.0) / 9)
    assert experiments.expected_best([0.3], 20) == approx(0.3)


@golden("readiness.experiments.measured_odds", "readiness.experiments.share_interval")
def test_odds_that_are_measured() -> None:
    """The mean of x^k (1-x)^(n-k) over 0 to 1, k = 2 of n = 6; Wilson's ends solve |p - k/n| = z sqrt(p(1-p)/n)."""
    weight = quad(lambda x: x**2 * (1 - x) ** 4, 0, 1)[0]
    assert experiments.measured_odds(2, 6) == approx(quad(lambda x: x**3 * (1 - x) ** 4, 0, 1)[0] / weight)
    for end in experiments.share_interval(2, 6):
        assert abs(end - 2 / 6) == approx(1.959964 * np.sqrt(end * (1 - end) / 6), rel=1e-5)
    assert experiments.share_interval(0, 0) == (0.0, 1.0)
    assert experiments.share_interval(0, 9)[0] == approx(0)


# Completeness --------------------------------------------------------------------------------------------------------


def functions(module: str) -> set[str]:
    """The public functions of a module."""
    found = vars(importlib.import_module(f"switchpoint.{module}"))
    own = {name: inspect.unwrap(value) for name, value in found.items() if not name.startswith("_") and callable(value)}
    return {
        f"{module}.{name}"
        for name, value in own.items()
        if inspect.isfunction(value) and value.__module__ == f"switchpoint.{module}"
    } - BESIDE


def test_every_equation_has_a_golden_case() -> None:
    assert COVERED - set(EQUATIONS) == set()
    assert set(EQUATIONS) - COVERED == set()
    assert len(EQUATIONS) == len(set(EQUATIONS))


def test_every_public_function_is_an_equation_or_said_to_be_none() -> None:
    found = set().union(*map(functions, MODULES))
    assert found - set(EQUATIONS) - set(NOT_EQUATIONS) == set()
    assert set(NOT_EQUATIONS) - found == set()
