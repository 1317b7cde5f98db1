"""Charts as pages show them: under their takeaway, in the colours of the page."""

from __future__ import annotations

from typing import Any

import streamlit as st

from switchpoint.charts import DARK, LIGHT, Look
from switchpoint.ui.words import plain


def look() -> Look:
    """The colours of the page."""
    return DARK if st.context.theme.type == "dark" else LIGHT


def chart(drawing: Any, takeaway: str, note: str = "") -> None:
    """A chart with its takeaway above and its note below.

    Args:
        drawing: anything with a Vega-Lite specification.
        takeaway: what it shows, in one sentence; read aloud in place of the picture.
        note: what is drawn.
    """
    st.markdown(f"**{plain(takeaway)}**")
    st.vega_lite_chart(spec=drawing.to_dict(), theme=None, width="stretch", alt=takeaway)
    if note:
        st.caption(plain(f"{note}."))
