"""Where queueing theory knows the answer, the serving simulation gives it."""

import heapq
import math
from collections.abc import Callable

import numpy as np
import pytest
from scipy import stats

from switchpoint.serving.batch import EngineLimits
from switchpoint.serving.fleet import FleetPlan
from switchpoint.serving.serve import RequestOutcomes, run
from switchpoint.serving.step_time import AffineSteps

pytestmark = pytest.mark.slow

STEP_S = 1e-3
TOKENS = 2000
"""Mean service in decode steps; the token that a prompt gives takes one more."""
SERVICE_S = TOKENS * STEP_S
RUNS, REQUESTS, WARM_UP = 40, 6000, 1500
LIKE = 2
"""Runs that are simulated too, request by request as the plain queue has them."""
TOGETHER_S = 0.2
"""How far a request may be off where several are served at a time: they begin and end at whole steps of them all."""
CONSTANT = AffineSteps(STEP_S * 1e9, 0.0, 0.0, 0.0)
SHARED = AffineSteps(0.0, STEP_S * 1e9, 0.0, 0.0)
Queue = Callable[[np.ndarray, np.ndarray], np.ndarray]


def limits(places: int) -> EngineLimits:
    return EngineLimits(kv_blocks=100_000_000, max_running=places, scheduler="prefill-first")


def drawn(load: float, fixed: bool, servers: int) -> tuple[np.ndarray, np.ndarray]:
    """Moments of arrival in seconds and service in decode steps, a row a request and a column an independent run."""
    runs = [np.random.default_rng(seed) for seed in np.random.SeedSequence(7).spawn(RUNS)]
    arrivals = [rng.exponential(SERVICE_S / (load * servers), REQUESTS).cumsum() for rng in runs]
    work = [np.full(REQUESTS, TOKENS) if fixed else np.rint(rng.exponential(TOKENS, REQUESTS)) for rng in runs]
    return np.stack(arrivals, axis=1), np.stack(work, axis=1).astype(int)


def agrees(queue: Queue, plan: FleetPlan, load: float, expected: float, fixed: bool = False, servers: int = 1) -> None:
    """The plain queue has the mean that theory knows, and the simulation is the plain queue, request by request."""
    arrivals, work = drawn(load, fixed, servers)
    waits = queue(arrivals, in_system(work))
    has_mean(waits[WARM_UP:].mean(axis=0), expected)
    for each in range(LIKE):
        outcome = simulated(arrivals[:, each], work[:, each], plan, CONSTANT)
        in_steps = plan.limits.max_running > 1
        alike(outcome.wait_s, waits[:, each], TOGETHER_S if in_steps else 1e-9)


def simulated(arrivals: np.ndarray, work: np.ndarray, plan: FleetPlan, steps: AffineSteps) -> RequestOutcomes:
    return run(arrivals, np.ones(len(arrivals)), work + 1, plan, steps)[0]


def in_system(work: np.ndarray) -> np.ndarray:
    """Service in seconds: the first token, which the prompt gives, takes a step too."""
    return (work + 1) * STEP_S


def alike(found: np.ndarray, plain: np.ndarray, within: float) -> None:
    """No request is further off than that, and their mean by less than a hundredth of itself."""
    assert abs(found - plain).max() < within
    assert abs(found.mean() - plain.mean()) < 0.01 * plain.mean()


def has_mean(found: np.ndarray, expected: float) -> None:
    """The expected mean lies in the 99 % confidence interval of the runs, and that is narrow."""
    half = stats.t.ppf(0.995, len(found) - 1) * found.std(ddof=1) / len(found) ** 0.5
    assert abs(found.mean() - expected) < half
    assert half < 0.1 * expected


# Plain queues, in all runs at once -----------------------------------------------------------------------------------


def of_servers(servers: int) -> Queue:
    """Waits where whoever comes next goes to the server that is free first."""

    def waits(arrivals: np.ndarray, service: np.ndarray) -> np.ndarray:
        free, found = np.zeros((servers, arrivals.shape[1])), np.empty_like(arrivals)
        every = np.arange(arrivals.shape[1])
        for request, (came, takes) in enumerate(zip(arrivals, service, strict=True)):
            first = free.argmin(axis=0)
            begins = np.maximum(came, free[first, every])
            found[request], free[first, every] = begins - came, begins + takes
        return found

    return waits


def in_turn(servers: int) -> Queue:
    """Waits where each server has a queue of its own, and they take requests in turn."""

    def waits(arrivals: np.ndarray, service: np.ndarray) -> np.ndarray:
        found = np.empty_like(arrivals)
        for server in range(servers):
            own = slice(server, None, servers)
            found[own] = of_servers(1)(arrivals[own], service[own])
        return found

    return waits


def shared(arrivals: np.ndarray, service: np.ndarray) -> np.ndarray:
    """Times in a system whose one server is shared by all in it, of one run."""
    done, now, each, inside = np.empty_like(arrivals), 0.0, 0.0, []
    """`each` is the service that everybody has had who was there all the time."""
    for request, came in enumerate([*arrivals, math.inf]):
        while inside and now + (inside[0][0] - each) * len(inside) <= came:
            had, leaves = heapq.heappop(inside)
            now, each = now + (had - each) * (len(inside) + 1), had
            done[leaves] = now
        if inside:
            each += (came - now) / len(inside)
        now = came
        if request < len(arrivals):
            heapq.heappush(inside, (each + service[request], request))
    return done - arrivals


def erlang_c(servers: int, offered: float) -> float:
    """The probability of having to wait in M/M/c."""
    terms = [offered**n / math.factorial(n) for n in range(servers)]
    last = offered**servers / math.factorial(servers) * servers / (servers - offered)
    return last / (sum(terms) + last)


@pytest.mark.parametrize("load", [0.4, 0.7])
def test_m_m_1(load: float) -> None:
    agrees(of_servers(1), FleetPlan(limits(1)), load, load / (1 - load) * SERVICE_S)


@pytest.mark.parametrize("load", [0.4, 0.7])
def test_m_d_1(load: float) -> None:
    agrees(of_servers(1), FleetPlan(limits(1)), load, load / (1 - load) / 2 * SERVICE_S, fixed=True)


@pytest.mark.parametrize("servers", [2, 5])
def test_m_m_c_of_replicas_with_one_queue(servers: int) -> None:
    plan = FleetPlan(limits(1), servers, "shared-queue")
    expected = erlang_c(servers, 0.7 * servers) / (servers * 0.3) * SERVICE_S
    agrees(of_servers(servers), plan, 0.7, expected, servers=servers)


def test_m_m_c_of_places_in_one_replica() -> None:
    expected = erlang_c(4, 0.7 * 4) / (4 * 0.3) * SERVICE_S
    agrees(of_servers(4), FleetPlan(limits(4)), 0.7, expected, servers=4)


def test_processor_sharing() -> None:
    """Where a step takes as long as its batch is large, a replica is shared: the time in system is 1/(μ - λ)."""
    arrivals, work = drawn(0.6, False, 1)
    times = np.stack([shared(*each) for each in zip(arrivals.T, in_system(work.T), strict=True)], axis=1)
    has_mean(times[WARM_UP:].mean(axis=0), SERVICE_S / 0.4)
    for each in range(LIKE):
        outcome = simulated(arrivals[:, each], work[:, each], FleetPlan(limits(1000)), SHARED)
        alike(outcome.e2e_s, times[:, each], TOGETHER_S)


def test_round_robin_is_several_queues_of_erlang_arrivals() -> None:
    """Two replicas in turn: waiting in E2/M/1 is σ/(1 - σ), with σ the root of σ = (2λ/(2λ + μ(1 - σ)))²."""
    load, root = 0.7, 0.5
    for _ in range(200):
        root = (2 * load / (2 * load + 1 - root)) ** 2
    plan = FleetPlan(limits(1), 2, "round-robin")
    agrees(in_turn(2), plan, load, root / (1 - root) * SERVICE_S, servers=2)


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
