"""Where queueing theory knows the answer, the serving simulation gives it."""

import math

import numpy as np
import pytest
from scipy import stats

from switchpoint.serving.batch import EngineLimits
from switchpoint.serving.fleet import FleetPlan
from switchpoint.serving.serve import run
from switchpoint.serving.step_time import AffineSteps

pytestmark = pytest.mark.slow

STEP_S = 1e-3
TOKENS = 2000
"""Mean service in decode steps; prompts cost nothing, and the token that a prompt gives comes at once."""
SERVICE_S = TOKENS * STEP_S
RUNS, REQUESTS, WARM_UP = 40, 6000, 1500
CONSTANT = AffineSteps(STEP_S * 1e9, 0.0, 0.0, 0.0)
SHARED = AffineSteps(0.0, STEP_S * 1e9, 0.0, 0.0)


def limits(places: int) -> EngineLimits:
    return EngineLimits(kv_blocks=100_000_000, max_running=places, scheduler="prefill-first")


def waits(load: float, plan: FleetPlan, fixed: bool = False, servers: int = 1, steps=CONSTANT, which: str = "wait_s"):
    """Mean waiting times of independent runs."""
    found = []
    for seed in np.random.SeedSequence(7).spawn(RUNS):
        rng = np.random.default_rng(seed)
        arrivals = rng.exponential(SERVICE_S / (load * servers), REQUESTS).cumsum()
        work = np.full(REQUESTS, TOKENS) if fixed else np.rint(rng.exponential(TOKENS, REQUESTS)).astype(int)
        outcome, _ = run(arrivals, np.ones(REQUESTS), work + 1, plan, steps)
        found.append(getattr(outcome, which)[WARM_UP:].mean())
    return np.array(found)


def agrees(found, expected: float) -> None:
    """The expected mean lies in the 99 % confidence interval of the runs, and that is narrow."""
    half = stats.t.ppf(0.995, len(found) - 1) * found.std(ddof=1) / len(found) ** 0.5
    assert abs(found.mean() - expected) < half
    assert half < 0.1 * expected


def erlang_c(servers: int, offered: float) -> float:
    """The probability of having to wait in M/M/c."""
    terms = [offered**n / math.factorial(n) for n in range(servers)]
    last = offered**servers / math.factorial(servers) * servers / (servers - offered)
    return last / (sum(terms) + last)


@pytest.mark.parametrize("load", [0.4, 0.7])
def test_m_m_1(load: float) -> None:
    agrees(waits(load, FleetPlan(limits(1))), load / (1 - load) * SERVICE_S)


@pytest.mark.parametrize("load", [0.4, 0.7])
def test_m_d_1(load: float) -> None:
    agrees(waits(load, FleetPlan(limits(1)), fixed=True), load / (1 - load) / 2 * SERVICE_S)


@pytest.mark.parametrize("servers", [2, 5])
def test_m_m_c_of_replicas_with_one_queue(servers: int) -> None:
    plan = FleetPlan(limits(1), servers, "shared-queue")
    expected = erlang_c(servers, 0.7 * servers) / (servers * 0.3) * SERVICE_S
    agrees(waits(0.7, plan, servers=servers), expected)


def test_m_m_c_of_places_in_one_replica() -> None:
    expected = erlang_c(4, 0.7 * 4) / (4 * 0.3) * SERVICE_S
    agrees(waits(0.7, FleetPlan(limits(4)), servers=4), expected)


def test_processor_sharing() -> None:
    """Where a step takes as long as its batch is large, a replica is shared: the time in system is 1/(μ - λ)."""
    agrees(waits(0.6, FleetPlan(limits(1000)), steps=SHARED, which="e2e_s"), SERVICE_S / 0.4)


def test_round_robin_is_several_queues_of_erlang_arrivals() -> None:
    """Two replicas in turn: waiting in E2/M/1 is σ/(1 - σ), with σ the root of σ = (2λ/(2λ + μ(1 - σ)))²."""
    load, root = 0.7, 0.5
    for _ in range(200):
        root = (2 * load / (2 * load + 1 - root)) ** 2
    found = waits(load, FleetPlan(limits(1), 2, "round-robin"), servers=2)
    agrees(found, root / (1 - root) * SERVICE_S)


@pytest.mark.parametrize("rate", [2.0, 8.0, 20.0])
@pytest.mark.parametrize("scheduler", ["chunked", "prefill-first"])
def test_littles_law(rate: float, scheduler: str) -> None:
    """The mean number in the system, counted over time, is the rate times the mean time in it."""
    rng = np.random.default_rng(3)
    arrival = rng.exponential(1 / rate, 2000).cumsum()
    plan = FleetPlan(EngineLimits(scheduler=scheduler, kv_blocks=3000), replicas=2)
    outcome, summary = run(arrival, rng.integers(1, 2000, 2000), rng.integers(1, 500, 2000), plan, AffineSteps())
    moments = np.concatenate([outcome.arrival_s, outcome.finish_s])
    order = np.argsort(moments, kind="stable")
    inside = np.repeat([1, -1], 2000)[order].cumsum()
    counted = (inside[:-1] * np.diff(moments[order])).sum() / summary.span_s
    assert counted == pytest.approx(summary.requests_per_second * outcome.e2e_s.mean(), rel=1e-9)
    assert counted == pytest.approx(summary.mean_in_system, rel=1e-9)
