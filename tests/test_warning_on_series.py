"""How the warning is fitted to series and judged on them, on series made by hand."""

import numpy as np
import pytest
from scipy.optimize import approx_fprime

from switchpoint.horizon import MONTH_DAYS
from switchpoint.warning.chances import chances_from
from tools.acting import cost, find_cases, hindsight, never, policy_costs
from tools.real_limits import Watched, watch_limits
from tools.real_series import Series, fill_holes
from tools.validate_warning import OWN, Judged, fifths, halves, main, near_table, start
from tools.warning_fit import NAMES, Fitter, regress_odds
from tools.warning_rules import base_rate, holt, months_by_slope, point_rules, slopes

pytestmark = pytest.mark.slow

DAYS = tuple(range(739_000, 739_000 + 7 * 130))


def growing(name: str, rate: float) -> Series:
    return fill_holes(name, DAYS, tuple(100 * np.exp(rate * np.arange(len(DAYS)) / MONTH_DAYS)))


def walking(name: str, seed: int) -> Series:
    steps = np.random.default_rng(seed).normal(0.0003, 0.02, len(DAYS))
    return fill_holes(name, DAYS, tuple(100 * np.exp(np.cumsum(steps))))


@pytest.fixture(scope="module")
def walks() -> Watched:
    found = watch_limits([walking(f"pypi:{number}", number) for number in range(8)], every=3)
    return found.pick(found.judged)


class TestLimits:
    def test_steady_growth_reaches_each_limit_when_it_must(self):
        """A mean of 28 days reaches a multiple m of its own after ln m / rate months."""
        found = watch_limits([growing("web:x", 0.08)])
        first = found.pick(np.unique(found.case, return_index=True)[1])
        ahead = first.months[np.isfinite(first.months)]
        expected = np.log([1.1, 1.25, 1.5, 2.0, 3.0]) / 0.08
        assert np.abs(ahead[:, None] - expected).min(axis=1).max() < 2 / MONTH_DAYS

    def test_no_monday_after_the_limit_is_kept(self):
        found = watch_limits([growing("web:x", 0.08)])
        assert (found.months > 0).all()
        assert (found.known >= 13 * 7 / MONTH_DAYS - 1e-9).all()

    def test_every_series_weighs_the_same(self, walks: Watched):
        total = np.bincount(walks.number, weights=walks.weight)
        assert total[total > 0] == pytest.approx(1.0)

    def test_halves_split_by_origin(self, walks: Watched):
        one, other = halves(walks)
        assert one.number.size + other.number.size == walks.number.size
        assert not set(one.number) & set(other.number)


class TestFit:
    def test_its_gradient_is_right(self, walks: Watched):
        fitter = Fitter(walks, start(), walks.weight)
        point = fitter.pack(start()) + 0.03
        slope = approx_fprime(point, lambda at: fitter.loss(at)[0], 1e-6)
        assert fitter.loss(point)[1] == pytest.approx(slope, abs=2e-4)

    def test_a_point_and_its_prior_are_the_same(self, walks: Watched):
        fitter = Fitter(walks, start(), walks.weight)
        assert fitter.pack(fitter.unpack(fitter.pack(start()))) == pytest.approx(fitter.pack(start()))
        assert len(NAMES) == 11

    def test_it_gets_likelier(self, walks: Watched):
        fitter = Fitter(walks, start(), walks.weight)
        assert fitter.loss(fitter.pack(fitter.fit(tries=10)))[0] < fitter.loss(fitter.pack(start()))[0]

    def test_odds_are_found_again(self):
        """20,000 trials drawn with odds of e^(0.5 + 0.8 x) give these numbers back."""
        rng = np.random.default_rng(4)
        columns = np.stack([np.ones(20_000), rng.normal(0, 2, 20_000)], axis=1)
        came = rng.random(20_000) < 1 / (1 + np.exp(-columns @ [0.5, 0.8]))
        found = regress_odds(columns, came.astype(float), np.ones(20_000), np.array([0.0, 1.0]))
        assert found == pytest.approx([0.5, 0.8], abs=0.06)

    def test_it_is_the_monitor_s_chance(self, walks: Watched):
        """Both compute the same chances, but for the trust in lines."""
        chance = Fitter(walks, start(), walks.weight)._chances(start())[0][:, 4]
        found = chances_from(walks.facts, np.zeros(walks.number.size, dtype=bool), believed=start()).within(3.0)
        assert np.median(np.abs(chance - found)) < 0.02


class TestRules:
    def test_lines_find_steady_growth(self):
        series = growing("web:x", 0.08)
        assert slopes(series, 12)[40] == pytest.approx(0.08)
        level, trend = holt(series)
        assert trend[-1] > 0
        assert level[-1] == pytest.approx(series.logs[-1], abs=0.1)

    def test_their_months_are_the_distance_over_the_growth(self):
        watched = watch_limits([growing("web:x", 0.08)])
        watched = watched.pick(watched.judged)
        months = months_by_slope(watched, lambda series: slopes(series, 12))
        assert months == pytest.approx(watched.facts.level / -0.08, rel=1e-6)
        assert np.isinf(months_by_slope(watched, lambda series: -slopes(series, 12))).all()
        assert len(point_rules(watched)) == 8

    def test_the_base_rate_is_what_came_at_that_distance(self, walks: Watched):
        share, months = base_rate(walks, walks, 3.0)
        came = np.average(walks.months <= 3, weights=walks.weight)
        assert np.average(share, weights=walks.weight) == pytest.approx(came, abs=0.02)
        assert (months[0.1] <= months[0.9]).all()


@pytest.fixture(scope="module")
def both(walks: Watched) -> list[Judged]:
    """Each half judged by what the other taught, once for all who look at it."""
    one, other = halves(walks)
    return [Judged.of(one, other), Judged.of(other, one)]


class TestJudging:
    def test_a_monitor_is_scored_both_ways(self, both: list[Judged]):
        assert all(0 < each.brier("monitor") < 0.3 for each in both)
        assert [said for said, _ in fifths(both)] == sorted(said for said, _ in fifths(both))

    def test_knowing_the_judged_half_is_likelier(self, both: list[Judged]):
        judged = both[0]
        assert judged.chance(OWN) != pytest.approx(judged.chance("monitor"))
        assert judged.brier(OWN) < judged.brier("monitor") + 0.01

    def test_every_near_monday_is_in_one_row(self, both: list[Judged]):
        """Kinds part the Mondays with a limit up to 15 % above: their numbers add up, each share is one of theirs."""
        rows = [[cell.strip() for cell in line.split("|")[1:-1]] for line in near_table(both).splitlines()[2:]]
        near = sum(int((each.watched.facts.level > -0.15).sum()) for each in both)
        assert sum(int(row[2].replace(",", "")) for row in rows) == near
        weight = np.concatenate([each.watched.weight[each.watched.facts.level > -0.15] for each in both])
        came = np.concatenate([each.came[each.watched.facts.level > -0.15] for each in both])
        shares = [float(row[4].split()[0]) / 100 for row in rows if row[4] != "–"]
        assert min(shares) <= np.average(came, weights=weight) <= max(shares)

    def test_without_a_folder_nothing_is_judged(self, capsys: pytest.CaptureFixture[str]):
        assert main(["--check"]) == 0
        assert "skipped" in capsys.readouterr().out


class TestActing:
    def test_costs_by_hand(self):
        """A limit reached after six months; a project of two: 1 if begun in time, 2 if a month late, 6 if never."""
        watched = watch_limits([growing("web:x", np.log(2) / 6)])
        cases = find_cases(watched)
        near = np.abs(cases.crossing - 6) < 0.2
        crossing = cases.crossing[near]
        assert cost(cases, cases.crossing - 2, 2.0)[near] == pytest.approx(1.0)
        assert cost(cases, cases.crossing - 1, 2.0)[near] == pytest.approx(2.0)
        assert never(cases)[near] == pytest.approx(12 - crossing)
        assert hindsight(cases, 2.0)[near] == pytest.approx(1.0)

    def test_who_knows_all_pays_as_little_as_hindsight_where_a_limit_comes(self):
        watched = watch_limits([growing("web:x", np.log(2) / 6)])
        cases = find_cases(watched)
        costs = policy_costs(cases, (watched.months <= 3).astype(float), watched.months, weeks=4)
        assert costs["warn"] == pytest.approx(hindsight(cases, 28 / MONTH_DAYS).mean(), abs=0.15)
