"""Tripwires as a TOML file: written for people and for the next check, read back, held against what was observed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path as File
from typing import Annotated, Any, Literal, TypeAlias

import tomlkit
from pydantic import BeforeValidator, ConfigDict, Field, ValidationError
from pydantic_core import PydanticCustomError

from switchpoint.decision.verdict import Action
from switchpoint.scenario.access import Disk
from switchpoint.scenario.bounds import Bounds
from switchpoint.scenario.complaints import complaints
from switchpoint.scenario.errors import ScenarioError, dotted
from switchpoint.scenario.part import Day, Part, Text
from switchpoint.scenario.reading import read_file
from switchpoint.scenario.words import either, show

Direction: TypeAlias = Literal["below", "above"]


def _one_of(*words: str) -> BeforeValidator:
    def checked(raw: Any) -> Any:
        if raw not in words:
            message = f"must be {either(words)}; got {show(raw)}"
            raise PydanticCustomError("word", "{message}", {"message": message})
        return raw

    return BeforeValidator(checked)


Number: TypeAlias = Annotated[float, Bounds(uncertain=False)]


class Tripwire(Part):
    """One number to watch, and what its threshold changes."""

    model_config = ConfigDict(extra="ignore")

    name: Text
    """What the number is called."""
    path: Annotated[Text, Field(min_length=1)]
    """Where it stands in the scenario."""
    unit: Text
    """Its unit."""
    now: Number
    """Its value in the base case."""
    threshold: Number
    """The nearest value found at which the advice is another, or the date moves to today or away from it."""
    direction: Annotated[Direction, _one_of("below", "above")]
    """On which side of the threshold that is so."""
    changes: Annotated[Literal["advice", "date"], _one_of("advice", "date")]
    """What changes: what to do, or only whether it is due today."""
    action: Annotated[str, _one_of(*(action.value for action in Action))]
    """The advice beyond the threshold."""
    candidate: Text | None = None
    """What to start beyond the threshold, if anything."""
    sentence: Text
    """All of that in one sentence."""

    def trips(self, value: float) -> bool:
        """Whether an observed value has reached the threshold."""
        return value <= self.threshold if self.direction == "below" else value >= self.threshold


class Tripwires(Part):
    """The tripwires of one scenario."""

    model_config = ConfigDict(extra="ignore")

    scenario: Text
    """Name of the scenario."""
    date: Day
    """Its first simulated day, today as far as the advice is concerned."""
    tripwire: Annotated[tuple[Tripwire, ...], Field(max_length=1000)] = ()
    """The nearest ones first."""


def tripwires_text(found: Tripwires) -> str:
    """A file of tripwires, with comments that say what it is."""
    document = tomlkit.document()
    for line in HEAD:
        document.add(tomlkit.comment(line))
    document.add("scenario", tomlkit.item(found.scenario))
    document.add("date", tomlkit.item(found.date))
    tables = tomlkit.aot()
    for each in found.tripwire:
        table = tomlkit.table()
        table.update(each.model_dump(exclude_none=True))
        tables.append(table)
    document.add("tripwire", tables)
    return tomlkit.dumps(document)


HEAD = (
    "The numbers whose thresholds would change the advice, the nearest ones first; written by switchpoint why.",
    "A price stands for all token prices of its route, which move alike.",
    "Beyond its threshold, on the side that direction names, a number makes action the advice, for candidate.",
)


def read_tripwires(path: File | str) -> Tripwires:
    """Read a file of tripwires.

    Raises:
        ScenarioError: with one line for each fault of the file.
    """
    _, source = read_file(File(path), str(path), Disk())
    try:
        return Tripwires.model_validate(source.tree)
    except ValidationError as error:
        found = complaints(error, source.tree)
        raise ScenarioError([source.fault(where, message, dotted(where)) for where, message in found]) from None


def tripped(tripwires: Sequence[Tripwire], observed: Mapping[str, float]) -> list[Tripwire]:
    """The tripwires whose thresholds are reached, in their order.

    Args:
        tripwires: what is watched.
        observed: values by path; a number that was not observed trips nothing.
    """
    return [each for each in tripwires if each.path in observed and each.trips(observed[each.path])]
