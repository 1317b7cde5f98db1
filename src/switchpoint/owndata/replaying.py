"""A history walked week by week with only what was known then: what would have been said, and what came true."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cached_property
from typing import Any

import numpy as np

from switchpoint.horizon import MONTH_DAYS
from switchpoint.owndata.own_fit import OwnFit
from switchpoint.owndata.usage_history import history_of
from switchpoint.owndata.watched_bill import OVER, Call, RealBill, RefitAdvice, advise, calls_of_mondays, refits_on
from switchpoint.scenario.errors import Fault, ScenarioError
from switchpoint.scenario.load import Loaded
from switchpoint.text import count, day, months, weeks
from switchpoint.warning.weeks import FEWEST_WEEKS

DRAWS = 64
WARNS = ("open", "late", "over")
FALSE_MONTHS = 6.0
"""A warning after which the limit was not reached for so long was false."""
Json = dict[str, Any]


@dataclass(frozen=True)
class ReplayedWeek:
    """One Monday: what was said, and what came true."""

    monday: date
    months_to_limit: float | None
    low: float | None
    high: float | None
    state: str | None
    """None where the monitor says nothing: too few weeks since the last one without a bill."""
    call: Call
    true_months: float | None
    advice: RefitAdvice

    @property
    def call_word(self) -> str:
        """What was due, in a word."""
        return OVER if self.state == OVER else self.call.word

    @property
    def as_json(self) -> Json:
        """As `replay --json` gives it."""
        return {
            "date": self.monday.isoformat(),
            "months_to_limit": _two(self.months_to_limit),
            "low": _two(self.low),
            "high": _two(self.high),
            "state": self.state,
            "call": self.call_word,
            "true_months": _two(self.true_months),
        }


@dataclass(frozen=True, eq=False)
class Replay:
    """A history, replayed.

    Args:
        read: the files, as they were read.
        loaded: the scenario.
        draws: worlds that are drawn at each refit.
        progress: told the share that is done.
    """

    read: Any
    loaded: Loaded
    draws: int = DRAWS
    progress: Callable[[float], None] = lambda _: None

    @cached_property
    def bill(self) -> RealBill:
        """The bill of the whole history, and its limit.

        Raises:
            ScenarioError: without a limit, or with too few weeks.
        """
        bill = RealBill(history_of(self.read), self.loaded.scenario)
        if bill.limit is None:
            lacks = "is missing: a replay tells how warnings of a limit came true, so the scenario needs one"
            raise ScenarioError([self.loaded.fault(("limit",), lacks)], self.loaded.source)
        if len(bill.monday_table) <= FEWEST_WEEKS:
            lacks = f"have {len(bill.monday_table)} whole weeks; a replay needs more than {FEWEST_WEEKS}"
            raise ScenarioError([Fault("files", 1, "date", lacks)])
        return bill

    @property
    def threat(self) -> date | None:
        """First day on which the limit was reached."""
        return self.bill.threat

    @cached_property
    def _mondays(self) -> list[date]:
        """The Mondays from the eighth whole week on, up to the day after the last."""
        return [stamp.date() for stamp in self.bill.monday_table.index[FEWEST_WEEKS - 1 :]]

    @cached_property
    def advices(self) -> list[RefitAdvice]:
        """What was advised as of each Monday; every few weeks from a refit, in between as of the last one."""
        found: list[RefitAdvice] = []
        for place, monday in enumerate(self._mondays):
            if not found or refits_on(monday):
                found.append(self._advise(monday))
            else:
                found.append(found[-1])
            self.progress((place + 1) / len(self._mondays))
        return found

    def fit_as_of(self, monday: date) -> OwnFit:
        """The fit of what was known on a Monday."""
        known = self.bill.history.until(monday - timedelta(days=1))
        return OwnFit(self.read, known, self.loaded.scenario, monday)

    def _advise(self, monday: date) -> RefitAdvice:
        try:
            return advise(self.fit_as_of(monday), self.loaded, self.draws)
        except ScenarioError:
            # Before the model was sold, or with too little to refit, nothing is advised.
            return RefitAdvice(monday - timedelta(days=1))

    @cached_property
    def weeks(self) -> list[ReplayedWeek]:
        """Every Monday."""
        said = self.bill.monday_table.iloc[FEWEST_WEEKS - 1 :]
        middle = said["months_to_limit"].to_numpy(dtype=np.float64)
        closes = float(self.loaded.scenario.decision.warn_months[0])
        calls = calls_of_mondays(middle, list(said["state"]), self._advices_of_weeks(), closes)
        return [
            ReplayedWeek(
                monday,
                _finite(float(row["months_to_limit"])),
                _finite(float(row["low"])),
                _finite(float(row["high"])),
                None if math.isnan(float(row["probability"])) else str(row["state"]),
                call,
                self._true_months(monday),
                advice,
            )
            for monday, row, (call, _), advice in zip(
                self._mondays, said.to_dict("records"), calls, self._advices_of_weeks(), strict=True
            )
        ]

    def _advices_of_weeks(self) -> list[RefitAdvice]:
        """Each advice told from its own Monday, so that a date that passes in between is due."""
        return [advice.told_on(monday) for monday, advice in zip(self._mondays, self.advices, strict=True)]

    def _true_months(self, monday: date) -> float | None:
        if self.threat is None:
            return None
        return max((self.threat - monday).days, 0) / MONTH_DAYS

    def _before_threat(self) -> list[ReplayedWeek]:
        return [week for week in self.weeks if self.threat is None or week.monday <= self.threat]

    @cached_property
    def first_warning(self) -> ReplayedWeek | None:
        """The first Monday of the last warning before the limit; without a limit reached, the first warning."""
        weeks_before = self._before_threat()
        if self.threat is None:
            return next((week for week in weeks_before if week.state in WARNS), None)
        found = None
        for week in reversed(weeks_before):
            if week.state not in WARNS:
                break
            found = week
        return found

    @cached_property
    def first_call(self) -> ReplayedWeek | None:
        """The first Monday that said to start."""
        return next((week for week in self._before_threat() if week.call >= Call.START_NOW), None)

    def live_if_started(self, week: ReplayedWeek | None) -> date | None:
        """When a project that was started on a Monday would have been live: in the middle of its draws."""
        if week is None or week.advice.middle_days is None:
            return None
        return week.monday + timedelta(days=week.advice.middle_days)

    def weeks_late(self, week: ReplayedWeek | None) -> int | None:
        """Weeks by which it would have been live after the limit, 0 in time; None where either never was."""
        live = self.live_if_started(week)
        if live is None or self.threat is None:
            return None
        return max(math.ceil((live - self.threat).days / 7), 0)

    @cached_property
    def false_alarms(self) -> int:
        """Warnings after whose beginning the limit was not reached for half a year, that time being known."""
        number, last = 0, self.bill.history.last_day
        before: str | None = None
        for week in self._before_threat():
            begins = week.state in WARNS and before not in WARNS
            before = week.state
            reached = self.threat is not None and (self.threat - week.monday).days <= FALSE_MONTHS * MONTH_DAYS
            known = (last - week.monday).days >= FALSE_MONTHS * MONTH_DAYS
            number += begins and known and not reached
        return number

    @property
    def lead_months(self) -> float | None:
        """Months from the first warning to the limit."""
        if self.first_warning is None or self.threat is None:
            return None
        return (self.threat - self.first_warning.monday).days / MONTH_DAYS

    @cached_property
    def as_json(self) -> Json:
        """As `replay --json` gives it."""
        warning, call = self.first_warning, self.first_call
        live = self.live_if_started(call)
        warned = self.live_if_started(warning)
        return {
            "weeks": [week.as_json for week in self.weeks],
            "summary": {
                "threat": None if self.threat is None else self.threat.isoformat(),
                "first_warning": None if warning is None else warning.monday.isoformat(),
                "lead_months": _two(self.lead_months),
                "first_call": None if call is None else call.monday.isoformat(),
                "live_if_followed": None if live is None else live.isoformat(),
                "weeks_late": self.weeks_late(call),
                "false_alarms": self.false_alarms,
                "warning_live_if_followed": None if warned is None else warned.isoformat(),
                "warning_weeks_late": self.weeks_late(warning),
                "sentence": self.sentence,
                "doubts": self.bill.doubts,
            },
        }

    @cached_property
    def sentence(self) -> str:
        """What a reader can take from it, in one sentence."""
        false = f"; {count(self.false_alarms)} false alarm{'s' * (self.false_alarms != 1)}" if self.false_alarms else ""
        if self.threat is None:
            warned = self.first_warning
            said = "no warning came" if warned is None else f"the first warning came on {day(warned.monday)}"
            return f"The limit was not reached; {said}{false}."
        if self.first_warning is None or self.lead_months is None:
            return f"The limit was reached on {day(self.threat)} without a warning{self._call_clause()}{false}."
        lead = f"the first warning came {_lead_words(self.threat - self.first_warning.monday)} before the limit"
        lead = "the warning came with the limit" if self.lead_months < 1 / MONTH_DAYS else lead
        acting = _late_words(
            "acting on it", self.live_if_started(self.first_warning), self.weeks_late(self.first_warning)
        )
        return f"{lead[:1].upper()}{lead[1:]}{acting}{self._call_clause()}{false}."

    def _call_clause(self) -> str:
        call = self.first_call
        if call is None:
            return ""
        late = self.weeks_late(call)
        if late == 0:
            return f"; the lead-aware call on {day(call.monday)} came in time"
        if late is None:
            return f"; the lead-aware call came on {day(call.monday)}"
        return f"; the lead-aware call on {day(call.monday)} came {weeks(7 * late)} too late"


def _lead_words(lead: timedelta) -> str:
    """How long a warning came ahead: in months from two of them on."""
    return weeks(lead.days) if lead.days < 2 * MONTH_DAYS else months(round(lead.days / MONTH_DAYS, 1))


def _late_words(what: str, live: date | None, late: int | None) -> str:
    if live is None or late is None:
        return ""
    return f"; {what} would have gone live {f'{weeks(7 * late)} late' if late else 'in time'}"


def _finite(value: float) -> float | None:
    return float(value) if math.isfinite(value) else None


def _two(value: float | None) -> float | None:
    return None if value is None else round(value, 2)
