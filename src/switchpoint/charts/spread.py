"""What the charts of many draws share: which candidate they are about, and how they name the draws."""

from __future__ import annotations

from switchpoint.study.draws.findings import Finding, Findings


def leading(findings: Findings) -> Finding | None:
    """The candidate a chart is about: the one of the verdict, else that with the cheapest start; None without any."""
    best = findings.verdict.candidate
    if best is not None:
        return findings.candidates[best.name]
    return min(findings.candidates.values(), key=lambda f: float(f.weighed.expected_cost.min()), default=None)


def draws_words(findings: Findings) -> str:
    """How many draws stand behind a chart.

    >>> from types import SimpleNamespace
    >>> draws_words(SimpleNamespace(draws=1000)), draws_words(SimpleNamespace(draws=1))
    ('1,000 draws', '1 draw')
    """
    return f"{findings.draws:,} draw{'s' * (findings.draws != 1)}"


def sentence_case(text: str) -> str:
    """A text with a capital at its beginning.

    >>> sentence_case("the bill reaches its limit")
    'The bill reaches its limit'
    """
    return text[:1].upper() + text[1:]
