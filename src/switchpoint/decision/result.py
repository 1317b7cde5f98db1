"""Result: verdict, tables as DataFrames, JSON, provenance, what a workbook needs."""

from __future__ import annotations

import math
from collections.abc import Callable, Collection, Sequence
from dataclasses import replace
from datetime import date
from functools import cached_property
from typing import Any

import numpy as np

from switchpoint.decision.candidate_result import CandidateResult, capacity_basis
from switchpoint.decision.case import SimulatedWorld
from switchpoint.decision.clauses import Flip, gates_json, price_that_ends_saving
from switchpoint.decision.figures_json import candidate_json, plan_json
from switchpoint.decision.flip import find_flip, find_flips, usage_counts
from switchpoint.decision.gates import KnownProgramme, ProgrammeGates, known_programme, programme_gates
from switchpoint.decision.notes import Provenance, provenance_of, result_notes
from switchpoint.decision.plan_result import PlanResult
from switchpoint.decision.sentence import SentenceFacts, named_start, policy_sentence, sentence
from switchpoint.decision.verdict import Action, Verdict
from switchpoint.decision.workbook_figures import WorkbookFigures
from switchpoint.files import Json
from switchpoint.horizon import NEVER, Floats
from switchpoint.scenario.current import CurrentGpu
from switchpoint.scenario.schema import Scenario
from switchpoint.scenario.stated_notes import Note, place_of
from switchpoint.scenario.toml_source import TomlSource as Read
from switchpoint.text import day, join_names, usd
from switchpoint.version import __version__


class JudgedWorld:
    """A simulated scenario with its verdict. `advised` says that each project starts when advised, not by policy."""

    def __init__(
        self,
        case: SimulatedWorld,
        *,
        advised: bool = False,
        source: Read | None = None,
        known: Callable[[Scenario], KnownProgramme | None] = known_programme,
    ) -> None:
        self.case = case
        self.advised = advised
        self.source = source
        self._known = known
        self.verdict: Verdict = case.verdict

    @cached_property
    def shown(self) -> JudgedWorld:
        """What pages and pictures show: as advised, unless the scenario states a policy, which then all follows."""
        return self if "policy" in self.case.scenario.decision.model_fields_set else self.as_advised

    @cached_property
    def as_advised(self) -> JudgedWorld:
        """The same with each project started by its start-by day, else today; that of the verdict as it is named."""
        if self.advised:
            return self
        outlooks = tuple(outlook.started_on(self.advised_start(outlook)) for outlook in self.case.outlooks)
        return JudgedWorld(self.case.with_outlooks(outlooks), advised=True, source=self.source)

    def advised_start(self, outlook: CandidateResult) -> int:
        """The start that a candidate is advised with."""
        return named_start(self.verdict, outlook)

    @property
    def main_candidate(self) -> CandidateResult | None:
        """The candidate that pictures and studies are about: the verdict's, else the cheapest; None without any."""
        if self.verdict.candidate is not None:
            return self.verdict.candidate
        return min(self.case.outlooks, key=lambda o: (not o.possible, o.present_cost), default=None)

    @cached_property
    def cost_of_waiting_sentence(self) -> str:
        """What becomes of the advised candidate if one waits for the warning, in one sentence; else nothing."""
        best, warning = self.verdict.candidate, self.case.warning
        acts = self.verdict.action not in (Action.STAY, Action.NO_REMEDY)
        if best is None or self.verdict.plan or not acts or self.case.scenario.decision.policy != "warn":
            return ""
        if best.starts.under_way is not None or not self.case.scenario.limited:
            return ""
        if warning >= self.case.clock.days:
            return "Waiting for the warning: it does not fire within the horizon."
        waited = best.started_on(warning)
        money = f"{'saves' if waited.npv_saving >= 0 else 'loses'} {usd(abs(waited.npv_saving))}"
        live = self.date(waited.cutover)
        when = f"is live on {day(live)}" if live else "is not live within the horizon"
        alarm = "" if self.case.threat < self.case.clock.days else ", a false alarm"
        return (
            f"Waiting for the warning ({day(self.case.clock.date_of(warning))}{alarm}): {best.name} {when} and {money}."
        )

    @cached_property
    def flip(self) -> Flip | None:
        """Where the advice to stay would change with usage; None for other advice."""
        return find_flip(self.case) if self.verdict.action is Action.STAY else None

    @property
    def flips_at(self) -> float | None:
        """Requests a day at the start at which the advice to stay would change."""
        return self.flip.requests_per_day if self.flip else None

    @cached_property
    def sentence_facts(self) -> SentenceFacts:
        """What the sentence is made of."""
        case, flip = self.case, self.flip
        steady = flip is not None or (self.verdict.action is Action.STAY and usage_counts(case))
        return SentenceFacts(
            case.scenario,
            self.verdict,
            case.outlooks,
            case.clock,
            case.threat,
            case.threat_ends,
            flip,
            steady,
            outgrown=case.setting.beside_tokens.why_outgrown if case.is_outgrown_first else "",
            gates=self.gates,
        )

    @cached_property
    def gates(self) -> ProgrammeGates | None:
        """The gates of its programme, for the start that is advised; None where no programme is stated."""
        return programme_gates(self._programme, self.verdict, self.case.clock)

    @cached_property
    def _programme(self) -> KnownProgramme | None:
        """What is known of its programme; None where it states none."""
        return self._known(self.case.scenario)

    @cached_property
    def sentence(self) -> str:
        """The verdict in one sentence; where the scenario states a policy, what becomes of that choice."""
        lead = self.main_candidate
        if not self.chooses_start or lead is None:
            return sentence(self.sentence_facts)
        return policy_sentence(self.sentence_facts, lead, chosen_words(self.case.scenario.decision.policy))

    @property
    def chooses_start(self) -> bool:
        """Whether the scenario states a policy that starts the leading candidate otherwise than advised."""
        lead = self.main_candidate
        if lead is None or "policy" not in self.case.scenario.decision.model_fields_set:
            return False
        advised = self.advised_start(lead) if self.verdict.candidate is not None else NEVER
        return lead.starts.under_way is None and lead.starts.policy_start != advised

    @property
    def advised_plan(self) -> PlanResult | None:
        """The plan that is advised; None where it is one candidate, or where another start was chosen."""
        return None if self.chooses_start else self.verdict.plan

    @cached_property
    def notes(self) -> tuple[Note, ...]:
        """What is taken but worth a look, each with its place in the scenario's file; what could turn it first."""
        found = (replace(note, place=place_of(note, self.source)) for note in result_notes(self.shown.case))
        return tuple(sorted(found, key=lambda note: not note.turns))

    @cached_property
    def sources(self) -> list[Provenance]:
        """Every price and specification taken from the catalogue, with where it is from and as of when."""
        return provenance_of(self.case)

    @cached_property
    def workbook_figures(self) -> tuple[WorkbookFigures, ...]:
        """What the simulation settled about each candidate, for exports that compute the rest from it."""
        return tuple(WorkbookFigures.of(outlook) for outlook in self.case.outlooks)

    @cached_property
    def monthly(self) -> list[Json]:
        """One row per calendar month; see `monthly`."""
        return monthly(self.case)

    def date(self, number: int) -> date | None:
        """Date of a day within the horizon, else None; a project under way may have begun before it."""
        return self.case.clock.date_or_none(number)

    def as_json(self, *, notes: bool = True, months_by_row: bool = True, left_out: Collection[str] = ()) -> Json:
        """The whole result; dates are `datetime.date`, None is not reached within the horizon.

        Args:
            notes: whether the notes, the gates of a programme and the months as advised are wanted, which takes a
                simulation more for each price that is left out, and a delay more for each gate.
            months_by_row: whether the months are a list of rows, or a table of columns.
            left_out: those of `COSTLY` that nobody asks for, which are then empty and cost nothing.
        """
        case = self.case
        return {
            "scenario": case.scenario.name,
            "seed": 0,
            "draws": 0,
            "version": __version__,
            "sources": [] if "sources" in left_out else self.sources,
            "notes": [note.as_json() for note in self.notes] if notes else [],
            "verdict": self._verdict(gates=notes, worded="verdict.sentence" not in left_out),
            "base": self._base(left_out),
            **({"monthly_advised": self.as_advised.monthly} if notes else {}),
            "monthly": self._months(by_row=months_by_row) if "monthly" not in left_out else {},
        }

    def _months(self, *, by_row: bool) -> list[Json] | dict[str, list[Any]]:
        return self.monthly if by_row else months_by_column(self.case)

    def _verdict(self, *, gates: bool, worded: bool) -> Json:
        best, live, saving = self.verdict.candidate, NEVER, None
        if (plan := self.verdict.plan) is not None:
            live, saving = plan.cutover, plan.npv_saving
        elif best is not None:
            start = self.advised_start(best)
            live, saving = best.milestone("cutover", start), best.saving(start)
        return self.verdict_json(self.verdict, self.sentence if worded else "", live, saving, gates=gates)

    def verdict_json(
        self, verdict: Verdict, sentence: str, live: int, saving: float | None, *, gates: bool = True
    ) -> Json:
        """A verdict on this scenario as JSON.

        Args:
            verdict: this one, or that on many draws.
            sentence: how it is said.
            live: day on which its candidate is live, started as advised.
            saving: present value of what that saves, dollars.
            gates: whether those of the programme are wanted, which takes a simulated delay for each.
        """
        best, opened = verdict.candidate, verdict.window
        return {
            "action": verdict.action.value,
            "candidate": best and best.name,
            "plan": verdict.plan and verdict.plan.name,
            "start_by": self.date(verdict.start_by),
            "binds": verdict.binds,
            "bridge": verdict.bridge and verdict.bridge.name,
            "saves_only": verdict.saves_only and verdict.saves_only.name,
            "remedy": verdict.remedy,
            "live": self.date(live),
            "npv_saving_usd": saving,
            "saving_ends_at_api_price_factor": None if verdict.plan or best is None else price_that_ends_saving(best),
            "tied": [o.name for o in verdict.tied],
            "label_by": self.date(verdict.label_by),
            "hire_by": self.date(verdict.hire_by),
            "commit_by": self.date(verdict.commit_by),
            "remaining_lead_days": verdict.remaining_lead if verdict.remaining_lead < NEVER else None,
            "as_good": self._as_good(verdict),
            "in_time_costs_usd": verdict.in_time_costs,
            "gates": gates_json(self.gates_of(verdict)) if gates else None,
            "window": opened and [self.case.clock.date_of(number) for number in opened],
            "flips_at_requests_per_day": self.flips_at if verdict.action is Action.STAY else None,
            "sentence": sentence,
        }

    def gates_of(self, verdict: Verdict) -> ProgrammeGates | None:
        """The gates for a verdict on this scenario: this one, or that on many draws."""
        return self.gates if verdict is self.verdict else programme_gates(self._programme, verdict, self.case.clock)

    def _as_good(self, verdict: Verdict) -> Json | None:
        found = verdict.as_good
        return (
            None if found is None else {"from": self.date(found.first), "to": self.date(found.last), "usd": found.usd}
        )

    def _base(self, left_out: Collection[str]) -> Json:
        case = self.case
        chosen = () if "base.candidates" in left_out else case.outlooks
        advised = () if "base.advised" in left_out else self.as_advised.case.outlooks
        return {
            "threat": self.date(case.threat),
            "threat_cause": case.threat_cause,
            "threat_ends": self.date(case.threat_ends),
            "warning": self.date(case.warning),
            "bill_at_start_usd": float(case.bill[0]),
            "bill_at_end_usd": float(case.bill[-1]),
            "cost_per_1000_requests_usd": {
                "start": _number(case.usd_per_1000[0]),
                "end": _number(case.usd_per_1000[-1]),
            },
            "candidates": {outlook.name: candidate_json(outlook, self.date) for outlook in chosen},
            "plans": {plan.name: plan_json(plan, self.date) for plan in case.plans},
            "advised": {outlook.name: self._advised_json(outlook) for outlook in advised},
        }

    def _advised_json(self, outlook: CandidateResult) -> Json:
        """A candidate as advised; of the one that the verdict names the start-by day is the verdict's."""
        named = self.verdict.candidate is not None and self.verdict.candidate.name == outlook.name
        start_by = self.advised_start(outlook) if named else outlook.starts.start_by.day
        return {**candidate_json(outlook, self.date), "start_by": self.date(start_by)}


COSTLY = ("sources", "verdict.sentence", "base.candidates", "base.advised", "monthly")
"""Parts of the result that take a while and may be left out of it."""
CHOICES = {
    "never": "As you chose, no project starts",
    "now": "As you chose, projects start today",
    "best": "As you chose, each project starts when that costs least",
    "warn": "As you chose, projects start when the warning fires",
    "lead": "As you chose, projects start when the warning leaves just enough time",
    "staged": "As you chose, projects are prepared early and committed late",
}


def chosen_words(policy: object) -> str:
    """A policy that was chosen, in words."""
    if isinstance(policy, date):
        return f"As you chose, projects start on {day(policy)}"
    return CHOICES[str(policy)]


def results(cases: Sequence[SimulatedWorld], *, flips: bool = True) -> list[JudgedWorld]:
    """The results of many cases; where staying would change with usage is looked for in all of them at once.

    `flips` says whether anybody asks for that; where not, it is told of none. What is known of a programme that all of
    them share is found once.
    """
    programmes: dict[tuple[int, date], KnownProgramme | None] = {}

    def programme_of(scenario: Scenario) -> KnownProgramme | None:
        key = (id(scenario.programme), scenario.start)
        if key not in programmes:
            programmes[key] = known_programme(scenario)
        return programmes[key]

    found = [JudgedWorld(case, known=programme_of) for case in cases]
    if not flips:
        for result in found:
            result.flip = None
        return found
    staying = [result for result in found if result.verdict.action is Action.STAY]
    for result, flip in zip(staying, find_flips([result.case for result in staying]), strict=True):
        result.flip = flip
    return found


def monthly(case: SimulatedWorld) -> list[Json]:
    """One row per calendar month: usage, limit, what staying and each switch path cost, pressure on its last day.

    Limit and pressure are None without a limit.
    """
    columns = months_by_column(case)
    return [dict(zip(columns, row, strict=True)) for row in zip(*columns.values(), strict=True)]


def months_by_column(case: SimulatedWorld) -> dict[str, list[Any]]:
    """The columns of `monthly`, each with a value per calendar month."""
    clock = case.clock
    requests, stay = clock.by_month(case.setting.traffic.requests), clock.by_month(case.stay)
    last = clock.month_starts + clock.month_days - 1
    found: dict[str, list[Any]] = {
        "month": [f"{month:%Y-%m}" for month in clock.months],
        "requests": requests.tolist(),
        "limit_usd": _numbers(np.broadcast_to(case.limits.monthly(clock), stay.shape)),
        "stay_usd": stay.tolist(),
        "stay_per_1000_usd": _per_1000(stay, requests),
    }
    overflows = {outlook.name: outlook.overflow_by_month for outlook in case.outlooks}
    paths: tuple[CandidateResult | PlanResult, ...] = (*case.outlooks, *case.plans)
    for path in paths:
        cost = clock.by_month(path.cost_per_day)
        found[f"{path.name}_usd"] = cost.tolist()
        found[f"{path.name}_per_1000_usd"] = _per_1000(cost, requests)
        if (left := overflows.get(path.name)) is not None:
            found[f"{path.name}_overflow_share"] = left
    limited = case.scenario.limited
    found["pressure"] = _numbers(case.pressure[last]) if limited else [None] * len(clock.months)
    return found


def _per_1000(usd: Floats, requests: Floats) -> list[float | None]:
    with np.errstate(all="ignore"):
        return _numbers(np.where(requests > 0, 1000 * usd / requests, np.nan))


def _numbers(values: Floats) -> list[float | None]:
    """Plain numbers, None for what is none."""
    found: list[float | None] = values.tolist()
    return found if np.isfinite(values).all() else [_number(each) for each in values.tolist()]


def _number(value: float) -> float | None:
    return float(value) if math.isfinite(value) else None


def as_json(case: SimulatedWorld) -> Json:
    """The result of a case as one JSON object; see `Result.as_json`."""
    return JudgedWorld(case).as_json()


def dated_sources(result: JudgedWorld) -> str:
    """From when the figures of the catalogue are, and which capacities nobody measured."""
    dates = sorted({str(source["date"]) for source in provenance_of(result.case)} - {""})
    span = " to ".join(dict.fromkeys((dates[0], dates[-1]))) if dates else ""
    priced = f" Catalogue figures dated {span}." if dates else ""
    current = result.case.scenario.current
    bases = [("the current route", capacity_basis(current)) if isinstance(current, CurrentGpu) else ("", "")]
    bases += [(o.name, o.capacity_basis) for o in result.case.outlooks]
    guessed = [f"{name} ({basis})" for name, basis in bases if basis]
    return priced + (f" Capacity not measured: {join_names(guessed)}." if guessed else "")
