"""The command that exports: what is asked for is checked first, made as a whole, and only then written."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

from switchpoint.export.pdf import MISSING
from switchpoint.files import folder_to_write
from switchpoint.report.exports import Exports, StoryExports
from switchpoint.report.run import Part, Sampling, evaluate, located, progress_bar
from switchpoint.report.saved import Saved
from switchpoint.report.story import Subject
from switchpoint.report.why import study
from switchpoint.result import Result
from switchpoint.scenario.errors import Fault, ScenarioError
from switchpoint.scenario.files import Loaded
from switchpoint.scenario.remarks import remarks
from switchpoint.scenario.writing import save_files
from switchpoint.study.draws.findings import Findings
from switchpoint.study.draws.output import as_json

SUFFIXES = {"deck": ".pptx", "workbook": ".xlsx", "report": ".html", "pdf": ".pdf"}
Progress = Callable[[float], None]


@dataclass(frozen=True)
class Targets:
    """What to write where; None is not asked for."""

    deck: Path | None = None
    workbook: Path | None = None
    report: Path | None = None
    pdf: Path | None = None
    charts: Path | None = None
    formats: tuple[str, ...] = ("png", "svg")
    tables: Path | None = None
    force: bool = False

    @property
    def files(self) -> dict[str, Path]:
        """The single files that are asked for, by kind."""
        named = {kind: getattr(self, kind) for kind in SUFFIXES}
        return {kind: path for kind, path in named.items() if path is not None}

    def check(self, source: Path) -> None:
        """Make sure that everything can be written before anything is computed.

        Raises:
            ScenarioError: with every fault.
        """
        if faults := list(self._faults(source)):
            raise ScenarioError(faults)

    def _faults(self, source: Path) -> Iterator[Fault]:
        taken = {source.resolve(): str(source)}
        for kind, path in self.files.items():
            if path.suffix.lower() != SUFFIXES[kind]:
                yield _fault(path, f"must end in {SUFFIXES[kind]}, being the {kind}", kind)
            elif path.resolve() in taken:
                yield _fault(path, "is named twice", kind)
            elif path.is_symlink():
                yield _fault(path, f"is a link to {path.readlink()} and is left as it was", kind)
            elif path.exists() and not self.force:
                yield _fault(path, "exists already and is left as it was; --force overwrites it", kind)
            elif not path.resolve().parent.is_dir():
                yield _fault(path, "lies in a folder that is not there", kind)
            taken[path.resolve()] = kind
        if self.pdf is not None and find_spec("typst") is None:
            yield _fault(self.pdf, MISSING, "pdf")


def export_command(loaded: Loaded, targets: Targets, sampling: Sampling, run: Saved | None = None) -> None:
    """Export a scenario, or a saved run of it.

    Raises:
        ScenarioError: where it cannot be computed, would overwrite something, or cannot be written.
    """
    targets.check(Path(loaded.name))
    with progress_bar("Simulating") as told:
        exports = Exports(subject(loaded, sampling, told))
    if run is not None:
        run.confirm(_told(exports.subject))
    write(exports, targets)


def write(exports: StoryExports, targets: Targets) -> None:
    """Make everything that is asked for, then write it and say so.

    Raises:
        ScenarioError: where something would be overwritten, or cannot be written.
    """
    with progress_bar("Exporting") as told:
        files = made(exports, targets, told)
    if not targets.force and (there := [path for path in files if path.exists()]):
        raise ScenarioError(
            [_fault(path, "exists already and is left as it was; --force overwrites it") for path in there]
        )
    for folder in filter(None, (targets.charts, targets.tables)):
        folder_to_write(folder)
    save_files("export", files, overwrite=targets.force)
    sys.stdout.write("".join(f"{path}: written\n" for path in _named(targets, files)))


def subject(loaded: Loaded, sampling: Sampling, progress: Progress = lambda _: None) -> Subject:
    """What a story is told about: the base case, what it hangs on, and the draws where they are asked for.

    Raises:
        ScenarioError: where it cannot be computed, with file and line.
    """
    base = evaluate(loaded)
    why = located(loaded, lambda: study(base, progress=Part(progress, 0, 2)))
    progress(0.5)
    findings = None
    if sampling.draws is not None:
        draws, rest = sampling.draws, Part(progress, 1, 2)
        findings = located(loaded, lambda: _drawn(loaded, base, draws, sampling, rest))
    return Subject(base, findings, why, remarks(loaded))


def _drawn(loaded: Loaded, base: Result, draws: int, sampling: Sampling, progress: Progress) -> Findings:
    from switchpoint.study.draws.montecarlo import MonteCarlo
    from switchpoint.study.executors import cores

    return MonteCarlo(draws, sampling.seed, sampling.jobs or cores(), progress=progress).study(loaded.scenario, base)


def made(exports: StoryExports, targets: Targets, progress: Progress = lambda _: None) -> dict[Path, bytes]:
    """The bytes of everything that is asked for, by path."""
    count, files = len(targets.files) + sum(map(bool, (targets.charts, targets.tables))), dict[Path, bytes]()
    told = (Part(progress, number, count) for number in range(count))
    for kind, path in targets.files.items():
        files[path] = getattr(exports, kind)(next(told))
    if targets.charts is not None:
        drawn = exports.charts(targets.formats, next(told))
        files |= {targets.charts / name: data for name, data in drawn.items()}
    if targets.tables is not None:
        files |= {targets.tables / name: data for name, data in exports.tables(next(told)).items()}
    return files


def _told(subject: Subject) -> dict[str, object]:
    return subject.result.as_json() if subject.findings is None else as_json(subject.findings)


def _named(targets: Targets, files: dict[Path, bytes]) -> list[str]:
    """The single files, and each folder with how many files it got."""
    named = [str(path) for path in targets.files.values()]
    for folder in (targets.charts, targets.tables):
        if folder is not None:
            named.append(f"{folder}: {sum(path.parent == folder for path in files)} files")
    return named


def _fault(path: Path, message: str, option: str = "") -> Fault:
    return Fault(str(path), 1, f"--{option}" if option else "", message)
