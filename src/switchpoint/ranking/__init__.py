"""Candidates from the catalogue: what could carry a usage, and what each would cost."""
