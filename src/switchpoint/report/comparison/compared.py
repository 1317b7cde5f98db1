"""The scenarios that are compared: read, simulated, named, and what each comes to."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from switchpoint.checks import load_checked
from switchpoint.report.run import evaluate
from switchpoint.result import Json, Result
from switchpoint.scenario.cautions import cautions
from switchpoint.scenario.errors import Fault, ScenarioError
from switchpoint.scenario.files import Loaded
from switchpoint.scenario.words import shorten
from switchpoint.study.comparison.between import Outcome


@dataclass(frozen=True)
class Compared:
    """One of the scenarios that are compared."""

    file: str
    label: str
    result: Result

    @property
    def figures(self) -> Json:
        """What its advice comes to, in the base case: the candidate that it names started by its start-by date.

        Without a candidate the cost is that of staying.
        """
        outcome, case, best = Outcome.of(self.result), self.result.case, self.result.verdict.candidate
        path = best.started(best.starts.judged) if best else None
        return {
            **asdict(outcome),
            "break_even": self.result.date(path.break_even.day) if path else None,
            "one_off_usd": path.one_off if path else 0.0,
            "total_usd": path.total if path else float(case.stay.sum()),
            "bill_at_start_usd": float(case.bill[0]),
            "bill_at_end_usd": float(case.bill[-1]),
        }


def compared(files: Sequence[str], settings: Sequence[str]) -> list[Compared]:
    """The scenarios of some files, with `path=value` settings in all of them; of one file, it without and with them.

    Raises:
        ScenarioError: with every fault of every file, or where there is nothing to compare.
    """
    alone = len(files) == 1
    twice = [file for place, file in enumerate(files) if _same(file) in map(_same, files[:place])]
    if twice:
        raise ScenarioError([Fault(file, 1, "", "is named twice: there is no difference to explain") for file in twice])
    results = _simulated([(files[0], ()), (files[0], settings)] if alone else [(file, settings) for file in files])
    if alone and not settings:
        message = "is alone: name a second scenario, or say with --set PATH=VALUE what is to change"
        raise ScenarioError([Fault(files[0], 1, "", message)])
    labels = ["as in the file", "as set"] if alone else _labels([loaded for loaded, _ in results])
    return [Compared(loaded.name, label, result) for label, (loaded, result) in zip(labels, results, strict=True)]


def _simulated(asked: Sequence[tuple[str, Sequence[str]]]) -> list[tuple[Loaded, Result]]:
    """Files with settings, simulated; the faults of all of them at once, each told once."""
    results: list[tuple[Loaded, Result]] = []
    faults: dict[Fault, None] = {}
    for file, settings in asked:
        try:
            loaded = load_checked(file, settings)
            sys.stderr.writelines(f"{line}\n" for line in cautions(loaded.source))
            results.append((loaded, evaluate(loaded)))
        except ScenarioError as error:
            faults |= dict.fromkeys(error.faults)
    if faults:
        raise ScenarioError(faults)
    return results


def _same(file: str) -> Any:
    """What tells a file from others."""
    try:
        return Path(file).resolve()
    except (OSError, ValueError, RuntimeError):
        return file


def _labels(loaded: Sequence[Loaded]) -> list[str]:
    """Names that tell the scenarios apart: their own, else their files'."""
    for names in ([each.scenario.name for each in loaded], [Path(each.name).stem for each in loaded]):
        if len(set(names)) == len(names):
            return [shorten(name) for name in names]
    return [shorten(each.name) for each in loaded]


def opening(first: Compared, other: Compared) -> str:
    """How a sentence about the two begins."""
    return "With these settings" if first.file == other.file else f"From {first.label} to {other.label}"
