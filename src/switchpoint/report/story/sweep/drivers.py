"""The page of what drives the start-by date and the saving of a sweep."""

from __future__ import annotations

from switchpoint.charts.drivers import Driven, driven, drivers_chart, drivers_note, drivers_words
from switchpoint.charts.style import LIGHT
from switchpoint.export.story import Bars, Figure, Page, Series, Table
from switchpoint.report.story.sweep.swept import Swept
from switchpoint.study.sweep.influence import Influence
from switchpoint.words import percent

AXIS = "Share of the variance that the input explains by itself"


def drivers_page(swept: Swept) -> Page | None:
    """What drives dates and savings; None where no input does so by itself."""
    found = driven(swept.summary.on_start, swept.summary.on_saving)
    if found is None:
        return None
    title, note = swept.brief(drivers_words(found)), f"{drivers_note(found)}."
    spec = drivers_chart(found, titled=False).to_dict()
    figure = Figure(f"{title}. {note}", _bars(swept, found), spec=spec)
    table = ("More of an input means", _table(swept, found))
    return Page("drivers", "What drives it", title, (note,), figures=(figure,), tables=(table,), notes=note)


def _bars(swept: Swept, found: Driven) -> Bars:
    names = tuple(swept.brief(each.name) for each in found.inputs)
    series = tuple(
        Series(name, tuple(shares.get(each.column, 0.0) for each in found.inputs), LIGHT.colour(place))
        for place, (name, shares) in enumerate(found.shares.items())
    )
    return Bars(names, series, AXIS, shares=True)


def _table(swept: Swept, found: Driven) -> Table:
    """Shares and directions."""
    start, saving = ({each.input.column: each for each in side} for side in (found.on_start, found.on_saving))
    rows = tuple(
        (
            swept.brief(each.name),
            *_cells(start.get(each.column), "later", "earlier"),
            *_cells(saving.get(each.column), "more", "less"),
        )
        for each in found.inputs
    )
    head = ("Input", "Start-by date: share", "More of it starts", "Saving: share", "More of it saves")
    return Table(head, rows, (3, 1.4, 1.4, 1.2, 1.4), frozenset({1, 3}))


def _cells(found: Influence | None, more: str, less: str) -> tuple[str, str]:
    if found is None:
        return "-", "-"
    return percent(found.share), {"+": more, "-": less}.get(found.direction, "no clear direction")
