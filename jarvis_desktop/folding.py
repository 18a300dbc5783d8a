"""Text as searches compare it."""

from __future__ import annotations

import unicodedata
from itertools import filterfalse


def fold(text: str) -> str:
    """Without case and accents."""
    if text.isascii():
        return text.lower()
    return "".join(filterfalse(unicodedata.combining, unicodedata.normalize("NFKD", text.casefold())))


def places(text: str, words: str) -> list[tuple[int, int]]:
    """Start and end of each of the `words` in a text, in order, whatever folding makes of its letters."""
    letters = [fold(letter) for letter in text]
    folded = "".join(letters)
    origins = [place for place, letter in enumerate(letters) for _ in letter]
    found = []
    for word in dict.fromkeys(fold(words).split()):
        start = folded.find(word)
        while start >= 0:
            found.append((origins[start], origins[start + len(word) - 1] + 1))
            start = folded.find(word, start + len(word))
    return sorted(found)
