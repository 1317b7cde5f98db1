"""Candidates of a draft added, copied, renamed and removed: each a change of the whole table, so one step to take back.

Numbers of a new one that no price list has (people, days, odds) are those that a ranking assumes; what another
candidate of the scenario says of pay and of the latency promise is taken from there.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from switchpoint.catalog import PriceRow
from switchpoint.catalog.hardware import open_model_named
from switchpoint.catalog.templates import size_of_parameters, size_of_price, template_value
from switchpoint.ranking.offer import build_tables, switch_tables
from switchpoint.ranking.token_offers import coverage_as_is
from switchpoint.scenario.schema import COLUMNS, Scenario
from switchpoint.text import count, join_names, percent, usd
from switchpoint.ui import session
from switchpoint.ui.draft_changes import Tree, copy_tree

CANDIDATES = "candidates"
LONGEST_NAME = 80


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


def listed_candidate(kind: str, row: PriceRow, tree: Tree, scenario: Scenario) -> dict[str, Any]:
    """A candidate at a price of the catalogue: another API, or an open model that somebody hosts."""
    known = open_model_named(row.model)
    size = size_of_price(row.output) if known is None else size_of_parameters(known.params_billion)
    assumed = switch_tables(coverage_as_is(scenario, row.model, size), is_open=kind == "hosted")
    return _paid_as_before({"kind": kind, "provider": row.provider, "model": row.model, **assumed}, tree)


def own_candidate(base: str, precision: str, gpu: str, gpus: int, tree: Tree) -> dict[str, Any]:
    """A candidate on GPUs of one's own, rented at the catalogue's price, with a project that trains."""
    model = open_model_named(base)
    size = size_of_parameters(0 if model is None else model.params_billion)
    assumed = build_tables(size, template_value("coverage_tuned", size))
    promise = {key: _said_before(tree, ("fleet", key), template_value(key)) for key in ("ttft_p95_s", "tpot_p95_s")}
    spare = {
        "spare_replicas": int(template_value("spare_replicas")),
        "overhead_share": template_value("overhead_share"),
    }
    table = {
        "kind": "gpu",
        "model": {"base": base, "precision": precision},
        "fleet": {"gpu": gpu, "gpus_per_replica": gpus, **spare, **promise},
        **assumed,
    }
    return _paid_as_before(table, tree)


def assumed_words(table: Mapping[str, Any]) -> str:
    """What is assumed of a new candidate, in words: what it answers, its people, labels and days."""
    project, upkeep = table["project"], table.get("upkeep", {})
    examples, people = project.get("examples", 0), project["engineers"]
    said = [
        f"{percent(table['coverage'])} of the requests taken over",
        f"{people:g} engineer{'s' * (people != 1)}",
        f"{count(examples)} labelled examples" if examples else "",
        f"evaluations of {project['evaluation_days']:g} days",
        f"{project['shadow_days']:g} days of shadow and {project['ramp_days']:g} of ramp",
        f"{upkeep['engineers']:g} engineers and {usd(upkeep['usd_per_month'])} a month afterwards" if upkeep else "",
    ]
    return join_names([each for each in said if each])


def _paid_as_before(table: dict[str, Any], tree: Tree) -> dict[str, Any]:
    """A new candidate whose engineers are paid as those of another candidate of the scenario are."""
    project = table["project"]
    paid = _said_before(tree, ("project", "usd_per_engineer_month"), project["usd_per_engineer_month"])
    return {**table, "project": {**project, "usd_per_engineer_month": paid}}


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
