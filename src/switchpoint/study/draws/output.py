"""Findings as JSON: the base case, and what many draws add to it."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from switchpoint.clock import NEVER, Clock
from switchpoint.notes import CHANCE
from switchpoint.result import Json
from switchpoint.scenario.policy import WATCHING
from switchpoint.study.draws.findings import ADVISED, POLICY, Finding, Findings, Played
from switchpoint.study.draws.sentence import sentence
from switchpoint.study.draws.spread import Days, Money, probability

NOT_PLAYED = dict.fromkeys(WATCHING)
"""The policies that there may be nothing to say of: they watch a limit, and a project under way is not staged."""


def as_json(findings: Findings, *, notes: bool = True) -> Json:
    """The result of the base case, with the verdict, dates and candidates of many draws.

    `dates` and `candidates` are there only with draws. Dates are `datetime.date`; a quantile that is not reached
    within the horizon is None. Money is present value in dollars; `error` is a standard error.
    """
    whole = findings.base.as_json(notes=notes)
    told = {
        **whole,
        "seed": findings.worlds.seed,
        "draws": findings.draws,
        "verdict": _verdict(findings),
        "dates": _dates(findings),
        "candidates": {name: _candidate(found) for name, found in findings.candidates.items()},
    }
    told["notes"] = [note for note in told["notes"] if note["code"] != CHANCE]
    told["monthly"] = told.pop("monthly")
    return told


def _dates(findings: Findings) -> Json:
    """When the limit is reached and the monitor warns; None without a limit."""
    named = ("threat", "warning")
    return {name: spread(getattr(findings, name), findings.clock) if findings.limited else None for name in named}


def _verdict(findings: Findings) -> Json:
    best = findings.verdict.candidate
    if best is None:
        return findings.base.verdict_json(findings.verdict, sentence(findings), NEVER, None)
    found = findings.candidates[best.name]
    live, saving = found.cutover(ADVISED).p50, found.saving(ADVISED).mean
    return {
        **findings.base.verdict_json(findings.verdict, sentence(findings), live, saving),
        "npv_saving_usd_median": found.saving(ADVISED).p50,
        "start_by_range": [findings.base.date(day) for day in findings.start_by_range or (NEVER, NEVER)],
        "probability_in_time": found.in_time[0] if findings.limited else None,
        "probability_saves": found.saves(ADVISED)[0],
        "levers": {"start": findings.levers.start, "each": [asdict(lever) for lever in findings.levers.each]},
    }


def _candidate(found: Finding) -> Json:
    clock, weighed = found.weighed.outlook.clock, found.weighed
    saving, error = found.saving_by_start
    chance = weighed.chance_in_time().tolist() if found.limited else [None] * len(weighed.searched)
    return {
        "start_by": spread(found.start_by, clock),
        "crossover": spread(found.crossover, clock),
        **_course(found, POLICY, clock),
        "best_start": _date(weighed.best, clock),
        "in_time": found.in_time_share(found.followed.cutover[:, ADVISED]),
        "regret_usd": {**NOT_PLAYED, **found.regret},
        "staged": _staged(found),
        "policies": {**NOT_PLAYED, **{name: _policy(found, played) for name, played in found.policies.items()}},
        "waiting_usd": {f"{months}_months": asdict(money) for months, money in found.waiting.items()},
        "days_late": _late(found) if found.limited else None,
        "advised": {
            "start": _date(weighed.judged, clock),
            "binds": weighed.start_by.binds,
            "probability_in_time": found.in_time[0] if found.limited else None,
            **_course(found, ADVISED, clock),
        },
        "by_start": [
            {
                "start": clock.date_of(day),
                "npv_saving_usd": float(saving[i]),
                "error": float(error[i]),
                "probability_in_time": chance[i],
            }
            for i, day in enumerate(weighed.searched)
        ],
    }


def _staged(found: Finding) -> Json | None:
    """Preparing early and committing late; None for a project under way, and without a limit."""
    staging = found.staging
    return (
        None
        if staging is None
        else {
            "saving_usd": staging.saving,
            "in_time": staging.in_time,
            "probability_commits": staging.commits,
            "preparation_usd": staging.preparation,
        }
    )


def _policy(found: Finding, played: Played) -> Json:
    """What one policy saves, and how often it is in time."""
    saving = asdict(Money.of(played.saving))
    return {
        "saving_usd": {name: saving[name] for name in ("mean", "p10", "p50", "p90")},
        "in_time": found.in_time_share(played.cutover),
        "probability_saves": probability(played.saving > 0)[0],
    }


def _course(found: Finding, column: int, clock: Clock) -> Json:
    share, error = found.saves(column)
    return {
        "cutover": spread(found.cutover(column), clock),
        "break_even": spread(found.break_even(column), clock),
        "npv_saving_usd": asdict(found.saving(column)),
        "probability_saves": share,
        "probability_saves_error": error,
    }


def _late(found: Finding) -> Json:
    """By how many days a start today is live after the threat, of all draws; 0 where it is in time."""
    p10, p50, p90 = (int(each) for each in found.late_quantiles)
    return {"p10": p10, "p50": p50, "p90": p90, "probability": float((found.late > 0).mean())}


def spread(days: Days, clock: Clock) -> dict[str, Any]:
    """A date over all draws as JSON."""
    dated = {name: _date(getattr(days, name), clock) for name in ("p10", "p50", "p90")}
    return {**dated, "probability": days.probability, "error": days.error}


def _date(day: int, clock: Clock) -> Any:
    return clock.date_or_none(day)
