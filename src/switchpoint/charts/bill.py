"""Bill, unit cost and saving over time, and grey lines of a baseline behind them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np

from switchpoint.charts.takeaways import (
    bill_takeaway,
    date_of,
    label_of,
    lead,
    main_path,
    policy_words,
    saving_takeaway,
    short,
    unit_takeaway,
    within,
)
from switchpoint.charts.vega import (
    DASH_DOTTED,
    DASHED,
    DOTTED,
    FAR,
    LIGHT,
    Flag,
    Line,
    Look,
    Spec,
    channel,
    days_to_draw,
    dress_chart,
    flag_layers,
    headroom,
    layer,
    line_layer,
    moment,
    money_axis,
    pointer_layer,
    stroke_of,
    tip,
    window_layer,
)
from switchpoint.decision.candidate_result import CandidateResult
from switchpoint.decision.cash import Started
from switchpoint.decision.plan_result import PlanResult
from switchpoint.decision.result import JudgedWorld
from switchpoint.finance import WINDOW, per_month, trailing_mean
from switchpoint.horizon import NEVER, Floats, Horizon
from switchpoint.simulation.ledger import PROJECT
from switchpoint.text import usd

# Bill, unit cost, saving ---------------------------------------------------------------------------------------------

HEIGHT = 440


def cost_chart(
    result: JudgedWorld,
    look: Look = LIGHT,
    *,
    titled: bool = True,
    ghost: Sequence[Line] = (),
    marks: Sequence[Flag] = (),
) -> Any:
    """The monthly bill over time.

    Args:
        result: what is shown.
        look: its colours.
        titled: whether the takeaway stands on it; without, for pages that print it themselves.
        ghost: lines of a baseline, drawn behind it.
        marks: days to mark beside the dates that matter.
    """
    clock, lines = result.case.clock, [*bill_lines(result, look), *ghost]
    flags = [*bill_flags(result), *(mark for mark in marks if 0 <= mark.day < clock.days)]
    bought = purchases(result)
    begins = [max(first_change_day(each) - 1, 0) for each in drawn_paths(result)]
    days = days_to_draw(clock, [*begins, *(flag.day for flag in flags), *(day for _, day, _ in bought)])
    axis = money_axis("Dollars a month", headroom(1.03 * highest(lines), flags, HEIGHT))
    layers = [
        *window_layer(result.verdict.window, clock, look, flags),
        *flag_layers(flags, clock, look),
        line_layer(lines, days, clock, axis),
        *_purchase_layers(result, bought, look, axis),
        pointer_layer(lines, days, clock, look),
    ]
    return dress_chart(layers, look, bill_takeaway(result), bill_note(result), titled=titled, height=HEIGHT)


def bill_note(result: JudgedWorld) -> str:
    """What is drawn, in one line."""
    text = f"Bill of the last 28 days as dollars a month. {policy_words(result)}"
    if any(project_spending(each).any() for each in drawn_paths(result)):
        spends = "the project spends" if result.advised_plan is None else "its projects spend"
        text += f". Dotted at the foot: what {spends}, which is no part of the bill"
    if purchases(result):
        text += ". GPUs bought are marked, not drawn"
    return text + _far_limit(result)


def bill_lines(result: JudgedWorld, look: Look) -> list[Line]:
    """Staying, the paths of the candidates, the leading one as if it were live, and the limit where there is one; where
    a plan is advised, its path in their place."""
    case, best = result.case, lead(result)
    lines = [Line("Staying", case.bill, look.colour(0))]
    for place, told in enumerate(drawn_paths(result), 1):
        if within(result, told.project_start):
            since, name = max(first_change_day(told) - 1, 0), label_of(told)
            colour = look.colour(place if result.advised_plan is None else len(case.outlooks) + 1)
            bill, stroke = per_month(trailing_mean(limited_bill(told))), stroke_of(place, look)
            lines.append(Line(name, bill, colour, since, dash=stroke))
            spent = project_spending(told)
            if spent.any():
                until = min(int(np.nonzero(spent)[0][-1]) + WINDOW, result.case.clock.days)
                drawn = per_month(trailing_mean(spent))
                lines.append(Line(f"{name}: project", drawn, colour, since, until, DOTTED))
    if best is not None and result.advised_plan is None:
        running = per_month(trailing_mean(best.running.bill))
        place = case.outlooks.index(best) + 1
        until = best.cutover if within(result, best.cutover) else NEVER
        if until > 0:
            name = f"{short(best.name)}, were it live"
            lines.append(Line(name, running, look.colour(place), until=until, dash=DASH_DOTTED))
    if case.scenario.limited:
        lines.append(Line("Limit", per_month(case.limits.trailing), look.ink, dash=DASHED))
    return lines


def drawn_paths(result: JudgedWorld) -> Sequence[Started]:
    """The plan where one is advised, else every candidate by itself."""
    plan = result.advised_plan
    return result.case.outlooks if plan is None else (plan,)


def first_change_day(told: Started) -> int:
    """First day on which the path may differ from staying."""
    if isinstance(told, PlanResult):
        labelled = (int(stage.schedule.label[0]) for stage in told.path.stages)
        return min(told.project_start, *labelled)
    return min(told.project_start, told.milestone("label"))


def project_spending(told: Started) -> Floats:
    """Dollars a day of its projects under the policy: labels, trainings, people, the one-off; shape (days,)."""
    zero = np.zeros(told.clock.days)
    spent: Floats = sum((told.ledger.entries.get(part, zero) for part in PROJECT), zero)
    return spent


def limited_bill(told: Started) -> Floats:
    """Dollars a day of the bill that the limit is about: neither the project nor the price of quality; (days,)."""
    return told.daily_bill


def purchases(result: JudgedWorld) -> list[tuple[Started, int, float]]:
    """Whose, day and dollars of each purchase of GPUs under the policy."""
    found = list[tuple[Started, int, float]]()
    for told in drawn_paths(result):
        capital = told.ledger.own_capital
        found += [(told, int(day), float(capital[day])) for day in np.nonzero(capital > 0)[0]]
    return found


def bill_flags(result: JudgedWorld) -> list[Flag]:
    """The dates that matter."""
    verdict, best = result.verdict, lead(result)
    flags = []
    if 0 <= result.case.threat < result.case.clock.days:
        flags.append(Flag(result.case.threat, f"{result.case.threat_called} {date_of(result, result.case.threat)}"))
    if verdict.window is not None and verdict.window[1] > 0:
        flags.append(Flag(max(verdict.window[0], 0), "Warning window"))
    if best is None:
        return flags
    if (plan := result.advised_plan) is not None:
        return [*flags, *_plan_flags(result, plan), *_paid_back(result, plan)]
    name = short(best.name)
    if result.chooses_start:
        if 0 <= best.project_start < result.case.clock.days:
            flags.append(Flag(best.project_start, f"{name} started {date_of(result, best.project_start)}"))
    elif verdict.candidate is not None and within(result, verdict.start_by):
        flags.append(Flag(max(verdict.start_by, 0), f"Start {name} by {date_of(result, verdict.start_by)}"))
    if best.cutover >= 0 and within(result, best.cutover):
        flags.append(Flag(best.cutover, f"{name} live {date_of(result, best.cutover)}"))
    return [*flags, *_paid_back(result, best)]


def _plan_flags(result: JudgedWorld, plan: PlanResult) -> Iterator[Flag]:
    """When each step of a plan starts, where that is not today, and is live."""
    for step in plan.steps:
        name = short(step.candidate)
        if 0 < step.start < plan.clock.days:
            yield Flag(step.start, f"Start {name} {date_of(result, step.start)}")
        if 0 <= step.cutover < plan.clock.days:
            yield Flag(step.cutover, f"{name} live {date_of(result, step.cutover)}")


def _paid_back(result: JudgedWorld, told: Started) -> Iterator[Flag]:
    paid = told.break_even.day
    if within(result, paid):
        yield Flag(paid, f"Break-even {date_of(result, paid)}")


def highest(lines: list[Line]) -> float:
    """The highest value that is worth showing: of all lines, but of a limit only where it does not dwarf the others."""
    highest = max(_top(line) for line in lines if not _is_limit(line))
    limit = max((_top(line) for line in lines if _is_limit(line)), default=0.0)
    return max(highest, limit if limit <= FAR * highest or highest <= 0 else 0.0)


def _top(line: Line) -> float:
    return float(line.finite_values.max()) if line.finite_values.size else 0.0


def _is_limit(line: Line) -> bool:
    """The limit is the only dashed line."""
    return line.dash == DASHED


def _far_limit(result: JudgedWorld) -> str:
    lines = bill_lines(result, LIGHT)
    limit = next((line.finite_values for line in lines if _is_limit(line)), None)
    if limit is None or not limit.size or limit.min() <= highest(lines):
        return ""
    return f". The limit, {usd(limit.min())} or more, lies above the picture"


def _purchase_layers(
    result: JudgedWorld, bought: list[tuple[Started, int, float]], look: Look, axis: Spec
) -> list[Spec]:
    """A mark on the path at each purchase."""
    if not bought:
        return []
    clock = result.case.clock
    rows = [
        {
            "day": moment(clock, day),
            "value": float(per_month(trailing_mean(limited_bill(told)))[day]),
            "what": f"{told.name} buys GPUs for {usd(amount)}",
            "date": date_of(result, day),
        }
        for told, day, amount in bought
    ]
    encoding = {"x": channel("day:T"), "y": axis, "tooltip": [tip("what:N", "Purchase"), tip("date:N", "Day")]}
    return [layer(rows, "point", encoding, shape="triangle-up", size=80, filled=True, color=look.ink)]


UNIT_HEIGHT = 380
NOTE = (
    "Mean of the last 28 days, each candidate as if it were live: serving, upkeep and what stays on the current route"
)


def unit_chart(result: JudgedWorld, look: Look = LIGHT, *, titled: bool = True) -> Any:
    """Dollars per 1,000 requests over time."""
    clock, lines, flags = result.case.clock, unit_lines(result, look), unit_flags(result)
    days = days_to_draw(clock, [flag.day for flag in flags])
    top = max((float(line.finite_values.max()) for line in lines if line.finite_values.size), default=0.0)
    axis = money_axis("Dollars per 1,000 requests", headroom(1.05 * top, flags, UNIT_HEIGHT))
    layers = [
        *flag_layers(flags, clock, look),
        line_layer(lines, days, clock, axis),
        pointer_layer(lines, days, clock, look),
    ]
    return dress_chart(layers, look, unit_takeaway(result), NOTE, titled=titled, height=UNIT_HEIGHT)


def unit_lines(result: JudgedWorld, look: Look) -> list[Line]:
    """The current route, the candidates, and the limit where there is one that does not dwarf them."""
    case = result.case
    lines = [Line("Current route", case.usd_per_1000, look.colour(0))]
    for place, outlook in enumerate(case.outlooks, 1):
        cost = case.usd_per_1000_of(outlook.running.cost)
        lines.append(Line(short(outlook.name), cost, look.colour(place), dash=stroke_of(place, look)))
    if not case.scenario.limited:
        return lines
    limit = Line("Limit", case.per_1000(case.limits.trailing), look.ink, dash=DASHED)
    highest = max((float(line.finite_values.max()) for line in lines if line.finite_values.size), default=0.0)
    return [*lines, limit] if limit.finite_values.size and limit.finite_values.max() <= 2 * highest else lines


def unit_flags(result: JudgedWorld) -> list[Flag]:
    """From when the leading candidate is cheaper, and from when no longer."""
    best = lead(result)
    if best is None or not 0 < best.running.crossover < result.case.clock.days:
        return []
    flags = [Flag(best.running.crossover, f"{short(best.name)} cheaper from {date_of(result, best.running.crossover)}")]
    if within(result, best.running.reverts):
        flags.append(Flag(best.running.reverts, f"Dearer again {date_of(result, best.running.reverts)}"))
    return flags


SAVING_HEIGHT = 380


def has_saving(result: JudgedWorld) -> bool:
    """Whether there is a candidate to draw."""
    return bool(result.case.outlooks)


def saving_chart(result: JudgedWorld, look: Look = LIGHT, *, titled: bool = True) -> Any:
    """Cumulative savings against staying over time."""
    clock, lines, flags = result.case.clock, saving_lines(result, look), saving_flags(result)
    bought = [int(day) for told in _saving_paths(result) for day in np.nonzero(told.ledger.capital > 0)[0]]
    jumps = [day - before for day in bought for before in (1, 0)]
    days = days_to_draw(clock, [flag.day for flag in flags] + jumps + [clock.days - 2])
    top = max(max(float(line.values.max()) for line in lines), 0.0)
    bottom = min(min(float(line.values.min()) for line in lines), 0.0)
    bottom -= 0.04 * (top - bottom)
    axis = money_axis("Dollars saved so far", headroom(top, flags, SAVING_HEIGHT, bottom), bottom)
    zero = layer([{"value": 0}], "rule", {"y": axis}, color=look.ink, strokeWidth=1)
    layers = [
        *flag_layers(flags, clock, look),
        zero,
        line_layer(lines, days, clock, axis),
        pointer_layer(lines, days, clock, look),
    ]
    return dress_chart(layers, look, saving_words(result), saving_note(result), titled=titled, height=SAVING_HEIGHT)


def saving_words(result: JudgedWorld) -> str:
    """The takeaway."""
    best = main_path(result)
    assert best is not None
    return saving_takeaway(result, best, float(savings_to_date(best)[-1]))


def saving_note(result: JudgedWorld) -> str:
    """What is drawn, in one line."""
    value = (
        ", and the value left of GPUs on the last day" if any(o.ledger.credits for o in _saving_paths(result)) else ""
    )
    return f"Everything in it: project, both routes in shadow, serving, upkeep{value}. Not discounted"


def savings_to_date(outlook: Started) -> Floats:
    """Dollars saved against staying up to each day; under a policy that never starts it, of a start today."""
    if isinstance(outlook, PlanResult):
        return np.cumsum(outlook.world.stay - outlook.ledger.total)
    start = outlook.starts.advised_start if outlook.project_start == NEVER else outlook.project_start
    cost = outlook.starts.path.ledger.row(outlook.starts.row(start)).total
    total: Floats = np.cumsum(outlook.starts.stay - cost)
    return total


def saving_lines(result: JudgedWorld, look: Look) -> list[Line]:
    """What each candidate by itself has saved so far, and the plan where one is advised."""
    return [
        Line(label_of(told), savings_to_date(told), look.colour(place), dash=stroke_of(place, look))
        for place, told in enumerate(_saving_paths(result), 1)
    ]


def _saving_paths(result: JudgedWorld) -> Sequence[Started]:
    """Every candidate by itself, then the plan where one is advised."""
    plan = result.advised_plan
    return result.case.outlooks if plan is None else (*result.case.outlooks, plan)


def saving_flags(result: JudgedWorld) -> list[Flag]:
    """When the leading candidate, or each step of the plan, is live and has paid for itself."""
    best = main_path(result)
    if best is None:
        return []
    if isinstance(best, PlanResult):
        return [*_plan_flags(result, best), *_paid_back(result, best)]
    live = best.cutover >= 0 and within(result, best.cutover)
    flags = [Flag(best.cutover, f"{short(best.name)} live {date_of(result, best.cutover)}")] if live else []
    return [*flags, *_paid_back(result, best)]


# A baseline behind the chart of the bill, grey -----------------------------------------------------------------------

SAME = 1e-9
"""Lines that differ by less, as part of the larger, are one."""


def bill_on_path(outlook: CandidateResult) -> Floats:
    """Monthly bill of a candidate's path, as the chart of the bill draws it, dollars a month; shape (days,)."""
    bill: Floats = per_month(trailing_mean(limited_bill(outlook)))
    return bill


def over_limit_days(result: JudgedWorld, outlook: CandidateResult) -> int:
    """Days on which the bill of a candidate's path lies over the limit."""
    limit = per_month(result.case.limits.trailing)
    return int((bill_on_path(outlook) > limit).sum())


def ghost_lines(before: JudgedWorld, now: JudgedWorld, look: Look) -> Iterator[Line]:
    """Staying and the leading path of a baseline on the days of another result, grey, without what did not move.

    Args:
        before: the baseline, as it is shown.
        now: what is drawn in colour.
        look: colours.
    """
    found: list[tuple[str, Floats, Floats | None]] = [("Before: staying", before.case.bill, now.case.bill)]
    best, leading = lead(before), lead(now)
    if best is not None and within(before, best.project_start):
        drawn = bill_on_path(leading) if leading is not None and leading.name == best.name else None
        found.append((f"Before: {short(best.name)}", bill_on_path(best), drawn))
    for name, values, drawn in found:
        moved = align_days(values, before.case.clock, now.case.clock)
        if drawn is None or not _is_same(moved, drawn):
            yield Line(name, moved, look.muted, dash=DOTTED)


def align_days(values: Floats, theirs: Horizon, ours: Horizon) -> Floats:
    """Daily values of one horizon on the days of another, NaN on days that it does not have; shape (days of ours,)."""
    offset = (ours.date_of(0) - theirs.date_of(0)).days
    days = np.arange(ours.days) + offset
    inside = (days >= 0) & (days < theirs.days)
    result = np.full(ours.days, np.nan)
    result[inside] = values[days[inside]]
    return result


def _is_same(one: Floats, other: Floats) -> bool:
    return bool(np.allclose(one, other, rtol=SAME, atol=SAME, equal_nan=False))
