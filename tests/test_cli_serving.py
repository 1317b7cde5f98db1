"""`switchpoint throughput` and `switchpoint capacity`: what they print, and how they refuse."""

import json
import re
from functools import cache
from pathlib import Path

import numpy as np
import pytest
from typer.testing import CliRunner

from switchpoint import throughput
from switchpoint.cli import program
from switchpoint.decision.case import simulate
from switchpoint.decision.result import JudgedWorld
from switchpoint.scenario.load import load_text
from switchpoint.scenario.toml_writer import example_text
from switchpoint.serving import capacity_cache

pytestmark = pytest.mark.slow

REQUEST = ["--model", "llama-3.1-8b", "--gpu", "H100", "--input-tokens", "512", "--output-tokens", "256"]
LOADED = cache(capacity_cache.latency_against_load)
"""Latencies at nine rates take most of a command's time, and come out alike for the same replica."""
UNMEASURED = re.sub(r"(?m)^requests_per_second_per_replica.*\n", "", example_text("support-copilot"))


@pytest.fixture
def call(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    """A function that calls a command in a folder with two scenarios."""
    monkeypatch.chdir(tmp_path)
    anew = capacity_cache.latency_against_load
    monkeypatch.setattr(
        capacity_cache, "latency_against_load", lambda *given: (LOADED if len(given) == 2 else anew)(*given)
    )
    Path("unmeasured.toml").write_text(UNMEASURED, encoding="utf-8")
    Path("measured.toml").write_text(example_text("support-copilot"), encoding="utf-8")
    Path("api.toml").write_text(example_text("reasoning-agent"), encoding="utf-8")

    def run(*arguments: str):
        result = CliRunner().invoke(program, list(arguments))
        assert result.exception is None or isinstance(result.exception, SystemExit), result.output
        return result

    return run


class TestThroughput:
    def test_json_is_what_the_function_says(self, call) -> None:
        said = json.loads(call("throughput", *REQUEST, "--concurrency", "8", "--precision", "fp8", "--json").stdout)
        made = throughput(
            model="llama-3.1-8b", gpu="H100", precision="fp8", input_tokens=512, output_tokens=256, concurrency=8
        )
        assert said["output_tokens_per_second"] == made.output_tokens_per_second
        assert set(said) >= {"ttft_s", "tpot_s", "max_concurrency", "extrapolated"}

    def test_what_is_extrapolated_is_said_to_be(self, call) -> None:
        assert "extrapolated" not in call("throughput", *REQUEST).stdout
        assert "extrapolated" in call("throughput", *[word.replace("H100", "L4") for word in REQUEST]).stdout

    @pytest.mark.parametrize("option", [["--gpu", "H1000"], ["--precision", "fp3"], ["--input-tokens", "0"]])
    def test_a_wrong_name_or_number_is_one_line(self, call, option: list[str]) -> None:
        result = call("throughput", *REQUEST, *option)
        assert result.exit_code == 2
        assert len(result.stderr.splitlines()) == 1


class TestCapacity:
    def test_json_text_and_chart(self, call) -> None:
        said = json.loads(call("capacity", "unmeasured.toml", "--json", "--out", "charts").stdout)
        (found,) = said["candidates"].values()
        assert 0 < found["low"] < found["requests_per_second"] < found["high"]
        assert found["binds"] == "latency"
        assert found["measured_requests_per_second"] is None
        rates = [point["requests_per_second"] for point in found["load"]]
        assert rates == sorted(rates)
        assert found["requests_per_second"] in rates
        slow = [point["ttft_p95_s"] for point in found["load"]]
        assert slow == sorted(slow)
        assert sorted(file.suffix for file in Path("charts").glob("capacity-*")) == [".png", ".svg"]
        (drawn,) = Path("charts").glob("*.svg")
        drawn.write_text("mine", encoding="utf-8")
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr("switchpoint.cli.serving._carry_over", lambda *_: pytest.fail("simulated before it refused"))
            refused = call("capacity", "unmeasured.toml", "--out", "charts")
        assert refused.exit_code == 2
        assert f"{drawn}:1: exists already and is left as it was; --force overwrites it" in refused.stderr
        assert drawn.read_text(encoding="utf-8") == "mine"
        assert call("capacity", "unmeasured.toml", "--out", "charts", "--force").exit_code == 0
        assert "<svg" in drawn.read_text(encoding="utf-8")
        assert call("capacity", "unmeasured.toml", "--out", "charts").exit_code == 0

    def test_a_measured_figure_is_named_beside_it(self, call) -> None:
        text = call("capacity", "measured.toml").stdout
        assert "the scenario states 2.61 requests/s" in text
        assert "<- capacity" in text

    def test_a_trace_is_replayed(self, call) -> None:
        rng = np.random.default_rng(1)
        rows = zip(
            rng.exponential(0.5, 400).cumsum(), rng.integers(100, 900, 400), rng.integers(20, 200, 400), strict=True
        )
        lines = [f"{at:.3f},{tokens},{more}" for at, tokens, more in rows]
        Path("trace.csv").write_text("\n".join(["arrival_s,input_tokens,output_tokens", *lines]), encoding="utf-8")
        text = call("capacity", "unmeasured.toml", "--trace", "trace.csv").stdout
        assert "requests of trace.csv" in text
        assert "carries" in text
        Path("trace.csv").write_text("\n".join(["arrival_s,input_tokens,output_tokens", *lines[:50]]), encoding="utf-8")
        short = call("capacity", "unmeasured.toml", "--trace", "trace.csv")
        assert (short.exit_code, short.stderr.strip()) == (2, "trace.csv: holds 50 requests; it takes at least 200")

    def test_a_short_trace_is_called_so_and_no_interval_goes_below_nothing(self, call) -> None:
        """Requests in bursts of very different size: four samples of them hardly agree."""
        rng = np.random.default_rng(2)
        sizes = np.where(np.arange(299) < 75, 4_000, 60)
        rows = zip(rng.exponential(1.0, 299).cumsum(), sizes, sizes // 4, strict=True)
        lines = [f"{at:.3f};{size};{more}" for at, size, more in rows]
        Path("short.csv").write_text("\n".join(["sent;in;out", *lines]), encoding="utf-8")
        columns = ["--trace", "short.csv", "--columns", "arrival=sent,input=in,output=out"]
        free = ["--set", "candidates.own-8b.fleet.ttft_p95_s=900", "--set", "candidates.own-8b.fleet.tpot_p95_s=9"]
        text = call("capacity", "unmeasured.toml", *columns, *free).stdout
        assert "95 % interval 0 to " in text
        assert "the trace is too short for a narrower interval: 299 requests" in text

    def test_a_trace_that_ends_before_a_replica_is_busy_gives_an_upper_bound(self, call) -> None:
        """299 requests that are all alike: four equal samples, each over within a second at what they seem to show."""
        lines = [f"{2 * place},500,100" for place in range(299)]
        Path("even.csv").write_text("\n".join(["arrival_s,input_tokens,output_tokens", *lines]), encoding="utf-8")
        free = ["--set", "candidates.own-8b.fleet.ttft_p95_s=900", "--set", "candidates.own-8b.fleet.tpot_p95_s=9"]
        text = call("capacity", "unmeasured.toml", "--trace", "even.csv", *free).stdout
        assert "the trace is too short, so this is an upper bound: 299 requests; at that rate" in text

    def test_a_load_test_is_shown_with_what_is_taken(self, call) -> None:
        run = {
            "request_throughput": 5.0,
            "num_prompts": 500,
            "completed": 500,
            "total_input_tokens": 500_000,
            "total_output_tokens": 100_000,
            "request_rate": 5.0,
            "p95_ttft_ms": 300.0,
            "p95_tpot_ms": 30.0,
            "model_id": "Qwen/Qwen3-8B",
        }
        fast = run | {"request_throughput": 20.0, "request_rate": "inf", "p95_ttft_ms": 3_000.0}
        Path("runs.jsonl").write_text(f"{json.dumps(run)}\n{json.dumps(fast)}\n", encoding="utf-8")
        text = call("capacity", "unmeasured.toml", "--benchmark", "runs.jsonl").stdout
        assert "own-8b: runs.jsonl, vLLM benchmark_serving" in text
        assert "breaks the promise: first token 3 s (p95), promised 1 s" in text
        assert "taken: line 1, 5 requests/s per replica" in text
        other_model = "was measured with Qwen/Qwen3-8B, the fleet serves llama-3.1-8b"
        assert f"note: {other_model}" in text
        said = json.loads(call("capacity", "unmeasured.toml", "--benchmark", "runs.jsonl", "--json").stdout)
        found = said["candidates"]["own-8b"]
        assert other_model in found["notes"]
        assert found["measured_at"] == {"input_tokens": 1_000, "output_tokens": 200}
        assert [row["verdict"] for row in found["rows"]] == ["keeps the promise", "breaks the promise"]
        assert (found["taken"], found["measured_requests_per_second"]) == (0, 5.0)
        assert f"with the scenario's requests: {found['requests_per_second']:.3g} requests/s" in text
        Path("none.json").write_text(json.dumps(fast), encoding="utf-8")
        refused = call("capacity", "unmeasured.toml", "--benchmark", "none.json")
        assert refused.exit_code == 2
        assert "nothing is taken: it has no row that keeps the latency promise" in refused.stdout
        assert refused.stderr.startswith("none.json: has no row that keeps the latency promise")
        other = call("capacity", "unmeasured.toml", "--benchmark", "unmeasured.toml")
        assert (other.exit_code, len(other.stderr.splitlines())) == (2, 1)

    @pytest.mark.parametrize(
        ("arguments", "words"),
        [
            (["api.toml", "--candidate", "cheaper-api"], 'is not of kind = "gpu"'),
            (["measured.toml", "--candidate", "nobody"], "has no 'nobody'; known are own-8b"),
            (["measured.toml", "--trace", "none.csv"], "none.csv: cannot be read: No such file"),
            (["none.toml"], "does not exist"),
        ],
    )
    def test_what_cannot_be_simulated_is_one_line(self, call, arguments: list[str], words: str) -> None:
        result = call("capacity", *arguments)
        assert result.exit_code == 2
        (line,) = (line for line in result.stderr.splitlines() if not line.startswith("Note: "))
        assert words in line

    def test_a_replica_that_carries_nothing_says_why(self, call) -> None:
        settings = ["--set", 'candidates.own-8b.model.base="llama-3.1-70b"']
        assert "do not fit into" in call("capacity", "unmeasured.toml", *settings).stdout


class TestScenario:
    """A scenario without a measured capacity, end to end."""

    def test_capacity_falls_as_prompts_grow(self) -> None:
        case = simulate(load_text(UNMEASURED).scenario)
        (outlook,) = case.outlooks
        rates = outlook.prospect.carrier.sizing.capacity
        assert (np.diff(rates) <= 0).all()
        assert rates[0] > 1.2 * rates[-1] > 0
        (figures,) = JudgedWorld(case).as_json()["base"]["candidates"].values()
        assert figures["capacity_requests_per_second"] == rates[0]

    def test_the_command_says_what_the_simulation_uses(self, call) -> None:
        flat = ["--set", "usage.token_growth_per_month=0"]
        (found,) = json.loads(call("capacity", "unmeasured.toml", *flat, "--json").stdout)["candidates"].values()
        run = json.loads(call("run", "unmeasured.toml", *flat, "--json").stdout)
        (used,) = run["base"]["candidates"].values()
        assert used["capacity_requests_per_second"] == found["requests_per_second"]
        assert "capacity simulated" in [source["note"] for source in run["sources"]]
