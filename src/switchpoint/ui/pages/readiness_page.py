"""The page of the programme behind the switch: whether the team is on the right road, and what its gates cost."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from functools import partial
from typing import Any

import streamlit as st

from switchpoint.charts.readiness_curves import (
    HISTORY_NOTE,
    has_history,
    history_chart,
    history_takeaway,
    odds_chart,
    odds_note,
    odds_takeaway,
)
from switchpoint.decision.gates import CALLED, ProgrammeGates
from switchpoint.export.readiness_text import gate_rows, measure_rows, phase_rows
from switchpoint.files import LARGEST_UPLOAD_MB
from switchpoint.owndata.usage_history import history_of
from switchpoint.readiness.measures import costs_of_usage
from switchpoint.readiness.report import Readiness, assess
from switchpoint.readiness.steps import experiment_words
from switchpoint.scenario.errors import ScenarioError
from switchpoint.scenario.log_files import joined_logs
from switchpoint.scenario.programme import NO, YES, LoggedCost, ProgrammeLog
from switchpoint.scenario.toml_writer import REMOVED
from switchpoint.text import day, months, percent
from switchpoint.ui import answers, session
from switchpoint.ui.library import key_of
from switchpoint.ui.pages.your_data_page import READ, OwnFiles
from switchpoint.ui.session import View
from switchpoint.ui.widgets import (
    ShownFact,
    chart,
    facts,
    faults,
    fold,
    if_shown,
    key_shown,
    look,
    open_view,
    plain,
    subject,
    text_table,
)

ABOUT = "Gates before the commit, the work of the team, and nine steps: each with what the simulation says of it."
JUDGED = "as judged"
ASKED = ("product_market_fit", "labelled_data", "skills")
"""The gates that are answered at the top of the page; each costs nothing to answer."""
UPLOADED = "programme_log"
COSTS_READ = "The cost of an inference is that of the files on Your data, week by week, in place of what was logged."
COSTS_LOGGED = (
    "The cost of an inference is what was logged; files dropped on Your data that count requests take its place."
)
TABS = ("Gates", "Nine steps", "Experiments", "Diagnosis", "Five measures", "Phases")
NO_PROGRAMME = (
    "This scenario states no programme. What can be judged from its project is shown; answer the rest here, or add "
    "[programme] to its file: `switchpoint readiness FILE --new` writes one to start from."
)
UNREAD = (
    "A log that the file names was not opened: a text that comes from a link or an upload may open no file. Add it "
    "here instead."
)


def page() -> None:
    """Draw the page."""
    view = open_view("Is the team ready?", ABOUT)
    if view is None or view.base is None or view.scenario is None:
        return
    st.caption(plain(subject(view)))
    if view.scenario.programme is None:
        st.info(plain(NO_PROGRAMME), icon=":material/flag:")
    body = st.container()
    log = _log(view)
    if log is not False:
        with body:
            _body(view, log)


def _body(view: View, log: ProgrammeLog | None) -> None:
    """All but the place for another log, which stands below."""
    assert view.base is not None
    costs = read_costs()
    found = assess(view.base, draws=0, log=log, costs=costs)
    st.markdown(f"## {plain(found.sentence)}")
    st.markdown(plain(found.layers.sentence))
    facts(_figures(found))
    _answers(found.gates)
    for tab, name in zip(st.tabs(TABS, key="readiness", bind="query-params"), TABS, strict=True):
        if tab.open:
            with tab:
                _tab(name, view, found, log)


def _log(view: View) -> Any:
    """An uploaded log, None for that of the scenario, False where the uploaded one has faults."""
    assert view.loaded is not None
    assert view.scenario is not None
    stated = view.scenario.programme
    unread = stated is not None and not stated.log and "\nlog = " in f"\n{view.loaded.text}"
    with fold("Use another log", "readiness log", ":material/upload_file:", expanded=unread):
        if unread:
            st.caption(UNREAD)
        file = st.file_uploader("Log of the team, CSV or TOML", key=UPLOADED, max_upload_size=LARGEST_UPLOAD_MB)
        if file is None:
            return None
    try:
        return joined_logs(((file.name, file.getvalue()),))
    except ScenarioError as wrong:
        faults(f"{file.name} cannot be read", str(wrong).splitlines(), "Correct these lines and add it again.")
        return False


def _figures(found: Readiness) -> Iterator[ShownFact]:
    gates = found.gates
    yield ShownFact("Gates met", f"{len(gates.each) - len(gates.open)} of {len(gates.each)}")
    commit, then = found.date(gates.commit), found.date(gates.earliest_commit)
    if commit is not None:
        yield ShownFact("Commit by", day(commit), "first training of the advised start")
        yield ShownFact("As things stand", "open" if then is None else day(then), _open_words(found, then))
    tried = found.experiments
    yield ShownFact("Experiments", f"{tried.done} of {tried.wanted}", f"{tried.per_month:.2g} a month")
    if tried.months_to_viable:
        yield ShownFact("To a viable prototype", months(tried.months_to_viable), "on average, at this pace")
    if found.diagnosis.ratio is not None:
        yield ShownFact("With a diagnosis", percent(round(found.diagnosis.ratio, 2)), "of all interventions")


def _open_words(found: Readiness, then: date | None) -> str:
    return "a gate has no date yet" if then is None else "" if found.gates.slip_costs is None else "a gate is late"


def _answers(gates: ProgrammeGates) -> None:
    """A switch for each of the first questions; what is answered goes into the draft like any other number."""
    with st.grid("auto", min_column_width=260):
        for name in ASKED:
            stated = getattr(gates.programme.gates, name)
            options = [JUDGED, YES, NO, *([day(stated)] if isinstance(stated, date) else [])]
            now = day(stated) if isinstance(stated, date) else stated or JUDGED
            key = key_shown(f"gate {name}", now)
            label, take = f"{CALLED[name][:1].upper()}{CALLED[name][1:]}", partial(_answer, name, key)
            st.segmented_control(label, options, key=key, required=True, on_change=if_shown(f"gate {name}", key, take))


def _answer(name: str, key: str) -> None:
    chosen = st.session_state[key]
    if chosen in (YES, NO, JUDGED):
        session.edit({("programme", "gates", name): REMOVED if chosen == JUDGED else chosen})


def _tab(name: str, view: View, found: Readiness, log: ProgrammeLog | None) -> None:
    if name == "Gates":
        head = ("Gate", "Met", "Needed by", "Begin by", "A month's delay", "Because")
        text_table(head, gate_rows(found), "Gates with their dates and what a month's delay comes to")
        st.caption(
            "A gate blocks the commit, never a preparation. Delays are simulated: labels, hiring or the commit "
            "come a month later."
        )
    elif name == "Phases":
        head = ("Phase", "From", "Until", "Costs", "Gates at its end", "What happens")
        text_table(head, phase_rows(found), "Phases from the prototype to the switch")
    elif name == "Experiments":
        _experiments(found)
    else:
        _with_effects(name, view, log)


def _experiments(found: Readiness) -> None:
    tried = found.experiments
    if tried.odds is None:
        st.caption("No experiment is logged and no odds are stated, so nothing can be said of a viable prototype.")
        return
    chart(odds_chart(tried, look(), titled=False), odds_takeaway(tried), odds_note(tried))
    st.markdown(plain(" ".join(experiment_words(tried))))


def _with_effects(name: str, view: View, log: ProgrammeLog | None) -> None:
    """What needs draws: found once the page rests."""
    base = view.base
    assert base is not None
    assert view.scenario is not None
    costs = read_costs()
    key = ("readiness", key_of(view.scenario), log, costs)

    def show(found: Readiness) -> None:
        {"Nine steps": _steps, "Diagnosis": _diagnosis, "Five measures": _measures}[name](found)

    answers.later(
        "readiness", key, lambda _: assess(base, log=log, costs=costs), show, "Pricing diagnosis in the simulation …"
    )


def _steps(found: Readiness) -> None:
    for step in found.steps:
        icon = ":material/check_circle:" if step.done else ":material/radio_button_unchecked:"
        st.markdown(f"{icon} **{step.number}. {plain(step.title)}**  \n{plain(step.state)} {plain(step.says)}")
        if step.next:
            st.caption(plain(f"Next: {step.next} {step.decides[:1].upper()}{step.decides[1:]} decides."))


def _diagnosis(found: Readiness) -> None:
    lines = found.diagnosis.sentences
    if not lines:
        st.caption("No error and no intervention is logged, and nothing in the project hangs on diagnosis.")
    for line in lines:
        st.markdown(plain(line))
    if found.gates.log.errors_seen:
        rows = [
            [each.category, percent(round(each.share, 3)), str(each.interventions), str(each.worked), each.treatment]
            for each in found.diagnosis.errors
        ]
        head = ("Errors", "Share", "Interventions", "Worked", "What helps")
        text_table(head, rows, "Errors by what is behind them")


def _measures(found: Readiness) -> None:
    head = ("Measure", "Value", "Target", "Trend", "What it does to the start-by date")
    text_table(head, measure_rows(found), "Five measures with target, trend and effect")
    if has_history(found.measures):
        chart(history_chart(found.measures, look(), titled=False), history_takeaway(found.measures), HISTORY_NOTE)
    st.caption(COSTS_READ if read_costs() else COSTS_LOGGED)


def read_costs() -> tuple[LoggedCost, ...]:
    """What an inference cost, week by week, in the files that were dropped on Your data; nothing without any."""
    own: OwnFiles | None = st.session_state.get(READ)
    return () if own is None else costs_of_usage(history_of(own.read))
