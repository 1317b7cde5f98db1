"""The app in a real browser: sliders move dates, links carry everything, pages keep numbers, visitors do not meet."""

import re
import tomllib
from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import BrowserContext, Page, expect

from switchpoint.scenario.toml_writer import examples
from switchpoint.ui.draft_changes import pack_changes
from tests.browser.conftest import Visit, settle, wait_until
from tests.hostile_names import HOST, IMAGE, hostile_text

pytestmark = pytest.mark.browser

CHART = "[data-testid=stVegaLiteChart] :is(canvas, svg)"
PAGES = {
    "Your data": "What do your own data say?",
    "Uncertainty": "How sure is it?",
    "Serving": "Can it be served?",
    "Compare": "What makes the difference?",
    "Assumptions": "What is assumed?",
    "Export": "What to hand over?",
    "Decide": "Start own-8b now",
}
Open = Callable[..., Visit]


def headline(page: Page) -> str:
    page.locator(f"{CHART}, [data-testid=stException]").first.wait_for()
    assert page.get_by_test_id("stException").all_inner_texts() == []
    return page.get_by_role("heading", level=1).first.inner_text()


def requests_a_day(page: Page) -> Any:
    return page.get_by_test_id("stSidebar").get_by_role("spinbutton", name="Requests a day")


def set_requests(page: Page, value: str) -> None:
    settle(page)
    box = requests_a_day(page)
    box.fill(value)
    box.press("Enter")
    page.get_by_text("1 number changed").first.wait_for()
    wait_until(page, "() => /(changes|file)=/.test(location.search)")


def turn_to(page: Page, name: str) -> None:
    page.get_by_test_id("stTopNavLink").filter(has_text=name).click()
    page.get_by_role("heading", level=1).filter(has_text=PAGES[name]).wait_for()


def clean(*visits: Visit) -> None:
    for visit in visits:
        assert (visit.exceptions, visit.problems) == ([], [])


def test_a_slider_moves_the_dates_and_back_takes_it_back(tab: Visit) -> None:
    before = headline(tab.page)
    growth = tab.page.locator("[data-testid=stSlider]").first.get_by_role("slider")
    growth.focus()
    growth.press("ArrowLeft")
    wait_until(tab.page, "() => location.search.includes('changes=')")
    heading = tab.page.get_by_role("heading", level=1).first
    expect(heading).not_to_have_text(before)
    settle(tab.page)
    tab.page.go_back()
    expect(heading).to_have_text(before, timeout=60_000)
    tab.page.get_by_text("1 number changed").first.wait_for(state="detached")
    clean(tab)


def test_a_story_of_the_gallery_and_a_link_that_carries_everything_to_another_browser(
    open_app: Open, new_context: Callable[[], BrowserContext]
) -> None:
    visit = open_app()
    headline(visit.page)
    visit.page.get_by_role("button", name="See a story").click()
    card = visit.page.get_by_role("dialog").locator("[data-testid=stVerticalBlock]").filter(has_text="Voice agent")
    card.get_by_role("button", name="Open", exact=True).last.click()
    wait_until(visit.page, "() => location.search === '?scenario=Voice+agent'")
    expect(requests_a_day(visit.page)).to_have_value("400000")
    set_requests(visit.page, "90000")
    settle(visit.page)
    changed = headline(visit.page)
    visit.page.get_by_role("button", name="Share", exact=True).click()
    link = visit.page.get_by_test_id("stCode").inner_text()
    assert link == visit.page.evaluate("location.href")
    other = Visit(new_context().new_page())
    other.page.goto(link)
    assert headline(other.page) == changed
    expect(requests_a_day(other.page)).to_have_value("90000")
    other.page.get_by_role("button", name="Reset to the file").click()
    expect(requests_a_day(other.page)).to_have_value("400000")
    assert other.requests_elsewhere == []
    clean(visit, other)
    other.page.close()


def test_a_dialog_stays_open_when_a_slow_answer_comes_and_closes_for_good(tab: Visit) -> None:
    headline(tab.page)
    set_requests(tab.page, "61234")
    tab.page.get_by_role("button", name="Share", exact=True).click()
    tab.page.get_by_text("Watch these.").wait_for()
    settle(tab.page)
    expect(tab.page.get_by_test_id("stCode")).to_be_visible()
    tab.page.keyboard.press("Escape")
    expect(tab.page.get_by_role("dialog")).to_have_count(0)
    set_requests(tab.page, "61235")
    settle(tab.page)
    expect(tab.page.get_by_role("dialog")).to_have_count(0)
    clean(tab)


def test_pages_keep_the_numbers_and_show_no_error(tab: Visit) -> None:
    headline(tab.page)
    set_requests(tab.page, "61000")
    tab.page.get_by_text("Current price", exact=True).click()
    drift = tab.page.get_by_text("Price change a year")
    drift.wait_for()
    for name in PAGES:
        turn_to(tab.page, name)
        drift.wait_for()
        expect(requests_a_day(tab.page)).to_have_value("61000")
    tab.page.get_by_text("What would change this").wait_for()
    wait_until(tab.page, "() => location.search.includes('changes=')")
    clean(tab)


def test_slow_answers_come_by_themselves(tab: Visit) -> None:
    headline(tab.page)
    tab.page.get_by_text("Each number moved alone").wait_for()
    assert tab.page.get_by_text(re.compile("the advice becomes|no candidate keeps the limit")).count()
    turn_to(tab.page, "Serving")
    tab.page.get_by_text("One replica of own-8b carries").wait_for()
    tab.page.locator(CHART).nth(3).wait_for()
    turn_to(tab.page, "Compare")
    set_requests(tab.page, "90000")
    tab.page.get_by_text("With higher usage at the start").wait_for()
    clean(tab)


def test_two_visitors_do_not_meet(tab: Visit, open_app: Open) -> None:
    one = tab
    before = headline(one.page)
    other = open_app()
    assert headline(other.page) == before
    set_requests(one.page, "200000")
    other.page.get_by_role("tab", name="Savings").click()
    other.page.get_by_text(re.compile("has paid for itself")).first.wait_for()
    assert headline(other.page) == before
    assert requests_a_day(other.page).input_value() == "60000"
    clean(one, other)


def test_a_bad_and_a_good_file_and_a_download(tab: Visit) -> None:
    visit = tab
    headline(visit.page)
    visit.page.get_by_test_id("stPopover").get_by_role("button").click()
    bad = {"name": "mine.toml", "mimeType": "application/toml", "buffer": b"start = 2027-01-01\nmounths = 3\n"}
    visit.page.locator("input[type=file]").set_input_files(bad)
    visit.page.get_by_text("mine.toml:2: mounths: is not a known key; did you mean months?").wait_for()
    assert headline(visit.page).startswith("Start own-8b now")
    text = examples()["voice-agent"].read_text(encoding="utf-8").replace('"Voice agent"', '"Our agent"')
    visit.page.keyboard.press("Escape")
    turn_to(visit.page, "Assumptions")
    good = {"name": "ours.toml", "mimeType": "application/toml", "buffer": text.encode()}
    visit.page.locator("input[type=file]").set_input_files(good)
    expect(requests_a_day(visit.page)).to_have_value("400000")
    set_requests(visit.page, "123000")
    settle(visit.page)
    with visit.page.expect_download() as downloading:
        visit.page.get_by_role("button", name="Download the scenario").click()
    assert downloading.value.suggested_filename == "our-agent.toml"
    saved = downloading.value.path().read_text(encoding="utf-8")
    assert tomllib.loads(saved)["usage"]["requests_per_day"] == 123_000
    assert "# " in saved
    turn_to(visit.page, "Export")
    with visit.page.expect_download() as downloading:
        visit.page.get_by_role("button", name="Download workbook").click()
    assert downloading.value.suggested_filename == "our-agent.xlsx"
    assert downloading.value.path().read_bytes()[:2] == b"PK"
    clean(visit)


def test_names_of_a_link_are_text_and_ask_for_nothing(open_app: Open) -> None:
    """Each page of a link whose every name is a picture, an address or HTML; what left this machine fails the test."""
    told = unfolded(hostile_text(f"{IMAGE}<img src=//{HOST}/e>www.{HOST}"))
    visit = open_app(f"?file={told}")
    for page in ("", "serving", "compare", "assumptions", "uncertainty", "export"):
        if page:
            visit.page.get_by_test_id("stTopNavLink").filter(has_text=page.capitalize()).click()
            wait_until(visit.page, "page => location.pathname.endsWith(page)", page)
        visit.page.get_by_test_id("stSidebar").get_by_text("Usage").first.wait_for()
        visit.page.wait_for_timeout(1000)
        settle(visit.page)
        assert visit.page.locator(f"img[src*='{HOST}'], a[href*='{HOST}']").count() == 0
        assert visit.page.get_by_text(HOST).count() > 0
        assert visit.exceptions == []
        assert visit.requests_elsewhere == []


def unfolded(text: str) -> str:
    """A scenario as a link carries it."""
    return pack_changes({(key,): value for key, value in tomllib.loads(text).items()})
