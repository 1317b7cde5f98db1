"""What each export takes and weighs: python benchmarks/exports.py

For some shipped scenarios, with draws already made: the time of each export as a ratio to drawing the scenario's first
chart as PNG, in interleaved rounds of one run, and its size.
"""

from __future__ import annotations

from collections.abc import Callable

from interleaved import medians

from switchpoint.charts import cost_chart
from switchpoint.decision.case import simulate
from switchpoint.decision.result import JudgedWorld
from switchpoint.export.formats import Exports
from switchpoint.export.pictures import png
from switchpoint.review.context import Subject
from switchpoint.scenario.load import load_text
from switchpoint.scenario.toml_writer import example_text
from switchpoint.study.monte_carlo import MonteCarlo
from switchpoint.study.reasons import study

NAMES = ("early-prototype", "support-copilot", "enterprise-bought-gpus")
ROUNDS, DRAWS = 3, 64


def weight(made: bytes | dict[str, bytes] | object) -> float:
    """Kilobytes of one file or of all files of a folder."""
    if isinstance(made, dict):
        return sum(map(len, made.values())) / 1e3
    return len(made) / 1e3 if isinstance(made, bytes) else float("nan")


def works(subject: Subject) -> dict[str, Callable[[], object]]:
    """Each export by name; all but the story take it as told."""
    exports = Exports(subject)
    return {
        "the story, told once": lambda: Exports(subject).story,
        "deck": exports.deck,
        "workbook": exports.workbook,
        "report": exports.report,
        "PDF": exports.pdf,
        "charts as PNG and SVG": exports.charts,
        "tables as CSV and Parquet": exports.tables,
    }


def main() -> None:
    """Print the table."""
    for name in NAMES:
        scenario = load_text(example_text(name)).scenario
        result = JudgedWorld(simulate(scenario))
        told = works(Subject(result, MonteCarlo(DRAWS).study(scenario, result), study(result)))
        sizes = [weight(work()) for work in told.values()]
        chart = cost_chart(result.shown).to_dict()
        floor, *taken = medians(ROUNDS, lambda spec=chart: png(spec), *told.values())
        print(f"\n{name}, one chart in {floor:.2f} s\n{'':28}{'x one chart':>12}{'s':>7}{'kB':>8}")
        for title, seconds, size in zip(told, taken, sizes, strict=True):
            print(f"{title:28}{seconds / floor:12.1f}{seconds:7.2f}{size:8.0f}")


if __name__ == "__main__":
    main()
