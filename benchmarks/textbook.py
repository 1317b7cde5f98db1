"""The textbook way: one drawn world as five SimPy processes that tick once a day, with plain numbers.

Usage, market, project, fleet and ledger each wake every morning, in that order. It is what one writes after reading an
introduction to SimPy, and comes to the same totals as the simulation, for one rented fleet started on a given day.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import simpy

from switchpoint.catalog import rent, route_price
from switchpoint.finance import replacements
from switchpoint.horizon import Horizon
from switchpoint.scenario.schema import Scenario
from switchpoint.scenario.uncertain import num
from switchpoint.simulation.chance import Chance, RandomSource
from switchpoint.simulation.usage import HOURS, wander_factors

MONTH = 365.25 / 12
NEVER = 10**9


@dataclass
class Textbook:
    """One world of a scenario with one candidate on rented GPUs; numbers of the scenario are certain."""

    scenario: Scenario
    chance: Chance
    start: int
    days: int
    requests: float = 0.0
    api: float = 0.0
    answered: float = 0.0
    served: float = 0.0
    live: bool = False
    spent: float = 0.0
    fleet_usd: float = 0.0
    stay_total: float = 0.0
    switch_total: float = 0.0
    cutover: int = NEVER
    joins: int = 0

    def run(self) -> Textbook:
        """Live through all days."""
        ((_, self.spec),) = self.scenario.candidates.items()
        env = simpy.Environment()
        for process in (self.usage, self.market, self.project, self.fleet, self.ledger):
            env.process(process(env))
        env.run(until=self.days)
        return self

    def usage(self, env: simpy.Environment):
        """Requests of the day: growth, weekday, noise, launches."""
        usage, growth = self.scenario.usage, self.scenario.usage.growth
        noise = self.chance.of(RandomSource.NOISE).noise(self.days, usage.daily_noise, usage.daily_noise_carryover)
        wander = wander_factors(usage, Horizon(self.scenario.start, self.days), self.chance)
        happens = self.chance.of(RandomSource.USAGE_EVENTS)
        events = [(e.date, num(e.factor)) for e in usage.events if happens.happens(e.probability)]
        mean = sum(usage.weekday_profile) / 7
        rate, fade = math.log1p(num(growth.per_month)), math.log1p(-num(growth.fade_per_month))
        while True:
            day = env.now
            t = (day + 0.5) / MONTH
            curve = math.exp(rate * math.expm1(t * fade) / fade) if fade else math.exp(rate * t)
            weekday = (self.scenario.start.weekday() + day) % 7
            requests = num(usage.requests_per_day) * curve * usage.weekday_profile[weekday] / mean
            requests *= (noise[day] if usage.daily_noise else 1.0) * (wander[day] if usage.growth.wander else 1.0)
            for when, factor in events:
                if (when - self.scenario.start).days <= day:
                    requests *= factor
            self.requests = requests
            yield env.timeout(1)

    def market(self, env: simpy.Environment):
        """Dollars of a request on the API today."""
        usage, route = self.scenario.usage, self.scenario.current
        price = route_price(route.provider, route.model, self.scenario.start).at(num(usage.input_tokens))
        luck = self.chance.of(RandomSource.CURRENT_PRICES)
        shocks = luck.shocks(route.price_shocks_per_year, route.price_shock_factor, self.days)
        cached = num(usage.cached_input_share)
        factor = 1 + num(route.retry_share)
        while True:
            day = env.now
            t = (day + 0.5) / MONTH
            for when, change, _ in shocks:
                if when == day:
                    factor *= change
            tokens = (1 + num(usage.token_growth_per_month)) ** t
            inputs = num(usage.input_tokens) * ((1 - cached) * price.input + cached * price.cached_input)
            drift = (1 + num(route.price_change_per_year)) ** (t / 12)
            self.api = factor * drift * tokens * (inputs + num(usage.output_tokens) * price.output) / 1e6
            yield env.timeout(1)

    def project(self, env: simpy.Environment):
        """The project day by day: prepare, build, harden, shadow, ramp, then live on."""
        plan, upkeep = self.spec.project, self.spec.upkeep
        trial = self.chance.of(RandomSource.TRIAL).trial(plan)
        while env.now < self.start:
            yield env.timeout(1)
        self.spent += num(plan.usd_one_off)
        yield from self.prepare(env, plan)
        for _ in range(plan.max_iterations):
            self.spent += num(plan.usd_per_iteration)
            yield from self.work(env, plan, days(plan.training_days) + days(plan.evaluation_days))
            if trial.passes():
                break
            trial.intervene()
            yield from self.work(env, plan, days(plan.intervention_days))
        self.spent += num(plan.usd_hardening)
        yield from self.work(env, plan, days(plan.hardening_days))
        self.live, self.served = True, num(self.spec.coverage)
        yield from self.work(env, plan, days(plan.shadow_days))
        steps = days(plan.ramp_days)
        for step in range(steps):
            self.answered = self.served = num(self.spec.coverage) * (step + 0.5) / steps
            yield from self.work(env, plan, 1)
        self.cutover = env.now
        yield from self.live_on(env, plan, upkeep)

    def prepare(self, env: simpy.Environment, plan):
        """Hire and learn while examples are labelled."""
        self.joins = self.start + (days(7 * num(plan.hiring_weeks)) if plan.to_hire else 0)
        ready = max(self.start + days(7 * num(plan.upskilling_weeks)), self.joins)
        need, labelled = max(num(plan.examples) - num(plan.examples_in_hand), 0.0), 0.0
        while labelled < need * (1 - 1e-9) or env.now < ready:
            made = min(num(plan.labels_per_day or 1e18), plan.usable_share * self.requests, need - labelled)
            labelled += made
            self.spent += made * num(plan.usd_per_example)
            yield from self.work(env, plan, 1)

    def work(self, env: simpy.Environment, plan, count: int):
        """Some days of the project's engineers."""
        for _ in range(count):
            people = plan.engineers - (plan.to_hire if env.now < self.joins else 0)
            self.spent += people * num(plan.usd_per_engineer_month) / MONTH
            yield env.timeout(1)

    def live_on(self, env: simpy.Environment, plan, upkeep):
        """Upkeep, retrainings and incidents, to the end."""
        retrain = replacements(upkeep.retrain_every_months, self.days) if upkeep.retrain_every_months else []
        incidents = self.chance.of(RandomSource.INCIDENTS).incidents(upkeep.incidents_per_year, self.days)
        length, daily = days(upkeep.incident_days), num(plan.usd_per_engineer_month) / MONTH
        while True:
            age = env.now - self.cutover
            down = any(begin <= age < begin + length for begin in incidents)
            self.answered = self.served = 0.0 if down else num(self.spec.coverage)
            self.spent += upkeep.engineers * daily + num(upkeep.usd_per_month) / MONTH
            if age in retrain:
                self.spent += num(plan.usd_per_iteration)
            yield env.timeout(1)

    def fleet(self, env: simpy.Environment):
        """Replicas for every hour of the day, and their rent."""
        fleet = self.spec.fleet
        price = num(fleet.usd_per_gpu_hour) if fleet.usd_per_gpu_hour is not None else None
        price = rent(fleet.gpu, fleet.provider, fleet.spot).usd_per_gpu_hour if price is None else price
        profile = HOURS[self.scenario.usage.hourly_profile]
        weights = [weight / sum(profile) for weight in profile]
        capacity = num(fleet.requests_per_second_per_replica) * fleet.target_utilisation
        retry = 1 + num(self.scenario.current.retry_share)
        while True:
            self.fleet_usd = 0.0
            if self.live:
                t = (env.now + 0.5) / MONTH
                hour_price = price * (1 + num(fleet.usd_per_gpu_hour_change_per_year)) ** (t / 12)
                hour_price *= (1 + num(fleet.overhead_share)) * fleet.gpus_per_replica
                for hour in range(24):
                    weight = max(weights[hour], weights[(hour + 1) % 24])
                    load = self.requests * retry * self.served * weight / 3600
                    needed = max(fleet.min_replicas, math.ceil(load / capacity - 1e-9))
                    self.fleet_usd += (needed + fleet.spare_replicas) * hour_price
                self.fleet_usd += num(fleet.usd_per_month) / MONTH
            yield env.timeout(1)

    def ledger(self, env: simpy.Environment):
        """The bill of the day, both ways."""
        extras = num(self.spec.usd_per_1000_requests) / 1000
        quality = num(self.spec.quality_usd_per_1000_requests) / 1000
        while True:
            stay = self.requests * self.api
            self.stay_total += stay
            self.switch_total += stay * (1 - self.answered) + self.fleet_usd + self.spent
            self.switch_total += self.requests * (self.served * extras + self.answered * quality)
            self.spent = 0.0
            yield env.timeout(1)


def days(length) -> int:
    """Whole days, fractions rounded up."""
    return math.ceil(num(length) - 1e-9)
