"""Draws: worlds of a scenario in which all that is uncertain is settled, and what many of them say."""
