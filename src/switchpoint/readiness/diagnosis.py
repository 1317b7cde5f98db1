"""Diagnosis: what errors are made of, how often an intervention follows from that, and what opinion costs instead."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from switchpoint.decision.gates import ProgrammeGates
from switchpoint.readiness.effects import ProjectEffect
from switchpoint.readiness.experiments import share_interval
from switchpoint.scenario.programme_log import CATEGORIES, Category
from switchpoint.scenario.project import Project
from switchpoint.study.preparation import Plan
from switchpoint.text import count, percent, usd, weeks

TREATMENT: dict[Category, str] = {
    "data-quality": "correct labels and clean inputs",
    "data-quantity": "label more examples of what goes wrong",
    "model-capacity": "take a larger model, or another base",
    "hyperparameters": "search rates, epochs and prompts",
    "task-definition": "rewrite the task and its guidelines",
}
"""What helps against each kind of errors."""
MEASURED, OPINION, COVERED = "measured", "opinion", "covered"
ALL, NOTHING = 1.0, 0.0
"""Shares of diagnosed interventions: every one, and none."""


@dataclass(frozen=True)
class ErrorShare:
    """One kind of errors."""

    category: Category
    count: int
    share: float
    """Part of all errors that somebody looked at."""
    interventions: int
    """Interventions that were meant against it."""
    worked: int
    """Of these, those that are known to have worked."""
    treatment: str


@dataclass(frozen=True)
class Diagnosis:
    """What the log says of errors and interventions, and what that is worth in the simulation."""

    gates: ProgrammeGates
    effects: Mapping[str, ProjectEffect]

    @property
    def interventions(self) -> int:
        """Interventions logged."""
        return len(self.gates.log.interventions)

    @property
    def diagnosed_count(self) -> int:
        """Of these, those that followed from a diagnosis."""
        return sum(each.diagnosed for each in self.gates.log.interventions)

    @property
    def ratio(self) -> float | None:
        """Diagnosed interventions over all; None without any."""
        return self.gates.log.diagnosed_share

    @property
    def interval(self) -> tuple[float, float]:
        """95 % interval of that."""
        return share_interval(self.diagnosed_count, self.interventions)

    @property
    def assumed_share(self) -> float:
        """The share that the advised project assumes."""
        return self.gates.project.diagnosed_share

    @property
    def errors(self) -> tuple[ErrorShare, ...]:
        """The kinds of errors, the largest share first: the first is where an intervention can remove most."""
        log, seen = self.gates.log, self.gates.log.errors_seen
        found = []
        for category in CATEGORIES:
            meant = [each for each in log.interventions if each.category == category]
            number = log.errors_in(category)
            share = number / seen if seen else 0.0
            worked = sum(each.worked is True for each in meant)
            found.append(ErrorShare(category, number, share, len(meant), worked, TREATMENT[category]))
        return tuple(sorted(found, key=lambda each: -each.share))

    @property
    def pays_most(self) -> ErrorShare | None:
        """The kind of errors whose removal pays most: that with most of them; None without any in a category."""
        first = self.errors[0]
        return first if first.count else None

    @property
    def opinion_costs(self) -> ProjectEffect | None:
        """What it costs to pick every intervention by opinion instead of by diagnosis."""
        return self.effects.get(OPINION)

    @property
    def sentences(self) -> tuple[str, ...]:
        """What that means."""
        told = []
        if self.ratio is not None:
            low, high = self.interval
            told.append(
                f"{count(self.diagnosed_count)} of {count(self.interventions)} interventions followed from a diagnosis "
                f"({percent(round(self.ratio, 2))}; 95 % interval {percent(round(low, 2))} to "
                f"{percent(round(high, 2))}); the project assumes {percent(self.assumed_share)}."
            )
        if MEASURED in self.effects and self.ratio != self.assumed_share:
            told.append(f"At the measured share {effect_words(self.effects[MEASURED])}.")
        if (best := self.pays_most) is not None:
            told.append(
                f"{percent(round(best.share, 2))} of the errors are of {best.category.replace('-', ' ')}: "
                f"{best.treatment}; no other single change can remove as many."
            )
        if self.opinion_costs is not None:
            told.append(f"Picked by opinion alone instead of by diagnosis, {effect_words(self.opinion_costs)}.")
        return tuple(told)


def effect_words(effect: ProjectEffect) -> str:
    """An effect in words: weeks and dollars, with two standard errors."""
    sign = "more" if effect.usd >= 0 else "less"
    unsure = ", which these draws cannot tell from nothing" if 0 < abs(effect.usd) < 2 * effect.usd_error else ""
    money = f"the switch costs {usd(abs(effect.usd))} {sign} (+/- {usd(2 * effect.usd_error)}{unsure})"
    rounded = round(effect.mean_days)
    live = f"is live {weeks(abs(rounded))} {'later' if rounded > 0 else 'earlier'} on average" if rounded else ""
    gone = f"is never live in {percent(round(effect.lost, 2))} more of the draws" if effect.lost >= 0.005 else ""
    parts = [each for each in (live, gone) if each]
    return f"{money} and {' and '.join(parts)}" if parts else f"{money} and is live no later"


def diagnosis_plans(gates: ProgrammeGates) -> dict[str, tuple[Plan, Plan]]:
    """The changes of the advised project by which diagnosis is priced; none where its odds do not hang on it."""
    project: Project = gates.project
    if gates.outlook is None or len(set(project.pass_probability)) < 2 or project.max_iterations < 2:
        return {}
    plans: dict[str, tuple[Plan, Plan]] = {OPINION: ({"diagnosed_share": ALL}, {"diagnosed_share": NOTHING})}
    ratio, covered = gates.log.diagnosed_share, gates.log.categorised_share
    if ratio is not None:
        plans[MEASURED] = ({}, {"diagnosed_share": ratio})
    if covered is not None:
        plans[COVERED] = ({}, {"diagnosed_share": min(covered, project.diagnosed_share)})
    return plans
