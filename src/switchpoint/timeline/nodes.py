"""Nodes: how many GPUs are paid where they are only sold together."""

from __future__ import annotations

import numpy as np

from switchpoint.clock import Floats
from switchpoint.scenario.candidate import Fleet


def gpus_paid(fleet: Fleet, replicas: Floats) -> Floats:
    """GPUs that are paid for whole numbers of replicas, of their shape.

    Those that they take; or, of GPUs that are only sold in nodes, those of the fewest nodes that hold them.
    """
    holds, paid = sold_together(fleet)
    if holds == 1:
        return replicas * paid
    gpus: Floats = np.ceil(replicas / holds) * paid
    return gpus


def sold_together(fleet: Fleet) -> tuple[int, int]:
    """Replicas that share what is sold together, and the GPUs that are paid for them.

    A node holds floor(its GPUs/GPUs of a replica); a replica larger than a node takes whole nodes to itself.
    """
    each, node = fleet.gpus_per_replica, fleet.gpus_per_node or 1
    return max(1, node // each), node * -(-each // node)
