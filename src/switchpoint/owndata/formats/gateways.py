"""Helicone, Portkey and LangSmith: one row a request.

Helicone, `npx @helicone/export` (CSV or JSON lines): `response_id`, `request_created_at` (UTC), `response_status` (an
HTTP status; 400 and more are failed calls), `model`, `prompt_tokens`, `completion_tokens`, `cost` (dollars).

Portkey, export of logs (JSON lines): `id`, `created_at`, `is_success`, `ai_model`, `req_units` and `res_units`
(tokens). The unit of `cost` is documented nowhere, so it is not read.

LangSmith, runs (JSON lines): `id`, `start_time`, `run_type` (only llm is counted: others repeat the sums of their
children), `prompt_tokens`, `completion_tokens`, `total_cost` (dollars), `error` or `status`, and the model in
`extra.metadata.ls_model_name`.

Bodies, properties and names of users are never read.
"""

from __future__ import annotations

import numpy as np

from switchpoint.owndata.cell_columns import Columns
from switchpoint.owndata.cells import Mask
from switchpoint.owndata.usage_format import Rows, UsageFormat, marks

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
