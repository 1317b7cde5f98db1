"""What is asked of the model and what it earns: usage, growth as people say it, revenue, and the bill's limit."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from typing import Annotated, Any, Literal, TypeAlias

from pydantic import Discriminator, Field, Tag, field_validator, model_validator
from pydantic_core import PydanticCustomError

from switchpoint.scenario.fields import (
    Bounds,
    Day,
    Factor,
    NonNegative,
    Part,
    Rate,
    Share,
    SureNonNegative,
    SureShare,
    Text,
    Unit,
    UsdPerMonth,
)
from switchpoint.scenario.uncertain import Quantity, num

# Growth as people say it ---------------------------------------------------------------------------------------------

MONTHS = {"month": 1.0, "quarter": 3.0, "year": 12.0, "week": 12 / 365.25 * 7}
TIMES = {"doubl": 2.0, "tripl": 3.0, "quadrupl": 4.0, "halv": 0.5, "twice": 2.0, "tenfold": 10.0}
NONE = ("none", "flat", "constant", "no growth", "no", "0", "steady")
UNIT = r"(?P<unit>month|quarter|year|week)s?"
NUMBER = r"[-+]?\d+(?:\.\d+)?"
RULES = (
    re.compile(rf"(?P<share>{NUMBER})\s*%\s*(?:(?:a|per|each|every)\s+{UNIT})?"),
    re.compile(rf"(?P<word>doubl|tripl|quadrupl|halv)\w*\s+(?:every|in|each|a|per)\s*(?P<many>{NUMBER})?\s*{UNIT}"),
    re.compile(rf"(?:x\s*)?(?P<times>{NUMBER})\s*(?:x|times)?\s*(?:a|per|each|every|in a)\s+{UNIT}"),
    re.compile(rf"x\s*(?P<times>{NUMBER})\s*(?:a|per|each|every|in a)\s+{UNIT}"),
)
HOW = 'a share such as 0.1, or words: "10 % a month", "doubling every 8 months", "x3 a year", "none"'
MOST = 10.0


def growth_per_month(text: str) -> float:
    """Growth a month as a share.

    >>> [round(growth_per_month(text), 4) for text in ("0.1", "10%", "12 % a year", "doubling every 8 months")]
    [0.1, 0.1, 0.0095, 0.0905]

    Raises:
        ValueError: where the words say no growth, or one out of all bounds; it says what would be right.
    """
    spelt = " ".join(text.lower().replace("percent", "%").split())
    if spelt in NONE:
        return 0.0
    try:
        rate = float(spelt)
    except ValueError:
        rate = _from_words(spelt)
    if not math.isfinite(rate) or not -1 < rate <= MOST:
        raise ValueError(f"must be {HOW}; got {text!r}")
    return rate


def _from_words(spelt: str) -> float:
    for rule in RULES:
        found = rule.fullmatch(spelt)
        if found is not None:
            return _rate(found.groupdict())
    return math.nan


def _rate(said: dict[str, str | None]) -> float:
    months = MONTHS[said.get("unit") or "month"] * float(said.get("many") or 1)
    if said.get("share") is not None:
        factor = 1 + float(said["share"] or 0) / 100
    else:
        factor = TIMES.get(said.get("word") or "", float(said.get("times") or "nan"))
    return float(factor ** (1 / months) - 1) if factor > 0 and months > 0 else math.nan


def growth_in_words(per_month: float) -> str:
    """Growth a month as people say it.

    >>> growth_in_words(0.1), growth_in_words(0.0), growth_in_words(-0.05)
    ('10 % a month, doubling every 7.3 months', 'no growth', '5 % less each month')
    """
    from switchpoint.text import months, percent

    if per_month == 0:
        return "no growth"
    if per_month < 0:
        return f"{percent(-per_month)} less each month"
    return f"{percent(per_month)} a month, doubling every {months(math.log(2) / math.log1p(per_month))}"


# What is asked of the model and what it earns ------------------------------------------------------------------------

Weights = tuple[SureNonNegative, ...]
Profile = Literal["flat", "office", "global"]


HourlyProfile = Annotated[
    Annotated[Profile, Tag("name")] | Annotated[Weights, Field(min_length=24, max_length=24), Tag("weights")],
    Discriminator(lambda raw: "name" if isinstance(raw, str) else "weights"),
]


def _some_weight(weights: Weights) -> Weights:
    if sum(weights) <= 0:
        raise PydanticCustomError("profile", "must have at least one weight above 0")
    return weights


Point: TypeAlias = tuple[Day, Annotated[float, Bounds(0, uncertain=False), Unit("requests/day")]]


class Wander(Part):
    """How growth itself changes in the draws: a rate that wanders around the curve's, and jumps of the level."""

    sd_per_month: Annotated[float, Bounds(0, 3, uncertain=False), Unit("log standard deviation/month")]
    """How far the growth rate wanders from that of the curve: stationary standard deviation of the log rate a month."""
    half_life_months: Annotated[float, Bounds(0.01, 1200, uncertain=False), Unit("months")]
    """Months after which half of a change of growth is left."""
    jumps_per_year: Annotated[float, Bounds(0, 52, uncertain=False), Unit("1/year")]
    """Lasting jumps of usage a year, at random days, on top of the events."""
    jump_mean: Annotated[float, Bounds(-3, 3, uncertain=False), Unit("log factor")] = 0.0
    """Mean of a jump's log factor: 0 for as far up as down."""
    jump_sd: Annotated[float, Bounds(0, 3, uncertain=False), Unit("log standard deviation")]
    """Standard deviation of a jump's log factor."""


Behaviour = Literal["service", "typical"]

Wandering = Annotated[
    Annotated[Behaviour, Tag("name")] | Annotated[Wander, Tag("table")],
    Discriminator(lambda raw: "table" if isinstance(raw, (Mapping, Wander)) else "name"),
]


class Growth(Part):
    """How usage grows from its level at the start."""

    curve: Literal["constant", "linear", "compound", "logistic", "bass", "history", "plan"] = "constant"
    """Shape of growth: constant, linear, compound, logistic (towards a ceiling), bass (adoption by a market), history
    (the trend of a usage file) or plan (requests a day on given days). Left out beside per_month: compound."""
    per_month: Annotated[Quantity, Bounds(), Unit("share/month; linear: requests/day added per month")] = 0.0
    """Growth a month: 0.08 is 8 %. On the linear curve, the requests a day that each month adds."""
    fade_per_month: Annotated[Quantity, Bounds(0, below=1), Unit("share/month")] = 0.0
    """By how much of itself the growth rate shrinks each month (compound curve)."""
    ceiling: Annotated[Quantity, Bounds(low=0.001), Unit("requests/day")] | None = None
    """Level that a logistic curve approaches."""
    innovation: Annotated[Quantity, Bounds(0, 10), Unit("1/month")] | None = None
    """Bass coefficient of innovation, p: share of the market that adopts each month unprompted."""
    imitation: Annotated[Quantity, Bounds(0, 10), Unit("1/month")] | None = None
    """Bass coefficient of imitation, q: how strongly those who have adopted draw others."""
    market: Annotated[Quantity, Bounds(low=0.001), Unit("requests/day")] | None = None
    """Level of usage when the whole market of a Bass curve has adopted."""
    points: Annotated[tuple[Point, ...], Field(max_length=10_000)] | None = None
    """Requests a day on days of a plan, such as [[2027-01-01, 60_000], [2027-07-01, 90_000]]: straight lines between,
    flat before the first and after the last."""
    file: Text | None = None
    """CSV with `date,requests` for the history curve, with `date` or `month` and `requests_per_day` for a plan; its
    path is relative to the scenario file."""
    wander: Wandering | None = None
    """How growth changes in the draws: service or typical, as calibrated on real usage, or a table of its own. Left
    out, growth keeps to the curve. The base case always does."""

    @model_validator(mode="before")
    @classmethod
    def _compound(cls, raw: Any) -> Any:
        bare = isinstance(raw, Mapping) and "per_month" in raw and "curve" not in raw
        return {**raw, "curve": "compound"} if bare else raw

    @model_validator(mode="after")
    def _needs(self) -> Growth:
        needed = {"logistic": ("ceiling",), "bass": ("innovation", "imitation", "market"), "history": ("file",)}
        for field in needed.get(self.curve, ()):
            if getattr(self, field) is None:
                raise PydanticCustomError(
                    "growth", "{field} is needed by the {curve} curve", {"field": field, "curve": self.curve}
                )
        if self.curve == "plan" and (self.points is None) == (self.file is None):
            raise PydanticCustomError("growth", "the plan curve needs points or file, one of them")
        days = [day for day, _ in self.points or ()]
        if self.points is not None and (not days or sorted(set(days)) != days):
            raise PydanticCustomError("growth", "points must be at least one, with dates that rise")
        if self.curve in ("compound", "logistic") and num(self.per_month) <= -1:
            raise PydanticCustomError("growth", "per_month must be above -1 (-0.05 is a fall of 5 % a month)")
        return self


class UsageEvent(Part):
    """Something dated that changes usage for good: a customer launch, a campaign, a lost account."""

    date: Day
    """First day on which the factor holds."""
    factor: Factor
    """What usage is multiplied with from then on."""
    probability: SureShare = 1.0
    """How likely it is to happen; the base case counts it from 0.5."""


class Usage(Part):
    """What the product sends to the model today and how that grows."""

    requests_per_day: Annotated[Quantity, Bounds(0), Unit("requests/day")] | None = None
    """Level at the start, averaged over a week. Only the history and plan curves can do without it."""
    input_tokens: Annotated[Quantity, Bounds(0, 1e8), Unit("tokens/request")]
    """Input tokens per request, cached ones included."""
    output_tokens: Annotated[Quantity, Bounds(0, 1e8), Unit("tokens/request")]
    """Output tokens per request, reasoning tokens included."""
    input_spread: Annotated[float, Bounds(0, 3, uncertain=False), Unit("log standard deviation")] | None = None
    """How far apart the input tokens of single requests are: standard deviation of their log; 0: all alike. Left out,
    0.81, that of a public trace of conversations. Drives the simulated capacity."""
    output_spread: Annotated[float, Bounds(0, 3, uncertain=False), Unit("log standard deviation")] | None = None
    """The same of output tokens; left out, 0.68, from the same trace."""
    cached_input_share: Share = 0.0
    """Part of the input that is billed at the cached price."""
    batch_share: SureShare = 0.0
    """Part of the traffic that can wait, on any route."""
    token_growth_per_month: Annotated[Rate, Unit("share/month")] = 0.0
    """How fast tokens per request creep up."""
    weekday_profile: Annotated[Weights, Field(min_length=7, max_length=7)] = (1.0,) * 7
    """Seven weights, Monday first, used relative to their mean."""
    hourly_profile: HourlyProfile = "flat"
    """When in the day requests come: flat, office, global, or 24 weights from midnight on."""
    daily_noise: Annotated[SureNonNegative, Unit("log standard deviation")] = 0.0
    """Day-to-day noise: standard deviation of the log of a day's requests. The base case has none."""
    daily_noise_carryover: Annotated[float, Bounds(0, below=1, uncertain=False), Unit("correlation")] = 0.0
    """How much of a day's noise carries over: its correlation with the day before; 0.4 to 0.7 is usual."""
    growth: Growth = Growth()
    """How usage grows."""
    events: Annotated[tuple[UsageEvent, ...], Field(max_length=1000)] = ()
    """Dated changes of usage."""

    _week = field_validator("weekday_profile")(_some_weight)

    @field_validator("hourly_profile")
    @classmethod
    def _day(cls, profile: Profile | Weights) -> Profile | Weights:
        return profile if isinstance(profile, str) else _some_weight(profile)

    @property
    def unsteady(self) -> bool:
        """Whether days differ by chance in the draws."""
        return self.daily_noise > 0 or self.growth.wander is not None

    @model_validator(mode="after")
    def _level(self) -> Usage:
        if self.requests_per_day is None and self.growth.curve not in ("history", "plan"):
            raise PydanticCustomError("usage", "requests_per_day is missing: the level of usage at the start")
        return self


class Revenue(Part):
    """What the product earns, for limits that are a share of it."""

    usd_per_month: UsdPerMonth = 0.0
    """Revenue a month at the start."""
    growth_per_month: Annotated[Rate, Unit("share/month")] = 0.0
    """Growth of that revenue a month."""
    usd_per_1000_requests: Annotated[NonNegative, Unit("$/1,000 requests")] = 0.0
    """Revenue that follows usage, added to the rest."""


class Limit(Part):
    """What threatens unit economics; left out where there is no limit to keep. At least one of the three is needed, the
    tightest binds."""

    share_of_revenue: Annotated[float, Bounds(above=0, high=100, uncertain=False), Unit("share of revenue")] | None = (
        None
    )
    """The bill may be at most this share of revenue."""
    usd_per_month: Annotated[float, Bounds(above=0, uncertain=False), Unit("$/month")] | None = None
    """The bill may be at most this many dollars a month."""
    usd_per_1000_requests: Annotated[float, Bounds(above=0, uncertain=False), Unit("$/1,000 requests")] | None = None
    """The bill may be at most this many dollars per 1,000 requests."""
    usd_per_month_above: Annotated[float, Bounds(0, uncertain=False), Unit("$/month")] = 0.0
    """What a month above the limit costs beside the bill: lost margin, a cut feature. Above 0 the limit is a price that
    is weighed, no wall."""

    @model_validator(mode="after")
    def _some(self) -> Limit:
        if self.share_of_revenue is None and self.usd_per_month is None and self.usd_per_1000_requests is None:
            raise PydanticCustomError(
                "limit",
                "needs at least one of share_of_revenue, usd_per_month, usd_per_1000_requests; leave the table out "
                "where there is no limit to keep",
            )
        return self
