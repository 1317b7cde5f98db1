"""What a format is: how it is recognised, which columns it needs, and how its rows become usage."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal, TypeAlias

import numpy as np

from switchpoint.owndata.cell_columns import Columns, Words
from switchpoint.owndata.cells import Floats, Ints, Mask

MEASURES = ("requests", "input_tokens", "cached_tokens", "cache_write_tokens", "output_tokens", "cost_usd")
"""Columns of the usage table after date and model."""
FAILED, CALLS = "failed calls", "all calls"
FAILED_TOKENS, CALL_TOKENS = "tokens of failed calls", "tokens of all calls"
"""Figures of logs in which calls that failed are rows too."""
IN_BATCHES = "tokens sent in batches, at half the price"
Names: TypeAlias = frozenset[str]
"""Columns of a CSV, or keys of a JSON with those inside after a dot; small letters."""


@dataclass
class Rows:
    """What a format makes of some rows.

    Attributes:
        when: beginning of each row's time, seconds since 1970, UTC.
        measures: columns of the usage table, NaN where a row does not say.
        model: of each row; nothing where the file does not say.
        left_out: rows that are no usage: which, what they are, and their dollars.
        said: figures of each row that are added up and told beside the table: failed calls, credits and the like.
    """

    when: Ints
    measures: dict[str, Floats]
    model: Words | None = None
    left_out: list[tuple[Mask, Words, Floats]] = field(default_factory=list)
    said: dict[str, Floats] = field(default_factory=dict)

    def leave_out(self, which: Mask, label: str | Words, dollars: Floats | None = None) -> None:
        """Take rows out of the usage, and note what they are with their dollars."""
        length = len(self.when)
        names = label if isinstance(label, Words) else Words(np.zeros(length, np.int32), (label,))
        paid = np.zeros(length) if dollars is None else dollars
        self.left_out.append((which & self.kept_rows(), names, paid))

    def note_failed(self, failed: Mask) -> None:
        """Note which of the kept rows, each of them a call, failed, and what tokens were spent on them."""
        kept = self.kept_rows()
        tokens = np.where(kept, self.measures["input_tokens"] + self.measures["output_tokens"], 0.0)
        self.said |= {
            FAILED: (failed & kept).astype(float),
            CALLS: kept.astype(float),
            FAILED_TOKENS: np.where(failed, tokens, 0.0),
            CALL_TOKENS: tokens,
        }

    def kept_rows(self) -> Mask:
        """The rows that are usage."""
        kept = np.ones(len(self.when), bool)
        for which, _, _ in self.left_out:
            kept &= ~which
        return kept


@dataclass(frozen=True)
class AnswerPage:
    """Which part of an answer a file is: whether another page follows, and where this one begins and ends."""

    more: bool
    begins: object = None
    ends: object = None
    number: int | None = None
    of: int | None = None


@dataclass(frozen=True)
class UsageFormat:
    """One format of usage files.

    Attributes:
        name: for `--format`.
        words: as it is called in sentences.
        provider: files of one provider may be joined.
        holds: what it has: usage, its cost, or both.
        marks: sets of names of which one must be there for the format to be recognised.
        needs: of each group, one name must be there, or the file is refused.
        read: makes usage of rows.
        amounts: columns that are measured; all others tell one row from another.
        identity: columns that name a row where each is one call; none where rows are sums.
        unpack: rows of a JSON object that holds many; None where each object is a row.
        page: which part of an answer a JSON object is.
        unlike: names that show that it is another format.
        coding_agent: whether it is usage of a coding agent, which is no product traffic.
        one_call: whether each row is one call, whether named by an identity or not.
        form: which of several forms columns or keys are, in words.
        note: what is to be known of every file of it.
        deep: how many objects inside an object of a JSON are spread out to columns.
    """

    name: str
    words: str
    provider: str
    holds: Literal["usage", "cost", "both"]
    marks: tuple[Names, ...]
    needs: tuple[tuple[str, ...], ...]
    read: Callable[[Columns], Rows]
    amounts: Sequence[str] = ()
    identity: Sequence[str] = ()
    unpack: Callable[[Mapping[str, Any]], Iterable[Mapping[str, Any]]] | None = None
    page: Callable[[Mapping[str, Any]], AnswerPage] | None = None
    unlike: Names = frozenset()
    coding_agent: bool = False
    one_call: bool = False
    form: Callable[[Names], str] | None = None
    note: str = ""
    deep: int = 2

    def matches(self, names: Names) -> bool:
        """Whether columns or keys are those of this format."""
        return any(mark <= names for mark in self.marks) and not self.unlike & names

    def words_of(self, names: Names) -> str:
        """What a file with these columns or keys is, with its form."""
        form = "" if self.form is None else self.form(names)
        return f"{self.words}, {form}" if form else self.words

    def missing(self, names: Names) -> list[str]:
        """What a file would have to have beside these columns, in words."""
        return [" or ".join(group) for group in self.needs if not names & set(group)]


def marks(*sets: str) -> tuple[Names, ...]:
    """Sets of names, each written with commas between.

    >>> sorted(marks("date,requests")[0])
    ['date', 'requests']
    """
    return tuple(frozenset(each.split(",")) for each in sets)


def objects_in(held: object) -> list[Mapping[str, Any]]:
    """The objects of a JSON list; none where it is no list."""
    return [each for each in held if isinstance(each, Mapping)] if isinstance(held, list) else []
