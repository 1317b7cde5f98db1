"""The twin against figures worked out by hand, so that it may judge the product."""

from __future__ import annotations

import math
from datetime import date, timedelta
from typing import Any

import pytest

from tests.scenario_strategies import BOUNDARY, LUNCH_HOUR, box, half_price, plain
from tests.twin import tick
from tests.twin.clock import MONTH, Clock, add_months
from tests.twin.decision import World
from tests.twin.project import passing_iteration

pytestmark = pytest.mark.slow

JAN_1 = date(2027, 1, 1)
GROWS = {"curve": "compound", "per_month": 0.15}


def day(n: int) -> date:
    return JAN_1 + timedelta(days=n)


def figures(candidate: dict[str, Any], **changes: Any) -> dict[str, Any]:
    """Of one candidate in the plain world: 1,000 requests and $100 a day, a limit of $200 a day, 365 days."""
    changes = {"decision__policy": "now", **changes}
    return tick(plain(candidates__a=candidate, **changes))["base"]["candidates"]["a"]


def close(value: float) -> Any:
    return pytest.approx(value, rel=1e-9, abs=1e-9)


# Clock and usage


@pytest.mark.parametrize(
    ("start", "months", "end"),
    [
        (date(2027, 1, 31), 1, date(2027, 2, 28)),
        (date(2028, 1, 31), 1, date(2028, 2, 29)),
        (date(2026, 12, 15), 13, date(2028, 1, 15)),
    ],
)
def test_calendar_months_are_clamped_to_the_last_day(start: date, months: int, end: date) -> None:
    assert add_months(start, months) == end


def test_the_trailing_mean_starts_with_the_first_28_days() -> None:
    clock = Clock(JAN_1, 2)
    values = [float(d) for d in range(clock.days)]
    assert [clock.trailing(values, d) for d in (0, 27, 28)] == [13.5, 13.5, 14.5]


def requests(**growth: Any) -> list[float]:
    return World(plain(months=36, usage__growth=growth)).demand.requests


def test_a_growth_rate_that_fades() -> None:
    """d ln R / dt = ln(1 + r)·(1 - f)^t."""
    level = requests(curve="compound", per_month=0.1, fade_per_month=0.2)
    for d in (1, 100, 900):
        slope = math.log(level[d + 1] / level[d - 1]) / 2 * MONTH
        assert slope == pytest.approx(math.log(1.1) * 0.8 ** ((d + 0.5) / MONTH), rel=1e-4)


@pytest.mark.parametrize("ceiling", [500, 5000])
def test_a_logistic_curve_solves_its_equation(ceiling: float) -> None:
    level = requests(curve="logistic", per_month=0.1, ceiling=ceiling)
    k = abs(math.log(1.1) / (1 - 1000 / ceiling))
    for d in (1, 100, 900):
        slope = (level[d + 1] - level[d - 1]) / 2 * MONTH
        assert slope == pytest.approx(k * level[d] * (1 - level[d] / ceiling), rel=1e-3)
    assert level[-1] == pytest.approx(ceiling, rel=0.1)


def test_bass_against_its_closed_form() -> None:
    p, q, share = 0.01, 0.3, 0.2
    level = requests(curve="bass", innovation=p, imitation=q, market=1000 / share)
    odds = (p + q * share) / (1 - share)
    for d in (0, 100, 900):
        grown = odds * math.exp((p + q) * (d + 0.5) / MONTH)
        assert level[d] == pytest.approx(1000 / share * (grown - p) / (grown + q), rel=1e-9)


# Bill, threat, warning


def test_the_plain_world() -> None:
    base = tick(plain())["base"]
    assert base["bill_at_start_usd"] == close(3043.75)
    assert base["cost_per_1000_requests_usd"] == {"start": close(100), "end": close(100)}
    assert base["threat"] is base["warning"] is None


def test_threat_of_compound_growth() -> None:
    """1.15^t meets its trailing mean's share of the limit: the sum is a geometric series."""
    x = 1.15 ** (1 / MONTH)

    def pressure(d: int) -> float:
        return 0.5 * x ** (d - 27 + 0.5) * (x**28 - 1) / (x - 1) / 28

    threat = next(d for d in range(27, 365) if pressure(d) >= 1)
    assert tick(plain(usage__growth=GROWS))["base"]["threat"] == day(threat)


def test_warning_of_compound_growth() -> None:
    """Weekly bills of an exponential lie on a line, and the mean of exp(a + b·τ) over 28 days has a closed form."""
    b = math.log(1.15) / MONTH
    week = sum(math.exp(b * (d + 0.5)) for d in range(7)) / 7
    a = math.log(0.5 * week) - b * 3.5
    reaches = (math.log(28 * b / (1 - math.exp(-28 * b))) - a) / b
    mondays = [d for d in range(365) if day(d).weekday() == 0]
    warning = next(d for d in mondays if d >= mondays[0] + 63 and (reaches - d) / MONTH <= 3)
    assert tick(plain(usage__growth=GROWS))["base"]["warning"] == day(warning)


def test_nine_whole_weeks_come_before_the_first_forecast() -> None:
    base = tick(plain(usage__growth=GROWS, limit__usd_per_month=4300))["base"]
    assert base["warning"] == day(3 + 9 * 7)


def test_at_the_limit_the_first_monday_warns() -> None:
    assert tick(plain(limit__usd_per_month=100 * MONTH))["base"]["warning"] == day(10)


def test_an_allowance_per_request_and_a_share_of_revenue() -> None:
    world = World(
        plain(limit={"usd_per_1000_requests": 200, "share_of_revenue": 0.1}, revenue__usd_per_1000_requests=1250)
    )
    assert world.pressures[100] == close(0.8)


# Commitments and fees


def test_a_commitment_settles_by_calendar_month() -> None:
    stay = World(plain(current__commitments=[{"usd_per_month": 3100, "discount": 0.1}])).stay
    assert stay[0] == close(90)
    assert stay[31] == close(100)
    assert sum(stay) == close(7 * 3100 * 0.9 + (365 - 7 * 31) * 100)


def test_part_of_a_month_is_compared_with_part_of_the_size() -> None:
    stay = World(
        plain(start=date(2027, 1, 17), months=2, current__commitments=[{"usd_per_month": 3100, "discount": 0.1}])
    ).stay
    assert stay[0] == close(90)


def test_take_or_pay_owes_its_size() -> None:
    commitment = {"usd_per_month": 6200, "discount": 0.5, "until": date(2027, 2, 2)}
    stay = World(plain(current__commitments=[commitment])).stay
    assert sum(stay[:31]) == close(6200)
    assert sum(stay[31:59]) == close(6200)
    assert stay[59] == close(100)


def test_a_flat_fee_ends_when_no_request_stays() -> None:
    fee = {"current__usd_per_month": 365.25}
    assert figures(half_price(), **fee)["total_usd"] == close(365 * 50)
    assert figures({**half_price(), "coverage": 0.5}, **fee)["total_usd"] == close(365 * (75 + 12))


# Projects


def test_break_even_by_hand() -> None:
    """$500 at once, ten days of training, ten of shadow at $50: $1,000 to win back at $50 a day from day 20 on."""
    it = figures(half_price(usd_one_off=500, training_days=9.5, shadow_days=10))
    assert it["cutover"] == day(20)
    assert it["break_even"] == day(40)
    assert it["payback_months"] == close(40 / MONTH)
    assert it["one_off_usd"] == close(500)
    assert it["total_usd"] == close(36_500 + 1000 - 345 * 50)
    assert it["npv_saving_usd"] == close(345 * 50 - 1000)


def test_break_even_inside_a_day() -> None:
    it = figures(half_price(usd_one_off=520))
    assert it["break_even"] == day(10)
    assert it["payback_months"] == close((10 + 0.4) / MONTH)


def test_a_ramp_moves_traffic_in_equal_steps() -> None:
    assert figures(half_price(ramp_days=4))["total_usd"] == close(2 * 100 + 2 * 50 + 361 * 50)


def test_npv_discounts_by_the_day() -> None:
    saving = sum(50 * 1.1 ** (-d / 365.25) for d in range(365))
    assert figures(half_price(), decision__discount_rate_per_year=0.1)["npv_saving_usd"] == close(saving)


def test_people_are_paid_until_cutover_and_hires_from_the_day_they_join() -> None:
    team = {"engineers": 3, "engineers_in_house": 1, "hiring_weeks": 10 / 7, "usd_per_engineer_month": 3043.75}
    with_project = {**team, "training_days": 5, "staffing": "with-project"}
    assert figures(half_price(**with_project))["one_off_usd"] == close(100 * (15 + 2 * 5))
    from_start = figures(half_price(**with_project, hiring="from-start"), decision__policy=day(4))
    assert from_start["cutover"] == day(15)
    assert from_start["one_off_usd"] == close(100 * (11 + 2 * 5))
    early = figures(half_price(**with_project, hiring="from-start"), decision__policy=day(20))
    assert early["cutover"] == day(25)
    # found on day 10 and paid from then on
    assert early["one_off_usd"] == close(100 * (5 + 2 * 15))


def test_just_in_time_people_cost_a_share_while_they_prepare() -> None:
    team = {"engineers": 3, "engineers_in_house": 1, "hiring_weeks": 10 / 7, "usd_per_engineer_month": 3043.75}
    it = figures(half_price(**team, training_days=5, usd_per_hire=40))
    assert it["one_off_usd"] == close(100 * (0.25 * 10 + 5 + 2 * 5) + 2 * 40)
    labels = {"examples": 300, "labels_per_day": 10}
    both = figures(half_price(**team, **labels, training_days=5))
    # labelled on days 0 to 29, recruited on days 20 to 29, trained from day 30
    assert both["cutover"] == day(35)
    assert both["one_off_usd"] == close(100 * (0.25 * 30 + 5 + 2 * 5))
    learning = figures(half_price(**team, **labels, training_days=5, upskilling_weeks=1, preparing_share=0.5))
    assert learning["one_off_usd"] == close(100 * (7 + 0.5 * 23 + 5 + 2 * 5))
    nothing = figures(half_price(engineers=2, usd_per_engineer_month=3043.75, training_days=5, upskilling_weeks=1))
    assert nothing["one_off_usd"] == close(100 * 2 * 12)


def test_people_found_early_are_paid_though_nothing_starts() -> None:
    team = {"engineers": 3, "engineers_in_house": 1, "hiring_weeks": 10 / 7, "usd_per_engineer_month": 3043.75}
    it = figures(half_price(**team, hiring="from-start", usd_per_hire=40), decision__policy="warn")
    assert it["project_start"] is None
    assert it["npv_saving_usd"] == close(-100 * (0.25 * 10 + 2 * 355) - 2 * 40)
    never = figures(half_price(**team, hiring="from-start", usd_per_hire=40), decision__policy="never")
    assert never["npv_saving_usd"] == 0


def test_labelling_ends_with_a_remainder() -> None:
    labels = {"examples": 1000, "examples_in_hand": 95, "labels_per_day": 10, "usd_per_example": 2}
    it = figures(half_price(**labels))
    assert it["cutover"] == day(91)
    assert it["one_off_usd"] == close(1810)


def test_labelling_from_the_start_is_paid_even_if_nothing_follows() -> None:
    labels = {"examples": 905, "usable_share": 0.01, "usd_per_example": 2, "labelling": "from-start"}
    it = figures(half_price(**labels), decision__policy="warn")
    assert it["npv_saving_usd"] == close(-1810)
    assert figures(half_price(**labels), decision__policy="never")["npv_saving_usd"] == 0
    assert it["cutover"] is None
    later = figures(half_price(**labels), decision__policy=day(80))
    assert later["cutover"] == day(91)
    # from day 0 to 90 $20 a day, then $50 a day comes back
    assert later["payback_months"] == close((91 + 1810 / 50 - 80) / MONTH)


@pytest.mark.parametrize(
    ("odds", "diagnosed", "most", "passes"),
    [
        ([0.5], 1, 8, 1),
        ([0.35, 0.5, 0.6], 0.8, 8, 2),
        ([0.2], 1, 8, 4),
        ([0.1, 0.9], 0.5, 8, 2),
        ([0.1, 0.9], 0.4, 8, 7),
        ([0.1, 0.9], 0.4, 6, None),
    ],
)
def test_the_iteration_that_passes(odds: list[float], diagnosed: float, most: int, passes: int | None) -> None:
    scenario = plain(candidates__a=half_price(pass_probability=odds, diagnosed_share=diagnosed, max_iterations=most))
    assert passing_iteration(scenario.candidates["a"].project) == passes


def test_a_project_that_is_given_up_costs_its_money() -> None:
    it = figures(
        half_price(
            pass_probability=[0.1],
            max_iterations=3,
            training_days=2,
            evaluation_days=3,
            intervention_days=10,
            usd_per_iteration=100,
            engineers=1,
            usd_per_engineer_month=3043.75,
        )
    )
    assert it["cutover"] is None
    assert it["one_off_usd"] == close(300 + 100 * (3 * 5 + 2 * 10))
    assert it["npv_saving_usd"] == close(-3800)


def test_a_project_under_way_goes_on_with_its_third_iteration() -> None:
    project = {
        "started": date(2026, 11, 1),
        "iterations_done": 2,
        "pass_probability": [0.1, 0.2, 0.3, 0.4],
        "examples": 99_999,
    }
    steps = {
        "intervention_days": 7,
        "training_days": 2,
        "evaluation_days": 3,
        "usd_per_iteration": 100,
        "usd_one_off": 9999,
    }
    it = figures(half_price(**project, **steps), decision__policy="never")
    assert it["cutover"] == day(7 + 5 + 7 + 5)
    assert it["one_off_usd"] == close(200)
    assert it["project_start"] == date(2026, 11, 1)


def test_upkeep_and_retraining() -> None:
    upkeep = {"engineers": 0.5, "usd_per_month": 304.375, "retrain_every_months": 4}
    project = {"usd_per_engineer_month": 608.75, "usd_per_iteration": 100, "training_days": 10}
    it = figures({**half_price(**project), "upkeep": upkeep})
    # retrained on days 10 + 121 and 10 + 243; 10 + 365 lies beyond
    assert it["total_usd"] == close(10 * 100 + 355 * (50 + 20) + 3 * 100)
    assert it["one_off_usd"] == close(100)


# Fleets


def test_a_replica_needs_an_hour_to_start() -> None:
    """All of 1,000 requests in one hour are 0.278 a second: 14 replicas of 0.02, then and in the hour before."""
    it = figures(box(usd_per_gpu_hour=0.1, min_replicas=1, spare_replicas=1), usage__hourly_profile=LUNCH_HOUR)
    assert it["peak_replicas"] == 15
    assert it["total_usd"] == close(365 * 0.1 * (2 * 14 + 22 + 24))
    daily = figures(box(usd_per_gpu_hour=0.1, scaling="daily", regions=2), usage__hourly_profile=LUNCH_HOUR)
    assert daily["total_usd"] == close(365 * 0.1 * 14 * 24)


def test_what_can_wait_flattens_the_day() -> None:
    batch = {"usage__hourly_profile": LUNCH_HOUR, "current__batch_share": 1.0, "current__retry_share": 0.5}
    assert figures(box(usd_per_gpu_hour=0.1, scaling="daily"), **batch)["peak_replicas"] == 1


def test_a_box_that_is_bought_replaced_and_credited() -> None:
    fleet = {"purchase_usd_per_gpu": 3000, "lifetime_months": 6, "resale_share": 0.25, "overhead_share": 0.1}
    power = {"power_kw_per_gpu": 1, "pue": 1.25, "usd_per_kwh": 0.1}
    it = figures(box(**fleet, **power))
    # bought on day 0, replaced on days 182 and 365 - the second of which lies beyond; on day 364 it is 182 days old
    credit = 3000 * max(0.25, 1 - 182 / (6 * MONTH))
    assert it["total_usd"] == close(365 * 24 * 0.125 * 1.1 + 3000 + 2250 - credit)
    assert it["one_off_usd"] == close(3000)
    assert it["payback_months"] == close(3000 / (100 - 3.3) / MONTH)
    wear = 3000 * 0.75 / (6 * MONTH)
    world = World(plain(candidates__a=box(**fleet, **power)))
    assert world.choices[0].judged.running[300] == close(3.3 + wear)


def test_a_fleet_that_cannot_carry_the_load_carries_nothing_from_then_on() -> None:
    it = figures(
        box(usd_per_gpu_hour=0.5, scaling="fixed", fixed_replicas=1), usage__events=[{"date": day(100), "factor": 2}]
    )
    assert it["possible"] is False
    assert it["total_usd"] == close(365 * 12 + 265 * 200)


# Decisions


def test_crossover_and_limit_again() -> None:
    """Half price: twice the usage until the limit is met again, with half the threat's pressure."""
    x = 1.15 ** (1 / MONTH)
    result = tick(plain(usage__growth=GROWS, months=18, candidates__a=half_price(), decision__policy="now"))
    again = next(d for d in range(27, 540) if 0.25 * x ** (d - 26.5) * (x**28 - 1) / (x - 1) / 28 >= 1)
    assert result["base"]["candidates"]["a"]["limit_again"] == day(again)
    assert result["base"]["candidates"]["a"]["crossover"] == JAN_1
    # one replica for $144 a day, enough for 1,728 requests
    level = tick(plain(usage__growth=GROWS, months=18, candidates__a=box(usd_per_gpu_hour=6, min_replicas=1)))
    cross = next(d for d in range(27, 540) if 100 * x ** (d - 26.5) * (x**28 - 1) / (x - 1) / 28 >= 144)
    assert level["base"]["candidates"]["a"]["crossover"] == day(cross)


def test_the_latest_start_is_live_at_the_threat() -> None:
    cheap = {**half_price(training_days=30, usd_one_off=1e6), "usd_per_mtok": {"input": 0.2, "output": 1}}
    result = tick(plain(usage__growth=GROWS, candidates__a=cheap))
    threat = result["base"]["threat"]
    it = result["base"]["candidates"]["a"]
    assert it["best_start"] is None
    assert it["start_by"] == threat - timedelta(days=30)
    assert result["verdict"]["binds"] == "limit"
    assert result["verdict"]["window"] == [threat - timedelta(days=91), threat - timedelta(days=61)]


def test_label_by_hire_by_and_commit_by_are_those_of_the_advised_start() -> None:
    project = half_price(
        training_days=10,
        ramp_days=20,
        examples=155,
        labels_per_day=10,
        engineers=1,
        engineers_in_house=0,
        hiring_weeks=1,
        usd_one_off=1e6,
    )
    project["usd_per_mtok"] = {"input": 0.2, "output": 1}
    result = tick(plain(usage__growth=GROWS, candidates__a=project))
    training = result["base"]["threat"] - timedelta(days=30)
    verdict = result["verdict"]
    assert verdict["binds"] == "limit"
    assert verdict["start_by"] == verdict["label_by"] == training - timedelta(days=16)
    assert verdict["hire_by"] == training - timedelta(days=7)
    assert verdict["commit_by"] == training
    assert verdict["remaining_lead_days"] == 30


def test_the_best_start_costs_least_and_tells_how_flat_the_curve_is() -> None:
    price = {"usd_per_mtok": {"input": 0.995, "output": 4}}
    result = tick(plain(candidates__a={**half_price(), **price}))
    assert result["base"]["candidates"]["a"]["best_start"] == JAN_1
    assert result["verdict"]["as_good"] is None
    # $100 a day; a cent less from each day on, 1 % a month less worth doing: the saving falls by a twelfth a month
    early = tick(plain(candidates__a=half_price(), usage__growth={"curve": "linear", "per_month": 40_000}))
    assert early["base"]["candidates"]["a"]["best_start"] == JAN_1
    assert early["verdict"]["as_good"]["to"] == date(2027, 2, 1)
    waits = {**half_price(usd_one_off=1000), "price_changes": [{"date": day(181), "factor": 0.5}]}
    later = tick(plain(candidates__a={**waits, "usd_per_mtok": {"input": 2, "output": 2}}, months=24))
    # dearer until July 2027, the same price from then on: never worth it
    assert later["verdict"]["action"] == "stay"
    steep = tick(plain(candidates__a=half_price()))
    assert steep["base"]["candidates"]["a"]["best_start"] == JAN_1
    assert steep["verdict"]["action"] == "start-now"


def test_prepared_early_committed_as_soon_as_ready_over_the_limit() -> None:
    result = tick(BOUNDARY["over the limit while preparing"])
    it = result["base"]["candidates"]["a"]
    # labelled on days 0 to 30 by one engineer at a quarter of the pay, two hired on day 31, then three for 19 days
    assert it["project_start"] == JAN_1
    assert it["cutover"] == day(31 + 19)
    assert it["one_off_usd"] == close(100 * (0.25 * 31 + 3 * 19))


def test_what_was_prepared_and_never_committed_is_lost() -> None:
    it = tick(BOUNDARY["prepared, never committed"])["base"]["candidates"]["a"]
    assert it["project_start"] is it["cutover"] is None
    # thirty days of labelling, the last 28 of them recruiting; two hired people from day 30 to the horizon
    assert it["npv_saving_usd"] == close(-100 * (0.25 * 30 + 2 * 335))


def test_cash_and_the_rate_of_return_of_a_sum_that_comes_back() -> None:
    it = figures(half_price(usd_one_off=1000))
    assert it["peak_cash_usd"] == close(950)
    assert it["peak_cash_on"] == JAN_1
    q = (1 + it["irr"]) ** (-1 / 365.25)
    assert 50 * (1 - q**365) / (1 - q) == pytest.approx(1000, rel=1e-6)
    assert figures(half_price())["irr"] is None
    assert figures(half_price())["peak_cash_usd"] == 0
    assert figures(half_price(usd_one_off=1e6))["irr"] is None


def test_days_above_the_limit_have_their_price() -> None:
    limit = {"usd_per_month": 3000, "usd_per_month_above": 304.375}
    result = tick(plain(limit=limit, candidates__a=half_price(training_days=20), decision__policy="now"))
    it = result["base"]["candidates"]["a"]
    assert it["above_limit_usd"] == {"stay": close(3650), "switch": close(200)}
    assert it["npv_saving_usd"] == close(50 * 345)
    assert it["limit_kept"] == {"from": day(20), "until": None, "share_of_days": close(345 / 365)}


def test_break_even_is_for_good() -> None:
    # $50 a day comes back from day 0; 9,000 dollars of capital fall due again after six months
    hardware = {"purchase_usd_per_gpu": 3000, "lifetime_months": 6, "resale_share": 0}
    it = figures(box(**hardware))
    # behind from day 0 to 30 at $100 a day, from day 182 on ahead by then and not behind again
    assert it["break_even"] == day(30)
    dear = figures(box(**{**hardware, "purchase_usd_per_gpu": 15_000}))
    # paid back on day 150, behind again with the second purchase on day 182, for good on day 300
    assert dear["break_even"] == day(300)


def test_without_a_limit_money_alone_decides() -> None:
    result = tick(plain(limit=None, candidates__a=half_price(usd_one_off=100)))
    assert result["base"]["threat"] is None
    assert result["base"]["warning"] is None
    assert (result["verdict"]["action"], result["verdict"]["binds"]) == ("start-now", "money")
    assert result["verdict"]["window"] is result["verdict"]["remedy"] is None
    assert result["base"]["candidates"]["a"]["remedy"] is None
    assert (result["monthly"][0]["limit_usd"], result["monthly"][0]["pressure"]) == (None, None)


@pytest.mark.parametrize(("policy", "usd"), [("warn", 36_500 + 5000), ("lead", 36_500 + 5000), ("staged", 36_500)])
def test_without_a_limit_no_policy_that_watches_it_fires(policy: str, usd: float) -> None:
    # 100 labels from the start at $50 are paid by any policy that does not fire; staged prepares nothing
    project = {"examples": 100, "labels_per_day": 10, "usd_per_example": 50, "labelling": "from-start"}
    result = tick(plain(limit=None, candidates__a=half_price(**project), decision__policy=policy))
    it = result["base"]["candidates"]["a"]
    assert (it["project_start"], it["cutover"]) == (None, None)
    assert it["total_usd"] == close(usd)


# Work that can wait, overflow, reserved replicas: one replica carries 72 requests an hour, a GPU-hour costs $1


def fleet_cost(fleet: dict[str, Any], **usage: Any) -> dict[str, Any]:
    """Figures of a rented fleet live from the first day of a 365-day year, at 1,000 requests a day unless told else."""
    changes = {f"usage__{key}": value for key, value in usage.items()}
    return figures(box(usd_per_gpu_hour=1, **fleet), **changes)


@pytest.mark.parametrize(
    ("fleet", "usage", "hours"),
    [
        ({}, {"batch_share": 0.5}, 24),  # 51 requests an hour are free beside the interactive ones
        ({"min_replicas": 0}, {"batch_share": 1}, 14),  # 1,000/72 = 13.9 hours
        ({"min_replicas": 0, "billing_minutes": 1}, {"batch_share": 1}, 13.9),  # 833.3 minutes, rounded up
        ({"min_replicas": 0, "startup_minutes": 6}, {"batch_share": 1}, 14.1),
        ({"min_replicas": 0}, {"batch_share": 1, "requests_per_day": 3000}, 42),
        ({"min_replicas": 0, "startup_minutes": 6}, {"batch_share": 1, "requests_per_day": 3000}, 42.2),
        # 216 requests an hour could be carried, 83 are asked for by day and 6,000 may wait: 24·(216 - 125) fit beside
        ({"min_replicas": 3}, {"batch_share": 0.5, "requests_per_day": 6000}, 24 * 3 + 12),
        ({"min_replicas": 1, "spare_replicas": 1}, {"batch_share": 0.5}, 48),
    ],
)
def test_work_that_can_wait_is_packed(fleet: dict[str, Any], usage: dict[str, Any], hours: float) -> None:
    assert fleet_cost(fleet, **usage)["total_usd"] == close(365 * hours)


def test_waiting_work_takes_no_more_replicas_at_once_than_it_must() -> None:
    assert fleet_cost({"min_replicas": 0}, batch_share=1)["peak_replicas"] == 1
    assert fleet_cost({"min_replicas": 0}, batch_share=1, requests_per_day=3000)["peak_replicas"] == 2
    bought = figures(box(purchase_usd_per_gpu=1), usage__batch_share=1.0, usage__requests_per_day=3000)
    assert bought["peak_replicas"] == 2


def test_waiting_work_that_fits_nowhere_is_not_possible() -> None:
    assert fleet_cost({"max_replicas": 1}, batch_share=1, requests_per_day=1728)["possible"]
    assert not fleet_cost({"max_replicas": 1}, batch_share=1, requests_per_day=1729)["possible"]
    assert not fleet_cost({"scaling": "fixed", "fixed_replicas": 1}, batch_share=0.5, requests_per_day=1729)["possible"]


def test_the_current_route_takes_what_a_fleet_cannot() -> None:
    base_load = {"scaling": "fixed", "fixed_replicas": 1, "overflow": "current"}
    it = fleet_cost(base_load, requests_per_day=2000)
    assert it["possible"]
    assert it["overflow_share"] == close(272 / 2000)
    assert it["total_usd"] == close(365 * (24 + 272 * 0.1))
    # 272 requests may wait; three extra hours carry 216 of them for $3, a fourth the rest for another dollar
    waiting = fleet_cost(
        {"min_replicas": 1, "max_replicas": 2, "overflow": "current", "scaling": "daily"},
        batch_share=1,
        requests_per_day=2000,
    )
    assert waiting["total_usd"] == close(365 * 28)
    assert waiting["overflow_share"] == 0


def test_reserved_replicas_are_paid_around_the_clock() -> None:
    reserved = {"reserved_replicas": 2, "reserved_usd_per_gpu_hour": 0.5, "overhead_share": 0.1}
    assert fleet_cost(reserved, requests_per_day=1000)["total_usd"] == close(365 * 24 * 1.1)
    more = fleet_cost(reserved, requests_per_day=1728 * 3)
    assert more["total_usd"] == close(365 * 24 * 1.1 * 2)


def test_idle_gpus_draw_a_part_of_their_power() -> None:
    power = {"purchase_usd_per_gpu": 0.0001, "power_kw_per_gpu": 1, "usd_per_kwh": 1, "idle_power_share": 0.5}
    it = figures(box(**power))
    # 1,000 requests keep a replica busy for 1,000/72 hours
    assert it["total_usd"] == pytest.approx(365 * (12 + 0.5 * 1000 / 72), rel=1e-6)


def test_a_candidate_that_never_saves_has_no_best_start() -> None:
    result = tick(plain(candidates__a=half_price(usd_one_off=1e6)))
    assert result["verdict"]["action"] == "stay"
    assert result["base"]["candidates"]["a"]["best_start"] is None


def test_within_three_percent_the_smaller_one_off_wins() -> None:
    dear_start = half_price(usd_one_off=100)
    dear_run = {**half_price(), "usd_per_mtok": {"input": 0.51, "output": 2}}
    assert tick(plain(candidates__a=dear_start, candidates__b=dear_run))["verdict"]["candidate"] == "b"
    dearer = {**half_price(), "usd_per_mtok": {"input": 0.54, "output": 2}}
    assert tick(plain(candidates__a=dear_start, candidates__b=dearer))["verdict"]["candidate"] == "a"


@pytest.mark.parametrize(
    ("name", "action", "bridge"),
    [
        ("late, with a bridge", "late", "quick"),
        ("late, and what is in time does not bridge", "late", None),
        ("already over, and the candidate too", "start-now", None),
        ("already over, remedied today", "start-now", None),
        ("the same price", "stay", None),
        ("no requests", "stay", None),
        ("a fixed fleet that grows too small", "no-remedy", None),
    ],
)
def test_verdicts_on_the_edge(name: str, action: str, bridge: str | None) -> None:
    verdict = tick(BOUNDARY[name])["verdict"]
    assert (verdict["action"], verdict["bridge"]) == (action, bridge)
