"""Readiness as a page of plain text, and as JSON."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from switchpoint.decision.gates import CALLED, Gate
from switchpoint.export.plain_tables import as_text, table
from switchpoint.readiness.measures import Measure, StartByEffect
from switchpoint.readiness.report import Readiness
from switchpoint.readiness.steps import delay_words, experiment_words
from switchpoint.text import NONE, day, join_names, percent, usd, weeks

SHOWN_CURVE = (1, 5, 10, 20, 30, 40)
"""Numbers of experiments whose chance is told."""


def readiness_json(found: Readiness) -> str:
    """Readiness as JSON."""
    return as_text(found.as_json())


def readiness_page(found: Readiness) -> str:
    """Readiness as a page of plain text."""
    gates = found.gates
    parts = [
        found.result.case.scenario.heading,
        found.sentence,
        found.result.sentence,
        _gates(found),
        f"Layer\n{found.layers.sentence}",
        _phases(found),
        _experiments(found),
        _diagnosis(found),
        _measures(found),
        _steps(found),
        f"As of {day(gates.as_of)}; effects of diagnosis over {_draws(found)}; gates and dates from the base case.",
    ]
    return "\n\n".join(filter(None, parts)) + "\n"


def _draws(found: Readiness) -> str:
    draws = next((effect.draws for effect in found.effects.values()), 0)
    return f"{draws} draws, seed {found.seed}" if draws else "no draws, since nothing hangs on it"


def gate_rows(found: Readiness) -> list[list[str]]:
    """The gates as cells: what, whether, by when, begin by, a month's delay, what it rests on."""
    return [
        [
            CALLED[gate.name],
            state_words(gate),
            iso_or_none(found.date(gate.by)),
            iso_or_none(found.date(gate.begin_by)),
            delay_words(delay) if (delay := found.gates.delays[gate.name]) is not None else NONE,
            gate.basis,
        ]
        for gate in found.gates.each
    ]


def state_words(gate: Gate) -> str:
    """Whether a gate is met: yes, no, or its date and whether that is in time."""
    if gate.met:
        return "yes"
    if isinstance(gate.state, date):
        return gate.state.isoformat() + (f", {weeks(gate.late)} late" if gate.late else "")
    return "planned" if gate.in_plan else "no"


def iso_or_none(when: date | None) -> str:
    """A date, or a dash."""
    return NONE if when is None else when.isoformat()


def _gates(found: Readiness) -> str:
    head = ["gate", "met", "needed by", "begin by", "a month's delay", "because"]
    return f"Gates before the commit; each blocks the commit, never a preparation\n{table([head, *gate_rows(found)])}"


def phase_rows(found: Readiness) -> list[list[str]]:
    """The phases as cells: name, from, until, cost, gates at its end, what happens."""
    return [
        [
            phase.name,
            iso_or_none(phase.begins),
            iso_or_none(phase.ends),
            NONE if phase.usd is None else usd(phase.usd),
            join_names([CALLED[name] for name in phase.gates]) if phase.gates else NONE,
            phase.what,
        ]
        for phase in found.phases
    ]


def _phases(found: Readiness) -> str:
    head = ["phase", "from", "until", "costs", "gates at its end", ""]
    return f"Prototype, then production\n{table([head, *phase_rows(found)])}"


def _experiments(found: Readiness) -> str:
    tried = found.experiments
    if tried.odds is None:
        return (
            "Experiments\nNo experiment is logged and no odds are stated, so nothing can be said of a viable prototype."
        )
    told = " ".join(experiment_words(tried))
    curve = dict(tried.curve)
    shown = [n for n in SHOWN_CURVE if n in curve]
    rows = [["experiments", *(f"{n}" for n in shown)], ["viable", *(percent(round(curve[n], 3)) for n in shown)]]
    best = ""
    if tried.best_of_wanted is not None:
        best = f"\nThe best of {tried.wanted} that score as those logged is expected at {tried.best_of_wanted:.2f}."
    return f"Experiments\n{told}{best}\n{table(rows)}"


def _diagnosis(found: Readiness) -> str:
    lines = list(found.diagnosis.sentences)
    if found.gates.log.errors_seen:
        rows = [["errors", "share", "interventions", "worked", "what helps"]]
        for each in found.diagnosis.errors:
            share = percent(round(each.share, 3))
            rows.append([each.category, share, str(each.interventions), str(each.worked), each.treatment])
        lines.append(table(rows))
    return "\n".join(["Diagnosis", *lines]) if lines else ""


def measure_rows(found: Readiness) -> list[list[str]]:
    """The measures as cells: name, value, target, trend, what it does to the start-by date."""
    return [
        [
            measure.name.replace("_", " "),
            amount_words(measure, measure.value),
            f"{'at least' if measure.at_least else 'at most'} {amount_words(measure, measure.target)}",
            trend_words(measure),
            effect_on_start(measure.effect, today=found.result.verdict.start_by <= 0),
        ]
        for measure in found.measures
    ]


def amount_words(measure: Measure, value: float | None) -> str:
    """A value of a measure with its unit."""
    if value is None:
        return "nothing logged"
    if measure.unit.startswith("share"):
        return percent(round(value, 3) + 0.0) + (" a month" if measure.unit.endswith("month") else "")
    return f"{value:.3g} a month"


def trend_words(measure: Measure) -> str:
    """Where a measure is going."""
    if measure.trend is None:
        return "no trend yet"
    return {True: "getting better", False: "getting worse", None: "flat"}[measure.improving]


def effect_on_start(effect: StartByEffect | None, *, today: bool = False) -> str:
    """What a measure does to the start-by date, and what that costs; `today` says that the date is today already.

    Over draws the date moves by the 80th percentile of the project's length, as it is live as surely then; dollars are
    a mean.
    """
    if effect is None:
        return NONE
    return "; ".join(filter(None, _effect_parts(effect, today))) or "does not move it"


def _effect_parts(effect: StartByEffect, today: bool) -> Iterator[str]:
    drawn = effect.usd_error is not None
    if effect.days:
        basis = " (80th percentile of the project's length)" if drawn else ""
        past = ", though it is today already" if today and effect.days > 0 else ""
        yield f"{weeks(abs(effect.days))} {'earlier' if effect.days > 0 else 'later'}{basis}{past}"
    elif effect.days == 0:
        yield "does not move it"
    if effect.usd is not None and abs(effect.usd) >= 1:
        spread = "" if effect.usd_error is None else f" on average (+/- {usd(2 * effect.usd_error)})"
        yield f"{'costs' if effect.usd > 0 else 'saves'} {usd(abs(effect.usd))}{spread}"


def _measures(found: Readiness) -> str:
    head = ["measure", "value", "target", "trend", "what it does to the start-by date"]
    formulas = "\n".join(f"{each.name.replace('_', ' ')}: {each.formula}" for each in found.measures)
    return f"Five measures\n{table([head, *measure_rows(found)])}\n{formulas}"


def _steps(found: Readiness) -> str:
    lines = []
    for step in found.steps:
        lines.append(f"{step.number}. {step.title} [{'done' if step.done else 'open'}]. {step.state}")
        lines += [f"   Next: {step.next} ({step.decides} decides)"] if step.next else []
        lines.append(f"   {step.says}")
    return "\n".join(["Nine steps from a problem to production", *lines])
