"""A load test's result in place of a measured capacity."""

import json
import re
from pathlib import Path

import pytest

from switchpoint.engine import simulate
from switchpoint.scenario.errors import ScenarioError
from switchpoint.scenario.examples import example_text
from switchpoint.scenario.files import load

MEASURED = r"(?m)^requests_per_second_per_replica.*\n"
FIELD = "candidates.own-8b.fleet.benchmark"


@pytest.fixture
def scenario(tmp_path: Path) -> Path:
    file = tmp_path / "mine.toml"
    file.write_text(re.sub(MEASURED, 'benchmark = "result.json"\n', example_text("support-copilot")), encoding="utf-8")
    return file


def result(scenario: Path, text: str) -> None:
    (scenario.parent / "result.json").write_text(text, encoding="utf-8")


def test_its_throughput_is_the_capacity(scenario: Path) -> None:
    result(scenario, json.dumps({"backend": "vllm", "request_throughput": 3.21, "p99_ttft_ms": 800.0}))
    case = simulate(load(scenario).scenario)
    assert (case.outlooks[0].prospect.carrier.sizing.capacity == 3.21).all()


def test_of_several_lines_the_last_counts(scenario: Path) -> None:
    result(scenario, '{"request_throughput": 1.0}\n{"request_throughput": 2.5}\n')
    fleet = load(scenario).scenario.candidates["own-8b"].fleet
    assert fleet.requests_per_second_per_replica == 2.5
    assert fleet.benchmark == str(scenario.parent / "result.json")


def test_a_stated_figure_counts_more(scenario: Path) -> None:
    result(scenario, '{"request_throughput": 1.0}')
    stated = load(scenario, ["candidates.own-8b.fleet.requests_per_second_per_replica=7"])
    assert stated.scenario.candidates["own-8b"].fleet.requests_per_second_per_replica == 7


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "must be JSON as vLLM's benchmark_serving writes it"),
        ("[" * 100_000, "must be JSON as vLLM's benchmark_serving writes it"),
        ("[]", "has no number request_throughput"),
        ('{"request_throughput": "3"}', "has no number request_throughput"),
        ('{"request_throughput": true}', "has no number request_throughput"),
        ('{"request_throughput": 0}', "must have a request_throughput of 0.000001 to 1,000,000; got 0"),
        ('{"request_throughput": NaN}', "must have a request_throughput of 0.000001 to 1,000,000; got nan"),
    ],
)
def test_what_is_no_result_is_one_fault(scenario: Path, text: str, words: str) -> None:
    result(scenario, text)
    with pytest.raises(ScenarioError) as caught:
        load(scenario)
    (line,) = str(caught.value).splitlines()
    assert f"{FIELD}: {words}" in line


def test_a_file_that_is_missing_is_one_fault(scenario: Path) -> None:
    with pytest.raises(ScenarioError) as caught:
        load(scenario)
    (line,) = str(caught.value).splitlines()
    assert f"{FIELD}: cannot be read: No such file or directory" in line
