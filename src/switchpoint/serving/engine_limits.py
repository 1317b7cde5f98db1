"""What one replica's engine may hold at a time."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields
from numbers import Integral
from typing import Any

from switchpoint.errors import CannotCompute
from switchpoint.text import count

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

    @property
    def mixes_prompts(self) -> bool:
        """Whether prompts are mixed into decode steps."""
        return self.scheduler == "chunked"

    @property
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
