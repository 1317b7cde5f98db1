"""Sweep folders that were damaged or made by somebody else: answered, or refused in one line; never a traceback."""

import copy
import io
import json
import os
import random
import shutil
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from typer.testing import CliRunner

from switchpoint.cli import program
from switchpoint.export.plain_tables import as_text
from switchpoint.export.sweep_text import page, write_csv
from switchpoint.review.sweep_review import build_sweep_review
from switchpoint.study.sweep.folder import Folder
from switchpoint.study.sweep.results import results
from switchpoint.study.sweep.run import reopen_sweep
from switchpoint.study.sweep.study_file import SweepError
from switchpoint.study.sweep.summary import as_json, summarise
from tests.effort import tries
from tests.sweep_stories import sweep_of

pytestmark = pytest.mark.slow

MUTATIONS = tries(60, 1000)
"""Of each kind."""
ODD: tuple[Any, ...] = (
    None, True, -1, 0, 3, 10**30, 1e308, "", "x", "a\nb", "\x00", "9999-99-99", "0001-01-01", [], [None], [1, "a"], {},
    {"": None}, {"a": {"b": [1]}}, [[[[]]]],
)  # fmt: skip


@pytest.fixture(scope="module")
def whole() -> Path:
    return sweep_of("two")


@pytest.fixture
def damaged(whole: Path, tmp_path: Path) -> Path:
    """A copy to be damaged."""
    shutil.copytree(whole, tmp_path / "out")
    return tmp_path / "out"


def asked(path: Path) -> str | None:
    """Everything that is read from a sweep; the fault, if there is one."""
    folder = Folder(path)
    try:
        summary = summarise(results(folder))
        assert page(summary)
        assert as_text(as_json(summary))
        write_csv(folder, io.BytesIO())
        assert build_sweep_review(summary)
    except SweepError as fault:
        return str(fault)
    return None


def resumed(path: Path) -> str | None:
    """The fault of going on, if there is one."""
    try:
        _, manifest = reopen_sweep(Folder(path))
        Folder(path).done(manifest)
    except SweepError as fault:
        return str(fault)
    return None


def call(*arguments: str) -> tuple[int, str]:
    found = CliRunner().invoke(program, list(arguments))
    assert found.exception is None or isinstance(found.exception, SystemExit), found.exception
    return found.exit_code, found.stderr


def mutated(tree: Any, dice: random.Random) -> Any:
    """A tree with one to three of its values replaced, removed or doubled, wherever they stand."""
    tree = copy.deepcopy(tree)
    for _ in range(dice.randint(1, 3)):
        node = tree
        while True:
            keys = list(node) if isinstance(node, dict) else list(range(len(node)))
            if not keys:
                break
            key = dice.choice(keys)
            inner = node[key]
            if isinstance(inner, (dict, list)) and inner and dice.random() < 0.75:
                node = inner
                continue
            if dice.random() < 0.3:
                del node[key]
            else:
                node[key] = copy.deepcopy(dice.choice(ODD))
            break
    return tree


@pytest.mark.parametrize("part", range(5))
def test_any_manifest_is_answered_or_refused_in_one_line(damaged: Path, part: int) -> None:
    whole = json.loads((damaged / "manifest.json").read_text())
    refused = 0
    for number in range(MUTATIONS // 5):
        dice = random.Random(1000 * part + number)
        (damaged / "manifest.json").write_text(json.dumps(mutated(whole, dice)))
        fault = asked(damaged)
        assert fault is None or len(fault.splitlines()) == 1, fault
        again = resumed(damaged)
        assert again is None or again.isprintable() or len(again.splitlines()) <= 21
        refused += fault is not None
    assert refused > MUTATIONS // 15


@pytest.mark.parametrize("part", range(5))
def test_any_bytes_are_answered_or_refused_in_one_line(damaged: Path, part: int) -> None:
    target = Folder(damaged).files[0]
    whole = target.read_bytes()
    for number in range(MUTATIONS // 5):
        dice = random.Random(1000 * part + number)
        data = bytearray(whole)
        for _ in range(dice.choice((1, 1, 5, 50))):
            data[dice.randrange(len(data))] = dice.randrange(256)
        target.write_bytes(data[: dice.randrange(len(data))] if dice.random() < 0.2 else data)
        fault = asked(damaged)
        assert fault is None or len(fault.splitlines()) == 1, fault


def test_flipped_figures_are_found(damaged: Path) -> None:
    target = Folder(damaged).files[0]
    whole = target.read_bytes()
    honest = asked_figures(damaged)
    for place in range(4, len(whole) - 20_000, max(1, (len(whole) - 20_000) // 40)):
        data = bytearray(whole)
        data[place] ^= 0xFF
        target.write_bytes(data)
        found = asked_figures(damaged)
        assert found in (honest, None)


def asked_figures(path: Path) -> list[float] | None:
    """The savings of a sweep, None where a file is refused."""
    try:
        return results(Folder(path)).saving.tolist()
    except SweepError:
        return None


def rewritten(part: Path, name: str, values: pa.Array) -> None:
    """A file with another column in the place of one, all that it says of itself kept."""
    table = pq.read_table(part)
    place = table.column_names.index(name)
    table = table.set_column(place, pa.field(name, values.type), values)
    pq.write_table(table.replace_schema_metadata(pq.read_schema(part).metadata), part)


@pytest.mark.parametrize(
    ("name", "value", "said"),
    [
        ("verdict.npv_saving_usd", "much", "has other columns than the sweep"),
        ("point", 1.5, "has other columns than the sweep"),
        ("verdict.npv_saving_usd", float("nan"), "has values of verdict.npv_saving_usd that are no numbers"),
        ("verdict.action", "go", "has values of verdict.action that the sweep has not"),
        ("verdict.action", None, "has values of verdict.action that the sweep has not"),
        ("scenario", "another", "has values of scenario that the sweep has not"),
        ("status", "fine", "has values of status that the sweep has not"),
        ("point", 10**9, "has rows of other points than 0 to "),
        ("usage.growth.per_month", None, "has no value of usage.growth.per_month in some rows"),
        ("verdict.start_by", 2**31 - 1, "has dates in verdict.start_by that no calendar has"),
    ],
)
def test_rows_that_the_sweep_cannot_have_written(damaged: Path, name: str, value: Any, said: str) -> None:
    part = Folder(damaged).files[0]
    kind, rows = pq.read_schema(part).field(name).type, pq.read_metadata(part).num_rows
    if said == "has other columns than the sweep":
        column = pa.array([value] * rows)
    elif name == "verdict.start_by":
        column = pa.array([value] * rows, pa.int32()).cast(kind)
    else:
        column = pa.array([value] * rows, kind)
    rewritten(part, name, column)
    code, told = call("summarise", str(damaged))
    assert (code, len(told.splitlines())) == (2, 1)
    assert told.startswith(f"{part}: {said}")
    assert told.endswith(f"; switchpoint sweep --resume {damaged} makes it anew\n")


def test_a_file_of_too_many_rows_is_refused_before_it_is_read(damaged: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    part = Folder(damaged).files[0]
    schema = pq.read_schema(part)
    zeros = pa.nulls(1_000)  # millions would take seconds to write; that nobody reads them is seen below
    table = pa.table([zeros.cast(field.type) for field in schema], schema=schema)
    with pq.ParquetWriter(part, schema) as writer:
        for _ in range(3):
            writer.write_table(table)
    monkeypatch.setattr(pq, "read_table", lambda *_, **__: pytest.fail("rows were read"))
    code, told = call("summarise", str(damaged))
    assert code == 2
    assert told.startswith(f"{part}: has 3,000 rows where at most ")


@pytest.mark.skipif(os.name == "nt", reason="pipes and links as on Unix")
@pytest.mark.parametrize("place", ["manifest.json", "rows/part-000000.parquet"])
@pytest.mark.parametrize("what", ["pipe", "device", "folder"])
def test_what_is_no_file_is_refused_in_one_line(damaged: Path, place: str, what: str) -> None:
    path = damaged / place
    path.unlink()
    {"pipe": os.mkfifo, "device": lambda p: p.symlink_to("/dev/zero"), "folder": os.mkdir}[what](path)
    code, told = call("summarise", str(damaged))
    assert (code, len(told.splitlines())) == (2, 1)
    assert str(path) in told


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("[" * 100_000, "recursion"),
        ('{"format": 1, "points": ' + "9" * 5000 + "}", ""),
        ("[]", "it is not that of a sweep"),
        ('{"format": [1, 2]}', "is in format [1, 2], which this program does not know"),
        ('{"format": 1}', "mark: field required"),
        ('"\\ud800"', ""),
        ("\ufeff{", ""),
    ],
)
@pytest.mark.parametrize("command", [["summarise"], ["sweep", "--resume"], ["export", "--report", "r.html", "--run"]])
def test_odd_manifests_are_refused_by_every_command(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, text: str, said: str, command: list[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("out").mkdir()
    Path("out/manifest.json").write_text(text)
    code, told = call(*command, "out")
    assert (code, len(told.splitlines())) == (2, 1)
    assert told.startswith("out: manifest.json")
    assert said in told


@pytest.mark.parametrize("key", ["points", "names", "columns", "scenarios", "advice", "sources", "texts", "study"])
@pytest.mark.parametrize("value", [None, 1, "x", [], {}, ["gone"]])
def test_a_key_of_another_type_or_missing_is_named(damaged: Path, key: str, value: Any) -> None:
    told = json.loads((damaged / "manifest.json").read_text())
    if value == ["gone"]:
        del told[key]
    else:
        told[key] = value
    if (key, value) in (("points", 1), ("sources", [])):
        return  # right by themselves
    (damaged / "manifest.json").write_text(json.dumps(told))
    code, said = call("summarise", str(damaged))
    assert (code, len(said.splitlines())) == (2, 1)
    assert said.startswith(f"{damaged}: manifest.json cannot be read: {key}")
