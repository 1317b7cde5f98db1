"""Cash and waterfall against hand arithmetic, against sums by date, and against the totals told elsewhere."""

from __future__ import annotations

import itertools
from datetime import date, timedelta
from functools import cache
from pathlib import Path

import numpy as np
import pytest
from scipy.optimize import brentq

from switchpoint.charts.cash_and_waterfall import falls
from switchpoint.decision.candidate_result import CandidateResult
from switchpoint.decision.case import simulate
from switchpoint.decision.cash import CashView, cash_view, first_year, fiscal_periods, rows_of, waterfall
from switchpoint.decision.result import JudgedWorld
from switchpoint.horizon import horizon_of
from switchpoint.scenario.catalogue_check import load_checked
from switchpoint.scenario.errors import ScenarioError
from switchpoint.scenario.load import load_text
from switchpoint.scenario.schema import Scenario
from tests.small_worlds import API, merged, priced, result, scenario, with_candidates

FOLDER = Path(__file__).resolve().parent.parent / "scenarios"
STORIES = ("enterprise-bought-gpus", "support-copilot", "early-prototype", "code-assistant", "back-to-an-api")
CENT = 0.005
LENGTHS = ("month", "quarter", "year")


@cache
def shown(name: str) -> JudgedWorld:
    told = load_checked(FOLDER / f"{name}.toml", ["decision.fiscal_year_starts=4"])
    return JudgedWorld(simulate(told.scenario)).shown


def outlooks(name: str) -> tuple[CandidateResult, ...]:
    return shown(name).case.outlooks


@pytest.mark.parametrize("name", STORIES)
class TestSumsAreTheTotalsToldElsewhere:
    @pytest.mark.parametrize("length", LENGTHS)
    def test_to_the_cent(self, name: str, length: str) -> None:
        for outlook in outlooks(name):
            view = cash_view(outlook, length)
            assert view.opex.sum() + view.capex.sum() - view.credit.sum() == pytest.approx(outlook.total, abs=CENT)
            assert view.credit.sum() == pytest.approx(outlook.course.end_credit, abs=CENT)
            assert view.present.sum() == pytest.approx(outlook.npv_saving, abs=CENT)
            assert view.saving == pytest.approx(outlook.course.stay.sum() - outlook.total, abs=CENT)
            assert view.cumulative[-1] + view.credit.sum() == pytest.approx(view.saving, abs=CENT)

    def test_each_period_adds_up_and_the_lengths_agree(self, name: str) -> None:
        for outlook in outlooks(name):
            month, quarter, year = (cash_view(outlook, length) for length in LENGTHS)
            for view in (month, quarter, year):
                assert view.net == pytest.approx(view.stay - view.opex - view.capex)
            assert _by_fiscal_year(month, outlook) == pytest.approx(year.net)
            assert sum(quarter.capex) == pytest.approx(sum(year.capex), abs=CENT)

    def test_the_peak_is_the_deepest_day_and_no_period_ends_deeper(self, name: str) -> None:
        for outlook in outlooks(name):
            amount, _ = outlook.course.peak_cash
            assert -cash_view(outlook, "month").cumulative.min() <= amount + CENT

    @pytest.mark.parametrize("first_only", [False, True])
    def test_the_waterfall_falls_from_the_bill_to_the_saving(self, name: str, first_only: bool) -> None:
        for outlook in outlooks(name):
            days = first_year(outlook.clock) if first_only else outlook.clock.days
            bars = falls(waterfall(outlook, days))
            assert bars[0].end == pytest.approx(float(outlook.course.stay[:days].sum()), abs=CENT)
            for before, bar in itertools.pairwise(bars):
                assert bar.step.is_sum or bar.begin == before.end
            for place in (2, len(bars) - 1):  # what is avoided, and the saving
                assert bars[place - 1].end == pytest.approx(bars[place].end, abs=2 * CENT)
            paid = outlook.ledger.total[:days].sum()
            assert bars[-1].end == pytest.approx(float(outlook.course.stay[:days].sum() - paid), abs=CENT)

    def test_the_return_is_the_rate_at_which_the_days_come_to_nothing(self, name: str) -> None:
        for outlook in outlooks(name):
            rate, _ = outlook.course.internal_rate
            if rate is None:
                continue
            gains = outlook.course.stay - outlook.ledger.total
            years = np.arange(gains.size) / 365.25
            found = brentq(lambda i, g=gains, y=years: float(g @ (1 + i) ** -y), 1e-9, 1e6)
            assert rate == pytest.approx(found, rel=1e-6)


@pytest.mark.parametrize("length", LENGTHS)
def test_the_cash_of_a_plan_adds_up_to_what_is_told_of_it(length: str) -> None:
    told = shown("code-assistant")
    plan = told.advised_plan
    assert plan is not None
    view, steps = cash_view(plan, length), waterfall(plan)
    gains = told.case.stay - plan.cost_per_day
    assert view.opex.sum() + view.capex.sum() - view.credit.sum() == pytest.approx(plan.total, abs=CENT)
    assert view.present.sum() == pytest.approx(plan.npv_saving, abs=CENT)
    assert sum(step.usd for step in steps if not step.is_sum) + steps[0].usd == pytest.approx(steps[-1].usd)
    assert steps[-1].usd == pytest.approx(gains.sum()) == pytest.approx(view.saving)
    assert plan.peak_cash[0] == pytest.approx(-np.cumsum(gains).min())
    years, rate = np.arange(gains.size) / 365.25, plan.internal_rate[0]
    assert rate == pytest.approx(brentq(lambda i: float(gains @ (1 + i) ** -years), 1e-9, 1e6))


def _by_fiscal_year(month: CashView, outlook: CandidateResult) -> list[float]:
    """Months added up to years that begin in April, by their dates alone."""
    years: dict[int, float] = {}
    for first, net in zip(outlook.clock.months, month.net, strict=True):
        years[first.year - (first.month < 4)] = years.get(first.year - (first.month < 4), 0.0) + net
    return list(years.values())


class TestByHand:
    """$10 a day to stay, $5 a day with the candidate from the first day on, $1,000 to begin with."""

    def told(self, **decision: object) -> CandidateResult:
        candidate = merged(API, {"project": {"usd_one_off": 1000.0}})
        made = result(
            {"start": "2027-02-10", "months": 14, "decision": {"policy": "now", **decision}},
            with_candidates(cheap=candidate),
        )
        return made.case.outlooks[0]

    def test_months_quarters_and_years(self) -> None:
        month, quarter, year = (cash_view(self.told(fiscal_year_starts=4), length) for length in LENGTHS)
        assert month.periods.names[0] == "February 2027"
        assert (month.stay[0], month.opex[0], month.net[0]) == pytest.approx((190, 1095, -905))  # 19 days
        assert quarter.periods.names == (
            "Q4 FY 2026/27", "Q1 FY 2027/28", "Q2 FY 2027/28", "Q3 FY 2027/28", "Q4 FY 2027/28", "Q1 FY 2028/29",
        )  # fmt: skip
        assert quarter.net[:2] == pytest.approx([50 * 5 - 1000, 91 * 5])
        assert year.periods.names == ("FY 2026/27", "FY 2027/28", "FY 2028/29")
        assert year.net == pytest.approx([50 * 5 - 1000, 366 * 5, 9 * 5])
        assert year.cumulative == pytest.approx([-750, 1080, 1125])
        assert not year.capex.any()
        assert not year.credit.any()

    def test_calendar_years_are_called_by_their_number(self) -> None:
        assert cash_view(self.told(), "year").periods.names == ("2027", "2028")
        assert cash_view(self.told(), "quarter").periods.names[:2] == ("Q1 2027", "Q2 2027")

    def test_the_steps(self) -> None:
        outlook = self.told()
        days = outlook.clock.days
        steps = [(step.name, round(step.usd, 2), step.is_sum) for step in waterfall(outlook)]
        assert steps == [
            ("Staying costs", 10.0 * days, True),
            ("Still paid on the current route", 0.0, False),
            ("Avoided on the current route", 10.0 * days, True),
            ("Serving", -5.0 * days, False),
            ("One-off sums", -1000.0, False),
            ("Saving", 5.0 * days - 1000, True),
        ]
        assert waterfall(outlook, first_year(outlook.clock))[-1].usd == pytest.approx(365 * 5 - 1000)

    def test_bought_gpus_are_capex_and_their_worth_stands_apart(self) -> None:
        """$9,000 for a GPU that keeps a third of its price over 36 months, of which 12 pass."""
        box = {"kind": "gpu", "fleet": {"requests_per_second_per_replica": 1.0, "purchase_usd_per_gpu": 9000.0,
                                        "lifetime_months": 36}}  # fmt: skip
        made = result({"months": 12, "decision": {"policy": "now"}}, with_candidates(box=box))
        outlook = made.case.outlooks[0]
        view = cash_view(outlook, "year")
        assert view.capex == pytest.approx([9000])
        assert view.credit[0] == pytest.approx(outlook.course.end_credit)
        assert view.credit[0] == pytest.approx(9000 * (1 - 364 / 1095.75), rel=0.01)
        steps = {step.name: step.usd for step in waterfall(outlook)}
        assert steps["GPUs bought"] == pytest.approx(-9000)
        assert steps["Worth of GPUs at the end"] == pytest.approx(outlook.course.end_credit)

    @pytest.mark.parametrize("coverage", [1.0, 0.5])
    def test_the_worth_of_gpus_owned_today_is_no_cash_on_either_path(self, coverage: float) -> None:
        """GPUs of the current route are sold where it is left, and stand in both credits where it is kept."""
        owned = {"kind": "gpu", "fleet": {"requests_per_second_per_replica": 1.0, "purchase_usd_per_gpu": 9000.0,
                                          "lifetime_months": 36, "owned_gpus": 2}}  # fmt: skip
        candidate = with_candidates(a={**API, "coverage": coverage})
        world = scenario({"months": 12, "decision": {"policy": "now"}}, candidate)
        outlook = simulate(Scenario.model_validate({**dict(world), "current": owned})).outlooks[0]
        view, worth = cash_view(outlook, "month"), 2 * 9000 * (1 - 364 / 1095.75)
        assert view.saving == pytest.approx(float((outlook.course.stay - outlook.ledger.total).sum()))
        assert view.stay == pytest.approx(0), "GPUs that are owned cost nothing more"
        sold = 18000 if coverage == 1 else 0
        assert view.capex.sum() == pytest.approx(-sold)
        assert view.credit.sum() == pytest.approx(-worth if sold else 0)
        assert -view.cumulative.min() <= outlook.peak_cash[0] + CENT

    def test_a_plan_whose_steps_come_one_after_the_other(self) -> None:
        """$10 a day to stay; the easy half costs $2.50 instead of $5 from the first day on, all $5 from 1 April."""
        half = {**API, "coverage": 0.5, "project": {"usd_one_off": 100.0}}
        whole = {**API, "project": {"usd_one_off": 400.0}}
        steps = [{"candidate": "half", "start": "now"}, {"candidate": "whole", "start": date(2027, 4, 1)}]
        made = result({"months": 12, "plans": {"p": {"steps": steps}}}, with_candidates(half=half, whole=whole))
        (plan,) = made.case.plans
        view = cash_view(plan, "quarter")
        assert view.opex == pytest.approx([90 * 7.5 + 100, 91 * 5 + 400, 92 * 5, 92 * 5])
        assert view.cumulative[:2] == pytest.approx([90 * 2.5 - 100, 90 * 2.5 - 100 + 91 * 5 - 400])
        assert plan.peak_cash == (pytest.approx(270), 90)  # 225 saved by then, 500 spent, 5 saved on 1 April
        assert [(step.name, round(step.usd, 2)) for step in waterfall(plan)] == [
            ("Staying costs", 3650),
            ("Still paid on the current route", -450),
            ("Avoided on the current route", 3200),
            ("Serving", -90 * 2.5 - 275 * 5),
            ("One-off sums", -500),
            ("Saving", 3200 - 90 * 2.5 - 275 * 5 - 500),
        ]

    def test_rows_name_what_they_hold(self) -> None:
        (first, *_) = rows_of(cash_view(self.told(), "year"))
        assert list(first) == [
            "period", "stay_usd", "opex_usd", "capex_usd", "net_usd", "cumulative_usd", "end_credit_usd",
            "present_value_usd",
        ]  # fmt: skip


@pytest.mark.parametrize("begins", range(1, 13))
def test_every_day_lies_in_the_fiscal_year_that_its_date_says(begins: int) -> None:
    clock = horizon_of(date(2027, 1, 31), 30)
    periods = fiscal_periods(clock, "year", begins)
    for day in range(0, clock.days, 7):
        when = clock.start + timedelta(days=day)
        year = when.year if when.month >= begins else when.year - 1
        name = periods.names[int(np.searchsorted(periods.starts, day, side="right")) - 1]
        assert name == (f"{year}" if begins == 1 else f"FY {year}/{(year + 1) % 100:02d}")


@pytest.mark.parametrize("wrong", ["0", "13", '"april"', "4.5"])
def test_a_month_that_is_none_is_refused(wrong: str) -> None:
    text = (FOLDER / "early-prototype.toml").read_text(encoding="utf-8")
    with pytest.raises(ScenarioError) as caught:
        load_text(text.replace("[decision]\n", f"[decision]\nfiscal_year_starts = {wrong}\n"), "s.toml")
    assert "decision.fiscal_year_starts" in str(caught.value)


def test_prices_alone_leave_no_capital() -> None:
    made = result({"decision": {"policy": "now"}}, with_candidates(cheap=merged(API, priced(0.2))))
    assert not cash_view(made.case.outlooks[0], "month").capex.any()
