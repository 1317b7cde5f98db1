"""Pictures of every page, light, dark and on a phone: `python -m tools.screenshots`, with Chromium on the search path.

They are written to docs/images as app-PAGE-LOOK.png, with few colours so that each stays small.
"""

from __future__ import annotations

import argparse
import io
import os
import shutil
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

from PIL import Image
from playwright.sync_api import Browser, Page, sync_playwright

from switchpoint.ui.draft_changes import pack_changes
from tools.app_server import CHROMIUM_FLAGS, served

ROOT = Path(__file__).resolve().parent.parent
IMAGES = ROOT / "docs" / "images"
NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
README, TOP = ("decide", "compare"), 1000
"""Pages whose upper part stands in the README, as PAGE.png, and its height in pixels."""
COLOURS = 128
CALM = "() => !document.querySelector('[data-testid=stStatusWidget]') && !document.querySelector('[data-stale=true]')"
PATIENCE = 240_000


@dataclass(frozen=True)
class Look:
    """How the browser is set up."""

    name: str
    width: int
    height: int
    scheme: str


LOOKS = (
    Look("light", 1280, 900, "light"),
    Look("dark", 1280, 900, "dark"),
    Look("phone", 390, 844, "light"),
)


@dataclass(frozen=True)
class Shot:
    """A page, what is to be seen before the picture is taken, and how much of it is shown."""

    page: str
    query: str
    ready: str
    height: int


WHAT_IF = {("usage", "growth", "per_month"): 0.05, ("current", "price_change_per_year"): -0.3}
"""What is changed in the story for the page that compares."""
SHOTS = (
    Shot("decide", "", "Each number moved alone", 2900),
    Shot("uncertainty", "", "; 1,000 draws", 1900),
    Shot("serving", "", "shaded: 95 % interval", 2300),
    Shot("compare", f"changes={pack_changes(WHAT_IF)}", "the parts add up", 1500),
    Shot("assumptions", "", "Every field that the scenario", 1350),
    Shot("readiness", "", "A gate blocks the commit", 1300),
    Shot("export", "", "Every assumption has its source and date", 900),
)


def main() -> None:
    """Take the pictures that are asked for."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--only", help="part of a name, such as decide or dark", default="")
    parser.add_argument("--out", type=Path, default=IMAGES)
    asked = parser.parse_args()
    chromium = find_browser()
    asked.out.mkdir(parents=True, exist_ok=True)
    log = Path(tempfile.mkdtemp()) / "app.log"
    with served(ROOT, log) as url, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, headless=True, args=CHROMIUM_FLAGS)
        for shot in SHOTS:
            for look in LOOKS:
                name = f"app-{shot.page}-{look.name}.png"
                if asked.only in name:
                    picture = take(browser, url, shot, look)
                    save(asked.out / name, picture)
                    if shot.page in README and look is LOOKS[0]:
                        save(asked.out / f"{shot.page}.png", picture, TOP)
        browser.close()


def find_browser() -> str:
    """Chromium's place on this machine; the command ends where there is none."""
    found = next(filter(None, map(shutil.which, filter(None, (os.environ.get("CHROMIUM"), *NAMES)))), None)
    if found is None:
        sys.exit("no Chromium found: install it, or say where it is (CHROMIUM=/path/to/it)")
    return found


def save(file: Path, picture: bytes, height: int | None = None) -> None:
    """Write a picture, or only the top of it."""
    file.write_bytes(small(picture, height))
    print(file.name, file.stat().st_size // 1000, "kB", flush=True)


def take(browser: Browser, url: str, shot: Shot, look: Look) -> bytes:
    """One picture."""
    context = browser.new_context(
        viewport={"width": look.width, "height": look.height}, color_scheme=look.scheme, device_scale_factor=1
    )
    page = context.new_page()
    page.set_default_timeout(PATIENCE)
    page.goto(f"{url}/{'' if shot.page == 'decide' else shot.page}?{shot.query}")
    page.get_by_text(shot.ready).first.wait_for(state="attached")
    settle(page)
    height = min(page.get_by_test_id("stMain").evaluate("node => node.scrollHeight") + 10, tall(shot, look))
    page.set_viewport_size({"width": look.width, "height": max(height, look.height)})
    settle(page)
    picture = page.screenshot()
    context.close()
    return picture


def tall(shot: Shot, look: Look) -> int:
    """How much of a page is shown; on a phone three screens."""
    return shot.height if look.name != "phone" else round(3 * look.height)


def settle(page: Page) -> None:
    """Wait until nothing runs and charts are drawn."""
    page.wait_for_timeout(1500)
    page.wait_for_function(CALM)
    page.wait_for_timeout(1500)


def small(picture: bytes, height: int | None) -> bytes:
    """The picture, or only the top of it, with few colours."""
    image = Image.open(io.BytesIO(picture)).convert("RGB")
    image = image.crop((0, 0, image.width, min(height or image.height, image.height)))
    image = image.quantize(colors=COLOURS, method=Image.Quantize.MEDIANCUT, dither=Image.Dither.NONE)
    out = io.BytesIO()
    image.save(out, format="PNG", optimize=True)
    return out.getvalue()


if __name__ == "__main__":
    main()
