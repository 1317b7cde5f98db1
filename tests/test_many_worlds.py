"""Scenarios that are simulated at once come to what each comes to alone."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, fields, is_dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from switchpoint.decision.candidate_result import OF_STARTED, CandidateResult
from switchpoint.decision.case import SimulatedWorld, simulate
from switchpoint.decision.flip import find_flip, find_flips
from switchpoint.decision.many_figures import ManyFigures
from switchpoint.decision.result import COSTLY, JudgedWorld, results
from switchpoint.decision.start_dates import HANGS_ON_POLICY, StartDates
from switchpoint.decision.started_candidate import RunningCost, StartedCandidate, Strain
from switchpoint.decision.verdict import CandidateFacts
from switchpoint.decision.world_batch import WorldBatch, simulate_alike, simulated_groups
from switchpoint.errors import CannotCompute
from switchpoint.finance import break_even, break_even_moments
from switchpoint.horizon import NEVER, first_day, latest_day
from switchpoint.scenario.candidates import PlanStep, RoutePlan
from switchpoint.scenario.diff import groups
from switchpoint.scenario.load import load
from switchpoint.scenario.paths import UncertainInputs
from switchpoint.scenario.schema import Scenario
from switchpoint.simulation.candidate import World
from switchpoint.simulation.present_cost import PresentCosts
from switchpoint.simulation.rows import AT_ONCE
from switchpoint.simulation.schedule import Schedule
from switchpoint.simulation.switch_costs import SwitchCosts
from switchpoint.study.advice import Judge
from switchpoint.study.sweep.columns import BASE_OUTPUTS, candidate_figures, shared_figures
from switchpoint.study.sweep.folder import arrow_schema
from switchpoint.study.sweep.row_table import RowTable
from tests.effort import tries
from tests.scenario_strategies import own_scenarios, scenarios
from tests.small_worlds import API, BOX, growing, merged, scenario, with_candidates, without_flips

pytestmark = pytest.mark.slow

STORIES = sorted((Path(__file__).resolve().parent.parent / "scenarios").glob("*.toml"))
FEW = settings(
    max_examples=tries(16, 100),
    phases=[phase for phase in Phase if phase is not Phase.shrink],
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)


def varied(spec: Scenario, count: int, seed: int = 1, most: float = 1.0) -> list[Scenario]:
    """The scenario with its uncertain numbers drawn, and with another level of usage and another coverage each time.

    With `most` above 1 some candidates take everything.
    """
    inputs, stream = UncertainInputs(spec), np.random.default_rng(seed)
    found = []
    for row in inputs.values(stream.uniform(0.05, 0.95, (count, len(inputs.all)))):
        certain = inputs.certain(row)
        level = certain.usage.requests_per_day
        usage = certain.usage.model_copy(update={"requests_per_day": level and level * stream.uniform(0.3, 3)})
        candidates = {
            name: each.model_copy(update={"coverage": min(stream.uniform(0.4, most), 1.0)})
            for name, each in certain.candidates.items()
        }
        found.append(certain.model_copy(update={"usage": usage, "candidates": candidates}))
    return found


def same(one: Any, other: Any, where: str = "") -> None:
    """Two results, to the day and to a billionth."""
    if isinstance(one, dict):
        assert list(one) == list(other), where
        for key in one:
            same(one[key], other[key], f"{where}.{key}")
    elif isinstance(one, list):
        assert len(one) == len(other), where
        for place, pair in enumerate(zip(one, other, strict=True)):
            same(*pair, f"{where}.{place}")
    elif isinstance(one, float):
        assert one == pytest.approx(other, rel=1e-9, abs=1e-6), where
    else:
        assert one == other, where


def alone(spec: Scenario) -> SimulatedWorld | None:
    try:
        return simulate(spec)
    except CannotCompute:
        return None


def _advised(spec: Scenario, requests_per_day: float) -> str | None:
    """The candidate that is advised at another level of usage."""
    usage = spec.usage.model_copy(update={"requests_per_day": requests_per_day})
    best = simulate(spec.model_copy(update={"usage": usage})).verdict.candidate
    return best and best.name


class TestTogether:
    """Base cases simulated at once."""

    def test_one_that_cannot_be_computed_takes_nothing_with_it(self) -> None:
        worlds = [scenario(growing(rate), with_candidates(other=API)) for rate in (0.05, 40.0, 0.06)]
        first, wrong, last = simulate_alike(worlds)
        assert isinstance(wrong, CannotCompute)
        assert isinstance(first, SimulatedWorld)
        assert isinstance(last, SimulatedWorld)
        assert first.threat == simulate(worlds[0]).threat

    @pytest.mark.parametrize("what", ["usd_per_gpu_hour", "usd_per_mtok", "requests_per_second_per_replica"])
    def test_what_overflows_where_worlds_differ_in_one_number_alone(self, what: str) -> None:
        """Prices decide what is worth extra hours on the days of the ramp, where usage is the same in all worlds."""
        fleet = {"max_replicas": 2, "overflow": "current", "requests_per_second_per_replica": 0.05}
        worlds = []
        for number in (1.0, 3.0, 0.04):
            current = (
                {"current": {"usd_per_mtok": {"input": number, "output": number}}} if what == "usd_per_mtok" else {}
            )
            own = merged(BOX, {"fleet": fleet if current else {**fleet, what: number}, "project": {"ramp_days": 20}})
            worlds.append(scenario(current, {"months": 4, "usage": {"batch_share": 0.5}}, with_candidates(own=own)))
        for found, each in zip(results(simulate_alike(worlds)), worlds, strict=True):
            same(found.as_json(), JudgedWorld(simulate(each)).as_json())

    def test_what_differs_in_more_than_numbers_is_apart(self) -> None:
        one, two = scenario(growing(0.05)), scenario(growing(0.07))
        other = scenario({"usage": {"growth": {"curve": "linear", "per_month": 5}}})
        longer = scenario(growing(0.05), {"months": 30})
        assert [group.places for group in groups([one, other, two, longer], 128)] == [[0, 2], [1], [3]]
        assert [group.places for group in groups([one, two, one], 2)] == [[0, 1], [2]]

    def test_tokens_are_apart_where_capacity_is_simulated_at_them(self) -> None:
        model = {"base": "llama-3.1-8b"}
        own = {"kind": "gpu", "model": model, "fleet": {"gpu": "L4", "usd_per_gpu_hour": 1.0}}
        pair = [scenario({"usage": {"input_tokens": tokens}}, with_candidates(own=own)) for tokens in (900.0, 1100.0)]
        assert len(groups(pair, 128)) == 2
        assert len(groups(pair, 128, anchored=True)) == 1
        measured = [scenario({"usage": {"input_tokens": tokens}}, with_candidates(own=BOX)) for tokens in (900, 1100)]
        assert len(groups(measured, 128)) == 1

    def test_where_the_advice_flips(self) -> None:
        dear = {**API, "usd_per_mtok": {"input": 3, "output": 3}}
        worlds = [
            scenario({"usage": {"requests_per_day": n}, "limit": {"usd_per_month": 900}}, with_candidates(dear=dear))
            for n in (0, 150, 300, 600, 700, 800)
        ]
        cases = [simulate(each) for each in worlds]
        flips = find_flips(cases)
        assert flips == [find_flip(case) for case in cases]
        assert flips[0] is None
        assert all(flip and flip.limit_reached for flip in flips[1:])

    def test_where_money_flips(self) -> None:
        """A box of $2.40 a day beats $1 for a thousand requests from some level on; the limit is far off."""
        limit = {"limit": {"usd_per_month": 1e6}}
        dear = {"usd_per_mtok": {"input": 1.0, "output": 1.0}}
        specs = [
            scenario({"usage": {"requests_per_day": n}, "current": dear}, limit, with_candidates(box=BOX))
            for n in (150, 300, 600, 700)
        ]
        cases = [simulate(each) for each in specs]
        flips = find_flips(cases)
        assert flips[0] == find_flip(cases[0])
        for spec, flip in zip(specs, flips, strict=True):
            assert flip is not None
            assert not flip.limit_reached
            assert flip.candidate == "box"
            assert _advised(spec, flip.requests_per_day) == "box"
            assert _advised(spec, flip.requests_per_day * (1 - 2e-7)) is None

    def test_what_nobody_asks_for_is_empty_and_the_rest_the_same(self) -> None:
        cases = simulate_alike([scenario(growing(rate), with_candidates(other=API)) for rate in (0.01, 0.05)])
        found = [case for case in cases if isinstance(case, SimulatedWorld)]
        for whole, part in zip(results(found), results(found, flips=False), strict=True):
            few, every = part.as_json(notes=False, left_out=COSTLY), whole.as_json(notes=False)
            assert (few["monthly"], few["sources"], few["base"]["advised"], few["base"]["candidates"]) == (
                {},
                [],
                {},
                {},
            )
            assert {**few["verdict"], "sentence": ""} == {**every["verdict"], "sentence": ""}
            by_column = whole.as_json(notes=False, months_by_row=False)["monthly"]
            assert [dict(zip(by_column, row, strict=True)) for row in zip(*by_column.values(), strict=True)] == (
                every["monthly"]
            )

    def test_studies_see_the_same(self) -> None:
        spec = load(next(path for path in STORIES if path.stem == "voice-agent")).scenario
        judge, worlds = Judge("own-8b", spec), varied(spec, 7)
        for together, single in zip(judge.many(worlds), map(judge, worlds), strict=True):
            assert together.start_by == single.start_by
            assert together.npv_saving_usd == pytest.approx(single.npv_saving_usd, rel=1e-9, abs=1e-3)


def columns_of(figures: ManyFigures, place: int) -> list[dict[str, Any]]:
    """What is told of one candidate and of all, world by world, as the rows of a sweep."""
    table = RowTable(BASE_OUTPUTS, figures.batch.count)
    for name, maker in {**figures.of_all, **figures.of_candidate(place)}.items():
        table.put(name, np.arange(figures.batch.count), maker(), figures.batch.clock)
    found: list[dict[str, Any]] = table.as_arrow(arrow_schema(BASE_OUTPUTS)).to_pylist()
    return found


def told_alone(worlds: Sequence[Scenario]) -> list[dict[str, Any] | None]:
    """All that is said of each world, simulated alone; None of those that cannot be computed."""
    cases = map(alone, worlds)
    return [case and told_of(case) for case in cases]


def told_of(case: SimulatedWorld) -> dict[str, Any]:
    """What is said of a world, and how its candidates stand before the verdict."""
    stand = [facts_of(each) for each in (*case.standings, *case.standings_for_money)]
    return {**JudgedWorld(case).as_json(), "stand": stand}


def facts_of(facts: CandidateFacts) -> dict[str, Any]:
    """How a candidate stands, as plain values."""
    told = {each.name: getattr(facts, each.name) for each in fields(facts) if each.name != "outlook"}
    return {name: asdict(value) if is_dataclass(value) else value for name, value in told.items()}


def same_columns(worlds: Sequence[Scenario], told: Sequence[dict[str, Any] | None]) -> int:
    """Hold the columns of worlds against what is said of each alone; how many could be."""
    held = 0
    for group in simulated_groups(worlds, apart=False):
        if group.batch is None:
            continue
        cases = [case for case in group.cases if isinstance(case, SimulatedWorld)]
        figures = ManyFigures(group.batch, results(cases))
        places = [] if group.batch.in_stages else group.places
        whole = [told[place] or {} for place in places]
        for place, each in enumerate(group.batch.outlooks):
            for number, row in enumerate(columns_of(figures, place) if whole else []):
                expected = {**shared_figures(whole[number]), **candidate_figures(whole[number], each.name)}
                names = [name for name in BASE_OUTPUTS if name != "sources"]
                same({name: row[name] for name in names}, {name: expected.get(name) for name in names}, each.name)
                held += 1
    return held


@pytest.mark.parametrize("path", STORIES, ids=lambda path: path.stem)
def test_stories(path: Path) -> None:
    """World by world and column by column, each story against what is said of its worlds alone."""
    worlds = varied(load(path).scenario, 3)
    told = told_alone(worlds)
    for found, expected in zip(results([case for case in simulate_alike(worlds)]), told, strict=True):  # noqa: C416
        same(told_of(found.case), expected)
    assert same_columns(worlds, told) > 0


def hold(worlds: Sequence[Scenario]) -> None:
    """The same of worlds of which some may not be computable, but for where the advice flips."""
    with without_flips(), pytest.MonkeyPatch.context() as patch:
        patch.setattr("switchpoint.decision.result.find_flips", lambda cases: [None for _ in cases])
        told = told_alone(worlds)
        for found, expected in zip(simulate_alike(worlds), told, strict=True):
            assert isinstance(found, SimulatedWorld) is (expected is not None)
            if isinstance(found, SimulatedWorld):
                same(told_of(found), expected)
        same_columns(worlds, told)


@FEW
@given(scenarios(), st.integers(1, 4))
def test_any_scenario(spec: Scenario, seed: int) -> None:
    hold(varied(spec, 3, seed))


@FEW
@given(own_scenarios(), st.integers(1, 4))
def test_any_current_route(spec: Scenario, seed: int) -> None:
    hold(varied(spec, 3, seed, most=1.6))


class TestColumns:
    """What is told of many worlds at once, column by column."""

    @pytest.mark.parametrize(
        ("starts", "usd_per_month_above"),
        [  # every start, with a limit that costs nothing to exceed and one that does; not every pair of them
            (("best", "best"), 0.0),
            (("best", "best"), 3_000.0),
            (("now", "after"), 3_000.0),
            (("warn", "lead"), 0.0),
            (("never", "best"), 3_000.0),
            (("now", "staged"), 0.0),
        ],
    )
    def test_plans_of_any_steps(self, starts: tuple[Any, Any], usd_per_month_above: float) -> None:
        spec = load(next(path for path in STORIES if path.stem == "code-assistant")).scenario
        assert spec.limit is not None
        pairs = zip(spec.candidates, starts, strict=True)
        steps = tuple(PlanStep(candidate=name, start=start) for name, start in pairs)
        limit = spec.limit.model_copy(update={"usd_per_month_above": usd_per_month_above})
        plan = spec.model_copy(update={"plans": {"p": RoutePlan(steps=steps)}, "limit": limit})
        worlds = varied(plan, 3, seed=3)
        assert same_columns(worlds, told_alone(worlds)) == 3 * len(steps)


class TestDays:
    """The helpers that know the shapes."""

    def test_first_days_of_many(self) -> None:
        holds = np.array([[[False, True, True]], [[True, False, True]], [[False, False, False]]])
        assert first_day(holds).tolist() == [[1], [0], [NEVER]]
        assert first_day(holds, np.array([[2], [1], [0]])).tolist() == [[2], [2], [NEVER]]
        assert first_day(holds[0, 0], np.array([0, 2, 5])).tolist() == [1, 2, NEVER]

    @given(st.lists(st.integers(0, 400), min_size=1, max_size=6), st.integers(-1, 400))
    def test_the_latest_day_by_halving(self, last: list[int], end: int) -> None:
        days = np.array(last)
        assert latest_day(lambda day: day <= end, days).tolist() == [max(min(end, day), 0) for day in last]

    @settings(max_examples=60)
    @given(st.integers(0, 10_000))
    def test_break_even_of_many(self, seed: int) -> None:
        stream = np.random.default_rng(seed)
        stay, flow = stream.uniform(5, 10, (4, 40)), stream.uniform(0, 12, (4, 40))
        capital = np.where(stream.random((4, 40)) < 0.1, 30.0, 0.0)
        start, first = stream.integers(0, 45, 4), stream.integers(0, 20, 4)
        moments = break_even_moments(flow, capital, stay, start, first)
        rows: Sequence[Any] = list(zip(flow, capital, stay, start.tolist(), first.tolist(), strict=True))
        assert moments.tolist() == [break_even(*row).moment for row in rows]


def test_an_array_that_stands_for_one_number_of_many_worlds_is_the_only_difference() -> None:
    spec = scenario(growing(0.05), with_candidates(other=API))
    pair = [spec, spec.model_copy(update={"usage": spec.usage.model_copy(update={"requests_per_day": 500.0})})]
    (group,) = groups(pair, 128)
    many = group.merge()
    assert many.usage.requests_per_day.shape == (2, 1, 1)
    assert replace(group, numbers=group.numbers[:1]).merge() == spec


class TestCarriedOver:
    """What one record has found out holds of another with another start, and is not found anew."""

    @pytest.mark.parametrize("name", ["support-copilot", "enterprise-bought-gpus"])
    @pytest.mark.parametrize("travelled", [True, False])
    def test_all_that_is_carried_over_is_what_would_be_found_anew(self, name: str, travelled: bool) -> None:
        path = next(path for path in STORIES if path.stem == name)
        asked, fresh = (simulate(load(path).scenario).outlooks[0] for _ in range(2))
        for record in (asked, asked.starts):
            for found in self.found_once(record):
                getattr(record, found)
        day = int(asked.starts.best) if travelled else 33
        one, other = asked.started_on(day), fresh.started_on(day)
        assert one.starts is not asked.starts
        for pair in ((one, other), (one.starts, other.starts)):
            for found in self.found_once(pair[0]):
                self.alike(*(getattr(record, found) for record in pair), f"{name} {found}")

    def test_what_is_found_of_all_worlds_is_still_called_so(self) -> None:
        """A name that nobody has any more would be left out in silence."""
        kinds = (World, WorldBatch, CandidateResult, StartDates, StartedCandidate, RunningCost, Strain)
        assert [name for name in AT_ONCE if not any(hasattr(kind, name) for kind in kinds)] == []
        fields = {field for kind in (CandidateResult, StartDates) for field in kind.__dataclass_fields__}
        assert fields | {*vars(CandidateResult)} >= OF_STARTED
        assert fields | {*vars(StartDates)} >= HANGS_ON_POLICY

    @staticmethod
    def found_once(record: Any) -> list[str]:
        """What a record finds when it is asked; one that is not prepared first has no path for that."""
        return [k for k, v in vars(type(record)).items() if isinstance(v, cached_property) and k != "staged_path"]

    def alike(self, one: Any, other: Any, where: str) -> None:
        if isinstance(one, np.ndarray):
            assert np.array_equal(one, other), where
        elif isinstance(one, StartedCandidate):
            for figure in ("start", "cutover", "total", "one_off", "break_even", "peak_cash", "internal_rate"):
                assert getattr(one, figure) == getattr(other, figure), f"{where} {figure}"
        elif isinstance(one, SwitchCosts):
            assert np.array_equal(one.ledger.total, other.ledger.total), where
            assert np.array_equal(one.schedule.start, other.schedule.start), where
        elif isinstance(one, PresentCosts):
            plan = one.prospect.planner.schedule(np.array([0, 60]))
            assert np.array_equal(one.of(plan), other.of(plan)), where
        elif isinstance(one, Schedule):
            assert np.array_equal(one.cutover, other.cutover), where
        else:
            assert one == other, where
