"""The steady state of a replica that is kept busy with requests of one size: no simulation, one formula.

A replica runs `places` requests at a time, and whenever one ends the next takes its place. A request decodes in
output - 1 steps and is delayed by the prompts of the others meanwhile:

    life = first token + (output - 1)·decode step + others·prompt
    throughput = places·output/life

where `prompt` is what one more prompt adds to the steps that carry it, and each of the others has one in that time.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from switchpoint.clock import Floats
from switchpoint.serving.deployment import Deployment
from switchpoint.serving.efficiencies import Efficiencies
from switchpoint.serving.step_time import Work, step_seconds

MOST_SEQUENCES = 2048
"""Sequences that an engine runs at a time at most, as in the published runs."""
TOKEN_BUDGET = 8192
"""Tokens that an engine puts into a step at most, as in the published runs."""


@dataclass(frozen=True)
class Traffic:
    """Requests of one size; arrays broadcast against the deployment's."""

    input_tokens: Floats
    output_tokens: Floats
    concurrency: Floats
    """Requests in flight; infinite where all are queued at once."""


@dataclass(frozen=True)
class Steady:
    """How a replica serves them."""

    output_tokens_per_second: Floats
    """Of the whole replica."""
    ttft_s: Floats
    """Mean time to first token; with an infinite queue counted from admission."""
    tpot_s: Floats
    """Mean time per output token after the first."""
    places: Floats
    """Sequences that memory and engine let run at a time."""


def steady(on: Deployment, with_: Efficiencies, overhead: Floats | float, traffic: Traffic) -> Steady:
    """The steady state.

    Args:
        on: model and GPUs.
        with_: the fitted constants.
        overhead: the engine's factor on its own time.
        traffic: requests of one size.
    """
    inputs, outputs = traffic.input_tokens, traffic.output_tokens
    steps = np.maximum(outputs - 1, 1e-9)
    offline = np.isinf(traffic.concurrency)
    places = np.clip(np.floor(on.sequences(inputs + outputs)), 1, MOST_SEQUENCES)
    running = np.minimum(traffic.concurrency, places)
    batch = np.clip(TOKEN_BUDGET * steps / inputs, 1, running)
    others = np.where(offline, batch, np.maximum(running - 1, 0.0) * batch / running)
    kv = inputs + outputs / 2
    decode = step_seconds(on, with_, overhead, Work(batch, kv, np.zeros_like(batch), np.zeros_like(batch)))
    prompt = _prompt_seconds(on, with_, overhead, Work(batch, kv, inputs, inputs / 2), others / steps, decode)
    first = np.minimum(inputs, TOKEN_BUDGET)
    alone = step_seconds(on, with_, overhead, Work(batch, kv, first, inputs / 2)) * inputs / first
    own = alone + with_.request_ms * 1e-3
    life = (outputs - 1) * decode + others * prompt + np.where(offline, 0.0, own)
    rate = batch / life
    waiting = np.where(offline, 0.0, traffic.concurrency - running) / rate
    return Steady(
        output_tokens_per_second=rate * outputs,
        ttft_s=own + with_.waiting_share * others * prompt + waiting,
        tpot_s=decode + (1 - with_.waiting_share) * others * prompt / np.maximum(outputs - 1, 1.0),
        places=places,
    )


def _prompt_seconds(
    on: Deployment, with_: Efficiencies, overhead: Floats | float, whole: Work, per_step: Floats, decode: Floats
) -> Floats:
    """What one prompt adds, seconds.

    Prompts come in chunks of at least one prompt (where it fits the budget), at most the budget, else of as many tokens
    as arrive in a step.

    Args:
        on: model and GPUs.
        with_: the fitted constants.
        overhead: the engine's factor on its own time.
        whole: the sequences that decode meanwhile, with one whole prompt.
        per_step: prompts that arrive in a step, on average.
        decode: seconds of a step without prompts.
    """
    inputs = whole.prompt_tokens
    chunk = np.clip(per_step * inputs, np.minimum(inputs, TOKEN_BUDGET), TOKEN_BUDGET)
    mixed = step_seconds(on, with_, overhead, Work(whole.batch, whole.kv_tokens, chunk, whole.seen_tokens))
    seconds: Floats = (mixed - decode) * inputs / chunk
    return seconds
