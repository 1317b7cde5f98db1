"""A sweep: its rows are what `run` says, none is lost or doubled whatever happens, and only like goes on."""

import errno
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import date
from pathlib import Path

import pyarrow.parquet as pq
import pytest
from typer.testing import CliRunner

from switchpoint.cli import program
from switchpoint.files import write_whole
from switchpoint.study.sweep import manifest as manifest_module
from switchpoint.study.sweep.chunks import Evaluate
from switchpoint.study.sweep.columns import BASE_OUTPUTS, DRAWS_OUTPUTS, candidate_figures, shared_figures
from switchpoint.study.sweep.folder import Folder
from switchpoint.study.sweep.plan import plan_sweep
from switchpoint.study.sweep.run import Crew, Tally, begin, conduct, reopen_sweep
from switchpoint.study.sweep.study_file import SweepError, typed_study
from switchpoint.study.workers import local
from tests.sweep_worlds import POISON, SCENARIO, Mortal, dying, rows, slow, told, written

GROWTH = "usage.growth.per_month"
VARY = (f"{GROWTH}=0.01:0.19:10", "candidates.*.coverage=0.5,1")
"""Twenty points in seven files; `POISON` is one of the values."""
HERE = Crew(2, lambda: ThreadPoolExecutor(2))
"""Threads of this process: as good as processes where nothing is killed."""
CHUNK_PACE = 0.1
"""Seconds that a point is said to take, so that a chunk has few of them."""


@pytest.fixture
def file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    monkeypatch.chdir(tmp_path)
    return Path(written(tmp_path)).name


def sweep(
    folder: Folder,
    file: str,
    *vary: str,
    crew: Crew = HERE,
    evaluate: Evaluate | None = None,
    progress: Callable[[int], None] = lambda _: None,
    **options: object,
) -> Tally:
    """Begin a sweep and run it."""
    asked = typed_study(file, (), vary or VARY, options)
    plan = plan_sweep(asked)
    with folder.hold_lock():
        manifest = begin(asked, plan, folder, crew, CHUNK_PACE)
        return conduct(plan, manifest, folder, crew, progress, evaluate)


def resume(folder: Folder, crew: Crew = HERE) -> Tally:
    """Go on with a sweep."""
    with folder.hold_lock():
        plan, manifest = reopen_sweep(folder)
        return conduct(plan, manifest, folder, crew, lambda _: None)


@pytest.fixture(scope="module")
def undisturbed(tmp_path_factory: pytest.TempPathFactory) -> list[dict[str, object]]:
    """The rows of the sweep when nothing happens."""
    folder = tmp_path_factory.mktemp("undisturbed")
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(folder)
        sweep(Folder(folder / "out"), Path(written(folder)).name)
    return rows(folder / "out")


def call(*arguments: str) -> tuple[int, str, str]:
    result = CliRunner().invoke(program, list(arguments))
    assert result.exception is None or isinstance(result.exception, SystemExit), result.output
    return result.exit_code, result.stdout, result.stderr


class TestRows:
    @pytest.mark.parametrize("draws", [(), ("--draws", "8", "--seed", "3")])
    def test_each_is_what_run_says_of_its_inputs(self, file: str, draws: tuple[str, ...]) -> None:
        code, said, _ = call("sweep", file, "--vary", f"{GROWTH}=0.02,0.12", "--out", "out", "--jobs", "1", *draws)
        assert code == 0
        assert said.startswith("out: 2 points, 4 rows")
        for row in rows(Path("out")):
            _, text, _ = call("run", file, "--set", f"{GROWTH}={row[GROWTH]}", "--json", *draws)
            whole = json.loads(text)
            expected = {**shared_figures(whole), **candidate_figures(whole, str(row["candidate"]))}
            expected = {name: value for name, value in expected.items() if name in row}
            found = json.loads(json.dumps({name: row[name] for name in expected}, default=date.isoformat))
            assert json.loads(found.pop("sources")) == json.loads(str(expected.pop("sources")))
            assert found == expected
            assert (row["status"], row["error"], row["seed"]) == ("ok", None, 3 if draws else 0)

    def test_figures_of_the_right_candidate(self, file: str) -> None:
        sweep(Folder(Path("out")), file, "months=12,24")
        for row in rows(Path("out")):
            _, text, _ = call("run", file, "--set", f"months={row['months']}", "--json")
            whole = json.loads(text)
            own = whole["base"]["candidates"][row["candidate"]]
            assert row["base.candidates.total_usd"] == own["total_usd"]
            assert row["monthly.candidate_usd"] == [m[f"{row['candidate']}_usd"] for m in whole["monthly"]]
            assert row["verdict.sentence"] == whole["verdict"]["sentence"]
            assert row["monthly.stay_usd"] == [m["stay_usd"] for m in whole["monthly"]]

    @pytest.mark.parametrize("draws", [None, 4])
    @pytest.mark.parametrize("name", ["support-copilot", "code-assistant", "early-prototype"])
    def test_every_result_of_run_has_a_column(self, root: Path, name: str, draws: int | None) -> None:
        offered = DRAWS_OUTPUTS if draws else BASE_OUTPUTS
        options = ["--draws", str(draws), "--jobs", "1"] if draws else []
        _, text, _ = call("run", str(root / "scenarios" / f"{name}.toml"), "--json", *options)
        whole = json.loads(text)
        names = list(whole["base"]["candidates"])
        steps = [column.split(".") for column in offered]
        tables = {".".join(each[:depth]) for each in steps for depth in range(1, len(each))}
        for candidate in names:
            found = {**shared_figures(whole), **candidate_figures(whole, candidate)}
            others = {name for name in found if name.startswith(tuple(f"monthly.{other}_" for other in names))}
            told_of_one = {name for name in found if name.split(".")[0] == "notes"}  # a sweep carries no notes
            # A table that is null or a list of no tables leaves the columns of its keys empty.
            missing = {name for name, value in found.items() if name in tables and not value}
            assert set(found) - set(offered) - others - told_of_one - missing == set()

    @pytest.mark.slow
    def test_columns_have_the_same_types_in_every_file(self, file: str, tmp_path: Path) -> None:
        sweep(
            Folder(tmp_path / "out"),
            file,
            f"{GROWTH}=0:0.3:5",
            "start=2027-01-01,2027-02-01",
            "decision.policy=now,warn",
        )
        schemas = [pq.read_schema(part) for part in Folder(tmp_path / "out").files]
        assert len(schemas) > 3
        assert all(schema.equals(schemas[0]) for schema in schemas)
        types = {name: str(schemas[0].field(name).type) for name in (GROWTH, "start", "decision.policy", "point")}
        assert types == {GROWTH: "double", "start": "date32[day]", "decision.policy": "string", "point": "int64"}
        assert str(schemas[0].field("verdict.start_by").type) == "date32[day]"

    def test_only_the_outputs_that_are_wanted(self, file: str, tmp_path: Path) -> None:
        sweep(Folder(tmp_path / "out"), file, "months=6,12", outputs=["verdict.*", "base.candidates.cutover"])
        names = pq.read_schema(Folder(tmp_path / "out").files[0]).names
        assert "base.candidates.cutover" in names
        assert "months" in names
        assert not [name for name in names if name.startswith(("monthly", "base.threat"))]
        with pytest.raises(
            SweepError, match=r"outputs: verdict\.actoin fits no result; did you mean verdict\.action\?"
        ):
            sweep(Folder(tmp_path / "other"), file, "months=6,12", outputs=["verdict.actoin"])

    def test_a_point_that_cannot_be_computed_stops_nothing(self, file: str, tmp_path: Path) -> None:
        tally = sweep(Folder(tmp_path / "out"), file, f"{GROWTH}=0.1,90")
        found = rows(tmp_path / "out")
        failed = [row for row in found if row["status"] == "failed"]
        assert tally == Tally(2, 0, 1)
        assert [(row[GROWTH], row["candidate"]) for row in failed] == [(90, "box"), (90, "cheaper")]
        assert str(failed[0]["error"]).startswith("usage.growth: grows beyond ")
        assert failed[0]["verdict.action"] is None
        assert len(found) == 4

    def test_a_scenario_without_candidates_has_a_row_for_each_point(self, tmp_path: Path, file: str) -> None:
        alone = Path(written(tmp_path, SCENARIO.partition("[candidates")[0], "alone.toml"))
        sweep(Folder(tmp_path / "out"), alone.name, "months=6,12")
        assert [(row["candidate"], row["verdict.action"]) for row in rows(tmp_path / "out")] == [
            (None, "stay"),
            (None, "no-remedy"),
        ]

    def test_the_manifest_says_where_it_all_comes_from(self, file: str, root: Path, tmp_path: Path) -> None:
        scenario = root / "scenarios" / "support-copilot.toml"
        sweep(Folder(tmp_path / "out"), str(scenario), "months=6,12")
        found = told(tmp_path / "out")
        assert found["texts"] == {"support-copilot": scenario.read_text()}
        assert {(each["field"], each["value"]) for each in found["sources"] if "gpu" in each["field"]} == {
            ("candidates.own-8b.fleet.usd_per_gpu_hour", 1.5484)
        }
        assert (found["points"], found["rows"]) == (2, 2)
        assert "months" in str(found["study"])


@pytest.mark.slow
class TestNothingIsLost:
    def test_a_worker_that_is_killed(self, tmp_path: Path, file: str, undisturbed: list[dict[str, object]]) -> None:
        killed: list[int] = []

        def kill_one(done: int) -> None:
            if done >= 6 and not killed:
                killed.append(next(iter(local(2)._processes)))
                os.kill(killed[0], signal.SIGKILL)

        crew = Crew(2, lambda: local(2))
        tally = sweep(Folder(tmp_path / "out"), file, crew=crew, evaluate=slow, progress=kill_one)
        assert killed
        assert tally == Tally(20, 0, 0)
        assert rows(tmp_path / "out") == undisturbed

    def test_a_point_that_kills_its_worker(
        self, tmp_path: Path, file: str, undisturbed: list[dict[str, object]]
    ) -> None:
        tally = sweep(Folder(tmp_path / "out"), file, *VARY[:1], crew=Crew(1, Mortal), evaluate=dying)
        assert tally == Tally(10, 0, 1)
        found = rows(tmp_path / "out")
        failed = [row for row in found if row["status"] == "failed"]
        assert [row[GROWTH] for row in failed] == [POISON] * 2
        assert failed[0]["error"] == "its worker process died (SIGKILL), again and again"
        assert len(found) == 20

    @pytest.mark.parametrize(("end", "jobs"), [(signal.SIGKILL, 1), (signal.SIGINT, 2)])
    def test_the_whole_sweep_that_is_killed(
        self,
        tmp_path: Path,
        file: str,
        undisturbed: list[dict[str, object]],
        end: signal.Signals,
        jobs: int,
        root: Path,
    ) -> None:
        out = tmp_path / "out"
        code = (
            "import switchpoint.study.sweep.run as s, tests.sweep_worlds as w\n"
            "from switchpoint.cli import main\n"
            "begin, conduct = s.begin, s.conduct\n"
            f"s.begin = lambda *a: begin(*a, {CHUNK_PACE})\n"
            "s.conduct = lambda *a: conduct(*a, w.slow)\n"
            "main()"
        )
        arguments = [
            "sweep",
            file,
            *(word for vary in VARY for word in ("--vary", vary)),
            "--out",
            str(out),
            "--jobs",
            str(jobs),
        ]
        environment = {**os.environ, "PYTHONPATH": f"{root}{os.pathsep}{os.environ.get('PYTHONPATH', '')}"}
        said = tmp_path / "said"
        with said.open("w") as stderr:
            process = subprocess.Popen([sys.executable, "-c", code, *arguments], env=environment, stderr=stderr)
            until(lambda: len(list((out / "rows").glob("part-*"))) >= 3 or process.poll() is not None)
            process.send_signal(end)
            process.wait(60)
        kept = len(Folder(out).files)
        assert 0 < kept < 7
        if end == signal.SIGINT:
            assert process.returncode == 130
            assert f"points are kept; switchpoint sweep --resume {out} goes on\nInterrupted\n" in said.read_text()
        tally = resume(Folder(out))
        assert tally.kept == 3 * kept
        assert rows(out) == undisturbed

    def test_a_full_disk(self, tmp_path: Path, file: str, undisturbed: list[dict[str, object]]) -> None:
        def full(path: Path, data: bytes) -> None:
            if path.name == "part-000002.parquet":
                raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
            write_whole(path, data)

        folder = Folder(tmp_path / "out", full)
        with pytest.raises(SweepError) as fault:
            sweep(folder, file)
        assert str(fault.value) == f"{tmp_path / 'out'}: cannot be written: No space left on device"
        assert not [path.name for path in folder.rows.iterdir() if not path.name.startswith("part-")]
        assert resume(Folder(tmp_path / "out")).kept >= 3
        assert rows(tmp_path / "out") == undisturbed

    def test_files_that_are_broken_foreign_or_half_written_are_made_anew(
        self, tmp_path: Path, file: str, undisturbed: list[dict[str, object]]
    ) -> None:
        folder = Folder(tmp_path / "out")
        sweep(folder, file)
        other = Folder(tmp_path / "other")
        sweep(other, file, f"{GROWTH}=0.01:0.3:5", VARY[1])
        folder.part(1).write_bytes(folder.part(1).read_bytes()[:500])
        folder.part(2).write_bytes(other.part(2).read_bytes())
        folder.part(3).write_bytes(folder.part(4).read_bytes())
        folder.part(99).write_bytes(folder.part(4).read_bytes())
        (folder.rows / ".part-000007.parquet.aa.tmp").write_bytes(b"half")
        tally = resume(folder)
        assert tally.kept == 20 - 9
        assert rows(folder) == undisturbed

    def test_a_finished_sweep_has_nothing_left_to_do(self, tmp_path: Path, file: str) -> None:
        sweep(Folder(tmp_path / "out"), file, "months=6,12")
        assert resume(Folder(tmp_path / "out")) == Tally(2, 2, 0)


class TestRefused:
    def test_a_second_sweep_into_the_same_folder(self, tmp_path: Path, file: str) -> None:
        folder = Folder(tmp_path / "out")
        sweep(folder, file, "months=6,12")
        with folder.hold_lock():
            code, _, said = call("sweep", "--resume", "out")
        assert (code, said) == (2, f"out: another sweep is writing here (process {os.getpid()})\n")
        code, _, said = call("sweep", file, "--vary", "months=6,12", "--out", "out")
        assert (code, said.partition("; ")[0]) == (2, "out: holds a sweep already")

    def test_a_scenario_that_has_changed(self, tmp_path: Path, file: str) -> None:
        sweep(Folder(tmp_path / "out"), file, "months=6,12")
        Path(file).write_text(SCENARIO.replace("10_000", "20_000"))
        code, _, said = call("sweep", "--resume", "out")
        assert code == 2
        assert said.splitlines() == [
            "out: small: usage.requests_per_day has changed: it was 10000 and is 20000",
            "out: put it back to go on, or begin a new sweep in another folder",
        ]
        Path(file).write_text(SCENARIO + "\n# a comment changes nothing\n")
        assert call("sweep", "--resume", "out", "--jobs", "1")[0] == 0
        Path(file).unlink()
        code, _, said = call("sweep", "--resume", "out")
        assert (code, "does not exist" in said) == (2, True)

    def test_another_version(self, tmp_path: Path, file: str, monkeypatch: pytest.MonkeyPatch) -> None:
        sweep(Folder(tmp_path / "out"), file, "months=6,12")
        monkeypatch.setattr(manifest_module, "__version__", "9.9.9")
        with pytest.raises(SweepError, match=r"the version of switchpoint has changed: it was .* and is \"9\.9\.9\""):
            resume(Folder(tmp_path / "out"))

    def test_other_code(self, tmp_path: Path, file: str, monkeypatch: pytest.MonkeyPatch) -> None:
        sweep(Folder(tmp_path / "out"), file, "months=6,12")
        monkeypatch.setattr(manifest_module, "code_hash", lambda: "other")
        with pytest.raises(SweepError, match="the code of switchpoint has changed"):
            resume(Folder(tmp_path / "out"))

    def test_a_study_that_has_changed(self, tmp_path: Path, file: str) -> None:
        study = tmp_path / "study.toml"
        text = f"scenarios = ['{file}']\nvary = [{{ path = 'months', values = [6, 12] }}]\n"
        study.write_text(text)
        assert call("sweep", "study.toml", "--out", "out", "--jobs", "1")[0] == 0
        study.write_text(text + "seed = 4\n")
        code, _, said = call("sweep", "--resume", "out")
        assert (code, said.splitlines()[0]) == (2, "out: study.seed has changed: it was left out and is 4")

    @pytest.mark.parametrize(
        ("arguments", "said"),
        [
            (["sweep"], "FILE: is missing"),
            (["sweep", "small.toml", "--vary", "months=6,12"], "--out: is missing"),
            (["sweep", "--resume", "nowhere"], "nowhere: does not exist"),
            (["sweep", "--resume", "."], ".: holds no sweep: there is no manifest.json"),
            (["sweep", "small.toml", "--resume", "out"], "FILE: has no meaning beside --resume"),
            (["sweep", "--seed", "1", "--resume", "out"], "--seed: has no meaning beside --resume"),
            (
                ["sweep", "small.toml", "--vary", "months=6,12", "--out", "small.toml"],
                "small.toml: cannot be written: ",
            ),
            (["summarise", "nowhere"], "nowhere: does not exist"),
        ],
    )
    def test_a_call_that_makes_no_sense(self, file: str, arguments: list[str], said: str) -> None:
        code, _, error = call(*arguments)
        assert code == 2
        assert error.startswith(said)

    def test_a_manifest_that_cannot_be_read(self, tmp_path: Path, file: str) -> None:
        (tmp_path / "manifest.json").write_text("{")
        assert call("sweep", "--resume", ".")[2].startswith(".: manifest.json cannot be read: ")

    def test_a_worker_of_another_version(self, tmp_path: Path, file: str, monkeypatch: pytest.MonkeyPatch) -> None:
        from switchpoint.study.sweep import run as conduct_module

        monkeypatch.setattr(conduct_module, "code_hash", lambda: "other")
        with pytest.raises(SweepError, match="a worker runs another version"):
            sweep(Folder(tmp_path / "out"), file, "months=6,12")


class TestDryRun:
    def test_it_says_how_much_and_writes_nothing(self, file: str) -> None:
        vary = ("--vary", f"{GROWTH}=0.01:0.2:20", "--vary", "months=6,12")
        code, said, _ = call("sweep", file, *vary, "--dry-run", "--jobs", "2", "--out", "out")
        assert (code, said.startswith("40 points, 80 rows; about ")) == (0, True)
        assert said.endswith(" on 2 processes of this machine\n")
        assert not Path("out").exists()


def until(happens: Callable[[], bool], seconds: float = 60) -> None:
    """Wait for something to happen."""
    end = time.monotonic() + seconds
    while not happens():
        assert time.monotonic() < end, "it did not happen"
        time.sleep(0.01)
