"""Our Sobol' points are scipy's, to the last bit."""

import numpy as np
import pytest
from scipy.stats import qmc

from switchpoint.study.draws import directions, sobol_points


@pytest.mark.parametrize("dimensions", [1, 2, 7, 40, 256, 300])
@pytest.mark.parametrize("power", [0, 1, 6, 10])
def test_points_are_those_of_scipy(dimensions: int, power: int) -> None:
    theirs = qmc.Sobol(dimensions, bits=30, seed=np.random.default_rng([3, 7])).random_base2(power)
    assert (sobol_points(dimensions, power, np.random.default_rng([3, 7])) == theirs).all()


def test_each_dimension_fills_its_range_evenly() -> None:
    points = sobol_points(256, 8, np.random.default_rng(1))
    assert (np.sort((points * 256).astype(int), axis=0) == np.arange(256)[:, None]).all()
    assert len(directions()) == 256
