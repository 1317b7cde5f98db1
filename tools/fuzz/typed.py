"""Doors of the command line that take one text: scenario files, study files, `--set`, `--vary`."""

from __future__ import annotations

import json
from collections.abc import Sequence
from contextlib import redirect_stderr, redirect_stdout
from functools import cache
from io import StringIO
from pathlib import Path
from random import Random
from typing import Any

from typer.main import get_command

from tools.fuzz import sound, spoil
from tools.fuzz.trial import Attempt, Unplain, refuse_machine_words

FINE, REFUSED = 0, 2
ODD = ("1e-302", "1e-308", "[", "{", "{}", '"', "'''", "a\nb", "nan", "inf", "", " ", "--set", "0x")
"""Values that are none, or hardly."""


@cache
def _program() -> Any:
    """The program as Typer makes it of its functions: made once, since that takes as long as a case."""
    from switchpoint.cli import program

    return get_command(program)


def command(arguments: Sequence[str], given: str = "") -> None:
    """Run a command of the program in this process.

    Raises:
        Unplain: where it ends otherwise than with an answer or with plain lines.
    """
    out, err = StringIO(), StringIO()
    with redirect_stdout(out), redirect_stderr(err):
        code = _exit_code(arguments)
    refuse_machine_words(out.getvalue() + err.getvalue(), given)
    if code not in (FINE, REFUSED) or (code == REFUSED and not err.getvalue().strip()):
        raise Unplain(f"exit code {code}: {out.getvalue()[:300]} {err.getvalue()[:300]}")
    if "--json" in arguments and code == FINE:
        json.loads(out.getvalue(), parse_constant=_no_number)


def _exit_code(arguments: Sequence[str]) -> object:
    try:
        _program().main(args=list(arguments), prog_name="switchpoint")
    except SystemExit as end:
        return end.code or FINE
    return FINE


def _no_number(word: str) -> None:
    raise Unplain(f"{word} among the figures")


def scenarios(chance: Random, folder: Path) -> Attempt:
    """A spoilt scenario file, checked and run; every other one with a few draws."""
    text = _spoilt_scenario(chance)
    file = folder / chance.choice(("small.toml", "small.toml", "a b.toml", "ünï.toml"))
    file.write_bytes(text)
    way = chance.choice((["run", str(file), "--json"], ["run", str(file)], ["check", str(file)]))
    draws = ["--draws", "4", "--jobs", "1"] if way[0] == "run" and chance.random() < 0.4 else []
    given = text.decode(errors="replace")
    return Attempt(given, lambda: command([*way, *draws], given))


def _spoilt_scenario(chance: Random) -> bytes:
    if chance.random() < 0.25:
        return spoil.octets(chance, sound.SCENARIO.encode())
    tree = spoil.tree(chance, sound.scenario())
    return spoil.toml(tree).encode(errors="replace")


def studies(chance: Random, folder: Path) -> Attempt:
    """A spoilt study file: planned, with the first and last of its points."""
    tree = sound.study(folder)
    text = spoil.toml(spoil.tree(chance, tree))
    data = spoil.octets(chance, text.encode()) if chance.random() < 0.2 else text.encode(errors="replace")
    file = folder / "study.toml"
    file.write_bytes(data)
    given = data.decode(errors="replace")
    return Attempt(given, lambda: _planned(str(file), (), (), given))


def settings(chance: Random, folder: Path) -> Attempt:
    """One to three `--set`, at paths that are and that are not."""
    file = folder / "small.toml"
    file.write_text(sound.SCENARIO, encoding="utf-8")
    typed = [f"{_path(chance)}={_value(chance)}" for _ in range(chance.choice((1, 1, 1, 2, 3)))]
    options = [word for each in typed for word in ("--set", each)]
    draws = ["--draws", "4", "--jobs", "1"] if chance.random() < 0.3 else []
    return Attempt(str(typed), lambda: command(["run", str(file), "--json", *options, *draws], str(typed)))


def varied(chance: Random, folder: Path) -> Attempt:
    """One or two `--vary`, some beside a `--set`."""
    file = folder / "small.toml"
    file.write_text(sound.SCENARIO, encoding="utf-8")
    vary = tuple(f"{_path(chance)}={_values(chance)}" for _ in range(chance.choice((1, 1, 2))))
    setting = (f"{_path(chance)}={_value(chance)}",) if chance.random() < 0.2 else ()
    if chance.random() < 0.05:
        vary = (chance.choice(('"=1,2', "=", "=1:2:3", "months", "months=", "months=1:2:3:log:log", "a=b=c")),)
    given = f"--vary {vary} --set {setting}"
    return Attempt(given, lambda: _planned(str(file), setting, vary, given))


def _path(chance: Random) -> str:
    path = chance.choice(sound.SETTINGS)
    if chance.random() < 0.25:
        found = chance.choice(list(spoil.places(sound.scenario())))
        path = ".".join(map(str, found))
    if chance.random() < 0.15:
        place = chance.randrange(len(path) + 1)
        path = path[:place] + chance.choice((".", '"', "*", "0", " ", "\x00", "é", "..", "x")) + path[place:]
    return path


def _value(chance: Random) -> str:
    if chance.random() < 0.15:
        return chance.choice(
            ("1e-302", "1e-308", "[", "{", "{}", '"', "'''", "a\nb", "nan", "inf", "", " ", "--set", "0x")
        )
    text = spoil.toml({"x": spoil.hostile(chance)})
    return text.partition("=")[2].strip()[:20_000]


def _values(chance: Random) -> str:
    ends = ("0", "1", "0.02", "-1", "1e-300", "1e300", "nan", "inf", "1e400", "a", "2027-01-01", "", "9" * 400)
    match chance.randrange(4):
        case 0:
            tail = chance.choice(("", ":3", ":0", ":1", ":10001", ":" + "9" * 5_000, ":3:log", ":log", ":x", "::"))
            return f"{chance.choice(ends)}:{chance.choice(ends)}{tail}"
        case 1:
            return ",".join(chance.choice(ends) for _ in range(chance.choice((1, 2, 3, 300))))
        case _:
            return ",".join(_value(chance) for _ in range(chance.choice((1, 2))))


def _planned(file: str, setting: Sequence[str], vary: Sequence[str], given: str) -> None:
    """The plan of a sweep as the command makes it, and its first and last points."""
    from switchpoint.cli.sweep import Wanted, plan_of
    from switchpoint.cli.typer_program import input_faults

    try:
        plan, _ = plan_of(Wanted(file, tuple(setting), tuple(vary)))
        for number in {0, len(plan) - 1}:
            point = plan.point(number)
            _computed(plan.bases[point.base].at(plan.changes(point)).scenario)
    except input_faults() as fault:
        refuse_machine_words(str(fault), given)


def _computed(scenario: object) -> None:
    from switchpoint.decision.case import simulate
    from switchpoint.scenario.schema import Scenario

    assert isinstance(scenario, Scenario)
    simulate(scenario)
