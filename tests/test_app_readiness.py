"""The page Readiness: gates that are answered there, its tabs, another log, and a scenario without a programme."""

from __future__ import annotations

import pytest
from streamlit.testing.v1 import AppTest

from switchpoint.scenario.toml_writer import starter_text
from switchpoint.ui import answers
from switchpoint.ui.library import open_text
from switchpoint.ui.pages.readiness_page import ASKED, JUDGED, TABS
from tests.test_app import facts, opened, text, to

pytestmark = pytest.mark.slow


def page() -> AppTest:
    return opened("readiness")


def gate(app: AppTest, label: str) -> object:
    return next(each for each in app.button_group if each.label == label)


def test_it_says_which_gates_are_met_and_what_the_commit_waits_for() -> None:
    app = page()
    assert "3 of 6 gates are met, and nothing holds up the commit on 6 May 2027." in text(app)
    assert facts(app)["Gates met"] == "3 of 6"
    assert facts(app)["Experiments"] == "14 of 20"
    assert [tab.label for tab in app.tabs] == list(TABS)
    table = app.table[0].value
    assert list(table["Gate"])[:2] == ["product-market fit", "twenty experiments"]
    assert len(table) == 6
    assert len(app.button_group) == len(ASKED)
    assert all(each.value == JUDGED for each in app.button_group)


def test_a_gate_that_is_answered_changes_the_sentence_and_no_figure() -> None:
    app = page()
    gate(app, "Product-market fit").set_value("no").run()
    assert not app.exception
    assert "2 of 6 gates are met; the commit on 6 May 2027 waits for product-market fit." in text(app)
    assert facts(app)["Commit by"] == "6 May 2027"
    to(app, "decide")
    assert "prove product-market fit by 6 May 2027" in text(app)
    to(app, "readiness")
    assert gate(app, "Product-market fit").value == "no"
    gate(app, "Product-market fit").set_value(JUDGED).run()
    assert "3 of 6 gates are met" in text(app)


IN_A_TAB = {
    "Gates": "A gate blocks the commit, never a preparation.",
    "Nine steps": "9. Switch, and keep watching the cost",
    "Experiments": "5 experiments give a viable prototype in",
    "Diagnosis": "3 of 8 interventions followed from a diagnosis",
    "Five measures": "77 % of the errors have a category and 38 % of the interventions a diagnosis",
    "Phases": "",
}


@pytest.mark.parametrize("tab", TABS)
def test_each_tab_is_drawn(tab: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(answers, "later", lambda _, key, find, show, waiting: show(find(lambda share: None)))
    app = opened("readiness", readiness=tab)
    app.run()
    assert not app.exception
    assert not app.error
    assert IN_A_TAB[tab] in text(app)


def test_a_scenario_without_a_programme_says_how_to_begin_one() -> None:
    app = opened()
    app.session_state["_own"] = {"Ours": open_text(starter_text("Ours"), "ours.toml")}
    from switchpoint.ui.session import Draft

    app.session_state["_draft"] = Draft("Ours")
    to(app, "readiness")
    assert "This scenario states no programme." in text(app)
    assert "of 6 gates" in text(app)
    gate(app, "The team").set_value("no").run()
    assert not app.exception
    assert "This scenario states no programme." not in text(app)


def test_a_text_that_opens_no_file_asks_for_its_log() -> None:
    from switchpoint.scenario.toml_writer import example_text
    from switchpoint.ui.session import Draft

    app = opened()
    app.session_state["_own"] = {"Mine": open_text(example_text("support-copilot"), "mine.toml")}
    app.session_state["_draft"] = Draft("Mine")
    to(app, "readiness")
    assert "A log that the file names was not opened" in text(app)
    assert facts(app)["Experiments"] == "0 of 20"
