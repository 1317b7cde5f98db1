"""A recorded hour of conversations on a plausible fleet; skipped where the trace is not at hand."""

import os
from pathlib import Path

import numpy as np
import pytest

from switchpoint.serving.capacity_cache import capacity
from tools.replay_chart import p95_by_minute, replay_chart
from tools.replay_trace import question, replay

ROOT = Path(__file__).resolve().parent.parent
SHARED = Path(os.environ.get("SWITCHPOINT_SHARED", ROOT.parent / "shared"))
TRACE = SHARED / "traces" / "AzureLLMInferenceTrace_2023_conv.csv"


@pytest.mark.skipif(not TRACE.is_file(), reason=f"needs {TRACE.name}; SWITCHPOINT_SHARED says where it is")
def test_a_recorded_hour_needs_two_replicas() -> None:
    asked = question(TRACE)
    served, one = replay(TRACE, asked), capacity(asked)
    alone, pair, three = (served[number].summary for number in (1, 2, 3))
    assert {made.requests for made in (alone, pair, three)} == {19_366}
    assert alone.ttft_p95_s > pair.ttft_p95_s > three.ttft_p95_s
    assert alone.tpot_p95_s > 0.05 > pair.tpot_p95_s
    assert pair.ttft_p95_s < 2.0
    rate = 19_366 / 3501.7
    assert np.ceil(rate / (0.8 * one.requests_per_second)) == 2
    chart = replay_chart({str(n): each.requests for n, each in served.items()}, 2.0, "Title", "Note").to_dict()
    assert len(chart["vconcat"]) == 2


def test_percentiles_by_the_minute() -> None:
    found = p95_by_minute(np.array([100.0, 110.0, 230.0]), np.array([1.0, 1.0, 3.0]))
    assert found == pytest.approx([1.0, np.nan, 3.0], nan_ok=True)
