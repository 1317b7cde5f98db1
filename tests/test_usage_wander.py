"""Growth that changes in drawn worlds: moments against closed forms, one world against many, the base case without."""

import math

import numpy as np
import pytest
from pydantic import ValidationError

from switchpoint.catalog.usage_behaviour import usage_behaviour
from switchpoint.decision.case import simulate
from switchpoint.decision.world_batch import simulate_many
from switchpoint.horizon import MONTH_DAYS, YEAR_DAYS, horizon_of
from switchpoint.scenario.schema import Scenario
from switchpoint.scenario.usage import Growth, Wander
from switchpoint.simulation.chance import BLOCK, Drawn, DrawnWorlds, Expected, RandomSource
from switchpoint.simulation.usage import revenue_per_month, traffic, wander_lift, wander_of
from tests.small_worlds import scenario

DAYS, BLOCKS = 400, 32
WANDER = Wander(sd_per_month=0.1, half_life_months=2.0, jumps_per_year=1.5, jump_mean=0.1, jump_sd=0.3)


def wandering(wander: object = "service", **usage: object) -> Scenario:
    return scenario({"usage": {"growth": {"wander": wander}, **usage}})


def blocks(source: RandomSource) -> list[DrawnWorlds]:
    return [DrawnWorlds(5, block, slice(0, BLOCK), source) for block in range(BLOCKS)]


@pytest.mark.parametrize("stationary", [True, False])
def test_the_wander_has_the_variance_of_its_process_and_a_median_of_1(stationary: bool) -> None:
    logs = np.concatenate(
        [each.wander(DAYS, WANDER, from_stationary=stationary) for each in blocks(RandomSource.WANDER)]
    )
    theta, t = math.log(2) / 2, (DAYS - 1) / MONTH_DAYS
    gone = math.exp(-theta * t)
    grown = theta * t - 1 + gone if stationary else theta * t - 2 * (1 - gone) + (1 - gone**2) / 2
    assert logs.shape == (BLOCKS * BLOCK, 1, DAYS)
    assert (logs[..., 0] == 0).all()
    assert logs[..., -1].var() == pytest.approx(2 * 0.1**2 / theta**2 * grown, rel=0.08)
    assert np.median(logs[..., -1]) == pytest.approx(0, abs=0.03)


def test_jumps_have_the_moments_of_a_compound_poisson_process() -> None:
    logs = np.concatenate([each.jumps(DAYS, WANDER) for each in blocks(RandomSource.JUMPS)])[:, 0]
    expected = 1.5 * (DAYS - 1) / YEAR_DAYS
    assert (logs[:, 0] == 0).all()
    assert (np.diff(logs) != 0).sum(axis=1).mean() == pytest.approx(expected, rel=0.05)
    assert logs[:, -1].mean() == pytest.approx(expected * 0.1, rel=0.15)
    assert logs[:, -1].var() == pytest.approx(expected * (0.1**2 + 0.3**2), rel=0.1)


def test_noise_that_carries_over_keeps_a_mean_of_1() -> None:
    noise = np.concatenate([each.noise(DAYS, 0.2, 0.6) for each in blocks(RandomSource.NOISE)])[:, 0]
    logs = np.log(noise)
    assert noise.mean() == pytest.approx(1, abs=0.002)
    assert logs.std() == pytest.approx(0.2, rel=0.01)
    assert np.corrcoef(logs[:, :-1].ravel(), logs[:, 1:].ravel())[0, 1] == pytest.approx(0.6, abs=0.01)


def test_noise_that_does_not_is_as_it_was() -> None:
    world = Drawn(7, 3)
    normals = np.random.Generator(
        np.random.SFC64(np.random.SeedSequence(7, spawn_key=(0, RandomSource.NOISE)))
    ).standard_normal((BLOCK, 50))[3]
    assert np.array_equal(world.noise(50, 0.1), np.exp(0.1 * normals - 0.1**2 / 2))


@pytest.mark.parametrize("number", [0, 77, BLOCK + 9])
def test_a_world_alone_is_its_row_of_many(number: int) -> None:
    world = wandering("typical", daily_noise=0.1, daily_noise_carryover=0.5)
    row = number % BLOCK
    many = simulate_many(world, 12, DrawnWorlds(3, number // BLOCK, slice(max(row - 5, 0), max(row - 5, 0) + 12)))
    alone = simulate(world, Drawn(3, number))
    assert np.array_equal(alone.setting.traffic.requests, many.setting.traffic.requests[min(row, 5), 0])
    assert alone.threat == many.each(many.threat)[min(row, 5)]
    assert alone.warning == many.each(many.warning)[min(row, 5)]


def test_the_base_case_and_worlds_without_wander_keep_to_the_curve() -> None:
    span = horizon_of(scenario().start, 12)
    plain = traffic(scenario().usage, span, Expected()).requests
    assert np.array_equal(traffic(wandering().usage, span, Expected()).requests, plain)
    assert np.array_equal(traffic(scenario().usage, span, Drawn(1, 1)).requests, plain)
    assert not np.array_equal(traffic(wandering().usage, span, Drawn(1, 1)).requests, plain)


def test_what_was_planned_holds_todays_rate() -> None:
    """From a rate of 0 the first days hardly move; else they do so at once."""
    plan = {"curve": "plan", "points": [["2027-01-01", 10_000]]}
    still = {"sd_per_month": 0.3, "half_life_months": 24, "jumps_per_year": 0, "jump_sd": 0}
    span = horizon_of(scenario().start, 2)

    def spread(growth: dict[str, object]) -> float:
        drawn = scenario().usage.model_copy(update={"growth": Growth.model_validate({**growth, "wander": still})})
        worlds = traffic(drawn, span, DrawnWorlds(1, 0, slice(0, BLOCK))).requests
        return float(np.log(worlds[..., 10]).std())

    assert spread({"curve": "constant"}) > 5 * spread(plan) > 0


def test_revenue_follows_usage_only_where_it_is_said_to() -> None:
    world = wandering().model_copy(update={"revenue": scenario({"revenue": {"usd_per_month": 100}}).revenue})
    span = horizon_of(world.start, 12)
    drawn = traffic(world.usage, span, Drawn(1, 1))
    assert revenue_per_month(world.revenue, drawn, span) == pytest.approx(np.full(span.days, 100.0))
    follows = scenario({"revenue": {"usd_per_1000_requests": 1}}).revenue
    assert revenue_per_month(follows, drawn, span) == pytest.approx(drawn.requests * MONTH_DAYS / 1000)


def test_expected_usage_at_the_end_over_the_curves() -> None:
    span = horizon_of(scenario().start, 12)
    usage = wandering(WANDER.model_dump()).usage
    drawn = [traffic(usage, span, DrawnWorlds(5, block, slice(0, BLOCK))).requests[..., -1] for block in range(BLOCKS)]
    assert wander_lift(usage, span) == pytest.approx(np.mean(drawn) / 10_000, rel=0.04)
    assert wander_lift(scenario().usage, span) == 1


def test_a_class_stands_for_its_numbers() -> None:
    known = usage_behaviour("service")
    found = wander_of(Growth(wander="service"))
    assert found is not None
    assert (found.sd_per_month, found.half_life_months) == (known.sd_per_month, known.half_life_months)
    assert (found.jumps_per_year, found.jump_mean, found.jump_sd) == (
        known.jumps_per_year,
        known.jump_mean,
        known.jump_sd,
    )
    assert wander_of(Growth()) is None


@pytest.mark.parametrize(
    ("growth", "said"),
    [
        ({"wander": "serice"}, "service"),
        ({"wander": {"sd_per_month": 0.1}}, "half_life_months"),
        ({"wander": {**WANDER.model_dump(), "half_life_months": 0}}, "must be from 0.01 to 1,200; got 0"),
        ({"wander": {**WANDER.model_dump(), "jump_sd": {"low": 1, "high": 2}}}, "must be a number (from 0 to 3); got"),
    ],
)
def test_a_wander_that_makes_no_sense_is_refused(growth: dict[str, object], said: str) -> None:
    with pytest.raises(ValidationError, match=said.replace("(", r"\(").replace(")", r"\)")):
        Growth.model_validate(growth)


def test_noise_that_never_fades_is_refused() -> None:
    with pytest.raises(ValidationError, match="must be 0 or more and below 1; got 1"):
        wandering(daily_noise_carryover=1)
