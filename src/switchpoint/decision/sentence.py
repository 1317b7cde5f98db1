"""The verdict in one sentence that a person would say aloud: does it save, does it keep the limit, and by when."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from switchpoint.decision import clauses
from switchpoint.decision.candidate_result import CandidateResult
from switchpoint.decision.clauses import Flip, gates_clause
from switchpoint.decision.gates import ProgrammeGates
from switchpoint.decision.plan_result import PlanResult
from switchpoint.decision.verdict import Action, Verdict, live_if_started_today, never_complete
from switchpoint.horizon import NEVER, Horizon
from switchpoint.scenario.schema import Scenario
from switchpoint.text import about, day, join_names, months, usd, weeks


@dataclass(frozen=True)
class SentenceFacts:
    """All that the sentence is made of."""

    scenario: Scenario
    verdict: Verdict
    outlooks: Sequence[CandidateResult]
    clock: Horizon
    threat: int
    threat_ends: int
    flip: Flip | None
    steady: bool = field(default=True)
    """Whether more usage was tried, so that it is known to change nothing where there is no flip."""
    outgrown: str = ""
    """Why the current route cannot carry its load, where that is the threat, before the limit is reached."""
    gates: ProgrammeGates | None = field(default=None)
    """Those of the programme, where one is stated."""

    @property
    def months(self) -> int:
        """Length of the horizon."""
        return self.scenario.months

    @property
    def as_of(self) -> str:
        """The first simulated day, in brackets."""
        return f"(as of {day(self.clock.date_of(0))})"

    @property
    def limited(self) -> bool:
        """Whether there is a limit."""
        return self.scenario.limited

    def date(self, number: int) -> str:
        """A day as a date; day 0 is today."""
        return "today" if number == 0 else day(self.clock.date_of(number))

    @property
    def threatens(self) -> bool:
        """Whether there is anything to say of a threat: a limit, or a current route that is outgrown."""
        return self.limited or self.threat != NEVER

    @property
    def bill_clause(self) -> str:
        """What becomes of the bill, or of a current route that is outgrown before."""
        if self.outgrown:
            when = "already" if self.threat == 0 else f"from {self.date(self.threat)} on"
            return clauses.outgrown(when, self.outgrown)
        if self.threat == NEVER:
            return f"the limit is not reached within {months(self.months)}"
        if self.threat == 0:
            return "the bill is over its limit already"
        lasts = ""
        if self.threat_ends < self.clock.days:
            lasts = f" for {weeks(self.threat_ends - self.threat)}, until {self.date(self.threat_ends)}"
        return f"the bill reaches its limit on {self.date(self.threat)}{lasts}"

    @staticmethod
    def as_advised_alone(outlook: CandidateResult) -> CandidateResult:
        """A candidate started as it would be by itself, where a plan is advised instead."""
        return outlook.started_on(outlook.starts.advised_start)

    def as_advised(self, outlook: CandidateResult) -> CandidateResult:
        """A candidate started as it is advised: the one of the verdict by its date, the others by theirs."""
        return outlook.started_on(named_start(self.verdict, outlook))


def named_start(verdict: Verdict, outlook: CandidateResult) -> int:
    """The start that a candidate is advised with: that of the verdict, today for a bridge, else its own."""
    return start_named(verdict, outlook.name, int(outlook.starts.advised_start), outlook.today)


def start_named(verdict: Verdict, name: str, own: int, today: int) -> int:
    """The same of a candidate by its name, the start that it is judged by, and the earliest that is left."""
    if verdict.plan is not None and (step := verdict.plan.step_of(name)) is not None:
        return step.start
    if verdict.candidate is not None and verdict.candidate.name == name:
        return verdict.start_by if verdict.start_by < NEVER else own
    return today if name in {o.name for o in (verdict.bridge, verdict.saves_only) if o is not None} else own


def sentence(told: SentenceFacts) -> str:
    """One sentence: what to do, by when, why, and what would change it. Base case."""
    verdict, best = told.verdict, told.verdict.candidate
    if verdict.action is Action.NO_REMEDY:
        return _no_remedy(told)
    if best is None:
        return _stay(told)
    if verdict.plan is not None:
        return plan_sentence(told, verdict.plan)
    opening = {Action.START_BY: _start_by, Action.START_NOW: _start_now, Action.LATE: _late}[verdict.action]
    return f"{'; '.join(filter(None, [opening(told, best), *_clauses(told, best)]))}."


def plan_sentence(told: SentenceFacts, plan: PlanResult) -> str:
    """The sentence where a plan is advised: when each candidate starts and is live, what that saves, and what one
    candidate alone would."""
    dated, alone = told.date, told.verdict.alone
    parts = [_plan_opening(told, plan), clauses.told_of(plan, dated), clauses.ends_of(plan, dated)]
    if alone is not None:
        parts.append(_beside_alone(plan, told.as_advised_alone(alone)))
    parts.append(clauses.steps(told.verdict, dated))
    parts.append(_impossible(told, told.outlooks).strip(" ()"))
    return f"{'; '.join(filter(None, parts))}."


def _beside_alone(plan: PlanResult, alone: CandidateResult) -> str:
    """How much more a plan saves than the best candidate alone, and what that saves, where it reads otherwise."""
    more = plan.npv_saving - alone.npv_saving
    if alone.npv_saving <= 0 or more <= 0:
        return f"{alone.name} alone {clauses.money(alone)}"
    saves = "" if usd(plan.npv_saving) == usd(alone.npv_saving) else f", which saves {usd(alone.npv_saving)}"
    return f"that is {usd(more)} more than {alone.name} alone{saves}"


def _plan_opening(told: SentenceFacts, plan: PlanResult) -> str:
    """Who starts when and is live when, and why."""
    verdict, alone = told.verdict, told.verdict.alone
    if verdict.action is not Action.LATE or alone is None:
        why = told.bill_clause if told.limited else "that saves most"
        starts = clauses.starts_of(plan.steps, told.date)
        live_days = clauses.live_of(plan, told.date)
        return f"Start {starts} {told.as_of}, {clauses.plan_called(plan)}: {why}; {live_days}"
    live = live_if_started_today(alone)
    text = (
        f"You are {weeks(live - told.threat)} late {told.as_of}: {told.bill_clause}, and {alone.name}, started today,"
    )
    first, *rest = (clauses.step_of(step, plan, told.date) for step in plan.steps)
    verb = "bridge with" if verdict.bridge and plan.steps[0].candidate == verdict.bridge.name else "start"
    then = f"{verb} {first}, and start {join_names(rest)}: {clauses.plan_called(plan)}"
    return f"{text} is live {_on(told, live)}; {then}"


def _clauses(told: SentenceFacts, best: CandidateResult) -> Iterator[str]:
    """What stands behind the advice, one thought each."""
    verdict, advised = told.verdict, told.as_advised(best)
    yield _outcome(told, advised, tie=clauses.tie(verdict, best), said=verdict.action is Action.LATE)
    yield clauses.leaving(advised, told.date)
    yield clauses.as_good(verdict, told.date)
    yield gates_clause(told.gates, told.date) or clauses.steps(verdict, told.date)
    yield clauses.in_time_costs(verdict, told.date)
    yield clauses.warning_clause(told.scenario, verdict, best.lead_days, told.date)
    yield _impossible(told, told.outlooks).strip(" ()")
    yield clauses.change(best)


def _outcome(told: SentenceFacts, best: CandidateResult, *, tie: str, said: bool) -> str:
    """Started on which day it is live when, what it saves, and from when until when it keeps the limit."""
    remedy = told.verdict.remedy is not False
    keeps_limit = bool(told.verdict.remedy) and best.limit_kept.since < told.clock.days
    saves = clauses.money(best, price_of_limit=keeps_limit and not told.scenario.usd_per_month_above)
    keeps = clauses.keeping(best, told.date) if told.limited else ""
    keeps = f" and {keeps}" if keeps else ""
    share = "" if remedy else clauses.share_kept(best, told.date)
    if said:
        return f"{best.name} {saves}{tie}{keeps}{share}"
    live = f"live {_on(told, best.cutover)}" if best.cutover < told.clock.days else "not live within the horizon"
    start = clauses.starts(best, best.project_start, told.date)
    joined = ", " if clauses.under_way(best) else " and "
    return f"{start}{joined}{live}, {saves}{tie}{keeps}{share}"


def _start_by(told: SentenceFacts, best: CandidateResult) -> str:
    text = f"Start {best.name} by {told.date(told.verdict.start_by)} {told.as_of}"
    if told.verdict.binds == "limit":
        return f"{text} to be live when {told.bill_clause}"
    return f"{text}: {_for_money(told)}"


def _start_now(told: SentenceFacts, best: CandidateResult) -> str:
    text = f"Go on with {best.name}" if clauses.under_way(best) else f"Start {best.name} now"
    return f"{text} {told.as_of}: {told.bill_clause if told.verdict.binds == 'limit' else _for_money(told)}"


def _for_money(told: SentenceFacts) -> str:
    """Why a start is advised that the limit does not set."""
    best, flat = told.verdict.candidate, told.verdict.as_good is not None
    why = "that saves most" if flat else "waiting longer costs money"
    if told.scenario.usd_per_month_above:
        why = "with the price of days above the limit, that costs least"
    if best is not None and clauses.under_way(best):
        why = "it saves"
    if not told.threatens:
        return why
    if told.threat == NEVER:
        return f"{told.bill_clause}, but {why}" if not flat else f"{why}, and {told.bill_clause}"
    if told.verdict.remedy is False and not told.scenario.usd_per_month_above:
        return f"{why}, though {told.bill_clause} and no candidate keeps it below for six months from then"
    return f"{why}, and {told.bill_clause}"


def _late(told: SentenceFacts, best: CandidateResult) -> str:
    live = live_if_started_today(best)
    started = "" if clauses.under_way(best) else ", started today,"
    text = (
        f"You are {weeks(live - told.threat)} late {told.as_of}: {told.bill_clause}, and {best.name}{started} is live "
    )
    text += f"{_on(told, live)}; {'go on all the same' if clauses.under_way(best) else 'start now'}"
    return f"{text}{_bridge(told)}"


def _bridge(told: SentenceFacts) -> str:
    """What carries until the best candidate is live, or what would save but does not carry."""
    bridge, only = told.verdict.bridge, told.verdict.saves_only
    if bridge is not None:
        started = told.as_advised(bridge)
        live = f"live {_on(told, live_if_started_today(bridge))}"
        return f", and bridge with {bridge.name}, {live}, which alone {_both(told, started)}"
    if only is not None:
        live, saving = f"live {_on(told, live_if_started_today(only))}", usd(told.as_advised(only).npv_saving)
        return f"; {only.name}, {live}, saves {saving} but does not keep the limit until then"
    return ""


def _both(told: SentenceFacts, started: CandidateResult) -> str:
    return f"saves {usd(started.npv_saving)} and {clauses.keeping(started, told.date)}"


def _on(told: SentenceFacts, number: int) -> str:
    return "today" if number <= 0 else f"on {told.date(number)}"


def _stay(told: SentenceFacts) -> str:
    if not told.outlooks:
        reached = f"{told.bill_clause}, and " if told.threatens else ""
        return f"Stay {told.as_of}: {reached}there is no candidate to compare."
    within = f"no candidate saves within {months(told.months)}"
    reached = f"{told.bill_clause} and no candidate saves" if told.threatens else within
    text = f"Stay on the current route {told.as_of}: {reached}{_impossible(told, told.outlooks)}"
    if told.verdict.too_short:
        text += ", though a longer horizon might show one that does"
    gates, unanswered = gates_clause(told.gates, told.date), clauses.UNANSWERED if told.outgrown else ""
    return f"{'; '.join(filter(None, [text, unanswered, more_usage(told.flip, steady=told.steady), gates]))}."


def more_usage(flip: Flip | None, *, steady: bool = True) -> str:
    """What more usage would change of the advice to stay; nothing where that was not found out."""
    if flip is None:
        return "more usage alone would not change that" if steady else ""
    then = "the limit comes within reach" if flip.limit_reached else f"{flip.candidate} saves"
    times = about(flip.times) if flip.times >= 10 else f"{flip.times:.2g}"
    return f"from about {about(flip.requests_per_day)} requests a day ({times} times today's) {then}"


def _no_remedy(told: SentenceFacts) -> str:
    start = f"No remedy {told.as_of}: {told.bill_clause}"
    if not told.outlooks:
        return f"{start}, and there is no candidate to turn to; add one."
    if told.verdict.too_short:
        return (
            f"The horizon of {told.months} months is too short to judge {told.as_of}: {told.bill_clause}, and a "
            "candidate that would keep it is not live twelve months before the end; a longer horizon would tell."
        )
    text = f"{start}, and no candidate keeps it below or saves{_impossible(told, told.outlooks)}"
    changes = "a cheaper route or a higher limit would change that"
    return f"{'; '.join(filter(None, [text, changes, gates_clause(told.gates, told.date)]))}."


def _impossible(told: SentenceFacts, outlooks: Sequence[CandidateResult]) -> str:
    """Which candidates are not possible, from when, and why, or never live for want of data, in brackets."""
    lines = []
    for outlook in outlooks:
        if not outlook.possible:
            since = f" from {day(told.clock.date_of(outlook.impossible_from))}"
            lines.append(f"{outlook.name} is not possible{since}: {outlook.prospect.carrier.why_impossible}")
        elif never_complete(outlook):
            lines.append(f"{outlook.name} is never live: too few examples come in for its data ever to be complete")
    return f" ({'; '.join(lines)})" if lines else ""


def policy_sentence(told: SentenceFacts, started: CandidateResult, policy: str) -> str:
    """The sentence where a policy or a date was chosen: what becomes of the candidate then, and what is advised.

    Args:
        told: the scenario and the verdict on it.
        started: the candidate that pages are about, as the policy starts it.
        policy: the rule that was chosen, in words.
    """
    begins = started.project_start
    if begins >= told.clock.days:
        hit = f", and {told.bill_clause}" if told.threatens else ""
        what = f"{policy} {told.as_of}: {started.name} is not started{hit}"
    else:
        keeps = f": {told.bill_clause}" if told.threatens else ""
        outcome = _outcome(told, started, tie="", said=False)
        what = f"{policy} {told.as_of}{keeps}; {outcome}{_impossible(told, [started])}"
    return f"{'; '.join(filter(None, [what, _instead(told)]))}."


def _instead(told: SentenceFacts) -> str:
    """What is advised, beside a choice."""
    verdict, best = told.verdict, told.verdict.candidate
    if best is None:
        return "the advice is to stay" if verdict.action is Action.STAY else "the advice knows no remedy"
    named = told.as_advised(best)
    when = "now" if verdict.action is not Action.START_BY else f"by {told.date(verdict.start_by)}"
    return f"the advice is to start {best.name} {when}, which {clauses.money(named)}"
