"""Small files of usage and a scenario for them, made by hand."""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path

import numpy as np
from pandas import DataFrame, date_range

from switchpoint.owndata.own_fit import OwnFit
from switchpoint.owndata.reading import UsageRead, read_usage
from switchpoint.scenario.load import Loaded, load

LAST = date(2026, 9, 27)
WEEK = np.array([1.2, 1.2, 1.2, 1.2, 1.2, 0.6, 0.4])
MODEL = "gpt-5.4-mini"
IN, CACHED, OUT = 0.75, 0.075, 4.5
"""What the catalogue lists for it, dollars per million tokens."""
SCENARIO = """\
# Ours.
name = "Ours"
start = 2027-01-01                    # planned
months = 24

[usage]
requests_per_day = 10_000             # guessed
input_tokens = 1_000                  # guessed
output_tokens = 200
[usage.growth]
per_month = 0.1                       # guessed, too

[revenue]
usd_per_month = 50_000
growth_per_month = 0.02

[limit]
usd_per_month = 1_000                 # what the board allows

[current]
provider = "openai"
model = "gpt-5.4-mini"                # since spring

[candidates.cheaper]
kind = "api"
usd_per_mtok = { input = 0.1, output = 0.4 }
[candidates.cheaper.project]
engineers = 2
engineers_in_house = 1
hiring_weeks = { low = 8, high = 12 }
usd_per_engineer_month = 10_000
examples = 2_000
labels_per_day = 100
usd_per_iteration = 100
training_days = 2
evaluation_days = 5
pass_probability = [0.7]
shadow_days = 7
ramp_days = 7
"""


def usage_table(
    days: int = 280, growth: float = 0.06, level: float = 10_000.0, noise: float = 0.0, seed: int = 0
) -> DataFrame:
    """Days that end on LAST; `level` requests on the day after, 1,000 tokens in (300 of them cached) and 200 out."""
    when = date_range(LAST - timedelta(days=days - 1), periods=days, freq="D")
    months = (np.arange(days) - days + 0.5) / 30.4375
    chance = np.exp(noise * np.random.default_rng(seed).standard_normal(days) - noise**2 / 2)
    requests = np.round(level * (1 + growth) ** months * WEEK[when.day_of_week] * chance)
    table = DataFrame({"date": when.strftime("%Y-%m-%d"), "model": MODEL, "requests": requests})
    table["input_tokens"], table["cached_tokens"], table["output_tokens"] = (
        1000 * requests,
        300 * requests,
        200 * requests,
    )
    table["cost_usd"] = requests * (700 * IN + 300 * CACHED + 200 * OUT) / 1e6
    return table


def reading(folder: Path, table: DataFrame) -> UsageRead:
    """The table, written and read."""
    return read_usage([written(folder, table)])


def written(folder: Path, table: DataFrame) -> Path:
    """The file of a table."""
    path = folder / "usage.csv"
    table.to_csv(path, index=False)
    return path


def own_scenario(folder: Path, text: str = SCENARIO) -> Loaded:
    """The scenario, read from its file."""
    path = folder / "ours.toml"
    path.write_text(text, encoding="utf-8")
    return load(path)


def own_fit(folder: Path, table: DataFrame, loaded: Loaded | None = None) -> OwnFit:
    """The fit of a table."""
    return OwnFit.of(reading(folder, table), None if loaded is None else loaded.scenario)
