"""The verdict in one line, the same on top of every page and, on a phone, on top of the inputs.

It stands before the page is drawn, with the chances that are known; once the page is there, they are looked for.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Literal

import streamlit as st

from switchpoint.charts.takeaways import date_of, main_path, path_name, short, within
from switchpoint.decision.cash import Started
from switchpoint.decision.plan_result import PlanResult
from switchpoint.decision.result import JudgedWorld
from switchpoint.decision.verdict import Action, Verdict, live_if_started_today
from switchpoint.errors import CannotCompute
from switchpoint.horizon import NEVER
from switchpoint.study.draw_results import DrawFindings
from switchpoint.study.draw_survey import ADVISED
from switchpoint.study.draws import Money
from switchpoint.text import chance, usd, usd_range, weeks
from switchpoint.ui import draw_facts
from switchpoint.ui.budget import too_many_draws
from switchpoint.ui.draw_progress import growing, known_findings, most_known
from switchpoint.ui.library import key_of
from switchpoint.ui.session import View, is_worked_in_dialog
from switchpoint.ui.widgets import plain

Colour = Literal["green", "blue", "orange", "red"]
BADGES: dict[Action, tuple[str, Colour, str]] = {
    Action.STAY: ("Stay", "green", ":material/check:"),
    Action.START_BY: ("Start by", "blue", ":material/event:"),
    Action.START_NOW: ("Start now", "orange", ":material/play_arrow:"),
    Action.LATE: ("Late", "red", ":material/schedule:"),
    Action.NO_REMEDY: ("No remedy", "red", ":material/block:"),
}
KEY, KEY_AT_THE_LEFT = "verdict_strip", "verdict_at_the_left"


def badge(result: JudgedWorld) -> str:
    """The verdict in two or three words."""
    verdict = result.verdict
    if result.chooses_start:
        return "Your choice"
    if verdict.action is Action.START_BY:
        return f"Start by {date_of(result, verdict.start_by)}"
    late = verdict.alone or verdict.candidate
    if verdict.action is Action.LATE and late is not None:
        return f"{weeks(live_if_started_today(late) - result.case.threat)} late"
    return BADGES[verdict.action][0]


def strip_parts(result: JudgedWorld, findings: DrawFindings | None) -> Iterator[str]:
    """What the strip says: the advice, how likely it is in time, the likely case, its range, and what today is.

    Args:
        result: as it is shown.
        findings: of draws on the same scenario, if there are any.
    """
    best = main_path(result)
    if best is None or not (result.chooses_start or result.verdict.candidate is not None):
        yield badge(result)
    else:
        late = result.advised_plan is not None and result.verdict.action is Action.LATE
        yield f"{badge(result)}{' with one candidate alone' if late else ''}: {path_name(best)}"
        yield from _worth(result, best, findings)
    yield f"today is {date_of(result, 0)}"


def _worth(result: JudgedWorld, best: Started, findings: DrawFindings | None) -> Iterator[str]:
    started = within(result, best.project_start)
    saving = best.npv_saving
    likely = f"saves {usd(saving)}" if saving >= 0 else f"costs {usd(-saving)} more than staying"
    told = f"likely case {likely}" if started else "not started within the horizon"
    if findings is None or result.chooses_start or not _is_drawn(best, findings):
        yield told
        return
    better = _better_over_draws(best, findings.verdict)
    if better:
        yield told
        yield f"over {findings.draws:,} draws {better} is better"
        return
    share, spread = _over_draws(best, findings)
    if findings.median_threat != NEVER:
        yield f"in time in {chance(share)} of draws{_start_of_draws(result, best, findings)}"
    word = "" if saving >= 0 else "saves "
    yield f"{told} ({word}{usd_range(spread.p10, spread.p90)} in 80 % of draws)"


def _is_drawn(best: Started, findings: DrawFindings) -> bool:
    return best.name in (findings.plans if isinstance(best, PlanResult) else findings.candidates)


def _better_over_draws(best: Started, verdict: Verdict) -> str:
    """What the draws advise, where that is something else."""
    plan, one = verdict.plan, verdict.candidate
    if isinstance(best, PlanResult):
        alone = "staying" if one is None else f"{short(one.name)} alone"
        return alone if plan is None else "" if plan.name == best.name else path_name(plan)
    if one is None:
        return "staying"
    return path_name(plan or one) if plan is not None or one.name != best.name else ""


def _over_draws(best: Started, findings: DrawFindings) -> tuple[float, Money]:
    """In which part of the draws it is in time, and what it saves."""
    if isinstance(best, PlanResult):
        drawn = findings.plans[best.name]
        return drawn.in_time or 0.0, drawn.saving
    found = findings.candidates[best.name]
    return found.in_time[0], found.saving(ADVISED)


def _start_of_draws(result: JudgedWorld, best: Started, findings: DrawFindings) -> str:
    """The start that chances are of, where it is not the one that the strip begins with."""
    verdict = findings.verdict
    at_once = verdict.action in (Action.START_NOW, Action.LATE)
    start = 0 if at_once else max(verdict.start_by, 0)
    if not within(result, start) or start == max(best.project_start, 0):
        return ""
    return f" if started by {date_of(result, start)}"


def strip_words(result: JudgedWorld, findings: DrawFindings | None) -> str:
    """The strip as Markdown."""
    first, *rest = strip_parts(result, findings)
    return " · ".join([f"**{plain(first)}**", *map(plain, rest)]).replace(" %", "\u00a0%")


def begin_strip(view: View) -> Any:
    """The strip above the page with what is known; the place in which `finish_strip` says more."""
    with st.container(key=KEY):
        place = st.empty()
    if view.base is not None:
        place.caption(strip_words(view.base.shown, _known_draws(view.base)))
    elif view.loaded is not None:
        place.caption(":material/error: No verdict: the numbers do not work together.")
    return place


def finish_strip(view: View, place: Any) -> None:
    """Say the chances too, drawn after the page; any change of a number takes over while they are."""
    if view.base is None or is_worked_in_dialog():
        return
    draws = draw_facts.DRAWS
    if _known_draws(view.base) is None and not too_many_draws(view.base.case.scenario, draws):
        try:
            list(growing(view.base, draws, lambda _: None, (), seen=False))
        except CannotCompute:
            return
    place.caption(strip_words(view.base.shown, _known_draws(view.base)))


def _known_draws(base: JudgedWorld) -> DrawFindings | None:
    """The most draws that were made of a scenario, those of Decide at least."""
    scenario = base.case.scenario
    return most_known(scenario) or known_findings(key_of(scenario), draw_facts.DRAWS)


def strip_at_the_left(view: View) -> None:
    """The advice above the inputs, for screens on which these cover the page."""
    if view.base is None:
        return
    with st.container(key=KEY_AT_THE_LEFT):
        first, *_ = strip_parts(view.base.shown, None)
        best = main_path(view.base.shown)
        saves = f" · saves {usd(best.npv_saving)}" if best is not None and within(view.base, best.project_start) else ""
        st.caption(f"**{plain(first)}**{plain(saves)}")
