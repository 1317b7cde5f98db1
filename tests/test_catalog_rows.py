"""The catalogue's own rows: every one has a source and a date, and none speaks of what it should not."""

import csv
import datetime as dt
import re

import pytest

from switchpoint.catalog.tables import DATA

FILES = sorted(DATA.glob("*.csv"))


def read(name: str) -> list[dict[str, str]]:
    with (DATA / f"{name}.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


@pytest.mark.parametrize("name", [path.stem for path in FILES])
class TestEveryFile:
    def test_every_row_has_a_source_and_a_date(self, name: str) -> None:
        assert [row for row in read(name) if not row["source"].strip() or not row["date"].strip()] == []

    def test_dates_are_iso_and_not_ahead_of_the_facts(self, name: str) -> None:
        for row in read(name):
            assert re.fullmatch(r"20\d\d(-\d\d){0,2}", row["date"])
            full = f"{row['date']}-01-01"[:10] if len(row["date"]) == 4 else f"{row['date']}-01"[:10]
            assert dt.date.fromisoformat(full) <= dt.date(2026, 11, 28)

    def test_what_is_not_verified_says_so_in_its_source_or_note(self, name: str) -> None:
        weak = re.compile("unverified|not re-verified|not verified|secondary|param count approximate")
        silent = [r for r in read(name) if r["verified"] == "no" and not weak.search(" ".join(r.values()))]
        assert silent == []

    def test_a_source_that_calls_itself_unverified_is_marked(self, name: str) -> None:
        assert [row for row in read(name) if "unverified" in row["source"] and row["verified"] != "no"] == []

    def test_no_number_is_negative(self, name: str) -> None:
        rows = [row for row in read(name) if not row.get("unit", "").startswith("log")]
        for row in rows:
            numbers = [float(cell) for cell in row.values() if re.fullmatch(r"-?\d+(\.\d+)?(e-?\d+)?", cell or "")]
            assert min(numbers, default=0) >= 0

    def test_rows_are_whole_and_differ(self, name: str) -> None:
        rows = read(name)
        assert all(None not in row and None not in row.values() for row in rows)
        assert len({tuple(row.values()) for row in rows}) == len(rows)


def test_there_are_files() -> None:
    assert [path.stem for path in FILES] == [
        "candidate_templates",
        "checks",
        "first_days",
        "gpus",
        "hosting",
        "models",
        "price_behaviour",
        "prices",
        "purchases",
        "rents",
        "retirements",
        "training",
        "usage_behaviour",
        "warning_prior",
    ]
