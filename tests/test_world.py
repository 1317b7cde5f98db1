"""The simulated world and the planner that foresees it agree on every day."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from switchpoint.decision.case import simulate
from switchpoint.decision.result import JudgedWorld
from switchpoint.export.data_files import story
from switchpoint.horizon import NEVER
from switchpoint.scenario.schema import Scenario
from switchpoint.simulation.switch_costs import tell_events


def amounts(most: float) -> st.SearchStrategy[float]:
    """From 0 on, in steps that somebody might state."""
    return st.floats(0, most).map(lambda amount: round(amount, 6))


WHENS = st.sampled_from(["with-project", "from-start", "2027-03-15"])
PROJECTS = st.fixed_dictionaries(
    {
        "engineers": st.integers(0, 4),
        "engineers_in_house": st.just(0),
        "hiring_weeks": amounts(12),
        "examples": st.integers(0, 4000),
        "examples_in_hand": st.integers(0, 1000),
        "labels_per_day": st.integers(20, 500),
        "usable_share": st.floats(0.05, 1),
        "labelling": WHENS,
        "hiring": WHENS,
        "upskilling_weeks": amounts(6),
        "training_days": amounts(9),
        "evaluation_days": amounts(9),
        "intervention_days": amounts(20),
        "pass_probability": st.lists(st.floats(0.05, 1), min_size=1, max_size=3),
        "diagnosed_share": st.sampled_from([0.2, 0.8]),
        "max_iterations": st.integers(1, 6),
        "hardening_days": amounts(20),
        "shadow_days": st.integers(0, 20),
        "ramp_days": st.integers(0, 20),
    }
)


def scenario(project: dict[str, object]) -> Scenario:
    return Scenario.model_validate(
        {
            "start": "2027-01-01",
            "months": 12,
            "usage": {"requests_per_day": 1000, "input_tokens": 1000, "output_tokens": 100},
            "limit": {"usd_per_month": 100},
            "current": {"usd_per_mtok": {"input": 1, "output": 5}},
            "candidates": {"own": {"kind": "api", "usd_per_mtok": {"input": 0.1, "output": 0.5}, "project": project}},
        }
    )


@given(PROJECTS, st.integers(0, 200))
def test_the_planner_foresees_what_the_simulation_lives_through(project: dict[str, object], start: int) -> None:
    case = simulate(scenario(project))
    prospect = case.outlooks[0].prospect
    world = tell_events(prospect, start)
    schedule = prospect.planner.schedule(np.array([start]))
    horizon = case.clock.days
    for name in ("start", "hardening", "shadow", "ramp", "cutover", "finished"):
        foreseen = int(getattr(schedule, name)[0])
        assert world.days.get(name, NEVER) == (foreseen if foreseen < horizon else NEVER), name
    due = [int(schedule.ready[0]) + offset for offset in schedule.trainings]
    assert list(world.trainings) == [day for day in due if day < horizon]


@given(PROJECTS, st.integers(1, 300), st.integers(0, 3))
def test_a_project_under_way_goes_on_as_foreseen(project: dict[str, object], ago: int, done: int) -> None:
    project = project | {"started": np.datetime64("2027-01-01") - ago, "iterations_done": done, "max_iterations": 5}
    project["started"] = str(project["started"])
    case = simulate(scenario(project))
    outlook = case.outlooks[0]
    assert outlook.project_start == -ago
    world = tell_events(outlook.prospect, -ago)
    cutover = outlook.cutover if outlook.cutover < case.clock.days else NEVER
    assert world.days.get("cutover", NEVER) == cutover


def test_a_world_without_a_start_tells_of_the_market_only() -> None:
    base = scenario({"shadow_days": 3})
    cut = base.model_copy(
        update={
            "current": base.current.model_validate(
                {
                    "usd_per_mtok": {"input": 1, "output": 5},
                    "price_changes": [{"date": "2027-05-01", "factor": 0.6}],
                }
            )
        }
    )
    story = tell_events(simulate(cut).outlooks[0].prospect, NEVER).story
    assert [(entry.day, entry.subject, entry.text) for entry in story] == [
        (120, "market", "the current route becomes 40 % cheaper")
    ]


def test_the_story_of_a_run_is_written_in_order_with_the_dates_of_the_result() -> None:
    result = JudgedWorld(
        simulate(scenario({"engineers": 1, "engineers_in_house": 0, "training_days": 3, "ramp_days": 5}))
    )
    lines = story(result.shown).splitlines()
    assert lines[0] == "own"
    dates = [line.split()[0] for line in lines[1:]]
    assert dates == sorted(dates)
    cutover = result.shown.case.outlooks[0].cutover
    carried = next(line for line in lines if line.endswith("the candidate carries its whole share"))
    assert carried.startswith(f"{result.case.clock.date_of(cutover)}  project ")


def test_a_capacity_says_what_it_rests_on() -> None:
    base = scenario({})
    tree = {"kind": "gpu", "model": {"base": "llama-3.1-8b"}, "fleet": {"gpu": "L4", "usd_per_gpu_hour": 1.0}}
    stated = tree | {"fleet": {"gpu": "L4", "usd_per_gpu_hour": 1.0, "requests_per_second_per_replica": 2.0}}
    plain = base.model_dump(exclude_unset=True) | {"candidates": {"guess": tree, "known": stated}}
    case = simulate(Scenario.model_validate(plain))
    assert case.outlook("guess").capacity_basis == "simulated, extrapolated from other GPUs"
    assert case.outlook("known").capacity_basis == ""
