"""The verdict in one sentence that a person would say aloud."""

from __future__ import annotations

from dataclasses import dataclass

from switchpoint.clock import MONTH_DAYS, NEVER
from switchpoint.decision.outlook import Outlook
from switchpoint.decision.verdict import Action, Verdict, live_if_started_today
from switchpoint.timeline.ledger import Component
from switchpoint.words import about, day, listed, months, percent, usd, weeks

CURRENT = (Component.API_INPUT, Component.API_CACHED, Component.API_OUTPUT, Component.API_FLAT)


@dataclass(frozen=True)
class Facts:
    """What the sentence needs beside the verdict."""

    threat: int
    months: int
    flips_at: float | None
    requests_per_day: float


def sentence(verdict: Verdict, facts: Facts, outlooks: tuple[Outlook, ...]) -> str:
    """One sentence: what to do, by when, why, and what would change it. Base case."""
    best = verdict.candidate
    if verdict.action is Action.NO_REMEDY:
        return _no_remedy(verdict, facts, outlooks)
    if best is None:
        return _stay(verdict, facts, outlooks)
    opening = {Action.START_BY: _start_by, Action.START_NOW: _start_now, Action.LATE: _late}[verdict.action]
    return f"{opening(verdict, best, facts)}; {_money(best)}{_tie(verdict, best)}; {_change(best)}."


def _date(outlook: Outlook, number: int) -> str:
    return day(outlook.clock.date_of(number))


def _start_by(verdict: Verdict, best: Outlook, facts: Facts) -> str:
    text = f"Start {best.name} by {_date(best, verdict.start_by)}"
    if facts.threat == NEVER:
        return f"{text}: the limit is not reached within {facts.months} months, but waiting longer costs money"
    hit = f"the bill reaches its limit on {_date(best, facts.threat)}"
    if verdict.binds == "money":
        return f"{text}: waiting longer costs money, and {hit}"
    return f"{text} to be live when {hit}{_warned(verdict, best)}"


def _warned(verdict: Verdict, best: Outlook) -> str:
    if verdict.window is None or verdict.start_by >= verdict.window[0]:
        return ""
    return f" (waiting for the warning window, from {_date(best, verdict.window[0])}, is too late by construction)"


def _start_now(_: Verdict, best: Outlook, facts: Facts) -> str:
    text = f"Start {best.name} now" if best.starts.under_way is None else f"Go on with {best.name}"
    live = f"it is live on {_date(best, live_if_started_today(best))}"
    if facts.threat == NEVER:
        return f"{text}: the limit is not reached within {facts.months} months, but waiting costs money"
    hit = f"the bill reaches its limit on {_date(best, facts.threat)}"
    return f"{text}: {hit}, and {live} if it starts today"


def _late(verdict: Verdict, best: Outlook, facts: Facts) -> str:
    live = live_if_started_today(best)
    behind = weeks(live - facts.threat)
    hit = (
        "the bill is over its limit already"
        if facts.threat == 0
        else (f"the bill reaches its limit on {_date(best, facts.threat)}")
    )
    text = f"You are {behind} late: {hit}, and {best.name} started today is live only on {_date(best, live)}"
    if verdict.bridge is None:
        return f"{text}; start now"
    ready = _date(verdict.bridge, live_if_started_today(verdict.bridge))
    return f"{text}; start now, and bridge with {verdict.bridge.name}, live on {ready}"


def _money(best: Outlook) -> str:
    saving = best.saving(best.starts.judged)
    if not best.starts.saves(best.starts.judged):
        return f"{best.name} costs {usd(-saving)} more than staying, the price of keeping the limit"
    return f"{best.name} saves {usd(saving)} in present value over {best.clock.days / MONTH_DAYS:.0f} months"


def _tie(verdict: Verdict, best: Outlook) -> str:
    if not verdict.tied:
        return ""
    names = listed([o.name for o in verdict.tied])
    return f" (a tie with {names} within 3 % of the bill; {best.name} takes the smaller one-off)"


def _change(best: Outlook) -> str:
    """What would change it: the fall of the current route's prices at which the saving is gone."""
    least = price_that_ends_saving(best)
    if least is None or least <= 0:
        return "no price cut of today's API would change that"
    if least >= 1:
        return f"it would save if today's API became {percent(least - 1)} dearer"
    return f"the saving is gone if today's API gets {percent(1 - least)} cheaper"


def price_that_ends_saving(best: Outlook) -> float | None:
    """Factor on all that the current route costs at which the candidate saves nothing, started by its start-by day.

    The saving is linear in that factor: factor x (stay - what is still paid to the current route) - all other cost, in
    present values. None where the switch does not lower what is paid to the current route.
    """
    row = best.starts.row(best.starts.judged)
    entries, discount = best.starts.path.ledger.entries, best.starts.discount
    kept = sum(float(entries[c][row] @ discount) for c in CURRENT)
    avoided = best.starts.present_stay - kept
    other = float(best.starts.present_cost[row]) - kept
    return other / avoided if avoided > 0 else None


def _stay(verdict: Verdict, facts: Facts, outlooks: tuple[Outlook, ...]) -> str:
    why = f"the limit is not reached within {facts.months} months"
    if not outlooks:
        return f"Stay: {why}, and there is no candidate to compare."
    text = f"Stay on the current route: {why} and no candidate saves{_impossible(outlooks)}"
    if verdict.too_short:
        text += ", though the horizon is too short to judge them"
    if facts.flips_at is None:
        return f"{text}; more usage alone would not change that."
    return (
        f"{text}; that changes from about {about(facts.flips_at)} requests a day at the start"
        f" ({facts.flips_at / facts.requests_per_day:.3g} times today's)."
    )


def _no_remedy(verdict: Verdict, facts: Facts, outlooks: tuple[Outlook, ...]) -> str:
    first = outlooks[0] if outlooks else None
    hit = f"the bill reaches its limit {_threat_words(first, facts)}"
    if first is None:
        return f"No remedy: {hit}, and there is no candidate to turn to; add one."
    if verdict.too_short:
        return (
            f"The horizon of {facts.months} months is too short to judge: {hit}, and no project here is live twelve "
            f"months before its end; a longer horizon would tell."
        )
    text = f"No remedy: {hit}, and no candidate keeps it below{_impossible(outlooks)}"
    if verdict.candidate is None:
        return f"{text} or saves; a cheaper route, a higher price or a higher limit would change that."
    named = [f"{o.name} saves {usd(o.saving(o.starts.best))}" for o in (verdict.candidate, *verdict.tied)]
    return f"{text}; {listed(named)} all the same; more coverage or a higher limit would change that."


def _threat_words(outlook: Outlook | None, facts: Facts) -> str:
    if facts.threat == 0:
        return "today"
    return f"on {_date(outlook, facts.threat)}" if outlook else f"in {months(facts.threat / MONTH_DAYS)}"


def _impossible(outlooks: tuple[Outlook, ...]) -> str:
    names = [o.name for o in outlooks if not o.possible]
    return f" ({listed(names)}: not possible)" if names else ""
