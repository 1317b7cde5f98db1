"""What the story of a sweep is about, and how its answers and inputs are said."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from switchpoint.decision.verdict import Action
from switchpoint.export.words import short
from switchpoint.study.sweep.regions import in_words
from switchpoint.study.sweep.results import Input, Results, asked_inputs
from switchpoint.study.sweep.schema import Study
from switchpoint.study.sweep.summary import Summary
from switchpoint.words import count, day, listed, percent, usd

LONGEST = 36
"""Letters of a name within a sentence."""
MOST_TOLD = 4
"""Answers that a sentence names."""


@dataclass(frozen=True)
class Swept:
    """A summary, and its words."""

    summary: Summary

    @property
    def results(self) -> Results:
        """The points that could be computed."""
        return self.summary.results

    @cached_property
    def study(self) -> Study:
        """What was asked."""
        return self.results.manifest.study

    @property
    def content(self) -> Any:
        """What the manifest holds."""
        return self.results.manifest.content

    @property
    def scenarios(self) -> list[str]:
        """Names of the base scenarios."""
        return list(self.content["scenarios"])

    @property
    def base(self) -> str:
        """What each point is held against."""
        return "the base case of its scenario" if len(self.scenarios) > 1 else "the base case"

    @property
    def points(self) -> int:
        """How many points could be computed."""
        return len(self.results.points)

    @property
    def done(self) -> int:
        """How many points were run, those among them that could not be computed."""
        return self.points + self.results.failed

    @property
    def unfinished(self) -> str:
        """That not all points were run, in sentences; nothing where all were."""
        if self.done >= self.results.planned:
            return ""
        run = f"{count(self.done)} of {count(self.results.planned)} points were run"
        return f"The sweep is not finished: {run}, and those that are missing may say something else."

    @cached_property
    def answers(self) -> list[tuple[str, float]]:
        """Answers with the share of the points that get each, the most frequent first."""
        return [(answer, number / self.points) for answer, number in Counter(self.results.answer).most_common()]

    @property
    def division(self) -> str:
        """How the answers divide over the points, as a headline."""
        first = in_words(self.answers[0][0])
        if self.points == 1:
            return self.brief(f"In the only point the answer is: {first}")
        if len(self.answers) == 1:
            return self.brief(f"In all {count(self.points)} points the answer is: {first}")
        told = [f"{percent(share)} {in_words(answer)}" for answer, share in self.answers]
        if len(told) > MOST_TOLD:
            rest = sum(share for _, share in self.answers[MOST_TOLD - 1 :])
            told[MOST_TOLD - 1 :] = [f"{percent(rest)} something else"]
        told[0] = told[0].replace(" % ", " % say ", 1)
        return self.brief(f"Of {count(self.points)} points {listed(told)}")

    @property
    def basis(self) -> str:
        """Which worlds stand behind the figures."""
        drawn = self.study.draws
        each = (
            f"{count(drawn)} draws of each, seed {self.study.seed}"
            if drawn
            else "base cases: the middle of every range"
        )
        failed = f", {count(self.results.failed)} of them without a result" if self.results.failed else ""
        of = "" if self.done >= self.results.planned else f" of {count(self.results.planned)}"
        points = f"{count(self.done)}{of} point{'s' * (self.done != 1)}{failed}"
        return f"{points}; {each}; Switchpoint {self.content['version']}"

    @cached_property
    def asked(self) -> list[Input]:
        """Every input of the study, without values."""
        return asked_inputs(self.results.manifest)

    @cached_property
    def _long(self) -> list[str]:
        """Names that are too long for a sentence, the longest first."""
        names = {*self.results.candidates, *self.scenarios, *(each.name for each in self.asked)}
        return sorted((name for name in names if len(name) > LONGEST), key=len, reverse=True)

    def brief(self, text: str) -> str:
        """A text in which names are as long as a sentence can carry."""
        for name in self._long:
            for form in (name, name[:1].upper() + name[1:]):
                text = text.replace(form, short(form, LONGEST))
        return text

    def what(self, place: int) -> str:
        """What a point is advised, as something that one does."""
        found = self.results
        action, name = Action(str(found.action[place])), self.brief(found.candidate[place] or "")
        start = found.start_by[place]
        match action:
            case Action.START_BY:
                return f"start {name}{f' by {day(start)}' if start else ''}"
            case Action.START_NOW:
                return f"start {name} now"
            case Action.LATE:
                return f"start {name} now, already late"
            case Action.NO_REMEDY | Action.STAY:
                return in_words(action.value) + (f", though {name} saves" if name else "")


def money(amount: float) -> str:
    """Dollars, nothing at all as "$0"."""
    return usd(amount) if amount else "$0"
