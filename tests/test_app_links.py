"""Links that say odd things: the page says what is wrong, or shows what they come to, and never fails."""

import base64
import json
import zlib
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from switchpoint.scenario.load import load
from switchpoint.scenario.toml_writer import examples
from switchpoint.ui.draft_changes import draft_text, merge_changes
from switchpoint.ui.session import Draft

pytestmark = pytest.mark.slow

ROOT = Path(__file__).resolve().parent.parent
ODD = [
    [[["usage", "growth", "per_month", 0], 0.5]],
    [[["usage", "growth", "per_month", 0], 0.5], [["usage", "growth", "per_month", "low"], 0.1]],
    [[["usage", "growth"], {"low": 1, "2": 3}]],
    [[[0], 1]],
    [[["usage", 0, "x"], 1]],
    [[["candidates", 5], {"kind": "gpu"}]],
    [[["candidates", "none", "fleet", "gpu"], None]],
    [[["candidates", "own-8b", "project", "pass_probability", 7], 0.5]],
    [[["candidates", "own-8b", "project", "pass_probability", 0], None]],
    [[["months"], 36]],
    [[["months"], 36], [["months"], None]],
    [[["usage", "growth", "per_month"], {"low": None, "high": 1}]],
    [[["usage", "weekday_profile"], [1, None]]],
    [[["usage"], None]],
    [[["candidates"], None]],
    [[["start"], "date:0001-01-01"]],
    [[["name"], "text:\u0000"]],
    [[["usage", "requests_per_day"], 1e308]],
    [[["usage", "requests_per_day"], float("inf")]],
    [[["usage", "requests_per_day"], True]],
    [[["limit"], []]],
    [[["current"], "text"]],
    [[["usage", "events", 0, "date"], "date:2027-05-01"]],
    [[["usage", "", "growth"], 1]],
    [[["extends"], "/etc/passwd"]],
]


def letters(rows: object) -> str:
    return base64.urlsafe_b64encode(zlib.compress(json.dumps(rows).encode())).decode().rstrip("=")


@pytest.mark.parametrize("rows", ODD, ids=lambda rows: json.dumps(rows)[:60])
@pytest.mark.parametrize("where", ["changes", "file"])
def test_no_link_makes_an_exception_page(where: str, rows: list) -> None:
    app = AppTest.from_file(str(ROOT / "app.py"), default_timeout=120)
    app.query_params[where] = letters(rows)
    app.run()
    assert not app.exception
    app.session_state["assumptions"] = "The file itself"
    app.switch_page("app_pages/assumptions.py").run()
    assert not app.exception
    assert app.title[0].value == "What is assumed?"


@pytest.mark.parametrize(
    ("path", "value"),
    [
        (("usage", "growth", "per_month", 0), 0.5),
        ((0,), 1),
        (("candidates", 5), {"kind": "gpu"}),
        (("candidates", "none", "fleet", "gpu"), None),
        (("candidates", "own-8b", "project", "pass_probability", 7), 0.5),
        (("months",), 36),
    ],
)
def test_a_change_that_changes_nothing_leaves_no_trace_in_the_file(path: tuple, value: object) -> None:
    loaded = load(examples()["support-copilot"])
    draft = Draft("x", {path: value})
    settled = draft.as_tree(loaded.tree, draft.tree(loaded.tree))
    assert merge_changes(loaded.tree, settled.changes) == dict(loaded.tree)
    assert draft_text(loaded, settled.changes) == loaded.text
