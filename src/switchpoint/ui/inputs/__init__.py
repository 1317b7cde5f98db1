"""The inputs at the left."""
