"""The page of every assumption, each to be changed."""
