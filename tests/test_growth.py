"""Growth that changes, against the closed forms of its processes."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from switchpoint.horizon import MONTH_DAYS, YEAR_DAYS
from switchpoint.simulation.growth import WanderStep, arrival_days, jump_paths, noise_factors, wander_paths

SD = st.floats(0.001, 0.5)
HALF_LIFE = st.floats(0.05, 240)
WORLDS = 20_000


def responses(days: int, sd: float, half_life: float, stationary: bool) -> np.ndarray:
    """What each random number alone does to each day: a linear map, so the covariances follow without any sampling."""
    units = np.eye(2 * days).reshape(2 * days, days, 2)
    return wander_paths(units, sd, half_life, from_stationary=stationary)


def integrated(sd: float, half_life: float, days: float, stationary: bool) -> float:
    """Variance of the integral of an Ornstein-Uhlenbeck process, from its covariance by quadrature."""
    theta, span = math.log(2) / half_life, days / MONTH_DAYS
    nodes, weights = np.polynomial.legendre.leggauss(60)
    late = span * (nodes + 1) / 2
    total = 0.0
    for s, w in zip(late, weights, strict=True):
        early = s * (nodes + 1) / 2
        decay = np.exp(-theta * (s - early)) - (0 if stationary else np.exp(-theta * (s + early)))
        total += w * span / 2 * s / 2 * float(weights @ decay)
    return 2 * sd**2 * total


class TestWander:
    @given(SD, HALF_LIFE, st.booleans())
    @settings(max_examples=40, deadline=None)
    def test_the_variance_of_each_day_is_that_of_the_process(self, sd: float, half_life: float, stationary: bool):
        variance = (responses(40, sd, half_life, stationary) ** 2).sum(axis=0)
        assert variance[0] == 0
        for day in (1, 2, 17, 39):
            assert variance[day] == pytest.approx(integrated(sd, half_life, day, stationary), rel=1e-6)

    def test_the_closed_form_from_a_stationary_start(self):
        theta, t = math.log(2) / 2, 400 / MONTH_DAYS
        variance = (responses(401, 0.06, 2, True) ** 2).sum(axis=0)[-1]
        assert variance == pytest.approx(2 * 0.06**2 / theta**2 * (theta * t - 1 + math.exp(-theta * t)), rel=1e-9)

    def test_days_move_together_as_the_process_does(self):
        """Cov(y(s), y(t)) = (Var y(s) + Var y(t) - Var y(t - s))/2, as increments are stationary."""
        effect = responses(60, 0.1, 1.5, True)
        covariance = effect.T @ effect
        variance = np.diag(covariance)
        assert covariance[20, 50] == pytest.approx((variance[20] + variance[50] - variance[30]) / 2, rel=1e-9)

    def test_two_steps_are_one_of_twice_the_length(self):
        one, two = WanderStep.of(0.1, 2.0, 0.5), WanderStep.of(0.1, 2.0, 1.0)
        assert one.keep**2 == pytest.approx(two.keep)
        assert one.carry * (1 + one.keep) == pytest.approx(two.carry)
        assert one.rate**2 * (1 + one.keep**2) == pytest.approx(two.rate**2)
        own = one.own**2 * 2 + one.shared**2 + (one.shared + one.carry * one.rate) ** 2
        assert own == pytest.approx(two.own**2 + two.shared**2)

    @given(st.floats(1e-5, 0.1))
    def test_a_rate_that_hardly_turns_keeps_its_digits(self, decay: float):
        """The step's own part is about s·h·sqrt(u/6) for small u = theta·h."""
        step = WanderStep.of(1.0, math.log(2) / decay, months=1.0)
        assert step.own == pytest.approx(math.sqrt(decay / 6), rel=decay)
        assert step.carry == pytest.approx(1.0, rel=decay)

    @given(SD, HALF_LIFE, st.integers(0, 2**32 - 1))
    @settings(max_examples=20, deadline=None)
    def test_the_mirrored_numbers_give_the_mirrored_path(self, sd: float, half_life: float, seed: int):
        """So the median factor is 1."""
        normals = np.random.default_rng(seed).standard_normal((3, 30, 2))
        path = wander_paths(normals, sd, half_life, from_stationary=True)
        assert np.array_equal(path, -wander_paths(-normals, sd, half_life, from_stationary=True))
        assert np.isfinite(path).all()

    def test_a_world_is_the_same_in_any_batch(self):
        normals = np.random.default_rng(1).standard_normal((7, 90, 2))
        whole = wander_paths(normals, 0.06, 2, from_stationary=False)
        assert np.array_equal(whole[2:5], wander_paths(normals[2:5], 0.06, 2, from_stationary=False))

    def test_the_numbers_given_are_left_alone(self):
        normals = np.random.default_rng(1).standard_normal((2, 9, 2))
        before = normals.copy()
        wander_paths(normals, 0.06, 2, from_stationary=True)
        noise_factors(normals[..., 0], 0.1, 0.4)
        assert np.array_equal(normals, before)

    def test_a_rate_that_starts_at_nothing_moves_little_at_first(self):
        deviation = [math.sqrt((responses(8, 0.1, 2, kind) ** 2).sum(axis=0)[7]) for kind in (False, True)]
        assert deviation[0] < deviation[1] / 3


class TestJumps:
    def test_none_on_day_0_and_held_from_their_day_on(self):
        paths = jump_paths(np.array([[1.0, 5.0], [7.0, np.inf]]), np.array([[1.0, 2.0], [-1.0, 3.0]]), 0.0, 0.3, 8)
        assert paths[0] == pytest.approx([0, 0.3, 0.3, 0.3, 0.3, 0.9, 0.9, 0.9])
        assert paths[1] == pytest.approx([0, 0, 0, 0, 0, 0, 0, -0.3])

    def test_jumps_beyond_the_horizon_do_nothing(self):
        assert not jump_paths(np.array([[8.0, 1e12]]), np.ones((1, 2)), 1.0, 1.0, 8).any()

    def test_two_jumps_of_a_day_add_up(self):
        assert jump_paths(np.array([[2.0, 2.0]]), np.ones((1, 2)), 0.5, 0.0, 4)[0] == pytest.approx([0, 0, 1, 1])

    def test_arrivals_are_a_poisson_process(self):
        gaps = np.random.default_rng(5).standard_exponential((WORLDS, 12))
        days = arrival_days(gaps, per_year=1.5)
        within = (days <= 365.25).sum(axis=1)
        assert days.min() >= 1
        assert within.mean() == pytest.approx(1.5 * 365 / YEAR_DAYS, abs=4 * math.sqrt(1.5 / WORLDS))
        assert within.var() == pytest.approx(1.5, rel=0.05)

    def test_no_jumps_a_year_never_arrive(self):
        assert np.isinf(arrival_days(np.ones((2, 3)), 0.0)).all()

    def test_their_moments_grow_with_time(self):
        """A compound Poisson process: mean rate·t·m, variance rate·t·(m² + sd²)."""
        rng = np.random.default_rng(6)
        days = arrival_days(rng.standard_exponential((WORLDS, 16)), per_year=2.0)
        end = jump_paths(days, rng.standard_normal((WORLDS, 16)), 0.1, 0.3, 731)[:, -1]
        assert end.mean() == pytest.approx(0.4, abs=0.02)
        assert end.var() == pytest.approx(4 * (0.01 + 0.09), rel=0.05)


class TestNoise:
    def test_without_carryover_it_is_what_it_was(self):
        normals = np.random.default_rng(2).standard_normal((2, 50))
        assert np.array_equal(noise_factors(normals, 0.08), np.exp(0.08 * normals - 0.08**2 / 2))

    @given(st.floats(-0.95, 0.95), st.floats(0.01, 0.6))
    @settings(max_examples=40, deadline=None)
    def test_it_stays_stationary_and_fades_by_its_carryover(self, carryover: float, noise: float):
        """The log is linear in the numbers given: its covariances follow without sampling."""
        effect = np.log(noise_factors(np.eye(40), noise, carryover)) + noise**2 / 2
        covariance = effect.T @ effect
        assert np.diag(covariance) == pytest.approx(np.full(40, noise**2))
        assert covariance[5, 9] == pytest.approx(noise**2 * carryover**4)

    def test_its_mean_is_1(self):
        normals = np.random.default_rng(3).standard_normal((WORLDS, 10))
        assert noise_factors(normals, 0.3, 0.45).mean() == pytest.approx(1, abs=0.005)
