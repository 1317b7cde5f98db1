"""One row of a load test: what was asked of a deployment, what came of it, and each latency as its file states it."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from statistics import NormalDist
from typing import Any

# One latency of a load test as its file states it --------------------------------------------------------------------

MEAN = "mean"
NAMES = {
    "avg": MEAN,
    "mean": MEAN,
    "median": "p50",
    "p50": "p50",
    "p75": "p75",
    "p90": "p90",
    "p95": "p95",
    "p99": "p99",
}
"""What files call the figures that are read, and what they are called here."""
BELOW, ABOVE = ("p90", "p75", "p50"), "p99"
WANTED = "p95"


@dataclass(frozen=True)
class Latency:
    """Seconds by "mean", "p50", "p75", "p90", "p95" and "p99"; those that a file does not state are left out."""

    seconds: Mapping[str, float] = field(default_factory=dict)

    @staticmethod
    def of(stated: Mapping[str, float | None], unit_s: float = 1.0) -> Latency:
        """From figures under the names that files give them; 0 stands for nothing measured.

        Args:
            stated: figures by name; unknown names are left out.
            unit_s: seconds in one of their unit.
        """
        kept = {NAMES[name]: value * unit_s for name, value in stated.items() if name in NAMES and value}
        return Latency({name: value for name, value in kept.items() if value > 0})

    def __bool__(self) -> bool:
        return bool(self.seconds)

    @property
    def typical(self) -> float | None:
        """The mean, else the median, s."""
        return self.seconds.get(MEAN, self.seconds.get("p50"))

    @property
    def p95(self) -> tuple[float, str] | None:
        """The 95th percentile, s, and how it is known.

        "stated"; "between" two percentiles, on a lognormal curve through both; "at most" the 99th; "at least" what is
        stated of lower percentiles or the mean.
        """
        held = self.seconds
        if WANTED in held:
            return held[WANTED], "stated"
        low = next((name for name in BELOW if name in held), None)
        if low and ABOVE in held:
            return _between(low, held[low], held[ABOVE]), "between"
        if ABOVE in held:
            return held[ABOVE], "at most"
        known = [held[name] for name in (low, MEAN) if name is not None and name in held]
        return (max(known), "at least") if known else None

    def keeps(self, promised: float | None) -> bool | None:
        """Whether its 95th percentile is within a promise, s; None where the file does not say."""
        if promised is None:
            return True
        if self.p95 is None:
            return None
        value, known = self.p95
        if known == "at least":
            return False if value > promised else None
        if known == "at most" and value > promised:
            return False if (self.typical or 0.0) > promised else None
        return value <= promised


def _between(low: str, value: float, p99: float) -> float:
    """The 95th percentile of the lognormal distribution that has a lower and the 99th percentile."""
    if p99 <= value:
        return value
    place = NormalDist().inv_cdf
    at, wanted, top = place(int(low[1:]) / 100), place(0.95), place(0.99)
    return float(value * (p99 / value) ** ((wanted - at) / (top - at)))


# One row of a load test ----------------------------------------------------------------------------------------------

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
