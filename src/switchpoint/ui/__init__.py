"""The Streamlit app: inputs at the left, the verdict and its charts on each page."""
