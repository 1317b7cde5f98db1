"""Scenario, Decision, and the checks between tables."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from functools import cache
from typing import Annotated, Any, Literal, TypeAlias

from pydantic import BeforeValidator, Field, field_validator, model_validator
from pydantic.fields import FieldInfo
from pydantic_core import PydanticCustomError

from switchpoint.horizon import LONGEST_MONTHS, add_months
from switchpoint.scenario.candidates import (
    ApiCandidate,
    Candidate,
    Fleet,
    GpuCandidate,
    HostedCandidate,
    RoutePlan,
    plan_faults,
)
from switchpoint.scenario.current import (
    CommonOfCurrent,
    Current,
    CurrentGpu,
    CurrentRoute,
    OwnRoute,
    is_paid_by_token,
)
from switchpoint.scenario.errors import Keys, dotted_path, either, show
from switchpoint.scenario.fields import ONE_LINE, Bounds, Day, Part, Text, Unit, word_or_day
from switchpoint.scenario.programme import Programme
from switchpoint.scenario.routes import PricedRoute
from switchpoint.scenario.uncertain import extremes, num
from switchpoint.scenario.usage import Growth, Limit, Revenue, Usage

POLICIES = ("never", "now", "warn", "lead", "staged", "best")
WATCHING = ("warn", "lead", "staged")
"""The policies that watch the limit; without one they never fire, and nothing is prepared."""


def _policy(raw: Any) -> Any:
    return word_or_day(raw, POLICIES)


Policy: TypeAlias = Annotated[Literal["never", "now", "warn", "lead", "staged", "best"] | Day, BeforeValidator(_policy)]


WarnMonths: TypeAlias = Annotated[float, Bounds(0, 240, uncertain=False), Unit("months")]


class Decision(Part):
    """When the project starts, and how money later is weighed against money now."""

    policy: Policy = "warn"
    """The rule that starts the project: never, now, warn (when the warning fires), lead (when the forecast threat is no
    further off than the project is long), staged (prepare early, commit late), best, or a date."""
    prepare_from: Day | None = None
    """Under staged, the day from which labelling and recruiting run; left out, the first simulated day."""
    warn_months: tuple[WarnMonths, WarnMonths] = (2.0, 3.0)
    """The warning window: so many months ahead of the threat it closes and opens."""
    discount_rate_per_year: Annotated[float, Bounds(low=-0.9, high=10, uncertain=False), Unit("share/year")] = 0.0
    """Discount rate of net present values."""
    fiscal_year_starts: Annotated[int, Field(ge=1, le=12, strict=True), Unit("calendar month")] = 1
    """Calendar month, 1 to 12, with which fiscal years begin; quarters and years of the cash view follow it."""

    @field_validator("warn_months")
    @classmethod
    def _rising(cls, months: tuple[float, float]) -> tuple[float, float]:
        if months[0] > months[1]:
            raise PydanticCustomError("warn_months", "must be two numbers that do not fall, such as [2, 3]")
        return months


CURVES: Mapping[str, tuple[str, ...]] = {
    "constant": (),
    "linear": ("per_month",),
    "compound": ("per_month", "fade_per_month"),
    "logistic": ("per_month", "ceiling"),
    "bass": ("innovation", "imitation", "market"),
    "history": ("file",),
    "plan": ("points", "file"),
}
"""The fields that each growth curve uses."""
OF_BOUGHT = ("power_kw_per_gpu", "idle_power_share", "pue", "usd_per_kwh", "lifetime_months", "resale_share")
OF_SERVERLESS = ("request_seconds", "idle_timeout_s", "startup_s", "concurrency")
OF_EXTRA_HOURS = ("billing_minutes", "startup_minutes")
OF_RENTED = (
    "provider",
    "spot",
    "usd_per_gpu_hour_change_per_year",
    "rent_volatility_per_year",
    "rent_spread",
    "billing_minutes",
    "startup_minutes",
    "reserved_replicas",
    "reserved_usd_per_gpu_hour",
    "reserved_months",
)


def idle_of_growth(usage: Usage) -> Iterator[tuple[Keys, str]]:
    """Fields of the growth table that its curve does not use."""
    growth = usage.growth
    for key in dict.fromkeys(name for names in CURVES.values() for name in names):
        if key in CURVES[growth.curve] or not _differs_from_default(growth, key):
            continue
        users = [curve for curve, names in CURVES.items() if key in names]
        wanted = f"the {either(users)} curve uses it"
        yield ("usage", "growth", key), f"does nothing on the {growth.curve} curve; {wanted}"
    if growth.curve == "plan" and usage.requests_per_day is not None:
        yield ("usage", "requests_per_day"), "is said by the plan curve for every day; leave it out"


def idle_of_route(route: object, path: Keys) -> Iterator[tuple[Keys, str]]:
    """Fields of a route that do nothing: power of rented GPUs, rent of bought ones."""
    if isinstance(route, GpuCandidate | CurrentGpu):
        yield from _idle_of_fleet(route.fleet, (*path, "fleet"))


def _idle_of_fleet(fleet: Fleet, path: Keys) -> Iterator[tuple[Keys, str]]:
    by_the_second = fleet.scaling == "serverless"
    for key in OF_EXTRA_HOURS if by_the_second else OF_SERVERLESS:
        if _differs_from_default(fleet, key):
            other = "a serverless fleet, which is billed by the second" if by_the_second else "this scaling"
            more = "" if by_the_second else '; scaling = "serverless" uses it'
            yield (*path, key), f"does nothing for {other}{more}"
    if fleet.purchase_usd_per_gpu is None:
        for key in OF_BOUGHT:
            if _differs_from_default(fleet, key):
                yield (
                    (*path, key),
                    "does nothing for rented GPUs, whose rent includes it; GPUs that are bought use it "
                    "(purchase_usd_per_gpu)",
                )
        return
    for key in OF_RENTED:
        if _differs_from_default(fleet, key):
            yield (*path, key), "does nothing for bought GPUs; GPUs that are rented use it (no purchase_usd_per_gpu)"


def _differs_from_default(part: Growth | Fleet, key: str) -> bool:
    """Whether a key says something else than it does when it is left out."""
    left_out = _default(type(part), key)
    return left_out is not None and getattr(part, key) != left_out.default


@cache
def _default(part: type[Part], key: str) -> FieldInfo | None:
    """A field of a table, which says what it is when it is left out; None where there is none."""
    return part.model_fields.get(key)


COLUMNS = ("stay", "stay_per_1000", "limit", "requests", "month", "pressure")


@dataclass(frozen=True)
class Pieces:
    """The tables of a scenario, None for those that could not be read."""

    start: date | None = None
    months: int | None = None
    usage: Usage | None = None
    revenue: Revenue | None = None
    limit: Limit | None = None
    current: CurrentRoute | None = None
    decision: Decision | None = None
    candidates: Mapping[str, ApiCandidate | HostedCandidate | GpuCandidate | None] = field(default_factory=dict)
    plans: Mapping[str, RoutePlan] = field(default_factory=dict)

    @classmethod
    def of(cls, values: Mapping[str, Any]) -> Pieces:
        """The pieces among the fields of a scenario."""
        return cls(**{name: values[name] for name in cls.__dataclass_fields__ if name in values})

    @property
    def end(self) -> date | None:
        """The day after the last simulated one."""
        return None if self.start is None or self.months is None else add_months(self.start, self.months)


def cross_faults(pieces: Pieces) -> Iterator[tuple[Keys, str]]:
    """Path and sentence of everything that does not fit together."""
    yield from _limit(pieces)
    yield from _policy_faults(pieces)
    yield from _preparation(pieces)
    yield from _names(pieces)
    yield from _cache_slips(pieces)
    yield from _start_slips(pieces)
    yield from _waiting(pieces)
    yield from _idle(pieces)
    yield from plan_faults(pieces.plans, pieces.candidates, COLUMNS, pieces.start)
    yield from _leaving(pieces)


def _limit(pieces: Pieces) -> Iterator[tuple[Keys, str]]:
    limit, revenue = pieces.limit, pieces.revenue
    if limit is None or revenue is None or limit.share_of_revenue is None:
        return
    only_share = limit.usd_per_month is None and limit.usd_per_1000_requests is None
    earns = num(revenue.usd_per_month) > 0 or num(revenue.usd_per_1000_requests) > 0
    if only_share and not earns:
        yield ("limit", "share_of_revenue"), "is a share of nothing: state revenue.usd_per_month"


def likely_slips(pieces: Pieces) -> Iterator[tuple[Keys, str]]:
    """What can be simulated, but nobody who writes a file means: a Bass market below today's usage."""
    if pieces.usage is None or pieces.usage.growth.curve != "bass":
        return
    market, level = pieces.usage.growth.market, pieces.usage.requests_per_day
    if market is not None and level is not None and num(market) < num(level):
        message = f"must be at least usage.requests_per_day ({num(level):,.15g}); got {num(market):,.15g}"
        yield ("usage", "growth", "market"), message


def _policy_faults(pieces: Pieces) -> Iterator[tuple[Keys, str]]:
    if pieces.decision is None or pieces.start is None:
        return
    day = pieces.decision.policy
    if isinstance(day, date) and day < pieces.start:
        yield ("decision", "policy"), f"must not be before start ({pieces.start}); got {show(day)}"


def _preparation(pieces: Pieces) -> Iterator[tuple[Keys, str]]:
    if pieces.decision is None or pieces.end is None:
        return
    begins = pieces.decision.prepare_from
    if begins is not None and begins >= pieces.end:
        yield ("decision", "prepare_from"), f"must lie before the end of the horizon ({pieces.end}); got {show(begins)}"


def _names(pieces: Pieces) -> Iterator[tuple[Keys, str]]:
    for name in pieces.candidates:
        twin = name.removesuffix("_per_1000")
        if name in COLUMNS or (twin != name and twin in pieces.candidates):
            yield ("candidates", name), "is the name of a column of the monthly table; choose another name"
        elif name != name.strip() or not name.isprintable():
            yield ("candidates", name), "must be a name without line breaks and without space around it"


def _cache_slips(pieces: Pieces) -> Iterator[tuple[Keys, str]]:
    if pieces.usage is None:
        return
    cached = max(extremes(pieces.usage.cached_input_share))
    routes: list[tuple[Keys, Any]] = [(("current",), pieces.current)]
    routes += [(("candidates", name), candidate) for name, candidate in pieces.candidates.items()]
    for path, route in routes:
        if isinstance(route, PricedRoute) and cached + (written := max(extremes(route.cache_write_share))) > 1 + 1e-9:
            yield (
                (*path, "cache_write_share"),
                f"and usage.cached_input_share must be at most 1 together; got {written:g} and {cached:g}",
            )


def _idle(pieces: Pieces) -> Iterator[tuple[Keys, str]]:
    if pieces.usage is not None:
        yield from idle_of_growth(pieces.usage)
    yield from idle_of_route(pieces.current, ("current",))
    for name, candidate in pieces.candidates.items():
        yield from idle_of_route(candidate, ("candidates", name))


def _waiting(pieces: Pieces) -> Iterator[tuple[Keys, str]]:
    if pieces.usage is None or pieces.current is None:
        return
    if pieces.usage.batch_share and pieces.current.batch_share:
        yield ("current", "batch_share"), "is stated as usage.batch_share too; leave this one out"


def _leaving(pieces: Pieces) -> Iterator[tuple[Keys, str]]:
    """What a candidate asks of a current route that is no token route, and GPUs that are bought after the first day."""
    for name, each in pieces.candidates.items():
        if isinstance(each, GpuCandidate) and each.fleet.owned_gpus is not None:
            yield ("candidates", name, "fleet", "owned_gpus"), "is of the current route, whose GPUs are there already"
    current = pieces.current
    if current is None:
        return
    if isinstance(current, CurrentGpu) and pieces.start is not None:
        bought = current.fleet.owned_since
        if bought is not None and bought > pieces.start:
            told = f"must not be after start ({pieces.start}), when the GPUs are there; got {bought}"
            yield ("current", "fleet", "owned_since"), told
    if is_paid_by_token(current):
        return
    for name, candidate in pieces.candidates.items():
        yield from _asks_too_much(candidate, current, ("candidates", name))


def _asks_too_much(candidate: Any, current: CommonOfCurrent, path: Keys) -> Iterator[tuple[Keys, str]]:
    """Overflow to a route that is paid by the hour, and a way back to one whose GPUs or terms are gone."""
    endpoint = getattr(candidate, "endpoint", None)
    for table, part in (("fleet", getattr(candidate, "fleet", None)), ("endpoint", endpoint)):
        if part is not None and part.overflow == "current":
            told = "needs a current route that is paid by the token, and this one is paid by the hour; leave it out"
            yield (*path, table, "overflow"), told
    if candidate is None or not candidate.upkeep.incidents_per_year or max(extremes(candidate.coverage)) < 1:
        return
    if keeps := _kept_for_long(current):
        told = f"sends requests back to a route that with coverage 1 is left for good ({keeps}); leave it out"
        yield (*path, "upkeep", "incidents_per_year"), told


def _kept_for_long(current: CommonOfCurrent) -> str:
    """Why nobody can go back for some days to a current route that has been left, if so."""
    if isinstance(current, CurrentGpu) and current.fleet.purchase_usd_per_gpu is not None:
        return "its GPUs are sold"
    fleet = current.fleet if isinstance(current, CurrentGpu) else None
    endpoint = current.endpoint if isinstance(current, Current) else None
    reserved = (fleet and fleet.reserved_replicas) or (endpoint and endpoint.reserved)
    return "its reserved terms are not renewed" if reserved else ""


def _start_slips(pieces: Pieces) -> Iterator[tuple[Keys, str]]:
    for name, candidate in pieces.candidates.items():
        started = candidate.project.started if candidate else None
        if started is not None and pieces.start is not None and started > pieces.start:
            yield (
                ("candidates", name, "project", "started"),
                f"must not be after start ({pieces.start}); to start later, use decision.policy; got {started}",
            )


class Scenario(Part):
    """One scenario file: everything assumed."""

    name: Annotated[str, Field(min_length=1, max_length=300), ONE_LINE] = "Scenario"
    """What the scenario is called in every output."""
    summary: Text = ""
    """One line on what it is about."""
    start: Day
    """First simulated day; today, as far as the verdict is concerned."""
    months: Annotated[int, Field(ge=1, le=LONGEST_MONTHS, strict=True), Unit("calendar months")] = 36
    """Horizon."""
    usd_per: Annotated[
        Mapping[
            Annotated[str, Field(pattern=r"^[A-Za-z]{3}$")],
            Annotated[float, Bounds(above=0, high=1e6, uncertain=False), Unit("$")],
        ],
        Field(max_length=50),
    ] = {}
    """What one unit of another currency is worth in dollars, such as { EUR = 1.08 }. An amount may then be written as
    { eur = 12_000 } wherever dollars stand; everything that comes out is in dollars."""
    usd_per_as_of: Day | None = None
    """Day of those rates."""
    usage: Usage
    """What is asked of the model."""
    revenue: Revenue = Revenue()
    """What the product earns."""
    limit: Limit | None = None
    """What threatens unit economics; left out, the verdict is about money alone."""
    current: CurrentRoute
    """The stay route: an API unless kind says otherwise."""
    candidates: Annotated[
        Mapping[Annotated[str, Field(min_length=1, max_length=80)], Candidate], Field(max_length=100)
    ] = {}
    """The routes that could replace it, by name."""
    plans: Annotated[Mapping[Annotated[str, Field(min_length=1, max_length=80)], RoutePlan], Field(max_length=50)] = {}
    """Several of them one after the other or side by side, by name."""
    decision: Decision = Decision()
    """When the project starts."""
    programme: Programme | None = None
    """The programme behind the switch: its gates and its logs; left out, nothing is said of it."""

    @property
    def heading(self) -> str:
        """Name and summary, as a page of text begins."""
        return self.name if not self.summary else f"{self.name}: {self.summary}"

    @property
    def routes(self) -> list[tuple[Keys, Candidate | CurrentRoute]]:
        """The current route and every candidate, with their places."""
        return [(("current",), self.current), *((("candidates", name), each) for name, each in self.candidates.items())]

    @property
    def priced_routes(self) -> list[tuple[Keys, PricedRoute]]:
        """Those of them that are paid by the token, or hosted."""
        return [(path, each) for path, each in self.routes if isinstance(each, PricedRoute)]

    @property
    def own_models(self) -> list[tuple[Keys, OwnRoute]]:
        """Those of them that are models of your own on GPUs."""
        return [(path, each) for path, each in self.routes if isinstance(each, GpuCandidate | CurrentGpu)]

    @property
    def limited(self) -> bool:
        """Whether the bill has a limit."""
        return self.limit is not None

    @property
    def usd_per_month_above(self) -> float:
        """What a month above the limit costs beside the bill, dollars; 0 without a limit."""
        return 0.0 if self.limit is None else self.limit.usd_per_month_above

    @property
    def batch_share(self) -> float:
        """Part of the traffic that can wait, wherever it is stated."""
        return self.usage.batch_share or self.current.batch_share

    @model_validator(mode="after")
    def _fitting(self) -> Scenario:
        for path, message in cross_faults(Pieces.of(dict(self))):
            raise PydanticCustomError("cross", "{message}", {"message": f"{dotted_path(path)}: {message}"})
        return self

    def with_(self, changes: Mapping[str, Any]) -> Scenario:
        """A copy with some values replaced, checked as a file with `--set` is.

        Args:
            changes: values by dotted path, such as `{"usage.growth.per_month": 0.05}`; numbers, texts, dates, or tables
                such as `{"low": 1, "high": 2}`. `candidates.*` means every candidate.

        Raises:
            ScenarioError: with every fault of the changes.
            TypeError: where they are no mapping.
        """
        from switchpoint.scenario.catalogue_check import with_changes

        return with_changes(self, changes)

    def __repr__(self) -> str:
        names = ", ".join(self.candidates) or "no candidates"
        return f"Scenario({self.name!r}: {self.months} months from {self.start.isoformat()}; {names})"

    def __str__(self) -> str:
        return repr(self)
