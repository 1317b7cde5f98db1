"""The app: `make app`, `switchpoint app` or `streamlit run app.py`."""

import streamlit as st

from switchpoint.ui import decide

st.set_page_config(page_title="Switchpoint", page_icon="🔀", layout="wide")
st.navigation([st.Page(decide.page, title="Decide", icon=":material/event_upcoming:", default=True)]).run()
