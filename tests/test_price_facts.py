"""The estimates of how prices behave: against the facts where they are at hand, and what is built on them."""

from __future__ import annotations

import csv
import datetime as dt
import math
import os
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest

from switchpoint.scenario.candidates import Fleet
from switchpoint.scenario.current import Current
from switchpoint.scenario.uncertain import Choice
from tools import calibrate_prices, closed_models, price_facts
from tools.closed_models import Closed
from tools.price_facts import Rent, reverting, survival

ROOT = Path(__file__).resolve().parent.parent
FACTS = Path(os.environ.get("SWITCHPOINT_SHARED", ROOT.parent / "shared")) / "facts"
AT_HAND = all((FACTS / name).is_file() for name in price_facts.FILES)


def constants() -> dict[str, dict[str, float]]:
    with calibrate_prices.CONSTANTS.open(encoding="utf-8", newline="") as file:
        return {row["name"]: {key: float(row[key]) for key in ("value", "low", "high")} for row in csv.DictReader(file)}


@pytest.mark.skipif(not AT_HAND, reason="needs the dated facts; SWITCHPOINT_SHARED says where they are")
def test_constants_and_page_are_those_of_the_facts() -> None:
    assert calibrate_prices.main([str(FACTS), "--check"]) == 0


class TestDefaults:
    """What the schema and the page say of the facts."""

    def test_the_default_reprice_is_not_contradicted(self) -> None:
        factor = Current(usd_per_mtok={"input": 1, "output": 1}).price_shock_factor
        assert isinstance(factor, Choice)
        known, weights = constants(), np.array(factor.weights) / sum(factor.weights)
        mean = math.exp(weights @ np.log(factor.values))
        assert mean == pytest.approx(0.60, abs=0.005)  # as docs/validation-prices.md says
        assert known["change_factor"]["low"] < mean < known["change_factor"]["high"]
        rises = known["rises_per_model_year"]
        total = known["cuts_per_model_year"]["value"] + rises["value"]
        assert rises["low"] / total < weights[np.array(factor.values) > 1].sum() < rises["high"] / total

    def test_the_default_speed_of_rents_is_that_of_the_facts(self) -> None:
        default = Fleet(gpu="H100").rent_reversion_per_year
        assert default == round(constants()["rent_reversion_per_year"]["value"])

    @pytest.mark.parametrize(
        ("said", "name"),
        [
            (0.06, "changes_per_model_year_later"),
            (0.35, "changes_per_model_year_in_first_half_year"),
            (0.6, "retirements_per_model_year_later"),
            (0.6, "rent_volatility_per_year"),
            (0.5, "rent_spread"),
            (0.3, "rent_spread_without_large_clouds"),
        ],
    )
    def test_what_the_page_says_to_state_is_what_was_found(self, said: float, name: str) -> None:
        assert said == pytest.approx(constants()[name]["value"], rel=0.11)


class TestEstimators:
    """Each on facts whose answer is known."""

    def closed(self, *lives: tuple[int, bool]) -> list[Closed]:
        start = dt.date(2025, 1, 1)
        ends = [(start + dt.timedelta(days), gone) for days, gone in lives]
        return [Closed(str(i), start, end, end if gone else None) for i, (end, gone) in enumerate(ends)]

    def test_survival_counts_who_is_still_watched(self) -> None:
        """Four at risk at 100 days, two at 300 (one was lost sight of at 200): 3/4 x 1/2."""
        closed = self.closed((100, True), (200, False), (300, True), (400, False))
        assert survival(closed, 3) == 1
        assert survival(closed, 6) == pytest.approx(3 / 4)
        assert survival(closed, 12) == pytest.approx(3 / 8)

    def test_exposure_between_ages(self) -> None:
        closed = self.closed((100, True), (400, False))
        assert price_facts.exposure(closed) == pytest.approx(500 / 365.25)
        assert price_facts.exposure(closed, 50, 150) == pytest.approx(150 / 365.25)

    def test_the_interval_of_a_rate_is_exact(self) -> None:
        from scipy.stats import poisson

        rate = calibrate_prices._rate("", 6, 10.0)
        assert poisson.cdf(6, rate.high * 10) == pytest.approx(0.05, abs=0.002)
        assert poisson.sf(5, rate.low * 10) == pytest.approx(0.05, abs=0.002)

    def test_a_process_that_was_simulated_is_found_again(self) -> None:
        from switchpoint.simulation.growth import RentSwings

        truth, rng = RentSwings(volatility=0.6, reversion=3.0), np.random.default_rng(4)
        path = 2.5 * truth.factors(rng.standard_normal(365 * 400))[3000:]
        quotes = [Rent("H100", "neocloud", day / 365.25, path[day]) for day in range(0, path.size, 90)]
        found = reverting(quotes, list(pairwise(quotes)))
        assert found.level == pytest.approx(2.5, rel=0.05)
        assert found.reversion == pytest.approx(3.0, rel=0.2)
        assert found.volatility == pytest.approx(0.6, rel=0.12)

    def test_like_is_compared_with_like(self) -> None:
        assert price_facts.basis("1-yr contract (cycle low)") == price_facts.basis("1-yr contract")
        years = [price_facts.year(period) for period in ("2025-10", "2023-H1", "2026-mid", "2026", "2025-26")]
        assert years == pytest.approx([2025 + 9.5 / 12, 2023.25, 2026.5, 2026.5, 2026])


class TestCommand:
    def test_without_facts_a_check_says_that_it_skips(self, capsys: pytest.CaptureFixture[str]) -> None:
        assert calibrate_prices.main(["--check"]) == 0
        assert capsys.readouterr().out.startswith("skipped: ")

    def test_a_folder_that_lacks_files_is_one_line(self, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
        assert calibrate_prices.main([str(tmp_path)]) == 2
        assert len(capsys.readouterr().err.splitlines()) == 1

    def test_closed_models_are_read_from_monthly_lists(self, tmp_path: Path) -> None:
        import gzip
        import json

        lists = [
            ("2026-01-01", {"openai/gpt-4": [30, 60], "openai/gpt-4:batch": [15, 30], "x-ai/grok-beta": [5, 15]}),
            ("2026-02-01", {"openai/gpt-4": [30, 60], "anthropic/claude-2": [8, 24], "google/gemma": [0.1, 0.1]}),
            ("2026-03-01", {"anthropic/claude-2": [8, 24], "openai/gpt-free": [0, 0]}),
        ]
        file = tmp_path / "history.json.gz"
        snapshots = [{"date": date, "prices": prices} for date, prices in lists]
        file.write_bytes(gzip.compress(json.dumps({"snapshots": snapshots}).encode()))
        first, second, third = (dt.date.fromisoformat(date) for date, _ in lists)
        assert closed_models.from_history(file) == [
            Closed("anthropic/claude-2", second, third, None),
            Closed("openai/gpt-4", first, second, third),
        ]
