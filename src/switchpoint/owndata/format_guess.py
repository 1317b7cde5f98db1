"""Which format a file is of: by its columns or keys, or as it is said to be."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import islice
from typing import Any

from switchpoint.loadtests.load_test import read_load_test
from switchpoint.owndata.csv_rows import CsvHead, read_head
from switchpoint.owndata.file_sources import Source, encoding_of
from switchpoint.owndata.formats.every import FORMATS
from switchpoint.owndata.json_rows import json_values, names_in
from switchpoint.owndata.usage_format import Names, UsageFormat
from switchpoint.scenario.errors import Fault, ScenarioError, did_you_mean
from switchpoint.text import join_names

LOOKED_AT = 20
"""Objects at the beginning of a JSON by which it is recognised."""
FEWEST_ALIKE = 2
"""Names that a file must share with a format for it to be called near to that."""
OWN_CSV = (
    "is no usage file that is known: it is no export of a provider, and a CSV of your own names in its first line "
    "date (or month) and any of requests, input_tokens, output_tokens, cost_usd (or cost_eur)"
)
REFUSED = "is {words}: use of a coding agent, which is no traffic of a product; --format {name} reads it all the same"


@dataclass(frozen=True)
class Recognised:
    """A file and what it is.

    Attributes:
        source: the file.
        format: of its rows.
        head: how it is written, where it is a CSV; None for JSON.
        names: of its columns or keys.
    """

    source: Source
    format: UsageFormat
    head: CsvHead | None
    names: Names


def formats_named(name: str) -> tuple[UsageFormat, ...]:
    """The format of a name, or those whose names begin with it: `openrouter` is any of OpenRouter's.

    Raises:
        ScenarioError: there is none of that name.
    """
    found = tuple(each for each in FORMATS if each.name == name or each.name.startswith(f"{name}-"))
    if not found:
        known = [each.name for each in FORMATS]
        hint = did_you_mean(name, known)
        raise ScenarioError([Fault("usage", 1, "--format", f"must be one of {join_names(known, 'or')}{hint}")])
    return found


def recognise(source: Source, forced: tuple[UsageFormat, ...] = ()) -> Recognised:
    """What a file is.

    Args:
        source: the file.
        forced: formats of which it is said to be one.

    Raises:
        ScenarioError: it is of no known format, of one that is refused, or lacks a column.
    """
    head = source.head()
    if not head.strip(b"\xef\xbb\xbf\xff\xfe \r\n\t\0"):
        raise source.refuse(1, "is empty")
    if head.lstrip(b"\xef\xbb\xbf\xff\xfe\xfe\xff \r\n\t\0")[:1] in (b"{", b"["):
        csv_head, names = None, _keys(source)
    else:
        csv_head = _csv_head(source, head)
        names = frozenset(name for name in csv_head.names if name)
    found = _guess(names)
    if forced and (found is None or not _is_beside(forced, found, names)):
        found = _best_of(forced, names)
    if found is None:
        raise source.refuse(1, _load_test_words(source, head) or _unknown_words(names))
    if found.coding_agent and not forced:
        raise source.refuse(1, REFUSED.format(words=found.words, name=found.name))
    if missing := found.missing(names):
        lacks = f"is missing: {found.words} needs it"
        raise ScenarioError([source.fault(1, lacks, each) for each in missing])
    return Recognised(source, found, csv_head, names)


def _csv_head(source: Source, head: bytes) -> CsvHead:
    found = read_head(head)
    if found is None or not any(found.names):
        raise source.refuse(_first_other_line(head), "must be CSV or JSON text in UTF-8 or UTF-16")
    return found


def _first_other_line(head: bytes) -> int:
    """The line of the first byte that is no text."""
    try:
        head.decode(encoding_of(head))
    except UnicodeDecodeError as reason:
        return head.count(b"\n", 0, reason.start) + 1
    return 1


def _keys(source: Source) -> Names:
    values: Iterator[Any] = (value for _, value in json_values(source))
    found: set[str] = set()
    for value in islice(values, LOOKED_AT):
        if not isinstance(value, Mapping):
            raise source.refuse(1, "must hold JSON objects; got other values")
        found |= names_in(value)
    return frozenset(found)


def _is_beside(forced: tuple[UsageFormat, ...], found: UsageFormat, names: Names) -> bool:
    """Whether a file is given beside those of a forced format: one of requests, or of the same provider."""
    return is_requests_file(found, names) or any(found.provider and found.provider == each.provider for each in forced)


def _best_of(forced: tuple[UsageFormat, ...], names: Names) -> UsageFormat:
    """The format that a file is, or lacks the fewest columns of."""
    matching = [each for each in forced if each.matches(names)]
    return min(matching or forced, key=lambda each: len(each.missing(names)))


def is_requests_file(found: UsageFormat, names: Names) -> bool:
    """Whether a file states requests by day and nothing else."""
    return found.name == "plain" and names <= {"date", "month", "requests", "model"}


def _guess(names: Names) -> UsageFormat | None:
    """The format that is recognised; what people name themselves comes last, for others have a date too."""
    plain_last = sorted(FORMATS, key=lambda each: each.name == "plain")
    return next((each for each in plain_last if each.matches(names)), None)


def _load_test_words(source: Source, head: bytes) -> str:
    """What a file is that holds the result of a load test, and where it belongs; nothing for any other."""
    try:
        tools = read_load_test(source.path, read=lambda *_: head).tools
    except ValueError:
        return ""
    return f"is the result of a load test ({tools}), no usage; `switchpoint capacity … --benchmark FILE` reads it"


def _unknown_words(names: Names) -> str:
    """What a file is nearest to; its own names are not told, for without a header they are somebody's data."""
    nearest = max(FORMATS, key=lambda each: max(len(mark & names) / len(mark) for mark in each.marks))
    best = max(nearest.marks, key=lambda mark: len(mark & names) / len(mark))
    if len(best & names) < FEWEST_ALIKE or nearest.name == "plain":
        return OWN_CSV
    lacking = sorted(best - names)
    missing = f"{join_names(lacking)} {'is' if len(lacking) == 1 else 'are'} missing"
    return f"{OWN_CSV}; of exports it is nearest to {nearest.words}, for which {missing}"
