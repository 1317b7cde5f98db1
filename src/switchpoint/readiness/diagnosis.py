"""What errors are made of, what an intervention does to the project over the same draws, and what opinion costs."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np

from switchpoint.decision.gates import ProgrammeGates
from switchpoint.horizon import NEVER, Floats
from switchpoint.readiness.experiments import share_interval
from switchpoint.scenario.programme import CATEGORIES, Category
from switchpoint.scenario.project import Project
from switchpoint.study.draws import Worlds, error_of_mean, join_records, quantile_day
from switchpoint.study.preparation import Plan, PlanOverDraws, preparation_gains
from switchpoint.text import count, percent, usd, weeks

# What a change of the project does to its length and to its cost -----------------------------------------------------

IN_TIME = 0.8
"""Share of the draws in which a project is to be as long at most, as for start-by dates."""
DRAWS = 128


@dataclass(frozen=True)
class ProjectEffect:
    """What a change does, both ways started on the same day."""

    usd: float
    """Weighed dollars that the switch costs more with it, on average; below 0 it costs less."""
    usd_error: float
    """Standard error of that."""
    days: int | None
    """Days by which a project must start earlier to be as surely in time: the difference of the 80th percentiles of its
    length. None where one of them is not live within the horizon in 80 % of the draws."""
    mean_days: float
    """Days by which it is live later on average, over draws in which it is live both ways."""
    mean_days_error: float
    lost: float
    """Share of draws in which it is live within the horizon without it, less those with it."""
    draws: int


def effects_of(
    worlds: Worlds, name: str, start: int, pairs: Mapping[str, tuple[Plan, Plan]], draws: int = DRAWS
) -> dict[str, ProjectEffect]:
    """What each change of a candidate's project does.

    Args:
        worlds: the scenario and the seed.
        name: the candidate.
        start: the day on which the project is started, both ways; the latest searched start up to it is taken.
        pairs: certain fields of the project before and after each change.
        draws: how many worlds.

    Raises:
        CannotCompute: where a draw cannot be computed.
    """
    if not pairs:
        return {}
    batches = replace(worlds, only=name).batches(0, worlds.values(draws))
    found = [(batch, preparation_gains(batch, name, pairs)) for _, batch in batches]
    searched = found[0][0].outlooks[0].starts.searched_starts
    place = max(int(np.searchsorted(searched, start, side="right")) - 1, 0)
    came: Mapping[str, tuple[PlanOverDraws, PlanOverDraws]] = join_records([each for _, each in found])
    return {key: project_effect(*both, place) for key, both in came.items()}


def project_effect(before: PlanOverDraws, after: PlanOverDraws, place: int) -> ProjectEffect:
    """What a change does to a project started on one of the searched days, in the same draws."""
    usd: Floats = before.weighed[:, place] - after.weighed[:, place]
    old, new = before.cutover[:, place], after.cutover[:, place]
    both = (old < NEVER) & (new < NEVER)
    later = (new - old)[both].astype(float)
    ends = [quantile_day(each, IN_TIME) for each in (old, new)]
    return ProjectEffect(
        usd=float(usd.mean()),
        usd_error=error_of_mean(usd),
        days=None if NEVER in ends else ends[1] - ends[0],
        mean_days=float(later.mean()) if later.size else 0.0,
        mean_days_error=error_of_mean(later) if later.size else 0.0,
        lost=float((old < NEVER).mean() - (new < NEVER).mean()),
        draws=len(usd),
    )


# Diagnosis -----------------------------------------------------------------------------------------------------------

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
