"""What one replica carries, what binds it, and its latency against load: simulated when the page has been drawn."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial

import streamlit as st

from switchpoint.charts.load import NOTE, latency_chart, load_takeaway
from switchpoint.report.carrying import Carried
from switchpoint.report.carrying import note as requests_note
from switchpoint.result import Result
from switchpoint.scenario.quantity import num
from switchpoint.scenario.schema import GpuCandidate
from switchpoint.serving.load import LoadPoint, latency_against_load
from switchpoint.ui.parts.chart import look
from switchpoint.ui.parts.facts import Fact, facts
from switchpoint.ui.parts.later import Progress, later
from switchpoint.ui.serving.question import Hardware, Replica, fitted, replica
from switchpoint.ui.words import plain, sentence_case
from switchpoint.words import percent, usd

BINDS = {
    "latency": "the latency promise",
    "compute": "arithmetic of the GPU",
    "bandwidth": "memory bandwidth",
    "memory": "memory",
}
Answer = tuple[Replica, tuple[LoadPoint, ...]]


def what_it_carries(result: Result, name: str, spec: GpuCandidate, chosen: Hardware | None) -> None:
    """Capacity and latency of the hardware that is tried."""
    tried = fitted(spec, chosen) if chosen else spec
    usage = result.case.scenario.usage
    key = ("load", tried.model_dump_json(), num(usage.input_tokens), num(usage.output_tokens))
    later(f"load {name}", key, partial(_found, result, tried), partial(_show, name, spec, tried), "Serving requests …")


def _found(result: Result, tried: GpuCandidate, told: Progress) -> Answer:
    told(0.1)
    one = replica(result, tried)
    told(0.6)
    points = latency_against_load(one.asked, one.found) if one.asked and one.found else ()
    return one, points


def _show(name: str, spec: GpuCandidate, tried: GpuCandidate, answer: Answer) -> None:
    one, points = answer
    if one.found is None or one.asked is None:
        st.warning(plain(sentence_case(one.why)), title="This cannot be simulated", icon=":material/block:")
        return
    if one.found.requests_per_second <= 0:
        st.warning(plain(sentence_case(one.found.why)), title="Not possible", icon=":material/block:")
        return
    facts(_figures(one, tried, spec))
    carried = Carried(name, one.asked, one.found, points, None, None)
    st.markdown(f"**{plain(load_takeaway(name, one.found))}**")
    for tab, part in zip(st.columns(2), ("ttft", "tpot"), strict=True):
        with tab:
            drawn = latency_chart(part, one.found, one.asked.promise, points, look())
            st.vega_lite_chart(spec=drawn.to_dict(), theme=None, width="stretch", alt=_alt(part, one))
    st.caption(plain(f"{requests_note(carried)}; {NOTE}."))


def _alt(part: str, one: Replica) -> str:
    what = "Time to first token" if part == "ttft" else "Time per output token"
    assert one.found is not None
    return f"{what} against load; a replica carries {one.found.requests_per_second:.3g} requests a second"


def _figures(one: Replica, tried: GpuCandidate, spec: GpuCandidate) -> Iterator[Fact]:
    found, target = one.found, tried.fleet.target_utilisation
    assert found is not None
    guessed = "extrapolated from other GPUs" if found.extrapolated else "simulated"
    span = f"{found.low:.3g} to {found.high:.3g}, {guessed}"
    yield Fact("One replica carries", f"{found.requests_per_second:.3g} requests a second", span)
    yield Fact("What binds", BINDS.get(found.binds, found.binds), f"{found.saturated_per_second:.3g} without a promise")
    stated = spec.fleet.requests_per_second_per_replica
    if stated is not None and tried is spec:
        yield Fact("The scenario states", f"{num(stated):.3g} requests a second", "costs are computed with that")
    counted = num(stated) if stated is not None and tried is spec else found.requests_per_second
    yield from costs(one, target, counted, tried.fleet.gpus_per_replica)


def costs(one: Replica, target: float, counted: float, gpus: int) -> Iterator[Fact]:
    """What 1,000 requests cost: where replicas fill the GPUs that are paid together, and where one has them alone."""
    best, alone, price = one.usd_per_1000(target, counted), one.usd_per_1000(target, counted, 1), one.usd_per_hour
    if best is None or alone is None or price is None:
        return
    node = f" for {one.paid} GPUs sold together" if one.paid > gpus else ""
    filled = f", {one.holds} replicas on them" if one.holds > 1 else ""
    remark = f"{counted:.3g} requests a second, {usd(price)} an hour{node}{filled}, {percent(target)} busy all day"
    yield Fact("1,000 requests at best", usd(best), remark)
    if one.holds > 1:
        yield Fact("1,000 requests, one replica alone", usd(alone), f"all {one.paid} GPUs are paid for it")
