"""An offer: a candidate that a scenario could be given, as its file would state it, and what is assumed of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Literal, TypeAlias

from pydantic import TypeAdapter

from switchpoint.catalog.templates import template_value
from switchpoint.scenario.candidates import Candidate
from switchpoint.scenario.current import model_name
from switchpoint.scenario.schema import Scenario

Way: TypeAlias = Literal["api", "hosted", "own", "base-load"]
"""How it is paid: a closed model by the token, an open one by the token, GPUs of one's own for all of its requests, or
for the base load while the current route takes the rest."""
Terms: TypeAlias = Literal["by the token", "on demand", "spot", "reserved", "bought"]
TOKEN_WAYS = ("api", "hosted")
_CANDIDATE: TypeAdapter[Any] = TypeAdapter(Candidate)


@dataclass(frozen=True)
class CandidateOffer:
    """A candidate from the catalogue."""

    name: str
    """Its name in a scenario file."""
    title: str
    """What it is called where it is listed."""
    way: Way
    terms: Terms
    model: str
    """The open model's key, or the closed model's name."""
    size: str
    """small, medium or large."""
    tree: Mapping[str, Any]
    """Its table in a scenario file, as plain values."""
    sources: tuple[str, ...]

    @cached_property
    def spec(self) -> Candidate:
        """As the simulation takes it."""
        spec: Candidate = _CANDIDATE.validate_python(self.tree)
        return spec

    @property
    def in_tokens(self) -> bool:
        """Whether it is paid by the token."""
        return self.way in TOKEN_WAYS


def key_of_words(*words: str) -> str:
    """A name for a scenario file: no dots, which part a path, and nothing that would have to be quoted.

    >>> key_of_words("llama-3.1-8b", "L40S", "base load")
    'llama-3-1-8b-l40s-base-load'
    """
    text = "-".join(word.rpartition("/")[2] for word in words if word).lower()
    return "".join(letter if letter.isalnum() and letter.isascii() else "-" for letter in text)


def switch_tables(coverage: float, *, is_open: bool) -> dict[str, Any]:
    """What is assumed of a change to another model that is paid by the token: no training, one evaluation.

    An open model at a host is a second route to keep up; a closed one takes no more than today's.
    """
    kept_up = {
        "engineers": template_value("switch_upkeep_engineers"),
        "usd_per_month": template_value("switch_upkeep_usd_per_month"),
    }
    return {
        "coverage": coverage,
        "project": {
            "engineers": template_value("switch_engineers"),
            "usd_per_engineer_month": template_value("usd_per_engineer_month"),
            "evaluation_days": template_value("switch_evaluation_days"),
            "pass_probability": [template_value("switch_pass")],
            "shadow_days": template_value("switch_shadow_days"),
            "ramp_days": template_value("switch_ramp_days"),
        },
        **({"upkeep": kept_up} if is_open else {}),
    }


def build_tables(size: str, coverage: float) -> dict[str, Any]:
    """What is assumed of the project of a model of one's own, of that size class."""
    sized = ("engineers", "engineers_in_house", "examples", "usd_per_iteration", "training_days")
    common = (
        "usd_per_engineer_month",
        "usd_per_hire",
        "labels_per_day",
        "usd_per_example",
        "evaluation_days",
        "intervention_days",
        "hardening_days",
        "shadow_days",
        "ramp_days",
    )
    return {
        "coverage": coverage,
        "project": {
            **{name: template_value(name, size) for name in sized},
            "hiring_weeks": {"low": template_value("hiring_weeks_low"), "high": template_value("hiring_weeks_high")},
            **{name: template_value(name) for name in common},
            "pass_probability": [template_value(f"pass_{which}") for which in ("first", "second", "later")],
        },
        "upkeep": {
            "engineers": template_value("upkeep_engineers", size),
            "usd_per_month": template_value("upkeep_usd_per_month", size),
            "retrain_every_months": template_value("retrain_every_months"),
        },
    }


def current_name(scenario: Scenario) -> str:
    """What the current route is called: its model, else what it is."""
    return model_name(scenario.current) or "the current route"
