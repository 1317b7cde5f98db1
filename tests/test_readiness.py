"""Readiness: gates with dates and what a delay costs, the layer's month, diagnosis, measures, steps, the command."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from pandas import DataFrame
from typer.testing import CliRunner

from switchpoint.cli import program
from switchpoint.decision.case import simulate
from switchpoint.decision.clauses import gates_json
from switchpoint.decision.gates import GATES, known_programme, programme_gates
from switchpoint.decision.result import JudgedWorld
from switchpoint.export.readiness_text import effect_on_start, measure_rows
from switchpoint.horizon import NEVER
from switchpoint.owndata.usage_history import UsageHistory
from switchpoint.readiness.experiments import chance_of_viable, expected_best, expected_experiments
from switchpoint.readiness.measures import StartByEffect, costs_of_usage, trajectory
from switchpoint.readiness.phases_and_layers import first_layer, layer_below
from switchpoint.readiness.report import Readiness, assess
from switchpoint.scenario.catalogue_check import load_checked
from switchpoint.scenario.errors import ScenarioError
from switchpoint.scenario.log_files import joined_logs
from switchpoint.scenario.programme import LoggedCost
from switchpoint.study.draw_sentence import as_json, sentence
from switchpoint.study.monte_carlo import MonteCarlo
from tests.small_worlds import API, priced, result, scenario, with_candidates

ROOT = Path(__file__).resolve().parent.parent
STORIES = sorted(
    path for path in (ROOT / "scenarios").glob("*.toml") if "[programme]" in path.read_text(encoding="utf-8")
)
approx = pytest.approx

LABELLED = {**API, "project": {"examples": 100, "labels_per_day": 10, "usd_per_example": 1, "training_days": 5}}
"""Half the price after ten days of labelling and five of training."""
READY = {"data": {"labels": 100, "evaluation_examples": 9}, "usage": {"months": 12, "churn_per_month": 0.01}}


def programme(**tables: Any) -> dict[str, Any]:
    return {"programme": tables}


def of(*overlays: dict[str, Any], log: str = "", draws: int = 0) -> Readiness:
    """The readiness of a small world, with a log in CSV."""
    told = joined_logs((("log.csv", log.encode()),)) if log else None
    return assess(result(*overlays), draws, log=told)


def gate(found: Readiness, name: str) -> Any:
    return next(each for each in found.gates.each if each.name == name)


def lines(*rows: str) -> str:
    head = "kind,date,id,what,score,viable,category,count,diagnosed,layer,reason,requests,usd"
    return "\n".join([head, *rows, ""])


# Gates ---------------------------------------------------------------------------------------------------------------


def test_a_gate_is_needed_by_the_commit_of_the_advised_start() -> None:
    """Start today: labels from day 0 to 9, first training on day 10, 11 January."""
    found = of(with_candidates(half=LABELLED), programme())
    assert found.gates.start == 0
    for name in GATES:
        if not gate(found, name).met:
            assert gate(found, name).by == 10, name
    labels = gate(found, "labelled_data")
    assert (labels.begin_by, labels.asked_by, labels.in_plan, labels.blocks) == (0, 0, True, False)
    assert gate(found, "product_market_fit").blocks
    assert gate(found, "skills").met  # nobody to hire, nothing to learn


def test_a_months_delay_of_the_commit_costs_what_it_would_have_saved() -> None:
    """$5 a day is saved from cutover on; from 11 January the same day of the next month is 31 days later."""
    delay = of(with_candidates(half=LABELLED), programme()).gates.delays["product_market_fit"]
    assert delay.usd == approx(31 * 5)
    assert delay.days == 31


def test_a_months_delay_of_labelling_moves_everything_after_it() -> None:
    """Labels from 1 February instead of 1 January, as much a label; cutover 31 days later."""
    delay = of(with_candidates(half=LABELLED), programme()).gates.delays["labelled_data"]
    assert delay.usd == approx(31 * 5)
    assert delay.days == 31


def test_a_months_delay_of_hiring_is_found_from_the_day_on_which_it_begins() -> None:
    """Two weeks to hire, 100 days to label: recruiting just in time begins on day 86, 28 March; 31 days later it is
    28 April, people come on day 131, and the first training waits 31 days for them. Nobody costs anything."""
    project = {"engineers": 1, "engineers_in_house": 0, "hiring_weeks": 2, "examples": 1000, "labels_per_day": 10}
    found = of(with_candidates(half={**API, "project": {**project, "training_days": 5}}), programme())
    team = gate(found, "skills")
    assert (team.begin_by, team.by) == (86, 100)
    assert found.gates.delays["skills"].days == 31
    assert found.gates.delays["skills"].usd == approx(31 * 5)


def test_an_answered_gate_is_yes_no_or_a_date() -> None:
    stated = {"product_market_fit": True, "twenty_experiments": "no", "clearance": "2027-01-06"}
    found = of(with_candidates(half=LABELLED), programme(gates=stated))
    assert gate(found, "product_market_fit").met
    assert not gate(found, "twenty_experiments").met
    clearance = gate(found, "clearance")
    assert (clearance.state, clearance.due, clearance.late, clearance.blocks) == (date(2027, 1, 6), 5, 0, False)


def test_a_date_that_is_past_is_met() -> None:
    found = of(with_candidates(half=LABELLED), programme(gates={"clearance": "2026-12-31"}))
    assert gate(found, "clearance").met


def test_a_late_gate_moves_the_commit_and_says_what_that_costs() -> None:
    """Expected 20 days after the commit of 11 January: $5 a day."""
    gates = {"product_market_fit": "2027-01-31", "twenty_experiments": "yes", "evaluation_set": "yes"}
    found = of(with_candidates(half=LABELLED), programme(gates={**gates, "clearance": "yes"}))
    assert gate(found, "product_market_fit").late == 20
    assert found.gates.earliest_commit == 30
    assert found.gates.slip_costs.usd == approx(20 * 5)
    assert "product-market fit, expected on 31 January 2027, is 3 weeks late" in found.result.sentence
    assert "so the commit moves to 31 January 2027, which costs $100" in found.result.sentence


def test_sensitive_data_are_cleared_before_they_are_labelled() -> None:
    found = of(with_candidates(half=LABELLED), programme(data={"sensitivity": "personal", "consent": "missing"}))
    clearance = gate(found, "clearance")
    assert (clearance.met, clearance.by, clearance.basis) == (False, 0, "personal data, consent is missing")
    assert of(with_candidates(half=LABELLED), programme(data={"sensitivity": "personal", "consent": "given"})).gates
    given = of(with_candidates(half=LABELLED), programme(data={"sensitivity": "personal", "consent": "given"}))
    assert gate(given, "clearance").met


def test_product_market_fit_is_usage_that_lasts_and_users_who_stay() -> None:
    def fit(**usage: float) -> bool:
        return bool(gate(of(programme(usage=usage)), "product_market_fit").met)

    assert not fit()
    assert not fit(months=5, churn_per_month=0.01)
    assert not fit(months=6, churn_per_month=0.06)
    assert fit(months=6, churn_per_month=0.05)
    assert fit(months=3, churn_per_month=0.2, months_needed=3, churn_at_most=0.2)


def test_twenty_experiments_or_the_time_box() -> None:
    tried = [f"experiment,2026-12-{day:02d},,,,,,,,,,," for day in range(1, 21)]
    assert gate(of(programme(), log=lines(*tried)), "twenty_experiments").met
    assert not gate(of(programme(), log=lines(*tried[1:])), "twenty_experiments").met
    over = "decision,2026-12-01,,,,,,,,generative,text,,"
    assert gate(of(programme(), log=lines(over)), "twenty_experiments").met
    runs = gate(of(programme(), log=lines("decision,2026-12-15,,,,,,,,generative,text,,")), "twenty_experiments")
    assert (runs.met, runs.state) == (False, date(2027, 1, 15))


def test_an_evaluation_set_needs_examples_and_error_categories() -> None:
    kept, seen = {"evaluation_examples": 50}, lines("error,2026-12-20,,,,,data-quality,3,,,,,")
    assert not gate(of(programme(data=kept)), "evaluation_set").met
    assert not gate(of(programme(), log=seen), "evaluation_set").met
    assert gate(of(programme(data=kept), log=seen), "evaluation_set").met


def test_the_sentence_says_what_the_commit_needs_by_when() -> None:
    told = result(with_candidates(half=LABELLED), programme(data={"sensitivity": "personal"}))
    needs = (
        "the commit on 11 January 2027 needs: label and clear the sensitive data today, then prove product-market fit, "
        "finish the twenty experiments and have an evaluation set with error categories by 11 January 2027"
    )
    assert needs in told.sentence
    assert "labelling from" not in told.sentence  # said once


def test_without_a_programme_nothing_is_said() -> None:
    told = result(with_candidates(half=LABELLED))
    assert told.as_json()["verdict"]["gates"] is None
    assert "the commit" not in told.sentence


def test_staying_says_that_product_market_fit_comes_first() -> None:
    told = result(with_candidates(dear={"kind": "api", **priced(2.0)}), programme())
    assert told.sentence.endswith("; product-market fit is not proven, which comes before any project.")
    assert all(each["by"] is None for each in told.as_json()["verdict"]["gates"].values())


def test_a_programme_costs_nothing() -> None:
    plain = result(with_candidates(half=LABELLED)).as_json()
    stated = result(with_candidates(half=LABELLED), programme(data={"sensitivity": "personal"})).as_json()
    for told in (plain, stated):
        told["verdict"] = {k: v for k, v in told["verdict"].items() if k not in ("sentence", "gates")}
    assert plain == stated


def test_a_project_under_way_has_no_commit_to_come() -> None:
    project = {**LABELLED["project"], "started": "2026-10-01", "iterations_done": 1}
    found = of(with_candidates(half={**API, "project": project}), programme())
    assert found.gates.commit == NEVER
    assert all(each.by == NEVER for each in found.gates.each)


@pytest.mark.parametrize("path", STORIES, ids=lambda path: path.stem)
def test_each_story_states_a_programme_and_its_gates(path: Path) -> None:
    told = JudgedWorld(simulate(load_checked(path).scenario))
    gates = gates_json(programme_gates(known_programme(told.case.scenario), told.verdict, told.case.clock))
    assert list(gates) == list(GATES)
    for name, each in gates.items():
        assert each["met"] or each["by"] or told.verdict.candidate is None, name
        assert (each["month_delay_usd"] is None) is (each["by"] is None or each["met"])


def test_stories_stand_at_different_points() -> None:
    assert len(STORIES) == 8
    met = []
    for path in STORIES:
        told = JudgedWorld(simulate(load_checked(path).scenario))
        met.append(tuple(each.name for each in told.gates.open))
    assert len(set(met)) >= 6


# Layer, experiments, diagnosis, measures ------------------------------------------------------------------------------


def test_text_starts_at_the_generative_layer_and_everything_else_at_deep_learning() -> None:
    assert first_layer("text") == "generative"
    assert {first_layer(each) for each in ("structured", "audio", "image", "video")} == {"deep-learning"}
    assert layer_below("generative") == "deep-learning"
    assert layer_below("deep-learning") == "machine-learning"
    assert layer_below("fundamentals") is None


def test_a_month_without_closing_the_gap_means_going_down() -> None:
    box = "decision,2026-11-20,,,,,,,,generative,text,,"
    found = of(programme(), log=lines(box)).layers
    assert (found.box_ends, found.days_left, found.over, found.go_to) == (
        date(2026, 12, 20),
        -12,
        True,
        "deep-learning",
    )
    assert found.sentence.startswith("Go down to deep learning")
    closed = of(programme(), log=lines(box, "experiment,2026-12-01,,,0.9,true,,,,,,,")).layers
    assert (closed.over, closed.go_to) == (False, None)
    fresh = of(programme(layer="generative", layer_since="2026-12-10")).layers
    assert (fresh.days_left, fresh.over) == (9, False)


def test_the_closed_forms_hold_in_a_simulation() -> None:
    """100,000 teams that try at odds of 0.15: how many have one viable, and after how many tries they stop."""
    rng = np.random.default_rng(7)
    viable = rng.random((100_000, 20)) < 0.15
    first = np.where(viable.any(axis=1), viable.argmax(axis=1) + 1, 20)
    assert chance_of_viable(0.15, 20) == approx(viable.any(axis=1).mean(), abs=4e-3)
    assert expected_experiments(0.15, 20) == approx(first.mean(), rel=5e-3)
    scores = [0.2, 0.35, 0.5, 0.5, 0.8]
    best = rng.choice(scores, size=(100_000, 6)).max(axis=1)
    assert expected_best(scores, 6) == approx(best.mean(), abs=2e-3)


def test_errors_say_which_intervention_pays_most() -> None:
    found = of(
        programme(),
        log=lines(
            "error,2026-12-01,,,,,data-quality,30,,,,,",
            "error,2026-12-02,,,,,model-capacity,10,,,,,",
            "error,2026-12-03,,,,,,10,,,,,",
            "intervention,2026-12-04,,,,,data-quality,,true,,,,",
            "intervention,2026-12-05,,,,,,,false,,,,",
        ),
    )
    assert found.diagnosis.pays_most.category == "data-quality"
    assert found.diagnosis.pays_most.share == approx(0.6)
    assert found.diagnosis.ratio == approx(0.5)
    coverage, ratio, *_ = found.measures
    assert (coverage.value, coverage.met) == (approx(0.8), True)
    assert (ratio.value, ratio.met) == (approx(0.5), False)


def test_opinion_is_priced_by_the_training_loop() -> None:
    """Odds that only a diagnosed intervention raises from 0 to 1: by opinion no iteration ever passes, and the project
    is given up; the first diagnosed one passes on the second iteration."""
    project = {"training_days": 5, "pass_probability": [0.0, 1.0], "max_iterations": 4, "intervention_days": 2}
    found = of(with_candidates(half={**API, "project": project}), programme(), draws=16)
    opinion = found.effects["opinion"]
    assert opinion.lost == 1.0
    # From cutover on $5 a day: on day 12, after two trainings of five days and two days between them.
    assert opinion.usd == approx(5 * (found.gates.clock.days - 12))
    assert opinion.usd_error == approx(0)


def test_a_measured_share_is_compared_with_the_assumed_one() -> None:
    project = {"training_days": 5, "pass_probability": [0.2, 0.9], "diagnosed_share": 1.0, "intervention_days": 5}
    log = lines("intervention,2026-12-05,,,,,,,false,,,,", "intervention,2026-12-06,,,,,,,true,,,,")
    found = of(with_candidates(half={**API, "project": project}), programme(), log=log, draws=256)
    measured = found.effects["measured"]
    assert measured.usd > 2 * measured.usd_error > 0
    assert measured.mean_days > 0
    ratio = next(each for each in found.measures if each.name == "intervention_to_diagnostic_ratio")
    assert ratio.effect.usd == measured.usd
    assert found.result.verdict.start_by == 0
    assert "earlier (80th percentile of the project's length), though it is today already" in measure_rows(found)[1][-1]


def test_an_effect_says_which_number_it_is_and_that_today_cannot_move_earlier() -> None:
    drawn, base = StartByEffect(7, 6_100.0, 2_450.0, ""), StartByEffect(7, 900.0, None, "")
    days = "7 days earlier (80th percentile of the project's length)"
    assert effect_on_start(drawn) == f"{days}; costs $6.1k on average (+/- $4.9k)"
    assert effect_on_start(drawn, today=True).startswith(f"{days}, though it is today already; ")
    assert effect_on_start(base, today=True) == "7 days earlier, though it is today already; costs $900"
    assert effect_on_start(StartByEffect(-7, None, None, ""), today=True) == "7 days later"
    assert effect_on_start(None) == "–"


def test_costs_of_an_export_take_the_place_of_those_logged() -> None:
    # three whole weeks that end on a Sunday, one day before them; each week costs 1.1 times as much a request
    requests = np.full(22, 100.0)
    usd = np.concatenate([[9.0], np.repeat([1.0, 1.1, 1.21], 7)])
    table = DataFrame({"date": [], "model": []})
    costs = costs_of_usage(UsageHistory(date(2026, 9, 6), {"requests": requests, "cost_usd": usd}, table))
    assert [(each.date, each.requests) for each in costs] == [(date(2026, 9, day), 700) for day in (13, 20, 27)]
    assert [each.usd for each in costs] == approx([7.0, 7.7, 8.47])
    found = assess(result(), draws=0, costs=costs).measures
    value = next(each.value for each in found if each.name == "cost_per_inference_trajectory")
    assert value == approx(1.1 ** (365.25 / 12 / 7) - 1)
    assert costs_of_usage(UsageHistory(date(2026, 9, 6), {"requests": requests}, table)) == ()


def test_a_trajectory_is_the_slope_of_the_log() -> None:
    """5 % more a month, exactly: months are 30.4375 days."""
    costs = [
        LoggedCost(date=date(2026, 1, 1).fromordinal(date(2026, 1, 1).toordinal() + 30 * k), requests=1e6, usd=usd)
        for k, usd in enumerate(100 * 1.05 ** (30 * np.arange(4) / 30.4375))
    ]
    assert trajectory(costs) == approx(0.05)
    assert trajectory(costs[:2]) is None


def test_velocity_is_what_the_last_quarter_ran() -> None:
    tried = [f"experiment,2026-{month:02d}-15,,,,,,,,,,," for month in (3, 10, 11, 12)]
    velocity = next(each for each in of(programme(), log=lines(*tried)).measures if each.name == "experiment_velocity")
    # As of 1 January the last 91 days begin on 3 October: three experiments.
    assert velocity.value == approx(3 / 91 * 30.4375)
    assert (velocity.target, velocity.met) == (20, False)


def test_trends_go_month_by_month() -> None:
    log = lines(
        "intervention,2026-10-05,,,,,,,false,,,,",
        "intervention,2026-11-05,,,,,,,false,,,,",
        "intervention,2026-11-06,,,,,,,true,,,,",
        "intervention,2026-12-06,,,,,,,true,,,,",
    )
    ratio = of(programme(), log=log).measures[1]
    assert [value for _, value in ratio.history] == [0, 0.5, 1, None]
    assert ratio.trend == approx(0.5)
    assert ratio.improving


def test_nine_steps_each_say_something() -> None:
    for path in STORIES[:3]:
        found = assess(JudgedWorld(simulate(load_checked(path).scenario)), 0)
        assert [step.number for step in found.steps] == list(range(1, 10))
        for step in found.steps:
            assert step.says.endswith("."), step
            assert step.state.endswith("."), step
            assert step.done or step.next or step.number == 9, step


def test_phases_follow_one_another() -> None:
    found = of(with_candidates(half={**API, "project": {**LABELLED["project"], "hardening_days": 7}}), programme())
    named = {phase.name: phase for phase in found.phases}
    assert list(named) == ["prototype", "preparation", "training", "hardening"]
    assert named["preparation"].ends == named["training"].begins == date(2027, 1, 11)
    assert named["training"].ends == named["hardening"].begins == date(2027, 1, 16)
    assert named["preparation"].usd == approx(100)  # a hundred labels at a dollar


# Command -------------------------------------------------------------------------------------------------------------


def called(*arguments: str) -> Any:
    return CliRunner().invoke(program, list(arguments))


def test_the_command_prints_a_page_and_json() -> None:
    story = str(ROOT / "scenarios" / "support-copilot.toml")
    page = called("readiness", story, "--draws", "16")
    assert page.exit_code == 0
    for title in ("Gates before the commit", "Layer", "Experiments", "Diagnosis", "Five measures", "Nine steps"):
        assert title in page.output
    told = json.loads(called("readiness", story, "--draws", "16", "--json").output)
    assert list(told["gates"]) == list(GATES)
    assert set(told["measures"]) == {
        "error_categorisation_coverage",
        "intervention_to_diagnostic_ratio",
        "experiment_velocity",
        "cost_per_inference_trajectory",
        "layer_decisions",
    }
    assert len(told["steps"]) == 9
    assert told["application"]["modality"] == "text"


def test_new_writes_what_a_team_begins_with(tmp_path: Path) -> None:
    file = tmp_path / "ours.toml"
    assert called("readiness", str(file), "--new").exit_code == 0
    assert (tmp_path / "ours-log.csv").is_file()
    assert called("readiness", str(file)).exit_code == 0
    before = file.read_bytes()
    again = called("readiness", str(file), "--new")
    assert again.exit_code == 2
    assert "is stated already" in again.output
    assert file.read_bytes() == before


def test_new_keeps_every_line_of_a_scenario_that_is_there(tmp_path: Path) -> None:
    file = tmp_path / "ours.toml"
    assert called("new", str(file)).exit_code == 0
    before = file.read_text()
    assert called("readiness", str(file), "--new").exit_code == 0
    assert file.read_text().startswith(before.rstrip())
    assert load_checked(file).scenario.programme is not None


def test_set_answers_a_gate() -> None:
    story = str(ROOT / "scenarios" / "tagging-at-volume.toml")
    asked = called("run", story, "--json", "--set", "programme.gates.skills=2027-03-01")
    assert json.loads(asked.output)["verdict"]["gates"]["skills"]["state"] == "2027-03-01"
    wrong = called("run", story, "--set", "programme.gates.skills=ye")
    assert wrong.exit_code == 2
    assert "must be yes, no or a date such as 2027-05-01" in wrong.output


def test_a_word_takes_the_share_from_the_log(tmp_path: Path) -> None:
    (tmp_path / "log.csv").write_text(
        "kind,date,diagnosed\nintervention,2026-12-01,yes\nintervention,2026-12-02,no\n"
        "intervention,2026-12-03,no\nintervention,2026-12-04,no\n"
    )
    story = (ROOT / "scenarios" / "tagging-at-volume.toml").read_text()
    story = story.replace('log = "logs/tagging-at-volume.csv"', 'log = "log.csv"')
    file = tmp_path / "ours.toml"
    file.write_text(story)
    loaded = load_checked(file, ["candidates.*.project.diagnosed_share=measured"])
    assert {each.project.diagnosed_share for each in loaded.scenario.candidates.values()} == {0.25}
    file.write_text(story.replace('log = "log.csv"', ""))
    with pytest.raises(ScenarioError, match="no log that may be read has an intervention"):
        load_checked(file, ["candidates.*.project.diagnosed_share=measured"])


def test_labels_cannot_outnumber_examples() -> None:
    with pytest.raises(ValueError, match="labels must be at most"):
        scenario(programme(data={"examples": 5, "labels": 6}))


def test_many_draws_say_the_gates_of_the_start_that_they_advise() -> None:
    told = result(with_candidates(half=LABELLED), programme())
    findings = MonteCarlo(16, 3).study(told.case.scenario, told)
    assert "the commit on 11 January 2027 needs: label today, then prove product-market fit" in sentence(findings)
    gates = as_json(findings)["verdict"]["gates"]
    assert (gates["labelled_data"]["begin_by"], gates["labelled_data"]["by"]) == (date(2027, 1, 1), date(2027, 1, 11))
    assert as_json(findings, notes=False)["verdict"]["gates"] is None


def test_a_chosen_policy_is_told_without_the_gates_of_another_start() -> None:
    told = result(with_candidates(half=LABELLED), programme(), {"decision": {"policy": "2027-06-01"}})
    assert told.sentence.startswith("As you chose")
    assert "the commit on" not in told.sentence
    assert told.as_json()["verdict"]["gates"]["labelled_data"]["by"] == date(2027, 1, 11)
