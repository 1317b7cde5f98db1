"""The house rules that no other tool checks: dependencies, file sizes, and the settings of the app."""

import ast
import inspect
import itertools
import re
import tomllib
from collections import Counter
from functools import cache
from pathlib import Path

import pytest

from tests.conftest import TOGETHER, place_of

ROOT = Path(__file__).resolve().parent.parent
LONGEST_FILE = 450
SHORTEST_FILE = 60
MAY_BE_SHORT = {
    "charts/collection.py",
    "cli/interruption.py",
    "errors.py",
    "loadtests/inference_perf.py",
    "loadtests/inferencemax.py",
    "loadtests/llmperf.py",
    "owndata/formats/every.py",
    "owndata/formats/plain_csv.py",
    "version.py",
}
"""Files that hold one thing that others must not be made to import more for."""
MOST_SHARED_NAMES = 20
UNNAMED = ("__init__", "__main__")
CAP_LEFT_TO_ANOTHER = {"rich"}  # typer states it
LOCK_FILES = ("uv.lock", "poetry.lock", "pdm.lock", "pylock.toml", "Pipfile", "Pipfile.lock", "requirements*.txt")

PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
SETTINGS = tomllib.loads((ROOT / ".streamlit" / "config.toml").read_text(encoding="utf-8"))
EXTRAS = list(itertools.chain.from_iterable(PROJECT["optional-dependencies"].values()))
SOURCES = sorted((ROOT / "src").rglob("*.py"))


def name_of(dependency: str) -> str:
    return re.match(r"[\w.-]+", dependency).group()


@pytest.mark.parametrize("dependency", PROJECT["dependencies"] + EXTRAS, ids=name_of)
def test_every_dependency_has_a_floor(dependency: str) -> None:
    assert ">=" in dependency or dependency.startswith("switchpoint[")


@pytest.mark.parametrize("dependency", PROJECT["dependencies"], ids=name_of)
def test_every_run_time_dependency_has_a_cap(dependency: str) -> None:
    assert "<" in dependency or name_of(dependency) in CAP_LEFT_TO_ANOTHER


def test_there_is_no_lock_file() -> None:
    assert [found.name for pattern in LOCK_FILES for found in ROOT.glob(pattern)] == []


@pytest.mark.parametrize("source", SOURCES, ids=lambda path: str(path.relative_to(ROOT / "src")))
def test_no_source_file_is_long(source: Path) -> None:
    lines = len(source.read_text(encoding="utf-8").splitlines())
    assert lines <= LONGEST_FILE


def test_every_package_says_what_it_is() -> None:
    packages = {source.parent for source in SOURCES}
    assert [str(folder) for folder in sorted(packages) if not (folder / "__init__.py").exists()] == []


def test_the_app_is_for_this_machine_and_reports_to_nobody() -> None:
    assert SETTINGS["server"]["address"] == "127.0.0.1"
    assert SETTINGS["browser"]["gatherUsageStats"] is False


def test_the_app_waits_for_no_answer_in_the_terminal() -> None:
    assert SETTINGS["server"]["showEmailPrompt"] is False


def test_no_setting_points_to_the_internet() -> None:
    settings = (ROOT / ".streamlit" / "config.toml").read_text(encoding="utf-8")
    assert "//" not in settings


def test_streamlit_knows_every_setting() -> None:
    config = pytest.importorskip("streamlit.config")
    config.get_config_options()
    known = set(config._config_options_template)
    assert {name for name in names_in(SETTINGS) if name not in known} == set()


def names_in(table: dict[str, object], prefix: str = "") -> set[str]:
    """The dotted names of the values in a nested table.

    >>> sorted(names_in({"server": {"port": 1}, "theme": {"dark": {"font": "serif"}}}))
    ['server.port', 'theme.dark.font']
    """
    found: set[str] = set()
    for key, value in table.items():
        found |= names_in(value, f"{prefix}{key}.") if isinstance(value, dict) else {prefix + key}
    return found


def luminance(colour: str) -> float:
    """The relative luminance of a colour such as "#1f5fc4", as WCAG 2 defines it.

    >>> luminance("#000000"), luminance("#ffffff")
    (0.0, 1.0)
    """
    parts = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    red, green, blue = (part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, other: str) -> float:
    """The contrast ratio of two colours, from 1 to 21.

    >>> round(contrast("#ffffff", "#000000"), 6)
    21.0
    """
    dark, light = sorted((luminance(one), luminance(other)))
    return (light + 0.05) / (dark + 0.05)


@pytest.mark.parametrize("mode", ["light", "dark"])
class TestColours:
    def test_chart_colours_stand_out_from_both_backgrounds(self, mode: str) -> None:
        theme = SETTINGS["theme"][mode]
        grounds = (theme["backgroundColor"], theme["secondaryBackgroundColor"])
        ratios = {(c, g): contrast(c, g) for c in theme["chartCategoricalColors"] for g in grounds}
        assert len(set(theme["chartCategoricalColors"])) == 6
        assert {pair: ratio for pair, ratio in ratios.items() if ratio < 3} == {}

    @pytest.mark.parametrize("ground", ["backgroundColor", "secondaryBackgroundColor"])
    @pytest.mark.parametrize("ink", ["textColor", "linkColor"])
    def test_text_is_readable(self, mode: str, ink: str, ground: str) -> None:
        theme = SETTINGS["theme"][mode]
        assert contrast(theme[ink], theme[ground]) >= 4.5

    def test_white_on_a_button_is_readable(self, mode: str) -> None:
        assert contrast("#ffffff", SETTINGS["theme"][mode]["primaryColor"]) >= 4.5


def test_files_whose_tests_share_a_worker_are_there() -> None:
    named = [file for files in TOGETHER for file in files]
    assert [file for file in named if not (ROOT / file).exists()] == []
    assert place_of("tests/browser/test_app.py::test_x") == 0
    assert place_of("tests/test_export_deck.py::test_x") == place_of("tests/test_damaged_sweeps.py::test_x[1]")
    assert place_of("tests/test_house.py::test_x") == len(TOGETHER)


# Names ---------------------------------------------------------------------------------------------------------------

PACKAGE = ROOT / "src" / "switchpoint"
MAP = (ROOT / "docs" / "architecture.md").read_text(encoding="utf-8")


@cache
def trees() -> dict[Path, ast.Module]:
    """Every source as Python reads it, once for all who look at it."""
    return {source: ast.parse(source.read_text(encoding="utf-8")) for source in SOURCES}


def place(source: Path) -> str:
    """A file below the package."""
    return source.relative_to(PACKAGE).as_posix()


def shared(names: list[str]) -> list[str]:
    """The names that are given more than once, as often as they are.

    >>> shared(["a", "b", "a"])
    ['a', 'a']
    """
    counts = Counter(names)
    return sorted(name for name in names if counts[name] > 1)


def mapped() -> list[str]:
    """Every file that the map names, below the package."""
    files, folder = [], ""
    for line in MAP.partition("## The map")[2].splitlines():
        if line.startswith("### switchpoint"):
            folder = line.removeprefix("### switchpoint").strip("/")
        elif found := re.match(r"\| `([\w.]+)` \|", line):
            files.append(f"{folder}/{found.group(1)}".strip("/"))
    return files


def test_no_source_file_is_a_scrap() -> None:
    short = {
        place(source)
        for source in SOURCES
        if source.stem not in UNNAMED and len(source.read_text(encoding="utf-8").splitlines()) < SHORTEST_FILE
    }
    assert short - MAY_BE_SHORT == set()


def test_few_files_share_their_name() -> None:
    names = shared([source.stem for source in SOURCES if source.stem not in UNNAMED])
    assert len(names) <= MOST_SHARED_NAMES, names


def test_no_class_shares_its_name() -> None:
    classes = [node.name for tree in trees().values() for node in ast.walk(tree) if isinstance(node, ast.ClassDef)]
    assert shared(classes) == []


def test_the_map_has_every_file_once_and_no_other() -> None:
    assert sorted(mapped()) == sorted(place(source) for source in SOURCES if source.name != "__init__.py")


def test_the_map_says_of_every_file_what_is_inside() -> None:
    assert re.findall(r"\| `([\w.]+)` \|\s*\|$", MAP, re.MULTILINE) == []


def test_the_map_leads_to_files_that_are_there() -> None:
    named = set(re.findall(r"`((?:\w+/)+\w+\.py)`", MAP.partition("## The map")[0]))
    inside = {name for name in named if not name.startswith(("tests/", "tools/", "app_pages/"))}
    assert {name for name in inside if not (PACKAGE / name).is_file()} == set()


IRREGULAR = "begun|built|chosen|drawn|found|given|hit|kept|known|made|pulled|said|shown|taken|told|written"
PARTICIPLE = re.compile(rf"_?(?:[a-z]+ed|{IRREGULAR})")
STILL_PARTICIPLES = ROOT / "tests" / "participles.txt"
"""Functions that are still named by a bare participle; none may be added, and what is renamed leaves the list."""


def test_no_function_gets_a_bare_participle_for_a_name() -> None:
    named = {
        f"{place(source)}:{node.name}"
        for source, tree in trees().items()
        for node in ast.walk(tree)
        if isinstance(node, ast.FunctionDef) and PARTICIPLE.fullmatch(node.name)
    }
    assert named == set(STILL_PARTICIPLES.read_text(encoding="utf-8").split())


def test_every_public_name_is_documented() -> None:
    switchpoint = pytest.importorskip("switchpoint")
    page = (ROOT / "docs" / "python.md").read_text(encoding="utf-8")
    for name in switchpoint.__all__:
        assert inspect.getdoc(getattr(switchpoint, name)), name
        assert name in page
