"""The files that a scenario names: what each table takes from its own, and everything that is wrong with them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path as File
from typing import Any

from switchpoint.loadtests.judged import AskedOfLoadTest, take
from switchpoint.loadtests.row import number
from switchpoint.scenario.access import Files, NoAccessError
from switchpoint.scenario.current import OwnRoute
from switchpoint.scenario.errors import Fault, Keys, ScenarioError, dotted_path
from switchpoint.scenario.explain_errors import Spelling
from switchpoint.scenario.log_files import LARGEST as LARGEST_LOG
from switchpoint.scenario.log_files import joined_logs, parse_log
from switchpoint.scenario.paths import ORIGIN
from switchpoint.scenario.toml_source import TomlSource
from switchpoint.scenario.uncertain import num
from switchpoint.scenario.usage import Usage
from switchpoint.scenario.usage_files import daily_faults, plan_faults

CAPACITY, MEASURED_AT = "requests_per_second_per_replica", "measured_at"


def measured_into(
    fleet: dict[str, Any], candidate: Mapping[str, Any], tree: Mapping[str, Any], file: File, files: Files
) -> None:
    """Put capacity and measured requests of a load test into a fleet as it was read; a stated capacity counts more.

    Args:
        fleet: the table of the fleet, not yet checked.
        candidate: the table that it stands in.
        tree: the whole scenario.
        file: the result.
        files: the access to it.

    Raises:
        OSError: the file cannot be read.
        ValueError: it gives no capacity; the message completes a sentence that begins with the field.
    """
    taken = take(_asked_of_load_test(fleet, candidate, tree.get("usage")), file, read=files.read)
    if CAPACITY in fleet:
        return
    fleet[CAPACITY] = taken.requests_per_second
    if taken.tokens:
        fleet.setdefault(MEASURED_AT, dict(zip(("input_tokens", "output_tokens"), taken.tokens, strict=True)))


def _asked_of_load_test(fleet: Mapping[str, Any], candidate: Mapping[str, Any], usage: object) -> AskedOfLoadTest:
    """What an unchecked fleet asks of its load test; what is no plain number is left out."""
    gpus = fleet.get("gpus_per_replica", 1)
    sides = [
        _stated_number(usage, f"{side}_tokens", candidate.get(f"{side}_tokens_factor", 1.0))
        for side in ("input", "output")
    ]
    return AskedOfLoadTest(
        number(fleet.get("ttft_p95_s")),
        number(fleet.get("tpot_p95_s")),
        gpus if isinstance(gpus, int) and gpus >= 1 else 1,
        (sides[0], sides[1]) if sides[0] and sides[1] else None,
    )


def _stated_number(usage: object, name: str, factor: object) -> float | None:
    held = number(usage.get(name)) if isinstance(usage, dict) else None
    scale = number(factor)
    return held * scale if held is not None and scale is not None else None


def asked_of(spec: OwnRoute, usage: Usage) -> AskedOfLoadTest:
    """What a fleet asks of a load test."""
    tokens = (
        num(usage.input_tokens) * num(spec.input_tokens_factor),
        num(usage.output_tokens) * num(spec.output_tokens_factor),
    )
    fleet = spec.fleet
    return AskedOfLoadTest(fleet.ttft_p95_s, fleet.tpot_p95_s, fleet.gpus_per_replica, tokens)


HISTORY: Keys = ("usage", "growth", "file")


def named_faults(source: TomlSource, spelling: Spelling, files: Files) -> list[Fault]:
    """Read the files that a tree names: their paths become absolute, what they measured is put into the tree."""
    return [*_history(source, spelling, files), *_benchmarks(source, spelling, files), *_logs(source, spelling, files)]


def _history(source: TomlSource, spelling: Spelling, files: Files) -> Iterator[Fault]:
    """Make the path of a history file absolute (it is relative to the file that states it), and check the file."""
    growth = _table(_table(spelling.tree, "usage"), "growth")
    stated = growth.get("file")
    if not isinstance(stated, str):
        return
    path = spelling.as_written(HISTORY)
    file = _beside(source, path, stated)
    try:
        growth["file"] = str(files.real_path(file))
        if check := {"history": daily_faults, "plan": plan_faults}.get(growth.get("curve", "")):
            yield from check(file, str(file), files)
    except NoAccessError as refused:
        yield source.fault(path, str(refused), dotted_path(path))
    except FileNotFoundError:
        yield source.fault(path, f"names no file: {file}", dotted_path(path))
    except (OSError, ValueError, RuntimeError) as reason:
        yield source.fault(path, f"{_reason(reason)}: {file}", dotted_path(path))


def _benchmarks(source: TomlSource, spelling: Spelling, files: Files) -> Iterator[Fault]:
    """Take the measured capacity of each fleet from its load test's result, where the file states none itself."""
    routes: list[tuple[Keys, Any]] = [(("current",), _table(spelling.tree, "current"))]
    routes += [(("candidates", name), each) for name, each in _table(spelling.tree, "candidates").items()]
    for place, route in routes:
        fleet = _table(route, "fleet")
        stated = fleet.get("benchmark")
        if not isinstance(stated, str):
            continue
        path = spelling.as_written((*place, "fleet", "benchmark"))
        file = _beside(source, path, stated)
        try:
            fleet["benchmark"] = str(files.real_path(file))
            measured_into(fleet, route, spelling.tree, file, files)
        except NoAccessError as refused:
            yield source.fault(path, str(refused), dotted_path(path))
        except (OSError, RuntimeError) as reason:
            yield source.fault(path, f"{_reason(reason)}: {file}", dotted_path(path))
        except ValueError as reason:
            yield source.fault(path, str(reason), dotted_path(path))


MEASURED = "measured"
"""Stands for a project's share of diagnosed interventions that is to be taken from the log."""


def _logs(source: TomlSource, spelling: Spelling, files: Files) -> Iterator[Fault]:
    """Make the paths of log files absolute, check the files, and take the share of diagnosed interventions from them
    where a project asks for it."""
    programme = _table(spelling.tree, "programme")
    stated, path = programme.get("log"), spelling.as_written(("programme", "log"))
    known: list[str] = []
    held: list[tuple[str, bytes]] = []
    faults: list[Fault] = []
    named = [stated] if isinstance(stated, str) else stated if isinstance(stated, list) else []
    for name in named:
        if not isinstance(name, str):
            return  # what it is instead is told with the other types
        file = _beside(source, path, name)
        try:
            real = str(files.real_path(file))
            raw = files.read(file, LARGEST_LOG)
        except NoAccessError:
            continue  # a log changes no cost, so a text that may open no file is taken without it
        except FileNotFoundError:
            known.append(real)  # it is not there yet; a note says so
        except (OSError, ValueError, RuntimeError) as reason:
            faults.append(source.fault(path, f"{_reason(reason)}: {file}", dotted_path(path)))
        else:
            known.append(real)
            log = parse_log(raw, str(file))
            faults += log if isinstance(log, tuple) else ()
            held.append((real, raw))
    if stated is not None:
        programme["log"] = known
    try:
        share = joined_logs(tuple(held)).diagnosed_share if held and not faults else None
    except ScenarioError as clash:
        faults, share = [*clash.faults], None
    yield from faults
    unmeasured = _measured_shares(source, spelling, share)
    yield from () if faults else unmeasured


def _measured_shares(source: TomlSource, spelling: Spelling, share: float | None) -> list[Fault]:
    """Put the measured share of diagnosed interventions into the projects that ask for it; faults where there is none,
    and the default in its place."""
    faults = []
    for name, candidate in _table(spelling.tree, "candidates").items():
        project = _table(candidate, "project")
        if project.get("diagnosed_share") != MEASURED:
            continue
        path = spelling.as_written(("candidates", name, "project", "diagnosed_share"))
        if share is None:
            message = "is to be measured, but no log that may be read has an intervention; name one in programme.log"
            faults.append(source.fault(path, message, dotted_path(path)))
        project["diagnosed_share"] = 1.0 if share is None else share
    return faults


def _reason(reason: Exception) -> str:
    """Why a file cannot be read; a sentence of ours stands as it is."""
    if isinstance(reason, OSError) and reason.errno is None:
        return str(reason)
    return f"cannot be read: {getattr(reason, 'strerror', None) or reason}"


def _beside(source: TomlSource, path: Keys, stated: str) -> File:
    """A file that a scenario names, relative to the scenario file that does."""
    origin, _ = source.place(path)
    return (File() if origin == ORIGIN else File(origin).parent) / stated


def _table(tree: Any, key: str) -> dict[str, Any]:
    inner = tree.get(key) if isinstance(tree, dict) else None
    return inner if isinstance(inner, dict) else {}
