"""The page of replicas: what one carries, and how the fleet grows."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from functools import partial

import streamlit as st

from switchpoint.catalog import gpu, gpus, model, models
from switchpoint.charts.replicas import (
    NOTE,
    REPLICAS_NOTE,
    hours_chart,
    hours_note,
    hours_words,
    latency_chart,
    load_takeaway,
    replicas_chart,
    replicas_words,
    unit_of,
)
from switchpoint.decision.candidate_result import CandidateResult
from switchpoint.decision.result import JudgedWorld
from switchpoint.export.capacity_text import Carried
from switchpoint.export.capacity_text import note as requests_note
from switchpoint.scenario.candidates import GpuCandidate
from switchpoint.scenario.errors import Keys
from switchpoint.scenario.toml_writer import REMOVED
from switchpoint.scenario.uncertain import num
from switchpoint.serving.capacity_cache import LoadPoint, latency_against_load
from switchpoint.simulation.tried_hardware import Hardware, HardwareReplica, fit_hardware, fleets, replica, simulatable
from switchpoint.text import percent, usd
from switchpoint.ui import session
from switchpoint.ui.answers import Progress, later
from switchpoint.ui.candidate_dialogs import is_rented
from switchpoint.ui.draft_changes import Changes
from switchpoint.ui.load_test_drop import draw_load_test
from switchpoint.ui.terms import explain
from switchpoint.ui.widgets import ShownFact, chart, facts, look, open_view, plain, sentence_case

MOSTLY = 0.5
"""From this part of its days on, a fleet is said to be set by its minimum."""


def replicas(result: JudgedWorld, outlook: CandidateResult) -> None:
    """Replicas over the horizon."""
    st.markdown(f"## {unit_of(outlook).capitalize()}s over the horizon")
    if outlook.impossible_from <= 0:
        st.warning(plain(f"{replicas_words(result, outlook)}."), title="Not possible", icon=":material/block:")
        return
    chart(replicas_chart(result, outlook, look()), replicas_words(result, outlook), _note(outlook))


def _note(outlook: CandidateResult) -> str:
    idle = outlook.set_by_minimum
    if idle is None or idle < MOSTLY:
        return REPLICAS_NOTE
    return f"{REPLICAS_NOTE}. Its minimum, not the load, sets the fleet on {percent(idle)} of the days live"


def hours(result: JudgedWorld, outlook: CandidateResult) -> None:
    """A day by the hour, to be chosen among all on which it can carry its share."""
    st.markdown("## A day by the hour")
    days = min(result.case.clock.days, outlook.impossible_from)
    if days <= 0:
        st.caption("It carries nothing, so there is nothing to be busy with.")
        return
    clock, usual = result.case.clock, _usual_day(result, outlook, days)
    first, last = clock.date_of(0), clock.date_of(days - 1)
    key = f"day {outlook.name}"
    if not first <= (st.session_state.get(key) or first) <= last:  # another story, or a horizon that became shorter
        del st.session_state[key]
    chosen = st.date_input("Day", clock.date_of(usual), first, last, key=key, format="YYYY-MM-DD", width=180)
    day = (chosen - first).days if isinstance(chosen, date) else usual
    drawn = hours_chart(outlook, result.case.outlooks.index(outlook) + 1, day, look())
    chart(drawn, hours_words(outlook, day), hours_note(outlook))


def _usual_day(result: JudgedWorld, outlook: CandidateResult, days: int) -> int:
    """The busiest of the seven days from the cutover on, else of the first seven."""
    first = outlook.cutover if 0 <= outlook.cutover < days else 0
    return first + int(result.case.setting.traffic.requests[first : min(first + 7, days)].argmax())


def changes(name: str, chosen: Hardware) -> Changes:
    """What makes other hardware that of a candidate in the scenario."""
    at: Keys = ("candidates", name)
    fleet = (*at, "fleet")
    return {
        (*at, "model"): {"base": chosen.model, "precision": chosen.precision},
        (*fleet, "gpu"): chosen.gpu,
        (*fleet, "gpus_per_replica"): chosen.gpus,
        (*fleet, "gpus_per_node"): REMOVED,
        (*fleet, "provider"): REMOVED,
        (*fleet, "usd_per_gpu_hour"): REMOVED,
        (*fleet, "purchase_usd_per_gpu"): REMOVED,
        (*fleet, "requests_per_second_per_replica"): REMOVED,
        (*fleet, "benchmark"): REMOVED,
        (*fleet, "measured_at"): REMOVED,
    }


BINDS = {
    "latency": "the latency promise",
    "compute": "arithmetic of the GPU",
    "bandwidth": "memory bandwidth",
    "memory": "memory",
}
Answer = tuple[HardwareReplica, tuple[LoadPoint, ...]]


def what_it_carries(result: JudgedWorld, name: str, spec: GpuCandidate, chosen: Hardware | None) -> None:
    """Capacity and latency of the hardware that is tried."""
    tried = fit_hardware(spec, chosen) if chosen else spec
    usage = result.case.scenario.usage
    key = ("load", tried.model_dump_json(), num(usage.input_tokens), num(usage.output_tokens))
    later(
        f"load {name}",
        key,
        partial(_find_replica, result, tried),
        partial(_show, name, spec, tried),
        "Serving requests …",
    )


def _find_replica(result: JudgedWorld, tried: GpuCandidate, told: Progress) -> Answer:
    told(0.1)
    one = replica(result.case.scenario.usage, tried)
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


def _alt(part: str, one: HardwareReplica) -> str:
    what = "Time to first token" if part == "ttft" else "Time per output token"
    assert one.found is not None
    return f"{what} against load; a replica carries {one.found.requests_per_second:.3g} requests a second"


def _figures(one: HardwareReplica, tried: GpuCandidate, spec: GpuCandidate) -> Iterator[ShownFact]:
    found, target = one.found, tried.fleet.target_utilisation
    assert found is not None
    guessed = "extrapolated from other GPUs" if found.extrapolated else "simulated"
    span = f"{found.low:.3g} to {found.high:.3g}, {guessed}"
    yield ShownFact("One replica carries", f"{found.requests_per_second:.3g} requests a second", span)
    yield ShownFact(
        "What binds", BINDS.get(found.binds, found.binds), f"{found.saturated_per_second:.3g} without a promise"
    )
    stated = spec.fleet.requests_per_second_per_replica
    if stated is not None and tried is spec:
        yield ShownFact("The scenario states", f"{num(stated):.3g} requests a second", "costs are computed with that")
    counted = num(stated) if stated is not None and tried is spec else found.requests_per_second
    yield from costs(one, target, counted, tried.fleet.gpus_per_replica)


def costs(one: HardwareReplica, target: float, counted: float, gpus: int) -> Iterator[ShownFact]:
    """What 1,000 requests cost: where replicas fill the GPUs that are paid together, and where one has them alone."""
    best, alone, price = one.usd_per_1000(target, counted), one.usd_per_1000(target, counted, 1), one.usd_per_hour
    if best is None or alone is None or price is None:
        return
    node = f" for {one.paid} GPUs sold together" if one.paid > gpus else ""
    filled = f", {one.holds} replicas on them" if one.holds > 1 else ""
    remark = f"{counted:.3g} requests a second, {usd(price)} an hour{node}{filled}, {percent(target)} busy all day"
    yield ShownFact("1,000 requests at best", usd(best), remark)
    if one.holds > 1:
        yield ShownFact("1,000 requests, one replica alone", usd(alone), f"all {one.paid} GPUs are paid for it")


PRECISIONS = ("bf16", "fp8", "fp4", "int8", "int4")
COUNTS = (1, 2, 4, 8)


def choose(name: str, spec: GpuCandidate) -> Hardware | None:
    """Choices of model, precision and GPUs, at first those of the candidate; None where it is not of the catalogue."""
    own = Hardware.of(spec)
    if own is None:
        return None
    own = Hardware(model(own.model).key, own.precision, gpu(own.gpu).key, own.gpus)
    keys = {part: f"try {part} {name}" for part in ("model", "precision", "gpu", "gpus")}
    with st.container(horizontal=True, vertical_alignment="bottom"):
        return Hardware(
            _pick("Model", [each.key for each in models()], own.model, keys["model"]),
            _pick("Precision", list(PRECISIONS), own.precision, keys["precision"]),
            _pick("GPU", [each.key for each in gpus()], own.gpu, keys["gpu"]),
            int(_pick("GPUs of a replica", sorted({*COUNTS, own.gpus}), own.gpus, keys["gpus"])),
        )


def _pick(label: str, options: list, own: object, key: str):  # type: ignore[no-untyped-def, type-arg]
    """A choice that begins with the candidate's own."""
    if key not in st.session_state:
        st.session_state[key] = own
    return st.selectbox(label, options, key=key, persist_state="session", width=180)


def take_over(name: str, spec: GpuCandidate, chosen: Hardware) -> None:
    """A button that puts what is tried into the scenario, or says that it is there."""
    if chosen == Hardware.of(spec):
        st.caption("This is what the scenario says. Choose another model or GPU to see what it would carry.")
        return
    if not is_rented(chosen.gpu):
        st.caption(
            plain(
                f"The catalogue has no rent of a {chosen.gpu}, so it cannot be put into the scenario here. State "
                f"candidates.{name}.fleet.gpu together with usd_per_gpu_hour or purchase_usd_per_gpu in the file."
            )
        )
        return
    st.button(
        plain(f"Use {chosen} for {name}"),
        icon=":material/check:",
        key=f"use {name}",
        on_click=session.edit,
        args=(changes(name, chosen),),
        help=plain(
            "Changes the scenario; a measured capacity, a stated price and the node size of the old hardware go."
        ),
    )


CANDIDATE = "serving_candidate"
ABOUT = "A model of your own runs on whole GPUs, paid for whether busy or idle. This is what they carry."


def page() -> None:
    """Draw the page."""
    view = open_view("Can it be served?", ABOUT)
    if view is None or view.base is None or view.scenario is None:
        return
    found = fleets(view.scenario)
    if not found:
        st.info(
            "No candidate of this scenario has GPUs or endpoints of its own, so there is no replica to look at. Choose "
            "another story, or add a candidate of kind “gpu” on the Assumptions page.",
            title="Nothing to serve",
            icon=":material/memory:",
        )
        return
    name = _candidate(list(found))
    outlook = view.base.shown.case.outlook(name)
    spec = found[name]
    if isinstance(spec, GpuCandidate):
        _replica(view.base, name, spec)
        draw_load_test(view.scenario, name)
    replicas(view.base.shown, outlook)
    hours(view.base.shown, outlook)


def _candidate(names: list[str]) -> str:
    if st.session_state.get(CANDIDATE) not in names:
        st.session_state[CANDIDATE] = names[0]
    if len(names) == 1:
        return names[0]
    chosen = st.segmented_control(
        "Candidate", names, format_func=plain, key=CANDIDATE, persist_state="session", required=True
    )
    return str(chosen or names[0])


def _replica(result: JudgedWorld, name: str, spec: GpuCandidate) -> None:
    st.markdown("## One replica", help=explain("replica", "TTFT", "TPOT"))
    if not simulatable(spec):
        st.caption(
            "The scenario states what a replica carries, and names no model or GPU to simulate. State `model` and "
            "`fleet.gpu` on the Assumptions page to hold that against a simulation."
        )
        return
    chosen = choose(name, spec)
    if chosen is not None:
        take_over(name, spec, chosen)
    what_it_carries(result, name, spec, chosen)
