"""The virtual sound card for every end-to-end test, and a folder of vectors."""

from tests.e2e.sound import sound_card
from tests.vectors import index_folder, sound_index, stored

__all__ = ["index_folder", "sound_card", "sound_index", "stored"]
