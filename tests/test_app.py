"""The app: its verdict, its inputs, and what it says of bad ones."""

from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from switchpoint.scenario.examples import examples
from switchpoint.ui.inputs import RULE

ROOT = Path(__file__).resolve().parent.parent
TITLES = {
    "Code assistant": "late",
    "Document extraction": "Start",
    "Early prototype": "Stay",
    "Enterprise, bought GPUs": "Start",
    "Reasoning agent": "No remedy",
    "Support copilot": "Start own-8b by",
    "Tagging at volume": "Start hosted-open now",
    "Voice agent": "Start own-8b by",
}
REQUESTS = "usage.requests_per_day"


def opened(**address: str) -> AppTest:
    app = AppTest.from_file(str(ROOT / "app.py"), default_timeout=60)
    for key, value in address.items():
        app.query_params[key] = value
    return app.run()


def verdict(app: AppTest) -> str:
    assert not app.exception
    return app.subheader[0].value


def facts(app: AppTest) -> dict[str, str]:
    """The values of the dates at the top, by label."""
    found = {}
    for element in app.markdown:
        if element.value.startswith(":small[:gray["):
            label, value, *_ = element.value.split("  \n")
            found[label.removeprefix(":small[:gray[").removesuffix("]]")] = value.strip("*")
    return found


@pytest.fixture(scope="module")
def first() -> AppTest:
    return opened()


def test_it_opens_with_a_verdict_dates_a_chart_and_the_candidates(first: AppTest) -> None:
    assert verdict(first).startswith("Start own-8b by")
    assert {"Limit reached", "Warning window", "Start by", "Label by", "Hire by", "Cutover", "Break-even"} == set(
        facts(first)
    )
    assert first.get("arrow_vega_lite_chart") or first.get("vega_lite_chart")
    assert "own-8b" in first.table[0].value.columns
    assert not first.error


def test_every_shipped_example_is_in_the_test() -> None:
    assert len(TITLES) == len(examples())


@pytest.mark.parametrize("title", TITLES)
@pytest.mark.parametrize("chart", ["Monthly bill", "Per 1,000 requests", "Savings", "Project plan"])
def test_each_example_is_shown_from_an_address(title: str, chart: str) -> None:
    app = opened(scenario=title, chart=chart)
    assert TITLES[title] in verdict(app)
    assert app.selectbox(key="scenario").value == title


def test_an_input_changes_the_verdict_and_the_dates() -> None:
    app = opened()
    before = facts(app)["Limit reached"]
    app.number_input(key=REQUESTS).set_value(90_000).run()
    assert "late" in verdict(app)
    assert facts(app)["Limit reached"] != before
    assert any("1 number changed" in caption.value for caption in app.caption)


def test_an_uncertain_input_says_so_until_it_is_moved() -> None:
    app = opened()
    growth = app.slider(key="usage.growth.per_month")
    assert growth.label == "Growth a month :gray[6–14 %]"
    assert "90 % likely between 6 % and 14 %" in growth.help
    assert growth.value == pytest.approx(0.092)
    growth.set_value(0.02).run()
    assert app.slider(key="usage.growth.per_month").label == "Growth a month"
    assert "Start" in verdict(app) or "Stay" in verdict(app)


def test_an_untouched_uncertain_input_is_not_rounded(first: AppTest) -> None:
    from switchpoint.checks import load_checked
    from switchpoint.engine import simulate
    from switchpoint.result import Result
    from switchpoint.ui.words import plain, sentences

    result = Result(simulate(load_checked(examples()["support-copilot"]).scenario))
    assert verdict(first) == plain(sentences(result.sentence)[0])


def test_reset_goes_back_to_the_file() -> None:
    app = opened()
    before = verdict(app)
    app.number_input(key=REQUESTS).set_value(90_000).run()
    app.slider(key="candidates.own-8b.coverage").set_value(0.5).run()
    assert verdict(app) != before
    reset = next(button for button in app.button if button.label == "Reset to the file")
    reset.click().run()
    assert verdict(app) == before
    assert app.number_input(key=REQUESTS).value == 60_000


def test_another_example_brings_its_own_numbers() -> None:
    app = opened()
    app.number_input(key=REQUESTS).set_value(90_000).run()
    app.selectbox(key="scenario").set_value("Voice agent").run()
    assert app.number_input(key=REQUESTS).value == 400_000


def test_the_policy_moves_the_cutover_and_never_starts_nothing() -> None:
    app = opened()
    warned = facts(app)["Cutover"]
    app.selectbox(key=RULE).set_value("now").run()
    assert facts(app)["Cutover"] not in ("", warned)
    app.selectbox(key=RULE).set_value("never").run()
    assert "Cutover" not in facts(app)
    app.selectbox(key=RULE).set_value("date").run()
    assert "Cutover" in facts(app)


def test_an_address_with_nonsense_opens_the_first_example() -> None:
    app = opened(scenario="Nope", chart="x", months="9999", on_date="x", **{REQUESTS: "abc", RULE: "evil"})
    assert verdict(app).startswith("Start own-8b by")
    assert app.number_input(key=REQUESTS).value == 60_000


def test_the_smallest_values_make_no_traceback() -> None:
    app = opened()
    for key in (REQUESTS, "usage.input_tokens", "usage.output_tokens", "revenue.usd_per_month"):
        app.number_input(key=key).set_value(0).run()
        assert not app.exception
    assert not app.error or "These numbers" in app.error[0].proto.title


class TestUpload:
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
        assert len(said.splitlines()) == said.count("- mine.toml:") > 3
        assert verdict(app).startswith("Start own-8b by")

    @pytest.mark.parametrize("data", [b"", b"\xff\xfe\x00", b"= = =", b"[a]\n" * 3000, b"extends = '/etc/passwd'"])
    def test_no_file_makes_a_traceback(self, data: bytes) -> None:
        app = opened()
        app.file_uploader(key="upload").upload("mine.toml", data).run()
        assert not app.exception
        assert len(app.error) == 1

    def test_a_good_file_is_shown_with_its_name_as_it_is(self) -> None:
        text = examples()["voice-agent"].read_text(encoding="utf-8").replace('"Voice agent"', '"$a$ :red[b] <c>"')
        app = opened()
        app.file_uploader(key="upload").upload("mine.toml", text.encode()).run()
        assert app.number_input(key=REQUESTS).value == 400_000
        assert any("\\$a\\$ \\:red\\[b\\] \\<c\\>" in caption.value for caption in app.caption)
        assert not app.exception

    def test_numbers_that_do_not_fit_together_are_said_kindly(self) -> None:
        text = examples()["support-copilot"].read_text(encoding="utf-8")
        app = opened()
        app.file_uploader(key="upload").upload("mine.toml", text.encode()).run()
        engineers = app.number_input(key="candidates.own-8b.project.engineers")
        engineers.set_value(0.5).run()
        assert not app.exception
        assert "engineers_in_house must be at most engineers" in app.error[0].value.replace("\\", "")


def test_without_examples_a_short_scenario_opens(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("switchpoint.ui.opening.examples", dict)
    app = opened()
    assert verdict(app)
    assert app.number_input(key=REQUESTS).value == 60_000
