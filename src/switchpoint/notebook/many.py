"""What many draws, a study of causes and a comparison answer, as a notebook shows them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from typing import TYPE_CHECKING, Any

from switchpoint.decision import result as inner
from switchpoint.notebook.objects import Advice, Result, chart_of, page_of
from switchpoint.scenario.labels import phrase
from switchpoint.study.compare import FIGURES, Comparison, explanation
from switchpoint.study.draw_results import CandidateFindings, DrawFindings
from switchpoint.study.draw_sentence import as_json, sentence
from switchpoint.study.draw_survey import ADVISED
from switchpoint.study.reasons import Why

if TYPE_CHECKING:
    import altair as alt
    import pandas as pd


@dataclass(frozen=True)
class CandidateOverDraws:
    """One candidate over all draws, started as advised: by one date for all of them."""

    name: str
    start_by: date | None
    """The start that is in time in 80 % of the draws and cheapest on average; None where none is due."""
    probability_in_time: float | None
    """None without a limit to be in time for."""
    probability_saves: float
    npv_saving_usd: float
    """Mean of what it saves, dollars of present value."""
    npv_saving_usd_error: float
    """Standard error of that mean."""
    npv_saving_usd_p10: float
    npv_saving_usd_p90: float

    @classmethod
    def of(cls, found: CandidateFindings, base: inner.JudgedWorld) -> CandidateOverDraws:
        """One candidate of some draws."""
        money = found.saving(ADVISED)
        return cls(
            name=found.name,
            start_by=base.date(found.weighed.start_by.day),
            probability_in_time=found.in_time[0] if found.limited else None,
            probability_saves=found.saves(ADVISED)[0],
            npv_saving_usd=money.mean,
            npv_saving_usd_error=money.error,
            npv_saving_usd_p10=money.p10,
            npv_saving_usd_p90=money.p90,
        )


class Draws:
    """A scenario over many draws of all that is uncertain. Its repr is the verdict in one sentence."""

    def __init__(self, findings: DrawFindings) -> None:
        self.findings = findings
        """All that was found, for who wants more than stands here."""

    def __len__(self) -> int:
        return self.findings.draws

    @property
    def sentence(self) -> str:
        """The verdict on all draws in one sentence."""
        return sentence(self.findings)

    @cached_property
    def verdict(self) -> Advice:
        """What to do, and by when."""
        return Advice.of(as_json(self.findings)["verdict"])

    @cached_property
    def candidates(self) -> Mapping[str, CandidateOverDraws]:
        """The candidates by name."""
        found = self.findings.candidates
        return {name: CandidateOverDraws.of(each, self.findings.base) for name, each in found.items()}

    @cached_property
    def dates(self) -> pd.DataFrame:
        """Dates by which 10, 50 and 90 % of the draws have come to something, and the share that ever does."""
        from switchpoint.notebook.objects import spreads

        limited = {"limit reached": self.findings.threat, "warning": self.findings.warning}
        days = limited if self.findings.limited else {}
        for name, found in self.findings.candidates.items():
            days |= {f"{name} live": found.cutover(ADVISED), f"{name} break-even": found.break_even(ADVISED)}
        return spreads(days, self.findings.clock)

    @cached_property
    def table(self) -> pd.DataFrame:
        """A row a draw: its inputs, its dates, and what each candidate saves."""
        from switchpoint.notebook.objects import draws

        return draws(self.findings)

    def one(self, number: int) -> Result:
        """One draw by its number, from 0: the same as `switchpoint run --draw NUMBER` with the same seed.

        Raises:
            IndexError: where there is no draw of that number.
        """
        if not 0 <= number < len(self):
            raise IndexError(f"draw {number}: there are {len(self)}, numbered from 0")
        return Result(inner.JudgedWorld(self.findings.worlds.one(number)))

    @cached_property
    def _chart_specs(self) -> dict[str, Any]:
        from switchpoint.charts.collection import draws_charts

        return draws_charts(self.findings)

    @property
    def charts(self) -> tuple[str, ...]:
        """Names of the charts that there are."""
        return tuple(self._chart_specs)

    def chart(self, name: str = "dates") -> alt.TopLevelMixin:
        """One chart, which a notebook shows.

        Raises:
            KeyError: where there is none of that name, with those there are.
        """
        return chart_of(self._chart_specs, name)

    def __repr__(self) -> str:
        return self.sentence

    def _repr_html_(self) -> str:
        title = f"{self.findings.base.case.scenario.name}: {len(self):,} draws"
        return page_of(title, self.sentence, [self.dates], self._chart_specs[self.charts[0]])


class Reasons:
    """What an advice hangs on. Its repr is the page that `switchpoint why` prints."""

    def __init__(self, why: Why) -> None:
        self.found = why
        """All that was found."""

    @cached_property
    def moves(self) -> pd.DataFrame:
        """What moves the saving, widest first: each input alone at the ends of its range, all others as they are."""
        from switchpoint.notebook.objects import by_name

        bars = self.found.tornado.bars if self.found.tornado else ()
        rows = [
            {
                "path": bar.driver.key,
                "input": bar.driver.name,
                "unit": bar.driver.unit,
                "low": bar.low,
                "high": bar.high,
                "npv_saving_usd_at_low": bar.at_low.npv_saving_usd,
                "npv_saving_usd_at_high": bar.at_high.npv_saving_usd,
                "range_stated": bar.has_range,
            }
            for bar in bars
        ]
        return by_name(rows, "path")

    @cached_property
    def tripwires(self) -> pd.DataFrame:
        """The nearest thresholds at which the advice would change, a row each."""
        from switchpoint.notebook.objects import by_name

        return by_name([each.model_dump() for each in self.found.tripwires], "path")

    def __repr__(self) -> str:
        from switchpoint.export.compare_and_why_text import why_page

        return why_page(self.found)

    def _repr_html_(self) -> str:
        return page_of("What the advice hangs on", self.found.result.sentence, [self.moves, self.tripwires])


class Difference:
    """Why two scenarios come out differently. Its repr is the sentence that explains it."""

    def __init__(self, comparison: Comparison) -> None:
        self.comparison = comparison
        """All that was found."""

    @cached_property
    def sentence(self) -> str:
        """What makes the difference."""
        before, after = self.comparison.before.case.scenario.name, self.comparison.after.case.scenario.name
        return explanation(self.comparison, f"From {before} to {after}" if before != after else "With these changes")

    @cached_property
    def table(self) -> pd.DataFrame:
        """What each comes to, a row a figure."""
        from switchpoint.notebook.objects import by_name

        before, after = self.comparison.outcomes
        names = ("action", "candidate", *FIGURES)
        return by_name(
            [{"figure": n, "before": getattr(before, n), "after": getattr(after, n)} for n in names], "figure"
        )

    @cached_property
    def causes(self) -> pd.DataFrame:
        """What each input that differs does: days by which each date moves, dollars of saving. They add up."""
        from switchpoint.notebook.objects import by_name

        rows = []
        for share in self.comparison.attribution.shares:
            moved = {f"{f}_days" if f != "npv_saving_usd" else f: share.amount(f) for f in FIGURES}
            rows.append({"cause": phrase(share.cause), **moved})
        return by_name(rows, "cause")

    def __repr__(self) -> str:
        return self.sentence

    def _repr_html_(self) -> str:
        return page_of("What makes the difference", self.sentence, [self.table, self.causes])
