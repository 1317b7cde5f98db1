"""Rows of a load test judged: which say what a replica carries, and which keep the latency promise."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from enum import Enum

from switchpoint.loadtests.latency import Latency
from switchpoint.loadtests.row import LoadRow
from switchpoint.text import count, percent

LEAST_COMPLETED = 0.95
"""A run of which fewer requests came back, as a part, is broken."""
FEWEST = 30
"""Requests below which percentiles are hardly known."""
SHORTEST_TTFT_S, SHORTEST_TPOT_S = 1e-4, 1e-6
"""No server over a network answers faster: such a figure is in another unit."""
TAIL = 3.0
"""A run ends so many mean latencies after the last request was sent, at most, where it keeps up."""


class RowVerdict(Enum):
    """What a row is good for."""

    REFUSED = "refused"
    BREAKS = "breaks the promise"
    UNPROVEN = "does not say"
    KEEPS = "keeps the promise"


@dataclass(frozen=True)
class Judged:
    """A row and what it is good for.

    Attributes:
        row: the row.
        verdict: what it is good for.
        why: the reason, where it is refused, breaks the promise or does not say.
        per_replica: requests per second of one replica.
        remarks: what else to know of it.
    """

    row: LoadRow
    verdict: RowVerdict
    why: str
    per_replica: float
    remarks: tuple[str, ...]


@dataclass(frozen=True)
class AskedOfLoadTest:
    """What a fleet asks of a load test: 95th percentiles promised, s, the GPUs of a replica, and its requests."""

    ttft_p95_s: float | None = None
    tpot_p95_s: float | None = None
    gpus_per_replica: int = 1
    tokens: tuple[float, float] | None = None
    """Mean input and output tokens of a request."""


def judge(row: LoadRow, asked: AskedOfLoadTest) -> Judged:
    """What a row is good for."""
    replicas = _replicas(row, asked)
    rate = (row.requests_per_second or 0.0) / replicas
    remarks = (*row.remarks, *_remarks(row, asked, replicas))
    if why := row.refused or _broken(row) or _alone(row, replicas):
        return Judged(row, RowVerdict.REFUSED, why, rate, remarks)
    pairs = (("first token", row.ttft, asked.ttft_p95_s), ("time per output token", row.token_time, asked.tpot_p95_s))
    kept = {name: latency.keeps(promised) for name, latency, promised in pairs}
    if broken := [_against(*pair) for pair in pairs if kept[pair[0]] is False]:
        return Judged(row, RowVerdict.BREAKS, "; ".join(broken), rate, remarks)
    if unsaid := [_unsaid(*pair) for pair in pairs if kept[pair[0]] is None]:
        return Judged(row, RowVerdict.UNPROVEN, "; ".join(unsaid), rate, remarks)
    return Judged(row, RowVerdict.KEEPS, "", rate, remarks)


def _replicas(row: LoadRow, asked: AskedOfLoadTest) -> float:
    """Replicas of the fleet that the measured deployment amounts to; 1 where the row does not say."""
    gpus = row.gpus or (row.gpus_per_replica or 0) * (row.replicas or 1)
    if gpus and not (row.replicas and row.replicas * asked.gpus_per_replica == gpus):
        return gpus / asked.gpus_per_replica
    return row.replicas or 1.0


def _broken(row: LoadRow) -> str:
    """Why a run is broken; nothing where it is not."""
    done, asked = row.completed, row.asked
    if asked is None and done is not None and row.failed is not None:
        asked = done + row.failed
    if asked and done is not None and done < LEAST_COMPLETED * asked:
        return f"broken: {count(done)} of {count(asked)} requests completed"
    if row.failed and asked and row.failed > (1 - LEAST_COMPLETED) * asked:
        return f"broken: {count(row.failed)} of {count(asked)} requests failed"
    if row.output_tokens == 0:
        return "broken: no output tokens"
    return _units(row)


def _units(row: LoadRow) -> str:
    """Why latencies cannot be in the unit that they are said to be in."""
    pairs = (("time to first token", row.ttft, SHORTEST_TTFT_S), ("time per output token", row.tpot, SHORTEST_TPOT_S))
    for name, latency, shortest in pairs:
        typical = latency.typical
        if typical is not None and typical < shortest:
            return f"a {name} of {_ms(typical)} is too short: are its seconds called milliseconds?"
        if typical is not None and row.duration_s and typical > 2 * row.duration_s:
            return f"a {name} of {typical:,.3g} s is longer than the run of {row.duration_s:,.3g} s: another unit?"
    return ""


def _alone(row: LoadRow, replicas: float) -> str:
    if row.concurrency is not None and row.concurrency <= max(replicas, 1):
        return "a single stream: one request at a time says nothing of what a replica carries"
    return ""


def _against(name: str, latency: Latency, promised: float | None) -> str:
    assert promised is not None
    return f"{name} {_known_latency(latency)}, promised {_ms(promised)}"


def _unsaid(name: str, latency: Latency, promised: float | None) -> str:
    assert promised is not None
    if latency.p95 is None:
        return f"{name} is not in the file, promised {_ms(promised)}"
    return _against(name, latency, promised)


def _known_latency(latency: Latency) -> str:
    """The 95th percentile as far as it is known."""
    assert latency.p95 is not None
    value, known = latency.p95
    if known == "at most" and latency.typical:
        return f"{_ms(latency.typical)} on average"
    words = {"stated": "", "between": "about ", "at most": "at most ", "at least": "at least "}
    return f"{words[known]}{_ms(value)} (p95)"


def _remarks(row: LoadRow, asked: AskedOfLoadTest, replicas: float) -> Iterator[str]:
    if row.refused:
        return
    done, sent = row.completed, row.asked
    if done is not None and sent and LEAST_COMPLETED * sent <= done < sent:
        yield f"{percent(1 - done / sent)} of its requests did not complete"
    if done is not None and 0 < done < FEWEST:
        yield f"only {count(done)} requests, so its percentiles are hardly known"
    if is_overloaded(row):
        yield f"fell behind: {row.requests_per_second:.3g} of {row.request_rate:.3g} requests/s"
    own = row.gpus_per_replica or (row.gpus / row.replicas if row.gpus and row.replicas else None)
    if own and own != asked.gpus_per_replica:
        yield f"measured on {own:.0f} GPUs a replica, the fleet has {asked.gpus_per_replica}: taken by the GPU"
    if replicas != 1:
        yield f"{row.requests_per_second or 0:.3g} requests/s of {replicas:.3g} replicas"


def is_overloaded(row: LoadRow) -> bool:
    """Whether a run of a stated rate took longer than its requests and their tail account for."""
    sent, rate, took = row.asked, row.request_rate, row.duration_s
    if not (sent and rate and took and math.isfinite(rate)):
        return False
    own = row.e2e.typical or (row.ttft.typical or 0.0) + (row.tpot.typical or 0.0) * (row.output_tokens or 0.0)
    return took > 1.05 * sent / rate + TAIL * own


def _ms(seconds: float) -> str:
    return f"{1e3 * seconds:,.3g} ms" if seconds < 1 else f"{seconds:,.3g} s"
