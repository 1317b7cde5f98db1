"""Doors of the app: links that were sent, files that were uploaded. Its pages draw what comes through them."""

from __future__ import annotations

import base64
import json
import zlib
from pathlib import Path
from random import Random
from typing import Any

from tools.fuzz import sound, spoil
from tools.fuzz.trial import Attempt, refuse_machine_words


def links(chance: Random, _folder: Path) -> Attempt:
    """The letters of an address: unpacked, laid over a scenario, checked, computed, written out as a file."""
    rows = _rows(chance)
    letters = _packed(rows)
    if chance.random() < 0.2:
        letters = spoil.octets(chance, letters.encode()).decode("latin-1")
    own, notes = chance.random() < 0.4, letters if chance.random() < 0.5 else ""
    return Attempt(f"{'file' if own else 'changes'}={rows!r}", lambda: _followed(letters, notes, own=own))


def _rows(chance: Random) -> Any:
    if chance.random() < 0.1:
        return chance.choice((spoil.hostile(chance), spoil.deep(chance), [spoil.hostile(chance)]))
    found = list(spoil.places(sound.scenario()))
    rows: list[Any] = []
    for _ in range(chance.choice((1, 1, 2, 4))):
        path = list(chance.choice(found))
        if chance.random() < 0.4:
            path[chance.randrange(len(path))] = chance.choice((0, -1, 1.5, None, True, "", "file", "extends", [], "0"))
        if chance.random() < 0.2:
            path.append(chance.choice((0, "low", "files", 10**9)))
        rows.append([path, spoil.hostile(chance) if chance.random() < 0.8 else spoil.deep(chance)])
    if chance.random() < 0.3:
        rows += [[[key], value] for key, value in sound.scenario().items()]
    return spoil.tree(chance, rows) if chance.random() < 0.2 else rows


def _packed(rows: Any) -> str:
    text = json.dumps(rows, default=lambda value: f"date:{value}")
    return base64.urlsafe_b64encode(zlib.compress(text.encode())).decode().rstrip("=")


def _followed(letters: str, notes: str, *, own: bool) -> None:
    """What the app does with an address, without drawing it."""
    from switchpoint.ui import address
    from switchpoint.ui.draft_changes import UnreadableLinkError, draft_text, unpack_changes
    from switchpoint.ui.library import BadInput, open_upload, result_of, validate_tree
    from switchpoint.ui.session import Draft

    story = open_upload("small.toml", sound.SCENARIO.encode()).loaded
    assert story is not None
    try:
        if own:
            refuse_machine_words("\n".join(address._open_letters(letters, notes).faults))
            return
        tree = Draft("Sound", unpack_changes(letters)).tree(story.tree)
        result_of.__wrapped__(validate_tree(tree, story))
        draft_text(story, Draft("Sound").as_tree(story.tree, tree).changes)
    except (UnreadableLinkError, BadInput) as refused:
        refuse_machine_words(str(refused))


def uploads(chance: Random, _folder: Path) -> Attempt:
    """The bytes of a file under some name."""
    tree = spoil.tree(chance, sound.scenario())
    data = spoil.toml(tree).encode(errors="replace")
    if chance.random() < 0.3:
        data = spoil.octets(chance, chance.choice((data, sound.SCENARIO.encode())))
    name = chance.choice(("ours.toml", "", "../../etc/passwd", "/dev/zero", "a\nb.toml", "x" * 300 + ".toml", "\x00"))
    return Attempt(f"{name!r}: {data.decode(errors='replace')}", lambda: _opened(name, data))


def _opened(name: str, data: bytes) -> None:
    from switchpoint.ui.library import BadInput, open_upload, result_of

    opened = open_upload(name, data)
    refuse_machine_words("\n".join(opened.faults), data.decode(errors="replace") + name)
    if opened.loaded is None and not opened.faults:
        raise AssertionError("neither a scenario nor a fault")
    if opened.loaded is not None:
        try:
            result_of.__wrapped__(opened.loaded.scenario)
        except BadInput as bad:
            refuse_machine_words("\n".join(bad.lines))
