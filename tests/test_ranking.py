"""The ranking of candidates against hand arithmetic, and against the scenarios that it is written into."""

import csv
import io
import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import date

import numpy as np
import pytest

from switchpoint.catalog.templates import SIZES, purchase_of, size_of_parameters, template_value, template_values
from switchpoint.catalog.token_prices import route_price
from switchpoint.decision.case import simulate
from switchpoint.decision.started_candidate import RunningCost
from switchpoint.export.ranking_text import loads_csv, ranking_data, ranking_page
from switchpoint.horizon import MONTH_DAYS
from switchpoint.ranking import rank as ranking_module
from switchpoint.ranking.offer_figures import LoadCurve
from switchpoint.ranking.offers import (
    COUNTS,
    cheapest_rent,
    gpu_offers,
    machine_rents,
    newest_at_each_price,
    token_offers,
)
from switchpoint.ranking.rank import Ranking, price_offers, promise_of, rank
from switchpoint.ranking.replica_layouts import ReplicaLayout, formula_rates, layouts
from switchpoint.ranking.scenario_text import picks, with_candidates
from switchpoint.scenario.catalogue_check import load_text_checked
from switchpoint.scenario.schema import Scenario
from switchpoint.serving.serve import Promise

TEXT = """
name = "Even"                     # a comment of the author
start = 2027-01-01
months = 14
[usage]
requests_per_day = 200_000
input_tokens = 1_000
output_tokens = 200
[limit]
usd_per_month = 20_000
[current]
provider = "openai"
model = "gpt-5.4-mini"            # $0.75 in, $4.50 out
[decision]
policy = "warn"
"""
CURRENT = 1000 * 0.75e-6 + 200 * 4.5e-6
"""Dollars of a request on the current route."""
MONTHLY = 200_000 * MONTH_DAYS
HOSTED_UPKEEP = 0.05 * 16_000 + 300


@pytest.fixture(scope="module")
def ranking() -> Iterator[Ranking]:
    """The small models' ranking, few layouts simulated."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(ranking_module, "SIMULATED", 2)
        yield rank(load_text_checked(TEXT).scenario, ("small",))


def test_staying_is_told_as_the_scenario_has_it(ranking: Ranking) -> None:
    assert ranking.stay_usd_per_month.today == pytest.approx(MONTHLY * CURRENT)
    assert ranking.stay_usd_per_1000_requests.end == pytest.approx(1000 * CURRENT)
    assert ranking.moments.today == 0
    assert ranking.moments.then == round(12 * MONTH_DAYS)
    assert not ranking.moments.is_threat


def test_a_model_by_the_token_costs_its_tokens_the_rest_and_its_upkeep(ranking: Ranking) -> None:
    some = [each.figures for each in ranking.candidates if each.offer.in_tokens]
    assert len(some) > 3
    assert {each.offer.way for each in some} == {"api", "hosted"}
    for figures in some:
        tree = figures.offer.tree
        upkeep = HOSTED_UPKEEP if figures.offer.way == "hosted" else 0.0
        price = route_price(tree["provider"], tree["model"], date(2027, 1, 1)).at(1000)
        each = 1000 * price.input / 1e6 + 200 * price.output / 1e6
        by_hand = MONTHLY * (0.6 * each + 0.4 * CURRENT) + upkeep
        assert figures.usd_per_month.today == pytest.approx(by_hand)
        assert figures.usd_per_month.then == pytest.approx(by_hand)
        assert figures.usd_per_1000_requests.end == pytest.approx(by_hand / MONTHLY * 1000)
        assert figures.cheaper_from == pytest.approx(upkeep / (0.6 * (CURRENT - each) * MONTH_DAYS), rel=1e-6)


def test_a_rented_fleet_costs_its_replicas_around_the_clock(ranking: Ranking) -> None:
    """Flat hours, so that every hour takes the same replicas, and one spare."""
    lines = [each.figures for each in ranking.candidates] + [a for e in ranking.candidates for a in e.alternatives]
    own = [each for each in lines if each.offer.way == "own" and each.offer.terms == "on demand"]
    assert own
    for figures in own:
        fleet, spec = figures.fleet, figures.offer.spec
        assert fleet is not None
        assert spec.kind == "gpu"
        carried = float(fleet.sizing.capacity[0]) * 0.8
        needed = np.ceil(200_000 * 0.85 / 86_400 / carried)
        rent = machine_rents(spec.fleet.gpu or "", spec.fleet.gpus_per_replica, False)
        price = next(each for each in rent if each.provider == spec.fleet.provider)
        gpus = price.per_hour(spec.fleet.gpus_per_replica, int(needed + 1)) / price.usd_per_gpu_hour
        by_hand = gpus * price.usd_per_gpu_hour * 24 * MONTH_DAYS * 1.1
        by_hand += 0.15 * MONTHLY * CURRENT + 0.5 * 16_000 + 700
        assert figures.replicas is not None
        assert figures.replicas.then == needed + 1
        assert figures.usd_per_month.then == pytest.approx(by_hand)
        used = 200_000 * 0.85 / 86_400 / ((needed + 1) * float(fleet.sizing.capacity[0]))
        assert figures.utilisation == pytest.approx(used)


def test_the_load_curve_meets_the_running_cost_at_todays_load(ranking: Ranking) -> None:
    """With usage that stays as it is, what is drawn at today's load is what is told of today."""
    for each in ranking.candidates:
        curve = LoadCurve(each.figures.found)
        assert curve.candidate(np.array([2e5]))[0] == pytest.approx(each.figures.usd_per_month.today, rel=1e-6)
        assert curve.stay(np.array([2e5]))[0] == pytest.approx(MONTHLY * CURRENT)


def test_from_the_crossing_on_a_candidate_is_cheaper(ranking: Ranking) -> None:
    for each in ranking.candidates:
        found = each.figures.cheaper_from
        if not found:
            continue
        curve, above = LoadCurve(each.figures.found), np.geomspace(found * 1.0001, 1e9, 300)
        assert (curve.candidate(above) <= curve.stay(above) * (1 + 1e-6)).all()
        below = np.array([found * 0.999])
        assert curve.candidate(below)[0] > curve.stay(below)[0]


def test_the_cheapest_then_comes_first(ranking: Ranking) -> None:
    costs = [each.figures.usd_per_month.then for each in ranking.candidates]
    assert costs == sorted(costs)
    assert [each.rank for each in ranking.candidates] == list(range(1, len(costs) + 1))
    assert len({each.offer.name for each in ranking.candidates}) == len(costs)


def test_the_base_load_fleet_has_the_size_that_costs_least(ranking: Ranking) -> None:
    line = next(each for each in ranking.candidates if each.offer.way == "base-load")
    spec = line.offer.spec
    assert spec.kind == "gpu"
    assert spec.model is not None
    assert spec.fleet.overflow == "current"
    assert line.offer.tree["fleet"]["max_replicas"] in COUNTS
    sizes = []
    for count in COUNTS:
        fleet = {**line.offer.tree["fleet"], "max_replicas": count}
        text, _ = with_candidates(TEXT, [replace_fleet(line.offer, fleet)], {})
        case = simulate(load_text_checked(text).scenario)
        sizes.append(float(case.outlooks[0].running.cost.sum()))
    assert line.figures.total_usd == pytest.approx(min(sizes), rel=1e-9)


def replace_fleet(offer, fleet):
    return replace(offer, tree={**offer.tree, "fleet": fleet})


def test_what_is_written_costs_what_was_ranked(ranking: Ranking) -> None:
    chosen = picks(ranking)
    assert 2 <= len(chosen) <= 3
    text, names = with_candidates(TEXT, [each.offer for each in chosen], {})
    assert text.startswith(TEXT.rstrip("\n"))
    case = simulate(load_text_checked(text).scenario)
    for figures, name in zip(chosen, names, strict=True):
        running: RunningCost = next(each for each in case.outlooks if each.name == name).running
        assert running.cost == pytest.approx(figures.running.cost)


def test_what_is_there_already_is_not_added_again(ranking: Ranking) -> None:
    offer = ranking.candidates[0].offer
    once, names = with_candidates(TEXT, [offer], {})
    twice, more = with_candidates(once, [offer], {})
    assert names == [offer.name]
    assert (twice, more) == (once, [])
    other = replace_coverage(offer)
    text, names = with_candidates(once, [other], {})
    assert names == [f"{offer.name}-2"]
    assert load_text_checked(text).scenario.candidates[f"{offer.name}-2"].coverage == 0.5


def replace_coverage(offer):
    return replace(offer, tree={**offer.tree, "coverage": 0.5})


def test_candidates_in_one_line_stay_in_it(ranking: Ranking) -> None:
    inline = TEXT.replace('name = "Even"', 'candidates = {}\nname = "Even"')
    text, names = with_candidates(inline, [ranking.candidates[0].offer], {})
    assert list(load_text_checked(text).scenario.candidates) == names


def test_json_and_page_say_all(ranking: Ranking) -> None:
    told = json.loads(json.dumps(ranking_data(ranking)))
    first = told["candidates"][0]
    assert first["rank"] == 1
    assert set(first["usd_per_month"]) == {"today", "then", "end"}
    assert {"usd_per_1000_requests", "replicas", "binds", "utilisation", "sources", "reason"} <= set(first)
    assert told["moments"] == {
        "today": "2027-01-01",
        "then": "2028-01-01",
        "end": "2028-02-29",
        "then_is": "after 12 months",
    }
    page = ranking_page(ranking, 3)
    assert page.index("Quality is in no price list") < page.index("by the token  ")
    assert "Sources" in page
    for each in ranking.candidates[:3]:
        assert each.offer.title in page


def test_the_table_of_loads_has_a_column_for_each(ranking: Ranking) -> None:
    shown = list(ranking.candidates[:2])
    rows = list(csv.DictReader(io.StringIO(loads_csv(shown, np.array([1e5, 2e5])).decode("utf-8-sig"))))
    assert float(rows[1]["current"]) == pytest.approx(1000 * CURRENT)
    assert float(rows[1][shown[0].offer.name]) == pytest.approx(shown[0].figures.usd_per_1000_requests.today)


def test_the_same_model_elsewhere_answers_everything() -> None:
    groq = TEXT.replace('provider = "openai"', 'provider = "groq"').replace("gpt-5.4-mini", "openai/gpt-oss-120b")
    offers = token_offers(load_text_checked(groq).scenario, date(2028, 2, 29), SIZES)
    same = [each for each in offers if each.model == "gpt-oss-120b"]
    assert same
    assert all(each.tree["coverage"] == 1.0 for each in same)
    assert not [each for each in same if each.tree["provider"] == "groq"]


def test_of_models_at_one_price_the_newest_is_offered() -> None:
    google = [each for each in _prices("google") if each.model.startswith("gemini-3.") and "flash" in each.model]
    named = {each.model for each in newest_at_each_price(google)}
    assert "gemini-3.8-flash" in named
    assert not {"gemini-3.6-flash", "gemini-3.7-flash"} & named


def _prices(provider: str):
    from switchpoint.catalog.token_prices import price_lists

    return price_lists([provider], date(2027, 1, 1))


def test_offers_are_of_the_sizes_that_are_asked_for() -> None:
    scenario = load_text_checked(TEXT).scenario
    for size in SIZES:
        assert {each.size for each in token_offers(scenario, date(2028, 2, 29), (size,))} == {size}
        for each in layouts((size,), 1200, scenario.start):
            assert size_of_parameters(each.model.params_billion) == size


def test_a_layout_that_breaks_the_promise_carries_nothing() -> None:
    found = layouts(("small",), 1200, date(2027, 1, 1))
    free = formula_rates(found, 1000, 200, Promise())
    kept = formula_rates(found, 1000, 200, Promise(1.0, 0.05))
    strict = formula_rates(found, 1000, 200, Promise(0.0001, 0.0001))
    assert (kept <= free + 1e-12).all()
    assert (free > 0).all()
    assert (strict == 0).all()


def test_whole_nodes_are_paid() -> None:
    found = [each for each in machine_rents("H100", 1, False) if each.node == 8]
    assert found
    for each in found:
        assert each.per_hour(1, 1) == pytest.approx(8 * each.usd_per_gpu_hour)
        assert each.per_hour(1, 9) == pytest.approx(16 * each.usd_per_gpu_hour)


def test_every_offer_of_a_layout_is_a_right_candidate() -> None:
    from switchpoint.catalog import gpu, model

    scenario = load_text_checked(TEXT).scenario
    layout = ReplicaLayout(model("llama-3.1-8b"), gpu("H100"), "fp8", 1)
    offers = gpu_offers(scenario, layout, 3, Promise(1.0, 0.05))
    assert {each.terms for each in offers} == {"on demand", "spot", "reserved", "bought"}
    assert cheapest_rent(layout, 3) is not None
    for each in offers:
        assert each.spec.kind == "gpu"
        assert each.spec.coverage == template_value("coverage_tuned", "small")


def test_every_number_of_the_template_is_there_for_every_size() -> None:
    sized = {each.name for each in template_values() if each.size in SIZES} - {"from_billion"}
    for name in sized:
        for size in SIZES:
            assert template_value(name, size) > 0
    for each in template_values():
        assert each.source
        assert each.verified == ("arXiv" in each.source)
    assert purchase_of("H100") is not None
    assert purchase_of("T4") is None


def test_offers_are_priced_in_the_scenario_of_the_user(ranking: Ranking) -> None:
    """The same offer is price_offers alike whatever stands beside it."""
    scenario: Scenario = ranking.scenario
    offer = ranking.candidates[-1].offer
    (alone,) = price_offers(scenario, [offer], ranking.moments, lambda _: None)
    assert alone.usd_per_month == ranking.candidates[-1].figures.usd_per_month


@pytest.mark.slow
def test_a_promise_that_one_sample_alone_keeps_is_too_strict() -> None:
    """One of four samples of requests keeps it at the slowest rate, all together do not: a replica carries nothing."""
    from switchpoint.catalog import gpu, model
    from switchpoint.serving.capacity import SLOWEST, Question, measure
    from switchpoint.serving.hardware import Architecture
    from switchpoint.serving.serve import saturated_rate, try_rate
    from switchpoint.serving.step_time import ModelledSteps

    steps = ModelledSteps(Architecture.of(model("gemma-4-26b-a4b")), gpu("L40S"), "fp8", 1)
    asked = Question(steps, 8500.0, 2500.0, Promise(1.0, 0.05), 200_000)
    bench, lists = asked.bench, asked.samples()
    slowest = float(saturated_rate(bench, lists).mean()) * SLOWEST
    assert try_rate(bench, lists[:1], slowest).excess(asked.promise) <= 0
    assert try_rate(bench, lists, slowest).excess(asked.promise) > 0
    found = measure(asked)
    assert found.requests_per_second == 0
    assert found.binds == "latency"
    assert "cannot keep the latency promise" in found.why


def test_a_fleet_that_promises_nothing_is_ranked_without_a_promise(ranking: Ranking) -> None:
    fleet = next(each.offer for each in ranking.candidates if each.offer.way == "own")
    loose = {name: value for name, value in fleet.tree["fleet"].items() if not name.endswith("p95_s")}
    text, _ = with_candidates(TEXT, [replace_fleet(fleet, loose)], {})
    assert promise_of(load_text_checked(text).scenario) == (Promise(), True)
    assert promise_of(load_text_checked(TEXT).scenario) == (Promise(1.0, 0.05), False)
    free = replace(ranking, promise=Promise(), promise_stated=True)
    assert "no latency promise, as the file's own fleets make none" in ranking_page(free)
