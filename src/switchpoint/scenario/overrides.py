"""`--set path=value`: one value of a scenario replaced for one run; a sweep replaces values in the same way."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator, Sequence
from typing import Any, TypeAlias

from switchpoint.scenario.errors import Fault, Path, dotted
from switchpoint.scenario.reading import Source
from switchpoint.scenario.words import did_you_mean, shorten, show

ORIGIN = "--set"
Setting: TypeAlias = str | tuple[str, Any]
"""An override as it is typed, `path=value`, or a path and its value."""
_NUMBER = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)")


class WrongError(Exception):
    """An override that leads nowhere; the message says why."""


def overridden(source: Source, overrides: Sequence[Setting]) -> tuple[Source, list[Fault]]:
    """The source with every override applied, and the faults of those that could not be."""
    tree, places, faults = _copied(source.tree), dict(source.places), []
    for number, override in enumerate(overrides, 1):
        path_text = override if isinstance(override, str) else override[0]
        try:
            steps, value = _split(override) if isinstance(override, str) else (path_steps(override[0]), override[1])
            for path in list(targets(tree, steps)):
                _put(tree, path, value)
                _mark(places, path, value, number)
        except WrongError as wrong:
            faults.append(Fault(ORIGIN, number, shorten(path_text.partition("=")[0].strip()), str(wrong)))
    return Source(tree, places), faults


def parsed_value(text: str) -> Any:
    """What stands right of the `=`: a TOML value, or a bare word as text.

    >>> parsed_value("0.1"), parsed_value("warn"), parsed_value('"warn"')
    (0.1, 'warn', 'warn')
    """
    text = text.strip()
    try:
        read = tomllib.loads(f"value = {text}")
    except (ValueError, RecursionError):
        read = {}
    if set(read) == {"value"}:
        return read["value"]
    if _NUMBER.fullmatch(text):
        return float(text)
    if not text or text[0] in "[{\"'" or not text.isprintable():
        raise WrongError(f"must be a TOML value such as 0.1, text or [1, 2]; got {show(text)}")
    return text


def _split(override: str) -> tuple[list[str], Any]:
    path, equals, text = override.partition("=")
    if not equals:
        raise WrongError(f"must be PATH=VALUE, such as usage.growth.per_month=0.1; got {show(override)}")
    return path_steps(path.strip()), parsed_value(text)


def path_steps(path: str) -> list[str]:
    """The dotted parts of a path; what stands in double quotes is one part.

    >>> path_steps('candidates."gpt-4.1".coverage')
    ['candidates', '"gpt-4.1"', 'coverage']
    """
    if path.count('"') % 2:
        raise WrongError(f"has a quote that is not closed; got {show(path)}")
    steps, quoted = [""], False
    for letter in path:
        quoted ^= letter == '"'
        if letter == "." and not quoted:
            steps.append("")
        else:
            steps[-1] += letter
    if not all(steps):
        raise WrongError(f"must be keys joined by dots; got {show(path)}")
    return steps


def targets(tree: Any, steps: list[str]) -> Iterator[Path]:
    """The paths that are meant: one, or one for each candidate where a step is `*`."""
    if len(steps) < 2 or steps[0] != "candidates" or not isinstance(tree.get("candidates", {}), dict):
        yield _path(tree, steps)
        return
    names = tree.get("candidates", {})
    if steps[1] == "*":
        if not names:
            raise WrongError("means every candidate, and there is none")
        for name in names:
            yield ("candidates", name, *_path(names[name], steps[2:]))
        return
    name, rest = _candidate(names, steps[1:])
    yield ("candidates", name, *_path(names.get(name), rest))


def _candidate(names: dict[str, Any], steps: list[str]) -> tuple[str, list[str]]:
    """The candidate that the steps begin with, and the steps left; a name may hold dots."""
    for taken in range(len(steps), 0, -1):
        name = ".".join(steps[:taken])
        for spelt in (name, name.strip('"')):
            if spelt in names:
                return spelt, steps[taken:]
    if len(steps) == 1:
        return steps[0].strip('"'), []
    hint = did_you_mean(steps[0], names) or f"; there are {', '.join(map(shorten, names))}" if names else ""
    raise WrongError(f"names no candidate: {shorten(steps[0])}{hint}")


def _path(tree: Any, steps: list[str]) -> Path:
    path: Path = ()
    for step in steps:
        key = step.strip('"')
        if isinstance(tree, list):
            index = _index(tree, key, path)
            path, tree = (*path, index), tree[index]
        elif isinstance(tree, dict) or tree is None:
            path, tree = (*path, key), (tree or {}).get(key)
        else:
            raise WrongError(f"leads nowhere: {dotted(path)} is {show(tree)}, not a table")
    return path


def _index(items: list[Any], step: str, path: Path) -> int:
    if not step.isdecimal() or len(step) > 6 or int(step) >= len(items):
        range_ = f"an index from 0 to {len(items) - 1}" if items else "no index: it is empty"
        raise WrongError(f"{dotted(path) or 'this'} is a list, which takes {range_}; got {shorten(step)}")
    return int(step)


def _put(tree: Any, path: Path, value: Any) -> None:
    for key in path[:-1]:
        tree = tree.setdefault(key, {}) if isinstance(tree, dict) else tree[key]
    tree[path[-1]] = _copied(value)


def _mark(places: dict[Path, tuple[str, int]], path: Path, value: Any, number: int) -> None:
    if isinstance(value, (dict, list)):
        for old in [p for p in places if p[: len(path)] == path]:
            del places[old]
    for length in range(1, len(path)):
        places.setdefault(path[:length], (ORIGIN, number))
    places[path] = (ORIGIN, number)


def _copied(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _copied(inner) for key, inner in value.items()}
    return [_copied(inner) for inner in value] if isinstance(value, list) else value
