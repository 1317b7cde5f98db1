"""Dedicated endpoints as a fleet: each is a replica of one GPU, and so many come at a time."""

from __future__ import annotations

import numpy as np

from switchpoint.horizon import Floats
from switchpoint.scenario.candidates import Fleet
from switchpoint.scenario.endpoint import Endpoint
from switchpoint.scenario.uncertain import Quantity, amount
from switchpoint.simulation.prices import RequestTerms
from switchpoint.simulation.usage import Traffic


class Endpoints(Fleet):
    """A fleet of endpoints."""

    at_a_time: int = 1

    @property
    def steps(self) -> int:
        """How many more come at a time."""
        return self.at_a_time


def as_fleet(endpoint: Endpoint, usd_per_month: Quantity = 0.0) -> Endpoints:
    """The fleet that an endpoint is.

    Args:
        endpoint: as the scenario states it.
        usd_per_month: a flat fee beside it.
    """
    most = endpoint.max
    if most is not None:
        most = endpoint.min + (most - endpoint.min) // endpoint.step * endpoint.step
    return Endpoints.model_construct(
        usd_per_gpu_hour=endpoint.usd_per_hour,
        usd_per_gpu_hour_change_per_year=endpoint.usd_per_hour_change_per_year,
        min_replicas=endpoint.min,
        max_replicas=most,
        scaling=endpoint.scaling,
        fixed_replicas=endpoint.fixed,
        target_utilisation=endpoint.target_utilisation,
        billing_minutes=endpoint.billing_minutes,
        startup_minutes=endpoint.startup_minutes,
        reserved_replicas=endpoint.reserved,
        reserved_usd_per_gpu_hour=endpoint.reserved_usd_per_hour,
        reserved_months=endpoint.reserved_months,
        overflow=endpoint.overflow,
        usd_per_month=usd_per_month,
        at_a_time=endpoint.step,
    )


def endpoint_capacity(endpoint: Endpoint, flow: Traffic, terms: RequestTerms, days: int) -> Floats:
    """Requests per second of one endpoint on each day, as stated or by the tokens of a request, shape (…, days).

    tokens_per_minute/60/(input tokens + output_weight·output tokens)
    """
    if endpoint.requests_per_second is not None:
        return amount(endpoint.requests_per_second) * np.ones(days)
    output = flow.output_tokens * terms.output_factor
    tokens = flow.input_tokens * terms.input_factor + endpoint.output_weight * output
    rate: Floats = amount(endpoint.tokens_per_minute or 0.0) / 60 / np.where(tokens > 0, tokens, np.inf)
    return rate * np.ones(days)
