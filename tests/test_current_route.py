"""A current route that is no API: what it costs, when it is left and what then, worked out by hand."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from switchpoint.decision.result import JudgedWorld
from switchpoint.horizon import MONTH_DAYS, NEVER
from switchpoint.review.context import Subject
from switchpoint.review.sign_page import next_decision
from switchpoint.scenario.errors import ScenarioError
from switchpoint.scenario.load import load_text
from switchpoint.scenario.schema import Decision, Scenario
from switchpoint.simulation.ledger import Component
from switchpoint.study.draw_sentence import sentence
from switchpoint.study.monte_carlo import MonteCarlo
from tests.small_worlds import WORLD, Table, merged

OWN: Table = {"kind": "gpu", "fleet": {"requests_per_second_per_replica": 1.0, "usd_per_gpu_hour": 2.0}}
"""One GPU that carries 69,120 requests a day, for $48 a day."""
BOUGHT: Table = {
    "requests_per_second_per_replica": 1.0,
    "purchase_usd_per_gpu": 7_305.0,
    "lifetime_months": 24,
    "resale_share": 0.1,
}
"""A life of 730.5 days, $9 of wear a day."""
API: Table = {"kind": "api", "usd_per_mtok": {"input": 0.1, "output": 0.1}}
"""$1 a day for ten thousand requests of 1,000 tokens."""
LATER: Table = {**API, "project": {"hardening_days": 100}}
"""Live on day 100 if started today."""
NOW: Table = {"decision": {"policy": "now"}}
YEAR = {"months": 12}


def told(current: Table, *overlays: Table, **candidates: Table) -> JudgedWorld:
    """The small world with another current route, without a limit unless an overlay states one."""
    from switchpoint.decision.case import simulate

    table = merged({**WORLD, "current": current, "limit": None}, YEAR, NOW, *overlays, {"candidates": candidates})
    return JudgedWorld(simulate(Scenario.model_validate(table)))


def unchosen(found: JudgedWorld) -> JudgedWorld:
    """The same where no policy is stated."""
    from switchpoint.decision.case import simulate

    return JudgedWorld(simulate(found.case.scenario.model_copy(update={"decision": Decision()})))


def daily(found: JudgedWorld, component: Component) -> Any:
    """Dollars a day of a component on the path of the first candidate."""
    return found.case.outlooks[0].ledger.entries.get(component, np.zeros(found.case.clock.days))


class TestStaying:
    """The current route, live since day 0."""

    def test_a_rented_gpu_its_engineer_and_its_fees(self) -> None:
        """$48 of rent, 0.5 x $12,000 of pay and $600 of fees and tools a month."""
        current = merged(
            OWN,
            {"fleet": {"usd_per_month": 500}},
            {"project": {"usd_per_engineer_month": 12_000}, "upkeep": {"engineers": 0.5, "usd_per_month": 100}},
        )
        found = told(current)
        assert found.case.stay == pytest.approx(np.full(365, 48 + 6_600 / MONTH_DAYS))
        assert found.case.bill[0] == pytest.approx(48 * MONTH_DAYS + 6_600)

    def test_its_bill_has_wear_in_place_of_gpus(self) -> None:
        """One GPU bought on day 0, $7,305; on day 364 it is worth 7,305·(1 - 364/730.5)."""
        found = told({"kind": "gpu", "fleet": BOUGHT})
        assert found.case.stay[0] == pytest.approx(7_305)
        assert found.case.stay[1:364] == pytest.approx(0)
        assert found.case.stay[364] == pytest.approx(-7_305 + 3_640)
        assert found.case.setting.route_bill == pytest.approx(np.full(365, 9.0))

    def test_gpus_owned_before_are_replaced_but_not_paid_again(self) -> None:
        """Two bought on 1 May 2025, 610 days before: replaced after floor(730.5) days, on day 120, at 90 %."""
        fleet = {**BOUGHT, "owned_gpus": 2, "owned_since": "2025-05-01"}
        found = told({"kind": "gpu", "fleet": fleet})
        assert np.flatnonzero(found.case.stay).tolist() == [120, 364]
        assert found.case.stay[120] == pytest.approx(2 * 7_305 * 0.9)
        assert found.case.stay[364] == pytest.approx(-2 * (7_305 - 244 * 10))
        assert found.case.setting.route_bill[0] == pytest.approx(18)

    def test_older_gpus_have_been_replaced_before(self) -> None:
        """Bought 1,461 days before the first day: replaced on days -731 and 0 - 1,461 + floor(1,461) = 0."""
        fleet = {**BOUGHT, "owned_gpus": 1, "owned_since": "2023-01-01"}
        found = told({"kind": "gpu", "fleet": fleet})
        assert found.case.stay[0] == pytest.approx(7_305 * 0.9)
        assert np.flatnonzero(found.case.stay).tolist() == [0, 364]

    def test_endpoints(self) -> None:
        """An endpoint of half a request a second, planned at 80 %, carries 34,560 requests a day: one, $3 an hour."""
        found = told({"kind": "hosted", "endpoint": {"usd_per_hour": 3, "requests_per_second": 0.5}})
        assert found.case.stay == pytest.approx(np.full(365, 72.0))

    def test_a_hosted_model_by_the_token(self) -> None:
        found = told({"kind": "hosted", "usd_per_mtok": {"input": 1.0, "output": 1.0}})
        assert found.case.stay == pytest.approx(np.full(365, 10.0))
        assert "today's API" not in found.sentence

    def test_an_api_with_upkeep(self) -> None:
        current = {"usd_per_mtok": {"input": 1.0, "output": 1.0}, "upkeep": {"usd_per_month": MONTH_DAYS}}
        found = told(current, other=LATER)
        assert found.case.stay == pytest.approx(np.full(365, 11.0))
        path = found.case.outlooks[0].cost_per_day
        assert (path[99], path[100]) == (pytest.approx(11.0), pytest.approx(1.0))

    def test_retrainings_are_no_bill(self) -> None:
        """Every two months from the first day on: days 60, 121, 182, 243, 304."""
        more = {"project": {"usd_per_iteration": 70}, "upkeep": {"retrain_every_months": 2}}
        found = told(merged(OWN, more))
        assert np.flatnonzero(found.case.stay > 48).tolist() == [60, 121, 182, 243, 304]
        assert found.case.bill == pytest.approx(48 * MONTH_DAYS)


class TestLeaving:
    """The last request leaves on day 100, which is not paid any more."""

    def test_rent_fees_and_upkeep_end(self) -> None:
        current = merged(OWN, {"fleet": {"usd_per_month": 100}, "upkeep": {"usd_per_month": 50}})
        found = told(current, other=LATER)
        path = found.case.outlooks[0].cost_per_day
        assert path[:100] == pytest.approx(48 + 150 / MONTH_DAYS)
        assert path[100:] == pytest.approx(1.0)
        assert found.as_json()["base"]["candidates"]["other"]["leaving"]["on"].isoformat() == "2027-04-11"

    def test_engineers_are_paid_for_their_notice(self) -> None:
        """Two and a half months are floor(76.09) = 76 days."""
        pay = {"project": {"usd_per_engineer_month": 3_043.75}, "upkeep": {"engineers": 1, "notice_months": 2.5}}
        found = told(merged(OWN, pay), other=LATER)
        owed = daily(found, Component.CURRENT_LEAVING)
        assert owed[100:176] == pytest.approx(100)
        assert owed[:100].sum() + owed[176:].sum() == 0
        assert found.case.outlooks[0].leaving.owed == pytest.approx(7_600)
        assert "$7.6k more is paid for the notice of its engineers" in found.sentence

    @pytest.mark.parametrize(
        ("months", "ends", "owed_after"),
        [(1, 121, 0), (2, 121, 0), (4, 121, 0), (12, 365, 0), (18, 365, 547 - 365), (3.2855, 100, 0)],
    )
    def test_reserved_terms_are_paid_to_their_end(self, months: float, ends: int, owed_after: int) -> None:
        """Terms from day 0 on; one that ends on the day on which it is left is not renewed. $24 a day."""
        reserved = {"reserved_replicas": 1, "reserved_usd_per_gpu_hour": 1.0, "reserved_months": months}
        found = told(merged(OWN, {"fleet": reserved}), other=LATER)
        path = found.case.outlooks[0].cost_per_day
        assert path[:100] == pytest.approx(24)
        assert path[100:ends] == pytest.approx(25)
        assert path[ends:] == pytest.approx(1)
        assert found.case.outlooks[0].leaving.owed_after_horizon == pytest.approx(24 * owed_after)

    def test_gpus_are_sold_for_what_they_are_worth(self) -> None:
        """Bought 200 days before the first: on day 100 they are worth 7,305 - 300·10 each."""
        fleet = {**BOUGHT, "owned_gpus": 2, "owned_since": "2026-06-15"}
        found = told({"kind": "gpu", "fleet": fleet}, other=LATER)
        capital = daily(found, Component.CURRENT_CAPITAL)
        assert np.flatnonzero(capital).tolist() == [100]
        assert capital[100] == pytest.approx(-2 * 4_305)
        course = found.case.outlooks[0].course
        assert course.end_credit == pytest.approx(-2 * (7_305 - 564 * 10))  # what staying would be credited
        assert found.case.outlooks[0].one_off == 0  # what the project spends
        # Staying costs nothing but its credit of $3,330; the switch gets $8,610 and pays 265 days of $1.
        assert found.case.outlooks[0].npv_saving == pytest.approx(8_610 - 265 - 3_330)

    def test_a_gpu_whose_life_ends_on_that_day_is_sold_not_replaced(self) -> None:
        """630 days before the first: 730 days old on day 100, worth a tenth."""
        fleet = {**BOUGHT, "owned_gpus": 1, "owned_since": "2025-04-11"}
        found = told({"kind": "gpu", "fleet": fleet}, other=LATER)
        assert daily(found, Component.CURRENT_CAPITAL)[100] == pytest.approx(-730.5)

    def test_it_is_not_left_while_a_part_stays(self) -> None:
        """A twentieth of the requests still takes the one GPU."""
        found = told(OWN, other={**LATER, "coverage": 0.95})
        assert found.case.outlooks[0].cost_per_day[200] == pytest.approx(48 + 0.95)
        assert found.case.outlooks[0].leaving.day == NEVER

    def test_a_candidate_that_fails_later_does_not_let_it_go(self) -> None:
        grown = {"usage": {"token_growth_per_month": 0.1}}
        fleet = {**BOUGHT, "owned_gpus": 1}
        found = told({"kind": "gpu", "fleet": fleet}, grown, other={**LATER, "max_context": 2_000})
        outlook = found.case.outlooks[0]
        assert not outlook.possible
        assert outlook.leaving.day == NEVER
        assert daily(found, Component.CURRENT_CAPITAL)[outlook.cutover : 364].sum() == 0

    def test_left_on_the_first_day_nothing_is_paid(self) -> None:
        fleet = {**BOUGHT, "owned_gpus": 1}
        found = told({"kind": "gpu", "fleet": fleet}, other=API)
        assert found.case.outlooks[0].cost_per_day[0] == pytest.approx(1 - 7_305)
        assert found.case.outlooks[0].total == pytest.approx(365 - 7_305)


FIXED: Table = merged(OWN, {"fleet": {"scaling": "fixed", "fixed_replicas": 2}})
"""Two replicas of 69,120 requests a day, as planned."""
GROWS: Table = {"usage": {"requests_per_day": 100_000, "growth": {"curve": "linear", "per_month": 1_000 * MONTH_DAYS}}}
"""A thousand requests a day more every day."""


class TestOutgrown:
    """Two replicas whose load grows beyond them."""

    def day(self) -> int:
        """The first noon at which 100,000 + 1,000·(d + 0.5) is above 138,240."""
        return next(d for d in range(365) if 100_000 + 1_000 * (d + 0.5) > 138_240)

    def test_it_is_a_threat_without_a_limit_too(self) -> None:
        found = told(FIXED, GROWS, other=LATER)
        assert found.case.threat == self.day() == 38
        base = found.as_json()["base"]
        assert base["threat_cause"] == "outgrown"
        assert base["candidates"]["other"]["remedy"] is None
        assert found.as_json()["verdict"]["window"] is None
        assert "the current route is outgrown from 8 February 2027 on" in found.sentence

    def test_the_earlier_of_the_two_counts(self) -> None:
        tight = {"limit": {"usd_per_month": 10.0}}
        found = told(FIXED, GROWS, tight, other=LATER)
        assert found.case.threat == 0
        assert found.case.threat_cause == "limit"
        wide = {"limit": {"usd_per_month": 1e6}}
        found = told(FIXED, GROWS, wide, other=LATER)
        assert (found.case.threat, found.case.threat_cause) == (38, "outgrown")
        assert found.verdict.action == "late"
        assert found.case.threat_called == "Current route outgrown"

    def test_a_remedy_leaves_no_more_on_it_than_it_carries(self) -> None:
        """465,000 requests a day at the end; a half of them is more than two replicas carry, a twentieth is not."""
        wide = {"limit": {"usd_per_month": 1e6}}
        some = {**API, "coverage": 0.5}
        most = {**API, "coverage": 0.95}
        found = told(FIXED, GROWS, wide, some=some, most=most)
        assert [outlook.remedy for outlook in found.case.outlooks] == [False, True]

    def test_staying_on_it_says_that_what_is_unanswered_is_unpaid(self) -> None:
        dear = {**API, "usd_per_mtok": {"input": 500.0, "output": 500.0}}
        found, grows = (unchosen(told(route, GROWS, other=dear)) for route in (FIXED, OWN))
        assert found.verdict.action == "stay"
        said = "requests that the route then leaves unanswered cost nothing in this comparison"
        assert said in found.sentence
        assert f"{said}, while a candidate pays for them" in sentence(
            MonteCarlo(4, 1, 1).study(found.case.scenario, found)
        )
        wanted = "outgrown on 8 February 2027, so decide what becomes of requests that it cannot answer"
        assert wanted in next_decision(Subject(found))
        assert said not in grows.sentence
        assert "requests that it cannot answer" not in next_decision(Subject(grows))

    def test_a_fleet_that_grows_is_never_outgrown(self) -> None:
        assert told(OWN, GROWS, other=LATER).case.threat_cause is None


FILE = """
start = 2027-01-01
[usage]
requests_per_day = 1000
input_tokens = 1000
output_tokens = 100
[current]
"""
GPU = 'kind = "gpu"\n[current.fleet]\nrequests_per_second_per_replica = 1\n'
RENTED = f"{GPU}usd_per_gpu_hour = 1\n"
FAULTS = {
    "a kind that is none": ('kind = "own"\nusd_per_mtok = { input = 1, output = 2 }', "current.kind: must be api"),
    "a fleet without a kind": (f"[current.fleet]{RENTED.split('[current.fleet]')[1]}", "current.kind: is missing"),
    "a price of tokens on GPUs": (
        f"usd_per_mtok = {{ input = 1, output = 2 }}\n{RENTED}",
        "belongs to a current route of kind api or hosted",
    ),
    "GPUs owned without a price": (f"{RENTED}owned_gpus = 2", "owned_gpus needs purchase_usd_per_gpu"),
    "a date of none": (f"{GPU}purchase_usd_per_gpu = 9\nowned_since = 2026-01-01", "owned_since needs owned_gpus"),
    "GPUs of next year": (
        f"{GPU}purchase_usd_per_gpu = 9\nowned_gpus = 1\nowned_since = 2028-01-01",
        "must not be after start",
    ),
    "overflow to itself": (
        f'{RENTED}max_replicas = 2\noverflow = "current"',
        "fleet.overflow leads to the current route, which this is",
    ),
    "overflow to GPUs": (
        f'{RENTED}[candidates.a]\nkind = "gpu"\nfleet = {{ usd_per_gpu_hour = 1, max_replicas = 1, '
        'overflow = "current", requests_per_second_per_replica = 1 }',
        "needs a current route that is paid by the token",
    ),
    "an endpoint of an API": (
        "endpoint = { usd_per_hour = 1, requests_per_second = 1 }",
        'endpoint needs kind = "hosted"',
    ),
    "notice to nobody": (f"{RENTED}[current.upkeep]\nnotice_months = 1", "notice_months needs engineers"),
    "a project of its own": (
        f"{RENTED}[current.project]\nengineers = 2",
        "engineers: is not a known key",
    ),
    "incidents of what goes on": (f"{RENTED}[current.upkeep]\nincidents_per_year = 2", "is not a known key"),
    "a way back to sold GPUs": (
        f'{GPU}purchase_usd_per_gpu = 9\n[candidates.a]\nkind = "api"\nusd_per_mtok = {{ input = 1, output = 2 }}\n'
        "upkeep = { incidents_per_year = 2 }",
        "its GPUs are sold",
    ),
    "GPUs that a candidate owns": (
        f'{RENTED}[candidates.a]\nkind = "gpu"\nfleet = {{ purchase_usd_per_gpu = 9, owned_gpus = 2, '
        "requests_per_second_per_replica = 1 }",
        "is of the current route, whose GPUs are there already",
    ),
    "power of rented GPUs": (f"{RENTED}power_kw_per_gpu = 0.7", "does nothing for rented GPUs"),
}


@pytest.mark.parametrize("name", FAULTS)
def test_each_fault_is_one_line(name: str) -> None:
    text, told_of_it = FAULTS[name]
    with pytest.raises(ScenarioError) as caught:
        load_text(FILE + text)
    (fault,) = caught.value.faults
    assert told_of_it in f"{fault.field}: {fault.message}"


def test_a_file_survives_being_written_again() -> None:
    from switchpoint.scenario.toml_writer import text_of, tree_of

    for text in (RENTED, 'kind = "hosted"\nendpoint = { usd_per_hour = 1, requests_per_second = 1 }'):
        spec = load_text(FILE + text).scenario
        assert load_text(text_of(tree_of(spec))).scenario == spec


def test_beside_an_api_nothing_of_it_is_said() -> None:
    found = told({"usd_per_mtok": {"input": 1.0, "output": 1.0}}, other=LATER)
    assert found.case.setting.beside_tokens.is_plain
    assert found.case.outlooks[0].leaving is None
    assert not any(component.name.startswith("CURRENT") for component in found.case.setting.stay.entries)
    assert "today's API" in found.sentence


def test_serverless_and_waiting_work_count_for_it_too() -> None:
    """Half of the work waits: the rest of 10,000 requests a day, 0.058 a second, keeps one replica of 1/s running, and
    the waiting half fills it, so that a GPU is paid and no more."""
    found = told(OWN, {"usage": {"batch_share": 0.5}})
    assert found.case.stay == pytest.approx(np.full(365, 48.0))
    serverless = merged(OWN, {"fleet": {"scaling": "serverless", "request_seconds": 1, "min_replicas": 0}})
    assert 0 < told(serverless).case.stay[0] < 48
