"""Why two scenarios come out differently: the inputs that differ, and what each of them did to dates and dollars."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from functools import cached_property

from switchpoint.clock import Floats
from switchpoint.result import Result
from switchpoint.scenario.causes import Cause, causes
from switchpoint.scenario.diff import Change, differences
from switchpoint.study.comparison.between import FIGURES, Between, Outcome, UndefinedError
from switchpoint.study.comparison.shapley import exact, in_orders, some_orders, standard_errors

MOST_EXACT = 8
"""Up to so many causes all orders are averaged; beyond, some."""
MIXTURES = 512
"""About so many scenarios in between are simulated then."""


@dataclass(frozen=True)
class Share:
    """What one cause did: days by which each date moved, and dollars of saving, shape (figures,)."""

    cause: Cause
    amounts: Floats

    def amount(self, figure: str) -> float:
        """Its part in the change of one of `FIGURES`, days or dollars."""
        return float(self.amounts[FIGURES.index(figure)])


@dataclass(frozen=True)
class Attribution:
    """A change shared among its causes."""

    shares: tuple[Share, ...] = ()
    """They sum to the change of each figure."""
    orders: int | None = None
    """How many orders of the causes were averaged; None is all of them."""
    errors: Floats | None = None
    """Their standard errors, where not all orders were averaged; shape (shares, figures)."""
    alone: tuple[Cause, ...] = ()
    """The causes each of which, alone, turns the first advice into the second."""
    together: tuple[Cause, ...] = ()
    """Where none does: causes that do together, of which none can be left out."""


@dataclass(frozen=True)
class Comparison:
    """Two simulated scenarios, the second seen from the first."""

    before: Result
    after: Result
    told: Callable[[int], None] = field(default=lambda _: None, compare=False)
    """Told how many scenarios in between were simulated, each time one is."""

    @cached_property
    def changes(self) -> tuple[Change, ...]:
        """All inputs that differ."""
        return differences(self.before.case.scenario, self.after.case.scenario)

    @cached_property
    def end(self) -> date:
        """The day after the later of the two horizons: what a date that is not reached counts as."""
        clocks = (self.before.case.clock, self.after.case.clock)
        return max(clock.start + timedelta(days=clock.days) for clock in clocks)

    @cached_property
    def outcomes(self) -> tuple[Outcome, Outcome]:
        """What each comes to."""
        return Outcome.of(self.before), Outcome.of(self.after)

    @cached_property
    def change(self) -> Floats:
        """Change of each of `FIGURES` from the first to the second, shape (figures,)."""
        before, after = (outcome.figures(self.end) for outcome in self.outcomes)
        return after - before

    @property
    def flips(self) -> bool:
        """Whether the advice changes: what to do, or with which candidate."""
        return self.outcomes[0].advice != self.outcomes[1].advice

    @cached_property
    def attribution(self) -> Attribution:
        """The change shared among its causes.

        Causes of which one makes no valid scenario without the other are joined.
        """
        found: Sequence[Cause] = causes(self.changes)
        between = Between(self.before.case.scenario, self.after.case.scenario, self.outcomes, found, self.told)
        while found:
            try:
                return self._attributed(between, found)
            except UndefinedError as undefined:
                found = between.repaired(found, undefined.members)
        return Attribution()

    def _attributed(self, between: Between, found: Sequence[Cause]) -> Attribution:
        def worth(members: int) -> Floats:
            taken = [place for place in range(len(found)) if members >> place & 1]
            outcome = between.outcome(found[place] for place in taken)
            if outcome is None:
                raise UndefinedError(taken)
            return outcome.figures(self.end)

        orders, errors = None, None
        if len(found) <= MOST_EXACT:
            amounts = exact(len(found), worth)
        else:
            orders = max(2, MIXTURES // len(found) // 2 * 2)
            each = in_orders(some_orders(len(found), orders), worth)
            amounts, errors = each.mean(axis=0), standard_errors(each)
        shares = tuple(Share(cause, amounts[place]) for place, cause in enumerate(found))
        return Attribution(shares, orders, errors, *self._flippers(between, found))

    def _flippers(self, between: Between, found: Sequence[Cause]) -> tuple[tuple[Cause, ...], tuple[Cause, ...]]:
        if not self.flips:
            return (), ()
        wanted = self.outcomes[1].advice
        alone = [each for each in found if (one := between.outcome([each])) is not None and one.advice == wanted]
        if alone:
            return tuple(alone), ()
        reached = [taken for taken, one in between.found.items() if one is not None and one.advice == wanted]
        fewest = min(([c for c in found if taken.issuperset(c.paths)] for taken in reached), key=len)
        for each in list(fewest):
            fewer = [cause for cause in fewest if cause is not each]
            if (one := between.outcome(fewer)) is not None and one.advice == wanted:
                fewest = fewer
        return (), tuple(fewest)
