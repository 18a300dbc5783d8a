"""What the planner knows of models from having seen them: their sizes and what they took in memory."""

from __future__ import annotations

from dataclasses import asdict, fields
from pathlib import Path

from jarvis_desktop import __version__
from jarvis_desktop.config.schema import Engine
from jarvis_desktop.orchestrator.headers import ModelShape, read_shape
from jarvis_desktop.orchestrator.kept import Kept

_MOST_MIB = 1e9


class Learned:
    """Memory (MiB) that language models were seen to take, by model and the settings that decide it.

    It is kept in the file `path`.
    """

    def __init__(self, path: Path) -> None:
        self._kept = Kept(path)

    def get(self, engine: Engine) -> float | None:
        """What the model took with these settings the last time; None where it never ran so."""
        mib = self._kept.get(_key(engine))
        return float(mib) if isinstance(mib, int | float) and 0 < mib < _MOST_MIB else None

    def put(self, engine: Engine, mib: float) -> None:
        """Remember a measurement."""
        self._kept.put(_key(engine), round(mib, 1))


class Shapes:
    """Sizes of models by path. A GGUF file is read once, as long as it does not change.

    Its header lists every word of the tokenizer, some 0.1 s of computing that would make the window stutter
    at each start; what was read is kept in the file `path`. Folders are read anew: milliseconds.
    """

    def __init__(self, path: Path) -> None:
        self._kept = Kept(path)

    def read(self, path: Path) -> ModelShape:
        """As `read_shape`."""
        if path.is_dir():
            return read_shape(path)
        stat = path.stat()
        name = f"{__version__} {path} {stat.st_size} {stat.st_mtime_ns}"
        if (kept := _shape(self._kept.get(name))) is not None:
            return kept
        shape = read_shape(path)
        self._kept.put(name, asdict(shape))
        return shape


def _shape(kept: object) -> ModelShape | None:
    """What was kept, unless somebody changed it to what no shape can be."""
    if not isinstance(kept, dict) or kept.keys() != {field.name for field in fields(ModelShape)}:
        return None
    return ModelShape(**kept) if all(isinstance(size, int) and size >= 0 for size in kept.values()) else None


def _key(engine: Engine) -> str:
    sizes = [engine.kind, engine.model, engine.context_tokens]
    if engine.places > 1:
        sizes += [f"x{engine.places}"]
    if engine.kind == "vllm":
        vllm = engine.vllm
        sizes += [vllm.max_num_seqs, vllm.max_num_batched_tokens, vllm.gpu_memory_utilization]
        sizes += [vllm.cpu_kv_cache_gb, vllm.quantization, vllm.tensor_parallel_size, vllm.cpu_offload_gb]
    return " ".join(map(str, sizes))
