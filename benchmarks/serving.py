"""How fast requests are served in simulation, against a textbook of SimPy: python benchmarks/serving.py

The textbook has a process per request and an event per iteration, as SimPy's own examples would have it: a request
waits for each of its tokens. A leaner form of it wakes a request for its first and last token only, and the engine
counts the others. All get the same requests and step times, all end in the same percentiles, and their moments are
checked to be the same, tick for tick. Machines are shared and noisy, so every figure is a ratio of medians of
interleaved rounds.
"""

from __future__ import annotations

import sys
from collections import deque
from collections.abc import Generator, Iterator
from functools import partial
from math import ceil
from typing import Any

import numpy as np
from interleaved import medians
from simpy import Environment, Event

from switchpoint.horizon import Floats, Ints
from switchpoint.serving.batch import TICKS_PER_NS, TICKS_PER_S, EngineLimits, ticks
from switchpoint.serving.fleet import FleetPlan
from switchpoint.serving.serve import percentiles, run
from switchpoint.serving.step_time import AffineSteps

STEPS = AffineSteps(overhead_ns=10.5e6, sequence_ns=6e4, kv_token_ns=25.0, prompt_token_ns=5e4)
"""About an 8-billion model on one A100."""
SHAPES = {(512, 256): 6.5, (512, 2048): 0.85}
"""Tokens of a request, and requests per second that keep the replica four fifths full."""
ROUNDS = 7


class Job:
    """A request of the textbook."""

    def __init__(self, env: Environment, prompt: int, output: int) -> None:
        self.prompt, self.total = prompt, prompt + output
        self.filled = self.done = self.blocks = 0
        self.first_token = Event(env)
        self.complete = Event(env)


class Engine:
    """A replica of the textbook: one process, one timeout per iteration."""

    def __init__(self, env: Environment, limits: EngineLimits, longest: int, lean: bool) -> None:
        self.env, self.limits, self.longest, self.lean = env, limits, longest, lean
        self.queue: deque[Job] = deque()
        self.running: list[Job] = []
        self.free = limits.kv_blocks
        self.wake = Event(env)
        self.token = Event(env)
        """The end of an iteration that decodes."""
        self.rows: dict[int, list[int]] = {}
        env.process(self.iterate())

    def submit(self, job: Job) -> None:
        self.queue.append(job)
        if not self.wake.triggered:
            self.wake.succeed()

    def iterate(self) -> Generator[Event, Any, None]:
        while True:
            if not self.queue and not self.running:
                self.wake = Event(self.env)
                yield self.wake
            mixed = self.limits.mixes_prompts
            decoding = [job for job in self.running if job.done] if mixed or not self.room() else []
            self.take_blocks(decoding)
            chunks = list(self.chunks(len(decoding)))
            mean = sum(job.done for job in decoding) // len(decoding) if decoding else 0
            if chunks:
                parts = tuple((tokens, job.filled) for job, tokens in chunks)
                yield self.env.timeout(round(STEPS.mixed_ns(len(decoding), mean, parts) * TICKS_PER_NS))
            else:
                yield self.env.timeout(self.row(len(decoding))[mean])
            if self.lean:
                for job in decoding:
                    job.done += 1
            elif decoding:
                ended, self.token = self.token, Event(self.env)
                ended.succeed()
                yield self.env.timeout(0)
            for job, tokens in chunks:
                self.fill(job, tokens)
            for job in [job for job in self.running if job.done == job.total]:
                self.running.remove(job)
                self.free += job.blocks
                job.complete.succeed()

    def row(self, batch: int) -> list[int]:
        if batch not in self.rows:
            steps = STEPS.decode_ns(batch, np.arange(self.longest))
            self.rows[batch] = np.rint(steps * TICKS_PER_NS).astype(np.int64).tolist()
        return self.rows[batch]

    def room(self) -> bool:
        if not self.queue or len(self.running) >= self.limits.max_running:
            return False
        return self.free - ceil(self.queue[0].prompt / self.limits.block_tokens) >= self.limits.spare

    def chunks(self, decoding: int) -> Iterator[tuple[Job, int]]:
        """Prompt tokens to compute, those of requests not yet admitted last."""
        left, admitted, longest = self.limits.token_budget - decoding, 0, 0
        for job in [job for job in self.running if not job.done]:
            if left:
                left -= (tokens := min(left, job.prompt - job.filled))
                yield job, tokens
        while left > 0 and self.room():
            job = self.queue[0]
            longest, admitted = max(longest, job.prompt), admitted + 1
            if not self.limits.mixes_prompts and admitted > 1 and admitted * longest > self.limits.token_budget:
                return
            self.running.append(self.queue.popleft())
            job.blocks = ceil(job.prompt / self.limits.block_tokens)
            self.free -= job.blocks
            tokens = min(left, job.prompt) if self.limits.mixes_prompts else job.prompt
            left -= tokens if self.limits.mixes_prompts else 0
            yield job, tokens

    def fill(self, job: Job, tokens: int) -> None:
        job.filled += tokens
        if job.filled == job.prompt:
            job.done = job.prompt + 1
            job.first_token.succeed()

    def take_blocks(self, decoding: list[Job]) -> None:
        """A block for each that has filled its last one; the benchmark leaves memory for all."""
        for job in decoding:
            if job.blocks * self.limits.block_tokens < job.done:
                job.blocks += 1
                self.free -= 1
        assert self.free > 0


def textbook(
    arrival: Floats, inputs: Ints, outputs: Ints, limits: EngineLimits, lean: bool = False
) -> tuple[list[int], dict[str, float]]:
    """Completions in ticks, and percentiles."""
    env = Environment()
    engine = Engine(env, limits, int((inputs + outputs).max()), lean)
    moments: list[tuple[int, int, int]] = [(0, 0, 0)] * len(arrival)

    def request(number: int, prompt: int, output: int) -> Generator[Event, Any, None]:
        began, job = env.now, Job(env, prompt, output)
        engine.submit(job)
        yield job.first_token
        first = env.now
        while not lean and job.done < job.total:
            yield engine.token
            job.done += 1
        yield job.complete
        moments[number] = (began, first, env.now)

    def source() -> Generator[Event, Any, None]:
        rows = zip(arrival.tolist(), inputs.tolist(), outputs.tolist(), strict=True)
        for number, (at, prompt, output) in enumerate(rows):
            yield env.timeout(ticks(at) - env.now)
            env.process(request(number, prompt, output))

    env.process(source())
    env.run()
    began, first, finish = np.array(moments, dtype=float).T / TICKS_PER_S
    gaps = (finish - first) / (outputs - 1)
    figures = percentiles("ttft", first - began) | percentiles("tpot", gaps) | percentiles("e2e", finish - began)
    return [finish for _, _, finish in moments], figures


def requests(number: int, inputs: int, outputs: int, rate: float, seed: int = 1) -> tuple[Floats, Ints, Ints]:
    arrival = np.random.default_rng(seed).exponential(1 / rate, number).cumsum()
    return arrival, np.full(number, inputs), np.full(number, outputs)


def against_textbook(number: int, rounds: int) -> None:
    for scheduler in ("prefill-first", "chunked"):
        plan = FleetPlan(EngineLimits(scheduler=scheduler))
        for (inputs, outputs), rate in SHAPES.items():
            rows = requests(number, inputs, outputs, rate)
            outcome, summary = run(*rows, plan, STEPS)
            for lean in (False, True):
                finishes, _ = textbook(*rows, plan.limits, lean)
                assert np.array_equal(outcome.finish_s, np.array([tick / TICKS_PER_S for tick in finishes]))
            works = (
                partial(run, *rows, plan, STEPS),
                *(partial(textbook, *rows, plan.limits, i) for i in (False, True)),
            )
            ours, theirs, lean_ones = medians(rounds, *works)
            running = summary.mean_in_system - summary.mean_queue
            print(
                f"{inputs}/{outputs} tokens, {scheduler}, {running:.0f} running: {number / ours:,.0f} requests a "
                f"second, {theirs / ours:.1f} times the textbook, {lean_ones / ours:.1f} times its lean form"
            )


def against_number(number: int, rounds: int) -> None:
    plan = FleetPlan(EngineLimits())
    rate = SHAPES[512, 256]
    sizes = (number, 4 * number, 16 * number)
    lists = [requests(size, 512, 256, rate) for size in sizes]
    times = medians(rounds, *(lambda rows=rows: run(*rows, plan, STEPS) for rows in lists))
    each = [taken / size for taken, size in zip(times, sizes, strict=True)]
    more = ", ".join(f"{cost / each[0]:.2f} for {size:,}" for size, cost in zip(sizes, each, strict=True))
    print(f"cost of one request, by how many there are: {more}")


def main() -> None:
    number, rounds = (200, 1) if "--quick" in sys.argv else (2000, ROUNDS)
    against_textbook(number, rounds)
    against_number(number, rounds)


if __name__ == "__main__":
    main()
