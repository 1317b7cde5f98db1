"""JSON, CSV and Parquet of a run; its folder, which holds the scenario so that it can be run again."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Mapping
from dataclasses import dataclass
from errno import EEXIST
from os import strerror
from pathlib import Path
from typing import Annotated, Any

from pydantic import BaseModel, Field, ValidationError
from pydantic_core import from_json

from switchpoint.decision.case import SimulatedWorld
from switchpoint.decision.result import JudgedWorld, monthly
from switchpoint.export.plain_tables import FOR_SPREADSHEETS, Files, align_columns, as_text, csv_bytes, in_bytes
from switchpoint.export.text_pages import page
from switchpoint.files import Json, folder_to_write, read_bytes, unfinished_mark
from switchpoint.review.pages import harmless
from switchpoint.scenario.access import OnlyFiles
from switchpoint.scenario.catalogue_check import load_checked
from switchpoint.scenario.errors import Fault, ScenarioError
from switchpoint.scenario.load import Loaded, load_text
from switchpoint.scenario.toml_writer import save_files, text_of
from switchpoint.study.draw_results import DrawFindings, date_columns, draw_columns
from switchpoint.study.draw_sentence import as_json
from switchpoint.study.draws import Worlds
from switchpoint.study.sweep.study_file import MOST_DRAWS

# JSON, CSV, Parquet --------------------------------------------------------------------------------------------------

RESULT, REPORT = "result.json", "report.txt"


def json_text(result: JudgedWorld) -> str:
    """The result as indented JSON with ISO dates."""
    return as_text(result.as_json())


def files_of(result: JudgedWorld) -> Files:
    """result.json, report.txt, months.csv, story.txt and the charts of a result, by name."""
    from switchpoint.charts.collection import charts
    from switchpoint.export.pictures import chart_files

    told = {
        RESULT: json_text(result),
        REPORT: page(result),
        "months.csv": FOR_SPREADSHEETS + months_csv(result),
        "story.txt": story(result.shown),
    }
    return {**in_bytes(told), **chart_files(charts(result.shown))}


def files_of_draws(findings: DrawFindings) -> Files:
    """The files of the base case, with the result, the page and the charts of the draws."""
    from switchpoint.charts.collection import draws_charts
    from switchpoint.export.pictures import chart_files
    from switchpoint.export.text_pages import draws_page

    told = {RESULT: as_text(as_json(findings)), REPORT: draws_page(findings)}
    tables = {"draws.csv": csv_bytes(draw_columns(findings)), "dates.csv": csv_bytes(date_columns(findings))}
    return {**files_of(findings.base), **in_bytes(told), **tables, **chart_files(draws_charts(findings))}


def months_csv(result: JudgedWorld) -> str:
    """The monthly rows as CSV; names that a spreadsheet would run as formulas are defused."""
    rows = monthly(result.case)
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow([harmless(key) for key in rows[0]])
    writer.writerows(row.values() for row in rows)
    return text.getvalue()


def story(result: JudgedWorld) -> str:
    """What happens to each candidate, event by event."""
    parts = []
    for outlook in result.case.outlooks:
        rows = [(f"{result.case.clock.date_of(e.day)}  {e.subject}", e.text) for e in outlook.world.story]
        parts.append(f"{outlook.name}\n{align_columns(rows) if rows else 'nothing happens'}\n")
    return "\n".join(parts)


def draw_page(worlds: Worlds, number: int, result: JudgedWorld) -> str:
    """One world as a page of plain text: its numbers, its verdict had one known them, its story under the policy."""
    rows = [(name, f"{value:,.6g}") for name, value in drawn_values(worlds, number).items()]
    numbers = align_columns(rows) if rows else "no number of the scenario is a range"
    told = _told_result(result)
    return (
        f"Draw {number} of seed {worlds.seed}\n{numbers}\n\n{page(result, f'Draw {number}')}\n"
        f"What happens in this draw, {_start_words(told)}\n\n{story(told)}"
    )


def _told_result(result: JudgedWorld) -> JudgedWorld:
    """Whose story is told: under the policy, but as advised where that is the default and has no limit to watch."""
    return result if result.case.scenario.limited else result.shown


def _start_words(result: JudgedWorld) -> str:
    policy = result.case.scenario.decision.policy
    if result.advised:
        return "each candidate started as advised"
    return f"each candidate started under the policy {policy!s}{_own_lead(policy)}"


def _own_lead(policy: object) -> str:
    """Where a policy goes by how long the project takes: one draw alone cannot know how long it takes in most."""
    if policy not in ("lead", "staged"):
        return ""
    return ", by the length of the project in this draw (over many draws: the length that 80 % of them keep)"


def draw_json(worlds: Worlds, number: int, result: JudgedWorld) -> str:
    """The same as indented JSON: the result's keys, and `draw`, `inputs` and `story`."""
    case = _told_result(result).case
    told: Json = {
        **result.as_json(),
        "seed": worlds.seed,
        "draws": 1,
        "draw": number,
        "inputs": drawn_values(worlds, number),
        "story": {outlook.name: events(case, outlook.name) for outlook in case.outlooks},
    }
    return as_text(told)


def drawn_values(worlds: Worlds, number: int) -> dict[str, float]:
    """The values of the uncertain numbers, by their dotted path."""
    row = worlds.values(number + 1)[number]
    return {each.name: float(value) for each, value in zip(worlds.inputs.all, row, strict=True)}


def events(case: SimulatedWorld, name: str) -> list[Json]:
    """The story of one candidate under the policy."""
    return [
        {"date": case.clock.date_of(entry.day), "subject": entry.subject, "text": entry.text}
        for entry in case.outlook(name).world.story
    ]


# Saved runs ----------------------------------------------------------------------------------------------------------

SCENARIO, RUN = "scenario.toml", "run"
NEITHER = (
    "holds neither a run nor a sweep; name a folder that switchpoint run FILE --out or switchpoint sweep FILE --out "
    "has written"
)
MARK = "# The scenario of this run, written by switchpoint run --out."


@dataclass(frozen=True)
class Saved:
    """A saved run: its scenario, and its result as it was told."""

    folder: Path
    loaded: Loaded
    told: Json

    @property
    def draws(self) -> int | None:
        """How many draws it had, None for a base case."""
        return int(self.told["draws"]) or None

    @property
    def seed(self) -> int:
        """Their seed."""
        return int(self.told["seed"])

    def confirm(self, told: Json) -> None:
        """Make sure that a new run comes to the same.

        Raises:
            ScenarioError: where it does not.
        """
        now, then = json.loads(as_text(told)), dict(self.told)
        for each in (now, then):
            each.pop("version", None)
            each.pop("notes", None)  # they name lines of the file, which lies elsewhere now
        if now != then:
            was, version = self.told.get("verdict", {}).get("sentence", "nothing"), self.told.get("version")
            why = f"is of version {version} and comes out otherwise now; it said: {was} Run the scenario again"
            raise ScenarioError([Fault(str(self.folder / RESULT), 1, "", why)])


def reserve(folder: Path, loaded: Loaded, *, overwrite: bool = False) -> None:
    """Make sure that the scenario can be kept in a folder.

    Raises:
        ScenarioError: where another scenario is there already and may not be overwritten.
        FileExistsError: where a file is there that is no folder.
    """
    path = folder / SCENARIO
    for each in (folder, path):
        if each.is_symlink():
            raise ScenarioError([Fault(str(each), 1, "", f"is a link to {each.readlink()} and is left as it was")])
    if folder.exists() and not folder.is_dir():
        raise FileExistsError(EEXIST, strerror(EEXIST), str(folder))
    if not overwrite and path.exists() and not _same(path, loaded) and MARK.encode() not in read_bytes(path):
        why = "is a scenario of your own and is left as it was; name another folder, or --force overwrites it"
        raise ScenarioError([Fault(str(path), 1, "", why)])


def keep(folder: Path, loaded: Loaded, files: Mapping[str, bytes], *, overwrite: bool = False) -> None:
    """Write a run into its folder, all of it or nothing: its files, and its scenario.

    The scenario is the file as it is where that is enough, else all of it in one. Files of an earlier run are replaced,
    others only where they may be overwritten.

    Raises:
        ScenarioError: where one may not be, or cannot be written.
    """
    path = folder_to_write(folder) / SCENARIO
    kept = {folder / name: data for name, data in files.items()}
    if not _same(path, loaded):
        kept[path] = f"{_whole(loaded, path).rstrip()}\n\n{MARK}\n".encode()
    save_files(RUN, kept, overwrite=overwrite or [SCENARIO], listed=files)


def open_saved_run(folder: Path) -> Saved:
    """The saved run in a folder.

    Raises:
        ScenarioError: where there is none, or none that exports can show.
    """
    if unfinished_mark(folder, RUN).exists():
        why = "says that the run was ended while it was written; switchpoint run FILE --out writes it anew"
        raise ScenarioError([Fault(str(unfinished_mark(folder, RUN)), 1, "", why)])
    missing = [name for name in (SCENARIO, RESULT) if not (folder / name).is_file()]
    if len(missing) == 2:
        raise ScenarioError([Fault(str(folder), 1, "", NEITHER)])
    if missing:
        raise ScenarioError([_missing(folder / name) for name in missing])
    told = _read(folder / RESULT)
    if "draw" in told:
        why = "is the story of one draw; exports show a base case or many draws: run it with --draws or without"
        raise ScenarioError([Fault(str(folder / RESULT), 1, "", why)])
    return Saved(folder, load_checked(folder / SCENARIO), told)


class _Verdict(BaseModel):
    sentence: str


class _ToldResult(BaseModel):
    """What has to be in a result for it to be run again."""

    draws: Annotated[int, Field(ge=0, le=MOST_DRAWS, strict=True)]
    seed: Annotated[int, Field(ge=0, le=2**32, strict=True)]
    version: str
    verdict: _Verdict


def _read(path: Path) -> Json:
    try:
        told: Any = from_json(read_bytes(path), allow_inf_nan=False)
        _ToldResult.model_validate(told)
        return dict(told)
    except ValidationError as error:
        first = error.errors()[0]
        field = ".".join(map(str, first["loc"]))
        why = f"is no result{field and f', as {field} tells'}; switchpoint run FILE --out writes one"
    except (OSError, ValueError) as reason:
        why = f"cannot be read: {getattr(reason, 'strerror', None) or reason}; switchpoint run FILE --out writes it"
    raise ScenarioError([Fault(str(path), 1, "", why)])


def _missing(path: Path) -> Fault:
    return Fault(str(path), 1, "", "is not there; name a folder that switchpoint run FILE --out has written")


def _same(path: Path, loaded: Loaded) -> bool:
    """Whether a path is the very file that was read."""
    return path.resolve() == Path(loaded.name).resolve()


def _whole(loaded: Loaded, path: Path) -> str:
    """The scenario as one text that needs no other: its own where nothing was laid over it or set for the run."""
    try:
        if load_text(loaded.text, str(path), files=OnlyFiles(loaded.opened)).scenario == loaded.scenario:
            return loaded.text
    except ScenarioError:
        pass
    return text_of({key: value for key, value in loaded.tree.items() if key != "extends"})
