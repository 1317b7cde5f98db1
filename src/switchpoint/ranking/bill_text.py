"""The scenario file of a bill: what is assumed listed first, each line with whose number it is."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator, Sequence
from datetime import date

from switchpoint.ranking.candidate_tables import COLUMN, picks, with_candidates
from switchpoint.ranking.from_bill import BillScenario, StatedInput, Whose
from switchpoint.ranking.offer_figures import OfferFigures
from switchpoint.ranking.offer_reasons import assumption_lines, cost_note
from switchpoint.ranking.rank import Ranking
from switchpoint.scenario.introspection import field_at
from switchpoint.scenario.labels import spoken
from switchpoint.scenario.toml_writer import text_of
from switchpoint.text import day

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
