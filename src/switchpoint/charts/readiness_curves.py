"""Charts of a programme: the odds of a viable prototype against experiments, and two measures over the months."""

from __future__ import annotations

from switchpoint.charts.vega import LIGHT, Drawing, Look, Spec, channel, dress_chart, layer, tip
from switchpoint.readiness.experiments import ExperimentOutlook
from switchpoint.readiness.measures import TARGET_SHARE, Measure
from switchpoint.text import chance, percent

HEIGHT = 260
SHARE = {"domain": [0, 1]}


def odds_chart(tried: ExperimentOutlook, look: Look = LIGHT, *, titled: bool = True) -> Drawing:
    """The chance of at least one viable prototype against the number of experiments.

    Args:
        tried: what experiments promise; with odds.
        look: its colours.
        titled: whether the takeaway stands on it.
    """
    rows = [{"n": n, "share": share, "told": chance(share)} for n, share in tried.curve]
    marks = [row for row in rows if row["n"] in (min(5, tried.wanted), tried.wanted)]
    x = channel("n:Q", axis={"title": "Experiments", "grid": False, "format": "d"})
    y = channel("share:Q", scale=SHARE, axis={"title": "At least one viable", "format": "%", "grid": True})
    told = [tip("n:Q", "Experiments"), tip("told:N", "At least one viable")]
    words = {"x": x, "y": y, "text": channel("told:N")}
    layers = [
        layer(rows, "line", {"x": x, "y": y}, color=look.colour(1), strokeWidth=2.4),
        layer(rows, "point", {"x": x, "y": y, "tooltip": told}, opacity=0, size=90),
        layer(marks, "point", {"x": x, "y": y, "tooltip": told}, color=look.colour(1), filled=True, size=80),
        layer(marks, "text", words, color=look.ink, dy=-14, fontSize=13),
    ]
    return dress_chart(layers, look, odds_takeaway(tried), odds_note(tried), titled=titled, height=HEIGHT)


def odds_takeaway(tried: ExperimentOutlook) -> str:
    """What the curve shows."""
    curve, few = dict(tried.curve), min(5, tried.wanted)
    return (
        f"{few} experiments give a viable prototype in {chance(curve[few])} of cases, {tried.wanted} in "
        f"{chance(curve[tried.wanted])}"
    )


def odds_note(tried: ExperimentOutlook) -> str:
    """What is drawn."""
    where = {"log": f"{tried.viable} of {tried.done} logged experiments were viable", "stated": "as stated"}
    interval = ""
    if tried.odds_interval is not None:
        low, high = (percent(round(each, 2)) for each in tried.odds_interval)
        interval = f", 95 % interval {low} to {high}"
    odds = percent(round(tried.odds or 0.0, 3))
    return f"1 - (1 - p)^n with odds p of {odds} for one experiment ({where[tried.odds_from]}{interval})"


def has_history(measures: tuple[Measure, ...]) -> bool:
    """Whether there is anything to draw of the two shares."""
    return any(value is not None for measure in _shares(measures) for _, value in measure.history)


def history_chart(measures: tuple[Measure, ...], look: Look = LIGHT, *, titled: bool = True) -> Drawing:
    """Coverage of error categories and share of diagnosed interventions, month by month, with their target.

    Args:
        measures: the five.
        look: its colours.
        titled: whether the takeaway stands on it.
    """
    rows = [
        {"month": f"{month:%b %Y}", "place": place, "share": value, "name": _name_of(measure), "told": percent(value)}
        for measure in _shares(measures)
        for place, (month, value) in enumerate(measure.history)
        if value is not None
    ]
    months = [f"{month:%b %Y}" for month, _ in measures[0].history]
    x = channel("month:O", sort=months, axis={"title": None, "labelAngle": 0})
    y = channel("share:Q", scale=SHARE, axis={"title": None, "format": "%", "grid": True})
    names = [_name_of(measure) for measure in _shares(measures)]
    scale = {"domain": names, "range": [look.colour(1), look.colour(0)]}
    colour = channel("name:N", scale=scale, legend={"title": None, "orient": "top"})
    told = [tip("name:N", "Measure"), tip("month:O", "Month"), tip("told:N", "Share")]
    encoding: Spec = {"x": x, "y": y, "color": colour, "tooltip": told}
    target = layer([{"share": TARGET_SHARE}], "rule", {"y": y}, color=look.muted, strokeDash=[5, 4])
    layers = [target, layer(rows, "line", encoding, point={"size": 70, "filled": True}, strokeWidth=2.4)]
    return dress_chart(layers, look, history_takeaway(measures), HISTORY_NOTE, titled=titled, height=HEIGHT)


HISTORY_NOTE = "Entries of each month alone; dashed is the target"


def history_takeaway(measures: tuple[Measure, ...]) -> str:
    """What the two lines show."""
    coverage, ratio = _shares(measures)
    parts = [
        f"{percent(round(measure.value, 2))} {what}"
        for measure, what in ((coverage, "of the errors have a category"), (ratio, "of the interventions a diagnosis"))
        if measure.value is not None
    ]
    return " and ".join(parts) if parts else "Nothing is logged yet"


def _shares(measures: tuple[Measure, ...]) -> tuple[Measure, Measure]:
    return measures[0], measures[1]


def _name_of(measure: Measure) -> str:
    return "errors with a category" if measure.name.startswith("error") else "interventions with a diagnosis"
