"""What is spoilt: sound input for every door, small enough that a case takes milliseconds."""

from __future__ import annotations

import json
import tomllib
from datetime import date, timedelta
from functools import cache
from pathlib import Path
from typing import Any

from switchpoint.scenario.toml_writer import examples

SCENARIO = """\
name = "Sound"
start = 2027-01-01
months = 4
[usage]
requests_per_day = 20_000
input_tokens = 2_000
output_tokens = 300
cached_input_share = 0.2
token_growth_per_month = 0.01
weekday_profile = [1, 1, 1, 1, 1, 0.4, 0.3]
hourly_profile = "office"
daily_noise = 0.05
growth = { curve = "compound", per_month = { low = 0.05, high = 0.12 }, fade_per_month = 0.01 }
events = [{ date = 2027-06-01, factor = 1.4, probability = 0.6 }]
[revenue]
usd_per_month = 90_000
growth_per_month = 0.02
[limit]
usd_per_month = 5_000
[current]
usd_per_mtok = { input = 0.75, output = 4.5, cached_input = 0.1 }
price_change_per_year = -0.1
price_shocks_per_year = 0.1
price_shock_factor = { values = [0.5, 0.8], weights = [1, 2] }
commitments = [{ usd_per_month = 100, discount = 0.1, until = 2027-12-31 }]
price_changes = [{ date = 2027-08-01, factor = 0.9 }]
retirement_per_year = 0.2
batch_share = 0.1
batch_discount = 0.5
retry_share = 0.02
[candidates.api]
kind = "api"
usd_per_mtok = { input = 0.3, output = 1.5 }
coverage = 0.9
[candidates.hosted]
kind = "hosted"
endpoint = { usd_per_hour = 4, requests_per_second = 5 }
training_usd_per_mtok = 3
[candidates.own]
kind = "gpu"
[candidates.own.fleet]
requests_per_second_per_replica = 2.0
usd_per_gpu_hour = { low = 0.9, high = 1.4 }
gpus_per_replica = 2
overhead_share = 0.1
min_replicas = 1
spare_replicas = 1
target_utilisation = 0.7
[candidates.own.project]
engineers = 2
engineers_in_house = 1
hiring_weeks = 3
usd_per_engineer_month = 10_000
examples = 1_000
labels_per_day = 90
usd_per_example = 1
training_days = 1.5
pass_probability = [0.4, 0.6]
ramp_days = 10
[candidates.own.upkeep]
engineers = 0.5
retrain_every_months = 6
[candidates.box]
kind = "gpu"
[candidates.box.fleet]
requests_per_second_per_replica = 2.0
purchase_usd_per_gpu = 10_000
lifetime_months = 10
resale_share = 0.1
power_kw_per_gpu = 1
usd_per_kwh = 0.1
[decision]
policy = "best"
discount_rate_per_year = 0.05
warn_months = [1, 6]
"""
LITTLE = """\
start = 2027-01-01
months = 3
[usage]
requests_per_day = 10_000
input_tokens = 1_000
output_tokens = 100
growth = { curve = "compound", per_month = { low = 0.05, high = 0.1 } }
[limit]
usd_per_month = 600
[current]
usd_per_mtok = { input = 1.0, output = 1.0 }
[candidates.cheaper]
kind = "api"
usd_per_mtok = { input = 0.5, output = 0.5 }
"""
"""A scenario for what runs one many times over."""
SETTINGS = (
    *("usage.requests_per_day", "usage.growth.per_month", "usage.events.0.date", "usage.weekday_profile.3", "months"),
    *("current.price_shock_factor.values.0", "current.commitments.0.discount", "current.usd_per_mtok.input", "start"),
    *("candidates.*.coverage", "candidates.own.fleet.requests_per_second_per_replica", "usage..growth", "decision"),
    *("candidates.own.project.labels_per_day", "candidates.own.fleet.target_utilisation", 'candidates."own".kind'),
    *("candidates.own.project.pass_probability.0", "candidates.box.fleet.lifetime_months", "limit.usd_per_month"),
    *("decision.policy", "usage.growth", "usage.events", "usage.events.7", "candidates", "extends", "", ".", '"', "*"),
    *("candidates.own.fleet.benchmark", "usage.growth.file", "usage.growth.files", "candidates.new.kind", "name"),
    *("candidates.own.project.training.flops_utilisation", "usage.hourly_profile", "candidates.*.fleet.spot", "a.b.c"),
    *("usage.growth.per_month.low", "usage.growth.per_month.high", "revenue.growth_per_month", "candidates.*"),
)
"""Paths as one types them, right and wrong."""


@cache
def scenario() -> dict[str, Any]:
    """The small scenario as a tree; it is not to be changed."""
    return tomllib.loads(SCENARIO)


@cache
def stories() -> tuple[dict[str, Any], ...]:
    """The shipped scenarios as trees."""
    return tuple(tomllib.loads(Path(file).read_text(encoding="utf-8")) for file in examples().values())


def study(folder: Path) -> dict[str, Any]:
    """A study of the small scenario, which is written into the folder."""
    (folder / "small.toml").write_text(SCENARIO, encoding="utf-8")
    return {
        "name": "Sound",
        "summary": "A study",
        "scenarios": ["small.toml"],
        "sample": "grid",
        "draws": 8,
        "seed": 3,
        "set": {"months": 12, "usage.input_tokens": 500},
        "outputs": ["*_usd", "status"],
        "vary": [
            {"path": "usage.growth.per_month", "low": 0.02, "high": 0.2, "steps": 3, "scale": "log", "name": "Growth"},
            {"path": "candidates.*.coverage", "values": [0.5, 1.0]},
            {"path": "current.price_changes", "values": [[], [{"date": date(2027, 5, 1), "factor": 0.5}]]},
        ],
    }


@cache
def history() -> bytes:
    """Twenty weeks of usage as a CSV."""
    days = ((date(2026, 7, 6) + timedelta(days=i), 1_000 * 1.003**i) for i in range(140))
    return ("date,requests\n" + "".join(f"{day},{requests:.1f}\n" for day, requests in days)).encode()


@cache
def traces() -> tuple[bytes, ...]:
    """Traces of a dozen requests, in several of the known forms."""
    rows = range(12)
    plain = "arrival_s,input_tokens,output_tokens\n" + "".join(f"{i * 0.5},{100 + i},{10 + i}\n" for i in rows)
    azure = "TIMESTAMP,ContextTokens,GeneratedTokens\n"
    azure += "".join(f"2023-11-16 18:17:{i:02}.9799600,{100 + i},{10 + i}\n" for i in rows)
    burst = "Timestamp,Model,Request tokens,Response tokens\n" + "".join(f"{i},GPT-4,{9 + i},{i + 1}\n" for i in rows)
    return plain.encode(), azure.encode(), burst.encode()


def benchmark() -> dict[str, Any]:
    """The result of a load test."""
    return {
        "backend": "vllm",
        "request_throughput": 3.25,
        "completed": 1_000,
        "duration": 307.7,
        "total_input_tokens": 2_000_000,
        "total_output_tokens": 300_000,
        "mean_ttft_ms": 210.0,
        "p95_ttft_ms": 480.0,
        "mean_tpot_ms": 21.0,
        "ttfts": [0.2, 0.3],
    }


def as_json(tree: Any) -> bytes:
    """A tree as JSON, with the words that Python adds to it for what is no number."""
    return json.dumps(tree, default=str).encode()
