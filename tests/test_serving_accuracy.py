"""The step time stays as close to published throughput as docs/validation-serving.md says."""

from pathlib import Path

import numpy as np
import pytest

from switchpoint import throughput
from switchpoint.serving.hardware import shipped_efficiencies
from tools.serving_rows import Row, Rows, read

HERE = Path(__file__).parent
SAMPLE, DROPPED = read(HERE / "serving_rows.csv")
UNSEEN, _ = read(HERE / "serving_unseen.csv")


def error(row: Row) -> float:
    """What the public function says of a row, over what was measured, less 1."""
    said = throughput(
        model=row.model,
        gpu=row.gpu,
        precision=row.precision,
        tensor_parallel=row.gpus,
        input_tokens=row.input_tokens,
        output_tokens=row.output_tokens,
        concurrency=None if row.offline else row.concurrency,
        engine=row.engine,
    )
    return said.output_tokens_per_second / row.output_tokens_per_second - 1


def test_a_sample_of_the_rows_it_was_fitted_to() -> None:
    """One row of each combination, so that what was measured rarely weighs more than in the whole."""
    errors = abs(np.array([error(row) for row in SAMPLE]))
    assert len(SAMPLE) >= 20
    assert np.median(errors) <= 0.15
    assert np.quantile(errors, 0.9) <= 0.40


def test_a_gpu_that_it_has_never_seen() -> None:
    errors = abs(np.array([error(row) for row in UNSEEN]))
    assert {row.gpu for row in UNSEEN} == {"H200"}
    assert np.median(errors) <= 0.10
    assert np.quantile(errors, 0.9) <= 0.20


@pytest.mark.parametrize("rows", [SAMPLE, UNSEEN], ids=["sample", "unseen"])
def test_the_public_function_and_the_fit_say_the_same(rows: list[Row]) -> None:
    assert Rows(tuple(rows)).errors(shipped_efficiencies()) == pytest.approx([error(row) for row in rows], rel=1e-12)


def test_every_row_names_its_source() -> None:
    assert DROPPED == {}
    assert all(row.source for row in [*SAMPLE, *UNSEEN])


def test_constants_come_back_from_what_they_say() -> None:
    """Fitted to throughput that known constants produce, the fit says that throughput."""
    pytest.importorskip("scipy")
    from dataclasses import replace

    from tools.calibrate_serving import fit

    true = replace(shipped_efficiencies(), compute=0.5, bandwidth=0.8, layer_us=70.0)
    made = Rows(tuple(SAMPLE + UNSEEN)).predicted(true)
    rows = [
        replace(row, output_tokens_per_second=float(rate), tpot_s=float(tpot), ttft_s=float(ttft))
        for row, rate, tpot, ttft in zip(
            SAMPLE + UNSEEN, made.output_tokens_per_second, made.tpot_s, made.ttft_s, strict=True
        )
    ]
    assert np.quantile(abs(Rows(tuple(rows)).errors(fit(Rows(tuple(rows))))), 0.9) < 0.03
