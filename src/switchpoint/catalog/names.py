"""Names as people write them, brought to a form that can be compared."""

from __future__ import annotations

import re


def squash(name: str) -> str:
    """A name without case, spaces and punctuation.

    >>> squash("GPT-5.4 mini") == squash("gpt-5.4-mini")
    True
    """
    return re.sub(r"[^a-z0-9]", "", name.lower())


def words(name: str, noise: re.Pattern[str]) -> tuple[str, ...]:
    """The lower-case words of a name after its maker's prefix, without those that `noise` matches whole.

    >>> words("meta-llama/Llama-3.1-8B-Instruct", re.compile("instruct|chat"))
    ('llama', '3.1', '8b')
    """
    split = re.split(r"[\s_\-]+", name.strip().lower().rpartition("/")[2])
    return tuple(word for word in split if word and not noise.fullmatch(word))
