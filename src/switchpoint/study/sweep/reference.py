"""The reference page of study files, and of the columns of what a sweep writes."""

from __future__ import annotations

from switchpoint.scenario.reference import reference
from switchpoint.study.sweep.columns import BASE_OUTPUTS, DRAWS_OUTPUTS, KEYS
from switchpoint.study.sweep.schema import Study

OPENING = """\
# Study files

*Written by `python -m switchpoint.docs` from the schema; `switchpoint schema --sweep` prints the same for editors.*

A study file says which scenarios `switchpoint sweep` varies and how. Keys that are not listed here are refused, each
with its line and the name that was probably meant. `extends = "other.toml"` lays a study over another one.
[Sweeps](sweeps.md) tells how to use it.
"""
COLUMNS_OPENING = """\
## Columns

One row for each point and candidate, one for a point of a scenario without candidates. After the keys come the inputs
that vary, each under its path, then the results: their path in `switchpoint run --json`, the name of the candidate left
out (`base.candidates.own-8b.cutover` is `base.candidates.cutover` in the row whose `candidate` is `own-8b`). Lists of
tables, such as `monthly`, become one list for each of their keys; `sources` is JSON text. Where an input takes values
of several kinds, or uncertain ones, its column holds them as a scenario file would write them.

| column | type |
|---|---|
"""
TYPES = {
    "text": "string",
    "whole": "int64",
    "number": "double",
    "flag": "bool",
    "date": "date32",
    "texts": "list of string",
    "numbers": "list of double",
    "dates": "list of date32",
}


def study_reference() -> str:
    """The page, in Markdown."""
    only_draws = {name: kind for name, kind in DRAWS_OUTPUTS.items() if name not in BASE_OUTPUTS}
    rows = [f"| `{name}` | {TYPES[kind]} |" for name, kind in {**KEYS, **BASE_OUTPUTS}.items()]
    more = [f"| `{name}` | {TYPES[kind]} |" for name, kind in only_draws.items()]
    draws = "\nWith draws there are these too:\n\n| column | type |\n|---|---|\n"
    return reference(Study, OPENING) + "\n" + COLUMNS_OPENING + "\n".join(rows) + "\n" + draws + "\n".join(more) + "\n"
