"""What a history was billed against what the catalogue lists for the same tokens, and what may explain the gap."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cached_property
from typing import TYPE_CHECKING, Any, cast

import numpy as np

from switchpoint.catalog import CatalogError, library_prices
from switchpoint.catalog.price_types import RoutePrice, TokenPrice
from switchpoint.catalog.token_prices import route_price
from switchpoint.finance import per_month
from switchpoint.horizon import Floats
from switchpoint.owndata.usage_history import UsageHistory, fill_missing_days
from switchpoint.scenario.current import Current, CurrentRoute
from switchpoint.scenario.uncertain import num
from switchpoint.text import about, percent, usd

if TYPE_CHECKING:
    from pandas import DataFrame

RECENT = timedelta(days=28)
MILLION = 1e6
CLOSE = 0.02
"""Prices that lie within this part of each other are the same."""
BATCH = 0.5
ASKED = (0.005, 400.0)
"""Dollars per million tokens between which the prices of all language models lie, all kinds of tokens together."""
USUAL = (0.02, 50.0)
"""The same of nearly all: an assumption, as the bounds of units below are."""
FAR, NEAR = 10.0, 1.5
"""From so many times the listed price on a unit is asked after; and how far a ratio is from that of a unit at most."""
UNITS = (
    (100.0, "are the amounts in cents, or in another currency?"),
    (1e3, "are tokens counted in thousands?"),
    (1e6, "are tokens counted in millions?"),
    (1e-2, "were the amounts divided by 100, or are they in hundreds of dollars?"),
    (1e-3, "are the amounts in thousands of dollars, or tokens of more than these calls counted?"),
)
"""What is asked where a bill is so many times as high as its list price."""
ANY_UNIT = "are units and currency right?"
FEWEST_TOKENS = 3.0
"""Input tokens of a request below which they can hardly be single tokens."""
MANY = 1.0
"""Gap from which on it is told as a multiple."""
MOSTLY = 0.98
"""Part of the tokens whose price must be known for the list price of all to be told."""
PROVIDERS = (
    ("openrouter", "openrouter"),
    ("azure", "azure"),
    ("openai", "openai"),
    ("anthropic", "anthropic"),
    ("deepseek", "deepseek"),
    ("gcp", "google"),
    ("google", "google"),
    ("aws", "aws"),
    ("bedrock", "aws"),
)
"""Providers by a word in the name of a format."""
MAKERS = ("openai", "anthropic", "google", "deepseek", "mistral", "x-ai", "cohere", "perplexity", "groq", "together")
"""Those whose price counts where a file names the model alone, in this order."""


@dataclass(frozen=True, eq=False)
class BilledPrice:
    """The bill of a history and its list price.

    Args:
        history: the days.
        provider: that of the scenario, tried first.
        model: that of the scenario, for rows that name none.
        stated: price that the scenario states itself, against which a bill is held where nothing is listed.
    """

    history: UsageHistory
    provider: str | None = None
    model: str | None = None
    stated: TokenPrice | None = None

    @classmethod
    def beside(cls, history: UsageHistory, route: CurrentRoute) -> BilledPrice:
        """The bill of a history beside the list price of a current route; of a model of your own there is none."""
        if not isinstance(route, Current):
            return cls(history)
        return cls(history, route.provider, route.model, stated_price(route))

    @cached_property
    def _rows_with_list_prices(self) -> DataFrame:
        """Rows with the dollars that the catalogue lists for them, nan where it knows no price."""
        table = self.history.table.copy()
        table["listed"] = np.nan
        if not self.history.has_tokens:
            return table
        months = table["date"].dt.to_period("M")
        names = table["model"].fillna("").astype(str) if "model" in table else months.astype(str) * 0
        for key, rows in table.groupby([names, months]).groups.items():
            name, month = cast("tuple[str, Any]", key)
            priced = self.price_of(str(name), month.to_timestamp(how="end").date())
            if priced is not None:
                table.loc[rows, "listed"] = _dollars(table.loc[rows], priced)
        return table

    def price_of(self, name: str, day: date) -> RoutePrice | None:
        """What the catalogue lists for a model on a day, none where it does not know it."""
        day = min(day, self.history.last_day)
        for provider, model in self._names(name):
            try:
                return route_price(provider, model, day)
            except CatalogError:
                continue
        return None

    def _names(self, name: str) -> Iterator[tuple[str, str]]:
        """Under which provider and name a model may be listed: the files' provider, the scenario's, then its makers."""
        if not name:
            if self.provider and self.model:
                yield self.provider, self.model
            return
        word = self.history.format_name.lower()
        known = [provider for part, provider in PROVIDERS if part in word]
        if self.provider and self.provider not in known:
            known.append(self.provider)
        yield from ((provider, name) for provider in known)
        maker, slash, rest = name.partition("/")
        if slash:
            yield maker, rest
        sellers = library_prices.sellers(name)
        first = [maker for maker in MAKERS if maker in sellers] or sellers[:1]
        yield from ((seller, name) for seller in first[:1])

    @cached_property
    def known_prices(self) -> float:
        """Part of the tokens of the last 28 days whose list price is known."""
        rows = self._recent_rows
        tokens = _tokens(rows)
        known = float(tokens[np.isfinite(rows["listed"].to_numpy(dtype=np.float64))].sum())
        return known / float(tokens.sum()) if tokens.sum() > 0 else 0.0

    @property
    def _recent_rows(self) -> DataFrame:
        from pandas import Timestamp

        return self._rows_with_list_prices[
            self._rows_with_list_prices["date"] > Timestamp(self.history.last_day - RECENT)
        ]

    @cached_property
    def daily_bill(self) -> Floats | None:
        """Dollars of each day: as billed, else what the catalogue lists for its tokens; None where neither is known."""
        if self.history.has("cost_usd"):
            return self.history.daily["cost_usd"]
        if not self.history.has_tokens or self.known_prices < MOSTLY:
            return None
        from pandas import date_range

        days = date_range(self.history.first_day, self.history.last_day, freq="D")
        daily: Floats = (
            self._rows_with_list_prices.groupby("date")["listed"]
            .sum(min_count=1)
            .reindex(days)
            .to_numpy(dtype=np.float64)
        )
        return daily

    @cached_property
    def filled_bill(self) -> Floats | None:
        """The same with days without a row filled in."""
        return None if self.daily_bill is None else fill_missing_days(self.daily_bill)

    @property
    def unbilled_days(self) -> list[date]:
        """Days of which no bill is known, so that those around them stand for them."""
        if self.daily_bill is None:
            return []
        missing = np.flatnonzero(~np.isfinite(self.daily_bill))
        return [self.history.first_day + timedelta(days=int(each)) for each in missing]

    @property
    def filled_lately(self) -> int:
        """How many of the last 28 days those are."""
        return sum(each > self.history.last_day - RECENT for each in self.unbilled_days)

    @property
    def is_billed(self) -> bool:
        """Whether the files say what was billed."""
        return self.history.has("cost_usd")

    @cached_property
    def usd_per_month(self) -> float | None:
        """The bill of the last 28 days, dollars a month."""
        if self.filled_bill is None:
            return None
        mean = self.filled_bill[-RECENT.days :].mean()
        return float(per_month(np.array(mean))) if np.isfinite(mean) else None

    @cached_property
    def effective(self) -> float | None:
        """Dollars billed per million tokens in the last 28 days, all kinds of tokens together."""
        rows = self._recent_rows
        if not self.is_billed or not self.history.has_tokens:
            return None
        # Tokens and dollars may stand in rows of their own, so what counts is the days that have both.
        sums = rows.assign(tokens=_tokens(rows)).groupby("date")[["tokens", "cost_usd"]].sum()
        both = sums[(sums["tokens"] > 0) & (sums["cost_usd"] > 0)]
        total = float(both["tokens"].sum())
        return float(both["cost_usd"].sum()) / total * MILLION if total else None

    @cached_property
    def list_price(self) -> float | None:
        """The same at the catalogue's prices; None where it lacks the price of more than some of the tokens."""
        rows = self._recent_rows
        if not self.history.has_tokens or self.known_prices < MOSTLY:
            return None
        known = rows[np.isfinite(rows["listed"].to_numpy(dtype=np.float64)) & (_tokens(rows) > 0)]
        total = float(_tokens(known).sum())
        return float(known["listed"].sum()) / total * MILLION if total else None

    def price_asked(self, price: TokenPrice) -> float | None:
        """Dollars per million of the tokens of the last 28 days at other prices."""
        rows = self._recent_rows
        total = float(_tokens(rows).sum()) if self.history.has_tokens else 0.0
        return float(_dollars_at(rows, price).sum()) / total * MILLION if total else None

    @property
    def input_tokens_a_request(self) -> float:
        """Mean input tokens of a request in the last 28 days; 1 where the files do not tell."""
        if not (self.history.has_tokens and self.history.counts_requests):
            return 1.0
        requests = self.history.recent_sum("requests", RECENT.days)
        return self.history.recent_sum("input_tokens", RECENT.days) / requests if requests else 1.0

    @property
    def gap(self) -> float | None:
        """Billed over listed, less 1."""
        return None if self.effective is None or not self.list_price else self.effective / self.list_price - 1

    @cached_property
    def main_model(self) -> tuple[str, RoutePrice | None]:
        """The model with most tokens in the last 28 days, and its list price."""
        rows = self._recent_rows
        if "model" not in rows or rows.empty:
            return self.model or "", self.price_of("", self.history.last_day)
        shares = rows.assign(tokens=_tokens(rows)).groupby("model")["tokens"].sum()
        name = str(shares.idxmax()) if shares.size else ""
        return name, self.price_of(name, self.history.last_day)

    def explain_gap(self) -> list[str]:
        """Sentences on what the effective price is against the catalogue's, and what may explain a gap."""
        if self.effective is None:
            return []
        if self.list_price is None or self.gap is None:
            return [
                "The catalogue does not list these models, so the effective price stands alone" + self._odd_price(),
                *filter(None, [self.unit_doubt]),
            ]
        if abs(self.gap) <= CLOSE:
            return ["The effective price is the catalogue's"]
        side = "below" if self.gap < 0 else "above"
        said = f"The effective price is {percent(abs(self.gap))} {side} the catalogue's"
        if self.gap > MANY:
            times = about(1 + self.gap) if self.gap > 10 else f"{1 + self.gap:.1f}"
            said = f"The effective price is {times} times the catalogue's"
        reasons = list(self._reasons(1 + self.gap))
        if self.unit_doubt:
            return [self.unit_doubt, f"If all units are right: {'; or '.join(reasons)}"]
        return [f"{said}: {'; or '.join(reasons)}"]

    def _odd_price(self) -> str:
        if self.unit_doubt or self.effective is None or USUAL[0] <= self.effective <= USUAL[1]:
            return ""
        few = "few providers ask" if ASKED[0] <= self.effective <= ASKED[1] else "no provider is known to ask"
        return f", and {few} so much or so little: are units and currency right?"

    @cached_property
    def unit_doubt(self) -> str:
        """Whether money or tokens are counted in another unit than these are; empty where nothing hints at it.

        A factor of 100 or 1,000 has to be said aloud: it looks like a dear month otherwise.
        """
        ratio = self._asked_ratio
        if ratio is not None and not 1 / FAR < ratio < FAR:
            question = next((asked for at, asked in UNITS if at / NEAR <= ratio <= at * NEAR), ANY_UNIT)
            times = f"{about(ratio)} times" if ratio > 1 else f"1/{about(1 / ratio)} of"
            against = "the catalogue's" if self.list_price else "the scenario's"
            return f"The price billed is {times} {against}: {question}"
        told = self.history.has("input_tokens") and self.history.counts_requests
        if told and 0 < self.input_tokens_a_request < FEWEST_TOKENS:
            return f"A request has {self.input_tokens_a_request:.2g} input tokens: are tokens counted in thousands?"
        return ""

    @property
    def _asked_ratio(self) -> float | None:
        """What was billed over what the catalogue asks, or else the scenario; None where neither can be told."""
        if self.gap is not None:
            return 1 + self.gap
        asked = None if self.stated is None else self.price_asked(self.stated)
        return None if self.effective is None or not asked else self.effective / asked

    def _reasons(self, ratio: float) -> Iterator[str]:
        """What would make the bill so many times the list price."""
        name, price = self.main_model
        if self._names_no_model_of_the_scenario(name):
            yield f"the files name {name}, the scenario {self.model}"
        if price is not None and ratio < 1 and price.batch_discount:
            share = (1 - ratio) / price.batch_discount
            if share <= 1 + CLOSE:
                part = "all" if share > 1 - CLOSE else percent(min(share, 1.0))
                yield f"{part} of the traffic at the batch price ({percent(price.batch_discount)} off)"
        elif price is not None and abs(ratio - BATCH) <= CLOSE:
            yield "all of the traffic at a batch price, which is half of the list price with most providers"
        if price is not None and price.by_hour:
            yield "more requests in the hours in which this model costs less or more"
        if ratio < 1:
            yield f"a discount of {percent(1 - ratio)} on the list price"
            return
        first = price.tiers[0].price if price is not None else None
        if first is not None and first.cache_write > first.input and not self.history.has("cache_write_tokens"):
            yield f"cache writes, {usd(first.cache_write)} a million, which these files do not tell from other input"
        yield "calls that are billed but not counted (retries, tools, images), a service tier, or tax"

    def _names_no_model_of_the_scenario(self, name: str) -> bool:
        if not self.model or not name:
            return False
        stem, own = (each.rpartition("/")[2].lower() for each in (name, self.model))
        return not (stem.startswith(own) or own.startswith(stem))


def _tokens(rows: DataFrame) -> Floats:
    """Input and output tokens of rows; the cached ones are among the input."""
    columns = [name for name in ("input_tokens", "output_tokens") if name in rows]
    tokens: Floats = rows[columns].fillna(0.0).sum(axis=1).to_numpy(dtype=np.float64)
    return tokens


def _dollars(rows: DataFrame, price: RoutePrice) -> Floats:
    """What a list asks for the tokens of rows, dollars."""
    requests = _column(rows, "requests")
    each = price.at(float(_column(rows, "input_tokens").sum() / requests.sum()) if requests.sum() else 1.0)
    listed: Floats = _dollars_at(rows, each) + requests * price.usd_per_1000_requests / 1000
    return listed


def _column(rows: DataFrame, name: str) -> Floats:
    if name not in rows:
        return np.zeros(len(rows))
    column: Floats = np.nan_to_num(rows[name].to_numpy(dtype=np.float64))
    return column


def _dollars_at(rows: DataFrame, each: TokenPrice) -> Floats:
    names = ("input_tokens", "cached_tokens", "cache_write_tokens", "output_tokens")
    inputs, cached, written, output = (_column(rows, name) for name in names)
    new = np.maximum(inputs - cached - written, 0.0)
    dollars: Floats = new * each.input + cached * each.cached_input + written * each.cache_write + output * each.output
    return dollars / MILLION


def stated_price(current: Current) -> TokenPrice | None:
    """Prices that a scenario states itself, without batch discount."""
    stated = current.usd_per_mtok
    if stated is None:
        return None
    first = num(stated.input)
    others = (stated.output, stated.cached_input, stated.cache_write)
    output, cached, written = (first if each is None else num(each) for each in others)
    return TokenPrice(first, output, cached, written)


def scaled_price(price: TokenPrice, ratio: float) -> dict[str, float]:
    """Prices of a million tokens, as a scenario states them, times a ratio."""

    def to_four(value: float) -> float:
        return float(f"{value * ratio:.4g}")

    stated = {"input": to_four(price.input), "output": to_four(price.output)}
    if price.cached_input != price.input:
        stated["cached_input"] = to_four(price.cached_input)
    if price.cache_write != price.input:
        stated["cache_write"] = to_four(price.cache_write)
    return stated
