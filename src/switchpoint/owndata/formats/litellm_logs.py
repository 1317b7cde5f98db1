"""LiteLLM: spend logs, one row a call, and daily activity.

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
from switchpoint.owndata.usage_format import CALLS, FAILED, AnswerPage, Rows, UsageFormat, marks, objects_in

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
