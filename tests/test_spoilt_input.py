"""What no one writes on purpose: numbers, dates, paths and names beyond all sense, each answered in plain lines."""

import json
import os
import re
import subprocess
from datetime import date, timedelta
from pathlib import Path

import pytest
from typer.testing import CliRunner

from switchpoint.cli import program
from switchpoint.errors import CannotCompute
from switchpoint.scenario.explain_errors import complaints
from switchpoint.scenario.fields import TINIEST, Bounds
from switchpoint.serving.trace_files import read_trace
from tests.test_hostile import ALL, run
from tests.test_writes import RUN_BLANK

LONG = "9" * 400
END = len(ALL.splitlines())
UNKNOWN = ALL + "[candidates.z]\nkind = 'api'\nprovider = 'openai'\nmodel = 'gpt-99'\n"


def lines(*arguments: str) -> list[str]:
    """What a command says that is refused."""
    result = CliRunner().invoke(program, list(arguments))
    assert result.exit_code == 2, result.output
    assert isinstance(result.exception, SystemExit)
    return result.stderr.splitlines()


@pytest.fixture(autouse=True)
def small(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    Path("small.toml").write_text(ALL)


class TestNumbers:
    """Amounts that are none."""

    @pytest.mark.parametrize("capacity", ["1e-302", "1e-306", "1e-300", "5e-324", "9e-7"])
    @pytest.mark.parametrize("draws", [(), ("--draws", "4", "--jobs", "1")])
    def test_a_capacity_next_to_nothing(self, capacity: str, draws: tuple[str, ...]) -> None:
        field = "candidates.own.fleet.requests_per_second_per_replica"
        (line,) = lines("run", "small.toml", "--set", f"{field}={capacity}", *draws)
        assert line.startswith(f"--set:1: {field}: must be from 0.000001 to 1,000,000")

    @pytest.mark.parametrize("value", ["1e-308", "5e-324", "-1e-305"])
    @pytest.mark.parametrize(
        "field", ["usage.requests_per_day", "usage.growth.per_month", "current.price_change_per_year"]
    )
    def test_no_field_takes_an_amount_nearer_to_nothing_than_all_bounds(self, field: str, value: str) -> None:
        (line,) = lines("run", "small.toml", "--set", f"{field}={value}")
        assert line.startswith(f"--set:1: {field}: must be ")

    def test_what_is_drawn_keeps_the_bound_too(self) -> None:
        drawn = Bounds(above=0, high=1).cut([-1.0, 0.0, 5e-324, 0.5, 2.0])
        assert drawn.tolist() == [TINIEST, TINIEST, TINIEST, 0.5, 1.0]

    def test_the_least_capacity_is_computed(self) -> None:
        told = run(ALL, "candidates.own.fleet.requests_per_second_per_replica=0.000001")
        assert told["base"]["candidates"]["own"]["total_usd"] > 0

    @pytest.mark.parametrize("value", [LONG, f"-{LONG}", "1e-306", "0.0000009", "1000001"])
    def test_a_load_test_beyond_all_bounds(self, value: str) -> None:
        Path("load.json").write_text(f'{{"request_throughput": {value}}}')
        text = ALL.replace("requests_per_second_per_replica = 2.0", 'benchmark = "load.json"', 1)
        Path("small.toml").write_text(text)
        line = next(line for line in lines("check", "small.toml") if ".benchmark: " in line)
        assert re.search("gives no capacity|must have from 0.000001 to 1,000,000 requests per second", line)


class TestTables:
    """Histories and traces with cells that are none."""

    def history(self, *rows: str) -> list[str]:
        days = (date(2026, 7, 6) + timedelta(days=i) for i in range(70))
        good = "".join(f"{day},100\n" for day in days)
        Path("usage.csv").write_text("date,requests\n" + good + "".join(f"{row}\n" for row in rows))
        return lines("check", "small.toml", "--set", 'usage.growth={ curve = "history", file = "usage.csv" }')

    @pytest.mark.parametrize("day", ["9999-12-28", "9999-12-31", "0001-01-01", "1989-12-31"])
    def test_days_of_other_ages(self, day: str) -> None:
        (line,) = self.history(f"{day},100")
        assert line == f'usage.csv:72: date: must lie between 1990 and 2200; got "{day}"'

    def test_more_requests_than_there_can_be(self) -> None:
        assert self.history(f"2026-12-01,{LONG}")[0].startswith("usage.csv:72: requests: must be at most 1e+15; got ")

    @pytest.mark.parametrize("cell", [LONG, f"-{LONG}", "nan", "x", "1e16", ""])
    def test_a_trace_with_a_cell_that_is_no_number_of_tokens(self, cell: str) -> None:
        Path("trace.csv").write_text(f"arrival_s,input_tokens,output_tokens\n0,5,1\n1,{cell},1\n")
        with pytest.raises(
            CannotCompute, match=r"trace.csv.input_tokens: line 3: got .{0,90}; it takes a (whole )?number"
        ):
            read_trace("trace.csv")

    def test_times_with_and_without_fractions_and_zones_are_one_clock(self) -> None:
        times = ("2023-11-16 18:17:03.9799600", "2023-11-16 18:17:05", "2023-11-16T20:17:06.5+02:00")
        rows = "".join(f"{time},10,1\n" for time in times)
        Path("trace.csv").write_text(f"TIMESTAMP,ContextTokens,GeneratedTokens\n{rows}")
        assert read_trace("trace.csv")["arrival_s"].tolist() == pytest.approx([0, 1.02004, 2.52004])

    @pytest.mark.parametrize("time", ["01.02.2027", "soon", "", "99999-01-01", "11/12/2023 10:00"])
    def test_a_time_that_can_be_read_in_two_ways_or_none_is_refused(self, time: str) -> None:
        rows = f"2023-11-16 18:17:03,10,1\n{time},10,1\n"
        Path("trace.csv").write_text(f"TIMESTAMP,ContextTokens,GeneratedTokens\n{rows}")
        with pytest.raises(CannotCompute, match=r"trace.csv.TIMESTAMP: line 3: got .*; it takes a date such as"):
            read_trace("trace.csv")


class TestVary:
    """Paths and ranges as nobody means them."""

    @pytest.mark.parametrize(
        "vary",
        [
            *("current.price_shock_factor.values.0=0.5,0.8", "current.commitments.0.discount=0.1,0.2", '"=1,2'),
            *("usage.events.0.date=2027-01-01,2027-02-01", "usage..growth=1,2", ".=1,2", "name.=1", "=1:2:3"),
            *("usage.growth.per_month=0:1:" + "9" * 5_000, "months=" + LONG + ",5", "candidates.own.x.0.y=1,2"),
        ],
    )
    def test_each_is_a_plain_line(self, vary: str) -> None:
        found = lines("sweep", "small.toml", "--vary", vary, "--out", "out")
        assert all(line.startswith("--vary:1: ") and len(line) < 400 for line in found)
        assert not Path("out").exists()

    def test_candidates_that_are_replaced_by_none_have_none(self) -> None:
        (line,) = lines(
            "sweep", "small.toml", "--vary", "candidates=false", "--vary", "candidates.own=1,2", "--out", "o"
        )[-1:]
        assert line.startswith("--vary:")

    def test_a_value_in_the_middle_of_a_long_list_is_tried(self) -> None:
        values = ",".join(map(str, [*range(1, 200), 241, *range(3, 100)]))
        (line,) = lines("sweep", "small.toml", "--vary", f"months={values}", "--out", "out")
        assert line == "--vary:1: months: must be at most 240; got 241"


class TestNames:
    """Files and folders whose names are no UTF-8, and faults in files that others extend."""

    def command(self, *arguments: bytes) -> tuple[int, str]:
        done = subprocess.run([*map(str.encode, RUN_BLANK), *arguments], capture_output=True, timeout=120)
        return done.returncode, done.stderr.decode()

    @pytest.fixture
    def odd(self) -> bytes:
        try:
            with open(b"odd\xff.toml", "w") as file:  # noqa: PTH123 - a path of bytes
                file.write(ALL)
        except OSError:
            pytest.skip("this file system takes only names that are UTF-8")
        return b"odd\xff.toml"

    @pytest.mark.slow
    def test_it_is_checked_and_run(self, odd: bytes) -> None:
        assert self.command(b"run", odd, b"--json", b"--out", b"out\xff")[0] == 0
        with open(b"out\xff/result.json", "rb") as file:  # noqa: PTH123
            assert json.load(file)["draws"] == 0

    @pytest.mark.slow
    def test_what_cannot_keep_it_says_so(self, odd: bytes) -> None:
        code, said = self.command(b"sweep", odd, b"--vary", b"months=6,12", b"--out", b"out")
        assert (code, len(said.splitlines())) == (2, 1)
        assert "is not UTF-8, so that no sweep can keep it; rename it" in said
        code, said = self.command(b"new", b"odd\xff")
        assert (code, said.startswith("NAME: must be a file name")) == (2, True)

    def test_no_wording_of_the_machinery(self) -> None:
        found = lines("run", "small.toml", "--set", f"usage.growth.{os.fsdecode(bytes([255]))}=1")
        assert not any("Input should be" in line for line in found)

    def test_a_kind_of_fault_without_a_sentence_of_its_own(self) -> None:
        from pydantic import TypeAdapter, ValidationError

        with pytest.raises(ValidationError) as caught:
            TypeAdapter(complex).validate_python("no number")
        assert complaints(caught.value, {}) == [((), 'has a value that does not belong here; got "no number"')]

    @pytest.mark.parametrize(
        ("text", "second"),
        [
            ("months = 1\nmonths 2\n", "base.toml:2: has a key without = and a value"),
            (ALL.replace("months = 24", "months = 0"), "base.toml:2: months: must be 1 or more; got 0"),
            (
                ALL + "[candidates.z]\nkind='api'\nprovider='openai'\nmodel='gpt-99'\n",
                f"base.toml:{END + 4}: candidates.z.model: ",
            ),
        ],
    )
    def test_a_fault_below_names_the_file_that_was_asked_for_first(self, text: str, second: str) -> None:
        Path("base.toml").write_text(text)
        Path("mine.toml").write_text('name = "Mine"\nextends = "base.toml"\n')
        first, *others = lines("check", "mine.toml")
        assert first == "mine.toml:2: extends: names a file with faults: base.toml"
        assert [line.startswith(second) for line in others] == [True]
