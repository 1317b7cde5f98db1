"""Text for the page: names and numbers that Markdown leaves alone, spans of dates."""

from __future__ import annotations

import re
from datetime import date

from switchpoint.words import day

_SPECIAL = re.compile(r"([\\`*_\[\]{}<>|$~^&!])|:(?=\w)|^[-+#=]")
_NUMBERED = re.compile(r"^(\d+)([.)])")
_ADDRESS = re.compile(r"(?<=[a-z]:)(?=//)|(?<=www)(?=\.)|(?=@)", re.IGNORECASE)
_JOINED = "\u2060"
"""Shows nothing, and breaks no line; what holds it is no address, which Markdown would make a link of."""

_ASIDE = re.compile(r" \((?!as of )((?:[^\s)]+ ){4,}[^)]+)\)")
"""A remark in brackets of five words or more, other than the day that is called today."""


def plain(text: str) -> str:
    r"""Text that Markdown shows as it is.

    >>> plain("saves $605k: *net*"), plain("- :red[own-8b]")
    ('saves \\$605k: \\*net\\*', '\\- \\:red\\[own-8b\\]')
    >>> plain("http://evil.example"), plain("12. www.evil.example")
    ('http:\u2060//evil.example', '12\\. www\u2060.evil.example')
    """
    text = _ADDRESS.sub(_JOINED, " ".join(text.split()))
    return _NUMBERED.sub(r"\1\\\2", _SPECIAL.sub(r"\\\g<0>", text))


def counted(number: int, noun: str) -> str:
    """A number of things.

    >>> counted(1, "change"), counted(3, "change")
    ('1 change', '3 changes')
    """
    return f"{number} {noun}{'s' * (number != 1)}"


def sentence_case(text: str) -> str:
    """A text that begins with a capital and ends with a full stop.

    >>> sentence_case("it has no room")
    'It has no room.'
    """
    return f"{text[:1].upper()}{text[1:].rstrip('.')}." if text else ""


def span(first: date, last: date) -> str:
    """Two dates as a person would say them.

    >>> span(date(2027, 7, 1), date(2027, 7, 31)), span(date(2027, 6, 28), date(2027, 7, 28))
    ('1 to 31 July 2027', '28 June to 28 July 2027')
    """
    if (first.year, first.month) == (last.year, last.month):
        return f"{first.day} to {day(last)}"
    return f"{first.day} {first:%B} to {day(last)}" if first.year == last.year else f"{day(first)} to {day(last)}"


def sentences(text: str) -> tuple[str, str]:
    """The first clause of a verdict and the rest, as sentences; a long remark in brackets goes to the rest.

    >>> sentences("Start now: it is late; start now, and hurry; that may change.")
    ('Start now: it is late.', 'Start now, and hurry; that may change.')
    >>> sentences("Start x (y: not possible) by May (waiting any longer is too late); x-1 saves $5k.")
    ('Start x (y: not possible) by May.', 'Waiting any longer is too late. x-1 saves $5k.')
    """
    first, _, rest = text.partition("; ")
    asides = [f"{_begun(aside)}." for aside in _ASIDE.findall(first)]
    first = _ASIDE.sub("", first)
    return (first.rstrip(".") + ".", " ".join(filter(None, [*asides, _begun(rest)])))


def _begun(text: str) -> str:
    """Text that begins with a capital, unless it begins with a name such as own-8b."""
    word = text.partition(" ")[0].rstrip(",")
    return text[:1].upper() + text[1:] if word.isalpha() else text
