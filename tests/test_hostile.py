"""A hostile or careless user: extreme but legal values, odd names, odd usage files, odd shells.

Every run ends in finite figures or in plain lines, without warnings, and small worlds give what arithmetic gives.
"""

import json
import os
import re
import subprocess
import sys
import warnings
from collections.abc import Iterator, Sequence
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest

from switchpoint.cli.typer_program import evaluate
from switchpoint.export.data_files import json_text
from switchpoint.export.text_pages import page
from switchpoint.scenario.catalogue_check import load_checked, load_text_checked
from switchpoint.scenario.errors import ScenarioError
from switchpoint.scenario.load import Loaded
from switchpoint.simulation.ledger import total
from tests.test_writes import RUN_BLANK

Json = dict[str, Any]
RUN = [sys.executable, "-W", "error", "-m", "switchpoint"]

HEAD = """\
start = 2027-01-01
months = 24
[usage]
requests_per_day = 50_000
input_tokens = 2_000
output_tokens = 300
growth = { curve = "constant" }
[limit]
usd_per_month = 5_000
[current]
usd_per_mtok = { input = 0.75, output = 4.5 }
[decision]
policy = "now"
"""
STAY = 50_000 * (2_000 * 0.75 + 300 * 4.5) / 1e6
"""Dollars a day of staying."""
API = '[candidates.api]\nkind = "api"\nusd_per_mtok = { input = 0.3, output = 1.5 }\n'
OWN = """\
[candidates.own]
kind = "gpu"
[candidates.own.fleet]
requests_per_second_per_replica = 2.0
usd_per_gpu_hour = 1.0
overhead_share = 0.1
min_replicas = 2
spare_replicas = 1
regions = 2
[candidates.own.project]
engineers = 2
engineers_in_house = 1
hiring_weeks = 3
usd_per_engineer_month = 10_000
examples = 1_000
labels_per_day = 90
usd_per_example = 1
usd_per_iteration = 500
training_days = 1.5
evaluation_days = 3
pass_probability = [0.3, 0.3]
intervention_days = 4
hardening_days = 2
usd_hardening = 77
shadow_days = 10
ramp_days = 10
usd_one_off = 33
[candidates.own.upkeep]
retrain_every_months = 0
"""
BOUGHT = """\
[candidates.box]
kind = "gpu"
[candidates.box.fleet]
requests_per_second_per_replica = 2.0
purchase_usd_per_gpu = 10_000
lifetime_months = 10
resale_share = 0.1
power_kw_per_gpu = 1
usd_per_kwh = 0.1
target_utilisation = 1
scaling = "daily"
"""
ALL = HEAD + API + OWN + BOUGHT

EXTREMES = [
    *(f"months={months}" for months in (1, 2, 239, 240)),
    *(f"start={day}" for day in ("2028-02-29", "2027-01-31", "1990-01-01", "2199-12-31")),
    *(f"usage.requests_per_day={level}" for level in ("0", "1e-300", "1e-9", "1e15")),
    *(f"usage.input_tokens={tokens}" for tokens in ("0", "1e-300", "1e8")),
    'usage.growth={ curve = "linear", per_month = -1e15 }',
    'usage.growth={ curve = "compound", per_month = -0.5, fade_per_month = 0.99 }',
    'usage.growth={ curve = "logistic", per_month = 100, ceiling = 50_000.0001 }',
    'usage.growth={ curve = "logistic", per_month = 0.1, ceiling = 10 }',
    'usage.growth={ curve = "bass", innovation = 10, imitation = 10, market = 1e15 }',
    "usage.weekday_profile=[0, 0, 0, 0, 0, 0, 1e-300]",
    "usage.events=[{ date = 1990-01-01, factor = 0 }, { date = 2199-01-01, factor = 1e6 }]",
    "usage.token_growth_per_month=-0.9999999999999999",
    *(f"limit={{ usd_per_month = {limit} }}" for limit in ("1e-300", "1e15")),
    "limit={ usd_per_1000_requests = 1e-300 }",
    "current.usd_per_mtok={ input = 0, output = 0 }",
    "current.usd_per_mtok={ input = 1e6, output = 1e6 }",
    *(f"current.price_change_per_year={change}" for change in ("-0.9999999999999999", "10")),
    "current.price_changes=[{ date = 1990-01-01, factor = 0 }, { date = 2199-01-01, factor = 9 }]",
    "current.commitments=[{ usd_per_month = 1e15, discount = 1, until = 2199-01-01 }]",
    "current.commitments=[{ usd_per_month = 1e-300 }, { usd_per_month = 5, until = 1990-01-01 }]",
    "current.batch_discount=1",
    *(f"candidates.*.coverage={share}" for share in ("0", "1e-300", "0.999999", "1")),
    "candidates.*.quality_usd_per_1000_requests=-1e15",
    *(f"candidates.own.project.{step}=3650" for step in ("shadow_days", "ramp_days", "training_days")),
    "candidates.own.project.hiring_weeks=520",
    "candidates.own.project.examples=1e9",
    "candidates.own.project.usd_one_off=1e15",
    "candidates.own.project.pass_probability=[0]",
    "candidates.own.project.pass_probability=[1e-300]",
    'candidates.own.project.labelling="from-start"',
    "candidates.own.fleet.min_replicas=0",
    "candidates.own.fleet.min_replicas=1_000_000_000",
    "candidates.own.fleet.max_replicas=1",
    "candidates.own.fleet.target_utilisation=1e-12",
    "candidates.own.upkeep.retrain_every_months=0.01",
    "candidates.box.fleet.lifetime_months=0.1",
    "candidates.box.fleet.lifetime_months=600",
    "decision.discount_rate_per_year=10",
    "decision.discount_rate_per_year=-0.9",
    "decision.warn_months=[0, 0]",
    *(f'decision.policy="{policy}"' for policy in ("never", "warn", "best")),
]


@pytest.fixture(autouse=True)
def no_warnings() -> Iterator[None]:
    """A warning is a fault: a user would see it on stderr."""
    with warnings.catch_warnings():
        warnings.simplefilter("error", RuntimeWarning)
        yield


def figures(loaded: Loaded) -> Json:
    """The JSON of a run; anything but finite numbers fails, and the page can be printed too."""
    result = evaluate(loaded)
    told: Json = json.loads(json_text(result), parse_constant=pytest.fail)
    assert not re.search(r"\b(nan|inf|None)\b", page(result).replace(str(result.case.scenario.name), ""))
    return told


def run(text: str, *settings: str) -> Json:
    """The JSON of a scenario given as text, with values replaced."""
    return figures(load_text_checked(text, "hostile.toml", settings))


def refused(text: str, *settings: str) -> list[str]:
    """The lines with which a scenario is refused."""
    with pytest.raises(ScenarioError) as caught:
        run(text, *settings)
    return str(caught.value).splitlines()


class TestExtremes:
    """Legal values at their ends give finite figures that agree with one another, or one line per fault."""

    @pytest.mark.parametrize("setting", EXTREMES)
    def test_finite_and_consistent(self, setting: str) -> None:
        try:
            told = run(ALL, setting)
        except ScenarioError as error:
            lines = str(error).splitlines()
        else:
            self.agree(told)
            return
        assert all(re.match(r"\S+:\d+: [\w.*]+: .+", line) for line in lines)

    def agree(self, told: Json) -> None:
        """The figures of one run do not contradict one another."""
        rows, base = told["monthly"], told["base"]
        for name, candidate in base["candidates"].items():
            months = [row[f"{name}_usd"] for row in rows]
            scale = max(1.0, *map(abs, months))
            assert sum(months) == pytest.approx(candidate["total_usd"], rel=1e-9, abs=1e-6 * scale)
            assert candidate["possible"] is (candidate["impossible_from"] is None)
            assert not (candidate["remedy"] and not candidate["possible"])
            if candidate["start_by"] and base["threat"]:
                assert candidate["start_by"] <= base["threat"]
            if candidate["cutover"] and candidate["project_start"]:
                assert candidate["project_start"] <= candidate["cutover"]

    def test_beyond_all_bounds_is_one_line(self) -> None:
        (line,) = refused(ALL, "usage.growth={ curve = 'compound', per_month = 1e15 }")
        assert line.startswith("--set:1: usage.growth: grows beyond 1e+15 requests a day by 2027-01-22; ")

    @pytest.mark.parametrize(
        ("setting", "field"),
        [
            ("candidates.own.upkeep.retrain_every_months=0.0001", "candidates.own.upkeep.retrain_every_months"),
            ("decision.warn_months=[0, 30000]", "decision.warn_months.1"),
            ("decision.discount_rate_per_year=-0.9999999999999999", "decision.discount_rate_per_year"),
            ('name="a\\nb\\u001b[31mred"', "name"),
            (f"current.price_changes=[{'{date=2028-01-01,factor=1e6},' * 52}]", "current.price_changes"),
        ],
    )
    def test_what_would_overflow_or_never_end_is_one_line(self, setting: str, field: str) -> None:
        (line,) = refused(ALL, "months=36", setting)
        assert line.startswith(f"--set:2: {field}: ")

    @pytest.mark.parametrize(
        "growth",
        [
            "{ curve = 'logistic', per_month = 0.1, ceiling = 0.001 }",
            "{ curve = 'compound', per_month = -0.9999 }",
        ],
    )
    def test_usage_that_dies_is_no_trouble(self, growth: str) -> None:
        self.agree(run(ALL, f"usage.growth={growth}", "months=240"))

    def test_revenue_beyond_all_bounds_is_one_line(self) -> None:
        share = "limit={ share_of_revenue = 0.1 }"
        (line,) = refused(ALL, share, "revenue={ usd_per_month = 1e15, growth_per_month = 100 }")
        assert line.startswith("--set:2: revenue.growth_per_month: ")

    def test_a_thousand_iterations(self) -> None:
        own = "candidates.own.project."
        told = run(ALL, f"{own}max_iterations=1000", f"{own}pass_probability=[0.0007]", "months=240")
        assert told["base"]["candidates"]["own"]["cutover"] is None


class TestArithmetic:
    """Figures that pencil and paper give."""

    def test_doubled_prices_double_the_bill(self) -> None:
        once = run(HEAD, "usage.growth={ curve = 'compound', per_month = 0.05 }")
        twice = run(
            HEAD, "usage.growth={ curve = 'compound', per_month = 0.05 }", "current.usd_per_mtok={input=1.5, output=9}"
        )
        for row, doubled in zip(once["monthly"], twice["monthly"], strict=True):
            assert doubled["stay_usd"] == pytest.approx(2 * row["stay_usd"])

    @pytest.mark.parametrize("policy", ["never", "now", "warn", "best", "2027-05-01"])
    @pytest.mark.parametrize(
        "terms",
        [
            "usd_per_month = 300",
            "commitments = [{ usd_per_month = 1, discount = 0.2 }]",
            "price_change_per_year = -0.2\nprice_changes = [{ date = 2027-08-03, factor = 0.7 }]",
        ],
    )
    def test_the_same_again_saves_nothing(self, policy: str, terms: str) -> None:
        prices = "usd_per_mtok = { input = 0.75, output = 4.5 }\n"
        text = HEAD.replace("[current]", f"[current]\n{terms}")
        told = run(f'{text}[candidates.same]\nkind = "api"\n{prices}{terms}\n', f"decision.policy={policy}")
        same = told["base"]["candidates"]["same"]
        assert same["npv_saving_usd"] == pytest.approx(0, abs=1e-6)
        assert same["best_start"] is None
        assert same["total_usd"] == pytest.approx(sum(row["stay_usd"] for row in told["monthly"]))

    def test_a_project_by_hand(self) -> None:
        """Hired after 21 days, data after 12; two iterations of 5 days with 4 between; 2 + 10 + 10 days to cutover."""
        own = run(HEAD + OWN)["base"]["candidates"]["own"]
        shadow, ramp, cutover = 21 + 5 + 4 + 5 + 2, 47, 57
        assert own["cutover"] == str(date(2027, 1, 1) + timedelta(days=cutover))
        engineers = (0.25 * 21 + 2 * (cutover - 21)) * 10_000 * 12 / 365.25  # a quarter while one is sought
        one_off = engineers + 1_000 + 2 * 500 + 77 + 33
        assert own["one_off_usd"] == pytest.approx(one_off)
        fleet = (731 - shadow) * 24 * (2 * 2 + 1 * 2) * 1.1
        stay = STAY * (ramp + sum(1 - (k + 0.5) / 10 for k in range(10)))
        assert own["total_usd"] == pytest.approx(one_off + fleet + stay)

    def test_a_bought_box_by_hand(self) -> None:
        """Bought on day 0, again on days 304 and 608 for nine tenths; on day 730 it is 122 days old."""
        box = run(HEAD + BOUGHT)["base"]["candidates"]["box"]
        credit = 10_000 * (1 - 122 / (10 * 365.25 / 12))
        assert box["total_usd"] == pytest.approx(10_000 + 2 * 9_000 - credit + 731 * 24 * 0.1)
        assert box["one_off_usd"] == pytest.approx(10_000)

    def test_best_is_the_best_of_all_first_days(self) -> None:
        growing = 'usage.growth={ curve = "compound", per_month = 0.05 }'
        text = HEAD + API + "usd_per_month = 1_500\n"
        saved = {}
        for index in range(24):
            day = f"{2027 + index // 12}-{index % 12 + 1:02}-01"
            told = run(text, growing, f"decision.policy={day}")
            saved[day] = told["base"]["candidates"]["api"]["npv_saving_usd"]
        good = [day for day, usd in saved.items() if usd > 0 and usd >= max(saved.values()) - 1]
        assert told["base"]["candidates"]["api"]["best_start"] == good[-1]

    def test_nothing_is_undiscounted_at_rate_0(self) -> None:
        result = evaluate(load_text_checked(ALL))
        for outlook in result.case.outlooks:
            saving = result.case.stay.sum() - total(outlook.ledger.entries).sum()
            assert outlook.npv_saving == pytest.approx(saving)

    def test_advice_flips_where_it_says(self) -> None:
        text = HEAD + API + "usd_per_month = 9_000\n"
        low = ("usage.requests_per_day=100", "limit.usd_per_month=1e9")
        level = run(text, *low)["verdict"]["flips_at_requests_per_day"]
        actions = [run(text, low[1], f"usage.requests_per_day={level * k}")["verdict"]["action"] for k in (0.9999, 1)]
        assert actions[0] == "stay" != actions[1]


class TestNames:
    """Candidates may be called almost anything."""

    @pytest.mark.parametrize(
        "name", ["a b", "=cmd()", "<script>alert(1)</script>", "😀", "日本語", "a.b", "*", "[red]x", "%s{0}", "x" * 80]
    )
    def test_odd_names(self, name: str) -> None:
        told = run(HEAD + API.replace("candidates.api", f"candidates.{json.dumps(name, ensure_ascii=False)}"))
        assert list(told["base"]["candidates"]) == [name]
        assert f"{name}_usd" in told["monthly"][0]

    def test_names_that_differ_in_case_only(self) -> None:
        told = run(HEAD + API + API.replace("candidates.api", "candidates.API"))
        assert set(told["base"]["candidates"]) == {"api", "API"}

    @pytest.mark.parametrize("name", ["", " ", "x" * 81, "a\nb", "\u202eabc", "\u200b", "stay", "requests", "month"])
    def test_refused_names(self, name: str) -> None:
        lines = refused(HEAD + API.replace("candidates.api", f"candidates.{json.dumps(name)}"))
        assert len(lines) == 1
        assert lines[0].startswith("hostile.toml:14: candidates.")


DAYS = [(str(date(2026, 7, 6) + timedelta(days=i)), f"{1000 * 1.002**i}") for i in range(182)]


class TestHistory:
    """Usage files as spreadsheets and careless people leave them."""

    def scenario(self, folder: Path, text: str, encoding: str = "utf-8") -> Loaded:
        (folder / "usage.csv").write_bytes(text.encode(encoding))
        usage = 'growth = { curve = "history", file = "usage.csv" }'
        file = folder / "own.toml"
        file.write_text(HEAD.replace('growth = { curve = "constant" }', usage), encoding="utf-8")
        return load_checked(file)

    def csv(self, rows: list[tuple[str, str]], end: str = "\n") -> str:
        return "".join(f"{day},{requests}{end}" for day, requests in [("date", "requests"), *rows])

    @pytest.mark.parametrize(
        "text",
        [
            "\ufeff{plain}",
            "{windows}",
            "{old_mac}",
            "{backwards}",
            "{gaps}",
        ],
    )
    def test_read_all_the_same(self, tmp_path: Path, text: str) -> None:
        kinds = {
            "plain": self.csv(DAYS),
            "windows": self.csv(DAYS, "\r\n"),
            "old_mac": self.csv(DAYS, "\r"),
            "backwards": self.csv(DAYS[::-1]),
            "gaps": self.csv(DAYS[:49] + DAYS[77:]),
        }
        plain = figures(self.scenario(tmp_path, kinds["plain"]))
        told = figures(self.scenario(tmp_path, text.format(**kinds)))
        for row, expected in zip(told["monthly"], plain["monthly"], strict=True):
            assert row["requests"] == pytest.approx(expected["requests"])

    @pytest.mark.parametrize(
        ("line", "said"),
        [
            ("2026-02-30,5", "usage.csv:184: date: must be a date"),
            ("31.12.2026,5", "usage.csv:184: date: must be a date"),
            ("2027-06-01,-5", "usage.csv:184: requests: must be a number, 0 or more"),
            ("2027-06-01,nan", "usage.csv:184: requests: must be a number, 0 or more"),
            ("2027-06-01,", "usage.csv:184: requests: must be a number, 0 or more"),
            ("2026-07-06,5", "usage.csv:184: date: states 2026-07-06 for the second time"),
        ],
    )
    def test_bad_line(self, tmp_path: Path, line: str, said: str) -> None:
        with pytest.raises(ScenarioError, match=said):
            self.scenario(tmp_path, f"{self.csv(DAYS)}{line}\n")

    @pytest.mark.parametrize("text", ["", "\n\n", "date,requests\n", "day,count\n2027-01-01,5\n", "\0"])
    def test_nothing_in_it(self, tmp_path: Path, text: str) -> None:
        with pytest.raises(ScenarioError, match=r"usage\.csv:1: "):
            self.scenario(tmp_path, text)


@pytest.mark.slow
class TestShell:
    """The program where shells and folders are not as one would wish."""

    def start(self, *words: str, **more: Any) -> subprocess.Popen[str]:
        return self.begin([*RUN, *words], **more)

    def begin(self, command: Sequence[str], **more: Any) -> subprocess.Popen[str]:
        streams = {"stdin": subprocess.DEVNULL, "stdout": subprocess.PIPE, "stderr": subprocess.PIPE}
        return subprocess.Popen(command, text=True, encoding="utf-8", **{**streams, **more})

    @pytest.fixture
    def file(self, tmp_path: Path) -> Path:
        folder = tmp_path / "with space and ü"
        folder.mkdir()
        (folder / "own.toml").write_text(ALL, encoding="utf-8")
        return folder / "own.toml"

    def test_reader_that_leaves(self, file: Path) -> None:
        process = self.start("run", str(file), "--json", "--set", "months=240")
        assert process.stdout is not None
        assert process.stderr is not None
        process.stdout.readline()
        process.stdout.close()
        assert process.stderr.read() == ""
        process.stderr.close()
        process.wait(timeout=20)

    def test_from_another_folder_in_a_narrow_window(self, file: Path) -> None:
        environment = {**os.environ, "COLUMNS": "20", "LC_ALL": "C"}
        out, err = self.start("run", str(file), cwd="/", env=environment).communicate(timeout=20)
        assert err == ""
        assert "Cost by month" in out

    def test_out_is_a_file(self, file: Path) -> None:
        process = self.start("run", str(file), "--out", str(file))
        _, err = process.communicate(timeout=20)
        assert process.returncode == 2
        assert err.splitlines() == [f"{file}: File exists"]
        assert file.read_text(encoding="utf-8") == ALL

    def test_two_at_once_into_one_folder(self, file: Path) -> None:
        out = file.parent / "results"
        python, *blank = RUN_BLANK
        both = [
            self.begin([python, "-W", "error", *blank, "run", str(file), "--json", "--out", str(out)]) for _ in range(2)
        ]
        told = [process.communicate(timeout=60) for process in both]
        assert [process.returncode for process in both] == [0, 0]
        assert [err for _, err in told] == ["", ""]
        assert (out / "result.json").read_text(encoding="utf-8") == told[0][0] == told[1][0]
        assert {file.suffix for file in out.iterdir()} <= {".toml", ".json", ".txt", ".csv", ".png", ".svg"}
