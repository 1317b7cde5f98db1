"""What there is to say of a real bill as of its last whole day: state, months to the limit, and the lead-aware call."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cached_property
from typing import Any

import numpy as np

from switchpoint.decision.result import JudgedWorld
from switchpoint.errors import CannotCompute
from switchpoint.finance import WINDOW
from switchpoint.horizon import MONTH_DAYS, NEVER
from switchpoint.owndata.fit_scenario import effective_ratio, fitted_scenario, has_usage
from switchpoint.owndata.own_fit import OwnFit
from switchpoint.owndata.watched_bill import (
    CLEAR_MONDAYS,
    OPEN_STATES,
    OVER,
    START_BY,
    WAS_CLOSE,
    WAS_TIME,
    Call,
    RealBill,
    RefitAdvice,
    advise,
    calls_of_mondays,
    refits_on,
)
from switchpoint.scenario.errors import ScenarioError
from switchpoint.scenario.load import Loaded
from switchpoint.study.drivers import drivers
from switchpoint.study.tripwires import Tripwire
from switchpoint.text import day, months, percent, usd, weeks
from switchpoint.warning.chances import MondayState

DRAWS = 256
EARLIER_DRAWS = 64
"""Worlds drawn for what was advised earlier."""
PRICE = "current.usd_per_mtok"
"""Path of the tripwire on the current price, told as a multiple of what it was."""
STATES = [state.name.lower() for state in MondayState]
"""In rising order."""
Json = dict[str, Any]


@dataclass(frozen=True)
class WatchedWire:
    """One tripwire and the newest figure."""

    wire: Tripwire
    now: float | None

    @property
    def is_crossed(self) -> bool:
        """Whether the newest figure has reached the threshold."""
        return self.now is not None and self.wire.trips(self.now)

    @property
    def as_json(self) -> Json:
        """As `watch --json` gives it."""
        return {
            "path": self.wire.path,
            "now": None if self.now is None else float(f"{self.now:.6g}"),
            "threshold": self.wire.threshold,
            "crossed": self.is_crossed,
        }


@dataclass(frozen=True, eq=False)
class BillWatch:
    """A bill as of its last whole day.

    Args:
        fit: of all days, beginning on the day after the last.
        loaded: the scenario as its file has it.
        wires: tripwires to check.
        draws: worlds that are drawn of the refitted scenario.
    """

    fit: OwnFit
    loaded: Loaded
    wires: Sequence[Tripwire] = ()
    draws: int = DRAWS

    @classmethod
    def of(cls, read: Any, loaded: Loaded, wires: Sequence[Tripwire] = (), draws: int = DRAWS) -> BillWatch:
        """The watch of files that were read."""
        fit = OwnFit.of(read, loaded.scenario)
        tomorrow = fit.history.last_day + timedelta(days=1)
        return cls(OwnFit(read, fit.history, loaded.scenario, tomorrow), loaded, wires, draws)

    @cached_property
    def bill(self) -> RealBill:
        """The bill and its limit."""
        return RealBill(self.fit.history, self.loaded.scenario)

    @property
    def as_of(self) -> date:
        """The last whole day."""
        return self.fit.history.last_day

    @property
    def has_limit(self) -> bool:
        """Whether there is a limit to keep."""
        return self.bill.limit is not None

    @cached_property
    def advice(self) -> RefitAdvice:
        """What is advised on the refitted scenario."""
        return advise(self.fit, self.loaded, self.draws)

    @cached_property
    def usd_per_month(self) -> float:
        """The bill of the last 28 days, dollars a month."""
        return self.bill.price.usd_per_month or 0.0

    def _per_1000(self, last: int) -> float | None:
        """Dollars per 1,000 requests of the 28 days that end so many days before the end."""
        if self.bill.requests is None:
            return None
        part = slice(-last - WINDOW, -last or None)
        requests = float(self.bill.requests[part].sum())
        return 1000 * float(self.bill.daily[part].sum()) / requests if requests else None

    @property
    def usd_per_1000(self) -> float | None:
        """Dollars per 1,000 requests of the last 28 days."""
        return self._per_1000(0)

    @property
    def unit_trend(self) -> float | None:
        """By which share that changed against the 28 days before."""
        now, before = self._per_1000(0), self._per_1000(WINDOW) if self.bill.daily.size >= 2 * WINDOW else None
        return None if now is None or not before else now / before - 1

    @property
    def pressure(self) -> float | None:
        """The mean bill of 28 days over their limit."""
        return None if self.bill.pressure is None else float(self.bill.pressure[-1])

    @cached_property
    def _last(self) -> Any:
        """What the monitor said on the last Monday; None before there was one."""
        if not self.has_limit or not len(self.bill.monday_table):
            return None
        return self.bill.monday_table.iloc[-1]

    @property
    def state(self) -> str | None:
        """The state of the monitor; None without a limit, and while it says nothing."""
        return str(self._last["state"]) if self.speaks else None

    @cached_property
    def held_state(self) -> str | None:
        """The highest state of the last eight Mondays: what a report of changes tells, so that none comes and goes."""
        if self._last is None:
            return None
        said = self.bill.monday_table.iloc[-CLEAR_MONDAYS:]
        spoken = said.loc[said["probability"].notna(), "state"]
        return max(map(str, spoken), key=STATES.index, default=None)

    @cached_property
    def threat(self) -> tuple[date | None, date | None, date | None]:
        """Day on which the limit is reached, in 10, 50 and 90 % of what may come; or was, where the bill is over it."""
        if self._last is None:
            return None, None, None
        monday = self.bill.monday_table.index[-1].date()
        if self.state == OVER:
            passed = self.bill.at_limit_since(monday - timedelta(days=1)) or monday
            return passed, passed, passed
        low, middle, high = (_ahead(monday, float(self._last[name])) for name in ("low", "months_to_limit", "high"))
        return low, middle, high

    @cached_property
    def months_to_limit(self) -> tuple[float | None, float | None, float | None]:
        """Months from the last whole day to those days."""
        low, middle, high = (self._months_until(each) for each in self.threat)
        return low, middle, high

    def _months_until(self, when: date | None) -> float | None:
        return None if when is None else max((when - self.as_of).days, 0) / MONTH_DAYS

    @cached_property
    def months_to_crossover(self) -> tuple[float | None, ...]:
        """Months until the advised candidate becomes cheaper, in 10, 50 and 90 % of the draws."""
        return tuple(None if each >= NEVER else each / MONTH_DAYS for each in self.advice.crossover)

    @cached_property
    def _refits(self) -> list[tuple[date, RefitAdvice]]:
        """What was advised on the Mondays of the last eight weeks that calls go by, the oldest first; today's advice
        where there was none yet."""
        mondays = [] if self._last is None else [each.date() for each in self.bill.monday_table.index[-CLEAR_MONDAYS:]]
        found = [(monday, self._advice_as_of(monday)) for monday in mondays if refits_on(monday)]
        told = [(monday, advice) for monday, advice in found if advice is not None]
        return told or [(self.advice.today, self.advice)]

    def _advice_as_of(self, monday: date) -> RefitAdvice | None:
        """What was advised on an earlier Monday; None where there was too little to refit."""
        if monday == self.advice.today:
            return self.advice
        known = self.fit.history.until(monday - timedelta(days=1))
        fit = OwnFit(self.fit.read, known, self.loaded.scenario, monday)
        try:
            return advise(fit, self.loaded, min(self.draws, EARLIER_DRAWS))
        except ScenarioError:
            return None

    @property
    def held_advice(self) -> RefitAdvice:
        """The advice that calls go by: what is told of a report that is kept, so that it does not come and go."""
        return self._refits[-1][1]

    @cached_property
    def _call(self) -> tuple[Call, str]:
        """The call of the last Monday, or of the last day without one."""
        if self._last is None:
            return calls_of_mondays(np.array([np.inf]), ["calm"], [self.advice], self._closes)[-1]
        said = self.bill.monday_table
        mid = said["months_to_limit"].to_numpy(dtype=np.float64)
        advices = [self._told_on(stamp.date()) for stamp in said.index]
        return calls_of_mondays(mid, list(said["state"]), advices, self._closes)[-1]

    def _told_on(self, monday: date) -> RefitAdvice:
        """What a call goes by on a Monday: the last refit before it, or the first that there is."""
        before = [advice for when, advice in self._refits if when <= monday]
        return (before[-1] if before else self._refits[0][1]).told_on(monday)

    @property
    def _closes(self) -> float:
        return float(self.loaded.scenario.decision.warn_months[0])

    @property
    def call(self) -> Call:
        """What is due."""
        return self._call[0]

    @property
    def call_word(self) -> str:
        """What is due, in a word."""
        return OVER if self.state == OVER else self.call.word

    @property
    def prepare_by(self) -> date | None:
        """The forecast threat less the length of the project."""
        lead, threat = self.advice.lead_days, self.threat[1]
        return None if lead is None or threat is None else threat - timedelta(days=lead)

    @cached_property
    def checked_wires(self) -> list[WatchedWire]:
        """The tripwires against the newest figures."""
        newest = self._newest_figures() if self.wires else {}
        return [WatchedWire(wire, newest.get(wire.path)) for wire in self.wires]

    def _newest_figures(self) -> dict[str, float]:
        """Every number that could be moved, of the refitted scenario; the current price as a multiple of the old."""
        from switchpoint.decision.case import simulate

        if not has_usage(self.fit):
            return {}
        refitted = fitted_scenario(self.fit, self.loaded).scenario
        try:
            result = JudgedWorld(simulate(refitted))
        except CannotCompute:
            return {}
        found = {each.key: each.now for each in drivers(result, list(refitted.candidates))}
        changed = effective_ratio(self.fit, self.loaded.scenario.current)
        return found | {PRICE: 1.0 if changed is None else changed}

    @cached_property
    def sentence(self) -> str:
        """What is due and why, in one sentence."""
        calm = "Nothing is due" if self.speaks or not self.has_limit else "Nothing is known to be due"
        word = {"calm": calm, "prepare": "Prepare now", "start-now": "Start now"}.get(self.call_word)
        opening = word or {"late": "It is late", "over": "The bill is over its limit"}[self.call_word]
        clauses = [self._limit_clause(), self._lead_clause()]
        doubt = self.bill.price.unit_doubt
        return f"{opening}: {'; '.join(filter(None, clauses)) or self._call[1]}.{f' {doubt}' if doubt else ''}"

    def _limit_clause(self) -> str:
        if not self.has_limit:
            return self._crossover_clause()
        middle = self.months_to_limit[1]
        if self.pressure is not None and (self.pressure >= 1 or self.state == OVER):
            bill = f"the bill is {usd(self.usd_per_month)} a month, {percent(self.pressure)} of its limit"
            return f"{bill}{self._since_monday()}"
        if middle is None and not self.speaks:
            part = "" if self.pressure is None else f" (the bill is {percent(self.pressure)} of it)"
            return f"too few weeks to say when the limit is reached{part}"
        away = "not in sight" if middle is None else f"about {months(round(middle, 1))} away"
        if self._call[1] == WAS_CLOSE:
            return f"{WAS_CLOSE}, though it is {away} now"
        return f"the limit is {away}"

    def _since_monday(self) -> str:
        """Which call takes the days since Monday in, where they have brought the bill over its limit or below it."""
        if self._last is None or self.pressure is None or (self.pressure >= 1) == (self.state == OVER):
            return ""
        return f"; calls go by whole weeks, {self.call_mondays}"

    @property
    def call_mondays(self) -> str:
        """The Monday of the last call and of the next; empty before there was one."""
        if self._last is None:
            return ""
        monday = self.bill.monday_table.index[-1].date()
        return f"the last on {day(monday)}, the next on {day(monday + timedelta(days=7))}"

    @property
    def speaks(self) -> bool:
        """Whether the monitor says anything: after eight whole weeks, or at the limit."""
        return self._last is not None and not math.isnan(float(self._last["probability"]))

    def _crossover_clause(self) -> str:
        middle, name = self.months_to_crossover[1], self.advice.candidate
        if self.advice.lacks:
            return "there is no limit, and nothing can be advised"
        if name is None:
            return f"there is no limit, and no candidate saves{self._cheaper_to_run(middle)}"
        if middle is None:
            return f"there is no limit, and {name} does not become cheaper within the horizon"
        return f"{name} becomes cheaper in about {months(round(middle, 1))}" if middle else f"{name} is cheaper today"

    @staticmethod
    def _cheaper_to_run(middle: float | None) -> str:
        if middle is None:
            return ""
        return f" yet, though one is cheaper to run {f'in {months(round(middle, 1))}' if middle else 'today'}"

    def _lead_clause(self) -> str:
        lead = self.advice.lead_days
        if lead is None or self.advice.candidate is None:
            return "" if self.advice.candidate is None else f"{self.advice.candidate} is not live within the horizon"
        text = f"going live with {self.advice.candidate} takes {weeks(lead)}"
        if self.call is Call.CALM:
            return text
        return f"{text}: {self._what_to_do()}"

    def _what_to_do(self) -> str:
        if self.call is Call.PREPARE:
            due = [
                what
                for what, when in (("label", self.advice.label_by), ("hire", self.advice.hire_by))
                if when is not None and when <= self.advice.today
            ]
            return f"{' and '.join(due)} from now" if due else "get people and data ready"
        begin = "label and hire from now" if self.advice.label_by or self.advice.hire_by else "begin now"
        if self._call[1] in (START_BY, WAS_TIME):
            return f"{self._call[1]}, so {begin}"
        unseen = self.has_limit and self.threat[1] is None
        early = "" if self.state in OPEN_STATES or unseen else ", before the warning window opens"
        return f"{begin}{early}"

    def as_json(self, changes: Sequence[str] = ()) -> Json:
        """As `watch --json` gives it."""
        threat = self.threat
        return {
            "as_of": self.as_of.isoformat(),
            "bill_usd_per_month": round(self.usd_per_month, 2),
            "bill_filled_days": self.bill.price.filled_lately,
            "usd_per_1000_requests": _six(self.usd_per_1000),
            "usd_per_1000_requests_trend": _six(self.unit_trend),
            "pressure": _six(self.pressure),
            "months_to_limit": _three(("low", "mid", "high"), self.months_to_limit),
            "months_to_crossover": None if self.has_limit else _three(("low", "mid", "high"), self.months_to_crossover),
            "state": self.state,
            "threat": dict(zip(("p10", "p50", "p90"), map(_iso, threat), strict=True)),
            "candidate": self.advice.candidate,
            "lead_weeks": None if self.advice.lead_days is None else round(self.advice.lead_days / 7, 1),
            "prepare_by": _iso(self.prepare_by),
            "label_by": _iso(self.advice.label_by),
            "hire_by": _iso(self.advice.hire_by),
            "start_by": _iso(self.advice.start_by),
            "call": self.call_word,
            "why": self._call[1],
            "sentence": self.sentence,
            "doubts": self.doubts,
            "tripwires": [each.as_json for each in self.checked_wires],
            "changes": list(changes),
            "exit_code": int(self.call),
        }

    @property
    def doubts(self) -> list[str]:
        """What the figures rest on that may not be so."""
        return self.bill.doubts


def _ahead(monday: date, ahead: float) -> date | None:
    return None if not math.isfinite(ahead) else monday + timedelta(days=round(ahead * MONTH_DAYS))


def _three(names: Sequence[str], values: Sequence[float | None]) -> Json:
    return {name: None if value is None else round(value, 2) for name, value in zip(names, values, strict=True)}


def _iso(when: date | None) -> str | None:
    return None if when is None else when.isoformat()


def _six(value: float | None) -> float | None:
    return None if value is None else float(f"{value:.6g}")
