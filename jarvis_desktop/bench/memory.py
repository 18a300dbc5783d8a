"""The memory on this machine, with made-up texts: embedding, the cache of vectors, and search.

Measured in a process as the memory's own one, so that nothing else of this one is in its way.
"""

from __future__ import annotations

import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

from jarvis_desktop.bench import embedding, recall, vectors
from jarvis_desktop.config.schema import Memory
from jarvis_desktop.errors import StorageError
from jarvis_desktop.memory.embedding import WORKER_ENVIRONMENT
from jarvis_desktop.processes.worker import Worker

_PARTS = {"embedding": embedding.table, "vectors": vectors.table, "recall": recall.table}


async def measure(settings: Memory, models: Path, progress: Callable[[str], None]) -> dict[str, Any]:
    """All parts with the encoder of the settings; `models` is the folder of the models.

    Nothing of the user's memory is read. Raises `StorageError`.
    """
    probe = Worker(
        "jarvis_desktop.bench.memory_probe", name="memory benchmark", died=_died, env=WORKER_ENVIRONMENT
    )
    with tempfile.TemporaryDirectory(prefix="jarvis-bench-") as folder:
        try:
            await probe.start()
            progress("loading the search model")
            await probe.call("load", settings=settings.model_dump(), models=str(models), folder=folder)
            data: dict[str, Any] = {}
            for part in _PARTS:
                progress(f"measuring {part}")
                data[part] = (await probe.call(part)).data
            return data
        finally:
            await probe.stop()


def table(data: dict[str, Any]) -> str:
    """The summary for people."""
    return "\n".join(part_table(data[part]) for part, part_table in _PARTS.items())


def _died() -> StorageError:
    return StorageError("memory.bench_died", "The process that measures the memory stopped unexpectedly.")
