"""A virtual sound card, a small disk and a folder of vectors that fault tests may break."""

from tests.e2e.sound import breakable_sound_card
from tests.faults.disks import small_disk
from tests.vectors import index_folder, sound_index, stored

__all__ = ["breakable_sound_card", "index_folder", "small_disk", "sound_index", "stored"]
