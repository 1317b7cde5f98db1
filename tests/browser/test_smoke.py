"""The app opens in a real browser: the verdict, a chart, nothing fetched from elsewhere."""

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

APP = Path(__file__).resolve().parents[2] / "app.py"

pytestmark = [pytest.mark.browser, pytest.mark.skipif(not APP.exists(), reason="app.py does not exist yet")]


VERDICT = re.compile(r"\b(start|stay|late|remedy)\b", re.IGNORECASE)
CHART = "[data-testid=stVegaLiteChart] :is(canvas, svg)"


def test_the_app_opens_with_a_verdict_and_a_chart(open_app: Callable[..., Any]) -> None:
    visit = open_app()
    visit.page.locator(f"{CHART}, [data-testid=stException]").first.wait_for()
    assert visit.exceptions == []
    assert visit.page.get_by_role("heading", name=VERDICT).first.is_visible()
    assert visit.page.locator(CHART).first.is_visible()
    assert visit.page.get_by_role("button", name="Increase: Requests a day").is_visible()
    assert visit.page.locator("[aria-label='Increment'], [aria-label*=':gray[']").count() == 0
    assert visit.problems == []
    assert visit.requests
