"""Favourite inputs."""

from __future__ import annotations

import json
import math
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from enum import Enum
from typing import Any

import streamlit as st

from switchpoint.decision.result import JudgedWorld
from switchpoint.scenario.candidates import Candidate, GpuCandidate, HostedCandidate
from switchpoint.scenario.current import CurrentGpu, OwnRoute, is_paid_by_token
from switchpoint.scenario.errors import Keys, dotted_path
from switchpoint.scenario.fields import Bounds
from switchpoint.scenario.introspection import bounds_of, field_at, meaning
from switchpoint.scenario.load import Loaded
from switchpoint.scenario.schema import Scenario
from switchpoint.scenario.uncertain import Choice, Pert, Quantity, Range, num
from switchpoint.scenario.usage import Growth, Limit
from switchpoint.simulation.capacity import rented_as
from switchpoint.ui import group_inputs, session
from switchpoint.ui.draft_changes import value_at
from switchpoint.ui.group_inputs import draw_dated_rows, draw_decision
from switchpoint.ui.session import View
from switchpoint.ui.terms import explain
from switchpoint.ui.whose_number import remark_words
from switchpoint.ui.widgets import beside, fold, if_shown, key_shown, note_words, number_format_note, plain

_BARE = re.compile(r"[A-Za-z0-9_-]+")
_IN_SHARES = re.compile(r"[:;] -?0\.\d+ is [^.;]*")
"""An example such as "0.08 is 8 %", which would mislead beside a slider in percent."""


FEWEST_TIMES, MOST_TIMES = 200, 5_000
"""How many times smaller than in the file a number is that may have been typed as 60.000 for 60,000."""


class KnobKind(Enum):
    """How an input is drawn."""

    SHARE = "slider of a share"
    WHOLE = "whole number"
    NUMBER = "number"


@dataclass(frozen=True)
class Knob:
    """One input: the path it sets, its label, and the ends of its slider.

    `value` is what it shows, None where there is nothing to show; `stated` is what the scenario says.
    """

    path: Keys
    label: str
    kind: KnobKind
    value: float | None
    stated: Quantity | None
    ends: tuple[float, float] = (0.0, 1.0)
    step: float = 0.01
    unit: str = ""
    also: tuple[tuple[Keys, Any], ...] = ()

    @property
    def key(self) -> str:
        """Name of the input in the address of the page: the path as `--set` takes it."""
        return ".".join(p if _BARE.fullmatch(p) else json.dumps(p, ensure_ascii=False) for p in map(str, self.path))

    def help(self, tree: Mapping[str, Any]) -> str:
        """Help text: what the schema says of it, and what an uncertain value is."""
        field = field_at(self.path, tree)
        about = f"{meaning(field)}." if field else ""
        said = (_IN_SHARES.sub("", about) if self.kind is KnobKind.SHARE else about, explain(self.label, self.key))
        text = " ".join(filter(None, said))
        return text if isinstance(self.stated, float | int | None) else f"{text} {belief(self.stated, self.kind)}"

    def bounds(self, tree: Mapping[str, Any]) -> Bounds:
        """What the schema allows."""
        field = field_at(self.path, tree)
        return (bounds_of(field) if field else None) or Bounds(1, 240)

    @property
    def widget_value(self) -> float | None:
        """What its widget shows: a share in percent, in the same format in every browser."""
        return round(100 * self.value, 6) if self.kind is KnobKind.SHARE and self.value is not None else self.value

    def values(self, chosen: float) -> dict[Keys, Any]:
        """What choosing a value sets in the scenario."""
        return {**dict(self.also), self.path: chosen}

    @property
    def paths(self) -> tuple[Keys, ...]:
        """All that it sets."""
        return (*dict(self.also), self.path)


@dataclass(frozen=True)
class KnobGroup:
    """Inputs that belong together."""

    title: str
    icon: str
    knobs: tuple[Knob, ...]
    name: str = ""
    """Of the candidate that they belong to, if any."""

    @property
    def key(self) -> str:
        """What tells it from other groups, also from a candidate that is called like one."""
        return f"inputs candidates.{self.name}" if self.name else f"inputs {self.title}"


def belief(stated: Quantity, kind: KnobKind) -> str:
    """What is believed of an uncertain number, and what moving its input does."""
    match stated:
        case Range(low, high):
            text = f"90 % likely between {show_number(low, kind)} and {show_number(high, kind)}"
        case Pert(low, mode, high):
            text = (
                f"Between {show_number(low, kind)} and {show_number(high, kind)}, most likely {show_number(mode, kind)}"
            )
        case Choice(values, _):
            text = f"One of {', '.join(show_number(value, kind) for value in values)}"
        case _:
            return ""
    return f"{text}; shown is the middle. Moving it makes it a certain number."


def range_note(knob: Knob) -> str:
    """A remark beside the label of an uncertain number, empty for a certain one."""
    if not isinstance(knob.stated, Range | Pert | Choice):
        return ""
    ends = knob.stated.values if isinstance(knob.stated, Choice) else (knob.stated.low, knob.stated.high)
    low, high = show_number(min(ends), knob.kind), show_number(max(ends), knob.kind)
    return f"{low.removesuffix(' %') if high.endswith(' %') else low}–{high}"


def show_number(value: float, kind: KnobKind) -> str:
    """A number as its input shows it.

    >>> show_number(0.092, KnobKind.SHARE), show_number(60_000, KnobKind.WHOLE), show_number(1.55, KnobKind.NUMBER)
    ('9.2 %', '60,000', '1.55')
    """
    return f"{100 * value:.3g} %" if kind is KnobKind.SHARE else f"{value:,.6g}"


def share(
    path: Keys,
    label: str,
    stated: Quantity,
    ends: tuple[float, float] = (0.0, 1.0),
    step: float = 0.01,
    also: tuple[tuple[Keys, Any], ...] = (),
) -> Knob:
    """A slider of a share or a rate, wide enough for what the file says."""
    value = round(round(num(stated) / step) * step, 6)
    wide = (float(min(ends[0], value)), float(max(ends[1], value)))
    return Knob(path, label, KnobKind.SHARE, value, stated, wide, step, also=also)


def whole(path: Keys, label: str, stated: Quantity, unit: str = "") -> Knob:
    """A whole number; one with a fraction is shown with it."""
    value = num(stated)
    if abs(value) < 20 and not float(value).is_integer():
        return number(path, label, stated, unit)
    return Knob(path, label, KnobKind.WHOLE, round(value), stated, step=max(1, round(handy(value))), unit=unit)


def number(path: Keys, label: str, stated: Quantity | None, unit: str = "", step: float | None = None) -> Knob:
    """A number with decimals."""
    value = None if stated is None else float(f"{num(stated):.6g}")
    return Knob(path, label, KnobKind.NUMBER, value, stated, step=step or handy(value or 1.0), unit=unit)


def handy(value: float) -> float:
    """A step of about a twentieth of a number: 1, 2 or 5 times a power of ten.

    >>> handy(60_000), handy(2.6), handy(0)
    (2000.0, 0.1, 1.0)
    """
    if value == 0:
        return 1.0
    power = 10.0 ** math.floor(math.log10(abs(value) / 20))
    return max(float(f"{power * next(m for m in (5, 2, 1) if m * power <= abs(value) / 20 * 1.0001):.3g}"), 0.01)


def groups(scenario: Scenario, result: JudgedWorld | None) -> list[KnobGroup]:
    """The inputs of a scenario. Its result tells capacities that the scenario leaves to be estimated."""
    found = [
        KnobGroup("Usage", ":material/trending_up:", tuple(_usage(scenario))),
        KnobGroup(
            "Current price" if is_paid_by_token(scenario.current) else "Current route",
            ":material/sell:",
            (*_price(scenario, result), *_current_upkeep(scenario)),
        ),
    ]
    if scenario.limit is not None:
        limit = tuple(_limit(scenario.limit, scenario))
        found.append(KnobGroup("Limit", ":material/vertical_align_top:", limit))
    for name, candidate in scenario.candidates.items():
        found.append(KnobGroup(name, ":material/swap_horiz:", tuple(_candidate(name, candidate, result)), name))
    return found


def _usage(scenario: Scenario) -> Iterator[Knob]:
    usage, growth = scenario.usage, scenario.usage.growth
    if usage.requests_per_day is not None:
        yield whole(("usage", "requests_per_day"), "Requests a day", usage.requests_per_day)
    if growth.curve in ("constant", "compound", "logistic"):
        also = ((("usage", "growth", "curve"), "compound"),) if growth.curve == "constant" else ()
        path = ("usage", "growth", "per_month")
        yield share(path, "Growth a month", growth.per_month, (-0.1, 0.3), 0.001, also)
    elif growth.curve == "linear":
        yield whole(("usage", "growth", "per_month"), "Requests a day added each month", growth.per_month)
    yield from _curve(growth)
    yield whole(("usage", "input_tokens"), "Input tokens per request", usage.input_tokens)
    yield whole(("usage", "output_tokens"), "Output tokens per request", usage.output_tokens)
    if num(usage.token_growth_per_month):
        creep: Keys = ("usage", "token_growth_per_month")
        yield share(creep, "Growth of tokens a request, a month", usage.token_growth_per_month, (-0.1, 0.2), 0.001)
    yield share(("usage", "cached_input_share"), "Cached share of the input", usage.cached_input_share)


def _curve(growth: Growth) -> Iterator[Knob]:
    """What the shape of growth needs beside a rate."""
    at: Keys = ("usage", "growth")
    if growth.curve == "compound" and num(growth.fade_per_month):
        yield share((*at, "fade_per_month"), "Growth shrinks each month by", growth.fade_per_month, (0.0, 0.3), 0.001)
    if growth.curve == "logistic" and growth.ceiling is not None:
        yield whole((*at, "ceiling"), "Ceiling", growth.ceiling, "requests a day")
    if growth.curve == "bass" and growth.market is not None:
        yield whole((*at, "market"), "Whole market", growth.market, "requests a day")
        yield number((*at, "innovation"), "Adopt unprompted, a month", growth.innovation)
        yield number((*at, "imitation"), "Adopt by imitation, a month", growth.imitation)


def _price(scenario: Scenario, result: JudgedWorld | None) -> Iterator[Knob]:
    current = scenario.current
    if isinstance(current, CurrentGpu):
        yield from _fleet(("current",), current, result)
        return
    if current.endpoint is not None:
        price = current.endpoint.usd_per_hour
        yield number(("current", "endpoint", "usd_per_hour"), "Price of an endpoint", price, "$ an hour")
        return
    if current.usd_per_mtok is not None:
        prices = ("current", "usd_per_mtok")
        yield number((*prices, "input"), "Input price", current.usd_per_mtok.input, "$ per million tokens")
        yield number((*prices, "output"), "Output price", current.usd_per_mtok.output, "$ per million tokens")
    path = ("current", "price_change_per_year")
    yield share(path, "Price change a year", current.price_change_per_year, (-0.6, 0.3))


def _current_upkeep(scenario: Scenario) -> Iterator[Knob]:
    """Who keeps the current route running, where anybody does."""
    upkeep, project = scenario.current.upkeep, scenario.current.project
    if upkeep.engineers:
        yield number(("current", "upkeep", "engineers"), "Engineers of its upkeep", upkeep.engineers, step=0.5)
        pay = ("current", "project", "usd_per_engineer_month")
        yield whole(pay, "Their cost", project.usd_per_engineer_month, "$ a month each")


def _limit(limit: Limit, scenario: Scenario) -> Iterator[Knob]:
    if limit.share_of_revenue is not None:
        yield share(("limit", "share_of_revenue"), "Limit, share of revenue", limit.share_of_revenue, step=0.005)
        yield whole(("revenue", "usd_per_month"), "Revenue", scenario.revenue.usd_per_month, "$ a month")
    if limit.usd_per_month is not None:
        yield whole(("limit", "usd_per_month"), "Limit", limit.usd_per_month, "$ a month")
    if limit.usd_per_1000_requests is not None:
        yield number(("limit", "usd_per_1000_requests"), "Limit", limit.usd_per_1000_requests, "$ per 1,000 requests")


def _candidate(name: str, candidate: Candidate, result: JudgedWorld | None) -> Iterator[Knob]:
    at: Keys = ("candidates", name)
    yield share((*at, "coverage"), "Share of requests it takes over", candidate.coverage)
    if isinstance(candidate, GpuCandidate):
        yield from _fleet(at, candidate, result)
    elif isinstance(candidate, HostedCandidate) and candidate.endpoint is not None:
        yield number(
            (*at, "endpoint", "usd_per_hour"), "Price of an endpoint", candidate.endpoint.usd_per_hour, "$ an hour"
        )
    elif candidate.usd_per_mtok is not None:
        prices = (*at, "usd_per_mtok")
        yield number((*prices, "input"), "Input price", candidate.usd_per_mtok.input, "$ per million tokens")
        yield number((*prices, "output"), "Output price", candidate.usd_per_mtok.output, "$ per million tokens")
    project = candidate.project
    yield number((*at, "project", "engineers"), "Engineers on the project", project.engineers, step=0.5)
    if num(project.examples) or num(project.usd_per_example):
        yield whole((*at, "project", "examples"), "Labelled examples", project.examples)


def _fleet(at: Keys, candidate: OwnRoute, result: JudgedWorld | None) -> Iterator[Knob]:
    fleet = candidate.fleet
    if fleet.purchase_usd_per_gpu is not None:
        yield whole((*at, "fleet", "purchase_usd_per_gpu"), "Price of a GPU", fleet.purchase_usd_per_gpu, "$")
    else:
        price = fleet.usd_per_gpu_hour
        if price is None and fleet.gpu is not None:
            price = rented_as(fleet).usd_per_gpu_hour
        yield number((*at, "fleet", "usd_per_gpu_hour"), "GPU rent", price, "$ an hour")
    capacity = fleet.requests_per_second_per_replica
    unit = "requests a second"
    if capacity is None:
        capacity = _estimated_capacity(at, result)
        capacity, unit = (capacity or None), f"{unit}, estimated"
    elif fleet.measured_at is not None:
        measured = (fleet.measured_at.input_tokens, fleet.measured_at.output_tokens)
        unit = f"{unit}, measured at {measured[0]:,.6g} tokens in, {measured[1]:,.6g} out"
    yield number((*at, "fleet", "requests_per_second_per_replica"), "Capacity of a replica", capacity, unit)


def _estimated_capacity(at: Keys, result: JudgedWorld | None) -> float | None:
    """Requests a second that a replica carries, as it was simulated."""
    if result is None:
        return None
    if at != ("current",):
        return result.case.outlook(str(at[1])).capacity
    carrier = result.case.setting.beside_tokens.carrier
    return None if carrier is None else float(carrier.sizing.capacity[0])


def notes(result: JudgedWorld) -> None:
    """What could turn the answer as a warning, all else in small print with its place."""
    for note in result.notes:
        if note.turns:
            st.warning(note_words(note), icon=":material/visibility:")
        else:
            st.caption(f":material/visibility: {note_words(note)} {plain(dotted_path(note.path))}")


Originals = Mapping[Keys, Knob]


def draw(view: View) -> None:
    """Draw the groups; only those that are open are filled."""
    assert view.loaded is not None
    number_format_note()
    scenario = view.edited or view.loaded.scenario
    originals = original_knobs(view.loaded) if view.draft.changes else {}
    for place, group in enumerate(groups(scenario, view.result)):
        _group(group, view, originals, expanded=place == 0)
    draw_dated_rows(view)
    draw_decision(view)


def original_knobs(loaded: Loaded) -> dict[Keys, Knob]:
    """The inputs of the scenario as it is on the shelf, by path."""
    return {knob.path: knob for group in groups(loaded.scenario, None) for knob in group.knobs}


def _group(group: KnobGroup, view: View, originals: Originals, *, expanded: bool) -> None:
    box = fold(plain(group.title), group.key, group.icon, expanded=expanded)
    if box.open:
        with box:
            group_inputs.above(view, group.title, group.name)
            for knob in group.knobs:
                typed, original = _with_typed(knob, view), originals.get(knob.path)
                _knob(typed, view, original)
                _thousandth_note(typed, original)
                beside(view.base, *knob.paths)
            group_inputs.below(view, group.title, group.name)


def _thousandth_note(knob: Knob, original: Knob | None) -> None:
    """Asks of a number that is about a thousandth of the file's whether a point was typed between thousands."""
    before, now = (each.value if each is not None else None for each in (original, knob))
    if before and now and knob.kind is not KnobKind.SHARE and FEWEST_TIMES <= before / now <= MOST_TIMES:
        told = f"That is {now:,.6g}, about a thousandth of what the file says. If {1000 * now:,.6g} was meant"
        st.caption(f":material/visibility: {told}, type it without a point.")


def _with_typed(knob: Knob, view: View) -> Knob:
    """The input with what was typed, where that makes no scenario."""
    raw = value_at(view.tree, knob.path)
    if view.edited is not None or isinstance(raw, bool) or not isinstance(raw, int | float):
        return knob
    value = round(raw) if knob.kind is KnobKind.WHOLE else float(raw)
    return replace(knob, value=value, stated=float(raw))


def _knob(knob: Knob, view: View, original: Knob | None) -> None:
    """Draw one input.

    Its value is stated twice, as what the session holds and as what it begins with: a browser that missed the first
    shows the second, and never hands back the smallest value that there may be.
    """
    assert view.loaded is not None
    key = key_shown(knob.key, knob.widget_value)
    # A candidate that was added here has its bounds in the tree that it was added to, not in the file.
    label, tree = _label(knob, view, original), view.loaded.tree if view.edited is None else view.tree
    shared: dict[str, Any] = {
        "key": key,
        "help": plain(" ".join(filter(None, (knob.help(tree), remark_words(view.loaded, knob.path))))),
        "on_change": if_shown(knob.key, key, _take_choice),
        "args": (knob, key),
    }
    if knob.kind is KnobKind.SHARE:
        low, high, step = (round(100 * each, 6) for each in (*knob.ends, knob.step))
        st.slider(label, low, high, value=knob.widget_value, step=step, format="%.4g %%", **shared)
        return
    bounds = knob.bounds(tree)
    low = bounds.low if bounds.above is None else bounds.above
    if knob.kind is KnobKind.WHOLE:
        st.number_input(label, int(low), int(bounds.high), knob.value, step=int(knob.step), **shared)
        return
    st.number_input(label, float(low), float(bounds.high), knob.value, float(knob.step), "%.4g", **shared)


def _label(knob: Knob, view: View, original: Knob | None) -> str:
    """Label with unit and range, or with what it was."""
    was = ""
    if knob.path in view.draft.changes and original is not None:
        told = range_note(original) or (
            "estimated" if original.value is None else show_number(original.value, original.kind)
        )
        was = f"was {told}"
    note = ", ".join(filter(None, [knob.unit, was or range_note(knob)]))
    return plain(knob.label) + (f" :gray[{plain(note)}]" if note else "")


def _take_choice(knob: Knob, key: str) -> None:
    """Take over what was chosen; what the scenario shows already is no change."""
    typed = st.session_state[key]
    value = round(typed / 100, 9) if typed is not None and knob.kind is KnobKind.SHARE else typed
    loaded = session.base().loaded
    original = original_knobs(loaded).get(knob.path) if loaded else None
    if original is not None and (value is None or value == original.value):
        session.reset(*original.paths)
    elif value is None:
        session.reset(*knob.paths)
    else:
        session.edit(knob.values(value))
