"""What is written: whole or marked, never through a link; nothing removed that is not ours. Saved runs read back."""

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from typer.testing import CliRunner

from switchpoint import files
from switchpoint.cli import program
from switchpoint.files import LISTING, Linked, lock, sweep_up, unfinished_mark, write_set, write_whole
from tests.effort import tries
from tests.found_once import BLANK
from tests.sweep_worlds import written

pytestmark = pytest.mark.usefixtures("blank_pictures")

RUN = [sys.executable, "-m", "switchpoint"]
BLANK_PICTURES = f"""
import vl_convert
for name, drawn in {BLANK!r}.items():
    setattr(vl_convert, name, lambda *chart, drawn=drawn, **how: drawn)
"""
"""What the pictures show is not the question here, and drawing them takes a program most of its time."""
RUN_BLANK = [sys.executable, "-c", f"{BLANK_PICTURES}\nfrom switchpoint.cli import main\nmain()"]
LEFT = ".0123456789abcdef.switchpoint.tmp"
unix = pytest.mark.skipif(os.name == "nt", reason="links, pipes and signals as on Unix")


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The current folder, with a scenario in it."""
    monkeypatch.chdir(tmp_path)
    written(tmp_path)
    return tmp_path


def call(*arguments: str) -> tuple[int, str, str]:
    found = CliRunner().invoke(program, list(arguments))
    assert found.exception is None or isinstance(found.exception, SystemExit), found.exception
    return found.exit_code, found.stdout, found.stderr


def names(folder: Path) -> set[str]:
    return {each.name for each in folder.iterdir()}


@pytest.mark.slow
@unix
class TestLinks:
    @pytest.mark.parametrize("leads", ["somewhere", "nowhere"])
    @pytest.mark.parametrize(
        ("arguments", "link"),
        [
            (["run", "small.toml", "--out", "out"], "out/result.json"),
            (["run", "small.toml", "--out", "out"], "out/scenario.toml"),
            (["why", "small.toml", "--out", "out"], "out/tripwires.toml"),
            (["export", "small.toml", "--report", "out/r.html"], "out/r.html"),
            (["export", "small.toml", "--report", "out/r.html", "--force"], "out/r.html"),
            (["export", "small.toml", "--tables", "out", "--force"], "out/months.csv"),
            (["new", "out/ours"], "out/ours.toml"),
            (["new", "out/ours", "--force"], "out/ours.toml"),
        ],
    )
    def test_nothing_is_written_through_one(self, here: Path, arguments: list[str], link: str, leads: str) -> None:
        (here / "out").mkdir()
        target = here / "precious.txt"
        if leads == "somewhere":
            target.write_text("precious")
        (here / link).symlink_to(target)
        code, _, said = call(*arguments)
        assert (code, len(said.splitlines())) == (2, 1)
        assert link in said
        assert (here / link).is_symlink()
        assert target.read_text() == "precious" if leads == "somewhere" else not target.exists()
        assert names(here / "out") == {Path(link).name}

    @pytest.mark.parametrize(
        "arguments",
        [
            ["run", "small.toml", "--out", "link"],
            ["why", "small.toml", "--out", "link"],
            ["export", "small.toml", "--charts", "link"],
            ["sweep", "small.toml", "--vary", "months=6,12", "--out", "link"],
        ],
    )
    def test_a_folder_that_is_one_is_refused(self, here: Path, arguments: list[str]) -> None:
        (here / "elsewhere").mkdir()
        (here / "link").symlink_to("elsewhere")
        code, _, said = call(*arguments)
        assert (code, len(said.splitlines())) == (2, 1)
        assert "is a link to elsewhere and is left as it was" in said
        assert names(here / "elsewhere") == set()

    def test_the_writer_itself_follows_none(self, tmp_path: Path) -> None:
        (tmp_path / "link").symlink_to("gone")
        with pytest.raises(Linked, match="is a link to gone and is left as it was"):
            write_whole(tmp_path / "link", b"x")
        assert names(tmp_path) == {"link"}

    def test_the_lock_of_a_sweep_follows_none(self, here: Path) -> None:
        (here / "precious").write_text("precious")
        (here / "out").mkdir()
        (here / "out" / ".lock").symlink_to("../precious")
        code, _, said = call("sweep", "small.toml", "--vary", "months=6,12", "--out", "out")
        assert (code, len(said.splitlines())) == (2, 1)
        assert (here / "precious").read_text() == "precious"


class TestSets:
    def test_all_or_none(self, tmp_path: Path) -> None:
        (tmp_path / "b").mkdir()
        with pytest.raises(OSError, match="is a folder"):
            write_set("run", {tmp_path / "a": b"1", tmp_path / "b": b"2"})
        assert names(tmp_path) == {"b"}
        with pytest.raises(FileExistsError):
            write_set("run", {tmp_path / "a": b"1", tmp_path / "b": b"2"}, overwrite=False)
        assert names(tmp_path) == {"b"}

    @pytest.mark.parametrize("cut", [0, 1, 2])
    def test_one_that_is_cut_short_says_so(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, cut: int) -> None:
        first = {tmp_path / name: b"first" for name in "abc"}
        second = {tmp_path / name: b"second" for name in "abc"}
        write_set("run", first)
        left = cut
        publish = files._publish

        def dying(draft: Path, target: Path) -> None:
            nonlocal left
            if target.name in "abc":
                left -= 1
                if left < 0:
                    raise KeyboardInterrupt
            publish(draft, target)

        monkeypatch.setattr(files, "_publish", dying)
        with pytest.raises(KeyboardInterrupt):
            write_set("run", second)
        assert names(tmp_path) == {"a", "b", "c", "INCOMPLETE-run.txt"}
        assert sum(path.read_bytes() == b"second" for path in first) == cut
        monkeypatch.setattr(files, "_publish", publish)
        write_set("run", second)
        assert {path.name: path.read_bytes() for path in tmp_path.iterdir()} == dict.fromkeys("abc", b"second")

    def test_files_of_the_former_set_go_unless_changed_or_not_ours(self, tmp_path: Path) -> None:
        everything = {tmp_path / name: b"ours" for name in ("a", "b", "c")}
        write_set("run", everything, listed=("a", "b", "c"))
        (tmp_path / "b").write_bytes(b"changed")
        (tmp_path / "d").write_bytes(b"foreign")
        write_set("why", {tmp_path / "e": b"another set"}, listed=("e",))
        write_set("run", {tmp_path / "a": b"new"}, listed=("a",))
        assert names(tmp_path) == {"a", "b", "d", "e", LISTING}
        assert (tmp_path / "b").read_bytes() == b"changed"

    @pytest.mark.parametrize("listing", ["", "[]", '{"run": 1}', '{"run": {"../x": ["y"]}}', "[" * 100_000])
    def test_an_odd_listing_removes_nothing(self, tmp_path: Path, listing: str) -> None:
        (tmp_path / "x").write_bytes(b"")
        (tmp_path / "in").mkdir()
        (tmp_path / "in" / LISTING).write_text(listing)
        write_set("run", {tmp_path / "in" / "a": b"1"}, listed=("a",))
        assert names(tmp_path) == {"x", "in"}
        assert list(json.loads((tmp_path / "in" / LISTING).read_text())["run"]) == ["a"]

    @pytest.mark.slow
    def test_draws_then_a_base_case_leave_no_mix(self, here: Path) -> None:
        assert call("run", "small.toml", "--draws", "8", "--jobs", "1", "--out", "out")[0] == 0
        assert "dates.png" in names(here / "out")
        (here / "out" / "notes.txt").write_text("mine")
        assert call("run", "small.toml", "--out", "out")[0] == 0
        call("run", "small.toml", "--out", "alone")
        assert names(here / "out") == names(here / "alone") | {"notes.txt"}


@pytest.mark.slow
class TestLeftovers:
    @pytest.mark.parametrize(
        "arguments",
        [
            ["new", "out/ours"],
            ["run", "small.toml", "--out", "out"],
            ["why", "small.toml", "--out", "out"],
            ["export", "small.toml", "--report", "out/r.html"],
            ["sweep", "small.toml", "--vary", "months=6,12", "--jobs", "1", "--out", "out"],
        ],
    )
    def test_the_next_run_removes_them(self, here: Path, arguments: list[str]) -> None:
        (here / "out").mkdir()
        (here / "out" / LEFT).write_bytes(b"half")
        (here / "out" / ".mine.tmp").write_bytes(b"mine")
        assert call(*arguments)[0] == 0
        assert not (here / "out" / LEFT).exists()
        assert (here / "out" / ".mine.tmp").exists()

    @unix
    def test_those_of_living_writers_and_links_stay(self, tmp_path: Path) -> None:
        (tmp_path / LEFT).write_bytes(b"half")
        (tmp_path / LEFT.replace("0", "1")).symlink_to("elsewhere")
        with (tmp_path / LEFT).open("rb") as file:
            assert lock(file.fileno())
            sweep_up(tmp_path)
            assert len(names(tmp_path)) == 2
        sweep_up(tmp_path)
        assert names(tmp_path) == {LEFT.replace("0", "1")}


OLD, NONE = "a base case", "nothing"
KILLED = [(0, OLD), (0, NONE), (2, NONE), (2, OLD), (15, OLD), (15, NONE)]
"""How many files are written when a program dies, and what stood there before; the first, third and fifth always."""
DYING = """
import os, sys
import switchpoint.files as files
count, at = 0, int(sys.argv.pop(1))
publish = files._publish
def dying(draft, target):
    global count
    count += 1
    if count > at:
        os._exit(137)
    publish(draft, target)
files._publish = dying
from switchpoint.cli import main
main()
"""


@pytest.mark.slow
@unix
class TestKilled:
    @pytest.mark.parametrize(("at", "before"), tries(KILLED[::2], KILLED))
    def test_a_base_case_never_stands_where_draws_belong(self, here: Path, at: int, before: str) -> None:
        if before != NONE:
            call("run", "small.toml", "--out", "out")
        former = names(here / "out") if (here / "out").exists() else set()
        command = ["run", "small.toml", "--draws", "8", "--jobs", "1", "--out", "out"]
        died = subprocess.run([sys.executable, "-c", BLANK_PICTURES + DYING, str(at), *command], timeout=300)
        assert died.returncode == 137
        left = {name for name in names(here / "out") if not name.endswith(".tmp")} - {LISTING}
        if not unfinished_mark(here / "out", "run").exists():
            assert left == former - {LISTING}
        else:
            code, _, said = call("export", "--run", "out", "--report", "r.html")
            assert (code, len(said.splitlines())) == (2, 1)
            assert "out/INCOMPLETE-run.txt:1: says that the run was ended while it was written" in said
        assert call(*command)[0] == 0
        assert json.loads((here / "out" / "result.json").read_text())["draws"] == 8
        assert not [name for name in names(here / "out") if name.endswith(".tmp") or name.startswith("INCOMPLETE")]

    def test_at_any_moment(self, here: Path) -> None:
        command = ["run", "small.toml", "--draws", "8", "--jobs", "1", "--json", "--out", "out"]
        begun = time.monotonic()
        whole = json.loads(subprocess.run([*RUN_BLANK, *command], stdout=subprocess.PIPE, check=True).stdout)
        took = time.monotonic() - begun
        for share in tries((0.5, 0.8, 0.95), (0.3, 0.5, 0.6, 0.7, 0.75, 0.8, 0.85, 0.9, 0.95, 0.97)):
            subprocess.run(["rm", "-r", "out"], check=True)
            with subprocess.Popen([*RUN_BLANK, *command], stdout=subprocess.DEVNULL) as process:
                time.sleep(share * took)
                process.kill()
            out = here / "out"
            if (out / "result.json").exists() and not unfinished_mark(out, "run").exists():
                assert json.loads((out / "result.json").read_text()) == whole
                assert {"report.txt", "months.csv", "scenario.toml", "dates.png"} <= names(out)
            out.mkdir(exist_ok=True)

    @pytest.mark.parametrize("delay", tries([0.0, 0.1, 0.3], [0.0, 0.05, 0.1, 0.15, 0.2, 0.3, 0.4]))
    def test_ctrl_c_at_the_very_start(self, here: Path, delay: float) -> None:
        with subprocess.Popen([*RUN, "run", "small.toml", "--draws", "9999"], stderr=subprocess.PIPE) as process:
            until_python_runs(process.pid)
            time.sleep(delay)
            process.send_signal(signal.SIGINT)
            said = process.stderr.read().decode()
        if "switchpoint" in said or process.returncode in (130, 2):
            assert (process.returncode, said) == (130, "Interrupted\n")
        else:  # Python itself had not begun with the program
            assert process.returncode in (-signal.SIGINT, 1)


def until_python_runs(process: int) -> None:
    """Wait until the command line's first module is read, as its file's access cannot be: until it catches Ctrl-C."""
    end = time.monotonic() + 60
    while time.monotonic() < end:
        status = Path(f"/proc/{process}/status")
        if not status.exists():
            return
        caught = next((line for line in status.read_text().splitlines() if line.startswith("SigCgt")), "SigCgt: 0")
        if int(caught.split()[1], 16) & 1 << (signal.SIGINT - 1):
            return
        time.sleep(0.002)


@unix
class TestResume:
    """Going on with a sweep removes nothing, follows nothing, and says what it left alone."""

    @pytest.fixture
    def out(self, here: Path) -> Path:
        assert call("sweep", "small.toml", "--vary", "months=6,12", "--jobs", "1", "--out", "out")[0] == 0
        return here / "out"

    def test_foreign_files_and_folders_stay_and_are_told(self, out: Path) -> None:
        (out / "rows" / "notes.txt").write_text("mine")
        (out / "rows" / "analysis.parquet").write_bytes(b"mine")
        (out / "rows" / "part-000099.parquet").write_bytes(b"mine")
        (out / "rows" / "deep").mkdir()
        (out / "rows" / "deep" / "x").write_text("mine")
        before = names(out / "rows")
        code, _, said = call("sweep", "--resume", "out")
        told = "analysis.parquet, deep, notes.txt and part-000099.parquet"
        assert (code, said) == (0, f"out/rows: left alone what is not of this sweep: {told}\n")
        assert names(out / "rows") == before
        assert call("summarise", "out")[0] == 0

    def test_rows_that_are_a_link_are_refused(self, out: Path, here: Path) -> None:
        (out / "rows").rename(here / "home")
        (here / "home" / ".bashrc").write_text("mine")
        (out / "rows").symlink_to(here / "home")
        before = names(here / "home")
        code, _, said = call("sweep", "--resume", "out")
        assert (code, len(said.splitlines())) == (2, 1)
        assert said == f"out/rows: is a link to {here / 'home'}; take it away to go on\n"
        assert names(here / "home") == before

    def test_a_part_that_is_a_link_is_refused(self, out: Path, here: Path) -> None:
        part = out / "rows" / "part-000000.parquet"
        part.rename(here / "kept")
        part.symlink_to(here / "kept")
        held = (here / "kept").read_bytes()
        code, _, said = call("sweep", "--resume", "out")
        place = Path("out/rows/part-000000.parquet")
        assert (code, said) == (2, f"{place}: is a link to {here / 'kept'}; take it away to go on\n")
        assert (here / "kept").read_bytes() == held

    def test_a_lock_file_of_somebody_else_keeps_its_text(self, out: Path) -> None:
        (out / ".lock").write_text("mine")
        assert call("sweep", "--resume", "out")[0] == 0
        assert (out / ".lock").read_text() == "mine"


FOLDERS = (["sweep"], ["sweep", "--resume"], ["summarise"], ["export", "--report", "r.html", "--run"])
ODD = (
    *(("seed", value) for value in (-1, 2**32 + 1, True, 1.5, None)),
    *(("draws", value) for value in (-1, 10**7, "8")),
    *(("verdict", value) for value in (None, [], {"sentence": 1})),
    ("version", 3),
)
NO_RESULTS = ("", "[" * 100_000, "[]", "3", "null", '"\\ud800"', '{"seed": ' + "9" * 5000 + "}", "\xff")


@unix
@pytest.mark.parametrize("place", ["/dev/zero", "pipe"])
@pytest.mark.parametrize("command", FOLDERS)
def test_what_never_ends_is_refused(here: Path, place: str, command: list[str]) -> None:
    os.mkfifo(here / "pipe")
    more = ["--vary", "months=6,12", "--out", "o"] if command == ["sweep"] else []
    code, _, said = call(*command, place, *more)
    assert (code, len(said.splitlines())) == (2, 1)
    assert place in said


@pytest.fixture(scope="module")
def saved(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("saved")
    assert call("run", written(folder), "--out", str(folder / "out"))[0] == 0
    return folder / "out"


class TestSavedRuns:
    def refused(self, saved: Path, text: bytes) -> str:
        """What export says of a run with another result."""
        result = saved / "result.json"
        whole = result.read_bytes()
        result.write_bytes(text)
        code, _, said = call("export", "--run", str(saved), "--report", str(saved.parent / "r.html"))
        result.write_bytes(whole)
        assert (code, len(said.splitlines())) == (2, 1)
        return said.removeprefix(f"{result}:1: ")

    @pytest.mark.parametrize(("key", "value"), ODD)
    def test_an_odd_value_is_named(self, saved: Path, key: str, value: object) -> None:
        told = json.loads((saved / "result.json").read_text())
        said = self.refused(saved, json.dumps({**told, key: value}).encode())
        assert said.startswith(f"is no result, as {key}")

    @pytest.mark.parametrize("text", NO_RESULTS)
    def test_what_is_no_result_is_one_line(self, saved: Path, text: str) -> None:
        assert self.refused(saved, text.encode("latin-1")).startswith(("is no result", "cannot be read"))
