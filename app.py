"""The app: `make app`, `switchpoint app` or `streamlit run app.py`."""

import streamlit as st
from streamlit import config

from switchpoint.ui import navigation

SIDEBAR = 350

# Inputs have a value of their own and are put back to it in code: that is meant, and not worth a warning.
config.set_option("global.disableWidgetStateDuplicationWarning", True)
st.set_page_config(page_title="Switchpoint", page_icon="🔀", layout="wide", initial_sidebar_state=SIDEBAR)
navigation.run()
