"""The chart of the monthly bill: staying, each candidate's path, and the limit."""

from __future__ import annotations

from typing import Any

import numpy as np

from switchpoint.charts.flags import Flag, flag_layers, headroom, window_layer
from switchpoint.charts.lines import (
    DASHED,
    DOTTED,
    Line,
    line_layer,
    moment,
    money_axis,
    pointer_layer,
    sampled,
)
from switchpoint.charts.spec import Spec, channel, layer, tip
from switchpoint.charts.style import LIGHT, Look, dressed
from switchpoint.charts.words import bill_takeaway, date_of, lead, policy_words, short, within
from switchpoint.clock import NEVER, Floats
from switchpoint.decision.outlook import Outlook
from switchpoint.finance import WINDOW, per_month, trailing_mean
from switchpoint.result import Result
from switchpoint.timeline.ledger import PROJECT, Component
from switchpoint.words import usd

HEIGHT = 440
FAR = 4
"""A limit that lies so many times above everything else is left out of the picture."""


def cost_chart(result: Result, look: Look = LIGHT, *, titled: bool = True) -> Any:
    """The monthly bill over time.

    Args:
        result: what is shown.
        look: its colours.
        titled: whether the takeaway stands on it; without, for pages that print it themselves.
    """
    clock, lines, flags = result.case.clock, bill_lines(result, look), bill_flags(result)
    bought = purchases(result)
    begins = [max(begun(outlook) - 1, 0) for outlook in result.case.outlooks]
    days = sampled(clock, [*begins, *(flag.day for flag in flags), *(day for _, day, _ in bought)])
    axis = money_axis("Dollars a month", headroom(1.03 * highest(lines), flags, HEIGHT))
    layers = [
        *window_layer(result.verdict.window, clock, look, flags),
        *flag_layers(flags, clock, look),
        line_layer(lines, days, clock, axis),
        *_purchase_layers(result, bought, look, axis),
        pointer_layer(lines, days, clock, look),
    ]
    return dressed(layers, look, bill_takeaway(result), bill_note(result), titled=titled, height=HEIGHT)


def bill_note(result: Result) -> str:
    """What is drawn, in one line."""
    text = f"Bill of the last 28 days as dollars a month. {policy_words(result)}"
    if any(project_spending(outlook).any() for outlook in result.case.outlooks):
        text += ". Dotted at the foot: what the project spends, which is no part of the bill"
    if purchases(result):
        text += ". GPUs bought are marked, not drawn"
    return text + _far_limit(result)


def bill_lines(result: Result, look: Look) -> list[Line]:
    """Staying, the paths of the candidates, the leading one as if it were live, and the limit where there is one."""
    case, best = result.case, lead(result)
    lines = [Line("Staying", case.bill, look.colour(0))]
    for place, outlook in enumerate(case.outlooks, 1):
        start = outlook.project_start
        if within(result, start):
            since, name = max(begun(outlook) - 1, 0), short(outlook.name)
            lines.append(Line(name, per_month(trailing_mean(billed(outlook))), look.colour(place), since))
            spent = project_spending(outlook)
            if spent.any():
                until = min(int(np.nonzero(spent)[0][-1]) + WINDOW, result.case.clock.days)
                drawn = per_month(trailing_mean(spent))
                lines.append(Line(f"{name}: project", drawn, look.colour(place), since, until, DOTTED))
    if best is not None:
        running = per_month(trailing_mean(best.running.bill))
        place = case.outlooks.index(best) + 1
        until = best.cutover if within(result, best.cutover) else NEVER
        if until > 0:
            name = f"{short(best.name)}, were it live"
            lines.append(Line(name, running, look.colour(place), until=until, dash=DOTTED))
    if case.scenario.limited:
        lines.append(Line("Limit", per_month(case.limits.trailing), look.ink, dash=DASHED))
    return lines


def begun(outlook: Outlook) -> int:
    """First day on which the path may differ from staying."""
    return min(outlook.project_start, outlook.milestone("label"))


def flowing(outlook: Outlook) -> Floats:
    """Dollars a day under the policy without what is spent on buying GPUs; shape (days,)."""
    flow: Floats = outlook.ledger.total - outlook.ledger.capital
    flow[-1] += outlook.ledger.end_credit
    return flow


def project_spending(outlook: Outlook) -> Floats:
    """Dollars a day of the project under the policy: labels, trainings, people, the one-off; shape (days,)."""
    zero = np.zeros(outlook.clock.days)
    spent: Floats = sum((outlook.ledger.entries.get(part, zero) for part in PROJECT), zero)
    return spent


def billed(outlook: Outlook) -> Floats:
    """Dollars a day of the bill that the limit is about: neither the project nor the price of quality; (days,)."""
    zero = np.zeros(outlook.clock.days)
    bill: Floats = flowing(outlook) - project_spending(outlook) - outlook.ledger.entries.get(Component.QUALITY, zero)
    return bill


def purchases(result: Result) -> list[tuple[Outlook, int, float]]:
    """Candidate, day and dollars of each purchase of GPUs under the policy."""
    found = []
    for outlook in result.case.outlooks:
        capital = outlook.ledger.capital
        found += [(outlook, int(day), float(capital[day])) for day in np.nonzero(capital > 0)[0]]
    return found


def bill_flags(result: Result) -> list[Flag]:
    """The dates that matter."""
    verdict, best = result.verdict, lead(result)
    flags = []
    if 0 <= result.case.threat < result.case.clock.days:
        flags.append(Flag(result.case.threat, f"Limit reached {date_of(result, result.case.threat)}"))
    if verdict.window is not None and verdict.window[1] > 0:
        flags.append(Flag(max(verdict.window[0], 0), "Warning window"))
    if best is None:
        return flags
    name = short(best.name)
    if result.chosen:
        if 0 <= best.project_start < result.case.clock.days:
            flags.append(Flag(best.project_start, f"{name} started {date_of(result, best.project_start)}"))
    elif verdict.candidate is not None and within(result, verdict.start_by):
        flags.append(Flag(max(verdict.start_by, 0), f"Start {name} by {date_of(result, verdict.start_by)}"))
    if best.cutover >= 0 and within(result, best.cutover):
        flags.append(Flag(best.cutover, f"{name} live {date_of(result, best.cutover)}"))
    if within(result, best.break_even.day):
        flags.append(Flag(best.break_even.day, f"Break-even {date_of(result, best.break_even.day)}"))
    return flags


def highest(lines: list[Line]) -> float:
    """The highest value that is worth showing: of all lines, but of a limit only where it does not dwarf the others."""
    highest = max(_top(line) for line in lines if not _is_limit(line))
    limit = max((_top(line) for line in lines if _is_limit(line)), default=0.0)
    return max(highest, limit if limit <= FAR * highest or highest <= 0 else 0.0)


def _top(line: Line) -> float:
    return float(line.drawn.max()) if line.drawn.size else 0.0


def _is_limit(line: Line) -> bool:
    """The limit is the only dashed line."""
    return line.dash == DASHED


def _far_limit(result: Result) -> str:
    lines = bill_lines(result, LIGHT)
    limit = next((line.drawn for line in lines if _is_limit(line)), None)
    if limit is None or not limit.size or limit.min() <= highest(lines):
        return ""
    return f". The limit, {usd(limit.min())} or more, lies above the picture"


def _purchase_layers(result: Result, bought: list[tuple[Outlook, int, float]], look: Look, axis: Spec) -> list[Spec]:
    """A mark on the path at each purchase."""
    if not bought:
        return []
    clock = result.case.clock
    rows = [
        {
            "day": moment(clock, day),
            "value": float(per_month(trailing_mean(billed(outlook)))[day]),
            "what": f"{outlook.name} buys GPUs for {usd(amount)}",
            "date": date_of(result, day),
        }
        for outlook, day, amount in bought
    ]
    encoding = {"x": channel("day:T"), "y": axis, "tooltip": [tip("what:N", "Purchase"), tip("date:N", "Day")]}
    return [layer(rows, "point", encoding, shape="triangle-up", size=80, filled=True, color=look.ink)]
