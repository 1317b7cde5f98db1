"""What the app keeps: changes of a tree, drafts, links, and slow answers."""

import base64
import json
import zlib
from contextlib import suppress
from datetime import date
from typing import Any, ClassVar

import pytest
from hypothesis import given
from hypothesis import strategies as st

from switchpoint.scenario.catalogue_check import load_checked, load_text_checked
from switchpoint.scenario.schema import Scenario
from switchpoint.scenario.toml_writer import REMOVED, examples
from switchpoint.ui.answers import Kept
from switchpoint.ui.draft_changes import (
    LARGEST,
    UnreadableLinkError,
    between,
    draft_text,
    file_name,
    merge_changes,
    pack_changes,
    put,
    unpack_changes,
    value_at,
)
from switchpoint.ui.session import Draft

numbers = st.integers(-1000, 1000) | st.floats(allow_nan=False, allow_infinity=False, width=32)
leaves = numbers | st.booleans() | st.text(max_size=12) | st.dates(date(1990, 1, 1), date(2200, 1, 1))
values = leaves | st.lists(leaves, max_size=3) | st.fixed_dictionaries({"low": numbers, "high": numbers})
keys = st.sampled_from(["usage", "growth", "per_month", "low", "a b", "x"])
trees = st.recursive(values, lambda inner: st.dictionaries(keys, inner, max_size=4), max_leaves=12)
tables = st.dictionaries(keys, trees, max_size=4)

GROWTH = ("usage", "growth", "per_month")
RANGE = {"low": 0.02, "high": 0.04}


class TestChanges:
    @pytest.mark.slow
    @given(tables, tables)
    def test_changes_between_two_trees_make_one_the_other(self, before: dict, after: dict) -> None:
        changes = between(before, after)
        assert not between(merge_changes(before, changes), after)
        assert bool(changes) == bool(between(after, before))

    @given(tables)
    def test_a_tree_does_not_differ_from_itself(self, tree: dict) -> None:
        assert between(tree, tree) == {}

    @given(tables, tables)
    def test_merging_leaves_the_tree_alone(self, before: dict, after: dict) -> None:
        kept = json.dumps(before, default=str)
        merge_changes(before, between(before, after))
        assert json.dumps(before, default=str) == kept

    def test_true_is_not_one(self) -> None:
        assert between({"spot": True}, {"spot": 1}) == {("spot",): 1}

    def test_a_range_is_one_value(self) -> None:
        assert between({"a": {"low": 1, "high": 2}}, {"a": {"low": 1, "high": 3}}) == {("a",): {"low": 1, "high": 3}}

    def test_an_element_of_a_list_can_be_replaced(self) -> None:
        tree = {"events": [{"factor": 1.4}]}
        put(tree, ("events", 0, "factor"), 2)
        put(tree, ("events", 7, "factor"), 2)
        put(tree, ("events", 0, "factor", "deep"), 2)
        assert tree == {"events": [{"factor": 2}]}

    def test_what_is_not_there_is_removed(self) -> None:
        assert value_at({"a": {"b": 1}}, ("a", "c", "d")) is REMOVED


class TestDraft:
    base: ClassVar[dict[str, Any]] = {"usage": {"growth": {"per_month": RANGE}}, "months": 36}

    def test_a_value_put_back_is_no_change(self) -> None:
        draft = Draft("x").with_values(self.base, {GROWTH: 0.1, ("months",): 24})
        assert draft.changes == {GROWTH: 0.1, ("months",): 24}
        assert draft.with_values(self.base, {GROWTH: RANGE}).changes == {("months",): 24}
        assert draft.without(self.base, [GROWTH, ("months",)]).changes == {}

    def test_what_was_added_can_be_taken_back(self) -> None:
        path = ("candidates", "new", "kind")
        draft = Draft("x").with_values(self.base, {path: "gpu"})
        assert draft.tree(self.base)["candidates"] == {"new": {"kind": "gpu"}}
        assert draft.without(self.base, [path]).tree(self.base)["candidates"] == {"new": {}}


class TestLink:
    @given(st.dictionaries(st.lists(keys | st.integers(0, 9), min_size=1, max_size=4).map(tuple), trees, max_size=6))
    def test_it_brings_back_what_was_packed(self, changes: dict) -> None:
        letters = pack_changes(changes)
        assert unpack_changes(letters) == changes
        assert letters == pack_changes(unpack_changes(letters))
        assert all(c.isalnum() or c in "-_" for c in letters)

    def test_every_story_fits_whole_into_a_link(self) -> None:
        for file in examples().values():
            loaded = load_checked(file)
            letters = pack_changes(between({}, loaded.tree))
            assert len(letters) < 4000
            assert Scenario.model_validate(merge_changes({}, unpack_changes(letters))) == loaded.scenario

    def test_a_removed_value_stays_removed(self) -> None:
        assert unpack_changes(pack_changes({("a",): REMOVED})) == {("a",): REMOVED}

    @given(st.text(max_size=80))
    def test_any_letters_are_read_or_refused(self, letters: str) -> None:
        with suppress(UnreadableLinkError):
            unpack_changes(letters)

    @given(st.integers(1, 30))
    def test_one_that_was_cut_short_is_refused(self, cut: int) -> None:
        letters = pack_changes({GROWTH: 0.05, ("months",): 24, ("name",): "Ours"})
        with pytest.raises(UnreadableLinkError, match="cut short"):
            unpack_changes(letters[:-cut])

    @pytest.mark.parametrize("rows", [5, {}, [[1, 2]], [[[], 1]], [[["a"]]], [[[1.5], 1]], [[[None], 1]], "ab"])
    def test_another_shape_is_refused(self, rows: object) -> None:
        with pytest.raises(UnreadableLinkError, match="version"):
            unpack_changes(letters_of(json.dumps(rows)))

    def test_a_bomb_is_not_unpacked(self) -> None:
        with pytest.raises(UnreadableLinkError):
            unpack_changes(letters_of("[" + " " * (LARGEST + 1) + "]"))

    def test_deep_values_are_refused(self) -> None:
        with pytest.raises(UnreadableLinkError):
            unpack_changes(letters_of('[[["a"],' + "[" * 500 + "]" * 500 + "]]"))

    @pytest.mark.parametrize("value", ["NaN", "1" + "0" * 400, '{"low": null, "high": 2}', "[1, null]"])
    def test_values_that_no_scenario_has_are_refused(self, value: str) -> None:
        with pytest.raises(UnreadableLinkError, match="version"):
            unpack_changes(letters_of(f'[[["usage", "requests_per_day"], {value}]]'))

    def test_a_candidate_may_be_called_file(self) -> None:
        assert unpack_changes(pack_changes({("candidates", "file"): {"kind": "gpu"}}))


def letters_of(text: str) -> str:
    return base64.urlsafe_b64encode(zlib.compress(text.encode())).decode().rstrip("=")


class TestText:
    def test_comments_stay_and_the_text_says_what_was_changed(self) -> None:
        loaded = load_checked(examples()["support-copilot"])
        text = draft_text(loaded, {GROWTH: 0.05, ("usage", "events"): []})
        assert "# assumption: instructions, the ticket" in text
        again = load_text_checked(text, loaded.name)
        changed = between(loaded.tree, again.tree)
        assert changed.pop(("programme", "log")) == []  # a text opens no file
        assert changed == {GROWTH: 0.05, ("usage", "events"): []}

    def test_without_changes_it_is_the_file(self) -> None:
        loaded = load_checked(examples()["voice-agent"])
        assert draft_text(loaded, {}) == loaded.text

    def test_an_overlay_becomes_one_file(self, tmp_path: Any) -> None:
        (tmp_path / "below.toml").write_text(examples()["support-copilot"].read_text(encoding="utf-8"))
        (tmp_path / "over.toml").write_text('extends = "below.toml"\nmonths = 24\n')
        loaded = load_checked(tmp_path / "over.toml")
        text = draft_text(loaded, {("revenue",): REMOVED, ("limit",): {"usd_per_month": 9000}})
        again = load_text_checked(text)
        assert "extends" not in text
        assert "revenue" not in again.tree
        assert again.scenario.months == 24

    def test_file_names_are_plain(self) -> None:
        assert file_name("../../etc/passwd") == "etc-passwd.toml"


def test_only_the_latest_answers_are_kept() -> None:
    kept = Kept(2)
    for key in "abc":
        kept.put(key, key.upper())
        kept.get("a")
    assert [kept.get(key) for key in "abc"] == ["A", None, "C"]
