"""Candidates added, copied, renamed and removed in the app, and provider and model changed together."""

from datetime import date
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from switchpoint.ranking.offers import build_tables, switch_tables
from switchpoint.scenario.catalogue_check import load_checked
from switchpoint.scenario.schema import Scenario
from switchpoint.scenario.toml_writer import REMOVED, examples
from switchpoint.ui.candidate_dialogs import (
    assumed_words,
    free_name,
    listed_candidate,
    name_fault,
    own_candidate,
    with_candidate,
    with_copy,
    with_new_name,
    without_candidate,
)
from switchpoint.ui.draft_changes import between, merge_changes, named_candidates, pack_changes
from switchpoint.ui.model_choice import cheaper_models, listed_models, route_changes, row_words, tokens_usd

ROOT = Path(__file__).resolve().parent.parent
START = date(2027, 1, 1)


def opened(**address: str) -> AppTest:
    app = AppTest.from_file(str(ROOT / "app.py"), default_timeout=120)
    for key, value in address.items():
        app.query_params[key] = value
    return app.run()


def candidates(app: AppTest) -> dict:
    assert not app.exception
    return app.session_state["_view"].scenario.candidates


@pytest.fixture(scope="module")
def tree() -> dict:
    return dict(load_checked(examples()["support-copilot"]).tree)


def row(provider: str, model: str):
    return next(each for each in listed_models(START) if (each.provider, each.model) == (provider, model))


class TestTables:
    def test_a_copy_says_the_same_under_another_name(self, tree: dict) -> None:
        copied = with_copy(tree, "own-8b")
        assert list(copied["candidates"]) == ["own-8b", "own-8b-2"]
        assert copied["candidates"]["own-8b"] == copied["candidates"]["own-8b-2"]
        copied["candidates"]["own-8b-2"]["coverage"] = 0.1
        assert tree["candidates"]["own-8b"]["coverage"] == 0.92

    def test_a_new_name_keeps_table_and_place(self, tree: dict) -> None:
        two = with_copy(tree, "own-8b")
        assert list(with_new_name(two, "own-8b", "ours")["candidates"]) == ["ours", "own-8b-2"]

    def test_what_is_removed_is_removed_in_the_changes(self, tree: dict) -> None:
        gone = without_candidate(tree, "own-8b")
        assert between(tree, gone) == {("candidates", "own-8b"): REMOVED}
        assert named_candidates(merge_changes(tree, between(tree, gone))) == {}

    @pytest.mark.parametrize("name", ["", "a\nb", "x" * 81, "own-8b", "stay", "month"])
    def test_names_that_no_candidate_may_have(self, name: str) -> None:
        assert name_fault(name, ["own-8b"])

    def test_names_that_are_free(self) -> None:
        assert free_name("limit", []) == "limit-2"
        assert len(free_name("x" * 100, ["x" * 76])) <= 80

    @pytest.mark.parametrize("kind", ["api", "hosted"])
    def test_a_listed_one_is_a_candidate_at_the_catalogues_price(self, tree: dict, kind: str) -> None:
        table = listed_candidate(kind, row("groq", "openai/gpt-oss-120b"), tree, Scenario.model_validate(tree))
        scenario = Scenario.model_validate(with_candidate(tree, "new", table))
        assert scenario.candidates["new"].kind == kind
        assert scenario.candidates["new"].project.usd_per_engineer_month == 16_000, "as the other candidate says"

    def test_an_own_one_takes_the_promise_of_the_other(self, tree: dict) -> None:
        table = own_candidate("qwen3-8b", "fp8", "L40S", 1, tree)
        fleet = Scenario.model_validate(with_candidate(tree, "new", table)).candidates["new"].fleet
        assert (fleet.ttft_p95_s, fleet.tpot_p95_s) == (1.0, 0.05)
        alone = own_candidate("qwen3-8b", "fp8", "L40S", 1, {})
        assert alone["fleet"]["ttft_p95_s"] == 1.0

    def test_a_new_one_assumes_what_a_ranking_assumes(self, tree: dict) -> None:
        own = own_candidate("qwen3-8b", "fp8", "L40S", 1, {})
        assert {key: own[key] for key in ("coverage", "project", "upkeep")} == build_tables("small", 0.85)
        listed = listed_candidate("hosted", row("groq", "openai/gpt-oss-120b"), tree, Scenario.model_validate(tree))
        assert listed["coverage"] == 0.9
        assert listed["upkeep"] == switch_tables(0.9, is_open=True)["upkeep"]
        assert "90 % of the requests taken over" in assumed_words(listed)


class TestModels:
    def test_tokens_of_a_request_by_hand(self, tree: dict) -> None:
        usage = Scenario.model_validate(tree).usage
        # 2,400 in, 35 % of them cached, 350 out, at $0.75, $0.075 and $4.50
        by_hand = (2400 * (0.65 * 0.75 + 0.35 * 0.075) + 350 * 4.5) / 1e6
        assert tokens_usd(row("openai", "gpt-5.4-mini"), usage) == pytest.approx(by_hand)

    def test_cheaper_ones_are_cheaper_and_fall(self, tree: dict) -> None:
        usage = Scenario.model_validate(tree).usage
        now = tokens_usd(row("openai", "gpt-5.4-mini"), usage)
        found = [tokens_usd(each, usage) for each in cheaper_models(START, usage, now)]
        assert len(found) > 50
        assert found == sorted(found, reverse=True)
        assert max(found) < now

    def test_both_names_change_at_once_and_what_was_of_the_old_goes(self) -> None:
        changes = route_changes(("current",), row("anthropic", "claude-haiku-4-5"), START)
        tree = {"current": {"provider": "x", "model": "y", "service_tier": "flex", "usd_per_mtok": {"input": 1}}}
        assert merge_changes(tree, changes)["current"] == {"provider": "anthropic", "model": "claude-haiku-4-5"}

    def test_every_listed_model_can_be_asked_for(self) -> None:
        words = [row_words(each) for each in listed_models(START)]
        assert len(words) > 2000
        assert any(each.startswith("openai gpt-5.4-mini: $0.75 in, $4.5") for each in words)


@pytest.mark.slow
class TestInTheApp:
    def test_provider_and_model_are_changed_together(self) -> None:
        app = opened()
        app.session_state["inputs Current price"] = True
        app.run()
        app.button(key="model of current").click().run()
        app.selectbox(key="chosen_model").set_value(row_words(row("anthropic", "claude-haiku-4-5"))).run()
        app.button(key="use model").click().run()
        current = app.session_state["_view"].scenario.current
        assert (current.provider, current.model) == ("anthropic", "claude-haiku-4-5")
        assert not app.error
        app.button(key="undo").click().run()
        assert app.session_state["_draft"].changes == {}, "one step"
        app.button(key="redo").click().run()
        assert app.session_state["_view"].scenario.current.provider == "anthropic"
        app.button(key="prices of current").click().run()
        assert app.number_input(key="own price input").value == 1
        app.number_input(key="own price input").set_value(0.8)
        app.button(key="use prices").click().run()
        priced = app.session_state["_view"].scenario.current.usd_per_mtok
        assert (priced.input, priced.output, priced.cached_input) == (0.8, 5, 0.1)
        assert "at your own price" in "".join(each.value for each in app.sidebar.markdown)

    @pytest.mark.parametrize("kind", ["api", "hosted", "gpu"])
    def test_a_candidate_of_each_kind_is_added_from_the_cards(self, kind: str) -> None:
        app = opened()
        app.button(key=f"cards add {kind}").click().run()
        assert app.button(key="add candidate").disabled == (kind != "gpu")
        if kind != "gpu":
            model = ("openai", "gpt-5.4-nano") if kind == "api" else ("groq", "openai/gpt-oss-20b")
            app.selectbox(key=f"new model {kind}").set_value(row_words(row(*model))).run()
        app.button(key="add candidate").click().run()
        (new,) = set(candidates(app)) - {"own-8b"}
        assert candidates(app)[new].kind == kind
        assert any(
            f"**{new}**".replace("-", "") in str(each.value).replace("\\", "").replace("-", "") for each in app.markdown
        )
        again = opened(changes=app.query_params["changes"])
        assert list(candidates(again)) == list(candidates(app)), "it travels in the link"

    def test_the_menu_at_the_left_opens_the_same_dialog(self) -> None:
        app = opened()
        app.menu_button(key="add_candidate").click("GPUs of your own").run()
        assert app.selectbox(key="new base").value == "llama-3.1-8b"

    def test_copied_renamed_removed_and_back(self) -> None:
        app = opened()
        app.menu_button(key="cards menu own-8b").click("Duplicate").run()
        assert list(candidates(app)) == ["own-8b", "own-8b-2"]
        app.menu_button(key="cards menu own-8b-2").click("Rename").run()
        app.text_input(key="candidate_new_name").set_value("own-8b").run()
        assert app.button(key="rename it").disabled
        app.text_input(key="candidate_new_name").set_value("ours [x](y)").run()
        app.button(key="rename it").click().run()
        assert list(candidates(app)) == ["own-8b", "ours [x](y)"]
        app.menu_button(key="cards menu own-8b").click("Remove").run()
        assert list(candidates(app)) == ["ours [x](y)"]
        for _ in range(3):
            app.button(key="undo").click().run()
        assert app.session_state["_draft"].changes == {}

    def test_what_cannot_be_simulated_is_said_and_not_taken(self) -> None:
        many = {
            ("candidates", f"c{i}"): {"kind": "api", "provider": "openai", "model": "gpt-5.4-nano"} for i in range(23)
        }
        app = opened(changes=pack_changes(many))
        app.button(key="cards add api").click().run()
        app.selectbox(key="new model api").set_value(row_words(row("openai", "gpt-5.4-nano"))).run()
        app.button(key="add candidate").click().run()
        assert "candidates: must be at most 24 in the app" in str(app.error[0].value)
        assert len(candidates(app)) == 24
