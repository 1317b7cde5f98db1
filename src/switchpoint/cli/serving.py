"""Commands on serving a model of one's own: what a replica makes, and what it carries within its latency promise."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer

from switchpoint.cli.catalogue import JsonOption
from switchpoint.cli.frame import SetOption, program


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
    from switchpoint.serving.throughput import throughput as estimate

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
) -> None:
    """Simulate what one replica of a fleet carries.

    The largest rate of requests that keeps the latency promise, which limit binds, and latency against load.
    """
    if benchmark:
        from switchpoint.report.measured import benchmark_command, opened_without

        benchmark_command(opened_without(file, settings), candidate, benchmark, as_json=as_json)
        return
    from switchpoint.cli.opening import opened
    from switchpoint.report.carrying import capacity_command

    capacity_command(opened(file, settings), candidate, trace, columns, as_json=as_json, out=out)
