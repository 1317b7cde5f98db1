"""Figures under their labels, side by side as the width allows."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import streamlit as st

from switchpoint.ui.words import plain

NARROWEST = 165
"""Pixels that a figure takes at least."""


@dataclass(frozen=True)
class Fact:
    """A date, a name or an amount under its label, with a remark."""

    label: str
    value: str
    remark: str = ""

    @property
    def text(self) -> str:
        """The same as Markdown."""
        remark = f"  \n:small[:gray[{plain(self.remark)}]]" if self.remark else ""
        return f":small[:gray[{plain(self.label)}]]  \n**{plain(self.value)}**{remark}".replace(" %", "\u00a0%")


def facts(shown: Iterable[Fact], narrowest: int = NARROWEST) -> None:
    """Draw figures in a grid."""
    with st.grid("auto", min_column_width=narrowest, border=True, gap="small"):
        for fact in shown:
            st.markdown(fact.text)
