"""Read me, assumptions, quantiles."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from typing import TypeAlias

from xlsxwriter.worksheet import Worksheet

from switchpoint.charts.takeaways import path_name
from switchpoint.decision.clauses import distinct_plans
from switchpoint.export.workbook.inputs_sheet import Book, serial, shape
from switchpoint.export.workbook.styles import DATE, LINE, USD, CellFormats, CellKind, lines, page
from switchpoint.review.pages import Assumption, short
from switchpoint.text import NONE, count, day, join_names, usd


@dataclass(frozen=True)
class Sheets:
    """The candidates, and the names of the sheets in the order in which they stand."""

    candidates: tuple[str, ...]
    guide: str
    live: str
    outputs: str
    inputs: str
    assumptions: str
    months: str
    cash: str
    quarters: str
    years: str
    parts: tuple[str, ...]
    dates: str
    stay: str
    days: tuple[str, ...]
    settlement: str | None
    checks: str
    simulated: str | None
    limited: bool
    """Whether the bill has a limit."""

    @property
    def all(self) -> list[str]:
        """All of them."""
        return [self.guide, *(name for name, _ in self.list_sheets())]

    def _of(self, sheets: tuple[str, ...]) -> Iterator[tuple[str, str]]:
        """Sheets with the candidates that they are about."""
        return zip(sheets, (short(name) for name in self.candidates), strict=True)

    def list_sheets(self) -> list[tuple[str, str]]:
        """Each sheet and what it holds."""
        limit, pressure = (", limit", ", pressure") if self.limited else ("", "")
        rows = [
            (self.live, "What follows the inputs, and what the simulation settled"),
            (self.outputs, f"What it comes to: costs, net present values, break-even{limit}; with charts"),
            (self.inputs, "Every number that moves the answer, with unit, range, source and date. Change it here"),
            (self.assumptions, "Everything that the scenario assumes, whether it moves the answer here or not"),
            (self.months, f"Each calendar month: requests{limit}, cost of staying and of each candidate{pressure}"),
            (self.cash, "Cash against staying by month: opex and capex apart, and the sum so far"),
            (self.quarters, "The same by fiscal quarter, with a chart"),
            (self.years, "The same by fiscal year, with a chart"),
            *((sheet, f"The months of {name} by what the money is for") for sheet, name in self._of(self.parts)),
            (self.dates, "The dates of each project, as the simulation settled them"),
            (self.stay, "The calculation of staying, day by day"),
            *((sheet, f"The calculation of {name}, day by day") for sheet, name in self._of(self.days)),
        ]
        if self.settlement:
            rows.append((self.settlement, "Spending commitments, settled month by month"))
        rows.append((self.checks, "Statements that must be TRUE, and the simulation's figures beside the formulas"))
        if self.simulated:
            rows.append((self.simulated, "Quantiles of a Monte Carlo simulation, with its seed"))
        return rows


TOTAL = 134
"""Width of both columns."""
LIVE = (
    "Live: usage and its growth, weekdays, events, tokens, cache, retries, batch; prices, their drift and dated "
    "changes; flat fees and commitments; coverage, ramp, quality; replicas hour by hour, rent, or purchase and power; "
    "labels, engineers (a share of their pay while preparing), fees for hiring and trainings on the project's dates; "
    "{limit}present values and break-even.",
    "Not live, violet: the dates of projects, the examples labelled each day, and the capacity of a replica where no "
    "measurement is stated. Hiring, labelling and failed evaluations decide them in the simulation. A start that was "
    "chosen by a rule, such as {rule}, stays where it was. Run the scenario anew where a change would "
    "move them.",
    "A day is counted at its noon; a month is 30.4375 days, except where it says calendar month.",
)


def write_guide(sheet: Worksheet, book: Book, sheets: Sheets, left_out: Sequence[str]) -> None:
    """Write the first sheet."""
    look, result = book.look, book.result
    scenario = result.case.scenario
    sheet.set_column(0, 0, 30)
    sheet.set_column(1, 1, TOTAL - 30)
    sheet.write_string(0, 0, short(scenario.name, 110), look.of(CellKind.TITLE))
    start = f"Base case of a Switchpoint scenario from {day(scenario.start)} on, {scenario.months} months. "
    sheet.write_string(1, 0, start + f"Switchpoint {book.result_json['version']}.", look.of(CellKind.NOTE))
    rule = "when the warning fires" if sheets.limited else "when it costs least"
    live = [text.format(limit="revenue, limit, pressure; " if sheets.limited else "", rule=rule) for text in LIVE]
    before = [start_rule(book), *_priced_limit(book), *_missing(left_out)]
    simulated = [*_simulated_route(book), *_packed_fleets(book), *_plans(book)]
    row = _lines(sheet, look.of(CellKind.TEXT), 3, [*before, *live, *simulated])
    row = _colours(sheet, book, row + 1)
    sheet.write_string(row, 0, "Sheet", look.of(CellKind.HEAD))
    sheet.write_string(row, 1, "What it holds", look.of(CellKind.HEAD))
    for place, (name, what) in enumerate(sheets.list_sheets(), row + 1):
        sheet.write_url(
            place, 0, f"internal:'{name}'!A1", look.of(CellKind.TEXT, font_color="#1f5fc4", underline=1), name
        )
        sheet.write_string(place, 1, what, look.of(CellKind.TEXT))
    page(sheet, tall=1)


LIVE_OR_NOT = (
    ("Growth on every curve, weekdays, dated events, tokens, cache, retries, batch", True),
    ("Prices with tiers, drift, dated changes and their dates, flat fees, commitments", True),
    ("Coverage, shadow and ramp, quality, guardrails", True),
    ("Replicas for each level of the hourly load, rent, or purchase, replacement and power", True),
    ("Engineers, fees for hiring, labels, trainings and one-off sums, on the days of the project", True),
    ("Upkeep, 28-day means, present values, break-even{live_of_limit}", True),
    ("Months, quarters and fiscal years; cash, its peak and the return; where each saving comes from", True),
    ("The ends of each range, and the switch that puts all of them low or high", True),
    ("The first day, the horizon, the kind of the growth curve, the month in which fiscal years begin", False),
    ("The days of each project: hiring, labelling, evaluations, cutover; examples labelled each day", False),
    ("The capacity of a replica where no measurement is stated", False),
    ("GPU-hours, GPUs and overflow of fleets with work that can wait, overflow or reservations; endpoints", False),
    ("The price of a training that is computed from tokens and GPUs", False),
    ("The verdict, the start of each project, crossover, best start{again}", False),
    ("A current route that is no API, and plans of several candidates", False),
    ("Quantiles of draws", False),
)
"""What a workbook shows, and whether it follows the inputs; of a limit only where there is one."""
OF_LIMIT = {"live_of_limit": ", revenue, limit, pressure, the day of the limit", "again": ", limit again"}


def write_live(sheet: Worksheet, book: Book) -> None:
    """Write the sheet that says what is live."""
    look = book.look
    sheet.set_column(0, 0, 96)
    sheet.set_column(1, 1, 30)
    sheet.write_string(0, 0, "What is live, and what is simulated", look.of(CellKind.TITLE))
    note = "Live follows the inputs at once; what is simulated stays as it was until the scenario is run anew."
    sheet.write_string(1, 0, note, look.of(CellKind.NOTE))
    for place, head in enumerate(("What", "How")):
        sheet.write_string(3, place, head, look.of(CellKind.HEAD))
    of_limit = OF_LIMIT if book.result.case.scenario.limited else dict.fromkeys(OF_LIMIT, "")
    for row, (what, live) in enumerate(LIVE_OR_NOT, 4):
        sheet.write_string(row, 0, what.format(**of_limit), look.of(CellKind.TEXT))
        kind = CellKind.CHECK if live else CellKind.SETTLED
        sheet.write_string(row, 1, "live" if live else "simulated", look.of(kind, align="center"))
    page(sheet, tall=1)


def start_rule(book: Book) -> str:
    """When the projects of this workbook start."""
    if book.result.advised and book.result.advised_plan is not None:
        return "Steps of the plan that is advised start as it starts them, other projects by their own date, or today."
    if book.result.advised:
        return "Each project starts on the day that is advised for it, today where there is none."
    policy = book.result.case.scenario.decision.policy
    rules = {
        "never": "No project starts: the scenario's policy is never.",
        "now": "Each project starts on the first day: the scenario's policy is now.",
        "warn": "Each project starts when the warning fires, which is the scenario's policy.",
        "best": "Each project starts on the day that costs least, which is the scenario's policy.",
        "lead": "Each project starts when the warning leaves just enough time, which is the scenario's policy.",
        "staged": "Each project is prepared early and committed late, by policy; on which days is simulated, not live.",
    }
    return rules[policy] if isinstance(policy, str) else f"Each project starts on {day(policy)}, the scenario's policy."


def _priced_limit(book: Book) -> list[str]:
    if not book.result.case.scenario.usd_per_month_above:
        return []
    return ["The price of days above the limit counts in the advice and its dates, and is in no sum here."]


def _simulated_route(book: Book) -> list[str]:
    """A current route of which nothing is live."""
    case = book.result.case
    if case.setting.beside_tokens.is_plain:
        return []
    outgrown = ""
    if case.outgrown < case.clock.days:
        when = day(case.clock.date_of(int(case.outgrown)))
        outgrown = f" It is outgrown from {when} on: {case.setting.beside_tokens.why_outgrown}."
    return [
        "What the current route costs is simulated, not live: its serving, GPUs and upkeep, when staying and while "
        "requests are left on it. Run the scenario anew where a change would move that." + outgrown
    ]


def _packed_fleets(book: Book) -> list[str]:
    """Fleets of which not only prices are simulated."""
    names = [
        each.name
        for each in book.result.workbook_figures
        if each.fleet is not None and each.fleet.simulated is not None
    ]
    if not names:
        return []
    fleets = join_names([*map(short, names)])
    what = "work that can wait, reserved replicas and what goes to the current route"
    return [
        f"Not live either: the GPU-hours, GPUs and overflow of {fleets}. Simulated are {what}; "
        "their prices are live. Run the scenario anew where another input would move them."
    ]


def _plans(book: Book) -> list[str]:
    """That plans are simulated, with what they come to and where; nothing without any."""
    plans = distinct_plans(book.result.case.plans)
    if not plans:
        return []
    told = join_names([f"{short(plan.name)} saves {usd(plan.npv_saving)} in present value" for plan in plans])
    told = f"Plans of several candidates are simulated, not live: {told}."
    advised = book.result.advised_plan
    if advised is None:
        return [f"{told} They have no sheets; each candidate stands here alone."]
    where = f"The figures and the cash of {path_name(advised)}, which is advised, stand in violet on Outputs and Cash."
    return [f"{told} {where} The sheets of candidates show each alone, started as the plan starts it."]


def _missing(left_out: Sequence[str]) -> list[str]:
    if not left_out:
        return []
    names = join_names([short(name) for name in left_out])
    return [f"Left out, to keep the file small: {names}."]


def _lines(sheet: Worksheet, form: object, row: int, texts: Sequence[str]) -> int:
    for text in texts:
        sheet.merge_range(row, 0, row, 1, "", form)
        sheet.write_string(row, 0, text, form)
        sheet.set_row(row, LINE * lines([(text, TOTAL)]) + 3)
        row += 1
    return row


def _colours(sheet: Worksheet, book: Book, row: int) -> int:
    told = (
        (CellKind.INPUT, "input", "Blue on a tint: typed in; change it on Inputs"),
        (CellKind.CONSTANT, "stated", "Blue: stated by the scenario, but nothing here hangs on it"),
        (CellKind.FORMULA, "formula", "Black: worked out"),
        (CellKind.SETTLED, "simulated", "Violet on grey: a value that the simulation settled"),
        (CellKind.CHECK, "TRUE", "Green: a check"),
    )
    for kind, word, meaning in told:
        sheet.write_string(row, 0, word, book.look.of(kind))
        sheet.write_string(row, 1, meaning, book.look.of(CellKind.TEXT))
        row += 1
    return row + 1


HEADS = (
    ("Field of the scenario", 40),
    ("What it is", 50),
    ("Base value", 16),
    ("Range", 20),
    ("Unit", 18),
    ("Source", 40),
    ("As of", 11),
    ("Moves the answer here", 14),
    ("Basis", 12),
)
TOP = 4
NOTE = (
    'Where "Moves the answer here" says yes, the value is the one on Inputs: change it there. All else takes a new run.'
)


def write_assumptions(sheet: Worksheet, book: Book, rows: Sequence[Assumption]) -> None:
    """Write the sheet; what stands on the sheet of inputs is linked to it."""
    look = book.look
    sheet.write_string(0, 0, "Assumptions", look.of(CellKind.TITLE))
    sheet.write_string(1, 0, NOTE, look.of(CellKind.NOTE))
    for place, (head, width) in enumerate(HEADS):
        sheet.write_string(TOP - 1, place, head, look.of(CellKind.HEAD))
        sheet.set_column(place, place, width)
    for row, each in enumerate(rows, TOP):
        link = book.inputs.links.get(each.field)
        texts = {0: each.field, 1: each.meaning, 3: each.spread, 4: each.unit, 5: each.source}
        texts |= {6: each.as_of or NONE, 8: each.kind}
        sheet.set_row(row, LINE * lines((text, HEADS[place][1]) for place, text in texts.items()))
        for place, text in {**texts, 7: "yes" if link else "no"}.items():
            # Beside a value at the right of its cell, a range needs some room.
            sheet.write_string(row, place, text, look.of(CellKind.TEXT, indent=int(place == 3)))
        _value(sheet, book, row, each, link)
    sheet.set_row(TOP - 1, 2 * LINE)
    sheet.autofilter(TOP - 1, 0, TOP - 1 + len(rows), len(HEADS) - 1)
    sheet.freeze_panes(TOP, 1)
    page(sheet)
    sheet.repeat_rows(TOP - 1)


def _value(sheet: Worksheet, book: Book, row: int, each: Assumption, link: str | None) -> None:
    value, kind = each.value, CellKind.CONSTANT
    number = float(serial(value)) if isinstance(value, date) else value
    if isinstance(number, str):
        sheet.write_string(
            row, 2, number, book.look.of(kind, align="left", text_wrap=True, valign="top", quote_prefix=True)
        )
        return
    form = book.look.of(kind, DATE if isinstance(value, date) else shape(number), align="right", valign="top")
    if link is None:
        sheet.write_number(row, 2, number, form)
    else:
        linked = book.look.of(
            CellKind.FORMULA, DATE if isinstance(value, date) else shape(number), align="right", valign="top"
        )
        sheet.write_formula(row, 2, f"={link}", linked, number)


Figure: TypeAlias = "float | date | None"
QUANTILE_HEADS = (
    ("Figure", 60),
    ("Unit", 14),
    ("Mean", 16),
    ("10 % lie below", 16),
    ("Median", 16),
    ("90 % lie below", 16),
    ("Probability", 14),
)
QUANTILES_TOP = 4


@dataclass(frozen=True)
class Quantiles:
    """One figure over all draws; None where it is unknown or not reached within the horizon.

    Args:
        figure: what it is, such as "own-8b: net present value of the saving".
        unit: in words, such as "$" or "date".
        mean: mean over the draws.
        p10: a tenth of the draws lie below it.
        p50: half of them do.
        p90: nine tenths do.
        probability: share of the draws in which it is reached, or above 0.
    """

    figure: str
    unit: str
    mean: Figure = None
    p10: Figure = None
    p50: Figure = None
    p90: Figure = None
    probability: float | None = None


@dataclass(frozen=True)
class Simulated:
    """What a Monte Carlo simulation of the scenario came to."""

    seed: int
    draws: int
    rows: tuple[Quantiles, ...]


def write_simulated(sheet: Worksheet, look: CellFormats, simulated: Simulated) -> None:
    """Write the sheet; nothing on it is live."""
    sheet.write_string(0, 0, "Simulated quantiles", look.of(CellKind.TITLE))
    note = f"Values of {count(simulated.draws)} draws with seed {simulated.seed}; they do not follow the inputs."
    sheet.write_string(1, 0, note, look.of(CellKind.NOTE))
    for place, (head, width) in enumerate(QUANTILE_HEADS):
        sheet.write_string(
            QUANTILES_TOP - 1, place, head, look.of(CellKind.HEAD, align="left" if place < 2 else "right")
        )
        sheet.set_column(place, place, width)
    for row, each in enumerate(simulated.rows, QUANTILES_TOP):
        sheet.write_string(row, 0, each.figure, look.of(CellKind.TEXT))
        sheet.write_string(row, 1, each.unit, look.of(CellKind.TEXT))
        for place, figure in enumerate((each.mean, each.p10, each.p50, each.p90), 2):
            _write(sheet, look, row, place, figure)
        if each.probability is not None:
            sheet.write_number(row, 6, each.probability, look.of(CellKind.SETTLED, "0%"))
    sheet.freeze_panes(QUANTILES_TOP, 1)
    page(sheet)


def _write(sheet: Worksheet, look: CellFormats, row: int, place: int, figure: Figure) -> None:
    if figure is None:
        sheet.write_string(row, place, "–", look.of(CellKind.SETTLED, align="right"))
    elif isinstance(figure, date):
        sheet.write_number(row, place, serial(figure), look.of(CellKind.SETTLED, DATE))
    else:
        sheet.write_number(row, place, figure, look.of(CellKind.SETTLED, USD))
