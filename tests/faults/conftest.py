"""A virtual sound card and a small disk that fault tests may break."""

from tests.e2e.sound import breakable_sound_card
from tests.faults.disks import small_disk

__all__ = ["breakable_sound_card", "small_disk"]
