"""The pages of method and assumptions of a sweep."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

from switchpoint.export.assumptions import assumed
from switchpoint.export.story import Page, Table
from switchpoint.export.words import short
from switchpoint.report.story.method import HEAD, WIDTHS, assumption_row
from switchpoint.report.story.sweep.swept import Swept
from switchpoint.scenario.access import Disk
from switchpoint.scenario.errors import ScenarioError
from switchpoint.scenario.files import Loaded, load_source
from switchpoint.scenario.reading import read_text
from switchpoint.scenario.remarks import remarks
from switchpoint.words import count

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
    if swept.unfinished:
        yield swept.unfinished
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
    rows = assumed(loaded.scenario, sources, remarks(loaded))
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
