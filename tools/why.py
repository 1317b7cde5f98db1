"""`python -m tools.why` writes docs/why.md; with `--check` it fails where the page is stale."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from functools import cache

from switchpoint.charts.sensitivity import takeaway
from switchpoint.decision.case import simulate
from switchpoint.decision.result import JudgedWorld
from switchpoint.scenario.catalogue_check import load_checked
from switchpoint.study.advice import advice_of
from switchpoint.study.reasons import Why, study
from tools.marked import table
from tools.published import ROOT
from tools.validation import STORIES

PAGE = ROOT / "docs" / "why.md"
OPENING = """\
# What an advice hangs on

*Written by `python -m tools.why`.*

`switchpoint why FILE` asks two things of a scenario: which inputs move the saving and the start-by date most, and at
which thresholds the advice would change. All of it is the base case with one number moved.
[The model](model.md#what-an-advice-hangs-on) has the definitions,
[decision note 12](decisions/0012-what-an-advice-hangs-on.md) the reasons.

```sh run
switchpoint why scenarios/support-copilot.toml --out why/
switchpoint why scenarios/early-prototype.toml --set usage.requests_per_day=20000 --json
```

`--out` writes `tripwires.toml`, `why.txt`, `why.json` and the tornado as `tornado.png` and `.svg`; `--indices` adds
what part of the spread each uncertain input explains, in some 1,500 simulations more.

## tripwires.toml

One `[[tripwire]]` for each number to watch, the nearest first, below `scenario` and `date`, the first simulated day.
Values are those of that day: usage that has grown since, as assumed, trips nothing by itself.

{fields}

`switchpoint watch … --tripwires FILE` says which of them the newest figures have reached;
`switchpoint.study.tripwires.read_tripwires` reads such a file in Python, and `trips` of each says it of one value.

## The JSON object

{keys}

## The stories

What the [scenarios](../scenarios) that come with Switchpoint hang on.
"""
FIELDS = {
    "name": "what the number is called",
    "path": "where it stands in the scenario; the token price of a route stands for all its token prices, moved alike",
    "unit": "of its values, as in the scenario reference",
    "now": "its value in the base case",
    "threshold": "the nearest value found at which something changes",
    "direction": "`below` or `above`: the side of the threshold on which it does",
    "changes": "`advice`: something else is to be done; `date`: the same, but today instead of later, or the reverse",
    "action": "the action of the verdict beyond the threshold",
    "candidate": "what to start there; left out (`null` in JSON) where nothing is",
    "plan": "the plan that is the answer there, of which `candidate` is the main step; left out where none is",
    "sentence": "all of that as a person would say it",
}
KEYS = {
    "scenario, version": "name of the scenario, version of Switchpoint",
    "advice.{action, candidate, plan, sentence}": "the verdict of `run`; `candidate` is `null` where none is advised, "
    "`plan` where no plan is",
    "tornado.{candidate, plan}": "whom the bars are about: the advised candidate, else what saves all the same, else "
    "the cheapest; where a plan is advised, that plan; `tornado` is `null` without candidates",
    "tornado.base.{npv_saving_usd, start_by}": "the base case: present value saved when started by the start-by date, "
    "and that date; `null` where no start is due",
    "tornado.bars[].{input, path, unit}": "the input that is moved; the widest swing first",
    "tornado.bars[].range": '`"stated"`: p10 to p90 of the scenario\'s range; `"assumed"`: 20 % less and more',
    "tornado.bars[].base": "its value in the base case",
    "tornado.bars[].low, high": "`value`, `npv_saving_usd` and `start_by` at either end",
    "tornado.bars[].swing_usd": "from the lowest to the highest saving of the bar",
    "tripwires[]": "as in the file",
    "indices[]": "`null` without `--indices`; one for each `measure`, `npv_saving_usd` and `start_by_day`",
    "indices[].points, standard_deviation": "n of the n·(inputs + 2) simulations, and the spread that is shared out",
    "indices[].inputs[].{input, path}": "an uncertain input; the largest share first",
    "indices[].inputs[].alone, in_all": "first-order and total Sobol' index: `value`, and `low` and `high` of its 90 % "
    "bootstrap interval",
}


@cache
def told(name: str) -> Why:
    """The study of one story."""
    return study(JudgedWorld(simulate(load_checked(ROOT / "scenarios" / f"{name}.toml").scenario)))


def story(name: str) -> str:
    """What one story hangs on."""
    why = told(name)
    scenario, found = why.result.case.scenario, why.tornado
    moved = f"{takeaway(scenario, found)}.\n\n" if found else ""
    lines = "\n".join(f"- {each.sentence}" for each in why.tripwires)
    advice = advice_of(why.result)
    said = advice.action.value + (f", {advice.candidate}" if advice.candidate else "")
    return f"### [{scenario.name}](../scenarios/{name}.toml): {said}\n\n{moved}{lines}\n"


def page() -> str:
    """The whole page."""
    fields = table(["Key", "Meaning"], [[f"`{key}`", meaning] for key, meaning in FIELDS.items()])
    keys = table(["Key", "Meaning"], [[f"`{key}`", meaning] for key, meaning in KEYS.items()])
    return "\n".join([OPENING.format(fields=fields, keys=keys), *map(story, STORIES)])


def main(arguments: Sequence[str]) -> int:
    """Write the page anew, or with `--check` say whether it is stale; the exit code."""
    if not set(arguments) <= {"--check"}:
        print(f"usage: python -m tools.why [--check]; got {' '.join(arguments)}", file=sys.stderr)
        return 2
    stale = not PAGE.is_file() or PAGE.read_text(encoding="utf-8") != page()
    if stale and arguments:
        print(f"docs/{PAGE.name}:1: is stale; python -m tools.why writes it anew", file=sys.stderr)
    elif stale:
        PAGE.write_text(page(), encoding="utf-8", newline="\n")
        print(f"docs/{PAGE.name}: written")
    return int(stale and bool(arguments))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
