"""Part, Bounds, Unit and the unit types of fields."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Annotated, Any, TypeAlias

import numpy as np
from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    GetCoreSchemaHandler,
    GetJsonSchemaHandler,
    Strict,
)
from pydantic.json_schema import JsonSchemaValue
from pydantic_core import CoreSchema, PydanticCustomError, core_schema

from switchpoint.horizon import Floats
from switchpoint.scenario.errors import closest, shorten, show
from switchpoint.scenario.uncertain import Choice, Pert, Quantity, Range, extremes, plain

TINIEST = 1e-300
"""Numbers nearer to 0 than this are no amount of anything, and what is divided by them has no end."""
BELIEF: JsonSchemaValue = {"type": "object", "title": "belief"}
"""Stands for the three tables of a belief in a JSON Schema, until the whole schema is put together."""


@dataclass(frozen=True)
class Unit:
    """The unit of a field, in words; shown in help texts, the reference and the JSON Schema."""

    text: str

    def __get_pydantic_json_schema__(self, schema: CoreSchema, handler: GetJsonSchemaHandler) -> JsonSchemaValue:
        """Add the unit to the JSON Schema of the field."""
        return {**handler(schema), "unit": self.text}


@dataclass(frozen=True)
class OrWord:
    """A word that a file may state in place of a number; reading the file puts the number there."""

    word: str

    def __get_pydantic_json_schema__(self, schema: CoreSchema, handler: GetJsonSchemaHandler) -> JsonSchemaValue:
        """Allow the word beside the number."""
        return {"anyOf": [handler(schema), {"const": self.word}]}


@dataclass(frozen=True)
class EachTime:
    """Marks a belief that is drawn anew each time it is needed, instead of once for a whole world."""


@dataclass(frozen=True)
class Bounds:
    """What values a number may take; `uncertain` says whether a belief may stand in its place.

    `above` and `below` exclude the end itself, `low` and `high` include it.
    """

    low: float = -1e15
    high: float = 1e15
    above: float | None = None
    below: float | None = None
    uncertain: bool = True

    def words(self) -> str:
        """The bounds as a person would say them: "from 0 to 1", "above -1", "0 or more"."""
        parts = []
        if self.above is not None:
            parts.append(f"above {_figure(self.above)}")
        elif self.low > -1e15 and self.high < 1e15 and self.below is None:
            return f"from {_figure(self.low)} to {_figure(self.high)}"
        elif self.low > -1e15:
            parts.append(f"{_figure(self.low)} or more")
        if self.below is not None:
            parts.append(f"below {_figure(self.below)}")
        elif self.high < 1e15:
            parts.append(f"at most {_figure(self.high)}")
        return " and ".join(parts) or "any size up to 1e15"

    def allows(self, value: float) -> bool:
        """Whether one plain number lies within the bounds; NaN and infinities never do."""
        return (
            math.isfinite(value)
            and self.low <= value <= self.high
            and (value == 0 or abs(value) >= TINIEST)
            and (self.above is None or value > self.above)
            and (self.below is None or value < self.below)
        )

    def cut(self, values: Floats) -> Floats:
        """Values outside the bounds moved to the nearest one inside."""
        low = self.low if self.above is None else math.nextafter(max(self.low, self.above), math.inf)
        low = TINIEST if 0 < low < TINIEST else low
        high = self.high if self.below is None else math.nextafter(min(self.high, self.below), -math.inf)
        return np.clip(values, low, high)

    def parse(self, raw: Any) -> Quantity:
        """Read what stands in a file.

        Raises:
            PydanticCustomError: with one plain sentence that says what would be right.
        """
        quantity = _read(raw) if self.uncertain or isinstance(raw, (int, float)) else None
        if quantity is None:
            belief = ", or a range such as { low = 1, high = 2 }" if self.uncertain else ""
            raise _fault(f"must be a number ({self.words()}){belief}; got {show(raw)}")
        for value in extremes(quantity):
            if not self.allows(value):
                tiny = f", and 0 or at least {TINIEST:g} in size" if 0 < abs(value) < TINIEST else ""
                raise _fault(f"must be {self.words()}{tiny}; got {value:g}")
        return quantity

    def __get_pydantic_core_schema__(self, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        """Validate with `parse`, serialise beliefs back to the tables they were read from."""
        return core_schema.no_info_plain_validator_function(
            self.parse, serialization=core_schema.plain_serializer_function_ser_schema(plain)
        )

    def __get_pydantic_json_schema__(self, schema: CoreSchema, handler: GetJsonSchemaHandler) -> JsonSchemaValue:
        """A number, or a belief."""
        number: JsonSchemaValue = {"type": "number"}
        if self.above is not None:
            number["exclusiveMinimum"] = self.above
        elif self.low > -1e15:
            number["minimum"] = self.low
        if self.below is not None:
            number["exclusiveMaximum"] = self.below
        elif self.high < 1e15:
            number["maximum"] = self.high
        if not self.uncertain:
            return number
        return {"anyOf": [number, BELIEF]}


def _figure(value: float) -> str:
    return (
        f"{value:,.0f}" if value == int(value) else f"{value:.6f}".rstrip("0") if abs(value) >= 1e-6 else f"{value:g}"
    )


def _read(raw: Any) -> Quantity | None:
    """The quantity that `raw` states, None when it states none at all."""
    if isinstance(raw, bool):
        return None
    if isinstance(raw, (Range, Pert, Choice)):
        return raw
    if isinstance(raw, (int, float)):
        return _finite(raw)
    if not isinstance(raw, Mapping):
        return None
    keys = set(raw)
    if keys == {"low", "high"}:
        low, high = _numbers(raw, "low", "high")
        _check_order(low, high)
        return low if low == high else Range(low, high)
    if keys == {"low", "mode", "high"}:
        low, mode, high = _numbers(raw, "low", "mode", "high")
        _check_order(low, mode, high)
        return low if low == high else Pert(low, mode, high)
    if keys in ({"values"}, {"values", "weights"}):
        return _read_choice(raw)
    raise _fault(
        "must be { low, high }, { low, mode, high } or { values, weights }; got a table with "
        + ", ".join(sorted(shorten(str(key)) for key in keys))
    )


def _read_choice(raw: Mapping[str, Any]) -> Choice:
    values, weights = raw["values"], raw.get("weights")
    if not isinstance(values, (list, tuple)) or not values:
        raise _fault(f"values must be a list of at least one number; got {show(values)}")
    weights = [1.0] * len(values) if weights is None else weights
    if not isinstance(weights, (list, tuple)) or len(weights) != len(values):
        raise _fault(f"weights must be a list of {len(values)} numbers, one for each value; got {show(weights)}")
    heavy = tuple(_number(w, "weights") for w in weights)
    if min(heavy) < 0 or sum(heavy) <= 0:
        raise _fault(f"weights must be 0 or more and not all 0; got {show(list(weights))}")
    return Choice(tuple(_number(v, "values") for v in values), heavy)


def _numbers(raw: Mapping[str, Any], *keys: str) -> tuple[float, ...]:
    return tuple(_number(raw[key], key) for key in keys)


def _number(raw: Any, key: str) -> float:
    if isinstance(raw, bool) or not isinstance(raw, (int, float)):
        raise _fault(f"{key} must be a number; got {show(raw)}")
    return _finite(raw)


def _finite(raw: int | float) -> float:
    try:
        value = float(raw)
    except OverflowError:
        value = math.inf
    if not math.isfinite(value):
        raise _fault(f"must be a finite number; got {show(raw)}")
    return value


def _check_order(*values: float) -> None:
    if list(values) != sorted(values):
        raise _fault("the numbers of a range must not fall; got " + ", ".join(f"{v:g}" for v in values))


def _fault(message: str) -> PydanticCustomError:
    return PydanticCustomError("quantity", "{message}", {"message": message})


class Part(BaseModel):
    """One table of a scenario file."""

    model_config = ConfigDict(frozen=True, extra="forbid", use_attribute_docstrings=True, populate_by_name=True)


def _plain_date(raw: Any, words: str = "") -> Any:
    try:
        day = date.fromisoformat(raw) if isinstance(raw, str) else raw
    except ValueError:
        day = None
    if isinstance(day, datetime) or not isinstance(day, date):
        message = f"must be {words}a date such as 2027-05-01; got {show(raw)}"
        raise PydanticCustomError("date", "{message}", {"message": message})
    if not 1990 <= day.year <= 2200:
        raise PydanticCustomError("date", "must lie between 1990 and 2200; got {got}", {"got": day.isoformat()})
    return day


def word_or_day(raw: Any, words: Sequence[str]) -> Any:
    """One of the words, or a date; the one fault of anything else says both."""
    if raw in words:
        return raw
    if isinstance(raw, str) and (near := closest(raw, words)):
        message = f"must be {', '.join(words)} or a date such as 2027-05-01; got {show(raw)}; did you mean {near}?"
        raise PydanticCustomError("word", "{message}", {"message": message})
    return _plain_date(raw, ", ".join(words) + " or ")


Day: TypeAlias = Annotated[date, BeforeValidator(_plain_date)]

NonNegative: TypeAlias = Annotated[Quantity, Bounds(0)]
Share: TypeAlias = Annotated[Quantity, Bounds(0, 1), Unit("share, 0 to 1")]
Rate: TypeAlias = Annotated[Quantity, Bounds(high=100, above=-1)]
Usd: TypeAlias = Annotated[Quantity, Bounds(0), Unit("$")]
UsdPerMonth: TypeAlias = Annotated[Quantity, Bounds(0), Unit("$/month")]
UsdPer1000: TypeAlias = Annotated[Quantity, Bounds(), Unit("$/1,000 requests")]
Days: TypeAlias = Annotated[Quantity, Bounds(0, 3650), Unit("days")]
Weeks: TypeAlias = Annotated[Quantity, Bounds(0, 520), Unit("weeks")]
Factor: TypeAlias = Annotated[Quantity, Bounds(0, 1e6), Unit("factor")]

SureShare: TypeAlias = Annotated[float, Bounds(0, 1, uncertain=False), Unit("share, 0 to 1")]
SureNonNegative: TypeAlias = Annotated[float, Bounds(0, uncertain=False)]
Count: TypeAlias = Annotated[int, Strict(), Field(ge=0, le=1_000_000_000)]
Positive: TypeAlias = Annotated[int, Strict(), Field(ge=1, le=1_000_000_000)]


def _printable(text: str) -> str:
    """Refuse characters that move the cursor or colour a terminal."""
    if not text.isprintable():
        raise PydanticCustomError("text", "must be one line without control characters")
    return text


ONE_LINE = AfterValidator(_printable)
Text: TypeAlias = Annotated[str, Field(max_length=2000), ONE_LINE]
