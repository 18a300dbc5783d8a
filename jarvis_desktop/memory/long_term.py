"""Long-term memory as one thread sees it: the store, the encoder and the indexes over them, kept together."""

from __future__ import annotations

import contextlib
import hashlib
import logging
import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path

import numpy as np

from jarvis_desktop.errors import Category, StorageError
from jarvis_desktop.events import (
    Citation,
    Forgotten,
    MemoryBackup,
    MemoryItem,
    MemoryKind,
    MemoryStats,
    Recollection,
)
from jarvis_desktop.memory.backlog import Backlog
from jarvis_desktop.memory.backups import Backups, Change
from jarvis_desktop.memory.chunking import spans
from jarvis_desktop.memory.dedup import says_same
from jarvis_desktop.memory.embedding import Encoder
from jarvis_desktop.memory.embedding_cache import CachedEncoder
from jarvis_desktop.memory.encryption import convert, is_encrypted
from jarvis_desktop.memory.graph import Graph
from jarvis_desktop.memory.index import Index, make_index
from jarvis_desktop.memory.items import STORE, Metadata, NewItem, Passage
from jarvis_desktop.memory.live_index import LiveIndex
from jarvis_desktop.memory.ranking import ranked
from jarvis_desktop.memory.recall import Recall
from jarvis_desktop.memory.rerank import Reranker
from jarvis_desktop.memory.store import MemoryStore
from jarvis_desktop.memory.token_vectors import TokenEncoder

_LOG = logging.getLogger(__name__)

_NEAREST = 8  # candidates that may say the same
_SPARE = 10  # results in the place of those that are left out
_ONCE = frozenset({MemoryKind.NOTE, MemoryKind.FACT})
"""Kinds of which one that says the same is not kept twice; what was said twice in conversations is."""


class LongTerm:
    """Everything remembered, under one folder. Of one thread; raises `StorageError`.

    What is written is on the disk and found by its words when a method returns; `work` does the rest. `key`
    opens what is encrypted, or encrypts it.
    """

    def __init__(
        self,
        folder: Path,
        encoder: Encoder,
        *,
        token_encoder: TokenEncoder | None = None,
        key: str = "",
        encrypted: bool = False,
        index: Callable[..., Index] = make_index,
    ) -> None:
        self._folder = folder
        self._file = folder / STORE
        self._key = key
        self._encrypted = encrypted
        used = self._used_key = key if encrypted else ""
        self._store = MemoryStore(self._file, used)
        self._uncached = encoder
        self._encoder = CachedEncoder(encoder, folder / "embeddings.sqlite3", key=used)
        # Vectors tell much of a text: beside an encrypted store there are none on the disk.
        make = partial(index, self._store, folder=folder / "index", in_memory=encrypted)
        self._index = LiveIndex(self._store, self._encoder, make)
        self._reranker = None if token_encoder is None else Reranker(self._store, token_encoder)
        self._graph = Graph(self._store)
        self._recall = Recall(self._store, self._encoder, self._index, self._reranker, self._graph)
        self._backups = Backups(folder / "backups", self._store.backup)
        self._problems: list[StorageError] = []
        self._backlog = Backlog(
            {"vectors": self._embed, "words": self._catch_up_words, "graph": self._graph.catch_up}
        )
        self._version = 0  # of the store, as other processes wrote it

    def open(self) -> None:
        """Open the store; it and its backups are encrypted or decrypted first where that is wanted."""
        # The store is encrypted first and decrypted last: whoever opens an encrypted one has the key.
        if self._encrypted:
            self._open_store("", self._key)
        self._problems = self._backups.convert(self._encrypted, self._key)
        if not self._encrypted:
            self._open_store(self._key, "")
        if self._store.recovered is not None:
            self._problems.append(_begun_anew(self._store.recovered))

    @property
    def problems(self) -> Sequence[StorageError]:
        """What was lost or could not be converted when it was opened; it is in use all the same."""
        return self._problems

    def close(self) -> None:
        self._index.close()
        self._encoder.close()
        self._store.close()

    def recall(
        self, question: str, *, owner: str = "", limit: int = 10, stages: Sequence[str] = ()
    ) -> Recollection:
        self._look_elsewhere()
        found = self._recall.search(question, owner=owner, limit=limit + _SPARE, stages=stages)
        return replace(found, results=tuple(ranked(self._store, question, found.results)[:limit]))

    def remember(
        self,
        text: str,
        *,
        new_id: str,
        kind: MemoryKind = MemoryKind.NOTE,
        item_id: str = "",
        source: str = "",
        location: str = "",
        created_at: float = 0.0,
        owner: str = "",
        metadata: Metadata | None = None,
    ) -> MemoryItem:
        """As the port; `new_id` is the id of a text that gets none, the same when a call is made again."""
        text = _told(text)
        item = NewItem(
            id=item_id or new_id,
            kind=kind,
            text=text,
            spans=spans(text, "record"),
            source=source,
            location=location,
            created_at=created_at,
            owner=owner,
            metadata=metadata or {},
            content_hash=_hash(kind, text),
            position=created_at,
        )
        once = not item_id and kind in _ONCE
        known = self._known(item) if once else None
        if known is not None and known.id != new_id:  # else the call is made again: what it began is finished
            return known
        self._store.add([item])
        self._wrote()
        if kind is MemoryKind.FACT:
            self._supersede(item)
        if once:
            self._embed_item(item.id)  # the next text is compared with it
        return self._store.item(item.id, owner)

    def embed(self, texts: Sequence[str]) -> np.ndarray:
        """Vectors [n, dimensions] of texts of which nothing is kept. Raises `StorageError`."""
        return self._uncached.passages(texts)

    def add(self, items: Sequence[NewItem]) -> list[str]:
        """Store items as they are, all or none; the ids of those that are new or changed."""
        changed = self._store.add(items)
        self._wrote()
        return changed

    def documents(self, owner: str = "") -> list[tuple[str, str, str]]:
        """Id, location and content hash of all that came from files."""
        return self._store.documents(owner)

    def listed(
        self, *, owner: str = "", kind: MemoryKind | None = None, limit: int = 100, offset: int = 0
    ) -> tuple[MemoryItem, ...]:
        return self._store.listed(owner, kind, limit, offset)

    def show(self, item_id: str, *, owner: str = "") -> MemoryItem:
        return self._store.item(item_id, owner)

    def edit(self, item_id: str, text: str, *, owner: str = "", traces: Sequence[str] = ()) -> MemoryItem:
        """As the port."""
        text, old = _told(text), self._store.item(item_id, owner)
        kept = {key: value for key, value in old.metadata.items() if key != "value"}
        new = NewItem(
            id=old.id,
            kind=old.kind,
            text=text,
            spans=spans(text, "text" if old.kind is MemoryKind.DOCUMENT else "record"),
            source=old.source,
            location=old.location,
            created_at=old.created_at,
            owner=old.owner,
            metadata=kept | ({"traces": " ".join(traces)} if traces else {}),
            content_hash=_hash(old.kind, text),
            position=old.created_at,
        )

        def put(store: MemoryStore, _: Sequence[str]) -> bool:
            changed = bool(store.add([new]))
            if changed:
                store.scrub()
            return changed

        if text != old.text:
            self._forget_traces([old.id], put)
        if put(self._store, ()):
            self._forget_vectors()
        return self._store.item(old.id, owner)

    def pin(self, item_id: str, pinned: bool, *, owner: str = "") -> MemoryItem:
        self._store.set_pinned(self._store.item(item_id, owner).id, pinned)
        return self._store.item(item_id, owner)

    def forget(self, item_ids: Sequence[str], *, owner: str = "") -> Forgotten:
        """Delete items from every file: store, computed vectors, indexes and backups.

        The store comes last but for the index, which follows it by itself: until then it can be done again.
        """
        try:
            ids = [self._store.item(item_id, owner).id for item_id in item_ids]
        except StorageError:
            if (earlier := self._earlier_receipt(item_ids, owner)) is not None:
                return earlier  # a call that is made again, because its answer was lost
            raise
        self._forget_traces(ids, lambda backup, known: backup.forget(known, owner))
        receipt = self._store.forget(ids, owner)
        self._forget_vectors()
        return receipt

    def drop(self, item_ids: Sequence[str]) -> None:
        """As `forget`, of documents whose files are gone: they may come back. Unknown ids are left out."""
        self._forget_traces(item_ids, MemoryStore.drop)
        self._store.drop(item_ids)
        self._forget_vectors()

    def forgotten(self, owner: str = "") -> dict[str, float]:
        """Ids of what was forgotten, hashes of the files among them, and when."""
        return self._store.forgotten(owner)

    def forget_conversation(self, conversation_id: str, *, owner: str = "") -> Forgotten:
        turns = self._store.by_location(conversation_id, owner)
        return self.forget([turn.id for turn in turns if turn.kind is not MemoryKind.DOCUMENT], owner=owner)

    def note_use(self, turn_id: str, passages: Sequence[str], at: float) -> None:
        self._store.note_use(turn_id, passages, at)

    def why(self, turn_id: str, *, owner: str = "") -> tuple[Citation, ...]:
        return self._store.why(turn_id, owner)

    def stats(self, *, owner: str | None = None) -> MemoryStats:
        try:
            encoder, index = self._encoder.name, self._index.name
        except StorageError:  # words are found without them
            encoder, index = "", "exact"
        held, counts = self._store.stats(owner, encoder), self._encoder.counts
        return MemoryStats(
            held.items,
            held.passages,
            held.vectors,
            held.waiting,
            held.entities,
            encoder,
            index,
            counts.hits,
            counts.computed,
            self._bytes_on_disk(),
        )

    def export(self, file: Path) -> int:
        return self._store.export(file)

    def restore(self, file: Path) -> list[str]:
        """Take in what an export or a backup holds and the store does not; the ids of what is new."""
        items = self._backups.restore(self._store, file, self._key)
        self._wrote()
        return items

    def undo_restore(self, item_ids: Sequence[str]) -> None:
        """Take out what was new. Unlike what is forgotten it stays in backups, where it may come from."""
        self._wrote()
        self._graph.forget()
        self._store.drop(item_ids)
        self._forget_vectors()

    def rebuild(self) -> int:
        """Make the vector index anew from the vectors of the store; returns how many there are."""
        return self._index.rebuild()

    def backup(self) -> Path:
        return self._backups.make()

    def backups(self) -> list[MemoryBackup]:
        return self._backups.listed(self._key)

    def work(self, budget_ms: float, backup_days: int = 0) -> bool:
        """Do for about so long what was left to be done, see `Backlog`; whether there is more."""
        deadline = time.monotonic() + budget_ms / 1000
        self._look_elsewhere()
        if self._backlog.work(deadline):
            return True
        self._index.follow()
        if self._backups.due(backup_days):
            self._backups.make()
        return False

    def settled(self, seconds: float) -> bool:
        """Wait so long for an index that is being made; whether none is any more."""
        return self._index.wait(seconds)

    def _open_store(self, old_key: str, new_key: str) -> None:
        if self._file.exists() and is_encrypted(self._file) != self._encrypted:
            convert(self._file, old_key, new_key)
        self._store.open()

    def _bytes_on_disk(self) -> int:
        sizes = 0
        for file in self._folder.rglob("*"):
            with contextlib.suppress(OSError):  # gone by now
                sizes += file.lstat().st_size if file.is_file() else 0
        return sizes

    def _embed(self, limit: int) -> int:
        name = self._encoder.name
        passages = self._store.without_vectors(name, limit)
        vectors = self._encoder.passages([passage.embedded for passage in passages])
        if passages:
            self._store.set_vectors(name, [passage.key for passage in passages], vectors)
        return len(passages)

    def _catch_up_words(self, limit: int) -> int:
        return 0 if self._reranker is None else self._reranker.catch_up(limit)

    def _wrote(self) -> None:
        """What was found before may not hold any more, and there may be more to find."""
        self._recall.changed()
        self._backlog.reopen()

    def _look_elsewhere(self) -> None:
        """Whether another process has written."""
        if (version := self._store.version()) != self._version:
            self._version = version
            self._graph.forget()
            self._wrote()

    def _known(self, item: NewItem) -> MemoryItem | None:
        """What says the same already: word for word, or as `dedup` judges."""
        same = self._store.find_hash(item.content_hash, item.owner)
        if same is not None and not (found := self._store.item(same, item.owner)).superseded_by:
            return found
        for passage, cosine in self._nearest(item):
            if not passage.superseded and says_same(passage.text, item.text, cosine):
                return self._store.item(passage.item, item.owner)
        return None

    def _nearest(self, item: NewItem) -> list[tuple[Passage, float]]:
        """Passages of the same kind and owner whose vectors are nearest, with their cosines."""
        if len(item.spans) > 1:
            return []  # too long to be said twice
        try:
            vector = self._encoder.passages([item.text])[0]
            found = self._index.search(vector, _NEAREST, set(self._store.keys(item.owner)))
        except StorageError as error:
            _LOG.warning("a text was stored without looking for one that says the same: %s", error.code)
            return []
        passages = self._store.passages(key for key, _ in found)
        return [
            (passages[key], cosine)
            for key, cosine in found
            if key in passages
            and passages[key].kind is item.kind
            and passages[key].text == passages[key].embedded
        ]

    def _supersede(self, new: NewItem) -> None:
        """Facts of the same subject and slot stay, as what was true before."""
        subject, slot = new.metadata.get("subject"), new.metadata.get("slot")
        if subject and slot:
            for fact in self._store.facts_about(str(subject), str(slot), new.owner):
                if fact != new.id:
                    self._store.supersede(fact, new.id, new.created_at)

    def _embed_item(self, item_id: str) -> None:
        passages = self._store.passages(self._store.keys_of([item_id]))
        try:
            vectors = self._encoder.passages([passage.embedded for passage in passages.values()])
            self._store.set_vectors(self._encoder.name, list(passages), vectors)
        except StorageError as error:
            _LOG.info("a text is not searchable by meaning yet: %s", error.code)

    def _earlier_receipt(self, item_ids: Sequence[str], owner: str) -> Forgotten | None:
        wanted = set(item_ids)
        return next((each for each in self._store.receipts(owner) if wanted <= set(each.items)), None)

    def _forget_traces(self, item_ids: Sequence[str], change: Change) -> None:
        """What these items have left beside the store; `change` is what is done in backups."""
        self._wrote()
        self._graph.forget()
        self._backups.change(item_ids, change, self._used_key)
        passages = self._store.passages(self._store.keys_of(item_ids))
        self._encoder.forget([passage.embedded for passage in passages.values()])

    def _forget_vectors(self) -> None:
        try:
            self._index.forget()
        except StorageError as error:
            if error.code != "memory.no_encoder":  # then it has no index either
                raise


def _begun_anew(aside: Path) -> StorageError:
    return StorageError(
        "memory.recovered",
        "What was remembered could not be read. It was set aside in {file}, and a new memory was begun.",
        "Restore a backup: in the window Memory, or with jarvis memory restore.",
        Category.DEGRADED,
        file=aside,
    )


def _told(text: str) -> str:
    if not text.strip():
        raise StorageError("memory.empty", "There is nothing to remember.", "Give a text.")
    return text.strip()


def _hash(kind: MemoryKind, text: str) -> str:
    """Of a text that was told, however it was spaced."""
    return hashlib.sha256(f"{kind}\n{' '.join(text.split())}".encode()).hexdigest()
