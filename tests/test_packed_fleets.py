"""Fleets that carry work that can wait, leave work to the current route, or are reserved: as told and as refused."""

import json
from typing import Any

import pytest

from switchpoint.decision.result import JudgedWorld
from switchpoint.export.data_files import json_text
from switchpoint.export.text_pages import page
from switchpoint.scenario.catalogue_check import load_text_checked
from switchpoint.scenario.errors import ScenarioError
from switchpoint.simulation.doubts import machine_notes
from tests.small_worlds import BOX, merged, result, scenario, with_candidates

NOW = {"decision": {"policy": "now"}}
BATCH = """
name = "A batch a day"
start = 2026-03-01
months = 12
[usage]
requests_per_day = 1_500
input_tokens = 10_667
output_tokens = 1_000
hourly_profile = "office"
batch_share = 1.0
[limit]
usd_per_month = 1e9
[current]
usd_per_mtok = { input = 2, output = 12 }
[candidates.own]
kind = "gpu"
[candidates.own.fleet]
target_utilisation = 1.0
min_replicas = 0
"""


def told(text: str) -> JudgedWorld:
    from switchpoint.decision.case import simulate

    return JudgedWorld(simulate(load_text_checked(text + '[decision]\npolicy = "now"\n').scenario))


def boxed(**fleet: Any) -> JudgedWorld:
    return result(NOW, with_candidates(box=merged(BOX, {"fleet": fleet})))


def test_a_published_batch_on_spot_gpus() -> None:
    """8 A100s at $20 an hour; one hour a day is $600 a month of 30 days, 63 minutes $21 a day."""
    rented = "gpus_per_replica = 8\nusd_per_gpu_hour = 2.5\nrequests_per_second_per_replica = 0.4167\n"
    months = told(BATCH + rented).monthly
    june = next(row for row in months if row["month"] == "2026-06")
    assert june["own_usd"] == pytest.approx(600)
    assert june["stay_usd"] == pytest.approx(1500, rel=1e-3)
    by_the_minute = told(BATCH + rented + "billing_minutes = 1\nstartup_minutes = 3\n").monthly
    assert by_the_minute[3]["own_usd"] == pytest.approx(30 * 21)


def test_a_published_batch_on_a_bought_card() -> None:
    """200,000 requests a week keep a card of 320 W busy for 24.5 hours: $0.94 of power at $0.12 a kWh."""
    weekly = BATCH.replace("1_500", "28_571.43").replace("10_667", "788").replace("1_000", "308")
    bought = "requests_per_second_per_replica = 2.268\npurchase_usd_per_gpu = 1_200\nlifetime_months = 48\n"
    power = "power_kw_per_gpu = 0.32\nusd_per_kwh = 0.12\nidle_power_share = 0\n"
    row = told(weekly + bought + power).monthly[5]
    assert row["own_usd"] / row["requests"] * 200_000 == pytest.approx(24.5 * 0.32 * 0.12, rel=1e-3)


def test_what_overflows_is_told() -> None:
    """10,000 requests a day of a dollar per 1,000; half of a request a minute less than asked for goes on as it did."""
    found = boxed(requests_per_second_per_replica=0.05, scaling="fixed", fixed_replicas=1, overflow="current")
    carried = 0.05 * 0.8 * 86_400
    base = found.as_json()["base"]["candidates"]["box"]
    assert base["possible"]
    assert base["overflow_share"] == pytest.approx(1 - carried / 10_000)
    assert all(row["box_overflow_share"] == pytest.approx(1 - carried / 10_000) for row in found.monthly)
    assert f"box: {100 * (1 - carried / 10_000):.0f} % of the requests that it may take go to" in page(found)


def test_what_is_reserved_is_told() -> None:
    found = boxed(reserved_replicas=2, reserved_usd_per_gpu_hour=0.06, reserved_months=36)
    days = found.case.clock.days
    base = found.as_json()["base"]["candidates"]["box"]
    owed = (int(36 * 365.25 / 12) - days) * 24 * 2 * 0.06
    assert base["owed_after_horizon_usd"] == pytest.approx(max(owed, 0.0))
    assert "box: 2 replicas reserved for 36 months at a time, $0.06 a GPU-hour, used or not; $1.0k of" in page(found)


def test_a_broken_promise_of_a_serverless_fleet_is_told() -> None:
    serverless = {"scaling": "serverless", "min_replicas": 0, "request_seconds": 2, "idle_timeout_s": 1}
    found = boxed(**serverless, ttft_p95_s=2)
    assert found.as_json()["base"]["candidates"]["box"]["cold_start_share"] > 0.05
    assert "which breaks the promise of 2 s to the first token" in page(found)


def fleet(**fields: Any) -> Any:
    return scenario(with_candidates(box=merged(BOX, {"fleet": fields})))


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"overflow": "current"}, "needs fixed_replicas or max_replicas"),
        ({"reserved_replicas": 1}, "needs reserved_usd_per_gpu_hour"),
        ({"reserved_usd_per_gpu_hour": 1.0}, "needs reserved_replicas"),
        ({"reserved_replicas": 3, "reserved_usd_per_gpu_hour": 1.0, "max_replicas": 2}, "must be at most max_replicas"),
        ({"scaling": "serverless"}, "needs fleet.request_seconds"),
        (
            {"scaling": "serverless", "request_seconds": 1, "spare_replicas": 1, "max_replicas": 2},
            "goes without spare_replicas, max_replicas",
        ),
        ({"scaling": "serverless", "request_seconds": 1, "billing_minutes": 1}, "billed by the second"),
        ({"startup_s": 5}, 'scaling = "serverless" uses it'),
        ({"idle_power_share": 0.5}, "does nothing for rented GPUs"),
        (
            {"usd_per_gpu_hour": None, "purchase_usd_per_gpu": 9.0, "reserved_replicas": 1},
            "does nothing for bought GPUs",
        ),
    ],
)
def test_what_does_not_fit_together_is_refused(fields: dict[str, Any], said: str) -> None:
    with pytest.raises((ScenarioError, ValueError), match=said.replace("(", r"\(")):
        fleet(**fields)


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"billing_minutes": 1}, "billing_minutes changes nothing while no work can wait"),
        ({"scaling": "serverless", "request_seconds": 1}, "min_replicas = 0 lets it scale to nothing"),
    ],
)
def test_what_does_nothing_is_noted(fields: dict[str, Any], said: str) -> None:
    assert any(said in note.sentence for note in machine_notes(fleet(**fields)))


HELPLESS = """
name = "Prompts that no replica answers in time"
start = 2027-01-01
months = 3
[usage]
requests_per_day = 20_000
input_tokens = 4_000
output_tokens = 300
[current]
usd_per_mtok = { input = 0.75, output = 4.5 }
[candidates.own]
kind = "gpu"
[candidates.own.model]
base = "mistral-7b"
precision = "int8"
[candidates.own.fleet]
gpu = "RTX-A6000"
ttft_p95_s = 0.2
tpot_p95_s = 0.05
"""
RENTED = "usd_per_gpu_hour = 0.5\n"


@pytest.mark.parametrize(
    "fleet",
    [
        f'{RENTED}max_replicas = 2\noverflow = "current"',
        f'{RENTED}scaling = "fixed"\nfixed_replicas = 2\noverflow = "current"',
        f'{RENTED}max_replicas = 2\nmin_replicas = 0\nbilling_minutes = 30\noverflow = "current"',
        'purchase_usd_per_gpu = 5_000\nmax_replicas = 2\noverflow = "current"',
        f"{RENTED}reserved_replicas = 1\nreserved_usd_per_gpu_hour = 0.4",
        f'{RENTED}scaling = "serverless"\nrequest_seconds = 4',
    ],
)
@pytest.mark.parametrize("waiting", [0, 0.5])
def test_a_replica_that_carries_nothing_is_not_possible_and_costs_what_it_costs(fleet: str, waiting: float) -> None:
    """Overflow does not make it possible, and no cost is without end or no number."""
    text = HELPLESS.replace("output_tokens", f"batch_share = {waiting}\noutput_tokens")
    found = told(text + fleet + "\n")
    base = found.as_json()["base"]["candidates"]["own"]
    assert not base["possible"]
    assert -1e6 < base["npv_saving_usd"] <= 0
    assert json.loads(json_text(found))
    assert "own: not possible from 1 January 2027" in page(found)
