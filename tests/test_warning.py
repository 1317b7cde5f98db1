"""The warning: what it promises, bad input, and its lead times on simulated histories."""

import re
from datetime import date, timedelta

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import switchpoint
from switchpoint.decision.policies import chance_forecast, warn_start
from switchpoint.errors import CannotCompute
from switchpoint.horizon import MONTH_DAYS, NEVER, Horizon
from switchpoint.simulation.limits import BillLimits
from switchpoint.warning.chances import HORIZONS
from switchpoint.warning.plain import Forecast, months_to_limit
from tools import lead_times, marked
from tools.histories import KINDS, simulate
from tools.lead_trials import CUT, KNOWN, MONITOR, TOLD, tried, watch

MONDAY = date(2027, 1, 4)
approx = pytest.approx


def dated(values: np.ndarray, first: date = MONDAY) -> pd.Series:
    return pd.Series(values, index=pd.date_range(first, periods=len(values)))


def noisy(seed: int, growth: float = 0.06, start: float = 0.5, days: int = 500, noise: float = 0.06) -> pd.Series:
    """A bill with a week and noise, against $1 a day."""
    rng = np.random.default_rng(seed)
    week = np.array([1, 1, 1, 1, 1, 0.4, 0.3]) * 7 / 5.7
    path = start * (1 + growth) ** (np.arange(days) / MONTH_DAYS) * week[np.arange(days) % 7]
    return dated(path * np.exp(rng.normal(0, noise, days)))


# What it promises ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("growth", [0.04, 0.08, 0.15])
def test_on_a_line_without_noise_it_says_what_the_closed_form_says(growth: float) -> None:
    """Told that growth is steady; chances are halfway between two of its months at worst, a week of noise at first."""
    span = Horizon(MONDAY, 600)
    slope = np.log1p(growth) / MONTH_DAYS
    path = np.exp(-slope * 520 + slope * (span.day + 0.5))
    said = switchpoint.monitor(dated(path), 1.0, steady=True)["months_to_limit"].to_numpy()
    mondays = 7.0 * np.arange(1, said.size + 1)
    exact = months_to_limit(slope * (mondays - 520.0), np.full(said.size, slope))
    for week in (40, 52, 60, 70):
        after = int(np.searchsorted(HORIZONS, exact[week]))
        gap = HORIZONS[after] - (HORIZONS[after - 1] if after else 0.0)
        assert said[week] == approx(exact[week], abs=gap / 2 + 0.02 * exact[week])


@settings(max_examples=25, deadline=None)
@given(seed=st.integers(0, 999), cut=st.integers(1, 420), what=st.sampled_from(["nothing", "ten times", "half"]))
def test_no_monday_sees_its_own_day_or_any_later(seed: int, cut: int, what: str) -> None:
    bill = noisy(seed, growth=0.12, start=0.3, days=420)
    other = bill.copy()
    other.iloc[cut:] *= {"nothing": 0.0, "ten times": 10.0, "half": 0.5}[what]
    before = bill.index[cut] if cut < len(bill) else bill.index[-1] + pd.Timedelta(days=7)
    first, second = switchpoint.monitor(bill, 1.0), switchpoint.monitor(other, 1.0)
    pd.testing.assert_frame_equal(first[first.index <= before], second[second.index <= before])
    pd.testing.assert_frame_equal(first[first.index <= before], switchpoint.monitor(bill[:cut], 1.0), check_freq=False)


@settings(max_examples=25, deadline=None)
@given(seed=st.integers(0, 999), scale=st.floats(1e-6, 1e6))
def test_the_currency_does_not_matter(seed: int, scale: float) -> None:
    bill = noisy(seed, growth=0.1, start=0.4)
    said, other = switchpoint.monitor(bill, 1.0), switchpoint.monitor(bill * scale, scale)
    pd.testing.assert_frame_equal(said, other, rtol=1e-6, atol=1e-6)


@pytest.mark.parametrize("kind", sorted(KINDS))
def test_monitor_and_simulation_cannot_differ(kind: str) -> None:
    histories = simulate(kind, 1, 5, (0.0, 0.6))
    span = histories.clock(0)
    limit = 1 + 0.2 * np.sin(np.arange(span.days) / 90)
    said = switchpoint.monitor(dated(histories.bills[0], span.start), dated(limit, span.start))
    same = chance_forecast(histories.bills[0], BillLimits(limit[None, :]), span, (2.0, 3.0))
    assert said["months_to_limit"].to_numpy() == approx(same.months, nan_ok=False)
    assert said["probability"].to_numpy() == approx(same.chance, nan_ok=True)
    assert [day.date() for day in said.index] == [span.date_of(monday) for monday in same.mondays]
    assert (said["low"] <= said["months_to_limit"]).all()
    assert (said["months_to_limit"] <= said["high"]).all()


def test_chances_rise_with_the_months_and_agree_with_the_median_and_the_state() -> None:
    for seed in range(10):
        said = switchpoint.monitor(noisy(seed, growth=0.1, start=0.4, days=400), 1.0)
        chances = said[["probability", "probability_6", "probability_12"]]
        assert (chances.iloc[:7].isna()).all(axis=None)
        assert np.isinf(said[["months_to_limit", "low", "high"]].iloc[:7]).all(axis=None)
        known = chances.iloc[7:].to_numpy()
        assert ((known >= 0) & (known <= 1)).all()
        assert (np.diff(known) >= 0).all()
        for column, months in (("probability", 3), ("probability_6", 6), ("probability_12", 12)):
            assert ((said[column] >= 0.5) == (said["months_to_limit"] <= months)).all()
        assert (said.loc[said["state"] == "over", "probability"] == 1).all()
        assert (said.loc[said["state"] == "late", "months_to_limit"] <= 2).all()


def test_a_forecast_with_chances_warns_by_them_and_one_without_by_its_months() -> None:
    span, mondays = Horizon(MONDAY, 30), np.array([7, 14, 21, 28])
    months, chance = np.array([2.0, 9.0, 9.0, 1.0]), np.array([np.nan, 0.49, 0.5, 0.9])
    assert warn_start(Forecast(mondays, months), 3.0, span) == 7
    assert warn_start(Forecast(mondays, months, chance), 3.0, span) == 21
    assert warn_start(Forecast(mondays, months, 0 * chance), 3.0, span) == NEVER
    both = Forecast(mondays, np.stack([months, months])[:, None], np.stack([chance, chance[::-1]])[:, None])
    assert warn_start(both, 3.0, span).tolist() == [[21], [7]]


def test_a_warning_is_open_late_over_in_turn_and_does_not_flap() -> None:
    for seed in range(20):
        said = switchpoint.monitor(noisy(seed, growth=0.1, start=0.4, days=400), 1.0)["state"]
        turns = said[said != said.shift()].tolist()
        order = ["calm", "watch", "open", "late", "over"]
        assert turns == sorted(turns, key=order.index), seed
        assert turns[-1] == "over"


def test_other_warning_months() -> None:
    bill = noisy(1, growth=0.08, start=0.3, days=400)
    said = switchpoint.monitor(bill, 1.0, warn_months=(4, 5))
    first = said[said["state"] == "open"].iloc[0]
    assert 4 <= first["months_to_limit"] <= 5
    assert switchpoint.monitor(bill, 1.0, (15, 20))["months_to_limit"].replace(np.inf, 0).max() > 12


@pytest.mark.slow
def test_flat_pressure_hardly_ever_warns() -> None:
    """Usage and revenue grow alike: a year at 0.8 or 0.9 with 8 % noise; a plain line warns in 62 to 88 % of years.

    Told that growth is steady it hardly warns. Not told, it knows that levels wander: at 0.9 the limit is near.
    """
    for pressure, most in ((0.8, 0.01), (0.9, 0.15)):
        years = [noisy(seed, growth=0.0, start=pressure, days=365, noise=0.08) for seed in range(80)]
        fired = [(switchpoint.monitor(year, 1.0, steady=True)["months_to_limit"] <= 3).any() for year in years]
        assert np.mean(fired) <= most
        if pressure == 0.8:
            assert not any((switchpoint.monitor(year, 1.0)["probability"] >= 0.5).any() for year in years)


def test_over_the_limit_from_the_first_week_on() -> None:
    said = switchpoint.monitor(noisy(1, growth=0.0, start=1.5, days=100), 1.0)
    assert (said["state"] == "over").all()
    assert (said[["months_to_limit", "low", "high"]] == 0).all(axis=None)


def test_a_known_price_change_is_taken_out_and_foreseen() -> None:
    """8 % a month, halved on day 300. Told of it the day of the limit is foreseen from before; not told, too early.

    A line without noise reaches the limit between two months at which chances are computed, and there it is halfway.
    """
    span, when = Horizon(MONDAY, 700), 300
    slope = np.log(1.08) / MONTH_DAYS
    path = np.exp(slope * (span.day - 330.0))
    bill = dated(np.where(span.day >= when, 0.5, 1.0) * path)
    real = 330 + np.log(2) / slope + 14
    change = [(bill.index[when], 0.5)]
    told_of, blind = switchpoint.monitor(bill, 1.0, price_changes=change), switchpoint.monitor(bill, 1.0)
    for week in (39, 41, 43, 45, 60, 70):
        day = told_of.index[week]
        ahead = (real - (day - bill.index[0]).days) / MONTH_DAYS
        after = int(np.searchsorted(HORIZONS, ahead))
        half_a_gap = (HORIZONS[after] - HORIZONS[after - 1]) / 2
        assert told_of["months_to_limit"].iloc[week] == approx(ahead, abs=half_a_gap + 0.1)
    assert blind["months_to_limit"].iloc[39] < told_of["months_to_limit"].iloc[39] - 6
    assert set(told_of["state"].iloc[:50]) <= {"calm", "watch"}


def test_days_without_a_bill_or_a_limit() -> None:
    nothing = switchpoint.monitor(dated(np.zeros(200)), 1.0)
    assert (nothing["state"] == "calm").all()
    assert np.isinf(nothing["months_to_limit"]).all()
    assert (switchpoint.monitor(dated(np.zeros(200)), 0.0)["state"] == "calm").all()
    assert (switchpoint.monitor(dated(np.ones(200)), 0.0)["state"] == "over").all()
    bill = noisy(1, growth=0.1, start=0.4, days=300)
    late = pd.concat([dated(np.zeros(140), MONDAY - timedelta(days=140)), bill])
    pd.testing.assert_frame_equal(
        switchpoint.monitor(late, 1.0).iloc[20 + 8 :], switchpoint.monitor(bill, 1.0).iloc[8:], check_freq=False
    )


def test_which_mondays_are_told() -> None:
    """From Friday 1 January to Wednesday 20 January there are two whole weeks; from a Sunday to a Saturday none."""
    said = switchpoint.monitor(dated(np.ones(20), date(2027, 1, 1)), 2.0)
    assert [day.date() for day in said.index] == [date(2027, 1, 11), date(2027, 1, 18)]
    assert said.index.name == "date"
    none = switchpoint.monitor(dated(np.ones(7), date(2027, 1, 3)), 2.0)
    assert none.empty
    assert list(none.columns) == [
        "months_to_limit",
        "low",
        "high",
        "probability",
        "probability_6",
        "probability_12",
        "state",
    ]


def test_dates_of_any_kind_and_a_longer_limit() -> None:
    bill = noisy(1, days=200)
    said = switchpoint.monitor(bill, 1.0)
    limit = dated(np.ones(400), MONDAY - timedelta(days=100))
    plain_dates = pd.Series(bill.to_numpy(), index=[day.date() for day in bill.index])
    zoned = bill.tz_localize("Europe/Berlin")
    periods = bill.to_period("D")
    for same in (plain_dates, zoned, periods, bill.astype("Float64")):
        pd.testing.assert_frame_equal(switchpoint.monitor(same, limit), said)


# Bad input -----------------------------------------------------------------------------------------------------------

BILL = dated(np.ones(100))
MONTHS = "two numbers of months that do not fall, from 0 to 60, such as (2, 3)"


def changed(day: int, value: float) -> pd.Series:
    other = BILL.copy()
    other.iloc[day] = value
    return other


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ({"bill": [1.0, 2.0]}, "bill: got a list; it takes a pandas Series of dollars a day, by date"),
        ({"bill": BILL[:0]}, "bill: is empty; it takes at least one day"),
        ({"bill": changed(3, np.nan)}, "bill: is nan on 7 January 2027; it takes dollars a day, 0 or more"),
        ({"bill": changed(3, -1)}, "bill: is -1 on 7 January 2027; it takes dollars a day, 0 or more"),
        ({"bill": changed(3, np.inf)}, "bill: is inf on 7 January 2027; it takes dollars a day, 0 or more"),
        ({"bill": BILL.astype(str) + "$"}, "bill: holds something other than numbers; it takes dollars a day"),
        ({"bill": BILL.reset_index(drop=True)}, "bill: is indexed by int64; its index must hold dates"),
        ({"bill": BILL[::-1]}, "bill: goes back from 13 April 2027 to 12 April 2027; sort it by date"),
        ({"bill": pd.concat([BILL[:5], BILL[4:]])},
         "bill: has 8 January 2027 twice; it takes one value a day, so sum it by day first"),
        ({"bill": BILL.drop(BILL.index[5])},
         "bill: has no value between 8 January 2027 and 10 January 2027; a day without a bill is 0"),
        ({"bill": dated(np.ones(366 * 20 + 1), date(2000, 1, 1))}, "bill: has 7,321 days; it takes at most 7,320"),
        ({"limit": -1}, "limit: got -1; it takes dollars a day, 0 or more: a number, or a Series by date"),
        ({"limit": np.nan}, "limit: got nan; it takes dollars a day, 0 or more: a number, or a Series by date"),
        ({"limit": "much"}, "limit: got 'much'; it takes dollars a day, 0 or more: a number, or a Series by date"),
        ({"limit": BILL[1:]}, "limit: has no value for 4 January 2027; it takes one for every date of the bill"),
        ({"limit": changed(9, -2)}, "limit: is -2 on 13 January 2027; it takes dollars a day, 0 or more"),
        ({"warn_months": (3, 2)}, f"warn_months: got (3, 2); it takes {MONTHS}"),
        ({"warn_months": "23"}, f"warn_months: got '23'; it takes {MONTHS}"),
        ({"warn_months": 3}, f"warn_months: got 3; it takes {MONTHS}"),
        ({"warn_months": (2, np.nan)}, f"warn_months: got (2, nan); it takes {MONTHS}"),
        ({"price_changes": [("2027-02-01", 0)]},
         "price_changes: multiplies by 0 on 1 February 2027; it takes factors above 0"),
        ({"price_changes": [("soon", 2)]}, "price_changes: got [('soon', 2)]; it takes pairs (date, factor)"),
    ],
)  # fmt: skip
def test_bad_input_gets_one_clear_line(arguments: dict[str, object], said: str) -> None:
    with pytest.raises(CannotCompute) as refused:
        switchpoint.monitor(**({"bill": BILL, "limit": 2.0} | arguments))
    assert str(refused.value) == said


# What it makes of histories ------------------------------------------------------------------------------------------


def test_lead_times_beat_the_plain_line() -> None:
    """A small part of what docs/validation-warning.md tells."""
    noise = (0.0, 0.6)
    steady, turning = (tried(kind, 60, noise) for kind in ("steady", "turning"))
    for who in (MONITOR, TOLD):
        assert steady.in_time(who) >= max(0.8, steady.in_time("12") + 0.08)
        assert steady.false(who) <= 0.05
    assert turning.false(MONITOR) <= 0.1
    assert turning.missed(MONITOR) <= turning.missed(TOLD)
    held = {who: each.inside.mean() for who, each in steady.watching.items()}
    assert 0.75 <= min(held.values()) <= max(held.values()) <= 0.99
    known, unknown = (tried(kind, 60, noise) for kind in (KNOWN, CUT))
    assert known.in_time(MONITOR) >= unknown.in_time(MONITOR) + 0.05


def test_the_bound_is_above_what_can_be_reached() -> None:
    trial = tried("steady", 60, (0.0, 0.6))
    assert trial.in_time("bound") >= max(trial.in_time(TOLD), trial.in_time(MONITOR)) - 0.02


def test_histories_are_watched_together_as_one_by_one() -> None:
    """Leads, coverage and falls of `switchpoint.monitor`, history by history."""
    histories = simulate("turning", 12, 6, (0.0, 0.6))
    leads, inside, falls = [], [], 0
    for i in range(12):
        start = histories.clock(i).start
        said = switchpoint.monitor(dated(histories.bills[i], start), 1.0)
        days = (said.index - pd.Timestamp(start)).days.to_numpy()
        left = (histories.threats[i] - days) / MONTH_DAYS
        leads.append(left[(said["probability"] >= 0.5).to_numpy().argmax()])
        near = (left > 0) & (said["months_to_limit"] <= 6).to_numpy()
        inside += [(said["low"] <= left).to_numpy()[near] & (left <= said["high"]).to_numpy()[near]]
        order = said["state"].map(["calm", "watch", "open", "late", "over"].index)
        falls += int((order.diff() < 0).sum())
    together = watch(histories)
    assert sorted(together.leads) == approx(sorted(leads))
    assert together.inside.mean() == approx(np.concatenate(inside).mean())
    assert together.falls_per_year == approx(falls / 12 / 3, rel=0.001)


def test_the_page_has_a_place_for_every_part() -> None:
    page = lead_times.PAGE.read_text(encoding="utf-8")
    names = re.findall(r"<!-- begin: (.+) \(python -m tools\.lead_times\) -->", page)
    assert all(marked.shown(page, name, lead_times.COMMAND) for name in names)
    assert {*names} >= {f"lead times, noise {noise}" for noise in lead_times.NOISES}
    assert lead_times.close("a 12 % and 2.3 b", "a 14 % and 2.4 b")
    assert not lead_times.close("a 12 % and 2.3 b", "a 15 % and 2.3 b")
    assert not lead_times.close("a 12 %", "b 12 %")
