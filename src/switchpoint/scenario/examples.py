"""Scenarios to start from: a short commented one, and the examples that are shipped."""

from __future__ import annotations

import tomllib
from datetime import date
from importlib.resources import files
from pathlib import Path as File

from switchpoint.scenario.errors import Fault, Path, ScenarioError
from switchpoint.scenario.words import did_you_mean, show
from switchpoint.scenario.writing import updated

STARTER = """\
#:schema switchpoint.schema.json
# For completion in an editor: switchpoint schema > switchpoint.schema.json
name = {name}
summary = "What is paid today, what could replace it, and what that takes"
start = {start}                    # first simulated day
months = 36                           # horizon, calendar months

# Wherever a number may be uncertain, say so: {{ low = 0.06, high = 0.14 }} is a 90 % range.

[usage]
requests_per_day = 60_000             # level at the start
input_tokens = 2_400                  # per request, cached ones included
cached_input_share = 0.3              # part of the input billed at the cached price
output_tokens = 350                   # per request
weekday_profile = [1, 1, 1, 1, 1, 0.4, 0.3]   # Monday first
hourly_profile = "office"             # flat, office, global, or 24 weights
[usage.growth]
curve = "compound"                    # constant, linear, compound, logistic, bass or history
per_month = {{ low = 0.05, high = 0.12 }}

[revenue]
usd_per_month = 90_000
growth_per_month = 0.02

[limit]                               # what threatens unit economics; the tightest binds. Without a limit to keep,
                                      # leave the table out: the advice is then about money alone
share_of_revenue = 0.15
# usd_per_month = 20_000
# usd_per_1000_requests = 4

[current]                             # what is paid today
provider = "openai"
model = "gpt-5.4-mini"                # priced from the catalogue; or usd_per_mtok = {{ input = 0.75, output = 4.5 }}

[candidates.own-8b]                   # what could replace it: kind = "api", "hosted" or "gpu"
kind = "gpu"
coverage = 0.9                        # share of requests that it takes over
[candidates.own-8b.model]
base = "llama-3.1-8b"
precision = "fp8"
[candidates.own-8b.fleet]
gpu = "L40S"                          # rented at the catalogue's price; or state usd_per_gpu_hour
ttft_p95_s = 1.0                      # latency promise: time to the first token
tpot_p95_s = 0.05                     # and per output token
[candidates.own-8b.project]
engineers = 2
usd_per_engineer_month = 16_000
examples = 5_000                      # labelled examples
labels_per_day = 200
usd_per_example = 0.4
usd_per_iteration = 500
training_days = 2
evaluation_days = 7
pass_probability = [0.4, 0.6]         # of iteration 1, and of 2 and later
shadow_days = 14
ramp_days = 14
[candidates.own-8b.upkeep]
engineers = 0.5
retrain_every_months = 4

[decision]
policy = "warn"                       # never, now, warn, best, or a date
discount_rate_per_year = 0.1
"""
_FILES: tuple[Path, ...] = (("extends",), ("usage", "growth", "file"))


def starter_text(name: str) -> str:
    """A short scenario with comments, which begins today."""
    text = STARTER.format(name='"scenario"', start=date.today().isoformat())
    return updated(text, {("name",): name})


def examples() -> dict[str, File]:
    """The shipped examples by name: those of the installed package, or of a checkout."""
    package = File(str(files("switchpoint")))
    folders = (package / "shipped" / "scenarios", package.parents[1] / "scenarios")
    folder = next((folder for folder in folders if folder.is_dir()), None)
    return {file.stem: file for file in sorted(folder.glob("*.toml"))} if folder else {}


def example_text(name: str) -> str:
    """The text of a shipped example; files that it refers to are named by their full path.

    Raises:
        ScenarioError: for a name that no example has.
    """
    known = examples()
    file = known.get(name.removesuffix(".toml"))
    if file is None:
        hint = did_you_mean(name, known) or (f"; there are {', '.join(known)}" if known else "; there are none")
        raise ScenarioError([Fault("--from", 1, "", f"names no example: {show(name)}{hint}")])
    text = file.read_text(encoding="utf-8")
    tree = tomllib.loads(text)
    return updated(text, {path: str(file.parent / stated) for path in _FILES if (stated := _at(tree, path))})


def _at(tree: object, path: Path) -> str | None:
    for key in path:
        tree = tree.get(key) if isinstance(tree, dict) else None
    return tree if isinstance(tree, str) else None
