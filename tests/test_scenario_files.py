"""Reading scenario files: values, lines, overlays, overrides."""

import os
import tomllib
from datetime import date
from pathlib import Path

import pytest
import tomlkit
from hypothesis import given
from hypothesis import strategies as st

from switchpoint.scenario.errors import Fault, ScenarioError
from switchpoint.scenario.load import load, load_text
from switchpoint.scenario.toml_source import key_lines
from switchpoint.scenario.uncertain import Pert, Range, num

DATA = Path(__file__).parent / "scenario_data"
FULL = DATA / "full.toml"

SMALL = """\
start = 2027-01-01
[usage]
requests_per_day = 1000
input_tokens = 100
output_tokens = 10
[limit]
usd_per_month = 500
[current]
usd_per_mtok = { input = 1, output = 2 }
"""


def faults(text: str, *overrides: str) -> list[str]:
    with pytest.raises(ScenarioError) as caught:
        load_text(text, "s.toml", overrides)
    return str(caught.value).splitlines()


ASKED = "top.toml:1: extends: names a file with faults:"
"""Comes first where the file that was asked for is right by itself."""


class TestReading:
    def test_every_key_is_read(self) -> None:
        scenario = load(FULL).scenario
        assert scenario.name == "Everything stated"
        assert scenario.start == date(2027, 1, 1)
        assert scenario.usage.growth.per_month == Range(0.06, 0.14)
        assert scenario.usage.events[1].factor == Pert(0.8, 0.9, 1.1)
        assert list(scenario.candidates) == ["own-8b", "hosted 1.0", "box", "cheaper-api"]
        assert scenario.candidates["cheaper-api"].project.shadow_days == 7

    def test_a_five_line_candidate_is_legal(self) -> None:
        bought_box = """
        [candidates.box]
        kind = "gpu"
        [candidates.box.fleet]
        requests_per_second_per_replica = 6
        purchase_usd_per_gpu = 9_000
        """
        box = load_text(SMALL + bought_box).scenario.candidates["box"]
        assert num(box.fleet.purchase_usd_per_gpu) == 9000
        assert box.fleet.lifetime_months == 36
        assert box.project.pass_probability == (1.0,)

    def test_a_byte_order_mark_and_windows_line_ends_do_no_harm(self, tmp_path: Path) -> None:
        file = tmp_path / "s.toml"
        file.write_bytes(b"\xef\xbb\xbf" + SMALL.replace("\n", "\r\n").encode())
        assert load(file).scenario.months == 36
        file.write_bytes(SMALL.replace("\n", "\r\n").replace("= 1000", "= -1").encode())
        with pytest.raises(ScenarioError, match=r"s\.toml:3: usage\.requests_per_day: "):
            load(file)

    def test_a_fault_of_a_later_check_finds_its_line(self) -> None:
        fault = load(FULL).fault(("candidates", "own-8b", "fleet", "gpu"), "is unknown")
        lines = FULL.read_text().splitlines()
        assert lines[fault.line - 1] == 'gpu = "L40S"'
        assert fault == Fault(str(FULL), fault.line, "candidates.own-8b.fleet.gpu", "is unknown")

    def test_a_fault_never_leaves_its_line(self) -> None:
        fault = Fault("a\nb", 1, "x\ry", "c\x1b[31md\u2028e")
        assert str(fault) == "a\\nb:1: x\\ry: c\\x1b[31md\\u2028e"
        assert len(str(fault).splitlines()) == 1


class TestOverlays:
    @pytest.fixture(autouse=True)
    def folder(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
        monkeypatch.chdir(tmp_path)
        (tmp_path / "base.toml").write_text(SMALL + 'usd_per_month = 7\n[usage.growth]\ncurve = "compound"\n')
        return tmp_path

    def test_tables_are_merged_and_the_rest_is_replaced(self, folder: Path) -> None:
        (folder / "sub").mkdir()
        (folder / "mid.toml").write_text(
            'extends = "base.toml"\n[usage.growth]\nper_month = { low = 0.1, high = 0.2 }\n'
        )
        (folder / "sub/top.toml").write_text('extends = "../mid.toml"\nmonths = 12\nusage.input_tokens = 5\n')
        scenario = load("sub/top.toml").scenario
        assert (scenario.months, scenario.usage.input_tokens, scenario.usage.output_tokens) == (12, 5, 10)
        assert scenario.usage.growth.curve == "compound"
        assert scenario.usage.growth.per_month == Range(0.1, 0.2)

    def test_a_belief_is_replaced_as_a_whole(self, folder: Path) -> None:
        (folder / "mid.toml").write_text(
            'extends = "base.toml"\nrevenue.usd_per_month = { low = 1, mode = 2, high = 3 }\n'
        )
        (folder / "top.toml").write_text('extends = "mid.toml"\nrevenue.usd_per_month = { low = 4, high = 5 }\n')
        assert load("top.toml").scenario.revenue.usd_per_month == Range(4, 5)

    def test_a_fault_names_the_file_that_it_stands_in(self, folder: Path) -> None:
        (folder / "top.toml").write_text('extends = "base.toml"\nmonths = 0\n')
        base = folder / "base.toml"
        base.write_text(base.read_text().replace("input_tokens = 100", "input_tokens = -1"))
        with pytest.raises(ScenarioError) as caught:
            load("top.toml", ["usage.output_tokens=-2"])
        assert [line.split(": ")[:2] for line in str(caught.value).splitlines()] == [
            ["top.toml:2", "months"],
            ["--set:1", "usage.output_tokens"],
            ["base.toml:4", "usage.input_tokens"],
        ]

    @pytest.mark.parametrize(
        ("extends", "message"),
        [
            ('"top.toml"', "top.toml:1: extends: goes round in a circle"),
            ('"loop.toml"', f"{ASKED} loop.toml\nloop.toml:1: extends: goes round in a circle"),
            ('"basse.toml"', 'top.toml:1: extends: "basse.toml" does not exist; did you mean base.toml?'),
            ('"."', "top.toml:1: extends: "),
            ('"a\\u0000b"', "top.toml:1: extends: "),
            ("3", "top.toml:1: extends: must be the name of a scenario file; got 3"),
            ('"broken.toml"', f"{ASKED} broken.toml\nbroken.toml:2: "),
        ],
    )
    def test_an_overlay_that_leads_nowhere(self, folder: Path, extends: str, message: str) -> None:
        (folder / "loop.toml").write_text('extends = "top.toml"\n')
        (folder / "broken.toml").write_text("months = 1\nmonths 2\n")
        (folder / "top.toml").write_text(f"extends = {extends}\n")
        with pytest.raises(ScenarioError) as caught:
            load("top.toml")
        assert str(caught.value).startswith(message)
        assert len(str(caught.value).splitlines()) == len(message.splitlines())

    def test_an_overlay_may_be_named_by_a_link(self, folder: Path) -> None:
        (folder / "link.toml").symlink_to("base.toml")
        (folder / "top.toml").write_text('extends = "link.toml"\n')
        assert load("top.toml").scenario.months == 36


class TestOverrides:
    @pytest.mark.parametrize(
        ("override", "read"),
        [
            ("months=12", lambda s: s.months == 12),
            ("name=Another name", lambda s: s.name == "Another name"),
            ("start=2028-02-01", lambda s: s.start == date(2028, 2, 1)),
            ("usage.growth.per_month=.1", lambda s: s.usage.growth.per_month == 0.1),
            ("usage.growth.per_month.low=0.1", lambda s: s.usage.growth.per_month == Range(0.1, 0.14)),
            ("usage.input_tokens={low=1,high=2}", lambda s: s.usage.input_tokens == Range(1, 2)),
            ("current.commitments.0.discount=0.3", lambda s: s.current.commitments[0].discount == 0.3),
            ("usage.events.1.probability=0.5", lambda s: s.usage.events[1].probability == 0.5),
            ("usage.events=[]", lambda s: s.usage.events == ()),
            ("decision.policy=2027-05-01", lambda s: s.decision.policy == date(2027, 5, 1)),
            ("decision.policy = best", lambda s: s.decision.policy == "best"),
            ("candidates.own-8b.coverage=0.5", lambda s: s.candidates["own-8b"].coverage == 0.5),
            ("candidates.hosted 1.0.coverage=0.5", lambda s: s.candidates["hosted 1.0"].coverage == 0.5),
            ('candidates."hosted 1.0".coverage=0.5', lambda s: s.candidates["hosted 1.0"].coverage == 0.5),
            ("candidates.*.coverage=0.5", lambda s: {c.coverage for c in s.candidates.values()} == {0.5}),
            ("candidates.box.project.engineers=3", lambda s: s.candidates["box"].project.engineers == 3),
            ("candidates.box.fleet.fixed_replicas=3", lambda s: s.candidates["box"].fleet.fixed_replicas == 3),
            (
                'candidates.new={kind="api",usd_per_mtok={input=1,output=2}}',
                lambda s: s.candidates["new"].usd_per_mtok.input == 1,
            ),
        ],
    )
    def test_an_override_replaces_one_value(self, override: str, read) -> None:
        assert read(load(FULL, [override]).scenario)

    def test_later_overrides_win(self) -> None:
        assert load(FULL, ["months=12", "months=6"]).scenario.months == 6

    @pytest.mark.parametrize(
        ("override", "message"),
        [
            ("months", "--set:1: months: must be PATH=VALUE"),
            ("", '--set:1: must be PATH=VALUE, such as usage.growth.per_month=0.1; got ""'),
            ("=3", "--set:1: must be keys joined by dots"),
            ("months=", '--set:1: months: must be a TOML value such as 0.1, text or [1, 2]; got ""'),
            ("months=[1", "--set:1: months: must be a TOML value"),
            ("months=1\nname='x'", "--set:1: months: must be a TOML value"),
            ("months=999", "--set:1: months: must be at most 240; got 999"),
            ("mnths=9", "--set:1: mnths: is not a known key; did you mean months?"),
            ("usage.growth.per_mnth=1", "--set:1: usage.growth.per_mnth: is not a known key; did you mean per_month?"),
            ("usage..growth=1", "--set:1: usage..growth: must be keys joined by dots"),
            ('usage."growth=1', "--set:1: "),
            ("name.x=1", '--set:1: name.x: leads nowhere: name is "Everything stated", not a table'),
            (
                "candidates.own8b.coverage=1",
                "--set:1: candidates.own8b.coverage: names no candidate: own8b; did you mean own-8b?",
            ),
            (
                "candidates.zzz.coverage=1",
                "--set:1: candidates.zzz.coverage: names no candidate: zzz; there are own-8b, ",
            ),
            ("current.commitments.1.discount=0", "--set:1: current.commitments.1.discount: "),
            ("current.commitments.x.discount=0", "--set:1: current.commitments.x.discount: "),
            ("candidates.box.coverage=nan", "--set:1: candidates.box.coverage: must be a finite number; got nan"),
            ("limit=3", "--set:1: limit: must be a table; got 3"),
            ("usage.events.0=3", "--set:1: usage.events.0: must be a table; got 3"),
        ],
    )
    def test_an_override_that_leads_nowhere(self, override: str, message: str) -> None:
        with pytest.raises(ScenarioError) as caught:
            load(FULL, [override])
        assert str(caught.value).startswith(message)
        assert "\n" not in str(caught.value)

    def test_overrides_of_every_candidate_need_one(self) -> None:
        assert faults(SMALL, "candidates.*.coverage=1") == [
            "--set:1: candidates.*.coverage: means every candidate, and there is none"
        ]

    @given(st.text(max_size=40), st.text(max_size=20))
    def test_any_override_is_read_or_refused(self, path: str, value: str) -> None:
        try:
            load_text(SMALL, overrides=[f"{path}={value}"])
        except ScenarioError as error:
            assert str(error).startswith("--set:1: ")  # noqa: PT017 - either way is right


class TestHistory:
    CURVE = SMALL + '[usage.growth]\ncurve = "history"\nfile = "usage.csv"\n'
    DAYS = tuple(date.fromordinal(date(2026, 1, 5).toordinal() + i) for i in range(8 * 7))
    GOOD = "date,requests\n" + "".join(f"{day},100\n" for day in DAYS)

    @pytest.fixture(autouse=True)
    def folder(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
        (tmp_path / "sub").mkdir()
        (tmp_path / "sub/s.toml").write_text(self.CURVE)
        monkeypatch.chdir(tmp_path)
        return tmp_path

    def test_the_file_is_beside_the_scenario(self, folder: Path) -> None:
        (folder / "sub/usage.csv").write_text(self.GOOD)
        assert load("sub/s.toml").scenario.usage.growth.file == str((folder / "sub/usage.csv").resolve())

    def test_the_file_is_beside_the_scenario_that_states_it(self, folder: Path) -> None:
        (folder / "sub/usage.csv").write_text(self.GOOD)
        (folder / "top.toml").write_text('extends = "sub/s.toml"\n')
        assert load("top.toml").scenario.usage.growth.file == str((folder / "sub/usage.csv").resolve())

    @pytest.mark.parametrize(
        ("content", "message"),
        [
            (None, "sub/s.toml:12: usage.growth.file: names no file: sub/usage.csv"),
            ("", "sub/usage.csv:1: date: is missing"),
            ("day,requests\n", "sub/usage.csv:1: date: is missing: the first line must name date and requests"),
            (
                "date,request\n",
                'requests: is missing: the first line must name date and requests; got "date,request"; is it request?',
            ),
            (GOOD + "2026-13-01,5\n", 'sub/usage.csv:58: date: must be a date such as 2027-05-01; got "2026-13-01"'),
            (GOOD + "2026-12-01,x\n", 'sub/usage.csv:58: requests: must be a number, 0 or more; got "x"'),
            (GOOD + "2026-12-01,nan\n", 'sub/usage.csv:58: requests: must be a number, 0 or more; got "nan"'),
            (GOOD + "2026-12-01,-1\n", "sub/usage.csv:58: requests: must be a number, 0 or more"),
            (GOOD + "2026-12-01\n", "sub/usage.csv:58: requests: must be a number, 0 or more"),
            (GOOD + "2026-01-05,100\n", "sub/usage.csv:58: date: states 2026-01-05 for the second time, after line 2"),
            (GOOD.replace("2026-01-06,100\n", ""), "whole weeks, Monday to Sunday, with requests; got 7"),
            (GOOD.replace(",100", ",0"), "whole weeks, Monday to Sunday, with requests; got 0"),
            (b"date,requests\n\xff\n", "sub/usage.csv:2: must be UTF-8 text"),
            ('date,requests\n"' + "x" * 200_000, "sub/usage.csv:2: is not valid CSV"),
        ],
    )
    def test_a_file_that_cannot_be_used(self, folder: Path, content: str | bytes | None, message: str) -> None:
        if content is not None:
            raw = content if isinstance(content, bytes) else content.encode()
            (folder / "sub/usage.csv").write_bytes(raw)
        with pytest.raises(ScenarioError) as caught:
            load("sub/s.toml")
        assert message in str(caught.value)

    def test_all_faults_of_the_file_are_told_beside_those_of_the_scenario(self, folder: Path) -> None:
        (folder / "sub/usage.csv").write_text(self.GOOD + "x,y\n")
        with pytest.raises(ScenarioError) as caught:
            load("sub/s.toml", ["months=0"])
        assert len(str(caught.value).splitlines()) == 3

    @given(st.binary(max_size=200))
    def test_any_bytes_are_read_or_refused(self, raw: bytes) -> None:
        Path("sub/usage.csv").write_bytes(raw)
        with pytest.raises(ScenarioError, match=r"sub/usage\.csv:\d+: "):
            load("sub/s.toml")


class TestLines:
    def test_every_leaf_of_the_full_file(self) -> None:
        text = FULL.read_text()
        lines = text.splitlines()
        for path, line in key_lines(text).items():
            last = next((str(step) for step in reversed(path) if isinstance(step, str)), "")
            assert last in lines[line - 1] or last.replace("own-8b", "") in lines[line - 1]

    @pytest.mark.parametrize(
        ("text", "path", "line"),
        [
            ("a = { b = [\n1], c = 2 }", ("a", "c"), 2),
            ("a = [\n 1,\n # no\n { b = 3 },\n]", ("a", 1, "b"), 4),
            ("\n[[a]]\nb = 1\n[[a]]\nb = 2", ("a", 1, "b"), 5),
            ("[[a]]\n[[a.b]]\n[[a.b]]\nc = 1\n[[a]]\n[[a.b]]\nc = 2", ("a", 1, "b", 0, "c"), 7),
            ("[[a]]\n[a.b]\nc = 1\n[[a]]\n[a.b]\nc = 1", ("a", 1, "b", "c"), 6),
            ("a.b.c = 1\na.b.d = 2", ("a", "b", "d"), 2),
            ("a.b.c = 1\na.b.d = 2", ("a", "b"), 1),
            ("[a.b]\nx = 1\n[a]\ny = 2", ("a",), 3),
            ('["a.b" . \'c\\d\' . "e\\"f"]\n"\\u0041" = 1', ("a.b", "c\\d", 'e"f', "A"), 2),
            ('a = """\n[b]\nc = 1\\"\n""""\nd = 1', ("d",), 5),
            ("a = '''\n[b]\n'''''\nd = 1", ("d",), 4),
            ('a = "#"\nb = \'"\' # "\nc = 2027-01-01 07:00:00\nd = 1', ("d",), 4),
            ('a = "]"\nb = [ "]", \'}\', "\\"" ]\nd = { e = "}" }\nf = 1', ("f",), 4),
            ("a = 1\r\nb = 2\r\n\r\nc = 3", ("c",), 4),
        ],
    )
    def test_lines_of_odd_spellings(self, text: str, path: tuple, line: int) -> None:
        tomllib.loads(text)
        assert key_lines(text)[path] == line

    VALUES = st.recursive(
        st.integers() | st.booleans() | st.text(max_size=8) | st.dates() | st.floats(allow_nan=False),
        lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
        max_leaves=12,
    )

    @given(st.dictionaries(st.text(max_size=5), VALUES, max_size=5))
    def test_every_path_of_any_document_has_a_line(self, tree: dict) -> None:
        text = tomlkit.dumps(tree)
        read = tomllib.loads(text)
        lines = key_lines(text)

        def paths(node: object, path: tuple):
            yield path
            children = node.items() if isinstance(node, dict) else enumerate(node) if isinstance(node, list) else ()
            for key, child in children:
                yield from paths(child, (*path, key))

        assert set(paths(read, ())) <= set(lines)
        assert all(1 <= line <= text.count("\n") + 1 for line in lines.values())


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="no named pipes here")
def test_a_named_pipe_is_refused_without_waiting(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    with pytest.raises(ScenarioError, match="pipe:1: is not a file"):
        load(tmp_path / "pipe")
