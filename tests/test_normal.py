"""The normal distribution, against scipy's."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import special

from switchpoint.normal import FARTHEST, normal_quantile, normal_share, reaches


class TestShares:
    """N(x) and its inverse."""

    def test_shares_are_right_to_rounding(self) -> None:
        deviations = np.linspace(-12, 12, 100_001)
        assert np.abs(normal_share(deviations) - special.ndtr(deviations)).max() < 2e-15

    def test_shares_keep_their_shape(self) -> None:
        assert normal_share(np.zeros((2, 1, 3))) == pytest.approx(np.full((2, 1, 3), 0.5))

    @given(st.lists(st.floats(0, 1), max_size=9))
    def test_quantiles_are_right_to_rounding(self, shares: list[float]) -> None:
        assert normal_quantile(np.array(shares)) == pytest.approx(special.ndtri(shares), rel=4e-15, abs=1e-15)

    def test_the_ends_are_infinite(self) -> None:
        assert normal_quantile(np.array([0.0, 0.5, 1.0])).tolist() == [-np.inf, 0.0, np.inf]


class TestPassage:
    """How likely a path with drift has been at a distance."""

    def test_it_is_the_sum_of_both_tails(self) -> None:
        a, d = np.linspace(0, 40, 801)[:, None], np.linspace(-16, 16, 641)[None]
        theirs = special.ndtr(d - a) + np.exp(np.minimum(2 * a * d + special.log_ndtr(-a - d), 0.0))
        assert np.abs(reaches(a, d) - np.minimum(theirs, 1.0)).max() < 1e-13

    def test_at_no_distance_it_is_certain(self) -> None:
        drift = np.array([-30.0, -1.0, 0.0, 1.0, 30.0])
        assert reaches(np.zeros(5), drift) == pytest.approx(np.ones(5), abs=1e-15)

    def test_beyond_the_table_it_goes_on(self) -> None:
        far = np.array([FARTHEST + 20.0])
        assert reaches(far, np.zeros(1)) < 1e-15
        assert reaches(far, far - 1) == pytest.approx(special.ndtr([-1.0]), abs=3e-3)
