"""Logs of calls: one's own, as objects of usage or in columns, and those of Langfuse.

Logs of one's own, one row a call: with usage objects as providers' libraries return them, or with columns.

One JSON object a line or an array of them, with `model`, a moment (`created_at`, `created`, `timestamp`, `time`,
`date`) and an object of tokens, told apart by its keys:

| provider | object and its keys | where cached and reasoning tokens stand |
|---|---|---|
| OpenAI and alike | `usage`: `input_tokens` or `prompt_tokens`, `output_tokens` or `completion_tokens` | inside |
| Anthropic | `usage` with `cache_read_input_tokens` or `cache_creation_input_tokens` | beside; inside |
| Bedrock Converse | `usage`: `inputTokens`, `cacheReadInputTokens`, `cacheWriteInputTokens`, `outputTokens` | beside |
| Gemini | `usageMetadata`; tokens of tools and of thoughts are added | inside; beside |

Or, in CSV or JSON, columns: a moment and `model` as above, a name of the call (`id`, `request_id`, `call_id`,
`trace_id`), and `prompt_tokens` with `completion_tokens`, `cached_tokens` inside, as OpenAI counts; or `input_tokens`
with `output_tokens`, and `cache_read_input_tokens`, `cache_creation_input_tokens` beside, as Anthropic counts.

Dollars are read from `cost`, `cost_usd` or `usage.cost` where they are there. Each object or row is one
request.

Langfuse: daily metrics, and the export of observations.

Daily metrics, `GET /api/public/metrics/daily` (types/metrics.ts of langfuse/langfuse): `data[]` of UTC days with
`usage[]`:

| key | unit |
|---|---|
| `model` | nothing for spans, which are skipped |
| `inputUsage`, `outputUsage` | tokens; cached ones inside and not told apart |
| `countObservations` | calls of that model |
| `totalCost` | dollars |

Observations (batch export, CSV or JSON): one row each, of which only those of type GENERATION are calls:

| column | unit |
|---|---|
| `startTime` | moment, UTC |
| `model` or `providedModelName` | model |
| `usageDetails` | JSON of tokens by kind, each apart from the others; cached ones beside `input` |
| `costDetails` or `totalCost` | dollars, by kind and `total` |
| `level` | ERROR where a call failed |

Bodies (`input`, `output`, `metadata`) are never read.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from switchpoint.owndata.cell_columns import Columns
from switchpoint.owndata.cells import LARGEST
from switchpoint.owndata.usage_format import AnswerPage, Rows, UsageFormat, marks, objects_in

# Logs of one's own, one row a call -----------------------------------------------------------------------------------

GIVEN, WRITTEN = ("prompt_tokens", "input_tokens"), ("completion_tokens", "output_tokens")
READ, MADE = "cache_read_input_tokens", "cache_creation_input_tokens"
NAMES = ("id", "request_id", "call_id", "trace_id", "response_id")
MOMENTS = ("created_at", "created", "timestamp", "time", "start_time", "starttime", "date")


@dataclass
class TokensOfCall:
    """Tokens of one call: those that go in, cached and written ones included, and those that come out."""

    input_tokens: float = 0.0
    cached_tokens: float = 0.0
    cache_write_tokens: float = 0.0
    output_tokens: float = 0.0


def finite(held: object) -> float:
    """A number from 0 on; 0 for anything else."""
    if isinstance(held, bool) or not isinstance(held, (int, float)) or not 0 <= held <= LARGEST:
        return 0.0
    return float(held)


def tokens_of_usage(held: Mapping[str, Any]) -> TokensOfCall | None:
    """Tokens of a usage object of any known provider; None where it is of none.

    Args:
        held: the object, such as `{"input_tokens": 6, "cache_read_input_tokens": 20443, "output_tokens": 489}`.
    """
    if "promptTokenCount" in held or "candidatesTokenCount" in held:
        return _of_gemini(held)
    if "inputTokens" in held or "outputTokens" in held:
        return _beside(held, "inputTokens", "cacheReadInputTokens", "cacheWriteInputTokens", "outputTokens")
    if "cache_read_input_tokens" in held or "cache_creation_input_tokens" in held:
        return _beside(held, "input_tokens", "cache_read_input_tokens", "cache_creation_input_tokens", "output_tokens")
    if "input_tokens" in held or "prompt_tokens" in held:
        return _inside(held)
    return None


def _of_gemini(held: Mapping[str, Any]) -> TokensOfCall:
    return TokensOfCall(
        input_tokens=finite(held.get("promptTokenCount")) + finite(held.get("toolUsePromptTokenCount")),
        cached_tokens=finite(held.get("cachedContentTokenCount")),
        output_tokens=finite(held.get("candidatesTokenCount")) + finite(held.get("thoughtsTokenCount")),
    )


def _beside(held: Mapping[str, Any], given: str, read: str, made: str, written: str) -> TokensOfCall:
    """Kinds of tokens that stand beside each other."""
    cached, cache_write = finite(held.get(read)), finite(held.get(made))
    whole = finite(held.get(given)) + cached + cache_write
    return TokensOfCall(whole, cached, cache_write, finite(held.get(written)))


def _inside(held: Mapping[str, Any]) -> TokensOfCall:
    """Kinds of tokens that are parts of the whole."""
    details = held.get("input_tokens_details", held.get("prompt_tokens_details"))
    parts = details if isinstance(details, Mapping) else {}
    return TokensOfCall(
        finite(held.get("input_tokens", held.get("prompt_tokens"))),
        finite(parts.get("cached_tokens")),
        finite(parts.get("cache_write_tokens")),
        finite(held.get("output_tokens", held.get("completion_tokens"))),
    )


def read_calls(columns: Columns) -> Rows:
    """Usage of single calls."""
    when = columns.moment(*MOMENTS)
    objects = _first_known(columns.objects("usage"), columns.objects("usagemetadata"))
    found = [tokens_of_usage(held) for held in objects]
    columns.reject(np.array([each is None for each in found], dtype=bool), "usage", "must be a known usage object")
    tokens = [each or TokensOfCall() for each in found]
    names = ("input_tokens", "cached_tokens", "cache_write_tokens", "output_tokens")
    measures = {name: np.array([getattr(each, name) for each in tokens], dtype=float) for name in names}
    paid = [held.get("cost") for held in objects]
    if columns.has("cost_usd", "cost"):
        measures["cost_usd"] = columns.dollars("cost_usd", "cost", empty=np.nan)
    elif any(each is not None for each in paid):
        measures["cost_usd"] = np.array([np.nan if each is None else finite(each) for each in paid], dtype=float)
    return Rows(when, {"requests": np.ones(columns.length), **measures}, columns.model("model"))


def _first_known(*columns: Iterable[Mapping[str, Any]]) -> list[Mapping[str, Any]]:
    return [next((held for held in row if held), {}) for row in zip(*columns, strict=True)]


def read_log(columns: Columns) -> Rows:
    """Usage of single calls in columns."""
    when = columns.moment(*MOMENTS)
    given, written = columns.number(*GIVEN, empty=None), columns.number(*WRITTEN, empty=None)
    measures = {"requests": np.ones(columns.length), "output_tokens": written}
    if columns.has(READ, MADE):
        measures["cached_tokens"], measures["cache_write_tokens"] = columns.number(READ), columns.number(MADE)
        given = given + measures["cached_tokens"] + measures["cache_write_tokens"]
    elif columns.has("cached_tokens"):
        measures["cached_tokens"] = columns.number("cached_tokens")
        columns.reject(measures["cached_tokens"] > given, "cached_tokens", "must be at most the tokens that go in")
    if columns.has("cost_usd", "cost"):
        measures["cost_usd"] = columns.dollars("cost_usd", "cost", empty=np.nan)
    return Rows(when, {**measures, "input_tokens": given}, columns.model("model"))


USAGE_OBJECTS = UsageFormat(
    name="usage-objects",
    words="log with usage objects",
    provider="",
    holds="both",
    marks=marks(
        "usage.input_tokens",
        "usage.prompt_tokens",
        "usage.inputtokens",
        "usagemetadata.prompttokencount",
        "usagemetadata.candidatestokencount",
    ),
    needs=(MOMENTS, ("model",), ("usage", "usagemetadata")),
    read=read_calls,
    identity=NAMES,
    one_call=True,
    deep=0,
)

CALL_LOG = UsageFormat(
    name="call-log",
    words="log of calls",
    provider="",
    holds="both",
    marks=marks(*(f"{name},{tokens}" for name in NAMES for tokens in GIVEN)),
    needs=(MOMENTS, ("model",), GIVEN, WRITTEN),
    read=read_log,
    identity=NAMES,
    one_call=True,
    unlike=frozenset({"requests", "api_requests", "usage"}),
    deep=0,
)


# Langfuse ------------------------------------------------------------------------------------------------------------

CALLS = ("generation", "")
COST = ("totalcost", "calculatedtotalcost", "calculated_total_cost", "total_cost")


def read_daily(columns: Columns) -> Rows:
    """Usage of days by model."""
    measures = {
        "requests": columns.number("countobservations", empty=None),
        "input_tokens": columns.number("inputusage", empty=None),
        "output_tokens": columns.number("outputusage", empty=None),
        "cost_usd": columns.dollars("totalcost"),
    }
    total = columns.number("totalusage", empty=np.nan)
    rows = Rows(columns.moment("date"), measures, columns.model("model"))
    beyond = total - measures["input_tokens"] - measures["output_tokens"]
    rows.said["tokens that Langfuse counts neither in nor out, such as Gemini's thoughts; not counted"] = np.where(
        beyond > 0, beyond, 0.0
    )
    return rows


def read_observations(columns: Columns) -> Rows:
    """Usage of single calls."""
    when = columns.moment("starttime", "start_time")
    details = [tokens_of_details(held) for held in columns.objects("usagedetails")]
    failed = columns.words("level").where(lambda value: value.upper() == "ERROR")
    measures = {
        "requests": np.where(failed, 0.0, 1.0),
        "input_tokens": np.array([each.input_tokens for each in details], dtype=float),
        "cached_tokens": np.array([each.cached_tokens for each in details], dtype=float),
        "cache_write_tokens": np.array([each.cache_write_tokens for each in details], dtype=float),
        "output_tokens": np.array([each.output_tokens for each in details], dtype=float),
        "cost_usd": _cost(columns),
    }
    rows = Rows(when, measures, columns.model("model", "providedmodelname", "provided_model_name"))
    kind = columns.words("type")
    rows.leave_out(
        kind.where(lambda value: value.casefold() not in CALLS), kind.map(str.casefold), measures["cost_usd"]
    )
    rows.note_failed(failed)
    return rows


def tokens_of_details(held: Mapping[str, Any]) -> TokensOfCall:
    """Tokens by kind added up: every key counts once, and the total not at all.

    >>> tokens_of_details({"input": 10, "input_cached_tokens": 90, "output": 5, "total": 105}).input_tokens
    100.0
    """
    found = TokensOfCall()
    for key, value in held.items():
        name, tokens = str(key).casefold(), finite(value)
        if "total" in name:
            continue
        if "creation" in name or "cache_write" in name:
            found.cache_write_tokens += tokens
        elif "cache" in name:
            found.cached_tokens += tokens
        if "output" in name or "thought" in name or "candidates" in name or "completion" in name or "reasoning" in name:
            found.output_tokens += tokens
        elif "input" in name or "prompt" in name or "cache" in name:
            found.input_tokens += tokens
    return found


def _cost(columns: Columns) -> np.ndarray[Any, np.dtype[np.float64]]:
    if columns.has(*COST):
        return columns.dollars(*COST)
    held = columns.objects("costdetails")
    return np.array([finite(each.get("total", sum(map(finite, each.values())))) for each in held], dtype=float)


def _unpack_daily(held: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    """Models of each day; spans, which have none, are skipped; the day's own sums, which hold them, are not read."""
    nothing = {"countObservations": 0, "inputUsage": 0, "outputUsage": 0, "totalCost": 0}
    for each in objects_in(held.get("data")):
        models = [part for part in objects_in(each.get("usage")) if part.get("model")]
        yield from ({**part, "date": each.get("date")} for part in models or [nothing])


def _page(held: Mapping[str, Any]) -> AnswerPage:
    meta = held.get("meta")
    about = meta if isinstance(meta, Mapping) else {}
    number, last = about.get("page"), about.get("totalPages")
    known = isinstance(number, int) and isinstance(last, int)
    return AnswerPage(False, number=number if known else None, of=last if known else None)


LANGFUSE_DAILY = UsageFormat(
    name="langfuse-daily",
    words="Langfuse, daily metrics",
    provider="Langfuse",
    holds="both",
    marks=marks("data.usage.inputusage,data.date", "data.countobservations,data.date"),
    needs=(("data.date",), ("data.usage",)),
    read=read_daily,
    amounts=("inputusage", "outputusage", "totalusage", "totalcost", "countobservations", "counttraces"),
    unpack=_unpack_daily,
    page=_page,
    note="cached tokens are inside the input and not told apart",
)

LANGFUSE_OBSERVATIONS = UsageFormat(
    name="langfuse-observations",
    words="Langfuse, observations",
    provider="Langfuse",
    holds="both",
    marks=marks("usagedetails,starttime", "usagedetails,start_time", "usagedetails,costdetails"),
    needs=(("starttime", "start_time"), ("usagedetails",), ("type",)),
    read=read_observations,
    identity=("id",),
    one_call=True,
    deep=0,
)
