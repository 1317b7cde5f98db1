"""How much is tried: enough for every change, or much more with THOROUGH=1, as before a release."""

import os
from typing import TypeVar

T = TypeVar("T")

THOROUGH = os.environ.get("THOROUGH", "") not in ("", "0")


def tries(few: T, many: T) -> T:
    """What is tried of something that could be tried for ever.

    >>> tries(20, 400) in (20, 400)
    True
    """
    return many if THOROUGH else few
