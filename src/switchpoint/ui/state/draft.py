"""What one works on: a scenario of the shelf, and what differs from it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from switchpoint.scenario.errors import Path
from switchpoint.ui.state.changes import Changes, Tree, between, merged, put, value_at


@dataclass(frozen=True)
class Draft:
    """A scenario by its title on the shelf, with the changes that were made to it."""

    scenario: str
    changes: Changes = field(default_factory=dict)

    def tree(self, base: Tree) -> dict[str, Any]:
        """The whole of it, laid over the scenario's own tree."""
        return merged(base, self.changes)

    def with_values(self, base: Tree, values: Mapping[Path, Any]) -> Draft:
        """Some values replaced; one that is put back to what the scenario says is no change."""
        tree = self.tree(base)
        for path, value in values.items():
            put(tree, path, value)
        return self.as_tree(base, tree)

    def without(self, base: Tree, paths: list[Path]) -> Draft:
        """Some values put back to what the scenario says."""
        return self.with_values(base, {path: value_at(base, path) for path in paths})

    def as_tree(self, base: Tree, tree: Tree) -> Draft:
        """The draft that comes to this tree."""
        return replace(self, changes=between(base, tree))
