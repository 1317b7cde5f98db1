"""Dedicated endpoints: a fleet in whole endpoints, in steps, of a capacity in requests or tokens."""

from typing import Any

import numpy as np
import pytest

from switchpoint.decision.result import JudgedWorld
from switchpoint.scenario.catalogue_check import load_text_checked
from switchpoint.scenario.errors import ScenarioError
from switchpoint.scenario.routes import Endpoint
from switchpoint.simulation.current_route import as_fleet
from switchpoint.simulation.sizing import Sizing
from tests.small_worlds import BOX, growing, merged, result, scenario, with_candidates

UNITS: dict[str, Any] = {"kind": "hosted", "endpoint": {"usd_per_hour": 0.1, "requests_per_second": 0.05}}
OFFICE: dict[str, Any] = {"usage": {"hourly_profile": "office", "batch_share": 0.3}}


def figures(told: JudgedWorld) -> list[float]:
    return [float(each.total) for each in told.case.outlooks]


@pytest.mark.parametrize(
    ("endpoint", "fleet"),
    [
        ({}, {}),
        ({"min": 2, "max": 5, "overflow": "current"}, {"min_replicas": 2, "max_replicas": 5, "overflow": "current"}),
        ({"scaling": "fixed", "fixed": 40}, {"scaling": "fixed", "fixed_replicas": 40}),
        (
            {"reserved": 3, "reserved_usd_per_hour": 0.07, "billing_minutes": 1},
            {"reserved_replicas": 3, "reserved_usd_per_gpu_hour": 0.07, "billing_minutes": 1},
        ),
        ({"min": 0, "step": 1, "startup_minutes": 6}, {"min_replicas": 0, "startup_minutes": 6}),
    ],
)
def test_endpoints_cost_what_a_fleet_of_the_same_figures_costs(endpoint: dict[str, Any], fleet: dict[str, Any]) -> None:
    own = merged(BOX, {"fleet": {"requests_per_second_per_replica": 0.05, **fleet}})
    told = result(growing(0.1), OFFICE, with_candidates(units=merged(UNITS, {"endpoint": endpoint}), own=own))
    one, other = figures(told)
    assert one == pytest.approx(other, rel=1e-12)


def test_tokens_a_minute_are_requests_of_so_many_tokens() -> None:
    """A request of the small world has tokens in and out; those of the output count double."""
    usage = scenario().usage
    tokens = usage.input_tokens + 2 * usage.output_tokens
    by_tokens = {"endpoint": {"requests_per_second": None, "tokens_per_minute": 60 * 0.05 * tokens, "output_weight": 2}}
    told = result(growing(0.1), OFFICE, with_candidates(one=UNITS, other=merged(UNITS, by_tokens)))
    one, other = figures(told)
    assert one == pytest.approx(other, rel=1e-12)


def test_units_come_some_at_a_time() -> None:
    """15, 20, 25 …: 16 needed take 20; a cap of 27 is one of 25. Waiting work takes five units for an hour."""
    stated = {"usd_per_hour": 1, "requests_per_second": 1 / 3600, "target_utilisation": 1, "min": 15, "step": 5}
    endpoint = Endpoint.model_validate({**stated, "max": 27})
    sizing = Sizing(as_fleet(endpoint), np.full(24, 1 / 24), np.full(1, 1 / 3600))
    days = np.array([24.0 * 3, 24.0 * 16, 24.0 * 25, 24.0 * 26])
    sizes = sizing.sizes(days, np.full(4, 1 / 3600))
    assert sizes.peak == pytest.approx([15, 20, 25, 25])
    assert sizes.fits is not None
    assert list(sizes.fits) == [True, True, True, False]
    waits = Sizing(as_fleet(Endpoint.model_validate(stated)), np.full(24, 1 / 24), np.full(1, 1 / 3600), 1.0)
    assert waits.sizes(np.array([24.0 * 15 + 12]), np.full(1, 1 / 3600)).gpu_hours == pytest.approx(24 * 15 + 15)


HEAD = """
start = 2027-01-01
months = 3
[usage]
requests_per_day = 1000
input_tokens = 1000
output_tokens = 100
[limit]
usd_per_month = 1000
[current]
usd_per_mtok = { input = 1, output = 4 }
[candidates.units]
kind = "hosted"
"""


@pytest.mark.parametrize(
    ("lines", "said"),
    [
        ("usd_per_hour = 2", "endpoint = { usd_per_hour = ..., requests_per_second = ... }"),
        ("endpoint = { usd_per_hour = 2 }", "needs requests_per_second or tokens_per_minute"),
        ("endpoint = { usd_per_hour = 2, requests_per_second = 1, tokens_per_minute = 1 }", "not both"),
        ("endpoint = { usd_per_hour = 2, requests_per_second = 1, fixed = 2 }", "go together"),
        ('endpoint = { usd_per_hour = 2, requests_per_second = 1, overflow = "current" }', "needs fixed or max"),
        ("endpoint = { usd_per_hour = 2, requests_per_second = 1, reserved = 2 }", "go together"),
        (
            "usd_per_request = 1\nendpoint = { usd_per_hour = 2, requests_per_second = 1 }",
            "usd_per_request is of a route paid by the token",
        ),
    ],
)
def test_what_is_wrong_is_told_in_one_line(lines: str, said: str) -> None:
    with pytest.raises(ScenarioError) as caught:
        load_text_checked(HEAD + lines)
    assert len(caught.value.faults) == 1
    assert said in str(caught.value)
