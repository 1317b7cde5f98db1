"""The comparison as JSON."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

from switchpoint.clock import Floats
from switchpoint.report.comparison.compared import Compared, opening
from switchpoint.result import Json
from switchpoint.scenario.causes import Cause
from switchpoint.scenario.diff import Change
from switchpoint.scenario.outline import unit_of
from switchpoint.scenario.part import Part
from switchpoint.scenario.phrases import phrase
from switchpoint.scenario.quantity import plain
from switchpoint.study.comparison.between import DATES, FIGURES
from switchpoint.study.comparison.compare import Comparison, Share
from switchpoint.study.comparison.explain import explanation
from switchpoint.version import __version__


def json_text(first: Compared, others: Sequence[Compared]) -> str:
    """The comparison as indented JSON with ISO dates; docs/model.md lists the keys."""
    told: Json = {"version": __version__, "first": _scenario(first), "others": [_other(first, each) for each in others]}
    return json.dumps(told, indent=2, ensure_ascii=False, default=str, allow_nan=False) + "\n"


def _scenario(compared: Compared) -> Json:
    scenario = compared.result.case.scenario
    named = {"file": compared.file, "name": scenario.name, "summary": scenario.summary, "label": compared.label}
    return {**named, "figures": compared.figures}


def _other(first: Compared, other: Compared) -> Json:
    comparison = Comparison(first.result, other.result)
    found = comparison.attribution
    return {
        **_scenario(other),
        "sentence": explanation(comparison, opening(first, other)),
        "inputs": [_change(change) for change in comparison.changes],
        "change": _amounts(comparison.change),
        "unreached_date_counts_as": comparison.end,
        "attribution": [_share(share) for share in found.shares],
        "standard_errors": None if found.errors is None else [_amounts(each) for each in found.errors],
        "orders": "all" if found.orders is None else found.orders,
        "advice_changes": comparison.flips,
        "changed_alone_by": [_names(cause) for cause in found.alone],
        "changed_together_by": [_names(cause) for cause in found.together],
    }


def _change(change: Change) -> Json:
    unit = unit_of(change.field) if change.field else ""
    before, after = (_plain(value) for value in (change.before, change.after))
    return {"path": change.name, "kind": change.kind, "before": before, "after": after, "unit": unit}


def _plain(value: Any) -> Any:
    return value.model_dump(exclude_unset=True) if isinstance(value, Part) else plain(value)


def _share(share: Share) -> Json:
    return {"inputs": _names(share.cause), "words": phrase(share.cause), **_amounts(share.amounts)}


def _amounts(amounts: Floats) -> Json:
    return {
        f"{figure}_days" if figure in DATES else figure: float(a) for figure, a in zip(FIGURES, amounts, strict=True)
    }


def _names(cause: Cause) -> list[str]:
    return [change.name for change in cause.changes]
