"""The page of what was varied: inputs with their values, how points were chosen, and the base scenarios."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from switchpoint.export.story import Page, Table
from switchpoint.export.words import short
from switchpoint.report.story.sweep.swept import Swept
from switchpoint.scenario.words import show
from switchpoint.study.sweep.results import Input
from switchpoint.study.sweep.schema import Vary
from switchpoint.words import count, listed

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
    inputs, scenarios = swept.asked, swept.scenarios
    rows = tuple(
        (short(_begun(each.name), LONGEST_VALUE), values(each, vary), short(vary.path, 2 * LONGEST_VALUE))
        for each, vary in zip(inputs, swept.study.vary, strict=True)
    )
    tables = [
        ("Inputs", Table(("Input", "Values", "Where it stands in the scenario"), rows, (2.4, 3.4, 3))),
        ("Base scenarios" if len(scenarios) > 1 else "Base scenario", _scenarios(swept)),
    ]
    of = f" in each of {len(scenarios)} scenarios" if len(scenarios) > 1 else ""
    title = f"{_inputs(len(inputs))} varied{of}: {sampled(swept)}"
    bullets = tuple(_settings(swept))
    return Page("varied", "What was varied", title, bullets=bullets, tables=tuple(tables), notes=f"{title}.")


def _inputs(number: int) -> str:
    return "One input was" if number == 1 else f"{number} inputs were"


def sampled(swept: Swept) -> str:
    """How points were chosen."""
    study = swept.study
    if study.sample == "grid":
        planned = swept.results.planned
        if planned == 1:
            return "one point"
        return f"{'every value' if len(study.vary) == 1 else 'every combination'}, {count(planned)} points"
    return f"{count(study.points or 0)} points of {SAMPLES[study.sample]}, seed {study.seed}"


def values(each: Input, vary: Vary) -> str:
    """The values that an input takes: one by one, or as a range."""
    if vary.values is not None:
        told = [short(_told(each, value), LONGEST_VALUE) for value in vary.values]
        if len(told) <= MOST_VALUES:
            return listed(told)
        return f"{', '.join(told[: MOST_VALUES - 1])} … {told[-1]}, {len(told)} values"
    ends = f"{_told(each, vary.low)} to {_told(each, vary.high)}"
    steps = f", {vary.steps} values" if vary.steps is not None else ""
    return f"{ends}{steps}{', in equal ratios' if each.log else ''}"


def _told(each: Input, value: Any) -> str:
    return each.told(value if not isinstance(value, dict) else show(value))


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


def _begun(text: str) -> str:
    return text[:1].upper() + text[1:]
