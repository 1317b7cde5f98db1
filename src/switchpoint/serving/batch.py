"""What a replica holds between two steps: its sequences, how far they are, and the blocks of KV cache they take."""

from __future__ import annotations

from bisect import bisect_right
from heapq import heapify, heappop, heappush

from switchpoint.serving.limits import Limits
from switchpoint.serving.request import Request


class Batch:
    """The running sequences of a replica.

    A decoding sequence is complete after decode step `end`, so that after step s it has p = total - end + s tokens. It
    holds the blocks of p - 1 tokens, as the last one is written by the next step. What the batch holds after any step
    follows from its number, Σ floor((total - end)/size) and a count of the remainders.
    """

    def __init__(self, limits: Limits) -> None:
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
