"""LocalAgreement-2: which words of a growing transcript may be shown for good.

Each pass over more audio may change the last words. A word is stable once two passes in a row agree on it
and on all before it (Macháček, Dabre, Bojar 2023, "Turning Whisper into Real-Time Transcription System").
"""

from __future__ import annotations

from jarvis_desktop.ports import PartialTranscript


class LocalAgreement:
    """The words of one utterance. What `stable` shows is never taken back."""

    def __init__(self) -> None:
        self._stable: list[str] = []
        self._unstable: list[str] = []
        self._settled = 0  # stable words of pieces that were finished for good

    def revise(self, text: str) -> PartialTranscript:
        """Take in a pass over everything since the last settled piece."""
        words = text.split()[len(self._stable) - self._settled :]
        agreed = 0
        for old, new in zip(self._unstable, words, strict=False):
            if _plain(old) != _plain(new):
                break
            agreed += 1
        self._stable += words[:agreed]
        self._unstable = words[agreed:]
        return self.shown

    def settle(self, text: str) -> None:
        """A piece is finished for good: its words are stable; those shown already stay as they are."""
        self._stable += text.split()[len(self._stable) - self._settled :]
        self._settled = len(self._stable)
        self._unstable = []

    @property
    def shown(self) -> PartialTranscript:
        return PartialTranscript(stable=" ".join(self._stable), unstable=" ".join(self._unstable))


def _plain(word: str) -> str:
    """A word as two passes have to agree on it: case and punctuation often change and do not matter."""
    return "".join(c for c in word.casefold() if c.isalnum()) or word
