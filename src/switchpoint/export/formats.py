"""Each export as one function: what it needs goes in, its bytes come out, and progress is told on the way."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from functools import cached_property

from switchpoint.export.workbook.reading_sheets import Quantiles, Simulated
from switchpoint.review.build import build_review
from switchpoint.review.context import Subject
from switchpoint.review.pages import Review
from switchpoint.study.draw_results import DrawFindings
from switchpoint.study.draw_survey import ADVISED
from switchpoint.study.draws import Days, Money

Progress = Callable[[float], None]
"""Told the share done, 0 to 1."""
PICTURES = ("png", "svg", "pdf")


def _silent(_: float) -> None:
    """Tell nobody."""


class StoryExports:
    """All that can be exported of any story, which is told once, when the first of them is asked for."""

    def __init__(self, tell: Callable[[], Review]) -> None:
        self._tell = tell

    @cached_property
    def story(self) -> Review:
        """The story that deck, report, PDF, charts and tables show."""
        return self._tell()

    def deck(self, progress: Progress = _silent) -> bytes:
        """The deck, .pptx."""
        from switchpoint.export.deck.slides import deck_bytes

        return deck_bytes(self.story, progress)

    def report(self, progress: Progress = _silent) -> bytes:
        """The report, .html."""
        from switchpoint.export.html_and_pdf import report_bytes

        return report_bytes(self.story, progress)

    def pdf(self, progress: Progress = _silent) -> bytes:
        """The report, .pdf.

        Raises:
            NoTypst: where the extra `pdf` is not installed.
        """
        from switchpoint.export.html_and_pdf import pdf_bytes

        return pdf_bytes(self.story, progress)

    def onepager(self, progress: Progress = _silent) -> bytes:
        """The report's first page alone, the one to sign, .pdf.

        Raises:
            NoTypst: where the extra `pdf` is not installed.
        """
        from switchpoint.export.html_and_pdf import onepager_bytes

        return onepager_bytes(self.story, progress)

    def charts(self, formats: Iterable[str] = PICTURES[:2], progress: Progress = _silent) -> dict[str, bytes]:
        """Every chart in each format of `PICTURES` that is asked for, by the name of its file."""
        from switchpoint.export.pictures import in_formats

        kinds = tuple(formats)
        files: dict[str, bytes] = {}
        for number, (name, spec) in enumerate(self.story.charts.items(), 1):
            files |= {f"{name}.{kind}": data for kind, data in in_formats(spec, kinds).items()}
            progress(number / len(self.story.charts))
        return files

    def tables(self, progress: Progress = _silent) -> dict[str, bytes]:
        """The values of everything shown as CSV and Parquet, by the name of their file."""
        from switchpoint.export.plain_tables import csv_bytes, parquet_bytes

        files = {}
        for number, (name, table) in enumerate(self.story.tables.items(), 1):
            files[f"{name}.csv"], files[f"{name}.parquet"] = csv_bytes(table), parquet_bytes(table)
            progress(number / len(self.story.tables))
        return files


class Exports(StoryExports):
    """All that can be exported of a result: its story, and the workbook."""

    def __init__(self, subject: Subject) -> None:
        super().__init__(lambda: build_review(subject))
        self.subject = subject

    def workbook(self, progress: Progress = _silent) -> bytes:
        """The workbook, .xlsx: the base case with projects started as advised, and quantiles of the draws as values."""
        from switchpoint.export.workbook.write import workbook_bytes

        findings = self.subject.findings
        simulated = None if findings is None else quantiles(findings)
        made = workbook_bytes(self.subject.shown, notes=self.subject.notes, simulated=simulated)
        progress(1.0)
        return made


def quantiles(findings: DrawFindings) -> Simulated:
    """What the draws came to, for the workbook."""
    return Simulated(findings.worlds.seed, findings.draws, tuple(_quantiles(findings)))


def _quantiles(findings: DrawFindings) -> Iterator[Quantiles]:
    if findings.tells_threat:
        yield _date_quantiles(findings, findings.threat_called, findings.threat)
    if findings.limited:
        yield _date_quantiles(findings, "The monitor warns", findings.warning)
    for name, found in findings.candidates.items():
        yield _date_quantiles(findings, f"{name}: start by, as seen afterwards", found.start_by)
        yield _date_quantiles(findings, f"{name}: live, started as advised", found.cutover(ADVISED))
        yield _date_quantiles(findings, f"{name}: break-even, started as advised", found.break_even(ADVISED))
        figure = f"{name}: net present value of the saving, started as advised"
        yield _money(figure, found.saving(ADVISED), found.saves(ADVISED)[0])


def _date_quantiles(findings: DrawFindings, figure: str, days: Days) -> Quantiles:
    p10, p50, p90 = (findings.clock.date_or_none(each) for each in (days.p10, days.p50, days.p90))
    return Quantiles(figure, "date", None, p10, p50, p90, days.probability)


def _money(figure: str, money: Money, share: float) -> Quantiles:
    return Quantiles(figure, "$", money.mean, money.p10, money.p50, money.p90, share)
