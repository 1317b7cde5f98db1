"""Numbers, dates, lists as people write them; a capital at the start; "a, b or c"; did you mean."""

from __future__ import annotations

import math
from collections.abc import Sequence
from datetime import date

UNITS = ((1e12, "T"), (1e9, "B"), (1e6, "M"), (1e3, "k"))


def usd(amount: float) -> str:
    """Dollars, readable at a glance.

    >>> [usd(x) for x in (0.4231, 7.25, 56, 999.7, 5531, 412_345, 1_834_000, -92_000, 999_950)]
    ['$0.42', '$7.25', '$56', '$1.0k', '$5.5k', '$412k', '$1.8M', '-$92k', '$1.0M']
    >>> [usd(x) for x in (0.002, 0.01234, 0.0999, 3.3749999999, 0.0, -0.0)]
    ['$0.002', '$0.012', '$0.10', '$3.38', '$0.00', '$0.00']
    """
    if not math.isfinite(amount):
        return "unlimited"
    sign, size = ("-" if amount < 0 else ""), abs(amount)
    if size < 10:
        return f"{sign}${_small(size)}"
    if size < 999.5:
        return f"{sign}${size:.0f}"
    return f"{sign}${_short(size)}"


def usd_range(low: float, high: float, before: str = "") -> str:
    """Dollars from one end to the other: with as many digits as tell the ends apart, else "about" so much.

    >>> usd_range(2_810_000, 3_120_000), usd_range(2_790_000, 2_831_000, "from "), usd_range(400, 400.4)
    ('$2.8M to $3.1M', 'from $2.79M to $2.83M', 'about $400')
    >>> usd_range(2_800_000, 2_800_004, "from "), usd_range(-91_700, -91_600)
    ('at about $2.8M', '-$91.7k to -$91.6k')
    """
    ends = usd(low), usd(high)
    if ends[0] == ends[1] and min(abs(low), abs(high)) >= 999.5:
        ends = next((told for digits in (3, 4) if len(set(told := _digits(low, high, digits))) > 1), ends)
    if ends[0] == ends[1]:
        return f"{'at ' if before else ''}about {ends[0]}"
    return f"{before}{ends[0]} to {ends[1]}"


def _digits(low: float, high: float, digits: int) -> tuple[str, str]:
    """Both ends in one unit, with so many digits."""
    unit, letter = next((each for each in UNITS if max(abs(low), abs(high)) >= each[0] * 0.9995), (1.0, ""))
    told = [f"{'-' if end < 0 else ''}${float(f'{abs(end) / unit:.{digits}g}'):,}{letter}" for end in (low, high)]
    return told[0], told[1]


def count(number: float) -> str:
    """A count, readable at a glance.

    >>> [count(x) for x in (0, 12, 1500, 60_000, 2_333_000_000)]
    ['0', '12', '1,500', '60,000', '2.3B']
    """
    return f"{number:,.0f}" if abs(number) < 1e6 else _short(number)


def about(number: float) -> str:
    """A count to three digits, for numbers that are not known better.

    >>> about(44_203), about(512.7)
    ('44,200', '513')
    """
    return count(float(f"{number:.3g}"))


def _small(size: float) -> str:
    """Two decimals, and below ten cents two digits."""
    size = round(size, 9)
    if not 0 < size < 0.0995:
        return f"{size:.2f}"
    decimals = 1 - math.floor(math.log10(size))
    whole, part = f"{size:.{decimals}f}".split(".")
    return f"{whole}.{part.rstrip('0'):0<2}"


def _short(size: float) -> str:
    for unit, letter in UNITS:
        if size >= unit * 0.9995:
            value = size / unit
            return f"{value:.0f}{letter}" if value >= 9.95 else f"{value:.1f}{letter}"
    return f"{size:.0f}"


def day(when: date) -> str:
    """A date.

    >>> day(date(2027, 3, 3))
    '3 March 2027'
    """
    return f"{when.day} {when:%B %Y}"


def percent(share: float) -> str:
    """A share in percent, with a decimal where it is small.

    >>> percent(0.43), percent(0.034), percent(0.07), percent(12)
    ('43 %', '3.4 %', '7 %', '1,200 %')
    """
    value = round(share * 100, 9)
    return f"{value:,.0f} %" if abs(value) >= 10 or value == round(value) else f"{value:.1f} %"


BEYOND = 10.0
"""Yearly returns above this are told as such."""


def rate_words(rate: float) -> str:
    """A yearly rate of return; one beyond all sense is told as that.

    >>> rate_words(0.43), rate_words(12)
    ('43 %', 'over 1,000 %')
    """
    return f"over {percent(BEYOND)}" if rate > BEYOND else percent(rate)


def chance(share: float) -> str:
    """A share of draws in whole percent; never 0 or 100 where that is not exactly so.

    >>> chance(0.804), chance(0.002), chance(0.9999), chance(1.0)
    ('80 %', 'under 1 %', 'over 99 %', '100 %')
    """
    if 0 < share < 0.01:
        return "under 1 %"
    return "over 99 %" if 0.99 < share < 1 else percent(round(share, 2))


def months(number: float) -> str:
    """A length in months.

    >>> months(1), months(16.2), months(2.5)
    ('1 month', '16 months', '2.5 months')
    """
    text = f"{number:.0f}" if number >= 10 or abs(number - round(number)) < 0.05 else f"{number:.1f}"
    return f"{text} month" if text == "1" else f"{text} months"


def duration(seconds: float) -> str:
    """How long something takes, as far as one can know beforehand.

    >>> [duration(x) for x in (0.2, 40, 100, 5_400, 200_000)]
    ['1 second', '40 seconds', '2 minutes', '1.5 hours', '2.3 days']
    """
    for size, name in ((86_400, "day"), (3_600, "hour"), (60, "minute")):
        if seconds >= 1.5 * size:
            text = f"{seconds / size:.1f}".removesuffix(".0") if size > 60 else f"{seconds / size:.0f}"
            return f"{text} {name}s"
    whole = max(round(seconds), 1)
    return f"{whole} second" if whole == 1 else f"{whole} seconds"


def weeks(days: int) -> str:
    """A length in days as whole weeks, or as days below two weeks.

    >>> weeks(58), weeks(9), weeks(1)
    ('8 weeks', '9 days', '1 day')
    """
    if days >= 14:
        return f"{round(days / 7)} weeks"
    return f"{days} day" if days == 1 else f"{days} days"


def few_days(number: int) -> str:
    """So many of the last days: "the last 28 days", "the last day".

    >>> few_days(28), few_days(1)
    ('28 days', 'day')
    """
    return "day" if number == 1 else f"{number} days"


def join_names(names: Sequence[str], last: str = "and") -> str:
    """Names in a row.

    >>> join_names(["a", "b", "c"])
    'a, b and c'
    """
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} {last} {names[-1]}"


NONE = "–"
