"""A load test of one's own, dropped on the page of replicas: its rows judged, and one click that takes the best."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import Any

import streamlit as st

from switchpoint.errors import CannotCompute
from switchpoint.export.capacity_text import ROW_HEAD, SeenLoadTest, row_cells, see_load_test
from switchpoint.files import LARGEST_UPLOAD_MB
from switchpoint.loadtests.load_test import read_load_test
from switchpoint.scenario.errors import Keys
from switchpoint.scenario.schema import Scenario
from switchpoint.scenario.toml_writer import REMOVED
from switchpoint.ui import session
from switchpoint.ui.answers import Progress, later
from switchpoint.ui.widgets import faults, fold, plain, sentence_case

ABOUT = (
    "Results as vLLM, SGLang, aiperf, GuideLLM, inference-perf and others write them. The best row that keeps the "
    "latency promise of this fleet counts, for one replica."
)
WRONG = "_load_test_faults"


def draw_load_test(scenario: Scenario, name: str) -> None:
    """The place for results of a load test of a fleet, and what they say.

    Args:
        scenario: with the fleet.
        name: of its candidate.
    """
    box = fold("Use a load test of your own", f"load test of {name}", ":material/speed:")
    if not box.open:
        return
    with box:
        st.caption(ABOUT)
        dropped = st.file_uploader(
            "Results of a load test",
            accept_multiple_files=True,
            key=f"load test files {name}",
            max_upload_size=LARGEST_UPLOAD_MB,
            on_change=_forget,
        )
        if dropped:
            _show({Path(each.name).name: each.getvalue() for each in dropped}, scenario, name)


def _show(held: Mapping[str, bytes], scenario: Scenario, name: str) -> None:
    digest = hashlib.sha256(repr(sorted(held.items())).encode()).hexdigest()
    key = ("load test", digest, name, scenario.model_dump_json())
    later(f"load test {name}", key, partial(_judge, held, scenario, name), partial(_tell, name), "Reading the rows …")


def _judge(held: Mapping[str, bytes], scenario: Scenario, name: str, told: Progress) -> SeenLoadTest | str:
    """What the results say of a fleet; in words where they are none."""
    files = [Path(each) for each in held]
    told(0.2)
    try:
        test = read_load_test(*files, read=partial(_read, held))
        return see_load_test(scenario, name, test, files, read=partial(_read, held))
    except (ValueError, CannotCompute) as reason:
        return str(reason)


def _read(held: Mapping[str, bytes], file: Path, most_bytes: int) -> bytes:
    return held[file.name][:most_bytes]


def _tell(name: str, seen: SeenLoadTest | str) -> None:
    if isinstance(seen, str):
        faults("That is no load test that is known", [sentence_case(seen)])
        return
    _table([row_cells(each) for each in seen.judged])
    wrong: Sequence[str] = st.session_state.get(WRONG, ())
    if wrong:
        faults("That capacity cannot be used", wrong, "The scenario is as it was.")
    if seen.taken is None:
        st.warning(plain(sentence_case(f"It {seen.why}")), title="Nothing is taken", icon=":material/block:")
        return
    rate = float(f"{seen.taken.requests_per_second:.4g}")
    carried = "" if seen.carried is None else f"; with the scenario's requests {seen.carried:.3g}"
    lines = [f"Taken: {seen.taken.best.row.where or 'its row'}, {rate:g} requests a second of a replica{carried}"]
    st.markdown("\n".join(f"- {plain(sentence_case(line))}" for line in [*lines, *seen.remarks]))
    label, icon = plain(f"Use {rate:g} requests a second for {name}"), ":material/check:"
    args = (name, rate, seen.taken.tokens)
    st.button(label, type="primary", icon=icon, key=f"use load test {name}", on_click=_take, args=args)


def _table(rows: Sequence[Sequence[str]]) -> None:
    import pandas as pd

    alt = "Every row of the load test with its rate, its latencies and whether it keeps the promise"
    st.dataframe(pd.DataFrame(rows, columns=list(ROW_HEAD)), hide_index=True, alt=alt)


def capacity_changes(name: str, rate: float, tokens: tuple[float, float] | None) -> dict[Keys, Any]:
    """What makes a measured rate the capacity of a replica, with the requests that it was measured with.

    Args:
        name: of the candidate.
        rate: requests a second of one replica.
        tokens: mean input and output tokens of a measured request; None where nobody knows.
    """
    fleet: Keys = ("candidates", name, "fleet")
    at = REMOVED if tokens is None else {"input_tokens": round(tokens[0], 1), "output_tokens": round(tokens[1], 1)}
    return {
        (*fleet, "requests_per_second_per_replica"): rate,
        (*fleet, "measured_at"): at,
        (*fleet, "benchmark"): REMOVED,
    }


def _take(name: str, rate: float, tokens: tuple[float, float] | None) -> None:
    st.session_state[WRONG] = session.take_values(capacity_changes(name, rate, tokens))


def _forget() -> None:
    st.session_state[WRONG] = ()
