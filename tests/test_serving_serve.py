"""`switchpoint.serve`, its fleets, and the requests that go into it."""

import math
import subprocess
import sys

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import switchpoint
from switchpoint.errors import CannotCompute
from switchpoint.serving.batch import EngineLimits
from switchpoint.serving.fleet import Autoscale, Outage
from switchpoint.serving.requests import gamma_arrivals, lognormal_tokens, poisson_arrivals, requests_table
from switchpoint.serving.step_time import AffineSteps
from switchpoint.serving.trace_files import read_trace
from tests.test_serving_exact import reference

STEPS = AffineSteps()
EMPTY = pd.DataFrame({"arrival_s": [], "input_tokens": [], "output_tokens": []})


def table(number=400, rate=4.0, seed=0, tokens=(800.0, 150.0)):
    arrivals = np.random.default_rng(seed).exponential(1 / rate, number).cumsum()
    return requests_table(arrivals, *(lognormal_tokens(mean, 1.0, number, (seed, i)) for i, mean in enumerate(tokens)))


class TestTable:
    def test_rows_come_back_with_what_became_of_them(self) -> None:
        given = table().sample(frac=1, random_state=1)
        served, summary = switchpoint.serve(given, step_time=STEPS)
        pd.testing.assert_frame_equal(served[list(given.columns)], given)
        new = ["ttft_s", "tpot_s", "finish_s", "wait_s", "restarts", "replica"]
        assert list(served.columns) == [*given.columns, *new]
        assert not served.isna().any().any()
        taken = served["ttft_s"] + served["tpot_s"] * (served["output_tokens"] - 1)
        np.testing.assert_allclose(served["finish_s"] - served["arrival_s"], taken, rtol=1e-9)
        assert summary.ttft_p95_s == np.percentile(served["ttft_s"], 95)
        assert summary.output_tokens_per_second == pytest.approx(given["output_tokens"].sum() / summary.span_s)

    def test_the_same_input_gives_the_same_output(self) -> None:
        calls = [switchpoint.serve(table(), step_time=STEPS, replicas=3, router="round-robin") for _ in range(2)]
        pd.testing.assert_frame_equal(calls[0].requests, calls[1].requests)
        assert calls[0].summary == calls[1].summary

    def test_one_request_by_hand(self) -> None:
        """A step on the prompt of 100 tokens gives the first, two decode steps on 101 and 102 tokens the others."""
        one = pd.DataFrame({"arrival_s": [2.0], "input_tokens": [100], "output_tokens": [3]})
        steps = AffineSteps(overhead_ns=1e6, sequence_ns=1e3, kv_token_ns=10.0, prompt_token_ns=5e3)
        served, summary = switchpoint.serve(one, step_time=steps)
        prompt, decode = 1e-3 + 100 * 5e-6, 2 * (1e-3 + 1e-6) + (101 + 102) * 1e-8
        assert served["ttft_s"].item() == pytest.approx(prompt, abs=1e-12)
        assert served["tpot_s"].item() == pytest.approx(decode / 2, abs=1e-12)
        assert summary.span_s == pytest.approx(prompt + decode, abs=1e-12)
        assert summary.utilisation == 1.0

    def test_no_requests(self) -> None:
        served, summary = switchpoint.serve(EMPTY, step_time=STEPS)
        assert len(served) == 0
        assert summary.verdict == "stable"
        assert not any(math.isnan(value) for value in summary.as_dict().values() if not isinstance(value, str))

    def test_a_single_token_has_no_time_per_token(self) -> None:
        served, summary = switchpoint.serve(table().assign(output_tokens=1), step_time=STEPS)
        assert (served["tpot_s"] == 0).all()
        assert summary.tpot_p99_s == 0

    def test_time_before_zero_and_all_at_once(self) -> None:
        shifted, _ = switchpoint.serve(table().eval("arrival_s = arrival_s - 1000"), step_time=STEPS)
        plain, _ = switchpoint.serve(table(), step_time=STEPS)
        np.testing.assert_allclose(shifted["ttft_s"], plain["ttft_s"], atol=1e-9)
        _, at_once = switchpoint.serve(table().assign(arrival_s=0.0), step_time=STEPS)
        assert at_once.verdict == "backlogged"

    def test_the_package_imports_it_only_when_asked(self) -> None:
        loaded = "print('simpy' in sys.modules)"
        code = f"import sys, switchpoint; {loaded}; switchpoint.serve; {loaded}"
        found = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True).stdout
        assert found.split() == ["False", "True"]


BAD = [
    ({"requests": [1]}, "requests: got list"),
    ({"requests": EMPTY.drop(columns="output_tokens")}, "requests.output_tokens: is missing"),
    ({"arrival_s": math.nan}, "requests.arrival_s: row 1: got nan"),
    ({"arrival_s": math.inf}, "requests.arrival_s: row 1: got inf"),
    ({"arrival_s": "soon"}, "requests.arrival_s: is not a column of numbers"),
    ({"input_tokens": 0}, "requests.input_tokens: row 1: got 0"),
    ({"output_tokens": -3}, "requests.output_tokens: row 1: got -3"),
    ({"output_tokens": 1.5}, "requests.output_tokens: row 1: got 1.5"),
    ({"input_tokens": 10_000_000}, "requests: row 1: 10M tokens do not fit into the replica's KV cache"),
    ({"replica": {"kv_blocks": 0}}, "replica.kv_blocks: got 0"),
    ({"replica": {"kv_block": 5}}, "replica.kv_block: is not known"),
    ({"replica": {"scheduler": "best"}}, "replica.scheduler: got 'best'"),
    ({"replica": {"watermark": math.nan}}, "replica.watermark: got nan"),
    ({"replica": {"token_budget": 8}}, "replica.token_budget: 8 tokens are fewer"),
    ({"replica": 5}, "replica: got int"),
    ({"replicas": 0}, "replicas: got 0"),
    ({"replicas": 1.5}, "replicas: got 1.5"),
    ({"router": "random"}, "router: got 'random'"),
    ({"step_time": None}, "step_time: got NoneType"),
    ({"step_time": AffineSteps(overhead_ns=math.nan)}, "step_time: a step on prompts takes nan ns"),
    ({"step_time": AffineSteps(overhead_ns=-1e9)}, "step_time: a step on prompts takes"),
    ({"step_time": AffineSteps(kv_token_ns=1e18)}, "step_time: decode steps of 1 sequences"),
    ({"outages": [Outage(0.0)]}, "outages: 3 of 3 requests are left"),
]


@pytest.mark.parametrize(("wrong", "line"), BAD, ids=[line for _, line in BAD])
def test_bad_input_gets_one_line(wrong, line: str) -> None:
    good = pd.DataFrame({"arrival_s": [0.0, 1.0, 2.0], "input_tokens": [5, 5, 5], "output_tokens": [5, 5, 5]})
    for name in set(wrong) & set(good.columns):
        good = good.astype(object)
        good.loc[1, name] = wrong[name]
    call = {"requests": good, "step_time": STEPS} | {name: wrong[name] for name in wrong if name not in good.columns}
    with pytest.raises(CannotCompute) as caught:
        switchpoint.serve(call.pop("requests"), **call)
    assert str(caught.value).startswith(line)
    assert "\n" not in str(caught.value)


class TestVerdict:
    @pytest.mark.parametrize(("rate", "verdict"), [(2.0, "stable"), (60.0, "overloaded")])
    def test_of_a_steady_rate(self, rate: float, verdict: str) -> None:
        assert switchpoint.serve(table(2000, rate), step_time=STEPS).summary.verdict == verdict

    def test_of_a_burst_that_is_worked_off(self) -> None:
        burst = table(1000).assign(arrival_s=lambda rows: rows["arrival_s"].where(rows["arrival_s"] > 100, 0.0))
        served = switchpoint.serve(burst, replica={"max_running": 32}, step_time=STEPS)
        assert served.summary.verdict == "backlogged"


class TestFleet:
    def test_more_replicas_share_the_load(self) -> None:
        one, four = (switchpoint.serve(table(800, 12.0), step_time=STEPS, replicas=n) for n in (1, 4))
        assert set(four.requests["replica"]) == {0, 1, 2, 3}
        assert four.summary.tpot_p95_s < one.summary.tpot_p95_s
        assert four.summary.utilisation < one.summary.utilisation
        assert four.summary.replica_hours > 3.9 * one.summary.replica_hours * four.summary.span_s / one.summary.span_s

    def test_round_robin_takes_turns(self) -> None:
        served = switchpoint.serve(table(9), step_time=STEPS, replicas=3, router="round-robin").requests
        assert served["replica"].tolist() == [0, 1, 2] * 3

    def test_what_a_failed_replica_had_is_recomputed_elsewhere(self) -> None:
        failing = [Outage(at_s=20.0, replica=0)]
        served, summary = switchpoint.serve(table(), step_time=STEPS, replicas=2, outages=failing)
        hit = served[served["restarts"] > 0]
        assert len(hit) == summary.restarts > 0
        assert (hit["replica"] == 1).all()
        assert (served[served["arrival_s"] > 20]["replica"] == 1).all()
        calm = switchpoint.serve(table(), step_time=STEPS, replicas=2).requests
        early = served["finish_s"] < 20
        pd.testing.assert_frame_equal(served[early], calm[early])

    def test_with_notice_enough_nothing_is_lost(self) -> None:
        spot = [Outage(at_s=20.0, replica=0, notice_s=120.0, back_s=0.0)]
        served, summary = switchpoint.serve(table(), step_time=STEPS, replicas=2, outages=spot)
        assert summary.restarts == 0
        assert not served[(served["arrival_s"] > 20)]["replica"].eq(0).any()

    def test_requests_wait_while_no_replica_is_there(self) -> None:
        served, _ = switchpoint.serve(table(), step_time=STEPS, outages=[Outage(20.0, 0, back_s=30.0)])
        during = served[served["arrival_s"].between(20, 50)]
        assert (during["arrival_s"] + during["ttft_s"] > 50).all()

    def test_autoscaling_follows_the_load_after_starting_up(self) -> None:
        busy = pd.concat(
            [table(600, 0.5), table(2000, 25.0, 1).eval("arrival_s = arrival_s + 1300")], ignore_index=True
        )
        scale = Autoscale(target_load=20, most=6, every_s=10, startup_s=60)
        served, summary = switchpoint.serve(busy, step_time=STEPS, autoscale=scale)
        begins = served.groupby("replica")["arrival_s"].min()
        assert 2 <= len(begins) <= 7
        assert (begins.drop(0) > 1300).all()
        alone = switchpoint.serve(busy, step_time=STEPS).summary
        always = switchpoint.serve(busy, step_time=STEPS, replicas=6).summary
        assert always.ttft_p95_s < summary.ttft_p95_s < alone.ttft_p95_s
        assert alone.replica_hours < summary.replica_hours < always.replica_hours

    def test_autoscaling_goes_back_and_replaces_what_failed(self) -> None:
        scale = Autoscale(target_load=10, least=2, every_s=10, startup_s=20)
        calm = table(300, 0.5)
        served, _ = switchpoint.serve(calm, step_time=STEPS, replicas=8, autoscale=scale)
        assert set(served[served["arrival_s"] > 100]["replica"]) == {0, 1}
        lost = [Outage(200.0, number) for number in range(2)]
        served, _ = switchpoint.serve(calm, step_time=STEPS, replicas=2, autoscale=scale, outages=lost)
        assert set(served[served["arrival_s"] > 250]["replica"]) == {2, 3}

    @given(
        load=st.floats(0.5, 20),
        every=st.floats(0.5, 20),
        startup=st.floats(0, 30),
        router=st.sampled_from(["least-loaded", "round-robin", "shared-queue"]),
        outages=st.lists(st.builds(Outage, st.floats(0, 20), st.integers(0, 4), st.floats(0, 5)), max_size=6),
        seed=st.integers(0, 99),
    )
    @settings(max_examples=60)
    def test_nothing_is_lost_whatever_happens_to_the_fleet(self, load, every, startup, router, outages, seed) -> None:
        scale = Autoscale(load, 1, 5, every, startup)
        limits = {"kv_blocks": 500, "max_running": 8}
        calm = table(60, 4.0, seed, (200.0, 100.0))
        served, summary = switchpoint.serve(
            calm, replica=limits, step_time=STEPS, replicas=2, router=router, autoscale=scale, outages=outages
        )
        assert (served["ttft_s"] > 0).all()
        assert (served["wait_s"] >= 0).all()
        assert (served["finish_s"] >= served["arrival_s"] + served["ttft_s"] - 1e-9).all()
        assert (served["replica"] >= 0).all()
        assert 0 < summary.utilisation <= 1
        assert summary.restarts == 0 or outages

    def test_settings_are_checked(self) -> None:
        with pytest.raises(CannotCompute, match=r"autoscale\.least: got 3 to 2"):
            Autoscale(target_load=10, least=3, most=2)
        with pytest.raises(CannotCompute, match=r"outages\.at_s: got nan"):
            Outage(math.nan)


class TestArrivals:
    def test_poisson_follows_the_hours(self) -> None:
        hours = [1.0] * 12 + [3.0] * 12
        arrivals = poisson_arrivals(2.0, 86_400.0, seed=1, hours=hours)
        morning = (arrivals < 43_200).sum()
        assert len(arrivals) == pytest.approx(172_800, abs=4 * 172_800**0.5)
        assert morning == pytest.approx(43_200, abs=4 * 43_200**0.5)
        assert (np.diff(arrivals) >= 0).all()

    @pytest.mark.parametrize("cv", [0.5, 1.0, 3.0])
    def test_gamma_bursts(self, cv: float) -> None:
        gaps = np.diff(gamma_arrivals(5.0, 20_000.0, cv, seed=2))
        assert gaps.mean() == pytest.approx(0.2, rel=0.05)
        assert gaps.std() / gaps.mean() == pytest.approx(cv, rel=0.05)

    def test_lognormal_tokens_keep_their_mean(self) -> None:
        tokens = lognormal_tokens(500.0, 1.2, 200_000, seed=3)
        assert tokens.mean() == pytest.approx(500, rel=0.02)
        assert tokens.std() / tokens.mean() == pytest.approx(1.2, rel=0.05)
        assert lognormal_tokens(42.0, 0.0, 3).tolist() == [42, 42, 42]

    @pytest.mark.parametrize("call", [(0.0, 5.0), (math.nan, 5.0), (1.0, -1.0), (1e6, 1e6)])
    def test_bad_rates(self, call) -> None:
        with pytest.raises(CannotCompute):
            poisson_arrivals(*call)

    def test_bad_shapes(self) -> None:
        for hours in ([1.0] * 23, [0.0] * 24, [-1.0] * 24, [math.nan] * 24):
            with pytest.raises(CannotCompute, match="24 weights"):
                poisson_arrivals(1.0, 10.0, hours=hours)
        for cv in (0.0, math.inf):
            with pytest.raises(CannotCompute, match="cv"):
                gamma_arrivals(1.0, 10.0, cv)
        with pytest.raises(CannotCompute, match="tokens"):
            lognormal_tokens(0.2, 1.0, 5)


TRACES = {
    "azure": "TIMESTAMP,ContextTokens,GeneratedTokens\n2023-11-16 18:15:46.5,374,44\n2023-11-16 18:15:45.0,396,109\n",
    "mooncake": "timestamp_ms,input_length,output_length\n1500,374,44\n0,396,109\n",
    "burstgpt": "Timestamp,Model,Request tokens,Response tokens\n6.5,gpt,374,44\n5,gpt,396,109\n9,gpt,7,0\n",
    "vllm": "timestamp,input_length,output_length\n1500,374,44\n0,396,109\n",
    "vidur": "arrived_at,num_prefill_tokens,num_decode_tokens\n3.5,374,44\n2,396,109\n",
}
BAD_TRACES = {
    "": "is empty",
    "a,b\n1,2\n": "has no column arrival_s",
    "arrival_s,input_tokens,output_tokens\n": "holds no request",
    "arrival_s,input_tokens,output_tokens\n0,1,1\nx,1,1\n": 'line 3: got "x"',
    "arrival_s,input_tokens,output_tokens\n0,1,1\n1,,1\n": "line 3: got nan",
    "arrival_s,input_tokens,output_tokens\n0,1,-1\n": "line 2: got -1",
    f"arrival_s,input_tokens,output_tokens\n0,{'9' * 400},1\n": "line 2: got",
    f'{{"arrival_s": {"9" * 400}, "input_tokens": 1, "output_tokens": 1}}': "line 2: got a number of about 401 digits",
    "TIMESTAMP,ContextTokens,GeneratedTokens\nsoon,1,1\n": "line 2: got 'soon'; it takes a date",
}


class TestTraces:
    @pytest.mark.parametrize("form", TRACES)
    def test_every_known_form(self, form: str, tmp_path) -> None:
        path = tmp_path / "trace.csv"
        path.write_text(TRACES[form])
        read = read_trace(path)
        assert read.to_dict("list") == {
            "arrival_s": [0.0, pytest.approx(1.5)],
            "input_tokens": [396, 374],
            "output_tokens": [109, 44],
        }
        assert read_trace(path, scale=2)["arrival_s"].tolist() == [0.0, pytest.approx(0.75)]

    @pytest.mark.parametrize(
        "text",
        [
            '{"timestamp": 1500, "input_length": 374, "output_length": 44, "hash_ids": [1, 2]}\n'
            '{"timestamp": 0, "input_length": 396, "output_length": 109, "hash_ids": [1]}\n',
            '{"chat_id": 1, "timestamp": 61.5, "input_length": 374, "output_length": 44, "turn": 1}\n'
            '{"chat_id": 2, "timestamp": 60.0, "input_length": 396, "output_length": 109, "turn": 1}\n',
            '[{"time": "2026-01-01T00:00:01.500Z", "prompt_tokens": 374, "completion_tokens": 44},'
            '{"time": "2026-01-01T00:00:00Z", "prompt_tokens": 396, "completion_tokens": 109}]',
            "arrival_s;input_tokens;output_tokens\n1.5;374;44\n0;396;109\n",
            "TIMESTAMP,ContextTokens,GeneratedTokens\n"
            "2023-11-16T18:15:46.5+00:00,374,44\n2023-11-16 18:15:45,396,109\n",
            "timestamp,input_tokens,output_tokens\n1763310001.5,374,44\n1763310000,396,109\n",
        ],
        ids=["Mooncake", "Bailian", "array", "semicolons", "mixed dates", "seconds since 1970"],
    )
    def test_other_forms_are_read_too(self, text: str, tmp_path) -> None:
        for encoding in ("utf-8", "utf-16"):
            path = tmp_path / "trace.txt"
            path.write_text(text, encoding=encoding)
            assert read_trace(path).to_dict("list") == {
                "arrival_s": [0.0, pytest.approx(1.5)],
                "input_tokens": [396, 374],
                "output_tokens": [109, 44],
            }

    def test_columns_can_be_named(self, tmp_path) -> None:
        path = tmp_path / "trace.csv"
        path.write_text("sent,in,out\n1500,374,44\n0,396,109\n")
        read = read_trace(path, columns="arrival=sent:ms,input=in,output=out")
        assert read["arrival_s"].tolist() == [0.0, pytest.approx(1.5)]
        assert read_trace(path, columns="arrival=sent,input=in,output=out")["arrival_s"].iloc[1] == 1500
        for wrong, line in (
            ("arrival=sent,input=no,output=out", "has no column no; it has sent, in and out"),
            ("when=sent", "got 'when=sent'; it takes arrival=NAME,input=NAME,output=NAME"),
        ):
            with pytest.raises(CannotCompute) as caught:
                read_trace(path, columns=wrong)
            assert line in str(caught.value)

    @pytest.mark.parametrize(("text", "line"), BAD_TRACES.items(), ids=BAD_TRACES.values())
    def test_bad_traces_get_one_line(self, text: str, line: str, tmp_path) -> None:
        path = tmp_path / "trace.csv"
        path.write_text(text)
        with pytest.raises(CannotCompute) as caught:
            read_trace(path)
        assert line in str(caught.value)
        assert "\n" not in str(caught.value)

    def test_azures_conversations_on_a_plausible_fleet(self) -> None:
        trace = read_trace(reference("traces/AzureLLMInferenceTrace_2023_conv.csv"))
        assert len(trace) == 19_366
        served, summary = switchpoint.serve(trace, replica=EngineLimits(token_budget=2048), step_time=STEPS, replicas=4)
        assert summary.verdict == "stable"
        assert len(served) == summary.requests == 19_366


def test_a_router_may_be_named_with_spaces_or_underscores() -> None:
    requests = pd.DataFrame({"arrival_s": [0.0, 0.1, 0.2], "input_tokens": [64] * 3, "output_tokens": [16] * 3})
    told = [
        switchpoint.serve(requests, step_time=AffineSteps(), replicas=2, router=name).requests["replica"].tolist()
        for name in ("round-robin", "round_robin", "round robin")
    ]
    assert told == [[0, 1, 0]] * 3
