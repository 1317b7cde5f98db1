"""Study files read and checked."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path as File
from typing import Annotated, Any, Literal, TypeAlias

from pydantic import Field, ValidationError, model_validator
from pydantic_core import PydanticCustomError

from switchpoint.files import read_text
from switchpoint.scenario.access import Disk
from switchpoint.scenario.errors import Fault, Keys, ScenarioError, dotted_path, is_utf8, shorten, show
from switchpoint.scenario.explain_errors import complaints, respelt
from switchpoint.scenario.fields import ONE_LINE, Bounds, Part, Text
from switchpoint.scenario.paths import WrongError, parsed_value
from switchpoint.scenario.toml_source import LARGEST, TomlSource, read_file

MOST_POINTS = 1_000_000
MOST_STEPS = 10_000
MOST_DRAWS = 1_000_000

Number: TypeAlias = Annotated[float, Bounds(uncertain=False)]
Sample: TypeAlias = Literal["grid", "lhs", "sobol"]
SAMPLES: tuple[Sample, ...] = ("grid", "lhs", "sobol")
Name: TypeAlias = Annotated[str, Field(min_length=1, max_length=300), ONE_LINE]


class Vary(Part):
    """One input that varies: over the values of a list, or over a range from `low` to `high`."""

    path: Name
    """Where it stands in the scenario, as `--set` writes it: `usage.growth.per_month`, `candidates.*.coverage`."""
    values: Annotated[tuple[Any, ...], Field(min_length=1, max_length=MOST_STEPS)] | None = None
    """The values it takes: numbers, texts, dates, or uncertain numbers. In place of a range."""
    low: Number | None = None
    """Lower end of its range."""
    high: Number | None = None
    """Upper end of its range, above `low`."""
    steps: Annotated[int, Field(ge=2, le=MOST_STEPS, strict=True)] | None = None
    """How many values of the range a grid takes, both ends included. Needed for a range of a grid."""
    scale: Literal["linear", "log"] = "linear"
    """Whether the range is divided into equal differences or, with `log`, into equal ratios."""
    name: Text = ""
    """What summaries call it; left out, a name made from its path."""

    @model_validator(mode="after")
    def _one_way(self) -> Vary:
        for fault in _range_faults(self):
            raise PydanticCustomError("vary", "{message}", {"message": fault})
        return self


def _range_faults(vary: Vary) -> list[str]:
    ends = [end for end in (vary.low, vary.high) if end is not None]
    if vary.values is not None:
        stray = ends or vary.steps is not None or vary.scale != "linear"
        return ["must have either values, or low and high, not both"] if stray else []
    if vary.low is None or vary.high is None:
        return ["must have values, or both low and high"]
    if vary.low >= vary.high:
        return [f"has an empty range: low must be below high; got {vary.low:g} and {vary.high:g}"]
    if vary.scale == "log" and vary.low <= 0:
        return [f"needs a low above 0 for scale log; got {vary.low:g}"]
    return []


class Study(Part):
    """A sweep: everything that decides its rows, but for the scenarios themselves."""

    name: Name = "Sweep"
    """What the sweep is called in summaries."""
    summary: Text = ""
    """One line on the question that it answers."""
    scenarios: Annotated[tuple[Name, ...], Field(min_length=1, max_length=100)]
    """Files of the scenarios that are varied, relative to this file."""
    set: Mapping[str, Any] = {}
    """Values replaced in every scenario beforehand, each under its path in quotes."""
    vary: Annotated[tuple[Vary, ...], Field(min_length=1, max_length=100)]
    """The inputs that vary."""
    sample: Sample = "grid"
    """Which points are run: every combination (`grid`), or `points` of them spread evenly, drawn by Latin hypercube
    (`lhs`) or as a scrambled Sobol' sequence (`sobol`)."""
    points: Annotated[int, Field(ge=1, le=MOST_POINTS, strict=True)] | None = None
    """How many points of each scenario `lhs` or `sobol` takes. Needed for both, and for nothing else."""
    draws: Annotated[int, Field(ge=1, le=MOST_DRAWS, strict=True)] | None = None
    """Draws of each point; left out, the base case of each point."""
    seed: Annotated[int, Field(ge=0, le=2**32, strict=True)] = 0
    """Seed of the points and of their draws. Every point has the same draws, so that differences are not noise."""
    outputs: Annotated[tuple[Name, ...], Field(max_length=1000)] = ()
    """Columns of results that are kept; `*` stands for any letters. Left out, all of them."""

    @model_validator(mode="after")
    def _check_sample(self) -> Study:
        for fault in _sample_faults(self):
            raise PydanticCustomError("sample", "{message}", {"message": fault})
        return self


def _sample_faults(study: Study) -> list[str]:
    paths = [vary.path for vary in study.vary]
    twice = next((path for path in paths if paths.count(path) > 1), None)
    if twice is not None:
        return [f"varies {twice} twice"]
    if study.sample != "grid":
        return [] if study.points else [f"needs points, how many {study.sample} takes, such as points = 1000"]
    if study.points:
        return ['takes every combination as a grid, so points has no meaning; sample = "lhs" takes so many']
    stepless = [vary.path for vary in study.vary if vary.values is None and vary.steps is None]
    return [f"needs steps for {path}, how many values of its range a grid takes" for path in stepless]


OPTION = "--vary"
_RANGE = re.compile(r"(?P<low>[^:]+):(?P<high>[^:]+?)(:(?P<steps>[\d.e-]+))?(?P<log>:log)?")
STUDY_KEYS = {"vary", "scenarios"}


@dataclass(frozen=True)
class Asked:
    """A study with the place at which each of its tables was written, for faults."""

    study: Study
    source: TomlSource
    shown: str
    """The file, or the option, that says it."""

    def fault(self, path: Keys, message: str) -> Fault:
        """A fault at the line of a path of the study."""
        return self.source.fault(path, message, dotted_path(path))


def is_study(file: str) -> bool:
    """Whether a file is a study rather than a scenario; a file that cannot be read is none."""
    try:
        tree = tomllib.loads(read_text(File(file), LARGEST))
    except (OSError, ValueError, RecursionError):
        return False
    return bool(STUDY_KEYS & set(tree)) and "usage" not in tree


def load_study(file: str) -> Asked:
    """Read a study file; its scenarios become absolute paths.

    Raises:
        ScenarioError: with every fault of the file.
    """
    _, source = read_file(File(file), file, Disk())
    return _study_asked(source, file)


def typed_study(file: str, settings: Sequence[str], vary: Sequence[str], told: dict[str, Any]) -> Asked:
    """The study that the options of the command line say.

    Args:
        file: the scenario.
        settings: `path=value` for every point.
        vary: `path=low:high:steps`, `path=low:high` where points are sampled, or `path=a,b,c`; `:log` may follow a
            range.
        told: sample, points, draws, seed; what was not said is left out.

    Raises:
        ScenarioError: with every fault of the options.
    """
    faults: list[Fault] = []
    tables = [_table(number, text, faults) for number, text in enumerate(vary, 1)]
    if not vary:
        faults.append(Fault(OPTION, 1, "", "is missing: what varies, such as usage.growth.per_month=0.02:0.2:10"))
    if faults:
        raise ScenarioError(faults)
    if not is_utf8(str(File(file).absolute())):
        why = "its name, or that of its folder, is not UTF-8, so that no sweep can keep it; rename it"
        raise ScenarioError([Fault(file, 1, "", why)])
    name = File(file).stem
    tree = {"name": name, "scenarios": [str(File(file).absolute())], "set": {}, "vary": tables, **told}
    tree["set"] = _set(settings)
    places: dict[Keys, tuple[str, int]] = {(): ("--sample" if "sample" in told else OPTION, 1)}
    places |= {("vary", i): (OPTION, i + 1) for i in range(len(vary))} | {(key,): (f"--{key}", 1) for key in told}
    return _study_asked(TomlSource(tree, places), OPTION)


def _study_asked(source: TomlSource, shown: str) -> Asked:
    spelling = respelt(source.tree, Study)
    found = list(spelling.faults)
    tree = _with_absolute_scenarios(source, spelling.tree)
    study = None
    try:
        study = Study.model_validate(tree)
    except ValidationError as error:
        found += [(spelling.as_written(path), message) for path, message in complaints(error, tree, Study)]
    if found or study is None:
        raise ScenarioError([source.fault(path, message, _field(path, tree)) for path, message in found], source)
    return Asked(study, source, shown)


def _field(path: Keys, tree: dict[str, Any]) -> str:
    """What a fault is about: the input itself where its range or its values are wrong."""
    stated = tree.get("vary")
    table = stated[int(path[1])] if path[:1] == ("vary",) and len(path) == 2 and isinstance(stated, list) else None
    return shorten(str(table.get("path") or dotted_path(path))) if isinstance(table, dict) else dotted_path(path)


def _with_absolute_scenarios(source: TomlSource, tree: dict[str, Any]) -> dict[str, Any]:
    stated = tree.get("scenarios")
    if not isinstance(stated, list):
        return tree
    origin, _ = source.place(("scenarios",))
    folder = File(origin).absolute().parent
    return {**tree, "scenarios": [str((folder / each).resolve()) if isinstance(each, str) else each for each in stated]}


def _set(settings: Sequence[str]) -> dict[str, Any]:
    values: dict[str, Any] = {}
    for number, text in enumerate(settings, 1):
        path, equals, value = text.partition("=")
        try:
            if not equals:
                raise WrongError(f"must be PATH=VALUE, such as usage.growth.per_month=0.1; got {show(text)}")
            values[path.strip()] = parsed_value(value)
        except WrongError as wrong:
            raise ScenarioError([Fault("--set", number, shorten(path.strip()), str(wrong))]) from None
    return values


def _table(number: int, text: str, faults: list[Fault]) -> dict[str, Any]:
    """One `--vary` as the table that a study file would hold."""
    path, equals, stated = text.partition("=")
    try:
        if not equals or not path.strip() or not stated.strip():
            raise WrongError(
                "must be PATH=LOW:HIGH:STEPS or PATH=A,B,C, such as usage.growth.per_month=0.02:0.2:10; "
                f"got {show(text)}"
            )
        return {"path": path.strip(), **_parse_range(stated.strip())}
    except WrongError as wrong:
        faults.append(Fault(OPTION, number, shorten(path.strip()), str(wrong)))
        return {}


def _no_count(steps: str, text: str) -> str:
    """What is wrong with a third number that is no count, such as the size of a step."""
    count = "which is the count of values, such as 0.02:0.2:10"
    return f"has {shorten(steps)} as its third number, {count}; got {show(text)}"


def _parse_range(text: str) -> dict[str, Any]:
    range_ = _RANGE.fullmatch(text)
    if range_ is None or text[0] in "\"'[{":
        return {"values": [parsed_value(each) for each in _split_list(text)]}
    ends = {"low": parsed_value(range_["low"]), "high": parsed_value(range_["high"])}
    for end in ends.values():
        if isinstance(end, bool) or not isinstance(end, (int, float)):
            raise WrongError(f"must be a range of numbers such as 0.02:0.2:10; got {show(text)}")
    if range_["steps"] and not range_["steps"].isdecimal():
        raise WrongError(_no_count(range_["steps"], text))
    if len(range_["steps"] or "") > len(str(MOST_STEPS)):
        raise WrongError(f"must have at most {MOST_STEPS:,} steps; got {shorten(range_['steps'])}")
    steps = {"steps": int(range_["steps"])} if range_["steps"] else {}
    return {**ends, **steps, **({"scale": "log"} if range_["log"] else {})}


def _split_list(text: str) -> list[str]:
    """The parts between commas that stand in no bracket and no quotes.

    >>> _split_list('L4,[1, 2],"a,b",{ low = 1, high = 2 }')
    ['L4', '[1, 2]', '"a,b"', '{ low = 1, high = 2 }']
    """
    parts, depth, quoted = [""], 0, ""
    for letter in text:
        if letter in "\"'" and quoted in ("", letter):
            quoted = "" if quoted else letter
        elif not quoted:
            depth += (letter in "[{") - (letter in "]}")
        if letter == "," and not depth and not quoted:
            parts.append("")
        else:
            parts[-1] += letter
    return [part.strip() for part in parts]


MOST_SHOWN = 20


class SweepError(Exception):
    """Why a sweep is refused or had to stop; one line per reason."""

    def __init__(self, *reasons: str) -> None:
        shown = list(reasons[:MOST_SHOWN])
        if len(reasons) > MOST_SHOWN:
            shown.append(f"and {len(reasons) - MOST_SHOWN} more")
        super().__init__("\n".join(shown))
