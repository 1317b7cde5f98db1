"""What is allowed but seldom meant: figures that belong to the GPU before it was changed."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from switchpoint.scenario.errors import Path, dotted
from switchpoint.scenario.notes import Note
from switchpoint.scenario.overrides import ORIGIN
from switchpoint.scenario.reading import Source

OF_A_GPU = {
    "usd_per_gpu_hour": "rent",
    "purchase_usd_per_gpu": "price",
    "requests_per_second_per_replica": "capacity",
    "benchmark": "load test",
}
"""Fields of a fleet that hold for one kind of GPU."""


def cautions(source: Source, changed: Iterable[Path] | None = None) -> Iterator[Note]:
    """One note for each figure that stays as stated while its GPU is changed.

    Args:
        source: the scenario with what was set for this run.
        changed: paths whose values are changed; left out, those that were set for this run.
    """
    known = {path for path, (shown, _) in source.places.items() if shown == ORIGIN} if changed is None else {*changed}
    for path in sorted(path for path in known if path[-2:] == ("fleet", "gpu")):
        fleet = source.tree["candidates"][path[1]]["fleet"]
        kept = [name for name in OF_A_GPU if name in fleet and (*path[:-1], name) not in known]
        if kept:
            words = " and ".join(OF_A_GPU[name] for name in kept)
            yield Note(
                "of-the-gpu-before",
                path,
                f"{dotted(path)} is changed, but {' and '.join(kept)} stay{'s' * (len(kept) == 1)} as stated for "
                f"the GPU before; for the {words} of the new one, set {'it' if len(kept) == 1 else 'them'} too, "
                "or take that out of the file",
            )
