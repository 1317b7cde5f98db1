"""Small worlds that each turn on something that the workbook must say in formulas, and ways to read what it says."""

from __future__ import annotations

import re
import shutil
import subprocess
import zipfile
from collections.abc import Container, Iterable, Iterator
from datetime import datetime
from functools import cache
from html import unescape
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any
from xml.etree import ElementTree

from openpyxl.styles.numbers import BUILTIN_FORMATS, is_date_format
from openpyxl.utils import get_column_letter
from openpyxl.utils.datetime import from_excel, to_excel

from switchpoint.decision.case import simulate
from switchpoint.decision.result import JudgedWorld
from switchpoint.scenario.load import load
from switchpoint.scenario.schema import Scenario
from tests.small_worlds import API, BOX, WORLD, Table, growing, merged, with_candidates

Cells = dict[str, dict[str, Any]]

PROJECT: Table = {
    "project": {
        "engineers": 2,
        "engineers_in_house": 1,
        "hiring_weeks": 2,
        "usd_per_engineer_month": 3000,
        "examples": 600,
        "usable_share": 0.01,
        "labels_per_day": 40,
        "usd_per_example": 0.5,
        "usd_per_iteration": 70,
        "training_days": 2,
        "evaluation_days": 3,
        "pass_probability": [0.3, 0.6],
        "intervention_days": 4,
        "hardening_days": 3,
        "usd_hardening": 90,
        "shadow_days": 5,
        "ramp_days": 7,
        "usd_one_off": 110,
    },
    "upkeep": {"engineers": 0.1, "usd_per_month": 20, "retrain_every_months": 1.5},
}
"""Everything that a project may spend, in two months."""
EARLY: Table = {"start": "2027-01-12", "months": 4, "decision": {"policy": "2027-01-20", "discount_rate_per_year": 0.1}}
"""A start in mid-month, and a project that starts soon after."""
OFFICE: Table = {"usage": {"hourly_profile": "office", "weekday_profile": [1, 1, 1, 1, 1, 0.4, 0.3]}}
CAPPED: Table = {"fleet": {"max_replicas": 3, "requests_per_second_per_replica": 0.1}}
WAITS: Table = {"usage": {"batch_share": 0.4}}
OVERFLOW: Table = {"fleet": {"overflow": "current"}}
RESERVED = {"reserved_replicas": 2, "reserved_usd_per_gpu_hour": 0.06, "reserved_months": 6}
BOUGHT: Table = {
    "kind": "gpu",
    "fleet": {
        "requests_per_second_per_replica": 0.05,
        "gpus_per_replica": 2,
        "purchase_usd_per_gpu": 300,
        "lifetime_months": 1.5,
        "resale_share": 0.2,
        "power_kw_per_gpu": 0.4,
        "pue": 1.3,
        "usd_per_kwh": 0.15,
        "overhead_share": 0.1,
        "usd_per_month": 12,
    },
}
PRICES = [
    {"date": "2027-03-10", "factor": 0.7},
    {"date": "2027-02-01", "factor": 1.5, "probability": 0.4},
    {"date": "2027-02-20", "factor": 0.9},
    {"date": "2027-03-10", "factor": 1.2},
    {"date": "2026-01-01", "factor": 0.95},
]
COMMITMENTS = [
    {"usd_per_month": 250, "discount": 0.1},
    {"usd_per_month": 400, "discount": 0.2, "until": "2027-05-01"},
    {"usd_per_month": 60, "discount": 0.02, "until": "2027-04-15"},
]
HOSTED: Table = {
    "kind": "hosted",
    "usd_per_mtok": {"input": 0.4, "output": 0.8, "cached_input": 0.1},
    "usd_per_month": 9,
    "batch_discount": 0.3,
    "retry_share": 0.01,
    "price_change_per_year": -0.2,
    "price_changes": PRICES[:2],
    "commitments": COMMITMENTS,
}
RICH: Table = {
    "usage": {"output_tokens": 200, "cached_input_share": 0.3, "token_growth_per_month": 0.02},
    "current": {
        "usd_per_mtok": {"input": 1.0, "output": 2.0, "cached_input": 0.2, "cache_write": 1.3},
        "cache_write_share": 0.1,
        "retry_share": 0.03,
        "batch_share": 0.4,
        "usd_per_month": 15,
        "price_change_per_year": -0.3,
        "price_changes": PRICES,
    },
    "revenue": {"usd_per_month": 2000, "growth_per_month": 0.03, "usd_per_1000_requests": 1.5},
    "limit": {"share_of_revenue": 0.1, "usd_per_1000_requests": 1.2, "usd_per_month": 500},
}
BOOM = growing(0.3, fade_per_month=0.05)
EVENTS: Table = {
    "usage": {
        "events": [
            {"date": "2027-03-20", "factor": 0.5},
            {"date": "2027-02-14", "factor": 1.4, "probability": 0.6},
            {"date": "2027-02-14", "factor": 1.1},
            {"date": "2027-03-01", "factor": 9.0, "probability": 0.2},
            {"date": "2026-12-01", "factor": 1.05},
        ]
    }
}
HISTORY = Path(__file__).parent / "scenario_data" / "history.csv"
SERVED: Table = {
    "model": {"base": "llama-3.1-8b", "precision": "fp8"},
    "fleet": {"gpu": "L40S", "requests_per_second_per_replica": None, "usd_per_gpu_hour": None},
}
"""A fleet whose capacity is simulated and whose rent is the catalogue's."""
UNITS: Table = {
    "kind": "hosted",
    "usd_per_month": 5,
    "endpoint": {
        "usd_per_hour": 0.05,
        "tokens_per_minute": 30_000,
        "min": 2,
        "step": 2,
        "max": 7,
        "overflow": "current",
    },
}
"""Capacity that a host sells by the hour, in steps."""
HOSTILE = "=cmd|' /C calc'!A0 <b>&\"ü\" مرحبا 🚀 " + "long " * 50
NAMES = ("=cmd()", "🚀", "a/b:c*[d]?'e'", "A" * 80, "نموذج")


def curve(**growth: Any) -> Table:
    """A growth curve."""
    return {"usage": {"growth": growth}}


def listed(provider: str, model: str, start: str, **usage: float) -> Table:
    """A current route that is priced from the catalogue."""
    current = {"provider": provider, "model": model, "usd_per_mtok": None}
    return {"start": start, "usage": {"output_tokens": 300, **usage}, "current": current}


def boxed(*changes: Table) -> Table:
    """A fleet with these changes, and its project."""
    return with_candidates(box=merged(BOX, PROJECT, *changes))


def with_fleets(**changes: Table) -> Table:
    """Fleets with their projects, each with its change; underscores in names stand for dashes."""
    return with_candidates(**{name: merged(BOX, PROJECT, change) for name, change in changes.items()})


def busy(**fleet: Any) -> Table:
    """A fleet of many small replicas."""
    return {"fleet": {"requests_per_second_per_replica": 0.05, **fleet}}


OWN_ROUTES: dict[str, Table] = {
    "own-rented": {
        "kind": "gpu",
        "fleet": {"requests_per_second_per_replica": 0.05, "usd_per_gpu_hour": 0.1, **RESERVED},
        "project": {"usd_per_engineer_month": 900},
        "upkeep": {"engineers": 0.5, "notice_months": 1, "retrain_every_months": 1},
    },
    "own-bought": {
        "kind": "gpu",
        "fleet": merged(BOUGHT["fleet"], {"owned_gpus": 6, "owned_since": "2026-12-01", "lifetime_months": 3}),
    },
    "own-api": {"usd_per_mtok": {"input": 1.0, "output": 1.0}, "upkeep": {"usd_per_month": 70}},
}
"""Current routes that are put in the place of the small world's API."""
WORLDS: dict[str, list[Table]] = {
    "no-limit": [
        {"limit": None},
        BOOM,
        boxed({"project": {"hiring_weeks": 1, "labels_per_day": 20, "usd_per_hire": 250}}),
    ],
    "linear": [curve(curve="linear", per_month=-3000.0), boxed()],
    "logistic": [curve(curve="logistic", per_month=0.4, ceiling=30_000.0), boxed()],
    "logistic-at": [
        curve(curve="logistic", per_month=0.4, ceiling=10_000.0),
        {"current": {"usd_per_month": 300}},
        with_candidates(box=BOX),
    ],
    "bass": [curve(curve="bass", innovation=0.03, imitation=0.5, market=80_000.0), boxed()],
    "faded": [
        BOOM,
        EVENTS,
        OFFICE,
        with_fleets(
            hourly={},
            daily=busy(scaling="daily"),
            fixed={"fleet": {"scaling": "fixed", "fixed_replicas": 2}},
            reserved=busy(**RESERVED),
            outgrown=merged({"coverage": 0.9, "usd_per_1000_requests": 0.1}, CAPPED),
        ),
    ],
    "nodes": [
        BOOM,
        OFFICE,
        with_fleets(
            alone=busy(gpus_per_node=4),
            spare=busy(gpus_per_node=8, gpus_per_replica=2, spare_replicas=1),
            daily=busy(gpus_per_node=4, scaling="daily"),
            rest=busy(gpus_per_node=8, gpus_per_replica=3),
            smaller=busy(gpus_per_node=4, gpus_per_replica=6),
            fixed=busy(gpus_per_node=4, scaling="fixed", fixed_replicas=5),
            listed=busy(gpu="H100", provider="gcp", usd_per_gpu_hour=None),
        ),
    ],
    "nodes-bought": [
        BOOM,
        OFFICE,
        with_candidates(
            box=merged(BOUGHT, PROJECT, {"fleet": {"gpus_per_node": 8}}),
            rest=merged(BOUGHT, PROJECT, {"fleet": {"gpus_per_node": 8, "gpus_per_replica": 3}}),
            large=merged(BOUGHT, PROJECT, {"fleet": {"gpus_per_node": 4, "gpus_per_replica": 6}}),
        ),
    ],
    "bought": [BOOM, OFFICE, with_candidates(box=merged(BOUGHT, PROJECT, {"quality_usd_per_1000_requests": 0.1}))],
    "waiting": [
        BOOM,
        OFFICE,
        WAITS,
        with_candidates(
            packed=merged(BOX, PROJECT, busy(startup_minutes=6)),
            overflows=merged(BOX, PROJECT, {"coverage": 1, "usd_per_1000_requests": 0.1}, CAPPED, OVERFLOW),
            units=merged(PROJECT, UNITS),
            idle=merged(BOUGHT, PROJECT, {"fleet": {"idle_power_share": 0.3}}),
        ),
    ],
    "simulated-capacity": [
        {"usage": {"token_growth_per_month": 0.1, "output_tokens": 100}},
        with_candidates(
            box=merged(BOX, PROJECT, SERVED),
            trained=merged(BOX, PROJECT, SERVED, {"project": {"training": {"epochs": 2}}}),
            context=merged(API, {"max_context": 1400}),
        ),
    ],
    "rich-prices": [
        RICH,
        BOOM,
        OFFICE,
        with_candidates(
            own=merged(BOX, PROJECT),
            hourly=merged(BOX, PROJECT, {"fleet": {"requests_per_second_per_replica": 0.08, "spare_replicas": 1}}),
            other=merged(API, PROJECT),
            hosted=merged(HOSTED, PROJECT, {"coverage": 0.8}),
        ),
    ],
    "commitments": [{"current": {"commitments": COMMITMENTS}}, BOOM, with_candidates(other=merged(API, PROJECT))],
    "commitments-and-fee": [
        {"current": {"usd_per_month": 300, "commitments": COMMITMENTS}},
        BOOM,
        with_fleets(
            overflows=merged(
                OVERFLOW,
                {"fleet": {"requests_per_second_per_replica": 0.1, "scaling": "fixed", "fixed_replicas": 2}},
            ),
            rented={"fleet": {"usd_per_gpu_hour_change_per_year": 0.5, "overhead_share": 0.2, "regions": 2}},
        ),
    ],
    "retired": [
        RICH,
        BOOM,
        {"current": {"retires_on": "2027-03-05", "usd_per_migration": 900, "migration_price_factor": 1.4}},
        with_candidates(
            hosted=merged(
                HOSTED,
                PROJECT,
                {
                    "retires_on": "2027-04-01",
                    "usd_per_migration": 70,
                    "migration_price_factor": {"low": 0.5, "high": 1},
                    "coverage": 0.8,
                },
            ),
            gone=merged(API, {"retires_on": "2026-12-24", "usd_per_migration": 35, "migration_price_factor": 0.9}),
        ),
    ],
    "retired-as-listed": [
        listed("openai", "gpt-4.1-nano", "2026-09-15"),
        {"current": {"usd_per_migration": 5, "migration_price_factor": 2}},
        with_candidates(api=API),
    ],
    "tiers": [
        listed("google", "gemini-2.5-pro", "2026-11-15", input_tokens=150_000, token_growth_per_month=0.1),
        curve(curve="compound", per_month=-0.1),
        {"limit": {"share_of_revenue": 0.1}, "revenue": {"usd_per_month": 0}},
    ],
    "scheduled": [listed("google", "gemini-3.8-flash", "2026-11-15"), with_candidates(api=merged(API, PROJECT))],
    "fee": [
        listed("perplexity", "sonar", "2026-11-15"),
        curve(curve="bass", innovation=0.03, imitation=0.5, market=8_000.0),
    ],
    "gone": [
        with_candidates(
            api=merged(API, PROJECT, {"retires_on": "2027-02-20"}),
            at_once=merged(API, {"retires_on": "2026-12-24"}),
            later=merged(API, {"retires_on": "2027-03-15", "project": {"shadow_days": 5}}),
            saving=merged(BOX, {"project": {"usd_one_off": 60, "shadow_days": 3, "ramp_days": 9}}),
            nothing_to_gather=merged(
                BOX, {"project": {"engineers": 2, "usd_per_engineer_month": 3000, "upskilling_weeks": 2}}
            ),
            behind_again=merged(
                BOX,
                {
                    "project": {"usd_one_off": 60, "usd_per_iteration": 170, "training_days": 2},
                    "upkeep": {"retrain_every_months": 1.5},
                },
            ),
        )
    ],
    "projects": [
        with_fleets(
            as_stated={},
            with_project={"project": {"staffing": "with-project", "hiring": "from-start", "usd_per_hire": 500}},
            prepared={
                "project": {
                    "labelling": "2027-01-14",
                    "preparing_share": 0.4,
                    "usd_per_hire": 250,
                    "upskilling_weeks": 2,
                }
            },
            long_learnt={"project": {"hiring_weeks": 1, "upskilling_weeks": 5}},
            never_complete={"project": {"examples": 9_000}},
            under_way={"project": {"started": "2026-11-20", "iterations_done": 1}},
            still_gathering={"project": {"started": "2027-01-05", "usd_per_hire": 250, "upskilling_weeks": 2}},
            given_up={"project": {"pass_probability": [0.01], "max_iterations": 2}},
        )
    ],
    "never": [{"decision": {"policy": "never"}}, boxed({"project": {"labelling": "from-start"}})],
    "never-fires": [
        curve(curve="logistic", per_month=0.4, ceiling=6_000.0),
        {"decision": {"policy": "warn"}, "limit": {"usd_per_month": 90_000}},
        boxed({"project": {"labelling": "from-start", "hiring": "from-start", "usd_per_hire": 250}}),
    ],
    "lead": [BOOM, {"decision": {"policy": "lead"}}, boxed({"project": {"hiring_weeks": 1}})],
    "staged": [
        growing(0.25),
        {"decision": {"policy": "staged", "prepare_from": "2027-01-15"}},
        boxed({"project": {"hiring_weeks": 1, "upskilling_weeks": 1, "usd_per_hire": 250}}),
    ],
    "staged-in-vain": [
        curve(curve="history", file=str(HISTORY)),
        {"usage": {"requests_per_day": None}},
        {"decision": {"policy": "staged"}, "limit": {"usd_per_month": 90_000}},
        boxed({"project": {"usd_per_hire": 250}}),
    ],
    "own-rented": [BOOM, OFFICE, with_candidates(api=merged(API, PROJECT), box=merged(BOX, PROJECT))],
    "own-bought": [OFFICE, with_candidates(api=merged(API, PROJECT), half=merged(API, PROJECT, {"coverage": 0.5}))],
    "own-api": [
        BOOM,
        {"limit": {"usd_per_1000_requests": 1.4}},
        with_candidates(api=merged(API, PROJECT), box=merged(BOX, PROJECT, {"coverage": 0})),
    ],
    "free": [{"usage": {"requests_per_day": 0}}, boxed()],
    "hostile": [{"name": HOSTILE[:300], "summary": HOSTILE}, with_candidates(**dict.fromkeys(NAMES, BOX))],
}
"""Overlays of the small world; each runs for four months from mid-January.

LibreOffice takes longer to open a sheet than to recalculate it. So candidates that need the same usage and the same
current route stand in one workbook, and some curves of growth stand beside another question. Not every curve stands
beside every fleet: no formula of a fleet knows which curve its requests follow.
"""


@cache
def world(name: str) -> JudgedWorld:
    """One of the small worlds, simulated."""
    return changed_world(name)


def changed_world(name: str, *overlays: Table) -> JudgedWorld:
    """One of the small worlds with some things changed, simulated."""
    table = merged(WORLD, EARLY, *WORLDS[name])
    table["current"] = OWN_ROUTES.get(name, table["current"])
    return JudgedWorld(simulate(Scenario.model_validate(merged(table, *overlays))))


def shipped() -> list[str]:
    """The scenarios that are shipped."""
    return sorted(path.stem for path in (Path(__file__).parent.parent / "scenarios").glob("*.toml"))


@cache
def shipped_result(name: str, *settings: str) -> JudgedWorld:
    """A shipped scenario with some values set, simulated."""
    return JudgedWorld(simulate(load(f"scenarios/{name}.toml", settings).scenario))


def read(path: Path) -> Cells:
    """The values of all cells, by sheet and address; in a fifth of the time that openpyxl takes."""
    with zipfile.ZipFile(path) as file:
        book, styles, shared = (
            ElementTree.fromstring(file.read(f"xl/{part}.xml")) for part in ("workbook", "styles", "sharedStrings")
        )
        texts = ["".join(each.itertext()) for each in shared]
        days = day_styles(styles)
        names = [each.attrib["name"] for each in book.iter(f"{MAIN}sheet")]
        sheets = [file.read(f"xl/worksheets/sheet{number}.xml").decode() for number in range(1, len(names) + 1)]
    return {
        name: {at: value_of(kind, value, texts, style in days) for at, style, kind, value in CELL.findall(sheet)}
        for name, sheet in zip(names, sheets, strict=True)
    }


MAIN = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"
CELL = re.compile(r'<c r="([A-Z]+[0-9]+)"(?: s="([0-9]+)")?(?: t="([a-z]+)")?>(?:<f>[^<]*</f>)?<v>([^<]*)</v></c>')


def day_styles(styles: ElementTree.Element) -> set[str]:
    """The numbers of the styles that show a number as a day."""
    own = {each.attrib["numFmtId"]: each.attrib["formatCode"] for each in styles.iter(f"{MAIN}numFmt")}
    forms = styles.findall(f"{MAIN}cellXfs/{MAIN}xf")
    codes = [own.get(each.attrib["numFmtId"]) or BUILTIN_FORMATS[int(each.attrib["numFmtId"])] for each in forms]
    return {str(place) for place, code in enumerate(codes) if is_date_format(code)}


def value_of(kind: str, value: str, texts: list[str], is_day: bool) -> Any:
    """What a cell holds: a text, shared or of its own, a truth, a day or a number."""
    if kind:
        return texts[int(value)] if kind == "s" else value == "1" if kind == "b" else unescape(value)
    return from_excel(float(value)) if is_day else float(value)


def table(cells: dict[str, Any], head: int, rows: int) -> list[dict[str, Any]]:
    """Rows below a row of heads, which ends where the unit row stands between, as on the sheet of months."""
    heads = {re.sub(r"\d", "", at): text for at, text in cells.items() if re.sub(r"\D", "", at) == str(head)}
    return [{text: cells.get(f"{letters}{head + 2 + i}") for letters, text in heads.items()} for i in range(rows)]


def outputs(cells: dict[str, Any], place: int) -> dict[str, Any]:
    """The outputs of the n-th candidate, or of staying (-1), by label; the first of rows of one name."""
    letters = "CDEFGHIJK"[place + 1]
    found: dict[str, Any] = {}
    for at, text in cells.items():
        if at[0] == "A" and at[1:].isdecimal():
            found.setdefault(text, cells.get(f"{letters}{at[1:]}"))
    return found


def changed(path: Path, values: dict[str, float]) -> None:
    """Type values into the sheet of inputs, by name in formulas, and leave everything else in the file as it is."""
    cells = read(path)
    rows = {text: f"B{at[1:]}" for at, text in cells["Inputs"].items() if at[0] == "I"}
    sheet = f"xl/worksheets/sheet{list(cells).index('Inputs') + 1}.xml"
    new = path.with_suffix(".new")
    with zipfile.ZipFile(path) as old, zipfile.ZipFile(new, "w") as file:
        for item in old.namelist():
            data = old.read(item)
            if item == sheet:
                for name, value in values.items():
                    data, found = re.subn(
                        rf'(<c r="{rows[name]}"[^>]*>)(?:<f>[^<]*</f>)?<v>[^<]*'.encode(),
                        rf"\g<1><v>{value!r}".encode(),
                        data,
                    )
                    assert found == 1, name
            file.writestr(item, data)
    new.replace(path)


SETTINGS = """<?xml version="1.0" encoding="UTF-8"?>
<oor:items xmlns:oor="http://openoffice.org/2001/registry">
<item oor:path="/org.openoffice.Office.Calc/Formula/Load">
<prop oor:name="OOXMLRecalcMode" oor:op="fuse"><value>0</value></prop>
</item></oor:items>
"""
"""LibreOffice recalculates every file that it opens."""
EVERY_SHEET = "csv:Text - txt - csv (StarCalc):44,34,76,1,,0,true,true,false,false,false,-1"
"""UTF-8, commas, text in quotes, numbers as such and not as shown, a file for each sheet."""
CSV_FIELD = re.compile(r'(?:"((?:[^"]|"")*)"|([^,\n]*))(,|\n)')
TRUTHS = {"TRUE": True, "FALSE": False}


def recalculate(files: Iterable[Path], out: Path, whole: Container[str] = ()) -> None:
    """Write every sheet of the same files, as LibreOffice recalculates them, into a folder.

    Sheets are written as CSV, which takes half as long as workbooks do: text in quotes, numbers with all their digits.

    Args:
        files: workbooks.
        out: the folder.
        whole: names, without their ending, of those that LibreOffice opens as they are, not in a plain copy.
    """
    office = shutil.which("soffice")
    assert office is not None
    with TemporaryDirectory(prefix="profile-") as profile:
        (Path(profile) / "user").mkdir()
        (Path(profile) / "user" / "registrymodifications.xcu").write_text(SETTINGS, encoding="utf-8")
        copies = Path(profile) / "plain"
        copies.mkdir()
        opened = [file if file.stem in whole else plain_copy(file, copies) for file in files]
        at = f"-env:UserInstallation={Path(profile).as_uri()}"
        command = [office, at, "--headless", "--convert-to", EVERY_SHEET, "--outdir", out]
        subprocess.run([*map(str, command), *map(str, opened)], check=True, capture_output=True, timeout=1800)


LAID_OUT = {
    "xl/workbook": [(rb'<definedName name="_xlnm[^<]*</definedName>', b"")],
    "xl/worksheets/sheet": [
        (rb"<drawing [^>]*/>", b""),
        (rb'(<row r="\d+"[^>]*?)(?: ht="[^"]*" customHeight="1")?>', rb'\1 ht="15" customHeight="1">'),
    ],
}
"""What is taken out of the parts whose names begin so: titles on printed pages, charts, and rows to be measured."""


def plain_copy(path: Path, folder: Path) -> Path:
    """A workbook with the same cells, without what LibreOffice lays out, which takes it longer than the formulas do."""
    copy = folder / path.name
    with zipfile.ZipFile(path) as old, zipfile.ZipFile(copy, "w") as file:
        for item in old.namelist():
            data = old.read(item)
            for pattern, instead in next((LAID_OUT[part] for part in LAID_OUT if item.startswith(part)), ()):
                data = re.sub(pattern, instead, data)
            file.writestr(item, data)
    return copy


def read_recalculated(folder: Path, written: Path) -> Cells:
    """The values of all cells of a workbook as LibreOffice recalculated them, like `read`."""
    with zipfile.ZipFile(written) as file:
        sheets = [
            each.get("name") for each in ElementTree.fromstring(file.read("xl/workbook.xml")).iter(f"{MAIN}sheet")
        ]
    texts = {sheet: (folder / f"{written.stem}-{sheet}.csv").read_text(encoding="utf-8") for sheet in sheets if sheet}
    return {sheet: dict(csv_cells(text)) for sheet, text in texts.items()}


def csv_cells(text: str) -> Iterator[tuple[str, Any]]:
    """Address and value of each cell that is not empty, of CSV whose texts alone are in quotes.

    >>> dict(csv_cells('"5",5,,TRUE\\n01/31/2027,2.5E-7,50%,#DIV/0!\\n'))
    {'A1': '5', 'B1': 5.0, 'D1': True, 'A2': datetime.datetime(2027, 1, 31, 0, 0), 'B2': 2.5e-07, 'C2': 0.5, ...}
    """
    row = column = 1
    for found in CSV_FIELD.finditer(text):
        quoted, bare, end = found.groups()
        if quoted or bare:
            yield f"{get_column_letter(column)}{row}", quoted.replace('""', '"') if quoted else typed(bare)
        row, column = (row, column + 1) if end == "," else (row + 1, 1)


def typed(text: str) -> Any:
    """What a field without quotes means: truth, a day, a number, a percentage, else an error's name."""
    if text in TRUTHS:
        return TRUTHS[text]
    try:
        return float(text[:-1]) / 100 if text[-1] == "%" else float(text)
    except ValueError:
        return text if text[0] == "#" else from_excel(to_excel(datetime.strptime(text, "%m/%d/%Y")))
