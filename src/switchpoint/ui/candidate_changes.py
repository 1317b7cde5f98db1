"""Candidates of a draft added, copied, renamed and removed: each a change of the whole table, so one step to take back.

Numbers of a new one that no catalogue has (people, days, odds) are assumptions; what another candidate of the scenario
says of people and of the latency promise is taken from there.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from switchpoint.catalog import PriceRow
from switchpoint.scenario.schema import COLUMNS
from switchpoint.ui import session
from switchpoint.ui.draft_changes import Tree, copy_tree

CANDIDATES = "candidates"
LONGEST_NAME = 80
USD_PER_ENGINEER_MONTH = 16_000
PROMISE = {"ttft_p95_s": 1.0, "tpot_p95_s": 0.05}
ASSUMED = {
    "api": "one engineer, 10 days of evaluation (7 in 10 pass), 7 of shadow, 14 of ramp",
    "hosted": "one engineer, 10 days of evaluation (7 in 10 pass), 7 of shadow, 14 of ramp, a twentieth of an "
    "engineer and $300 a month afterwards",
    "gpu": "two engineers, 5,000 labelled examples at $0.40, trainings at $500, shadow and ramp of 14 days each, half "
    "an engineer afterwards, 95 % of requests taken over",
}
"""What is assumed of each kind of candidate, in words."""


def named_candidates(tree: Tree) -> dict[str, Any]:
    """The candidates of a tree by name; none where there is no such table."""
    found = tree.get(CANDIDATES)
    return dict(found) if isinstance(found, Mapping) else {}


def free_name(wanted: str, taken: Iterable[str]) -> str:
    """A name that no other candidate has: the wanted one, or with a number.

    >>> free_name("own-8b", ["own-8b", "own-8b-2"]), free_name("stay", [])
    ('own-8b-3', 'stay-2')
    """
    wanted, used = wanted[: LONGEST_NAME - 4], {*taken, *COLUMNS}
    numbers = (f"{wanted}-{number}" for number in range(2, len(used) + 3))
    return next(name for name in (wanted, *numbers) if name not in used)


def name_fault(name: str, taken: Iterable[str]) -> str:
    """Why a name cannot be given to a candidate; nothing where it can.

    >>> name_fault("own-8b", ["own-8b"]), name_fault("ours", ["own-8b"])
    ('Another candidate is called that.', '')
    """
    if not name or not name.isprintable() or len(name) > LONGEST_NAME:
        return f"Type a name of 1 to {LONGEST_NAME} letters."
    if name in taken:
        return "Another candidate is called that."
    if name in COLUMNS or name.removesuffix("_per_1000") in COLUMNS:
        return "That is the name of a column of the monthly table; choose another."
    return ""


def with_candidate(tree: Tree, name: str, table: Mapping[str, Any]) -> dict[str, Any]:
    """A tree with one candidate more."""
    return {**tree, CANDIDATES: {**named_candidates(tree), name: copy_tree(table)}}


def with_copy(tree: Tree, name: str) -> dict[str, Any]:
    """A tree with a candidate a second time, under a name that is free."""
    found = named_candidates(tree)
    return with_candidate(tree, free_name(name, found), found[name])


def with_new_name(tree: Tree, old: str, new: str) -> dict[str, Any]:
    """A tree with a candidate under another name, in its place among the others."""
    renamed = {new if name == old else name: table for name, table in named_candidates(tree).items()}
    return {**tree, CANDIDATES: renamed}


def without_candidate(tree: Tree, name: str) -> dict[str, Any]:
    """A tree without a candidate."""
    return {**tree, CANDIDATES: {each: table for each, table in named_candidates(tree).items() if each != name}}


def listed_candidate(kind: str, row: PriceRow, tree: Tree) -> dict[str, Any]:
    """A candidate at a price of the catalogue: another API, or an open model that somebody hosts."""
    project = _people(tree, 1) | {
        "evaluation_days": 10,
        "pass_probability": [0.7],
        "shadow_days": 7,
        "ramp_days": 14,
    }
    table: dict[str, Any] = {"kind": kind, "provider": row.provider, "model": row.model, "project": project}
    return table | ({"upkeep": {"engineers": 0.05, "usd_per_month": 300}} if kind == "hosted" else {})


def own_candidate(base: str, precision: str, gpu: str, gpus: int, tree: Tree) -> dict[str, Any]:
    """A candidate on GPUs of one's own, rented at the catalogue's price, with a project that trains."""
    promise = {key: _said_before(tree, ("fleet", key), usual) for key, usual in PROMISE.items()}
    training = {"examples": 5_000, "labels_per_day": 200, "usd_per_example": 0.4, "usd_per_iteration": 500}
    days = {"training_days": 2, "evaluation_days": 7, "intervention_days": 10, "shadow_days": 14, "ramp_days": 14}
    return {
        "kind": "gpu",
        "coverage": 0.95,
        "model": {"base": base, "precision": precision},
        "fleet": {"gpu": gpu, "gpus_per_replica": gpus, "spare_replicas": 1, **promise},
        "project": _people(tree, 2) | training | days | {"pass_probability": [0.4, 0.6]},
        "upkeep": {"engineers": 0.5, "retrain_every_months": 4},
    }


def _people(tree: Tree, engineers: int) -> dict[str, Any]:
    paid = _said_before(tree, ("project", "usd_per_engineer_month"), USD_PER_ENGINEER_MONTH)
    return {"engineers": engineers, "usd_per_engineer_month": paid}


def _said_before(tree: Tree, path: tuple[str, str], usual: float) -> Any:
    """What the first candidate that says anything there says."""
    outer, last = path
    for table in named_candidates(tree).values():
        inner = table.get(outer) if isinstance(table, Mapping) else None
        if isinstance(inner, Mapping) and last in inner:
            return copy_tree(inner[last])
    return usual


def copy_candidate(name: str) -> None:
    """Work on a draft with a candidate twice."""
    _change(with_copy(session.draft_tree(), name))


def remove_candidate(name: str) -> None:
    """Work on a draft without a candidate."""
    _change(without_candidate(session.draft_tree(), name))


def rename_candidate(old: str, new: str) -> None:
    """Work on a draft with a candidate under another name."""
    _change(with_new_name(session.draft_tree(), old, new))


def _change(tree: Tree) -> None:
    session.become(session.draft().as_tree(session.base_tree(), tree))
