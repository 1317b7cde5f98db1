"""What could be done instead, on the page to sign: what is said of the limit, of starts and of what saves."""

from __future__ import annotations

from switchpoint.decision.result import JudgedWorld
from switchpoint.export.text_pages import page
from switchpoint.review.alternatives import Alternative, alternatives
from switchpoint.review.context import Subject
from switchpoint.review.sign_page import facts_to_sign
from tests.small_worlds import API, BOX, growing, merged, result, with_candidates

BUILT = {"project": {"training_days": 30, "examples": 100, "labels_per_day": 10}}


def by_name(told: JudgedWorld) -> dict[str, Alternative]:
    return {each.name.partition(",")[0].partition(":")[0]: each for each in alternatives(Subject(told))}


class TestALimitThatIsNeverReached:
    """$304 a month against a limit of $600, at constant usage."""

    def test_what_is_never_live_keeps_it_as_staying_does(self) -> None:
        told = by_name(result(with_candidates(box=merged(BOX, BUILT))))
        assert (told["Stage"].start, told["Stage"].live) == ("never commits", "–")
        assert told["Stage"].limit == told["Stay as it is"].limit == told["box"].limit == "kept"

    def test_what_brings_the_bill_over_it_does_not(self) -> None:
        dear = merged(API, {"usd_per_mtok": {"input": 3.0, "output": 3.0}})
        assert by_name(result(with_candidates(dear=dear)))["dear"].limit == "not kept"

    def test_what_keeps_it_for_a_while_says_until_when(self) -> None:
        """Half of $304 a month and a fee of $500: over $700 once usage has grown by a third."""
        dear = {**API, "usd_per_month": 500}
        told = result({"limit": {"usd_per_month": 700.0}}, growing(0.03), with_candidates(flat=dear))
        until = told.shown.case.outlook("flat").limit_kept.until
        assert by_name(told)["flat"].limit == f"kept from 1 January 2027 until {Subject(told).day(until)}"

    def test_nor_is_a_chosen_start_that_never_comes_told_as_over_it(self) -> None:
        told = result({"decision": {"policy": "warn"}}, with_candidates(box=merged(BOX, BUILT)))
        facts = {fact.label: (fact.value, fact.note) for fact in facts_to_sign(Subject(told))}
        assert facts["Bill below its limit"] == ("to the end", "not live; staying keeps it")
        row = next(line for line in page(told).splitlines() if line.startswith("box "))
        assert " no " not in row


class TestStartsThatAPlanGives:
    """Two steps that each save: the plan starts them, by themselves one of them would start elsewhere."""

    def test_a_candidate_is_listed_by_itself_with_the_start_that_the_plan_gives_it(self) -> None:
        easy = merged(API, {"coverage": 0.5, "usd_per_mtok": {"input": 0.2, "output": 0.2}})
        steps = [{"candidate": "whole", "start": "now"}, {"candidate": "easy", "start": "2027-03-01"}]
        plans = {"months": 14, "plans": {"p": {"steps": steps}}}
        told = result(plans, with_candidates(whole=merged(API, {"project": {"usd_one_off": 30.0}}), easy=easy))
        assert told.verdict.plan is not None
        names = [each.name for each in alternatives(Subject(told))]
        assert names == [
            "p, the plan advised",
            "Stay as it is",
            *(f"{n}, alone, as the plan starts it" for n in ("whole", "easy")),
        ]
        assert "start it is given: steps of the plan as it starts them\n" in page(told)

    def test_no_bridge_is_told_of_where_there_is_none(self) -> None:
        def heads(told: JudgedWorld) -> str:
            (line,) = (line for line in page(told).splitlines() if line.startswith("Candidates, each"))
            return line.partition(": ")[2]

        assert heads(result(with_candidates(half=API))) == "as advised"
        dear = merged(API, {"usd_per_mtok": {"input": 3.0, "output": 3.0}})
        both = with_candidates(half=API, dear=dear)
        assert heads(result(both)) == "as advised, others by their own best date, today where they have none"
        assert heads(result(with_candidates(dear=dear))) == "by their own best date, today where they have none"
