"""The chart of regret: what each rule for starting costs more than hindsight would have."""

from __future__ import annotations

from typing import Any

from switchpoint.charts.spec import Spec, channel, layer, tip
from switchpoint.charts.spread import draws_words, leading, sentence_case
from switchpoint.charts.style import LIGHT, Look, dressed
from switchpoint.charts.words import date_of, short
from switchpoint.clock import NEVER
from switchpoint.scenario.policy import WATCHING
from switchpoint.study.draws.findings import Finding, Findings
from switchpoint.study.draws.sentence import before_the_best
from switchpoint.words import usd

RULES = {
    "now": "Start today",
    "warn": "Wait for the warning",
    "lead": "As early as it is long",
    "staged": "Prepare, then commit",
    "best": "Best start date",
    "never": "Never start",
}
BAR, GAP = 22, 18
"""Heights of a bar and of the space between rules, pixels."""
NARROW = 86
"""Letters of a title's line beside the names of the rules."""
ROOM = 1.12
"""The axis is longer than the longest bar by this factor, for its label."""


def has_regret(findings: Findings) -> bool:
    """Whether there is a candidate that has not begun, so that there is a rule to choose."""
    return bool(_open(findings))


def regret_chart(findings: Findings, look: Look = LIGHT, *, titled: bool = True) -> Any:
    """Expected dollars beyond hindsight by rule, a bar for each candidate."""
    found = _open(findings)
    rows = [
        {
            "rule": title,
            "candidate": short(f.name),
            "usd": f.regret[rule],
            "words": dollars(f.regret[rule]),
            "means": _means(findings, f, rule),
        }
        for rule, title in rules(findings).items()
        for _, f in found
    ]
    named = [short(f.name) for _, f in found]
    names = {
        "title": None,
        "ticks": False,
        "domain": False,
        "labelColor": look.ink,
        "labelFontSize": 13,
        "labelLimit": 180,
    }
    padding = {"paddingInner": 0.3, "paddingOuter": 0.1}
    place = {
        "y": channel("rule:N", sort=list(rules(findings).values()), axis=names, scale=padding),
        "yOffset": channel("candidate:N", sort=named),
    }
    legend = {"title": None, "orient": "top", "symbolType": "square", "columns": 2, "columnPadding": 24}
    colours = {"domain": named, "range": [look.colour(place) for place, _ in found]}
    bars = {
        "x": channel("usd:Q", axis=_dollars(), scale={"domain": [0, _end(rows)], "nice": False}),
        "color": channel("candidate:N", scale=colours, legend=legend),
        "tooltip": [
            tip("candidate:N", "Candidate"),
            tip("means:N", "Rule"),
            tip("words:N", "Costs more than hindsight"),
        ],
    }
    drawn = layer(rows, "bar", {**place, **bars}, cornerRadiusEnd=3)
    words = {"x": channel("usd:Q"), "text": channel("words:N")}
    label = layer(rows, "text", {**place, **words}, align="left", dx=6, color=look.ink, fontSize=12.5)
    height = len(rules(findings)) * (BAR * len(found) + GAP)
    takeaway, note = regret_words(findings), regret_note(findings)
    return dressed([drawn, label], look, takeaway, note, titled=titled, height=height, wrap=NARROW)


def rules(findings: Findings) -> dict[str, str]:
    """The rules that can be played: without a limit none that watches it."""
    return {rule: title for rule, title in RULES.items() if findings.limited or rule not in WATCHING}


def regret_words(findings: Findings) -> str:
    """The takeaway: the rule that is best for the leading candidate, and what the worst costs."""
    best = _lead(findings)
    start = best.weighed.best
    said = {
        "never": "never starting",
        "now": "starting today",
        "warn": "waiting for the warning",
        "lead": "starting as early before the limit as the project is long",
        "staged": "preparing early and committing late",
        "best": f"starting {_on(findings, start)}",
    }
    played = [rule for rule in said if rule in rules(findings) and (rule != "best" or start != NEVER)]
    costs = {rule: best.regret[rule] for rule in played}
    rule, worst = min(costs, key=costs.__getitem__), max(costs, key=costs.__getitem__)
    if costs[worst] - costs[rule] < 1:
        return f"It makes no difference which rule starts {best.name}"
    return (
        f"{sentence_case(said[rule])} comes closest to hindsight for {best.name}: {dollars(costs[rule])} more on "
        f"average, against {dollars(costs[worst])} for {said[worst]}"
    )


def regret_note(findings: Findings) -> str:
    """What is drawn, in one line."""
    text = (
        f"Present value, average of {draws_words(findings)}. Hindsight: the cheapest start of each draw, or none. "
        "Best start date: the one day that costs least on average"
    )
    return ". ".join(filter(None, [text, before_the_best(_lead(findings))]))


def dollars(amount: float) -> str:
    """An amount that is never negative, whole dollars where it is small.

    >>> dollars(0.2), dollars(412_000)
    ('$0', '$412k')
    """
    return f"${amount:.0f}" if amount < 10 else usd(amount)


def _lead(findings: Findings) -> Finding:
    """The leading candidate, or the first one whose start is open."""
    best, found = leading(findings), [f for _, f in _open(findings)]
    return best if best in found else found[0]


def _open(findings: Findings) -> list[tuple[int, Finding]]:
    named = enumerate(findings.candidates.values(), 1)
    return [(place, f) for place, f in named if f.weighed.outlook.starts.under_way is None]


def _on(findings: Findings, day: int) -> str:
    if day == NEVER:
        return "on the best date"
    return "today" if day == 0 else f"on {date_of(findings.base, day)}"


def _means(findings: Findings, finding: Finding, rule: str) -> str:
    if rule != "best":
        return RULES[rule]
    day = finding.weighed.best
    return "Best start date: none" if day == NEVER else f"Best start date: {date_of(findings.base, day)}"


def _end(rows: list[dict[str, Any]]) -> float:
    return ROOM * max(row["usd"] for row in rows) or 1.0


def _dollars() -> Spec:
    words = "datum.value === 0 ? '$0' : replace(format(datum.value, '$~s'), 'G', 'B')"
    title = "Dollars more than hindsight, present value"
    return {"title": title, "labelExpr": words, "tickCount": 6, "grid": True}
