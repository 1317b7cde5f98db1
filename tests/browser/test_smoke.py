"""The app opens in a real browser: the verdict, a chart, nothing fetched from elsewhere, nothing beyond its edges."""

import re
from pathlib import Path

import pytest

from tests.browser.conftest import Visit, settle
from tests.browser.test_app import clean, headline, turn_to

APP = Path(__file__).resolve().parents[2] / "app.py"

pytestmark = [pytest.mark.browser, pytest.mark.skipif(not APP.exists(), reason="app.py does not exist yet")]


VERDICT = re.compile(r"\b(start|stay|late|remedy)\b", re.IGNORECASE)
CHART = "[data-testid=stVegaLiteChart] :is(canvas, svg)"


def test_the_app_opens_with_a_verdict_and_a_chart(tab: Visit) -> None:
    tab.page.locator(f"{CHART}, [data-testid=stException]").first.wait_for()
    assert tab.exceptions == []
    assert tab.page.get_by_role("heading", name=VERDICT).first.is_visible()
    assert tab.page.locator(CHART).first.is_visible()
    assert tab.page.get_by_role("button", name="Increase: Requests a day").is_visible()
    assert tab.page.locator("[aria-label='Increment'], [aria-label*=':gray[']").count() == 0
    assert tab.problems == []
    assert tab.requests


def test_nothing_sticks_out_of_any_page(tab: Visit) -> None:
    headline(tab.page)
    for name in ("", "Serving", "Assumptions"):
        if name:
            turn_to(tab.page, name)
        for width in (390, 1280):
            tab.page.set_viewport_size({"width": width, "height": 800})
            settle(tab.page)
            main = tab.page.get_by_test_id("stMain")
            assert main.evaluate("node => node.scrollWidth") <= width
            for chart in tab.page.locator(CHART).all():
                box = chart.bounding_box()
                assert box is None or (box["x"] >= 0 and box["x"] + box["width"] <= width)
            badges = main.locator(".stMarkdownBadge")
            assert badges.count() or name
            assert set(badges.evaluate_all("all => all.map(each => getComputedStyle(each).whiteSpace)")) <= {"normal"}
    clean(tab)
