"""`python -m tools.fuzz`: so many spoilt cases for each door, a table, and exit code 1 where anything went wrong."""

from __future__ import annotations

import argparse
import multiprocessing
import sys
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed
from itertools import groupby

from switchpoint.study.workers import cores
from tools.fuzz.doors import DOORS, given, timed
from tools.fuzz.trial import Tally, Trouble

CASES = 2_000
LONGEST = 1_500
"""Letters of an input that are shown."""
FRAMES = 4
"""Lines of the program that are shown of the way to a fault."""


def main(arguments: Sequence[str]) -> int:
    """Try the doors that are asked for; 1 where a case ended in a traceback or a hang, else 0."""
    asked = _options(arguments)
    names = asked.door or list(DOORS)
    numbers = range(asked.cases) if asked.only is None else [asked.only]
    if asked.only is not None:
        for name in names:
            print(given(name, asked.seed, asked.only))
    print(f"{'door':<16}{'cases':>8}{'tracebacks':>12}{'hangs':>8}{'seconds':>9}", flush=True)
    tallies = []
    for name, tally, seconds in _all(names, asked.seed, numbers, asked.jobs):
        tallies.append(tally)
        print(_row(name, [tally], seconds), flush=True)
    print(_row("all", tallies))
    troubles = [trouble for tally in tallies for trouble in tally.troubles]
    sys.stdout.writelines(f"\n{text}\n" for text in told(troubles, asked.seed))
    return 1 if troubles else 0


def _all(names: Sequence[str], seed: int, numbers: Sequence[int], jobs: int) -> Iterator[tuple[str, Tally, float]]:
    """The doors as they are done, so many at a time."""
    if jobs == 1 or len(names) == 1:
        yield from (timed(name, seed, numbers) for name in names)
        return
    with ProcessPoolExecutor(jobs, multiprocessing.get_context("spawn")) as pool:
        for done in as_completed([pool.submit(timed, name, seed, numbers) for name in names]):
            yield done.result()


def told(troubles: Sequence[Trouble], seed: int) -> Iterator[str]:
    """Each kind of trouble once, with its smallest input and how to try it again."""

    def kind(trouble: Trouble) -> tuple[str, str]:
        return trouble.door, trouble.place

    for (door, _), same in groupby(sorted(troubles, key=kind), kind):
        each = sorted(same, key=lambda trouble: len(trouble.given))
        first = each[0]
        again = f"python -m tools.fuzz --seed {seed} --door {door!r} --only {first.number}"
        way = "\n".join(f"  {frame}" for frame in first.frames[-FRAMES:])
        yield f"{door}: {len(each)} like {again}\n{first.given[:LONGEST]}\n{way}\n  {first.kind}: {first.cause}"


def _row(name: str, tallies: Sequence[Tally], seconds: float | None = None) -> str:
    cases = sum(tally.cases for tally in tallies)
    wrong, hung = (sum(tally.count(kind) for tally in tallies) for kind in ("traceback", "hang"))
    return f"{name:<16}{cases:>8,}{wrong:>12}{hung:>8}" + (f"{seconds:>9.0f}" if seconds is not None else "")


def _options(arguments: Sequence[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tools.fuzz", description=__doc__)
    parser.add_argument("--cases", type=int, default=CASES, help="cases for each door (%(default)s)")
    parser.add_argument("--seed", type=int, default=1, help="seed of all chance (%(default)s)")
    parser.add_argument("--door", action="append", choices=list(DOORS), help="only this door; may be given many times")
    parser.add_argument("--jobs", type=int, default=cores(), help="doors at a time; one for each core (%(default)s)")
    parser.add_argument("--only", type=int, metavar="NUMBER", help="only this case, with its input")
    return parser.parse_args(arguments)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
