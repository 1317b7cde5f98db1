"""What a story is about, and how its dates and names are said."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from functools import cached_property

from switchpoint.clock import NEVER
from switchpoint.decision.outlook import Outlook
from switchpoint.decision.verdict import Verdict
from switchpoint.export.words import short
from switchpoint.report.why import Why
from switchpoint.result import Result
from switchpoint.scenario.quantity import num
from switchpoint.study.draws.findings import Finding, Findings
from switchpoint.study.draws.sentence import sentence
from switchpoint.version import __version__
from switchpoint.words import count, day, months, percent, usd

LONGEST = 36
"""Letters of a candidate's name within a sentence."""


@dataclass(frozen=True)
class Subject:
    """A result with what many draws add to it.

    Args:
        result: the base case.
        findings: what many draws say, None where there are none.
        why: what the advice hangs on, None where that was not studied.
        notes: remarks of the scenario's author by dotted field, which stand as sources.
    """

    result: Result
    findings: Findings | None = None
    why: Why | None = None
    notes: Mapping[str, str] = field(default_factory=dict)

    @property
    def shown(self) -> Result:
        """The base case as pictures show it; beside draws it starts when these advise."""
        return self.result.shown if self.findings is None else self.findings.shown

    @property
    def verdict(self) -> Verdict:
        """That on many draws, else that of the base case."""
        return self.result.verdict if self.findings is None else self.findings.verdict

    @cached_property
    def sentence(self) -> str:
        """The verdict in one sentence."""
        return self.brief(self.result.sentence if self.findings is None else sentence(self.findings))

    @property
    def best(self) -> Outlook | None:
        """The candidate of the verdict."""
        return self.verdict.candidate

    @property
    def found(self) -> Finding | None:
        """The same over many draws."""
        return None if self.findings is None or self.best is None else self.findings.candidates[self.best.name]

    @property
    def horizon(self) -> str:
        """Its length in words."""
        return months(self.result.case.scenario.months)

    @property
    def basis(self) -> str:
        """Which worlds stand behind the figures."""
        scenario = self.result.case.scenario
        worlds = "Base case: the middle of every range"
        if self.findings is not None:
            worlds = f"{count(self.findings.draws)} draws, seed {self.findings.worlds.seed}"
        rate = percent(scenario.decision.discount_rate_per_year)
        since = f"{self.horizon} from {day(scenario.start)}"
        return f"{worlds}; {since}; present values at {rate} a year; Switchpoint {__version__}"

    def name(self, outlook: Outlook | Finding) -> str:
        """The name of a candidate, as long as a sentence can carry."""
        return short(outlook.name, LONGEST)

    def brief(self, text: str) -> str:
        """A text in which the names of candidates are as long as a sentence can carry."""
        for outlook in self.result.case.outlooks:
            if len(outlook.name) > LONGEST:
                text = text.replace(outlook.name, self.name(outlook))
        return text

    def date(self, number: int) -> date | None:
        """A day within the horizon as a date."""
        return self.result.date(number)

    def day(self, number: int) -> str:
        """A day in words."""
        when = self.date(number)
        return f"not within {self.horizon}" if when is None else day(when)

    def on(self, number: int) -> str:
        """A day within a sentence: today or on a date."""
        return "today" if number == 0 else f"on {self.day(number)}"

    def lines(self) -> list[str]:
        """What is assumed first of all, for a speaker's notes."""
        case, usage = self.result.case, self.result.case.scenario.usage
        grows = usage.growth.curve
        rate = f" of {percent(num(usage.growth.per_month))} a month" if grows == "compound" else ""
        threat = "is not reached" if case.threat == NEVER else f"is reached {self.on(case.threat)}"
        limit = f"; the limit {threat} in the base case" if case.scenario.limited else ""
        return [
            f"{count(case.level)} requests a day at the start, growth {grows}{rate}.",
            f"The bill is {usd(float(case.bill[0]))} a month at the start and {usd(float(case.bill[-1]))} "
            f"at the end if nothing changes{limit}.",
        ]
