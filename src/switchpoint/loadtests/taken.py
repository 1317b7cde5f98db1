"""The row of a load test that is taken for the capacity of a replica, and what is said of it."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from switchpoint.files import read_bytes
from switchpoint.loadtests.judged import AskedOfLoadTest, Judged, RowVerdict, judge
from switchpoint.loadtests.load_test import LoadTest, Reader, read_load_test

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
        return tuple(_remarks(self))


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


def _remarks(taken: Taken) -> Iterator[str]:
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
