"""What is dear and asked for by many tests is found once in a run: pictures, whole studies, the command line."""

from __future__ import annotations

import hashlib
import json
import os
import pickle
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import Any

DRAWING = ("vegalite_to_svg", "svg_to_png", "svg_to_pdf")
BLANK: dict[str, bytes | str] = dict(zip(DRAWING, ("<svg></svg>", b"picture", b"picture"), strict=True))
"""What stands for a picture where it is not the question what it shows."""
STUDIES = ("tornado", "tripwires")
Draw = Callable[..., bytes | str]


def draw_blank(patch: Any) -> None:
    """Let every picture be blank.

    Args:
        patch: pytest's `MonkeyPatch`, which undoes it.
    """
    for name in DRAWING:
        patch.setattr(f"vl_convert.{name}", lambda spec, drawn=BLANK[name], **how: drawn)


@contextmanager
def each_drawn_once(folder: Path) -> Iterator[dict[str, Draw]]:
    """Keep what is drawn in a folder, which several processes may share; yields what draws anew each time."""
    import vl_convert

    anew = {name: getattr(vl_convert, name) for name in DRAWING}
    for name, draw in anew.items():
        setattr(vl_convert, name, kept(draw, folder, lambda spec, **how: json.dumps([spec, how], default=str).encode()))
    yield anew
    for name, draw in anew.items():
        setattr(vl_convert, name, draw)


@contextmanager
def each_studied_once(folder: Path) -> Iterator[None]:
    """Keep tornado and tripwires of whole studies in a folder: hundreds of simulations, the same for every export."""
    from switchpoint.study import reasons

    def asked(result: Any, *_: Any) -> bytes:
        return pickle.dumps((result.case.scenario.model_dump(), reasons.advice_of(result)))

    anew = {name: getattr(reasons, name) for name in STUDIES}
    for name, study in anew.items():
        setattr(reasons, name, kept(study, folder, asked))
    yield
    for name, study in anew.items():
        setattr(reasons, name, study)


@contextmanager
def command_line_built_once() -> Iterator[None]:
    """Typer builds all commands anew in each call of its test runner: most of the time that a refusal takes."""
    from typer import testing

    anew = testing._get_command
    testing._get_command = cache(anew)
    yield
    testing._get_command = anew


def kept(find: Callable[..., Any], folder: Path, asked: Callable[..., bytes]) -> Callable[..., Any]:
    """The same function, with its answers in a folder.

    Args:
        find: what is dear.
        folder: of all answers; several processes may share it.
        asked: all that decides an answer, of the same arguments.
    """
    folder.mkdir(exist_ok=True)

    def found(*given: Any, **how: Any) -> Any:
        file = folder / hashlib.sha256(find.__name__.encode() + asked(*given, **how)).hexdigest()
        if file.exists():
            return pickle.loads(file.read_bytes())
        answer = find(*given, **how)
        draft = file.with_suffix(f".{os.getpid()}")
        draft.write_bytes(pickle.dumps(answer))
        draft.replace(file)
        return answer

    return found
