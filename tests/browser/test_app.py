"""The first page in a real browser: a slider moves a date, a link carries it, two visitors do not meet."""

import re
from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Page, expect

pytestmark = pytest.mark.browser

CHART = "[data-testid=stVegaLiteChart] :is(canvas, svg)"
Open = Callable[..., Any]


def headline(page: Page) -> str:
    page.locator(f"{CHART}, [data-testid=stException]").first.wait_for()
    assert page.get_by_test_id("stException").all_inner_texts() == []
    return page.get_by_role("heading", level=3).first.inner_text()


def requests_a_day(page: Page) -> Any:
    return page.get_by_role("spinbutton", name="Requests a day")


def set_requests(page: Page, value: str) -> None:
    box = requests_a_day(page)
    box.fill(value)
    box.press("Enter")


def test_a_slider_moves_the_date_and_the_address(open_app: Open) -> None:
    visit = open_app()
    before = headline(visit.page)
    growth = visit.page.locator("[data-testid=stSlider]").first.get_by_role("slider")
    growth.focus()
    growth.press("ArrowLeft")
    visit.page.wait_for_function("() => location.search.includes('usage.growth.per_month')")
    visit.page.get_by_text("1 number changed").wait_for()
    assert headline(visit.page) != before
    assert (visit.exceptions, visit.problems) == ([], [])


def test_a_link_carries_the_numbers_and_reset_forgets_them(open_app: Open) -> None:
    visit = open_app()
    before = headline(visit.page)
    set_requests(visit.page, "90000")
    visit.page.get_by_text("1 number changed").wait_for()
    changed = headline(visit.page)
    again = open_app(visit.page.evaluate("location.search"))
    assert headline(again.page) == changed
    assert requests_a_day(again.page).input_value() == "90000"
    again.page.get_by_role("button", name="Reset to the file").click()
    again.page.wait_for_function("() => !location.search.includes('requests')")
    expect(again.page.get_by_role("heading", level=3).first).to_have_text(before)
    assert visit.problems == again.problems == []


def test_two_visitors_do_not_meet(open_app: Open) -> None:
    one = open_app()
    before = headline(one.page)
    other = open_app()
    assert headline(other.page) == before
    set_requests(one.page, "200000")
    one.page.get_by_text("1 number changed").wait_for()
    other.page.get_by_role("tab", name="Savings").click()
    other.page.get_by_text(re.compile("has paid for itself")).first.wait_for()
    assert headline(other.page) == before
    assert requests_a_day(other.page).input_value() == "60000"


def test_another_example_brings_its_own_numbers_to_the_address(open_app: Open) -> None:
    visit = open_app()
    headline(visit.page)
    set_requests(visit.page, "90000")
    visit.page.get_by_text("1 number changed").wait_for()
    visit.page.get_by_role("combobox").first.click()
    visit.page.get_by_role("option", name="Voice agent").click()
    visit.page.wait_for_function("() => location.search === '?scenario=Voice+agent'")
    expect(requests_a_day(visit.page)).to_have_value("400000")


@pytest.mark.parametrize("tab", ["Monthly bill", "Per 1,000 requests", "Savings", "Project plan"])
def test_every_chart_is_drawn_in_its_tab(open_app: Open, tab: str) -> None:
    visit = open_app()
    headline(visit.page)
    visit.page.get_by_role("tab", name=tab).click()
    visit.page.wait_for_function(
        """chart => [...document.querySelectorAll(`[role=tabpanel] ${chart}`)]
            .map(node => node.getBoundingClientRect()).some(box => box.width > 700 && box.height > 200)""",
        arg=CHART,
    )
    visit.page.wait_for_function("tab => document.querySelector('[aria-selected=true]').innerText === tab", arg=tab)
    assert (visit.exceptions, visit.problems) == ([], [])


@pytest.mark.parametrize("width", [390, 1280])
def test_nothing_sticks_out_of_the_page(open_app: Open, width: int) -> None:
    visit = open_app()
    visit.page.set_viewport_size({"width": width, "height": 800})
    headline(visit.page)
    main = visit.page.get_by_test_id("stMain")
    assert main.evaluate("node => node.scrollWidth") <= width
    chart = visit.page.locator(CHART).first.bounding_box()
    assert chart["x"] >= 0
    assert chart["x"] + chart["width"] <= width


def test_a_bad_file_is_answered_line_by_line(open_app: Open) -> None:
    visit = open_app()
    headline(visit.page)
    visit.page.get_by_role("button", name="Open your own scenario").click()
    bad = {"name": "mine.toml", "mimeType": "application/toml", "buffer": b"start = 2027-01-01\nmounths = 3\n"}
    visit.page.locator("input[type=file]").set_input_files(bad)
    visit.page.get_by_text("mine.toml:2: mounths: is not a known key; did you mean months?").wait_for()
    assert headline(visit.page).startswith("Start own-8b by")
    assert (visit.exceptions, visit.problems) == ([], [])
