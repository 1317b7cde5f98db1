"""`switchpoint capacity` and `switchpoint throughput`: what a replica carries."""

from __future__ import annotations

import re
import sys
from collections.abc import Sequence
from dataclasses import asdict, replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from switchpoint.cli.typer_program import ForceOption, JsonOption, SetOption, program

if TYPE_CHECKING:
    from switchpoint.export.capacity_text import Carried
    from switchpoint.scenario.candidates import GpuCandidate
    from switchpoint.scenario.load import Loaded
    from switchpoint.scenario.schema import Scenario
    from switchpoint.serving.capacity import Question


@program.command()
def throughput(
    model: Annotated[str, typer.Option(metavar="NAME", help="Open model, such as llama-3.1-8b.", show_default=False)],
    gpu: Annotated[str, typer.Option(metavar="NAME", help="GPU, such as L40S or H100.", show_default=False)],
    input_tokens: Annotated[float, typer.Option(metavar="N", help="Input tokens per request.", show_default=False)],
    output_tokens: Annotated[float, typer.Option(metavar="N", help="Output tokens per request.", show_default=False)],
    precision: Annotated[str, typer.Option(metavar="NAME", help="bf16, fp8, int8, fp4 or int4.")] = "bf16",
    tensor_parallel: Annotated[int, typer.Option(metavar="N", help="GPUs of the replica.")] = 1,
    concurrency: Annotated[
        float | None,
        typer.Option(metavar="N", help="Requests in flight; left out, all are queued at once.", show_default=False),
    ] = None,
    engine: Annotated[str, typer.Option(metavar="NAME", help="vllm, trtllm, or any.")] = "any",
    as_json: JsonOption = False,
) -> None:
    """Estimate what one replica of an open model makes.

    Output tokens per second, time to first token and time per output token, of requests of one size.
    """
    from switchpoint.serving.steady_state import throughput as estimate

    made = estimate(
        model=model,
        gpu=gpu,
        precision=precision,
        tensor_parallel=tensor_parallel,
        input_tokens=input_tokens,
        output_tokens=output_tokens,
        concurrency=concurrency,
        engine=engine,
    )
    if as_json:
        import json

        typer.echo(json.dumps(asdict(made), indent=1))
        return
    typer.echo(f"{made.model} in {made.precision} on {made.tensor_parallel} x {made.gpu}")
    typer.echo(f"  output tokens per second  {made.output_tokens_per_second:,.0f}")
    typer.echo(f"  time to first token       {1e3 * made.ttft_s:,.0f} ms (mean)")
    typer.echo(f"  time per output token     {1e3 * made.tpot_s:,.1f} ms (mean)")
    typer.echo(f"  requests at a time        {made.max_concurrency:,} at most")
    if made.extrapolated:
        typer.echo(f"  extrapolated: no published measurements of {made.gpu}")


@program.command()
def capacity(
    file: Annotated[str, typer.Argument(metavar="FILE", help="Scenario file.")],
    settings: SetOption = [],  # noqa: B006 - typer copies it
    candidate: Annotated[
        str | None, typer.Option(metavar="NAME", help="Only this candidate.", show_default=False)
    ] = None,
    trace: Annotated[
        Path | None,
        typer.Option(metavar="FILE", help="Requests to replay instead of random ones.", show_default=False),
    ] = None,
    columns: Annotated[
        str | None,
        typer.Option(metavar="NAMES", help="Columns of the trace: arrival=…,input=…,output=….", show_default=False),
    ] = None,
    benchmark: Annotated[
        list[Path] | None,
        typer.Option(
            metavar="FILE",
            help="Show this result of a load test instead, and what is taken from it; may be given many times.",
            show_default=False,
        ),
    ] = None,
    as_json: JsonOption = False,
    out: Annotated[
        Path | None, typer.Option(metavar="DIR", help="Write a chart of each candidate too.", show_default=False)
    ] = None,
    force: ForceOption = False,
) -> None:
    """Simulate what one replica of a fleet carries.

    The largest rate of requests that keeps the latency promise, which limit binds, and latency against load.
    """
    if benchmark:
        from switchpoint.export.capacity_text import benchmark_command, opened_without

        benchmark_command(opened_without(file, settings), candidate, benchmark, as_json=as_json)
        return
    from switchpoint.cli.typer_program import open_scenario

    capacity_command(open_scenario(file, settings), candidate, trace, columns, as_json=as_json, out=out, force=force)


def capacity_command(
    loaded: Loaded,
    candidate: str | None,
    trace: Path | None,
    columns: str | None = None,
    *,
    as_json: bool,
    out: Path | None,
    force: bool = False,
) -> None:
    """Simulate the fleets of a scenario and print text or JSON; with `out`, write a chart of each there.

    Raises:
        ScenarioError: where there is no fleet to simulate, or a file is not to be overwritten.
        CannotCompute: where the trace cannot be read.
    """
    from switchpoint.errors import CannotCompute
    from switchpoint.export.capacity_text import json_text, page
    from switchpoint.scenario.errors import ScenarioError

    try:
        names = _names(loaded.scenario, candidate)
        if out is not None and not force:
            _refuse_pictures(names, out)
        carried = [_carry_over(loaded.scenario, name, trace, columns) for name in names]
    except CannotCompute as problem:
        if problem.path[:1] != ("candidates",):
            raise
        raise ScenarioError([loaded.fault(problem.path, problem.message)], loaded.source) from None
    if out is not None:
        _write(carried, out, overwrite=force)
    text = json_text(loaded.scenario, carried) if as_json else "\n".join(page(each) for each in carried)
    sys.stdout.write(text)


def _names(scenario: Scenario, candidate: str | None) -> list[str]:
    """The candidates to simulate: the one asked for, else every fleet whose model and GPU are known."""
    from switchpoint.errors import CannotCompute

    if candidate is None:
        names = [name for name, spec in scenario.candidates.items() if not _unfit(spec)]
        if not names:
            raise CannotCompute(("candidates",), "none has model and fleet.gpu, so there is no replica to simulate")
        return names
    if candidate not in scenario.candidates:
        known = ", ".join(scenario.candidates) or "none"
        raise CannotCompute(("candidates",), f"has no {candidate!r}; known are {known}")
    if why := _unfit(scenario.candidates[candidate]):
        raise CannotCompute(("candidates", candidate), why)
    return [candidate]


def _unfit(spec: object) -> str:
    from switchpoint.scenario.candidates import GpuCandidate

    if not isinstance(spec, GpuCandidate):
        return 'is not of kind = "gpu", so there is no replica to simulate'
    if spec.model is None or spec.fleet.gpu is None:
        return "needs model and fleet.gpu to simulate a replica"
    return ""


def _carry_over(scenario: Scenario, name: str, trace: Path | None, columns: str | None) -> Carried:
    from switchpoint.export.capacity_text import Carried
    from switchpoint.scenario.candidates import GpuCandidate
    from switchpoint.serving.capacity_cache import capacity as capacity_cache_capacity
    from switchpoint.serving.capacity_cache import latency_against_load
    from switchpoint.simulation.capacity import question, spread_of, tokens_of

    spec = scenario.candidates[name]
    assert isinstance(spec, GpuCandidate)
    asked = question(spec, *tokens_of(spec, scenario.usage), spread_of(scenario.usage))
    measured = _counted_capacity(spec, asked)
    if trace is None:
        found = capacity_cache_capacity(asked)
        over = spec.fleet.measured_at is not None
        return Carried(name, asked, found, latency_against_load(asked, found), measured, None, over)
    return _replay_trace(name, asked, measured, trace, columns)


def _counted_capacity(spec: GpuCandidate, asked: Question) -> float | None:
    """The stated capacity that costs are computed with, carried over to the scenario's requests; None without one."""
    import numpy as np

    from switchpoint.serving.capacity_cache import Stated, stated_capacity
    from switchpoint.serving.capacity_cache import capacity as capacity_cache_capacity
    from switchpoint.simulation.capacity import question

    stated = stated_capacity(spec, partial(question, spec, spread=asked.spread))
    if not isinstance(stated, Stated):
        return None if stated is None else float(stated)
    return float(stated.scale(np.array(capacity_cache_capacity(stated.free(asked)).requests_per_second)))


def _replay_trace(name: str, asked: Question, measured: float | None, trace: Path, columns: str | None) -> Carried:
    """The same with the requests of a trace, as they are: tokens and the pattern of their arrivals."""
    from switchpoint.export.capacity_text import Carried
    from switchpoint.serving.capacity import measure
    from switchpoint.serving.capacity_cache import latency_against_load, trace_samples
    from switchpoint.serving.trace_files import read_trace

    table = read_trace(trace, columns=columns)
    arrival, inputs, outputs = (table[part].to_numpy() for part in ("arrival_s", "input_tokens", "output_tokens"))
    asked = replace(asked, input_tokens=float(inputs.mean()), output_tokens=float(outputs.mean()))
    lists = trace_samples(arrival, inputs, outputs, asked.longest, str(trace))
    found = measure(asked, lists)
    points = latency_against_load(asked, found, lists)
    return Carried(name, asked, found, points, measured, trace.name, requests=len(table))


def _picture_name(candidate: str) -> str:
    return "capacity-" + re.sub(r"[^\w.-]+", "-", candidate)


def _refuse_pictures(names: Sequence[str], out: Path) -> None:
    """Say which pictures of somebody else stand in the way, before a replica is simulated for seconds."""
    from switchpoint.scenario.toml_writer import refuse_to_replace

    for name in names:
        refuse_to_replace([out / f"{_picture_name(name)}.{kind}" for kind in ("png", "svg")])


def _write(carried: list[Carried], out: Path, *, overwrite: bool) -> None:
    """A chart of each candidate, capacity-NAME.png and .svg, each a set of its own: they may be drawn one by one."""
    from switchpoint.charts.replicas import load_chart
    from switchpoint.export.capacity_text import note
    from switchpoint.export.pictures import chart_files
    from switchpoint.files import folder_to_write
    from switchpoint.scenario.toml_writer import save_files

    for each in carried:
        if each.points:
            chart = load_chart(each.name, each.found, each.question.promise, each.points, note(each))
            name = _picture_name(each.name)
            files = chart_files({name: chart})
            folder_to_write(out)
            save_files(name, {out / file: data for file, data in files.items()}, overwrite=overwrite, listed=files)
