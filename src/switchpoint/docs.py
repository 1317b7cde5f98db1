"""`python -m switchpoint.docs` writes the generated pages of docs/; with `--check` it fails where one is stale."""

from __future__ import annotations

import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

FOLDER = Path(__file__).resolve().parents[2] / "docs"


def pages() -> Mapping[str, str]:
    """The generated pages, by file name."""
    from switchpoint.cli.reference import cli_reference
    from switchpoint.scenario.reference import reference
    from switchpoint.study.sweep.reference import study_reference

    return {
        "scenario-reference.md": reference(),
        "study-reference.md": study_reference(),
        "cli-reference.md": cli_reference(),
    }


def stale(folder: Path) -> list[str]:
    """The names of the pages that are not as they would be written now."""
    return [name for name, text in pages().items() if _read(folder / name) != text]


def main(arguments: Sequence[str], folder: Path = FOLDER) -> int:
    """Write the stale pages, or with `--check` name them; the exit code."""
    if not set(arguments) <= {"--check"}:
        print(f"usage: python -m switchpoint.docs [--check]; got {' '.join(arguments)}", file=sys.stderr)
        return 2
    names = stale(folder)
    if arguments:
        for name in names:
            print(f"docs/{name}:1: is stale; python -m switchpoint.docs writes it anew", file=sys.stderr)
        return 1 if names else 0
    for name in names:
        (folder / name).write_text(pages()[name], encoding="utf-8", newline="\n")
        print(f"docs/{name}: written")
    return 0


def _read(page: Path) -> str | None:
    return page.read_text(encoding="utf-8") if page.is_file() else None


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
