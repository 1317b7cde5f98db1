"""Many draws of a scenario: what they say, that they can be had again, and that they agree with what is known."""

from __future__ import annotations

import json
import math
import pickle
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from switchpoint.decision.case import SimulatedWorld, simulate
from switchpoint.decision.policies import prepared_from, within
from switchpoint.decision.result import JudgedWorld
from switchpoint.decision.verdict import CandidateFacts
from switchpoint.errors import CannotCompute
from switchpoint.horizon import NEVER
from switchpoint.scenario.candidates import GpuCandidate
from switchpoint.scenario.load import load
from switchpoint.scenario.paths import UncertainInputs
from switchpoint.scenario.routes import PricedRoute
from switchpoint.scenario.schema import Scenario
from switchpoint.simulation.chance import BLOCK
from switchpoint.study.draw_results import DrawFindings
from switchpoint.study.draw_sentence import as_json, sentence
from switchpoint.study.draw_survey import ADVISED, ENDLESS, POLICY, TOO_LATE, DrawTable
from switchpoint.study.draws import Days, Money, Worlds, gather_records, join_records, latest_kept, quantile_day
from switchpoint.study.monte_carlo import FIRST_LOOK, DrawChunk, MonteCarlo, bytes_of_a_draw, half_width, survey_chunk
from switchpoint.study.preparation import levers_of, plans, preparation_gains, text_of
from tests.effort import tries
from tests.scenario_strategies import own_scenarios, scenarios
from tests.small_worlds import API, growing, merged, scenario, with_candidates

pytestmark = pytest.mark.slow

FOLDER = Path(__file__).resolve().parent.parent / "scenarios"
STORIES = sorted(FOLDER.glob("*.toml"))
FEW = settings(
    max_examples=tries(10, 60),
    phases=[phase for phase in Phase if phase is not Phase.shrink],
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)


def study(spec: Scenario, draws: int = 64, seed: int = 1, **how: Any) -> DrawFindings:
    return MonteCarlo(draws, seed, **how).study(spec, JudgedWorld(simulate(spec)))


def story(name: str) -> Scenario:
    return load(FOLDER / f"{name}.toml").scenario


SETTLED_MARKET = {"price_shocks_per_year": 0.0, "retirement_per_year": 0.0, "migration_price_factor": 1.0}
"""Announced retirements still happen, to a successor at the same price."""


def steady(spec: Scenario) -> Scenario:
    """The scenario with growth that keeps to its curve, as stories did before theirs wandered."""
    growth = spec.usage.growth.model_copy(update={"wander": None})
    usage = spec.usage.model_copy(update={"growth": growth, "daily_noise_carryover": 0.0})
    return spec.model_copy(update={"usage": usage})


def settled(spec: Scenario) -> Scenario:
    """The scenario with nothing left open: base values, no noise, no surprises, evaluations that pass as expected."""
    spec = steady(spec)
    inputs = UncertainInputs(spec)
    plain = inputs.certain(inputs.base)
    usage = plain.usage.model_copy(
        update={
            "daily_noise": 0.0,
            "events": tuple(
                e.model_copy(update={"probability": float(e.probability >= 0.5)}) for e in plain.usage.events
            ),
        }
    )
    candidates = {}
    for name, each in plain.candidates.items():
        needed = simulate(plain).outlook(name).prospect.planner.tail.trainings
        odds = (*(0.0,) * (len(needed) - 1), 1.0)
        project = each.project.model_copy(update={"pass_probability": odds, "diagnosed_share": 1.0})
        upkeep = each.upkeep.model_copy(update={"incidents_per_year": 0.0})
        update: dict[str, Any] = {"project": project, "upkeep": upkeep}
        if isinstance(each, PricedRoute):
            update |= SETTLED_MARKET
        if isinstance(each, GpuCandidate):
            update["fleet"] = each.fleet.model_copy(update={"rent_volatility_per_year": 0.0, "rent_spread": 0.0})
        candidates[name] = each.model_copy(update=update)
    current = plain.current
    if isinstance(current, PricedRoute):
        current = current.model_copy(update=SETTLED_MARKET)
    else:
        calm = current.fleet.model_copy(update={"rent_volatility_per_year": 0.0, "rent_spread": 0.0})
        current = current.model_copy(update={"fleet": calm})
    return plain.model_copy(update={"usage": usage, "candidates": candidates, "current": current})


class TestNothingOpen:
    """Without uncertainty the draws are the base case, to the last digit."""

    @pytest.mark.parametrize("path", STORIES, ids=lambda path: path.stem)
    def test_the_findings_are_the_base_case(self, path: Path) -> None:
        spec = settled(load(path).scenario)
        base = JudgedWorld(simulate(spec)).as_json()
        told = as_json(study(spec, 3))
        same = (
            "action",
            "candidate",
            "start_by",
            "binds",
            "bridge",
            "live",
            "label_by",
            "hire_by",
            "window",
            "tied",
            "commit_by",
            "remaining_lead_days",
            "saves_only",
        )
        assert {key: told["verdict"][key] for key in same} == {key: base["verdict"][key] for key in same}
        for name in ("threat", "warning"):
            dates = told["dates"][name] or dict.fromkeys(("p10", "p50", "p90"))  # without a limit there is none
            assert {dates[p] for p in ("p10", "p50", "p90")} == {base["base"][name]}
        for name, figures in base["base"]["candidates"].items():
            found = told["candidates"][name]
            for key in ("start_by", "crossover", "cutover", "break_even"):
                assert {found[key][p] for p in ("p10", "p50", "p90")} == {figures[key]}, key
            assert found["best_start"] == figures["best_start"]
            money = found["npv_saving_usd"]
            scale = sum(row["stay_usd"] for row in base["monthly"])
            for key in ("mean", "p10", "p50", "p90"):
                assert money[key] == pytest.approx(figures["npv_saving_usd"], abs=1e-9 * scale)
            assert found["probability_saves"] == float(figures["npv_saving_usd"] > 0)
            assert found["npv_saving_usd"]["error"] == pytest.approx(0, abs=1e-9 * scale)

    def test_policies_that_do_as_well_have_no_regret(self) -> None:
        spec = settled(story("document-extraction"))
        regret = study(spec, 2).candidates["own-14b"].regret
        assert regret["now"] == pytest.approx(0, abs=1e-6)
        assert min(regret.values()) > -1e-6
        assert regret["never"] > 100_000


def agrees(whole: DrawTable, number: int, case: SimulatedWorld) -> None:
    """One draw as it was surveyed with others, against the same world simulated alone."""
    assert whole.threat[number] == case.threat
    assert whole.warning[number] == within(case.warning, case.clock)
    assert whole.present_stay[number] == pytest.approx(case.present_stay, rel=1e-9)
    assert whole.above_stay[number] == pytest.approx(case.above_limit(case.over).of_staying, rel=1e-9)
    assert whole.months[number] == pytest.approx(case.forecast.months, rel=1e-6)
    last = case.clock.month_starts + case.clock.month_days - 1
    assert whole.bill[number] == pytest.approx(case.bill[last], rel=1e-6)
    for outlook in case.outlooks:
        seen, starts = whole.candidates[outlook.name], outlook.starts
        scale = max(case.present_stay, 1.0)
        weighed = seen.cost[number] + seen.above[number]
        assert weighed == pytest.approx(starts.searched_cost, rel=1e-9, abs=1e-9 * scale)
        schedule = outlook.prospect.planner.schedule(starts.searched_starts)
        assert (seen.cutover[number] == schedule.cutover).all()
        assert seen.crossover[number] == outlook.running.crossover
        assert seen.possible[number] == outlook.possible
        mondays = case.forecast.mondays
        cutover = outlook.prospect.planner.schedule(mondays).cutover
        assert (seen.lead[number] == np.where(cutover < NEVER, cutover - mondays, ENDLESS)).all()
        begins = np.array([prepared_from(case.scenario.decision, case.clock)])
        assert seen.prepared[number] == outlook.prospect.planner.staged_schedule(begins, np.array([NEVER])).prepared[0]
        assert seen.remaining[number] == outlook.remaining_lead
        late = schedule.cutover[0] > case.threat < NEVER
        assert seen.in_time[number] == (TOO_LATE if late else starts.in_time)


class TestAgain:
    """The same seed gives the same draws, whoever makes them and how many there are."""

    def test_on_one_process_and_on_two(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr("switchpoint.study.monte_carlo.POOL_SECONDS", 0.0)
        spec = story("support-copilot")
        one, two = (as_json(study(spec, 2 * BLOCK + 40, jobs=jobs)) for jobs in (1, 2))
        assert one == two

    def test_more_draws_begin_with_the_same(self) -> None:
        worlds = Worlds(story("enterprise-bought-gpus"), 4)
        assert (worlds.values(100)[:37] == worlds.values(37)).all()
        seen = [survey_chunk(DrawChunk(worlds, 0, worlds.values(n))) for n in (5, 9)]
        assert (seen[1].threat[:5] == seen[0].threat).all()
        assert (seen[1].candidates["bought-70b"].cost[:5] == seen[0].candidates["bought-70b"].cost).all()

    def test_one_draw_alone(self) -> None:
        """Simulated with others or event by event: the same to the day and to a billionth; one story beyond a block."""
        for path in STORIES:
            numbers = (0, 11, BLOCK - 1, BLOCK + 5) if path.stem == "enterprise-bought-gpus" else (0, 7)
            worlds = Worlds(load(path).scenario, 9)
            whole = survey_chunk(DrawChunk(worlds, 0, worlds.values(numbers[-1] + 1)))
            for number in numbers:
                agrees(whole, number, worlds.one(number))

    @FEW
    @given(scenarios(), st.integers(0, 5))
    def test_any_world_alone_and_among_others(self, spec: Scenario, number: int) -> None:
        worlds = Worlds(spec, 3)
        agrees(survey_chunk(DrawChunk(worlds, 0, worlds.values(6))), number, worlds.one(number))

    @FEW
    @given(own_scenarios(), st.integers(0, 5))
    def test_any_current_route_alone_and_among_others(self, spec: Scenario, number: int) -> None:
        worlds = Worlds(spec, 3)
        agrees(survey_chunk(DrawChunk(worlds, 0, worlds.values(6))), number, worlds.one(number))

    def test_other_seeds_are_other_draws(self) -> None:
        values = [Worlds(story("voice-agent"), seed).values(4) for seed in (0, 1)]
        assert (values[0] != values[1]).all()

    def test_chunks_of_any_size(self) -> None:
        worlds = Worlds(story("tagging-at-volume"), 2)
        whole = DrawChunk(worlds, 0, worlds.values(10))
        parts = [survey_chunk(whole.part(0, 3)), survey_chunk(whole.part(3, 4)), survey_chunk(whole.part(4, 10))]
        every = survey_chunk(whole)
        for joined in (join_records(parts), gather_records(iter(parts), 10)):
            assert (joined.present_stay == every.present_stay).all()
            for name, each in every.candidates.items():
                assert (joined.candidates[name].cost == each.cost).all()
                assert (joined.candidates[name].lead == each.lead).all()

    def test_worlds_are_simulated_once_and_let_go(self, monkeypatch: pytest.MonkeyPatch) -> None:
        """Survey, starts and levers go by the same worlds; afterwards, and in other processes, they are made anew."""
        made, simulate_many = list[int](), Worlds.simulate_many

        def counted(worlds: Worlds, first: int, values: Any) -> Any:
            made.append(first)
            return simulate_many(worlds, first, values)

        monkeypatch.setattr(Worlds, "simulate_many", counted)
        found = study(story("voice-agent"), 2 * BLOCK, with_levers=True)
        assert made == [0, BLOCK]
        worlds = found.worlds
        assert not worlds._held
        assert found.levers == study(story("voice-agent"), 2 * BLOCK).levers
        with worlds.held(4):
            held = worlds.batch(0, worlds.values(4))
            assert worlds.batch(0, worlds.values(4)) is held
            assert not pickle.loads(pickle.dumps(worlds))._held

    def test_more_draws_go_on_from_the_worlds_that_are_held(self) -> None:
        worlds = Worlds(story("voice-agent"))
        with worlds.held(2 * BLOCK):
            first = worlds.batch(0, worlds.values(4))
            rest = worlds.batch(4, worlds.values(BLOCK)[4:])
            every = list(worlds.batches(0, worlds.values(BLOCK + 1)))
            assert [batch for _, batch in every[:2]] == [first, rest]
            assert [(rows.start, rows.stop) for rows, _ in every] == [(0, 4), (4, BLOCK), (BLOCK, BLOCK + 1)]

    def test_worlds_that_do_not_fit_are_not_held(self) -> None:
        worlds = Worlds(story("voice-agent"))
        with worlds.held(1_000_000):
            assert worlds.batch(0, worlds.values(2)) is not worlds.batch(0, worlds.values(2))

    def test_sobol_points_fill_the_range_evenly(self) -> None:
        points = Worlds(story("enterprise-bought-gpus"), 3).points(256)
        for column in points.T:
            assert np.bincount((column * 64).astype(int), minlength=64).tolist() == [4] * 64


class TestStatistics:
    """What statistics promises of draws."""

    def test_mild_uncertainty_has_the_base_case_in_its_middle(self) -> None:
        mild = {"usage": {"growth": {"curve": "compound", "per_month": {"low": 0.075, "high": 0.085}}}}
        spec = scenario(mild, with_candidates(other={**API, "project": {"usd_one_off": 100}}))
        findings = study(spec, 256)
        base = findings.base.case
        assert findings.threat.p10 <= base.threat <= findings.threat.p90
        assert abs(findings.threat.p50 - base.threat) <= 1
        found, outlook = findings.candidates["other"], base.outlook("other")
        assert found.saving(POLICY).p10 < outlook.npv_saving < found.saving(POLICY).p90
        assert found.saving(POLICY).mean == pytest.approx(outlook.npv_saving, rel=0.02)

    def test_four_times_the_draws_at_least_halve_the_error(self) -> None:
        """Over many seeds; Sobol' draws of a smooth figure do far better than independent ones."""
        spec = scenario(
            {"usage": {"growth": {"curve": "compound", "per_month": {"low": 0.04, "high": 0.06}}}},
            {"usage": {"input_tokens": {"low": 800, "high": 1300}}},
        )
        worlds = [Worlds(spec, seed) for seed in range(24)]
        means = {n: [survey_chunk(DrawChunk(w, 0, w.values(n))).present_stay.mean() for w in worlds] for n in (16, 64)}
        assert np.std(means[64]) < 0.5 * np.std(means[16])
        independent = survey_chunk(DrawChunk(worlds[0], 0, worlds[0].values(64))).present_stay.std() / 8
        assert np.std(means[64]) < 0.5 * independent

    def test_the_stated_error_of_chance_events_is_right(self) -> None:
        """Without ranges draws are independent; the spread of 40 means of 32 draws is the stated error."""
        spec = scenario({"current": {"price_shocks_per_year": 1.0}}, with_candidates(other=API))
        seen = [survey_chunk(DrawChunk(w := Worlds(spec, seed), 0, w.values(32))) for seed in range(40)]
        stated = np.mean([Money.of(each.present_stay).error for each in seen])
        assert np.std([each.present_stay.mean() for each in seen], ddof=1) == pytest.approx(stated, rel=0.4)

    def test_differences_between_candidates_vary_far_less_than_levels(self) -> None:
        findings = study(story("enterprise-bought-gpus"), 64)
        bought, rented = (findings.candidates[name].weighed.seen.cost[:, 0] for name in ("bought-70b", "rented-70b"))
        # Of independent draws: all of it. Only one of the two pays rents that swing.
        assert np.var(bought - rented) < 0.4 * (np.var(bought) + np.var(rented))

    def test_differences_between_like_candidates_hardly_vary(self) -> None:
        other = {**API, "usd_per_mtok": {"input": 0.45, "output": 0.5}}
        risky = {
            "usage": {"growth": {"curve": "compound", "per_month": {"low": 0.02, "high": 0.1}}, "daily_noise": 0.1}
        }
        findings = study(scenario(risky, with_candidates(one=API, other=other)), 64)
        one, two = (findings.candidates[name].weighed.seen.cost[:, 0] for name in ("one", "other"))
        assert np.var(one - two) < 0.02 * np.var(one)

    def test_differences_between_starts_vary_far_less_than_levels(self) -> None:
        cost = study(story("support-copilot"), 64).candidates["own-8b"].weighed.seen.cost
        assert np.var(cost[:, 3] - cost[:, 0]) < 0.02 * np.var(cost[:, 0])

    def test_another_candidate_changes_nothing_for_the_first(self) -> None:
        one = with_candidates(half={**API, "upkeep": {"incidents_per_year": 2, "incident_days": 4}})
        two = merged(one, with_candidates(other={**API, "price_shocks_per_year": 2}))
        risky = {"usage": {"daily_noise": 0.1}, "current": {"price_shocks_per_year": 0.5}}
        first, second = (study(scenario(risky, table), 16) for table in (one, two))
        assert (first.candidates["half"].weighed.seen.cost == second.candidates["half"].weighed.seen.cost).all()


class TestSpread:
    """Quantiles of dates and money."""

    def test_a_quantile_is_the_day_by_which_so_many_have_come_to_it(self) -> None:
        days = np.array([NEVER, 40, 10, 30, 20])
        spread = Days.of(days)
        assert (spread.p10, spread.p50, spread.p90) == (10, 30, NEVER)
        assert spread.probability == 0.8
        assert spread.error == pytest.approx((0.8 * 0.2 / 5) ** 0.5)

    @given(st.lists(st.integers(0, 50) | st.just(NEVER), min_size=1, max_size=30), st.floats(0.01, 1))
    def test_quantile_and_deadline_against_counting(self, days: list[int], share: float) -> None:
        values = np.array(days)
        found = quantile_day(values, share)
        assert (values <= found).mean() >= share - 1e-9
        assert found == values.min() or (values < found).mean() < share
        kept = latest_kept(values, share)
        assert (values >= kept).mean() >= share - 1e-9
        assert all((values >= later).mean() < share for later in values[values > kept])


class TestWeighed:
    """One candidate over all draws."""

    @FEW
    @given(scenarios())
    def test_every_start_costs_what_following_it_costs(self, spec: Scenario) -> None:
        findings = study(spec, 3)
        for name, found in findings.candidates.items():
            case = findings.worlds.one(2)
            course = case.outlook(name).started_on(int(found.followed_starts.start[2, ADVISED]))
            scale = 1e-9 * max(float(findings.survey.present_stay[2]), 1.0)
            assert found.followed_starts.saving[2, ADVISED] == pytest.approx(course.npv_saving, abs=scale)
            assert min(found.regret.values()) >= -scale
            seen = found.weighed.seen
            starts, days = found.weighed.searched_starts, found.followed_starts.start[:, ADVISED]
            for draw, place in enumerate(np.searchsorted(starts, days)):
                if place < len(starts) and starts[place] == days[draw]:
                    saved = findings.survey.present_stay[draw] - seen.cost[draw, place]
                    assert found.followed_starts.saving[draw, ADVISED] == pytest.approx(saved, abs=scale * 10)

    @FEW
    @given(scenarios())
    def test_what_is_said_hangs_together(self, spec: Scenario) -> None:
        findings = study(spec, 4)
        told = as_json(findings)
        assert list(told)[-1] == "monthly"
        json.dumps(told, default=str, allow_nan=False)
        for spread in filter(None, told["dates"].values()):
            ordered = [spread[p] for p in ("p10", "p50", "p90") if spread[p] is not None]
            assert ordered == sorted(ordered)
        text = sentence(findings)
        assert text.endswith(".")
        assert "None" not in text
        assert "inf" not in text.replace("infer", "")

    def test_the_start_by_date_is_in_time_in_four_draws_of_five(self) -> None:
        findings = study(steady(story("voice-agent")), 256)  # where growth wanders, today is in time in fewer
        weighed = findings.candidates["own-8b"].weighed
        for day, enough in ((weighed.in_time, True), (weighed.in_time + 1, False)):
            in_time = (weighed.seen.in_time >= day).mean()
            assert bool(in_time >= 0.8) is enough
        assert findings.candidates["own-8b"].in_time[0] >= 0.8

    def test_a_project_that_is_mostly_late_is_late(self) -> None:
        findings = study(steady(story("code-assistant")), 64)
        assert findings.verdict.action == "late"
        assert findings.verdict.bridge.name == "hosted-open"
        late = findings.candidates["own-120b"]
        assert (late.weighed.seen.in_time == TOO_LATE).mean() > 0.5
        assert 30 < late.late_quantiles[1] < 80
        assert sentence(findings).startswith("You are about")

    def test_standings_of_one_world_are_those_of_the_base_case(self) -> None:
        spec = settled(story("code-assistant"))
        findings = study(spec, 2)
        for name, found in findings.candidates.items():
            ours = found.weighed.standing(found.came)
            base = CandidateFacts.of(findings.base.case.outlook(name), findings.base.case.threat)
            same = ("possible", "saves", "remedy", "start_by", "live", "in_time", "saves_today", "deadlines")
            for field in (*same, "bridges", "remaining_lead"):
                assert getattr(ours, field) == getattr(base, field), field
            assert (ours.cost, ours.stay) == (pytest.approx(base.cost), pytest.approx(base.stay))
            assert ours.in_time_costs == pytest.approx(base.in_time_costs)
            assert ours.one_off == pytest.approx(base.one_off)

    def test_a_date_has_its_regret_too(self) -> None:
        spec = story("document-extraction")
        dated = spec.decision.model_copy(update={"policy": date(2027, 6, 15)})
        regret = study(spec.model_copy(update={"decision": dated}), 16).candidates["own-14b"].regret
        assert list(regret) == ["now", "warn", "lead", "staged", "best", "never", "2027-06-15"]
        assert regret["now"] < regret["2027-06-15"] < regret["never"]

    def test_under_the_policy_best_all_draws_start_on_the_one_best_day(self) -> None:
        findings = study(story("tagging-at-volume"), 32)
        found = findings.candidates["hosted-open"]
        assert set(found.followed_starts.start[:, POLICY]) == {found.weighed.best}


def diagnosing(spec: Scenario, share: float) -> Scenario:
    """The scenario with another share of diagnosed interventions of own-8b."""
    own = spec.candidates["own-8b"]
    project = own.project.model_copy(update={"diagnosed_share": share})
    return spec.model_copy(update={"candidates": {"own-8b": own.model_copy(update={"project": project})}})


class TestLevers:
    """What preparing buys."""

    def test_labelling_now_is_never_later_for_the_same_start(self) -> None:
        spec = story("voice-agent")
        worlds, project = Worlds(spec, 1, only="own-8b"), spec.candidates["own-8b"].project
        for _, batch in worlds.batches(0, worlds.values(64)):
            before, after = preparation_gains(batch, "own-8b", plans(spec, "own-8b"))["labelling now"]
            assert (after.cutover <= before.cutover).all()
            late = -12  # a start by which all labels have been made, a year before the horizon ends
            live = before.cutover[:, late] < NEVER
            assert set((before.cutover - after.cutover)[live, late]) == {
                math.ceil(project.examples / project.labels_per_day)
            }

    def test_each_plan_is_told_at_its_own_best_start(self) -> None:
        """Each best start is within a dollar of the highest mean saving, so the difference is within a dollar too."""
        spec = story("voice-agent")
        worlds = Worlds(spec, 1, only="own-8b")
        (batch,) = (batch for _, batch in worlds.batches(0, worlds.values(64)))
        findings = study(spec, 64)
        assert findings.levers.start == "best"
        pairs = preparation_gains(batch, "own-8b", plans(spec, "own-8b"))
        assert {lever.name for lever in findings.levers.each} == set(pairs)
        for lever in findings.levers.each:
            before, after = (plan.saving.mean(axis=0).max() for plan in pairs[lever.name])
            assert lever.usd == pytest.approx(after - before, abs=1.0)

    def test_diagnosis_pays_and_is_compared_with_the_share_that_is_stated(self) -> None:
        spec = steady(story("support-copilot"))
        found = levers_of(Worlds(diagnosing(spec, 0.2), 2, only="own-8b"), "own-8b", 128).each
        little = {lever.name: lever for lever in found}["diagnosis"]
        assert little.days > 0
        assert little.usd > 2 * little.usd_error
        assert little.text == "picking every intervention from error diagnosis instead of 20 % of them"
        (_, after), (before, _) = (plans(diagnosing(spec, share), "own-8b")["diagnosis"] for share in (0.2, 0.8))
        assert (before, after) == ({}, {"diagnosed_share": 1.0})
        assert text_of("diagnosis", diagnosing(spec, 0.0).candidates["own-8b"].project).endswith("instead of none")
        assert "diagnosis" not in plans(diagnosing(spec, 1.0), "own-8b")

    def test_where_nothing_can_be_prepared_there_is_no_lever(self) -> None:
        assert study(scenario(growing(0.1), with_candidates(other=API)), 4).levers.each == ()


class TestPrecision:
    """Stopping early."""

    def test_it_stops_at_a_doubling_once_savings_are_known(self) -> None:
        spec = story("document-extraction")
        stated = study(spec, 4096, precision=0.09)
        assert FIRST_LOOK < stated.draws < 4096  # which is looked at more than once
        assert stated.draws & (stated.draws - 1) == 0
        assert half_width(stated.survey, stated.base) <= 0.09

    def test_it_never_makes_more_than_asked(self) -> None:
        assert study(story("document-extraction"), 40, precision=1e-6).draws == 40

    def test_the_draws_are_the_same(self) -> None:
        spec = story("early-prototype")
        early, whole = study(spec, 300, precision=1e-9), study(spec, 300)
        assert (early.survey.present_stay == whole.survey.present_stay).all()


class TestFaults:
    """What cannot be computed."""

    def test_a_draw_out_of_all_bounds_is_named(self) -> None:
        spec = scenario({"usage": {"growth": {"curve": "compound", "per_month": {"low": 0.01, "high": 40.0}}}})
        with pytest.raises(CannotCompute, match=r"usage.growth: grows beyond .* \(in draw \d+ of seed 1\)"):
            study(spec, 64)

    def test_more_than_fits_into_memory_is_refused(self) -> None:
        many = {f"c{n}": API for n in range(30)}
        spec = scenario({"months": 240}, with_candidates(**many))
        with pytest.raises(CannotCompute, match=r"months: 240 of them and 30 candidates take .* at most [\d,]+ draws"):
            MonteCarlo(1_000_000).study(spec, JudgedWorld(simulate(spec)))

    @pytest.mark.parametrize("price", [0.0, 50_000.0])
    def test_memory_of_a_draw_is_small(self, price: float) -> None:
        """100,000 draws of the largest story stay far below 1.5 GB, and no more is kept than is reckoned with.

        Of 3,742 bytes, 1,664 are months to the limit and lengths of the project on every Monday. Both are needed of
        all draws before it is known how long a project is reckoned to take (in 80 % of them), so they cannot be made
        smaller while draws are made; coarser numbers would move Mondays. Costs keep eight bytes, since best starts are
        equal within a dollar.
        """
        spec = story("enterprise-bought-gpus")
        findings = study(
            spec.model_copy(update={"limit": spec.limit.model_copy(update={"usd_per_month_above": price})}), 8
        )
        followed = (came.followed for came in findings.came.values())
        arrays: Iterator[np.ndarray] = (
            value
            for part in (findings.survey, *findings.survey.candidates.values(), *followed)
            for value in vars(part).values()
            if isinstance(value, np.ndarray)
        )
        waited = (value for came in findings.came.values() for value in vars(came.waited).values())
        kept = sum(array.nbytes for array in (*arrays, *waited)) / 8
        assert kept < (4500 if price else 3800)
        assert kept <= bytes_of_a_draw(findings.base)
