"""One row of a load test: what was asked of a deployment, and what came of it."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from switchpoint.loadtests.latency import Latency

LARGEST = 1e15


@dataclass(frozen=True)
class LoadRow:
    """One run of a load test; None, or nothing, where its file does not say.

    Attributes:
        tool: that wrote it.
        where: in its file.
        requests_per_second: completed, of the whole deployment.
        asked: requests sent.
        completed: requests that came back whole.
        failed: requests that did not.
        input_tokens: mean per completed request.
        output_tokens: the same.
        concurrency: requests in flight at most.
        request_rate: requests per second that were sent; infinite where all were sent at once.
        replicas: copies of the model.
        gpus: of the whole deployment.
        gpus_per_replica: that one copy takes.
        duration_s: of the run, s.
        ttft: time to first token.
        tpot: time per output token after the first.
        e2e: from sending a request to its last token.
        engine: that served.
        model: that was served.
        gpu: that it was served on.
        date: of the run, as ISO.
        refused: why it says nothing of what a replica carries; nothing where it does.
        remarks: what is odd about it.
    """

    tool: str
    where: str = ""
    requests_per_second: float | None = None
    asked: float | None = None
    completed: float | None = None
    failed: float | None = None
    input_tokens: float | None = None
    output_tokens: float | None = None
    concurrency: float | None = None
    request_rate: float | None = None
    replicas: float | None = None
    gpus: float | None = None
    gpus_per_replica: float | None = None
    duration_s: float | None = None
    ttft: Latency = field(default_factory=Latency)
    tpot: Latency = field(default_factory=Latency)
    e2e: Latency = field(default_factory=Latency)
    engine: str = ""
    model: str = ""
    gpu: str = ""
    date: str = ""
    refused: str = ""
    remarks: tuple[str, ...] = ()

    @property
    def token_time(self) -> Latency:
        """Time per output token; where it is not stated, what the two other latencies leave for it on average."""
        first, whole, written = self.ttft.typical, self.e2e.typical, self.output_tokens or 0.0
        if self.tpot or first is None or whole is None or written <= 1 or whole <= first:
            return self.tpot
        return Latency({"mean": (whole - first) / (written - 1)})


def number(held: object) -> float | None:
    """A finite number from 0 on, as JSON states it; None for anything else."""
    if isinstance(held, bool) or not isinstance(held, (int, float)):
        return None
    try:
        value = float(held)
    except OverflowError:
        return None
    return value if 0 <= value <= LARGEST else None


def figure(text: object) -> float | None:
    """A number that may be written as text, with commas between thousands.

    >>> figure("3,349.56"), figure(8), figure("no")
    (3349.56, 8.0, None)
    """
    if not isinstance(text, str):
        return number(text)
    try:
        return number(float(text.replace(",", "").strip()))
    except ValueError:
        return None


def first(held: Mapping[str, Any], *names: str) -> float | None:
    """The first of these fields that holds a number."""
    return next((value for name in names if (value := figure(held.get(name))) is not None), None)


def word(held: object) -> str:
    """Text, at most 200 characters of it; nothing for anything else."""
    return held[:200] if isinstance(held, str) else ""


def table(held: object) -> Mapping[str, Any]:
    """A JSON object; an empty one for anything else."""
    return held if isinstance(held, dict) else {}


def ratio(above: float | None, below: float | None) -> float | None:
    """One number over another, where both are known and the second is not 0."""
    return above / below if above is not None and below else None


def counted_gpus(text: str) -> tuple[float | None, str]:
    """Number and name of GPUs in words such as 4xNVIDIA_L40S.

    >>> counted_gpus("4xNVIDIA_L40S"), counted_gpus("H100")
    ((4.0, 'NVIDIA_L40S'), (None, 'H100'))
    """
    found = re.fullmatch(r"\s*(\d{1,4})\s*[xX×]\s*(.+)", text)
    return (float(found[1]), found[2]) if found else (None, text)
