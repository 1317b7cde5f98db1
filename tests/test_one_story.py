"""One session, one story: every page speaks of one start of one candidate, names it, and does not contradict itself."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import date
from functools import cache
from pathlib import Path
from types import SimpleNamespace

import pytest

from switchpoint.charts.bill import bill_lines, bill_note, drawn_paths, limited_bill, project_spending
from switchpoint.charts.projects import plan_words
from switchpoint.charts.takeaways import label_of
from switchpoint.charts.vega import LIGHT
from switchpoint.decision.case import simulate
from switchpoint.decision.clauses import between
from switchpoint.decision.result import JudgedWorld
from switchpoint.decision.verdict import Action
from switchpoint.export.text_pages import page
from switchpoint.review.alternatives import alternatives
from switchpoint.review.base_case_pages import headline, verdict_page
from switchpoint.review.context import Subject
from switchpoint.review.sign_page import risks
from switchpoint.scenario.catalogue_check import load_checked
from switchpoint.scenario.toml_writer import REMOVED
from switchpoint.simulation.ledger import Component
from switchpoint.simulation.tried_hardware import Hardware, HardwareReplica, fit_hardware, fleets, replica
from switchpoint.study.draw_sentence import lever_rows
from switchpoint.study.monte_carlo import MonteCarlo
from switchpoint.study.preparation import PreparationGain, PreparationGains
from switchpoint.text import day, usd
from switchpoint.ui.candidate_cards import card, plan_card, staying
from switchpoint.ui.pages.decide_page import badge, dates
from switchpoint.ui.pages.serving_page import changes, costs
from tests.small_worlds import API, growing, merged, priced, result, with_candidates

FOLDER = Path(__file__).resolve().parent.parent / "scenarios"
STORIES = sorted(path.stem for path in FOLDER.glob("*.toml"))


@cache
def story(name: str, *changes: str) -> JudgedWorld:
    return JudgedWorld(simulate(load_checked(FOLDER / f"{name}.toml", list(changes)).scenario))


def spoken(told: JudgedWorld, number: int) -> str:
    return day(told.case.clock.date_of(number))


def facts(told: JudgedWorld) -> dict[str, tuple[str, str]]:
    return {fact.label: (fact.value, fact.remark) for fact in dates(told)}


def test_thresholds_of_a_base_case_that_advises_otherwise_are_told_as_its_own() -> None:
    """The page to sign advises what the draws say; where the base case says a plan, its thresholds turn that plan."""
    told = result(with_candidates(half=API))
    drawn = SimpleNamespace(verdict=SimpleNamespace(candidate=SimpleNamespace(name="other"), plan=None))
    wires = [SimpleNamespace(candidate=name, plan=None, sentence=f"If, {name}.") for name in ("other", "half", None)]
    otherwise = Subject(told, drawn, SimpleNamespace(tripwires=wires))
    assert otherwise.base_advises_otherwise
    assert risks(otherwise) == ("If, half.", "If, None.")
    drawn.verdict.candidate.name = "half"
    same = Subject(told, drawn, SimpleNamespace(tripwires=wires))
    assert not same.base_advises_otherwise
    assert len(risks(same)) == 3


def test_a_lever_that_changes_nothing_is_not_told() -> None:
    lever = PreparationGain("hiring now", "hiring from today", 0.0, 0.0, 0.0, 0.0)
    levers = [lever, replace(lever, usd=1_000.0, text="two"), replace(lever, days=3.0, text="three")]
    rows = lever_rows(SimpleNamespace(levers=PreparationGains(each=tuple(levers))))
    assert [text for text, _ in rows] == ["two:", "three:"]


@pytest.mark.parametrize("name", STORIES)
class TestEveryStory:
    def test_the_sentence_names_the_first_day(self, name: str) -> None:
        assert "(as of 1 January 2027)" in story(name).sentence

    def test_sentence_card_headline_and_page_give_one_saving_of_one_start(self, name: str) -> None:
        told = story(name)
        best = told.shown.verdict.candidate
        if best is None:
            return
        advised = told.verdict.plan or best
        saved = usd(advised.npv_saving)
        assert advised.project_start == told.verdict.start_by
        assert f"saves {saved} in present value" in told.sentence
        shown = card(told.shown, best, None) if told.verdict.plan is None else plan_card(told.shown, advised, None)
        assert f"Saves] \\{saved} in present value" in shown
        assert saved in [fact.value for fact in verdict_page(Subject(told)).facts]
        assert re.search(rf"^{advised.name} .*{re.escape(saved)}", page(told), re.MULTILINE)

    def test_every_card_names_its_start(self, name: str) -> None:
        shown = story(name).shown
        for outlook in shown.case.outlooks:
            text = card(shown, outlook, None)
            if outlook.project_start < shown.case.clock.days:
                assert f":gray[Started] {spoken(shown, outlook.project_start)}, " in text
            else:
                assert ":gray-badge[not started]" in text

    def test_no_badge_of_the_limit_stands_without_its_dates(self, name: str) -> None:
        shown = story(name).shown
        for outlook in shown.case.outlooks:
            text = card(shown, outlook, None)
            assert "keeps the limit" not in text
            if outlook.limit_again < shown.case.clock.days:
                assert f"until {spoken(shown, outlook.limit_again)}" in text

    def test_the_bill_that_is_drawn_holds_no_project_money(self, name: str) -> None:
        shown = story(name).shown
        for outlook in drawn_paths(shown):
            whole = outlook.ledger.total - outlook.ledger.capital
            whole[-1] += outlook.ledger.end_credit
            parts = limited_bill(outlook) + project_spending(outlook)
            for beside in (Component.QUALITY, Component.CURRENT_LEAVING):
                parts = parts + outlook.ledger.entries.get(beside, 0.0)
            assert parts == pytest.approx(whole)
            drawn = [line.name for line in bill_lines(shown, LIGHT)]
            assert (f"{label_of(outlook)}: project" in drawn) is bool(project_spending(outlook).any())

    def test_no_price_is_gone_by_a_hundred_percent(self, name: str) -> None:
        assert "100 % cheaper" not in story(name).sentence


class TestBridge:
    """The bridge is live early, so its card is of a start today."""

    def test_its_card_and_the_sentence_give_one_date(self) -> None:
        shown = story("code-assistant").shown
        bridge = shown.verdict.bridge
        text = card(shown, bridge, None)
        assert ":blue-badge[bridge]" in text
        assert "1 January 2027, as the bridge" in text
        assert f":gray[Live] {spoken(shown, bridge.cutover)}" in text
        assert f"bridge with hosted-open, live on {spoken(shown, bridge.cutover)}" in shown.sentence
        assert f"below its limit from {spoken(shown, bridge.cutover)} until" in text

    def test_the_plan_of_the_base_case_stands_beside_what_the_draws_advise(self) -> None:
        told = story("code-assistant")
        findings = MonteCarlo(64, 0, 1).study(told.case.scenario, told)
        rows = [row.name for row in alternatives(Subject(told, findings))]
        assert findings.verdict.plan is None
        assert rows[:3] == [
            "own-120b, advised",
            "Stay as it is",
            "bridge-then-own, the plan that the base case advises",
        ]
        assert sum("bridge-then-own" in name for name in rows) == 1

    def test_one_answer_is_advised_and_a_saving_that_reads_the_same_is_told_once(self) -> None:
        told = story("code-assistant")
        best, plan = told.shown.verdict.candidate, told.verdict.plan
        assert ":blue-badge[advised in the plan]" in card(told.shown, best, None)
        assert usd(plan.npv_saving) == usd(best.npv_saving)
        assert told.sentence.count(f"saves {usd(best.npv_saving)}") == 1
        assert f" more than {best.name} alone; " in told.sentence
        other = story("cascade-of-three")  # $612k against $505k
        assert " more than hosted-open alone, which saves $505k" in other.sentence


class TestStay:
    """Nothing is started, so nothing is said to be live."""

    def test_cards_name_the_start_they_assume(self) -> None:
        shown = story("early-prototype").shown
        assert "1 January 2027, were it started today" in card(shown, shown.case.outlooks[0], None)
        assert plan_words(shown).startswith("Were it started today, own-8b would be live on")

    def test_no_fact_is_of_a_cutover(self) -> None:
        assert {"Cutover", "Break-even", "Start by"}.isdisjoint(facts(story("early-prototype").shown))


class TestChosen:
    """A date that was chosen carries the whole page."""

    LATER = "decision.policy=2027-09-01"

    def test_headline_sentence_card_plan_and_page(self) -> None:
        told = story("support-copilot", self.LATER)
        shown = told.shown
        (own,) = shown.case.outlooks
        saved = usd(own.npv_saving)
        assert own.project_start == told.case.clock.day_of(date(2027, 9, 1))
        assert told.sentence.startswith("As you chose, projects start on 1 September 2027 (as of 1 January 2027)")
        assert (
            f"own-8b, started on 1 September 2027 and live on {spoken(told, own.cutover)}, saves {saved}"
            in told.sentence
        )
        assert "the advice is to start own-8b now, which saves $589k" in told.sentence
        assert headline(Subject(told)) == f"As you chose: own-8b started on 1 September 2027 saves {saved}"
        assert badge(shown) == "Your choice"
        assert f"\\{saved} in present value" in card(shown, own, None)
        assert "1 September 2027, as you chose" in card(shown, own, None)
        assert plan_words(shown).startswith("Started on 1 September 2027, own-8b is live on")
        assert "Start by" not in facts(shown)
        assert facts(shown)["Cutover"][0] == spoken(told, own.cutover)

    def test_the_price_of_keeping_the_limit_is_not_told_where_it_is_not_kept(self) -> None:
        """A box that keeps the limit, if it is started in time: in the last month it is live too late, and costs."""
        slow = merged(API, {"project": {"usd_one_off": 9_000, "shadow_days": 20}})
        limits = {"limit": {"usd_per_month": 500.0}}
        told = {
            start: result(limits, growing(0.03), {"decision": {"policy": start}}, with_candidates(slow=slow)).sentence
            for start in ("2028-12-31", "2027-03-01")
        }
        assert "and does not bring the bill below its limit" in told["2028-12-31"]
        assert "more than staying" in told["2028-12-31"]
        assert "price of keeping the limit" not in told["2028-12-31"]
        assert "(the price of keeping the limit) and keeps the bill below" in told["2027-03-01"]

    def test_never(self) -> None:
        told = story("support-copilot", "decision.policy=never")
        assert told.sentence.startswith("As you chose, no project starts (as of 1 January 2027): own-8b is not started")
        assert headline(Subject(told)) == "As you chose, own-8b is not started"
        assert "not started" in card(told.shown, told.shown.case.outlooks[0], None)

    def test_choosing_what_is_advised_changes_no_word_of_the_advice(self) -> None:
        told = story("support-copilot", "decision.policy=2027-01-01")
        assert told.sentence == story("support-copilot").sentence


class TestStayingCard:
    def test_it_is_dated(self) -> None:
        assert ":orange-badge[over its limit from 30 September 2027]" in staying(story("support-copilot").shown)


class TestServing:
    def test_a_thousand_requests_cost_what_the_stated_capacity_says(self) -> None:
        """2 a second at $3.60 an hour, half busy: 3,600 requests an hour for $3.60."""
        assert HardwareReplica(None, None, 3.6).usd_per_1000(0.5, 2.0) == pytest.approx(1.0)
        assert HardwareReplica(None, None, 3.6).usd_per_1000(0.5, 0.0) is None

    def test_a_replica_that_is_alone_pays_its_whole_node(self) -> None:
        """Eight GPUs for $28.80 an hour hold four replicas of 3,600 requests an hour each."""
        node = HardwareReplica(None, None, 28.8, holds=4, paid=8)
        assert node.usd_per_1000(0.5, 2.0) == pytest.approx(2.0)
        assert node.usd_per_1000(0.5, 2.0, replicas=1) == pytest.approx(8.0)
        told = {fact.label: (fact.value, fact.remark) for fact in costs(node, 0.5, 2.0, 2)}
        best = "2 requests a second, $29 an hour for 8 GPUs sold together, 4 replicas on them, 50 % busy all day"
        assert told == {
            "1,000 requests at best": ("$2.00", best),
            "1,000 requests, one replica alone": ("$8.00", "all 8 GPUs are paid for it"),
        }

    @pytest.mark.parametrize(
        ("each", "node", "holds", "paid"), [(1, None, 1, 1), (1, 2, 2, 2), (3, 8, 2, 8), (5, 8, 1, 8), (4, 2, 1, 4)]
    )
    def test_the_price_is_that_of_the_nodes_that_are_paid(
        self, monkeypatch: pytest.MonkeyPatch, each: int, node: int | None, holds: int, paid: int
    ) -> None:
        """$3 a GPU-hour and a tenth on top, whatever a replica carries."""
        monkeypatch.setattr("switchpoint.simulation.tried_hardware.capacity", lambda asked: None)
        told = story("voice-agent")
        spec = fleets(told.case.scenario)["own-8b"]
        stated = {"usd_per_gpu_hour": 3.0, "gpus_per_replica": each, "gpus_per_node": node, "provider": None}
        one = replica(told.case.scenario.usage, spec.model_copy(update={"fleet": spec.fleet.model_copy(update=stated)}))
        assert (one.holds, one.paid, one.usd_per_hour) == (holds, paid, pytest.approx(3.3 * paid))

    def test_the_node_of_the_old_hardware_goes_with_it(self) -> None:
        found = fleets(story("voice-agent").case.scenario)["own-8b"]
        spec = found.model_copy(update={"fleet": found.fleet.model_copy(update={"gpus_per_node": 2})})
        other = Hardware("llama-3.1-8b", "fp8", "L4", 1)
        assert (spec.fleet.gpus_per_node, fit_hardware(spec, other).fleet.gpus_per_node) == (2, None)
        assert changes("own-8b", other)["candidates", "own-8b", "fleet", "gpus_per_node"] is REMOVED


class TestWords:
    def test_a_tie_of_equal_one_offs_gives_no_reason(self) -> None:
        one, two = merged(API, priced(0.40)), merged(API, priced(0.401))
        told = result(growing(0.05), with_candidates(one=one, two=two))
        assert "tie with" in told.sentence
        assert "smaller one-off" not in told.sentence

    def test_nothing_spent_is_not_paid_back_after_no_months(self) -> None:
        told = result(growing(0.05), with_candidates(half=API))
        text = card(told.shown, told.shown.case.outlooks[0], None)
        assert "$0.00" not in text
        assert "0 months" not in text

    def test_a_saving_that_no_price_ends_is_said_so(self) -> None:
        told = result(growing(0.05), with_candidates(free=merged(API, priced(0.0))))
        assert "no price cut of today's API would change that" in told.sentence

    def test_a_small_limit_keeps_its_digits(self) -> None:
        assert [usd(x) for x in (0.002, 0.0123, 0.05, 0.25)] == ["$0.002", "$0.012", "$0.05", "$0.25"]

    def test_a_constant_unit_cost_is_told_once(self) -> None:
        told = result({"usage": {"requests_per_day": 7}, "current": {"usd_per_mtok": {"input": 3.375, "output": 1.0}}})
        line = next(line for line in page(told).splitlines() if line.startswith("Per 1,000 requests"))
        assert line.split() == ["Per", "1,000", "requests", "$3.38"]

    def test_a_range_of_months(self) -> None:
        assert between(2.0, 3.0) == "two to three months"
        assert between(1.5, 4.0) == "1.5 to four months"
        assert between(1.0, 1.0) == "one month"

    def test_the_note_of_the_bill_says_what_is_apart(self) -> None:
        assert "no part of the bill" in bill_note(story("support-copilot").shown)


class TestCliffs:
    """An input that only moves the limit never turns "start" into "do nothing"."""

    @pytest.mark.parametrize(
        ("name", "path", "before", "after"),
        [
            ("code-assistant", "usage.growth.per_month", 0.08, 0.0837),
            ("voice-agent", "revenue.usd_per_month", 390_000, 388_000),
            ("support-copilot", "revenue.usd_per_month", 76_000, 75_000),
        ],
    )
    def test_the_action_stays_a_start_and_the_money_near(
        self, name: str, path: str, before: float, after: float
    ) -> None:
        both = [story(name, f"{path}={value}") for value in (before, after)]
        acts = {told.verdict.action for told in both}
        assert acts <= {Action.START_BY, Action.START_NOW, Action.LATE}
        saved = [told.shown.verdict.candidate.npv_saving for told in both]
        names = {told.verdict.candidate.name for told in both}
        assert len(names) == 1
        assert saved[1] == pytest.approx(saved[0], rel=0.1)


def test_starts_are_not_called_in_time_where_nothing_keeps_the_limit() -> None:
    """The bill is over it from the first day: the span of starts is one of money alone."""
    told = story("support-copilot", "limit={usd_per_month=100}")
    assert told.verdict.as_good is not None
    assert "live before the limit" not in told.sentence
