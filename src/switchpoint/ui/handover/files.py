"""The files: each is made from what is open at the moment it is asked for."""

from __future__ import annotations

import io
import tempfile
import zipfile
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from switchpoint.clock import NEVER
from switchpoint.export.workbook import Quantiles, Simulated, workbook_bytes
from switchpoint.report.files import as_text, json_text, months_csv
from switchpoint.report.page import page as report_page
from switchpoint.result import Result
from switchpoint.scenario.errors import dotted
from switchpoint.scenario.files import Loaded
from switchpoint.scenario.remarks import remarks
from switchpoint.study.findings import ADVISED, Finding, Findings
from switchpoint.study.output import as_json
from switchpoint.study.spread import Days, Money
from switchpoint.ui.state.changes import Changes

CHANGED = "changed in the app"


@dataclass(frozen=True)
class Open:
    """What is open: the scenario on the shelf, what was changed, its base case, and its draws where there are any."""

    loaded: Loaded
    changes: Changes
    base: Result
    findings: Findings | None = None


def workbook(what: Open) -> bytes:
    """The workbook with live formulas; started as advised, with the quantiles of the draws."""
    notes = remarks(what.loaded) | {dotted(path): CHANGED for path in what.changes}
    drawn = simulated(what.findings) if what.findings else None
    return workbook_bytes(what.base.shown, notes=notes, simulated=drawn)


def months(what: Open) -> str:
    """The monthly rows as CSV."""
    return months_csv(what.base)


def result(what: Open) -> str:
    """The whole result as JSON, that of the draws where there are any."""
    return as_text(as_json(what.findings)) if what.findings else json_text(what.base)


def report(what: Open) -> str:
    """The page that the command line prints."""
    return report_page(what.base)


def pictures(what: Open) -> bytes:
    """Every chart as PNG and SVG, in a ZIP file."""
    from switchpoint.charts import save
    from switchpoint.charts.draws import save_draws

    memory = io.BytesIO()
    with tempfile.TemporaryDirectory() as folder, zipfile.ZipFile(memory, "w", zipfile.ZIP_DEFLATED) as archive:
        files = save(what.base.shown, folder)
        files += save_draws(what.findings, Path(folder)) if what.findings else []
        for file in files:
            archive.write(file, file.name)
    return memory.getvalue()


def simulated(findings: Findings) -> Simulated:
    """What the draws came to, for the workbook."""
    rows = [_dated(findings, "Limit reached", findings.threat), _dated(findings, "Warning fires", findings.warning)]
    for found in findings.candidates.values():
        rows.append(_dated(findings, f"{found.name}: live, started as advised", found.cutover(ADVISED)))
        rows.append(_saved(found))
    return Simulated(findings.worlds.seed, findings.draws, tuple(rows))


def _saved(found: Finding) -> Quantiles:
    money: Money = found.saving(ADVISED)
    name = f"{found.name}: net present value of the saving"
    share = found.saves(ADVISED)[0]
    return Quantiles(name, "$", money.mean, money.p10, money.p50, money.p90, share)


def _dated(findings: Findings, name: str, spread: Days) -> Quantiles:
    def when(day: int) -> date | None:
        return None if day == NEVER else findings.clock.date_or_none(day)

    return Quantiles(name, "date", None, when(spread.p10), when(spread.p50), when(spread.p90), spread.probability)
