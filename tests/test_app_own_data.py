"""The page Your data: what was read, the fit, and one click into the scenario; nothing of the files is kept."""

import tempfile
from pathlib import Path

import pandas as pd
import pytest
from streamlit.testing.v1 import AppTest

from switchpoint.scenario.errors import ScenarioError
from switchpoint.ui.answers import kept_answers
from switchpoint.ui.pages.your_data_page import (
    READ,
    WRONG,
    OwnFiles,
    _fit,
    in_words_of_page,
    read_dropped,
    stated_options,
)
from tests import usage_samples as samples
from tests.own_usage import usage_table

ROOT = Path(__file__).resolve().parent.parent


@pytest.fixture
def dropped() -> OwnFiles:
    return read_dropped([("usage.csv", usage_table(noise=0.05).to_csv(index=False).encode())])


def shown(files: OwnFiles) -> AppTest:
    """The page with files dropped on it and their fit found."""
    app = AppTest.from_file(str(ROOT / "app.py"), default_timeout=120)
    app.run()
    app.switch_page("app_pages/your_data.py").run()
    scenario = app.session_state["_view"].scenario
    key = ("own fit", files.key, scenario.model_dump_json())
    kept_answers().put(key, _fit(files.read, scenario, lambda _: None))
    app.session_state[READ] = files
    return app.run()


def text(app: AppTest) -> str:
    return "\n".join(str(each.value) for each in [*app.markdown, *app.caption, *app.error]).replace("\\", "")


def test_what_was_read_and_fitted_is_shown(dropped: OwnFiles) -> None:
    app = shown(dropped)
    assert not app.exception
    assert "plain CSV: 1 file, 22 December 2025 to 27 September 2026" in text(app)
    table = app.table[0].value
    assert {"Requests a day", "Growth a month", "Input tokens a request"} <= set(table["What"])
    assert len(app.get("vega_lite_chart")) == 1
    assert "What these files cannot tell" in text(app)
    assert app.button(key="find candidates")


def test_one_click_puts_it_into_the_scenario_and_undo_takes_it_back(dropped: OwnFiles) -> None:
    app = shown(dropped)
    before = app.session_state["_view"].scenario
    app.button(key="take fit").click().run()
    assert not app.exception
    view = app.session_state["_view"]
    low, high = view.scenario.usage.requests_per_day.low, view.scenario.usage.requests_per_day.high
    # ours begins on 1 January 2027 and repeats 3 % of its calls
    assert low < 10_000 * 1.06 ** (96 / 30.4375) / 1.03 < high
    assert view.result is not None
    app.button(key="undo").click().run()
    assert app.session_state["_view"].scenario == before


def test_what_the_fit_takes_out_of_the_scenario_is_said() -> None:
    table = usage_table(noise=0.05)
    table["date"] = (pd.to_datetime(table["date"]) + pd.Timedelta(weeks=40)).dt.strftime("%Y-%m-%d")
    app = shown(read_dropped([("usage.csv", table.to_csv(index=False).encode())]))
    assert not app.exception
    assert "before 5 July 2027, the first day now" in text(app)


def test_nothing_of_the_files_is_left(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    read_dropped([("usage.csv", usage_table().to_csv(index=False).encode())])
    with pytest.raises(ScenarioError):
        read_dropped([("../../evil.csv", b"nothing,of,use\n1,2,3\n")])
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("name", ["..", "a" * 300, "a\0.csv"])
def test_a_name_that_no_file_can_have_is_a_fault(name: str) -> None:
    with pytest.raises(ScenarioError, match="give the file a short, plain name"):
        read_dropped([(name, b"date,requests\n")])


def test_faults_go_by_the_names_that_were_dropped(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    with pytest.raises(ScenarioError) as wrong:
        read_dropped([("march.csv", b"nothing,of,use\n1,2,3\n")])
    assert "march.csv" in str(wrong.value)
    assert str(tmp_path) not in str(wrong.value)


def test_what_the_files_do_not_say_can_be_stated() -> None:
    stated = {"own_tokens": "1000, 50", "own_rate": "CNY=0.14", "own_newest": True, "own_zone": ""}
    told = stated_options(stated)
    assert (told["tokens_per_request"], told["usd_per"], told["overlap"]) == ((1000, 50), {"CNY": 0.14}, "newest")
    cost = samples.DEEPSEEK_COST.replace("USD", "CNY").encode()
    read = read_dropped([("cost.csv", cost)], usd_per=told["usd_per"]).read
    assert read.table["cost_usd"].sum() == pytest.approx(0.75 * 0.14)
    with pytest.raises(ScenarioError, match=r"EUR=1\.08"):
        stated_options({"own_rate": "a lot"})


def test_coding_agents_are_read_where_that_is_asked_for() -> None:
    dropped = [("usage.csv", samples.CURSOR.encode())]
    with pytest.raises(ScenarioError) as refused:
        read_dropped(dropped)
    assert "--" not in in_words_of_page(str(refused.value))
    assert read_dropped(dropped, coding_agents=True).read.format_name == "cursor"


def test_what_cannot_be_read_is_said() -> None:
    app = AppTest.from_file(str(ROOT / "app.py"), default_timeout=120)
    app.run()
    app.session_state[WRONG] = ("march.csv:1: is no file of usage that is known",)
    app.switch_page("app_pages/your_data.py").run()
    assert not app.exception
    assert "is no file of usage" in text(app)
