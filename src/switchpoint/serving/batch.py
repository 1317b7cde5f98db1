"""What one engine holds at a time: its limits, sequences, KV blocks, requests, the tick clock and step ticks."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, fields
from functools import cached_property, lru_cache
from heapq import heapify, heappop, heappush
from numbers import Integral
from typing import Any, Protocol, TypeAlias, runtime_checkable

import numpy as np
from simpy import Environment, Event
from simpy.events import EventPriority

from switchpoint.errors import CannotCompute
from switchpoint.horizon import Floats, Ints
from switchpoint.text import count

# What one replica's engine may hold at a time ------------------------------------------------------------------------

SCHEDULERS = ("chunked", "prefill-first")


@dataclass(frozen=True)
class EngineLimits:
    """Memory, places and scheduler of one replica.

    Attributes:
        kv_blocks: blocks of KV cache.
        block_tokens: tokens in a block.
        max_running: sequences that run at a time.
        scheduler: "chunked" mixes prompt chunks into decode steps, up to `token_budget` tokens a step;
            "prefill-first" computes whole prompts while decoding waits, prompts times the longest up to `token_budget`.
        token_budget: tokens in a step; a longer prompt goes alone where prompts go whole.
        watermark: part of the blocks that an admission leaves free, so that those running can grow.
    """

    kv_blocks: int = 30_208
    block_tokens: int = 16
    max_running: int = 128
    scheduler: str = "chunked"
    token_budget: int = 4096
    watermark: float = 0.01

    def __post_init__(self) -> None:
        for name in ("kv_blocks", "block_tokens", "max_running", "token_budget"):
            value = getattr(self, name)
            if not isinstance(value, Integral) or int(value) < 1:
                raise CannotCompute(("replica", name), f"got {value!r}; it takes a whole number of at least 1")
        if self.scheduler not in SCHEDULERS:
            raise CannotCompute(("replica", "scheduler"), f"got {self.scheduler!r}; known are {', '.join(SCHEDULERS)}")
        if not 0 <= self.watermark < 1:
            raise CannotCompute(("replica", "watermark"), f"got {self.watermark!r}; it takes a part from 0 to below 1")
        if self.mixes_prompts and self.token_budget < self.max_running:
            text = (
                f"{self.token_budget} tokens are fewer than the {self.max_running} sequences that may decode in a step"
            )
            raise CannotCompute(("replica", "token_budget"), text)

    @staticmethod
    def of(given: EngineLimits | Mapping[str, Any]) -> EngineLimits:
        """Limits from a mapping of names to values; those left out keep their defaults."""
        if isinstance(given, EngineLimits):
            return given
        if not isinstance(given, Mapping):
            raise CannotCompute(("replica",), f"got {type(given).__name__}; it takes Limits or a mapping of its fields")
        known = [field.name for field in fields(EngineLimits)]
        for name in given:
            if name not in known:
                raise CannotCompute(("replica", str(name)), f"is not known; known are {', '.join(known)}")
        return EngineLimits(**given)

    @cached_property
    def mixes_prompts(self) -> bool:
        """Whether prompts are mixed into decode steps."""
        return self.scheduler == "chunked"

    @cached_property
    def spare(self) -> int:
        """Blocks that an admission leaves free."""
        return int(self.watermark * self.kv_blocks)

    def blocks(self, tokens: int) -> int:
        """Blocks that hold so many tokens."""
        return -(-tokens // self.block_tokens)

    def refuse(self, tokens: int) -> str | None:
        """Why a request of so many tokens in all could never be served; None where it can."""
        room = (self.kv_blocks - self.spare) * self.block_tokens
        if tokens <= room:
            return None
        return (
            f"{count(tokens)} tokens do not fit into the replica's KV cache, which takes {count(room)} of one request"
        )


# Sequences, KV blocks, requests, the tick clock and step ticks of one engine -----------------------------------------

TICKS_PER_NS = 1 << 16
"""The clock counts nanoseconds with 16 binary places: whole ones would drift by half a nanosecond a step."""
TICKS_PER_S = TICKS_PER_NS * 10**9

CHANGE, ARRIVAL, STEP = EventPriority(0), EventPriority(1), EventPriority(2)
"""What comes first at one tick: changes of the fleet, then arrivals, then the ends of steps, replica by replica."""


class TickClock(Environment):
    """SimPy's environment on whole ticks, for moments alone."""

    @property
    def now(self) -> int:
        """Ticks."""
        return self._now  # type: ignore[return-value]  # only whole delays are scheduled

    def run_out(self) -> None:
        """Let each moment come in its turn, until there is none; SimPy's own loop also asks each whether it failed."""
        queue = self._queue
        while queue:
            self._now, _, _, moment = heappop(queue)
            moment.call(moment)  # type: ignore[attr-defined]  # nothing else is scheduled


class Moment(Event):
    """A timeout with one call, which gets the moment itself; one that is out of date is simply not heeded."""

    def __init__(self, env: TickClock, delay: int, order: EventPriority, call: Callable[[Any], None]) -> None:
        self.call = call
        env.schedule(self, order, delay)


def ticks(seconds: float) -> int:
    """Seconds as whole ticks of the clock."""
    return round(seconds * TICKS_PER_S)


def in_seconds(moments: Iterable[int]) -> Floats:
    """Ticks as seconds."""
    return np.array([moment / TICKS_PER_S for moment in moments], dtype=np.float64)


UNSET = -(1 << 100)
"""A moment, or a number, that has not come to be."""


class Request:
    """One request, from its arrival to its last token. All moments are ticks of the clock.

    A request that is evicted, or whose replica fails, starts again with what it had generated as part of its prompt.
    """

    __slots__ = (
        "arrival",
        "end",
        "filled",
        "finish",
        "first",
        "joined",
        "number",
        "prompt",
        "replica",
        "restarts",
        "start",
        "total",
        "waited",
    )

    def __init__(self, number: int, arrival: int, input_tokens: int, output_tokens: int) -> None:
        self.number = number
        self.arrival = arrival
        self.joined = arrival
        """When it joined the queue that it is in."""
        self.prompt = input_tokens
        """Tokens to compute before the next one is generated."""
        self.total = input_tokens + output_tokens
        self.filled = 0
        """Tokens of the prompt that are computed."""
        self.end = 0
        """The replica's decode step after which it is complete."""
        self.start = self.first = self.finish = UNSET
        """When it was first admitted, had its first token, and its last."""
        self.waited = 0
        """Ticks spent in queues."""
        self.restarts = 0
        self.replica = UNSET
        """The replica that finished it, or last had it."""

    def __repr__(self) -> str:
        arrival = in_seconds([self.arrival])[0]
        return f"Request({self.number}, at {arrival:g} s, {self.filled} of {self.prompt} prompt, {self.total} tokens)"


class Batch:
    """The running sequences of a replica.

    A decoding sequence is complete after decode step `end`, so that after step s it has p = total - end + s tokens. It
    holds the blocks of p - 1 tokens, as the last one is written by the next step. What the batch holds after any step
    follows from its number, Σ floor((total - end)/size) and a count of the remainders.
    """

    def __init__(self, limits: EngineLimits) -> None:
        self.limits = limits
        self.size = limits.block_tokens
        self.running: dict[Request, None] = {}
        """Every sequence admitted, in the order of admission."""
        self.filling: list[Request] = []
        """Those whose prompts are not yet computed, in the order of admission."""
        self.ends: list[tuple[int, int, Request]] = []
        """Heap of those that decode, by the step after which they are complete."""
        self.step = 0
        """Decode steps done."""
        self.kv = 0
        """Tokens of the decoding sequences."""
        self.bound = 0
        """Blocks that all running sequences would take if none left before its end."""
        self.prompts = 0
        """Blocks of the sequences whose prompts are not yet computed."""
        self.whole = 0
        self.remainders = [0] * self.size

    def admit(self, request: Request) -> None:
        """Take a request in, with blocks for its whole prompt."""
        self.running[request] = None
        self.filling.append(request)
        self.prompts -= request.prompt // -self.size
        self.bound -= request.total // -self.size

    def blocks_after(self, step: int) -> int:
        """Blocks taken when the decoding sequences have gone on to a step, and nothing else has changed."""
        turns, part = divmod(step - 1, self.size)
        count = self.remainders
        partly = len(self.ends) + sum(count[self.size - part + 1 :]) if part else len(self.ends) - count[0]
        return self.prompts + self.whole + turns * len(self.ends) + partly

    def room_for(self, request: Request, steps: int = 0) -> bool:
        """Whether a request can be admitted, where those decoding are about to do so many steps."""
        limits = self.limits
        if len(self.running) >= limits.max_running:
            return False
        left = limits.kv_blocks - limits.spare
        if self.bound - request.total // -self.size <= left:
            return True
        return self.blocks_after(self.step + steps) - request.prompt // -self.size <= left

    def decode(self, request: Request) -> bool:
        """A prompt is computed and has given a token: decode from now on; False where that token was the last."""
        self.filling.remove(request)
        self.prompts += request.prompt // -self.size
        done = request.prompt + 1
        if done == request.total:
            self._forget(request)
            return False
        request.end = end = self.step + request.total - done
        self.kv += done
        self._count(request, 1)
        heappush(self.ends, (end, request.number, request))
        return True

    def advance(self, steps: int) -> list[Request]:
        """Give each decoding sequence so many tokens; those that are complete leave and are returned."""
        ends = self.ends
        self.kv += steps * len(ends)
        self.step = step = self.step + steps
        if not ends or ends[0][0] > step:
            return []
        done = []
        while ends and ends[0][0] == step:
            request = heappop(ends)[2]
            self.kv -= request.total
            self._count(request, -1)
            self._forget(request)
            done.append(request)
        return done

    def steps_with_room(self, steps: int) -> int:
        """How many of the next steps surely evict nobody, since they leave a free block."""
        last = self.limits.kv_blocks - 1
        if self.bound <= last or self.blocks_after(self.step + steps) <= last:
            return steps
        return max(0, bisect_right(range(steps), last, key=lambda more: self.blocks_after(self.step + more)) - 1)

    def make_room(self) -> list[Request]:
        """Evict until each decoding sequence, in the order of admission, finds a free block; those evicted, last first.

        A free block must be there even for a sequence that takes none in this step.
        """
        evicted = []
        taken = 0
        for request in [held for held in self.running if held.filled == held.prompt]:
            while request in self.running and self.blocks_after(self.step) + taken >= self.limits.kv_blocks:
                evicted.append(self.evict())
            if request in self.running and (request.total - request.end + self.step - 1) % self.size == 0:
                taken += 1
        return evicted

    def evict(self) -> Request:
        """Drop the sequence admitted last; what it has generated becomes part of its prompt."""
        request = next(reversed(self.running))
        self._forget(request)
        if request.filled == request.prompt:
            self._count(request, -1)
            self.ends = [entry for entry in self.ends if entry[2] is not request]
            heapify(self.ends)
            request.prompt = request.total - request.end + self.step
            self.kv -= request.prompt
        else:
            self.filling.remove(request)
            self.prompts += request.prompt // -self.size
        request.filled = 0
        request.restarts += 1
        return request

    def _forget(self, request: Request) -> None:
        del self.running[request]
        self.bound += request.total // -self.size

    def _count(self, request: Request, by: int) -> None:
        whole, rest = divmod(request.total - request.end, self.size)
        self.whole += by * whole
        self.remainders[rest] += by


LONGEST_NS = float((1 << 62) // TICKS_PER_NS)
"""What the steps of one table row may sum to, 19 hours."""
FIRST_ROW = 1024

Chunk: TypeAlias = tuple[int, int]
"""Prompt tokens of one sequence in a step, and how many of its tokens came before them."""


@runtime_checkable
class StepTime(Protocol):
    """The step times of an engine. Both are asked often; neither may depend on anything but its arguments."""

    def decode_ns(self, batch: int, mean_kv: Ints) -> Floats:
        """Steps in which `batch` sequences decode one token each.

        Args:
            batch: sequences, at least 1.
            mean_kv: cached tokens per sequence, averaged and rounded down; shape (n,).

        Returns:
            Nanoseconds, shape (n,).
        """

    def mixed_ns(self, batch: int, mean_kv: int, chunks: Sequence[Chunk]) -> float:
        """A step that works on prompts, while `batch` sequences (0 or more) decode one token each; nanoseconds."""


class Pace:
    """Step times in ticks: prefix sums per batch size, so that any number of decode steps costs one subtraction.

    Args:
        step_time: the engine's step times.
        longest: the most tokens that any sequence will hold.
    """

    def __init__(self, step_time: StepTime, longest: int) -> None:
        self.step_time = step_time
        self.longest = longest
        self.rows: dict[int, memoryview] = {}
        self.mixed = lru_cache(maxsize=1 << 15)(self._mixed_ticks)

    def row(self, batch: int, mean_kv: int) -> memoryview:
        """Prefix sums over mean KV: row[m + k] - row[m] are the ticks of k steps that start at a mean KV of m.

        The row reaches at least to `mean_kv`.
        """
        row = self.rows.get(batch)
        if row is None or len(row) <= mean_kv:
            row = self.rows[batch] = self._sums(batch, mean_kv)
        return row

    def _sums(self, batch: int, mean_kv: int) -> memoryview:
        length = max(mean_kv, min(self.longest, max(FIRST_ROW, 1 << mean_kv.bit_length())))
        steps = np.asarray(self.step_time.decode_ns(batch, np.arange(length)), dtype=np.float64)
        if not (steps.shape == (length,) and (steps >= 0).all() and steps.sum() < LONGEST_NS):
            raise CannotCompute(
                ("step_time",), f"decode steps of {batch} sequences are not all times that sum to less than 19 hours"
            )
        sums = np.zeros(length + 1, dtype=np.int64)
        np.rint(steps * TICKS_PER_NS).astype(np.int64).cumsum(out=sums[1:])
        return sums.data

    def _mixed_ticks(self, batch: int, mean_kv: int, chunks: tuple[Chunk, ...]) -> int:
        """Ticks of a step that works on prompts while `batch` sequences decode; remembered."""
        taken = self.step_time.mixed_ns(batch, mean_kv, chunks)
        if not 0 <= taken < LONGEST_NS:
            raise CannotCompute(("step_time",), f"a step on prompts takes {taken} ns, which is no time below 19 hours")
        return round(taken * TICKS_PER_NS)
