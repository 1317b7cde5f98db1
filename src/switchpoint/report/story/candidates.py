"""The page that compares the candidates."""

from __future__ import annotations

import re
from datetime import date

from switchpoint.clock import NEVER
from switchpoint.decision.outlook import Outlook
from switchpoint.export.story import Page, Table
from switchpoint.report.page import columns, remarks
from switchpoint.report.story.bill import saving_figure
from switchpoint.report.story.subject import Subject
from switchpoint.study.draws.findings import ADVISED, Finding
from switchpoint.words import chance, day, usd

WIDTHS = (2.3, 1.5, 1.5, 1.5, 1.5, 1.2, 1, 1, 1, 1.6)
RIGHT = frozenset({5, 6, 7, 8})
_ISO = re.compile(r"\d{4}-\d{2}-\d{2}")


def candidates_page(subject: Subject) -> Page:
    """All candidates side by side, each started by its own date."""
    result = subject.shown
    if not result.case.outlooks:
        title = "There is no candidate to compare with the current route yet"
        return Page("candidates", "Candidates", title, bullets=("Add one to the scenario to compare it.",), notes=title)
    captioned = [("In the base case, each with the start named", base_table(subject))]
    if subject.findings is not None:
        captioned.insert(0, ("Over the draws, each started by its own date", draws_table(subject)))
    bullets = tuple(subject.brief(line) for text in remarks(result) for line in text.splitlines())
    title = candidates_words(subject)
    figure = saving_figure(subject)
    return Page(
        "candidates",
        "Candidates",
        title,
        ("Saved so far against staying, in the base case; not discounted.", *_worlds(subject)),
        figures=(figure,),
        tables=tuple(captioned),
        bullets=bullets,
        notes=f"{title}. {figure.note}",
    )


def _worlds(subject: Subject) -> tuple[str, ...]:
    """Why the two tables differ."""
    if subject.findings is None:
        return ()
    return ("The draws count every world; the base case is the one in the middle of every range, so savings differ.",)


def candidates_words(subject: Subject) -> str:
    """The takeaway: what the best one saves, and how the next one compares."""
    ranked = sorted(((_saving(subject, o), o) for o in subject.result.case.outlooks), key=lambda pair: -pair[0])
    best = subject.best or ranked[0][1]
    saving = _saving(subject, best)
    average = " on average" if subject.findings is not None else ""
    verb = f"saves {usd(saving)}" if saving >= 0 else f"costs {usd(-saving)} more than staying"
    text = f"{subject.name(best)} {verb} in present value{average}"
    others = [(other, o) for other, o in ranked if o is not best]
    if not others:
        return text
    other, runner = others[0]
    more = saving - other
    if usd(saving) == usd(other):
        return f"{text}, about as much as {subject.name(runner)}"
    return f"{text}, {usd(abs(more))} {'more' if more >= 0 else 'less'} than {subject.name(runner)}"


def base_table(subject: Subject) -> Table:
    """Figures of each candidate in the base case."""
    result, shown = subject.shown, columns(subject.shown)
    rows = tuple(
        tuple(subject.brief(_spoken(value(result, outlook))) for _, value in shown) for outlook in result.case.outlooks
    )
    return Table(tuple(name for name, _ in shown), rows, WIDTHS[: len(shown)], RIGHT)


def draws_table(subject: Subject) -> Table:
    """Figures of each candidate over the draws."""
    assert subject.findings is not None
    in_time = ("in time",) if subject.findings.limited else ()
    head = ("candidate", "start", *in_time, "saves (PV)", "+/-", "10 % below", "90 % below", "above zero")
    rows = tuple(_row(subject, found) for found in subject.findings.candidates.values())
    return Table(head, rows, (2.3, 1.6, *(1,) * (len(head) - 2)), frozenset(range(2, len(head))))


def _row(subject: Subject, found: Finding) -> tuple[str, ...]:
    money, start = found.saving(ADVISED), found.weighed.judged
    ends = (usd(money.mean), usd(2 * money.error), usd(money.p10), usd(money.p90))
    when = "today" if start <= 0 else subject.day(start)
    in_time = (chance(found.in_time[0]),) if found.limited else ()
    return (subject.name(found), when, *in_time, *ends, chance(found.saves(ADVISED)[0]))


def _saving(subject: Subject, outlook: Outlook) -> float:
    """What a candidate saves, started by its own date."""
    if subject.findings is not None:
        return subject.findings.candidates[outlook.name].saving(ADVISED).mean
    start = outlook.starts.judged
    return 0.0 if start == NEVER else outlook.saving(start)


def _spoken(text: str) -> str:
    """ISO dates as dates are said."""
    return _ISO.sub(lambda found: day(date.fromisoformat(found[0])), text)
