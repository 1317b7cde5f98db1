"""What is believed, and how a drawn world settles what is open."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from switchpoint.scenario.paths import UncertainInputs
from switchpoint.scenario.project import Project
from switchpoint.scenario.schema import Scenario
from switchpoint.scenario.uncertain import Choice, Pert, Range, num, quantile
from switchpoint.simulation.chance import BLOCK, Drawn, DrawnWorlds, RandomSource
from switchpoint.simulation.growth import RentSwings
from tests.small_worlds import growing, scenario

SHARES = np.linspace(0.005, 0.995, 199)


class TestBeliefs:
    """Quantiles against scipy's distributions."""

    def test_a_lognormal_range_holds_its_ends_at_5_and_95_percent(self) -> None:
        spread = math.log(0.14 / 0.06) / 2 / stats.norm.ppf(0.95)
        truth = stats.lognorm(spread, scale=math.sqrt(0.06 * 0.14)).ppf(SHARES)
        assert quantile(Range(0.06, 0.14), SHARES) == pytest.approx(truth)
        assert quantile(Range(0.06, 0.14), np.array([0.05, 0.95])) == pytest.approx([0.06, 0.14])

    def test_a_range_that_reaches_zero_is_normal(self) -> None:
        truth = stats.norm(0.5, 1.5 / stats.norm.ppf(0.95)).ppf(SHARES)
        assert quantile(Range(-1, 2), SHARES) == pytest.approx(truth)

    def test_pert_is_a_scaled_beta(self) -> None:
        truth = 2 + 8 * stats.beta(1 + 4 * 1 / 8, 1 + 4 * 7 / 8).ppf(SHARES)
        assert quantile(Pert(2, 3, 10), SHARES) == pytest.approx(truth)
        assert quantile(Pert(2, 2, 2), SHARES) == pytest.approx(np.full_like(SHARES, 2))

    def test_a_choice_has_its_values_in_proportion_to_their_weights(self) -> None:
        drawn = quantile(Choice((0.8, 0.2, 1.5), (2, 1, 1)), (np.arange(400) + 0.5) / 400)
        assert [(drawn == value).sum() for value in (0.2, 0.8, 1.5)] == [100, 200, 100]
        assert (np.diff(drawn) >= 0).all()

    def test_a_certain_number_is_itself(self) -> None:
        assert (quantile(3.0, SHARES) == 3).all()

    @given(st.sampled_from([Range(0.1, 3.0), Range(-2, 5), Pert(0, 1, 7)]))
    def test_the_median_is_the_base_value(self, belief) -> None:
        assert float(quantile(belief, np.array(0.5))) == pytest.approx(num(belief))


class TestInputs:
    """Uncertain numbers of a scenario."""

    def world(self) -> Scenario:
        return scenario(
            growing(0.05),
            {
                "usage": {
                    "requests_per_day": {"low": 900, "high": 1100},
                    "events": [
                        {"date": "2027-03-01", "factor": 2},
                        {"date": "2027-04-01", "factor": {"low": 1, "high": 2}},
                    ],
                },
                "candidates": {
                    "own": {
                        "kind": "api",
                        "usd_per_mtok": {"input": 1, "output": 1},
                        "coverage": {"low": 0.5, "high": 0.99},
                    }
                },
            },
        )

    def test_every_belief_is_found_and_can_be_replaced(self) -> None:
        inputs = UncertainInputs(self.world())
        assert [each.name for each in inputs.all] == [
            "usage.requests_per_day",
            "usage.events.1.factor",
            "candidates.own.coverage",
        ]
        drawn = inputs.certain([1000.0, 1.5, 0.7])
        assert drawn.usage.requests_per_day == 1000
        assert [event.factor for event in drawn.usage.events] == [2, 1.5]
        assert drawn.candidates["own"].coverage == 0.7
        assert UncertainInputs(drawn).all == ()

    def test_what_is_drawn_anew_for_each_event_is_not_an_input(self) -> None:
        current = {"current": {"price_shocks_per_year": 1, "price_shock_factor": {"low": 0.2, "high": 0.5}}}
        assert "current.price_shock_factor" not in [each.name for each in UncertainInputs(scenario(current)).all]

    def test_values_keep_to_the_bounds_of_their_fields(self) -> None:
        values = UncertainInputs(self.world()).values(np.full((1, 3), 0.9999))
        assert values[0, 2] == 1

    def test_growth_by_a_rate_never_falls_to_nothing(self) -> None:
        world = scenario(growing(0.05), {"usage": {"growth": {"per_month": {"low": -0.9, "high": 0.9}}}})
        assert UncertainInputs(world).values(np.array([[1e-6]])) > -1

    def test_without_beliefs_there_is_nothing_to_draw(self) -> None:
        inputs = UncertainInputs(scenario())
        assert inputs.values(np.empty((4, 0))).shape == (4, 0)
        assert inputs.certain([]) == scenario()


class TestDrawn:
    """One drawn world."""

    def test_it_begins_anew_for_everyone_who_asks(self) -> None:
        world = Drawn(7, 3)
        assert world.of(RandomSource.NOISE).noise(10, 0.1) == pytest.approx(world.of(RandomSource.NOISE).noise(10, 0.1))

    def test_draws_and_sources_and_seeds_differ(self) -> None:
        worlds = [
            Drawn(7, 3, RandomSource.TRIAL),
            Drawn(7, 4, RandomSource.TRIAL),
            Drawn(7, 3 + BLOCK, RandomSource.TRIAL),
            Drawn(8, 3, RandomSource.TRIAL),
            Drawn(7, 3, RandomSource.NOISE),
        ]
        assert len({each.random() for each in worlds}) == 5

    def test_it_is_its_row_of_what_spawning_gives_its_block(self) -> None:
        spawned = np.random.SeedSequence(7).spawn(3)[2].spawn(5)[RandomSource.TRIAL]
        drawn = np.random.Generator(np.random.SFC64(spawned)).random(BLOCK)
        assert Drawn(7, 2 * BLOCK + 3, RandomSource.TRIAL).random() == drawn[3]

    def test_many_worlds_meet_the_luck_that_each_meets_alone(self) -> None:
        """Whatever is asked: noise, rents, listed events, reprices, incidents, evaluations."""
        rows, first = slice(5, 40), BLOCK + 5
        many = DrawnWorlds(3, 1, rows)
        each = [Drawn(3, number) for number in range(first, first + 35)]
        assert many.worlds == 35
        project = Project(pass_probability=(0.2, 0.4, 0.6), diagnosed_share=0.7, max_iterations=5)
        under_way = project.model_copy(update={"iterations_done": 2})
        for plan in (project, under_way):
            passing = many.of(RandomSource.TRIAL).passing(plan)
            assert passing[:, 0].tolist() == [one.of(RandomSource.TRIAL).passing(plan) for one in each]
        assert len(set(passing[:, 0])) > 2
        noise = many.of(RandomSource.NOISE).noise(60, 0.2)
        assert noise.shape == (35, 1, 60)
        swings = RentSwings(0.4, 2.0, 0.3)
        rents = many.of(RandomSource.RENTS).rents(60, swings)
        for row, one in enumerate(each):
            assert (noise[row, 0] == one.of(RandomSource.NOISE).noise(60, 0.2)).all()
            assert (rents[row, 0] == one.of(RandomSource.RENTS).rents(60, swings)).all()
        happens = many.of(RandomSource.USAGE_EVENTS).happens(0.3)[:, 0, 0]
        assert happens.tolist() == [one.of(RandomSource.USAGE_EVENTS).happens(0.3) for one in each]
        reprices = many.of(RandomSource.CURRENT_PRICES).shocks(1.5, Range(0.5, 0.9), 1000)
        for row, one in enumerate(each):
            alone = one.of(RandomSource.CURRENT_PRICES).shocks(1.5, Range(0.5, 0.9), 1000)
            assert [shock[:2] for shock in reprices if shock.world == (row,)] == [shock[:2] for shock in alone]
        incidents = many.of(RandomSource.INCIDENTS).incidents(2.0, 1000)
        assert incidents == [one.of(RandomSource.INCIDENTS).incidents(2.0, 1000) for one in each]

    def test_noise_has_a_mean_of_one(self) -> None:
        noise = Drawn(0, 0).noise(200_000, 0.3)
        assert noise.mean() == pytest.approx(1, abs=4 * 0.3 / math.sqrt(200_000))
        assert np.log(noise).std() == pytest.approx(0.3, rel=0.01)
        assert Drawn(0, 0).noise(5, 0) == 1

    def test_shocks_arrive_at_their_rate(self) -> None:
        found = [
            Drawn(1, n, RandomSource.CURRENT_PRICES).shocks(2.0, Choice((0.5, 2.0), (3, 1)), 1461) for n in range(2000)
        ]
        count = sum(map(len, found))
        assert count == pytest.approx(2000 * 8, abs=4 * math.sqrt(2000 * 8))
        halves = sum(shock.factor == 0.5 for shocks in found for shock in shocks)
        assert halves / count == pytest.approx(0.75, abs=0.015)
        gaps = np.diff([shock.day for shock in found[0]])
        assert (gaps >= 0).all()
        assert Drawn(1, 1).shocks(0.0, 0.5, 1000) == []

    def test_incidents_of_a_longer_horizon_begin_alike(self) -> None:
        short, long = Drawn(1, 5).incidents(6.0, 500), Drawn(1, 5).incidents(6.0, 1000)
        assert long[: len(short)] == short
        assert len(long) > len(short)

    @settings(max_examples=20)
    @given(share=st.integers(0, 1000).map(lambda parts: parts / 1000))
    def test_interventions_are_diagnosed_in_proportion(self, share: float) -> None:
        project = Project(pass_probability=(0.0, 1.0), diagnosed_share=share)
        passed = []
        for number in range(400):
            trial = Drawn(3, number, RandomSource.TRIAL).trial(project)
            trial.passes()
            trial.intervene()
            passed.append(trial.passes())
        assert np.mean(passed) == pytest.approx(share, abs=4 * 0.5 / 20)

    def test_certain_odds_are_certain(self) -> None:
        assert Drawn(3, 1).trial(Project()).passes()
        assert not Drawn(3, 1).trial(Project(pass_probability=(0.0,))).passes()
        under_way = Project(pass_probability=(0.0, 0.0, 1.0), iterations_done=2, started="2026-01-01")
        assert Drawn(3, 1).trial(under_way).passes()
