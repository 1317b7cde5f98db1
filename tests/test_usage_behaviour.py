"""How real usage behaves: the reader of the catalogue, and the measures, on series made by hand."""

import csv
import gzip
from dataclasses import asdict
from pathlib import Path

import numpy as np
import pytest

from switchpoint.catalog.tables import CatalogError
from switchpoint.catalog.usage_behaviour import usage_behaviour, usage_classes, usage_constants
from switchpoint.simulation.growth import noise_factors
from tools import calibrate_usage
from tools.calibrate_usage import main
from tools.real_series import FILE, fill_holes, read_series
from tools.usage_fit import Fitter, Measures, weighted_median
from tools.usage_moments import Changes, find_jumps, measure_changes, measure_days


class TestCatalogue:
    def test_its_classes(self):
        assert usage_classes() == ("service", "typical")

    @pytest.mark.parametrize("name", usage_classes())
    def test_every_number_is_there_and_sane(self, name: str):
        found = asdict(usage_behaviour(name))
        assert sorted(found) == sorted(each.name for each in usage_constants() if each.behaviour == name)
        assert 0.01 < found["sd_per_month"] < 0.5
        assert 0.1 < found["jumps_per_year"] < 3
        assert 0 <= found["daily_noise_carryover"] < 1
        assert found["half_life_months"] >= 0.5

    def test_services_are_calmer_than_the_rest(self):
        service, typical = usage_behaviour("service"), usage_behaviour("typical")
        assert service.daily_noise < typical.daily_noise
        assert service.sd_per_month < typical.sd_per_month

    def test_an_unknown_class_names_the_known_ones(self):
        with pytest.raises(CatalogError, match=r"unknown kind of usage 'servic'; did you mean service\?"):
            usage_behaviour("servic")


class TestSeries:
    def test_weeks_begin_on_monday_and_holes_are_lines(self):
        days = (739_000, 739_001, *range(739_004, 739_030))
        values = (1.0, 2.0, *map(float, range(8, 34)))
        series = fill_holes("web:x", days, values)
        assert series.start.weekday() == 0
        assert series.values.size % 7 == 0
        every = np.arange(series.start.toordinal(), series.start.toordinal() + series.values.size)
        assert series.values == pytest.approx(np.interp(every, days, values))
        assert not series.hole.any()
        assert series.service
        assert fill_holes("obsidian:y", days, values).origin == "obsidian"

    def test_a_long_hole_is_left_out_of_measures(self):
        days = tuple(range(739_000, 739_021)) + tuple(range(739_050, 739_090))
        series = fill_holes("wiki:x", days, (5.0,) * len(days))
        assert 3 <= series.hole.sum() <= 5
        assert np.isnan(series.logs).sum() == series.hole.sum()
        assert series.origin == "wiki:x"

    def test_a_file_is_read(self, tmp_path: Path):
        with gzip.open(tmp_path / FILE, "wt", encoding="utf-8", newline="") as file:
            writer = csv.writer(file)
            writer.writerow(["series", "date", "value"])
            writer.writerows([["web:b", f"2026-03-{day:02}", day] for day in range(2, 30)])
        (only,) = read_series(tmp_path)
        assert only.name == "web:b"
        assert only.weekly == pytest.approx([5, 12, 19, 26])


class TestMeasures:
    def test_a_lasting_jump_is_found_with_its_size_and_a_passing_one_is_not(self):
        logs = np.zeros((2, 60)) + np.sin(np.arange(60)) / 100
        logs[0, 30:] += 0.7
        logs[1, 30:33] += 2.0
        lasting, passing = find_jumps(logs)
        assert lasting == pytest.approx([0.7], abs=0.03)
        assert passing.size == 0

    def test_steady_growth_changes_nothing(self):
        changes = measure_changes(np.arange(80)[None] * 0.01)
        assert changes.variance == pytest.approx(np.zeros((1, 4)), abs=1e-12)
        assert changes.growth == pytest.approx([0.01 * 30.4375 / 7])
        assert changes.jumps[0].size == 0

    def test_a_random_walk_has_the_variance_of_block_means(self):
        """The difference of means over blocks k apart has the variance (k - 1/3) x block, nearly."""
        walk = np.cumsum(np.random.default_rng(1).normal(0, 0.1, (400, 160)), axis=1)
        found = measure_changes(walk).variance.mean(axis=0)
        assert found[0] == pytest.approx(0.01 * 4 * (2 / 3), rel=0.12)
        assert found[1] == pytest.approx(0.01 * 4 * (8 / 3), rel=0.12)

    def test_noise_of_days_its_carryover_and_the_weekend(self):
        noise = noise_factors(np.random.default_rng(2).standard_normal((1, 1400)), 0.1, 0.5)[0]
        week = np.tile([1, 1, 1, 1, 1, 0.5, 0.5], 200)
        days = measure_days(noise * week)
        assert days.noise == pytest.approx(0.1, rel=0.1)
        assert days.carryover == pytest.approx(0.5, abs=0.08)
        assert days.weekend == pytest.approx(0.5, rel=0.03)

    def test_the_middle_by_weight(self):
        assert weighted_median(np.array([1.0, 2.0, 3.0]), np.array([1.0, 1.0, 5.0])) == 3.0

    def test_measures_differ_by_standard_errors(self):
        changes = Changes(
            np.ones((2, 4)), np.zeros(2), np.zeros(2), np.zeros(2), [np.array([0.5]), np.array([])], np.ones(2)
        )
        found = Measures.of(changes, np.ones(2))
        assert found.rate == 0.5
        assert found.distance(found) == 0
        assert found.distance(Measures(found.variance, 0.1, found.rate, found.size, found.mean)) == pytest.approx(1)


def test_a_larger_wander_measures_larger():
    real = Measures(np.zeros(3), 0.0, 0.5, -0.5, 0.0)
    fitter = Fitter(real, 0.1, 0.4)
    small, large = (fitter.measure(np.append(np.log([sd, 0.7, 1e-9, 0.1]), 0.0), 0.4) for sd in (0.05, 0.2))
    assert large.variance - small.variance == pytest.approx(np.full(3, 2 * np.log(4)), abs=0.25)
    assert small.rate < 0.1


def test_without_a_folder_the_page_is_compared_with_the_catalogue_alone(
    capsys: pytest.CaptureFixture[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    assert main(["--check"]) == 0
    assert main(["--check", str(tmp_path)]) == 0
    assert capsys.readouterr().out.count("not with the series") == 2
    assert main([str(tmp_path)]) == 2
    other = tmp_path / "page.md"
    other.write_text(
        calibrate_usage.PAGE.read_text(encoding="utf-8").replace("| 0.105 |", "| 0.107 |"), encoding="utf-8"
    )
    monkeypatch.setattr(calibrate_usage, "PAGE", other)
    assert main(["--check"]) == 1
    assert "behaviour: is stale" in capsys.readouterr().err
