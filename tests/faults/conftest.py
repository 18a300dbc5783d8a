"""A virtual sound card that fault tests may break."""

from tests.e2e.sound import breakable_sound_card

__all__ = ["breakable_sound_card"]
