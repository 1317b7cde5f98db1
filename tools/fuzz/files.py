"""Doors that take a file beside the scenario: histories of usage, traces of requests, results of load tests."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from random import Random
from typing import Any

from tools.fuzz import sound, spoil
from tools.fuzz.trial import Attempt, refuse_machine_words
from tools.fuzz.typed import command

CELLS = (
    *("", "nan", "inf", "-1", "1e400", "9" * 400, "1e-320", "0x10", "1,5", "1_000", '"', "\x00", "é", " 7 ", "1e15"),
    *("9999-12-28", "0001-01-01", "2027-02-30", "2027-01-01T25:00", "01.02.2027", "20270101", "2027-W01-1"),
    *("1e308", "-0", "True", "=1+1", "2262-04-12", "1677-09-20", "1e18", "9223372036854775808", "99999999999"),
)


def histories(chance: Random, folder: Path) -> Attempt:
    """A spoilt history of usage, with the scenario that names it."""
    tree = sound.scenario()
    growth = {"curve": "history", "file": "usage.csv"}
    scenario = {**tree, "usage": {**tree["usage"], "growth": growth}}
    scenario["usage"].pop("requests_per_day")
    (folder / "small.toml").write_text(spoil.toml(scenario), encoding="utf-8")
    data = _csv(chance, sound.history())
    (folder / "usage.csv").write_bytes(data)
    draws = ["--draws", "4", "--jobs", "1"] if chance.random() < 0.3 else []
    return _ran(data, ["run", str(folder / "small.toml"), "--json", *draws])


def benchmarks(chance: Random, folder: Path) -> Attempt:
    """A spoilt result of a load test, with the scenario whose fleet names it."""
    tree = sound.scenario()
    fleet = {**tree["candidates"]["own"]["fleet"], "benchmark": "load.json"}
    fleet.pop("requests_per_second_per_replica")
    own = {**tree["candidates"]["own"], "fleet": fleet}
    (folder / "small.toml").write_text(spoil.toml({**tree, "candidates": {"own": own}}), encoding="utf-8")
    spoilt: Any = spoil.tree(chance, sound.benchmark())
    if chance.random() < 0.4:
        spoilt = {**sound.benchmark(), "request_throughput": spoil.hostile(chance)}
    data = sound.as_json(spoilt)
    data = spoil.octets(chance, data) if chance.random() < 0.3 else data
    (folder / "load.json").write_bytes(data)
    return _ran(data, ["run", str(folder / "small.toml"), "--json"])


def traces(chance: Random, folder: Path) -> Attempt:
    """A spoilt trace of requests, read as the command reads it."""
    from switchpoint.serving.trace_files import read_trace

    data = _csv(chance, chance.choice(sound.traces()))
    file = folder / "trace.csv"
    file.write_bytes(data)
    scale = chance.choice((1.0, 1.0, 1.0, 2.0, 0.0, -1.0, 1e-308, float("nan"), float("inf")))
    return Attempt(_shown(data), lambda: refused_plainly(lambda: read_trace(file, scale), _shown(data)))


def refused_plainly(act: Callable[[], object], given: str) -> None:
    """Do something whose input may be refused, in plain words."""
    from switchpoint.cli.typer_program import input_faults

    try:
        act()
    except input_faults() as fault:
        refuse_machine_words(str(fault), given)


def _ran(data: bytes, arguments: list[str]) -> Attempt:
    return Attempt(_shown(data), lambda: command(arguments, _shown(data)))


def _shown(data: bytes) -> str:
    return data.decode(errors="replace")


def _csv(chance: Random, data: bytes) -> bytes:
    """A table with odd cells, odd columns, or odd bytes."""
    match chance.randrange(4):
        case 0:
            return spoil.octets(chance, data)
        case 1:
            return _columns(chance, data)
        case _:
            rows = [line.split(",") for line in data.decode().splitlines()]
            for _ in range(chance.choice((1, 1, 2, 40))):
                row = chance.choice(rows[chance.choice((0, 1, 1, 1)) :])
                row[chance.randrange(len(row))] = chance.choice(CELLS)
            return "".join(",".join(row) + "\n" for row in rows).encode()


def _columns(chance: Random, data: bytes) -> bytes:
    lines = data.decode().splitlines()
    match chance.randrange(6):
        case 0:
            lines = lines[: chance.randrange(4)]
        case 1:
            lines = [line.replace(",", ";") for line in lines]
        case 2:
            lines = [f"{line},{line}" for line in lines]
        case 3:
            lines = lines[1:]
        case 4:
            lines = [line.partition(",")[0] for line in lines]
        case _:
            lines = lines[:1] + lines[:0:-1] * chance.choice((1, 2))
    return "".join(f"{line}\n" for line in lines).encode()
