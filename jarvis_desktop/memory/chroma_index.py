"""Vectors in ChromaDB: in a folder of this machine, or on a server.

Chroma gets keys and vectors, never a text: what is deleted from it stays in its files.
"""

from __future__ import annotations

import contextlib
from collections.abc import Collection, Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from jarvis_desktop.errors import Category, StorageError
from jarvis_desktop.memory.vector_index import Hit, Keys, Vectors, unit_length

if TYPE_CHECKING:
    from chromadb.api import ClientAPI

HNSW = {"space": "cosine", "ef_construction": 400, "ef_search": 200, "max_neighbors": 64}
"""Settings of the graph: recall@10 of .999 and more (docs/decisions/0021-vector-index.md)."""

COLLECTION = "vectors"
"""Name of the one collection of a folder."""

_BATCH = 1000  # vectors in one call; Chroma refuses more than 5,461
_SERVER_BATCH = 100  # each has to be answered within _ANSWER_S
_PAGE = 10_000  # keys in one answer
_WIDEST = 1000  # results looked through for those that a filter lets pass
_ANSWER_S = 3.0  # for a server to answer; Chroma's client waits forever by itself


class ChromaIndex:
    """`VectorIndex` over one collection. All methods raise `StorageError`.

    `marker` is a file that is there only while Chroma's code runs on this machine: damaged files can end the
    process in the middle of it.
    """

    def __init__(
        self, client: ClientAPI, collection: Any, *, url: str = "", marker: Path | None = None
    ) -> None:
        self._client = client
        self._collection = collection
        self._url = url
        self._marker = marker
        self._count: int | None = None

    def add(self, keys: Keys, vectors: Vectors) -> None:
        size = _SERVER_BATCH if self._url else _BATCH
        unit = unit_length(vectors)
        with self._translated():
            self._count = None
            for start in range(0, len(keys), size):
                part = slice(start, start + size)
                self._collection.upsert(ids=_ids(keys[part].tolist()), embeddings=unit[part])

    def remove(self, keys: Collection[int]) -> None:
        ids = _ids(keys)
        with self._translated():
            self._count = None
            for start in range(0, len(ids), _BATCH):
                self._collection.delete(ids=ids[start : start + _BATCH])

    def keys(self) -> Keys:
        found: list[str] = []
        with self._translated():
            while page := self._collection.get(include=[], limit=_PAGE, offset=len(found))["ids"]:
                found += page
            return np.array(found, np.int64)  # an id that is no number is as foreign as any failure

    def search(self, vector: Vectors, k: int, allowed: Collection[int] | None = None) -> list[Hit]:
        count = len(self)
        if k < 1 or not count or (allowed is not None and not allowed):
            return []
        with self._translated():
            if allowed is None:
                return self._query(vector, min(k, count))
            # Chroma's own filters cost many times a search, so they are the last resort.
            wide = min(_WIDEST, count, max(k, 2 * k * count // len(allowed)))
            found = [hit for hit in self._query(vector, wide) if hit[0] in allowed]
            if len(found) < min(k, len(allowed)) and wide < count:
                found = self._query(vector, k, _ids(allowed))
            return found[:k]

    def __len__(self) -> int:
        with self._translated():
            if self._count is None:
                self._count = int(self._collection.count())
            return self._count

    def close(self) -> None:
        with _translated_server(self._url) if self._url else _translated_folder():
            _close(self._client)

    def delete(self) -> None:
        """Remove the whole collection."""
        with self._translated():
            self._client.delete_collection(self._collection.name)

    def _query(self, vector: Vectors, k: int, ids: Sequence[str] | None = None) -> list[Hit]:
        found = self._collection.query(
            query_embeddings=unit_length(vector)[np.newaxis], n_results=k, ids=ids, include=["distances"]
        )
        pairs = zip(found["ids"][0], found["distances"][0], strict=True)
        return [(int(key), 1 - float(distance)) for key, distance in pairs]

    @contextlib.contextmanager
    def _translated(self) -> Iterator[None]:
        with _translated_server(self._url) if self._url else _translated_folder(self._marker):
            yield


def create_in_folder(folder: Path, sync_threshold: int) -> ChromaIndex:
    """An empty index in an empty folder; it is written to its files each `sync_threshold` vectors."""
    with _translated_folder():
        client = _folder_client(folder)
        settings = HNSW | {"sync_threshold": sync_threshold}
        collection = client.create_collection(
            COLLECTION, configuration={"hnsw": settings}, embedding_function=None
        )
        return ChromaIndex(client, collection)


def open_folder(folder: Path, marker: Path | None = None) -> ChromaIndex:
    """The index that is in the folder. Damaged files may end the process: check them first."""
    with _translated_folder(marker):
        client = _folder_client(folder)
        try:
            collection = client.get_collection(COLLECTION, embedding_function=None)
            return ChromaIndex(client, collection, marker=marker)
        except BaseException:
            _close(client)
            raise


def connect(url: str, key: str, name: str) -> ChromaIndex:
    """The collection `name` of a Chroma server, made where it is not there; `key` is sent as bearer token."""
    import chromadb
    import httpx

    headers = {"Authorization": f"Bearer {key}"} if key else {}
    with _translated_server(url):
        # Asked with a limit of our own first: Chroma's client would wait forever for a server that hangs.
        httpx.get(
            f"{url.rstrip('/')}/api/v2/heartbeat", headers=headers, timeout=_ANSWER_S
        ).raise_for_status()
        client = chromadb.HttpClient(
            host=url.rstrip("/"), ssl=url.startswith("https:"), headers=headers, settings=_settings()
        )
        try:
            for session in _sessions(client):
                session.timeout = _ANSWER_S
            settings: Any = {"hnsw": dict(HNSW)}
            collection = client.get_or_create_collection(
                name, configuration=settings, embedding_function=None
            )
            return ChromaIndex(client, collection, url=url)
        except BaseException:
            _close(client)
            raise


@contextlib.contextmanager
def _translated_server(url: str) -> Iterator[None]:
    """Turn what Chroma's client raises about a server, plain exceptions too, into `StorageError`."""
    try:
        yield
    except StorageError:
        raise
    except Exception as error:
        if _refused(error):
            raise StorageError(
                "memory.server_refused",
                "The memory server {url} refuses the key.",
                "Set the environment variable JARVIS_MEMORY_KEY to a key that is valid there.",
                Category.DEGRADED,
                url=url,
            ) from error
        raise StorageError(
            "memory.server_unreachable",
            "The memory server {url} does not answer ({reason}).",
            "Memory goes on with what is on this machine. Check the address in the settings, or that the "
            "server runs.",
            Category.DEGRADED,
            url=url,
            reason=type(error).__name__,
        ) from error


@contextlib.contextmanager
def _translated_folder(marker: Path | None = None) -> Iterator[None]:
    try:
        if marker is not None:
            marker.touch()
        yield
    except StorageError:
        raise
    except Exception as error:
        raise StorageError(
            "memory.index_failed",
            "The vector index failed ({reason}).",
            "It is made anew from the stored memories; search goes on meanwhile.",
            Category.DEGRADED,
            reason=type(error).__name__,
        ) from error
    finally:
        if marker is not None:
            marker.unlink(missing_ok=True)


def _refused(error: Exception) -> bool:
    import httpx
    from chromadb.errors import AuthorizationError, ChromaAuthError

    if isinstance(error, httpx.HTTPStatusError):
        return error.response.status_code in (401, 403)
    return isinstance(error, (AuthorizationError, ChromaAuthError))


def _folder_client(folder: Path) -> ClientAPI:
    import chromadb

    return chromadb.PersistentClient(folder, _settings())


def _settings() -> Any:
    from chromadb.config import Settings

    # Never a `.env` of the folder that the program happens to be started in.
    return Settings(_env_file=None, anonymized_telemetry=False)


def _close(client: ClientAPI) -> None:
    client.close()
    for session in _sessions(client):  # which Chroma leaves open
        session.close()


def _sessions(client: Any) -> list[Any]:
    """The HTTP clients inside of a client, one of them for its administration; none for a folder."""
    apis = (client._server, client._admin_client._server)
    return [session for api in apis if (session := getattr(api, "_session", None)) is not None]


def _ids(keys: Collection[int]) -> list[str]:
    return [str(key) for key in keys]
