"""The documents are true: examples run, commands exist, links lead somewhere, nothing private is named."""

import doctest
import importlib
import importlib.util
import itertools
import os
import re
import shlex
import shutil
import subprocess
import sys
from collections.abc import Iterator
from datetime import date
from functools import cache
from pathlib import Path
from typing import NamedTuple
from urllib.parse import unquote

import pytest
from markdown_it import MarkdownIt
from markdown_it.token import Token

ROOT = Path(__file__).resolve().parent.parent
if not (ROOT / ".git").exists():
    pytest.skip("not a git checkout, so it is not known which documents are its own", allow_module_level=True)

RUNS = "run"  # ```sh run
SHELL_LANGUAGES = ("sh", "bash", "console", "shell")
DOCTEST_FLAGS = doctest.ELLIPSIS | doctest.NORMALIZE_WHITESPACE
SANDBOX_FOLDERS = ("scenarios", "docs", "examples")

# What no file of the project may name: places that fetch packages, and places of one machine.
PRIVATE = re.compile(
    r"\b(?:pypi|pythonhosted|npmjs|crates|anaconda|rubygems)\.(?:org|com|io)\b"
    r"|\b(?:ghcr|quay|nvcr|gcr|docker)\.io\b"
    r"|(?<![\w.~-])/(?:work|root|opt|home)/\w+",
    re.IGNORECASE,
)


class Fence(NamedTuple):
    """One fenced example: what it says it is, its text, and the line of the file on which the text begins."""

    info: str
    text: str
    line: int

    @property
    def language(self) -> str:
        return self.info.partition(" ")[0]


def tracked(*patterns: str) -> list[Path]:
    """The files that git keeps, as paths from the root; what is deleted but not yet committed is left out."""
    command = ["git", "-c", f"safe.directory={ROOT}", "ls-files", "-z", "--", *patterns]
    listed = subprocess.run(command, cwd=ROOT, check=True, capture_output=True, text=True).stdout
    return [Path(name) for name in listed.split("\0") if name and (ROOT / name).is_file()]


@cache
def tokens(page: Path) -> list[Token]:
    return MarkdownIt("commonmark").enable("table").parse((ROOT / page).read_text(encoding="utf-8"))


def fences(page: Path) -> list[Fence]:
    return [
        Fence(token.info.strip(), token.content, (token.map or [0])[0] + 1)
        for token in tokens(page)
        if token.type == "fence"
    ]


def commands(text: str) -> Iterator[list[str]]:
    """The arguments of each `switchpoint` call in a shell example, without what comes after a pipe or a redirection.

    >>> list(commands("make app\\n$ switchpoint run a.toml --set 'x=1' > out.txt  # one\\nswitchpoint --help | head"))
    [['run', 'a.toml', '--set', 'x=1'], ['--help']]
    """
    for line in text.replace("\\\n", " ").splitlines():
        lexer = shlex.shlex(line.removeprefix("$ "), posix=True, punctuation_chars=True)
        lexer.commenters = "#"
        words = list(lexer)
        end = next((i for i, word in enumerate(words) if set(word) <= set("|&;<>()")), len(words))
        if words[:1] == ["switchpoint"]:
            yield words[1:end]


def slug(heading: str) -> str:
    """The anchor that a heading gets when the page is shown.

    >>> slug("Bills, limits & the 28-day mean")
    'bills-limits--the-28-day-mean'
    """
    return re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-")


def anchors(page: Path) -> set[str]:
    parsed = tokens(page)
    titles = [after.content for token, after in itertools.pairwise(parsed) if token.type == "heading_open"]
    plain = [re.sub(r"\[([^]]*)\]\([^)]*\)|[`*]", r"\1", title) for title in titles]
    return {slug(title) for title in plain} | set(re.findall(r'\b(?:id|name)="([^"]+)"', (ROOT / page).read_text()))


def links(page: Path) -> list[str]:
    inner = [child for token in tokens(page) for child in token.children or []]
    return [
        str(child.attrGet("href") or child.attrGet("src")) for child in inner if child.type in ("link_open", "image")
    ]


def leads_somewhere(page: Path, link: str) -> bool:
    """Whether a link from a page leads to a file of the project, and to a heading in it where it names one."""
    where, _, anchor = unquote(link).partition("#")
    target = Path(os.path.normpath(page.parent / where)) if where else page
    if target.parts[:1] == ("..",) or not (ROOT / target).exists():
        return False
    return not anchor or target.suffix != ".md" or anchor in anchors(target)


PAGES = tracked("*.md")
NOTES = tracked("docs/decisions/[0-9]*.md")
SHELL = [page for page in PAGES if any(f.language in SHELL_LANGUAGES for f in fences(page))]
RUNNABLE = [page for page in SHELL if any(f.info.split()[1:2] == [RUNS] for f in fences(page))]
PYTHON = [page for page in PAGES if any(f.language in ("python", "pycon") for f in fences(page))]


@pytest.fixture
def sandbox(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A copy of the folders that examples read, so that what they write harms nothing."""
    for folder in SANDBOX_FOLDERS:
        if (ROOT / folder).is_dir():
            shutil.copytree(ROOT / folder, tmp_path / folder)
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.fixture
def switchpoint(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]):
    """A function that calls the command line in this process and gives its exit code and what it printed."""
    if importlib.util.find_spec("switchpoint.cli") is None:
        pytest.skip("there is no command line yet")
    cli = importlib.import_module("switchpoint.cli")

    def call(*arguments: str) -> tuple[int, str]:
        monkeypatch.setenv("COLUMNS", "200")
        monkeypatch.setattr(sys, "argv", ["switchpoint", *arguments])
        code: object = 0
        try:
            code = cli.main()
        except SystemExit as end:
            code = end.code
        return (code if isinstance(code, int) else int(code is not None)), "".join(capsys.readouterr())

    return call


@pytest.mark.slow
@pytest.mark.parametrize("page", PYTHON, ids=str)
def test_python_examples_run_and_print_what_they_show(page: Path, sandbox: Path) -> None:
    said: list[str] = []
    names: dict[str, object] = {}
    runner = doctest.DocTestRunner(optionflags=DOCTEST_FLAGS)
    for fence in fences(page):
        if fence.language not in ("python", "pycon"):
            continue
        if ">>>" not in fence.text:
            compile(fence.text, f"{page}:{fence.line}", "exec")
            continue
        test = doctest.DocTestParser().get_doctest(fence.text, names, str(page), str(page), fence.line)
        runner.run(test, out=said.append, clear_globs=False)
        names.update(test.globs)
    assert runner.failures == 0, "".join(said)


@pytest.mark.slow
@pytest.mark.parametrize("page", RUNNABLE, ids=str)
def test_runnable_commands_succeed(page: Path, sandbox: Path, switchpoint) -> None:
    for fence in fences(page):
        if fence.language in SHELL_LANGUAGES and fence.info.split()[1:2] == [RUNS]:
            for arguments in commands(fence.text):
                code, printed = switchpoint(*arguments)
                assert code == 0, f"{page}:{fence.line}: switchpoint {shlex.join(arguments)}\n{printed}"


@pytest.mark.parametrize("page", SHELL, ids=str)
def test_commands_and_options_exist(page: Path, switchpoint) -> None:
    shown = [
        arguments for fence in fences(page) if fence.language in SHELL_LANGUAGES for arguments in commands(fence.text)
    ]
    for arguments in shown:
        words = [word for word in arguments[:1] if not word.startswith("-")]
        code, text = switchpoint(*words, "--help")
        assert code == 0, f"{page}: there is no `switchpoint {' '.join(words)}`"
        options = [word.partition("=")[0] for word in arguments if re.match(r"--?[a-zA-Z]", word)]
        unknown = [option for option in options if not re.search(rf"(?<![\w-]){re.escape(option)}(?![\w-])", text)]
        assert unknown == [], f"{page}: `switchpoint {' '.join(words)}` has no {', '.join(unknown)}"


@pytest.mark.parametrize("page", PAGES, ids=str)
def test_links_lead_somewhere(page: Path) -> None:
    within = [link for link in links(page) if not re.match(r"[a-z][a-z0-9+.-]*:", link)]
    assert [link for link in within if not leads_somewhere(page, link)] == []


def test_no_file_names_a_registry_or_a_place_of_one_machine() -> None:
    found = []
    for path in tracked():
        text = (ROOT / path).read_bytes().decode("utf-8", errors="replace")
        if "\0" not in text:
            found += [f"{path}: {match.group()}" for match in PRIVATE.finditer(text)]
    assert found == []


@pytest.mark.parametrize("note", NOTES, ids=str)
def test_a_decision_note_has_a_number_a_title_and_a_date(note: Path) -> None:
    text = (ROOT / note).read_text(encoding="utf-8")
    number, title = re.match(r"# (\d+)\. (\S.*)\n", text).groups()
    assert int(number) == int(note.name[:4])
    assert not title.endswith(".")
    date.fromisoformat(re.search(r"^\*(\d{4}-\d\d-\d\d)\.\*", text, re.MULTILINE).group(1))


def test_each_decision_note_has_its_own_number() -> None:
    numbers = [note.name[:4] for note in NOTES]
    assert numbers == sorted(set(numbers))
