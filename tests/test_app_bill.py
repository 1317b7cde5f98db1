"""The app from a bill: the dialog, what the answer rests on, and candidates that are found and added."""

from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from switchpoint.ranking import rank as ranking_module
from switchpoint.ui import bill_scenario
from switchpoint.ui.bill_scenario import SUGGESTED, priced_models

pytestmark = pytest.mark.slow

ROOT = Path(__file__).resolve().parent.parent


@pytest.fixture(autouse=True)
def _few_layouts(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ranking_module, "SIMULATED", 1)
    monkeypatch.setattr(bill_scenario, "FEW", 1)


def opened(**address: str) -> AppTest:
    app = AppTest.from_file(str(ROOT / "app.py"), default_timeout=180)
    for name, said in address.items():
        app.query_params[name] = said
    app.session_state["draws"] = 64
    return app.run()


def text(app: AppTest) -> str:
    found = [*app.markdown, *app.caption, *app.info, *app.warning, *app.error]
    return "\n".join(str(each.value) for each in found).replace("\\", "")


def answered() -> AppTest:
    app = opened()
    app.button(key="welcome bill").click().run()
    app.number_input(key="bill usd").set_value(14_000).run()
    app.number_input(key="bill requests").set_value(30_000).run()
    app.text_input(key="bill growth").set_value("doubling every 8 months").run()
    return app.button(key="bill answer").click().run()


def test_a_bill_gives_an_answer_that_says_what_it_rests_on() -> None:
    app = answered()
    assert not app.exception
    assert app.session_state["_draft"].scenario == "From your bill"
    assert "as of" in app.title[0].value
    labels = {each.label for each in app.number_input}
    assert any("assumed" in label and "Cached input" in label for label in labels)
    assert any("from your bill" in label and "Input tokens" in label for label in labels)
    assert "30,000 requests a day; growth" in text(app)


def test_what_is_assumed_is_changed_in_place_and_is_yours_then() -> None:
    app = answered()
    app.number_input(key="rests usage.cached_input_share").set_value(40).run()
    assert not app.exception
    assert app.session_state["_draft"].changes == {("usage", "cached_input_share"): 0.4}
    changed = next(each for each in app.number_input if each.key == "rests usage.cached_input_share")
    assert "yours" in changed.label
    again = opened(**{name: app.query_params[name] for name in ("file", "notes")})
    assert "cached input 40 %; growth 9.1 % a month" in text(again), "a reload does not lose whose number each is"
    assert any(each.label.startswith("The horizon") and "assumed" in each.label for each in again.number_input)


def test_too_little_is_said_and_nothing_is_lost() -> None:
    app = opened()
    app.button(key="welcome bill").click().run()
    app.number_input(key="bill usd").set_value(14_000).run()
    app.button(key="bill answer").click().run()
    assert "Needs two of three" in text(app)
    assert app.session_state["_draft"].scenario == "Support copilot"
    app.text_input(key="bill growth").set_value("fast").run()
    assert "doubling every 8 months" in text(app)


def test_candidates_are_found_and_added() -> None:
    app = opened()
    app.button(key="find candidates").click().run()
    assert not app.exception
    assert "Quality is in no price list" in text(app)
    app.button(key="add 1").click().run()
    (path,) = app.session_state["_draft"].changes
    assert path[0] == "candidates"
    app.run()
    assert app.button(key="add 1").label == "Added"
    app.button(key="add 1").click().run()
    assert not app.session_state["_draft"].changes


def test_models_are_searched_with_their_provider() -> None:
    from datetime import date

    models = priced_models(date(2027, 1, 1))
    label = next(each for each in models if each.startswith(SUGGESTED))
    assert models[label] == ("openai", "gpt-5.4-mini")
    assert "$0.75 in, $4.5 out" in label
