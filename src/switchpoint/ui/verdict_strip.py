"""The verdict in one line on every page, and a draft beside a baseline in one sentence.

The verdict in one line, the same on top of every page and, on a phone, on top of the inputs.

It stands before the page is drawn, with the chances that are known; once the page is there, they are looked for.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
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
from switchpoint.text import chance, day, usd, usd_range, weeks
from switchpoint.ui import draw_facts, session
from switchpoint.ui.draw_facts import growing, known_findings, most_known
from switchpoint.ui.library import key_of, too_many_draws
from switchpoint.ui.session import View, is_worked_in_dialog, view_of
from switchpoint.ui.widgets import plain

# The verdict in one line, the same on top of every page and, on a phone, on top of the inputs ------------------------

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
        yield f"in time in {chance(share)} of {findings.draws:,} draws{_start_of_draws(result, best, findings)}"
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


# Before and after ----------------------------------------------------------------------------------------------------

SMALL_USD = 500.0
"""Savings that differ by less are told as one."""
STARTS = (Action.START_BY, Action.START_NOW, Action.LATE)


@dataclass(frozen=True)
class Stand:
    """What one result comes to: what is started, when, what that saves, and when the limit is reached."""

    candidate: str | None
    """A candidate, or the plan that is advised."""
    start: date | None
    saving_usd: float
    limit: date | None
    limited: bool

    @classmethod
    def of(cls, result: JudgedWorld) -> Stand:
        """That of a result: as advised, or as a stated policy says."""
        shown = result.shown
        clock, threat = shown.case.clock, shown.case.threat
        limit = clock.date_or_none(max(threat, 0))
        best = main_path(shown)
        chosen = shown.chooses_start or shown.verdict.action in STARTS
        if best is None or not chosen or not within(shown, best.project_start):
            return cls(None, None, 0.0, limit, shown.case.scenario.limited)
        start = best.project_start
        if not shown.chooses_start and shown.verdict.action is Action.START_BY:
            start = shown.verdict.start_by
        when = clock.date_of(max(start, 0))
        return cls(path_name(best), when, best.npv_saving, limit, shown.case.scenario.limited)


def difference_words(before: Stand, now: Stand) -> str:
    """What became different, in one sentence; nothing where nothing did.

    >>> one = Stand("own-8b", date(2027, 5, 21), 286_000.0, None, False)
    >>> difference_words(one, Stand("own-8b", date(2027, 3, 12), 605_000.0, None, False))
    'start own-8b 10 weeks earlier (12 March 2027 instead of 21 May 2027), saving $319k more ($605k instead of $286k)'
    >>> difference_words(one, Stand(None, None, 0.0, None, False))
    'stay instead of starting own-8b by 21 May 2027, saving $286k less (nothing instead of $286k)'
    """
    return ", ".join(filter(None, (_start_words(before, now), _saving_words(before, now), _limit_words(before, now))))


def _start_words(before: Stand, now: Stand) -> str:
    if (before.candidate, before.start) == (now.candidate, now.start):
        return ""
    if now.candidate is None:
        return f"stay instead of starting {_name_and_day(before)}"
    if before.candidate is None:
        return f"start {_name_and_day(now)} instead of staying"
    if before.candidate != now.candidate or before.start is None or now.start is None:
        return f"start {_name_and_day(now)} instead of {_name_and_day(before)}"
    moved = (now.start - before.start).days
    way = "later" if moved > 0 else "earlier"
    return f"start {now.candidate} {weeks(abs(moved))} {way} ({day(now.start)} instead of {day(before.start)})"


def _name_and_day(stand: Stand) -> str:
    return f"{stand.candidate} by {day(stand.start)}" if stand.start is not None else str(stand.candidate)


def _saving_words(before: Stand, now: Stand) -> str:
    more = now.saving_usd - before.saving_usd
    if abs(more) < SMALL_USD:
        return ""
    way = "more" if more > 0 else "less"
    told, was = (usd(each) if abs(each) >= SMALL_USD else "nothing" for each in (now.saving_usd, before.saving_usd))
    return f"saving {usd(abs(more))} {way} ({told} instead of {was})"


def _limit_words(before: Stand, now: Stand) -> str:
    if not (before.limited and now.limited) or before.limit == now.limit:
        return ""
    if now.limit is None:
        return "limit no longer reached"
    if before.limit is None:
        return f"limit reached on {day(now.limit)} instead of never"
    moved = (now.limit - before.limit).days
    return f"limit reached {weeks(abs(moved))} {'later' if moved > 0 else 'earlier'} ({day(now.limit)})"


def baseline_result(view: View) -> JudgedWorld | None:
    """The result of the baseline; None where there is none, or it says the same as what is shown."""
    against = session.baseline()
    if against == view.draft or (not view.draft.is_changed and session.pinned_draft() is None):
        return None
    return view_of(against).base


def draw_before_after(view: View, before: JudgedWorld | None) -> None:
    """The sentence, where there is something to hold against."""
    for text in _sentences(view, before):
        st.markdown(text)


def pin_buttons(view: View) -> None:
    """Pin what is shown, and let go of what was pinned."""
    if view.draft != session.pinned_draft():
        st.button(
            "Pin as baseline",
            icon=":material/keep:",
            type="tertiary",
            key="pin",
            on_click=session.pin,
            args=(view.draft,),
            help="Hold everything from now on against what is shown here, in grey on the chart.",
        )
    if session.pinned_draft() is not None:
        st.button(
            "Unpin",
            icon=":material/keep_off:",
            type="tertiary",
            key="unpin",
            on_click=session.pin,
            args=(None,),
            help="Hold it against the scenario as it is in its file again.",
        )


def _sentences(view: View, before: JudgedWorld | None) -> Iterator[str]:
    if before is None or view.base is None:
        return
    against = "pinned baseline" if session.pinned_draft() is not None else "file"
    words = difference_words(Stand.of(before), Stand.of(view.base))
    yield f":material/compare_arrows: Against the {against}: {plain(words or 'the same advice and saving')}."
