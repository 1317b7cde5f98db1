"""What made the difference between two scenarios, against sums by hand."""

from datetime import date
from itertools import pairwise

import pytest
from hypothesis import given, settings

from switchpoint.decision.case import simulate
from switchpoint.decision.result import JudgedWorld
from switchpoint.errors import CannotCompute
from switchpoint.scenario.labels import phrase
from switchpoint.scenario.schema import Scenario
from switchpoint.study import compare
from switchpoint.study.compare import FIGURES, AdviceOutcome, Between, Comparison, explanation
from tests.effort import tries
from tests.scenario_strategies import scenarios
from tests.small_worlds import API, Table, growing, merged, priced, result, with_candidates

pytestmark = pytest.mark.slow

DAYS = 731
HIGH = {"limit": {"usd_per_month": 1e9}}
HALF = with_candidates(half=API)
TWICE = {"usage": {"requests_per_day": 20_000}}
DEARER = {"current": priced(2.0)}
SAVING = FIGURES.index("npv_saving_usd")


def compared(before: Table, *changes: Table) -> Comparison:
    """A world against itself with changes."""
    return Comparison(result(before), result(before, *changes))


def parts(comparison: Comparison, figure: str) -> dict[str, float]:
    """What each cause did to a figure, by the name of its first change."""
    return {share.cause.changes[0].name: share.amount(figure) for share in comparison.attribution.shares}


class TestByHand:
    def test_a_product_of_two(self) -> None:
        """Saving = days · requests · 1,000 · (price - 0.5)/10⁶: each of two causes gets the mean of its two steps."""
        found = compared(merged(HALF, HIGH), TWICE, DEARER)
        per_unit = DAYS * 10.0
        none, more, dear, both = 0.5 * per_unit, 2 * 0.5 * per_unit, 1.5 * per_unit, 2 * 1.5 * per_unit
        assert found.change[SAVING] == pytest.approx(both - none)
        assert parts(found, "npv_saving_usd") == pytest.approx(
            {
                "usage.requests_per_day": ((more - none) + (both - dear)) / 2,
                "current.usd_per_mtok.input": ((dear - none) + (both - more)) / 2,
            }
        )

    def test_what_adds_up(self) -> None:
        """Two flat fees: saving is the sum of what each saves."""
        fee = {"current": {"usd_per_month": 100.0}}
        own = with_candidates(half={"usd_per_month": 40.0})
        found = compared(merged(HALF, HIGH), fee, own)
        months = DAYS * 12 / 365.25
        # the fee of the current route falls away with the whole traffic
        assert parts(found, "npv_saving_usd") == pytest.approx(
            {"current.usd_per_month": 100 * months, "candidates.half.usd_per_month": -40 * months}
        )

    def test_days_of_a_threat(self) -> None:
        """Pressure is 1.1^t/limit on 28-day means; doubling the limit, then doubling usage, cancel one another."""
        world = merged(growing(0.1), {"limit": {"usd_per_month": 600.0}})
        found = compared(world, TWICE, {"limit": {"usd_per_month": 1200.0}})
        assert found.change[FIGURES.index("threat")] == 0
        moved = parts(found, "threat")
        assert moved["usage.requests_per_day"] == pytest.approx(-moved["limit.usd_per_month"])
        days = {
            (requests, limit): AdviceOutcome.of(
                result(world, {"usage": {"requests_per_day": requests}, "limit": {"usd_per_month": limit}})
            ).threat.toordinal()
            for requests in (10_000, 20_000)
            for limit in (600.0, 1200.0)
        }
        alone = days[20_000, 600.0] - days[10_000, 600.0]
        after = days[20_000, 1200.0] - days[10_000, 1200.0]
        assert moved["usage.requests_per_day"] == pytest.approx((alone + after) / 2)

    def test_a_limit_that_is_not_reached_counts_as_the_day_after_the_later_horizon(self) -> None:
        found = compared(growing(0.1), growing(0.0), {"months": 25})
        assert found.outcomes[1].threat is None
        assert found.end == date(2029, 2, 1)
        reached = found.outcomes[0].threat
        assert parts(found, "threat") == {
            "usage.growth.per_month": (found.end - reached).days,
            "months": 0,
        }

    def test_two_limits_that_are_not_reached_are_no_difference(self) -> None:
        found = compared(HIGH, {"months": 30})
        assert found.change[FIGURES.index("threat")] == 0

    def test_what_no_figure_hangs_on_gets_exactly_nothing(self) -> None:
        found = compared(
            merged(HALF, growing(0.1)), TWICE, {"usage": {"daily_noise": 0.3}}, {"decision": {"policy": "now"}}
        )
        by_name = {share.cause.changes[0].name: share.amounts for share in found.attribution.shares}
        assert by_name["usage.daily_noise"].tolist() == [0.0] * len(FIGURES)
        assert by_name["decision.policy"] == pytest.approx([0.0] * len(FIGURES), abs=1e-6)

    def test_no_candidate_saves_nothing_and_has_no_dates(self) -> None:
        outcome = AdviceOutcome.of(result(HIGH))
        assert outcome == AdviceOutcome("stay", None, None, None, None, 0.0)


class TestFlips:
    def test_one_input_alone(self) -> None:
        world = merged(with_candidates(dear={"kind": "api", "usd_per_mtok": {"input": 1.5, "output": 1.5}}), HIGH)
        found = compared(world, DEARER, {"usage": {"daily_noise": 0.1}})
        assert [outcome.action for outcome in found.outcomes] == ["stay", "start-now"]
        assert [cause.changes[0].name for cause in found.attribution.alone] == ["current.usd_per_mtok.input"]
        assert found.attribution.together == ()

    def test_only_two_together(self) -> None:
        """A fee of $500 a month is won back at $2 and twice the usage, not with one of them."""
        world = merged(HALF, with_candidates(half={"usd_per_month": 800.0}), HIGH)
        found = compared(world, TWICE, DEARER, {"usage": {"daily_noise": 0.1}})
        assert found.flips
        assert found.attribution.alone == ()
        assert {cause.changes[0].name for cause in found.attribution.together} == {
            "usage.requests_per_day",
            "current.usd_per_mtok.input",
        }
        assert "it takes higher usage at the start" in explanation(found, "From a to b")


class TestInvalidBetween:
    def test_inputs_of_which_one_is_invalid_without_the_other_are_one_cause(self) -> None:
        """A share of revenue is a limit only where there is revenue."""
        base = result(HALF)
        share = base.case.scenario.model_dump(exclude_unset=True) | {
            "limit": {"share_of_revenue": 0.1},
            "revenue": {"usd_per_month": 5e3},
        }
        share["usage"]["requests_per_day"] = 20_000
        after = JudgedWorld(simulate(Scenario.model_validate(share)))
        found = Comparison(base, after)
        names = [{change.name for change in share.cause.changes} for share in found.attribution.shares]
        assert names == [
            {"usage.requests_per_day"},
            {"limit.share_of_revenue", "limit.usd_per_month", "revenue.usd_per_month"},
        ]
        assert sum(share.amounts for share in found.attribution.shares) == pytest.approx(found.change)
        assert phrase(found.attribution.shares[1].cause) == (
            "higher revenue ($5,000 a month instead of $0) together with another kind of limit"
        )

    def test_what_cannot_be_computed_is_joined_with_what_makes_it_computable(self) -> None:
        """Growth of 300 % a month is refused beyond some months, and bearable where it fades."""
        wild = growing(3.0, fade_per_month=0.5)
        with pytest.raises(CannotCompute):
            result(merged(HIGH, growing(3.0)), {"months": 60})
        found = compared(merged(HIGH, growing(0.1)), wild, {"months": 60})
        names = [{change.name for change in share.cause.changes} for share in found.attribution.shares]
        together = {"usage.growth.per_month", "usage.growth.fade_per_month"}
        assert any(together <= each for each in names)
        assert sum(share.amounts for share in found.attribution.shares) == pytest.approx(found.change)


class TestAnyScenarios:
    @given(scenarios(), scenarios())
    @settings(max_examples=tries(3, 20))
    def test_parts_sum_to_the_whole_and_the_sentence_is_one_line(self, one: Scenario, other: Scenario) -> None:
        many, compare.MIXTURES = compare.MIXTURES, 2
        try:
            found = Comparison(JudgedWorld(simulate(one)), JudgedWorld(simulate(other)))
            total = sum(share.amounts for share in found.attribution.shares)
        finally:
            compare.MIXTURES = many
        assert total == pytest.approx(found.change, rel=1e-9, abs=1e-6)
        text = explanation(found, "From one to other")
        assert text.endswith(".")
        assert "\n" not in text
        assert "None" not in text

    @given(scenarios())
    @settings(max_examples=8)
    def test_nothing_differs_from_itself(self, one: Scenario) -> None:
        case = JudgedWorld(simulate(one))
        found = Comparison(case, case)
        assert found.changes == ()
        assert found.attribution.shares == ()
        assert not found.change.any()
        assert explanation(found, "x") == "No input differs, so nothing comes out differently."

    def test_many_inputs_are_shared_over_some_orders(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(compare, "MIXTURES", 100)
        steps = [{"usage": {"requests_per_day": 11_000, "input_tokens": 900, "output_tokens": 10, "daily_noise": 0.1}}]
        steps += [{"months": 30}, {"decision": {"discount_rate_per_year": 0.1}}, {"current": priced(1.1)}]
        steps += [{"limit": {"usd_per_month": 500.0}}, with_candidates(half={"coverage": 0.9}), growing(0.05)]
        found = compared(HALF, *steps)
        attribution = found.attribution
        assert len(attribution.shares) > compare.MOST_EXACT
        assert attribution.orders > 2
        assert attribution.orders == compare.MIXTURES // len(attribution.shares) // 2 * 2
        assert sum(share.amounts for share in attribution.shares) == pytest.approx(found.change)


def test_outcomes_between_are_found_once(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[object] = []
    simulated = Between._simulate_mixture
    monkeypatch.setattr(Between, "_simulate_mixture", lambda self, taken: asked.append(taken) or simulated(self, taken))
    found = compared(HALF, TWICE, DEARER, {"months": 30})
    assert found.attribution.shares
    assert len(asked) == len(set(asked)) == 2**3 - 2
    assert all(a != b for a, b in pairwise(asked))
