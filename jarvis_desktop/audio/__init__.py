"""Microphone, loudspeaker, sound files, and where speech begins and ends."""
