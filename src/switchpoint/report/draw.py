"""The page of one draw: what was drawn, and its story event by event."""

from __future__ import annotations

from switchpoint.engine import Case
from switchpoint.report.files import as_text, story
from switchpoint.report.page import page
from switchpoint.report.text import aligned
from switchpoint.result import Json, Result
from switchpoint.study.draws.worlds import Worlds


def draw_page(worlds: Worlds, number: int, result: Result) -> str:
    """One world as a page of plain text: its numbers, its verdict had one known them, its story under the policy."""
    rows = [(name, f"{value:,.6g}") for name, value in drawn(worlds, number).items()]
    numbers = aligned(rows) if rows else "no number of the scenario is a range"
    told = _told(result)
    return (
        f"Draw {number} of seed {worlds.seed}\n{numbers}\n\n{page(result, f'Draw {number}')}\n"
        f"What happens in this draw, {_started(told)}\n\n{story(told)}"
    )


def _told(result: Result) -> Result:
    """Whose story is told: under the policy, but as advised where that is the default and has no limit to watch."""
    return result if result.case.scenario.limited else result.shown


def _started(result: Result) -> str:
    policy = result.case.scenario.decision.policy
    if result.advised:
        return "each candidate started as advised"
    return f"each candidate started under the policy {policy!s}{_own_lead(policy)}"


def _own_lead(policy: object) -> str:
    """Where a policy goes by how long the project takes: one draw alone cannot know how long it takes in most."""
    if policy not in ("lead", "staged"):
        return ""
    return ", by the length of the project in this draw (over many draws: the length that 80 % of them keep)"


def draw_json(worlds: Worlds, number: int, result: Result) -> str:
    """The same as indented JSON: the result's keys, and `draw`, `inputs` and `story`."""
    case = _told(result).case
    told: Json = {
        **result.as_json(),
        "seed": worlds.seed,
        "draws": 1,
        "draw": number,
        "inputs": drawn(worlds, number),
        "story": {outlook.name: events(case, outlook.name) for outlook in case.outlooks},
    }
    return as_text(told)


def drawn(worlds: Worlds, number: int) -> dict[str, float]:
    """The values of the uncertain numbers, by their dotted path."""
    row = worlds.values(number + 1)[number]
    return {each.name: float(value) for each, value in zip(worlds.inputs.all, row, strict=True)}


def events(case: Case, name: str) -> list[Json]:
    """The story of one candidate under the policy."""
    return [
        {"date": case.clock.date_of(entry.day), "subject": entry.subject, "text": entry.text}
        for entry in case.outlook(name).world.story
    ]
