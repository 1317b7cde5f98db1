"""What was reported last: so that a watch that runs every day reports changes alone, and each of them once."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass, field, fields, replace
from datetime import date, timedelta
from pathlib import Path
from typing import Any

from switchpoint.files import read_text
from switchpoint.owndata.watching import BillWatch
from switchpoint.scenario.errors import Fault, ScenarioError
from switchpoint.scenario.toml_writer import save_text
from switchpoint.text import day

MOST_BYTES = 1_000_000
MOVED_DAYS = 30
"""Days by which a date must have moved at least to be a change."""
NOTHING = "nothing"
"""What the monitor says without a limit, and before eight whole weeks."""
UNSEEN_DAYS = 730
"""How far away a limit counts that is not in sight: as far as the monitor looks."""


@dataclass(frozen=True)
class ReportedWatch:
    """What a watch reported last."""

    as_of: str = ""
    """The last whole day then."""
    state: str = ""
    """Of the monitor, as it is held: see `BillWatch.held_state`; empty where it says nothing."""
    call: str = ""
    candidate: str | None = None
    threat: str | None = None
    """The middle day of the forecast limit, as last reported."""
    start_by: str | None = None
    """As last reported."""
    crossed: list[str] = field(default_factory=list)
    """Paths of the tripwires that were crossed."""
    spread: int = 0
    """Half of the 80 % interval of the forecast limit, days: by which it moves anyhow."""

    @classmethod
    def of(cls, watch: BillWatch) -> ReportedWatch:
        """What there is to report now."""
        low, threat, high = watch.threat
        last = watch.as_of + timedelta(days=UNSEEN_DAYS)
        start_by = watch.held_advice.start_by
        return cls(
            watch.as_of.isoformat(),
            watch.held_state or "",
            watch.call.word,
            watch.held_advice.candidate,
            threat.isoformat() if threat else None,
            start_by.isoformat() if start_by else None,
            [each.wire.path for each in watch.checked_wires if each.is_crossed],
            ((high or last) - (low or last)).days // 2 if watch.has_limit else 0,
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
        return [f"first report: {now.call}, the monitor says {now.state or NOTHING}"]
    return [*_words(before, now), *_dates(before, now), *_wires(before.crossed, now.crossed)]


def _words(before: ReportedWatch, now: ReportedWatch) -> Iterator[str]:
    if before.call != now.call:
        yield f"the call is {now.call}, it was {before.call}"
    if before.state != now.state:
        yield f"the monitor says {now.state or NOTHING}, it said {before.state or NOTHING}"
    if before.candidate != now.candidate:
        yield f"{now.candidate or 'no candidate'} is advised, it was {before.candidate or 'none'}"


def _dates(before: ReportedWatch, now: ReportedWatch) -> Iterator[str]:
    if _has_moved(_seen(before.threat, now), _still_ahead(now), now):
        yield f"the limit is {_when(now)}, it was {_when(before)}"
    if _has_moved(before.start_by, now.start_by, now):
        new, old = (told and day(date.fromisoformat(told)) for told in (now.start_by, before.start_by))
        yield f"the start-by date is {new or 'no more'}" + (f", it was {old}" if old else "")


def _wires(before: Sequence[str], now: Sequence[str]) -> Iterator[str]:
    yield from (f"tripwire crossed: {path}" for path in now if path not in before)
    yield from (f"tripwire no longer crossed: {path}" for path in before if path not in now)


def _seen(threat: str | None, now: ReportedWatch) -> str:
    """The day of a limit; the last one that the monitor looks ahead to, where it is not in sight."""
    return threat or (date.fromisoformat(now.as_of) + timedelta(days=UNSEEN_DAYS)).isoformat()


def _still_ahead(now: ReportedWatch) -> str:
    """The same of the newest report; a limit that is passed counts as of today: that it is passed is told by the state,
    and since when is no news of a forecast."""
    today = date.fromisoformat(now.as_of) + timedelta(days=1)
    return max(_seen(now.threat, now), today.isoformat())


def _has_moved(old: str | None, new: str | None, now: ReportedWatch) -> bool:
    """Whether a date is elsewhere by more than a forecast moves anyhow; what was due and still is has not moved."""
    if old is None or new is None:
        return old is not new
    today = date.fromisoformat(now.as_of) + timedelta(days=1)
    was, is_now = date.fromisoformat(old), date.fromisoformat(new)
    if was <= today and is_now <= today:
        return False
    return abs((is_now - was).days) >= max(MOVED_DAYS, now.spread)


def _when(told: ReportedWatch) -> str:
    if told.threat is None:
        return "not in sight" if told.state else "not known"
    return day(date.fromisoformat(told.threat))


def to_keep(before: ReportedWatch | None, now: ReportedWatch) -> ReportedWatch:
    """What to keep: as it is now, but dates that moved too little to be told as they were told."""
    if before is None:
        return now
    limit_moved = _has_moved(_seen(before.threat, now), _still_ahead(now), now)
    start_moved = _has_moved(before.start_by, now.start_by, now)
    return replace(
        now,
        threat=now.threat if limit_moved else before.threat,
        start_by=now.start_by if start_moved else before.start_by,
    )
