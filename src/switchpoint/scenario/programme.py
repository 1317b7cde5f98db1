"""The programme behind the switch, the gates before a commit, and what a team logs while it works."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from typing import Annotated, Any, Literal, TypeAlias

from pydantic import BeforeValidator, Field, model_validator
from pydantic_core import PydanticCustomError

from switchpoint.scenario.fields import Bounds, Count, Day, Part, Positive, SureShare, Text, Unit, word_or_day

# The programme behind the switch -------------------------------------------------------------------------------------

YES: Literal["yes"] = "yes"
NO: Literal["no"] = "no"


def _answer(raw: Any) -> Any:
    return {True: YES, False: NO}[raw] if isinstance(raw, bool) else word_or_day(raw, (YES, NO))


Answer: TypeAlias = Annotated[Literal["yes", "no"] | Day, BeforeValidator(_answer)]
"""Yes, no, or the day on which it is expected; true and false are read as yes and no."""

Modality: TypeAlias = Literal["text", "structured", "audio", "image", "video"]
Layer: TypeAlias = Literal["fundamentals", "machine-learning", "deep-learning", "generative"]
Sensitivity: TypeAlias = Literal["none", "internal", "personal", "regulated"]
Consent: TypeAlias = Literal["not-needed", "given", "asked", "missing"]
Status: TypeAlias = Literal["no-baseline", "prototype", "production"]
SureMonths: TypeAlias = Annotated[float, Bounds(0, 600, uncertain=False), Unit("months")]


class Application(Part):
    """What the model is for."""

    modality: Modality = "text"
    """What goes in: text, structured (tables), audio, image or video."""
    task: Text = ""
    """What is to be done with it, in a few words."""


class DataSituation(Part):
    """What there is to build from. It changes no cost: what training needs and has is said by the project."""

    examples: Count = 0
    """Examples collected, labelled or not."""
    labels: Count | None = None
    """Usable labelled examples; left out, the project's examples in hand."""
    evaluation_examples: Count = 0
    """Examples kept apart for evaluation."""
    sensitivity: Sensitivity = "none"
    """How sensitive the data are: none, internal, personal or regulated."""
    consent: Consent = "missing"
    """Whether they may be used for training: not-needed, given, asked or missing."""


class UsageProof(Part):
    """What shows product-market fit: usage that lasts, and users who stay."""

    months: SureMonths = 0.0
    """Months of real usage so far."""
    churn_per_month: SureShare = 1.0
    """Part of the users who leave in a month."""
    months_needed: SureMonths = 6.0
    """Months of usage from which it counts as proven (assumption)."""
    churn_at_most: SureShare = 0.05
    """Monthly churn up to which users count as staying (assumption)."""


class Prototype(Part):
    """The sandbox before production: cheap experiments without sensitive data."""

    viable_probability: SureShare | None = None
    """Odds that one experiment gives a viable prototype; left out, measured from the log."""
    experiments_per_month: Annotated[float, Bounds(0, 10_000, uncertain=False), Unit("experiments/month")] | None = None
    """How many experiments are run a month; left out, measured from the log."""
    usd_per_experiment: Annotated[float, Bounds(0, 1e9, uncertain=False), Unit("$")] = 0.0
    """What one experiment costs."""
    experiments_wanted: Annotated[int, Field(ge=1, le=10_000, strict=True), Unit("experiments")] = 20
    """Experiments after which the gate counts as passed, whatever came of them."""


class Gates(Part):
    """What must be there before a project is committed: yes, no, or a date. Each left out is judged from the rest."""

    product_market_fit: Answer | None = None
    """Usage is proven and users stay; left out, judged from [programme.usage]."""
    twenty_experiments: Answer | None = None
    """Twenty experiments are done or the time box is over; left out, judged from the log and the layer's box."""
    evaluation_set: Answer | None = None
    """There are an evaluation set and error categories; left out, judged from the data and the log."""
    labelled_data: Answer | None = None
    """There are as many usable labelled examples as training needs; left out, judged from data and project."""
    skills: Answer | None = None
    """The people are on board and know how; left out, judged from the project."""
    clearance: Answer | None = None
    """Sensitive data are cleared for training; left out, judged from sensitivity and consent."""


def _list_of_one(raw: Any) -> Any:
    return [raw] if isinstance(raw, str) else raw


class Programme(Part):
    """The programme behind the switch. It changes sentences and blocks commits; it costs nothing by itself."""

    application: Application = Application()
    """What goes in, and what is to be done with it."""
    data: DataSituation = DataSituation()
    """Examples, labels, how sensitive they are, and consent."""
    status: Status = "no-baseline"
    """How far it is: no-baseline, prototype or production."""
    usage: UsageProof = UsageProof()
    """How long real usage has lasted, and how many users leave."""
    layer: Layer | None = None
    """The layer that is worked on: fundamentals, machine-learning, deep-learning or generative; left out, that of the
    log's last decision, else the one to start at."""
    layer_since: Day | None = None
    """Since when; a layer has a month to close its gap."""
    gap_closed: bool | None = None
    """Whether the layer is good enough; left out, it is once a prototype in the log is viable."""
    prototype: Prototype = Prototype()
    """Experiments of the sandbox: odds, number and cost."""
    gates: Gates = Gates()
    """Answers to the six gates before a commit."""
    log: Annotated[tuple[Text, ...], BeforeValidator(_list_of_one), Field(max_length=50)] = ()
    """Log files of experiments, errors, interventions, decisions and costs, relative to this file; TOML or CSV."""

    @model_validator(mode="after")
    def _consistent(self) -> Programme:
        data = self.data
        if data.labels is not None and data.examples and data.labels > data.examples:
            raise PydanticCustomError("programme", "data.labels must be at most data.examples")
        return self


# What a team logs while it works -------------------------------------------------------------------------------------

Category: TypeAlias = Literal["data-quality", "data-quantity", "model-capacity", "hyperparameters", "task-definition"]
CATEGORIES: tuple[Category, ...] = (
    "data-quality",
    "data-quantity",
    "model-capacity",
    "hyperparameters",
    "task-definition",
)
Reason: TypeAlias = Annotated[Text, Field(min_length=1)]


class Logged(Part):
    """What every entry of a log may say."""

    date: Day
    """The day on which it happened."""
    id: Text = ""
    """Tells an entry from others, so that one which stands in two files counts once; `switchpoint log` makes one up."""


class LoggedExperiment(Logged):
    """One cheap experiment in the sandbox."""

    what: Text = ""
    """What was tried, in a few words."""
    score: SureShare | None = None
    """How good the best answers were, in the team's own measure from 0 to 1."""
    viable: bool = False
    """Whether it is good enough to become the product's first version."""


class LoggedError(Logged):
    """Wrong answers that somebody looked at; without a category they are known, but not understood."""

    category: Category | None = None
    """What is behind them: data-quality, data-quantity, model-capacity, hyperparameters or task-definition."""
    count: Positive = 1
    """How many of them."""
    what: Text = ""
    """What they have in common, in a few words."""


class LoggedIntervention(Logged):
    """One change that was made to get better answers."""

    what: Text = ""
    """What was changed, in a few words."""
    diagnosed: bool
    """Whether errors had been looked at and counted first, and pointed to it; false is opinion."""
    category: Category | None = None
    """What it was meant against."""
    worked: bool | None = None
    """Whether answers got better; left out while it is not known."""


class LoggedDecision(Logged):
    """The choice of a layer, with its reason."""

    layer: Layer
    """The layer to work on from then on: fundamentals, machine-learning, deep-learning or generative."""
    reason: Reason
    """Why, in a sentence."""


class LoggedCost(Logged):
    """What the model cost over some days that end on the date: requests and bill."""

    requests: Annotated[float, Bounds(above=0, high=1e15, uncertain=False), Unit("requests")]
    """Requests answered."""
    usd: Annotated[float, Bounds(0, uncertain=False), Unit("$")]
    """What they cost."""


class LogFile(Part):
    """One log file: any number of entries of each kind, in any order."""

    experiment: tuple[LoggedExperiment, ...] = ()
    """Experiments in the sandbox."""
    error: tuple[LoggedError, ...] = ()
    """Wrong answers, by what is behind them."""
    intervention: tuple[LoggedIntervention, ...] = ()
    """Changes made to get better answers."""
    decision: tuple[LoggedDecision, ...] = ()
    """Decisions on the layer."""
    cost: tuple[LoggedCost, ...] = ()
    """Requests and what they cost."""

    @model_validator(mode="after")
    def _ids_tell_apart(self) -> LogFile:
        for number, kind, entry in clashes([self]):
            message = f"{kind}.{number}: has the id {entry.id} of another entry; leave id out, and one is made up"
            raise PydanticCustomError("log", "{message}", {"message": message})
        return self


KINDS: dict[str, type[Logged]] = {
    "experiment": LoggedExperiment,
    "error": LoggedError,
    "intervention": LoggedIntervention,
    "decision": LoggedDecision,
    "cost": LoggedCost,
}
"""What may be logged, by the word that stands for it in a file."""


def entries_of(log: LogFile) -> list[tuple[int, str, Logged]]:
    """Every entry with its number within its kind, and its kind."""
    return [(number, kind, entry) for kind in KINDS for number, entry in enumerate(getattr(log, kind))]


def clashes(logs: Sequence[LogFile]) -> list[tuple[int, str, Logged]]:
    """Entries that have the id of an earlier one, but say something else."""
    seen: dict[str, tuple[str, Logged]] = {}
    found = []
    for log in logs:
        for number, kind, entry in entries_of(log):
            if entry.id and seen.setdefault(entry.id, (kind, entry)) != (kind, entry):
                found.append((number, kind, entry))
    return found


@dataclass(frozen=True)
class ProgrammeLog:
    """The entries of all log files together, by date; one that stands in several of them counts once."""

    experiments: tuple[LoggedExperiment, ...] = ()
    errors: tuple[LoggedError, ...] = ()
    interventions: tuple[LoggedIntervention, ...] = ()
    decisions: tuple[LoggedDecision, ...] = ()
    costs: tuple[LoggedCost, ...] = ()

    @classmethod
    def of(cls, logs: Sequence[LogFile]) -> ProgrammeLog:
        """What some files say together."""
        parts: Any = (_in_order([entry for log in logs for entry in getattr(log, kind)]) for kind in KINDS)
        return cls(*parts)

    @property
    def _each(self) -> tuple[tuple[Logged, ...], ...]:
        return self.experiments, self.errors, self.interventions, self.decisions, self.costs

    @cached_property
    def first_day(self) -> date | None:
        """The earliest day that any entry is of; None where there is none."""
        return min((entries[0].date for entries in self._each if entries), default=None)

    @cached_property
    def last_day(self) -> date | None:
        """The latest day that any entry is of; None where there is none."""
        return max((entries[-1].date for entries in self._each if entries), default=None)

    def between(self, first: date, end: date) -> ProgrammeLog:
        """What was logged from one day to the one before another."""
        parts: Any = (tuple(each for each in entries if first <= each.date < end) for entries in self._each)
        return ProgrammeLog(*parts)

    @property
    def errors_seen(self) -> int:
        """Wrong answers that somebody looked at."""
        return sum(each.count for each in self.errors)

    def errors_in(self, category: Category | None) -> int:
        """Those of one category; of None, those without."""
        return sum(each.count for each in self.errors if each.category == category)

    @property
    def diagnosed_share(self) -> float | None:
        """Interventions with a diagnosis over all interventions; None without any."""
        if not self.interventions:
            return None
        return sum(each.diagnosed for each in self.interventions) / len(self.interventions)

    @property
    def categorised_share(self) -> float | None:
        """Errors with a category over all errors; None without any."""
        return 1 - self.errors_in(None) / self.errors_seen if self.errors_seen else None


def _in_order(entries: list[Logged]) -> tuple[Logged, ...]:
    by_id = {each.id or place: each for place, each in enumerate(entries)}
    return tuple(sorted(by_id.values(), key=lambda each: each.date))


NOTHING_LOGGED = ProgrammeLog()
