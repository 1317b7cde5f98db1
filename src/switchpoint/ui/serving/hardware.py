"""Trying another GPU or model in a fleet's place, and taking it over into the scenario."""

from __future__ import annotations

import streamlit as st

from switchpoint.catalog import gpu, gpus, model, models
from switchpoint.scenario.schema import GpuCandidate
from switchpoint.ui.serving.question import Hardware, changes
from switchpoint.ui.state import session
from switchpoint.ui.words import plain

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
