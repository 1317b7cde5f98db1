"""The schema explains itself: help under each field, units, JSON Schema, and the pages written from it."""

import json
import re
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from switchpoint import docs_pages
from switchpoint.docs_pages import reference
from switchpoint.scenario.candidates import GpuCandidate
from switchpoint.scenario.errors import closest, show
from switchpoint.scenario.fields import Bounds
from switchpoint.scenario.introspection import bounds_of, field_at, json_schema, part_at, tables, unit_of
from switchpoint.scenario.schema import Scenario
from switchpoint.scenario.uncertain import Choice, Pert, Range, num

FIELDS = {f"{part.__name__}.{name}": field for _, part in tables() for name, field in part.model_fields.items()}
UNITLESS = {"weekday_profile", "pass_probability", "warn_months", "hourly_profile"}


@pytest.mark.parametrize("name", FIELDS)
def test_every_field_has_help(name: str) -> None:
    text = FIELDS[name].description or ""
    assert len(text) > 5
    assert text[0].isupper() or text.split()[0] in ("hourly", "full,")
    assert text.rstrip().endswith((".", "lora"))


@pytest.mark.parametrize("name", FIELDS)
def test_every_number_has_a_unit(name: str) -> None:
    field = FIELDS[name]
    if bounds_of(field) is not None and name.rpartition(".")[2] not in UNITLESS:
        assert unit_of(field)


def test_every_table_says_what_it_is() -> None:
    assert [part.__name__ for _, part in tables() if not (part.__doc__ or "").strip().endswith(".")] == []


def test_tables_are_found_by_path() -> None:
    tree = {"candidates": {"x": {"kind": "gpu"}}, "usage": {"events": [{}]}}
    assert part_at((), tree) is Scenario
    assert part_at(("candidates", "x"), tree) is GpuCandidate
    assert part_at(("candidates", "y"), tree) is None
    assert field_at(("usage", "events", 0, "factor"), tree) is not None
    assert field_at(("usage", "events", 0, "x"), tree) is None
    assert field_at(("candidates", "x", "fleet", "gpu"), tree) is not None
    assert field_at(("candidates", "x", "provider"), tree) is None


class TestJsonSchema:
    def test_it_is_small_and_complete(self) -> None:
        schema = json_schema()
        tables = [schema, *schema["$defs"].values()]
        assert len(json.dumps(schema)) < 226 * sum(len(table.get("properties", {})) for table in tables)
        assert set(schema["properties"]) == {*Scenario.model_fields, "extends"}
        assert schema["additionalProperties"] is False
        assert schema["properties"]["months"]["unit"] == "calendar months"

    def test_every_reference_leads_somewhere(self) -> None:
        text = json.dumps(json_schema())
        assert set(re.findall(r'"#/\$defs/(\w+)"', text)) <= set(json_schema()["$defs"])

    def test_what_a_file_cannot_say_is_left_out(self) -> None:
        assert '"null"' not in json.dumps(json_schema())

    def test_every_property_has_help(self) -> None:
        for name, table in json_schema()["$defs"].items():
            for key, value in table.get("properties", {}).items():
                assert "description" in value, f"{name}.{key}"


class TestPages:
    def test_they_are_as_they_would_be_written_now(self) -> None:
        # In a process of its own: what other tests did to the terminal's settings changes how help is laid out.
        told = subprocess.run(
            [sys.executable, "-m", "switchpoint.docs_pages", "--check"], capture_output=True, text=True
        )
        assert (told.returncode, told.stderr) == (0, "")

    def test_a_stale_page_is_told_and_written_anew(self, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
        assert docs_pages.main(["--check"], tmp_path) == 1
        assert "docs/scenario-reference.md:1: is stale" in capsys.readouterr().err
        assert docs_pages.main([], tmp_path) == 0
        assert docs_pages.main(["--check"], tmp_path) == 0
        assert docs_pages.main(["--chek"], tmp_path) == 2

    def test_every_field_is_on_the_page(self) -> None:
        page = reference()
        assert [name for name in FIELDS if f"| `{name.partition('.')[2]}` |" not in page] == []

    def test_every_row_has_five_cells(self) -> None:
        _, fields = reference().split("## The top of the file")
        rows = [line for line in fields.splitlines() if line.startswith("|")]
        assert [row for row in rows if row.count("|") != 6] == []


class TestQuantities:
    def test_base_values(self) -> None:
        assert num(3) == 3
        assert num(Range(0.06, 0.14)) == pytest.approx((0.06 * 0.14) ** 0.5)
        assert num(Range(-1, 3)) == 1
        assert num(Range(0, 3)) == 1.5
        assert num(Pert(0, 5, 10)) == pytest.approx(5)
        assert num(Choice((1, 2, 3), (1, 2, 2))) == 2
        assert num(Range(1e-300, 1e300)) == pytest.approx(1)

    @pytest.mark.parametrize(
        ("bounds", "words"),
        [
            (Bounds(0, 1), "from 0 to 1"),
            (Bounds(0), "0 or more"),
            (Bounds(above=-1, high=10), "above -1 and at most 10"),
            (Bounds(0, below=1), "0 or more and below 1"),
            (Bounds(0, 1e6), "from 0 to 1,000,000"),
            (Bounds(), "any size up to 1e15"),
        ],
    )
    def test_bounds_in_words(self, bounds: Bounds, words: str) -> None:
        assert bounds.words() == words


class TestWords:
    @given(st.recursive(st.none() | st.booleans() | st.integers() | st.floats() | st.text(), st.lists, max_leaves=5))
    def test_what_is_shown_fits_a_line(self, value: object) -> None:
        assert len(show(value)) <= 60
        assert show(value).isprintable()

    @pytest.mark.parametrize(
        ("word", "meant"),
        [("Months", "months"), ("mnths", "months"), ("per-month", "per_month"), ("zzz", None), ("", None)],
    )
    def test_the_closest_name(self, word: str, meant: str | None) -> None:
        assert closest(word, ["months", "per_month", "name"]) == meant
