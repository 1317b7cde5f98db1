"""Spoilt input at every door, a few dozen cases each; `make fuzz` tries thousands."""

import pytest

from tests.effort import tries
from tests.found_once import draw_blank
from tools.fuzz import folders
from tools.fuzz.__main__ import told
from tools.fuzz.doors import DOORS, given
from tools.fuzz.trial import Attempt, Unplain, refuse_machine_words, tried

pytestmark = pytest.mark.slow

SEED, CASES = 20_261_128, tries(15, 100)


@pytest.fixture(scope="module", autouse=True)
def sound_folders() -> None:
    """The folders that are spoilt, made with blank pictures: no door looks at those."""
    with pytest.MonkeyPatch.context() as patch:
        draw_blank(patch)
        folders._kept()


@pytest.mark.parametrize("name", list(DOORS))
def test_no_door_ends_in_a_traceback_or_a_hang(name: str) -> None:
    tally = tried(name, DOORS[name], SEED, range(CASES))
    assert tally.cases == CASES
    assert list(told(tally.troubles, SEED)) == []


def test_a_traceback_a_hang_and_a_word_of_the_machinery_are_found(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tools.fuzz.trial.PATIENCE_SECONDS", 0.05)

    def door(chance: object, folder: object) -> Attempt:
        acts = (lambda: 1 / 0, lambda: [None for _ in iter(int, 1)], lambda: refuse_machine_words("Input should be"))
        return Attempt("given", acts[number])

    found = []
    for number in range(3):
        found += [(trouble.kind, trouble.cause) for trouble in tried("door", door, 1, [number]).troubles]
    assert [kind for kind, _ in found] == ["traceback", "hang", "traceback"]
    assert "ZeroDivisionError" in found[0][1]
    assert Unplain.__name__ in found[2][1]


def test_cases_of_a_seed_are_the_same_each_time() -> None:
    for name in ("links", "scenario files", "--set", "--vary", "histories"):
        assert given(name, 3, 7) == given(name, 3, 7) != given(name, 4, 7)
