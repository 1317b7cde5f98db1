"""What travels through the simulation of serving: one request, its tokens and its moments."""

from __future__ import annotations

from switchpoint.serving.moment import in_seconds

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
