"""Rows of a load test judged, and the one that is taken for the capacity of a replica."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import Enum
from pathlib import Path

from switchpoint.files import read_bytes
from switchpoint.loadtests.load_test import LoadTest, Reader, read_load_test
from switchpoint.loadtests.row import Latency, LoadRow
from switchpoint.text import count, percent

# Rows of a load test judged ------------------------------------------------------------------------------------------

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
        why: the reason, where it is refused, breaks the promise or does not say; or that there is no promise to keep.
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
    promised = asked.ttft_p95_s is not None or asked.tpot_p95_s is not None
    return Judged(row, RowVerdict.KEEPS, "" if promised else "none is stated", rate, remarks)


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


# The row of a load test that is taken for the capacity of a replica, and what is said of it --------------------------

LEAST_RATE, MOST_RATE = 1e-6, 1e6
SAME = 0.25
"""Requests as near as this to the nearest count as one data set."""
LONG_WAIT_S = 2.0
"""A first token that typically takes longer is said where nothing is promised: the replica was overloaded."""
AMPLE = 0.5
"""Latencies below this part of the promise say that more load could have been carried."""


@dataclass(frozen=True)
class Taken:
    """What was taken from a load test.

    Attributes:
        test: all that it holds.
        judged: its rows, in their order.
        best: the row that is taken.
        asked: promise, GPUs of a replica and requests of the fleet.
    """

    test: LoadTest
    judged: tuple[Judged, ...]
    best: Judged
    asked: AskedOfLoadTest

    @property
    def requests_per_second(self) -> float:
        """Of one replica."""
        return self.best.per_replica

    @property
    def tokens(self) -> tuple[float, float] | None:
        """Mean input and output tokens of the measured requests; None where the file does not say."""
        row = self.best.row
        return (row.input_tokens, row.output_tokens) if row.input_tokens and row.output_tokens else None

    @property
    def remarks(self) -> tuple[str, ...]:
        """What to know of the figure, each a clause."""
        return tuple(_taken_remarks(self))


def take(asked: AskedOfLoadTest, *files: Path, read: Reader = read_bytes) -> Taken:
    """The best row of a load test that keeps the promise; where none surely does, the best of which it is not said.

    Args:
        asked: promise and GPUs of a replica.
        files: results of a load test.
        read: opens them.

    Raises:
        OSError: a file cannot be read.
        ValueError: no row can be taken; the message completes a sentence that begins with the field.
    """
    test = read_load_test(*files, read=read)
    judged = tuple(judge(row, asked) for row in test.rows)
    return Taken(test, judged, _best(judged, asked.tokens, ", ".join(map(str, files))), asked)


def _best(judged: Sequence[Judged], tokens: tuple[float, float] | None, name: str) -> Judged:
    for verdict in (RowVerdict.KEEPS, RowVerdict.UNPROVEN):
        if fit := [each for each in judged if each.verdict is verdict]:
            best = max(_nearest(fit, tokens), key=lambda each: each.per_replica)
            if not LEAST_RATE <= best.per_replica <= MOST_RATE:
                got = f"from 0.000001 to 1,000,000 requests per second of a replica; got {best.per_replica:.3g}"
                raise ValueError(f"must have {got}: {name}")
            return best
    raise ValueError(f"{_refusal(judged)}: {name}")


def _nearest(fit: Sequence[Judged], tokens: tuple[float, float] | None) -> Sequence[Judged]:
    """The rows whose requests are the most like the fleet's: where a file holds several data sets, those of one."""
    far = {place: apart for place, each in enumerate(fit) if tokens and (apart := _apart(each, tokens)) is not None}
    if not far:
        return fit
    return [fit[place] for place in far if far[place] <= min(far.values()) + SAME]


def _apart(each: Judged, tokens: tuple[float, float]) -> float | None:
    """How far the requests of a row are from others: the sum of the logarithms of both ratios."""
    row = each.row
    if not (row.input_tokens and row.output_tokens and tokens[0] > 0 and tokens[1] > 0):
        return None
    return abs(math.log(row.input_tokens / tokens[0])) + abs(math.log(row.output_tokens / tokens[1]))


def _refusal(judged: Sequence[Judged]) -> str:
    """Why nothing can be taken: the reasons of the rows, said once each."""
    last = max(judged, key=lambda each: (each.verdict is RowVerdict.BREAKS, -each.per_replica))
    if last.verdict is RowVerdict.BREAKS:
        which = "its row" if len(judged) == 1 else f"even its slowest row of {len(judged)}"
        return f"has no row that keeps the latency promise; {which}: {last.why}; test it at a lower rate"
    reasons = list(dict.fromkeys(f"{each.row.tool}, {each.why}" for each in judged))
    return f"gives no capacity: {'; '.join(reasons[:3])}"


def _taken_remarks(taken: Taken) -> Iterator[str]:
    best = taken.best
    yield from best.remarks
    if best.verdict is RowVerdict.UNPROVEN:
        yield f"whether it keeps the promise is not known: {best.why}"
    waited, asked = best.row.ttft.typical, taken.asked
    if asked.ttft_p95_s is None and waited is not None and waited > LONG_WAIT_S:
        yield f"no first token is promised, so this row counts, in which it took {waited:.3g} s"
    if taken.tokens is None:
        yield "does not say how long its requests were, so it is taken as it is"
    more = [each for each in taken.judged if each.verdict is RowVerdict.BREAKS and each.per_replica > best.per_replica]
    if more:
        highest = max(more, key=lambda each: each.per_replica)
        yield f"faster rows break the promise, up to {highest.per_replica:.3g} requests/s per replica"
    elif _ample(best, taken.asked):
        yield "no faster load was tried, so a replica may carry more"


def _ample(best: Judged, asked: AskedOfLoadTest) -> bool:
    """Whether its latencies are far within the promise."""
    pairs = ((best.row.ttft, asked.ttft_p95_s), (best.row.token_time, asked.tpot_p95_s))
    stated = [(latency, promised) for latency, promised in pairs if promised is not None]
    return bool(stated) and all(latency.keeps(AMPLE * promised) for latency, promised in stated)
