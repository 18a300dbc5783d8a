"""What language models were seen to take on this machine, by model and the settings that decide it."""

from __future__ import annotations

import json
import logging
import threading
from pathlib import Path

from jarvis_desktop.config.atomic import staged
from jarvis_desktop.config.schema import Engine

_log = logging.getLogger(__name__)

_KEPT = 200
"""Combinations remembered; the oldest are forgotten first."""


class Learned:
    """Measured memory in MiB, kept in the JSON file `path` across restarts. Blocks; for any thread.

    A file that cannot be read or written costs only what was learned.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._found: dict[str, float] | None = None
        self._lock = threading.Lock()

    def get(self, engine: Engine) -> float | None:
        """What the model took with these settings the last time; None where it never ran so."""
        with self._lock:
            return self._all().get(_key(engine))

    def put(self, engine: Engine, mib: float) -> None:
        """Remember a measurement."""
        with self._lock:
            found = self._all()
            found.pop(_key(engine), None)
            found[_key(engine)] = round(mib, 1)
            self._found = dict(list(found.items())[-_KEPT:])
            try:
                with staged(self._path, json.dumps(self._found, indent=1)) as put_in_place:
                    put_in_place()
            except OSError as error:
                _log.info("what a model takes could not be noted: %s", error.strerror)

    def _all(self) -> dict[str, float]:
        if self._found is None:
            self._found = self._read()
        return self._found

    def _read(self) -> dict[str, float]:
        try:
            found = json.loads(self._path.read_bytes())
            return {str(name): float(mib) for name, mib in found.items() if 0 < float(mib) < 1e9}
        except (OSError, ValueError, AttributeError, TypeError):
            return {}


def _key(engine: Engine) -> str:
    sizes = [engine.kind, engine.model, engine.context_tokens]
    if engine.kind == "vllm":
        vllm = engine.vllm
        sizes += [vllm.max_num_seqs, vllm.max_num_batched_tokens, vllm.gpu_memory_utilization]
        sizes += [vllm.cpu_kv_cache_gb, vllm.quantization, vllm.tensor_parallel_size, vllm.cpu_offload_gb]
    return " ".join(map(str, sizes))
