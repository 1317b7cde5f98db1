"""What a scenario comes to, and what the scenarios between two others come to."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date

import numpy as np

from switchpoint.catalog import CatalogError
from switchpoint.clock import Floats, Problem
from switchpoint.engine import simulate
from switchpoint.result import Result
from switchpoint.scenario.causes import Cause
from switchpoint.scenario.diff import mixed
from switchpoint.scenario.errors import Path
from switchpoint.scenario.schema import Scenario

DATES = ("threat", "start_by", "live")
FIGURES = (*DATES, "npv_saving_usd")
"""What is attributed: limit reached, start-by date, live when started by then, saving of the advice."""


@dataclass(frozen=True)
class Outcome:
    """The advice of a scenario, and the dates and dollars that hang on it. None is not within the horizon.

    The live date and the saving are those of the advised candidate, started by its start-by date; without one the
    saving is 0.
    """

    action: str
    candidate: str | None
    threat: date | None
    start_by: date | None
    live: date | None
    npv_saving_usd: float

    @classmethod
    def of(cls, result: Result) -> Outcome:
        """The outcome of a simulated scenario."""
        verdict, best = result.verdict, result.verdict.candidate
        start = best.starts.judged if best else 0
        return cls(
            action=verdict.action.value,
            candidate=best.name if best else None,
            threat=result.date(result.case.threat),
            start_by=result.date(verdict.start_by),
            live=result.date(best.milestone("cutover", start)) if best else None,
            npv_saving_usd=best.saving(start) if best else 0.0,
        )

    @property
    def advice(self) -> tuple[str, str | None]:
        """What to do, and with which candidate."""
        return self.action, self.candidate

    def figures(self, end: date) -> Floats:
        """`FIGURES` as numbers: days, and dollars; a date that is not reached counts as `end`. Shape (figures,)."""
        days = [(getattr(self, name) or end).toordinal() for name in DATES]
        return np.array([*days, self.npv_saving_usd], dtype=np.float64)


class UndefinedError(Exception):
    """A set of causes, by their numbers, that makes no scenario which could be simulated."""

    def __init__(self, members: Sequence[int]) -> None:
        super().__init__(f"causes {', '.join(map(str, members))} need others")
        self.members = members


class Between:
    """The outcomes of the scenarios between two: the first with some of the changes that make it the second."""

    def __init__(
        self,
        before: Scenario,
        after: Scenario,
        known: tuple[Outcome, Outcome],
        every: Iterable[Cause],
        told: Callable[[int], None] = lambda _: None,
    ) -> None:
        self.before = before
        self.after = after
        self.told = told
        whole = frozenset(path for cause in every for path in cause.paths)
        self.found: dict[frozenset[Path], Outcome | None] = {frozenset(): known[0], whole: known[1]}

    def outcome(self, causes: Iterable[Cause]) -> Outcome | None:
        """What comes of the first scenario with these causes; None where that cannot be simulated."""
        taken = frozenset(path for cause in causes for path in cause.paths)
        if taken not in self.found:
            self.told(len(self.found) - 1)
            self.found[taken] = self._simulated(taken)
        return self.found[taken]

    def repaired(self, causes: Sequence[Cause], members: Sequence[int]) -> list[Cause]:
        """Fewer causes: one of an undefined set joined with those that it takes to make the set defined."""
        inside, others = list(members), [i for i in range(len(causes)) if i not in members]
        for each in members:
            fewer = [i for i in inside if i != each]
            if self.outcome(causes[i] for i in fewer) is None:
                inside = fewer
        for each in list(others):
            fewer = [i for i in others if i != each]
            if self.outcome(causes[i] for i in [*members, *fewer]) is not None:
                others = fewer
        joined = sorted([inside[-1], *others])
        whole = causes[joined[0]]
        for place in joined[1:]:
            whole += causes[place]
        return [whole if i == joined[0] else each for i, each in enumerate(causes) if i not in joined[1:]]

    def _simulated(self, taken: frozenset[Path]) -> Outcome | None:
        scenario = mixed(self.before, self.after, taken)
        if scenario is None:
            return None
        try:
            return Outcome.of(Result(simulate(scenario)))
        except (Problem, CatalogError):
            return None
