"""What-ifs, the baseline that is held against, the strip on every page, and what of it an address brings back."""

import copy
from dataclasses import replace
from datetime import date
from pathlib import Path

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest

from switchpoint.charts import LIGHT, cost_chart
from switchpoint.charts.bill import align_days, ghost_lines, over_limit_days
from switchpoint.charts.vega import Flag
from switchpoint.decision.case import simulate
from switchpoint.decision.result import JudgedWorld
from switchpoint.decision.verdict import Action
from switchpoint.horizon import horizon_of
from switchpoint.scenario.catalogue_check import load_checked
from switchpoint.scenario.schema import Scenario
from switchpoint.scenario.toml_writer import examples
from switchpoint.study.draw_results import DrawFindings
from switchpoint.study.monte_carlo import MonteCarlo
from switchpoint.text import usd
from switchpoint.ui.address import pack_drafts, pack_what_ifs, unpack_drafts, unpack_what_ifs
from switchpoint.ui.draft_changes import UnreadableLinkError, pack_changes
from switchpoint.ui.page_style import GROUNDS, SLIDER, SMALL_PRINT, style_sheet
from switchpoint.ui.session import Draft
from switchpoint.ui.verdict_strip import Stand, difference_words, strip_words
from switchpoint.ui.what_if import KINDS, NoWhatIfError, WhatIf, has_effect, suppose
from switchpoint.ui.what_if_shelf import start_words
from tests.test_house import SETTINGS, contrast

ROOT = Path(__file__).resolve().parent.parent
CUT = WhatIf("price", -0.3, date(2027, 7, 1))
ALL = (
    CUT,
    WhatIf("usage", 2.0, date(2027, 5, 1)),
    WhatIf("growth", 0.03),
    WhatIf("hiring", 30.0),
    WhatIf("label"),
    WhatIf("start", None, date(2027, 9, 1)),
)


def opened(page: str = "", **address: str) -> AppTest:
    app = AppTest.from_file(str(ROOT / "app.py"), default_timeout=120)
    for key, value in address.items():
        app.query_params[key] = value
    if page:
        app.switch_page(f"app_pages/{page}.py")
    assert not app.run().exception
    return app


def strip(app: AppTest) -> str:
    return next(each.value for each in app.main.caption).replace("\u00a0", " ").replace("\\", "")


def said(app: AppTest) -> str:
    assert not app.exception
    return "\n".join(str(each.value) for each in app.markdown).replace("\\", "")


@pytest.fixture(scope="module")
def tree() -> dict:
    return dict(load_checked(examples()["support-copilot"]).tree)


@pytest.fixture(scope="module")
def base(tree: dict) -> JudgedWorld:
    return JudgedWorld(simulate(Scenario.model_validate(tree)))


class TestWhatIf:
    def test_there_is_one_of_each_kind(self) -> None:
        assert {each.kind for each in ALL} == set(KINDS)

    def test_what_each_lays_over_a_scenario(self, tree: dict) -> None:
        scenario = Scenario.model_validate(suppose(tree, ALL))
        assert scenario.current.price_changes[-1].factor == pytest.approx(0.7)
        assert scenario.usage.events[-1].factor == 2
        assert scenario.usage.events[0].factor == 1.4, "the story's own stays"
        assert scenario.usage.growth.per_month == 0.03
        project = scenario.candidates["own-8b"].project
        assert (project.hiring_weeks, project.labelling) == (30, "from-start")
        assert scenario.decision.policy == date(2027, 9, 1)

    def test_one_that_is_off_changes_nothing(self, tree: dict) -> None:
        assert suppose(tree, [WhatIf("growth", 0.03, on=False)]) == tree

    @pytest.mark.parametrize(
        "curve", [{"curve": "linear", "per_month": 900}, {"curve": "constant"}, {"per_month": 0.1}]
    )
    def test_growth_slows_on_any_curve(self, tree: dict, curve: dict) -> None:
        other = {**tree, "usage": {**tree["usage"], "growth": curve}}
        found = Scenario.model_validate(suppose(other, [WhatIf("growth", 0.03)])).usage.growth
        assert (found.curve, found.per_month) == ("compound", 0.03)

    def test_without_anybody_to_hire_hiring_does_nothing(self, tree: dict) -> None:
        assert has_effect(tree, WhatIf("hiring", 30.0))
        assert not has_effect({"candidates": {"a": {"project": {"engineers": 2}}}}, WhatIf("hiring", 30.0))
        assert not has_effect({}, WhatIf("label"))

    @pytest.mark.parametrize(
        "row",
        [
            {"kind": "price", "on": True},
            {"kind": "price", "size": 99.0, "when": date(2027, 1, 1), "on": True},
            {"kind": "nope", "on": True},
            {"kind": "label", "on": 1},
            {"kind": "hiring", "size": True, "on": True},
            {"kind": "start", "when": "soon", "on": True},
            {"kind": "label", "on": True, "file": "/etc/passwd"},
            [],
            "label",
        ],
    )
    def test_rows_that_are_none_are_refused(self, row: object) -> None:
        with pytest.raises(NoWhatIfError):
            WhatIf.of_row(row)
        with pytest.raises(UnreadableLinkError):
            unpack_what_ifs(pack_changes({("w", 0): row}))

    def test_they_travel_in_letters(self) -> None:
        assert unpack_what_ifs(pack_what_ifs(ALL)) == ALL


class TestKept:
    def test_drafts_come_back(self) -> None:
        kept = {
            "": Draft("Support copilot", {("months",): 24}),
            "Slow *growth*": Draft("Voice agent", {("usage", "growth", "per_month"): 0.01, ("limit",): None}, ALL),
        }
        assert unpack_drafts(pack_drafts(kept)) == kept

    @pytest.mark.parametrize(
        "rows", [{("a", "s"): 5}, {(5, "s"): "x"}, {("a\nb", "s"): "x"}, {("a", "s"): "x", ("a", "w", 0): {"kind": 3}}]
    )
    def test_other_shapes_are_refused(self, rows: dict) -> None:
        with pytest.raises(UnreadableLinkError):
            unpack_drafts(pack_changes(rows))

    def test_a_thousand_variants_are_a_few(self) -> None:
        assert len(unpack_drafts(pack_drafts({f"v{i}": Draft("x") for i in range(1000)}))) == 13


class TestDifference:
    def test_dates_that_moved_and_what_that_saves(self) -> None:
        one = Stand("own-8b", date(2027, 5, 21), 286_000, date(2027, 9, 30), True)
        other = Stand("own-8b", date(2027, 3, 12), 605_000, date(2027, 9, 2), True)
        assert difference_words(one, other).endswith("limit reached 4 weeks earlier (2 September 2027)")
        assert difference_words(one, one) == ""

    def test_another_candidate_is_named(self) -> None:
        one, other = (Stand(name, date(2027, 5, 21), 0, None, False) for name in ("a", "b"))
        assert difference_words(one, other) == "start b by 21 May 2027 instead of a by 21 May 2027"

    def test_the_stand_of_a_result_is_that_of_its_verdict(self, base: JudgedWorld) -> None:
        found = Stand.of(base)
        assert (found.candidate, found.start, found.limit) == ("own-8b", date(2027, 1, 1), date(2027, 9, 30))
        assert found.saving_usd == base.as_advised.case.outlook("own-8b").npv_saving


class TestGhost:
    def test_values_are_moved_to_their_days(self) -> None:
        theirs, ours = horizon_of(date(2027, 1, 1), 1), horizon_of(date(2027, 1, 11), 1)
        moved = align_days(np.arange(31.0), theirs, ours)
        assert moved[0] == 10
        assert moved[20] == 30
        assert np.isnan(moved[21:]).all()

    def test_what_did_not_move_is_not_drawn(self, base: JudgedWorld, tree: dict) -> None:
        shown = base.shown
        assert list(ghost_lines(shown, shown, LIGHT)) == []
        cut = JudgedWorld(simulate(Scenario.model_validate(suppose(tree, [CUT])))).shown
        lines = {line.name: line for line in ghost_lines(shown, cut, LIGHT)}
        assert set(lines) == {"Before: staying", "Before: own-8b"}
        assert (lines["Before: staying"].values == shown.case.bill).all()
        drawn = str(cost_chart(cut, ghost=tuple(lines.values()), marks=[Flag(181, "What if: a cut")]).to_dict())
        assert "Before: staying" in drawn
        assert "What if: a cut" in drawn
        assert "Before" not in str(cost_chart(cut).to_dict())


class TestStart:
    def test_what_a_later_start_loses(self, base: JudgedWorld) -> None:
        when, advised = date(2027, 9, 1), base.as_advised.case.outlook("own-8b")
        then = advised.started_on((when - date(2027, 1, 1)).days)
        words = start_words(base, when)
        days = [over_limit_days(base, outlook) for outlook in (then, advised)]
        assert f"{days[0]} days over the limit, {days[1]} as advised" in words
        assert "less than as advised" in words
        assert days[0] > days[1]


def advising(findings: DrawFindings, **verdict: object) -> DrawFindings:
    """The findings with another verdict."""
    other = copy.copy(findings)
    other.__dict__["verdict"] = replace(findings.verdict, **verdict)
    return other


class TestStrip:
    def test_chances_name_the_start_that_they_are_of(self, base: JudgedWorld, tree: dict) -> None:
        findings = MonteCarlo(16).study(base.case.scenario, base)
        assert findings.verdict.candidate.name == "own-8b"
        at_once = advising(findings, action=Action.START_NOW)
        assert f"of {at_once.draws} draws ·" in strip_words(base.shown, at_once).replace("\u00a0", " ")
        later = advising(findings, action=Action.START_BY, start_by=59)
        assert f"of {later.draws} draws if started by 1 March 2027" in strip_words(base.shown, later)

    def test_draws_that_advise_otherwise_say_so(self, base: JudgedWorld) -> None:
        findings = MonteCarlo(16).study(base.case.scenario, base)
        stay = advising(findings, action=Action.STAY, candidate=None)
        assert "over 16 draws staying is better" in strip_words(base.shown, stay)
        assert "in time" not in strip_words(base.shown, stay)

    def test_it_is_of_the_plan_that_is_advised(self) -> None:
        result = JudgedWorld(simulate(load_checked(examples()["cascade-of-three"]).scenario))
        findings = MonteCarlo(16).study(result.case.scenario, result)
        plan, drawn = result.advised_plan, findings.plans["cascade"]
        followed = advising(findings, plan=drawn.result, candidate=result.verdict.candidate)
        said = strip_words(result.shown, followed).replace("\u00a0", " ").replace("\\$", "$")
        assert said.startswith("**Start now: the plan cascade** · ")
        assert f"likely case saves {usd(plan.npv_saving)} ({usd(drawn.saving.p10)} to" in said
        alone = strip_words(result.shown, advising(findings, plan=None, candidate=result.verdict.candidate))
        assert f"over 16 draws {result.verdict.candidate.name} alone is better" in alone

    def test_where_one_candidate_alone_is_late_a_plan_is_not_called_so(self) -> None:
        result = JudgedWorld(simulate(load_checked(examples()["code-assistant"]).scenario))
        assert strip_words(result.shown, None).startswith(
            "**7 weeks late with one candidate alone: the plan bridge-then-own**"
        )
        stand = Stand.of(result)
        assert (stand.candidate, stand.saving_usd) == ("the plan bridge-then-own", result.advised_plan.npv_saving)


@pytest.mark.parametrize("mode", ["light", "dark"])
def test_small_print_is_readable_on_the_grounds_of_the_theme(mode: str) -> None:
    theme = SETTINGS["theme"][mode]
    assert GROUNDS[mode] == (theme["backgroundColor"], theme["secondaryBackgroundColor"])
    for ground in GROUNDS[mode]:
        assert contrast(SMALL_PRINT[mode], ground) >= 4.5
        assert contrast(SLIDER[mode], ground) >= 4.5
    assert style_sheet(mode).count("{") == style_sheet(mode).count("}")


@pytest.mark.slow
class TestInTheApp:
    def test_a_what_if_is_added_marked_switched_and_removed(self) -> None:
        app = opened()
        before = app.title[0].value
        app.menu_button(key="what_if_add").click("Prices change from a day").run()
        app.number_input(key="what if price").set_value(-40.0)
        app.button(key="suppose").click().run()
        assert "Against the file: start own-8b" in said(app)
        assert "What if: Prices -40 %" in str([chart.proto.spec for chart in app.get("vega_lite_chart")])
        assert app.session_state["_draft"].changes == {}, "no number at the left was changed"
        app.pills(key="what_ifs").set_value([]).run()
        assert app.title[0].value == before
        again = opened(whatif=app.query_params["whatif"])
        assert again.session_state["_draft"] == app.session_state["_draft"]
        app.menu_button(key="what_if_remove").click_index(0).run()
        assert "whatif" not in app.query_params
        app.button(key="undo").click().run()
        assert "whatif" in app.query_params

    def test_a_start_later_is_told_before_it_is_supposed(self) -> None:
        app = opened()
        app.menu_button(key="what_if_add").click("Start on a day").run()
        assert "less than as advised" in "\n".join(each.value for each in app.caption)
        app.button(key="suppose").click().run()
        assert "As you chose" in app.title[0].value
        assert app.session_state["_view"].edited.decision.policy == "warn", "the input keeps what the file says"

    def test_a_baseline_is_pinned_and_let_go(self) -> None:
        app = opened(changes=pack_changes({("usage", "requests_per_day"): 90_000}))
        app.button(key="pin").click().run()
        app.number_input(key="usage.requests_per_day").set_value(60_000).run()
        assert "Against the pinned baseline" in said(app)
        again = opened(**{name: app.query_params[name] for name in ("kept",)})
        assert "Against the pinned baseline" in said(again), "a reload keeps it"
        app.button(key="unpin").click().run()
        assert "Against" not in said(app)

    def test_variants_are_in_the_address(self) -> None:
        app = opened(changes=pack_changes({("usage", "growth", "per_month"): 0.03}))
        app.button(key="save").click().run()
        app.text_input(key="variant_name").set_value("Slow <b>")
        app.button(key="save variant").click().run()
        again = opened("compare", kept=app.query_params["kept"])
        assert "Variant: Slow <b>" in again.multiselect(key="compared").options
        app.button(key="share").click().run()
        assert "kept=" in app.code[0].value

    def test_kept_letters_of_anyone_are_read_or_refused(self) -> None:
        app = opened(kept="%%%")
        assert "cannot be used" in app.warning[0].value
        app = opened(kept=pack_drafts({"x": Draft("Nobody's file")}))
        assert "belong to a file" in app.warning[0].value
        app = opened(
            "compare", kept=pack_drafts({"x": Draft("Voice agent", {("usage", "growth", "file"): "/etc/passwd"})})
        )
        app.multiselect(key="compared").set_value(["What is open now", "Variant: x"]).run()
        assert "names another file" in " ".join(each.value for each in app.warning)

    @pytest.mark.parametrize("page", ["", "uncertainty", "serving", "compare", "assumptions", "export"])
    def test_the_strip_is_on_every_page(self, page: str) -> None:
        told = strip(opened(page))
        assert told.startswith("**Start now: own-8b** · in time in ")
        assert " in 80 % of draws) · today is 1 January 2027" in told

    def test_the_strip_says_chances_of_a_number_changed_elsewhere(self) -> None:
        app = opened("assumptions")
        app.number_input(key="usage.requests_per_day").set_value(51_234).run()
        assert "of draws" in strip(app)


def test_candidates_that_share_a_colour_have_strokes_of_their_own() -> None:
    from switchpoint.charts import DARK
    from switchpoint.charts.vega import stroke_of

    for look in (LIGHT, DARK):
        marks = [(look.colour(place), stroke_of(place, look)) for place in range(1, 13)]
        assert len(set(marks)) == 12
        assert {stroke for _, stroke in marks[:4]} == {(1, 0)}
