"""A comparison in one sentence: what the advice, its date and its saving turned into, and because of what."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import date

from switchpoint.decision.verdict import Action
from switchpoint.result import Result
from switchpoint.scenario.causes import Cause
from switchpoint.scenario.phrases import phrase, short_phrase
from switchpoint.study.comparison.between import Outcome
from switchpoint.study.comparison.compare import Comparison
from switchpoint.words import day, listed, usd, weeks

NAMED = 2
"""Causes that the sentence names for one figure; one more where that is all."""
MOST_NAMED = 3
"""Most causes that the sentence names for a change of advice."""
SMALL = 0.05
"""Causes with less than this part of all that was moved are left to the table."""
DATE_NAMES = {"threat": "the limit", "start_by": "the start-by date", "live": "the live date"}


def explanation(comparison: Comparison, opening: str) -> str:
    """One sentence; `opening` such as "From A to B" stands before it where more than one input makes the difference."""
    shares = comparison.attribution.shares
    if not shares:
        return "No input differs, so nothing comes out differently."
    told = _Told(comparison)
    start = f"With {told.name(shares[0].cause)}" if len(shares) == 1 else opening
    clauses = [*told.of_advice(), *told.of_date(), *told.of_saving()]
    if not clauses:
        return f"{start}, the advice, its dates and its saving stay as they are: {advice(comparison.outcomes[0])}."
    return f"{start}, {'; '.join(clauses)}."


def advice(outcome: Outcome) -> str:
    """What to do, as something that one does.

    >>> advice(Outcome("start-by", "own-8b", None, date(2027, 3, 12), None, 0.0))
    'starting own-8b by 12 March 2027'
    """
    match Action(outcome.action):
        case Action.START_BY:
            return f"starting {outcome.candidate}{f' by {day(outcome.start_by)}' if outcome.start_by else ''}"
        case Action.START_NOW:
            return f"starting {outcome.candidate} now"
        case Action.LATE:
            return f"starting {outcome.candidate} now, already late"
        case Action.NO_REMEDY:
            return f"no remedy{f', though {outcome.candidate} saves' if outcome.candidate else ''}"
        case Action.STAY:
            return "staying on the current route"


def _reached(when: date | None, result: Result) -> str:
    """When a limit is reached, if it is, and if there is one."""
    if when is not None:
        return f"reached on {day(when)}"
    return "not reached within the horizon" if result.case.scenario.limited else "left out"


@dataclass
class _Told:
    """The clauses of the sentence; a cause is named in full once, then in short."""

    comparison: Comparison
    named: set[Cause] = field(default_factory=set)

    def name(self, cause: Cause) -> str:
        if cause not in self.named:
            self.named.add(cause)
            return phrase(cause)
        short = [short_phrase(share.cause) for share in self.comparison.attribution.shares]
        return short_phrase(cause) if short.count(short_phrase(cause)) == 1 else phrase(cause)

    def of_advice(self) -> Sequence[str]:
        """What the advice turns into, and what alone would turn it."""
        if not self.comparison.flips:
            return []
        before, after = map(advice, self.comparison.outcomes)
        return [f"the advice changes from {before} to {after}{self._flippers()}"]

    def _flippers(self) -> str:
        found = self.comparison.attribution
        if len(found.shares) == 1:
            return ""
        if not found.alone and len(found.together) > MOST_NAMED:
            return f" (no input alone does that; it takes {len(found.together)} together)"
        if not found.alone:
            return f" (it takes {listed([self.name(cause) for cause in found.together])} together)"
        names = [self.name(cause) for cause in found.alone[:MOST_NAMED]]
        left = len(found.alone) - len(names)
        names += [f"any of {left} more"] if left else []
        return f" ({listed(names, 'or')} alone {'flips it' if len(names) == 1 else 'would flip it'})"

    def of_date(self) -> Sequence[str]:
        """What becomes of the date that matters most: start-by where both have one, else the limit, else live."""
        before, after = self.comparison.outcomes
        for figure in ("start_by", "threat", "live"):
            one, other = getattr(before, figure), getattr(after, figure)
            if one == other or (figure != "threat" and None in (one, other)):
                continue
            return [self._moved(figure, one, other)]
        return []

    def _moved(self, figure: str, one: date | None, other: date | None) -> str:
        name = DATE_NAMES[figure]
        if one is None or other is None:
            results = (self.comparison.before, self.comparison.after)
            reached = [_reached(each, result) for each, result in zip((one, other), results, strict=True)]
            return f"{name}, {reached[0]} before, is {reached[1]}{self._mostly(figure, later=other is None)}"
        before, after = self.comparison.outcomes
        if figure != "threat" and before.candidate == after.candidate:
            name += f" of {before.candidate}"
        verb = "is reached on" if figure == "threat" else "moves"
        from_to = f"{day(other)} instead of {day(one)}" if figure == "threat" else f"from {day(one)} to {day(other)}"
        return f"{name} {verb} {from_to} ({_later((other - one).days)}){self._from(figure, _later)}"

    def of_saving(self) -> Sequence[str]:
        """What becomes of the saving."""
        one, other = (outcome.npv_saving_usd for outcome in self.comparison.outcomes)
        told = [usd(each) if each else "nothing" for each in (one, other)]
        if told[0] == told[1]:
            return [f"the saving stays at {told[0]}"] if one != other or self.named else []
        verb = "rises" if other > one else "falls"
        return [f"the saving {verb} from {told[0]} to {told[1]}{self._from('npv_saving_usd', dollars)}"]

    def _from(self, figure: str, amount: Callable[[float], str]) -> str:
        """How much of a change is from which cause, where there are several."""
        shares = self.comparison.attribution.shares
        if len(shares) == 1:
            return ""
        sizes = {share.cause: share.amount(figure) for share in shares}
        moved = sum(map(abs, sizes.values()))
        large = [cause for cause in sizes if abs(sizes[cause]) >= SMALL * moved]
        large = sorted(large, key=lambda cause: -abs(sizes[cause]))
        large = large if len(large) <= NAMED + 1 else large[:NAMED]
        if len(large) == 1 and abs(sizes[large[0]]) > (1 - SMALL) * moved:
            return f", all of it from {self.name(large[0])}"
        parts = [f"{amount(sizes[cause])} from {self.name(cause)}" for cause in large]
        rest = sum(size for cause, size in sizes.items() if cause not in large)
        if abs(rest) >= SMALL * moved:
            parts.append(f"{amount(rest)} from the rest")
        return f": {', '.join(parts)}"

    def _mostly(self, figure: str, *, later: bool) -> str:
        """Which causes moved a date out of the horizon or into it, the largest first; how far is not known."""
        shares = self.comparison.attribution.shares
        sign = 1 if later else -1
        moved = sum(abs(share.amount(figure)) for share in shares)
        large = [share for share in shares if sign * share.amount(figure) >= SMALL * moved]
        large = sorted(large, key=lambda share: -abs(share.amount(figure)))[:NAMED]
        if len(shares) == 1 or not large:
            return ""
        return f", mostly from {', then from '.join(self.name(share.cause) for share in large)}"


def _later(days: float) -> str:
    whole = round(days)
    return f"{weeks(abs(whole))} {'later' if whole >= 0 else 'earlier'}"


def dollars(amount: float) -> str:
    """A change in dollars, signed.

    >>> dollars(1200), dollars(-30.4)
    ('+$1.2k', '-$30')
    """
    return f"{'+' if amount >= 0 else ''}{usd(amount)}"
