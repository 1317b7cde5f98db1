"""Your own usage and bills: fitted, watched and replayed."""
