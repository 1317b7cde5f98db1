"""One candidate: what it costs as if live since day 0, and what a switch to it costs."""

from __future__ import annotations

import math
from dataclasses import dataclass

from switchpoint.scenario.candidates import Candidate, GpuCandidate, HostedCandidate
from switchpoint.scenario.schema import Scenario
from switchpoint.scenario.uncertain import num
from tests.twin.clock import DAILY, EQUAL, MONTH, Clock, above, at_least
from tests.twin.fleet import FleetOfADay, Purchases, Route, Units
from tests.twin.project import Plan, plan
from tests.twin.route import Overflow, flat_fee, migrations, settle, usd_per_request
from tests.twin.stay import CurrentRoute, RouteDays
from tests.twin.usage import Demand


@dataclass
class Path:
    """The switch path, by the day."""

    plan: Plan
    flow: list[float]
    """All that is paid, capital left out."""
    capital: list[float]
    """GPUs bought, and replaced less what the old ones fetch."""
    project: list[float]
    """The part of flow that the project spends."""
    credit: float
    """What bought GPUs are worth on the last day."""
    peak_replicas: int | None
    route: RouteDays
    """The current route on this path."""
    left: int | None = None
    """The day on which nothing is on it any more."""

    def costs(self) -> list[float]:
        """Cost of every day, the credits taken off the last."""
        costs = [f + c + r for f, c, r in zip(self.flow, self.capital, self.route.capital, strict=True)]
        costs[-1] -= self.credit + self.route.credit
        return costs


@dataclass
class _Operation:
    """What both routes cost by the day while the candidate serves."""

    flow: list[float]
    moving: list[float]
    """To the successors of retired models."""
    capital: list[float]
    wear: list[float]
    credit: float
    peak: int | None
    route: RouteDays


class Judged:
    """A candidate under judgement."""

    def __init__(
        self,
        scenario: Scenario,
        name: str,
        demand: Demand,
        clock: Clock,
        billed: list[float],
        staying: RouteDays,
        stay_flow: list[float],
    ) -> None:
        self.scenario, self.name, self.demand, self.clock = scenario, name, demand, clock
        self.billed, self.route_of_stay, self.stay = billed, staying, stay_flow
        self.current = CurrentRoute(scenario, demand, clock)
        self.it: Candidate = scenario.candidates[name]
        self.coverage = num(self.it.coverage)
        self.fleet = self._fleet()
        self.impossible_from = self._impossible_from()
        quality = num(self.it.quality_usd_per_1000_requests) / 1000
        left_over = 0.0 if self.coverage == 1 else 1 - self.coverage
        outgrown, whole = self.current.outgrown(left_over), self.current.outgrown(1.0)
        self.outgrown = [outgrown[day] if self._carries(day) else whole[day] for day in range(clock.days)]
        """Whether the current route cannot carry what is left on it, as if it were live."""
        self.running = self._running()
        self.running_bill = [
            usd - (quality * demand.requests[day] * self._answered(day) if self._carries(day) else 0.0)
            for day, usd in enumerate(self.running)
        ]
        """The running cost without the price of its quality, which no bill shows."""
        self.pressures = demand.pressures(self.running_bill)
        self._paths: dict[int | None, Path] = {}

    def _fleet(self) -> FleetOfADay | None:
        retry = num(self.scenario.current.retry_share if self.it.retry_share is None else self.it.retry_share)
        if isinstance(self.it, GpuCandidate):
            fleet = self.it.fleet
        elif isinstance(self.it, HostedCandidate) and self.it.endpoint is not None:
            fleet = Units(self.it.endpoint, self.it.usd_per_month)
        else:
            return None
        factors = num(self.it.input_tokens_factor), num(self.it.output_tokens_factor)
        daily = FleetOfADay(self.scenario, Route(fleet, retry, self.coverage, factors), self.demand, self.clock)
        if fleet.overflow == "current":
            # what one request with the candidate's retries costs there, where each try is billed with the route's own
            daily.waiting_price = [
                usd_per_request(self.scenario, self.scenario.current, self.demand, self.clock, day, 1.0) / (1 + retry)
                for day in range(self.clock.days)
            ]
        return daily

    def _answered(self, day: int) -> float:
        """The share that it answers as if live: what does not overflow of its coverage."""
        overflows = self.fleet is not None and self.fleet.fleet.overflow == "current"
        return self.coverage * self._part_served(day, self.coverage) if overflows else self.coverage

    def _carries(self, day: int) -> bool:
        return self.impossible_from is None or day < self.impossible_from

    @property
    def possible(self) -> bool:
        return self.impossible_from is None

    def _impossible_from(self) -> int | None:
        context = self.it.model.max_context if isinstance(self.it, GpuCandidate) and self.it.model else None
        gone = None
        if not isinstance(self.it, GpuCandidate):
            context, gone = self.it.max_context, self._gone_before_live()
        read, written = num(self.it.input_tokens_factor), num(self.it.output_tokens_factor)
        for day in range(self.clock.days):
            if gone is not None and day >= gone:
                return day
            if self.fleet and self.fleet.too_small(day):
                return day
            tokens = self.demand.input_tokens[day] * read + self.demand.output_tokens[day] * written
            if context is not None and above(tokens, context):
                return day
        return None

    def _gone_before_live(self) -> int | None:
        """The day on which its model is taken away, where even the earliest project is not live before and no successor
        is stated."""
        stated = num(self.it.usd_per_migration) or num(self.it.migration_price_factor) != 1
        if self.it.retires_on is None or stated:
            return None
        live = plan(self.it.project, self.demand, self.clock, 0).cutover
        gone = max(self.clock.day(self.it.retires_on), 0)
        return gone if live is None or gone <= live else None

    def _operate(self, carried: list[float], served: list[float], first: int, left: int | None = None) -> _Operation:
        """Both routes, the candidate's from day `first` on.

        `carried` is the share of requests that it answers, `served` also counts those of the shadow. From the day on
        which it is not possible it does neither, but its fleet is paid as if it did.
        """
        days = self.clock.days
        planned = list(served)
        carried, served = list(carried), list(served)
        for day in range(days):
            if self.impossible_from is not None and day >= self.impossible_from:
                carried[day] = served[day] = 0.0
        overflow = self._overflow(carried) if self.fleet and self.fleet.fleet.overflow == "current" else None
        route = self.current.days([1 - share for share in carried], left, overflow)
        flow, moving = list(route.flow), [0.0] * days
        if self.current.fleet is None:
            moving = migrations(
                self.scenario.current, self.clock, [share < 1 or overflow is not None for share in carried]
            )
        if overflow is not None:
            carried = [share * self._part_served(day, share) for day, share in enumerate(carried)]
            served = [share * self._part_served(day, share) for day, share in enumerate(served)]
        if not self.fleet:
            own = migrations(self.it, self.clock, [day >= first for day in range(days)])
            moving = [one + other for one, other in zip(moving, own, strict=True)]
        out = _Operation(flow, moving, [0.0] * days, [0.0] * days, 0.0, None, route)
        if self.fleet:
            self._run_fleet(out, planned, first)
        else:
            self._run_route(out, served, first)
        usd, quality = num(self.it.usd_per_1000_requests), num(self.it.quality_usd_per_1000_requests)
        for day in range(max(first, 0), days):
            flow[day] += usd * self.demand.requests[day] * served[day] / 1000
            flow[day] += quality * self.demand.requests[day] * carried[day] / 1000
        return out

    def _overflow(self, carried: list[float]) -> list[Overflow]:
        """What the fleet cannot carry of the requests that it answers, retries left out."""
        found = []
        for day, share in enumerate(carried):
            it = self.fleet.day(day, share)
            tries = 1 + self.fleet.route.retry
            found.append(Overflow(it.overflow_now / tries, it.overflow_waiting / tries))
        return found

    def _part_served(self, day: int, share: float) -> float:
        asked = self.fleet.asked(day, share)
        return self.fleet.day(day, share).served / asked if asked > 0 else 1.0

    def overflow_share(self, path: Path, days: range | None = None) -> float | None:
        """Requests that overflowed over those that it might have taken, from cutover on, or on some of those days."""
        cutover = path.plan.cutover
        if not self.fleet or self.fleet.fleet.overflow != "current" or cutover is None or cutover >= self.clock.days:
            return None
        live = [day for day in days or range(self.clock.days) if day >= cutover]
        over = sum(d.overflow_now + d.overflow_waiting for d in (self.fleet.day(day, self.coverage) for day in live))
        asked = sum(self.fleet.asked(day, self.coverage) for day in live)
        if asked > 0:
            return over / asked
        return 0.0 if days is None else None

    def owed_after(self, path: Path) -> float | None:
        """What is owed for reserved replicas after the last day."""
        if not self.fleet or not self.fleet.fleet.reserved_replicas:
            return None
        return self.fleet.owed_after(self.clock.days if path.plan.shadow is None else path.plan.shadow)

    def _run_route(self, out: _Operation, served: list[float], first: int) -> None:
        tokens_usd = []
        for day in range(self.clock.days):
            one = usd_per_request(self.scenario, self.it, self.demand, self.clock, day)
            tokens_usd.append(one * self.demand.requests[day] * served[day])
        settled, fee = settle(self.clock, self.it.commitments, tokens_usd, first), flat_fee(self.it)
        for day in range(max(first, 0), self.clock.days):
            out.flow[day] += settled[day] + fee

    def _run_fleet(self, out: _Operation, planned: list[float], first: int) -> None:
        purchases = Purchases(self.fleet)
        for day in range(max(first, 0), self.clock.days):
            if self.fleet.bought:
                out.capital[day] = purchases.tick(day, planned[day])
                out.wear[day] = purchases.wear()
            out.flow[day] += self.fleet.running_usd(day, planned[day], purchases.gpus)
            out.peak = max(out.peak or 0, self.fleet.day(day, planned[day]).peak)
        if self.fleet.bought:
            out.credit = purchases.credit(self.clock.days - 1)

    def _upkeep(self) -> float:
        upkeep = self.it.upkeep
        people = upkeep.engineers * num(self.it.project.usd_per_engineer_month)
        return (people + num(upkeep.usd_per_month)) * DAILY

    def _running(self) -> list[float]:
        """Running cost of every day, as if live since day 0."""
        shares = [self.coverage] * self.clock.days
        out = self._operate(shares, shares, 0)
        paid, upkeep = zip(out.flow, out.route.flow, out.route.billed, out.wear, strict=True), self._upkeep()
        return [flow - own + billed + wear + upkeep for flow, own, billed, wear in paid]

    def crossover(self) -> int | None:
        for day in range(self.clock.days):
            if at_least(self.clock.trailing(self.billed, day), self.clock.trailing(self.running, day)):
                return day
        return None

    def path(self, start: int | None) -> Path:
        """What happens and what is paid if the project starts on a day, or never."""
        if start not in self._paths:
            self._paths[start] = self.follow(plan(self.it.project, self.demand, self.clock, start))
        return self._paths[start]

    def staying(self) -> Path:
        """Nothing begins, nothing is paid beside staying."""
        return self.follow(Plan())

    def follow(self, p: Plan) -> Path:
        """What is paid when the project goes by a plan."""
        days = self.clock.days
        carried, served = [0.0] * days, [0.0] * days
        first = p.shadow if p.shadow is not None else days
        for day in range(days):
            if p.cutover is None or day < p.shadow:
                continue
            if day < p.ramp:
                served[day] = self.coverage
            elif day < p.cutover:
                carried[day] = served[day] = self.coverage * (day - p.ramp + 0.5) / (p.cutover - p.ramp)
            else:
                carried[day] = served[day] = self.coverage
        left = self._left(p)
        out = self._operate(carried, served, first, left)
        project = [p.spend.get(day, 0.0) for day in range(days)]
        flow = [out.flow[day] + out.moving[day] + project[day] for day in range(days)]
        if p.cutover is not None:
            self._keep_up(flow, p.cutover)
        return Path(p, flow, out.capital, project, out.credit, out.peak, out.route, left)

    def _left(self, p: Plan) -> int | None:
        """The day on which the last request leaves the current route for good."""
        overflows = self.fleet is not None and self.fleet.fleet.overflow == "current"
        if self.coverage != 1 or overflows or not self.possible or not self.current.has_more_than_tokens:
            return None
        return None if p.cutover is None or p.cutover >= self.clock.days else max(p.cutover, 0)

    def _bought_beyond(self, path: Path, day: int) -> float:
        """What falls at the start of a day: GPUs of both routes, less those that staying buys."""
        return path.capital[day] + path.route.capital[day] - self.route_of_stay.capital[day]

    def _keep_up(self, flow: list[float], cutover: int) -> None:
        upkeep = self._upkeep()
        for day in range(max(cutover, 0), self.clock.days):
            flow[day] += upkeep
        months = num(self.it.upkeep.retrain_every_months)
        k = 1
        while months > 0 and cutover + math.floor(k * months * MONTH) < self.clock.days:
            day = cutover + math.floor(k * months * MONTH)
            if day >= 0:
                flow[day] += num(self.it.project.usd_per_iteration)
            k += 1

    def one_off(self, path: Path) -> float:
        cutover = self.clock.days if path.plan.cutover is None else path.plan.cutover
        capital = sum(usd for day, usd in enumerate(path.capital) if day <= cutover)
        return sum(path.project) + capital

    def break_even(self, path: Path, begun: int | None) -> float | None:
        """The moment, in days since day 0, from which on the project is paid for, for good.

        `begun` is the day from which a day that saves may count: the project's start.
        """
        if begun is None or begun >= self.clock.days:
            return None
        gap = total = 0.0
        behind: list[tuple[int, float, float, bool]] = []
        for day in range(self._first_spend(path.plan, begun), self.clock.days):
            total += self.stay[day]
            before = gap + self._bought_beyond(path, day)
            gap = before + path.flow[day] - self.stay[day]
            if before > EQUAL * total or gap > EQUAL * total:
                behind.append((day, before, gap, gap <= EQUAL * total))
        if behind:
            day, before, after, back = behind[-1]
            if back:
                return day + before / (before - after)
            return None if day == self.clock.days - 1 else float(day + 1)
        for day in range(max(begun, 0), self.clock.days):
            if above(self.stay[day], path.flow[day] + self._bought_beyond(path, day)):
                return float(day)
        return None

    @staticmethod
    def _first_spend(p: Plan, begun: int) -> int:
        return min([d for d, usd in p.spend.items() if usd > 0 and d >= 0] + [max(begun, 0)])

    def peak_cash(self, path: Path) -> tuple[float, int | None]:
        """The most by which the switch is behind staying at the end of a day, and that day; the last day's credit left
        out."""
        gap, most, total, when = 0.0, 0.0, 0.0, None
        for day in range(self.clock.days):
            gap += path.flow[day] + self._bought_beyond(path, day) - self.stay[day]
            total += self.stay[day]
            if gap > most + EQUAL * total:
                most, when = gap, day
        return most, when

    def limit_again(self, cutover: int | None) -> int | None:
        if cutover is None:
            return None
        below = False
        for day in range(max(cutover, 0), self.clock.days):
            over = at_least(self.pressures[day], 1)
            if over and below:
                return day
            below = below or not over
        return None

    def keeps_limit(self, cutover: int | None, threat: int | None) -> bool:
        """Whether, from some day of the ninety from the later of cutover and threat on, pressure stays below 1 for 182
        days, or to a horizon that is 28 days off or more. Where the horizon is nearer, its last day is judged."""
        last = self.clock.days - 1
        strained = [at_least(p, 1) or over for p, over in zip(self.pressures, self.outgrown, strict=True)]
        if cutover is None or cutover > last:
            return False
        since = max(cutover, threat or 0, 0)
        if self.clock.days - since < 28:
            return not strained[last]
        for first in range(since, min(since + 90, self.clock.days - 28) + 1):
            if not any(strained[first : first + 182]):
                return True
        return False

    def below_from(self, cutover: int | None) -> int | None:
        """First day on or after cutover with pressure below 1."""
        if cutover is None:
            return None
        for day in range(max(cutover, 0), self.clock.days):
            if not at_least(self.pressures[day], 1):
                return day
        return None
