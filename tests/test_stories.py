"""The stories that are shipped: each reads as it is meant to, from its verdict down to its monthly table."""

from dataclasses import dataclass
from datetime import date
from functools import cache
from pathlib import Path

import pytest

from switchpoint.catalog import model as open_model
from switchpoint.catalog import training_prices
from switchpoint.decision.candidate_result import CandidateResult
from switchpoint.decision.case import simulate
from switchpoint.decision.result import JudgedWorld
from switchpoint.scenario.candidates import GpuCandidate, HostedCandidate
from switchpoint.scenario.catalogue_check import load_checked
from switchpoint.scenario.routes import PricedRoute
from switchpoint.scenario.toml_writer import examples

FOLDER = Path(__file__).resolve().parent.parent / "scenarios"
DAYS = 10


@dataclass(frozen=True)
class Story:
    """What a story says: dates hold within ten days, dollars within 5 %."""

    action: str
    candidate: str | None
    bill: tuple[float, float]
    threat: date | None = None
    start_by: date | None = None
    live: date | None = None
    saving: float | None = None
    bridge: str | None = None
    binds: str | None = None
    plan: str | None = None


STORIES = {
    "support-copilot": Story(
        "start-now",
        "own-8b",
        bill=(5_530, 97_300),
        threat=date(2027, 9, 30),
        start_by=date(2027, 1, 1),
        live=date(2027, 7, 22),
        saving=588_500,
        binds="money",
    ),
    "document-extraction": Story(
        "start-now",
        "own-14b",
        bill=(16_750, 39_500),
        threat=date(2027, 5, 11),
        start_by=date(2027, 1, 1),
        live=date(2027, 4, 9),
        saving=330_100,
        binds="money",
    ),
    "code-assistant": Story(
        "late",
        "own-120b",
        bill=(82_900, 588_000),
        threat=date(2027, 5, 14),
        start_by=date(2027, 1, 1),
        live=date(2027, 7, 4),
        saving=3_745_000,
        bridge="hosted-open",
        binds="limit",
        plan="bridge-then-own",
    ),
    "voice-agent": Story(
        "start-by",
        "own-8b",
        bill=(21_400, 130_900),
        threat=date(2028, 2, 16),
        start_by=date(2027, 6, 1),
        live=date(2027, 6, 7),
        saving=406_000,
        binds="money",
    ),
    "early-prototype": Story("stay", None, bill=(54, 346)),
    "enterprise-bought-gpus": Story(
        "start-now",
        "bought-70b",
        bill=(108_400, 275_900),
        threat=date(2028, 2, 24),
        start_by=date(2027, 1, 1),
        live=date(2027, 9, 9),
        saving=2_105_000,
        binds="money",
    ),
    "cascade-of-three": Story(
        "start-now",
        "hosted-open",
        bill=(31_900, 62_000),
        threat=date(2027, 12, 8),
        start_by=date(2027, 1, 1),
        live=date(2027, 2, 5),
        saving=613_000,
        binds="money",
        plan="cascade",
    ),
    "tagging-at-volume": Story(
        "start-now",
        "hosted-open",
        bill=(4_500, 11_020),
        start_by=date(2027, 1, 1),
        live=date(2027, 2, 1),
        saving=90_800,
        binds="money",
    ),
    "reasoning-agent": Story(
        "start-now",
        "cheaper-api",
        bill=(9_250, 47_100),
        threat=date(2027, 10, 6),
        start_by=date(2027, 1, 1),
        live=date(2027, 1, 22),
        saving=19_450,
        binds="money",
    ),
    "back-to-an-api": Story(
        "start-now",
        "claude",
        bill=(40_050, 40_050),
        start_by=date(2027, 1, 1),
        live=date(2027, 2, 12),
        saving=738_400,
        binds="money",
    ),
    "nightly-batch-on-spot": Story(
        "start-now",
        "spot-nights",
        bill=(4_720, 7_800),
        start_by=date(2027, 1, 1),
        live=date(2027, 2, 8),
        saving=44_900,
        binds="money",
    ),
    "base-load-with-overflow": Story(
        "start-now",
        "base-load",
        bill=(42_000, 59_000),
        start_by=date(2027, 1, 1),
        live=date(2027, 2, 19),
        saving=124_900,
        binds="money",
    ),
}


@cache
def told(name: str) -> JudgedWorld:
    return JudgedWorld(simulate(load_checked(FOLDER / f"{name}.toml").scenario))


def same_day(got: date | None, meant: date | None) -> bool:
    if got is None or meant is None:
        return got is meant
    return abs((got - meant).days) <= DAYS


def about(usd: float) -> object:
    return pytest.approx(usd, rel=0.05)


def test_every_shipped_scenario_is_a_story_told_here() -> None:
    assert set(examples()) == set(STORIES)


def test_every_kind_of_verdict_occurs_that_leaves_something_to_do() -> None:
    assert {story.action for story in STORIES.values()} == {"stay", "start-by", "start-now", "late"}


@pytest.mark.parametrize("name", STORIES)
class TestStory:
    def test_its_first_line_names_the_schema_for_editors(self, name: str) -> None:
        assert (FOLDER / f"{name}.toml").read_text(encoding="utf-8").startswith("#:schema ")

    def test_a_comment_says_what_it_is_about_before_any_number(self, name: str) -> None:
        lines = (FOLDER / f"{name}.toml").read_text(encoding="utf-8").splitlines()
        assert all(line.startswith("#") for line in lines[1:3])

    def test_says_what_is_meant(self, name: str) -> None:
        story, verdict = STORIES[name], told(name).verdict
        assert verdict.action.value == story.action
        assert (verdict.candidate and verdict.candidate.name) == story.candidate
        assert (verdict.bridge and verdict.bridge.name) == story.bridge
        assert verdict.binds == story.binds
        assert (verdict.plan and verdict.plan.name) == story.plan

    def test_dates(self, name: str) -> None:
        story, result = STORIES[name], told(name)
        assert same_day(result.date(result.case.threat), story.threat)
        assert same_day(result.date(result.verdict.start_by), story.start_by)
        best = result.verdict.candidate
        assert same_day(best and result.date(best.milestone("cutover", 0)), story.live)

    def test_bill(self, name: str) -> None:
        base = told(name).as_json()["base"]
        assert (base["bill_at_start_usd"], base["bill_at_end_usd"]) == tuple(map(about, STORIES[name].bill))

    def test_saving(self, name: str) -> None:
        best, meant, plan = told(name).verdict.candidate, STORIES[name].saving, told(name).verdict.plan
        if best is None:
            assert meant is None
        elif plan is not None:
            assert plan.npv_saving == about(meant)
        else:
            assert float(best.starts.saving[best.starts.row(best.starts.advised_start)]) == about(meant)

    def test_the_sentence_names_the_candidate_and_both_dates(self, name: str) -> None:
        story, said = STORIES[name], told(name).as_json()["verdict"]
        for wanted in (story.candidate, story.bridge, spoken(told_date(name, "threat"))):
            assert wanted is None or wanted in said["sentence"]
        if story.action == "start-by":
            assert spoken(said["start_by"]) in said["sentence"]

    def test_dates_hang_together(self, name: str) -> None:
        """The window is 3 to 2 months ahead of the threat, and a start at start-by is live by the threat."""
        result = told(name)
        said, threat = result.as_json()["verdict"], told_date(name, "threat")
        if threat is None:
            assert said["window"] is None
            return
        opens, closes = said["window"]
        assert [round((threat - day).days / 30.4375, 1) for day in (opens, closes)] == [3.0, 2.0]
        if said["action"] in ("start-by", "start-now"):
            best = result.verdict.candidate
            assert result.date(best.milestone("cutover", result.verdict.start_by)) <= threat
        for key in ("label_by", "hire_by"):
            assert said[key] is None or said[key] <= threat

    def test_monthly_sums_are_the_totals(self, name: str) -> None:
        said = told(name).as_json()
        for months, figures_of in (("monthly", "candidates"), ("monthly_advised", "advised")):
            for candidate, figures in said["base"][figures_of].items():
                monthly = sum(row[f"{candidate}_usd"] for row in said[months])
                assert monthly == pytest.approx(figures["total_usd"])

    def test_licences_allow_commercial_use(self, name: str) -> None:
        spec = told(name).case.scenario
        bases = [c.model.base for c in spec.candidates.values() if isinstance(c, GpuCandidate) and c.model]
        assert [base for base in bases if not open_model(base).commercial] == []

    def test_no_candidate_needs_a_fine_tuning_job_that_nobody_takes_any_more(self, name: str) -> None:
        spec = told(name).case.scenario
        closed = {row.provider for row in training_prices() if row.closed_on and row.closed_on <= date(2027, 1, 6)}
        assert closed == {"openai"}
        for candidate in spec.candidates.values():
            trains = isinstance(candidate, HostedCandidate) and candidate.project.training is not None
            assert not (trains and candidate.provider in closed)
            assert not (isinstance(candidate, PricedRoute) and str(candidate.model).startswith("ft:"))

    def test_every_catalogue_price_has_its_source_and_date(self, name: str) -> None:
        sources = told(name).as_json()["sources"]
        assert sources
        assert all(source["source"] and source["date"] for source in sources)


def told_date(name: str, what: str) -> date | None:
    return told(name).as_json()["base"][what]


def spoken(day: date | None) -> str | None:
    return day and f"{day.day} {day:%B %Y}"


def test_with_data_and_people_ready_the_warning_is_enough_and_without_it_is_not() -> None:
    said = told("support-copilot").as_json()["verdict"]
    assert said["label_by"] < said["window"][0]
    assert said["remaining_lead_days"] <= 3 * 30.4375
    ready = "with data and people ready by 1 July 2027, a warning of two to three months is enough"
    assert f"{ready}; waiting for it with labelling and hiring is not" in said["sentence"]


def test_where_training_to_cutover_alone_takes_longer_the_warning_is_late_either_way() -> None:
    said = told("enterprise-bought-gpus").as_json()["verdict"]
    assert said["remaining_lead_days"] > 3 * 30.4375
    assert "waiting for the warning of two to three months is late either way" in said["sentence"]


def test_the_bridge_is_live_before_the_threat_and_no_remedy_itself() -> None:
    result = told("code-assistant")
    bridge = result.verdict.bridge
    assert bridge.milestone("cutover", 0) <= result.case.threat < result.verdict.candidate.milestone("cutover", 0)
    assert not bridge.remedy


def test_buying_beats_renting_and_both_save() -> None:
    result = told("enterprise-bought-gpus")
    bought, rented = result.case.outlook("bought-70b"), result.case.outlook("rented-70b")
    assert bought.present_cost < rented.present_cost < bought.starts.present_stay


def test_hosted_wins_where_a_fleet_of_our_own_loses() -> None:
    result = told("tagging-at-volume")
    own = result.case.outlook("own-8b")
    assert not own.saves
    assert lost_today(own) < -90_000


def test_the_fleet_loses_less_where_engineers_come_for_the_training() -> None:
    """25 days of labelling at a quarter of two engineers' pay: 2 x $15,000 x 25/30.4375 x 3/4 = $18,480 less.

    So it loses $100k started today, no longer $118k.
    """
    spec = told("tagging-at-volume").case.scenario
    own = spec.candidates["own-8b"]
    paid = own.model_copy(update={"project": own.project.model_copy(update={"staffing": "with-project"})})
    dear = simulate(spec.model_copy(update={"candidates": {**spec.candidates, "own-8b": paid}})).outlook("own-8b")
    saved = lost_today(told("tagging-at-volume").case.outlook("own-8b")) - lost_today(dear)
    assert saved == pytest.approx(2 * 15_000 * 25 / 30.4375 * 0.75, rel=0.005)  # discounted by two weeks on average
    assert lost_today(dear) < -100_000


def lost_today(outlook: CandidateResult) -> float:
    """What starting today saves; below 0 it loses."""
    return float(outlook.starts.saving[outlook.starts.row(0)])


def test_a_prototype_stays_until_it_is_many_times_larger() -> None:
    result = told("early-prototype")
    assert 10 < result.flips_at / result.case.level < 100
    assert "today's" in result.sentence


def test_with_no_remedy_what_saves_is_started_for_its_money() -> None:
    result = told("reasoning-agent")
    assert result.verdict.remedy is False
    assert "saves $19k" in result.sentence
    assert "below its limit from 22 January 2027 until 10 November 2027" in result.sentence
    assert "no candidate keeps it below" in result.sentence


def test_spot_gpus_by_the_night_save_and_those_kept_all_day_do_not() -> None:
    case = told("nightly-batch-on-spot").case
    assert [outlook.saves for outlook in case.outlooks] == [True, False]
    nights = case.outlook("spot-nights").prospect.carrier.full
    assert nights.replica_hours[0] / 4 == pytest.approx(1.7, abs=0.1)  # four replicas on the machine of eight
    assert nights.gpu_hours[0] / 8 == pytest.approx(2.0, abs=0.1)  # with its start


def test_the_base_load_saves_most_with_the_machine_of_eight_and_a_fleet_for_the_peak_nothing() -> None:
    case = told("base-load-with-overflow").shown.case
    base, peak = (case.outlook(name) for name in ("base-load", "for-the-peak"))
    assert base.overflow_share == pytest.approx(0.2, abs=0.05)
    assert peak.saving(0) < 0 < base.saving(0)
    beside = []
    for replicas in (3, 5):
        settings = [f"candidates.base-load.fleet.fixed_replicas={replicas}"]
        loaded = load_checked(FOLDER / "base-load-with-overflow.toml", settings)
        beside.append(simulate(loaded.scenario).outlook("base-load").saving(0))
    assert 0.9 * base.saving(0) < max(beside) < base.saving(0)
