"""What all parts of a scenario share: frozen, no unknown keys, a docstring under each field as its help text."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from typing import Annotated, Any, TypeAlias

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, Strict
from pydantic_core import PydanticCustomError

from switchpoint.scenario.bounds import Bounds, Unit
from switchpoint.scenario.quantity import Quantity
from switchpoint.scenario.words import closest, show


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
