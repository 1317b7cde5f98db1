"""Threat, warning, starts and the verdict."""

from __future__ import annotations

import math
from dataclasses import dataclass
from datetime import date
from typing import Any

from switchpoint.scenario.quantity import num
from switchpoint.scenario.schema import GpuCandidate, Scenario
from tests.twin.candidate import Judged, Path
from tests.twin.clock import MONTH, Clock, above, at_least, whole_days
from tests.twin.project import labels, plan, to_label
from tests.twin.route import current_route, migrations
from tests.twin.usage import Demand


def tick(scenario: Scenario) -> dict[str, Any]:
    """The base case of a scenario: `base`, `verdict` and `monthly`, dates as dates, None for not reached."""
    return World(scenario).report()


def first_at_limit(pressures: list[float]) -> int | None:
    for day, pressure in enumerate(pressures):
        if at_least(pressure, 1):
            return day
    return None


@dataclass
class Choice:
    """What the search for a start found for one candidate."""

    judged: Judged
    best_start: int | None
    start_by: int | None
    binds: str | None
    remedy: bool


class World:
    """The base case."""

    def __init__(self, scenario: Scenario) -> None:
        self.scenario = scenario
        self.clock = Clock(scenario.start, scenario.months)
        self.demand = Demand(scenario, self.clock)
        self.billed = current_route(scenario, self.demand, self.clock, [1.0] * self.clock.days)
        moving = migrations(scenario.current, self.clock, [True] * self.clock.days)
        self.stay = [one + other for one, other in zip(self.billed, moving, strict=True)]
        self.pressures = self.demand.pressures(self.billed)
        self.threat = first_at_limit(self.pressures)
        self.weeks = self._weeks()
        self.warning = self._warning()
        self.stay_discounted = self.discounted(self.stay)
        self.choices = [self._choice(name) for name in scenario.candidates]

    def discounted(self, costs: list[float]) -> float:
        rate = self.scenario.decision.discount_rate_per_year
        return sum(usd * (1 + rate) ** (-day / 365.25) for day, usd in enumerate(costs))

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
        judged = Judged(self.scenario, name, self.demand, self.clock, self.billed, self.stay)
        best = self._best_start(judged)
        limit = self._latest_in_time(judged)
        start_by, binds = None, None
        if limit is not None and (best is None or limit <= best):
            start_by, binds = limit, "limit"
        elif best is not None:
            start_by, binds = best, "money"
        cutover = judged.path(0 if start_by is None else start_by).plan.cutover
        return Choice(judged, best, start_by, binds, judged.possible and judged.keeps_limit(cutover))

    def saves(self, path: Path) -> bool:
        return self.stay_discounted - self.discounted(path.costs()) > 1e-9 * self.stay_discounted

    def _best_start(self, judged: Judged) -> int | None:
        started = judged.it.project.started
        if started is not None:
            starts = [self.clock.day(started)]
        else:
            starts = [d for d in range(self.clock.days) if d == 0 or self.clock.date(d).day == 1]
        live = []
        for start in starts:
            cutover = plan(judged.it.project, self.demand, self.clock, start).cutover
            if cutover is not None and cutover < self.clock.days:
                live.append(start)
        costs = {start: self.discounted(judged.path(start).costs()) for start in live}
        best = None
        for start in live:
            near = costs[start] <= min(costs.values()) + 0.01 * self.stay_discounted
            if near and self.saves(judged.path(start)):
                best = start
        return best

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

    def _first_training_by(self, judged: Judged) -> int | None:
        """The latest first training day that is live at the threat; None for a project under way."""
        if self.threat is None or judged.it.project.started is not None:
            return None
        labelled = judged.it.project.model_copy(update={"examples": 0.0})
        it = plan(labelled, self.demand, self.clock, 0)
        return None if it.cutover is None else self.threat - (it.cutover - it.first_training)

    def label_by(self, judged: Judged) -> int | None:
        project = judged.it.project
        training = self._first_training_by(judged)
        if training is None or not to_label(project):
            return None
        for first in range(max(training, 0), -1, -1):
            counts, complete = labels(project, self.demand, self.clock, first)
            if complete and first + len(counts) <= training:
                return first
        return 0

    def hire_by(self, judged: Judged) -> int | None:
        project = judged.it.project
        training = self._first_training_by(judged)
        if training is None or project.to_hire <= 0:
            return None
        return max(0, training - whole_days(7 * num(project.hiring_weeks)))

    def policy_start(self, choice: Choice) -> int | None:
        """The day on which the scenario's policy starts the project."""
        policy = self.scenario.decision.policy
        if policy == "never":
            return None
        if policy == "now":
            return 0
        if policy == "warn":
            return self.warning
        if policy == "best":
            return choice.best_start
        day = max(0, self.clock.day(policy))
        return day if day < self.clock.days else None

    # Reports

    def report(self) -> dict[str, Any]:
        paths = {c.judged.name: c.judged.path(self.policy_start(c)) for c in self.choices}
        base = self._base()
        base["candidates"] = {c.judged.name: self._figures(c, paths[c.judged.name]) for c in self.choices}
        return {"base": base, "verdict": self._verdict(), "monthly": self._monthly(paths)}

    def _base(self) -> dict[str, Any]:
        last = self.clock.days - 1
        return {
            "threat": self.clock.date(self.threat),
            "warning": self.clock.date(self.warning),
            "bill_at_start_usd": self.clock.trailing(self.billed, 0) * MONTH,
            "bill_at_end_usd": self.clock.trailing(self.billed, last) * MONTH,
            "cost_per_1000_requests_usd": {"start": self._per_1000(0), "end": self._per_1000(last)},
        }

    def _per_1000(self, day: int) -> float | None:
        requests = self.clock.trailing(self.demand.requests, day)
        return None if requests == 0 else self.clock.trailing(self.billed, day) / requests * 1000

    def _figures(self, choice: Choice, path: Path) -> dict[str, Any]:
        judged, clock = choice.judged, self.clock
        moment = judged.break_even(path)
        start = path.plan.start
        gpu = isinstance(judged.it, GpuCandidate)
        return {
            "crossover": clock.date(judged.crossover()),
            "project_start": clock.seen(start),
            "cutover": clock.seen(path.plan.cutover),
            "break_even": None if moment is None else clock.date(math.floor(moment)),
            "payback_months": None if moment is None else (moment - start) / MONTH,
            "limit_again": clock.date(judged.limit_again(path.plan.cutover)),
            "possible": judged.possible,
            "remedy": choice.remedy,
            "start_by": clock.date(choice.start_by),
            "best_start": clock.date(choice.best_start),
            "peak_replicas": path.peak_replicas,
            "capacity_requests_per_second": judged.fleet.capacity if gpu else None,
            "total_usd": sum(path.costs()),
            "npv_saving_usd": self.stay_discounted - self.discounted(path.costs()),
            "one_off_usd": judged.one_off(path),
        }

    def _monthly(self, paths: dict[str, Path]) -> list[dict[str, Any]]:
        rows = []
        for first, _, days in self.clock.calendar_months():
            requests = sum(self.demand.requests[d] for d in days)
            row: dict[str, Any] = {
                "month": f"{first:%Y-%m}",
                "requests": requests,
                "limit_usd": self.demand.limit_of(days) * len(days) / MONTH,
                "pressure": self.pressures[days[-1]],
            }
            routes = {"stay": self.stay, **{name: path.costs() for name, path in paths.items()}}
            for name, costs in routes.items():
                usd = sum(costs[d] for d in days)
                row[f"{name}_usd"] = usd
                row[f"{name}_per_1000_usd"] = None if requests == 0 else usd / requests * 1000
            rows.append(row)
        return rows

    # The verdict

    def _verdict(self) -> dict[str, Any]:
        said: dict[str, Any] = dict.fromkeys(("candidate", "start_by", "binds", "bridge", "label_by", "hire_by"))
        said["window"] = self._window()
        savers = [c for c in self.choices if c.judged.possible and c.best_start is not None]
        remedies = [c for c in self.choices if c.remedy]
        if self.threat is None:
            chosen = self._best(savers)
            said["action"] = "stay" if chosen is None else self._when(chosen)
        else:
            chosen = self._best(remedies)
            said["action"] = "no-remedy" if chosen is None else self._when(chosen)
            chosen = chosen or self._best(savers)
        if chosen is not None:
            said["candidate"] = chosen.judged.name
            said["start_by"] = self.clock.date(chosen.start_by)
            said["binds"] = chosen.binds
            said["label_by"] = self.clock.date(self.label_by(chosen.judged))
            said["hire_by"] = self.clock.date(self.hire_by(chosen.judged))
        if said["action"] == "late":
            said["bridge"] = self._bridge(chosen)
        return said

    def _window(self) -> list[date] | None:
        """The days that lie `warn_months` before the threat."""
        if self.threat is None:
            return None
        closes, opens = self.scenario.decision.warn_months
        first, last = math.ceil(self.threat - opens * MONTH), math.floor(self.threat - closes * MONTH)
        return [self.clock.date(first), self.clock.date(last)]

    def _best(self, choices: list[Choice]) -> Choice | None:
        """The cheapest when started by its start-by date.

        Among ties the one with the smaller one-off, of those the cheaper, of those the first.
        """
        if not choices:
            return None
        paths = [c.judged.path(c.start_by) for c in choices]
        costs = [self.discounted(path.costs()) for path in paths]
        best = None
        for choice, path, cost in zip(choices, paths, costs, strict=True):
            if not at_least(min(costs) + 0.03 * self.stay_discounted, cost):
                continue
            one_off = choice.judged.one_off(path)
            smaller = best is None or above(best[0], one_off)
            as_small = best is not None and at_least(best[0], one_off) and at_least(one_off, best[0])
            if smaller or (as_small and above(best[1], cost)):
                best = (one_off, cost, choice)
        return best[-1]

    def _live_today(self, choice: Choice) -> int | None:
        return choice.judged.path(0).plan.cutover

    def _when(self, choice: Choice) -> str:
        if self.threat is not None:
            live = self._live_today(choice)
            if live is None or live > self.threat:
                return "late"
            window = self._window()
            if window[0] <= self.scenario.start <= window[1]:
                return "start-now"
        return "start-now" if choice.start_by <= 0 else "start-by"

    def _bridge(self, late: Choice) -> str | None:
        """The earliest-live other candidate that is possible, saves when started today, and is in time."""
        found = []
        for choice in self.choices:
            live = self._live_today(choice)
            in_time = live is not None and live <= self.threat
            if choice is not late and choice.judged.possible and in_time and self.saves(choice.judged.path(0)):
                found.append((live, len(found), choice.judged.name))
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

    def mean(end: float) -> float:
        """Simpson's rule in quarter days."""
        n = 112
        total = 0.0
        for i in range(n + 1):
            weight = 1 if i in (0, n) else (4 if i % 2 else 2)
            total += weight * math.exp(min(a + b * (end - 28 + 28 * i / n), 700.0))
        return total / (3 * n)

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
