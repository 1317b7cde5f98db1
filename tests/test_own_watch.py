"""A bill that is watched and replayed: what is due, exit codes, what counts as a change, and what came true."""

import json
from dataclasses import replace
from datetime import date, timedelta
from functools import cache
from itertools import pairwise
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
import pytest
from typer.testing import CliRunner

from switchpoint.cli import program
from switchpoint.export.own_data_text import watch_html, watch_markdown
from switchpoint.owndata.replaying import Replay
from switchpoint.owndata.watch_lines import watch_lines
from switchpoint.owndata.watch_state import ReportedWatch, changes_since, to_keep
from switchpoint.owndata.watched_bill import Call, RealBill, RefitAdvice, calls_of_mondays, hold_call, refits_on
from switchpoint.owndata.watching import BillWatch
from switchpoint.scenario.catalogue_check import load_checked
from switchpoint.scenario.errors import ScenarioError
from switchpoint.study.tripwires import Tripwire
from tests.own_usage import CACHED, IN, LAST, OUT, SCENARIO, own_fit, own_scenario, reading, usage_table, written

pytestmark = pytest.mark.slow

NEXT = LAST + timedelta(days=1)
DOLLARS = 10_000 * (700 * IN + 300 * CACHED + 200 * OUT) / 1e6
"""A day of the level at the end."""
FREE = SCENARIO.replace("[limit]\nusd_per_month = 1_000                 # what the board allows\n", "")
DRAWS = 32
KEYS = {
    "as_of", "bill_usd_per_month", "usd_per_1000_requests", "pressure", "months_to_limit", "state", "threat",
    "lead_weeks", "label_by", "hire_by", "start_by", "call", "tripwires", "changes", "exit_code",
}  # fmt: skip


def limited(usd_per_month: float) -> str:
    return SCENARIO.replace("usd_per_month = 1_000 ", f"usd_per_month = {usd_per_month} ")


@cache
def watched(text: str, days: int = 280, growth: float = 0.06) -> BillWatch:
    """The watch of a scenario, once for all who look at it; all that is found of it is found when first asked for."""
    with TemporaryDirectory() as name:
        folder = Path(name)
        read, loaded = reading(folder, usage_table(days, growth, noise=0.03)), own_scenario(folder, text)
    return BillWatch.of(read, loaded, (), DRAWS)


class TestBill:
    def test_limits_are_told_for_each_day(self, tmp_path: Path) -> None:
        text = SCENARIO.replace("[limit]\n", "[limit]\nshare_of_revenue = 0.01\nusd_per_1000_requests = 1\n")
        loaded = own_scenario(tmp_path, text)
        bill = RealBill(own_fit(tmp_path, usage_table()).history, loaded.scenario)
        months = ((LAST - date(2027, 1, 1)).days + 0.5) / 30.4375
        revenue = 0.01 * 50_000 * 1.02**months * 12 / 365.25
        each = (1000 * 12 / 365.25, revenue, bill.requests[-1] / 1000)
        assert bill.limit[-1] == pytest.approx(min(each))

    def test_the_threat_is_the_first_day_at_the_limit(self, tmp_path: Path) -> None:
        bill = RealBill(own_fit(tmp_path, usage_table()).history, own_scenario(tmp_path, limited(300)).scenario)
        means = np.convolve(bill.daily, np.full(28, 1 / 28), mode="valid")
        first = int(np.flatnonzero(means >= 300 * 12 / 365.25)[0]) + 27
        assert bill.threat == bill.history.first_day + timedelta(days=first)

    def test_a_limit_by_the_request_needs_requests(self, tmp_path: Path) -> None:
        loaded = own_scenario(tmp_path, SCENARIO.replace("[limit]\n", "[limit]\nusd_per_1000_requests = 1\n"))
        bill = RealBill(own_fit(tmp_path, usage_table().drop(columns="requests")).history, loaded.scenario)
        with pytest.raises(ScenarioError, match="--requests-per-day"):
            _ = bill.limit


class TestCalls:
    ADVICE = RefitAdvice(LAST, "x", "start-by", lead_days=213, middle_days=190)

    def of(self, months: float, state: str = "calm", **more: object) -> str:
        advice = replace(self.ADVICE, **more)
        (call,) = calls_of_mondays(np.array([months]), [state], [advice], 2.0)
        return call[0].word

    def test_the_length_of_the_project_makes_it_earlier(self) -> None:
        assert [self.of(each) for each in (10.0, 8.9, 7.1, 6.9)] == ["calm", "prepare", "prepare", "start-now"]
        assert self.of(6.9, lead_days=None) == "calm"

    @pytest.mark.parametrize(
        ("state", "call"), [("watch", "calm"), ("open", "start-now"), ("late", "late"), ("over", "late")]
    )
    def test_states_call_too(self, state: str, call: str) -> None:
        assert self.of(20.0, state) == call

    def test_dates_that_are_reached_call(self) -> None:
        assert self.of(20.0, start_by=NEXT) == "start-now"
        assert self.of(20.0, start_by=NEXT + timedelta(days=1)) == "calm"
        assert self.of(20.0, label_by=LAST) == "prepare"
        assert self.of(20.0, hire_by=LAST, start_by=date(2027, 1, 1)) == "prepare"

    def test_a_call_does_not_come_and_go(self) -> None:
        # due within 7 months, clear beyond 1.2 times that: 7.5 and 8.3 keep a call and break a run of clear Mondays
        months = np.array([9.0, 6.9, 7.5, *[9.0] * 7, 8.3, *[9.0] * 8])
        held = hold_call(months <= 7, months > 1.2 * 7)
        assert held.astype(int).tolist() == [0, *[1] * 17, 0]

    def test_a_start_by_date_that_was_reached_is_held(self) -> None:
        advices = [replace(self.ADVICE, start_by=LAST), *[self.ADVICE] * 9]
        calls = calls_of_mondays(np.full(10, 20.0), ["calm"] * 10, advices, 2.0)
        assert [call.word for call, _ in calls] == ["start-now"] * 8 + ["calm"] * 2
        assert calls[3][1] == "it was time within the last eight weeks"

    def test_exit_codes_are_those_of_the_contract(self) -> None:
        assert [int(call) for call in Call] == [0, 10, 11, 12]


class TestWatch:
    def test_figures_are_those_of_the_last_28_days(self, tmp_path: Path) -> None:
        watch = watched(limited(900))
        told = watch.as_json()
        assert set(told) >= KEYS
        daily = watch.bill.daily[-28:].mean()
        assert told["bill_usd_per_month"] == pytest.approx(daily * 365.25 / 12, abs=0.01)
        assert told["pressure"] == pytest.approx(daily * 365.25 / 12 / 900, rel=1e-5)
        assert told["usd_per_1000_requests"] == pytest.approx(1000 * DOLLARS / 10_000, rel=1e-4)
        assert told["usd_per_1000_requests_trend"] == pytest.approx(0, abs=1e-4)

    def test_a_single_day_calls_nothing_and_says_who_takes_it_in(self, tmp_path: Path) -> None:
        """Run daily, a call is that of the last Monday: one day, however dear, waits for its week to be over."""
        limit = limited(round(1.3 * DOLLARS * 30.4375))
        table = usage_table(280, 0.0, noise=0.03)
        thursday = table[:-3].copy()
        dear = thursday.columns.intersection(["requests", "input_tokens", "cached_tokens", "output_tokens", "cost_usd"])
        thursday.loc[thursday.index[-1], dear] = 20 * thursday.loc[thursday.index[-1], dear]
        loaded = own_scenario(tmp_path, limit)
        before, after = (BillWatch.of(reading(tmp_path, days), loaded, (), DRAWS) for days in (thursday[:-1], thursday))
        assert (before.as_of.weekday(), after.as_of.weekday()) == (2, 3)
        assert before.pressure < 1 < after.pressure
        assert (after.call, after.state) == (before.call, before.state)
        said = "calls go by whole weeks, the last on 21 September 2026, the next on 28 September 2026"
        assert said in after.sentence
        assert said not in before.sentence
        assert ("Calls, on Mondays", said.split(", ", 1)[1]) in watch_lines(before)

    def test_the_threat_is_about_when_the_limit_is_reached(self, tmp_path: Path) -> None:
        limit = DOLLARS * 30.4375 * 1.06**6
        told = watched(limited(round(limit))).as_json()
        assert told["months_to_limit"]["mid"] == pytest.approx(6.4, abs=1.0)
        days = (date.fromisoformat(told["threat"]["p50"]) - LAST).days
        assert days / 30.4375 == pytest.approx(told["months_to_limit"]["mid"], abs=0.02)
        assert told["threat"]["p10"] <= told["threat"]["p50"] <= told["threat"]["p90"]

    def test_lead_and_dates_are_of_the_refitted_scenario(self, tmp_path: Path) -> None:
        watch = watched(limited(900))
        assert watch.fit.start == NEXT
        told = watch.as_json()
        # hiring takes 8 to 12 weeks and labelling less; then come a week of training and two of going live
        assert told["lead_weeks"] == pytest.approx(10.9 + 3, abs=2.5)
        prepare = date.fromisoformat(told["threat"]["p50"]) - timedelta(days=watch.advice.lead_days)
        assert told["prepare_by"] == prepare.isoformat()

    @pytest.mark.parametrize(
        ("months_away", "call"), [(14, "calm"), (4.6, "prepare"), (2.4, "start-now"), (-1, "over")]
    )
    def test_the_nearer_the_limit_the_louder(self, tmp_path: Path, months_away: float, call: str) -> None:
        # a dear candidate is worth it only for the limit, so that no start is due for its money
        limit = round(DOLLARS * 30.4375 * 1.06**months_away)
        dear = limited(limit).replace("input = 0.1, output = 0.4", "input = 0.5, output = 2")
        watch = watched(dear)
        assert watch.call_word == call, watch.as_json()

    def test_money_alone_is_watched_without_advice(self, tmp_path: Path) -> None:
        money = usage_table(280, 0.06, noise=0.03)[["date", "cost_usd"]]
        loaded = own_scenario(tmp_path, limited(round(DOLLARS * 30.4375 * 1.06**6)))
        watch = BillWatch.of(reading(tmp_path, money), loaded, (), DRAWS)
        assert watch.as_json()["months_to_limit"]["mid"] == pytest.approx(6.4, abs=1.0)
        assert ("Advice", "none: no file counts requests or tokens; give one of tokens beside them") in (
            watch_lines(watch)
        )
        free = BillWatch.of(watch.fit.read, own_scenario(tmp_path, FREE), (), DRAWS)
        assert "there is no limit, and nothing can be advised" in free.sentence

    def test_what_is_set_for_a_run_counts_in_the_refit_too(self, tmp_path: Path) -> None:
        own_scenario(tmp_path, limited(900))
        loaded = load_checked(tmp_path / "ours.toml", ["candidates.cheaper.project.shadow_days=70"])
        read = reading(tmp_path, usage_table(noise=0.03))
        each = (loaded, own_scenario(tmp_path, limited(900)))
        longer, as_stated = (BillWatch.of(read, one, (), DRAWS).advice.lead_days for one in each)
        assert longer == as_stated + 63

    def test_without_a_limit_the_crossover_is_told(self, tmp_path: Path) -> None:
        told = watched(FREE.replace("month = 10_000\n", "month = 10\n")).as_json()
        assert told["pressure"] is None
        assert told["state"] is None
        assert told["months_to_limit"] == {"low": None, "mid": None, "high": None}
        assert told["months_to_crossover"]["mid"] is not None

    @pytest.mark.parametrize("days", [1, 20, 40])
    def test_few_weeks_say_nothing_of_the_limit(self, tmp_path: Path, days: int) -> None:
        watch = watched(limited(10_000), days=days)
        counted = {1: "day", 20: "20 days", 40: "28 days"}[days]
        assert dict(watch_lines(watch))["Bill"].endswith(f" a month over the last {counted}")
        assert watch.state is watch.as_json()["state"] is None
        assert dict(watch_lines(watch))["Limit reached"] == "not known: it takes 8 whole weeks to say"
        assert watch.threat == (None, None, None)
        assert "too few weeks to say when the limit is reached" in watch.sentence

    def test_tripwires_are_checked_against_the_newest_figures(self, tmp_path: Path) -> None:
        table = usage_table(noise=0.03)
        table["cost_usd"] *= 0.6
        common = {"unit": "", "now": 1.0, "changes": "advice", "action": "stay", "sentence": ""}
        wires = [
            Tripwire(name="prices", path="current.usd_per_mtok", threshold=0.7, direction="below", **common),
            Tripwire(name="growth", path="usage.growth.per_month", threshold=0.2, direction="above", **common),
            Tripwire(name="gone", path="candidates.other.coverage", threshold=0.2, direction="above", **common),
        ]
        watch = BillWatch.of(reading(tmp_path, table), own_scenario(tmp_path), wires, DRAWS)
        told = watch.as_json()["tripwires"]
        assert [each["crossed"] for each in told] == [True, False, False]
        assert told[0]["now"] == pytest.approx(0.6, abs=0.001)
        assert told[1]["now"] == pytest.approx(0.06, abs=0.01)
        assert told[2]["now"] is None

    def test_reports_hold_what_is_said_and_no_markup_of_others(self, tmp_path: Path) -> None:
        watch = watched(limited(900).replace("cheaper", "x-y"))
        page = watch_html(watch, ["<b>new</b> & old"])
        assert "&lt;b&gt;new&lt;/b&gt; &amp; old" in page
        assert "27 September 2026" in page
        assert "<script" not in page
        assert watch.sentence in watch_markdown(watch, ["a | b"]).replace("\\|", "|")


class TestChanges:
    NOW = ReportedWatch("2026-09-27", "calm", "calm", "x", "2027-06-01", "2027-01-01", [])

    def test_nothing_new_is_no_change(self) -> None:
        assert changes_since(self.NOW, replace(self.NOW, as_of="2026-09-28", threat="2027-06-20")) == []

    def test_what_is_new_is_said_once(self) -> None:
        later = replace(self.NOW, call="prepare", state="watch", threat="2027-04-01", crossed=["a.b"])
        assert len(changes_since(self.NOW, later)) == 4
        assert changes_since(to_keep(self.NOW, later), later) == []

    def test_a_forecast_that_moves_within_its_own_band_is_no_change(self) -> None:
        moved = replace(self.NOW, threat="2027-08-01", spread=80)
        assert changes_since(self.NOW, moved) == []
        assert changes_since(self.NOW, replace(moved, spread=40)) == ["the limit is 1 August 2027, it was 1 June 2027"]
        unseen = replace(self.NOW, threat=None, spread=300)  # two years ahead at least, on 27 September 2028
        assert changes_since(replace(self.NOW, threat="2028-02-01"), unseen) == []
        assert changes_since(self.NOW, unseen) == ["the limit is not in sight, it was 1 June 2027"]

    def test_what_is_due_stays_due(self) -> None:
        due = replace(self.NOW, start_by="2026-09-28", threat="2026-09-01")
        later = replace(due, as_of="2026-12-27", start_by="2026-12-28", threat="2026-12-28")
        assert changes_since(due, later) == []
        assert to_keep(due, later).start_by == "2026-09-28"

    def test_a_forecast_that_comes_true_has_not_moved(self) -> None:
        foreseen = replace(self.NOW, threat="2026-10-10")
        passed = replace(foreseen, state="over", threat="2026-08-01")
        assert changes_since(foreseen, passed) == ["the monitor says over, it said calm"]
        assert to_keep(foreseen, passed).threat == "2026-10-10"

    def test_slow_drift_adds_up(self) -> None:
        kept, told = self.NOW, 0
        for day in range(1, 61):
            now = replace(kept, threat=(date(2027, 6, 1) + timedelta(days=day)).isoformat())
            told += len(changes_since(kept, now))
            kept = to_keep(kept, now)
        assert told == 2


class TestCommand:
    def call(self, *arguments: str) -> tuple[int, str]:
        done = CliRunner().invoke(program, [*arguments])
        return done.exit_code, done.stdout

    def test_state_reports_changes_alone(self, tmp_path: Path) -> None:
        own_scenario(tmp_path, limited(900))
        file = written(tmp_path, usage_table(noise=0.03))
        state, scenario = tmp_path / "state.json", str(tmp_path / "ours.toml")
        asked = ("watch", str(file), "--scenario", scenario, "--state", str(state), "--draws", str(DRAWS))
        first, second = self.call(*asked), self.call(*asked)
        assert first[0] == second[0] != 2
        assert "first report" in first[1]
        assert second[1] == ""
        kept = state.read_text()
        code, printed = self.call(*asked, "--json")
        told = json.loads(printed)
        assert (code, told["changes"]) == (told["exit_code"], [])
        assert state.read_text() == kept

    def test_a_spoilt_state_is_said_in_one_line(self, tmp_path: Path) -> None:
        own_scenario(tmp_path)
        file, state = written(tmp_path, usage_table()), tmp_path / "state.json"
        state.write_text("[]")
        done = CliRunner().invoke(
            program, ["watch", str(file), "--scenario", str(tmp_path / "ours.toml"), "--state", str(state)]
        )
        assert done.exit_code == 2
        assert "is no state" in done.stderr
        assert len(done.stderr.strip().splitlines()) == 1
        assert state.read_text() == "[]"

    def test_quiet_prints_nothing_while_nothing_is_due(self, tmp_path: Path) -> None:
        own_scenario(tmp_path, limited(100_000).replace("input = 0.1, output = 0.4", "input = 5, output = 20"))
        file = written(tmp_path, usage_table(growth=0.0))
        asked = ("watch", str(file), "--scenario", str(tmp_path / "ours.toml"), "--draws", str(DRAWS))
        assert self.call(*asked, "--quiet") == (0, "")
        assert "Nothing is due" in self.call(*asked)[1]

    def test_fit_writes_what_it_is_asked_for(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.chdir(tmp_path)
        file = written(tmp_path, usage_table())
        code, printed = self.call("fit", str(file), "--write", "--out", "out", "--json")
        assert code == 0
        assert json.loads(printed) == json.loads((tmp_path / "out" / "fit.json").read_text())
        names = {"fit.json", "fit.txt", "forecast.png", "forecast.svg", "scenario.toml"}
        assert {each.name for each in (tmp_path / "out").iterdir() if not each.name.startswith(".")} == names
        assert self.call("check", "out/scenario.toml")[0] == 0

    def test_fit_writes_into_a_scenario(self, tmp_path: Path) -> None:
        own_scenario(tmp_path)
        file, scenario = written(tmp_path, usage_table()), tmp_path / "ours.toml"
        assert self.call("fit", str(file), "--scenario", str(scenario), "--write")[0] == 0
        text = scenario.read_text()
        assert "what the board allows" in text
        assert text.count("fitted to 1 file") >= 5
        assert self.call("check", str(scenario))[0] == 0

    @pytest.mark.parametrize(
        ("option", "value"),
        [("--usd-per", "EUR"), ("--tokens-per-request", "a,b"), ("--overlap", "both"), ("--requests-per-day", "1e308")],
    )
    def test_a_wrong_option_is_bad_input(self, tmp_path: Path, option: str, value: str) -> None:
        assert self.call("fit", str(written(tmp_path, usage_table())), option, value)[0] == 2


class TestReplay:
    @pytest.fixture(scope="class")
    @classmethod
    def replay(cls, tmp_path_factory: pytest.TempPathFactory) -> Replay:
        folder = tmp_path_factory.mktemp("replay")
        limit = round(DOLLARS * 30.4375 / 1.06**2)
        return Replay(reading(folder, usage_table(noise=0.03)), own_scenario(folder, limited(limit)), 16)

    def test_weeks_and_summary_have_the_keys_of_the_contract(self, replay: Replay) -> None:
        told = replay.as_json
        keys = {"date", "months_to_limit", "low", "high", "state", "call", "true_months"}
        assert all(set(week) == keys for week in told["weeks"])
        wanted = {"threat", "first_warning", "lead_months", "first_call", "live_if_followed", "weeks_late"}
        assert wanted | {"false_alarms"} <= set(told["summary"])
        assert json.loads(json.dumps(told)) == told

    def test_true_months_are_those_to_the_limit(self, replay: Replay) -> None:
        week = replay.as_json["weeks"][0]
        away = (replay.threat - date.fromisoformat(week["date"])).days / 30.4375
        assert week["true_months"] == pytest.approx(away, abs=0.006)
        assert replay.as_json["weeks"][-1]["true_months"] == 0

    def test_each_week_knows_the_days_before_it_alone(self, replay: Replay) -> None:
        monday = replay.weeks[10].monday
        assert replay.fit_as_of(monday).history.last_day == monday - timedelta(days=1)
        assert replay.fit_as_of(monday).start == monday
        part = replay.bill.history.until(monday - timedelta(days=1))
        said = RealBill(part, replay.loaded.scenario).monday_table.iloc[-1]
        assert replay.weeks[10].state == said["state"]
        assert replay.weeks[10].months_to_limit == pytest.approx(said["months_to_limit"])

    def test_the_summary_follows_from_the_weeks(self, replay: Replay) -> None:
        told = replay.as_json["summary"]
        calls = [week for week in replay.weeks if week.call >= Call.START_NOW]
        assert told["first_call"] == calls[0].monday.isoformat()
        live = calls[0].monday + timedelta(days=calls[0].advice.middle_days)
        assert told["live_if_followed"] == live.isoformat()
        late = -(-(live - replay.threat).days // 7)
        assert told["weeks_late"] == max(late, 0)
        warned = date.fromisoformat(told["first_warning"])
        assert told["lead_months"] == pytest.approx((replay.threat - warned).days / 30.4375, abs=0.006)
        assert "before the limit" in told["sentence"]

    def test_calls_do_not_flap(self, replay: Replay) -> None:
        calls = [int(week.call) for week in replay.weeks]
        assert sum(before > after for before, after in pairwise(calls)) <= 1

    def test_without_a_limit_there_is_nothing_to_replay(self, tmp_path: Path) -> None:
        with pytest.raises(ScenarioError, match="needs one"):
            _ = Replay(reading(tmp_path, usage_table()), own_scenario(tmp_path, FREE), 16).weeks


def test_late_is_held_until_the_limit_was_clear_for_eight_mondays() -> None:
    months = np.array([5.0, 1.8, 2.2, 1.9, *[3.0] * 9])
    states = ["watch", "late", "open", "late", *["open"] * 9]
    calls = calls_of_mondays(months, states, [RefitAdvice(LAST)] * 13, 2.0)
    assert [call.word for call, _ in calls] == ["calm", *["late"] * 10, "start-now", "start-now"]
    assert calls[5][1] == "the limit was close within the last eight weeks"


def test_refits_are_those_of_the_calendar() -> None:
    mondays = [NEXT + timedelta(weeks=each) for each in range(12)]
    assert sum(map(refits_on, mondays[:4])) == 1
    assert [refits_on(each) for each in mondays[:8]] == [refits_on(each) for each in mondays[4:]]
