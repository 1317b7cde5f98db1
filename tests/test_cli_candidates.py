"""`switchpoint candidates` and `switchpoint new --bill`: what they print and write, and what they say of bad input."""

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from switchpoint.cli import program
from switchpoint.ranking import rank as ranking_module
from switchpoint.ranking import scenario_text
from switchpoint.scenario.catalogue_check import load_checked
from tests.test_ranking import TEXT

FILES = {
    "candidates.json",
    "candidates.txt",
    "loads.csv",
    *(f"cost-by-load.{kind}" for kind in ("png", "svg")),
}
BILL = ("--provider", "openai", "--model", "gpt-5.4-mini", "--bill", "14000")


@pytest.fixture(autouse=True)
def _few_layouts(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ranking_module, "SIMULATED", 1)
    monkeypatch.setattr(scenario_text, "FEW", 1)


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "even.toml"
    path.write_text(TEXT, encoding="utf-8")
    return path


def switchpoint(*arguments: str):
    return CliRunner().invoke(program, list(arguments))


@pytest.mark.slow
def test_candidates_are_printed_written_and_kept(file: Path, tmp_path: Path) -> None:
    """One run of everything: the page, the files of --out, and the scenario with its comments."""
    out = tmp_path / "found"
    told = switchpoint("candidates", str(file), "--size", "small", "--out", str(out), "--write", "--jobs", "1")
    assert told.exit_code == 0, told.output
    assert told.stdout.index("What is assumed") < told.stdout.index("Today: gpt-5.4-mini")
    assert {each.name for each in out.iterdir() if not each.name.startswith(".")} == FILES
    text = file.read_text(encoding="utf-8")
    assert text.startswith(TEXT.rstrip("\n"))
    assert "# assumption: quality is in no price list" in text
    written = load_checked(str(file)).scenario.candidates
    assert 2 <= len(written) <= 3
    assert all(name in told.stdout for name in written)
    first = json.loads((out / "candidates.json").read_text(encoding="utf-8"))["candidates"][0]
    assert first["name"] in written


def test_json_of_the_first_is_asked_for(file: Path) -> None:
    told = switchpoint("candidates", str(file), "--size", "small", "--json", "--top", "2", "--jobs", "1")
    assert told.exit_code == 0, told.output
    assert [each["rank"] for each in json.loads(told.stdout)["candidates"]] == [1, 2]
    assert file.read_text(encoding="utf-8") == TEXT


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("--size", "huge"), "must be small, medium or large; got 'huge'"),
        (("--limit-latency", "fast"), "must be seconds to the first token"),
        (("--limit-latency", "1,2,3"), "must be seconds to the first token"),
        (("--limit-latency", "0"), "must be seconds to the first token"),
        (("--set", "usage.input_tokns=5"), "input_tokens"),
    ],
)
def test_bad_input_is_one_line(file: Path, arguments: tuple[str, ...], message: str) -> None:
    told = switchpoint("candidates", str(file), *arguments)
    assert told.exit_code == 2
    assert message in " ".join(told.output.replace("│", " ").split())
    assert "Traceback" not in told.output


def test_a_promise_that_nothing_keeps_leaves_models_by_the_token(file: Path) -> None:
    told = switchpoint("candidates", str(file), "--size", "small", "--limit-latency", "0.001,0.0001", "--json")
    assert {each["way"] for each in json.loads(told.stdout)["candidates"]} <= {"api", "hosted"}


@pytest.mark.slow
def test_a_bill_becomes_a_file_that_says_whose_each_number_is(tmp_path: Path) -> None:
    path = tmp_path / "ours.toml"
    told = switchpoint("new", str(path), *BILL, "--requests-per-day", "30000", "--growth", "doubling every 8 months")
    assert told.exit_code == 0, told.output
    assert told.stdout.index("solved: a bill of $14k") < told.stdout.index("assumed: cached input")
    text = path.read_text(encoding="utf-8")
    assert text.index("Look at what is assumed first") < text.index("[usage]")
    assert "# yours: level at the start" in text
    assert "# from your bill: per request" in text
    scenario = load_checked(str(path)).scenario
    assert len(scenario.candidates) == 3
    assert scenario.limit is None


@pytest.mark.slow
def test_a_file_that_exists_is_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "ours.toml"
    path.write_text("mine", encoding="utf-8")
    told = switchpoint("new", str(path), *BILL, "--requests-per-day", "30000")
    assert (told.exit_code, told.stderr) == (2, f"{path}:1: exists already and is left as it was\n")
    assert path.read_text(encoding="utf-8") == "mine"


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("--bill", "5"), "is needed beside --bill"),
        ((*BILL, "--growth", "fast"), "must be a share such as 0.1"),
        (BILL, "needs two of three"),
        ((*BILL, "--requests-per-day", "-5"), "must be a number above 0"),
        ((*BILL, "--requests-per-day", "5", "--from", "voice-agent"), "copies an example"),
        ((*BILL[:2], "--model", "gpt-5.4-mni", "--bill", "5", "--requests-per-day", "5"), "gpt-5.4-mini"),
        ((*BILL, "--requests-per-day", "30000", "--limit-share", "0.1"), "needs the revenue"),
    ],
)
def test_a_bill_that_says_too_little_is_one_line(tmp_path: Path, arguments: tuple[str, ...], message: str) -> None:
    told = switchpoint("new", str(tmp_path / "ours"), *arguments)
    assert told.exit_code == 2
    assert message in " ".join(told.output.replace("│", " ").split())
    assert "Traceback" not in told.output
    assert not list(tmp_path.iterdir())
