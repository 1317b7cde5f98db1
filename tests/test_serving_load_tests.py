"""Load tests of others, which no constant was fitted to: how far the simulation is from them."""

import math

import numpy as np
import pytest

from tools import load_test_report
from tools.load_test_report import Run, errors, runs

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def paced() -> list[Run]:
    return [run for run in runs() if math.isfinite(run.sent)]


def test_time_per_output_token(paced: list[Run]) -> None:
    off = np.abs(errors(paced, 2))
    assert np.median(off) < 0.08
    assert off.max() < 0.15
    assert np.abs(errors(paced, 3)).max() < 0.2


def test_time_to_first_token_is_right_within_a_factor_of_two(paced: list[Run]) -> None:
    assert max(errors(paced, 0)) < 1
    assert min(errors(paced, 0)) > -0.5


def test_saturated_throughput() -> None:
    """The best of the deployments that a test tried, since the others lost time outside the engine."""
    crowd = [run for run in runs() if not math.isfinite(run.sent)]
    for test in {run.test for run in crowd}:
        best = max((run for run in crowd if run.test == test), key=lambda run: run.made)
        assert best.saturated == pytest.approx(best.made, rel=0.15)


def test_the_page_has_the_section() -> None:
    head = load_test_report.section().split("Time per output token: off by", 1)[0]
    assert head in load_test_report.PAGE.read_text(encoding="utf-8")
