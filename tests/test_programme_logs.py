"""Logs of a programme: two formats, every fault with its line, merges, thousands of rows, and one way to add."""

from __future__ import annotations

import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from datetime import date
from pathlib import Path

import pytest
from typer.testing import CliRunner

from switchpoint.cli import program
from switchpoint.scenario.errors import ScenarioError
from switchpoint.scenario.load import load_text
from switchpoint.scenario.log_files import columns, joined_logs, parse_log, read_logs, with_entry
from switchpoint.scenario.programme import CATEGORIES, KINDS, LogFile
from switchpoint.scenario.stated_notes import stated_notes
from switchpoint.scenario.toml_writer import example_text

ROOT = Path(__file__).resolve().parent.parent
CSV = "kind,date,id,what,score,viable,category,count,diagnosed,worked,layer,reason,requests,usd\n"


def faults(text: str, name: str) -> list[str]:
    found = parse_log(text.encode(), name)
    assert isinstance(found, tuple)
    return [str(each) for each in found]


def called(*arguments: str) -> tuple[int, str]:
    done = CliRunner().invoke(program, ["log", *arguments])
    return done.exit_code, done.output


@pytest.mark.parametrize("name", ["log.csv", "log.toml"])
def test_what_is_added_is_read_back(name: str) -> None:
    raw = b""
    for kind, fields in {
        "experiment": {"date": date(2027, 1, 3), "what": 'a "quoted", one', "score": 0.7, "viable": True},
        "error": {"date": date(2027, 1, 4), "category": "data-quality", "count": 7},
        "intervention": {"date": date(2027, 1, 5), "diagnosed": False, "what": "a # in it"},
        "decision": {"date": date(2027, 1, 6), "layer": "generative", "reason": "text"},
        "cost": {"date": date(2027, 1, 7), "requests": 1_000_000.0, "usd": 2_900.0},
    }.items():
        raw = with_entry(raw, name, kind, fields)
    log = joined_logs(((name, raw),))
    assert [each.what for each in log.experiments] == ['a "quoted", one']
    assert (log.experiments[0].score, log.experiments[0].viable) == (0.7, True)
    assert (log.errors_seen, log.errors_in("data-quality"), log.categorised_share) == (7, 7, 1.0)
    assert (log.diagnosed_share, log.decisions[0].layer, log.costs[0].usd) == (0.0, "generative", 2900)
    assert (log.first_day, log.last_day) == (date(2027, 1, 3), date(2027, 1, 7))


def test_every_fault_of_a_table_has_its_line() -> None:
    rows = (
        "experiment,2027-13-01,,,0.5\n"
        "experimnt,2027-01-02\n"
        "intervention,2027-01-03,,,0.4,,,,true\n"
        "intervention,2027-01-04,,,,,,,perhaps\n"
        "experiment,2027-01-05,,,2\n"
        "decision,2027-01-06,,,,,,,,,generativ,why\n"
        "error,2027-01-07,,,,,data-quality,0\n"
        "experiment,2027-01-08,,,much\n"
    )
    told = faults(CSV + rows, "log.csv")
    assert [line.partition(": ")[0] for line in told] == [f"log.csv:{n}" for n in (2, 3, 4, 5, 6, 7, 8, 9)]
    assert "must be a date such as 2027-05-01" in told[0]
    assert told[1].endswith("did you mean experiment?")
    assert "score: does not belong to an entry of kind intervention" in told[2]
    assert "diagnosed: must be true or false" in told[3]
    assert "score: must be from 0 to 1; got 2" in told[4]
    assert "did you mean generative?" in told[5]
    assert "count: must be 1 or more" in told[6]
    assert "score: must be a number" in told[7]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("date,what\n", "log.csv:1: kind: is missing"),
        ("kind,date,scor\n", "log.csv:1: scor: is not a known column; did you mean score?"),
        ("kind,date,date\n", "log.csv:1: names a column twice"),
        ("kind,date\nerror,2027-01-01,5\n", "has 3 cells"),
        ('kind,date\nerror,"2027\n', "is not valid CSV"),
    ],
)
def test_a_table_that_is_none_says_so(text: str, said: str) -> None:
    assert any(said in line for line in faults(text, "log.csv"))


def test_every_fault_of_a_toml_log_has_its_line() -> None:
    text = (
        "[[experiment]]\ndat = 2027-01-01\n[[error]]\ndate = 2027-01-01\ncategory = 'dataquality'\ncount = 0\n[[foo]]\n"
    )
    assert faults(text, "log.toml") == [
        "log.toml:2: experiment.dat: is not a known key; did you mean date?",
        "log.toml:7: foo: is not a known key of this table",
        "log.toml:5: error.category: must be data-quality, data-quantity, model-capacity, hyperparameters or "
        'task-definition; got "dataquality"; did you mean data-quality?',
        "log.toml:6: error.count: must be 1 or more; got 0",
    ]
    assert faults("a = \n", "log.toml")[0].startswith("log.toml:1: is not valid TOML")


def test_other_endings_and_bytes_are_refused() -> None:
    assert "must be a log file that ends in .toml or .csv" in faults("", "log.txt")[0]
    assert isinstance(found := parse_log(b"kind,date\n\xff", "log.csv"), tuple)
    assert str(found[0]) == "log.csv:2: must be UTF-8 text; got other bytes"


@pytest.mark.parametrize("name", ["log.csv", "log.toml"])
def test_a_merge_that_is_not_finished_is_told_by_line(name: str) -> None:
    head = "" if name.endswith("toml") else "kind,date\n"
    text = f"{head}<<<<<<< HEAD\nerror,2027-01-01\n=======\nerror,2027-01-02\n>>>>>>> other\n"
    lines = [int(line.split(":")[1]) for line in faults(text, name)]
    assert lines == [text.split("\n").index(mark) + 1 for mark in ("<<<<<<< HEAD", "=======", ">>>>>>> other")]
    assert all("keep the lines of both sides" in line for line in faults(text, name))


def git(folder: Path, *arguments: str) -> None:
    identity = ("-c", "user.name=t", "-c", "user.email=t@example.org", "-c", "commit.gpgsign=false")
    subprocess.run(["git", *identity, *arguments], cwd=folder, check=True, capture_output=True)


def test_two_branches_that_both_add_are_merged_without_a_conflict(tmp_path: Path) -> None:
    """One line an entry, and the union of both sides: nothing is lost, nothing counts twice."""
    file = tmp_path / "log.csv"
    git(tmp_path, "init", "-b", "one")
    (tmp_path / ".gitattributes").write_text("*log.csv merge=union\n")
    assert called(str(file), "experiment", "what=first", "date=2027-01-01")[0] == 0
    git(tmp_path, "add", ".")
    git(tmp_path, "commit", "-m", "first")
    git(tmp_path, "branch", "two")
    assert called(str(file), "experiment", "what=ours", "date=2027-01-03")[0] == 0
    git(tmp_path, "commit", "-am", "ours")
    git(tmp_path, "checkout", "two")
    assert called(str(file), "experiment", "what=theirs", "date=2027-01-02")[0] == 0
    git(tmp_path, "commit", "-am", "theirs")
    git(tmp_path, "merge", "one")
    assert [each.what for each in read_logs([str(file)]).experiments] == ["first", "theirs", "ours"]


def test_an_entry_that_stands_in_two_files_counts_once() -> None:
    row = "experiment,2027-01-01,a1,few shot\n"
    log = joined_logs((("one.csv", (CSV + row).encode()), ("two.csv", (CSV + row + row).encode())))
    assert len(log.experiments) == 1
    plain = (CSV + row.replace("a1", "")).encode()
    assert len(joined_logs((("one.csv", plain), ("two.csv", plain))).experiments) == 2  # nothing says they are one


def test_an_id_of_two_entries_is_a_fault() -> None:
    row = "experiment,2027-01-01,a1,{}\n"
    assert "is the id of another entry" in faults(CSV + row.format("x") + row.format("y"), "log.csv")[0]
    with pytest.raises(ScenarioError, match="experiment a1 says something else"):
        joined_logs((("a.csv", (CSV + row.format("x")).encode()), ("b.csv", (CSV + row.format("y")).encode())))


@pytest.mark.slow
@pytest.mark.parametrize("name", ["log.csv", "log.toml"])
def test_ten_thousand_entries(name: str, tmp_path: Path) -> None:
    text = CSV + "".join(f"experiment,2026-01-{n % 28 + 1:02d},,try {n},0.{n % 10}\n" for n in range(10_000))
    if name.endswith("toml"):
        text = "".join(f"[[experiment]]\ndate = 2026-01-{n % 28 + 1:02d}\nscore = 0.{n % 10}\n" for n in range(10_000))
    file = tmp_path / name
    file.write_text(text)
    log = read_logs([str(file)])
    assert len(log.experiments) == 10_000
    assert [each.date for each in log.experiments] == sorted(each.date for each in log.experiments)
    broken = parse_log(text.replace("0.7", "7").encode(), name)
    assert isinstance(broken, tuple)
    assert len(broken) == 1_000
    assert len(str(ScenarioError(broken)).splitlines()) == 101  # the first hundred, and how many more


def test_adding_keeps_every_byte(tmp_path: Path) -> None:
    file = tmp_path / "log.toml"
    before = "# our log\n[[error]]\ndate = 2027-01-01   # a remark\ncount = 3"
    file.write_text(before)
    assert called(str(file), "error", "count=2", "category=data-quality", "date=2027-01-02") == (
        0,
        f"{file}: error of 2027-01-02 added\n",
    )
    assert file.read_text().startswith(before)
    assert read_logs([str(file)]).errors_seen == 5


def test_a_file_with_faults_stays_as_it_is(tmp_path: Path) -> None:
    file = tmp_path / "log.csv"
    file.write_text(CSV + "experimnt,2027-01-01\n")
    before = file.read_bytes()
    code, said = called(str(file), "error", "count=2")
    assert code == 2
    assert f"{file}:2: kind: must be" in said
    assert file.read_bytes() == before


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["experimnt"], "kind: must be experiment, error, intervention, decision or cost"),
        (["error", "count=x", "categry=data-quality"], "categry: is not a known key; did you mean category?"),
        (["error", "count=0"], "count: must be 1 or more"),
        (["decision", "layer=generative"], "reason: is missing"),
        (["error", "count"], "must be FIELD=VALUE"),
        (["error", "count=1", "count=2"], "count: is given twice"),
        (["cost", "requests=0", "usd=1"], "requests: must be above 0"),
    ],
)
def test_a_wrong_entry_is_not_added(tmp_path: Path, arguments: list[str], said: str) -> None:
    code, told = called(str(tmp_path / "log.csv"), *arguments)
    assert code == 2
    assert said in told
    assert list(tmp_path.iterdir()) == []


def test_nothing_is_written_through_a_link_or_into_no_folder(tmp_path: Path) -> None:
    (tmp_path / "other.csv").write_text("mine")
    (tmp_path / "log.csv").symlink_to(tmp_path / "other.csv")
    assert called(str(tmp_path / "log.csv"), "error", "count=2")[0] == 2
    assert (tmp_path / "other.csv").read_text() == "mine"
    assert called(str(tmp_path / "nowhere" / "log.csv"), "error", "count=2")[0] == 2


@pytest.mark.slow
def test_many_who_add_at_once_lose_nothing(tmp_path: Path) -> None:
    """Whoever adds waits for the others: six processes, each its own entry."""
    file = tmp_path / "log.csv"

    def add(number: int) -> None:
        command = [sys.executable, "-m", "switchpoint", "log", str(file), "error", f"count={number}"]
        subprocess.run(command, check=True, capture_output=True)

    with ThreadPoolExecutor(6) as pool:
        list(pool.map(add, range(1, 7)))
    assert sorted(each.count for each in read_logs([str(file)]).errors) == [1, 2, 3, 4, 5, 6]


def test_a_text_that_may_open_no_file_is_taken_without_its_log() -> None:
    loaded = load_text(example_text("tagging-at-volume"))
    assert loaded.scenario.programme is not None
    assert loaded.scenario.programme.log == ()


def test_a_log_that_is_not_there_yet_says_nothing_and_is_noted(tmp_path: Path) -> None:
    from switchpoint.scenario.load import load

    file = tmp_path / "ours.toml"
    file.write_text((ROOT / "scenarios" / "tagging-at-volume.toml").read_text())
    scenario = load(file).scenario
    assert scenario.programme is not None
    assert read_logs(scenario.programme.log).last_day is None
    (note,) = (each for each in stated_notes(scenario) if each.code == "no-log")
    assert note.sentence.startswith("the log tagging-at-volume.csv is not there yet")
    (tmp_path / "logs").mkdir()
    assert called(str(tmp_path / "logs" / "tagging-at-volume.csv"), "error", "count=2")[0] == 0
    assert read_logs(load(file).scenario.programme.log).errors_seen == 2


def test_the_columns_are_the_fields_of_all_kinds() -> None:
    assert columns()[:3] == ("kind", "date", "id")
    assert set(columns()) == {"kind", *(name for part in KINDS.values() for name in part.model_fields)}
    assert len(CATEGORIES) == 5
    assert set(LogFile.model_fields) == set(KINDS)


def test_a_table_without_a_column_says_which_one_it_lacks(tmp_path: Path) -> None:
    file = tmp_path / "log.csv"
    file.write_text("kind,date,count\nerror,2027-01-01,3\n")
    code, said = called(str(file), "experiment", "score=0.5")
    assert code == 2
    assert "has no column for score; add it to the first line" in said
    assert file.read_text() == "kind,date,count\nerror,2027-01-01,3\n"


def test_a_table_of_ones_own_may_leave_out_the_id(tmp_path: Path) -> None:
    file = tmp_path / "log.csv"
    file.write_text("date,kind,count\n2027-01-01,error,3\n")
    assert called(str(file), "error", "count=2", "date=2027-01-02") == (0, f"{file}: error of 2027-01-02 added\n")
    assert file.read_text().endswith("2027-01-02,error,2\n")
