"""The story of a sweep, told from its summary."""

from switchpoint.report.story.sweep.whole import sweep_story

__all__ = ["sweep_story"]
