"""A second, slow reading of the definitions, for tests only.

The product integrates flows between events; the twin ticks: one day after another, and one hour after another where a
fleet is sized, in plain loops over plain numbers. It shares nothing with the product but the scenario objects, so where
both agree, either both read the definitions (docs/model.md and docs/decisions) the same way or one reader misled the
other in writing. `tick` recomputes the base case of a scenario.

It reads prices only where the scenario states them, capacities only where they were measured, and no named hourly
profiles: what comes from a catalogue is tested elsewhere.
"""

from tests.twin.decision import tick

__all__ = ["tick"]
