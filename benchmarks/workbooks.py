"""What a workbook weighs and takes: python benchmarks/workbooks.py

For each shipped scenario: formulas, megabytes, and the time of writing, as a ratio to writing as many plain cells with
the same library, in interleaved rounds of one run.
"""

from __future__ import annotations

import io
import re
import zipfile

from interleaved import medians
from xlsxwriter.workbook import Workbook

from switchpoint.decision.case import simulate
from switchpoint.decision.result import JudgedWorld
from switchpoint.export.workbook import workbook_bytes
from switchpoint.scenario.load import load_text
from switchpoint.scenario.toml_writer import example_text, examples

ROUNDS = 3
ACROSS = 50


def plain(cells: int) -> bytes:
    """A workbook of as many numbers."""
    memory = io.BytesIO()
    book = Workbook(memory, {"in_memory": True})
    sheet = book.add_worksheet()
    for cell in range(cells):
        sheet.write_number(cell // ACROSS, cell % ACROSS, cell / 7)
    book.close()
    return memory.getvalue()


def formulas(data: bytes) -> int:
    """How many cells hold a formula."""
    with zipfile.ZipFile(io.BytesIO(data)) as file:
        sheets = (file.read(name) for name in file.namelist() if name.startswith("xl/worksheets/sheet"))
        return sum(len(re.findall(rb"<f>", sheet)) for sheet in sheets)


def main() -> None:
    """Print the table."""
    print(f"{'scenario':25}{'formulas':>10}{'MB':>7}{'s':>7}{'x plain cells':>15}")
    for name in examples():
        result = JudgedWorld(simulate(load_text(example_text(name)).scenario))
        data = workbook_bytes(result)
        count = formulas(data)
        mine, floor = medians(ROUNDS, lambda r=result: workbook_bytes(r), lambda n=count: plain(n))
        print(f"{name:25}{count:10,}{len(data) / 1e6:7.2f}{mine:7.2f}{mine / floor:15.1f}")


if __name__ == "__main__":
    main()
