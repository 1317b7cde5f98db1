"""The verdict in one sentence that a person would say aloud."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from switchpoint.clock import MONTH_DAYS, NEVER, Clock
from switchpoint.decision.outlook import Outlook
from switchpoint.decision.verdict import Action, Verdict, live_if_started_today
from switchpoint.timeline.ledger import Component
from switchpoint.words import about, day, listed, months, percent, usd, weeks

CURRENT = (Component.API_INPUT, Component.API_CACHED, Component.API_OUTPUT, Component.API_FLAT)


@dataclass(frozen=True)
class Flip:
    """The level of usage at which the advice to stay changes, and to what."""

    requests_per_day: float
    times: float
    limit_reached: bool
    candidate: str | None


@dataclass(frozen=True)
class Told:
    """All that the sentence is made of."""

    verdict: Verdict
    outlooks: Sequence[Outlook]
    clock: Clock
    months: int
    threat: int
    threat_ends: int
    flip: Flip | None

    def date(self, number: int) -> str:
        """A day as a date; day 0 is today."""
        return "today" if number == 0 else day(self.clock.date_of(number))

    @property
    def hit(self) -> str:
        """What becomes of the bill."""
        if self.threat == NEVER:
            return f"the limit is not reached within {months(self.months)}"
        if self.threat == 0:
            return "the bill is over its limit already"
        lasts = ""
        if self.threat_ends < self.clock.days:
            lasts = f" for {weeks(self.threat_ends - self.threat)}, until {self.date(self.threat_ends)}"
        return f"the bill reaches its limit on {self.date(self.threat)}{lasts}"


def sentence(told: Told) -> str:
    """One sentence: what to do, by when, why, and what would change it. Base case."""
    verdict, best = told.verdict, told.verdict.candidate
    if verdict.action is Action.NO_REMEDY:
        return _no_remedy(told)
    if best is None:
        return _stay(told)
    opening = {Action.START_BY: _start_by, Action.START_NOW: _start_now, Action.LATE: _late}[verdict.action]
    return f"{opening(told, best)}; {_money(best)}{tie(verdict, best)}; {change(best)}."


def _start_by(told: Told, best: Outlook) -> str:
    text = f"Start {best.name} by {told.date(told.verdict.start_by)}"
    if told.threat == NEVER:
        return f"{text}: {told.hit}, but waiting longer costs money"
    if told.verdict.binds == "money":
        return f"{text}: waiting longer costs money, and {told.hit}"
    return f"{text}{preparing(told.verdict, told.date)} to be live when {told.hit}{_warned(told, best)}"


def preparing(verdict: Verdict, date: Callable[[int], str]) -> str:
    """The latest days for labelling and hiring in brackets, where there is any."""
    dated = (("labelling", verdict.label_by), ("hiring", verdict.hire_by))
    steps = [f"{step} from {date(number)}" for step, number in dated if number != NEVER]
    return f" ({listed(steps)} at the latest)" if steps else ""


def _warned(told: Told, best: Outlook) -> str:
    opened = told.verdict.window
    if opened is None or told.verdict.start_by >= opened[0]:
        return ""
    takes = weeks(live_if_started_today(best) - best.today)
    return f"; waiting for the warning window, from {told.date(opened[0])}, is too late: going live takes {takes}"


def _start_now(told: Told, best: Outlook) -> str:
    text = f"Go on with {best.name}" if under_way(best) else f"Start {best.name} now"
    if told.threat == NEVER:
        return f"{text}: {told.hit}, but waiting costs money"
    return f"{text}: {told.hit}, and {_live(told, best)}"


def _live(told: Told, outlook: Outlook) -> str:
    live = live_if_started_today(outlook)
    if live <= 0:
        return f"{outlook.name} is live today"
    return f"{outlook.name}{'' if under_way(outlook) else ', started today,'} is live on {told.date(live)}"


def under_way(outlook: Outlook) -> bool:
    """Whether its project has begun already."""
    return outlook.starts.under_way is not None


def _late(told: Told, best: Outlook) -> str:
    behind = weeks(live_if_started_today(best) - told.threat)
    text = f"You are {behind} late: {told.hit}, and {_live(told, best)}; "
    text += "go on all the same" if under_way(best) else "start now"
    bridge = told.verdict.bridge
    if bridge is None:
        return text
    return f"{text}, and bridge with {bridge.name}, live {_on(told, live_if_started_today(bridge))}"


def _on(told: Told, number: int) -> str:
    return "today" if number <= 0 else f"on {told.date(number)}"


def _money(best: Outlook) -> str:
    saving = best.saving(best.starts.judged)
    if not best.starts.saves(best.starts.judged):
        return f"{best.name} costs {usd(-saving)} more than staying, the price of keeping the limit"
    return f"{best.name} saves {usd(saving)} in present value over {months(round(best.clock.days / MONTH_DAYS))}"


def tie(verdict: Verdict, best: Outlook) -> str:
    """Which candidates are as good, in brackets; else nothing."""
    if not verdict.tied:
        return ""
    names = listed([o.name for o in verdict.tied])
    return f" (a tie with {names} within 3 % of the bill; {best.name} takes the smaller one-off)"


def change(best: Outlook) -> str:
    """What would change it: the fall of the current route's prices at which the saving is gone."""
    least = price_that_ends_saving(best)
    if least is None or least <= 0:
        return "no price cut of today's API would change that"
    if least >= 1:
        return f"it would save if today's API became {percent(least - 1)} dearer"
    return f"the saving is gone if today's API gets {percent(1 - least)} cheaper"


def price_that_ends_saving(best: Outlook) -> float | None:
    """Factor on all that the current route bills at which the candidate saves nothing, started by its start-by day.

    The saving is linear in that factor: factor x (its bill when staying - what is still paid to it) - all other cost
    that comes on top of staying, in present values. None where the switch does not lower what is paid to it.
    """
    row = best.starts.row(best.starts.judged)
    entries, discount = best.starts.path.ledger.entries, best.starts.discount
    kept = sum(float(entries[c][row] @ discount) for c in CURRENT)
    billed = float(best.prospect.setting.billed @ discount)
    avoided = billed - kept
    other = float(best.starts.present_cost[row]) - kept - (best.starts.present_stay - billed)
    return other / avoided if avoided > 0 else None


def _stay(told: Told) -> str:
    if not told.outlooks:
        return f"Stay: {told.hit}, and there is no candidate to compare."
    text = f"Stay on the current route: {told.hit} and no candidate saves{_impossible(told)}"
    if told.verdict.too_short:
        text += ", though a longer horizon might show one that does"
    return f"{text}; {more_usage(told.flip)}."


def more_usage(flip: Flip | None) -> str:
    """What more usage would change of the advice to stay."""
    if flip is None:
        return "more usage alone would not change that"
    then = "the limit comes within reach" if flip.limit_reached else f"{flip.candidate} saves"
    times = about(flip.times) if flip.times >= 10 else f"{flip.times:.2g}"
    return f"from about {about(flip.requests_per_day)} requests a day ({times} times today's) {then}"


def _no_remedy(told: Told) -> str:
    if not told.outlooks:
        return f"No remedy: {told.hit}, and there is no candidate to turn to; add one."
    if told.verdict.too_short:
        return (
            f"The horizon of {told.months} months is too short to judge: {told.hit}, and a candidate that would keep "
            f"it is not live twelve months before the end{_anyway(told)}; a longer horizon would tell."
        )
    text, best = f"No remedy: {told.hit}, and no candidate keeps it below", told.verdict.candidate
    if best is None:
        return f"{text} or saves{_impossible(told)}; a cheaper route or a higher limit would change that."
    return f"{text}{_impossible(told)}{_anyway(told)}; more coverage or a higher limit would change that."


def _anyway(told: Told) -> str:
    """With no remedy, what saves all the same."""
    if told.verdict.candidate is None:
        return ""
    savers = (told.verdict.candidate, *told.verdict.tied)
    named = [f"{o.name} saves {usd(o.saving(o.starts.best))}" for o in savers]
    return f"; {listed(named)} all the same"


def _impossible(told: Told) -> str:
    """Which candidates are not possible, from when, and why."""
    named = []
    for outlook in told.outlooks:
        if not outlook.possible:
            since = "" if outlook.impossible_from == 0 else f" from {told.date(outlook.impossible_from)}"
            named.append(f"{outlook.name} is not possible{since}: {outlook.prospect.carrier.why_impossible}")
    return f" ({'; '.join(named)})" if named else ""
