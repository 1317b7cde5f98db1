"""Corner cases that are easy to get wrong, each with the words or the figures that a person would accept."""

from datetime import date, timedelta
from typing import ClassVar

import numpy as np
import pytest

from switchpoint.decision.result import JudgedWorld
from switchpoint.finance import trailing_mean
from switchpoint.horizon import NEVER, horizon_of
from switchpoint.scenario.errors import ScenarioError
from switchpoint.scenario.load import load_text
from switchpoint.simulation.limits import BillLimits
from switchpoint.text import usd
from switchpoint.ui.verdict_strip import strip_words
from switchpoint.warning.plain import forecast
from tests.small_worlds import API, BOX, MONTH, Table, growing, merged, priced, result, with_candidates

OFFICE_WEEK = {"usage": {"weekday_profile": [1, 1, 1, 1, 1, 0.4, 0.3]}}
BILL = 10 * MONTH
"""Dollars a month of the small world."""


def limited(pressure: float) -> Table:
    """A limit that puts the small world's pressure at the start there."""
    return {"limit": {"usd_per_month": BILL / pressure}}


def figures(told: JudgedWorld, name: str) -> Table:
    return told.as_json()["base"]["candidates"][name]


def days(told: JudgedWorld, day: date) -> int:
    return told.case.clock.day_of(day)


class TestWholeWeeks:
    """1. A start on a Friday with quiet weekends: windows of whole weeks keep pressure still."""

    def test_no_threat_on_a_friday(self) -> None:
        told = result(OFFICE_WEEK, limited(0.98), {"start": "2027-01-01"})
        assert date(2027, 1, 1).weekday() == 4
        assert told.as_json()["base"]["threat"] is None
        assert np.ptp(told.case.pressure) < 1e-12
        assert told.case.pressure[0] == pytest.approx(0.98)

    def test_a_month_of_thirty_days_would_wobble(self) -> None:
        stay = result(OFFICE_WEEK, limited(0.99)).case.stay
        thirty = np.convolve(stay, np.full(30, 1 / 30), "valid") * MONTH / (BILL / 0.99)
        assert thirty.max() > 1 > thirty.min()


class TestNoise:
    """2. Usage and revenue grow alike, pressure is flat: noise must not sound the alarm."""

    YEARS = 300

    def first_warning(self, pressure: float, growth: float, seed: int, errors: float) -> tuple[int, int]:
        """First Monday on which the limit is forecast within three months, and the threat, of one noisy world."""
        span = horizon_of(date(2027, 1, 1), 18)
        noise = np.exp(np.random.default_rng(seed).normal(0, 0.08, span.days))
        week = np.array([1, 1, 1, 1, 1, 0.4, 0.3]) / (5.7 / 7)
        bill = pressure * 10 * (1 + growth) ** span.months_since_start * week[span.weekday] * noise
        limits = BillLimits(np.full((1, span.days), 10.0))
        over = np.nonzero(trailing_mean(bill) >= 10)[0]
        warned = forecast(bill, limits, span, errors=errors).first_within(3.0)
        return warned, int(over[0]) if over.size else NEVER

    def fires(self, pressure: float, errors: float) -> float:
        """Part of the years in which a warning fires."""
        warned = [self.first_warning(pressure, 0.0, seed, errors)[0] <= 365 for seed in range(self.YEARS)]
        return float(np.mean(warned))

    @pytest.mark.parametrize(
        ("pressure", "errors", "most"), [(0.8, 2.0, 0.01), (0.9, 2.0, 0.3), (0.8, 3.0, 0.0), (0.9, 3.0, 0.12)]
    )
    def test_hardly_ever_a_warning_at_flat_pressure(self, pressure: float, errors: float, most: float) -> None:
        assert self.fires(pressure, errors) <= most

    @pytest.mark.parametrize("errors", [2.0, 3.0])
    def test_real_growth_is_warned_of_in_time(self, errors: float) -> None:
        worlds = (self.first_warning(0.7, 0.05, seed, errors) for seed in range(self.YEARS))
        low, middle, high = np.quantile([(threat - warned) / MONTH for warned, threat in worlds], [0.1, 0.5, 0.9])
        assert 1.7 <= low <= 2.6
        assert 2.7 <= middle <= 3.5
        assert 3.8 <= high <= 4.6


class TestRemedy:
    """3. What saves is not always a remedy, and a remedy does not always save."""

    def test_little_coverage_saves_but_is_no_remedy(self) -> None:
        small = merged(API, priced(0.05), {"coverage": 0.03})
        told = result(growing(0.03), limited(0.8), with_candidates(small=small))
        assert told.verdict.action.value == "start-now"
        assert told.verdict.binds == "money"
        assert told.verdict.remedy is False
        assert figures(told, "small")["remedy"] is False
        assert told.case.outlook("small").saves
        assert "saves $" in told.sentence
        assert "no candidate keeps it below" in told.sentence

    def test_a_dearer_candidate_that_keeps_the_limit_is_a_remedy_at_a_price(self) -> None:
        """The box costs more than the API by day, but does not grow."""
        dear = merged(BOX, {"fleet": {"usd_per_gpu_hour": 0.5}, "project": {"usd_one_off": 2_000}})
        told = result(growing(0.02), limited(0.8), {"months": 18}, with_candidates(dear=dear))
        assert told.verdict.candidate.name == "dear"
        assert figures(told, "dear")["remedy"] is True
        assert not told.case.outlook("dear").saves
        assert "more than staying" in told.sentence
        assert "in present value over 18 months (the price of keeping the limit) and " in told.sentence
        cost = usd(-told.case.outlook("dear").npv_saving)
        strip = strip_words(told.shown, None).replace("\u00a0", " ").replace("\\$", "$")
        assert f"likely case costs {cost} more than staying" in strip
        assert "saves $" not in told.sentence


class TestLateAndTied:
    """4. Late with a bridge; two that are as good as each other."""

    SLOW = merged(
        BOX,
        {
            "project": {
                "engineers": 1,
                "engineers_in_house": 0,
                "hiring_weeks": 20,
                "examples": 1_000,
                "labels_per_day": 20,
                "ramp_days": 30,
            }
        },
    )
    QUICK = merged(API, {"coverage": 0.3, "project": {"evaluation_days": 10, "ramp_days": 10}})

    def test_what_saves_but_does_not_bridge_is_named_as_that(self) -> None:
        told = result(growing(0.1), limited(0.8), with_candidates(slow=self.SLOW, quick=self.QUICK))
        said = told.as_json()["verdict"]
        assert (said["action"], said["bridge"], said["saves_only"]) == ("late", None, "quick")
        assert "bridge with" not in said["sentence"]
        assert "quick, live on 21 January 2027, saves $" in said["sentence"]
        assert "does not keep the limit until then" in said["sentence"]

    def test_the_bridge_is_named_with_its_date(self) -> None:
        wide = merged(self.QUICK, {"coverage": 0.5}, priced(0.1))
        told = result(growing(0.1), limited(0.8), with_candidates(slow=self.SLOW, quick=wide))
        said = told.as_json()["verdict"]
        assert (said["action"], said["candidate"], said["bridge"]) == ("late", "slow", "quick")
        assert "late" in said["sentence"]
        assert "bridge with quick" in said["sentence"]
        assert "20 January 2027" not in said["sentence"]
        assert "21 January 2027" in said["sentence"]

    def test_late_without_a_bridge_says_so_plainly(self) -> None:
        said = result(growing(0.1), limited(0.8), with_candidates(slow=self.SLOW)).as_json()["verdict"]
        assert (said["action"], said["bridge"]) == ("late", None)
        assert "bridge" not in said["sentence"]
        assert "start now" in said["sentence"]

    def test_a_tie_names_both_and_the_smaller_one_off_wins(self) -> None:
        cheap = merged(API, priced(0.40), {"project": {"usd_one_off": 500}})
        quick = merged(API, priced(0.41), {"project": {"usd_one_off": 100}})
        told = result(growing(0.05), limited(0.8), with_candidates(cheap=cheap, quick=quick))
        assert told.verdict.candidate.name == "quick"
        assert [tied.name for tied in told.verdict.tied] == ["cheap"]
        assert "tie with cheap" in told.sentence
        assert "cheap" in told.as_json()["verdict"]["tied"]

    def test_a_shorter_tuned_prompt_flips_the_winner(self) -> None:
        """Half the prompt makes the dearer model the cheaper candidate, far beyond a tie."""
        one, two = merged(API, priced(0.40)), merged(API, priced(0.60))
        shorter = merged(two, {"input_tokens_factor": 0.5})
        usual = result(growing(0.05), limited(0.8), with_candidates(one=one, two=two))
        tuned = result(growing(0.05), limited(0.8), with_candidates(one=one, two=shorter))
        assert [told.verdict.candidate.name for told in (usual, tuned)] == ["one", "two"]
        assert tuned.verdict.tied == ()


class TestBestStart:
    """5. No best start for what never saves; the latest of equally good ones."""

    def test_none_where_nothing_saves(self) -> None:
        told = result(with_candidates(dear=merged(BOX, {"fleet": {"usd_per_gpu_hour": 5}})))
        assert figures(told, "dear")["best_start"] is None
        assert told.verdict.action.value == "stay"

    def test_of_a_flat_curve_the_latest_within_a_dollar(self) -> None:
        """The candidate saves $0.02 of $10 a day: 31 days of waiting lose $0.62, 59 days $1.18."""
        told = result(with_candidates(alike=merged(API, priced(0.998))), {"months": 6})
        assert figures(told, "alike")["best_start"] == date(2027, 2, 1)

    def test_of_a_steep_curve_today(self) -> None:
        told = result(with_candidates(half=API), {"months": 6})
        assert figures(told, "half")["best_start"] == date(2027, 1, 1)


class TestShortHorizon:
    """6. Horizons shorter than the project, or than the life of a GPU."""

    LONG = merged(BOX, {"project": {"shadow_days": 200}})

    def test_shorter_than_the_project_says_that_instead_of_no_remedy(self) -> None:
        told = result(growing(0.1), limited(0.8), {"months": 6}, with_candidates(long=self.LONG))
        assert figures(told, "long")["cutover"] is None
        assert "too short" in told.sentence
        assert "6 months" in told.sentence
        assert "no candidate keeps it below" not in told.sentence

    @pytest.mark.parametrize(
        ("share", "examples", "short"),
        [(0.0, 1_000, False), (0.001, 5_000, True), (1e-5, 1_400, False), (1e-5, 1_200, True)],
    )
    def test_data_that_are_never_complete_are_no_matter_of_the_horizon(
        self, share: float, examples: int, short: bool
    ) -> None:
        """10,000 requests a day and 77 % more at the end of six months: a usable share of a hundred-thousandth is
        0.177 examples a day then, so 240 months bring 1,260."""
        project = {"project": {"examples": examples, "usable_share": share}}
        told = result(growing(0.1), limited(0.8), {"months": 6}, with_candidates(box=merged(BOX, project)))
        assert figures(told, "box")["cutover"] is None
        assert ("too short" in told.sentence) is short
        assert ("a longer horizon would tell" in told.sentence) is short
        assert ("box is never live: too few examples come in" in told.sentence) is not short

    def test_value_left_in_bought_gpus_is_credited(self) -> None:
        """24 of 48 months used: half of the price comes back on the last day, less a day's wear."""
        fleet = {"requests_per_second_per_replica": 1.0, "purchase_usd_per_gpu": 4_800, "lifetime_months": 48}
        told = result({"decision": {"policy": "now"}}, with_candidates(box={"kind": "gpu", "fleet": fleet}))
        last = told.case.clock.days - 1
        left = 4_800 * (1 - last / (48 * MONTH))
        assert left == pytest.approx(2_400, rel=0.01)
        assert figures(told, "box")["total_usd"] == pytest.approx(4_800 - left)
        assert figures(told, "box")["one_off_usd"] == 4_800

    def test_the_credit_is_never_the_cause_of_a_break_even(self) -> None:
        fleet = {"requests_per_second_per_replica": 1.0, "purchase_usd_per_gpu": 7_500, "lifetime_months": 48}
        told = result({"decision": {"policy": "now"}}, with_candidates(box={"kind": "gpu", "fleet": fleet}))
        assert figures(told, "box")["npv_saving_usd"] > 0
        assert figures(told, "box")["break_even"] is None


class TestPassing:
    """7. What comes and goes: a price cut after the threat, a crossover that reverts, odd ceilings."""

    def cut(self, day: str) -> Table:
        return {"current": {"price_changes": [{"date": day, "factor": 0.5}]}}

    def test_a_threat_that_a_price_cut_ends_is_still_a_threat(self) -> None:
        told = result(growing(0.05), limited(0.9), self.cut("2027-04-12"), {"months": 12})
        threat = told.as_json()["base"]["threat"]
        below = told.case.pressure[days(told, threat) :] < 1
        assert 20 <= below.argmax() <= 30

    def test_how_long_it_lasts_is_said(self) -> None:
        told = result(growing(0.05), limited(0.9), self.cut("2027-04-12"), {"months": 12}, with_candidates(box=BOX))
        base = told.as_json()["base"]
        assert base.get("threat_ends") is not None or "for " in told.sentence.split("limit", 1)[1].split(";")[0]

    def test_with_falling_usage_the_crossover_reverts(self) -> None:
        box = merged(BOX, {"fleet": {"usd_per_gpu_hour": 0.3}})
        told = result(growing(-0.05), with_candidates(box=box))
        said = figures(told, "box")
        assert said["crossover"] == date(2027, 1, 1)
        assert said["crossover_reverts"] is not None
        assert said["crossover_reverts"] > said["crossover"]

    @pytest.mark.parametrize("ceiling", [5_000, 10_000, 10_000.0001])
    def test_logistic_ceilings_at_and_below_the_level(self, ceiling: float) -> None:
        growth = {"curve": "logistic", "per_month": 0.05, "ceiling": ceiling}
        requests = result({"usage": {"growth": growth}}).case.setting.traffic.requests
        assert np.isfinite(requests).all()
        assert (np.diff(requests) <= 1e-6).all() or ceiling > 10_000
        assert requests[-1] == pytest.approx(ceiling, rel=0.5)
        assert ((requests >= min(ceiling, 10_000) - 1e-6) & (requests <= max(ceiling, 10_000) + 1e-6)).all()


class TestMinimum:
    """8. A fleet that its minimum sets is blind to growth until three times the load."""

    BLIND = merged(
        BOX, {"fleet": {"min_replicas": 3, "requests_per_second_per_replica": 0.15, "usd_per_gpu_hour": 0.01}}
    )

    def test_the_fleet_does_not_grow_until_it_must(self) -> None:
        """10,000 a day are 0.116 a second: one of three replicas at 80 % of 0.15."""
        told = result({"decision": {"policy": "now"}}, with_candidates(own=self.BLIND))
        twice = result(
            {"decision": {"policy": "now"}, "usage": {"requests_per_day": 30_000}}, with_candidates(own=self.BLIND)
        )
        more = result(
            {"decision": {"policy": "now"}, "usage": {"requests_per_day": 32_000}}, with_candidates(own=self.BLIND)
        )
        assert [figures(r, "own")["peak_replicas"] for r in (told, twice, more)] == [3, 3, 4]
        assert told.case.outlook("own").set_by_minimum == 1.0

    def test_it_is_said_beside_the_number(self) -> None:
        told = result({"decision": {"policy": "now"}}, with_candidates(own=self.BLIND))
        assert any("minimum" in key or "min_replicas" in key or "set_by" in key for key in figures(told, "own"))


class TestZeros:
    """9. Nothing is ever divided by zero: a null or one clear line."""

    def test_a_free_model_costs_nothing_and_threatens_nothing(self) -> None:
        told = result({"current": priced(0.0)}, growing(0.1), with_candidates(box=BOX))
        said = told.as_json()
        assert said["base"]["threat"] is None
        assert said["base"]["warning"] is None
        assert said["base"]["cost_per_1000_requests_usd"] == {"start": 0.0, "end": 0.0}
        assert said["verdict"]["action"] == "stay"
        assert said["verdict"]["flips_at_requests_per_day"] is None
        assert "more usage alone would not change that" in said["verdict"]["sentence"]

    def test_no_requests_at_all(self) -> None:
        told = result({"usage": {"requests_per_day": 0}}, with_candidates(box=BOX, half=API))
        said = told.as_json()
        assert said["base"]["cost_per_1000_requests_usd"] == {"start": None, "end": None}
        assert said["monthly"][0]["stay_per_1000_usd"] is None
        assert said["verdict"]["action"] == "stay"

    def test_a_share_of_no_revenue_is_one_clear_line(self) -> None:
        text = """
        start = 2027-01-01
        [usage]
        requests_per_day = 1_000
        input_tokens = 1_000
        output_tokens = 100
        [limit]
        share_of_revenue = 0.1
        [current]
        usd_per_mtok = { input = 1, output = 2 }
        """
        with pytest.raises(ScenarioError) as caught:
            load_text(text)
        assert [fault.field for fault in caught.value.faults] == ["limit.share_of_revenue"]
        assert "state revenue" in str(caught.value)

    def test_revenue_that_follows_requests_may_be_zero_on_some_days(self) -> None:
        closed = {"weekday_profile": [1, 1, 1, 1, 1, 0, 0]}
        told = result({"usage": closed, "limit": {"usd_per_1000_requests": 1.5}}, with_candidates(box=BOX))
        assert told.case.pressure == pytest.approx(1 / 1.5)
        assert told.as_json()["base"]["threat"] is None

    def test_no_candidates(self) -> None:
        said = result(growing(0.1)).as_json()["verdict"]
        assert said["action"] == "no-remedy"
        assert "no candidate to turn to" in said["sentence"]


class TestCommitments:
    """10. What was promised to a provider is paid, used or not."""

    def committed(self, **more: object) -> Table:
        return {"current": {"commitments": [{"usd_per_month": 250.0, **more}]}}

    def test_take_or_pay_outlives_the_switch(self) -> None:
        owed = self.committed(until="2027-07-01")
        plain = result({"decision": {"policy": "now"}}, with_candidates(half=API))
        bound = result(owed, {"decision": {"policy": "now"}}, with_candidates(half=API))
        difference = figures(bound, "half")["total_usd"] - figures(plain, "half")["total_usd"]
        assert difference == pytest.approx(6 * 250)
        assert bound.case.stay.sum() == pytest.approx(plain.case.stay.sum())

    def test_and_its_end_ends_it(self) -> None:
        bound = result(self.committed(until="2027-07-01"), {"decision": {"policy": "now"}}, with_candidates(half=API))
        paid = {row["month"]: row["half_usd"] for row in bound.as_json()["monthly"]}
        assert paid["2027-06"] == pytest.approx(250 + 30 * 5)
        assert paid["2027-07"] == pytest.approx(31 * 5)

    def test_a_discount_is_not_lost_at_weekends(self) -> None:
        """A whole month reaches the size, so its quiet Sundays are discounted too."""
        told = result(OFFICE_WEEK, self.committed(discount=0.1))
        full = result(OFFICE_WEEK)
        assert told.case.stay == pytest.approx(0.9 * full.case.stay)

    def test_a_month_below_the_size_is_not_discounted(self) -> None:
        """$10 a day are $280 in February and $310 in January."""
        told = result(self.committed(usd_per_month=300.0, discount=0.1))
        paid = {row["month"]: row["stay_usd"] for row in told.as_json()["monthly"]}
        assert (paid["2027-01"], paid["2027-02"]) == (pytest.approx(279), pytest.approx(280))


class TestOverAlready:
    """11. Over the limit on the first day, with the candidate or without."""

    def test_both_over_from_the_first_day(self) -> None:
        told = result(limited(1.5), with_candidates(little=merged(API, {"coverage": 0.2})))
        said = told.as_json()
        assert said["base"]["threat"] == date(2027, 1, 1)
        assert said["base"]["candidates"]["little"]["limit_again"] is None
        assert said["base"]["candidates"]["little"]["remedy"] is False
        assert (said["verdict"]["action"], said["verdict"]["remedy"]) == ("start-now", False)
        assert "over its limit already" in told.sentence
        assert "little, started today and live today, saves $" in told.sentence
        assert "does not bring the bill below its limit" in told.sentence

    def test_a_remedy_is_late_and_the_sentence_says_over_already(self) -> None:
        slow = merged(API, {"project": {"evaluation_days": 20}})
        told = result(limited(1.5), with_candidates(slow=slow))
        assert told.verdict.action.value == "late"
        assert "over its limit already" in told.sentence
        assert "20 days late" in told.sentence or "3 weeks late" in told.sentence

    def test_a_remedy_without_a_project_is_live_today(self) -> None:
        told = result(limited(1.5), with_candidates(half=API))
        assert told.verdict.action.value == "start-now"
        assert "over its limit already" in told.sentence


class TestContext:
    """12. Prompts that outgrow the model's context end the candidate on that day."""

    def test_not_possible_from_the_day_on(self) -> None:
        long = {"usage": {"input_tokens": 4_000, "token_growth_per_month": 0.05}}
        told = result(long, with_candidates(small=merged(API, {"max_context": 8_000})))
        said = figures(told, "small")
        months = (told.case.clock.day_of(said["impossible_from"]) + 0.5) / MONTH
        assert said["possible"] is False
        assert 4_000 * 1.05**months == pytest.approx(8_000, rel=0.002)
        assert said["remedy"] is False
        assert not told.verdict.candidate
        assert "not possible" in told.sentence

    def test_the_sentence_says_from_when(self) -> None:
        long = {"usage": {"input_tokens": 4_000, "token_growth_per_month": 0.05}}
        told = result(long, with_candidates(small=merged(API, {"max_context": 8_000})))
        ends = figures(told, "small")["impossible_from"]
        assert f"{ends.day} {ends:%B %Y}" in told.sentence
        assert "context" in told.sentence

    def test_input_and_output_count_together(self) -> None:
        both = {"usage": {"input_tokens": 6_000, "output_tokens": 2_001}}
        told = result(both, with_candidates(small=merged(API, {"max_context": 8_000})))
        assert figures(told, "small")["impossible_from"] == date(2027, 1, 1)


class TestLateByConstruction:
    """13. A project longer than the warning window: every date is said, and for what the warning is enough."""

    PROJECT: ClassVar[Table] = {
        "engineers": 2,
        "engineers_in_house": 1,
        "hiring_weeks": 10,
        "usd_per_engineer_month": 100,
        "examples": 3_000,
        "labels_per_day": 50,
        "training_days": 2,
        "evaluation_days": 7,
        "shadow_days": 14,
        "ramp_days": 60,
    }

    def told(self) -> JudgedWorld:
        own = merged(BOX, {"fleet": {"usd_per_gpu_hour": 0.75}, "project": self.PROJECT})
        return result(growing(0.05), limited(0.5), {"months": 36}, with_candidates(own=own))

    def test_dates_to_label_hire_and_start(self) -> None:
        told = self.told()
        said, threat = told.as_json()["verdict"], told.as_json()["base"]["threat"]
        assert said["action"] == "start-by"
        assert said["start_by"] == said["label_by"] == said["hire_by"]  # people take longer to find than data
        assert said["commit_by"] == said["start_by"] + timedelta(days=70)
        assert said["remaining_lead_days"] == 2 + 7 + 14 + 60
        assert said["commit_by"] + timedelta(days=83) <= threat
        assert said["label_by"] < said["window"][0]

    def test_the_sentence_says_for_what_the_warning_is_enough(self) -> None:
        told = self.told()
        said = told.as_json()["verdict"]
        opened = said["window"][0]
        assert f"{opened.day} {opened:%B %Y}" in said["sentence"]
        assert "a warning of two to three months is enough" in said["sentence"]
        assert "waiting for it with labelling and hiring is not" in said["sentence"]

    def test_a_short_project_may_wait_for_the_window(self) -> None:
        own = merged(BOX, {"project": {"evaluation_days": 30}})
        told = result(growing(0.05), limited(0.5), {"months": 36}, with_candidates(own=own))
        assert "warning" not in told.sentence

    def test_the_sentence_names_when_labelling_must_begin(self) -> None:
        sentence = self.told().sentence
        assert "label" in sentence
        assert "hir" in sentence


class TestWords:
    """Sentences that a person would not say."""

    def test_a_short_horizon_is_not_blamed_for_a_dear_candidate(self) -> None:
        dear = merged(API, priced(2.0))
        told = result(limited(1.5), {"months": 6}, with_candidates(dear=dear))
        assert "too short" not in told.sentence

    def test_large_numbers_have_no_exponent(self) -> None:
        dear = merged(API, priced(2.0))
        told = result({"limit": {"usd_per_month": 1e6}}, with_candidates(dear=dear))
        assert "e+" not in told.sentence

    def test_a_project_under_way_is_not_started_today(self) -> None:
        begun = merged(API, {"project": {"started": "2026-11-01", "evaluation_days": 200}})
        told = result(limited(0.99), growing(0.05), with_candidates(begun=begun))
        assert told.verdict.action.value == "late"
        assert "started today" not in told.sentence
        assert "start now" not in told.sentence

    def test_a_bill_over_its_limit_does_not_reach_it_today(self) -> None:
        told = result(limited(2.0), with_candidates(half=merged(API, priced(0.1))))
        assert "over its limit already" in told.sentence
