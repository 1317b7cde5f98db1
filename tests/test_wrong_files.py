"""Files that are wrong in ways that can be read all the same: each is refused or noted in one line."""

from datetime import date, timedelta
from pathlib import Path

import pytest

from switchpoint.catalog.hardware import gathered_on
from switchpoint.decision.case import simulate
from switchpoint.decision.notes import load_notes, result_notes
from switchpoint.scenario.catalogue_check import load_text_checked
from switchpoint.scenario.stated_notes import history_doubts
from switchpoint.text import day
from tests.test_notes import head, own, refused

FLEET = "usd_per_gpu_hour = 1.1, requests_per_second_per_replica = 2.6"
START = date(2027, 1, 1)
MONDAY = date(2026, 9, 7)


def notes(text: str) -> list[str]:
    return [f"{note.code}: {note.sentence}" for note in load_notes(load_text_checked(text).scenario)]


def prices(**usd: float) -> str:
    return f"usd_per_mtok = {{ {', '.join(f'{kind} = {price:.9f}' for kind, price in usd.items())} }}"


@pytest.mark.parametrize(
    ("current", "told"),
    [
        (prices(input=4.5, output=0.75), "output costs less than input, $0.75 against $4.5; are they swapped?"),
        (
            prices(input=0.75, cached_input=4.5, output=5),
            "cached_input costs more than input, $4.5 against $0.75; are they swapped?",
        ),
        (
            prices(input=0.00075, output=0.0045),
            "input is $0.00075 per million tokens, less than any model is sold for; is it by the thousand tokens?",
        ),
        (
            prices(input=75, output=450),
            "input is $75 per million tokens, more than nearly any model is sold for; is it in cents?",
        ),
        (prices(input=0.75, output=4.5) + "\nretry_share = 5", "retry_share is 5, which is 500 %; 5 % is 0.05"),
    ],
)
def test_prices_in_another_unit_are_noted(current: str, told: str) -> None:
    assert notes(head("", current)) == [f"unit: {told}"]


def test_percent_for_a_share_is_noted_wherever_it_is_allowed() -> None:
    assert notes(head("per_month = 8")) == ["unit: per_month is 8, which is 800 %; 8 % is 0.08"]
    assert notes(head('curve = "linear", per_month = 8')) == [], "requests a day"
    assert notes(head() + own(f"{FLEET}, overhead_share = 10")) == [
        "unit: overhead_share is 10, which is 1,000 %; 10 % is 0.1"
    ]
    assert "coverage: must be from 0 to 1; got 90" in refused(head() + own() + "coverage = 90\n")


def test_a_slip_of_the_unit_stands_above_the_verdict() -> None:
    (note,) = load_notes(load_text_checked(head("per_month = 8")).scenario)
    assert note.turns
    assert note.path == ("usage", "growth", "per_month")


@pytest.mark.parametrize(("usd", "unit"), [("95", "hour or day"), ("200_000", "year")])
def test_an_engineer_of_another_time_is_noted(usd: str, unit: str) -> None:
    (told,) = notes(head() + own(project=f"engineers = 2, usd_per_engineer_month = {usd}"))
    assert told.endswith(f"is it by the {unit}?")


def test_labels_by_the_thousand_are_noted() -> None:
    labels = "examples = 10, usd_per_example = {}"
    told = "unit: usd_per_example is $1.0k for each example to label; is it for many of them?"
    assert notes(head() + own(project=labels.format(1_000))) == [told]
    assert notes(head() + own(project=labels.format(50))) == []


@pytest.mark.parametrize(("year", "told"), [(2037, "10 years after"), (2019, "8 years before")])
def test_a_first_day_that_is_years_away_is_noted(year: int, told: str) -> None:
    newest = gathered_on()
    spoken = f"the catalogue's newest rents, of {day(newest)}; is the year meant?"
    (note,) = load_notes(load_text_checked(head().replace("2027", str(year))).scenario)
    assert note.path == ("start",)
    assert note.sentence == f"the first day, 1 January {year}, is {told} {spoken}"
    assert notes(head().replace("2027", str(newest.year + 4))) == []


class TestRequestsByTheMonth:
    """2,400 and 350 tokens cost 0.3375 cents: 60,000 requests a day come to $6,164 a month."""

    def told(self, text: str) -> list[str]:
        found = result_notes(simulate(load_text_checked(text).scenario))
        return [note.sentence for note in found if note.path == ("usage", "requests_per_day")]

    def test_a_bill_far_beyond_its_limit_is_noted(self) -> None:
        text = head('curve = "constant"')
        assert self.told(text.replace("20_000", "309")) == []
        assert self.told(text.replace("20_000", "308")) == [
            "the bill begins at $6.2k a month, 20 times its limit; is requests_per_day by the month?"
        ]

    @pytest.mark.parametrize(
        ("share", "revenue", "told"),
        [(0.1, 3_090, []), (0.1, 2_000, ["31 times its limit"]), (10, 200, ["31 times all revenue"])],
    )
    def test_so_is_one_beyond_a_share_of_revenue_or_all_of_it(
        self, share: float, revenue: float, told: list[str]
    ) -> None:
        text = head('curve = "constant"').replace("usd_per_month = 20_000", f"share_of_revenue = {share}")
        found = self.told(f"{text}[revenue]\nusd_per_month = {revenue}\n")
        assert [each.split("month, ")[1].split(";")[0] for each in found] == told


def test_requests_by_the_second_are_noted() -> None:
    text = head().replace("60_000", "0.7")
    assert notes(text) == ["unit: requests_per_day is 0.7, less than one a day; is it by the second?"]


def test_a_promise_in_milliseconds_is_noted() -> None:
    found = notes(head() + own(f"{FLEET}, ttft_p95_s = 500, tpot_p95_s = 50"))
    assert found == [
        "unit: ttft_p95_s is 500 seconds; is it in milliseconds?",
        "unit: tpot_p95_s is 50 seconds; is it in milliseconds?",
    ]


def test_a_rent_far_from_all_that_are_known_is_noted() -> None:
    fleet = 'gpu = "L40S", requests_per_second_per_replica = 2.6, usd_per_gpu_hour = {}'
    (dear,) = notes(head() + own(fleet.format(110)))
    assert dear.startswith("unit: usd_per_gpu_hour is $110, but the catalogue's rents of L40S are $")
    assert dear.endswith("is it in cents, or by the day?")
    (cheap,) = notes(head() + own(fleet.format(0.018)))
    assert cheap.endswith("is it by the minute, or of a part of a GPU?")
    assert notes(head() + own(fleet.format(1.1))) == []


def test_what_says_nothing_beside_a_stated_rent_is_noted() -> None:
    fleet = 'gpu = "L40S", provider = "nebius", spot = true, ' + FLEET
    assert notes(head() + own(fleet)) == [
        "idle: spot changes nothing while usd_per_gpu_hour is stated",
        "idle: provider changes nothing while usd_per_gpu_hour is stated",
    ]


class TestNodes:
    def fleet(self, more: str) -> list[str]:
        return notes(head() + own(f"requests_per_second_per_replica = 2.6, {more}"))

    def test_whole_machines_that_nobody_wrote_are_noted(self) -> None:
        assert self.fleet('gpu = "H100", provider = "gcp"') == [
            "node: own: gcp has H100 only in machines of 8 or more; whole machines are paid, of which a replica takes 1"
        ]
        assert self.fleet('gpu = "H100", provider = "gcp", gpus_per_replica = 8') == []
        assert self.fleet('gpu = "H100", provider = "gcp", gpus_per_node = 8') == []

    def test_a_node_that_changes_nothing_is_noted(self) -> None:
        (told,) = self.fleet("usd_per_gpu_hour = 2, gpus_per_replica = 8, gpus_per_node = 4")
        assert told == "idle: gpus_per_node changes nothing: a replica takes 8 GPUs, whole nodes anyway"
        assert self.fleet('gpu = "H100", provider = "gcp", gpus_per_node = 1') == [], "against the catalogue's 8"

    def test_a_gpu_that_nobody_sells_alone_is_noted(self) -> None:
        (told,) = self.fleet('gpu = "MI300X"')
        assert told.startswith("node: own: no provider of the catalogue has less than 8 of MI300X together")


class TestHistory:
    def days(self, number: int = 84, requests: float = 1_000) -> dict[date, float]:
        return {MONDAY + timedelta(days=i): requests + i % 7 * 10 for i in range(number)}

    def doubts(self, days: dict[date, float]) -> list[str]:
        return list(history_doubts(days, START))

    def test_a_whole_history_is_not_doubted(self) -> None:
        assert self.doubts(self.days()) == []

    def test_a_gap(self) -> None:
        days = self.days()
        for i in range(40, 47):
            del days[MONDAY + timedelta(days=i)]
        assert self.doubts(days) == [
            "the history has gaps: 7 days are missing, 17 October 2026 first; weeks that lack a day do not count"
        ]

    def test_a_last_day_that_is_not_over(self) -> None:
        days = self.days()
        days[max(days)] = 120
        assert self.doubts(days) == [
            "the last day, 29 November 2026, has 120 requests where that day of the week had 1,060; is it complete?"
        ]

    def test_a_day_out_of_all_bounds(self) -> None:
        days = self.days()
        days[MONDAY + timedelta(days=35)] = 1_060_000
        assert self.doubts(days) == [
            "12 October 2026 has 1.1M requests, 1,000 times the busiest day of the two weeks around it"
        ]

    def test_a_month_without_a_request(self) -> None:
        days = self.days() | {MONDAY + timedelta(days=i): 0.0 for i in range(28, 42)}
        assert self.doubts(days) == [
            "14 days in a row have no requests, 5 October 2026 first; a week without any does not count"
        ]

    def test_days_to_come(self) -> None:
        (told,) = self.doubts(self.days(140))
        assert told.startswith("the history goes on to 24 January 2027, past the first day")

    def test_a_running_total(self) -> None:
        total = {MONDAY + timedelta(days=i): 1_000.0 * (i + 1) for i in range(84)}
        assert self.doubts(total) == ["requests never fall from one day to the next; is each day a running total?"]
        grown = {MONDAY + timedelta(days=i): 1_000 * 1.03**i for i in range(84)}
        assert self.doubts(grown) == []

    def test_sums_of_weeks_on_every_day(self) -> None:
        sums = {MONDAY + timedelta(days=i): 7_000.0 + 50 * (i // 7) for i in range(80)}
        told = "the seven days of each week have the same requests; is it the week's sum, written on every day?"
        assert told in self.doubts(sums)
        assert told not in self.doubts(sums | {MONDAY: 7_001.0})
        assert told not in self.doubts(dict.fromkeys(sums, 7_000.0)), "steady for ever"
        assert told not in self.doubts({each: sums[each] for each in list(sums)[:20]}), "two whole weeks"

    @pytest.mark.parametrize(("step", "told"), [(7, "one row a week"), (30, "one row a month")])
    def test_a_file_by_week_or_month_is_called_so(self, tmp_path: Path, step: int, told: str) -> None:
        first = [MONDAY + timedelta(days=7 * i) for i in range(30)]
        months = [date(2024 + i // 12, 1 + i % 12, 1) for i in range(30)]
        file = tmp_path / "usage.csv"
        rows = [f"{each},1000" for each in (first if step == 7 else months)]
        file.write_text("\n".join(["date,requests", *rows, ""]))
        text = head(f'curve = "history", file = "{file}"').replace("requests_per_day = 60_000\n", "")
        assert f"has {told}, but a history needs one a day" in refused(text)
