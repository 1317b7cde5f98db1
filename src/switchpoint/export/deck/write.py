"""The deck as a file: a slide for each page of the story, more where its tables are long."""

from __future__ import annotations

import io
from collections.abc import Callable

from switchpoint.export.deck.slides import Deck
from switchpoint.export.story import Story

Progress = Callable[[float], None]


def deck_bytes(story: Story, progress: Progress = lambda _: None) -> bytes:
    """The deck's file, .pptx.

    Args:
        story: what it tells.
        progress: told the share done, 0 to 1.
    """
    deck = Deck(story)
    for number, page in enumerate(story.pages, 1):
        deck.add(page)
        progress(number / (len(story.pages) + 1))
    deck.number()
    memory = io.BytesIO()
    deck.file.save(memory)
    progress(1.0)
    return memory.getvalue()
