"""The story of a review, told from a result and, where there are any, from many draws of it."""

from switchpoint.report.story.subject import Subject
from switchpoint.report.story.whole import story

__all__ = ["Subject", "story"]
