"""Text that is rewritten for the voice and still knows which part of the original each word speaks."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass

_WORD = re.compile(r"\S+")
_CLOSING = re.compile(r"[])}>*_~`\"'”’»,.;:!?…%]*")


@dataclass(frozen=True, slots=True)
class Kept:
    """What replaces a match: one of its groups as it was written, and something said behind it."""

    group: int
    behind: str = ""


Reading = Callable[[re.Match[str]], str | Kept]


@dataclass(frozen=True, slots=True)
class Traced:
    """`text`, where saying `text[i]` has said everything before index `ends[i]` of the original."""

    text: str
    ends: Sequence[int]

    @classmethod
    def of(cls, original: str) -> Traced:
        return cls(original, range(1, len(original) + 1))

    def sub(self, pattern: re.Pattern[str], reading: Reading) -> Traced:
        """As `re.sub`. A match read as several words counts as said with the last of them."""
        pieces: list[str] = []
        ends: list[int] = []
        position = 0
        for match in pattern.finditer(self.text):
            said = reading(match)
            if said == match[0]:
                continue
            pieces.append(self.text[position : match.start()])
            ends.extend(self.ends[position : match.start()])
            text, said_ends = self._replacement(match, said)
            pieces.append(text)
            ends.extend(said_ends)
            position = match.end()
        if not position and not pieces:
            return self
        pieces.append(self.text[position:])
        ends.extend(self.ends[position:])
        return Traced("".join(pieces), ends)

    def _replacement(self, match: re.Match[str], said: str | Kept) -> tuple[str, list[int]]:
        begin, end = match.span()
        before = self.ends[begin - 1] if begin else 0
        after = self.ends[end - 1] if end else 0
        if isinstance(said, Kept):
            text = match[said.group] + said.behind
            first, last = match.span(said.group)
            ends = [*self.ends[first:last], *[after] * len(said.behind)]
            kept = len(text.rstrip())
            return text, [*ends[: kept - 1], *[after] * (len(ends) - kept + 1)] if kept else ends
        last_word = len(said) - len(said.split()[-1]) if said.strip() else len(said)
        return said, [before if i < last_word else after for i in range(len(said))]

    def words(self, original: str) -> tuple[int, ...]:
        """For each word of `text`: the index in `original` before which all has been said with it.

        Punctuation and markup belong to the word they follow, and the last word ends the original.
        """
        ends: list[int] = []
        for word in _WORD.finditer(self.text):
            end = len(original[: self.ends[word.end() - 1]].rstrip())
            closing = _CLOSING.match(original, end)
            if end and closing is not None:
                end = closing.end()
            ends.append(max(end, *ends[-1:], 0))
        if ends:
            ends[-1] = len(original.rstrip())
        return tuple(ends)
