"""What files of usage and bills say: a scenario's usage and price, the months ahead, and what they cannot tell."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cached_property
from typing import Any

import numpy as np

from switchpoint.horizon import Floats, add_months
from switchpoint.owndata.bill_price import BilledPrice
from switchpoint.owndata.day_profile import Ranged
from switchpoint.owndata.growth_curves import LevelStep
from switchpoint.owndata.growth_study import BAND, FEWEST_WEEKS, HORIZON_DAYS, GrowthStudy
from switchpoint.owndata.usage_history import UsageHistory, fill_missing_days, history_of
from switchpoint.owndata.usage_numbers import WIDER, UsageFit
from switchpoint.owndata.usage_sums import filled_words
from switchpoint.scenario.errors import Keys, dotted_path
from switchpoint.scenario.schema import Scenario
from switchpoint.scenario.uncertain import num
from switchpoint.text import day, percent

MONTHS = 12
"""Calendar months that are foretold."""
MANY_STEPS = 3
"""From so many steps on growth comes in steps."""
GROWS = 0.02
"""Growth a month from which on a ceiling is asked for."""
TWO_YEARS = 730
RETRIES: Keys = ("current", "retry_share")

Json = dict[str, Any]


@dataclass(frozen=True)
class ForecastMonth:
    """The bill of one calendar month ahead, dollars: an 80 % band and its middle."""

    month: date
    low: float
    mid: float
    high: float

    @property
    def as_json(self) -> Json:
        """As `fit --json` gives it."""
        return {
            "month": f"{self.month:%Y-%m}",
            "low": _cents(self.low),
            "mid": _cents(self.mid),
            "high": _cents(self.high),
        }


@dataclass(frozen=True, eq=False)
class OwnFit:
    """The fit of one history.

    Args:
        read: the files, as they were read.
        history: their days.
        scenario: the one that is fitted, if any.
        begin: first day of the fitted scenario; left out, the day after the last one of the files, or the scenario's if
            later.
    """

    read: Any
    history: UsageHistory
    scenario: Scenario | None = None
    begin: date | None = None

    @classmethod
    def of(cls, read: Any, scenario: Scenario | None = None) -> OwnFit:
        """The fit of files that were read."""
        return cls(read, history_of(read), scenario)

    @property
    def start(self) -> date:
        """First day of the fitted scenario."""
        if self.begin is not None:
            return self.begin
        after = self.history.last_day + timedelta(days=1)
        return after if self.scenario is None else max(after, self.scenario.start)

    @cached_property
    def usage(self) -> UsageFit:
        """The usage."""
        if self.retries is not None:
            return UsageFit(self.history, self.start, self.retries.middle, counts_retries=False)
        retries = 0.0 if self.scenario is None else num(self.scenario.current.retry_share)
        return UsageFit(self.history, self.start, retries)

    @cached_property
    def retries(self) -> Ranged | None:
        """Tries that failed, in tokens that were spent on them over those of all others; None where no file tells."""
        share = getattr(self.read, "retry_share", None)
        if share is None:
            return None
        most = 1 + WIDER * 1.645 / math.sqrt(max(self.read.failed_calls, 1))
        return Ranged(share / most, share, share * most)

    @cached_property
    def price(self) -> BilledPrice:
        """The price."""
        current = None if self.scenario is None else self.scenario.current
        if current is None:
            return BilledPrice(self.history)
        return BilledPrice.beside(self.history, current)

    @cached_property
    def bill_study(self) -> GrowthStudy | None:
        """The weeks of the bill; None where no dollars are known."""
        bill = self.price.daily_bill
        if bill is None:
            return None
        study = GrowthStudy.of_weeks(self.history.weekly(bill))
        return study if study.weeks >= 2 else None

    @cached_property
    def forecast(self) -> tuple[ForecastMonth, ...]:
        """The bill of the next twelve calendar months; none where it is not known what was billed."""
        if self.bill_study is None:
            return ()
        last, study = self.history.last_day, self.bill_study
        months = [add_months(last.replace(day=1), each) for each in range(1, MONTHS + 1)]
        days = np.array([(add_months(month, 1) - month).days for month in months])
        first = np.array([(month - last).days for month in months])
        # The mean of a month is that of the four weeks around its middle.
        weeks = np.maximum(np.rint((first + days / 2 + 14) / 7).astype(np.int64), 1)
        bands = study.bands(weeks, BAND) * days
        return tuple(ForecastMonth(month, *map(float, band)) for month, band in zip(months, bands.T, strict=True))

    def band_by_day(self, ahead: int, shares: tuple[float, ...] = BAND) -> Floats:
        """Quantiles of the daily bill, trailing means of four weeks, on each of the days ahead in steps of a week."""
        assert self.bill_study is not None
        return self.bill_study.bands(np.arange(1, ahead // 7 + 1), shares)

    @property
    def backtest(self) -> Json | None:
        """How forecasts of a quarter came out on weeks that they had not seen."""
        study = self.bill_study if self.bill_study is not None else self.usage.study
        found = study.backtest if study is not None else None
        if found is None:
            return None
        return {
            "horizon_days": HORIZON_DAYS,
            "mape": round(found.mape, 4),
            "naive_mape": round(found.naive_mape, 4),
            "coverage": round(found.coverage, 4),
        }

    @cached_property
    def cannot_tell(self) -> list[str]:
        """What these files do not say, in plain sentences."""
        return [*self._growth_doubts(), *self._missing_columns()]

    def _growth_doubts(self) -> Iterator[str]:
        study = self.usage.study or self.bill_study
        if study is None and self.price.daily_bill is None:
            yield "Growth: there is neither a request nor a token nor a dollar to count"
            return
        if study is None or not study.speaks:
            yield self._too_few_weeks(0 if study is None else study.weeks)
            return
        if self.usage.study is not None:
            yield from self._ceiling(self.usage.study)
        yield from self._steps(study)
        if self.history.days < TWO_YEARS:
            yield "A season that comes back every year: that takes two years of days"

    def _too_few_weeks(self, weeks: int) -> str:
        few = "1 whole week is" if weeks == 1 else f"{weeks} whole weeks are"
        have = (
            f"{few} fewer than {FEWEST_WEEKS}" if weeks else f"not one whole week is known, and it takes {FEWEST_WEEKS}"
        )
        stated = "" if self.usage.study is None else "; the range is what real products do, not what these files say"
        return f"Growth: {have}{stated}"

    def _ceiling(self, study: GrowthStudy) -> Iterator[str]:
        if study.bend_is_unseen:
            low, high = np.quantile(study.fits["logistic"].ceiling, (0.05, 0.95))
            yield (
                "A ceiling: growth slows down, but its bend is not over; anything from "
                f"{low:,.0f} to {high:,.0f} requests a day fits, so none is stated"
            )
        elif study.chosen_curve.name in ("compound", "linear") and self._grows(study):
            yield "A ceiling: these weeks show no bend, and before the bend no data tell where growth ends"

    def _grows(self, study: GrowthStudy) -> bool:
        growth = study.fits["compound"].per_month
        return bool(np.median(growth) >= GROWS)

    def _steps(self, study: GrowthStudy) -> Iterator[str]:
        for step in study.steps:
            moved = percent(abs(float(np.expm1(step.log))))
            way, when = "up" if step.log > 0 else "down", day(self.day_of(step, study))
            yield (
                f"A break in level: {way} by {moved} around {when}; "
                "growth is told without it, and whether more of the kind will come is not known"
            )
        if len(study.steps) >= MANY_STEPS:
            yield "Growth between steps: most of the change came in steps, so that a rate a month says little"

    def day_of(self, step: LevelStep, study: GrowthStudy) -> date:
        """The day around which a level changed: that within a week of the step that parts the days best."""
        requests = self.history.requests
        daily = requests if self.usage.study is study and requests is not None else self.price.daily_bill
        assert daily is not None
        factors = self.usage.factors[0] if self.usage.factors is not None else np.ones(7)
        with np.errstate(divide="ignore", invalid="ignore"):
            logs = np.log(fill_missing_days(daily) / factors[self.history.weekday])
        first = self.history.days - 7 * (study.weeks - step.week)
        days = range(max(first - 7, 15), min(first + 8, self.history.days - 14))
        best = min(days, key=lambda at: _apart(logs[at - 14 : at], logs[at : at + 14]), default=first)
        return self.history.first_day + timedelta(days=int(best))

    def _missing_columns(self) -> Iterator[str]:
        history = self.history
        if not history.counts_requests and history.has_tokens:
            yield "Requests: no file counts them, so 1,000 input tokens stand for one request"
        if not history.has_tokens:
            yield "Tokens of a request: no file counts tokens"
        elif "cached_tokens" not in history.daily:
            yield "The cached part of the input: no file tells it"
        if not self.price.is_billed:
            told = "the catalogue's prices stand for it" if self.price.daily_bill is not None else "no forecast is made"
            yield f"The bill: no file has dollars; {told}"
        if history.of_months:
            yield "Weekdays and the noise of a day: rows are of whole months"
        elif history.hourly is None:
            yield "The hours of the day: rows are of whole days"
        for words in filled_words(history.missing_days):
            yield f"Missing days: {words}"
        if self.retries is None:
            yield "Retries: a repeated call looks like any other"

    @property
    def current_json(self) -> Json:
        """The effective price, the catalogue's, and the bill."""
        return {
            "effective_usd_per_mtok": _six(self.price.effective),
            "catalogue_usd_per_mtok": _six(self.price.list_price),
            "bill_usd_per_month": None if self.price.usd_per_month is None else _cents(self.price.usd_per_month),
            "bill_filled_days": self.price.filled_lately,
            "gap": self.price.explain_gap(),
            "retry_share": None if self.retries is None else _six(self.retries.middle),
        }

    @property
    def _retry_range(self) -> Json:
        told = self.retries
        return {} if told is None else {dotted_path(RETRIES): [_six(told.low), _six(told.high)]}

    @property
    def read_json(self) -> Json:
        """What was read."""
        names = ("format", "files", "rows", "first_day", "last_day", "days", "dropped", "gaps", "models", "warnings")
        return {name: _plain(getattr(self.read, name)) for name in names}

    @cached_property
    def as_json(self) -> Json:
        """As `fit --json` gives it."""
        numbers = self.usage.numbers
        return {
            "read": self.read_json,
            "usage": numbers.tree,
            "current": self.current_json,
            "forecast": [month.as_json for month in self.forecast],
            "backtest": self.backtest,
            "cannot_tell": self.cannot_tell,
            "start": self.start.isoformat(),
            "ranges": {dotted_path(path): list(ends) for path, ends in numbers.ranges.items()} | self._retry_range,
            "reasons": {dotted_path(path): reason for path, reason in numbers.reasons.items()},
        }


def _apart(before: Floats, after: Floats) -> float:
    """Squares that are left where either side has a level of its own."""
    return float(np.nansum((before - np.nanmean(before)) ** 2) + np.nansum((after - np.nanmean(after)) ** 2))


def _cents(dollars: float) -> float:
    return round(dollars, 2)


def _six(value: float | None) -> float | None:
    return None if value is None or not np.isfinite(value) else float(f"{value:.6g}")


def _plain(value: Any) -> Any:
    """A value of what was read, as JSON can hold it."""
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, dict):
        return {str(key): _plain(each) for key, each in value.items()}
    if isinstance(value, (list, tuple)):
        return [_plain(each) for each in value]
    if isinstance(value, np.generic):
        return value.item()
    return value if value is None or isinstance(value, (str, int, float, bool)) else str(value)
