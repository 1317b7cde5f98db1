"""The page of one's own usage and bills: what was read, the fit, the months ahead, and the way into the scenario."""

from __future__ import annotations

import hashlib
import re
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import streamlit as st

from switchpoint.export.own_data_text import backtest_words, fit_rows, no_forecast_words, price_lines
from switchpoint.files import LARGEST_UPLOAD_MB
from switchpoint.interrupt import pause
from switchpoint.owndata.fit_scenario import fitted_changes, taken_out, with_whole_lists
from switchpoint.owndata.own_fit import OwnFit
from switchpoint.owndata.reading import UsageRead, rate_of, read_usage, two_numbers_of
from switchpoint.owndata.watched_bill import RealBill
from switchpoint.scenario.errors import Fault, ScenarioError
from switchpoint.scenario.schema import Scenario
from switchpoint.ui import session
from switchpoint.ui.answers import Progress, later
from switchpoint.ui.candidate_finder import find_button
from switchpoint.ui.session import View
from switchpoint.ui.widgets import chart, faults, look, open_view, plain, sentence_case, text_table

ABOUT = "Drop the files of your provider: what they say of usage, price and growth, and what they cannot tell."
UPLOAD, READ, WRONG, REQUESTS = "own_files", "_own_read", "_own_faults", "own_requests"
TOKENS, RATE, ZONE, NEWEST, AGENTS = "own_tokens", "own_rate", "own_zone", "own_newest", "own_agents"
BELOW = "below “What the files do not say”"
AGENT_FORMAT = re.compile(r"--format (ccusage|cursor) reads it")
FIELDS = (
    (r"--usd-per (\w+=[\d.]+)", rf"\1, {BELOW}"),
    (r"state --requests-per-day or --tokens-per-request", f"state a day's or the tokens of one {BELOW}"),
    (r"take the newer one with --overlap newest", f"take the newer one {BELOW}"),
    (r"--format \w+ reads it all the same", f"it is read all the same where that is asked for {BELOW}"),
    (r"--timezone", "time zone"),
    (r"--usd-per", "dollars for one unit of a currency"),
    (r"--tokens-per-request", "tokens of a request"),
    (r"--requests-per-day", "requests a day"),
)
"""Options of the command line, and what stands for them on the page."""
KNOWN = (
    "Exports of OpenAI, Anthropic, OpenRouter, DeepSeek, Azure, AWS, Google Cloud, LiteLLM, Langfuse, Helicone, "
    "Portkey and LangSmith, FOCUS bills, logs of calls, or a CSV of your own: `date` and any of `requests`, "
    "`input_tokens`, `output_tokens`, `cost_usd`, `model`. Several files may be dropped together, packed ones too."
)
STAYS = (
    f"Up to {LARGEST_UPLOAD_MB} MB each; `switchpoint fit` reads larger ones. Files are read on the machine that runs "
    "this app and nowhere else. They are not kept: only the sums by day and model stay, until this session ends."
)


@dataclass(frozen=True)
class OwnFiles:
    """What was read of the files that were dropped last."""

    read: UsageRead
    key: str
    """Tells it from others."""


def page() -> None:
    """Draw the page."""
    view = open_view("What do your own data say?", ABOUT)
    _drop_field()
    _show_faults()
    found: OwnFiles | None = st.session_state.get(READ)
    if view is None or view.scenario is None or found is None:
        return
    _show_reading(found.read)
    key = ("own fit", found.key, view.scenario.model_dump_json())
    later("own fit", key, partial(_fit, found.read, view.scenario), partial(_show_fit, view), "Fitting the weeks …")


def _drop_field() -> None:
    st.file_uploader(
        "Files of usage and bills",
        accept_multiple_files=True,
        key=UPLOAD,
        max_upload_size=LARGEST_UPLOAD_MB,
        on_change=_take_files,
    )
    st.caption(KNOWN)
    st.caption(STAYS)
    with st.expander("What the files do not say", icon=":material/tune:"):
        st.number_input(
            "Requests a day, where no file counts them",
            min_value=0.0,
            value=None,
            key=REQUESTS,
            on_change=_take_files,
            placeholder="as counted",
        )
        for label, key, example in (
            ("Or tokens of a request, in and out", TOKENS, "2400, 350"),
            ("Dollars for one unit of a currency", RATE, "EUR=1.08"),
            ("Time zone of the product's days, where rows have hours", ZONE, "UTC; such as Europe/Berlin"),
        ):
            st.text_input(label, key=key, placeholder=example, on_change=_take_files)
        st.checkbox("Where downloads have the same days, the newest counts", key=NEWEST, on_change=_take_files)
        st.checkbox("Read files of coding agents too, though they are no traffic", key=AGENTS, on_change=_take_files)


def _take_files() -> None:
    """Read what was dropped; the files themselves are gone when it returns."""
    dropped = st.session_state.get(UPLOAD) or []
    st.session_state[WRONG] = ()
    if not dropped:
        st.session_state[READ] = None
        return
    try:
        told = stated_options(st.session_state)
        st.session_state[READ] = read_dropped([(each.name, each.getvalue()) for each in dropped], **told)
    except ScenarioError as error:
        st.session_state[READ] = None
        st.session_state[WRONG] = tuple(map(in_words_of_page, str(error).splitlines()))


def stated_options(stated: Any) -> dict[str, Any]:
    """What is stated beside the files, as `read_usage` takes it.

    Raises:
        ScenarioError: where a field holds what it cannot mean.
    """
    told: dict[str, Any] = {"requests_per_day": stated.get(REQUESTS) or None, "timezone": stated.get(ZONE) or None}
    told["overlap"] = "newest" if stated.get(NEWEST) else "refuse"
    told["coding_agents"] = bool(stated.get(AGENTS))
    if text := stated.get(TOKENS):
        told["tokens_per_request"] = _or_fault(two_numbers_of(text), "--tokens-per-request", "2400, 350")
    if text := stated.get(RATE):
        told["usd_per"] = dict([_or_fault(rate_of(text), "--usd-per", "EUR=1.08")])
    return told


def _or_fault(found: Any, option: str, example: str) -> Any:
    if found is None:
        raise ScenarioError([Fault("What the files do not say", 1, option, f"must be such as {example}")])
    return found


def in_words_of_page(line: str) -> str:
    """A line of what was read, or of a fault, with the fields of this page in place of options of the command line.

    >>> in_words_of_page("a.csv:1: has amounts in CNY; state dollars for one, such as --usd-per CNY=1.08")
    'a.csv:1: has amounts in CNY; state dollars for one, such as CNY=1.08, below “What the files do not say”'
    """
    for pattern, words in FIELDS:
        line = re.sub(pattern, words, line)
    return line


def read_dropped(dropped: Sequence[tuple[str, bytes]], *, coding_agents: bool = False, **stated: Any) -> OwnFiles:
    """What files hold that come as names and bytes; they lie in a folder of their own for as long as they are read.

    Args:
        dropped: name and bytes of each.
        coding_agents: whether files of coding agents are read, which are refused otherwise.
        stated: as `read_usage` takes it.

    Raises:
        ScenarioError: with a line for each fault; files go by the names they were dropped with.
    """
    told = hashlib.sha256(repr((coding_agents, sorted(stated.items()))).encode())
    with tempfile.TemporaryDirectory(prefix="switchpoint-") as folder:
        paths = []
        for number, (name, data) in enumerate(dropped):
            inside = Path(folder) / str(number)
            inside.mkdir()
            path = inside / (Path(name.replace("\\", "/")).name or "file")
            _write_dropped(path, name, data)
            paths.append(path)
            told.update(data)
        try:
            read = _read_paths(paths, coding_agents, stated)
        except ScenarioError as error:
            raise ScenarioError([_with_own_name(fault, folder) for fault in error.faults]) from None
    return OwnFiles(read, told.hexdigest())


def _write_dropped(path: Path, name: str, data: bytes) -> None:
    try:
        path.write_bytes(data)
    except (OSError, ValueError):  # a name that no file here can have, or no room
        lacks = "cannot be kept while it is read; give the file a short, plain name"
        raise ScenarioError([Fault(ascii(name[:40])[1:-1], 1, "", lacks)]) from None


def _read_paths(paths: Sequence[Path], coding_agents: bool, stated: dict[str, Any]) -> UsageRead:
    """Read files; those of a coding agent once more under their own name, where that is asked for."""
    try:
        return read_usage(paths, **stated)
    except ScenarioError as error:
        name = next(filter(None, (AGENT_FORMAT.search(fault.message) for fault in error.faults)), None)
        if name is None or not coding_agents:
            raise
        return read_usage(paths, format=name[1], **stated)


def _with_own_name(fault: Any, folder: str) -> Any:
    """A fault with the name that a file was dropped with, instead of where it lay."""
    from dataclasses import replace

    clean = fault.message.replace(folder, "")
    return replace(fault, file=Path(fault.file).name if fault.file.startswith(folder) else fault.file, message=clean)


def _show_faults() -> None:
    wrong: tuple[str, ...] = st.session_state.get(WRONG, ())
    if wrong:
        faults("These files cannot be read", wrong, "Nothing was taken from them.")


def _show_reading(read: UsageRead) -> None:
    st.markdown("## What was read")
    st.markdown("\n".join(f"- {plain(in_words_of_page(line))}" for line in read.read_list()))


def _fit(read: UsageRead, scenario: Scenario, told: Progress) -> OwnFit:
    """The fit, with all that takes long found."""
    fit = OwnFit.of(read, scenario)
    told(0.1)
    for number, weeks in enumerate((fit.usage.study, fit.bill_study)):
        if weeks is not None and weeks.speaks:
            for _ in weeks.go_through():
                pause()
        told(0.4 * (number + 1) + 0.1)
    assert fit.as_json
    return fit


def _show_fit(view: View, fit: OwnFit) -> None:
    _show_numbers(fit)
    _show_forecast(fit, view)
    st.markdown("## What these files cannot tell")
    st.markdown("\n".join(f"- {plain(line)}" for line in fit.cannot_tell))
    _show_way_in(view, fit)


def _show_numbers(fit: OwnFit) -> None:
    st.markdown("## What a scenario takes from it")
    _, *rows = fit_rows(fit)
    if not rows:
        st.caption("These files count neither requests nor tokens, so they say nothing of usage.")
        return
    told = [[sentence_case(row[0]).rstrip("."), *row[1:]] for row in rows]
    text_table(("What", "Value", "Why"), told, "Every number of the usage with its range and the reason for it")
    st.markdown("\n".join(f"- {plain(sentence_case(line))}" for line in price_lines(fit)))


def _show_forecast(fit: OwnFit, view: View) -> None:
    from switchpoint.charts.forecast_fans import forecast_chart, forecast_words

    st.markdown("## The bill of the year ahead")
    if not fit.forecast or view.scenario is None:
        st.caption(sentence_case(no_forecast_words(fit)))
        return
    limited = view.scenario.limited
    try:
        drawing = forecast_chart(fit, RealBill(fit.history, view.scenario) if limited else None, look(), titled=False)
    except ScenarioError:  # a limit by the request, and no requests counted
        drawing = forecast_chart(fit, None, look(), titled=False)
    note = "Mean bill of 28 days; shaded: with a chance of 80 %" + ("; yellow: the warning window" if limited else "")
    chart(drawing, forecast_words(fit), note)
    st.caption(plain(backtest_words(fit)))


def _show_way_in(view: View, fit: OwnFit) -> None:
    assert view.scenario is not None
    fitted = fitted_changes(fit, view.scenario)
    changes = with_whole_lists(fitted, view.tree)
    if not any(path[0] == "usage" for path in changes):
        return
    with st.container(horizontal=True, vertical_alignment="center"):
        st.button(
            "Use this as the scenario's usage",
            type="primary",
            icon=":material/check:",
            key="take fit",
            on_click=session.edit,
            args=(changes,),
        )
        find_button()
        st.caption("Usage and effective price replace those of the scenario; undo takes it back.", width="stretch")
    if gone := taken_out(fit, fitted, view.tree):
        st.markdown("\n".join(f"- {plain(sentence_case(line))}" for line in gone))
