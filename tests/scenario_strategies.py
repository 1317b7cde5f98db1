"""Scenarios for property tests: small worlds in which thresholds are crossed, and worlds that stand exactly on one.

`scenarios()` draws whole scenarios: one or two candidates of any kind, two to thirty months, any first day, pressure
from about 0.3 to 3. They state all prices and capacities, so that nothing hangs on a catalogue. `BOUNDARY` names
scenarios that stand on an edge of a definition.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

from hypothesis import strategies as st

from switchpoint.scenario.schema import Scenario
from switchpoint.scenario.uncertain import num

Draw = Callable[[st.SearchStrategy[Any]], Any]
Table = dict[str, Any]

MONTH = 365.25 / 12
OFFICE_HOURS = [1, 1, 1, 1, 1, 1, 2, 4, 8, 10, 10, 9, 8, 9, 10, 10, 9, 7, 4, 3, 2, 2, 1, 1]
LUNCH_HOUR = [0] * 12 + [1] + [0] * 11
DAYS = [OFFICE_HOURS, OFFICE_HOURS[::-1], LUNCH_HOUR, list(range(24))]
WEEKS = [[1, 1, 1, 1, 1, 0.4, 0.3], [10, 10, 10, 10, 10, 1, 1], [1, 1, 1, 1, 1, 1, 0], [1, 2, 3, 4, 5, 6, 7]]
ODDS = [[0.35, 0.5, 0.6], [0.5], [0.2], [0.1, 0.9], [0.05, 0.1]]


def digits(value: float, n: int = 4) -> float:
    """Rounded to n significant digits, as people write numbers."""
    return 0.0 if value == 0 else round(value, n - 1 - math.floor(math.log10(abs(value))))


def portion() -> st.SearchStrategy[float]:
    """From 0 to 1, simplest in the middle: worlds of middling numbers cross more thresholds than worlds of extremes."""
    return st.integers(0, 1000).map(lambda i: (i + 500) % 1001 / 1000)


def between(low: float, high: float) -> st.SearchStrategy[float]:
    return portion().map(lambda p: digits(low + (high - low) * p))


def across(low: float, high: float) -> st.SearchStrategy[float]:
    """Evenly spread over orders of magnitude."""
    return portion().map(lambda p: digits(low * (high / low) ** p))


def chance(draw: Draw, percent: int) -> bool:
    return draw(st.integers(0, 99)) >= 100 - percent


def belief(draw: Draw, value: float) -> Any:
    """A number, now and then as a range, a PERT belief or a choice around it."""
    if value <= 0 or chance(draw, 80):
        return value
    shape = draw(st.sampled_from(["range", "pert", "choice"]))
    if shape == "range":
        return {"low": digits(value / 1.4), "high": digits(value * 1.4)}
    if shape == "pert":
        return {"low": digits(value * 0.7), "mode": value, "high": digits(value * 1.5)}
    return {"values": [value, digits(value * 0.8)], "weights": [2, 1]}


def base(value: Any) -> float:
    """About the base value of what `belief` gave."""
    if not isinstance(value, dict):
        return value
    if "values" in value:
        return value["values"][0]
    return value.get("mode", math.sqrt(value["low"] * value["high"]))


class World:
    """What is drawn first and scales the rest: the horizon, usage, and the bill it makes."""

    def __init__(self, draw: Draw) -> None:
        self.draw = draw
        self.pace = 1.0
        self.start = draw(st.dates(date(2026, 1, 1), date(2028, 12, 31)))
        self.months = draw(st.sampled_from([2, 3, 4, 6, 6, 8, 9, 10, 12, 12, 14, 18, 24, 30]))
        self.days = round(self.months * MONTH) - 1
        self.usage = self._usage()
        self.requests = base(self.usage["requests_per_day"])
        self.current = self._current()
        self.per_request = self.price_of_request(self.current["usd_per_mtok"])
        self.bill = self.requests * self.per_request * MONTH
        if chance(draw, 20):
            self.current["usd_per_month"] = digits(self.bill * draw(between(0.02, 0.3)))
        if chance(draw, 25):
            self.current["commitments"] = self._commitments(self.bill)
        self.limit, self.revenue = self._limit()

    def day(self, first: int = 0, last: int | None = None) -> date:
        return self.start + timedelta(days=self.draw(st.integers(first, self.days if last is None else last)))

    def price_of_request(self, prices: Table) -> float:
        u = self.usage
        cached = u.get("cached_input_share", 0)
        tokens_in, tokens_out = base(u["input_tokens"]), base(u["output_tokens"])
        p_in, p_out = base(prices["input"]), base(prices["output"])
        p_cached = base(prices.get("cached_input", p_in))
        return (tokens_in * ((1 - cached) * p_in + cached * p_cached) + tokens_out * p_out) / 1e6

    def _usage(self) -> Table:
        draw = self.draw
        usage: Table = {
            "requests_per_day": belief(draw, draw(across(500, 500_000))),
            "input_tokens": belief(draw, draw(between(100, 8000))),
            "output_tokens": belief(draw, draw(between(20, 1500))),
        }
        usage["growth"] = self._growth(base(usage["requests_per_day"]))
        if chance(draw, 50):
            usage["cached_input_share"] = draw(between(0, 0.8))
        if chance(draw, 30):
            usage["token_growth_per_month"] = draw(between(-0.01, 0.03))
        if chance(draw, 70):
            usage["weekday_profile"] = draw(st.sampled_from(WEEKS))
        if chance(draw, 60):
            usage["hourly_profile"] = draw(st.sampled_from(DAYS))
        if chance(draw, 30):
            usage["daily_noise"] = 0.08
        if chance(draw, 35):
            usage["events"] = [
                {
                    "date": self.day(-40),
                    "factor": belief(draw, draw(between(0.5, 1.9))),
                    "probability": draw(st.sampled_from([0.3, 0.49, 0.5, 0.6, 1.0])),
                }
                for _ in range(draw(st.integers(1, 2)))
            ]
        return usage

    def _growth(self, level: float) -> Table:
        draw = self.draw
        curve = draw(st.sampled_from(["compound", "compound", "compound", "linear", "logistic", "bass", "constant"]))
        # so many times today's usage at the end: short horizons grow faster, and cross something too
        times = draw(across(0.5, 2)) if chance(draw, 20) else draw(across(1.5, 10))
        if curve == "constant":
            return {}
        if curve == "linear":
            return {"curve": curve, "per_month": digits(level * (times - 1) / self.months)}
        rate = digits(times ** (1 / self.months) - 1)
        fast = abs(math.log(times)) / self.months
        if curve == "compound":
            growth: Table = {"curve": curve, "per_month": belief(draw, rate)}
            if chance(draw, 40):
                growth["fade_per_month"] = draw(between(0, 0.1))
            return growth
        if curve == "logistic":
            return {"curve": curve, "per_month": rate, "ceiling": digits(level * draw(across(0.4, 8)))}
        market = digits(level * draw(across(1.6, 20)))
        innovation, imitation = draw(between(0, 0.05)), draw(between(fast, 3 * fast))
        return {"curve": curve, "innovation": innovation, "imitation": imitation, "market": market}

    def _moves(self, route: Table) -> None:
        """Drift and dated changes of a route's prices."""
        draw = self.draw
        if chance(draw, 30):
            route["price_change_per_year"] = draw(between(-0.5, 0.3))
        if chance(draw, 30):
            route["price_changes"] = [
                {
                    "date": self.day(-20),
                    "factor": draw(between(0.4, 1.6)),
                    "probability": draw(st.sampled_from([0.4, 0.5, 1.0])),
                }
            ]
        if chance(draw, 20):
            route["retires_on"] = self.day(-20)
            route["usd_per_migration"] = belief(draw, draw(across(20, 20_000)))
            route["migration_price_factor"] = belief(draw, draw(between(0.4, 1.6)))
            route["retirement_per_year"] = draw(st.sampled_from([0.0, 0.6, 4.0]))

    def _prices(self) -> Table:
        draw = self.draw
        p_in = draw(across(0.05, 5))
        prices: Table = {"input": belief(draw, p_in), "output": belief(draw, digits(p_in * draw(between(1, 8))))}
        if chance(draw, 60):
            prices["cached_input"] = digits(p_in * draw(between(0.05, 0.6)))
        if chance(draw, 20):
            prices["cache_write"] = digits(p_in * 1.25)
        return prices

    def _current(self) -> Table:
        draw = self.draw
        current: Table = {"usd_per_mtok": self._prices()}
        if chance(draw, 40):
            current["retry_share"] = belief(draw, draw(between(0, 0.1)))
        if chance(draw, 30):
            current["batch_share"] = draw(between(0, 0.8))
            if chance(draw, 30):
                current["batch_discount"] = draw(between(0, 0.7))
        if chance(draw, 20):
            current["cache_write_share"] = draw(between(0, 0.2))
        self._moves(current)
        return current

    def _commitments(self, bill: float) -> list[Table]:
        draw = self.draw
        sizes = sorted({digits(bill * draw(across(0.3, 3))) for _ in range(draw(st.integers(1, 2)))})
        commitments = []
        for size in sizes:
            commitments.append({"usd_per_month": size, "discount": draw(between(0, 0.3))})
            if chance(draw, 50):
                commitments[-1]["until"] = self.day(20, self.days + 100)
        return commitments

    def _limit(self) -> tuple[Table, Table]:
        """One or two limits that put the pressure at the start between 0.2 and 1."""
        draw = self.draw
        limit: Table = {}
        revenue: Table = {}
        kinds = ["share_of_revenue", "usd_per_month", "usd_per_1000_requests"]
        for kind in draw(st.lists(st.sampled_from(kinds), min_size=1, max_size=2, unique=True)):
            allowed = self.bill / draw(across(0.2, 1.0))
            if kind == "usd_per_month":
                limit[kind] = digits(allowed)
            elif kind == "usd_per_1000_requests":
                limit[kind] = digits(allowed / (self.requests * MONTH) * 1000)
            else:
                limit[kind] = draw(between(0.05, 0.5))
                earned = allowed / limit[kind]
                follows = draw(st.sampled_from([0.0, 0.0, 0.4, 1.0]))
                revenue["usd_per_month"] = belief(draw, digits(earned * (1 - follows)))
                revenue["usd_per_1000_requests"] = digits(earned * follows / (self.requests * MONTH) * 1000)
                revenue["growth_per_month"] = draw(between(-0.02, 0.03))
        return limit, revenue

    # Candidates

    def candidate(self) -> Table:
        draw = self.draw
        kind = draw(st.sampled_from(["api", "hosted", "gpu", "gpu", "gpu"]))
        candidate: Table = {"kind": kind}
        if chance(draw, 75):
            candidate["coverage"] = draw(between(0.1, 1)) if chance(draw, 25) else draw(between(0.6, 1))
        if chance(draw, 25):
            candidate["quality_usd_per_1000_requests"] = digits(self.per_request * 1000 * draw(between(-0.1, 0.2)))
        if chance(draw, 25):
            candidate["usd_per_1000_requests"] = digits(self.per_request * 1000 * draw(between(0, 0.1)))
        if chance(draw, 30):
            candidate["input_tokens_factor"] = draw(between(0.5, 1.3))
            candidate["output_tokens_factor"] = draw(between(0.5, 1.3))
        if chance(draw, 25):
            candidate["retry_share"] = draw(between(0, 0.1))
        if kind == "gpu":
            candidate["fleet"] = self._fleet(candidate.get("coverage", 1.0))
        elif kind == "hosted" and chance(draw, 40):
            candidate["endpoint"] = self._endpoint(candidate.get("coverage", 1.0))
        else:
            self._tokens(candidate)
        if chance(draw, 85):
            candidate["project"] = self._project()
        if chance(draw, 60):
            candidate["upkeep"] = self._upkeep()
        return candidate

    def _endpoint(self, coverage: float) -> Table:
        """Dedicated endpoints, in steps, now and then too few, and with overflow or reserved ones."""
        draw = self.draw
        copies, least = draw(across(0.3, 8)), draw(st.integers(0, 3))
        usd_per_hour = self.bill * coverage * draw(across(0.2, 2.5)) / max(copies, 1) / 730
        endpoint: Table = {"usd_per_hour": belief(draw, digits(usd_per_hour)), "min": least}
        endpoint |= {"step": draw(st.integers(1, 3)), "target_utilisation": draw(between(0.3, 1))}
        rate = self.requests * coverage / 86_400 / copies
        if chance(draw, 50):
            endpoint["requests_per_second"] = belief(draw, digits(rate))
        else:
            tokens = base(self.usage["input_tokens"]) + 3 * base(self.usage["output_tokens"])
            endpoint |= {"tokens_per_minute": digits(60 * rate * tokens), "output_weight": 3}
        most = math.ceil(copies * draw(across(0.7, 12))) + least
        endpoint["scaling"] = draw(st.sampled_from(["hourly", "daily", "fixed"]))
        if endpoint["scaling"] == "fixed":
            endpoint["fixed"] = most
        elif chance(draw, 40):
            endpoint["max"] = most
        if chance(draw, 40) and ("fixed" in endpoint or "max" in endpoint):
            endpoint["overflow"] = "current"
        if chance(draw, 30):
            endpoint |= {"billing_minutes": draw(st.sampled_from([1, 30, 1440])), "startup_minutes": 6}
        if chance(draw, 30):
            endpoint |= {
                "reserved": draw(st.integers(1, min(most, 4))),
                "reserved_months": draw(st.sampled_from([1, 6])),
            }
            endpoint["reserved_usd_per_hour"] = digits(usd_per_hour * draw(between(0.3, 1.1)))
        return endpoint

    def _tokens(self, candidate: Table) -> None:
        draw = self.draw
        factor = draw(across(0.15, 1.3))
        prices = self.current["usd_per_mtok"]
        candidate["usd_per_mtok"] = {key: digits(base(price) * factor) for key, price in prices.items()}
        if chance(draw, 30):
            candidate["batch_discount"] = draw(between(0, 0.5))
        if chance(draw, 20):
            candidate["cache_write_share"] = draw(between(0, 0.2))
        if chance(draw, 20):
            candidate["usd_per_month"] = digits(self.bill * draw(between(0.01, 0.2)))
        if chance(draw, 20):
            candidate["commitments"] = self._commitments(self.bill * factor)
        if chance(draw, 15):
            tokens = base(self.usage["input_tokens"]) + base(self.usage["output_tokens"])
            candidate["max_context"] = max(1, round(tokens * draw(between(0.9, 1.5))))
        self._moves(candidate)

    def _fleet(self, coverage: float) -> Table:
        draw = self.draw
        copies = draw(across(0.3, 8))
        gpus = draw(st.sampled_from([1, 1, 1, 2, 8]))
        cost = self.bill * coverage * draw(across(0.2, 2.5)) / max(copies, 1) / gpus
        fleet: Table = {"gpus_per_replica": gpus, "scaling": draw(st.sampled_from(["hourly", "daily", "fixed"]))}
        fleet |= {"gpus_per_node": draw(st.sampled_from([2, 3, 4, 8]))} if chance(draw, 20) else {}
        fleet["requests_per_second_per_replica"] = belief(draw, digits(self.requests * coverage / 86_400 / copies))
        if chance(draw, 40):
            fleet["target_utilisation"] = draw(between(0.3, 1))
        fleet["min_replicas"] = draw(st.integers(0, 3))
        fleet["spare_replicas"] = draw(st.integers(0, 2))
        fleet["regions"] = draw(st.sampled_from([1, 1, 2]))
        # now and then too few
        most = math.ceil(copies * draw(across(0.7, 12))) + fleet["spare_replicas"] * fleet["regions"]
        if fleet["scaling"] == "fixed":
            fleet["fixed_replicas"] = most
        elif chance(draw, 25):
            fleet["max_replicas"] = most
        if chance(draw, 40) and (fleet["scaling"] == "fixed" or "max_replicas" in fleet):
            fleet["overflow"] = "current"
        if chance(draw, 40):
            fleet["overhead_share"] = draw(between(0, 0.3))
        if chance(draw, 30):
            fleet["usd_per_month"] = digits(self.bill * draw(between(0, 0.1)))
        if chance(draw, 60):
            self._rented(fleet, cost / 730)
        else:
            self._bought(fleet, cost)
        return fleet

    def _rented(self, fleet: Table, usd_per_hour: float) -> None:
        draw = self.draw
        fleet["usd_per_gpu_hour"] = belief(draw, digits(usd_per_hour))
        if chance(draw, 40):
            fleet["usd_per_gpu_hour_change_per_year"] = draw(between(-0.4, 0.2))
        if chance(draw, 20):
            fleet.update(rent_volatility_per_year=0.6, rent_spread=0.3)
        if chance(draw, 50):
            fleet["billing_minutes"] = draw(st.sampled_from([60, 1, 30, 1440, 7]))
            fleet["startup_minutes"] = draw(st.sampled_from([0, 6, 90]))
        if chance(draw, 30):
            self._reserved(fleet, usd_per_hour)

    def _bought(self, fleet: Table, cost: float) -> None:
        draw = self.draw
        fleet["purchase_usd_per_gpu"] = belief(draw, digits(cost * draw(between(1, 15))))
        fleet["lifetime_months"] = draw(st.sampled_from([3.5, 6, 12, 18.25, 36, 48]))
        fleet["resale_share"] = draw(st.sampled_from([0.0, 0.2, 0.5]))
        if chance(draw, 60):
            fleet.update(power_kw_per_gpu=0.7, pue=1.3, usd_per_kwh=digits(cost / 730 * draw(between(0.01, 0.3))))
            if chance(draw, 50):
                fleet["idle_power_share"] = draw(between(0, 1))

    def _reserved(self, fleet: Table, usd_per_hour: float) -> None:
        draw = self.draw
        most = fleet.get("fixed_replicas", fleet.get("max_replicas", 4))
        fleet["reserved_replicas"] = draw(st.integers(1, min(most, 4)))
        fleet["reserved_usd_per_gpu_hour"] = digits(usd_per_hour * draw(between(0.3, 1.1)))
        fleet["reserved_months"] = draw(st.sampled_from([1, 6, 12, 36]))

    def _steps(self, share: float) -> float:
        """A number of days, now and then not a whole one, scaled to the horizon."""
        most = max(1, int(self.days * share * self.pace))
        days = self.draw(st.integers(0, most))
        return days + 0.5 if chance(self.draw, 15) else days

    def _project(self) -> Table:
        draw = self.draw
        self.pace = draw(st.sampled_from([1, 1, 0.1]))
        project: Table = {}
        if chance(draw, 75):
            project.update(self._team())
        if chance(draw, 65):
            project.update(self._labelling())
        project.update(self._iterations())
        if chance(draw, 30):
            project["hardening_days"] = self._steps(0.06)
            project["usd_hardening"] = digits(self.bill * draw(between(0, 0.2)))
        if chance(draw, 60):
            project["shadow_days"] = self._steps(0.08)
        if chance(draw, 60):
            project["ramp_days"] = self._steps(0.1)
        if chance(draw, 30):
            project["usd_one_off"] = digits(self.bill * draw(between(0, 0.5)))
        if chance(draw, 10):
            self._under_way(project)
        return project

    def _team(self) -> Table:
        draw = self.draw
        team: Table = {"engineers": draw(st.sampled_from([0.5, 1, 2, 3, 5]))}
        team["usd_per_engineer_month"] = digits(self.bill * draw(across(0.01, 0.2)))
        if chance(draw, 55):
            team["engineers_in_house"] = draw(st.sampled_from([0, team["engineers"] / 2]))
            team["hiring_weeks"] = belief(draw, digits(self._steps(0.15) / 7))
            team["hiring"] = self._begin()
            if chance(draw, 40):
                team["usd_per_hire"] = digits(self.bill * draw(across(0.01, 0.2)))
        if chance(draw, 30):
            team["staffing"] = "with-project"
        if chance(draw, 30):
            team["preparing_share"] = draw(between(0, 1))
        if team.get("engineers_in_house", 1) > 0 and chance(draw, 30):
            team["upskilling_weeks"] = digits(self._steps(0.1) / 7)
        return team

    def _iterations(self) -> Table:
        draw = self.draw
        iterations: Table = {
            "usd_per_iteration": digits(self.bill * draw(between(0, 0.1))),
            "training_days": self._steps(0.02),
            "evaluation_days": self._steps(0.03),
        }
        if chance(draw, 60):
            iterations["pass_probability"] = draw(st.sampled_from(ODDS))
            iterations["diagnosed_share"] = draw(st.sampled_from([0.0, 0.3, 0.5, 0.8, 1.0]))
            iterations["max_iterations"] = draw(st.sampled_from([1, 2, 3, 8, 8]))
            iterations["intervention_days"] = self._steps(0.04)
        return iterations

    def _begin(self) -> Any:
        when = self.draw(st.sampled_from(["with-project", "with-project", "from-start", "date"]))
        return self.day(0, self.days // 2) if when == "date" else when

    def _labelling(self) -> Table:
        draw = self.draw
        examples = draw(st.integers(50, 20_000))
        days = max(0.6, self._steps(0.25))
        labelling: Table = {
            "examples": examples,
            "usd_per_example": digits(self.bill * draw(between(0, 0.4)) / examples),
            "labelling": self._begin(),
        }
        if chance(draw, 40):
            labelling["examples_in_hand"] = draw(st.integers(0, 2 * examples)) if chance(draw, 10) else examples // 4
        if chance(draw, 60):
            labelling["labels_per_day"] = digits(examples / days)
        if chance(draw, 50):
            labelling["usable_share"] = min(1.0, digits(examples / days / self.requests))
        return labelling

    def _under_way(self, project: Table) -> None:
        """Begun some days before the first day, and not finished by then."""
        ago = self.draw(st.integers(0, 40))
        project["started"] = self.start - timedelta(days=ago)
        project["hardening_days"] = project.get("hardening_days", 0) + ago
        for begins in ("labelling", "hiring"):
            project.pop(begins, None)
        if chance(self.draw, 50):
            project["iterations_done"] = self.draw(st.integers(0, project.get("max_iterations", 8) - 1))

    def _upkeep(self) -> Table:
        draw = self.draw
        return {
            "engineers": draw(st.sampled_from([0, 0.25, 0.5, 1])),
            "usd_per_month": digits(self.bill * draw(between(0, 0.1))),
            "retrain_every_months": draw(st.sampled_from([0, 0, 1, 2.5, 4])),
            "incidents_per_year": draw(st.sampled_from([0, 0.5])),
            "incident_days": 3,
        }

    def decision(self) -> Table:
        draw = self.draw
        policy = draw(
            st.sampled_from(["now", "now", "warn", "lead", "lead", "staged", "staged", "best", "date", "never"])
        )
        decision: Table = {"policy": self.day(0, self.days + 20) if policy == "date" else policy}
        if policy == "staged" and chance(draw, 50):
            decision["prepare_from"] = self.day(-20, self.days // 2)
        if chance(draw, 60):
            decision["discount_rate_per_year"] = draw(between(0, 0.3))
        if chance(draw, 20):
            decision["warn_months"] = draw(st.sampled_from([[1, 2], [0, 1.5], [2.5, 4]]))
        return decision


class OwnWorld(World):
    """A world whose current route is a fleet, or an API with upkeep, which a candidate may leave for good."""

    def own_route(self) -> Table:
        """The current route, which costs about as much as the API that the rest of the world is scaled by."""
        draw = self.draw
        route: Table = {"retry_share": self.current.get("retry_share", 0.0)} if chance(draw, 50) else {}
        route["upkeep"] = {
            "engineers": draw(st.sampled_from([0, 0.5, 1])),
            "usd_per_month": digits(self.bill * draw(between(0, 0.1))),
            "retrain_every_months": draw(st.sampled_from([0, 0, 1, 2.5])),
        }
        if route["upkeep"]["engineers"]:
            route["upkeep"]["notice_months"] = draw(st.sampled_from([0, 1, 2.5, 6]))
        usd = digits(self.bill * draw(between(0, 0.4)))
        route["project"] = {"usd_per_engineer_month": usd, "usd_per_iteration": digits(usd / 3)}
        if chance(draw, 20):
            return {**self.current, **route}
        fleet = self._fleet(1.0)
        fleet.pop("overflow", None)
        if "purchase_usd_per_gpu" in fleet and chance(draw, 75):
            fleet["owned_gpus"] = draw(st.integers(1, 12))
            if chance(draw, 70):
                fleet["owned_since"] = self.start - timedelta(days=draw(st.integers(0, 1500)))
        batch = {"batch_share": self.current["batch_share"]} if "batch_share" in self.current else {}
        return {"kind": "gpu", "fleet": fleet, **route, **batch}

    def leaving_candidate(self) -> Table:
        """A candidate that may take everything, and never comes back."""
        found = self.candidate()
        if chance(self.draw, 60):
            found.pop("coverage", None)
        for carrier in ("fleet", "endpoint"):
            found.get(carrier, {}).pop("overflow", None)
        found.get("upkeep", {}).pop("incidents_per_year", None)
        return found


@st.composite
def own_scenarios(draw: Draw) -> Scenario:
    """Whole scenarios whose current route has more than tokens."""
    world = OwnWorld(draw)
    table = {
        "name": "drawn",
        "start": world.start,
        "months": world.months,
        "usage": world.usage,
        "revenue": world.revenue,
        "limit": None if chance(draw, 30) else world.limit,
        "current": world.own_route(),
        "candidates": {name: world.leaving_candidate() for name in ("one", "two")[: draw(st.sampled_from([2, 1]))]},
        "decision": world.decision(),
    }
    return Scenario.model_validate(table)


@st.composite
def scenarios(draw: Draw) -> Scenario:
    """Whole scenarios, short enough for a twin that ticks."""
    world = World(draw)
    count = draw(st.sampled_from([2, 1, 2]))
    table = {
        "name": "drawn",
        "start": world.start,
        "months": world.months,
        "usage": world.usage,
        "revenue": world.revenue,
        "limit": None if chance(draw, 20) else world.limit,
        "current": world.current,
        "candidates": {name: world.candidate() for name in ("one", "two")[:count]},
        "decision": world.decision(),
    }
    return Scenario.model_validate(table)


def plain(**changes: Any) -> Scenario:
    """A plain world to change: 1,000 requests and $100 a day, $3,043.75 a month, pressure 0.5, no growth."""
    table: Table = {
        "name": "plain",
        "start": date(2027, 1, 1),
        "months": 12,
        "usage": {"requests_per_day": 1000, "input_tokens": 100_000, "output_tokens": 0},
        "limit": {"usd_per_month": 6087.5},
        "current": {"usd_per_mtok": {"input": 1.0, "output": 4.0}},
        "candidates": {},
    }
    for path, value in changes.items():
        *parents, last = path.split("__")
        place = table
        for parent in parents:
            place = place.setdefault(parent, {})
        place[last] = value
    return Scenario.model_validate(table)


def half_price(**project: Any) -> Table:
    """Another API at half the price."""
    return {"kind": "api", "usd_per_mtok": {"input": 0.5, "output": 2.0}, "project": project}


def box(**fleet: Any) -> Table:
    """One replica carries 0.02 requests a second; the plain world needs 1000/86400 = 0.01157 of them."""
    return {"kind": "gpu", "fleet": {"requests_per_second_per_replica": 0.02, "target_utilisation": 1.0, **fleet}}


SERVERLESS = {
    "scaling": "serverless",
    "requests_per_second_per_replica": 1,
    "request_seconds": 4,
    "idle_timeout_s": 45,
    "startup_s": 20,
}
"""A replica that carries 3,600 an hour, of which an hour of the plain world is a hundredth."""

_GROWS = {"curve": "compound", "per_month": 0.15}
_LONG = {"shadow_days": 14, "ramp_days": 21, "training_days": 30, "engineers": 1, "usd_per_engineer_month": 500}

_UNLIMITED: Table = {"limit": None, "usage__growth": {"curve": "compound", "per_month": 0.15}}
_TEAM = {"engineers": 3, "engineers_in_house": 1, "usd_per_engineer_month": 3043.75}
_COMMIT = {"training_days": 5, "evaluation_days": 4, "ramp_days": 10}

BOUNDARY: dict[str, Scenario] = {
    "at the limit to the cent from day 0": plain(limit__usd_per_month=100 * MONTH, candidates__a=half_price()),
    "just below the limit for ever": plain(limit__usd_per_month=100.0001 * MONTH, candidates__a=half_price()),
    "from the 31st of a month": plain(start=date(2027, 1, 31), months=13, candidates__a=half_price(**_LONG)),
    "two months, the last day a leap day": plain(
        start=date(2028, 1, 1), months=2, candidates__a=half_price(training_days=70)
    ),
    "ceiling at the level": plain(usage__growth={"curve": "logistic", "per_month": 0.1, "ceiling": 1000}),
    "ceiling below the level": plain(
        usage__growth={"curve": "logistic", "per_month": 0.1, "ceiling": 400}, candidates__a=half_price()
    ),
    "bass with the market all but won": plain(
        usage__growth={"curve": "bass", "innovation": 0.01, "imitation": 0.4, "market": 1001}
    ),
    "a commitment reached to the cent in months of 31 days": plain(
        current__commitments=[{"usd_per_month": 3100, "discount": 0.1}], candidates__a=half_price()
    ),
    "take-or-pay that outlives the switch": plain(
        current__commitments=[{"usd_per_month": 3000, "discount": 0.2, "until": date(2027, 10, 1)}],
        candidates__a=half_price(**_LONG),
        decision__policy=date(2027, 3, 15),
    ),
    "a load that fills one replica exactly": plain(
        candidates__a=box(requests_per_second_per_replica=1000 / 86_400, usd_per_gpu_hour=2)
    ),
    "a fixed fleet that just carries the load": plain(
        candidates__a=box(
            scaling="fixed", fixed_replicas=2, usd_per_gpu_hour=1, requests_per_second_per_replica=1000 / 172_800
        ),
        decision__policy="now",
    ),
    "a fixed fleet that grows too small": plain(
        usage__growth=_GROWS,
        candidates__a=box(scaling="fixed", fixed_replicas=2, usd_per_gpu_hour=1),
        decision__policy="now",
    ),
    "endpoints that come two at a time, tokens that creep, and overflow": plain(
        usage__hourly_profile=OFFICE_HOURS,
        usage__batch_share=0.3,
        usage__token_growth_per_month=0.03,
        candidates__a={
            "kind": "hosted",
            "endpoint": {
                **{"usd_per_hour": 0.3, "tokens_per_minute": 30_000, "output_weight": 2},
                **{"min": 1, "step": 2, "max": 6, "overflow": "current", "billing_minutes": 30},
            },
            "project": {"ramp_days": 9},
        },
        decision__policy="now",
    ),
    "a serverless fleet that is mostly idle": plain(
        usage__hourly_profile=OFFICE_HOURS,
        candidates__a=box(**SERVERLESS, min_replicas=0, usd_per_gpu_hour=1, overhead_share=0.1),
        decision__policy="now",
    ),
    "a serverless fleet with work that can wait": plain(
        usage__batch_share=0.7,
        candidates__a=box(**SERVERLESS, min_replicas=0, usd_per_gpu_hour=1, gpus_per_replica=2),
        candidates__b={**box(**SERVERLESS, min_replicas=2, usd_per_gpu_hour=1), "project": {"ramp_days": 9}},
        decision__policy="now",
    ),
    "no requests": plain(usage__requests_per_day=0, candidates__a=half_price(), candidates__b=box(usd_per_gpu_hour=1)),
    "a free model": plain(current__usd_per_mtok={"input": 0, "output": 0}, candidates__a=half_price()),
    "revenue that follows usage": plain(
        usage__growth=_GROWS,
        limit={"share_of_revenue": 0.5},
        revenue__usd_per_1000_requests=250,
        candidates__a=half_price(),
    ),
    "odds of exactly one half": plain(
        candidates__a=half_price(pass_probability=[0.5], evaluation_days=5), decision__policy="now"
    ),
    "given up": plain(
        usage__growth=_GROWS,
        candidates__a=half_price(
            pass_probability=[0.1], max_iterations=3, evaluation_days=5, usd_per_iteration=100, **_LONG
        ),
        decision__policy="now",
    ),
    "the same price": plain(candidates__a={"kind": "api", "usd_per_mtok": {"input": 1.0, "output": 4.0}}),
    "two of a kind": plain(
        usage__growth=_GROWS,
        candidates__a=half_price(),
        candidates__b=half_price(),
        candidates__c=half_price(usd_one_off=1),
    ),
    "a box bought on day 0 and no project": plain(
        candidates__a=box(purchase_usd_per_gpu=9000, lifetime_months=6, resale_share=0.25),
        decision__policy="now",
        months=24,
    ),
    "labelling from the start, never a project": plain(
        candidates__a=half_price(examples=900, labels_per_day=10, usd_per_example=1, labelling="from-start"),
        decision__policy="never",
    ),
    "labelling from the start, the project on the day it is done": plain(
        candidates__a=half_price(
            examples=905, labels_per_day=10, usd_per_example=1, labelling="from-start", usd_one_off=50
        ),
        decision__policy=date(2027, 4, 2),
    ),
    **{
        f"labels that cost nothing, begun by themselves, and a month's discount that the switch loses: {policy}": plain(
            usage__growth=_GROWS,
            limit__usd_per_month=8000,
            current__commitments=[{"usd_per_month": 3100, "discount": 0.1}],
            candidates__a=half_price(training_days=2, examples=905, labels_per_day=10, labelling="from-start"),
            plans__alone={
                "steps": [{"candidate": "a", "start": date(2027, 4, 12)}, {"candidate": "b", "start": "after"}]
            },
            candidates__b=half_price(training_days=2, usd_one_off=50),
            decision__policy=policy,
        )
        for policy in ("staged", date(2027, 4, 12))
    },
    "a project that began today": plain(
        candidates__a=half_price(started=date(2027, 1, 1), **_LONG), decision__policy="never"
    ),
    "a project under way with two failures": plain(
        candidates__a=half_price(
            started=date(2026, 10, 1),
            iterations_done=2,
            pass_probability=[0.1, 0.2, 0.3, 0.4],
            intervention_days=7,
            examples=1000,
            **_LONG,
        ),
        decision__policy="never",
    ),
    "closed on Sundays, with a flat fee that ends": plain(
        usage__weekday_profile=[1, 1, 1, 1, 1, 1, 0],
        current__usd_per_month=300,
        candidates__a=half_price(**_LONG),
        decision__policy="now",
    ),
    "all requests over, but not the fee of what stays": plain(
        current__usd_per_month=300, candidates__a={**half_price(), "coverage": 0.99}, decision__policy="now"
    ),
    "already over, and the candidate too": plain(limit__usd_per_month=1000, candidates__a=half_price()),
    "already over, remedied today": plain(limit__usd_per_month=2000, candidates__a=half_price()),
    "late, with a bridge": plain(
        usage__growth=_GROWS,
        limit__usd_per_month=4000,
        candidates__slow={**half_price(examples=9000, labels_per_day=50), "usd_per_mtok": {"input": 0.1, "output": 1}},
        candidates__quick={**half_price(training_days=10), "coverage": 0.9},
    ),
    "late, and what is in time does not bridge": plain(
        usage__growth=_GROWS,
        limit__usd_per_month=4000,
        candidates__slow={**half_price(examples=9000, labels_per_day=50), "usd_per_mtok": {"input": 0.1, "output": 1}},
        candidates__quick={**half_price(training_days=10), "coverage": 0.1},
    ),
    "people found long before the data": plain(
        usage__growth=_GROWS,
        candidates__a=half_price(
            **_TEAM, examples=900, labels_per_day=10, hiring_weeks=4, upskilling_weeks=3, training_days=5
        ),
        decision__policy="now",
    ),
    "hired from the start, never begun": plain(
        candidates__a=half_price(**_TEAM, hiring_weeks=6, hiring="from-start", usd_per_hire=700),
        decision__policy="warn",
    ),
    "paid with the project": plain(
        usage__growth=_GROWS,
        candidates__a=half_price(**_TEAM, staffing="with-project", examples=900, labels_per_day=10, hiring_weeks=4),
        decision__policy="lead",
    ),
    "prepared early, committed late": plain(
        usage__growth=_GROWS,
        candidates__a=half_price(
            **_TEAM, **_COMMIT, examples=300, labels_per_day=10, usd_per_example=1, hiring_weeks=4, usd_per_hire=500
        ),
        decision={"policy": "staged", "prepare_from": date(2027, 1, 20)},
    ),
    "prepared before labelling would have begun by itself": plain(
        limit__usd_per_month=3000,
        candidates__a=half_price(
            **_TEAM, **_COMMIT, examples=305, labels_per_day=10, labelling=date(2027, 5, 1), hiring_weeks=4
        ),
        decision__policy="staged",
    ),
    "prepared, never committed": plain(
        candidates__a=half_price(**_TEAM, **_COMMIT, examples=300, labels_per_day=10, hiring_weeks=4),
        decision__policy="staged",
    ),
    "over the limit while preparing": plain(
        limit__usd_per_month=3000,
        candidates__a=half_price(**_TEAM, **_COMMIT, examples=305, labels_per_day=10),
        decision__policy="staged",
    ),
    "no limit, and a candidate that saves": plain(limit=None, candidates__a=half_price(**_LONG)),
    "no limit, and nothing saves": plain(limit=None, candidates__a=half_price(usd_one_off=1e6)),
    "no limit, and the cheaper of two": plain(
        **_UNLIMITED, candidates__a=half_price(**_LONG), candidates__b=box(usd_per_gpu_hour=3)
    ),
    "no limit, and a date is chosen": plain(
        **_UNLIMITED, candidates__a=half_price(**_LONG), decision__policy=date(2027, 5, 5)
    ),
    **{
        f"no limit to watch under {policy}": plain(
            **_UNLIMITED,
            candidates__a=half_price(**_TEAM, **_COMMIT, examples=900, labels_per_day=30, labelling="from-start"),
            decision__policy=policy,
        )
        for policy in ("warn", "lead", "staged")
    },
    "a limit with a price": plain(
        usage__growth=_GROWS,
        limit__usd_per_month_above=900,
        candidates__a=half_price(**_TEAM, **_COMMIT, usd_one_off=9000),
        decision__policy="best",
    ),
    "capital that pays back twice": plain(
        usage__growth=_GROWS,
        months=14,
        candidates__a=box(purchase_usd_per_gpu=9000, lifetime_months=6, resale_share=0.1),
        decision__policy="now",
    ),
    "day 0 in the window": plain(
        usage__growth={"curve": "compound", "per_month": 0.3}, candidates__a=half_price(training_days=3)
    ),
    "a cut after the threat": plain(
        usage__growth=_GROWS,
        current__price_changes=[{"date": date(2027, 7, 1), "factor": 0.4}],
        candidates__a=half_price(),
        decision__policy="warn",
    ),
    "prompts that outgrow the context": plain(
        usage__token_growth_per_month=0.02,
        candidates__a={**half_price(), "max_context": 110_000},
        decision__policy="now",
    ),
    "a threat in the last weeks of the horizon": plain(
        months=5, usage__growth=_GROWS, candidates__a=half_price(usd_one_off=5000)
    ),
    "a fixed fleet that needs its spare replica": plain(
        candidates__a=box(scaling="fixed", fixed_replicas=1, spare_replicas=1, usd_per_gpu_hour=1)
    ),
    "a capped fleet with a spare replica beyond the load": plain(
        candidates__a=box(max_replicas=2, spare_replicas=1, usd_per_gpu_hour=1), decision__policy="now"
    ),
    "a project under way that will be given up": plain(
        usage__growth=_GROWS,
        candidates__a=half_price(
            started=date(2026, 12, 1), iterations_done=1, max_iterations=2, pass_probability=[0.1], **_LONG
        ),
    ),
    "a hired team under way, still labelling": plain(
        usage__growth=_GROWS,
        candidates__a=half_price(
            started=date(2026, 12, 1),
            examples=900,
            labels_per_day=10,
            engineers=2,
            engineers_in_house=1,
            hiring_weeks=6,
        ),
    ),
    "a narrow warning window": plain(
        usage__growth=_GROWS, candidates__a=half_price(usd_one_off=2000), decision__warn_months=[0, 1.5]
    ),
    "boxes bought and replaced up to the last day": plain(
        months=14,
        usage__growth=_GROWS,
        candidates__a=box(purchase_usd_per_gpu=500, lifetime_months=2.3, resale_share=0.1, power_kw_per_gpu=1),
        decision__policy="now",
    ),
    "a model taken away in the ramp, its successor dearer": plain(
        usage__growth=_GROWS,
        current={
            "usd_per_mtok": {"input": 1.0, "output": 4.0},
            "retires_on": date(2027, 3, 1),
            "usd_per_migration": 4000,
            "migration_price_factor": 1.3,
        },
        candidates__a={
            **half_price(**_LONG),
            "retires_on": date(2027, 9, 1),
            "usd_per_migration": 2000,
            "migration_price_factor": 0.8,
        },
        candidates__b={**box(usd_per_gpu_hour=2), "project": {"ramp_days": 90}},
        decision__policy="now",
    ),
    "a model already gone": plain(
        current={
            "usd_per_mtok": {"input": 1.0, "output": 4.0},
            "retires_on": date(2026, 12, 1),
            "usd_per_migration": 4000,
            "migration_price_factor": 1.3,
        },
        candidates__a=half_price(),
    ),
    "an allowance per request that is overrun": plain(
        usage__token_growth_per_month=0.05, limit={"usd_per_1000_requests": 130.0}, candidates__a=half_price(**_LONG)
    ),
}
"""Scenarios that stand on an edge of a definition, by what is special about them."""


def boundary() -> st.SearchStrategy[Scenario]:
    """One of the scenarios that stand on an edge."""
    return st.sampled_from(sorted(BOUNDARY)).map(BOUNDARY.__getitem__)


def describe(scenario: Scenario) -> str:
    """What a failing example is about, in one line."""
    kinds = ", ".join(f"{name} ({candidate.kind})" for name, candidate in scenario.candidates.items())
    level = num(scenario.usage.requests_per_day or 0)
    return f"{scenario.start}, {scenario.months} months, {level:g} requests a day, {scenario.decision.policy}: {kinds}"
