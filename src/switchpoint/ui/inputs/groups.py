"""The favourite inputs of a scenario, in groups."""

from __future__ import annotations

from collections.abc import Iterator

from switchpoint.result import Result
from switchpoint.scenario.errors import Path
from switchpoint.scenario.quantity import num
from switchpoint.scenario.schema import Candidate, GpuCandidate, HostedCandidate, Limit, Scenario
from switchpoint.ui.inputs.knobs import Group, Knob, number, share, whole


def groups(scenario: Scenario, result: Result | None) -> list[Group]:
    """The inputs of a scenario. Its result tells capacities that the scenario leaves to be estimated."""
    found = [
        Group("Usage", ":material/trending_up:", tuple(_usage(scenario))),
        Group("Current price", ":material/sell:", tuple(_price(scenario))),
    ]
    if scenario.limit is not None:
        limit = tuple(_limit(scenario.limit, scenario))
        found.append(Group("Limit", ":material/vertical_align_top:", limit))
    for name, candidate in scenario.candidates.items():
        found.append(Group(name, ":material/swap_horiz:", tuple(_candidate(name, candidate, result)), name))
    return found


def _usage(scenario: Scenario) -> Iterator[Knob]:
    usage, growth = scenario.usage, scenario.usage.growth
    if usage.requests_per_day is not None:
        yield whole(("usage", "requests_per_day"), "Requests a day", usage.requests_per_day)
    if growth.curve in ("constant", "compound", "logistic"):
        also = ((("usage", "growth", "curve"), "compound"),) if growth.curve == "constant" else ()
        path = ("usage", "growth", "per_month")
        yield share(path, "Growth a month", growth.per_month, (-0.1, 0.3), 0.001, also)
    elif growth.curve == "linear":
        yield whole(("usage", "growth", "per_month"), "Requests a day added each month", growth.per_month)
    yield whole(("usage", "input_tokens"), "Input tokens per request", usage.input_tokens)
    yield whole(("usage", "output_tokens"), "Output tokens per request", usage.output_tokens)
    yield share(("usage", "cached_input_share"), "Cached share of the input", usage.cached_input_share)


def _price(scenario: Scenario) -> Iterator[Knob]:
    current = scenario.current
    if current.usd_per_mtok is not None:
        prices = ("current", "usd_per_mtok")
        yield number((*prices, "input"), "Input price", current.usd_per_mtok.input, "$ per million tokens")
        yield number((*prices, "output"), "Output price", current.usd_per_mtok.output, "$ per million tokens")
    path = ("current", "price_change_per_year")
    yield share(path, "Price change a year", current.price_change_per_year, (-0.6, 0.3))


def _limit(limit: Limit, scenario: Scenario) -> Iterator[Knob]:
    if limit.share_of_revenue is not None:
        yield share(("limit", "share_of_revenue"), "Limit, share of revenue", limit.share_of_revenue, step=0.005)
        yield whole(("revenue", "usd_per_month"), "Revenue", scenario.revenue.usd_per_month, "$ a month")
    if limit.usd_per_month is not None:
        yield whole(("limit", "usd_per_month"), "Limit", limit.usd_per_month, "$ a month")
    if limit.usd_per_1000_requests is not None:
        yield number(("limit", "usd_per_1000_requests"), "Limit", limit.usd_per_1000_requests, "$ per 1,000 requests")


def _candidate(name: str, candidate: Candidate, result: Result | None) -> Iterator[Knob]:
    at: Path = ("candidates", name)
    yield share((*at, "coverage"), "Share of requests it takes over", candidate.coverage)
    if isinstance(candidate, GpuCandidate):
        yield from _fleet(at, candidate, result)
    elif isinstance(candidate, HostedCandidate) and candidate.endpoint is not None:
        yield number(
            (*at, "endpoint", "usd_per_hour"), "Price of an endpoint", candidate.endpoint.usd_per_hour, "$ an hour"
        )
    elif candidate.usd_per_mtok is not None:
        prices = (*at, "usd_per_mtok")
        yield number((*prices, "input"), "Input price", candidate.usd_per_mtok.input, "$ per million tokens")
        yield number((*prices, "output"), "Output price", candidate.usd_per_mtok.output, "$ per million tokens")
    project = candidate.project
    yield number((*at, "project", "engineers"), "Engineers on the project", project.engineers, step=0.5)
    if num(project.examples) or num(project.usd_per_example):
        yield whole((*at, "project", "examples"), "Labelled examples", project.examples)


def _fleet(at: Path, candidate: GpuCandidate, result: Result | None) -> Iterator[Knob]:
    from switchpoint.catalog import rent

    fleet = candidate.fleet
    if fleet.purchase_usd_per_gpu is not None:
        yield whole((*at, "fleet", "purchase_usd_per_gpu"), "Price of a GPU", fleet.purchase_usd_per_gpu, "$")
    else:
        price = fleet.usd_per_gpu_hour
        if price is None and fleet.gpu is not None:
            price = rent(fleet.gpu, fleet.provider, fleet.spot).usd_per_gpu_hour
        yield number((*at, "fleet", "usd_per_gpu_hour"), "GPU rent", price, "$ an hour")
    capacity = fleet.requests_per_second_per_replica
    unit = "requests a second"
    if capacity is None:
        capacity = result.case.outlook(at[1]).capacity if result is not None and isinstance(at[1], str) else None
        capacity, unit = (capacity or None), f"{unit}, estimated"
    yield number((*at, "fleet", "requests_per_second_per_replica"), "Capacity of a replica", capacity, unit)
