"""What one session may ask for, and that work ends when nobody waits for it."""

import time
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from switchpoint import interrupt
from switchpoint.scenario.load import load
from switchpoint.scenario.schema import Scenario
from switchpoint.scenario.toml_writer import examples
from switchpoint.study.workers import each, local
from switchpoint.ui import budget, library
from switchpoint.ui.draft_changes import pack_changes
from switchpoint.ui.library import BadInput, result_of

pytestmark = pytest.mark.slow

ROOT = Path(__file__).resolve().parent.parent


def scenario(candidates: int, months: int) -> Scenario:
    loaded = load(examples()["support-copilot"])
    own = loaded.tree["candidates"]["own-8b"]
    many = {f"c{number}": own for number in range(candidates)}
    return Scenario.model_validate({**loaded.tree, "candidates": many, "months": months})


@pytest.mark.parametrize(
    ("candidates", "months", "why"),
    [
        (24, 100, ""),
        (25, 12, "candidates: must be at most 24 in the app; got 25."),
        (24, 101, "months: must be at most 100 with 24 candidates in the app; got 101."),
        (10, 240, ""),
        (0, 240, ""),
    ],
)
def test_candidates_and_months(candidates: int, months: int, why: str) -> None:
    told = library.too_much(scenario(candidates, months))
    assert told.startswith(why)
    assert bool(told) == bool(why)


def test_what_is_too_much_is_not_computed() -> None:
    with pytest.raises(BadInput, match="at most 24 in the app"):
        result_of(scenario(100, 240))


@pytest.mark.parametrize(("draws", "too_many"), [(4000, False), (4001, True)])
def test_draws(draws: int, too_many: bool) -> None:
    assert bool(library.too_many_draws(scenario(5, 100), draws)) is too_many


def test_a_link_of_a_hundred_candidates_is_one_line_in_the_app() -> None:
    own = load(examples()["support-copilot"]).tree["candidates"]["own-8b"]
    bare = {**own, "fleet": {key: value for key, value in own["fleet"].items() if not key.startswith("requests")}}
    changes = {("months",): 240} | {("candidates", f"c{number}"): bare for number in range(99)}
    app = AppTest.from_file(str(ROOT / "app.py"), default_timeout=60)
    app.query_params["changes"] = pack_changes(changes)
    app.run()
    assert not app.exception
    (warning,) = app.warning
    assert "must be at most 24 in the app; got 10" in warning.value
    assert app.selectbox(key="scenario").value == "Support copilot"


def test_capacities_are_counted(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(budget, "MOST_CAPACITIES", 3)
    monkeypatch.setattr(budget, "_waited_for", lambda name, question: question)
    app = AppTest.from_string(
        "import streamlit as st\n"
        "from switchpoint.errors import CannotCompute\n"
        "from switchpoint.ui import budget\n"
        "try:\n"
        "    for number in range(5):\n"
        "        st.text(budget.simulate_capacity(number))\n"
        "except CannotCompute as problem:\n"
        "    st.error(str(problem))\n"
    ).run()
    assert not app.exception
    assert [text.value for text in app.text] == ["0", "1", "2"]
    assert app.error[0].value.startswith("candidates: took 3 simulations of what a replica carries within 5 minutes")


def beats(file: str) -> int:
    """Work that tells that it goes on, until it is told to stop."""
    for number in range(100_000):
        Path(file).write_text(str(number), encoding="utf-8")
        time.sleep(0.01)
        interrupt.pause()
    return 0


class LeftError(BaseException):
    """The visitor is gone."""


def test_work_in_other_processes_ends_when_its_visitor_leaves(tmp_path: Path) -> None:
    file = tmp_path / "beat"

    def leave() -> None:
        if file.exists():
            raise LeftError

    interrupt.ask_between_steps(leave)
    try:
        with pytest.raises(LeftError):
            list(each(beats, [str(file)], lambda: local(2), 2))
    finally:
        interrupt.ask_between_steps(None)
    assert stands_still(file)


def stands_still(file: Path) -> bool:
    """Whether a file is written no more, within a generous time."""
    for _ in range(60):
        before = file.read_text(encoding="utf-8")
        time.sleep(0.5)
        if file.read_text(encoding="utf-8") == before:
            return True
    return False


def test_a_capacity_beside_the_server_ends_when_its_visitor_leaves(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "beat"

    def leave() -> None:
        if file.exists():
            raise LeftError

    monkeypatch.setattr(budget, "measure", beats)
    interrupt.ask_between_steps(leave)
    try:
        with pytest.raises(LeftError), interrupt.waiting() as name:
            budget._waited_for(name, str(file))  # type: ignore[arg-type]
    finally:
        interrupt.ask_between_steps(None)
    assert stands_still(file)


def test_work_that_nobody_waits_for_does_not_begin(tmp_path: Path) -> None:
    with pytest.raises(interrupt.UnwantedError):
        interrupt.while_waited_for(str(tmp_path / "gone"), beats, str(tmp_path / "beat"))
    assert not (tmp_path / "beat").exists()
    assert not interrupt.can_be_left()
