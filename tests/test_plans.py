"""Plans of several candidates: what is refused, what one of one step comes to, and draws one by one and all at once."""

from __future__ import annotations

import math
from dataclasses import replace
from datetime import date
from typing import Any

import numpy as np
import pytest

from switchpoint.decision.case import simulate
from switchpoint.decision.result import JudgedWorld, as_json
from switchpoint.horizon import NEVER
from switchpoint.scenario.errors import ScenarioError
from switchpoint.scenario.load import load_text
from switchpoint.scenario.schema import Scenario
from switchpoint.simulation.plan_costs import nest_shares, plan_costs
from switchpoint.simulation.present_plan import PresentPlans
from switchpoint.study.draw_sentence import as_json as draws_json
from switchpoint.study.draws import Worlds
from switchpoint.study.monte_carlo import MonteCarlo
from switchpoint.study.plan_draws import AskedPlan, follow_plans, plan_search
from tests.scenario_strategies import box, half_price, plain

GROWS = {"curve": "compound", "per_month": 0.15}
TEAM = {"examples": 900, "labels_per_day": 10, "training_days": 20, "engineers": 2, "usd_per_engineer_month": 300}
SLOW = {**half_price(**TEAM), "usd_per_mtok": {"input": 0.1, "output": 1}}
QUICK = {**half_price(shadow_days=5, ramp_days=11), "coverage": 0.4, "usd_per_month": 100, "upkeep": {"engineers": 1}}


def steps(*stated: tuple[str, Any]) -> dict[str, Any]:
    return {"p": {"steps": [{"candidate": name, "start": start} for name, start in stated]}}


def world(plans: dict[str, Any], **changes: Any) -> Scenario:
    """A world in which the slow candidate is late and the quick one bridges."""
    named = {"candidates__quick": QUICK, "candidates__slow": SLOW, "limit__usd_per_month": 4000, "usage__growth": GROWS}
    return plain(**{**named, "plans": plans, **changes})


HEAD = """
start = 2027-01-01
[usage]
requests_per_day = 1000
input_tokens = 100
output_tokens = 10
[current]
usd_per_mtok = { input = 1, output = 2 }
[candidates.own]
kind = "api"
usd_per_mtok = { input = 0.5, output = 1 }
"""


def faults(plans: str) -> list[str]:
    with pytest.raises(ScenarioError) as caught:
        load_text(HEAD + plans)
    return [f"{fault.field}: {fault.message}" for fault in caught.value.faults]


@pytest.mark.parametrize(
    ("steps_of_it", "field", "said"),
    [
        ('{ candidate = "onw", start = "now" }', "0.candidate", 'got "onw"; did you mean own?'),
        ('{ candidate = "own", start = "after" }', "0.start", "is the first step, with none before it"),
        ('{ candidate = "own", start = "soon" }', "0.start", "must be now, best, after"),
        ('{ candidate = "own", start = "noe" }', "0.start", "did you mean now?"),
        ('{ candidate = "own", start = 2026-12-31 }', "0.start", "must not be before start (2027-01-01)"),
        (
            '{ candidate = "own", start = "now" }, { candidate = "own", start = "best" }',
            "1.candidate",
            "is a step of this plan already",
        ),
    ],
)
def test_a_plan_that_makes_no_sense_is_one_line(steps_of_it: str, field: str, said: str) -> None:
    found = faults(f"[plans.p]\nsteps = [ {steps_of_it} ]\n")
    assert len(found) == 1
    assert found[0].startswith(f"plans.p.steps.{field}: ")
    assert said in found[0]


@pytest.mark.parametrize("name", ["own", "stay", '"auto:mine"', '" a"'])
def test_names_that_a_plan_cannot_have(name: str) -> None:
    assert len(faults(f'[plans.{name}]\nsteps = [ {{ candidate = "own", start = "now" }} ]\n')) == 1


def test_a_plan_needs_steps() -> None:
    assert faults("[plans.p]\nsteps = []\n") == ["plans.p.steps: must have at least 1 elements; got 0"]


def test_each_request_goes_to_the_last_step_that_can_answer_it() -> None:
    able = [np.array([0.3, 0.3, 0.3]), np.array([0.0, 0.7, 0.9]), np.array([0.0, 0.0, 0.8])]
    taken = [share.tolist() for share in nest_shares(able)]
    assert taken == [pytest.approx(each) for each in ([0.3, 0, 0], [0, 0.7, 0.1], [0, 0, 0.8])]


ALIKE = ("crossover", "project_start", "cutover", "break_even", "payback_months", "limit_again", "possible")
ALIKE += ("peak_replicas", "set_by_minimum_share", "overflow_share", "owed_after_horizon_usd", "limit_kept")
ALIKE += ("capacity_requests_per_second", "peak_cash_on", "irr_reason", "above_limit_usd", "start_by", "best_start")
MONEY = ("total_usd", "npv_saving_usd", "one_off_usd", "end_credit_usd", "peak_cash_usd")


@pytest.mark.parametrize("policy", ["now", "warn", "lead", "staged", "best", "never", date(2027, 4, 5)])
def test_a_plan_of_one_step_is_its_candidate(policy: Any) -> None:
    names = ("slow", "box", "bought", "capped")
    it = world(
        {f"only-{name}": steps((name, policy))["p"] for name in names},
        candidates__box=box(usd_per_gpu_hour=1, reserved_replicas=1, reserved_usd_per_gpu_hour=0.5),
        candidates__bought=box(purchase_usd_per_gpu=900, lifetime_months=5, power_kw_per_gpu=1, usd_per_kwh=0.1),
        candidates__capped=box(usd_per_gpu_hour=1, max_replicas=2, overflow="current"),
        decision__policy=policy,
    )
    base = as_json(simulate(it))["base"]
    for name in names:
        plan, alone = base["plans"][f"only-{name}"], base["candidates"][name]
        assert {key: plan[key] for key in ALIKE} == {key: alone[key] for key in ALIKE}
        assert plan["remedy"] == (alone["remedy"] and policy != "never")  # a candidate is judged by its start-by day
        assert [plan[key] for key in MONEY] == pytest.approx([alone[key] for key in MONEY], rel=1e-9, abs=1e-6)
        assert plan["irr"] == (alone["irr"] and pytest.approx(alone["irr"], rel=1e-6))


def test_every_figure_of_a_candidate_is_there_for_a_plan() -> None:
    base = as_json(simulate(world(steps(("quick", "now"), ("slow", "best")))))["base"]
    assert set(base["candidates"]["slow"]) < set(base["plans"]["p"])
    assert [sorted(step) for step in base["plans"]["p"]["steps"]] == [["candidate", "cutover", "start"]] * 2


def test_a_bridge_to_the_late_one_is_costed_by_itself() -> None:
    base = as_json(simulate(world({})))["base"]
    made = base["plans"]["auto:bridge"]
    assert [step["candidate"] for step in made["steps"]] == ["quick", "slow"]
    told = as_json(simulate(world(steps(("quick", "now"), ("slow", "best")))))["base"]["plans"]
    assert told["p"] == told["auto:bridge"] == made


def test_without_plans_and_a_bridge_there_is_none() -> None:
    assert as_json(simulate(plain(candidates__a=half_price())))["base"]["plans"] == {}


def test_a_plan_that_beats_every_candidate_is_the_advice() -> None:
    judged = JudgedWorld(simulate(world(steps(("quick", "now"), ("slow", "after")))))
    verdict = judged.as_json()["verdict"]
    plans = judged.as_json()["base"]["plans"]
    best = max(plans, key=lambda name: plans[name]["npv_saving_usd"])
    alone = max(each.starts.weighed_stay - each.present_cost for each in judged.case.outlooks)
    assert plans[best]["npv_saving_usd"] > 1.01 * alone
    assert verdict["plan"] == best
    assert verdict["candidate"] == "slow"
    assert verdict["npv_saving_usd"] == plans[best]["npv_saving_usd"]
    for step in plans[best]["steps"]:
        assert step["candidate"] in verdict["sentence"]


def test_where_all_are_late_a_plan_need_be_no_earlier_than_the_best_alone() -> None:
    """Over the limit from the first day: nobody is in time. The plan is live first, and saves more."""
    sooner = {**half_price(**{**TEAM, "labels_per_day": 30}), "usd_per_mtok": {"input": 0.1, "output": 1}}
    quick = {**QUICK, "usd_per_month": 0, "upkeep": {}, "usd_per_mtok": {"input": 0.1, "output": 1}}
    changes = {"limit__usd_per_month": 2000, "candidates__slow": sooner, "candidates__quick": quick}
    alone, beside = (
        JudgedWorld(simulate(world(plans, **changes))).as_json()["verdict"]
        for plans in ({}, steps(("quick", "now"), ("slow", "now")))
    )
    assert (alone["action"], alone["candidate"], alone["plan"]) == ("late", "slow", None)
    assert (beside["action"], beside["plan"]) == ("late", "p")
    assert beside["npv_saving_usd"] > 1.01 * alone["npv_saving_usd"]
    assert beside["sentence"].startswith("You are ")


def test_a_plan_that_gains_nothing_is_not_the_advice() -> None:
    """The same candidate with one that adds nothing beside it."""
    it = plain(
        usage__growth=GROWS,
        candidates__a=half_price(),
        candidates__b=half_price(usd_one_off=5000),
        plans=steps(("a", "now"), ("b", "now")),
    )
    assert as_json(simulate(it))["verdict"]["plan"] is None


UNSURE = {
    "usage__growth": {"curve": "compound", "per_month": {"low": 0.05, "high": 0.25}},
    "usage__daily_noise": 0.05,
    "candidates__slow": {**SLOW, "upkeep": {"incidents_per_year": 3, "incident_days": 4}},
    "candidates__own": {
        **box(usd_per_gpu_hour={"low": 0.5, "high": 2}, max_replicas=3, overflow="current"),
        "project": {"ramp_days": 30, "pass_probability": [0.4, 0.6], "evaluation_days": 9},
    },
    "candidates__bought": {
        **box(purchase_usd_per_gpu=900, lifetime_months=5, power_kw_per_gpu=1, usd_per_kwh=0.1),
        "coverage": {"low": 0.4, "high": 0.6},
    },
}


@pytest.mark.parametrize(
    "stated",
    [
        (("quick", "now"), ("slow", "after")),
        (("bought", "now"), ("slow", date(2027, 3, 8))),
        (("bought", "now"), ("own", date(2027, 2, 3)), ("slow", "after")),
    ],
)
def test_worlds_at_once_and_one_by_one_agree(stated: tuple[tuple[str, Any], ...]) -> None:
    it = world(steps(*stated), **UNSURE)
    worlds, plan = Worlds(it, 3), it.plans["p"]
    days = [0 if start in ("now", "after") else (start - it.start).days for _, start in stated]
    asked = AskedPlan(plan, np.tile(days, (24, 1)), (False,) * len(stated))
    ((_, batch),) = worlds.batches(0, worlds.values(24))
    came = follow_plans(batch, {"p": asked})["p"]
    for number in range(24):
        alone = worlds.one(number).plan_result("p", plan)
        assert came.saving[number] == pytest.approx(alone.npv_saving, rel=1e-9, abs=1e-6)
        assert came.one_off[number] == pytest.approx(alone.one_off, rel=1e-9, abs=1e-6)
        assert came.remedy[number] == alone.remedy
        assert came.possible[number] == alone.possible
        assert came.break_even[number] == alone.break_even.day
        assert came.step_cutover[number].tolist() == [min_never(step.cutover, it) for step in alone.steps]


RENTED = {
    **box(usd_per_gpu_hour={"low": 0.5, "high": 2}, spare_replicas=1),
    "coverage": {"low": 0.4, "high": 0.8},
    "project": {"ramp_days": 30, "pass_probability": [0.4, 0.6], "evaluation_days": 9},
    "upkeep": {"incidents_per_year": 2, "incident_days": 3, "retrain_every_months": 3},
}


@pytest.mark.parametrize(
    "names",
    [
        ("quick", "rented"),
        ("rented", "quick", "slow"),
        ("slow", "rented", "quick"),
        ("bought", "own"),
        ("quick", "own"),
    ],
)
def test_starts_in_many_worlds_cost_what_their_days_cost(names: tuple[str, ...]) -> None:
    it = world(steps(*((name, "best") for name in names)), **UNSURE, candidates__rented=RENTED)
    worlds, plan = Worlds(it, 3), it.plans["p"]
    ((_, batch),) = worlds.batches(0, worlds.values(24))
    asked = AskedPlan(plan, np.zeros((24, len(names)), dtype=np.int64), (False,) * len(names))
    search, grid = plan_search(batch, asked, range(len(names))), np.arange(0, batch.clock.days, 61)
    for place in range(len(names)):
        stages = search.stages({k: grid if k == place else np.full_like(grid, 92) for k in range(len(names))})
        daily = plan_costs(batch.setting, stages).ledger.total
        found = PresentPlans(batch.setting, batch.discount).of(stages)
        assert found == pytest.approx((daily * batch.discount).sum(axis=-1), rel=1e-9)


def min_never(day: int, scenario: Scenario) -> int:
    """A day within the horizon, else never."""
    last = (scenario.start.replace(year=scenario.start.year + scenario.months // 12) - scenario.start).days
    return day if day < last else NEVER


def test_draws_say_of_a_plan_what_they_say_of_candidates() -> None:
    it = world(steps(("quick", "now"), ("slow", "best")), **UNSURE)
    found = MonteCarlo(64, seed=1).study(it, JudgedWorld(simulate(it)))
    told = draws_json(found)
    plan = told["plans"]["p"]
    assert {"p10", "p50", "p90", "probability"} <= set(plan["cutover"])
    assert {"mean", "p10", "p50", "p90"} <= set(plan["npv_saving_usd"])
    assert [step["candidate"] for step in plan["steps"]] == ["quick", "slow"]
    assert 0 <= plan["probability_saves"] <= 1
    assert math.isclose(plan["npv_saving_usd"]["mean"], float(found.plans["p"].came.saving.mean()))
    assert told["verdict"]["plan"] in (None, *told["plans"])


def test_a_plan_of_one_step_draws_as_its_candidate() -> None:
    it = world(steps(("slow", "now")), **UNSURE, decision__policy="now")
    found = MonteCarlo(32, seed=1).study(it, JudgedWorld(simulate(it)))
    plan, alone = found.plans["p"], found.candidates["slow"]
    assert np.allclose(plan.came.saving, alone.followed_starts.saving[:, 0], rtol=1e-9, atol=1e-6)
    assert (plan.came.cutover == alone.followed_starts.cutover[:, 0]).all()
    assert (plan.came.remedy == alone.followed_starts.remedy[:, 0]).all()
    assert plan.saving == replace(alone.saving(0))
