"""Changes that make sense only together, such as provider and model, as one cause of what changes."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from switchpoint.scenario.diff import Change
from switchpoint.scenario.errors import Path


@dataclass(frozen=True)
class Cause:
    """Changes that are made or left together."""

    changes: tuple[Change, ...]
    joined: tuple[Cause, ...] = ()
    """The causes it was made of, where one alone would be no valid scenario."""

    @property
    def paths(self) -> tuple[Path, ...]:
        """Where they stand."""
        return tuple(change.path for change in self.changes)

    def __add__(self, other: Cause) -> Cause:
        return Cause((*self.changes, *other.changes), (*(self.joined or (self,)), *(other.joined or (other,))))


@dataclass(frozen=True)
class Bond:
    """When one of `deciding` changes, so that the others mean something else, all changed `members` are one cause.

    Paths are relative to `root`, in which * is any name. `appearing` decide where they come or go.
    """

    root: Path
    deciding: tuple[Path, ...]
    members: tuple[Path, ...]
    appearing: tuple[Path, ...] = ()

    def bound(self, changes: Sequence[Change]) -> Iterator[list[Change]]:
        """The changes that belong together, root by root."""
        for root in dict.fromkeys(c.path[: len(self.root)] for c in changes if _like(self.root, c.path)):
            inside = [c for c in changes if c.path[: len(root)] == root]
            if any(self._decides(c, c.path[len(root) :]) for c in inside):
                yield [c for c in inside if _within(c.path[len(root) :], self.members)]

    def _decides(self, change: Change, path: Path) -> bool:
        appears = change.kind != "changed" and _within(path, self.appearing)
        return appears or _within(path, self.deciding)


CAPACITY: tuple[Path, ...] = (
    ("fleet", "requests_per_second_per_replica"),
    ("fleet", "benchmark"),
    ("fleet", "gpus_per_replica"),
)
"""What hangs on the model and on the GPU."""
RENT: tuple[Path, ...] = (("fleet", "usd_per_gpu_hour"), ("fleet", "purchase_usd_per_gpu"))
HARDWARE: tuple[Path, ...] = (("fleet", "gpu"), ("fleet", "provider"), ("fleet", "spot"))
OF_HARDWARE: tuple[Path, ...] = (
    *HARDWARE,
    *RENT,
    *CAPACITY,
    ("fleet", "usd_per_gpu_hour_change_per_year"),
    ("fleet", "power_kw_per_gpu"),
    ("fleet", "lifetime_months"),
    ("fleet", "resale_share"),
)
PRICED: tuple[Path, ...] = (("provider",), ("model",), ("usd_per_mtok",))
OF_PRICED: tuple[Path, ...] = (*PRICED, ("max_context",), ("batch_discount",))
SCALING: tuple[Path, ...] = (("fleet", "scaling"), ("fleet", "fixed_replicas"))
BONDS: tuple[Bond, ...] = (
    Bond(("usage", "growth"), (("curve",), ("file",)), ((),)),
    Bond(("limit",), (), ((),), appearing=((),)),
    Bond(("current",), (("usd_per_mtok",),), (("usd_per_mtok",),)),
    Bond(("current",), PRICED[:2], OF_PRICED, appearing=PRICED),
    Bond(("candidates", "*"), (("usd_per_mtok",),), (("usd_per_mtok",),)),
    Bond(("candidates", "*"), PRICED[:2], (*OF_PRICED, *CAPACITY), appearing=PRICED),
    Bond(("candidates", "*"), HARDWARE, OF_HARDWARE, appearing=RENT),
    Bond(("candidates", "*"), SCALING[:1], (*SCALING, ("fleet", "min_replicas")), appearing=SCALING),
    Bond(("candidates", "*"), CAPACITY[1:2], CAPACITY[:2]),
    Bond(("candidates", "*", "project"), (("started",),), (("started",), ("iterations_done",))),
)


def causes(changes: Sequence[Change]) -> tuple[Cause, ...]:
    """The changes in groups that make sense by themselves, each as small as it can be; in the order of the schema.

    Another model and its price are one, as are another GPU and its rent, another growth curve and its numbers, another
    kind of limit, all fields of one event, and a candidate that only changes its name. All else stands alone.
    """
    group = {change.path: change.path for change in changes}
    for together in _together(changes):
        first = group[together[0].path]
        joined = {group[change.path] for change in together}
        group = {path: first if of in joined else of for path, of in group.items()}
    members: dict[Path, list[Change]] = {}
    for change in changes:
        members.setdefault(group[change.path], []).append(change)
    return tuple(Cause(tuple(each)) for each in members.values())


def _together(changes: Sequence[Change]) -> Iterator[list[Change]]:
    elements = {c.path[: i + 1] for c in changes for i, step in enumerate(c.path) if isinstance(step, int)}
    for element in sorted(elements, key=str):
        yield [c for c in changes if c.path[: len(element)] == element]
    for bond in BONDS:
        yield from bond.bound(changes)
    named = [c for c in changes if len(c.path) == 2 and c.path[0] == "candidates"]
    come = [c for c in named if c.kind == "added"]
    for gone in (c for c in named if c.kind == "removed"):
        yield from ([gone, each] for each in come if each.after == gone.before)


def _like(pattern: Path, path: Path) -> bool:
    return len(path) > len(pattern) and all(a in ("*", b) for a, b in zip(pattern, path, strict=False))


def _within(path: Path, roots: Iterable[Path]) -> bool:
    return any(path[: len(root)] == root for root in roots)
