"""What is entered is checked: fields that do nothing are refused, what is worth a look is noted where it is read."""

import json
from collections.abc import Sequence
from datetime import date, timedelta
from pathlib import Path

import pytest
from typer.testing import CliRunner

from switchpoint.cli import program
from switchpoint.decision.case import simulate
from switchpoint.decision.notes import load_notes, mean
from switchpoint.decision.result import JudgedWorld
from switchpoint.scenario.access import Disk
from switchpoint.scenario.catalogue_check import load_text_checked
from switchpoint.scenario.errors import ScenarioError
from switchpoint.scenario.load import Loaded
from switchpoint.scenario.load import load_text as read_text
from switchpoint.scenario.uncertain import Choice, Pert, Range
from switchpoint.text import usd


def load_text(text: str) -> Loaded:
    """A scenario from a text that may name files."""
    return read_text(text, files=Disk())


HEAD = """
start = 2027-01-01
[usage]
requests_per_day = 60_000
input_tokens = 2_400
output_tokens = 350
growth = {{ {growth} }}
[limit]
usd_per_month = 20_000
[current]
{current}
"""
STATED = "usd_per_mtok = { input = 0.75, output = 4.5 }"
OWN = """
[candidates.own]
kind = "gpu"
fleet = {{ {fleet} }}
project = {{ {project} }}
upkeep = {{ {upkeep} }}
"""
FLEET = "usd_per_gpu_hour = 1.1, requests_per_second_per_replica = 2.6"


def head(growth: str = 'curve = "compound", per_month = 0.08', current: str = STATED) -> str:
    return HEAD.format(growth=growth, current=current)


def own(fleet: str = FLEET, project: str = "", upkeep: str = "") -> str:
    return OWN.format(fleet=fleet, project=project, upkeep=upkeep)


def refused(text: str) -> str:
    with pytest.raises(ScenarioError) as caught:
        load_text_checked(text, files=Disk())
    return str(caught.value)


def result(text: str) -> JudgedWorld:
    loaded = load_text_checked(text, files=Disk())
    return JudgedWorld(simulate(loaded.scenario), source=loaded.source)


class TestCapacity:
    """llama-3.1-8b on one L40S carries about 5 requests/s of 2,400 and 350 tokens."""

    def text(self, stated: float) -> str:
        fleet = f'gpu = "L40S", usd_per_gpu_hour = 1.1, requests_per_second_per_replica = {stated}'
        served = 'model = { base = "llama-3.1-8b", precision = "fp8" }\n[decision]\npolicy = "now"\n'
        return head() + own(fleet) + served

    def test_one_stated_too_high_says_what_the_simulated_one_would_take(self) -> None:
        found = result(self.text(156))
        (note,) = found.notes
        assert note.code == "capacity"
        assert note.path == ("candidates", "own", "fleet", "requests_per_second_per_replica")
        assert "is 156 requests/s, " in note.sentence
        assert "promise" not in note.sentence
        simulated = float(note.effect.split()[0])
        loss = found.case.outlook("own").npv_saving - result(self.text(simulated)).case.outlook("own").npv_saving
        assert loss > 0
        assert note.effect == f"{simulated:.3g} requests/s would take {usd(loss)} from its saving of " + usd(
            found.case.outlook("own").npv_saving
        )

    def test_one_stated_too_low_has_no_effect_to_tell(self) -> None:
        (note,) = result(self.text(1)).notes
        assert (note.effect, note.turns) == ("", False)

    def test_one_stated_too_low_takes_nothing_from_a_project_that_a_stated_policy_never_starts(self) -> None:
        """Without a limit no warning fires: with more capacity the project would not start either."""
        text = self.text(1).replace("[limit]\nusd_per_month = 20_000\n", "").replace('"now"', '"warn"')
        text = text.replace("project = {  }", "project = { usd_one_off = 9_000_000 }")
        (note,) = (note for note in result(text).notes if note.code == "capacity")
        assert (note.effect, note.turns) == ("", False)

    def test_a_promise_that_cannot_be_kept_stands_above_the_verdict(self) -> None:
        text = self.text(2.6).replace('gpu = "L40S"', 'gpu = "L40S", ttft_p95_s = 0.05')
        (note,) = result(text).notes
        assert note.turns
        assert "but by the simulation it is 0: llama-3.1-8b in fp8 on 1 x L40S cannot keep the latency" in note.sentence


class TestGrowth:
    def test_growth_without_a_curve_is_compound(self) -> None:
        bare, full = (load_text(head(growth)).scenario for growth in ("per_month = 0.08", COMPOUND))
        assert bare.usage.growth == full.usage.growth
        assert simulate(bare).bill[-1] == simulate(full).bill[-1] > 10 * simulate(bare).bill[0]

    @pytest.mark.parametrize(
        ("growth", "field", "users"),
        [
            ('curve = "compound", per_month = 0.08, ceiling = 100_000', "ceiling", "the logistic curve"),
            ('curve = "linear", per_month = 80, fade_per_month = 0.1', "fade_per_month", "the compound curve"),
            ('curve = "compound", per_month = 0.08, market = 9e5', "market", "the bass curve"),
            ('curve = "constant", per_month = 0.08', "per_month", "the linear, compound or logistic curve"),
            ("ceiling = 100_000", "ceiling", "the logistic curve"),
            ('curve = "linear", per_month = 9, points = [[2027-01-01, 5]]', "points", "the plan curve"),
        ],
    )
    def test_a_field_that_the_curve_does_not_use_is_refused(self, growth: str, field: str, users: str) -> None:
        told = refused(head(growth))
        assert f"scenario.toml:7: usage.growth.{field}: does nothing on the" in told
        assert f"{users} uses it" in told

    def test_a_file_on_another_curve_is_refused(self, tmp_path: Path) -> None:
        file = tmp_path / "u.csv"
        file.write_text("date,requests\n2026-01-01,5\n")
        told = refused(head(f'curve = "compound", per_month = 0.1, file = "{file}"'))
        assert "usage.growth.file: does nothing on the compound curve; the history or plan curve uses it" in told


COMPOUND = 'curve = "compound", per_month = 0.08'


class TestPlan:
    TEXT = head('curve = "plan", points = [[2027-01-11, 60_000], [2027-01-31, 80_000]]').replace(
        "requests_per_day = 60_000\n", ""
    )

    def test_usage_follows_straight_lines_and_is_flat_outside(self) -> None:
        requests = simulate(load_text(self.TEXT).scenario).setting.traffic.requests
        assert requests[0] == requests[10] == 60_000
        assert requests[15] == pytest.approx(65_000)
        assert requests[30] == requests[-1] == 80_000

    def test_a_file_by_month_stands_for_its_middle(self, tmp_path: Path) -> None:
        file = tmp_path / "plan.csv"
        file.write_text("month,requests_per_day\n2027-01,1000\n2027-02,1310\n")
        text = head(f'curve = "plan", file = "{file}"').replace("requests_per_day = 60_000\n", "")
        requests = simulate(load_text(text).scenario).setting.traffic.requests
        assert requests[:15].tolist() == [1000.0] * 15
        assert requests[15] == pytest.approx(1010)
        assert requests[45] == pytest.approx(1310)

    def test_a_level_beside_it_is_refused(self) -> None:
        assert "is said by the plan curve" in refused(head('curve = "plan", points = [[2027-01-11, 60_000]]'))

    @pytest.mark.parametrize(
        ("lines", "told"),
        [
            ("day,requests\n2027-01-01,5\n", "the first line must name date (or month) and requests_per_day"),
            ("date,requests_per_day\nsoon,5\n", "must be a date such as 2027-05-01 or a month"),
            ("date,requests_per_day\n2027-01-01,-5\n", "must be a number, 0 or more"),
            ("date,requests_per_day\n2027-01-01,5\n2027-01-01,6\n", "for the second time"),
            ("date,requests_per_day\n", "has no rows"),
        ],
    )
    def test_bad_files_are_told_by_line(self, tmp_path: Path, lines: str, told: str) -> None:
        file = tmp_path / "plan.csv"
        file.write_text(lines)
        assert told in refused(head(f'curve = "plan", file = "{file}"'))


class TestKinds:
    def test_a_table_of_another_kind_is_named_with_its_kind(self) -> None:
        text = head() + '[candidates.other]\nkind = "api"\n' + STATED + '\nfleet = { gpu = "L40S" }\n'
        told = refused(text)
        assert 'candidates.other.fleet: belongs to candidates of kind gpu; this one is of kind "api"' in told
        assert "is not a known key" not in told

    def test_commitments_belong_to_what_is_paid_by_the_token(self) -> None:
        text = head() + own().replace('kind = "gpu"', 'kind = "gpu"\ncommitments = [{ usd_per_month = 1000 }]')
        assert "commitments: belongs to candidates of kind api or hosted" in refused(text)

    @pytest.mark.parametrize("field", ["power_kw_per_gpu = 0.35", "usd_per_kwh = 0.1", "resale_share = 0.2"])
    def test_power_of_rented_gpus_is_refused(self, field: str) -> None:
        told = refused(head() + own(f"{FLEET}, {field}"))
        assert f"fleet.{field.split(' ')[0]}: does nothing for rented GPUs" in told
        assert "purchase_usd_per_gpu" in told

    def test_rent_of_bought_gpus_is_refused(self) -> None:
        fleet = "purchase_usd_per_gpu = 9000, requests_per_second_per_replica = 2.6, rent_spread = 0.3"
        assert "rent_spread: does nothing for bought GPUs" in refused(head() + own(fleet))


class TestUnpriced:
    TEXT = head() + own(project="engineers = 2, examples = 8_000, labels_per_day = 150", upkeep="engineers = 1")

    def test_people_and_examples_without_a_price_are_noted_with_their_place(self) -> None:
        notes = {note.path[-1]: note for note in load_notes(load_text(self.TEXT).scenario)}
        assert set(notes) == {"engineers", "examples"}
        assert "2 engineers on the project and 1 engineer for upkeep cost nothing" in notes["engineers"].sentence
        assert "usd_per_engineer_month is left out" in notes["engineers"].sentence

    def test_what_a_price_would_change_is_what_it_changes(self) -> None:
        """The effect that is told is the saving without the price less that with it."""
        (note,) = (note for note in result(self.TEXT).notes if note.path[-1] == "examples")
        priced = self.TEXT.replace("examples = 8_000", "examples = 8_000, usd_per_example = 1")
        free, paid = (result(text).shown.case.outlook("own").npv_saving for text in (self.TEXT, priced))
        assert free - paid == pytest.approx(8_000, abs=100)
        assert "$1 an example would take $8.0k from its saving" in note.effect
        assert note.place == "scenario.toml:16"

    def test_a_price_silences_it(self) -> None:
        text = self.TEXT.replace("engineers = 2", "engineers = 2, usd_per_engineer_month = 16_000")
        text = text.replace("examples = 8_000", "examples = 8_000, usd_per_example = 0.4")
        assert load_notes(load_text(text).scenario) == ()

    def test_what_could_turn_the_answer_comes_first(self) -> None:
        notes = result(self.TEXT).notes
        assert [note.turns for note in notes] == sorted((note.turns for note in notes), reverse=True)
        assert notes[0].path[-1] == "engineers"
        assert notes[0].turns

    def test_power_without_its_price_is_noted(self) -> None:
        fleet = "purchase_usd_per_gpu = 9000, requests_per_second_per_replica = 2.6, power_kw_per_gpu = 0.35"
        (note,) = load_notes(load_text(head() + own(fleet)).scenario)
        assert note.code == "unpriced"
        assert "usd_per_kwh is left out" in note.sentence

    def test_a_field_without_its_partner_is_noted(self) -> None:
        (note,) = load_notes(load_text(head() + own(project="hiring_weeks = 6")).scenario)
        assert (note.code, note.path[-1]) == ("idle", "hiring_weeks")


CUT = """
start = 2026-07-15
months = 6
[usage]
requests_per_day = 10_000
input_tokens = 1_000
output_tokens = 500
[limit]
usd_per_month = 100_000
[current]
provider = "openai"
model = "gpt-5.6-luna"
"""


class TestPriceChanges:
    def test_an_announced_cut_that_the_catalogue_has_counts_once(self) -> None:
        alone, both = result(CUT), result(CUT + "price_changes = [{ date = 2026-07-30, factor = 0.2 }]\n")
        assert both.case.usd_per_1000[-1] == alone.case.usd_per_1000[-1] == pytest.approx(0.8)
        (note,) = both.notes
        assert note.code == "counted-once"
        assert "from 30 July 2026: $1 to $0.2 per million input tokens" in note.sentence

    @pytest.mark.parametrize("change", ["date = 2026-12-01, factor = 0.5", "date = 2026-07-30, factor = 1.5"])
    def test_another_change_counts_beside_it(self, change: str) -> None:
        alone, both = result(CUT), result(CUT + f"price_changes = [{{ {change} }}]\n")
        factor = float(change.rpartition(" ")[2])
        assert both.case.setting.route_bill[-1] == pytest.approx(factor * alone.case.setting.route_bill[-1])
        assert both.notes == ()

    def test_a_change_before_the_first_day_is_in_the_price_already(self) -> None:
        later = CUT.replace("2026-07-15", "2026-09-01")
        alone, both = result(later), result(later + "price_changes = [{ date = 2026-07-30, factor = 0.2 }]\n")
        assert both.case.bill[0] == alone.case.bill[0]
        assert [note.code for note in both.notes] == ["counted-once"]


class TestPast:
    """What is dated before the first day counts on all days, which may be meant or not."""

    CHANGED = STATED + "\nprice_changes = [{ date = 2027-01-01, factor = 0.5 }, { date = 2026-12-31, factor = 0.5 }]"

    def test_what_multiplies_all_days_is_asked_about(self) -> None:
        events = "events = [{ date = 2020-01-01, factor = 3 }, { date = 2020-01-01, factor = 1 }]"
        usual, changed = result(head()), head(current=self.CHANGED)
        found = result(changed.replace("[limit]", f"{events}\n[limit]"))
        assert found.case.bill[-1] == pytest.approx(0.75 * usual.case.bill[-1])
        assert [(note.code, note.path, note.turns) for note in found.notes] == [
            ("past", ("usage", "events", 0), True),
            ("past", ("current", "price_changes", 1), True),
        ]
        assert found.notes[0].sentence == (
            "the event of 1 January 2020 lies before the first day, 1 January 2027, and multiplies usage by 3 "
            "all along; is requests_per_day that before it?"
        )
        assert (
            "prices by 0.5 all along; are the prices of the current route those before it?" in found.notes[1].sentence
        )


class TestRetired:
    def text(self, model: str, project: str = "{}") -> str:
        candidate = f'[candidates.nano]\nkind = "api"\nprovider = "openai"\nmodel = "{model}"\nproject = {project}\n'
        return head("", 'provider = "openai"\nmodel = "gpt-5.4"') + candidate

    def test_what_is_retired_before_it_could_be_live_is_not_possible(self) -> None:
        found = result(self.text("gpt-4.1-nano"))
        outlook = found.case.outlook("nano")
        assert not outlook.possible
        assert outlook.impossible_from == 0
        assert found.verdict.candidate is None
        assert (
            "nano is not possible from 1 January 2027: the provider retires the model before it could be live"
            in found.sentence
        )
        assert [note.code for note in found.notes] == ["retired"]
        assert "openai retired gpt-4.1-nano on 23 October 2026, before the first day" in found.notes[0].sentence

    def test_from_its_last_day_on_where_the_project_takes_longer(self) -> None:
        """gpt-4.1 goes on 14 January 2027: a project of 20 days cannot make it, one of 5 days can."""
        slow = result(self.text("gpt-4.1", "{ hardening_days = 20 }")).case.outlook("nano")
        assert slow.impossible_from == (date(2027, 1, 14) - date(2027, 1, 1)).days
        fast = result(self.text("gpt-4.1", "{ hardening_days = 5 }")).case.outlook("nano")
        assert fast.possible


class TestOldPrices:
    TEXT = head("", 'provider = "deepseek"\nmodel = "deepseek-chat"')

    def test_a_price_that_nobody_compared_for_a_year_is_refused(self) -> None:
        told = refused(self.TEXT)
        assert "scenario.toml:12: current.model: is priced by a list that was last compared on 2025-07-12" in told
        assert "state usd_per_mtok, or as_of = 2025-07-12" in told

    def test_it_is_taken_on_demand_and_noted(self) -> None:
        found = result(self.TEXT + "as_of = 2025-07-12\n")
        assert [note.code for note in found.notes] == ["old-price", "retired"], "it ended on 24 July 2026"
        (source,) = found.sources
        assert source["date"] == "2025-07-12"

    def test_a_day_beside_stated_prices_is_refused(self) -> None:
        assert "as_of chooses among the catalogue's prices" in refused(head("", f"{STATED}\nas_of = 2026-01-01"))

    def test_a_service_tier_is_priced_and_an_unknown_one_refused(self) -> None:
        mini = 'provider = "openai"\nmodel = "gpt-5.4-mini"\n'
        flex, plain = (result(head("", mini + tier)).case.bill[0] for tier in ('service_tier = "flex"', ""))
        assert flex == pytest.approx(plain / 2)
        pro = 'provider = "deepseek"\nmodel = "deepseek-v4-pro"\nservice_tier = "flex"'
        assert "current.service_tier: deepseek/deepseek-v4-pro has no flex price" in refused(head("", pro))


def test_prices_by_the_hour_follow_the_hourly_profile() -> None:
    """2,400 x $0.66 + 350 x $1.98 per million off peak is $2.277 per 1,000 requests, and twice that at the peak."""
    text = head("", 'provider = "deepseek"\nmodel = "deepseek-v4-pro"')

    def per_1000(*busy: int) -> float:
        weights = ", ".join(str(int(hour in busy)) for hour in range(24))
        level = "requests_per_day = 60_000"
        return float(result(text.replace(level, f"{level}\nhourly_profile = [{weights}]")).case.usd_per_1000[0])

    assert per_1000(12, 20) == pytest.approx(2.277)
    assert per_1000(1, 2, 3, 6, 7, 8, 9) == pytest.approx(4.554)
    assert per_1000(3, 4, 5, 6) == pytest.approx((2.277 + 4.554) / 2)


class TestBatches:
    MODEL = 'provider = "openai"\nmodel = "gpt-5.4-mini"\n'

    def cost(self, usage: str = "", current: str = "", candidate: str = "") -> tuple[float, float]:
        text = head("", self.MODEL + current).replace("[limit]", f"{usage}\n[limit]")
        text += f'[candidates.same]\nkind = "api"\n{self.MODEL}{candidate}\n[decision]\npolicy = "now"\n'
        case = result(text).case
        return float(case.stay.sum()), case.outlook("same").total

    @pytest.mark.parametrize(("usage", "current"), [("batch_share = 0.6", ""), ("", "batch_share = 0.6")])
    def test_one_model_costs_the_same_on_every_route(self, usage: str, current: str) -> None:
        stay, same = self.cost(usage, current)
        assert same == pytest.approx(stay)
        full, _ = self.cost()
        assert stay == pytest.approx(full * (1 - 0.6 * 0.5)), "half price, as the catalogue has it"

    def test_a_stated_discount_goes_before_the_catalogues(self) -> None:
        full, _ = self.cost()
        stay, same = self.cost("batch_share = 0.6", "batch_discount = 0.1")
        assert stay == pytest.approx(full * (1 - 0.6 * 0.1))
        assert same == pytest.approx(full * (1 - 0.6 * 0.5))

    def test_without_a_list_price_there_is_no_discount(self) -> None:
        plain, batched = (
            result(head("", STATED).replace("[limit]", f"{usage}\n[limit]")).case.bill[0]
            for usage in ("", "batch_share = 0.6")
        )
        assert plain == batched

    def test_both_places_at_once_are_refused(self) -> None:
        text = head("", f"{STATED}\nbatch_share = 0.2").replace("[limit]", "batch_share = 0.2\n[limit]")
        assert "current.batch_share: is stated as usage.batch_share too; leave this one out" in refused(text)


class TestPricePerRequest:
    def test_it_is_a_price_like_that_of_tokens(self) -> None:
        """60,000 a day at $0.01, with 10 % retries, a fifth at half price and a cut to 60 % from day 31 on."""
        current = (
            "usd_per_request = 0.01\nretry_share = 0.1\nbatch_share = 0.2\nbatch_discount = 0.5\n"
            "price_changes = [{ date = 2027-02-01, factor = 0.6 }]"
        )
        stay = simulate(load_text(head("", current)).scenario).stay
        assert stay[0] == pytest.approx(60_000 * 0.01 * 1.1 * 0.9)
        assert stay[31] == pytest.approx(60_000 * 0.01 * 1.1 * 0.9 * 0.6)

    def test_it_stands_beside_tokens_too(self) -> None:
        stay = simulate(load_text(head("", f"{STATED}\nusd_per_request = 0.001")).scenario).stay
        assert stay[0] == pytest.approx(60_000 * ((2_400 * 0.75 + 350 * 4.5) / 1e6 + 0.001))


class TestCurrencies:
    def test_amounts_are_taken_at_the_rate(self) -> None:
        text = "usd_per = { EUR = 1.08, chf = 1.2 }\nusd_per_as_of = 2026-11-01\n" + head("", STATED)
        text = text.replace("usd_per_month = 20_000", "usd_per_month = { eur = 12_000 }")
        text = text.replace("output = 4.5", "output = { CHF = { low = 4, high = 5 } }")
        scenario = load_text(text).scenario
        assert scenario.limit.usd_per_month == pytest.approx(12_960)
        assert scenario.current.usd_per_mtok is not None
        assert scenario.current.usd_per_mtok.output == Range(4.8, 6.0)
        (note,) = load_notes(scenario)
        assert note.sentence.endswith("converted at 1 EUR = $1.08 and 1 CHF = $1.2, as of 1 November 2026")

    def test_a_rate_without_its_day_is_noted(self) -> None:
        (note,) = load_notes(load_text("usd_per = { EUR = 1.08 }\n" + head()).scenario)
        assert note.code == "undated-rates"

    def test_a_currency_without_a_rate_is_refused(self) -> None:
        told = refused(head().replace("usd_per_month = 20_000", "usd_per_month = { gbp = 12_000 }"))
        assert "limit.usd_per_month: needs the value of a GBP in dollars: usd_per = { GBP = … }" in told

    def test_what_is_no_money_cannot_be_in_a_currency(self) -> None:
        text = "usd_per = { EUR = 1.08 }\n" + head().replace("= 2_400", "= { eur = 2_400 }")
        assert "usage.input_tokens: is no amount of money; got one in EUR" in refused(text)


def history(tmp_path: Path, days: Sequence[date], requests: float = 1000, hours: int = 1) -> str:
    rows = [f"{day}T{hour:02}:00:00Z,{requests / hours}" for day in days for hour in range(hours)]
    file = tmp_path / "history.csv"
    file.write_text("\n".join(["date,requests", *rows, ""]))
    text = head(f'curve = "history", file = "{file}"')
    return text.replace("requests_per_day = 60_000\n", "")


class TestHistory:
    RECENT = tuple(date(2026, 9, 7) + timedelta(days=i) for i in range(112))

    def test_one_that_ends_long_before_the_first_day_is_noted_with_its_numbers(self, tmp_path: Path) -> None:
        days = [day - timedelta(days=700) for day in self.RECENT]
        (note,) = result(history(tmp_path, days)).notes
        assert note.code == "old-history"
        assert note.turns
        assert "ends on 26 January 2025, 705 days before the first day" in note.sentence
        assert "from 1,000 requests on its last day to 1,000 on the first" in note.sentence

    def test_a_recent_one_is_not(self, tmp_path: Path) -> None:
        assert result(history(tmp_path, self.RECENT)).notes == ()

    def test_missing_weekdays_are_named(self, tmp_path: Path) -> None:
        told = refused(history(tmp_path, [day for day in self.RECENT if day.weekday() < 5]))
        assert "all Saturdays and Sundays are missing, 12 September 2026 first" in told
        assert "a day without requests has a row with 0" in told

    def test_hours_are_summed_by_day_and_said(self, tmp_path: Path) -> None:
        found = result(history(tmp_path, self.RECENT, requests=2400, hours=24))
        assert found.case.level == pytest.approx(2400)
        assert [note.code for note in found.notes] == ["summed"]

    def test_a_row_for_the_second_time_is_one_fault(self, tmp_path: Path) -> None:
        told = refused(history(tmp_path, [*self.RECENT, *self.RECENT[:40]]))
        assert told.count("\n") == 0
        assert "states 2026-09-07 for the second time, after line 2; sum it by day; 39 more rows do" in told

    def test_a_file_that_has_changed_is_read_again(self, tmp_path: Path) -> None:
        first = result(history(tmp_path, self.RECENT, requests=1000)).case.level
        second = result(history(tmp_path, self.RECENT, requests=3000)).case.level
        assert (first, second) == (pytest.approx(1000), pytest.approx(3000))


class TestChance:
    CURRENT = "usd_per_mtok = { input = 0.15, output = 0.60 }\nretirement_per_year = 0.8\nusd_per_migration = 5_000"
    FLEET = "usd_per_gpu_hour = 0.3, requests_per_second_per_replica = 3"
    TEXT = head("", CURRENT) + own(FLEET, "hardening_days = 30") + '[decision]\npolicy = "now"\n'

    def few(self) -> str:
        return self.TEXT.replace("60_000", "6_000")

    def test_events_that_could_turn_the_answer_are_said(self) -> None:
        """Staying pays 0.8 migrations of $5,000 a year from cutover to the end of three years."""
        found = result(self.few())
        (note,) = (note for note in found.notes if note.code == "chance")
        saving = found.case.outlook("own").npv_saving
        expected = 0.8 * 5_000 * (found.case.clock.days - 30) / 365.25
        assert (saving < 0, saving + expected > 0) == (True, note.turns)
        assert "--draws weighs them" in note.effect

    def test_where_they_change_little_nothing_is_said(self) -> None:
        assert [n for n in result(self.TEXT.replace("5_000", "5")).notes if n.code == "chance"] == []

    def test_means(self) -> None:
        assert mean(3.0) == 3.0
        assert mean(Range(-1, 3)) == 1.0
        assert mean(Range(1, 4)) == pytest.approx(2 * 1.0926, rel=1e-3)  # median 2, sigma ln(4)/3.29
        assert mean(Pert(0, 3, 6)) == 3.0
        assert mean(Choice((0.2, 0.5, 0.8, 1.5), (1, 2, 2, 1))) == pytest.approx(4.3 / 6)


class TestShown:
    @pytest.fixture
    def file(self, tmp_path: Path) -> str:
        path = tmp_path / "free.toml"
        path.write_text(TestUnpriced.TEXT)
        return str(path)

    def run(self, *words: str, code: int = 0) -> str:
        found = CliRunner().invoke(program, words)
        assert found.exit_code == code, found.stderr
        return found.stdout if code == 0 else found.stderr

    def test_check_says_them_and_strict_makes_them_faults(self, file: str) -> None:
        told = self.run("check", file)
        assert f"Note: own: 8,000 examples to label cost nothing: usd_per_example is left out ({file}:16)" in told
        strict = self.run("check", "--strict", file, code=2)
        assert strict.count("\n") == 2
        assert f"{file}:16: candidates.own.project.examples: own: 8,000 examples" in strict

    def test_rates_are_no_fault(self, tmp_path: Path) -> None:
        path = tmp_path / "euro.toml"
        path.write_text("usd_per = { EUR = 1.08 }\nusd_per_as_of = 2026-11-01\n" + head())
        assert "1 EUR = $1.08" in self.run("check", "--strict", str(path))

    def test_run_says_those_that_could_turn_it_above_the_verdict(self, file: str) -> None:
        told = self.run("run", file)
        verdict = told.index("own, started ")
        assert told.index("Note: own: 2 engineers") < verdict < told.index("Note: own: 8,000 examples")

    def test_json_holds_them(self, file: str) -> None:
        notes = json.loads(self.run("run", file, "--json"))["notes"]
        assert [sorted(note) for note in notes] == [["code", "effect", "path", "place", "sentence"]] * 2
        assert notes[0]["path"] == "candidates.own.project.engineers"
        assert notes[0]["place"] == f"{file}:16"

    def test_the_shipped_stories_have_none(self) -> None:
        from switchpoint.scenario.toml_writer import example_text, examples

        for name in examples():
            notes = load_notes(load_text(example_text(name)).scenario)
            # What is found of an assumed capacity, or has become of a model since, is worth a look in any story.
            assert [note for note in notes if note.code not in ("capacity", "retired")] == [], name


def test_a_third_number_that_is_no_count_is_explained(tmp_path: Path) -> None:
    path = tmp_path / "s.toml"
    path.write_text(head())
    words = ["sweep", str(path), "--vary", "usage.growth.per_month=0.02:0.2:0.02", "--dry-run"]
    found = CliRunner().invoke(program, words)
    assert found.exit_code == 2
    assert "has 0.02 as its third number, which is the count of values, such as 0.02:0.2:10" in found.stderr


def test_a_narrow_terminal_shows_prices_before_anything_else(monkeypatch: pytest.MonkeyPatch) -> None:
    from switchpoint.cli import catalogue

    columns = catalogue.PRICE_COLUMNS
    assert columns[2:5] == ("input", "cached_input", "output")
    assert "source" not in columns
    monkeypatch.setenv("COLUMNS", "80")
    found = CliRunner().invoke(program, ["prices", "openai", "gpt-5.4-mini"])
    assert "0.75" in found.stdout
    assert "4.5" in found.stdout


def test_csv_files_are_marked_for_spreadsheets(tmp_path: Path) -> None:
    from switchpoint.export.plain_tables import csv_bytes

    assert csv_bytes({"Prüfung": ["ä"]}).startswith(b"\xef\xbb\xbfPr\xc3\xbcfung")
