"""A programme to begin with: the block for a scenario file, and a log that a spreadsheet opens."""

from __future__ import annotations

from datetime import date
from pathlib import Path

from switchpoint.files import TooLarge, read_text
from switchpoint.scenario.errors import Fault, ScenarioError
from switchpoint.scenario.load import load
from switchpoint.scenario.log_files import columns
from switchpoint.scenario.toml_source import LARGEST
from switchpoint.scenario.toml_writer import save_files, starter_text

BLOCK = """\

# The programme behind the switch: `switchpoint readiness {file}` says how ready it is. Everything here is yours to
# change; what is left out is judged from the rest, and nothing here costs anything.
[programme]
application = {{ modality = "text", task = "" }}    # text, structured, audio, image or video; the task in a few words
status = "prototype"                    # no-baseline, prototype or production
log = "{log}"
[programme.data]
examples = 0                            # collected so far, labelled or not
labels = 0                              # of these, usable and labelled
evaluation_examples = 0                 # kept apart for evaluation
sensitivity = "internal"                # none, internal, personal or regulated
consent = "missing"                     # not-needed, given, asked or missing
[programme.usage]
months = 0                              # of real usage so far
churn_per_month = 0.05                  # part of the users who leave in a month
[programme.gates]
# product_market_fit = "yes"            # each gate may be stated instead: "yes", "no" or a date such as 2027-05-01
# skills = 2027-05-01
"""


def begin_programme(file: str) -> list[Path]:
    """Write what a team starts with: the scenario with a programme, and an empty log beside it.

    A scenario that is there keeps every line and gets the block at its end; a log that is there stays as it is.

    Args:
        file: the scenario's path; made where it is not there.

    Returns:
        The files that were written.

    Raises:
        ScenarioError: where the file states a programme already, has faults, or cannot be written.
    """
    path = Path(file if file.endswith(".toml") else f"{file}.toml")
    log = path.with_name(f"{path.stem}-log.csv")
    there = path.exists()
    if there and load(path).scenario.programme is not None:
        raise ScenarioError([Fault(str(path), 1, "programme", "is stated already; the file is left as it was")])
    text = _text_of(path) if there else starter_text(path.stem)
    block = BLOCK.format(file=path.name, log=log.name)
    written = {path: f"{text.rstrip()}\n{block}".encode()}
    if not log.exists():
        written[log] = f"{','.join(columns())}\n{_example()}".encode()
    save_files("programme", written, overwrite=there)
    return list(written)


def _text_of(path: Path) -> str:
    """The text of a scenario file."""
    try:
        return read_text(path, LARGEST, "utf-8-sig")
    except (UnicodeDecodeError, TooLarge, OSError) as reason:
        raise ScenarioError([Fault(str(path), 1, "", f"cannot be read: {reason}")]) from None


def _example() -> str:
    """One line that shows how an entry looks; it says nothing that counts but the layer that is begun with."""
    cells = {"kind": "decision", "date": date.today().isoformat(), "layer": "generative"}
    cells["reason"] = "text: begin with prompts on an API model; it has a month"
    return ",".join(f'"{cells[name]}"' if name in cells else "" for name in columns()) + "\n"
