"""How long the server takes when a number is changed on Decide, against an empty page: python benchmarks/app.py

Both run in this process with Streamlit's own script runner, interleaved, so that noise hits both alike. Each change is
to another value, so nothing of it was computed before. Beside it: the same rerun with nothing changed, the simulation
alone, and how soon the first chart of the Uncertainty page stands.
"""

from __future__ import annotations

import logging
import time
from itertools import count
from pathlib import Path
from unittest.mock import patch

from interleaved import medians

logging.disable(logging.CRITICAL)
from streamlit.testing.v1 import AppTest  # noqa: E402 - it warns when it is imported

from switchpoint.decision.case import simulate  # noqa: E402
from switchpoint.decision.result import JudgedWorld  # noqa: E402
from switchpoint.scenario.catalogue_check import load_checked  # noqa: E402
from switchpoint.scenario.toml_writer import examples  # noqa: E402
from switchpoint.study.monte_carlo import MonteCarlo  # noqa: E402

APP = Path(__file__).resolve().parent.parent / "app.py"
EMPTY = "import streamlit as st\nst.write('Nothing')"
REQUESTS = "usage.requests_per_day"
ROUNDS = 30


def main() -> None:
    empty = AppTest.from_string(EMPTY).run()
    app = AppTest.from_file(str(APP), default_timeout=300).run()
    levels = count(60_001, 7)
    scenario = load_checked(examples()["support-copilot"]).scenario

    def change() -> None:
        app.number_input(key=REQUESTS).set_value(next(levels)).run()

    def change_without_draws() -> None:
        with patch.object(MonteCarlo, "growing", lambda *_, **__: iter(())):
            change()

    def world() -> str:
        return JudgedWorld(simulate(scenario)).shown.sentence

    rounds = (empty.run, change_without_draws, change, app.run, world)
    nothing, without, changed, same, alone = medians(ROUNDS, *rounds)
    print(f"a number is changed on Decide: {changed * 1e3:.0f} ms, {changed / nothing:.1f} times an empty page")
    print(f"  without its draws: {without * 1e3:.0f} ms, so {changed / without:.1f} times the base case's change")
    print(f"  nothing changed: {same / nothing:.1f} times; the simulation alone: {alone / nothing:.1f} times")
    print(f"  an empty page: {nothing * 1e3:.1f} ms; medians of {ROUNDS} interleaved rounds")
    draws(app)


def draws(app: AppTest) -> None:
    """The Uncertainty page with the fewest draws and with many."""
    for number in (64, 1000):
        app.session_state["draws"] = number
        begin = time.perf_counter()
        app.switch_page("app_pages/uncertainty.py").run()
        print(f"Uncertainty with {number:,} draws: {time.perf_counter() - begin:.1f} s until all stand")


if __name__ == "__main__":
    main()
