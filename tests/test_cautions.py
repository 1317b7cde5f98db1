"""What belongs to one GPU is not silently taken for another."""

from pathlib import Path

import pytest
from typer.testing import CliRunner

from switchpoint.cli import program

GPU = "candidates.box.fleet.gpu"


@pytest.fixture
def file(tmp_path: Path) -> str:
    from tests.sweep_worlds import SCENARIO

    path = tmp_path / "small.toml"
    path.write_text(SCENARIO, encoding="utf-8")
    return str(path)


def told(*words: str) -> str:
    found = CliRunner().invoke(program, words)
    assert found.exit_code == 0, found.stderr
    return found.stderr


@pytest.mark.parametrize("command", [["run"], ["check"], ["compare"], ["why"]])
def test_a_rent_that_stays_while_the_gpu_changes_is_noted(file: str, command: list[str]) -> None:
    line = told(*command, file, "--set", f"{GPU}=H100")
    assert f"Note: {GPU} is changed, but usd_per_gpu_hour and requests_per_second_per_replica stay as stated" in line


def test_what_is_set_with_the_gpu_needs_no_note(file: str) -> None:
    rent, capacity = "candidates.box.fleet.usd_per_gpu_hour=3", "candidates.box.fleet.requests_per_second_per_replica=9"
    assert told("run", file, "--set", f"{GPU}=H100", "--set", rent, "--set", capacity) == ""
    assert told("run", file, "--set", rent) == ""


def test_a_sweep_over_gpus_is_noted_once(file: str, tmp_path: Path) -> None:
    line = told("sweep", file, "--vary", f"{GPU}=H100,L40S", "--out", str(tmp_path / "out"), "--dry-run")
    assert line.count("Note: ") == 1
    assert "usd_per_gpu_hour" in line
