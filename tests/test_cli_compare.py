"""`switchpoint compare`: its page, its JSON, and what it says to bad input."""

import itertools
import json
from datetime import date
from pathlib import Path

import pytest
from typer.testing import CliRunner

from switchpoint.cli import program
from switchpoint.decision.case import simulate
from switchpoint.decision.result import JudgedWorld
from switchpoint.scenario.catalogue_check import load_checked
from switchpoint.scenario.diff import causes, differences
from switchpoint.scenario.labels import phrase
from switchpoint.study import compare
from switchpoint.study.compare import FIGURES
from switchpoint.text import day, usd

pytestmark = pytest.mark.slow

SHIPPED = Path(__file__).resolve().parent.parent / "scenarios"
COPILOT = str(SHIPPED / "support-copilot.toml")
VOICE = str(SHIPPED / "voice-agent.toml")
SLOWER, CUT = "usage.growth.per_month=0.05", "current.price_changes=[{date = 2027-09-01, factor = 0.6}]"
PAIRS = list(itertools.pairwise(sorted(SHIPPED.glob("*.toml"))))
"""Each story with the next."""
SMALL = """
start = 2027-01-01
usage = { requests_per_day = 10_000, input_tokens = 1_000, output_tokens = 0 }
limit = { usd_per_month = 600 }
current = { usd_per_mtok = { input = 1, output = 1 } }
[candidates.NAME]
kind = "api"
usd_per_mtok = { input = 0.5, output = 0.5 }
"""


@pytest.fixture
def call(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    """A function that calls the command in an empty folder: exit code, stdout, stderr."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(compare, "MIXTURES", 2)  # the fewest orders: what is tested here does not hang on them

    def run(*arguments: str) -> tuple[int, str, str]:
        result = CliRunner().invoke(program, ["compare", *arguments])
        assert result.exception is None or isinstance(result.exception, SystemExit), result.output
        return result.exit_code, result.stdout, result.stderr

    return run


def small(file: str, name: str = "api", **replaced: str) -> str:
    """A small scenario file, with some text in it replaced; its name."""
    text = SMALL.replace("NAME", name)
    for old, new in replaced.items():
        text = text.replace(f"{old} = ", f"{new} # ", 1) if not new else text.replace(old, new)
    Path(file).write_text(text, encoding="utf-8")
    return file


class TestPage:
    def test_one_file_with_a_setting(self, call) -> None:
        code, page, _ = call(COPILOT, "--set", SLOWER)
        assert code == 0
        assert page.splitlines()[2].startswith(
            "With slower growth of usage (5 % a month instead of 9.17 %), the advice changes from starting own-8b "
        )
        assert "usage.growth.per_month  6 % to 14 % a month (middle 9.17 %)  5 % a month" in page
        assert "What made the difference" not in page

    def test_a_limit_that_goes_or_comes_is_named_so(self, call) -> None:
        bounded, free = small("a.toml"), small("b.toml", limit="")
        assert call(bounded, free)[1].splitlines()[2].startswith("With no limit, ")
        assert call(free, bounded)[1].splitlines()[2].startswith("With a limit, ")

    def test_a_stated_policy_is_a_difference_and_its_figures_are_those_of_run(self, call) -> None:
        _, page, _ = call(COPILOT, "--set", "decision.policy=warn")
        told = JudgedWorld(simulate(load_checked(COPILOT, ["decision.policy=warn"]).scenario))
        own = told.case.outlook("own-8b")
        assert f"to {usd(own.npv_saving)}" in page.splitlines()[2]
        assert f"to {day(told.date(own.cutover))}" in page.splitlines()[2]
        assert "as you chose, projects start when the warning fires" in page

    def test_several_settings_are_shared_out(self, call) -> None:
        _, page, _ = call(COPILOT, "--set", SLOWER, "--set", CUT)
        sentence = page.splitlines()[2]
        assert sentence.startswith("With these settings, the advice changes from starting own-8b now to ")
        assert "slower growth of usage (5 % a month instead of 9.17 %)" in sentence
        table = page[page.index("What made the difference") :].splitlines()
        assert table[3].startswith("together ")
        assert "averaged over all orders" in page

    def test_several_files_stand_side_by_side_and_each_against_the_first(self, call) -> None:
        _, page, _ = call(small("a.toml"), small("b.toml", **{"10_000": "20_000"}), small("c.toml", limit=""))
        assert page.startswith("a against 2 others\n")
        assert page.count("What comes out") == 1
        assert "\na → b\n" in page
        assert "\na → c\n" in page

    @pytest.mark.parametrize(("one", "other"), PAIRS, ids=lambda file: file.stem)
    def test_what_differs_between_shipped_scenarios_has_words(self, one: Path, other: Path) -> None:
        found = causes(differences(load_checked(one).scenario, load_checked(other).scenario))
        words = [phrase(cause) for cause in found]
        assert len(words) > 10
        assert not [each for each in words if "None" in each or "\n" in each]

    @pytest.mark.parametrize(("one", "other"), PAIRS[1::4], ids=lambda file: file.stem)
    def test_shipped_scenarios(self, call, one: Path, other: Path) -> None:
        """Some pairs: each takes hundreds of simulations, of scenarios between the two."""
        code, page, errors = call(str(one), str(other))
        assert (code, errors) == (0, "")
        assert "None" not in page
        assert page.splitlines()[2].startswith("From ")
        assert len(page.splitlines()[2]) < 900

    def test_settings_hold_in_several_files(self, call) -> None:
        files = small("a.toml"), small("b.toml", **{"[candidates": "months = 12\n[candidates"})
        assert "\nmonths " in call(*files)[1]
        assert "\nmonths " not in call(*files, "--set", "months=24")[1]

    def test_files_that_say_the_same(self, call) -> None:
        code, page, _ = call(small("a.toml"), small("b.toml"))
        assert (code, page) == (0, "a → b\n\nNo input differs, so nothing comes out differently.\n")

    def test_names_that_would_tell_nothing_apart_give_way_to_files(self, call) -> None:
        Path("one").mkdir()
        Path("other").mkdir()
        _, page, _ = call(small("one/ours.toml"), small("other/ours.toml", **{"10_000": "20_000"}))
        assert page.startswith("one/ours.toml → other/ours.toml\n")

    @pytest.mark.parametrize("name", ["=cmd()", "[red]x", "%s{0}", "日本語", "x" * 80])
    def test_odd_names_are_shown_as_they_are(self, call, name: str) -> None:
        code, page, _ = call(small("a.toml", json.dumps(name)), small("b.toml"))
        assert code == 0
        words = f"With another name for {name} (api), the advice changes from starting {name} now to starting api now"
        assert words in page

    def test_no_control_character_reaches_the_terminal(self, call) -> None:
        small("b\x1b[31m.toml")
        small("c\u202e.toml", **{"10_000": "20_000"})
        code, page, errors = call("b\x1b[31m.toml", "c\u202e.toml")
        assert code == 0
        assert page.startswith("b\\x1b[31m → c\\u202e\n")
        assert all(line.isprintable() for line in (page + errors).splitlines())


@pytest.fixture(scope="module")
def told():
    """What the JSON says of two stories."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(compare, "MIXTURES", 2)
        return json.loads(CliRunner().invoke(program, ["compare", COPILOT, VOICE, "--json"]).stdout)


class TestJson:
    def test_its_keys(self, told) -> None:
        assert set(told) == {"version", "first", "others"}
        (other,) = told["others"]
        assert set(told["first"]) == {"file", "name", "summary", "label", "figures"}
        assert set(other) == set(told["first"]) | {
            "sentence",
            "inputs",
            "change",
            "unreached_date_counts_as",
            "attribution",
            "orders",
            "standard_errors",
            "advice_changes",
            "changed_alone_by",
            "changed_together_by",
        }
        assert {"path": "months", "kind": "changed", "before": 36, "after": 30, "unit": "calendar months"} in other[
            "inputs"
        ]

    def test_it_adds_up_and_is_what_run_says(self, told) -> None:
        (other,) = told["others"]
        for figure, change in other["change"].items():
            assert sum(share[figure] for share in other["attribution"]) == pytest.approx(change)
        one, two = told["first"]["figures"], other["figures"]
        assert other["change"]["npv_saving_usd"] == pytest.approx(two["npv_saving_usd"] - one["npv_saving_usd"])
        moved = date.fromisoformat(two["start_by"]) - date.fromisoformat(one["start_by"])
        assert other["change"]["start_by_days"] == moved.days
        for file, figures in ((COPILOT, one), (VOICE, two)):
            run = json.loads(CliRunner().invoke(program, ["run", file, "--json"]).stdout)
            verdict = run["verdict"]
            for name in ("action", "candidate", "start_by", "live", "npv_saving_usd"):
                assert figures[name] == verdict[name]
            assert figures["threat"] == run["base"]["threat"]
            assert figures["bill_at_end_usd"] == run["base"]["bill_at_end_usd"]
            advised = CliRunner().invoke(program, ["run", file, "--json", "--policy", verdict["start_by"]])
            candidate = json.loads(advised.stdout)["base"]["candidates"][verdict["candidate"]]
            for name in ("break_even", "one_off_usd", "total_usd"):
                assert figures[name] == pytest.approx(candidate[name])

    def test_every_input_is_in_one_share(self, told) -> None:
        (other,) = told["others"]
        inputs = [name for share in other["attribution"] for name in share["inputs"]]
        assert sorted(inputs) == sorted(change["path"] for change in other["inputs"])
        assert {*other["attribution"][0]} == {"inputs", "words", "npv_saving_usd"} | {
            f"{figure}_days" for figure in FIGURES[:-1]
        }

    def test_whole_candidates_and_events_are_json_too(self, call) -> None:
        jump = {"output_tokens = 0": "output_tokens = 0, events = [{ date = 2027-06-01, factor = 1.4 }]"}
        _, text, _ = call(small("a.toml"), small("b.toml", "other", **{"10_000": "20_000"}, **jump), "--json")
        inputs = json.loads(text)["others"][0]["inputs"]
        assert {each["path"]: each["kind"] for each in inputs} == {
            "usage.requests_per_day": "changed",
            "usage.events.0": "added",
            "candidates.api": "removed",
            "candidates.other": "added",
        }


class TestBadInput:
    def lines(self, call, *arguments: str) -> list[str]:
        code, page, errors = call(*arguments)
        assert (code, page) == (2, "")
        return errors.splitlines()

    def test_one_file_alone(self, call) -> None:
        assert self.lines(call, COPILOT) == [
            f"{COPILOT}:1: is alone: name a second scenario, or say with --set PATH=VALUE what is to change"
        ]

    def test_a_file_that_is_not_there(self, call) -> None:
        assert self.lines(call, "gone.toml") == ["gone.toml:1: does not exist"]

    def test_the_same_file_twice(self, call) -> None:
        small("a.toml")
        assert self.lines(call, "a.toml", "./a.toml") == [
            "./a.toml:1: is named twice: there is no difference to explain"
        ]

    def test_faults_of_all_files_at_once(self, call) -> None:
        Path("a.toml").write_text("months = 0\n")
        Path("b.toml").write_text("mnths = 1\n")
        lines = self.lines(call, "a.toml", "b.toml", "gone.toml")
        assert [line.partition(":")[0] for line in lines] == sorted(line.partition(":")[0] for line in lines)
        assert {"a.toml", "b.toml", "gone.toml"} == {line.partition(":")[0] for line in lines}

    def test_a_wrong_setting_is_told_once(self, call) -> None:
        assert self.lines(call, COPILOT, VOICE, "--set", "months=0") == ["--set:1: months: must be 1 or more; got 0"]

    def test_what_cannot_be_computed(self, call) -> None:
        (line,) = self.lines(call, small("a.toml"), "--set", "usage.growth={curve='compound', per_month=1e15}")
        assert line.startswith("--set:1: usage.growth: grows beyond")

    def test_no_file_at_all(self, call) -> None:
        assert call()[0] == 2
