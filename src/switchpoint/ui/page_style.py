"""What Streamlit has no setting for: the strip that stays in view, small print, paper, and names that are read aloud.

Nothing of a scenario goes into it.
"""

from __future__ import annotations

import streamlit as st

from switchpoint.ui.verdict_strip import KEY, KEY_AT_THE_LEFT

CHART = 440
"""Pixels that are kept for the chart of Decide while it is drawn anew, so that nothing below it jumps."""
ANSWER = "answer"
"""Key of what holds the verdict and what it rests on: the list comes first, on a phone second."""
PHONE = 768
"""Pixels up to which the inputs cover the page."""
SMALL_PRINT = {"light": "#5a6675", "dark": "#a3aebc"}
"""Colour of small print, as in charts; its contrast with both grounds of its mode is at least 4.5."""
SLIDER = {"light": "#1f5fc4", "dark": "#8fb8ff"}
"""Colour of the value above a slider, of the open tab and of what is switched on: that of links."""
GROUNDS = {"light": ("#ffffff", "#f4f6f9"), "dark": ("#12161c", "#1c222b")}
"""Grounds of the page and of what stands at the left, as in .streamlit/config.toml."""
RULES = f"""
[data-testid="stLayoutWrapper"]:has(> .st-key-{KEY}) {{
  position: sticky; top: 3.75rem; z-index: 90; background: var(--page-ground);
}}
[data-testid="stSidebar"] [data-testid="stLayoutWrapper"]:has(> .st-key-{KEY_AT_THE_LEFT}) {{
  position: sticky; top: 0; z-index: 90; background: var(--left-ground);
}}
@media (min-width: {PHONE + 1}px) {{
  [data-testid="stLayoutWrapper"]:has(> .st-key-{KEY_AT_THE_LEFT}) {{ display: none; }}
}}
[data-testid="stCaptionContainer"], [data-testid="stCaptionContainer"] * {{ color: var(--small-print); }}
[data-testid="stCaptionContainer"] {{ opacity: 1; }}
[data-testid="stSliderThumbValue"], [role="tab"][aria-selected="true"] *,
[data-variant="pills"][data-selected="true"] *, [data-variant="segmented_control"][data-selected="true"] * {{
  color: var(--slider-value);
}}
[data-testid="stFileChip"]:has([role="alert"]) {{ height: auto; flex-wrap: wrap; }}
[data-testid="stFileChip"] [role="alert"] {{
  position: static; width: auto; height: auto; clip: auto; clip-path: none; margin: 0; white-space: normal;
  flex-basis: 100%; font-size: 0.8rem;
}}
[data-testid="stMain"] h1 {{ padding: 0.75rem 0 1rem; }}
[data-testid="stMain"] h2 {{ padding: 0.75rem 0 1rem; }}
.st-key-chart [data-testid="stVegaLiteChart"] {{ min-height: {CHART}px; }}
[data-testid="stMarkdownContainer"] .stMarkdownBadge {{ white-space: normal !important; }}
@media (max-width: {PHONE}px) {{
  .st-key-{ANSWER} {{ flex-direction: column-reverse; }}
  [data-testid="stTable"] :is(td, th) {{ min-width: 6.5rem; }}
}}
@media print {{
  [data-testid="stSidebar"], [data-testid="stHeader"], [data-testid="stToolbar"], .st-key-what_if_shelf,
  [data-testid="stButton"], [data-testid="stMenuButton"], [data-testid="stDownloadButton"],
  [data-testid="stTabs"] [role="tablist"] {{ display: none !important; }}
  [data-testid="stAppViewContainer"], [data-testid="stMain"], .stApp {{
    position: static !important; overflow: visible !important; height: auto !important; display: block !important;
  }}
  [data-testid="stLayoutWrapper"]:has(> .st-key-{KEY}) {{ position: static; }}
  [data-testid="stVegaLiteChart"], [data-testid="stMarkdown"], [data-testid="stExpander"] {{ break-inside: avoid; }}
  [data-testid="stElementContainer"]:has(+ [data-testid="stElementContainer"] [data-testid="stVegaLiteChart"]),
  h1, h2, h3, h4 {{ break-after: avoid; }}
}}
"""

SPOKEN = r"""<script>(() => {
  if (window.switchpointSpoken) return;
  window.switchpointSpoken = true;
  const plain = text => text.replace(/:[a-z-]+\[((?:\\.|[^\]\\])*)\]/g, "$1").replace(/\\([^\w\s])/g, "$1");
  const steps = {stNumberInputStepUp: "Increase", stNumberInputStepDown: "Decrease"};
  const say = (node, text) => { if (node.getAttribute("aria-label") !== text) node.setAttribute("aria-label", text); };
  const go = () => {
    waits = false;
    for (const node of document.querySelectorAll('[aria-label*="["], [aria-label*="\\\\"]')) {
      say(node, plain(node.getAttribute("aria-label")));
    }
    for (const node of document.querySelectorAll('[data-testid^="stNumberInputStep"]')) {
      const input = node.closest('[data-testid="stNumberInputContainer"]')?.querySelector("input");
      if (input) say(node, `${steps[node.dataset.testid]}: ${plain(input.getAttribute("aria-label") || "")}`);
    }
  };
  let waits = false;
  const soon = () => { if (!waits) { waits = true; requestAnimationFrame(go); } };
  const watched = {subtree: true, childList: true, attributes: true, attributeFilter: ["aria-label"]};
  new MutationObserver(soon).observe(document.body, watched);
  soon();
})();</script>"""
"""Names of inputs as they are read aloud: without the marks of Markdown, and buttons with what they increase."""


def style_sheet(mode: str) -> str:
    """The rules for a light or a dark page.

    >>> "--small-print: #5a6675" in style_sheet("light")
    True
    """
    page, left = GROUNDS[mode]
    colours = {"small-print": SMALL_PRINT[mode], "slider-value": SLIDER[mode], "page-ground": page, "left-ground": left}
    stated = " ".join(f"--{name}: {colour};" for name, colour in colours.items())
    return f"<style>:root {{ {stated} }}{RULES}</style>"


def apply_style() -> None:
    """Put the rules into the page."""
    st.html(style_sheet("dark" if st.context.theme.type == "dark" else "light"))
    st.html(SPOKEN, unsafe_allow_javascript=True)
