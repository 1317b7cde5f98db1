"""The app opens in a real browser: the verdict, a chart, nothing fetched from elsewhere."""

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

APP = Path(__file__).resolve().parents[2] / "app.py"

pytestmark = [pytest.mark.browser, pytest.mark.skipif(not APP.exists(), reason="app.py does not exist yet")]


def test_the_app_opens_with_a_verdict_and_a_chart(open_app: Callable[..., Any]) -> None:
    visit = open_app()
    verdict = re.compile(r"\b(start|stay|late|remedy)\b", re.IGNORECASE)
    visit.page.get_by_role("heading", name=verdict).first.wait_for()
    chart = visit.page.get_by_test_id("stVegaLiteChart").first
    chart.locator("canvas, svg").first.wait_for()
    assert visit.page.get_by_test_id("stException").count() == 0
    assert visit.problems == []
    assert visit.requests
