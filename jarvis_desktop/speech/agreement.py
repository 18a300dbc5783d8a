"""LocalAgreement-2: which words of a growing transcript may be shown for good.

Each pass over more audio may change the last words. A word is stable once two passes in a row agree on it
and on all before it (Macháček, Dabre, Bojar 2023, "Turning Whisper into Real-Time Transcription System").
"""

from __future__ import annotations

from collections.abc import Sequence

from jarvis_desktop.ports import PartialTranscript

_SHIFTS = (0, 1, -1, 2, -2)  # words by which a pass may have split or joined what is stable
_LOOP = 3  # times a phrase is repeated before it is taken for the model's own doing
_PATIENCE_WITH_ONE_WORD = 5  # "no, no, no" is said by people


class LocalAgreement:
    """The words of one utterance. What `stable` shows is never taken back."""

    def __init__(self) -> None:
        self._stable: list[str] = []
        self._unstable: list[str] = []
        self._piece = 0  # stable words of pieces that were finished for good
        self._trimmed = 0  # stable words whose audio drafts no longer hold

    @property
    def stable_words(self) -> int:
        """Stable words that drafts still hold."""
        return len(self._stable) - self._trimmed

    @property
    def trimmed(self) -> str:
        """The text before that."""
        return " ".join(self._stable[: self._trimmed])

    def revise(self, text: str) -> PartialTranscript:
        """Take in a draft: a pass over the audio behind the trimmed words."""
        return self._take(text.split(), self._trimmed)

    def confirm(self, text: str) -> PartialTranscript:
        """Take in a pass over everything since the last settled piece."""
        return self._take(text.split(), self._piece)

    def trim(self, words: int) -> None:
        """Drafts no longer hold the first `words` of the stable words they held."""
        self._trimmed = min(len(self._stable), self._trimmed + words)

    def settle(self, text: str) -> None:
        """A piece is finished for good: its words are stable; those shown already stay as they are."""
        self._stable += self._continuation(text.split(), self._piece)
        self._piece = self._trimmed = len(self._stable)
        self._unstable = []

    @property
    def shown(self) -> PartialTranscript:
        return PartialTranscript(stable=" ".join(self._stable), unstable=" ".join(self._unstable))

    def _take(self, words: list[str], begin: int) -> PartialTranscript:
        if looping(words):
            self._unstable = []
            return self.shown
        words = self._continuation(words, begin)
        agreed = 0
        for old, new in zip(self._unstable, words, strict=False):
            if _plain(old) != _plain(new):
                break
            agreed += 1
        self._stable += words[:agreed]
        self._unstable = words[agreed:]
        return self.shown

    def _continuation(self, words: list[str], begin: int) -> list[str]:
        """The words behind those that are stable, where a pass from the stable word `begin` may have counted
        one or two more or fewer."""
        known = [_plain(word) for word in self._stable[begin:][-2:]]
        count = len(self._stable) - begin
        for shift in _SHIFTS:
            end = count + shift
            if known and [_plain(word) for word in words[max(0, end - len(known)) : max(0, end)]] == known:
                return words[end:]
        return words[count:]


def looping(words: Sequence[str]) -> bool:
    """Whether a phrase is repeated over and over: what Whisper does when it is lost."""
    plain = [_plain(word) for word in words]
    for size in range(1, len(plain) // _LOOP + 1):
        enough = size * ((_PATIENCE_WITH_ONE_WORD if size == 1 else _LOOP) - 1)
        run = 0
        for word, other in zip(plain, plain[size:], strict=False):
            run = run + 1 if word == other else 0
            if run >= enough:
                return True
    return False


def _plain(word: str) -> str:
    """A word as two passes have to agree on it: case and punctuation often change and do not matter."""
    return "".join(c for c in word.casefold() if c.isalnum()) or word
