"""What the commands say and write of every story is what was pinned; `python -m tools.goldens` pins it anew."""

import json

import pytest

from tools.goldens import GOLDENS, STORIES, differences, golden, text_of

pytestmark = pytest.mark.slow

MOST_SHOWN = 40


@pytest.mark.parametrize("name", STORIES)
def test_a_story_says_what_was_pinned(name: str) -> None:
    pinned = json.loads((GOLDENS / f"{name}.json").read_text(encoding="utf-8"))
    found = list(differences(pinned, json.loads(text_of(golden(name)))))
    assert not found, "\n".join([f"{len(found)} differences:", *found[:MOST_SHOWN]])


def test_every_golden_has_its_story() -> None:
    assert {path.stem for path in GOLDENS.glob("*.json")} == set(STORIES)
