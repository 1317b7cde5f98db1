"""GPUs as they are sold: replicas are packed into whole nodes, and nodes are what is paid."""

import numpy as np
import pytest

from switchpoint.decision.case import SimulatedWorld, simulate
from switchpoint.scenario.candidates import Fleet
from switchpoint.scenario.catalogue_check import load_text_checked
from switchpoint.simulation.capacity import node_size
from switchpoint.simulation.deferrable import gpus_paid
from switchpoint.simulation.fleet import FleetCosts
from switchpoint.simulation.sizing import Sizing
from switchpoint.simulation.switch_costs import fleet_events
from tests.test_notes import head

DAY = 86_400
HOURS = np.full(24, 1 / 24)


def fleet(**fields: object) -> Fleet:
    return Fleet.model_validate({"usd_per_gpu_hour": 2.0, **fields})


def case(**fields: str) -> SimulatedWorld:
    stated = ", ".join(f"{key} = {value}" for key, value in fields.items())
    own = f'[candidates.own]\nkind = "gpu"\nfleet = {{ requests_per_second_per_replica = 8, {stated} }}\n'
    return simulate(load_text_checked(head('curve = "constant"') + own).scenario)


def a_month(case: SimulatedWorld) -> float:
    """Dollars of 730.5 hours of the fleet as on the first day."""
    return float(case.outlooks[0].prospect.carrier.running()[0]) / 24 * 730.5


@pytest.mark.parametrize(
    ("each", "node", "replicas", "gpus"),
    [
        (1, None, 3, 3),
        (1, 8, 0, 0),
        (1, 8, 1, 8),
        (1, 8, 8, 8),
        (1, 8, 9, 16),
        (2, 8, 4, 8),
        (2, 8, 5, 16),
        (3, 8, 2, 8),  # two of three in a node, two GPUs idle
        (3, 8, 3, 16),
        (8, 8, 3, 24),
        (16, 8, 3, 48),
        (12, 8, 1, 16),  # a node and a half takes two
        (12, 8, 2, 32),
        (4, 2, 3, 12),
    ],
)
def test_the_fewest_nodes_that_hold_the_replicas_are_paid(
    each: int, node: int | None, replicas: int, gpus: int
) -> None:
    stated = fleet(gpus_per_replica=each, gpus_per_node=node)
    assert gpus_paid(stated, np.array([float(replicas)])) == gpus


def test_nodes_are_packed_hour_by_hour() -> None:
    """A replica carries 1,800 an hour. 3 are needed in 15 hours and 9 in 9 hours: 1 node of 4 and 3 of them."""
    hours = np.array([0.02] * 8 + [0.08] * 8 + [0.025] * 8)
    sizing = Sizing(fleet(target_utilisation=0.5, gpus_per_node=4), hours, np.ones(1))
    sizes = sizing.sizes(np.full(1, 200_000.0), np.ones(1))
    assert (sizes.replica_hours, sizes.peak) == (15 * 3 + 9 * 9, 9)
    assert sizes.gpu_hours == 15 * 4 + 9 * 12


@pytest.mark.parametrize("scaling", ["hourly", "daily"])
def test_nodes_of_many_worlds_are_those_of_each(scaling: str) -> None:
    sizing = Sizing(fleet(gpus_per_node=8, gpus_per_replica=3, scaling=scaling), HOURS, np.ones(1))
    requests = np.array([[[1e4, 2e5, 5e5]], [[3e5, 4e5, 9e5]]])  # worlds, starts, days
    many = sizing.sizes(requests, np.ones(3)).gpu_hours
    for place in np.ndindex(requests.shape):
        assert many[place] == sizing.sizes(requests[place].reshape(1), np.ones(1)).gpu_hours


def test_a_fixed_fleet_is_packed_too() -> None:
    stated = fleet(scaling="fixed", fixed_replicas=5, gpus_per_node=4)
    assert Sizing(stated, HOURS, np.ones(1)).sizes(np.ones(1), np.ones(1)).gpu_hours == 24 * 8


def test_bought_gpus_are_bought_by_the_node() -> None:
    stated = Fleet.model_validate({"purchase_usd_per_gpu": 1000, "gpus_per_node": 8, "gpus_per_replica": 2})
    clock = simulate(load_text_checked(head()).scenario).clock
    peak = np.where(clock.day < 10, 0.0, np.where(clock.day < 20, 4.0, 5.0))
    owned = FleetCosts(stated, clock).owned_gpus(peak)
    assert (owned[9], owned[10], owned[20], owned[-1]) == (0, 8, 16, 16)


def test_a_stated_node_is_paid_whole() -> None:
    """One replica of one GPU at $2 keeps a node of 8 running: 8 x $2 x 730.5 hours."""
    one, eight = (a_month(case(usd_per_gpu_hour="2", **more)) for more in ({}, {"gpus_per_node": "8"}))
    assert (one, eight) == (pytest.approx(2 * 730.5), pytest.approx(8 * 2 * 730.5))


def test_a_gpu_that_a_provider_sells_by_eight_only_is_paid_by_eight() -> None:
    """H100 at gcp, $10.55 a GPU-hour in machines of eight: $61.6k a month, not $7.7k."""
    by_eight = case(gpu='"H100"', provider='"gcp"')
    rent = by_eight.outlooks[0].prospect.carrier.costs.usd_per_gpu_hour
    assert a_month(by_eight) == pytest.approx(8 * rent * 730.5)
    assert 60_000 < a_month(by_eight) < 63_000
    assert by_eight.outlooks[0].npv_saving <= 0


def test_what_is_stated_goes_before_the_catalogue() -> None:
    alone = case(gpu='"H100"', provider='"gcp"', gpus_per_node="1")
    assert a_month(alone) == pytest.approx(alone.outlooks[0].prospect.carrier.costs.usd_per_gpu_hour * 730.5)


@pytest.mark.parametrize(
    ("fields", "size"),
    [
        ({"gpu": "H100", "provider": "gcp"}, 8),
        ({"gpu": "H100", "provider": "nebius"}, 1),
        ({"gpu": "H100"}, 1),
        ({"gpu": "H100", "provider": "gcp", "usd_per_gpu_hour": 4.0}, 8),  # a price of one's own, the same machines
        ({"gpu": "H100", "provider": "my-own-cloud", "usd_per_gpu_hour": 4.0}, 1),
        ({"usd_per_gpu_hour": 4.0}, 1),
    ],
)
def test_the_size_of_a_node(fields: dict[str, object], size: int) -> None:
    assert node_size(Fleet.model_validate(fields)) == size


def test_the_log_counts_the_gpus_that_are_paid() -> None:
    outlook = case(usd_per_gpu_hour="0.01", gpus_per_node="8", gpus_per_replica="3").outlooks[0].started_on(0)
    first = next(fleet_events(outlook.prospect, outlook.course.path, outlook.course.row))
    assert first.text == "1 replicas, 8 GPUs rented at the busiest hour"
