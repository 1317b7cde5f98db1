"""Doors that take a folder which the program wrote, and somebody else has touched: sweeps and saved runs."""

from __future__ import annotations

import json
import shutil
import tempfile
from functools import cache
from pathlib import Path
from random import Random
from typing import Any

from switchpoint.study.workers import stop_local
from tools.fuzz import sound, spoil
from tools.fuzz.files import refused_plainly
from tools.fuzz.trial import Attempt
from tools.fuzz.typed import command


@cache
def _kept() -> Path:
    """A folder for what is made once and spoilt often; it ends with the program."""
    holder = tempfile.TemporaryDirectory(prefix="sound-")
    _HELD.append(holder)
    folder = Path(holder.name)
    (folder / "small.toml").write_text(sound.LITTLE, encoding="utf-8")
    small = str(folder / "small.toml")
    vary = ["--vary", "usage.growth.per_month=0.05,0.1", "--vary", "usage.input_tokens=1000,2000"]
    command(["sweep", small, *vary, "--jobs", "1", "--out", str(folder / "sweep")])
    stop_local()  # its processes would outlive the one that asked for them
    command(["run", small, "--out", str(folder / "run")])
    command(["run", small, "--draws", "8", "--jobs", "1", "--out", str(folder / "drawn")])
    return folder


_HELD: list[tempfile.TemporaryDirectory[str]] = []


def sweeps(chance: Random, folder: Path) -> Attempt:
    """A sweep whose manifest or rows were changed: summarised, looked at for going on, exported."""
    target = folder / "sweep"
    shutil.copytree(_kept() / "sweep", target)
    said = _spoil_manifest(chance, target) if chance.random() < 0.7 else _spoil_rows(chance, target)
    match chance.randrange(8):
        case 0 | 1:
            way = ["sweep", "--resume", str(target), "--dry-run"]
        case 2:
            way = ["export", "--run", str(target), "--tables", str(folder / "tables")]
        case _:
            way = ["summarise", str(target), "--json"]
    return Attempt(f"{way[0]}: {said}", lambda: command(way, said))


def runs(chance: Random, folder: Path) -> Attempt:
    """A saved run whose result or scenario was changed: read, and now and then exported."""
    target = folder / "run"
    shutil.copytree(_kept() / chance.choice(("run", "run", "drawn")), target)
    name = chance.choice(("result.json", "result.json", "scenario.toml"))
    file = target / name
    said = _spoil_file(chance, file)
    if chance.random() < 0.8:
        return Attempt(f"{name}: {said}", lambda: refused_plainly(lambda: _read(target), said))
    way = ["export", "--run", str(target), "--tables", str(folder / "tables"), "--jobs", "1"]
    return Attempt(f"{name}: {said}", lambda: command(way, said))


def _read(target: Path) -> None:
    """Read a saved run as an export does, and find that it has changed."""
    from switchpoint.export.data_files import open_saved_run

    kept = open_saved_run(target)
    kept.confirm({"draws": kept.draws, "seed": kept.seed})


def _spoil_file(chance: Random, file: Path) -> str:
    data = file.read_bytes()
    if file.suffix == ".json" and chance.random() < 0.7:
        told: dict[str, Any] = json.loads(data)
        top = chance.choice(list(told))
        told[top] = spoil.hostile(chance) if chance.random() < 0.5 else spoil.tree(chance, [told[top]])
        data = sound.as_json(told)
        said = f"{top} = {told[top]!r}"
    else:
        data = spoil.octets(chance, data)
        said = data.decode(errors="replace")
    file.write_bytes(data)
    return said


def _spoil_manifest(chance: Random, target: Path) -> str:
    file = target / "manifest.json"
    data = file.read_bytes()
    if chance.random() < 0.15:
        data = chance.choice((spoil.octets(chance, data), b"[" * 5_000, b"[]", b"", b"null", b'{"format": 1}'))
        file.write_bytes(data)
        return data.decode(errors="replace")
    told = json.loads(data)
    key = chance.choice(list(told))
    match chance.randrange(3):
        case 0:
            del told[key]
            said = f"no {key}"
        case 1:
            told[key] = spoil.hostile(chance)
            said = f"{key} = {told[key]!r}"
        case _:
            spoilt = spoil.tree(chance, {key: told[key]})
            told.pop(key)
            told |= spoilt if isinstance(spoilt, dict) else {}
            said = f"{key} = {told.get(key)!r}"
    file.write_bytes(sound.as_json(told))
    return said


def _spoil_rows(chance: Random, target: Path) -> str:
    file = chance.choice(sorted((target / "rows").glob("*.parquet")))
    match chance.randrange(4):
        case 0:
            file.write_bytes(spoil.octets(chance, file.read_bytes()))
            return f"{file.name}: other bytes"
        case 1:
            file.unlink()
            return f"{file.name}: gone"
        case 2:
            (target / "rows" / "part-000001.parquet").mkdir(exist_ok=True)
            return "a folder among the rows"
        case _:
            return _retyped(chance, file)


def _retyped(chance: Random, file: Path) -> str:
    """A column of another type, of other values, doubled or gone; what the file says of itself stays."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    table = pq.read_table(file)
    place = chance.randrange(table.num_columns)
    name, count = table.column_names[place], table.num_rows
    other = chance.choice(
        (
            *(pa.array([1] * count), pa.array(["x"] * count), pa.array([None] * count), pa.array([[1.5]] * count)),
            *(pa.array([float("nan")] * count), pa.array([b"\xff"] * count), pa.array([-(2**62)] * count)),
            *(pa.array([{"a": 1}] * count), pa.array([True] * count), pa.array([""] * count)),
        )
    )
    match chance.randrange(4):
        case 0:
            spoilt = table.remove_column(place)
        case 1:
            spoilt = table.append_column(name, table.column(place))
        case _:
            spoilt = table.set_column(place, name, other)
    pq.write_table(spoilt.replace_schema_metadata(table.schema.metadata), file)
    return f"{file.name}: column {name} as {other.type}"
