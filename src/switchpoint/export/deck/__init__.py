"""The deck: the story as slides with native charts that people edit."""

from switchpoint.export.deck.slides import deck_bytes

__all__ = ["deck_bytes"]
