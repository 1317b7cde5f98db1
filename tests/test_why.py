"""What an advice hangs on: bars worked out by hand, thresholds simulated on both sides, shares in closed form."""

from __future__ import annotations

import json
import math
import tomllib
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from typer.testing import CliRunner

from switchpoint.charts.sensitivity import tornado_chart
from switchpoint.cli import program
from switchpoint.decision.case import simulate
from switchpoint.decision.result import JudgedWorld
from switchpoint.export import compare_and_why_text as page_of
from switchpoint.export.pictures import save_chart
from switchpoint.scenario.catalogue_check import load_checked
from switchpoint.scenario.errors import ScenarioError
from switchpoint.scenario.schema import Scenario
from switchpoint.study import reasons
from switchpoint.study import tornado as tornado_module
from switchpoint.study.advice import AdvisedStart, Judge, advice_of, advices_on
from switchpoint.study.drivers import Driver, How, drivers
from switchpoint.study.tornado import explained_shares, indices, saltelli, tornado
from switchpoint.study.tripwires import (
    MOST_DATES,
    Edge,
    Tripwire,
    Tripwires,
    contenders,
    edge_sentence,
    edges,
    exactly,
    read_tripwires,
    rungs,
    tripwires,
    tripwires_text,
)
from tests.effort import tries
from tests.small_worlds import API, BOX, MONTH, growing, merged, priced, result, with_candidates
from tools import why as page_tool

pytestmark = pytest.mark.slow

ROOT = Path(__file__).resolve().parent.parent
DAYS = 731
"""Of the small world's 24 months."""
HALF = with_candidates(half=API)
"""$10 a day, and a candidate at $5 a day that starts at once: it saves $3,655."""
LATE = merged(
    API,
    priced(0.05),
    {"usd_per_month": 300, "quality_usd_per_1000_requests": 0.55, "project": {"training_days": 200}},
)
"""A bill of $315 a month, $167 of quality beside it and 200 days until it is live: at first it costs more than staying
at $304, so that the limit of $600 says when it starts, not the money."""


def of(name: str, *changes: str) -> JudgedWorld:
    return JudgedWorld(simulate(load_checked(ROOT / "scenarios" / f"{name}.toml", changes).scenario))


def driver(told: JudgedWorld, key: str) -> Driver:
    return next(each for each in drivers(told, contenders(told)) if each.key == key)


def wire(told: JudgedWorld, key: str) -> Tripwire:
    """The tripwire of one driver, the only one that is followed."""

    def of_one(follow: Callable[[Driver | Edge], Any], each: Iterable[Driver | Edge]) -> Iterator[Any]:
        return map(follow, [it for it in each if (it.driver if isinstance(it, Edge) else it).key == key])

    return next(each for each in tripwires(told, of_one, most=99) if (each.path, each.changes) == (key, "advice"))


def advice_on(scenario: Scenario) -> AdvisedStart | None:
    """The advice on one scenario, simulated alone."""
    (found,) = advices_on([scenario])
    return found


def bar(told: JudgedWorld, key: str):
    found = tornado(told)
    assert found is not None
    return next(each for each in found.bars if each.driver.key == key)


def savings(told: JudgedWorld, key: str) -> tuple[float, float]:
    found = bar(told, key)
    return found.at_low.npv_saving_usd, found.at_high.npv_saving_usd


class TestTornado:
    @pytest.mark.parametrize(
        ("key", "low", "high"),
        [
            ("current.usd_per_mtok", 8 - 5, 12 - 5),
            ("candidates.half.usd_per_mtok", 10 - 4, 10 - 6),
            ("usage.requests_per_day", 4, 6),
            ("candidates.half.coverage", 4, 5),  # cut off at 1
        ],
    )
    def test_a_certain_number_is_moved_by_a_fifth(self, key: str, low: float, high: float) -> None:
        assert savings(result(HALF), key) == pytest.approx((DAYS * low, DAYS * high))
        assert not bar(result(HALF), key).has_range

    def test_a_range_is_moved_from_p10_to_p90(self) -> None:
        """A lognormal: ln 1.25 is 1.645 standard deviations, p90 is 1.2816 of them."""
        told = result(HALF, {"usage": {"requests_per_day": {"low": 8_000, "high": 12_500}}})
        factor = 1.25 ** (1.2815515655 / 1.6448536270)
        assert bar(told, "usage.requests_per_day").has_range
        assert savings(told, "usage.requests_per_day") == pytest.approx((DAYS * 5 / factor, DAYS * 5 * factor))

    def test_a_choice_is_moved_between_its_quantiles(self) -> None:
        choice = {"values": [0.9, 0.2, 0.5], "weights": [5, 1, 94]}
        told = result(with_candidates(half=merged(API, {"coverage": choice})))
        assert "candidates.half.coverage" not in [each.driver.key for each in tornado(told).bars]  # both ends are 0.5
        choice = {"values": [0.9, 0.6, 0.7], "weights": [20, 20, 60]}
        told = result(with_candidates(half=merged(API, {"coverage": choice})))
        assert savings(told, "candidates.half.coverage") == pytest.approx((DAYS * 3, DAYS * 4.5))

    def test_the_widest_swing_comes_first(self) -> None:
        found = tornado(result(HALF))
        swings = [round(found.swing(each), 2) for each in found.bars]
        assert swings == sorted(swings, reverse=True)
        assert found.bars[0].driver.key == "current.usd_per_mtok"

    def test_what_changes_nothing_is_left_out(self) -> None:
        """$304 a month against a limit of $600, moved to $480: it is not reached."""
        assert "limit.usd_per_month" not in [each.driver.key for each in tornado(result(HALF)).bars]
        told = result(growing(0.06), with_candidates(half=LATE))
        assert "limit.usd_per_month" in [each.driver.key for each in tornado(told).bars]

    def test_it_follows_one_candidate_whatever_the_others_do(self) -> None:
        alone = tornado(result(HALF))
        beside = tornado(result(with_candidates(half=API, dear=merged(API, priced(0.9)), box=BOX | {"coverage": 0.1})))
        assert (alone.candidate, alone.base) == (beside.candidate, beside.base)
        assert [each.at_high for each in alone.bars] == [each.at_high for each in beside.bars]

    def test_start_dates_are_those_of_each_world(self) -> None:
        told = of("support-copilot")
        for each in tornado(told).bars:
            for value, there in ((each.low, each.at_low), (each.high, each.at_high)):
                world = JudgedWorld(simulate(each.driver.set(told.case.scenario, value)))
                outlook, named = world.case.outlook("own-8b"), world.verdict.candidate is not None
                day = world.verdict.start_by if named else outlook.starts.start_by.day
                assert day == there.start_by
                assert outlook.saving(world.advised_start(outlook)) == pytest.approx(there.npv_saving_usd)

    def test_the_base_case_is_that_of_run(self) -> None:
        for name in page_tool.STORIES:
            told = page_tool.told(name)
            best = told.result.main_candidate
            if (plan := told.result.verdict.plan) is not None:
                assert told.tornado.base.npv_saving_usd == pytest.approx(plan.npv_saving)
                assert (told.tornado.plan, told.tornado.base.start_by) == (plan.name, plan.project_start)
                continue
            assert told.tornado.base.npv_saving_usd == pytest.approx(best.saving(best.starts.advised_start))
            assert told.tornado.base.start_by == best.starts.start_by.day

    def test_without_candidates_there_is_none(self) -> None:
        assert tornado(result()) is None

    def test_a_pool_can_run_the_worlds(self) -> None:
        told, here = of("support-copilot"), page_tool.told("support-copilot")
        with ThreadPoolExecutor(2) as pool:
            assert tornado(told, pool.map) == here.tornado
            assert tripwires(told, pool.map) == here.tripwires

    @pytest.mark.parametrize("name", page_tool.STORIES)
    def test_savings_move_the_way_they_must(self, name: str) -> None:
        """Dearer APIs, more usage and more capacity raise a saving; dearer rents and people lower it."""
        rising = (
            "current.usd_per_mtok",
            "usage.requests_per_day",
            "requests_per_second_per_replica",
            "coverage",
        )
        falling = ("usd_per_gpu_hour", "purchase_usd_per_gpu", "usd_per_engineer_month")
        found = page_tool.told(name).tornado
        for each in found.bars:
            rise = each.at_high.npv_saving_usd - each.at_low.npv_saving_usd
            sooner = (
                each.driver.key == "usage.requests_per_day" and page_tool.told(name).tornado.base.npv_saving_usd < 0
            )
            # More usage, sooner live: what loses loses for longer. A fleet costs the same whatever it carries.
            fixed = name == "back-to-an-api" and each.driver.key == "usage.requests_per_day"
            if each.driver.key.endswith(rising) and not sooner and not fixed:
                assert rise > 0, each.driver.key
            if each.driver.key.endswith(falling):  # what today's route costs is saved, what a candidate costs is not
                of_today = each.driver.key.startswith("current.")
                assert rise > 0 if of_today else rise < 0, each.driver.key


class TestDrivers:
    @pytest.mark.parametrize("name", page_tool.STORIES)
    def test_at_todays_value_nothing_changes(self, name: str) -> None:
        told = page_tool.told(name).result
        scenario, judge = told.case.scenario, Judge(told.main_candidate.name, told.case.scenario)
        base = judge(scenario)
        for each in drivers(told, contenders(told)):
            there = each.set(scenario, each.now)
            assert judge(there).npv_saving_usd == pytest.approx(base.npv_saving_usd)
            assert judge(there).start_by == base.start_by

    def test_prices_of_a_route_move_alike(self) -> None:
        """All token prices times a factor from the first day are all token costs times that factor."""
        told = of("support-copilot")
        price = driver(told, "current.usd_per_mtok")
        assert (price.now, price.unit, price.how) == (1.0, "times today's", How.PRICES)
        moved = simulate(price.set(told.case.scenario, 2.0))
        assert moved.stay == pytest.approx(2 * told.case.stay)

    def test_a_simulated_capacity_is_scaled(self) -> None:
        fleet = {"gpu": "L40S", "usd_per_gpu_hour": 1.0}
        spec = {"kind": "gpu", "model": {"base": "llama-3.1-8b", "precision": "fp8"}, "fleet": fleet}
        told = result(with_candidates(own=spec), {"usage": {"requests_per_day": 1_000_000, "output_tokens": 200}})
        scale = driver(told, "candidates.own.fleet.requests_per_second_per_replica")
        assert scale.how is How.CAPACITY
        halved = simulate(scale.set(told.case.scenario, scale.now / 2)).outlook("own")
        stated = {"requests_per_second_per_replica": scale.now / 2}
        same = result(
            with_candidates(own=merged(spec, {"fleet": stated})),
            {"usage": {"requests_per_day": 1_000_000, "output_tokens": 200}},
        )
        assert halved.running.cost == pytest.approx(same.case.outlook("own").running.cost)

    def test_growth_of_constant_usage_starts_at_none(self) -> None:
        told = result(HALF)
        growth = driver(told, "usage.growth.per_month")
        assert (growth.now, growth.belief) == (0.0, None)
        grown = simulate(growth.set(told.case.scenario, 0.1)).setting.traffic.requests
        assert grown == pytest.approx(simulate(result(HALF, growing(0.1)).case.scenario).setting.traffic.requests)

    def test_a_stated_price_range_takes_the_place_of_all_prices_alike(self) -> None:
        told = result(HALF, {"current": {"usd_per_mtok": {"input": {"low": 0.8, "high": 1.2}}}})
        found = [each for each in drivers(told, ["half"]) if each.path[0] == "current"]
        assert [(each.key, each.how) for each in found] == [("current.usd_per_mtok.input", How.VALUE)]

    @given(st.data())
    def test_they_stay_within_the_bounds_of_their_fields(self, data: st.DataObject) -> None:
        told = page_tool.told(data.draw(st.sampled_from(("support-copilot", "tagging-at-volume"))))
        each = data.draw(st.sampled_from(drivers(told.result, contenders(told.result))))
        values = [*rungs(each, each.low), *rungs(each, each.high), *each.quantiles(0.1, 0.9)]
        assert all(each.bounds.allows(value) for value in values)
        ladder = [abs(value - each.now) for value in rungs(each, each.high)]
        assert ladder == sorted(ladder)


class TestTripwires:
    def test_the_price_at_which_nothing_is_saved(self) -> None:
        """The candidate costs $0.50 per million tokens and no project."""
        found = wire(result(HALF), "current.usd_per_mtok")
        assert found.threshold == pytest.approx(0.5, rel=1e-4)
        assert (found.direction, found.action, found.candidate) == ("below", "stay", None)
        assert found.now == 1.0
        assert "If all token prices of the current route fall by more than 50 %," in found.sentence

    def test_the_limit_that_nothing_keeps(self) -> None:
        """$10 a day is $304.38 a month; at $12 a day the candidate neither saves nor keeps a limit below that."""
        found = wire(result(with_candidates(dear=merged(API, priced(1.2)))), "limit.usd_per_month")
        assert found.threshold == pytest.approx(10 * MONTH, rel=1e-4)
        assert (found.direction, found.action) == ("below", "no-remedy")

    def test_what_saves_is_started_whatever_the_limit(self) -> None:
        """At $5 a day it keeps no limit below $152.19 a month, and is started for its money all the same."""
        told = result(HALF)
        (driven,) = (each for each in drivers(told, ["half"]) if each.key == "limit.usd_per_month")
        assert edges(driven, told.case.scenario, advice_of(told)) == []

    def test_what_is_assumed_stated_and_known_is_told_apart(self) -> None:
        told = result(with_candidates(half=API), {"revenue": {"usd_per_month": 500}, "limit": {"share_of_revenue": 1}})
        found = {each.key: each for each in drivers(told, ["half"])}
        assert found["candidates.half.coverage"].origin == "default"
        assert found["revenue.growth_per_month"].origin == "default"
        assert found["usage.growth.per_month"].origin == "found"
        stated = result(with_candidates(half=merged(API, {"coverage": 0.9})))
        coverage = next(each for each in drivers(stated, ["half"]) if each.key == "candidates.half.coverage")
        here = advice_of(stated)
        edge = Edge(coverage, "below", "date", 0.9, 0.6, here)
        assert "falls below 60 % (90 % in the scenario), " in edge_sentence(edge, here)
        left = replace(coverage, origin="default", now=1.0)
        near = Edge(left, "below", "date", 1.0, 0.9999, here)
        assert "coverage falls at all (assumed 100 %), " in edge_sentence(near, here)
        usage = next(each for each in drivers(stated, ["half"]) if each.key == "usage.requests_per_day")
        assert "(now " in edge_sentence(Edge(usage, "above", "date", 1.0, 2.0, here), here)

    def test_another_candidate(self) -> None:
        """A box at $2.40 a day against tokens of a dollar per million at $10 a day; neither takes a project."""
        found = wire(result(with_candidates(half=API, box=BOX)), "candidates.half.usd_per_mtok")
        assert (found.candidate, found.direction) == ("half", "below")
        assert found.threshold == pytest.approx(0.24 / 0.5, rel=1e-4)
        assert "If half's token prices fall by more than 52 %" in found.sentence
        assert "the advice becomes: start half instead of box" in found.sentence

    def test_the_date_moves_to_today(self) -> None:
        """A project of 200 days: it is to start now where growth brings the limit within 214, as 14 days off is now."""
        told = result(growing(0.06), with_candidates(half=LATE))
        assert (told.verdict.action, told.verdict.binds) == ("start-by", "limit")
        scenario, base = told.case.scenario, advice_of(told)
        (found,) = (e for e in edges(driver(told, "usage.growth.per_month"), scenario, base) if e.kind == "date")
        found = exactly(found, scenario, base)
        assert (found.direction, found.beyond.action) == ("above", "start-now")
        assert result(growing(found.outside), with_candidates(half=LATE)).case.threat == 214
        assert result(growing(found.outside - 2e-5), with_candidates(half=LATE)).case.threat == 215

    def test_usage_flips_where_run_says(self) -> None:
        told = page_tool.told("early-prototype").result
        found = wire(told, "usage.requests_per_day")
        assert found.threshold == pytest.approx(told.flips_at, rel=2e-4)

    @pytest.mark.parametrize("name", page_tool.STORIES)
    def test_each_one_flips_on_its_side_and_not_on_the_other(self, name: str) -> None:
        why = page_tool.told(name)
        scenario, base = why.result.case.scenario, advice_of(why.result)
        assert 3 <= len(why.tripwires) <= 5
        assert sum(each.changes == "date" for each in why.tripwires) <= MOST_DATES
        for each in why.tripwires:
            out = -1 if each.direction == "below" else 1
            step = out * 2e-4 * abs(each.threshold)
            moved = driver(why.result, each.path)
            inside, beyond = (advice_on(moved.set(scenario, each.threshold + at)) for at in (-step, step))
            assert inside.is_that_of(base), each.sentence
            if each.changes == "advice":
                assert not beyond.is_that_of(base), each.sentence
            else:  # no date moves among starts that are as good
                assert inside.today == base.today or inside.as_good_as(base), each.sentence
                assert beyond.is_that_of(base), each.sentence
                assert beyond.today != base.today, each.sentence
                assert not beyond.as_good_as(base), each.sentence
            assert (beyond.action.value, beyond.candidate) == (each.action, each.candidate)
            assert out * (each.threshold - each.now) > 0

    @pytest.mark.parametrize("name", page_tool.STORIES)
    def test_the_nearest_come_first_and_those_inside_a_stated_range_before_them(self, name: str) -> None:
        why = page_tool.told(name)
        driven = [(driver(why.result, each.path), each.threshold) for each in why.tripwires]
        inside = [bool(each.belief) and each.belief.low <= at <= each.belief.high for each, at in driven]
        far = [each.distance(at) for each, at in driven]
        assert inside == sorted(inside, reverse=True)
        assert far[sum(inside) :] == sorted(far[sum(inside) :])

    def test_without_candidates_there_are_some_too(self) -> None:
        """$10 a day against $600 a month."""
        found = wire(result(), "limit.usd_per_month")
        assert found.threshold == pytest.approx(10 * MONTH, rel=1e-4)
        assert "the limit is reached, and no candidate keeps it" in found.sentence

    def test_no_usage_no_tripwire_of_usage(self) -> None:
        told = result(HALF, {"usage": {"requests_per_day": 0}})
        assert [each for each in tripwires(told) if each.path.startswith("usage.")] == []


FOUND = Tripwires(
    scenario='Ours "two"',
    date=date(2027, 1, 1),
    tripwire=(
        Tripwire(
            name="growth",
            path="usage.growth.per_month",
            unit="share/month",
            now=0.0916515,
            threshold=0.05,
            direction="below",
            changes="advice",
            action="stay",
            sentence="If growth falls below 5 % a month, stay.",
        ),
        Tripwire(
            name="own's coverage",
            path='candidates."own 1.0".coverage',
            unit="share, 0 to 1",
            now=0.8,
            threshold=0.95,
            direction="above",
            changes="date",
            action="start-now",
            candidate="own 1.0",
            sentence="If own's coverage rises above 95 %, start today.",
        ),
    ),
)


class TestFile:
    def test_what_is_written_is_read_back(self, tmp_path: Path) -> None:
        path = tmp_path / "tripwires.toml"
        path.write_text(tripwires_text(FOUND), encoding="utf-8")
        assert read_tripwires(path) == FOUND
        plain = tomllib.loads(path.read_text(encoding="utf-8"))
        assert plain["date"] == date(2027, 1, 1)
        assert plain["tripwire"][0]["threshold"] == 0.05

    def test_none_at_all(self, tmp_path: Path) -> None:
        path = tmp_path / "tripwires.toml"
        path.write_text(tripwires_text(Tripwires(scenario="x", date=date(2027, 1, 1))), encoding="utf-8")
        assert read_tripwires(path).tripwire == ()

    @pytest.mark.parametrize(
        ("old", "new", "line", "told"),
        [
            ("threshold = 0.05", "threshold = nan", 12, "tripwire.0.threshold: must be a finite number; got nan"),
            ("threshold = 0.05", 'threshold = "5 %"', 12, "tripwire.0.threshold: must be a number"),
            ("threshold = 0.05\n", "", 7, "tripwire.0.threshold: is missing"),
            ('direction = "below"', 'direction = "under"', 13, 'must be below or above; got "under"'),
            ('direction = "below"', "direction = []", 13, "must be below or above; got []"),
            ('action = "stay"', 'action = "go"', 15, 'or no-remedy; got "go"'),
            ('name = "growth"', "name = 3", 8, "tripwire.0.name: must be text in quotes; got 3"),
            ("date = 2027-01-01", "date = 2027", 5, "date: must be a date such as 2027-05-01; got 2027"),
            ("[[tripwire]]", "[[tripwire", 7, "is not valid TOML"),
        ],
    )
    def test_each_fault_is_one_line(self, tmp_path: Path, old: str, new: str, line: int, told: str) -> None:
        path = tmp_path / "bad.toml"
        path.write_text(tripwires_text(FOUND).replace(old, new, 1), encoding="utf-8")
        with pytest.raises(ScenarioError) as raised:
            read_tripwires(path)
        (fault,) = str(raised.value).splitlines()
        assert fault.startswith(f"{path}:{line}: ")
        assert told in fault

    def test_a_file_that_is_not_there_and_one_that_is_something_else(self, tmp_path: Path) -> None:
        with pytest.raises(ScenarioError, match="does not exist"):
            read_tripwires(tmp_path / "none.toml")
        with pytest.raises(ScenarioError) as raised:
            read_tripwires(ROOT / "pyproject.toml")
        assert len(str(raised.value).splitlines()) == 2  # scenario and date are missing

    @pytest.mark.parametrize(
        ("name", "value", "trips"),
        [
            ("growth", 0.06, False),
            ("growth", 0.05, True),
            ("growth", 0.04, True),
            ("growth", math.nan, False),
            ("own's coverage", 0.94, False),
            ("own's coverage", 0.95, True),
        ],
    )
    def test_a_wire_trips_at_its_threshold_and_beyond(self, name: str, value: float, trips: bool) -> None:
        (wire,) = (each for each in FOUND.tripwire if each.name == name)
        assert wire.trips(value) is trips


@pytest.fixture
def few_points(monkeypatch: pytest.MonkeyPatch) -> None:
    """Points that are enough where it is not the question how near the shares come."""
    monkeypatch.setattr(tornado_module, "MOST_WORLDS", 400)


class TestIndices:
    def test_a_sum_shares_out_its_variance(self) -> None:
        """Of x + 2y + 3z with equal spreads: 1, 4 and 9 of 14."""
        points = saltelli(3, 1024, seed=1)
        found = explained_shares((points @ np.array([1.0, 2.0, 3.0])).reshape(-1, 1024), seed=1)
        for (alone, in_all), share in zip(found, (1 / 14, 4 / 14, 9 / 14), strict=True):
            assert alone.value == pytest.approx(share, abs=0.01)
            assert in_all.value == pytest.approx(share, abs=0.01)
            assert alone.low < share < alone.high

    def test_ishigami(self) -> None:
        """sin a + 7 sin² b + 0.1 c⁴ sin a on [-π, π]³, whose indices are known in closed form."""
        a, b, c = ((saltelli(3, 4096, seed=2) * 2 - 1) * math.pi).T
        values = np.sin(a) + 7 * np.sin(b) ** 2 + 0.1 * c**4 * np.sin(a)
        found = explained_shares(values.reshape(-1, 4096), seed=2)
        first, total = [each.value for each, _ in found], [each.value for _, each in found]
        assert first == pytest.approx([0.3139, 0.4424, 0.0], abs=0.03)
        assert total == pytest.approx([0.5576, 0.4424, 0.2437], abs=0.03)

    def test_points_are_those_of_saltelli(self) -> None:
        first, second, *mixed = saltelli(2, 8, seed=3).reshape(4, 8, 2)
        assert (mixed[0] == np.column_stack([second[:, 0], first[:, 1]])).all()
        assert (mixed[1] == np.column_stack([first[:, 0], second[:, 1]])).all()

    def test_a_linear_scenario(self) -> None:
        """The saving is 731 x $10 x (price - other price): spreads of 1 to 2, so variances of 1 to 4."""
        told = result(
            {"current": {"usd_per_mtok": {"input": {"low": 0.95, "mode": 1.0, "high": 1.05}}}},
            with_candidates(
                half={"kind": "api", "usd_per_mtok": {"input": {"low": 0.4, "mode": 0.5, "high": 0.6}, "output": 1}}
            ),
        )
        (found,) = indices(told)
        assert found.measure == "npv_saving_usd"
        assert [each.input.name for each in found.shares] == [
            "candidates.half.usd_per_mtok.input",
            "current.usd_per_mtok.input",
        ]
        assert [each.alone.value for each in found.shares] == pytest.approx([0.8, 0.2], abs=0.02)
        spread = (
            DAYS * 10 * math.sqrt((0.1**2 + 0.2**2) / 28)
        )  # a PERT of 1 to 2 to 3 has a variance of 1/28 of its width²
        assert found.deviation == pytest.approx(spread, rel=0.02)

    def test_the_same_seed_is_the_same(self, few_points: None) -> None:
        told = result({"current": {"usd_per_mtok": {"input": {"low": 0.95, "high": 1.05}}}}, HALF)
        assert indices(told) == indices(told) != indices(told, seed=1)

    def test_nothing_uncertain_nothing_to_share_out(self) -> None:
        assert indices(result(HALF)) == ()
        assert indices(result()) == ()

    def test_ranges_of_others_take_no_part(self, few_points: None) -> None:
        told = result(
            {"usage": {"requests_per_day": {"low": 8_000, "high": 12_000}}},
            with_candidates(half=API, dear=merged(API, priced(0.9), {"coverage": {"low": 0.1, "high": 0.2}})),
        )
        (found,) = indices(told)
        assert [each.name for each in found.shares] == ["usage at the start"]
        assert found.shares[0].in_all.value == pytest.approx(1, abs=0.1)


class TestPage:
    def test_it_is_fresh(self) -> None:
        """`python -m tools.why` writes docs/why.md anew."""
        assert page_tool.PAGE.read_text(encoding="utf-8") == page_tool.page()

    @pytest.mark.parametrize("name", page_tool.STORIES)
    def test_it_says_what_moves_and_what_would_change(self, name: str) -> None:
        why = page_tool.told(name)
        text = page_of.why_page(why)
        assert all(f"- {each.sentence}" in text for each in why.tripwires)
        rows = [line for line in text.splitlines() if "│" in line]
        assert len(rows) == min(len(why.tornado.bars), 10)
        assert rows[0].startswith(why.tornado.bars[0].driver.name[:1].upper()) or rows[0].startswith(
            ("own-", "claude's")
        )

    def test_every_key_of_the_json_is_documented(self) -> None:
        growth = {"curve": "compound", "per_month": {"low": 0.05, "high": 0.07}}
        told = result({"usage": {"growth": growth}}, with_candidates(half=LATE))
        data = json.loads(page_of.why_json(reasons.study(told, with_indices=True)))
        assert {each["measure"] for each in data["indices"]} == {"npv_saving_usd", "start_by_day"}
        assert all(data[part] for part in ("tripwires", "tornado"))
        text = page_tool.OPENING + " ".join((*page_tool.KEYS, *page_tool.KEYS.values(), *page_tool.FIELDS))

        def keys(node: object) -> set[str]:
            if isinstance(node, dict):
                return set(node).union(*map(keys, node.values()))
            return set().union(*map(keys, node)) if isinstance(node, list) else set()

        assert [key for key in sorted(keys(data)) if key not in text] == []
        assert set(page_tool.FIELDS) == set(Tripwire.model_fields)

    def test_a_command_and_its_files(self, tmp_path: Path) -> None:
        file, out = str(ROOT / "scenarios" / "support-copilot.toml"), tmp_path / "why"
        found = CliRunner().invoke(program, ["why", file, "--out", str(out), "--json"])
        assert found.exit_code == 0
        names = {"tripwires.toml", "why.json", "why.txt", "tornado.png", "tornado.svg", ".switchpoint.json"}
        assert {path.name for path in out.iterdir()} == names
        assert found.stdout == (out / "why.json").read_text(encoding="utf-8")
        told = read_tripwires(out / "tripwires.toml")
        assert told.tripwire == page_tool.told("support-copilot").tripwires
        assert told.scenario == "Support copilot"
        assert "What would change the advice" in (out / "why.txt").read_text(encoding="utf-8")

    def test_bad_input_is_told_and_nothing_written(self, tmp_path: Path) -> None:
        file = str(ROOT / "scenarios" / "support-copilot.toml")
        found = CliRunner().invoke(program, ["why", file, "--set", "months=0", "--out", str(tmp_path / "why")])
        assert found.exit_code == 2
        assert "months" in found.stderr
        assert not (tmp_path / "why").exists()

    def test_an_end_of_a_range_that_cannot_be_computed(self) -> None:
        """The base case grows by 1.7 % a month, the upper end of its range by far too much."""
        file = str(ROOT / "scenarios" / "support-copilot.toml")
        change = "usage.growth.per_month={low=0.0001,high=300}"
        fade = "usage.growth.fade_per_month=0"
        found = CliRunner().invoke(program, ["why", file, "--set", change, "--set", fade])
        assert found.exit_code == 2
        assert "(with values within the stated ranges)" in found.stderr
        assert len(found.stderr.strip().splitlines()) == 1

    @pytest.mark.parametrize(
        "change",
        [
            "usage.requests_per_day=0",
            "months=1",
            "candidates={}",
            'usage.growth={curve="constant"}',
            'usage.growth={curve="linear",per_month=900}',
            "usage.growth={curve='logistic',per_month=0.1,ceiling=90_000}",
            "usage.growth={curve='bass',innovation=0.01,imitation=0.3,market=200_000}",
            "current.usd_per_mtok={input=0,output=0}",
            "current.usd_per_mtok={input={low=0.5,high=1},output=4}",
            "candidates.own-8b.coverage={values=[0.2,0.9],weights=[1,3]}",
            "candidates.own-8b.coverage=0",
            "candidates.own-8b.project.started=2026-11-01",
            "candidates.own-8b.project.pass_probability=[0]",
        ],
    )
    def test_odd_scenarios_are_told(self, change: str) -> None:
        shorter = [] if change.startswith("months") else ["months=18"]  # as many bars and tripwires in less time
        why = reasons.study(of("support-copilot", *shorter, change))
        text = page_of.why_page(why)
        assert "nan" not in text
        assert json.loads(page_of.why_json(why))["scenario"] == "Support copilot"


class TestChart:
    @pytest.mark.parametrize("name", page_tool.STORIES)
    def test_its_title_is_the_takeaway_and_each_input_has_two_ends(self, name: str) -> None:
        why = page_tool.told(name)
        spec = tornado_chart(why.result.case.scenario, why.tornado).to_dict()
        top = why.tornado.bars[0].driver.name
        assert top.lower() in " ".join(spec["title"]["text"]).lower()
        assert spec["description"].startswith(" ".join(spec["title"]["text"])[:40])
        money = spec["hconcat"][0]["layer"][0]
        rows = money["data"]["values"] if "values" in money["data"] else spec["datasets"][money["data"]["name"]]
        assert len(rows) == 2 * min(len(why.tornado.bars), 10)
        assert rows[0]["to"] == why.tornado.bars[0].at_low.npv_saving_usd
        assert money["encoding"]["x"]["axis"]["title"] == "Present value saved, $"

    def test_dates_are_drawn_where_they_move(self) -> None:
        panels = {
            name: len(tornado_chart(page_tool.told(name).result.case.scenario, page_tool.told(name).tornado).hconcat)
            for name in ("support-copilot", "early-prototype", "tagging-at-volume")
        }
        assert panels == {"support-copilot": 2, "early-prototype": 1, "tagging-at-volume": 1}

    def test_odd_names_are_drawn_with_their_text(self, tmp_path: Path) -> None:
        name = "gpt-4.1[x] 'y'"
        told = result(with_candidates(**{name: API}))
        _, svg = save_chart(tornado_chart(told.case.scenario, tornado(told)), tmp_path, "tornado")
        assert "Present value saved" in svg.read_text(encoding="utf-8")
        assert "gpt-4.1[x]" in svg.read_text(encoding="utf-8")


@settings(max_examples=tries(5, 40), suppress_health_check=[HealthCheck.too_slow])
@given(
    growth=st.just(0.0) | st.floats(1e-9, 0.12),
    price=st.floats(0.3, 1.2),
    limit=st.floats(320, 1500),
    days=st.integers(0, 200),
)
def test_tripwires_of_drawn_worlds_flip_what_they_say(growth: float, price: float, limit: float, days: int) -> None:
    candidate = merged(API, priced(price), {"project": {"training_days": days}})
    told = result(growing(growth), {"limit": {"usd_per_month": limit}}, with_candidates(half=candidate, box=BOX))
    base = advice_of(told)
    for each in tripwires(told):
        there = advice_on(driver(told, each.path).set(told.case.scenario, each.threshold * (1 + 1e-6)))
        here = advice_on(driver(told, each.path).set(told.case.scenario, each.threshold * (1 - 1e-6)))
        assert any(not at.is_that_of(base) or at.today != base.today for at in (here, there))


def test_progress_is_told_as_it_goes_and_changes_nothing() -> None:
    found, told = result(HALF), []
    why = reasons.study(found, with_indices=True, progress=told.append)
    assert told == sorted(told)
    assert told[0] == 0
    assert 0.9 < told[-1] < 1
    assert page_of.why_json(why) == page_of.why_json(reasons.study(found, with_indices=True))
