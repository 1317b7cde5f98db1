"""What is wrong with rows that are read back: points, names, answers or values that the sweep cannot have written."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from typing import Any

from switchpoint.decision.verdict import Action
from switchpoint.study.sweep.columns import FAILED, OK
from switchpoint.study.sweep.manifest import Manifest
from switchpoint.study.sweep.parts import Part

MUST = ("point", "scenario", "status")
"""Columns that every check needs."""
_ACTION, _SAVING = "verdict.action", "verdict.npv_saving_usd"
_EPOCH = date(1970, 1, 1).toordinal()


def row_faults(table: Any, part: Part, manifest: Manifest) -> Iterator[str]:
    """What is wrong with the rows of a file, an Arrow table with at least the columns of `MUST`."""
    import pyarrow.compute as pc

    yield from _range_faults(table, "point", part.points.start, part.points.stop - 1)
    yield from _word_faults(table, "scenario", manifest.content["scenarios"])
    yield from _word_faults(table, "status", (OK, FAILED))
    for name in table.column_names:
        if manifest.columns[name] == "date":
            yield from _date_faults(table, name)
    good = table.filter(pc.equal(table["status"], OK))
    if _ACTION in good.column_names:
        yield from _word_faults(good, _ACTION, [*Action])
    for vary in manifest.study.vary:
        if vary.path in good.column_names and good[vary.path].null_count:
            yield f"has no value of {vary.path} in some rows"
    for name in (_SAVING, *(vary.path for vary in manifest.study.vary)):
        if name in good.column_names and manifest.columns[name] == "number":
            yield from _finite_faults(good, name)


def _range_faults(table: Any, name: str, low: int, high: int) -> Iterator[str]:
    import pyarrow.compute as pc

    found = pc.min_max(table[name]).as_py()
    if table[name].null_count or (table.num_rows and not low <= found["min"] <= found["max"] <= high):
        yield f"has rows of other points than {low} to {high}"


def _word_faults(table: Any, name: str, words: Any) -> Iterator[str]:
    import pyarrow as pa
    import pyarrow.compute as pc

    known = pc.is_in(table[name], value_set=pa.array(list(map(str, words)), pa.string()))
    if not pc.all(known, min_count=0).as_py():
        yield f"has values of {name} that the sweep has not"


def _date_faults(table: Any, name: str) -> Iterator[str]:
    import pyarrow as pa
    import pyarrow.compute as pc

    found = pc.min_max(table[name].cast(pa.int32())).as_py()
    ends = [found["min"], found["max"]] if found["min"] is not None else []
    if not all(1 <= day + _EPOCH <= date.max.toordinal() for day in ends):
        yield f"has dates in {name} that no calendar has"


def _finite_faults(table: Any, name: str) -> Iterator[str]:
    import pyarrow.compute as pc

    if not pc.all(pc.is_finite(table[name]), min_count=0).as_py():
        yield f"has values of {name} that are no numbers"
