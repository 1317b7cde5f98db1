"""What was reported last: so that a watch that runs every day reports changes alone, and each of them once."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass, field, fields, replace
from datetime import date
from pathlib import Path
from typing import Any

from switchpoint.files import read_text
from switchpoint.owndata.watching import BillWatch
from switchpoint.scenario.errors import Fault, ScenarioError
from switchpoint.scenario.toml_writer import save_text
from switchpoint.text import day

MOST_BYTES = 1_000_000
MOVED_DAYS = 30
"""Days by which the forecast limit or the start-by date must have moved to be a change."""


@dataclass(frozen=True)
class ReportedWatch:
    """What a watch reported last."""

    as_of: str = ""
    """The last whole day then."""
    state: str = ""
    call: str = ""
    candidate: str | None = None
    threat: str | None = None
    """The middle day of the forecast limit, as last reported."""
    start_by: str | None = None
    """As last reported."""
    crossed: list[str] = field(default_factory=list)
    """Paths of the tripwires that were crossed."""

    @classmethod
    def of(cls, watch: BillWatch) -> ReportedWatch:
        """What there is to report now."""
        threat, start_by = watch.threat[1], watch.advice.start_by
        return cls(
            watch.as_of.isoformat(),
            watch.state,
            watch.call_word,
            watch.advice.candidate,
            threat.isoformat() if threat else None,
            start_by.isoformat() if start_by else None,
            [each.wire.path for each in watch.checked_wires if each.is_crossed],
        )


def read_reported(path: Path) -> ReportedWatch | None:
    """What was reported last; None where nothing was.

    Raises:
        ScenarioError: where the file is no state of a watch.
    """
    if not path.exists():
        return None
    try:
        return _state_of(json.loads(read_text(path, MOST_BYTES)))
    except (ValueError, TypeError) as reason:
        wrong = f"is no state that this command wrote ({reason}); name another file, or remove it"
        raise ScenarioError([Fault(str(path), 1, "", wrong)]) from None


def _state_of(told: Any) -> ReportedWatch:
    if not isinstance(told, dict) or set(told) != {each.name for each in fields(ReportedWatch)}:
        raise ValueError("other keys")
    texts = (told["as_of"], told["state"], told["call"])
    if not (all(isinstance(each, str) for each in texts) and isinstance(told["crossed"], list)):
        raise ValueError("other values")
    for name in ("as_of", "threat", "start_by"):
        if told[name] is not None:
            date.fromisoformat(told[name])
    return ReportedWatch(**told)


def write_reported(path: Path, reported: ReportedWatch) -> None:
    """Keep what was reported.

    Raises:
        ScenarioError: where the file cannot be written.
    """
    save_text(path, json.dumps(asdict(reported), indent=2) + "\n", overwrite=True)


def changes_since(before: ReportedWatch | None, now: ReportedWatch) -> list[str]:
    """What has changed since the last report, in sentences; nothing where all is as it was."""
    if before is None:
        return [f"first report: {now.call}, the monitor says {now.state}"]
    return [*_words(before, now), *_dates(before, now), *_wires(before.crossed, now.crossed)]


def _words(before: ReportedWatch, now: ReportedWatch) -> Iterator[str]:
    if before.call != now.call:
        yield f"the call is {now.call}, it was {before.call}"
    if before.state != now.state:
        yield f"the monitor says {now.state}, it said {before.state}"
    if before.candidate != now.candidate:
        yield f"{now.candidate or 'no candidate'} is advised, it was {before.candidate or 'none'}"


def _dates(before: ReportedWatch, now: ReportedWatch) -> Iterator[str]:
    for label, old, new in (("limit", before.threat, now.threat), ("start-by date", before.start_by, now.start_by)):
        if _has_moved(old, new):
            yield f"the {label} is {_when(new)}, it was {_when(old)}"


def _wires(before: Sequence[str], now: Sequence[str]) -> Iterator[str]:
    yield from (f"tripwire crossed: {path}" for path in now if path not in before)
    yield from (f"tripwire no longer crossed: {path}" for path in before if path not in now)


def _has_moved(old: str | None, new: str | None) -> bool:
    if old is None or new is None:
        return old is not new
    return abs((date.fromisoformat(new) - date.fromisoformat(old)).days) >= MOVED_DAYS


def _when(told: str | None) -> str:
    return "not in sight" if told is None else day(date.fromisoformat(told))


def to_keep(before: ReportedWatch | None, now: ReportedWatch) -> ReportedWatch:
    """What to keep: as it is now, but dates that moved too little to be told as they were told."""
    if before is None:
        return now
    kept = {
        name: getattr(before, name)
        for name in ("threat", "start_by")
        if not _has_moved(getattr(before, name), getattr(now, name))
    }
    return replace(now, **kept)
