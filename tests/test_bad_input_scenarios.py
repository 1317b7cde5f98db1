"""Broken scenario files: each ends with exit code 2 and one line per fault, at its line, with what would be right."""

import random
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import NamedTuple

import pytest
from hypothesis import given
from hypothesis import strategies as st
from typer.testing import CliRunner

from switchpoint.cli import program

FULL = (Path(__file__).parent / "scenario_data" / "full.toml").read_text(encoding="utf-8")
LINES = FULL.splitlines()
GROWTH = 'curve = "compound"\nper_month = { low = 0.06, high = 0.14 }\nfade_per_month = 0.02'
BASS = 'curve = "bass"\ninnovation = 0.01\nimitation = 0.2'
LINE = re.compile(r"^.+:\d+: \S.*$")


class Result(NamedTuple):
    code: int
    lines: list[str]


@pytest.fixture
def check(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    """A function that checks a text as the command line does."""
    monkeypatch.chdir(tmp_path)

    def run(content: str | bytes, *options: str) -> Result:
        Path("s.toml").write_bytes(content if isinstance(content, bytes) else content.encode())
        return run_check("s.toml", *options)

    return run


def run_check(*arguments: str) -> Result:
    result = CliRunner().invoke(program, ["check", *arguments])
    assert result.exception is None or isinstance(result.exception, SystemExit), result.output
    lines = result.stderr.splitlines()
    assert result.exit_code in (0, 2)
    assert (result.exit_code == 2) == bool(lines)
    assert all(LINE.match(line) for line in lines), result.stderr
    return Result(result.exit_code, lines)


class Leaf(NamedTuple):
    number: int
    field: str
    key: str
    value: str


def leaves() -> Iterator[Leaf]:
    """Every `key = value` line of the full file, with the path of its field."""
    table, counts = "", {}
    for number, line in enumerate(LINES, 1):
        if line.startswith("["):
            table = line.strip("[]")
            if line.startswith("[["):
                counts[table] = counts.get(table, -1) + 1
                table = f"{table}.{counts[table]}"
        elif " = " in line:
            key, value = line.split(" = ", 1)
            yield Leaf(number, f"{table}.{key}" if table else key, key, value)


LEAVES = list(leaves())
NUMBERS = [leaf for leaf in LEAVES if re.fullmatch(r"[-\d._]+", leaf.value)]
WORDS = [leaf for leaf in LEAVES if leaf.value.startswith('"')]
DATES = [leaf for leaf in LEAVES if re.match(r"\d{4}-", leaf.value)]
ids = {"ids": lambda leaf: leaf.field}


def replaced(leaf: Leaf, line: str) -> str:
    return "\n".join([*LINES[: leaf.number - 1], line, *LINES[leaf.number :]]) + "\n"


def test_the_full_file_is_right(check) -> None:
    assert check(FULL) == Result(0, [])


def apart(chosen: list[Leaf]) -> list[list[Leaf]]:
    """Leaves by the dozen, far from each other: each file is read for many faults, of which none may hide another.

    A kind and a whole fleet decide what else is known of their candidate, and stand alone.
    """
    alone = [[leaf] for leaf in chosen if leaf.key in ("kind", "fleet")]
    rest = [leaf for leaf in chosen if leaf.key not in ("kind", "fleet")]
    files = -(-len(rest) // 12)
    return alone + [rest[first::files] for first in range(files)]


def spoilt(chosen: list[Leaf], line: Callable[[Leaf], str]) -> str:
    lines = list(LINES)
    for leaf in chosen:
        lines[leaf.number - 1] = line(leaf)
    return "\n".join(lines) + "\n"


def misspelt(leaf: Leaf) -> str:
    key = leaf.key.rpartition(".")[2]
    middle = len(key) // 2
    return key[:middle] + key[middle + 1 :] if len(key) > 4 else key + "s"


@pytest.mark.parametrize("leaves", apart(LEAVES))
def test_a_misspelt_key_gets_one_line_and_the_right_name(check, leaves: list[Leaf]) -> None:
    def before(whole: str, key: str) -> str:
        return whole.removesuffix(key.rpartition(".")[2])

    text = spoilt(leaves, lambda leaf: f"{before(leaf.key, leaf.key)}{misspelt(leaf)} = {leaf.value}")
    assert check(text) == Result(
        2,
        [
            f"s.toml:{leaf.number}: {before(leaf.field, leaf.key)}{misspelt(leaf)}: is not a known key; "
            f"did you mean {leaf.key.rpartition('.')[2]}?"
            for leaf in leaves
        ],
    )


@pytest.mark.parametrize("leaves", apart(LEAVES))
def test_a_list_in_the_wrong_place_gets_one_line(check, leaves: list[Leaf]) -> None:
    code, lines = check(spoilt(leaves, lambda leaf: f"{leaf.key} = [[]]"))
    assert code == 2
    for leaf, line in zip(leaves, lines, strict=True):
        assert line.startswith(f"s.toml:{leaf.number}: {leaf.field}")
        assert "must be" in line or "must have" in line


@pytest.mark.parametrize("value", ['"x"', "true", "nan", "-inf", "1e300", "-1e18", "9" * 400])
@pytest.mark.parametrize("leaves", apart(NUMBERS))
def test_what_is_no_number_in_range_gets_one_line(check, leaves: list[Leaf], value: str) -> None:
    code, lines = check(spoilt(leaves, lambda leaf: f"{leaf.key} = {value}"))
    assert code == 2
    for leaf, line in zip(leaves, lines, strict=True):
        assert line.startswith(f"s.toml:{leaf.number}: {leaf.field}: must be ")
        assert "; got " in line


@pytest.mark.parametrize("leaf", WORDS, **ids)
def test_what_is_no_text_gets_one_line(check, leaf: Leaf) -> None:
    code, lines = check(replaced(leaf, f"{leaf.key} = 5"))
    assert code == 2
    assert len(lines) == 1
    assert re.match(rf"s\.toml:{leaf.number}: {re.escape(leaf.field)}: must be .*; got ", lines[0])


@pytest.mark.parametrize("value", ["2027-02-30", "1800-01-01", '"soon"', "5", "2027-01-01T12:00:00", "12:00:00"])
@pytest.mark.parametrize("leaf", DATES, **ids)
def test_what_is_no_day_gets_one_line(check, leaf: Leaf, value: str) -> None:
    code, lines = check(replaced(leaf, f"{leaf.key} = {value}"))
    assert code == 2
    assert len(lines) == 1
    assert lines[0].startswith(f"s.toml:{leaf.number}: ")


NEEDED = [
    leaf
    for leaf in LEAVES
    if leaf.key in ("start", "input_tokens", "output_tokens", "date", "factor", "kind")
    or leaf.field in ("current.commitments.0.usd_per_month", "current.usd_per_mtok.input", "candidates.box.fleet")
]


@pytest.mark.parametrize("leaf", NEEDED, **ids)
def test_a_missing_key_is_explained_at_the_line_of_its_table(check, leaf: Leaf) -> None:
    code, lines = check(replaced(leaf, ""))
    assert code == 2
    assert len(lines) == 1
    assert re.search(rf"{re.escape(leaf.field)}: is missing: .{{8,}}", lines[0])
    header = int(lines[0].split(":")[1])
    assert header == 1 or LINES[header - 1].startswith("[")


SINGLE = [
    # text to replace, what with, expected end of the line: field and message
    ("months = 36", "months = 241", "months: must be at most 240; got 241"),
    ("months = 36", "months = 0", "months: must be 1 or more; got 0"),
    ("months = 36", "months = 36.5", "months: must be a whole number; got 36.5"),
    ('name = "Everything stated"', 'name = ""', 'name: must not be empty; got ""'),
    ('name = "Everything stated"', 'nome = "x"', "nome: is not a known key; did you mean name?"),
    ("[revenue]", "[revenu]", "revenu: is not a known key; did you mean revenue?"),
    ("[limit]", "[limits]", "limits: is not a known key; did you mean limit?"),
    ("[usage]\n", "[usge]\n", "usge: is not a known key; did you mean usage?"),
    ('hourly_profile = "office"', 'hourly_profile = "ofice"', "usage.hourly_profile: must be flat, office or global; "),
    (
        'hourly_profile = "office"',
        "hourly_profile = [1, 2]",
        "usage.hourly_profile: must have exactly 24 elements; got 2",
    ),
    ('hourly_profile = "office"', "hourly_profile = 7", "usage.hourly_profile: must be a list; got 7"),
    ("[1, 1, 1, 1, 1, 0.4, 0.3]", "[1, 1]", "usage.weekday_profile: must have exactly 7 elements; got 2"),
    ("[1, 1, 1, 1, 1, 0.4, 0.3]", "[0, 0, 0, 0, 0, 0, 0]", "weekday_profile: must have at least one weight above 0"),
    ("[1, 1, 1, 1, 1, 0.4, 0.3]", "[1, 1, 1, -1, 1, 1, 1]", "usage.weekday_profile.3: must be 0 or more; got -1"),
    ('curve = "compound"', 'curve = "compond"', "did you mean compound?"),
    (GROWTH, BASS, "usage.growth: market is needed by the bass curve"),
    (
        GROWTH,
        f"{BASS}\nmarket = 20",
        "usage.growth.market: must be at least usage.requests_per_day (60,000); got 20",
    ),
    (GROWTH, 'curve = "history"', "usage.growth: file is needed by the history curve"),
    ("per_month = { low = 0.06, high = 0.14 }", "per_month = { low = 0.2, high = 0.1 }", "must not fall; got 0.2, 0.1"),
    (
        "{ low = 0.06, high = 0.14 }",
        "{ low = 0.06 }",
        "must be { low, high }, { low, mode, high } or { values, weights }",
    ),
    ("{ low = 0.06, high = 0.14 }", '{ low = 0.06, high = "a" }', 'per_month: high must be a number; got "a"'),
    ("{ low = 0.06, high = 0.14 }", "{ values = [] }", "values must be a list of at least one number; got []"),
    ("{ low = 0.06, high = 0.14 }", "{ values = [1], weights = [1, 2] }", "weights must be a list of 1 numbers"),
    ("{ low = 0.06, high = 0.14 }", "{ values = [1], weights = [0] }", "weights must be 0 or more and not all 0"),
    ("cached_input_share = 0.35", "cached_input_share = { low = 0.5, high = 1.2 }", "must be from 0 to 1; got 1.2"),
    ("cached_input_share = 0.35", "cached_input_share = 0.95", "usage.cached_input_share must be at most 1 together"),
    ("cached_input_share = 0.35", "cached_input_share = { low = 0.1, high = 0.95 }", "must be at most 1 together"),
    (
        "daily_noise = 0.08",
        "daily_noise = { low = 1, high = 2 }",
        "usage.daily_noise: must be a number (0 or more); got",
    ),
    ('provider = "openai"\nmodel = "gpt-5.4-mini"', 'provider = "openai"', "current: provider and model go together"),
    ('provider = "openai"\nmodel = "gpt-5-mini"\n', "", "candidates.cheaper-api: has no price"),
    ('kind = "api"', 'kind = "apis"', 'kind: must be api, hosted or gpu; got "apis"; did you mean api?'),
    ('kind = "api"', 'kind = "cloud"', 'kind: must be api, hosted or gpu; got "cloud"'),
    ('kind = "api"', "kind = [1]", "candidates.cheaper-api.kind: must be api, hosted or gpu; got [1]"),
    ("[candidates.box]", "[candidates.stay]", "candidates.stay: is the name of a column of the monthly table"),
    ("[candidates.box]", "[candidates.limit]", "candidates.limit: is the name of a column of the monthly table"),
    ("[candidates.box]", "[candidates.requests]", "candidates.requests: is the name of a column"),
    ("[candidates.box]", "[candidates.pressure]", "candidates.pressure: is the name of a column"),
    ("[candidates.box]", "[candidates.month]", "candidates.month: is the name of a column"),
    ("[candidates.box]", "[candidates.own-8b_per_1000]", "candidates.own-8b_per_1000: is the name of a column"),
    ("[candidates.box]", '[candidates."a\\nb"]', "must be a name without line breaks and without space around it"),
    ("[candidates.box]", '[candidates.""]', 'candidates."": must not be empty'),
    (", fixed_replicas = 2 }", "}", 'fleet: scaling = "fixed" needs fixed_replicas'),
    ('scaling = "fixed", ', "", 'fleet: fixed_replicas needs scaling = "fixed"'),
    ("purchase_usd_per_gpu = 9_000", "usd_per_gpu_hour = 1, purchase_usd_per_gpu = 9", "fleet: GPUs are rented "),
    ("purchase_usd_per_gpu = 9_000, ", "", "fleet: needs gpu (to price it from the catalogue), usd_per_gpu_hour or "),
    ("requests_per_second_per_replica = 6, ", "", "candidates.box: needs model and fleet.gpu (to estimate capacity)"),
    ("requests_per_second_per_replica = 6", "requests_per_second = 6", "did you mean requests_per_second_per_replica?"),
    ("fleet = { requests", "coverage = 1, fleet = { requests", ""),
    ('gpu = "L40S"', 'gpu = "L400S"', "candidates.own-8b.fleet.gpu: unknown GPU 'L400S'; did you mean L40S"),
    ('gpu = "H100"', 'gpu = "H10"', "candidates.own-8b.project.training.gpu: unknown GPU 'H10'; did you mean H100"),
    ('base = "llama-3.1-8b"', 'base = "lama-3.1-8b"', "did you mean llama-3.1-8b"),
    ("usd_per_gpu_hour = 1.1\n", "", ""),
    ('model = "gpt-5-mini"', 'model = "gpt-5-mnii"', "candidates.cheaper-api.model: unknown model of openai"),
    ('provider = "openai"\nmodel = "gpt-5-mini"', 'provider = "opnai"\nmodel = "gpt-5-mini"', "did you mean openai"),
    ("engineers_in_house = 1", "engineers_in_house = 3", "project: engineers_in_house must be at most engineers"),
    ("started = 2026-11-01\n", "", "project: iterations_done needs started, the first day of the project"),
    ("started = 2026-11-01", "started = 2027-11-01", "project.started: must not be after start (2027-01-01)"),
    ("iterations_done = 1", "iterations_done = 8", "project: iterations_done must be below max_iterations"),
    ("[0.35, 0.5, 0.6]", "[]", "project.pass_probability: must have at least 1 elements; got 0"),
    ("[0.35, 0.5, 0.6]", "[0.35, 1.5]", "project.pass_probability.1: must be from 0 to 1; got 1.5"),
    ('labelling = "with-project"', 'labelling = "with-projct"', "must be with-project, from-start or a date such as "),
    ('method = "lora"', 'method = "loar"', 'must be full, lora or qlora; got "loar"; did you mean lora?'),
    ('policy = "warn"', 'policy = "warm"', 'a date such as 2027-05-01; got "warm"; did you mean warn?'),
    (
        'policy = "warn"',
        "policy = 2026-05-01",
        "decision.policy: must not be before start (2027-01-01); got 2026-05-01",
    ),
    ("warn_months = [2, 3]", "warn_months = [3, 2]", "decision.warn_months: must be two numbers that do not fall"),
    ("warn_months = [2, 3]", "warn_months = [3]", "decision.warn_months: is too short: there is no element 2"),
    ("warn_months = [2, 3]", "warn_months = [1, 2, 3]", "decision.warn_months: must have at most 2 elements; got 3"),
    ("months = 36\n", "months = 36\ngpu = 1\n", "gpu: is not a known key; it belongs in "),
    (
        "coverage = 0.92",
        'coverage = 0.92\ngpu = "L4"',
        "gpu: is not a known key; it belongs in candidates.own-8b.fleet",
    ),
    ("months = 36\n", "months = 36\nextend = 'x.toml'\n", "extend: is not a known key; did you mean extends?"),
    ("months = 36\n", "months = 36\nmonths = 36\n", "states a key for the second time"),
    ("months = 36\n", "months == 36\n", "has no valid value here"),
    ("months = 36\n", "months 36\n", "has a key without = and a value"),
    ("[revenue]", "[revenue", "is not valid TOML: expected ']'"),
    ("[revenue]", "[usage]", "is not valid TOML: cannot declare ('usage',) twice"),
    ('name = "Everything', 'name = "Every\nthing', "is not valid TOML: "),
    ("months = 36", "months = " + "9" * 5000, "must be a smaller number; got one of thousands of digits"),
    ("months = 36", "months = " + "9" * 300, "months: must be "),
    ("months = 36", "months = " + "[" * 100_000, "must not nest tables or lists more than 20 deep"),
    ("months = 36", "months = " + "[" * 50 + "]" * 50, "must not nest tables or lists more than 20 deep"),
    ("months = 36", "months" + ".a" * 3000 + " = 1", "must not nest tables or lists more than 20 deep"),
]
LEGAL = {"usd_per_gpu_hour = 1.1\n"}


@pytest.mark.parametrize(
    ("old", "new", "message"), [case for case in SINGLE if case[2]], ids=range(len([c for c in SINGLE if c[2]]))
)
def test_one_fault_gets_one_line(check, old: str, new: str, message: str) -> None:
    assert old in FULL
    code, lines = check(FULL.replace(old, new, 1))
    assert code == 2
    assert len(lines) == 1, lines
    assert message in lines[0]
    assert len(lines[0]) < 400


@pytest.mark.parametrize("seed", range(25))
def test_several_faults_all_come_out(check, seed: int) -> None:
    rng = random.Random(seed)
    kinds = [leaf for leaf in LEAVES if leaf.key not in ("kind", "fleet")]
    chosen = sorted(rng.sample(kinds, rng.randint(2, 12)))
    lines = list(LINES)
    for leaf in chosen:
        lines[leaf.number - 1] = f"{leaf.key} = [[]]" if rng.random() < 0.5 else f"{leaf.key}zqx = {leaf.value}"
    code, told = check("\n".join(lines))
    assert code == 2
    assert [int(line.split(":")[1]) for line in told] == [leaf.number for leaf in chosen]


def test_a_fault_does_not_hide_those_between_tables(check) -> None:
    text = FULL.replace("months = 36", "months = 0", 1).replace('policy = "warn"', "policy = 2026-05-01")
    text = text.replace("[candidates.box]", "[candidates.stay]").replace('gpu = "L40S"', 'gpu = "L400S"')
    text = text.replace("started = 2026-11-01", "started = 2027-11-01").replace(
        "input_tokens = 2_400", "input_token = 2_400"
    )
    _, lines = check(text)
    fields = [line.split(": ")[1] for line in lines]
    assert sorted(fields) == sorted(
        [
            "months",
            "usage.input_token",
            "candidates.own-8b.project.started",
            "candidates.own-8b.fleet.gpu",
            "candidates.stay",
            "decision.policy",
        ]
    )


def test_the_share_of_no_revenue_is_refused(check) -> None:
    text = FULL.replace("usd_per_month = 90_000", "usd_per_month = 0").replace("usd_per_1000_requests = 0.5\n", "")
    text = text.replace("usd_per_month = 60_000\nusd_per_1000_requests = 4.0\n", "")
    _, lines = check(text)
    assert [line.split(": ", 1)[1] for line in lines] == [
        "limit.share_of_revenue: is a share of nothing: state revenue.usd_per_month"
    ]


def test_nothing_that_matters_is_left_out(check) -> None:
    _, lines = check('name = "x"\n')
    assert [line.split(": ")[:3] for line in lines] == [
        ["s.toml:1", name, "is missing"] for name in ("start", "usage", "current")
    ]


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "says nothing"),
        (b"\n\n# only a comment\n", "says nothing"),
        (b"\xff\xfe" + FULL.encode("utf-16-le"), "must be UTF-8 text"),
        (b"name = 'caf\xe9'\n", "must be UTF-8 text"),
        (b"\x00" * 100, "is not valid TOML"),
        (b"# " + b"x" * 1_100_000, "must be at most 1 MB; got 1.1 MB"),
        (b"%PDF-1.7\n", "has a key without = and a value"),
        (b"a = 1\rb = 2", "is not valid TOML"),
    ],
)
def test_files_that_are_no_scenario(check, content: bytes, message: str) -> None:
    code, lines = check(content)
    assert code == 2
    assert len(lines) == 1
    assert message in lines[0] or "is not valid TOML" in lines[0] or "no key" in lines[0]


def test_ten_thousand_faults_are_cut_to_a_hundred(check) -> None:
    _, lines = check(FULL + "".join(f"x{i} = 1\n" for i in range(10_000)))
    assert len(lines) == 101
    assert lines[-1].endswith("and 9900 more faults from here on")


def test_odd_paths(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    Path("folder").mkdir()
    Path("scenario.toml").write_text(FULL)
    Path("link.toml").symlink_to("scenario.toml")
    Path("broken.toml").symlink_to("gone.toml")
    Path("round.toml").symlink_to("round.toml")
    odd = [
        "folder",
        "broken.toml",
        "round.toml",
        "gone.toml",
        "",
        ".",
        "/",
        "a\nb.toml",
        "a\0b",
        "x" * 5000,
        "folder/x.toml",
    ]
    for path in odd:
        code, lines = run_check("--", path)
        assert code == 2, path
        assert len(lines) == 1
    assert run_check("link.toml").code == 0
    assert "did you mean scenario.toml?" in run_check("scenaro.toml").lines[0]


def test_every_file_is_checked(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    Path("a.toml").write_text(FULL)
    Path("b.toml").write_text(FULL.replace("months = 36", "months = 0", 1))
    result = CliRunner().invoke(program, ["check", "b.toml", "gone.toml", "a.toml"])
    assert result.exit_code == 2
    assert [line.split(":")[0] for line in result.stderr.splitlines()] == ["b.toml", "gone.toml"]
    assert result.stdout.startswith("a.toml: OK: Everything stated, 36 months from 2027-01-01, 4 candidates (own-8b, ")


@given(st.binary(max_size=300))
def test_random_bytes(tmp_path_factory: pytest.TempPathFactory, raw: bytes) -> None:
    file = tmp_path_factory.getbasetemp() / "random.toml"
    file.write_bytes(raw)
    assert run_check(str(file)).code == 2


@given(st.data())
def test_the_full_file_with_bytes_changed(tmp_path_factory: pytest.TempPathFactory, data: st.DataObject) -> None:
    raw = bytearray(FULL.encode())
    for _ in range(data.draw(st.integers(1, 4))):
        at = data.draw(st.integers(0, len(raw) - 1))
        raw[at : at + data.draw(st.integers(0, 30))] = data.draw(st.binary(max_size=3))
    file = tmp_path_factory.getbasetemp() / "changed.toml"
    file.write_bytes(bytes(raw))
    run_check(str(file))


TOML = st.recursive(
    st.sampled_from(["1", "-1", "0.5", "nan", '"x"', "true", "2027-01-01", "[]", "{}", "12:00:00", "1e400", '"gpu"']),
    lambda inner: (
        st.lists(inner, max_size=3).map(lambda values: f"[{', '.join(values)}]")
        | st.dictionaries(
            st.sampled_from(["low", "high", "kind", "values", "usd_per_mtok", "x"]), inner, max_size=3
        ).map(lambda table: "{" + ", ".join(f"{key} = {value}" for key, value in table.items()) + "}")
    ),
    max_leaves=6,
)


@pytest.mark.slow
@given(st.sampled_from(LEAVES), TOML)
def test_any_value_in_any_place(tmp_path_factory: pytest.TempPathFactory, leaf: Leaf, value: str) -> None:
    file = tmp_path_factory.getbasetemp() / "value.toml"
    file.write_text(replaced(leaf, f"{leaf.key} = {value}"))
    for line in run_check(str(file)).lines:
        assert not re.search(r"pydantic|typing|Traceback|constrained|function-", line)


@given(st.sampled_from([line for line in LINES if line.startswith("[")]), TOML)
def test_any_value_in_place_of_a_table(tmp_path_factory: pytest.TempPathFactory, header: str, value: str) -> None:
    begin = LINES.index(header)
    end = next((i for i in range(begin + 1, len(LINES)) if LINES[i].startswith("[")), len(LINES))
    kept = [line for i, line in enumerate(LINES) if not begin <= i < end]
    name = header.strip("[]")
    file = tmp_path_factory.getbasetemp() / "table.toml"
    file.write_text("\n".join([f"{name} = {value}", *kept]))
    run_check(str(file))
