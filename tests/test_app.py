"""The app: every page, its inputs, links, files, and what it says of bad ones."""

import io
import json
import re
import zipfile
from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from switchpoint.decision.case import simulate
from switchpoint.decision.result import JudgedWorld
from switchpoint.errors import CannotCompute
from switchpoint.scenario.catalogue_check import load_checked
from switchpoint.scenario.toml_writer import REMOVED, examples
from switchpoint.study.draw_survey import ADVISED
from switchpoint.study.monte_carlo import MonteCarlo
from switchpoint.text import chance, usd
from switchpoint.ui.answers import Kept
from switchpoint.ui.draft_changes import pack_changes
from switchpoint.ui.draw_facts import SEED
from switchpoint.ui.group_inputs import RULE
from switchpoint.ui.library import key_of
from switchpoint.ui.navigation import PAGES as PAGES_LISTED
from switchpoint.ui.pages.export_page import CHANGED, FILES, Open
from switchpoint.ui.widgets import plain, sentences

pytestmark = pytest.mark.slow

ROOT = Path(__file__).resolve().parent.parent
TITLES = {
    "A cascade of three": "Start",
    "Back to an API": "Start claude now",
    "Base-load fleet with overflow": "Start base-load now",
    "Code assistant": "late",
    "Document extraction": "Start",
    "Early prototype": "Stay",
    "Enterprise, bought GPUs": "Start bought-70b now",
    "Nightly batch on spot GPUs": "Start spot-nights now",
    "Reasoning agent": "Start cheaper-api now",
    "Support copilot": "Start own-8b now",
    "Tagging at volume": "Start hosted-open now",
    "Voice agent": "Start own-8b by",
}
REQUESTS = "usage.requests_per_day"
GROWTH = "usage.growth.per_month"
PAGES = {"uncertainty": "How sure is it?", "serving": "Can it be served?", "compare": "What makes the difference?"}
PAGES |= {"your_data": "What do your own data say?"}
PAGES |= {"readiness": "Is the team ready?", "assumptions": "What is assumed?", "export": "What to hand over?"}


def opened(page: str = "", **address: str) -> AppTest:
    app = AppTest.from_file(str(ROOT / "app.py"), default_timeout=120)
    for key, value in address.items():
        app.query_params[key] = value
    app.session_state["draws"] = 64
    return to(app, page) if page else app.run()


def to(app: AppTest, page: str) -> AppTest:
    app.switch_page(f"app_pages/{page}.py").run()
    assert not app.exception
    return app


def shown(widgets: Any, name: str) -> Any:
    """The widget of a name, whichever key it has by now: one whose value was set elsewhere is a new one."""
    return next(each for each in widgets if each.key and each.key.partition(" (")[0] == name)


def unfold(app: AppTest, group: str) -> AppTest:
    app.session_state[f"inputs {group}"] = True
    return app.run()


def verdict(app: AppTest) -> str:
    assert not app.exception
    return app.title[0].value


def text(app: AppTest) -> str:
    """All that is written on the page."""
    found = [*app.markdown, *app.caption, *app.info, *app.warning, *app.error]
    return "\n".join(str(each.value) for each in found).replace("\\", "").replace("\u00a0", " ")


def facts(app: AppTest) -> dict[str, str]:
    """The values of the figures of a page, by label."""
    found = {}
    for element in app.markdown:
        if element.value.startswith(":small[:gray["):
            label, value, *_ = element.value.split("  \n")
            found[label.removeprefix(":small[:gray[").removesuffix("]]")] = value.strip("*")
    return found


@pytest.fixture(scope="module")
def first() -> AppTest:
    return opened()


class TestDecide:
    def test_it_opens_with_a_verdict_dates_charts_and_cards(self, first: AppTest) -> None:
        assert verdict(first).startswith("Start own-8b now")
        dates = {"Limit reached", "Warning window", "Start by", "Label by", "Hire by", "Commit by", "Cutover"}
        assert dates < set(facts(first))
        assert {"1,000 requests today", "Gross margin at the end"} < set(facts(first))
        assert len(first.get("vega_lite_chart")) == 2
        badges = ":blue-badge[advised] :green-badge[saves] :green-badge[below its limit from 22 July 2027 to the end]"
        assert f"**own-8b** {badges}" in text(first)
        assert "## What would change this" in text(first)
        assert not first.error

    def test_a_first_visit_is_greeted_until_something_is_changed(self) -> None:
        app = opened()
        assert [button.label for button in app.button if button.key == "welcome"]
        app.number_input(key=REQUESTS).set_value(60).run()
        assert not [button for button in app.button if button.key == "welcome"]
        assert "If 60,000 was meant, type it without a point" in text(app)

    def test_every_shipped_example_is_in_the_test(self) -> None:
        assert len(TITLES) == len(examples())

    @pytest.mark.parametrize("title", TITLES)
    def test_each_example_is_shown_from_an_address(self, title: str) -> None:
        app = opened(scenario=title, chart="Savings")
        assert TITLES[title] in verdict(app)
        assert app.selectbox(key="scenario").value == title

    def test_being_late_is_said_in_weeks(self) -> None:
        app = opened(scenario="Code assistant", chart="Cash")
        assert "The plan bridge-then-own is behind staying by at most" in text(app)
        assert "weeks late" in app.markdown[1].value
        assert "**Bridge**" in text(app) or "bridge" in text(app)

    def test_what_is_not_possible_says_why_and_since_when(self) -> None:
        small = {("candidates", "own-8b", "fleet", "max_replicas"): 3}
        app = opened(changes=pack_changes(small))
        assert ":red-badge[not possible]" in text(app)
        assert "Not possible from" in text(app)
        assert "its fleet is too small for the load" in text(app)

    def test_without_candidates_it_says_what_to_do(self) -> None:
        app = opened(changes=pack_changes({("candidates",): {}}))
        assert "nothing to switch to" in app.info[0].value

    def test_figures_and_sources_are_drawn_when_opened(self) -> None:
        app = opened()
        assert not app.table
        app.session_state["figures"] = app.session_state["sources"] = True
        app.run()
        assert "own-8b" in app.table[0].value.columns
        assert "gpt-5.4-mini" in text(app)

    def test_draws_that_were_made_give_the_cards_a_probability(self) -> None:
        app = to(opened("uncertainty"), "decide")
        assert "of 64 draws" in text(app)
        app.number_input(key=REQUESTS).set_value(90_000).run()
        assert "of 64 draws" not in text(app)

    def test_the_sentence_is_that_of_the_base_case(self, first: AppTest) -> None:
        result = JudgedWorld(simulate(load_checked(examples()["support-copilot"]).scenario))
        assert verdict(first) == plain(sentences(result.sentence)[0])


class TestLikely:
    def test_chances_stand_below_the_answer(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr("switchpoint.ui.draw_facts.DRAWS", 64)
        app = opened()
        scenario = load_checked(ROOT / "scenarios" / "support-copilot.toml").scenario
        drawn = MonteCarlo(64, SEED).study(scenario, JudgedWorld(simulate(scenario)))
        found = drawn.candidates["own-8b"]
        assert facts(app)["Live in time"] == plain(chance(found.in_time[0])).replace(" %", "\u00a0%")
        assert facts(app)["Saves anything"] == plain(chance(found.saves(ADVISED)[0])).replace(" %", "\u00a0%")
        assert facts(app)["Saves on average"] == plain(usd(found.saving(ADVISED).mean))
        assert f"half of the draws more than {usd(found.saving(ADVISED).p50)}" in text(app).replace("\\", "")
        before = facts(app)["Saves on average"]
        app.number_input(key=REQUESTS).set_value(10_000).run()
        assert not app.exception
        assert facts(app)["Saves on average"] != before

    def test_what_cannot_be_drawn_leaves_the_answer(self, monkeypatch: pytest.MonkeyPatch) -> None:
        def fail(*_: object) -> None:
            raise CannotCompute(("months",), "these worlds leave all bounds")

        app = opened()
        monkeypatch.setattr(MonteCarlo, "growing", fail)
        app.number_input(key=REQUESTS).set_value(61_234).run()
        assert verdict(app)
        assert "No chances can be given: months: these worlds leave all bounds" in text(app)


class TestNoLimit:
    FREE = pack_changes({("limit",): REMOVED, ("decision", "policy"): REMOVED})

    def test_the_first_page_says_nothing_of_a_limit(self) -> None:
        app = opened(changes=self.FREE)
        app.session_state["figures"] = True
        unfold(app, "decision")
        labels = [each.label for each in [*app.number_input, *app.slider, *app.expander]]
        rows = [str(each.value) for each in app.table]
        assert verdict(app).startswith("Start own-8b now")
        assert "Bill" not in facts(app)
        assert re.findall(r"(?i).*\b(?:limit|warn\w*)\b.*", "\n".join([text(app), *labels, *rows])) == []
        assert not {"At the warning", "Prepared early, committed late"} & set(app.selectbox(key=RULE).options)

    def test_nor_does_that_of_the_draws(self) -> None:
        for view in ("The bill", "Dates", "Rules for starting"):
            app = opened("uncertainty", spread=view, changes=self.FREE)
            assert "on average" in text(app)
            assert re.findall(r"(?i).*\b(?:limit|warn\w*)\b.*", text(app)) == []

    @pytest.mark.parametrize("page", PAGES)
    def test_every_page_opens(self, page: str) -> None:
        assert not opened(page, changes=self.FREE).error


class TestInputs:
    def test_an_input_changes_the_verdict_and_the_dates(self) -> None:
        app = opened()
        before = facts(app)["Limit reached"]
        app.number_input(key=REQUESTS).set_value(90_000).run()
        assert "late" in verdict(app)
        assert facts(app)["Limit reached"] != before
        assert any("1 number changed" in caption.value for caption in app.caption)

    def test_an_uncertain_input_says_so_until_it_is_moved(self) -> None:
        app = opened()
        growth = app.slider(key=GROWTH)
        assert growth.label == "Growth a month :gray[6–14 %]"
        assert "90 % likely between 6 % and 14 %" in growth.help
        assert growth.value == pytest.approx(9.2)
        growth.set_value(2.0).run()
        assert app.slider(key=GROWTH).label == "Growth a month :gray[was 6–14 %]"
        app.slider(key=GROWTH).set_value(9.2).run()
        assert app.slider(key=GROWTH).label == "Growth a month :gray[6–14 %]"
        assert "changes" not in app.query_params

    def test_undo_and_reset_go_back(self) -> None:
        app = opened()
        before = verdict(app)
        app.number_input(key=REQUESTS).set_value(90_000).run()
        once = verdict(app)
        app.slider(key=GROWTH).set_value(20.0).run()
        app.button(key="undo").click().run()
        assert verdict(app) == once
        assert shown(app.slider, GROWTH).value == pytest.approx(9.2)
        app.button(key="reset").click().run()
        assert verdict(app) == before
        assert shown(app.number_input, REQUESTS).value == 60_000
        app.button(key="undo").click().run()
        assert shown(app.number_input, REQUESTS).value == 90_000

    def test_each_change_has_its_own_reset(self) -> None:
        app = opened()
        app.number_input(key=REQUESTS).set_value(90_000).run()
        app.slider(key=GROWTH).set_value(20.0).run()
        app.session_state["changed"] = True
        app.run()
        assert "Growth a month" in text(app)
        assert "6 % to 14 % a month (middle 9.17 %) →] 20 % a month" in text(app)
        app.button(key=f"reset {GROWTH}").click().run()
        assert shown(app.slider, GROWTH).value == pytest.approx(9.2)
        assert app.number_input(key=REQUESTS).value == 90_000

    def test_another_example_brings_its_own_numbers(self) -> None:
        app = opened()
        app.number_input(key=REQUESTS).set_value(90_000).run()
        app.selectbox(key="scenario").set_value("Voice agent").run()
        assert shown(app.number_input, REQUESTS).value == 400_000
        app.button(key="undo").click().run()
        assert shown(app.number_input, REQUESTS).value == 90_000

    def test_what_a_slow_browser_still_sends_changes_nothing(self) -> None:
        """It sends all its inputs with whatever it asks for, also before it was told of what was set elsewhere."""
        app = opened()
        app.number_input(key=REQUESTS).set_value(90_000).run()
        late = app._tree.get_widget_states()
        app.button(key="undo").click().run()
        app._run(late)
        assert not app.session_state["_draft"].changes
        late = app._tree.get_widget_states()
        app.button(key="stories").click().run()
        app.button(key="open Voice agent").click().run()
        app._run(late)
        assert (app.session_state["_draft"].scenario, app.session_state["_draft"].changes) == ("Voice agent", {})

    def test_the_policy_moves_the_cutover_and_never_starts_nothing(self) -> None:
        app = unfold(opened(), "decision")
        advised = facts(app)["Cutover"]
        app.selectbox(key=RULE).set_value("warn").run()
        assert facts(app)["Cutover"] not in ("", advised)
        assert verdict(app).startswith("As you chose, projects start when the warning fires")
        app.selectbox(key=RULE).set_value("advised").run()
        assert facts(app)["Cutover"] == advised
        app.selectbox(key=RULE).set_value("never").run()
        assert "Cutover" not in facts(app)
        app.selectbox(key=RULE).set_value("date").run()
        assert "Cutover" in facts(app)
        app.selectbox(key=RULE).set_value("advised").run()
        assert "changes" not in app.query_params

    def test_the_smallest_values_make_no_traceback(self) -> None:
        app = unfold(opened(), "Limit")
        for key in (REQUESTS, "usage.input_tokens", "usage.output_tokens", "revenue.usd_per_month"):
            app.number_input(key=key).set_value(0).run()
            assert not app.exception
        assert app.error[0].proto.title == "These numbers do not work together"

    def test_numbers_that_do_not_fit_together_are_said_kindly_and_taken_back(self) -> None:
        app = unfold(opened(), "candidates.own-8b")
        app.number_input(key="candidates.own-8b.project.engineers").set_value(0.5).run()
        assert "engineers_in_house must be at most engineers" in text(app)
        assert shown(app.number_input, "candidates.own-8b.project.engineers").value == 0.5
        app.button(key="undo here").click().run()
        assert not app.error
        assert shown(app.number_input, "candidates.own-8b.project.engineers").value == 2

    def test_inputs_stay_when_the_page_changes(self) -> None:
        app = opened()
        app.number_input(key=REQUESTS).set_value(90_000).run()
        changed = verdict(app)
        for page in PAGES:
            assert to(app, page).number_input(key=REQUESTS).value == 90_000
        assert verdict(to(app, "decide")) == changed


class TestNotes:
    """A capacity far above what the simulation finds is noted once on Decide, and beside its field."""

    FIELD = "candidates.own-8b.fleet.requests_per_second_per_replica"
    TOO_HIGH = pack_changes({tuple(FIELD.split(".")): 156.0})
    TOLD = "requests_per_second_per_replica is 156 requests/s, "

    def count(self, written: Sequence[str]) -> int:
        return sum(self.TOLD in each.replace("\\", "") for each in written)

    def test_it_stands_once_on_decide_and_below_its_input(self) -> None:
        app = opened(changes=self.TOO_HIGH)
        main = [each.value for each in (*app.main.caption, *app.main.warning)]
        assert self.count(main) == 1
        assert self.count([each.value for each in app.sidebar.caption]) == 0, "its group is folded"
        unfold(app, "candidates.own-8b")
        assert self.count([each.value for each in app.sidebar.caption]) == 1

    def test_it_stands_where_its_field_is_edited(self) -> None:
        app = opened("assumptions", changes=self.TOO_HIGH)
        assert self.count([each.value for each in app.main.caption]) == 0
        app.selectbox(key="field").set_value(self.FIELD).run()
        assert self.count([each.value for each in app.main.caption]) == 1


class TestLink:
    def test_the_address_brings_everything_back(self) -> None:
        app = unfold(opened(scenario="Voice agent"), "decision")
        app.number_input(key=REQUESTS).set_value(90_000).run()
        app.selectbox(key=RULE).set_value("now").run()
        again = unfold(opened(**{name: app.query_params[name] for name in ("scenario", "changes")}), "decision")
        assert verdict(again) == verdict(app)
        assert again.number_input(key=REQUESTS).value == 90_000
        assert again.selectbox(key=RULE).value == "now"
        assert again.button(key="undo").disabled

    def test_no_change_is_no_address(self, first: AppTest) -> None:
        assert {"scenario", "changes", "file"}.isdisjoint(first.query_params)

    @pytest.mark.parametrize(
        ("address", "why"),
        [
            ({"scenario": "Nope"}, "there is no scenario called Nope"),
            ({"scenario": "Voice agent", "changes": "%%%"}, "cut short"),
            ({"changes": pack_changes({("months",): 9999})}, "do not work together"),
            ({"changes": pack_changes({("usage", "growth", "file"): "/etc/passwd"})}, "names another file"),
            ({"changes": pack_changes({("candidates", "own-8b", "fleet", "gpu"): "Z99"})}, "do not work together"),
            ({"file": pack_changes({("months",): 3})}, "has faults"),
        ],
    )
    def test_one_that_cannot_be_read_says_so_and_shows_the_scenario(self, address: dict, why: str) -> None:
        app = opened(chart="x", **address)
        assert why in " ".join(warning.value for warning in app.warning).replace("\\", "")
        assert app.selectbox(key="scenario").value == ("Voice agent" if "Voice" in str(address) else "Support copilot")
        assert app.number_input(key=REQUESTS).value in (60_000, 400_000)
        app.number_input(key=REQUESTS).set_value(70_000).run()
        assert not app.warning

    def test_a_file_of_ones_own_travels_in_the_link(self) -> None:
        app = opened()
        app.file_uploader(key="upload").upload("mine.toml", mine()).run()
        shown(app.number_input, REQUESTS).set_value(90_000).run()
        again = opened(file=app.query_params["file"])
        assert again.selectbox(key="scenario").value == "Mine"
        assert verdict(again) == verdict(app)

    @pytest.mark.filterwarnings("error::RuntimeWarning")
    def test_too_much_for_a_link_is_left_out_of_the_address(self) -> None:
        rows = [[["usage", "events", i], {"date": f"2027-0{i % 9 + 1}-1{i % 9}", "factor": i**0.5}] for i in range(400)]
        events = {("usage", "events"): [value for _, value in rows]}
        assert len(pack_changes(events)) > 4000
        app = opened(changes=pack_changes(events))
        assert "changes" not in app.query_params
        app.button(key="share").click().run()
        assert "Too much for a link" in app.warning[0].proto.title

    def test_the_share_dialog_shows_the_link(self) -> None:
        app = opened(scenario="Voice agent")
        app.button(key="share").click().run()
        assert "scenario=Voice+agent" in app.code[0].value


def mine(name: str = "Mine") -> bytes:
    text = examples()["voice-agent"].read_text(encoding="utf-8")
    return text.replace('"Voice agent"', f'"{name}"').encode()


class TestUpload:
    @pytest.mark.parametrize("line", ['extends = "/etc/passwd"', '[usage.growth]\nfile = "/etc/shadow"'])
    def test_a_file_that_names_files_of_this_machine_is_refused(self, line: str) -> None:
        app = opened()
        app.file_uploader(key="upload").upload("mine.toml", line.encode()).run()
        assert "names another file, which a link, an upload" in text(app)
        assert "root:" not in text(app)
        assert not app.exception

    @pytest.mark.parametrize("name", ["results.json", "usage.csv", "budget.xlsx"])
    def test_another_kind_of_file_is_told_where_it_belongs(self, name: str) -> None:
        app = opened()
        app.file_uploader(key="upload").upload(name, b"{}", "application/octet-stream").run()
        (error,) = app.error
        assert "results of a load test on the page Serving" in error.value
        assert not app.exception

    def test_a_bad_file_shows_every_fault_and_leaves_the_example(self) -> None:
        app = opened()
        app.file_uploader(key="upload").upload(
            "mine.toml", b'start = 2027-01-01\nmounths = 3\n[limit]\nusd_per_month = "x"'
        )
        app.run()
        (error,) = app.error
        said = error.value.replace("\\", "")
        assert "mine.toml:2: mounths: is not a known key; did you mean months?" in said
        assert "mine.toml:4: limit.usd_per_month: must be a number" in said
        assert said.count("- mine.toml:") > 3
        assert verdict(app).startswith("Start own-8b now")

    @pytest.mark.parametrize(
        ("data", "said"),
        [
            (b"", "says nothing"),
            (b"\xff\xfe\x00", "must be UTF-8"),
            (b"= = =", "mine.toml:1"),
            (b"[a]\n" * 3000, "mine.toml:2"),
            (b"# ours\n" * 200_000, "must be at most 1 MB; got 1.4 MB"),
        ],
    )
    def test_no_file_makes_a_traceback(self, data: bytes, said: str) -> None:
        app = opened()
        app.file_uploader(key="upload").upload("mine.toml", data).run()
        assert not app.exception
        assert len(app.error) == 1
        assert said in text(app)

    def test_a_good_file_is_shown_with_its_name_as_it_is(self) -> None:
        app = opened()
        app.file_uploader(key="upload").upload("mine.toml", mine("$a$ :red[b] <c>")).run()
        assert shown(app.number_input, REQUESTS).value == 400_000
        assert any("\\$a\\$ \\:red\\[b\\] \\<c\\>" in caption.value for caption in app.caption)
        assert not app.exception

    def test_a_file_called_like_a_story_stands_beside_it(self) -> None:
        app = opened("assumptions")
        app.file_uploader(key="upload").upload("mine.toml", mine("Voice agent")).run()
        assert shown(app.selectbox, "scenario").value == "Voice agent (your file)"
        assert "Voice agent" in shown(app.selectbox, "scenario").options


class TestUncertainty:
    def test_it_says_how_sure_it_is(self) -> None:
        app = opened("uncertainty")
        assert {"Limit reached", "Live in time", "Saves on average", "Saves anything"} < set(facts(app))
        assert "of the draws" in text(app)
        assert len(app.get("vega_lite_chart")) == 1

    @pytest.mark.parametrize("view", ["Dates", "What matters most", "Cost of waiting", "Rules for starting"])
    def test_every_view_is_drawn(self, view: str) -> None:
        app = opened("uncertainty", spread=view)
        assert len(app.get("vega_lite_chart")) == 1

    def test_without_candidates_views_say_so(self) -> None:
        app = opened("uncertainty", spread="Cost of waiting", changes=pack_changes({("candidates",): {}}))
        assert "no project whose start is still open" in text(app)

    def test_the_same_draws_as_on_the_command_line(self) -> None:
        app = opened("uncertainty")
        scenario = load_checked(examples()["support-copilot"]).scenario
        found = MonteCarlo(64).study(scenario, JudgedWorld(simulate(scenario)))
        assert facts(app)["Saves on average"].replace("\\", "") == usd(found.candidates["own-8b"].saving(ADVISED).mean)


class TestServing:
    def test_replicas_and_hours_are_drawn_and_capacity_is_looked_for(self) -> None:
        app = opened("serving")
        assert len(app.get("vega_lite_chart")) == 2
        assert "own-8b takes 2 replicas at the peak today" in text(app)
        assert app.selectbox(key="try gpu own-8b").value == "L40S"
        assert "On Wednesday, 28 July 2027 it runs 2 to 4 replicas" in text(app)
        app.date_input(key="day own-8b").set_value(date(2029, 12, 31)).run()
        assert "On Monday, 31 December 2029 it runs" in text(app)

    def test_another_gpu_can_be_put_into_the_scenario(self) -> None:
        app = opened("serving")
        app.selectbox(key="try gpu own-8b").set_value("H100").run()
        app.button(key="use own-8b").click().run()
        assert app.session_state["_view"].scenario.candidates["own-8b"].fleet.gpu == "H100"
        assert app.session_state["_view"].scenario.candidates["own-8b"].fleet.requests_per_second_per_replica is None
        assert "This is what the scenario says" in text(app)

    def test_a_story_without_gpus_says_so(self) -> None:
        app = opened("serving", changes=pack_changes({("candidates",): {}}))
        assert app.info[0].proto.title == "Nothing to serve"

    def test_a_fleet_that_is_too_small_is_not_possible(self) -> None:
        app = opened("serving", changes=pack_changes({("candidates", "own-8b", "fleet", "max_replicas"): 3}))
        assert "own-8b is not possible from" in text(app)


class TestCompare:
    def test_alone_there_is_nothing_to_compare(self) -> None:
        assert opened("compare").info[0].proto.title == "Nothing to compare yet"

    def test_changes_are_held_against_the_file(self) -> None:
        app = opened("compare", changes=pack_changes({("usage", "growth", "per_month"): 0.03}))
        results, inputs = (table.value for table in app.table)
        assert list(results.columns) == ["Support copilot, as in its file", "Support copilot, changed"]
        assert [name.replace("\u200b", "") for name in inputs.index] == ["usage.growth.per\\_month"]
        assert "6 % to 14 %" in inputs.iloc[0, 0]

    def test_variants_are_saved_compared_opened_and_forgotten(self) -> None:
        app = opened("compare", changes=pack_changes({("usage", "growth", "per_month"): 0.03}))
        app.button(key="save").click().run()
        app.text_input(key="variant_name").set_value("Slow").run()
        app.session_state["_variants"] = {"Slow": app.session_state["_draft"]}
        app.button(key="reset").click().run()
        app.multiselect(key="compared").set_value(["What is open now", "Variant: Slow", "Voice agent"]).run()
        assert list(app.table[0].value.columns) == ["Support copilot", "Slow", "Voice agent"]
        app.button(key="variant Slow").click().run()
        assert shown(app.slider, GROWTH).value == pytest.approx(3.0)
        app.button(key="forget Slow").click().run()
        assert "Variant: Slow" not in app.multiselect(key="compared").options


class TestAssumptions:
    def test_every_number_has_value_unit_source_and_date(self) -> None:
        app = opened("assumptions")
        rows = app.dataframe[0].value.set_index("Field")
        growth = rows.loc["usage.growth.per_month"]
        assert growth["Range"] == "0.06 to 0.14 (90 %)"
        assert growth["State"] == "the story's"
        assert "90 % sure" in growth["Source"]
        assert rows.loc["current.model", "State"].tolist() == ["the story's", "catalogue"]
        assert (rows["Source"] != "").all()
        assert (rows.loc[rows["State"] == "catalogue", "As of"] != "").all()

    def test_what_was_changed_stands_alone(self) -> None:
        app = opened("assumptions", changes=pack_changes({("usage", "growth", "per_month"): 0.03}))
        app.segmented_control(key="assumptions_shown").set_value("Yours").run()
        (row,) = app.dataframe[0].value.to_dict("records")
        assert (row["Field"], row["Value"], row["Source"]) == ("usage.growth.per_month", "0.03", "changed here")

    def test_any_field_can_be_changed_to_a_range_and_back(self) -> None:
        app = opened("assumptions")
        name = "candidates.own-8b.upkeep.incident_days"
        app.selectbox(key="field").set_value(name).run()
        (shape,) = [each for each in app.get("segmented_control") if each.label == "Stated as"]
        app.session_state[shape.key] = "90 % range"
        app.run()
        low, high = [each for each in app.number_input if each.label in ("Low", "High")]
        low.set_value(1.0)
        high.set_value(5.0)
        app.button(key="set field").click().run()
        assert app.session_state["_draft"].changes == {tuple(name.split(".")): {"low": 1, "high": 5}}
        app.button(key="reset field").click().run()
        assert app.session_state["_draft"].changes == {}

    def test_a_value_that_does_not_work_is_said_and_left(self) -> None:
        app = opened("assumptions")
        app.selectbox(key="field").set_value("usage.cached_input_share").run()
        next(each for each in app.number_input if each.label == "Value").set_value(3.0)
        app.button(key="set field").click().run()
        assert "usage.cached_input_share: must be from 0 to 1; got 3" in text(app)
        assert app.session_state["_draft"].changes == {}

    @pytest.mark.parametrize(
        ("name", "value", "wanted"),
        [
            ("start", "2027-03-01", date(2027, 3, 1)),
            ("usage.weekday_profile", "[1, 1, 1, 1, 1, 0, 0]", [1, 1, 1, 1, 1, 0, 0]),
            ("candidates.own-8b.fleet.gpu", "H100", "H100"),
            ("usage.events", "[{ date = 2027-06-01, factor = 2 }]", [{"date": date(2027, 6, 1), "factor": 2}]),
        ],
    )
    def test_what_is_no_number_is_written_as_in_the_file(self, name: str, value: str, wanted: object) -> None:
        app = opened("assumptions")
        app.selectbox(key="field").set_value(name).run()
        app.text_area[0].set_value(value)
        app.button(key="set field").click().run()
        assert not app.error
        assert app.session_state["_draft"].changes == {tuple(name.split(".")): wanted}

    def test_the_whole_file_can_be_edited_and_faults_have_lines(self) -> None:
        app = opened("assumptions", assumptions="The file itself")
        area = app.text_area(key="file_text")
        whole = area.value
        area.set_value(whole.replace("months = 36", "mounths = 36"))
        app.button(key="take text").click().run()
        assert "support-copilot.toml:7: mounths: is not a known key; did you mean months?" in text(app)
        app.text_area(key="file_text").set_value(whole.replace("months = 36", "months = 24"))
        app.button(key="take text").click().run()
        assert not app.error
        assert app.session_state["_draft"].changes == {("months",): 24}

    def test_every_field_of_every_story_has_an_editor(self) -> None:
        for title in TITLES:
            app = opened("assumptions", scenario=title)
            names = app.selectbox(key="field").options
            assert len(names) > 60
            for name in names[:: max(len(names) // 3, 1)]:
                app.selectbox(key="field").set_value(name).run()
                assert not app.exception


@pytest.fixture(scope="module")
def what() -> Open:
    loaded = load_checked(examples()["early-prototype"])
    base = JudgedWorld(simulate(loaded.scenario))
    return Open(loaded, {("months",): 24}, base, MonteCarlo(16).study(loaded.scenario, base))


class TestExport:
    def test_every_kind_of_file_is_offered(self) -> None:
        app = to(opened(), "export")
        assert [button.label for button in app.get("download_button") if "hand over" in str(button.key)] == [
            f"Download {kind.title if kind.title == 'PDF' else kind.title.lower()}" for kind in FILES.values()
        ]
        assert re.search(r"the base case and \d+ draws", text(app)), "those that Decide showed on the way here"
        assert "the base case and 64 draws" in text(to(to(app, "uncertainty"), "export"))

    def test_each_is_made_of_what_is_open(self, what: Open) -> None:
        made = {name: kind.make(what) for name, kind in FILES.items()}
        assert json.loads(made["result"])["draws"] == 16
        assert made["months"].startswith("\ufeffmonth,requests,limit_usd")
        assert "own-8b" in made["report"].decode()
        assert made["pdf"].startswith(b"%PDF")
        inside = {name: zipfile.ZipFile(io.BytesIO(made[name])) for name in ("deck", "workbook", "charts", "tables")}
        assert "ppt/presentation.xml" in inside["deck"].namelist()
        assert "Simulated" in inside["workbook"].read("xl/workbook.xml").decode()
        assert CHANGED in inside["workbook"].read("xl/sharedStrings.xml").decode()
        assert any(name.endswith(".svg") for name in inside["charts"].namelist())
        assert any(name.endswith(".csv") for name in inside["tables"].namelist())

    def test_without_draws_there_are_none_in_any(self, what: Open) -> None:
        """The report stands for all that are made of the same pages."""
        undrawn = replace(what, findings=None)
        made = {name: FILES[name].make(undrawn) for name in ("result", "months", "workbook", "report", "tables")}
        assert json.loads(made["result"])["draws"] == 0
        assert made["months"].startswith("\ufeffmonth,requests,limit_usd")
        workbook = zipfile.ZipFile(io.BytesIO(made["workbook"]))
        assert "Simulated" not in workbook.read("xl/workbook.xml").decode()
        assert CHANGED in workbook.read("xl/sharedStrings.xml").decode()
        assert "own-8b" in made["report"].decode()
        assert any(name.endswith(".csv") for name in zipfile.ZipFile(io.BytesIO(made["tables"])).namelist())

    def test_what_pages_found_is_not_looked_for_again(self, what: Open) -> None:
        open_now = replace(what, found=Kept())
        key = key_of(what.base.case.scenario)
        open_now.found.put(("tripwires", key), what.why.tripwires[:1])
        assert len(open_now.why.tripwires) == 1
        assert open_now.exports is open_now.exports


def test_every_page_opens_with_its_heading() -> None:
    assert {listed.name for listed in PAGES_LISTED} == {"decide", *PAGES}
    app = opened()
    for page, heading in PAGES.items():
        assert to(app, page).title[0].value == heading


def test_every_page_survives_numbers_that_do_not_work() -> None:
    app = unfold(opened(), "candidates.own-8b")
    app.number_input(key="candidates.own-8b.project.engineers").set_value(0.5).run()
    for page in PAGES:
        assert "must be at most engineers" in text(to(app, page))


@pytest.mark.parametrize("name", ["decision", "Usage", "gpt-4.1[x] 'y' $z$", "file", 'a.b "c"'])
def test_candidates_may_be_called_as_they_like(name: str) -> None:
    app = opened()
    own = app.session_state["_view"].tree["candidates"]["own-8b"]
    app = opened(changes=pack_changes({("candidates",): {name: own}}))
    assert not app.warning
    assert not unfold(app, f"candidates.{name}").exception
    assert any(str(each.key).endswith("fleet.usd_per_gpu_hour") for each in app.number_input)
    for page in PAGES:
        to(app, page)


def test_without_examples_a_short_scenario_opens(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("switchpoint.ui.library.examples", dict)
    app = opened()
    assert verdict(app)
    assert app.number_input(key=REQUESTS).value == 60_000
