"""A replica of a size that its model cannot be split over is one fault, wherever it is asked for."""

import pytest

from switchpoint.catalog import CatalogError
from switchpoint.scenario.catalogue_check import load_text_checked
from switchpoint.scenario.errors import ScenarioError
from switchpoint.serving.steady_state import throughput

SCENARIO = """
start = 2027-01-01
[usage]
requests_per_day = 60_000
input_tokens = 2_400
output_tokens = 350
[limit]
usd_per_month = 20_000
[current]
usd_per_mtok = { input = 2.5, output = 15 }
[candidates.own]
kind = "gpu"
model = { base = "qwen2.5-7b", precision = "fp8" }
fleet = { gpu = "L40S", gpus_per_replica = 8 }
"""


def test_a_size_that_divides_no_heads_is_a_fault_with_those_that_do() -> None:
    with pytest.raises(ScenarioError) as caught:
        load_text_checked(SCENARIO)
    assert str(caught.value) == (
        "scenario.toml:14: candidates.own.fleet.gpus_per_replica: "
        "must divide the 28 attention heads of qwen2.5-7b: 1, 2, 4, 7 or 14; got 8"
    )
    load_text_checked(SCENARIO.replace("gpus_per_replica = 8", "gpus_per_replica = 4"))


def test_an_estimate_of_it_is_refused_alike() -> None:
    with pytest.raises(CatalogError, match=r"must divide the 28 attention heads of qwen2\.5-7b: 1, 2, 4, 7 or 14"):
        throughput(model="qwen2.5-7b", gpu="H100", tensor_parallel=8, input_tokens=100, output_tokens=100)
