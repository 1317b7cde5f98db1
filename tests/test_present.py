"""Present costs from cumulative sums equal those of the days travelled one by one."""

from __future__ import annotations

import numpy as np
from hypothesis import given

from switchpoint.clock import NEVER
from switchpoint.engine import simulate
from switchpoint.finance import discount_factors
from switchpoint.scenario.schema import Scenario
from switchpoint.timeline.path import travel
from switchpoint.timeline.present import present_costs
from tests.scenario_strategies import scenarios


@given(scenarios())
def test_sums_equal_days(scenario: Scenario) -> None:
    case = simulate(scenario)
    discount = discount_factors(case.clock, scenario.decision.discount_rate_per_year)
    starts = np.array([0, 1, 17, 40, case.clock.days - 1, NEVER])
    for outlook in case.outlooks:
        chosen = starts if outlook.starts.under_way is None else np.array([outlook.starts.under_way])
        days = travel(outlook.prospect, chosen).ledger.total @ discount
        np.testing.assert_allclose(
            present_costs(outlook.prospect, outlook.prospect.planner.schedule(chosen), discount),
            days,
            rtol=1e-9,
            atol=1e-6,
        )
