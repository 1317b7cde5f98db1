"""Cards of candidates with all figures, and cards of plans: who starts when, and who carries what."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import streamlit as st

from switchpoint.charts import takeaways as told
from switchpoint.charts.projects import carriers_chart, carriers_note, carriers_words, has_carriers
from switchpoint.charts.takeaways import (
    date_of,
    end_credit_words,
    fleet_words,
    limit_words,
    peak_words,
    policy_words,
    return_words,
    start_words,
    within,
)
from switchpoint.decision.candidate_result import CandidateResult
from switchpoint.decision.clauses import distinct_plans, keeps_of
from switchpoint.decision.plan_result import PlanResult, StartedStep
from switchpoint.decision.result import JudgedWorld
from switchpoint.decision.verdict import BRIDGE
from switchpoint.horizon import NEVER
from switchpoint.study.draw_results import DrawFindings
from switchpoint.study.draw_survey import ADVISED
from switchpoint.text import chance, day, months, percent, usd
from switchpoint.ui.candidate_dialogs import add_buttons, candidate_menu
from switchpoint.ui.terms import explain
from switchpoint.ui.widgets import chart, fold, look, plain

# Cards and all figures -----------------------------------------------------------------------------------------------

NARROWEST = 250


def cards(result: JudgedWorld, findings: DrawFindings | None) -> None:
    """A card for each candidate, and one for staying; with the chance to save where draws were made."""
    st.markdown("## Candidates")
    if not result.case.outlooks:
        st.info(
            "There is no candidate yet, so there is nothing to switch to. Add one here.", icon=":material/add_circle:"
        )
        add_buttons("cards")
        return
    st.caption(plain(f"{policy_words(result)}. Amounts over {months(result.case.scenario.months)}."))
    with st.grid("auto", min_column_width=NARROWEST, border=True, gap="small"):
        st.markdown(staying(result))
        for outlook in result.case.outlooks:
            with st.container():
                said = card(result, outlook, findings)
                st.markdown(said, help=explain(said))
                candidate_menu(outlook.name, "cards")
    add_buttons("cards")


def staying(result: JudgedWorld) -> str:
    """The card of the current route."""
    threat = result.case.threat
    badge = ""
    if result.case.scenario.limited:
        over = f":orange-badge[over its limit from {date_of(result, threat)}]" if threat != NEVER else ""
        badge = over or ":green-badge[below its limit to the end]"
    if result.case.is_outgrown_first:
        badge = f":orange-badge[outgrown from {date_of(result, threat)}]"
    lines = [_line("Total cost", usd(float(result.case.stay.sum())))]
    lines.append(_line("In present value", usd(result.case.present_stay)))
    return "  \n".join([f"**Stay** {badge}".rstrip(), *lines])


def card(result: JudgedWorld, outlook: CandidateResult, findings: DrawFindings | None) -> str:
    """The card of a candidate, as Markdown."""
    title = f"**{plain(outlook.name)}** {' '.join(badges(result, outlook))}"
    if not outlook.possible:
        when = date_of(result, outlook.impossible_from)
        why = f"Not possible from {when}: {outlook.prospect.carrier.why_impossible}."
        return f"{title}  \n{plain(why)} Its figures would mean nothing."
    return "  \n".join([title, *(_line(name, value) for name, value in figures(result, outlook, findings))])


def badges(result: JudgedWorld, outlook: CandidateResult) -> Iterator[str]:
    """What it is in a word or two, never in colour alone."""
    if outlook is result.verdict.candidate:
        yield ":blue-badge[advised]" if result.advised_plan is None else ":blue-badge[advised in the plan]"
    if outlook is result.verdict.bridge:
        yield ":blue-badge[bridge]"
    if not outlook.possible:
        yield ":red-badge[not possible]"
        return
    if not within(result, outlook.project_start):
        yield ":gray-badge[not started]"
        return
    yield ":green-badge[saves]" if outlook.npv_saving > 0 else ":gray-badge[does not save]"
    if result.case.scenario.limited:
        colour = "green" if told.limit_is_kept(result, outlook) else "orange"
        yield f":{colour}-badge[{told.limit_words(result, outlook)}]"


def figures(result: JudgedWorld, outlook: CandidateResult, findings: DrawFindings | None) -> Iterator[tuple[str, str]]:
    """Label and value of each line."""
    if not within(result, outlook.project_start):
        yield "Not started", "by this rule"
        return
    yield "Started", told.start_words(result, outlook)
    yield "Live", date_of(result, outlook.cutover) if within(result, outlook.cutover) else "not within the horizon"
    saved = outlook.npv_saving
    yield ("Saves" if saved >= 0 else "Costs more than staying"), f"{usd(abs(saved))} in present value"
    yield "Total cost", usd(outlook.total)
    lines = (
        ("Spent before it is live", told.spent_words(outlook)),
        ("Paid back", told.payback_words(outlook)),
        ("Behind staying at most", told.peak_words(result, outlook)),
        ("GPUs worth on the last day", told.end_credit_words(outlook)),
    )
    yield from ((label, value) for label, value in lines if value)
    if findings is not None and outlook.name in findings.candidates:
        share = findings.candidates[outlook.name].saves(ADVISED)[0]
        yield "Saves in", f"{chance(share)} of {findings.draws:,} draws"


def _line(label: str, value: str) -> str:
    return f":gray[{plain(label)}] {plain(value)}"


NONE = "–"
MOSTLY = 0.5
"""A fleet is said to be set by its minimum from this part of its days on."""
Figure = Callable[[JudgedWorld, CandidateResult], str]


def details(result: JudgedWorld) -> None:
    """The table of all figures, and the sources."""
    box = fold("All figures of the candidates", "figures", ":material/table:")
    if box.open and result.case.outlooks:
        with box:
            _table(result)
    where = fold("Where prices and specifications come from", "sources", ":material/fact_check:")
    if where.open:
        with where:
            _sources(result)


def _table(result: JudgedWorld) -> None:
    import pandas as pd

    said = {name: say for name, say in FIGURES.items() if result.case.scenario.limited or name not in OF_THE_LIMIT}
    columns = {plain(o.name): [plain(say(result, o)) for say in said.values()] for o in result.case.outlooks}
    table = pd.DataFrame(columns, index=list(said))
    st.table(table, border="horizontal", alt="Figures of each candidate")


def _date(number: Callable[[CandidateResult], int]) -> Figure:
    def say(result: JudgedWorld, outlook: CandidateResult) -> str:
        found = number(outlook)
        return date_of(result, found) if within(result, found) else f"not within {months(result.case.scenario.months)}"

    return say


def _under_policy(say: Figure) -> Figure:
    """A figure that there is only where the policy starts the project."""
    return lambda result, outlook: say(result, outlook) if within(result, outlook.project_start) else "not started"


def _crossover(result: JudgedWorld, outlook: CandidateResult) -> str:
    text = _date(lambda o: o.running.crossover)(result, outlook)
    reverts = outlook.running.reverts
    return f"{text}, dearer again from {date_of(result, reverts)}" if within(result, reverts) else text


def _limit_again(result: JudgedWorld, outlook: CandidateResult) -> str:
    if not within(result, outlook.cutover):
        return NONE
    if not outlook.keeps_limit:
        return "never below it"
    again = outlook.limit_again
    return date_of(result, again) if within(result, again) else f"not within {months(result.case.scenario.months)}"


def _payback(_: JudgedWorld, outlook: CandidateResult) -> str:
    return NONE if outlook.payback_months is None else months(outlook.payback_months)


def _fleet(_: JudgedWorld, outlook: CandidateResult) -> str:
    if outlook.capacity is None:
        return NONE
    text = f"{outlook.capacity:.2g} requests a second per replica"
    if outlook.capacity_basis:
        text = f"{text} ({outlook.capacity_basis})"
    if outlook.peak_replicas is not None:
        text = f"{outlook.peak_replicas} replicas at the peak, {text}"
    idle = outlook.set_by_minimum
    if idle is not None and idle >= MOSTLY:
        text += f"; set by its minimum, not by load, on {percent(idle)} of days"
    return "; ".join((text, *fleet_words(outlook)))


FIGURES: dict[str, Figure] = {
    "Present value of the saving": _under_policy(lambda _, o: usd(o.npv_saving)),
    "Total cost": _under_policy(lambda _, o: usd(o.total)),
    "Spent before it is live": _under_policy(lambda _, o: usd(o.one_off)),
    "Cheaper to run from": _crossover,
    "Start by": _date(lambda o: o.starts.start_by.day),
    "Project starts": start_words,
    "Cutover": _under_policy(_date(lambda o: o.cutover)),
    "Break-even": _under_policy(_date(lambda o: o.break_even.day)),
    "Payback": _payback,
    "Return": _under_policy(lambda _, o: return_words(o)),
    "Behind staying at most": _under_policy(peak_words),
    "GPUs worth on the last day": _under_policy(lambda _, o: end_credit_words(o) or NONE),
    "Bill": _under_policy(limit_words),
    "Limit reached again": _limit_again,
    "Fleet": _fleet,
}
OF_THE_LIMIT = ("Bill", "Limit reached again")
"""The figures that there are only with a limit."""


def _sources(result: JudgedWorld) -> None:
    from switchpoint.decision.notes import provenance_of

    found = provenance_of(result.case)
    if not found:
        st.caption("Everything is stated in the scenario; nothing was looked up in the catalogue.")
    for row in found:
        dated = day(row["date"]) if hasattr(row["date"], "year") else str(row["date"])
        note = f", {row['note']}" if row["note"] else ""
        st.markdown(
            f"- {plain(row['what'])}: {plain(_value(row['value']))} {plain(row['unit'])}{plain(note)}. "
            f":gray[{', '.join(plain(each) for each in (str(row['source']), dated) if each)}]"
        )


def _value(value: object) -> str:
    if isinstance(value, dict):
        return ", ".join(f"{key.replace('_', ' ')} {amount:g}" for key, amount in value.items() if amount is not None)
    return f"{value:,.6g}" if isinstance(value, (int, float)) else str(value)


# Cards of plans on Decide --------------------------------------------------------------------------------------------

NARROWEST_PLAN = 300


def plan_cards(result: JudgedWorld, findings: DrawFindings | None) -> None:
    """A card for each plan, and the picture of one; nothing without plans."""
    if not has_carriers(result):
        return
    st.markdown("## Plans")
    plans = distinct_plans(result.case.plans)
    made = any(plan.name == BRIDGE for plan in plans)
    note = f" {BRIDGE} is made here: the bridge today, then the best candidate on its best day." if made else ""
    st.caption(plain(f"Several candidates, one after the other or side by side.{note}"))
    with st.grid("auto", min_column_width=NARROWEST_PLAN, border=True, gap="small"):
        for plan in plans:
            st.markdown(plan_card(result, plan, findings))
    chart(carriers_chart(result, look(), titled=False), carriers_words(result), carriers_note(result))


def plan_card(result: JudgedWorld, plan: PlanResult, findings: DrawFindings | None) -> str:
    """The card of a plan, as Markdown."""
    title = f"**{plain(plan.name)}** {' '.join(_badges(result, plan))}"
    if not plan.possible:
        when = date_of(result, plan.impossible_from)
        why = f"Not possible from {when}: one of its steps cannot carry its share."
        return f"{title}  \n{why} Its figures would mean nothing."
    return "  \n".join([title, *(_line(label, value) for label, value in _figures(result, plan, findings))])


def _badges(result: JudgedWorld, plan: PlanResult) -> Iterator[str]:
    if result.verdict.plan is not None and result.verdict.plan.name == plan.name:
        yield ":blue-badge[advised]"
    if not plan.possible:
        yield ":red-badge[not possible]"
        return
    yield ":green-badge[saves]" if plan.npv_saving > 0 else ":gray-badge[does not save]"


def _figures(result: JudgedWorld, plan: PlanResult, findings: DrawFindings | None) -> Iterator[tuple[str, str]]:
    for step in plan.steps:
        yield step.candidate, _step_words(result, step)
    saved = plan.npv_saving
    yield ("Saves" if saved >= 0 else "Costs more than staying"), f"{usd(abs(saved))} in present value, together"
    yield "Total cost", usd(plan.total)
    yield "Spent before they are live", usd(plan.one_off)
    if plan.payback_months is not None:
        yield "Paid back", f"after {months(plan.payback_months)}"
    if keeps := keeps_of(plan, lambda number: "today" if number == 0 else date_of(result, number)):
        yield "Limit", keeps
    found = None if findings is None else findings.plans.get(plan.name)
    if found is not None and findings is not None:
        yield "Saves in", f"{chance(found.saves[0])} of {findings.draws:,} draws"


def _step_words(result: JudgedWorld, step: StartedStep) -> str:
    """When a step starts, is live and ends."""
    if step.start >= NEVER:
        return "not started"
    text = f"started {date_of(result, step.start)}"
    text += f", live {date_of(result, step.cutover)}" if within(result, step.cutover) else ", not live in the horizon"
    return f"{text}, ends {date_of(result, step.ends)}" if within(result, step.ends) else text
