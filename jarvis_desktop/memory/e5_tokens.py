"""Texts as the numbers of the pieces that multilingual-e5-small knows.

A text is cut where the sum of the pieces' scores is highest (unigram model of SentencePiece). The package
tokenizers does the same 3 ms sooner for a page, and takes 260 MB for this vocabulary; this takes 40.
"""

from __future__ import annotations

import re

from jarvis_desktop.memory.e5_file import Vocabulary

_SPACE = "\u2581"
_UNKNOWN_COST = 10.0
"""What a character that is in no piece costs beyond the dearest piece."""


class Tokeniser:
    """Cuts texts into pieces."""

    def __init__(self, vocabulary: Vocabulary) -> None:
        self._vocabulary = vocabulary
        self._scores = vocabulary.scores.tolist()
        self._unknown_score = min(self._scores) - _UNKNOWN_COST
        self._longest = max(map(len, vocabulary.pieces))

    def pieces(self, text: str) -> list[int]:
        """Their numbers, without those of begin and end."""
        text = re.sub(" {2,}", " ", text.translate(self._vocabulary.rewritten))
        text = _SPACE + text.removeprefix(" ").replace(" ", _SPACE)
        best = [0.0] + [-float("inf")] * len(text)  # score of the best way to cut the text up to here
        last = [(0, self._vocabulary.unknown)] * (
            len(text) + 1
        )  # where its last piece starts, and which it is
        for start in range(len(text)):
            self._reach(text, start, best, last)
        found = []
        end = len(text)
        while end:
            end, piece = last[end]
            found.append(piece)
        return found[::-1]

    def _reach(self, text: str, start: int, best: list[float], last: list[tuple[int, int]]) -> None:
        """All pieces that start here."""
        so_far = best[start]
        known, scores = self._vocabulary.pieces, self._scores
        for end in range(start + 1, min(start + self._longest, len(text)) + 1):
            piece = known.get(text[start:end])
            if piece is not None and so_far + scores[piece] > best[end]:
                best[end] = so_far + scores[piece]
                last[end] = start, piece
        if so_far + self._unknown_score > best[start + 1]:
            best[start + 1] = so_far + self._unknown_score
            last[start + 1] = start, self._vocabulary.unknown
