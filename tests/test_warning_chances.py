"""The chance to reach a limit: first passage, trust in a line, states; on bills made by hand and simulated ones."""

import math
from dataclasses import replace
from statistics import NormalDist

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from switchpoint.horizon import MONTH_DAYS, NEVER
from switchpoint.warning.chances import (
    HORIZONS,
    MondayState,
    Prior,
    calibrate,
    chances,
    chances_from,
    collect_chances,
    exact_chance,
    find_states,
    first_warning,
    line_trust,
    open_mondays,
    passage_chance,
    prior,
    spread_of,
)
from switchpoint.warning.monitor import WatchedBills, steady_chances
from switchpoint.warning.weeks import WeeklyLine, fit_lines, line_chance, weekly_facts
from tools.histories import DAYS, simulate

RNG = np.random.default_rng(7)
WALKS = np.cumsum(RNG.normal(0.01, 0.06, (40, 120)), axis=1) - 0.9


def watched(bills: np.ndarray, **kwargs: object) -> WatchedBills:
    return WatchedBills(bills, np.ones((1, 1, bills.shape[1])), weekday=0, **kwargs)


class TestFirstPassage:
    def test_without_drift_it_is_twice_the_tail(self):
        """The reflection principle."""
        assert exact_chance(np.array([1.0]), np.array([0.0]), 0.0) == pytest.approx([2 * 0.158655], rel=1e-5)

    def test_a_simulated_path_agrees(self):
        steps = RNG.normal(0.5 / 2000, math.sqrt(1 / 2000), (4000, 2000))
        reached = (np.cumsum(steps, axis=1).max(axis=1) >= 1.2).mean()
        assert exact_chance(np.array([1.2]), np.array([0.5]), 0.0)[0] == pytest.approx(reached, abs=0.03)

    @given(st.floats(-1, 18), st.floats(-7, 7))
    @settings(max_examples=60, deadline=None)
    def test_the_table_is_right(self, distance: float, drift: float):
        a, d = np.array([distance]), np.array([drift])
        exact = exact_chance(np.maximum(a, 0), d, 0.64)
        assert passage_chance(a, d, 0.64) == pytest.approx(exact, abs=6e-4)
        assert distance > 0 or passage_chance(a, d, 0.64) == pytest.approx([1.0])


class TestExtremes:
    @pytest.mark.parametrize("limit", [1e-300, 1e-20, 1.0, 1e20, 1e300])
    @pytest.mark.parametrize("steady", [False, True])
    @np.errstate(all="raise", under="ignore")
    def test_no_bill_or_limit_is_too_small_or_too_large(self, limit: float, steady: bool) -> None:
        """Up and down by hundreds of digits: the chances are chances, and 1 at the limit."""
        days = np.arange(400)
        bills = np.exp([0.5 * days, 90 - 0.45 * days, 0 * days - 600])
        bills[2, 100:110] = 0
        seen = WatchedBills(bills, np.full((1, 1, 400), limit), weekday=0, steady=steady)
        reached = seen.chances.reached
        assert np.all(np.isnan(reached) | ((reached >= 0) & (reached <= 1)))
        assert np.all(reached[:, seen.over] == 1)
        assert np.isfinite(reached[:, :2, -1]).all()


class TestWeeks:
    def test_facts_by_hand(self):
        logs = np.log([[1.0, 2, 4, 8, 16, 32, 64, 128, 256, 512]])
        facts = weekly_facts(logs)
        assert facts.level[0, 5] == pytest.approx(np.log((4 + 8 + 16 + 32) / 4))
        assert facts.last[0, 5] == pytest.approx(np.log(32 / 15))
        assert facts.weekly[0, 5] == pytest.approx((5 * np.log(2) + 4 * 0.15) / 9)
        assert facts.known.tolist() == [list(range(1, 11))]
        assert facts.speaks[0].tolist() == [False] * 7 + [True] * 3

    def test_no_week_ahead_is_used(self):
        short, whole = weekly_facts(WALKS[:, :60]), weekly_facts(WALKS)
        for name in ("level", "last", "fortnight", "weekly", "monthly", "known"):
            assert getattr(short, name) == pytest.approx(getattr(whole, name)[:, :60])
        assert short.line.slope == pytest.approx(whole.line.slope[:, :60])

    def test_after_a_week_without_a_bill_all_is_learnt_anew(self):
        broken = WALKS.copy()
        broken[:, 30] = -np.inf
        after, alone = weekly_facts(broken), weekly_facts(WALKS[:, 31:])
        for name in ("level", "weekly", "monthly", "known"):
            assert getattr(after, name)[:, 31:] == pytest.approx(getattr(alone, name))

    def test_a_line_is_least_squares(self):
        line = fit_lines(WALKS[:1])
        slope, level = np.polyfit(np.arange(40), WALKS[0, :40], 1)
        assert line.slope[0, 39] == pytest.approx(slope, rel=0.01)
        assert line.level[0, 39] + line.slope[0, 39] * line.since[0, 39] == pytest.approx(level + 39 * slope, abs=0.01)


class TestChances:
    found = chances(WALKS, WALKS > 0)

    def test_they_do_not_fall_with_the_months(self):
        said = self.found.reached[:, :, 7:]
        assert (np.diff(said, axis=0) >= 0).all()
        assert ((said >= 0) & (said <= 1)).all()
        assert np.isnan(self.found.reached[:, ~(WALKS > 0)[:, 3], 3]).all()

    @pytest.mark.parametrize("share", [0.1, 0.5, 0.9])
    def test_quantiles_and_chances_agree(self, share: float):
        months = self.found.quantile(share)
        for world, week in [(0, 20), (3, 50), (7, 90), (11, 119)]:
            at = months[world, week]
            if 0 < at < np.inf:
                assert self.found.within(float(at))[world, week] == pytest.approx(share, abs=1e-9)
            elif at == 0:
                assert WALKS[world, week] > 0
            else:
                assert self.found.within(24)[world, week] < share

    def test_the_ends_hold_the_median(self):
        low, high = self.found.interval
        assert (low <= self.found.months_to_limit).all()
        assert (self.found.months_to_limit <= high).all()

    def test_months_beyond_the_last_are_refused(self):
        with pytest.raises(ValueError, match="from 0 to 24"):
            self.found.within(25)

    def test_a_nearer_limit_is_likelier(self):
        near = chances(WALKS + 0.1, WALKS > 0).within(3)
        both = np.isfinite(near)
        assert (near[both] >= self.found.within(3)[both] - 1e-9).all()

    def test_a_world_is_the_same_in_any_batch(self):
        alone = chances(WALKS[5:6], WALKS[5:6] > 0)
        assert np.array_equal(alone.reached[:, 0], self.found.reached[:, 5], equal_nan=True)

    def test_only_a_clean_rising_line_is_trusted(self):
        week = np.arange(60)
        noise = RNG.normal(0, 0.03, (1, 60))
        clean, flat = (line_trust(weekly_facts(-2 + slope * week + noise))[0, -1] for slope in (0.02, 0.0))
        wandering = line_trust(weekly_facts(WALKS))[:, -1]
        assert clean > 0.9
        assert flat < 0.1
        assert np.median(wandering) < 0.15

    def test_its_prior_has_the_catalogue_s_jumps(self):
        assert prior().jump_square > 0.1
        assert 0 < prior().jumps_per_month < 0.2


class TestByHand:
    def test_the_chance_of_one_bill(self):
        """Thirty weeks that alternate by 0.1 just below the limit, with a prior of round numbers."""
        own = Prior(sd_per_month=0.1, by_weekly=0.5, by_monthly=1.0, noise=0.2, growth=0.02, last_week=0.5,
                    last_fortnight=0.25, gap_13=-0.5, gap_26=0.25, gap_52=0.0, uncertain_spread=0.0,
                    odds=-0.2, odds_power=0.9, odds_by_months=0.3,
                    half_life_months=math.log(2), jumps_per_month=0.05, jump_square=0.3)  # fmt: skip
        logs = math.log(0.95) + 0.05 * (-1.0) ** np.arange(30)[None]
        facts = weekly_facts(logs)
        level = math.log(0.95) + math.log(math.cosh(0.05))
        early = math.log((2 * math.exp(0.05) + math.exp(-0.05)) / 3) - math.log(math.cosh(0.05))  # of three weeks alone
        first = 0.05 - math.log(math.cosh(0.05))
        weekly, monthly = (29 * 0.1 + 4 * 0.15) / 33, (first + early + 6 * 0.2) / (26 + 6)
        scale = math.sqrt(weekly / 0.15) * monthly / 0.2
        assert spread_of(facts, own)[0, -1] == pytest.approx(scale)
        last, fortnight = math.log(0.95) - 0.05 - level, math.log(0.95) - level
        of_13 = level - (math.log(0.95) - 0.05 / 13)  # seven of the last thirteen weeks are low ones
        of_26 = level - math.log(0.95)
        normal = NormalDist().cdf

        def at(months: float) -> float:
            settled, gone = 1 - math.exp(-4 * months), 1 - math.exp(-months)
            wander = 2 * 0.1**2 * (months + math.exp(-months) - 1)
            deviation = math.sqrt(scale**2 * (wander + 0.05 * 0.3 * months) + (0.2 * weekly) ** 2 * settled)
            shown = 0.5 * last + 0.25 * fortnight
            drift = 0.02 * scale * months + settled * shown + gone * (-0.5 * of_13 + 0.25 * of_26)
            a, d = -level / deviation, drift / deviation
            passes = normal(d - a) + math.exp(2 * a * d) * normal(-a - d)
            return 1 / (1 + math.exp(0.2) * (1 / passes - 1) ** 0.9 * (3 / months) ** 0.3)

        expected = max(at(months) for months in HORIZONS if months <= 3)  # no chance falls with the months
        found = chances_from(facts, np.zeros((1, 30), dtype=bool), believed=own).within(3.0)[0, -1]
        assert line_trust(facts)[0, -1] < 1e-3
        assert found == pytest.approx(expected, abs=0.001)

    def test_odds_rise_with_the_months(self):
        """Odds of 1 in 3 to the power 0.5 are 0.577; six months over three, to the power 1, double them."""
        own = replace(prior(), odds=0.0, odds_power=0.5, odds_by_months=1.0)
        odds = 2 * 0.57735
        assert calibrate(np.array([0.25]), 6.0, own) == pytest.approx([odds / (1 + odds)], abs=1e-5)
        assert calibrate(np.array([0.0, 1.0]), 3.0, own) == pytest.approx([0.0, 1.0], abs=2e-3)

    def test_the_chance_of_a_line(self):
        """Its middle 4.5 weeks back; in two months the mean's middle is 2 x 4.348 - 1.5 weeks on from the last week."""
        line = WeeklyLine(*(np.array([[x]]) for x in (10.0, 4.5, -1.0, 0.05, 100.0, 0.01)))
        at = 4.5 + 2 * 30.4375 / 7 - 1.5
        spread = math.sqrt(0.01 * 1.5 * (1 / 10 + at**2 / 100 + 1 / 4))
        expected = NormalDist().cdf((-1 + 0.05 * at + 0.3) / spread)
        assert line_chance(line, 2.0, 0.3)[0, 0] == pytest.approx(expected)

    def test_no_chance_falls_with_the_months_and_the_limit_is_certain(self):
        over, speaks = np.array([[False, True, False]]), np.array([[True, True, False]])
        falling = collect_chances(lambda ahead: np.full(1, 1 / (1 + ahead)), speaks, over, (2.0, 3.0))
        assert falling.reached[:, 0, 0] == pytest.approx(np.full(falling.horizons.size, 0.8))
        assert (falling.reached[:, 0, 1] == 1).all()
        assert np.isnan(falling.reached[:, 0, 2]).all()


class TestStates:
    def test_an_open_warning_ends_after_four_mondays_below(self):
        chance = np.array([[0.5, 0.39, 0.39, 0.39, 0.41, 0.39, 0.39, 0.39, 0.39, 0.49, 0.5]])
        assert open_mondays(chance)[0].tolist() == [True] * 8 + [False] * 2 + [True]

    def test_nothing_said_is_not_open(self):
        assert not open_mondays(np.full((1, 9), np.nan)).any()

    def test_the_first_warning(self):
        mondays = np.array([7, 14, 21])
        assert first_warning(np.array([[0.1, 0.6, 0.4], [np.nan, 0.2, 0.3]]), mondays).tolist() == [14, NEVER]
        assert first_warning(np.zeros((2, 0)), mondays[:0]).tolist() == [NEVER, NEVER]

    def test_they_rise_as_the_bill_nears_its_limit(self):
        logs = (-1.3 + 0.02 * np.arange(70) + RNG.normal(0, 0.02, 70))[None]
        over = logs > 0
        states = find_states(chances(logs, over), over, (2.0, 3.0))[0]
        assert states[7] == MondayState.CALM
        assert [int(each) for each in dict.fromkeys(states)] == [0, 1, 2, 3, 4]


class TestBills:
    def test_growth_of_eight_percent_is_warned_of_three_months_ahead(self):
        days = np.arange(900)
        bill = 0.25 * 1.08 ** (days / MONTH_DAYS)
        found = watched(bill[None])
        limit_day = MONTH_DAYS * np.log(4) / np.log(1.08) + 14
        first = first_warning(found.chances.within(3.0), found.mondays)[0]
        assert (limit_day - first) / MONTH_DAYS == pytest.approx(2.9, abs=0.5)
        assert found.mondays[found.over[0]][0] == pytest.approx(limit_day, abs=8)

    def test_the_tightest_limit_counts(self):
        bill = np.full((2, 140), 5.0)
        limits = np.stack([np.full((1, 140), 10.0), np.full((1, 140), 8.0)])
        assert WatchedBills(bill, limits, weekday=3).logs == pytest.approx(np.log(5 / 8))

    def test_a_known_price_cut_is_no_trend_and_an_announced_one_lowers_the_chance(self):
        days = np.arange(400)
        bill = (0.5 * 1.05 ** (days / MONTH_DAYS))[None]
        factors = np.where(np.arange(600) >= 450, 0.5, 1.0)[None]
        warned, told = watched(bill), watched(bill, known_factors=factors)
        assert told.logs == pytest.approx(warned.logs)
        assert told.chances.within(12)[0, -1] < warned.chances.within(12)[0, -1]
        past = np.where(np.arange(400) >= 200, 0.5, 1.0)[None]
        cut = watched(bill * past, known_factors=past)
        assert cut.logs == pytest.approx(warned.logs)
        assert cut.chances.within(3)[0, -1] < warned.chances.within(3)[0, -1]

    def test_no_bill_says_nothing(self):
        found = watched(np.zeros((1, 200)))
        assert np.isnan(found.chances.reached).all()
        assert (found.states == MondayState.CALM).all()
        assert np.isinf(found.chances.months_to_limit).all()

    def test_a_horizon_without_a_whole_week_has_no_monday(self):
        assert watched(np.ones((3, 5))).states.shape == (3, 0)


@pytest.mark.parametrize("steady", [True, False], ids=["told that growth is steady", "told nothing"])
def test_steady_histories_are_warned_of_in_time(steady: bool):
    """At least 80 % of first warnings 2 to 3.5 months ahead, at most 10 % without a limit in six months."""
    histories = simulate("steady", 200, 2028, (0.0, 0.6))
    leads = []
    for weekday in range(7):
        mine = histories.weekdays == weekday
        bills = WatchedBills(histories.bills[mine], np.ones((1, 1, DAYS)), weekday, steady=steady)
        first = first_warning(bills.chances.within(3.0), bills.mondays)
        leads.append((histories.threats[mine] - first) / MONTH_DAYS)
    lead = np.concatenate(leads)
    assert np.mean((lead >= 2) & (lead <= 3.5)) >= 0.8
    assert np.mean(lead > 6) <= 0.1


def test_told_that_growth_is_steady_a_wander_is_still_no_certainty():
    found = steady_chances(WALKS, WALKS > 0).within(3.0)
    said = found[:, 7:]
    assert ((said >= 0) & (said <= 1)).all()
