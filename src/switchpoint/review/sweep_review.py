"""Review of a sweep; its method and tables."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from switchpoint.charts.sweeps import decision_map, driven, drivers_chart
from switchpoint.review.assumption_rows import applying, assumption_columns, assumptions_of
from switchpoint.review.build import chart_columns, columns
from switchpoint.review.method_pages import HEAD, WIDTHS, assumption_row
from switchpoint.review.pages import Columns, Page, Review, Table, short
from switchpoint.review.sweep_pages import (
    Swept,
    drivers_page,
    failures_page,
    map_page,
    points_page,
    verdict_page,
    verdict_sentence,
)
from switchpoint.scenario.access import Disk
from switchpoint.scenario.errors import ScenarioError, show
from switchpoint.scenario.load import Loaded, load_source, remarks
from switchpoint.scenario.toml_source import read_text
from switchpoint.study.sweep.drivers_and_map import Influence
from switchpoint.study.sweep.results import VariedInput
from switchpoint.study.sweep.study_file import Vary
from switchpoint.study.sweep.summary import ADVICE_ALONE, SweepSummary, as_json
from switchpoint.text import count, join_names

MOST_SCENARIOS = 2
"""With more base scenarios, none of their assumptions are listed: a review would drown in them."""


def method_page(swept: Swept, listed: int) -> Page:
    """How the figures were made, and their limits; `listed` is how many scenarios have their assumptions told."""
    title = "Every point counts the same: shares of points are no probabilities"
    bullets = (*_method(swept), *_limits(swept, listed))
    return Page("method", "Method and limits", title, bullets=bullets, notes=f"{title}.")


def _method(swept: Swept) -> Iterator[str]:
    drawn = swept.study.draws
    yield (
        f"Each point is {count(drawn)} draws of its scenario, the same in every point: differences are no noise."
        if drawn
        else "Each point is the base case of its scenario with other values: the middle of every range that is not "
        "varied; events likelier than not happen, others do not. It does not say how sure a point is; a sweep with "
        "draws does."
    )
    yield f"{ADVICE_ALONE}; what a policy comes to stands in the rows."
    yield (
        "A sweep asks what would be right if an input had this value or that. How likely the values are it does not "
        "know: ranges that are wider or finer give other shares."
    )
    yield (
        "What drives a result is told by first-order shares: the variance of the means over an input's values, or over "
        "ten bins of them, as part of the variance of all points, adjusted for the number of bins. What inputs do only "
        "together belongs to none of them, so shares need not add up to 100 %."
    )
    yield (
        "Later or earlier, more or less go by the rank correlation over all points; below 0.1 no direction is told. In "
        "the map each cell has the answer that most of its points get."
    )


def _limits(swept: Swept, listed: int) -> Iterator[str]:
    if swept.unfinished_words:
        yield swept.unfinished_words
    if swept.results.failed:
        failed = swept.results.failed
        which = (
            "1 point could not be computed and is"
            if failed == 1
            else f"{count(failed)} points could not be computed and are"
        )
        yield f"{which} left out; the column error of the sweep's rows says why."
    rest = len(swept.scenarios) - listed
    if rest:
        which = "The assumptions" if not listed else f"The assumptions of {rest} more scenarios"
        yield f"{which} are kept in the sweep's manifest.json: texts of all scenarios, and every price with its source."


def assumption_pages(swept: Swept) -> Iterator[Page]:
    """Every assumption of the base scenarios, with source and date, before anything was varied."""
    for place, name in enumerate(swept.scenarios if len(swept.scenarios) <= MOST_SCENARIOS else ()):
        loaded = base_scenario(swept, place)
        if loaded is not None:
            yield _assumptions_page(swept, name, loaded, place)


def _assumptions_page(swept: Swept, name: str, loaded: Loaded, place: int) -> Page:
    sources = [each for each in swept.content["sources"] if each["scenario"] == name]
    rows = applying(assumptions_of(loaded.scenario, sources, remarks(loaded)), loaded.scenario)
    stated = sum(row.stated for row in rows)
    whose = f" of {short(name)}" if len(swept.scenarios) > 1 else ""
    title = f"All {len(rows)} assumptions{whose} before anything varied, {stated} of them stated, with source and date"
    table = Table(HEAD, tuple(map(assumption_row, rows)), WIDTHS)
    key = "assumptions" if place == 0 else f"assumptions-{place + 1}"
    return Page(key, "Assumptions", title, tables=(("", table),), notes=swept.basis)


def base_scenario(swept: Swept, place: int) -> Loaded | None:
    """A base scenario as the sweep read it; None where files that it refers to are gone or have changed since."""
    name, file = swept.scenarios[place], str(Path(swept.study.scenarios[place]))
    text, kept = swept.content["texts"][name], swept.content["scenarios"][name]["stated"]
    try:
        files = Disk()
        source = read_text(text, file, Path(file).parent, files)
        if json.loads(json.dumps(source.tree, default=str)) != kept:
            return None
        return load_source(text, file, source, tuple(swept.study.set.items()), files)
    except (ScenarioError, OSError):
        return None


MOST_VALUES = 6
"""Values of a list that are told one by one."""
LONGEST_VALUE, LONGEST_ABOUT = 60, 200
"""Letters."""
SAMPLES = {
    "lhs": "a Latin hypercube: evenly spread over every range",
    "sobol": "a scrambled Sobol' sequence: evenly spread over all ranges together",
}


def varied_page(swept: Swept) -> Page:
    """What was varied."""
    inputs, scenarios = swept.all_inputs, swept.scenarios
    rows = tuple(
        (short(_capitalize(each.name), LONGEST_VALUE), values(each, vary), short(vary.path, 2 * LONGEST_VALUE))
        for each, vary in zip(inputs, swept.study.vary, strict=True)
    )
    tables = [
        ("Inputs", Table(("Input", "Values", "Where it stands in the scenario"), rows, (2.4, 3.4, 3))),
        ("Base scenarios" if len(scenarios) > 1 else "Base scenario", _scenarios(swept)),
    ]
    of = f" in each of {len(scenarios)} scenarios" if len(scenarios) > 1 else ""
    title = f"{_inputs(len(inputs))} varied{of}: {sampling_words(swept)}"
    bullets = tuple(_settings(swept))
    return Page("varied", "What was varied", title, bullets=bullets, tables=tuple(tables), notes=f"{title}.")


def _inputs(number: int) -> str:
    return "One input was" if number == 1 else f"{number} inputs were"


def sampling_words(swept: Swept) -> str:
    """How points were chosen."""
    study = swept.study
    if study.sample == "grid":
        planned = swept.results.planned_points
        if planned == 1:
            return "one point"
        return f"{'every value' if len(study.vary) == 1 else 'every combination'}, {count(planned)} points"
    return f"{count(study.points or 0)} points of {SAMPLES[study.sample]}, seed {study.seed}"


def values(each: VariedInput, vary: Vary) -> str:
    """The values that an input takes: one by one, or as a range."""
    if vary.values is not None:
        told = [short(_value_words(each, value), LONGEST_VALUE) for value in vary.values]
        if len(told) <= MOST_VALUES:
            return join_names(told)
        return f"{', '.join(told[: MOST_VALUES - 1])} … {told[-1]}, {len(told)} values"
    ends = f"{_value_words(each, vary.low)} to {_value_words(each, vary.high)}"
    steps = f", {vary.steps} values" if vary.steps is not None else ""
    return f"{ends}{steps}{', in equal ratios' if each.log else ''}"


def _value_words(each: VariedInput, value: Any) -> str:
    return each.with_unit(value if not isinstance(value, dict) else show(value))


def _scenarios(swept: Swept) -> Table:
    """The base scenarios with what they are about."""
    rows = []
    for name, each in swept.content["scenarios"].items():
        stated = each["stated"]
        about = ": ".join(filter(None, (str(stated.get("name") or ""), str(stated.get("summary") or ""))))
        rows.append((short(name, LONGEST_VALUE), short(about, LONGEST_ABOUT), swept.brief(_advice(swept, name))))
    if not any(about for _, about, _ in rows):
        return Table(("Scenario", "Advice of its base case"), tuple((name, told) for name, _, told in rows), (1.6, 7))
    return Table(("Scenario", "What it is about", "Advice of its base case"), tuple(rows), (1.6, 3.4, 3.8))


def _advice(swept: Swept, scenario: str) -> str:
    return str(swept.content["advice"][scenario]["sentence"])


def _settings(swept: Swept) -> Iterator[str]:
    for path, value in swept.study.set.items():
        yield short(f"In every point {path} is {show(value)}.", LONGEST_ABOUT)


def _capitalize(text: str) -> str:
    return text[:1].upper() + text[1:]


def sweep_tables(swept: Swept) -> dict[str, Columns]:
    """Tables by the name of their file; empty ones are left out."""
    found = {name: columns(rows) for name, rows in _tables(swept) if rows}
    return {"points": _points(swept), **found}


def _points(swept: Swept) -> Columns:
    """One row for each point that could be computed: its inputs, and what it is advised."""
    found = swept.results
    inputs = {each.column: each.values for each in found.inputs if each.column != "scenario"}
    return {
        "point": found.points,
        "scenario": found.scenario,
        **inputs,
        "action": found.action,
        "candidate": found.candidate,
        "start_by": found.start_by,
        "npv_saving_usd": found.saving.tolist(),
        "another_answer_than_base_case": found.other.tolist(),
        "base_case_date_too_late": found.too_late.tolist(),
    }


def _tables(swept: Swept) -> Iterator[tuple[str, list[dict[str, Any]]]]:
    summary, told = swept.summary, as_json(swept.summary)
    yield "answers", [{"answer": answer, "share_of_points": share} for answer, share in swept.answers]
    yield "map", (told["map"] or {"cells": []})["cells"]
    drives = {"start_by": summary.on_start, "npv_saving_usd": summary.on_saving, "answer": summary.on_answer}
    yield "drivers", [_driver(what, each) for what, found in drives.items() for each in found]
    yield "fails", [_failure(name, each) for name, each in told["fails"].items()]
    yield (
        "assumptions",
        [row for place in range(len(swept.scenarios[:MOST_SCENARIOS])) for row in _assumption_rows(swept, place)],
    )


def _driver(what: str, each: Influence) -> dict[str, Any]:
    return {
        "drives": what,
        "input": each.input.column,
        "name": each.input.name,
        "share_of_variance": each.share,
        "direction": each.direction,
    }


def _failure(name: str, each: dict[str, Any]) -> dict[str, Any]:
    box = each["box"] or {"text": "", "density": None, "coverage": None, "share_of_points": None}
    head = {"failure": name, "what": each["what"], "share": each["share"], "box_of": each["box_of"]}
    return {**head, **{f"box_{key}": value for key, value in box.items()}}


def _assumption_rows(swept: Swept, place: int) -> list[dict[str, Any]]:
    loaded, name = base_scenario(swept, place), swept.scenarios[place]
    if loaded is None:
        return []
    sources = [each for each in swept.content["sources"] if each["scenario"] == name]
    rows = applying(assumptions_of(loaded.scenario, sources, remarks(loaded)), loaded.scenario)
    return [{"scenario": name, **assumption_columns(row)} for row in rows]


def build_sweep_review(summary: SweepSummary) -> Review:
    """The story of a sweep, as plain data for deck, report and PDF."""
    swept = Swept(summary)
    pages = tuple(_pages(swept))
    return Review(
        name=swept.study.name,
        summary=swept.study.summary,
        sentence=verdict_sentence(swept),
        basis=swept.basis,
        pages=pages,
        charts=_charts(swept),
        tables={**sweep_tables(swept), **chart_columns(pages)},
    )


def _pages(swept: Swept) -> Iterator[Page]:
    yield verdict_page(swept)
    yield from filter(None, (map_page(swept), drivers_page(swept), failures_page(swept)))
    yield points_page(swept)
    yield varied_page(swept)
    assumed = list(assumption_pages(swept))
    yield method_page(swept, len(assumed))
    yield from assumed


def _charts(swept: Swept) -> Mapping[str, Mapping[str, Any]]:
    """The Vega-Lite specification of every chart, titled, by the name of its file."""
    summary, charts = swept.summary, {}
    if summary.regions is not None:
        charts["decision-map"] = decision_map(summary.regions, summary.results.candidates).to_dict()
    found = driven(summary.on_start, summary.on_saving)
    if found is not None:
        charts["drivers"] = drivers_chart(found).to_dict()
    return charts
