"""The command line: what each command prints, how it ends, and how quickly it answers."""

import json
import os
import signal
import subprocess
import sys
import time
import tomllib
from contextlib import suppress
from pathlib import Path

import pytest
import typer
from typer.testing import CliRunner

from switchpoint import __version__
from switchpoint.cli import program, typer_program
from switchpoint.cli import scenarios as app_commands
from switchpoint.docs_pages import cli_reference
from switchpoint.scenario import catalogue_check, toml_writer
from switchpoint.scenario.load import load, load_text

ROOT = Path(__file__).resolve().parent.parent
FULL = Path(__file__).parent / "scenario_data" / "full.toml"
RUN = [sys.executable, "-m", "switchpoint"]


@pytest.fixture
def call(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    """A function that calls a command in an empty folder."""
    monkeypatch.chdir(tmp_path)

    def run(*arguments: str):
        result = CliRunner().invoke(program, list(arguments))
        assert result.exception is None or isinstance(result.exception, SystemExit), result.output
        return result

    return run


class TestHelp:
    def test_it_imports_nothing_heavy(self) -> None:
        heavy = ["numpy", "scipy", "pandas", "altair", "streamlit", "genai_prices", "pydantic", "rich", "simpy"]
        code = f"import sys, switchpoint.cli; print([m for m in {heavy!r} if m in sys.modules])"
        assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True).stdout.strip() == "[]"

    def test_the_reference_has_every_command(self) -> None:
        page = cli_reference()
        names = [command.name or command.callback.__name__ for command in program.registered_commands]
        assert {"check", "new", "run", "prices", "hardware", "schema", "app"} <= set(names)
        assert [name for name in names if f"## switchpoint {name}\n" not in page] == []

    def test_the_version(self, call) -> None:
        assert call("--version").stdout == f"{__version__}\n"

    @pytest.mark.parametrize(
        "arguments", [["chekc"], ["check"], ["--nope"], ["check", "--nope", "x"], ["app", "--port", "x"], ["run"]]
    )
    def test_a_call_that_makes_no_sense(self, call, arguments: list[str]) -> None:
        result = call(*arguments)
        assert result.exit_code == 2
        assert "Error: " in result.stderr


class TestNew:
    def test_the_starter_is_right_and_begins_today(self, call) -> None:
        assert call("new", "mine").exit_code == 0
        text = Path("mine.toml").read_text()
        assert tomllib.loads(text)["name"] == "mine"
        assert text.count("#") > 15
        assert call("check", "mine.toml").stdout.startswith("mine.toml: OK: mine, 36 months from ")

    def test_it_overwrites_only_when_forced(self, call) -> None:
        Path("mine.toml").write_text("precious")
        result = call("new", "mine.toml")
        assert (result.exit_code, result.stderr) == (2, "mine.toml:1: exists already and is left as it was\n")
        assert Path("mine.toml").read_text() == "precious"
        assert call("new", "mine.toml", "--force").exit_code == 0

    @pytest.mark.parametrize("example", sorted(toml_writer.examples()))
    def test_every_example_can_be_copied_and_is_right(self, call, example: str) -> None:
        assert call("new", "copy", "--from", example).exit_code == 0
        assert call("check", "copy.toml").exit_code == 0
        assert load("copy.toml").scenario == load(toml_writer.examples()[example]).scenario

    def test_the_examples_are_those_of_the_checkout(self) -> None:
        assert set(toml_writer.examples()) == {file.stem for file in (ROOT / "scenarios").glob("*.toml")}

    def test_an_unknown_example_is_told_with_the_likely_one(self, call, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(toml_writer, "examples", lambda: {"support-copilot": FULL})
        result = call("new", "x", "--from", "suport-copilot")
        assert result.exit_code == 2
        assert result.stderr == '--from:1: names no example: "suport-copilot"; did you mean support-copilot?\n'
        assert not Path("x.toml").exists()

    def test_files_that_an_example_refers_to_are_still_found(self, call, monkeypatch: pytest.MonkeyPatch) -> None:
        Path("there").mkdir()
        Path("there/base.toml").write_text(FULL.read_text())
        Path("there/over.toml").write_text('extends = "base.toml"  # kept\nmonths = 5\n')
        monkeypatch.setattr(toml_writer, "examples", lambda: {"over": Path("there/over.toml").resolve()})
        assert call("new", "x", "--from", "over").exit_code == 0
        assert load("x.toml").scenario.months == 5
        assert "# kept" in Path("x.toml").read_text()

    @pytest.mark.parametrize("name", ["gone/mine", "", "a\0b", "x" * 300])
    def test_odd_names(self, call, name: str) -> None:
        result = call("new", "--", name)
        assert result.exit_code in (0, 2)
        assert len(result.stderr.splitlines()) == (result.exit_code == 2)


class TestCheck:
    def test_overrides(self, call) -> None:
        result = call("check", str(FULL), "--set", "months=12", "--set", "candidates.*.coverage=1")
        assert result.exit_code == 0
        assert "12 months" in result.stdout
        assert call("check", str(FULL), "--set", "mnths=12").stderr.startswith("--set:1: mnths: is not a known key")

    def test_names_of_the_catalogue_are_checked_beside_the_rest(self) -> None:
        text = FULL.read_text().replace('"L40S"', '"L40s2"').replace("months = 36", "months = 0", 1)
        with pytest.raises(Exception, match="unknown GPU") as caught:
            catalogue_check.load_text_checked(text)
        assert len(str(caught.value).splitlines()) == 2

    def test_names_that_are_not_looked_up_are_free(self) -> None:
        text = (
            "start = 2027-01-01\nlimit.usd_per_month = 1\n"
            "usage = { requests_per_day = 1, input_tokens = 1, output_tokens = 1 }\n"
            'current = { provider = "ours", model = "own", usd_per_mtok = { input = 1, output = 1 } }\n'
        )
        assert catalogue_check.load_text_checked(text).scenario.current.provider == "ours"
        assert catalogue_check.catalogue_faults(load_text(text)) == ()


class TestCatalogue:
    def test_prices(self, call) -> None:
        assert "gpt-5.4-mini" in call("prices", "gpt-5.4", "mini").stdout
        rows = json.loads(call("prices", "openai", "gpt-5.4-mini", "--as-of", "2026-11-01", "--json").stdout)
        assert rows["as_of"] == "2026-11-01"
        assert {"provider", "model", "input", "output", "source", "date"} <= set(rows["prices"][0])

    def test_a_search_that_finds_nothing_and_a_day_that_is_none(self, call) -> None:
        assert call("prices", "zzzz").exit_code == 2
        result = call("prices", "--as-of", "soon")
        assert result.exit_code == 2
        assert "must be a date such as 2027-05-01; got 'soon'" in result.stderr

    def test_hardware(self, call) -> None:
        assert "H100" in call("hardware").stdout
        data = json.loads(call("hardware", "--json").stdout)
        assert {"key", "source", "date", "usd_per_gpu_hour"} <= set(data["gpus"][0])
        assert {"key", "licence", "source"} <= set(data["models"][0])
        assert json.loads(call("hardware", "l40s", "--json").stdout)["rents"]
        result = call("hardware", "L400S")
        assert result.exit_code == 2
        assert result.stderr.startswith("unknown GPU 'L400S'; did you mean L40S")

    def test_text_of_the_catalogue_is_not_read_as_markup(self, capsys: pytest.CaptureFixture[str]) -> None:
        from switchpoint.cli import catalogue

        catalogue._show({"t": ([{"a": "[red]x[/nope]"}], ["a"])}, {}, as_json=False)
        assert "[red]x[/nope]" in capsys.readouterr().out


class TestSchema:
    def test_it_is_json(self, call) -> None:
        assert json.loads(call("schema").stdout)["properties"]["usage"]


class TestApp:
    def test_only_this_machine_can_reach_it(self) -> None:
        command = app_commands.app_command(Path("app.py"), 8600, browser=False)
        assert command[1:5] == ["-m", "streamlit", "run", "app.py"]
        assert {"--server.address=127.0.0.1", "--server.port=8600", "--server.headless=true"} <= set(command)

    def test_its_settings_are_flags_which_win_over_those_of_any_folder(self) -> None:
        command = set(app_commands.app_command(Path("app.py"), 8600, browser=True))
        assert {
            "--server.enableCORS=true",
            "--server.enableXsrfProtection=true",
            "--server.maxUploadSize=20",
        } <= command
        assert {"--browser.gatherUsageStats=false", "--server.enableStaticServing=false"} <= command
        assert {"--server.allowedHosts=127.0.0.1", "--server.allowedHosts=localhost"} <= command

    def test_it_is_started_and_its_exit_code_is_passed_on(self, call, monkeypatch: pytest.MonkeyPatch) -> None:
        started: list[list[str]] = []
        folders: list[Path] = []
        monkeypatch.setattr(app_commands, "app_script", lambda: Path("there/app.py"))
        monkeypatch.setattr(
            subprocess, "call", lambda command, cwd: started.append(command) or folders.append(cwd) or 3
        )
        assert call("app", "--port", "8700").exit_code == 3
        assert "--server.port=8700" in started[0]
        assert folders == [Path("there")]

    def test_an_installation_without_it_says_so(self, call, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(app_commands, "app_script", lambda: None)
        result = call("app")
        assert result.exit_code == 2
        assert "app.py is missing" in result.stderr


class TestEndings:
    def ended(self, error: BaseException) -> tuple[int, str]:
        program = typer.Typer(cls=typer_program.Commands, pretty_exceptions_enable=False)

        @program.callback()
        def group() -> None:
            pass

        @program.command()
        def work() -> None:
            raise error

        result = CliRunner().invoke(program, ["work"])
        return result.exit_code, result.stderr

    def test_an_interruption(self) -> None:
        assert self.ended(KeyboardInterrupt()) == (130, "Interrupted\n")

    def test_a_file_that_cannot_be_read(self) -> None:
        assert self.ended(PermissionError(13, "Permission denied", "x.csv")) == (2, "x.csv: Permission denied\n")

    def test_a_fault_of_ours_is_not_hidden(self) -> None:
        result = self.ended(ZeroDivisionError())
        assert result == (1, "")

    @pytest.mark.skipif(os.name == "nt", reason="pipes as on Unix")
    def test_a_reader_that_goes_away(self) -> None:
        with subprocess.Popen([*RUN, "schema"], stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
            process.stdout.close()
            assert process.stderr.read() == b""

    @pytest.mark.skipif(os.name == "nt", reason="signals as on Unix")
    def test_an_interruption_from_the_keyboard(self, tmp_path: Path) -> None:
        pipe = tmp_path / "wait.py"
        pipe.write_text(
            "import time, subprocess, switchpoint.cli.scenarios as app\n"
            "from pathlib import Path\n"
            "app.app_script = lambda: Path('x')\n"
            "subprocess.call = lambda command, **_: (print('ready', flush=True), time.sleep(30))\n"
            "import sys; sys.argv = ['switchpoint', 'app']\n"
            "from switchpoint.cli import main; main()\n"
        )
        with subprocess.Popen([sys.executable, pipe], stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
            assert b"127.0.0.1" in process.stdout.readline()
            assert process.stdout.readline() == b"ready\n"
            process.send_signal(signal.SIGINT)
            assert process.stderr.read() == b"Interrupted\n"
        assert process.returncode == 130

    @pytest.mark.slow
    @pytest.mark.skipif(not Path("/proc/self/stat").exists(), reason="looks for processes as Linux shows them")
    @pytest.mark.parametrize(
        "words",
        [["run", "--draws", "100000"], ["sweep", "--vary", "usage.requests_per_day=1:9e4:9999", "--out", "D"]],
    )
    def test_impatient_interruptions_end_at_once_and_leave_no_process(self, tmp_path: Path, words: list[str]) -> None:
        story, (command, *options) = str(toml_writer.examples()["support-copilot"]), words
        pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "cwd": tmp_path, "start_new_session": True}
        with subprocess.Popen([*RUN, command, story, *options, "--jobs", "2"], **pipes) as process:
            end = time.monotonic() + 60
            while len(workers(process.pid)) < 2 and time.monotonic() < end:
                time.sleep(0.05)
            for _ in range(3):
                os.killpg(process.pid, signal.SIGINT)
                time.sleep(0.1)
            said = process.communicate(timeout=20)[1].decode().splitlines()
        assert process.returncode == 130
        assert said[-1] == "Interrupted"
        assert len(said) == (1 if command == "run" else 2)
        until_gone = time.monotonic() + 10
        while workers(process.pid) and time.monotonic() < until_gone:
            time.sleep(0.1)
        assert workers(process.pid) == []


def workers(session: int) -> list[int]:
    """The processes of a session that do the work of loky."""
    found = []
    for folder in Path("/proc").glob("[0-9]*"):
        with suppress(OSError):
            of_session = int((folder / "stat").read_text().rpartition(")")[2].split()[3]) == session
            if of_session and b"LokyProcess" in (folder / "cmdline").read_bytes():
                found.append(int(folder.name))
    return found


class TestShipped:
    def test_the_build_takes_along_what_the_installed_command_looks_for(self, tmp_path: Path) -> None:
        setuptools = pytest.importorskip("setuptools")
        code = (
            "import setuptools, runpy, sys, os\n"
            "from setuptools.dist import Distribution\n"
            "setuptools.setup = lambda cmdclass: globals().update(cmdclass=cmdclass)\n"
            f"build_py = runpy.run_path({str(ROOT / 'setup.py')!r})['BuildWithExamples']\n"
            "command = build_py(Distribution()); command.editable_mode = False\n"
            f"command.build_lib = {str(tmp_path)!r}\n"
            "command.packages = None; command.py_modules = None; command.ensure_finalized(); command.run()\n"
        )
        assert setuptools
        subprocess.run([sys.executable, "-c", code], check=True, cwd=ROOT, capture_output=True)
        shipped = tmp_path / "switchpoint" / "shipped"
        for folder in ("scenarios", "scenarios/sweeps"):
            wanted = {file.name for file in (ROOT / folder).iterdir() if file.is_file()}
            assert {file.name for file in (shipped / folder).iterdir() if file.is_file()} == wanted
        assert (shipped / "app.py").exists() == (ROOT / "app.py").exists()

    def test_the_installed_place_comes_first(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        (tmp_path / "shipped/scenarios").mkdir(parents=True)
        (tmp_path / "shipped/scenarios/one.toml").write_text("months = 1")
        (tmp_path / "shipped/app.py").write_text("")
        monkeypatch.setattr(toml_writer, "files", lambda name: tmp_path)
        monkeypatch.setattr(app_commands, "files", lambda name: tmp_path)
        assert list(toml_writer.examples()) == ["one"]
        assert app_commands.app_script() == tmp_path / "shipped/app.py"
