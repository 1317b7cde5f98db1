"""What is told of draws: one start in one document, the choice and the base case beside the advice, every policy."""

import math
import re
from functools import cache
from typing import Any

import pytest

from switchpoint.decision.case import simulate
from switchpoint.decision.result import JudgedWorld
from switchpoint.export.data_files import draw_page
from switchpoint.export.text_pages import draws_page
from switchpoint.review.build import build_review
from switchpoint.review.context import Subject
from switchpoint.study.draw_results import DrawFindings
from switchpoint.study.draw_sentence import before_the_best, beside_the_choice, beside_the_curve, sentence
from switchpoint.study.draw_survey import ADVISED, POLICY
from switchpoint.study.draws import Worlds
from switchpoint.study.monte_carlo import MonteCarlo
from switchpoint.study.reasons import study
from switchpoint.text import day, usd
from tests.small_worlds import API, merged, priced, scenario, with_candidates

GROWS: dict[str, Any] = {"usage": {"growth": {"curve": "compound", "per_month": {"low": 0.03, "high": 0.12}}}}
LATE = merged(
    API,
    priced(0.05),
    {"usd_per_month": 300, "quality_usd_per_1000_requests": 0.55, "project": {"training_days": 60}},
)
"""It keeps the limit of $600 a month, but pays only long after that is reached at fast growth."""
UNDER_WAY = merged(API, {"project": {"started": "2026-12-15", "training_days": 30}})


@cache
def found(policy: str = "") -> DrawFindings:
    chosen = {"decision": {"policy": policy}} if policy else {}
    return MonteCarlo(64, 1, 1).study(
        spec := scenario(GROWS, chosen, with_candidates(late=LATE)), JudgedWorld(simulate(spec))
    )


def test_beside_draws_the_base_case_starts_when_these_advise() -> None:
    findings = found()
    due = findings.verdict.start_by
    assert due != findings.base.verdict.start_by
    assert findings.shown.case.outlook("late").project_start == due
    assert findings.shown.verdict.candidate is findings.shown.case.outlook("late")
    assert findings.shown.case.threat == findings.base.case.threat


def test_no_page_names_the_start_of_the_base_case_but_the_one_that_says_why_they_differ() -> None:
    findings = found()
    other = day(findings.clock.date_of(findings.base.verdict.start_by))
    told = {
        page.key: " ".join([page.title, *page.text, *(fact.value for fact in page.facts)])
        for page in build_review(Subject(findings.base, findings)).pages
    }
    assert [key for key, text in told.items() if other in text] == ["verdict"]
    assert f"The base case says: start late by {other}" in told["verdict"]


def test_a_start_before_the_best_one_says_why() -> None:
    weighed = found().candidates["late"].weighed
    assert weighed.start_by.binds == "limit"
    assert weighed.start_by.day < weighed.best
    assert "to be in time in 80 %" in before_the_best(found().candidates["late"])


def test_a_chosen_policy_is_told_beside_the_advice_with_its_own_saving() -> None:
    findings = found("never")
    followed = findings.candidates["late"].followed_starts
    assert (followed.saving[:, POLICY] == 0).all()
    assert "As you chose, no project starts" in beside_the_choice(findings)
    assert beside_the_choice(findings) in draws_page(findings)
    assert usd(float(followed.saving[:, ADVISED].mean())) not in beside_the_choice(findings)
    assert beside_the_choice(found()) == ""
    assert findings.shown is findings.base  # pictures follow the choice


def test_the_middle_saving_stands_beside_the_average() -> None:
    findings = found()
    money = findings.candidates["late"].saving(ADVISED)
    assert money.p50 != money.mean
    assert f"{usd(money.mean)} on average, in half of the draws more than {usd(money.p50)} (" in sentence(findings)


def test_what_real_growth_lifts_is_told_with_what_does_not_follow_it() -> None:
    wander = {"sd_per_month": 0.001, "half_life_months": 1, "jumps_per_year": 0.5, "jump_mean": 0.3, "jump_sd": 0.0}
    wanders = {"usage": {"growth": {"curve": "compound", "per_month": 0.05, "wander": wander}}}
    share = {"limit": {"share_of_revenue": 0.1}, "revenue": {"usd_per_month": 9_000}}

    def told(*changes: dict[str, Any]) -> str:
        spec = scenario(*changes, with_candidates(late=LATE))
        return beside_the_curve(MonteCarlo(8, 1, 1).study(spec, JudgedWorld(simulate(spec))))

    # 730 days from the first to the last of 24 months: half a jump a year, each by e^0.3.
    lift = math.exp(0.5 * 730 / 365.25 * (math.exp(0.3) - 1))
    assert told(wanders).startswith(f"Expected usage on the last day is {lift:.1f} times that of the curve")
    assert "does not follow it" not in told(wanders)
    assert "revenue that is stated by the month does not follow it" in told(wanders, share)
    assert told(GROWS) == ""


def test_a_project_under_way_beside_one_that_is_not_has_no_staged() -> None:
    spec = scenario(GROWS, with_candidates(late=LATE, begun=UNDER_WAY))
    page = draws_page(MonteCarlo(8, 1, 1).study(spec, JudgedWorld(simulate(spec))))
    rows = [line.split("  ") for line in page.splitlines() if line.startswith("begun ")]
    assert sum("–" in [cell.strip() for cell in row] for row in rows) >= 2  # what it saves, and its regret


@pytest.mark.parametrize(("policy", "said"), [("lead", True), ("staged", True), ("warn", False)])
def test_one_draw_says_whose_length_its_policy_goes_by(policy: str, said: bool) -> None:
    spec = scenario(GROWS, {"decision": {"policy": policy}}, with_candidates(late=LATE))
    worlds = Worlds(spec, 1)
    page = draw_page(worlds, 0, JudgedWorld(simulate(spec)))
    assert ("by the length of the project in this draw" in page) is said


DEAR = merged(API, {"project": {"training_days": 60, "usd_one_off": 60_000}})
THRESHOLD = re.compile(r"is gone if|price cut|If .* (fall|rise)s? |requests a day \(|decide again at|changes from")


@pytest.mark.parametrize("candidate", [merged(API, priced(0.05)), DEAR], ids=["acts", "stays"])
def test_a_threshold_beside_draws_is_said_to_be_of_the_base_case(candidate: dict[str, Any]) -> None:
    slow = {"usage": {"growth": {"curve": "compound", "per_month": {"low": 0.0, "high": 0.01}}}}
    spec = scenario(slow, with_candidates(only=candidate))
    base = JudgedWorld(simulate(spec))
    subject = Subject(base, MonteCarlo(8, 1, 1).study(spec, base), study(base))
    pages = {page.key: page for page in build_review(subject).pages}
    lines = [subject.sentence, *pages["verdict"].bullets]
    lines += [f"{fact.label} {fact.value}; {fact.note}" for fact in pages["verdict"].facts]
    told = [line for line in lines if THRESHOLD.search(line)]
    assert len(told) >= 2
    assert [line for line in told if "base case" not in line] == []
    assert "base case" in pages["changes"].title + " ".join(pages["changes"].text)
    alone = Subject(base, None, subject.why)  # without draws all is of the base case, and nobody has to say so
    assert "base case" not in " ".join([alone.sentence, *build_review(alone).pages[0].bullets])
