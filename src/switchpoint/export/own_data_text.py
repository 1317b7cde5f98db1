"""What own usage and bills say, as pages: a fit, a watch and a replay, as text, Markdown or one HTML file."""

from __future__ import annotations

import html
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from switchpoint.export.plain_tables import as_text, in_bytes, table
from switchpoint.finance import WINDOW
from switchpoint.owndata.day_profile import Ranged
from switchpoint.owndata.fit_scenario import fitted_changes, fitted_text, new_text, taken_out
from switchpoint.owndata.own_fit import OwnFit
from switchpoint.owndata.replaying import Replay, ReplayedWeek
from switchpoint.owndata.watch_lines import filled_part, watch_lines
from switchpoint.owndata.watching import BillWatch
from switchpoint.scenario.errors import Keys, ScenarioError
from switchpoint.scenario.input_names import value_with_unit
from switchpoint.scenario.load import Loaded
from switchpoint.text import count, day, few_days, percent, usd

LABELS: Mapping[str, str] = {
    "requests_per_day": "requests a day",
    "input_tokens": "input tokens a request",
    "output_tokens": "output tokens a request",
    "cached_input_share": "cached part of the input",
    "token_growth_per_month": "drift of tokens a month",
    "weekday_profile": "weekdays, Monday first",
    "hourly_profile": "hours of the day",
    "daily_noise": "noise of a day",
    "daily_noise_carryover": "noise carried over",
    "curve": "growth curve",
    "per_month": "growth a month",
    "fade_per_month": "fade of growth a month",
    "ceiling": "ceiling, requests a day",
    "wander": "growth in the draws",
}
SHARES = ("cached_input_share", "token_growth_per_month", "per_month", "fade_per_month")
"""Fields that are told in percent."""


def fit_page(fit: OwnFit) -> str:
    """A fit as text."""
    parts = [
        "What was read\n" + bullet_list(fit.read.read_list()),
        "Usage, as a scenario states it\n" + _usage(fit),
        "Price\n" + bullet_list(price_lines(fit)),
        "The bill of the months ahead\n" + _forecast(fit),
        "What these files cannot tell\n" + bullet_list(fit.cannot_tell),
    ]
    return "\n\n".join(parts) + "\n"


def _usage(fit: OwnFit) -> str:
    rows = fit_rows(fit)
    return table(rows) if len(rows) > 1 else "- nothing: these files count neither requests nor tokens"


def bullet_list(lines: Sequence[str]) -> str:
    """Lines as a list, "nothing" where there are none."""
    return "\n".join(f"- {line}" for line in lines) if lines else "- nothing"


def fit_rows(fit: OwnFit) -> list[list[str]]:
    """Rows of a table: what, the value with its range, and why."""
    numbers = fit.usage.numbers
    rows = [["", "value", "why"]]
    linear = numbers.values.get(("usage", "growth", "curve")) == "linear"
    for path, value in numbers.values.items():
        rows.append([_label(path, linear), value_words(path, value, linear), numbers.reasons[path]])
    return rows


def _label(path: Keys, linear: bool) -> str:
    name = str(path[-1])
    return "requests a day added each month" if linear and name == "per_month" else LABELS.get(name, name)


def value_words(path: Keys, value: Any, linear: bool = False) -> str:
    """A fitted value as a person would say it."""
    name = str(path[-1])
    as_share = name in SHARES and not (linear and name == "per_month")
    if isinstance(value, dict):
        ends = [_number(value[end], as_share) for end in ("low", "high")]
        likeliest = f", likeliest {_number(value['mode'], as_share)}" if "mode" in value else ""
        told = f"about {ends[0]}" if ends[0] == ends[1] else f"{ends[0]} to {ends[1]}"
        return f"{told}{likeliest}"
    if isinstance(value, list):
        return ", ".join(f"{each:g}" for each in value) if len(value) < 10 else "24 weights"
    return _number(value, as_share) if isinstance(value, (int, float)) else str(value)


def _number(value: float, as_share: bool) -> str:
    if as_share:
        return percent(value)
    return count(value) if abs(value) >= 10 else f"{value:.3g}"


def price_lines(fit: OwnFit) -> list[str]:
    """The bill, the effective price against the catalogue's, and what may explain a gap."""
    price = fit.price
    lines = []
    if price.usd_per_month is not None:
        by = "" if price.is_billed else ", at the catalogue's prices"
        last = few_days(min(fit.history.days, WINDOW))
        filled = filled_part(price.filled_lately)
        lines.append(f"the bill of the last {last} is {usd(price.usd_per_month)} a month{by}{filled}")
    for words, value in (("billed", price.effective), ("by the catalogue", price.list_price)):
        if value is not None:
            lines.append(f"{words}: {usd(value)} per million tokens, all kinds together")
    if fit.retries is not None:
        lines.append(_retry_words(fit.retries))
    return lines + price.explain_gap()


def _retry_words(retries: Ranged) -> str:
    if not retries.middle:
        return "no tokens were spent on calls that failed, so a scenario has no retries"
    low, middle, high = (percent(each) for each in (retries.low, retries.middle, retries.high))
    told = "" if low == high else f" ({low} to {high})"
    return f"retries: {middle}{told}, tokens of calls that failed over those of all others"


def no_forecast_words(fit: OwnFit) -> str:
    """Why no bill is foretold."""
    known = fit.price.usd_per_month is not None
    lacks = "fewer than two whole weeks of dollars are known" if known else "no dollars are known"
    return f"{lacks}, so no bill is foretold"


def _forecast(fit: OwnFit) -> str:
    if not fit.forecast:
        return f"- {no_forecast_words(fit)}"
    rows = [["month", "low", "middle", "high"]]
    rows += [[f"{each.month:%B %Y}", usd(each.low), usd(each.mid), usd(each.high)] for each in fit.forecast]
    return f"{table(rows)}\n{backtest_words(fit)}"


def backtest_words(fit: OwnFit) -> str:
    """How forecasts of a quarter came out, in a sentence."""
    found = fit.backtest
    band = "Low and high hold in 80 % of what may come."
    if found is None:
        return f"{band} There are too few weeks to say how well a quarter was foretold."
    return (
        f"{band} A quarter ahead such forecasts of these days were off by {percent(found['mape'])} in the middle "
        f"(the last growth rate, carried on: {percent(found['naive_mape'])}), and the band held in "
        f"{percent(found['coverage'])} of the tries."
    )


def fit_files(fit: OwnFit, loaded: Loaded | None) -> dict[str, bytes]:
    """The files of `fit --out`: page, JSON, the scenario and the chart, as far as there is something to write."""
    from switchpoint.charts.forecast_fans import forecast_chart
    from switchpoint.export.pictures import chart_files
    from switchpoint.owndata.watched_bill import RealBill

    told = {"fit.json": as_text(fit.as_json), "fit.txt": fit_page(fit)}
    try:
        told["scenario.toml"] = fitted_text(fit, loaded) if loaded is not None else new_text(fit, "own-usage")
        gone = [] if loaded is None else taken_out(fit, fitted_changes(fit, loaded.scenario), loaded.tree)
        told["fit.txt"] += f"\nThe scenario\n{bullet_list(gone)}\n" if gone else ""
    except ScenarioError as error:
        told["fit.txt"] += f"\nNo scenario was written:\n{error}\n"
    files = in_bytes(told)
    if fit.forecast:
        bill = None if fit.scenario is None or not fit.scenario.limited else RealBill(fit.history, fit.scenario)
        files |= chart_files({"forecast": forecast_chart(fit, bill)})
    return files


def watch_page(watch: BillWatch) -> str:
    """A watch as text."""
    lines = [f"As of {day(watch.as_of)}: {watch.sentence}", ""]
    lines.append(table([[label, value] for label, value in watch_lines(watch)]))
    if watch.checked_wires:
        lines += ["", "Tripwires", table(_wire_rows(watch))]
    return "\n".join(lines) + "\n"


def _wire_rows(watch: BillWatch) -> list[list[str]]:
    rows = [["", "now", "threshold", ""]]
    for each in watch.checked_wires:
        unit, crossed = each.wire.unit, "crossed" if each.is_crossed else ""
        now = "not known" if each.now is None else value_with_unit(each.now, unit, bare=True)
        rows.append([each.wire.name, now, value_with_unit(each.wire.threshold, unit), crossed])
    return rows


def watch_markdown(watch: BillWatch, changes: Sequence[str]) -> str:
    """A watch as Markdown."""
    lines = [f"# {_plain(watch.sentence)}", "", f"As of {day(watch.as_of)}.", "", "| | |", "| --- | --- |"]
    lines += [f"| {_plain(label)} | {_plain(value)} |" for label, value in watch_lines(watch)]
    if changes:
        lines += ["", "## Changes", "", *(f"- {_plain(each)}" for each in changes)]
    if watch.checked_wires:
        lines += ["", "## Tripwires", "", "| | now | threshold | |", "| --- | --- | --- | --- |"]
        lines += [f"| {' | '.join(map(_plain, row))} |" for row in _wire_rows(watch)[1:]]
    return "\n".join(lines) + "\n"


def _plain(text: str) -> str:
    return text.replace("|", "\\|").replace("<", "&lt;").replace("\n", " ")


STYLE = (
    "body{font:16px/1.5 'Source Sans','Liberation Sans',Arial,sans-serif;color:#1b2430;max-width:60rem;"
    "margin:2rem auto;padding:0 1rem}h1{font-size:1.4rem}td{padding:.2rem 1.5rem .2rem 0}td:first-child{color:#5a6675}"
)


def watch_html(watch: BillWatch, changes: Sequence[str]) -> str:
    """A watch as one HTML file that needs nothing else."""
    parts = [
        "<!doctype html><html lang='en'><head><meta charset='utf-8'><title>Switchpoint: watch</title>",
        f"<style>{STYLE}</style></head><body><h1>{html.escape(watch.sentence)}</h1>",
        f"<p>As of {day(watch.as_of)}.</p>",
        _html_table(watch_lines(watch)),
    ]
    if changes:
        items = "".join(f"<li>{html.escape(each)}</li>" for each in changes)
        parts.append(f"<h2>Changes</h2><ul>{items}</ul>")
    if watch.checked_wires:
        parts.append(f"<h2>Tripwires</h2>{_html_table(_wire_rows(watch))}")
    return "".join([*parts, "</body></html>\n"])


def _html_table(rows: Sequence[Sequence[str]]) -> str:
    lines = ("".join(f"<td>{html.escape(cell)}</td>" for cell in row) for row in rows)
    return f"<table>{''.join(f'<tr>{line}</tr>' for line in lines)}</table>"


def replay_page(replay: Replay) -> str:
    """A replay as text: the sentence, and the Mondays on which something changed."""
    rows = [["Monday", "months to the limit", "state", "call", "came true in"]]
    rows += [list(_week_row(week)) for week in _turns(replay.weeks)]
    until = "" if replay.threat is None else ", until the limit was reached"
    note = f"Mondays on which state or call changed{until}; --json has every week."
    doubts = f"\nTo look at\n{bullet_list(replay.bill.doubts)}\n" if replay.bill.doubts else ""
    return f"{replay.sentence}\n\n{table(rows)}\n\n{note}\n{doubts}"


def _turns(weeks: Sequence[ReplayedWeek]) -> Iterator[ReplayedWeek]:
    before = None
    for week in weeks:
        now = (week.state, week.call_word)
        is_reached = week.true_months == 0
        if now != before or week is weeks[-1] or is_reached:
            yield week
        if is_reached:
            return
        before = now


def _week_row(week: ReplayedWeek) -> Iterator[str]:
    yield day(week.monday)
    band = [week.months_to_limit, week.low, week.high]
    unseen = "not known" if week.state is None else "over 24"
    middle, low, high = (unseen if each is None else f"{each:.1f}" for each in band)
    yield middle if week.state is None else f"{middle} ({low} to {high})"
    yield week.state or "not known"
    yield week.call_word
    came = "not reached" if week.true_months is None else f"{week.true_months:.1f} months"
    yield "reached" if week.true_months == 0 else came


def replay_files(replay: Replay) -> dict[str, bytes]:
    """The files of `replay --out`: page, JSON and chart."""
    from switchpoint.charts.forecast_fans import replayed_chart
    from switchpoint.export.pictures import chart_files

    files = in_bytes({"replay.json": as_text(replay.as_json), "replay.txt": replay_page(replay)})
    return files | chart_files({"replay": replayed_chart(replay)})
