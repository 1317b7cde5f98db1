"""What dated facts say of prices: how often a pinned model is repriced or retired, and how rents of GPUs move."""

from __future__ import annotations

import csv
import datetime as dt
import math
import re
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

import numpy as np

from tools.closed_models import YEAR, Closed

FILES = ("price_history.csv", "gpu_price_history.csv", "gpu_prices.csv", "tier_price_history.csv")
PER_TOKEN_SINCE = dt.date(2024, 11, 4)
"""Before, the lists priced Google's models by the character."""
LEAST = 0.06
"""Smaller changes are the list's: it showed all of Cohere's models 5 % cheaper for half a year."""
HALF_YEAR = 183
BIG_CLOUDS = {"aws", "azure", "gcp", "oci"}
LINES = (
    "anthropic/claude-3-haiku anthropic/claude-3.5-haiku anthropic/claude-haiku-4.5",
    "anthropic/claude-3-sonnet anthropic/claude-3.5-sonnet anthropic/claude-3.7-sonnet anthropic/claude-sonnet-4 "
    "anthropic/claude-sonnet-4.5 anthropic/claude-sonnet-4.6 anthropic/claude-sonnet-5",
    "anthropic/claude-3-opus anthropic/claude-opus-4 anthropic/claude-opus-4.1 anthropic/claude-opus-4.5 "
    "anthropic/claude-opus-4.6",
    "google/gemini-flash-1.5 google/gemini-2.0-flash-001 google/gemini-2.5-flash google/gemini-3.5-flash",
    "google/gemini-2.0-flash-lite-001 google/gemini-2.5-flash-lite google/gemini-3.1-flash-lite",
    "google/gemini-pro-1.5 google/gemini-2.5-pro google/gemini-3.1-pro-preview",
    "mistralai/mistral-medium mistralai/mistral-medium-3 mistralai/mistral-medium-3.1 mistralai/mistral-medium-3-5",
    "mistralai/mistral-large mistralai/mistral-large-2407 mistralai/mistral-large-2512",
    "openai/gpt-4-32k openai/gpt-4-turbo openai/gpt-4o openai/gpt-4.1 openai/gpt-5",
    "openai/o1-mini openai/o3-mini openai/o4-mini",
    "x-ai/grok-2-1212 x-ai/grok-3 x-ai/grok-4 x-ai/grok-4.20 x-ai/grok-4.3 x-ai/grok-4.5",
)
"""Lines of models of one maker and size, in the order in which each took the place of the one before."""

Row = dict[str, str]


def rows(facts: Path, name: str) -> list[Row]:
    """The rows of one file."""
    with (facts / name).open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


@dataclass(frozen=True)
class Priced:
    """The price of a model from a list on: three parts of input and one of output, $/Mtok."""

    model: str
    since: dt.date
    usd_per_mtok: float


def listed(facts: Path) -> dict[str, list[Priced]]:
    """OpenRouter's prices by model, in the order of their lists."""
    found: dict[str, list[Priced]] = defaultdict(list)
    for row in rows(facts, "price_history.csv"):
        if row["provider"] == "openrouter":
            usd = (3 * float(row["input_usd_per_mtok"]) + float(row["output_usd_per_mtok"])) / 4
            found[row["model"]].append(Priced(row["model"], dt.date.fromisoformat(row["date"]), usd))
    return {model: sorted(prices, key=lambda priced: priced.since) for model, prices in found.items()}


@dataclass(frozen=True)
class Change:
    """A reprice: what the price was multiplied with, and the age of the model."""

    model: str
    day: dt.date
    factor: float
    age_days: int


def watched(closed: Sequence[Closed]) -> list[Closed]:
    """The models as far as their prices can be followed."""
    cut = [
        Closed(each.model, max(each.first, PER_TOKEN_SINCE), each.last, each.gone)
        if each.model.startswith("google/")
        else each
        for each in closed
    ]
    return [each for each in cut if each.end > each.first]


def changes(facts: Path, closed: Sequence[Closed]) -> list[Change]:
    """The reprices of closed models."""
    prices, found = listed(facts), []
    for each in watched(closed):
        steps = prices.get(each.model, [])
        for before, after in pairwise(steps):
            factor = after.usd_per_mtok / before.usd_per_mtok
            by_character = each.model.startswith("google/") and after.since <= PER_TOKEN_SINCE
            if abs(factor - 1) > LEAST and not by_character:
                found.append(Change(each.model, after.since, factor, (after.since - each.first).days))
    return found


def exposure(closed: Sequence[Closed], from_days: float = 0.0, to_days: float = math.inf) -> float:
    """Model-years between two ages."""
    ages = [(each.end - each.first).days for each in closed]
    return sum(max(min(age, to_days) - from_days, 0.0) for age in ages) / YEAR


def survival(closed: Sequence[Closed], months: float) -> float:
    """Share of closed models that are still offered so many months after their first list (Kaplan-Meier)."""
    left = 1.0
    for age in sorted({(each.end - each.first).days for each in closed if each.gone}):
        if age <= months * YEAR / 12:
            at_risk = sum((each.end - each.first).days >= age for each in closed)
            ended = sum((each.end - each.first).days == age and each.gone is not None for each in closed)
            left *= 1 - ended / at_risk
    return left


def successors(facts: Path, closed: Sequence[Closed]) -> list[tuple[str, str, float]]:
    """Each retired model, the newest of its line when it was gone, and the ratio of their prices on that list."""
    prices, gone = listed(facts), {each.model: each.gone for each in closed}
    found = []
    for line in LINES:
        models = line.split()
        for model in models:
            when = gone.get(model)
            newer = [m for m in models[models.index(model) + 1 :] if when and prices[m][0].since <= when]
            if when and newer:
                old, new = (price_on(prices[m], when) for m in (model, newer[-1]))
                found.append((model, newer[-1], new / old))
    return found


def price_on(steps: Sequence[Priced], day: dt.date) -> float:
    """The price of a list."""
    return [step.usd_per_mtok for step in steps if step.since <= day][-1]


@dataclass(frozen=True)
class Rent:
    """A rent that somebody noted, $/GPU-hour."""

    gpu: str
    basis: str
    year: float
    usd: float


def rents(facts: Path) -> list[Rent]:
    """The noted rents of GPUs over time; remarks on the basis are left out, so that like can be found with like."""
    return [
        Rent(row["gpu"], basis(row["basis"]), year(row["period"]), float(row["usd_per_gpu_hour"]))
        for row in rows(facts, "gpu_price_history.csv")
    ]


def basis(text: str) -> str:
    """What was priced: "1-yr contract (cycle low)" is a 1-yr contract, "neocloud SXM on-demand" neocloud on-demand."""
    return re.sub(r"\s+", " ", re.sub(r"\(.*?\)|\bSXM\b|\bpeak\b", "", text)).strip()


def year(period: str) -> float:
    """The middle of a period: a month, a half or all of a year, the turn of two years.

    >>> [round(year(each), 3) for each in ("2025-10", "2023-H1", "2026-mid", "2026", "2025-26")]
    [2025.792, 2023.25, 2026.5, 2026.5, 2026.0]
    """
    first, _, rest = period.partition("-")
    if rest.isdigit() and int(rest) <= 12:
        return int(first) + (int(rest) - 0.5) / 12
    return int(first) + {"": 0.5, "mid": 0.5, "H1": 0.25, "H2": 0.75}.get(rest, 1.0)


def pairs(noted: Sequence[Rent]) -> Iterator[tuple[Rent, Rent]]:
    """Successive rents of the same thing, at least two months apart: sooner, one sees noise of the quotes."""
    series: dict[tuple[str, str], list[Rent]] = defaultdict(list)
    for each in sorted(noted, key=lambda rent: rent.year):
        series[each.gpu, each.basis].append(each)
    for same in series.values():
        yield from ((a, b) for a, b in pairwise(same) if b.year - a.year > 1 / 6)


def market(noted: Sequence[Rent]) -> list[Rent]:
    """What the market, not one provider's list, asked for an H100 once the scarcity of 2023 was over."""
    wide = ("neocloud", "1-yr contract", "spot index")
    return [each for each in noted if each.gpu == "H100" and each.year >= 2024 and each.basis.startswith(wide)]


@dataclass(frozen=True)
class Reverting:
    """A mean-reverting log rent: long-run level, standard deviation around it, speed per year and volatility."""

    level: float
    deviation: float
    reversion: float

    @property
    def volatility(self) -> float:
        """deviation·√(2·reversion), per square root of a year."""
        return self.deviation * math.sqrt(2 * self.reversion)


def reverting(quotes: Sequence[Rent], moves: Sequence[tuple[Rent, Rent]]) -> Reverting:
    """The level and deviation of the quotes, and the speed at which the moves of like with like come out as large.

    A stationary process moves by 2·deviation²·(1 - exp(-reversion·years)) in mean square.
    """
    from scipy.optimize import brentq

    logs = np.log([each.usd for each in quotes])
    deviation = float(logs.std(ddof=1))
    years = np.array([b.year - a.year for a, b in moves])
    squares = float(sum(math.log(b.usd / a.usd) ** 2 for a, b in moves))
    excess = lambda speed: 2 * deviation**2 * float((1 - np.exp(-speed * years)).sum()) - squares  # noqa: E731
    return Reverting(float(np.exp(logs.mean())), deviation, float(brentq(excess, 1e-6, 1e3)))


def provider_rents(facts: Path, big: bool) -> dict[str, list[float]]:
    """The median rent on demand of each provider, by GPU; `big` says whether the large clouds count."""
    quotes: dict[tuple[str, str], list[float]] = defaultdict(list)
    for row in rows(facts, "gpu_prices.csv"):
        managed = "dedicated" in row["provider"] or "on-demand" in row["provider"]
        usd = row["usd_per_gpu_hour_on_demand"]
        if usd and not managed and (big or row["provider"] not in BIG_CLOUDS):
            quotes[row["gpu"], row["provider"]].append(float(usd))
    found: dict[str, list[float]] = defaultdict(list)
    for (gpu, _), asked in sorted(quotes.items()):
        found[gpu].append(float(np.median(asked)))
    return {gpu: asked for gpu, asked in found.items() if len(asked) >= 5}


def spread(asked: Sequence[float]) -> float:
    """Standard deviation of the log of providers' rents."""
    return float(np.log(asked).std(ddof=1))
