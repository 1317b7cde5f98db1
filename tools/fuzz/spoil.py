"""Ways to spoil something: a tree, a text, bytes, a table of numbers."""

from __future__ import annotations

import copy
import json
from collections.abc import Callable, Iterator
from datetime import date, datetime
from random import Random
from typing import Any

Step = str | int
Path = tuple[Step, ...]

DIGITS = int("9" * 400)
NUMBERS: tuple[Any, ...] = (
    *(0, -1, 1, 2**31, 2**63, -(2**63) - 1, DIGITS, -DIGITS, 10**25),
    *(0.0, -0.0, 0.5, 1e-6, 1e-12, 1e-302, 1e-308, 5e-324, 1e15, 1e16, 1e300, 1.7976931348623157e308),
    *(float("nan"), float("inf"), float("-inf")),
)
DATES: tuple[Any, ...] = (
    *(date(1, 1, 1), date(1990, 1, 1), date(2028, 2, 29), date(2200, 12, 31), date(9999, 12, 28), date(9999, 12, 31)),
    datetime(2027, 1, 1, 12, 30),
)
TEXTS: tuple[str, ...] = (
    *("", " ", "*", ".", "..", "/dev/zero", "/etc/passwd", "no such file.toml", "a\nb", "\x00", "\x1b[31m", "\u202e"),
    *("x" * 5_000, "2027-01-01", "1e400", "nan", "[[", "💥", "a.b.c", '"', "null", "-", "warn", "history", "gpu"),
)
BELIEFS: tuple[Any, ...] = (
    *({"low": 1e-302, "high": 1e300}, {"low": 2, "high": 1}, {"low": 0, "mode": 5e-324, "high": 1e15}),
    *({"values": []}, {"values": [1, 2], "weights": [0, 0]}, {"values": [1e-308], "weights": [DIGITS]}),
    *({"low": "a", "high": None}, {"low": 1}, {"values": 3}, {"low": -1e15, "high": 1e15}, {"values": [{}]}),
)
TREES: tuple[Any, ...] = ([], {}, [[]], [{}], {"": 1}, {"a": {"b": [1, {"c": 2}]}}, [1, "a", True], [None], [0] * 2_000)


def hostile(chance: Random) -> Any:
    """A value that no field expects, or one at the end of what it takes."""
    pool = chance.choice((NUMBERS, NUMBERS, DATES, TEXTS, BELIEFS, TREES, (True, False)))
    return copy.deepcopy(chance.choice(pool))


def deep(chance: Random) -> Any:
    """Something nested deeper than anything needs to be."""
    value: Any = 1
    for _ in range(chance.choice((15, 25, 60))):
        value = {"a": value} if chance.random() < 0.5 else [value]
    return value


def places(tree: Any, path: Path = ()) -> Iterator[Path]:
    """Every path of a tree."""
    items = tree.items() if isinstance(tree, dict) else enumerate(tree) if isinstance(tree, list) else ()
    for key, value in items:
        yield (*path, key)
        yield from places(value, (*path, key))


def at(tree: Any, path: Path) -> Any:
    """What stands at a path."""
    for key in path:
        tree = tree[key]
    return tree


def tree(chance: Random, sound: Any) -> Any:
    """A tree with one to three things wrong with it."""
    spoilt = copy.deepcopy(sound)
    for _ in range(chance.choice((1, 1, 1, 2, 3))):
        found = list(places(spoilt))
        if not found:
            return hostile(chance)
        path = chance.choice(found)
        chance.choice(TREE_WAYS)(chance, at(spoilt, path[:-1]), path[-1])
    return spoilt


def _replace(chance: Random, holder: Any, key: Step) -> None:
    holder[key] = hostile(chance)


def _scale(chance: Random, holder: Any, key: Step) -> None:
    value = holder[key]
    is_number = isinstance(value, (int, float)) and not isinstance(value, bool) and abs(value) < 1e308
    holder[key] = value * chance.choice((-1, 1e-300, 1e-9, 1e9, 1e300)) if is_number else [value]


def _drop(_chance: Random, holder: Any, key: Step) -> None:
    del holder[key]


def _misspell(chance: Random, holder: Any, key: Step) -> None:
    if not isinstance(holder, dict):
        holder.append(hostile(chance))
        return
    name = str(key)
    spelt = chance.choice((name + "s", name[:-1], name.upper(), name[::-1], name.replace("_", "-"), "", "a b", "é"))
    holder[spelt] = holder.pop(key)


def _nest(chance: Random, holder: Any, key: Step) -> None:
    holder[key] = chance.choice(({"a": holder[key]}, [holder[key]], deep(chance)))


def _add(chance: Random, holder: Any, key: Step) -> None:
    if isinstance(holder, dict):
        holder[chance.choice(("file", "extends", "benchmark", "files", "plan", "0", "low", "*", "x"))] = hostile(chance)
    else:
        holder.extend([holder[int(key)]] * chance.choice((1, 50, 2_000)))


def _swap(chance: Random, holder: Any, key: Step) -> None:
    keys = list(holder) if isinstance(holder, dict) else list(range(len(holder)))
    other = chance.choice(keys)
    holder[key], holder[other] = holder[other], holder[key]


TREE_WAYS: tuple[Callable[[Random, Any, Step], None], ...] = (
    *(_replace, _replace, _replace, _scale, _scale),
    *(_drop, _misspell, _nest, _add, _swap),
)


def octets(chance: Random, sound: bytes) -> bytes:
    """Bytes with something wrong with them."""
    data = bytearray(sound)
    for _ in range(chance.choice((1, 1, 2, 5))):
        place = chance.randrange(len(data) + 1)
        match chance.randrange(7):
            case 0:
                del data[place:]
            case 1:
                del data[place : place + chance.choice((1, 4, 50))]
            case 2:
                data[place:place] = chance.choice(JUNK)
            case 3:
                data[place : place + 1] = bytes([chance.randrange(256)])
            case 4:
                data[place:place] = data[: chance.randrange(200)]
            case 5:
                data[place : place + 8] = chance.randbytes(8)
            case _:
                data = bytearray(bytes(data).replace(b"\n", chance.choice((b"\r", b"\r\n", b"\n\n", b"")), 3))
    return bytes(data)


JUNK = (b"\x00", b"\xff\xfe", b"\xef\xbb\xbf", b"[" * 3_000, b'"', b"'''", b"=", b"\n", b"9" * 5_000, b"{", b"#", b",")


def toml(value: Any) -> str:
    """A tree as TOML, each key of the outermost table on one line; None, which TOML has not, becomes an empty text."""
    if not isinstance(value, dict):
        return f"x = {_inline(value)}\n"
    return "".join(f"{json.dumps(str(key))} = {_inline(inner)}\n" for key, inner in value.items())


def _inline(value: Any) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, dict):
        return "{ " + ", ".join(f"{json.dumps(str(k))} = {_inline(v)}" for k, v in value.items()) + " }"
    if isinstance(value, (list, tuple)):
        return "[" + ", ".join(map(_inline, value)) + "]"
    if isinstance(value, (date, datetime)):
        return value.isoformat()
    if isinstance(value, (int, float)):
        return repr(value)
    return json.dumps("" if value is None else str(value))
