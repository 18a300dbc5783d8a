"""The virtual sound card for every end-to-end test."""

from tests.e2e.sound import sound_card

__all__ = ["sound_card"]
