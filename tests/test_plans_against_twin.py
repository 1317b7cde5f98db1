"""Plans against the twin: every figure of the base case, and cash by month, in drawn worlds and where steps meet, end
and fail."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from switchpoint.decision.case import simulate
from switchpoint.decision.cash import cash_view, waterfall
from switchpoint.decision.plan_result import PlanResult
from switchpoint.decision.result import as_json
from switchpoint.scenario.schema import Scenario
from tests.effort import tries
from tests.scenario_strategies import box, describe, half_price, own_scenarios, plain, scenarios
from tests.small_worlds import without_flips
from tests.test_against_twin import EXAMPLES, PHASES, differences, near, unsound
from tests.twin.decision import World

pytestmark = pytest.mark.slow

GROWS = {"curve": "compound", "per_month": 0.15}
SLOW = {**half_price(examples=900, labels_per_day=10, training_days=20), "usd_per_mtok": {"input": 0.1, "output": 1}}
QUICK = {**half_price(shadow_days=5, ramp_days=11), "coverage": 0.4, "usd_per_month": 100, "upkeep": {"engineers": 1}}
BOUGHT = box(purchase_usd_per_gpu=2000, lifetime_months=3.5, resale_share=0.1, power_kw_per_gpu=1, usd_per_kwh=0.2)
RESERVED = box(usd_per_gpu_hour=2, reserved_replicas=1, reserved_usd_per_gpu_hour=1, reserved_months=2)


def steps(*stated: tuple[str, Any]) -> dict[str, Any]:
    """Plans of one plan."""
    return {"p": {"steps": [{"candidate": name, "start": start} for name, start in stated]}}


def planned(plan: dict[str, Any], months: int = 12, **candidates: Any) -> Scenario:
    """The plain world with growth, candidates and a plan."""
    named = {f"candidates__{name}": table for name, table in candidates.items()}
    return plain(months=months, usage__growth=GROWS, limit__usd_per_month=4000, plans=plan, **named)


EDGES = {
    "a bridge that ends": planned(steps(("quick", "now"), ("slow", "now")), quick=QUICK, slow=SLOW),
    "the second after the first": planned(steps(("quick", "now"), ("slow", "after")), quick=QUICK, slow=SLOW),
    "the easier one comes later": planned(steps(("quick", date(2027, 9, 1)), ("slow", "now")), quick=QUICK, slow=SLOW),
    "both on their best days": planned(steps(("quick", "best"), ("slow", "best")), quick=QUICK, slow=SLOW),
    "only the second on its best day": planned(steps(("quick", "warn"), ("slow", "best")), quick=QUICK, slow=SLOW),
    "GPUs that are sold": planned(steps(("box", "now"), ("slow", "now")), box=BOUGHT, slow=SLOW),
    "GPUs that are sold on the day of their replacement": planned(
        steps(("box", "now"), ("all", date(2027, 4, 17))), box=BOUGHT, all=half_price()
    ),
    "a term that is paid to its end": planned(steps(("box", "now"), ("all", "best")), box=RESERVED, all=half_price()),
    "a term that ends on that day": planned(
        steps(("box", "now"), ("all", date(2027, 3, 2))), box=RESERVED, all=half_price()
    ),
    "a training of a step that never gets a request": planned(
        steps(("quick", "now"), ("all", "now")),
        quick={**half_price(training_days=0, usd_per_iteration=441.1), "coverage": 0.9},
        all=half_price(),
    ),
    "a step that is never started": planned(steps(("quick", "never"), ("slow", "lead")), quick=QUICK, slow=SLOW),
    "one step": planned(steps(("slow", "best")), slow=SLOW),
    "one that outgrows its context": planned(
        steps(("quick", "now"), ("short", "now")), quick=QUICK, short={**half_price(), "max_context": 60_000}
    ),
    "two that overflow": planned(
        steps(("box", "now"), ("other", "after")),
        box={**box(scaling="fixed", fixed_replicas=1, usd_per_gpu_hour=1, overflow="current"), "coverage": 0.5},
        other=box(max_replicas=2, usd_per_gpu_hour=1, overflow="current"),
    ),
    "three, one after the other": planned(
        steps(("quick", "now"), ("mid", "after"), ("slow", "after")),
        months=24,
        quick=QUICK,
        mid={**half_price(training_days=30, ramp_days=20), "coverage": 0.7},
        slow=SLOW,
    ),
    "days above the limit with a price": plain(
        usage__growth=GROWS,
        limit__usd_per_month=4000,
        limit__usd_per_month_above=900,
        candidates__quick=QUICK,
        candidates__slow=SLOW,
        plans=steps(("quick", "best"), ("slow", "best")),
    ),
}


def compare(scenario: Scenario) -> None:
    """Nothing differs from the twin, in what is said of plans or of anything else, nor in plans' cash by month."""
    case, world = simulate(scenario), World(scenario)
    with without_flips():
        want = world.report()
        found = [*differences(as_json(case), want), *unsound(scenario, want)]
    if case.verdict.plan is not None:  # of which plan is advised the twin says nothing
        found = [line for line in found if not line.startswith("verdict.")]
    found += [line for plan in case.plans if plan.name in world.plans for line in cash_differences(plan, world)]
    assert not found, "\n  ".join([describe(scenario), repr(scenario.plans), *found[:25]])


def cash_differences(plan: PlanResult, world: World) -> Iterator[str]:
    """What differs in the months of a plan's cash, and in the sums of its waterfall."""
    path, view = world.plans[plan.name].course.as_path(), cash_view(plan, "month")
    staying = [flow + capital for flow, capital in zip(world.stay_flow, world.staying.capital, strict=True)]
    capital = [own + route for own, route in zip(path.capital, path.route.capital, strict=True)]
    columns = {"stay": (view.stay, staying), "opex": (view.opex, path.flow), "capex": (view.capex, capital)}
    for name, (got, daily) in columns.items():
        want = dict.fromkeys((world.clock.date(day).replace(day=1) for day in range(world.clock.days)), 0.0)
        for day, usd in enumerate(daily):
            want[world.clock.date(day).replace(day=1)] += usd
        for mine, (month, twins) in zip(got.tolist(), want.items(), strict=True):
            if not near(mine, twins, sum(staying)):
                yield f"{plan.name}: {name} of {month}: {mine}, twin {twins}"
    steps = waterfall(plan)
    for mine, twins in ((steps[0].usd, sum(staying)), (steps[-1].usd, sum(world.stay) - sum(path.costs()))):
        if not near(mine, twins, sum(staying)):
            yield f"{plan.name}: waterfall {mine}, twin {twins}"


@pytest.mark.parametrize("name", EDGES)
def test_where_steps_meet(name: str) -> None:
    compare(EDGES[name])


@st.composite
def with_plans(draw: Any, worlds: st.SearchStrategy[Scenario]) -> Scenario:
    """A drawn world, with a plan of its candidates in some order."""
    scenario = draw(worlds)
    stated: list[tuple[str, Any]] = []
    for place, name in enumerate(draw(st.permutations(list(scenario.candidates)))):
        words = ["now", "best", "warn", "lead", "never", scenario.start] + (["after", "after"] if place else [])
        stated.append((name, draw(st.sampled_from(words))))
    return Scenario.model_validate({**dict(scenario), "plans": steps(*stated)})


DRAWN = settings(
    max_examples=tries(10, EXAMPLES),
    phases=PHASES,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.large_base_example],
)


@given(with_plans(scenarios()))
@DRAWN
def test_in_drawn_worlds(scenario: Scenario) -> None:
    compare(scenario)


@given(with_plans(own_scenarios()))
@DRAWN
def test_with_another_current_route(scenario: Scenario) -> None:
    compare(scenario)
