"""Plans: who answers which requests on which day, step by step, and what that costs."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from datetime import date
from typing import TYPE_CHECKING, Any

from switchpoint.scenario.uncertain import num
from tests.twin.candidate import Judged, Path
from tests.twin.clock import DAILY, EQUAL, MONTH, at_least
from tests.twin.fleet import Purchases
from tests.twin.project import Plan, plan
from tests.twin.route import Overflow, flat_fee, migrations, settle, usd_per_request
from tests.twin.stay import CurrentRoute, RouteDays

if TYPE_CHECKING:
    from tests.twin.decision import Choice, World


@dataclass
class Part:
    """What one step does on each day."""

    able: list[float]
    takes: list[float]
    end: int | None = None
    """The day from which on it has nothing to do."""


@dataclass
class Course:
    """A plan for one start of each step."""

    plans: list[Plan]
    starts: list[int | None]
    parts: list[Part]
    flow: list[float]
    route: RouteDays
    capital: list[float] = field(default_factory=list)
    credit: float = 0.0
    one_off: float = 0.0
    peaks: list[int] = field(default_factory=list)
    owed: float | None = None
    overflowed: tuple[float, float] | None = None
    """Requests that went to the current route for want of replicas, and those that were asked for."""
    pressures: list[float] = field(default_factory=list)
    outgrown: list[bool] = field(default_factory=list)
    running: list[float] = field(default_factory=list)

    def as_path(self) -> Path:
        """For what is said of any path: the project's days are those of the first step to be live."""
        first = min(self.plans, key=lambda p: math.inf if p.cutover is None else p.cutover)
        spend: dict[int, float] = {}
        for p in self.plans:
            for day, usd in p.spend.items():
                spend[day] = spend.get(day, 0.0) + usd
        led = Plan(start=first.start, cutover=first.cutover, spend=spend)
        return Path(led, self.flow, self.capital, [], self.credit, None, self.route)


class PlanOfRoutes:
    """One plan of the scenario."""

    def __init__(self, world: World, name: str) -> None:
        self.world, self.name = world, name
        self.clock, self.demand, self.scenario = world.clock, world.demand, world.scenario
        self.current = CurrentRoute(self.scenario, self.demand, self.clock)
        self.stated = self.scenario.plans[name].steps
        self.choices: list[Choice] = [
            next(c for c in world.choices if c.judged.name == step.candidate) for step in self.stated
        ]
        self.steps: list[Judged] = [choice.judged for choice in self.choices]
        self._seen: dict[tuple[int | None, ...], Course] = {}
        self.course = self.at(self._starts())

    # Starts

    def _starts(self) -> list[int | None]:
        """The day of each step; best ones are sought in turn, twice, from the first of their days on."""
        sought = [k for k, step in enumerate(self.stated) if step.start == "best" and not self._under_way(k)]
        if len(sought) == 1:
            return self._resolved({sought[0]: self._best(sought[0], {}, only_savers=True)})
        best: dict[int, int | None] = dict.fromkeys(sought, 0)
        for _ in range(2 if sought else 0):
            for k in sought:
                best[k] = self._best(k, best, only_savers=False)
        starts = self._resolved(best)
        if sought and not self._saves(self.weighed(self.at(starts))):
            return self._resolved(dict.fromkeys(sought, None))
        return starts

    def _under_way(self, k: int) -> bool:
        return self.steps[k].it.project.started is not None

    def _best(self, k: int, others: dict[int, int | None], only_savers: bool) -> int | None:
        """The start of a step with which the plan costs least, of those within a dollar the latest."""
        costs = {}
        grid = [d for d in range(self.clock.days) if d == 0 or self.clock.date(d).day == 1]
        for day in [self.clock.day(self.steps[k].it.project.started)] if self._under_way(k) else grid:
            course = self.at(self._resolved({**others, k: day}))
            cutover = course.plans[k].cutover
            if not self.steps[k].possible or cutover is None or cutover >= self.clock.days:
                continue
            cost = self.weighed(course)
            if not only_savers or self._saves(cost):
                costs[day] = cost
        return max((d for d, c in costs.items() if c <= min(costs.values()) + 1), default=None)

    def _saves(self, cost: float) -> bool:
        return self.world.stay_weighed - cost > EQUAL * self.world.stay_weighed

    def _resolved(self, best: dict[int, int | None]) -> list[int | None]:
        """All starts, with those of the best ones given."""
        starts: list[int | None] = []
        for k, step in enumerate(self.stated):
            if k in best:
                starts.append(best[k])
            elif self._under_way(k):
                starts.append(self.clock.day(self.steps[k].it.project.started))
            elif step.start == "after":
                before = self._project(k - 1, starts[-1]).cutover
                starts.append(before + 1 if before is not None and before + 1 < self.clock.days else None)
            else:
                starts.append(self._by_word(k, step.start))
        return starts

    def _by_word(self, k: int, word: str | date) -> int | None:
        if word == "now":
            return 0
        if word == "never":
            return None
        if word in ("warn", "lead"):
            if self.scenario.limit is None:
                return None
            return self.world.warning if word == "warn" else self.world._lead_start(self.steps[k])
        assert isinstance(word, date), "prepared steps are not the twin's business"
        return self.clock.day(word) if self.clock.day(word) < self.clock.days else None

    def _project(self, k: int, start: int | None) -> Plan:
        if self.stated[k].start == "never" and not self._under_way(k):
            return Plan()
        return plan(self.steps[k].it.project, self.demand, self.clock, start)

    # Who answers what

    def at(self, starts: list[int | None]) -> Course:
        key = tuple(starts)
        if key not in self._seen:
            self._seen[key] = self._travel(starts)
        return self._seen[key]

    def _travel(self, starts: list[int | None]) -> Course:
        plans = [self._project(k, start) for k, start in enumerate(starts)]
        parts = self._parts([self._able(it, p) for it, p in zip(self.steps, plans, strict=True)])
        days = self.clock.days
        course = Course(plans, starts, parts, [0.0] * days, RouteDays([], [], []), [0.0] * days)
        over = [Overflow() for _ in range(days)]
        moving = [0.0] * days
        for it, p, part in zip(self.steps, plans, parts, strict=True):
            self._pay_step(course, it, p, part, over, moving)
        kept = [1 - max(part.able[d] for part in parts) for d in range(days)]
        some = any(self._overflows(it) for it in self.steps)
        course.route = self.current.days(kept, self._left(plans, some), over if some else None)
        if self.current.fleet is None:
            successors = migrations(self.scenario.current, self.clock, [share > 0 or some for share in kept])
            moving = [one + other for one, other in zip(moving, successors, strict=True)]
        for day in range(days):
            course.flow[day] += course.route.flow[day] + moving[day]
        self._as_if_live(course)
        return course

    def _left(self, plans: list[Plan], some: bool) -> int | None:
        """The day on which the last request leaves the current route for good."""
        if some or not self.current.has_more_than_tokens:
            return None
        whole = [
            max(p.cutover, 0)
            for it, p in zip(self.steps, plans, strict=True)
            if it.coverage == 1 and it.possible and p.cutover is not None and p.cutover < self.clock.days
        ]
        return min(whole, default=None)

    @staticmethod
    def _overflows(it: Judged) -> bool:
        return it.fleet is not None and it.fleet.fleet.overflow == "current"

    def _able(self, it: Judged, p: Plan) -> list[float]:
        """What a step could answer: coverage times ramp, nothing when it is not possible."""
        return [self._moved(it, p, day) if it._carries(day) else 0.0 for day in range(self.clock.days)]

    @staticmethod
    def _moved(it: Judged, p: Plan, day: int) -> float:
        if p.cutover is None or day < p.ramp:
            return 0.0
        return it.coverage * ((day - p.ramp + 0.5) / (p.cutover - p.ramp) if day < p.cutover else 1.0)

    def _parts(self, able: list[list[float]]) -> list[Part]:
        """From the last step to the first: each takes what those behind it leave of what it could answer."""
        days = self.clock.days
        parts = [Part(each, [0.0] * days) for each in able]
        for day in range(days):
            covered = 0.0
            for part in reversed(parts):
                part.takes[day] = max(0.0, part.able[day] - covered)
                covered = max(covered, part.able[day])
        for part in parts:
            at_work = [day for day in range(days) if part.takes[day] > 0] or [
                day - 1 for day in range(days) if part.able[day] > 0
            ][:1]
            if at_work and at_work[-1] + 1 < days:
                part.end = at_work[-1] + 1
        return parts

    # What a step costs

    def _pay_step(
        self, course: Course, it: Judged, p: Plan, part: Part, over: list[Overflow], moving: list[float]
    ) -> None:
        days, requests = self.clock.days, self.demand.requests
        first = days if p.shadow is None else p.shadow
        live = [max(first, 0) <= day and (part.end is None or day < part.end) for day in range(days)]
        serves = [0.0] * days
        for day in range(days):
            if live[day]:
                own = day < p.ramp or not it._carries(day)
                serves[day] = (it.coverage if day < p.ramp else self._moved(it, p, day)) if own else part.takes[day]
        self._pay_project(course, it, p, part)
        if it.fleet is None:
            self._pay_tokens(course, it, serves, live, first)
            for day, usd in enumerate(migrations(it.it, self.clock, live)):
                moving[day] += usd
        else:
            self._pay_fleet(course, it, p, part, serves, live)
        for day in range(days):
            if not live[day] or not it._carries(day):
                continue
            done = it._part_served(day, serves[day]) if self._overflows(it) else 1.0
            course.flow[day] += num(it.it.usd_per_1000_requests) / 1000 * requests[day] * serves[day] * done
            taken = requests[day] * part.takes[day]
            course.flow[day] += num(it.it.quality_usd_per_1000_requests) / 1000 * taken * done
            if self._overflows(it) and part.takes[day] > 0:
                self._overflow(course, it, p, part, day, over)

    def _overflow(self, course: Course, it: Judged, p: Plan, part: Part, day: int, over: list[Overflow]) -> None:
        found, tries = it.fleet.day(day, part.takes[day]), 1 + it.fleet.route.retry
        over[day].now += found.overflow_now / tries
        over[day].waiting += found.overflow_waiting / tries

    def _pay_project(self, course: Course, it: Judged, p: Plan, part: Part) -> None:
        """The project to its own end; upkeep and retrainings while the step is in use."""
        days = self.clock.days
        for day, usd in p.spend.items():
            if 0 <= day < days:
                course.flow[day] += usd
                course.one_off += usd
        if p.cutover is None:
            return
        upkeep = it.it.upkeep
        daily = (upkeep.engineers * num(it.it.project.usd_per_engineer_month) + num(upkeep.usd_per_month)) * DAILY
        due = [
            p.cutover + math.floor(k * num(upkeep.retrain_every_months) * MONTH)
            for k in range(1, days)
            if num(upkeep.retrain_every_months) > 0
        ]
        for day in range(max(p.cutover, 0), days if part.end is None else part.end):
            course.flow[day] += daily + due.count(day) * num(it.it.project.usd_per_iteration)

    def _pay_tokens(self, course: Course, it: Judged, serves: list[float], live: list[bool], first: int) -> None:
        tokens = []
        for day in range(self.clock.days):
            one = usd_per_request(self.scenario, it.it, self.demand, self.clock, day)
            tokens.append(one * self.demand.requests[day] * (serves[day] if it._carries(day) else 0.0))
        settled = settle(self.clock, it.it.commitments, tokens, first)
        for day in range(max(first, 0), self.clock.days):
            course.flow[day] += settled[day] + (flat_fee(it.it) if live[day] else 0.0)

    def _pay_fleet(
        self, course: Course, it: Judged, p: Plan, part: Part, serves: list[float], live: list[bool]
    ) -> None:
        purchases, spent = Purchases(it.fleet), [0.0] * self.clock.days
        for day in range(self.clock.days):
            if not live[day]:
                continue
            if it.fleet.bought:
                spent[day] += purchases.tick(day, serves[day])
            course.flow[day] += it.fleet.running_usd(day, serves[day], purchases.gpus)
        if it.fleet.bought:
            if part.end is None:
                course.credit += purchases.credit(self.clock.days - 1)
            else:
                spent[part.end] -= purchases.credit(part.end)
        else:
            self._pay_reserved_on(course, it, p, part)
        for day, usd in enumerate(spent):
            course.capital[day] += usd
            if p.cutover is None or day <= p.cutover:
                course.one_off += usd

    def _pay_reserved_on(self, course: Course, it: Judged, p: Plan, part: Part) -> None:
        """A term that runs when the step ends is paid to its end; one that ends on that day is not renewed."""
        if not it.fleet.fleet.reserved_replicas:
            return
        first = self.clock.days if p.shadow is None else p.shadow
        if part.end is None:
            course.owed = (course.owed or 0.0) + it.fleet.owed_after(first)
            return
        k = 1
        while first + math.floor(k * it.fleet.fleet.reserved_months * MONTH) < part.end:
            k += 1
        over = first + math.floor(k * it.fleet.fleet.reserved_months * MONTH)
        for day in range(part.end, min(over, self.clock.days)):
            course.flow[day] += it.fleet.reserved_usd()
        course.owed = (course.owed or 0.0) + max(0, over - self.clock.days) * it.fleet.reserved_usd()

    # In use

    def _as_if_live(self, course: Course) -> None:
        """The bill of the plan with its first step live since day 0 and the others as they come, and its pressure."""
        days = self.clock.days
        cutovers = [math.inf if p.cutover is None else p.cutover for p in course.plans]
        leads = cutovers.index(min(cutovers))
        able = [list(part.able) for part in course.parts]
        able[leads] = [self.steps[leads].coverage if self.steps[leads]._carries(d) else 0.0 for d in range(days)]
        parts = self._parts(able)
        bill, quality, over = [0.0] * days, [0.0] * days, [Overflow() for _ in range(days)]
        for k, (it, p, part) in enumerate(zip(self.steps, course.plans, parts, strict=True)):
            since = 0 if k == leads else (days if p.ramp is None else max(p.ramp, 0))
            upkept = 0 if k == leads else (days if p.cutover is None else max(p.cutover, 0))
            end = days if course.parts[k].end is None else course.parts[k].end
            self._use(it, part, range(since, end), range(upkept, end), bill, quality, over)
        kept = [1 - max(each[d] for each in able) for d in range(days)]
        some = any(self._overflows(it) for it in self.steps)
        route = self.current.days(kept, None, over if some else None).billed
        bill = [one + other for one, other in zip(bill, route, strict=True)]
        course.outgrown = [self.current.outgrown(kept[day])[day] for day in range(days)] if self.current.fleet else []
        course.running = [one + other for one, other in zip(bill, quality, strict=True)]
        course.pressures = self.demand.pressures(bill)

    def _use(
        self,
        it: Judged,
        part: Part,
        live: range,
        upkept: range,
        bill: list[float],
        quality: list[float],
        over: list[Overflow],
    ) -> None:
        tokens, first = [0.0] * self.clock.days, live.start
        purchases = Purchases(it.fleet) if it.fleet is not None else None
        for day in live:
            asked = part.takes[day] if it._carries(day) else it.coverage
            requests = self.demand.requests[day] * part.takes[day]
            if self._overflows(it) and part.takes[day] > 0:
                found, tries = it.fleet.day(day, part.takes[day]), 1 + it.fleet.route.retry
                over[day].now += found.overflow_now / tries
                over[day].waiting += found.overflow_waiting / tries
                requests *= it._part_served(day, part.takes[day])
            if purchases is None:
                tokens[day] = usd_per_request(self.scenario, it.it, self.demand, self.clock, day) * requests
                bill[day] += flat_fee(it.it)
            else:
                if it.fleet.bought:
                    purchases.tick(day, asked)
                    bill[day] += purchases.wear()
                bill[day] += it.fleet.running_usd(day, asked, purchases.gpus)
            bill[day] += num(it.it.usd_per_1000_requests) / 1000 * requests
            quality[day] += num(it.it.quality_usd_per_1000_requests) / 1000 * requests
        if purchases is None:
            for day, usd in enumerate(settle(self.clock, it.it.commitments, tokens, first)):
                bill[day] += usd
        for day in upkept:
            bill[day] += it._upkeep()

    # Figures

    def weighed(self, course: Course) -> float:
        return self.world.discounted(course.as_path().costs()) + self._above(course)

    def _above(self, course: Course) -> float:
        first = self._first_live(course)
        costs = []
        for day in range(self.clock.days):
            live = first is not None and day >= first
            pressure = course.pressures[day] if live else self.world.pressures[day]
            costs.append(self.world.usd_per_month_above * DAILY if at_least(pressure, 1) else 0.0)
        return self.world.discounted(costs)

    @staticmethod
    def _first_live(course: Course) -> int | None:
        return min((p.cutover for p in course.plans if p.cutover is not None), default=None)

    @property
    def possible(self) -> bool:
        return all(it.possible for it in self.steps)

    def figures(self) -> dict[str, Any]:
        """What is said of it, as of a candidate."""
        course, world, clock = self.course, self.world, self.clock
        judge, first = self._judge(), self._first_live(course)
        path = course.as_path()
        started = [day for day in course.starts if day is not None]
        cutovers = [p.cutover for p in course.plans]
        moment = judge.break_even(path, min(started, default=None))
        peak, when = judge.peak_cash(path)
        return {
            "steps": [
                {"candidate": it.name, "start": clock.seen(start), "cutover": clock.seen(p.cutover)}
                for it, start, p in zip(self.steps, course.starts, course.plans, strict=True)
            ],
            "crossover": clock.date(self._crossover()),
            "project_start": clock.seen(min(started, default=None)),
            "cutover": None if None in cutovers else clock.seen(max(cutovers)),
            "break_even": None if moment is None else clock.date(math.floor(moment)),
            "payback_months": None if moment is None else (moment - min(started)) / MONTH,
            "limit_again": clock.date(judge.limit_again(first)),
            "possible": self.possible,
            "remedy": None if self.scenario.limit is None else self.possible and judge.keeps_limit(first, world.threat),
            "total_usd": sum(path.costs()),
            "npv_saving_usd": world.stay_discounted - world.discounted(path.costs()),
            "one_off_usd": course.one_off,
            "end_credit_usd": course.credit + course.route.credit - world.staying.credit,
            "peak_cash_usd": peak,
            "peak_cash_on": clock.date(when),
            "irr": world._irr(path),
            "owed_after_horizon_usd": course.owed,
            "limit_kept": world._limit_kept(judge, first),
            "above_limit_usd": {"stay": world.above_limit(None, None), "switch": self._above(course)},
            "ends": [clock.date(part.end) for part in course.parts],
        }

    def _judge(self) -> Judged:
        """A candidate's way of judging, with the pressure of the plan."""
        judge = object.__new__(Judged)
        judge.clock, judge.stay, judge.pressures = self.clock, self.world.stay_flow, self.course.pressures
        judge.route_of_stay, judge.outgrown = self.world.staying, self.course.outgrown or [False] * self.clock.days
        return judge

    def _crossover(self) -> int | None:
        for day in range(self.clock.days):
            running = self.clock.trailing(self.course.running, day)
            if at_least(self.clock.trailing(self.world.billed, day), running):
                return day
        return None
