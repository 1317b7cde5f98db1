"""Serve a table of requests on a fleet of replicas, request by request."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from switchpoint.clock import Floats, Ints, Problem
from switchpoint.serving.changes import Autoscale, Outage
from switchpoint.serving.fleet import Fleet, Plan
from switchpoint.serving.limits import Limits
from switchpoint.serving.moment import TickClock, ticks
from switchpoint.serving.pace import Pace
from switchpoint.serving.request import Request
from switchpoint.serving.steps import StepTime
from switchpoint.serving.summary import Outcome, Summary, summarise
from switchpoint.words import listed

if TYPE_CHECKING:
    from pandas import DataFrame

COLUMNS = ("arrival_s", "input_tokens", "output_tokens")
LONGEST_S = 1e9
MOST_TOKENS = 100_000_000


class Served(NamedTuple):
    """The requests with what became of them, and what the run comes to."""

    requests: DataFrame
    summary: Summary


def serve(
    requests: DataFrame,
    *,
    replica: Limits | Mapping[str, Any] = Limits(),  # noqa: B008 - frozen
    step_time: StepTime,
    replicas: int = 1,
    router: str = "least-loaded",
    autoscale: Autoscale | None = None,
    outages: Sequence[Outage] = (),
) -> Served:
    """Simulate how a fleet serves requests; the same input gives the same output.

    Args:
        requests: a row per request: arrival_s (s), input_tokens and output_tokens (whole, at least 1).
        replica: what each replica's engine may hold, as Limits or a mapping of its fields.
        step_time: how long its steps take.
        replicas: how many there are at first.
        router: "least-loaded", "round-robin" or "shared-queue"; spaces and underscores do as well as hyphens.
        autoscale: how the number of replicas follows the load.
        outages: failures, and spot instances taken back.

    Returns:
        The requests with ttft_s, tpot_s (0 where there is one token), finish_s, wait_s, restarts and replica, in the
        same order and with the same index; and a summary of the run.

    Raises:
        Problem: the input cannot be served; one line says why.
    """
    from pandas import DataFrame

    if not isinstance(requests, DataFrame):
        raise Problem(("requests",), f"got {type(requests).__name__}; it takes a DataFrame with {listed(COLUMNS)}")
    for name in COLUMNS:
        if name not in requests.columns:
            raise Problem(("requests", name), f"is missing; it takes a column for each of {listed(COLUMNS)}")
    named = router.replace("_", "-").replace(" ", "-") if isinstance(router, str) else router
    plan = Plan(Limits.of(replica), replicas, named, autoscale, tuple(outages))
    arrival, inputs, outputs = (requests[name].to_numpy() for name in COLUMNS)
    outcome, summary = run(arrival, inputs, outputs, plan, step_time)
    new = {name: getattr(outcome, name) for name in ("ttft_s", "tpot_s", "finish_s", "wait_s", "restarts", "replica")}
    return Served(requests.assign(**new), summary)


def run(
    arrival_s: Any, input_tokens: Any, output_tokens: Any, plan: Plan, step_time: StepTime
) -> tuple[Outcome, Summary]:
    """The same on arrays of shape (requests,), without a table.

    Raises:
        Problem: the input cannot be served; one line says why.
    """
    if not isinstance(step_time, StepTime):
        raise Problem(("step_time",), f"got {type(step_time).__name__}; it takes an object with decode_ns and mixed_ns")
    arrival = _times(arrival_s)
    inputs, outputs = _tokens("input_tokens", input_tokens), _tokens("output_tokens", output_tokens)
    longest = _longest(inputs + outputs, plan.limits)
    rows = zip(arrival.tolist(), inputs.tolist(), outputs.tolist(), strict=True)
    requests = [Request(number, ticks(at), tokens, more) for number, (at, tokens, more) in enumerate(rows)]
    env = TickClock(min((request.arrival for request in requests), default=0))
    fleet = Fleet(env, plan, Pace(step_time, longest))
    fleet.serve(sorted(requests, key=lambda request: request.arrival))
    outcome = Outcome.of(requests, inputs, outputs)
    return outcome, summarise(outcome, fleet)


def _times(values: Any) -> Floats:
    arrival = _numbers("arrival_s", values)
    _refuse(~(np.abs(arrival) <= LONGEST_S), arrival, "arrival_s", "it takes finite seconds below 1e9 in size")
    return arrival


def _tokens(name: str, values: Any) -> Ints:
    tokens = _numbers(name, values)
    whole = (tokens >= 1) & (tokens <= MOST_TOKENS) & (np.floor(tokens) == tokens)
    _refuse(~whole, tokens, name, "it takes a whole number from 1 to 100,000,000")
    return tokens.astype(np.int64)


def _numbers(name: str, values: Any) -> Floats:
    try:
        return np.asarray(values, dtype=np.float64)
    except (TypeError, ValueError) as error:
        raise Problem(("requests", name), f"is not a column of numbers: {error}") from None


def _refuse(wrong: Any, values: Floats, name: str, right: str) -> None:
    if wrong.any():
        row = int(wrong.argmax())
        raise Problem(("requests", name), f"row {row}: got {values[row]:g}; {right}")


def _longest(totals: Ints, limits: Limits) -> int:
    """Tokens of the longest request, which must fit into a replica."""
    longest = int(totals.max(initial=1))
    if why := limits.refuse(longest):
        raise Problem(("requests",), f"row {int(totals.argmax())}: {why}")
    return longest
