"""Stories for the tests of exports, each told once."""

from functools import cache
from pathlib import Path

from switchpoint.decision.case import simulate
from switchpoint.decision.result import JudgedWorld
from switchpoint.export.formats import Exports
from switchpoint.review.context import Subject
from switchpoint.scenario.catalogue_check import load_checked
from switchpoint.scenario.load import remarks
from switchpoint.scenario.toml_writer import examples
from switchpoint.study.monte_carlo import MonteCarlo
from switchpoint.study.reasons import study

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
    result = JudgedWorld(simulate(scenario))
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
