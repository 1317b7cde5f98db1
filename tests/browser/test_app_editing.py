"""A meeting in a real browser: a model changed, a candidate added, something supposed, a variant saved, a reload."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import Visit, settle, wait_until
from tests.browser.test_app import headline, requests_a_day

pytestmark = pytest.mark.browser

Open = Callable[..., Visit]
IN_VIEW = """node => {
    const box = node.getBoundingClientRect();
    const seen = document.elementFromPoint(box.x + box.width / 2, box.y + box.height / 2);
    return box.top >= 0 && box.bottom <= innerHeight && (node.contains(seen) || seen.contains(node));
}"""


def choose(page: Page, box: str, words: str) -> None:
    """Type part of a choice into a list and take the first one."""
    page.get_by_role("combobox", name=box).fill(words)
    page.get_by_role("option").first.click()
    settle(page)


def press(page: Page, name: str) -> None:
    page.get_by_role("button", name=name, exact=True).first.click()
    settle(page)


def test_a_meeting_edits_supposes_saves_and_reloads(open_app: Open) -> None:
    visit = open_app()
    page = visit.page
    before = headline(page)
    page.get_by_text("Current price", exact=True).click()
    press(page, "Change model")
    choose(page, "Provider and model", "anthropic claude-haiku-4-5:")
    press(page, "Use it")
    expect(page.get_by_text("anthropic claude-haiku-4-5", exact=True)).to_be_visible()
    press(page, "Add: hosted open model")
    choose(page, "Provider and model", "groq openai/gpt-oss-20b")
    press(page, "Add it")
    page.get_by_text("gpt-oss-20b", exact=True).first.wait_for()
    page.get_by_role("button", name="What if …").click()
    page.get_by_text("Prices change from a day").click()
    settle(page)
    press(page, "Suppose it")
    page.get_by_text("Against the file").wait_for()
    press(page, "Save variant")
    name = page.get_by_role("textbox", name="Name")
    assert name.input_value().startswith("Prices -30 %"), "named after what is supposed"
    name.press("Enter")
    wait_until(page, "() => /kept=/.test(location.search) && /whatif=/.test(location.search)")
    settle(page)
    assert headline(page) != before
    after = headline(page)
    page.reload()
    assert headline(page) == after
    page.get_by_test_id("stTopNavLink").filter(has_text="Compare").click()
    page.get_by_text("1 saved variant").wait_for()
    assert (visit.exceptions, visit.problems) == ([], [])


def test_on_a_phone_the_verdict_stays_in_view_while_a_number_changes(tab: Visit) -> None:
    page = tab.page
    page.set_viewport_size({"width": 390, "height": 844})
    headline(page)
    page.get_by_test_id("stMain").evaluate("node => node.scrollTo(0, 900)")
    strip = page.locator(".st-key-verdict_strip")
    page.wait_for_timeout(400)
    assert strip.evaluate(IN_VIEW)
    page.get_by_test_id("stExpandSidebarButton").click()
    box = requests_a_day(page)
    box.scroll_into_view_if_needed()
    left = page.locator(".st-key-verdict_at_the_left")
    said = left.inner_text()
    box.fill("90000")
    box.press("Enter")
    expect(left).not_to_have_text(said)
    settle(page)
    box.scroll_into_view_if_needed()
    assert left.evaluate(IN_VIEW)
    assert (tab.exceptions, tab.problems) == ([], [])


def test_paper_shows_the_verdict_without_inputs(tab: Visit) -> None:
    headline(tab.page)
    settle(tab.page)
    tab.page.emulate_media(media="print")
    assert tab.page.get_by_role("heading", level=1).first.is_visible()
    assert not tab.page.get_by_test_id("stSidebar").is_visible()
    assert not tab.page.get_by_role("button", name="What if …").is_visible()
    assert (tab.exceptions, tab.problems) == ([], [])
    tab.page.emulate_media(media="screen")
