"""Small real sweeps for the tests of their exports, each run once."""

import json
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory

from switchpoint.export.formats import StoryExports
from switchpoint.review.sweep_review import build_sweep_review
from switchpoint.study.sweep.folder import Folder
from switchpoint.study.sweep.plan import plan_sweep
from switchpoint.study.sweep.results import results
from switchpoint.study.sweep.run import begin, conduct
from switchpoint.study.sweep.study_file import load_study
from switchpoint.study.sweep.summary import summarise
from tests.export_stories import HOSTILE
from tests.sweep_worlds import SCENARIO
from tests.test_sweep import CHUNK_PACE, HERE

GROWTH, RENT = "usage.growth.per_month", "candidates.box.fleet.usd_per_gpu_hour"
ODD = "=cmd|' /C calc'!A0 <script>alert(1)</script> 😀 שלום #panic() "
HOSTILE_NAME = f"{ODD}{'a name that goes on and on ' * 8}"
TWO = f"""
[[vary]]
path = "{GROWTH}"
low = 0.0
high = 0.2
steps = 6
[[vary]]
path = "{RENT}"
values = [0.05, 0.2, 0.5, 0.8]
"""
ONE = f"""
[[vary]]
path = "{GROWTH}"
low = 0.0
high = 0.2
steps = 6
"""
STUDIES = {
    "two": TWO,
    "one": f'[[vary]]\npath = "{RENT}"\nlow = 0.05\nhigh = 0.8\nsteps = 6\n',
    "point": f'[[vary]]\npath = "{GROWTH}"\nvalues = [0.05]\n',
    "failing": f'[[vary]]\npath = "{GROWTH}"\nvalues = [0.05, 0.1, 90]\n',
    "same": f'[[vary]]\npath = "{GROWTH}"\nvalues = [0.0, 0.001, 0.002]\n[set]\n"limit.usd_per_month" = 1e9\n',
    "draws": f'draws = 8\nsample = "lhs"\npoints = 6\nseed = 3\n[[vary]]\npath = "{GROWTH}"\nlow = 0.01\nhigh = 0.2\n',
    "several": ONE,
    "hostile": f'[[vary]]\npath = "{GROWTH}"\nvalues = [-0.2, 0.09]\nname = "{HOSTILE_NAME}"\n'
    f'[[vary]]\npath = "usage.weekday_profile"\nvalues = [[1, 1, 1, 1, 1, 0.4, 0.3], [1, 1, 1, 1, 1, 1, 1]]\n'
    f'[[vary]]\npath = "name"\nvalues = ["=1+1 <b>", "{HOSTILE_NAME}"]\n',
    "unfinished": TWO.replace("steps = 6", "steps = 12"),
}
"""Studies by name; what they say beside their scenarios."""
SUMMARISED = {
    "pair": f'[[vary]]\npath = "{RENT}"\nvalues = [0.05, 0.2]\n',
    "few": f'sample = "lhs"\npoints = 2\n[[vary]]\npath = "{RENT}"\nlow = 0.05\nhigh = 0.2\n'
    f'[[vary]]\npath = "{GROWTH}"\nlow = 0.01\nhigh = 0.02\n',
}
"""Studies of two points, of which the summary alone is looked at."""
FOLDER = TemporaryDirectory(prefix="sweeps-")
"""Where they are run; it goes with the process."""


@cache
def sweep_of(name: str) -> Path:
    """The folder of a sweep, run once."""
    folder = Path(FOLDER.name) / name
    folder.mkdir()
    (folder / "small.toml").write_text(SCENARIO, encoding="utf-8")
    (folder / "other.toml").write_text(SCENARIO.replace("10_000", "14_000"), encoding="utf-8")
    (folder / "hostile.toml").write_text(HOSTILE.read_text(encoding="utf-8"), encoding="utf-8")
    files = {"several": ["small.toml", "other.toml"], "hostile": ["hostile.toml"]}.get(name, ["small.toml"])
    title = HOSTILE_NAME if name == "hostile" else f"Sweep {name}"
    text = f'name = "{title}"\nscenarios = {json.dumps(files)}\n{(STUDIES | SUMMARISED)[name]}'
    (folder / "study.toml").write_text(text, encoding="utf-8")
    asked = load_study(str(folder / "study.toml"))
    plan, out = plan_sweep(asked), Folder(folder / "out")
    with out.hold_lock():
        manifest = begin(asked, plan, out, HERE, CHUNK_PACE)
        conduct(plan, manifest, out, HERE, lambda _: None)
    if name == "unfinished":
        out.part(1).unlink()
    return out.path


@cache
def sweep_exports(name: str) -> StoryExports:
    """The exports of a sweep."""
    summary = summarise(results(Folder(sweep_of(name))))
    return StoryExports(lambda: build_sweep_review(summary))
