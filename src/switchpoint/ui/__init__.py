"""The Streamlit app: one folder for each page, for what is kept while one works, and for the inputs at the left."""
