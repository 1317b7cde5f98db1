"""Policies: the rules that start a project or the steps of a plan, and what a monitor foresees for them."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, TypeAlias

import numpy as np

from switchpoint.decision.start_search import best_start, cheapest_start, searched_starts
from switchpoint.decision.started_candidate import Staged
from switchpoint.finance import SAME
from switchpoint.horizon import MONTH_DAYS, NEVER, STAY, Amount, Bools, Days, Floats, Horizon, Ints, first_day
from switchpoint.scenario.candidates import AFTER, RoutePlan
from switchpoint.scenario.routes import PricedRoute
from switchpoint.scenario.schema import WATCHING, Decision, Scenario
from switchpoint.scenario.uncertain import amount
from switchpoint.simulation.candidate import SimulatedCandidate, starts_at
from switchpoint.simulation.limits import BillLimits
from switchpoint.simulation.plan_costs import PlanStage
from switchpoint.simulation.prices import counted_changes, retires_on
from switchpoint.simulation.schedule import Planner, Schedule
from switchpoint.warning.chances import FURTHEST
from switchpoint.warning.monitor import WatchedBills
from switchpoint.warning.plain import Forecast

# Policies ------------------------------------------------------------------------------------------------------------


def policy_start(decision: Decision, forecast: Callable[[], Forecast], prospect: SimulatedCandidate) -> Any:
    """How the scenario's policy starts a candidate in the base case, a `Start`; in many worlds days, shape (worlds, 1).

    Args:
        decision: the policy, and what goes with it; `staged` in one world only.
        forecast: what the monitor says; asked only by policies that watch it.
        prospect: the candidate.
    """
    clock, policy, (closes, opens) = prospect.setting.clock, decision.policy, decision.warn_months
    if policy in WATCHING and not prospect.setting.scenario.limited:
        return STAY if policy == "staged" else NEVER
    if isinstance(policy, date):
        return int(within(max(clock.day_of(policy), 0), clock))
    match policy:
        case "never":
            return STAY
        case "now":
            return 0
        case "warn":
            return warn_start(forecast(), opens, clock)
        case "lead":
            said = forecast()
            mondays = said.mondays if said.months.ndim == 1 else said.mondays[None]
            months = lead_months(prospect.planner.schedule(mondays).cutover, mondays, opens)
            return within(said.first_within(months if months.ndim == 1 else months[:, None]), clock)
        case "staged":
            begins = prepared_from(decision, clock)
            ready = prospect.planner.staged_schedule(np.array([begins]), np.array([NEVER])).prepared
            remaining = within_months(prospect.planner.tail.cutover, closes)
            return Staged(begins, int(commit_days(forecast(), ready, remaining, clock)[0]))
    return None


def warn_start(forecast: Forecast, opens: float, clock: Horizon) -> Days:
    """When the warning starts a project: the first Monday on which the limit is forecast within so many months, or is
    as likely as not to be reached within them where chances are said; NEVER where that is not within the horizon."""
    return within(forecast.first_warning(opens), clock)


def prepared_from(decision: Decision, clock: Horizon) -> int:
    """First day of preparing under `staged`."""
    return 0 if decision.prepare_from is None else max(clock.day_of(decision.prepare_from), 0)


def within_months(days: Days, least: float) -> Floats:
    """A length of days in months, at least some; that alone where the length has no end."""
    return np.maximum(np.where(np.less(days, NEVER), np.asarray(days, dtype=float) / MONTH_DAYS, 0.0), least)


def lead_months(cutover: Ints, mondays: Ints, opens: float) -> Floats:
    """Months that a forecast threat may be off for `lead` to start on each Monday: as long as the project is, at least
    the opening of the warning window; that alone where it is never live."""
    return within_months(np.where(cutover < NEVER, cutover - mondays, NEVER), opens)


def commit_days(forecast: Forecast, ready: Ints, months: Floats, clock: Horizon) -> Ints:
    """The day on which a prepared project is committed; NEVER where it is not.

    The first Monday on which it is ready and the threat is at most so many months off; where the last Monday before
    says that the limit is reached already, the day on which it is ready.

    Args:
        forecast: what the monitor says each Monday.
        ready: first day on which data, people and skills are there, shape (1,), or (worlds, 1).
        months: how far off the threat may be.
        clock: the horizon.
    """
    mondays = forecast.mondays
    near: Bools = (forecast.months <= months) & (mondays >= ready) & (mondays < clock.days)
    place = np.asarray(first_day(near))
    monday = np.where(place < NEVER, mondays[np.minimum(place, mondays.size - 1)], NEVER) if mondays.size else NEVER
    before = np.searchsorted(mondays, ready, side="right") - 1
    said = np.take_along_axis(forecast.months, np.maximum(before, 0).reshape((*forecast.months.shape[:-1], 1)), axis=-1)
    over = (before >= 0) & (said[..., 0].reshape(np.shape(ready)) == 0) & (ready < clock.days)
    return np.where(over, ready, np.where(ready < clock.days, np.reshape(monday, np.shape(ready)), NEVER))


def within(day: Days, clock: Horizon) -> Days:
    """A day within the horizon, else NEVER."""
    return np.where(day < clock.days, day, NEVER) if np.ndim(day) else day if day < clock.days else NEVER


@dataclass(frozen=True)
class Deadlines:
    """Days on which labelling, recruiting and the first training of a project begin; NEVER for none or before day 0."""

    label: int = NEVER
    hire: int = NEVER
    commit: int = NEVER


def deadlines_of(planner: Planner, schedule: Schedule, row: int = 0) -> Deadlines:
    """When they begin by one of the starts of a schedule, the first when left out.

    A project without training, evaluation, shadow or ramp is committed when it starts.
    """
    start, commit = int(schedule.start[row]), int(schedule.ready[row])
    if start >= NEVER:
        return Deadlines()
    if planner.project.iterations_done:
        commit = NEVER
    elif not planner.steps.to_be_live:
        commit = start
    return Deadlines(*(ahead(day) for day in (int(schedule.label[row]), int(schedule.recruit[row]), commit)))


def deadline_days(planner: Planner, schedule: Schedule) -> dict[str, Ints]:
    """The same of all starts of a schedule, by the names of `Deadlines`; shape (…, starts)."""
    commit = schedule.ready if planner.steps.to_be_live else schedule.start
    commit = np.full_like(commit, NEVER) if planner.project.iterations_done else commit
    days = {"label": schedule.label, "hire": schedule.recruit, "commit": commit}
    return {name: np.where((day >= 0) & (schedule.start < NEVER), day, NEVER) for name, day in days.items()}


def ahead(day: int) -> int:
    """A day that is not past, else NEVER."""
    return day if day >= 0 else NEVER


# What a monitor says of bills whose days differ by chance, and what of their future it is told -----------------------

FURTHEST_FACTOR = 1e12
"""What changes together multiply a bill by, or divide it by, at most: beyond that a monitor says nothing else."""


def chance_forecast(
    billed: Floats, limits: BillLimits, clock: Horizon, warn_months: tuple[float, float], known: Floats | None = None
) -> Forecast:
    """What the monitor of real usage says each Monday.

    Args:
        billed: dollars a day of the current route, shape (days,) or (worlds, 1, days).
        limits: its limits.
        clock: the horizon.
        warn_months: the warning window.
        known: what is known to change multiplies the bill by, shape (worlds or 1, days from day 0 on).
    """
    daily = limits.daily.reshape(len(limits.daily), -1, clock.days)
    cost = billed.reshape(-1, clock.days)
    cost = np.broadcast_to(cost, (max(len(cost), daily.shape[1]), clock.days))
    watched = WatchedBills(cost, daily, int(clock.weekday[0]), known, warn_months)
    shape = (*np.broadcast_shapes(billed.shape, limits.daily.shape[1:])[:-1], watched.mondays.size)
    found = watched.chances
    return Forecast(watched.mondays, found.months_to_limit.reshape(shape), found.within(warn_months[1]).reshape(shape))


def known_factors(scenario: Scenario, clock: Horizon) -> Floats | None:
    """What dated changes that are certain to come multiply the bill by, shape (worlds or 1, days); None for none.

    The days are those of the horizon and as many beyond it as the monitor looks ahead.
    """
    changes = [*_known_prices(scenario, clock), *_known_launches(scenario, clock)]
    if not changes:
        return None
    ahead = max(FURTHEST, scenario.decision.warn_months[1])
    worlds = max(np.size(factor) for _, factor in changes)
    factors = np.ones((worlds, clock.days + round(ahead * MONTH_DAYS) + 1))
    for day, factor in changes:
        after = factors[:, max(day, 0) :] * np.reshape(np.clip(factor, 1 / FURTHEST_FACTOR, FURTHEST_FACTOR), (-1, 1))
        factors[:, max(day, 0) :] = np.clip(after, 1 / FURTHEST_FACTOR, FURTHEST_FACTOR)
    return factors


def _known_prices(scenario: Scenario, clock: Horizon) -> Iterator[tuple[int, Amount]]:
    """Announced changes of the current price, that of the model's known end among them."""
    route = scenario.current
    if not isinstance(route, PricedRoute):
        return
    for change in counted_changes(route):
        if change.probability == 1:
            yield clock.day_of(change.date), amount(change.factor)
    ends, factor = retires_on(route, clock), route.migration_price_factor
    if ends is not None and isinstance(factor, (int, float)):
        yield clock.day_of(ends), factor


def _known_launches(scenario: Scenario, clock: Horizon) -> Iterator[tuple[int, Amount]]:
    """Launches that are certain; none where the limit follows usage, and with it the launch."""
    limit = scenario.limit
    if (
        limit is None
        or limit.usd_per_1000_requests is not None
        or np.any(amount(scenario.revenue.usd_per_1000_requests))
    ):
        return
    for event in scenario.usage.events:
        if event.probability == 1 and np.all(np.greater(amount(event.factor), 0)):
            yield clock.day_of(event.date), amount(event.factor)


# When the steps of a plan start --------------------------------------------------------------------------------------

ROUNDS = 2
"""How often each best start is sought again while the others stay where they are."""


@dataclass(frozen=True)
class StatedStart:
    """How a step starts by itself."""

    day: Ints
    """Shape (1,), or (worlds, 1); of a step prepared first, the day of its commitment."""
    prepare_from: int | None = None
    """First day of preparing, of a step that is prepared first and committed later."""

    def schedule(self, prospect: SimulatedCandidate, shape: tuple[int, ...]) -> Schedule:
        """The project's days, the same for each start of that shape, (…, starts)."""
        days = np.broadcast_to(self.day, shape)
        if self.prepare_from is None:
            return prospect.planner.schedule(days)
        return prospect.planner.staged_schedule(np.full(shape, self.prepare_from), days)


Weigh: TypeAlias = Callable[[Sequence[PlanStage]], Floats]
"""Weighed dollars of a plan for each start of its stages, shape (starts,); of many worlds (worlds, starts), or what is
expected."""
IsLive: TypeAlias = Callable[[PlanStage], Bools]
"""Whether a step is possible and live within the horizon, for each start; shape as of what is weighed."""


def stated_starts(
    plan: RoutePlan,
    prospects: Sequence[SimulatedCandidate],
    decision: Decision,
    forecast: Callable[[], Forecast],
) -> tuple[StatedStart | None, ...]:
    """How the steps of a plan start; None where the best day is sought, or the step before decides.

    Args:
        plan: as the scenario states it.
        prospects: its candidates, in order.
        decision: what the scenario says of deciding.
        forecast: what the monitor says; asked only by steps that watch it.
    """
    found: list[StatedStart | None] = []
    for step, prospect in zip(plan.steps, prospects, strict=True):
        under_way = starts_at(prospect.spec, prospect.setting.clock)
        if under_way is not None:
            found.append(StatedStart(np.array([under_way])))
            continue
        changed = decision.model_copy(update={"policy": step.start})
        start = None if step.start == AFTER else policy_start(changed, forecast, prospect)
        if isinstance(start, Staged):
            found.append(StatedStart(np.array([start.commit]), start.prepare_from))
        else:
            found.append(None if start is None else StatedStart(np.atleast_1d(start)))
    return tuple(found)


@dataclass(frozen=True)
class PlanSearch:
    """The steps of a plan in one world or in many, and the search for those starts that are to be the best.

    Args:
        plan: as the scenario states it.
        prospects: its candidates, in order.
        stated: how each step starts by itself.
        weigh: what the plan costs, days above the limit with their price.
        is_live: whether a step counts.
        weighed_stay: what staying costs; shape (worlds, 1) where each world finds days of its own.
        worlds: how many there are, in front of the starts; none where it is one alone.
    """

    plan: RoutePlan
    prospects: tuple[SimulatedCandidate, ...]
    stated: tuple[StatedStart | None, ...]
    weigh: Weigh
    is_live: IsLive
    weighed_stay: float | Floats
    worlds: tuple[int, ...] = ()

    @property
    def sought(self) -> list[int]:
        """Places of the steps whose best day is sought."""
        return [k for k, step in enumerate(self.plan.steps) if self.stated[k] is None and step.start != AFTER]

    def stages(self, best: Mapping[int, Ints]) -> list[PlanStage]:
        """The steps with their days.

        Args:
            best: days of some steps by their places, of the sought ones above all, each of shape (starts,), or (worlds,
                starts) where worlds differ in them; they win over what is stated.
        """
        shape = np.broadcast_shapes((*self.worlds, 1), *(days.shape for days in best.values()))
        found = list[PlanStage]()
        for place, (prospect, stated) in enumerate(zip(self.prospects, self.stated, strict=True)):
            if place in best:
                schedule = prospect.planner.schedule(np.broadcast_to(best[place], shape))
            elif stated is not None:
                schedule = stated.schedule(prospect, shape)
            else:
                schedule = prospect.planner.schedule(day_after(found[-1]))
            found.append(PlanStage(prospect, schedule))
        return found

    def find_best(self) -> dict[int, Days]:
        """The best days of the sought steps by their places, NEVER where none beats staying."""
        if len(self.sought) == 1:
            return {self.sought[0]: self.best_of(self.sought[0], {})}
        days: dict[int, Days] = dict.fromkeys(self.sought, 0)
        for _ in range(ROUNDS if days else 0):
            for place in self.sought:
                days[place] = self._in_each(cheapest_start(*self._try_starts(place, days)))
        if not days:
            return days
        cost = self.weigh(self.stages({place: np.atleast_1d(day) for place, day in days.items()}))
        saves = (self.weighed_stay - cost > SAME * self.weighed_stay)[..., 0]
        kept = {place: np.where(saves, np.reshape(day, saves.shape), NEVER) for place, day in days.items()}
        return {place: self._in_each(day) for place, day in kept.items()}

    def _in_each(self, days: Any) -> Days:
        """Days of many worlds as shape (worlds, 1); of one, or of what is expected over many, a plain number."""
        return days[:, None] if np.ndim(days) else int(days)

    def _try_starts(self, place: int, days: Mapping[int, Days]) -> tuple[Ints, Floats, Bools]:
        """The starts of a step among which the best is sought, what the plan costs with each, and whether it counts.

        What does not count costs without end, so that only the others are weighed.
        """
        grid = searched_starts(self.prospects[place])
        stages = self.stages({k: np.atleast_1d(day) for k, day in days.items()} | {place: grid})
        live = self.is_live(stages[place])
        some: Bools = np.asarray(live.reshape(-1, grid.size).any(axis=0))
        cost = np.full(live.shape, np.inf)
        if some.any():
            cost[..., some] = self.weigh([stage.part(some) for stage in stages])
        return grid, np.where(live, cost, np.inf), live

    def best_of(self, place: int, days: Mapping[int, Days]) -> Days:
        """The start of one step with which the plan costs least and beats staying, the latest of equals; else NEVER.

        Args:
            place: of the step; one that is under way keeps its start.
            days: of the sought steps, by their places.
        """
        stay = np.array(self.weighed_stay)
        return self._in_each(best_start(*self._try_starts(place, days), stay[..., 0] if stay.ndim else stay))


def is_live_step(stage: PlanStage) -> Bools:
    """Whether a step of one world is possible and live within the horizon, shape (starts,)."""
    possible = stage.prospect.carrier.impossible_from >= stage.days
    return np.asarray((stage.schedule.cutover < stage.days) & possible)


def day_after(before: PlanStage) -> Ints:
    """The day after a step has cut over, NEVER where that is not within the horizon; shape (…, starts)."""
    cutover, clock = before.schedule.cutover, before.prospect.setting.clock
    return np.asarray(within(np.where(cutover < NEVER, np.maximum(cutover + 1, 0), NEVER), clock))
