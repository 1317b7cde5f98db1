"""Results of load tests: read from each tool, judged row by row, and the right row taken."""

import json
import math
from pathlib import Path

import pytest

from switchpoint.export.capacity_text import ROW_HEAD, SeenLoadTest, row_cells
from switchpoint.loadtests.judged import AskedOfLoadTest, RowVerdict, judge, take
from switchpoint.loadtests.load_test import read_load_test
from switchpoint.loadtests.row import Latency, LoadRow
from switchpoint.scenario.catalogue_check import load_checked
from switchpoint.scenario.toml_writer import REMOVED, examples
from switchpoint.ui.load_test_drop import _judge, capacity_changes

PROMISE = AskedOfLoadTest(1.0, 0.05)
VLLM = {
    "backend": "vllm",
    "model_id": "meta-llama/Llama-3.1-8B",
    "num_prompts": 400,
    "request_rate": 10.0,
    "max_concurrency": None,
    "duration": 41.0,
    "completed": 400,
    "total_input_tokens": 400_000,
    "total_output_tokens": 80_000,
    "request_throughput": 400 / 41,
    "median_ttft_ms": 60.0,
    "p95_ttft_ms": 150.0,
    "median_tpot_ms": 20.0,
    "p95_tpot_ms": 30.0,
}
SLOW = VLLM | {"request_rate": "inf", "request_throughput": 20.0, "duration": 20.0, "p95_ttft_ms": 4_000.0}
SGLANG = {
    "backend": "sglang",
    "request_rate": 4.0,
    "total_input_tokens": 600_000,
    "total_output_tokens": 600_000,
    "total_output_tokens_retokenized": 599_000,
    "median_ttft_ms": 100.0,
    "median_itl_ms": 19.0,
    "mean_e2e_latency_ms": 12_900.0,
    "duration": 300.0,
    "completed": 1_200,
}
INFERENCEX = {
    "num_prompts": 160,
    "request_rate": "inf",
    "max_concurrency": 16,
    "duration": 50.0,
    "completed": 160,
    "total_input_tokens": 163_840,
    "total_output_tokens": 20_480,
    "request_throughput": 3.2,
    "median_ttft": 0.3,
    "p95_ttft": 0.9,
    "p95_tpot": 0.04,
    "date": "20260213-075258",
}
INFERENCEMAX = {
    "hw": "h200",
    "tp": 8,
    "conc": 64,
    "model": "deepseek-ai/DeepSeek-R1",
    "framework": "sglang",
    "tput_per_gpu": 500.0,
    "output_tput_per_gpu": 250.0,
    "isl": 1024,
    "osl": 1000,
    "mean_ttft": 0.3,
    "p99_ttft": 0.8,
    "p99_tpot": 0.03,
}
AIPERF = {
    "aiperf_version": "0.11.0",
    "request_throughput": {"unit": "requests/sec", "avg": 18.0},
    "request_latency": {"unit": "ms", "avg": 7_000.0, "p95": 17_000.0},
    "request_count": {"unit": "requests", "avg": 5_400.0},
    "time_to_first_token": {"unit": "ms", "avg": 93.0, "p95": 128.0},
    "inter_token_latency": {"unit": "ms", "avg": 26.0, "p95": 29.0},
    "input_sequence_length": {"unit": "tokens", "avg": 550.0},
    "output_sequence_length": {"unit": "tokens", "avg": 267.0},
    "benchmark_duration": {"unit": "sec", "avg": 300.0},
    "run_info": {"variation_values": {"phases.profiling.concurrency": 128}},
}
GENAIPERF = """Metric,avg,min,max,p99,p95,p90
Time To First Token (ms),"1,146.31",249.48,"3,485.23","3,457.97","3,349.56","3,215.06"
Request Latency (ms),"6,406.20","5,371.47","9,608.72","9,436.13","9,046.58","9,028.16"
Inter Token Latency (ms),30.35,27.59,35.60,35.23,33.88,32.53
Output Sequence Length (tokens),174.45,164.00,187.00,186.22,183.10,180.10
Input Sequence Length (tokens),"3,000.05","2,999.00","3,001.00","3,001.00","3,001.00","3,000.00"

Metric,Value
Output Token Throughput (per sec),261.25
Request Throughput (per sec),1.50
Request Count (count),40.00
"""


def guidellm(rate: float, kind: str = "constant", place: str = "config") -> dict:
    """One benchmark of a GuideLLM report, in the places of version 2 (`config`) or 1 (`args`)."""

    def metric(scale: float = 1.0) -> dict:
        found = {"mean": 0.11 * scale, "percentiles": {"p50": 0.1 * scale, "p95": 0.3 * scale}}
        return {"successful": found}

    totals = {"successful": 95, "errored": 1, "incomplete": 4, "total": 100}
    return {
        place: {"strategy": {"type_": kind, "rate": rate, "streams": 8}, "backend": {"model": "m"}},
        "duration": 30.0,
        "run_stats": {"requests_made": totals},
        "metrics": {
            **({"request_totals": totals} if place == "config" else {}),
            "requests_per_second": {"successful": {"mean": rate * 0.98}},
            "prompt_token_count": {"successful": {"mean": 512.0}},
            "output_token_count": {"successful": {"mean": 128.0}},
            "time_to_first_token_ms": metric(1000),
            "inter_token_latency_ms": metric(100),
            "request_latency": metric(),
        },
    }


INFERENCE_PERF = {
    "load_summary": {"count": 6_715, "send_duration": 60.0, "requested_rate": 112.0, "achieved_rate": 112.0},
    "successes": {
        "count": 6_715,
        "latency": {
            "request_latency": {"mean": 1.7, "median": 1.7, "p95": 2.0},
            "time_per_output_token": {"mean": 0.012, "median": 0.0126, "p95": 0.013},
            "time_to_first_token": {"mean": 0.146, "median": 0.105, "p95": 0.35},
        },
        "throughput": {"requests_per_sec": 110.8},
        "prompt_len": {"mean": 200.9},
        "output_len": {"mean": 62.8},
    },
    "failures": {"count": 0},
}
LLMPERF = {
    "model": "llama2-70b-4096",
    "framework": "groq",
    "mean_input_tokens": 550,
    "mean_output_tokens": 150,
    "num_concurrent_requests": 5,
    "results_ttft_s_quantiles_p95": 0.304,
    "results_ttft_s_mean": 0.228,
    "results_inter_token_latency_s_quantiles_p95": 0.0062,
    "results_end_to_end_latency_s_quantiles_p95": 0.94,
    "results_num_requests_started": 150,
    "results_number_errors": 0,
    "results_num_completed_requests": 150,
    "results_num_completed_requests_per_min": 176.7,
}
LLAMA_BENCH = {"model_type": "gpt-oss 20B F16", "gpu_info": "Radeon", "n_prompt": 512, "n_gen": 0, "avg_ts": 1472.0}
OFFLINE = {"elapsed_time": 131.6, "num_requests": 128, "total_num_tokens": 278_528, "requests_per_second": 0.97}


@pytest.fixture
def write(tmp_path: Path):
    """Write a result: text as it is, an object as JSON, several as JSON lines."""

    def written(held: object, name: str = "result.json") -> Path:
        text = held if isinstance(held, str) else "\n".join(map(json.dumps, held if isinstance(held, list) else [held]))
        (tmp_path / name).write_text(text, encoding="utf-8")
        return tmp_path / name

    return written


class TestReading:
    @pytest.mark.parametrize(
        ("held", "tool", "rate", "tokens", "ttft_s", "tpot_s"),
        [
            (VLLM, "vLLM benchmark_serving", 400 / 41, (1_000, 200), 0.15, 0.03),
            (SGLANG, "SGLang bench_serving", 4.0, (500, 500), 0.1, 0.019),
            (INFERENCEX, "InferenceX", 3.2, (1_024, 128), 0.9, 0.04),
            (INFERENCEMAX, "InferenceMAX", 250 * 8 / 1_000, (1_024, 1_000), 0.8, 0.03),
            (AIPERF, "aiperf", 18.0, (550, 267), 0.128, 0.029),
            (GENAIPERF, "genai-perf", 1.5, (3_000.05, 174.45), 3.34956, 0.03388),
            ({"benchmarks": [guidellm(4.0)]}, "GuideLLM", 3.92, (512, 128), 0.3, 0.03),
            ({"benchmarks": [guidellm(4.0, place="args")]}, "GuideLLM", 3.92, (512, 128), 0.3, 0.03),
            (INFERENCE_PERF, "inference-perf", 110.8, (200.9, 62.8), 0.35, 0.013),
            (LLMPERF, "llmperf", 176.7 / 60, (550, 150), 0.304, 0.0062),
        ],
    )
    def test_each_tool_is_read_by_its_keys_and_in_its_units(
        self, write, held, tool: str, rate: float, tokens: tuple[float, float], ttft_s: float, tpot_s: float
    ) -> None:
        (row,) = read_load_test(write(held)).rows
        assert row.tool == tool
        assert row.requests_per_second == pytest.approx(rate)
        assert (row.input_tokens, row.output_tokens) == pytest.approx(tokens)
        assert row.ttft.p95 is not None
        assert row.token_time.p95 is not None
        assert row.ttft.p95[0] == pytest.approx(ttft_s, rel=0.05 if "p99" in str(held) else 1e-9)
        assert row.token_time.p95[0] == pytest.approx(tpot_s)

    def test_lines_arrays_wrapped_lists_tables_and_several_files_hold_the_same_rows(self, write) -> None:
        lines = write([VLLM, SLOW], "lines.jsonl")
        array = write(json.dumps([VLLM, SLOW]), "array.json")
        wrapped = write(json.dumps({"runs": [VLLM, SLOW]}), "wrapped.json")
        columns = list(VLLM)
        cells = "\n".join(",".join(str(row[name] or "") for name in columns) for row in (VLLM, SLOW))
        table = write(",".join(columns) + "\n" + cells, "table.csv")
        apart = (write(VLLM, "a.json"), write(SLOW, "b.json"))
        rates = [400 / 41, 20.0]
        for files in ((lines,), (array,), (wrapped,), (table,), apart):
            rows = read_load_test(*files).rows
            assert [row.requests_per_second for row in rows] == pytest.approx(rates)
            assert rows[1].request_rate == math.inf
        assert [row.where for row in read_load_test(lines).rows] == ["line 1", "line 2"]
        assert [row.where for row in read_load_test(*apart).rows] == ["a.json", "b.json"]

    def test_utf_16_is_read(self, tmp_path: Path) -> None:
        (tmp_path / "r.json").write_text(json.dumps(VLLM), encoding="utf-16")
        assert read_load_test(tmp_path / "r.json").rows[0].completed == 400

    @pytest.mark.parametrize(
        ("held", "words"),
        [
            ("", "is empty; known are results of vLLM"),
            ("hello, world\n1, 2\n", "must be the JSON, JSON lines or CSV of a load test"),
            ("[" * 100_000, "must be the JSON, JSON lines or CSV of a load test"),
            ("[]", "is JSON, but no load test that is known"),
            ('{"name": "x", "score": 2}', "is JSON, but no load test that is known (it has name and score)"),
            (json.dumps(VLLM) + "\nnot json", "line 2 is no JSON"),
        ],
    )
    def test_what_is_no_load_test_is_said(self, write, held: str, words: str) -> None:
        with pytest.raises(ValueError, match=r".") as caught:
            read_load_test(write(held))
        assert words in str(caught.value)
        assert "\n" not in str(caught.value)

    def test_only_regular_files_are_opened(self, tmp_path: Path) -> None:
        with pytest.raises(ValueError, match="is a folder, not a file"):
            read_load_test(tmp_path)

    def test_huge_and_odd_numbers_are_no_numbers(self, write) -> None:
        for odd in ("1" * 400, "true", '"3"', "NaN", "-1", "null"):
            text = json.dumps(VLLM).replace('"request_throughput": 9', f'"request_throughput": {odd}, "x": 9')
            with pytest.raises(ValueError, match="states no request_throughput above 0"):
                take(PROMISE, write(text))


class TestPercentiles:
    def test_between_two_it_lies_on_a_lognormal_curve(self) -> None:
        """exp(0.5 z): median 1, 95th percentile exp(0.5·1.6449), 99th exp(0.5·2.3263)."""
        known = Latency.of({"median": 1.0, "p99": math.exp(0.5 * 2.3263479)})
        assert known.p95 == (pytest.approx(math.exp(0.5 * 1.6448536), rel=1e-6), "between")

    def test_a_stated_one_counts_and_bounds_decide_only_what_they_can(self) -> None:
        assert Latency.of({"p95": 0.2, "p99": 9.0}).keeps(0.3) is True
        assert Latency.of({"p99": 0.2}).keeps(0.3) is True
        assert Latency.of({"p99": 0.4}).keeps(0.3) is None
        assert Latency.of({"mean": 0.35, "p99": 0.4}).keeps(0.3) is False
        assert Latency.of({"median": 0.2}).keeps(0.3) is None
        assert Latency.of({"median": 0.4}).keeps(0.3) is False
        assert Latency().keeps(0.3) is None
        assert Latency().keeps(None) is True

    def test_the_time_per_token_follows_from_the_other_two(self) -> None:
        row = LoadRow("x", output_tokens=101, ttft=Latency({"mean": 1.0}), e2e=Latency({"mean": 6.0}))
        assert row.token_time.p95 == (pytest.approx(0.05), "at least")


class TestJudging:
    @pytest.mark.parametrize(
        ("change", "why"),
        [
            ({"completed": 17, "num_prompts": 1000}, "broken: 17 of 1,000 requests completed"),
            ({"completed": 10, "failed": 390, "num_prompts": None}, "broken: 10 of 400 requests completed"),
            ({"total_output_tokens": 0}, "broken: no output tokens"),
            ({"max_concurrency": 1}, "a single stream"),
            ({"median_ttft_ms": 0.05, "p95_ttft_ms": 0.1}, "are its seconds called milliseconds?"),
            ({"median_ttft_ms": 900_000.0}, "is longer than the run of 41 s: another unit?"),
        ],
    )
    def test_broken_and_single_stream_runs_are_refused(self, write, change: dict, why: str) -> None:
        held = VLLM | change
        held.pop("request_throughput")
        (row,) = read_load_test(write(held)).rows
        judged = judge(row, PROMISE)
        assert judged.verdict is RowVerdict.REFUSED
        assert why in judged.why
        with pytest.raises(ValueError, match="gives no capacity: vLLM benchmark_serving"):
            take(PROMISE, write(held))

    @pytest.mark.parametrize("held", [LLAMA_BENCH, OFFLINE])
    def test_what_is_no_test_under_load_is_named_and_refused(self, write, held: dict) -> None:
        with pytest.raises(ValueError, match=r"one sequence|an offline maximum"):
            take(PROMISE, write(held))

    def test_the_promise_decides(self, write) -> None:
        with pytest.raises(ValueError, match="has no row that keeps the latency promise") as caught:
            take(PROMISE, write(SLOW))
        assert "first token 4 s (p95), promised 1 s; test it at a lower rate" in str(caught.value)
        assert take(AskedOfLoadTest(5.0, 0.05), write(SLOW)).requests_per_second == 20

    def test_a_run_that_fell_behind_is_marked_and_a_tail_is_none(self, write) -> None:
        """400 requests at 10/s take 40 s; one or two seconds more are the last request's own latency of 4 s."""
        assert judge(read_load_test(write(VLLM)).rows[0], PROMISE).remarks == ()
        late = VLLM | {"duration": 80.0, "request_throughput": 5.0}
        (remark,) = judge(read_load_test(write(late)).rows[0], PROMISE).remarks
        assert remark == "fell behind: 5 of 10 requests/s"

    def test_a_throughput_that_its_requests_contradict_is_cut(self, write) -> None:
        (row,) = read_load_test(write(VLLM | {"request_throughput": 60.0})).rows
        assert row.requests_per_second == pytest.approx(400 / 41)
        assert "states 60 requests/s, but its requests over its duration are 9.76" in row.remarks[0]


class TestTaking:
    def test_the_best_row_that_keeps_the_promise_per_replica(self, write) -> None:
        """Three rates on four replicas: the fastest breaks the promise, the next carries 20/4 = 5 each."""
        rows = [
            VLLM | {"request_rate": rate, "request_throughput": made, "duration": 400 / made, "p95_ttft_ms": ttft}
            for rate, made, ttft in ((10.0, 9.0, 100.0), (21.0, 20.0, 300.0), ("inf", 40.0, 3_000.0))
        ]
        many = [row | {"gpu": "4xNVIDIA_L40S", "decode_replicas": "4"} for row in rows]
        taken = take(PROMISE, write(many))
        assert taken.requests_per_second == pytest.approx(5.0)
        assert taken.tokens == (1_000, 200)
        assert taken.best.row.where == "line 2"
        assert "20 requests/s of 4 replicas" in taken.remarks
        assert "faster rows break the promise, up to 10 requests/s per replica" in taken.remarks

    def test_gpus_count_where_replicas_are_not_said(self, write) -> None:
        held = VLLM | {"gpu": "8xH100"}
        assert take(AskedOfLoadTest(1.0, 0.05, 2), write(held)).requests_per_second == pytest.approx(400 / 41 / 4)
        wide = VLLM | {"gpu": "8xH100", "replicas": 1}
        taken = take(AskedOfLoadTest(1.0, 0.05, 2), write(wide))
        assert taken.requests_per_second == pytest.approx(400 / 41 / 4)
        assert "measured on 8 GPUs a replica, the fleet has 2: taken by the GPU" in taken.remarks

    def test_of_several_data_sets_that_most_like_the_scenario_counts(self, write) -> None:
        short = SGLANG | {"total_input_tokens": 240_000, "total_output_tokens": 240_000, "duration": 150.0}
        assert take(AskedOfLoadTest(None, None, 1, (520, 480)), write([SGLANG, short])).requests_per_second == 4
        assert take(AskedOfLoadTest(None, None, 1, (200, 200)), write([SGLANG, short])).requests_per_second == 8

    def test_what_is_proven_comes_before_what_is_not(self, write) -> None:
        fast = {name: value for name, value in VLLM.items() if not name.startswith("p95")} | {
            "request_throughput": 30.0,
            "duration": 400 / 30,
            "request_rate": 30.0,
        }
        assert take(PROMISE, write([VLLM, fast])).requests_per_second == pytest.approx(400 / 41)
        alone = take(PROMISE, write(fast))
        assert alone.requests_per_second == pytest.approx(30)
        assert any(text.startswith("whether it keeps the promise is not known: first token") for text in alone.remarks)

    def test_ample_latencies_say_that_more_could_be_carried(self, write) -> None:
        easy = VLLM | {"p95_tpot_ms": 20.0}
        assert "no faster load was tried, so a replica may carry more" in take(PROMISE, write(easy)).remarks
        assert take(PROMISE, write(VLLM)).remarks == ()

    def test_an_overloaded_run_counts_where_nothing_is_promised_and_is_said(self, write) -> None:
        late = VLLM | {"mean_ttft_ms": 9_408.2, "median_ttft_ms": 6_866.1, "p99_ttft_ms": 18_164.2}
        told = "no first token is promised, so this row counts, in which it took 9.41 s"
        assert told in take(AskedOfLoadTest(), write(late)).remarks
        assert told not in take(AskedOfLoadTest(), write(VLLM)).remarks
        assert take(AskedOfLoadTest(), write(late)).best.why == "none is stated"


def test_a_dropped_load_test_is_judged_in_memory_and_becomes_a_capacity(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("switchpoint.export.capacity_text._carry_over", lambda *_: 1.8)
    scenario = load_checked(str(examples()["support-copilot"])).scenario
    held = {"r.json": "\n".join(map(json.dumps, [VLLM, SLOW])).encode()}
    seen = _judge(held, scenario, "own-8b", lambda _: None)
    assert isinstance(seen, SeenLoadTest)
    assert seen.taken is not None
    cells = [dict(zip(ROW_HEAD, row_cells(each), strict=True)) for each in seen.judged]
    assert [each["Verdict"].partition(":")[0] for each in cells] == ["keeps the promise", "breaks the promise"]
    changes = capacity_changes("own-8b", seen.taken.requests_per_second, seen.taken.tokens)
    fleet = scenario.with_({".".join(path): value for path, value in changes.items() if value is not REMOVED})
    assert fleet.candidates["own-8b"].fleet.measured_at is not None
    assert "known are results of" in str(_judge({"x.json": b"{}"}, scenario, "own-8b", lambda _: None))
