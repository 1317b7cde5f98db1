"""Not yet."""

import streamlit as st


def page() -> None:
    """Nothing."""
    st.write("x")
