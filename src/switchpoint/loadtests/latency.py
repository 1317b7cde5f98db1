"""One latency of a load test as its file states it: a mean and some percentiles, and what they say of the 95th."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from statistics import NormalDist

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
