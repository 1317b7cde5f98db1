"""What a replica holds between two steps: its sequences, how far they are, and the blocks of KV cache they take."""

from __future__ import annotations

from heapq import heapify, heappop, heappush

from switchpoint.serving.limits import Limits
from switchpoint.serving.request import Request


class Batch:
    """The running sequences of a replica.

    A decoding sequence with p tokens computed holds the blocks of p - 1 between steps and takes one in the step that
    writes past them. It is complete when p is its total; so decode step `end` is known when it starts decoding.
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
        """Tokens computed of the decoding sequences."""
        self.used = 0
        """Blocks taken."""
        self.takers = [0] * (2 * self.size)
        """How many decoding sequences take a block in step s, at (s - 1) modulo block size; twice over, for slices."""

    def admit(self, request: Request) -> None:
        """Take a request in, with blocks for its whole prompt."""
        self.running[request] = None
        self.used += -(-request.prompt // self.size)

    def room_for(self, request: Request, growth: int = 0) -> bool:
        """Whether a request can be admitted, where those decoding are about to take `growth` blocks."""
        limits = self.limits
        if len(self.running) >= limits.max_running:
            return False
        return limits.kv_blocks - self.used - growth + request.prompt // -self.size >= limits.spare

    def decode(self, request: Request) -> bool:
        """A prompt is computed and has given a token: decode from now on; False where that token was the last."""
        request.filled = request.prompt
        done = request.prompt + 1
        request.end = end = self.step + request.total - done
        if done == request.total:
            del self.running[request]
            self.used -= -(-request.prompt // self.size)
            return False
        self.kv += done
        self._mark(request, 1)
        heappush(self.ends, (end, request.number, request))
        return True

    def advance(self, steps: int) -> list[Request]:
        """Give each decoding sequence so many tokens; those that are complete leave and are returned."""
        self.used += self.growth(steps)
        self.kv += steps * len(self.ends)
        self.step = step = self.step + steps
        ends, done = self.ends, []
        while ends and ends[0][0] == step:
            request = heappop(ends)[2]
            del self.running[request]
            self.kv -= request.total
            self.used -= -(-(request.total - 1) // self.size)
            self._mark(request, -1)
            done.append(request)
        return done

    def growth(self, steps: int) -> int:
        """Blocks that the decoding sequences take in the next steps."""
        whole, rest = divmod(steps, self.size)
        first = (self.step - 1) % self.size
        return whole * len(self.ends) + sum(self.takers[first : first + rest])

    def steps_with_room(self, steps: int) -> int:
        """How many of the next steps surely evict nobody, since they leave a free block."""
        spare = self.limits.kv_blocks - self.used - 1
        if self.growth(steps) <= spare:
            return steps
        if spare < 0:
            return 0
        whole, spare = divmod(spare, len(self.ends))
        first, rest = (self.step - 1) % self.size, 0
        while (spare := spare - self.takers[first + rest]) >= 0:
            rest += 1
        return min(steps, whole * self.size + rest)

    def make_room(self) -> list[Request]:
        """Evict until each decoding sequence, in the order of admission, finds a free block; those evicted, last first.

        A free block must be there even for a sequence that takes none in this step.
        """
        free, evicted = self.limits.kv_blocks - self.used, []
        for request in [held for held in self.running if held.filled == held.prompt]:
            while request in self.running and free < 1:
                before = self.used
                evicted.append(self.evict())
                free += before - self.used
            if request in self.running and (request.end - request.total - self.step + 1) % self.size == 0:
                free -= 1
        return evicted

    def evict(self) -> Request:
        """Drop the sequence admitted last; what it has generated becomes part of its prompt."""
        request, _ = self.running.popitem()
        if request.filled == request.prompt:
            self._mark(request, -1)
            self.ends = [entry for entry in self.ends if entry[2] is not request]
            heapify(self.ends)
            done = request.total - (request.end - self.step)
            self.kv -= done
            self.used -= -(-(done - 1) // self.size)
            request.prompt = done
        else:
            self.filling.remove(request)
            self.used -= -(-request.prompt // self.size)
        request.filled = 0
        request.restarts += 1
        return request

    def _mark(self, request: Request, by: int) -> None:
        place = (request.end - request.total) % self.size
        self.takers[place] += by
        self.takers[place + self.size] += by
