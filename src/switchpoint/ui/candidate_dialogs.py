"""Candidates of a draft added, copied, renamed and removed: the changes, and the dialogs and menus for them.

Candidates of a draft added, copied, renamed and removed: each a change of the whole table, so one step to take back.

Numbers of a new one that no price list has (people, days, odds) are those that a ranking assumes; what another
candidate of the scenario says of pay and of the latency promise is taken from there.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import streamlit as st

from switchpoint.catalog import CatalogError, OpenModel, PriceRow, gpu, gpus, model, models, rent
from switchpoint.catalog.hardware import open_model_named
from switchpoint.catalog.templates import size_of_parameters, size_of_price, template_value
from switchpoint.ranking.offers import build_tables, coverage_as_is, switch_tables
from switchpoint.scenario.schema import COLUMNS, Scenario
from switchpoint.text import count, join_names, percent, usd
from switchpoint.ui import session
from switchpoint.ui.draft_changes import Tree, copy_tree, named_candidates
from switchpoint.ui.model_choice import (
    cheaper_models,
    current_row,
    hosted_models,
    listed_models,
    pick_model,
    shares_less,
    tokens_usd,
)
from switchpoint.ui.session import View, close_dialog, dialog_subject, open_dialog
from switchpoint.ui.terms import explain
from switchpoint.ui.widgets import finish_dialog, plain

# Candidates of a draft added, copied, renamed and removed ------------------------------------------------------------

CANDIDATES = "candidates"
LONGEST_NAME = 80


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


# Dialogs and menus to add, copy, rename and remove candidates, at the left and on the cards --------------------------

RENAME, COPY, REMOVE = "Rename", "Duplicate", "Remove"
KINDS = {"api": "Cheaper model", "hosted": "Hosted open model", "gpu": "GPUs of your own"}
ICONS = {"api": ":material/savings:", "hosted": ":material/cloud:", "gpu": ":material/memory:"}
PRECISIONS = {"bf16": 2.0, "fp8": 1.0, "int8": 1.0, "int4": 0.5}
"""Bytes of a parameter."""
ROOM = 0.75
"""Part of the memory that weights may take at first; the rest is for requests."""
NEW_NAME, NAME_OF_NEW = "candidate_new_name", "candidate_name"


def candidate_menu(name: str, place: str) -> None:
    """What can be done with a candidate.

    Args:
        name: of the candidate.
        place: tells this menu from the same one elsewhere on the page.
    """
    key = f"{place} menu {name}"
    st.menu_button(
        "Change",
        [RENAME, COPY, REMOVE],
        key=key,
        type="tertiary",
        icon=":material/more_horiz:",
        on_click=_do,
        args=(name, key),
        help=plain(f"Rename, duplicate or remove {name}"),
    )


def _do(name: str, key: str) -> None:
    match st.session_state[key]:
        case "Rename":
            open_dialog("rename", name)
        case "Duplicate":
            copy_candidate(name)
        case "Remove":
            remove_candidate(name)


def add_buttons(place: str) -> None:
    """A button for each kind of candidate."""
    with st.container(horizontal=True):
        for kind, label in KINDS.items():
            st.button(
                f"Add: {label[0].lower() if kind != 'gpu' else label[0]}{label[1:]}",
                icon=ICONS[kind],
                key=f"{place} add {kind}",
                on_click=open_dialog,
                args=("add", kind),
                help=explain(label, "replica" if kind == "gpu" else ""),
            )


ADD = "add_candidate"


def add_menu() -> None:
    """The same as one button with a menu, for the inputs at the left."""
    st.menu_button("Add a candidate", list(KINDS.values()), icon=":material/add:", key=ADD, on_click=_open_add)


def _open_add() -> None:
    open_dialog("add", next(kind for kind, label in KINDS.items() if label == st.session_state[ADD]))


@st.dialog("Rename", icon=":material/edit:", on_dismiss=close_dialog)
def rename_dialog() -> None:
    """Another name for a candidate."""
    old = str(dialog_subject())
    taken = [name for name in named_candidates(session.draft_tree()) if name != old]
    new = st.text_input("Name of the candidate", value=old, max_chars=LONGEST_NAME, key=NEW_NAME).strip()
    wrong = name_fault(new, taken)
    if wrong:
        st.caption(f":material/error: {wrong}")
    if st.button("Rename it", type="primary", icon=":material/check:", key="rename it", disabled=bool(wrong)):
        rename_candidate(old, new)
        close_dialog()
        st.rerun()


@st.dialog("Add a candidate", width="large", icon=":material/add_circle:", on_dismiss=close_dialog)
def add_dialog() -> None:
    """A candidate of a kind, with a model or hardware of the catalogue; all else is assumed, and said to be."""
    view, kind = session.view(), str(dialog_subject())
    assert view.loaded is not None
    scenario = view.edited or view.loaded.scenario
    st.markdown(f"**{KINDS[kind]}**")
    wanted, table = _choose_own(scenario) if kind == "gpu" else _choose_listed(kind, scenario)
    found = named_candidates(session.draft_tree())
    name = st.text_input(
        "Name", value=free_name(wanted, found), max_chars=LONGEST_NAME, key=f"{NAME_OF_NEW} {wanted}"
    ).strip()
    wrong = name_fault(name, found)
    if wrong:
        st.caption(f":material/error: {wrong}")
    if table is not None:
        st.caption(plain(f"Assumed, and yours to change afterwards: {assumed_words(table)}."))
    label, can = "Add it", table is not None and not wrong
    if st.button(label, type="primary", icon=":material/check:", key="add candidate", disabled=not can) and table:
        _add(name, table)


def _add(name: str, table: Mapping[str, Any]) -> None:
    with st.spinner("Simulating it …"):
        wrong = session.take_tree(with_candidate(session.draft_tree(), name, table))
    finish_dialog(wrong, "This candidate cannot be added", f"{name} is a candidate now")


def _choose_listed(kind: str, scenario: Scenario) -> tuple[str, dict[str, Any] | None]:
    """A name to begin with, and the candidate, None while no model is chosen."""
    usage, now = scenario.usage, _usd_now(scenario)
    if kind == "hosted":
        rows = hosted_models(scenario.start)
    else:
        rows = cheaper_models(scenario.start, usage, now) if now else listed_models(scenario.start)
    about = shares_less(rows, usage, now) if now and kind == "api" else {}
    if about:
        st.caption("Every model whose tokens cost less than today's for one request, the dearest first.")
    row = pick_model(rows, "Provider and model", f"new model {kind}", about)
    if row is None:
        return ("cheaper-api" if kind == "api" else "hosted-open"), None
    return _short(row), listed_candidate(kind, row, session.draft_tree(), scenario)


def _usd_now(scenario: Scenario) -> float | None:
    """What the tokens of a request cost today, dollars, at the listed price; None where the price is stated."""
    row = current_row(scenario)
    return tokens_usd(row, scenario.usage) if row is not None else None


def _short(row: PriceRow) -> str:
    return row.model.rpartition("/")[2][:40] or "cheaper-api"


def _choose_own(scenario: Scenario) -> tuple[str, dict[str, Any] | None]:
    """The same of a model on GPUs of one's own."""
    del scenario
    with st.container(horizontal=True, vertical_alignment="bottom"):
        base = model(str(st.selectbox("Open model", [each.key for each in models()], key="new base", width=220)))
        precision = str(st.selectbox("Precision", list(PRECISIONS), index=1, key="new precision", width=120))
        rented = [each.key for each in gpus() if is_rented(each.key)]
        at = rented.index("L40S") if "L40S" in rented else 0
        card = str(st.selectbox("GPU", rented, index=at, key="new gpu", width=160))
        sizes = [size for size in base.replica_sizes if size <= 8] or [1]
        least = _fewest(base, precision, card, sizes)
        count = st.selectbox("GPUs of a replica", sizes, index=sizes.index(least), key=f"new gpus {base.key} {card}")
    price = rent(card).usd_per_gpu_hour
    st.caption(plain(f"Rent of a {card}: ${price:.2f} an hour, the catalogue's median; what it carries is simulated."))
    return f"own-{base.key}", own_candidate(base.key, precision, card, int(count or least), session.draft_tree())


def is_rented(name: str) -> bool:
    """Whether the catalogue knows what a GPU rents for."""
    try:
        rent(name)
    except CatalogError:
        return False
    return True


def _fewest(base: OpenModel, precision: str, card: str, sizes: list[int]) -> int:
    """The fewest GPUs that hold the weights with room for requests, else the most there are."""
    weights = base.params_billion * PRECISIONS[precision]
    return next((size for size in sizes if weights <= ROOM * size * gpu(card).hbm_gib), sizes[-1])


def menu_below(view: View, name: str) -> None:
    """The menu of a candidate below its inputs at the left."""
    if name in named_candidates(view.tree):
        candidate_menu(name, "inputs")
