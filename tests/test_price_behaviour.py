"""Retired models and rents that swing, against closed forms, and the same luck for every candidate."""

from __future__ import annotations

import math
from datetime import date

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.signal import lfilter

from switchpoint.decision.case import SimulatedWorld, simulate
from switchpoint.decision.result import JudgedWorld
from switchpoint.export.text_pages import page
from switchpoint.horizon import NEVER, YEAR_DAYS, horizon_of
from switchpoint.scenario.current import Current
from switchpoint.simulation.chance import Drawn, Expected, RandomSource
from switchpoint.simulation.growth import RentSwings, geometric_sums
from switchpoint.simulation.ledger import Component
from switchpoint.simulation.prices import retirements
from switchpoint.simulation.switch_costs import tell_events
from tests.small_worlds import API, BOX, merged, scenario, with_candidates

FLEETING = {"retirement_per_year": 2.0, "usd_per_migration": 500.0, "migration_price_factor": 1.25}
NOW = {"decision": {"policy": "now"}}


def drawn(number: int, *overlays: dict) -> SimulatedWorld:
    return simulate(scenario(*overlays), Drawn(11, number))


class TestSwings:
    """An Ornstein-Uhlenbeck process, exact at the days."""

    @pytest.mark.parametrize(("volatility", "reversion"), [(0.6, 3.0), (0.3, 0.0), (1.5, 40.0)])
    def test_its_covariance_is_that_of_the_process(self, volatility: float, reversion: float) -> None:
        """Cov(X(s), X(t)) = v²/2r·(e^(-r|s - t|) - e^(-r(s + t))), without reversion v²·min(s, t)."""
        days, swings = 200, RentSwings(volatility, reversion)
        response = np.array([np.log(swings.factors(unit)) for unit in np.eye(days)])
        found = response.T @ response
        one, other = np.meshgrid(np.arange(days) / YEAR_DAYS, np.arange(days) / YEAR_DAYS)
        truth = volatility**2 * np.minimum(one, other)
        if reversion:
            near, far = np.exp(-reversion * abs(one - other)), np.exp(-reversion * (one + other))
            truth = volatility**2 / (2 * reversion) * (near - far)
        assert found == pytest.approx(truth, abs=1e-12)

    def test_in_the_long_run_it_strays_by_its_stationary_deviation(self) -> None:
        logs = np.array(
            [np.log(Drawn(2, n, RandomSource.RENTS).rents(1461, RentSwings(0.6, 3.0))) for n in range(3000)]
        )
        deviation = 0.6 / math.sqrt(6)
        assert (logs[:, 0] == 0).all()
        assert logs[:, -1].mean() == pytest.approx(0, abs=4 * deviation / math.sqrt(3000))
        assert logs[:, -1].std() == pytest.approx(deviation, rel=4 / math.sqrt(6000))
        half_life = round(math.log(2) / 3 * YEAR_DAYS)
        correlation = np.corrcoef(logs[:, -1], logs[:, -1 - half_life])[0, 1]
        assert correlation == pytest.approx(0.5, abs=4 * 0.75 / math.sqrt(3000))

    def test_the_spread_is_drawn_once_for_a_world(self) -> None:
        factors = np.array([Drawn(2, n, RandomSource.RENTS).rents(40, RentSwings(spread=0.5)) for n in range(3000)])
        assert np.ptp(factors, axis=1) == pytest.approx(np.zeros(3000), abs=1e-12)
        assert np.log(factors[:, 0]).std() == pytest.approx(0.5, rel=4 / math.sqrt(6000))
        assert np.median(factors[:, 0]) == pytest.approx(1, abs=4 * 0.5 * 1.26 / math.sqrt(3000))

    @given(st.lists(st.floats(-10, 10), min_size=1, max_size=300), st.floats(0, 1))
    def test_geometric_sums_are_a_recursive_filter(self, moves: list[float], kept: float) -> None:
        truth = lfilter([1.0], [1.0, -kept], moves)
        assert geometric_sums(np.array(moves), kept) == pytest.approx(truth, abs=1e-9)

    def test_the_base_case_pays_the_stated_rent(self) -> None:
        wild = {"fleet": {"rent_volatility_per_year": 2.0, "rent_spread": 1.0}}
        calm, stormy = (simulate(scenario(NOW, with_candidates(box=b))).outlooks[0] for b in (BOX, merged(BOX, wild)))
        assert (calm.cost_per_day == stormy.cost_per_day).all()
        assert Expected().rents(10, RentSwings(1.0, 1.0, 1.0)) == 1

    def test_all_fleets_meet_the_same_market(self) -> None:
        swinging = merged(BOX, {"fleet": {"rent_volatility_per_year": 0.6}})
        twice = merged(BOX, {"fleet": {"rent_volatility_per_year": 1.2}})
        case = drawn(3, with_candidates(one=swinging, same=swinging, twice=twice))
        rents = [np.log(outlook.prospect.carrier.costs.rent / 0.1) for outlook in case.outlooks]
        assert (rents[0] == rents[1]).all()
        assert rents[2] == pytest.approx(2 * rents[0])
        assert np.ptp(rents[0]) > 0.1

    def test_bought_gpus_do_not_swing(self) -> None:
        bought = {"kind": "gpu", "fleet": {"requests_per_second_per_replica": 1.0, "purchase_usd_per_gpu": 5000}}
        wild = merged(bought, {"fleet": {"rent_volatility_per_year": 2.0}})
        assert drawn(5, NOW, with_candidates(box=bought)).outlooks[0].total > 0
        with pytest.raises(ValueError, match="does nothing for bought GPUs"):
            drawn(5, NOW, with_candidates(box=wild))


class TestRetirements:
    """Models that are taken away by chance."""

    @pytest.mark.parametrize("rate", [0.3, 1.0])
    def test_models_survive_as_a_constant_hazard_says(self, rate: float) -> None:
        route = Current(usd_per_mtok={"input": 1, "output": 1}, retirement_per_year=rate)
        worlds = [retirements(route, horizon_of(date(2027, 1, 1), 48), Drawn(4, n)) for n in range(4000)]
        firsts = np.array([gone[0][0] if gone else NEVER for gone in worlds])
        for days in (200, 548, 1096):
            truth = math.exp(-rate * days / YEAR_DAYS)
            error = 4 * math.sqrt(truth * (1 - truth) / 4000)
            assert (firsts >= days).mean() == pytest.approx(truth, abs=error)

    def test_each_costs_the_move_and_the_price_of_the_successor(self) -> None:
        case = next(case for n in range(50) if len(gone := days_of(case := drawn(n, {"current": FLEETING}))) == 3)
        gone = days_of(case)
        assert case.stay.sum() - case.setting.route_bill.sum() == pytest.approx(3 * 500)
        assert case.setting.stay.entries[Component.MIGRATION][gone] == pytest.approx(500)
        assert case.setting.route_bill[0] == pytest.approx(10 if gone[0] else 12.5)
        assert case.setting.route_bill[-1] == pytest.approx(10 * 1.25**3)

    def test_they_are_told_in_the_story(self) -> None:
        case = drawn(1, {"current": FLEETING}, NOW, with_candidates(half=API))
        story = [(e.day, e.text) for e in tell_events(case.outlooks[0].prospect, 0).story if e.subject == "market"]
        said = "the current route: the provider retires the model; moving costs $500, its successor is 25 % dearer"
        assert story == [(day, said) for day in days_of(case)]
        assert story
        same_price = {**FLEETING, "migration_price_factor": 1.0}
        alike = drawn(1, {"current": same_price}, with_candidates(half=API))
        assert tell_events(alike.outlooks[0].prospect, NEVER).story[0].text.endswith("; moving costs $500")

    def test_what_was_before_the_first_day_is_told_as_what_holds_then(self) -> None:
        gone = {"retires_on": "2026-12-11", "usd_per_migration": 500, "migration_price_factor": 1.25}
        before = {"price_changes": [{"date": "2026-11-01", "factor": 0.8}, {"date": "2027-03-01", "factor": 0.5}]}
        case = simulate(scenario({"current": gone | before}, NOW, with_candidates(half=API)))
        told = [(e.day, e.text) for e in tell_events(case.outlooks[0].prospect, 0).story if e.subject == "market"]
        retired = "the current route: the provider retired the model on 11 December 2026"
        assert sorted(told) == [
            (0, "the current route is 20 % cheaper from the first day on"),
            (0, f"{retired}; moving costs $500, its successor is 25 % dearer"),
            (59, "the current route becomes 50 % cheaper"),
        ]
        assert "current route: its model was retired on 11 December 2026." in page(JudgedWorld(case))

    def test_a_known_day_comes_first_and_successors_later(self) -> None:
        known = {"current": {**FLEETING, "retires_on": "2027-07-01"}}
        found = [days_of(drawn(n, known)) for n in range(200)]
        assert all(days[0] == 181 for days in found)
        assert days_of(simulate(scenario(known))) == [181]
        beyond = {"current": {**FLEETING, "retires_on": "2029-07-01"}}
        assert days_of(drawn(1, beyond)) == []

    def test_a_known_day_is_on_the_page(self) -> None:
        told = page(JudgedWorld(simulate(scenario({"current": {"retires_on": "2027-07-01"}}))))
        assert "current route: its model is retired on 1 July 2027." in told

    def test_a_monitor_knows_the_successor_s_price_as_it_knows_any_other_change(self) -> None:
        noisy = {"usage": {"daily_noise": 0.05, "growth": {"curve": "compound", "per_month": 0.03}}}
        ends = {"current": {"retires_on": "2027-10-01", "migration_price_factor": 1.4}}
        changes = {"current": {"price_changes": [{"date": "2027-10-01", "factor": 1.4}]}}
        one, two, blind = (
            drawn(1, noisy, each)
            for each in (
                ends,
                changes,
                merged(ends, {"current": {"migration_price_factor": {"low": 1.39, "high": 1.41}}}),
            )
        )
        assert one.warning == two.warning < one.threat
        assert blind.warning != one.warning

    def test_all_candidates_meet_the_same_luck(self) -> None:
        route = {**API, **FLEETING}
        case = drawn(2, {"current": FLEETING}, with_candidates(one=route, same=route, other={**route, "coverage": 0.5}))
        specs = case.scenario.candidates.values()
        gone = [retirements(spec, case.clock, Drawn(11, 2)) for spec in specs]
        assert gone[0] == gone[1] == gone[2]
        assert [each.day for each in gone[0]] != days_of(case)

    def test_every_successor_has_a_price_of_its_own(self) -> None:
        belief = {"low": 0.5, "high": 2}
        leaving = {**FLEETING, "retires_on": "2027-07-01", "migration_price_factor": belief}
        worlds = [drawn(n, {"current": leaving}) for n in range(400)]
        gone = [retirements(case.scenario.current, case.clock, case.setting.chance) for case in worlds]
        firsts, seconds = (np.log([found[i][1] for found in gone if len(found) > 1]) for i in (0, 1))
        deviation = math.log(2) / 1.645
        assert firsts.std() == pytest.approx(deviation, rel=4 / math.sqrt(2 * firsts.size))
        assert abs(np.corrcoef(firsts, seconds)[0, 1]) < 4 / math.sqrt(firsts.size)
        assert simulate(scenario({"current": leaving})).setting.route_bill[-1] == pytest.approx(10)

    def test_the_base_case_has_none(self) -> None:
        case = simulate(scenario({"current": FLEETING}))
        assert (case.stay == simulate(scenario()).stay).all()

    @given(st.integers(0, 500), st.just(0.0) | st.floats(0.001, 5000), st.floats(1, 5000))
    @settings(max_examples=30)
    def test_dearer_moves_make_staying_dearer_by_their_number(self, number: int, usd: float, more: float) -> None:
        cheap, dear = (
            drawn(number, {"current": {**FLEETING, "usd_per_migration": each}}) for each in (usd, usd + more)
        )
        extra = more * len(days_of(cheap))
        assert dear.stay.sum() - cheap.stay.sum() == pytest.approx(extra, abs=1e-6)
        assert (dear.bill == cheap.bill).all()
        assert dear.threat == cheap.threat


def days_of(case: SimulatedWorld) -> list[int]:
    """The days on which the current route's models are taken away."""
    return [gone.day for gone in retirements(case.scenario.current, case.clock, case.setting.chance)]
