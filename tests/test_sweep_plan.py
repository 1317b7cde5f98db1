"""Which points a sweep has, and what is refused before one of them runs."""

import itertools
import math
from datetime import date
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from switchpoint.scenario.errors import ScenarioError
from switchpoint.study.sweep.chunks import FILES_PER_JOB, MOST_FILES, chunk_size
from switchpoint.study.sweep.plan import SweepPlan, plan_sweep
from switchpoint.study.sweep.run import seconds_per_point
from switchpoint.study.sweep.study_file import is_study, load_study, typed_study
from tests.sweep_worlds import SCENARIO, written

GROWTH = "usage.growth.per_month"
COVERAGE = "candidates.*.coverage"


@pytest.fixture
def file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    monkeypatch.chdir(tmp_path)
    return Path(written(tmp_path)).name


def plan(file: str, *vary: str, settings: tuple[str, ...] = (), **told: object) -> SweepPlan:
    return plan_sweep(typed_study(file, settings, vary, told))


def values(found: SweepPlan) -> list[tuple[object, ...]]:
    return [found.point(number).values for number in range(len(found))]


def refused(file: str, *vary: str, **told: object) -> str:
    with pytest.raises(ScenarioError) as fault:
        plan(file, *vary, **told)
    return str(fault.value)


class TestGrid:
    def test_it_takes_every_combination_the_last_input_first(self, file: str) -> None:
        found = plan(file, f"{GROWTH}=0.02:0.08:4", "months=6,12", "candidates.box.fleet.spare_replicas=0:2:3")
        assert values(found) == list(itertools.product((0.02, 0.04, 0.06, 0.08), (6, 12), (0, 1, 2)))

    def test_equal_ratios(self, file: str) -> None:
        found = plan(file, "usage.requests_per_day=100:100000:4:log")
        assert [value for (value,) in values(found)] == pytest.approx([100, 1_000, 10_000, 100_000], rel=1e-9)

    def test_whole_numbers_stay_whole_and_are_taken_once(self, file: str) -> None:
        found = plan(file, "months=6:8:9")
        assert values(found) == [(6,), (7,), (8,)]
        assert found.dimensions[0].kind == "whole"

    def test_values_of_every_kind(self, file: str) -> None:
        ranges = GROWTH + "={ low = 0.1, high = 0.2 },0.3"
        found = plan(file, "start=2027-01-01,2027-06-01", 'decision.policy=now,"warn"', ranges)
        assert [each.kind for each in found.dimensions] == ["date", "text", "text"]
        assert found.point(0).values == (date(2027, 1, 1), "now", {"low": 0.1, "high": 0.2})

    def test_points_of_the_next_scenario_follow_in_the_same_order(self, tmp_path: Path, file: str) -> None:
        written(tmp_path, SCENARIO.replace("600", "900"), "other.toml")
        study = tmp_path / "study.toml"
        study.write_text(f'scenarios = ["{file}", "other.toml"]\n[[vary]]\npath = "{GROWTH}"\nvalues = [0.1, 0.2]\n')
        found = plan_sweep(load_study(str(study)))
        points = [found.point(number) for number in range(len(found))]
        assert [(point.base, point.values) for point in points] == [(0, (0.1,)), (0, (0.2,)), (1, (0.1,)), (1, (0.2,))]
        assert [base.name for base in found.bases] == ["small", "other"]


class TestSamples:
    @pytest.mark.parametrize("count", [7, 64])
    def test_latin_hypercube_has_one_point_in_each_part_of_each_range(self, file: str, count: int) -> None:
        found = plan(file, f"{GROWTH}=0:0.1", f"{COVERAGE}=0.5:1", sample="lhs", points=count)
        for column in np.array(values(found)).T:
            low, width = (0, 0.1) if column.max() <= 0.1 else (0.5, 0.5)
            assert sorted(((column - low) / width * count).astype(int)) == list(range(count))

    def test_sobol_points_are_balanced(self, file: str) -> None:
        found = np.array(values(plan(file, f"{GROWTH}=0:1", f"{COVERAGE}=0:1", sample="sobol", points=256)))
        cells = (found * 16).astype(int)
        assert len({tuple(cell) for cell in cells.tolist()}) == 256

    def test_listed_values_and_whole_numbers_get_equal_parts(self, file: str) -> None:
        found = values(
            plan(file, "months=6,12,24,36", "candidates.box.fleet.spare_replicas=0:3", sample="sobol", points=64)
        )
        for column in zip(*found, strict=True):
            assert {value: column.count(value) for value in column} == dict.fromkeys(set(column), 16)

    def test_equal_ratios_are_equally_likely(self, file: str) -> None:
        found = values(plan(file, "usage.requests_per_day=1:10000:log", sample="lhs", points=400))
        logs = [math.log10(value) for (value,) in found]
        assert [sum(int(each) == decade for each in logs) for decade in range(4)] == [100] * 4

    def test_the_seed_decides(self, file: str) -> None:
        vary, told = f"{GROWTH}=0:0.1", {"sample": "lhs", "points": 9}
        assert values(plan(file, vary, **told, seed=1)) == values(plan(file, vary, **told, seed=1))
        assert values(plan(file, vary, **told, seed=1)) != values(plan(file, vary, **told, seed=2))


class TestRefused:
    @pytest.mark.parametrize(
        ("vary", "line"),
        [
            ("usage.grwth.per_month=0.1:0.2:3", "--vary:1: usage.grwth: is not a known key; did you mean growth?"),
            ("candidates.bx.coverage=0.1:0.2:3", "candidates.bx.coverage: names no candidate: bx; did you mean box?"),
            (f"{GROWTH}=0.2:0.1:3", f"--vary:1: {GROWTH}: has an empty range: low must be below high; got 0.2 and 0.1"),
            (f"{GROWTH}=0.1:0.2", f"--vary:1: needs steps for {GROWTH}, how many values of its range a grid takes"),
            (f"{GROWTH}=0:0.2:3:log", f"--vary:1: {GROWTH}: needs a low above 0 for scale log; got 0"),
            ("candidates.box.coverage=0.5:1.5:3", "--vary:1: candidates.box.coverage: must be from 0 to 1; got 1.5"),
            (GROWTH, f"--vary:1: {GROWTH}: must be PATH=LOW:HIGH:STEPS or PATH=A,B,C, such as {GROWTH}=0.02:0.2:10"),
            (f"{GROWTH}=a:b:3", f'--vary:1: {GROWTH}: must be a range of numbers such as 0.02:0.2:10; got "a:b:3"'),
            (f"{GROWTH}=0.1:0.2:1", "--vary:1: vary.0.steps: must be 2 or more; got 1"),
            ("usage.growth.curve=compund", 'got "compund"; did you mean compound?'),
            ("candidates.box.fleet.gpu=L4,L40X", "L40X"),
        ],
    )  # fmt: skip
    def test_a_wrong_path_an_impossible_value_and_an_empty_range(self, file: str, vary: str, line: str) -> None:
        assert line in refused(file, vary)

    def test_every_fault_at_once(self, file: str) -> None:
        assert len(refused(file, "usage.x=1:2:3", "months=1:2:3", "usage.y=1,2").splitlines()) == 2

    def test_a_sample_without_a_number_of_points_and_points_without_a_sample(self, file: str) -> None:
        assert refused(file, "months=6:12", sample="lhs") == (
            "--sample:1: needs points, how many lhs takes, such as points = 1000"
        )
        assert "points has no meaning" in refused(file, "months=6:12:3", points=10)

    def test_an_input_that_varies_twice(self, file: str) -> None:
        assert "varies months twice" in refused(file, "months=6:12:3", "months=1,2")

    def test_too_many_points(self, file: str) -> None:
        text = refused(file, f"{GROWTH}=0.1:0.2:10000", f"{COVERAGE}=0.1:0.2:10000")
        assert "must be at most 1,000,000 points; got 100,000,000" in text

    def test_nothing_that_varies(self, file: str) -> None:
        assert "is missing: what varies" in refused(file)

    def test_a_setting_that_is_wrong(self, file: str) -> None:
        with pytest.raises(ScenarioError, match=r"--set:1: usage\.x: is not a known key"):
            plan(file, "months=6,12", settings=("usage.x=3",))


class TestStudyFiles:
    def test_they_are_told_from_scenarios(self, root: Path, file: str) -> None:
        assert not is_study(file)
        assert not is_study("nowhere.toml")
        assert all(is_study(str(study)) for study in (root / "scenarios" / "sweeps").glob("*.toml"))

    def test_every_shipped_study_is_right(self, root: Path) -> None:
        studies = sorted((root / "scenarios" / "sweeps").glob("*.toml"))
        assert studies
        for study in studies:
            assert 0 < len(plan_sweep(load_study(str(study)))) < 1_000

    @pytest.mark.parametrize(
        ("text", "line"),
        [
            ("sampel = 'lhs'", "3: sampel: is not a known key; did you mean sample?"),
            ("sample = 'sobl'", '3: sample: must be grid, lhs or sobol; got "sobl"; did you mean sobol?'),
            ("seed = -1", "3: seed: must be 0 or more; got -1"),
            ("set = { 'usage.x' = 1 }", '3: set."usage.x": is not a known key of this table'),
            ("outputs = [1]", "3: outputs.0: must be text in quotes; got 1"),
        ],
    )
    def test_every_fault_has_its_line(self, tmp_path: Path, file: str, text: str, line: str) -> None:
        study = f"scenarios = ['{file}']\nvary = [{{ path = 'months', values = [6] }}]\n{text}\n"
        assert f"study.toml:{line}" in self.fault(tmp_path, study)

    @pytest.mark.parametrize(
        ("text", "line"),
        [
            ("path = 'usage.grwth.x'\nvalues = [1]", "2: usage.grwth: is not a known key; did you mean growth?"),
            ("path = 'months'\nlow = 9\nhigh = 3\nsteps = 2", "2: months: has an empty range: low must be below high"),
            ("path = 'usage.daily_noise'\nlow = 0", "2: usage.daily_noise: must have values, or both low and high"),
            (
                "path = 'months'\nvalues = [6]\nsteps = 2",
                "2: months: must have either values, or low and high, not both",
            ),
            ("values = [1]", "2: vary.0.path: is missing"),
            ("path = 'months'\nvalus = [1]", "4: vary.0.valus: is not a known key; did you mean values?"),
        ],
    )
    def test_every_fault_of_an_input_has_its_line(self, tmp_path: Path, file: str, text: str, line: str) -> None:
        assert f"study.toml:{line}" in self.fault(tmp_path, f"scenarios = ['{file}']\n[[vary]]\n{text}\n")

    def fault(self, folder: Path, study: str) -> str:
        (folder / "study.toml").write_text(study)
        with pytest.raises(ScenarioError) as fault:
            plan_sweep(load_study("study.toml"))
        return str(fault.value)

    def test_scenarios_lie_relative_to_the_study(
        self, tmp_path: Path, file: str, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        folder = tmp_path / "studies"
        folder.mkdir()
        (folder / "s.toml").write_text(f"scenarios = ['../{file}']\nvary = [{{ path = 'months', values = [6, 12] }}]\n")
        monkeypatch.chdir(folder)
        assert len(plan_sweep(load_study("s.toml"))) == 2

    def test_a_scenario_that_is_missing(self, tmp_path: Path) -> None:
        (tmp_path / "s.toml").write_text("scenarios = ['no.toml']\nvary = [{ path = 'months', values = [6] }]\n")
        with pytest.raises(ScenarioError, match=r"no\.toml:1: does not exist"):
            plan_sweep(load_study(str(tmp_path / "s.toml")))


@given(points=st.integers(1, 1_000_000), pace=st.floats(1e-4, 100), jobs=st.integers(1, 64))
def test_a_chunk_is_worth_a_quarter_second_and_there_are_not_too_many(points: int, pace: float, jobs: int) -> None:
    size = chunk_size(points, pace, jobs)
    assert size * pace >= 0.25
    assert math.ceil(points / size) <= MOST_FILES
    if size > max(math.ceil(max(1, 0.02 * jobs) / pace), math.ceil(points / MOST_FILES)):
        raise AssertionError("a chunk is larger than there is a reason for")
    assert points / size <= 2 * FILES_PER_JOB * jobs or size * pace >= 1 or math.ceil(0.25 / pace) <= size


@pytest.mark.parametrize("points", [10_000, 100_000, 1_000_000])
def test_on_a_thousand_processes_the_one_that_writes_keeps_up(points: int) -> None:
    pace, jobs, handling = 0.017, 1_000, 0.01

    def taken(size: float) -> float:
        return max(points * pace / jobs, points / size * handling) + size * pace

    size = chunk_size(points, pace, jobs)
    assert taken(size) <= 1.5 * min(taken(other) for other in range(1, 5_000))


def test_the_pace_of_very_many_draws_is_that_of_some(file: str) -> None:
    seen = []

    def watched(_loaded: object, setup: object) -> dict[str, object]:
        seen.append(setup.draws)  # type: ignore[attr-defined]
        raise ValueError("watched")

    plan = plan_sweep(typed_study(file, (), ("usage.growth.per_month=0.01:0.02:2",), {"draws": 1_000_000}))
    assert seconds_per_point(plan, watched) > 1_000_000 / 256 * 1e-6
    assert {*seen} == {256}
