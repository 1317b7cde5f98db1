"""The notes: what is taken as it stands, but worth a look before the advice is followed."""

from __future__ import annotations

from switchpoint.export.story import Page
from switchpoint.notes import CHANCE
from switchpoint.report.story.subject import Subject
from switchpoint.scenario.notes import Note


def notes_page(subject: Subject) -> Page | None:
    """Every note, those that could turn the answer first; None where there is nothing to note."""
    told = tuple(_sentence(note) for note in noted(subject))
    if not told:
        return None
    return Page(
        key="notes",
        section="Notes",
        title="Taken as they stand, but worth a look",
        bullets=told,
        notes=" ".join(told),
    )


def noted(subject: Subject) -> list[Note]:
    """The notes on what is told; draws make those on chance needless."""
    drawn = subject.findings is not None
    return [note for note in subject.result.notes if not (drawn and note.code == CHANCE)]


def turning(subject: Subject) -> tuple[str, ...]:
    """The notes that could turn the answer, to stand beside it."""
    return tuple(_sentence(note) for note in noted(subject) if note.turns)


def _sentence(note: Note) -> str:
    text = f"{note.sentence}; {note.effect}" if note.effect else note.sentence
    return f"{text[:1].upper()}{text[1:]}."
