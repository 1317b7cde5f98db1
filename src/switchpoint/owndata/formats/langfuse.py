"""Langfuse: daily metrics, and the export of observations.

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

from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np

from switchpoint.owndata.cell_columns import Columns
from switchpoint.owndata.formats.usage_objects import TokensOfCall, finite
from switchpoint.owndata.usage_format import AnswerPage, Rows, UsageFormat, marks, objects_in

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
