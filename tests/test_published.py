"""Published break-evens and prices, restated as scenario files, come out as printed."""

from datetime import date, timedelta

import pytest

from switchpoint.decision.case import simulate
from switchpoint.decision.result import JudgedWorld
from switchpoint.scenario.catalogue_check import load_checked
from tools import validation
from tools.published import CASES, FOLDER, SOURCES, Case, hours_to_payback


def name(case: Case) -> str:
    return f"{case.file}: {case.what}"


@pytest.mark.parametrize("case", CASES, ids=name)
def test_comes_out_as_printed(case: Case) -> None:
    says = case.says
    if isinstance(case.printed, str) or isinstance(says, str):
        assert says == case.printed
    else:
        assert says == pytest.approx(case.printed, rel=0, abs=case.within)


def test_every_file_has_its_source_and_its_cases() -> None:
    files = {path.stem for path in FOLDER.glob("*.toml")}
    assert files == set(SOURCES) == {case.file for case in CASES}


@pytest.mark.parametrize("file", sorted(SOURCES))
def test_every_file_begins_with_what_was_published(file: str) -> None:
    lines = (FOLDER / f"{file}.toml").read_text(encoding="utf-8").splitlines()
    assert lines[0].startswith("#:schema ")
    assert lines[1].startswith("# Published: ")


def told(file: str, *settings: str) -> JudgedWorld:
    return JudgedWorld(simulate(load_checked(FOLDER / f"{file}.toml", settings).scenario))


def test_lenovo_prints_its_months_at_720_hours() -> None:
    assert round(hours_to_payback(told("lenovo-lp2225")) / 720, 1) == 11.9


@pytest.mark.parametrize("days", [30, 100, 350])
def test_lenovo_with_a_price_cut_on_the_way(days: int) -> None:
    """Bought so many days before the cut: each hour until then saves $97.45, each one after it $32.13."""
    cut = date(2025, 1, 1) + timedelta(days=days)
    changed = told("lenovo-lp2225", f"current.price_changes=[{{ date = {cut}, factor = {33 / 98.32!r} }}]")
    before = 24 * days
    hours = before + (833_806 - before * (98.32 - 0.87)) / (33 - 0.87)
    assert hours_to_payback(changed) == pytest.approx(hours, rel=1e-9)


def test_a_box_that_cannot_make_the_tokens_never_saves() -> None:
    """At $1.20 the price would be right from 14,136 million tokens a month on, which is nine times what it makes."""
    result = told("ict-break-even", "current.usd_per_mtok.output=1.2", "usage.requests_per_day=1_000_000")
    (own,) = result.case.outlooks
    assert not own.possible
    assert own.npv_saving < 0
    assert result.verdict.action.value == "stay"
    assert "not possible" in result.sentence


def test_break_even_is_found_from_whatever_level_one_starts() -> None:
    """At $12 and 60 % the box saves from 1,413.6 to 2,313.7 million tokens a month; 1,390 doubled is beyond."""
    settings = ("current.usd_per_mtok.output=12", "candidates.own.fleet.target_utilisation=0.6")
    per_day = 1_390_000 / 30.4375
    result = told("ict-break-even", *settings, f"usage.requests_per_day={per_day!r}")
    assert result.flips_at == pytest.approx(1_413_600 / 30.4375, rel=1e-6)


def test_the_page_says_what_comes_out() -> None:
    """`python -m tools.validation` writes docs/validation.md anew."""
    assert validation.stale() == []
