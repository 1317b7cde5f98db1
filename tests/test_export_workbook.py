"""The workbook: its formulas come to what is simulated, also after an input is changed; and it does no harm."""

from __future__ import annotations

import math
import re
import shutil
import zipfile
from collections.abc import Iterator
from datetime import date, datetime
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import openpyxl
import pytest
from openpyxl import Workbook

from switchpoint.decision.candidate_result import CandidateResult
from switchpoint.decision.case import simulate
from switchpoint.decision.cash import BOUGHT, SOLD, cash_view, waterfall
from switchpoint.decision.result import JudgedWorld
from switchpoint.export.workbook import Quantiles, Simulated, fitting, write_workbook
from switchpoint.scenario.errors import ScenarioError
from switchpoint.scenario.load import load, remarks
from switchpoint.simulation.chance import Drawn
from switchpoint.text import rate_words
from tests import workbook_worlds as worlds
from tests.once import made_once
from tests.small_worlds import API, BOX, growing, merged, result, scenario, with_candidates
from tests.workbook_worlds import NAMES, WORLDS, Cells, outputs, read, read_recalculated, table

pytestmark = pytest.mark.slow

CENT = 0.005
NO_OFFICE = "no LibreOffice found: install it (apt-get install libreoffice-calc) to recalculate workbooks"
HIGH_RETURN = 10.0
NOT_REACHED = datetime(9999, 12, 31)
MONTHS = "months=9"
PINNED = ("decision.policy=2027-02-01", MONTHS)
WHOLE = "support-copilot"
"""One story is recalculated with its whole horizon, the others with their first three quarters."""
AS_THEY_ARE = (WHOLE, "hostile", "own-bought")
"""These are recalculated with all that is printed and drawn."""
CHANGES = {
    "growth-rent-share-price-and-people": (
        "support-copilot",
        {
            "usage_growth_per_month": 0.12,
            "own_8b_fleet_usd_per_gpu_hour": 2.5,
            "own_8b_coverage": 0.7,
            "current_output_usd_per_mtok": 6.0,
            "own_8b_project_preparing_share": 0.6,
            "own_8b_project_usd_per_hire": 12_000.0,
        },
        [
            "usage.growth.per_month=0.12",
            "candidates.own-8b.fleet.usd_per_gpu_hour=2.5",
            "candidates.own-8b.coverage=0.7",
            "current.usd_per_mtok={input=0.75, cached_input=0.075, output=6.0}",
            "candidates.own-8b.project.preparing_share=0.6",
            "candidates.own-8b.project.usd_per_hire=12000",
        ],
    ),
    "three-at-once": (
        "code-assistant",
        {"usage_growth_per_month": 0.05, "hosted_open_coverage": 0.2, "own_120b_fleet_usd_per_gpu_hour": 2.0},
        [
            "usage.growth.per_month=0.05",
            "candidates.hosted-open.coverage=0.2",
            "candidates.own-120b.fleet.usd_per_gpu_hour=2.0",
        ],
    ),
    "purchase": (
        "enterprise-bought-gpus",
        {"bought_70b_fleet_purchase_usd_per_gpu": 20_000.0},
        ["candidates.bought-70b.fleet.purchase_usd_per_gpu=20000"],
    ),
    "voice-nodes": (
        "voice-agent",
        {"own_8b_fleet_gpus_per_node": 8.0, "own_8b_fleet_gpus_per_replica": 3.0},
        ["candidates.own-8b.fleet.gpus_per_node=8", "candidates.own-8b.fleet.gpus_per_replica=3"],
    ),
    "batch": (
        "document-extraction",
        {"current_batch_discount": 0.3},
        ["current.batch_discount=0.3"],
    ),
}
"""Scenario, what is typed into its workbook, and the same as settings of a run; projects start on a pinned day, also in
the workbook as it is written, but for the story that is recalculated whole."""

SUCCESSOR = ("gone", {"api_usd_per_migration": 70.0}, {"candidates": {"api": {"usd_per_migration": 70}}})
"""World, what is typed into its workbook, and the same as an overlay: a model that is retired early has a successor."""
BROKEN = {
    "no-share": ("linear", {"box_coverage": 1.4}, {"box_coverage lies between 0 and 1"}),
    "short-lived": (
        "bought",
        {"box_fleet_lifetime_months": 0.7},
        {"box: there is a column for every replacement of GPUs"},
    ),
}
"""World, what is typed into its workbook, and checks that must then fail."""


def as_day(value: Any) -> date | None:
    """A cell with a date; None for one that stands for never."""
    when = value if isinstance(value, datetime) else datetime(1899, 12, 30).fromordinal(693594 + round(float(value)))
    return None if when == NOT_REACHED else when.date()


def assert_as_simulated(cells: Cells, expected: JudgedWorld) -> None:
    """Every monthly row, and every live output, is what the simulation says; nothing of a limit where there is none."""
    told, limited = expected.as_json(), expected.case.scenario.limited
    rows = table(cells["Months"], 6, len(told["monthly"]))
    for row, simulated in zip(rows, told["monthly"], strict=True):
        got = {"requests": row["Requests"], "stay_usd": row["Stay"]} | ({"limit_usd": row["Limit"]} if limited else {})
        names = [each.name for each in expected.workbook_figures]
        labels = heads(cells["Months"], names, 7 if limited else 5)
        got |= {f"{name}_usd": row[label] for name, label in zip(names, labels, strict=True)}
        assert got == pytest.approx({key: simulated[key] for key in got}, abs=CENT, rel=1e-10)
        assert limited is ("Limit" in row) is ("Pressure on the last day" in row)
        if limited:
            pressed, wanted = row["Pressure on the last day"], simulated["pressure"]
            assert pressed == ("–" if wanted is None else pytest.approx(wanted, rel=1e-9))
    base = told["base"]
    stay = outputs(cells["Outputs"], -1)
    assert stay["Monthly bill at the end"] == pytest.approx(base["bill_at_end_usd"], abs=CENT)
    assert limited is ("Limit reached" in stay)
    if limited:
        assert as_day(stay["Limit reached"]) == base["threat"]
    for place, simulated in enumerate(base["candidates"].values()):
        got = outputs(cells["Outputs"], place)
        figures = {
            "total_usd": got["Cost over the horizon"],
            "npv_saving_usd": got["Net present value of the saving"],
            "one_off_usd": got["Spent on the project until live"],
        }
        figures["peak_cash_usd"] = got["Behind staying at most"]
        if got.get("GPUs worth on the last day") is not None:
            figures["end_credit_usd"] = got["GPUs worth on the last day"]
        assert figures == pytest.approx({key: simulated[key] for key in figures}, abs=CENT, rel=1e-10)
        if simulated["peak_cash_usd"] > CENT:
            assert as_day(got["Most behind on"]) == simulated["peak_cash_on"]
        rate = simulated["irr"]
        if rate is None or rate < HIGH_RETURN:  # a spreadsheet looks for no rate that is beyond all reason
            assert got["Return a year"] == ("–" if rate is None else pytest.approx(rate, rel=1e-5))
        assert as_day(got["Break-even"]) == simulated["break_even"]
        if got.get("Not possible from") is not None:
            assert as_day(got["Not possible from"]) == simulated["impossible_from"]
        assert_steps(got, expected.case.outlook(expected.workbook_figures[place].name))


def assert_steps(got: dict[str, Any], outlook: CandidateResult) -> None:
    """The steps from what staying costs to the saving are those of the simulation."""
    steps = {step.name: step.usd for step in waterfall(outlook)}
    serving = ("Serving", "Serving in shadow")
    wanted = {name: usd for name, usd in steps.items() if name not in (*serving, BOUGHT, SOLD)}
    wanted |= {name: sum(steps.get(each, 0.0) for each in serving) for name in got if name.startswith("Serving, in")}
    wanted |= {name: steps.get(BOUGHT, 0.0) + steps.get(SOLD, 0.0) for name in got if name.startswith("GPUs bought")}
    assert {name: got[name] or 0.0 for name in wanted} == pytest.approx(wanted, abs=CENT, rel=1e-9)


def heads(cells: dict[str, Any], names: list[str], before: int) -> list[str]:
    """The heads of the candidates' costs on the sheet of months: five columns each, after those of staying."""
    ordered = [cells[f"{openpyxl.utils.get_column_letter(before + 1 + 5 * place)}6"] for place in range(len(names))]
    assert [head[:15] for head in ordered] == [name[:15] for name in names]
    return ordered


@pytest.fixture(scope="session")
def written(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Every workbook that is recalculated, as it is written or with something typed into it."""
    return made_once(tmp_path_factory, "workbooks", write_all)


def write_all(folder: Path) -> None:
    for name in (*WORLDS, *worlds.shipped()):
        write_workbook(expected_of(name), folder / f"{name}.xlsx")
    pinned = folder / "pinned" / f"{WHOLE}.xlsx"
    pinned.parent.mkdir()
    write_workbook(worlds.shipped_result(WHOLE, *PINNED), pinned)
    files = {base: pinned if base == WHOLE else folder / f"{base}.xlsx" for base, _, _ in CHANGES.values()}
    changed = {name: (files[base], typed) for name, (base, typed, _) in CHANGES.items()}
    changed |= {name: (folder / f"{base}.xlsx", typed) for name, (base, typed, _) in BROKEN.items()}
    changed["successor"] = folder / f"{SUCCESSOR[0]}.xlsx", SUCCESSOR[1]
    for name, (base, typed) in changed.items():
        worlds.changed(Path(shutil.copy(base, folder / f"{name}.xlsx")), typed)


def expected_of(name: str) -> JudgedWorld:
    """What a workbook of this name must come to."""
    if name in WORLDS:
        return worlds.world(name)
    pinned = name in {base for base, _, _ in CHANGES.values()}
    return worlds.shipped_result(name, *(() if name == WHOLE else PINNED if pinned else (MONTHS,)))


@pytest.fixture(scope="session")
def recalculated(tmp_path_factory: pytest.TempPathFactory, written: Path) -> Path:
    """The same workbooks as LibreOffice recalculates them, all in one go."""
    if shutil.which("soffice") is None:
        pytest.skip(NO_OFFICE)
    files = sorted(written.glob("*.xlsx"))
    return made_once(tmp_path_factory, "recalculated", lambda folder: worlds.recalculate(files, folder, AS_THEY_ARE))


@pytest.fixture(scope="module", params=[*WORLDS, *worlds.shipped()])
def name(request: pytest.FixtureRequest) -> str:
    """Each workbook in turn, for all who look at it."""
    return str(request.param)


@pytest.fixture(scope="module")
def cells(written: Path, name: str) -> Cells:
    """The values of all its cells, as they are written."""
    return read(written / f"{name}.xlsx")


def test_the_values_are_those_of_the_simulation(cells: Cells, name: str) -> None:
    assert_as_simulated(cells, expected_of(name))


def test_projects_start_as_they_do_in_the_result(tmp_path: Path) -> None:
    shown = worlds.shipped_result("early-prototype", MONTHS).shown
    write_workbook(shown, tmp_path / "model.xlsx")
    cells = read(tmp_path / "model.xlsx")
    assert_as_simulated(cells, shown)
    assert cells["Read me"]["A4"] == "Each project starts on the day that is advised for it, today where there is none."


def test_a_model_that_is_retired_before_it_could_be_live_is_not_possible_and_saves_nothing(tmp_path: Path) -> None:
    write_workbook(worlds.world("gone"), tmp_path / "model.xlsx")
    found = [outputs(read(tmp_path / "model.xlsx")["Outputs"], place) for place in range(3)]
    days = [as_day(each["Not possible from"]) for each in found]
    assert days == [date(2027, 2, 20), date(2027, 1, 12), None]
    saved = [each["Net present value of the saving"] for each in found]
    assert saved[0] < 0 == saved[1] < saved[2]


@pytest.mark.parametrize(
    ("name", "rule"),
    [
        ("staged", "prepared early and committed late, by policy; on which days is simulated, not live."),
        ("lead", "starts when the warning leaves just enough time, which is the scenario's policy."),
    ],
)
def test_the_first_sheet_tells_by_which_policy_projects_start(tmp_path: Path, name: str, rule: str) -> None:
    write_workbook(worlds.world(name), tmp_path / "model.xlsx")
    assert read(tmp_path / "model.xlsx")["Read me"]["A4"].endswith(rule)


def test_a_price_of_days_above_the_limit_is_told_to_be_in_no_sum(tmp_path: Path) -> None:
    write_workbook(result({"months": 2, "limit": {"usd_per_month_above": 900}}), tmp_path / "model.xlsx")
    assert "in no sum here" in read(tmp_path / "model.xlsx")["Read me"]["A5"]


def test_what_people_cost_while_they_prepare_is_told_by_inputs(tmp_path: Path) -> None:
    """From 20 to 31 January a quarter of one engineer's pay and twenty labels a day, besides the one-off sum."""
    write_workbook(worlds.world("no-limit"), tmp_path / "model.xlsx")
    cells = read(tmp_path / "model.xlsx")
    rows = {cells["Inputs"][at.replace("I", "B", 1)]: name for at, name in cells["Inputs"].items() if at[0] == "I"}
    assert rows[0.25] == "box_project_preparing_share"
    assert rows[250] == "box_project_usd_per_hire"
    january = table(cells["box"], 6, 1)[0]
    a_day = 3000 * 12 / 365.25
    assert january["Project"] == pytest.approx(12 * 0.25 * a_day + 12 * 20 * 0.5 + 110)


def test_a_break_even_a_threat_and_an_impossible_day_are_among_them() -> None:
    told = {name: worlds.world(name).as_json()["base"] for name in ("rich-prices", "faded", "gone", "bought")}
    assert any(each["threat"] for each in told.values())
    candidates = [each for base in told.values() for each in base["candidates"].values()]
    assert any(each["break_even"] for each in candidates)
    assert any(each["impossible_from"] for each in candidates)


class TestRecalculatedByLibreOffice:
    def test_every_cell_keeps_its_value(self, written: Path, recalculated: Path, cells: Cells, name: str) -> None:
        after = read_recalculated(recalculated, written / f"{name}.xlsx")
        for sheet in cells:
            assert different(cells[sheet], after[sheet]) == {}
        assert_as_simulated(after, expected_of(name))
        assert set(checks(after)) == {True}

    @pytest.mark.parametrize("change", CHANGES)
    def test_a_changed_input_moves_the_answer_as_it_moves_the_simulation(
        self, written: Path, recalculated: Path, change: str
    ) -> None:
        base, typed, settings = CHANGES[change]
        cells = read_recalculated(recalculated, written / f"{change}.xlsx")
        assert cells["Inputs"]["B3"] == len(typed)
        assert_as_simulated(cells, worlds.shipped_result(base, *PINNED, *settings))
        assert set(checks(cells)) == {True}

    def test_a_model_that_is_retired_early_is_possible_once_it_has_a_successor(
        self, written: Path, recalculated: Path
    ) -> None:
        base, _, overlay = SUCCESSOR
        cells = read_recalculated(recalculated, written / "successor.xlsx")
        assert_as_simulated(cells, worlds.changed_world(base, overlay))
        assert as_day(outputs(cells["Outputs"], 0)["Not possible from"]) is None

    @pytest.mark.parametrize("broken", BROKEN)
    def test_a_check_fails_where_an_input_makes_no_sense(self, written: Path, recalculated: Path, broken: str) -> None:
        cells = read_recalculated(recalculated, written / f"{broken}.xlsx")
        told = {text: cells["Checks"].get(f"B{at[1:]}") for at, text in cells["Checks"].items() if at[0] == "A"}
        assert {text for text, holds in told.items() if holds is False} >= BROKEN[broken][2]
        assert told["All checks hold"] is not True


def different(before: dict[str, Any], after: dict[str, Any]) -> dict[str, tuple[Any, Any]]:
    """Cells whose values differ, by more than rounding where they are numbers."""
    pairs = {at: (before.get(at, ""), after.get(at, "")) for at in before | after}
    return {at: pair for at, pair in pairs.items() if not same(*pair)}


def same(one: Any, other: Any) -> bool:
    """Whether two values are the same, but for rounding."""
    if isinstance(one, (int, float)) and isinstance(other, (int, float)):
        return math.isclose(one, other, rel_tol=1e-9, abs_tol=1e-9)
    return bool(one == other)


def checks(cells: Cells) -> list[bool]:
    """The checks of a workbook, the one that sums them up first."""
    found = [value for at, value in cells["Checks"].items() if at[0] == "B" and isinstance(value, bool)]
    assert len(found) > 8
    return found


@pytest.fixture(scope="module")
def small(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The shortest month of a small world, which `formulas` recalculates in some seconds."""
    path = tmp_path_factory.mktemp("small") / "small.xlsx"
    write_workbook(result(*SMALL), path)
    return path


SMALL = [
    {"start": "2027-02-01", "months": 1},
    {"limit": {"share_of_revenue": 0.15}, "revenue": {"usd_per_month": 2500, "growth_per_month": 0.02}},
    growing(0.08, fade_per_month=0.02),
    {"usage": {"weekday_profile": [1, 1, 1, 1, 1, 0.4, 0.3], "events": [{"date": "2027-02-20", "factor": 1.4}]}},
    {"decision": {"policy": "2027-02-10", "discount_rate_per_year": 0.1}},
    with_candidates(box=merged(BOX, {"coverage": 0.9, "project": {"usd_one_off": 20, "ramp_days": 5}})),
]


@pytest.mark.filterwarnings("ignore")
def test_formulas_recalculates_it_too(small: Path) -> None:
    """With other inputs; and as it was written, where LibreOffice does not do that."""
    import formulas

    model = formulas.ExcelModel().loads(str(small)).finish(circular=False)
    rows = {row[8].value: row[1].coordinate for row in openpyxl.load_workbook(small)["Inputs"].iter_rows(min_row=5)}
    typed = {
        "current_usd_per_mtok_input": (1.4, {"current": {"usd_per_mtok": {"input": 1.4, "output": 1.0}}}),
        "usage_growth_per_month": (0.2, growing(0.2, fade_per_month=0.02)),
        "box_coverage": (0.6, {"candidates": {"box": {"coverage": 0.6}}}),
        "box_fleet_usd_per_gpu_hour": (0.3, {"candidates": {"box": {"fleet": {"usd_per_gpu_hour": 0.3}}}}),
    }
    cells = {f"'[small.xlsx]INPUTS'!{rows[name]}": value for name, (value, _) in typed.items()}
    changed = cells, [overlay for _, overlay in typed.values()]
    for inputs, overlays in (changed,) if shutil.which("soffice") else (({}, []), changed):
        found = computed(model.calculate(inputs=inputs))
        assert_as_simulated(found, result(*SMALL, *overlays))
        assert set(checks(found)) == {True}


def computed(solution: Any) -> Cells:
    """The values of all cells that `formulas` computed, under the names of their sheets."""
    cells: Cells = {}
    for key, ranges in solution.items():
        match = re.fullmatch(r"'\[.*\](.*)'!([A-Z]+\d+)", str(key))
        if match and hasattr(ranges, "value"):
            value = ranges.value[0, 0]
            plain = value.item() if hasattr(value, "item") else value
            cells.setdefault(match[1].capitalize(), {})[match[2]] = plain
    return cells


@pytest.fixture(scope="module")
def rich(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A workbook with most of what there is."""
    path = tmp_path_factory.mktemp("rich") / "rich.xlsx"
    quantiles = (
        Quantiles("box: net present value of the saving", "$", 5.0, -10.0, 4.5, 20.0, 0.7),
        Quantiles("Limit reached", "date", None, date(2027, 4, 1), date(2027, 6, 1), None, 0.9),
    )
    notes = {"usage.requests_per_day": "counted in the log, 2026-10", "usage.input_tokens": "=cmd()"}
    write_workbook(worlds.world("bought"), path, notes=notes, simulated=Simulated(7, 2000, quantiles))
    return path


@pytest.fixture(scope="module")
def rich_book(rich: Path) -> Workbook:
    """The same with its formulas."""
    return openpyxl.load_workbook(rich)


@pytest.fixture(scope="module")
def rich_values(rich: Path) -> Workbook:
    """The same with its values."""
    return openpyxl.load_workbook(rich, data_only=True)


def every_formula(book: Workbook) -> Iterator[tuple[str, str, str]]:
    """Sheet, address and text of each formula."""
    for sheet in book:
        for row in sheet.iter_rows():
            for cell in row:
                if cell.data_type == "f":
                    yield sheet.title, cell.coordinate, cell.value


def test_no_number_hides_in_a_formula(rich_book: Workbook) -> None:
    numbers = re.compile(r"(?<![\w.$])\d+(?:\.\d+)?(?![\w(])")
    found = {}
    for sheet, at, text in every_formula(rich_book):
        bare = re.sub(r"'[^']+'!|\"[^\"]*\"|\$?[A-Z]{1,3}\$?\d+", "x", text)
        if hidden := set(numbers.findall(bare)) - {"0", "1"}:
            found[sheet, at] = (text, hidden)
    assert found == {}


def test_a_column_of_days_is_one_formula(rich_book: Workbook) -> None:
    shapes: dict[str, set[str]] = {}
    for row in rich_book["box days"].iter_rows(min_row=9):
        for cell in row:
            if cell.data_type == "f":
                text = re.sub(rf"(?<=[A-Z]){cell.row}\b", "#", cell.value)
                shapes.setdefault(cell.column_letter, set()).add(re.sub(rf"(?<=[A-Z]){cell.row - 1}\b", "@", text))
    assert {letters: texts for letters, texts in shapes.items() if len(texts) != 1} == {}
    assert len(shapes) > 30


def test_every_assumption_has_value_unit_source_and_date(rich_values: Workbook) -> None:
    rows = list(rich_values["Assumptions"].iter_rows(min_row=5, values_only=True))
    by_field = {row[0]: row for row in rows}
    assert by_field["usage.requests_per_day"][2:] == (
        10_000, "", "requests/day", "counted in the log, 2026-10", "2026-10", "yes", "stated",
    )  # fmt: skip
    assert by_field["candidates.box.project.labels_per_day"][7] == "no"
    for row in rows:
        assert not {None, ""} & {row[0], row[1], row[2], row[5], row[6]}


@pytest.fixture(scope="module")
def uncertain(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A workbook of a scenario with ranges."""
    loaded = load("scenarios/support-copilot.toml", ["months=2"])
    path = tmp_path_factory.mktemp("uncertain") / "m.xlsx"
    write_workbook(JudgedWorld(simulate(loaded.scenario)), path, notes=remarks(loaded))
    return path


def test_ranges_are_told_beside_the_base_value(uncertain: Path) -> None:
    rows = {row[9]: row for row in openpyxl.load_workbook(uncertain, data_only=True)["Inputs"].values}
    growth = rows["usage.growth.per_month"]
    assert growth[1] == pytest.approx((0.06 * 0.14) ** 0.5)
    assert growth[4] == "0.06 to 0.14 (90 %)"
    assert growth[5] == "assumption: 90 % sure that it is between 6 and 14 % a month"


def test_a_return_beyond_all_sense_and_a_range_are_shown_as_on_the_pages(rich_book: Workbook) -> None:
    (rate,) = (row for row in rich_book["Outputs"].iter_rows() if row[0].value == "Return a year")
    assert f'[>10]"{rate_words(51.0)}";0.0%' in {cell.number_format for cell in rate}
    assumptions = rich_book["Assumptions"]
    assert assumptions["D5"].alignment.indent == 1
    assert f'"{assumptions["H4"].value}" says yes' in assumptions["A2"].value


def test_formulas_are_locked_and_inputs_are_open(rich_book: Workbook) -> None:
    assert [sheet.title for sheet in rich_book if not sheet.protection.sheet] == []
    sheet = rich_book["Inputs"]
    names = {row[8].value: row[1] for row in sheet.iter_rows(min_row=5) if row[8].value}
    assert not names["usage_requests_per_day"].protection.locked
    assert names["days_per_month"].protection.locked
    assert not sheet["D3"].protection.locked
    assert all(cell.protection.locked for cell in rich_book["Outputs"]["D"] if cell.value is not None)


def test_inputs_take_only_what_a_scenario_may_hold(rich_book: Workbook) -> None:
    sheet = rich_book["Inputs"]
    rows = {row[8].value: row[1].coordinate for row in sheet.iter_rows(min_row=5) if row[8].value}
    rules = {str(rule.sqref): rule for rule in sheet.data_validations.dataValidation}
    share = rules[rows["box_coverage"]]
    assert (share.type, share.operator, float(share.formula1), float(share.formula2)) == ("decimal", None, 0.0, 1.0)
    assert rules["D3"].formula1 == '"low,base,high"'
    assert rows["usage_requests_per_day"] in rules


def test_a_switch_puts_every_range_at_its_ends(uncertain: Path) -> None:
    sheet = openpyxl.load_workbook(uncertain)["Inputs"]
    rows = {row[9].value: row for row in sheet.iter_rows(min_row=5)}
    growth = rows["usage.growth.per_month"]
    row = growth[0].row
    assert growth[1].value == f'=IF(case_of_ranges="low",K{row},IF(case_of_ranges="high",L{row},D{row}))'
    assert (growth[10].value, growth[11].value) == (0.06, 0.14)
    assert rows["decision.discount_rate_per_year"][1].value == 0.1


def test_cash_by_quarter_and_year_adds_up_to_the_outputs(tmp_path: Path) -> None:
    fiscal = {"decision": {"policy": "now", "fiscal_year_starts": 4}, "months": 14}
    box = merged(BOX, {"fleet": {"purchase_usd_per_gpu": 900.0, "lifetime_months": 20}})
    box["fleet"].pop("usd_per_gpu_hour")
    told = result(fiscal, with_candidates(box=box))
    write_workbook(told, tmp_path / "m.xlsx")
    book = openpyxl.load_workbook(tmp_path / "m.xlsx", data_only=True)
    outlook = told.case.outlooks[0]
    for name, count in (("Cash", 14), ("Quarters", 5), ("Years", 2)):
        rows = list(book[name].iter_rows(min_row=6, max_row=7 + count, values_only=True))
        head, data = rows[0], rows[2:]
        column = {title: [row[place] for row in data] for place, title in enumerate(head) if title}
        spent = sum(column["box: opex"]) + sum(column["box: capex"]) - sum(column["box: GPUs at the end"])
        assert spent == pytest.approx(outlook.total, abs=CENT)
        assert sum(column["box: saving, present value"]) == pytest.approx(outlook.npv_saving, abs=CENT)
        assert column["box: cash so far"][-1] == pytest.approx(sum(column["box: cash"]), abs=CENT)
    assert [row[0] for row in book["Years"].iter_rows(min_row=8, max_row=9, values_only=True)] == [
        "FY 2026/27",
        "FY 2027/28",
    ]


def test_cash_is_what_charts_show_where_the_current_route_owns_its_gpus(tmp_path: Path) -> None:
    told = worlds.world("own-bought")
    write_workbook(told, tmp_path / "m.xlsx")
    rows = openpyxl.load_workbook(tmp_path / "m.xlsx", data_only=True)["Cash"].iter_rows(min_row=6, values_only=True)
    head, _, *data = (row for row in rows if any(row))
    column = {title: [row[place] for row in data] for place, title in enumerate(head) if title}
    for outlook in told.case.outlooks:
        view = cash_view(outlook, "month")
        for title, values in (("opex", view.opex), ("capex", view.capex), ("cash so far", view.cumulative)):
            found = column.get(f"{outlook.name}: {title}", [0.0] * len(data))
            assert found == pytest.approx(values.tolist(), abs=CENT)


def test_a_plan_that_is_advised_stands_beside_its_candidates_as_simulated(tmp_path: Path) -> None:
    """All for half of $10 a day, and the easy half of it for a fifth: $2.50 and $1 a day."""
    easy = {**API, "coverage": 0.5, "usd_per_mtok": {"input": 0.2, "output": 0.2}}
    steps = [{"candidate": name, "start": "now"} for name in ("whole", "easy")]
    plans = {"months": 14, "plans": {"p": {"steps": steps}}}
    told = result(plans, with_candidates(whole={**API, "project": {"usd_one_off": 30.0}}, easy=easy))
    assert told.verdict.plan is not None
    write_workbook(told.shown, tmp_path / "m.xlsx")
    book = openpyxl.load_workbook(tmp_path / "m.xlsx", data_only=True)
    saved = told.case.clock.days * 6.5 - 30
    for name, count in (("Cash", 14), ("Quarters", 5), ("Years", 2)):
        head, _, *data = book[name].iter_rows(min_row=6, max_row=7 + count, values_only=True)
        column = {title: [row[place] for row in data] for place, title in enumerate(head) if title}
        assert sum(column["The plan p: cash"]) == pytest.approx(saved)
        assert column["The plan p: cash so far"][-1] == pytest.approx(saved)
    cells = {row[0]: row[3:5] for row in book["Outputs"].iter_rows(max_col=5, values_only=True) if row[3] is not None}
    assert cells["Saving"] == (pytest.approx(saved), pytest.approx(365 * 6.5 - 30))
    assert "whole starts" in cells
    of_starts = {"Project starts, as the plan has it", "Latest sensible start by itself", "Best start by itself"}
    assert of_starts <= set(cells)
    assert book["Outputs"].protection.sheet


def test_the_verdict_says_whether_it_is_of_these_inputs(rich_book: Workbook, rich_values: Workbook) -> None:
    assert rich_book["Outputs"]["A4"].value.startswith("=IF(inputs_changed=0,")
    assert rich_values["Outputs"]["A4"].value.endswith("is of these inputs.")


def test_days_print_on_one_page(rich_book: Workbook) -> None:
    for name in ("Days", "box days"):
        assert rich_book[name].print_area.endswith("$38")
        assert (rich_book[name].page_setup.fitToWidth, rich_book[name].page_setup.fitToHeight) in ((None, None), (1, 1))


def test_quantiles_are_values_with_their_seed(rich_book: Workbook) -> None:
    sheet = rich_book["Simulated"]
    assert "2,000 draws with seed 7" in sheet["A2"].value
    assert [cell.value for cell in sheet[5]] == ["box: net present value of the saving", "$", 5, -10, 4.5, 20, 0.7]
    assert [cell.value for cell in sheet[6]][2:6] == ["–", datetime(2027, 4, 1), datetime(2027, 6, 1), "–"]


def test_inputs_have_names_that_formulas_use(rich_book: Workbook) -> None:
    for name in (
        "usage_requests_per_day",
        "box_fleet_purchase_usd_per_gpu",
        "box_cutover",
        "decision_discount_rate_per_year",
    ):
        assert name in rich_book.defined_names
    named = {word for _, _, text in every_formula(rich_book) for word in re.findall(r"[a-z]\w+", text)}
    assert {name for name in rich_book.defined_names if not name.startswith("_")} - named == {
        "box_fleet_load_hours",  # used where GPUs are rented
        "even_odds",  # used where there are events
        "case_of_ranges",  # used where there are ranges
    }


@pytest.fixture(scope="module")
def hostile(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A workbook whose names are those of an attacker."""
    path = tmp_path_factory.mktemp("hostile") / "hostile.xlsx"
    write_workbook(worlds.world("hostile"), path, notes={"usage.input_tokens": "=HYPERLINK(1)"})
    return path


@pytest.fixture(scope="module")
def hostile_book(hostile: Path) -> Workbook:
    """The same with its formulas."""
    return openpyxl.load_workbook(hostile)


class TestHostileText:
    def test_no_text_becomes_a_formula(self, hostile_book: Workbook) -> None:
        harm = re.compile(r"cmd\(|cmd\||calc|HYPERLINK|[^\x00-\x7f–]")
        assert [text for _, _, text in every_formula(hostile_book) if harm.search(text)] == []

    def test_text_is_whole_and_marked_as_text(self, hostile_book: Workbook) -> None:
        sheet = hostile_book["Outputs"]
        assert sheet["A1"].value == worlds.HOSTILE[:109].rstrip() + "…"
        assert sheet["A1"].data_type == "s"
        assert sheet["A1"].quotePrefix

    def test_sheets_have_names_that_every_spreadsheet_takes(self, hostile_book: Workbook) -> None:
        names = hostile_book.sheetnames
        assert len({name.lower() for name in names}) == len(names) == 12 + 2 * len(NAMES)
        assert not [name for name in names if len(name) > 31 or re.search(r"[][:*?/\\']", name) or name.strip() != name]

    def test_its_xml_is_well_formed(self, hostile: Path) -> None:
        with zipfile.ZipFile(hostile) as file:
            for item in file.namelist():
                ElementTree.fromstring(file.read(item))


def test_a_file_that_is_there_is_left_as_it_was(tmp_path: Path) -> None:
    path, told = tmp_path / "model.xlsx", result({"months": 1})
    path.write_text("mine")
    with pytest.raises(ScenarioError, match="exists already"):
        write_workbook(told, path)
    assert path.read_text() == "mine"
    write_workbook(told, path, overwrite=True)
    assert zipfile.is_zipfile(path)
    assert [each.name for each in tmp_path.iterdir()] == ["model.xlsx"]


def test_a_drawn_world_is_refused(tmp_path: Path) -> None:
    drawn = JudgedWorld(simulate(scenario(), Drawn(1, 0)))
    with pytest.raises(ValueError, match="drawn world"):
        write_workbook(drawn, tmp_path / "model.xlsx")


def test_a_file_is_kept_small_by_leaving_candidates_out(tmp_path: Path) -> None:
    many = result({"months": 240}, with_candidates(**{f"box_{i}": BOX for i in range(8)}))
    kept = [each.name for each in fitting(many)]
    assert 1 <= len(kept) < 8
    few = result({"months": 6}, with_candidates(**{f"box_{i}": BOX for i in range(8)}))
    assert len(fitting(few)) == 8
