"""The terms that trip a new reader, each explained in one line, the same wherever it stands."""

from __future__ import annotations

import re
from collections.abc import Iterable

TERMS = {
    "pressure": "The monthly bill over its limit: at 1 the limit is reached.",
    "coverage": "The share of requests that a candidate takes over; the rest stays on today's route.",
    "hosted": "An open model that somebody else runs for you, paid by the token or by the hour.",
    "replica": "One running copy of a model, on one or more GPUs.",
    "TTFT": "Time to first token: how long a user waits until an answer begins.",
    "TPOT": "Time per output token: how fast an answer is written once it has begun.",
    "present value": "What money later is worth today, after the discount rate.",
    "ramp": "The days on which traffic moves to the new model, step by step.",
    "shadow": "The days on which the new model answers beside the old one, unseen; both are paid.",
    "remedy": "A candidate that brings the bill back below its limit.",
}
"""Each term and its line."""
ALSO = {
    "coverage": "Share of requests it takes over",
    "TTFT": "ttft_p95",
    "TPOT": "tpot_p95",
    "shadow": "shadow_days",
    "ramp": "ramp_days",
}
"""Other words by which a term is shown."""


def terms_in(texts: Iterable[str]) -> list[str]:
    """The terms that stand in some texts, in the order of the list.

    >>> terms_in(["saves $605k in present value", "one replica, two Replicas", "rampant"])
    ['replica', 'present value']
    """
    whole = " ".join(texts)
    return [term for term in TERMS if _stands(term, whole) or (term in ALSO and ALSO[term] in whole)]


def _stands(term: str, text: str) -> bool:
    flags = 0 if term.isupper() else re.IGNORECASE
    return re.search(rf"\b{term}s?\b", text, flags) is not None


def line_of(term: str) -> str:
    """A term with its line.

    >>> line_of("ramp")
    'Ramp: the days on which traffic moves to the new model, step by step.'
    """
    said = TERMS[term]
    return f"{term[:1].upper()}{term[1:]}: {said[:1].lower()}{said[1:]}"


def explain(*texts: str) -> str | None:
    """What is said of the terms in some texts, for the mark beside them; None where there is none.

    >>> explain("Cutover"), explain("days of ramp")
    (None, 'Ramp: the days on which traffic moves to the new model, step by step.')
    """
    return " ".join(line_of(term) for term in terms_in(texts)) or None
