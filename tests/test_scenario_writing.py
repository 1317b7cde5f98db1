"""Writing scenario files: comments survive, files are whole, nothing is overwritten unasked."""

import os
import stat
import tomllib
from datetime import date
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from switchpoint.scenario.errors import ScenarioError
from switchpoint.scenario.load import load, load_text
from switchpoint.scenario.toml_writer import save, save_text, text_of, tree_of, update_text
from switchpoint.scenario.uncertain import Choice, Pert, Range

ROOT = Path(__file__).resolve().parent.parent
FULL = Path(__file__).parent / "scenario_data" / "full.toml"
FILES = [FULL, *sorted((ROOT / "scenarios").glob("*.toml"))]


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_a_scenario_survives_being_written_and_read(file: Path, tmp_path: Path) -> None:
    scenario = load(file).scenario
    save(tmp_path / "copy.toml", scenario)
    assert load(tmp_path / "copy.toml").scenario == scenario
    assert tree_of(load(tmp_path / "copy.toml").scenario) == tree_of(scenario)


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_comments_and_order_are_kept(file: Path) -> None:
    text = file.read_text(encoding="utf-8")
    changed = update_text(text, {("months",): 12, ("usage", "growth", "per_month"): Range(0.01, 0.02)})
    comments = [line.partition("#")[2] for line in text.splitlines() if "#" in line]
    assert [line.partition("#")[2] for line in changed.splitlines() if "#" in line] == comments
    scenario = load_text(changed).scenario
    assert (scenario.months, scenario.usage.growth.per_month) == (12, Range(0.01, 0.02))


@pytest.mark.parametrize(
    ("path", "value", "written"),
    [
        (("months",), 12, 12),
        (("start",), date(2028, 1, 1), date(2028, 1, 1)),
        (("name",), 'a "quoted"\nname # with all', 'a "quoted"\nname # with all'),
        (("usage", "input_tokens"), Pert(1, 2, 3), {"low": 1, "mode": 2, "high": 3}),
        (("usage", "input_tokens"), Choice((1.5, 2), (1, 3)), {"values": [1.5, 2], "weights": [1, 3]}),
        (("usage", "weekday_profile"), (1, 2, 3, 4, 5, 6, 7), [1, 2, 3, 4, 5, 6, 7]),
        (("usage", "growth", "per_month"), 0.5, 0.5),
        (("usage", "events", 1, "probability"), 0.25, 0.25),
        (("current", "commitments"), ({"usd_per_month": 5, "discount": 0.5},), [{"usd_per_month": 5, "discount": 0.5}]),
        (("candidates", "hosted 1.0", "coverage"), 0.5, 0.5),
        (("candidates", "box", "fleet", "usd_per_kwh"), Range(0.1, 0.2), {"low": 0.1, "high": 0.2}),
        (("candidates", "box", "project", "engineers"), 2.0, 2),
        (("candidates", "x.y"), {"kind": "api", "usd_per_mtok": {"input": 1, "output": 2}}, None),
        (("usage", "events"), None, None),
        (("usage", "growth", "fade_per_month"), None, None),
        (("revenue", "nothing"), None, None),
        (("decision", "none", "at all"), None, None),
    ],
)
def test_one_value_is_changed_and_no_other(path: tuple, value: object, written: object) -> None:
    text = FULL.read_text(encoding="utf-8")
    expected, changed = tomllib.loads(text), tomllib.loads(update_text(text, {path: value}))
    for tree in (expected, changed):
        for key in path[:-1]:
            tree = tree.get(key, {}) if isinstance(tree, dict) else tree[key]
        found = tree.pop(path[-1], None)
        if tree is not expected and written is not None and found is not None and tree.get("_") is None:
            last = found
    assert written is None or last == written
    del expected["candidates"]["box"], changed["candidates"]["box"]
    assert changed == expected


def test_nothing_is_overwritten_unasked(tmp_path: Path) -> None:
    file = tmp_path / "s.toml"
    save_text(file, "months = 1\n")
    with pytest.raises(ScenarioError, match=r"s\.toml:1: exists already and is left as it was"):
        save_text(file, "months = 2\n")
    assert file.read_text() == "months = 1\n"
    save_text(file, "months = 3\n", overwrite=True)
    assert file.read_text() == "months = 3\n"
    assert [each.name for each in tmp_path.iterdir()] == ["s.toml"]


def test_a_file_that_cannot_be_written_leaves_nothing_behind(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = tmp_path / "s.toml"
    save_text(file, "months = 1\n")

    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(ScenarioError, match=r"s\.toml:1: cannot be written: No space left on device"):
        save_text(file, "months = 2\n", overwrite=True)
    assert file.read_text() == "months = 1\n"
    assert [each.name for each in tmp_path.iterdir()] == ["s.toml"]


@pytest.mark.parametrize("name", ["gone/s.toml", ".", "a\0b", "x" * 400])
def test_odd_targets_are_told_in_one_line(tmp_path: Path, name: str) -> None:
    with pytest.raises(ScenarioError) as caught:
        save_text(f"{tmp_path}/{name}", "months = 1\n", overwrite=True)
    assert len(str(caught.value).splitlines()) == 1


@pytest.mark.skipif(os.name == "nt", reason="modes and links as on Unix")
def test_mode_is_kept_and_a_link_refused(tmp_path: Path) -> None:
    file, link = tmp_path / "s.toml", tmp_path / "link.toml"
    file.write_text("months = 1\n")
    file.chmod(0o640)
    link.symlink_to("s.toml")
    with pytest.raises(ScenarioError, match=r"link\.toml:1: is a link to s\.toml and is left as it was"):
        save_text(link, "months = 2\n", overwrite=True)
    assert link.is_symlink()
    assert file.read_text() == "months = 1\n"
    save_text(file, "months = 2\n", overwrite=True)
    assert stat.S_IMODE(file.stat().st_mode) == 0o640


NAMES = st.text(min_size=1, max_size=12)
LEAVES = (
    st.integers(-(2**60), 2**60)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.booleans()
    | st.dates()
    | st.text(max_size=20)
)
VALUES = st.recursive(
    LEAVES,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(NAMES, inner, max_size=3),
    max_leaves=10,
)


@given(st.dictionaries(NAMES, VALUES, max_size=5))
def test_any_tree_survives_being_written_and_read(tree: dict) -> None:
    assert tomllib.loads(text_of(tree)) == tree
