"""`switchpoint compare`, behind the command line."""

from __future__ import annotations

import sys
from collections.abc import Sequence

from switchpoint.report.comparison.as_json import json_text
from switchpoint.report.comparison.compared import compared
from switchpoint.report.comparison.page import page


def compare_command(files: Sequence[str], settings: Sequence[str], *, as_json: bool) -> None:
    """Compare the first scenario with each of the others, or one scenario with itself changed by settings.

    Raises:
        ScenarioError: with every fault of every file, or where there is nothing to compare.
    """
    first, *others = compared(files, settings)
    text = json_text(first, others) if as_json else page(first, others)
    sys.stdout.write(text)
