"""Gates of a programme in words and as JSON: what the commit needs by when, what is late, what a delay costs."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from switchpoint.decision.gates import CALLED, TO_DO, Gate, ProgrammeGates
from switchpoint.horizon import NEVER
from switchpoint.scenario.uncertain import num
from switchpoint.text import join_names, usd, weeks


def gates_clause(gates: ProgrammeGates | None, dated: Callable[[int], str]) -> str:
    """The gates in a clause of the verdict's sentence: what to do by when, and what is late; nothing without any."""
    if gates is None:
        return ""
    if gates.outlook is None:
        fit = gates.each[0]
        return "" if fit.met else "product-market fit is not proven, which comes before any project"
    if gates.commit == NEVER:
        return ""
    needs = f"the commit on {dated(gates.commit)} needs" if gates.commit else "the commit today needs"
    told = list(_asked_words(gates, dated))
    asked = [f"{needs}: {', then '.join(told)}"] if told else []
    if not gates.open:
        asked = ["every gate of the programme is met"]
    return "; ".join([*asked, *_late_words(gates, dated)])


def _asked_words(gates: ProgrammeGates, dated: Callable[[int], str]) -> Iterator[str]:
    """What is to be done by each date, the earliest first; gates with a date of their own are told only where late."""
    asked = [gate for gate in gates.open if gate.due == NEVER]
    for number in sorted({gate.asked_by for gate in asked}):
        when = f"by {dated(number)}" if number > 0 else "today"
        yield f"{join_names([_to_do(gates, gate) for gate in asked if gate.asked_by == number])} {when}"


def _to_do(gates: ProgrammeGates, gate: Gate) -> str:
    if gate.name == "skills" and not gates.project.to_hire:
        return "learn" if num(gates.project.upskilling_weeks) else "have the skills"
    return TO_DO[gate.name] if gate.name != "labelled_data" or gate.in_plan else "have labelled data"


def _late_words(gates: ProgrammeGates, dated: Callable[[int], str]) -> Iterator[str]:
    late = [gate for gate in gates.open if gate.late]
    for gate in late:
        yield f"{CALLED[gate.name]}, expected on {dated(gate.due)}, is {weeks(gate.late)} late"
    if (
        gates.moved_schedule is not None
        and gates.slip_costs is not None
        and gates.moved_schedule.ready[0] < gates.clock.days
    ):
        cost = gates.slip_costs.usd
        money = f", which {'costs' if cost >= 0 else 'saves'} {usd(abs(cost))}" if abs(cost) >= 1 else ""
        yield f"so the commit moves to {dated(int(gates.moved_schedule.ready[0]))}{money}"


def gates_json(gates: ProgrammeGates | None) -> dict[str, Any] | None:
    """The gates as JSON: by name, with dates; None where no programme is stated."""
    return None if gates is None else {gate.name: gate_json(gates, gate) for gate in gates.each}


def gate_json(gates: ProgrammeGates, gate: Gate) -> dict[str, Any]:
    """One gate as JSON."""
    dated, delay = gates.clock.date_or_none, gates.delays[gate.name]
    return {
        "state": gate.state,
        "basis": gate.basis,
        "met": gate.met,
        "blocks_commit": gate.blocks,
        "by": dated(gate.by),
        "begin_by": dated(gate.begin_by),
        "days_late": gate.late,
        "month_delay_usd": delay and delay.usd,
        "month_delay_days": delay and delay.days,
        "month_delay_live": delay and dated(delay.live),
    }
