"""Exports spoilt at random: each is read, or refused in plain lines that tell nobody's name, e-mail, key or text."""

import gzip
import json
import random
from collections.abc import Callable
from pathlib import Path

import pytest

from switchpoint.owndata.reading import read_usage
from switchpoint.scenario.errors import ScenarioError
from tests.effort import tries
from tests.usage_samples import SAMPLES, SECRETS

pytestmark = pytest.mark.slow

SEEDS = range(tries(12, 60))
ODD = (
    "",
    "jo.doe@example.com",
    "sk-live-9f8e7d6c5b4a",
    "NaN",
    "inf",
    "-1",
    "1e308",
    "999999999999999999999999",
    "2026-02-30",
    "'",
    '"',
    "\0",
    "\ud7ff",
    "null",
    "{}",
    "[[[[",
    "0x10",
    "1_000",
    "٣",
    "=1+1",
)


def drop_a_line(text: str, rng: random.Random) -> str:
    lines = text.splitlines(keepends=True)
    lines.pop(rng.randrange(len(lines)))
    return "".join(lines)


def repeat_a_line(text: str, rng: random.Random) -> str:
    lines = text.splitlines(keepends=True)
    lines.insert(rng.randrange(len(lines) + 1), rng.choice(lines))
    return "".join(lines)


def cut_short(text: str, rng: random.Random) -> str:
    return text[: rng.randrange(len(text))]


def spoil_a_cell(text: str, rng: random.Random) -> str:
    lines = text.split("\n")
    place = rng.randrange(len(lines))
    cells = lines[place].split(",")
    cells[rng.randrange(len(cells))] = rng.choice(ODD)
    lines[place] = ",".join(cells)
    return "\n".join(lines)


def shift_cells(text: str, rng: random.Random) -> str:
    lines = text.split("\n")
    place = rng.randrange(len(lines))
    cells = lines[place].split(",")
    cells.insert(rng.randrange(len(cells)), rng.choice(ODD))
    lines[place] = ",".join(cells)
    return "\n".join(lines)


def put_letters_in(text: str, rng: random.Random) -> str:
    place = rng.randrange(len(text))
    return text[:place] + rng.choice(ODD) + text[place:]


def spoil_a_value(text: str, rng: random.Random) -> str:
    """Another value somewhere in a JSON; another cell in what is none."""
    try:
        held = json.loads(text)
    except ValueError:
        return spoil_a_cell(text, rng)
    inside, values = [held] if isinstance(held, (dict, list)) else [], []
    while inside:
        each = inside.pop()
        for key in each if isinstance(each, dict) else range(len(each)):
            values.append((each, key))
            if isinstance(each[key], (dict, list)):
                inside.append(each[key])
    if values:
        where, key = rng.choice(values)
        where[key] = rng.choice([None, [], {}, True, -1, 1e300, "x", "jo.doe@example.com", [1], {"a": 1}, 10**400])
    return json.dumps(held)


SPOILERS: tuple[Callable[[str, random.Random], str], ...] = (
    drop_a_line,
    repeat_a_line,
    cut_short,
    spoil_a_cell,
    shift_cells,
    put_letters_in,
    spoil_a_value,
)


@pytest.mark.parametrize("name", SAMPLES)
def test_spoilt_exports_are_read_or_refused_in_plain_lines(name: str, tmp_path: Path) -> None:
    file, text = SAMPLES[name]
    for seed in SEEDS:
        rng = random.Random(f"{name} {seed}")
        spoilt = text
        for _ in range(rng.randint(1, 3)):
            spoilt = rng.choice(SPOILERS)(spoilt, rng) or " "
        path = tmp_path / f"{seed}-{file}"
        path.write_bytes(spoilt.encode("utf-8", "replace"))
        forced = name if name in ("ccusage", "cursor") else None
        try:
            found = read_usage([path], format=forced, usd_per={"EUR": 1.08})
            told = "\n".join([*found.read_list(), found.table.to_string(), repr(found)])
        except ScenarioError as error:
            told = str(error)
            assert told, spoilt
            assert all(line.startswith(str(path)) for line in told.splitlines()), told
            assert "Traceback" not in told
            assert max(map(len, told.splitlines())) < 700
        assert [secret for secret in SECRETS if secret in told] == [], told


@pytest.mark.parametrize("name", SAMPLES)
def test_bytes_that_are_lost_or_changed_are_told_in_plain_lines(name: str, tmp_path: Path) -> None:
    file, text = SAMPLES[name]
    for seed in range(8):
        rng = random.Random(f"{name} {seed}")
        raw = bytearray(text.encode(rng.choice(["utf-8", "utf-16", "utf-16-le", "utf-8-sig"])))
        for _ in range(rng.randint(1, 6)):
            place = rng.randrange(len(raw))
            raw[place : place + rng.choice([0, 1, 1, 3])] = rng.choice([b"", b"\xff", b"\0", b"\n", b'"', b"\xc3\x28"])
        packed = gzip.compress(bytes(raw)) if rng.random() < 0.3 else b""
        path = tmp_path / f"{seed}-{file}{'.gz' if packed else ''}"
        path.write_bytes(packed[: rng.randrange(len(packed))] if packed else bytes(raw))
        try:
            told = "\n".join(read_usage([path], format=name if name in ("ccusage", "cursor") else None).read_list())
        except ScenarioError as error:
            told = str(error)
            assert all(line.startswith(str(path)) for line in told.splitlines()), told
        assert [secret for secret in SECRETS if secret in told] == [], told
