"""A scenario without a limit: money alone decides, and nothing that hangs on a limit is said, drawn or asked."""

import io
import json
import re
from datetime import date
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from pptx import Presentation
from typer.testing import CliRunner

from switchpoint.charts.bill import bill_lines, highest, saving_words
from switchpoint.charts.collection import draws_charts
from switchpoint.charts.takeaways import bill_takeaway, policy_words
from switchpoint.charts.vega import LIGHT
from switchpoint.cli import program
from switchpoint.decision.case import simulate
from switchpoint.decision.result import JudgedWorld
from switchpoint.decision.world_batch import simulate_alike
from switchpoint.export.formats import Exports
from switchpoint.horizon import NEVER
from switchpoint.notebook import doors
from switchpoint.notebook.objects import monthly
from switchpoint.review.context import Subject, columns
from switchpoint.scenario.schema import Scenario
from switchpoint.study.draw_results import DrawFindings
from switchpoint.study.draw_sentence import as_json
from switchpoint.study.monte_carlo import MonteCarlo
from switchpoint.study.reasons import study
from switchpoint.study.sweep.columns import DRAWS_OUTPUTS, candidate_figures, shared_figures
from tests.small_worlds import API, BOX, MONTH, Table, growing, merged, scenario, with_candidates

pytestmark = pytest.mark.slow

UNLIMITED: Table = {"limit": None}
SPREAD: Table = {"usage": {"growth": {"curve": "compound", "per_month": {"low": 0.02, "high": 0.1}}}}
STAGED: Table = {"decision": {"policy": "staged"}}
NEVER_STARTED: Table = {"decision": {"policy": "never"}}
PROJECT: Table = {"project": {"usd_one_off": 300, "usd_per_iteration": 100, "training_days": 20}}
FILE = """\
start = 2027-01-01
months = 24
[usage]
requests_per_day = 10_000
input_tokens = 1_000
output_tokens = 0
growth = { curve = "compound", per_month = { low = 0.02, high = 0.1 } }
[current]
usd_per_mtok = { input = 1.0, output = 1.0 }
[candidates.half]
kind = "api"
usd_per_mtok = { input = 0.5, output = 0.5 }
project = { usd_one_off = 300, usd_per_iteration = 100, training_days = 20 }
[candidates.box]
kind = "gpu"
fleet = { requests_per_second_per_replica = 1.0, usd_per_gpu_hour = 0.3 }
"""
OF_A_LIMIT = re.compile(r"\b(limit|warning|warn|warns|threat|pressure|remedy|in time)\b", re.IGNORECASE)


def of_a_limit(text: str) -> list[str]:
    """The words about a limit in a text."""
    return [text[max(found.start() - 40, 0) : found.end() + 40] for found in OF_A_LIMIT.finditer(text)]


def world(*changes: Table) -> Scenario:
    """The small world of $10 a day without a limit, with an API at half the price."""
    return scenario(UNLIMITED, with_candidates(half=merged(API, PROJECT)), *changes)


def told(*changes: Table) -> dict[str, Any]:
    """What its base case says."""
    return JudgedWorld(simulate(world(*changes))).as_json()


def drawn(*changes: Table, draws: int = 40) -> DrawFindings:
    """The same over draws of its growth."""
    spec = world(SPREAD, *changes)
    return MonteCarlo(draws, 3).study(spec, JudgedWorld(simulate(spec)))


class TestBaseCase:
    def test_what_saves_is_started_when_that_costs_least(self) -> None:
        """$5 a day saved from day 20 on for 711 of 731 days, less $400."""
        verdict = told()["verdict"]
        assert (verdict["action"], verdict["candidate"], verdict["binds"]) == ("start-now", "half", "money")
        assert verdict["start_by"] == date(2027, 1, 1)
        assert verdict["npv_saving_usd"] == pytest.approx(5 * 711 - 400)

    def test_it_waits_for_the_day_on_which_it_begins_to_save(self) -> None:
        """Half price from 1 March 2028 on alone: the latest start on a first of a month that is live by then."""
        later = {"candidates": {"half": {**API, "usd_per_mtok": {"input": 2.0, "output": 2.0}, **PROJECT}}}
        later["candidates"]["half"]["price_changes"] = [{"date": "2028-03-01", "factor": 0.25}]
        verdict = told(later)["verdict"]
        assert (verdict["action"], verdict["start_by"]) == ("start-by", date(2028, 2, 1))

    def test_the_cheapest_is_advised(self) -> None:
        other = merged(API, {"usd_per_mtok": {"input": 0.4, "output": 0.4}})
        assert told(with_candidates(other=other))["verdict"]["candidate"] == "other"

    def test_to_stay_where_nothing_saves(self) -> None:
        found = told({"candidates": {"half": {"project": {"usd_one_off": 1e6}}}})
        assert (found["verdict"]["action"], found["verdict"]["candidate"]) == ("stay", None)
        assert not of_a_limit(found["verdict"]["sentence"])

    def test_a_candidate_that_is_not_possible_saves_nothing(self) -> None:
        small = {"scaling": "fixed", "fixed_replicas": 1, "requests_per_second_per_replica": 0.01}
        box = merged(BOX, {"fleet": small})
        assert told({"candidates": None}, with_candidates(box=box))["verdict"]["action"] == "stay"

    def test_what_hangs_on_a_limit_is_null(self) -> None:
        found = told(growing(0.1))
        assert [found["base"][key] for key in ("threat", "threat_ends", "warning")] == [None] * 3
        verdict = found["verdict"]
        assert [verdict[key] for key in ("window", "remedy", "bridge", "saves_only", "in_time_costs_usd")] == [None] * 5
        for course in ("candidates", "advised"):
            half = found["base"][course]["half"]
            assert (half["limit_again"], half["remedy"]) == (None, None)
            assert half["limit_kept"] == {"from": None, "until": None, "share_of_days": None}
        assert {(row["limit_usd"], row["pressure"]) for row in found["monthly"]} == {(None, None)}

    def test_it_is_the_world_whose_limit_is_out_of_reach(self) -> None:
        """All money is as with a limit that no bill comes near."""
        loose = {"limit": {"usd_per_month": 1e9}}
        mine, other = told(growing(0.1)), told(growing(0.1), loose)
        for key in ("action", "candidate", "start_by", "binds", "npv_saving_usd", "as_good", "commit_by"):
            assert mine["verdict"][key] == other["verdict"][key]
        assert mine["base"]["advised"]["half"]["total_usd"] == other["base"]["advised"]["half"]["total_usd"]

    @pytest.mark.parametrize("policy", ["warn", "lead", "staged"])
    def test_a_policy_that_watches_the_limit_never_fires_and_is_noted(self, policy: str) -> None:
        prepared = {"project": {"examples": 100, "labels_per_day": 10, "usd_per_example": 1}}
        found = told({"decision": {"policy": policy}}, {"candidates": {"half": prepared}})
        half = found["base"]["candidates"]["half"]
        assert (half["project_start"], half["cutover"], half["one_off_usd"]) == (None, None, 0)
        assert half["total_usd"] == pytest.approx(10 * 731)
        assert [note["code"] for note in found["notes"]] == ["no-limit"]
        assert found["notes"][0]["path"] == "decision.policy"

    def test_the_default_policy_is_not_noted(self) -> None:
        assert told()["notes"] == []

    def test_many_at_once_are_as_each_alone(self) -> None:
        worlds = [world(growing(rate)) for rate in (0.01, 0.03, 0.05, 0.08)]
        for found, spec in zip(simulate_alike(worlds), worlds, strict=True):
            one, other = JudgedWorld(found).as_json(), JudgedWorld(simulate(spec)).as_json()
            assert one["verdict"]["start_by"] == other["verdict"]["start_by"]
            assert one["verdict"]["npv_saving_usd"] == pytest.approx(other["verdict"]["npv_saving_usd"])
            assert one["monthly"][-1]["pressure"] is None

    def test_worlds_with_and_without_a_limit_are_told_apart(self) -> None:
        free, bound = world(), world({"limit": {"usd_per_month": 250}})
        found = simulate_alike([free, bound, free, bound])
        assert [case.threat == NEVER for case in found] == [True, False, True, False]

    def test_an_empty_table_is_a_fault(self, tmp_path: Path) -> None:
        path = tmp_path / "empty.toml"
        path.write_text(f"{FILE}[limit]\n")
        ended = CliRunner().invoke(program, ["check", str(path)])
        assert ended.exit_code == 2
        assert "limit: needs at least one of share_of_revenue" in ended.stderr
        assert "leave the table out where there is no limit" in ended.stderr


def test_a_table_of_months_can_be_reckoned_with() -> None:
    months = monthly(simulate(world()))
    assert set(months.dtypes.astype(str)) == {"float64"}
    assert months["limit_usd"].isna().all()
    assert months["stay_usd"].sum() > 0


class TestDraws:
    def test_what_hangs_on_a_limit_is_null(self) -> None:
        found = as_json(drawn())
        half = found["candidates"]["half"]
        assert found["dates"] == {"threat": None, "warning": None}
        assert found["verdict"]["probability_in_time"] is None
        assert (half["in_time"], half["days_late"], half["staged"]) == (None, None, None)
        assert half["advised"]["probability_in_time"] is None
        assert {row["probability_in_time"] for row in half["by_start"]} == {None}
        for policy in ("warn", "lead", "staged"):
            assert half["policies"][policy] is half["regret_usd"][policy] is None
        assert half["policies"]["now"]["in_time"] is None
        assert half["policies"]["best"]["saving_usd"]["mean"] > 0

    def test_the_verdict_is_the_cheapest_start(self) -> None:
        findings = drawn()
        verdict, found = findings.verdict, findings.candidates["half"]
        assert (verdict.action, verdict.binds, verdict.remedy) == ("start-now", "money", None)
        assert verdict.start_by == found.weighed.searched_starts[found.saving_by_start[0].argmax()] == 0

    @pytest.mark.parametrize("policy", ["warn", "lead", "staged"])
    def test_policies_that_watch_it_start_nothing(self, policy: str) -> None:
        found = drawn({"decision": {"policy": policy}}).candidates["half"]
        assert (found.followed_starts.cutover[:, 0] == NEVER).all()
        assert found.saving(0).mean == pytest.approx(0, abs=1e-9)

    def test_charts_draw_no_limit(self) -> None:
        findings = drawn()
        pictures = draws_charts(findings)
        assert set(pictures) == {"fan", "dates", "waiting", "regret"}
        assert not of_a_limit(" ".join(json.dumps(_texts(each.to_dict())) for each in pictures.values()))
        lines = bill_lines(findings.base.shown, LIGHT)
        assert "Limit" not in {line.name for line in lines}
        assert highest(lines) == pytest.approx(
            max(line.finite_values.max() for line in lines if line.finite_values.size)
        )

    def test_a_sweep_has_a_column_for_every_figure(self) -> None:
        told = as_json(drawn(draws=4))
        named = {**shared_figures(told), **candidate_figures(told, "half")}
        null = {"dates.threat", "dates.warning", "candidates.staged", "candidates.days_late"}
        null |= {f"candidates.policies.{name}" for name in ("warn", "lead", "staged")} | {"verdict.as_good"}
        unknown = set(named) - set(DRAWS_OUTPUTS)
        assert {name for name in unknown if named[name]} == set()
        assert unknown <= null | {"verdict.levers.each"}


def _texts(node: Any) -> list[str]:
    """The words of a chart: titles, labels and data, not the names of its properties."""
    if isinstance(node, dict):
        return [text for each in node.values() for text in _texts(each)]
    if isinstance(node, list):
        return [text for each in node for text in _texts(each)]
    return [node] if isinstance(node, str) else []


@pytest.fixture
def call(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    """A function that calls a command beside a scenario without a limit."""
    monkeypatch.chdir(tmp_path)
    Path("free.toml").write_text(FILE)
    Path("busy.toml").write_text(FILE.replace("10_000", "20_000"))

    def run(*arguments: str) -> str:
        ended = CliRunner().invoke(program, list(arguments))
        assert ended.exit_code == 0, ended.output
        return ended.stdout

    return run


class TestNotStarted:
    """What is said of a candidate that no policy starts."""

    def test_a_policy_that_watches_the_limit_saves_nothing_to_tell(self) -> None:
        for policy in ("warn", "lead", "staged", "never"):
            result = JudgedWorld(simulate(world({"decision": {"policy": policy}})))
            (said,) = ({name: of(result, each) for name, of in columns(result)} for each in result.shown.case.outlooks)
            assert (said["start"], said["live"], said["saves (PV)"]) == ("–", "–", "–")

    def test_its_sentence_says_so_after_the_choice(self) -> None:
        sentence = JudgedWorld(simulate(world(NEVER_STARTED))).as_json()["verdict"]["sentence"]
        assert sentence.startswith("As you chose, no project starts (as of 1 January 2027): half is not started; ")

    def test_its_picture_says_that_it_is_not_started(self) -> None:
        result = JudgedWorld(simulate(world(STAGED)))
        assert saving_words(result) == "half is not started and saves nothing"
        assert policy_words(result).endswith(": half is not started within 24 months")

    def test_a_limit_that_is_never_reached_is_not_said_to_be_missed(self) -> None:
        bounded = scenario(
            {"limit": {"usd_per_month": 1e6}, "decision": {"policy": "never"}}, with_candidates(half=API)
        )
        result = JudgedWorld(simulate(bounded))
        (outlook,) = result.case.outlooks
        assert outlook.starts.threat == NEVER
        assert dict(columns(result))["below the limit"](result, outlook) == "–"

    def test_one_that_would_be_needed_is_said_to_miss_it(self) -> None:
        bounded = scenario(
            {"limit": {"usd_per_month": 1.0}, "decision": {"policy": "never"}}, with_candidates(half=API)
        )
        result = JudgedWorld(simulate(bounded))
        (outlook,) = result.case.outlooks
        assert dict(columns(result))["below the limit"](result, outlook) == "no"

    def test_the_deck_says_first_what_was_chosen(self) -> None:
        spec = world(SPREAD, STAGED)
        result = JudgedWorld(simulate(spec))
        subject = Subject(result, MonteCarlo(20, 3).study(spec, result), None)
        first = Presentation(io.BytesIO(Exports(subject).deck())).slides[0]
        said = [shape.text_frame.text for shape in first.shapes if shape.has_text_frame]
        assert any(text.startswith("As you chose, projects are prepared early and committed late") for text in said)


class TestTexts:
    @pytest.mark.parametrize(
        "arguments",
        [
            ("run", "free.toml"),
            ("run", "free.toml", "--draws", "40"),
            ("run", "free.toml", "--draw", "7"),
            (
                "run",
                "free.toml",
                "--set",
                "candidates.half.project.usd_one_off=1e6",
                "--set",
                "candidates.box.coverage=0",
            ),
            ("run", "free.toml", "--set", "decision.policy=2027-05-01"),
            ("why", "free.toml"),
            ("compare", "free.toml", "busy.toml"),
        ],
        ids=lambda arguments: " ".join(arguments)[:60],
    )
    def test_no_page_speaks_of_a_limit(self, call, arguments: tuple[str, ...]) -> None:
        assert of_a_limit(call(*arguments)) == []

    def test_beside_a_scenario_with_a_limit_it_is_said_that_there_is_none(self, call) -> None:
        Path("bound.toml").write_text(f"{FILE}[limit]\nusd_per_month = 400\n")
        page = call("compare", "free.toml", "bound.toml")
        assert "the limit, left out before, is reached on" in page
        rows = [line.split() for line in page.splitlines()]
        assert ["Limit", "reached", "no", "limit"] in [row[:4] for row in rows]

    def test_a_chosen_policy_is_noted(self, call) -> None:
        assert 'policy = "warn" watches the limit, and there is none' in call("run", "free.toml", "--policy", "warn")

    @pytest.mark.parametrize("draws", [0, 12])
    def test_no_report_deck_or_workbook_speaks_of_one(self, draws: int) -> None:
        spec = world({"months": 8}, SPREAD, with_candidates(box=BOX))
        result = JudgedWorld(simulate(spec))
        findings = MonteCarlo(draws, 3).study(spec, result) if draws else None
        exports = Exports(Subject(result, findings, study(result), {}))
        text = re.sub(r"<[^>]*>", " ", re.sub(r"(?s)<(style|script).*?</\1>", " ", exports.report().decode()))
        assert of_a_limit(text) == []
        sheets = openpyxl.load_workbook(io.BytesIO(exports.workbook()))
        said = [cell for sheet in sheets for row in sheet.values for cell in row if isinstance(cell, str)]
        assert [cell for cell in said if of_a_limit(cell)] == []


class TestPython:
    def test_answers_without_a_limit(self, tmp_path: Path) -> None:
        path = tmp_path / "free.toml"
        path.write_text(FILE)
        answer = doors.simulate(doors.load(path))
        assert (answer.threat, answer.warning) == (None, None)
        assert answer.candidates["half"].remedy is None
        assert answer.daily["pressure"].isna().all()
        assert answer.monthly["limit_usd"].isna().all()
        draws = doors.draw(doors.load(path), 8)
        assert draws.candidates["half"].probability_in_time is None
        assert [name for name in draws.dates.index if "limit" in name or "warning" in name] == []

    def test_the_bill_is_in_the_takeaway(self) -> None:
        result = JudgedWorld(simulate(world(growing(0.1)))).shown
        assert bill_takeaway(result).startswith("The bill goes from $")
        assert result.case.bill[0] == pytest.approx(10 * MONTH, rel=0.1)
