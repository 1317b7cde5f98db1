"""Monte Carlo: many worlds of one scenario, first surveyed, then followed from the starts that the survey advises."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from itertools import pairwise
from math import ceil
from typing import TypeVar

import numpy as np

from switchpoint.decision.result import JudgedWorld
from switchpoint.decision.verdict import bridge_plan
from switchpoint.errors import CannotCompute
from switchpoint.horizon import NEVER, Floats
from switchpoint.scenario.candidates import AFTER, RoutePlan
from switchpoint.scenario.schema import Scenario
from switchpoint.simulation.chance import BLOCK
from switchpoint.study.draw_results import DrawFindings
from switchpoint.study.draw_survey import AskedStarts, DrawTable, FollowedCandidate, starts_over_draws, survey
from switchpoint.study.draws import Worlds, gather_records, join_records
from switchpoint.study.plan_draws import (
    SEARCHED_DRAWS,
    AskedPlan,
    PlanDraws,
    PlanFindings,
    follow_plans,
    plan_search,
)
from switchpoint.study.weighed_candidate import WeighedCandidate
from switchpoint.study.workers import CHUNK_SECONDS, Pool, run

Starts = Mapping[str, AskedStarts]
"""Days on which candidates start in each draw, by name."""
Progress = Callable[[float], None]
"""Told the share of the work that is done, 0 to 1."""
Made = TypeVar("Made")

FIRST_LOOK = 256
"""Draws before precision is looked at; then after each doubling, where Sobol' points are balanced."""
PACE_DRAWS = 16
POOL_SECONDS = 1.0
"""Work below which starting other processes takes longer than it saves."""
MOST_BYTES = 4_000_000_000
"""Most that is kept of all draws."""
HALF_WIDTH = 1.96
"""Standard errors on either side of a mean in its 95 % interval."""


@dataclass(frozen=True)
class DrawChunk:
    """Some draws that follow one another, with the values of their inputs, shape (draws, inputs)."""

    worlds: Worlds
    first: int
    values: Floats
    starts: Starts | None = None
    plans: Mapping[str, AskedPlan] | None = None

    def part(self, begin: int, end: int) -> DrawChunk:
        """The draws from one place to the one before another."""
        starts = self.starts and {name: days.rows(slice(begin, end)) for name, days in self.starts.items()}
        plans = self.plans and {name: plan.rows(slice(begin, end)) for name, plan in self.plans.items()}
        return replace(self, first=self.first + begin, values=self.values[begin:end], starts=starts, plans=plans)


def survey_chunk(chunk: DrawChunk) -> DrawTable:
    """The survey of a chunk."""
    return join_records([survey(batch) for _, batch in chunk.worlds.batches(chunk.first, chunk.values)])


def follow_chunk(chunk: DrawChunk) -> dict[str, FollowedCandidate]:
    """What becomes of the starts of a chunk."""
    starts = chunk.starts or {}
    batches = chunk.worlds.batches(chunk.first, chunk.values)
    return join_records(
        [starts_over_draws(batch, {name: days.rows(rows) for name, days in starts.items()}) for rows, batch in batches]
    )


def follow_plans_chunk(chunk: DrawChunk) -> dict[str, PlanDraws]:
    """What becomes of the plans of a chunk."""
    plans = chunk.plans or {}
    batches = chunk.worlds.batches(chunk.first, chunk.values)
    return join_records(
        [follow_plans(batch, {name: plan.rows(rows) for name, plan in plans.items()}) for rows, batch in batches]
    )


@dataclass(frozen=True)
class MonteCarlo:
    """How a scenario's draws are run.

    Args:
        draws: how many at most.
        seed: of all of them.
        jobs: processes of this machine; 1 stays in this one.
        precision: share of the cost of staying; draws stop once the 95 % interval of every candidate's mean saving is
            no wider than plus or minus that. Left out, all draws are made.
        progress: told the share done.
        pool: makes another executor than that of this machine.
        with_levers: whether levers are found too, while the worlds are at hand; else when they are first asked for.
    """

    draws: int
    seed: int = 0
    jobs: int = 1
    precision: float | None = None
    progress: Progress = lambda _: None
    pool: Pool | None = None
    with_levers: bool = False

    def study(self, scenario: Scenario, base: JudgedWorld) -> DrawFindings:
        """Survey the draws, follow the starts that are advised and those of the policy, and put it together.

        Raises:
            CannotCompute: where a draw cannot be computed, or what is kept of all of them does not fit into memory.
        """
        refuse_too_many(self.draws, base)
        worlds = Worlds(scenario, self.seed)
        pace = self._pace(worlds)
        with worlds.held(self.draws):
            findings = self._conclude(worlds, base, self._survey(worlds, base, pace), pace)
            if self.with_levers:
                _ = findings.levers
        return findings

    def growing(
        self, scenario: Scenario, base: JudgedWorld, stages: Sequence[int], known: DrawFindings | None = None
    ) -> Iterator[DrawFindings]:
        """Findings of ever more draws, for who will not wait for all of them.

        The draws of a stage begin with those of the one before, which are not surveyed again; the last stage comes to
        what `study` says of as many draws.

        Args:
            scenario: everything assumed.
            base: its base case.
            stages: rising numbers of draws.
            known: earlier findings on the same scenario and seed, of fewer draws than the first stage.

        Raises:
            CannotCompute: where a draw cannot be computed.
        """
        worlds = Worlds(scenario, self.seed)
        pace = self._pace(worlds)
        seen, count = ([known.survey], known.draws) if known else ([], 0)
        with worlds.held(stages[-1]):
            for goal in stages:
                stage = replace(self, progress=partial(self._within, count / stages[-1], goal / stages[-1]))
                chunk = DrawChunk(worlds, count, worlds.values(goal)[count:])
                seen, count = [join_records([*seen, *stage._run(survey_chunk, chunk, pace, 0.0, 0.5)])], goal
                yield stage._conclude(worlds, base, seen[0], pace)

    def _pace(self, worlds: Worlds) -> float:
        """Seconds of a draw, where it matters how many of them are handed out at a time."""
        return seconds_per_draw(worlds) if self.jobs > 1 or self.pool is not None else CHUNK_SECONDS

    def _within(self, begin: float, end: float, share: float) -> None:
        """Tell of a part of the work as a part of all of it."""
        self.progress(begin + (end - begin) * share)

    def _conclude(self, worlds: Worlds, base: JudgedWorld, seen: DrawTable, pace: float) -> DrawFindings:
        """Follow the starts that a survey advises, and put it together."""
        weighed = tuple(
            WeighedCandidate(outlook, seen.candidates[outlook.name], seen) for outlook in base.case.outlooks
        )
        came = self._follow(worlds, weighed, pace, 0.5, 0.35)
        standings = tuple(each.standing(came[each.name]) for each in weighed)
        findings = self._for_money(DrawFindings(base, worlds, seen, weighed, came, standings), pace)
        findings = self._with_plans(findings, pace)
        self.progress(1.0)
        return findings

    def _for_money(self, findings: DrawFindings, pace: float) -> DrawFindings:
        """The same with every candidate on its best start, where there is a threat and nothing keeps the limit, or no
        limit to keep."""
        keeps = findings.limited and any(each.remedy for each in findings.standings)
        if findings.median_threat == NEVER or keeps:
            return findings
        weighed = tuple(replace(each, for_money=True) for each in findings.weighed)
        moved = tuple(n for o, n in zip(findings.weighed, weighed, strict=True) if o.judged_start != n.judged_start)
        came = {**findings.came, **self._follow(findings.worlds, moved, pace, 0.85, 0.1)}
        return replace(findings, weighed=weighed, came=came)

    def _with_plans(self, findings: DrawFindings, pace: float) -> DrawFindings:
        """The same with what becomes of plans, and of a bridge and then the best candidate where that is late."""
        case = findings.base.case
        named = dict(case.scenario.plans) | bridge_plan(findings.candidate_verdict)
        if not named:
            return findings
        weighed, worlds = {each.name: each for each in findings.weighed}, findings.worlds
        best = {name: self._best_days(worlds, plan, weighed, findings.draws) for name, plan in named.items()}
        asked = {name: asked_plan(plan, weighed, best[name]) for name, plan in named.items()}
        whole = DrawChunk(worlds, 0, worlds.values(findings.draws), plans=asked)
        came = gather_records(self._run(follow_plans_chunk, whole, pace, 0.95, 0.05), findings.draws)
        plans = {
            name: PlanFindings(replace(case.plan_result(name, plan), given=best[name]), came[name], findings.survey)
            for name, plan in named.items()
        }
        return replace(findings, plans=plans)

    @staticmethod
    def _best_days(
        worlds: Worlds, plan: RoutePlan, weighed: Mapping[str, WeighedCandidate], draws: int
    ) -> Mapping[int, int]:
        """The best days of a plan's steps, sought over the first draws."""
        sought = [
            place
            for place, step in enumerate(plan.steps)
            if step.start == "best" and weighed[step.candidate].under_way is None
        ]
        if not sought:
            return {}
        some = min(draws, SEARCHED_DRAWS)
        batch = worlds.simulate_many(0, worlds.values(draws)[:some])
        asked = asked_plan(plan, weighed, dict.fromkeys(sought, 0)).rows(slice(some))
        return plan_search(batch, asked, sought).find_best()

    def _follow(
        self, worlds: Worlds, weighed: Sequence[WeighedCandidate], pace: float, done: float, share: float
    ) -> dict[str, FollowedCandidate]:
        """What becomes of the starts of some candidates."""
        if not weighed:
            return {}
        starts, draws = {each.name: each.starts_to_follow() for each in weighed}, weighed[0].world.draws
        whole = DrawChunk(worlds, 0, worlds.values(draws), starts)
        return gather_records(self._run(follow_chunk, whole, pace, done, share), draws)

    def _survey(self, worlds: Worlds, base: JudgedWorld, pace: float) -> DrawTable:
        if self.precision is None:
            whole = DrawChunk(worlds, 0, worlds.values(self.draws))
            return gather_records(self._run(survey_chunk, whole, pace, 0.0, 0.5), self.draws)
        return self._until_precise(worlds, base, pace, self.precision)

    def _until_precise(self, worlds: Worlds, base: JudgedWorld, pace: float, precision: float) -> DrawTable:
        """Double the draws until the mean savings are known well enough."""
        seen: list[DrawTable] = []
        count = 0
        while count < self.draws:
            goal = min(max(FIRST_LOOK, 2 * count), self.draws)
            chunk = DrawChunk(worlds, count, worlds.values(goal)[count:])
            share = 0.5 / self.draws
            seen += self._run(survey_chunk, chunk, pace, count * share, (goal - count) * share)
            count = goal
            if half_width(join_records(seen), base) <= precision:
                break
        return join_records(seen)

    def _run(
        self, work: Callable[[DrawChunk], Made], whole: DrawChunk, pace: float, done: float, share: float
    ) -> Iterator[Made]:
        count = len(whole.values)
        blocks = min(max(ceil(CHUNK_SECONDS / (pace * BLOCK)), 1), max(ceil(count / self.jobs / BLOCK), 1))
        ends = [0, *range(blocks * BLOCK - whole.first % BLOCK, count, blocks * BLOCK), count]
        chunks = [whole.part(begin, end) for begin, end in pairwise(ends)]
        return self._handed_out(work, chunks, count * pace, done, share)

    def _handed_out(
        self, work: Callable[[DrawChunk], Made], chunks: Sequence[DrawChunk], seconds: float, done: float, share: float
    ) -> Iterator[Made]:
        """What is made of chunks that take so many seconds together, in other processes where that is worth it."""
        jobs = self.jobs if seconds > POOL_SECONDS else 1
        return run(work, chunks, jobs, lambda n: self.progress(done + share * n / len(chunks)), self.pool)


def refuse_too_many(draws: int, base: JudgedWorld) -> None:
    """Refuse draws of which more would be kept than `MOST_BYTES`.

    Raises:
        CannotCompute: with the number of draws that would be right.
    """
    case, each = base.case, bytes_of_a_draw(base)
    most = MOST_BYTES // each
    if draws > most:
        needs = f"and {len(case.outlooks)} candidates take {each:,} bytes a draw; at most {most:,} draws would be right"
        raise CannotCompute(("months",), f"{case.scenario.months} of them {needs}")


def bytes_of_a_draw(base: JudgedWorld) -> int:
    """About how much is kept of one: 26 bytes a month, 21 a start (29 where days above the limit have a price), and 300
    a candidate."""
    case = base.case
    start = 29 if base.case.scenario.usd_per_month_above else 21
    return 26 * len(case.clock.months) + sum(start * len(o.starts.searched_starts) + 300 for o in case.outlooks) + 24


def seconds_per_draw(worlds: Worlds) -> float:
    """About how long the survey of one draw takes, measured on a few."""
    chunk = DrawChunk(worlds, 0, worlds.values(PACE_DRAWS))
    begin = time.perf_counter()
    survey_chunk(chunk)
    return (time.perf_counter() - begin) / PACE_DRAWS


def half_width(seen: DrawTable, base: JudgedWorld) -> float:
    """Half of the widest 95 % interval of a candidate's mean saving at its best start, as a share of staying."""
    widest = 0.0
    for outlook in base.case.outlooks:
        saving = seen.present_stay[:, None] - seen.candidates[outlook.name].cost
        best = saving.mean(axis=0).argmax()
        widest = max(widest, HALF_WIDTH * float(saving[:, best].std(ddof=1)) / np.sqrt(seen.draws))
    return widest / max(float(seen.present_stay.mean()), 1e-9)


def asked_plan(plan: RoutePlan, weighed: Mapping[str, WeighedCandidate], best: Mapping[int, int]) -> AskedPlan:
    """How a plan starts in each draw.

    Args:
        plan: as the scenario states it.
        weighed: its candidates over all draws, by name.
        best: days of the steps whose best day is sought, by their places.
    """
    starts, staged = [], []
    for place, step in enumerate(plan.steps):
        found = weighed[step.candidate]
        known = best.get(place, 0 if step.start in (AFTER, "best") else None)
        free = found.under_way is None
        starts.append(found.start_under(step.start) if known is None or not free else found.everywhere(known))
        staged.append(step.start == "staged" and free and found.outlook.limited)
    return AskedPlan(plan, np.stack(starts, axis=1), tuple(staged))
