"""Any field by name, whose a number is, terms, notes of a file, mends, and files that an upload brings along."""

from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from switchpoint.scenario.access import NoAccessError
from switchpoint.scenario.toml_writer import REMOVED, examples
from switchpoint.ui.coupled_numbers import mends
from switchpoint.ui.draft_changes import pack_changes
from switchpoint.ui.library import (
    MARK,
    BadInput,
    TooManyFilesError,
    access_of,
    bring,
    is_brought,
    name_for_address,
    named_in_address,
    open_upload,
    own_folder,
    result_of,
)
from switchpoint.ui.terms import TERMS, explain, line_of, terms_in
from switchpoint.ui.whose_number import head_note
from tests.test_app import shown

ROOT = Path(__file__).resolve().parent.parent
ROWS = "date,requests\n" + "".join(
    f"2026-{month:02}-{day:02},{1000 + 10 * (30 * month + day)}\n" for month in range(6, 10) for day in range(1, 31)
)
HISTORY = examples()["voice-agent"].read_text(encoding="utf-8")


def with_history(name: str = "usage.csv") -> bytes:
    """A story with a usage history in place of its growth and its level."""
    from switchpoint.scenario.toml_writer import update_text

    changes = {("name",): "Mine", ("usage", "growth"): {"curve": "history", "file": name}}
    return update_text(HISTORY, changes).encode()


def opened(page: str = "", **address: str) -> AppTest:
    app = AppTest.from_file(str(ROOT / "app.py"), default_timeout=120)
    for key, value in address.items():
        app.query_params[key] = value
    if page:
        app.switch_page(f"app_pages/{page}.py")
    assert not app.run().exception
    return app


def text(app: AppTest) -> str:
    assert not app.exception
    found = [*app.markdown, *app.caption, *app.info, *app.warning, *app.error]
    return "\n".join(str(each.value) for each in found).replace("\\", "").replace("\u00a0", " ")


class TestBrought:
    def test_a_history_is_read_and_nothing_else(self, tmp_path: Path) -> None:
        opened_file = open_upload("mine.toml", with_history(), {"usage.csv": ROWS.encode()})
        assert not opened_file.faults
        growth = opened_file.loaded.scenario.usage.growth
        assert growth.curve == "history"
        assert is_brought(growth.file)
        secret = tmp_path / "usage.csv"
        secret.write_text(ROWS)
        alone = open_upload("mine.toml", with_history(str(secret)))
        assert "names another file" in alone.faults[0], "the same name on the disk is not opened"

    @pytest.mark.parametrize("name", ["/etc/usage.csv", "../../usage.csv", "a\\\\usage.csv"])
    def test_whatever_folder_is_named_the_brought_file_is_read(self, name: str) -> None:
        found = open_upload("mine.toml", with_history(name), {"usage.csv": ROWS.encode()})
        assert is_brought(found.loaded.scenario.usage.growth.file)

    @pytest.mark.parametrize("name", ["/etc/passwd", "other.csv", "/dev/zero"])
    def test_what_was_not_brought_is_refused(self, name: str) -> None:
        found = open_upload("mine.toml", with_history(name), {"usage.csv": ROWS.encode()})
        assert "names another file" in found.faults[0]
        assert "root:" not in str(found.faults)

    @pytest.mark.parametrize("name", ["", "a/b.csv", "..", "x.toml", "x.csv\n", "../x.csv", "x" * 200 + ".csv"])
    def test_names_that_no_scenario_gives_are_refused(self, name: str) -> None:
        with pytest.raises(TooManyFilesError):
            bring({name: b"1"})

    def test_too_many_are_refused(self) -> None:
        with pytest.raises(TooManyFilesError, match="at most 8"):
            bring({f"{number}.csv": b"1" for number in range(9)})

    def test_an_address_names_content_not_a_place(self) -> None:
        (file,) = bring({"usage.csv": b"date,requests\n"}).files_read
        named = name_for_address(str(file))
        assert str(own_folder()) not in named
        assert named_in_address([named]).read(Path("x/usage.csv"), 100) == b"date,requests\n"
        for other in (f"{MARK}../../etc/passwd", f"{MARK}{'0' * 64}/usage.csv", f"{MARK}{'0' * 64}/../x.csv", MARK):
            with pytest.raises(NoAccessError):
                named_in_address([other]).real_path(Path("usage.csv"))

    def test_one_that_is_gone_is_said(self) -> None:
        rows = ROWS.replace("1310", "1311")
        loaded = open_upload("mine.toml", with_history(), {"usage.csv": rows.encode()}).loaded
        (file,) = loaded.opened
        file.unlink()
        with pytest.raises(BadInput, match="there no more"):
            result_of(loaded.scenario)

    def test_changes_of_it_read_the_same_files(self) -> None:
        loaded = open_upload("mine.toml", with_history(), {"usage.csv": ROWS.encode()}).loaded
        assert access_of(loaded).files_read == loaded.opened


class TestTerms:
    def test_there_are_the_ten(self) -> None:
        assert len(TERMS) == 10
        assert all(line.endswith(".") and "\n" not in line and len(line) < 100 for line in TERMS.values())

    def test_they_are_found_whole_and_explained_alike(self) -> None:
        assert terms_in(["a rampant shadowy thing"]) == []
        assert terms_in(["fleet.ttft_p95_s"]) == ["TTFT"]
        assert explain("shadow and ramp") == f"{line_of('ramp')} {line_of('shadow')}"


class TestMends:
    def test_people_in_house_follow(self) -> None:
        tree = {"candidates": {"a": {"project": {"engineers": 3, "engineers_in_house": 5}}}}
        (mend,) = mends(tree)
        assert mend.values == {("candidates", "a", "project", "engineers_in_house"): 3}

    def test_reserved_replicas_and_a_past_choice(self) -> None:
        from datetime import date

        fleet = {"max_replicas": 2, "reserved_replicas": 4}
        tree = {
            "start": date(2027, 2, 1),
            "decision": {"policy": date(2027, 1, 1)},
            "candidates": {"a": {"fleet": fleet}, "b": 5},
        }
        reserved, policy = mends(tree)
        assert reserved.values == {("candidates", "a", "fleet", "reserved_replicas"): 2}
        assert policy.values == {("decision", "policy"): REMOVED}

    @pytest.mark.parametrize("tree", [{}, {"candidates": 5}, {"candidates": {"a": {"project": {"engineers": "x"}}}}])
    def test_nothing_to_mend(self, tree: dict) -> None:
        assert list(mends(tree)) == []


def test_the_head_of_a_file_is_its_note() -> None:
    assert head_note(examples()["support-copilot"].read_text()).startswith("A freemium product drafts")
    assert len(head_note("# word\n" * 1000)) < 610


@pytest.mark.slow
class TestInTheApp:
    def test_a_field_is_found_by_meaning_and_changed_from_every_page(self) -> None:
        app = opened("compare")
        app.button(key="find field").click().run()
        field = app.selectbox(key="found field")
        assert any("Labelled examples that training needs" in option for option in field.options)
        field.set_value("candidates.own-8b.project.hardening_days").run()
        next(each for each in app.number_input if each.label == "Value").set_value(30.0)
        assert "Whose number it is now: the story's." in text(app)
        app.button(key="found set field").click().run()
        assert app.session_state["_draft"].changes == {("candidates", "own-8b", "project", "hardening_days"): 30}
        assert "Whose number it is now: yours." in text(app)

    def test_a_csv_comes_along_and_stays_through_a_reload_and_an_edit(self) -> None:
        app = opened()
        app.file_uploader(key="upload").upload("mine.toml", with_history(), "text/plain").run()
        assert "put it into the second field" in text(app)
        app.file_uploader(key="upload_beside").upload("usage.csv", ROWS.encode(), "text/csv").run()
        assert shown(app.selectbox, "scenario").value == "Mine"
        assert not app.error
        again = opened(file=app.query_params["file"])
        assert again.selectbox(key="scenario").value == "Mine"
        assert again.session_state["_view"].scenario.usage.growth.curve == "history"
        app.switch_page("app_pages/assumptions.py").run()
        app.selectbox(key="field").set_value("months").run()
        next(each for each in app.text_area).set_value("24")
        app.button(key="set field").click().run()
        assert not app.error
        assert app.session_state["_view"].scenario.months == 24

    def test_a_file_named_in_a_link_is_none_of_this_machine(self) -> None:
        tree = {("name",): "x", ("usage", "growth"): {"curve": "history", "file": "brought:../../etc/passwd"}}
        app = opened(file=pack_changes(tree))
        assert "This link cannot be used" in app.warning[0].value
        assert "root:" not in text(app)

    def test_too_many_people_in_house_are_mended_by_a_button(self) -> None:
        app = opened()
        app.session_state["inputs candidates.own-8b"] = True
        app.run()
        app.number_input(key="candidates.own-8b.project.engineers").set_value(0.5).run()
        app.button(key="mend 0").click().run()
        assert not app.error
        assert app.session_state["_view"].scenario.candidates["own-8b"].project.engineers_in_house == 0.5

    def test_the_file_has_its_say_beside_the_numbers(self) -> None:
        app = opened()
        assert "In the file: assumption: replies drafted a day" in app.number_input(key="usage.requests_per_day").help
        assert "0.08 is 8" not in app.slider(key="usage.growth.per_month").help
        app.session_state["file notes"] = app.session_state["words"] = True
        app.run()
        assert "A freemium product drafts its support replies" in text(app)
        assert "**TTFT**: Time to first token" in text(app)

    def test_a_gpu_that_nobody_rents_out_is_not_put_into_the_scenario(self) -> None:
        app = opened("serving")
        app.selectbox(key="try gpu own-8b").set_value("B60").run()
        assert "has no rent of a B60" in text(app)
        assert not [button for button in app.button if button.key == "use own-8b"]

    def test_what_matters_most_and_is_not_yours_is_named(self) -> None:
        app = opened("assumptions", changes=pack_changes({("usage", "requests_per_day"): 61_000}))
        rows = app.dataframe[0].value.set_index("Field")
        assert rows.loc["usage.requests_per_day", "State"] == "yours"
        assert rows.loc["usage.output_tokens", "State"] == "the story's"
        assert rows.loc["usage.batch_share", "State"] == "default"
