"""What differs between scenarios, the scenarios in between, and what people call the differences."""

from collections.abc import Sequence
from datetime import date
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from switchpoint.scenario.diff import Change, causes, differences, mix_scenarios
from switchpoint.scenario.labels import both, phrase, short_phrase
from switchpoint.scenario.schema import Scenario
from tests.scenario_strategies import boundary, scenarios
from tests.small_worlds import API, BOX, Table, growing, merged, scenario, with_candidates

JUMP = {"date": date(2027, 6, 1), "factor": 1.4}
CUT = {"date": date(2027, 9, 1), "factor": 0.6}
NO_CASE: Table = {}


def any_scenario() -> st.SearchStrategy[Scenario]:
    return st.one_of(scenarios(), boundary())


def told(*overlays: Table, base: Table = NO_CASE) -> list[str]:
    """The phrases for what differs between the base and the base with overlays."""
    return [phrase(cause) for cause in causes(differences(scenario(base), scenario(base, *overlays)))]


def grouped(before: Table, after: Table) -> list[list[str]]:
    """The paths of each cause."""
    return [[c.name for c in cause.changes] for cause in causes(differences(scenario(before), scenario(after)))]


class TestDifferences:
    @given(any_scenario())
    @settings(max_examples=40)
    def test_a_scenario_does_not_differ_from_itself_however_it_is_spelt(self, one: Scenario) -> None:
        assert differences(one, one) == ()
        spelt = Scenario.model_validate(one.model_dump())
        assert differences(spelt, Scenario.model_validate(spelt.model_dump())) == ()
        chosen = "policy" in one.decision.model_fields_set  # a policy is a choice only where it is stated
        assert [change.path for change in differences(one, spelt)] == ([] if chosen else [("decision", "policy")])

    @given(any_scenario(), any_scenario())
    @settings(max_examples=40)
    def test_what_differs_between_two(self, one: Scenario, other: Scenario) -> None:
        """Scenarios take longer to draw than to compare, so each pair is asked all questions."""
        changes = differences(one, other)
        self.all_changes_make_the_other_and_none_makes_the_one(one, other, changes)
        self.the_other_way_round_is_the_mirror(changes, differences(other, one))
        self.every_change_is_in_one_cause_and_has_words(changes)

    def all_changes_make_the_other_and_none_makes_the_one(
        self, one: Scenario, other: Scenario, changes: Sequence[Change]
    ) -> None:
        every = mix_scenarios(one, other, [change.path for change in changes])
        none = mix_scenarios(one, other, [])
        assert every is not None
        assert none is not None
        assert differences(every, other) == ()
        assert differences(none, one) == ()

    def the_other_way_round_is_the_mirror(self, there: Sequence[Change], back: Sequence[Change]) -> None:
        assert len(there) == len(back)
        assert [(c.before, c.after) for c in there if not _listed(c.path)] == [
            (c.after, c.before) for c in sorted(back, key=lambda c: _place(there, c.path)) if not _listed(c.path)
        ]

    def every_change_is_in_one_cause_and_has_words(self, changes: Sequence[Change]) -> None:
        found = causes(changes)
        assert sorted(c.name for cause in found for c in cause.changes) == sorted(c.name for c in changes)
        for cause in found:
            assert phrase(cause).startswith(short_phrase(cause))
            assert "\n" not in phrase(cause)
        for change in changes:
            before, after = both(change.before, change.after, change.field)
            assert before != after

    @pytest.mark.parametrize(
        ("one", "other"),
        [
            ({"months": 36}, {}),
            ({"usage": {"growth": {"per_month": 0}}}, {"usage": {"growth": {"per_month": 0.0}}}),
            ({"usage": {"input_tokens": {"low": 900, "high": 900}}}, {"usage": {"input_tokens": 900}}),
            ({"current": {"batch_share": 0.0}}, {}),
            ({"start": date(2027, 1, 1)}, {"start": "2027-01-01"}),
            ({"name": "one", "summary": "of two"}, {"name": "other"}),
            ({"usage": {"events": [JUMP, CUT]}}, {"usage": {"events": [CUT, JUMP]}}),
        ],
    )
    def test_another_spelling_is_no_difference(self, one: Table, other: Table) -> None:
        one, other = merged({"months": 36}, one), merged({"months": 36}, other)
        assert differences(scenario(one), scenario(other)) == ()

    def test_elements_of_lists_are_matched_by_what_they_are(self) -> None:
        one = scenario({"usage": {"events": [JUMP, CUT]}})
        other = scenario({"usage": {"events": [CUT]}})
        (gone,) = differences(one, other)
        assert (gone.name, gone.kind, gone.after) == ("usage.events.0", "removed", None)
        (come,) = differences(other, one)
        assert (come.name, come.kind, come.before) == ("usage.events.1", "added", None)

    def test_candidates_are_matched_by_name(self) -> None:
        one, other = scenario(with_candidates(a=API, b=BOX)), scenario(with_candidates(b=BOX, c=API))
        assert [(c.name, c.kind) for c in differences(one, other)] == [
            ("candidates.a", "removed"),
            ("candidates.c", "added"),
        ]
        (kind,) = differences(scenario(with_candidates(a=API)), scenario(with_candidates(a=BOX)))
        assert (kind.name, kind.kind) == ("candidates.a", "changed")

    def test_what_makes_no_valid_scenario_is_none(self) -> None:
        one = scenario()
        share = Table(limit={"share_of_revenue": 0.1}, revenue={"usd_per_month": 6_000})
        other = Scenario.model_validate({**merged(scenario().model_dump(), share), "limit": share["limit"]})
        paths = [change.path for change in differences(one, other)]
        assert ("revenue", "usd_per_month") in paths
        assert mix_scenarios(one, other, [path for path in paths if path[0] == "limit"]) is None
        assert mix_scenarios(one, other, [path for path in paths if path[0] == "revenue"]) is not None


def _listed(path: tuple[Any, ...]) -> bool:
    return any(isinstance(step, int) for step in path)


def _place(changes: Any, path: Any) -> int:
    return next((i for i, change in enumerate(changes) if change.path == path), len(changes))


class TestCauses:
    def test_what_makes_sense_alone_stands_alone(self) -> None:
        found = grouped({}, {"months": 12, "usage": {"input_tokens": 9}, "limit": {"usd_per_month": 5.0}})
        assert found == [["months"], ["usage.input_tokens"], ["limit.usd_per_month"]]

    def test_another_curve_takes_its_numbers_along(self) -> None:
        logistic = {"usage": {"growth": {"curve": "logistic", "per_month": 0.2, "ceiling": 9e4}}}
        assert grouped(growing(0.1), logistic) == [
            ["usage.growth.curve", "usage.growth.per_month", "usage.growth.ceiling"]
        ]
        assert grouped(growing(0.1, fade_per_month=0.1), growing(0.2)) == [
            ["usage.growth.per_month"],
            ["usage.growth.fade_per_month"],
        ]

    def test_route_and_price_go_together(self) -> None:
        named = {"current": {"provider": "openai", "model": "gpt-5.4-mini"}}
        assert grouped({}, {"current": {"usd_per_mtok": {"input": 2, "output": 3}}}) == [
            ["current.usd_per_mtok.input", "current.usd_per_mtok.output"]
        ]
        assert grouped({}, named) == [["current.provider", "current.model"]]

    def test_hardware_and_its_rent_go_together(self) -> None:
        rented = Table(kind="gpu", fleet={"gpu": "L4", "requests_per_second_per_replica": 1, "usd_per_gpu_hour": 1})
        dearer = merged(rented, {"fleet": {"usd_per_gpu_hour": 2, "requests_per_second_per_replica": 3}})
        bigger = merged(dearer, {"fleet": {"gpu": "H100"}})
        fleet = "candidates.own.fleet."
        assert grouped(with_candidates(own=rented), with_candidates(own=dearer)) == [
            [f"{fleet}usd_per_gpu_hour"],
            [f"{fleet}requests_per_second_per_replica"],
        ]
        (together,) = grouped(with_candidates(own=rented), with_candidates(own=bigger))
        assert together == [
            f"{fleet}gpu",
            f"{fleet}usd_per_gpu_hour",
            f"{fleet}requests_per_second_per_replica",
        ]

    def test_another_kind_of_limit_is_one_cause(self) -> None:
        one, other = {"limit": {"usd_per_month": 5.0}}, {"limit": {"usd_per_month": 6.0, "usd_per_1000_requests": 2.0}}
        assert grouped(one, other) == [["limit.usd_per_month", "limit.usd_per_1000_requests"]]

    def test_a_candidate_by_another_name_is_one_cause(self) -> None:
        assert grouped(with_candidates(a=API), with_candidates(b=API)) == [["candidates.a", "candidates.b"]]
        assert told(with_candidates(), base=NO_CASE) == []
        one, other = scenario(with_candidates(a=API)), scenario(with_candidates(b=API))
        assert [phrase(cause) for cause in causes(differences(one, other))] == ["another name for a (b)"]

    def test_one_event_is_one_cause(self) -> None:
        later = {**JUMP, "date": date(2027, 8, 1), "factor": 1.2}
        assert grouped({"usage": {"events": [JUMP, CUT]}}, {"usage": {"events": [CUT, later]}}) == [
            ["usage.events.0.date", "usage.events.0.factor"]
        ]


class TestWords:
    @pytest.mark.parametrize(
        ("overlay", "base", "words"),
        [
            (growing(0.05), growing(0.0917), "slower growth of usage (5 % a month instead of 9.17 %)"),
            ({"months": 36}, {}, "a longer horizon (36 months instead of 24)"),
            ({"start": "2027-04-01"}, {}, "a later first day (1 April 2027 instead of 1 January 2027)"),
            (
                {"usage": {"requests_per_day": 60_000}},
                {},
                "higher usage at the start (60,000 requests a day instead of 10,000)",
            ),
            ({"limit": {"usd_per_month": 500.0}}, {}, "a lower limit ($500 a month instead of $600)"),
            ({"usage": {"events": [JUMP]}}, {}, "the jump of usage (×1.4 from 1 June 2027)"),
            ({"usage": {"events": []}}, {"usage": {"events": [JUMP]}}, "no jump of usage (×1.4 from 1 June 2027)"),
            (
                {"current": {"price_changes": [CUT]}},
                {},
                "the price cut of today's API (×0.6 from 1 September 2027)",
            ),
            (
                {"usage": {"events": [{**JUMP, "factor": 1.5}]}},
                {"usage": {"events": [JUMP]}},
                "another event of usage (×1.5 instead of ×1.4)",
            ),
            (
                {"current": {"usd_per_mtok": {"input": 0.5, "output": 0.075}}},
                {},
                "lower token prices of today's API ($0.50 instead of $1 in and $0.075 instead of $1 out)",
            ),
            (
                {"current": {"provider": "openai", "model": "gpt-5.4-nano"}},
                {"current": {"provider": "openai", "model": "gpt-5.4-mini"}},
                "another model of today's API (gpt-5.4-nano instead of gpt-5.4-mini)",
            ),
            ({"usage": {"hourly_profile": "office"}}, {}, "another hourly profile (office instead of flat)"),
            (with_candidates(own=API), {}, "the added candidate own (api $0.50 in, $0.50 out)"),
            ({"decision": {"policy": "now"}}, {}, "another policy (now; left out before)"),
            (
                {"usage": {"input_tokens": {"low": 500, "high": 2000}}},
                {},
                "another input per request (500 to 2,000 tokens a request (middle 1,000) instead of 1,000 tokens a "
                "request)",
            ),
            (
                {"current": {"commitments": [{"usd_per_month": 2000, "discount": 0.1}]}},
                {},
                "an added commitment of today's API ($2,000 a month for 10 % off)",
            ),
        ],
    )
    def test_phrases(self, overlay: Table, base: Table, words: str) -> None:
        assert told(overlay, base=base) == [words]

    @pytest.mark.parametrize(
        ("overlay", "base", "words"),
        [
            ({"coverage": 0.8}, {}, "lower coverage of own (80 % instead of 100 %)"),
            (
                {"project": {"labels_per_day": 150}},
                {},
                "another labelling of own (150 examples a day; left out before)",
            ),
            (
                {"project": {"hiring_weeks": {"low": 6, "high": 16}}},
                {},
                "slower hiring of own (9.8 weeks instead of 0)",
            ),
            (
                {"project": {"pass_probability": [0.5, 0.6]}},
                {"project": {"pass_probability": [0.35, 0.5]}},
                "higher odds of passing the evaluation of own (0.5, 0.6 instead of 0.35, 0.5)",
            ),
            ({"project": {"engineers": 1}}, {}, "more engineers on the project of own (1 person instead of 0 people)"),
        ],
    )
    def test_phrases_of_a_candidate(self, overlay: Table, base: Table, words: str) -> None:
        before = with_candidates(own=merged(API, base))
        assert told({"candidates": {"own": overlay}}, base=before) == [words]

    def test_numbers_that_look_the_same_get_more_digits(self) -> None:
        (change,) = differences(
            scenario({"usage": {"input_tokens": 0.1234567}}), scenario({"usage": {"input_tokens": 0.1234568}})
        )
        assert both(change.before, change.after, change.field) == (
            "0.1234567 tokens a request",
            "0.1234568 tokens a request",
        )
