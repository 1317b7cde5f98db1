"""A load test's result in place of a measured capacity."""

import json
import re
from pathlib import Path

import pytest

from switchpoint.decision.case import simulate
from switchpoint.decision.notes import provenance_of
from switchpoint.decision.result import JudgedWorld, dated_sources
from switchpoint.scenario.candidates import MeasuredAt
from switchpoint.scenario.errors import ScenarioError
from switchpoint.scenario.load import load
from switchpoint.scenario.toml_writer import example_text
from switchpoint.serving.capacity_cache import capacity
from switchpoint.simulation.capacity import question, tokens_of
from switchpoint.simulation.doubts import capacity_doubts

MEASURED = r"(?m)^requests_per_second_per_replica.*\n"
FLEET = "candidates.own-8b.fleet"
FIELD = f"{FLEET}.benchmark"


@pytest.fixture
def scenario(tmp_path: Path) -> Path:
    file = tmp_path / "mine.toml"
    file.write_text(re.sub(MEASURED, 'benchmark = "result.json"\n', example_text("support-copilot")), encoding="utf-8")
    return file


@pytest.fixture
def stated(tmp_path: Path) -> Path:
    """A scenario that states 4 requests/s itself."""
    file = tmp_path / "stated.toml"
    text = re.sub(MEASURED, "requests_per_second_per_replica = 4\n", example_text("support-copilot"))
    file.write_text(text, encoding="utf-8")
    return file


def result(scenario: Path, text: str) -> None:
    (scenario.parent / "result.json").write_text(text, encoding="utf-8")


def test_its_throughput_is_the_capacity(scenario: Path) -> None:
    result(scenario, json.dumps({"backend": "vllm", "request_throughput": 3.21, "p99_ttft_ms": 800.0}))
    case = simulate(load(scenario).scenario)
    assert (case.outlooks[0].prospect.carrier.sizing.capacity == 3.21).all()


def test_a_result_without_a_date_leaves_no_gap_among_the_dates(scenario: Path) -> None:
    result(scenario, json.dumps({"backend": "vllm", "request_throughput": 3.21, "p99_ttft_ms": 800.0}))
    case = simulate(load(scenario).scenario)
    assert "" in {source["date"] for source in provenance_of(case)}
    assert re.match(r" Catalogue figures dated \d{4}\S* to \d{4}-\d\d-\d\d\.", dated_sources(JudgedWorld(case)))


def test_of_several_lines_the_best_counts(scenario: Path) -> None:
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
        ("", "is empty; known are results of vLLM"),
        ("[" * 100_000, "must be the JSON, JSON lines or CSV of a load test"),
        ("[]", "is JSON, but no load test that is known"),
        ('{"request_throughput": "3"}', "gives no capacity: vLLM benchmark_serving, states no request_throughput"),
        ('{"request_throughput": true}', "gives no capacity: vLLM benchmark_serving, states no request_throughput"),
        (
            '{"request_throughput": 0}',
            "gives no capacity: vLLM benchmark_serving, states no request_throughput above 0",
        ),
        ('{"request_throughput": NaN}', "gives no capacity: vLLM benchmark_serving, states no request_throughput"),
        ('{"request_throughput": 1e7}', "must have from 0.000001 to 1,000,000 requests per second"),
        ('{"request_throughput": 9, "median_ttft_ms": 5000}', "has no row that keeps the latency promise"),
        (
            '{"request_throughput": 9, "completed": 1, "num_prompts": 9}',
            "gives no capacity: vLLM benchmark_serving, broken: 1 of 9",
        ),
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


TESTED = {
    "request_throughput": 5.0,
    "completed": 500,
    "num_prompts": 500,
    "total_input_tokens": 500_000,
    "total_output_tokens": 100_000,
    "p95_ttft_ms": 300.0,
    "p95_tpot_ms": 30.0,
    "date": "20270102-101112",
}


def test_it_is_carried_over_to_the_requests_of_the_scenario(scenario: Path) -> None:
    """Capacity = measured x simulated(2,400 in, 350 out)/simulated(1,000 in, 200 out)."""
    result(scenario, json.dumps(TESTED))
    loaded = load(scenario, ["usage.token_growth_per_month=0"]).scenario
    spec = loaded.candidates["own-8b"]
    assert spec.fleet.measured_at == MeasuredAt(input_tokens=1_000, output_tokens=200)
    here, there = (
        capacity(question(spec, *tokens)).requests_per_second
        for tokens in (tokens_of(spec, loaded.usage), (1_000, 200))
    )
    case = simulate(loaded)
    carried = case.outlooks[0].prospect.carrier.sizing.capacity
    assert carried[0] == pytest.approx(5 * here / there, rel=1e-9)
    assert 0 < carried[0] < 5
    entry = next(each for each in provenance_of(case) if each["what"] == "load test")
    assert entry["source"] == "result.json, vLLM benchmark_serving"
    assert (entry["value"], entry["date"]) == (5.0, "2027-01-02")


def test_measured_with_the_same_requests_it_stays_as_it_is(stated: Path) -> None:
    usage = load(stated).scenario.usage
    same = [f"{FLEET}.measured_at.{side}_tokens={getattr(usage, f'{side}_tokens'):g}" for side in ("input", "output")]
    case = simulate(load(stated, [*same, "usage.token_growth_per_month=0"]).scenario)
    assert (case.outlooks[0].prospect.carrier.sizing.capacity == 4).all()


def test_measured_at_needs_what_was_measured(scenario: Path) -> None:
    text = re.sub(MEASURED, "measured_at = { input_tokens = 9, output_tokens = 9 }\n", example_text("support-copilot"))
    scenario.write_text(text, encoding="utf-8")
    with pytest.raises(ScenarioError, match="measured_at needs requests_per_second_per_replica"):
        load(scenario)


class TestDoubts:
    def told(self, scenario: Path, *settings: str) -> str:
        found = capacity_doubts(load(scenario, settings).scenario)
        assert all(path[:3] == ("candidates", "own-8b", "fleet") for path, _, _ in found)
        return "\n".join(text for _, text, _ in found)

    def test_a_figure_that_the_simulation_does_not_bear_out(self, stated: Path) -> None:
        far = self.told(stated, f"{FLEET}.requests_per_second_per_replica=100000")
        assert "is 1e+05 requests/s, " in far
        assert "times the" in far
        assert self.told(stated) == ""

    def test_requests_that_can_keep_no_promise(self, stated: Path) -> None:
        long = ("usage.input_tokens=12000", "usage.output_tokens=1900")
        text = self.told(stated, *long)
        assert "is 4 requests/s, but by the simulation it is 0: llama-3.1-8b in fp8 on 1 x L40S cannot keep" in text

    def test_too_much_for_any_model(self, stated: Path) -> None:
        text = stated.read_text(encoding="utf-8").replace("replica = 4\n", "replica = 100_000\n")
        text = re.sub(r"(?ms)^\[candidates\.own-8b\.model\]\n.*?\n(?=\[)", "", text)
        stated.write_text(text, encoding="utf-8")
        assert "1 x L40S carries at most about" in self.told(stated)

    def test_what_the_load_test_says_of_itself(self, scenario: Path) -> None:
        other = {"gpu": "NVIDIA_H100", "model_id": "Qwen/Qwen3-8B"}
        result(scenario, json.dumps(TESTED | other))
        told = self.told(scenario)
        assert "result.json: was measured on NVIDIA_H100, the fleet has L40S" in told
        assert "result.json: was measured with Qwen/Qwen3-8B, the fleet serves llama-3.1-8b" in told
        result(scenario, json.dumps(TESTED | {"model_id": "llama2-70b-4096"}))
        unknown = "was measured with llama2-70b-4096, which the catalogue does not know; the fleet serves llama-3.1-8b"
        assert unknown in self.told(scenario)
        for same in ("Llama-3.1-8B-Instruct-FP8-dynamic", "Meta-Llama-3.1-8B-Instruct-quantized.w8a8"):
            result(scenario, json.dumps(TESTED | {"model_id": f"RedHatAI/{same}"}))
            assert "was measured with" not in self.told(scenario)
        assert "but the 7 that the scenario states count" in self.told(
            scenario, f"{FLEET}.requests_per_second_per_replica=7"
        )
