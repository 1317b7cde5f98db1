"""Each picture is drawn once in a run of the tests: it takes half a second, and most tests draw the same ones."""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

DRAWING = ("vegalite_to_png", "vegalite_to_svg", "vegalite_to_pdf")
Draw = Callable[..., bytes | str]


@contextmanager
def each_drawn_once(folder: Path) -> Iterator[dict[str, Draw]]:
    """Keep what is drawn in a folder, which several processes may share; yields what draws anew each time."""
    import vl_convert

    anew = {name: getattr(vl_convert, name) for name in DRAWING}
    folder.mkdir(exist_ok=True)
    for name, draw in anew.items():
        setattr(vl_convert, name, kept(draw, folder, name))
    yield anew
    for name, draw in anew.items():
        setattr(vl_convert, name, draw)


def kept(draw: Draw, folder: Path, name: str) -> Draw:
    """The same function, with its answers in a folder."""

    def drawn(spec: dict[str, Any], **how: Any) -> bytes | str:
        asked = json.dumps([name, spec, how], sort_keys=False, default=str)
        file = folder / hashlib.sha256(asked.encode()).hexdigest()
        if not file.exists():
            answer = draw(spec, **how)
            draft = file.with_suffix(f".{os.getpid()}")
            draft.write_bytes(answer.encode() if isinstance(answer, str) else answer)
            draft.replace(file)
            return answer
        found = file.read_bytes()
        return found.decode() if name.endswith("svg") else found

    return drawn
