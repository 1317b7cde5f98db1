"""axe-core on every page of the app, light, dark and on a phone: `python -m tools.accessibility`.

It needs Chromium on the search path and `pip install axe-playwright-python`, which brings the script along; nothing is
fetched. It ends with 1 where a finding is serious or critical. No test: to load every page three times takes minutes.
"""

from __future__ import annotations

import importlib.util
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser, Page, sync_playwright

from switchpoint.ui.navigation import PAGES
from tools.app_server import CHROMIUM_FLAGS, served
from tools.screenshots import LOOKS, PATIENCE, ROOT, Look, find_browser, settle

GRAVE = ("serious", "critical")
DIALOGS = ("Your bill", "All stories", "Find a field", "Share", "Save variant", "Find candidates")
"""Buttons of Decide that open a dialog."""
RUN = """async () => (await axe.run(document, {resultTypes: ["violations"]})).violations.map(each => ({
    id: each.id, impact: each.impact, help: each.help, where: each.nodes.map(node => node.html.slice(0, 160))}))"""


def main() -> None:
    """Print what is found, page by page."""
    found = importlib.util.find_spec("axe_playwright_python")
    if found is None or found.origin is None:
        sys.exit("axe-core is missing: pip install axe-playwright-python")
    script = (Path(found.origin).parent / "axe.min.js").read_text(encoding="utf-8")
    grave, log = 0, Path(tempfile.mkdtemp()) / "app.log"
    with served(ROOT, log) as url, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=find_browser(), headless=True, args=CHROMIUM_FLAGS)
        for look in LOOKS:
            for place, findings in findings_of(browser, url, look, script):
                grave += sum(each["impact"] in GRAVE for each in findings)
                print(
                    look.name, place, [(each["id"], each["impact"], each["where"][:2]) for each in findings], flush=True
                )
        browser.close()
    sys.exit(1 if grave else 0)


def findings_of(browser: Browser, url: str, look: Look, script: str) -> Iterator[tuple[str, list[dict[str, Any]]]]:
    """What axe finds on each page, and in each dialog of the first, by where it is.

    Args:
        browser: to look with.
        url: of the app.
        look: size and colours of the window.
        script: of axe-core.
    """
    size: Any = {"width": look.width, "height": look.height}
    context = browser.new_context(viewport=size, color_scheme=look.scheme)  # type: ignore[arg-type]
    page = context.new_page()
    page.set_default_timeout(PATIENCE)
    for listed in PAGES:
        page.goto(f"{url}/{'' if listed is PAGES[0] else listed.name}")
        page.get_by_role("heading", level=1).first.wait_for()
        settle(page)
        page.evaluate(script)
        yield listed.title, page.evaluate(RUN)
        if listed is PAGES[0] and look is not LOOKS[-1]:
            yield from _dialogs(page)
    context.close()


def _dialogs(page: Page) -> Iterator[tuple[str, list[dict[str, Any]]]]:
    for name in DIALOGS:
        page.get_by_role("button", name=name, exact=True).first.click()
        dialog = page.get_by_role("dialog")
        dialog.wait_for()
        settle(page)
        yield name, page.evaluate(RUN)
        dialog.get_by_role("button", name="Close", exact=True).click()
        dialog.wait_for(state="detached")


if __name__ == "__main__":
    main()
