"""`python -m tools.calibrate_serving CSV` fits the constants of the step time to published throughput.

It says how far off the step time is on rows left out; with `--write` it also writes the constants and
docs/validation-serving.md anew.

Least squares on the log of throughput, and with less weight of tpot and ttft, under a loss that grows only linearly for
outliers (soft L1). A weak pull towards START keeps constants in place that the rows at hand say nothing about.
"""

from __future__ import annotations

import argparse
import csv
import datetime as dt
from collections.abc import Callable, Hashable, Sequence
from dataclasses import fields
from pathlib import Path

import numpy as np

from switchpoint.horizon import Floats
from switchpoint.serving.hardware import DATA, Efficiencies
from tools import serving_report
from tools.serving_rows import Row, Rows, read

START = Efficiencies(
    compute=0.7,
    compute_fp4=0.5,
    expert_compute=0.6,
    unpacking=0.6,
    prompt_attention=0.4,
    bandwidth=0.85,
    kv_bandwidth=0.75,
    link=0.5,
    nvlink_us=2.0,
    pcie_us=20.0,
    layer_us=40.0,
    sequence_us=10.0,
    vllm=1.2,
    amd=0.8,
    request_ms=20.0,
    waiting_share=0.3,
)
NAMES = tuple(field.name for field in fields(Efficiencies))
AT_MOST = {name: np.inf if name.endswith(("_us", "_ms")) or name == "vllm" else 1.0 for name in NAMES}
PULL = 0.05
"""Weight of the pull towards START, per e-fold."""
OUTLIER = 0.12
"""Log error from which on a row counts as an outlier."""
TPOT_WEIGHT, TTFT_WEIGHT = 0.3, 0.15
LONGEST_TTFT_S = 3.0
"""Longer times to first token are queues of the measurement."""


def fit(rows: Rows) -> Efficiencies:
    """The constants that fit the rows best."""
    from scipy.optimize import least_squares

    start = np.log([getattr(START, name) for name in NAMES])
    rate, tpot, ttft = rows.measured
    has_tpot, has_ttft = np.isfinite(tpot), np.isfinite(ttft) & (ttft < LONGEST_TTFT_S)

    def residuals(point: Floats) -> Floats:
        said = rows.predicted(Efficiencies(*np.exp(point)))
        return np.concatenate(
            [
                np.log(said.output_tokens_per_second / rate),
                TPOT_WEIGHT * np.log(said.tpot_s / tpot)[has_tpot],
                TTFT_WEIGHT * np.log(said.ttft_s / ttft)[has_ttft],
                PULL * (point - start),
            ]
        )

    highest = np.log([AT_MOST[name] for name in NAMES])
    found = least_squares(residuals, start, bounds=(-np.inf, highest), loss="soft_l1", f_scale=OUTLIER)
    return Efficiencies(*(float(f"{value:.4g}") for value in np.exp(found.x)))


def left_out(rows: Rows, group: Callable[[Row], Hashable], engine_known: bool = True) -> Floats:
    """Errors of each group's rows with constants fitted to all others."""
    groups = [group(row) for row in rows.rows]
    errors = np.full(len(groups), np.nan)
    for each in dict.fromkeys(groups):
        inside = np.array([other == each for other in groups])
        errors[inside] = rows.where(inside).errors(fit(rows.where(~inside)), engine_known)
    return errors


def write_constants(fitted: Efficiencies, source: str) -> None:
    """Write the constants with their provenance."""
    units = {"us": "µs", "ms": "ms"}
    with DATA.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(["name", "value", "unit", "source", "date"])
        for name in NAMES:
            unit = units.get(name.rpartition("_")[2], "1")
            writer.writerow([name, f"{getattr(fitted, name):g}", unit, source, dt.date.today().isoformat()])


def main(arguments: Sequence[str] | None = None) -> None:
    """Fit, report, and write where asked."""
    parser = argparse.ArgumentParser(
        prog="python -m tools.calibrate_serving", description=(__doc__ or "").split("\n\n")[0]
    )
    parser.add_argument("csv", type=Path, help="published throughput")
    parser.add_argument("--write", action="store_true", help="write the constants and docs/validation-serving.md")
    given = parser.parse_args(arguments)
    kept, dropped = read(given.csv)
    rows = Rows(tuple(kept))
    fitted = fit(rows)
    ways = {
        "fitted": rows.errors(fitted),
        "engine not named": rows.errors(fitted, engine_known=False),
        "GPU left out": left_out(rows, lambda row: row.gpu),
        "model left out": left_out(rows, lambda row: row.family),
        "GPU left out, engine not named": left_out(rows, lambda row: row.gpu, engine_known=False),
        "model left out, engine not named": left_out(rows, lambda row: row.family, engine_known=False),
    }
    page = serving_report.page(kept, dropped, fitted, ways)
    print(page)
    if given.write:
        write_constants(
            fitted, f"fitted to {len(kept)} published measurements, python -m tools.calibrate_serving CSV --write"
        )
        serving_report.PAGE.write_text(page, encoding="utf-8")


if __name__ == "__main__":
    main()
