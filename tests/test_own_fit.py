"""Fits of one's own usage: levels, growth, days, prices and forecasts against what the days were made of."""

import json
import math
from datetime import date, timedelta
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest

from switchpoint.export.own_data_text import fit_page
from switchpoint.owndata.day_profile import daily_noise_of, weekday_factors_of
from switchpoint.owndata.fit_scenario import fitted_scenario, fitted_text, new_text
from switchpoint.owndata.growth_curves import FAMILIES, find_steps, fit_curve
from switchpoint.owndata.growth_study import GrowthStudy, curve_weights, draw_by_weight, mixed_quantiles, week_middles
from switchpoint.owndata.own_fit import OwnFit
from switchpoint.owndata.reading import read_usage
from switchpoint.owndata.usage_history import UsageHistory, fill_missing_days, history_of
from switchpoint.owndata.usage_numbers import UsageFit, believed_growth
from switchpoint.scenario.errors import ScenarioError
from switchpoint.scenario.load import load_text
from switchpoint.scenario.uncertain import num
from switchpoint.warning.chances import level_outlook, prior
from switchpoint.warning.weeks import weekly_facts
from tests.own_usage import CACHED, IN, LAST, MODEL, OUT, SCENARIO, WEEK, own_fit, own_scenario, reading, usage_table
from tests.usage_samples import ANTHROPIC_COST

CURVES = {family.name: family for family in FAMILIES}
NEXT = LAST + timedelta(days=1)


def weeks_of(curve: str, weeks: int = 60) -> tuple[np.ndarray, np.ndarray, dict[str, float]]:
    """Logs of weeks of a curve without noise, their times, and what the curve says at the end."""
    t = week_middles(weeks)
    told = {
        "constant": (0 * t, {"growth": 0.0}),
        "compound": (np.log(1.07) * t, {"growth": 0.07}),
        "linear": (np.log(1 + 0.05 * t), {"growth": 50.0}),
        "fade": (np.log(1.07) * (0.95**t - 1) / np.log(0.95), {"growth": 0.07, "fade": 0.05}),
        "logistic": (np.log(1.5 / (1 + 0.5 * np.exp(-0.4 * t))), {"growth": math.expm1(0.4 / 3), "ceiling": 1500.0}),
    }
    path, truth = told[curve]
    return np.log(1000) + path, t, truth


@pytest.mark.parametrize("curve", CURVES)
class TestCurves:
    def test_without_noise_the_numbers_come_back(self, curve: str) -> None:
        logs, t, truth = weeks_of(curve)
        fit = fit_curve(CURVES[curve], logs, t)
        assert np.median(fit.level) == pytest.approx(1000, rel=0.01)
        assert np.median(fit.per_month) == pytest.approx(truth["growth"], rel=0.08, abs=1e-9)

    def test_ranges_hold_the_truth_about_as_often_as_they_say(self, curve: str) -> None:
        logs, t, truth = weeks_of(curve)
        held = []
        for seed in range(25):
            noise = 0.05 * np.random.default_rng([3, seed]).standard_normal(t.size)
            fit = fit_curve(CURVES[curve], logs + noise, t)
            for draws, true in ((fit.level, 1000.0), (fit.per_month, truth["growth"])):
                low, high = np.quantile(draws, (0.05, 0.95))
                held.append(low - 1e-9 <= true <= high + 1e-9)
        assert 0.78 <= np.mean(held) <= 1.0

    def test_a_later_start_tells_the_same_curve(self, curve: str) -> None:
        logs, t, _ = weeks_of(curve)
        fit = fit_curve(CURVES[curve], logs, t)
        later, ahead = fit.started_later(2.5), np.array([0.0, 1.0, 6.0])
        assert later.logs_at(ahead) == pytest.approx(fit.logs_at(ahead + 2.5), abs=1e-6)

    def test_it_foretells_its_own_weeks(self, curve: str) -> None:
        logs, _, _ = weeks_of(curve, 73)
        study = GrowthStudy(logs[:60])
        middle = np.median(study.fits[curve].draw_means(np.array([13])))
        assert middle == pytest.approx(math.log(np.exp(logs[69:73]).mean()), abs=0.02)


class TestSteps:
    def test_a_step_is_found_and_measured(self) -> None:
        rng = np.random.default_rng(4)
        logs = 0.01 * np.arange(60) + 0.03 * rng.standard_normal(60) + np.where(np.arange(60) >= 35, np.log(1.6), 0)
        (step,) = find_steps(logs)
        assert step.week == 35
        assert step.log == pytest.approx(np.log(1.6), abs=0.06)

    @pytest.mark.parametrize("seed", range(4))
    def test_neither_growth_nor_a_walk_is_one(self, seed: int) -> None:
        rng = np.random.default_rng([5, seed])
        assert find_steps(0.02 * np.arange(60) + 0.05 * rng.standard_normal(60)) == ()
        assert find_steps(np.cumsum(0.08 * rng.standard_normal(60))) == ()

    def test_growth_is_told_without_it(self) -> None:
        rng = np.random.default_rng(6)
        t = week_middles(60)
        logs = np.log(1.03) * t + 0.02 * rng.standard_normal(60) + np.where(np.arange(60) >= 30, 0.5, 0)
        low, high = np.quantile(GrowthStudy(logs).fits["compound"].per_month, (0.02, 0.98))
        assert low <= 0.03 <= high


class TestStudy:
    def test_a_flat_level_is_expected_to_move_as_the_prior_says(self) -> None:
        believed, ahead = prior(), 3.0
        drift, deviation = level_outlook(weekly_facts(np.zeros((1, 70))), ahead)
        # no change in 52 weeks: what is left of the sizes is what was believed at first, worth 4 and 6 weeks
        week, month = 4 * 0.15 / 56, 6 * 0.2 / 58
        scale = (week / 0.15) ** believed.by_weekly * (month / 0.2) ** believed.by_monthly
        theta = math.log(2) / believed.half_life_months
        wander = 2 * (believed.sd_per_month / theta) ** 2 * (theta * ahead + math.exp(-theta * ahead) - 1)
        moves = scale**2 * (wander + believed.jumps_per_month * believed.jump_square * ahead)
        noise = (believed.noise * week) ** 2 * (1 - math.exp(-4 * ahead))
        assert drift[0, -1] == pytest.approx(believed.growth * scale * ahead)
        assert deviation[0, -1] == pytest.approx(math.sqrt(moves + noise))

    def test_a_mixture_lies_where_its_parts_lie(self) -> None:
        one, other = np.zeros((400, 1)), np.ones((400, 1))
        assert mixed_quantiles(one, other, 0.75, (0.5, 0.9))[:, 0] == pytest.approx([1.0, math.e])

    def test_weeks_after_the_last_empty_one_count(self) -> None:
        study = GrowthStudy.of_weeks(np.array([5.0, 0.0, 7.0, np.nan, 8.0, 9.0]))
        assert np.exp(study.logs) == pytest.approx([8, 9])

    def test_steady_weeks_are_trusted_and_walks_are_not(self) -> None:
        rng = np.random.default_rng(7)
        steady = GrowthStudy(0.02 * np.arange(60) + 0.02 * rng.standard_normal(60))
        walk = GrowthStudy(np.cumsum(0.12 * rng.standard_normal(100)))
        assert steady.trust > 0.9
        assert walk.trust < 0.5
        low, middle, high = steady.bands(np.array([26]))[:, 0]
        assert middle == pytest.approx(math.exp(0.02 * (59 + 24.5)), rel=0.05)
        assert low < middle < high

    def test_curves_count_by_how_well_they_explain_the_weeks(self) -> None:
        weights = curve_weights(
            [SimpleNamespace(name="linear", criterion=12.0), SimpleNamespace(name="fade", criterion=10.0)]
        )
        assert weights == pytest.approx({"linear": 1 / (1 + math.e), "fade": math.e / (1 + math.e)})
        draws = draw_by_weight({"linear": np.zeros(400), "fade": np.ones(400)}, weights)
        assert draws.mean() == pytest.approx(math.e / (1 + math.e), abs=0.001)

    def test_weeks_that_wander_go_on_from_where_they_are_and_grow_as_others_do(self) -> None:
        walk = np.cumsum(0.12 * np.random.default_rng(7).standard_normal(100))
        daily = np.repeat(1000 * np.exp(walk), 7)
        table = pd.DataFrame({"date": pd.date_range(LAST, periods=1), "model": ""})
        fit = UsageFit(UsageHistory(LAST - timedelta(days=699), {"requests": daily}, table), NEXT)
        assert fit.wanders
        low, high = fit.numbers.ranges[("usage", "requests_per_day")]
        assert low < daily[-28:].mean() < high < 2 * daily[-28:].mean()
        growth = fit.numbers.ranges[("usage", "growth", "per_month")]
        assert growth[0] < believed_growth().low < believed_growth().high < growth[1] < 0.3
        assert fit.numbers.values[("usage", "growth", "wander")] == "typical"

    def test_the_backtest_uses_no_week_ahead(self) -> None:
        logs = 0.015 * np.arange(60) + 0.05 * np.random.default_rng(8).standard_normal(60)
        whole, part = GrowthStudy(logs).backtest, GrowthStudy(logs[:44]).backtest
        assert whole is not None
        assert part is not None
        assert whole.bands[: len(part.bands)] == pytest.approx(part.bands)


class TestDays:
    def test_weekdays_are_those_of_the_days(self, tmp_path: Path) -> None:
        history = history_of(reading(tmp_path, usage_table(growth=0.0)))
        factors, errors = weekday_factors_of(history, history.daily["requests"])
        assert factors == pytest.approx(WEEK, rel=1e-3)
        assert errors.max() < 1e-3

    @pytest.mark.parametrize("seed", range(4))
    @np.errstate(all="raise", under="ignore")
    def test_days_of_no_use_and_days_a_million_times_too_large_are_days(self, tmp_path: Path, seed: int) -> None:
        table = usage_table(120, 0.0, noise=0.1, seed=seed)
        numbers = ["requests", "input_tokens", "cached_tokens", "output_tokens", "cost_usd"]
        odd = [[100], range(60, 120), range(0, 120, 2), range(40)][seed]
        table.loc[list(odd), numbers] *= 0 if seed else 1e6
        found = own_fit(tmp_path, table)
        noise = daily_noise_of(found.history, found.history.daily["requests"], np.ones(7))
        assert noise is None or 0 <= noise.deviation.low <= noise.deviation.high < 10
        assert "requests a day" in fit_page(found).lower()

    def test_noise_is_told_from_growth(self, tmp_path: Path) -> None:
        history = history_of(reading(tmp_path, usage_table(400, 0.1, noise=0.12, seed=2)))
        factors, _ = weekday_factors_of(history, history.daily["requests"])
        noise = daily_noise_of(history, history.daily["requests"], factors)
        assert noise.deviation.low < 0.12 < noise.deviation.high
        assert noise.carryover.low < 0.1

    def test_weekdays_that_never_have_a_row_are_days_without_use(self, tmp_path: Path) -> None:
        days = [date(2026, 3, 2) + timedelta(days=i) for i in range(84)]
        told = []
        for name, zeros in (("rests.csv", False), ("zeros.csv", True)):
            rows = [f"{day},{1000 * (day.weekday() < 5)}\n" for day in days if zeros or day.weekday() < 5]
            file = tmp_path / name
            file.write_text("date,requests\n" + "".join(rows), encoding="utf-8")
            read = read_usage([file])
            told.append(read.read_list())
            history = history_of(read).until(date(2026, 5, 22))
            assert history.weekly(history.daily["requests"])[-1] == pytest.approx(5000 / 7)
        assert "Saturdays and Sundays never have a row: taken as days without use" in told[0]
        assert not any("without use" in line for line in told[1])
        rows = [f"{day},5\n" for day in days if day.weekday() < 2 and day.day < 8]
        file.write_text("date,requests\n" + "".join(rows), encoding="utf-8")
        assert read_usage([file]).idle_weekdays == []  # four days in nine weeks tell of no rest

    @pytest.mark.filterwarnings("error")
    def test_days_far_apart_are_told_and_fitted(self, tmp_path: Path) -> None:
        rows = [f"{date(2026, 3, 2) + timedelta(days=i)},1000\n" for i in range(0, 84, 3)]
        (tmp_path / "a.csv").write_text("date,requests\n" + "".join(rows), encoding="utf-8")
        read = read_usage([tmp_path / "a.csv"])
        assert any("missing days are taken to be like the days around them" in line for line in read.read_list())
        history = history_of(read)
        assert daily_noise_of(history, history.daily["requests"], np.ones(7)).deviation.middle == 0.0

    def test_missing_days_lie_between_those_of_the_same_name(self) -> None:
        days = np.tile(np.arange(1.0, 8.0), 3)
        days[9] = np.nan
        assert fill_missing_days(days)[9] == 3.0
        hole = np.concatenate([days, np.full(28, np.nan), days + 1])
        assert fill_missing_days(hole)[35:42] == pytest.approx(np.arange(1.0, 8.0) + 0.6)


class TestFit:
    def test_the_json_has_the_keys_of_the_contract(self, tmp_path: Path) -> None:
        told = own_fit(tmp_path, usage_table()).as_json
        assert set(told["read"]) == {
            "format", "files", "rows", "first_day", "last_day", "days", "dropped", "gaps", "models", "warnings"
        }  # fmt: skip
        assert {"effective_usd_per_mtok", "catalogue_usd_per_mtok", "bill_usd_per_month"} < set(told["current"])
        assert [set(month) for month in told["forecast"]] == [{"month", "low", "mid", "high"}] * 12
        assert set(told["backtest"]) == {"horizon_days", "mape", "naive_mape", "coverage"}
        assert json.loads(json.dumps(told)) == told

    def test_usage_is_that_of_the_days(self, tmp_path: Path) -> None:
        told = own_fit(tmp_path, usage_table(noise=0.05)).as_json
        usage = told["usage"]
        assert usage["requests_per_day"]["low"] < 10_000 < usage["requests_per_day"]["high"]
        assert usage["growth"]["curve"] == "compound"
        assert usage["growth"]["per_month"]["low"] < 0.06 < usage["growth"]["per_month"]["high"]
        assert usage["input_tokens"]["low"] < 1000 < usage["input_tokens"]["high"]
        assert usage["cached_input_share"] == 0.3
        assert set(told["ranges"]) <= set(told["reasons"])

    def test_bill_and_prices_are_those_of_the_last_28_days(self, tmp_path: Path) -> None:
        table = usage_table()
        told = own_fit(tmp_path, table).as_json["current"]
        per_mtok = (700 * IN + 300 * CACHED + 200 * OUT) / 1200
        assert told["effective_usd_per_mtok"] == pytest.approx(per_mtok)
        assert told["catalogue_usd_per_mtok"] == pytest.approx(per_mtok)
        assert told["bill_usd_per_month"] == pytest.approx(table["cost_usd"][-28:].mean() * 365.25 / 12, abs=0.01)
        assert told["gap"] == ["The effective price is the catalogue's"]

    @pytest.mark.parametrize(("factor", "said"), [(0.85, "15 % below"), (0.5, "batch"), (1.3, "30 % above")])
    def test_a_gap_is_said_and_explained(self, tmp_path: Path, factor: float, said: str) -> None:
        table = usage_table()
        table["cost_usd"] *= factor
        assert said in own_fit(tmp_path, table).as_json["current"]["gap"][0]

    def test_the_year_ahead_follows_the_days(self, tmp_path: Path) -> None:
        forecast = own_fit(tmp_path, usage_table(noise=0.03)).forecast
        dollars = 10_000 * (700 * IN + 300 * CACHED + 200 * OUT) / 1e6
        assert forecast[0].month == date(2026, 10, 1)
        for place, month in enumerate(forecast[:6]):
            true = (31, 30, 31, 31, 28, 31)[place] * dollars * 1.06 ** (place + 0.55)
            assert month.low < month.mid < month.high
            assert month.mid == pytest.approx(true, rel=0.08)

    def test_without_dollars_the_catalogue_stands_for_the_bill(self, tmp_path: Path) -> None:
        fit = own_fit(tmp_path, usage_table().drop(columns="cost_usd"))
        whole = own_fit(tmp_path, usage_table())
        assert fit.forecast[0].mid == pytest.approx(whole.forecast[0].mid, rel=1e-6)
        assert fit.as_json["current"]["effective_usd_per_mtok"] is None
        assert any("no file has dollars" in line for line in fit.cannot_tell)

    def test_money_alone_is_fitted_too(self, tmp_path: Path) -> None:
        fit = own_fit(tmp_path, usage_table()[["date", "cost_usd"]])
        assert fit.as_json["usage"] == {}
        assert len(fit.forecast) == 12
        with pytest.raises(ScenarioError, match="input tokens"):
            new_text(fit, "ours")

    def test_without_requests_thousands_of_tokens_stand_for_them(self, tmp_path: Path) -> None:
        usage = own_fit(tmp_path, usage_table().drop(columns="requests")).as_json["usage"]
        assert usage["requests_per_day"]["low"] < 10_000 < usage["requests_per_day"]["high"]
        assert usage["input_tokens"] == 1000

    def test_dollars_of_a_day_or_two_are_told_as_such(self, tmp_path: Path) -> None:
        (tmp_path / "cost.csv").write_text(ANTHROPIC_COST)
        page = fit_page(OwnFit.of(read_usage([tmp_path / "cost.csv"])))
        # 0.30 and 1.67 dollars on two days
        assert f"the bill of the last 2 days is ${(0.30 + 1.67) / 2 * 365.25 / 12:.0f} a month" in page
        assert "no dollars" not in page
        assert "these files count neither requests nor tokens" in page
        assert "Growth: not one whole week is known, and it takes 8" in page

    def test_few_weeks_tell_no_growth(self, tmp_path: Path) -> None:
        fit = own_fit(tmp_path, usage_table(40))
        assert fit.cannot_tell[0].startswith("Growth: 5 whole weeks are fewer than 8")
        low, high = fit.usage.numbers.ranges["usage", "growth", "per_month"]
        assert low < 0 < high

    def test_a_break_is_dated(self, tmp_path: Path) -> None:
        table = usage_table(noise=0.04)
        broken = date(2026, 5, 20)
        later = table["date"] >= broken.isoformat()
        for name in ("requests", "input_tokens", "cached_tokens", "output_tokens", "cost_usd"):
            table.loc[later, name] = (table.loc[later, name] * 1.7).round(6)
        fit = own_fit(tmp_path, table)
        (step,) = fit.usage.study.steps
        assert abs((fit.day_of(step, fit.usage.study) - broken).days) <= 1
        assert any("A break in level: up by" in line and "20 May 2026" in line for line in fit.cannot_tell)

    def test_the_future_changes_nothing_of_the_past(self, tmp_path: Path) -> None:
        history = history_of(reading(tmp_path, usage_table()))
        part = history.until(date(2026, 6, 30))
        assert part.last_day == date(2026, 6, 30)
        assert part.table["date"].max().date() == date(2026, 6, 30)
        assert part.daily["requests"] == pytest.approx(history.daily["requests"][: part.days])


class TestScenario:
    def test_comments_and_all_else_stay(self, tmp_path: Path) -> None:
        loaded = own_scenario(tmp_path)
        text = fitted_text(own_fit(tmp_path, usage_table(noise=0.05), loaded), loaded)
        assert "# Ours.\n" in text
        assert "# guessed, too; fitted to 1 file (plain CSV), 22 December 2025 to 27 September 2026" in text
        assert "usd_per_month = 1_000                 # what the board allows" in text
        before, after = loaded.scenario, load_text(text).scenario
        assert after.start == before.start
        assert after.candidates == before.candidates
        assert after.current == before.current

    def test_the_level_is_that_of_the_start(self, tmp_path: Path) -> None:
        loaded = own_scenario(tmp_path)
        fit = own_fit(tmp_path, usage_table(), loaded)
        after = fitted_scenario(fit, loaded).scenario
        months = (date(2027, 1, 1) - NEXT).days / 30.4375
        assert num(after.usage.requests_per_day) == pytest.approx(10_000 * 1.06**months, rel=0.02)

    def test_days_past_the_start_move_it(self, tmp_path: Path) -> None:
        events = "[[usage.events]]\ndate = 2026-05-01\nfactor = 1.2\n[[usage.events]]\ndate = 2027-05-01\nfactor = 2\n"
        text = SCENARIO.replace("2027-01-01", "2026-03-01").replace("[revenue]", f"{events}\n[revenue]")
        loaded = own_scenario(tmp_path, text)
        after = fitted_scenario(own_fit(tmp_path, usage_table(), loaded), loaded).scenario
        months = (NEXT - date(2026, 3, 1)).days / 30.4375
        assert after.start == NEXT
        assert num(after.revenue.usd_per_month) == pytest.approx(50_000 * 1.02**months, rel=1e-4)
        assert [event.date for event in after.usage.events] == [date(2027, 5, 1)]

    def test_repeated_calls_are_no_requests(self, tmp_path: Path) -> None:
        loaded = own_scenario(tmp_path, SCENARIO.replace("[current]\n", "[current]\nretry_share = 0.25\n"))
        plain = own_scenario(tmp_path)
        levels = [
            num(fitted_scenario(own_fit(tmp_path, usage_table(), each), each).scenario.usage.requests_per_day)
            for each in (loaded, plain)
        ]
        assert levels[0] == pytest.approx(levels[1] / 1.25, rel=1e-3)

    def test_failed_calls_that_cost_tokens_are_the_retries(self, tmp_path: Path) -> None:
        # 3 of 4 calls came back; 4,000 of 16,000 tokens were spent on the one that failed: 4,000 / 12,000 = 1/3
        days = pd.date_range("2026-06-01", periods=70)
        calls = [
            {"request_id": f"{day:%m%d}-{number}", "startTime": f"{day:%Y-%m-%d}T12:00:00Z", "model": MODEL,
             "prompt_tokens": 3000, "completion_tokens": 1000, "spend": 0.01,
             "status": "failure" if number == 0 else "success"}
            for day in days for number in range(4)
        ]  # fmt: skip
        (tmp_path / "log.json").write_text(json.dumps(calls))
        text = SCENARIO.replace("[current]\n", "[current]\nretry_share = 0.02\n").replace("2027-01-01", "2026-08-10")
        loaded = own_scenario(tmp_path, text)
        fit = OwnFit.of(read_usage([tmp_path / "log.json"]), loaded.scenario)
        after = fitted_scenario(fit, loaded).scenario
        assert fit.as_json["current"]["retry_share"] == pytest.approx(1 / 3, rel=1e-5)
        assert num(after.current.retry_share) == pytest.approx(1 / 3, rel=1e-3)
        # three calls a day were asked for; a try has 3,000 tokens, and four tries are what 3 requests took
        assert num(after.usage.requests_per_day) == pytest.approx(3, rel=0.05)
        assert num(after.usage.input_tokens) == pytest.approx(3000, rel=0.01)
        assert not any(line.startswith("Retries") for line in fit.cannot_tell)

    def test_another_price_is_written(self, tmp_path: Path) -> None:
        table = usage_table()
        table["cost_usd"] *= 0.8
        loaded = own_scenario(tmp_path)
        price = fitted_scenario(own_fit(tmp_path, table, loaded), loaded).scenario.current.usd_per_mtok
        assert (price.input, price.output, price.cached_input) == pytest.approx((0.8 * IN, 0.8 * OUT, 0.8 * CACHED))

    def test_a_second_fit_replaces_the_first(self, tmp_path: Path) -> None:
        table = usage_table()
        table["cost_usd"] *= 0.8
        loaded = own_scenario(tmp_path)
        once = fitted_text(own_fit(tmp_path, table, loaded), loaded)
        again = own_scenario(tmp_path, once)
        assert fitted_text(own_fit(tmp_path, table, again), again) == once

    def test_a_new_scenario_can_be_read(self, tmp_path: Path) -> None:
        fit = own_fit(tmp_path, usage_table(noise=0.05))
        made = load_text(new_text(fit, "ours")).scenario
        assert (made.current.provider, made.current.model) == ("openai", "gpt-5.4-mini")
        assert made.start == NEXT
        assert made.limit is None
