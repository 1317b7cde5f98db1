"""The tornado: what each input alone does to the saving and the start-by date, from its p10 to its p90."""

from __future__ import annotations

from dataclasses import dataclass

from switchpoint.finance import SAME
from switchpoint.result import Result
from switchpoint.study.why.driver import Driver
from switchpoint.study.why.drivers import drivers
from switchpoint.study.why.outcome import Judge, Mapper, Outcome

LOW, HIGH = 0.1, 0.9


@dataclass(frozen=True)
class Bar:
    """One input at its p10 and at its p90 (a certain one 20 % down and up), all others at their base values."""

    driver: Driver
    low: float
    high: float
    at_low: Outcome
    at_high: Outcome

    @property
    def stated(self) -> bool:
        """Whether the scenario states a range for it."""
        return self.driver.belief is not None


@dataclass(frozen=True)
class Tornado:
    """What moves one candidate, the widest swing first.

    Args:
        candidate: the advised one; without one, what saves all the same, else the cheapest.
        base: what it comes to in the base case.
        bars: of the inputs that change anything.
    """

    candidate: str
    base: Outcome
    bars: tuple[Bar, ...]

    def swing(self, bar: Bar) -> float:
        """Dollars between the lowest and the highest saving of a bar, the base case included."""
        savings = [each.npv_saving_usd for each in (bar.at_low, self.base, bar.at_high)]
        return max(savings) - min(savings)


def tornado(result: Result, mapper: Mapper = map) -> Tornado | None:
    """Move each input of a scenario alone; None without a candidate.

    Args:
        result: the base case.
        mapper: runs the worlds, one simulation each.

    Raises:
        Problem: where an end of a range leaves all bounds.
    """
    if result.lead is None:
        return None
    scenario, name = result.case.scenario, result.lead.name
    moved = drivers(result, [name])
    ends = [driver.quantiles(LOW, HIGH) for driver in moved]
    worlds = [driver.set(scenario, end) for driver, pair in zip(moved, ends, strict=True) for end in pair]
    base, *outcomes = Judge(name, scenario).through(mapper, [scenario, *worlds])
    pairs = zip(outcomes[::2], outcomes[1::2], strict=True)
    bars = [Bar(driver, low, high, *both) for driver, (low, high), both in zip(moved, ends, pairs, strict=True)]
    slack = SAME * result.lead.starts.present_stay
    whole = Tornado(name, base, ())
    felt = [bar for bar in bars if whole.swing(bar) > slack or bar.at_low.start_by != bar.at_high.start_by]
    return Tornado(name, base, tuple(sorted(felt, key=lambda bar: (-whole.swing(bar), bar.driver.key))))
