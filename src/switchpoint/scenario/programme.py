"""The programme behind the switch: what a team builds, from what, how far it is, and the gates before a commit."""

from __future__ import annotations

from typing import Annotated, Any, Literal, TypeAlias

from pydantic import BeforeValidator, Field, model_validator
from pydantic_core import PydanticCustomError

from switchpoint.scenario.fields import Bounds, Count, Day, Part, SureShare, Text, Unit, word_or_day

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
