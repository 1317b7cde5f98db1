"""The warning: what can be said of a bill and its limit each Monday, from the days before it alone."""
