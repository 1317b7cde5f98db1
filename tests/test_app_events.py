"""Launches, lost accounts and price changes as rows, the first day, growth curves, and tokens from a month's totals."""

from datetime import date
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from switchpoint.horizon import MONTH_DAYS
from switchpoint.ranking.from_bill import NoSuchBillError, month_totals, tokens_of_bill, tokens_of_totals
from switchpoint.scenario.catalogue_check import load_checked
from switchpoint.scenario.schema import Scenario
from switchpoint.scenario.toml_writer import examples
from switchpoint.ui.draft_changes import merge_changes
from switchpoint.ui.group_inputs import EVENTS, OFFERED, PRICES, WITH_A_FILE, DatedRow, curve_changes

ROOT = Path(__file__).resolve().parent.parent


def opened(*groups: str, **address: str) -> AppTest:
    app = AppTest.from_file(str(ROOT / "app.py"), default_timeout=120)
    for key, value in address.items():
        app.query_params[key] = value
    for group in groups:
        app.session_state[f"inputs {group}"] = True
    return app.run()


def changes(app: AppTest) -> dict:
    assert not app.exception
    return dict(app.session_state["_draft"].changes)


@pytest.fixture(scope="module")
def scenario() -> Scenario:
    return load_checked(examples()["support-copilot"]).scenario


class TestRow:
    def test_it_says_which_way_it_goes(self) -> None:
        assert DatedRow(EVENTS, 0, {"factor": 1.4}).label == "Launch"
        assert DatedRow(EVENTS, 0, {"factor": 0.8}).label == "Lost account"
        assert DatedRow(PRICES, 0, {"factor": 0.8}).label == "Price change"

    def test_a_range_is_told_and_has_a_middle(self) -> None:
        row = DatedRow(EVENTS, 0, {"factor": {"low": 1, "mode": 2, "high": 3}})
        assert row.factor == 2
        assert "1 to ×3" in row.belief

    @pytest.mark.parametrize("factor", [None, "x", [1], {"low": 1}, -3])
    def test_what_is_no_factor_has_none(self, factor: object) -> None:
        assert DatedRow(EVENTS, 0, {"factor": factor}).factor is None


@pytest.mark.slow
class TestRowsInTheApp:
    def test_the_storys_launch_is_seen_changed_and_removed(self) -> None:
        app = opened("events")
        assert app.date_input(key="usage.events 0 date").value == date(2027, 6, 1)
        assert app.number_input(key="usage.events 0 percent").value == pytest.approx(40)
        assert app.number_input(key="usage.events 0 likely").value == pytest.approx(60)
        app.number_input(key="usage.events 0 percent").set_value(100.0).run()
        app.date_input(key="usage.events 0 date").set_value(date(2027, 3, 1)).run()
        wanted = {"date": date(2027, 3, 1), "factor": 2, "probability": 0.6}
        assert changes(app) == {EVENTS: [wanted]}
        app.button(key="usage.events 0 remove").click().run()
        assert changes(app) == {EVENTS: []}
        app.button(key="undo").click().run()
        assert changes(app) == {EVENTS: [wanted]}

    @pytest.mark.parametrize(
        ("label", "path", "factor"), [("Lost account", EVENTS, 0.8), ("Price change", PRICES, 0.7)]
    )
    def test_rows_are_added_half_a_year_ahead(self, label: str, path: tuple, factor: float) -> None:
        app = opened("events")
        app.button(key=f"add {label}").click().run()
        assert changes(app)[path][-1] == {"date": date(2027, 7, 1), "factor": factor}
        place = len(changes(app)[path]) - 1
        assert app.number_input(key=f"{'.'.join(path)} {place} percent").value == pytest.approx(100 * (factor - 1))

    def test_an_untouched_range_stays_when_the_day_moves(self) -> None:
        from switchpoint.ui.draft_changes import pack_changes

        belief = {"low": 1.1, "mode": 1.5, "high": 2}
        app = opened("events", changes=pack_changes({EVENTS: [{"date": date(2027, 6, 1), "factor": belief}]}))
        app.date_input(key="usage.events 0 date").set_value(date(2027, 9, 1)).run()
        assert changes(app)[EVENTS] == [{"date": date(2027, 9, 1), "factor": belief}]

    def test_today_can_be_another_day(self) -> None:
        app = opened("decision")
        app.date_input(key="first_day").set_value(date(2026, 12, 1)).run()
        assert changes(app) == {("start",): date(2026, 12, 1)}

    @pytest.mark.parametrize("curve", [curve for curve in OFFERED if curve not in WITH_A_FILE])
    def test_every_curve_makes_a_scenario_and_the_old_one_comes_back(self, curve: str) -> None:
        app = opened()
        app.selectbox(key="growth_curve").set_value(curve).run()
        assert not app.error
        assert app.session_state["_view"].scenario.usage.growth.curve == curve
        if curve != "compound":
            app.button(key="undo").click().run()
            assert changes(app) == {}


class TestCurves:
    def test_a_share_becomes_requests_and_back(self, scenario: Scenario) -> None:
        linear = curve_changes(scenario, "linear")
        assert linear["usage", "growth", "per_month"] == pytest.approx(60_000 * 0.0917, rel=0.01)
        tree = merge_changes(load_checked(examples()["support-copilot"]).tree, linear)
        back = curve_changes(Scenario.model_validate(tree), "compound")
        assert back["usage", "growth", "per_month"] == pytest.approx(0.0917, rel=0.01)


class TestTotals:
    def test_a_month_by_hand(self, scenario: Scenario) -> None:
        found = month_totals(scenario)
        assert found.requests == pytest.approx(60_000 * MONTH_DAYS)
        assert found.input_mtok == pytest.approx(60_000 * MONTH_DAYS * 2400 / 1e6)
        # $ per request at $0.75, $0.075 cached (35 %) and $4.50, 3 % of calls repeated
        request = (2400 * (0.65 * 0.75 + 0.35 * 0.075) + 350 * 4.5) / 1e6
        assert found.bill_usd == pytest.approx(found.requests * request * 1.03, rel=1e-6)

    def test_tokens_of_totals_go_back_and_forth(self, scenario: Scenario) -> None:
        found = month_totals(scenario)
        assert tokens_of_totals(scenario, found.input_mtok, found.output_mtok) == pytest.approx((2400, 350))

    def test_half_the_bill_is_half_the_tokens(self, scenario: Scenario) -> None:
        bill = month_totals(scenario).bill_usd
        assert tokens_of_bill(scenario, bill / 2) == pytest.approx((1200, 175), rel=1e-5)

    def test_fees_are_no_tokens(self, scenario: Scenario) -> None:
        current = scenario.current.model_copy(update={"usd_per_month": 1_000})
        dear = scenario.model_copy(update={"current": current})
        bill = month_totals(dear).bill_usd
        assert tokens_of_bill(dear, (bill - 1000) / 2 + 1000) == pytest.approx((1200, 175), rel=1e-5)
        with pytest.raises(NoSuchBillError, match="Fees alone"):
            tokens_of_bill(dear, 900)

    @pytest.mark.slow
    def test_dollars_a_month_become_tokens_in_the_app(self, scenario: Scenario) -> None:
        app = opened()
        app.button(key="totals").click().run()
        app.segmented_control(key="totals known").set_value("Dollars a month").run()
        half = month_totals(scenario).bill_usd / 2
        app.number_input(key="totals usd").set_value(half).run()
        app.button(key="use totals").click().run()
        assert changes(app)["usage", "input_tokens"] == pytest.approx(1200, rel=1e-3)
        assert changes(app)["usage", "output_tokens"] == pytest.approx(175, rel=1e-3)
