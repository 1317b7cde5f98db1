"""What is asked of the model, what it earns, and the limit."""

from __future__ import annotations

import math

from switchpoint.scenario.schema import Scenario
from switchpoint.scenario.uncertain import num
from switchpoint.scenario.usage import Growth
from tests.twin.clock import MONTH, Clock


class Demand:
    """Requests, tokens and revenue of every day."""

    def __init__(self, scenario: Scenario, clock: Clock) -> None:
        usage = scenario.usage
        mean_weight = sum(usage.weekday_profile) / 7
        self.scenario = scenario
        self.prices: dict[tuple[int, int, float | None], float] = {}
        """What a request costs on a route of the scenario, by its identity, on a day, for the part that can wait."""
        self.clock = clock
        self.requests: list[float] = []
        self.input_tokens: list[float] = []
        self.output_tokens: list[float] = []
        self.revenue: list[float] = []
        """Revenue of a day as an amount per month."""
        for day in range(clock.days):
            t = clock.t(day)
            requests = level(usage.growth, num(usage.requests_per_day), day, t)
            requests *= usage.weekday_profile[clock.weekday(day)] / mean_weight
            for event in usage.events:
                if event.probability >= 0.5 and day >= clock.day(event.date):
                    requests *= num(event.factor)
            self.requests.append(requests)
            creep = (1 + num(usage.token_growth_per_month)) ** t
            self.input_tokens.append(num(usage.input_tokens) * creep)
            self.output_tokens.append(num(usage.output_tokens) * creep)
            earned = num(scenario.revenue.usd_per_month) * (1 + num(scenario.revenue.growth_per_month)) ** t
            earned += num(scenario.revenue.usd_per_1000_requests) * requests * MONTH / 1000
            self.revenue.append(earned)
        self.limits = [self.limit_of(list(range(max(d, 27) - 27, max(d, 27) + 1))) for d in range(clock.days)]
        """The limit in dollars a month, with the trailing mean of revenue and requests."""

    def limit_of(self, days: list[int]) -> float:
        """The limit, in dollars a month, at the mean revenue and requests of some days; without any, endless."""
        limit = self.scenario.limit
        if limit is None:
            return math.inf
        revenue = sum(self.revenue[d] for d in days) / len(days)
        requests = sum(self.requests[d] for d in days) / len(days)
        stated = []
        if limit.share_of_revenue is not None:
            stated.append(limit.share_of_revenue * revenue)
        if limit.usd_per_month is not None:
            stated.append(limit.usd_per_month)
        if limit.usd_per_1000_requests is not None:
            stated.append(limit.usd_per_1000_requests * requests * MONTH / 1000)
        return min(stated)

    def pressures(self, costs: list[float]) -> list[float]:
        """Monthly bill over limit, both with the trailing mean, for every day."""
        pressures = []
        for day in range(self.clock.days):
            bill = self.clock.trailing(costs, day) * MONTH
            if self.limits[day] > 0:
                pressures.append(bill / self.limits[day])
            else:
                pressures.append(math.inf if bill > 0 else 0.0)
        return pressures


def level(growth: Growth, r0: float, day: int, t: float) -> float:
    """R(t), before the weekday and events."""
    r = num(growth.per_month)
    if growth.curve == "constant":
        return r0
    if growth.curve == "linear":
        return max(0.0, r0 + r * t)
    if growth.curve == "compound":
        f = num(growth.fade_per_month)
        if f == 0:
            return r0 * (1 + r) ** t
        return r0 * math.exp(math.log(1 + r) * ((1 - f) ** t - 1) / math.log(1 - f))
    if growth.curve == "logistic":
        return logistic(r0, num(growth.ceiling), r, t)
    if growth.curve == "bass":
        return bass(r0, num(growth.innovation), num(growth.imitation), num(growth.market), day)
    raise NotImplementedError(growth.curve)


def logistic(r0: float, ceiling: float, r: float, t: float) -> float:
    if r0 in (0, ceiling):
        return r0
    k = math.log(1 + r) / (1 - r0 / ceiling)
    if ceiling < r0:
        k = abs(k)
    return ceiling / (1 + (ceiling / r0 - 1) * math.exp(-k * t))


def bass(r0: float, p: float, q: float, market: float, day: int) -> float:
    """dR/dt = (p + q·R/M)(M - R), followed in eighths of a day by the classic Runge-Kutta rule up to noon of a day."""
    if r0 >= market:
        return r0

    def speed(r: float) -> float:
        return (p + q * r / market) * (market - r)

    h = 1 / MONTH / 8
    r, steps = _bass_seen.get((r0, p, q, market, day - 1), (r0, 0))
    for _ in range(4 + 8 * day - steps):
        a = speed(r)
        b = speed(r + h * a / 2)
        c = speed(r + h * b / 2)
        d = speed(r + h * c)
        r += h * (a + 2 * b + 2 * c + d) / 6
    _bass_seen[r0, p, q, market, day] = (r, 4 + 8 * day)
    return r


_bass_seen: dict[tuple[float, float, float, float, int], tuple[float, int]] = {}
"""Where a curve was at noon of a day, to go on from there the day after."""
