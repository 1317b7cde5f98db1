"""What must hold in every world, whatever its numbers."""

from __future__ import annotations

import json
import tomllib
from datetime import date, timedelta
from functools import cache
from itertools import pairwise
from pathlib import Path
from random import Random
from typing import Any

import numpy as np
import numpy_financial as npf
import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from switchpoint.decision.candidate_result import CandidateResult
from switchpoint.decision.case import simulate
from switchpoint.decision.result import JudgedWorld
from switchpoint.horizon import NEVER, horizon_of
from switchpoint.scenario.access import Disk
from switchpoint.scenario.load import load, load_text
from switchpoint.scenario.project import Project
from switchpoint.scenario.schema import Scenario
from switchpoint.scenario.toml_writer import tree_of, update_text
from switchpoint.simulation.chance import Drawn, Expected
from switchpoint.simulation.ledger import Component
from switchpoint.simulation.plan_costs import PlanStage, plan_costs
from switchpoint.simulation.present_cost import present_cost_of_starts
from switchpoint.simulation.present_plan import PresentPlans
from switchpoint.simulation.project import rehearse
from switchpoint.simulation.schedule import Labelling, Planner, Steps
from switchpoint.simulation.switch_costs import running_cost, switch_costs
from tests.effort import tries
from tests.scenario_strategies import scenarios
from tests.small_worlds import API, BOX, Table, growing, merged, priced, result, with_candidates, without_flips

pytestmark = pytest.mark.slow

FOLDER = Path(__file__).resolve().parent.parent / "scenarios"
STORIES = sorted(FOLDER.glob("*.toml"))
FEW = settings(
    max_examples=tries(15, 100),
    phases=[phase for phase in Phase if phase is not Phase.shrink],
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)
"""Worlds are slow to shrink."""
NOW = {"decision": {"policy": "now"}}


def about(usd: Any, scale: float = 0.0) -> Any:
    return pytest.approx(usd, rel=1e-9, abs=max(1e-6, 1e-9 * scale))


def without(spec: Scenario, *parts: str) -> Scenario:
    """The scenario without some fields, wherever they stand."""
    return Scenario.model_validate(stripped(tree_of(spec), parts))


def stripped(tree: Any, parts: tuple[str, ...]) -> Any:
    if isinstance(tree, dict):
        return {key: stripped(value, parts) for key, value in tree.items() if key not in parts}
    return [stripped(value, parts) for value in tree] if isinstance(tree, list) else tree


def replaced(spec: Scenario, **tables: Any) -> Scenario:
    return Scenario.model_validate(merged(tree_of(spec), tables))


class TestSums:
    """Cost adds up over components, days and months."""

    @FEW
    @given(scenarios())
    def test_totals_are_sums_of_components_and_of_months(self, spec: Scenario) -> None:
        case = simulate(spec)
        with without_flips():
            rows = JudgedWorld(case).as_json()["monthly"]
        stay = float(case.stay.sum())
        assert sum(row["stay_usd"] for row in rows) == about(stay)
        assert sum(float(daily.sum()) for daily in case.setting.stay.entries.values()) == about(stay)
        for outlook in case.outlooks:
            parts = sum(float(daily.sum()) for daily in outlook.ledger.entries.values())
            assert parts == about(outlook.total, stay)
            assert sum(row[f"{outlook.name}_usd"] for row in rows) == about(outlook.total, stay)

    @settings(FEW, max_examples=tries(30, 100))
    @given(scenarios(), st.none() | st.integers(0, 99))
    def test_starts_cost_what_their_days_cost(self, spec: Scenario, draw: int | None) -> None:
        """The search over start dates uses cumulative sums; they are those of the days, in drawn worlds too."""
        case = simulate(spec, None if draw is None else Drawn(1, draw))
        for outlook in case.outlooks:
            if outlook.starts.under_way is None:
                starts = np.append(np.arange(0, case.clock.days, 13), NEVER)
                discount = outlook.starts.discount
                days = switch_costs(outlook.prospect, starts).ledger.total @ discount
                found = present_cost_of_starts(outlook.prospect, outlook.prospect.planner.schedule(starts), discount)
                assert found == about(days, outlook.starts.present_stay)

    @FEW
    @given(scenarios(), st.none() | st.integers(0, 99), st.randoms())
    def test_starts_of_a_plan_cost_what_their_days_cost(self, spec: Scenario, draw: int | None, luck: Random) -> None:
        """The search for the starts of a plan's steps uses cumulative sums; they are those of the days."""
        case = simulate(spec, None if draw is None else Drawn(1, draw))
        prospects = [outlook.prospect for outlook in case.outlooks if outlook.starts.under_way is None]
        luck.shuffle(prospects)
        starts = np.append(np.arange(0, case.clock.days, 29), NEVER)
        for varied in range(len(prospects)):
            days = [starts if k == varied else np.full_like(starts, luck.choice(starts)) for k in range(len(prospects))]
            stages = [PlanStage(each, each.planner.schedule(day)) for each, day in zip(prospects, days, strict=True)]
            told = plan_costs(case.setting, stages).ledger.total @ case.discount
            assert PresentPlans(case.setting, case.discount).of(stages) == about(told, float(case.present_stay))

    @FEW
    @given(scenarios())
    def test_before_anything_is_spent_the_switch_path_is_the_stay_path(self, spec: Scenario) -> None:
        case = simulate(without(spec, "commitments"))
        for outlook in case.outlooks:
            course = outlook.course
            schedule = course.path.schedule
            first = min(int(days[course.row]) for days in (schedule.start, schedule.label, schedule.recruit))
            assert outlook.cost_per_day[: max(first, 0)] == about(case.stay[: max(first, 0)])


COARSE = ("startup_minutes", "billing_minutes")
"""Coarser steps than a replica's hours: more load that cannot wait may leave so much free that a step is saved."""


class TestMonotone:
    """More of what costs money never costs less."""

    @FEW
    @given(scenarios(), st.sampled_from([1.01, 1.5, 4.0]))
    def test_price(self, spec: Scenario, factor: float) -> None:
        spec = without(spec, "commitments")
        change = {"date": spec.start, "factor": factor}
        dearer = replaced(spec, current={"price_changes": [*tree_of(spec)["current"].get("price_changes", []), change]})
        assert (simulate(dearer).stay >= simulate(spec).stay * (1 - 1e-12)).all()

    @FEW
    @given(scenarios(), st.sampled_from([1.01, 1.5, 4.0]))
    def test_volume(self, spec: Scenario, factor: float) -> None:
        spec = without(spec, "commitments", "quality_usd_per_1000_requests", "max_context", *COARSE)
        event = {"date": spec.start, "factor": factor}
        more = replaced(spec, usage={"events": [*tree_of(spec)["usage"].get("events", []), event]})
        one, two = simulate(spec), simulate(more)
        assert (two.stay >= one.stay * (1 - 1e-12)).all()
        for outlook in one.outlooks:
            if two.outlook(outlook.name).possible:
                cheaper, dearer = (running_cost(each.prospect) for each in (outlook, two.outlook(outlook.name)))
                assert (dearer >= cheaper * (1 - 1e-12)).all()

    @FEW
    @given(scenarios(), st.floats(0.01, 0.5))
    def test_retries(self, spec: Scenario, extra: float) -> None:
        spec = without(spec, "commitments", "quality_usd_per_1000_requests", "retry_share", *COARSE)
        more = replaced(spec, current={"retry_share": extra})
        one, two = simulate(spec), simulate(more)
        assert two.stay.sum() >= one.stay.sum() * (1 - 1e-12)
        for outlook in one.outlooks:
            if two.outlook(outlook.name).possible:
                cheaper, dearer = (running_cost(each.prospect) for each in (outlook, two.outlook(outlook.name)))
                assert (dearer >= cheaper * (1 - 1e-12)).all()

    @pytest.mark.parametrize("field", ["usd_one_off", "usd_hardening", "usd_per_iteration"])
    def test_a_dearer_project_saves_exactly_that_much_less(self, field: str) -> None:
        half = merged(API, {"project": {field: 100.0, "evaluation_days": 3}})
        dear = merged(half, {"project": {field: 350.0}})
        cheap, more = (result(NOW, with_candidates(half=c)).case.outlook("half") for c in (half, dear))
        assert cheap.npv_saving - more.npv_saving == about(250)


class TestTwins:
    """A candidate that is the current route saves nothing, to the last bit."""

    @FEW
    @given(scenarios())
    def test_saves_exactly_nothing(self, spec: Scenario) -> None:
        tree = stripped(tree_of(spec), ("until",))
        same = {key: value for key, value in tree["current"].items() if key != "batch_share"}
        tree["candidates"] = {"same": {"kind": "api", **same}}
        tree["decision"] = {**tree.get("decision", {}), "policy": "now"}
        (outlook,) = simulate(Scenario.model_validate(tree)).outlooks
        assert outlook.npv_saving == 0.0
        assert outlook.total == float(outlook.starts.stay.sum())
        assert not outlook.saves

    @FEW
    @given(scenarios())
    def test_never_starting_costs_what_staying_costs(self, spec: Scenario) -> None:
        spec = replaced(without(spec, "labelling", "started", "iterations_done"), decision={"policy": "never"})
        for outlook in simulate(spec).outlooks:
            assert outlook.npv_saving == about(0.0, outlook.starts.present_stay)
            assert outlook.cutover >= NEVER
            assert outlook.project_start >= NEVER

    @FEW
    @given(scenarios())
    def test_the_same_twice_is_the_same(self, spec: Scenario) -> None:
        one, two = (json.dumps(JudgedWorld(simulate(spec)).as_json(), default=str) for _ in range(2))
        assert one == two

    @FEW
    @given(scenarios())
    def test_each_candidate_is_judged_alone(self, spec: Scenario) -> None:
        with without_flips():
            whole = JudgedWorld(simulate(spec)).as_json()["base"]["candidates"]
            for name, candidate in spec.candidates.items():
                alone = spec.model_copy(update={"candidates": {name: candidate}})
                assert JudgedWorld(simulate(alone)).as_json()["base"]["candidates"] == {name: whole[name]}


class TestUnits:
    """All dollars times four (medians of ranges are roots): every date stays, every sum is four times as large."""

    @FEW
    @given(scenarios())
    def test_dollars_have_no_absolute_size(self, spec: Scenario) -> None:
        fourfold = Scenario.model_validate(dearer(tree_of(spec)))
        one, two = (JudgedWorld(simulate(each)).as_json() for each in (spec, fourfold))
        said = [undollared(each["verdict"]) for each in (one, two)]
        savings, ends = zip(
            *((s.pop("npv_saving_usd"), s.pop("saving_ends_at_api_price_factor")) for s in said), strict=True
        )
        assert said[1] == fourfold_of("", said[0])
        assert savings == (None, None) or savings[1] == pytest.approx(4 * savings[0], rel=1e-6, abs=1e-3)
        assert ends == (None, None) or ends[1] == pytest.approx(ends[0], rel=1e-6)
        assert two["base"]["threat"] == one["base"]["threat"]
        assert two["base"]["warning"] == one["base"]["warning"]
        for name, figures in one["base"]["candidates"].items():
            for key, value in figures.items():
                assert two["base"]["candidates"][name][key] == fourfold_of(key, value), (name, key)


def fourfold_of(key: str, value: Any) -> Any:
    """A figure where all dollars are four times as many."""
    if isinstance(value, dict):
        return {name: fourfold_of(key if key.endswith("_usd") else name, each) for name, each in value.items()}
    dollars = (key == "usd" or key.endswith("_usd")) and value is not None
    return pytest.approx(4 * value, rel=1e-6, abs=1e-3) if dollars else value


def undollared(verdict: Table) -> Table:
    return {key: value for key, value in verdict.items() if key != "sentence"}


def dearer(tree: Any, dollars: bool = False) -> Any:
    if isinstance(tree, dict):
        return {
            key: dearer(value, (dollars and key != "weights") or ("usd_" in key and "change" not in key))
            for key, value in tree.items()
        }
    if isinstance(tree, list):
        return [dearer(value, dollars) for value in tree]
    return 4 * tree if dollars and isinstance(tree, (int, float)) and not isinstance(tree, bool) else tree


class TestFleet:
    BOUGHT: Table = merged(
        {"kind": "gpu"},
        {
            "fleet": {
                "requests_per_second_per_replica": 0.05,
                "purchase_usd_per_gpu": 100,
                "power_kw_per_gpu": 0.7,
                "usd_per_kwh": 0.2,
            }
        },
    )

    @given(st.lists(st.floats(0.2, 5), max_size=4), st.sampled_from(["hourly", "daily"]))
    @settings(max_examples=40)
    def test_bought_hardware_never_shrinks(self, factors: list[float], scaling: str) -> None:
        events = [{"date": date(2027, 2, 1) + timedelta(days=60 * i), "factor": f} for i, f in enumerate(factors)]
        box = merged(self.BOUGHT, {"fleet": {"scaling": scaling}})
        told = result(NOW, {"usage": {"events": events}}, with_candidates(box=box))
        outlook = told.case.outlook("box")
        power = outlook.ledger.entries[Component.POWER]
        assert (np.diff(power) >= -1e-12).all()
        bought = outlook.ledger.capital
        assert (bought >= 0).all()
        assert bought.sum() / 100 == about(power[-1] / (0.7 * 0.2 * 24))

    @given(st.integers(0, 20_000), st.integers(0, 20_000))
    @settings(max_examples=30)
    def test_an_idle_fleet_costs_as_much_as_a_busy_one(self, one: int, two: int) -> None:
        fixed = merged(BOX, {"fleet": {"scaling": "fixed", "fixed_replicas": 2}})
        costs = [
            result(NOW, {"usage": {"requests_per_day": n}}, with_candidates(own=fixed)).case.outlook("own").total
            for n in (one, two)
        ]
        assert costs[0] == costs[1] == about(2 * 2.4 * 730 + 2 * 2.4)

    @given(st.floats(1.001, 50), st.floats(0.001, 0.2))
    @settings(max_examples=30)
    def test_a_fixed_fleet_too_small_is_not_possible_and_never_a_saving(self, over: float, growth: float) -> None:
        """It carries 0.08 a second; the load is beyond it now, or grows beyond it."""
        tight = merged(
            BOX, {"fleet": {"requests_per_second_per_replica": 0.1, "scaling": "fixed", "fixed_replicas": 1}}
        )
        today = result(NOW, {"usage": {"requests_per_day": 6912 * over}}, with_candidates(tight=tight))
        outlook = today.case.outlook("tight")
        assert not outlook.possible
        assert outlook.impossible_from == 0
        assert outlook.npv_saving < 0
        assert today.verdict.candidate is None
        later = result(NOW, {"usage": {"requests_per_day": 6_000}}, growing(growth), with_candidates(tight=tight))
        outlook = later.case.outlook("tight")
        if outlook.possible:
            return
        ends = outlook.impossible_from
        requests = later.case.setting.traffic.requests
        assert requests[ends] > 6912 >= requests[ends - 1]
        assert (outlook.cost_per_day[ends:] >= later.case.stay[ends:]).all()
        assert later.verdict.candidate is None
        assert "not possible" in later.sentence


class TestPresentValue:
    @FEW
    @given(scenarios())
    def test_no_discount_is_no_discount(self, spec: Scenario) -> None:
        spec = replaced(spec, decision={"discount_rate_per_year": 0.0})
        for outlook in simulate(spec).outlooks:
            stay = float(outlook.starts.stay.sum())
            assert outlook.npv_saving == about(stay - outlook.total, stay)

    @given(st.floats(0.01, 0.4), st.integers(2, 60), st.floats(0.05, 0.95))
    @settings(max_examples=30)
    def test_a_flat_saving_is_an_annuity(self, rate: float, months: int, price: float) -> None:
        """$10 a day against 10 x price: the present value of an annuity, paid at the beginning of each day."""
        told = result(
            {"months": months, "decision": {"policy": "now", "discount_rate_per_year": rate}},
            with_candidates(cheap=merged(API, priced(price))),
        )
        daily = (1 + rate) ** (1 / 365.25) - 1
        flat = -npf.pv(daily, told.case.clock.days, 10 * (1 - price), when="begin")
        assert told.case.outlook("cheap").npv_saving == pytest.approx(flat, rel=1e-9)

    @given(st.just(0.0) | st.floats(0.01, 0.4), st.integers(0, 300), st.floats(100, 5_000))
    @settings(max_examples=30)
    def test_a_project_is_paid_before_it_saves(self, rate: float, day: int, once: float) -> None:
        cheap = merged(API, priced(0.4), {"project": {"usd_one_off": once, "evaluation_days": 30}})
        start = date(2027, 1, 1) + timedelta(days=day)
        told = result({"decision": {"policy": start, "discount_rate_per_year": rate}}, with_candidates(cheap=cheap))
        flows = np.zeros(told.case.clock.days)
        flows[day + 30 :] = 6.0
        flows[day] -= once
        expected = npf.npv((1 + rate) ** (1 / 365.25) - 1, flows)
        assert told.case.outlook("cheap").npv_saving == pytest.approx(expected, rel=1e-9, abs=1e-6)


class TestOverrides:
    """--set does what editing the file does."""

    SETTINGS = (
        ("usage.growth.per_month", "0.05", 0.05),
        ("usage.requests_per_day", "{ low = 1000, high = 9000 }", {"low": 1000, "high": 9000}),
        ("months", "18", 18),
        ("decision.policy", "best", "best"),
        ("decision.policy", "2027-05-01", date(2027, 5, 1)),
        ("limit.usd_per_month", "12_345", 12_345),
        ("current.retry_share", "0.2", 0.2),
        ("start", "2027-02-01", date(2027, 2, 1)),
    )

    @staticmethod
    def edited(story: Path, text: str) -> Scenario:
        """The story with another text, beside the files that it names."""
        return load_text(text, str(story), files=Disk()).scenario

    @pytest.mark.parametrize("story", STORIES, ids=lambda path: path.stem)
    def test_same_scenario(self, story: Path) -> None:
        text = story.read_text(encoding="utf-8")
        for path, written, value in self.SETTINGS:
            edited = self.edited(story, update_text(text, {tuple(path.split(".")): value}))
            assert load(story, [f"{path}={written}"]).scenario == edited

    @pytest.mark.parametrize("story", STORIES, ids=lambda path: path.stem)
    def test_same_candidate(self, story: Path) -> None:
        overridden, edited = self.with_half_the_coverage(story)
        assert overridden == edited

    def test_same_result_for_a_candidate(self) -> None:
        """Of one story: what the same scenario twice comes to is the same, and takes seconds to find for all."""
        overridden, edited = self.with_half_the_coverage(FOLDER / "voice-agent.toml")
        assert JudgedWorld(simulate(overridden)).as_json() == JudgedWorld(simulate(edited)).as_json()

    def with_half_the_coverage(self, story: Path) -> tuple[Scenario, Scenario]:
        """The story with half the coverage of its first candidate, by --set and in its text."""
        text = story.read_text(encoding="utf-8")
        name = next(iter(tomllib.loads(text)["candidates"]))
        edited = self.edited(story, update_text(text, {("candidates", name, "coverage"): 0.5}))
        return load(story, [f"candidates.{name}.coverage=0.5"]).scenario, edited


PROJECTS = st.fixed_dictionaries(
    {
        "training_days": st.sampled_from([0, 1, 2.5, 4]),
        "evaluation_days": st.sampled_from([0, 1, 6.2]),
        "intervention_days": st.sampled_from([0, 3]),
        "hardening_days": st.sampled_from([0, 5]),
        "shadow_days": st.sampled_from([0, 1, 7]),
        "ramp_days": st.sampled_from([0, 1, 9.5]),
        "pass_probability": st.sampled_from([[1.0], [0.5], [0.3, 0.4, 0.5], [0.1], [0.2, 0.6]]),
        "diagnosed_share": st.sampled_from([0.0, 0.5, 1.0]),
        "max_iterations": st.sampled_from([1, 3, 8]),
        "upskilling_weeks": st.sampled_from([0, 1.3]),
        "engineers": st.just(2),
        "engineers_in_house": st.sampled_from([0, 1, 2]),
        "hiring_weeks": st.sampled_from([0, 2.2, 6]),
        "hiring": st.sampled_from(["with-project", "from-start", date(2027, 2, 10)]),
        "examples": st.sampled_from([0, 1, 250, 1_000]),
        "examples_in_hand": st.sampled_from([0, 100]),
        "usable_share": st.sampled_from([1.0, 0.001, 0.01]),
        "labels_per_day": st.sampled_from([1_000, 25, 7.5]),
        "labelling": st.sampled_from(["with-project", "from-start", date(2027, 3, 1)]),
    }
)


class TestSchedule:
    """The planner's schedule for all starts at once is the one of each start, step by step."""

    @settings(max_examples=150)
    @given(PROJECTS, st.integers(0, 250), st.sampled_from([0.0, 0.05, -0.1]))
    def test_equals_a_day_by_day_computation(self, table: Table, start: int, growth: float) -> None:
        project = Project.model_validate(table)
        days = horizon_of(date(2027, 1, 1), 12)
        requests = 5_000 * (1 + growth) ** days.months_since_start * np.where(days.weekday < 5, 1.2, 0.5)
        planner = Planner(project, Steps.of(project), Labelling(project, requests), days, rehearse(project, Expected()))
        plan = planner.schedule(np.array([start, 17, NEVER]))
        expected = by_hand(table, start, requests)
        got = {name: int(getattr(plan, name)[0]) for name in expected}
        assert {name: min(day, NEVER) for name, day in got.items()} == expected
        assert int(plan.cutover[2]) == NEVER

    @settings(max_examples=60)
    @given(PROJECTS)
    def test_a_later_start_is_never_live_earlier(self, table: Table) -> None:
        project = Project.model_validate(table)
        days = horizon_of(date(2027, 1, 1), 12)
        planner = Planner(
            project,
            Steps.of(project),
            Labelling(project, np.full(days.days, 5_000.0)),
            days,
            rehearse(project, Expected()),
        )
        live = planner.schedule(np.arange(200)).cutover
        assert all(a <= b for a, b in pairwise(live))


def whole(value: float, unit: int = 1) -> int:
    """Whole days, counted up."""
    days = 0
    while days < value * unit - 1e-9:
        days += 1
    return days


def by_hand(table: Table, start: int, requests: Any) -> dict[str, int]:
    """First training day and what follows, counted day by day with whole numbers."""
    ready = ready_by_hand(table, start, requests)
    passed = None if ready == NEVER else passed_by_hand(table, ready)
    if passed is None:
        return {"ready": ready, "shadow": NEVER, "ramp": NEVER, "cutover": NEVER}
    shadow = passed + whole(table["hardening_days"])
    ramp = shadow + whole(table["shadow_days"])
    return {"ready": ready, "shadow": shadow, "ramp": ramp, "cutover": ramp + whole(table["ramp_days"])}


def ready_by_hand(table: Table, start: int, requests: Any) -> int:
    """The day on which people can train and have the data to do it with."""

    def first(begin: Any) -> int:
        if begin == "with-project":
            return start
        return 0 if begin == "from-start" else (begin - date(2027, 1, 1)).days

    ready = start + whole(table["upskilling_weeks"], 7)
    if table["engineers_in_house"] < table["engineers"]:
        ready = max(ready, start, first(table["hiring"]) + whole(table["hiring_weeks"], 7))
    missing, day = table["examples"] - table["examples_in_hand"], first(table["labelling"])
    while missing > 1e-6:
        if day >= requests.size:
            return NEVER
        missing -= min(table["labels_per_day"], table["usable_share"] * requests[day])
        day += 1
        ready = max(ready, day)
    return ready


def passed_by_hand(table: Table, ready: int) -> int | None:
    """The day after the evaluation that passes; None where all iterations fail."""
    failing, entry, now = 1.0, 0, ready
    odds = table["pass_probability"]
    for _ in range(table["max_iterations"]):
        now += whole(table["training_days"]) + whole(table["evaluation_days"])
        failing *= 1 - odds[min(entry, len(odds) - 1)]
        if failing <= 0.5 + 1e-12:
            return now
        entry += table["diagnosed_share"] >= 0.5
        now += whole(table["intervention_days"])
    return None


class TestStartedOnAnotherDay:
    """What is kept of one start for another must not change a figure of it."""

    @pytest.mark.parametrize("file", STORIES, ids=lambda file: file.stem)
    @pytest.mark.parametrize("day", [0, 45, 200, None])
    def test_it_comes_to_what_the_policy_of_that_day_comes_to(self, file: Path, day: int | None) -> None:
        scenario = load(file).scenario
        for outlook in shown(file).case.outlooks:
            start = outlook.starts.advised_start if day is None else day
            on = (scenario.start + timedelta(days=start)).isoformat()
            fresh = simulate(replaced(scenario, decision={"policy": on})).outlook(outlook.name)
            started = outlook.started_on(start)
            assert days_of(started) == days_of(fresh)
            assert dollars_of(started) == about(dollars_of(fresh))
            assert started.started_on(start) is started


@cache
def shown(file: Path) -> JudgedWorld:
    """A story as pages show it; what is kept of one start is there for all others."""
    return JudgedWorld(simulate(load(file).scenario)).shown


def days_of(outlook: CandidateResult) -> list[object]:
    named = ("project_start", "cutover", "limit_again", "peak_replicas")
    return [*(getattr(outlook, name) for name in named), outlook.break_even.day, outlook.starts.start_by]


def dollars_of(outlook: CandidateResult) -> list[float]:
    return [outlook.npv_saving, outlook.total, outlook.one_off, outlook.present_cost]
