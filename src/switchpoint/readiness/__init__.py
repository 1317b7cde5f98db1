"""Readiness: whether a team is on the right road, in numbers that come from its log and from the simulation."""
