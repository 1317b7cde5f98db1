"""Rules over draws, against worlds simulated one by one and the rules in plain Python."""

from __future__ import annotations

import math
from datetime import date, timedelta
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from switchpoint.decision.case import SimulatedWorld, simulate
from switchpoint.decision.result import JudgedWorld
from switchpoint.decision.started_candidate import Staged
from switchpoint.horizon import MONTH_DAYS, NEVER, STAY
from switchpoint.scenario.load import load
from switchpoint.scenario.schema import Scenario
from switchpoint.study.draw_results import DrawFindings
from switchpoint.study.draw_sentence import as_json
from switchpoint.study.draw_survey import POLICY
from switchpoint.study.draws import Worlds
from switchpoint.study.monte_carlo import MonteCarlo
from switchpoint.study.weighed_candidate import start_by_of

pytestmark = pytest.mark.slow

FOLDER = Path(__file__).resolve().parent.parent / "scenarios"
DRAWS, SEED = 16, 5
OWN = {
    "support-copilot": "own-8b",
    "voice-agent": "own-8b",
    "code-assistant": "own-120b",
    "tagging-at-volume": "hosted-open",
}
STORIES = sorted(OWN)


def story(name: str, **decision: Any) -> Scenario:
    spec = load(FOLDER / f"{name}.toml").scenario
    return spec.model_copy(update={"decision": spec.decision.model_copy(update=decision)})


@cache
def found(name: str, priced: float = 0.0) -> DrawFindings:
    spec = story(name)
    if priced:
        spec = spec.model_copy(update={"limit": spec.limit.model_copy(update={"usd_per_month_above": priced})})
    return MonteCarlo(DRAWS, SEED).study(spec, JudgedWorld(simulate(spec)))


@cache
def cases(name: str, priced: float = 0.0) -> list[SimulatedWorld]:
    worlds = found(name, priced).worlds
    return [worlds.one(number) for number in range(DRAWS)]


def quantile(days: list[int], share: float) -> int:
    """The earliest day that so many have reached."""
    return sorted(days)[math.ceil(share * len(days) - 1e-9) - 1]


def cutover(case: SimulatedWorld, name: str, start: int) -> int:
    return int(case.outlook(name).prospect.planner.schedule(np.array([start])).cutover[0])


def course(case: SimulatedWorld, name: str, start: int | Staged) -> Any:
    return case.outlook(name).started_on(start)


def months_of(case: SimulatedWorld) -> dict[int, float]:
    return dict(zip(case.forecast.mondays.tolist(), case.forecast.months.tolist(), strict=True))


def lead_starts(name: str) -> list[int]:
    """The first Monday on which the months to the limit are at most the warning's, or what four projects in five
    take from that Monday on."""
    worlds, own = cases(name), OWN[name]
    opens, days = worlds[0].scenario.decision.warn_months[1], worlds[0].clock.days
    allowed = {}
    for monday in months_of(worlds[0]):
        lives = [cutover(case, own, monday) for case in worlds]
        lead = quantile([live - monday if live < NEVER else NEVER for live in lives], 0.8)
        allowed[monday] = max(opens, lead / MONTH_DAYS if lead < NEVER else 0)
    return [next((d for d, m in months_of(case).items() if m <= allowed[d] and d < days), NEVER) for case in worlds]


def commits(name: str) -> list[int]:
    worlds, own = cases(name), OWN[name]
    closes, days = worlds[0].scenario.decision.warn_months[0], worlds[0].clock.days
    remaining = quantile([case.outlook(own).remaining_lead for case in worlds], 0.8)
    allowed = max(closes, remaining / MONTH_DAYS if remaining < NEVER else 0)
    return [commit(case, ready(case, own), allowed, days) for case in worlds]


def ready(case: SimulatedWorld, own: str) -> int:
    return int(case.outlook(own).prospect.planner.staged_schedule(np.array([0]), np.array([NEVER])).prepared[0])


def commit(case: SimulatedWorld, since: int, allowed: float, days: int) -> int:
    if since >= days:
        return NEVER
    said = months_of(case)
    before = [m for d, m in said.items() if d <= since]
    if before and before[-1] == 0:
        return since
    return next((d for d, m in said.items() if d >= since and m <= allowed and d < days), NEVER)


@pytest.mark.parametrize("name", STORIES)
class TestPolicies:
    def test_lead_and_staged_start_on_the_days_of_the_plain_rules(self, name: str) -> None:
        weighed = found(name).candidates[OWN[name]].weighed
        assert weighed.lead_start.tolist() == lead_starts(name)
        assert weighed.commit.tolist() == commits(name)

    def test_every_policy_comes_to_what_its_worlds_come_to_alone(self, name: str) -> None:
        finding, own = found(name).candidates[OWN[name]], OWN[name]
        best = finding.weighed.best
        starts: dict[str, list[int | Staged]] = {
            "now": [0] * DRAWS,
            "warn": [min(case.warning, NEVER) if case.warning < case.clock.days else NEVER for case in cases(name)],
            "lead": list(lead_starts(name)),
            "staged": [Staged(0, day) for day in commits(name)],
            "best": [best] * DRAWS,
            "never": [STAY] * DRAWS,
        }
        assert list(finding.policies) == list(starts)
        for policy, days in starts.items():
            for number, (case, start) in enumerate(zip(cases(name), days, strict=True)):
                alone, played = course(case, own, start), finding.policies[policy]
                assert played.saving[number] == pytest.approx(alone.npv_saving, abs=0.01), policy
                live = alone.cutover if alone.cutover < case.clock.days else NEVER
                assert min(played.cutover[number], NEVER) == live or played.cutover[number] >= case.clock.days
        assert (finding.policies["never"].saving == 0).all()

    def test_preparing_costs_what_it_costs_where_it_is_never_committed(self, name: str) -> None:
        lost = [course(case, OWN[name], Staged(0, NEVER)) for case in cases(name)]
        stay = [course(case, OWN[name], STAY) for case in cases(name)]
        plain = [a.total - b.total for a, b in zip(lost, stay, strict=True)]
        staging = found(name).candidates[OWN[name]].staging
        assert staging is not None
        assert staging.preparation == pytest.approx(np.mean(plain), abs=0.01)

    def test_regret_is_against_the_cheapest_of_each_draw_none_included(self, name: str) -> None:
        finding = found(name).candidates[OWN[name]]
        saved = {policy: played.saving for policy, played in finding.policies.items()}
        starts = [case.outlook(OWN[name]).starts for case in cases(name)]
        searched = [float((each.present_stay - each.searched_cost).max()) for each in starts]
        for policy, regret in finding.regret.items():
            most = [max(searched[n], 0.0, *(each[n] for each in saved.values())) for n in range(DRAWS)]
            assert regret == pytest.approx(np.mean(np.array(most) - saved[policy]), abs=0.05)

    def test_under_the_file_s_policy_draws_are_followed_day_by_day(self, name: str) -> None:
        for policy in ("lead", "staged"):
            spec = story(name, policy=policy)
            findings = MonteCarlo(DRAWS, SEED).study(spec, JudgedWorld(simulate(spec)))
            finding = findings.candidates[OWN[name]]
            assert finding.followed_starts.saving[:, POLICY] == pytest.approx(finding.policies[policy].saving, abs=0.01)
            days = commits(name) if policy == "staged" else lead_starts(name)
            for number in range(0, DRAWS, 7):
                start = Staged(0, days[number]) if policy == "staged" else days[number]
                alone = course(cases(name)[number], OWN[name], start)
                assert finding.followed_starts.start[number, POLICY] == alone.project_start
                assert finding.followed_starts.break_even[number, POLICY] == alone.break_even.day
                assert finding.followed_starts.one_off[number, POLICY] == pytest.approx(alone.one_off, abs=0.01)


@pytest.mark.parametrize(("name", "priced"), [*((name, 0.0) for name in STORIES), ("voice-agent", 40_000.0)])
class TestDates:
    def test_the_best_start_has_the_lowest_expected_weighed_cost(self, name: str, priced: float) -> None:
        weighed, starts = found(name, priced).candidates[OWN[name]].weighed, self._starts(name, priced)
        cost = np.mean([each.searched_cost for each in starts], axis=0)
        stay = np.mean([each.weighed_stay for each in starts])
        days = starts[0].searched_starts.tolist()
        live = [sum(cutover(c, OWN[name], d) < c.clock.days for c in cases(name, priced)) * 2 >= DRAWS for d in days]
        good = [d for d, usd, inside in zip(days, cost, live, strict=True) if inside and usd < stay]
        least = min((cost[days.index(d)] for d in good), default=math.inf)
        assert weighed.best == max((d for d in good if cost[days.index(d)] <= least + 1), default=NEVER)
        assert weighed.expected_stay == pytest.approx(stay)
        if weighed.as_good:
            inside = [d for d in good if weighed.as_good.first <= d <= weighed.as_good.last]
            saved = [stay - cost[days.index(d)] for d in inside]
            assert min(saved) >= 0.98 * (stay - least) - 1
            assert weighed.as_good.usd == pytest.approx(max(saved) - min(saved), abs=1)

    def _starts(self, name: str, priced: float) -> list[Any]:
        return [case.outlook(OWN[name]).starts for case in cases(name, priced)]

    def test_in_time_in_four_of_five_of_all_draws(self, name: str, priced: float) -> None:
        weighed, own = found(name, priced).candidates[OWN[name]].weighed, OWN[name]

        def share(start: int) -> float:
            return sum(cutover(c, own, start) <= c.threat or c.threat == NEVER for c in cases(name, priced)) / DRAWS

        threatened = sum(case.threat < NEVER for case in cases(name, priced)) / DRAWS
        if threatened < 0.5:
            assert weighed.in_time == NEVER
        elif share(0) < 0.8:
            assert weighed.in_time == 0
        else:
            assert share(weighed.in_time) >= 0.8 > share(weighed.in_time + 1)

    def test_steps_begin_on_the_median_days_of_the_start_by_day(self, name: str, priced: float) -> None:
        findings = found(name, priced)
        verdict, own = findings.verdict, findings.verdict.candidate
        if own is None:
            return
        start = verdict.start_by
        schedules = [c.outlook(own.name).prospect.planner.schedule(np.array([start])) for c in cases(name, priced)]
        for said, milestone in (
            (verdict.label_by, "label"),
            (verdict.hire_by, "recruit"),
            (verdict.commit_by, "ready"),
        ):
            assert said == quantile([int(getattr(each, milestone)[0]) for each in schedules], 0.5), milestone
        left = quantile([c.outlook(own.name).remaining_lead for c in cases(name, priced)], 0.8)
        assert verdict.remaining_lead == left

    def test_what_being_in_time_costs(self, name: str, priced: float) -> None:
        weighed = found(name, priced).candidates[OWN[name]].weighed
        told = weighed.standing(found(name, priced).came[OWN[name]]).in_time_costs
        if weighed.in_time == NEVER or weighed.chance_in_time()[0] < 0.8:
            assert told is None
            return
        at = [
            course(case, OWN[name], weighed.in_time).starts.weighed_cost(weighed.in_time)
            for case in cases(name, priced)
        ]
        least = weighed.expected_cost.min() if weighed.best < NEVER else weighed.expected_stay
        assert told == pytest.approx(0 if weighed.best <= weighed.in_time else np.mean(at) - least, abs=1.1)

    def test_a_bootstrap_of_equal_weights_is_the_start_by_day(self, name: str, priced: float) -> None:
        findings = found(name, priced)
        weighed = findings.candidates[OWN[name]].weighed
        assert start_by_of(weighed, np.full((1, DRAWS), 1 / DRAWS)).tolist() == [weighed.start_by.day]
        if findings.verdict.candidate is not None:
            first, last = findings.start_by_range
            assert first <= last
            assert findings.start_by_range == found(name, priced).start_by_range


def test_what_is_told_of_policies() -> None:
    told = as_json(found("voice-agent"))
    own = told["candidates"]["own-8b"]
    assert list(own["regret_usd"]) == list(own["policies"]) == ["warn", "lead", "staged", "now", "best", "never"]
    assert own["policies"]["never"]["saving_usd"] == {"mean": 0.0, "p10": 0.0, "p50": 0.0, "p90": 0.0}
    assert own["policies"]["never"]["probability_saves"] == 0
    assert own["staged"]["saving_usd"] == own["policies"]["staged"]["saving_usd"]["mean"]
    assert own["staged"]["in_time"] == own["policies"]["staged"]["in_time"]
    assert 0 <= own["staged"]["probability_commits"] <= 1
    first, last = told["verdict"]["start_by_range"]
    assert timedelta(0) <= last - first


def test_a_project_under_way_is_not_staged() -> None:
    spec = story("voice-agent")
    own = spec.candidates["own-8b"]
    begun = own.project.model_copy(update={"started": spec.start - timedelta(days=20)})
    spec = spec.model_copy(update={"candidates": {"own-8b": own.model_copy(update={"project": begun})}})
    told = as_json(MonteCarlo(8, SEED).study(spec, JudgedWorld(simulate(spec))))["candidates"]["own-8b"]
    assert (told["staged"], told["policies"]["staged"], told["regret_usd"]["staged"]) == (None, None, None)
    assert told["policies"]["now"] == told["policies"]["lead"] == told["policies"]["warn"]


def test_worlds_alone_are_those_of_the_batch_under_any_policy() -> None:
    """The same world has the same people on the same days, however it is simulated."""
    worlds = Worlds(story("support-copilot"), SEED)
    for number in (0, 9):
        schedule = worlds.one(number).outlook("own-8b").prospect.planner.schedule(np.array([0, 100]))
        (_, batch), *_ = worlds.batches(0, worlds.values(10))
        many = batch.prospects[0].planner.schedule(np.array([[0, 100]]))
        for name in ("label", "recruit", "joined", "ready", "cutover"):
            ours = np.broadcast_to(getattr(many, name), (10, 2))[number]
            assert ours.tolist() == getattr(schedule, name).tolist(), name


def test_months_of_waiting_are_counted_from_a_first_day_in_mid_month() -> None:
    """Two days to the first of the next month are no month of waiting: starts between firsts lie straight between."""
    spec = story("tagging-at-volume").model_copy(update={"start": date(2027, 1, 30)})
    it = MonteCarlo(4, SEED).study(spec, JudgedWorld(simulate(spec))).candidates["hosted-open"]
    cost, days = it.weighed.seen.cost.mean(axis=0), it.weighed.searched_starts
    for months, day in ((1, date(2027, 2, 28)), (3, date(2027, 4, 30)), (12, date(2028, 1, 30))):
        there = np.interp((day - spec.start).days, days, cost)
        assert it.waiting[months].mean == pytest.approx(there - cost[0], abs=1e-6)
