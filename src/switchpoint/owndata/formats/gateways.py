"""Gateways: Helicone, Portkey, LangSmith, OpenRouter and LiteLLM.

Helicone, Portkey and LangSmith: one row a request.

Helicone, `npx @helicone/export` (CSV or JSON lines): `response_id`, `request_created_at` (UTC), `response_status` (an
HTTP status; 400 and more are failed calls), `model`, `prompt_tokens`, `completion_tokens`, `cost` (dollars).

Portkey, export of logs (JSON lines): `id`, `created_at`, `is_success`, `ai_model`, `req_units` and `res_units`
(tokens). The unit of `cost` is documented nowhere, so it is not read.

LangSmith, runs (JSON lines): `id`, `start_time`, `run_type` (only llm is counted: others repeat the sums of their
children), `prompt_tokens`, `completion_tokens`, `total_cost` (dollars), `error` or `status`, and the model in
`extra.metadata.ls_model_name`.

Bodies, properties and names of users are never read.

OpenRouter: activity by day and by generation, as the site exports it, and as its API answers.

Dollars are credits of OpenRouter. What is used with keys of one's own (BYOK) is paid to the provider itself and stands
in no bill of OpenRouter: its tokens count, its dollars are said beside the table and not added.

| by day (CSV) | API `GET /api/v1/activity`, `data[]` | by generation (CSV) | unit |
|---|---|---|---|
| `Date` | `date` | `created_at` | UTC day; moment, UTC |
| `Slug` | `model` | `model_permaslug` | model |
| `Usage` | `usage` | `cost_total` | dollars |
| `BYOK Usage` | `byok_usage_inference` | `byok_usage_inference` | dollars, paid elsewhere |
| `Requests` | `requests` | a row each | requests |
| `Prompt Tokens` | `prompt_tokens` | `tokens_prompt` | tokens, cached ones included |
| `Completion Tokens` | `completion_tokens` | `tokens_completion` | tokens |
| `Reasoning Tokens` | `reasoning_tokens` | `tokens_reasoning` | tokens, taken as part of the completion |
| | | `tokens_cached` | tokens read from a cache |

Headers of exports of December 2025 to June 2026; the API is described in OpenRouter's documentation.

LiteLLM: spend logs, one row a call, and daily activity.

Dollars are of LiteLLM's own price map, not of the bill. Spend logs (table LiteLLM_SpendLogs in schema.prisma of
BerriAI/litellm; `GET /spend/logs?summarize=false`, or a CSV of the table):

| key | unit |
|---|---|
| `request_id` | names a call |
| `startTime` | moment, UTC |
| `model` | model |
| `prompt_tokens`, `completion_tokens` | tokens, cached ones included |
| `spend` | dollars |
| `status` | success or failure; failed calls are rows too |
| `cache_hit` | "True" where LiteLLM answered from its own cache and no provider was asked |
| `call_type` | what was asked for; embeddings, pictures and the like are left out |

Daily activity (`GET /user/daily/activity`: `results[]` with `metrics` and `breakdown.models`; or a CSV of the table
LiteLLM_DailyUserSpend): `date`, `prompt_tokens`, `completion_tokens`, `cache_read_input_tokens`,
`cache_creation_input_tokens`, `spend`, `api_requests`, `failed_requests`.

`GET /global/spend/report`: `group_by_day`, `teams[]` or `customers[]` with `metadata[]` of `model` and `spend`; their
tokens are not split into those in and out, so that only dollars are read.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np

from switchpoint.owndata.cell_columns import Columns
from switchpoint.owndata.cells import Mask
from switchpoint.owndata.usage_format import CALLS, FAILED, AnswerPage, Rows, UsageFormat, marks, objects_in

# Helicone, Portkey and LangSmith -------------------------------------------------------------------------------------

FIRST_FAILURE = 400
HELICONE_MOMENT = ("request_created_at", "response_created_at")
LANGSMITH_MODEL = ("model", "extra.metadata.ls_model_name", "ls_model_name")


def read_helicone(columns: Columns) -> Rows:
    """Usage of single calls."""
    failed = columns.number("response_status") >= FIRST_FAILURE
    rows = _calls(columns, HELICONE_MOMENT, failed, ("prompt_tokens", "completion_tokens"))
    rows.model = columns.model("model")
    if columns.has("cost"):
        rows.measures["cost_usd"] = columns.dollars("cost")
    return rows


def read_portkey(columns: Columns) -> Rows:
    """Usage of single calls, without dollars."""
    failed = columns.words("is_success").where(lambda value: value.casefold() in ("false", "0"))
    rows = _calls(columns, ("created_at",), failed, ("req_units", "res_units"))
    rows.model = columns.model("ai_model")
    return rows


def read_langsmith(columns: Columns) -> Rows:
    """Usage of single runs of a model."""
    failed = columns.words("error").where(bool) | columns.words("status").where(lambda value: value == "error")
    kind = columns.words("run_type")
    rows = _calls(columns, ("start_time",), failed, ("prompt_tokens", "completion_tokens"))
    rows.model = columns.model(*LANGSMITH_MODEL)
    if columns.has("total_cost"):
        rows.measures["cost_usd"] = columns.dollars("total_cost")
    other = kind.where(lambda value: value != "llm")
    rows.leave_out(other, kind.map(lambda value: f"run of type {value}"))
    rows.note_failed(failed)
    return rows


def _calls(columns: Columns, start: tuple[str, ...], failed: Mask, tokens: tuple[str, str]) -> Rows:
    given, written = tokens
    measures = {
        "requests": np.where(failed, 0.0, 1.0),
        "input_tokens": columns.number(given),
        "output_tokens": columns.number(written),
    }
    rows = Rows(columns.moment(*start), measures)
    rows.note_failed(failed)
    return rows


HELICONE = UsageFormat(
    name="helicone",
    words="Helicone",
    provider="Helicone",
    holds="both",
    marks=marks("request_created_at,prompt_tokens", "response_id,request_created_at"),
    needs=(
        HELICONE_MOMENT,
        ("response_status",),
        ("model",),
        ("prompt_tokens",),
        ("completion_tokens",),
    ),
    read=read_helicone,
    identity=("response_id", "request_id"),
    one_call=True,
    deep=0,
)

PORTKEY = UsageFormat(
    name="portkey",
    words="Portkey",
    provider="Portkey",
    holds="both",
    marks=marks("req_units,res_units"),
    needs=(("created_at",), ("ai_model",), ("req_units",), ("res_units",)),
    read=read_portkey,
    identity=("id",),
    one_call=True,
    deep=0,
    note="the unit of Portkey's costs is documented nowhere, so dollars are not read",
)

LANGSMITH = UsageFormat(
    name="langsmith",
    words="LangSmith runs",
    provider="LangSmith",
    holds="both",
    marks=marks("run_type,prompt_tokens", "run_type,start_time"),
    needs=(("start_time",), ("run_type",), ("prompt_tokens",), ("completion_tokens",)),
    read=read_langsmith,
    identity=("id",),
    one_call=True,
)


# OpenRouter ----------------------------------------------------------------------------------------------------------

BYOK = "paid to providers themselves with keys of one's own (BYOK), beyond these dollars $"
INSIDE = "reasoning tokens are taken as part of the completion tokens, in which OpenRouter's own answers count them"


def read_days(columns: Columns) -> Rows:
    """Usage of days by model."""
    when = columns.moment("date")
    elsewhere = columns.dollars("byok usage", "byok_usage_inference")
    measures = {
        "requests": columns.number("requests", empty=None),
        "input_tokens": columns.number("prompt tokens", "prompt_tokens", empty=None),
        "output_tokens": columns.number("completion tokens", "completion_tokens", empty=None),
        "cost_usd": columns.dollars("usage"),
    }
    return Rows(when, measures, columns.model("slug", "model", "model_permaslug"), said={BYOK: elsewhere})


def read_generations(columns: Columns) -> Rows:
    """Usage of single calls."""
    when = columns.moment("created_at")
    elsewhere = columns.dollars("byok_usage_inference")
    measures = {
        "requests": np.ones(columns.length),
        "input_tokens": columns.number("tokens_prompt"),
        "output_tokens": columns.number("tokens_completion"),
        "cost_usd": columns.dollars("cost_total"),
    }
    if columns.has("tokens_cached"):
        measures["cached_tokens"] = columns.number("tokens_cached")
    rows = Rows(when, measures, columns.model("model_permaslug"), said={BYOK: elsewhere})
    cancelled = columns.words("cancelled").where(lambda value: value.casefold() in ("true", "1", "t"))
    rows.said["calls that were cancelled, counted"] = cancelled.astype(float)
    rows.said["of the dollars, for web search $"] = columns.dollars("cost_web_search")
    free = columns.words("variant").where(lambda value: value == "free")
    rows.said["calls of free variants, counted"] = free.astype(float)
    return rows


def _unpack(held: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    yield from objects_in(held.get("data"))


OPENROUTER_DAILY = UsageFormat(
    name="openrouter-daily",
    words="OpenRouter, activity by day",
    provider="OpenRouter",
    holds="both",
    marks=marks("date,slug,prompt tokens", "date,slug,usage", "date,byok usage"),
    needs=(("date",), ("slug",), ("usage",), ("requests",), ("prompt tokens",), ("completion tokens",)),
    read=read_days,
    amounts=("usage", "byok usage", "requests", "prompt tokens", "completion tokens", "reasoning tokens"),
    note=INSIDE,
)

OPENROUTER_GENERATIONS = UsageFormat(
    name="openrouter-generations",
    words="OpenRouter, activity by generation",
    provider="OpenRouter",
    holds="both",
    marks=marks("generation_id,cost_total", "generation_id,tokens_prompt"),
    needs=(("created_at",), ("cost_total",), ("tokens_prompt",), ("tokens_completion",), ("model_permaslug",)),
    read=read_generations,
    identity=("generation_id",),
    one_call=True,
    note=INSIDE,
)

OPENROUTER_API = UsageFormat(
    name="openrouter-api",
    words="OpenRouter, activity API",
    provider="OpenRouter",
    holds="both",
    marks=marks("data.model_permaslug,data.usage", "data.byok_usage_inference,data.requests"),
    needs=(("data.date",), ("data.usage",), ("data.requests",), ("data.prompt_tokens",), ("data.completion_tokens",)),
    read=read_days,
    amounts=("usage", "byok_usage_inference", "requests", "prompt_tokens", "completion_tokens", "reasoning_tokens"),
    unpack=_unpack,
    note=INSIDE,
)


# LiteLLM: spend logs, one row a call, and daily activity -------------------------------------------------------------

NO_LANGUAGE = ("embedding", "image", "speech", "transcription", "rerank", "moderation", "audio", "video", "ocr")
OWN_CACHE = "answered from a cache of LiteLLM"
OWN_PRICES = "dollars are LiteLLM's own, by its list of prices, and not those of a bill"
NEEDED = ("spend", "api_requests", "prompt_tokens", "completion_tokens")
MEASURED = (
    "prompt_tokens",
    "completion_tokens",
    "cache_read_input_tokens",
    "cache_creation_input_tokens",
    "spend",
    "api_requests",
    "successful_requests",
    "failed_requests",
)


def read_spend_logs(columns: Columns) -> Rows:
    """Usage of single calls."""
    when = columns.moment("starttime")
    failed = columns.words("status").where(lambda value: value.casefold() in ("failure", "failed", "error"))
    measures = {
        "requests": np.where(failed, 0.0, 1.0),
        "input_tokens": columns.number("prompt_tokens"),
        "output_tokens": columns.number("completion_tokens"),
        "cost_usd": columns.dollars("spend"),
    }
    rows = Rows(when, measures, columns.model("model", "model_group"))
    kind = columns.words("call_type")
    other = kind.where(lambda value: any(word in value.casefold() for word in NO_LANGUAGE))
    rows.leave_out(other, kind.map(lambda value: value.removeprefix("a")), measures["cost_usd"])
    hit = columns.words("cache_hit").where(lambda value: value.casefold() == "true")
    rows.leave_out(hit, OWN_CACHE, measures["cost_usd"])
    rows.note_failed(failed)
    return rows


def read_activity(columns: Columns) -> Rows:
    """Usage of days by model."""
    when = columns.moment("date")
    given, written = columns.number("prompt_tokens", empty=None), columns.number("completion_tokens", empty=None)
    asked, failed = columns.number("api_requests", empty=None), columns.number("failed_requests")
    columns.reject(failed > asked, "failed_requests", "must be at most api_requests, which they are a part of")
    measures = {"requests": asked - failed, "output_tokens": written, "cost_usd": columns.dollars("spend")}
    cached, made = columns.number("cache_read_input_tokens"), columns.number("cache_creation_input_tokens")
    beside = cached + made > given
    if columns.has("cache_read_input_tokens"):
        measures.update(cached_tokens=cached, cache_write_tokens=made)
    measures["input_tokens"] = np.where(beside, given + cached + made, given)
    rows = Rows(when, measures, columns.model("model"))
    rows.said = {
        FAILED: failed,
        CALLS: asked,
        "rows with more cached than prompt tokens, which must stand beside and were added": beside.astype(float),
    }
    return rows


def read_spend_report(columns: Columns) -> Rows:
    """Dollars of days by model."""
    rows = Rows(columns.moment("group_by_day"), {"cost_usd": columns.dollars("spend")}, columns.model("model"))
    rows.said["what totals of teams have beyond their models, not counted $"] = columns.dollars("beyond")
    return rows


def _unpack_activity(held: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    """Models of each day, and what the day has beyond them; the sums of the whole answer are not read."""
    for each in objects_in(held.get("results")):
        total = _object(each.get("metrics"))
        models = _object(_object(each.get("breakdown")).get("models"))
        parts = [(name, _object(part.get("metrics", part))) for name, part in models.items() if _object(part)]
        parts = [(name, part) for name, part in parts if any(key in part for key in MEASURED)]
        yield from ({**part, "date": each.get("date"), "model": name} for name, part in parts)
        measured = [key for key in MEASURED if key in total]
        rest = {key: _beyond(total[key], [part.get(key, 0) for _, part in parts]) for key in measured}
        if not parts or any(rest.values()):
            yield {**dict.fromkeys(NEEDED, 0), **rest, "date": each.get("date"), "model": ""}


def _beyond(total: Any, parts: list[Any]) -> Any:
    """What a total has beyond its parts; without parts the total as it stands, for whoever reads it to judge."""
    if not parts:
        return total
    try:
        rest = float(total) - sum(map(float, parts))
    except (TypeError, ValueError):
        return 0
    return rest if rest > 1e-9 * abs(float(total)) else 0


def _object(held: object) -> Mapping[str, Any]:
    return held if isinstance(held, Mapping) else {}


def _page_of_activity(held: Mapping[str, Any]) -> AnswerPage:
    about = _object(held.get("metadata"))
    number, last = about.get("page"), about.get("total_pages")
    known = isinstance(number, int) and isinstance(last, int)
    return AnswerPage(about.get("has_more") is True, number=number if known else None, of=last if known else None)


def _unpack_report(held: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    """Models of each team or customer; their totals are not added to their parts."""
    for team in objects_in(held.get("teams")) or objects_in(held.get("customers")):
        parts = objects_in(team.get("metadata"))
        beyond = _beyond(team.get("total_spend", 0), [part.get("spend", 0) for part in parts])
        for place, part in enumerate(parts):
            about = {"group_by_day": held.get("group_by_day"), "team": team.get("team_name")}
            yield {**part, **about, "beyond": 0 if place else beyond}


LITELLM_SPEND_LOGS = UsageFormat(
    name="litellm-spend-logs",
    words="LiteLLM, spend logs",
    provider="LiteLLM",
    holds="both",
    marks=marks("request_id,call_type,spend", "request_id,starttime,spend", "starttime,prompt_tokens,spend"),
    needs=(("starttime",), ("prompt_tokens",), ("completion_tokens",), ("spend",)),
    read=read_spend_logs,
    identity=("request_id",),
    one_call=True,
    note=f"{OWN_PRICES}; spend logs do not say how many tokens were cached",
)

LITELLM_DAILY = UsageFormat(
    name="litellm-daily",
    words="LiteLLM, daily activity",
    provider="LiteLLM",
    holds="both",
    marks=marks("date,spend,api_requests", "results.date,results.metrics.spend"),
    needs=tuple((name, f"results.metrics.{name}") for name in ("spend", "api_requests", "prompt_tokens")),
    read=read_activity,
    amounts=MEASURED,
    unpack=_unpack_activity,
    page=_page_of_activity,
    note=f"{OWN_PRICES}; cached tokens are taken as part of the prompt tokens, as LiteLLM counts them",
)

LITELLM_REPORT = UsageFormat(
    name="litellm-report",
    words="LiteLLM, spend report",
    provider="LiteLLM",
    holds="both",
    marks=marks("group_by_day,teams.metadata.spend", "group_by_day,customers.metadata.spend"),
    needs=(("group_by_day",),),
    read=read_spend_report,
    amounts=("spend", "total_tokens"),
    unpack=_unpack_report,
    note=f"{OWN_PRICES}; the report does not split tokens, so only dollars are read, by model",
)
