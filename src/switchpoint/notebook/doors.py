"""The functions of `import switchpoint`: load, simulate, draw, why, compare, sweep, capacity."""

from __future__ import annotations

import itertools
import operator
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

from switchpoint.decision.result import JudgedWorld as Judged
from switchpoint.errors import CannotCompute
from switchpoint.notebook.many import Difference, Draws, Reasons
from switchpoint.notebook.objects import Result
from switchpoint.scenario.candidates import GpuCandidate
from switchpoint.scenario.errors import Fault, ScenarioError, dotted_path
from switchpoint.scenario.schema import Scenario

if TYPE_CHECKING:
    import pandas as pd

    from switchpoint.serving.capacity import Capacity

Made = TypeVar("Made")


def load(path: str | Path) -> Scenario:
    """A scenario from its file; `with_` changes it, `simulate` runs it.

    Raises:
        ScenarioError: with every fault of the file at once, each with its line and what would be right.
    """
    from switchpoint.scenario.catalogue_check import load_checked

    return load_checked(path).scenario


def simulate(scenario: Scenario) -> Result:
    """The base case of a scenario: what to do, by when, and what it comes to, month by month and day by day.

    Raises:
        ScenarioError: where its numbers cannot be computed.
    """
    return Result(_judge(scenario))


def draw(
    scenario: Scenario, draws: int = 1000, *, seed: int = 0, jobs: int | None = None, precision: float | None = None
) -> Draws:
    """Many worlds of a scenario, drawn from all that is uncertain in it.

    Args:
        scenario: everything assumed.
        draws: how many, at most where a precision is asked for.
        seed: of all draws; the same seed draws the same worlds.
        jobs: processes; left out, one per core.
        precision: stop once mean savings are known to this share of the cost of staying, such as 0.01.

    Raises:
        ScenarioError: where a draw cannot be computed.
        TypeError: where draws or seed are no whole numbers.
        ValueError: where there are fewer than one draw, or the precision is no share.
    """
    from switchpoint.study.monte_carlo import MonteCarlo
    from switchpoint.study.workers import cores

    draws, seed = _whole("draws", draws), _whole("seed", seed)
    if draws < 1:
        raise ValueError(f"draws: got {draws}; it takes 1 or more")
    if precision is not None and not 0 < precision <= 1:
        raise ValueError(f"precision: got {precision}; it takes a share above 0 and at most 1, such as 0.01")
    plan = MonteCarlo(draws, seed, jobs or cores(), precision)
    return Draws(_compute(scenario, lambda: plan.study(scenario, _judge(scenario))))


def why(scenario: Scenario) -> Reasons:
    """What the advice on a scenario hangs on: what moves it most, and the thresholds at which it changes.

    Raises:
        ScenarioError: where an end of a stated range cannot be computed.
    """
    from switchpoint.study.reasons import study

    return Reasons(_compute(scenario, lambda: study(_judge(scenario))))


def compare(before: Scenario, after: Scenario) -> Difference:
    """Why two scenarios come out differently: what each input that differs did to dates and dollars.

    Raises:
        ScenarioError: where one of them cannot be computed.
    """
    from switchpoint.study.compare import Comparison

    return Difference(Comparison(_judge(before), _judge(after)))


def sweep(
    study: str | Path | Scenario,
    out: str | Path | None = None,
    *,
    vary: Mapping[str, Sequence[Any]] | None = None,
    jobs: int | None = None,
) -> pd.DataFrame:
    """Many variants in one table, a row each.

    Args:
        study: a study file, run as `switchpoint sweep` runs it; or a scenario, whose variants are run here.
        out: folder for the rows of a study file.
        vary: of a scenario, the values of each path; all combinations are run.
        jobs: processes for a study file; left out, one per core.

    Returns:
        Of a study file the columns that docs/sweeps.md lists; of a scenario the varied paths, action, candidate,
        start_by, live, npv_saving_usd and sentence.

    Raises:
        ScenarioError: where a file, a path or a value is wrong; nothing has run then.
        ValueError: where a study file has no folder, or a scenario nothing to vary.
    """
    if isinstance(study, Scenario):
        if not vary:
            raise ValueError('vary: is missing; it takes paths with their values, such as {"months": [24, 36]}')
        return _variants(study, vary)
    if out is None or vary is not None:
        raise ValueError("a study file takes out, the folder for its rows, and says itself what varies")
    return _study(str(study), Path(out), jobs)


def capacity(scenario: Scenario, candidate: str) -> Capacity:
    """What one replica of a candidate carries: requests per second that keep its promise, found by simulation.

    Raises:
        ScenarioError: where there is no such candidate, or it has no model and GPU to simulate.
    """
    from switchpoint.serving.capacity_cache import capacity
    from switchpoint.simulation.capacity import question, tokens_of

    spec, path = _expect(scenario).candidates.get(candidate), ("candidates", candidate)
    if spec is None:
        known = ", ".join(scenario.candidates) or "none"
        raise _wrong(scenario, path, f"is not there; there are {known}")
    if not isinstance(spec, GpuCandidate):
        raise _wrong(scenario, path, 'is not of kind = "gpu", so there is no replica to simulate')
    if spec.model is None or spec.fleet.gpu is None:
        raise _wrong(scenario, path, "needs model and fleet.gpu to simulate a replica")
    asked = question(spec, *tokens_of(spec, scenario.usage))
    return _compute(scenario, lambda: capacity(asked))


def _judge(scenario: Scenario) -> Judged:
    from switchpoint.decision.case import simulate

    return _compute(scenario, lambda: Judged(simulate(_expect(scenario))))


def _expect(scenario: Any) -> Scenario:
    """The scenario that is asked about, if it is one."""
    if not isinstance(scenario, Scenario):
        raise TypeError(f'takes a Scenario, such as switchpoint.load("ours.toml"); got {scenario!r:.80}')
    return scenario


def _whole(name: str, value: Any) -> int:
    """A whole number of Python's own, whatever whole number it is."""
    try:
        return operator.index(value)
    except TypeError:
        raise TypeError(f"{name}: got {value!r:.80}; it takes a whole number") from None


def _compute(scenario: Scenario, compute: Callable[[], Made]) -> Made:
    try:
        return compute()
    except CannotCompute as problem:
        raise _wrong(scenario, problem.path, problem.message) from None


def _wrong(scenario: Scenario, path: tuple[str, ...], message: str) -> ScenarioError:
    return ScenarioError([Fault(scenario.name, 1, dotted_path(path), message)])


def _variants(scenario: Scenario, vary: Mapping[str, Sequence[Any]]) -> pd.DataFrame:
    import pandas as pd

    from switchpoint.notebook.objects import with_dates

    points = [dict(zip(vary, values, strict=True)) for values in itertools.product(*vary.values())]
    variants = [scenario.with_(point) for point in points]
    rows = []
    for point, variant in zip(points, variants, strict=True):
        advice = simulate(variant).verdict
        names = ("action", "candidate", "start_by", "live", "npv_saving_usd", "sentence")
        rows.append({**point, **{name: getattr(advice, name) for name in names}})
    return with_dates(pd.DataFrame(rows), ("start_by", "live"))


def _study(file: str, out: Path, jobs: int | None) -> pd.DataFrame:
    from switchpoint.study.sweep.folder import Folder, table_of
    from switchpoint.study.sweep.plan import plan_sweep
    from switchpoint.study.sweep.run import Crew, begin, conduct
    from switchpoint.study.sweep.study_file import load_study

    asked, folder, crew = load_study(file), Folder(out), Crew.here(jobs)
    plan = plan_sweep(asked)
    with folder.hold_lock():
        conduct(plan, begin(asked, plan, folder, crew), folder, crew, lambda _: None)
    table: pd.DataFrame = table_of(folder.files).to_pandas()
    return table
