"""Scenario files of offers and of bills: what is assumed stands first, and each line says whose number it is."""

from __future__ import annotations

import re
import textwrap
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from typing import Any

from switchpoint.ranking.from_bill import BillScenario, StatedInput, Whose
from switchpoint.ranking.offer_figures import OfferFigures
from switchpoint.ranking.offers import CandidateOffer
from switchpoint.ranking.rank import Ranking, assumption_lines, cost_note
from switchpoint.scenario.introspection import field_at
from switchpoint.scenario.labels import spoken
from switchpoint.scenario.toml_writer import text_of, update_text
from switchpoint.text import day

# Offers as text of a scenario file -----------------------------------------------------------------------------------

COLUMN = 38
ASSUMED = "assumption"
COMMENTS = {
    "coverage": "assumption: quality is in no price list",
    "model": "priced from the catalogue",
    "provider": "from the catalogue",
    "reserved_usd_per_gpu_hour": "from the catalogue",
    "purchase_usd_per_gpu": "assumption: a share of its server included",
    "ttft_p95_s": "latency promise: time to the first token",
    "tpot_p95_s": "and per output token",
    "max_replicas": "the size that costs least over the horizon",
    "reserved_replicas": "the number that costs least over the horizon",
    "spare_replicas": "assumption: one more than load needs",
    "overflow": "what is left over goes to the current route",
}
OF_CATALOGUE = ("kind", "base", "precision", "gpu", "gpus_per_replica", "spot")
"""Fields that say what the candidate is; what has no comment and is none of these is assumed."""
TABLE = re.compile(r"\[(.+)\]$")
FIELD = re.compile(r"(\w+) = ")


def picks(ranking: Ranking) -> tuple[OfferFigures, ...]:
    """Two or three that differ in kind, the cheapest of each: any model by the token, another of today's provider,
    GPUs rented on demand. Bought GPUs are a step that nobody takes first."""
    own_provider = (ranking.scenario.current.listed_model or ("", ""))[0]
    lines = [each.figures for each in ranking.candidates]
    every = [*lines, *(figures for each in ranking.candidates for figures in each.alternatives)]
    by_token = [each for each in lines if each.offer.in_tokens]
    near = [each for each in by_token if each.offer.tree.get("provider") == own_provider]
    rented = [each for each in every if not each.offer.in_tokens and each.offer.terms == "on demand"]
    rented.sort(key=lambda each: each.usd_per_month.then)
    found = [group[0] for group in (by_token, near, rented) if group]
    return tuple({each.offer.name: each for each in found}.values())


def with_candidates(
    text: str, offers: Sequence[CandidateOffer], notes: Mapping[str, str], there: Mapping[str, Any] | None = None
) -> tuple[str, list[str]]:
    """The text of a scenario file with more candidates, all that stands there kept.

    Args:
        text: of the file.
        offers: what is added; one whose very table is there already is not added again.
        notes: a comment for the head of each, by the offer's name.
        there: the candidates that the scenario has, where the file extends another; left out, those of the text.

    Returns:
        The new text, and the names under which they stand.
    """
    known = tomllib.loads(text).get("candidates", {}) if there is None else there
    taken, blocks, names, trees = set(known), [], [], {}
    for offer in offers:
        if dict(offer.tree) in list(known.values()):
            continue
        name = _free_name(offer.name, taken)
        taken.add(name)
        names.append(name)
        trees[name] = offer.tree
        blocks.append(candidate_block(name, offer, notes.get(offer.name, "")))
    if not blocks:
        return text, []
    if _is_inline(text):
        return update_text(text, {("candidates", name): tree for name, tree in trees.items()}), names
    return "\n\n".join([text.rstrip("\n"), *blocks]) + "\n", names


def _is_inline(text: str) -> bool:
    """Whether the file states its candidates in one line, behind which no table can follow."""
    return re.search(r"^\s*candidates\s*=", text, re.MULTILINE) is not None


def _free_name(name: str, taken: set[str]) -> str:
    number, free = 2, name
    while free in taken:
        free, number = f"{name}-{number}", number + 1
    return free


def candidate_block(name: str, offer: CandidateOffer, note: str) -> str:
    """The tables of one offer, each line with what it is: from the catalogue, or assumed."""
    head = [f"# From the catalogue: {offer.title}.", *([f"# {note}"] if note else [])]
    source = f"# {offer.sources[0]}."
    return "\n".join([*head, source, *_add_comments(text_of({"candidates": {name: offer.tree}}))])


def _add_comments(text: str) -> Iterator[str]:
    for line in filter(None, text.splitlines()):
        comment = _comment(line)
        yield f"{line:<{COLUMN - 1}} # {comment}" if comment else line


def _comment(line: str) -> str:
    field = FIELD.match(line)
    if field is None or TABLE.match(line) or field[1] in OF_CATALOGUE:
        return ""
    return COMMENTS.get(field[1], ASSUMED)


def as_tree(offers: Sequence[CandidateOffer], taken: Sequence[str]) -> dict[str, Any]:
    """Offers as tables of a scenario, under names that are free."""
    names, found = set(taken), {}
    for offer in offers:
        name = _free_name(offer.name, names)
        names.add(name)
        found[name] = dict(offer.tree)
    return found


# The scenario file of a bill -----------------------------------------------------------------------------------------

WIDTH = 118
FEW = 3
"""Layouts of a replica that are simulated for a first answer, one of each size class: one of them is taken."""
LABELS = {
    ("start",): "the first day",
    ("months",): "the horizon",
    ("usage", "requests_per_day"): "requests a day",
    ("usage", "input_tokens"): "input tokens",
    ("usage", "output_tokens"): "output tokens",
    ("usage", "cached_input_share"): "cached input",
    ("usage", "growth", "per_month"): "growth",
    ("usage", "hourly_profile"): "hours of the day",
    ("revenue", "usd_per_month"): "revenue",
    ("revenue", "growth_per_month"): "growth of revenue",
    ("limit", "usd_per_month"): "limit",
    ("limit", "share_of_revenue"): "limit",
    ("current", "provider"): "provider",
    ("current", "model"): "model",
    ("decision", "discount_rate_per_year"): "discount rate",
}
NO_LIMIT = "no limit, so savings alone decide and revenue plays no part (--limit or --limit-share states one)"
TABLES = ("usage", "revenue", "limit", "current", "decision")


def label_of(stated: StatedInput) -> str:
    """What an input is called."""
    return LABELS.get(stated.path, stated.path[-1].replace("_", " "))


def value_words(stated: StatedInput) -> str:
    """The value of an input as people write it."""
    return day(stated.value) if isinstance(stated.value, date) else spoken(stated.value, field_at(stated.path, {}))


def assumed_first(made: BillScenario, ranking: Ranking | None = None) -> list[str]:
    """What is not the user's own, one line each, the solved one first and then what is assumed."""
    lines = [f"solved: {made.solved}"]
    lines += [f"assumed: {label_of(each)} {value_words(each)} ({each.words})" for each in made.of("assumed")]
    lines += [] if made.scenario.limited else [f"assumed: {NO_LIMIT}"]
    lines += [f"assumed: {line}" for line in assumption_lines(ranking)[1:]] if ranking is not None else []
    return lines


def bill_scenario_text(made: BillScenario, ranking: Ranking) -> tuple[str, tuple[OfferFigures, ...]]:
    """The file with two or three candidates of the ranking, and which they are."""
    chosen = picks(ranking)
    notes = {each.offer.name: cost_note(ranking, each) for each in chosen}
    text, _ = with_candidates(_without_candidates(made, ranking), [each.offer for each in chosen], notes)
    return text, chosen


def _without_candidates(made: BillScenario, ranking: Ranking) -> str:
    head = [f"From a bill. {made.solved[:1].upper()}{made.solved[1:]}.", "", "Look at what is assumed first:"]
    head += [f"- {line}" for line in assumed_first(made, ranking)[1:]]
    comments = [each for line in head for each in (textwrap.wrap(line, WIDTH, subsequent_indent="  ") or [""])]
    top = [f"# {line}".rstrip() for line in comments]
    parts = ["\n".join([*top, *_lines({"name": made.name}), *_table(made, ())])]
    parts += ["\n".join([f"[{table}]", *_table(made, (table,))]) for table in TABLES if _of_table(made, (table,))]
    return "\n\n".join(parts) + "\n"


def _of_table(made: BillScenario, table: tuple[str, ...]) -> list[StatedInput]:
    return [each for each in made.inputs if each.path[: len(table)] == table and (table or len(each.path) == 1)]


def _table(made: BillScenario, table: tuple[str, ...]) -> Iterator[str]:
    for each in _of_table(made, table):
        inner = {".".join(each.path[len(table) :]): each.value}
        if each.path == ("usage", "growth", "per_month"):
            yield from _growth(each)
            continue
        (line,) = _lines(inner)
        yield _with_comment(line, each)


def _growth(stated: StatedInput) -> Iterator[str]:
    if stated.value:
        yield _with_comment(f'growth = {{ curve = "compound", per_month = {stated.value:.6g} }}', stated)
    else:
        yield _with_comment('growth = { curve = "constant" }', stated)


def _with_comment(line: str, stated: StatedInput) -> str:
    return f"{line:<{COLUMN - 1}} # {whose_words(stated.whose)}: {stated.words}"


def whose_words(whose: Whose) -> str:
    """Whose a number is, as it stands before what is said of it."""
    return {"yours": "yours", "solved": "from your bill", "assumed": "assumed"}.get(whose, whose)


def _lines(values: dict[str, object]) -> Sequence[str]:
    return text_of(values).strip().splitlines()
