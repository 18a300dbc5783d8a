"""Who and what passages speak of: two that name the same rare thing belong together, whatever else they say.

A passage leads to its names, a name to the passages it is in. Which names stand together follows from that,
so it is not kept twice.
"""

from __future__ import annotations

import math
import re
import time
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass

from jarvis_desktop.folding import fold
from jarvis_desktop.memory.store import MemoryStore
from jarvis_desktop.memory.words import function_words

HOPS = 2
"""Passage to name to passage, so many times; a third hop found nothing that helped."""

FAN_OUT = 32
"""Names followed from a passage, the rarest first, and passages from a name: a name in more tells nothing."""

DECAY = 0.5
"""What a hop costs."""

_UPPER = "A-ZÁÉÍÓÚÜÑ"
_NAME = re.compile(
    rf"[{_UPPER}][\w'’.-]*(?:\s+(?:(?:of|the|de|del|la|las|los|y|and|&)\s+){{0,2}}(?:[{_UPPER}][\w'’-]*|\d+))*"
)
_QUOTED = re.compile(r"[\"“«]([^\"“”«»\n]{3,60})[\"”»]")
_ENDS = " .'’-"
_FUNCTION_WORDS = function_words("")
_CATCH_UP_BATCH = 64
_LOOK_AT_CLOCK = 256  # steps


@dataclass(frozen=True, slots=True)
class Walk:
    """How strongly passages hang together with those a walk began at, 1 for the strongest."""

    scores: Mapping[int, float]
    cut: bool = False  # the time was too short, or the graph is not loaded yet


def entities(text: str) -> dict[str, str]:
    """Names and quoted words of a text, folded, with their kind: ``name`` or ``quoted``."""
    found = {fold(match[1]).strip(_ENDS): "quoted" for match in _QUOTED.finditer(text)}
    for match in _NAME.finditer(text):
        words = match[0].strip(_ENDS).split()
        while words and fold(words[0]) in _FUNCTION_WORDS:  # capitalised because a sentence begins
            del words[0]
        name = fold(" ".join(words)).strip(_ENDS)
        if len(name) > 2 and not name.isdigit():
            found[name] = "name"
    found.pop("", None)
    return found


class Graph:
    """The graph of the whole store, in memory; of one thread. Empty until it is loaded."""

    def __init__(self, store: MemoryStore) -> None:
        self._store = store
        self._names: defaultdict[int, list[str]] = defaultdict(list)
        self._keys: defaultdict[str, list[int]] = defaultdict(list)
        self._loaded = False

    def load(self) -> None:
        """Read it from the store. Raises `StorageError`."""
        self.forget()
        for mention in self._store.mentions():
            self._add(mention.key, mention.name)
        self._loaded = True

    def forget(self) -> None:
        """Something was forgotten: nothing of it stays in memory; `catch_up` reads the rest again."""
        self._names.clear()
        self._keys.clear()
        self._loaded = False

    def catch_up(self, limit: int = _CATCH_UP_BATCH) -> int:
        """Look for names in some passages that were not looked at yet; returns in how many."""
        if not self._loaded:
            self.load()
        waiting = self._store.without_graph(limit)
        for passage in waiting:
            found = entities(passage.embedded)
            self._store.set_graph(passage.key, list(found.items()))
            for name in found:
                self._add(passage.key, name)
        return len(waiting)

    def walk(self, start: Mapping[int, float], budget_ms: float) -> Walk:
        """From passages with their weights to those that share names with them."""
        if not self._loaded:
            return Walk({}, cut=True)
        deadline = time.monotonic() + budget_ms / 1000
        scores: defaultdict[int, float] = defaultdict(float)
        frontier, seen = dict(start), set(start)
        cut = False
        for _ in range(HOPS):
            reached = self._hop(frontier, deadline)
            cut = reached is None
            if reached is None:
                break
            for key, weight in reached.items():
                scores[key] += weight
            nearest = sorted(reached, key=lambda key: (-reached[key], key))[:FAN_OUT]
            frontier = {key: reached[key] * DECAY for key in nearest if key not in seen}
            seen.update(frontier)
        top = max(scores.values(), default=1.0)
        return Walk({key: weight / top for key, weight in scores.items()}, cut)

    def _hop(self, frontier: Mapping[int, float], deadline: float) -> dict[int, float] | None:
        """Passages that share names with these; None where the time was too short."""
        if time.monotonic() > deadline:
            return None
        active: dict[str, float] = {}
        for key, weight in frontier.items():
            names = sorted(self._names.get(key, ()), key=lambda name: len(self._keys[name]))
            for name in names[:FAN_OUT]:
                # In this passage only: leads nowhere. In many: damped, then not followed at all.
                if 1 < (count := len(self._keys[name])) <= FAN_OUT:
                    active[name] = max(active.get(name, 0.0), weight / math.log2(1 + count))
        reached: defaultdict[int, float] = defaultdict(float)
        for number, (name, weight) in enumerate(active.items()):
            if number % _LOOK_AT_CLOCK == _LOOK_AT_CLOCK - 1 and time.monotonic() > deadline:
                return None
            for key in self._keys[name]:
                reached[key] += weight
        return reached

    def _add(self, key: int, name: str) -> None:
        if key not in self._keys[name][-1:]:  # a passage comes once, with all its names
            self._names[key].append(name)
            self._keys[name].append(key)
