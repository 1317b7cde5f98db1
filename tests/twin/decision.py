"""Threat, warning, starts and the verdict."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from datetime import date
from functools import cached_property
from itertools import pairwise
from typing import Any

from switchpoint.scenario.schema import Scenario
from switchpoint.scenario.uncertain import num
from tests.twin.candidate import Judged, Path
from tests.twin.clock import DAILY, EQUAL, MONTH, Clock, above, at_least
from tests.twin.plan import PlanOfRoutes
from tests.twin.project import plan, staged
from tests.twin.route import migrations
from tests.twin.stay import CurrentRoute
from tests.twin.usage import Demand


def tick(scenario: Scenario) -> dict[str, Any]:
    """The base case of a scenario: `base`, `verdict` and `monthly`, dates as dates, None for not reached."""
    return World(scenario).report()


def first_at_limit(pressures: list[float]) -> int | None:
    for day, pressure in enumerate(pressures):
        if at_least(pressure, 1):
            return day
    return None


def first_true(flags: list[bool]) -> int | None:
    return next((day for day, flag in enumerate(flags) if flag), None)


@dataclass
class Choice:
    """What the search for a start found for one candidate."""

    judged: Judged
    searched: dict[int, float]
    """Weighed cost of each searched start that is live in the horizon and beats staying."""
    best_start: int | None
    in_time: int | None
    start_by: int | None
    binds: str | None
    remedy: bool | None
    """None without a limit."""

    @property
    def saves(self) -> bool:
        return self.judged.possible and self.best_start is not None

    @property
    def advised(self) -> int:
        """The start it is judged by; a project under way has one alone."""
        started = self.judged.it.project.started
        if started is not None:
            return self.judged.clock.day(started)
        return 0 if self.start_by is None else self.start_by


@dataclass
class Followed:
    """A candidate on one path: what is paid, and what counts as the start of its project."""

    path: Path
    start: int | None


class World:
    """The base case."""

    def __init__(self, scenario: Scenario) -> None:
        self.scenario = scenario
        self.clock = Clock(scenario.start, scenario.months)
        self.demand = Demand(scenario, self.clock)
        current = CurrentRoute(scenario, self.demand, self.clock)
        self.staying = current.days([1.0] * self.clock.days, None)
        self.billed, moving = self.staying.billed, [0.0] * self.clock.days
        if scenario.current.kind != "gpu":
            moving = migrations(scenario.current, self.clock, [True] * self.clock.days)
        self.stay_flow = [one + other for one, other in zip(self.staying.flow, moving, strict=True)]
        self.stay = [one + other for one, other in zip(self.stay_flow, self.staying.capital, strict=True)]
        self.stay[-1] -= self.staying.credit
        self.pressures = self.demand.pressures(self.billed)
        at_limit, self.outgrown = first_at_limit(self.pressures), first_true(current.outgrown(1.0))
        reached = [day for day in (at_limit, self.outgrown) if day is not None]
        self.threat = min(reached) if reached else None
        self.outgrown_first = self.threat is not None and (at_limit is None or self.outgrown == self.threat < at_limit)
        self.weeks = self._weeks()
        self.warning = self._warning()
        self.stay_discounted = self.discounted(self.stay)
        self.choices = [self._choice(name) for name in scenario.candidates]
        self.named: Choice | None = None
        """The candidate that the verdict names, with the start that it names."""

    @cached_property
    def plans(self) -> dict[str, PlanOfRoutes]:
        """The plans of the scenario."""
        return {name: PlanOfRoutes(self, name) for name in self.scenario.plans}

    def discounted(self, costs: list[float]) -> float:
        return sum(usd * worth for usd, worth in zip(costs, self._worth, strict=True))

    @cached_property
    def _worth(self) -> list[float]:
        """What a dollar of each day is worth on the first."""
        rate = self.scenario.decision.discount_rate_per_year
        return [(1 + rate) ** (-day / 365.25) for day in range(self.clock.days)]

    # The warning

    def _warning(self) -> int | None:
        opens = self.scenario.decision.warn_months[1]
        for monday in range(self.clock.days):
            if self.clock.weekday(monday) == 0:
                months = self._months_ahead(monday)
                if months is not None and months <= opens:
                    return monday
        return None

    def _months_ahead(self, monday: int) -> float | None:
        """What the monitor forecasts on a Monday: months until pressure reaches 1; None: it does not speak."""
        weeks = [(middle, ratio) for middle, ratio in self.weeks if middle < monday]
        if not weeks or weeks[-1][1] == 0:
            return None
        if at_least(weeks[-1][1], 1):
            return 0.0
        now, last_week = _line(weeks[-12:]), _line(weeks[-13:-1])
        if now is None or last_week is None or now[1] <= 0 or last_week[1] <= 0:
            return None
        return max(0.0, _reaches_one(*now, monday) - monday) / MONTH

    def _weeks(self) -> list[tuple[float, float]]:
        """Middle and ratio of each week that lies wholly in the horizon."""
        weeks = []
        for first in range(self.clock.days - 6):
            if self.clock.weekday(first) == 0:
                days = list(range(first, first + 7))
                bill = sum(self.billed[d] for d in days)
                limit = self.demand.limit_of(days) * 7 / MONTH
                ratio = bill / limit if limit > 0 else (math.inf if bill > 0 else 0.0)
                weeks.append((first + 3.5, ratio))
        return weeks

    # Starts

    def _choice(self, name: str) -> Choice:
        staying = self.billed, self.staying, self.stay_flow
        judged = Judged(self.scenario, name, self.demand, self.clock, *staying)
        searched = self._searched(judged)
        best = self._best_start(searched)
        limit = self._latest_in_time(judged)
        start_by, binds = None, None
        if self.limit_is_a_price:
            if best is not None:
                start_by, binds = best, "money"
        elif limit is not None and (best is None or limit <= best):
            start_by, binds = limit, "limit"
        elif best is not None:
            start_by, binds = best, "money"
        cutover = judged.path(0 if start_by is None else start_by).plan.cutover
        remedy = None if self.scenario.limit is None else judged.possible and judged.keeps_limit(cutover, self.threat)
        return Choice(judged, searched, best, limit, start_by, binds, remedy)

    @property
    def usd_per_month_above(self) -> float:
        return 0.0 if self.scenario.limit is None else self.scenario.limit.usd_per_month_above

    @property
    def limit_is_a_price(self) -> bool:
        return self.usd_per_month_above > 0

    def above_limit(self, judged: Judged | None, cutover: int | None) -> float:
        """Discounted dollars for the days above the limit; those of staying before cutover, and without a candidate."""
        if not self.limit_is_a_price:
            return 0.0
        costs = []
        for day in range(self.clock.days):
            live = judged is not None and cutover is not None and day >= cutover
            pressure = judged.pressures[day] if live else self.pressures[day]
            costs.append(self.usd_per_month_above * DAILY if at_least(pressure, 1) else 0.0)
        return self.discounted(costs)

    @cached_property
    def stay_weighed(self) -> float:
        return self.stay_discounted + self.above_limit(None, None)

    def weighed(self, judged: Judged, path: Path) -> float:
        return self.discounted(path.costs()) + self.above_limit(judged, path.plan.cutover)

    def saves(self, judged: Judged, start: int) -> bool:
        saving = self.stay_weighed - self.weighed(judged, judged.path(start))
        return judged.possible and saving > EQUAL * self.stay_discounted

    def _searched(self, judged: Judged) -> dict[int, float]:
        started = judged.it.project.started
        if started is not None:
            starts = [self.clock.day(started)]
        else:
            starts = [d for d in range(self.clock.days) if d == 0 or self.clock.date(d).day == 1]
        found = {}
        for start in starts:
            cutover = plan(judged.it.project, self.demand, self.clock, start).cutover
            if judged.possible and cutover is not None and cutover < self.clock.days and self.saves(judged, start):
                found[start] = self.weighed(judged, judged.path(start))
        return found

    @staticmethod
    def _best_start(searched: dict[int, float]) -> int | None:
        """The one with the lowest weighed cost, of those within a dollar the latest."""
        if not searched:
            return None
        least = min(searched.values())
        return max(start for start, cost in searched.items() if cost <= least + 1)

    def as_good(self, choice: Choice) -> dict[str, Any] | None:
        """The run of starts around the best that save at least 98 % of what it saves."""
        best, under_way = choice.best_start, choice.judged.it.project.started is not None
        if best is None or under_way or choice.binds != "money":
            return None
        saving = {start: self.stay_weighed - cost for start, cost in choice.searched.items()}
        grid = [d for d in range(self.clock.days) if d == 0 or self.clock.date(d).day == 1]
        run = [best]
        for step in (-1, 1):
            place = grid.index(best) + step
            while 0 <= place < len(grid) and grid[place] in saving:
                if above(0.98 * saving[best], saving[grid[place]]):
                    break
                run.append(grid[place])
                place += step
        if len(run) == 1:
            return None
        worst = min(saving[start] for start in run)
        return {"from": self.clock.date(min(run)), "to": self.clock.date(max(run)), "usd": saving[best] - worst}

    def _latest_in_time(self, judged: Judged) -> int | None:
        """The latest start that is live at the threat, day 0 if none is; None without a threat or if given up."""
        project = judged.it.project
        if self.threat is None:
            return None
        if project.started is not None:
            it = plan(project, self.demand, self.clock, None)
            return it.start if it.given_up is None else None
        for start in range(self.threat, -1, -1):
            it = plan(project, self.demand, self.clock, start)
            if it.given_up is not None:
                return None
            if it.cutover is not None and it.cutover <= self.threat:
                return start
        return 0

    def in_time_costs(self, choice: Choice) -> float | None:
        """What being in time costs more than the best start, or than staying."""
        if choice.in_time is None or not self._in_time_today(choice):
            return None
        at = self.weighed(choice.judged, choice.judged.path(choice.in_time))
        if choice.best_start is None:
            return at - self.stay_weighed
        if choice.best_start <= choice.in_time:
            return 0.0
        return at - choice.searched[choice.best_start]

    def _steps_of(self, choice: Choice) -> dict[str, Any]:
        """When labelling, recruiting and the first training begin for the project started on its start-by day."""
        if choice.start_by is None:
            return dict.fromkeys(("label_by", "hire_by", "commit_by"))
        project, p = choice.judged.it.project, choice.judged.path(choice.start_by).plan
        commit = p.first_training
        if project.iterations_done:
            commit = None
        elif not any(
            (num(project.training_days), num(project.evaluation_days), num(project.shadow_days), num(project.ramp_days))
        ):
            commit = choice.start_by
        return {
            "label_by": self._not_before_today(p.label),
            "hire_by": self._not_before_today(p.recruit),
            "commit_by": self._not_before_today(commit),
        }

    def _not_before_today(self, day: int | None) -> date | None:
        return None if day is None or day < 0 else self.clock.seen(day)

    def remaining_lead(self, choice: Choice) -> int | None:
        """Days from the first training to cutover, of a project under way from day 0."""
        p = choice.judged.path(choice.advised).plan
        if p.cutover is None:
            return None
        return max(p.cutover, 0) if choice.judged.it.project.started is not None else p.cutover - p.first_training

    # Policies

    def followed(self, choice: Choice) -> Followed:
        """The candidate under the scenario's policy."""
        policy, judged = self.scenario.decision.policy, choice.judged
        if judged.it.project.started is not None:
            return Followed(judged.path(None), self.clock.day(judged.it.project.started))
        blind = self.scenario.limit is None and policy in ("warn", "lead", "staged")
        if policy == "never":
            return Followed(judged.staying(), None)
        if blind:
            return Followed(judged.staying() if policy == "staged" else judged.path(None), None)
        if policy == "staged":
            return self._staged(judged)
        start = self.policy_start(choice)
        return Followed(judged.path(start), start)

    def policy_start(self, choice: Choice) -> int | None:
        """The day on which the scenario's policy starts the project."""
        policy = self.scenario.decision.policy
        if policy == "now":
            return 0
        if policy == "warn":
            return self.warning
        if policy == "lead":
            return self._lead_start(choice.judged)
        if policy == "best":
            return choice.best_start
        day = max(0, self.clock.day(policy))
        return day if day < self.clock.days else None

    def _mondays(self) -> list[int]:
        return [day for day in range(self.clock.days) if self.clock.weekday(day) == 0]

    def _lead_start(self, judged: Judged) -> int | None:
        """The first Monday with a threat no further off than the project is long."""
        opens = self.scenario.decision.warn_months[1]
        for monday in self._mondays():
            ahead = self._months_ahead(monday)
            if ahead is None:
                continue
            cutover = plan(judged.it.project, self.demand, self.clock, monday).cutover
            lead = 0.0 if cutover is None else (cutover - monday) / MONTH
            if ahead <= max(opens, lead):
                return monday
        return None

    def _staged(self, judged: Judged) -> Followed:
        """Prepared early, committed late."""
        project, decision = judged.it.project, self.scenario.decision
        begins = 0 if decision.prepare_from is None else max(self.clock.day(decision.prepare_from), 0)
        commit = self._commit_day(judged, staged(project, self.demand, self.clock, begins, None).ready)
        path = judged.follow(staged(project, self.demand, self.clock, begins, commit))
        if commit is None:
            return Followed(path, None)
        paid = [day for day, usd in path.plan.spend.items() if usd > 0 and day >= 0]
        return Followed(path, min([commit, *paid]))

    def _commit_day(self, judged: Judged, ready: int | None) -> int | None:
        """The first Monday, ready by then, on which the threat is no further off than what remains to be done; over the
        limit on the last Monday before it is ready, the day on which it is."""
        if ready is None or ready >= self.clock.days:
            return None
        alone = judged.it.project.model_copy(update={"examples": 0.0, "engineers": 0.0, "engineers_in_house": None})
        p = plan(alone, self.demand, self.clock, 0)
        remaining = 0.0 if p.cutover is None else (p.cutover - p.first_training) / MONTH
        before = [monday for monday in self._mondays() if monday <= ready]
        if before and self._months_ahead(before[-1]) == 0:
            return ready
        for monday in self._mondays():
            ahead = self._months_ahead(monday)
            if monday >= ready and ahead is not None and ahead <= max(self.scenario.decision.warn_months[0], remaining):
                return monday
        return None

    # Reports

    def report(self) -> dict[str, Any]:
        followed = {c.judged.name: self.followed(c) for c in self.choices}
        base, verdict = self._base(), self._verdict()
        advised = {c.judged.name: c for c in [*self.choices, *([self.named] if self.named else [])]}
        base["candidates"] = {c.judged.name: self._figures(c, followed[c.judged.name]) for c in self.choices}
        base["advised"] = {
            name: self._figures(c, Followed(c.judged.path(c.advised), c.advised)) for name, c in advised.items()
        }
        base["plans"] = {name: routes.figures() for name, routes in self.plans.items()}
        paths = {name: each.path for name, each in followed.items()}
        return {"base": base, "verdict": verdict, "monthly": self._monthly(paths)}

    def _base(self) -> dict[str, Any]:
        last = self.clock.days - 1
        return {
            "threat": self.clock.date(self.threat),
            "threat_cause": None if self.threat is None else "outgrown" if self.outgrown_first else "limit",
            "warning": self.clock.date(self.warning),
            "bill_at_start_usd": self.clock.trailing(self.billed, 0) * MONTH,
            "bill_at_end_usd": self.clock.trailing(self.billed, last) * MONTH,
            "cost_per_1000_requests_usd": {"start": self._per_1000(0), "end": self._per_1000(last)},
        }

    def _per_1000(self, day: int) -> float | None:
        requests = self.clock.trailing(self.demand.requests, day)
        return None if requests == 0 else self.clock.trailing(self.billed, day) / requests * 1000

    def _figures(self, choice: Choice, followed: Followed) -> dict[str, Any]:
        judged, clock, path = choice.judged, self.clock, followed.path
        moment = judged.break_even(path, followed.start)
        peak, when = judged.peak_cash(path)
        return {
            "crossover": clock.date(judged.crossover()),
            "project_start": clock.seen(followed.start),
            "cutover": clock.seen(path.plan.cutover),
            "break_even": None if moment is None else clock.date(math.floor(moment)),
            "payback_months": None if moment is None else (moment - followed.start) / MONTH,
            "limit_again": clock.date(judged.limit_again(path.plan.cutover)),
            "possible": judged.possible,
            "remedy": choice.remedy,
            "start_by": clock.date(choice.start_by),
            "best_start": clock.date(choice.best_start),
            "peak_replicas": path.peak_replicas,
            "capacity_requests_per_second": judged.fleet.capacity_on(0) if judged.fleet else None,
            "total_usd": sum(path.costs()),
            "npv_saving_usd": self.stay_discounted - self.discounted(path.costs()),
            "one_off_usd": judged.one_off(path),
            "end_credit_usd": path.credit + path.route.credit - self.staying.credit,
            "leaving": self._leaving(judged, path),
            "peak_cash_usd": peak,
            "peak_cash_on": clock.date(when),
            "irr": self._irr(path),
            "overflow_share": judged.overflow_share(path),
            "owed_after_horizon_usd": judged.owed_after(path),
            "limit_kept": self._limit_kept(judged, path.plan.cutover),
            "above_limit_usd": {
                "stay": self.above_limit(None, None),
                "switch": self.above_limit(judged, path.plan.cutover),
            },
        }

    def _leaving(self, judged: Judged, path: Path) -> dict[str, Any]:
        """When the last request leaves the current route, and what comes of it."""
        if not judged.current.has_more_than_tokens:
            return dict.fromkeys(("on", "sold_gpus_usd", "owed_usd", "owed_after_horizon_usd"))
        return {
            "on": self.clock.date(path.left),
            "sold_gpus_usd": path.route.sold,
            "owed_usd": path.route.owed,
            "owed_after_horizon_usd": path.route.owed_after,
        }

    def _limit_kept(self, judged: Judged, cutover: int | None) -> dict[str, Any]:
        if self.scenario.limit is None:
            return dict.fromkeys(("from", "until", "share_of_days"))
        share = None
        if self.threat is not None:
            kept = []
            for day in range(self.threat, self.clock.days):
                live = cutover is not None and day >= cutover
                kept.append(not at_least(judged.pressures[day] if live else self.pressures[day], 1))
            share = sum(kept) / len(kept)
        return {
            "from": self.clock.date(judged.below_from(cutover)),
            "until": self.clock.date(judged.limit_again(cutover)),
            "share_of_days": share,
        }

    def _irr(self, path: Path) -> float | None:
        """The yearly rate at which stay less switch is worth nothing; None unless its sum is below 0 first, then above,
        and changes sign once."""
        gains = [stay - switch for stay, switch in zip(self.stay, path.costs(), strict=True)]
        total, paid, signs = 0.0, 0.0, []
        for gain, stay in zip(gains, self.stay, strict=True):
            total += gain
            paid += stay
            if abs(total) > EQUAL * paid:
                signs.append(total > 0)
        changes = sum(one != other for one, other in pairwise(signs))
        if not signs or signs[0] or not signs[-1] or changes != 1:
            return None

        def worth(rate: float) -> float:
            return sum(gain * (1 + rate) ** (-day / 365.25) for day, gain in enumerate(gains))

        low, high = 0.0, 1.0
        while worth(high) > 0 and high < 1e12:
            high *= 2
        for _ in range(70):
            middle = (low + high) / 2
            low, high = (middle, high) if worth(middle) > 0 else (low, middle)
        return low

    def _monthly(self, paths: dict[str, Path]) -> list[dict[str, Any]]:
        rows = []
        for first, _, days in self.clock.calendar_months:
            requests, limit = sum(self.demand.requests[d] for d in days), self.demand.limit_of(days)
            row: dict[str, Any] = {
                "month": f"{first:%Y-%m}",
                "requests": requests,
                "limit_usd": None if limit == math.inf else limit * len(days) / MONTH,
                "pressure": None if limit == math.inf else self.pressures[days[-1]],
            }
            routes = {"stay": self.stay, **{name: path.costs() for name, path in paths.items()}}
            for name, costs in routes.items():
                usd = sum(costs[d] for d in days)
                row[f"{name}_usd"] = usd
                row[f"{name}_per_1000_usd"] = None if requests == 0 else usd / requests * 1000
                if name != "stay" and (left := self._overflow_of(name, paths[name], days)) is not None:
                    row[f"{name}_overflow_share"] = left
            rows.append(row)
        return rows

    def _overflow_of(self, name: str, path: Path, days: list[int]) -> float | None:
        judged = next(choice.judged for choice in self.choices if choice.judged.name == name)
        return judged.overflow_share(path, range(days[0], days[-1] + 1))

    # The verdict

    def _verdict(self) -> dict[str, Any]:
        said: dict[str, Any] = dict.fromkeys(
            ("candidate", "start_by", "binds", "bridge", "remedy", "as_good", "remaining_lead_days")
        )
        said.update(dict.fromkeys(("label_by", "hire_by", "commit_by", "in_time_costs_usd")))
        limited = self.scenario.limit is not None
        said["window"] = self._window() if limited else None
        savers = [c for c in self.choices if c.saves]
        remedies = [c for c in self.choices if c.remedy]
        if self.threat is not None and remedies and not self.limit_is_a_price:
            self._name(said, self._best(remedies))
        elif savers:
            self._name_for_money(said, self._best([self._for_money(c) for c in savers]))
        else:
            said["action"] = (
                "no-remedy" if self.threat is not None and limited and not self.limit_is_a_price else "stay"
            )
        return said

    def _name(self, said: dict[str, Any], chosen: Choice) -> None:
        said["action"] = self._when(chosen)
        self._date(said, chosen)
        if said["action"] == "late":
            said["bridge"] = self._bridge(chosen)

    @staticmethod
    def _for_money(choice: Choice) -> Choice:
        """Started at its best start, whatever becomes of the limit."""
        return replace(choice, start_by=choice.best_start, binds="money")

    def _name_for_money(self, said: dict[str, Any], chosen: Choice) -> None:
        said["action"] = "start-now" if chosen.start_by <= 14 else "start-by"
        self._date(said, chosen)

    def _date(self, said: dict[str, Any], chosen: Choice) -> None:
        said["candidate"] = chosen.judged.name
        said["start_by"] = self.clock.date(chosen.start_by)
        said["binds"] = chosen.binds
        self.named = chosen
        said["remedy"] = chosen.remedy if self.threat is not None else None
        said["as_good"] = self.as_good(chosen)
        said["remaining_lead_days"] = self.remaining_lead(chosen)
        said["in_time_costs_usd"] = self.in_time_costs(chosen)
        said.update(self._steps_of(chosen))

    def _window(self) -> list[date] | None:
        """The days that lie `warn_months` before the threat."""
        if self.threat is None:
            return None
        closes, opens = self.scenario.decision.warn_months
        first, last = math.ceil(self.threat - opens * MONTH), math.floor(self.threat - closes * MONTH)
        return [self.clock.date(first), self.clock.date(last)]

    def _best(self, choices: list[Choice]) -> Choice:
        """The cheapest when started by its start-by date.

        Among ties the one with the smaller one-off, of those the cheaper, of those the first.
        """
        paths = [c.judged.path(c.advised) for c in choices]
        costs = [self.weighed(c.judged, path) for c, path in zip(choices, paths, strict=True)]
        least = min(costs)
        near = 0.03 * self.stay_weighed
        if self.stay_weighed > least:
            near = min(near, 0.1 * (self.stay_weighed - least))
        best = None
        for choice, path, cost in zip(choices, paths, costs, strict=True):
            if cost > least and at_least(cost, least + near):
                continue
            one_off = choice.judged.one_off(path)
            smaller = best is None or above(best[0], one_off)
            as_small = best is not None and at_least(best[0], one_off) and at_least(one_off, best[0])
            if smaller or (as_small and above(best[1], cost)):
                best = (one_off, cost, choice)
        return best[-1]

    def _live_today(self, choice: Choice) -> int | None:
        return choice.judged.path(0).plan.cutover

    def _in_time_today(self, choice: Choice) -> bool:
        live = self._live_today(choice)
        return self.threat is None or (live is not None and live <= self.threat)

    def _when(self, choice: Choice) -> str:
        """What to do about a remedy."""
        if not self._in_time_today(choice):
            return "late"
        window, start = self._window(), self.clock.date(choice.start_by)
        if window[0] <= self.scenario.start <= window[1] and start <= window[1]:
            return "start-now"
        return "start-now" if choice.start_by <= 14 else "start-by"

    def _bridge(self, late: Choice) -> str | None:
        """The earliest-live other candidate that is possible, saves when started today, is in time, and keeps the limit
        from the threat until the late one is live."""
        until = self._live_today(late)
        until = self.clock.days if until is None else min(until, self.clock.days)
        found = []
        for choice in self.choices:
            if choice is late or not self._in_time_today(choice) or not self.saves(choice.judged, 0):
                continue
            if not any(at_least(p, 1) for p in choice.judged.pressures[self.threat : until]):
                found.append((self._live_today(choice), len(found), choice.judged.name))
        return min(found)[-1] if found else None


def _line(weeks: list[tuple[float, float]]) -> tuple[float, float] | None:
    """Least squares through the logs of weekly ratios: level at day 0 and slope a day."""
    if len(weeks) < 8 or any(ratio == 0 or ratio == math.inf for _, ratio in weeks):
        return None
    mean_x = sum(x for x, _ in weeks) / len(weeks)
    mean_y = sum(math.log(ratio) for _, ratio in weeks) / len(weeks)
    rise = sum((x - mean_x) * (math.log(ratio) - mean_y) for x, ratio in weeks)
    slope = rise / sum((x - mean_x) ** 2 for x, _ in weeks)
    return mean_y - slope * mean_x, slope


def _reaches_one(a: float, b: float, monday: int) -> float:
    """The T at which the mean of exp(a + b·τ) over the 28 days before it is 1, found by halving."""

    # exp(a + b·τ) is that of the first of the days times one factor a quarter day, added up by Simpson's rule
    n = 112
    weights = [1 if i in (0, n) else (4 if i % 2 else 2) for i in range(n + 1)]
    beside_first = sum(weight * math.exp(min(b * 28 * i / n, 700.0)) for i, weight in enumerate(weights)) / (3 * n)

    def mean(end: float) -> float:
        return math.exp(min(a + b * (end - 28), 700.0)) * beside_first

    low, high = monday - 1e4, float(monday)
    step = 28.0
    while mean(high) < 1:
        if high - monday > 1e6:
            return math.inf
        low, high = high, high + step
        step *= 2
    while high - low > 1e-8:
        middle = (low + high) / 2
        if mean(middle) < 1:
            low = middle
        else:
            high = middle
    return high
