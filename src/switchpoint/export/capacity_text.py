"""What a replica of a candidate carries, and what a load test says beside the simulation, as text and JSON."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np

from switchpoint.errors import CannotCompute
from switchpoint.files import read_bytes
from switchpoint.loadtests.judged import AskedOfLoadTest, Judged, Taken, judge, take
from switchpoint.loadtests.load_test import LoadTest, Reader, read_load_test
from switchpoint.loadtests.row import Latency, LoadRow
from switchpoint.scenario.access import Disk
from switchpoint.scenario.candidates import GpuCandidate, MeasuredAt
from switchpoint.scenario.load import Loaded, load_source
from switchpoint.scenario.named_files import asked_of
from switchpoint.scenario.schema import Scenario
from switchpoint.scenario.toml_source import read_file
from switchpoint.serving.capacity import RULE, SAMPLES, Capacity, Question
from switchpoint.serving.capacity_cache import LoadPoint, Stated, capacity, stated_capacity
from switchpoint.simulation.capacity import question, spread_of, tokens_of
from switchpoint.text import count

# What a replica of a candidate carries, as text and JSON -------------------------------------------------------------

WIDE = 0.5
"""An interval wider than this part of a capacity says that a trace is too short."""

SETTLED = 5.0
"""So many times as long as one request must a stretch of a trace last, or its requests are as good as one batch."""


@dataclass(frozen=True)
class Carried:
    """What one replica of a candidate carries."""

    name: str
    question: Question
    found: Capacity
    points: tuple[LoadPoint, ...]
    measured: float | None
    """What the scenario states, requests per second."""
    trace: str | None
    """The trace that was replayed."""
    over: bool = False
    """Whether `measured` was measured with other requests, and carried over to these."""
    requests: int = 0
    """In the trace."""


def page(carried: Carried) -> str:
    """What one replica carries, as text."""
    return "\n".join([*_head(carried), *_table(carried)]) + "\n"


def _head(carried: Carried) -> Iterator[str]:
    asked, found = carried.question, carried.found
    steps = asked.steps
    yield f"{carried.name}: {steps.model.name} in {steps.precision} on {steps.tensor_parallel} x {steps.gpu.key}"
    yield f"  {note(carried)}"
    if found.requests_per_second <= 0:
        yield f"  carries nothing: {found.why}"
    else:
        interval = f"{found.low:.3g} to {found.high:.3g}"
        yield f"  carries {found.requests_per_second:.3g} requests/s per replica (95 % interval {interval})"
        if carried.trace and found.high - found.low > WIDE * found.requests_per_second:
            yield f"  the trace is too short for a narrower interval: {count(carried.requests)} requests"
        elif carried.trace and (told := _over_too_soon(carried)):
            yield f"  {told}"
        yield f"  found by {RULE}"
        yield f"  binds: {found.binds}; without a promise {found.saturated_per_second:.3g} requests/s"
    if carried.measured is not None:
        what = "the measured capacity, carried over to these requests, is" if carried.over else "the scenario states"
        yield f"  {what} {carried.measured:.3g} requests/s, and that is what its costs are computed with"
    if found.extrapolated:
        yield f"  extrapolated: no published measurements of {steps.gpu.key}"


def _over_too_soon(carried: Carried) -> str:
    """That a trace ends before a replica at its capacity has got going; nothing where it does not."""
    found, asked = carried.found, carried.question
    one = found.ttft_p95_s + asked.output_tokens * found.tpot_p95_s
    lasts = carried.requests / SAMPLES / found.requests_per_second
    if lasts > SETTLED * one:
        return ""
    ends = f"at that rate each of its {SAMPLES} stretches lasts {lasts:.2g} s, and one request takes {one:.2g} s"
    return f"the trace is too short, so this is an upper bound: {count(carried.requests)} requests; {ends}"


def note(carried: Carried) -> str:
    """Which requests, and what is promised."""
    asked = carried.question
    size = f"{count(asked.input_tokens)} input and {count(asked.output_tokens)} output tokens on average"
    promised = (("first token", asked.promise.ttft_p95_s), ("per output token", asked.promise.tpot_p95_s))
    parts = [f"{what} {1e3 * seconds:,.4g} ms" for what, seconds in promised if seconds is not None]
    promise = f"95th percentiles promised: {', '.join(parts)}" if parts else "no latency promised"
    return f"{f'requests of {carried.trace}, ' if carried.trace else ''}{size}; {promise}"


def _table(carried: Carried) -> Iterator[str]:
    if not carried.points:
        return
    yield ""
    yield "  requests/s   first token, ms        per output token, ms   carried"
    yield "               median       p95       median         p95"
    for at in carried.points:
        mark = "yes" if at.kept else "no"
        here = "  <- capacity" if at.requests_per_second == carried.found.requests_per_second else ""
        times = f"{1e3 * at.ttft_p50_s:8,.0f}  {1e3 * at.ttft_p95_s:8,.0f}     {1e3 * at.tpot_p50_s:8,.1f}"
        yield f"  {at.requests_per_second:10.3g} {times}    {1e3 * at.tpot_p95_s:8,.1f}   {mark}{here}"


def json_text(scenario: Scenario, carried: list[Carried]) -> str:
    """The same as indented JSON."""
    data = {"scenario": scenario.name, "rule": RULE, "candidates": {each.name: _as_json(each) for each in carried}}
    return json.dumps(data, indent=2, ensure_ascii=False, allow_nan=False) + "\n"


def _as_json(carried: Carried) -> dict[str, Any]:
    asked = carried.question
    return {
        "model": asked.steps.model.name,
        "precision": asked.steps.precision,
        "gpu": asked.steps.gpu.key,
        "gpus_per_replica": asked.steps.tensor_parallel,
        "input_tokens": asked.input_tokens,
        "output_tokens": asked.output_tokens,
        "trace": carried.trace,
        "promise": asdict(asked.promise),
        "measured_requests_per_second": carried.measured,
        **asdict(carried.found),
        "load": [asdict(point) for point in carried.points],
    }


# What a load test says beside the simulation, as text and JSON -------------------------------------------------------

UNKNOWN = "-"


@dataclass(frozen=True)
class SeenLoadTest:
    """A load test in the eyes of one fleet: its rows judged, and what is taken, or why nothing is."""

    name: str
    asked: AskedOfLoadTest
    judged: tuple[Judged, ...]
    taken: Taken | None
    why: str
    carried: float | None
    """Requests per second of a replica with the scenario's requests; None where it cannot be carried over."""


def opened_without(file: str, settings: Sequence[str]) -> Loaded:
    """A scenario whose own load tests are left aside, so that any can be looked at, a broken one too.

    Raises:
        ScenarioError: with every other fault.
    """
    text, source = read_file(Path(file), file, Disk())
    candidates = source.tree.get("candidates")
    for candidate in candidates.values() if isinstance(candidates, dict) else ():
        fleet = candidate.get("fleet") if isinstance(candidate, dict) else None
        if isinstance(fleet, dict) and fleet.pop("benchmark", None) is not None:
            fleet.setdefault("requests_per_second_per_replica", 1.0)
    return load_source(text, file, source, settings)


def benchmark_command(loaded: Loaded, candidate: str | None, files: Sequence[Path], *, as_json: bool) -> None:
    """Print what a load test says, and what is taken from it for the fleets of a scenario.

    Raises:
        OSError: a file cannot be read.
        CannotCompute: it is no load test, or nothing can be taken.
    """
    name = ", ".join(map(str, files))
    try:
        test = read_load_test(*files)
    except ValueError as reason:
        raise CannotCompute((name,), str(reason).removesuffix(f": {name}")) from None
    seen = [see_load_test(loaded.scenario, each, test, files) for each in _fleets(loaded.scenario, candidate)]
    sys.stdout.write(load_test_json(test, seen) if as_json else "".join(load_test_page(test, each) for each in seen))
    if not any(each.taken for each in seen):
        raise CannotCompute((name,), seen[0].why)


def _fleets(scenario: Scenario, candidate: str | None) -> list[str]:
    names = [name for name, spec in scenario.candidates.items() if isinstance(spec, GpuCandidate)]
    if candidate is not None:
        names = [name for name in names if name == candidate]
    if not names:
        what = "none" if candidate is None else f"no {candidate!r}"
        raise CannotCompute(
            ("candidates",), f'has {what} of kind = "gpu", so there is no fleet to take a load test for'
        )
    return names


def see_load_test(
    scenario: Scenario, name: str, test: LoadTest, files: Sequence[Path], read: Reader = read_bytes
) -> SeenLoadTest:
    """A load test in the eyes of one fleet.

    Args:
        scenario: with the fleet.
        name: of its candidate.
        test: the rows of the files.
        files: where they are from.
        read: opens them.
    """
    spec = scenario.candidates[name]
    assert isinstance(spec, GpuCandidate)
    asked = asked_of(spec, scenario.usage)
    judged = tuple(judge(row, asked) for row in test.rows)
    try:
        taken = take(asked, *files, read=read)
    except ValueError as reason:
        return SeenLoadTest(
            name, asked, judged, None, str(reason).removesuffix(f": {', '.join(map(str, files))}"), None
        )
    return SeenLoadTest(name, asked, judged, taken, "", _carry_over(scenario, spec, taken))


def _carry_over(scenario: Scenario, spec: GpuCandidate, taken: Taken) -> float | None:
    """The measured capacity, carried over to the scenario's requests."""
    if taken.tokens is None or spec.model is None or spec.fleet.gpu is None:
        return None
    at = MeasuredAt(input_tokens=taken.tokens[0], output_tokens=taken.tokens[1])
    fleet = spec.fleet.model_copy(
        update={"requests_per_second_per_replica": taken.requests_per_second, "measured_at": at}
    )
    ask = partial(question, spec.model_copy(update={"fleet": fleet}), spread=spread_of(scenario.usage))
    stated = stated_capacity(spec.model_copy(update={"fleet": fleet}), ask)
    if not isinstance(stated, Stated):
        return None
    here = capacity(stated.free(ask(*tokens_of(spec, scenario.usage))))
    return float(stated.scale(np.array(here.requests_per_second)))


def load_test_page(test: LoadTest, seen: SeenLoadTest) -> str:
    """A load test in the eyes of one fleet, as text."""
    return "\n".join([*_load_test_head(test, seen), "", *_load_test_table(seen.judged), "", *_taken_lines(seen)]) + "\n"


def _load_test_head(test: LoadTest, seen: SeenLoadTest) -> Iterator[str]:
    yield f"{seen.name}: {', '.join(test.files)}, {test.tools}"
    pairs = (("first token", seen.asked.ttft_p95_s), ("per output token", seen.asked.tpot_p95_s))
    parts = [f"{what} {1e3 * seconds:,.4g} ms" for what, seconds in pairs if seconds is not None]
    yield f"  95th percentiles promised: {', '.join(parts)}" if parts else "  no latency promised"


def _load_test_table(judged: Sequence[Judged]) -> Iterator[str]:
    yield "  row            load         done          tokens         requests/s  replicas  first token  per token"
    yield "                              of asked      in/out         a replica             p95, ms      p95, ms"
    for each in judged:
        row = each.row
        yield (
            f"  {row.where or '1':14.14} {_load(row):12} {_done(row):13} {_tokens(row):14} "
            f"{each.per_replica:10.3g}  {_count(row.replicas or row.gpus):>8}  {_p95(row.ttft):>11}  "
            f"{_p95(row.token_time):>9}  {each.verdict.value}{f': {each.why}' if each.why else ''}"
        )


ROW_HEAD = (
    "Row",
    "Verdict",
    "Requests a second, a replica",
    "First token p95, ms",
    "Per token p95, ms",
    "Load",
    "Tokens in/out",
    "Done of asked",
)


def row_cells(each: Judged) -> tuple[str, ...]:
    """A judged row as texts, in the order of ROW_HEAD."""
    row, why = each.row, f": {each.why}" if each.why else ""
    verdict, rate = f"{each.verdict.value}{why}", f"{each.per_replica:.3g}"
    latencies = (_p95(row.ttft), _p95(row.token_time))
    return (row.where or "1", verdict, rate, *latencies, _load(row), _tokens(row), _done(row))


def _load(row: LoadRow) -> str:
    if row.concurrency is not None:
        return f"{row.concurrency:.0f} at a time"
    if row.request_rate is None:
        return UNKNOWN
    return "all at once" if row.request_rate == float("inf") else f"{row.request_rate:.3g}/s"


def _done(row: LoadRow) -> str:
    return f"{_count(row.completed)}/{_count(row.asked)}"


def _tokens(row: LoadRow) -> str:
    return f"{_count(row.input_tokens)}/{_count(row.output_tokens)}"


def _count(number: float | None) -> str:
    return UNKNOWN if number is None else count(number)


def _p95(latency: Latency) -> str:
    if latency.p95 is None:
        return UNKNOWN
    value, known = latency.p95
    sign = {"stated": "", "between": "~", "at most": "<", "at least": ">"}[known]
    return sign + (f"{1e3 * value:,.0f}" if value >= 0.1 else f"{1e3 * value:.3g}")


def _taken_lines(seen: SeenLoadTest) -> Iterator[str]:
    if seen.taken is None:
        yield f"  nothing is taken: it {seen.why}"
        return
    row = seen.taken.best.row
    yield f"  taken: {row.where or 'its row'}, {seen.taken.requests_per_second:.3g} requests/s per replica"
    if seen.carried is not None:
        yield f"  with the scenario's requests: {seen.carried:.3g} requests/s per replica"
    yield from (f"  note: {text}" for text in seen.taken.remarks)


def load_test_json(test: LoadTest, seen: Sequence[SeenLoadTest]) -> str:
    """The same as indented JSON."""
    data = {
        "files": test.files,
        "tools": test.tools,
        "candidates": {each.name: _load_test_as_json(each) for each in seen},
    }
    return json.dumps(data, indent=2, ensure_ascii=False, allow_nan=False) + "\n"


def _load_test_as_json(seen: SeenLoadTest) -> dict[str, Any]:
    taken = seen.taken
    tokens = taken.tokens if taken else None
    return {
        "promise": {"ttft_p95_s": seen.asked.ttft_p95_s, "tpot_p95_s": seen.asked.tpot_p95_s},
        "rows": [_row_json(each) for each in seen.judged],
        "taken": seen.judged.index(taken.best) if taken else None,
        "why_not": seen.why,
        "measured_requests_per_second": taken.requests_per_second if taken else None,
        "measured_at": dict(zip(("input_tokens", "output_tokens"), tokens, strict=True)) if tokens else None,
        "requests_per_second": seen.carried,
        "notes": list(taken.remarks) if taken else [],
    }


def _row_json(each: Judged) -> dict[str, Any]:
    row = each.row
    counts = ("requests_per_second", "asked", "completed", "failed", "input_tokens", "output_tokens", "concurrency")
    more = ("where", "replicas", "gpus", "gpus_per_replica", "duration_s", "engine", "model", "gpu", "date")
    sent = row.request_rate
    return {
        "tool": row.tool,
        **{name: getattr(row, name) for name in (*counts, *more)},
        "request_rate": "inf" if sent == float("inf") else sent,
        **{f"{name}_s": dict(getattr(row, name).seconds) for name in ("ttft", "tpot", "e2e")},
        "requests_per_second_per_replica": each.per_replica,
        "verdict": each.verdict.value,
        "why": each.why,
        "notes": list(each.remarks),
    }
