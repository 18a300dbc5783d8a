"""What a question calls to mind: found by meaning and by words, put together, then in order word by word."""

from __future__ import annotations

import contextlib
import logging
import re
import time
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol

import numpy as np
import numpy.typing as npt
from cachetools import TTLCache

from jarvis_desktop.errors import StorageError
from jarvis_desktop.events.memories import MemoryKind, Recalled, Recollection
from jarvis_desktop.folding import fold
from jarvis_desktop.language import guess_language
from jarvis_desktop.memory import confidence, fusion
from jarvis_desktop.memory.embedding import Encoder
from jarvis_desktop.memory.fusion import Scores
from jarvis_desktop.memory.graph import Graph
from jarvis_desktop.memory.items import Passage
from jarvis_desktop.memory.rerank import Reranked, Reranker
from jarvis_desktop.memory.store import MemoryStore
from jarvis_desktop.memory.times import Window, window
from jarvis_desktop.memory.words import Stemming

_LOG = logging.getLogger(__name__)

STAGES: Mapping[str, frozenset[str]] = {
    "dense": frozenset({"dense"}),
    "sparse": frozenset({"sparse"}),
    "hybrid": frozenset({"dense", "sparse"}),
    "rerank": frozenset({"dense", "sparse", "context", "rerank"}),
    "graph": frozenset({"dense", "sparse", "context", "rerank", "graph"}),
}
"""What the names of stages switch on; a search without any does all that ``graph`` does."""

# Chosen on three LoCoMo conversations, confirmed on two others; all of them lie on plateaus.
# See docs/decisions/0022-recall.md.
_POOL = 100  # of each search, and of what is put in order
_NEIGHBOURHOODS = 50  # of the best finds so far
_TURN_DENSE, _TEXT_DENSE = 0.5, 0.7  # share of the meaning beside the words
_TURN_RERANK, _TEXT_RERANK = 0.85, 0.2  # share of the re-ranker: a long text has a word for everything
_SPEAKER_BONUS = 0.25
_TIME_BONUS = 0.25
_SUPERSEDED_MALUS = 0.3
_GRAPH_STARTS, _GRAPH_BONUS, _BEHIND = 2, 0.3, 1e-6

_TELLING = 3  # finds that are looked at for the words of the question
# "Eve: ...", 'Eve said, "..."', "[8 May 2023] Eve: ..."
_SPEAKER = re.compile(r"(?:[\[(][^\])\n]{1,60}[\])]:? *)?([^\W\d_][\w .'-]{0,30}?)(?:: | said[,:] )")
_CACHED, _CACHE_S = 512, 60.0


class Nearest(Protocol):
    """A search over vectors, see `index.Index`."""

    @property
    def ready(self) -> bool: ...

    def search(
        self, vector: npt.NDArray[np.float32], k: int, allowed: Collection[int] | None = None
    ) -> list[tuple[int, float]]: ...


@dataclass(frozen=True, slots=True)
class Budgets:
    """Milliseconds after which a stage ends with what it has."""

    graph_ms: float = 5.0
    rerank_ms: float = 30.0


@dataclass(slots=True)
class _Found:
    """What the stages of one search have found so far."""

    dense: Scores = field(default_factory=dict)  # cosine
    sparse: Scores = field(default_factory=dict)  # BM25
    graph: Scores = field(default_factory=dict)
    reranked: Reranked = field(default_factory=lambda: Reranked({}, {}))
    timings: dict[str, float] = field(default_factory=dict)
    skipped: dict[str, str] = field(default_factory=dict)

    @contextlib.contextmanager
    def timed(self, stage: str) -> Iterator[None]:
        started = time.perf_counter()
        try:
            yield
        finally:
            self.timings[stage] = (time.perf_counter() - started) * 1000


class Recall:
    """Searches the store. Of one thread; a stage that fails is left out and named, only the store raises."""

    def __init__(
        self,
        store: MemoryStore,
        encoder: Encoder,
        index: Nearest,
        reranker: Reranker | None = None,
        graph: Graph | None = None,
        budgets: Budgets = Budgets(),
    ) -> None:
        self._store = store
        self._encoder = encoder
        self._index = index
        self._reranker = reranker
        self._graph = graph
        self._budgets = budgets
        self._stemming = Stemming()
        self._cache: TTLCache[tuple[object, ...], Recollection] = TTLCache(_CACHED, _CACHE_S)
        self._owned: dict[str, frozenset[int] | None] = {}

    def warm(self) -> None:
        """Load the models, so that the first question does not wait for them."""
        self.search("What do you remember?", limit=1)
        self.changed()

    def changed(self) -> None:
        """The store was written to: what was found before is not told again. Call it after each write."""
        self._cache.clear()
        self._owned.clear()

    def search(
        self,
        question: str,
        *,
        owner: str = "",
        limit: int = 10,
        stages: Sequence[str] = (),
        now: float | None = None,
    ) -> Recollection:
        """The best passages for a question; `stages` are of `STAGES`, `now` tells what "yesterday" means.

        Raises `StorageError`; also ``memory.stages`` for a stage that is not known.
        """
        started = time.perf_counter()
        wanted = _stages(stages)
        when = window(question, time.time() if now is None else now)
        key = (question, owner, limit, wanted, when, self._store.revision())
        if (known := self._cache.get(key)) is not None:
            return known
        found = _Found()
        if question.strip() and limit > 0:
            results, confident = self._search(question, owner, limit, wanted, when, found)
        else:
            results, confident = (), False
        found.timings["total"] = (time.perf_counter() - started) * 1000
        recollection = Recollection(results, found.timings, found.skipped, confident)
        if not found.skipped.keys() & {"dense"} and not found.reranked.cut:
            self._cache[key] = recollection
        return recollection

    def _search(
        self,
        question: str,
        owner: str,
        limit: int,
        wanted: frozenset[str],
        when: Window | None,
        found: _Found,
    ) -> tuple[tuple[Recalled, ...], bool]:
        language = guess_language(question)
        if "dense" in wanted:
            self._look_by_meaning(question, owner, found)
        if "sparse" in wanted:
            with found.timed("sparse"):
                languages = (language,) if language else ()
                found.sparse = dict(
                    self._store.sparse(question, owner=owner, limit=_POOL, languages=languages)
                )
        pool = _Pool(self._store, {**found.dense, **found.sparse}, owner)
        scores = _fused(found, pool, language)
        if "context" in wanted:
            scores = fusion.diffuse(scores, pool.beside(fusion.best(scores, _NEIGHBOURHOODS)))
            pool.fetch(scores)
        scores = {key: score for key, score in scores.items() if key in pool.passages}
        candidates = fusion.best(scores, max(_POOL, limit))
        if "rerank" in wanted:
            self._rerank(question, language, candidates, pool, found)
        scores = _blended({key: scores[key] for key in candidates}, found.reranked, pool)
        if "context" in wanted:
            named = pool.named(question)
            for key in candidates:
                scores[key] += pool.bonus(key, named, when)
        if "graph" in wanted:
            self._follow(scores, pool, found)
        chosen = _collapsed(fusion.best(scores, len(scores)), pool.passages)[:limit]
        return self._told(chosen, scores, pool, found), self._confident(
            question, language, chosen, pool, found
        )

    def _look_by_meaning(self, question: str, owner: str, found: _Found) -> None:
        if not self._index.ready:
            found.skipped["dense"] = "rebuilding"
            return
        try:
            with found.timed("embed"):
                vector = self._encoder.question(question)
        except StorageError as error:
            _LOG.warning("searching by words only: %s", error.code)
            found.skipped["dense"] = "no_encoder"
            return
        with found.timed("dense"):
            found.dense = dict(self._index.search(vector, _POOL, self._allowed(owner)))

    def _allowed(self, owner: str) -> frozenset[int] | None:
        """The keys of one owner; None where nobody else has any, because a filter costs time."""
        if owner not in self._owned:
            own, everything = self._store.keys(owner), self._store.keys()
            self._owned[owner] = None if len(own) == len(everything) else frozenset(own)
        return self._owned[owner]

    def _follow(self, scores: Scores, pool: _Pool, found: _Found) -> None:
        """What shares rare names with the best finds gets a bonus, or comes in."""
        if self._graph is None:
            found.skipped["graph"] = "no_graph"
            return
        with found.timed("graph"):
            first = fusion.best(scores, _GRAPH_STARTS)
            walk = self._graph.walk({key: scores[key] for key in first}, self._budgets.graph_ms)
            pool.fetch(walk.scores)
            found.graph = {key: score for key, score in walk.scores.items() if key in pool.passages}
            for key, score in found.graph.items():
                if key not in first and not pool.is_turn(key):
                    with_bonus = scores.get(key, 0.0) + _GRAPH_BONUS * score
                    # Behind: what belongs to the answer is not the answer.
                    scores[key] = min(with_bonus, scores[first[-1]] - _BEHIND)
        if walk.cut:
            found.skipped["graph"] = "over_budget"

    def _rerank(
        self, question: str, language: str, candidates: Sequence[int], pool: _Pool, found: _Found
    ) -> None:
        if self._reranker is None:
            found.skipped["rerank"] = "no_model"
            return
        if language not in ("", "en"):
            found.skipped["rerank"] = "language"
            return
        try:
            with found.timed("rerank"):
                found.reranked = self._reranker.scores(
                    question, candidates, pool.beside(candidates), self._budgets.rerank_ms
                )
        except StorageError as error:
            _LOG.warning("what was found is not put in order: %s", error.code)
            found.skipped["rerank"] = "no_model"
            return
        if found.reranked.cut:
            found.skipped["rerank"] = "over_budget"

    def _told(
        self, chosen: Sequence[int], scores: Scores, pool: _Pool, found: _Found
    ) -> tuple[Recalled, ...]:
        beside = self._store.neighbours(chosen)
        texts = self._store.passages({key for pair in beside.values() for key in pair if key is not None})
        by_stage = {
            "dense": found.dense,
            "sparse": found.sparse,
            "graph": found.graph,
            "rerank": found.reranked.scores,
        }
        results = []
        for key in chosen:
            passage = pool.passages[key]
            before, after = (texts[other].text if other in texts else "" for other in beside[key])
            results.append(
                Recalled(
                    passage.id,
                    passage.item,
                    passage.kind,
                    passage.text,
                    passage.source,
                    round(scores[key], 4),
                    {name: round(stage[key], 4) for name, stage in by_stage.items() if key in stage},
                    passage.location,
                    passage.created_at,
                    (before, after),
                )
            )
        return tuple(results)

    def _confident(
        self, question: str, language: str, chosen: Sequence[int], pool: _Pool, found: _Found
    ) -> bool:
        if not chosen:
            return False
        best, reranked = chosen[0], found.reranked
        if best in reranked.scores:
            named, others = pool.by_speaker(pool.named(question), reranked.own)
            return confidence.similar_enough(reranked.scores[best], reranked.own[best], named, others)
        if best in found.dense and confidence.near_enough(
            self._encoder.name, found.dense[best], pool.is_foreign(best, language)
        ):
            return True
        texts = [pool.passages[key].embedded for key in chosen[:_TELLING]]
        return confidence.share_words(question, texts, language, self._stemming)


class _Pool:
    """The passages that one search looks at."""

    def __init__(self, store: MemoryStore, keys: Collection[int], owner: str) -> None:
        self._store = store
        self._owner = owner
        self.passages: dict[int, Passage] = {}
        self._speakers: dict[int, str] = {}  # of turns; "" where it is not known who speaks
        self._beside: dict[int, tuple[int | None, int | None]] = {}
        self.fetch(keys)

    def fetch(self, keys: Collection[int]) -> None:
        """Read those that are not there yet; what belongs to others stays out."""
        for key, passage in self._store.passages([key for key in keys if key not in self.passages]).items():
            if passage.owner == self._owner:
                self.passages[key] = passage
                speaker = _speaker(passage)
                if speaker or passage.kind is MemoryKind.TURN:
                    self._speakers[key] = speaker

    def is_foreign(self, key: int, language: str) -> bool:
        """Whether a passage is in another language than the question's."""
        return bool(language) and self.passages[key].language not in (language, "")

    def beside(self, keys: Collection[int]) -> dict[int, tuple[int | None, int | None]]:
        """The turns before and after those that are turns."""
        wanted = [key for key in keys if key in self._speakers]
        self._beside |= self._store.neighbours([key for key in wanted if key not in self._beside])
        return {key: self._beside[key] for key in wanted if key in self._beside}

    def is_turn(self, key: int) -> bool:
        return key in self._speakers

    def named(self, question: str) -> str:
        """The one speaker that a question names, or ""."""
        words = set(re.findall(r"\w+", fold(question)))
        named = {
            speaker for speaker in set(self._speakers.values()) if words.intersection(speaker.split()[:1])
        }
        return named.pop() if len(named) == 1 else ""

    def by_speaker(self, named: str, scores: Mapping[int, float]) -> tuple[list[float], list[float]]:
        """Scores of what this one said, and the others; both empty for ""."""
        said: tuple[list[float], list[float]] = ([], [])
        for key, score in scores.items():
            if named and key in self._speakers:
                said[self._speakers[key] != named].append(score)
        return said

    def bonus(self, key: int, named: str, when: Window | None) -> float:
        """What speaks for a passage beside its words; `named` is the speaker in question."""
        passage = self.passages[key]
        bonus = _SPEAKER_BONUS if named and self._speakers.get(key) == named else 0.0
        if when is not None and when.holds(passage.created_at):
            bonus += _TIME_BONUS
        return bonus - (_SUPERSEDED_MALUS if passage.superseded else 0.0)


def _speaker(passage: Passage) -> str:
    """Who says it, folded, where it is a turn of a conversation."""
    if passage.kind is MemoryKind.DOCUMENT:
        return ""
    if passage.context:
        return fold(passage.context.partition("\n")[0].rstrip(":"))
    match = _SPEAKER.match(passage.text)
    return fold(match[1]) if match else ""


def _stages(names: Sequence[str]) -> frozenset[str]:
    if unknown := [name for name in names if name not in STAGES]:
        raise StorageError(
            "memory.stages",
            "There is no search stage {stage}.",
            "The stages are: {known}.",
            stage=unknown[0],
            known=", ".join(STAGES),
        )
    return frozenset().union(*(STAGES[name] for name in names or ("graph",)))


def _fused(found: _Found, pool: _Pool, language: str) -> Scores:
    # Fewer finds than asked for: every other passage has none of the words.
    lowest = None if len(found.sparse) >= _POOL else 0.0
    dense = fusion.unit_range(list(found.dense.items()))
    sparse = fusion.unit_range(list(found.sparse.items()), lowest)

    def share(key: int) -> float:
        if pool.is_foreign(key, language):  # which cannot have the words of the question
            return 1.0
        return _TURN_DENSE if pool.is_turn(key) else _TEXT_DENSE

    return fusion.fuse(dense, sparse, share)


def _blended(fused: Mapping[int, float], reranked: Reranked, pool: _Pool) -> Scores:
    """Fused and re-ranked scores, each from 0 to 1; what was not re-ranked keeps its fused score."""
    top = max(fused.values(), default=0.0) or 1.0
    ordered = sorted(reranked.scores.items(), key=lambda found: -found[1])
    unit = fusion.unit_range(ordered)
    blended = {}
    for key, score in fused.items():
        share = (_TURN_RERANK if pool.is_turn(key) else _TEXT_RERANK) if key in unit else 0.0
        blended[key] = (1 - share) * score / top + share * unit.get(key, 0.0)
    return blended


def _collapsed(keys: Sequence[int], passages: Mapping[int, Passage]) -> list[int]:
    """The best passage of each item; of a document all, they are cited one by one."""
    seen = set()
    kept = []
    for key in keys:
        passage = passages[key]
        if passage.kind is MemoryKind.DOCUMENT or passage.item not in seen:
            seen.add(passage.item)
            kept.append(key)
    return kept
