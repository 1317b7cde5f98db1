"""One replica with continuous batching, which leaps: between admissions and completions, one event is many steps.

While the batch is constant, its mean KV grows by one token a step, so the time of k decode steps is a difference of two
prefix sums. A leap ends at the next completion, or where the KV cache might run out; an arrival that could be admitted
cuts it at the next step boundary. Steps in which one long prompt takes all of the token budget are one event too, as
nothing can be admitted in them. Every moment is the same, to the tick, as if each step had been taken on its own.
"""

from __future__ import annotations

from bisect import bisect_left
from collections import deque
from collections.abc import Callable, Sequence
from itertools import accumulate

from simpy.events import EventPriority

from switchpoint.serving.batch import STEP, UNSET, Batch, EngineLimits, Moment, Pace, Request, TickClock


class Replica:
    """A queue, the batch that runs, and the step or leap under way.

    Requests wait first come, first served. A prompt in its turn gets blocks for its whole length, where that leaves the
    spare ones free. Where a step finds no block for a decoding sequence, the sequence admitted last goes back to the
    head of the queue, to be recomputed.
    """

    def __init__(self, env: TickClock, limits: EngineLimits, pace: Pace, number: int = 0) -> None:
        self.env, self.limits, self.pace, self.number = env, limits, pace, number
        self.order = EventPriority(STEP + number)
        self.batch = Batch(limits)
        self.queue: deque[Request] = deque()
        self.free_place: Callable[[], object] | None = None
        """Called when requests have been completed."""
        self.pending: Moment | None = None
        """The end of the step or leap under way; None when idle."""
        self.leap = 0
        """Decode steps that end with it."""
        self.row: Sequence[int] = ()
        """Prefix sums that the leap goes along, from `origin` on, where the clock was `began`."""
        self.origin = 0
        self.began = 0
        self.chunks: list[tuple[Request, int]] = []
        """Prompt tokens computed in the step or leap under way."""
        self.busy = 0
        """Ticks spent in steps until it was last idle."""
        self.since = 0
        self._begin = self._begin_mixed if limits.mixes_prompts else self._begin_prompts_first

    @property
    def load(self) -> int:
        """Requests here and not complete."""
        return len(self.queue) + len(self.batch.running)

    @property
    def _has_place(self) -> bool:
        return len(self.batch.running) < self.limits.max_running

    def submit(self, request: Request) -> None:
        """Put a request at the end of the queue."""
        request.replica = self.number
        self.queue.append(request)
        if self.pending is None:
            self.since = self.env.now
            self.pending = Moment(self.env, 0, self.order, self._boundary)
        elif self.leap > 1 and not self.chunks and len(self.queue) == 1 and self._has_place:
            self._cut()

    def vacate(self) -> list[Request]:
        """Stop at once: give back every request not complete, in order. A step that ends at this tick is lost."""
        if self.leap > 1:
            sums, first = self.row, self.origin + 1
            elapsed = self.env.now - self.began + sums[self.origin]
            self.batch.advance(bisect_left(sums, elapsed, first, first + self.leap - 1) - first)
        while self.batch.running:
            self._evict(self.batch.evict())
        self._idle()
        left = list(self.queue)
        self.queue.clear()
        return left

    def busy_until(self, now: int) -> int:
        """Ticks spent in steps up to now."""
        return self.busy + (0 if self.pending is None else now - self.since)

    def _boundary(self, moment: Moment) -> None:
        """A step or leap ends: count its tokens, then begin the next. One that was cut or dropped is not heeded."""
        if moment is not self.pending:
            return
        if self.leap:
            done = self.batch.advance(self.leap)
            self.leap = 0
            if done:
                self._complete(done)
        if self.chunks:
            self._fill()
        self._begin()

    def _complete(self, requests: list[Request]) -> None:
        now = self.env.now
        for request in requests:
            request.finish = now
        if self.free_place:
            self.free_place()

    def _fill(self) -> None:
        """The chunks of the step are computed; a whole prompt has given a token."""
        chunks, self.chunks = self.chunks, []
        batch, now = self.batch, self.env.now
        done = []
        for request, tokens in chunks:
            request.filled += tokens
            if request.filled == request.prompt:
                if request.first == UNSET:
                    request.first = now
                if not batch.decode(request):
                    done.append(request)
        if done:
            self._complete(done)

    def _begin_prompts_first(self) -> None:
        """Compute waiting prompts whole while decoding waits; decode where none can be admitted."""
        if self.queue:
            self._admit_whole()
        if self.chunks:
            self._start(0)
        elif self.batch.ends:
            self._decode()
        else:
            self._idle()

    def _admit_whole(self) -> None:
        """Admit prompts in turn, as long as their number times the longest stays within the budget."""
        queue, longest = self.queue, 0
        while queue and self.batch.room_for(queue[0]):
            longest = max(longest, queue[0].prompt)
            if self.chunks and (len(self.chunks) + 1) * longest > self.limits.token_budget:
                break
            self._admit(queue[0].prompt)

    def _begin_mixed(self) -> None:
        """Every decoding sequence decodes, and what is left of the token budget goes to prompts."""
        batch = self.batch
        evicted = bool(batch.ends) and not batch.steps_with_room(1) and self._make_room()
        left = self.limits.token_budget - len(batch.ends)
        for request in batch.filling[:left]:
            if left > 0:
                self.chunks.append((request, min(left, request.prompt - request.filled)))
                left -= self.chunks[-1][1]
        if self.queue and not evicted:
            while left > 0 and self.queue and batch.room_for(self.queue[0], 1):
                left -= self._admit(left)
        if self.chunks:
            self._start(min(1, len(batch.ends)), self._steps_of_prompt() if len(self.chunks) == 1 else 1)
        elif batch.ends:
            self._leap(1) if evicted else self._decode()
        elif self.queue:
            self._begin_mixed()
        else:
            self._idle()

    def _admit(self, most: int) -> int:
        """Admit the head of the queue with a chunk of at most so many tokens; how many it has."""
        request, now = self.queue.popleft(), self.env.now
        self.batch.admit(request)
        request.waited += now - request.joined
        if request.start == UNSET:
            request.start = now
        tokens = min(most, request.prompt)
        self.chunks.append((request, tokens))
        return tokens

    def _steps_of_prompt(self) -> int:
        """Steps, the next among them, in which one prompt takes what the next gives it and nobody leaves or is evicted.

        Where that is more than one, the prompt takes all of the budget, so that nothing can be admitted meanwhile.
        """
        batch, (request, tokens) = self.batch, self.chunks[0]
        steps = (request.prompt - request.filled) // tokens
        if batch.ends and steps > 1:
            steps = batch.steps_with_room(min(steps, batch.ends[0][0] - batch.step))
        return max(steps, 1)

    def _start(self, decodes: int, steps: int = 1) -> None:
        """Begin a step with chunks of prompts, in which the batch decodes as well or not at all.

        Args:
            decodes: 1 where it does, 0 where not.
            steps: how many such steps are taken together, each with as much of its one prompt.
        """
        batch, mixed = self.batch, self.pace.mixed
        decoding = len(batch.ends) if decodes else 0
        kv = batch.kv // decoding if decoding else 0
        chunks = tuple([(tokens, request.filled) for request, tokens in self.chunks])
        taken = mixed(decoding, kv, chunks)
        self.leap = decodes * steps
        if steps > 1:
            ((tokens, filled),) = chunks
            more = (mixed(decoding, kv + decodes * i, ((tokens, filled + i * tokens),)) for i in range(1, steps))
            self.row, self.origin, self.began = [0, *accumulate(more, initial=taken)], 0, self.env.now
            self.chunks = [(self.chunks[0][0], steps * tokens)]
            taken = self.row[-1]
        self.pending = Moment(self.env, taken, self.order, self._boundary)

    def _decode(self) -> None:
        """Leap to the next completion, or to where the KV cache might run out; there take one step with evictions."""
        batch = self.batch
        steps = batch.ends[0][0] - batch.step
        if batch.bound >= self.limits.kv_blocks:
            steps = batch.steps_with_room(steps)
            if not steps and self._make_room() and not batch.ends:
                self._begin()
                return
        self._leap(steps or 1)

    def _leap(self, steps: int) -> None:
        batch = self.batch
        decoding = len(batch.ends)
        self.leap = steps
        self.origin = origin = batch.kv // decoding
        self.row = row = self.pace.row(decoding, origin + steps)
        self.began = self.env.now
        self.pending = Moment(self.env, row[origin + steps] - row[origin], self.order, self._boundary)

    def _cut(self) -> None:
        """Let the leap end at the first step boundary from now on."""
        row, origin = self.row, self.origin
        elapsed = self.env.now - self.began + row[origin]
        steps = bisect_left(row, elapsed, origin + 1, origin + self.leap) - origin
        if steps < self.leap:
            self.leap = steps
            self.pending = Moment(self.env, row[origin + steps] - elapsed, self.order, self._boundary)

    def _make_room(self) -> bool:
        """Whether sequences had to be evicted so that the others can decode a step."""
        evicted = self.batch.make_room()
        for request in evicted:
            self._evict(request)
        return bool(evicted)

    def _evict(self, request: Request) -> None:
        request.joined = self.env.now
        self.queue.appendleft(request)

    def _idle(self) -> None:
        self.busy = self.busy_until(self.env.now)
        self.pending = None
        self.leap = 0
        self.chunks = []
