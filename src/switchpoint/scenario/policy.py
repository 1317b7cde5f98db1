"""When the project starts, and how money later is weighed against money now."""

from __future__ import annotations

from typing import Annotated, Any, Literal, TypeAlias

from pydantic import BeforeValidator, field_validator
from pydantic_core import PydanticCustomError

from switchpoint.scenario.bounds import Bounds, Unit
from switchpoint.scenario.part import Day, Part, word_or_day

POLICIES = ("never", "now", "warn", "lead", "staged", "best")
WATCHING = ("warn", "lead", "staged")
"""The policies that watch the limit; without one they never fire, and nothing is prepared."""


def _policy(raw: Any) -> Any:
    return word_or_day(raw, POLICIES)


Policy: TypeAlias = Annotated[Literal["never", "now", "warn", "lead", "staged", "best"] | Day, BeforeValidator(_policy)]


WarnMonths: TypeAlias = Annotated[float, Bounds(0, 240, uncertain=False), Unit("months")]


class Decision(Part):
    """When the project starts, and how money later is weighed against money now."""

    policy: Policy = "warn"
    """The rule that starts the project: never, now, warn (when the warning fires), lead (when the forecast threat is no
    further off than the project is long), staged (prepare early, commit late), best, or a date."""
    prepare_from: Day | None = None
    """Under staged, the day from which labelling and recruiting run; left out, the first simulated day."""
    warn_months: tuple[WarnMonths, WarnMonths] = (2.0, 3.0)
    """The warning window: so many months ahead of the threat it closes and opens."""
    discount_rate_per_year: Annotated[float, Bounds(low=-0.9, high=10, uncertain=False), Unit("share/year")] = 0.0
    """Discount rate of net present values."""

    @field_validator("warn_months")
    @classmethod
    def _rising(cls, months: tuple[float, float]) -> tuple[float, float]:
        if months[0] > months[1]:
            raise PydanticCustomError("warn_months", "must be two numbers that do not fall, such as [2, 3]")
        return months
