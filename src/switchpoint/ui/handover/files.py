"""The files: each is made from what is open at the moment it is asked for."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from switchpoint.report.exports import Exports
from switchpoint.report.files import as_text, json_text, months_csv
from switchpoint.report.story import Subject
from switchpoint.report.why import Why
from switchpoint.result import Result
from switchpoint.scenario.errors import dotted
from switchpoint.scenario.files import Loaded
from switchpoint.scenario.remarks import remarks
from switchpoint.study.draws.findings import Findings
from switchpoint.study.draws.output import as_json
from switchpoint.study.why.tornado import tornado
from switchpoint.study.why.tripwires import tripwires
from switchpoint.ui.state.changes import Changes
from switchpoint.ui.state.kept import Kept
from switchpoint.ui.state.results import key_of

CHANGED = "changed in the app"


@dataclass(frozen=True)
class Open:
    """What is open: the scenario on the shelf, what was changed, its base case, and its draws where there are any.

    `found` holds the slow answers that pages found before.
    """

    loaded: Loaded
    changes: Changes
    base: Result
    findings: Findings | None = None
    found: Kept = field(default_factory=Kept)

    @property
    def notes(self) -> dict[str, str]:
        """Where values are from, by dotted field."""
        return remarks(self.loaded) | {dotted(path): CHANGED for path in self.changes}

    @property
    def why(self) -> Why:
        """What the advice hangs on."""
        key = key_of(self.base.case.scenario)
        moved = self._once(("tornado", key), lambda: tornado(self.base))
        return Why(self.base, moved, self._once(("tripwires", key), lambda: tripwires(self.base)), None)

    @property
    def exports(self) -> Exports:
        """All that can be exported; the story is told once for all of them."""
        draws = self.findings.draws if self.findings else 0
        key = ("exports", key_of(self.base.case.scenario), draws, tuple(sorted(self.notes.items())))
        return self._once(key, lambda: Exports(Subject(self.base, self.findings, self.why, self.notes)))  # type: ignore[no-any-return]

    def _once(self, key: Any, find: Callable[[], Any]) -> Any:
        answer = self.found.get(key)
        if answer is None:
            answer = find()
            self.found.put(key, answer)
        return answer


def deck(what: Open) -> bytes:
    """The deck: slides with charts that can be edited."""
    return what.exports.deck()


def workbook(what: Open) -> bytes:
    """The workbook with live formulas; started as advised, with the quantiles of the draws."""
    return what.exports.workbook()


def report(what: Open) -> bytes:
    """The report as one HTML file."""
    return what.exports.report()


def pdf(what: Open) -> bytes:
    """The report as PDF."""
    return what.exports.pdf()


def charts(what: Open) -> bytes:
    """Every chart as PNG and SVG, in a ZIP file."""
    return zipped(what.exports.charts())


def tables(what: Open) -> bytes:
    """The values of everything shown as CSV and Parquet, in a ZIP file."""
    return zipped(what.exports.tables())


def months(what: Open) -> str:
    """The monthly rows as CSV."""
    return months_csv(what.base)


def result(what: Open) -> str:
    """The whole result as JSON, that of the draws where there are any."""
    return as_text(as_json(what.findings)) if what.findings else json_text(what.base)


def zipped(files: Mapping[str, bytes]) -> bytes:
    """Files by name, in a ZIP file."""
    memory = io.BytesIO()
    with zipfile.ZipFile(memory, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in files.items():
            archive.writestr(name, data)
    return memory.getvalue()
