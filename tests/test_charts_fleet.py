"""Charts of a fleet and of what matters say what the simulation says; draws may grow stage by stage."""

from functools import cache

import numpy as np
import pytest

from switchpoint.charts.replicas import (
    PANELS,
    carrier_of,
    hours_chart,
    hours_of,
    hours_words,
    latency_chart,
    replicas_chart,
    replicas_words,
)
from switchpoint.charts.sensitivity import swing_chart, takeaway
from switchpoint.charts.vega import DARK, LIGHT
from switchpoint.decision.case import simulate
from switchpoint.decision.result import JudgedWorld
from switchpoint.scenario.catalogue_check import load_checked
from switchpoint.scenario.toml_writer import examples
from switchpoint.serving.capacity import Capacity
from switchpoint.serving.capacity_cache import LoadPoint
from switchpoint.serving.serve import Promise
from switchpoint.study.draw_sentence import as_json
from switchpoint.study.monte_carlo import MonteCarlo
from switchpoint.study.tornado import tornado
from switchpoint.text import percent
from tests.small_worlds import BOX, merged, result, with_candidates


@cache
def result_of(*overrides: str) -> JudgedWorld:
    return JudgedWorld(simulate(load_checked(examples()["support-copilot"], overrides).scenario)).shown


def rows(spec: dict, mark: str) -> list[dict]:
    return [row for layer in spec["layer"] if layer["mark"]["type"] == mark for row in layer["data"]["values"]]


OFFICE = {"months": 2, "usage": {"hourly_profile": "office"}}
CAPPED = {"max_replicas": 3, "overflow": "current"}
FLEETS = {
    "follows the hours": {"spare_replicas": 1},
    "for the peak of the day": {"scaling": "daily"},
    "fixed": {"scaling": "fixed", "fixed_replicas": 9, "min_replicas": 0},
    "bought": {"usd_per_gpu_hour": None, "purchase_usd_per_gpu": 900},
    "overflows": CAPPED,
    "bought, overflows": {**CAPPED, "usd_per_gpu_hour": None, "purchase_usd_per_gpu": 900},
    "in whole nodes": {"min_replicas": 0, "gpus_per_node": 4, "billing_minutes": 1},
    "serverless": {
        "scaling": "serverless",
        "min_replicas": 0,
        "requests_per_second_per_replica": 5,
        "request_seconds": 1,
    },
}


class TestHours:
    @pytest.mark.parametrize("waits", [0.0, 0.6, 1.0])
    @pytest.mark.parametrize("fleet", FLEETS)
    def test_the_hours_of_a_day_are_the_days_replicas_and_requests(self, fleet: str, waits: float) -> None:
        own = merged(BOX, {"fleet": {"requests_per_second_per_replica": 0.05, **FLEETS[fleet]}})
        told = result(OFFICE, {"usage": {"batch_share": waits}}, with_candidates(own=own))
        outlook = told.case.outlook("own")
        carrier, hours = carrier_of(outlook), hours_of(outlook, 10)
        full = carrier.full
        owned = 24 * full.peak[10] if "bought" in fleet else full.replica_hours[10]
        assert hours.replicas.sum() == pytest.approx(owned)
        assert hours.replicas.max() <= max(full.peak[10], 4) + 1e-9
        over = 0 if full.over_now is None else full.over_now[10] + full.over_waiting[10]
        assert hours.over.sum() + hours.left == pytest.approx(over, abs=1e-6)
        assert (hours.now + hours.waiting).sum() + over == pytest.approx(carrier.requests[10])
        if fleet != "serverless":
            assert (hours.replicas_for(hours.now + hours.waiting) <= hours.replicas + 1e-9).all()
            assert np.minimum(hours.idle, hours.over) == pytest.approx(0, abs=1e-6)

    def test_endpoints_come_in_their_steps_and_are_called_so(self) -> None:
        units = {"kind": "hosted", "endpoint": {"usd_per_hour": 0.1, "requests_per_second": 0.05, "min": 3, "step": 2}}
        outlook = result(OFFICE, with_candidates(units=units)).case.outlook("units")
        assert set(hours_of(outlook, 10).replicas.tolist()) == {3, 5, 7}
        assert "it runs 3 to 7 endpoints, idle for 38 % of their hours" in hours_words(outlook, 10)

    def test_the_chart_stacks_what_is_busy_what_is_idle_and_what_goes_elsewhere(self) -> None:
        own = merged(BOX, {"fleet": {"requests_per_second_per_replica": 0.05, **CAPPED}})
        outlook = result(OFFICE, {"usage": {"batch_share": 0.5}}, with_candidates(own=own)).case.outlook("own")
        drawn = rows(hours_chart(outlook, 1, 10, DARK).to_dict(), "bar")
        hours = hours_of(outlook, 10)
        assert [row["hour"] for row in drawn[:24]] == [f"{hour:02}" for hour in range(24)]
        assert sum(row["value"] for row in drawn) == pytest.approx(
            hours.replicas.sum() + hours.replicas_for(hours.over).sum()
        )
        assert f"{percent(hours.elsewhere)} of the requests go to the current route" in hours_words(outlook, 10)


class TestReplicas:
    def test_the_last_point_is_the_busiest_hour_of_the_last_week(self) -> None:
        result = result_of()
        outlook = result.case.outlook("own-8b")
        drawn = [row for row in rows(replicas_chart(result, outlook).to_dict(), "line") if "Busiest" in row["line"]]
        peak = carrier_of(outlook).full.peak
        assert drawn[-1]["value"] == peak[-7:].max()
        assert replicas_words(result, outlook).endswith(f"today and {peak[-7:].max():.0f} at the end")

    def test_what_the_load_would_take_and_what_is_reserved_stand_beside_a_fleet_that_overflows(self) -> None:
        fleet = {**CAPPED, "requests_per_second_per_replica": 0.05, "reserved_replicas": 2}
        own = merged(BOX, {"fleet": {**fleet, "reserved_usd_per_gpu_hour": 0.05}})
        told = result(OFFICE, with_candidates(own=own)).shown
        outlook = told.case.outlook("own")
        drawn = rows(replicas_chart(told, outlook).to_dict(), "line")
        last = {row["line"]: row["value"] for row in drawn}
        # 10,000 requests a day, 19 of 209 of them in the busiest hour, 144 an hour of a replica
        assert (last["Busiest hour of the week"], last["What the load would take"], last["Reserved"]) == (3, 7, 2)
        assert f"{percent(outlook.overflow_share)} of the requests that it may take" in replicas_words(told, outlook)

    def test_one_that_is_too_small_ends_where_it_is_not_possible(self) -> None:
        result = result_of("candidates.own-8b.fleet.max_replicas=4")
        outlook = result.case.outlook("own-8b")
        assert "is not possible from" in replicas_words(result, outlook)
        last = result.case.clock.date_of(outlook.impossible_from).isoformat()
        drawn = rows(replicas_chart(result, outlook, DARK).to_dict(), "line")
        assert max(row["day"] for row in drawn) < last


class TestLatency:
    found = Capacity(3.0, 2.8, 3.2, 4.0, "latency", 1.0, 0.05, "", False)
    points = tuple(LoadPoint(rate, 0.1 * rate, 0.3 * rate, 0.01, 0.02, rate <= 3) for rate in (1.0, 2.0, 3.0, 4.0))

    @pytest.mark.parametrize("part", [name for name, _ in PANELS])
    def test_each_half_stands_alone(self, part: str) -> None:
        spec = latency_chart(part, self.found, Promise(1.0, 0.05), self.points).to_dict()
        assert len(rows(spec, "line")) == 2 * len(self.points)
        assert spec["autosize"]["type"] == "fit-x"
        assert rows(spec, "rect") == [{"low": 2.8, "high": 3.2}]


def test_swings_end_where_the_outcomes_are() -> None:
    result = result_of()
    found = tornado(result)
    assert found is not None
    spec = swing_chart(result.case.scenario, found, LIGHT).to_dict()
    drawn = rows(spec, "rect")
    ends = {row["to"] for row in drawn if row["input"].startswith("Growth")}
    growth = next(bar for bar in found.bars if bar.driver.name == "growth")
    assert ends == {growth.at_low.npv_saving_usd, growth.at_high.npv_saving_usd}
    assert " ".join(spec["title"]["text"]) == takeaway(result.case.scenario, found)


def test_draws_that_grow_come_to_the_same_as_all_at_once() -> None:
    scenario = load_checked(examples()["support-copilot"]).scenario
    base = JudgedWorld(simulate(scenario))
    told: list[float] = []
    study = MonteCarlo(24, seed=3, progress=told.append)
    stages = list(study.growing(scenario, base, [8, 24]))
    assert [stage.draws for stage in stages] == [8, 24]
    assert as_json(stages[-1]) == as_json(MonteCarlo(24, seed=3).study(scenario, base))
    assert as_json(stages[0]) == as_json(MonteCarlo(8, seed=3).study(scenario, base))
    assert told == sorted(told)
    assert told[-1] == pytest.approx(1, abs=0.2)
    (more,) = study.growing(scenario, base, [24], known=stages[0])
    assert np.array_equal(more.survey.threat, stages[-1].survey.threat)
