"""What comes by a link, an upload or the app's text field opens no file, whatever its keys are called."""

import ast
import json
from pathlib import Path
from typing import NoReturn

import pytest

from switchpoint.scenario.access import NO_FILES, REFUSED, Disk, OnlyFiles
from switchpoint.scenario.catalogue_check import load_checked, load_text_checked
from switchpoint.scenario.errors import ScenarioError
from switchpoint.scenario.load import load, load_text
from switchpoint.ui.library import BadInput, open_upload, validate_tree

HEAD = """\
start = 2027-01-01
{top}
[usage]
requests_per_day = 1000
input_tokens = 100
output_tokens = 100
growth = {growth}
[limit]
usd_per_month = 100
[current]
usd_per_mtok = {{ input = 1, output = 1 }}
[candidates.own]
kind = "gpu"
[candidates.own.fleet]
{fleet}
usd_per_gpu_hour = 1.0
"""
CONSTANT = '{ curve = "constant" }'
STATED = "requests_per_second_per_replica = 2.0"
FILE = "/etc/passwd"


def written(top: str = "", growth: str = CONSTANT, fleet: str = STATED) -> str:
    return HEAD.format(top=top, growth=growth, fleet=fleet)


NAMING = {
    "extends": written(f'extends = "{FILE}"'),
    "usage.growth.file": written(growth=f'{{ curve = "history", file = "{FILE}" }}'),
    "usage.growth.files": written(growth=f'{{ curve = "history", files = "{FILE}" }}'),
    "usage.growth.fil": written(growth=f'{{ curve = "history", fil = "{FILE}" }}'),
    "candidates.own.fleet.benchmark": written(fleet=f'benchmark = "{FILE}"'),
    "candidates.own.fleet.benchmrk": written(fleet=f'{STATED}\nbenchmrk = "{FILE}"'),
}


@pytest.fixture
def nothing_opened(monkeypatch: pytest.MonkeyPatch) -> None:
    """Opening a file is a failure."""

    def fail(*given: object, **named: object) -> NoReturn:
        pytest.fail(f"opened {given}")

    monkeypatch.setattr("switchpoint.scenario.access.read_bytes", fail)
    monkeypatch.setattr("switchpoint.files.os.open", fail)
    monkeypatch.setattr(Path, "open", fail)
    monkeypatch.setattr(Path, "read_text", fail)
    monkeypatch.setattr(Path, "stat", fail)
    monkeypatch.setattr(Path, "resolve", fail)


@pytest.mark.parametrize("field", NAMING)
@pytest.mark.usefixtures("nothing_opened")
def test_a_foreign_text_opens_no_file_and_is_told_so_in_one_line(field: str) -> None:
    with pytest.raises(ScenarioError) as caught:
        load_text_checked(NAMING[field], "linked.toml")
    (line,) = [each for each in str(caught.value).splitlines() if REFUSED in each]
    number = 1 + NAMING[field][: NAMING[field].index(FILE)].count("\n")
    assert line == f"linked.toml:{number}: {field}: {REFUSED}"
    assert "root" not in str(caught.value)


@pytest.mark.parametrize("field", NAMING)
def test_an_upload_opens_no_file(field: str) -> None:
    opened = open_upload("mine.toml", NAMING[field].encode())
    assert opened.loaded is None
    assert sum(REFUSED in fault for fault in opened.faults) == 1
    assert not any("root:" in fault for fault in opened.faults)


@pytest.mark.parametrize(
    "change",
    [
        {"usage": {"growth": {"curve": "history", "file": FILE}}},
        {"candidates": {"own": {"fleet": {"benchmark": FILE}}}},
    ],
)
@pytest.mark.usefixtures("nothing_opened")
def test_a_changed_scenario_opens_no_file(change: dict) -> None:
    loaded = load_text(written(), "mine.toml")
    tree = laid_over(json.loads(json.dumps(loaded.tree, default=str)), change)
    with pytest.raises(BadInput, match=REFUSED):
        validate_tree(tree, loaded)


def laid_over(tree: dict, change: dict) -> dict:
    both = {key: laid_over(tree.get(key, {}), value) for key, value in change.items() if isinstance(value, dict)}
    return {**tree, **change, **both}


@pytest.fixture
def measured(tmp_path: Path) -> Path:
    """A scenario of the command line with a load test of its own."""
    (tmp_path / "result.json").write_text('{"request_throughput": 3}', encoding="utf-8")
    (tmp_path / "secret.json").write_text('{"request_throughput": 5}', encoding="utf-8")
    file = tmp_path / "own.toml"
    file.write_text(written(fleet='benchmark = "result.json"'), encoding="utf-8")
    return file


def test_a_file_of_the_command_line_opens_what_it_names(measured: Path) -> None:
    loaded = load_checked(measured)
    assert loaded.scenario.candidates["own"].fleet.requests_per_second_per_replica == 3.0
    assert {measured, measured.parent / "result.json"} <= loaded.opened
    assert measured.parent / "secret.json" not in loaded.opened


def test_a_text_typed_over_it_opens_the_same_files_and_no_other(measured: Path) -> None:
    loaded = load_checked(measured)
    again = load_text(loaded.text, loaded.name, files=OnlyFiles(loaded.opened))
    assert again.scenario == loaded.scenario
    with pytest.raises(ScenarioError, match=REFUSED):
        load_text(loaded.text.replace("result.json", "secret.json"), loaded.name, files=OnlyFiles(loaded.opened))


@pytest.mark.parametrize("name", ["../result.json", "x/../result.json", "/etc/passwd", "./secret.json", "nul\\u0000"])
def test_no_spelling_of_a_path_leads_elsewhere(measured: Path, name: str) -> None:
    loaded = load_checked(measured)
    with pytest.raises(ScenarioError) as caught:
        load_text(loaded.text.replace("result.json", name), loaded.name, files=OnlyFiles(loaded.opened))
    assert REFUSED in str(caught.value)


@pytest.mark.parametrize("name", ["/dev/zero", "/dev/stdin", "pipe", "."])
@pytest.mark.parametrize("field", ["benchmark", "file", "extends"])
def test_a_file_that_is_none_is_one_line(measured: Path, name: str, field: str) -> None:
    import os

    os.mkfifo(measured.parent / "pipe")
    texts = {
        "benchmark": written(fleet=f'{STATED}\nbenchmark = "{name}"'),
        "file": written(growth=f'{{ curve = "history", file = "{name}" }}'),
        "extends": written(f'extends = "{name}"'),
    }
    measured.write_text(texts[field], encoding="utf-8")
    with pytest.raises(ScenarioError) as caught:
        load(measured)
    (line,) = str(caught.value).splitlines()
    assert "is not a file: it is a device or a pipe" in line or "is a folder, not a" in line


@pytest.mark.parametrize("digits", [20, 400, 5000])
def test_a_number_of_many_digits_is_one_line(digits: int) -> None:
    text = written(growth='{ curve = "compound", per_month = ' + "1" * digits + " }")
    with pytest.raises(ScenarioError) as caught:
        load_text(text)
    (line,) = str(caught.value).splitlines()
    assert line.startswith("scenario.toml:7: ")


@pytest.mark.parametrize("text", ["a" * 1_100_000, "x = " + "[" * 30 + "]" * 30, "a." * 30 + "b = 1"])
def test_what_is_too_large_or_too_deep_is_one_line(text: str) -> None:
    with pytest.raises(ScenarioError) as caught:
        load_text(text)
    (line,) = str(caught.value).splitlines()
    assert "must be at most 1 MB" in line or "20 deep" in line


def test_only_the_access_opens_files_when_a_scenario_is_read() -> None:
    """No other module on the way from a text to a scenario has a way to a file."""
    folder = Path(load.__code__.co_filename).parent
    reading = ("load", "toml_source", "named_files", "paths", "explain_errors", "catalogue_check")
    for module in reading:
        tree = ast.parse((folder / f"{module}.py").read_text(encoding="utf-8"))
        called = {
            node.func.attr for node in ast.walk(tree) if isinstance(node, ast.Call) and hasattr(node.func, "attr")
        }
        called |= {node.func.id for node in ast.walk(tree) if isinstance(node, ast.Call) and hasattr(node.func, "id")}
        assert called.isdisjoint({"open", "read_bytes", "exists", "is_file", "stat", "glob", "iterdir", "resolve"}), (
            module
        )
        assert module in ("load", "catalogue_check") or "Disk" not in called


def test_the_kinds_of_access() -> None:
    assert NO_FILES.files_read == frozenset()
    assert Disk().files_read == frozenset()
