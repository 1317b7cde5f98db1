"""Offers as text of a scenario file: tables with comments that say what is assumed, added behind all that is there."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from switchpoint.ranking.offer import CandidateOffer
from switchpoint.ranking.offer_figures import OfferFigures
from switchpoint.ranking.rank import Ranking
from switchpoint.scenario.toml_writer import text_of, update_text

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
