"""docs/validation-serving.md: how far the step time is from published throughput."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import fields
from pathlib import Path

import numpy as np

from switchpoint.horizon import Floats
from switchpoint.serving.hardware import Efficiencies
from tools import load_test_report
from tools.serving_rows import Row, Rows, read

ROOT = Path(__file__).resolve().parent.parent
PAGE = ROOT / "docs" / "validation-serving.md"
SAMPLE = ROOT / "tests" / "serving_rows.csv"
UNSEEN = ROOT / "tests" / "serving_unseen.csv"
"""Published throughput of a GPU that no fit ever used."""
Group = Callable[[Row], str]

GROUPS: dict[str, Group] = {
    "GPU": lambda row: row.gpu,
    "Model": lambda row: row.family,
    "Precision": lambda row: row.precision,
    "Engine": lambda row: row.engine_name,
    "GPUs": lambda row: str(row.gpus),
    "Requests in flight": lambda row: "offline" if row.offline else f"{row.concurrency:,.0f}",
}
OPENING = """# Validation of serving speed

How far the estimate of one replica's throughput is from what others have published. This page and the fitted
constants are written by `python -m tools.calibrate_serving CSV --write`; the measurements themselves are not part of
this repository, but {sample} of them, drawn at random, one for each combination of GPU, model and engine, are in
`tests/serving_rows.csv`, and `tests/test_serving_accuracy.py` holds the errors on those.

An error is the estimate over the measurement, less 1. *Left out* means that the constants were fitted without any row
of that GPU, or of that model (Llama 3.1 and 3.3 70B are one model), so these are errors on hardware and models that the
estimate has not seen. Each cell has the median and the 90th percentile of the absolute error. *Signed* is the median of
the signed error: above 0 the estimate is too fast.

Only the constants are fitted anew for rows left out: the form of the step time, and the start values that constants are
pulled towards, were chosen with all rows in sight.
"""


def page(rows: Sequence[Row], dropped: Counter[str], fitted: Efficiencies, ways: Mapping[str, Floats]) -> str:
    """The whole page."""
    parts = [
        OPENING.format(sample=len(read(SAMPLE)[0])),
        "## In all\n",
        _overall(rows, ways),
        "\n*Engine not named* is what `switchpoint.throughput` says where it is not told the engine.\n",
        "## By group\n",
        *(f"{_by_group(name, group, rows, ways)}\n" for name, group in GROUPS.items()),
        "## A GPU that no fit ever used\n",
        _unseen(fitted),
        "\n" + load_test_report.section() + load_test_report.NEXT,
        _farthest(rows, ways["fitted"]),
        "\n## Rows\n",
        _rows_used(rows, dropped),
        "\n## Constants\n",
        _constants(fitted),
    ]
    return "\n".join(parts) + "\n"


def table(head: Sequence[str], lines: Sequence[Sequence[str]]) -> str:
    """A Markdown table."""
    return "\n".join(f"| {' | '.join(line)} |" for line in [head, ["---"] * len(head), *lines])


def both(errors: Floats) -> str:
    """Median and 90th percentile of the absolute error."""
    return f"{np.median(abs(errors)):.1%}, {np.quantile(abs(errors), 0.9):.1%}" if errors.size else "–"


def _overall(rows: Sequence[Row], ways: Mapping[str, Floats]) -> str:
    offline = np.array([row.offline for row in rows])
    lines = [
        [way, both(errors), both(errors[offline]), both(errors[~offline]), f"{np.median(errors):+.1%}"]
        for way, errors in ways.items()
    ]
    head = ["Constants", f"All {len(rows)}", f"Offline {offline.sum()}", f"Online {(~offline).sum()}", "Signed"]
    return table(head, lines)


def _by_group(name: str, group: Group, rows: Sequence[Row], ways: Mapping[str, Floats]) -> str:
    groups = np.array([group(row) for row in rows])
    offline = np.array([row.offline for row in rows])
    shown = ("fitted", "GPU left out", "model left out")
    lines = []
    for each in sorted(set(groups), key=_order):
        inside = groups == each
        fitted = ways["fitted"][inside]
        counts = [f"{(inside & offline).sum()}", f"{(inside & ~offline).sum()}"]
        lines.append([each, *counts, *(both(ways[way][inside]) for way in shown), f"{np.median(fitted):+.1%}"])
    return table([name, "Offline", "Online", "Fitted", "GPU left out", "Model left out", "Signed"], lines)


def _unseen(fitted: Efficiencies) -> str:
    """Errors on the rows kept apart, by model."""
    rows = read(UNSEEN)[0]
    errors = Rows(tuple(rows)).errors(fitted)
    names = np.array([f"{row.family} on {row.gpus} x {row.gpu}" for row in rows])
    lines = [["all", f"{len(rows)}", both(errors), f"{np.median(errors):+.1%}"]]
    for name in sorted(set(names)):
        inside = errors[names == name]
        lines.append([name, f"{inside.size}", both(inside), f"{np.median(inside):+.1%}"])
    source = (
        "Offline throughput that NVIDIA publishes for H200, in FP8; `tests/serving_unseen.csv` has the rows.\n"
        "No constant was fitted to them, but they were looked at when it was settled how scheduling overlaps with the\n"
        "work of the GPU."
    )
    return f"{source}\n\n{table(['What', 'Rows', 'Error', 'Signed'], lines)}"


def _order(name: str) -> tuple[bool, float, str]:
    """Numbers by size, then words."""
    plain = name.replace(",", "")
    return (not plain.isdigit(), float(plain) if plain.isdigit() else 0.0, name)


def _farthest(rows: Sequence[Row], errors: Floats, count: int = 10) -> str:
    worst = np.argsort(-abs(np.log1p(errors)))[:count]
    lines = []
    for at in worst:
        row = rows[at]
        flight = "offline" if row.offline else f"{row.concurrency:,.0f} in flight"
        tokens = f"{row.input_tokens:,.0f} + {row.output_tokens:,.0f}"
        what = [row.model, row.precision, f"{row.gpus} x {row.gpu}", tokens, flight, row.engine_name]
        lines.append([*what, f"{row.output_tokens_per_second:,.0f}", f"{errors[at]:+.0%}"])
    return table(["Model", "Precision", "GPUs", "Tokens", "Requests", "Engine", "Measured tokens/s", "Error"], lines)


def _rows_used(rows: Sequence[Row], dropped: Counter[str]) -> str:
    publishers = Counter(row.source.partition(" id=")[0].partition(" (")[0] for row in rows)
    used = [f"- {count} from {source}" for source, count in publishers.most_common()]
    left = [f"- {count}: {reason}" for reason, count in dropped.most_common()]
    return "\n".join([f"{len(rows)} used:\n", *used, f"\n{sum(dropped.values())} not used:\n", *left])


def _constants(fitted: Efficiencies) -> str:
    lines = [[field.name, f"{getattr(fitted, field.name):g}"] for field in fields(Efficiencies)]
    return table(["Constant", "Value"], lines) + "\n\nTheir meaning is in `src/switchpoint/serving/hardware.py`."
