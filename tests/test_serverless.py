"""Serverless fleets: the closed form against the simulated scaler, and both against what must hold."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from switchpoint.scenario.candidates import Fleet
from switchpoint.serving import disk_cache, scaler
from switchpoint.serving.scaler import Lived, Scaler, simulate_scaler
from switchpoint.simulation.sizing import Serverless, Sizing


@pytest.mark.parametrize(
    ("request_s", "timeout_s", "startup_s", "rate"),
    [(2, 60, 30, 0.005), (2, 60, 30, 0.02), (5, 60, 30, 0.1), (1, 0, 10, 0.3), (20, 5, 0, 0.01)],
)
def test_the_closed_form_is_what_is_simulated(
    request_s: float, timeout_s: float, startup_s: float, rate: float
) -> None:
    lived = simulate_scaler(Scaler(request_s, timeout_s, startup_s, 1000), rate, 40_000)
    hours, cold = Serverless(request_s, timeout_s, startup_s, 1000, 0).while_one_is_enough(np.array([rate]))
    assert lived.alive + lived.starts_per_s * startup_s == pytest.approx(hours[0], rel=0.03)
    assert lived.cold_share == pytest.approx(cold[0], abs=0.01)


def test_without_a_start_replicas_are_those_of_erlang() -> None:
    """With neither start nor idle time a replica lives as long as its request: rate·request of them on average."""
    lived = simulate_scaler(Scaler(3, 0, 0), 2.0)
    assert lived.alive == pytest.approx(6, rel=0.03)
    assert lived.cold_share == 1


def test_more_load_takes_more_replicas_and_fewer_cold_starts() -> None:
    fleet, plan = Serverless(4, 60, 30, 4, 0), np.full(40, 3600.0)
    hour = fleet.at(np.geomspace(0.01, 500, 40), plan)
    assert (np.diff(hour.replica_hours) > 0).all()
    assert hour.cold_share[-1] < 0.05 < hour.cold_share[0]
    busy = 500 * 4 / 4
    assert busy < hour.replica_hours[-1] < 1.3 * busy


def test_those_that_are_always_alive_start_nothing_while_they_are_enough() -> None:
    hour = Serverless(4, 60, 30, 4, 3).at(np.array([0.1, 0.5]), np.full(2, 3600.0))
    assert hour.replica_hours == pytest.approx([3, 3], rel=0.01)
    assert hour.cold_share == pytest.approx([0, 0], abs=0.01)


def test_requests_at_once_follow_from_the_capacity() -> None:
    """Two a second of 4 s each are eight at once; a stated number goes before."""
    hours = np.full(24, 1 / 24)
    fleet = Fleet.model_validate({"usd_per_gpu_hour": 1, "scaling": "serverless", "min_replicas": 0})

    def billed(concurrency: int | None) -> float:
        sizing = Sizing(fleet, hours, np.full(1, 2.0), serverless=Serverless(4, 60, 30, concurrency, 0, 0.8))
        return float(sizing.sizes(np.full(1, 200_000.0), sizing.capacity).gpu_hours[0])

    assert billed(None) == pytest.approx(billed(8), rel=1e-9)
    assert billed(2) > 2 * billed(None)


ASKED, LIVED = (Scaler(2.0, 60.0, 30.0, 4), 0.7), Lived(1.25, 0.003, 0.01)


class TestMemory:
    """What a scaler does is found once, and what the disk holds of it is believed where it is an answer."""

    @pytest.fixture
    def ask(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[Lived], Lived]:
        """Asks anew, as another process would; what it is given is what a simulation would come to."""
        monkeypatch.setenv("SWITCHPOINT_CACHE", str(tmp_path))

        def asked(would: Lived) -> Lived:
            scaler.scaler_life.cache_clear()
            monkeypatch.setattr(scaler, "simulate_scaler", lambda *_: would)
            return scaler.scaler_life(*ASKED)

        yield asked
        scaler.scaler_life.cache_clear()

    def test_it_is_simulated_once_and_again_by_other_code(
        self, ask: Callable[[Lived], Lived], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        other = Lived(9.0, 0.0, 0.0)
        assert (ask(LIVED), ask(other)) == (LIVED, LIVED)
        assert [file.name.partition("-")[0] for file in tmp_path.iterdir()] == ["scaler"]
        monkeypatch.setattr(disk_cache, "code_hash", lambda: "other")
        assert ask(other) == other

    @pytest.mark.parametrize(
        ("field", "value"),
        [("alive", float("nan")), ("alive", -1.0), ("cold_share", 1.5), ("starts_per_s", "0"), ("more", 1.0)],
    )
    @pytest.mark.parametrize("sealed", [False, True])
    def test_what_is_no_answer_is_found_again(
        self, ask: Callable[[Lived], Lived], tmp_path: Path, field: str, value: Any, sealed: bool
    ) -> None:
        ask(LIVED)
        (file,) = tmp_path.iterdir()
        held = json.loads(file.read_text(encoding="utf-8"))
        held["scaler"][field] = value
        if sealed:
            held["sha256"] = disk_cache._fingerprint(held["question"], held["scaler"])
        file.write_text(json.dumps(held), encoding="utf-8")
        other = Lived(9.0, 0.0, 0.0)
        assert ask(other) == other
