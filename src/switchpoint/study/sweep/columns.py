"""Columns of a sweep: every result of `run --json` under its own name, with a type that is the same in every file."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from fnmatch import fnmatchcase
from typing import Any

from switchpoint.files import Json
from switchpoint.scenario.errors import closest
from switchpoint.study.draws import WAITS
from switchpoint.study.sweep.plan import Dimension
from switchpoint.study.sweep.study_file import SweepError

OK, FAILED = "ok", "failed"

KEYS = {
    "point": "whole",
    "scenario": "text",
    "candidate": "text",
    "status": "text",
    "error": "text",
    "seed": "whole",
    "draws": "whole",
    "version": "text",
}
"""Columns of every row: which point it is, and how it came about."""


def _of(kind: str, prefix: str, *names: str) -> dict[str, str]:
    return {f"{prefix}.{name}": kind for name in names}


def _spread(kind: str, *prefixes: str) -> dict[str, str]:
    rest = ("probability",) if kind == "whole" else ("probability", "error")
    return {k: v for p in prefixes for k, v in {**_of(kind, p, "p10", "p50", "p90"), **_of("number", p, *rest)}.items()}


def _money(*prefixes: str) -> dict[str, str]:
    return {k: v for p in prefixes for k, v in _of("number", p, "mean", "p10", "p50", "p90", "error").items()}


_VERDICT = {
    **_of("text", "verdict", "action", "candidate", "plan", "binds", "bridge", "saves_only", "sentence"),
    "verdict.remedy": "flag",
    **_of("date", "verdict", "start_by", "live", "label_by", "hire_by", "commit_by"),
    "verdict.remaining_lead_days": "whole",
    **_of("number", "verdict", "npv_saving_usd", "saving_ends_at_api_price_factor", "flips_at_requests_per_day"),
    **_of("date", "verdict.as_good", "from", "to"),
    **_of("number", "verdict", "as_good.usd", "in_time_costs_usd"),
    "verdict.tied": "texts",
    "verdict.window": "dates",
}
_CASE = {
    **_of("date", "base", "threat", "threat_ends", "warning"),
    "base.threat_cause": "text",
    **_of("number", "base", "bill_at_start_usd", "bill_at_end_usd"),
    **_of("number", "base.cost_per_1000_requests_usd", "start", "end"),
}


def _policy_columns(prefix: str) -> dict[str, str]:
    """The figures of a candidate under one choice of starts."""
    return {
        **_of("date", prefix, "crossover", "crossover_reverts", "project_start", "cutover", "break_even"),
        **_of("date", prefix, "limit_again", "impossible_from", "start_by", "best_start"),
        **_of("flag", prefix, "possible", "remedy"),
        **_of("whole", prefix, "peak_replicas"),
        **_of("number", prefix, "payback_months", "set_by_minimum_share", "capacity_requests_per_second"),
        **_of("number", prefix, "overflow_share", "cold_start_share", "owed_after_horizon_usd"),
        **_of("number", prefix, "total_usd", "npv_saving_usd", "one_off_usd", "end_credit_usd", "peak_cash_usd"),
        f"{prefix}.leaving.on": "date",
        **_of("number", f"{prefix}.leaving", "sold_gpus_usd", "owed_usd", "owed_after_horizon_usd"),
        f"{prefix}.peak_cash_on": "date",
        f"{prefix}.irr": "number",
        f"{prefix}.irr_reason": "text",
        **_of("date", f"{prefix}.limit_kept", "from", "until"),
        **_of("number", prefix, "limit_kept.share_of_days", "above_limit_usd.stay", "above_limit_usd.switch"),
    }


PLAN_FIGURES = {
    "name": "texts",
    **dict.fromkeys(("project_start", "cutover", "break_even"), "dates"),
    **dict.fromkeys(("npv_saving_usd", "total_usd", "one_off_usd"), "numbers"),
}
"""What is told of each plan, in lists that have an element for each of them."""
_PLANS = {f"base.plans.{key}": kind for key, kind in PLAN_FIGURES.items()}
_CANDIDATE = {**_policy_columns("base.candidates"), **_policy_columns("base.advised")}
_MONTHLY = {
    "monthly.month": "texts",
    **_of("numbers", "monthly", "requests", "limit_usd", "stay_usd", "stay_per_1000_usd"),
    **_of("numbers", "monthly", "candidate_usd", "candidate_per_1000_usd", "pressure"),
    "monthly.candidate_overflow_share": "numbers",
}
_COURSES = ("candidates", "candidates.advised")
_POLICIES = tuple(f"candidates.policies.{name}" for name in ("now", "warn", "lead", "staged", "best", "never"))
_DRAWS = {
    **_of("number", "verdict", "probability_in_time", "probability_saves", "npv_saving_usd_median"),
    "verdict.start_by_range": "dates",
    "verdict.levers.start": "text",
    **_of("texts", "verdict.levers.each", "name", "text"),
    **_of("numbers", "verdict.levers.each", "usd", "usd_error", "days", "more_live"),
    **_spread("date", "dates.threat", "dates.warning", "candidates.start_by", "candidates.crossover"),
    **_spread("date", *(f"{course}.{name}" for course in _COURSES for name in ("cutover", "break_even"))),
    **_money(*(f"{course}.npv_saving_usd" for course in _COURSES)),
    **{k: v for course in _COURSES for k, v in _of("number", course, "probability_saves").items()},
    **{k: v for course in _COURSES for k, v in _of("number", course, "probability_saves_error").items()},
    "candidates.best_start": "date",
    "candidates.in_time": "number",
    **_of("number", "candidates.regret_usd", "now", "warn", "lead", "staged", "best", "never"),
    **_of("number", "candidates.staged", "saving_usd", "in_time", "probability_commits", "preparation_usd"),
    **{
        k: v
        for policy in _POLICIES
        for k, v in _of("number", f"{policy}.saving_usd", "mean", "p10", "p50", "p90").items()
    },
    **{k: v for policy in _POLICIES for k, v in _of("number", policy, "in_time", "probability_saves").items()},
    **_money(*(f"candidates.waiting_usd.{wait}_months" for wait in WAITS)),
    **_spread("whole", "candidates.days_late"),
    "candidates.advised.start": "date",
    "candidates.advised.binds": "text",
    "candidates.advised.probability_in_time": "number",
    "plans.name": "texts",
    **_of("numbers", "plans", "npv_saving_usd", "probability_saves", "in_time"),
    "candidates.by_start.start": "dates",
    **_of("numbers", "candidates.by_start", "npv_saving_usd", "error", "probability_in_time"),
}
BASE_OUTPUTS = {**_VERDICT, **_CASE, **_PLANS, **_CANDIDATE, "sources": "text", **_MONTHLY}
"""Results of a base case: the path in `run --json`, the name of the candidate left out, and the type."""
DRAWS_OUTPUTS = {**_VERDICT, **_DRAWS, **_CASE, **_PLANS, **_CANDIDATE, "sources": "text", **_MONTHLY}
"""Results of many draws."""
LEFT_OUT = {"scenario", "seed", "draws", "version", "notes", "monthly_advised"}
"""What `run --json` says that stands in `KEYS`, and what is for whoever reads one scenario: notes and the months as
advised, as gates are."""


def columns(dimensions: Sequence[Dimension], draws: int | None, outputs: Sequence[str]) -> dict[str, str]:
    """Name and type of every column, in their order: keys, inputs that vary, results.

    Raises:
        SweepError: where a pattern of `outputs` fits no result.
    """
    offered = DRAWS_OUTPUTS if draws else BASE_OUTPUTS
    for pattern in outputs:
        if not any(fnmatchcase(name, pattern) for name in offered):
            near = closest(pattern, offered)
            hint = f"; did you mean {near}?" if near else "; such as verdict.* or base.candidates.start_by"
            raise SweepError(f"outputs: {pattern} fits no result{hint}")
    kept = {
        name: kind
        for name, kind in offered.items()
        if not outputs or any(fnmatchcase(name, pattern) for pattern in outputs)
    }
    return {**KEYS, **{each.path: each.kind for each in dimensions}, **kept}


def shared_figures(told: Json) -> dict[str, Any]:
    """The results that all candidates of a point share, as columns."""
    own = (*LEFT_OUT, "sources", "monthly", "candidates", "plans", "base")
    shared = {k: v for k, v in told.items() if k not in own}
    shared["verdict"] = {name: value for name, value in told["verdict"].items() if name != "gates"}
    per_candidate = ("candidates", "advised", "plans")
    shared["base"] = {name: value for name, value in told["base"].items() if name not in per_candidate}
    return {**flat(shared), **_plans(told), "sources": json.dumps(told["sources"], default=str)}


def _plans(told: Json) -> dict[str, Any]:
    """What is told of plans, a list for each figure."""
    named = [{"name": name, **figures} for name, figures in told["base"]["plans"].items()]
    found = {f"base.plans.{key}": [each[key] for each in named] for key in PLAN_FIGURES}
    if "plans" not in told:
        return found
    drawn = told["plans"]
    return {
        **found,
        "plans.name": list(drawn),
        "plans.npv_saving_usd": [each["npv_saving_usd"]["mean"] for each in drawn.values()],
        **{f"plans.{key}": [each[key] for each in drawn.values()] for key in ("probability_saves", "in_time")},
    }


def candidate_figures(told: Json, name: str | None) -> dict[str, Any]:
    """The results of one candidate of a point, or of a point without candidates, as columns."""
    own = {"base": {course: told["base"][course].get(name, {}) for course in ("candidates", "advised")}}
    if "candidates" in told:
        own["candidates"] = told["candidates"].get(name, {})
    plans = tuple(f"{plan}_{rest}" for plan in told["base"]["plans"] for rest in ("usd", "per_1000_usd"))
    months, rows = told["monthly"], told["monthly"]
    if not isinstance(months, Mapping):
        months = {key: [row.get(key) for row in rows] for key in rows[0]} if rows else {}
    kept = {f"monthly.{_bare(key, name)}": values for key, values in months.items() if key not in plans}
    return {**flat(own), **kept}


def _bare(key: str, name: str | None) -> str:
    """The key of a monthly figure with `candidate` in place of the name.

    >>> _bare("own-8b_usd", "own-8b"), _bare("other_usd", "own-8b"), _bare("stay_usd", "own-8b")
    ('candidate_usd', 'other_usd', 'stay_usd')
    """
    for ending in ("_per_1000_usd", "_usd", "_overflow_share"):
        if name is not None and key == name + ending:
            return f"candidate{ending}"
    return key


def flat(told: Mapping[str, Any], prefix: str = "") -> dict[str, Any]:
    """Nested tables as one, keys joined by dots; a list of tables becomes a list for each of their keys.

    >>> flat({"a": {"b": 1, "c": [{"d": 2}, {"d": 3}]}, "e": [4]})
    {'a.b': 1, 'a.c.d': [2, 3], 'e': [4]}
    """
    found: dict[str, Any] = {}
    for key, value in told.items():
        name = f"{prefix}{key}"
        if isinstance(value, Mapping):
            found |= flat(value, f"{name}.")
        elif isinstance(value, (list, tuple)) and value and isinstance(value[0], Mapping):
            found |= {f"{name}.{inner}": [each.get(inner) for each in value] for inner in value[0]}
        else:
            found[name] = value
    return found
