"""`python -m tools.validate_own_data [SERIES]` tries fits of usage on histories with known truth and on real series.

It writes the tables of docs/validation-own-data.md anew: how often the truth lies in the stated ranges, and how far
forecasts of real series are off, against the last growth rate, damped Holt and no change. Without a folder of series
the tables of simulated histories alone are written.
"""

from __future__ import annotations

import argparse
import itertools
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import numpy as np

from switchpoint.horizon import Floats
from switchpoint.owndata.growth_study import AHEAD, GrowthStudy
from switchpoint.owndata.usage_numbers import UsageFit
from tools import marked
from tools.own_histories import CURVES, LAST, NOISES, WEEK, TrueHistory, draw_history
from tools.real_series import Series, read_series

PAGE = Path(__file__).resolve().parent.parent / "docs" / "validation-own-data.md"
COMMAND = "python -m tools.validate_own_data SERIES"
NUMBER = 40
"""Histories of each curve and noise."""
LEAST_WEEKS = 40
QUARTER = int(AHEAD[-1])
BANDED_WEEKS = (13, 52)
ALPHAS, BETAS, DAMPS = (0.1, 0.2, 0.35, 0.5, 0.7, 0.9), (0.01, 0.05, 0.1, 0.2, 0.4), (0.8, 0.9, 0.95, 0.98)


@dataclass(frozen=True)
class RangesHeld:
    """Which stated ranges held the truth, of one history."""

    right_curve: bool
    level: bool
    growth: bool
    quarter: bool
    year: bool
    weekdays: float
    """Share of the seven factors within 1.645 standard errors."""
    noise: bool


def ranges_held(true: TrueHistory) -> RangesHeld:
    """Fit one history, and look."""
    fit = UsageFit(true.history, LAST + timedelta(days=1))
    study, curve = fit.study, fit.curve
    assert study is not None
    assert curve is not None
    assert fit.factors is not None
    assert fit.noise is not None
    level, growth = fit.pooled_draws
    bands = study.bands(np.array(BANDED_WEEKS))
    came = [float(true.future[7 * week - 28 : 7 * week].mean()) for week in BANDED_WEEKS]
    inside = [bands[0, place] <= value <= bands[2, place] for place, value in enumerate(came)]
    factors, errors = fit.factors
    return RangesHeld(
        curve.name == true.curve,
        _holds(level, true.level),
        _holds(growth, true.per_month),
        bool(inside[0]),
        bool(inside[1]),
        float((np.abs(factors - WEEK / WEEK.mean()) <= 1.645 * errors).mean()),
        fit.noise.deviation.low <= true.noise <= fit.noise.deviation.high,
    )


def _holds(draws: Floats, truth: float) -> bool:
    low, high = np.quantile(draws, (0.05, 0.95))
    return bool(low - 1e-12 <= truth <= high + 1e-12)


def synthetic_part(number: int) -> str:
    """The table of simulated histories."""
    rows = []
    for curve, noise in itertools.product(CURVES, NOISES):
        held = [ranges_held(draw_history(curve, noise, seed)) for seed in range(number)]
        rows.append([curve, f"{noise:g}", *_shares(held)])
        print(*rows[-1], flush=True)
    head = ["Curve", "Noise of a day", "curve found", "level (90 %)", "growth (90 %)", "quarter ahead (80 %)"]
    head += ["year ahead (80 %)", "weekdays (90 %)", "noise (90 %)"]
    return marked.table(head, [*rows, ["all", "", *_means(rows)]])


def _shares(held: Sequence[RangesHeld]) -> list[str]:
    names = ("right_curve", "level", "growth", "quarter", "year", "weekdays", "noise")
    return [_percent(np.mean([float(getattr(each, name)) for each in held])) for name in names]


def _means(rows: Sequence[Sequence[str]]) -> Iterator[str]:
    for column in range(2, len(rows[0])):
        yield _percent(np.mean([float(row[column].removesuffix(" %")) / 100 for row in rows]))


def _percent(share: float | np.floating) -> str:
    return f"{100 * float(share):.0f} %"


@dataclass(frozen=True)
class Tried:
    """Forecasts of a quarter of one real series: median distance from what came, by rule, and the band."""

    series: Series
    own: float
    last_growth: float
    holt: float
    flat: float
    coverage: float
    tries: int


def damped_holt(logs: Floats) -> float:
    """Damped Holt on the logs of weeks, its three numbers those with the smallest squares of one step ahead.

    The mean of the four weeks that end a quarter ahead.
    """
    best = (np.inf, 0.0)
    for alpha, beta, damp in itertools.product(ALPHAS, BETAS, DAMPS):
        level, slope, squares = logs[0], 0.0, 0.0
        for value in logs[1:]:
            foretold = level + damp * slope
            squares += (value - foretold) ** 2
            before, level = level, alpha * value + (1 - alpha) * foretold
            slope = beta * (level - before) + (1 - beta) * damp * slope
        if squares < best[0]:
            slopes = [damp * (1 - damp**ahead) / (1 - damp) for ahead in range(QUARTER - 3, QUARTER + 1)]
            best = (squares, level + slope * float(np.mean(slopes)))
    return best[1]


def try_series(series: Series) -> Tried | None:
    """Forecasts of one series; None where it is too short."""
    study = GrowthStudy.of_weeks(np.where(series.hole, np.nan, series.weekly))
    found = study.backtest if study.weeks >= LEAST_WEEKS else None
    if found is None:
        return None
    ends = study.tried_weeks[: found.came.size]
    holt = np.array([damped_holt(study.logs[:end]) for end in ends])
    off = [_off(said, found.came) for said in (found.bands[:, 1], found.last_growth, holt, found.flat)]
    return Tried(series, *off, found.coverage, found.came.size)


def _off(said: Floats, came: Floats) -> float:
    return float(np.median(np.abs(np.expm1(np.clip(said - came, -20, 20)))))


def series_part(tried: Sequence[Tried]) -> str:
    """The tables of real series."""
    classes = {"service": [each for each in tried if each.series.service]}
    classes |= {"other": [each for each in tried if not each.series.service], "all": list(tried)}
    head = ["Series", "number", "this forecast", "last growth rate", "damped Holt", "no change", "80 % band held"]
    rows = [[name, str(len(each)), *_series_row(each)] for name, each in classes.items() if each]
    better = [_beats(tried, name) for name in ("last_growth", "holt", "flat")]
    return "\n\n".join(
        [
            marked.table(head, rows),
            f"{sum(each.tries for each in tried):,} forecasts of {QUARTER} weeks. This forecast is nearer than the "
            f"last growth rate on {better[0]} of the series, than damped Holt on {better[1]}, than no change on "
            f"{better[2]}.",
        ]
    )


def _series_row(tried: Sequence[Tried]) -> Iterator[str]:
    for name in ("own", "last_growth", "holt", "flat"):
        yield f"{100 * float(np.median([getattr(each, name) for each in tried])):.1f} %"
    yield _percent(np.mean([each.coverage for each in tried]))


def _beats(tried: Iterable[Tried], rival: str) -> str:
    return _percent(np.mean([each.own < getattr(each, rival) for each in tried]))


def main() -> None:
    """Write the page anew."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("series", nargs="?", type=Path)
    parser.add_argument("--number", type=int, default=NUMBER)
    parser.add_argument("--part", choices=("synthetic", "series"), help="one of the tables alone")
    asked = parser.parse_args()
    parts = {} if asked.part == "series" else {"synthetic": synthetic_part(asked.number)}
    if asked.series is not None and asked.part != "synthetic":
        tried = []
        for series in read_series(asked.series):
            one = try_series(series)
            if one is not None:
                tried.append(one)
                print(series.name, round(one.own, 3), round(one.holt, 3), round(one.coverage, 2), flush=True)
        parts["series"] = series_part(tried)
    text = PAGE.read_text(encoding="utf-8")
    PAGE.write_text(marked.renewed(text, parts, COMMAND), encoding="utf-8")


if __name__ == "__main__":
    main()
