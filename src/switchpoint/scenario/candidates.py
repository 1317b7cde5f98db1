"""Candidates: the routes that could replace the current one, and plans of several, one after the other."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from datetime import date
from typing import Annotated, Any, Literal, TypeAlias

from pydantic import BeforeValidator, Field, model_validator
from pydantic_core import PydanticCustomError

from switchpoint.scenario.errors import Keys, did_you_mean, show
from switchpoint.scenario.fields import (
    Bounds,
    Count,
    Day,
    Factor,
    NonNegative,
    Part,
    Positive,
    Share,
    SureShare,
    Text,
    Unit,
    Usd,
    UsdPer1000,
    UsdPerMonth,
    word_or_day,
)
from switchpoint.scenario.project import Project, Upkeep
from switchpoint.scenario.routes import Endpoint, PricedRoute
from switchpoint.scenario.uncertain import Quantity

# Candidates ----------------------------------------------------------------------------------------------------------

Context: TypeAlias = Annotated[int, Field(ge=1, le=1_000_000_000, strict=True), Unit("tokens")]


class Common(Part):
    """What candidates of every kind may say."""

    coverage: Share = 1.0
    """Share of requests that the candidate takes over; the rest stays on the current route."""
    quality_usd_per_1000_requests: UsdPer1000 = 0.0
    """Price of its worse answers (negative: of its better ones), on every request that it answers."""
    usd_per_1000_requests: Annotated[NonNegative, Unit("$/1,000 requests")] = 0.0
    """Guardrails, logging, egress: on every request that it serves."""
    input_tokens_factor: Factor = 1.0
    """Its input tokens per request against the scenario's: a shorter prompt, another tokenizer."""
    output_tokens_factor: Factor = 1.0
    """Its output tokens per request against the scenario's."""
    retry_share: Annotated[NonNegative, Unit("share of requests")] | None = None
    """Its extra requests; left out, those of the current route."""
    project: Project = Project()
    """What it takes to make it live."""
    upkeep: Upkeep = Upkeep()
    """What it costs beyond serving once it is live."""


class Model(Part):
    """The open model that a fleet serves: one of the catalogue, or its dimensions."""

    base: Text | None = None
    """Model in the catalogue, such as llama-3.1-8b."""
    precision: Literal["bf16", "fp8", "fp4", "int8", "int4"] = "bf16"
    """Number format of the weights."""
    params_billion: Annotated[float, Bounds(above=0, high=1e5, uncertain=False), Unit("billion")] | None = None
    """Parameters, where the model is not in the catalogue."""
    active_params_billion: Annotated[float, Bounds(above=0, high=1e5, uncertain=False), Unit("billion")] | None = None
    """Parameters that each token uses, for mixture-of-experts models; left out: all."""
    layers: Positive | None = None
    """Transformer layers."""
    kv_heads: Positive | None = None
    """Key-value heads per layer."""
    head_dim: Positive | None = None
    """Dimension of a head."""
    max_context: Context | None = None
    """Longest input plus output; left out, the catalogue's."""

    @model_validator(mode="after")
    def _check_known(self) -> Model:
        dimensions = (self.params_billion, self.layers, self.kv_heads, self.head_dim)
        if self.base is None and None in dimensions:
            raise PydanticCustomError(
                "model", "needs base (a catalogue model), or all of params_billion, layers, kv_heads, head_dim"
            )
        return self


class MeasuredAt(Part):
    """The requests that a capacity was measured with."""

    input_tokens: Annotated[float, Bounds(above=0, high=1e8, uncertain=False), Unit("tokens/request")]
    """Mean input tokens."""
    output_tokens: Annotated[float, Bounds(above=0, high=1e8, uncertain=False), Unit("tokens/request")]
    """Mean output tokens."""


class Fleet(Part):
    """The GPUs that serve a model of your own, rented or bought."""

    gpu: Text | None = None
    """GPU in the catalogue, such as L40S or H100."""
    gpus_per_replica: Positive = 1
    """GPUs that one copy of the model takes."""
    gpus_per_node: Positive | None = None
    """GPUs that are only sold together; left out, the catalogue's for the provider."""
    usd_per_gpu_hour: Annotated[Quantity, Bounds(0, 1e5), Unit("$/GPU-hour")] | None = None
    """Rent; left out, the catalogue's for the provider, or the median of all providers."""
    provider: Text | None = None
    """Provider in the catalogue to take the rent from."""
    spot: Annotated[bool, Field(strict=True)] = False
    """Whether the catalogue's spot price is taken instead of on demand."""
    usd_per_gpu_hour_change_per_year: Annotated[Quantity, Bounds(above=-1, high=10), Unit("share/year")] = 0.0
    """Smooth drift of the rent."""
    rent_volatility_per_year: Annotated[float, Bounds(0, 3, uncertain=False), Unit("log standard deviation/√year")] = (
        0.0
    )
    """How much the market's rent swings around that drift; about 0.6 for H100s since 2024 (docs/validation-prices.md).
    The base case has no swings."""
    rent_reversion_per_year: Annotated[float, Bounds(0, 1000, uncertain=False), Unit("1/year")] = 3.0
    """Speed at which swings die out, from the same rents; half of a swing is gone after 0.69/this years."""
    rent_spread: Annotated[float, Bounds(0, 3, uncertain=False), Unit("log standard deviation")] = 0.0
    """How far apart providers are, where it is open which one it will be: about 0.5, without the large clouds 0.3.
    Drawn once for a whole world. The base case pays the stated rent."""
    min_replicas: Count = 1
    """Fewest replicas kept running, in each region; with 0 an hour without load keeps none, no spare ones either."""
    max_replicas: Positive | None = None
    """Most replicas that can be had, spare ones included; left out: no cap."""
    spare_replicas: Count = 0
    """Replicas beyond what load needs, in each region."""
    regions: Positive = 1
    """Multiplies min_replicas and spare_replicas."""
    scaling: Literal["hourly", "daily", "fixed", "serverless"] = "hourly"
    """hourly follows the load, daily is sized for the day's peak hour, fixed is fixed_replicas."""
    fixed_replicas: Positive | None = None
    """Replicas of a fixed fleet."""
    target_utilisation: Annotated[float, Bounds(above=0, high=1, uncertain=False), Unit("share, 0 to 1")] = 0.8
    """Part of a replica's capacity that is planned with."""
    overhead_share: Annotated[NonNegative, Unit("share of GPU cost")] = 0.0
    """Network, storage and gateway, as part of GPU cost."""
    ttft_p95_s: Annotated[float, Bounds(above=0, high=86_400, uncertain=False), Unit("s")] | None = None
    """Latency promise: time to first token, 95th percentile."""
    tpot_p95_s: Annotated[float, Bounds(above=0, high=86_400, uncertain=False), Unit("s/token")] | None = None
    """Latency promise: time per output token, 95th percentile."""
    requests_per_second_per_replica: Annotated[Quantity, Bounds(low=1e-6, high=1e6), Unit("requests/s")] | None = None
    """Measured capacity of a replica; takes the place of the estimate."""
    measured_at: MeasuredAt | None = None
    """The requests that it was measured with. Where the scenario's differ, the capacity is that stated times the
    simulated one of the scenario's requests over that of these, where model and GPU are known."""
    benchmark: Text | None = None
    """Result of a load test, JSON, JSON lines or CSV of vLLM, SGLang, aiperf, genai-perf, GuideLLM, inference-perf,
    llmperf or InferenceMAX; its path is relative to the scenario file. The best row that keeps the latency promise
    gives the capacity of a replica, and the requests that it was measured with, unless a capacity is stated."""
    billing_minutes: Annotated[float, Bounds(above=0, high=1440, uncertain=False), Unit("minutes")] = 60.0
    """Steps in which the extra hours of work that can wait are billed each day; 1 is by the minute."""
    startup_minutes: Annotated[float, Bounds(0, 1440, uncertain=False), Unit("minutes")] = 0.0
    """What starting a replica for work that can wait takes, paid beside its hours."""
    request_seconds: Annotated[float, Bounds(above=0, high=86_400, uncertain=False), Unit("s")] | None = None
    """Serverless: one request alone, from start to end; left out, as simulated."""
    idle_timeout_s: Annotated[float, Bounds(0, 86_400, uncertain=False), Unit("s")] = 60.0
    """Serverless: a replica that has been idle for so long stops."""
    startup_s: Annotated[float, Bounds(0, 86_400, uncertain=False), Unit("s")] = 30.0
    """Serverless: how long a replica takes to start, which is billed."""
    concurrency: Positive | None = None
    """Serverless: requests at once on a replica; left out, what its capacity comes to in the length of a request."""
    overflow: Literal["none", "current"] = "none"
    """Where work goes that a fixed or capped fleet cannot carry: with current to the current route, at its price."""
    reserved_replicas: Count = 0
    """Replicas that are paid around the clock for whole terms, used or not."""
    reserved_usd_per_gpu_hour: Annotated[Quantity, Bounds(0, 1e5), Unit("$/GPU-hour")] | None = None
    """Their price, which does not drift."""
    reserved_months: Annotated[float, Bounds(low=0.1, high=240, uncertain=False), Unit("months")] = 12.0
    """Length of a term."""
    purchase_usd_per_gpu: Usd | None = None
    """Price of a GPU that is bought instead of rented, paid on the day it is first needed."""
    owned_gpus: Positive | None = None
    """Of the current route: GPUs that were bought before, not paid again, but replaced at the end of their life."""
    owned_since: Day | None = None
    """Day on which they were bought; left out, the first simulated day."""
    lifetime_months: Annotated[float, Bounds(low=1, high=600, uncertain=False), Unit("months")] = 36.0
    """After so long a bought GPU is resold and bought again."""
    resale_share: SureShare = 0.0
    """Part of its price that a bought GPU fetches at the end of its life."""
    power_kw_per_gpu: Annotated[float, Bounds(0, 100, uncertain=False), Unit("kW")] = 0.0
    """Power of a bought GPU at work."""
    pue: Annotated[float, Bounds(1, 10, uncertain=False), Unit("factor")] = 1.0
    """Power usage effectiveness: power of the building per power of the GPUs."""
    idle_power_share: SureShare = 1.0
    """Power that an idle bought GPU draws, as part of a busy one's."""
    usd_per_kwh: Annotated[NonNegative, Unit("$/kWh")] = 0.0
    """Price of electricity."""
    usd_per_month: UsdPerMonth = 0.0
    """Anything else that runs with the fleet, such as colocation."""

    @model_validator(mode="after")
    def _consistent(self) -> Fleet:
        if self.scaling == "fixed" and self.fixed_replicas is None:
            raise PydanticCustomError("fleet", 'scaling = "fixed" needs fixed_replicas')
        if self.scaling != "fixed" and self.fixed_replicas is not None:
            raise PydanticCustomError("fleet", 'fixed_replicas needs scaling = "fixed"')
        self._serverless_is_alone()
        self._owned_have_a_price()
        self._overflow_is_whole()
        self._reservation_is_whole()
        if self.measured_at is not None and self.requests_per_second_per_replica is None:
            raise PydanticCustomError("fleet", "measured_at needs requests_per_second_per_replica, which it belongs to")
        if self.purchase_usd_per_gpu is not None and self.usd_per_gpu_hour is not None:
            raise PydanticCustomError(
                "fleet", "GPUs are rented (usd_per_gpu_hour) or bought (purchase_usd_per_gpu), not both"
            )
        priced = self.purchase_usd_per_gpu is not None or self.usd_per_gpu_hour is not None
        if self.gpu is None and not priced:
            raise PydanticCustomError(
                "fleet", "needs gpu (to price it from the catalogue), usd_per_gpu_hour or purchase_usd_per_gpu"
            )
        return self

    @property
    def steps(self) -> int:
        """How many replicas more come at a time."""
        return 1

    def _serverless_is_alone(self) -> None:
        if self.scaling != "serverless":
            return
        stated = {
            "spare_replicas": self.spare_replicas > 0,
            "max_replicas": self.max_replicas is not None,
            "overflow": self.overflow != "none",
            "reserved_replicas": self.reserved_replicas > 0,
            "purchase_usd_per_gpu": self.purchase_usd_per_gpu is not None,
            "gpus_per_node": self.gpus_per_node is not None,
        }
        if wrong := [name for name, is_stated in stated.items() if is_stated]:
            raise PydanticCustomError("fleet", f'scaling = "serverless" goes without {", ".join(wrong)}')

    def _owned_have_a_price(self) -> None:
        if self.owned_gpus is not None and self.purchase_usd_per_gpu is None:
            raise PydanticCustomError("fleet", "owned_gpus needs purchase_usd_per_gpu, what one costs when replaced")
        if self.owned_since is not None and self.owned_gpus is None:
            raise PydanticCustomError("fleet", "owned_since needs owned_gpus, how many were bought then")

    def _overflow_is_whole(self) -> None:
        if self.overflow == "current" and self.fixed_replicas is None and self.max_replicas is None:
            raise PydanticCustomError(
                "fleet", 'overflow = "current" needs fixed_replicas or max_replicas: without, nothing is left over'
            )

    def _reservation_is_whole(self) -> None:
        stated, price = self.reserved_replicas, self.reserved_usd_per_gpu_hour
        if stated and price is None and self.purchase_usd_per_gpu is None:
            raise PydanticCustomError("fleet", "reserved_replicas needs reserved_usd_per_gpu_hour, their price")
        if not stated and (
            price is not None or self.reserved_months != type(self).model_fields["reserved_months"].default
        ):
            raise PydanticCustomError(
                "fleet", "reserved_usd_per_gpu_hour needs reserved_replicas, how many of them are paid"
            )
        for name, most in (("fixed_replicas", self.fixed_replicas), ("max_replicas", self.max_replicas)):
            if most is not None and stated > most:
                raise PydanticCustomError("fleet", f"reserved_replicas ({stated}) must be at most {name} ({most})")


class ApiCandidate(Common, PricedRoute):
    """Another API model, paid by the token."""

    kind: Literal["api"]
    """Kind of candidate."""
    max_context: Context | None = None
    """Longest input plus output; left out, the catalogue's."""


OF_TOKENS = (
    "provider",
    "model",
    "service_tier",
    "usd_per_mtok",
    "usd_per_request",
    "batch_discount",
    "cache_write_share",
    "price_change_per_year",
    "price_shocks_per_year",
    "commitments",
    "price_changes",
    "retires_on",
    "retirement_per_year",
    "usd_per_migration",
    "migration_price_factor",
)
"""What says nothing of a dedicated endpoint."""


def refuse_both_ways_to_pay(route: PricedRoute, endpoint: Endpoint | None) -> None:
    """Refuse what is said of tokens beside an endpoint, which is paid by the hour."""
    if endpoint is None:
        return
    shape = type(route).model_fields
    if idle := next((name for name in OF_TOKENS if getattr(route, name) != shape[name].default), None):
        raise PydanticCustomError(
            "candidate", "{field} is of a route paid by the token, endpoint of one paid by the hour", {"field": idle}
        )


class HostedCandidate(Common, PricedRoute):
    """An open or fine-tuned model that a provider hosts, paid by the token or, of dedicated endpoints, by the hour."""

    kind: Literal["hosted"]
    """Kind of candidate."""
    max_context: Context | None = None
    """Longest input plus output; left out, the catalogue's."""
    training_usd_per_mtok: Annotated[Quantity, Bounds(0, 1e6), Unit("$/million training tokens")] = 0.0
    """What the host charges for training; needs project.training for the number of tokens."""
    endpoint: Endpoint | None = None
    """Dedicated endpoints, or units of provisioned throughput, that serve it for a price by the hour."""

    @model_validator(mode="after")
    def _one_way_to_pay(self) -> HostedCandidate:
        refuse_both_ways_to_pay(self, self.endpoint)
        return self

    def _free_of_tokens(self) -> bool:
        return self.endpoint is not None or super()._free_of_tokens()


class OwnModel(Part):
    """A model of your own on GPUs: what it is, and what serves it."""

    kind: Literal["gpu"]
    """Kind of route."""
    model: Model | None = None
    """The model that is served; not needed where the capacity was measured."""
    fleet: Fleet
    """The GPUs that serve it."""

    @model_validator(mode="after")
    def _capacity(self) -> OwnModel:
        if self.fleet.requests_per_second_per_replica is None and (self.model is None or self.fleet.gpu is None):
            raise PydanticCustomError(
                "candidate",
                "needs model and fleet.gpu (to estimate capacity), or fleet.requests_per_second_per_replica",
            )
        lone = self.fleet.request_seconds is not None or (self.model is not None and self.fleet.gpu is not None)
        if self.fleet.scaling == "serverless" and not lone:
            raise PydanticCustomError(
                "candidate",
                'scaling = "serverless" needs fleet.request_seconds, or model and fleet.gpu to simulate a lone request',
            )
        return self


class GpuCandidate(OwnModel, Common):
    """A model of your own on GPUs, rented or bought."""


Candidate: TypeAlias = Annotated[ApiCandidate | HostedCandidate | GpuCandidate, Field(discriminator="kind")]


# Plans ---------------------------------------------------------------------------------------------------------------

AFTER = "after"
"""Starts a step on the day after the one before it has cut over."""
MADE_HERE = "auto:"
"""What the names of plans begin with that nobody wrote."""
STEP_STARTS = ("now", "best", AFTER, "warn", "lead", "staged", "never")


def _step_start(raw: Any) -> Any:
    return word_or_day(raw, STEP_STARTS)


StepStart: TypeAlias = Annotated[
    Literal["now", "best", "after", "warn", "lead", "staged", "never"] | Day, BeforeValidator(_step_start)
]


class PlanStep(Part):
    """One candidate of a plan, and when its project starts."""

    candidate: Annotated[str, Field(min_length=1, max_length=80)]
    """The name of a candidate of this file."""
    start: StepStart
    """What starts its project: a policy (now, best, warn, lead, staged, never), a date, or after: the day after the
    step before it has cut over."""


class RoutePlan(Part):
    """Several candidates, one after the other or side by side, from those that answer the easiest requests to those
    that answer more. Each request goes to the last step that is live and can answer it, else to the one before, else to
    the current route; a step that is left without requests for good ends."""

    steps: Annotated[tuple[PlanStep, ...], Field(min_length=1, max_length=10)]
    """The candidates and their starts, in that order."""


def plan_faults(
    plans: Mapping[str, RoutePlan], candidates: Collection[str], columns: Collection[str], first_day: date | None
) -> Iterator[tuple[Keys, str]]:
    """Path and sentence of everything in plans that does not fit the rest of the scenario.

    Args:
        plans: by name.
        candidates: the names of all candidates.
        columns: names that the monthly table has for other things.
        first_day: of the horizon, None where that could not be read.
    """
    for name, plan in plans.items():
        path = ("plans", name)
        if name in candidates or name in columns or any(name == f"{each}_per_1000" for each in (*candidates, *plans)):
            yield path, "is the name of a candidate or of a column of the monthly table; choose another name"
        elif name.startswith(MADE_HERE):
            yield path, f"must not begin with {MADE_HERE}, as the plans do that are made here; choose another name"
        elif name != name.strip() or not name.isprintable():
            yield path, "must be a name without line breaks and without space around it"
        yield from _step_faults(plan, path, candidates, first_day)


def _step_faults(
    plan: RoutePlan, path: Keys, candidates: Collection[str], first_day: date | None
) -> Iterator[tuple[Keys, str]]:
    seen: set[str] = set()
    for place, step in enumerate(plan.steps):
        here = (*path, "steps", place)
        if step.candidate not in candidates:
            known = f"the names are {', '.join(candidates)}" if candidates else "the file has none"
            near = did_you_mean(step.candidate, candidates) or f"; {known}"
            yield (*here, "candidate"), f"must name a candidate of this file; got {show(step.candidate)}{near}"
        elif step.candidate in seen:
            yield (*here, "candidate"), f"{show(step.candidate)} is a step of this plan already; a step each"
        seen.add(step.candidate)
        if step.start == AFTER and not place:
            yield (*here, "start"), 'is the first step, with none before it; "now", "best" or a date would be right'
        if isinstance(step.start, date) and first_day is not None and step.start < first_day:
            yield (*here, "start"), f"must not be before start ({first_day}); got {show(step.start)}"
