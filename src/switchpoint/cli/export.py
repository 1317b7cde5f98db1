"""`switchpoint export`: slides, workbook, report, pictures and tables of a run or a sweep."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from switchpoint.cli.typer_program import Sampling, SetOption, compute_located, evaluate, program, progress_bar

if TYPE_CHECKING:
    from switchpoint.decision.result import JudgedWorld
    from switchpoint.export.data_files import Saved
    from switchpoint.export.formats import StoryExports
    from switchpoint.review.context import Subject
    from switchpoint.scenario.errors import Fault
    from switchpoint.scenario.load import Loaded
    from switchpoint.study.draw_results import DrawFindings


File = Annotated[str | None, typer.Argument(metavar="FILE", help="Scenario file.", show_default=False)]
PICTURES = ("png", "svg", "pdf")


@program.command()
def export(
    file: File = None,
    settings: SetOption = [],  # noqa: B006 - typer copies it
    run: Annotated[
        Path | None,
        typer.Option(metavar="DIR", help="Export a folder of `run --out` or of `sweep --out`.", show_default=False),
    ] = None,
    deck: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Slides with charts to edit, .pptx.", show_default=False)
    ] = None,
    workbook: Annotated[
        Path | None, typer.Option(metavar="FILE", help="The base case in live formulas, .xlsx.", show_default=False)
    ] = None,
    report: Annotated[
        Path | None, typer.Option(metavar="FILE", help="One self-contained page, .html.", show_default=False)
    ] = None,
    pdf: Annotated[Path | None, typer.Option(metavar="FILE", help="The report, .pdf.", show_default=False)] = None,
    onepager: Annotated[
        Path | None, typer.Option(metavar="FILE", help="One page to sign, .pdf.", show_default=False)
    ] = None,
    charts: Annotated[
        Path | None, typer.Option(metavar="DIR", help="Every chart as a picture.", show_default=False)
    ] = None,
    formats: Annotated[
        str, typer.Option("--format", metavar="LIST", help="Of the pictures: png, svg and pdf, by commas.")
    ] = "png,svg",
    tables: Annotated[
        Path | None, typer.Option(metavar="DIR", help="All values shown, as CSV and Parquet.", show_default=False)
    ] = None,
    draws: Annotated[
        int | None,
        typer.Option(metavar="N", min=1, max=1_000_000, help="Draw so many worlds of all that is uncertain."),
    ] = None,
    seed: Annotated[int, typer.Option(metavar="N", min=0, max=2**32, help="Seed of the draws.")] = 0,
    jobs: Annotated[
        int | None, typer.Option(metavar="N", min=1, max=1024, help="Processes; left out, one per core.")
    ] = None,
    force: Annotated[bool, typer.Option("--force", help="Overwrite files that exist.")] = False,
) -> None:
    """Write a deck, a workbook, a report or charts.

    Everything in them is written from the numbers, with every assumption, its source and its date.
    """
    from switchpoint.cli.typer_program import Sampling, open_scenario
    from switchpoint.export.data_files import open_saved_run

    targets = Targets(deck, workbook, report, pdf, onepager, charts, _formats(formats), tables, force)
    if not (targets.files or charts or tables):
        raise typer.BadParameter("name what to write, such as --deck review.pptx or --report report.html")
    if (file is None) == (run is None):
        raise typer.BadParameter("name a scenario file, or the folder of a run or sweep with --run", param_hint="FILE")
    if run is None:
        assert file is not None
        export_command(open_scenario(file, settings), targets, Sampling(draws=draws, seed=seed, jobs=jobs))
        return
    if settings or draws is not None or seed:
        raise typer.BadParameter(
            "shows what was run; --set, --draws and --seed belong to a new run", param_hint="--run"
        )
    swept = sweep_in(run)
    if swept is not None:
        export_sweep_command(swept, targets)
        return
    kept = open_saved_run(run)
    export_command(kept.loaded, targets, Sampling(draws=kept.draws, seed=kept.seed, jobs=jobs), kept)


def _formats(text: str) -> tuple[str, ...]:
    """The formats of a list.

    >>> _formats("PNG, pdf")
    ('png', 'pdf')
    """
    asked = tuple(dict.fromkeys(each.strip().lower() for each in text.split(",")))
    if unknown := [each for each in asked if each not in PICTURES]:
        raise typer.BadParameter(f"must be of png, svg and pdf, by commas; got {unknown[0]!r}", param_hint="--format")
    return asked


SUFFIXES = {"deck": ".pptx", "workbook": ".xlsx", "report": ".html", "pdf": ".pdf", "onepager": ".pdf"}
Progress = Callable[[float], None]


@dataclass(frozen=True)
class Targets:
    """What to write where; None is not asked for."""

    deck: Path | None = None
    workbook: Path | None = None
    report: Path | None = None
    pdf: Path | None = None
    onepager: Path | None = None
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
        from switchpoint.scenario.errors import ScenarioError

        if faults := list(self._faults(source)):
            raise ScenarioError(faults)

    def _faults(self, source: Path) -> Iterator[Fault]:
        from switchpoint.export.html_and_pdf import MISSING

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
        for kind in ("pdf", "onepager"):
            if kind in self.files and find_spec("typst") is None:
                yield _fault(self.files[kind], MISSING, kind)


def export_command(loaded: Loaded, targets: Targets, sampling: Sampling, run: Saved | None = None) -> None:
    """Export a scenario, or a saved run of it.

    Raises:
        ScenarioError: where it cannot be computed, would overwrite something, or cannot be written.
    """
    from switchpoint.export.formats import Exports

    targets.check(Path(loaded.name))
    with progress_bar("Simulating") as told:
        exports = Exports(subject(loaded, sampling, told))
    if run is not None:
        run.confirm(_subject_json(exports.subject))
    write(exports, targets)


def write(exports: StoryExports, targets: Targets) -> None:
    """Make everything that is asked for, then write it and say so.

    Raises:
        ScenarioError: where something would be overwritten, or cannot be written.
    """
    from switchpoint.files import folder_to_write
    from switchpoint.scenario.errors import ScenarioError
    from switchpoint.scenario.toml_writer import save_files

    with progress_bar("Exporting") as told:
        files = make_files(exports, targets, told)
    if not targets.force and (there := [path for path in files if path.exists()]):
        raise ScenarioError(
            [_fault(path, "exists already and is left as it was; --force overwrites it") for path in there]
        )
    for folder in filter(None, (targets.charts, targets.tables)):
        folder_to_write(folder)
    save_files("export", files, overwrite=targets.force)
    sys.stdout.write("".join(f"{path}: written\n" for path in _target_names(targets, files)))


def subject(loaded: Loaded, sampling: Sampling, progress: Progress = lambda _: None) -> Subject:
    """What a story is told about: the base case, what it hangs on, and the draws where they are asked for.

    Raises:
        ScenarioError: where it cannot be computed, with file and line.
    """
    from switchpoint.review.context import Subject
    from switchpoint.scenario.load import remarks
    from switchpoint.study.reasons import study
    from switchpoint.study.workers import ProgressPart

    base = evaluate(loaded)
    why = compute_located(loaded, lambda: study(base, progress=ProgressPart(progress, 0, 2)))
    progress(0.5)
    findings = None
    if sampling.draws is not None:
        draws, rest = sampling.draws, ProgressPart(progress, 1, 2)
        findings = compute_located(loaded, lambda: _draw_findings(loaded, base, draws, sampling, rest))
    return Subject(base, findings, why, remarks(loaded))


def _draw_findings(
    loaded: Loaded, base: JudgedWorld, draws: int, sampling: Sampling, progress: Progress
) -> DrawFindings:
    from switchpoint.study.monte_carlo import MonteCarlo
    from switchpoint.study.workers import cores

    return MonteCarlo(draws, sampling.seed, sampling.jobs or cores(), progress=progress).study(loaded.scenario, base)


def make_files(exports: StoryExports, targets: Targets, progress: Progress = lambda _: None) -> dict[Path, bytes]:
    """The bytes of everything that is asked for, by path."""
    from switchpoint.study.workers import ProgressPart

    count, files = len(targets.files) + sum(map(bool, (targets.charts, targets.tables))), dict[Path, bytes]()
    told = (ProgressPart(progress, number, count) for number in range(count))
    for kind, path in targets.files.items():
        files[path] = getattr(exports, kind)(next(told))
    if targets.charts is not None:
        drawn = exports.charts(targets.formats, next(told))
        files |= {targets.charts / name: data for name, data in drawn.items()}
    if targets.tables is not None:
        files |= {targets.tables / name: data for name, data in exports.tables(next(told)).items()}
    return files


def _subject_json(subject: Subject) -> dict[str, object]:
    from switchpoint.study.draw_sentence import as_json

    return subject.result.as_json() if subject.findings is None else as_json(subject.findings)


def _target_names(targets: Targets, files: dict[Path, bytes]) -> list[str]:
    """The single files, and each folder with how many files it got."""
    named = [str(path) for path in targets.files.values()]
    for folder in (targets.charts, targets.tables):
        if folder is not None:
            named.append(f"{folder}: {sum(path.parent == folder for path in files)} files")
    return named


def _fault(path: Path, message: str, option: str = "") -> Fault:
    from switchpoint.scenario.errors import Fault

    return Fault(str(path), 1, f"--{option}" if option else "", message)


SUMMARY = "summary"
NO_WORKBOOK = (
    "a workbook recalculates one scenario, and a sweep has many: give the scenario's file instead of --run; "
    "--tables writes the points as CSV and Parquet"
)


def sweep_in(path: Path) -> Path | None:
    """The folder of the sweep that a path names, itself or as the `summary` in it; None where there is none."""
    from switchpoint.study.sweep.folder import MANIFEST

    folder = path.resolve().parent if path.resolve().name == SUMMARY and not (path / MANIFEST).exists() else path
    return folder if (folder / MANIFEST).is_file() else None


def export_sweep_command(path: Path, targets: Targets) -> None:
    """Export the sweep of a folder, finished or not.

    Raises:
        ScenarioError: where a workbook is asked for, something would be overwritten, or cannot be written.
        SweepError: where there is nothing to tell.
    """
    from switchpoint.export.formats import StoryExports
    from switchpoint.review.sweep_review import build_sweep_review
    from switchpoint.scenario.errors import Fault, ScenarioError
    from switchpoint.study.sweep.folder import MANIFEST, Folder
    from switchpoint.study.sweep.results import results
    from switchpoint.study.sweep.summary import summarise

    if targets.workbook is not None:
        raise ScenarioError([Fault(str(targets.workbook), 1, "--workbook", NO_WORKBOOK)])
    targets.check(path / MANIFEST)
    summary = summarise(results(Folder(path)))
    write(StoryExports(lambda: build_sweep_review(summary)), targets)
