"""A measured capacity carried over to other requests: by what the simulation makes of both."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

from switchpoint.clock import Amount, Floats
from switchpoint.scenario.candidate import GpuCandidate
from switchpoint.scenario.quantity import amount
from switchpoint.serving.capacity import Question
from switchpoint.serving.remember import capacity
from switchpoint.serving.trial import Promise


@dataclass(frozen=True)
class Stated:
    """A capacity that was measured with known requests.

    capacity(requests) = stated·simulated(requests)/simulated(measured requests)

    Attributes:
        requests_per_second: as measured.
        simulated: of the measured requests.
        promised: whether both are simulated within the latency promise; without it where the simulation says that even
            the measured requests cannot keep it.
    """

    requests_per_second: Amount
    simulated: float
    promised: bool = True

    def free(self, asked: Question) -> Question:
        """The question to simulate other requests with."""
        return asked if self.promised else replace(asked, promise=Promise())

    def scaled(self, rates: Floats) -> Floats:
        """The capacity where so much was simulated."""
        return self.requests_per_second * (rates / self.simulated)


def stated_capacity(spec: GpuCandidate, ask: Callable[[float, float], Question]) -> Amount | Stated | None:
    """What a fleet states of the capacity of a replica, requests per second.

    Args:
        spec: the candidate.
        ask: the question to simulate a replica with, by mean input and output tokens.

    Returns:
        A plain number where it holds for all requests: nothing is said of those that it was measured with, or nothing
        can be simulated; None where no capacity is stated.
    """
    fleet = spec.fleet
    if fleet.requests_per_second_per_replica is None:
        return None
    rate, at = amount(fleet.requests_per_second_per_replica), fleet.measured_at
    if at is None or spec.model is None or fleet.gpu is None:
        return rate
    asked = ask(at.input_tokens, at.output_tokens)
    for promised in (True, False):
        stated = Stated(rate, 1.0, promised)
        if (simulated := capacity(stated.free(asked)).requests_per_second) > 0:
            return replace(stated, simulated=simulated)
    return rate
