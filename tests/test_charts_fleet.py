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
from switchpoint.serving.rate_trial import Promise
from switchpoint.study.draw_sentence import as_json
from switchpoint.study.monte_carlo import MonteCarlo
from switchpoint.study.tornado import tornado

SECONDS = 3600


@cache
def result_of(*overrides: str) -> JudgedWorld:
    return JudgedWorld(simulate(load_checked(examples()["support-copilot"], overrides).scenario)).shown


def rows(spec: dict, mark: str) -> list[dict]:
    return [row for layer in spec["layer"] if layer["mark"]["type"] == mark for row in layer["data"]["values"]]


class TestHours:
    @pytest.mark.parametrize("scaling", ["hourly", "daily"])
    @pytest.mark.parametrize("day", [0, 300, 1000])
    def test_the_hours_of_a_day_are_the_days_replica_hours(self, scaling: str, day: int) -> None:
        outlook = result_of(f"candidates.own-8b.fleet.scaling={scaling}").case.outlook("own-8b")
        replicas, busy = hours_of(outlook, day)
        full = carrier_of(outlook).full
        assert replicas.sum() == pytest.approx(full.replica_hours[day])
        assert replicas.max() == full.peak[day]
        carrier = carrier_of(outlook)
        served = (busy * replicas).sum() * carrier.sizing.capacity[day] * SECONDS
        assert served == pytest.approx(carrier.requests[day] * carrier.coverage)
        assert busy.max() <= carrier.sizing.fleet.target_utilisation + 1e-9

    def test_a_fixed_fleet_is_the_same_all_day(self) -> None:
        fixed = ("candidates.own-8b.fleet.scaling=fixed", "candidates.own-8b.fleet.fixed_replicas=9")
        outlook = result_of(*fixed, "candidates.own-8b.fleet.min_replicas=0").case.outlook("own-8b")
        replicas, busy = hours_of(outlook, 10)
        assert (replicas == 9).all()
        assert busy[3] < busy[10]

    def test_the_chart_has_a_bar_for_each_hour(self) -> None:
        outlook = result_of().case.outlook("own-8b")
        bars = rows(hours_chart(outlook, 300).to_dict(), "bar")
        assert [row["hour"] for row in bars] == [f"{hour:02}" for hour in range(24)]
        assert f"{round(100 * max(row['busy'] for row in bars))} % busy" in hours_words(outlook, 300)


class TestReplicas:
    def test_the_last_point_is_the_busiest_hour_of_the_last_week(self) -> None:
        result = result_of()
        outlook = result.case.outlook("own-8b")
        drawn = [row for row in rows(replicas_chart(result, outlook).to_dict(), "line") if "Busiest" in row["line"]]
        peak = carrier_of(outlook).full.peak
        assert drawn[-1]["value"] == peak[-7:].max()
        assert replicas_words(result, outlook).endswith(f"today and {peak[-7:].max():.0f} at the end")

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
