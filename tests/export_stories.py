"""Stories for the tests of exports, each told once."""

from functools import cache
from pathlib import Path

from switchpoint.checks import load_checked
from switchpoint.engine import simulate
from switchpoint.report.exports import Exports
from switchpoint.report.story import Subject
from switchpoint.report.why import study
from switchpoint.result import Result
from switchpoint.scenario.examples import examples
from switchpoint.scenario.remarks import remarks
from switchpoint.study.draws.montecarlo import MonteCarlo

HOSTILE = Path(__file__).parent / "scenario_data" / "hostile.toml"
DRAWS, SEED = 8, 5
STAY, LATE, START = "early-prototype", "code-assistant", "support-copilot"
CASES = ((START, DRAWS), (STAY, 0), (LATE, 0), ("hostile", DRAWS), ("bare", 0))
"""Scenarios, and how many draws of each: short and hostile long names, 0 to 5 candidates, stay, start-by and late."""


@cache
def exports_of(name: str, draws: int = 0) -> Exports:
    """The exports of a scenario; "bare" is one without candidates."""
    path = HOSTILE if name == "hostile" else examples()[STAY if name == "bare" else name]
    loaded = load_checked(path)
    scenario = loaded.scenario.model_copy(update={"candidates": {}}) if name == "bare" else loaded.scenario
    result = Result(simulate(scenario))
    findings = MonteCarlo(draws, SEED).study(scenario, result) if draws else None
    return Exports(Subject(result, findings, study(result), remarks(loaded)))


@cache
def report_of(name: str, draws: int = 0) -> bytes:
    """The page of a scenario."""
    return exports_of(name, draws).report()


@cache
def pdf_of(name: str, draws: int = 0) -> bytes:
    """The PDF of a scenario."""
    return exports_of(name, draws).pdf()
