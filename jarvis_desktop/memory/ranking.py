"""The order of what was recalled, by more than how well it fits: what holds, is pinned, of use, or recent."""

from __future__ import annotations

import re
import time
from collections.abc import Sequence
from dataclasses import replace

from jarvis_desktop.events import MemoryKind, Recalled
from jarvis_desktop.memory.store import MemoryStore

_PINNED_BONUS, _USED_BONUS = 0.05, 0.02  # of scores that go from 0 to about 1: decide between equals only
_AGE_MALUS, _AGE_HALF_LIFE_S = 0.02, 180 * 86_400.0  # of turns: half of the malus after about six months

_PAST = re.compile(
    r"\b(?:before|used to|previous|previously|former|formerly|earlier|once|originally|at first|back then"
    r"|changed?|past|was|were|did|antes|anterior|anteriores|anteriormente|antigu[oa]s?|al principio|cambi\w+"
    r"|entonces|pasad[oa]|sol[ií]a\w*|era|eran|fue|fueron|viv[ií]a|ten[ií]a|trabajaba)\b",
    re.IGNORECASE,
)


def ranked(store: MemoryStore, question: str, found: Sequence[Recalled]) -> list[Recalled]:
    """Best first; what was true before is among it only where the question asks about that."""
    return _valued(store, found if _PAST.search(question) else _valid(store, found))


def _valid(store: MemoryStore, found: Sequence[Recalled]) -> list[Recalled]:
    """Without facts that newer ones contradict."""
    facts = [each.item for each in found if each.kind is MemoryKind.FACT]
    passages = store.passages(store.keys_of(facts)).values()
    contradicted = {passage.item for passage in passages if passage.superseded}
    return [each for each in found if each.item not in contradicted]


def _valued(store: MemoryStore, found: Sequence[Recalled]) -> list[Recalled]:
    """In their order, but what is pinned or was of use before goes before what is as good.

    So does what was said lately. Facts, notes and documents do not age: they hold until they are changed.
    """
    valued, now = [], time.time()
    items = store.items([each.item for each in found])
    for each in found:
        item = items[each.item]
        bonus = _PINNED_BONUS * item.pinned + _USED_BONUS * (item.uses > 0)
        if item.kind is MemoryKind.TURN:
            bonus -= _AGE_MALUS * (1 - 0.5 ** (max(0.0, now - item.created_at) / _AGE_HALF_LIFE_S))
        valued.append(replace(each, score=each.score + bonus))
    return sorted(valued, key=lambda each: -each.score)
