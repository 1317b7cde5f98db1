"""Hardware that is tried for a candidate: what one replica of it carries, and what 1,000 requests cost on it."""

from __future__ import annotations

from dataclasses import dataclass

from switchpoint.catalog import CatalogError, rent
from switchpoint.errors import CannotCompute
from switchpoint.scenario.candidates import GpuCandidate, HostedCandidate
from switchpoint.scenario.schema import Scenario
from switchpoint.scenario.uncertain import num
from switchpoint.scenario.usage import Usage
from switchpoint.serving.capacity import Capacity, Question
from switchpoint.serving.capacity_cache import capacity
from switchpoint.simulation.capacity import as_sold, question, rent_per_hour, spread_of, tokens_of
from switchpoint.simulation.deferrable import sold_together

HOUR = 3600


@dataclass(frozen=True)
class Hardware:
    """What serves: a model of the catalogue in a precision, on so many GPUs of a kind."""

    model: str
    precision: str
    gpu: str
    gpus: int

    @classmethod
    def of(cls, spec: GpuCandidate) -> Hardware | None:
        """That of a candidate, None where it is not of the catalogue."""
        if spec.model is None or spec.model.base is None or spec.fleet.gpu is None:
            return None
        return cls(spec.model.base, spec.model.precision, spec.fleet.gpu, spec.fleet.gpus_per_replica)

    def __str__(self) -> str:
        return f"{self.model} in {self.precision} on {self.gpus} × {self.gpu}"


def fleets(scenario: Scenario) -> dict[str, GpuCandidate | HostedCandidate]:
    """The candidates with GPUs or endpoints of their own."""
    return {
        name: spec
        for name, spec in scenario.candidates.items()
        if isinstance(spec, GpuCandidate) or (isinstance(spec, HostedCandidate) and spec.endpoint is not None)
    }


def simulatable(spec: GpuCandidate) -> bool:
    """Whether model and GPU are known, so that a replica can be simulated."""
    return spec.model is not None and spec.fleet.gpu is not None


def fit_hardware(spec: GpuCandidate, chosen: Hardware) -> GpuCandidate:
    """The candidate with other hardware: what was measured or priced for the old one is left out."""
    if chosen == Hardware.of(spec):
        return spec
    model = {"base": chosen.model, "precision": chosen.precision}
    fleet = spec.fleet.model_copy(
        update={
            "gpu": chosen.gpu,
            "gpus_per_replica": chosen.gpus,
            "gpus_per_node": None,
            "provider": None,
            "usd_per_gpu_hour": None,
            "purchase_usd_per_gpu": None,
            "requests_per_second_per_replica": None,
            "benchmark": None,
            "measured_at": None,
        }
    )
    assert spec.model is not None
    return spec.model_copy(update={"model": type(spec.model)(**model), "fleet": fleet})


@dataclass(frozen=True)
class HardwareReplica:
    """One replica of some hardware: what it carries, and what 1,000 requests cost on it when it is as busy as planned.

    It may share its node, which is paid whole, with others.

    Args:
        asked: model, GPUs, tokens and promise.
        found: its capacity; None where it cannot be simulated, for the reason `why`.
        usd_per_hour: of all GPUs that are paid together, None where nobody rents that GPU out.
        why: see `found`.
        holds: replicas that those GPUs hold.
        paid: how many GPUs are paid together.
    """

    asked: Question | None
    found: Capacity | None
    usd_per_hour: float | None
    why: str = ""
    holds: int = 1
    paid: int = 1

    def usd_per_1000(self, utilisation: float, requests_per_second: float, replicas: int | None = None) -> float | None:
        """Dollars of 1,000 requests at a utilisation of what costs are computed with; None where they are not known.

        Args:
            utilisation: part of what a replica carries that is asked for.
            requests_per_second: that a replica carries.
            replicas: that are on the GPUs paid together; left out, as many as they hold.
        """
        if requests_per_second <= 0 or self.usd_per_hour is None:
            return None
        carried = HOUR * requests_per_second * utilisation * (replicas or self.holds)
        return 1000 * self.usd_per_hour / carried


def replica(usage: Usage, spec: GpuCandidate) -> HardwareReplica:
    """One replica of a candidate's hardware."""
    try:
        asked = question(spec, *tokens_of(spec, usage), spread_of(usage))
        holds, paid = sold_together(as_sold(spec.fleet))
        return HardwareReplica(asked, capacity(asked), _price(spec, paid), "", holds, paid)
    except (CatalogError, CannotCompute, ValueError) as reason:
        return HardwareReplica(None, None, None, str(reason))


def _price(spec: GpuCandidate, gpus: int) -> float | None:
    """Dollars an hour of so many GPUs with their overhead; of bought GPUs, what their like rents for."""
    fleet = spec.fleet
    try:
        each = float(rent_per_hour(spec))
        if not each and fleet.gpu is not None:
            each = rent(fleet.gpu, None, fleet.spot).usd_per_gpu_hour
    except CatalogError:
        return None
    return each * gpus * (1 + num(fleet.overhead_share)) or None
