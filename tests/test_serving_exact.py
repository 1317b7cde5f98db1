"""Leaping equals taking every step, to the tick; and a simulator written by others comes to the same moments."""

import csv
import os
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from switchpoint.serving.batch import EngineLimits, Pace, Request, TickClock, ticks
from switchpoint.serving.fleet import FleetPlan, Outage, ServingFleet
from switchpoint.serving.serve import run
from switchpoint.serving.step_time import AffineSteps, GridSteps
from tests.effort import tries
from tests.serving_twin import Twin

pytestmark = pytest.mark.slow

ROOT = Path(__file__).resolve().parent.parent
SHARED = Path(os.environ.get("SWITCHPOINT_SHARED", ROOT.parent / "shared"))
STEPS = AffineSteps(overhead_ns=6_123_456.7, sequence_ns=31_234.5, kv_token_ns=23.4567, prompt_token_ns=41_111.1)


def reference(name: str) -> Path:
    """A file of the reference runs; where they are not there, the test is skipped."""
    if not (SHARED / name).exists():
        pytest.skip(f"no {name} in {SHARED}; SWITCHPOINT_SHARED names another folder")
    return SHARED / name


def leaping(rows, plan, step_time):
    requests = [Request(n, ticks(at), tokens, more) for n, (at, tokens, more) in enumerate(rows)]
    env = TickClock(min((request.arrival for request in requests), default=0))
    longest = max((tokens + more for _, tokens, more in rows), default=1)
    fleet = ServingFleet(env, plan, Pace(step_time, longest))
    fleet.serve(sorted(requests, key=lambda request: request.arrival))
    return requests


def moments(requests):
    return [(r.start, r.first, r.finish, r.waited, r.restarts, r.replica) for r in requests]


def mixed_rows(number, rate, seed, longest=3000):
    rng = np.random.default_rng(seed)
    arrivals = rng.exponential(1 / rate, number).cumsum()
    inputs = rng.lognormal(5.5, 1.0, number).astype(int).clip(1, longest)
    outputs = rng.lognormal(4.5, 1.0, number).astype(int).clip(1, 1000)
    return list(zip(arrivals.tolist(), inputs.tolist(), outputs.tolist(), strict=True))


OUTAGES = (Outage(20.0, 0, 5.0, 30.0), Outage(31.7, 1), Outage(60.0, 2, 0.0, 4.0), Outage(61.0, 2))
CASES = {
    "stable": (6.0, {}, {}),
    "overloaded": (40.0, {"max_running": 32}, {}),
    "preemption": (12.0, {"kv_blocks": 400}, {}),
    "no watermark": (12.0, {"kv_blocks": 270, "watermark": 0.0}, {}),
    "odd blocks": (9.0, {"kv_blocks": 900, "block_tokens": 7}, {}),
    "one place": (0.8, {"max_running": 1, "token_budget": 500}, {}),
    "three replicas": (18.0, {}, {"replicas": 3}),
    "round robin": (30.0, {"kv_blocks": 500}, {"replicas": 4, "router": "round-robin"}),
    "shared queue": (25.0, {"max_running": 20}, {"replicas": 3, "router": "shared-queue"}),
    "outages": (18.0, {"kv_blocks": 600}, {"replicas": 4, "outages": OUTAGES}),
    "outages of a shared queue": (15.0, {}, {"replicas": 3, "router": "shared-queue", "outages": OUTAGES}),
}


def enough(case: str) -> int:
    """Requests until a case has come to what it is about many times; outages take a minute."""
    return 1000 if "outages" in case else 300 if case == "one place" else 500


@pytest.mark.parametrize("scheduler", ["prefill-first", "chunked"])
@pytest.mark.parametrize("case", CASES)
def test_leaping_equals_every_step(case: str, scheduler: str) -> None:
    rate, limits, fleet = CASES[case]
    limits = {"token_budget": 4096 if scheduler == "prefill-first" else 700} | limits
    plan = FleetPlan(EngineLimits(scheduler=scheduler, **limits), **fleet)
    rows = mixed_rows(enough(case), rate, seed=len(case))
    assert moments(leaping(rows, plan, STEPS)) == moments(Twin(plan, STEPS).serve(rows))


@pytest.mark.parametrize("kv_blocks", [30_208, 800])
@pytest.mark.parametrize("replicas", [1, 3])
def test_prompts_of_many_steps(replicas: int, kv_blocks: int) -> None:
    """One event for the steps in which a prompt takes the whole budget; outages fall into the middle of them."""
    plan = FleetPlan(EngineLimits(kv_blocks, max_running=24, token_budget=128), replicas, outages=OUTAGES[:replicas])
    rows = [(at, 20 * tokens % 12_001 + 1, more) for at, tokens, more in mixed_rows(300, 1.8 * replicas, seed=replicas)]
    leapt = leaping(rows, plan, STEPS)
    assert moments(leapt) == moments(Twin(plan, STEPS).serve(rows))
    assert (kv_blocks > 30_000) or any(request.restarts for request in leapt)


@pytest.mark.parametrize(("scheduler", "number"), [("prefill-first", 2000), ("chunked", 5000)])
def test_thousands_of_requests_with_everything(scheduler: str, number: int) -> None:
    plan = FleetPlan(EngineLimits(kv_blocks=700, scheduler=scheduler, token_budget=2048), replicas=3, outages=OUTAGES)
    rows = mixed_rows(number, 22.0, seed=5)
    leapt = leaping(rows, plan, STEPS)
    assert moments(leapt) == moments(Twin(plan, STEPS).serve(rows))
    assert sum(request.restarts for request in leapt) > 100


@st.composite
def small_cases(draw):
    """Few requests at whole tenths of seconds, tight memory, steps of whole tenths too: everything coincides."""
    scheduler = draw(st.sampled_from(["prefill-first", "chunked"]))
    limits = EngineLimits(
        kv_blocks=draw(st.integers(14, 40)),
        block_tokens=draw(st.sampled_from([1, 2, 4])),
        max_running=draw(st.integers(1, 6)),
        scheduler=scheduler,
        token_budget=draw(st.integers(6, 16)),
        watermark=draw(st.sampled_from([0.0, 0.1])),
    )
    replicas = draw(st.integers(1, 3))
    router = draw(st.sampled_from(["least-loaded", "round-robin", "shared-queue"]))
    tenths = st.integers(0, 30).map(lambda n: n / 10)
    rows = draw(st.lists(st.tuples(tenths, st.integers(1, 6), st.integers(1, 6)), max_size=12))
    outage = st.builds(Outage, tenths, st.integers(0, 2), tenths, tenths)
    plan = FleetPlan(limits, replicas, router, outages=tuple(draw(st.lists(outage, max_size=3))))
    return rows, plan, AffineSteps(1e8, draw(st.sampled_from([0.0, 1e8])), 0.0, draw(st.sampled_from([0.0, 1e8])))


@pytest.mark.slow
@given(small_cases())
@settings(max_examples=tries(150, 2000), suppress_health_check=[HealthCheck.too_slow])
def test_every_small_case(case) -> None:
    rows, plan, steps = case
    assert moments(leaping(rows, plan, steps)) == moments(Twin(plan, steps).serve(rows))


@given(small_cases())
def test_every_request_ends_exactly_once_and_tokens_add_up(case) -> None:
    rows, plan, steps = case
    at, tokens, more = np.array(rows, dtype=float).reshape(-1, 3).T
    outcome, summary = run(at, tokens, more, plan, steps)
    twin = Twin(plan, steps)
    twin.serve(rows)
    assert len(outcome.finish_s) == summary.requests == len(rows)
    assert (outcome.wait_s >= 0).all()
    assert (outcome.ttft_s >= outcome.wait_s * (outcome.restarts == 0) - 1e-12).all()
    assert (outcome.e2e_s >= outcome.ttft_s).all()
    assert all(np.isfinite(value) for value in summary.as_dict().values() if not isinstance(value, str))
    assert 0 <= summary.utilisation <= 1
    span = summary.span_s
    assert summary.output_tokens_per_second * span == pytest.approx(more.sum())
    assert summary.input_tokens_per_second * span == pytest.approx(tokens.sum())
    assert summary.mean_queue * span == pytest.approx(twin.queued / 65536e9, abs=1e-9)
    assert summary.mean_in_system * span == pytest.approx(twin.inside / 65536e9, abs=1e-9)


def test_blocks_and_tokens_are_all_given_back() -> None:
    plan = FleetPlan(EngineLimits(kv_blocks=400, token_budget=500))
    env = TickClock()
    fleet = ServingFleet(env, plan, Pace(STEPS, 4000))
    fleet.serve([Request(n, ticks(at), *tokens) for n, (at, *tokens) in enumerate(mixed_rows(500, 12.0, seed=3))])
    batch = fleet.open[0].batch
    assert (batch.kv, batch.bound, batch.prompts, batch.whole, set(batch.remainders)) == (0, 0, 0, 0, {0})
    assert (batch.running, batch.ends, batch.filling) == ({}, [], [])


@pytest.mark.parametrize(
    "tag", ["fixed512x256_q4_n1000", "fixed512x256_q8_n1000_b1500", "zipf_q4_n1000", "zipf_q8_n1000"]
)
def test_another_simulator_comes_to_the_same_moments(tag: str) -> None:
    """Vidur's vLLM-style scheduler, on the same step times; its clock is a sum of floats."""
    steps = GridSteps.read(reference("vidur/step_tables_llama3_8b_a100.npz"))
    with reference(f"vidur/requests_{tag}.csv").open() as file:
        theirs = list(csv.DictReader(file))
    original = {"num_prefill_tokens": 512, "num_decode_tokens": 256} if "b1500" in tag else {}
    rows = [
        (float(row["arrived_at"]), *(int((row | original)[f"num_{part}_tokens"]) for part in ("prefill", "decode")))
        for row in theirs
    ]
    limits = EngineLimits(kv_blocks=1500 if "b1500" in tag else 30_208, scheduler="prefill-first")
    ours = leaping(rows, FleetPlan(limits), steps)
    for name, column in (("start", "scheduled_at"), ("first", "prefill_completed_at"), ("finish", "completed_at")):
        gaps = [getattr(one, name) / 65536e9 - float(other[column]) for one, other in zip(ours, theirs, strict=True)]
        assert max(map(abs, gaps)) < 1e-9
    assert [request.restarts for request in ours] == [int(row["num_restarts"]) for row in theirs]
